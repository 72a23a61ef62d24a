package fakeaws

import (
	"cmp"
	"strings"

	"auditbinder/collect/evidence"
)

// bus is the event bus that a request is about.
func bus(req Request) string { return cmp.Or(req.param("EventBusName"), "default") }

// rulesOf returns the rules of the request's bus in its region. A bus is known by
// its rules.
func (s *Server) rulesOf(req Request) ([]evidence.EventRule, error) {
	wanted := bus(req)
	rules := keep(s.Account.Rules, func(r evidence.EventRule) bool {
		own := "default"
		if _, path, _ := strings.Cut(r.ARN, ":rule/"); strings.Contains(path, "/") {
			own, _, _ = strings.Cut(path, "/")
		}
		return r.Region == req.Region && own == wanted
	})
	if len(rules) == 0 && wanted != "default" {
		return nil, refuse("ResourceNotFoundException", "Event bus %s does not exist.", wanted)
	}
	return rules, nil
}

func (s *Server) listRules(req Request) (any, error) {
	all, err := s.rulesOf(req)
	if err != nil {
		return nil, err
	}
	rules, next, err := paged(req, all, 1, 100, 100)
	return given(map[string]any{"NextToken": next, "Rules": each(rules, func(r evidence.EventRule) map[string]any {
		schedule := ""
		if r.Pattern == "" {
			schedule = "rate(1 day)"
		}
		return given(map[string]any{"Name": r.Name, "Arn": r.ARN, "State": r.State, "EventPattern": r.Pattern, "ScheduleExpression": schedule,
			"ManagedBy": r.ManagedBy, "EventBusName": bus(req)})
	})}), err
}

func (s *Server) listTargetsByRule(req Request) (any, error) {
	rules, err := s.rulesOf(req)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if r.Name == req.param("Rule") {
			targets, next, err := paged(req, r.Targets, 1, 100, 100)
			return given(map[string]any{"NextToken": next, "Targets": each(targets, func(t evidence.RuleTarget) map[string]any {
				return given(map[string]any{"Id": t.ID, "Arn": t.ARN, "RoleArn": t.RoleARN})
			})}), err
		}
	}
	return nil, refuse("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", req.param("Rule"), bus(req))
}

func (s *Server) testEventPattern(req Request) (any, error) {
	matches, err := parseEventPattern(req.param("EventPattern"))
	if err != nil {
		return nil, refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	}
	event, err := parseEvent(req.param("Event"))
	if err != nil {
		return nil, refuse("ValidationException", "Parameter Event is not valid. Reason: %v", err)
	}
	return map[string]any{"Result": matches(event)}, nil
}
