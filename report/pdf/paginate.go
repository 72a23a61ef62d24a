package pdf

import "slices"

// paginate puts strips on pages of the given height. Strips that keep together
// move together unless they are taller than a page.
func paginate(strips []*strip, height float64) [][]*placed {
	var pages [][]*placed
	var current []*placed
	used := 0.0
	turn := func() {
		if len(current) > 0 {
			pages = append(pages, current)
			current, used = nil, 0
		}
	}
	put := func(s *strip) {
		above := s.above
		if len(current) == 0 {
			above = 0
			if s.head != nil {
				current = append(current, place(s.head, 0))
				used = s.head.height
			}
		}
		current = append(current, place(s, above))
		used += above + s.height
	}
	for i := 0; i < len(strips); {
		end := group(strips, i, height)
		if strips[i].newPage || used+span(strips[i:end], strips[i].above) > height {
			turn()
		}
		for ; i < end; i++ {
			put(strips[i])
		}
	}
	turn()
	for _, page := range pages {
		drawTables(page)
	}
	return pages
}

// span is the height of strips one under the other, the first with its own space.
func span(strips []*strip, above float64) float64 {
	sum := above
	for i, s := range strips {
		if i > 0 {
			sum += s.above
		}
		sum += s.height
	}
	return sum
}

// group is the end of the strips from start that keep together, cut where they
// would no longer fit a fresh page.
func group(strips []*strip, start int, height float64) int {
	sum := strips[start].height
	if strips[start].head != nil {
		sum += strips[start].head.height
	}
	end := start + 1
	for end < len(strips) && strips[end-1].keep && !strips[end].newPage {
		if sum += strips[end].above + strips[end].height; sum > height {
			break
		}
		end++
	}
	return end
}

// drawTables draws the tints and rules of adjoining table rows on a page at once,
// so that what runs through several rows is drawn once, whichever table they
// belong to.
func drawTables(page []*placed) {
	for len(page) > 0 {
		end := 1
		if page[0].strip.grid != nil {
			for end < len(page) && page[end].strip.grid != nil && page[end].above == 0 {
				end++
			}
			drawRows(page[:end])
		}
		page = page[end:]
	}
}

// shape is a tint, or a vertical rule of no width, that goes on to the next row.
type shape struct {
	fill
	top     float64
	hiding  bool // in a row that hides rules
	through bool // a rule that such a row hides
}

// drawRows draws rows one under the other: the first strip takes what stands
// under the text, the last one the rules between rows. A row that is tinted all
// over hides the vertical rules that go on below it.
func drawRows(rows []*placed) {
	first, last := rows[0], rows[len(rows)-1]
	var tints, edges []shape
	var layers [2][]rule // what hiding rows lie upon, and themselves
	layer := func(over bool) *[]rule {
		if over {
			return &layers[1]
		}
		return &layers[0]
	}
	endTint := func(t shape, y float64) {
		to := layer(t.hiding)
		*to = append(*to, t.rule(t.top, y))
	}
	var through, own []rule
	endEdge := func(e shape, y float64) {
		to := &own
		if e.through {
			to = &through
		}
		*to = append(*to, first.strip.grid.down(e.x, e.top, y-e.top))
	}
	var levels []rule
	level := func(g *grid, y float64) {
		r := g.across(y)
		if n := len(levels); n == 0 || !near(levels[n-1].x, r.x) || !near(levels[n-1].y, y) || !near(levels[n-1].length, r.length) {
			levels = append(levels, r)
		}
	}
	y := 0.0
	var above *grid
	covered, hiding := false, false // of the row above, hiding if it hides some rule
	for i, p := range rows {
		s := p.strip
		if covers := s.covers(); s.grid != above || covers != covered {
			next := shapes(s.grid.uprights(), y, false)
			hiding = false
			for _, e := range edges {
				if covers && !e.hiding && e.in(next) < 0 {
					e.through, hiding = true, true
					next = append(next, e)
				}
			}
			for i := range next {
				next[i].hiding = hiding && !next[i].through
			}
			edges = reach(edges, next, y, endEdge)
			above, covered = s.grid, covers
		}
		tints = reach(tints, shapes(s.fills, y, hiding), y, endTint)
		if i == 0 || rows[i-1].strip.grid != s.grid {
			level(s.grid, y)
		}
		y += s.height
		if s.ruled || i == len(rows)-1 || rows[i+1].strip.grid != s.grid {
			level(s.grid, y)
		}
	}
	reach(tints, nil, y, endTint)
	reach(edges, nil, y, endEdge)
	first.fills = slices.Concat(layers[0], through, layers[1], own)
	for _, r := range levels {
		r.y += last.strip.height - y
		last.closing = append(last.closing, r)
	}
}

func shapes(fills []fill, y float64, hiding bool) []shape {
	out := make([]shape, len(fills))
	for i, f := range fills {
		out[i] = shape{fill: f, top: y, hiding: hiding}
	}
	return out
}

// reach lets those of open that go on in next begin where they did, and ends the
// others at y.
func reach(open, next []shape, y float64, end func(shape, float64)) []shape {
	for i := range open {
		s := &open[i]
		if at := s.in(next); at >= 0 {
			n := &next[at]
			n.top, n.through, n.hiding = s.top, n.through || s.through, n.hiding && s.hiding
		} else {
			end(*s, y)
		}
	}
	return next
}

// near tells positions in mm that differ by rounding only.
func near(a, b float64) bool { return a-b < 0.001 && b-a < 0.001 }

// in is the place in list of what s goes on as, or -1.
func (s *shape) in(list []shape) int {
	for i := range list {
		n := &list[i]
		if near(s.x, n.x) && near(s.width, n.width) && s.color == n.color && (s.width == 0 || s.hiding == n.hiding) {
			return i
		}
	}
	return -1
}
