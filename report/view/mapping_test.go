package view

import (
	"strings"
	"testing"

	"auditbinder/report/item"
	"auditbinder/report/verdict"
)

func TestMappingHasARowForEveryLaw(t *testing.T) {
	b := made([]verdict.Result{
		{Item: item.Item{ID: "AAA-01", Standards: item.Standards{
			ISMSP: []item.Control{{ID: "2.5.1", Title: "사용자 계정 관리"}}, CIS: map[string]string{"v5.0.0": "1.14", "v3.0.0": "1.15"},
			FSBP: []string{"IAM.2"}, PISM: []item.Control{{ID: "PISM-045"}}, SK: []string{"1.4", "1.1"}, Note: "자체 연결(추정)임.",
		}}},
		{Item: item.Item{ID: "BBB-01"}},
	})
	laws := []Law{
		{Name: "규정", Notice: "제2026-29호", EffectiveFrom: "2026-07-15", Provision: "제13조", Status: "현행(2026-10-04 확인)", Application: "준용", Confidence: "추정", CheckedOn: "2026-10-04",
			Warning: "원문 대조 필요", Cited: []Cited{{Text: "제13호", Note: "오기"}}},
		{Name: "기준", Provision: "제5조", Status: "점검일 당시 시행본 미확인", Confidence: "미확인"},
	}
	table := b.mapping([]Item{{ID: "AAA-01", Laws: laws}, {ID: "BBB-01", LawNotes: []string{"직접 대응하는 조항이 없음."}}})
	if len(table.Rows) != 3 {
		t.Fatalf("%d rows, want one for each law and one for an item without", len(table.Rows))
	}
	first, second, third := said(table, 0), said(table, 1), said(table, 2)
	for key, want := range map[string]string{
		"item": "AAA-01", "isms_p": "2.5.1 사용자 계정 관리", "cis": "v3.0.0: 1.15|v5.0.0: 1.14", "fsbp": "IAM.2", "pism": "PISM-045", "sk": "1.4|1.1",
		"provision": "규정 제13조", "notice": "제2026-29호", "effective": "2026-07-15", "status": "현행(2026-10-04 확인)|※ 원문 대조 필요",
		"confidence": "추정", "checked": "2026-10-04", "application": "준용", "note": "자체 연결(추정)임.|원 가이드 인용: 제13호 (오기)",
	} {
		if first[key] != want {
			t.Errorf("%s is %q, want %q", key, first[key], want)
		}
	}
	if second["isms_p"] != first["isms_p"] || second["notice"] != "-" || second["checked"] != "-" || strings.Contains(second["note"], "자체 연결") {
		t.Errorf("second row %v", second)
	}
	if third["item"] != "BBB-01" || third["provision"] != "-" || third["cis"] != "-" || third["note"] != "직접 대응하는 조항이 없음." {
		t.Errorf("third row %v", third)
	}
	if table.Rows[0].Cells[0].Link != "AAA-01" {
		t.Error("the item code leads nowhere")
	}
}

// Every law of the catalogue says when it was checked.
func TestMappingOfTheCatalogue(t *testing.T) {
	r := build(t, nil)
	for n := range r.Mapping.Rows {
		if row := said(r.Mapping, n); row["provision"] != "-" && (row["checked"] == "-" || row["confidence"] == "-") {
			t.Errorf("%v", row)
		}
	}
	if len(r.Mapping.Rows) < len(r.Items) || len(r.Collection.Rows) != 2 || len(r.Actions.Rows) == 0 {
		t.Errorf("%d mapping rows, %d calls, %d actions", len(r.Mapping.Rows), len(r.Collection.Rows), len(r.Actions.Rows))
	}
}
