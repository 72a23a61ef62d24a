package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/verdict"
)

// verdictColumn and reasonColumn are the columns that the finding itself fills.
const (
	verdictColumn = "verdict"
	reasonColumn  = "reason"
)

// item lays out one judged item.
func (b *builder) item(res verdict.Result) (Item, error) {
	it := res.Item
	v := Item{
		ID: it.ID, Title: it.Title, Area: it.Area, Severity: string(it.Severity), SeveritySource: it.SeveritySource,
		Auto: Word(res.Auto), Final: Word(b.final(it.ID)), CheckedAt: kst(b.Set.CollectedAt),
		Purpose: it.Purpose, Threat: it.Threat, Standards: standards(it.Standards), Criteria: criteria(it.Criteria), Method: method(it),
		Notes: slices.Concat(res.Notes, it.Limits), Population: res.Population, Checked: res.Checked, Vulnerable: res.Vulnerable, PopulationUnit: it.Unit,
		Reason: b.reason(res), Evidence: b.ownEvidence(res), Remediation: it.Remediation, Impact: it.Impact, Questions: it.Questions,
		GoodCriteria: strings.Join(it.Criteria.Good, "\n"), VulnerableCriteria: strings.Join(it.Criteria.Vulnerable, "\n"),
	}
	for _, key := range it.Thresholds {
		t, err := b.Settings.Threshold(key)
		if err != nil {
			return Item{}, fmt.Errorf("thresholds of %s: %w", it.ID, err)
		}
		v.Thresholds = append(v.Thresholds, Field{Label: t.Title, Lines: []string{t.Value, t.Source}})
	}
	if it.LawNote != "" {
		v.LawNotes = []string{it.LawNote}
	}
	for _, ref := range it.Laws {
		in, err := b.Catalog.Laws.At(ref, b.Set.CollectedAt)
		if err != nil {
			return Item{}, fmt.Errorf("law references of %s: %w", it.ID, err)
		}
		v.Laws = append(v.Laws, law(in))
	}
	v.Answers, v.Attachments = b.answers(it.ID), b.attachments(it.ID)
	for _, f := range res.Failures {
		text := verdict.Describe(f)
		if word := codeWords[f.Code]; word != "" {
			text += "(" + word + ")"
		}
		v.Failures = append(v.Failures, text)
	}
	for _, id := range res.CallIDs {
		if n := b.numbers[id]; n != "" {
			v.EvidenceIDs = append(v.EvidenceIDs, n)
		}
	}
	v.EvidenceIDs = runs(v.EvidenceIDs)
	v.Judge, v.Judged = b.judged(it.ID)
	for _, f := range res.Findings {
		if e := f.Exception; e != nil {
			v.Exceptions = append(v.Exceptions, exceptionText(f.Resource, e))
		}
	}
	v.Facts = b.facts(res)
	return v, nil
}

// facts is the item's own table (its columns and the reason, offenders first)
// and its further tables.
func (b *builder) facts(res verdict.Result) []Table {
	own := item.Table{Title: "점검 대상별 확인 결과", Columns: res.Item.Columns, Empty: res.Item.Empty}
	if !hasVerdict(own.Columns) {
		own.Columns = append(slices.Clone(own.Columns), item.Column{Key: verdictColumn, Title: "판정", Weight: 0.9, Center: true})
	}
	tables := []Table{b.factTable(res, own)}
	for _, t := range res.Item.Tables {
		if table := b.factTable(res, t); len(table.Rows) > 0 || t.Empty != "" {
			tables = append(tables, table)
		}
	}
	return tables
}

// citedMost bounds the numbers that one sentence names; result.json holds all.
const citedMost = 8

// cite names the evidence behind a finding by 증적번호.
func (b *builder) cite(calls []string) string {
	if numbers := b.cited(calls); numbers != "" {
		return " [증적 " + numbers + "]"
	}
	return ""
}

func (b *builder) cited(calls []string) string {
	var numbers []string
	for _, id := range calls {
		if n := b.numbers[id]; n != "" && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	if n := len(numbers); n > citedMost {
		return fmt.Sprintf("%s 외 %d건", strings.Join(numbers[:citedMost], ", "), n-citedMost)
	}
	return strings.Join(numbers, ", ")
}

func hasVerdict(columns []item.Column) bool {
	return slices.ContainsFunc(columns, func(c item.Column) bool { return c.Key == verdictColumn })
}

// factTable holds the findings of one table, or the rows of one without verdicts.
func (b *builder) factTable(res verdict.Result, it item.Table) Table {
	t := Table{Title: it.Title, Sheet: res.Item.ID, Empty: it.Empty}
	for _, c := range it.Columns {
		t.Columns = append(t.Columns, Column{Key: c.Key, Title: c.Title, Weight: c.Weight, Mono: c.Mono, Center: c.Center, Below: c.Below})
	}
	if hasVerdict(it.Columns) {
		t.Columns = append(t.Columns, Column{Key: reasonColumn, Title: "판정 사유", Weight: 3.2, Below: true})
	}
	offenders, others := 0, 0
	for _, f := range res.Findings {
		if f.Table != it.Key {
			continue
		}
		row := Row{Status: string(b.status(res.Item.ID, f))}
		for _, c := range it.Columns {
			row.Cells = append(row.Cells, b.masked(c.Mask, b.findingCell(res.Item.ID, f, c.Key)))
		}
		row.Cells = append(row.Cells, text(f.Reason+b.cite(f.CallIDs)))
		t.Rows = append(t.Rows, row)
		if f.Status == verdict.Vulnerable {
			offenders++
		} else {
			others++
		}
	}
	for _, cells := range res.Rows[it.Key] {
		var row Row
		for _, c := range it.Columns {
			row.Cells = append(row.Cells, b.masked(c.Mask, cell(cells[c.Key])))
		}
		if len(row.Cells) < len(t.Columns) {
			row.Cells = append(row.Cells, text(none)) // no finding, no reason
		}
		t.Rows = append(t.Rows, row)
		others++
	}
	rows := b.limit(offenders, pdfOffenders)
	if rows == offenders {
		rows += b.limit(others, pdfOthers)
	}
	t.show(rows)
	return t
}

// hidden stands for what the configuration lets nobody see.
const hidden = "가림"

// nameTag is the tag that names an instance.
const nameTag = "Name"

// masked hides what the configuration says of a column with personal data.
func (b *builder) masked(kind item.Mask, c Cell) Cell {
	lines := slices.Clone(c.Lines)
	for i, line := range lines {
		key, value, tag := strings.Cut(line, "=")
		switch {
		case line == "" || line == none:
		case kind == item.MaskContact && b.Settings.Masking.Contacts == settings.MaskFull:
			lines[i] = hidden
		case kind == item.MaskTags && tag && slices.Contains(b.Settings.Masking.Tags, key):
			lines[i] = key + "=" + evidence.MaskName(value)
		case kind == item.MaskName && slices.Contains(b.Settings.Masking.Tags, nameTag):
			lines[i] = evidence.MaskName(line)
		}
	}
	c.Lines = lines
	return c
}

// purposeColumn is filled by the answer about the finding (ROOT-01).
const purposeColumn = "purpose"

func (b *builder) findingCell(item string, f verdict.Finding, key string) Cell {
	if a := b.answerOf(item, f.Resource); key == purposeColumn && a != nil && a.Text != "" {
		return text(strings.Split(a.Text, "\n")...)
	}
	if key == verdictColumn {
		c := verdictCell(f.Status)
		if final := b.decisions[item].Findings[f.Resource]; final != "" {
			c.Lines = append(c.Lines, "최종 "+Word(verdict.Verdict(final)).Word)
		}
		if e := f.Exception; e != nil && !e.Expired && !e.Early {
			c.Lines = append(c.Lines, "예외승인 ~"+e.Expires.String())
		} else if e != nil && e.Expired {
			c.Lines = append(c.Lines, "예외 만료 "+e.Expires.String())
		}
		return c
	}
	return cell(f.Cells[key])
}

// cell formats a rule's value; nothing shows as '-'.
func cell(cell verdict.Cell) Cell {
	switch {
	case cell.Count != nil:
		return number(*cell.Count)
	case !cell.At.IsZero():
		return text(kst(cell.At))
	case len(cell.Lines) == 0:
		return text(none)
	}
	out := make([]string, len(cell.Lines))
	for i, l := range cell.Lines {
		out[i] = orNone(l)
	}
	return text(out...)
}

func exceptionText(resource string, e *verdict.Exception) string {
	state := "유효"
	switch {
	case e.Expired:
		state = "만료되어 효력 없음"
	case e.Early:
		state = "승인일 전이므로 효력 없음"
	}
	return fmt.Sprintf("%s: %s (보완통제: %s, 승인자: %s, 승인일: %s, 문서: %s, 만료일: %s, %s)",
		resource, e.Reason, e.Compensating, e.Approver, e.Approved, e.Document, e.Expires, state)
}

func standards(s item.Standards) []Field {
	var out []Field
	add := func(label string, lines []string) {
		if len(lines) > 0 {
			out = append(out, Field{Label: label, Lines: lines})
		}
	}
	add("ISMS-P 인증기준", controls(s.ISMSP))
	if cis := versions(s.CIS); len(cis) > 0 {
		add("CIS AWS Foundations", []string{strings.Join(cis, " · ")})
	}
	add("AWS FSBP", joined(s.FSBP))
	add("금융보안원 평가기준", controls(s.PISM))
	add("SK쉴더스 가이드", joined(s.SK))
	if s.Note != "" {
		add("비고", []string{s.Note})
	}
	return out
}

// controls are numbered controls with their titles.
func controls(list []item.Control) []string {
	var lines []string
	for _, c := range list {
		lines = append(lines, strings.TrimSpace(c.ID+" "+c.Title))
	}
	return lines
}

// versions are control numbers behind the version that has them.
func versions(numbers map[string]string) []string {
	var lines []string
	for _, version := range slices.Sorted(maps.Keys(numbers)) {
		lines = append(lines, version+": "+numbers[version])
	}
	return lines
}

func joined(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return []string{strings.Join(list, ", ")}
}

func criteria(c item.Criteria) []Field {
	var out []Field
	for _, f := range []struct {
		v     verdict.Verdict
		lines []string
	}{{verdict.Good, c.Good}, {verdict.Vulnerable, c.Vulnerable}, {verdict.Interview, c.Interview}, {verdict.NA, c.NA}} {
		if len(f.lines) > 0 {
			out = append(out, Field{Label: verdictWords[f.v], Lines: f.lines})
		}
	}
	return append(out, Field{Label: verdictWords[verdict.Unknown], Lines: []string{"필수 조회의 실패, 출처 간 불일치 또는 해석할 수 없는 값으로 양호를 확인할 수 없는 경우"}})
}

var needWords = map[item.Need]string{item.Required: "필수", item.Optional: "선택", item.Fact: "필수"}

func method(it item.Item) []Field {
	out := []Field{}
	if len(it.Method.Console) > 0 {
		out = append(out, Field{Label: "콘솔", Lines: it.Method.Console})
	}
	if len(it.Method.CLI) > 0 {
		out = append(out, Field{Label: "CLI", Lines: it.Method.CLI, Mono: true})
	}
	var calls []string
	for _, e := range it.Evidence {
		call := fmt.Sprintf("%s [%s]", e.Call, needWords[e.Need])
		if e.Elsewhere == item.Optional {
			call = fmt.Sprintf("%s [%s(로그인 리전), %s(그 밖의 리전)]", e.Call, needWords[e.Need], needWords[e.Elsewhere])
		}
		if e.Error != "" {
			call += fmt.Sprintf(" (%s 응답은 '없음'으로 봄)", e.Error)
		}
		calls = append(calls, call)
	}
	return append(out, Field{Label: "수집 API", Lines: calls, Mono: true})
}
