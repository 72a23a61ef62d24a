package excel

import (
	"fmt"

	"auditbinder/report/view"
)

// itemColumns is the least number of columns of an item sheet: its head needs them.
const itemColumns = 7

// maxSpread is how many rows a further table may have to be spread over the
// columns of the item's own: each of its cells is a merge.
const maxSpread = 1000

// itemSheet is the sheet of one item: verdict and reason, then every table with
// all its rows.
func itemSheet(r view.Report, it view.Item) *sheet {
	var own, spread []view.Table // by which the columns are measured, and not
	for i, t := range it.Facts {
		if i > 0 && len(t.Rows) <= maxSpread {
			spread = append(spread, t)
		} else {
			own = append(own, t)
		}
	}
	widths := tableWidths(itemColumns, own...)
	for i := range itemColumns {
		widths[i] = max(widths[i], 13)
	}
	s := newSheet(it.ID, narrowed(widths, nil, 1))
	s.tab = verdictColours[it.Effective().ID].tab
	s.heading(joinNonEmpty(" · ", it.ID, it.Title), r.Marking)
	// On paper the table is wider than a page: whose row it is stands on each.
	s.headerColumns = 1
	s.add(line{cells: []cell{{style: stylePlainLink, value: "← " + sheetResults, link: sheetResults}}})

	unit := it.PopulationUnit
	var labels, values []cell
	for _, f := range []struct {
		label string
		value cell
	}{
		{titleAuto, verdictCell(it.Auto)},
		{titleFinal, verdictCell(it.Final)},
		{titleSeverity, text(styleCenter, it.Severity)},
		{counted("대상 수", unit), number(it.Population)},
		{counted("점검 수", unit), number(it.Checked)},
		{counted("취약 수", unit), number(it.Vulnerable)},
		{titleArea, text(styleCenter, it.Area)},
	} {
		labels = append(labels, text(styleHeader, f.label))
		values = append(values, f.value)
	}
	s.add(line{cells: labels})
	s.add(line{cells: values})
	s.labelled("판정근거", 1, text(styleText, it.Reason))
	s.labelled("점검 시각", 1, text(styleText, it.CheckedAt))
	if len(it.Failures) > 0 {
		s.labelled("조회 실패", 1, text(styleText, joined(it.Failures)))
	}
	for i, t := range own {
		s.gap()
		header := s.table(t)
		switch {
		case i > 0:
		case len(it.Facts) == 1:
			s.headTable(header, t)
		default:
			// A repeated header would stand over the other tables' rows as well.
			s.frozenRows, s.headerRow = 1, 1
			s.filterTable(header, t)
		}
	}
	for _, t := range spread {
		s.gap()
		t.Title = countedTitle(t)
		s.spreadTable(t)
	}
	s.list("참고 및 한계", it.Notes)
	s.list("예외승인", it.Exceptions)
	return s
}

// list is a section with a paragraph for every line.
func (s *sheet) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	s.gap()
	s.section(title)
	for _, l := range lines {
		s.paragraph(styleNote, "• "+l)
	}
}

func counted(label, unit string) string {
	if unit == "" {
		return label
	}
	return fmt.Sprintf("%s(%s)", label, unit)
}
