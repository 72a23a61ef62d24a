package cli_test

import (
	"archive/zip"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/cmd/internal/cli"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

var update = flag.Bool("update", false, "rewrite the golden result.json of the demo")

// The whole of result.json for the sample account, as people and machines get it.
func TestDemoResultIsGolden(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if r := run(t, "demo", "--quiet"); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	got, err := os.ReadFile(filepath.Join(dir, "123456789012_20261124_result.json"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(home)
	golden := filepath.Join("testdata", "demo_result.json")
	if *update {
		write(t, golden, got)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("result.json of the demo changed; if that is meant: go test ./cmd/internal/cli -run Golden -update")
	}
}

// home is the package's folder: scripts and tests move about.
var home, _ = os.Getwd()

// The four items that rest on the credential report are unknown at once when it
// is denied, without waiting, and when it is never ready.
func TestCredentialReportFails(t *testing.T) {
	tests := []struct {
		name   string
		fault  func(fakeaws.Request) *fakeaws.Fault
		polls  int
		reason string
		most   time.Duration // of waiting
	}{
		{"generation denied", on("iam:GenerateCredentialReport", denied), 0, "iam:GenerateCredentialReport(us-east-1) 조회 실패 AccessDenied", 10 * time.Second},
		{"reading denied", on("iam:GetCredentialReport", denied), 0, "iam:GetCredentialReport(us-east-1) 조회 실패 AccessDenied", 10 * time.Second},
		{"never ready", nil, 1000, "조회 실패 ReportNotReady", 3*time.Minute + 30*time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := clean(3)
			a.ReportPolls = tt.polls
			start(t, serve(a, tt.fault))
			dir := t.TempDir()
			waited := time.Duration(0)
			code := cli.Run([]string{"run", "--quiet", "-o", dir}, cli.Env{
				Stdout: io.Discard, Stderr: io.Discard, Now: time.Now,
				Sleep: func(ctx context.Context, d time.Duration) error { waited += d; return ctx.Err() },
			})
			if code != 3 {
				t.Errorf("exit %d", code)
			}
			if waited > tt.most {
				t.Errorf("waited %s", waited)
			}
			r := readResult(t, dir)
			for _, it := range r.Items {
				rests := slices.Contains([]string{"KEY-01", "KEY-02", "ROOT-01", "ROOT-02", "CON-02"}, it.ID)
				if rests != (it.AutoVerdict == "unknown") || rests && !strings.Contains(it.Reason, tt.reason) {
					t.Errorf("%s: %s (%s)", it.ID, it.AutoVerdict, it.Reason)
				}
			}
		})
	}
}

// Names that a CSV, a spreadsheet or a page could spoil come through whole.
func TestAwkwardUsersComeThroughWhole(t *testing.T) {
	long := strings.Repeat("n", 63) + "x"
	deep := "/" + strings.Repeat("division-digital-finance/", 18)
	deep = deep[:449] + "z/" // IAM allows 512 for the path; 451 letters here
	names := map[string]string{"=cmd": "/", "+alice": "/", "@ops": "/", "kim,cheolsu": "/", long: deep}
	a := clean(1)
	for name, path := range names {
		u := a.IAM.Users[0]
		u.Name, u.Path, u.ARN, u.ID = name, path, arn("user"+path+name), fakeaws.UserID(name)
		a.IAM.Users = append(a.IAM.Users, u)
	}
	slices.SortFunc(a.IAM.Users, func(x, y evidence.User) int { return strings.Compare(x.Name, y.Name) })
	a.Report = map[string]map[string]string{}
	for name := range names {
		a.Report[name] = map[string]string{"access_key_1_active": "true", "access_key_1_last_rotated": "2026-10-01T00:00:00+00:00", "password_enabled": "true"}
	}
	start(t, serve(a, nil))
	dir := t.TempDir()
	if r := run(t, "run", "--quiet", "-o", dir); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	path := map[string]string{}
	for _, f := range files {
		path[filepath.Ext(f)] = f
	}
	csv := zipped(t, path[".zip"], "credential-report.csv")
	sheets := workbook(t, path[".xlsx"])
	// The row's label stands beside the middle line of a long ARN.
	pdf := strings.ReplaceAll(strings.Join(strings.Fields(pdfText(t, path[".pdf"])), ""), "ARN", "")
	r := readResult(t, dir)
	for name, p := range names {
		quoted := name
		if strings.Contains(name, ",") {
			quoted = `"` + name + `"`
		}
		full := arn("user" + p + name)
		if !strings.Contains(csv, "\n"+quoted+",") || !strings.Contains(csv, full) {
			t.Errorf("%q is not in the CSV", name)
		}
		on, whole := 0, 0 // IAM-01, KEY-01, KEY-02, CON-02, 조치계획, 자격증명보고서; the ARN on the first and the last
		for _, cells := range sheets {
			if slices.Contains(strings.Split(cells, "\n"), name) {
				on++
			}
			if slices.Contains(strings.Split(cells, "\n"), full) {
				whole++
			}
		}
		if on != 6 || whole != 2 || !strings.Contains(pdf, full) {
			t.Errorf("%q stands on %d sheets, its ARN on %d; in the PDF %v", name, on, whole, strings.Contains(pdf, full))
		}
		if r.item(t, "KEY-01").status(t, name+"/key-1") == "" {
			t.Errorf("%q is not in result.json", name)
		}
	}
}

// zipped returns a file of an archive.
func zipped(t *testing.T, path, name string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	f, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// The numbers of the report, the workbook and result.json are the same.
func TestKeyCountsAgree(t *testing.T) {
	var doc struct {
		Items []struct {
			ID         string `json:"id"`
			Population int
			Counts     struct{ Checked, Vulnerable int }
			Findings   []struct{ Status string }
		}
	}
	text, err := os.ReadFile(filepath.Join(home, "testdata", "demo_result.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, it := range doc.Items {
		vulnerable, open := 0, 0
		for _, f := range it.Findings {
			switch f.Status {
			case "vulnerable":
				vulnerable++
			case "unknown", "na":
				open++
			}
		}
		if it.Counts.Vulnerable != vulnerable || it.Counts.Checked != len(it.Findings)-open || it.Counts.Checked > it.Population {
			t.Errorf("%s: counts %+v, population %d, findings %d, vulnerable %d, unknown or na %d", it.ID, it.Counts, it.Population, len(it.Findings), vulnerable, open)
		}
	}
}
