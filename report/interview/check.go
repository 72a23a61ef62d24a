package interview

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"auditbinder/report/strictyaml"
)

// maxField bounds a field, in characters.
const maxField = 10_000

// heldLayouts are the forms of 면담일시.
var heldLayouts = []string{time.DateOnly, "2006-01-02 15:04"}

// checker collects the problems of one file, in the order of its rows and fields.
type checker struct {
	targets   map[string]target
	collected strictyaml.Date     // day of the collection; zero: not known
	answered  map[[2]string]Place // item and resource -> the answer before
	names     map[string]string   // attachment in lower case -> as first written
	problems  []Problem
	row       []rowProblem // of the answer at hand
}

// rowProblem is a problem of one field.
type rowProblem struct{ field, text string }

// target is an item with the statuses of its resources.
type target struct {
	Item
	statuses map[string]string
}

// Check holds a filled form against its bundle and tells all problems at once, in
// the order of the rows and their fields. A file about another bundle is one problem: nothing in it
// can be held against this one. Rows that nobody filled in are none.
//
// Beyond the letter of G9, 해당 없음 needs what 양호 needs (판정 사유 over 취약, an
// attachment or document number over 점검 불가): both take an item off the list.
func Check(form Form, f File) []Problem {
	if f.BundleDigest != form.BundleDigest {
		text := fmt.Sprintf("다른 증적 번들에 대한 답변임(답변 파일: %s, 이 번들: %s)", cited(f.BundleDigest), cited(form.BundleDigest))
		if f.BundleDigest == "" {
			text = fmt.Sprintf("어느 증적 번들에 대한 답변인지 알 수 없음: bundleDigest가 비어 있음(이 번들: %s)", cited(form.BundleDigest))
		}
		return []Problem{{f.Where.At(FieldBundle), text}}
	}
	c := checker{targets: map[string]target{}, answered: map[[2]string]Place{}, names: map[string]string{}}
	// CollectedAt is as printed: its first ten characters are the day.
	if day, err := strictyaml.ParseDate(form.CollectedAt[:min(len(form.CollectedAt), len(time.DateOnly))]); err == nil {
		c.collected = day
	}
	for _, it := range form.Items {
		t := target{it, make(map[string]string, len(it.Findings))}
		for _, finding := range it.Findings {
			t.statuses[finding.Resource] = finding.Status
		}
		c.targets[it.ID] = t
	}
	for _, a := range f.Answers {
		if !a.Empty() {
			c.answer(a)
		}
	}
	return c.problems
}

func (c *checker) fail(field, format string, args ...any) {
	c.row = append(c.row, rowProblem{field, fmt.Sprintf(format, args...)})
}

func (c *checker) answer(a Answer) {
	c.row = nil
	status, missing := c.target(a)
	for _, f := range a.fields() {
		if n := utf8.RuneCountInString(f.text); n > maxField {
			c.fail(f.key, "%d자로 너무 긺(최대 %d자)", n, maxField)
		}
	}
	if a.Held != "" && !slices.ContainsFunc(heldLayouts, func(layout string) bool {
		held, err := time.Parse(layout, a.Held)
		return err == nil && held.Format(layout) == a.Held
	}) {
		c.fail(FieldHeld, "면담일시 오류: %s (YYYY-MM-DD 또는 YYYY-MM-DD HH:MM 형식의 실제 일시여야 함)", cited(a.Held))
	}
	if blank(a.Text) && blank(a.Verdict) {
		c.fail(FieldText, "답변과 최종판정이 모두 비어 있음(작성한 행에는 둘 중 하나가 필요함)")
	}
	c.verdict(a, status, missing)
	c.files(a)
	slices.SortStableFunc(c.row, func(a, b rowProblem) int {
		return cmp.Compare(slices.Index(fieldOrder, a.field), slices.Index(fieldOrder, b.field))
	})
	for _, p := range c.row {
		c.problems = append(c.problems, Problem{a.Where.At(p.field), p.text})
	}
}

// target checks what the answer is about and returns the target's automatic verdict
// and whether evidence of it is missing.
func (c *checker) target(a Answer) (status string, missing bool) {
	t, known := c.targets[a.Item]
	if !known {
		c.fail(FieldItem, "이 번들에 없는 점검 항목: %s", cited(a.Item))
		return "", false
	}
	status, missing = t.Auto, t.Auto == unknown || t.Incomplete
	if a.Resource != "" {
		if status, known = t.statuses[a.Resource]; !known {
			c.fail(FieldResource, "%s에 없는 대상: %s%s", a.Item, cited(a.Resource), examples(t.statuses))
			return "", false
		}
		missing = status == unknown
	}
	key := [2]string{a.Item, a.Resource}
	if before, twice := c.answered[key]; twice {
		c.fail(FieldResource, "같은 대상의 답변이 둘 이상임: %s (앞선 답변: %s)", strings.TrimSpace(a.Item+" "+a.Resource), before.At(FieldResource))
	} else {
		c.answered[key] = a.Where
	}
	return status, missing
}

// verdict checks who judged, when, and on what grounds.
func (c *checker) verdict(a Answer, status string, missing bool) {
	if !blank(a.Verdict) {
		id, ok := VerdictID(a.Verdict)
		if !ok {
			c.fail(FieldVerdict, "최종판정 값 오류: %s (가능한 값: %s)", cited(a.Verdict), verdictWords())
		}
		lenient := ok && id != Vulnerable
		if lenient && status == Vulnerable && saysNothing(a.Reason) {
			c.fail(FieldReason, "자동판정 취약에 대한 최종판정 %s에는 판정 사유가 필요함", wordOf(id))
		}
		if saysNothing(a.Judge) {
			c.fail(FieldJudge, "최종판정에는 판정자가 필요함")
		}
		if a.Judged.IsZero() && !slices.Contains(a.Where.Unread, FieldJudged) {
			c.fail(FieldJudged, "최종판정에는 판정일이 필요함")
		}
		if lenient && missing && saysNothing(a.Document) && len(a.Files) == 0 {
			c.fail(FieldDocument, "점검 불가에 대한 최종판정 %s에는 문서번호 또는 첨부가 필요함", wordOf(id))
		}
	}
	if !a.Judged.IsZero() && a.Judged.Before(c.collected.Time) {
		c.fail(FieldJudged, "판정일(%s)이 수집일(%s)보다 빠름", a.Judged, c.collected)
	}
}

// files checks the attachments' names: they are looked up beside the answer file,
// and stored where upper and lower case may be the same.
func (c *checker) files(a Answer) {
	for _, name := range a.Files {
		problem := ""
		lower := strings.ToLower(name)
		first, seen := c.names[lower]
		switch {
		case blank(name):
			problem = "파일 이름이 비어 있음"
		case utf8.RuneCountInString(name) > maxField:
			problem = fmt.Sprintf("파일 이름이 너무 긺(최대 %d자)", maxField)
		case strings.ContainsAny(name, `/\:`):
			problem = "경로가 아니라 답변 파일과 같은 폴더에 있는 파일의 이름이어야 함"
		case strings.ContainsFunc(name, unicode.IsControl):
			problem = "파일 이름에 제어 문자가 있음"
		case strings.HasPrefix(name, "."):
			problem = "숨김 파일은 첨부할 수 없음"
		case FileKind(name) == "":
			problem = "첨부할 수 없는 형식(가능한 형식: .png, .jpg, .jpeg, .pdf)"
		case seen && first != name:
			problem = "대소문자만 다른 파일 이름이 있음: " + cited(first)
		case !seen:
			c.names[lower] = name
		}
		if problem != "" {
			c.fail(FieldFiles, "첨부 %s: %s", cited(name), problem)
		}
	}
}

func verdictWords() string {
	var words []string
	for _, v := range Verdicts {
		words = append(words, v.Word)
	}
	return strings.Join(words, ", ")
}

// cited quotes what stands in the file on one line, cut where it is long.
func cited(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

// examples names the first targets that there are.
func examples(statuses map[string]string) string {
	const most = 3
	names := slices.Sorted(maps.Keys(statuses))
	if len(names) == 0 {
		return " (이 항목에는 대상이 없으므로 대상을 비워 둘 것)"
	}
	return fmt.Sprintf(" (이 항목의 대상 예: %s)", strings.Join(names[:min(most, len(names))], ", "))
}
