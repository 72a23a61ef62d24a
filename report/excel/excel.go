// Package excel renders a finished view.Report as a workbook.
//
// What lives here: the sheets of the workbook (one file each), the text rules
// of a cell (text.go), the measures of Hangul (measure.go), the order in which
// excelize must be called (book.go, style.go: the only files that touch it) and
// the byte-stable zip (zip.go).
//
// What never does: judging, counting, masking, translating or formatting times
// (report/view has done it all), reading evidence, the wall clock, randomness,
// and original bytes: a cell cannot hold every byte, the bundle does.
package excel

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"auditbinder/report/view"
)

// Sheet names that do not depend on the items.
const (
	sheetCover    = "표지"
	sheetSummary  = "요약"
	sheetResults  = "점검결과"
	sheetEvidence = "증적목록"
	sheetFiles    = "증적파일"
	sheetReport   = "자격증명보고서"
)

// Render writes the workbook of r to w. The same view gives the same bytes.
func Render(w io.Writer, r view.Report) (err error) {
	b, err := newBook(r)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := b.close(); err == nil {
			err = closeErr
		}
	}()

	// Every sheet exists before the first is written: links and the order need it.
	sheets := layOut(r)
	for _, s := range sheets {
		if err := b.addSheet(s.name); err != nil {
			return err
		}
	}
	for _, s := range sheets {
		if err := b.write(s); err != nil {
			return fmt.Errorf("excel: sheet %s: %w", s.name, err)
		}
	}
	var raw bytes.Buffer
	if err := b.save(&raw); err != nil {
		return err
	}
	return rewriteZip(w, raw.Bytes())
}

// layOut describes all sheets in their final order.
func layOut(r view.Report) []*sheet {
	results, scope := resultsSheet(r)
	sheets := []*sheet{coverSheet(r), summarySheet(r, scope), results}
	for _, it := range r.Items {
		sheets = append(sheets, itemSheet(r, it))
	}
	sheets = append(sheets, tableSheet(sheetEvidence, r.Marking, r.Evidence))
	if len(r.Files.Columns) > 0 {
		sheets = append(sheets, tableSheet(sheetFiles, r.Marking, r.Files))
	}
	if len(r.CredentialReport.Columns) > 0 {
		sheets = append(sheets, tableSheet(sheetReport, r.Marking, r.CredentialReport))
	}
	return sheets
}

// accountID is the id that leads the account label '123456789012 (alias)'.
func accountID(r view.Report) string {
	id, _, _ := strings.Cut(r.AccountLabel, " ")
	return id
}
