package view

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/report/item"
	"auditbinder/report/verdict"
)

func (b *builder) summary(items []Item) Summary {
	s := Summary{Severities: []string{string(item.High), string(item.Medium), string(item.Low)}}
	for _, v := range verdictOrder {
		s.Verdicts = append(s.Verdicts, Word(v))
	}
	s.Counts = make([][]int, len(s.Severities))
	for i := range s.Counts {
		s.Counts[i] = make([]int, len(s.Verdicts))
	}
	byID := map[string]int{}
	for _, it := range items {
		counts := it.Effective()
		byID[counts.ID]++
		row := slices.Index(s.Severities, it.Severity)
		col := slices.IndexFunc(s.Verdicts, func(v Verdict) bool { return v.ID == counts.ID })
		s.Counts[row][col]++
		at := slices.IndexFunc(s.Areas, func(a AreaCount) bool { return a.Area == it.Area })
		if at < 0 {
			s.Areas = append(s.Areas, AreaCount{Area: it.Area, ByID: map[string]int{}})
			at = len(s.Areas) - 1
		}
		s.Areas[at].Total++
		s.Areas[at].ByID[counts.ID]++
	}
	good, na := byID[string(verdict.Good)], byID[string(verdict.NA)]
	open, _ := b.undecided()
	s.ComplianceLabel, s.ComplianceText = ComplianceLabel, none
	if open > 0 {
		s.ComplianceLabel = ProvisionalLabel
	}
	if counted := len(items) - na; counted > 0 {
		s.ComplianceText = fmt.Sprintf("%.1f %%", 100*float64(good)/float64(counted))
	}
	s.Text = b.overall(items, s)
	s.Table = summaryTable(items)
	for _, it := range b.Catalog.Items {
		if it.Planned {
			s.Planned = append(s.Planned, Field{Label: it.ID, Lines: []string{it.Title}})
		}
	}
	return s
}

// overall is 총평: what was found, in plain sentences.
func (b *builder) overall(items []Item, s Summary) []string {
	var counts []string
	names := map[string][]string{}
	for _, v := range s.Verdicts {
		for _, it := range items {
			if it.Effective().ID == v.ID {
				names[v.ID] = append(names[v.ID], it.ID)
			}
		}
		if n := len(names[v.ID]); n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d건", v.Word, n))
		}
	}
	what := "자동판정"
	if slices.ContainsFunc(items, func(it Item) bool { return it.Final.ID != "" }) {
		what = "유효 판정(최종판정, 없으면 자동판정)"
	}
	out := []string{fmt.Sprintf("점검 항목 %d건의 %s은 %s이며, %s은 %s임.", len(items), what, strings.Join(counts, ", "), s.ComplianceLabel, s.ComplianceText)}
	say := func(v verdict.Verdict, format string) {
		if ids := names[string(v)]; len(ids) > 0 {
			out = append(out, fmt.Sprintf(format, strings.Join(ids, ", ")))
		}
	}
	var open []string
	for _, it := range items {
		if n := len(b.decisions[it.ID].Open); n > 0 {
			open = append(open, fmt.Sprintf("%s(%s)", it.ID, verdict.Grouped(n)))
		}
	}
	if len(open) > 0 {
		out = append(out, fmt.Sprintf("사람이 정하여야 할 대상이 남은 항목은 %s임(괄호 안은 대상 수).", strings.Join(open, ", ")))
	}
	say(verdict.Vulnerable, "취약 항목(%s)은 항목별 조치 방법에 따라 조치가 필요함.")
	say(verdict.Interview, "인터뷰 필요 항목(%s)은 API로 확인할 수 없는 사실이 있어 인터뷰로 확정해야 함.")
	say(verdict.Unknown, "점검 불가 항목(%s)은 판정하지 못하였으므로 항목별 사유의 원인을 해소한 뒤 다시 수집해야 함.")
	return out
}

func summaryTable(items []Item) Table {
	t := Table{Title: "항목별 판정", Sheet: "점검결과", Columns: []Column{
		{Key: "id", Title: "코드", Weight: 1.6, Center: true}, {Key: "title", Title: "항목명", Weight: 4.2}, {Key: "severity", Title: "중요도", Weight: 1.1, Center: true},
		{Key: "auto", Title: "자동판정", Weight: 1.8, Center: true}, {Key: "final", Title: "최종판정", Weight: 1.8, Center: true},
		{Key: "vulnerable", Title: "취약/점검", Weight: 1.6, Center: true}, {Key: "reason", Title: "판정 근거", Weight: 6},
	}}
	for _, it := range items {
		t.Rows = append(t.Rows, Row{Status: it.Effective().ID, Cells: []Cell{
			{Lines: []string{it.ID}, Link: it.ID}, text(it.Title), text(it.Severity), {Lines: []string{it.Auto.Word}, Verdict: it.Auto.ID},
			{Lines: []string{it.Final.Word}, Verdict: it.Final.ID}, text(fmt.Sprintf("%d/%d", it.Vulnerable, it.Checked)), text(it.Reason),
		}})
	}
	t.PDFRows = len(t.Rows)
	return t
}
