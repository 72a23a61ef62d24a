package pdf

import (
	"strconv"

	"auditbinder/report/view"
)

// table adds a view table: title, header row, the rows meant for the PDF, and
// what the view says about the rest.
func (d *flow) table(t view.Table) {
	if t.Title != "" {
		d.subheading(t.Title)
	}
	rows := shown(t)
	switch {
	case len(rows) > 0:
		d.rows(t.Columns, rows)
	case t.Empty != "":
		d.box(field, tintLabel, t.Empty)
	case t.PDFNote == "":
		d.box(field, tintLabel, "표시할 내역이 없음.")
	}
	if t.PDFNote != "" {
		if len(rows) > 0 {
			d.strips[len(d.strips)-1].keep = true
		}
		d.space(1)
		d.text(note, 0, left, t.PDFNote)
	}
}

// headed adds a table under its title as a heading; other stands in
// for a missing title.
func (d *flow) headed(prefix, other string, t view.Table) {
	if t.Title != "" {
		other = t.Title
	}
	t.Title = ""
	d.heading(prefix + other)
	d.table(t)
}

// shown gives the rows the PDF prints. A table that hides rows must say so;
// without a note nothing is left out.
func shown(t view.Table) []view.Row {
	if t.PDFRows < 0 || t.PDFRows >= len(t.Rows) || t.PDFNote == "" {
		return t.Rows
	}
	return t.Rows[:t.PDFRows]
}

// rows adds the header row, repeated on every page, and the rows below it. A
// column meant to stand below has a labelled line of its own under each row.
func (d *flow) rows(columns []view.Column, rows []view.Row) {
	var weights []float64
	var titles []string
	var heads []cell
	var beside, below []int // column numbers
	for i, c := range columns {
		switch {
		case c.SheetOnly:
		case c.Below:
			below = append(below, i)
		default:
			beside = append(beside, i)
			weights, titles = append(weights, c.Weight), append(titles, c.Title)
			heads = append(heads, cell{lines: []string{c.Title}, style: cellHead, tint: tintHead, align: center})
		}
	}
	g := newGrid(0, d.fs.columnWidths(weights, titles)...)
	under := newGrid(0, belowWidth, printWidth-belowWidth)
	repeated := d.header(g, heads)
	limit := d.body
	if repeated != nil {
		limit -= repeated.height
	}
	cells := make([]cell, len(beside))
	for _, r := range rows {
		for n, i := range beside {
			cells[n] = tableCell(columns[i], r.Cells[i])
		}
		strips := d.fs.rowStrips(g, cells, 0, limit)
		for n, i := range beside {
			if id := r.Cells[i].Link; id != "" {
				strips[0].refers = append(strips[0].refers, reference{g.edges[n], g.edges[n+1] - g.edges[n], d.place(id)})
			}
		}
		for _, i := range below {
			name := cell{lines: []string{columns[i].Title}, style: cellHead, tint: tintLabel, align: center}
			value := tableCell(columns[i], r.Cells[i])
			if value.tint == nil {
				value.tint = white // hides the rules of the columns above and below
			}
			strips[len(strips)-1].keep = true
			strips = append(strips, d.fs.rowStrips(under, []cell{name, value}, 0, limit)...)
		}
		for _, s := range strips {
			s.head = repeated
		}
		d.add(strips...)
	}
}

// belowWidth is the label's width of a line under a row.
const belowWidth = 18.0

// header adds the header row and gives the strip to repeat, or nil if it is
// too tall for that.
func (d *flow) header(g *grid, heads []cell) *strip {
	strips := d.fs.rowStrips(g, heads, 0, d.body/3)
	keep(strips)
	d.add(strips...)
	if len(strips) > 1 {
		return nil
	}
	return strips[0]
}

// tableCell says how a view cell is drawn in its column.
func tableCell(c view.Column, v view.Cell) cell {
	out := cell{lines: v.Lines, style: cellText}
	if len(v.Lines) == 0 && v.Number != nil {
		out.lines = []string{strconv.Itoa(*v.Number)}
	}
	switch {
	case c.Center:
		out.align = center
	case v.Number != nil:
		out.align = right
	}
	if c.Mono {
		out.style = cellMono
	}
	if l, ok := looks[v.Verdict]; ok {
		out.style, out.tint, out.align = l.cell, l.tint, center
		if len(out.lines) == 0 {
			out.lines = []string{l.word}
		}
	}
	return out
}
