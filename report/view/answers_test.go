package view

import (
	"strings"
	"testing"

	"auditbinder/report/interview"
	"auditbinder/report/strictyaml"
)

// What people answer reaches the verdicts, the counts, the tables and result.json.
func TestAnswers(t *testing.T) {
	judged := strictyaml.DayOf(collected)
	answer := func(item, resource, verdict string) interview.Answer {
		return interview.Answer{Item: item, Resource: resource, Text: "답", Verdict: verdict, Judge: "김감사", Judged: judged, Reason: "보완통제 확인", Files: []string{"화면.png"}}
	}
	files := map[string][]byte{"화면.png": []byte("png")}
	for _, tt := range []struct {
		name    string
		answers []interview.Answer
		final   string // of ACC-02
		words   string // of its row's verdict cell
		reason  string
	}{
		{"nobody answered", nil, "", "취약", ""},
		{"the finding overruled", []interview.Answer{answer("ACC-02", "SECURITY", interview.Good)}, "good", "취약/최종 양호", "최종판정 양호(대상별 답변 1건의 판정에 따름). 자동판정(취약)의 근거: "},
		{"the item overruled", []interview.Answer{answer("ACC-02", "", interview.Good)}, "good", "취약", "최종판정 양호(판정자 김감사, "},
		{"an answer without a verdict", []interview.Answer{{Item: "ACC-02", Text: "확인 중"}}, "", "취약", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := build(t, func(in *Input) { in.Answers, in.Attachments, in.AnnexDigest = tt.answers, files, "abc" })
			doc := Result(input(t, func(in *Input) { in.Answers, in.Attachments, in.AnnexDigest = tt.answers, files, "abc" }))
			it := findItem(t, r, "ACC-02")
			if it.Final.ID != tt.final || it.Effective().ID == "" {
				t.Fatalf("%s: final %q", it.ID, it.Final.ID)
			}
			if got := doc.Items[1].FinalVerdict; (got == nil) != (tt.final == "") || got != nil && *got != tt.final || doc.AnnexDigest == nil {
				t.Errorf("result.json: %v", got)
			}
			row := it.Facts[0].Rows[0]
			words := ""
			for i, c := range it.Facts[0].Columns {
				if c.Key == verdictColumn {
					words = strings.Join(row.Cells[i].Lines, "/")
				}
			}
			if words != tt.words || tt.reason != "" && !strings.HasPrefix(it.Reason, tt.reason) {
				t.Errorf("cell %q, reason %q", words, it.Reason)
			}
			good := 0
			for _, counts := range r.Summary.Counts {
				good += counts[0]
			}
			if want := 1 + len(tt.final)/4; good != want {
				t.Errorf("%d good items, want %d", good, want)
			}
			if n := len(it.Answers.Rows); n != len(tt.answers) || len(it.Attachments) != min(1, strings.Count(tt.final, "good")) {
				t.Errorf("%d answers, %d attachments", n, len(it.Attachments))
			}
			last := r.Evidence.Rows[len(r.Evidence.Rows)-1].Cells
			if last[0].Lines[0] != "M-001" || last[2].Lines[0] != "annex: attachments/화면.png" || last[3].Lines[0] != "수기" {
				t.Errorf("evidence list %v", last)
			}
		})
	}
}
