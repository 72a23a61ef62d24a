package pdf

import (
	"strconv"
	"strings"

	"auditbinder/report/view"
)

// barHeight and barGap are the bar of one 중요도 and the space around it, in mm.
const (
	barHeight = 8.0
	barGap    = 1.6
)

// chart adds a bar for each 중요도, one piece for each verdict that occurs.
func (d *flow) chart(s view.Summary) {
	most := 0
	var words []string
	for _, v := range s.Verdicts {
		words = append(words, v.Word)
	}
	sums := make([]int, len(s.Severities))
	for i := range sums {
		for _, n := range s.Counts[i] {
			sums[i] += n
		}
		most = max(most, sums[i])
	}
	if most == 0 {
		return
	}
	const first, last = 26.0, 18.0
	g := newGrid(0, first, printWidth-first-last, last)
	mark := len(d.strips)
	d.row(g, 7, label("중요도"), label("판정별 항목 수"), label("계"))
	for i, severity := range s.Severities {
		at := len(d.strips)
		d.row(g, barHeight+2*barGap, label(severity), plain(), number(sums[i], fieldBold))
		if len(d.strips) > at+1 {
			continue // broken by an endless label
		}
		x, unit := g.edges[1]+barGap, (g.edges[2]-g.edges[1]-2*barGap)/float64(most)
		for j, n := range s.Counts[i] {
			if n > 0 {
				d.piece(d.strips[at], x, float64(n)*unit, n, s.Verdicts[j])
				x += float64(n) * unit
			}
		}
	}
	d.keepFrom(mark)
	d.strips[len(d.strips)-1].keep = true
	d.space(1)
	d.text(note, 0, left, "막대의 길이는 항목 수에 비례하며, 왼쪽부터 "+strings.Join(words, ", ")+" 순임.")
}

// piece draws one piece of a bar, with its word and number as far as they fit.
func (d *flow) piece(s *strip, x, width float64, n int, v view.Verdict) {
	l, known := looks[v.ID]
	if !known {
		l = look{tint: tintLabel, cell: cellHead}
	}
	frame := newGrid(x, width)
	s.rules = append(s.rules, fill{x, width, l.tint}.rule(barGap, barGap+barHeight))
	for _, r := range []rule{frame.across(barGap), frame.across(barGap + barHeight), frame.down(x, barGap, barHeight), frame.down(x+width, barGap, barHeight)} {
		r.color = ruleDark
		s.rules = append(s.rules, r)
	}
	count := strconv.Itoa(n)
	word := d.fs.clean(v.Word)
	for _, lines := range [][]string{{word + " " + count}, {word, count}, {count}} {
		wide := 0.0
		for _, t := range lines {
			wide = max(wide, float64(d.fs[l.cell.face].measure(t))*l.cell.em/1000)
		}
		if wide > width-1 || strings.Contains(word, "\n") && len(lines[0]) > len(count) {
			continue
		}
		y := barGap + (barHeight-float64(len(lines))*l.cell.lead)/2
		for i, t := range lines {
			w := float64(d.fs[l.cell.face].measure(t)) * l.cell.em / 1000
			s.put(d.fs, l.cell, x+(width-w)/2, y+float64(i)*l.cell.lead, t)
		}
		return
	}
}
