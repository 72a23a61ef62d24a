package fakeaws

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"strings"
	"time"

	"auditbinder/collect/evidence"
)

type (
	reportState struct {
		State       string `xml:"State"`
		Description string `xml:"Description,omitempty"`
	}
	credentialReport struct {
		Content   string `xml:"Content"`
		Format    string `xml:"ReportFormat"`
		Generated string `xml:"GeneratedTime"`
	}
	organizationsFeatures struct {
		ID       string   `xml:"OrganizationId"`
		Features []string `xml:"EnabledFeatures>member"`
	}
)

// ReportColumns are the credential report's columns in AWS's order.
var ReportColumns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated", "additional_credentials_info",
}

func (s *Server) report() credentialReport {
	now := time.Now().UTC()
	if s.Now != nil {
		now = s.Now()
	}
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	lines := [][]string{ReportColumns, s.reportRow(evidence.RootAccount, "arn:aws:iam::"+s.Account.ID+":root", time.Time{})}
	for _, u := range s.Account.IAM.Users {
		lines = append(lines, s.reportRow(u.Name, u.ARN, u.Created))
	}
	if err := w.WriteAll(lines); err != nil {
		panic(err)
	}
	return credentialReport{
		Content: base64.StdEncoding.EncodeToString(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), Format: "text/csv",
		Generated: now.Add(-s.Account.ReportAge).UTC().Truncate(time.Second).Format(time.RFC3339),
	}
}

func (s *Server) reportRow(user, arn string, created time.Time) []string {
	set := s.Account.Report[user]
	row := make([]string, len(ReportColumns))
	for i, column := range ReportColumns {
		v, ok := set[column]
		switch {
		case ok:
		case column == "user":
			v = user
		case column == "arn":
			v = arn
		case column == "user_creation_time" && !created.IsZero():
			v = created.UTC().Format(time.RFC3339)
		case column == "user_creation_time":
			v = groupCreated
		case column == "additional_credentials_info":
		case user == evidence.RootAccount && (column == "password_enabled" || column == "password_last_changed" || column == "password_next_rotation"):
			v = evidence.NotSupported
		case user == evidence.RootAccount && column == "password_last_used":
			v = evidence.NoInformation
		case column == "password_enabled" || strings.HasSuffix(column, "_active"):
			v = "false"
		default:
			v = evidence.NotApplicable
		}
		row[i] = v
	}
	return row
}
