package view

import (
	"slices"
	"strings"
)

// mapping is 기준매핑: a row for every item and law, one for an item without a
// law. The standards stand in every row, so that a filter finds each of them.
func (b *builder) mapping(items []Item) Table {
	t := Table{Title: "기준 매핑", Sheet: "기준매핑", Empty: "판정한 항목이 없음", Columns: []Column{
		{Key: "item", Title: "항목코드", Weight: 1.3, Center: true}, {Key: "isms_p", Title: "ISMS-P", Weight: 2.4}, {Key: "cis", Title: "CIS(version)", Weight: 1.4},
		{Key: "fsbp", Title: "AWS FSBP", Weight: 1.2}, {Key: "pism", Title: "금융보안원", Weight: 2.4}, {Key: "sk", Title: "SK쉴더스", Weight: 1.1},
		{Key: "provision", Title: "법령·조항", Weight: 2.8}, {Key: "notice", Title: "고시번호", Weight: 2.4}, {Key: "effective", Title: "시행일", Weight: 1.4, Center: true},
		{Key: "status", Title: "상태", Weight: 2}, {Key: "confidence", Title: "신뢰도", Weight: 1, Center: true}, {Key: "checked", Title: "확인일", Weight: 1.4, Center: true},
		{Key: "application", Title: "적용 방식", Weight: 1, Center: true}, {Key: "note", Title: "비고", Weight: 5},
	}}
	for i, it := range items {
		s := b.Results[i].Item.Standards
		standards := []Cell{
			{Lines: []string{it.ID}, Link: it.ID}, listed(controls(s.ISMSP)), listed(versions(s.CIS)), listed(s.FSBP), listed(controls(s.PISM)), listed(s.SK),
		}
		note := slices.Clone(it.LawNotes) // what holds for the item stands in its first row
		if s.Note != "" {
			note = append(note, s.Note)
		}
		laws := it.Laws
		if len(laws) == 0 {
			laws = []Law{{}}
		}
		for _, l := range laws {
			status := []string{orNone(l.Status)}
			if l.Warning != "" {
				status = append(status, "※ "+l.Warning)
			}
			for _, c := range l.Cited {
				note = append(note, "원 가이드 인용: "+c.Text+" ("+c.Note+")")
			}
			t.Rows = append(t.Rows, Row{Cells: append(slices.Clone(standards),
				text(orNone(strings.TrimSpace(l.Name+" "+l.Provision))), text(orNone(l.Notice)), text(orNone(l.EffectiveFrom)), text(status...),
				text(orNone(l.Confidence)), text(orNone(l.CheckedOn)), text(orNone(l.Application)), listed(slices.Concat(l.Notes, note)))})
			note = nil
		}
	}
	t.PDFRows = len(t.Rows)
	return t
}
