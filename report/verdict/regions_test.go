package verdict

import (
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
)

// What the driver demands of regions before anything passes, by ROOT-01.
func TestRegionsThatMustAnswer(t *testing.T) {
	unasked := func(regions ...string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.Answers = slices.DeleteFunc(s.Answers, func(a evidence.Answer) bool { return a.Action == lookupEvents && slices.Contains(regions, a.Region) })
		}
	}
	denied := func(region string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			unasked(region)(s)
			s.Failures = append(s.Failures, evidence.Failure{CallID: "x", Action: lookupEvents, Region: region, Code: "AccessDenied"})
		}
	}
	tests := []struct {
		name   string
		change []func(*evidence.Set)
		want   Verdict
		told   string
	}{
		{"every region answered", nil, Good, "리전 5곳에서"},
		{"a sign-in region denied", []func(*evidence.Set){denied("eu-north-1")}, Unknown, "cloudtrail:LookupEvents(eu-north-1) 조회 실패"},
		{"a sign-in region neither answered nor failed", []func(*evidence.Set){unasked("us-east-2")}, Unknown, "cloudtrail:LookupEvents(us-east-2) 수집되지 않음"},
		{"another region denied", []func(*evidence.Set){denied("ap-northeast-2")}, Good, "리전 4곳에서"},
		{"no list of regions, Seoul alone answered", []func(*evidence.Set){unasked(evidence.SignInRegions...), func(s *evidence.Set) { s.Regions = nil }}, Unknown, "us-east-1) 수집되지 않음"},
		{"a list without the sign-in regions", []func(*evidence.Set){unasked(evidence.SignInRegions...), func(s *evidence.Set) {
			s.Regions.All = []evidence.Region{{Name: "ap-northeast-2", Scope: evidence.ScopeFull}}
		}}, Unknown, "us-east-1) 수집되지 않음"},
		{"the sign-in regions left out of the scope and not asked", []func(*evidence.Set){unasked(evidence.SignInRegions...), func(s *evidence.Set) {
			for i := range s.Regions.All {
				if evidence.IsSignIn(s.Regions.All[i].Name) {
					s.Regions.All[i].Scope = evidence.ScopeExcluded
				}
			}
		}}, Unknown, "us-east-1) 수집되지 않음"},
		{"another partition, one region denied", []func(*evidence.Set){func(s *evidence.Set) {
			unasked(append([]string{"ap-northeast-2"}, evidence.SignInRegions...)...)(s)
			s.Caller.ARN = "arn:aws-cn:iam::123456789012:user/audit"
			s.Regions.All = []evidence.Region{{Name: "cn-north-1", Scope: evidence.ScopeFull}, {Name: "cn-northwest-1", Scope: evidence.ScopeFull}}
			s.Answers = append(s.Answers, evidence.Answer{Action: lookupEvents, Region: "cn-north-1", Calls: []string{"l"}})
			denied("cn-northwest-1")(s)
		}}, Unknown, "cn-northwest-1) 조회 실패 AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judgeBy(t, "ROOT-01", root01, rootSet(tt.change...), defaults(t))
			if r.Auto != tt.want || !strings.Contains(r.Reason, tt.told) {
				t.Errorf("%s: %s; want %s with %q", r.Auto, r.Reason, tt.want, tt.told)
			}
		})
	}
}

// An answer whose facts are not there is no evidence.
func TestAnswersWithoutFacts(t *testing.T) {
	for action, id := range map[string]string{"ec2:DescribeInstances": "EC2-01", "events:ListRules": "CON-01", "cloudtrail:DescribeTrails": "CON-01"} {
		for _, it := range catalog(t).Items {
			if it.ID != id {
				continue
			}
			set := rootSet(func(s *evidence.Set) {
				s.Answers = append(s.Answers, evidence.Answer{Action: action, Region: "ap-northeast-2", Calls: []string{"c"}, Count: 3})
			})
			if problems := missingFacts(it, set); len(problems) != 1 || !strings.Contains(problems[0], action) || !strings.Contains(problems[0], "3건") {
				t.Errorf("%s: %q", action, problems)
			}
			set.Compute = []evidence.Compute{{Region: "ap-northeast-2", Instances: make([]evidence.Instance, 3)}}
			set.Trails = make([]evidence.Trail, 3)
			set.Alarms = &evidence.Alarms{Rules: []evidence.EventRule{{Region: "ap-northeast-2"}, {Region: "ap-northeast-2"}, {Region: "ap-northeast-2"}}}
			if problems := missingFacts(it, set); len(problems) != 0 {
				t.Errorf("%s with its facts: %q", action, problems)
			}
		}
	}
}
