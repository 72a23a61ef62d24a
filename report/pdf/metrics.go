package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"auditbinder/fonts"
)

// faceID names one embedded face.
type faceID uint8

const (
	regular faceID = iota
	bold
	mono
	faceCount
)

// faceFiles lists the embedded faces in faceID order.
var faceFiles = [faceCount]struct {
	name  string
	bytes func() []byte
}{
	{"Noto Sans KR Regular", func() []byte { return fonts.Regular }},
	{"Noto Sans KR Bold", func() []byte { return fonts.Bold }},
	{"NanumGothicCoding", func() []byte { return fonts.Mono }},
}

// fallback says in which order faces are asked for a glyph.
var fallback = [faceCount][faceCount]faceID{
	regular: {regular, mono, bold},
	bold:    {bold, regular, mono},
	mono:    {mono, regular, bold},
}

// noGlyph marks a character that no face can draw.
const noGlyph = math.MaxUint16

// advances holds the advance of every BMP character in 1/1000 em, rounded as
// gofpdf rounds it, or noGlyph.
type advances [1 << 16]uint16

// glyphs answers, for text wanted in one face, how wide a character is and
// which face really draws it.
type glyphs struct {
	advance advances
	source  [1 << 16]faceID
}

// faces is the metrics of all embedded faces.
type faces [faceCount]glyphs

// loadFaces reads the metrics once per process: the fonts are constants.
var loadFaces = sync.OnceValues(func() (*faces, error) {
	var read [faceCount]*advances
	for id, file := range faceFiles {
		a, err := readAdvances(file.bytes())
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", file.name, err)
		}
		read[id] = a
	}
	fs := new(faces)
	for id := range fs {
		g := &fs[id]
		for r := range g.advance {
			g.advance[r] = noGlyph
			for _, from := range fallback[id] {
				if adv := read[from][r]; adv != noGlyph {
					g.advance[r], g.source[r] = adv, from
					break
				}
			}
		}
	}
	return fs, nil
})

// has reports whether some face draws r.
func (fs *faces) has(r rune) bool {
	return r >= 0 && int(r) < len(fs[regular].advance) && fs[regular].advance[r] != noGlyph
}

var errFont = errors.New("not a TrueType font with a format 4 character map")

// sfnt is a font file; its readers answer 0 outside the file.
type sfnt []byte

func (f sfnt) u16(at int) int {
	if at < 0 || at+2 > len(f) {
		return 0
	}
	return int(binary.BigEndian.Uint16(f[at:]))
}

func (f sfnt) u32(at int) int { return f.u16(at)<<16 | f.u16(at+2) }

// table gives the offset of a table, 0 when there is none.
func (f sfnt) table(tag string) int {
	for i := range f.u16(4) {
		at := 12 + 16*i
		if at+4 <= len(f) && string(f[at:at+4]) == tag {
			return f.u32(at + 8)
		}
	}
	return 0
}

// charMap gives the offset of the Unicode format 4 subtable, 0 when there is none.
func (f sfnt) charMap() int {
	cmap := f.table("cmap")
	for i := range f.u16(cmap + 2) {
		record := cmap + 4 + 8*i
		platform, encoding := f.u16(record), f.u16(record+2)
		at := cmap + f.u32(record+4)
		if (platform == 0 || platform == 3 && encoding == 1) && f.u16(at) == 4 {
			return at
		}
	}
	return 0
}

// readAdvances reads cmap format 4 and hmtx.
func readAdvances(file []byte) (*advances, error) {
	f := sfnt(file)
	unitsPerEm := f.u16(f.table("head") + 18)
	metrics := f.u16(f.table("hhea") + 34)
	hmtx, sub := f.table("hmtx"), f.charMap()
	if f.table("glyf") == 0 || unitsPerEm == 0 || metrics == 0 || hmtx == 0 || sub == 0 {
		return nil, errFont
	}
	a := new(advances)
	for r := range a {
		a[r] = noGlyph
	}
	segX2 := f.u16(sub + 6)
	ends := sub + 14
	starts, deltas, offsets := ends+2+segX2, ends+2+2*segX2, ends+2+3*segX2
	for s := 0; s < segX2; s += 2 {
		start, end, delta, offset := f.u16(starts+s), f.u16(ends+s), f.u16(deltas+s), f.u16(offsets+s)
		for r := start; r <= end && r < noGlyph; r++ {
			glyph := r
			if offset != 0 {
				if glyph = f.u16(offsets + s + offset + 2*(r-start)); glyph == 0 {
					continue
				}
			}
			if glyph = (glyph + delta) & 0xFFFF; glyph == 0 {
				continue
			}
			width := f.u16(hmtx + 4*min(glyph, metrics-1))
			a[r] = uint16(math.Round(float64(width) * 1000 / float64(unitsPerEm)))
		}
	}
	return a, nil
}
