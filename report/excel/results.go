package excel

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/report/view"
)

// resultColumn is one column of 점검결과.
type resultColumn struct {
	title string
	width float64
	cell  func(r view.Report, i int) cell
}

// resultColumns are the columns in order. People fill in those without a cell.
var resultColumns = []resultColumn{
	{"번호", 7, func(_ view.Report, i int) cell { return number(i + 1) }},
	{"항목코드", 14, func(r view.Report, i int) cell {
		return cell{style: styleLink, value: r.Items[i].ID, link: r.Items[i].ID}
	}},
	{titleArea, 16, itemText(func(it view.Item) string { return it.Area })},
	{"항목명", 30, itemText(func(it view.Item) string { return it.Title })},
	{titleSeverity, 9, func(r view.Report, i int) cell { return text(styleCenter, r.Items[i].Severity) }},
	{"관련 법령", 44, itemText(func(it view.Item) string {
		return joined(append(slices.Clone(it.LawNotes), laws(lawCitation)(it)))
	})},
	{"시행일", 15, itemText(laws(func(l view.Law) []string { return []string{l.EffectiveFrom} }))},
	{"상태", 24, itemText(laws(func(l view.Law) []string { return []string{l.Status} }))},
	{"판단기준(양호)", 36, itemText(func(it view.Item) string { return it.GoodCriteria })},
	{"판단기준(취약)", 36, itemText(func(it view.Item) string { return it.VulnerableCriteria })},
	{"기준값", 26, itemText(thresholds(func(lines []string) []string { return lines[:min(1, len(lines))] }))},
	{"기준값 출처", 32, itemText(thresholds(func(lines []string) []string { return lines[min(1, len(lines)):] }))},
	{"계정ID", 16, func(r view.Report, _ int) cell { return text(styleCenter, accountID(r)) }},
	{titleAuto, 13, func(r view.Report, i int) cell { return verdictCell(r.Items[i].Auto) }},
	{"판정근거", 44, itemText(func(it view.Item) string { return it.Reason })},
	{"대상 수", 9, func(r view.Report, i int) cell { return number(r.Items[i].Population) }},
	{"취약 수", 9, func(r view.Report, i int) cell { return number(r.Items[i].Vulnerable) }},
	{"전회 판정", 12, nil},
	{titleFinal, 13, func(r view.Report, i int) cell {
		if r.Items[i].Final.ID == "" {
			return cell{style: styleCenter}
		}
		return text(styleCenter, r.Items[i].Final.Word)
	}},
	{"판정자", 14, nil},
	{"판정일", 13, nil},
	{"증적번호", 24, itemText(func(it view.Item) string { return strings.Join(it.EvidenceIDs, ", ") })},
	{"비고", 34, itemText(remarks)},
}

const (
	titleArea     = "영역"
	titleSeverity = "중요도"
	titleAuto     = "자동판정"
	titleFinal    = "최종판정"
)

// scope tells formulas where 점검결과 keeps what they count.
type scope struct {
	area, severity, auto, final string // absolute ranges
}

// resultsSheet is 점검결과.
func resultsSheet(r view.Report) (*sheet, scope) {
	var widths []float64
	var header []cell
	for _, c := range resultColumns {
		widths = append(widths, c.width)
		header = append(header, text(styleHeader, c.title))
	}
	s := newSheet(sheetResults, widths)
	s.headerColumns, s.frozenColumns = 2, 2
	s.heading(sheetResults, r.Marking)
	s.header(header)
	top := s.rows
	s.addRows(len(r.Items), func(i int) (line, error) {
		var l line
		for _, c := range resultColumns {
			if c.cell == nil {
				l.cells = append(l.cells, cell{style: styleCenter})
				continue
			}
			l.cells = append(l.cells, c.cell(r, i))
		}
		return l, nil
	})
	s.frozenRows, s.headerRow = top, top

	column := func(title string) area {
		c := slices.IndexFunc(resultColumns, func(c resultColumn) bool { return c.title == title }) + 1
		return area{c, top + 1, c, top + max(len(r.Items), 1)}
	}
	if len(r.Items) > 0 {
		s.filter = &area{1, top, len(resultColumns), top + len(r.Items)}
		s.verdictColumn = new(column(titleFinal))
		s.verdictWords = verdictWords(r)
	}
	return s, scope{
		area:     column(titleArea).absolute(s.name),
		severity: column(titleSeverity).absolute(s.name),
		auto:     column(titleAuto).absolute(s.name),
		final:    column(titleFinal).absolute(s.name),
	}
}

func itemText(of func(view.Item) string) func(view.Report, int) cell {
	return func(r view.Report, i int) cell { return text(styleText, of(r.Items[i])) }
}

func verdictCell(v view.Verdict) cell { return text(verdictStyle(v.ID), v.Word) }

func verdictWords(r view.Report) map[string]string {
	words := map[string]string{}
	for _, v := range r.Summary.Verdicts {
		words[v.ID] = v.Word
	}
	return words
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

// lawCitation cites a law no more certainly than it is known. Its notes stand in
// the PDF; here they would make the row taller than a screen.
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
	for _, c := range l.Cited {
		lines = append(lines, "- 원 가이드 인용: "+joinNonEmpty(" — ", c.Text, c.Note))
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
