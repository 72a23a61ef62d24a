package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"auditbinder/collect/evidence"
)

// logWay is a way over a log group, but for the trail and the match: those differ
// from sign-in to sign-in.
type logWay struct {
	chain
	region string
	trails []evidence.Trail       // that write to the group; none: the group is no trail's
	filter *evidence.MetricFilter // nil: the way ends before a filter
}

// logWays are the ways of all log groups that trails write to, and of filters that
// look for sign-ins in other groups.
func (c *chains) logWays() []logWay {
	var out []logWay
	groups, alarms := map[string][]evidence.Trail{}, c.set.Alarms
	owned := func(f evidence.MetricFilter) bool {
		return slices.ContainsFunc(sortedKeys(groups), func(g string) bool {
			at := parseARN(g)
			return at.account == c.set.Account.ID && at.region == f.Region && at.resource == logGroupPrefix+f.LogGroup
		})
	}
	for _, t := range c.set.Trails {
		if t.LogGroupARN != "" {
			groups[t.LogGroupARN] = append(groups[t.LogGroupARN], t)
		}
	}
	for _, g := range sortedKeys(groups) {
		out = append(out, c.groupWays(g, groups[g])...)
	}
	for i, f := range alarms.Filters {
		if !owned(f) && slices.ContainsFunc(f.Tests, func(t evidence.SignInTest) bool { return t.Match }) {
			way := logWay{region: f.Region, filter: &alarms.Filters[i]}
			way.chain = chain{path: logPath, names: []string{"필터 " + f.Name}, state: noValue, subscriptions: noValue,
				link: broken(fmt.Sprintf("추적이 기록하지 않는 다른 로그 그룹(%s)의 필터임", f.LogGroup), f.Calls...)}
			out = append(out, way)
		}
	}
	return out
}

const logGroupPrefix = "log-group:"

// groupWays are the ways of one log group.
func (c *chains) groupWays(group string, trails []evidence.Trail) []logWay {
	at := parseARN(group)
	name := strings.TrimPrefix(at.resource, logGroupPrefix)
	way := func(l link, names ...string) logWay {
		return logWay{region: at.region, trails: trails, chain: chain{link: l, path: logPath, names: names, state: noValue, subscriptions: noValue}}
	}
	end := "로그 그룹 " + name
	multi := slices.ContainsFunc(trails, func(t evidence.Trail) bool { return t.MultiRegion })
	i := slices.IndexFunc(c.set.Alarms.LogGroups, func(g evidence.LogGroup) bool { return g.ARN == group })
	switch {
	case at.account != c.set.Account.ID:
		return []logWay{way(uncertain(fmt.Sprintf("다른 계정(%s)의 로그 그룹까지는 추적할 수 없음", at.account)), end)}
	case i < 0 && !multi:
		return []logWay{way(uncertain("단일 리전 추적의 로그 그룹에 대한 지표 필터와 경보는 조회하지 않아 추적할 수 없음"), end)}
	case i < 0:
		return []logWay{way(c.unread("logs:DescribeMetricFilters", at.region, ""), end)}
	}
	var out []logWay
	g := c.set.Alarms.LogGroups[i]
	for i := range c.set.Alarms.Filters {
		f := &c.set.Alarms.Filters[i]
		if f.Region != g.Region || f.LogGroup != g.Name {
			continue
		}
		for _, w := range c.filterWays(f, g) {
			w.trails, w.region, w.filter, w.path = trails, f.Region, f, logPath
			out = append(out, w)
		}
	}
	switch {
	case !g.FiltersRead:
		out = append(out, way(c.unread("logs:DescribeMetricFilters", g.Region, ""), end))
	case len(out) == 0:
		out = append(out, way(broken("로그 그룹에 지표 필터가 없음", g.Calls...), end))
	}
	return out
}

// filterWays go on from a filter to each alarm on its metrics. The alarms of a
// filter that matches nothing were not asked for.
func (c *chains) filterWays(f *evidence.MetricFilter, g evidence.LogGroup) []logWay {
	first := "필터 " + f.Name
	end := func(l link) logWay {
		return logWay{chain: chain{link: l, names: []string{first}, state: noValue, subscriptions: noValue}}
	}
	if !slices.ContainsFunc(f.Tests, func(t evidence.SignInTest) bool { return t.Match }) {
		return []logWay{end(intact())}
	}
	var out []logWay
	for _, a := range c.set.Alarms.MetricAlarms {
		if a.Region != g.Region {
			continue
		}
		var fired []link
		for _, m := range f.Metrics {
			if watches(a, m) {
				fired = append(fired, fires(a, m))
			}
		}
		if len(fired) == 0 {
			continue
		}
		w := logWay{chain: chain{link: inSeries(selects(f), inParallel(fired...), c.actions(a)), names: []string{first, "경보 " + a.Name}}}
		w.state = "조치 꺼짐"
		if a.ActionsEnabled {
			w.state = "조치 켜짐"
		}
		for _, action := range a.Actions {
			w.targets = append(w.targets, parseARN(action).kind())
		}
		w.subscriptions = c.subscriptions(a.Actions)
		out = append(out, w)
	}
	switch {
	case !g.AlarmsRead:
		out = append(out, end(c.unread("cloudwatch:DescribeAlarms", g.Region, "")))
	case len(out) == 0:
		out = append(out, end(broken("필터의 지표를 감시하는 경보가 없음", slices.Concat(f.Calls, g.Calls)...)))
	}
	return out
}

// selects grades what a filter has beside the pattern that AWS tested.
func selects(f *evidence.MetricFilter) link {
	switch {
	case f.Criteria != "":
		return uncertain("필터의 선택 조건("+f.Criteria+")은 시험되지 않아 확인이 필요함", f.Calls...)
	case f.Transformed:
		return uncertain("변환된 로그에 적용되는 필터이므로 시험 결과만으로는 일치 여부를 확인할 수 없음", f.Calls...)
	case len(f.Emitted) > 0:
		return uncertain("필터가 시스템 필드("+strings.Join(f.Emitted, ", ")+")를 지표의 차원으로 기록하므로 경보되는지 확인이 필요함", f.Calls...)
	}
	return intact(f.Calls...)
}

// watches reports whether the alarm looks at the filter's metric.
func watches(a evidence.MetricAlarm, m evidence.FilterMetric) bool {
	return a.Namespace == m.Namespace && a.Metric == m.Name ||
		slices.Contains(a.Math, evidence.MetricRef{Namespace: m.Namespace, Metric: m.Name})
}

// fires grades whether one sign-in in one period brings the alarm to ALARM.
func fires(a evidence.MetricAlarm, m evidence.FilterMetric) link {
	value, err := strconv.ParseFloat(m.Value, 64)
	needed := cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)
	open := ""
	switch written := cmp.Or(m.Unit, noUnit); {
	case a.Unit != "" && a.Unit != written:
		return broken(fmt.Sprintf("경보의 단위(%s)가 필터가 기록하는 지표의 단위(%s)와 달라 경보가 데이터를 받지 못함", a.Unit, written), a.Calls...)
	case len(a.Math) > 0:
		open = "지표 수식을 사용하는 경보임"
	case len(m.Dimensions)+len(a.Dimensions) > 0:
		open = "지표에 차원을 사용함"
	case a.ExtendedStatistic != "":
		open = "확장 통계(" + a.ExtendedStatistic + ")를 사용함"
	case err != nil:
		open = "필터가 기록하는 지표 값(" + m.Value + ")이 고정된 수가 아님"
	case a.Threshold == nil:
		open = "고정된 임계값이 없음(" + a.Comparison + ")"
	case a.TreatMissing == "breaching":
		open = "누락된 데이터도 경보 조건으로 보는 설정(breaching)이어서 로그인 전부터 경보 상태일 수 있음"
	case a.TreatMissing == "ignore" && m.DefaultValue == nil:
		open = "누락된 데이터를 무시하는 설정(ignore)이어서 첫 경보 이후 경보 상태가 유지될 수 있음"
	case needed < 1:
		open = "평가 기간이 확인되지 않음"
	case needed > 1:
		return broken(fmt.Sprintf("경보에 데이터 포인트 %d개가 필요하여 로그인 1건으로는 경보되지 않음", needed), a.Calls...)
	default:
		return exceeds(a, m, value)
	}
	return uncertain(firesOpen+open, a.Calls...)
}

const (
	noUnit    = "None" // what a metric without a unit has
	firesOpen = "로그인 1건으로 경보되는지 확인이 필요함: "
)

// exceeds grades the statistic of a period with one sign-in against the threshold.
func exceeds(a evidence.MetricAlarm, m evidence.FilterMetric, value float64) link {
	exceeded, known := map[string]func(float64) bool{
		"GreaterThanOrEqualToThreshold": func(v float64) bool { return v >= *a.Threshold },
		"GreaterThanThreshold":          func(v float64) bool { return v > *a.Threshold },
	}[a.Comparison]
	// The default value counts for the minutes whose log events do not match.
	diluted := m.DefaultValue != nil
	switch a.Statistic {
	case "Sum", "Maximum":
		diluted = diluted && *m.DefaultValue != 0
	case "SampleCount":
		value = 1
	case "Average", "Minimum":
	default:
		known = false
	}
	condition := fmt.Sprintf("%s %s %s", a.Statistic, a.Comparison, number(*a.Threshold))
	switch {
	case strings.HasPrefix(a.Comparison, "LessThan"):
		return broken(fmt.Sprintf("지표가 작아질 때의 경보(%s)이므로 로그인 1건(지표 값 %s)의 발생을 경보하지 않음", condition, number(value)), a.Calls...)
	case !known:
		return uncertain(firesOpen+"조건("+condition+")을 해석할 수 없음", a.Calls...)
	case diluted || m.DefaultValue != nil && exceeded(*m.DefaultValue):
		return uncertain(fmt.Sprintf("%s필터의 기본값 %s이 조건(%s)의 통계에 포함됨", firesOpen, number(*m.DefaultValue), condition), a.Calls...)
	case !exceeded(value):
		return broken(fmt.Sprintf("로그인 1건의 지표 값 %s이 경보 조건(%s)에 미치지 못함", number(value), condition), a.Calls...)
	}
	return intact(a.Calls...)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// actions grades what an alarm does; the best action counts.
func (c *chains) actions(a evidence.MetricAlarm) link {
	var list []link
	switch {
	case !a.ActionsEnabled:
		list = append(list, broken("경보의 조치가 꺼져 있음(ActionsEnabled=false)", a.Calls...))
	case len(a.Actions) == 0:
		list = append(list, broken("경보에 조치가 없음", a.Calls...))
	default:
		for _, action := range a.Actions {
			if at := parseARN(action); at.service == "sns" {
				list = append(list, c.topic(action, publisher{cloudWatch, a.ARN, a.Region, ""}))
			} else {
				list = append(list, uncertain("경보의 조치 "+at.kind()+"까지는 추적할 수 없음", a.Calls...))
			}
		}
	}
	for _, x := range c.set.Alarms.Composites {
		if x.Region == a.Region && x.ActionsEnabled && len(x.Actions) > 0 && refers(x.Rule, a) {
			list = append(list, uncertain("복합 경보 "+x.Name+"을(를) 통한 통지는 추적할 수 없음", x.Calls...))
		}
	}
	return inParallel(list...)
}

// refers reports whether a composite alarm's rule names the alarm.
func refers(rule string, a evidence.MetricAlarm) bool {
	rule = strings.NewReplacer("( ", "(", " )", ")", `"`, "").Replace(rule)
	return strings.Contains(rule, "("+a.Name+")") || strings.Contains(rule, "("+a.ARN+")")
}

// logs are the log chains of a sign-in. There is always at least one.
func (c *chains) logs(l login) []chain {
	var out []chain
	for _, w := range c.logPaths {
		ch := w.chain
		ch.link = c.logLink(w, l)
		if w.filter != nil {
			ch.root, ch.user = c.matchWords(w.filter.Tests, l.region)
		}
		out = append(out, ch)
	}
	switch a, read := c.answer("cloudtrail:DescribeTrails", l.region); {
	case !read: // may hide the log group of a trail of this region alone
		out = append(out, chain{path: logPath, link: c.unread("cloudtrail:DescribeTrails", l.region, "")})
	case len(out) == 0:
		out = append(out, chain{path: logPath, link: broken("로그 그룹에 기록하는 추적이 없음", a.Calls...)})
	}
	return out
}

// logLink grades a way for one sign-in.
func (c *chains) logLink(w logWay, l login) link {
	links := []link{w.link}
	if w.filter != nil {
		subject := w.filter.LogGroup + "/" + w.filter.Name
		links = append(links, c.match(w.filter.Tests, l, w.filter.Pattern, func() link { return c.unread("logs:TestMetricFilter", w.region, subject) }), c.filterConditions(w.filter, l.class))
	}
	var trails []link
	for _, t := range w.trails {
		trails = append(trails, c.delivery(t, l.region))
	}
	if len(trails) > 0 {
		links = append(links, inParallel(trails...))
	}
	return inSeries(links...)
}

// delivery grades whether a trail brings a region's sign-ins to its log group. The
// log path is asked of multi-region trails.
func (c *chains) delivery(t evidence.Trail, region string) link {
	to := intact()
	switch {
	case !t.MultiRegion && t.HomeRegion != region:
		return broken(fmt.Sprintf("추적 %s: %s의 단일 리전 추적이므로 다른 리전의 이벤트를 기록하지 않음", t.Name, t.HomeRegion), t.Calls...)
	case !t.MultiRegion:
		to = uncertain("추적 "+t.Name+": 다중 리전 추적이 아니므로 로그 그룹을 통한 통지의 확인이 필요함", t.Calls...)
	case t.LogDeliveryError != "":
		to = uncertain("추적 "+t.Name+": 최근 로그 그룹 전달에서 오류("+t.LogDeliveryError+")가 발생함", t.Calls...)
	}
	return inSeries(c.recording(t, region), to)
}
