package pdf

import (
	"strconv"

	"auditbinder/report/view"
)

// overview adds 점검 개요.
func (d *flow) overview(sections []view.Section) {
	d.part("1. 점검 개요")
	d.sections(sections)
}

// summary adds 요약.
func (d *flow) summary(s view.Summary, failures view.Table) {
	d.part("2. 요약")
	d.heading("중요도별 판정 결과")
	d.matrix(s)
	d.space(3)
	d.chart(s)
	d.space(4)
	mark := len(d.strips)
	d.row(newGrid(0, labelWidth+12, printWidth-labelWidth-12), 0,
		label(s.ComplianceLabel),
		cell{lines: []string{s.ComplianceText}, style: figure, align: center})
	d.space(1)
	d.text(note, 0, left, "양호 ÷ (전체 − 해당 없음). 인터뷰 필요와 점검 불가는 분모에 포함함.")
	d.keepFrom(mark)
	d.paragraphs("총평", s.Text)
	mark = len(d.strips)
	d.headed("", "항목별 결과", s.Table)
	d.wholeFrom(mark)
	if len(failures.Rows) > 0 {
		d.headed("", "실패한 호출과 영향 항목", failures)
	}
	if len(s.Planned) > 0 {
		d.heading("이번 판에서 판정하지 않는 항목")
		d.fields(s.Planned)
	}
}

// matrix adds the 중요도 × 판정 table with its sums.
func (d *flow) matrix(s view.Summary) {
	const first = 26.0
	columns := len(s.Verdicts) + 1
	widths := []float64{first}
	head := []cell{label("중요도")}
	for range columns {
		widths = append(widths, (printWidth-first)/float64(columns))
	}
	for _, v := range s.Verdicts {
		head = append(head, verdict(v))
	}
	g := newGrid(0, widths...)
	mark := len(d.strips)
	d.row(g, 8, append(head, label("계"))...)

	sums := make([]int, len(s.Verdicts))
	for i, severity := range s.Severities {
		for j, n := range s.Counts[i] {
			sums[j] += n
		}
		d.row(g, 7, counts(label(severity), s.Counts[i], field)...)
	}
	d.row(g, 7, counts(label("계"), sums, fieldBold)...)
	d.keepFrom(mark)
}

// counts is a row of numbers with their sum at the end.
func counts(head cell, numbers []int, st *style) []cell {
	row, sum := []cell{head}, 0
	for _, n := range numbers {
		row = append(row, number(n, st))
		sum += n
	}
	return append(row, number(sum, fieldBold))
}

func number(n int, st *style) cell {
	return cell{lines: []string{strconv.Itoa(n)}, style: st, align: center}
}
