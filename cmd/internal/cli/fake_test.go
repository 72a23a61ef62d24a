package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"auditbinder/cmd/internal/cli"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

const (
	account    = "123456789012"
	allow      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","billing:*"],"Resource":"*"}]}`
	deny       = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	detailsAsk = "iam:GetAccountAuthorizationDetails"
	summaryAsk = "iam:GetAccountSummary"
	contactAsk = "account:GetAlternateContact"
)

// asked is when the fake account is asked: 2026-11-24 14:00:00 KST.
var asked = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// prefix begins the names of the files that a fake account gives.
const prefix = account + "_20261124"

var suffixes = []string{"_bundle.zip", "_report.pdf", "_report.xlsx", "_result.json", "_SHA256SUMS"}

// clean is an account in which nothing is vulnerable: n users with everything
// through one group, a role, two policies, and all contacts.
func clean(n int) fakeaws.Account {
	a := fakeaws.Account{
		ID: account, CallerARN: "arn:aws:iam::" + account + ":user/auditor", Aliases: []string{"gasang"},
		Primary: fakeaws.Contact{Name: "가상핀테크", Phone: "+82-2-0000-0000", Company: "가상핀테크", Address: "서울", City: "서울", Postal: "00000"},
		Contacts: map[evidence.ContactType]fakeaws.Contact{
			evidence.ContactSecurity:   {Name: "홍길동", Title: "CISO", Email: "security@example.com", Phone: "+82-2-1111-1111"},
			evidence.ContactBilling:    {Name: "김재무", Title: "팀장", Email: "billing@example.com", Phone: "+82-2-2222-2222"},
			evidence.ContactOperations: {Name: "이운영", Title: "팀장", Email: "ops@example.com", Phone: "+82-2-3333-3333"},
		},
	}
	watched(&a)
	a.IAM.Groups = []evidence.Group{{Name: "all", Path: "/", ARN: arn("group/all"), Attached: []evidence.PolicyRef{{Name: "corp-allow", ARN: arn("policy/corp-allow")}}}}
	a.IAM.Roles = []evidence.Role{{Name: "app", Path: "/", ARN: arn("role/app"), ID: fakeaws.RoleID("app"),
		Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}}
	a.IAM.Policies = []evidence.ManagedPolicy{
		{Name: "corp-allow", ARN: arn("policy/corp-allow"), Version: "v1", Document: allow},
		{Name: "corp-deny", ARN: arn("policy/corp-deny"), Version: "v1", Document: deny},
	}
	for i := range n {
		name := fmt.Sprintf("user-%04d", i)
		a.IAM.Users = append(a.IAM.Users, evidence.User{
			Name: name, Path: "/", ARN: arn("user/" + name), ID: fakeaws.UserID(name), Created: asked.AddDate(-1, 0, 0), Groups: []string{"all"},
			Tags: []evidence.Tag{{Key: "이름", Value: fmt.Sprintf("사용자%d", i)}},
		})
	}
	return a
}

// watched gives an account few regions and a chain that tells of root's sign-ins.
func watched(a *fakeaws.Account) {
	for _, name := range append([]string{"ap-northeast-2"}, evidence.SignInRegions...) {
		a.Regions = append(a.Regions, evidence.Region{Name: name, OptIn: "opt-in-not-required"})
	}
	logging := true
	a.Trails = []evidence.Trail{{Name: "main", ARN: "arn:aws:cloudtrail:ap-northeast-2:" + account + ":trail/main", HomeRegion: "ap-northeast-2",
		MultiRegion: true, Own: true, Logging: &logging, SelectorsRead: true, Basic: []evidence.EventSelector{{ReadWriteType: "All", Management: true}}}}
	topic := "arn:aws:sns:us-east-1:" + account + ":sign-in"
	a.Topics = []evidence.Topic{{ARN: topic, Region: "us-east-1", Account: account, Own: true,
		Policy:        `{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"` + topic + `"}}`,
		Subscriptions: []evidence.Subscription{{Protocol: "email", Endpoint: "soc@example.com", Confirmed: true}}}}
	a.Rules = []evidence.EventRule{{Region: "us-east-1", Name: "sign-in", ARN: "arn:aws:events:us-east-1:" + account + ":rule/sign-in", State: "ENABLED",
		Pattern: `{"source":["aws.signin"],"detail":{"eventName":["ConsoleLogin"]}}`, Targets: []evidence.RuleTarget{{ID: "sns", ARN: topic}}}}
}

// entities counts what GetAccountAuthorizationDetails pages through.
func entities(a fakeaws.Account) int {
	return len(a.IAM.Users) + len(a.IAM.Groups) + len(a.IAM.Roles) + len(a.IAM.Policies)
}

// vulnerable is clean with a directly attached policy and no billing contact.
func vulnerable(n int) fakeaws.Account {
	a := clean(n)
	a.IAM.Users[0].Attached = []evidence.PolicyRef{{Name: "corp-allow", ARN: arn("policy/corp-allow")}}
	delete(a.Contacts, evidence.ContactBilling)
	return a
}

func arn(rest string) string { return "arn:aws:iam::" + account + ":" + rest }

func serve(a fakeaws.Account, fault func(fakeaws.Request) *fakeaws.Fault) *fakeaws.Server {
	return &fakeaws.Server{Account: a, Fault: fault, Now: func() time.Time { return asked }}
}

// on gives a fault to every request of an action.
func on(action string, f fakeaws.Fault) func(fakeaws.Request) *fakeaws.Fault {
	return func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == action {
			return &f
		}
		return nil
	}
}

var denied = fakeaws.Fault{Status: http.StatusForbidden, Code: "AccessDenied"}

// scenarios are the fakes that scripts start by name.
var scenarios = map[string]func() *fakeaws.Server{
	"clean":      func() *fakeaws.Server { return serve(clean(3), nil) },
	"vulnerable": func() *fakeaws.Server { return serve(vulnerable(3), nil) },
	"expired": func() *fakeaws.Server {
		return serve(clean(3), everything(fakeaws.Fault{Status: 403, Code: "ExpiredToken"}))
	},
	"details-denied": func() *fakeaws.Server {
		return serve(clean(3), on(detailsAsk, denied))
	},
	"details-denied-vulnerable": func() *fakeaws.Server { return serve(vulnerable(3), on(detailsAsk, denied)) },
	"details-hang":              func() *fakeaws.Server { return serve(clean(3), on(detailsAsk, fakeaws.Fault{Delay: time.Minute})) },
	"identity-hang":             func() *fakeaws.Server { return serve(clean(3), everything(fakeaws.Fault{Delay: time.Minute})) },
}

func everything(f fakeaws.Fault) func(fakeaws.Request) *fakeaws.Fault {
	return func(fakeaws.Request) *fakeaws.Fault { return &f }
}

// ran is what a command line did.
type ran struct {
	code           int
	stdout, stderr string
}

// run runs a command line in-process. Sleeping takes no time.
func run(t *testing.T, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	code := cli.Run(args, cli.Env{
		Stdout: &out, Stderr: &errs, Now: time.Now,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	return ran{code, out.String(), errs.String()}
}

// start serves handler, points the AWS SDK at it and counts what arrives.
func start(t *testing.T, handler http.Handler) *counter {
	t.Helper()
	c := &counter{next: handler, byOperation: map[string]int{}}
	server := httptest.NewServer(c)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	t.Setenv("HOME", t.TempDir())
	fakeaws.Environment(t.Setenv, server.URL)
	return c
}

// counter counts the requests that pass it by IAM action name. It reads the
// wire itself: neither the fake nor the program is asked.
type counter struct {
	next        http.Handler
	mu          sync.Mutex
	byOperation map[string]int
	total       int
}

var scope = regexp.MustCompile(`Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request`)

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	service := "unsigned"
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		service = m[1]
	}
	if service == "monitoring" { // CloudWatch's signing name
		service = "cloudwatch"
	}
	form, _ := url.ParseQuery(string(body))
	operation := form.Get("Action")
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		operation = target[strings.LastIndex(target, ".")+1:]
	}
	if operation == "" && len(r.URL.Path) > 1 { // REST: /getAlternateContact, /get-resource-policy
		for word := range strings.SplitSeq(r.URL.Path[1:], "-") {
			operation += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	c.mu.Lock()
	c.byOperation[service+":"+operation]++
	c.total++
	c.mu.Unlock()
	c.next.ServeHTTP(w, r)
}

func (c *counter) counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := map[string]int{}
	for k, n := range c.byOperation {
		counts[k] = n
	}
	return counts
}

func write(t *testing.T, path string, body []byte) {
	t.Helper()
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// result is what the tests read of result.json, spelled as the contract spells it.
type result struct {
	BundleDigest string `json:"bundleDigest"`
	Simulated    bool   `json:"simulated"`
	CollectedAt  string `json:"collectedAt"`
	Account      struct {
		ID    string `json:"id"`
		Alias string `json:"alias"`
		Kind  string `json:"kind"`
	} `json:"account"`
	APICalls struct {
		Total       int            `json:"total"`
		Retries     int            `json:"retries"`
		ByOperation map[string]int `json:"byOperation"`
	} `json:"apiCalls"`
	Failures []struct {
		CallID    string   `json:"callId"`
		Operation string   `json:"operation"`
		Region    string   `json:"region"`
		Code      string   `json:"code"`
		Items     []string `json:"items"`
	} `json:"failures"`
	Items []resultItem `json:"items"`
}

type resultItem struct {
	ID          string  `json:"id"`
	AutoVerdict string  `json:"autoVerdict"`
	Final       *string `json:"finalVerdict"`
	Reason      string  `json:"reason"`
	Population  int     `json:"population"`
	Counts      struct {
		Checked    int `json:"checked"`
		Vulnerable int `json:"vulnerable"`
	} `json:"counts"`
	Findings []struct {
		Resource string   `json:"resource"`
		Status   string   `json:"status"`
		Reason   string   `json:"reason"`
		CallIDs  []string `json:"callIds"`
	} `json:"findings"`
	Evidence []string `json:"evidence"`
}

// code is the exit code that the verdicts ask for.
func (r result) code() int {
	for _, it := range r.Items {
		if it.AutoVerdict == "unknown" {
			return 3
		}
	}
	return 0
}

func (r result) item(t *testing.T, id string) resultItem {
	t.Helper()
	for _, it := range r.Items {
		if it.ID == id {
			return it
		}
	}
	t.Fatalf("result.json has no %s", id)
	return resultItem{}
}

// status is a finding's status.
func (it resultItem) status(t *testing.T, resource string) string {
	t.Helper()
	for _, f := range it.Findings {
		if f.Resource == resource {
			return f.Status
		}
	}
	t.Fatalf("%s has no finding for %s", it.ID, resource)
	return ""
}

// readResult reads the one result.json of a directory.
func readResult(t *testing.T, dir string) result {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "*_result.json"))
	if len(paths) != 1 {
		t.Fatalf("%s has %d result.json files", dir, len(paths))
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
