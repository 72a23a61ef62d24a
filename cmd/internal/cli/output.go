package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"auditbinder/report/strictyaml"
)

// The kinds of file that a run writes, as they end.
const (
	bundleSuffix = "_bundle.zip"
	pdfSuffix    = "_report.pdf"
	excelSuffix  = "_report.xlsx"
	resultSuffix = "_result.json"
	sumsSuffix   = "_SHA256SUMS"
)

var reportSuffixes = []string{pdfSuffix, excelSuffix, resultSuffix, sumsSuffix}

// prefix begins every output file's name: 123456789012_20261124.
func prefix(account string, collectedAt time.Time) string {
	return account + "_" + collectedAt.In(strictyaml.KST).Format("20060102")
}

// cause is the system's reason without path and operation.
func cause(err error) string {
	for _, known := range []struct {
		err  error
		word string
	}{
		{fs.ErrNotExist, "파일이나 디렉터리가 없음"}, {fs.ErrPermission, "권한 없음"}, {syscall.ENOTDIR, "디렉터리가 아님"},
		{syscall.EISDIR, "디렉터리임"}, {syscall.ENOSPC, "디스크 공간 부족"},
	} {
		if errors.Is(err, known.err) {
			return known.word
		}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return oneLine(err)
}

// checkTargets refuses to overwrite without --force.
func (a *app) checkTargets(prefix string, suffixes ...string) error {
	for _, s := range suffixes {
		path := filepath.Join(a.outDir, prefix+s)
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return usagef("결과 파일을 확인할 수 없습니다: %s (%s)", path, cause(err))
		case !info.Mode().IsRegular():
			return usagef("결과 파일 자리에 일반 파일이 아닌 것이 있습니다: %s", path)
		case !a.force && s == bundleSuffix:
			return usagef("결과 파일이 이미 있습니다: %s (덮어쓰려면 --force, 이 번들의 보고서만 만들려면 'auditbinder report')", path)
		case !a.force:
			return usagef("결과 파일이 이미 있습니다: %s (덮어쓰려면 --force)", path)
		}
	}
	return nil
}

// file is a file to be written.
type file struct {
	suffix string
	body   []byte
}

// write writes files whole or not at all, each mode 0600, with SHA256SUMS of
// them and of the named files that stand beside them already. When one cannot be
// written, those before it go too: a set without its sums proves nothing.
func (a *app) write(prefix string, files []file, beside ...string) ([]string, error) {
	var sums bytes.Buffer
	lines := []string{}
	for _, f := range files {
		lines = append(lines, sumLine(f.body, prefix+f.suffix))
	}
	for _, name := range beside {
		body, err := os.ReadFile(filepath.Join(a.outDir, name))
		if err != nil {
			return nil, fmt.Errorf("read %s for SHA256SUMS: %w", name, err)
		}
		lines = append(lines, sumLine(body, name))
	}
	slices.SortFunc(lines, func(x, y string) int { return strings.Compare(x[64:], y[64:]) })
	for _, l := range lines {
		sums.WriteString(l)
	}
	var written []string
	for _, f := range append(slices.Clone(files), file{sumsSuffix, sums.Bytes()}) {
		path := filepath.Join(a.outDir, prefix+f.suffix)
		if err := a.placed("결과 파일을", path, f.body); err != nil {
			for _, p := range written {
				os.Remove(p)
			}
			return nil, err
		}
		written = append(written, path)
	}
	return written, nil
}

func sumLine(body []byte, name string) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]) + "  " + name + "\n"
}
