package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/report/interview"
	"auditbinder/report/item"
	"auditbinder/report/verdict"
)

func TestRevisions(t *testing.T) {
	b := made(nil)
	for draft, want := range map[string]string{draftMark: "0.1|2026-11-24|최초 작성||", finalMark: "1.0|2026-11-24|최초 작성||"} {
		table := b.revisions(draft)
		var got []string
		for _, c := range table.Rows[0].Cells {
			got = append(got, strings.Join(c.Lines, ""))
		}
		if strings.Join(got, "|") != want || len(table.Rows) != 1 {
			t.Errorf("%s: %q", draft, got)
		}
	}
}

func TestDistributionIsBlankUnlessKnown(t *testing.T) {
	b := made(nil)
	if f := b.control(); strings.Join(f[0].Lines, "") != "" || len(f[0].Lines) < 2 || len(f[1].Lines) != 1 {
		t.Errorf("%+v", f)
	}
	b.Settings.Organization.SubmitTo = "내부감사팀"
	if f := b.control(); !slices.Equal(f[0].Lines, []string{"내부감사팀"}) || f[1].Lines[0] != "" {
		t.Errorf("%+v", f)
	}
}

// askedItem has n open targets.
func askedItem(id string, n int) verdict.Result {
	r := judgedItem(id, item.High)
	r.Auto = verdict.Interview
	for i := range n {
		r.Findings = append(r.Findings, verdict.Finding{Resource: fmt.Sprintf("r%03d", i), Status: verdict.Interview, Reason: "사유"})
	}
	return r
}

// Of too many questions every item has its share, and every cut says so.
func TestInterviewsAreCappedFairly(t *testing.T) {
	for name, c := range map[string]struct {
		targets, want []int
		all           bool
	}{
		"few":               {[]int{3, 1}, []int{3, 1}, false},
		"exactly the limit": {[]int{60, 40}, []int{60, 40}, false},
		"one over":          {[]int{61, 40}, []int{60, 40}, false},
		"large and small":   {[]int{500, 7, 300}, []int{47, 7, 46}, false},
		"all rows":          {[]int{500, 7, 300}, []int{500, 7, 300}, true},
		"none":              {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			var results []verdict.Result
			for i, n := range c.targets {
				results = append(results, askedItem(fmt.Sprintf("AAA-%02d", i+1), n))
			}
			b := made(results)
			b.AllRows = c.all
			sections := b.interviews(b.questions())
			if len(sections) != len(c.want) {
				t.Fatalf("%d sections", len(sections))
			}
			for i, s := range sections {
				n := len(s.Table.Rows)
				if n != c.targets[i] || s.Table.PDFRows != c.want[i] || (s.Table.PDFNote != "") != (c.want[i] < n) {
					t.Errorf("%s: %d of %d rows, note %q; want %d", s.Heading, s.Table.PDFRows, n, s.Table.PDFNote, c.want[i])
				}
				if want := []string{"질문 1. 질문 1", "질문 2. 질문 2"}; !slices.Equal(s.Paragraphs, want) {
					t.Errorf("asks %q", s.Paragraphs)
				}
			}
		})
	}
}

func TestInterviewsLeaveRoomForThePen(t *testing.T) {
	answered := answer("AAA-01", "r000", "취약")
	answered.Respondent, answered.Text, answered.Files = "김담당", "첫째\n둘째", []string{"화면.png"}
	b := made([]verdict.Result{askedItem("AAA-01", 2)}, []interview.Answer{answered}...)
	table := *b.interviews(b.questions())[0].Table
	first, second := said(table, 0), said(table, 1)
	if first["answer"] != "첫째|둘째" || first["respondent"] != "김담당" || first["files"] != "화면.png" || first["final"] != "취약" || first["judge"] != "김감사" {
		t.Errorf("answered: %v", first)
	}
	if second["answer"] != "||" || second["files"]+second["final"]+second["judge"] != "" {
		t.Errorf("unanswered: %v", second)
	}
}

func TestPlanIsCapped(t *testing.T) {
	const n = pdfOffenders + 5
	r := judgedItem("AAA-01", item.High)
	for i := range n {
		r.Findings = append(r.Findings, verdict.Finding{Resource: fmt.Sprintf("r%04d", i), Status: verdict.Vulnerable, Reason: "사유"})
	}
	for _, all := range []bool{false, true} {
		b := made([]verdict.Result{r})
		b.AllRows = all
		whole := b.actionPlan(b.actions())
		p := b.plan(whole)
		if len(p.Rows) != n || (p.PDFRows == n) != all || strings.Contains(p.PDFNote, "'조치계획' 시트") == all {
			t.Errorf("all %v: %d of %d rows, %q", all, p.PDFRows, len(p.Rows), p.PDFNote)
		}
		if row := said(p, 3); row["number"] != "A-004" || row["resource"] != "r0003" || row["reason"] != "사유" || row["due"] == "" {
			t.Errorf("row %v", row)
		}
		if whole.PDFNote != "" || slices.ContainsFunc(whole.Columns, func(c Column) bool { return c.Below }) {
			t.Error("the workbook's table changed")
		}
	}
}

func TestAllRowsLiftsTheLimits(t *testing.T) {
	in := input(t, func(in *Input) {
		for i := range 2 * pdfOthers {
			u := in.Set.IAM.Users[0]
			u.Name = fmt.Sprintf("user-%d", i)
			in.Set.IAM.Users = append(in.Set.IAM.Users, u)
		}
	})
	for _, all := range []bool{false, true} {
		in.AllRows = all
		r, err := Build(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range r.Items {
			for _, f := range append(it.Facts, it.Evidence) {
				if cut := f.PDFRows < len(f.Rows); all && (cut || f.PDFNote != "") || cut != (f.PDFNote != "") {
					t.Errorf("%s, all %v: %d of %d rows, note %q", it.ID, all, f.PDFRows, len(f.Rows), f.PDFNote)
				}
			}
		}
		if f := findItem(t, r, "IAM-01").Facts[0]; (f.PDFRows < len(f.Rows)) == all {
			t.Errorf("all %v: %d of %d users", all, f.PDFRows, len(f.Rows))
		}
	}
}

func TestStandardsStandOnceForEachItem(t *testing.T) {
	b := builder{Input: input(t, nil)}
	mapping := Table{Columns: []Column{}, Sheet: "기준매핑"}
	for _, key := range []string{"item", "isms_p", "cis", "fsbp", "pism", "sk", "provision", "notice", "effective", "status", "confidence", "checked", "application", "note"} {
		mapping.Columns = append(mapping.Columns, Column{Key: key, Weight: 1})
	}
	for _, id := range []string{"AAA-01", "AAA-01", "BBB-01"} {
		row := Row{}
		for _, c := range mapping.Columns {
			row.Cells = append(row.Cells, text(c.Key))
		}
		row.Cells[0] = text(id)
		mapping.Rows = append(mapping.Rows, row)
	}
	parts := b.standardParts(mapping)
	if n, m := len(parts[0].Table.Rows), len(parts[1].Table.Rows); n != 2 || m != 3 || len(mapping.Rows) != 3 || mapping.Rows[1].Cells[0].Lines[0] != "AAA-01" {
		t.Errorf("%d standards, %d laws, %d rows left", n, m, len(mapping.Rows))
	}
	if row := said(*parts[1].Table, 2); row["item"] != "BBB-01" || row["note"] != "note" || row["provision"] != "provision" {
		t.Errorf("law %v", row)
	}
	if !slices.Equal(parts[0].Paragraphs, b.Catalog.Laws.StandardsNotes) || len(parts[0].Paragraphs) == 0 {
		t.Error("nothing says where the numbers come from")
	}
}

func TestCollectionParts(t *testing.T) {
	r := build(t, nil)
	parts := r.CollectionParts
	if len(parts) != 3 || len(parts[0].Table.Rows) != 1 || parts[0].Table.Empty == "" || len(parts[1].Paragraphs) == 0 {
		t.Fatalf("%+v", parts)
	}
	if log := parts[2].Table; len(log.Rows) != len(r.Collection.Rows) || log.PDFNote != "" || r.Collection.Columns[0].Weight != 0.9 || r.Collection.Title == "" {
		t.Errorf("log of %d rows, note %q", len(log.Rows), log.PDFNote)
	}
	b := made(nil)
	long := r.Collection
	long.Rows = slices.Repeat(long.Rows[:1], pdfLog+1)
	if log := b.collectionParts(Table{}, long)[2].Table; log.PDFRows != pdfLog || !strings.Contains(log.PDFNote, "전체 201건 중 200건 표시") {
		t.Errorf("%d rows, note %q", log.PDFRows, log.PDFNote)
	}
}

func TestCriteriaParts(t *testing.T) {
	r := build(t, nil)
	table := *r.CriteriaParts[0].Table
	if len(table.Rows) != len(r.Items) || len(r.Items) == 0 {
		t.Fatalf("%d rows for %d items", len(table.Rows), len(r.Items))
	}
	for i, it := range r.Items {
		row := said(table, i)
		if row["item"] != it.ID+"|"+it.Title || row["vulnerable"] != strings.ReplaceAll(it.VulnerableCriteria, "\n", "|") || !strings.HasPrefix(row["severity"], it.Severity+"|") {
			t.Errorf("%v", row)
		}
	}
	if s := r.CriteriaParts[1]; !strings.Contains(s.Paragraphs[0], r.ConfigDigest) || len(s.Table.Rows) == 0 {
		t.Errorf("settings %+v", s)
	}
}
