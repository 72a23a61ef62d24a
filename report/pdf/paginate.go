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

// drawTables gives the tints of each table on a page to its first strip there
// and all its rules to its last, so that no tint covers a rule and what runs
// through several rows is drawn once.
func drawTables(page []*placed) {
	for len(page) > 0 {
		g := page[0].strip.grid
		end := 1
		for end < len(page) && page[end].strip.grid == g && page[end].above == 0 {
			end++
		}
		if g != nil {
			drawTable(g, page[:end])
		}
		page = page[end:]
	}
}

// drawTable draws the tints and rules of a table that consists of rows.
func drawTable(g *grid, rows []*placed) {
	type tinted struct {
		fill
		top float64
	}
	var open []tinted // tints that reach down to y
	first, last := rows[0], rows[len(rows)-1]
	close := func(t tinted, y float64) { first.fills = append(first.fills, t.rule(t.top, y)) }

	lines := []float64{0}
	y := 0.0
	for _, p := range rows {
		var still []tinted
		for _, f := range p.strip.fills {
			still = append(still, tinted{f, y})
		}
		for _, t := range open {
			if i := slices.Index(p.strip.fills, t.fill); i >= 0 {
				still[i].top = t.top
			} else {
				close(t, y)
			}
		}
		open = still
		y += p.strip.height
		if p.strip.ruled || p == last {
			lines = append(lines, y)
		}
	}
	for _, t := range open {
		close(t, y)
	}
	top := last.strip.height - y
	for _, at := range lines {
		last.closing = append(last.closing, g.across(top+at))
	}
	for _, x := range g.edges {
		last.closing = append(last.closing, g.down(x, top, y))
	}
}
