package view

import (
	"bytes"
	"encoding/csv"
	"fmt"

	"auditbinder/collect/evidence"
)

// credentialReport lays out the report's CSV as it is: every row and column as
// text. What it means has been read at collection; here nothing is interpreted.
func credentialReport(text []byte, read *evidence.CredentialReport) (Table, error) {
	if len(text) == 0 || read == nil {
		return Table{}, nil
	}
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))).ReadAll()
	if err != nil {
		return Table{}, fmt.Errorf("read the credential report: %w", err)
	}
	t := Table{Title: "자격 증명 보고서 · 생성 시각 " + kst(read.Generated), Sheet: "자격증명보고서"}
	for _, name := range records[0] {
		t.Columns = append(t.Columns, Column{Key: name, Title: name, Weight: 1})
	}
	for _, record := range records[1:] {
		row := Row{Cells: make([]Cell, len(record))}
		for i, v := range record {
			row.Cells[i] = plain(v)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// plain keeps an empty field empty.
func plain(v string) Cell { return Cell{Lines: []string{v}} }
