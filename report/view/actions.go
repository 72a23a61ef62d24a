package view

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/interview"
	"auditbinder/report/item"
	"auditbinder/report/strictyaml"
	"auditbinder/report/verdict"
)

// Question is one target that only a person can settle, with the answer there is:
// a finding that is 인터뷰 필요 or 점검 불가, an item that is 점검 불가 as a whole, and
// whatever else was answered.
type Question struct {
	Item, Title string
	Resource    string // empty: the item
	Status      Verdict
	Reason      string // what was found
	Text        string // the item's questions, one a line
	Answer      Answer
}

// Answer is what people filled in; all empty before the interview.
type Answer struct {
	Respondent, Held, Text, Files      string
	Final                              string // the word of the verdict
	Judge, Judged, Document, Rationale string
}

// questions are those of the interview form and, item by item behind them, the
// targets that were answered unasked.
func (b *builder) questions() []Question {
	form := Form(b.Input)
	asked := interview.Open(form)
	var out []Question
	for _, it := range form.Items {
		var targets []string
		for _, q := range asked {
			if q.Item == it.ID {
				out = append(out, Question{q.Item, q.Title, q.Resource, Word(verdict.Verdict(q.Status)), q.Reason, q.Text, b.answer(it.ID, q.Resource)})
				targets = append(targets, q.Resource)
			}
		}
		for _, a := range b.Answers {
			if a.Item != it.ID || slices.Contains(targets, a.Resource) {
				continue
			}
			q := Question{it.ID, it.Title, a.Resource, Word(verdict.Verdict(it.Auto)), it.Reason, strings.Join(it.Questions, "\n"), b.answer(it.ID, a.Resource)}
			if i := slices.IndexFunc(it.Findings, func(f interview.Finding) bool { return f.Resource == a.Resource }); i >= 0 {
				q.Status, q.Reason = Word(verdict.Verdict(it.Findings[i].Status)), it.Findings[i].Reason
			}
			out = append(out, q)
		}
	}
	return out
}

// answer formats the answer about a target.
func (b *builder) answer(item, resource string) Answer {
	a := b.answerOf(item, resource)
	if a == nil {
		return Answer{}
	}
	out := Answer{
		Respondent: a.Respondent, Held: a.Held, Text: a.Text, Files: strings.Join(a.Files, ", "),
		Judge: a.Judge, Judged: a.Judged.String(), Document: a.Document, Rationale: a.Reason,
	}
	if id, ok := interview.VerdictID(a.Verdict); ok {
		out.Final = Word(verdict.Verdict(id)).Word
	}
	return out
}

// judged names who gave an item's answers a verdict, and the last day of it;
// nothing while the item has no 최종판정, or where none of them gave that one: what
// the program found decides then, and nobody's name may stand under it.
func (b *builder) judged(item string) (judges, last string) {
	final := string(b.final(item))
	if final == "" {
		return "", ""
	}
	var names []string
	theirs := false
	for _, a := range b.Answers {
		id, ok := interview.VerdictID(a.Verdict)
		if !ok || a.Item != item {
			continue
		}
		theirs = theirs || id == final
		if a.Judge != "" && !slices.Contains(names, a.Judge) {
			names = append(names, a.Judge)
		}
		last = max(last, a.Judged.String())
	}
	if !theirs {
		return "", ""
	}
	return strings.Join(names, ", "), last
}

// action is one finding to be acted on.
type action struct {
	number string
	item   item.Item
	verdict.Finding
}

// actions are the findings that are vulnerable once answers are in. What the
// program found is numbered first, whether or not an answer overrules it: A-007
// is the same finding before the interview and after.
func (b *builder) actions() []action {
	var found, judged []action
	numbered := 0
	next := func() string { numbered++; return fmt.Sprintf("A-%03d", numbered) }
	for _, res := range b.Results {
		final := b.final(res.Item.ID)
		before := len(found) + len(judged)
		for _, f := range res.Findings {
			open := b.status(res.Item.ID, f) == verdict.Vulnerable && (final == "" || final == verdict.Vulnerable)
			if f.Status == verdict.Vulnerable {
				if number := next(); open {
					found = append(found, action{number, res.Item, f})
				}
			} else if open {
				judged = append(judged, action{"", res.Item, f})
			}
		}
		if final == verdict.Vulnerable && len(found)+len(judged) == before {
			judged = append(judged, action{"", res.Item, verdict.Finding{Resource: wholeItem, Reason: res.Reason}})
		}
	}
	for i := range judged {
		judged[i].number = next()
		judged[i].Reason += " (최종판정: 취약)"
	}
	return append(found, judged...)
}

// wholeItem is the target of what concerns no single one.
const wholeItem = "항목 전체"

// remedy is what a 중요도 suggests: the kind of measure and its days, 0 for the
// next assessment.
var remedy = map[item.Severity]struct {
	term string
	days int
}{item.High: {"단기", 30}, item.Medium: {"중기", 90}, item.Low: {"장기", 0}}

// actionStates are the words of 조치상태, coloured as the verdict beside them.
var actionStates = []Verdict{
	{string(verdict.Vulnerable), "미조치"}, {string(verdict.Interview), "진행"}, {string(verdict.Interview), "부분이행"},
	{string(verdict.Good), "완료"}, {string(verdict.NA), "예외"},
}

const (
	stateOpen      = 0 // 미조치
	stateException = 4 // 예외
)

// due is the suggested 조치예정일; people change it.
func due(severity item.Severity, set *evidence.Set) string {
	if days := remedy[severity].days; days > 0 {
		return strictyaml.DayOf(set.CollectedAt).AddDays(days).String()
	}
	return "차기 점검"
}

// actionPlan is 조치계획. What only the organization knows is left blank.
func (b *builder) actionPlan(actions []action) Table {
	t := Table{Title: "조치계획", Sheet: "조치계획", Empty: "조치가 필요한 취약 대상이 0건임.", Columns: []Column{
		{Key: "number", Title: "조치번호", Weight: 1.2, Center: true}, {Key: "item", Title: "항목코드", Weight: 1.3, Center: true},
		{Key: "resource", Title: "대상", Weight: 2.4}, {Key: "reason", Title: "취약 내용", Weight: 4.5}, {Key: "severity", Title: "위험도", Weight: 0.9, Center: true},
		{Key: "remediation", Title: "조치방안", Weight: 4.5}, {Key: "term", Title: "구분", Weight: 0.9, Center: true},
		{Key: "department", Title: "담당부서", Weight: 1.4, Fill: true}, {Key: "owner", Title: "담당자", Weight: 1.2, Fill: true},
		{Key: "due", Title: "조치예정일", Weight: 1.4, Center: true, Fill: true}, {Key: "state", Title: "조치상태", Weight: 1.2, Center: true, Fill: true, Choices: actionStates},
		{Key: "obstacle", Title: "미이행 사유", Weight: 2.2, Fill: true}, {Key: "approver", Title: "승인자", Weight: 1.2, Fill: true},
	}}
	for _, a := range actions {
		resource := []string{a.Resource}
		if a.Region != "" && !strings.Contains(a.Resource, a.Region) {
			resource = append(resource, a.Region)
		}
		state, on, obstacle, approver := actionStates[stateOpen], due(a.item.Severity, b.Set), "", ""
		if e := a.Exception; e != nil && !e.Expired && !e.Early {
			state, on, approver = actionStates[stateException], e.Expires.String(), e.Approver
			obstacle = fmt.Sprintf("예외승인(문서 %s, 만료 %s): %s", e.Document, e.Expires, e.Reason)
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			text(a.number), {Lines: []string{a.item.ID}, Link: a.item.ID}, text(resource...), text(a.Reason), text(string(a.item.Severity)),
			text(a.item.Remediation...), text(remedy[a.item.Severity].term), {}, {}, text(on), text(state.Word), plain(obstacle), plain(approver),
		}})
	}
	t.PDFRows = len(t.Rows)
	return t
}

// followUp is 이행점검: a row to be filled in for every action. What showed the
// weakness is the evidence before it.
func (b *builder) followUp(actions []action) Table {
	var verdicts []Verdict
	for _, v := range verdictOrder {
		verdicts = append(verdicts, Word(v))
	}
	t := Table{Title: "이행점검", Sheet: "이행점검", Empty: "이행을 점검할 조치가 0건임.", Columns: []Column{
		{Key: "number", Title: "조치번호", Weight: 1.2, Center: true}, {Key: "done", Title: "조치완료일", Weight: 1.6, Center: true, Fill: true},
		{Key: "work", Title: "조치 내용", Weight: 4, Fill: true}, {Key: "before", Title: "조치 전 증적", Weight: 2.6, Fill: true}, {Key: "after", Title: "조치 후 증적", Weight: 2.6, Fill: true},
		{Key: "checked", Title: "재점검 일시", Weight: 1.9, Center: true, Fill: true},
		{Key: "verdict", Title: "재점검 판정", Weight: 1.5, Center: true, Fill: true, Choices: verdicts},
		{Key: "checker", Title: "점검자", Weight: 1.4, Fill: true}, {Key: "approver", Title: "확인자", Weight: 1.4, Fill: true},
	}}
	for _, a := range actions {
		row := Row{Cells: make([]Cell, len(t.Columns))}
		row.Cells[0], row.Cells[3] = text(a.number), plain(b.cited(a.CallIDs))
		t.Rows = append(t.Rows, row)
	}
	t.PDFRows = len(t.Rows)
	return t
}
