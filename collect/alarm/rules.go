package alarm

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"auditbinder/collect/evidence"
)

// signInSource is the source of console sign-in events on a bus.
const signInSource = "aws.signin"

// ListRules reads the rules of a region's default event bus. Of those that could
// match a sign-in it asks the targets, and AWS whether they match the region's own
// sign-in events. The calls that listed all rules come with them.
func ListRules(ctx context.Context, client eventsAPI, sink *evidence.Sink, samples Samples, account, region string) ([]evidence.EventRule, []string) {
	var rules []evidence.EventRule
	a, ok := evidence.Pages(ctx, sink, client.ListRules, evidence.Paged[eventbridge.ListRulesInput, eventbridge.ListRulesOutput]{
		Action: Rules, In: &eventbridge.ListRulesInput{Limit: aws.Int32(100)},
		Token: func(out *eventbridge.ListRulesOutput) *string { return out.NextToken },
		Next:  func(in *eventbridge.ListRulesInput, token *string) { in.NextToken = token },
		Page: func(out *eventbridge.ListRulesOutput, t evidence.Trace) int {
			if out.Rules == nil {
				return -1
			}
			for _, r := range out.Rules {
				rules = append(rules, rule(r, region, t.CallID))
			}
			return len(out.Rules)
		},
	})
	slices.SortFunc(rules, func(a, b evidence.EventRule) int { return cmp.Compare(a.Name, b.Name) })
	if !ok {
		a.Calls = nil
	}
	asked := false
	for i := range rules {
		if rules[i].Candidate {
			asked = true
			listTargets(ctx, client, sink, &rules[i])
			rules[i].Tests = testPattern(ctx, client, sink, rules[i], region, samples.of(account, region))
		}
	}
	if !asked {
		for _, action := range []string{Targets, TestPattern} {
			sink.Skipped(action, region, "로그인 이벤트와 일치할 수 있는 규칙이 없음", a.Calls)
		}
	}
	return rules, a.Calls
}

func rule(r types.Rule, region, callID string) evidence.EventRule {
	pattern := aws.ToString(r.EventPattern)
	return evidence.EventRule{
		Region: region, Name: aws.ToString(r.Name), ARN: aws.ToString(r.Arn), State: string(r.State), ManagedBy: aws.ToString(r.ManagedBy),
		Pattern: pattern, Candidate: mayMatchSignIn(pattern), Calls: []string{callID},
	}
}

// mayMatchSignIn is false only where the pattern plainly names other sources: a
// "source" of literal texts without aws.signin. Everything else is AWS's to say.
func mayMatchSignIn(pattern string) bool {
	if pattern == "" {
		return false // a schedule
	}
	var p map[string]json.RawMessage
	if json.Unmarshal([]byte(pattern), &p) != nil || p["source"] == nil {
		return true
	}
	var sources []any
	if json.Unmarshal(p["source"], &sources) != nil || len(sources) == 0 {
		return true
	}
	return slices.ContainsFunc(sources, func(v any) bool {
		text, literal := v.(string)
		return !literal || text == signInSource
	})
}

func listTargets(ctx context.Context, client eventsAPI, sink *evidence.Sink, r *evidence.EventRule) {
	a, ok := evidence.Pages(ctx, sink, client.ListTargetsByRule, evidence.Paged[eventbridge.ListTargetsByRuleInput, eventbridge.ListTargetsByRuleOutput]{
		Action: Targets, Subject: r.ARN, In: &eventbridge.ListTargetsByRuleInput{Rule: &r.Name},
		Token: func(out *eventbridge.ListTargetsByRuleOutput) *string { return out.NextToken },
		Next:  func(in *eventbridge.ListTargetsByRuleInput, token *string) { in.NextToken = token },
		Page: func(out *eventbridge.ListTargetsByRuleOutput, _ evidence.Trace) int {
			if out.Targets == nil {
				return -1
			}
			for _, t := range out.Targets {
				r.Targets = append(r.Targets, evidence.RuleTarget{ID: aws.ToString(t.Id), ARN: aws.ToString(t.Arn), RoleARN: aws.ToString(t.RoleArn)})
			}
			return len(out.Targets)
		},
	})
	slices.SortFunc(r.Targets, func(a, b evidence.RuleTarget) int { return cmp.Compare(a.ID, b.ID) })
	r.TargetsRead, r.Calls = ok, append(r.Calls, a.Calls...)
}

// testPattern asks AWS whether the rule matches each sample of a region. The
// first failure ends it.
func testPattern(ctx context.Context, client eventsAPI, sink *evidence.Sink, r evidence.EventRule, from string, samples []sample) []evidence.SignInTest {
	subject := r.ARN
	if from != r.Region {
		subject += " ← " + from
	}
	var tests []evidence.SignInTest
	answer := evidence.Answer{Action: TestPattern, Subject: subject, Region: r.Region}
	for _, s := range samples {
		out, trace, err := evidence.Ask(ctx, client.TestEventPattern, &eventbridge.TestEventPatternInput{EventPattern: &r.Pattern, Event: &s.event})
		if err != nil {
			sink.Failed(TestPattern, subject, err)
			return tests
		}
		s.test.Match, s.test.Calls = out.Result, []string{trace.CallID}
		if s.test.Match {
			answer.Count++
		}
		answer.Calls = append(answer.Calls, trace.CallID)
		tests = append(tests, s.test)
	}
	sink.Answered(answer)
	return tests
}

// Forward is events of a region that rules send to another region's default bus.
type Forward struct{ From, To string }

// Forwards are the ways that matching rules lead from region to region.
func Forwards(rules []evidence.EventRule, account string) []Forward {
	var out []Forward
	for _, r := range rules {
		if r.State == string(types.RuleStateDisabled) || !slices.ContainsFunc(r.Tests, func(t evidence.SignInTest) bool { return t.Match }) {
			continue
		}
		for _, t := range r.Targets {
			service, region, owner, name, ok := resource(t.ARN)
			if ok && service == "events" && owner == account && region != r.Region && name == "event-bus/default" {
				out = append(out, Forward{From: r.Region, To: region})
			}
		}
	}
	slices.SortFunc(out, func(a, b Forward) int { return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.From, b.From)) })
	return slices.Compact(out)
}

// TestForwarded asks AWS whether the rules of a central region match the sign-in
// events that come from another one. It returns the answers by rule name.
func TestForwarded(ctx context.Context, client eventsAPI, sink *evidence.Sink, samples Samples, account string, rules []evidence.EventRule, f Forward) map[string][]evidence.SignInTest {
	out := map[string][]evidence.SignInTest{}
	for _, r := range rules {
		if r.Region == f.To && r.Candidate {
			out[r.Name] = testPattern(ctx, client, sink, r, f.From, samples.of(account, f.From))
		}
	}
	return out
}
