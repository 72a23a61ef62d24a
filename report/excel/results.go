package excel

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/report/interview"
	"auditbinder/report/view"
)

// column is one column of a sheet with a row for each of a list.
type column struct {
	title string
	width float64
	cell  func(r view.Report, i int) cell
}

// resultColumns fit two printed pages.
var resultColumns = []column{
	{"번호", 7, func(_ view.Report, i int) cell { return number(i + 1) }},
	{titleItem, 10, func(r view.Report, i int) cell {
		return cell{style: styleLink, value: r.Items[i].ID, link: r.Items[i].ID}
	}},
	{titleArea, 13, itemText(func(it view.Item) string { return it.Area })},
	{"항목명", 24, itemText(func(it view.Item) string { return it.Title })},
	{titleSeverity, 8, func(r view.Report, i int) cell { return text(styleCenter, r.Items[i].Severity) }},
	{"관련 법령", 42, itemText(func(it view.Item) string {
		return joined(append(slices.Clone(it.LawNotes), laws(lawCitation)(it)))
	})},
	{"시행일", 14, itemText(laws(func(l view.Law) []string { return []string{l.EffectiveFrom} }))},
	{"상태", 22, itemText(laws(func(l view.Law) []string { return []string{l.Status} }))},
	{"판단기준(양호)", 36, itemText(func(it view.Item) string { return it.GoodCriteria })},
	{"판단기준(취약)", 36, itemText(func(it view.Item) string { return it.VulnerableCriteria })},
	{"기준값", 20, itemText(thresholds(func(lines []string) []string { return lines[:min(1, len(lines))] }))},
	{"기준값 출처", 24, itemText(thresholds(func(lines []string) []string { return lines[min(1, len(lines)):] }))},
	{"계정ID", 15, func(r view.Report, _ int) cell { return text(styleCenter, accountID(r)) }},
	{titleAuto, 12, func(r view.Report, i int) cell { return verdictCell(r.Items[i].Auto) }},
	{"판정근거", 40, itemText(func(it view.Item) string { return it.Reason })},
	{"대상 수", 8, func(r view.Report, i int) cell { return number(r.Items[i].Population) }},
	{"취약 수", 8, func(r view.Report, i int) cell { return number(r.Items[i].Vulnerable) }},
	{"전회 판정", 10, func(view.Report, int) cell { return cell{style: styleCenter} }},
	{titleFinal, 12, filled(styleAnswerCenter, finalWord)},
	{titleJudge, 13, filled(styleAnswer, func(it view.Item) string { return it.Judge })},
	{titleJudged, 13, filled(styleAnswerCenter, func(it view.Item) string { return it.Judged })},
	{"증적번호", 18, itemText(func(it view.Item) string { return strings.Join(it.EvidenceIDs, ", ") })},
	{titleRemark, 26, filled(styleAnswer, remarks)},
}

const (
	titleArea     = "영역"
	titleSeverity = "중요도"
	titleAuto     = "자동판정"
	titleFinal    = "최종판정"
	titleJudge    = "판정자"
	titleJudged   = "판정일"
)

// scope tells formulas where 점검결과 and 인터뷰 keep what they count.
type scope struct {
	item, area, severity, auto, final string // absolute ranges of 점검결과
	asked, answered                   string // of 인터뷰: 항목코드 and 판정; empty without questions
}

// resultsSheet is 점검결과.
func resultsSheet(r view.Report) (*sheet, scope) {
	s, column := columnSheet(r, sheetResults, resultColumns, len(r.Items))
	if len(r.Items) > 0 {
		s.offer(column(titleFinal), finals())
	}
	return s, scope{
		item:     column(titleItem).absolute(s.name),
		area:     column(titleArea).absolute(s.name),
		severity: column(titleSeverity).absolute(s.name),
		auto:     column(titleAuto).absolute(s.name),
		final:    column(titleFinal).absolute(s.name),
	}
}

// columnSheet is a sheet with a row for each of n things, which its first two
// columns name, and where each of its columns stands.
func columnSheet(r view.Report, name string, columns []column, n int) (*sheet, func(title string) area) {
	s := newSheet(name, nil)
	var header []cell
	for _, c := range columns {
		s.widths = append(s.widths, c.width)
		header = append(header, text(styleHeader, c.title))
	}
	s.headerColumns, s.frozenColumns = 2, 2
	s.heading(name, r.Marking)
	s.header(header)
	top := s.rows
	s.frozenRows, s.headerRow = top, top
	s.addRows(n, func(i int) (line, error) {
		var l line
		for _, c := range columns {
			l.cells = append(l.cells, c.cell(r, i))
		}
		return l, nil
	})
	if n > 0 {
		s.filter = &area{1, top, len(columns), top + n}
	}
	return s, func(title string) area {
		c := slices.IndexFunc(columns, func(c column) bool { return c.title == title }) + 1
		return area{c, top + 1, c, top + max(n, 1)}
	}
}

// finals are the verdicts that people choose from.
func finals() []view.Verdict {
	var out []view.Verdict
	for _, v := range interview.Verdicts {
		out = append(out, view.Verdict(v))
	}
	return out
}

func itemText(of func(view.Item) string) func(view.Report, int) cell {
	return func(r view.Report, i int) cell { return text(styleText, of(r.Items[i])) }
}

func verdictCell(v view.Verdict) cell { return text(verdictStyle(v.ID), v.Word) }

// filled is a cell that people fill in, with what is known already.
func filled(st style, of func(view.Item) string) func(view.Report, int) cell {
	return func(r view.Report, i int) cell { return text(st, of(r.Items[i])) }
}

func finalWord(it view.Item) string {
	if it.Final.ID == "" {
		return ""
	}
	return it.Final.Word
}

// laws joins what of says about every law, numbered where there are several so
// that the columns can be read together.
func laws(of func(view.Law) []string) func(view.Item) string {
	return func(it view.Item) string {
		var lines []string
		for i, l := range it.Laws {
			said := of(l)
			if len(it.Laws) > 1 {
				said[0] = fmt.Sprintf("%d) %s", i+1, said[0])
			}
			lines = append(lines, said...)
		}
		return joined(lines)
	}
}

// lawCitation cites a law no more certainly than it is known. Notes and old
// citations stand in 기준매핑; here they would make the row taller than a screen.
func lawCitation(l view.Law) []string {
	details := joinNonEmpty(", ", l.Notice, l.Application)
	if l.Confidence != "" {
		details = joinNonEmpty(", ", details, "신뢰도 "+l.Confidence)
	}
	lines := []string{joinNonEmpty(" ", l.Name, l.Provision)}
	if details != "" {
		lines[0] += " (" + details + ")"
	}
	if l.Warning != "" {
		lines = append(lines, "※ "+l.Warning)
	}
	return lines
}

// thresholds joins a part of every threshold behind its name.
func thresholds(part func(lines []string) []string) func(view.Item) string {
	return func(it view.Item) string {
		var lines []string
		for _, f := range it.Thresholds {
			lines = append(lines, joinNonEmpty(": ", f.Label, strings.Join(part(f.Lines), " · ")))
		}
		return joined(lines)
	}
}

func remarks(it view.Item) string {
	lines := slices.Clone(it.Exceptions)
	for _, failure := range it.Failures {
		lines = append(lines, "조회 실패: "+failure)
	}
	return joined(lines)
}
