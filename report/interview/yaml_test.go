package interview

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/report/strictyaml"
)

const filled = `bundle: 9f2c
answers:
  - {item: ROOT-01, resource: root/2026-11-03, respondent: 인프라팀 홍길동 과장, held: 2026-11-25 10:00, answer: 장애 대응, verdict: 양호, reason: 승인 확인, judge: 김감사, judged: 2026-11-26, document: SEC-2026-51, attachments: [root-approval.png]}
  - item: ACC-02
    answer: |-
      첫째 줄
      둘째 줄
    verdict: na
  - item: IAM-01
`

func TestParseYAML(t *testing.T) {
	got, problems, err := ParseYAML("answers.yaml", []byte(filled))
	if err != nil || len(problems) != 0 {
		t.Fatal(problems, err)
	}
	want := File{BundleDigest: "9f2c", Where: Place{Line: 1}, Answers: []Answer{
		{Item: "ROOT-01", Resource: "root/2026-11-03", Respondent: "인프라팀 홍길동 과장", Held: "2026-11-25 10:00", Text: "장애 대응", Verdict: Good,
			Reason: "승인 확인", Judge: "김감사", Judged: day("2026-11-26"), Document: "SEC-2026-51", Files: []string{"root-approval.png"}, Where: Place{Line: 3}},
		{Item: "ACC-02", Text: "첫째 줄\n둘째 줄", Verdict: NA, Where: Place{Line: 4}},
		{Item: "IAM-01", Where: Place{Line: 9}},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	const encoded = `bundle: "9f2c"
answers:
  - {item: "ROOT-01", resource: "root/2026-11-03", respondent: "인프라팀 홍길동 과장", held: "2026-11-25 10:00", answer: "장애 대응", verdict: "양호", reason: "승인 확인", judge: "김감사", judged: "2026-11-26", document: "SEC-2026-51", attachments: ["root-approval.png"]}
  - {item: "ACC-02", answer: "첫째 줄\n둘째 줄", verdict: "해당 없음"}
  - {item: "IAM-01"}
`
	if text := string(got.EncodeYAML()); text != encoded {
		t.Errorf("got\n%s\nwant\n%s", text, encoded)
	}
}

func TestParseYAMLRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty file", "", "a.yaml: YAML 문서가 정확히 하나 있어야 함"},
		{"unknown key of the file", "bundel: x\n", `a.yaml:1:1: 알 수 없는 키: "bundel"`},
		{"unknown key of an answer", "answers:\n  - {item: A, verdikt: 양호}\n", `a.yaml:2:15: 알 수 없는 키: "verdikt"`},
		{"repeated key", "answers:\n  - {item: A, item: B}\n", `a.yaml:2:15: 키 중복: "item"`},
		{"answer without item", "answers:\n  - {item: A}\n  - {answer: x}\n", "a.yaml:3:6: answers[1]: item 값이 없음"},
		{"number for text", "answers:\n  - {item: A, document: 51}\n", "a.yaml:2:25: document: 형식 오류(필요: 문자열, 실제: 숫자)"},
		{"attachment without a list", "answers:\n  - {item: A, attachments: a.png}\n", "a.yaml:2:28: attachments: 형식 오류(필요: 목록, 실제: 문자열)"},
		{"empty value", "answers:\n  - {item: A, answer: }\n", "a.yaml:2:"},
		{"one answer without a list", "answers: {item: A}\n", "a.yaml:1:"},
		{"not closed", "answers:\n  - {item: A\n", "a.yaml:2:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _, err := ParseYAML("a.yaml", []byte(test.text))
			if err == nil {
				t.Fatalf("accepted: %+v", f)
			}
			if !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

// Values that cannot be meant are problems, all told at once and none twice.
func TestParseYAMLProblems(t *testing.T) {
	const text = `bundle: 9f2c
answers:
  - {item: ROOT-01, verdict: 양호, judge: 김감사, judged: 2026-02-31}
  - {item: ROOT-02, verdict: 보통, judge: 김감사, judged: 26.11.2026}
`
	f, problems, err := ParseYAML("a.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got := texts(append(problems, Check(form(), f)...))
	want := []string{`3행: 판정일 오류: 날짜 형식 오류: "2026-02-31"`, `4행: 판정일 오류: 날짜 형식 오류: "26.11.2026"`, `4행: 최종판정 값 오류: "보통"`}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// awkward are texts that YAML and strictyaml are known to stumble over.
var awkward = []string{
	"", "", "값", "null", "~", "true", "12", "0x1f", "1e3", "2026-11-24", "# 주석", "a: b", "- a", "---", "...", "%", "&a", "*a", "!t", "@", "`", "|", ">", "?", "=",
	`"`, `'`, `\`, `\x5b`, "[", "}}}}", "{a}", "]{[}", "[첨부 1] 참조", strings.Repeat("[", 100), strings.Repeat("- ", 100) + "a",
	"첫째\n둘째", "a\r\nb", "a\tb", "a\x00b", "a\x7fb", "a\u0085b", "a\u2028b", "\ufeffa", "a\ufffdb", "a\u200bb", "a\u00adb", "\U0001F600", "a\U000E0001b", "각", "<root_account>", "i-0123", "🇰🇷",
}

// kept is what the YAML form keeps of a text.
func kept(text string) string { return strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")) }

func normal(f File) File {
	f.BundleDigest, f.Where = kept(f.BundleDigest), Place{}
	answers := f.Answers
	f.Answers = nil
	for _, a := range answers {
		a.Where = Place{}
		for _, s := range []*string{&a.Item, &a.Resource, &a.Respondent, &a.Held, &a.Text, &a.Verdict, &a.Reason, &a.Judge, &a.Document} {
			*s = kept(*s)
		}
		names := a.Files
		a.Files = nil
		for _, name := range names {
			if name = kept(name); name != "" {
				a.Files = append(a.Files, name)
			}
		}
		f.Answers = append(f.Answers, a)
	}
	return f
}

// roundTrip fails where a file does not come back from its own text.
func roundTrip(t *testing.T, f File) {
	t.Helper()
	text := f.EncodeYAML()
	back, problems, err := ParseYAML("a.yaml", text)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v\n%s", err, problems, text)
	}
	if got, want := normal(back), normal(f); !reflect.DeepEqual(got, want) {
		t.Fatalf("got\n%+v\nwant\n%+v\n%s", got, want, text)
	}
	if again := back.EncodeYAML(); !bytes.Equal(again, text) {
		t.Fatalf("not stable:\n%s\n%s", text, again)
	}
}

func TestEncodeYAMLRoundTrip(t *testing.T) {
	roundTrip(t, File{})
	random := rand.New(rand.NewPCG(3, 4))
	text := func() string { return awkward[random.IntN(len(awkward))] }
	for range 1000 {
		f := File{BundleDigest: text()}
		for range random.IntN(6) {
			a := Answer{
				Item: "ROOT-01" + text(), Resource: text(), Respondent: text(), Held: text(), Text: " " + text() + "\n", Verdict: []string{"", Good, Vulnerable, NA, "보통"}[random.IntN(5)],
				Reason: text(), Judge: text(), Document: text(),
			}
			if random.IntN(2) == 0 {
				a.Judged = day("2026-11-24").AddDays(random.IntN(400))
			}
			for range random.IntN(3) {
				a.Files = append(a.Files, text()+".png")
			}
			f.Answers = append(f.Answers, a)
		}
		roundTrip(t, f)
	}
}

func FuzzEncodeYAML(f *testing.F) {
	for _, text := range awkward {
		f.Add(text, "root/2026-11-03", "a.png")
	}
	f.Fuzz(func(t *testing.T, text, resource, name string) {
		if len(text)+len(resource)+len(name) > 2000 {
			return // escaped, several of them could exceed the largest file
		}
		roundTrip(t, File{BundleDigest: text, Answers: []Answer{
			{Item: "A" + resource, Resource: resource, Text: text, Reason: name, Verdict: Good, Judged: day("2026-11-26"), Files: []string{name, text}},
			{Item: "ROOT-01", Text: resource},
		}})
	})
}

func FuzzParseYAML(f *testing.F) {
	for _, text := range append(slices.Clone(awkward), filled, "answers: []", "{}", "answers: [{}]", "answers: [{item: ROOT-01, judged: 2026-02-31}]",
		"a: &a [*a]\n", "answers: &a [*a]", "<<: {bundle: x}", "bundle: !!str 9f2c", "? bundle\n: x", "--- \n...\n---\n") {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		started := time.Now()
		file, problems, err := ParseYAML("a.yaml", data)
		if took := time.Since(started); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
		if err != nil {
			if own := (*strictyaml.Error)(nil); !errors.As(err, &own) || strings.ContainsAny(err.Error(), "\n\r") || !strings.HasPrefix(err.Error(), "a.yaml:") {
				t.Errorf("%T %q", err, err)
			}
			return
		}
		if len(problems) > len(file.Answers) {
			t.Errorf("%d problems of %d answers", len(problems), len(file.Answers))
		}
		for _, a := range file.Answers {
			if a.Item == "" || a.Where.Line < 1 {
				t.Errorf("answer without item or place: %+v", a)
			}
		}
		// What was read can be held against any bundle.
		f := form()
		f.BundleDigest = file.BundleDigest
		for _, p := range append(problems, Check(f, file)...) {
			if p.At == "" || p.Text == "" || strings.ContainsAny(p.String(), "\n\r") {
				t.Errorf("%q", p)
			}
		}
		for _, it := range f.Items {
			Decide(it, file.Answers)
		}
		if text := file.EncodeYAML(); len(text) < 32<<10 {
			if back, _, err := ParseYAML("a.yaml", text); err != nil || !reflect.DeepEqual(normal(back), normal(file)) {
				t.Errorf("%v: got\n%+v\nwant\n%+v\n%s", err, normal(back), normal(file), text)
			}
		}
	})
}
