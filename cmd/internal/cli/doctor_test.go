package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"auditbinder/cmd/internal/cli"
	"auditbinder/collect"
	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/verdict"
	"auditbinder/templates"
)

// checkup is `doctor --as json`, spelled as docs/doctor.md spells it.
type checkup struct {
	Schema         string `json:"schema"`
	ProgramVersion string `json:"programVersion"`
	Account        struct {
		ID string `json:"id"`
	} `json:"account"`
	Caller struct {
		ARN string `json:"arn"`
	} `json:"caller"`
	CheckedAt        string `json:"checkedAt"`
	ClockSkewSeconds int    `json:"clockSkewSeconds"`
	Source           string `json:"source"`
	Simulated        bool   `json:"simulated"`
	APICalls         struct {
		Total       int            `json:"total"`
		Retries     int            `json:"retries"`
		ByOperation map[string]int `json:"byOperation"`
	} `json:"apiCalls"`
	HomeRegion    string `json:"homeRegion"`
	ClosedRegions []struct {
		Region        string `json:"region"`
		ControlPolicy bool   `json:"controlPolicy"`
		SignIn        bool   `json:"signIn"`
	} `json:"closedRegions"`
	Counts struct {
		Allowed   int `json:"allowed"`
		Denied    int `json:"denied"`
		Unchecked int `json:"unchecked"`
	} `json:"counts"`
	UnknownItems []string `json:"unknownItems"`
	MissingItems []string `json:"missingItems"`
	Permissions  []struct {
		Operation     string   `json:"operation"`
		Region        string   `json:"region"`
		State         string   `json:"state"`
		Code          string   `json:"code"`
		ControlPolicy bool     `json:"controlPolicy"`
		UnknownItems  []string `json:"unknownItems"`
		MissingItems  []string `json:"missingItems"`
	} `json:"permissions"`
}

// in are the operations that stand in a state, with their regions.
func (c checkup) in(state string) map[string][]string {
	out := map[string][]string{}
	for _, p := range c.Permissions {
		if p.State == state {
			out[p.Operation] = append(out[p.Operation], p.Region)
		}
	}
	return out
}

func (c checkup) closed() string {
	var out []string
	for _, r := range c.ClosedRegions {
		out = append(out, fmt.Sprintf("%s control policy %t sign-in %t", r.Region, r.ControlPolicy, r.SignIn))
	}
	return strings.Join(out, ", ")
}

// doctor checks a fake account, in a folder in which nothing may be left, and
// returns both forms: the table is printed by a second command line.
func doctor(t *testing.T, fake *fakeaws.Server, args ...string) (checkup, ran, *counter) {
	t.Helper()
	t.Chdir(t.TempDir())
	start(t, fake)
	table := run(t, append([]string{"doctor", "--quiet"}, args...)...)
	seen := start(t, fake)
	r := run(t, append([]string{"doctor", "--quiet", "--as", "json"}, args...)...)
	if r.code != table.code || r.stderr+table.stderr != "" {
		t.Errorf("exit %d and %d: %s%s", r.code, table.code, r.stderr, table.stderr)
	}
	var c checkup
	dec := json.NewDecoder(strings.NewReader(r.stdout))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		t.Fatalf("%v in\n%s", err, r.stdout)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left %v (%v)", left, err)
	}
	if c.APICalls.Total != seen.total || !maps.Equal(c.APICalls.ByOperation, seen.counts()) {
		t.Errorf("apiCalls %+v, on the wire %v", c.APICalls, seen.counts())
	}
	if n := c.Counts.Allowed + c.Counts.Denied + c.Counts.Unchecked; n != len(c.Permissions) {
		t.Errorf("counts %+v of %d permissions", c.Counts, len(c.Permissions))
	}
	return c, table, seen
}

// timely is a fake whose answers bear the true time: a denial must not look like
// clock skew, for which the SDK asks again.
func timely(a fakeaws.Account, fault func(fakeaws.Request) *fakeaws.Fault) *fakeaws.Server {
	return &fakeaws.Server{Account: a, Fault: fault}
}

// offenders are the rows of the table above the first allowed one.
func offenders(table string) []string {
	var rows []string
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "거부 ") || strings.HasPrefix(line, "확인 못함 ") {
			rows = append(rows, strings.TrimRight(line, "\n"))
		} else if len(rows) > 0 {
			break
		}
	}
	return rows
}

// bound is how many calls a check may take: who asks, every action once, and for
// every further region two calls, four where console sign-ins are recorded.
func bound(regions int) int {
	return 1 + len(collect.Actions()) + 2*regions + 2*len(evidence.SignInRegions)
}

// In accounts where nothing of what is asked for exists, everything is allowed;
// everything that the policy holds is asked, and nothing else.
func TestDoctorAsksEveryAction(t *testing.T) {
	fresh := fakeaws.Account{ID: account, CallerARN: arn("user/auditor")}
	management := clean(3)
	management.Organization = &fakeaws.Organization{ID: "o-1", ManagementID: account, Targets: []evidence.ControlTarget{
		{ID: account, Kind: "ACCOUNT", SCPs: []string{"p-FullAWSAccess"}}, {ID: "r-1", Kind: "ROOT"},
	}, Policies: []evidence.ControlPolicy{{ID: "p-FullAWSAccess", Kind: "SERVICE_CONTROL_POLICY", Document: "{}"}}}
	young := fresh
	young.ReportPolls = 5
	for _, tt := range []struct {
		name    string
		account fakeaws.Account
		regions int
		fault   func(fakeaws.Request) *fakeaws.Fault
	}{
		{"fresh", fresh, 17, nil},
		{"in use", clean(3), 5, nil},
		{"management account", management, 5, nil},
		{"report never made", young, 17, on("iam:GetCredentialReport", fakeaws.Fault{Status: 410, Code: "ReportNotPresent"})},
		{"report being made", young, 17, on("iam:GetCredentialReport", fakeaws.Fault{Status: 404, Code: "ReportInProgress"})},
		{"report too old", young, 17, on("iam:GetCredentialReport", fakeaws.Fault{Status: 410, Code: "ReportExpired"})},
		{"no sign-in configuration", fresh, 17, func(r fakeaws.Request) *fakeaws.Fault {
			if strings.HasPrefix(r.Action, "signin:") {
				return &fakeaws.Fault{Status: 404, Code: "ResourceNotFoundException"}
			}
			return nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			wet := map[string]bool{} // EC2 calls that are no dry run
			c, table, seen := doctor(t, timely(tt.account, func(r fakeaws.Request) *fakeaws.Fault {
				mu.Lock()
				defer mu.Unlock()
				if strings.HasPrefix(r.Action, "ec2:") && r.Form.Get("DryRun") != "true" {
					wet[r.Action] = true
				}
				if tt.fault != nil {
					return tt.fault(r)
				}
				return nil
			}))
			if table.code != 0 {
				t.Errorf("exit %d\n%s", table.code, table.stdout)
			}
			if got := slices.Sorted(maps.Keys(c.in("allowed"))); !slices.Equal(got, collect.Actions()) || c.Counts.Denied+c.Counts.Unchecked > 0 {
				t.Errorf("allowed %q; %+v\n%s", got, c.Counts, table.stdout)
			}
			sent := seen.counts()
			delete(sent, "sts:GetCallerIdentity")
			if got := slices.Sorted(maps.Keys(sent)); !slices.Equal(got, collect.Actions()) {
				t.Errorf("asked %q", got)
			}
			if most := bound(tt.regions); seen.total > most || c.APICalls.Retries > 0 {
				t.Errorf("%d calls, at most %d; %d retries", seen.total, most, c.APICalls.Retries)
			}
			if !maps.Equal(wet, map[string]bool{"ec2:DescribeRegions": true}) {
				t.Errorf("no dry runs: %v", wet)
			}
			if c.Schema != "auditbinder/doctor/v1" || c.Account.ID != account || c.Caller.ARN != arn("user/auditor") || c.Source != "custom" || !c.Simulated ||
				c.HomeRegion != "ap-northeast-2" || len(c.UnknownItems)+len(c.MissingItems)+len(c.ClosedRegions) > 0 {
				t.Errorf("%+v", c)
			}
			for _, want := range []string{
				"거부되었거나 확인하지 못한 호출이 없습니다.", "계정 " + account + ", 호출 주체 " + arn("user/auditor"), "제출 불가", "확인하지 못합니다.",
				fmt.Sprintf("허용 %d건, 거부 0건, 확인 못함 0건(API 호출 %d회, 재시도 0회)", c.Counts.Allowed, seen.total),
			} {
				if !strings.Contains(table.stdout, want) {
					t.Errorf("the output lacks %q:\n%s", want, table.stdout)
				}
			}
		})
	}
}

// denial is how AWS refuses the action.
func denial(action string) fakeaws.Fault {
	switch service, _, _ := strings.Cut(action, ":"); service {
	case "iam":
		return fakeaws.Fault{Status: http.StatusForbidden, Code: "AccessDenied"}
	case "ec2":
		return fakeaws.Fault{Status: http.StatusForbidden, Code: "UnauthorizedOperation"}
	case "sns":
		return fakeaws.Fault{Status: http.StatusForbidden, Code: "AuthorizationError"}
	case "account", "signin":
		return fakeaws.Fault{Status: http.StatusForbidden, Code: "AccessDeniedException"}
	}
	return fakeaws.Fault{Status: http.StatusBadRequest, Code: "AccessDeniedException"}
}

// needs are the items that rest on a call, by what the catalogue says of it.
func needs(t *testing.T, action string) (required, optional []string) {
	t.Helper()
	catalog, err := item.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range catalog.Items {
		for _, e := range it.Evidence {
			switch {
			case e.Call != action:
			case e.Need == item.Optional && !e.Conditional:
				optional = append(optional, it.ID)
			default:
				required = append(required, it.ID)
			}
		}
	}
	return required, optional
}

// Every action, when it alone is denied, is named with what it costs, and no other.
func TestDoctorNamesWhatIsDenied(t *testing.T) {
	for _, action := range collect.Actions() {
		t.Run(action, func(t *testing.T) {
			required, optional := needs(t, action)
			if len(required)+len(optional) == 0 {
				t.Fatal("no item needs it")
			}
			c, table, _ := doctor(t, timely(clean(3), on(action, denial(action))))
			denied := c.in("denied")
			if len(denied) != 1 || denied[action] == nil || c.Counts.Unchecked > 0 {
				t.Errorf("denied %v, %+v", denied, c.Counts)
			}
			if !slices.Equal(c.UnknownItems, append([]string{}, required...)) || !slices.Equal(c.MissingItems, append([]string{}, optional...)) {
				t.Errorf("costs %q and %q, by the catalogue %q and %q", c.UnknownItems, c.MissingItems, required, optional)
			}
			want := 0
			if len(required) > 0 {
				want = 3
			}
			if table.code != want {
				t.Errorf("exit %d, want %d", table.code, want)
			}
			rows := offenders(table.stdout)
			if len(rows) == 0 || len(rows) > 2 {
				t.Fatalf("rows %q", rows)
			}
			for _, row := range rows {
				if !strings.HasPrefix(row, "거부 ") || !strings.Contains(row, action) || !strings.Contains(row, denial(action).Code+"(권한 없음)") {
					t.Errorf("row %q", row)
				}
			}
			for _, id := range slices.Concat(required, optional) {
				if !strings.Contains(rows[0], id) {
					t.Errorf("%q does not name %s", rows[0], id)
				}
			}
			if n := strings.Count(table.stdout, "\n거부 ") + strings.Count(table.stdout, "\n확인 못함 "); n != len(rows) {
				t.Errorf("%d offenders, %d of them first:\n%s", n, len(rows), table.stdout)
			}
		})
	}
}

// Outside the sign-in regions the event history is optional: one action has two costs.
func TestDoctorCostsOfARegion(t *testing.T) {
	c, table, _ := doctor(t, timely(clean(3), func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == "cloudtrail:LookupEvents" && r.Region == "ap-northeast-2" {
			f := denial(r.Action)
			return &f
		}
		return nil
	}))
	if table.code != 0 || len(c.UnknownItems) > 0 || !slices.Equal(c.MissingItems, []string{"ROOT-01", "ACC-01"}) {
		t.Errorf("in Seoul: exit %d, %q, %q", table.code, c.UnknownItems, c.MissingItems)
	}
	c, table, _ = doctor(t, timely(clean(3), on("cloudtrail:LookupEvents", denial("cloudtrail:LookupEvents"))))
	rows := offenders(table.stdout)
	if table.code != 3 || !slices.Equal(c.UnknownItems, []string{"ROOT-01", "ACC-01"}) || len(rows) != 2 ||
		!strings.Contains(rows[0], "ap-southeast-2, eu-north-1, us-east-1, us-east-2") || !strings.Contains(rows[1], " ap-northeast-2 ") {
		t.Errorf("everywhere: exit %d, %q, %q", table.code, c.UnknownItems, rows)
	}
}

// nothing is the empty answer to an action in its service's format.
func nothing(action string) fakeaws.Fault {
	service, operation, _ := strings.Cut(action, ":")
	switch service {
	case "iam", "sns":
		return fakeaws.Fault{Status: 200, Body: fmt.Sprintf("<%sResponse></%[1]sResponse>", operation)}
	case "ec2":
		return fakeaws.Fault{Status: 200, Body: fmt.Sprintf("<%sResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>1</requestId></%[1]sResponse>", operation)}
	}
	return fakeaws.Fault{Status: 200, Body: "{}"}
}

// What is no answer, and an answer that says nothing of the permission, is not
// taken for the permission.
func TestDoctorDoesNotTakeSilenceForPermission(t *testing.T) {
	as := func(f fakeaws.Fault) func(string) fakeaws.Fault {
		return func(string) fakeaws.Fault { return f }
	}
	for _, tt := range []struct {
		name  string
		fault func(action string) fakeaws.Fault
		code  string
	}{
		{"reset", as(fakeaws.Fault{Reset: true}), "ConnectionReset"},
		{"empty", as(fakeaws.Fault{Empty: true}), "EmptyBody"},
		{"cut", as(fakeaws.Fault{Cut: true}), "TruncatedBody"},
		{"garbage", as(fakeaws.Fault{Status: 200, Body: "\x00 not an answer"}), "MalformedBody"},
		{"login page", as(fakeaws.Fault{Status: 200, Body: "<!DOCTYPE html><html>login</html>", Header: map[string]string{"Content-Type": "text/html"}}), "MalformedBody"},
		{"denial page of a proxy", as(fakeaws.Fault{Status: 403, Body: "<html>blocked</html>", Header: map[string]string{"Content-Type": "text/html"}}), "MalformedBody"},
		{"denial without a body", as(fakeaws.Fault{Status: 403}), "MalformedBody"},
		{"an answer with nothing in it", nothing, "MalformedBody"},
		{"throttled for ever", as(fakeaws.Fault{Status: 400, Code: "Throttling"}), "Throttling"},
		{"throttled for ever, in other words", as(fakeaws.Fault{Status: 400, Code: "TooManyRequestsException"}), "TooManyRequestsException"},
		{"broken", as(fakeaws.Fault{Status: 500, Code: "InternalFailure"}), "InternalFailure"},
		{"out of service", as(fakeaws.Fault{Status: 503, Code: "ServiceUnavailable"}), "ServiceUnavailable"},
		{"expired", as(fakeaws.Fault{Status: 403, Code: "ExpiredToken"}), "ExpiredToken"},
		{"strange key", as(fakeaws.Fault{Status: 403, Code: "UnrecognizedClientException"}), "UnrecognizedClientException"},
		{"not the caller's region", as(fakeaws.Fault{Status: 401, Code: "AuthFailure"}), "AuthFailure"},
		{"region not enabled", as(fakeaws.Fault{Status: 403, Code: "OptInRequired"}), "OptInRequired"},
		{"parameters refused", as(fakeaws.Fault{Status: 400, Code: "ValidationException"}), "ValidationException"}, // before anybody looked at the permission
		{"a code of tomorrow", as(fakeaws.Fault{Status: 403, Code: "PolicyRefusedException"}), "PolicyRefusedException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, table, _ := doctor(t, timely(clean(3), func(r fakeaws.Request) *fakeaws.Fault {
				if r.Action == "sts:GetCallerIdentity" {
					return nil
				}
				f := tt.fault(r.Action)
				return &f
			}), "--regions", "us-east-1")
			unchecked := c.in("unchecked")
			if got := slices.Sorted(maps.Keys(unchecked)); !slices.Equal(got, collect.Actions()) || c.Counts.Allowed+c.Counts.Denied > 0 || table.code != 3 {
				t.Errorf("exit %d, %+v, unchecked %q\n%s", table.code, c.Counts, got, table.stdout)
			}
			for _, p := range c.Permissions {
				if p.Code != tt.code {
					t.Errorf("%s has the code %q, want %q", p.Operation, p.Code, tt.code)
				}
			}
			if len(c.ClosedRegions) > 0 || strings.Contains(table.stdout, "\n허용 ") && !strings.Contains(table.stdout, "\n허용 0건") {
				t.Errorf("closed %s\n%s", c.closed(), table.stdout)
			}
		})
	}
}

// byControlPolicy is a denial with AWS's own word for who denies.
func byControlPolicy(r fakeaws.Request) *fakeaws.Fault {
	message := "User: " + arn("user/auditor") + " is not authorized to perform: " + r.Action + " with an explicit deny in a service control policy"
	if strings.HasPrefix(r.Action, "ec2:") {
		return &fakeaws.Fault{Status: 403, Body: "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>" + message + "</Message></Error></Errors><RequestID>1</RequestID></Response>"}
	}
	return &fakeaws.Fault{Status: 400, Body: fmt.Sprintf(`{"__type":"AccessDeniedException","message":%q}`, message)}
}

func TestDoctorNamesClosedRegions(t *testing.T) {
	paris := clean(3)
	paris.Regions = append(paris.Regions, evidence.Region{Name: "eu-west-3", OptIn: "opt-in-not-required"}, evidence.Region{Name: "me-south-1", OptIn: "not-opted-in"})
	closing := func(names ...string) func(fakeaws.Request) *fakeaws.Fault {
		return func(r fakeaws.Request) *fakeaws.Fault {
			service, _, _ := strings.Cut(r.Action, ":")
			if slices.Contains(names, r.Region) && slices.Contains([]string{"ec2", "ssm", "cloudtrail", "events", "logs", "cloudwatch"}, service) {
				return byControlPolicy(r)
			}
			return nil
		}
	}
	for _, tt := range []struct {
		name   string
		fault  func(fakeaws.Request) *fakeaws.Fault
		args   []string
		code   int
		closed string
		line   string
		costs  []string
	}{
		{"none", nil, nil, 0, "", "거부되었거나 확인하지 못한 호출이 없습니다.", nil},
		{"by a control policy", closing("eu-west-3"), nil, 3, "eu-west-3 control policy true sign-in false",
			"닫힌 리전: eu-west-3(SCP의 명시적 거부). 사용하지 않는 리전이면 설정의 regions 또는 --regions에 나머지 리전만 적으십시오.", []string{"CON-01", "EC2-01", "EC2-02"}},
		{"out of scope", closing("eu-west-3"), []string{"--regions", "ap-northeast-2,us-east-1"}, 0, "", "거부되었거나 확인하지 못한 호출이 없습니다.", nil},
		{"a sign-in region", closing("eu-north-1"), nil, 3, "eu-north-1 control policy true sign-in true",
			"닫힌 콘솔 로그인 리전: eu-north-1(SCP의 명시적 거부). 범위와 관계없이 언제나 조회하는 리전입니다.", []string{"ROOT-01", "ACC-01", "CON-01", "EC2-01", "EC2-02"}},
		{"a sign-in region, out of scope", closing("eu-north-1"), []string{"--regions", "ap-northeast-2"}, 3, "eu-north-1 control policy true sign-in true",
			"닫힌 콘솔 로그인 리전: eu-north-1", []string{"ROOT-01", "ACC-01", "CON-01"}},
		{"not said by what", func(r fakeaws.Request) *fakeaws.Fault {
			if f := denial(r.Action); r.Region == "eu-west-3" {
				return &f
			}
			return nil
		}, nil, 3, "eu-west-3 control policy false sign-in false", "닫힌 리전: eu-west-3. ", []string{"CON-01", "EC2-01", "EC2-02"}},
		// No region is closed where the policy lacks the action.
		{"the action, in all regions", func(r fakeaws.Request) *fakeaws.Fault {
			if f := denial(r.Action); r.Action == "ec2:DescribeInstances" || r.Action == "cloudtrail:DescribeTrails" {
				return &f
			}
			return nil
		}, nil, 3, "", "이대로 수집하면 점검 불가가 될 항목: CON-01, EC2-01, EC2-02", []string{"CON-01", "EC2-01", "EC2-02"}},
		{"one action in one region", func(r fakeaws.Request) *fakeaws.Fault {
			if r.Action == "ec2:DescribeInstances" && r.Region == "eu-west-3" {
				return byControlPolicy(r)
			}
			return nil
		}, nil, 3, "", "이대로 수집하면 점검 불가가 될 항목: EC2-01, EC2-02", []string{"EC2-01", "EC2-02"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, table, seen := doctor(t, timely(paris, tt.fault), tt.args...)
			if slices.Sort(c.UnknownItems); table.code != tt.code || c.closed() != tt.closed || !slices.Equal(c.UnknownItems, slices.Sorted(slices.Values(tt.costs))) {
				t.Errorf("exit %d, closed %q, costs %q", table.code, c.closed(), c.UnknownItems)
			}
			if !strings.Contains(table.stdout, tt.line) {
				t.Errorf("the output lacks %q:\n%s", tt.line, table.stdout)
			}
			if seen.total > bound(6) {
				t.Errorf("%d calls", seen.total)
			}
			for _, p := range c.Permissions {
				if p.Region == "me-south-1" {
					t.Errorf("asked the disabled region: %+v", p)
				}
			}
		})
	}
}

// The regions are those that a run with the same flags and configuration asks.
func TestDoctorScope(t *testing.T) {
	for _, tt := range []struct {
		name     string
		args     []string
		config   string
		home     string
		computed []string // where instances are asked for
		trails   int      // regions in which trails are
	}{
		{"all", nil, "", "ap-northeast-2", []string{"ap-northeast-2", "ap-southeast-2", "eu-north-1", "us-east-1", "us-east-2"}, 5},
		{"some", []string{"--regions", "us-east-1, ap-northeast-2"}, "", "ap-northeast-2", []string{"ap-northeast-2", "us-east-1"}, 5},
		{"not the session's", []string{"--regions", "us-east-2"}, "", "us-east-2", []string{"us-east-2"}, 4},
		{"the session's by flag", []string{"--region", "us-east-2"}, "", "us-east-2", []string{"ap-northeast-2", "ap-southeast-2", "eu-north-1", "us-east-1", "us-east-2"}, 5},
		{"configured", nil, "regions: [us-east-1]\n", "us-east-1", []string{"us-east-1"}, 4},
		{"flag before configuration", []string{"--regions", "ap-northeast-2"}, "regions: [us-east-1]\n", "ap-northeast-2", []string{"ap-northeast-2"}, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := tt.args
			if tt.config != "" {
				path := filepath.Join(t.TempDir(), "some.yaml")
				write(t, path, []byte(tt.config))
				args = append(slices.Clone(args), "--config", path)
			}
			c, _, _ := doctor(t, timely(clean(3), nil), args...)
			allowed := c.in("allowed")
			if c.HomeRegion != tt.home || !slices.Equal(allowed["ec2:DescribeInstances"], tt.computed) || len(allowed["cloudtrail:DescribeTrails"]) != tt.trails {
				t.Errorf("home %s, instances in %q, trails in %q", c.HomeRegion, allowed["ec2:DescribeInstances"], allowed["cloudtrail:DescribeTrails"])
			}
			for _, region := range evidence.SignInRegions {
				if !slices.Contains(allowed["cloudtrail:LookupEvents"], region) || !slices.Contains(allowed["events:ListRules"], region) {
					t.Errorf("%s is not asked for sign-ins", region)
				}
			}
			if got := allowed["ssm:GetDocument"]; !slices.Equal(got, []string{tt.home}) {
				t.Errorf("asked once each, but ssm:GetDocument in %q", got)
			}
		})
	}
	for name, args := range map[string][]string{
		"no such region": {"--regions", "ap-northeast-22"}, "no region": {"--regions", "서울"}, "no such configuration": {"--config", "none.yaml"},
		"another form": {"--as", "xml"}, "no time": {"--timeout", "0s"}, "an argument": {"결과"}, "no such profile": {"--profile", "nope"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := timely(clean(3), nil)
			start(t, fake)
			r := run(t, append([]string{"doctor", "--quiet"}, args...)...)
			if r.code != 2 || !strings.HasPrefix(r.stderr, "오류: ") || strings.Count(r.stderr, "\n") != 1 || r.stdout != "" {
				t.Errorf("exit %d: %s%s", r.code, r.stderr, r.stdout)
			}
			if n := len(fake.Counts()); name != "no such region" && n > 0 || n > 2 {
				t.Errorf("asked %v", fake.Counts())
			}
		})
	}
}

// A member account may not read its organization's policies, whatever its role may do.
func TestDoctorInAMemberAccount(t *testing.T) {
	a := clean(3)
	a.Organization = &fakeaws.Organization{ID: "o-1", ManagementID: "210987654321"}
	c, table, _ := doctor(t, timely(a, nil))
	if table.code != 0 || len(c.UnknownItems) > 0 || !slices.Equal(c.MissingItems, []string{"ACC-01", "CON-01", "CON-02", "EC2-01", "EC2-02"}) || c.Counts.Denied != 3 {
		t.Errorf("exit %d, %+v, %q, %q", table.code, c.Counts, c.UnknownItems, c.MissingItems)
	}
	for _, want := range []string{"멤버 계정에서는 권한을 주어도 거부됩니다.", "'조회 불가'로 표시되고 확보된 증적만으로 판정할 항목(더 엄격하게 판정될 수 있음): ACC-01, CON-01, CON-02, EC2-01, EC2-02"} {
		if !strings.Contains(table.stdout, want) {
			t.Errorf("the output lacks %q:\n%s", want, table.stdout)
		}
	}
}

func TestDoctorCannotConnect(t *testing.T) {
	for name, f := range map[string]fakeaws.Fault{
		"expired": {Status: 403, Code: "ExpiredToken"}, "empty": {Empty: true}, "login page": {Status: 200, Body: "<html>login</html>"}, "reset": {Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			fake := serve(clean(3), everything(f))
			start(t, fake)
			r := run(t, "doctor", "--quiet")
			if r.code != 1 || !strings.HasPrefix(r.stderr, "오류: ") || strings.Count(r.stderr, "\n") != 1 || r.stdout != "" {
				t.Errorf("exit %d: %s%s", r.code, r.stderr, r.stdout)
			}
			if n := len(fake.Counts()); n != 1 {
				t.Errorf("asked %v", fake.Counts())
			}
		})
	}
}

// What --timeout cuts off is unchecked.
func TestDoctorIsCutOff(t *testing.T) {
	hang := func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == "sts:GetCallerIdentity" {
			return nil
		}
		return &fakeaws.Fault{Delay: time.Minute}
	}
	begin := time.Now()
	c, table, _ := doctor(t, timely(clean(3), hang), "--timeout", "500ms")
	if table.code != 3 || len(c.in("unchecked")) != len(collect.Actions()) || time.Since(begin) > 20*time.Second {
		t.Errorf("exit %d after %s: %+v", table.code, time.Since(begin), c.Counts)
	}
	for _, p := range c.Permissions {
		if p.Code != "RunTimeout" {
			t.Errorf("%+v", p)
		}
	}
}

// The clock is told of when it is more than five minutes off, either way.
func TestDoctorTellsOfTheClock(t *testing.T) {
	for off, line := range map[time.Duration]string{
		0: "", 5 * time.Minute: "", 301 * time.Second: "AWS 시각과 5m1s 차이가 있습니다", -2 * time.Hour: "AWS 시각과 2h0m0s 차이가 있습니다",
	} {
		t.Run(off.String(), func(t *testing.T) {
			start(t, serve(clean(3), nil))
			var out, errs bytes.Buffer
			env := cli.Env{
				Stdout: &out, Stderr: &errs, Now: func() time.Time { return asked.Add(off) }, Terminal: true, Color: true,
				Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
			}
			if code := cli.Run([]string{"doctor"}, env); code != 0 {
				t.Errorf("exit %d: %s", code, errs.String())
			}
			if got := strings.Contains(out.String(), "시계"); got != (line != "") || !strings.Contains(out.String(), line) {
				t.Errorf("%s", out.String())
			}
			if !strings.Contains(out.String(), "\x1b[32m허용\x1b[0m") || !strings.Contains(errs.String(), "권한 확인") {
				t.Errorf("on a terminal %q\n%q", out.String(), errs.String())
			}
			out.Reset()
			if code := cli.Run([]string{"doctor", "--as", "json", "--quiet"}, env); code != 0 || !strings.Contains(out.String(), fmt.Sprintf(`"clockSkewSeconds": %d,`, int(off.Seconds()))) ||
				!strings.Contains(out.String(), `"checkedAt": "2026-11-24T14:00:00+09:00"`) {
				t.Errorf("exit %d: %s", code, out.String())
			}
		})
	}
}

// busy is clean with an instance, and with a log group, a filter and an alarm, so
// that a run asks nearly everything.
func busy() fakeaws.Account {
	a := clean(1)
	a.Compute = []evidence.Compute{{
		Region: "ap-northeast-2",
		Instances: []evidence.Instance{{ID: "i-1", State: "running", Platform: "Linux/UNIX", VPC: "vpc-1", Subnet: "subnet-1", Image: "ami-1", ImageName: "al2023",
			Interfaces: []evidence.NetworkInterface{{ID: "eni-1", Subnet: "subnet-1", VPC: "vpc-1", PrivateIPv4: []string{"10.0.0.5"}, SecurityGroups: []string{"sg-1"}}}}},
		SecurityGroups: []evidence.SecurityGroup{{ID: "sg-1", Name: "web", VPC: "vpc-1"}},
		Subnets:        []evidence.Subnet{{ID: "subnet-1", VPC: "vpc-1", CIDRs: []string{"10.0.0.0/24"}}},
		RouteTables:    []evidence.RouteTable{{ID: "rtb-1", VPC: "vpc-1", Main: true}},
		PrefixLists: []evidence.PrefixList{
			{ID: "pl-1", Name: "com.amazonaws.ap-northeast-2.ec2-instance-connect", CIDRs: []string{"192.0.2.0/29"}},
			{ID: "pl-2", Name: "com.amazonaws.ap-northeast-2.ipv6.ec2-instance-connect", CIDRs: []string{"2001:db8::/48"}},
		},
	}}
	one := 1.0
	a.Trails[0].LogGroupARN = "arn:aws:logs:ap-northeast-2:" + account + ":log-group:trail"
	a.Filters = []evidence.MetricFilter{{Region: "ap-northeast-2", LogGroup: "trail", Name: "sign-in", Pattern: `{ $.eventName = "ConsoleLogin" }`,
		Metrics: []evidence.FilterMetric{{Namespace: "Audit", Name: "SignIn", Value: "1"}}}}
	a.MetricAlarms = []evidence.MetricAlarm{{Region: "ap-northeast-2", Name: "sign-in", ARN: "arn:aws:cloudwatch:ap-northeast-2:" + account + ":alarm:sign-in",
		Namespace: "Audit", Metric: "SignIn", Statistic: "Sum", Period: 300, EvaluationPeriods: 1, Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold"}}
	return a
}

// Whatever a run can't judge for want of a permission, a check before it names.
func TestDoctorForetellsTheRun(t *testing.T) {
	catalog, err := item.Default()
	if err != nil {
		t.Fatal(err)
	}
	std, err := settings.ParseStandard(templates.FS.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	foretold := 0
	for _, action := range collect.Actions() {
		t.Run(action, func(t *testing.T) {
			fault := on(action, denial(action))
			c, _, _ := doctor(t, timely(busy(), fault))
			start(t, timely(busy(), fault))
			dir := t.TempDir()
			r := run(t, "collect", "--quiet", "-o", dir)
			paths, _ := filepath.Glob(filepath.Join(dir, "*_bundle.zip"))
			if r.code == 3 && len(c.UnknownItems) == 0 || len(paths) != 1 {
				t.Fatalf("exit %d, costs %q, wrote %q\n%s", r.code, c.UnknownItems, paths, r.stderr)
			}
			b, err := bundle.Open(paths[0])
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range verdict.Decide(catalog, b.Set, settings.Default(std)) {
				if x.Auto == verdict.Unknown {
					if foretold++; !slices.Contains(c.UnknownItems, x.Item.ID) {
						t.Errorf("%s is unknown, foretold were %q: %s", x.Item.ID, c.UnknownItems, x.Reason)
					}
				}
			}
		})
	}
	if t.Logf("%d items were unknown in all runs", foretold); foretold < 30 {
		t.Errorf("only %d items were unknown in all runs", foretold)
	}
}

// A row names few regions; what is the same in all of them is said so.
func TestDoctorRowsStayNarrow(t *testing.T) {
	fresh := fakeaws.Account{ID: account, CallerARN: arn("user/auditor")} // 17 regions
	refused := func(regions ...string) func(fakeaws.Request) *fakeaws.Fault {
		return func(r fakeaws.Request) *fakeaws.Fault {
			if f := denial(r.Action); r.Action == "ec2:DescribeInstances" && (len(regions) == 0 || slices.Contains(regions, r.Region)) {
				return &f
			}
			return nil
		}
	}
	for want, fault := range map[string]func(fakeaws.Request) *fakeaws.Fault{
		"확인한 17개 리전 모두":                                   refused(),
		"ap-northeast-1, eu-west-1, eu-west-2, eu-west-3": refused("eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1"),
		"ap-northeast-1, eu-west-1, eu-west-2 외 2개 리전":    refused("eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1", "us-west-1"),
		"eu-west-1": refused("eu-west-1"),
	} {
		_, table, _ := doctor(t, timely(fresh, fault))
		if rows := offenders(table.stdout); len(rows) != 1 || !strings.Contains(rows[0], "  "+want+"  ") {
			t.Errorf("want %q: %q", want, rows)
		}
	}
}
