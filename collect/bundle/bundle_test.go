package bundle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
)

func content() Content {
	at := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
	bodies := map[string][]byte{"raw/iam-A-us-east-1-00000000-1.xml": []byte("<A/>"), "raw/iam-A-us-east-1-00000000-1.a1.xml": []byte("<E/>")}
	call := func(attempt int, last bool, name string) evidence.Call {
		return evidence.Call{ID: "iam-A-us-east-1-00000000-1", Attempt: attempt, Last: last, Region: "us-east-1", Source: evidence.SourceCustom, Service: "iam", Operation: "A",
			Parameters: map[string]any{}, SentAt: at.Add(time.Duration(attempt) * time.Second), Body: name, BodySize: 4, BodySHA256: sum(bodies[name])}
	}
	return Content{
		Program: "auditbinder test",
		Set: evidence.Set{Schema: evidence.Schema, Account: evidence.Account{ID: "012345678901"}, Source: evidence.SourceCustom, CollectedAt: at,
			Answers: []evidence.Answer{{Action: "sts:GetCallerIdentity", Calls: []string{"iam-A-us-east-1-00000000-1"}}}},
		Recording: evidence.Recording{Bodies: bodies, Calls: []evidence.Call{
			call(1, false, "raw/iam-A-us-east-1-00000000-1.a1.xml"), call(2, true, "raw/iam-A-us-east-1-00000000-1.xml")}},
	}
}

func written(t *testing.T) ([]byte, string) {
	t.Helper()
	var buf bytes.Buffer
	digest, err := Write(&buf, content())
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), digest
}

// entry is a zip entry to be written as it is.
type entry struct {
	name string
	body []byte
	mode fs.FileMode
}

func entries(t *testing.T, archive []byte) []entry {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var out []entry
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, entry{name: f.Name, body: body})
	}
	return out
}

func zipped(t *testing.T, list []entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, e := range list {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestWriteAndRead(t *testing.T) {
	archive, digest := written(t)
	b, err := Read(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	list := entries(t, archive)
	if list[0].name != manifestName || sum(list[0].body) != digest || b.Digest != digest {
		t.Errorf("bundleDigest %s, read %s, first entry %s", digest, b.Digest, list[0].name)
	}
	if !slices.IsSortedFunc(list[1:], func(x, y entry) int { return strings.Compare(x.name, y.name) }) {
		t.Error("entries are not sorted")
	}
	if len(b.Calls) != 2 || b.Set.Account.ID != "012345678901" || b.Manifest.StartedAt.Second() != 1 || b.Manifest.FinishedAt.Second() != 2 {
		t.Errorf("read back %+v", b.Manifest)
	}
	rec := b.Recording()
	if string(rec.Bodies["raw/iam-A-us-east-1-00000000-1.xml"]) != "<A/>" || len(rec.Bodies) != 2 {
		t.Errorf("bodies %v", slices.Collect(maps.Keys(rec.Bodies)))
	}
	again, _ := written(t)
	if !bytes.Equal(archive, again) {
		t.Error("the same content gave other bytes")
	}
}

// Every way in which a bundle can be wrong is refused, by name.
func TestDamage(t *testing.T) {
	archive, _ := written(t)
	replace := func(name string, change func([]byte) []byte) func([]entry) []entry {
		return func(list []entry) []entry {
			for i := range list {
				if list[i].name == name {
					list[i].body = change(slices.Clone(list[i].body))
				}
			}
			return list
		}
	}
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	without := func(name string) func([]entry) []entry {
		return func(list []entry) []entry {
			return slices.DeleteFunc(list, func(e entry) bool { return e.name == name })
		}
	}
	with := func(e entry) func([]entry) []entry { return func(list []entry) []entry { return append(list, e) } }
	raw := "raw/iam-A-us-east-1-00000000-1.xml"
	tests := []struct {
		name   string
		change func([]entry) []entry
		want   string
	}{
		{"raw body changed", replace(raw, flip), raw + ": SHA-256이 다름"},
		{"raw body shortened", replace(raw, func(b []byte) []byte { return b[:2] }), raw + ": 크기가 다름(2, manifest 4)"},
		{"raw body gone", without(raw), raw + ": 파일이 없음"},
		{"calls changed", replace(callsName, flip), "calls.jsonl: SHA-256이 다름"},
		{"evidence gone", without(evidenceName), "evidence.json: 파일이 없음"},
		{"manifest gone", without(manifestName), "manifest.json이 없습니다"},
		{"manifest not JSON", replace(manifestName, func(b []byte) []byte { return b[:10] }), "manifest.json을 해석할 수 없습니다"},
		{"manifest of another version", replace(manifestName, func(b []byte) []byte { return bytes.Replace(b, []byte("bundle/v1"), []byte("bundle/v9"), 1) }), "알 수 없는 형식 판 \"auditbinder/bundle/v9\""},
		{"a file that nobody listed", with(entry{name: "raw/extra.xml", body: []byte("<X/>")}), "raw/extra.xml: manifest에 없음"},
		{"the same name twice", with(entry{name: raw, body: []byte("<A/>")}), "항목 이름이 중복됩니다: " + raw},
		{"an empty file twice", func(l []entry) []entry {
			return append(l, entry{name: "raw/e.xml"}, entry{name: "raw/e.xml"})
		}, "항목 이름이 중복됩니다: raw/e.xml"},
		{"a path upwards", with(entry{name: "../evil.xml"}), "허용되지 않는 항목 이름 \"../evil.xml\""},
		{"a path upwards inside", with(entry{name: "raw/a..xml", body: []byte("x")}), "허용되지 않는 항목 이름"},
		{"an absolute path", with(entry{name: "/etc/passwd"}), "허용되지 않는 항목 이름"},
		{"a backslash", with(entry{name: `raw\a.xml`}), "허용되지 않는 항목 이름"},
		{"a directory", with(entry{name: "raw/"}), "허용되지 않는 항목 이름"},
		{"a link", with(entry{name: "raw/l.xml", body: []byte("/etc/passwd"), mode: fs.ModeSymlink | 0o777}), "일반 파일이 아닌 항목: raw/l.xml"},
		{"another kind of file", with(entry{name: "raw/a.exe"}), "허용되지 않는 항목 이름"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := zipped(t, tt.change(entries(t, archive)))
			_, err := Read(bytes.NewReader(bad), int64(len(bad)))
			var damage *DamageError
			if !errors.As(err, &damage) {
				t.Fatalf("error %v, want damage", err)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want %q", err, tt.want)
			}
		})
	}
}

// A forger who also mends the manifest still meets the cross-checks.
func TestForgedManifest(t *testing.T) {
	forge := func(change func(*Content)) error {
		c := content()
		change(&c)
		var buf bytes.Buffer
		if _, err := Write(&buf, c); err != nil {
			t.Fatal(err)
		}
		_, err := Read(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
		return err
	}
	if err := forge(func(*Content) {}); err != nil {
		t.Fatalf("the base case must be fine: %v", err)
	}
	if err := forge(func(c *Content) { c.Recording.Bodies[c.Recording.Calls[1].Body] = []byte("<B/>") }); err == nil || !strings.Contains(err.Error(), "본문이 원본 파일과 다릅니다") {
		t.Errorf("a body that its call does not vouch for: %v", err)
	}
	if err := forge(func(c *Content) { c.Set.Source = evidence.SourceAWS }); err == nil || !strings.Contains(err.Error(), "응답 출처가 서로 다릅니다") {
		t.Errorf("a source that the calls do not have: %v", err)
	}
	for want, change := range map[string]func(*Content){
		"알 수 없는 값입니다: \"Replay\"":    func(c *Content) { c.Recording.Calls[0].Source = "Replay" },
		"calls.jsonl에 없거나":           func(c *Content) { c.Recording.Calls, c.Recording.Bodies = nil, nil },
		"GetCallerIdentity의 답이 없습니다": func(c *Content) { c.Set.Answers = nil },
		"근거 호출이 없습니다":                func(c *Content) { c.Set.Answers[0].Calls = nil },
		"calls.jsonl에 없습니다: x":       func(c *Content) { c.Set.Failures = []evidence.Failure{{CallID: "x"}} },
	} {
		if err := forge(change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	for _, id := range []string{"../escaped", "12345", "", "1234567890123"} {
		if err := forge(func(c *Content) { c.Set.Account.ID = id }); err == nil || !strings.Contains(err.Error(), "12자리") {
			t.Errorf("account id %q: %v", id, err)
		}
	}
	if err := forge(func(c *Content) { c.Set.Schema = "auditbinder/evidence/v9" }); err == nil || !strings.Contains(err.Error(), "evidence.json: 알 수 없는 형식 판") {
		t.Errorf("evidence of another version: %v", err)
	}
}

// All differences are named, not just the first.
func TestDamageNamesEverything(t *testing.T) {
	archive, _ := written(t)
	list := entries(t, archive)
	for i := range list {
		if strings.HasPrefix(list[i].name, "raw/") {
			list[i].body = []byte("<X/>")
		}
	}
	bad := zipped(t, list)
	_, err := Read(bytes.NewReader(bad), int64(len(bad)))
	var damage *DamageError
	if !errors.As(err, &damage) || len(damage.Problems) != 2 {
		t.Errorf("problems %v", err)
	}
}

// An entry that unpacks to far more than it says ends at what it says.
func TestBomb(t *testing.T) {
	big := zipped(t, []entry{{name: manifestName, body: make([]byte, 8<<20)}})
	// The declared size is changed in the central directory: 4 bytes at offset 24.
	at := bytes.LastIndex(big, []byte("PK\x01\x02"))
	copy(big[at+24:], []byte{16, 0, 0, 0})
	_, err := Read(bytes.NewReader(big), int64(len(big)))
	var damage *DamageError
	if !errors.As(err, &damage) {
		t.Errorf("error %v, want damage", err)
	}
}

// Archives made to exhaust memory end with a clear line before they do.
func TestArchivesThatOnlyCost(t *testing.T) {
	million := func(n int) []byte { // as many entries without content; only the directory is real
		var buf bytes.Buffer
		const end = 22
		for i := range n {
			name := fmt.Sprintf("raw/%07d.xml", i)
			h := make([]byte, 46, 46+len(name))
			copy(h, "PK\x01\x02")
			h[28] = byte(len(name))
			buf.Write(append(h, name...))
		}
		size := buf.Len()
		buf.WriteString("PK\x05\x06")
		tail := make([]byte, end-4)
		for at, v := range map[int]int{4: n % 65536, 6: n % 65536} {
			tail[at], tail[at+1] = byte(v), byte(v>>8)
		}
		for i := range 4 {
			tail[8+i] = byte(size >> (8 * i))
		}
		buf.Write(tail)
		return buf.Bytes()
	}
	tests := []struct {
		name, want string
		archive    []byte
	}{
		{"a million entries", "항목이 너무 많습니다", million(1_000_000)},
		{"as many as the directory's bound lets through", "항목이 너무 많습니다", million(300_000)},
		{"zeros that unpack a thousandfold", "전체 크기가 너무 큽니다", zipped(t, []entry{
			{name: "raw/a.xml", body: make([]byte, 100<<20)}, {name: "raw/b.xml", body: make([]byte, 100<<20)}, {name: "raw/c.xml", body: make([]byte, 100<<20)},
		})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(bytes.NewReader(tt.archive), int64(len(tt.archive)))
			runtime.ReadMemStats(&after)
			var damage *DamageError
			if !errors.As(err, &damage) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 900<<20 {
				t.Errorf("%d MiB were allocated for an archive of %d MiB", took>>20, len(tt.archive)>>20)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none.zip")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	var damage *DamageError
	if _, err := Open(dir); !errors.As(err, &damage) {
		t.Errorf("directory: %v", err)
	}
	for name, body := range map[string]string{"empty.zip": "", "text.zip": "not a zip"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); !errors.As(err, &damage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	var buf bytes.Buffer
	if _, err := Write(&buf, content()); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, archive []byte) {
		b, err := Read(bytes.NewReader(archive), int64(len(archive)))
		if err != nil {
			var damage *DamageError
			if !errors.As(err, &damage) {
				t.Errorf("error is no damage: %v", err)
			}
			return
		}
		if fmt.Sprint(b.Manifest.Schema) != Schema || b.Set == nil {
			t.Errorf("accepted %+v", b.Manifest)
		}
	})
}
