package verdict

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

// trail grades the recording of a region's sign-ins, without which there is no
// event: some trail that covers the region logs, and takes management writes.
func (c *chains) trail(region string) link {
	var list []link
	var elsewhere []string
	for _, t := range c.set.Trails {
		if t.MultiRegion || t.HomeRegion == region {
			list = append(list, c.recording(t, region))
		} else {
			elsewhere = append(elsewhere, fmt.Sprintf("%s(%s)", t.Name, t.HomeRegion))
		}
	}
	// Multi-region trails show in every region: only the region's own can be hidden.
	a, read := c.answer("cloudtrail:DescribeTrails", region)
	switch {
	case !read:
		list = append(list, c.unread("cloudtrail:DescribeTrails", region, ""))
	case len(list) == 0 && len(elsewhere) > 0:
		return broken(fmt.Sprintf("%s의 이벤트를 기록하는 추적이 없음(다른 리전의 단일 리전 추적: %s)", region, firstFew(elsewhere, ", ")), a.Calls...)
	case len(list) == 0:
		return broken("CloudTrail 추적이 없음", a.Calls...)
	}
	return inParallel(list...)
}

// recording grades a trail that covers the region: does it log, and does it take
// the sign-ins there.
func (c *chains) recording(t evidence.Trail, region string) link {
	status := intact(t.Calls...)
	if t.Logging == nil {
		status = c.unread("cloudtrail:GetTrailStatus", t.HomeRegion, t.ARN)
	} else if !*t.Logging {
		status = broken("추적 "+t.Name+": 로그 기록이 중지되어 있음", t.Calls...)
	}
	global := intact(t.Calls...)
	if region == evidence.RootSignInRegion && !t.MultiRegion && (t.GlobalEvents == nil || !*t.GlobalEvents) {
		reason := "글로벌 서비스 이벤트 제외 추적이므로 "
		if t.GlobalEvents == nil {
			reason = "글로벌 서비스 이벤트의 포함 여부가 응답에 없으므로 "
		}
		global = uncertain("추적 "+t.Name+": "+reason+region+"의 로그인 이벤트를 기록하는지 확인이 필요함", t.Calls...)
	}
	return inSeries(status, global, c.selection(t))
}

// selection grades what a trail selects: sign-ins are management events, and writes.
func (c *chains) selection(t evidence.Trail) link {
	var list []link
	switch {
	case !t.Own:
		return uncertain("조직 추적 "+t.Name+": 이 계정에서는 이벤트 선택기가 확인되지 않음", t.Calls...)
	case !t.SelectorsRead:
		return c.unread("cloudtrail:GetEventSelectors", t.HomeRegion, t.ARN)
	}
	name := "추적 " + t.Name + ": "
	list = append(list, broken(name+"이벤트 선택기에 관리 이벤트가 포함되어 있지 않음", t.Calls...))
	for _, s := range t.Basic {
		switch {
		case !s.Management:
		case s.ReadWriteType == "ReadOnly":
			list[0] = broken(name+"이벤트 선택기가 읽기 이벤트만 기록함(ReadOnly)", t.Calls...)
		case s.ReadWriteType == "All" || s.ReadWriteType == "WriteOnly":
			return intact(t.Calls...)
		default:
			list = append(list, uncertain(name+"이벤트 선택기의 ReadWriteType("+s.ReadWriteType+")을 해석할 수 없음", t.Calls...))
		}
	}
	for _, s := range t.Advanced {
		management, readOnly, others := readSelector(s)
		switch {
		case !management:
		case readOnly:
			list[0] = broken(name+"고급 이벤트 선택기가 읽기 이벤트만 기록함(readOnly=true)", t.Calls...)
		case len(others) > 0:
			list = append(list, uncertain(name+"고급 이벤트 선택기의 조건("+strings.Join(others, ", ")+")의 확인이 필요함", t.Calls...))
		default:
			return intact(t.Calls...)
		}
	}
	return inParallel(list...)
}

// readSelector reads an advanced selector; others are fields that may leave
// sign-ins out.
func readSelector(s evidence.AdvancedSelector) (management, readOnly bool, others []string) {
	for _, f := range s.Fields {
		plain := len(f.NotEquals)+len(f.StartsWith)+len(f.NotStartsWith)+len(f.EndsWith)+len(f.NotEndsWith) == 0
		switch {
		case f.Field == "eventCategory" && plain:
			management = slices.Contains(f.Equals, "Management")
		case f.Field == "readOnly" && plain && len(f.Equals) > 0:
			readOnly = !slices.Contains(f.Equals, "false")
		default:
			others = append(others, f.Field)
		}
	}
	return management, readOnly, others
}

// trailRows are the trails as they were seen.
func (c *chains) trailRows() []map[string]Cell {
	var rows []map[string]Cell
	for _, t := range c.set.Trails {
		kind := []string{"단일 리전"}
		if t.MultiRegion {
			kind[0] = "다중 리전"
		}
		switch {
		case t.Organization && !t.Own:
			kind = append(kind, "조직(다른 계정 소유)")
		case t.Organization:
			kind = append(kind, "조직")
		}
		if !t.MultiRegion && t.GlobalEvents != nil && !*t.GlobalEvents {
			kind = append(kind, "글로벌 서비스 이벤트 제외")
		}
		logging := unreadWord
		if t.Logging != nil {
			logging = map[bool]string{true: "기록 중", false: "중지"}[*t.Logging]
		}
		rows = append(rows, map[string]Cell{
			"name": lines(t.Name), "arn": lines(t.ARN), "home": lines(t.HomeRegion), "kind": {Lines: kind}, "logging": lines(logging),
			"selectors": {Lines: selectorWords(t)}, "log_group": lines(t.LogGroupARN),
		})
	}
	return rows
}

func selectorWords(t evidence.Trail) []string {
	switch {
	case !t.Own:
		return []string{"확인되지 않음(다른 계정 소유)"}
	case !t.SelectorsRead:
		return []string{unreadWord}
	}
	var out []string
	for _, s := range t.Basic {
		management := "관리 이벤트 제외"
		if s.Management {
			management = "관리 이벤트 " + s.ReadWriteType
		}
		out = append(out, "기본: "+management)
	}
	for _, s := range t.Advanced {
		var fields []string
		for _, f := range s.Fields {
			for _, o := range []struct {
				name   string
				values []string
			}{
				{"=", f.Equals}, {"≠", f.NotEquals}, {" 시작 ", f.StartsWith}, {" 시작 아님 ", f.NotStartsWith}, {" 끝 ", f.EndsWith}, {" 끝 아님 ", f.NotEndsWith},
			} {
				if len(o.values) > 0 {
					fields = append(fields, f.Field+o.name+strings.Join(o.values, "|"))
				}
			}
		}
		out = append(out, "고급: "+strings.Join(fields, ", "))
	}
	return out
}
