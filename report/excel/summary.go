package excel

import (
	"fmt"
	"strings"

	"auditbinder/report/view"
)

const (
	gridColumns = 14 // of 요약, whose tables differ too much to share columns
	gridWidth   = 11.5
	keyColumns  = 2 // grid columns of 영역 and 중요도
	chartColumn = 11
)

// summarySheet is 요약. Its counts are formulas over 점검결과, so that they
// follow what people fill in there, with the view's counts as their values.
func summarySheet(r view.Report, in scope) *sheet {
	sum := r.Summary
	columns := max(gridColumns, len(sum.Table.Columns), len(r.Failures.Columns), keyColumns+len(sum.Verdicts)+2)
	s := newSheet(sheetSummary, nil)
	for range columns {
		s.widths = append(s.widths, gridWidth)
	}
	s.noGrid = true
	s.heading(sheetSummary, r.Marking)

	if len(sum.Text) > 0 {
		s.section("총평")
		for _, p := range sum.Text {
			s.paragraph(styleNote, p)
		}
		s.gap()
	}
	s.section("영역별 결과")
	s.paragraph(styleNote, "유효 판정 = 최종판정, 없으면 자동판정. 준수율 = 양호 ÷ (전체 − 해당 없음). 아래 수치는 점검결과 시트를 참조하는 수식임.")
	var areas []countRow
	for _, a := range sum.Areas {
		areas = append(areas, countRow{a.Area, a.Total, a.ByID})
	}
	first, total := s.counts(sum, titleArea, areas, in.area, in)
	s.gap()

	s.section("중요도별 결과")
	var severities []countRow
	for i, severity := range sum.Severities {
		severities = append(severities, matrixRow(sum, severity, i))
	}
	s.counts(sum, titleSeverity, severities, in.severity, in)
	if len(areas) > 0 {
		s.chart = verdictChart(sum, first, total, area{chartColumn, first, columns, s.rows})
	}
	s.gap()

	s.spreadTable(sum.Table)
	if len(r.Failures.Rows) > 0 {
		s.gap()
		s.spreadTable(r.Failures)
	}
	if len(sum.Planned) > 0 {
		s.gap()
		s.section("이번 버전이 판정하지 않는 항목")
		for _, f := range sum.Planned {
			s.labelled(f.Label, keyColumns, fieldCell(f))
		}
	}
	return s
}

// countRow is the counts of one 영역 or 중요도.
type countRow struct {
	key   string
	total int
	byID  map[string]int
}

func matrixRow(sum view.Summary, severity string, i int) countRow {
	row := countRow{key: severity, byID: map[string]int{}}
	for j, n := range sum.Counts[i] {
		row.byID[sum.Verdicts[j].ID] += n
		row.total += n
	}
	return row
}

// counts is a table of verdicts by key, with the key's cells in keyRange. It
// returns the rows of the heads and of the total.
func (s *sheet) counts(sum view.Summary, key string, rows []countRow, keyRange string, in scope) (heads, last int) {
	heads = s.rows + 1
	last = heads + len(rows) + 1
	runs := []int{keyColumns}
	header := []cell{text(styleHeader, key), text(styleHeader, "항목 수")}
	for _, v := range sum.Verdicts {
		header = append(header, text(styleHeader, shortWord(v)))
	}
	header = append(header, complianceLabel(sum, last, len(rows), in))
	for len(runs) < len(header) {
		runs = append(runs, 1)
	}
	s.add(s.spanned(header, runs))

	first := s.rows + 1
	total := countRow{byID: map[string]int{}}
	for _, row := range rows {
		n := s.rows + 1
		isKey := keyRange + "," + cellName(1, n)
		cells := []cell{text(styleText, row.key), formula(row.total, "COUNTIFS(%s)", isKey)}
		for _, v := range sum.Verdicts {
			word := formulaString(v.Word)
			final := fmt.Sprintf("COUNTIFS(%s,%s,%s)", isKey, in.final, word)
			auto := fmt.Sprintf("COUNTIFS(%s,%s,%s)", isKey, in.auto, word)
			// "?*" is any filled cell; not every program counts blank ones by "".
			overruled := fmt.Sprintf(`COUNTIFS(%s,%s,%s,%s,"?*")`, isKey, in.auto, word, in.final)
			cells = append(cells, formula(row.byID[v.ID], "%s+%s-%s", final, auto, overruled))
			total.byID[v.ID] += row.byID[v.ID]
		}
		total.total += row.total
		s.add(s.spanned(append(cells, compliance(sum, row, n)), runs))
	}
	if len(rows) == 0 {
		return heads, last
	}
	column := func(i int) string { return area{keyColumns + 1 + i, first, keyColumns + 1 + i, last - 1}.reference() }
	cells := []cell{text(styleLabel, "합계"), formula(total.total, "SUM(%s)", column(0))}
	for i, v := range sum.Verdicts {
		cells = append(cells, formula(total.byID[v.ID], "SUM(%s)", column(i+1)))
	}
	s.add(s.spanned(append(cells, compliance(sum, total, last)), runs))
	return heads, last
}

// complianceLabel reads 잠정 while the total row counts an undecided item, or a
// question is unanswered whose item has no 최종판정.
func complianceLabel(sum view.Summary, total, rows int, in scope) cell {
	c := text(styleHeader, sum.ComplianceLabel)
	if rows == 0 {
		return c
	}
	var open []string
	for i, v := range sum.Verdicts {
		if v.ID == "interview" || v.ID == "unknown" {
			open = append(open, cellName(keyColumns+2+i, total)+">0")
		}
	}
	if in.asked != "" {
		open = append(open, fmt.Sprintf(`SUMPRODUCT((%s="")*(COUNTIFS(%s,%s,%s,"?*")=0))>0`, in.answered, in.item, in.asked, in.final))
	}
	if len(open) > 0 {
		c.formula = fmt.Sprintf("IF(OR(%s),%s,%s)", strings.Join(open, ","), formulaString(view.ProvisionalLabel), formulaString(view.ComplianceLabel))
	}
	return c
}

// verdictChart draws the counts of the total row.
func verdictChart(sum view.Summary, heads, total int, at area) *chart {
	from, to := keyColumns+2, keyColumns+1+len(sum.Verdicts)
	return &chart{
		title: "판정별 항목 수", at: at, name: area{1, total, 1, total}.absolute(sheetSummary),
		categories: area{from, heads, to, heads}.absolute(sheetSummary), values: area{from, total, to, total}.absolute(sheetSummary),
	}
}

// compliance is 양호 ÷ (전체 − 해당 없음) of the counts in row n.
func compliance(sum view.Summary, row countRow, n int) cell {
	at := map[string]string{}
	for i, v := range sum.Verdicts {
		at[v.ID] = cellName(keyColumns+2+i, n)
	}
	all := cellName(keyColumns+1, n)
	c := cell{style: stylePercent, value: "-"}
	if counted := row.total - row.byID["na"]; counted > 0 {
		c.value = float64(row.byID["good"]) / float64(counted)
	}
	if at["good"] != "" && at["na"] != "" {
		c.formula = fmt.Sprintf(`IF(%s-%s=0,"-",%s/(%s-%s))`, all, at["na"], at["good"], all, at["na"])
	}
	return c
}

func formula(value int, format string, args ...any) cell {
	return cell{style: styleNumber, value: value, formula: fmt.Sprintf(format, args...)}
}

// shortWord is the heading of a count: 해당 없음 reads N/A.
func shortWord(v view.Verdict) string {
	if v.ID == "na" {
		return "N/A"
	}
	return v.Word
}
