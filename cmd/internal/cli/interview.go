package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/unicode/norm"

	"auditbinder/collect/bundle"
	"auditbinder/report/excel"
	"auditbinder/report/interview"
	"auditbinder/report/strictyaml"
	"auditbinder/report/view"
)

const (
	formSuffix     = "_interview.xlsx"
	formYAMLSuffix = "_interview.yaml"
	annexSuffix    = "_annex.zip"
	maxAnswerFile  = 64 << 20
	maxAttachments = 200 << 20 // of one form, in all
	maxPixels      = 200_000_000
)

func (a *app) interviewCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "interview", Short: "인터뷰 양식을 만들고 답변을 확인합니다", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.interviewNewCommand(), a.interviewCheckCommand())
	return c
}

func (a *app) interviewNewCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "new 번들",
		Short: "번들에서 답이 필요한 질문의 양식을 만듭니다",
		Long: `번들을 판정하여 인터뷰 필요·점검 불가인 대상마다 한 행이 있는 통합 문서(…_interview.xlsx)를 만듭니다.
질문 칸은 잠겨 있고 답변 칸만 채울 수 있습니다. 채운 파일은 'auditbinder interview check'로 확인하고 'auditbinder report --interview'로 반영합니다.`,
		Args: oneArg("번들 파일"),
	}
	a.outputFlags(c.Flags())
	c.Flags().StringVar(&a.config, "config", "", "설정 `파일`(기본: ./auditbinder.yaml이 있으면 그 파일)")
	c.Flags().StringVar(&a.as, "as", "", "통합 문서 대신 쓸 `형식`: yaml")
	a.quietFlag(c.Flags())
	c.RunE = func(_ *cobra.Command, args []string) error {
		if a.as != "" && a.as != "yaml" {
			return usagef("--as의 형식이 아님: %q (사용할 수 있는 값: yaml)", a.as)
		}
		cfg, err := a.loadConfig()
		if err != nil {
			return err
		}
		b, err := openBundle(args[0])
		if err != nil {
			return err
		}
		in, err := judged(b, cfg)
		if err != nil {
			return err
		}
		form := view.Form(in)
		questions := interview.Open(form)
		suffix, body := formSuffix, bytes.Buffer{}
		if a.as == "yaml" {
			suffix = formYAMLSuffix
			body.WriteString(yamlGuide)
			body.Write(skeleton(form, questions).EncodeYAML())
		} else if err := excel.RenderForm(&body, form, questions); err != nil {
			return fmt.Errorf("render the interview form: %w", err)
		}
		if err := a.prepare(); err != nil {
			return err
		}
		name := prefix(b.Set.Account.ID, b.Set.CollectedAt)
		if err := a.checkTargets(name, suffix); err != nil {
			return err
		}
		path := filepath.Join(a.outDir, name+suffix)
		if err := a.placed("양식을", path, body.Bytes()); err != nil {
			return err
		}
		fmt.Fprintf(a.env.Stdout, "답이 필요한 질문 %d건\n  %s\n", len(questions), path)
		return nil
	}
	return c
}

// yamlGuide stands above the machine form.
const yamlGuide = `# 답변의 기계용 형식. 질문과 확인된 사실은 통합 문서 양식(interview new)에 있습니다. 채우지 않은 행은 답변이 아닙니다.
# 행의 키: item(항목코드), resource(대상, 없으면 항목 전체), respondent(답변자), held(면담일시 "2026-11-25 10:00"), answer(답변),
#   verdict(최종판정: 양호, 취약, 해당 없음), reason(판정 사유), judge(판정자), judged(판정일 2026-11-26), document(문서번호), attachments([파일 이름])
# verdict에는 judge와 judged가, 자동 취약을 뒤집으면 reason이, 점검 불가를 정하면 document나 attachments가 필요합니다.
`

// skeleton is the machine form with nothing filled in.
func skeleton(form interview.Form, questions []interview.Question) interview.File {
	f := interview.File{BundleDigest: form.BundleDigest}
	for _, q := range questions {
		f.Answers = append(f.Answers, interview.Answer{Item: q.Item, Resource: q.Resource})
	}
	return f
}

func (a *app) interviewCheckCommand() *cobra.Command {
	var bundlePath string
	c := &cobra.Command{
		Use:   "check 답변파일",
		Short: "채운 양식을 확인합니다",
		Long: `채운 인터뷰 양식(xlsx), 점검결과·인터뷰 시트를 채운 보고서 통합 문서, 또는 YAML을 확인하고 고칠 곳을 시트와 칸으로 모두 알립니다.
번들은 --bundle로 지정하며, 없으면 답변 파일과 같은 디렉터리에서 bundleDigest가 같은 번들을 찾습니다. 첨부 파일도 답변 파일과 같은 디렉터리에 두십시오.`,
		Args: oneArg("답변 파일"),
	}
	c.Flags().StringVar(&bundlePath, "bundle", "", "답변이 가리키는 `번들` 파일")
	c.Flags().StringVar(&a.config, "config", "", "설정 `파일`(기본: ./auditbinder.yaml이 있으면 그 파일)")
	a.quietFlag(c.Flags())
	c.RunE = func(_ *cobra.Command, args []string) error {
		cfg, err := a.loadConfig()
		if err != nil {
			return err
		}
		read, err := readAnswers(args[0])
		if err != nil {
			return err
		}
		b, err := bundleOf(read, bundlePath)
		if err != nil {
			return err
		}
		in, err := judged(b, cfg)
		if err != nil {
			return err
		}
		given, err := a.checkAnswers(read, in)
		if err != nil {
			return err
		}
		in.Answers = given.file.Answers
		fmt.Fprintf(a.env.Stdout, "답변 %d건, 첨부 %d개, 이상 없음\n", len(given.file.Answers), len(given.attachments))
		open := view.Undecided(in)
		fmt.Fprintf(a.env.Stdout, "아직 정해지지 않은 대상 %d건\n", len(open))
		for _, o := range open {
			fmt.Fprintln(a.env.Stdout, "  "+o)
		}
		return nil
	}
	return c
}

// answerFile is an answer file as it was read, unchecked.
type answerFile struct {
	path     string
	file     interview.File
	problems []interview.Problem
}

// readAnswers reads a workbook or YAML.
func readAnswers(path string) (answerFile, error) {
	read := answerFile{path: path}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return read, usagef("답변 파일이 없습니다: %s", path)
	case err != nil:
		return read, usagef("답변 파일을 열 수 없습니다: %s (%s)", path, cause(err))
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return read, usagef("답변 파일을 열 수 없습니다: %s (%s)", path, cause(err))
	case !info.Mode().IsRegular():
		return read, usagef("답변 파일이 일반 파일이 아닙니다: %s", path)
	case info.Size() > maxAnswerFile:
		return read, usagef("답변 파일이 너무 큽니다: %s (%d MiB까지)", path, maxAnswerFile>>20)
	}
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".yaml" || ext == ".yml" {
		text, err := io.ReadAll(f)
		if err != nil {
			return read, usagef("답변 파일을 읽을 수 없습니다: %s (%s)", path, cause(err))
		}
		read.file, read.problems, err = interview.ParseYAML(path, bytes.TrimPrefix(text, []byte("\ufeff")))
		if err != nil {
			return read, usagef("%s", oneLine(err))
		}
		return read, nil
	}
	read.file, read.problems, err = excel.ReadAnswers(f, info.Size())
	if err != nil {
		return read, usagef("%s: %s", path, oneLine(err))
	}
	return read, nil
}

// bundleOf opens the bundle that the answers are about: the named one, or one
// beside the answers.
func bundleOf(read answerFile, path string) (*bundle.Bundle, error) {
	if path != "" {
		return openBundle(path)
	}
	dir := filepath.Dir(read.path)
	candidates, err := filepath.Glob(filepath.Join(dir, "*"+bundleSuffix))
	if err != nil {
		return nil, fmt.Errorf("look for bundles: %w", err)
	}
	for _, c := range candidates {
		if b, err := bundle.Open(c); err == nil && b.Digest == read.file.BundleDigest {
			return b, nil
		}
	}
	return nil, usagef("답변이 가리키는 번들이 %s에 없습니다. --bundle로 지정하십시오(bundleDigest %s)", dir, orDash(read.file.BundleDigest))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// given are checked answers with the files that they name.
type given struct {
	file        interview.File
	attachments map[string][]byte
}

// checkAnswers tells everything that is wrong with the answers and their files,
// each with its place, or returns them.
func (a *app) checkAnswers(read answerFile, in view.Input) (given, error) {
	problems := slices.Concat(read.problems, interview.Check(view.Form(in), read.file))
	g := given{file: interview.File{BundleDigest: read.file.BundleDigest}, attachments: map[string][]byte{}}
	today := strictyaml.DayOf(a.env.Now())
	total, pixels := 0, 0
	for _, answer := range read.file.Answers {
		if answer.Empty() { // a question that nobody has answered yet
			continue
		}
		g.file.Answers = append(g.file.Answers, answer)
		if answer.Judged.After(today.Time) {
			problems = append(problems, interview.Problem{At: answer.Where.At(interview.FieldJudged), Text: fmt.Sprintf("판정일(%s)이 오늘(%s)보다 늦음", answer.Judged, today)})
		}
		at := answer.Where.At(interview.FieldFiles)
		for _, name := range answer.Files {
			if name != filepath.Base(name) || interview.FileKind(name) == "" || g.attachments[name] != nil {
				continue // Check has told, or it was read
			}
			body, why := readAttachment(filepath.Dir(read.path), name)
			if pixels += interview.Pixels(name, body); why == "" && pixels > maxPixels {
				why = "첨부 그림이 모두 2억 화소를 넘음"
			}
			if why == "" {
				why = interview.CheckFile(name, body)
			}
			if total += len(body); why == "" && total > maxAttachments {
				why = fmt.Sprintf("첨부 파일이 모두 %d MiB를 넘음", maxAttachments>>20)
			}
			if why != "" {
				problems = append(problems, interview.Problem{At: at, Text: fmt.Sprintf("첨부 파일 %q: %s", name, why)})
				continue
			}
			g.attachments[name] = body
		}
	}
	if len(problems) == 0 {
		return g, nil
	}
	for _, p := range problems {
		fmt.Fprintln(a.env.Stderr, "  "+oneLine(errors.New(p.String())))
	}
	return given{}, usagef("%s: 답변에 고칠 곳이 %d건 있습니다", read.path, len(problems))
}

// readAttachment reads a file beside the answers, and says in Korean why it can't.
// A name of Hangul may be composed in the form and not on the disk, or the other
// way round.
func readAttachment(dir, name string) (body []byte, why string) {
	path := filepath.Join(dir, name)
	for _, form := range []norm.Form{norm.NFC, norm.NFD} {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			path = filepath.Join(dir, form.String(name))
		}
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "답변 파일과 같은 디렉터리에 없음"
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, "일반 파일이 아님"
	case info.Size() > interview.MaxFile:
		return nil, fmt.Sprintf("%d MiB보다 큼", interview.MaxFile>>20)
	}
	if body, err = os.ReadFile(path); err != nil {
		return nil, cause(err)
	}
	return body, ""
}

// annexOf makes the annex of checked answers.
func annexOf(b *bundle.Bundle, g given) (body []byte, digest string, err error) {
	var buf bytes.Buffer
	digest, err = bundle.WriteAnnex(&buf, bundle.Annex{
		Program: Program, BundleDigest: b.Digest, AccountID: b.Set.Account.ID, Answers: g.file.EncodeYAML(), Attachments: g.attachments,
	})
	if err != nil {
		return nil, "", fmt.Errorf("write the annex: %w", err)
	}
	return buf.Bytes(), digest, nil
}
