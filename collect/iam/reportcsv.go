package iam

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"auditbinder/collect/evidence"
)

// reportColumns are the columns that the evidence needs, by header name. AWS may
// add others at any time; one of these missing makes the report unreadable.
var reportColumns = []string{
	"user", "arn", "password_enabled", "password_last_used", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
}

// additionalColumn is read where it is there: not every report has it.
const additionalColumn = "additional_credentials_info"

// parseReport reads the credential report's CSV by header name. Errors mean that
// the report cannot be trusted as a whole: no header, a column missing or twice,
// a torn row, no rows, an identity twice.
func parseReport(text []byte) ([]evidence.CredentialRow, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	at := map[string]int{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		if _, twice := at[name]; twice {
			return nil, fmt.Errorf("column %q twice", name)
		}
		at[name] = i
	}
	for _, name := range reportColumns {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("no column %q", name)
		}
	}
	var rows []evidence.CredentialRow
	seen := map[string]bool{}
	for {
		record, err := r.Read() // every row must have as many fields as the header
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read row %d: %w", len(rows)+2, err)
		}
		row := reportRow(func(name string) string { return record[at[name]] })
		if i, ok := at[additionalColumn]; ok {
			row.Additional = additional(record[i])
		}
		if row.User == "" || seen[row.User] {
			return nil, fmt.Errorf("row %d: user %q is empty or stands twice", len(rows)+2, row.User)
		}
		seen[row.User] = true
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no rows")
	}
	return rows, nil
}

func reportRow(field func(string) string) evidence.CredentialRow {
	row := evidence.CredentialRow{
		User: field("user"), ARN: field("arn"), PasswordEnabled: flag(field("password_enabled")),
		PasswordUsed: stamp(field("password_last_used")), MFA: flag(field("mfa_active")),
	}
	for i := range row.Keys {
		slot := fmt.Sprintf("access_key_%d_", i+1)
		row.Keys[i] = evidence.ReportKey{
			Active: flag(field(slot + "active")), Rotated: stamp(field(slot + "last_rotated")), Used: stamp(field(slot + "last_used_date")),
			UsedRegion: field(slot + "last_used_region"), UsedService: field(slot + "last_used_service"),
		}
	}
	return row
}

func additional(text string) string {
	if text = strings.TrimSpace(text); strings.EqualFold(text, evidence.NotApplicable) {
		return ""
	}
	return text
}

func flag(text string) evidence.Flag { return evidence.Flag(strings.ToLower(strings.TrimSpace(text))) }

// stamp reads a time with Z or an offset; any other text is kept as a word.
func stamp(text string) evidence.Stamp {
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		t = t.UTC()
		return evidence.Stamp{At: &t}
	}
	return evidence.Stamp{Word: text}
}
