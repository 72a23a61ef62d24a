package interview

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"auditbinder/report/strictyaml"
)

// A judge's 취약 about the item stands even where every finding has an answer of its own.
func TestItemJudgedVulnerable(t *testing.T) {
	it := Item{ID: "A-1", Auto: open, Findings: []Finding{{Resource: "a", Status: open}, {Resource: "b", Status: Good}}}
	own := Answer{Item: "A-1", Resource: "a", Verdict: Good}
	for name, tt := range map[string]struct {
		answers []Answer
		want    string
	}{
		"findings alone":          {[]Answer{own}, Good},
		"the item 취약 beside them": {[]Answer{own, {Item: "A-1", Verdict: Vulnerable}}, Vulnerable},
		"the item 취약 before them": {[]Answer{{Item: "A-1", Verdict: Vulnerable}, own}, Vulnerable},
		"the item 양호 beside them": {[]Answer{own, {Item: "A-1", Verdict: Good}}, Good},
	} {
		if d := Decide(it, tt.answers); d.Final != tt.want || len(d.Open) > 0 {
			t.Errorf("%s: %+v, want %s", name, d, tt.want)
		}
	}
}

// What shows nothing names nobody and gives no reason.
func TestSaysNothing(t *testing.T) {
	for _, text := range []string{"", " ", ".", "-", "\u200b", "\u3164", "\u115f\u1160", "…", "\u00a0"} {
		if !saysNothing(text) {
			t.Errorf("%q says something", text)
		}
	}
	for _, text := range []string{"김", "a", "7", "SEC-1", "\u3164김"} {
		if saysNothing(text) {
			t.Errorf("%q says nothing", text)
		}
	}
	day := strictyaml.Date{}
	if err := day.UnmarshalText([]byte("2026-11-25")); err != nil {
		t.Fatal(err)
	}
	form := Form{BundleDigest: "d", CollectedAt: "2026-11-24 14:00:00 KST", Items: []Item{{ID: "A-1", Auto: Vulnerable, Findings: []Finding{{Resource: "a", Status: Vulnerable}}}}}
	problems := Check(form, File{BundleDigest: "d", Answers: []Answer{{Item: "A-1", Resource: "a", Text: "답", Verdict: Good, Reason: ".", Judge: "\u3164", Judged: day}}})
	if len(problems) != 2 {
		t.Errorf("problems %q", problems)
	}
}

func TestCheckFileContent(t *testing.T) {
	picture := func(width, height int) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	small := picture(64, 64)
	huge := bytes.Clone(small)
	copy(huge[16:24], []byte{0, 0, 0x60, 0, 0, 0, 0x60, 0}) // IHDR claims 24576 × 24576
	for _, tt := range []struct {
		name string
		body []byte
		want string
	}{
		{"a.png", small, ""}, {"a.PNG", small, ""}, {"a.jpg", photo.Bytes(), ""}, {"a.pdf", []byte("%PDF-1.4\n"), ""},
		{"a.png", nil, "빈 파일"}, {"a.png", small[:len(small)-20], "끝까지 읽히지 않음"}, {"a.jpeg", photo.Bytes()[:photo.Len()/2], "끝까지 읽히지 않음"},
		{"a.png", photo.Bytes(), "확장자와 같은 형식"}, {"a.pdf", small, "PDF 파일이 아님"}, {"a.exe", small, "PNG, JPEG, PDF가 아님"},
		{"a.png", huge, "손상됨"}, {"a.pdf", make([]byte, MaxFile+1), "보다 큼"},
	} {
		if got := CheckFile(tt.name, tt.body); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) && !(strings.Contains(got, "너무 큼") || strings.Contains(got, "형식")) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPixelBytes(t *testing.T) {
	var gray bytes.Buffer
	if err := jpeg.Encode(&gray, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(gray.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if n := pixelBytes(config, gray.Bytes()); n != 4 {
		t.Errorf("baseline: %d", n)
	}
	progressive := bytes.Replace(gray.Bytes(), []byte{0xff, 0xc0}, []byte{0xff, 0xc2}, 1)
	if n := pixelBytes(config, progressive); n != 12 {
		t.Errorf("progressive: %d", n)
	}
	if n := Pixels("a.jpg", gray.Bytes()); n != 64 {
		t.Errorf("%d pixels", n)
	}
}
