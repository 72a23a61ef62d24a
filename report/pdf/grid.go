package pdf

import (
	"strings"

	"github.com/johnfercher/maroto/v2/pkg/props"
)

// Cell padding in mm.
const (
	padX = 1.2
	padY = 0.875
)

type alignment uint8

const (
	left alignment = iota
	center
	right
)

// cell is one cell before layout; its lines are not sanitised yet.
type cell struct {
	lines []string
	style *style
	tint  *props.Color
	align alignment
}

// grid is the columns of a table: the positions of its vertical rules.
type grid struct {
	edges []float64
}

// newGrid places columns side by side, from x.
func newGrid(x float64, widths ...float64) *grid {
	g := &grid{edges: []float64{x}}
	for _, w := range widths {
		x += w
		g.edges = append(g.edges, x)
	}
	return g
}

// inner is the width for text in column i.
func (g *grid) inner(i int) float64 { return g.edges[i+1] - g.edges[i] - 2*padX }

// across is the horizontal rule at y.
func (g *grid) across(y float64) rule {
	return rule{x: g.edges[0], y: y, length: g.edges[len(g.edges)-1] - g.edges[0], thickness: thin, color: ruleGrey}
}

// down is the vertical rule at x from y.
func (g *grid) down(x, y, length float64) rule {
	return rule{x: x, y: y, length: length, vertical: true, thickness: thin, color: ruleGrey}
}

// uprights are the places of the vertical rules.
func (g *grid) uprights() []fill {
	out := make([]fill, len(g.edges))
	for i, x := range g.edges {
		out[i].x = x
	}
	return out
}

// rowStrips lays out one table row: one strip, or one strip per line if the
// row is taller than limit.
func (fs *faces) rowStrips(g *grid, cells []cell, minHeight, limit float64) []*strip {
	broken, all := make([][]line, len(cells)), make([]line, 0, 2*len(cells))
	count, height, lead := 1, minHeight, 0.0
	for i, c := range cells {
		units, start := int(g.inner(i)/c.style.em*1000), len(all)
		for _, l := range c.lines {
			all = fs[c.style.face].wrapTo(all, fs.clean(l), units)
		}
		broken[i] = all[start:len(all):len(all)]
		count = max(count, len(broken[i]))
		lead = max(lead, c.style.lead)
		height = max(height, snap(float64(len(broken[i]))*c.style.lead+2*padY))
	}
	if height <= limit {
		s := fs.rowStrip(g, cells, broken, height, padY, true)
		s.ruled = true
		return []*strip{s}
	}

	strips := make([]*strip, count)
	piece := make([][]line, len(cells))
	for n := range strips {
		for i := range cells {
			piece[i] = nil
			if n < len(broken[i]) {
				piece[i] = broken[i][n : n+1]
			}
		}
		before, after := 0.0, 0.0
		if n == 0 {
			before = padY
		}
		if n == count-1 {
			after = padY
		}
		s := fs.rowStrip(g, cells, piece, snap(before+lead+after), before, false)
		s.ruled = n == count-1
		s.keep = !s.ruled && (n == 0 || n == count-2)
		strips[n] = s
	}
	return strips
}

// rowStrip draws the cells' lines into one strip.
func (fs *faces) rowStrip(g *grid, cells []cell, broken [][]line, height, before float64, middle bool) *strip {
	s := &strip{height: height, grid: g}
	lines := 0
	for _, b := range broken {
		lines += len(b)
	}
	s.runs = make([]run, 0, lines) // most lines are one run
	for i, c := range cells {
		if c.tint != nil {
			s.fills = append(s.fills, fill{g.edges[i], g.edges[i+1] - g.edges[i], c.tint})
		}
		y := before
		if middle {
			y = (height - float64(len(broken[i]))*c.style.lead) / 2
		}
		for _, l := range broken[i] {
			x := g.edges[i] + padX
			free := g.inner(i) - float64(l.width)*c.style.em/1000
			switch c.align {
			case center:
				x += free / 2
			case right:
				x += free
			}
			s.put(fs, c.style, x, y, l.text)
			y += c.style.lead
		}
	}
	return s
}

// columnWidths shares the printable width by weight, but leaves every column
// room for the longest word of its title.
func (fs *faces) columnWidths(weights []float64, titles []string) []float64 {
	n := len(weights)
	least := make([]float64, n)
	for i, title := range titles {
		widest := 0
		for _, word := range strings.Fields(fs.clean(title)) {
			if w := fs[cellHead.face].measure(word); w < 12_000 { // longer words break anyway
				widest = max(widest, w)
			}
		}
		least[i] = max(float64(widest)*cellHead.em/1000, cellHead.em) + 2*padX + 0.1
	}
	widths, fixed := make([]float64, n), make([]bool, n)
	for {
		room, sum := printWidth, 0.0
		for i, w := range weights {
			if fixed[i] {
				room -= least[i]
			} else {
				sum += w
			}
		}
		done := true
		for i, w := range weights {
			switch {
			case fixed[i]:
				widths[i] = least[i]
			case room*w/sum < least[i]:
				fixed[i], done = true, false
			default:
				widths[i] = room * w / sum
			}
		}
		if done {
			break
		}
	}
	// Too many columns for their titles: everything shrinks alike.
	total := 0.0
	for _, w := range widths {
		total += w
	}
	for i := range widths {
		widths[i] *= printWidth / total
	}
	return widths
}

// measure is the width of clean text without line breaks, in 1/1000 em.
func (g *glyphs) measure(s string) int {
	w := 0
	for _, r := range s {
		w += int(g.advance[r&0xFFFF])
	}
	return w
}
