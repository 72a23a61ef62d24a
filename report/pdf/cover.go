package pdf

import (
	"slices"
	"strings"

	"auditbinder/report/view"
)

// cover adds 표지. What a page leaves free is shared out between its blocks.
func (d *flow) cover(r view.Report, cut []view.Field) {
	var blocks []int // first strip of each block
	begin := func() { blocks = append(blocks, len(d.strips)) }

	begin()
	d.approvals(r.Approvals)

	begin()
	d.space(8)
	d.text(coverTitle, 0, center, r.Title)
	d.ruleBelow()
	d.space(4)
	if r.AccountLabel != "" {
		d.text(coverSub, 0, center, "대상 계정 "+r.AccountLabel)
	}
	if r.Draft != "" {
		d.text(coverDraft, 0, center, r.Draft)
	}
	if r.Marking != "" {
		d.space(4)
		d.row(newGrid(0, printWidth), 0, cell{lines: []string{r.Marking}, style: coverDraft, tint: tintWarn, align: center})
	}

	begin()
	d.space(8)
	d.spacedFields(append(slices.Clone(r.Cover), cut...), 7)

	if len(r.CoverNotices) > 0 {
		begin()
		d.space(5)
		d.notices(r.CoverNotices)
	}

	begin()
	d.space(5)
	mark := len(d.strips)
	d.spacedFields([]view.Field{{Label: "bundleDigest", Lines: []string{digest(r.BundleDigest)}, Mono: true}}, 7)
	d.space(1)
	d.text(note, 0, left, "증적 번들의 manifest.json에 대한 SHA-256. 확인 방법은 부록 F에 있음.")
	d.keepFrom(mark)

	d.spread(blocks)
}

// shares of the free space before each block after the first. The title stands
// in the upper half, the boxes below keep together.
var shares = []float64{0.4, 0.42, 0.06, 0.06}

func (d *flow) spread(blocks []int) {
	free := d.body - span(d.strips, 0)
	if free <= 0 {
		return
	}
	for i, b := range blocks[1:] {
		d.strips[b].above = snap(d.strips[b].above + (free-1)*shares[i])
	}
}

// ruleBelow underlines the last strip over the whole width.
func (d *flow) ruleBelow() {
	last := d.strips[len(d.strips)-1]
	last.rules = append(last.rules, rule{y: last.height + 1.5, length: printWidth, thickness: thick, color: navy})
}

// approvals adds 결재란 at the right: heads above blank cells for the pen.
func (d *flow) approvals(heads []string) {
	if len(heads) == 0 {
		return
	}
	const side, widest = 16.0, 27.0
	width := min(widest, (printWidth-side)/float64(len(heads)))
	g := newGrid(printWidth-side-width*float64(len(heads)), append([]float64{side}, slices.Repeat([]float64{width}, len(heads))...)...)
	first := []cell{label("결재")}
	for _, h := range heads {
		first = append(first, label(h))
	}
	mark := len(d.strips)
	d.row(g, 0, first...)
	blank := slices.Repeat([]cell{plain()}, len(heads))
	d.row(g, 15, append([]cell{label("서명")}, blank...)...)
	d.row(g, 7, append([]cell{label("일자")}, blank...)...)
	d.keepFrom(mark)
}

// notices adds the warnings box.
func (d *flow) notices(texts []string) {
	lines := make([]string, len(texts))
	for i, t := range texts {
		lines[i] = "※ " + t
	}
	d.box(warning, tintWarn, lines...)
}

// digest shows a missing digest as such.
func digest(hex string) string {
	if strings.TrimSpace(hex) == "" {
		return "-"
	}
	return hex
}
