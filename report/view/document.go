package view

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/report/verdict"
)

// What of the document only the PDF has: 문서 관리, 인터뷰, 조치계획 and the
// appendices as they fit a page. The workbook has the same in full.

// Rows that the PDF shows of lists that the workbook holds whole.
const (
	pdfQuestions = 100
	pdfLog       = 200
)

// version is 버전 of the document's first edition.
func version(draft string) string {
	if draft == finalMark {
		return "1.0"
	}
	return "0.1"
}

// limit is how many of n rows the PDF shows where most is the usual number.
func (b *builder) limit(n, most int) int {
	if b.AllRows {
		return n
	}
	return min(n, most)
}

// show lets the PDF print the first rows of t and say so.
func (t *Table) show(rows int) {
	t.PDFRows, t.PDFNote = rows, ""
	if n := len(t.Rows); rows < n {
		t.PDFNote = fmt.Sprintf("전체 %s건 중 %s건 표시, 전체는 Excel '%s' 시트에 있음", verdict.Grouped(n), verdict.Grouped(rows), t.Sheet)
	}
}

// arranged is t with the columns of some keys, the last of them below their row.
func (t Table) arranged(beside, below []string) Table {
	var columns []Column
	var from []int
	for i, key := range slices.Concat(beside, below) {
		at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Key == key })
		c := t.Columns[at]
		c.Below = i >= len(beside)
		columns, from = append(columns, c), append(from, at)
	}
	rows := make([]Row, len(t.Rows))
	for i, r := range t.Rows {
		cells := make([]Cell, len(from))
		for j, at := range from {
			cells[j] = r.Cells[at]
		}
		rows[i] = Row{Cells: cells, Status: r.Status}
	}
	t.Columns, t.Rows = columns, rows
	return t
}

// revisions is 개정 이력; who wrote and approved is left to the pen.
func (b *builder) revisions(draft string) Table {
	return Table{Title: "개정 이력", PDFRows: 1, Columns: []Column{
		{Key: "version", Title: "버전", Weight: 1, Center: true}, {Key: "date", Title: "일자", Weight: 1.6, Center: true}, {Key: "change", Title: "내용", Weight: 4},
		{Key: "author", Title: "작성", Weight: 1.6, Fill: true}, {Key: "approver", Title: "승인", Weight: 1.6, Fill: true},
	}, Rows: []Row{{Cells: []Cell{text(version(draft)), text(day(b.Set.CollectedAt)), text("최초 작성"), {}, {}}}}}
}

// control is 배포처 and 보존기간.
func (b *builder) control() []Field {
	return []Field{
		{Label: "배포처", Lines: penLines(b.Settings.Organization.SubmitTo, 2)},
		{Label: "보존기간", Lines: penLines("", 1)},
	}
}

// penLines is a text, or blank lines where people are to write one.
func penLines(text string, blank int) []string {
	if text == "" {
		return make([]string, blank)
	}
	return strings.Split(text, "\n")
}

// interviews is 인터뷰: the questions of each item once, then its targets. Of too
// many, every item shows as many as the others as far as it has them.
func (b *builder) interviews(questions []Question) []Section {
	var byItem [][]Question
	for i, q := range questions {
		if i == 0 || q.Item != questions[i-1].Item {
			byItem = append(byItem, nil)
		}
		last := len(byItem) - 1
		byItem[last] = append(byItem[last], q)
	}
	shown := make([]int, len(byItem))
	for left, grown := b.limit(len(questions), pdfQuestions), true; left > 0 && grown; {
		grown = false
		for i, list := range byItem {
			if left > 0 && shown[i] < len(list) {
				shown[i], left, grown = shown[i]+1, left-1, true
			}
		}
	}
	var out []Section
	for i, list := range byItem {
		t := Table{Sheet: "인터뷰", Columns: []Column{
			{Key: "resource", Title: "대상", Weight: 3}, {Key: "status", Title: "자동판정", Weight: 1.4, Center: true}, {Key: "respondent", Title: "답변자", Weight: 2, Fill: true},
			{Key: "held", Title: "일시", Weight: 1.7, Fill: true}, {Key: "final", Title: "최종판정", Weight: 1.4, Center: true, Fill: true}, {Key: "judge", Title: "판정자", Weight: 1.8, Fill: true},
			{Key: "reason", Title: "확인 사항", Weight: 4, Below: true}, {Key: "answer", Title: "답변", Weight: 4, Below: true, Fill: true}, {Key: "files", Title: "첨부", Weight: 3, Below: true, Fill: true},
		}}
		for _, q := range list {
			a := q.Answer
			final := Cell{}
			if i := slices.IndexFunc(verdictOrder, func(v verdict.Verdict) bool { return a.Final != "" && verdictWords[v] == a.Final }); i >= 0 {
				final = verdictCell(verdictOrder[i])
			}
			t.Rows = append(t.Rows, Row{Status: q.Status.ID, Cells: []Cell{
				text(orElse(q.Resource, wholeItem)), {Lines: []string{q.Status.Word}, Verdict: q.Status.ID}, plain(a.Respondent), plain(a.Held), final, plain(a.Judge),
				text(q.Reason), {Lines: penLines(a.Text, 3)}, {Lines: penLines(a.Files, 1)},
			}})
		}
		t.show(shown[i])
		s := Section{Heading: list[0].Item + " " + list[0].Title, Table: &t}
		if list[0].Text != "" {
			for n, line := range strings.Split(list[0].Text, "\n") {
				s.Paragraphs = append(s.Paragraphs, fmt.Sprintf("질문 %d. %s", n+1, line))
			}
		}
		out = append(out, s)
	}
	return out
}

// plan is 조치계획 as it fits a page; how to act stands with each item.
func (b *builder) plan(actions Table) Table {
	t := actions.arranged(
		[]string{"number", "item", "resource", "severity", "term", "department", "owner", "due", "state", "approver"},
		[]string{"reason", "obstacle"})
	t.Title = "취약 대상별 조치"
	t.show(b.limit(len(t.Rows), pdfOffenders))
	return t
}

// criteriaParts is 부록 A: what decides each item, then the numbers in effect.
func (b *builder) criteriaParts(items []Item) []Section {
	t := &Table{Columns: []Column{
		{Key: "item", Title: "항목", Weight: 2.2}, {Key: "severity", Title: "중요도와 출처", Weight: 2}, {Key: "good", Title: "양호", Weight: 4}, {Key: "vulnerable", Title: "취약", Weight: 4},
		{Key: "thresholds", Title: "기준값과 출처", Weight: 2.6},
	}}
	for _, it := range items {
		var values []string
		for _, f := range it.Thresholds {
			values = append(append(values, f.Label), f.Lines...)
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Lines: []string{it.ID, it.Title}, Link: it.ID}, text(it.Severity, orNone(it.SeveritySource)), text(strings.Split(orNone(it.GoodCriteria), "\n")...),
			text(strings.Split(orNone(it.VulnerableCriteria), "\n")...), listed(values),
		}})
	}
	t.PDFRows = len(t.Rows)
	return []Section{
		{Heading: "A.1 항목별 판정 기준", Paragraphs: []string{"인터뷰 필요·해당 없음·점검 불가의 기준과 전문은 3. 항목별 점검 결과의 각 항목에 있음."}, Table: t},
		{Heading: "A.2 적용 기준값과 설정", Paragraphs: []string{"설정 파일의 요약값(configDigest, SHA-256): " + b.Settings.Digest()}, Table: b.settingsTable()},
	}
}

// standardParts is 부록 B: 기준매핑 in two tables that fit a page. An item's
// standards stand there once.
func (b *builder) standardParts(mapping Table) []Section {
	standards := mapping.arranged([]string{"item", "isms_p", "cis", "fsbp", "pism", "sk"}, nil)
	standards.Rows = slices.CompactFunc(standards.Rows, func(x, y Row) bool { return slices.Equal(x.Cells[0].Lines, y.Cells[0].Lines) })
	laws := mapping.arranged([]string{"item", "provision", "notice", "effective", "status", "confidence", "checked", "application"}, []string{"note"})
	standards.Title, laws.Title = "", ""
	standards.show(len(standards.Rows))
	laws.show(len(laws.Rows))
	return []Section{
		{Heading: "B.1 보안 기준", Paragraphs: b.Catalog.Laws.StandardsNotes, Table: &standards},
		{Heading: "B.2 법령·조항", Table: &laws},
	}
}

// collectionParts is 부록 D: failures and regions in full, the log's beginning.
func (b *builder) collectionParts(failures, log Table) []Section {
	failures.Title, failures.Empty = "", "실패한 호출이 0건임."
	log = log.arranged([]string{"number", "sent", "api", "region", "result", "code", "attempts", "items"}, nil)
	for i, weight := range []float64{0.8, 2.8, 4.2, 2.2, 1.7, 2.4, 0.8, 3.2} { // most rows take one line
		log.Columns[i].Weight = weight
	}
	log.Title = ""
	log.show(b.limit(len(log.Rows), pdfLog))
	out := []Section{{Heading: "D.1 오류", Paragraphs: []string{"끝내 응답을 받지 못한 호출과 그 영향임. 재시도하여 성공한 호출의 오류는 수집 로그의 오류코드에 있음."}, Table: &failures}}
	regions := Section{Heading: "D.2 리전", Paragraphs: []string{b.regionText()}, Table: b.regionTable()}
	if regions.Table != nil {
		regions.Table.Title = ""
	}
	return append(out, regions, Section{Heading: "D.3 수집 로그", Table: &log})
}
