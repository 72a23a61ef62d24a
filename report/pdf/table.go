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
		d.box(field, tintLabel, "표시할 내역이 없습니다.")
	}
	if t.PDFNote != "" {
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

// rows adds the header row, repeated on every page, and the rows below it.
func (d *flow) rows(columns []view.Column, rows []view.Row) {
	weights, titles := make([]float64, len(columns)), make([]string, len(columns))
	heads := make([]cell, len(columns))
	for i, c := range columns {
		weights[i], titles[i] = c.Weight, c.Title
		heads[i] = cell{lines: []string{c.Title}, style: cellHead, tint: tintHead, align: center}
	}
	g := newGrid(0, d.fs.columnWidths(weights, titles)...)
	repeated := d.header(g, heads)
	limit := d.body
	if repeated != nil {
		limit -= repeated.height
	}
	cells := make([]cell, len(columns))
	for _, r := range rows {
		for i, c := range columns {
			cells[i] = tableCell(c, r.Cells[i])
		}
		strips := d.fs.rowStrips(g, cells, 0, limit)
		for _, s := range strips {
			s.head = repeated
		}
		d.add(strips...)
	}
}

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
