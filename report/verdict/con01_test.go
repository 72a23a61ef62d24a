package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
)

const (
	auditee        = "123456789012"
	foreigner      = "210987654321"
	regionSeoul    = "ap-northeast-2"
	regionVirginia = "us-east-1"
	regionOregon   = "us-west-2"
)

// signInRegions are the four of sign-in, and two others.
var watchedRegions = []string{regionSeoul, "ap-southeast-2", "eu-north-1", regionVirginia, "us-east-2", regionOregon}

func topicOf(region string) string { return "arn:aws:sns:" + region + ":" + auditee + ":login" }
func busOf(region string) string {
	return "arn:aws:events:" + region + ":" + auditee + ":event-bus/default"
}
func ruleOf(region string) string { return "arn:aws:events:" + region + ":" + auditee + ":rule/login" }

const forwarder = "arn:aws:iam::" + auditee + ":role/forward"

// forwardTo makes the bus of a region the rule's target, with a role that may send there.
func forwardTo(set *evidence.Set, r *evidence.EventRule, region string) {
	r.Targets = []evidence.RuleTarget{{ID: "bus", ARN: busOf(region), RoleARN: forwarder}}
	set.IAM.Roles = []evidence.Role{{Name: "forward", ARN: forwarder, Trust: trustOf(`{"Service":"events.amazonaws.com"}`), Calls: []string{"role"},
		Inline: inline(statement("Allow", `"events:PutEvents"`, `"`+busOf(region)+`"`))}}
}

const groupARN = "arn:aws:logs:" + regionSeoul + ":" + auditee + ":log-group:trail"

// publishers lets both services publish to the topic.
func publishers(topic string) string {
	return `{"Statement":[{"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","cloudwatch.amazonaws.com"]},"Action":"sns:Publish","Resource":"` + topic + `"}]}`
}

// tested are AWS's answers for the sign-ins of a region: root's in its own only.
func tested(region string, match func(evidence.SignInTest) bool) []evidence.SignInTest {
	var out []evidence.SignInTest
	for _, class := range []evidence.LoginClass{evidence.LoginRoot, evidence.LoginUser} {
		if class == evidence.LoginRoot && region != regionVirginia {
			continue
		}
		for _, mfa := range []bool{true, false} {
			for _, source := range []string{"203.0.113.10", "198.51.100.20"} {
				x := evidence.SignInTest{Class: class, Region: region, MFA: mfa, Source: source, Calls: []string{"test-" + region}}
				x.Match = match == nil || match(x)
				out = append(out, x)
			}
		}
	}
	return out
}

func never(evidence.SignInTest) bool { return false }

// watchSet is an account whose every question was answered, with a console user,
// a trail that logs everything and nothing that watches it.
func watchSet() *evidence.Set {
	on := true
	set := iamSet()
	set.CredentialReport = reportSet(evidence.CredentialRow{User: evidence.RootAccount}, evidence.CredentialRow{User: "u", PasswordEnabled: evidence.FlagTrue}).CredentialReport
	set.IAM.Users = []evidence.User{{Name: "u", ARN: set.CredentialReport.Rows[1].ARN}}
	set.Regions = &evidence.Regions{Read: true}
	set.Alarms = &evidence.Alarms{Variants: []evidence.SignInVariant{
		{MFA: true, Source: "203.0.113.10"}, {MFA: true, Source: "198.51.100.20"}, {MFA: false, Source: "203.0.113.10"}, {MFA: false, Source: "198.51.100.20"}}}
	for _, r := range watchedRegions {
		set.Regions.All = append(set.Regions.All, evidence.Region{Name: r, Scope: evidence.ScopeFull})
		for _, action := range []string{"events:ListRules", "cloudtrail:DescribeTrails"} {
			set.Answers = append(set.Answers, evidence.Answer{Action: action, Region: r, Calls: []string{action + "-" + r}})
		}
	}
	set.Trails = []evidence.Trail{{
		Name: "main", ARN: "arn:aws:cloudtrail:" + regionSeoul + ":" + auditee + ":trail/main", HomeRegion: regionSeoul, MultiRegion: true, Own: true,
		Logging: &on, SelectorsRead: true, Basic: []evidence.EventSelector{{ReadWriteType: "All", Management: true}}, Calls: []string{"trail"},
	}}
	return set
}

// watch adds a rule of the region's own sign-ins with its topic.
func watch(set *evidence.Set, regions ...string) {
	for _, r := range regions {
		set.Alarms.Rules = append(set.Alarms.Rules, evidence.EventRule{
			Region: r, Name: "login", ARN: ruleOf(r), State: "ENABLED", Pattern: `{"detail-type":["AWS Console Sign In via CloudTrail"]}`, Candidate: true,
			Tests: tested(r, nil), TargetsRead: true, Targets: []evidence.RuleTarget{{ID: "1", ARN: topicOf(r)}}, Calls: []string{"rule-" + r},
		})
		set.Alarms.Topics = append(set.Alarms.Topics, topicIn(r))
	}
}

func topicIn(region string) evidence.Topic {
	return evidence.Topic{
		ARN: topicOf(region), Region: region, Account: auditee, Own: true, AttributesRead: true, Policy: publishers(topicOf(region)), SubscriptionsRead: true,
		Subscriptions: []evidence.Subscription{{Protocol: "email", Endpoint: "s***@example.com", Confirmed: true}}, Calls: []string{"topic-" + region},
	}
}

// watchLogs adds a chain over the trail's log group that covers every region.
func watchLogs(set *evidence.Set) {
	one := 1.0
	set.Trails[0].LogGroupARN = groupARN
	a := set.Alarms
	a.LogGroups = []evidence.LogGroup{{ARN: groupARN, Region: regionSeoul, Account: auditee, Name: "trail", FiltersRead: true, AlarmsRead: true, Calls: []string{"filters"}}}
	f := evidence.MetricFilter{Region: regionSeoul, LogGroup: "trail", Name: "signin", Pattern: `{ $.eventName = "ConsoleLogin" }`, Calls: []string{"filters"},
		Metrics: []evidence.FilterMetric{{Namespace: "Audit", Name: "SignIn", Value: "1"}}}
	for _, r := range watchedRegions {
		f.Tests = append(f.Tests, tested(r, nil)...)
	}
	a.Filters = []evidence.MetricFilter{f}
	a.MetricAlarms = []evidence.MetricAlarm{{
		Region: regionSeoul, Name: "signin", ARN: "arn:aws:cloudwatch:" + regionSeoul + ":" + auditee + ":alarm:signin", Namespace: "Audit", Metric: "SignIn",
		Statistic: "Sum", Period: 300, EvaluationPeriods: 1, Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold",
		ActionsEnabled: true, Actions: []string{topicOf(regionSeoul)}, Calls: []string{"alarms"},
	}}
	a.Topics = append(a.Topics, topicIn(regionSeoul))
}

// excluding makes the trail one of a single region that leaves global service events out.
func excluding(set *evidence.Set, region string) {
	no := false
	set.Trails[0].MultiRegion, set.Trails[0].HomeRegion, set.Trails[0].GlobalEvents = false, region, &no
}

// fails takes the answers of a call in a region away ("" for all) and records its failure.
func fails(set *evidence.Set, action, region, subject string) {
	set.Answers = slices.DeleteFunc(set.Answers, func(a evidence.Answer) bool { return a.Action == action && (region == "" || a.Region == region) })
	set.Failures = append(set.Failures, evidence.Failure{CallID: "failed", Action: action, Subject: subject, Region: region, Code: "AccessDenied"})
}

func on(set *evidence.Set, region string) (*evidence.EventRule, *evidence.Topic) {
	r := slices.IndexFunc(set.Alarms.Rules, func(r evidence.EventRule) bool { return r.Region == region })
	t := slices.IndexFunc(set.Alarms.Topics, func(t evidence.Topic) bool { return t.Region == region })
	return &set.Alarms.Rules[r], &set.Alarms.Topics[t]
}

// con01Of runs the rule and checks what holds for every outcome.
func con01Of(t *testing.T, set *evidence.Set) (Outcome, map[string]Finding) {
	t.Helper()
	out := con01(Input{Evidence: set, Settings: defaults(t), Failures: set.Failures})
	byName := map[string]Finding{}
	for _, f := range out.Findings {
		byName[f.Resource] = f
		if f.Reason == "" || !strings.HasSuffix(f.Reason, ")") && !strings.ContainsAny(f.Reason, "함임음") || strings.Contains(f.Reason, "위반") {
			t.Errorf("%s: reason %q", f.Resource, f.Reason)
		}
		if f.Status != Unknown && len(f.CallIDs) == 0 {
			t.Errorf("%s: %s without a call (%s)", f.Resource, f.Status, f.Reason)
		}
		if f.Region == "" || len(f.Cells["region"].Lines) != 2 {
			t.Errorf("%s: region %q, cell %v", f.Resource, f.Region, f.Cells["region"])
		}
	}
	if out.Population != len(out.Findings) || out.Reason == "" {
		t.Errorf("population %d of %d, reason %q", out.Population, len(out.Findings), out.Reason)
	}
	return out, byName
}

// statuses writes what differs from good: root first.
func statuses(out Outcome) string {
	var list []string
	for _, f := range out.Findings {
		if f.Status != Good {
			list = append(list, f.Resource+"="+string(f.Status))
		}
	}
	return strings.Join(list, " ")
}

const (
	rootIn = "root/" + regionVirginia
	userIn = "iam-user/" + regionVirginia
	// noUser: IAM users are covered in none of the four, and not elsewhere.
	noUser = "iam-user/ap-northeast-2=interview iam-user/ap-southeast-2=vulnerable iam-user/eu-north-1=vulnerable " +
		"iam-user/us-east-1=vulnerable iam-user/us-east-2=vulnerable iam-user/us-west-2=interview"
	nothing = rootIn + "=vulnerable " + noUser
)

// Which classes and regions a set-up covers.
func TestCON01Coverage(t *testing.T) {
	tests := []struct {
		name   string
		change func(*evidence.Set)
		want   Verdict
		not    string // what is not good
		about  string
		reason string
	}{
		{"no rule anywhere", func(*evidence.Set) {}, Vulnerable, nothing, rootIn,
			"us-east-1의 기본 이벤트 버스에 로그인 이벤트를 받을 수 있는 규칙이 없음(사용자 지정 버스의 규칙은 로그인 이벤트를 받지 않음)"},
		{"rule only on a custom bus", func(s *evidence.Set) { // its topic is there, the rule is on no default bus
			for _, r := range watchedRegions {
				s.Alarms.Topics = append(s.Alarms.Topics, topicIn(r))
			}
		}, Vulnerable, nothing, userIn, "사용자 지정 버스의 규칙은 로그인 이벤트를 받지 않음"},
		{"rule in every region", func(s *evidence.Set) { watch(s, watchedRegions...) }, Good, "", rootIn,
			"규칙 login → SNS 주제 login(구독 확인됨/대기 1/0)"},
		{"rule only in Seoul", func(s *evidence.Set) { watch(s, regionSeoul) }, Vulnerable,
			rootIn + "=vulnerable " + strings.Replace(noUser, "iam-user/ap-northeast-2=interview ", "", 1), rootIn, "확인되지 않음"},
		{"rule only in us-east-1", func(s *evidence.Set) { watch(s, regionVirginia) }, Vulnerable,
			strings.Replace(noUser, "iam-user/us-east-1=vulnerable ", "", 1), "iam-user/eu-north-1", "eu-north-1의 기본 이벤트 버스에"},
		{"rule in the four sign-in regions", func(s *evidence.Set) { watch(s, evidence.SignInRegions...) }, Interview,
			"iam-user/ap-northeast-2=interview iam-user/us-west-2=interview", "iam-user/us-west-2", "리전 엔드포인트로 로그인한 경우에 해당하는 us-west-2에서"},
		{"multi-region trail chain over logs", watchLogs, Good, "", rootIn, "필터 signin → 경보 signin → SNS 주제 login(구독 확인됨/대기 1/0)"},
		{"central bus", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			central, _ := on(s, regionSeoul)
			for _, r := range watchedRegions {
				if forward, _ := on(s, r); r != regionSeoul {
					forwardTo(s, forward, regionSeoul)
					central.Tests = append(central.Tests, tested(r, nil)...)
				}
			}
			s.Alarms.Topics = []evidence.Topic{topicIn(regionSeoul)}
		}, Good, "", rootIn, "ap-northeast-2의 기본 이벤트 버스, 규칙 login(ap-northeast-2) → SNS 주제 login(구독 확인됨/대기 1/0)"},
		{"rule of a pattern for root only", func(s *evidence.Set) {
			watch(s, regionVirginia)
			r, _ := on(s, regionVirginia)
			r.Tests = tested(regionVirginia, func(x evidence.SignInTest) bool { return x.Class == evidence.LoginRoot })
		}, Vulnerable, noUser, userIn, "시험 4건이 모두 일치하지 않음"},
		{"no trail", func(s *evidence.Set) { watch(s, watchedRegions...); s.Trails = nil }, Vulnerable, nothing, rootIn, "CloudTrail 추적이 없음"},
		{"single-region trail behind a rule elsewhere", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			s.Trails[0].MultiRegion = false
		}, Vulnerable, rootIn + "=vulnerable " + strings.Replace(noUser, "iam-user/ap-northeast-2=interview ", "", 1), rootIn,
			"us-east-1의 이벤트를 기록하는 추적이 없음(다른 리전의 단일 리전 추적: main(ap-northeast-2))"},
		{"single-region trail behind the rule", func(s *evidence.Set) {
			watch(s, regionVirginia)
			excluding(s, regionVirginia)
			*s.Trails[0].GlobalEvents = true
		}, Vulnerable, strings.Replace(noUser, "iam-user/us-east-1=vulnerable ", "", 1), rootIn, "확인된 구독까지 구성되어 있음"},
		{"single-region trail without global service events", func(s *evidence.Set) {
			watch(s, regionVirginia)
			excluding(s, regionVirginia)
		}, Vulnerable, strings.NewReplacer(rootIn+"=vulnerable", rootIn+"=interview", userIn+"=vulnerable", userIn+"=interview").Replace(nothing), rootIn,
			"규칙 login: 추적 main: 글로벌 서비스 이벤트 제외 추적이므로 us-east-1의 로그인 이벤트를 기록하는지 확인이 필요함"},
		{"single-region trail that does not say whether it has them", func(s *evidence.Set) {
			watch(s, regionVirginia)
			excluding(s, regionVirginia)
			s.Trails[0].GlobalEvents = nil
		}, Vulnerable, strings.NewReplacer(rootIn+"=vulnerable", rootIn+"=interview", userIn+"=vulnerable", userIn+"=interview").Replace(nothing), rootIn,
			"규칙 login: 추적 main: 글로벌 서비스 이벤트의 포함 여부가 응답에 없으므로 us-east-1의 로그인 이벤트를 기록하는지 확인이 필요함"},
		{"single-region trail without global service events elsewhere", func(s *evidence.Set) {
			watch(s, "us-east-2")
			excluding(s, "us-east-2")
		}, Vulnerable, strings.Replace(nothing, "iam-user/us-east-2=vulnerable ", "", 1), "iam-user/us-east-2", "구성되어 있음"},
		{"multi-region trail always has global service events", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			excluding(s, regionSeoul)
			s.Trails[0].MultiRegion = true
		}, Good, "", rootIn, "구성되어 있음"},
		{"trail without global service events that does not log", func(s *evidence.Set) {
			watch(s, regionVirginia)
			excluding(s, regionVirginia)
			*s.Trails[0].Logging = false
		}, Vulnerable, nothing, rootIn, "로그 기록이 중지되어 있음"},
		{"log group of a single-region trail", func(s *evidence.Set) {
			s.Trails[0].MultiRegion, s.Trails[0].LogGroupARN = false, groupARN
		}, Vulnerable, nothing, "iam-user/" + regionSeoul, "단일 리전 추적의 로그 그룹에 대한 지표 필터와 경보는 조회하지 않아"},
		{"region left out", func(s *evidence.Set) {
			watch(s, evidence.SignInRegions...)
			s.Regions.All[0].Scope, s.Regions.All[5].Scope = evidence.ScopeExcluded, evidence.ScopeDisabled
		}, Good, "", userIn, "구성되어 있음"},
		{"sign-in region asked although left out", func(s *evidence.Set) {
			watch(s, watchedRegions[:5]...)
			s.Regions.All[5].Scope = evidence.ScopeExcluded
			s.Regions.All[3].Scope = evidence.ScopeSignIn
			r, _ := on(s, regionVirginia)
			r.State = "DISABLED"
		}, Vulnerable, rootIn + "=vulnerable " + userIn + "=vulnerable", userIn, "DISABLED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			tt.change(set)
			out, byName := con01Of(t, set)
			if got := statuses(out); fold(out.Findings) != tt.want || got != tt.not {
				t.Errorf("item %s, not good: %q; want %s, %q", fold(out.Findings), got, tt.want, tt.not)
			}
			if f := byName[tt.about]; !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s: reason %q lacks %q", tt.about, f.Reason, tt.reason)
			}
		})
	}
}

// What breaks a chain over EventBridge, or leaves it open: seen at root's.
func TestCON01Events(t *testing.T) {
	rule := func(change func(*evidence.EventRule)) func(*evidence.Set) {
		return func(s *evidence.Set) { r, _ := on(s, regionVirginia); change(r) }
	}
	match := func(f func(evidence.SignInTest) bool) func(*evidence.Set) {
		return rule(func(r *evidence.EventRule) { r.Tests = tested(regionVirginia, f) })
	}
	target := func(arns ...string) func(*evidence.Set) {
		return rule(func(r *evidence.EventRule) {
			r.Targets = nil
			for _, a := range arns {
				r.Targets = append(r.Targets, evidence.RuleTarget{ID: a, ARN: a})
			}
		})
	}
	trail := func(change func(*evidence.Trail)) func(*evidence.Set) {
		return func(s *evidence.Set) { change(&s.Trails[0]) }
	}
	advanced := func(fields ...evidence.FieldSelector) func(*evidence.Set) {
		return trail(func(t *evidence.Trail) {
			fields = append(fields, evidence.FieldSelector{Field: "eventCategory", Equals: []string{"Management"}})
			t.Basic, t.Advanced = nil, []evidence.AdvancedSelector{{Fields: fields}}
		})
	}
	organization := trail(func(t *evidence.Trail) { t.Organization, t.Own, t.SelectorsRead, t.Basic = true, false, false, nil })
	other := func(text string) string { return strings.Replace(text, auditee, foreigner, 1) }
	central := func(then func(*evidence.Set, *evidence.EventRule)) func(*evidence.Set) {
		return func(s *evidence.Set) {
			forward, _ := on(s, regionVirginia)
			forwardTo(s, forward, regionSeoul)
			r, _ := on(s, regionSeoul)
			r.Tests = append(r.Tests, tested(regionVirginia, nil)...)
			then(s, r)
		}
	}
	variants := func(keep func(evidence.SignInVariant) bool) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.Alarms.Variants = slices.DeleteFunc(s.Alarms.Variants, func(v evidence.SignInVariant) bool { return !keep(v) })
		}
	}
	throughRole := rule(func(r *evidence.EventRule) { r.Targets[0].RoleARN = "arn:aws:iam::" + auditee + ":role/publish" })
	tests := []struct {
		name   string
		change func(*evidence.Set)
		want   Verdict
		reason string
	}{
		{"all as it should be", func(*evidence.Set) {}, Good, "구성되어 있음"},
		{"all management events enabled", rule(func(r *evidence.EventRule) { r.State = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }), Good, "구성되어 있음"},
		{"disabled rule", rule(func(r *evidence.EventRule) { r.State = "DISABLED" }), Vulnerable, "규칙 login: 규칙이 비활성화(DISABLED) 상태임"},
		{"state not said", rule(func(r *evidence.EventRule) { r.State = "" }), Interview, "규칙 login: 규칙의 상태(값 없음)를 해석할 수 없음"},
		{"state not known", rule(func(r *evidence.EventRule) { r.State = "ENABLED_IN_PART" }), Interview, "규칙의 상태(ENABLED_IN_PART)를 해석할 수 없음"},
		{"failure-only pattern", func(s *evidence.Set) {
			match(never)(s)
			rule(func(r *evidence.EventRule) {
				r.Pattern = `{"detail":{"responseElements":{"ConsoleLogin":["Failure"]}}}`
			})(s)
		}, Vulnerable, "시험 4건이 모두 일치하지 않음(패턴이 로그인 실패 값 Failure를 지정함)"},
		{"pattern of something else", match(never), Vulnerable, "로그인 성공 이벤트의 시험 4건이 모두 일치하지 않음"},
		{"no-MFA-only pattern", match(func(x evidence.SignInTest) bool { return !x.MFA }), Vulnerable, "MFA를 사용하지 않은 로그인만 일치하고"},
		{"MFA-only pattern", match(func(x evidence.SignInTest) bool { return x.MFA }), Vulnerable, "MFA를 사용한 로그인만 일치하고"},
		{"one source only", match(func(x evidence.SignInTest) bool { return x.Source == "203.0.113.10" }), Interview, "소스 주소 198.51.100.20의 로그인"},
		{"one source and no MFA", match(func(x evidence.SignInTest) bool { return !x.MFA && x.Source == "203.0.113.10" }), Vulnerable, "MFA를 사용하지 않은 로그인만"},
		{"a test unanswered", func(s *evidence.Set) {
			rule(func(r *evidence.EventRule) { r.Tests = r.Tests[1:] })(s)
			fails(s, "events:TestEventPattern", regionVirginia, ruleOf(regionVirginia))
		}, Unknown, "events:TestEventPattern(" + ruleOf(regionVirginia) + ", us-east-1) 조회 실패 AccessDenied"},
		{"a test unanswered, its topic not asked", func(s *evidence.Set) {
			rule(func(r *evidence.EventRule) { r.Tests = nil })(s)
			_, topic := on(s, regionVirginia)
			topic.ARN = topicOf("elsewhere")
			fails(s, "events:TestEventPattern", regionVirginia, ruleOf(regionVirginia))
		}, Unknown, "판정할 수 없음: 규칙 login: events:TestEventPattern(" + ruleOf(regionVirginia) + ", us-east-1) 조회 실패 AccessDenied"},
		{"a test unanswered of a disabled rule", func(s *evidence.Set) {
			rule(func(r *evidence.EventRule) { r.Tests, r.State = nil, "DISABLED" })(s)
			fails(s, "events:TestEventPattern", regionVirginia, ruleOf(regionVirginia))
		}, Vulnerable, "DISABLED"},
		{"no variants at all", func(s *evidence.Set) { s.Alarms.Variants = nil }, Unknown, "events:TestEventPattern(" + ruleOf(regionVirginia) + ", us-east-1) 수집되지 않음"},

		{"variants with MFA only", variants(func(v evidence.SignInVariant) bool { return v.MFA }), Unknown, "events:TestEventPattern(" + ruleOf(regionVirginia) + ", us-east-1) 수집되지 않음"},
		{"variants without MFA only", variants(func(v evidence.SignInVariant) bool { return !v.MFA }), Unknown, "수집되지 않음"},
		{"variants of one source", variants(func(v evidence.SignInVariant) bool { return v.Source == "203.0.113.10" }), Unknown, "수집되지 않음"},
		{"variants of one source without MFA", variants(func(v evidence.SignInVariant) bool { return v.MFA || v.Source == "203.0.113.10" }), Unknown, "수집되지 않음"},
		{"variants of one source with MFA", variants(func(v evidence.SignInVariant) bool { return !v.MFA || v.Source == "203.0.113.10" }), Unknown, "수집되지 않음"},

		{"no target", target(), Vulnerable, "규칙에 대상이 없음"},
		{"targets unread", func(s *evidence.Set) {
			rule(func(r *evidence.EventRule) { r.Targets, r.TargetsRead = nil, false })(s)
			fails(s, "events:ListTargetsByRule", regionVirginia, ruleOf(regionVirginia))
		}, Unknown, "events:ListTargetsByRule(" + ruleOf(regionVirginia)},
		{"second page of targets unread, topic on the first", func(s *evidence.Set) {
			rule(func(r *evidence.EventRule) { r.TargetsRead = false })(s)
			fails(s, "events:ListTargetsByRule", regionVirginia, ruleOf(regionVirginia))
		}, Good, "구성되어 있음"},
		{"topic in another region", target(topicOf(regionSeoul)), Vulnerable,
			"규칙 login: SNS 주제 login: 규칙의 리전(us-east-1)과 다른 리전(ap-northeast-2)의 주제이므로 규칙의 대상으로 전달되지 않음"},
		{"another account's topic in another region", target(other(topicOf(regionSeoul))), Vulnerable, "다른 리전(ap-northeast-2)의 주제"},
		{"topic in another region beside a good one", target(topicOf(regionSeoul), topicOf(regionVirginia)), Good, "구성되어 있음"},
		{"topic published through a role", throughRole, Interview,
			"SNS 주제 login: 대상에 역할(publish)이 지정되어 있어 주제 정책만으로는 게시 여부를 확인할 수 없음"},
		{"topic published through a role, nobody subscribed", func(s *evidence.Set) {
			throughRole(s)
			_, topic := on(s, regionVirginia)
			topic.Subscriptions = nil
		}, Vulnerable, "구독이 없음"},
		{"topic published through a role, attributes unread", func(s *evidence.Set) {
			throughRole(s)
			_, topic := on(s, regionVirginia)
			topic.AttributesRead = false
			fails(s, "sns:GetTopicAttributes", regionVirginia, topic.ARN)
		}, Unknown, "sns:GetTopicAttributes"},
		{"Lambda target", target("arn:aws:lambda:us-east-1:123456789012:function:notify"), Interview, "Lambda 함수 notify까지는 추적할 수 없음"},
		{"SQS target", target("arn:aws:sqs:us-east-1:123456789012:q"), Interview, "SQS 대기열 q까지는"},
		{"unknown kind of target", target("arn:aws:newservice:us-east-1:123456789012:thing/x"), Interview, "newservice 자원 x까지는"},
		{"API destination", target("arn:aws:events:us-east-1:123456789012:api-destination/slack/1"), Interview, "API 대상까지는"},
		{"Lambda beside a good topic", target("arn:aws:lambda:us-east-1:123456789012:function:notify", topicOf(regionVirginia)), Good, "Lambda 함수 notify, SNS 주제 login"},
		{"Lambda beside a deleted topic", func(s *evidence.Set) {
			target("arn:aws:lambda:us-east-1:123456789012:function:notify", topicOf(regionVirginia))(s)
			_, topic := on(s, regionVirginia)
			*topic = evidence.Topic{ARN: topic.ARN, Region: regionVirginia, Account: auditee, Own: true, Missing: true, Calls: topic.Calls}
		}, Interview, "Lambda 함수 notify까지는"},
		{"custom-bus target", target("arn:aws:events:us-east-1:123456789012:event-bus/security"), Interview, "사용자 지정 이벤트 버스 security까지는"},
		{"foreign bus", target(other(busOf(regionSeoul))), Interview, "다른 계정(210987654321)의 기본 이벤트 버스"},
		{"own bus", target(busOf(regionVirginia)), Interview, "같은 리전의 기본 이벤트 버스"},
		{"User Notifications", rule(func(r *evidence.EventRule) { r.ManagedBy = notifier }), Interview, "AWS User Notifications의 관리형 규칙"},
		{"User Notifications that do not match", func(s *evidence.Set) {
			match(never)(s)
			rule(func(r *evidence.EventRule) { r.ManagedBy = notifier })(s)
		}, Vulnerable, "일치하지 않음"},

		{"central rule", central(func(*evidence.Set, *evidence.EventRule) {}), Good, "ap-northeast-2의 기본 이벤트 버스"},
		{"central rule disabled", central(func(_ *evidence.Set, r *evidence.EventRule) { r.State = "DISABLED" }), Vulnerable, "중앙 리전의 규칙 login(ap-northeast-2): 규칙이 비활성화"},
		{"central rule for its own region only", central(func(_ *evidence.Set, r *evidence.EventRule) {
			r.Tests = append(tested(regionSeoul, nil), tested(regionVirginia, never)...)
		}), Vulnerable, "중앙 리전의 규칙 login(ap-northeast-2): 로그인 성공 이벤트의 시험 4건이 모두"},
		{"central rule not tested for this region", central(func(s *evidence.Set, r *evidence.EventRule) {
			r.Tests = tested(regionSeoul, nil)
			fails(s, "events:TestEventPattern", regionSeoul, ruleOf(regionSeoul)+" ← "+regionVirginia)
		}), Unknown, "events:TestEventPattern(" + ruleOf(regionSeoul) + " ← us-east-1, ap-northeast-2)"},
		{"no rule in the central region", central(func(s *evidence.Set, r *evidence.EventRule) { r.Candidate = false }), Vulnerable, "ap-northeast-2의 기본 이벤트 버스에 로그인 이벤트를 받을 수 있는 규칙이 없음"},
		{"central region unread", central(func(s *evidence.Set, r *evidence.EventRule) {
			r.Candidate = false
			fails(s, "events:ListRules", regionSeoul, "")
		}), Unknown, "events:ListRules(ap-northeast-2) 조회 실패"},
		{"central region left out", central(func(s *evidence.Set, r *evidence.EventRule) {
			r.Candidate = false
			fails(s, "events:ListRules", regionSeoul, "")
			s.Regions.All[0].Scope = evidence.ScopeExcluded
		}), Interview, "점검 범위에서 제외된 리전의 기본 이벤트 버스(ap-northeast-2)"},
		{"two hops", central(func(_ *evidence.Set, r *evidence.EventRule) { r.Targets[0].ARN = busOf(regionOregon) }), Interview, "두 번째 전달부터는"},
		{"central rule to Lambda", central(func(_ *evidence.Set, r *evidence.EventRule) {
			r.Targets[0].ARN = "arn:aws:lambda:ap-northeast-2:123456789012:function:f"
		}), Interview, "중앙 리전의 규칙 login(ap-northeast-2): Lambda 함수 f"},

		{"trail not logging", trail(func(t *evidence.Trail) { off := false; t.Logging = &off }), Vulnerable, "추적 main: 로그 기록이 중지되어 있음"},
		{"trail status unread", func(s *evidence.Set) {
			s.Trails[0].Logging = nil
			fails(s, "cloudtrail:GetTrailStatus", regionSeoul, s.Trails[0].ARN)
		}, Unknown, "cloudtrail:GetTrailStatus(arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/main, ap-northeast-2) 조회 실패"},
		{"read-only selectors", trail(func(t *evidence.Trail) { t.Basic[0].ReadWriteType = "ReadOnly" }), Vulnerable, "추적 main: 이벤트 선택기가 읽기 이벤트만 기록함"},
		{"write-only selectors", trail(func(t *evidence.Trail) { t.Basic[0].ReadWriteType = "WriteOnly" }), Good, "구성되어 있음"},
		{"a read-only selector beside a full one", trail(func(t *evidence.Trail) {
			t.Basic = append([]evidence.EventSelector{{ReadWriteType: "ReadOnly", Management: true}}, t.Basic...)
		}), Good, "구성되어 있음"},
		{"no management events", trail(func(t *evidence.Trail) { t.Basic[0].Management = false }), Vulnerable, "관리 이벤트가 포함되어 있지 않음"},
		{"no selector", trail(func(t *evidence.Trail) { t.Basic = nil }), Vulnerable, "관리 이벤트가 포함되어 있지 않음"},
		{"an unknown kind of selector", trail(func(t *evidence.Trail) { t.Basic[0].ReadWriteType = "New" }), Interview, "ReadWriteType(New)"},
		{"KMS events left out", trail(func(t *evidence.Trail) { t.Basic[0].ExcludeSources = []string{"kms.amazonaws.com"} }), Good, "구성되어 있음"},
		{"selectors unread", func(s *evidence.Set) {
			s.Trails[0].SelectorsRead, s.Trails[0].Basic = false, nil
			fails(s, "cloudtrail:GetEventSelectors", regionSeoul, s.Trails[0].ARN)
		}, Unknown, "cloudtrail:GetEventSelectors"},
		{"advanced selectors", advanced(), Good, "구성되어 있음"},
		{"advanced readOnly=false", advanced(evidence.FieldSelector{Field: "readOnly", Equals: []string{"false"}}), Good, "구성되어 있음"},
		{"advanced readOnly=true", advanced(evidence.FieldSelector{Field: "readOnly", Equals: []string{"true"}}), Vulnerable, "고급 이벤트 선택기가 읽기 이벤트만"},
		{"advanced by another operator on readOnly", advanced(evidence.FieldSelector{Field: "readOnly", Equals: []string{"false"}, NotEquals: []string{"true"}}), Interview, "조건(readOnly)"},
		{"advanced by event source", advanced(evidence.FieldSelector{Field: "eventSource", NotEquals: []string{"kms.amazonaws.com"}}), Interview, "고급 이벤트 선택기의 조건(eventSource)"},
		{"advanced data events", trail(func(t *evidence.Trail) {
			t.Basic, t.Advanced = nil, []evidence.AdvancedSelector{{Fields: []evidence.FieldSelector{{Field: "eventCategory", Equals: []string{"Data"}}}}}
		}), Vulnerable, "관리 이벤트가 포함되어 있지 않음"},
		{"organization trail in a member account", organization, Interview, "조직 추적 main: 이 계정에서는 이벤트 선택기가 확인되지 않음"},
		{"organization trail that does not log", func(s *evidence.Set) { organization(s); off := false; s.Trails[0].Logging = &off }, Vulnerable, "중지되어 있음"},
		{"organization trail beside a trail of its own", func(s *evidence.Set) {
			own := s.Trails[0]
			organization(s)
			s.Trails = append(s.Trails, own)
		}, Good, "구성되어 있음"},
		{"a stopped trail beside one that logs", func(s *evidence.Set) {
			off, stopped := false, s.Trails[0]
			stopped.Name, stopped.Logging = "stopped", &off
			s.Trails = append([]evidence.Trail{stopped}, s.Trails...)
		}, Good, "구성되어 있음"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			watch(set, watchedRegions...)
			tt.change(set)
			_, byName := con01Of(t, set)
			const unasked = "수집되지 않음" // told only of what should have been asked
			f := byName[rootIn]
			if strings.Contains(f.Reason, unasked) != strings.Contains(tt.reason, unasked) {
				t.Errorf("reason %q", f.Reason)
			}
			if f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s (%s); want %s, %q", f.Status, f.Reason, tt.want, tt.reason)
			}
		})
	}
}

// What breaks a chain over a log group, or leaves it open.
func TestCON01Logs(t *testing.T) {
	alarm := func(change func(*evidence.MetricAlarm)) func(*evidence.Set) {
		return func(s *evidence.Set) { change(&s.Alarms.MetricAlarms[0]) }
	}
	filter := func(change func(*evidence.MetricFilter)) func(*evidence.Set) {
		return func(s *evidence.Set) { change(&s.Alarms.Filters[0]) }
	}
	composite := func(rule string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.Alarms.MetricAlarms[0].Actions = nil
			s.Alarms.Composites = []evidence.CompositeAlarm{{Region: regionSeoul, Name: "all", Rule: rule, ActionsEnabled: true, Actions: []string{topicOf(regionSeoul)}, Calls: []string{"alarms"}}}
		}
	}
	alarmElsewhere := func(s *evidence.Set) {
		s.Alarms.MetricAlarms[0].Actions = []string{topicOf(regionVirginia)}
		s.Alarms.Topics = append(s.Alarms.Topics, topicIn(regionVirginia))
	}
	tests := []struct {
		name   string
		change func(*evidence.Set)
		want   Verdict
		reason string
	}{
		{"all as it should be", func(*evidence.Set) {}, Good, "필터 signin → 경보 signin"},
		{"trail without a log group", func(s *evidence.Set) { s.Trails[0].LogGroupARN, s.Alarms.LogGroups = "", nil }, Vulnerable, "추적이 기록하지 않는 다른 로그 그룹(trail)의 필터임"},
		{"log group in another account", func(s *evidence.Set) {
			s.Trails[0].LogGroupARN, s.Alarms.LogGroups, s.Alarms.Filters = strings.Replace(groupARN, auditee, foreigner, 1), nil, nil
		}, Interview, "로그 그룹 trail: 다른 계정(210987654321)의 로그 그룹까지는 추적할 수 없음"},
		{"organization trail with its log group elsewhere", func(s *evidence.Set) {
			x := &s.Trails[0]
			x.Organization, x.Own, x.SelectorsRead, x.Basic = true, false, false, nil
			x.LogGroupARN, s.Alarms.LogGroups, s.Alarms.Filters = strings.Replace(groupARN, auditee, foreigner, 1), nil, nil
		}, Interview, "다른 계정(210987654321)의 로그 그룹"},
		{"organization trail without a log group", func(s *evidence.Set) {
			x := &s.Trails[0]
			x.Organization, x.Own, x.SelectorsRead, x.Basic, x.LogGroupARN, s.Alarms.Filters = true, false, false, nil, "", nil
		}, Vulnerable, "로그 그룹에 기록하는 추적이 없음"},
		{"trail not logging", func(s *evidence.Set) { off := false; s.Trails[0].Logging = &off }, Vulnerable, "로그 기록이 중지되어 있음"},
		{"trail of this region only", func(s *evidence.Set) { s.Trails[0].MultiRegion, s.Trails[0].HomeRegion = false, regionVirginia }, Interview, "추적 main: 다중 리전 추적이 아니므로"},
		{"trail of another region only", func(s *evidence.Set) { s.Trails[0].MultiRegion = false }, Vulnerable, "추적 main: ap-northeast-2의 단일 리전 추적이므로 다른 리전의"},
		{"delivery to the group fails", func(s *evidence.Set) { s.Trails[0].LogDeliveryError = "AccessDenied" }, Interview, "최근 로그 그룹 전달에서 오류(AccessDenied)"},
		{"log group unread", func(s *evidence.Set) {
			s.Alarms.LogGroups, s.Alarms.Filters = nil, nil
			fails(s, "logs:DescribeMetricFilters", regionSeoul, "")
		}, Unknown, "logs:DescribeMetricFilters(ap-northeast-2) 조회 실패"},
		{"filters unread", func(s *evidence.Set) {
			s.Alarms.LogGroups[0].FiltersRead, s.Alarms.Filters = false, nil
			fails(s, "logs:DescribeMetricFilters", regionSeoul, "")
		}, Unknown, "logs:DescribeMetricFilters(ap-northeast-2) 조회 실패"},
		{"filters unread beyond a good one", func(s *evidence.Set) {
			s.Alarms.LogGroups[0].FiltersRead = false
			fails(s, "logs:DescribeMetricFilters", regionSeoul, "")
		}, Good, "필터 signin → 경보 signin"},
		{"no filter", func(s *evidence.Set) { s.Alarms.Filters = nil }, Vulnerable, "로그 그룹 trail: 로그 그룹에 지표 필터가 없음"},
		{"filter on another log group", filter(func(f *evidence.MetricFilter) { f.LogGroup = "app" }), Vulnerable, "추적이 기록하지 않는 다른 로그 그룹(app)의 필터임"},
		{"filter of that name in another region", filter(func(f *evidence.MetricFilter) { f.Region = regionVirginia }), Vulnerable, "다른 로그 그룹(trail)"},
		{"filter that matches nothing", filter(func(f *evidence.MetricFilter) {
			for i := range f.Tests {
				f.Tests[i].Match = false
			}
		}), Vulnerable, "필터 signin: 로그인 성공 이벤트의 시험 4건이 모두 일치하지 않음"},
		{"filter for IAM users only", filter(func(f *evidence.MetricFilter) {
			for i := range f.Tests {
				f.Tests[i].Match = f.Tests[i].Class == evidence.LoginUser
			}
		}), Vulnerable, "시험 4건이 모두 일치하지 않음"},
		{"filter for logins without MFA", filter(func(f *evidence.MetricFilter) {
			for i := range f.Tests {
				f.Tests[i].Match = !f.Tests[i].MFA
			}
		}), Vulnerable, "MFA를 사용하지 않은 로그인만 일치하고"},
		{"filter not tested", func(s *evidence.Set) {
			s.Alarms.Filters[0].Tests, s.Alarms.MetricAlarms = nil, nil
			fails(s, "logs:TestMetricFilter", regionSeoul, "trail/other of the same pattern")
		}, Unknown, "logs:TestMetricFilter(trail/other of the same pattern, ap-northeast-2) 조회 실패"},
		{"filter with a selection beside the pattern", filter(func(f *evidence.MetricFilter) { f.Criteria = `@aws.region = "us-east-1"` }), Interview, "선택 조건(@aws.region"},
		{"filter on transformed logs", filter(func(f *evidence.MetricFilter) { f.Transformed = true }), Interview, "변환된 로그"},
		{"filter that emits system fields", filter(func(f *evidence.MetricFilter) { f.Emitted = []string{"@aws.account", "@aws.region"} }), Interview,
			"필터가 시스템 필드(@aws.account, @aws.region)를 지표의 차원으로 기록하므로"},
		{"alarm of another unit", alarm(func(a *evidence.MetricAlarm) { a.Unit = "Count" }), Vulnerable, "경보의 단위(Count)가 필터가 기록하는 지표의 단위(None)와 달라"},
		{"alarm to a topic in another region", alarmElsewhere, Interview,
			"SNS 주제 login: 경보의 리전(ap-northeast-2)과 다른 리전(us-east-1)의 주제이므로 게시 여부의 확인이 필요함"},
		{"alarm to a deleted topic in another region", func(s *evidence.Set) { alarmElsewhere(s); s.Alarms.Topics[1].Missing = true }, Vulnerable, "삭제되어"},
		{"alarm to a topic in another region beside a good one", func(s *evidence.Set) {
			alarmElsewhere(s)
			s.Alarms.MetricAlarms[0].Actions = append(s.Alarms.MetricAlarms[0].Actions, topicOf(regionSeoul))
		}, Good, "경보 signin"},
		{"filter without alarm", func(s *evidence.Set) { s.Alarms.MetricAlarms = nil }, Vulnerable, "필터 signin: 필터의 지표를 감시하는 경보가 없음"},
		{"alarm on another metric", alarm(func(a *evidence.MetricAlarm) { a.Metric = "Other" }), Vulnerable, "필터의 지표를 감시하는 경보가 없음"},
		{"alarm in another region", alarm(func(a *evidence.MetricAlarm) { a.Region = regionVirginia }), Vulnerable, "필터의 지표를 감시하는 경보가 없음"},
		{"alarms unread", func(s *evidence.Set) {
			s.Alarms.LogGroups[0].AlarmsRead, s.Alarms.MetricAlarms = false, nil
			fails(s, "cloudwatch:DescribeAlarms", regionSeoul, "")
		}, Unknown, "cloudwatch:DescribeAlarms(ap-northeast-2) 조회 실패"},
		{"alarms unread beyond a broken one", func(s *evidence.Set) {
			s.Alarms.LogGroups[0].AlarmsRead, s.Alarms.MetricAlarms[0].ActionsEnabled = false, false
			fails(s, "cloudwatch:DescribeAlarms", regionSeoul, "")
		}, Unknown, "cloudwatch:DescribeAlarms"},
		{"alarm that does not fire at one", alarm(func(a *evidence.MetricAlarm) { a.EvaluationPeriods = 3 }), Vulnerable, "데이터 포인트 3개가 필요하여"},
		{"alarm without action", alarm(func(a *evidence.MetricAlarm) { a.Actions = nil }), Vulnerable, "필터 signin → 경보 signin: 경보에 조치가 없음"},
		{"alarm with actions off", alarm(func(a *evidence.MetricAlarm) { a.ActionsEnabled = false }), Vulnerable, "경보의 조치가 꺼져 있음(ActionsEnabled=false)"},
		{"alarm with another action", alarm(func(a *evidence.MetricAlarm) {
			a.Actions = []string{"arn:aws:lambda:ap-northeast-2:123456789012:function:f"}
		}), Interview, "경보의 조치 Lambda 함수 f까지는"},
		{"alarm in a composite alarm", composite(`ALARM("signin") OR ALARM(other)`), Interview, "복합 경보 all"},
		{"alarm in a composite alarm by ARN", composite(`ALARM( arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:signin )`), Interview, "복합 경보 all"},
		{"composite alarm of another name", composite(`ALARM("signin-2")`), Vulnerable, "경보에 조치가 없음"},
		{"composite alarm of another region", func(s *evidence.Set) {
			composite("ALARM(signin)")(s)
			s.Alarms.Composites[0].Region = regionVirginia
		}, Vulnerable, "경보에 조치가 없음"},
		{"composite alarm with actions off", func(s *evidence.Set) { composite("ALARM(signin)")(s); s.Alarms.Composites[0].ActionsEnabled = false }, Vulnerable, "경보에 조치가 없음"},
		{"topic deleted", func(s *evidence.Set) { s.Alarms.Topics[0].Missing = true }, Vulnerable, "SNS 주제 login: 삭제되어"},
		{"topic with SNS's default policy", func(s *evidence.Set) {
			s.Alarms.Topics[0].Policy = `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"SNS:Publish","Resource":"` + topicOf(regionSeoul) +
				`","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}`
		}, Good, "경보 signin"},
		{"topic policy for EventBridge only", func(s *evidence.Set) {
			s.Alarms.Topics[0].Policy = strings.Replace(publishers(topicOf(regionSeoul)), `,"cloudwatch.amazonaws.com"`, "", 1)
		}, Vulnerable, "정책에 cloudwatch.amazonaws.com의 게시(sns:Publish)를 허용하는 구문이 없음"},
		{"one of two trails to the group logs", func(s *evidence.Set) {
			off, stopped := false, s.Trails[0]
			stopped.Name, stopped.Logging = "stopped", &off
			s.Trails = append(s.Trails, stopped)
		}, Good, "경보 signin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			watchLogs(set)
			tt.change(set)
			_, byName := con01Of(t, set)
			if f := byName[rootIn]; f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s (%s); want %s, %q", f.Status, f.Reason, tt.want, tt.reason)
			}
		})
	}
}

func TestCON01AlarmFires(t *testing.T) {
	zero, one, five := 0.0, 1.0, 5.0
	type setup struct {
		a *evidence.MetricAlarm
		m *evidence.FilterMetric
	}
	tests := []struct {
		name   string
		change func(setup)
		want   grade
		why    string
	}{
		{"sum of at least one", func(setup) {}, gradeComplete, ""},
		{"sum of more than zero", func(s setup) { s.a.Comparison, s.a.Threshold = "GreaterThanThreshold", &zero }, gradeComplete, ""},
		{"sum of more than one", func(s setup) { s.a.Comparison = "GreaterThanThreshold" }, gradeBroken, "지표 값 1이 경보 조건(Sum GreaterThanThreshold 1)에 미치지 못함"},
		{"sum of at least five", func(s setup) { s.a.Threshold = &five }, gradeBroken, "경보 조건(Sum GreaterThanOrEqualToThreshold 5)"},
		{"value of five", func(s setup) { s.a.Threshold, s.m.Value = &five, "5" }, gradeComplete, ""},
		{"less than", func(s setup) { s.a.Comparison = "LessThanThreshold" }, gradeBroken, "지표가 작아질 때의 경보(Sum LessThanThreshold 1)"},
		{"default of zero", func(s setup) { s.m.DefaultValue = &zero }, gradeComplete, ""},
		{"default of one in a sum", func(s setup) { s.m.DefaultValue = &one }, gradeInterview, "기본값 1"},
		{"default that alarms by itself", func(s setup) { s.m.DefaultValue, s.a.Threshold = &zero, &zero }, gradeInterview, "기본값 0"},
		{"maximum", func(s setup) { s.a.Statistic = "Maximum" }, gradeComplete, ""},
		{"sample count", func(s setup) { s.a.Statistic, s.m.Value = "SampleCount", "7" }, gradeComplete, ""},
		{"sample count of at least five", func(s setup) { s.a.Statistic, s.m.Value, s.a.Threshold = "SampleCount", "7", &five }, gradeBroken, "지표 값 1이"},
		{"sample count with a default", func(s setup) { s.a.Statistic, s.m.DefaultValue = "SampleCount", &zero }, gradeInterview, "기본값 0"},
		{"average", func(s setup) { s.a.Statistic = "Average" }, gradeComplete, ""},
		{"average with a default", func(s setup) { s.a.Statistic, s.m.DefaultValue = "Average", &zero }, gradeInterview, "기본값 0"},
		{"minimum with a default", func(s setup) { s.a.Statistic, s.m.DefaultValue = "Minimum", &zero }, gradeInterview, "기본값 0"},
		{"no statistic", func(s setup) { s.a.Statistic = "" }, gradeInterview, "해석할 수 없음"},
		{"percentile", func(s setup) { s.a.Statistic, s.a.ExtendedStatistic = "", "p99" }, gradeInterview, "확장 통계(p99)"},
		{"metric math", func(s setup) { s.a.Math = []evidence.MetricRef{{Namespace: "Audit", Metric: "SignIn"}} }, gradeInterview, "지표 수식"},
		{"anomaly band", func(s setup) { s.a.Comparison, s.a.Threshold = "GreaterThanUpperThreshold", nil }, gradeInterview, "고정된 임계값이 없음(GreaterThanUpperThreshold)"},
		{"anomaly comparison with a number", func(s setup) { s.a.Comparison = "GreaterThanUpperThreshold" }, gradeInterview, "해석할 수 없음"},
		{"value of a field", func(s setup) { s.m.Value = "$.size" }, gradeInterview, "지표 값($.size)이 고정된 수가 아님"},
		{"dimension of the filter", func(s setup) { s.m.Dimensions = []string{"user=$.userIdentity.arn"} }, gradeInterview, "차원"},
		{"dimension of the alarm", func(s setup) { s.a.Dimensions = []string{"user=u"} }, gradeInterview, "차원"},
		{"one of three datapoints", func(s setup) { s.a.EvaluationPeriods, s.a.DatapointsToAlarm = 3, 1 }, gradeComplete, ""},
		{"two of three datapoints", func(s setup) { s.a.EvaluationPeriods, s.a.DatapointsToAlarm = 3, 2 }, gradeBroken, "데이터 포인트 2개"},
		{"three periods", func(s setup) { s.a.EvaluationPeriods = 3 }, gradeBroken, "데이터 포인트 3개"},
		{"no period", func(s setup) { s.a.EvaluationPeriods = 0 }, gradeInterview, "평가 기간"},
		{"units differ", func(s setup) { s.a.Unit, s.m.Unit = "Seconds", "Count" }, gradeBroken, "경보의 단위(Seconds)가 필터가 기록하는 지표의 단위(Count)와 달라"},
		{"alarm's unit, the filter has none", func(s setup) { s.a.Unit = "Count" }, gradeBroken, "경보의 단위(Count)가 필터가 기록하는 지표의 단위(None)와 달라"},
		{"alarm's unit None, the filter counts", func(s setup) { s.a.Unit, s.m.Unit = "None", "Count" }, gradeBroken, "경보의 단위(None)가 필터가 기록하는 지표의 단위(Count)와 달라"},
		{"alarm's unit None, the filter has none", func(s setup) { s.a.Unit = "None" }, gradeComplete, ""},
		{"units agree", func(s setup) { s.a.Unit, s.m.Unit = "Count", "Count" }, gradeComplete, ""},
		{"alarm of any unit", func(s setup) { s.m.Unit = "Count" }, gradeComplete, ""},
		{"units differ beside a dimension", func(s setup) { s.a.Unit, s.a.Dimensions = "Count", []string{"user=u"} }, gradeBroken, "단위"},
		{"missing data breaches", func(s setup) { s.a.TreatMissing = "breaching" }, gradeInterview, "breaching"},
		{"missing data does not breach", func(s setup) { s.a.TreatMissing = "notBreaching" }, gradeComplete, ""},
		{"missing data ignored", func(s setup) { s.a.TreatMissing = "ignore" }, gradeInterview, "ignore"},
		{"missing data ignored but there is a default", func(s setup) { s.a.TreatMissing, s.m.DefaultValue = "ignore", &zero }, gradeComplete, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			watchLogs(set)
			a, m := set.Alarms.MetricAlarms[0], set.Alarms.Filters[0].Metrics[0]
			tt.change(setup{&a, &m})
			if got := fires(a, m); got.grade != tt.want || !strings.Contains(got.why(), tt.why) || tt.why == "" && got.why() != "" {
				t.Errorf("grade %d (%s), want %d, %q", got.grade, got.why(), tt.want, tt.why)
			}
		})
	}
}

// A failed call costs the chains that it could have shown, and no others.
func TestCON01Failures(t *testing.T) {
	// nothing is covered, and us-east-1 was not seen
	unseen := strings.NewReplacer(rootIn+"=vulnerable", rootIn+"=unknown", userIn+"=vulnerable", userIn+"=unknown").Replace(nothing)
	tests := []struct {
		name   string
		change func(*evidence.Set)
		not    string
		about  string
		reason string
	}{
		{"Control Tower denies a region that logs cover", func(s *evidence.Set) { watchLogs(s); fails(s, "events:ListRules", regionOregon, "") }, "", "iam-user/" + regionOregon, "구성되어 있음"},
		{"events denied in a region, rules elsewhere", func(s *evidence.Set) {
			watch(s, watchedRegions[:5]...)
			fails(s, "events:ListRules", regionOregon, "")
		}, "iam-user/us-west-2=unknown", "iam-user/" + regionOregon, "events:ListRules(us-west-2) 조회 실패 AccessDenied"},
		{"an open chain beside a failed call that could hide a whole one", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			r, _ := on(s, regionVirginia)
			r.Targets[0].ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
			fails(s, "events:ListRules", regionVirginia, "")
		}, rootIn + "=unknown " + userIn + "=unknown", rootIn, "events:ListRules(us-east-1) 조회 실패"},
		{"second page of rules failed beyond a whole chain", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			fails(s, "events:ListRules", regionVirginia, "")
		}, "", rootIn, "구성되어 있음"},
		{"second page of rules failed beyond a broken chain", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			r, _ := on(s, regionVirginia)
			r.State = "DISABLED"
			fails(s, "events:ListRules", regionVirginia, "")
		}, rootIn + "=unknown " + userIn + "=unknown", rootIn, "events:ListRules(us-east-1) 조회 실패"},
		{"events denied everywhere", func(s *evidence.Set) { fails(s, "events:ListRules", "", "") },
			rootIn + "=unknown " + strings.NewReplacer("vulnerable", "unknown", "interview", "unknown").Replace(noUser), rootIn, "events:ListRules"},
		{"events denied where no trail records", func(s *evidence.Set) { s.Trails = nil; fails(s, "events:ListRules", regionVirginia, "") }, nothing, rootIn, "CloudTrail 추적이 없음"},
		{"events neither answered nor failed", func(s *evidence.Set) {
			s.Answers = slices.DeleteFunc(s.Answers, func(a evidence.Answer) bool { return a.Action == "events:ListRules" && a.Region == regionVirginia })
		}, unseen, rootIn, "events:ListRules(us-east-1) 수집되지 않음"},
		{"trails denied in a region, a multi-region trail seen", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			fails(s, "cloudtrail:DescribeTrails", regionVirginia, "")
		}, "", rootIn, "구성되어 있음"},
		{"trails denied in a region, none seen", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			s.Trails = nil
			fails(s, "cloudtrail:DescribeTrails", regionVirginia, "")
		}, unseen, rootIn,
			"cloudtrail:DescribeTrails(us-east-1) 조회 실패"},
		{"trails denied in a region without a rule", func(s *evidence.Set) { fails(s, "cloudtrail:DescribeTrails", regionVirginia, "") }, unseen, rootIn,
			"판정할 수 없음: CloudTrail 로그 경로: cloudtrail:DescribeTrails(us-east-1) 조회 실패 AccessDenied"},
		{"trails denied in a region that multi-region logs cover", func(s *evidence.Set) {
			watchLogs(s)
			fails(s, "cloudtrail:DescribeTrails", regionVirginia, "")
		}, "", rootIn, "구성되어 있음"},
		{"trails denied in a region, a multi-region way broken", func(s *evidence.Set) {
			watchLogs(s)
			s.Alarms.MetricAlarms[0].ActionsEnabled = false
			fails(s, "cloudtrail:DescribeTrails", regionVirginia, "")
		}, unseen, rootIn, "cloudtrail:DescribeTrails(us-east-1) 조회 실패"},
		{"trails denied everywhere", func(s *evidence.Set) { s.Trails = nil; fails(s, "cloudtrail:DescribeTrails", "", "") },
			rootIn + "=unknown " + strings.NewReplacer("vulnerable", "unknown", "interview", "unknown").Replace(noUser), rootIn, "cloudtrail:DescribeTrails"},
		{"subscriptions denied for one topic", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			_, topic := on(s, regionVirginia)
			topic.Subscriptions, topic.SubscriptionsRead = nil, false
			fails(s, "sns:ListSubscriptionsByTopic", regionVirginia, topic.ARN)
		}, rootIn + "=unknown " + userIn + "=unknown", rootIn, "sns:ListSubscriptionsByTopic(" + topicOf(regionVirginia)},
		{"two failures, the right one is told", func(s *evidence.Set) {
			watch(s, watchedRegions...)
			_, topic := on(s, regionVirginia)
			topic.AttributesRead = false
			fails(s, "sns:GetTopicAttributes", regionVirginia, "arn:aws:sns:us-east-1:123456789012:another")
			fails(s, "sns:GetTopicAttributes", regionVirginia, topic.ARN)
		}, rootIn + "=unknown " + userIn + "=unknown", rootIn, "sns:GetTopicAttributes(" + topicOf(regionVirginia)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			tt.change(set)
			out, byName := con01Of(t, set)
			if got := statuses(out); got != tt.not {
				t.Errorf("not good: %q, want %q", got, tt.not)
			}
			if f := byName[tt.about]; !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("reason %q lacks %q", f.Reason, tt.reason)
			}
		})
	}
}

// Through the driver: what the rule has weighed costs no other finding.
func TestCON01Driver(t *testing.T) {
	items := catalog(t).Items
	it := items[slices.IndexFunc(items, func(i item.Item) bool { return i.ID == "CON-01" })]
	complete := func(change func(*evidence.Set)) Result {
		set := watchSet()
		watchLogs(set)
		for _, e := range it.Evidence {
			for _, r := range watchedRegions {
				set.Answers = append(set.Answers, evidence.Answer{Action: e.Call, Region: r, Calls: []string{"c"}})
			}
		}
		change(set)
		return decide(it, con01, set, defaults(t))
	}
	if r := complete(func(*evidence.Set) {}); r.Auto != Good || len(r.Notes) != 0 {
		t.Errorf("all well: %s (%s), notes %q", r.Auto, r.Reason, r.Notes)
	}
	for _, action := range con01Told {
		r := complete(func(s *evidence.Set) {
			s.Failures = append(s.Failures, evidence.Failure{CallID: "x", Action: action, Region: regionOregon, Code: "AccessDenied"})
		})
		if r.Auto != Good || !strings.Contains(strings.Join(r.Notes, "\n"), "판정에 영향이 없음: "+action) {
			t.Errorf("%s denied in %s: %s (%s), notes %q", action, regionOregon, r.Auto, r.Reason, r.Notes)
		}
	}
	if r := complete(func(s *evidence.Set) { fails(s, "ec2:DescribeRegions", regionVirginia, "") }); r.Auto != Unknown {
		t.Errorf("regions unread: %s", r.Auto)
	}
	for _, take := range []func(*evidence.Set){func(s *evidence.Set) { s.Regions = nil }, func(s *evidence.Set) { s.Alarms = nil }} {
		if r := complete(take); r.Auto != Unknown || len(r.Findings) != 0 {
			t.Errorf("nothing collected: %s with %d findings", r.Auto, len(r.Findings))
		}
	}
}

// Regions that were not read cost their own findings only.
func TestCON01OneRegionTimingOutAndOneDenied(t *testing.T) {
	items := catalog(t).Items
	it := items[slices.IndexFunc(items, func(i item.Item) bool { return i.ID == "CON-01" })]
	set := watchSet()
	watch(set, watchedRegions...)
	for _, e := range it.Evidence {
		for _, r := range watchedRegions {
			set.Answers = append(set.Answers, evidence.Answer{Action: e.Call, Region: r, Calls: []string{"c"}})
		}
	}
	set.Alarms.Rules = slices.DeleteFunc(set.Alarms.Rules, func(r evidence.EventRule) bool { return r.Region == regionSeoul || r.Region == regionOregon })
	fails(set, "events:ListRules", regionOregon, "")
	set.Failures[0].Code = "RequestTimeout"
	fails(set, "events:ListRules", regionSeoul, "")
	r := decide(it, con01, set, defaults(t))
	want := map[string]string{"iam-user/" + regionOregon: "events:ListRules(us-west-2) 조회 실패 RequestTimeout", "iam-user/" + regionSeoul: "events:ListRules(ap-northeast-2) 조회 실패 AccessDenied"}
	for _, f := range r.Findings {
		if why := want[f.Resource]; why == "" && f.Status != Good || why != "" && f.Status != Unknown || !strings.Contains(f.Reason, why) {
			t.Errorf("%s: %s (%s)", f.Resource, f.Status, f.Reason)
		}
	}
	if r.Auto != Unknown || len(r.Findings) != 7 || r.Checked != 5 || !strings.Contains(r.Reason, "RequestTimeout") || !strings.Contains(r.Reason, "AccessDenied") {
		t.Errorf("%s (%s), %d of %d findings checked", r.Auto, r.Reason, r.Checked, len(r.Findings))
	}
	// What is proved stays proved.
	on, _ := on(set, regionVirginia)
	on.State = "DISABLED"
	if r := decide(it, con01, set, defaults(t)); r.Auto != Vulnerable || r.Vulnerable != 2 {
		t.Errorf("a disabled rule beside them: %s, %d vulnerable", r.Auto, r.Vulnerable)
	}
}

// Events go to another region's bus by a role that EventBridge may assume and that
// may put events there.
func TestCON01ForwardingRole(t *testing.T) {
	const put = `"events:PutEvents"`
	bus := `"` + busOf(regionSeoul) + `"`
	role := func(change func(*evidence.Role)) func(*evidence.Set) {
		return func(s *evidence.Set) { change(&s.IAM.Roles[0]) }
	}
	holds := func(documents ...string) func(*evidence.Set) {
		return role(func(r *evidence.Role) { r.Inline = inline(documents...) })
	}
	trust := func(document string) func(*evidence.Set) {
		return role(func(r *evidence.Role) { r.Trust = document })
	}
	target := func(roleARN string) func(*evidence.Set) {
		return func(s *evidence.Set) { r, _ := on(s, regionVirginia); r.Targets[0].RoleARN = roleARN }
	}
	conditioned := func(condition string) string {
		return `{"Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole","Condition":` + condition + `}]}`
	}
	tests := []struct {
		name   string
		change func(*evidence.Set)
		want   Verdict
		reason string
	}{
		{"may put events on the bus", func(*evidence.Set) {}, Good, "구성되어 있음"},
		{"administrator", holds(statement("Allow", `"*"`, `"*"`)), Good, "구성되어 있음"},
		{"no role", target(""), Interview, "ap-northeast-2의 기본 이벤트 버스로 보내는 대상에 역할이 지정되어 있지 않아(역할 없음)"},
		{"role not in the evidence", target("arn:aws:iam::" + auditee + ":role/gone"), Interview, "역할(gone)이 이 계정의 역할 목록에 없어"},
		{"IAM not read", func(s *evidence.Set) { s.IAM = nil }, Unknown, "iam:GetAccountAuthorizationDetails"},
		{"IAM read in part", func(s *evidence.Set) { fails(s, details, "", "") }, Unknown, "iam:GetAccountAuthorizationDetails"},
		{"no policy", holds(), Vulnerable, "ap-northeast-2의 기본 이벤트 버스로 보내는 역할(forward): 이벤트를 보낼 권한(events:PutEvents)이 없음"},
		{"another bus only", holds(statement("Allow", put, `"`+busOf(regionOregon)+`"`)), Vulnerable, "이벤트를 보낼 권한(events:PutEvents)이 없음"},
		{"another action only", holds(statement("Allow", `"events:ListRules"`, bus)), Vulnerable, "이벤트를 보낼 권한(events:PutEvents)이 없음"},
		{"denied", holds(statement("Allow", put, bus), statement("Deny", put, `"*"`)), Vulnerable, "이벤트를 보낼 권한(events:PutEvents)이 없음"},
		{"boundary without it", role(func(r *evidence.Role) { r.Boundary = &ref("Deny")[0] }), Vulnerable, "이벤트를 보낼 권한(events:PutEvents)이 없음"},
		{"boundary with it", role(func(r *evidence.Role) { r.Boundary = &ref("Allow")[0] }), Good, "구성되어 있음"},
		{"closed by a control policy", func(s *evidence.Set) {
			s.Organization = &evidence.Organization{PoliciesRead: true, Targets: []evidence.ControlTarget{{ID: auditee, SCPs: []string{"p-1", "p-full"}}},
				Policies: []evidence.ControlPolicy{{ID: "p-1", Name: "shut", Document: statement("Deny", `"events:*"`, `"*"`)}, fullAccess}}
		}, Vulnerable, "이벤트를 보낼 권한(events:PutEvents)이 없음"},
		{"under a condition", holds(`{"Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"events:source":"custom"}}}]}`), Interview,
			"이벤트를 보낼 권한(events:PutEvents)에 관한 정책의 확인이 필요함"},
		{"denied under a condition", holds(statement("Allow", put, bus), `{"Statement":[{"Effect":"Deny","Action":"events:PutEvents","Resource":"*","Condition":{"StringNotEquals":{"events:source":"custom"}}}]}`),
			Interview, "정책의 확인이 필요함"},
		{"policy not returned", role(func(r *evidence.Role) { r.Attached, r.Inline = ref("Missing"), nil }), Interview, "정책의 확인이 필요함"},
		{"policy not returned beside one that grants", role(func(r *evidence.Role) { r.Attached = ref("Missing") }), Interview, "정책의 확인이 필요함"},
		{"EventBridge may not assume it", trust(trustOf(`{"Service":"lambda.amazonaws.com"}`)), Vulnerable, "신뢰 정책이 events.amazonaws.com에 역할을 맡기지 않음"},
		{"EventBridge may assume it for this account", trust(conditioned(`{"StringEquals":{"aws:SourceAccount":"` + auditee + `"}}`)), Good, "구성되어 있음"},
		{"EventBridge may assume it for this rule", trust(conditioned(`{"ArnEquals":{"aws:SourceArn":"` + ruleOf(regionVirginia) + `"}}`)), Good, "구성되어 있음"},
		{"EventBridge may assume it for another rule", trust(conditioned(`{"ArnEquals":{"aws:SourceArn":"` + ruleOf(regionOregon) + `"}}`)), Vulnerable, "역할을 맡기지 않음"},
		{"EventBridge may assume it under an unknown condition", trust(conditioned(`{"StringEquals":{"aws:SourceOrgID":"o-1"}}`)), Interview, "신뢰 정책의 확인이 필요함"},
		{"trust that can't be read", trust("{"), Interview, "신뢰 정책의 확인이 필요함"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			watch(set, watchedRegions...)
			forward, _ := on(set, regionVirginia)
			forwardTo(set, forward, regionSeoul)
			central, _ := on(set, regionSeoul)
			central.Tests = append(central.Tests, tested(regionVirginia, nil)...)
			tt.change(set)
			_, byName := con01Of(t, set)
			f := byName[rootIn]
			if f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s (%s); want %s, %q", f.Status, f.Reason, tt.want, tt.reason)
			}
			if tt.want == Good && !slices.Contains(f.CallIDs, "role") {
				t.Errorf("the role is not among the calls %q", f.CallIDs)
			}
		})
	}
}

// An archive keeps every event and tells nobody.
func TestCON01Archive(t *testing.T) {
	const kept, told = "2건 중 1건은 이벤트를 보관만 하는 이벤트 아카이브의 관리형 규칙이므로 경로로 보지 않음", "이벤트 아카이브 외에 로그인 이벤트를 받을 수 있는 규칙이 없음"
	tests := []struct {
		name   string
		change func(*evidence.EventRule)
		want   Verdict
		reason string
		rows   int
	}{
		{"archive and nothing else", func(*evidence.EventRule) {}, Vulnerable, told, 0},
		{"archive, targets unread", func(r *evidence.EventRule) { r.Targets, r.TargetsRead = nil, false }, Vulnerable, told, 0},
		{"archive's rule with another target", func(r *evidence.EventRule) {
			r.Targets = append(r.Targets, evidence.RuleTarget{ID: "2", ARN: topicOf(regionVirginia)})
		}, Good, "구성되어 있음", 1},
		{"rule of one's own with such a target", func(r *evidence.EventRule) { r.ManagedBy = "" }, Interview, "API 대상까지는 추적할 수 없음", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			set.Alarms.Topics = []evidence.Topic{topicIn(regionVirginia)}
			set.Alarms.Rules = []evidence.EventRule{{Region: regionSeoul, Name: "nightly"}, {
				Region: regionVirginia, Name: "Events-Archive-all", ARN: ruleOf(regionVirginia), State: "ENABLED", ManagedBy: "prod.vhs.events.aws.internal", Pattern: `{"replay-name":[{"exists":false}]}`,
				Candidate: true, Tests: tested(regionVirginia, nil), TargetsRead: true, Targets: []evidence.RuleTarget{{ID: "1", ARN: "arn:aws:events:us-east-1:::"}}, Calls: []string{"archive"},
			}}
			tt.change(&set.Alarms.Rules[1])
			out, byName := con01Of(t, set)
			if f := byName[rootIn]; f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s (%s); want %s, %q", f.Status, f.Reason, tt.want, tt.reason)
			}
			if n := len(out.Rows[chainsTable]); n != tt.rows || strings.Contains(strings.Join(out.Notes, "\n"), kept) != (tt.rows == 0) {
				t.Errorf("%d rows, notes %q", n, out.Notes)
			}
		})
	}
}

func TestCON01ConsoleUsers(t *testing.T) {
	tests := []struct {
		name   string
		change func(*evidence.Set)
		na     bool
		note   string
	}{
		{"a console user", func(*evidence.Set) {}, false, ""},
		{"no console password", func(s *evidence.Set) { s.CredentialReport.Rows[1].PasswordEnabled = evidence.FlagFalse }, true, ""},
		{"root's own password does not count", func(s *evidence.Set) {
			s.CredentialReport.Rows[0].PasswordEnabled = evidence.FlagTrue
			s.CredentialReport.Rows[1].PasswordEnabled = evidence.FlagFalse
		}, true, ""},
		{"a field that can't be read", func(s *evidence.Set) { s.CredentialReport.Rows[1].PasswordEnabled = "not_supported" }, false, ""},
		{"a deleted user", func(s *evidence.Set) { s.IAM.Users = nil }, true, ""},
		{"a user made after the report", func(s *evidence.Set) {
			s.CredentialReport.Rows[1].PasswordEnabled = evidence.FlagFalse
			s.IAM.Users = append(s.IAM.Users, evidence.User{Name: "new", ARN: "arn:new", Created: collected})
		}, false, ""},
		{"IAM details unread, none in the report", func(s *evidence.Set) {
			s.CredentialReport.Rows[1].PasswordEnabled = evidence.FlagFalse
			s.CredentialReport.Generated = collected
			s.IAM.Summary = nil
			fails(s, details, "", "")
		}, false, "IAM 사용자 목록을 조회하지 못하여 자격 증명 보고서 생성(" + moment(collected) + ") 이후에 콘솔 암호가 있는 IAM 사용자가 생겼는지 확인하지 못함"},
		{"IAM details unread, a console user in the report", func(s *evidence.Set) { fails(s, details, "", "") }, false, ""},
		{"report unread", func(s *evidence.Set) {
			s.CredentialReport = nil
			fails(s, "iam:GetCredentialReport", regionVirginia, "")
		}, false, "콘솔 암호가 있는 IAM 사용자가 있는 것으로 보고 판정함; iam:GetCredentialReport(us-east-1) 조회 실패 AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			tt.change(set)
			out, byName := con01Of(t, set)
			for _, r := range watchedRegions {
				if f := byName["iam-user/"+r]; (f.Status == NA) != tt.na || tt.na != strings.Contains(f.Reason, "콘솔 암호가 있는 IAM 사용자가 없음") {
					t.Errorf("%s: %s (%s)", f.Resource, f.Status, f.Reason)
				}
			}
			// The report may be hours old: whoever says that there is nobody says as of when.
			if f := byName["iam-user/us-east-2"]; tt.na && !strings.Contains(f.Reason, moment(set.CredentialReport.Generated)) {
				t.Errorf("%s does not say when: %s", f.Resource, f.Reason)
			}
			// Of console users that nobody knows nothing is proved.
			if f := byName["iam-user/us-east-2"]; strings.Contains(tt.name, "unread, none") != (f.Status == Interview) {
				t.Errorf("%s: %s (%s)", f.Resource, f.Status, f.Reason)
			}
			if byName[rootIn].Status != Vulnerable {
				t.Errorf("root: %s", byName[rootIn].Status)
			}
			if notes := strings.Join(out.Notes, "\n"); !strings.Contains(notes, tt.note) || tt.note == "" && notes != "" {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

func TestCON01Notes(t *testing.T) {
	set := watchSet()
	watch(set, regionVirginia)
	set.Alarms.Rules = append(set.Alarms.Rules, evidence.EventRule{Region: regionSeoul, Name: "nightly"})
	set.IAM.Roles = []evidence.Role{{Name: "Admin", Path: "/aws-reserved/sso.amazonaws.com/"}, {Name: "app", Path: "/"}}
	out, _ := con01Of(t, set)
	notes := strings.Join(out.Notes, "\n")
	for _, want := range []string{"기본 이벤트 버스의 규칙 2건 중 1건은", "페더레이션으로 접속하는 역할이 1개 있으며 그 로그인의 통지는 판정에 포함하지 않음: Admin(IAM Identity Center)"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q lack %q", notes, want)
		}
	}
	if want := "root 계정의 로그인 성공 통지: 경로가 구성됨(us-east-1); IAM 사용자의 로그인 성공 통지: 경로가 확인되지 않음(ap-southeast-2, eu-north-1, us-east-2), " +
		"확인이 필요함(ap-northeast-2, us-west-2), 경로가 구성됨(us-east-1)"; out.Reason != want {
		t.Errorf("reason %q", out.Reason)
	}
	set.IAM = nil
	out, _ = con01Of(t, set)
	if !strings.Contains(strings.Join(out.Notes, "\n"), "사용 여부를 확인하지 못함") {
		t.Errorf("notes %q", out.Notes)
	}
}

// The tables show every path with what is wrong with it, and all trails; every
// column of the catalogue is filled, and no subscriber's address is shown.
func TestCON01Tables(t *testing.T) {
	set := watchSet()
	watchLogs(set)
	watch(set, regionVirginia, regionSeoul)
	set.Alarms.Topics = set.Alarms.Topics[:2] // Seoul's is there once
	set.Alarms.Topics[1].Subscriptions = append(set.Alarms.Topics[1].Subscriptions, evidence.Subscription{Protocol: "sms", Endpoint: "+**"})
	r, _ := on(set, regionSeoul)
	r.State = "DISABLED"
	r.Tests = append(r.Tests, tested("us-east-2", never)...)
	set.Alarms.Rules = append(set.Alarms.Rules, evidence.EventRule{Region: regionSeoul, Name: "nightly"})
	lost := set.Alarms.Filters[0]
	lost.Name, lost.LogGroup = "lost", "app"
	set.Alarms.Filters = append(set.Alarms.Filters, lost)
	out, byName := con01Of(t, set)
	var got []string
	for _, row := range out.Rows[chainsTable] {
		var cells []string
		for _, key := range []string{"region", "path", "rule", "status", "root_match", "iam_match", "target", "subscription", "problem"} {
			cells = append(cells, strings.Join(row[key].Lines, ","))
		}
		got = append(got, strings.Join(cells, "|"))
	}
	want := []string{
		"us-east-1|EventBridge|규칙 login|활성화|일치|일치|SNS 주제 login|1/1|없음",
		"ap-northeast-2|EventBridge|규칙 login|비활성화|해당 없음|일치|SNS 주제 login|1/0|규칙이 비활성화(DISABLED) 상태임(iam-user/ap-northeast-2)," +
			"규칙이 비활성화(DISABLED) 상태임, 로그인 성공 이벤트의 시험 4건이 모두 일치하지 않음(iam-user/us-east-2)",
		"ap-northeast-2|CloudTrail 로그|필터 signin,경보 signin|조치 켜짐|일치|일치|SNS 주제 login|1/0|없음",
		"ap-northeast-2|CloudTrail 로그|필터 lost|-|일치|일치||-|추적이 기록하지 않는 다른 로그 그룹(app)의 필터임",
	}
	if !slices.Equal(got, want) {
		t.Errorf("chains\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	trail := out.Rows[trailsTable][0]
	if len(out.Rows[trailsTable]) != 1 || trail["selectors"].Lines[0] != "기본: 관리 이벤트 All" || trail["kind"].Lines[0] != "다중 리전" || trail["log_group"].Lines[0] != groupARN {
		t.Errorf("trails %v", out.Rows[trailsTable])
	}
	set.Trails[0].Organization = true
	out, _ = con01Of(t, set)
	if kind := out.Rows[trailsTable][0]["kind"].Lines; strings.Join(kind, ",") != "다중 리전,조직" {
		t.Errorf("the management account's trail %q", kind)
	}
	set.Trails[0].Own = false
	out, _ = con01Of(t, set)
	if trail := out.Rows[trailsTable][0]; strings.Join(trail["kind"].Lines, ",") != "다중 리전,조직(다른 계정 소유)" || !strings.Contains(trail["selectors"].Lines[0], "확인되지 않음") {
		t.Errorf("organization trail %v", trail)
	}
	items := catalog(t).Items
	it := items[slices.IndexFunc(items, func(i item.Item) bool { return i.ID == "CON-01" })]
	for _, column := range it.Columns {
		if _, ok := byName[rootIn].Cells[column.Key]; !ok && column.Key != "verdict" {
			t.Errorf("column %s is not filled", column.Key)
		}
	}
	if len(it.Tables) != 2 {
		t.Fatalf("%d tables", len(it.Tables))
	}
	for _, table := range it.Tables {
		for _, column := range table.Columns {
			if _, ok := out.Rows[table.Key][0][column.Key]; !ok {
				t.Errorf("%s: column %s is not filled", table.Key, column.Key)
			}
		}
	}
	if strings.Contains(fmt.Sprint(out), "@") {
		t.Error("a subscriber's address is shown")
	}
}
