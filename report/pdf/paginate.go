package pdf

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
		closeTables(page)
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

// closeTables gives all rules of each table on a page to its last strip there,
// so that no row's fill covers them and vertical rules are drawn once.
func closeTables(page []*placed) {
	for i := 0; i < len(page); {
		g := page[i].strip.grid
		if g == nil {
			i++
			continue
		}
		below := []float64{0} // horizontal rules, from the top of the table
		length := page[i].strip.height
		last := i
		for ; last+1 < len(page) && page[last+1].strip.grid == g && page[last+1].above == 0; last++ {
			if page[last].strip.ruled {
				below = append(below, length)
			}
			length += page[last+1].strip.height
		}
		p := page[last]
		top := p.strip.height - length
		for _, y := range append(below, length) {
			p.closing = append(p.closing, g.across(top+y))
		}
		for _, x := range g.edges {
			p.closing = append(p.closing, g.down(x, top, length))
		}
		i = last + 1
	}
}
