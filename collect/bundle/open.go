package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

// Limits of a bundle that is opened; a zip bomb ends here.
const (
	maxEntries   = 200_000
	maxEntrySize = 256 << 20
	maxTotalSize = 2 << 30
	// maxDirectory bounds what is read of the archive's directory: a million entries
	// end here before they are held.
	maxDirectory = 32 << 20
	// What unpacks to more than freeSize may be so many times the archive's size.
	freeSize = 256 << 20
	maxRatio = 300
)

// names are the only files that a bundle may hold.
var names = regexp.MustCompile(`^(manifest\.json|calls\.jsonl|evidence\.json|credential-report\.csv|raw/[A-Za-z0-9][A-Za-z0-9.-]*\.(xml|json|txt))$`)

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// DamageError lists everything that is wrong with a bundle, a Korean line each.
type DamageError struct{ Problems []string }

func (e *DamageError) Error() string {
	return "번들이 손상되었습니다: " + strings.Join(e.Problems, "; ")
}

func damaged(format string, args ...any) error {
	return &DamageError{Problems: []string{fmt.Sprintf(format, args...)}}
}

// Bundle is an opened, verified bundle.
type Bundle struct {
	Manifest Manifest
	Digest   string // bundleDigest
	Set      *evidence.Set
	Calls    []evidence.Call
	files    map[string][]byte
}

// Open reads and verifies the bundle at path. A file that is no whole bundle
// gives a DamageError; other errors are the system's.
func Open(path string) (*Bundle, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, damaged("일반 파일이 아닙니다")
	}
	return Read(f, info.Size())
}

// Read reads and verifies a bundle of size bytes.
func Read(r io.ReaderAt, size int64) (*Bundle, error) {
	files, err := readAll(r, size, names)
	if err != nil {
		return nil, err
	}
	manifest, ok := files[manifestName]
	if !ok {
		return nil, damaged("manifest.json이 없습니다")
	}
	b := &Bundle{Digest: sum(manifest), files: files}
	if err := json.Unmarshal(manifest, &b.Manifest); err != nil {
		return nil, damaged("manifest.json을 해석할 수 없습니다(%v)", err)
	}
	if b.Manifest.Schema != Schema {
		return nil, damaged("manifest.json: 알 수 없는 형식 판 %q", b.Manifest.Schema)
	}
	if problems := compare(b.Manifest.Files, files); len(problems) > 0 {
		return nil, &DamageError{Problems: problems}
	}
	if err := b.decode(); err != nil {
		return nil, err
	}
	return b, nil
}

// directory is an archive of which only so much may be read before its entries are.
type directory struct {
	io.ReaderAt
	left int64
	open bool // the directory has been read
}

var errDirectory = errors.New("목록이 너무 큼")

func (d *directory) ReadAt(p []byte, off int64) (int, error) {
	if d.left -= int64(len(p)); !d.open && d.left < 0 {
		return 0, errDirectory
	}
	return d.ReaderAt.ReadAt(p, off)
}

// readAll reads an archive of size bytes that holds only files of these names.
func readAll(r io.ReaderAt, size int64, names *regexp.Regexp) (map[string][]byte, error) {
	source := &directory{ReaderAt: r, left: maxDirectory}
	archive, err := zip.NewReader(source, size)
	switch {
	case errors.Is(err, errDirectory):
		return nil, damaged("항목이 너무 많습니다")
	case err != nil:
		return nil, damaged("zip 형식의 파일이 아닙니다(%v)", err)
	}
	source.open = true
	if len(archive.File) > maxEntries {
		return nil, damaged("항목이 너무 많습니다(%d개)", len(archive.File))
	}
	files := map[string][]byte{}
	var total int64
	for _, entry := range archive.File {
		switch {
		case !names.MatchString(entry.Name) || strings.Contains(entry.Name, ".."):
			return nil, damaged("허용되지 않는 항목 이름 %q", entry.Name)
		case files[entry.Name] != nil:
			return nil, damaged("항목 이름이 중복됩니다: %s", entry.Name)
		case !entry.Mode().IsRegular():
			return nil, damaged("일반 파일이 아닌 항목: %s", entry.Name)
		case entry.UncompressedSize64 > maxEntrySize:
			return nil, damaged("항목이 너무 큽니다: %s", entry.Name)
		}
		total += int64(entry.UncompressedSize64)
		if total > maxTotalSize || total > max(freeSize, maxRatio*size) {
			return nil, damaged("전체 크기가 너무 큽니다")
		}
		body, err := readEntry(entry)
		if err != nil {
			return nil, damaged("읽을 수 없는 항목: %s(%v)", entry.Name, err)
		}
		files[entry.Name] = body
	}
	return files, nil
}

// readEntry never reads more than the entry declares: a bomb's header may lie.
func readEntry(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body := bytes.NewBuffer([]byte{})
	n, err := io.Copy(body, io.LimitReader(r, int64(entry.UncompressedSize64)+1))
	if err != nil {
		return nil, err
	}
	if n != int64(entry.UncompressedSize64) {
		return nil, errors.New("크기가 선언과 다름")
	}
	return body.Bytes(), nil
}

// compare holds the manifest's list against the files, both ways.
func compare(listed []File, files map[string][]byte) []string {
	var problems []string
	known := map[string]bool{manifestName: true}
	for _, f := range listed {
		body, ok := files[f.Name]
		switch {
		case known[f.Name]:
			problems = append(problems, f.Name+": manifest에 중복됨")
		case !ok:
			problems = append(problems, f.Name+": 파일이 없음")
		case int64(len(body)) != f.Size:
			problems = append(problems, fmt.Sprintf("%s: 크기가 다름(%d, manifest %d)", f.Name, len(body), f.Size))
		case sum(body) != f.SHA256:
			problems = append(problems, f.Name+": SHA-256이 다름")
		}
		known[f.Name] = true
	}
	for name := range files {
		if !known[name] {
			problems = append(problems, name+": manifest에 없음")
		}
	}
	slices.Sort(problems)
	return problems
}

// decode reads calls.jsonl and evidence.json and checks that they agree with
// the raw files.
func (b *Bundle) decode() error {
	lines, ok := b.files[callsName]
	if !ok {
		return damaged("calls.jsonl이 없습니다")
	}
	dec := json.NewDecoder(bytes.NewReader(lines))
	for dec.More() {
		var c evidence.Call
		if err := dec.Decode(&c); err != nil {
			return damaged("calls.jsonl %d번째 줄을 해석할 수 없습니다(%v)", len(b.Calls)+1, err)
		}
		if c.Body != "" && (b.files[c.Body] == nil || sum(b.files[c.Body]) != c.BodySHA256) {
			return damaged("calls.jsonl: 호출 %s의 본문이 원본 파일과 다릅니다", c.ID)
		}
		b.Calls = append(b.Calls, c)
	}
	text, ok := b.files[evidenceName]
	if !ok {
		return damaged("evidence.json이 없습니다")
	}
	b.Set = &evidence.Set{}
	if err := json.Unmarshal(text, b.Set); err != nil {
		return damaged("evidence.json을 해석할 수 없습니다(%v)", err)
	}
	if b.Set.Schema != evidence.Schema {
		return damaged("evidence.json: 알 수 없는 형식 판 %q", b.Set.Schema)
	}
	if !accountID.MatchString(b.Set.Account.ID) { // it becomes part of file names
		return damaged("계정 ID가 12자리 숫자가 아닙니다: %q", b.Set.Account.ID)
	}
	if err := b.grounded(); err != nil {
		return err
	}
	source := evidence.SourceAWS
	for _, c := range b.Calls {
		source = source.Worse(c.Source)
	}
	if b.Set.Source != source || b.Manifest.Source != source { // the mark 'simulated' hangs on it
		return damaged("응답 출처가 서로 다릅니다: calls.jsonl %q, manifest.json %q, evidence.json %q", source, b.Manifest.Source, b.Set.Source)
	}
	if b.Set.Account.ID != b.Manifest.Account.ID || !b.Set.CollectedAt.Equal(b.Manifest.CollectedAt) {
		return damaged("evidence.json과 manifest.json의 계정 또는 수집 시각이 다릅니다")
	}
	return nil
}

// grounded checks that what evidence.json claims to have been answered leads to
// calls of known source with a body behind them.
func (b *Bundle) grounded() error {
	calls := map[string]bool{} // id -> an answer is behind it
	for _, c := range b.Calls {
		if !c.Source.Known() {
			return damaged("calls.jsonl: 호출 %s의 출처가 알 수 없는 값입니다: %q", c.ID, c.Source)
		}
		calls[c.ID] = calls[c.ID] || c.Last && (c.Body != "" || c.Omitted != "")
	}
	identified := false
	for _, a := range b.Set.Answers {
		identified = identified || a.Action == "sts:GetCallerIdentity"
		if len(a.Calls) == 0 {
			return damaged("evidence.json: %s의 근거 호출이 없습니다", a.Action)
		}
		for _, id := range a.Calls {
			if !calls[id] {
				return damaged("evidence.json: %s의 근거 호출이 calls.jsonl에 없거나 본문이 없습니다: %s", a.Action, id)
			}
		}
	}
	if !identified {
		return damaged("evidence.json: sts:GetCallerIdentity의 답이 없습니다")
	}
	for _, f := range b.Set.Failures {
		if _, ok := calls[f.CallID]; f.CallID != "" && !ok {
			return damaged("evidence.json: 실패한 호출이 calls.jsonl에 없습니다: %s", f.CallID)
		}
	}
	return nil
}

// Recording returns the bundle's exchanges.
func (b *Bundle) Recording() evidence.Recording {
	rec := evidence.Recording{Calls: b.Calls, Bodies: map[string][]byte{}}
	for _, c := range b.Calls {
		if c.Body != "" {
			rec.Bodies[c.Body] = b.files[c.Body]
		}
	}
	return rec
}

// File returns a decoded file of the bundle, nil where it has none.
func (b *Bundle) File(name string) []byte { return b.files[name] }

// Evidence returns evidence.json as stored.
func (b *Bundle) Evidence() []byte { return b.files[evidenceName] }
