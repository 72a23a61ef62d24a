package pdf

import (
	"strings"

	"auditbinder/report/view"
)

// control adds 문서 관리.
func (d *flow) control(r view.Report) {
	if len(r.Revisions.Rows)+len(r.Control) == 0 {
		return
	}
	d.nextPage()
	d.chapter("문서 관리")
	if len(r.Revisions.Rows) > 0 {
		d.headed("", "개정 이력", r.Revisions)
	}
	if len(r.Control) > 0 {
		d.heading("배포와 보존")
		d.spacedFields(r.Control, 9)
	}
}

// interview adds 인터뷰: what only people can settle, with room for the pen.
func (d *flow) interview(sections []view.Section) {
	d.part("4. 인터뷰")
	if len(sections) == 0 {
		d.box(field, tintLabel, "인터뷰로 확인할 대상이 0건임.")
		return
	}
	d.text(body, 0, left, "API로 확정할 수 없는 대상과 그 답변임. 답변이 없는 칸은 면담하여 적고, 판정을 정한 사람이 판정자에 서명함.")
	d.sections(sections)
}

// plan adds 조치계획.
func (d *flow) plan(t view.Table) {
	d.part("5. 조치계획")
	d.text(body, 0, left, "취약으로 판정된 대상의 조치계획임. 조치방안은 3. 항목별 점검 결과의 각 항목 '조치 방법'과 Excel '조치계획' 시트에 있음. 조치예정일은 중요도에 따른 제안이며, 빈칸은 담당 부서가 적음.")
	d.headed("", "조치 목록", t)
}

// appendices adds 부록 A to F.
func (d *flow) appendices(r view.Report) {
	d.appendix("부록 A. 판정 기준과 기준값의 출처", r.CriteriaParts)
	d.appendix("부록 B. 기준 매핑", r.StandardParts)
	d.part("부록 C. 증적 목록과 해시")
	d.headed("C.1 ", "증적 목록", r.Evidence)
	d.headed("C.2 ", "파일 목록과 해시", r.Files)
	d.appendix("부록 D. 수집 로그", r.CollectionParts)
	d.policy(r.Policy)
	d.verification(r)
}

func (d *flow) appendix(title string, list []view.Section) {
	if len(list) > 0 {
		d.part(title)
		d.sections(list)
	}
}

// leadIn is how many lines above a table stay with it.
const leadIn = 8

// sections adds headings, each with its text and table.
func (d *flow) sections(list []view.Section) {
	for _, s := range list {
		if s.Heading != "" {
			d.heading(s.Heading)
		}
		mark := len(d.strips)
		d.text(body, 0, left, s.Paragraphs...)
		if s.Table != nil {
			keep(d.strips[max(mark, len(d.strips)-leadIn):])
			d.space(1.5)
			d.table(*s.Table)
		}
	}
}

// wrapMark ends a line that goes on below. No face has ↩.
const wrapMark = " »"

// policy adds 부록 E: the document as it is.
func (d *flow) policy(text string) {
	d.part("부록 E. 권한 정책")
	if text == "" {
		d.box(field, tintLabel, "권한 정책은 명령 auditbinder policy로 출력할 수 있음.")
		return
	}
	lines, wrapped := d.fs.listing(text, newGrid(0, printWidth).inner(0))
	remark := "수집에 필요한 최소 권한의 IAM 정책임. 같은 내용을 명령 auditbinder policy로 출력할 수 있음."
	if wrapped {
		remark += " 줄 끝의 '" + strings.TrimSpace(wrapMark) + "'는 지면의 폭 때문에 줄을 나눈 표시이며 정책에는 없음."
	}
	d.text(body, 0, left, remark)
	d.space(1.5)
	d.box(cellMono, nil, lines...)
}

// listing breaks text into lines of a width. A line that fits stays as it is, one
// that does not is marked where it breaks.
func (fs *faces) listing(text string, width float64) (lines []string, wrapped bool) {
	g, units := &fs[cellMono.face], int(width/cellMono.em*1000)
	for full := range strings.SplitSeq(strings.TrimRight(fs.clean(text), "\n"), "\n") {
		if g.measure(full) <= units {
			lines = append(lines, full)
			continue
		}
		wrapped = true
		broken := g.wrap(full, units-g.measure(wrapMark))
		for i, l := range broken {
			if i < len(broken)-1 {
				l.text += wrapMark
			}
			lines = append(lines, l.text)
		}
	}
	return lines, wrapped
}

// verification adds 부록 F: how to check what stands behind the report.
func (d *flow) verification(r view.Report) {
	d.part("부록 F. 무결성 확인 방법")
	d.text(body, 0, left,
		"이 보고서는 아래 해시로 특정되는 증적 번들에서 만들어진 것임. 다음 명령의 첫째는 모든 파일의 SHA-256을 manifest.json의 기록과 대조하고, 둘째는 이 프로그램 없이 bundleDigest를 계산함.")
	d.space(1.5)
	if len(r.Verify) > 0 {
		d.box(fieldMono, tintLabel, r.Verify...)
		d.space(1.5)
	}
	d.text(body, 0, left,
		"bundleDigest는 manifest.json의 SHA-256임. 아래 값과 같으면 manifest.json이 같고, 나머지 파일은 manifest.json에 적힌 해시(부록 C)로 확인됨. 서명이 없는 해시는 무결성만 보이며 작성자를 증명하지 않음.")
	d.space(1.5)
	d.fields([]view.Field{
		{Label: "bundleDigest", Lines: []string{digest(r.BundleDigest)}, Mono: true},
		{Label: "설정 해시", Lines: []string{digest(r.ConfigDigest)}, Mono: true},
		{Label: "수집 도구", Lines: []string{r.Program}},
	})
}
