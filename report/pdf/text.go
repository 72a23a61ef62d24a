package pdf

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// clean makes s drawable without losing anything silently. Text is composed
// (NFC). A character that no face draws, or that would be invisible, is shown
// as <U+1F600>, a byte that is not UTF-8 as <0xFF>, a tab as four spaces. What
// remains besides drawable characters is '\n'; CR LF counts as one of it.
func (fs *faces) clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for len(s) > 0 {
		valid := validPrefix(s)
		fs.cleanValid(&b, compose(s[:valid]))
		if valid == len(s) {
			break
		}
		fmt.Fprintf(&b, "<0x%02X>", s[valid])
		s = s[valid+1:]
	}
	return b.String()
}

// isPlain reports whether s is printable ASCII, which every face draws.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// validPrefix is the length of the longest valid UTF-8 prefix of s.
func validPrefix(s string) int {
	if utf8.ValidString(s) {
		return len(s)
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(s)
}

// joiner is what norm inserts after 30 combining marks; that would be a
// character the evidence never held.
const joiner = "\u034f"

// compose gives the NFC form, or s itself where composing would insert a character.
func compose(s string) string {
	c := norm.NFC.String(s)
	if strings.Count(c, joiner) != strings.Count(s, joiner) {
		return s
	}
	return c
}

func (fs *faces) cleanValid(b *strings.Builder, s string) {
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteByte('\n')
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"): // the '\n' follows
		case r == '\t':
			b.WriteString("    ")
		case isInvisible(r) || !fs.has(r):
			fmt.Fprintf(b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
	}
}

// isInvisible reports characters that draw nothing, or nothing of their own
// place (marks that did not compose), although they mean something.
func isInvisible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2028', '\u2029': // Hangul fillers, separators
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn)
}

// line is one line of broken text.
type line struct {
	text  string
	width int  // in 1/1000 em
	drop  byte // the character the break swallowed: '\n', ' ' or 0
}

// breakAfter are the characters that a line may end with inside a word.
const breakAfter = "/:-_,;=&?.@+"

// noLineStart are characters that should not begin a line.
const noLineStart = ",.;:!?)]}%、。〉》」』】〕…·"

// wrap breaks clean text into lines no wider than width (1/1000 em). It breaks
// at a space if the word behind it fits a line, else after a character of
// breakAfter, else anywhere, and inserts nothing: the lines joined with what
// they dropped are the text. Only a single character may be wider than width.
func (g *glyphs) wrap(text string, width int) []line { return g.wrapTo(nil, text, width) }

// wrapTo appends the lines of text to lines.
func (g *glyphs) wrapTo(lines []line, text string, width int) []line {
	for {
		hard, rest, more := strings.Cut(text, "\n")
		lines = g.wrapHard(lines, hard, width)
		if !more {
			return lines
		}
		lines[len(lines)-1].drop = '\n'
		text = rest
	}
}

func (g *glyphs) wrapHard(lines []line, s string, width int) []line {
	for {
		cut, w, drop := g.fit(s, width)
		lines = append(lines, line{text: s[:cut], width: w, drop: drop})
		if drop != 0 {
			cut++
		} else if cut == len(s) {
			return lines
		}
		s = s[cut:]
	}
}

// mark is a place in a line and the width up to it.
type mark struct{ at, width int }

// fit finds the first line of s.
func (g *glyphs) fit(s string, width int) (cut, w int, drop byte) {
	var space, punct, prev mark // last space, place after the last punctuation, start of the last character
	inked := false              // a character other than a space was seen
	for i, r := range s {
		adv := int(g.advance[r&0xFFFF])
		if w+adv > width && i > 0 {
			switch {
			case r == ' ' && inked:
				return i, w, ' '
			case space.at > 0 && g.fits(s[space.at+1:], " ", width):
				return space.at, space.width, ' '
			case punct.at > 0 && (2*punct.width >= width || 4*punct.width >= width && g.fits(s[punct.at:], " "+breakAfter, width)):
				return punct.at, punct.width, 0
			case space.at > 0 && 2*space.width >= width:
				return space.at, space.width, ' '
			case prev.at > 0 && strings.ContainsRune(noLineStart, r):
				return prev.at, prev.width, 0
			}
			return i, w, 0
		}
		prev = mark{i, w}
		if r == ' ' {
			if inked {
				space = mark{i, w}
			}
		} else {
			inked = true
		}
		w += adv
		if r < utf8.RuneSelf && strings.IndexByte(breakAfter, byte(r)) >= 0 && !strings.HasSuffix(s[:i+1], "<U+") {
			punct = mark{i + 1, w}
		}
	}
	return len(s), w, 0
}

// fits reports whether the start of s, up to one of the ends, is no wider than width.
func (g *glyphs) fits(s, ends string, width int) bool {
	w := 0
	for _, r := range s {
		if r < utf8.RuneSelf && strings.IndexByte(ends, byte(r)) >= 0 {
			break
		}
		if w += int(g.advance[r&0xFFFF]); w > width {
			return false
		}
	}
	return true
}
