package cli_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
)

// forge writes the demo's bundle with changed evidence and hashes that fit it.
func forge(t *testing.T, change func(*evidence.Set)) string {
	t.Helper()
	dir := t.TempDir()
	if r := run(t, "demo", "-o", dir); r.code != 0 {
		t.Fatal(r.stderr)
	}
	b, err := bundle.Open(filepath.Join(dir, prefix+"_bundle.zip"))
	if err != nil {
		t.Fatal(err)
	}
	change(b.Set)
	content := bundle.Content{Program: b.Manifest.Program, Set: *b.Set, Recording: b.Recording(), Files: map[string][]byte{}}
	if report := b.File(evidence.CredentialReportFile); report != nil {
		content.Files[evidence.CredentialReportFile] = report
	}
	var buf bytes.Buffer
	if _, err := bundle.Write(&buf, content); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "forged.zip")
	write(t, path, buf.Bytes())
	return path
}

// A bundle's account id becomes part of file names: a forged one must not lead
// out of the output directory.
func TestForgedAccountID(t *testing.T) {
	forged := forge(t, func(s *evidence.Set) { s.Account.ID = "../escaped" })
	out := filepath.Join(t.TempDir(), "new", "out")
	if r := run(t, "report", "-o", out, forged); r.code != 1 || !strings.HasPrefix(r.stderr, "오류: "+forged+": ") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	nothingLeft(t, out)
}

// Hashes do not show that evidence.json was rewritten with all of them; reading
// the raw bodies again does.
func TestReplayCatchesForgedEvidence(t *testing.T) {
	if r := run(t, "verify", "--replay", forge(t, func(*evidence.Set) {})); r.code != 0 {
		t.Errorf("an unchanged bundle: exit %d\n%s", r.code, r.stdout)
	}
	for name, change := range map[string]func(*evidence.Set){
		"policies": func(s *evidence.Set) {
			for i := range s.IAM.Users {
				s.IAM.Users[i].Attached, s.IAM.Users[i].Inline = nil, nil
			}
		},
		"a contact": func(s *evidence.Set) {
			for i := range s.Contacts.Alternate {
				s.Contacts.Alternate[i].Set = true
			}
		},
		"the summary": func(s *evidence.Set) { s.IAM.Summary["Users"]++ },
		"the caller":  func(s *evidence.Set) { s.Caller.ARN += "x" },
	} {
		forged := forge(t, change)
		if r := run(t, "verify", forged); r.code != 0 {
			t.Errorf("%s: the forged bundle is not even whole: %s", name, r.stdout)
		}
		r := run(t, "verify", "--replay", forged)
		if r.code != 1 || !strings.Contains(r.stdout, "이상  "+forged+": 원본 응답에서 다시 읽은 사실이 evidence.json") {
			t.Errorf("%s: exit %d\n%s", name, r.code, r.stdout)
		}
	}
}

// The source is what marks the reports: a bundle cannot claim aws over calls
// that went elsewhere.
func TestForgedSource(t *testing.T) {
	forged := forge(t, func(s *evidence.Set) { s.Source = evidence.SourceAWS })
	if r := run(t, "verify", forged); r.code != 1 || !strings.Contains(r.stdout, "응답 출처가 서로 다릅니다") {
		t.Errorf("verify: exit %d\n%s", r.code, r.stdout)
	}
	out := filepath.Join(t.TempDir(), "new", "out")
	if r := run(t, "report", "-o", out, forged); r.code != 1 || !strings.Contains(r.stderr, "응답 출처가 서로 다릅니다") {
		t.Errorf("report: exit %d: %s", r.code, r.stderr)
	}
	nothingLeft(t, out)
}
