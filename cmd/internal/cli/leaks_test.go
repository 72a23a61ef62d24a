package cli_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// The credentials of these tests, in the shape of AWS's.
const (
	secretKey    = "known/Secret+KeyThatNobodyMaySeeOnDisk01"
	sessionToken = "IQoJb3JpZ2luX2VjKnown///////////wEaDmFwLW5vcnRoZWFzdC0yIkcwRQIgKnown+abcdefghijklmnop/qrstuvwxyz=="
	callerKey    = "ASIAKNOWNKNOWNKNOWN1"
)

var wholeKeyID = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{12,}\b`)

var pdfStream = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)

// contents takes a file apart as far as it goes: zips in zips, the streams of PDFs.
// It adds every text with where it stands.
func contents(t *testing.T, where string, body []byte, add func(where, text string)) {
	t.Helper()
	add(where, string(body))
	switch {
	case bytes.HasPrefix(body, []byte("PK\x03\x04")):
		archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			inner, err := io.ReadAll(r)
			if err != nil {
				t.Fatalf("%s: %s: %v", where, f.Name, err)
			}
			contents(t, where+"/"+f.Name, inner, add)
		}
	case bytes.HasPrefix(body, []byte("%PDF")):
		streams := 0
		for _, m := range pdfStream.FindAllSubmatch(body, -1) {
			if r, err := zlib.NewReader(bytes.NewReader(m[1])); err == nil {
				inner, _ := io.ReadAll(r)
				streams++
				contents(t, where+"/stream", inner, add)
			}
		}
		if streams < 5 {
			t.Errorf("%s: only %d streams read", where, streams)
		}
	}
}

// Nothing that a run, its reports and its forms write holds a credential; what is
// somebody's own, or a key's id, stands in the bundle's raw part alone.
func TestNothingLeaks(t *testing.T) {
	a := vulnerable(3)
	a.Report = map[string]map[string]string{"user-0000": {"password_enabled": "true"}}
	a.Topics[0].Subscriptions = append(a.Topics[0].Subscriptions,
		evidence.Subscription{Protocol: "sms", Endpoint: "+821055500110", Confirmed: true},
		evidence.Subscription{Protocol: "https", Endpoint: "https://hooks.example.com/services/T000/B000?token=webhook-secret", Confirmed: true})
	a.RootEvents = []fakeaws.TrailEvent{{RootEvent: evidence.RootEvent{ID: "e-1", At: asked.AddDate(0, 0, -1), Name: "ListUsers", Source: "iam.amazonaws.com", Region: "us-east-1",
		SourceIP: "203.0.113.9", AccessKeyed: true, ReadOnly: new(bool)}}}
	// The console keeps a key's description in a tag named after the key's id.
	const described = "AKIAIOSFODNN7REALKEY"
	a.IAM.Users[1].Tags = append(a.IAM.Users[1].Tags, evidence.Tag{Key: described, Value: "CLI용"})
	a.IAM.Users[1].Inline = []evidence.InlinePolicy{{Name: "key", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/key":"` + described + `"}}}]}`}}
	a.Rules[0].Pattern = `{"source":["aws.signin"],"detail":{"eventName":["ConsoleLogin"],"userIdentity":{"accessKeyId":["` + described + `",""]}}}`
	staged := map[string][]byte{}
	dir := t.TempDir()
	seen := start(t, serve(a, func(r fakeaws.Request) *fakeaws.Fault {
		if r.Header.Get("X-Amz-Security-Token") != sessionToken {
			t.Errorf("%s was sent without the token", r.Action)
		}
		if r.Action == contactAsk && r.Number == 0 { // what lies about in the middle of the run
			_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					staged[path], _ = os.ReadFile(path)
				}
				return nil
			})
			return &fakeaws.Fault{Status: 500, Code: "InternalFailure"} // retried: the attempts are recorded as well
		}
		return nil
	}))
	t.Setenv("AWS_ACCESS_KEY_ID", callerKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	t.Setenv("AWS_SESSION_TOKEN", sessionToken)

	texts := map[string]string{}
	add := func(where, text string) { texts[where] += text }
	bundlePath := filepath.Join(dir, prefix+"_bundle.zip")
	for _, args := range [][]string{
		{"run", "-o", dir, "--attach-evidence"}, {"report", bundlePath, "-o", filepath.Join(dir, "again"), "--pdf-rows", "all"},
		{"interview", "new", bundlePath, "-o", dir}, {"interview", "new", bundlePath, "-o", dir, "--as", "yaml"},
		{"verify", "--replay", dir}, {"doctor", "--as", "json"},
	} {
		r := run(t, args...)
		if r.code != 0 && r.code != 3 {
			t.Fatalf("%q: exit %d\n%s", args, r.code, r.stderr)
		}
		add("stdout and stderr of "+args[0], r.stdout+r.stderr)
	}
	if seen.counts()[contactAsk] < 3 || len(staged) == 0 {
		t.Errorf("asked for contacts %d times, %d files in the middle of the run", seen.counts()[contactAsk], len(staged))
	}
	for path, body := range staged {
		contents(t, "in the middle: "+path, body, add)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		contents(t, filepath.Base(filepath.Dir(path))+"/"+d.Name(), body, add)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	never := []string{secretKey, sessionToken, sessionToken[:40], callerKey, "abcdefghijklmnop/qrstuvwxyz", "AWS4-HMAC-SHA256", "Authorization:", `"Authorization"`, "X-Amz-Security-Token", "Signature="}
	rawOnly := []string{"+821055500110", "21055500", "T000/B000", "webhook-secret", "soc@example.com", described, described[:16], a.Primary.Phone}
	for _, c := range a.Contacts {
		rawOnly = append(rawOnly, c.Name, c.Email, c.Phone)
	}
	raw := map[string]bool{}
	for where, text := range texts {
		if id := wholeKeyID.FindString(text); id != "" && !strings.Contains(where, "_bundle.zip/raw/") {
			t.Errorf("%s holds the id of a key: %s", where, id)
		}
		for _, s := range never {
			if strings.Contains(text, s) {
				t.Errorf("%s holds %q", where, s)
			}
		}
		for _, s := range rawOnly {
			switch {
			case !strings.Contains(text, s):
			case strings.Contains(where, "_bundle.zip/raw/"):
				raw[s] = true
			default:
				t.Errorf("%s holds %q", where, s)
			}
		}
	}
	for _, s := range []string{"webhook-secret", "soc@example.com", described, "홍길동", "ops@example.com", a.Primary.Phone} {
		if !raw[s] {
			t.Errorf("no raw body has %q: the test looks for the wrong thing", s)
		}
	}
	if len(texts) < 60 {
		t.Errorf("only %d texts were read", len(texts))
	}
}
