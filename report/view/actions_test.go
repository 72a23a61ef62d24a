package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/interview"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/strictyaml"
	"auditbinder/report/verdict"
)

// judgedItem is an item with a finding for each status, named a, b, c …
func judgedItem(id string, severity item.Severity, statuses ...verdict.Verdict) verdict.Result {
	r := verdict.Result{
		Item: item.Item{ID: id, Title: "제목 " + id, Severity: severity, Remediation: []string{"조치 1", "조치 2"}, Questions: []string{"질문 1", "질문 2"}},
		Auto: verdict.Good, Reason: "항목 근거",
	}
	for i, s := range statuses {
		name := string(rune('a' + i))
		r.Findings = append(r.Findings, verdict.Finding{Resource: name, Status: s, Reason: "사유 " + name, CallIDs: []string{"call-" + name}})
		if s == verdict.Vulnerable || r.Auto != verdict.Vulnerable && s != verdict.NA {
			r.Auto = s
		}
	}
	return r
}

// made builds with results and answers, and nothing around them.
func made(results []verdict.Result, answers ...interview.Answer) *builder {
	in := Input{Results: results, Answers: answers, Set: &evidence.Set{CollectedAt: collected}}
	return &builder{Input: in, numbers: map[string]string{"call-a": "E-001"}, items: map[string][]string{}, decisions: decide(in)}
}

func answer(item, resource, word string) interview.Answer {
	day, _ := strictyaml.ParseDate("2026-11-26")
	return interview.Answer{Item: item, Resource: resource, Verdict: word, Judge: "김감사", Judged: day}
}

// said is a row's cells by column key.
func said(t Table, row int) map[string]string {
	out := map[string]string{}
	for i, c := range t.Columns {
		out[c.Key] = strings.Join(t.Rows[row].Cells[i].Lines, "|")
	}
	return out
}

func TestActionsAreTheOpenFindings(t *testing.T) {
	v, g, i, u := verdict.Vulnerable, verdict.Good, verdict.Interview, verdict.Unknown
	two := func() []verdict.Result {
		return []verdict.Result{judgedItem("AAA-01", item.High, v, v, g), judgedItem("BBB-01", item.Medium, v, i, u)}
	}
	tests := []struct {
		name    string
		results []verdict.Result
		answers []interview.Answer
		want    []string
	}{
		{"vulnerable findings only", two(), nil, []string{"A-001 AAA-01 a", "A-002 AAA-01 b", "A-003 BBB-01 a"}},
		{"nothing vulnerable", []verdict.Result{judgedItem("AAA-01", item.High, g, i, u, verdict.NA)}, nil, nil},
		{"vulnerable by a person comes last", two(), []interview.Answer{answer("BBB-01", "b", "취약")},
			[]string{"A-001 AAA-01 a", "A-002 AAA-01 b", "A-003 BBB-01 a", "A-004 BBB-01 b"}},
		{"overruled keeps its number", two(), []interview.Answer{answer("AAA-01", "a", "양호")}, []string{"A-002 AAA-01 b", "A-003 BBB-01 a"}},
		{"item overruled as a whole", two(), []interview.Answer{answer("AAA-01", "", "해당 없음")}, []string{"A-003 BBB-01 a"}},
		{"item vulnerable as a whole", []verdict.Result{judgedItem("AAA-01", item.High, g)}, []interview.Answer{answer("AAA-01", "", "취약")},
			[]string{"A-001 AAA-01 항목 전체"}},
		{"answer about the item makes its interview findings vulnerable", []verdict.Result{judgedItem("AAA-01", item.High, i, i, g)}, []interview.Answer{answer("AAA-01", "", "취약")},
			[]string{"A-001 AAA-01 a", "A-002 AAA-01 b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := made(tt.results, tt.answers...)
			actions := b.actions()
			plan, follow := b.actionPlan(actions), b.followUp(actions)
			var got []string
			for n := range plan.Rows {
				row := said(plan, n)
				got = append(got, row["number"]+" "+row["item"]+" "+row["resource"])
				if follow.Rows[n].Cells[0].Lines[0] != row["number"] {
					t.Errorf("이행점검 row %d is %v", n, follow.Rows[n].Cells[0])
				}
			}
			if !slices.Equal(got, tt.want) || len(follow.Rows) != len(tt.want) {
				t.Errorf("actions %q, want %q; %d follow-ups", got, tt.want, len(follow.Rows))
			}
			if plan.Empty == "" || follow.Empty == "" {
				t.Error("nothing stands in place of rows")
			}
		})
	}
}

func TestActionsSuggestBySeverity(t *testing.T) {
	late := time.Date(2026, 11, 24, 15, 30, 0, 0, time.UTC) // 00:30 of the 25th in KST
	tests := []struct {
		severity  item.Severity
		term, due string
	}{{item.High, "단기", "2026-12-25"}, {item.Medium, "중기", "2027-02-23"}, {item.Low, "장기", "차기 점검"}}
	for _, tt := range tests {
		b := made([]verdict.Result{judgedItem("AAA-01", tt.severity, verdict.Vulnerable)})
		b.Set.CollectedAt = late
		row := said(b.actionPlan(b.actions()), 0)
		if row["term"] != tt.term || row["due"] != tt.due || row["severity"] != string(tt.severity) {
			t.Errorf("%s: %v", tt.severity, row)
		}
		if row["state"] != "미조치" || row["department"]+row["owner"]+row["obstacle"]+row["approver"] != "" {
			t.Errorf("%s: filled in %v", tt.severity, row)
		}
		if row["reason"] != "사유 a" || row["remediation"] != "조치 1|조치 2" {
			t.Errorf("%s: says %v", tt.severity, row)
		}
	}
}

func TestActionsOfExceptions(t *testing.T) {
	expires, _ := strictyaml.ParseDate("2027-03-31")
	exception := settings.Exception{Reason: "폐기 예정", Approver: "책임자", Document: "D-1", Expires: expires}
	for name, tt := range map[string]struct {
		e                    verdict.Exception
		state, due, approver string
	}{
		"valid":            {verdict.Exception{Exception: exception}, "예외", "2027-03-31", "책임자"},
		"expired":          {verdict.Exception{Exception: exception, Expired: true}, "미조치", "2026-12-24", ""},
		"not approved yet": {verdict.Exception{Exception: exception, Early: true}, "미조치", "2026-12-24", ""},
	} {
		r := judgedItem("AAA-01", item.High, verdict.Vulnerable)
		r.Findings[0].Exception = &tt.e
		b := made([]verdict.Result{r})
		row := said(b.actionPlan(b.actions()), 0)
		if row["state"] != tt.state || row["due"] != tt.due || row["approver"] != tt.approver || strings.Contains(row["obstacle"], "D-1") != (tt.state == "예외") {
			t.Errorf("%s: %v", name, row)
		}
	}
}

func TestActionsNameTheRegionOnce(t *testing.T) {
	r := judgedItem("AAA-01", item.High, verdict.Vulnerable, verdict.Vulnerable)
	r.Findings[0].Resource, r.Findings[0].Region = "i-1", "us-east-1"
	r.Findings[1].Resource, r.Findings[1].Region = "root/us-east-1", "us-east-1"
	b := made([]verdict.Result{r})
	plan := b.actionPlan(b.actions())
	if a, c := said(plan, 0)["resource"], said(plan, 1)["resource"]; a != "i-1|us-east-1" || c != "root/us-east-1" {
		t.Errorf("targets %q, %q", a, c)
	}
	if before := said(b.followUp(b.actions()), 0)["before"]; before != "E-001" {
		t.Errorf("evidence before the action: %q", before)
	}
}

func TestQuestions(t *testing.T) {
	v, g, i, u := verdict.Vulnerable, verdict.Good, verdict.Interview, verdict.Unknown
	bare := judgedItem("CCC-01", item.Low)
	bare.Auto = verdict.Unknown
	results := []verdict.Result{judgedItem("AAA-01", item.High, v, i, g), judgedItem("BBB-01", item.Medium, u), bare, judgedItem("DDD-01", item.Low, g)}
	held := answer("AAA-01", "b", "양호")
	held.Text, held.Files, held.Held = "답", []string{"a.png", "b.pdf"}, "2026-11-25"
	tests := []struct {
		name    string
		answers []interview.Answer
		want    []string
	}{
		{"interview and unknown findings, and an item without either", nil, []string{"AAA-01/b/interview/", "BBB-01/a/unknown/", "CCC-01//unknown/"}},
		{"answered stays listed", []interview.Answer{held}, []string{"AAA-01/b/interview/양호", "BBB-01/a/unknown/", "CCC-01//unknown/"}},
		{"answered unasked", []interview.Answer{answer("AAA-01", "a", "양호"), answer("DDD-01", "", "취약")},
			[]string{"AAA-01/b/interview/", "AAA-01/a/vulnerable/양호", "BBB-01/a/unknown/", "CCC-01//unknown/", "DDD-01//good/취약"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			questions := made(results, tt.answers...).questions()
			var got []string
			for _, q := range questions {
				got = append(got, fmt.Sprintf("%s/%s/%s/%s", q.Item, q.Resource, q.Status.ID, q.Answer.Final))
				if q.Text != "질문 1\n질문 2" || q.Reason == "" || q.Title == "" {
					t.Errorf("incomplete: %+v", q)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("questions %q, want %q", got, tt.want)
			}
		})
	}
	got := made(results, held).questions()[0].Answer
	if want := (Answer{Held: "2026-11-25", Text: "답", Files: "a.png, b.pdf", Final: "양호", Judge: "김감사", Judged: "2026-11-26"}); got != want {
		t.Errorf("answer %+v, want %+v", got, want)
	}
}

// A question is open exactly where the count of the cover says so.
func TestQuestionsAgreeWithTheUndecided(t *testing.T) {
	b := made([]verdict.Result{judgedItem("AAA-01", item.High, verdict.Vulnerable, verdict.Interview), judgedItem("BBB-01", item.Medium, verdict.Unknown, verdict.Unknown)})
	items, targets := b.undecided()
	if n := len(b.questions()); items != 2 || targets != 3 || n != targets {
		t.Errorf("%d items and %d targets undecided, %d questions", items, targets, n)
	}
}

func TestJudgesOfTheFinalVerdict(t *testing.T) {
	r := []verdict.Result{judgedItem("AAA-01", item.High, verdict.Interview, verdict.Interview)}
	second := answer("AAA-01", "b", "취약")
	second.Judge, second.Judged = "이감사", second.Judged.AddDays(1)
	if judges, last := made(r, answer("AAA-01", "a", "양호"), second).judged("AAA-01"); judges != "김감사, 이감사" || last != "2026-11-27" {
		t.Errorf("%q on %q", judges, last)
	}
	mixed := []verdict.Result{judgedItem("AAA-01", item.High, verdict.Vulnerable, verdict.Interview, verdict.Vulnerable)}
	whole := answer("AAA-01", "", "양호")
	if b := made(mixed, whole); b.final("AAA-01") != verdict.Vulnerable {
		t.Errorf("final %s", b.final("AAA-01"))
	} else if judges, last := b.judged("AAA-01"); judges+last != "" {
		t.Errorf("%q on %q stand under what the program found", judges, last)
	} else if text := b.reason(mixed[0]); !strings.HasPrefix(text, "최종판정 취약(자동판정이 취약인 대상이 남아 있음). 항목 전체의 답변(양호, 판정자 김감사)은 인터뷰가 필요한 대상에만 적용됨.") {
		t.Errorf("reason %q", text)
	}
	if judges, last := made(r, second).judged("AAA-01"); judges+last != "" {
		t.Errorf("an open item was judged by %q on %q", judges, last)
	}
}
