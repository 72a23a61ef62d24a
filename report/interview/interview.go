// Package interview holds what only people can settle: the open questions of a
// judged bundle, their answers, and the rules for answers (G9). It knows no
// workbook (report/excel reads and writes the form), no verdict rule and no file.
package interview

import (
	"strconv"

	"auditbinder/report/strictyaml"
)

// Words of 최종판정 by verdict id. A person settles: neither 인터뷰 필요 nor 점검 불가 is an answer.
const (
	Good       = "good"
	Vulnerable = "vulnerable"
	NA         = "na"
	open       = "interview"
	unknown    = "unknown"
)

// Verdict is a 최종판정 that an answer may give.
type Verdict struct{ ID, Word string }

// Verdicts are the words of the drop-down, in its order.
var Verdicts = []Verdict{{Good, "양호"}, {Vulnerable, "취약"}, {NA, "해당 없음"}}

// Form is what is asked about one bundle.
type Form struct {
	BundleDigest string
	AccountID    string
	AccountLabel string // '123456789012 (alias)'
	CollectedAt  string // KST, as printed
	Simulated    string // marking of a simulated source; empty for none
	Items        []Item
}

// Item is one judged item with everything that can be answered.
type Item struct {
	ID, Title string
	Auto      string   // verdict id
	Reason    string   // 판정 근거
	Questions []string // of the catalogue
	Findings  []Finding
	// Incomplete: evidence is missing that no unknown finding stands for (a failed
	// call without a target beside findings that are open or vulnerable for another
	// reason). An unknown item without an unknown finding is that without saying so.
	Incomplete bool
}

// Finding is one target of the item. Resources are unique within an item.
type Finding struct {
	Resource string
	Status   string // verdict id
	Reason   string
}

// Answer is one row of the form: about a finding, or about the whole item.
type Answer struct {
	Item       string
	Resource   string // empty: the item
	Respondent string // 답변자(소속·직위)
	Held       string // 면담일시, 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM', KST
	Text       string // 답변
	Verdict    string // 최종판정, verdict id; empty: none given
	Reason     string // 판정 사유, required for 양호 against an automatic 취약
	Judge      string // 판정자
	Judged     strictyaml.Date
	Document   string   // 문서번호
	Files      []string // 첨부: file names, beside the answer file
	Where      Place
}

// Place is where an answer stands: sheet and row of a workbook, or line of YAML.
type Place struct {
	Sheet string
	Row   int
	// Columns give the cell of each field by its key; nil in YAML.
	Columns map[string]string
	Line    int
	// Unread are the fields that held something the parser could not read and has
	// reported: Check does not call them empty once more.
	Unread []string
}

// Field keys, as in the YAML form.
const (
	FieldBundle     = "bundle" // of the file, not of an answer
	FieldItem       = "item"
	FieldResource   = "resource"
	FieldRespondent = "respondent"
	FieldHeld       = "held"
	FieldText       = "answer"
	FieldVerdict    = "verdict"
	FieldReason     = "reason"
	FieldJudge      = "judge"
	FieldJudged     = "judged"
	FieldDocument   = "document"
	FieldFiles      = "attachments"
)

// At names the place of a field: '인터뷰!G12', or '12행'; '파일' where none is known.
func (p Place) At(field string) string {
	if p.Sheet == "" && p.Line == 0 {
		return "파일"
	}
	if p.Sheet == "" {
		return strconv.Itoa(p.Line) + "행"
	}
	column := p.Columns[field]
	if column == "" {
		return p.Sheet + "!" + strconv.Itoa(p.Row) + "행"
	}
	return p.Sheet + "!" + column + strconv.Itoa(p.Row)
}

// File is a filled form.
type File struct {
	BundleDigest string
	Answers      []Answer
	Where        Place // of the digest; zero: not known
}

// Problem is one thing wrong with a file: where, and what, in Korean.
type Problem struct{ At, Text string }

func (p Problem) String() string { return p.At + ": " + p.Text }
