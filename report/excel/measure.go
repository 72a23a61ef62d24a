package excel

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"auditbinder/report/view"
)

const (
	wideRune     = 1.7 // a Hangul syllable in digit widths
	monoRune     = 0.9 // the smaller fixed-width face: a SHA-256 stays on one line
	cellPadding  = 2.0
	maxWidth     = 60.0
	minWidth     = 7.0
	fillWidth    = 9.0  // for what people write, by weight
	lineHeight   = 16.0 // points
	maxRowHeight = 409.0
	measuredRows = 200 // rows that decide a column's width
)

// textWidth is the width of the longest line of s in digit widths.
func textWidth(s string) float64 {
	longest := 0.0
	for line := range strings.Lines(s) {
		longest = max(longest, lineWidth(strings.TrimSuffix(line, "\n")))
	}
	return longest
}

func lineWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += runeWidth(r)
	}
	return w
}

func runeWidth(r rune) float64 {
	if r < 0x7F {
		return 1
	}
	if r >= 0x1160 && r <= 0x11FF || unicode.Is(unicode.Mn, r) {
		return 0 // medial and final jamo of decomposed Hangul, combining marks
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
		return wideRune
	}
	return 1
}

func faceScale(mono bool) float64 {
	if mono {
		return monoRune
	}
	return 1
}

// columnWidth is the width a column needs for a text of w digits.
func columnWidth(w float64) float64 {
	return math.Ceil(min(max(w+cellPadding, minWidth), maxWidth)*10) / 10
}

// narrowed takes from the columns that are widest for their weight until all fit
// the given printed pages, the first column on each; their text wraps. Without
// weights all weigh the same. No column loses more than down to the narrowest
// that still reads.
func narrowed(widths, weights []float64, pages int) []float64 {
	const least = 14
	out := slices.Clone(widths)
	for {
		excess := sum(out) + out[0]*float64(pages-1) - pageWidth*float64(pages)
		if excess <= 0 {
			return out
		}
		widest, most := -1, 0.0
		for i, w := range out {
			if i < len(weights) {
				w /= max(weights[i], 0.1)
			}
			if out[i] > least && w > most {
				widest, most = i, w
			}
		}
		if widest < 0 {
			return out // too many columns for the pages
		}
		out[widest] = max(least, out[widest]-min(1, excess))
	}
}

// fitted narrows the columns of a table's own sheet to one printed page where
// that costs no more than a third of them, or else to two.
func fitted(widths []float64, t view.Table) []float64 {
	pages := 1
	if sum(widths) > 1.5*pageWidth {
		pages = 2
	}
	var weights []float64
	for _, c := range t.Columns {
		weights = append(weights, c.Weight)
	}
	return narrowed(widths, weights, pages)
}

// wrappedLines is the number of lines s takes in a cell of the given width.
func wrappedLines(s string, cellWidth float64) int {
	// No rune is wider than it has bytes.
	if float64(len(s)) <= cellWidth-1 && strings.IndexByte(s, '\n') < 0 {
		return 1
	}
	n := 0
	for line := range strings.Lines(s) {
		n++
		if w := lineWidth(strings.TrimSuffix(line, "\n")); w > cellWidth-1 {
			n += int(math.Ceil(w/max(cellWidth*0.93-1, 1))) - 1 // wrapping at words wastes some
		}
	}
	return max(n, 1)
}

// tableWidths measures header and first rows of every table: tables of one
// sheet share its columns, of which there are at least the given number.
func tableWidths(columns int, tables ...view.Table) []float64 {
	needs := make([]float64, columns)
	for _, t := range tables {
		for c, title := range headings(t.Columns) {
			if c == len(needs) {
				needs = append(needs, 0)
			}
			needs[c] = max(needs[c], headingWidth(title))
			if t.Columns[c].Fill {
				needs[c] = max(needs[c], fillWidth*t.Columns[c].Weight)
			}
			scale := faceScale(t.Columns[c].Mono)
			for _, row := range t.Rows[:min(len(t.Rows), measuredRows)] {
				if c < len(row.Cells) {
					needs[c] = max(needs[c], textWidth(cellText(joined(row.Cells[c].Lines)))*scale)
				}
			}
		}
	}
	for c := range needs {
		needs[c] = columnWidth(needs[c])
	}
	return needs
}

// headingWidth is the width for a heading: a long one takes three lines, and the
// filter button covers the end.
func headingWidth(title string) float64 {
	w := textWidth(title)
	return max(min(w, 12), w/3) + 2
}

// spread gives each of a table's columns a run of grid columns in proportion to
// its need, at least one each.
func spread(needs []float64, grid int) []int {
	runs := make([]int, len(needs))
	total := 0.0
	for i := range runs {
		runs[i] = 1
		total += needs[i]
	}
	for left := grid - len(needs); left > 0; left-- {
		worst := 0
		for i := range needs {
			if needs[i]/float64(runs[i]) > needs[worst]/float64(runs[worst]) {
				worst = i
			}
		}
		runs[worst]++
	}
	return runs
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func joined(lines []string) string { return strings.Join(lines, "\n") }
