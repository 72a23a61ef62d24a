package pdf

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"auditbinder/report/view"
)

// TestAwkwardPolicy prints awkward texts as 부록 E: they break anywhere, and the
// mark of a break stands only where a line goes on.
func TestAwkwardPolicy(t *testing.T) {
	fs := mustFaces(t)
	texts := map[string]string{"json 64 KB": json64k, "4 KB without space": strings.Repeat("x", 4<<10)}
	for name, s := range awkward {
		texts[name] = s
	}
	for name, s := range texts {
		t.Run(name, func(t *testing.T) {
			lines, wrapped := fs.listing(s, newGrid(0, printWidth).inner(0))
			var b strings.Builder
			for _, l := range lines {
				b.WriteString(strings.TrimSuffix(l, wrapMark))
			}
			if got, want := squeeze(b.String()), squeeze(fs.clean(s)); got != want && !strings.Contains(s, strings.TrimSpace(wrapMark)) {
				t.Errorf("%.80q, want %.80q", got, want)
			}
			if marked := strings.Contains(strings.Join(lines, "\n"), wrapMark); marked != wrapped {
				t.Errorf("marks %v, told %v", marked, wrapped)
			}
			checkPages(t, view.Report{Timestamp: sampleReport().Timestamp, Policy: s})
		})
	}
}

// TestEveryOffender asserts that pdftotext finds each of 500, once and in order.
func TestEveryOffender(t *testing.T) {
	r := sampleReport()
	r.Items[0].Facts[0] = offenders(500)
	rest := strings.Join(pageTexts(t, renderBytes(t, r)), "")
	whole := rest
	for i, row := range r.Items[0].Facts[0].Rows {
		arn := row.Cells[2].Lines[0]
		_, after, found := strings.Cut(rest, arn)
		if !found || strings.Count(whole, arn) != 1 {
			t.Fatalf("offender %d (%s): in order %v, %d times", i+1, arn, found, strings.Count(whole, arn))
		}
		rest = after
	}
	if n := strings.Count(whole, "취약ARN"); n != 500 {
		t.Errorf("%d rows say 취약", n)
	}
}

// setFont is how a page chooses a font.
var setFont = regexp.MustCompile(`BT /F\w+ ([0-9.]+) Tf ET`)

// TestNoSmallText reads the sizes of all fonts in the content of the pages.
func TestNoSmallText(t *testing.T) {
	doc, err := parseDocument(drawn(t, fullReport(t)))
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]bool{}
	for i := range doc.objects {
		o := &doc.objects[i]
		if !bytes.HasPrefix(o.body, []byte("<</Filter /FlateDecode /Length ")) {
			continue // no content of a page
		}
		for _, m := range setFont.FindAllSubmatch(inflated(t, o), -1) {
			sizes[string(m[1])] = true
		}
	}
	if len(sizes) < 8 {
		t.Errorf("only %d sizes found", len(sizes))
	}
	for s := range sizes {
		if points, err := strconv.ParseFloat(s, 64); err != nil || points < 7 {
			t.Errorf("text in %s pt", s)
		}
	}
}

// TestParallel draws everything that a document can hold in four goroutines.
func TestParallel(t *testing.T) {
	r := fullReport(t)
	r.Items[0].Facts[0] = offenders(500)
	var got [4][]byte
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = renderBytes(t, r) })
	}
	wg.Wait()
	for i := range got {
		if !bytes.Equal(got[i], got[0]) {
			t.Errorf("goroutine %d drew other bytes", i)
		}
	}
}

// TestTableRules asserts that what runs through rows is one rule, that only a row
// below its own hides the rules of the columns, and that no tint covers a rule.
func TestTableRules(t *testing.T) {
	fs := mustFaces(t)
	d := &flow{fs: fs, body: fs.newFrame(sampleReport()).body}
	d.table(view.Table{PDFRows: 2, Columns: []view.Column{
		{Key: "a", Title: "사용자", Weight: 1}, {Key: "b", Title: "판정", Weight: 1}, {Key: "c", Title: "사유", Weight: 1, Below: true},
	}, Rows: []view.Row{
		{Cells: []view.Cell{texts("kim"), judged(vulnerable), texts("MFA 없음")}}, {Cells: []view.Cell{texts("lee"), judged(good), texts("MFA 있음")}},
	}})
	page := paginate(d.strips, d.body)[0]
	total := 0.0
	for _, p := range page {
		total += p.strip.height
	}
	var order []string
	for _, r := range page[0].fills {
		switch {
		case r.vertical && near(r.length, total):
			order = append(order, "whole")
		case r.vertical:
			order = append(order, "part")
		case r.color == white:
			order = append(order, "white")
		default:
			order = append(order, "tint")
		}
	}
	// Header and verdicts with the rule between the columns on them; labels and
	// values over it; each label's edge and the outer edges on them.
	want := "tint tint tint tint whole tint white tint white part whole part whole"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("drawn %s\nwant  %s", got, want)
	}
	if n := len(page[len(page)-1].closing); n != len(page)+1 {
		t.Errorf("%d rules across %d rows", n, len(page))
	}
}

// TestJSON64KInParts puts a text of many pages into what surrounds the items.
func TestJSON64KInParts(t *testing.T) {
	cell := func(s *view.Section) *view.Cell { return &s.Table.Rows[0].Cells[0] }
	for name, put := range map[string]func(*view.Report){
		"문서 관리":   func(r *view.Report) { r.Control[0].Lines = []string{json64k} },
		"목차":      func(r *view.Report) { r.Items[1].Title = json64k },
		"chart":   func(r *view.Report) { r.Summary.Severities[0] = json64k },
		"인터뷰":     func(r *view.Report) { r.Interviews[0].Table.Rows[0].Cells[2] = texts(json64k) },
		"조치계획":    func(r *view.Report) { r.Plan.Rows[0].Cells[1] = texts(json64k) },
		"부록 A":    func(r *view.Report) { *cell(&r.CriteriaParts[0]) = texts(json64k) },
		"부록 B":    func(r *view.Report) { r.StandardParts[0].Paragraphs = []string{json64k} },
		"부록 C":    func(r *view.Report) { r.Evidence.Rows[0].Cells[1] = texts(json64k) },
		"부록 D":    func(r *view.Report) { *cell(&r.CollectionParts[0]) = texts(json64k) },
		"부록 F":    func(r *view.Report) { r.Verify = []string{json64k} },
		"heading": func(r *view.Report) { r.Interviews[0].Heading = json64k },
	} {
		t.Run(name, func(t *testing.T) {
			r := sampleReport()
			put(&r)
			whole := strings.Join(checkPages(t, r), "")
			if want := strings.Count(json64k, `"Sid"`); strings.Count(whole, `"Sid"`) < want*9/10 {
				t.Errorf("%d of %d statements drawn", strings.Count(whole, `"Sid"`), want)
			}
		})
	}
}
