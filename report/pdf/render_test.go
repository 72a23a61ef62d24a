package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"auditbinder/report/view"
)

func renderBytes(t testing.TB, r view.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plan gives the pages of r as they will be drawn.
func plan(t testing.TB, r view.Report) (pageFrame, [][]*placed) {
	t.Helper()
	fs := mustFaces(t)
	f := fs.newFrame(r)
	return f, layout(fs, f, r)
}

// squeeze removes white space, which text extraction cannot keep.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func stripText(s *strip) string {
	var b strings.Builder
	for _, r := range s.runs {
		b.WriteString(r.text)
	}
	return squeeze(b.String())
}

// tool gives the path of a program of poppler-utils or qpdf, or skips.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("AUDITBINDER_REQUIRE_TOOLS") == "1" {
			t.Fatalf("%s is required", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// pageTexts gives what pdftotext reads on each page, in drawing order.
func pageTexts(t *testing.T, data []byte) []string {
	t.Helper()
	program := tool(t, "pdftotext")
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var messages bytes.Buffer
	cmd := exec.Command(program, "-raw", "-enc", "UTF-8", path, "-")
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil || messages.Len() > 0 {
		t.Fatalf("pdftotext: %v\n%s", err, messages.String())
	}
	pages := strings.Split(string(out), "\f")
	pages = pages[:len(pages)-1]
	for i := range pages {
		pages[i] = squeeze(pages[i])
	}
	return pages
}

// checkPages renders r and asserts that every page holds exactly the planned
// text, in order, between its header and a footer with the right page number.
func checkPages(t *testing.T, r view.Report) []string {
	t.Helper()
	frame, pages := plan(t, r)
	got := pageTexts(t, renderBytes(t, r))
	if len(got) != len(pages) {
		t.Fatalf("%d pages, planned %d", len(got), len(pages))
	}
	for i, page := range pages {
		want := stripText(frame.header)
		for _, p := range page {
			want += stripText(p.strip)
		}
		want += stripText(frame.footer(i+1, len(pages)))
		if !strings.HasSuffix(want, fmt.Sprintf("%d/%d", i+1, len(pages))) {
			t.Fatalf("page %d: footer without page number", i+1)
		}
		if got[i] != want {
			at := 0
			for at < min(len(got[i]), len(want)) && got[i][at] == want[at] {
				at++
			}
			t.Fatalf("page %d differs from the plan at byte %d:\n got %.80q\nwant %.80q", i+1, at, got[i][at:], want[at:])
		}
	}
	return got
}

func TestSample(t *testing.T) {
	data := renderBytes(t, sampleReport())
	if path := os.Getenv("PDF_SAMPLE"); path != "" {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	whole := strings.Join(checkPages(t, sampleReport()), "")
	rest := whole
	for _, want := range []string{
		// cover
		"결재", "작성", "검토", "승인", "AWS 계정 보안 점검 결과 및 증적 보고서", "초안", "모의 환경 수집분 · 제출 불가",
		"점검 기준일", "미확정 항목", "※ 확정되지 않은 항목이 2건 있습니다.", hash,
		"문서 관리", "개정 이력", "버전", "배포처", "내부감사실", "보존기간",
		"목차", "1. 점검 개요", "IAM-01 콘솔 사용자의", "부록 F. 무결성 확인 방법",
		"1. 점검 개요", "ap-northeast-2", "한계",
		"2. 요약", "중요도", "양호", "취약", "인터뷰 필요", "해당 없음", "점검 불가", "계", "준수율(잠정)", "0.0 %", "총평",
		"IAM-01", "ACC-02", "AccessDeniedException", "IAM-03",
		"3. 항목별 점검 결과", "IAM-01", "영역", "중요도", "상 (클라우드 보안가이드(AWS) 2024)", "자동판정", "취약", "최종판정", "점검 시각",
		"점검 목적", "보안 위협", "관련 법령·기준", "전자금융감독규정 제13조 제1항 (금융위원회고시 제2026-29호)", "2026-07-15", "현행(2026-10-04 확인)", "직접", "확인",
		"원 가이드 인용: 전자금융감독규정 제13조 제1항 제14호 (2025-02-05 전부개정으로 삭제)",
		"※ 주의: 원문 대조 필요", "준용", "추정", "ISMS-P", "판단 기준", "기준값", "점검 방법",
		"확인된 사실", "모집단 1,200명 · 점검 1,200명 · 취약 3명", "kim.minsu-0001", "1,200건 중 40건 표시", "참고 사항",
		"판정 근거", "증적", "조치 방법", "조치 시 영향", "예외", "인터뷰 질문", "검토 의견",
		"ACC-02", "0건: account:GetAlternateContact", "판정 근거", "실패한 호출", "account:GetAlternateContact us-east-1 AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/auditbinder-readonly/collector",
		"검토 의견", "4. 인터뷰", "질문 1. 누구입니까?", "답변", "답변1", "5. 조치계획", "조치번호3",
		"부록 A.", "A.1", "기준2", "부록 B.", "매핑2", "부록 C.", "C.1", "c0040", "C.2", "page-0001.json", hash,
		"부록 D.", "로그2", "부록 E.", "2012-10-17", "부록 F.", "auditbinder verify", "bundleDigest", hash,
	} {
		_, after, found := strings.Cut(rest, squeeze(want))
		if !found {
			t.Fatalf("%q is missing or out of order (in the document at all: %v)", want, strings.Contains(whole, squeeze(want)))
		}
		rest = after
	}
}

// TestColumnPlaces asserts that a column meant to stand below has its own line
// under its row with its label, and that a sheet-only column is not drawn.
func TestColumnPlaces(t *testing.T) {
	fs := mustFaces(t)
	d := &flow{fs: fs, body: fs.newFrame(sampleReport()).body}
	d.table(view.Table{PDFRows: 1, Columns: []view.Column{
		{Key: "a", Title: "사용자", Weight: 1}, {Key: "b", Title: "ARN", Weight: 1, Mono: true, Below: true}, {Key: "c", Title: "크기", Weight: 1, SheetOnly: true},
	}, Rows: []view.Row{{Cells: []view.Cell{texts("kim"), texts("arn:aws:iam::123456789012:user/kim"), texts("12345")}}}})
	var got []string
	for _, s := range d.strips {
		var line []string
		for _, r := range s.runs {
			line = append(line, r.text)
		}
		got = append(got, strings.Join(line, "|"))
	}
	want := []string{"사용자", "kim", "ARN|arn:aws:iam::123456789012:user/kim"}
	if !slices.Equal(got, want) || !d.strips[1].keep {
		t.Errorf("strips %q (row keeps with its line below: %v), want %q", got, d.strips[1].keep, want)
	}
}

// TestItemsBeginPages asserts that every item starts at the top of a page.
func TestItemsBeginPages(t *testing.T) {
	_, pages := plan(t, sampleReport())
	var starts []string
	for _, page := range pages {
		for i, p := range page {
			if text := stripText(p.strip); strings.HasPrefix(text, "IAM-01콘솔사용자의") && p.strip.grid != nil && i <= 1 || strings.HasPrefix(text, "ACC-02루트") && i == 0 {
				starts = append(starts, text[:6])
			}
		}
	}
	if fmt.Sprint(starts) != "[IAM-01 ACC-02]" {
		t.Errorf("items at the top of pages: %v", starts)
	}
}

// TestNoOrphans grows a table row by row, so that everything behind it meets
// every place on a page: nothing may end a page that belongs to what follows.
func TestNoOrphans(t *testing.T) {
	for n := range 70 {
		r := sampleReport()
		r.Items[0].Facts[0] = userTable(n)
		r.Items[0].Facts[0].Empty = "0건"
		frame, pages := plan(t, r)
		for i, page := range pages {
			height := 0.0
			for _, p := range page {
				height += p.above + p.strip.height
			}
			if height > frame.body {
				t.Errorf("%d rows, page %d: %v mm on %v mm", n, i+1, height, frame.body)
			}
			if last := page[len(page)-1].strip; last.keep {
				t.Errorf("%d rows: page %d ends with %q", n, i+1, stripText(last))
			}
			if page[len(page)-1].strip == page[0].strip.head {
				t.Errorf("%d rows: page %d holds only a table header", n, i+1)
			}
		}
	}
}

// TestInside asserts that text stays inside its cell and the page, that no text
// is smaller than 7 pt, and that line spacing is 1.3 to 1.5 em.
func TestInside(t *testing.T) {
	fs := mustFaces(t)
	for name, s := range awkward {
		t.Run(name, func(t *testing.T) {
			r := sampleReport()
			fillIn(&r, s)
			frame, pages := plan(t, r)
			strips := []*strip{frame.header, frame.footer(1, len(pages))}
			for _, page := range pages {
				for _, p := range page {
					strips = append(strips, p.strip)
				}
			}
			for _, s := range strips {
				for _, run := range s.runs {
					lo, hi := 0.0, printWidth
					if s.grid != nil {
						for i, x := range s.grid.edges[:len(s.grid.edges)-1] {
							if run.x >= x {
								lo, hi = x, s.grid.edges[i+1]
							}
						}
					}
					em := run.prop.Size * mmPerPoint
					end := run.x + float64(fs[regular].measure(run.text))*em/1000
					if run.prop.Family == "nanum" {
						end = run.x + float64(fs[mono].measure(run.text))*em/1000
					} else if run.prop.Style == fontStyle[bold] {
						end = run.x + float64(fs[bold].measure(run.text))*em/1000
					}
					if run.x < lo-0.01 || end > hi+0.01 {
						t.Fatalf("%q from %v to %v outside %v to %v", run.text, run.x, end, lo, hi)
					}
					if run.prop.Size < 7 {
						t.Fatalf("%q is set in %v pt", run.text, run.prop.Size)
					}
					if run.y+1.3*em < 0 || run.y+em > s.height {
						t.Fatalf("%q stands at %v of %v", run.text, run.y, s.height)
					}
				}
			}
		})
	}
	for _, st := range []*style{coverTitle, partTitle, itemTitle, heading, body, note, field, fieldMono, cellText, cellMono, cellHead, frameText, marking} {
		if ratio := st.lead / st.em; ratio < 1.3 || ratio > 1.51 {
			t.Errorf("line spacing %v", ratio)
		}
	}
}

// notDrawn are strings of a view that only the workbook or the program uses.
var notDrawn = map[string]bool{
	"Sheet": true, "Key": true, "Status": true, "Link": true, "Areas": true, "EvidenceIDs": true,
	"GoodCriteria": true, "VulnerableCriteria": true, "Timestamp": true, "CredentialReport": true,
	"Kind": true, "Judge": true, "Judged": true, "CheckedOn": true, "Actions": true, "FollowUp": true, "Mapping": true, "Collection": true, "Questions": true,
	"Policy": true, // marks where it breaks
}

// fillIn puts s, numbered, into every string of r that is drawn, and returns the
// strings in the order of the view.
func fillIn(r *view.Report, s string) []string {
	var all []string
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				isID := name == "ID" && v.Type() == reflect.TypeFor[view.Verdict]() || name == "Verdict" && v.Type() == reflect.TypeFor[view.Cell]()
				t, isTable := v.Interface().(view.Table)
				// A table draws its columns and rows, or says why there are none.
				unused := isTable && (name == "Empty" && len(t.Rows) > 0 || name == "Columns" && len(t.Rows) == 0)
				if !notDrawn[name] && !isID && !unused {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Pointer:
			if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
				walk(v.Elem())
			}
		case reflect.String:
			text := fmt.Sprintf("#%05d#%s", len(all), s)
			if v.CanSet() {
				v.SetString(text)
				all = append(all, text)
			}
		}
	}
	walk(reflect.ValueOf(r).Elem())
	return all
}

// streams gives the planned text of each table column and of everything
// outside tables, repeated headers left out.
func streams(strips []*strip) []string {
	type column struct {
		g *grid
		i int
	}
	texts := map[column]*strings.Builder{}
	for _, s := range strips {
		for _, r := range s.runs {
			c := column{g: s.grid}
			for s.grid != nil && r.x >= s.grid.edges[c.i+1] {
				c.i++
			}
			if texts[c] == nil {
				texts[c] = new(strings.Builder)
			}
			texts[c].WriteString(r.text)
		}
	}
	var out []string
	for _, b := range texts {
		out = append(out, squeeze(b.String()))
	}
	return out
}

// smallReport is the sample with attachments and short tables.
func smallReport(t testing.TB) view.Report {
	r := attachedReport(t)
	r.Items[1].Answers = answerTable()
	r.Items[0].Facts[0].Rows = r.Items[0].Facts[0].Rows[:2]
	r.Evidence.Rows, r.Files.Rows = r.Evidence.Rows[:2], r.Files.Rows[:2]
	return r
}

func TestAwkwardReport(t *testing.T) {
	fs := mustFaces(t)
	for name, s := range awkward {
		t.Run(name, func(t *testing.T) {
			r := smallReport(t)
			all := fillIn(&r, s)
			f := fs.newFrame(r)
			d := &flow{fs: fs, body: f.body}
			d.parts(r, f.cut)
			texts := streams(append([]*strip{f.header, f.footer(1, 1)}, d.strips...))
			for _, want := range all {
				want = squeeze(fs.clean(want))
				found := false
				for _, text := range texts {
					found = found || strings.Contains(text, want)
				}
				if !found {
					t.Fatalf("%.100q is not in the document", want)
				}
			}
			checkPages(t, r)
		})
	}
}

func TestJSON64K(t *testing.T) {
	r := sampleReport()
	rows := r.Items[0].Facts[0].Rows
	rows[5].Cells[2].Lines = []string{json64k}
	r.Overview[0].Paragraphs = append(r.Overview[0].Paragraphs, json64k)
	pages := checkPages(t, r)
	whole := strings.Join(pages, "")
	for _, row := range []int{1, 5, 7, 40} { // rows before and behind it are still there
		if name := squeeze(rows[row-1].Cells[1].Lines[0]); !strings.Contains(whole, name) {
			t.Errorf("row %d (%s) is missing", row, name)
		}
	}
	if n := strings.Count(whole, `"Effect"`); n < 500 {
		t.Errorf("only %d statements of the document are drawn", n)
	}
}

func TestLongTable(t *testing.T) {
	const n = 3000
	r := sampleReport()
	r.Items[0].Facts[0] = userTable(n)
	pages := checkPages(t, r)
	head, next, tablePages := squeeze("번호사용자 이름콘솔 암호MFA마지막 로그인(KST)판정"), 1, 0
	for i, page := range pages {
		first := next
		for rest := page; next <= n; next++ {
			_, after, found := strings.Cut(rest, squeeze(fmt.Sprintf("%d%s", next, r.Items[0].Facts[0].Rows[next-1].Cells[1].Lines[0])))
			if !found {
				break
			}
			rest = after
		}
		if next > first {
			tablePages++
			if strings.Count(page, head) != 1 {
				t.Errorf("page %d: table header %d times", i+1, strings.Count(page, head))
			}
		}
	}
	if next != n+1 {
		t.Errorf("rows end at %d of %d", next-1, n)
	}
	if tablePages < 100 {
		t.Errorf("table on %d pages only", tablePages)
	}
}

func TestHiddenRows(t *testing.T) {
	for _, c := range []struct {
		rows, shown int
		note        string
		want        int
	}{{5, 2, "5건 중 2건", 2}, {5, 0, "전체는 Excel", 0}, {5, 5, "", 5}, {5, 9, "x", 5}, {5, 2, "", 5}, {0, 0, "", 0}} {
		got := shown(view.Table{Rows: make([]view.Row, c.rows), PDFRows: c.shown, PDFNote: c.note})
		if len(got) != c.want {
			t.Errorf("%+v: %d rows", c, len(got))
		}
	}
}

func TestFrameKeepsLongTexts(t *testing.T) {
	r := sampleReport()
	r.Marking = strings.Repeat("제출 불가 ", 60) + "끝"
	r.AccountLabel = strings.Repeat("계정", 200)
	frame, _ := plan(t, r)
	if len(frame.cut) != 2 {
		t.Fatalf("cut texts: %v", frame.cut)
	}
	if got := stripText(frame.header); !strings.Contains(got, squeeze(more)) || !strings.Contains(got, "제출불가제출불가") {
		t.Errorf("header %q", got)
	}
	checkPages(t, r)
}

func TestSameBytes(t *testing.T) {
	want := renderBytes(t, sampleReport())
	other := sampleReport()
	other.Timestamp = other.Timestamp.Add(72 * time.Hour)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			if i%3 == 2 {
				if bytes.Equal(renderBytes(t, other), want) {
					t.Error("another time, the same document")
				}
			} else if !bytes.Equal(renderBytes(t, sampleReport()), want) {
				t.Error("the same view gave other bytes")
			}
		})
	}
	wg.Wait()

	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "other.pdf")
	cmd := exec.Command(exe, "-test.run=^TestSample$")
	cmd.Env = append(os.Environ(), "PDF_SAMPLE="+path, "TZ=America/New_York")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("another process gave other bytes")
	}
}

func TestMetadata(t *testing.T) {
	cmd := exec.Command(tool(t, "pdfinfo"), "-isodates", "-")
	cmd.Stdin = bytes.NewReader(renderBytes(t, sampleReport()))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"AWS 계정 보안 점검 결과 및 증적 보고서", "자동 작성: auditbinder 0.1.0", "AWS 계정 보안 점검 결과 및 증적: 123456789012 (finance-prod)",
		"2026-10-04T01:15:00", "A4",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Count(string(out), "2026-10-04T01:15:00") != 2 {
		t.Errorf("creation and modification date differ:\n%s", out)
	}
}

// TestMinimal renders a report that is nearly empty: every part must cope.
func TestMinimal(t *testing.T) {
	r := view.Report{Timestamp: time.Unix(0, 0), Items: []view.Item{{}}}
	if pages := checkPages(t, r); len(pages) != 10 {
		t.Errorf("%d pages", len(pages))
	}
}

func TestRefused(t *testing.T) {
	for name, change := range map[string]func(*view.Report){
		"no timestamp":       func(r *view.Report) { r.Timestamp = time.Time{} },
		"missing cell":       func(r *view.Report) { r.Evidence.Rows[1].Cells = r.Evidence.Rows[1].Cells[1:] },
		"column of no width": func(r *view.Report) { r.Items[0].Facts[0].Columns[0].Weight = 0 },
		"counts":             func(r *view.Report) { r.Summary.Counts = r.Summary.Counts[1:] },
		"verdict counts":     func(r *view.Report) { r.Summary.Counts[0] = []int{1} },
	} {
		t.Run(name, func(t *testing.T) {
			r := sampleReport()
			change(&r)
			var b bytes.Buffer
			if err := Render(&b, r); err == nil || b.Len() > 0 {
				t.Errorf("error %v, %d bytes", err, b.Len())
			}
		})
	}
}

func TestPanicBecomesError(t *testing.T) {
	err := func() (err error) {
		defer recovered(&err)
		panic("index out of range")
	}()
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("error %v", err)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -999: "-999", -1000: "-1,000"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %s", n, got)
		}
	}
}

// TestColumnWidths asserts that columns fill the page by weight, and that a
// light column still holds the longest word of its title.
func TestColumnWidths(t *testing.T) {
	fs := mustFaces(t)
	if w := fs.columnWidths([]float64{1, 3}, []string{"a", "b"}); !near(w[0], printWidth/4) || !near(w[1], printWidth*3/4) {
		t.Errorf("by weight: %v", w)
	}
	w := fs.columnWidths([]float64{1, 1000}, []string{"최종판정", "b"})
	if least := float64(fs[bold].measure("최종판정"))*cellHead.em/1000 + 2*padX; w[0] < least || !near(w[0]+w[1], printWidth) {
		t.Errorf("light column: %v, least %v", w, least)
	}
	sum := 0.0
	for _, x := range fs.columnWidths(slices.Repeat([]float64{1}, 60), make([]string, 60)) {
		sum += x
	}
	if !near(sum, printWidth) {
		t.Errorf("60 columns are %v wide", sum)
	}
}

var errDisk = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDisk }

func TestWriteError(t *testing.T) {
	if err := Render(fullDisk{}, sampleReport()); !errors.Is(err, errDisk) {
		t.Errorf("error %v", err)
	}
}
