package alarm

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"auditbinder/collect/evidence"
)

// Logs are the log side of the chains in one region, or of several put together.
type Logs struct {
	Groups       []evidence.LogGroup
	Filters      []evidence.MetricFilter
	MetricAlarms []evidence.MetricAlarm
	Composites   []evidence.CompositeAlarm
}

// LogGroups are the log groups in the account that multi-region trails write to, by ARN.
func LogGroups(trails []evidence.Trail, account string) []evidence.LogGroup {
	var out []evidence.LogGroup
	for _, t := range trails {
		service, region, owner, name, ok := resource(t.LogGroupARN)
		name, isGroup := strings.CutPrefix(name, "log-group:")
		if ok && service == "logs" && isGroup && owner == account && t.MultiRegion &&
			!slices.ContainsFunc(out, func(g evidence.LogGroup) bool { return g.ARN == t.LogGroupARN }) {
			out = append(out, evidence.LogGroup{ARN: t.LogGroupARN, Region: region, Account: owner, Name: name})
		}
	}
	slices.SortFunc(out, func(a, b evidence.LogGroup) int { return cmp.Compare(a.ARN, b.ARN) })
	return out
}

// CollectLogs reads the metric filters of a region that holds these log groups,
// asks AWS which of them match sign-in events, and reads the alarms where one does.
func CollectLogs(ctx context.Context, clients Clients, sink *evidence.Sink, samples Samples, account string, regions []string, groups []evidence.LogGroup) Logs {
	out := Logs{Groups: groups}
	region := groups[0].Region
	a, ok := evidence.Pages(ctx, sink, clients.Logs.DescribeMetricFilters, evidence.Paged[cloudwatchlogs.DescribeMetricFiltersInput, cloudwatchlogs.DescribeMetricFiltersOutput]{
		Action: Filters, In: &cloudwatchlogs.DescribeMetricFiltersInput{Limit: aws.Int32(50)},
		Token: func(out *cloudwatchlogs.DescribeMetricFiltersOutput) *string { return out.NextToken },
		Next:  func(in *cloudwatchlogs.DescribeMetricFiltersInput, token *string) { in.NextToken = token },
		Page: func(page *cloudwatchlogs.DescribeMetricFiltersOutput, t evidence.Trace) int {
			if page.MetricFilters == nil {
				return -1
			}
			for _, f := range page.MetricFilters {
				ours := slices.ContainsFunc(groups, func(g evidence.LogGroup) bool { return g.Name == aws.ToString(f.LogGroupName) })
				if ours || strings.Contains(aws.ToString(f.FilterPattern), "ConsoleLogin") { // elsewhere it is shown only
					out.Filters = append(out.Filters, filter(f, region, t.CallID))
				}
			}
			return len(page.MetricFilters)
		},
	})
	slices.SortFunc(out.Filters, func(a, b evidence.MetricFilter) int {
		return cmp.Or(cmp.Compare(a.LogGroup, b.LogGroup), cmp.Compare(a.Name, b.Name))
	})
	testFilters(ctx, clients.Logs, sink, samples, account, region, regions, out.Filters)
	if ok && len(out.Filters) == 0 {
		sink.Skipped(TestFilter, region, "추적의 로그 그룹에 지표 필터가 없음", a.Calls)
	}
	alarmsRead := ok
	switch {
	case !ok:
	case slices.ContainsFunc(out.Filters, func(f evidence.MetricFilter) bool { return matches(f.Tests) }):
		alarmsRead = out.alarms(ctx, clients.CloudWatch, sink, region)
	default:
		sink.Skipped(Alarms, region, noFilter, a.Calls)
	}
	for i := range out.Groups {
		g := &out.Groups[i]
		g.FiltersRead, g.AlarmsRead, g.Calls = ok, alarmsRead, a.Calls
	}
	return out
}

const noFilter = "로그인 이벤트와의 일치가 확인된 지표 필터가 없음"

// SkipLogs records that no trail is seen to write to a log group of the account.
func SkipLogs(sink *evidence.Sink, calls []string) {
	for _, action := range []string{Filters, TestFilter, Alarms} {
		sink.Skipped(action, "", "다중 리전 추적이 기록하는 것으로 확인된 이 계정의 로그 그룹이 없음", calls)
	}
}

// SkipTopics records that no chain is seen to lead to a topic of the account.
func SkipTopics(sink *evidence.Sink, calls []string) {
	for _, action := range []string{Topic, Subscriptions} {
		sink.Skipped(action, "", "로그인 이벤트의 통지 대상으로 확인된 이 계정의 SNS 주제가 없음", calls)
	}
}

func filter(f types.MetricFilter, region, callID string) evidence.MetricFilter {
	out := evidence.MetricFilter{
		Region: region, LogGroup: aws.ToString(f.LogGroupName), Name: aws.ToString(f.FilterName), Pattern: aws.ToString(f.FilterPattern),
		Criteria: aws.ToString(f.FieldSelectionCriteria), Transformed: f.ApplyOnTransformedLogs, Emitted: f.EmitSystemFieldDimensions, Calls: []string{callID},
	}
	for _, m := range f.MetricTransformations {
		metric := evidence.FilterMetric{
			Namespace: aws.ToString(m.MetricNamespace), Name: aws.ToString(m.MetricName), Value: aws.ToString(m.MetricValue), DefaultValue: m.DefaultValue, Unit: string(m.Unit),
		}
		for name, value := range m.Dimensions {
			metric.Dimensions = append(metric.Dimensions, name+"="+value)
		}
		slices.Sort(metric.Dimensions)
		out.Metrics = append(out.Metrics, metric)
	}
	return out
}

// maxMessages is how many messages one TestMetricFilter takes.
const maxMessages = 50

// testFilters asks AWS which samples each filter matches; filters of one pattern
// are asked once. The first failure of a pattern ends it.
func testFilters(ctx context.Context, client logsAPI, sink *evidence.Sink, samples Samples, account, region string, regions []string, filters []evidence.MetricFilter) {
	var all []sample
	for _, r := range regions {
		all = append(all, samples.of(account, r)...)
	}
	// The answer is compared by message: no two samples are alike.
	answered := map[string][]evidence.SignInTest{}
	for i := range filters {
		f := &filters[i]
		tests, seen := answered[f.Pattern]
		if !seen {
			tests = testFilter(ctx, client, sink, region, f, all)
			answered[f.Pattern] = tests
		}
		f.Tests = tests
	}
}

func testFilter(ctx context.Context, client logsAPI, sink *evidence.Sink, region string, f *evidence.MetricFilter, all []sample) []evidence.SignInTest {
	subject := f.LogGroup + "/" + f.Name
	answer := evidence.Answer{Action: TestFilter, Subject: subject, Region: region}
	var tests []evidence.SignInTest
	for part := range slices.Chunk(all, maxMessages) {
		var messages []string
		for _, s := range part {
			messages = append(messages, s.record)
		}
		out, trace, err := evidence.Ask(ctx, client.TestMetricFilter, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: &f.Pattern, LogEventMessages: messages})
		if err != nil {
			sink.Failed(TestFilter, subject, err)
			return tests
		}
		if out.Matches == nil {
			sink.Malformed(TestFilter, subject, trace)
			return tests
		}
		matched := map[string]bool{}
		for _, m := range out.Matches {
			matched[aws.ToString(m.EventMessage)] = true
		}
		for _, s := range part {
			s.test.Match, s.test.Calls = matched[s.record], []string{trace.CallID}
			tests = append(tests, s.test)
		}
		answer.Count += len(out.Matches)
		answer.Calls = append(answer.Calls, trace.CallID)
	}
	sink.Answered(answer)
	return tests
}

// alarms reads all alarms of the region and keeps those on metrics of matching
// filters, and the composite alarms that name one of them.
func (l *Logs) alarms(ctx context.Context, client cloudWatchAPI, sink *evidence.Sink, region string) bool {
	type key struct{ namespace, name string }
	wanted := map[key]bool{}
	for _, f := range l.Filters {
		if matches(f.Tests) {
			for _, m := range f.Metrics {
				wanted[key{m.Namespace, m.Name}] = true
			}
		}
	}
	var composites []evidence.CompositeAlarm
	_, ok := evidence.Pages(ctx, sink, client.DescribeAlarms, evidence.Paged[cloudwatch.DescribeAlarmsInput, cloudwatch.DescribeAlarmsOutput]{
		Action: Alarms, In: &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100), AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm}},
		Token: func(out *cloudwatch.DescribeAlarmsOutput) *string { return out.NextToken },
		Next:  func(in *cloudwatch.DescribeAlarmsInput, token *string) { in.NextToken = token },
		Page: func(out *cloudwatch.DescribeAlarmsOutput, t evidence.Trace) int {
			if out.MetricAlarms == nil {
				return -1
			}
			for _, x := range out.MetricAlarms {
				a := metricAlarm(x, region, t.CallID)
				refers := slices.ContainsFunc(a.Math, func(m evidence.MetricRef) bool { return wanted[key{m.Namespace, m.Metric}] })
				if refers || wanted[key{a.Namespace, a.Metric}] {
					l.MetricAlarms = append(l.MetricAlarms, a)
				}
			}
			for _, x := range out.CompositeAlarms {
				composites = append(composites, evidence.CompositeAlarm{
					Region: region, Name: aws.ToString(x.AlarmName), ARN: aws.ToString(x.AlarmArn), Rule: aws.ToString(x.AlarmRule),
					ActionsEnabled: aws.ToBool(x.ActionsEnabled), Actions: x.AlarmActions, Calls: []string{t.CallID},
				})
			}
			return len(out.MetricAlarms) + len(out.CompositeAlarms)
		},
	})
	slices.SortFunc(l.MetricAlarms, func(a, b evidence.MetricAlarm) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range composites {
		names := alarmsOf(c.Rule)
		if slices.ContainsFunc(l.MetricAlarms, func(a evidence.MetricAlarm) bool {
			return slices.Contains(names, a.Name) || slices.Contains(names, a.ARN)
		}) {
			l.Composites = append(l.Composites, c)
		}
	}
	slices.SortFunc(l.Composites, func(a, b evidence.CompositeAlarm) int { return cmp.Compare(a.Name, b.Name) })
	return ok
}

var alarmState = regexp.MustCompile(`(?i)\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"((?:[^"\\]|\\.)*)"|([^"()]*?))\s*\)`)

// alarmsOf are the names and ARNs of the alarms that a composite alarm's rule is about.
func alarmsOf(rule string) []string {
	var out []string
	for _, m := range alarmState.FindAllStringSubmatch(rule, -1) {
		out = append(out, strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(m[1])+m[2])
	}
	return out
}

func metricAlarm(x cwtypes.MetricAlarm, region, callID string) evidence.MetricAlarm {
	a := evidence.MetricAlarm{
		Region: region, Name: aws.ToString(x.AlarmName), ARN: aws.ToString(x.AlarmArn), Namespace: aws.ToString(x.Namespace), Metric: aws.ToString(x.MetricName),
		Statistic: string(x.Statistic), ExtendedStatistic: aws.ToString(x.ExtendedStatistic), Period: int(aws.ToInt32(x.Period)),
		EvaluationPeriods: int(aws.ToInt32(x.EvaluationPeriods)), DatapointsToAlarm: int(aws.ToInt32(x.DatapointsToAlarm)), Threshold: x.Threshold,
		Comparison: string(x.ComparisonOperator), TreatMissing: aws.ToString(x.TreatMissingData), Unit: string(x.Unit), ActionsEnabled: aws.ToBool(x.ActionsEnabled),
		Actions: x.AlarmActions, Calls: []string{callID},
	}
	for _, d := range x.Dimensions {
		a.Dimensions = append(a.Dimensions, aws.ToString(d.Name)+"="+aws.ToString(d.Value))
	}
	slices.Sort(a.Dimensions)
	for _, q := range x.Metrics {
		if q.MetricStat != nil && q.MetricStat.Metric != nil {
			a.Math = append(a.Math, evidence.MetricRef{Namespace: aws.ToString(q.MetricStat.Metric.Namespace), Metric: aws.ToString(q.MetricStat.Metric.MetricName)})
		}
	}
	return a
}
