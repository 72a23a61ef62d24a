package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/report/view"
)

// proof is what a report carries of its bundle.
func proof() []view.EmbeddedFile {
	return []view.EmbeddedFile{
		{Name: "manifest.json", MIME: "application/json", Description: "증적 목록과 해시", Relationship: "Source", Body: []byte(`{"schema":"auditbinder/bundle/v1"}`)},
		{Name: "calls.jsonl", MIME: "application/x-ndjson", Description: "호출 기록", Relationship: "Source", Body: bytes.Repeat([]byte("{\"id\":\"c\"}\n"), 5000)},
		{Name: "result.json", MIME: "application/json", Description: "판정 결과", Relationship: "Data", Body: []byte(`{"items":[]}`)},
		{Name: "credential-report.csv", MIME: "text/csv", Description: "자격 증명 보고서 (원문)", Relationship: "Source", Body: nil},
	}
}

// fullReport has all that a document can hold.
func fullReport(t testing.TB) view.Report {
	r := attachedReport(t)
	r.Embedded = proof()
	return r
}

// TestPDFA reads the parts of a finished document that PDF/A-3b wants.
func TestPDFA(t *testing.T) {
	data := renderBytes(t, fullReport(t))
	if !bytes.HasPrefix(data, []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")) || !bytes.HasSuffix(data, []byte("\n%%EOF\n")) {
		t.Errorf("begins with %q, ends with %q", data[:20], data[len(data)-20:])
	}
	if !idLine.Match(data[bytes.LastIndex(data, []byte("trailer")):]) {
		t.Error("the trailer has no ID")
	}
	for _, want := range []string{
		"/Lang (ko-KR)", "/DisplayDocTitle true", "/S /GTS_PDFA1", "/N 3 ", "/PageMode /UseOutlines",
		"/AFRelationship /Source", "/AFRelationship /Data", "/AFRelationship /Supplement",
		"/Subtype /application#2Fx-ndjson", "/Subtype /application#2Fpdf",
	} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, refused := range []string{"/Encrypt", "/JavaScript", "/JS", "/SMask", "/Transparency", "/MarkInfo", "/OpenAction", "/Launch", "/LZWDecode", "/Version", "utf8"} {
		if bytes.Contains(data, []byte(refused)) {
			t.Errorf("%s is there", refused)
		}
	}
	if n := bytes.Count(data, []byte("%%EOF")); n != 1 {
		t.Errorf("%d revisions", n)
	}
}

// packet is the XMP of a document.
type packet struct {
	Part        string `xml:"RDF>Description>part"`
	Conformance string `xml:"RDF>Description>conformance"`
	Title       string `xml:"RDF>Description>title>Alt>li"`
	Creator     string `xml:"RDF>Description>creator>Seq>li"`
	Description string `xml:"RDF>Description>description>Alt>li"`
	Language    string `xml:"RDF>Description>language>Bag>li"`
	Tool        string `xml:"RDF>Description>CreatorTool"`
	Producer    string `xml:"RDF>Description>Producer"`
	Created     string `xml:"RDF>Description>CreateDate"`
	Modified    string `xml:"RDF>Description>ModifyDate"`
}

// TestXMP asserts that XMP is well formed and says what the Info dictionary says.
func TestXMP(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.FixedZone("KST", 9*3600))
	for name, c := range map[string]struct{ title, label, program string }{
		"Korean":         {"AWS 계정 보안 점검 결과 보고서", "123456789012 (가상핀테크)", "auditbinder 1.0"},
		"markup":         {`<a>&"'</rdf:li>]]> %s %d`, "(x) \\ <<", "a&b"},
		"nothing":        {},
		"emoji":          {"끝😀\x00\xff", "\u2028", "v"},
		"percent escape": {"100%", "%!s(MISSING)", "%%"},
	} {
		t.Run(name, func(t *testing.T) {
			m := mustFaces(t).metadata(view.Report{Title: c.title, AccountLabel: c.label, Program: c.program, Timestamp: at})
			var p packet
			if err := xml.Unmarshal(m.xmp(), &p); err != nil {
				t.Fatalf("%v in\n%s", err, m.xmp())
			}
			want := packet{
				Part: "3", Conformance: "B", Title: m.title, Creator: m.author, Description: m.subject, Language: "ko-KR",
				Tool: m.program, Producer: m.program, Created: "2026-11-24T01:00:00Z", Modified: "2026-11-24T01:00:00Z",
			}
			if p != want {
				t.Errorf("XMP %+v\nwant %+v", p, want)
			}
			info := string(m.info())
			for key, value := range map[string]string{"Title": m.title, "Author": m.author, "Subject": m.subject, "Creator": m.program, "Producer": m.program} {
				if got := strings.Contains(info, "/"+key+" "+textString(value)+"\n"); got != (value != "") {
					t.Errorf("%s %q: %v in Info\n%s", key, value, got, info)
				}
			}
			if strings.Count(info, "(D:20261124010000Z)") != 2 {
				t.Errorf("dates in\n%s", info)
			}
		})
	}
}

// TestID asserts that the ID follows the content, and only the content.
func TestID(t *testing.T) {
	id := func(change func(*view.Report)) string {
		r := fullReport(t)
		change(&r)
		return string(idLine.Find(renderBytes(t, r)))
	}
	same := id(func(*view.Report) {})
	if again := id(func(*view.Report) {}); again != same || same == "" {
		t.Errorf("%s, then %s", same, again)
	}
	for name, change := range map[string]func(*view.Report){
		"one byte of the proof": func(r *view.Report) { r.Embedded[0].Body = append(r.Embedded[0].Body, ' ') },
		"the time":              func(r *view.Report) { r.Timestamp = r.Timestamp.Add(time.Second) },
		"the title":             func(r *view.Report) { r.Title += " " },
	} {
		if id(change) == same {
			t.Errorf("%s changes nothing", name)
		}
	}
}

// TestProfile reads the ICC profile by its own tables.
func TestProfile(t *testing.T) {
	p := srgb()
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(p[at:])) }
	if u32(0) != len(p) || string(p[12:24]) != "mntrRGB XYZ " || string(p[36:40]) != "acsp" || p[8] != 2 {
		t.Fatalf("header % x", p[:40])
	}
	tags := map[string][]byte{}
	for i := range u32(128) {
		entry := 132 + 12*i
		at, size := u32(entry+4), u32(entry+8)
		if at%4 != 0 || at+size > len(p) {
			t.Fatalf("tag %s at %d, %d long", p[entry:entry+4], at, size)
		}
		tags[string(p[entry:entry+4])] = p[at : at+size]
	}
	for _, want := range []string{"desc", "cprt", "wtpt", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"} {
		if len(tags[want]) == 0 {
			t.Errorf("no %s", want)
		}
	}
	// Red, green and blue add up to white.
	for i, axis := range []string{"X", "Y", "Z"} {
		sum := -int(binary.BigEndian.Uint32(tags["wtpt"][8+4*i:]))
		for _, primary := range []string{"rXYZ", "gXYZ", "bXYZ"} {
			sum += int(binary.BigEndian.Uint32(tags[primary][8+4*i:]))
		}
		if sum < -16 || sum > 16 {
			t.Errorf("%s is off by %d/65536", axis, sum)
		}
	}
	curve := tags["gTRC"][12:]
	for at, want := range map[int]uint16{0: 0, 10: 199, 128: 14146, 255: 65535} { // IEC 61966-2-1
		if got := binary.BigEndian.Uint16(curve[2*at:]); got < want-min(want, 1) || got > want && got-want > 1 {
			t.Errorf("value %d is %d, want %d", at, got, want)
		}
	}
	// The same on every machine.
	if sum := sha256.Sum256(p); hex.EncodeToString(sum[:]) != "ee3dc561d099aa300e3d6d071ac06b9855067bd5b26c862e70cdb722ea23f5ed" {
		t.Errorf("profile %x", sum)
	}
}

// node is an outline entry as qpdf reads it.
type node struct {
	Title string
	Page  int `json:"destpageposfrom1"`
	Open  bool
	Dest  []any
	Kids  []node
}

func (n node) String() string {
	s := fmt.Sprintf("%s@%d", n.Title, n.Page)
	if len(n.Kids) > 0 {
		s += fmt.Sprintf("%v", n.Kids)
	}
	return s
}

// finished draws the sample with marks of the test's own.
func finished(t testing.TB, m marks) ([]byte, error) {
	t.Helper()
	return finish(drawn(t, sampleReport()), archive{metadata: metadata{at: time.Unix(0, 0).UTC()}, marks: m})
}

func TestOutline(t *testing.T) {
	at := func(title string, level, page int) bookmark { return bookmark{title, level, page, 20} }
	for name, c := range map[string]struct {
		list  []bookmark
		want  string
		count string // of the root: what shows when the document opens
	}{
		"one":                  {[]bookmark{at("개요", 0, 1)}, "[개요@1]", "1"},
		"parts and sections":   {[]bookmark{at("1", 0, 1), at("1.1", 1, 2), at("1.2", 1, 2), at("2", 0, 3)}, "[1@1[1.1@2 1.2@2] 2@3]", "4"},
		"deeper is closed":     {[]bookmark{at("1", 0, 1), at("1.1", 1, 2), at("1.1.1", 2, 2), at("1.1.2", 2, 2), at("1.2", 1, 3)}, "[1@1[1.1@2[1.1.1@2 1.1.2@2] 1.2@3]]", "3"},
		"begins with section":  {[]bookmark{at("1.1", 1, 1), at("2", 0, 2)}, "[1.1@1 2@2]", "2"},
		"skips a level":        {[]bookmark{at("1", 0, 1), at("1.1.1", 5, 2), at("1.2", 1, 2)}, "[1@1[1.1.1@2 1.2@2]]", "3"},
		"negative level":       {[]bookmark{at("1", -3, 1), at("2", 0, 1)}, "[1@1 2@1]", "2"},
		"back to the old part": {[]bookmark{at("1", 0, 1), at("1.1", 1, 1), at("2", 0, 2), at("2.1", 1, 3)}, "[1@1[1.1@1] 2@2[2.1@3]]", "4"},
		"what strings break":   {[]bookmark{at("괄호) (\\ 😀", 0, 1)}, "[괄호) (\\ 😀@1]", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := finished(t, marks{bookmarks: c.list})
			if err != nil {
				t.Fatal(err)
			}
			count := regexp.MustCompile(`/Type /Outlines [^>]*/Count (\d+) >>`).FindSubmatch(data)
			if count == nil || string(count[1]) != c.count || !bytes.Contains(data, []byte("/PageMode /UseOutlines")) {
				t.Errorf("root %q, want count %s", count, c.count)
			}
			_, out := runTool(t, data, tool(t, "qpdf"), "--json", "--json-key=outlines", "report.pdf")
			var got struct{ Outlines []node }
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprint(got.Outlines); text != c.want {
				t.Errorf("outline %s, want %s", text, c.want)
			}
			// 20 mm from the upper edge of A4 is 785.2 points from the lower one.
			if to := fmt.Sprint(got.Outlines[0].Dest[1:]); to != "[/XYZ 0 785.2 <nil>]" {
				t.Errorf("leads to %s", to)
			}
		})
	}
	if data, err := finished(t, marks{}); err != nil || bytes.Contains(data, []byte("/Outlines")) || bytes.Contains(data, []byte("/UseOutlines")) {
		t.Errorf("an outline without bookmarks, error %v", err)
	}
}

// TestLinkAreas asserts where links stand, in points from the lower left corner.
func TestLinkAreas(t *testing.T) {
	data, err := finished(t, marks{links: []link{
		{page: 2, rect: [4]float64{25.4, 25.4, 50.8, 50.8}, target: 4, top: 297},
		{page: 2, rect: [4]float64{0, 0, 210, 297}, target: 1},
		{page: 3, rect: [4]float64{0, 0, 1, 1}, target: 3},
	}})
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	link := func(rect, to string) string {
		return "<< /Type /Annot /Subtype /Link /F 4 /Border [ 0 0 0 ] /Rect [ " + rect + " ] /A << /S /GoTo /D [ " + to + " null ] >> >>\n"
	}
	// gofpdf gives page n the number 2n+1.
	want := "5 0 obj\n<</Type /Page\n/Parent 1 0 R\n/Resources 2 0 R\n/Annots [\n" +
		link("72.00 697.89 144.00 769.89", "9 0 R /XYZ 0 0.00") + link("0.00 0.00 595.28 841.89", "3 0 R /XYZ 0 841.89") + "]\n/Contents 6 0 R>>\nendobj\n"
	if !strings.Contains(doc, want) {
		t.Errorf("no page\n%s", want)
	}
	if n := strings.Count(doc, "/Annots ["); n != 2 {
		t.Errorf("%d pages have links", n)
	}
	if _, out := runTool(t, data, tool(t, "qpdf"), "--check", "report.pdf"); strings.Contains(out, "WARNING") {
		t.Error(out)
	}
}

// TestMarksRefused asserts that nothing leads out of the document.
func TestMarksRefused(t *testing.T) {
	for name, m := range map[string]marks{
		"bookmark before the first page": {bookmarks: []bookmark{{"x", 0, 0, 0}}},
		"bookmark behind the last page":  {bookmarks: []bookmark{{"x", 0, 1000, 0}}},
		"link on no page":                {links: []link{{page: 0, target: 1}}},
		"link to no page":                {links: []link{{page: 1, target: 1000}}},
	} {
		if _, err := finished(t, m); err == nil || !strings.Contains(err.Error(), "a mark is on page") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestEmbedded asserts that every file comes out as it went in.
func TestEmbedded(t *testing.T) {
	r := fullReport(t)
	r.Embedded = append(r.Embedded, view.EmbeddedFile{Name: "증적 (원문).json", MIME: "application/json", Relationship: "Source", Body: []byte("\r\n\x00 endstream endobj")})
	dir, out := runTool(t, renderBytes(t, r), tool(t, "pdfdetach"), "-saveall", "report.pdf")
	want := map[string][]byte{"승인서 (최종).pdf": []byte(approval)}
	for _, f := range r.Embedded {
		want[f.Name] = f.Body
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want)+1 {
		t.Errorf("%d files beside the report, want %d, error %v\n%s", len(entries)-1, len(want), err, out)
	}
	for name, body := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || sha256.Sum256(got) != sha256.Sum256(body) {
			t.Errorf("%s: %d bytes, want %d, error %v", name, len(got), len(body), err)
		}
	}
}

// TestEmbeddedNames asserts that the name tree is in order, which is how a
// reader finds its entries.
func TestEmbeddedNames(t *testing.T) {
	r := sampleReport()
	for _, name := range []string{"b", "가", "M-1 a", "M-1", "B", "a.json", "a"} {
		r.Embedded = append(r.Embedded, view.EmbeddedFile{Name: name, MIME: "text/plain", Relationship: "Data"})
	}
	data := string(renderBytes(t, r))
	list := data[strings.Index(data, "/EmbeddedFiles << /Names ["):]
	var got []string
	for _, key := range regexp.MustCompile(`<FEFF([0-9A-F]*)>`).FindAllStringSubmatch(list[:strings.Index(list, "]")], -1) {
		raw, err := hex.DecodeString(key[1])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(raw))
	}
	if len(got) != 7 || !slices.IsSorted(got) {
		t.Errorf("%q", got)
	}
}

func TestEmbeddedRefused(t *testing.T) {
	whole := proof()[0]
	for name, change := range map[string]func(*view.EmbeddedFile){
		"no name":              func(f *view.EmbeddedFile) { f.Name = "" },
		"no type":              func(f *view.EmbeddedFile) { f.MIME = "" },
		"no relationship":      func(f *view.EmbeddedFile) { f.Relationship = "" },
		"unknown relationship": func(f *view.EmbeddedFile) { f.Relationship = "EncryptedPayload" },
		"name twice":           func(*view.EmbeddedFile) {},
	} {
		t.Run(name, func(t *testing.T) {
			r := sampleReport()
			f := whole
			change(&f)
			r.Embedded = []view.EmbeddedFile{whole, f}
			if err := Render(&bytes.Buffer{}, r); err == nil || !strings.Contains(err.Error(), "embedded file") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestNameObject(t *testing.T) {
	for s, want := range map[string]string{"application/json": "/application#2Fjson", "image/svg+xml": "/image#2Fsvg+xml", "a b(#)": "/a#20b#28#23#29", "가": "/#EA#B0#80"} {
		if got := nameObject(s); got != want {
			t.Errorf("nameObject(%q) = %s, want %s", s, got, want)
		}
	}
}

// TestFonts asserts that the document has its fonts inside, as subsets with a
// mapping to Unicode.
func TestFonts(t *testing.T) {
	_, out := runTool(t, renderBytes(t, fullReport(t)), tool(t, "pdffonts"), "report.pdf")
	lines := strings.Split(strings.TrimSpace(out), "\n")[2:]
	if len(lines) != int(faceCount) {
		t.Errorf("%d fonts, want %d", len(lines), faceCount)
	}
	for _, line := range lines {
		if !regexp.MustCompile(`^[A-Z]{6}\+\w+ +CID TrueType +Identity-H +yes yes yes `).MatchString(line) {
			t.Error(line)
		}
	}
}

// TestToUnicode asserts that every code but surrogates stands for itself, and
// that no range is malformed.
func TestToUnicode(t *testing.T) {
	seen := map[int64]bool{}
	for _, r := range regexp.MustCompile(`(?m)^<(....)> <(....)> <(....)>$`).FindAllStringSubmatch(toUnicode(), -1) {
		var first, last, to int64
		if _, err := fmt.Sscanf(r[1]+" "+r[2]+" "+r[3], "%x %x %x", &first, &last, &to); err != nil {
			t.Fatal(err)
		}
		if first != to || first>>8 != last>>8 || last < first {
			t.Errorf("range %s", r[0])
		}
		for c := first; c <= last; c++ {
			seen[c] = true
		}
	}
	if len(seen) != 0x10000-0x800-1 || seen[0xd800] || seen[0xdfff] || seen[0] || !seen['가'] {
		t.Errorf("%d codes", len(seen))
	}
}

// inflated is the content of the stream of an object.
func inflated(t *testing.T, o *object) []byte {
	t.Helper()
	_, body, found := bytes.Cut(o.body, []byte("stream\n"))
	body, _, ended := bytes.Cut(body, []byte("\nendstream\nendobj\n"))
	if !found || !ended {
		t.Fatalf("object %d is no stream", o.number)
	}
	r, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGlyphs asserts that each drawn character has a glyph: PDF/A refuses the
// box that stands for a missing one.
func TestGlyphs(t *testing.T) {
	r := fullReport(t)
	for _, name := range slices.Sorted(maps.Keys(awkward)) {
		r.Overview[0].Paragraphs = append(r.Overview[0].Paragraphs, awkward[name])
	}
	doc, err := parseDocument(idLine.ReplaceAll(renderBytes(t, r), nil))
	if err != nil {
		t.Fatal(err)
	}
	descendantFont := regexp.MustCompile(`/DescendantFonts \[(\d+) 0 R\]`)
	toGlyph := regexp.MustCompile(`/CIDToGIDMap (\d+) 0 R`)
	glyphs := map[string][]byte{} // by font: two bytes for each code
	for _, font := range regexp.MustCompile(`/(F[0-9a-f]{40}) (\d+) 0 R`).FindAllSubmatch(doc.object(resources).body, -1) {
		descendant := doc.object(objectAt(descendantFont, doc.object(objectNumber(font[2])).body))
		glyphs[string(font[1])] = inflated(t, doc.object(objectAt(toGlyph, descendant.body)))
	}
	if len(glyphs) != int(faceCount) {
		t.Fatalf("%d fonts", len(glyphs))
	}
	pages, err := doc.pages()
	if err != nil {
		t.Fatal(err)
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r")
	drawn := 0
	for i, page := range pages {
		content := inflated(t, doc.object(objectAt(regexp.MustCompile(`/Contents (\d+) 0 R`), doc.object(page).body)))
		font := ""
		for _, op := range regexp.MustCompile(`(?s)/(F[0-9a-f]{40}) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj`).FindAllSubmatch(content, -1) {
			if len(op[1]) > 0 {
				font = string(op[1])
				continue
			}
			for code := range slices.Chunk([]byte(unescape.Replace(string(op[2]))), 2) {
				at := 2 * int(binary.BigEndian.Uint16(code))
				if glyphs[font][at] == 0 && glyphs[font][at+1] == 0 {
					t.Fatalf("page %d: no glyph for U+%04X", i+1, at/2)
				}
				drawn++
			}
		}
	}
	if drawn < 5000 {
		t.Errorf("only %d characters drawn", drawn)
	}
}

// preflightJars are where Debian's libpdfbox2-java and what it needs put them.
var preflightJars = []string{"preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "javax.activation", "jaxb-api"}

// allowed are what PDF/A-1b wants and PDF/A-3b does not: no embedded files, and
// a CIDSet in subsets.
var allowed = regexp.MustCompile(`^(3\.1\.11 : Invalid Font definition, [A-Z]{6}\+\w+: The CIDSet entry is missing for the Composite Subset` +
	`|1\.2\.9 : Body Syntax error, EmbeddedFile entry is present in a FileSpecification dictionary` +
	`|1\.4\.7 : Trailer Syntax error, EmbeddedFile entry is present in the Names dictionary)$`)

// TestPreflight lets Apache PDFBox check the document. It knows PDF/A-1b only,
// so that the document claims part 1 for it.
func TestPreflight(t *testing.T) {
	java := tool(t, "java")
	var path []string
	for _, jar := range preflightJars {
		path = append(path, "/usr/share/java/"+jar+".jar")
		if _, err := os.Stat(path[len(path)-1]); err != nil {
			if os.Getenv("AUDITBINDER_REQUIRE_TOOLS") == "1" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	// Its exit code is the number of invalid files.
	check := func(data []byte) []string {
		_, out := runTool(t, data, "/bin/sh", "-c", `"$0" -cp "$1" org.apache.pdfbox.preflight.Validator_A1b report.pdf || true`, java, strings.Join(path, ":"))
		if !strings.Contains(out, "valid PDF/A-1b file") {
			t.Fatal(out)
		}
		return regexp.MustCompile(`(?m)^\d[\d.]* : .*$`).FindAllString(out, -1)
	}
	data := bytes.Replace(renderBytes(t, fullReport(t)), []byte("<pdfaid:part>3"), []byte("<pdfaid:part>1"), 1)
	for _, finding := range check(data) {
		if !allowed.MatchString(finding) {
			t.Error(finding)
		}
	}
	// It does find what is wrong.
	broken := bytes.Replace(data, []byte("/OutputIntents"), []byte("/outputIntents"), 1)
	if !slices.ContainsFunc(check(broken), func(s string) bool { return !allowed.MatchString(s) }) {
		t.Error("no finding without an output intent")
	}
}
