package pdf

import (
	"slices"
	"strconv"
	"strings"
)

// reference is an area of a strip, over its whole height, that leads to a place.
type reference struct {
	x, width float64
	to       *bookmark
}

// begin makes the strips added since mark a place of the outline and of 목차.
func (d *flow) begin(mark int, b *bookmark, title string, level int) {
	b.title, b.level = d.fs.clean(title), level
	d.strips[mark].begins = b
	d.bookmarks = append(d.bookmarks, b)
}

// place is where an item's section begins, to be filled in when it does.
func (d *flow) place(item string) *bookmark {
	if d.places == nil {
		d.places = map[string]*bookmark{}
	}
	if d.places[item] == nil {
		d.places[item] = new(bookmark)
	}
	return d.places[item]
}

// contents puts 목차 before the strip at. Its lines are complete but for the page
// numbers, which do not change what they take of the page.
func (d *flow) contents(at int) {
	c := &flow{fs: d.fs, body: d.body}
	c.nextPage()
	c.chapter("목차")
	for _, b := range d.bookmarks {
		c.entry(b)
	}
	d.strips = slices.Insert(d.strips, at, c.strips...)
}

const (
	entryIndent  = 6.0
	numberWidth  = 12.0
	leastLeaders = 3
)

// entry adds a line of 목차.
func (d *flow) entry(b *bookmark) {
	st := body
	if b.level == 0 {
		st = bodyBold
		d.space(1.5)
	}
	g := &d.fs[st.face]
	x, end := float64(b.level)*entryIndent, printWidth-numberWidth
	lines := g.wrap(b.title, int((end-x)/st.em*1000))
	var s *strip
	for i, l := range lines {
		s = &strip{height: st.lead, refers: []reference{{0, printWidth, b}}, keep: len(lines) > 1 && (i == 0 || i == len(lines)-2)}
		s.put(d.fs, st, x, 0, l.text)
		d.add(s)
	}
	s.entry = true
	last := lines[len(lines)-1]
	dot := float64(d.fs[regular].measure(" .")) * body.em / 1000
	if n := int((end - x - float64(last.width)*st.em/1000) / dot); n >= leastLeaders {
		s.put(d.fs, body, end-float64(n)*dot, 0, strings.Repeat(" .", n))
	}
}

// locate notes on which page and where the places of the outline begin, and
// writes the page numbers into 목차.
func (fs *faces) locate(f pageFrame, pages [][]*placed) {
	visit(f, pages, func(page int, top float64, s *strip) {
		if s.begins != nil {
			s.begins.page, s.begins.top = page, top
		}
	})
	visit(f, pages, func(_ int, _ float64, s *strip) {
		if !s.entry {
			return
		}
		number := strconv.Itoa(s.refers[0].to.page)
		width := float64(fs[body.face].measure(number)) * body.em / 1000
		s.put(fs, body, printWidth-width, 0, number)
	})
}

// visit calls do for all strips in order, with the page, from 1, and their place on it.
func visit(f pageFrame, pages [][]*placed, do func(page int, top float64, s *strip)) {
	for i, page := range pages {
		y := marginTop + f.header.height
		for _, p := range page {
			y += p.above
			do(i+1, y, p.strip)
			y += p.strip.height
		}
	}
}

// collect gives the places and references of the laid-out pages.
func collect(f pageFrame, pages [][]*placed) marks {
	m := marks{pages: len(pages)}
	visit(f, pages, func(page int, top float64, s *strip) {
		if s.begins != nil {
			m.bookmarks = append(m.bookmarks, *s.begins)
		}
		for _, r := range s.refers {
			if r.to.page > 0 {
				x := marginSide + r.x
				m.links = append(m.links, link{page, [4]float64{x, top, x + r.width, top + s.height}, r.to.page, r.to.top})
			}
		}
	})
	return m
}
