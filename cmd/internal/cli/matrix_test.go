package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdkaccount "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"auditbinder/cmd/internal/cli"
	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
	"auditbinder/collect/sample/gasang"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/verdict"
	"auditbinder/report/view"
	"auditbinder/templates"
)

// The fault matrix: every operation of the shipped policy under every fault, each
// cell a whole collection of its own, judged and held against the undisturbed one.

// matrixFault is a column.
type matrixFault struct {
	name  string
	heals bool   // the run must not tell the difference
	code  string // else: of the failure
	// times is how many requests of each call meet it, -1 for all.
	times int
	fault fakeaws.Fault
	// silence is how long AWS says nothing to the first request.
	silence time.Duration
	// change rewrites the true answers: the fault depends on what they say.
	change func(operation, body string) string
}

var (
	throttled  = fakeaws.Fault{Status: 400, Code: "ThrottlingException"}
	broken     = fakeaws.Fault{Status: 500, Code: "InternalFailure"}
	emptyList  = &matrixFault{name: "빈 목록", times: -1, change: emptied}
	sameToken  = &matrixFault{name: "같은 페이지 토큰", times: -1, code: "MalformedBody", change: repeated}
	faultTable = []*matrixFault{
		{name: "거부", times: -1, code: "AccessDenied", fault: denied},
		{name: "요청 제한 3회", times: 3, heals: true, fault: throttled},
		{name: "요청 제한 7회", times: 7, heals: true, fault: throttled},
		{name: "요청 제한 계속", times: -1, code: "ThrottlingException", fault: throttled},
		{name: "500 1회", times: 1, heals: true, fault: broken},
		{name: "500 계속", times: -1, code: "InternalFailure", fault: broken},
		{name: "연결 끊김", times: -1, code: "ConnectionReset", fault: fakeaws.Fault{Reset: true}},
		{name: "본문 잘림", times: -1, code: "TruncatedBody", fault: fakeaws.Fault{Cut: true}},
		{name: "해석 불가 본문", times: -1, code: "MalformedBody", fault: fakeaws.Fault{Status: 200, Body: "\x00\x01<html>not an answer"}},
		{name: "빈 본문", times: -1, code: "EmptyBody", fault: fakeaws.Fault{Empty: true}},
		{name: "30초 무응답", heals: true, silence: 30 * time.Second},
		{name: "70초 무응답", heals: true, silence: 70 * time.Second},
		emptyList, sameToken,
	}
)

// matrixAccount is an account that is asked.
type matrixAccount struct {
	name  string
	asked func() fakeaws.Account
	calm  outcome
	// withoutRules and withoutLogs are what is judged where one way alone is left.
	withoutRules, withoutLogs, withoutSignIn outcome
}

var matrixAccounts = []*matrixAccount{
	{name: "가상핀테크", asked: func() fakeaws.Account { a := gasang.Account(); readable(&a); return a }},
	{name: "모두 양호인 계정", asked: quiet},
}

// readable lets an account read the policies that its organization lays on it.
func readable(a *fakeaws.Account) {
	a.Organization = &fakeaws.Organization{ID: "o-gasang0001", ManagementID: "210987654321", ManagementEmail: "aws-root@gasang-fintech.example",
		Targets: []evidence.ControlTarget{
			{ID: account, Kind: "ACCOUNT", SCPs: []string{"p-FullAWSAccess"}},
			{ID: "ou-gasa-00000001", Kind: "ORGANIZATIONAL_UNIT", SCPs: []string{"p-FullAWSAccess", "p-region01"}},
			{ID: "r-gasa", Kind: "ROOT", SCPs: []string{"p-FullAWSAccess"}},
		},
		Policies: []evidence.ControlPolicy{
			{ID: "p-FullAWSAccess", Name: "FullAWSAccess", Kind: "SERVICE_CONTROL_POLICY", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`},
			{ID: "p-region01", Name: "no-leave", Kind: "SERVICE_CONTROL_POLICY", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}`},
		}}
}

const (
	office = `{"Version":"2012-10-17","Statement":[{"Sid":"OfficeOnly","Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24"]}}}]}`
)

// quiet is an account in which everything that can be good is good, by evidence of
// every call: nothing but a false 양호 could hide a fault in it.
func quiet() fakeaws.Account {
	const seoul = "ap-northeast-2"
	a := clean(3)
	readable(&a)
	a.IAM.Groups[0].Inline = []evidence.InlinePolicy{{Name: "office-only", Document: office}}
	a.Report = map[string]map[string]string{}
	for _, u := range a.IAM.Users {
		a.Report[u.Name] = map[string]string{
			"password_enabled": "true", "access_key_1_active": "true", "access_key_1_last_rotated": "2026-11-10T00:00:00+00:00",
			"access_key_1_last_used_date": "2026-11-23T00:00:00+00:00", "access_key_1_last_used_region": seoul, "access_key_1_last_used_service": "s3",
		}
	}
	vpc, subnet, group, ssh := "vpc-1", "subnet-1", "sg-1", 22
	a.Compute = []evidence.Compute{{
		Region: seoul,
		Instances: []evidence.Instance{{ID: "i-1", Name: "웹", State: "running", Platform: "Linux/UNIX", VPC: vpc, Subnet: subnet, Image: "ami-1", ImageName: "al2023", Interfaces: []evidence.NetworkInterface{
			{ID: "eni-1", Subnet: subnet, VPC: vpc, PrivateIPv4: []string{"10.0.0.5"}, PublicIPv4: []string{"198.51.100.5"}, SecurityGroups: []string{group}},
		}}},
		SecurityGroups: []evidence.SecurityGroup{{ID: group, Name: "web", VPC: vpc, Ingress: []evidence.SecurityRule{{Protocol: "tcp", FromPort: &ssh, ToPort: &ssh, CIDRs: []string{"203.0.113.0/24"}}}}},
		Subnets:        []evidence.Subnet{{ID: subnet, VPC: vpc, CIDRs: []string{"10.0.0.0/24"}}},
		RouteTables:    []evidence.RouteTable{{ID: "rtb-1", VPC: vpc, Main: true, Routes: []evidence.Route{{Destination: "0.0.0.0/0", Gateway: "igw-1", State: "active"}}}},
		PrefixLists: []evidence.PrefixList{
			{ID: "pl-1", Name: "com.amazonaws." + seoul + ".ec2-instance-connect", CIDRs: []string{"192.0.2.0/29"}},
			{ID: "pl-2", Name: "com.amazonaws." + seoul + ".ipv6.ec2-instance-connect", CIDRs: []string{"2001:db8::/48"}},
		},
	}}
	a.IAM.Groups[0].Inline = append(a.IAM.Groups[0].Inline, evidence.InlinePolicy{Name: "operate",
		Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:StartSession","ec2-instance-connect:*"],"Resource":"*"}]}`})
	a.Trails[0].LogGroupARN = "arn:aws:logs:" + seoul + ":" + account + ":log-group:trail"
	topic := "arn:aws:sns:" + seoul + ":" + account + ":sign-in"
	a.Topics = append(a.Topics, evidence.Topic{ARN: topic, Region: seoul, Account: account, Own: true,
		Policy:        `{"Statement":{"Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com","events.amazonaws.com"]},"Action":"sns:Publish","Resource":"` + topic + `"}}`,
		Subscriptions: []evidence.Subscription{{Protocol: "email", Endpoint: "soc@example.com", Confirmed: true}}})
	a.Filters = []evidence.MetricFilter{{Region: seoul, LogGroup: "trail", Name: "sign-in",
		Pattern: `{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Success") }`, Metrics: []evidence.FilterMetric{{Namespace: "Audit", Name: "SignIn", Value: "1"}}}}
	one := 1.0
	a.MetricAlarms = []evidence.MetricAlarm{{Region: seoul, Name: "sign-in", ARN: "arn:aws:cloudwatch:" + seoul + ":" + account + ":alarm:sign-in", Namespace: "Audit", Metric: "SignIn", Statistic: "Sum",
		Period: 300, EvaluationPeriods: 1, Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold", ActionsEnabled: true, Actions: []string{topic}}}
	for _, region := range append([]string{seoul}, evidence.SignInRegions...) {
		target := "arn:aws:events:" + seoul + ":" + account + ":event-bus/default"
		if region == seoul {
			target = topic
		}
		if region == "us-east-1" {
			continue // clean's own rule
		}
		a.Rules = append(a.Rules, evidence.EventRule{Region: region, Name: "sign-in", ARN: "arn:aws:events:" + region + ":" + account + ":rule/sign-in", State: "ENABLED",
			Pattern: a.Rules[0].Pattern, Targets: []evidence.RuleTarget{{ID: "t", ARN: target}}})
	}
	return a
}

// withoutThe takes from an account one of the ways that tell of sign-ins.
func withoutThe(way string, a fakeaws.Account) fakeaws.Account {
	switch way {
	case "rules":
		a.Rules = nil
	case "logs":
		a.Filters, a.MetricAlarms = nil, nil
	case "sign-in":
		a.SignIn = fakeaws.SignIn{}
	}
	return a
}

// outcome is what a cell gave.
type outcome struct {
	code    int
	stdout  string
	set     *evidence.Set
	results map[string]verdict.Result
	doc     view.Document
	counts  map[string]int
	changed bool // a rewritten answer differs from the true one
}

// bench asks fakes side by side, each through a profile of its own.
type matrixBench struct {
	*testing.T
	dir      string
	catalog  *item.Catalog
	settings settings.Config
	workers  chan *worker
}

type worker struct {
	profile string
	server  *httptest.Server
	handler atomic.Pointer[fakeaws.Server]
}

func (w *worker) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.handler.Load().ServeHTTP(rw, r)
}

func newMatrixBench(t *testing.T) *matrixBench {
	b := &matrixBench{T: t, dir: t.TempDir(), workers: make(chan *worker, runtime.GOMAXPROCS(0)+2)}
	var config strings.Builder
	for n := range cap(b.workers) {
		w := &worker{profile: fmt.Sprintf("worker-%d", n)}
		w.server = httptest.NewServer(w)
		t.Cleanup(func() { w.server.CloseClientConnections(); w.server.Close() })
		fmt.Fprintf(&config, "[profile %s]\nregion = ap-northeast-2\nendpoint_url = %s\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example-secret\n", w.profile, w.server.URL)
		b.workers <- w
	}
	fakeaws.Environment(t.Setenv, "")
	path := filepath.Join(b.dir, "config")
	write(t, path, []byte(config.String()))
	t.Setenv("AWS_CONFIG_FILE", path)
	var err error
	if b.catalog, err = item.Default(); err != nil {
		t.Fatal(err)
	}
	std, err := settings.ParseStandard(templates.FS.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	b.settings, err = settings.Parse("test", []byte("thresholds:\n  access_key_rotation: {days: 90, rule: 정보보안지침, clause: 제21조}\n"), std)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ask collects an account under a fault of one action and judges what came.
func (b *matrixBench) ask(a fakeaws.Account, action string, f *matrixFault) outcome {
	w := <-b.workers
	defer func() {
		w.server.CloseClientConnections() // a run leaves them idle
		b.workers <- w
	}()
	var out outcome
	clock := &manualClock{at: gasang.RecordedAt}
	server := &fakeaws.Server{Account: a, Now: func() time.Time { return gasang.RecordedAt }}
	var changed atomic.Bool
	if f != nil {
		server.Fault = f.on(action, clock, &changed)
	}
	w.handler.Store(server)
	dir, err := os.MkdirTemp(b.dir, "cell-*")
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var stdout, stderr bytes.Buffer
	out.code = cli.Run([]string{"collect", "--quiet", "--profile", w.profile, "-o", dir}, cli.Env{
		Stdout: &stdout, Stderr: &stderr, Now: clock.Now, Limit: clock.Limit,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	out.stdout, out.counts, out.changed = stdout.String(), server.Counts(), changed.Load()
	if stderr.Len() > 0 {
		b.Errorf("%s under %v: %s", action, f, stderr.String())
		return out
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		b.Errorf("%s under %v: %d files, %v", action, f, len(entries), err)
		return out
	}
	opened, err := bundle.Open(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		b.Errorf("%s under %v: %v", action, f, err)
		return out
	}
	out.set, out.results = opened.Set, map[string]verdict.Result{}
	results := verdict.Decide(b.catalog, opened.Set, b.settings)
	for _, r := range results {
		out.results[r.Item.ID] = r
	}
	out.doc = view.Result(view.Input{Program: cli.Program, Catalog: b.catalog, Set: opened.Set, Calls: opened.Calls, Settings: b.settings, Results: results})
	out.doc.APICalls = view.APICalls{}
	return out
}

// manualClock moves only when a test says so; what waits for it ends then.
type manualClock struct {
	mu     sync.Mutex
	at     time.Time
	limits []*limited
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// pass lets d pass.
func (c *manualClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	for _, l := range c.limits {
		if !l.until.After(c.at) {
			l.expire()
		}
	}
}

// limited is a context that ends when its clock says so.
type limited struct {
	context.Context
	until   time.Time
	cancel  context.CancelFunc
	expired atomic.Bool
}

func (l *limited) expire() { l.expired.Store(true); l.cancel() }

func (l *limited) Err() error {
	if err := l.Context.Err(); err != nil && l.expired.Load() {
		return context.DeadlineExceeded
	} else {
		return err
	}
}

func (c *manualClock) Limit(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	c.mu.Lock()
	defer c.mu.Unlock()
	l := &limited{Context: ctx, until: c.at.Add(d), cancel: cancel}
	c.limits = append(c.limits, l)
	return l, cancel
}

// on makes the fault of every request of an action.
func (f *matrixFault) on(action string, clock *manualClock, changed *atomic.Bool) func(fakeaws.Request) *fakeaws.Fault {
	var mu sync.Mutex
	met := map[string]int{}
	_, operation, _ := strings.Cut(action, ":")
	return func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action != action {
			return nil
		}
		call := fmt.Sprint(r.Region, r.Form, r.JSON)
		if f.silence > 0 {
			call = "" // the first of them all
		}
		mu.Lock()
		met[call]++
		n := met[call]
		mu.Unlock()
		switch {
		case f.silence > 0 && n > 1, f.silence == 0 && f.times >= 0 && n > f.times:
			return nil
		case f.silence > 0:
			clock.pass(f.silence)
			return &fakeaws.Fault{Delay: 20 * time.Millisecond} // whoever gave up has gone by then
		case f.change != nil:
			return &fakeaws.Fault{Change: func(body string) string {
				now := f.change(operation, body)
				if now != body {
					changed.Store(true)
				}
				return now
			}}
		}
		fault := f.fault
		return &fault
	}
}

// emptied is an answer without what its lists hold, and without further pages.
func emptied(operation, body string) string {
	if strings.HasPrefix(body, "{") {
		var object map[string]any
		if err := json.Unmarshal([]byte(body), &object); err != nil {
			panic(err)
		}
		found := false
		for key, value := range object {
			if list, ok := value.([]any); ok && len(list) > 0 {
				object[key], found = []any{}, true
			}
		}
		if !found {
			return body
		}
		delete(object, "NextToken")
		delete(object, "nextToken")
		text, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	var out strings.Builder
	dec := xml.NewDecoder(strings.NewReader(body))
	last, depth, inList, found := int64(0), 0, -1, false
	for {
		before := dec.InputOffset()
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			panic(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if name := e.Name.Local; inList < 0 && depth > 0 && (name == "member" || name == "item") {
				out.WriteString(body[last:before])
				inList, found = depth, true
			}
			depth++
		case xml.EndElement:
			if depth--; inList == depth+1 { // the list's own end
				last, inList = before, -1
			}
		}
	}
	if !found {
		return body
	}
	out.WriteString(body[last:])
	text := pageMarks.ReplaceAllString(out.String(), "")
	return strings.Replace(text, "<IsTruncated>true<", "<IsTruncated>false<", 1)
}

var pageMarks = regexp.MustCompile(`<(Marker|NextToken|nextToken)>[^<]*</(Marker|NextToken|nextToken)>\s*`)

// firstPage is a token that the fakes take for the beginning.
const firstPage = "page-0"

// repeated is an answer that always names the same next page.
func repeated(operation, body string) string {
	if strings.HasPrefix(body, "{") {
		var object map[string]any
		if err := json.Unmarshal([]byte(body), &object); err != nil {
			panic(err)
		}
		object["NextToken"], object["nextToken"] = firstPage, firstPage
		text, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	text := pageMarks.ReplaceAllString(body, "")
	text = regexp.MustCompile(`<IsTruncated>[^<]*</IsTruncated>\s*`).ReplaceAllString(text, "")
	marks := "<IsTruncated>true</IsTruncated><Marker>" + firstPage + "</Marker><NextToken>" + firstPage + "</NextToken><nextToken>" + firstPage + "</nextToken>"
	for _, end := range []string{"</" + operation + "Result>", "</" + operation + "Response>"} {
		if strings.Contains(text, end) {
			return strings.Replace(text, end, marks+end, 1)
		}
	}
	return body
}

// clients are the SDK's, by IAM prefix: their input types say which operations
// have pages.
var clients = map[string]any{
	"account": &sdkaccount.Client{}, "cloudtrail": &cloudtrail.Client{}, "cloudwatch": &cloudwatch.Client{}, "ec2": &ec2.Client{}, "events": &eventbridge.Client{},
	"iam": &iam.Client{}, "logs": &cloudwatchlogs.Client{}, "organizations": &organizations.Client{}, "signin": &signin.Client{}, "sns": &sns.Client{}, "ssm": &ssm.Client{},
}

// paged reports whether an operation has pages by the SDK's own types.
func paged(t *testing.T, action string) bool {
	t.Helper()
	service, operation, _ := strings.Cut(action, ":")
	method, ok := reflect.TypeOf(clients[service]).MethodByName(operation)
	if !ok {
		t.Fatalf("the SDK has no %s", action)
	}
	in := method.Type.In(2).Elem()
	for _, name := range []string{"NextToken", "Marker"} {
		if _, ok := in.FieldByName(name); ok {
			return true
		}
	}
	return false
}

// policyActions are those of the shipped policy.
func policyActions(t *testing.T) []string {
	t.Helper()
	text, err := fs.ReadFile(templates.FS, "policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var policy struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range policy.Statement {
		all = append(all, s.Action...)
	}
	return slices.Sorted(slices.Values(all))
}

// relation is how an item needs an action: req (a fact is one), opt, or nothing.
func relation(it item.Item, action string) item.Need {
	for _, e := range it.Evidence {
		if e.Call == action {
			if e.Need == item.Fact {
				return item.Required
			}
			return e.Need
		}
	}
	return ""
}

// cell is one run of the matrix with what is wrong about it.
type cell struct {
	account  *matrixAccount
	action   string
	fault    *matrixFault
	out      outcome
	word     string // what the printed matrix shows
	good     int    // false 양호
	problems []string
}

func (c *cell) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// judge holds the cell against the undisturbed run.
func (c *cell) judge(t *testing.T, b *matrixBench) {
	if c.out.set == nil {
		c.fail("no evidence")
		return
	}
	switch {
	case c.fault.heals:
		c.word = "같음"
		c.same()
	case c.fault == emptyList && !c.out.changed:
		c.word = "-"
		c.same()
	case c.fault == sameToken && !paged(t, c.action):
		c.word = "-"
		c.same()
	case c.fault == emptyList:
		c.emptied(b)
	default:
		c.lasting(b)
	}
	if want := exitOf(c.out.results); c.out.code != want {
		c.fail("exit %d, want %d", c.out.code, want)
	}
}

// exitOf is the exit code that the verdicts ask for.
func exitOf(results map[string]verdict.Result) int {
	for _, r := range results {
		if r.Auto == verdict.Unknown {
			return 3
		}
	}
	return 0
}

// same wants result.json as it was but for the calls' number.
func (c *cell) same() {
	if got, want := text(c.out.doc), text(c.account.calm.doc); got != want {
		c.fail("result.json differs: %s", firstDifference(got, want))
	}
}

func text(doc view.Document) string {
	encoded, err := doc.Encode()
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("%q, was %q", g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, were %d", len(g), len(w))
}

// lasting wants the failed call told, what needs it unknown, and the rest as it was.
func (c *cell) lasting(b *matrixBench) {
	var own []evidence.Failure
	for _, f := range c.out.set.Failures {
		if f.Action != c.action {
			c.fail("another call failed: %+v", f)
		} else if own = append(own, f); f.Code != c.fault.code {
			c.fail("code %s, want %s", f.Code, c.fault.code)
		}
	}
	if len(own) == 0 {
		c.fail("no failure is recorded")
		return
	}
	var lost, stay, shown, open int
	for _, it := range b.catalog.Items {
		now, calm := c.out.results[it.ID], c.account.calm.results[it.ID]
		switch relation(it, c.action) {
		case item.Required:
			c.unknown(now, calm)
			if now.Auto == verdict.Unknown || now.Auto == verdict.Vulnerable {
				lost++
			} else {
				stay++
			}
			told := now.Reason + strings.Join(now.Notes, " ")
			if !strings.Contains(told, c.action+"(") || !strings.Contains(told, c.fault.code) {
				c.fail("%s does not name the call and %s: %s", it.ID, c.fault.code, told)
			}
		case item.Optional:
			shown++
			c.unavailable(now, calm)
			if !slices.Equal(statuses(now), statuses(calm)) {
				open++
			}
		default:
			c.untouched(now, calm)
		}
	}
	var words []string
	for _, w := range []struct {
		n    int
		word string
	}{{lost, "점검 불가"}, {stay, "유지"}, {open, "대상 불가"}, {shown - open, "조회 불가"}} {
		if w.n > 0 {
			words = append(words, fmt.Sprintf("%s %d", w.word, w.n))
		}
	}
	if c.word = strings.Join(words, ", "); c.word == "" {
		c.fail("no item needs the call")
	}
}

// statuses are an item's verdict and its findings', by what they are about.
func statuses(r verdict.Result) []string {
	list := []string{string(r.Auto)}
	for _, f := range r.Findings {
		list = append(list, key(f)+" "+string(f.Status))
	}
	slices.Sort(list)
	return list
}

func key(f verdict.Finding) string { return f.Table + "/" + f.Resource + "/" + f.Region }

func byKey(r verdict.Result) map[string]verdict.Finding {
	all := map[string]verdict.Finding{}
	for _, f := range r.Findings {
		all[key(f)] = f
	}
	return all
}

// unknown wants every finding of an item unknown, or vulnerable as it was, or good
// by evidence that has nothing to do with the call.
func (c *cell) unknown(now, calm verdict.Result) {
	before := byKey(calm)
	excused := 0
	for _, f := range now.Findings {
		was, known := before[key(f)]
		switch {
		case f.Status == verdict.Unknown:
		case f.Status == verdict.Vulnerable && known && was.Status == verdict.Vulnerable:
		case c.fault == emptyList && f.Status == verdict.Interview && was.Status == verdict.Good: // it says less, not more
		case c.stands(now.Item.ID, f, was):
			excused++
		default:
			if f.Status == verdict.Good || f.Status == verdict.NA {
				c.good++
			}
			c.fail("%s %s is %s (was %s): %s", now.Item.ID, key(f), f.Status, was.Status, f.Reason)
		}
	}
	switch {
	case now.Auto == verdict.Unknown, now.Auto == verdict.Vulnerable && calm.Auto == verdict.Vulnerable:
	case excused > 0 && excused == len(now.Findings) && now.Auto == calm.Auto:
	default:
		if now.Auto == verdict.Good || now.Auto == verdict.NA {
			c.good++
		}
		c.fail("%s is %s (was %s): %s", now.Item.ID, now.Auto, calm.Auto, now.Reason)
	}
}

// stands says which findings may keep their verdict though a required call failed:
// those that other evidence alone proves.
func (c *cell) stands(id string, now, was verdict.Finding) bool {
	if now.Status != was.Status {
		return false
	}
	service, _, _ := strings.Cut(c.action, ":")
	failed := map[string]bool{}
	for _, f := range c.out.set.Failures {
		failed[f.CallID] = true
	}
	switch id {
	case "CON-01":
		if now.Status == verdict.Good { // a chain is complete by other calls
			return !slices.ContainsFunc(now.CallIDs, func(id string) bool { return failed[id] }) && c.otherWay(service, now)
		}
		return now.Status != verdict.NA // nothing that the failed call could show would be a chain
	case "CON-02": // after sign-in: restricted whatever the sign-in policy says
		return service == "signin" && (now.Status == verdict.Interview || byKey(c.account.withoutSignIn.results[id])[key(now)].Status == verdict.Good)
	case "ROOT-01", "ACC-01": // another source shows it; the item is unknown all the same
		return c.action == "cloudtrail:LookupEvents" && (now.Status == verdict.Interview || id == "ACC-01" && now.Status == verdict.NA)
	}
	return false
}

// otherWay reports whether a sign-in is covered without the calls of a service, or,
// where the list that failed was read in part, by what was read.
func (c *cell) otherWay(service string, now verdict.Finding) bool {
	if c.fault == sameToken {
		return true
	}
	without := map[string]outcome{"events": c.account.withoutRules, "logs": c.account.withoutLogs, "cloudwatch": c.account.withoutLogs, "iam": c.account.calm}[service]
	return byKey(without.results["CON-01"])[key(now)].Status == verdict.Good
}

// conditional are calls that a finding needs in some accounts only (items.md: the
// default host management, where an instance has no capable profile).
func (c *cell) conditional(id string) bool {
	if c.action != "ssm:GetServiceSetting" || id != "EC2-01" {
		return false
	}
	now, calm := c.out.results[id], c.account.calm.results[id]
	before := byKey(calm)
	if len(now.Findings) != len(calm.Findings) || now.Auto != calm.Auto && now.Auto != verdict.Unknown {
		c.good++
		c.fail("%s is %s with %d findings, was %s with %d", id, now.Auto, len(now.Findings), calm.Auto, len(calm.Findings))
	}
	for _, f := range now.Findings {
		if was, known := before[key(f)]; !known || f.Status != was.Status && f.Status != verdict.Unknown {
			c.fail("%s %s is %s, was %s", id, key(f), f.Status, was.Status)
		}
	}
	return true
}

// unavailable wants an item as it was, but for words that something could not be read.
func (c *cell) unavailable(now, calm verdict.Result) {
	if c.conditional(now.Item.ID) {
		return
	}
	if now.Auto != calm.Auto || len(now.Findings) != len(calm.Findings) {
		c.fail("%s is %s with %d findings, was %s with %d", now.Item.ID, now.Auto, len(now.Findings), calm.Auto, len(calm.Findings))
		return
	}
	before := byKey(calm)
	for _, f := range now.Findings {
		was := before[key(f)]
		if f.Status != was.Status || f.Reason != was.Reason {
			c.fail("%s %s is %s (%s), was %s (%s)", now.Item.ID, key(f), f.Status, f.Reason, was.Status, was.Reason)
		}
		for column, value := range f.Cells {
			if got := strings.Join(value.Lines, " "); got != strings.Join(was.Cells[column].Lines, " ") && !strings.Contains(got, "조회 불가") {
				c.fail("%s %s: %s is %q, was %q", now.Item.ID, key(f), column, got, was.Cells[column].Lines)
			}
		}
	}
	if !strings.Contains(fmt.Sprint(now.Findings, now.Rows, now.Notes, now.Reason), "조회 불가") {
		c.fail("%s does not say 조회 불가: %v", now.Item.ID, now.Notes)
	}
}

// untouched wants an item exactly as it was.
func (c *cell) untouched(now, calm verdict.Result) {
	if !reflect.DeepEqual(now, calm) {
		got, _ := json.Marshal(now)
		want, _ := json.Marshal(calm)
		c.fail("%s, which does not need the call, changed: %s, was %s", now.Item.ID, got, want)
	}
}

// without takes from an account what the lists of an action hold: such an account
// gives the same answers as an emptied list.
var without = map[string]func(*fakeaws.Account){
	"iam:ListAccountAliases":    func(a *fakeaws.Account) { a.Aliases = nil },
	"cloudtrail:DescribeTrails": func(a *fakeaws.Account) { a.Trails = nil },
	"cloudtrail:GetEventSelectors": func(a *fakeaws.Account) {
		a.Trails = changedList(a.Trails, func(t *evidence.Trail) { t.Basic, t.Advanced = []evidence.EventSelector{}, nil })
	},
	"logs:TestMetricFilter": func(a *fakeaws.Account) {
		a.Filters = changedList(a.Filters, func(f *evidence.MetricFilter) { f.Pattern = `{ $.eventName = "Nothing" }` })
	},
	"cloudtrail:LookupEvents":    func(a *fakeaws.Account) { a.RootEvents = nil },
	"cloudwatch:DescribeAlarms":  func(a *fakeaws.Account) { a.MetricAlarms, a.Composites = nil, nil },
	"events:ListRules":           func(a *fakeaws.Account) { a.Rules = nil },
	"logs:DescribeMetricFilters": func(a *fakeaws.Account) { a.Filters = nil },
	"events:ListTargetsByRule": func(a *fakeaws.Account) {
		a.Rules = changedList(a.Rules, func(r *evidence.EventRule) { r.Targets = nil })
	},
	"sns:ListSubscriptionsByTopic": func(a *fakeaws.Account) {
		a.Topics = changedList(a.Topics, func(t *evidence.Topic) { t.Subscriptions = nil })
	},
	"ec2:DescribeInstances":          inRegions(func(c *evidence.Compute) { c.Instances = nil }),
	"ec2:DescribeSecurityGroups":     inRegions(func(c *evidence.Compute) { c.SecurityGroups = nil }),
	"ec2:DescribeSubnets":            inRegions(func(c *evidence.Compute) { c.Subnets = nil }),
	"ec2:DescribeRouteTables":        inRegions(func(c *evidence.Compute) { c.RouteTables = nil }),
	"ec2:DescribeManagedPrefixLists": inRegions(func(c *evidence.Compute) { c.PrefixLists = nil }),
	"ec2:GetManagedPrefixListEntries": inRegions(func(c *evidence.Compute) {
		c.PrefixLists = changedList(c.PrefixLists, func(l *evidence.PrefixList) { l.CIDRs = nil })
	}),
	"ec2:DescribeInstanceConnectEndpoints": inRegions(func(c *evidence.Compute) { c.Endpoints = nil }),
	"ec2:DescribeImages": inRegions(func(c *evidence.Compute) {
		c.Instances = changedList(c.Instances, func(i *evidence.Instance) { i.ImageName = "" })
	}),
	"ssm:DescribeInstanceInformation": inRegions(func(c *evidence.Compute) { c.Nodes = nil }),
	"organizations:ListPoliciesForTarget": func(a *fakeaws.Account) {
		o := *a.Organization
		o.Targets = changedList(o.Targets, func(t *evidence.ControlTarget) { t.SCPs, t.RCPs = nil, nil })
		a.Organization = &o
	},
}

func changedList[T any](list []T, change func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		change(&list[i])
	}
	return list
}

func inRegions(change func(*evidence.Compute)) func(*fakeaws.Account) {
	return func(a *fakeaws.Account) { a.Compute = changedList(a.Compute, change) }
}

// How comparisons of two sources end that do not agree.
const (
	mismatch = "수 불일치: "
	unequal  = "개가 일치하지 않아"
)

// emptied wants what an account without these things gives, or the emptiness caught.
func (c *cell) emptied(b *matrixBench) {
	caught, kept := 0, ""
	for _, it := range b.catalog.Items {
		now, calm := c.out.results[it.ID], c.account.calm.results[it.ID]
		probe := *c
		if probe.unknown(now, calm); told(now) == told(calm) || strings.Contains(now.Reason, mismatch) || strings.Contains(told(now), unequal) && !strings.Contains(told(calm), unequal) {
			if told(now) != told(calm) {
				caught++
			}
			continue // as it was, or the sources were compared
		}
		if len(probe.problems) > len(c.problems) {
			kept += " " + it.ID + ": " + strings.Join(probe.problems[len(c.problems):], "; ")
		} else if now.Auto == verdict.Unknown {
			caught++
		}
	}
	for _, f := range c.out.set.Failures {
		if f.Action == c.action {
			c.word = "발견"
			c.fault = &matrixFault{name: c.fault.name, code: f.Code}
			c.lasting(b)
			c.word, c.fault = "발견", emptyList
			return
		}
	}
	if kept == "" && caught > 0 {
		c.word = "발견"
		return
	}
	c.word = "구별 불가"
	remove := without[c.action]
	if remove == nil && c.asBefore() {
		c.word = "영향 없음"
		return
	}
	if remove == nil {
		c.fail("not caught (%d items unknown, but not%s), and no account is known that would answer so", caught, kept)
		return
	}
	a := c.account.asked()
	remove(&a)
	true0 := b.ask(a, "", nil)
	for id, now := range c.out.results {
		if got, want := told(now), told(true0.results[id]); got != want {
			if now.Auto == verdict.Good || now.Auto == verdict.NA {
				c.good++
			}
			c.fail("%s differs from an account without: %s", id, firstDifference(got, want))
		}
	}
	if !slices.ContainsFunc(c.out.set.Answers, func(a evidence.Answer) bool {
		return a.Action == c.action && a.Count == 0 && len(a.Calls) > 0 && a.Fact == "" && a.Skipped == ""
	}) {
		c.fail("no 0건 증적")
	}
}

// asBefore reports whether every item says what it said undisturbed.
func (c *cell) asBefore() bool {
	for id, now := range c.out.results {
		if told(now) != told(c.account.calm.results[id]) {
			return false
		}
	}
	return true
}

// told is what a result says, without the calls behind it.
func told(r verdict.Result) string {
	var lines []string
	for _, f := range r.Findings {
		cells, err := json.Marshal(f.Cells)
		if err != nil {
			panic(err)
		}
		lines = append(lines, fmt.Sprint(key(f), f.Status, f.Reason, string(cells)))
	}
	return fmt.Sprintf("%s %s\n%s", r.Auto, r.Reason, strings.Join(lines, "\n"))
}

func TestFaultMatrix(t *testing.T) {
	begin := time.Now()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // a thousand short runs
	b := newMatrixBench(t)
	actions := policyActions(t)
	for _, a := range matrixAccounts {
		a.calm = b.ask(a.asked(), "", nil)
		a.withoutRules, a.withoutLogs = b.ask(withoutThe("rules", a.asked()), "", nil), b.ask(withoutThe("logs", a.asked()), "", nil)
		a.withoutSignIn = b.ask(withoutThe("sign-in", a.asked()), "", nil)
		if len(a.calm.set.Failures) > 0 || a.calm.code != 0 {
			t.Fatalf("%s: the undisturbed run ends with %d, failures %+v", a.name, a.calm.code, a.calm.set.Failures)
		}
		for _, action := range actions {
			if a.calm.counts[action] == 0 {
				t.Fatalf("%s: %s is never asked: no fault of it can show", a.name, action)
			}
		}
	}
	var cells []*cell
	for _, a := range matrixAccounts {
		for _, action := range actions {
			for _, f := range faultTable {
				cells = append(cells, &cell{account: a, action: action, fault: f})
			}
		}
	}
	var wait sync.WaitGroup
	queue := make(chan *cell)
	for range cap(b.workers) {
		wait.Go(func() {
			for c := range queue {
				c.out = b.ask(c.account.asked(), c.action, c.fault)
				c.judge(t, b)
				c.out = outcome{} // a thousand of them would fill the memory
			}
		})
	}
	for _, c := range cells {
		queue <- c
	}
	close(queue)
	wait.Wait()
	good, wrong := 0, 0
	for _, c := range cells {
		good += c.good
		if len(c.problems) > 0 {
			wrong++
			t.Errorf("%s · %s · %s:\n  %s", c.account.name, c.action, c.fault.name, strings.Join(c.problems[:min(4, len(c.problems))], "\n  "))
		}
	}
	summary := fmt.Sprintf("작업 %d개 × 장애 %d가지 × 계정 %d개 = %d칸, 거짓 양호 %d건, 그 밖에 어긋난 칸 %d개", len(actions), len(faultTable), len(matrixAccounts), len(cells), good, wrong)
	t.Logf("%s (%v)", summary, time.Since(begin))
	printed := []byte(printMatrix(summary, cells))
	path := filepath.Join(home, "..", "..", "..", "docs", "fault-matrix.md")
	if *update && !t.Failed() {
		write(t, path, printed)
	}
	if want, err := os.ReadFile(path); err != nil || !bytes.Equal(printed, want) {
		t.Errorf("docs/fault-matrix.md is not what the matrix gives (%v); if that is meant: go test ./cmd/internal/cli -run FaultMatrix -update", err)
	}
}

const matrixHead = `# 장애 행렬

수집에 쓰는 모든 작업(최소 권한 정책의 작업)에 장애를 하나씩 넣고 계정 하나를 처음부터 끝까지 수집·판정한 결과입니다. ` + "`go test ./cmd/internal/cli -run FaultMatrix -v`" + `가 행렬을 정책에서 스스로 만들어 모든 칸을 확인하고, 이 문서와 같은지도 확인합니다. 고치려면 ` + "`-update`" + `를 붙입니다.

**%s.**

| 칸 | 뜻 |
| --- | --- |
| 같음 | 장애가 풀려, 호출 수와 bundleDigest 말고는 result.json이 장애 없는 수집과 같음 |
| 점검 불가 n | 그 작업이 필요한 항목 n개가 점검 불가이거나 이미 확인된 취약으로 남음. 사유에 작업과 오류 코드가 있고, 점검 불가가 있으면 종료 코드는 3임 |
| 유지 n | 그 작업이 필요한 항목 n개가 다른 증적만으로 모두 판정되어 그대로 남음(아래 예외) |
| 조회 불가 n | 선택 조회이므로 항목 n개에 '조회 불가'가 표시되고, 이 계정에서는 판정이 그대로임 |
| 대상 불가 n | 선택 조회이나, 그 답이 꼭 필요한 대상이 있어 항목 n개의 그 대상만 점검 불가가 됨(EC2-01의 ssm:GetServiceSetting) |
| 발견 | 200으로 온 빈 목록을 있을 수 없는 답이나 다른 조회와의 대조로 알아냄 |
| 구별 불가 | 빈 목록이 정말로 없는 계정의 답과 같아 구별할 수 없음. 판정이 그런 계정의 판정과 같고 0건 증적(호출, 시각, 건수 0)이 남음 |
| 영향 없음 | 빈 목록이 이 계정의 판정을 바꾸지 않음 |
| - | 해당 없음(목록이나 쪽이 없는 작업) |

장애는 한 칸에 하나이며 그 작업의 모든 호출(모든 리전)에 넣습니다. 일부 리전이나 일부 페이지만의 장애, 둘 이상의 장애는 이 행렬이 아니라 개별 시험이 봅니다.

예외: CON-01의 대상은 실패한 조회를 쓰지 않는 경로가 끝까지 확인되면 양호로, 그 조회가 무엇을 답하더라도 경로가 될 수 없으면 인터뷰 필요로 남습니다. CON-02의 콘솔 사용자는 로그인 정책을 읽지 못하여도 로그인 후 통제만으로 제한됨이 확인되면 양호로, 외부 인증 역할은 인터뷰 필요로 남습니다. ROOT-01과 ACC-01은 다른 출처가 보인 사용일과 결제 권한 주체의 인터뷰를 남기되 항목은 점검 불가입니다. 연결 끊김부터 빈 본문까지는 끝까지 계속되는 장애이고, 한 번으로 그치는 장애는 요청 제한·500과 같이 풀립니다(다른 시험).
`

// printMatrix writes the matrix as a document.
func printMatrix(summary string, cells []*cell) string {
	var out strings.Builder
	fmt.Fprintf(&out, matrixHead, summary)
	for i, c := range cells {
		if i == 0 || c.account != cells[i-1].account {
			fmt.Fprintf(&out, "\n## %s\n\n| 작업 |", c.account.name)
			for _, f := range faultTable {
				fmt.Fprintf(&out, " %s |", f.name)
			}
			out.WriteString("\n|" + strings.Repeat(" --- |", len(faultTable)+1))
		}
		if i%len(faultTable) == 0 {
			fmt.Fprintf(&out, "\n| %s |", c.action)
		}
		fmt.Fprintf(&out, " %s |", c.word)
		if i == len(cells)-1 || cells[i+1].account != c.account {
			out.WriteString("\n")
		}
	}
	return out.String()
}

// What a run leaves behind under each fault is whole, and says the same.
func TestFaultsLeaveWholeFiles(t *testing.T) {
	actions := policyActions(t)
	n := 0
	for _, f := range faultTable {
		if f.heals || f.change != nil {
			continue
		}
		n += len(actions) / 5
		action := actions[n%len(actions)]
		t.Run(f.name+"/"+action, func(t *testing.T) {
			start(t, serve(quiet(), on(action, f.fault)))
			dir := t.TempDir()
			want := 0
			r := run(t, "run", "--quiet", "-o", dir)
			res := readResult(t, dir)
			if want = res.code(); r.code != want || len(res.Failures) == 0 {
				t.Errorf("exit %d, want %d; failures %+v", r.code, want, res.Failures)
			}
			wholeFiles(t, dir, prefix)
		})
	}
}

// The matrix must be able to fail: a judge that forgets G1 is caught.
func TestMatrixCatchesFalseGood(t *testing.T) {
	b := newMatrixBench(t)
	a := &matrixAccount{name: "모두 양호인 계정", asked: quiet}
	a.calm = b.ask(quiet(), "", nil)
	c := &cell{account: a, action: detailsAsk, fault: faultTable[0]}
	c.out = b.ask(quiet(), c.action, c.fault)
	for id, r := range a.calm.results { // as if nobody had looked at the failure
		c.out.results[id] = r
	}
	c.judge(t, b)
	if c.good == 0 || len(c.problems) == 0 {
		t.Errorf("%d false 양호, problems %q", c.good, c.problems)
	}
}
