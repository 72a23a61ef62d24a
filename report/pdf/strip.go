package pdf

import (
	"github.com/johnfercher/maroto/v2/pkg/components/col"
	"github.com/johnfercher/maroto/v2/pkg/components/row"
	"github.com/johnfercher/maroto/v2/pkg/consts/linestyle"
	"github.com/johnfercher/maroto/v2/pkg/consts/orientation"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"
)

// strip is a piece of the document that never breaks: some lines of text or a
// table row, laid out, with its height. Positions are in mm from its top left.
type strip struct {
	height  float64
	above   float64 // free space before it, except at the top of a page
	fills   []fill
	rules   []rule
	runs    []run
	drawing *drawing // under its rules

	keep    bool   // stays on one page with the next strip
	newPage bool   // begins a page
	grid    *grid  // the table it belongs to, which draws its rules
	ruled   bool   // the table has a rule below it
	head    *strip // repeated before it at the top of a page

	begins *bookmark   // the place that begins here
	refers []reference // what leads elsewhere
	entry  bool        // a line of 목차: it wants the page number of what it refers to
}

// fill is a coloured rectangle over the whole height of its strip. Its table
// draws it.
type fill struct {
	x, width float64
	color    *props.Color
}

// rule gives the fill from y to end as a thick line.
func (f fill) rule(y, end float64) rule {
	return rule{x: f.x, y: (y + end) / 2, length: f.width, thickness: end - y, color: f.color}
}

// covers reports whether the strip's cells are all tinted.
func (s *strip) covers() bool {
	width := 0.0
	for _, f := range s.fills {
		width += f.width
	}
	return near(width, s.grid.edges[len(s.grid.edges)-1]-s.grid.edges[0])
}

// rule is a straight line, horizontal or vertical.
type rule struct {
	x, y, length float64
	vertical     bool
	thickness    float64
	color        *props.Color
}

// drawing is a picture at the top of its strip.
type drawing struct {
	*picture
	x, wide, high float64
}

// run is text in one face.
type run struct {
	x, y float64 // y is one em above the baseline, as maroto counts
	text string
	prop *props.Text
}

// placed is a strip on a page. It implements core.Row with a fixed height, so
// that maroto measures nothing.
type placed struct {
	core.Row // answers what nobody asks a finished row
	strip    *strip
	above    float64
	fills    []rule // vertical rules and tints of the table that begins here, under its text
	closing  []rule // the rules between rows of the table that ends here
	config   *entity.Config
}

// stub stands in for the parts of core.Row that placed does not need.
var stub = row.New(1).Add(col.New())

// spent stands in for a strip that was drawn; its place keeps the height.
var spent = new(strip)

func place(s *strip, above float64) *placed { return &placed{Row: stub, strip: s, above: above} }

func (p *placed) SetConfig(config *entity.Config) { p.config = config }

func (p *placed) GetHeight(core.Provider, *entity.Cell) float64 { return p.above + p.strip.height }

// Render draws the strip. The empty column lets gofpdf turn the page, CreateRow
// moves its cursor; everything else stands at absolute positions. A strip is drawn once.
func (p *placed) Render(provider core.Provider, cell entity.Cell) {
	height := p.above + p.strip.height
	provider.CreateCol(cell.Width, height, p.config, nil)
	pen := &pen{Provider: provider, top: cell.Y + p.above}
	pen.rules(p.fills)
	if d := p.strip.drawing; d != nil {
		provider.AddImageFromBytes(d.body, &entity.Cell{X: d.x, Y: pen.top, Width: d.wide, Height: d.high}, &props.Rect{Percent: 100}, d.kind)
	}
	pen.rules(p.strip.rules)
	at := entity.Cell{Width: 10 * pageWidth}
	for _, r := range p.strip.runs {
		at.X, at.Y = r.x, pen.top+r.y
		provider.AddText(r.text, &at, r.prop)
	}
	pen.rules(p.closing)
	provider.CreateRow(height)
	*p = placed{Row: p.Row, strip: spent, above: height} // less memory: gofpdf has it all
}

// pen draws below top. What it hands to the provider is used again for every
// line: a table has very many.
type pen struct {
	core.Provider
	top  float64
	at   entity.Cell
	line props.Line
}

func (p *pen) rules(list []rule) {
	for _, r := range list {
		p.at = entity.Cell{X: r.x, Y: p.top + r.y}
		p.line = props.Line{Color: r.color, Style: linestyle.Solid, Thickness: r.thickness, SizePercent: 100}
		if r.vertical {
			p.at.Height, p.line.Orientation = r.length, orientation.Vertical
		} else {
			p.at.Width, p.line.Orientation = r.length, orientation.Horizontal
		}
		p.AddLine(&p.at, &p.line)
	}
}

// put sets one line of text whose line box begins at (x, y).
func (s *strip) put(fs *faces, st *style, x, y float64, text string) {
	// Hangul and capitals are centred 0.38 em above the baseline.
	y += st.lead/2 - 0.62*st.em
	g := &fs[st.face]
	start, from := 0, st.face
	width, startWidth := 0, 0
	flush := func(end int) {
		if end > start {
			s.runs = append(s.runs, run{x + float64(startWidth)*st.em/1000, y, text[start:end], st.props[from]})
		}
		start, startWidth = end, width
	}
	for i, r := range text {
		if src := g.source[r&0xFFFF]; src != from {
			flush(i)
			from = src
		}
		width += int(g.advance[r&0xFFFF])
	}
	flush(len(text))
}
