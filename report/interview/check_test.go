package interview

import (
	"slices"
	"strings"
	"testing"

	"auditbinder/report/strictyaml"
)

const digest = "9f2c"

func day(s string) strictyaml.Date {
	d, err := strictyaml.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// form is a bundle with an item of each kind.
func form() Form {
	return Form{BundleDigest: digest, CollectedAt: "2026-11-24 14:00:00 KST", Items: []Item{
		{ID: "ROOT-01", Title: "root 계정 사용 여부", Auto: "interview", Reason: "이틀 사용됨", Questions: []string{"목적은?", "보관자는?"}, Findings: []Finding{
			{"root/2026-11-03", "interview", "3일 사용"}, {"root/2026-11-09", "interview", "9일 사용"},
		}},
		{ID: "IAM-01", Auto: "vulnerable", Findings: []Finding{{"kim", "vulnerable", ""}, {"choi", "unknown", "문서 없음"}, {"lee", "good", ""}}},
		{ID: "EC2-01", Auto: "unknown", Reason: "i-2 판정 불가", Findings: []Finding{{"i-2", "unknown", "조회 실패"}, {"i-1", "interview", "미접속"}, {"i-3", "good", ""}}},
		{ID: "ACC-02", Auto: "unknown", Reason: "account:GetAlternateContact 조회 실패", Questions: []string{"현행인지?"}},
		{ID: "ROOT-02", Auto: "good", Findings: []Finding{{"<root_account>", "good", ""}}},
	}}
}

// judged is a complete answer with a verdict, changed as a case needs.
func judged(item, resource, verdict string, change ...func(*Answer)) Answer {
	a := Answer{
		Item: item, Resource: resource, Respondent: "인프라팀 홍길동 과장", Held: "2026-11-25 10:00", Text: "답변", Verdict: verdict, Judge: "김감사", Judged: day("2026-11-26"),
		Where: Place{Sheet: "인터뷰", Row: 7, Columns: map[string]string{
			FieldItem: "A", FieldResource: "B", FieldHeld: "D", FieldText: "E", FieldVerdict: "F", FieldReason: "G", FieldJudge: "H", FieldJudged: "I", FieldDocument: "J", FieldFiles: "K",
		}},
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func reason(a *Answer)   { a.Reason = "보완통제 확인" }
func document(a *Answer) { a.Document = "SEC-2026-51" }
func files(names ...string) func(*Answer) {
	return func(a *Answer) { a.Files = names }
}

// texts are the problems in order, each one line.
func texts(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

func TestCheck(t *testing.T) {
	const r, d = "ROOT-01", "root/2026-11-03"
	tests := []struct {
		name string
		a    Answer
		want []string // beginnings of the problems, all of them in order
	}{
		{"complete answer", judged(r, d, Good), nil},
		{"answer without a verdict", Answer{Item: r, Resource: d, Text: "장애 대응"}, nil},
		{"verdict without an answer text", judged(r, d, Good, func(a *Answer) { a.Text = "" }), nil},
		{"Korean word of a verdict", judged(r, d, "해당 없음"), nil},
		{"empty row", Answer{Item: r, Resource: d, Text: " \n"}, nil},
		{"empty row of an unknown item", Answer{Item: "XXX-01"}, nil},

		{"unknown item", judged("ROOT-99", d, Good), []string{`인터뷰!A7: 이 번들에 없는 점검 항목: "ROOT-99"`}},
		{"item in lower case", judged("root-01", d, Good), []string{`인터뷰!A7: 이 번들에 없는`}},
		{"answer without an item", judged("", "", Good), []string{`인터뷰!A7: 이 번들에 없는 점검 항목: ""`}},
		{"resource of another item", judged(r, "kim", Good), []string{`인터뷰!B7: ROOT-01에 없는 대상: "kim"`}},
		{"resource that ends in a blank", judged(r, d+" ", Good), []string{`인터뷰!B7: ROOT-01에 없는 대상: "root/2026-11-03 "`}},

		{"neither text nor verdict", judged(r, d, "", func(a *Answer) { a.Text = "" }), []string{"인터뷰!E7: 답변과 최종판정이 모두"}},
		{"only an attachment", Answer{Item: r, Resource: d, Files: []string{"a.png"}, Where: Place{Line: 4}}, []string{"4행: 답변과 최종판정이 모두"}},
		{"only an unreadable day", Answer{Item: r, Where: Place{Line: 4, Unread: []string{FieldJudged}}}, []string{"4행: 답변과 최종판정이 모두"}},
		{"a verdict that settles nothing", judged(r, d, "interview"), []string{`인터뷰!F7: 최종판정 값 오류: "interview" (가능한 값: 양호, 취약, 해당 없음)`}},
		{"a verdict word misspelt", judged(r, d, "양호함", func(a *Answer) { a.Judge = "" }), []string{`인터뷰!F7: 최종판정 값 오류: "양호함"`, "인터뷰!H7: 최종판정에는 판정자가"}},
		{"verdict without judge and day", judged(r, d, Vulnerable, func(a *Answer) { a.Judge, a.Judged = " ", strictyaml.Date{} }), []string{"인터뷰!H7: 최종판정에는 판정자가", "인터뷰!I7: 최종판정에는 판정일이"}},
		{"unreadable day is told once", judged(r, d, Good, func(a *Answer) { a.Judged, a.Where.Unread = strictyaml.Date{}, []string{FieldJudged} }), nil},
		{"judged on the day of the collection", judged(r, d, Good, func(a *Answer) { a.Judged = day("2026-11-24") }), nil},
		{"judged before the collection", judged(r, d, Good, func(a *Answer) { a.Judged = day("2026-11-23") }), []string{"인터뷰!I7: 판정일(2026-11-23)이 수집일(2026-11-24)보다 빠름"}},

		{"held on a day", judged(r, d, Good, func(a *Answer) { a.Held = "2026-11-25" }), nil},
		{"held on 31 February", judged(r, d, Good, func(a *Answer) { a.Held = "2026-02-31" }), []string{`인터뷰!D7: 면담일시 오류: "2026-02-31"`}},
		{"held at 25 o'clock", judged(r, d, Good, func(a *Answer) { a.Held = "2026-11-25 25:00" }), []string{"인터뷰!D7: 면담일시 오류"}},
		{"held at one digit", judged(r, d, Good, func(a *Answer) { a.Held = "2026-11-25 9:00" }), []string{"인터뷰!D7: 면담일시 오류"}},
		{"held in words", judged(r, d, Good, func(a *Answer) { a.Held = "11월 25일" }), []string{"인터뷰!D7: 면담일시 오류"}},

		{"good over vulnerable with a reason", judged("IAM-01", "kim", Good, reason), nil},
		{"good over vulnerable without a reason", judged("IAM-01", "kim", Good), []string{"인터뷰!G7: 자동판정 취약에 대한 최종판정 양호에는 판정 사유가"}},
		{"na over vulnerable without a reason", judged("IAM-01", "kim", NA), []string{"인터뷰!G7: 자동판정 취약에 대한 최종판정 해당 없음에는 판정 사유가"}},
		{"vulnerable confirmed without a reason", judged("IAM-01", "kim", Vulnerable), nil},
		{"good over a good finding of a vulnerable item", judged("IAM-01", "lee", Good), nil},
		{"good over a vulnerable item without a reason", judged("IAM-01", "", "양호"), []string{"인터뷰!G7: 자동판정 취약에 대한"}},

		{"good over unknown without evidence", judged("EC2-01", "i-2", Good, reason), []string{"인터뷰!J7: 점검 불가에 대한 최종판정 양호에는 문서번호 또는 첨부가"}},
		{"good over unknown with a document", judged("EC2-01", "i-2", Good, document), nil},
		{"good over unknown with an attachment", judged("EC2-01", "i-2", Good, files("a.pdf")), nil},
		{"good over an unknown finding of a vulnerable item", judged("IAM-01", "choi", Good), []string{"인터뷰!J7: 점검 불가에 대한"}},
		{"na over unknown without evidence", judged("EC2-01", "i-2", NA), []string{"인터뷰!J7: 점검 불가에 대한"}},
		{"vulnerable over unknown without evidence", judged("EC2-01", "i-2", Vulnerable), nil},
		{"good over an interview finding of an unknown item", judged("EC2-01", "i-1", Good), nil},
		{"good over an unknown item without evidence", judged("ACC-02", "", Good), []string{"인터뷰!J7: 점검 불가에 대한"}},

		{"attachments in any case", judged(r, d, Good, files("승인서 1.PNG", "b.Jpg", "c.jpeg", "d.pdf")), nil},
		{"attachment with a path", judged(r, d, Good, files("../a.png", `c\a.png`, "C:a.png")), []string{`인터뷰!K7: 첨부 "../a.png": 경로가 아니라`, `인터뷰!K7: 첨부 "c\\a.png": 경로가`, `인터뷰!K7: 첨부 "C:a.png": 경로가`}},
		{"hidden attachment", judged(r, d, Good, files(".png", "..png")), []string{`인터뷰!K7: 첨부 ".png": 숨김`, `인터뷰!K7: 첨부 "..png": 숨김`}},
		{"empty attachment", judged(r, d, Good, files("", " ")), []string{`인터뷰!K7: 첨부 "": 파일 이름이 비어`, `인터뷰!K7: 첨부 " ": 파일 이름이 비어`}},
		{"attachment of another type", judged(r, d, Good, files("a.xlsx", "png", "a.png.exe")), []string{`인터뷰!K7: 첨부 "a.xlsx": 첨부할 수 없는 형식`, `인터뷰!K7: 첨부 "png": 첨부할`, `인터뷰!K7: 첨부 "a.png.exe": 첨부할`}},
		{"attachment with a control character", judged(r, d, Good, files("a\n.png")), []string{`인터뷰!K7: 첨부 "a\n.png": 파일 이름에 제어 문자`}},
		{"two names that differ in case", judged(r, d, Good, files("a.png", "A.png")), []string{`인터뷰!K7: 첨부 "A.png": 대소문자만 다른 파일 이름이 있음: "a.png"`}},
		{"the same attachment twice", judged(r, d, Good, files("a.png", "a.png")), nil},
		{"attachment with an over-long name", judged(r, d, Good, files(strings.Repeat("가", maxField)+".png")), []string{"인터뷰!K7: 첨부 \"" + strings.Repeat("가", 100) + "…\": 파일 이름이 너무 긺"}},

		{"longest field", judged(r, d, Good, func(a *Answer) { a.Text = strings.Repeat("가", maxField) }), nil},
		{"over-long field", judged(r, d, Good, func(a *Answer) { a.Text = strings.Repeat("가", maxField+1) }), []string{"인터뷰!E7: 10001자로 너무 긺(최대 10000자)"}},

		{"all at once, in the order of the fields", judged("IAM-01", "kim", Good, func(a *Answer) {
			a.Held, a.Judge, a.Judged, a.Document, a.Files = "어제", "", day("2026-01-01"), strings.Repeat("x", maxField+1), []string{"/a"}
		}), []string{"인터뷰!D7: 면담일시", "인터뷰!G7: 자동판정", "인터뷰!H7: 최종판정에는 판정자가", "인터뷰!I7: 판정일(2026-01-01)", "인터뷰!J7: 10001자", `인터뷰!K7: 첨부 "/a"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := texts(Check(form(), File{BundleDigest: digest, Answers: []Answer{test.a}}))
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			for _, text := range got {
				if strings.ContainsAny(text, "\n\r") {
					t.Errorf("more than one line: %q", text)
				}
			}
		})
	}
}

// Answers that are wrong only together, or with their file.
func TestCheckFile(t *testing.T) {
	row := func(n int, a Answer) Answer {
		a.Where.Row = n
		return a
	}
	wrong := judged("XXX-01", "", "")
	tests := []struct {
		name string
		f    File
		want []string
	}{
		{"no answer", File{BundleDigest: digest}, nil},
		{"another bundle, and nothing else is told", File{BundleDigest: "abcd", Answers: []Answer{wrong}, Where: Place{Line: 1}}, []string{`1행: 다른 증적 번들에 대한 답변임(답변 파일: "abcd", 이 번들: "9f2c")`}},
		{"no bundle", File{Answers: []Answer{wrong}}, []string{"파일: 어느 증적 번들에 대한 답변인지 알 수 없음"}},
		{"two answers about one resource", File{BundleDigest: digest, Answers: []Answer{
			row(7, judged("ROOT-01", "root/2026-11-03", Good)), row(8, judged("ROOT-01", "root/2026-11-09", Good)), row(9, judged("ROOT-01", "root/2026-11-03", Vulnerable)),
		}}, []string{"인터뷰!B9: 같은 대상의 답변이 둘 이상임: ROOT-01 root/2026-11-03 (앞선 답변: 인터뷰!B7)"}},
		{"two answers about one item", File{BundleDigest: digest, Answers: []Answer{
			row(7, judged("ROOT-01", "", Good)), row(8, judged("ROOT-01", "", Good)),
		}}, []string{"인터뷰!B8: 같은 대상의 답변이 둘 이상임: ROOT-01 (앞선"}},
		{"an empty row beside an answer", File{BundleDigest: digest, Answers: []Answer{
			{Item: "ROOT-01"}, row(8, judged("ROOT-01", "", Good)), {Item: "ROOT-01"},
		}}, nil},
		{"item and resource", File{BundleDigest: digest, Answers: []Answer{
			row(7, judged("ROOT-01", "", Good)), row(8, judged("ROOT-01", "root/2026-11-03", Good)),
		}}, nil},
		{"names in two rows that differ in case", File{BundleDigest: digest, Answers: []Answer{
			row(7, judged("ROOT-01", "", Good, files("승인A.png"))), row(8, judged("ROOT-02", "", Good, files("승인a.PNG"))),
		}}, []string{`인터뷰!K8: 첨부 "승인a.PNG": 대소문자만 다른`}},
		{"one attachment for two rows", File{BundleDigest: digest, Answers: []Answer{
			row(7, judged("ROOT-01", "", Good, files("a.png"))), row(8, judged("ROOT-02", "", Good, files("a.png"))),
		}}, nil},
		{"problems in the order of the rows", File{BundleDigest: digest, Answers: []Answer{
			row(7, judged("ROOT-01", "", "?")), row(8, judged("XXX-01", "", Good)), row(9, judged("ROOT-02", "x", Good)),
		}}, []string{"인터뷰!F7: ", "인터뷰!A8: ", "인터뷰!B9: "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := texts(Check(form(), test.f)); !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// Evidence that is missing beside the findings counts as unknown.
func TestCheckIncompleteItem(t *testing.T) {
	f := form()
	f.Items[1].Incomplete = true
	got := texts(Check(f, File{BundleDigest: digest, Answers: []Answer{judged("IAM-01", "", Good, reason)}}))
	if len(got) != 1 || !strings.HasPrefix(got[0], "인터뷰!J7: 점검 불가에 대한") {
		t.Errorf("%q", got)
	}
}

// Without a readable day of collection no day is too early.
func TestCheckWithoutCollectionDay(t *testing.T) {
	f := form()
	f.CollectedAt = "-"
	early := judged("ROOT-01", "", Good, func(a *Answer) { a.Judged = day("2020-01-01") })
	if got := Check(f, File{BundleDigest: digest, Answers: []Answer{early}}); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
