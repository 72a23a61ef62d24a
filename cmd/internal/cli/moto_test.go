//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsaccount "github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// requireMoto turns a missing moto_server from a skip into a failure.
const requireMoto = "AUDITBINDER_REQUIRE_MOTO"

// TestAgainstMoto runs the whole main job against a peer that we did not write.
// Plain moto pages nothing and lacks account:GetContactInformation (an HTML 404);
// a missing contact has status 400 there, 404 at AWS.
func TestAgainstMoto(t *testing.T) {
	moto := startMoto(t)
	seedMoto(t, moto)
	seen := start(t, httputil.NewSingleHostReverseProxy(moto))

	dir := filepath.Join(t.TempDir(), "out")
	r := run(t, "run", "-o", dir)
	res := readResult(t, dir)
	if r.code != res.code() {
		t.Fatalf("exit %d, want %d\n%s%s", r.code, res.code(), r.stdout, r.stderr)
	}
	if res.Account.ID != account || res.Account.Alias != "gasang-fintech" || res.Account.Kind != "standalone" {
		t.Errorf("account %+v", res.Account)
	}
	at, err := time.Parse(time.RFC3339, res.CollectedAt)
	if err != nil || time.Since(at).Abs() > 10*time.Minute || !strings.HasSuffix(res.CollectedAt, "+09:00") {
		t.Errorf("collectedAt %s: %v", res.CollectedAt, err)
	}

	direct := res.item(t, "IAM-01")
	if direct.AutoVerdict != "vulnerable" || direct.Population != 6 || direct.Counts.Checked != 6 || direct.Counts.Vulnerable != 3 {
		t.Errorf("IAM-01: %s, population %d, counts %+v: %s", direct.AutoVerdict, direct.Population, direct.Counts, direct.Reason)
	}
	for user, want := range map[string]string{
		"kim.group": "good", "lee.attached": "vulnerable", "park.inline": "vulnerable",
		"choi.deny": "good", "jung.both": "vulnerable", "han.nothing": "good",
	} {
		if got := direct.status(t, user); got != want {
			t.Errorf("%s is %s, want %s", user, got, want)
		}
	}
	contacts := res.item(t, "ACC-02")
	if contacts.AutoVerdict != "vulnerable" || contacts.Counts.Checked != 3 || contacts.Counts.Vulnerable != 1 {
		t.Errorf("ACC-02: %s, counts %+v: %s", contacts.AutoVerdict, contacts.Counts, contacts.Reason)
	}
	for kind, want := range map[string]string{"SECURITY": "good", "BILLING": "good", "OPERATIONS": "vulnerable"} {
		if got := contacts.status(t, kind); got != want {
			t.Errorf("%s is %s, want %s", kind, got, want)
		}
	}
	// Plain moto dates its report 2015, which AWS would not give out now.
	keys := res.item(t, "KEY-01")
	if keys.AutoVerdict != "unknown" || keys.status(t, "lee.attached/key-1") != "unknown" || keys.status(t, "lee.attached") != "unknown" || !strings.Contains(keys.Reason, "4시간 넘게 다름") {
		t.Errorf("KEY-01: %s: %s, %+v", keys.AutoVerdict, keys.Reason, keys.Findings)
	}
	// Plain moto's report has no root row and knows no Sign-In: nothing may pass there.
	for _, id := range []string{"ROOT-02", "CON-02"} {
		if it := res.item(t, id); it.AutoVerdict != "unknown" {
			t.Errorf("%s: %s: %s", id, it.AutoVerdict, it.Reason)
		}
	}
	if console := res.item(t, "CON-02"); console.status(t, "kim.group") != "unknown" || !strings.Contains(console.Reason, "signin:") {
		t.Errorf("CON-02: %s, %+v", console.Reason, console.Findings)
	}
	// What moto lacks is told as a failure and costs the item nothing.
	told := false
	for _, f := range res.Failures {
		told = told || f.Operation == "account:GetContactInformation" && f.Code != "" && slices.Equal(f.Items, []string{"ACC-02"})
		if slices.Contains(f.Items, "IAM-01") {
			t.Errorf("failure %+v", f)
		}
	}
	if !told {
		t.Errorf("failures %+v", res.Failures)
	}
	for _, it := range res.Items {
		if len(it.Evidence) == 0 {
			t.Errorf("%s rests on no call", it.ID)
		}
		for _, f := range it.Findings {
			if len(f.CallIDs) == 0 {
				t.Errorf("%s %s leads to no call", it.ID, f.Resource)
			}
		}
	}

	if got := seen.counts(); !maps.Equal(res.APICalls.ByOperation, got) || res.APICalls.Total != seen.total {
		t.Errorf("apiCalls %+v, on the wire %v", res.APICalls, got)
	}
	prefix := account + "_" + at.Format("20060102")
	wholeFiles(t, dir, prefix)
	marked(t, dir, prefix)
	sheets := strings.Join(slices.Collect(maps.Values(workbook(t, filepath.Join(dir, prefix+"_report.xlsx")))), "\n")
	pdf := pdfText(t, filepath.Join(dir, prefix+"_report.pdf"))
	for _, want := range []string{"이름=이첨부", "부서=정보보호팀", "choi.deny", "corp-deny (거부 전용)"} {
		if !strings.Contains(sheets, want) {
			t.Errorf("the workbook lacks %q", want)
		}
	}
	for _, want := range []string{"lee.attached", "gasang-fintech", "사용자 지정 엔드포인트"} {
		if !strings.Contains(pdf, want) {
			t.Errorf("the PDF lacks %q", want)
		}
	}
}

// startMoto starts plain moto_server on a free loopback port and waits for it.
// Its output is shown only when the test fails; it never outlives the test.
func startMoto(t *testing.T) *url.URL {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		if os.Getenv(requireMoto) == "1" {
			t.Fatalf("%s=1, and moto_server is not installed: %v", requireMoto, err)
		}
		t.Skip("moto_server is not installed (pip install 'moto[server]'): not tested against a real peer")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	_, port, _ := net.SplitHostPort(address.String())
	cmd := exec.Command(program, "-H", "127.0.0.1", "-p", port)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the shim, and what it starts
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	gone := false
	t.Cleanup(func() {
		if !gone {
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
				t.Errorf("stop moto_server: %v", err)
			}
			<-exited
		}
		if t.Failed() {
			t.Logf("moto_server said:\n%s", output.String())
		}
	})
	base := &url.URL{Scheme: "http", Host: address.String()}
	for deadline := time.Now().Add(45 * time.Second); time.Now().Before(deadline); {
		select {
		case err := <-exited:
			gone = true
			t.Fatalf("moto_server ended: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		if resp, err := http.Get(base.JoinPath("moto-api", "data.json").String()); err == nil {
			resp.Body.Close()
			return base
		}
	}
	t.Fatal("moto_server does not answer")
	return nil
}

// seedMoto makes the account through the SDK, as anybody would.
func seedMoto(t *testing.T, moto *url.URL) {
	t.Helper()
	ctx := context.Background()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(moto.String()),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "example-secret", "")}
	client := iam.NewFromConfig(cfg)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	policy := func(name, document string) *string {
		out, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document})
		must(err)
		return out.Policy.Arn
	}
	corpAllow, corpDeny := policy("corp-allow", allow), policy("corp-deny", deny)
	for login, name := range map[string]string{
		"kim.group": "김그룹", "lee.attached": "이첨부", "park.inline": "박인라인", "choi.deny": "최거부", "jung.both": "정둘다", "han.nothing": "한무권한",
	} {
		_, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: &login, Path: aws.String("/security/"), Tags: []iamtypes.Tag{
			{Key: aws.String("이름"), Value: &name}, {Key: aws.String("부서"), Value: aws.String("정보보호팀")},
		}})
		must(err)
	}
	attach := func(user string, arn *string) {
		_, err := client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &user, PolicyArn: arn})
		must(err)
	}
	put := func(user, name, document string) {
		_, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &user, PolicyName: &name, PolicyDocument: &document})
		must(err)
	}
	_, err := client.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("security-audit")})
	must(err)
	_, err = client.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("security-audit"), PolicyArn: corpAllow})
	must(err)
	_, err = client.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("security-audit"), UserName: aws.String("kim.group")})
	must(err)
	attach("lee.attached", corpAllow)
	put("park.inline", "own", allow)
	attach("choi.deny", corpDeny)
	put("choi.deny", "own-deny", deny)
	attach("jung.both", corpDeny)
	put("jung.both", "own", allow)
	for _, user := range []string{"lee.attached", "lee.attached", "park.inline"} { // keys 1 and 2, and one turned off
		out, err := client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &user})
		must(err)
		if user == "park.inline" {
			_, err = client.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: out.AccessKey.AccessKeyId, Status: iamtypes.StatusTypeInactive})
			must(err)
		}
	}
	_, err = client.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("kim.group"), Password: aws.String("Moto-Passw0rd!")})
	must(err)
	_, err = client.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("gasang-fintech")})
	must(err)
	contacts := awsaccount.NewFromConfig(cfg)
	for _, kind := range []accounttypes.AlternateContactType{accounttypes.AlternateContactTypeSecurity, accounttypes.AlternateContactTypeBilling} {
		_, err := contacts.PutAlternateContact(ctx, &awsaccount.PutAlternateContactInput{
			AlternateContactType: kind, Name: aws.String("홍길동"), Title: aws.String("정보보호최고책임자"),
			EmailAddress: aws.String(strings.ToLower(string(kind)) + "@example.com"), PhoneNumber: aws.String("+82-2-1234-5678"),
		})
		must(err)
	}
}
