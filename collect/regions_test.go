package collect_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// notOptedIn are the regions that the fake's new account has not enabled.
var notOptedIn = []string{"af-south-1", "ap-east-1", "eu-south-1", "me-south-1"}

// computing tells whether a region was asked for what only full scope asks.
func computing(counts map[string]int) bool {
	for action := range counts {
		service, operation, _ := strings.Cut(action, ":")
		if service == "ssm" || service == "ec2" && operation != "DescribeRegions" {
			return true
		}
	}
	return false
}

func TestScope(t *testing.T) {
	tests := []struct {
		name     string
		selected []string
		full     []string
		signIn   []string
	}{
		{"all enabled regions", nil, nil, nil}, // full: all 17
		{"one region", []string{seoul}, []string{seoul}, []string{sydney, stockholm, virginia, ohio}},
		{"a sign-in region among them", []string{virginia, seoul}, []string{seoul, virginia}, []string{sydney, stockholm, ohio}},
		{"a region twice", []string{tokyo, tokyo}, []string{tokyo}, []string{sydney, stockholm, virginia, ohio}},
		{"a region that is not opted in", []string{"af-south-1", seoul}, []string{seoul}, []string{sydney, stockholm, virginia, ohio}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := full()
			a.Trails, a.Rules, a.Filters = nil, nil, nil // no chain leads out of the scope
			b := newBench(t, a)
			b.scope = collect.Scope{Regions: test.selected, Reason: "정책으로 사용 금지"}
			content := b.clean()
			regions := content.Set.Regions
			if test.selected == nil {
				test.full = regions.In(evidence.ScopeFull)
				if len(test.full) != 17 {
					t.Errorf("%d regions in scope", len(test.full))
				}
			}
			if !regions.Read || !slices.Equal(regions.In(evidence.ScopeFull), test.full) || !slices.Equal(regions.In(evidence.ScopeSignIn), test.signIn) ||
				!slices.Equal(regions.In(evidence.ScopeDisabled), notOptedIn) || len(regions.All) != 21 {
				t.Fatalf("regions %+v", regions)
			}
			excluded := regions.In(evidence.ScopeExcluded)
			if len(excluded) != 17-len(test.full)-len(test.signIn) {
				t.Errorf("excluded %v", excluded)
			}
			byRegion := asked(content)
			for _, region := range test.full {
				if !computing(byRegion[region]) {
					t.Errorf("%s was not asked for instances: %v", region, byRegion[region])
				}
			}
			for _, region := range test.signIn {
				counts := byRegion[region]
				if computing(counts) || counts["events:ListRules"] != 1 || counts["cloudtrail:DescribeTrails"] != 1 || counts["cloudtrail:LookupEvents"] != 2 {
					t.Errorf("%s was asked %v", region, counts)
				}
			}
			for _, region := range slices.Concat(excluded, notOptedIn) {
				counts := byRegion[region] // Seoul is the session's own region
				delete(counts, "ec2:DescribeRegions")
				delete(counts, "sts:GetCallerIdentity")
				if len(counts) > 0 {
					t.Errorf("%s was asked %v", region, counts)
				}
			}
			if len(content.Set.Compute) != len(test.full) {
				t.Errorf("%d regions with instances read", len(content.Set.Compute))
			}

			stored, _ := pack(t, content)
			manifest := stored.Manifest.Regions
			if !slices.Equal(manifest.Taken, test.full) || len(manifest.LeftOut) != len(excluded) || len(manifest.Skipped) != len(test.signIn)+len(notOptedIn) {
				t.Errorf("manifest %+v", manifest)
			}
			for _, s := range manifest.Skipped {
				want := "범위 제외(콘솔 로그인 관련 조회만 수행)"
				if slices.Contains(notOptedIn, s.Region) {
					want = "계정에서 사용하도록 설정되지 않음"
				}
				if s.Reason != want {
					t.Errorf("%s is skipped because %q", s.Region, s.Reason)
				}
			}
			if (manifest.Reason == b.scope.Reason) != (test.selected != nil) {
				t.Errorf("reason %q", manifest.Reason)
			}
			b.reread(content)
		})
	}
}

// A chain that leads out of the scope is followed, and only the chain.
func TestChainsLeadOutOfTheScope(t *testing.T) {
	a := full()
	a.Rules = []evidence.EventRule{
		rule(seoul, "forward", signInPattern, bus(tokyo)),
		rule(tokyo, "central", signInPattern, arn("sns", tokyo, "alerts")),
		rule(tokyo, "other", `{"source":["aws.ec2"]}`),
	}
	a.Trails[1].HomeRegion, a.Trails[1].ARN, a.Trails[1].LogGroupARN = frankfurt, arn("cloudtrail", frankfurt, "trail/main"), arn("logs", frankfurt, "log-group:trail")
	a.Topics = []evidence.Topic{{ARN: arn("sns", tokyo, "alerts")}}
	b := newBench(t, a)
	b.scope = collect.Scope{Regions: []string{seoul}}
	content := b.clean()
	byRegion := asked(content)
	for region, want := range map[string]map[string]int{
		// Each rule is tested with its own region's events and with those that come from Seoul.
		tokyo:     {"events:ListRules": 1, "events:ListTargetsByRule": 1, "events:TestEventPattern": 8, "sns:GetTopicAttributes": 1, "sns:ListSubscriptionsByTopic": 1},
		frankfurt: {"cloudtrail:GetTrailStatus": 1, "cloudtrail:GetEventSelectors": 1, "logs:DescribeMetricFilters": 1},
	} {
		if !reflect.DeepEqual(byRegion[region], want) {
			t.Errorf("%s was asked %v, want %v", region, byRegion[region], want)
		}
		if scope := content.Set.Regions.Scope(region); scope != evidence.ScopeExcluded {
			t.Errorf("%s is %s", region, scope)
		}
	}
	if topics := content.Set.Alarms.Topics; len(topics) != 1 || !topics[0].AttributesRead {
		t.Errorf("topics %+v", topics)
	}
	stored, _ := pack(t, content)
	if m := stored.Manifest.Regions; !slices.Equal(m.Taken, []string{seoul}) || !slices.Contains(m.LeftOut, tokyo) || !slices.Contains(m.LeftOut, frankfurt) {
		t.Errorf("manifest %+v", m)
	}
	b.reread(content)
}

func TestUnknownRegion(t *testing.T) {
	b := newBench(t, standard())
	b.scope = collect.Scope{Regions: []string{seoul, "ap-northeast-9", "Seoul"}}
	_, err := b.collect(context.Background())
	var unknown *collect.UnknownRegionError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Regions, []string{"ap-northeast-9", "Seoul"}) {
		t.Errorf("error %v", err)
	}
	if want := map[string]int{"sts:GetCallerIdentity": 1, "iam:ListAccountAliases": 1, "ec2:DescribeRegions": 1}; !reflect.DeepEqual(b.fake.Counts(), want) {
		t.Errorf("asked %v", b.fake.Counts())
	}
}

// Without AWS's list the sign-in regions and the selected ones stand alone.
func TestRegionsCannotBeListed(t *testing.T) {
	for name, test := range map[string]struct {
		selected, full, signIn []string
		fault                  fakeaws.Fault
		code                   string
	}{
		"denied":                   {nil, []string{sydney, stockholm, virginia, ohio}, nil, fakeaws.Fault{Status: 403, Code: "UnauthorizedOperation"}, "UnauthorizedOperation"},
		"denied, with a selection": {[]string{seoul, ohio}, []string{seoul, ohio}, []string{sydney, stockholm, virginia}, fakeaws.Fault{Status: 403, Code: "UnauthorizedOperation"}, "UnauthorizedOperation"},
		"an unknown name too":      {[]string{"Seoul"}, []string{"Seoul"}, []string{sydney, stockholm, virginia, ohio}, fakeaws.Fault{Status: 403, Code: "UnauthorizedOperation"}, "UnauthorizedOperation"},
		"an answer without any":    {nil, []string{sydney, stockholm, virginia, ohio}, nil, fakeaws.Fault{Status: 200, Body: "<DescribeRegionsResponse><regionInfo/></DescribeRegionsResponse>"}, "MalformedBody"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, full())
			b.fake.Now = nil
			b.scope.Regions = test.selected
			b.fake.Fault = only("ec2:DescribeRegions", -1, test.fault)
			content := b.run()
			r, f := content.Set.Regions, content.Set.Failures
			if len(f) != 1 || f[0].Action != "ec2:DescribeRegions" || f[0].Code != test.code || f[0].Region != seoul {
				t.Errorf("failures %+v", f)
			}
			slices.Sort(test.full)
			if r.Read || !slices.Equal(r.In(evidence.ScopeFull), test.full) || !slices.Equal(r.In(evidence.ScopeSignIn), test.signIn) || len(r.All) != len(test.full)+len(test.signIn) {
				t.Errorf("regions %+v", r)
			}
			for _, x := range r.All {
				if x.OptIn != "" {
					t.Errorf("%s is %s, and nobody said so", x.Name, x.OptIn)
				}
			}
			b.reread(content)
		})
	}
}

// refusal is AWS's own words where a policy denies a call.
func refusal(r fakeaws.Request, why string) *fakeaws.Fault {
	message := "User: arn:aws:sts::" + accountID + ":assumed-role/reader/audit is not authorized to perform: " + r.Action + " " + why
	if strings.HasPrefix(r.Action, "ec2:") {
		return &fakeaws.Fault{Status: 403, Body: "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation. " +
			message + "</Message></Error></Errors><RequestID>1</RequestID></Response>"}
	}
	return &fakeaws.Fault{Status: 400, Body: fmt.Sprintf(`{"__type":"AccessDeniedException","message":%q}`, message)}
}

const (
	byControlPolicy  = "with an explicit deny in a service control policy: arn:aws:organizations::" + partner + ":policy/o-1/service_control_policy/p-1"
	byIdentityPolicy = "with an explicit deny in an identity-based policy"
)

// One region is closed by a service control policy, one to the reader, one does not
// answer at all: the others stand, and every failure says where it was.
func TestSomeRegionsFail(t *testing.T) {
	a := busy()
	calm := newBench(t, a).clean()
	b := newBench(t, a)
	b.fake.Now = nil // denials must not look like clock skew
	b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		switch r.Region {
		case tokyo:
			return refusal(r, byControlPolicy)
		case "eu-west-1":
			return refusal(r, byIdentityPolicy)
		case ohio:
			return &fakeaws.Fault{Reset: true}
		}
		return nil
	}
	content := b.run()
	questions := []string{"cloudtrail:DescribeTrails", "cloudtrail:LookupEvents", "cloudtrail:LookupEvents", "ec2:DescribeInstances", "events:ListRules"}
	for _, test := range []struct {
		region        string
		codes         []string // of ec2 and of the others
		controlPolicy bool
		attempts      int // of the first question; the others get one
	}{
		{tokyo, []string{"UnauthorizedOperation", "AccessDeniedException"}, true, 1},
		{"eu-west-1", []string{"UnauthorizedOperation", "AccessDeniedException"}, false, 1},
		{ohio, []string{"ConnectionReset", "ConnectionReset"}, false, maxAttempt},
	} {
		var failed []string
		for _, f := range content.Set.Failures {
			if f.Region != test.region {
				continue
			}
			failed = append(failed, f.Action)
			code := test.codes[1]
			if strings.HasPrefix(f.Action, "ec2:") {
				code = test.codes[0]
			}
			if f.Code != code || f.ControlPolicy != test.controlPolicy || f.CallID == "" {
				t.Errorf("failure %+v, want the code %s", f, code)
			}
		}
		slices.Sort(failed)
		if !slices.Equal(failed, questions) {
			t.Errorf("%s: failed %v", test.region, failed)
		}
		counts := asked(content)[test.region]
		if counts["cloudtrail:DescribeTrails"] != test.attempts || sum(counts) != test.attempts+len(questions)-1 {
			t.Errorf("%s was asked %v", test.region, counts)
		}
	}
	if n := len(content.Set.Failures); n != 3*len(questions) {
		t.Errorf("%d failures: %+v", n, content.Set.Failures)
	}
	// What the other regions said is what they say in a calm run.
	closed := []string{tokyo, ohio, "eu-west-1"}
	same := func(c evidence.Compute) bool { return slices.Contains(closed, c.Region) }
	got, want := slices.DeleteFunc(slices.Clone(content.Set.Compute), same), slices.DeleteFunc(slices.Clone(calm.Set.Compute), same)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("compute %+v\nwant %+v", got, want)
	}
	compared := 0
	for _, want := range calm.Set.Answers {
		if slices.Contains(closed, want.Region) || strings.Contains(want.Subject, "← ") || slices.ContainsFunc(want.Calls, func(id string) bool {
			return slices.ContainsFunc(closed, func(r string) bool { return strings.Contains(id, "-"+r+"-") })
		}) {
			continue
		}
		compared++
		if got := answer(content.Set, want.Action, want.Region, want.Subject); got == nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("answer %+v, want %+v", got, want)
		}
	}
	if compared < 200 {
		t.Errorf("only %d answers compared", compared)
	}
	for _, r := range calm.Set.Alarms.Rules {
		if slices.Contains(closed, r.Region) {
			continue
		}
		tests := slices.DeleteFunc(slices.Clone(r.Tests), func(x evidence.SignInTest) bool { return slices.Contains(closed, x.Region) })
		if got := ruleOf(t, content.Set, r.Region, r.Name); !reflect.DeepEqual(got.Tests, tests) || !reflect.DeepEqual(got.Targets, r.Targets) {
			t.Errorf("rule %+v\nwant the tests %+v", got, tests)
		}
	}
	b.reread(content)
}

func TestStepsAreCounted(t *testing.T) {
	for _, a := range []fakeaws.Account{standard(), full()} {
		b := newBench(t, a)
		conn, err := collect.Open(context.Background(), collect.Target{Now: b.Now, Sleep: b.Sleep})
		if err != nil {
			t.Fatal(err)
		}
		n, total := 0, 0
		titles := map[string]bool{}
		_, err = collect.Run(context.Background(), conn, "test", collect.Scope{}, collect.Hooks{Step: func(number, of int, title string) {
			if n++; number != n || total != 0 && of != total || titles[title] || title == "" {
				t.Errorf("step %d is number %d of %d: %q", n, number, of, title)
			}
			total, titles[title] = of, true
		}})
		if err != nil || n != total || n == 0 {
			t.Errorf("%d steps of %d: %v", n, total, err)
		}
	}
}
