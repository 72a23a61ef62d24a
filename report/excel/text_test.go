package excel

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCellText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "홍길동 alice", "홍길동 alice"},
		{"tab, LF and CR stay", "\t=a\r\nb", "\t=a\r\nb"},
		{"formula characters stay", "=cmd", "=cmd"},
		{"control", "a\x01b\x7f", "a<U+0001>b<U+007F>"},
		{"C1", "a\u0085b", "a<U+0085>b"},
		{"non-character", "a\uFFFEb\uFFFF", "a<U+FFFE>b<U+FFFF>"},
		{"invalid UTF-8", "a\xff\xc3b", "a<0xFF><0xC3>b"},
		{"a real replacement character", "a\uFFFDb", "a\uFFFDb"},
		{"NFD stays", "한글", "한글"},
		{"one escape is excelize's business", "_x0041_", "_x0041_"},
		{"chained escapes", "_x0041_x0042_x0043_ ok", "_x0041<U+005F>x0042<U+005F>x0043_ ok"},
		{"surrogate escape", "_xD800_", "<U+005F>xD800_"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := cellText(tt.in); got != tt.want {
				t.Errorf("cellText(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCellTextLimits(t *testing.T) {
	tests := []struct {
		name, in string
		cut      bool
	}{
		{"full cell", strings.Repeat("a", maxCellUnits), false},
		{"one too many", strings.Repeat("a", maxCellUnits+1), true},
		{"Hangul counts one unit", strings.Repeat("가", maxCellUnits), false},
		{"emoji count two", strings.Repeat("😀", maxCellUnits/2), false},
		{"emoji too many", strings.Repeat("😀", maxCellUnits/2+1), true},
		{"full of lines", strings.Repeat("a\n", maxCellFeeds), false},
		{"a line too many", strings.Repeat("a\n", maxCellFeeds+1), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := cellText(tt.in)
			checkCellText(t, tt.in, got)
			if cut := strings.HasSuffix(got, cutNote); cut != tt.cut {
				t.Errorf("cut = %v, want %v", cut, tt.cut)
			}
			if body := strings.TrimSuffix(got, cutNote); !strings.HasPrefix(tt.in, body) {
				t.Error("what is left is not the beginning of the text")
			}
		})
	}
}

// checkCellText holds for every text: a cell can hold it, and loss is marked.
func checkCellText(t *testing.T, in, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("invalid UTF-8: %q", got)
	}
	if strings.ContainsFunc(got, unprintable) {
		t.Errorf("holds characters XML or Excel cannot: %q", got)
	}
	if n := utf16Len(got); n > maxCellUnits {
		t.Errorf("%d UTF-16 units", n)
	}
	if n := strings.Count(got, "\n"); n > maxCellFeeds {
		t.Errorf("%d line feeds", n)
	}
	marked := strings.Contains(got, "<U+") || strings.Contains(got, "<0x") || strings.HasSuffix(got, cutNote)
	if got != in && !marked {
		t.Errorf("%q became %q without a mark", in, got)
	}
}

func FuzzCellText(f *testing.F) {
	for _, s := range awkward() {
		f.Add(s)
	}
	f.Add("_x0041_x0042_")
	f.Fuzz(func(t *testing.T, s string) {
		got := cellText(s)
		checkCellText(t, s, got)
		if strings.ContainsAny(lineText(s), "\r\n\t") {
			t.Errorf("lineText(%q) has several lines", s)
		}
		if n := utf16Len(fieldText(s, 40)); n > 40 {
			t.Errorf("fieldText(%q) has %d units", s, n)
		}
	})
}

func TestFieldText(t *testing.T) {
	tests := []struct {
		in, want string
		limit    int
	}{
		{"A & B", "A && B", 20},
		{"A\nB", "A B", 20},
		{"&&&&", "&&…", 4},
		{"가나다라", "가나…", 3},
	}
	for _, tt := range tests {
		if got := fieldText(tt.in, tt.limit); got != tt.want {
			t.Errorf("fieldText(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

// awkward is text that breaks careless writers.
func awkward() map[string]string {
	return map[string]string{
		"emoji":     "👩‍👩‍👧‍👦 ✅",
		"hanja":     "監査證跡 漢字",
		"nfd":       "보안팀",
		"arabic":    "مرحبا بالعالم",
		"nospace":   strings.Repeat("A", 4096),
		"json":      `{"Statement":[` + strings.Repeat(`{"Effect":"Allow"},`, 3500) + `]}`,
		"utf8":      "bad \xff\xfe \xc3\x28",
		"control":   "a\x00b\x1b[31m\x7f",
		"nonchar":   "a\uFFFEb\uFFFFc",
		"formula":   "=cmd|'/c calc'!A1",
		"plus":      "+alice",
		"at":        "@x",
		"minus":     "-1+1",
		"tab":       "\t=1+1",
		"cr":        "\r=1+1",
		"escape":    "_x0041_ a_x000D_b _x0041_x0042_ _xD800_ _x005F_x0041_",
		"xml":       `<b>&amp;"'</b> ]]>`,
		"spaces":    "  edges  ",
		"feeds":     strings.Repeat("l\n", 400),
		"digits":    "000123456789",
		"longdigit": "12345678901234567890",
	}
}
