package bundle

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// AnnexSchema is the version written to an annex's manifest.json.
const AnnexSchema = "auditbinder/annex/v1"

// Names within an annex.
const (
	answersName      = "answers.yaml"
	attachmentFolder = "attachments/"
)

// annexNames are the only files that an annex may hold.
var annexNames = regexp.MustCompile(`^(manifest\.json|answers\.yaml|attachments/[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]*\.(?i:png|jpe?g|pdf))$`)

// AnnexManifest is the annex's manifest.json. It names the bundle that the annex
// belongs to; annexDigest is the SHA-256 of its bytes.
type AnnexManifest struct {
	Schema       string `json:"schema"`
	Program      string `json:"program"`
	BundleDigest string `json:"bundleDigest"`
	AccountID    string `json:"accountId"`
	Files        []File `json:"files"`
}

// Annex is what people add to a bundle after it was written: their answers and
// the files that these name.
type Annex struct {
	Program      string
	BundleDigest string
	AccountID    string
	Answers      []byte            // YAML, docs/bundle-format.md section 7
	Attachments  map[string][]byte // by file name
}

// WriteAnnex writes the annex and returns its annexDigest. The same content gives
// the same bytes.
func WriteAnnex(w io.Writer, a Annex) (digest string, err error) {
	files := map[string][]byte{answersName: a.Answers}
	for name, body := range a.Attachments {
		if !annexNames.MatchString(attachmentFolder + name) {
			return "", fmt.Errorf("attachment name %q cannot stand in an annex", name)
		}
		files[attachmentFolder+name] = body
	}
	manifest, err := encode(AnnexManifest{Schema: AnnexSchema, Program: a.Program, BundleDigest: a.BundleDigest, AccountID: a.AccountID, Files: listed(files)})
	if err != nil {
		return "", err
	}
	return sum(manifest), pack(w, manifest, files)
}

// OpenAnnex reads and verifies the annex at path, and returns it with its
// annexDigest. A file that is no whole annex gives a DamageError.
func OpenAnnex(path string) (Annex, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return Annex{}, "", fmt.Errorf("open annex: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Annex{}, "", fmt.Errorf("open annex: %w", err)
	}
	return ReadAnnex(f, info.Size())
}

// ReadAnnex reads and verifies an annex of size bytes.
func ReadAnnex(r io.ReaderAt, size int64) (Annex, string, error) {
	files, err := readAll(r, size, annexNames)
	if err != nil {
		return Annex{}, "", err
	}
	var m AnnexManifest
	manifest, ok := files[manifestName]
	switch {
	case !ok:
		return Annex{}, "", damaged("manifest.json이 없습니다")
	case json.Unmarshal(manifest, &m) != nil:
		return Annex{}, "", damaged("manifest.json을 해석할 수 없습니다")
	case m.Schema != AnnexSchema:
		return Annex{}, "", damaged("manifest.json: 알 수 없는 형식 판 %q", m.Schema)
	}
	if problems := compare(m.Files, files); len(problems) > 0 {
		return Annex{}, "", &DamageError{Problems: problems}
	}
	if _, ok := files[answersName]; !ok {
		return Annex{}, "", damaged("answers.yaml이 없습니다")
	}
	a := Annex{Program: m.Program, BundleDigest: m.BundleDigest, AccountID: m.AccountID, Answers: files[answersName], Attachments: map[string][]byte{}}
	for name, body := range files {
		if rest, ok := strings.CutPrefix(name, attachmentFolder); ok {
			a.Attachments[rest] = body
		}
	}
	return a, sum(manifest), nil
}
