package pdf

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func mustFaces(t testing.TB) *faces {
	t.Helper()
	fs, err := loadFaces()
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// awkward are texts that have broken PDF programs before.
var awkward = map[string]string{
	"emoji":         "끝😀🇰🇷👩\u200d💻✔️",
	"hanja":         "間隙 李漢洙",
	"nfd":           norm.NFD.String("한글파일이름.png"),
	"arabic":        "مرحبا بالعالم",
	"no space":      strings.Repeat("가나다라마바사아자차카타파하ABCDEFGHIJ0123456789", 90),
	"invalid utf-8": "앞\xff\xfe뒤\xed\xa0\x80" + "각"[:2],
	"controls":      "a\x00b\x07c\x1b[31md\u0085e\x7f",
	"formula":       "=cmd|' /C calc'!A0",
	"long arn":      "arn:aws:iam::123456789012:user/" + strings.Repeat("abcdefghij/", 41) + "kim",
	"white space":   " 앞 뒤\t탭\n줄\r\n바꿈\r끝\u00a0\u3000 ",
	"pdf syntax":    `(\) ) ( \( << /Type /Page >> endstream % {nb} {current}`,
	"invisible":     "\ufeffa\u200bb\u2028c\u3164d\u00ade",
	"astral":        "𠀀\U0010ffff\uffff\ue000",
	"marks":         "e" + strings.Repeat("\u0301", 40),
	"symbols":       "· ㆍ → × ※ ① ㈜ “ ” ‘ ’ … ─ ㎡ ½ é ß ﬁ",
	"empty":         "",
}

// json64k is a 64 KB policy document.
var json64k = func() string {
	var b strings.Builder
	b.WriteString(`{"Version":"2012-10-17","Statement":[`)
	for i := 0; b.Len() < 64<<10; i++ {
		fmt.Fprintf(&b, "{\"Sid\": \"S%d\",\n  \"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::bucket-%d/*\"},", i, i)
	}
	return b.String() + "]}"
}()

func TestReadAdvances(t *testing.T) {
	fs := mustFaces(t)
	for _, c := range []struct {
		face   faceID
		r      rune
		width  uint16
		source faceID
	}{
		{mono, 'A', 500, mono}, {mono, '가', 1000, mono}, {mono, '漢', 1000, regular}, {mono, 'é', fs[regular].advance['é'], regular},
		{regular, '가', 920, regular}, {bold, '가', 920, bold}, {regular, '隙', noGlyph, regular}, {bold, 0xF600, noGlyph, regular},
	} {
		if g := &fs[c.face]; g.advance[c.r] != c.width || g.source[c.r] != c.source {
			t.Errorf("face %d, %q: width %d from face %d, want %d from %d", c.face, c.r, g.advance[c.r], g.source[c.r], c.width, c.source)
		}
	}
	if fs.has('😀') || fs.has(-1) || fs.has(0xFFFF) || !fs.has('※') {
		t.Error("has is wrong")
	}
}

func TestReadAdvancesRefusesDamagedFonts(t *testing.T) {
	whole := faceFiles[mono].bytes()
	for _, data := range [][]byte{nil, []byte("OTTO"), whole[:11], []byte(strings.Repeat("\xff", 400))} {
		if _, err := readAdvances(data); err == nil {
			t.Errorf("%d bytes: no error", len(data))
		}
	}
	if _, err := readAdvances(whole[:len(whole)/2]); err != nil {
		t.Log("truncated font:", err) // it must only not panic
	}
}

func TestClean(t *testing.T) {
	fs := mustFaces(t)
	for in, want := range map[string]string{
		"plain ASCII ~":                    "plain ASCII ~",
		"😀":                                "<U+1F600>",
		"隙":                                "<U+9699>",
		norm.NFD.String("한글"):              "한글",
		"a\tb":                             "a    b",
		"a\r\nb\rc\n":                      "a\nb<U+000D>c\n",
		"\x00\x1b\u0085":                   "<U+0000><U+001B><U+0085>",
		"\xff한\xed\xa0\x80":                "<0xFF>한<0xED><0xA0><0x80>",
		"각"[:2]:                            "<0xEA><0xB0>",
		"a\u200d\ufe0f\ufeff\u200bb":       "a<U+200D><U+FE0F><U+FEFF><U+200B>b",
		"\u3164\u2028":                     "<U+3164><U+2028>",
		"\uffff\U0010ffff":                 "<U+FFFF><U+10FFFF>",
		"م":                                "<U+0645>",
		"\xff\u0338":                       "<0xFF><U+0338>",
		"e" + strings.Repeat("\u0301", 40): "e" + strings.Repeat("<U+0301>", 40),
		"· ㆍ → × ※ ① “”":                   "· ㆍ → × ※ ① “”",
	} {
		if got := fs.clean(in); got != want {
			t.Errorf("clean(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

// checkClean asserts that s is drawable and that undoing clean gives s again.
func checkClean(t *testing.T, fs *faces, s string) string {
	t.Helper()
	c := fs.clean(s)
	if !utf8.ValidString(c) {
		t.Fatalf("clean(%+q) is not UTF-8", s)
	}
	for _, r := range c {
		if r != '\n' && (!fs.has(r) || isInvisible(r)) {
			t.Fatalf("clean(%+q) keeps %U", s, r)
		}
	}
	if strings.Contains(s, "<U+") || strings.Contains(s, "<0x") {
		return c // cannot be undone without doubt
	}
	var back strings.Builder
	for rest := c; rest != ""; {
		var n int
		if _, err := fmt.Sscanf(rest, "<U+%X>", &n); err == nil {
			back.WriteRune(rune(n))
		} else if _, err := fmt.Sscanf(rest, "<0x%2X>", &n); err == nil {
			back.WriteByte(byte(n))
		} else {
			_, size := utf8.DecodeRuneInString(rest)
			back.WriteString(rest[:size])
			rest = rest[size:]
			continue
		}
		rest = rest[strings.IndexByte(rest, '>')+1:]
	}
	// clean may compose, make CR LF a line feed and widen tabs; nothing else.
	want := decompose(strings.NewReplacer("\r\n", "\n", "\t", "    ").Replace(s))
	if got := decompose(back.String()); got != want {
		t.Fatalf("clean(%+q) = %+q reads back as %+q, want %+q", s, c, got, want)
	}
	return c
}

// decompose gives the NFD form; norm leaves marks behind invalid bytes alone,
// so those bytes become private characters first.
func decompose(s string) string {
	var b strings.Builder
	for i, r := range s {
		if _, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
			r = 0xF0000 + rune(s[i])
		}
		b.WriteRune(r)
	}
	return norm.NFD.String(b.String())
}

// checkWrap asserts that wrapping c loses and inserts nothing and fits width.
func checkWrap(t *testing.T, g *glyphs, c string, width int) []line {
	t.Helper()
	lines := g.wrap(c, width)
	var joined strings.Builder
	for _, l := range lines {
		joined.WriteString(l.text)
		switch l.drop {
		case 0:
		case ' ', '\n':
			joined.WriteByte(l.drop)
		default:
			t.Fatalf("dropped %q", l.drop)
		}
		if strings.Contains(l.text, "\n") {
			t.Fatalf("line %+q holds a line break", l.text)
		}
		if got := g.measure(l.text); got != l.width {
			t.Fatalf("line %+q: width %d, measured %d", l.text, l.width, got)
		}
		if l.width > width && utf8.RuneCountInString(l.text) > 1 {
			t.Fatalf("line %+q is %d wide, limit %d", l.text, l.width, width)
		}
	}
	if joined.String() != c {
		t.Fatalf("wrap(%+q, %d) joins to %+q", c, width, joined.String())
	}
	return lines
}

func TestAwkwardTexts(t *testing.T) {
	fs := mustFaces(t)
	for name, s := range awkward {
		t.Run(name, func(t *testing.T) {
			c := checkClean(t, fs, s)
			for face := range faceCount {
				for _, width := range []int{-5, 0, 1, 499, 2500, 7000, 60000} {
					checkWrap(t, &fs[face], c, width)
				}
			}
		})
	}
	checkWrap(t, &fs[mono], checkClean(t, fs, json64k), 20000)
}

func TestWrap(t *testing.T) {
	fs := mustFaces(t)
	for _, c := range []struct {
		name, text string
		width      int // in mono half widths
		want       []string
	}{
		{"fits", "한글 word", 9, []string{"한글 word"}},
		{"empty", "", 5, []string{""}},
		{"at a space", "하나 둘셋 넷", 8, []string{"하나", "둘셋 넷"}},
		{"Korean words stay whole", "인터뷰 필요함", 10, []string{"인터뷰", "필요함"}},
		{"space at the limit", "abcde fgh", 5, []string{"abcde", "fgh"}},
		{"only one space goes", "abcd   efgh", 5, []string{"abcd ", " efgh"}},
		{"after punctuation", "arn:aws:iam::123", 10, []string{"arn:aws:", "iam::123"}},
		{"punctuation before far space", "a arn:aws:iam::123456", 10, []string{"a arn:aws:", "iam::", "123456"}},
		{"whole name behind a colon", "acct:GetContact", 12, []string{"acct:", "GetContact"}},
		{"anywhere", "abcdefghijkl", 5, []string{"abcde", "fghij", "kl"}},
		{"no line begins with a full stop", "가나다라마。바", 10, []string{"가나다라", "마。바"}},
		{"hard breaks", "a\n\nbc\n", 5, []string{"a", "", "bc", ""}},
		{"a shown character is not cut behind its plus", "ab<U+1F600>", 9, []string{"ab<U+1F60", "0>"}},
		{"indent stays", "    {\"a\": 1}", 8, []string{"    {\"a", "\": 1}"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, l := range checkWrap(t, &fs[mono], fs.clean(c.text), c.width*500) {
				got = append(got, l.text)
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPutSplitsByFace(t *testing.T) {
	fs := mustFaces(t)
	var s strip
	s.put(fs, cellMono, 10, 0, "ab漢é한")
	var got []string
	for _, r := range s.runs {
		got = append(got, r.prop.Family+":"+r.text)
	}
	if want := "nanum:ab noto:漢é nanum:한"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := 10 + cellMono.em; s.runs[1].x != want {
		t.Errorf("second run at %v, want %v", s.runs[1].x, want)
	}
}

func FuzzClean(f *testing.F) {
	fs := mustFaces(f)
	for _, s := range awkward {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkClean(t, fs, s) })
}

func FuzzWrap(f *testing.F) {
	fs := mustFaces(f)
	for _, s := range awkward {
		f.Add(s, 7000, uint8(1))
	}
	f.Fuzz(func(t *testing.T, s string, width int, face uint8) {
		checkWrap(t, &fs[face%uint8(faceCount)], fs.clean(s), width)
	})
}
