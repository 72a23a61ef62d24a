package excel

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	maxCellUnits = 32767 // UTF-16 units in a cell
	maxCellFeeds = 253   // line feeds in a cell
	cutNote      = "\n… (이하 생략 · 전체 원문: 증적 번들)"
)

var (
	// A file writes an unprintable character as _xHHHH_, so such text must be
	// escaped. excelize does, but reads over escapes that share an underscore
	// and drops those of surrogates: both are made plain text before it sees them.
	chainedEscapes  = regexp.MustCompile(`_x[0-9a-fA-F]{4}(?:_x[0-9a-fA-F]{4})+_`)
	surrogateEscape = regexp.MustCompile(`_(x[dD][89a-fA-F][0-9a-fA-F]{2}_)`)
)

// cellText makes any string safe for a cell. What a cell cannot hold is shown
// (<U+0001>, <0xFF>) or cut with a note; nothing disappears silently. Leading
// = + - @ stay as they are: text cells are never formulas.
func cellText(s string) string {
	if harmless(s) {
		return s
	}
	s = escapeEscapes(visible(s))
	return cut(s)
}

// harmless reports short text that nothing below would change: most cells of a large
// table hold no other.
func harmless(s string) bool {
	if len(s) > maxCellFeeds {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '_' {
			return false
		}
	}
	return true
}

// lineText is cellText on a single line, for headers, names and properties.
func lineText(s string) string {
	return strings.Join(strings.FieldsFunc(cellText(s), func(r rune) bool {
		return r == '\n' || r == '\r' || r == '\t'
	}), " ")
}

// visible replaces what XML or Excel cannot hold or show with its number.
func visible(s string) string {
	if !strings.ContainsFunc(s, unprintable) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "<0x%02X>", s[i])
		case unprintable(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unprintable reports control characters other than tab, LF and CR, and the
// non-characters XML forbids.
func unprintable(r rune) bool {
	switch r {
	case '\t', '\n', '\r':
		return false
	case 0xFFFE, 0xFFFF:
		return true
	}
	return r < 0x20 || r >= 0x7F && r <= 0x9F
}

func escapeEscapes(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	s = chainedEscapes.ReplaceAllStringFunc(s, func(chain string) string {
		return "_" + strings.ReplaceAll(chain[1:len(chain)-1], "_", "<U+005F>") + "_"
	})
	return surrogateEscape.ReplaceAllString(s, "<U+005F>$1")
}

// cut shortens s to the limits of a cell, always with the note.
func cut(s string) string {
	if len(s) <= maxCellFeeds { // cannot exceed either limit
		return s
	}
	limit, noteUnits := len(s), utf16Len(cutNote)
	units, feeds, roomy := 0, 0, 0
	for i, r := range s {
		if units <= maxCellUnits-noteUnits && feeds < maxCellFeeds {
			roomy = i // here the note still fits
		}
		if units += utf16Units(r); r == '\n' {
			feeds++
		}
		if units > maxCellUnits || feeds > maxCellFeeds {
			limit = roomy
			break
		}
	}
	if limit == len(s) {
		return s
	}
	return s[:limit] + cutNote
}

// fieldText is text for a print header or footer: one line, & doubled, at most
// limit UTF-16 units.
func fieldText(s string, limit int) string {
	var b strings.Builder
	units := 0
	for _, r := range lineText(s) {
		piece := string(r)
		if r == '&' {
			piece = "&&"
		}
		if units += utf16Len(piece); units > limit-1 {
			return b.String() + "…"
		}
		b.WriteString(piece)
	}
	return b.String()
}

func utf16Units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16Units(r)
	}
	return n
}
