package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"auditbinder/collect"
	"auditbinder/collect/awsconn"
	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/report/excel"
	"auditbinder/report/item"
	"auditbinder/report/pdf"
	"auditbinder/report/settings"
	"auditbinder/report/verdict"
	"auditbinder/report/view"
	"auditbinder/templates"
)

const defaultConfig = "auditbinder.yaml"

// loadConfig reads --config, ./auditbinder.yaml if it is there, or the defaults.
func (a *app) loadConfig() (settings.Config, error) {
	std, err := standard()
	if err != nil {
		return settings.Config{}, err
	}
	path := a.config
	if path == "" {
		path = defaultConfig
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && a.config == "":
		return settings.Default(std), nil
	case err != nil:
		return settings.Config{}, usagef("설정 파일을 읽을 수 없습니다: %s (%s)", path, cause(err))
	}
	cfg, err := settings.Parse(path, bytes.TrimPrefix(text, []byte("\ufeff")), std) // Windows editors write a BOM
	if err != nil {
		return settings.Config{}, usagef("%s", oneLine(err))
	}
	if a.attachEvidence && cfg.Masking.Strict() {
		return settings.Config{}, usagef("%s: 가림(masking)을 더한 설정은 --attach-evidence와 함께 쓸 수 없습니다(evidence.json에는 태그와 일부만 가린 연락처가 있습니다)", path)
	}
	p := a.progress()
	p.note("설정 " + path)
	p.done()
	return cfg, checkExceptions(path, cfg)
}

// checkExceptions refuses exceptions for items that do not exist: they would be
// ignored without a word.
func checkExceptions(path string, cfg settings.Config) error {
	catalog, err := item.Default()
	if err != nil {
		return err
	}
	for i, e := range cfg.Exceptions {
		if !slices.ContainsFunc(catalog.Items, func(it item.Item) bool { return it.ID == e.Item }) {
			return usagef("%s: exceptions[%d]: 없는 점검 항목: %q", path, i, e.Item)
		}
	}
	return nil
}

// standard reads the built-in data that rules compare with.
func standard() (settings.Standard, error) { return settings.ParseStandard(templates.FS.ReadFile) }

// openBundle opens a bundle file and tells what is wrong with it.
func openBundle(path string) (*bundle.Bundle, error) {
	b, err := bundle.Open(path)
	var damage *bundle.DamageError
	switch {
	case err == nil:
		return b, nil
	case errors.As(err, &damage):
		return nil, &failure{path + ": " + damage.Error(), err}
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("번들 파일이 없습니다: %s", path)
	}
	return nil, usagef("번들 파일을 열 수 없습니다: %s (%s)", path, cause(err))
}

// collectBundle runs the collection and writes the bundle; it returns the path.
// Every target is checked as soon as its name is known, before the account is
// asked anything but who it is.
func (a *app) collectBundle(ctx context.Context, conn *awsconn.Conn, scope collect.Scope, suffixes ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	p := a.progress()
	defer p.done()
	p.note("계정 확인")
	content, err := collect.Run(ctx, conn, Program, scope, collect.Hooks{
		Identified: func(account string, at time.Time) error {
			p.note(fmt.Sprintf("계정 %s", account))
			return a.checkTargets(prefix(account, at), suffixes...)
		},
		Step: func(n, of int, title string) { p.step(n, of, title) },
	})
	if err != nil {
		return "", unknownRegion(err)
	}
	var buf bytes.Buffer
	if _, err := bundle.Write(&buf, content); err != nil {
		return "", err
	}
	path := filepath.Join(a.outDir, prefix(content.Set.Account.ID, content.Set.CollectedAt)+bundleSuffix)
	return path, a.placed("번들을", path, buf.Bytes())
}

// unknownRegion makes a selected region that the account does not know wrong use.
func unknownRegion(err error) error {
	var unknown *collect.UnknownRegionError
	if errors.As(err, &unknown) {
		return usagef("계정의 리전 목록에 없는 리전: %s", strings.Join(unknown.Regions, ", "))
	}
	return err
}

// judged is everything that a document about the bundle is made of, without answers.
func judged(b *bundle.Bundle, cfg settings.Config) (view.Input, error) {
	catalog, err := item.Default()
	if err != nil {
		return view.Input{}, err
	}
	in := view.Input{
		Program: Program, Catalog: catalog, Set: b.Set, Calls: b.Calls, BundleDigest: b.Digest, Settings: cfg,
		Results: verdict.Decide(catalog, b.Set, cfg), CredentialReport: b.File(evidence.CredentialReportFile),
	}
	for _, f := range b.Manifest.Files {
		in.Files = append(in.Files, view.File{Name: f.Name, Size: f.Size, SHA256: f.SHA256})
	}
	policy, err := fs.ReadFile(templates.FS, "policy.json")
	if err != nil {
		return view.Input{}, fmt.Errorf("read the IAM policy: %w", err)
	}
	in.Policy = string(policy)
	return in, nil
}

// proof are the files that prove a report, as the PDF carries them.
var proof = []view.EmbeddedFile{
	{Name: "manifest.json", MIME: "application/json", Description: "증적 번들의 manifest(SHA-256이 bundleDigest)", Relationship: "Source"},
	{Name: "calls.jsonl", MIME: "application/x-ndjson", Description: "호출 기록", Relationship: "Source"},
	{Name: "evidence.json", MIME: "application/json", Description: "읽어 낸 사실", Relationship: "Source"},
	{Name: evidence.CredentialReportFile, MIME: "text/csv", Description: "자격 증명 보고서", Relationship: "Source"},
}

// alwaysCarried is how many of them every PDF carries; the rest on request.
const alwaysCarried = 2

// carry puts the bundle's own proof into what is rendered.
func (a *app) carry(in *view.Input, b *bundle.Bundle) {
	in.AllRows, in.Attached = a.pdfRows == allRows, a.attachEvidence
	for i, f := range proof {
		if f.Body = b.File(f.Name); len(f.Body) > 0 && (i < alwaysCarried || a.attachEvidence) {
			in.Embedded = append(in.Embedded, f)
		}
	}
}

// reports renders everything that a judged bundle gives.
func reports(in view.Input) ([]file, view.Document, error) {
	doc := view.Result(in)
	result, err := doc.Encode()
	if err != nil {
		return nil, doc, err
	}
	in.Embedded = append(slices.Clone(in.Embedded), view.EmbeddedFile{
		Name: prefix(in.Set.Account.ID, in.Set.CollectedAt) + resultSuffix, MIME: "application/json", Description: "기계 판독용 결과", Relationship: "Data", Body: result,
	})
	report, err := view.Build(in)
	if err != nil {
		return nil, doc, fmt.Errorf("build the document: %w", err)
	}
	var pdfBody, excelBody bytes.Buffer
	if err := pdf.Render(&pdfBody, report); err != nil {
		return nil, doc, fmt.Errorf("render the PDF: %w", err)
	}
	if err := excel.Render(&excelBody, report); err != nil {
		return nil, doc, fmt.Errorf("render the workbook: %w", err)
	}
	return []file{{pdfSuffix, pdfBody.Bytes()}, {excelSuffix, excelBody.Bytes()}, {resultSuffix, result}}, doc, nil
}

// writeReports renders a judged bundle's reports into the output directory, with
// the annex of its answers where there are any, prints the verdict table and
// settles the exit code.
func (a *app) writeReports(ctx context.Context, in view.Input, annex []byte, bundlePath, failOn string) error {
	name := prefix(in.Set.Account.ID, in.Set.CollectedAt)
	p := a.progress()
	p.note("보고서 작성")
	files, doc, err := reports(in)
	if annex != nil {
		files = append(files, file{annexSuffix, annex})
	}
	p.done()
	if err := errors.Join(err, ctx.Err()); err != nil { // rendering does not stop by itself
		return err
	}
	var beside []string
	if own := filepath.Join(a.outDir, name+bundleSuffix); sameFile(own, bundlePath) {
		beside = append(beside, filepath.Base(own))
	}
	written, err := a.write(name, files, beside...)
	if err != nil {
		return err
	}
	if len(beside) > 0 {
		written = append([]string{bundlePath}, written...)
	}
	if err := a.printResult(doc, written); err != nil {
		return err
	}
	a.code = exitCode(doc, failOn)
	return nil
}

func sameFile(x, y string) bool {
	a, errA := os.Stat(x)
	b, errB := os.Stat(y)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

func exitCode(doc view.Document, failOn string) int {
	code := exitDone
	for _, it := range doc.Items {
		counts := it.AutoVerdict
		if it.FinalVerdict != nil { // a person's word comes first
			counts = *it.FinalVerdict
		}
		switch {
		case failOn != "" && counts == failOn:
			return exitVulnerable
		case counts == string(verdict.Unknown):
			code = exitUnknown
		}
	}
	return code
}
