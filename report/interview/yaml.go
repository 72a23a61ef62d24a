package interview

import (
	"fmt"
	"strconv"
	"strings"

	"auditbinder/report/strictyaml"
)

// fileForm is the machine form of a File.
type fileForm struct {
	Bundle  string       `yaml:"bundle"`
	Answers []answerForm `yaml:"answers"`
}

// answerForm is the machine form of an Answer. Its day is read as text, so that an
// impossible one is told together with all other problems.
type answerForm struct {
	Item       string   `yaml:"item"`
	Resource   string   `yaml:"resource"`
	Respondent string   `yaml:"respondent"`
	Held       string   `yaml:"held"`
	Text       string   `yaml:"answer"`
	Verdict    string   `yaml:"verdict"` // word or id
	Reason     string   `yaml:"reason"`
	Judge      string   `yaml:"judge"`
	Judged     string   `yaml:"judged"`
	Document   string   `yaml:"document"`
	Files      []string `yaml:"attachments"`
}

// ParseYAML reads the machine form. What is no such form (syntax, an unknown key, a
// wrong type, an answer without item) is an error with line and column; a value that
// cannot be meant is a problem, told together with those that Check finds. name
// stands in errors. The size is bounded as that of every YAML file (strictyaml).
func ParseYAML(name string, text []byte) (File, []Problem, error) {
	var form fileForm
	doc, err := strictyaml.Decode(name, text, &form)
	if err != nil {
		return File{}, nil, err
	}
	lineOf := func(path ...any) int {
		if at := doc.At(path...); at != nil && at.Position != nil {
			return at.Position.Line
		}
		return 0
	}
	f := File{BundleDigest: form.Bundle, Where: Place{Line: lineOf("bundle")}}
	var problems []Problem
	for i, a := range form.Answers {
		if a.Item == "" {
			return File{}, nil, doc.Fail(doc.At("answers", i), "answers[%d]: item 값이 없음", i)
		}
		answer := Answer{
			Item: a.Item, Resource: a.Resource, Respondent: a.Respondent, Held: a.Held, Text: a.Text, Verdict: a.Verdict,
			Reason: a.Reason, Judge: a.Judge, Document: a.Document, Files: a.Files, Where: Place{Line: lineOf("answers", i)},
		}
		if id, ok := VerdictID(a.Verdict); ok {
			answer.Verdict = id
		}
		if a.Judged != "" {
			if answer.Judged, err = strictyaml.ParseDate(a.Judged); err != nil {
				answer.Where.Unread = []string{FieldJudged}
				problems = append(problems, Problem{answer.Where.At(FieldJudged), fmt.Sprintf("판정일 오류: %v", err)})
			}
		}
		f.Answers = append(f.Answers, answer)
	}
	return f, problems, nil
}

// EncodeYAML writes the machine form, one line per answer, the same bytes for the
// same file. ParseYAML reads it back but for Where, blanks around a value and empty
// values, which the form does not know.
func (f File) EncodeYAML() []byte {
	var b strings.Builder
	if digest := strings.TrimSpace(f.BundleDigest); digest != "" {
		b.WriteString(FieldBundle + ": " + quote(digest) + "\n")
	}
	b.WriteString("answers:")
	if len(f.Answers) == 0 {
		b.WriteString(" []")
	}
	b.WriteString("\n")
	for _, a := range f.Answers {
		var entries []string
		a.Verdict = wordOf(a.Verdict)
		for _, field := range a.fields() {
			if text := strings.TrimSpace(field.text); text != "" {
				entries = append(entries, field.key+": "+quote(text))
			}
		}
		var files []string
		for _, name := range a.Files {
			if name = strings.TrimSpace(name); name != "" {
				files = append(files, quote(name))
			}
		}
		if len(files) > 0 {
			entries = append(entries, FieldFiles+": ["+strings.Join(files, ", ")+"]")
		}
		b.WriteString("  - {" + strings.Join(entries, ", ") + "}\n")
	}
	return []byte(b.String())
}

var brackets = strings.NewReplacer("[", `\x5b`, "]", `\x5d`, "{", `\x7b`, "}", `\x7d`)

// quote writes a double-quoted YAML scalar: Go's escapes of valid UTF-8 are YAML's.
// strictyaml takes a replacement character for a broken file and counts brackets as
// nesting even inside a string: that one is escaped, these where they do not pair.
func quote(text string) string {
	q := strconv.Quote(strings.ToValidUTF8(text, "\uFFFD"))
	q = strings.ReplaceAll(q, "\uFFFD", `\ufffd`)
	if strings.Count(q, "[") != strings.Count(q, "]") || strings.Count(q, "{") != strings.Count(q, "}") {
		q = brackets.Replace(q)
	}
	return q
}
