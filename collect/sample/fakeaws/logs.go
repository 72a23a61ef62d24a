package fakeaws

import (
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

func (s *Server) describeMetricFilters(req Request) (any, error) {
	group := req.param("logGroupName")
	here := keep(s.Account.Filters, func(f evidence.MetricFilter) bool {
		return f.Region == req.Region && (group == "" || f.LogGroup == group) && strings.HasPrefix(f.Name, req.param("filterNamePrefix"))
	})
	if group != "" && len(here) == 0 && !slices.ContainsFunc(s.Account.LogGroups, func(g evidence.LogGroup) bool { return g.Region == req.Region && g.Name == group }) {
		return nil, refuse("ResourceNotFoundException", "The specified log group does not exist.")
	}
	filters, next, err := paged(req, here, 1, 50, 50)
	return given(map[string]any{"nextToken": next, "metricFilters": each(filters, func(f evidence.MetricFilter) map[string]any {
		return given(map[string]any{
			"filterName": f.Name, "filterPattern": f.Pattern, "logGroupName": f.LogGroup, "applyOnTransformedLogs": f.Transformed, "fieldSelectionCriteria": f.Criteria,
			"metricTransformations": each(f.Metrics, func(m evidence.FilterMetric) map[string]any {
				var dimensions map[string]string
				for _, d := range m.Dimensions {
					if dimensions == nil {
						dimensions = map[string]string{}
					}
					name, field, _ := strings.Cut(d, "=")
					dimensions[name] = field
				}
				return given(map[string]any{"metricName": m.Name, "metricNamespace": m.Namespace, "metricValue": m.Value, "defaultValue": m.DefaultValue, "dimensions": dimensions})
			}),
		})
	})}), err
}

func (s *Server) testMetricFilter(req Request) (any, error) {
	messages := req.list("logEventMessages")
	if len(messages) < 1 || len(messages) > 50 {
		return nil, refuse("InvalidParameterException", "logEventMessages must hold between 1 and 50 messages")
	}
	match, err := parseFilterPattern(req.param("filterPattern"))
	if err != nil {
		return nil, refuse("InvalidParameterException", "Invalid metric filter pattern: %v", err)
	}
	matches := []map[string]any{}
	for i, text := range messages {
		if values, ok := match(text); ok {
			matches = append(matches, map[string]any{"eventNumber": i + 1, "eventMessage": text, "extractedValues": values})
		}
	}
	return map[string]any{"matches": matches}, nil
}
