package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/interview"
	"auditbinder/report/verdict"
)

// Attachment is a file that an answer names: a screen capture or a document.
type Attachment struct {
	Number  string // 증적번호, M-001 …
	Name    string // file name
	Kind    string // png, jpeg, pdf
	Size    int
	SHA256  string
	Caption string // '대상 root/2026-11-03의 답변에 첨부'
	Body    []byte
}

// Form is what people are asked about a judged bundle.
func Form(in Input) interview.Form {
	set := in.Set
	f := interview.Form{
		BundleDigest: in.BundleDigest, AccountID: set.Account.ID, AccountLabel: accountLabel(set), CollectedAt: kst(set.CollectedAt),
	}
	if set.Source.Simulated() {
		f.Simulated = simulatedMark
	}
	for _, r := range in.Results {
		it := interview.Item{ID: r.Item.ID, Title: r.Item.Title, Auto: string(r.Auto), Reason: r.Reason, Questions: r.Item.Questions, Incomplete: r.Incomplete}
		for _, x := range r.Findings {
			it.Findings = append(it.Findings, interview.Finding{Resource: x.Resource, Status: string(x.Status), Reason: x.Reason})
		}
		f.Items = append(f.Items, it)
	}
	return f
}

// accountLabel is '123456789012 (alias)'.
func accountLabel(set *evidence.Set) string {
	if set.Account.Alias == "" {
		return set.Account.ID
	}
	return set.Account.ID + " (" + set.Account.Alias + ")"
}

// decide settles every item by the answers.
func decide(in Input) map[string]interview.Decision {
	out := map[string]interview.Decision{}
	for _, it := range Form(in).Items {
		out[it.ID] = interview.Decide(it, in.Answers)
	}
	return out
}

// final is an item's 최종판정, empty while there is none.
func (b *builder) final(item string) verdict.Verdict { return verdict.Verdict(b.decisions[item].Final) }

// status is what counts of a finding: a person's word, or else the program's.
func (b *builder) status(item string, f verdict.Finding) verdict.Verdict {
	if s := b.decisions[item].Findings[f.Resource]; s != "" {
		return verdict.Verdict(s)
	}
	return f.Status
}

// reason is 판정 근거: the program's sentence, behind the person's where there is one.
func (b *builder) reason(res verdict.Result) string {
	final := b.final(res.Item.ID)
	if final == "" {
		return res.Reason
	}
	text := "최종판정 " + Word(final).Word
	own, whole := 0, b.answerOf(res.Item.ID, "")
	for _, status := range b.decisions[res.Item.ID].Findings {
		if status == string(final) {
			own++
		}
	}
	word := ""
	if whole != nil {
		word, _ = interview.VerdictID(whole.Verdict)
	}
	switch {
	case word == string(final):
		text += fmt.Sprintf("(판정자 %s, %s)", orNone(whole.Judge), orNone(whole.Judged.String()))
		if whole.Reason != "" {
			text += ": " + strings.Join(strings.Fields(whole.Reason), " ")
		}
	case own > 0:
		text += fmt.Sprintf("(대상별 답변 %d건의 판정에 따름)", own)
	default:
		text += fmt.Sprintf("(자동판정이 %s인 대상이 남아 있음)", Word(final).Word)
	}
	if word != "" && word != string(final) {
		text += fmt.Sprintf(". 항목 전체의 답변(%s, 판정자 %s)은 인터뷰가 필요한 대상에만 적용됨", Word(verdict.Verdict(word)).Word, orNone(whole.Judge))
	}
	return fmt.Sprintf("%s. 자동판정(%s)의 근거: %s", text, Word(res.Auto).Word, res.Reason)
}

// undecided counts the items that a person still has to settle, and the targets
// within all items.
func (b *builder) undecided() (items, targets int) {
	for _, d := range b.decisions {
		if len(d.Open) > 0 {
			items++
		}
		for _, resource := range d.Open {
			if resource != "" {
				targets++
			}
		}
	}
	return items, targets
}

// Undecided names what keeps a document from being final: '항목 대상', in order.
func Undecided(in Input) []string {
	var out []string
	decisions := decide(in)
	for _, r := range in.Results {
		for _, resource := range decisions[r.Item.ID].Open {
			out = append(out, strings.TrimSpace(r.Item.ID+" "+resource))
		}
	}
	return out
}

// answers is the table of an item's answers.
func (b *builder) answers(item string) Table {
	t := Table{Title: "인터뷰 답변", Sheet: "인터뷰", Columns: []Column{
		{Key: "resource", Title: "대상", Weight: 2.2}, {Key: "respondent", Title: "답변자", Weight: 2}, {Key: "held", Title: "면담일시", Weight: 1.5},
		{Key: "verdict", Title: "최종판정", Weight: 1.1, Center: true}, {Key: "judge", Title: "판정자", Weight: 1.4}, {Key: "judged", Title: "판정일", Weight: 1.3},
		{Key: "document", Title: "문서번호", Weight: 1.6},
		{Key: "answer", Title: "답변", Weight: 4, Below: true}, {Key: "reason", Title: "판정 사유", Weight: 3, Below: true}, {Key: "files", Title: "첨부", Weight: 3, Below: true},
	}}
	for _, a := range b.Answers {
		if a.Item != item {
			continue
		}
		word := Word("")
		if id, ok := interview.VerdictID(a.Verdict); ok {
			word = Word(verdict.Verdict(id))
		}
		files := []string{none}
		if len(a.Files) > 0 {
			files = nil
			for _, name := range a.Files {
				files = append(files, fmt.Sprintf("%s (%s)", name, b.manual[name].Number))
			}
		}
		t.Rows = append(t.Rows, Row{Status: word.ID, Cells: []Cell{
			text(orElse(a.Resource, "항목 전체")), text(orNone(a.Respondent)), text(orNone(a.Held)), {Lines: []string{word.Word}, Verdict: word.ID},
			text(orNone(a.Judge)), text(orNone(a.Judged.String())), text(orNone(a.Document)),
			text(strings.Split(orNone(a.Text), "\n")...), text(strings.Split(orNone(a.Reason), "\n")...), text(files...),
		}})
	}
	t.PDFRows = len(t.Rows)
	return t
}

// answerOf is the answer about a resource, or nil.
func (b *builder) answerOf(item, resource string) *interview.Answer {
	i := slices.IndexFunc(b.Answers, func(a interview.Answer) bool { return a.Item == item && a.Resource == resource })
	if i < 0 {
		return nil
	}
	return &b.Answers[i]
}

// attached numbers the attachments by name: M-001 …
func attached(files map[string][]byte) map[string]Attachment {
	out := map[string]Attachment{}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		body := files[name]
		sum := sha256.Sum256(body)
		out[name] = Attachment{
			Number: fmt.Sprintf("M-%03d", i+1), Name: name, Kind: interview.FileKind(name), Size: len(body), SHA256: hex.EncodeToString(sum[:]), Body: body,
		}
	}
	return out
}

// attachments are those that an item's answers name, each once.
func (b *builder) attachments(item string) []Attachment {
	var out []Attachment
	for _, a := range b.Answers {
		if a.Item != item {
			continue
		}
		for _, name := range a.Files {
			f, ok := b.manual[name]
			if !ok || slices.ContainsFunc(out, func(x Attachment) bool { return x.Name == name }) {
				continue
			}
			f.Caption = fmt.Sprintf("%s의 답변에 첨부", orElse(a.Resource, "항목 전체"))
			out = append(out, f)
		}
	}
	return out
}
