package excel

import (
	"slices"

	"auditbinder/report/view"
)

const (
	coverColumns  = 6
	approvalSpace = 54.0 // points left blank for a signature or seal
)

// coverSheet is 표지.
func coverSheet(r view.Report) *sheet {
	// Column A holds the labels; the 결재란 takes one column for each head.
	widths := []float64{34}
	for len(widths) < max(coverColumns, len(r.Approvals)+1) {
		widths = append(widths, 18)
	}
	s := newSheet(sheetCover, widths)
	s.noGrid = true
	s.pagesHigh = 1
	s.approvals(r.Approvals)
	s.add(s.tall(styleCoverTitle, r.Title, 48))
	if r.Marking != "" {
		s.add(s.tall(styleCoverMarking, r.Marking, 28))
	}
	if r.Draft != "" {
		s.add(s.tall(styleCoverMarking, r.Draft, 24))
	}
	for _, notice := range r.CoverNotices {
		s.paragraph(styleInterview, notice)
	}
	s.gap()
	for _, f := range r.Cover {
		s.labelled(f.Label, 1, fieldCell(f))
	}
	for _, f := range []view.Field{
		{Label: "보안등급", Lines: []string{r.Classification}},
		{Label: "작성 프로그램", Lines: []string{r.Program}},
		{Label: "증적 묶음 SHA-256 (bundleDigest)", Lines: []string{r.BundleDigest}, Mono: true},
		{Label: "설정 SHA-256 (configDigest)", Lines: []string{r.ConfigDigest}, Mono: true},
	} {
		if !onCover(r, f.Lines[0]) {
			s.labelled(f.Label, 1, fieldCell(f))
		}
	}
	return s
}

// approvals is 결재란 at the top right, blank for signatures and seals.
func (s *sheet) approvals(approvers []string) {
	if len(approvers) == 0 {
		return
	}
	heads, blanks := line{height: lineHeight + 4}, line{height: approvalSpace}
	put := func(head, blank cell) {
		heads.cells, blanks.cells = append(heads.cells, head), append(blanks.cells, blank)
	}
	for range len(s.widths) - 1 - len(approvers) {
		put(cell{style: styleNote}, cell{style: styleNote})
	}
	put(text(styleHeader, "결재"), text(styleHeader, "서명 · 일자"))
	for _, approver := range approvers {
		put(text(styleHeader, approver), cell{style: styleText})
	}
	s.add(heads)
	s.add(blanks)
	s.gap()
}

// tall is a line of large text over the whole width.
func (s *sheet) tall(st style, content string, height float64) line {
	l := s.spanned([]cell{text(st, content)}, []int{len(s.widths)})
	l.height = min(max(height, s.heightOf(l)*height/lineHeight/2), maxRowHeight)
	return l
}

// onCover reports whether the view's own cover fields show a value already.
func onCover(r view.Report, value string) bool {
	return slices.ContainsFunc(r.Cover, func(f view.Field) bool { return slices.Contains(f.Lines, value) })
}

func fieldCell(f view.Field) cell {
	if f.Mono {
		return text(styleMono, joined(f.Lines))
	}
	return text(styleText, joined(f.Lines))
}
