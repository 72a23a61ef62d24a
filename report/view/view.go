// Package view builds the finished document once: order, counts, Korean
// labels, formatted times, masking and truncation marks are all decided here,
// so that the PDF, the workbook and result.json can only agree. It never
// judges (report/verdict does) and never draws (report/pdf, report/excel do).
//
// Every string in a Report is final Korean (or evidence text) as a reader sees
// it. Strings from evidence are unsanitised: a renderer makes them safe for its
// own medium and must not lose a character silently.
package view

import "time"

// Report is one finished document about one account.
type Report struct {
	Title string // 문서 제목
	// Marking stands on every page and sheet, e.g. '모의 환경 수집분 · 제출 불가'; empty for real AWS.
	Marking        string
	Draft          string // '초안', or '확정본' of a final document
	Classification string // 보안등급, e.g. 대외비
	DocumentNumber string // 문서번호, may be empty
	AccountLabel   string // '123456789012 (alias)' for headers and footers

	// Timestamp is collectedAt: document metadata must use it, never the clock.
	Timestamp time.Time

	Cover        []Field  // 표지의 항목, in order
	CoverNotices []string // warnings that must stand on the cover (unsettled items, TLS inspection, simulated source)
	Approvals    []string // 결재란 column heads; the cells stay blank

	Overview []Section // 점검 개요: 방법, 범위, 판정 기준, 한계 …
	Summary  Summary
	Items    []Item

	// Actions is 조치계획: a row for every vulnerable finding, FollowUp is 이행점검:
	// a row for every action. Both have cells that people fill in.
	Actions, FollowUp Table
	// Questions are what only people can settle, one for every open target.
	Questions []Question
	// Mapping is 기준매핑: items against standards and laws.
	Mapping Table
	// Collection is 수집로그: every call once, in the order of time.
	Collection Table

	// What only the PDF has: 개정 이력, 배포처·보존기간, 인터뷰 and 조치계획 as they
	// fit a page, 부록 A (판정 기준), B (기준 매핑), D (수집 로그) and E (권한 정책, as it is).
	Revisions       Table
	Control         []Field
	Interviews      []Section
	Plan            Table
	CriteriaParts   []Section
	StandardParts   []Section
	CollectionParts []Section
	Policy          string

	// Evidence lists every recorded answer (증적목록, 부록 C), in call-id order.
	Evidence Table
	// Files lists the bundle's files with size and SHA-256 (부록 C).
	Files Table
	// Failures lists the calls that failed and the items they cost; empty when nothing failed.
	Failures Table

	// CredentialReport is the whole credential report as text, for the workbook;
	// without columns when none was collected.
	CredentialReport Table

	// Verify are commands that check the evidence behind this report.
	Verify []string

	// Embedded are files that the PDF carries inside itself.
	Embedded []EmbeddedFile

	BundleDigest string // SHA-256 of the bundle's manifest.json, hex
	ConfigDigest string // SHA-256 of the effective configuration, hex
	Program      string // 'auditbinder 0.1.0'
}

// EmbeddedFile is a file inside the PDF, whole as given.
type EmbeddedFile struct {
	Name, MIME, Description string
	// Relationship is what it is to the document: Source, Data, Alternative, Supplement or Unspecified.
	Relationship string
	Body         []byte
}

// Field is a label with its value; several lines where the value is a list.
type Field struct {
	Label string
	Lines []string
	Mono  bool // hashes, ARNs, call ids
}

// Section is a heading with paragraphs and perhaps a table.
type Section struct {
	Heading    string
	Paragraphs []string
	Table      *Table
}

// Verdict is a judgement as shown: the id for colour and formulas, the word for people.
type Verdict struct {
	ID   string // good, vulnerable, interview, na, unknown; empty for none
	Word string // 양호, 취약, 인터뷰 필요, 해당 없음, 점검 불가; '-' for none
}

// Summary is 요약: the counts and the one-page item table.
type Summary struct {
	// Verdicts are the five verdicts in display order.
	Verdicts []Verdict
	// Severities are the rows of the verdict × 중요도 matrix: 상, 중, 하.
	Severities []string
	// Counts[i][j] is the number of items with Severities[i] and Verdicts[j].
	Counts [][]int
	// Areas are the rows of the 영역 table in the workbook.
	Areas []AreaCount
	// ComplianceLabel reads '준수율' or '준수율(잠정)'.
	ComplianceLabel string
	// ComplianceText is good ÷ (all − na) as shown, e.g. '50.0 %', '-' when nothing counts.
	ComplianceText string
	// Text is 총평 in full sentences.
	Text []string
	// Table is the one-page item table: 코드, 항목명, 중요도, 자동판정, 최종판정, 판정 근거.
	Table Table
	// Planned names the items of the catalogue that this version does not judge yet.
	Planned []Field
}

// AreaCount is one 영역 with its items counted by verdict id.
type AreaCount struct {
	Area  string
	Total int
	ByID  map[string]int
}

// Item is one check item as laid out in its section and sheet.
type Item struct {
	ID, Title, Area          string
	Severity, SeveritySource string // 상·중·하 and where that comes from
	Auto, Final              Verdict
	CheckedAt                string // KST with offset

	Purpose, Threat []string // paragraphs
	Laws            []Law
	LawNotes        []string // what must be read with the references, or in their place
	Standards       []Field  // ISMS-P, CIS, 금융보안원, SK쉴더스
	Criteria        []Field  // 양호, 취약, 인터뷰 필요 …
	Thresholds      []Field  // value with its source; often empty
	Method          []Field  // 콘솔 경로, API

	// Facts are 확인된 사실: the item's own table first (all resources, offenders
	// first), then any further tables.
	Facts []Table
	// Notes are limits and observations that must be read with the facts.
	Notes []string
	// Population, Checked and Vulnerable are 모집단 수, 점검 수, 취약 수.
	Population, Checked, Vulnerable int
	PopulationUnit                  string // '명', '건' …

	Reason   string // 판정 근거, one sentence
	Failures []string
	Evidence Table // the item's own 증적

	Remediation []string
	Impact      []string // 조치 시 영향
	Questions   []string // 인터뷰 질문
	// Answers is what people answered, Attachments the files that they named.
	Answers     Table
	Attachments []Attachment
	Exceptions  []string // 예외승인, approved and expired

	// GoodCriteria and VulnerableCriteria repeat Criteria for the workbook's columns.
	GoodCriteria, VulnerableCriteria string
	EvidenceIDs                      []string // 증적번호, runs as E-003~E-009
	Judge, Judged                    string   // 판정자, 판정일 of Final
}

// Effective is the verdict that counts: 최종판정, or else 자동판정.
func (it Item) Effective() Verdict {
	if it.Final.ID != "" {
		return it.Final
	}
	return it.Auto
}

// Law is one law reference as printed. Nothing may be printed more certainly
// than Status, Confidence and Warning say.
type Law struct {
	Name          string // 전자금융감독규정
	Notice        string // 금융위원회고시 제2026-29호
	EffectiveFrom string // 2026-07-15
	Provision     string // 제13조 제1항
	Gist          string // what the provision is about, in our words; may be empty
	Status        string // 현행(2026-10-04 확인)
	Application   string // 직접 or 준용
	Confidence    string // 확인, 추정 or 미확인
	CheckedOn     string // the day it was last checked; empty where it is not known
	Warning       string // '원문 대조 필요', '시행 여부 재확인 필요'; empty when neither applies
	Notes         []string
	Cited         []Cited // the source guide's own citation where it was repealed or mistyped
}

// Cited is an old or mistyped citation, shown beside the current one.
type Cited struct {
	Text string // as the source guide cites it
	Note string // why it no longer holds
}

// Table is a table of any size. Rows are final and in order.
type Table struct {
	Title   string
	Sheet   string // the workbook sheet that holds all rows
	Columns []Column
	Rows    []Row
	// PDFRows is how many of the first Rows the PDF shows.
	PDFRows int
	// PDFNote says what the PDF leaves out; empty when it shows all.
	PDFNote string
	// Empty is the sentence that stands in place of rows (0건 증적).
	Empty string
}

// Column describes one column.
type Column struct {
	Key    string // stable English key
	Title  string
	Weight float64 // relative width in the PDF and the workbook, > 0
	Mono   bool    // ARNs, hashes, call ids: drawn in the fixed-width face
	Center bool
	// SheetOnly columns stand in the workbook and not in the PDF.
	SheetOnly bool
	// Fill columns are blank, or hold a suggestion: people complete them.
	Fill bool
	// Choices are the words of a Fill column's drop-down; an ID colours the word as
	// that verdict. Empty: any text.
	Choices []Verdict
	// Below columns take a line of their own under their row in the PDF, over the
	// whole width; the workbook has them in place.
	Below bool
}

// Row is one line of a table.
type Row struct {
	Cells []Cell // as many as there are columns
	// Status is the verdict id of a row that has one.
	Status string
}

// Cell is one value. Lines are drawn one under the other. Number is set where
// the value is a plain count that a workbook should hold as a number.
type Cell struct {
	Lines   []string
	Number  *int
	Verdict string // verdict id where the cell shows a verdict
	Link    string // item id the cell should lead to; empty for none
}
