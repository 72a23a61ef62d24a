// Package excel renders a finished view.Report as a workbook.
//
// What lives here: the sheets of the workbook (one file each), the text rules
// of a cell (text.go), the measures of Hangul (measure.go), the order in which
// excelize must be called (book.go, chart.go, style.go, and read.go for reading:
// the only files that touch it) and
// the byte-stable zip (zip.go).
//
// What never does: judging, counting, masking, translating or formatting times
// (report/view has done it all), reading evidence, the wall clock, randomness,
// and original bytes: a cell cannot hold every byte, the bundle does.
package excel

import (
	"io"
	"strings"

	"auditbinder/report/view"
)

// Sheet names that do not depend on the items.
const (
	sheetCover      = "표지"
	sheetSummary    = "요약"
	sheetResults    = "점검결과"
	sheetActions    = "조치계획"
	sheetFollowUp   = "이행점검"
	sheetEvidence   = "증적목록"
	sheetFiles      = "증적파일"
	sheetMapping    = "기준매핑"
	sheetCollection = "수집로그"
	sheetReport     = "자격증명보고서"
)

// Render writes the workbook of r to w. The same view gives the same bytes.
func Render(w io.Writer, r view.Report) error { return writeSheets(w, r, layOut(r)) }

// layOut describes all sheets in their final order.
func layOut(r view.Report) []*sheet {
	results, scope := resultsSheet(r)
	questions, scope := questionsSheet(r, scope)
	sheets := []*sheet{coverSheet(r), summarySheet(r, scope), results}
	for _, it := range r.Items {
		sheets = append(sheets, itemSheet(r, it))
	}
	add := func(name string, t view.Table) {
		if len(t.Columns) > 0 {
			sheets = append(sheets, tableSheet(name, r.Marking, t))
		}
	}
	add(sheetActions, r.Actions)
	add(sheetFollowUp, r.FollowUp)
	sheets = append(sheets, questions)
	add(sheetEvidence, r.Evidence)
	add(sheetFiles, r.Files)
	add(sheetMapping, r.Mapping)
	add(sheetCollection, r.Collection)
	add(sheetReport, r.CredentialReport)
	return append(sheets, reportInfo(r))
}

// accountID is the id that leads the account label '123456789012 (alias)'.
func accountID(r view.Report) string {
	id, _, _ := strings.Cut(r.AccountLabel, " ")
	return id
}
