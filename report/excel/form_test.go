package excel

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"auditbinder/report/interview"
)

const digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// asking is a form with one question for each awkward target.
func asking() (interview.Form, []interview.Question) {
	f := interview.Form{
		BundleDigest: digest, AccountID: "000123456789", AccountLabel: "000123456789 (가상)",
		CollectedAt: "2026-11-24 09:30:00 KST", Simulated: "모의 환경 수집분 · 제출 불가",
	}
	q := func(item, resource, status, reason string) interview.Question {
		return interview.Question{
			Item: item, Title: "점검 항목 " + item, Resource: resource, Status: status, Reason: reason,
			Text: "사용 목적은 무엇인지 확인 필요.\n근거 문서는 무엇인지 확인 필요.",
		}
	}
	return f, []interview.Question{
		q("ROOT-01", "root/2026-11-03", "interview", "2026-11-03 root 사용 2건"),
		q("KEY-01", "=cmd|'/c calc'!A1", "interview", "=1+1"),
		q("KEY-01", "_x0041_x0042_/key-1", "interview", "이름이 이스케이프처럼 보임"),
		q("CON-01", "", "unknown", "events:ListRules AccessDenied"),
		q("ACC-01", "000123", "vulnerable", strings.Repeat("긴 사유 ", 100)),
	}
}

func renderForm(t testing.TB, f interview.Form, questions []interview.Question) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := RenderForm(&b, f, questions); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// formTitles is the contract for the columns.
var formTitles = strings.Split("번호,항목코드,항목명,대상,자동판정,확인된 사실,질문,답변자(소속·직위),면담일시,답변,최종판정,판정 사유,판정자,판정일,문서번호,첨부 파일", ",")

// formHeader is the row of the column titles.
func formHeader(t testing.TB, f *excelize.File) int {
	t.Helper()
	_, row := find(t, f, sheetInterview, "번호")
	return row
}

func TestFormHoldsTheQuestions(t *testing.T) {
	form, questions := asking()
	book := renderForm(t, form, questions)
	f := open(t, book)
	if got := f.GetSheetList(); !slices.Equal(got, []string{"인터뷰", "안내", "정보"}) {
		t.Errorf("sheets %v", got)
	}
	top := formHeader(t, f)
	for i, title := range formTitles {
		if got := value(t, f, sheetInterview, cellName(i+1, top)); got != title {
			t.Errorf("column %d is %q, want %q", i+1, got, title)
		}
	}
	for i, want := range [][]string{
		{"1", "ROOT-01", "점검 항목 ROOT-01", "root/2026-11-03", "인터뷰 필요", "2026-11-03 root 사용 2건"},
		{"2", "KEY-01", "점검 항목 KEY-01", "=cmd|'/c calc'!A1", "인터뷰 필요", "=1+1"},
		{"3", "KEY-01", "점검 항목 KEY-01", "_x0041<U+005F>x0042_/key-1", "인터뷰 필요"},
		{"4", "CON-01", "점검 항목 CON-01", wholeItem, "점검 불가", "events:ListRules AccessDenied"},
		{"5", "ACC-01", "점검 항목 ACC-01", "000123", "취약"},
	} {
		for c, text := range want {
			if got := value(t, f, sheetInterview, cellName(c+1, top+1+i)); got != text {
				t.Errorf("question %d column %d is %q, want %q", i+1, c+1, got, text)
			}
		}
	}
	for name, part := range parts(t, book) {
		if strings.Contains(part, "<f>") {
			t.Errorf("%s holds a formula", name)
		}
	}
}

func TestFormIsTiedToItsBundle(t *testing.T) {
	form, questions := asking()
	book := renderForm(t, form, questions)
	f := open(t, book)
	rows, err := f.GetRows(sheetInfo)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{
		{"schema", "auditbinder/interview/v1"}, {"bundleDigest", digest}, {"account", "000123456789"}, {"program", "auditbinder"},
	} {
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("정보 does not hold %q: %q", want, rows)
		}
	}
	workbook := parts(t, book)["xl/workbook.xml"]
	for sheet, state := range map[string]string{"인터뷰": "", "안내": "", "정보": "veryHidden"} {
		got := regexp.MustCompile(`<sheet name="` + sheet + `"[^>]*?(?: state="(\w+)")?>`).FindStringSubmatch(workbook)
		if got == nil || got[1] != state {
			t.Errorf("%s has state %q, want %q", sheet, got, state)
		}
	}
}

func TestFormOpensOnlyTheAnswers(t *testing.T) {
	form, questions := asking()
	book := renderForm(t, form, questions)
	f := open(t, book)
	for _, sheet := range f.GetSheetList() {
		part := sheetPart(t, book, sheet)
		protection := regexp.MustCompile(`<sheetProtection[^>]*>`).FindString(part)
		if !strings.Contains(protection, `sheet="1"`) && !strings.Contains(protection, `sheet="true"`) {
			t.Errorf("%s is not protected: %q", sheet, protection)
		}
		if strings.Contains(protection, "assword") || strings.Contains(protection, "hash") {
			t.Errorf("%s has a password: %q", sheet, protection)
		}
	}
	top := formHeader(t, f)
	for row := top; row <= top+len(questions)+spareRows; row++ {
		for c, title := range formTitles {
			ref := cellName(c+1, row)
			id, err := f.GetCellStyle(sheetInterview, ref)
			if err != nil {
				t.Fatal(err)
			}
			style, err := f.GetStyle(id)
			if err != nil {
				t.Fatal(err)
			}
			unlocked := style.Protection != nil && !style.Protection.Locked
			asked := row <= top+len(questions)
			want := row > top && (c >= slices.Index(formTitles, "답변자(소속·직위)") || !asked && (title == "항목코드" || title == "대상"))
			if unlocked != want {
				t.Errorf("%s (%s) unlocked: %v, want %v", ref, title, unlocked, want)
			}
			if unlocked && style.NumFmt != 49 {
				t.Errorf("%s (%s) has number format %d, want text", ref, title, style.NumFmt)
			}
		}
	}
}

func TestFormOffersTheVerdicts(t *testing.T) {
	form, questions := asking()
	f := open(t, renderForm(t, form, questions))
	rules, err := f.GetDataValidations(sheetInterview)
	if err != nil || len(rules) != 1 {
		t.Fatalf("%d drop-downs, %v", len(rules), err)
	}
	top := formHeader(t, f)
	c := slices.Index(formTitles, "최종판정") + 1
	if want := cellName(c, top+1) + ":" + cellName(c, top+len(questions)+spareRows); rules[0].Sqref != want {
		t.Errorf("drop-down at %s, want %s", rules[0].Sqref, want)
	}
	if rules[0].Type != "list" || strings.Trim(rules[0].Formula1, `"`) != "양호,취약,해당 없음" || !rules[0].ShowErrorMessage {
		t.Errorf("drop-down %+v", rules[0])
	}
}

func TestFormPrints(t *testing.T) {
	form, questions := asking()
	book := renderForm(t, form, questions)
	f := open(t, book)
	part := sheetPart(t, book, sheetInterview)
	for _, want := range []string{`paperSize="9"`, `orientation="landscape"`, `state="frozen"`} {
		if !strings.Contains(part, want) {
			t.Errorf("인터뷰 lacks %s", want)
		}
	}
	titles := fmt.Sprintf("'인터뷰'!$A:$D,'인터뷰'!$%[1]d:$%[1]d", formHeader(t, f))
	if !slices.ContainsFunc(f.GetDefinedName(), func(n excelize.DefinedName) bool {
		return n.Name == "_xlnm.Print_Titles" && n.Scope == "인터뷰" && n.RefersTo == titles
	}) {
		t.Errorf("no print titles %s: %+v", titles, f.GetDefinedName())
	}
	for _, sheet := range []string{"인터뷰", "안내"} {
		find(t, f, sheet, form.Simulated)
		if !strings.Contains(sheetPart(t, book, sheet), "모의 환경 수집분") {
			t.Errorf("%s does not print the marking", sheet)
		}
	}
	form.Simulated = ""
	for name, part := range parts(t, renderForm(t, form, questions)) {
		if strings.Contains(part, "모의 환경") {
			t.Errorf("%s is marked though nothing is simulated", name)
		}
	}
}

func TestFormGuidesEveryAnswer(t *testing.T) {
	form, questions := asking()
	f := open(t, renderForm(t, form, questions))
	for _, title := range formTitles[slices.Index(formTitles, "답변자(소속·직위)"):] {
		column, row := find(t, f, sheetGuide, title)
		if value(t, f, sheetGuide, cellName(column+1, row)) == "" {
			t.Errorf("안내 says nothing about %s", title)
		}
	}
}

func TestFormIsStable(t *testing.T) {
	form, questions := asking()
	first := renderForm(t, form, questions)
	for range 5 {
		if !bytes.Equal(first, renderForm(t, form, questions)) {
			t.Fatal("the same form gives other bytes")
		}
	}
	if props := parts(t, first)["docProps/core.xml"]; !strings.Contains(props, "2026-11-24T00:30:00Z") {
		t.Errorf("the form is not dated by its collection: %s", props)
	}
}

func TestDropDownWords(t *testing.T) {
	b, err := newBook(sample())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.close() }()
	if err := b.addSheet("시트"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, word string
		ok         bool
	}{
		{"plain", "양호", true}, {"blank inside", "해당 없음", true},
		{"comma makes two", "양호, 취약", false}, {"quote ends the list", `"`, false}, {"formula", "=1", false}, {"empty", "", false},
	} {
		if err := b.dropDown("시트", dropDown{area{1, 1, 1, 1}, []string{tt.word}}); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
