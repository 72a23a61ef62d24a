package pdf

import (
	"github.com/johnfercher/maroto/v2/pkg/props"

	"auditbinder/report/view"
)

// flow collects the strips of the document in order.
type flow struct {
	fs      *faces
	body    float64 // height of a page between header and footer
	strips  []*strip
	pending float64 // space before the next strip
	newPage bool    // the next strip begins a page

	bookmarks []*bookmark          // in order
	places    map[string]*bookmark // of the items
}

func (d *flow) add(strips ...*strip) {
	for _, s := range strips {
		s.above, s.newPage = snap(d.pending), d.newPage
		d.pending, d.newPage = 0, false
		d.strips = append(d.strips, s)
	}
}

// space asks for at least mm before the next strip.
func (d *flow) space(mm float64) { d.pending = max(d.pending, mm) }

// nextPage lets the next strip begin a page.
func (d *flow) nextPage() { d.newPage = true }

// keepFrom lets the strips added since mark stay on one page.
func (d *flow) keepFrom(mark int) { keep(d.strips[mark : len(d.strips)-1]) }

// wholeFrom does the same if a page is tall enough for them.
func (d *flow) wholeFrom(mark int) {
	if span(d.strips[mark:], 0) <= d.body {
		d.keepFrom(mark)
	}
}

// keep ties each of the strips to the one that follows it.
func keep(strips []*strip) {
	for _, s := range strips {
		s.keep = true
	}
}

// text adds paragraph lines, one strip each; first and last lines stay in pairs.
func (d *flow) text(st *style, indent float64, align alignment, lines ...string) {
	for _, para := range lines {
		g := newGrid(indent-padX, printWidth-indent+2*padX)
		broken := d.fs[st.face].wrap(d.fs.clean(para), int(g.inner(0)/st.em*1000))
		for i := range broken {
			s := d.fs.rowStrip(g, []cell{{style: st, align: align}}, [][]line{broken[i : i+1]}, st.lead, 0, false)
			s.grid = nil
			s.keep = len(broken) > 1 && (i == 0 || i == len(broken)-2)
			d.add(s)
		}
		d.space(0.8)
	}
}

// title adds a heading that stays with what follows.
func (d *flow) title(st *style, before, after float64, text string) {
	d.space(before)
	mark := len(d.strips)
	d.text(st, 0, left, text)
	keep(d.strips[mark:])
	d.pending = after
}

// part begins a main part on a new page.
func (d *flow) part(text string) {
	d.nextPage()
	mark := len(d.strips)
	d.chapter(text)
	d.begin(mark, new(bookmark), text, 0)
}

// chapter adds a title with a line below it.
func (d *flow) chapter(text string) {
	d.title(partTitle, 0, 4, text)
	last := d.strips[len(d.strips)-1]
	last.rules = append(last.rules, rule{y: last.height + 1, length: printWidth, thickness: thick, color: navy})
}

func (d *flow) heading(text string)    { d.title(heading, 5, 1.5, text) }
func (d *flow) subheading(text string) { d.title(subheading, 3, 1.2, text) }

// paragraphs adds a heading with body text, or nothing if there is no text.
func (d *flow) paragraphs(title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	d.heading(title)
	d.text(body, 0, left, texts...)
}

// bullets adds a heading with a list, or nothing if the list is empty.
func (d *flow) bullets(title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	d.heading(title)
	d.list(texts)
}

func (d *flow) list(texts []string) {
	for _, t := range texts {
		mark := len(d.strips)
		d.text(body, 4, left, t)
		first := d.strips[mark]
		runs := first.runs
		first.runs = nil
		first.put(d.fs, body, 1.2, 0, "•")
		first.runs = append(first.runs, runs...)
	}
}

// row adds one table row; rows too tall for a page break between lines.
func (d *flow) row(g *grid, minHeight float64, cells ...cell) {
	d.add(d.fs.rowStrips(g, cells, minHeight, d.body)...)
}

// box adds lines in one tinted cell over the whole width.
func (d *flow) box(st *style, tint *props.Color, lines ...string) {
	d.row(newGrid(0, printWidth), 0, cell{lines: lines, style: st, tint: tint})
}

const labelWidth = 32.0

// fields adds a label/value table.
func (d *flow) fields(fields []view.Field) {
	d.spacedFields(fields, 0)
}

func (d *flow) spacedFields(fields []view.Field, minHeight float64) {
	g := newGrid(0, labelWidth, printWidth-labelWidth)
	for _, f := range fields {
		d.row(g, minHeight, label(f.Label), value(f))
	}
}

// labelled adds a heading with a label/value table, or nothing if it is empty.
func (d *flow) labelled(title string, fields []view.Field) {
	if len(fields) == 0 {
		return
	}
	d.heading(title)
	d.fields(fields)
}

func label(text string) cell {
	return cell{lines: []string{text}, style: fieldBold, tint: tintLabel, align: center}
}

func value(f view.Field) cell {
	if f.Mono {
		return cell{lines: f.Lines, style: fieldMono}
	}
	return cell{lines: f.Lines, style: field}
}

func plain(lines ...string) cell { return cell{lines: lines, style: field} }

// verdict is the cell of a judgement in a box.
func verdict(v view.Verdict) cell {
	l, known := looks[v.ID]
	if !known {
		return cell{lines: []string{v.Word}, style: fieldBold, align: center}
	}
	if v.Word == "" {
		v.Word = l.word
	}
	return cell{lines: []string{v.Word}, style: l.field, tint: l.tint, align: center}
}
