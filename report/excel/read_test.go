package excel

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"auditbinder/report/interview"
)

func read(t testing.TB, book []byte) (interview.File, []interview.Problem) {
	t.Helper()
	f, problems, err := ReadAnswers(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	return f, problems
}

// refused reads a workbook that must not be taken.
func refused(t testing.TB, book []byte, telling string) {
	t.Helper()
	f, problems, err := ReadAnswers(bytes.NewReader(book), int64(len(book)))
	if err == nil || !strings.Contains(err.Error(), telling) {
		t.Errorf("error %v, want one that says %q", err, telling)
	}
	if len(f.Answers) > 0 || len(problems) > 0 {
		t.Errorf("answers come with the error: %+v %v", f, problems)
	}
}

// filled fills the rows of the form, counted from 1, by column title, and saves it
// as another program would.
func filledForm(t testing.TB, rows map[int]map[string]any) []byte {
	t.Helper()
	f := open(t, renderAsking(t))
	top := formHeader(t, f)
	for row, values := range rows {
		for title, v := range values {
			column := slices.Index(formTitles, title)
			if column < 0 {
				t.Fatalf("no column %s", title)
			}
			ref := cellName(column+1, top+row)
			set := f.SetCellValue
			if s, ok := v.(string); ok && strings.HasPrefix(s, "formula:") {
				v = strings.TrimPrefix(s, "formula:")
				set = func(sheet, cell string, v any) error { return f.SetCellFormula(sheet, cell, v.(string)) }
			}
			if err := set(sheetInterview, ref, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	return saved(t, f)
}

func renderAsking(t testing.TB) []byte {
	t.Helper()
	form, questions := asking()
	return renderForm(t, form, questions)
}

func saved(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// placeless drops where an answer stands.
func placeless(answers []interview.Answer) []interview.Answer {
	out := slices.Clone(answers)
	for i := range out {
		out[i].Where = interview.Place{}
	}
	return out
}

func judged(a interview.Answer, day string) interview.Answer {
	if err := a.Judged.UnmarshalText([]byte(day)); err != nil {
		panic(err)
	}
	return a
}

func TestUntouchedFormHasNoAnswers(t *testing.T) {
	f, problems := read(t, renderAsking(t))
	if len(f.Answers) != 0 || len(problems) != 0 {
		t.Errorf("answers %+v, problems %v", f.Answers, problems)
	}
	if f.BundleDigest != digest || !strings.HasPrefix(f.Where.At(interview.FieldBundle), "정보!B") {
		t.Errorf("digest %q at %s", f.BundleDigest, f.Where.At(interview.FieldBundle))
	}
	if f, _ := read(t, renderForm(t, interview.Form{BundleDigest: "d"}, nil)); len(f.Answers) != 0 || f.BundleDigest != "d" {
		t.Errorf("a form without questions reads as %+v", f)
	}
}

// awkwardRows are answers that programs like to change.
var awkwardRows = map[int]map[string]any{
	1: {
		"답변자(소속·직위)": "인프라팀 홍길동 과장", "면담일시": "2026-11-25 10:00", "답변": "결제 수단 변경\n승인 완료", "최종판정": "양호",
		"판정 사유": "승인 문서 확인", "판정자": "김감사", "판정일": "2026-11-26", "문서번호": "0001", "첨부 파일": "root-approval.png, 승인서.pdf",
	},
	2: {"답변": "=1+1", "최종판정": "취약", "판정자": "+82", "판정일": "2026.11.27", "문서번호": "00012345678901234567"},
	// Programs store a text like an escape with its first sign escaped.
	3: {"답변": "@SUM(A1) _x005F_x0041_ <태그> & \"따옴표\"", "최종판정": "보류"},
	4: {"답변": "항목 전체에 대한 답변", "최종판정": "해당 없음", "판정자": "김감사", "판정일": time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC),
		"면담일시": time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC), "문서번호": "SEC-2026-51"},
	6: {"항목코드": "IAM-01", "대상": "0123", "답변": "질문에 없는 대상"},
}

func awkwardAnswers() []interview.Answer {
	return []interview.Answer{
		judged(interview.Answer{
			Item: "ROOT-01", Resource: "root/2026-11-03", Respondent: "인프라팀 홍길동 과장", Held: "2026-11-25 10:00",
			Text: "결제 수단 변경\n승인 완료", Verdict: "good", Reason: "승인 문서 확인", Judge: "김감사", Document: "0001",
			Files: []string{"root-approval.png", "승인서.pdf"},
		}, "2026-11-26"),
		judged(interview.Answer{
			Item: "KEY-01", Resource: "=cmd|'/c calc'!A1", Text: "=1+1", Verdict: "vulnerable", Judge: "+82", Document: "00012345678901234567",
		}, "2026-11-27"),
		{Item: "KEY-01", Resource: "_x0041_x0042_/key-1", Text: "@SUM(A1) _x0041_ <태그> & \"따옴표\"", Verdict: "보류"},
		judged(interview.Answer{
			Item: "CON-01", Held: "2026-11-26 14:00", Text: "항목 전체에 대한 답변", Verdict: "na", Judge: "김감사", Document: "SEC-2026-51",
		}, "2026-11-26"),
		{Item: "IAM-01", Resource: "0123", Text: "질문에 없는 대상"},
	}
}

func checkAwkward(t *testing.T, book []byte) {
	t.Helper()
	f, problems := read(t, book)
	want := awkwardAnswers()
	if len(problems) != 0 || len(f.Answers) != len(want) {
		t.Fatalf("%d answers, want %d; problems %v", len(f.Answers), len(want), problems)
	}
	for i, got := range placeless(f.Answers) {
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("answer %d\n got %+v\nwant %+v", i+1, got, want[i])
		}
	}
	if f.BundleDigest != digest {
		t.Errorf("digest %q", f.BundleDigest)
	}
}

func TestAnswersComeBack(t *testing.T) {
	book := filledForm(t, awkwardRows)
	checkAwkward(t, book)
	f, _ := read(t, book)
	where := f.Answers[0].Where
	top := formHeader(t, open(t, book))
	for field, title := range map[string]string{
		interview.FieldItem: "항목코드", interview.FieldResource: "대상", interview.FieldText: "답변", interview.FieldVerdict: "최종판정",
		interview.FieldJudged: "판정일", interview.FieldFiles: "첨부 파일",
	} {
		if got, want := where.At(field), "인터뷰!"+cellName(slices.Index(formTitles, title)+1, top+1); got != want {
			t.Errorf("%s stands at %s, want %s", field, got, want)
		}
	}
}

// throughLibreOffice is the workbook as LibreOffice saves it.
func throughLibreOffice(t *testing.T, book []byte) []byte {
	t.Helper()
	in := filepath.Join(t.TempDir(), "book.xlsx")
	if err := os.WriteFile(in, book, 0o600); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(filepath.Join(converted(t, in), "book.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func TestAnswersComeBackFromLibreOffice(t *testing.T) {
	checkAwkward(t, throughLibreOffice(t, filledForm(t, awkwardRows)))
}

func TestOneValue(t *testing.T) {
	day := func(s string) string { return judged(interview.Answer{}, s).Judged.String() }
	tests := []struct {
		name, title string
		value       any
		got         func(interview.Answer) string
		want        string
	}{
		{"blanks around", "답변", "  답 \r\n", answerText, "답"},
		{"line ends of Windows", "답변", "가\r\n나", answerText, "가\n나"},
		{"formula without a value is not computed", "답변", "formula:1+1", answerText, ""},
		{"a number", "문서번호", 20261, func(a interview.Answer) string { return a.Document }, "20261"},
		{"verdict without its blank", "최종판정", "해당없음", answerVerdict, "na"},
		{"verdict with blanks around", "최종판정", " 취약 ", answerVerdict, "vulnerable"},
		{"no answer of a person", "최종판정", "점검 불가", answerVerdict, "점검 불가"},
		{"ISO", "판정일", "2026-11-26", answerJudged, day("2026-11-26")},
		{"dots", "판정일", "2026.11.26", answerJudged, day("2026-11-26")},
		{"dots and blanks of Korean programs", "판정일", "2026. 11. 26.", answerJudged, day("2026-11-26")},
		{"slashes", "판정일", "2026/11/6", answerJudged, day("2026-11-06")},
		{"Korean words", "판정일", "2026년 11월 26일", answerJudged, day("2026-11-26")},
		{"a day with a time", "판정일", "2026-11-26 14:00", answerJudged, day("2026-11-26")},
		{"a date cell", "판정일", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), answerJudged, day("2028-02-29")},
		{"a date cell that lost its format", "판정일", 46352, answerJudged, day("2026-11-26")},
		{"time of the day", "면담일시", "2026-11-26 9:05", answerHeld, "2026-11-26 09:05"},
		{"time with seconds", "면담일시", "2026-11-26T14:00:30", answerHeld, "2026-11-26 14:00"},
		{"time said to be KST", "면담일시", "2026-11-26 14:00 KST", answerHeld, "2026-11-26 14:00"},
		{"day of the interview", "면담일시", "2026-11-26", answerHeld, "2026-11-26"},
		{"an instant cell", "면담일시", time.Date(2026, 11, 26, 23, 59, 0, 0, time.UTC), answerHeld, "2026-11-26 23:59"},
		{"an hour that a float cannot hold", "면담일시", time.Date(2026, 11, 26, 10, 20, 0, 0, time.UTC), answerHeld, "2026-11-26 10:20"},
		{"files by comma, semicolon and line", "첨부 파일", "a.png, b.pdf;c.jpg\n d.png ,,", answerFiles, "a.png|b.pdf|c.jpg|d.png"},
		{"file name with a blank", "첨부 파일", "승인 문서.pdf", answerFiles, "승인 문서.pdf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, problems := read(t, filledForm(t, map[int]map[string]any{1: {tt.title: tt.value, "판정자": "김감사"}}))
			if len(f.Answers) != 1 || len(problems) != 0 {
				t.Fatalf("answers %+v, problems %v", f.Answers, problems)
			}
			if got := tt.got(f.Answers[0]); got != tt.want {
				t.Errorf("%q reads as %q, want %q", tt.value, got, tt.want)
			}
		})
	}
}

func answerText(a interview.Answer) string    { return a.Text }
func answerVerdict(a interview.Answer) string { return a.Verdict }
func answerHeld(a interview.Answer) string    { return a.Held }
func answerJudged(a interview.Answer) string  { return a.Judged.String() }
func answerFiles(a interview.Answer) string   { return strings.Join(a.Files, "|") }

func TestValuesThatCannotBeMeant(t *testing.T) {
	for _, tt := range []struct {
		name, title string
		value       any
		telling     string
	}{
		{"31 February", "판정일", "2026-02-31", `판정일 오류: "2026-02-31"`},
		{"31 February of an interview", "면담일시", "2026-02-31 10:00", `면담일시 오류: "2026-02-31 10:00"`},
		{"month 13", "판정일", "2026-13-01", "판정일 오류"},
		{"two-digit year", "판정일", "26-11-26", "판정일 오류"},
		{"no year", "판정일", "11월 26일", "판정일 오류"},
		{"a word", "판정일", "내일", `판정일 오류: "내일"`},
		{"a number that is no day", "판정일", 12, `판정일 오류: "12"`},
		{"digits without separators", "판정일", "20261126", "판정일 오류"},
		{"hour 24", "면담일시", "2026-11-26 24:00", "면담일시 오류"},
		{"too many files", "첨부 파일", strings.Repeat("a.png,", 2000), "첨부 파일의 목록이 너무 긺"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			book := filledForm(t, map[int]map[string]any{2: {tt.title: tt.value}})
			f, problems := read(t, book)
			top := formHeader(t, open(t, book))
			at := "인터뷰!" + cellName(slices.Index(formTitles, tt.title)+1, top+2)
			if len(problems) != 1 || problems[0].At != at || !strings.Contains(problems[0].Text, tt.telling) {
				t.Fatalf("problems %v, want one at %s that says %s", problems, at, tt.telling)
			}
			// The row still counts: it must not vanish with its only value.
			if len(f.Answers) != 1 || len(f.Answers[0].Where.Unread) != 1 || f.Answers[0].Held != "" || !f.Answers[0].Judged.IsZero() {
				t.Errorf("answers %+v", f.Answers)
			}
		})
	}
}

func TestDatesOfMacs(t *testing.T) {
	f := open(t, renderAsking(t))
	top := formHeader(t, f)
	if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: new(true)}); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellValue(sheetInterview, cellName(slices.Index(formTitles, "판정일")+1, top+1), 46352-1462); err != nil {
		t.Fatal(err)
	}
	got, problems := read(t, saved(t, f))
	if len(problems) > 0 || len(got.Answers) != 1 || got.Answers[0].Judged.String() != "2026-11-26" {
		t.Errorf("answers %+v, problems %v", got.Answers, problems)
	}
}

// A formula's value is what the file holds for it, whatever it would compute to.
func TestFormulasAreNotComputed(t *testing.T) {
	book := filledForm(t, map[int]map[string]any{1: {"답변": "formula:HYPERLINK(\"http://example.com\")", "판정자": "김감사"}})
	name := "xl/worksheets/sheet1.xml"
	part := strings.Replace(unzipped(t, book, name), "</f>", "</f><v>보인 값</v>", 1)
	f, _ := read(t, replaced(t, book, name, part))
	if len(f.Answers) != 1 || f.Answers[0].Text != "보인 값" {
		t.Errorf("answers %+v", f.Answers)
	}
}

// reportBook is a report as people send it back: sheets and columns in any order.
func reportBook(t testing.TB, results, questions [][]string, info map[string]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for sheet, rows := range map[string][][]string{"점검결과": results, "인터뷰": questions} {
		if rows == nil {
			continue
		}
		if _, err := f.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := f.SetSheetRow(sheet, cellName(1, i+3), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if info != nil {
		if _, err := f.NewSheet("정보"); err != nil {
			t.Fatal(err)
		}
		row := 2
		for key, v := range info {
			if err := f.SetSheetRow("정보", cellName(1, row), &[]string{key, v}); err != nil {
				t.Fatal(err)
			}
			row++
		}
	}
	return saved(t, f)
}

var (
	resultHead   = []string{"비고", "판정일", "판정자", "최종판정", "자동판정", "항목코드"}
	questionHead = strings.Split("판정 사유,문서번호,판정일,판정자,판정,제출 증적,답변,면담일시,답변자(소속·직위),질문,대상,항목코드", ",")
	reportNotes  = map[string]string{
		"schema": "auditbinder/report/v1", "bundleDigest": digest, "account": "000123456789", "program": "auditbinder 0.1.0",
		"점검결과/IAM-01/비고": "", "점검결과/KEY-01/비고": "조회 실패: iam:X", "점검결과/KEY-02/비고": "",
		"점검결과/CON-02/최종판정": "양호", "점검결과/CON-02/판정자": "김감사", "점검결과/CON-02/판정일": "2026-11-26", "점검결과/CON-02/비고": "",
	}
)

func TestReportAnswers(t *testing.T) {
	book := reportBook(t, [][]string{
		resultHead,
		{"승인 문서 확인", "2026-11-26", "김감사", "양호", "취약", "IAM-01"},
		{"조회 실패: iam:X\n수기로 확인", "2026.11.27", "이감사", "해당 없음", "점검 불가", "KEY-01"},
		{"사람이 적은 비고뿐임", "", "", "", "양호", "KEY-02"},
		{"", "2026-11-26", "김감사", "양호", "취약", "CON-02"}, // as the program wrote it
		{"프로그램이 적었는지 알 수 없음", "", "", "양호", "취약", "EC2-01"},
		{"", "", "", "", "", ""},
	}, [][]string{
		questionHead,
		{"사유", "SEC-1", "2026-11-26", "김감사", "양호", "a.png", "답", "2026-11-25", "홍길동", "질문?", "root/2026-11-03", "ROOT-01"},
		{"", "", "", "", "", "", "", "", "", "질문?", "root/2026-11-04", "ROOT-01"},
		{"", "", "", "", "", "", "전체에 대한 답", "", "", "질문?", "(항목 전체)", "CON-01"},
	}, reportNotes)
	f, problems := read(t, book)
	want := []interview.Answer{
		judged(interview.Answer{Item: "IAM-01", Verdict: "good", Reason: "승인 문서 확인", Judge: "김감사"}, "2026-11-26"),
		judged(interview.Answer{Item: "KEY-01", Verdict: "na", Reason: "수기로 확인", Judge: "이감사"}, "2026-11-27"),
		// Nobody noted whose the remark is: it is no reason.
		{Item: "EC2-01", Verdict: "good"},
		judged(interview.Answer{
			Item: "ROOT-01", Resource: "root/2026-11-03", Respondent: "홍길동", Held: "2026-11-25", Text: "답", Verdict: "good",
			Reason: "사유", Judge: "김감사", Document: "SEC-1", Files: []string{"a.png"},
		}, "2026-11-26"),
		{Item: "CON-01", Text: "전체에 대한 답"},
	}
	if len(problems) != 0 || !reflect.DeepEqual(placeless(f.Answers), want) {
		t.Errorf("problems %v\n got %+v\nwant %+v", problems, placeless(f.Answers), want)
	}
	if at := f.Answers[0].Where.At(interview.FieldReason); at != "점검결과!A4" {
		t.Errorf("the reason stands at %s", at)
	}
}

// The report as the program writes it, filled in by a person.
func TestRenderedReportComesBack(t *testing.T) {
	r := sample()
	book := render(t, r)
	f, problems := read(t, book)
	untouched := f.Answers
	if len(problems) != 0 || slices.ContainsFunc(untouched, func(a interview.Answer) bool { return a.Where.Sheet == sheetResults }) {
		t.Fatalf("an untouched report has answers %+v, problems %v", untouched, problems)
	}
	w := open(t, book)
	_, row := find(t, w, sheetResults, r.Items[0].ID)
	for title, v := range map[string]string{"최종판정": "해당 없음", "판정자": "김감사", "판정일": "2026-11-26", "비고": "대상 폐기"} {
		column, _ := find(t, w, sheetResults, title)
		if err := w.SetCellValue(sheetResults, cellName(column, row), v); err != nil {
			t.Fatal(err)
		}
	}
	want := judged(interview.Answer{Item: r.Items[0].ID, Verdict: "na", Judge: "김감사", Reason: "대상 폐기"}, "2026-11-26")
	check := func(t *testing.T, book []byte) {
		f, problems := read(t, book)
		if len(problems) != 0 || !reflect.DeepEqual(placeless(f.Answers), append([]interview.Answer{want}, placeless(untouched)...)) {
			t.Errorf("answers %+v, problems %v", placeless(f.Answers), problems)
		}
		if f.BundleDigest != r.BundleDigest {
			t.Errorf("digest %q, want %q", f.BundleDigest, r.BundleDigest)
		}
	}
	check(t, saved(t, w))
	t.Run("from LibreOffice", func(t *testing.T) { check(t, throughLibreOffice(t, saved(t, w))) })
}

func TestOtherWorkbooks(t *testing.T) {
	edited := func(edit func(f *excelize.File) error) []byte {
		f := open(t, renderAsking(t))
		if err := edit(f); err != nil {
			t.Fatal(err)
		}
		return saved(t, f)
	}
	infoCell := func(f *excelize.File, key string) string {
		_, row := find(t, f, sheetInfo, key)
		return cellName(2, row)
	}
	header := func(f *excelize.File, title string) string {
		return cellName(slices.Index(formTitles, title)+1, formHeader(t, f))
	}
	head := [][]string{{"항목코드"}}
	for _, tt := range []struct {
		name    string
		book    []byte
		telling string
	}{
		{"another program's workbook", saved(t, excelize.NewFile()), "'정보' 시트가 없음"},
		{"renamed sheet", edited(func(f *excelize.File) error { return f.SetSheetName("인터뷰", "인터뷰 (2)") }), "'인터뷰' 시트가 없음"},
		{"a version to come", edited(func(f *excelize.File) error {
			return f.SetCellValue(sheetInfo, infoCell(f, "schema"), "auditbinder/interview/v2")
		}), `"auditbinder/interview/v2"`},
		{"no digest", edited(func(f *excelize.File) error {
			return f.SetCellValue(sheetInfo, infoCell(f, "bundleDigest"), "")
		}), "bundleDigest 값이 없음"},
		{"renamed columns", edited(func(f *excelize.File) error {
			if err := f.SetCellValue(sheetInterview, header(f, "판정일"), "일자"); err != nil {
				return err
			}
			return f.SetCellValue(sheetInterview, header(f, "판정자"), "")
		}), "'인터뷰' 시트에 '판정자', '판정일' 열이 없음"},
		{"a column twice", edited(func(f *excelize.File) error {
			return f.SetCellValue(sheetInterview, header(f, "항목명"), "판정일")
		}), "'판정일' 열이 둘 이상임"},
		{"header too far down", edited(func(f *excelize.File) error { return f.InsertRows(sheetInterview, 1, 30) }), "처음 30행에 '항목코드' 열 제목이 없음"},
		{"report without its sheets", reportBook(t, nil, nil, reportNotes), "'점검결과', '인터뷰' 시트가 없음"},
		{"report without columns", reportBook(t, head, [][]string{questionHead}, reportNotes), "'점검결과' 시트에 '최종판정', '판정자', '판정일', '비고' 열이 없음"},
	} {
		t.Run(tt.name, func(t *testing.T) { refused(t, tt.book, tt.telling) })
	}
}

func TestLargestFormComesBack(t *testing.T) {
	form, questions := asking()
	q := questions[0]
	q.Text, q.Reason = strings.Repeat("접속을 허용하는 근거는 무엇인지 확인 필요. ", 15), strings.Repeat("변경 후 100일이 지남. ", 8)
	questions = slices.Repeat([]interview.Question{q}, maxQuestions)
	f := open(t, renderForm(t, form, questions))
	top := formHeader(t, f)
	if err := f.SetCellValue(sheetInterview, cellName(slices.Index(formTitles, "답변")+1, top+maxQuestions), "마지막 답"); err != nil {
		t.Fatal(err)
	}
	got, problems := read(t, saved(t, f))
	if len(problems) != 0 || len(got.Answers) != 1 || got.Answers[0].Text != "마지막 답" {
		t.Errorf("answers %+v, problems %v", got.Answers, problems)
	}
	err := RenderForm(io.Discard, form, append(questions, q))
	if err == nil || !strings.Contains(err.Error(), "너무 많아") {
		t.Errorf("one question more: %v", err)
	}
}

// What people do to a sheet that must not matter.
func TestHarmlessChanges(t *testing.T) {
	f := open(t, renderAsking(t))
	top := formHeader(t, f)
	for _, err := range []error{
		f.InsertRows(sheetInterview, 1, 3),
		f.SetCellValue(sheetInterview, cellName(slices.Index(formTitles, "판정일")+1, top+3), " 판정일\n"),
		f.InsertCols(sheetInterview, "A", 2),
		f.SetCellHyperLink(sheetInterview, "A1", "https://example.com/", "External"),
		f.SetRowVisible(sheetInterview, top+4, false),
		f.SetCellValue(sheetInterview, cellName(2+slices.Index(formTitles, "답변")+1, top+4), "답"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, problems := read(t, saved(t, f))
	if len(problems) != 0 || len(got.Answers) != 1 || got.Answers[0].Text != "답" || got.Answers[0].Item != "ROOT-01" {
		t.Errorf("answers %+v, problems %v", got.Answers, problems)
	}
}

// smallBook is a workbook of the least parts, with the given text in them.
func smallBook(t testing.TB, workbook, answers, info, shared string) []byte {
	t.Helper()
	const rels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	const kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	return packed(t, emptyZip(t), map[string]string{
		contentTypes:      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>`,
		"_rels/.rels":     rels + `<Relationship Id="r1" Type="` + kinds + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": workbook,
		"xl/_rels/workbook.xml.rels": rels + `<Relationship Id="r1" Type="` + kinds + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="` + kinds + `worksheet" Target="worksheets/sheet2.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": answers,
		"xl/worksheets/sheet2.xml": info,
		"xl/sharedStrings.xml":     shared,
	}, nil)
}

const (
	mainSpace     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	smallWorkbook = `<workbook ` + mainSpace + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets><sheet name="인터뷰" sheetId="1" r:id="r1"/><sheet name="정보" sheetId="2" r:id="r2"/></sheets></workbook>`
	smallShared = `<sst ` + mainSpace + `><si><t>답_x000D_
변 _x005F_x0041_</t></si><si><r><t>김</t></r><r><t>감사</t></r></si></sst>`
)

// smallAnswers is a sheet with the form's header and one row.
func smallAnswers(row string) string {
	var b strings.Builder
	for i, title := range formTitles {
		fmt.Fprintf(&b, `<c r="%s" t="str"><v>%s</v></c>`, cellName(i+1, 2), title)
	}
	return `<worksheet ` + mainSpace + `><sheetData><row r="2">` + b.String() + `</row>` + row + `</sheetData></worksheet>`
}

func smallInfo(schema string) string {
	return `<worksheet ` + mainSpace + `><sheetData><row r="1"><c r="A1" t="str"><v>schema</v></c><c r="B1" t="str"><v>` + schema + `</v></c></row>` +
		`<row r="2"><c r="A2" t="str"><v>bundleDigest</v></c><c r="B2" t="str"><v>d</v></c></row></sheetData></worksheet>`
}

// smallRow has a shared, a rich, a date, an ISO date and a formula cell.
const smallRow = `<row r="7"><c r="B7" t="inlineStr"><is><t>ROOT-01</t></is></c><c r="I7" t="d"><v>2026-11-26T14:00:00</v></c><c r="J7" t="s"><v>0</v></c><c r="M7" t="s"><v>1</v></c>` +
	`<c r="N7"><v>46352</v></c><c r="O7" t="str"><f>1+1</f><v>_x0032_</v></c></row>`

func TestEveryKindOfCell(t *testing.T) {
	f, problems := read(t, smallBook(t, smallWorkbook, smallAnswers(smallRow), smallInfo(schemaOf(kindForm)), smallShared))
	want := judged(interview.Answer{
		Item: "ROOT-01", Held: "2026-11-26 14:00", Text: "답\n변 _x0041_", Judge: "김감사", Document: "2",
	}, "2026-11-26")
	if len(problems) != 0 || len(f.Answers) != 1 || !reflect.DeepEqual(placeless(f.Answers)[0], want) || f.Answers[0].Where.Row != 7 {
		t.Errorf("problems %v\n got %+v\nwant %+v", problems, f.Answers, want)
	}
}

func FuzzReadAnswers(f *testing.F) {
	for _, row := range []string{smallRow, `<row r="5"><c r="N5" t="str"><v>2026-02-31</v></c></row>`, `<row r="1048576"><c r="P9"><v>a,b</v></c></row>`} {
		f.Add(smallWorkbook, smallAnswers(row), smallInfo(schemaOf(kindForm)), smallShared)
	}
	f.Add(smallWorkbook, "", smallInfo(schemaOf(kindReport)), "")
	f.Fuzz(func(t *testing.T, workbook, answers, info, shared string) {
		book := smallBook(t, workbook, answers, info, shared)
		file, problems, err := ReadAnswers(bytes.NewReader(book), int64(len(book)))
		if err != nil && (file.BundleDigest != "" || len(file.Answers) > 0 || len(problems) > 0) {
			t.Error("something was read in spite of the error")
		}
		for _, a := range file.Answers {
			if a.Empty() || a.Where.Sheet == "" || a.Where.Row < 1 {
				t.Errorf("answer %+v", a)
			}
		}
	})
}

func FuzzMoment(f *testing.F) {
	for _, text := range []string{"2026-11-26", "2026. 2. 31. 10:00", "46352.5", "2026년 11월 26일", "1e300", "NaN", "2026-11-26T14:00:00Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := (&reader{}).moment(text)
		if err != nil {
			return
		}
		layout := "2006-01-02"
		if m.clock != "" {
			layout = "2006-01-02 15:04"
		}
		if _, err := time.Parse(layout, strings.TrimSpace(m.day+" "+m.clock)); err != nil {
			t.Errorf("%q reads as %+v: %v", text, m, err)
		}
	})
}
