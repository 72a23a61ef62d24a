package excel

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"auditbinder/report/view"
)

var update = flag.Bool("update", false, "rewrite testdata")

func render(t testing.TB, r view.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, book []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// parts are the files of the zip by name.
func parts(t testing.TB, book []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != contentTypes {
		t.Errorf("the zip begins with %s", z.File[0].Name)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

// sheetPart is the XML of the n-th sheet: parts are numbered in order.
func sheetPart(t testing.TB, book []byte, name string) string {
	t.Helper()
	i := slices.Index(open(t, book).GetSheetList(), name)
	if i < 0 {
		t.Fatalf("no sheet %s", name)
	}
	return parts(t, book)[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)]
}

func value(t testing.TB, f *excelize.File, sheet, ref string) string {
	t.Helper()
	v, err := f.GetCellValue(sheet, ref, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// find returns the first cell with the text, which it must hold.
func find(t testing.TB, f *excelize.File, sheet, want string) (column, row int) {
	t.Helper()
	refs, err := f.SearchSheet(sheet, "^"+regexp.QuoteMeta(want)+"$", true)
	if err != nil || len(refs) == 0 {
		t.Fatalf("%s does not hold %q (%v)", sheet, want, err)
	}
	column, row, err = excelize.CellNameToCoordinates(refs[0])
	if err != nil {
		t.Fatal(err)
	}
	return column, row
}

func TestGolden(t *testing.T) {
	f := open(t, render(t, sample()))
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		fmt.Fprintf(&b, "== %s\n", sheet)
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c, v := range row {
				ref := cellName(c+1, r+1)
				formula, err := f.GetCellFormula(sheet, ref)
				if err != nil {
					t.Fatal(err)
				}
				if v == "" && formula == "" {
					continue
				}
				fmt.Fprintf(&b, "%s %q", ref, v)
				if formula != "" {
					fmt.Fprintf(&b, " =%s", formula)
				}
				if ok, target, _ := f.GetCellHyperLink(sheet, ref); ok {
					fmt.Fprintf(&b, " -> %s", target)
				}
				b.WriteByte('\n')
			}
		}
	}
	golden := filepath.Join("testdata", "sample.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("line %d differs from %s (-update rewrites it)\n got %q\nwant %q", i+1, golden,
				got[min(i, len(got)-1)], wanted[min(i, len(wanted)-1)])
		}
	}
}

func TestSheetOrder(t *testing.T) {
	got := open(t, render(t, sample())).GetSheetList()
	want := []string{"표지", "요약", "점검결과", "IAM-01", "KEY-01", "ROOT-01", "CON-02", "조치계획", "이행점검", "인터뷰",
		"증적목록", "증적파일", "기준매핑", "수집로그", "자격증명보고서", "정보"}
	if !slices.Equal(got, want) {
		t.Errorf("sheets %v, want %v", got, want)
	}
}

func TestResultColumns(t *testing.T) {
	want := strings.Split("번호,항목코드,영역,항목명,중요도,관련 법령,시행일,상태,판단기준(양호),판단기준(취약),기준값,기준값 출처,계정ID,자동판정,판정근거,대상 수,취약 수,전회 판정,최종판정,판정자,판정일,증적번호,비고", ",")
	f := open(t, render(t, sample()))
	_, header := find(t, f, sheetResults, "번호")
	for i, title := range want {
		if got := value(t, f, sheetResults, cellName(i+1, header)); got != title {
			t.Errorf("column %d is %q, want %q", i+1, got, title)
		}
	}
	cell := func(title string, row int) string {
		return value(t, f, sheetResults, cellName(slices.Index(want, title)+1, header+row))
	}
	if got := cell("관련 법령", 1); !strings.Contains(got, "원문 대조 필요") || !strings.Contains(got, "신뢰도 추정") {
		t.Errorf("the law is printed more certainly than known: %q", got)
	}
	if got := cell("계정ID", 1); got != "000123456789" {
		t.Errorf("account id %q", got)
	}
	if got, source := cell("기준값", 2), cell("기준값 출처", 2); got != "변경 주기: 90일\n미사용: 45일" ||
		source != "변경 주기: 기본값(CIS AWS Foundations Benchmark v5.0)\n미사용: 사내 규정 보안-12 제7조" {
		t.Errorf("threshold %q from %q", got, source)
	}
	if ok, target, _ := f.GetCellHyperLink(sheetResults, cellName(2, header+1)); !ok || target != "'IAM-01'!A1" {
		t.Errorf("link %v %q", ok, target)
	}
}

// formulaCell matches a cell with a formula: its type, formula and value.
var formulaCell = regexp.MustCompile(`<c r="([A-Z]+\d+)"[^>]*><f>([^<]*)</f>(?:<v>([^<]*)</v>)?</c>`)

func TestFormulasHoldTheCounts(t *testing.T) {
	r := sample()
	book := render(t, r)
	f := open(t, book)
	for name, part := range parts(t, book) {
		if strings.Contains(part, "<f>") && name != "xl/worksheets/sheet2.xml" && name != "xl/charts/chart1.xml" {
			t.Errorf("%s holds a formula", name)
		}
	}
	part := sheetPart(t, book, sheetSummary)
	all := formulaCell.FindAllStringSubmatch(part, -1)
	if want := (3+1+3+1)*7 + 2; len(all) != want || strings.Count(part, "<f>") != want {
		t.Fatalf("%d formulas with a value, %d in all, want %d", len(all), strings.Count(part, "<f>"), want)
	}
	for _, m := range all {
		if m[3] == "" {
			t.Errorf("%s has no value beside %s", m[1], m[2])
		}
	}
	for _, a := range r.Summary.Areas {
		_, row := find(t, f, sheetSummary, a.Area)
		if got := value(t, f, sheetSummary, cellName(3, row)); got != strconv.Itoa(a.Total) {
			t.Errorf("%s: %s items, want %d", a.Area, got, a.Total)
		}
		for i, v := range r.Summary.Verdicts {
			if got := value(t, f, sheetSummary, cellName(4+i, row)); got != strconv.Itoa(a.ByID[v.ID]) {
				t.Errorf("%s %s: %s, want %d", a.Area, v.Word, got, a.ByID[v.ID])
			}
		}
	}
	_, row := find(t, f, sheetSummary, "합계")
	ratio, err := strconv.ParseFloat(value(t, f, sheetSummary, cellName(9, row)), 64)
	if err != nil || fmt.Sprintf("%.1f %%", ratio*100) != r.Summary.ComplianceText {
		t.Errorf("준수율 %v (%v), want %s", ratio, err, r.Summary.ComplianceText)
	}
	// The same formulas computed anew.
	for _, m := range all {
		got, err := f.CalcCellValue(sheetSummary, m[1], excelize.Options{RawCellValue: true})
		if err != nil || !sameNumber(got, m[3]) {
			t.Errorf("%s %s computes %q (%v), holds %q", m[1], m[2], got, err, m[3])
		}
	}
}

func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX != nil || errY != nil {
		return a == b
	}
	return x-y < 1e-9 && y-x < 1e-9
}

func TestFinalVerdictOverridesInFormulas(t *testing.T) {
	f := open(t, render(t, sample()))
	column, header := find(t, f, sheetResults, titleFinal)
	if err := f.SetCellStr(sheetResults, cellName(column, header+1), "양호"); err != nil {
		t.Fatal(err)
	}
	_, row := find(t, f, sheetSummary, "계정 관리")
	for c, want := range map[int]string{4: "2", 5: "0", 9: "1"} {
		got, err := f.CalcCellValue(sheetSummary, cellName(c, row), excelize.Options{RawCellValue: true})
		if err != nil || got != want {
			t.Errorf("%s computes %q (%v), want %s", cellName(c, row), got, err, want)
		}
	}
}

// The label reads 잠정 for as long as somebody has to settle something.
func TestProvisionalLabelFollowsTheAnswers(t *testing.T) {
	asking := []view.Question{{Item: "IAM-01", Title: "t", Resource: "r", Status: asked}}
	tests := []struct {
		name      string
		questions []view.Question
		finals    map[string]string // 최종판정 by item
		want      string
	}{
		{"an unknown item", nil, nil, view.ProvisionalLabel},
		{"all decided, no questions", nil, map[string]string{"ROOT-01": "양호"}, view.ComplianceLabel},
		{"a question of a vulnerable item", asking, map[string]string{"ROOT-01": "양호"}, view.ProvisionalLabel},
		{"that item overruled as a whole", asking, map[string]string{"ROOT-01": "양호", "IAM-01": "취약"}, view.ComplianceLabel},
		{"that question answered", []view.Question{{Item: "IAM-01", Resource: "r", Status: asked, Answer: view.Answer{Final: "취약"}}},
			map[string]string{"ROOT-01": "양호"}, view.ComplianceLabel},
		{"one of two answered", append([]view.Question{{Item: "IAM-01", Resource: "q", Status: asked, Answer: view.Answer{Final: "취약"}}}, asking...),
			map[string]string{"ROOT-01": "양호"}, view.ProvisionalLabel},
	}
	dir, books := t.TempDir(), []string{}
	for i, tt := range tests {
		r := sample()
		r.Questions = tt.questions
		for j := range r.Items {
			if word := tt.finals[r.Items[j].ID]; word != "" {
				r.Items[j].Final = view.Verdict{ID: "x", Word: word}
			}
		}
		book := render(t, r)
		f := open(t, book)
		_, row := find(t, f, sheetSummary, titleArea)
		// excelize looks at the first of several criteria only; LibreOffice at all.
		if got, err := f.CalcCellValue(sheetSummary, cellName(9, row)); len(tt.questions) < 2 && (err != nil || got != tt.want) {
			t.Errorf("%s: %q (%v), want %q", tt.name, got, err, tt.want)
		}
		books = append(books, filepath.Join(dir, fmt.Sprintf("%d.xlsx", i)))
		if err := os.WriteFile(books[i], withoutValues(t, book), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, f := range libreOffice(t, books...) {
		_, row := find(t, f, sheetSummary, titleArea)
		if got := value(t, f, sheetSummary, cellName(9, row)); got != tests[i].want {
			t.Errorf("%s: LibreOffice computes %q, want %q", tests[i].name, got, tests[i].want)
		}
	}
}

func TestLibreOfficeComputesTheSame(t *testing.T) {
	book := render(t, sample())
	want := map[string]string{}
	for _, m := range formulaCell.FindAllStringSubmatch(sheetPart(t, book, sheetSummary), -1) {
		want[m[1]] = m[3]
	}
	// Without values LibreOffice has to compute.
	bare := filepath.Join(t.TempDir(), "bare.xlsx")
	if err := os.WriteFile(bare, withoutValues(t, book), 0o600); err != nil {
		t.Fatal(err)
	}
	f := libreOffice(t, bare)[0]
	for ref, v := range want {
		if got := value(t, f, sheetSummary, ref); !sameNumber(got, v) {
			t.Errorf("%s: LibreOffice computes %q, the workbook holds %q", ref, got, v)
		}
	}
}

// converted is the folder with the workbooks as LibreOffice saves them.
func converted(t *testing.T, books ...string) string {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil && os.Getenv("AUDITBINDER_REQUIRE_TOOLS") == "1" {
		t.Fatal("AUDITBINDER_REQUIRE_TOOLS is set and soffice is not on the PATH")
	}
	if err != nil || testing.Short() {
		t.Skip("needs soffice and time")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	cmd := exec.Command(soffice, append([]string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx", "--outdir", out}, books...)...)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return out
}

// libreOffice opens and saves workbooks with LibreOffice, or skips the test.
func libreOffice(t *testing.T, books ...string) []*excelize.File {
	t.Helper()
	out := converted(t, books...)
	var files []*excelize.File
	for _, book := range books {
		f, err := excelize.OpenFile(filepath.Join(out, filepath.Base(book)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		files = append(files, f)
	}
	return files
}

func withoutValues(t *testing.T, book []byte) []byte {
	t.Helper()
	return rewritten(t, book, func(part string) string {
		return regexp.MustCompile(`</f><v>[^<]*</v>`).ReplaceAllString(part, "</f>")
	})
}

// rewritten is the workbook with every part changed.
func rewritten(t *testing.T, book []byte, change func(part string) string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, part := range parts(t, book) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, change(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// formulaPart matches whatever a program evaluates: cells, drop-downs,
// conditional formats, charts and defined names.
var formulaPart = regexp.MustCompile(`<(f|formula|formula1|formula2|definedName)(?: [^>]*)?>([^<]*)</`)

func TestNoFormulaHoldsEvidence(t *testing.T) {
	evidence := []string{"calc", "alice", "@x", "-1+1", "=1+1", "홍길동", "000123456789", "svc-", "arn:", "prod-payments"}
	n := 0
	for name, part := range parts(t, render(t, sample())) {
		for _, m := range formulaPart.FindAllStringSubmatch(part, -1) {
			n++
			for _, word := range evidence {
				if strings.Contains(m[2], word) {
					t.Errorf("%s: %s %s", name, m[1], m[2])
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d formulas seen", n)
	}
}

// dropDownPart matches the drop-downs of a sheet: area and words.
var dropDownPart = regexp.MustCompile(`<dataValidation [^>]*sqref="([^"]*)"[^>]*><formula1>([^<]*)</formula1>`)

func TestDropDowns(t *testing.T) {
	book := render(t, sample())
	f := open(t, book)
	finals := "&#34;양호,취약,해당 없음&#34;"
	for _, tt := range []struct{ sheet, title, words string }{
		{"점검결과", "최종판정", finals},
		{"조치계획", "조치상태", "&#34;미조치,진행,부분이행,완료,예외&#34;"},
		{"이행점검", "재점검 판정", "&#34;양호,취약,인터뷰 필요,해당 없음,점검 불가&#34;"},
		{"인터뷰", "판정", finals},
	} {
		rows, err := f.GetRows(tt.sheet)
		if err != nil {
			t.Fatal(err)
		}
		column, header := find(t, f, tt.sheet, tt.title)
		part := sheetPart(t, book, tt.sheet)
		found := dropDownPart.FindAllStringSubmatch(part, -1)
		want := area{column, header + 1, column, len(rows)}.reference()
		if len(found) != 1 || found[0][1] != want || strings.ReplaceAll(found[0][2], `"`, "&#34;") != tt.words {
			t.Errorf("%s: drop-downs %q, want %s at %s", tt.sheet, found, tt.words, want)
		}
		if n := strings.Count(part, "<cfRule "); n < 3 {
			t.Errorf("%s: %d colours", tt.sheet, n)
		}
	}
}

func TestPeopleCanWriteAsText(t *testing.T) {
	f := open(t, render(t, sample()))
	for sheet, titles := range map[string][]string{
		"점검결과": {"판정자", "판정일", "비고"}, "조치계획": {"담당자", "조치예정일", "승인자"}, "이행점검": {"조치완료일", "조치 내용", "재점검 일시"}, "인터뷰": {"면담일시", "답변", "판정일"},
	} {
		for _, title := range titles {
			column, header := find(t, f, sheet, title)
			id, err := f.GetCellStyle(sheet, cellName(column, header+1))
			if err != nil {
				t.Fatal(err)
			}
			if st, err := f.GetStyle(id); err != nil || st.NumFmt != 49 {
				t.Errorf("%s %s has number format %v (%v), want text", sheet, title, st.NumFmt, err)
			}
		}
	}
	column, header := find(t, f, "점검결과", "전회 판정")
	for row := header + 1; row <= header+4; row++ {
		if v := value(t, f, "점검결과", cellName(column, row)); v != "" {
			t.Errorf("전회 판정 holds %q", v)
		}
	}
}

func TestQuestionsComeWithTheirAnswers(t *testing.T) {
	f := open(t, render(t, sample()))
	want := [][]string{
		{"KEY-01", "=cmd|'/c calc'!A1/key-1", "인터뷰 필요", "54일이 지남", "사내 변경 주기 규정은 무엇인지 확인 필요.", "인프라팀 홍길동 과장", "2026-11-25 10:00", "=1+1", "rule.pdf", "양호", "김감사", "2026-11-26", "SEC-1", "규정 확인"},
		{"ROOT-01", wholeItem, "점검 불가", "조회 실패", "root 계정을 사용한 목적은 무엇인지 확인 필요.", "", "", "", "", "", "", "", "", ""},
	}
	_, header := find(t, f, sheetInterview, titleItem)
	for i, row := range want {
		for c, v := range row {
			if got := value(t, f, sheetInterview, cellName(c+1, header+1+i)); got != v {
				t.Errorf("row %d, column %d: %q, want %q", i+1, c+1, got, v)
			}
		}
	}
}

// The chart stands beside the counts, over their cells, with axes dark enough to print.
func TestChart(t *testing.T) {
	book := render(t, sample())
	f := open(t, book)
	p := parts(t, book)
	chart, drawing := p["xl/charts/chart1.xml"], p["xl/drawings/drawing1.xml"]
	_, heads := find(t, f, sheetSummary, titleArea)
	_, total := find(t, f, sheetSummary, "합계")
	for _, want := range []string{
		fmt.Sprintf("&#39;요약&#39;!$D$%d:$H$%d", heads, heads), fmt.Sprintf("&#39;요약&#39;!$D$%d:$H$%d", total, total), "판정별 항목 수",
	} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart lacks %s", want)
		}
	}
	for _, axis := range []string{"catAx", "valAx"} {
		_, rest, _ := strings.Cut(chart, "<"+axis+">")
		rest, _, _ = strings.Cut(rest, "</"+axis+">")
		if _, text, _ := strings.Cut(rest, "<txPr>"); !strings.Contains(text, ink) {
			t.Errorf("%s has pale text: %s", axis, rest)
		}
	}
	at := regexp.MustCompile(`<xdr:col>(\d+)</xdr:col>.*?<xdr:row>(\d+)</xdr:row>`).FindAllStringSubmatch(drawing, -1)
	if len(at) != 2 || at[0][1] != "10" || at[0][2] != strconv.Itoa(heads-1) || at[1][1] != "13" {
		t.Errorf("the chart stands at %q", at)
	}
	if len(at) == 2 {
		if bottom, _ := strconv.Atoi(at[1][2]); value(t, f, sheetSummary, cellName(1, bottom+1)) != "합계" {
			t.Errorf("the chart ends in row %d", bottom+1)
		}
	}
	empty := sample()
	empty.Items, empty.Summary.Areas = nil, nil
	if _, ok := parts(t, render(t, empty))["xl/charts/chart1.xml"]; ok {
		t.Error("a chart of nothing")
	}
}

func TestEvidenceIsNeverAFormula(t *testing.T) {
	book := render(t, sample())
	f := open(t, book)
	for _, name := range []string{"=cmd|'/c calc'!A1", "+alice", "@x", "-1+1"} {
		column, row := find(t, f, "IAM-01", name)
		ref := cellName(column, row)
		if kind, err := f.GetCellType("IAM-01", ref); err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("%s has type %v (%v)", name, kind, err)
		}
		id, err := f.GetCellStyle("IAM-01", ref)
		if err != nil {
			t.Fatal(err)
		}
		if st, err := f.GetStyle(id); err != nil || st.NumFmt != 49 {
			t.Errorf("%s has number format %v (%v), want text", name, st.NumFmt, err)
		}
	}
	if strings.Contains(parts(t, book)["xl/styles.xml"], "quotePrefix") {
		t.Error("a quote prefix falsifies evidence")
	}
}

func TestLeadingZerosStay(t *testing.T) {
	f := open(t, render(t, sample()))
	for _, sheet := range []string{sheetEvidence, sheetResults} {
		column, header := find(t, f, sheet, "계정ID")
		ref := cellName(column, header+1)
		if got := value(t, f, sheet, ref); got != "000123456789" {
			t.Errorf("%s: account id %q", sheet, got)
		}
		if kind, _ := f.GetCellType(sheet, ref); kind != excelize.CellTypeInlineString {
			t.Errorf("%s: account id has type %v", sheet, kind)
		}
	}
}

func TestSameBytes(t *testing.T) {
	want := render(t, sample())
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			var b bytes.Buffer
			if err := Render(&b, sample()); err != nil || !bytes.Equal(b.Bytes(), want) {
				t.Errorf("differs (%v)", err)
			}
		})
	}
	wg.Wait()
	core := parts(t, want)["docProps/core.xml"]
	if strings.Count(core, "2026-11-24T00:30:00Z") != 2 {
		t.Errorf("created and modified are not the view's time: %s", core)
	}
}

func TestMarkingOnEverySheet(t *testing.T) {
	r := sample()
	f := open(t, render(t, r))
	for _, sheet := range f.GetSheetList() {
		if sheet != sheetInfo { // nobody sees its cells
			if _, row := find(t, f, sheet, r.Marking); row > 5 || sheet != sheetCover && row > 2 {
				t.Errorf("%s: marking in row %d", sheet, row)
			}
		}
		h, err := f.GetHeaderFooter(sheet)
		if err != nil || h == nil {
			t.Fatalf("%s: header %v, %v", sheet, h, err)
		}
		if !strings.Contains(h.OddHeader, r.Marking) {
			t.Errorf("%s: header %q", sheet, h.OddHeader)
		}
		if want := "&L대외비 && 사내한 · 000123456789 (prod-payments)&C&A&R&P / &N"; h.OddFooter != want {
			t.Errorf("%s: footer %q, want %q", sheet, h.OddFooter, want)
		}
		layout, err := f.GetPageLayout(sheet)
		if err != nil || *layout.Orientation != "landscape" || *layout.Size != paperA4 || *layout.FitToHeight > 1 {
			t.Errorf("%s: page %+v (%v)", sheet, layout, err)
		}
	}
}

// TestInvariants checks what Excel repairs and no validator reports.
func TestInvariants(t *testing.T) {
	book := render(t, sample())
	f := open(t, book)
	for i, sheet := range f.GetSheetList() {
		part := parts(t, book)[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)]
		if !strings.Contains(part, "</worksheet>") {
			t.Errorf("%s is not finished", sheet)
		}
		last := 0
		for _, m := range regexp.MustCompile(`<col min="(\d+)" max="(\d+)"`).FindAllStringSubmatch(part, -1) {
			if n, _ := strconv.Atoi(m[1]); n <= last || m[1] != m[2] {
				t.Errorf("%s: column %s stands behind %d", sheet, m[1], last)
			} else {
				last = n
			}
		}
		if n := strings.Count(part, "<autoFilter"); n > 1 || strings.Contains(part, "<tablePart") {
			t.Errorf("%s: %d filters, or a table", sheet, n)
		}
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		dimension, err := f.GetSheetDimension(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`<autoFilter ref="A(\d+):`).FindStringSubmatch(part); m != nil {
			n, _ := strconv.Atoi(m[1])
			for c, title := range rows[n-1] {
				if title == "" || slices.Contains(rows[n-1][:c], title) {
					t.Errorf("%s: heading %q of column %d is empty or not unique", sheet, title, c+1)
				}
			}
		}
		if want := regexp.MustCompile(`<row r="(\d+)"`).FindAllStringSubmatch(part, -1); !strings.HasSuffix(dimension, want[len(want)-1][1]) {
			t.Errorf("%s: dimension %s of %d rows", sheet, dimension, len(rows))
		}
		merges, err := f.GetMergeCells(sheet)
		if err != nil {
			t.Fatal(err)
		}
		taken := map[string]bool{}
		for _, m := range merges {
			fromC, fromR, _ := excelize.CellNameToCoordinates(m.GetStartAxis())
			toC, toR, _ := excelize.CellNameToCoordinates(m.GetEndAxis())
			for r := fromR; r <= toR; r++ {
				for c := fromC; c <= toC; c++ {
					if ref := cellName(c, r); taken[ref] {
						t.Errorf("%s: %s is in two merges", sheet, ref)
					} else {
						taken[ref] = true
					}
				}
			}
		}
	}
	for _, sheet := range []string{"점검결과", "IAM-01", "조치계획", "이행점검", "인터뷰", "증적목록", "증적파일", "기준매핑", "수집로그", "자격증명보고서"} {
		part := sheetPart(t, book, sheet)
		if !strings.Contains(part, `state="frozen"`) || !strings.Contains(part, "<autoFilter") {
			t.Errorf("%s: no frozen header or no filter", sheet)
		}
		if !slices.ContainsFunc(f.GetDefinedName(), func(n excelize.DefinedName) bool {
			return n.Name == "_xlnm.Print_Titles" && n.Scope == sheet && strings.Contains(n.RefersTo, "'"+sheet+"'!$")
		}) {
			t.Errorf("%s: no print titles", sheet)
		}
	}
}

func TestHeadings(t *testing.T) {
	got := headings([]view.Column{{Title: "이름"}, {Title: " "}, {Title: "이름"}, {Title: "a\nb"}, {Title: "A B"}, {Title: "열 2"}})
	want := []string{"이름", "열 2", "이름 (2)", "a b", "A B (2)", "열 2 (2)"}
	if !slices.Equal(got, want) {
		t.Errorf("headings %q, want %q", got, want)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		change func(*view.Report)
	}{
		{"item twice", func(r *view.Report) { r.Items[1].ID = "iam-01" }},
		{"item named like a sheet", func(r *view.Report) { r.Items[1].ID = "요약" }},
		{"reserved name", func(r *view.Report) { r.Items[1].ID = "History" }},
		{"empty name", func(r *view.Report) { r.Items[1].ID = " " }},
		{"control in a name", func(r *view.Report) { r.Items[1].ID = "a\x01" }},
		{"forbidden character", func(r *view.Report) { r.Items[1].ID = "a/b" }},
		{"too long", func(r *view.Report) { r.Items[1].ID = strings.Repeat("가", 32) }},
		{"short row", func(r *view.Report) { r.Items[0].Facts[0].Rows[0].Cells = nil }},
		{"short summary row", func(r *view.Report) { r.Summary.Table.Rows[0].Cells = nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tmp := t.TempDir()
			t.Setenv("TMPDIR", tmp)
			r := sample()
			tt.change(&r)
			if err := Render(io.Discard, r); err == nil {
				t.Error("no error")
			}
			if left, _ := os.ReadDir(tmp); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestEmptyReport(t *testing.T) {
	open(t, render(t, view.Report{}))
}

// TestAwkwardTextEverywhere puts every awkward text into every position and
// reads it back from a table.
func TestAwkwardTextEverywhere(t *testing.T) {
	for name, s := range awkward() {
		t.Run(name, func(t *testing.T) {
			book := render(t, saying(s))
			for part, content := range parts(t, book) {
				if err := wellFormed(content); err != nil {
					t.Errorf("%s: %v", part, err)
				}
				if strings.Contains(content, "\uFFFD") {
					t.Errorf("%s lost a character", part)
				}
				for _, m := range regexp.MustCompile(`<f>([^<]*)</f>`).FindAllStringSubmatch(content, -1) {
					if strings.Contains(m[1], s) {
						t.Errorf("%s: formula %s", part, m[1])
					}
				}
			}
			f := open(t, book)
			if got, want := value(t, f, sheetEvidence, "B4"), cellText(s); got != want {
				t.Errorf("read back %.80q (%d), want %.80q (%d)", got, len(got), want, len(want))
			}
			if kind, _ := f.GetCellType(sheetEvidence, "B4"); kind != excelize.CellTypeInlineString {
				t.Errorf("type %v", kind)
			}
		})
	}
}

func wellFormed(content string) error {
	d := xml.NewDecoder(strings.NewReader(content))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// saying is a report whose every text is s.
func saying(s string) view.Report {
	table := view.Table{
		Title: s, Columns: []view.Column{{Title: s, Weight: 1}, {Title: s, Weight: 1, Mono: true}, {Title: s, Weight: 1, Center: true}},
		Rows: []view.Row{row(s, s, s)}, Empty: s,
	}
	empty := table
	empty.Rows = nil
	field := view.Field{Label: s, Lines: []string{s, s}}
	law := view.Law{Name: s, Notice: s, EffectiveFrom: s, Provision: s, Status: s, Application: s, Confidence: s, Warning: s,
		Notes: []string{s}, Cited: []view.Cited{{Text: s, Note: s}}}
	verdict := view.Verdict{ID: "good", Word: "양호"}
	return view.Report{
		Title: s, Marking: s, Draft: s, Classification: s, DocumentNumber: s, AccountLabel: s,
		Timestamp: time.Unix(1790000000, 0), Cover: []view.Field{field}, CoverNotices: []string{s}, Approvals: []string{s},
		BundleDigest: s, ConfigDigest: s, Program: s,
		Summary: view.Summary{
			Verdicts: []view.Verdict{verdict}, Severities: []string{s}, Counts: [][]int{{1}},
			Areas:           []view.AreaCount{{Area: s, Total: 1, ByID: map[string]int{"good": 1}}},
			ComplianceLabel: s, Text: []string{s}, Table: table, Planned: []view.Field{field},
		},
		Items: []view.Item{{
			ID: "X-01", Title: s, Area: s, Severity: s, Auto: verdict, Final: verdict, CheckedAt: s, Laws: []view.Law{law, law},
			Thresholds: []view.Field{field}, Facts: []view.Table{table, empty}, Notes: []string{s}, PopulationUnit: s, Reason: s,
			Failures: []string{s}, Exceptions: []string{s}, GoodCriteria: s, VulnerableCriteria: s, EvidenceIDs: []string{s}, Judge: s, Judged: s,
		}},
		Evidence: table, Files: table, Failures: table, FollowUp: table, Mapping: table, Collection: table, CredentialReport: table,
		Actions: view.Table{Title: s, Columns: fill(slices.Clone(table.Columns), 1), Rows: table.Rows},
		Questions: []view.Question{{Item: "X-01", Title: s, Resource: s, Status: verdict, Reason: s, Text: s,
			Answer: view.Answer{Respondent: s, Held: s, Text: s, Files: s, Final: s, Judge: s, Judged: s, Document: s, Rationale: s}}},
	}
}

// large is a report with one table of n rows.
func large(n int) view.Report {
	r := sample()
	t := &r.Items[0].Facts[0]
	t.Rows = nil
	for i := range n {
		name := fmt.Sprintf("user-%06d", i)
		t.Rows = append(t.Rows, row(name, "arn:aws:iam::000123456789:user/"+name, "운영자 · 결제플랫폼개발부",
			"AdministratorAccess\nIAMUserChangePassword", "-", "developers", "PowerUserAccess", "-", good))
	}
	return r
}

func TestLargeTableHasAllRows(t *testing.T) {
	const n = 10_000
	f := open(t, render(t, large(n)))
	rows, err := f.Rows("IAM-01")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	next := 0
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		if len(cells) > 0 && cells[0] == fmt.Sprintf("user-%06d", next) {
			next++
		}
	}
	if next != n {
		t.Errorf("%d rows in order, want %d", next, n)
	}
	dimension, err := f.GetSheetDimension("IAM-01")
	if err != nil || !strings.HasPrefix(dimension, "A1:I10") {
		t.Errorf("dimension %s (%v)", dimension, err)
	}
}

// TestSpillIsPrivateAndRemoved renders a sheet too large for excelize's memory.
func TestSpillIsPrivateAndRemoved(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	b, err := newBook(sample())
	if err != nil {
		t.Fatal(err)
	}
	r := large(40_000)
	s := itemSheet(r, r.Items[0])
	if err := b.addSheet(s.name); err != nil {
		t.Fatal(err)
	}
	if err := b.write(s); err != nil {
		t.Fatal(err)
	}
	spilled, err := filepath.Glob(filepath.Join(tmp, "*", "excelize-*"))
	if err != nil || len(spilled) == 0 {
		t.Errorf("nothing spilled (%v): the test is too small", err)
	}
	if info, err := os.Stat(b.tmp); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of the spill: %v (%v)", info.Mode(), err)
	}
	if err := b.close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func BenchmarkRender10k(b *testing.B) {
	r := large(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := Render(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
