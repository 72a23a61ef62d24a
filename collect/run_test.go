package collect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"auditbinder/collect"
	collectaccount "auditbinder/collect/account"
	"auditbinder/collect/alarm"
	"auditbinder/collect/awsconn"
	collectcloudtrail "auditbinder/collect/cloudtrail"
	collectec2 "auditbinder/collect/ec2"
	"auditbinder/collect/evidence"
	collectiam "auditbinder/collect/iam"
	collectorganizations "auditbinder/collect/organizations"
	"auditbinder/collect/sample/fakeaws"
	collectsignin "auditbinder/collect/signin"
	collectssm "auditbinder/collect/ssm"
)

// The number of calls grows with pages, never with users.
func TestCallsGrowWithPagesOnly(t *testing.T) {
	const others = 3 // group, role and policy of the account
	b := newBench(t, standard())
	b.run()
	fixed := b.total() - 1 // all but the one page of the details
	for _, users := range []int{0, 1, 10, 2000, 10000} {
		t.Run(fmt.Sprint(users), func(t *testing.T) {
			a := withUsers(users)
			a.IAM.Summary = map[string]int{"Users": users, "UsersQuota": 5000, "AccountMFAEnabled": 1}
			b := newBench(t, a)
			var mu sync.Mutex
			var forms []map[string][]string
			b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
				if r.Action == "iam:GetAccountAuthorizationDetails" {
					mu.Lock()
					forms = append(forms, maps.Clone(r.Form))
					mu.Unlock()
				}
				return nil
			}
			content := b.run()
			if len(content.Set.Failures) > 0 {
				t.Fatalf("failures %+v", content.Set.Failures)
			}
			pages := max(1, (users+others+999)/1000)
			if want := pages + fixed; b.total() != want || len(content.Recording.Calls) != want {
				t.Errorf("%d requests, %d recorded, want %d: %v", b.total(), len(content.Recording.Calls), want, b.fake.Counts())
			}
			n := 0
			for action, count := range b.fake.Counts() {
				if strings.HasPrefix(action, "iam:") || strings.HasPrefix(action, "account:") {
					n += count
				}
			}
			if budget := (users+others+999)/1000 + 12; n > budget {
				t.Errorf("%d calls of IAM and Account, the budget is %d", n, budget)
			}
			if len(content.Set.IAM.Users) != users || content.Set.IAM.Summary["Users"] != users {
				t.Errorf("%d users read, %d counted", len(content.Set.IAM.Users), content.Set.IAM.Summary["Users"])
			}
			kinds := []string{"User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"}
			for i, form := range forms {
				var sent []string
				for n := range kinds {
					sent = append(sent, form[fmt.Sprintf("Filter.member.%d", n+1)]...)
				}
				if !slices.Equal(sent, kinds) || !slices.Equal(form["MaxItems"], []string{"1000"}) {
					t.Errorf("page %d was asked with %v", i+1, form)
				}
				if (i > 0) != (len(form["Marker"]) == 1) {
					t.Errorf("page %d has the marker %v", i+1, form["Marker"])
				}
			}
			for _, answer := range content.Set.Answers {
				if answer.Action == "iam:GetAccountAuthorizationDetails" && (answer.Count != users+others || len(answer.Calls) != pages) {
					t.Errorf("answer %+v", answer)
				}
			}
			b.reread(content)
		})
	}
}

func TestEvidenceIsWhatTheAccountHas(t *testing.T) {
	a := standard()
	b := newBench(t, a)
	set := b.run().Set
	u, want := set.IAM.Users[0], a.IAM.Users[0]
	want.Calls = u.Calls
	if !reflect.DeepEqual(u, want) {
		t.Errorf("user %+v\nwant %+v", u, want)
	}
	for what, got := range map[string]string{
		"inline policy": u.Inline[0].Document, "trust policy": set.IAM.Roles[0].Trust, "managed policy": set.IAM.Policies[0].Document,
	} {
		if got != document {
			t.Errorf("%s: %s", what, got)
		}
	}
	if set.Account.Alias != "gasang" || set.Account.Kind != evidence.KindManagement || set.Caller.ARN != a.CallerARN || !set.CollectedAt.Equal(start) {
		t.Errorf("account %+v, caller %+v, at %v", set.Account, set.Caller, set.CollectedAt)
	}
	contacts := set.Contacts
	if len(contacts.Alternate) != 3 || !contacts.RootRead {
		t.Fatalf("contacts %+v", contacts)
	}
	security, billing, operations := contacts.Alternate[0], contacts.Alternate[1], contacts.Alternate[2]
	// One telephone, written in three ways.
	if !security.Set || !slices.Equal(security.SameAs, []evidence.ContactType{evidence.ContactOperations}) || !security.SameAsRoot {
		t.Errorf("security %+v", security)
	}
	if billing.Set || billing.SameAs != nil || billing.SameAsRoot || billing.Name != "" {
		t.Errorf("billing %+v", billing)
	}
	if !slices.Equal(operations.SameAs, []evidence.ContactType{evidence.ContactSecurity}) || operations.Name != "남**수" || operations.Title != "과장" {
		t.Errorf("operations %+v", operations)
	}
}

func TestAccountKinds(t *testing.T) {
	for kind, o := range map[evidence.AccountKind]*fakeaws.Organization{
		evidence.KindStandalone: nil, evidence.KindManagement: {ID: "o-1", ManagementID: accountID}, evidence.KindMember: {ID: "o-1", ManagementID: "210987654321"},
	} {
		a := standard()
		a.Organization = o
		if got := newBench(t, a).run().Set.Account.Kind; got != kind {
			t.Errorf("kind %s, want %s", got, kind)
		}
	}
}

// What the allow-list lacks is refused before anything leaves.
func TestOnlyAllowedOperationsAreSent(t *testing.T) {
	b := newBench(t, standard())
	ctx := context.Background()
	conn, err := collect.Open(ctx, collect.Target{Now: b.Now, Sleep: b.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	iamClient, stsClient := iam.NewFromConfig(conn.Global()), sts.NewFromConfig(conn.Regional(""))
	name, arn := "user", roleARN
	calls := map[string]func() error{
		"iam:ListUsers":  func() error { _, err := iamClient.ListUsers(ctx, &iam.ListUsersInput{}); return err },
		"iam:CreateUser": func() error { _, err := iamClient.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}); return err },
		"iam:CreateAccessKey": func() error {
			_, err := iamClient.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
			return err
		},
		"sts:GetSessionToken": func() error { _, err := stsClient.GetSessionToken(ctx, &sts.GetSessionTokenInput{}); return err },
		"sts:AssumeRole": func() error {
			_, err := stsClient.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: &name})
			return err
		},
		"sts:AssumeRoleWithWebIdentity": func() error {
			_, err := stsClient.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{RoleArn: &arn, RoleSessionName: &name, WebIdentityToken: &name})
			return err
		},
	}
	for action, call := range calls {
		err := call()
		var refused *awsconn.ErrNotAllowed
		if !errors.As(err, &refused) || refused.Action != action {
			t.Errorf("%s: %v", action, err)
		}
	}
	if b.total() != 0 {
		t.Errorf("the fake got %v", b.fake.Counts())
	}
	for _, c := range conn.Recording(accountID).Calls {
		if c.Status != 0 || c.Body != "" || c.RequestID != "" {
			t.Errorf("recorded %+v", c)
		}
	}
}

func TestActionsAreEveryPackages(t *testing.T) {
	want := slices.Concat(collectaccount.Actions, collectiam.Actions, collectorganizations.Actions, collectsignin.Actions,
		collectec2.Actions, collectssm.Actions, collectcloudtrail.Actions, alarm.Actions)
	slices.Sort(want)
	got := collect.Actions()
	if !slices.Equal(got, want) {
		t.Errorf("actions %v, want %v", got, want)
	}
	// The two tests answer whether a pattern matches a text and leave nothing behind.
	reads := regexp.MustCompile(`^[a-z0-9]+:(Get|List|Describe|Lookup|GenerateCredentialReport$|TestEventPattern$|TestMetricFilter$)`)
	for _, action := range got {
		if !reads.MatchString(action) {
			t.Errorf("%s does more than read", action)
		}
	}
}

// trap is a machine whose every way out is watched.
func trap(t *testing.T) *atomic.Int64 {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	hits := &atomic.Int64{}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			hits.Add(1)
			conn.Close()
		}
	}()
	address := "http://" + l.Addr().String()
	fakeaws.Environment(t.Setenv, address)
	for _, key := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(key, address)
	}
	noStatic() // a provider would have to ask for credentials
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", address+"/credentials")
	before := http.DefaultTransport
	http.DefaultTransport = refuser{hits}
	t.Cleanup(func() { http.DefaultTransport = before })
	return hits
}

type refuser struct{ hits *atomic.Int64 }

func (r refuser) RoundTrip(*http.Request) (*http.Response, error) {
	r.hits.Add(1)
	return nil, errors.New("nothing may be sent")
}

func TestReplayGivesTheSameEvidence(t *testing.T) {
	b := newBench(t, withChains(withUsers(1500)))
	b.fake.Fault = question{action: "iam:GetAccountSummary"}.first(3, fakeaws.Fault{Status: 400, Code: "Throttling"})
	content := b.run()
	hits := trap(t)
	replayed, err := collect.Run(context.Background(), collect.Replay(content.Recording), content.Program, collect.Scope{}, collect.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if replayed.Set.Source != evidence.SourceReplay {
		t.Errorf("source %s", replayed.Set.Source)
	}
	if len(replayed.Recording.Calls) != len(content.Recording.Calls) {
		t.Fatalf("%d calls, want %d", len(replayed.Recording.Calls), len(content.Recording.Calls))
	}
	for i, got := range replayed.Recording.Calls {
		want := content.Recording.Calls[i]
		if got.Source != evidence.SourceReplay {
			t.Errorf("%s has the source %s", got.ID, got.Source)
		}
		got.Source = want.Source
		if line(t, got) != line(t, want) {
			t.Errorf("call %+v\nwant %+v", got, want)
		}
	}
	for name, body := range content.Recording.Bodies {
		if !bytes.Equal(replayed.Recording.Bodies[name], body) {
			t.Errorf("%s differs", name)
		}
	}
	same := replayed.Set
	same.Source = content.Set.Source
	if got, want := encode(t, same), encode(t, content.Set); got != want {
		t.Error(firstDifference(got, want))
	}
	// And the replay of a replay, by then a bundle itself, is the same again.
	b.reread(content)
	b.reread(replayed)
	if hits.Load() != 0 {
		t.Errorf("%d connections", hits.Load())
	}
}

func line(t *testing.T, c evidence.Call) string {
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReplayNeverAsksTheNetwork(t *testing.T) {
	chained := withChains(standard())
	chained.Compute = []evidence.Compute{computeOf(seoul)}
	// Without their answers other questions are asked.
	shaping := []string{"ec2:DescribeRegions", "ec2:DescribeInstanceConnectEndpoints"}
	for _, a := range []fakeaws.Account{withUsers(1500), chained} {
		content := newBench(t, a).clean()
		hits := trap(t)
		for i, missing := range content.Recording.Calls {
			t.Run(missing.ID, func(t *testing.T) {
				rec := evidence.Recording{Calls: slices.Delete(slices.Clone(content.Recording.Calls), i, i+1), Bodies: content.Recording.Bodies}
				replayed, err := collect.Run(context.Background(), collect.Replay(rec), "test", collect.Scope{}, collect.Hooks{})
				if missing.Operation == "GetCallerIdentity" {
					if evidence.ErrorCode(err) != "NotRecorded" {
						t.Errorf("error %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				f := replayed.Set.Failures
				if !slices.ContainsFunc(f, func(f evidence.Failure) bool { return f.CallID == missing.ID }) ||
					slices.ContainsFunc(f, func(f evidence.Failure) bool { return f.Code != "NotRecorded" }) ||
					len(f) != 1 && !slices.Contains(shaping, missing.Action()) {
					t.Errorf("failures %+v", f)
				}
			})
		}
		if hits.Load() != 0 {
			t.Errorf("%d connections", hits.Load())
		}
	}
}

// A stored failure is carried over only in the place of a failure.
func TestRereadNeverHidesAnAnswer(t *testing.T) {
	b := newBench(t, standard())
	content := b.run()
	honest := encode(t, content.Set)
	for _, code := range []string{"RunTimeout", "Canceled", "CredentialsError", "SendError", "AccessDenied"} {
		forged := content
		forged.Set.Answers = slices.DeleteFunc(slices.Clone(content.Set.Answers), func(a evidence.Answer) bool { return a.Action == "iam:GetAccountSummary" })
		forged.Set.Failures = []evidence.Failure{{Action: "iam:GetAccountSummary", Region: "us-east-1", Code: code}}
		stored, _ := pack(t, forged)
		again, err := collect.Reread(context.Background(), stored)
		if err != nil {
			t.Fatal(err)
		}
		if got := encode(t, again.Set); got != honest {
			t.Errorf("%s: %s", code, firstDifference(got, honest))
		}
	}
	// A failure with an exchange of its own is read from it.
	b = newBench(t, standard())
	b.fake.Now = nil
	b.fake.Fault = question{action: "iam:GetAccountSummary"}.always(fakeaws.Fault{Status: 403, Code: "AccessDenied"})
	forged := b.run()
	forged.Set.Failures = slices.Clone(forged.Set.Failures)
	for _, code := range []string{"Throttling", "CredentialsError", "SendError", "Canceled"} {
		forged.Set.Failures[0].Code = code
		stored, _ := pack(t, forged)
		again, err := collect.Reread(context.Background(), stored)
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Set.Failures) != 1 || again.Set.Failures[0].Code != "AccessDenied" {
			t.Errorf("%s: failures %+v", code, again.Set.Failures)
		}
	}
}

// Nothing of the order or the speed of answers reaches the bundle.
func TestSameAnswersSameBundle(t *testing.T) {
	a := busy()
	a.IAM = withUsers(1200).IAM
	var first map[string]string
	for run := range 10 {
		b := newBench(t, a)
		b.fake.RequestID = func(r fakeaws.Request) string {
			h := fnv.New64a()
			fmt.Fprintf(h, "%s %s %v %v", r.Action, r.Region, r.Form, r.JSON)
			return fmt.Sprintf("%016x", h.Sum64())
		}
		b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
			f := &fakeaws.Fault{Delay: time.Duration(rand.N(2000)) * time.Microsecond}
			if r.Number < 2 && (r.Action == "iam:GetAccountSummary" || r.Action == "events:ListRules" && r.Region == seoul) {
				f.Status, f.Code = 400, "Throttling"
			}
			return f
		}
		// The back-off is random: this clock stands still.
		conn, err := collect.Open(context.Background(), collect.Target{Now: b.Now, Sleep: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		content, err := collect.Run(context.Background(), conn, "test", collect.Scope{}, collect.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if len(content.Set.Failures) > 0 {
			t.Fatalf("failures %+v", content.Set.Failures)
		}
		for i := range content.Recording.Calls {
			content.Recording.Calls[i].Host = "the fake's port"
		}
		files := unpacked(t, content)
		if first == nil {
			first = files
		}
		for name, text := range files {
			if text != first[name] && name != "the zip" {
				t.Errorf("run %d: %s: %s", run+1, name, firstDifference(text, first[name]))
			}
		}
		if files["the zip"] != first["the zip"] {
			t.Fatalf("run %d gave another bundle", run+1)
		}
	}
}

func TestClockSkewIsKept(t *testing.T) {
	b := newBench(t, standard())
	b.fake.Now = func() time.Time { return start.Add(-7 * time.Minute) }
	set := b.run().Set
	if set.ClockSkewSeconds != 420 || !set.CollectedAt.Equal(start.Add(-7*time.Minute)) {
		t.Errorf("skew %d s, collected at %v", set.ClockSkewSeconds, set.CollectedAt)
	}
}

func TestUnknownProfile(t *testing.T) {
	newBench(t, standard())
	_, err := collect.Open(context.Background(), collect.Target{Profile: "nobody"})
	var unknown *awsconn.UnknownProfileError
	if !errors.As(err, &unknown) || unknown.Profile != "nobody" {
		t.Errorf("error %v", err)
	}
}
