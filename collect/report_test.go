package collect_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

const (
	generate = "iam:GenerateCredentialReport"
	report   = "iam:GetCredentialReport"
)

func TestCredentialReportIsPolled(t *testing.T) {
	a := standard()
	a.ReportPolls = 5
	b := newBench(t, a)
	content := b.run()
	r := content.Set.CredentialReport
	if r == nil || len(content.Set.Failures) > 0 {
		t.Fatalf("report %+v, failures %+v", r, content.Set.Failures)
	}
	if n := b.fake.Counts()[generate]; n != 6 {
		t.Errorf("asked %d times", n)
	}
	if len(b.slept) != 5 {
		t.Errorf("waits %v", b.slept)
	}
	if r.Rows[0].User != evidence.RootAccount || len(r.Rows) != len(a.IAM.Users)+1 {
		t.Errorf("rows %+v", r.Rows)
	}
	// The decoded file is the report as received.
	text := content.Files[evidence.CredentialReportFile]
	if !bytes.HasPrefix(text, []byte("user,arn,")) || bytes.HasSuffix(text, []byte("\n")) {
		t.Errorf("file %q", text)
	}
	b.reread(content)
}

func TestCredentialReportFails(t *testing.T) {
	body := func(content, generated string) string {
		return "<GetCredentialReportResponse><GetCredentialReportResult><Content>" + base64.StdEncoding.EncodeToString([]byte(content)) +
			"</Content><ReportFormat>text/csv</ReportFormat>" + generated + "</GetCredentialReportResult></GetCredentialReportResponse>"
	}
	const at = "<GeneratedTime>2026-11-24T05:00:00Z</GeneratedTime>"
	tests := []struct {
		name         string
		polls        int
		fault        func(fakeaws.Request) *fakeaws.Fault
		action, code string
	}{
		{"generation denied", 0, only(generate, -1, fakeaws.Fault{Status: 403, Code: "AccessDenied"}), generate, "AccessDenied"},
		{"reading denied", 0, only(report, -1, fakeaws.Fault{Status: 403, Code: "AccessDenied"}), report, "AccessDenied"},
		{"never ready", 1000, nil, generate, "ReportNotReady"},
		{"expired for ever", 0, only(report, -1, fakeaws.Fault{Status: 410, Code: "ReportExpired"}), generate, "ReportNotReady"},
		{"no state", 0, only(generate, 0, fakeaws.Fault{Status: 200, Body: "<GenerateCredentialReportResponse><GenerateCredentialReportResult/></GenerateCredentialReportResponse>"}), generate, "MalformedBody"},
		{"no content", 0, only(report, 0, fakeaws.Fault{Status: 200, Body: body("", at)}), report, "MalformedBody"},
		{"no time", 0, only(report, 0, fakeaws.Fault{Status: 200, Body: body("user,arn\na,b", "")}), report, "MalformedBody"},
		{"a column missing", 0, only(report, 0, fakeaws.Fault{Status: 200, Body: body("user,arn\na,b", at)}), report, "MalformedBody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := standard()
			a.ReportPolls = tt.polls
			b := newBench(t, a)
			b.fake.Now = nil
			b.fake.Fault = tt.fault
			content := b.run()
			f := content.Set.Failures
			if len(f) != 1 || f[0].Action != tt.action || f[0].Code != tt.code || content.Set.CredentialReport != nil || content.Files[evidence.CredentialReportFile] != nil {
				t.Errorf("failures %+v, report %v", f, content.Set.CredentialReport)
			}
			waited := time.Duration(0)
			for _, d := range b.slept {
				waited += d
			}
			if tt.code == "AccessDenied" && waited > 10*time.Second || waited > 3*time.Minute+30*time.Second {
				t.Errorf("waited %s", waited)
			}
			b.reread(content)
		})
	}
}

// A report that expires or vanishes between poll and read is asked for again.
func TestCredentialReportHeals(t *testing.T) {
	for _, code := range []string{"ReportExpired", "ReportNotPresent", "ReportInProgress"} {
		t.Run(code, func(t *testing.T) {
			b := newBench(t, standard())
			b.fake.Now = nil
			b.fake.Fault = only(report, 0, fakeaws.Fault{Status: 410, Code: code})
			content := b.run()
			if len(content.Set.Failures) > 0 || content.Set.CredentialReport == nil {
				t.Errorf("failures %+v", content.Set.Failures)
			}
			if got := fmt.Sprint(b.fake.Counts()[generate], b.fake.Counts()[report]); got != "2 2" {
				t.Errorf("calls %s", got)
			}
			b.reread(content)
		})
	}
}
