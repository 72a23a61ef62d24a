package bundle

import (
	"archive/zip"
	"bytes"
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func sampleAnnex() Annex {
	return Annex{Program: "auditbinder test", BundleDigest: strings.Repeat("ab", 32), AccountID: "000123456789", Answers: []byte("bundle: x\nanswers: []\n"),
		Attachments: map[string][]byte{"root 사용 승인.png": []byte("png"), "승인서.PDF": []byte("%PDF-1.7")}}
}

func TestAnnexComesBack(t *testing.T) {
	var first, second bytes.Buffer
	digest, err := WriteAnnex(&first, sampleAnnex())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := WriteAnnex(&second, sampleAnnex()); err != nil || again != digest || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("a second annex of the same content differs: %v", err)
	}
	got, d, err := ReadAnnex(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil || d != digest || !reflect.DeepEqual(got, sampleAnnex()) {
		t.Errorf("%+v, digest %s: %v", got, d, err)
	}
}

func TestAnnexRefusesNames(t *testing.T) {
	for _, name := range []string{"", ".png", "../a.png", "a/b.png", `a\b.png`, "a.exe", "a.png.exe", "a\x00.png", "a\n.png", "a"} {
		a := sampleAnnex()
		a.Attachments = map[string][]byte{name: {1}}
		if _, err := WriteAnnex(&bytes.Buffer{}, a); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

func TestAnnexDamage(t *testing.T) {
	var whole bytes.Buffer
	if _, err := WriteAnnex(&whole, sampleAnnex()); err != nil {
		t.Fatal(err)
	}
	files, err := readAll(bytes.NewReader(whole.Bytes()), int64(whole.Len()), annexNames)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(map[string][]byte)
		want   string
	}{
		{"answers changed", func(f map[string][]byte) { f[answersName] = []byte("bundle: x\nanswers: [ ]\n") }, "answers.yaml: "},
		{"attachment gone", func(f map[string][]byte) { delete(f, "attachments/승인서.PDF") }, "승인서.PDF: 파일이 없음"},
		{"attachment added", func(f map[string][]byte) { f["attachments/new.png"] = []byte("x") }, "new.png: manifest에 없음"},
		{"another schema", func(f map[string][]byte) {
			f[manifestName] = bytes.Replace(f[manifestName], []byte("annex/v1"), []byte("annex/v9"), 1)
		}, "알 수 없는 형식 판"},
		{"no answers", func(f map[string][]byte) {
			delete(f, answersName)
			f[manifestName] = regexp.MustCompile(`(?s)\{\s*"name": "answers.yaml".*?\},\s*`).ReplaceAll(f[manifestName], nil)
		}, "answers.yaml이 없습니다"},
		{"no manifest", func(f map[string][]byte) { delete(f, manifestName) }, "manifest.json이 없습니다"},
		{"manifest garbled", func(f map[string][]byte) { f[manifestName] = []byte("{") }, "해석할 수 없습니다"},
		{"a foreign file", func(f map[string][]byte) { f["raw/x.xml"] = []byte("x") }, "허용되지 않는 항목 이름"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := maps.Clone(files)
			tt.change(f)
			var buf bytes.Buffer
			w := zip.NewWriter(&buf)
			for _, name := range slices.Sorted(maps.Keys(f)) {
				e, err := w.Create(name)
				if err != nil {
					t.Fatal(err)
				}
				e.Write(f[name])
			}
			w.Close()
			_, _, err := ReadAnnex(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
			var damage *DamageError
			if !errors.As(err, &damage) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, _, err := ReadAnnex(strings.NewReader("no zip"), 6); err == nil {
		t.Error("no zip was taken")
	}
}

func FuzzReadAnnex(f *testing.F) {
	var whole bytes.Buffer
	if _, err := WriteAnnex(&whole, sampleAnnex()); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, archive []byte) {
		a, _, err := ReadAnnex(bytes.NewReader(archive), int64(len(archive)))
		var damage *DamageError
		if err != nil && !errors.As(err, &damage) {
			t.Errorf("error is no damage: %v", err)
		}
		for name := range a.Attachments {
			if strings.ContainsAny(name, "/\\") {
				t.Errorf("attachment %q leads elsewhere", name)
			}
		}
	})
}
