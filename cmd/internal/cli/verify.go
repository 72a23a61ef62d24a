package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"auditbinder/collect"
	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/report/view"
)

func (a *app) verifyCommand() *cobra.Command {
	var replay bool
	c := &cobra.Command{
		Use:   "verify 번들|디렉터리",
		Short: "번들과 결과 파일의 해시를 확인합니다",
		Long: `번들이면 manifest와 모든 파일의 크기·SHA-256을 확인합니다. 디렉터리이면 그 안의 모든 SHA256SUMS와 번들을 확인하고,
result.json이 같은 번들에서 나온 것인지 봅니다. 다른 파일은 모두 이름을 알립니다.`,
		Args: oneArg("번들 파일 또는 디렉터리"),
	}
	c.Flags().BoolVar(&replay, "replay", false, "원본 응답에서 사실을 다시 읽어 evidence.json과 비교합니다")
	c.RunE = func(c *cobra.Command, args []string) error {
		v := &verifier{replay: replay, command: c}
		info, err := os.Stat(args[0])
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return usagef("파일이나 디렉터리가 없습니다: %s", args[0])
		case err != nil:
			return usagef("열 수 없습니다: %s (%s)", args[0], cause(err))
		case info.IsDir():
			err = v.directory(args[0])
		default:
			if strings.HasSuffix(args[0], annexSuffix) {
				v.annex(args[0])
			} else {
				err = v.bundle(args[0])
			}
		}
		if err != nil {
			return err
		}
		for _, line := range v.fine {
			fmt.Fprintln(a.env.Stdout, "정상  "+line)
		}
		for _, line := range v.problems {
			fmt.Fprintln(a.env.Stdout, "이상  "+line)
		}
		if n := len(v.problems); n > 0 {
			return &failure{line: fmt.Sprintf("확인하지 못했거나 다른 것이 %d건 있습니다", n)}
		}
		fmt.Fprintf(a.env.Stdout, "확인 %d건, 이상 없음\n", len(v.fine))
		if len(v.digests) == 0 {
			fmt.Fprintln(a.env.Stdout, "번들이 없어 bundleDigest는 확인하지 못했습니다.")
		}
		return nil
	}
	return c
}

// verifier gathers everything before it speaks: all damage is named at once.
type verifier struct {
	replay   bool
	command  *cobra.Command
	fine     []string
	problems []string
	digests  map[string]bool // bundleDigests seen
	annexes  map[string]bool // annexDigests seen
}

func (v *verifier) problem(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// bundle checks one bundle file. Its error is one that stops the command.
func (v *verifier) bundle(path string) error {
	b, err := bundle.Open(path)
	var damage *bundle.DamageError
	switch {
	case errors.As(err, &damage):
		for _, p := range damage.Problems {
			v.problem("%s: %s", path, p)
		}
		return nil
	case err != nil:
		return usagef("번들 파일을 열 수 없습니다: %s (%s)", path, cause(err))
	}
	if v.digests == nil {
		v.digests = map[string]bool{}
	}
	v.digests[b.Digest] = true
	v.fine = append(v.fine, fmt.Sprintf("%s: 파일 %d개, bundleDigest %s", path, len(b.Manifest.Files)+1, b.Digest))
	if !v.replay {
		return nil
	}
	content, err := collect.Reread(v.command.Context(), b)
	if err != nil {
		v.problem("%s: 원본 응답을 다시 읽을 수 없습니다(%s)", path, oneLine(err))
		return nil
	}
	again, err := bundle.EncodeSet(content.Set)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b.Evidence()) || !bytes.Equal(content.Files[evidence.CredentialReportFile], b.File(evidence.CredentialReportFile)) {
		v.problem("%s: 원본 응답에서 다시 읽은 사실이 evidence.json 또는 credential-report.csv와 다릅니다", path)
		return nil
	}
	v.fine = append(v.fine, path+": 원본 응답에서 다시 읽은 사실이 evidence.json과 같음")
	return nil
}

// annex checks one annex: whole, and of a bundle that stands beside it.
func (v *verifier) annex(path string) {
	a, digest, err := bundle.OpenAnnex(path)
	var damage *bundle.DamageError
	switch {
	case errors.As(err, &damage):
		for _, p := range damage.Problems {
			v.problem("%s: %s", path, p)
		}
		return
	case err != nil:
		v.problem("%s: 읽을 수 없습니다(%s)", path, cause(err))
		return
	case len(v.digests) > 0 && !v.digests[a.BundleDigest]:
		v.problem("%s: bundleDigest가 이 디렉터리의 번들과 다릅니다", path)
		return
	}
	if v.annexes == nil {
		v.annexes = map[string]bool{}
	}
	v.annexes[digest] = true
	v.fine = append(v.fine, fmt.Sprintf("%s: 첨부 %d개, annexDigest %s", path, len(a.Attachments), digest))
}

// directory checks every bundle, every SHA256SUMS and every result.json in it.
func (v *verifier) directory(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return usagef("디렉터리를 읽을 수 없습니다: %s (%s)", dir, cause(err))
	}
	var sums, bundles, results, annexes []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasSuffix(e.Name(), sumsSuffix):
			sums = append(sums, path)
		case strings.HasSuffix(e.Name(), bundleSuffix):
			bundles = append(bundles, path)
		case strings.HasSuffix(e.Name(), annexSuffix):
			annexes = append(annexes, path)
		case strings.HasSuffix(e.Name(), resultSuffix):
			results = append(results, path)
		}
	}
	switch {
	case len(sums)+len(bundles) == 0:
		return usagef("확인할 번들이나 SHA256SUMS가 없습니다: %s", dir)
	case v.replay && len(bundles) == 0:
		return usagef("다시 읽을 번들이 없습니다: %s", dir)
	}
	for _, path := range bundles {
		if err := v.bundle(path); err != nil {
			return err
		}
	}
	for _, path := range annexes {
		v.annex(path)
	}
	listed := map[string]bool{}
	for _, path := range sums {
		v.sums(path, listed)
	}
	// A report that no SHA256SUMS vouches for is as suspect as a changed one.
	for _, e := range entries {
		for _, s := range []string{bundleSuffix, pdfSuffix, excelSuffix, resultSuffix, annexSuffix} {
			ok := strings.HasSuffix(e.Name(), s)
			// A bundle vouches for itself, and for being the one that a result names.
			if ok && !listed[e.Name()] && s != bundleSuffix {
				v.problem("%s: SHA256SUMS에 없음", filepath.Join(dir, e.Name()))
			}
		}
	}
	for _, path := range results {
		v.result(path)
	}
	return nil
}

func (v *verifier) sums(path string, listed map[string]bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		v.problem("%s: 읽을 수 없습니다(%s)", path, cause(err))
		return
	}
	if len(text) == 0 {
		v.problem("%s: 빈 파일", path)
	}
	for i, line := range slices.Collect(strings.Lines(string(text))) {
		want, name, ok := strings.Cut(strings.TrimRight(line, "\n"), "  ")
		if !ok || len(want) != 64 || name != filepath.Base(name) {
			v.problem("%s:%d: SHA256SUMS의 줄이 아닙니다", path, i+1)
			continue
		}
		listed[name] = true
		file := filepath.Join(filepath.Dir(path), name)
		body, err := os.ReadFile(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			v.problem("%s: 파일이 없음", file)
		case err != nil:
			v.problem("%s: 읽을 수 없습니다(%s)", file, cause(err))
		default:
			sum := sha256.Sum256(body)
			if hex.EncodeToString(sum[:]) != want {
				v.problem("%s: SHA-256이 다름", file)
				continue
			}
			v.fine = append(v.fine, file)
		}
	}
}

// result checks that a result.json names a bundle that stands beside it.
func (v *verifier) result(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		v.problem("%s: 읽을 수 없습니다(%s)", path, cause(err))
		return
	}
	var doc view.Document
	if err := json.Unmarshal(text, &doc); err != nil || doc.Schema != view.ResultSchema {
		v.problem("%s: result.json으로 해석할 수 없습니다", path)
		return
	}
	if len(v.digests) > 0 && !v.digests[doc.BundleDigest] {
		v.problem("%s: bundleDigest가 이 디렉터리의 번들과 다릅니다", path)
	}
	if doc.AnnexDigest != nil && !v.annexes[*doc.AnnexDigest] {
		v.problem("%s: annexDigest와 같은 부속 파일(…%s)이 이 디렉터리에 없습니다", path, annexSuffix)
	}
}
