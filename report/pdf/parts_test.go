package pdf

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/report/view"
)

// addParts fills in what only the PDF has.
func addParts(r *view.Report) {
	table := func(title string, rows int, columns ...view.Column) view.Table {
		t := view.Table{Title: title, Columns: columns, PDFRows: rows}
		for i := range rows {
			var row view.Row
			for _, c := range columns {
				row.Cells = append(row.Cells, texts(fmt.Sprintf("%s%d", c.Key, i+1)))
			}
			t.Rows = append(t.Rows, row)
		}
		return t
	}
	column := func(title string) view.Column { return view.Column{Key: title, Title: title, Weight: 1} }
	below := column("답변")
	below.Below = true
	r.Revisions = table("개정 이력", 1, column("버전"), column("내용"))
	r.Control = []view.Field{{Label: "배포처", Lines: []string{"내부감사실"}}, {Label: "보존기간", Lines: []string{""}}}
	asked := table("", 2, column("대상"), column("판정자"), below)
	asked.Rows[1].Cells[2] = texts("", "", "")
	r.Interviews = []view.Section{{Heading: "IAM-01 콘솔 사용자", Paragraphs: []string{"질문 1. 누구입니까?"}, Table: &asked}}
	r.Plan = table("조치계획", 3, column("조치번호"), column("담당자"))
	r.Plan.Rows[0].Cells[0].Link = "IAM-01"
	criteria, mapping, log := table("", 2, column("기준")), table("", 2, column("매핑")), table("", 2, column("로그"))
	r.CriteriaParts = []view.Section{{Heading: "A.1 항목별 판정 기준", Table: &criteria}}
	r.StandardParts = []view.Section{{Heading: "B.1 보안 기준", Table: &mapping}}
	r.CollectionParts = []view.Section{{Heading: "D.3 수집 로그", Table: &log}}
	r.Policy = "{\n  \"Version\": \"2012-10-17\"\n}\n"
}

// TestContents asserts that 목차 names every part and item, in order, with the
// page that it begins on, however many pages it takes itself.
func TestContents(t *testing.T) {
	for _, items := range []int{0, 2, 120} {
		r := sampleReport()
		r.Items = nil
		for i := range items {
			r.Items = append(r.Items, view.Item{ID: fmt.Sprintf("X%03d-01", i), Title: "항목 이름"})
		}
		f, pages := plan(t, r)
		got := checkPages(t, r)
		m := collect(f, pages)
		text := strings.Join(got, "")
		if m.pages != len(got) || len(m.bookmarks) < 9 {
			t.Fatalf("%d items: %d pages, %d places", items, m.pages, len(m.bookmarks))
		}
		for _, b := range m.bookmarks {
			title := squeeze(b.title)
			if !strings.Contains(got[b.page-1], title) {
				t.Errorf("%d items: %q is not on page %d", items, b.title, b.page)
			}
			_, line, found := strings.Cut(text, title)
			if text = line; !found || !strings.HasPrefix(strings.TrimLeft(line, "."), fmt.Sprint(b.page)) {
				t.Errorf("%d items: 목차 has no page %d behind %q, but %.40q", items, b.page, b.title, line)
			}
		}
		if first := m.bookmarks[0]; first.title != "1. 점검 개요" || first.level != 0 {
			t.Errorf("first place %+v", first)
		}
	}
}

// TestLinks asserts that references lead to where their target begins, and lie
// on the page.
func TestLinks(t *testing.T) {
	r := sampleReport()
	r.Plan.Rows[1].Cells[0].Link = "NON-01" // no such item: nothing to lead to
	f, pages := plan(t, r)
	m := collect(f, pages)
	var item bookmark
	for _, b := range m.bookmarks {
		if strings.HasPrefix(b.title, "IAM-01") {
			item = b
		}
	}
	toItem := 0
	for _, l := range m.links {
		if l.rect[0] < marginSide-0.01 || l.rect[2] > pageWidth-marginSide+0.01 || l.rect[1] >= l.rect[3] || l.rect[1] < marginTop || l.rect[3] > pageHeight-marginEnd {
			t.Errorf("link outside the page: %+v", l)
		}
		if !slices.ContainsFunc(m.bookmarks, func(b bookmark) bool { return b.page == l.target && b.top == l.top }) {
			t.Errorf("link to nowhere: %+v", l)
		}
		if l.target == item.page && l.top == item.top {
			toItem++
		}
	}
	if want := len(m.bookmarks) + 3; len(m.links) != want || toItem != 3 {
		t.Errorf("%d links, %d to IAM-01; want %d (목차, two in 요약, one in 조치계획) and 3", len(m.links), toItem, want)
	}
}

func TestListing(t *testing.T) {
	fs := mustFaces(t)
	width := float64(fs[mono].measure(strings.Repeat("x", 40))) * cellMono.em / 1000
	for name, c := range map[string]struct {
		text    string
		want    []string
		wrapped bool
	}{
		"short":       {"{\n  \"a\": 1\n}\n", []string{"{", `  "a": 1`, "}"}, false},
		"fits to end": {strings.Repeat("y", 40), []string{strings.Repeat("y", 40)}, false},
		"one more":    {strings.Repeat("y", 41), []string{strings.Repeat("y", 37) + " »", "yyyy"}, true},
		"empty line":  {"a\n\nb", []string{"a", "", "b"}, false},
	} {
		got, wrapped := fs.listing(c.text, width)
		if !slices.Equal(got, c.want) || wrapped != c.wrapped {
			t.Errorf("%s: %q, wrapped %v", name, got, wrapped)
		}
	}
}

// TestChart asserts that every piece of a bar has its number, that its word
// stands with it where it fits, and that lengths are in proportion.
func TestChart(t *testing.T) {
	d := &flow{fs: mustFaces(t), body: 200}
	s := sampleReport().Summary
	s.Counts = [][]int{{1, 11, 1, 0, 2}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}}
	d.chart(s)
	var got []string
	for _, strip := range d.strips[1:4] {
		got = append(got, stripText(strip))
	}
	if want := []string{"상15양호1취약111점검불가2", "중11", "하0"}; !slices.Equal(got, want) {
		t.Errorf("bars say %q, want %q", got, want)
	}
	lengths := func(s *strip) (out []float64) {
		for _, r := range s.rules {
			if r.thickness == barHeight {
				out = append(out, r.length)
			}
		}
		return out
	}
	if l := lengths(d.strips[1]); len(l) != 4 || l[1] < 10.99*l[0] || l[1] > 11.01*l[0] || len(lengths(d.strips[3])) != 0 {
		t.Errorf("lengths %v, %v", l, lengths(d.strips[3]))
	}
	d.strips = nil
	if d.chart(view.Summary{}); d.strips != nil {
		t.Error("a chart of nothing")
	}
}
