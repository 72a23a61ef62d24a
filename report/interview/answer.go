package interview

import (
	"slices"
	"strings"
	"unicode"
)

// VerdictID is the id of a verdict given as its Korean word or as the id itself.
// Nothing else is a 최종판정.
func VerdictID(text string) (id string, ok bool) {
	for _, v := range Verdicts {
		if text == v.ID || text == v.Word {
			return v.ID, true
		}
	}
	return "", false
}

// settled reports a status that leaves nothing to ask. Whatever is no known
// verdict is open: an odd status is never a pass.
func settled(status string) bool {
	return slices.ContainsFunc(Verdicts, func(v Verdict) bool { return v.ID == status })
}

// wordOf is the Korean word of a verdict id.
func wordOf(id string) string {
	for _, v := range Verdicts {
		if v.ID == id {
			return v.Word
		}
	}
	return id
}

// field is one field of an answer as text.
type field struct{ key, text string }

// fieldOrder is the order of an answer's fields, in the form and among problems.
var fieldOrder = []string{
	FieldItem, FieldResource, FieldRespondent, FieldHeld, FieldText, FieldVerdict, FieldReason, FieldJudge, FieldJudged, FieldDocument, FieldFiles,
}

// fields are the answer's texts in that order; attachments are no text.
func (a Answer) fields() []field {
	return []field{
		{FieldItem, a.Item}, {FieldResource, a.Resource}, {FieldRespondent, a.Respondent}, {FieldHeld, a.Held},
		{FieldText, a.Text}, {FieldVerdict, a.Verdict}, {FieldReason, a.Reason}, {FieldJudge, a.Judge},
		{FieldJudged, a.Judged.String()}, {FieldDocument, a.Document},
	}
}

// Empty reports a row that nobody filled in: it names its target and says nothing.
func (a Answer) Empty() bool {
	for _, f := range a.fields() {
		if f.key != FieldItem && f.key != FieldResource && !blank(f.text) {
			return false
		}
	}
	return len(a.Files) == 0 && len(a.Where.Unread) == 0
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// fillers are letters by their class that show nothing.
const fillers = "\u115f\u1160\u3164\uffa0"

// saysNothing reports text without a single visible letter or digit: no name, reason
// or document number.
func saysNothing(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !strings.ContainsRune(fillers, r)
	}) < 0
}
