package excel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"auditbinder/report/view"
)

// sheet describes one sheet completely before anything is written, because
// excelize loses most settings made later.
type sheet struct {
	name   string
	widths []float64
	tab    string // ARGB tab colour, may be empty
	parts  []part
	rows   int
	height float64 // of the rows whose height is set so far, in points

	frozenRows, frozenColumns int
	headerRow                 int // repeated on every printed page; 0 for none
	headerColumns             int // leading columns repeated on every printed page
	filter                    *area
	pagesHigh                 int // 0 for as many as it takes
	noGrid                    bool

	choices   []choice
	chart     *chart
	dropDowns []dropDown
	locked    bool // only cells of an open look can be changed
	hidden    bool // for the program, not shown in any menu
}

// choice is an area where people put one of some words, coloured by them.
type choice struct {
	area  area
	words []view.Verdict
}

// offer gives an area a drop-down of the words.
func (s *sheet) offer(a area, words []view.Verdict) {
	s.choices = append(s.choices, choice{a, words})
	d := dropDown{area: a}
	for _, w := range words {
		d.words = append(d.words, w.Word)
	}
	s.dropDowns = append(s.dropDowns, d)
}

// dropDown offers words in every cell of an area.
type dropDown struct {
	area  area
	words []string
}

// part is a run of rows made when they are written.
type part struct {
	rows int
	at   func(i int) (line, error)
}

// line is one row of a sheet.
type line struct {
	cells  []cell
	height float64 // points; 0 leaves it to the program that opens the file
	merges []run
}

// run is a range of columns of one row, counted from 0, both ends included.
type run struct{ from, to int }

// area is a rectangle counted from 1, both ends included.
type area struct{ left, top, right, bottom int }

// cell is one cell: text, a count, or a formula with its value.
type cell struct {
	style   style
	value   any    // nil, string, int or float64
	formula string // never holds evidence text
	link    string // sheet to lead to
}

// clean makes every text safe for a cell: the one place where text enters one.
func (l line) clean() {
	for i, c := range l.cells {
		if raw, ok := c.value.(string); ok {
			if safe := cellText(raw); safe != raw {
				l.cells[i].value = safe
			}
		}
	}
}

func text(st style, s string) cell {
	if s == "" {
		return cell{style: st}
	}
	return cell{style: st, value: s}
}

func number(n int) cell { return cell{style: styleNumber, value: n} }

func newSheet(name string, widths []float64) *sheet {
	return &sheet{name: name, widths: widths}
}

func (s *sheet) add(l line) {
	l.clean()
	l.height = s.heightOf(l)
	s.height += max(l.height, lineHeight)
	s.addRows(1, func(int) (line, error) { return l, nil })
}

func (s *sheet) addRows(n int, at func(i int) (line, error)) {
	s.parts = append(s.parts, part{n, at})
	s.rows += n
}

func (s *sheet) gap() { s.add(line{}) }

// heading is the top of every sheet: title and marking.
func (s *sheet) heading(title, marking string) {
	s.add(line{cells: []cell{text(styleTitle, title)}, height: 26})
	if marking == "" {
		return
	}
	if s.headerColumns == 0 {
		s.add(line{cells: []cell{text(styleMarking, marking)}, height: 20})
		return
	}
	// The columns repeated on later pages would cut it off.
	s.add(s.spanned([]cell{text(styleWrappedMarking, marking)}, []int{s.headerColumns}))
}

func (s *sheet) section(title string) {
	s.add(line{cells: []cell{text(styleSection, title)}, height: 22})
}

// paragraph is text over the whole width.
func (s *sheet) paragraph(st style, paragraph string) {
	s.add(s.spanned([]cell{text(st, paragraph)}, []int{len(s.widths)}))
}

// labelled is a label over the first columns and a value over the rest.
func (s *sheet) labelled(label string, columns int, value cell) {
	s.add(s.spanned([]cell{text(styleLabel, label), value}, []int{columns, len(s.widths) - columns}))
}

// spanned lays cells over runs of columns.
func (s *sheet) spanned(cells []cell, runs []int) line {
	var l line
	for i, c := range cells {
		from := len(l.cells)
		l.cells = append(l.cells, c)
		for len(l.cells) < from+runs[i] {
			l.cells = append(l.cells, cell{style: c.style})
		}
		if runs[i] > 1 {
			l.merges = append(l.merges, run{from, from + runs[i] - 1})
		}
	}
	return l
}

// heightOf is the height a row of clean text needs: neither merged cells nor LibreOffice make
// room by themselves. A row of one line is left to the program that opens it.
func (s *sheet) heightOf(l line) float64 {
	if l.height > 0 {
		return l.height
	}
	lines := 1
	for i, c := range l.cells {
		str, ok := c.value.(string)
		if !ok || looks[c.style].noWrap {
			continue
		}
		width := s.widths[i]
		if m := slices.IndexFunc(l.merges, func(m run) bool { return m.from == i }); m >= 0 {
			width = sum(s.widths[i : l.merges[m].to+1])
		}
		lines = max(lines, wrappedLines(str, width/faceScale(looks[c.style].mono)))
	}
	if lines == 1 && len(l.merges) == 0 {
		return 0
	}
	return min(float64(lines)*lineHeight+2, maxRowHeight)
}

func countedTitle(t view.Table) string { return fmt.Sprintf("%s (총 %d건)", t.Title, len(t.Rows)) }

// table appends title, header and all rows of t, and returns the header's row.
func (s *sheet) table(t view.Table) int {
	if t.Title != "" {
		s.section(countedTitle(t))
	}
	s.header(headerCells(t))
	header := s.rows
	if len(t.Rows) == 0 {
		s.paragraph(styleText, emptySentence(t))
		return header
	}
	var cells []cell // of the row at hand
	s.addRows(len(t.Rows), func(i int) (line, error) {
		var err error
		cells, err = rowCells(cells[:0], t, i)
		return line{cells: cells}, err
	})
	return header
}

// header is a row of column titles with room for the filter buttons.
func (s *sheet) header(cells []cell) {
	l := line{cells: cells}
	l.height = max(s.heightOf(l), 2*lineHeight+2)
	s.add(l)
}

// spreadTable is table for a sheet whose columns are a grid.
func (s *sheet) spreadTable(t view.Table) {
	runs := spread(tableWidths(1, t), len(s.widths))
	s.section(t.Title)
	s.add(s.spanned(headerCells(t), runs))
	if len(t.Rows) == 0 {
		s.paragraph(styleText, emptySentence(t))
	}
	for i := range t.Rows {
		cells, err := rowCells(nil, t, i)
		if err != nil {
			s.addRows(1, func(int) (line, error) { return line{}, err })
			return
		}
		s.add(s.spanned(cells, runs))
	}
}

func emptySentence(t view.Table) string {
	if t.Empty == "" {
		return "표시할 행이 없음."
	}
	return t.Empty
}

// headings are the column titles as a filter needs them: unique, never empty,
// one line.
func headings(columns []view.Column) []string {
	titles := make([]string, len(columns))
	for i, c := range columns {
		title := strings.TrimSpace(lineText(c.Title))
		if title == "" {
			title = fmt.Sprintf("열 %d", i+1)
		}
		unique := title
		for n := 2; slices.ContainsFunc(titles[:i], func(t string) bool { return strings.EqualFold(t, unique) }); n++ {
			unique = fmt.Sprintf("%s (%d)", title, n)
		}
		titles[i] = unique
	}
	return titles
}

func headerCells(t view.Table) []cell {
	var cells []cell
	for _, title := range headings(t.Columns) {
		cells = append(cells, text(styleHeader, title))
	}
	return cells
}

// rowCells appends the cells of one row of a table.
func rowCells(cells []cell, t view.Table, i int) ([]cell, error) {
	row := t.Rows[i]
	if len(row.Cells) != len(t.Columns) {
		return nil, fmt.Errorf("table %q row %d has %d cells for %d columns", t.Title, i+1, len(row.Cells), len(t.Columns))
	}
	for c, v := range row.Cells {
		if v.Number != nil {
			cells = append(cells, number(*v.Number))
			continue
		}
		st := styleText
		switch column := t.Columns[c]; {
		case v.Verdict != "":
			st = verdictStyle(v.Verdict)
		case v.Link != "":
			st = styleLink
		case column.Fill && column.Center:
			st = styleAnswerCenter
		case column.Fill:
			st = styleAnswer
		case column.Mono:
			st = styleMono
		case column.Center:
			st = styleCenter
		}
		filled := text(st, joined(v.Lines))
		filled.link = v.Link
		cells = append(cells, filled)
	}
	return cells, nil
}

// tableSheet is a sheet that holds one table and nothing else.
func tableSheet(name, marking string, t view.Table) *sheet {
	widths := tableWidths(1, t)
	widths[0] = max(widths[0], 12)
	s := newSheet(name, fitted(widths, t))
	s.frozenColumns = 1
	if sum(s.widths) > pageWidth { // whose row it is stands on each page
		s.headerColumns = 1
	}
	s.heading(cmp.Or(t.Title, name), marking)
	t.Title = "" // it stands above
	header := s.table(t)
	s.headTable(header, t)
	for i, c := range t.Columns {
		if len(c.Choices) > 0 && len(t.Rows) > 0 {
			s.offer(area{i + 1, header + 1, i + 1, s.rows}, c.Choices)
		}
	}
	return s
}

// headTable freezes and repeats the header of a sheet's only table and gives it
// the filter.
func (s *sheet) headTable(header int, t view.Table) {
	s.frozenRows, s.headerRow = header, header
	if s.height > maxFrozen {
		s.frozenRows = 1
	}
	s.filterTable(header, t)
}

func (s *sheet) filterTable(header int, t view.Table) {
	if len(t.Rows) > 0 {
		s.filter = &area{1, header, len(t.Columns), header + len(t.Rows)}
	}
}
