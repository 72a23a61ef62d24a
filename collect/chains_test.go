package collect_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// tested are the classes and regions of tests, each once, in order.
func tested(tests []evidence.SignInTest) []string {
	var out []string
	for _, x := range tests {
		if name := string(x.Class) + "/" + x.Region; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func matched(tests []evidence.SignInTest) int {
	n := 0
	for _, x := range tests {
		if x.Match {
			n++
		}
	}
	return n
}

// The rules of a bus are tested with the events that come to it: the region's own,
// and those of every region that forwards to it.
func TestCentralBus(t *testing.T) {
	a := full()
	a.Rules = []evidence.EventRule{
		rule(virginia, "central", signInPattern, arn("sns", virginia, "alerts")),
		rule(virginia, "failures", failurePattern),
		rule(virginia, "back", `{"source":["aws.signin"],"region":["us-east-1"]}`, bus(ohio)), // and never what came from Ohio
		rule(seoul, "forward", signInPattern, bus(virginia)),
		rule(seoul, "again", `{"source":["aws.signin"]}`, bus(virginia)), // the same way twice
		rule(ohio, "forward", signInPattern, bus(virginia), bus(stockholm)),
		rule(stockholm, "central", `{"source":["aws.signin"],"region":["us-east-2"]}`),
	}
	content := newBench(t, a).clean()
	own := []string{"root/" + virginia, "iam-user/" + virginia}
	for _, test := range []struct {
		region, name string
		tested       []string
		matched      int
	}{
		{virginia, "central", append(own, "iam-user/"+seoul, "iam-user/"+ohio), 16},
		{virginia, "failures", append(own, "iam-user/"+seoul, "iam-user/"+ohio), 0},
		{virginia, "back", append(own, "iam-user/"+seoul, "iam-user/"+ohio), 8},
		{ohio, "forward", []string{"iam-user/" + ohio, own[0], own[1]}, 12},
		{stockholm, "central", []string{"iam-user/" + stockholm, "iam-user/" + ohio}, 4},
		{seoul, "forward", []string{"iam-user/" + seoul}, 4},
	} {
		r := ruleOf(t, content.Set, test.region, test.name)
		if got := tested(r.Tests); !slices.Equal(got, test.tested) || len(r.Tests) != 4*len(test.tested) || matched(r.Tests) != test.matched {
			t.Errorf("%s in %s: tested %v, %d of %d match, want %v and %d", test.name, test.region, got, matched(r.Tests), len(r.Tests), test.tested, test.matched)
		}
	}
	if a := answer(content.Set, "events:TestEventPattern", virginia, arn("events", virginia, "rule/central")+" ← "+seoul); a == nil || a.Count != 4 || len(a.Calls) != 4 {
		t.Errorf("answer %+v", a)
	}
}

// Only what reaches a bus of the account in another region is followed.
func TestForwardsThatLeadNowhere(t *testing.T) {
	disabled := rule(seoul, "forward", signInPattern, bus(tokyo))
	disabled.State = "DISABLED"
	management := rule(seoul, "forward", signInPattern, bus(tokyo))
	management.State = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
	for name, test := range map[string]struct {
		rule     evidence.EventRule
		followed bool
	}{
		"enabled and matching":               {rule(seoul, "forward", signInPattern, bus(tokyo)), true},
		"enabled with all management events": {management, true},
		"disabled":                           {disabled, false},
		"matches failures only":              {rule(seoul, "forward", failurePattern, bus(tokyo)), false},
		"another source":                     {rule(seoul, "forward", `{"source":["aws.ec2"]}`, bus(tokyo)), false},
		"a schedule":                         {rule(seoul, "forward", "", bus(tokyo)), false},
		"another account's bus":              {rule(seoul, "forward", signInPattern, "arn:aws:events:"+tokyo+":"+partner+":event-bus/default"), false},
		"a custom bus":                       {rule(seoul, "forward", signInPattern, arn("events", tokyo, "event-bus/audit")), false},
		"its own bus":                        {rule(seoul, "forward", signInPattern, bus(seoul)), false},
		"no ARN":                             {rule(seoul, "forward", signInPattern, "event-bus/default"), false},
	} {
		t.Run(name, func(t *testing.T) {
			a := standard()
			a.Rules = []evidence.EventRule{test.rule, rule(tokyo, "central", signInPattern)}
			content := newBench(t, a).clean()
			if n := asked(content)[tokyo]["events:ListRules"]; (n == 1) != test.followed {
				t.Errorf("the other region was asked %v", asked(content)[tokyo])
			}
			rules := content.Set.Alarms.Rules
			if (len(rules) == 2) != test.followed {
				t.Errorf("rules %+v", rules)
			}
			if n := len(rules[0].Tests); rules[0].Candidate && n != 4 {
				t.Errorf("%d tests of the region's own events", n)
			}
		})
	}
}

// What a failed call would have shown stays open, and the failure names the rule.
func TestRuleCallsFail(t *testing.T) {
	denied := fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}
	central, forward := arn("events", virginia, "rule/central"), arn("events", seoul, "rule/forward")
	for name, test := range map[string]struct {
		fault           func(fakeaws.Request) *fakeaws.Fault
		action, subject string
		region          string
		tests           map[string]int // by rule
		topics          int            // asked
	}{
		"all tests of a region":    {within(seoul, "events:TestEventPattern", -1, denied), "events:TestEventPattern", forward, seoul, map[string]int{"forward": 0, "central": 8, "failures": 8}, 2},
		"the third test of a rule": {within(seoul, "events:TestEventPattern", 2, denied), "events:TestEventPattern", forward, seoul, map[string]int{"forward": 2, "central": 12, "failures": 12}, 2},
		"a test that comes from elsewhere": {func(r fakeaws.Request) *fakeaws.Fault {
			if event, _ := r.JSON["Event"].(string); r.Action == "events:TestEventPattern" && r.Region == virginia && strings.Contains(event, seoul) && r.JSON["EventPattern"] == signInPattern {
				return &denied
			}
			return nil
		}, "events:TestEventPattern", central + " ← " + seoul, virginia, map[string]int{"forward": 4, "central": 8, "failures": 12}, 2},
		"an answer without a result": {within(seoul, "events:TestEventPattern", -1, fakeaws.Fault{Status: 200, Body: "{}"}), "events:TestEventPattern", forward, seoul, map[string]int{"forward": 0, "central": 8, "failures": 8}, 2},
		"the targets":                {within(virginia, "events:ListTargetsByRule", 0, denied), "events:ListTargetsByRule", central, virginia, map[string]int{"forward": 4, "central": 12, "failures": 12}, 1},
		"the rules":                  {within(virginia, "events:ListRules", -1, denied), "events:ListRules", "", virginia, map[string]int{"forward": 4}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, withChains(standard()))
			b.fake.Now = nil
			b.fake.Fault = test.fault
			content := b.run()
			f := content.Set.Failures
			if len(f) != 1 || f[0].Action != test.action || f[0].Subject != test.subject || f[0].Region != test.region || f[0].CallID == "" {
				t.Fatalf("failures %+v", f)
			}
			if a := answer(content.Set, test.action, test.region, test.subject); a != nil {
				t.Errorf("answer %+v", a)
			}
			for _, r := range content.Set.Alarms.Rules {
				if want, ok := test.tests[r.Name]; r.Candidate && (!ok || len(r.Tests) != want) {
					t.Errorf("%s has %d tests, want %d", r.Name, len(r.Tests), want)
				}
				if r.TargetsRead != (r.Candidate && !(test.action == "events:ListTargetsByRule" && r.ARN == test.subject)) {
					t.Errorf("%s: targets read %t", r.Name, r.TargetsRead)
				}
			}
			if n := b.fake.Counts()["sns:GetTopicAttributes"]; n != test.topics {
				t.Errorf("%d topics asked, want %d", n, test.topics)
			}
			// Nothing says that there is none where somebody may not look.
			for _, a := range content.Set.Answers {
				if a.Action == test.action && a.Region == test.region && a.Skipped != "" {
					t.Errorf("skipped %+v", a)
				}
			}
			b.reread(content)
		})
	}
}

// within faults the nth request of an action in a region, every one when n is negative.
func within(region, action string, n int, f fakeaws.Fault) func(fakeaws.Request) *fakeaws.Fault {
	inner := only(action, n, f)
	return func(r fakeaws.Request) *fakeaws.Fault {
		if r.Region != region {
			return nil
		}
		return inner(r)
	}
}

func TestLogCallsFail(t *testing.T) {
	denied := fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}
	const group = "trail/sign-in"
	for name, test := range map[string]struct {
		fault                   func(fakeaws.Request) *fakeaws.Fault
		action, subject         string
		filters, tests          int
		filtersRead, alarmsRead bool
		alarms                  int
		alarmsAsked             bool
	}{
		"the filters":              {only("logs:DescribeMetricFilters", -1, denied), "logs:DescribeMetricFilters", "", 0, 0, false, false, 0, false},
		"the tests":                {only("logs:TestMetricFilter", -1, denied), "logs:TestMetricFilter", group, 1, 0, true, true, 0, false},
		"the second part":          {only("logs:TestMetricFilter", 1, denied), "logs:TestMetricFilter", group, 1, 50, true, true, 1, true},
		"a test without an answer": {only("logs:TestMetricFilter", -1, fakeaws.Fault{Status: 200, Body: "{}"}), "logs:TestMetricFilter", group, 1, 0, true, true, 0, false},
		"the alarms":               {only("cloudwatch:DescribeAlarms", -1, denied), "cloudwatch:DescribeAlarms", "", 1, 72, true, false, 0, true},
		"the second page of them":  {only("cloudwatch:DescribeAlarms", 1, denied), "cloudwatch:DescribeAlarms", "", 1, 72, true, false, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := withChains(standard())
			a.Regions = nil
			for i := range 100 {
				a.MetricAlarms = append(a.MetricAlarms, metricAlarm(fmt.Sprintf("z-%03d", i), "App", "Errors"))
			}
			b := newBench(t, a)
			b.fake.Now = nil
			b.fake.Fault = test.fault
			content := b.run()
			f := content.Set.Failures
			if len(f) != 1 || f[0].Action != test.action || f[0].Subject != test.subject || f[0].Region != seoul {
				t.Fatalf("failures %+v", f)
			}
			x := content.Set.Alarms
			if len(x.LogGroups) != 1 || x.LogGroups[0].FiltersRead != test.filtersRead || x.LogGroups[0].AlarmsRead != test.alarmsRead {
				t.Errorf("log groups %+v", x.LogGroups)
			}
			if len(x.Filters) != test.filters || len(x.MetricAlarms) != test.alarms || test.filters > 0 && len(x.Filters[0].Tests) != test.tests {
				t.Errorf("filters %+v, alarms %+v", x.Filters, x.MetricAlarms)
			}
			if n := b.fake.Counts()["cloudwatch:DescribeAlarms"]; (n > 0) != test.alarmsAsked {
				t.Errorf("%d calls for alarms", n)
			}
			// An untested filter is not one that does not match.
			if a := answer(content.Set, "cloudwatch:DescribeAlarms", seoul, ""); a != nil && a.Skipped != "" && !strings.Contains(a.Skipped, "확인된") {
				t.Errorf("skipped because %q", a.Skipped)
			}
			b.reread(content)
		})
	}
}

// Filters of the trails' groups are tested, others only where they look for sign-ins.
func TestFilters(t *testing.T) {
	a := withChains(full())
	half := 0.5
	a.Filters = []evidence.MetricFilter{
		{Region: seoul, LogGroup: "trail", Name: "root", Pattern: `{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }`, Criteria: "@aws.account = x",
			Metrics: []evidence.FilterMetric{{Namespace: "Audit", Name: "Root", Value: "$.size", DefaultValue: &half, Dimensions: []string{"region=$.awsRegion", "user=$.userIdentity.userName"}}}},
		{Region: seoul, LogGroup: "trail", Name: "terms", Pattern: `ConsoleLogin Success`, Transformed: true},
		{Region: seoul, LogGroup: "app", Name: "elsewhere", Pattern: `{ $.eventName = "ConsoleLogin" }`},
		{Region: seoul, LogGroup: "app", Name: "errors", Pattern: "ERROR"},
		{Region: tokyo, LogGroup: "trail", Name: "of a region without a trail's group", Pattern: signInFilter},
	}
	content := newBench(t, a).clean()
	want := map[string]int{"root": 4, "terms": 72, "elsewhere": 72}
	for _, f := range content.Set.Alarms.Filters {
		n, ok := want[f.Name]
		if delete(want, f.Name); !ok || len(f.Tests) != 72 || matched(f.Tests) != n {
			t.Errorf("%s: %d of %d match, want %d", f.Name, matched(f.Tests), len(f.Tests), n)
		}
		if f.Name == "root" {
			f.Tests, f.Calls = nil, nil
			if !reflect.DeepEqual(f, a.Filters[0]) {
				t.Errorf("filter %+v, want %+v", f, a.Filters[0])
			}
		}
		if f.Transformed != (f.Name == "terms") {
			t.Errorf("%s: transformed %t", f.Name, f.Transformed)
		}
	}
	if len(want) > 0 {
		t.Errorf("not seen: %v", want)
	}
}

// Kept are the alarms on metrics of matching filters, and the composite ones that
// name one of them.
func TestAlarms(t *testing.T) {
	a := withChains(standard())
	math := metricAlarm("math", "", "")
	math.Math, math.Statistic, math.Period = []evidence.MetricRef{{Namespace: "Other", Metric: "x"}, {Namespace: "Audit", Metric: "SignIn"}}, "", 0
	other := metricAlarm("other math", "", "")
	other.Math = []evidence.MetricRef{{Namespace: "Audit", Metric: "Other"}}
	named := metricAlarm(`sign "in" (all)`, "Audit", "SignIn")
	named.DatapointsToAlarm, named.TreatMissing, named.Dimensions = 1, "notBreaching", []string{"a=b", "c=d"}
	a.MetricAlarms = append(a.MetricAlarms, math, other, named, metricAlarm("sign-in-errors", "App", "SignIn"))
	composites := map[string]struct {
		rule string
		kept bool
	}{
		"plain": {"ALARM(sign-in)", true}, "quoted": {`NOT ALARM("sign-in") OR OK("errors")`, true}, "spaces": {`alarm ( "sign-in" )`, true},
		"ok": {"OK(sign-in)", true}, "no data": {"INSUFFICIENT_DATA(sign-in)", true}, "by ARN": {"ALARM(" + arn("cloudwatch", seoul, "alarm:sign-in") + ")", true},
		"escaped": {`TRUE AND (ALARM("sign \"in\" (all)"))`, true}, "of a longer name": {`ALARM("sign-in-errors")`, false}, "of a shorter name": {"ALARM(sign)", false},
		"of another": {"ALARM(errors)", false}, "of another's ARN": {"ALARM(" + arn("cloudwatch", tokyo, "alarm:sign-in") + ")", false}, "of nothing": {"TRUE", false},
	}
	for name, c := range composites {
		a.Composites = append(a.Composites, evidence.CompositeAlarm{Region: seoul, Name: name, ARN: arn("cloudwatch", seoul, "alarm:"+name), Rule: c.rule, ActionsEnabled: true, Actions: []string{arn("sns", seoul, "unused")}})
	}
	content := newBench(t, a).clean()
	var names []string
	for _, x := range content.Set.Alarms.MetricAlarms {
		names = append(names, x.Name)
		x.Calls = nil
		want := map[string]evidence.MetricAlarm{"math": math, "sign-in": a.MetricAlarms[0], named.Name: named}[x.Name]
		if !reflect.DeepEqual(x, want) {
			t.Errorf("alarm %+v\nwant %+v", x, want)
		}
	}
	if !slices.Equal(names, []string{"math", named.Name, "sign-in"}) {
		t.Errorf("alarms %q", names)
	}
	for name, c := range composites {
		if kept := slices.ContainsFunc(content.Set.Alarms.Composites, func(x evidence.CompositeAlarm) bool { return x.Name == name && x.Rule == c.rule }); kept != c.kept {
			t.Errorf("%s: %s is kept: %t", name, c.rule, kept)
		}
	}
	// CloudWatch's client would speak a binary format: evidence must be readable.
	calls := 0
	for _, c := range content.Recording.Calls {
		if c.Service != "cloudwatch" {
			continue
		}
		calls++
		body := content.Recording.Bodies[c.Body]
		if !strings.HasSuffix(c.Body, ".json") || !json.Valid(body) || !strings.Contains(string(body), `"AlarmName":"sign-in"`) || c.Parameters["MaxRecords"] == nil {
			t.Errorf("%s: %.80q, parameters %v", c.Body, body, c.Parameters)
		}
	}
	if calls != 1 {
		t.Errorf("%d calls of CloudWatch", calls)
	}
}

func TestTopics(t *testing.T) {
	foreign := "arn:aws:sns:" + virginia + ":" + partner + ":alerts"
	a := withChains(standard())
	a.Rules = []evidence.EventRule{rule(virginia, "sign-in", signInPattern, arn("sns", virginia, "alerts"), arn("sns", virginia, "gone"), foreign, arn("sqs", virginia, "queue"), arn("lambda", virginia, "function:f"))}
	for i := range 120 {
		a.Topics[0].Subscriptions = append(a.Topics[0].Subscriptions, evidence.Subscription{Protocol: "sqs", Endpoint: arn("sqs", virginia, fmt.Sprintf("q-%03d", i)), Confirmed: i%2 == 0})
	}
	b := newBench(t, a)
	content := b.clean()
	topics := map[string]evidence.Topic{}
	for _, x := range content.Set.Alarms.Topics {
		topics[x.ARN] = x
	}
	alerts, gone, alarms := topics[arn("sns", virginia, "alerts")], topics[arn("sns", virginia, "gone")], topics[arn("sns", seoul, "alarms")]
	if !alerts.Own || !alerts.AttributesRead || !alerts.SubscriptionsRead || len(alerts.Subscriptions) != 123 || alerts.Policy != `{"Statement":[]}` || alerts.KMSKey != "" || alerts.Missing || len(alerts.Calls) != 3 {
		t.Errorf("topic %+v", alerts)
	}
	for i, want := range []evidence.Subscription{
		{Protocol: "email", Endpoint: "g***********@gasang.example", Confirmed: true}, {Protocol: "sms", Endpoint: "+**********10"},
		{Protocol: "https", Endpoint: "https://hooks.gasang.example/…", Confirmed: true}, {Protocol: "sqs", Endpoint: arn("sqs", virginia, "q-000"), Confirmed: true}, {Protocol: "sqs", Endpoint: arn("sqs", virginia, "q-001")},
	} {
		if got := alerts.Subscriptions[i]; got != want {
			t.Errorf("subscription %+v, want %+v", got, want)
		}
	}
	if !gone.Missing || !gone.AttributesRead || !gone.SubscriptionsRead || len(gone.Subscriptions) != 0 || len(gone.Calls) != 1 {
		t.Errorf("topic that is gone %+v", gone)
	}
	if a := answer(content.Set, "sns:GetTopicAttributes", virginia, gone.ARN); a == nil || a.Fact != "NotFound" {
		t.Errorf("answer %+v", a)
	}
	if alarms.KMSKey != "alias/aws/sns" || len(alarms.Subscriptions) != 1 || alarms.Region != seoul {
		t.Errorf("topic %+v", alarms)
	}
	if x := topics[foreign]; len(topics) != 4 || x.Own || x.Account != partner || x.AttributesRead || x.SubscriptionsRead || x.Calls != nil {
		t.Errorf("%d topics, another account's %+v", len(topics), x)
	}
	for _, c := range content.Recording.Calls {
		if c.Service == "sns" && c.Parameters["TopicArn"] == foreign {
			t.Errorf("another account's topic was asked for: %s", c.ID)
		}
	}
	b.reread(content)
}

// A topic that may not be read is not one without subscriptions.
func TestTopicCallsFail(t *testing.T) {
	alarms := arn("sns", seoul, "alarms")
	for name, test := range map[string]struct {
		action    string
		fault     fakeaws.Fault
		code      string
		attribute bool
	}{
		"attributes denied":          {"sns:GetTopicAttributes", fakeaws.Fault{Status: 403, Code: "AuthorizationError"}, "AuthorizationError", false},
		"subscriptions denied":       {"sns:ListSubscriptionsByTopic", fakeaws.Fault{Status: 403, Code: "AuthorizationError"}, "AuthorizationError", true},
		"attributes without any":     {"sns:GetTopicAttributes", fakeaws.Fault{Status: 200, Body: "<GetTopicAttributesResponse><GetTopicAttributesResult/></GetTopicAttributesResponse>"}, "MalformedBody", false},
		"subscriptions without list": {"sns:ListSubscriptionsByTopic", fakeaws.Fault{Status: 200, Body: "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult/></ListSubscriptionsByTopicResponse>"}, "MalformedBody", true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, withChains(standard()))
			b.fake.Now = nil
			b.fake.Fault = within(seoul, test.action, -1, test.fault)
			content := b.run()
			f := content.Set.Failures
			if len(f) != 1 || f[0].Action != test.action || f[0].Subject != alarms || f[0].Code != test.code {
				t.Fatalf("failures %+v", f)
			}
			x := content.Set.Alarms.Topics[0]
			if x.ARN != alarms || x.AttributesRead != test.attribute || x.SubscriptionsRead == test.attribute || x.Missing {
				t.Errorf("topic %+v", x)
			}
			b.reread(content)
		})
	}
}

func TestTrails(t *testing.T) {
	a := full()
	logging := true
	org := orgTrail()
	org.Logging, org.LogGroupARN = &logging, "arn:aws:logs:"+virginia+":"+partner+":log-group:org"
	a.Trails[0].LogGroupARN = arn("logs", virginia, "log-group:local") // of a trail of one region
	a.Trails[0].Basic = []evidence.EventSelector{{ReadWriteType: "ReadOnly", Management: true, ExcludeSources: []string{"kms.amazonaws.com"}}, {ReadWriteType: "All", ExcludeSources: []string{}}}
	a.Trails[1].LogDeliveryError = "AccessDenied"
	a.Trails[1].Advanced = []evidence.AdvancedSelector{{Name: "writes", Fields: []evidence.FieldSelector{
		{Field: "eventCategory", Equals: []string{"Management"}}, {Field: "readOnly", Equals: []string{"false"}}, {Field: "eventSource", NotEquals: []string{"kms.amazonaws.com"}},
	}}}
	twin := a.Trails[1]
	twin.Name, twin.ARN = "twin", arn("cloudtrail", seoul, "trail/twin") // into the same group
	a.Trails = append(a.Trails, org, twin)
	b := newBench(t, a)
	content := b.clean()
	regions := len(content.Set.Regions.In(evidence.ScopeFull))
	for _, want := range []struct {
		evidence.Trail
		shown, asked int // regions that show it, calls for it alone
	}{{a.Trails[0], 1, 2}, {a.Trails[1], regions, 2}, {org, regions, 1}, {twin, regions, 2}} {
		i := slices.IndexFunc(content.Set.Trails, func(x evidence.Trail) bool { return x.ARN == want.ARN })
		if i < 0 {
			t.Fatalf("no trail %s", want.ARN)
		}
		got := content.Set.Trails[i]
		shown := 0
		for _, id := range got.Calls {
			if strings.HasPrefix(id, "cloudtrail-DescribeTrails-") {
				shown++
			}
		}
		if shown != want.shown || len(got.Calls) != want.shown+want.asked {
			t.Errorf("%s rests on %v", got.Name, got.Calls)
		}
		if got.SelectorsRead != got.Own || got.Own != (got.Name != "org") || got.Logging == nil || *got.Logging != (want.Logging != nil) {
			t.Errorf("trail %+v", got)
		}
		if got.LogDeliveryError != want.LogDeliveryError || !reflect.DeepEqual(got.Advanced, want.Advanced) || got.LogGroupARN != want.LogGroupARN {
			t.Errorf("trail %+v\nwant %+v", got, want.Trail)
		}
		if want.Basic != nil && !reflect.DeepEqual(got.Basic, want.Basic) {
			t.Errorf("selectors %+v, want %+v", got.Basic, want.Basic)
		}
	}
	if len(content.Set.Trails) != 4 {
		t.Errorf("%d trails", len(content.Set.Trails))
	}
	for _, c := range content.Recording.Calls {
		if c.Operation == "GetEventSelectors" && c.Parameters["TrailName"] == org.ARN {
			t.Errorf("the selectors of another account's trail were asked for: %s", c.ID)
		}
		if c.Operation == "GetTrailStatus" && c.Parameters["Name"] == org.ARN && c.Region != virginia {
			t.Errorf("%s was asked in %s", c.ID, c.Region)
		}
	}
	// Log groups are those in the account that trails of all regions write to.
	if groups := content.Set.Alarms.LogGroups; len(groups) != 1 || groups[0].ARN != a.Trails[1].LogGroupARN || groups[0].Name != "trail" {
		t.Errorf("log groups %+v", groups)
	}
	b.reread(content)
}

// The management account owns its organization's trail; elsewhere the selectors are
// not asked for, and the evidence says why.
func TestOrganizationTrailAlone(t *testing.T) {
	a := standard()
	a.Trails = []evidence.Trail{orgTrail()}
	content := newBench(t, a).clean()
	selectors := answer(content.Set, "cloudtrail:GetEventSelectors", "", "")
	if selectors == nil || selectors.Skipped == "" || len(selectors.Calls) != 2 {
		t.Errorf("selectors %+v", selectors)
	}
	a.Trails[0].ARN, a.Trails[0].Own = arn("cloudtrail", virginia, "trail/org"), true
	content = newBench(t, a).clean()
	if got := content.Set.Trails[0]; !got.SelectorsRead || !got.Organization {
		t.Errorf("trail %+v", got)
	}
}

func TestTrailCallsFail(t *testing.T) {
	main := arn("cloudtrail", seoul, "trail/main")
	denied := fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}
	for name, test := range map[string]struct {
		action, code string
		fault        fakeaws.Fault
	}{
		"status denied":                  {"cloudtrail:GetTrailStatus", "AccessDeniedException", denied},
		"selectors denied":               {"cloudtrail:GetEventSelectors", "AccessDeniedException", denied},
		"a status that does not say":     {"cloudtrail:GetTrailStatus", "MalformedBody", fakeaws.Fault{Status: 200, Body: "{}"}},
		"selectors of no trail":          {"cloudtrail:GetEventSelectors", "MalformedBody", fakeaws.Fault{Status: 200, Body: "{}"}},
		"a selector that does not say":   {"cloudtrail:GetEventSelectors", "MalformedBody", fakeaws.Fault{Status: 200, Body: `{"TrailARN":"` + main + `","EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true},{"ReadWriteType":"All"}]}`}},
		"the trail is gone in between":   {"cloudtrail:GetTrailStatus", "TrailNotFoundException", fakeaws.Fault{Status: 400, Code: "TrailNotFoundException"}},
		"selectors of a trail that went": {"cloudtrail:GetEventSelectors", "TrailNotFoundException", fakeaws.Fault{Status: 400, Code: "TrailNotFoundException"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, withChains(standard()))
			b.fake.Now = nil
			b.fake.Fault = within(seoul, test.action, -1, test.fault)
			content := b.run()
			f := content.Set.Failures
			if len(f) != 1 || f[0].Action != test.action || f[0].Subject != main || f[0].Code != test.code {
				t.Fatalf("failures %+v", f)
			}
			status := test.action == "cloudtrail:GetTrailStatus"
			if x := content.Set.Trails[0]; x.ARN != main || (x.Logging == nil) != status || x.SelectorsRead != status || (len(x.Basic)+len(x.Advanced) > 0) != status {
				t.Errorf("trail %+v", x)
			}
			b.reread(content)
		})
	}
}

// Where nothing leads to a log group or a topic, the evidence says so; it claims
// nothing of regions that did not answer.
func TestNothingToFollow(t *testing.T) {
	b := newBench(t, standard())
	content := b.clean()
	for _, action := range []string{"cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "logs:DescribeMetricFilters", "logs:TestMetricFilter", "cloudwatch:DescribeAlarms", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"} {
		if a := answer(content.Set, action, "", ""); a == nil || a.Skipped == "" || len(a.Calls) < 2 || a.Count != 0 {
			t.Errorf("%s: %+v", action, a)
		}
	}
	for _, action := range []string{"events:ListTargetsByRule", "events:TestEventPattern"} {
		if a := answer(content.Set, action, virginia, ""); a == nil || a.Skipped == "" || len(a.Calls) != 1 {
			t.Errorf("%s: %+v", action, a)
		}
	}
	b.reread(content)

	b = newBench(t, standard())
	b.fake.Now = nil
	b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == "cloudtrail:DescribeTrails" || r.Action == "events:ListRules" {
			return &fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}
		}
		return nil
	}
	content = b.run()
	for _, a := range content.Set.Answers {
		if service, _, _ := strings.Cut(a.Action, ":"); slices.Contains([]string{"events", "logs", "cloudwatch", "sns"}, service) || a.Action == "cloudtrail:GetTrailStatus" {
			t.Errorf("nobody could say so: %+v", a)
		}
	}
	b.reread(content)
}

// The synthetic events are what CloudTrail's user guide shows of a successful sign-in.
func TestSignInSamples(t *testing.T) {
	a := withChains(standard())
	content := newBench(t, a).clean()
	var records []string
	seen := map[string]int{}
	for _, c := range content.Recording.Calls {
		switch c.Operation {
		case "TestEventPattern":
			var event struct {
				Version, ID, Source, Account, Time, Region string
				DetailType                                 string `json:"detail-type"`
				Resources                                  []any
				Detail                                     json.RawMessage
			}
			text := c.Parameters["Event"].(string)
			if err := json.Unmarshal([]byte(text), &event); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if event.Version != "0" || event.Source != "aws.signin" || event.DetailType != "AWS Console Sign In via CloudTrail" || event.Account != accountID || event.ID == "" || event.Region == "" || event.Resources == nil {
				t.Errorf("envelope %s", text)
			}
			if _, err := time.Parse(time.RFC3339, event.Time); err != nil {
				t.Error(err)
			}
			records = append(records, string(event.Detail))
		case "TestMetricFilter":
			for _, m := range c.Parameters["logEventMessages"].([]any) {
				records = append(records, m.(string))
			}
		}
	}
	for _, text := range records {
		if strings.ContainsAny(text, "$\n") {
			t.Errorf("a placeholder or a line break is left in %s", text)
		}
		var r struct {
			EventVersion, EventTime, EventSource, EventName, EventID, EventType, EventCategory, AWSRegion, SourceIPAddress, UserAgent, RecipientAccountID string

			ReadOnly, ManagementEvent *bool
			RequestParameters         any
			UserIdentity              struct{ Type, PrincipalID, ARN, AccountID, UserName string }
			ResponseElements          struct{ ConsoleLogin string }
			AdditionalEventData       struct{ LoginTo, MobileVersion, MFAUsed, MFAIdentifier string }
		}
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		u := r.UserIdentity
		arns := map[string]string{"Root": "arn:aws:iam::" + accountID + ":root", "IAMUser": "arn:aws:iam::" + accountID + ":user/" + u.UserName}
		if !strings.HasPrefix(r.EventVersion, "1.") || r.EventSource != "signin.amazonaws.com" || r.EventName != "ConsoleLogin" || r.EventType != "AwsConsoleSignIn" || r.EventCategory != "Management" ||
			r.EventID == "" || r.UserAgent == "" || r.RequestParameters != nil || r.ReadOnly == nil || *r.ReadOnly || r.ManagementEvent == nil || !*r.ManagementEvent || r.RecipientAccountID != accountID ||
			r.ResponseElements.ConsoleLogin != "Success" || r.AdditionalEventData.LoginTo == "" || r.AdditionalEventData.MobileVersion != "No" ||
			strings.HasPrefix(r.AdditionalEventData.MFAIdentifier, "arn:aws:iam::"+accountID+":mfa/") != (r.AdditionalEventData.MFAUsed == "Yes") || (r.AdditionalEventData.MFAIdentifier == "") != (r.AdditionalEventData.MFAUsed == "No") ||
			u.AccountID != accountID || u.PrincipalID == "" || u.ARN != arns[u.Type] || (u.UserName == "") != (u.Type == "Root") {
			t.Errorf("record %s", text)
		}
		if _, err := time.Parse(time.RFC3339, r.EventTime); err != nil {
			t.Error(err)
		}
		seen[fmt.Sprintf("%s %s %s %s", u.Type, r.AWSRegion, r.AdditionalEventData.MFAUsed, r.SourceIPAddress)]++
	}
	// Root signs in in one region, users in both; with and without MFA, from two addresses.
	if len(seen) != 4+2*4 {
		t.Errorf("variants %v", seen)
	}
	for _, v := range content.Set.Alarms.Variants {
		mfa := map[bool]string{true: "Yes", false: "No"}[v.MFA]
		for _, who := range []string{"Root " + virginia, "IAMUser " + virginia, "IAMUser " + seoul} {
			if seen[who+" "+mfa+" "+v.Source] == 0 {
				t.Errorf("no sample of %s, %+v", who, v)
			}
		}
	}
}

// The same question has the same call id, whatever the day.
func TestCallIDsStay(t *testing.T) {
	ids := func(days int) []string {
		b := newBench(t, full())
		b.add(time.Duration(days) * 24 * time.Hour)
		var out []string
		for _, c := range b.clean().Recording.Calls {
			out = append(out, c.ID)
		}
		return out
	}
	if today, later := ids(0), ids(40); !slices.Equal(today, later) {
		t.Errorf("%d ids\n%v\nlater\n%v", len(today), today, later)
	}
}

func TestActionsCoverTheClients(t *testing.T) {
	seen := map[string]bool{}
	a := busy()
	a.Organization = member().Organization
	for _, c := range newBench(t, a).clean().Recording.Calls {
		seen[c.Action()] = true
	}
	for _, action := range collect.Actions() {
		if !seen[action] {
			t.Errorf("%s is allowed and never asked", action)
		}
	}
}
