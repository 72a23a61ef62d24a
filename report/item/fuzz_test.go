package item

import (
	"io/fs"
	"path"
	"testing"
	"time"

	"auditbinder/templates"
)

// awkward are inputs that YAML parsers are known to stumble over.
var awkward = []string{
	"", "{}", "[]", "null", "---\n...\n", "a: &a [*a]\n", "? {a: b}\n: c\n", "!!binary x\n",
	"laws: [{provision: {}}]\n", "stale_after_days: -1\n", "instruments: [{versions: [{}]}]\n",
	"%YAML 1.2\n---\na: b\n", "a: |\n  x\n", "\ufeffid: x\n", "id: 'x\n",
}

// seed adds the shipped files, the fixture and the awkward inputs.
func seed(f *testing.F, fixture string, shipped ...string) {
	for _, name := range shipped {
		data, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, text := range append(awkward, fixture) {
		f.Add([]byte(text))
	}
}

// sound fails on an error that a user could not read, or one that took long.
func sound(t *testing.T, file string, started time.Time, err error) {
	t.Helper()
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	if err == nil {
		return
	}
	if problem := badMessage(err, file); problem != "" {
		t.Errorf("%s: %q", problem, err)
	}
}

func FuzzParseItem(f *testing.F) {
	names, err := fs.Glob(templates.FS, path.Join(itemsDir, "*"+itemExt))
	if err != nil {
		f.Fatal(err)
	}
	seed(f, goodItem, names...)
	laws, err := parseLaws(lawsFile, []byte(goodLaws))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const name = "items/AAA-01.yaml"
		started := time.Now()
		it, _, err := parseItem(name, data, laws)
		sound(t, name, started, err)
		if err == nil && (it.ID != "AAA-01" || it.Title == "" || len(it.Columns) == 0) {
			t.Errorf("accepted %+v", it)
		}
	})
}

func FuzzParseLaws(f *testing.F) {
	seed(f, goodLaws, lawsFile)
	f.Fuzz(func(t *testing.T, data []byte) {
		started := time.Now()
		laws, err := parseLaws(lawsFile, data)
		sound(t, lawsFile, started, err)
		if err != nil {
			return
		}
		// What was accepted answers for any day.
		for _, p := range laws.Provisions {
			for _, day := range []string{"0001-01-01", "2023-09-22", "2026-11-24", "9999-12-31"} {
				got, err := laws.At(Reference{Provision: p.ID, Fit: Confirmed}, at(t, day))
				if err != nil || got.Status == "" || got.Number == "" {
					t.Errorf("%s on %s: %+v, %v", p.ID, day, got, err)
				}
			}
		}
	})
}
