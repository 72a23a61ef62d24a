package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"auditbinder/collect"
	"auditbinder/collect/awsconn"
	"auditbinder/collect/sample"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/verdict"
)

func (a *app) demoCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "demo",
		Short: "가상 계정의 기록으로 전체 과정을 실행합니다",
		Long: `내장된 가상 계정(가상핀테크)의 기록을 실제 AWS SDK로 재생하여 번들, PDF, Excel, result.json을 만듭니다.
네트워크와 자격 증명이 필요 없고, 같은 판에서는 언제나 같은 결과가 나오며, 모든 결과물에 모의 환경 표시가 붙습니다.`,
		Args: noArgs,
	}
	a.outputFlags(c.Flags())
	a.reportFlags(c.Flags())
	failOn := failOnFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		a.timeout = defaultTimeout
		rec, err := sample.Recording()
		if err != nil {
			return err
		}
		return a.collectAndReport(c.Context(), *failOn, target{}, func(context.Context) (*awsconn.Conn, error) { return collect.Replay(rec), nil })
	}
	return c
}

func (a *app) runCommand() *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "run",
		Short: "계정 하나를 수집하고 판정하여 보고서를 만듭니다",
		Long: `현재 자격 증명의 계정에서 증적을 수집하고, 판정하고, 번들·PDF·Excel·result.json·SHA256SUMS를 만듭니다.
읽기 전용 API만 호출하며 필요한 권한은 'auditbinder policy'로 볼 수 있습니다.`,
		Args: noArgs,
	}
	a.outputFlags(c.Flags())
	a.reportFlags(c.Flags())
	a.connectFlags(c.Flags(), &t)
	failOn := failOnFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := a.checkTimeout(); err != nil {
			return err
		}
		return a.collectAndReport(c.Context(), *failOn, t, func(ctx context.Context) (*awsconn.Conn, error) { return a.connect(ctx, t) })
	}
	return c
}

func (a *app) collectCommand() *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "collect",
		Short: "증적 번들만 수집합니다",
		Long:  "현재 자격 증명의 계정에서 증적을 수집하여 번들 파일만 만듭니다. 보고서는 'auditbinder report'로 언제든 만들 수 있습니다.\n설정 파일은 쓰지 않습니다. 조회가 실패하여 점검 불가가 될 항목이 있으면 종료 코드 3으로 끝냅니다.",
		Args:  noArgs,
	}
	a.outputFlags(c.Flags())
	a.quietFlag(c.Flags())
	a.connectFlags(c.Flags(), &t)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := a.checkTimeout(); err != nil {
			return err
		}
		if err := a.prepare(); err != nil {
			return err
		}
		conn, err := a.connect(c.Context(), t)
		if err != nil {
			return err
		}
		path, err := a.collectBundle(c.Context(), conn, t.scope(settings.Config{}), bundleSuffix)
		if err != nil {
			return err
		}
		b, err := openBundle(path)
		if err != nil {
			return err
		}
		a.printCollected(b, path)
		catalog, err := item.Default()
		if err != nil {
			return err
		}
		std, err := standard()
		if err != nil {
			return err
		}
		for _, r := range verdict.Decide(catalog, b.Set, settings.Default(std)) {
			if r.Auto == verdict.Unknown {
				a.code = exitUnknown
			}
		}
		return nil
	}
	return c
}

// failOnFlag adds --fail-on.
func failOnFlag(c *cobra.Command) *string {
	var v string
	c.Flags().StringVar(&v, "fail-on", "", "이 `판정`의 항목이 있으면 종료 코드 4로 끝냅니다: vulnerable")
	c.PreRunE = func(*cobra.Command, []string) error {
		if v != "" && v != "vulnerable" {
			return usagef("--fail-on의 값이 아님: %q (사용할 수 있는 값: vulnerable)", v)
		}
		return nil
	}
	return &v
}

var regionPattern = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

func (a *app) connect(ctx context.Context, t target) (*awsconn.Conn, error) {
	for i, region := range append([]string{t.region}, t.regions...) {
		if (region != "" || i > 0) && !regionPattern.MatchString(strings.TrimSpace(region)) {
			return nil, usagef("리전 이름이 아님: %q (예: ap-northeast-2)", region)
		}
	}
	conn, err := collect.Open(ctx, collect.Target{Profile: t.profile, Region: t.region, Now: a.env.Now, Sleep: a.env.Sleep, Limit: a.env.Limit})
	var profile *awsconn.UnknownProfileError
	if err != nil && !errors.As(err, &profile) {
		return nil, &failure{"AWS 설정을 읽을 수 없습니다: " + oneLine(err), err}
	}
	return conn, err
}

// collectAndReport is the main job. Configuration, formats and the directory
// are checked before AWS is asked anything.
func (a *app) collectAndReport(ctx context.Context, failOn string, t target, connect func(context.Context) (*awsconn.Conn, error)) error {
	if err := errors.Join(a.checkAs(), a.checkRows()); err != nil {
		return err
	}
	cfg, err := a.loadConfig()
	if err != nil {
		return err
	}
	if err := a.prepare(); err != nil {
		return err
	}
	path, err := a.collectWith(ctx, t.scope(cfg), connect)
	if err != nil {
		return err
	}
	b, err := openBundle(path)
	if err != nil {
		return err
	}
	in, err := judged(b, cfg)
	if err != nil {
		return err
	}
	a.carry(&in, b)
	if err := a.writeReports(ctx, in, nil, path, failOn); err != nil {
		line, _ := explain(err)
		if errors.Is(err, context.Canceled) {
			line = "사용자가 중단하였습니다"
		}
		return &failure{fmt.Sprintf("%s. 수집한 번들은 남아 있으므로 'auditbinder report'로 이어서 만들 수 있습니다: %s", line, path), err}
	}
	return nil
}

func (a *app) collectWith(ctx context.Context, scope collect.Scope, connect func(context.Context) (*awsconn.Conn, error)) (string, error) {
	conn, err := connect(ctx)
	if err != nil {
		return "", err
	}
	return a.collectBundle(ctx, conn, scope, append([]string{bundleSuffix}, reportSuffixes...)...)
}
