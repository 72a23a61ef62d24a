package fakeaws

import (
	"slices"
	"strconv"
	"strings"

	"auditbinder/collect/evidence"
)

// alarm is an alarm of either kind: the list that it belongs to and its members.
type alarm struct {
	list    string
	members map[string]any
}

// describeAlarms answers as AWS does: metric alarms only unless AlarmTypes says
// otherwise.
func (s *Server) describeAlarms(req Request) (any, error) {
	types, names := req.list("AlarmTypes"), req.list("AlarmNames")
	wanted := func(kind, region, name string) bool {
		return region == req.Region && (len(names) == 0 || slices.Contains(names, name)) &&
			(slices.Contains(types, kind) || len(types) == 0 && kind == "MetricAlarm")
	}
	var all []alarm
	for _, a := range s.Account.MetricAlarms {
		if wanted("MetricAlarm", a.Region, a.Name) {
			all = append(all, alarm{"MetricAlarms", metricAlarm(a)})
		}
	}
	for _, a := range s.Account.Composites {
		if wanted("CompositeAlarm", a.Region, a.Name) {
			all = append(all, alarm{"CompositeAlarms", given(map[string]any{
				"AlarmName": a.Name, "AlarmArn": a.ARN, "AlarmRule": a.Rule, "ActionsEnabled": a.ActionsEnabled, "AlarmActions": a.Actions, "StateValue": "OK",
			})})
		}
	}
	page, next, err := paged(req, all, 1, 100, 50)
	out := map[string]any{"MetricAlarms": []map[string]any{}, "CompositeAlarms": []map[string]any{}, "NextToken": next}
	for _, a := range page {
		out[a.list] = append(out[a.list].([]map[string]any), a.members)
	}
	return given(out), err
}

func metricAlarm(a evidence.MetricAlarm) map[string]any {
	math := each(a.Math, func(m evidence.MetricRef) map[string]any {
		return map[string]any{"MetricStat": map[string]any{"Metric": map[string]any{"Namespace": m.Namespace, "MetricName": m.Metric}, "Period": 300, "Stat": "Sum"}, "ReturnData": false}
	})
	var ids []string
	for i := range math {
		ids = append(ids, "m"+strconv.Itoa(i+1))
		math[i]["Id"] = ids[i]
	}
	if len(math) > 0 {
		math = append(math, map[string]any{"Id": "e1", "Expression": "SUM([" + strings.Join(ids, ",") + "])", "ReturnData": true})
	} else {
		math = nil
	}
	return given(map[string]any{
		"AlarmName": a.Name, "AlarmArn": a.ARN, "ActionsEnabled": a.ActionsEnabled, "AlarmActions": a.Actions, "StateValue": "OK",
		"Namespace": a.Namespace, "MetricName": a.Metric, "Statistic": a.Statistic, "ExtendedStatistic": a.ExtendedStatistic, "Period": a.Period,
		"EvaluationPeriods": a.EvaluationPeriods, "DatapointsToAlarm": a.DatapointsToAlarm, "Threshold": a.Threshold,
		"ComparisonOperator": a.Comparison, "TreatMissingData": a.TreatMissing, "Metrics": math,
		"Dimensions": each(a.Dimensions, func(d string) map[string]string {
			name, value, _ := strings.Cut(d, "=")
			return map[string]string{"Name": name, "Value": value}
		}),
	})
}
