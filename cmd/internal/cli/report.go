package cli

import (
	"fmt"

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
	failOn := failOnFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if err := a.checkAs(); err != nil {
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
		undo, err := prepareDir(a.outDir)
		if err != nil {
			return err
		}
		if err := a.checkTargets(prefix(b.Set.Account.ID, b.Set.CollectedAt), reportSuffixes...); err != nil {
			undo()
			return err
		}
		if err := a.writeReports(b, args[0], cfg, *failOn); err != nil {
			undo()
			return err
		}
		return nil
	}
	return c
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
