package interview

import (
	"maps"
	"slices"
	"strings"
)

// Decision is what the answers make of an item.
type Decision struct {
	// Final is the item's 최종판정: empty while anything is open or nobody has judged
	// anything of the item.
	Final string
	// Findings are the final statuses by resource, of those that an answer settles.
	Findings map[string]string
	// Open are the resources still to be settled, in the order of the findings; ""
	// stands first for the item itself.
	Open []string
}

// Decide is rule G9 for answers. Those about other items, resources that the item
// does not have, or without a verdict settle nothing. Of two about one target the
// first counts (Check refuses the second).
//
//   - An answer about a resource replaces that finding's status, whatever it was.
//   - An answer about the item applies to each interview finding that has none of its
//     own, never to an unknown one.
//   - It also settles what the item misses without a finding to show for it (a failed
//     call without a target), so that an item with both is settled by one answer.
//   - Where the item has nothing of either kind, it replaces the item's verdict as a
//     whole and leaves the findings alone: people overrule with the 최종판정 that the
//     workbook's 점검결과 has per item. Two things it cannot do: close an item while
//     an unknown finding is open, and hide a finding that a person judged 취약.
//
// Otherwise the fold of the automatic verdict decides. While anything is open there is
// no final verdict, even where one finding is 취약 already.
func Decide(it Item, answers []Answer) Decision {
	own := map[string]string{} // by resource
	for _, a := range answers {
		id, ok := VerdictID(a.Verdict)
		if _, twice := own[a.Resource]; ok && !twice && a.Item == it.ID {
			own[a.Resource] = id
		}
	}
	whole, judged := own[""]
	missing := it.missing()
	d := Decision{Findings: map[string]string{}}
	var final []string
	switch {
	case missing && whole == "":
		d.Open = append(d.Open, "")
	case missing:
		final = append(final, whole)
	}
	for _, f := range it.Findings {
		status, answered := own[f.Resource]
		if !answered && f.Status == open && whole != "" {
			status, answered = whole, true
		}
		switch {
		case answered:
			d.Findings[f.Resource] = status
			final, judged = append(final, status), true
		case settled(f.Status):
			final = append(final, f.Status)
		default:
			d.Open = append(d.Open, f.Resource)
		}
	}
	if !judged || len(d.Open) > 0 {
		return d
	}
	if whole == Vulnerable { // a judge's 취약 is never dropped for want of a finding to carry it
		final = append(final, whole)
	}
	overruled := whole != "" && !missing && !it.has(open)
	if overruled && !slices.Contains(slices.Collect(maps.Values(d.Findings)), Vulnerable) {
		d.Final = whole
	} else {
		d.Final = fold(final)
	}
	return d
}

// fold is the order of G9 over settled statuses.
func fold(statuses []string) string {
	for _, verdict := range []string{Vulnerable, Good} {
		if slices.Contains(statuses, verdict) {
			return verdict
		}
	}
	return NA
}

func (it Item) has(status string) bool {
	return slices.ContainsFunc(it.Findings, func(f Finding) bool { return f.Status == status })
}

// missing reports that the item itself is open: something is missing that no finding
// stands for.
func (it Item) missing() bool {
	return it.Incomplete || !settled(it.Auto) && !it.has(it.Auto)
}

// Question is one open question: a row of the form.
type Question struct {
	Item, Title string
	Resource    string // empty: the item itself
	Status      string // automatic verdict id of the target
	Reason      string // why it is open
	Text        string // the catalogue's questions, one a line
}

// wholeNote is added where an answer about the item reaches further than its row says.
const wholeNote = "이 행의 최종판정은 따로 답하지 않은 인터뷰 필요 대상에도 적용됨."

// Open lists what people have to settle: a row for each open finding, and before
// them one for the item itself where no finding stands for what is missing.
func Open(form Form) []Question {
	var out []Question
	for _, it := range form.Items {
		q := Question{Item: it.ID, Title: it.Title, Status: it.Auto, Reason: it.Reason, Text: strings.Join(it.Questions, "\n")}
		if it.missing() {
			whole := q
			if it.has(open) {
				whole.Text = strings.TrimSpace(whole.Text + "\n" + wholeNote)
			}
			out = append(out, whole)
		}
		for _, f := range it.Findings {
			if !settled(f.Status) {
				q.Resource, q.Status, q.Reason = f.Resource, f.Status, f.Reason
				out = append(out, q)
			}
		}
	}
	return out
}
