package pdf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"auditbinder/report/view"
)

// items adds one section per item, each on a new page.
func (d *flow) items(items []view.Item) {
	for i, it := range items {
		if i == 0 {
			d.part("3. 항목별 점검 결과")
		} else {
			d.nextPage()
		}
		d.item(it)
	}
}

func (d *flow) item(it view.Item) {
	d.itemHead(it)
	d.paragraphs("점검 목적", it.Purpose)
	d.paragraphs("보안 위협", it.Threat)
	d.laws(it)
	d.criteria(it)
	d.labelled("점검 방법", it.Method)
	d.facts(it)
	d.bullets("참고 사항", it.Notes)
	d.reason(it)
	d.headed("", "증적", it.Evidence)
	d.bullets("조치 방법", it.Remediation)
	d.bullets("조치 시 영향", it.Impact)
	d.bullets("예외", it.Exceptions)
	d.bullets("인터뷰 질문", it.Questions)
	d.answers(it)
	d.review()
}

// Grids of the item boxes: label, value, label, value; or label, value.
var (
	pairGrid = newGrid(0, 26, 61, 26, 61)
	wideGrid = newGrid(0, 26, printWidth-26)
)

func (d *flow) itemHead(it view.Item) {
	mark := len(d.strips)
	d.row(newGrid(0, printWidth), 11, cell{lines: []string{strings.TrimSpace(it.ID + "  " + it.Title)}, style: itemTitle, tint: tintHead})
	d.begin(mark, d.place(it.ID), strings.TrimSpace(it.ID+" "+it.Title), 1)
	d.row(pairGrid, 0, label("항목 코드"), plain(it.ID), label("영역"), plain(it.Area))
	severity := it.Severity
	if it.SeveritySource != "" {
		severity += " (" + it.SeveritySource + ")"
	}
	d.row(wideGrid, 0, label("중요도"), plain(severity))
	d.row(pairGrid, 8, label("자동판정"), verdict(it.Auto), label("최종판정"), verdict(it.Final))
	d.row(wideGrid, 0, label("점검 시각"), plain(it.CheckedAt))
	d.keepFrom(mark)
}

func (d *flow) laws(it view.Item) {
	if len(it.Laws)+len(it.LawNotes)+len(it.Standards) == 0 {
		return
	}
	d.heading("관련 법령·기준")
	for i, l := range it.Laws {
		if i > 0 {
			d.space(2)
		}
		d.law(l)
	}
	if len(it.LawNotes) > 0 {
		d.space(2)
		d.box(field, tintWarn, it.LawNotes...)
	}
	if len(it.Standards) > 0 {
		d.subheading("관련 기준")
		d.fields(it.Standards)
	}
}

// law adds one law reference; its warning stands directly under its name.
func (d *flow) law(l view.Law) {
	mark := len(d.strips)
	name := strings.TrimSpace(l.Name + " " + l.Provision)
	if l.Notice != "" {
		name += " (" + l.Notice + ")"
	}
	whole := newGrid(0, printWidth)
	d.row(whole, 0, cell{lines: []string{name}, style: fieldBold, tint: tintLabel})
	if l.Warning != "" {
		d.row(whole, 0, cell{lines: []string{"※ 주의: " + l.Warning}, style: warning, tint: tintWarn})
	}
	d.row(pairGrid, 0, label("시행일"), plain(l.EffectiveFrom), label("상태"), plain(l.Status))
	confidence := plain(l.Confidence)
	if l.Confidence != "확인" {
		confidence.style = warning
	}
	d.row(pairGrid, 0, label("적용 방식"), plain(l.Application), label("신뢰도"), confidence)
	if l.Gist != "" {
		d.row(wideGrid, 0, label("요지"), plain(l.Gist))
	}
	for _, c := range l.Cited {
		text := "원 가이드 인용: " + c.Text
		if c.Note != "" {
			text += " (" + c.Note + ")"
		}
		d.row(whole, 0, plain(text))
	}
	if len(l.Notes) > 0 {
		d.row(wideGrid, 0, label("비고"), plain(l.Notes...))
	}
	d.keepFrom(mark)
}

// criteria adds 판단 기준: what makes each verdict, then the thresholds.
func (d *flow) criteria(it view.Item) {
	if len(it.Criteria) == 0 && len(it.Thresholds) == 0 {
		return
	}
	d.heading("판단 기준")
	g := newGrid(0, labelWidth, printWidth-labelWidth)
	for _, f := range it.Criteria {
		d.row(g, 0, criterion(f.Label), value(f))
	}
	if len(it.Thresholds) > 0 {
		d.subheading("기준값")
		d.fields(it.Thresholds)
	}
}

// criterion is a label in the colour of the verdict it names.
func criterion(text string) cell {
	for _, l := range looks {
		if l.word == text {
			return cell{lines: []string{text}, style: l.field, tint: l.tint, align: center}
		}
	}
	return label(text)
}

func (d *flow) facts(it view.Item) {
	d.heading("확인된 사실")
	mark := len(d.strips)
	d.text(bodyBold, 0, left, fmt.Sprintf("모집단 %s · 점검 %s · 취약 %s",
		thousands(it.Population)+it.PopulationUnit, thousands(it.Checked)+it.PopulationUnit, thousands(it.Vulnerable)+it.PopulationUnit))
	if len(it.Facts) > 0 {
		keep(d.strips[mark:])
	}
	for _, t := range it.Facts {
		d.space(1.5)
		d.table(t)
	}
}

// thousands writes 1,200 for 1200.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// reason adds 판정 근거 beside the verdict that counts, then what failed.
func (d *flow) reason(it view.Item) {
	d.heading("판정 근거")
	d.row(newGrid(0, labelWidth, printWidth-labelWidth), 9, verdict(it.Effective()), cell{lines: []string{it.Reason}, style: bodyBold})
	if len(it.Failures) > 0 {
		d.subheading("실패한 호출")
		d.list(it.Failures)
	}
}

// review adds the empty box for the reviewer's pen. What stands before it comes
// along: a page with nothing but an empty box says nothing. Of pictures that is
// the last one only, or else the page would be too small.
func (d *flow) review() {
	last := d.strips[max(0, len(d.strips)-4):]
	for len(last) > 1 && slices.ContainsFunc(last[:len(last)-1], func(s *strip) bool { return s.drawing != nil }) {
		last = last[1:]
	}
	keep(last)
	d.heading("검토 의견")
	d.row(newGrid(0, printWidth), 22, plain())
}
