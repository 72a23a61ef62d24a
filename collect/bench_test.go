package collect_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"auditbinder/collect"
	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

const (
	accountID = "123456789012"
	seoul     = "ap-northeast-2"
	virginia  = "us-east-1"
	document  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::a+b c/*"}]}`
)

// standard is a small account with one of everything.
func standard() fakeaws.Account {
	return withUsers(3)
}

func withUsers(n int) fakeaws.Account {
	arn := func(kind, name string) string { return "arn:aws:iam::" + accountID + ":" + kind + "/" + name }
	a := fakeaws.Account{
		ID: accountID, CallerARN: "arn:aws:sts::" + accountID + ":assumed-role/reader/audit", Aliases: []string{"gasang"},
		Contacts: map[evidence.ContactType]fakeaws.Contact{
			evidence.ContactSecurity:   {Name: "홍길동", Title: "팀장", Email: "gildong.hong@gasang.example", Phone: "+82-2-5550-0110"},
			evidence.ContactOperations: {Name: "남궁민수", Title: "과장", Email: "minsu@gasang.example", Phone: "02-5550-0110"},
		},
		Regions:      []evidence.Region{{Name: seoul}, {Name: virginia}}, // most tests need no more
		Primary:      fakeaws.Contact{Name: "가상핀테크 주식회사", Phone: "+82 2 5550 0110", Company: "가상핀테크", Address: "가상로 1", City: "서울", Postal: "04500"},
		Organization: &fakeaws.Organization{ID: "o-gasang0001", ManagementID: accountID, ManagementEmail: "root.mail@gasang.example"},
		Role:         role,
	}
	policy := evidence.PolicyRef{Name: "all-s3", ARN: arn("policy", "all-s3")}
	for i := range n {
		name := fmt.Sprintf("user-%05d", i)
		u := evidence.User{Name: name, Path: "/", ARN: arn("user", name), ID: fakeaws.UserID(name), Created: start.AddDate(-1, 0, 0)}
		if i == 0 {
			u.Attached, u.Groups, u.Boundary = []evidence.PolicyRef{policy}, []string{"devs"}, &policy
			u.Inline = []evidence.InlinePolicy{{Name: "in", Document: document}}
			u.Tags = []evidence.Tag{{Key: "이름", Value: "홍 길동 <&>"}}
		}
		a.IAM.Users = append(a.IAM.Users, u)
	}
	a.IAM.Groups = []evidence.Group{{Name: "devs", Path: "/", ARN: arn("group", "devs"), Attached: []evidence.PolicyRef{policy}}}
	a.IAM.Roles = []evidence.Role{{Name: "app", Path: "/", ARN: arn("role", "app"), ID: fakeaws.RoleID("app"), Trust: document}}
	a.IAM.Policies = []evidence.ManagedPolicy{{Name: policy.Name, ARN: policy.ARN, Version: "v1", Document: document}}
	return a
}

var start = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// clock stands still but for sleeping.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
	wake  func() // called at the end of every sleep
	look  func() // called at every look by the collector
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.add(d)
	c.mu.Lock()
	c.slept = append(c.slept, d)
	c.mu.Unlock()
	if c.wake != nil {
		c.wake()
	}
	return ctx.Err()
}

// bench is a fake AWS behind a server, with the SDK pointed at it.
type bench struct {
	*testing.T
	fake  *fakeaws.Server
	close func() // waits for requests that are under way
	scope collect.Scope
	*clock
}

func newBench(t *testing.T, a fakeaws.Account) *bench {
	t.Helper()
	b := &bench{T: t, clock: &clock{at: start}}
	b.fake = &fakeaws.Server{Account: a, Now: b.Now}
	server := httptest.NewServer(b.fake)
	t.Cleanup(server.Close)
	b.close = server.Close
	fakeaws.Environment(t.Setenv, server.URL)
	return b
}

func (b *bench) collect(ctx context.Context) (bundle.Content, error) {
	b.Helper()
	now := func() time.Time {
		if b.look != nil {
			b.look()
		}
		return b.Now()
	}
	conn, err := collect.Open(ctx, collect.Target{Now: now, Sleep: b.Sleep})
	if err != nil {
		b.Fatal(err)
	}
	return collect.Run(ctx, conn, "auditbinder test", b.scope, collect.Hooks{})
}

func (b *bench) run() bundle.Content {
	b.Helper()
	content, err := b.collect(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return content
}

// total is the number of requests that the fake received.
func (b *bench) total() int {
	n := 0
	for _, c := range b.fake.Counts() {
		n += c
	}
	return n
}

// pack writes the bundle and opens it again.
func pack(t testing.TB, c bundle.Content) (*bundle.Bundle, []byte) {
	t.Helper()
	var buf bytes.Buffer
	if _, err := bundle.Write(&buf, c); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Read(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return b, buf.Bytes()
}

// reread holds what the raw bodies give equal to the stored evidence, without
// a request.
func (b *bench) reread(c bundle.Content) {
	b.Helper()
	before := b.total()
	stored, _ := pack(b, c)
	content, err := collect.Reread(context.Background(), stored)
	if err != nil {
		b.Fatal("reread:", err)
	}
	if got := encode(b, content.Set); got != string(stored.Evidence()) {
		b.Errorf("reread evidence differs from the stored:\n%s", firstDifference(got, string(stored.Evidence())))
	}
	if b.total() != before {
		b.Error("reread sent requests")
	}
}

func encode(t testing.TB, set evidence.Set) string {
	t.Helper()
	text, err := bundle.EncodeSet(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d: %q, want %q", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// attempts returns the recorded attempts of a question.
func attempts(c bundle.Content, q question) []evidence.Call {
	var calls []evidence.Call
	for _, call := range c.Recording.Calls {
		if call.Action() == q.action && (q.region == "" || call.Region == q.region) && (q.contact() == "" || call.Parameters["AlternateContactType"] == q.subject) {
			calls = append(calls, call)
		}
	}
	slices.SortFunc(calls, func(a, b evidence.Call) int { return cmp.Or(cmp.Compare(a.ID, b.ID), a.Attempt-b.Attempt) })
	return calls
}

// question is one of the things that a run asks.
type question struct {
	action, subject string
	region          string // empty: the global services' one
	costs           int    // further answers that follow from this one only
}

func (q question) String() string { return strings.TrimSuffix(q.action+"/"+q.contact(), "/") }

// contact is the type of contact that is asked for.
func (q question) contact() string {
	if q.action == "account:GetAlternateContact" {
		return q.subject
	}
	return ""
}

func (q question) matches(r fakeaws.Request) bool {
	return r.Action == q.action && (q.region == "" || r.Region == q.region) && (q.contact() == "" || r.JSON["AlternateContactType"] == q.subject)
}

func (q question) xml() bool {
	service, _, _ := strings.Cut(q.action, ":")
	return slices.Contains([]string{"iam", "ec2", "sns"}, service)
}

// first gives the fault to the first n requests of the question, to all with n < 0.
func (q question) first(n int, f fakeaws.Fault) func(fakeaws.Request) *fakeaws.Fault {
	var mu sync.Mutex
	seen := 0
	return func(r fakeaws.Request) *fakeaws.Fault {
		if !q.matches(r) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if seen++; n >= 0 && seen > n {
			return nil
		}
		return &f
	}
}

func (q question) always(f fakeaws.Fault) func(fakeaws.Request) *fakeaws.Fault { return q.first(-1, f) }

// questions are those of the global services; regionalQuestions, one of each wire
// format that the regional ones speak.
var questions = []question{
	{action: "iam:GetAccountAuthorizationDetails"}, {action: "iam:GetAccountSummary"}, {action: "iam:ListAccountAliases", costs: 2},
	{action: "account:GetAlternateContact", subject: "SECURITY"}, {action: "account:GetContactInformation"}, {action: "organizations:DescribeOrganization"},
}

var regionalQuestions = []question{
	{action: "ec2:DescribeInstances", region: seoul, costs: 10},
	{action: "events:ListRules", region: seoul, costs: 4},
	{action: "sns:GetTopicAttributes", subject: arn("sns", seoul, "alarms"), region: seoul},
	{action: "cloudwatch:DescribeAlarms", region: seoul, costs: 2},
}

// asks pairs the questions with an account in which they are asked.
var asks = []struct {
	account   func() fakeaws.Account
	questions []question
}{{standard, questions}, {func() fakeaws.Account { return withChains(standard()) }, regionalQuestions}}

func answered(set evidence.Set, q question) bool {
	return slices.ContainsFunc(set.Answers, func(a evidence.Answer) bool {
		return a.Action == q.action && a.Subject == q.subject && (q.region == "" || a.Region == q.region)
	})
}

func failure(set evidence.Set, q question) *evidence.Failure {
	for i, f := range set.Failures {
		if f.Action == q.action && f.Subject == q.subject && (q.region == "" || f.Region == q.region) {
			return &set.Failures[i]
		}
	}
	return nil
}

// forerunners are the questions without whose answers others are not asked.
var forerunners = map[string][]string{
	"iam:GenerateCredentialReport": {"iam:GetCredentialReport"}, // answered by both together
	"iam:GetCredentialReport":      {"iam:GenerateCredentialReport"},
	"events:ListTargetsByRule":     {"events:ListRules"},
	"events:TestEventPattern":      {"events:ListRules"},
	"cloudtrail:GetTrailStatus":    {"cloudtrail:DescribeTrails"},
	"cloudtrail:GetEventSelectors": {"cloudtrail:DescribeTrails"},
	"logs:DescribeMetricFilters":   {"cloudtrail:DescribeTrails"},
	"logs:TestMetricFilter":        {"cloudtrail:DescribeTrails", "logs:DescribeMetricFilters"},
	"cloudwatch:DescribeAlarms":    {"cloudtrail:DescribeTrails", "logs:DescribeMetricFilters"},
	"sns:GetTopicAttributes":       {"events:ListRules", "cloudtrail:DescribeTrails"},
	"sns:ListSubscriptionsByTopic": {"events:ListRules", "cloudtrail:DescribeTrails"},
}

// lost are the answers of a calm run that another has neither as answers nor as
// failures, though nothing failed that goes before them.
func lost(calm, set evidence.Set) []string {
	failed := func(action, region string) bool {
		return slices.ContainsFunc(set.Failures, func(f evidence.Failure) bool {
			return f.Action == action && (f.Region == region || region == "")
		})
	}
	var gone []string
	for _, a := range calm.Answers {
		before := forerunners[a.Action]
		if service, _, _ := strings.Cut(a.Action, ":"); service == "ec2" || service == "ssm" {
			before = []string{"ec2:DescribeInstances"}
		}
		q := question{action: a.Action, subject: a.Subject, region: a.Region}
		if !answered(set, q) && failure(set, q) == nil && !slices.ContainsFunc(before, func(action string) bool { return failed(action, a.Region) }) {
			gone = append(gone, a.Action+" "+a.Subject+" "+a.Region)
		}
	}
	return gone
}

// manualDeadline is a context whose deadline passes when the test says so.
type manualDeadline struct {
	context.Context
	once sync.Once
	done chan struct{}
}

func newManualDeadline() *manualDeadline {
	return &manualDeadline{Context: context.Background(), done: make(chan struct{})}
}

func (d *manualDeadline) pass() { d.once.Do(func() { close(d.done) }) }

func (d *manualDeadline) Done() <-chan struct{} { return d.done }

func (d *manualDeadline) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
