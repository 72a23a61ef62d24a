package cli_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// wholeFiles checks that the five files are there, of mode 0600, that each opens
// as what it says it is, that nothing else was left, and that verify agrees.
func wholeFiles(t *testing.T, dir, prefix string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimPrefix(e.Name(), prefix))
		if info, err := e.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v (%v), want 0600", e.Name(), info.Mode(), err)
		}
	}
	if want := slices.Sorted(slices.Values(suffixes)); !slices.Equal(names, want) {
		t.Fatalf("%s holds %q, want %q", dir, names, want)
	}
	if n, err := api.PageCountFile(filepath.Join(dir, prefix+"_report.pdf")); err != nil || n < 3 {
		t.Errorf("the PDF has %d pages: %v", n, err)
	}
	if sheets := workbook(t, filepath.Join(dir, prefix+"_report.xlsx")); len(sheets) < 3 {
		t.Errorf("the workbook has the sheets %q", slices.Sorted(maps.Keys(sheets)))
	}
	if r := run(t, "verify", "--replay", dir); r.code != 0 {
		t.Errorf("verify: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

func TestDetailsFail(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault fakeaws.Fault
		code  string
	}{
		{"denied", denied, "AccessDenied"},
		{"empty", fakeaws.Fault{Empty: true}, "EmptyBody"},
		{"cut", fakeaws.Fault{Cut: true}, "TruncatedBody"},
		{"garbled", fakeaws.Fault{Status: 200, Body: "<GetAccountAuthorizationDetailsResponse><IsTruncated>false"}, "MalformedBody"},
		{"login page", fakeaws.Fault{Status: 200, Body: "<html><body>로그인</body></html>"}, "MalformedBody"},
		{"reset", fakeaws.Fault{Reset: true}, "ConnectionReset"},
		{"broken", fakeaws.Fault{Status: 500, Code: "ServiceFailure"}, "ServiceFailure"},
		{"throttled for ever", fakeaws.Fault{Status: 400, Code: "Throttling"}, "Throttling"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := start(t, serve(vulnerable(3), on(detailsAsk, tt.fault)))
			dir := filepath.Join(t.TempDir(), "out")
			r := run(t, "run", "-o", dir)
			if r.code != 3 {
				t.Fatalf("exit %d, want 3\n%s", r.code, r.stderr)
			}
			res := readResult(t, dir)
			it := res.item(t, "IAM-01")
			if it.AutoVerdict != "unknown" || it.Final != nil {
				t.Errorf("IAM-01 is %s", it.AutoVerdict)
			}
			if !strings.Contains(it.Reason, detailsAsk) || !strings.Contains(it.Reason, tt.code) {
				t.Errorf("the reason does not name the call and %s: %s", tt.code, it.Reason)
			}
			if !strings.Contains(r.stdout, it.Reason) {
				t.Errorf("the table does not tell why:\n%s", r.stdout)
			}
			if len(res.Failures) == 0 || res.Failures[0].Operation != detailsAsk {
				t.Fatalf("failures: %+v", res.Failures)
			}
			f := res.Failures[0]
			if f.Code != tt.code || f.Region == "" || !slices.Contains(f.Items, "IAM-01") {
				t.Errorf("failure %+v", f)
			}
			if !slices.Contains(it.Evidence, f.CallID) {
				t.Errorf("evidence %q lacks the failed call %q", it.Evidence, f.CallID)
			}
			if got := res.item(t, "ACC-02").AutoVerdict; got != "vulnerable" {
				t.Errorf("ACC-02, which is not concerned, is %s", got)
			}
			if !maps.Equal(res.APICalls.ByOperation, seen.counts()) {
				t.Errorf("apiCalls %v, on the wire %v", res.APICalls.ByOperation, seen.counts())
			}
			wholeFiles(t, dir, prefix)
		})
	}
}

// A later page that fails keeps what the first ones prove, and nothing more.
func TestSecondPageFails(t *testing.T) {
	a := vulnerable(1500)
	a.IAM.Users[0].Inline = []evidence.InlinePolicy{{Name: "own", Document: allow}}
	start(t, serve(a, func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == detailsAsk && r.Form.Get("Marker") != "" {
			return &denied
		}
		return nil
	}))
	dir := t.TempDir()
	if r := run(t, "run", "-o", dir, "--fail-on", "vulnerable"); r.code != 4 {
		t.Fatalf("exit %d, want 4\n%s", r.code, r.stderr)
	}
	it := readResult(t, dir).item(t, "IAM-01")
	if it.AutoVerdict != "vulnerable" || it.Population != 1500 || it.Counts.Checked != 1 || it.Counts.Vulnerable != 1 {
		t.Errorf("IAM-01: %s, population %d, counts %+v", it.AutoVerdict, it.Population, it.Counts)
	}
	for _, f := range it.Findings {
		if f.Status != "vulnerable" && f.Status != "unknown" {
			t.Fatalf("%s is %s", f.Resource, f.Status)
		}
	}
}

func TestContactDenied(t *testing.T) {
	start(t, serve(clean(3), func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == contactAsk && r.JSON["AlternateContactType"] == "SECURITY" {
			return &fakeaws.Fault{Status: 403, Code: "AccessDeniedException"}
		}
		return nil
	}))
	dir := t.TempDir()
	r := run(t, "run", "-o", dir)
	if r.code != 3 {
		t.Fatalf("exit %d, want 3\n%s", r.code, r.stderr)
	}
	res := readResult(t, dir)
	it := res.item(t, "ACC-02")
	if it.AutoVerdict != "unknown" || !strings.Contains(it.Reason, contactAsk) || strings.Contains(it.Reason, "미등록") {
		t.Errorf("ACC-02 is %s: %s", it.AutoVerdict, it.Reason)
	}
	for resource, want := range map[string]string{"SECURITY": "unknown", "BILLING": "good", "OPERATIONS": "good"} {
		if got := it.status(t, resource); got != want {
			t.Errorf("%s is %s, want %s", resource, got, want)
		}
	}
	for _, f := range it.Findings {
		if strings.Contains(f.Reason, "등록되어 있지 않음") {
			t.Errorf("%s is told as not set: %s", f.Resource, f.Reason)
		}
	}
	if got := res.item(t, "IAM-01").AutoVerdict; got != "good" {
		t.Errorf("IAM-01 is %s", got)
	}
	wholeFiles(t, dir, prefix)
}

// A contact that is missing is proved; one that could not be read takes nothing from it.
func TestContactDeniedBesideMissing(t *testing.T) {
	start(t, serve(vulnerable(3), func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == contactAsk && r.JSON["AlternateContactType"] == "SECURITY" {
			return &denied
		}
		return nil
	}))
	dir := t.TempDir()
	r := run(t, "run", "-o", dir)
	res := readResult(t, dir)
	if r.code != res.code() {
		t.Fatalf("exit %d, want %d\n%s", r.code, res.code(), r.stderr)
	}
	it := res.item(t, "ACC-02")
	if it.AutoVerdict != "vulnerable" || it.status(t, "BILLING") != "vulnerable" || it.status(t, "SECURITY") != "unknown" {
		t.Errorf("ACC-02: %+v", it)
	}
}

func TestSummaryDoesNotVouch(t *testing.T) {
	mismatch := func(a fakeaws.Account) fakeaws.Account {
		a.IAM.Summary = map[string]int{"Users": len(a.IAM.Users) + 2}
		return a
	}
	for _, tt := range []struct {
		name    string
		account fakeaws.Account
		fault   func(fakeaws.Request) *fakeaws.Fault
		verdict string
		reason  string
	}{
		{"denied", clean(3), on(summaryAsk, denied), "unknown", summaryAsk},
		{"denied, vulnerable", vulnerable(3), on(summaryAsk, denied), "vulnerable", "직접 할당되어 있음"},
		{"mismatch", mismatch(clean(3)), nil, "unknown", "사용자 수 불일치"},
		{"mismatch, vulnerable", mismatch(vulnerable(3)), nil, "vulnerable", "직접 할당되어 있음"},
		{"no users told, some there", func() fakeaws.Account { a := clean(3); a.IAM.Summary = map[string]int{"Users": 0}; return a }(), nil, "unknown", "사용자 수 불일치"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start(t, serve(tt.account, tt.fault))
			dir := t.TempDir()
			r := run(t, "run", "-o", dir)
			res := readResult(t, dir)
			if r.code != res.code() {
				t.Fatalf("exit %d, want %d\n%s", r.code, res.code(), r.stderr)
			}
			it := res.item(t, "IAM-01")
			if it.AutoVerdict != tt.verdict || !strings.Contains(it.Reason, tt.reason) {
				t.Errorf("IAM-01 is %s: %s", it.AutoVerdict, it.Reason)
			}
			for _, f := range it.Findings {
				if f.Status == "good" {
					t.Errorf("%s is good without complete evidence", f.Resource)
				}
			}
		})
	}
}

// Throttling costs calls and nothing else.
func TestThrottledThenFine(t *testing.T) {
	results := map[bool]map[string]any{}
	undisturbed := 0
	for _, throttle := range []bool{false, true} {
		seen := start(t, serve(vulnerable(5), func(r fakeaws.Request) *fakeaws.Fault {
			if throttle && r.Number < 5 && r.Action != "sts:GetCallerIdentity" {
				return &fakeaws.Fault{Status: 400, Code: "Throttling"}
			}
			return nil
		}))
		dir := t.TempDir()
		if r := run(t, "run", "-o", dir); r.code != 0 {
			t.Fatalf("exit %d\n%s", r.code, r.stderr)
		}
		res := readResult(t, dir)
		if !throttle {
			undisturbed = res.APICalls.Total
		}
		if res.APICalls.Retries != res.APICalls.Total-undisturbed || throttle && res.APICalls.Retries < 5 {
			t.Errorf("%d retries of %d attempts, %d undisturbed", res.APICalls.Retries, res.APICalls.Total, undisturbed)
		}
		if !maps.Equal(res.APICalls.ByOperation, seen.counts()) || res.APICalls.Total != seen.total {
			t.Errorf("apiCalls %+v, on the wire %v", res.APICalls, seen.counts())
		}
		text, err := os.ReadFile(filepath.Join(dir, prefix+"_result.json"))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		delete(doc, "apiCalls")
		delete(doc, "bundleDigest")
		results[throttle] = doc
	}
	quiet, _ := json.MarshalIndent(results[false], "", " ")
	loud, _ := json.MarshalIndent(results[true], "", " ")
	if !bytes.Equal(quiet, loud) {
		t.Errorf("throttling changed result.json:\n%s\nundisturbed:\n%s", loud, quiet)
	}
}

// The number of calls grows with pages, never with users (design, section 8).
func TestCallBudget(t *testing.T) {
	fixed := 0
	for _, n := range []int{10, 200, 2000} {
		a := clean(n)
		seen := start(t, serve(a, nil))
		dir := t.TempDir()
		if r := run(t, "run", "-o", dir); r.code != 0 {
			t.Fatalf("exit %d\n%s", r.code, r.stderr)
		}
		res := readResult(t, dir)
		counts := seen.counts()
		if !maps.Equal(res.APICalls.ByOperation, counts) || res.APICalls.Total != seen.total || res.APICalls.Retries != 0 {
			t.Errorf("%d users: apiCalls %+v, on the wire %v", n, res.APICalls, counts)
		}
		pages := (entities(a) + 999) / 1000
		if counts[detailsAsk] != pages {
			t.Errorf("%d users: %d pages of details, want %d", n, counts[detailsAsk], pages)
		}
		iamAndAccount := 0
		for action, c := range counts {
			if strings.HasPrefix(action, "iam:") || strings.HasPrefix(action, "account:") {
				iamAndAccount += c
			}
		}
		if iamAndAccount > pages+12 {
			t.Errorf("%d users: %d IAM and account calls, budget %d", n, iamAndAccount, pages+12)
		}
		if fixed == 0 {
			fixed = seen.total - pages
		}
		if seen.total-pages != fixed {
			t.Errorf("%d users: %d calls beside the pages, %d for 10 users", n, seen.total-pages, fixed)
		}
		it := res.item(t, "IAM-01")
		if it.AutoVerdict != "good" || it.Population != n || it.Counts.Checked != n || len(it.Findings) != n {
			t.Errorf("%d users: IAM-01 %s, population %d, counts %+v, %d findings", n, it.AutoVerdict, it.Population, it.Counts, len(it.Findings))
		}
	}
}

func TestFailOn(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		args     []string
		code     int
	}{
		{"clean", nil, 0},
		{"clean", []string{"--fail-on", "vulnerable"}, 0},
		{"vulnerable", nil, 0},
		{"vulnerable", []string{"--fail-on", "vulnerable"}, 4},
		{"details-denied", []string{"--fail-on", "vulnerable"}, 3},
		{"details-denied-vulnerable", nil, 3},
		{"details-denied-vulnerable", []string{"--fail-on", "vulnerable"}, 4},
	} {
		t.Run(tt.scenario+strings.Join(tt.args, " "), func(t *testing.T) {
			start(t, scenarios[tt.scenario]())
			dir := t.TempDir()
			if r := run(t, append([]string{"run", "-o", dir}, tt.args...)...); r.code != tt.code {
				t.Errorf("run: exit %d, want %d\n%s", r.code, tt.code, r.stderr)
			}
			if r := run(t, append([]string{"report", "-o", t.TempDir(), filepath.Join(dir, prefix+"_bundle.zip")}, tt.args...)...); r.code != tt.code {
				t.Errorf("report: exit %d, want %d\n%s", r.code, tt.code, r.stderr)
			}
		})
	}
}

// What --timeout cuts off is evidence of nothing, and is told.
func TestTimeout(t *testing.T) {
	start(t, scenarios["details-hang"]())
	dir := t.TempDir()
	begin := time.Now()
	r := run(t, "run", "-o", dir, "--timeout", "500ms")
	if r.code != 3 || time.Since(begin) > 20*time.Second {
		t.Fatalf("exit %d after %s\n%s", r.code, time.Since(begin), r.stderr)
	}
	res := readResult(t, dir)
	// The other services are asked meanwhile: what they prove stands.
	proved := map[string]string{"ACC-02": "good", "CON-01": "vulnerable"}
	for _, it := range res.Items {
		if it.AutoVerdict == proved[it.ID] { // if the machine was quick enough
			continue
		}
		if it.AutoVerdict != "unknown" || !strings.Contains(it.Reason, "RunTimeout") {
			t.Errorf("%s is %s: %s", it.ID, it.AutoVerdict, it.Reason)
		}
	}
	for _, f := range res.Failures {
		if f.Code != "RunTimeout" {
			t.Errorf("failure %+v", f)
		}
	}
	wholeFiles(t, dir, prefix)

	start(t, scenarios["identity-hang"]())
	dir = filepath.Join(t.TempDir(), "new", "out")
	r = run(t, "run", "-o", dir, "--timeout", "300ms", "--quiet")
	if r.code != 1 || !strings.HasPrefix(r.stderr, "오류: 제한 시간(--timeout) 안에") || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	nothingLeft(t, dir)
}

// nothingLeft checks that a failed run left not even its directory.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Lstat(filepath.Dir(dir)); !os.IsNotExist(err) {
		entries, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "*"))
		t.Errorf("%s was left with %q", filepath.Dir(dir), entries)
	}
}

func endpoint(address string) map[string]string {
	return map[string]string{"AWS_ENDPOINT_URL": address, "AWS_ENDPOINT_URL_STS": address}
}

// Errors of the first call end the run in one line.
func TestCannotConnect(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, tt := range []struct {
		name  string
		env   map[string]string
		fault *fakeaws.Fault
		args  []string
		code  int
		line  string
	}{
		{"refused", endpoint(closed.URL), nil, nil, 1, "오류: AWS 호스트에 연결할 수 없습니다"},
		{"no such host", endpoint("http://auditbinder.invalid"), nil, nil, 1, "오류: AWS 호스트를 찾을 수 없습니다"},
		{"no credentials", map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, nil, nil, 1, "오류: AWS 자격 증명을 찾을 수 없거나"},
		{"unknown profile", nil, nil, []string{"--profile", "없음"}, 2, `오류: AWS 프로파일이 없습니다: "없음"`},
		{"unknown profile in the environment", map[string]string{"AWS_PROFILE": "nope"}, nil, nil, 2, `오류: AWS 프로파일이 없습니다: "nope"`},
		{"missing CA bundle", map[string]string{"AWS_CA_BUNDLE": "/nonexistent/ca.pem"}, nil, nil, 1, "오류: AWS 설정을 읽을 수 없습니다"},
		{"expired", nil, &fakeaws.Fault{Status: 403, Code: "ExpiredToken"}, nil, 1, "오류: AWS 자격 증명이 만료되었습니다"},
		{"deleted key", nil, &fakeaws.Fault{Status: 403, Code: "InvalidClientTokenId"}, nil, 1, "오류: AWS 자격 증명이 유효하지 않습니다"},
		{"wrong secret", nil, &fakeaws.Fault{Status: 403, Code: "SignatureDoesNotMatch"}, nil, 1, "오류: 서명이 맞지 않습니다"},
		{"login page", nil, &fakeaws.Fault{Status: 200, Body: "<html>login</html>"}, nil, 1, "오류: AWS의 답이 아닌 응답을 받았습니다"},
		{"empty", nil, &fakeaws.Fault{Empty: true}, nil, 1, "오류: AWS 계정을 확인하지 못했습니다(sts:GetCallerIdentity EmptyBody"},
		{"reset", nil, &fakeaws.Fault{Reset: true}, nil, 1, "오류: AWS 호스트와의 연결이 끊겼습니다"},
		{"no account", nil, &fakeaws.Fault{Status: 200, Body: "<GetCallerIdentityResponse><GetCallerIdentityResult></GetCallerIdentityResult></GetCallerIdentityResponse>"}, nil, 1, "오류: AWS의 답이 아닌 응답을 받았습니다"},
		{"bad region", nil, nil, []string{"--region", "서울 리전"}, 2, "오류: 리전 이름이 아님"},
	} {
		for _, command := range []string{"run", "collect"} {
			t.Run(tt.name+" "+command, func(t *testing.T) {
				fake := serve(clean(3), nil)
				if tt.fault != nil {
					fake.Fault = everything(*tt.fault)
				}
				start(t, fake)
				for k, v := range tt.env {
					t.Setenv(k, v)
				}
				dir := filepath.Join(t.TempDir(), "new", "out")
				r := run(t, append([]string{command, "--quiet", "-o", dir}, tt.args...)...)
				if r.code != tt.code || !strings.HasPrefix(r.stderr, tt.line) || strings.Count(r.stderr, "\n") != 1 || r.stdout != "" {
					t.Errorf("exit %d, want %d and %q\n%s%s", r.code, tt.code, tt.line, r.stderr, r.stdout)
				}
				nothingLeft(t, dir)
				for action, n := range fake.Counts() {
					if action != "sts:GetCallerIdentity" {
						t.Errorf("asked %s %d times", action, n)
					}
				}
			})
		}
	}
}

// The targets are checked before the account is asked anything but who it is.
func TestExistingTarget(t *testing.T) {
	for _, command := range []string{"run", "collect"} {
		for _, suffix := range suffixes {
			if command == "collect" && suffix != "_bundle.zip" {
				continue
			}
			t.Run(command+suffix, func(t *testing.T) {
				fake := serve(clean(3), nil)
				start(t, fake)
				dir := t.TempDir()
				target := filepath.Join(dir, prefix+suffix)
				if err := os.WriteFile(target, []byte("옛 파일"), 0o644); err != nil {
					t.Fatal(err)
				}
				r := run(t, command, "--quiet", "-o", dir)
				if r.code != 2 || !strings.HasPrefix(r.stderr, "오류: 결과 파일이 이미 있습니다: "+target) {
					t.Errorf("exit %d: %s", r.code, r.stderr)
				}
				if got := fake.Counts(); !maps.Equal(got, map[string]int{"sts:GetCallerIdentity": 1}) {
					t.Errorf("asked %v", got)
				}
				if text, _ := os.ReadFile(target); string(text) != "옛 파일" {
					t.Errorf("the old file was changed: %q", text)
				}
				if all, _ := os.ReadDir(dir); len(all) != 1 {
					t.Errorf("%d files in %s", len(all), dir)
				}
				if r := run(t, command, "--force", "-o", dir); r.code != 0 {
					t.Fatalf("with --force: exit %d: %s", r.code, r.stderr)
				}
				if command == "run" {
					wholeFiles(t, dir, prefix)
				}
			})
		}
	}
}

// A dangling link or a directory in a target's place is never written through,
// not even with --force.
func TestTargetIsNoFile(t *testing.T) {
	for _, place := range []func(string) error{
		func(path string) error { return os.Symlink("elsewhere", path) },
		func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		start(t, serve(clean(3), nil))
		dir := t.TempDir()
		if err := place(filepath.Join(dir, prefix+"_report.pdf")); err != nil {
			t.Fatal(err)
		}
		r := run(t, "run", "--quiet", "--force", "-o", dir)
		if r.code != 2 || !strings.HasPrefix(r.stderr, "오류: 결과 파일 자리에 일반 파일이 아닌 것이 있습니다") {
			t.Errorf("exit %d: %s", r.code, r.stderr)
		}
		if all, _ := os.ReadDir(dir); len(all) != 1 {
			t.Errorf("%d files in %s", len(all), dir)
		}
	}
}

// Everything that is not AWS is marked as such, in every file.
func TestCustomEndpointIsMarked(t *testing.T) {
	start(t, serve(clean(3), nil))
	dir := t.TempDir()
	if r := run(t, "run", "-o", dir); r.code != 0 || !strings.Contains(r.stdout, "모의 환경 수집분") {
		t.Errorf("exit %d\n%s", r.code, r.stdout)
	}
	marked(t, dir, prefix)
}

// An account without users is judged as such only when AWS said so.
func TestNoUsers(t *testing.T) {
	start(t, serve(clean(0), nil))
	dir := t.TempDir()
	if r := run(t, "run", "-o", dir); r.code != 0 {
		t.Fatalf("exit %d\n%s", r.code, r.stderr)
	}
	it := readResult(t, dir).item(t, "IAM-01")
	if it.AutoVerdict != "na" || it.Population != 0 || len(it.Findings) != 0 {
		t.Errorf("IAM-01 is %s of %d: %s", it.AutoVerdict, it.Population, it.Reason)
	}
	wholeFiles(t, dir, prefix)
}

// The kind of account comes from Organizations; not knowing it fails no item.
func TestAccountKind(t *testing.T) {
	for _, tt := range []struct {
		organization *fakeaws.Organization
		fault        func(fakeaws.Request) *fakeaws.Fault
		kind         string
	}{
		{nil, nil, "standalone"},
		{&fakeaws.Organization{ID: "o-abcdefghij", ManagementID: account}, nil, "management"},
		{&fakeaws.Organization{ID: "o-abcdefghij", ManagementID: "210987654321"}, nil, "member"},
		{nil, on("organizations:DescribeOrganization", fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}), "unknown"},
	} {
		a := clean(1)
		a.Organization = tt.organization
		start(t, serve(a, tt.fault))
		dir := t.TempDir()
		r := run(t, "run", "-o", dir)
		if got := readResult(t, dir).Account.Kind; got != tt.kind || r.code != 0 {
			t.Errorf("kind %s, want %s (exit %d)", got, tt.kind, r.code)
		}
	}
}
