package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"auditbinder/collect/bundle"
	"auditbinder/report/verdict"
	"auditbinder/report/view"
)

func (a *app) reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report 번들",
		Short: "번들에서 보고서를 다시 만듭니다(오프라인)",
		Long:  "증적 번들 하나로 판정하고 PDF·Excel·result.json·SHA256SUMS를 만듭니다. AWS에 연결하지 않으며, 같은 번들과 설정에서는 같은 바이트가 나옵니다.",
		Args:  oneArg("번들 파일"),
	}
	a.outputFlags(c.Flags())
	a.reportFlags(c.Flags())
	var answers string
	var final bool
	c.Flags().StringVar(&answers, "interview", "", "채운 인터뷰 양식, 점검결과·인터뷰 시트를 채운 보고서 통합 문서 또는 YAML `파일`. 답변과 첨부를 부속 파일(…_annex.zip)로 묶고 최종판정에 반영합니다")
	c.Flags().BoolVar(&final, "final", false, "확정본을 만듭니다. 정해지지 않은 대상이 있으면 이름을 알리고 만들지 않습니다")
	failOn := failOnFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := errors.Join(a.checkAs(), a.checkRows()); err != nil {
			return err
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
		suffixes, annex := reportSuffixes, []byte(nil)
		if answers != "" {
			for _, suffix := range reportSuffixes {
				if target := filepath.Join(a.outDir, prefix(b.Set.Account.ID, b.Set.CollectedAt)+suffix); sameFile(target, answers) {
					return usagef("답변 파일이 결과 파일로 덮어쓰일 자리에 있습니다: %s (-o로 다른 디렉터리를 지정하십시오)", answers)
				}
			}
			if annex, err = a.takeAnswers(&in, b, answers); err != nil {
				return err
			}
			suffixes = append(slices.Clone(suffixes), annexSuffix)
		}
		if open := view.Undecided(in); final && len(open) > 0 {
			for _, o := range open {
				fmt.Fprintln(a.env.Stderr, "  "+o)
			}
			return &failure{line: fmt.Sprintf("정해지지 않은 대상이 %d건 있어 확정본을 만들 수 없습니다. 'auditbinder interview new'의 양식으로 답을 받아 --interview로 반영하십시오", len(open))}
		}
		in.Final = final
		a.carry(&in, b)
		if err := a.prepare(); err != nil {
			return err
		}
		if err := a.checkTargets(prefix(b.Set.Account.ID, b.Set.CollectedAt), suffixes...); err != nil {
			return err
		}
		return a.writeReports(c.Context(), in, annex, args[0], *failOn)
	}
	return c
}

// takeAnswers puts checked answers into what is rendered, and returns their annex.
func (a *app) takeAnswers(in *view.Input, b *bundle.Bundle, path string) (annex []byte, err error) {
	read, err := readAnswers(path)
	if err != nil {
		return nil, err
	}
	g, err := a.checkAnswers(read, *in)
	if err != nil {
		return nil, err
	}
	annex, in.AnnexDigest, err = annexOf(b, g)
	in.Answers, in.Attachments = g.file.Answers, g.attachments
	text := g.file.EncodeYAML()
	sum := sha256.Sum256(text)
	in.Answered = view.File{Name: "answers.yaml", Size: int64(len(text)), SHA256: hex.EncodeToString(sum[:])}
	return annex, err
}

// printCollected tells what a collection wrote.
func (a *app) printCollected(b *bundle.Bundle, path string) {
	fmt.Fprintf(a.env.Stdout, "계정 %s, 호출 %d회, 조회 실패 %d건\n", b.Set.Account.ID, len(b.Calls), len(b.Set.Failures))
	for _, f := range b.Set.Failures {
		fmt.Fprintf(a.env.Stdout, "  %s (%s)\n", verdict.Describe(f), view.CodeText(f.Code))
	}
	fmt.Fprintf(a.env.Stdout, "bundleDigest %s\n", b.Digest)
	if b.Set.Source.Simulated() {
		fmt.Fprintln(a.env.Stdout, "모의 환경 수집분이므로 제출할 수 없습니다.")
	}
	fmt.Fprintf(a.env.Stdout, "  %s\n", path)
}
