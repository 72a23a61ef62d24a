// Package cli is the command line: flags, progress, Korean messages and exit
// codes, one file per command. It wires collection, judgement and rendering and
// decides nothing about evidence. Clock and sleep enter the program here.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"auditbinder/collect"
	"auditbinder/collect/awsconn"
	"auditbinder/report/settings"
)

// Program is the name and version that bundles and reports carry.
const Program = "auditbinder " + version

const version = "0.1.0"

// Exit codes of the contract.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitUnknown    = 3 // done, but some item is 점검 불가
	exitVulnerable = 4 // --fail-on vulnerable and something is
)

// Env is the world around a run; tests replace it.
type Env struct {
	Stdout, Stderr io.Writer
	Now            func() time.Time
	Sleep          func(context.Context, time.Duration) error
	Limit          awsconn.Limit // of attempts; nil: by the machine's clock
	// Temp is told the private folder for libraries' temporary files; nil: nobody need know.
	Temp     func(dir string)
	Terminal bool // stderr is a terminal
	Color    bool // stdout takes colour
}

// System is the real world. A report of ten thousand users makes much garbage;
// a third of the usual room for it costs a little time and saves a quarter of the peak.
func System() Env {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(35)
	}
	signal.Ignore(syscall.SIGPIPE) // a reader that has gone is an error of writing, told and tidied like any
	_, noColor := os.LookupEnv("NO_COLOR")
	return Env{
		Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now, Sleep: sleep, Temp: useTemp,
		Terminal: term.IsTerminal(int(os.Stderr.Fd())), Color: term.IsTerminal(int(os.Stdout.Fd())) && !noColor,
	}
}

// useTemp lets os.TempDir be dir, on every system.
func useTemp(dir string) {
	for _, key := range []string{"TMPDIR", "TMP", "TEMP"} {
		os.Setenv(key, dir)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// app is one invocation.
type app struct {
	env  Env
	code int // exit code of a command that did its work

	outDir  string
	stage   *staging // of commands that write files
	config  string
	force   bool
	as      string
	quiet   bool
	noColor bool
	timeout time.Duration
	pdfRows string
	// attachEvidence puts the evidence itself into the PDF.
	attachEvidence bool
}

// Run runs one command line and returns its exit code.
func Run(args []string, env Env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	out := &output{w: env.Stdout}
	env.Stdout = out
	a := &app{env: env}
	defer func() { a.stage.close() }()
	root := a.root()
	root.SetArgs(args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if out.err != nil { // a full disk must not pass for a printed policy or table
		err = &failure{"표준 출력에 쓰지 못했습니다: " + cause(out.err), out.err}
	}
	if err != nil {
		line, code := explain(err)
		fmt.Fprintln(env.Stderr, "오류: "+printable(line))
		return code
	}
	return a.code
}

// output remembers the first error of writing.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// printable keeps a message to one line without control sequences: file names
// and error codes come from elsewhere.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, line)
}

const defaultTimeout = 10 * time.Minute

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "auditbinder",
		Short: "AWS 계정의 감사 증적을 수집하여 한국어 보고서로 만듭니다",
		Long: `auditbinder는 AWS 계정에서 감사 증적을 읽기 전용으로 수집하고, 점검 항목별로 판정하여
한국어 PDF·Excel 보고서와 result.json을 만듭니다.

처음이라면 'auditbinder demo -o out'으로 가상 계정의 보고서를 만들어 볼 수 있습니다.`,
		Args:          noArgs,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return noEmptyValues(c.Flags()) },
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.AddCommand(a.demoCommand(), a.runCommand(), a.collectCommand(), a.reportCommand(), a.verifyCommand(),
		a.interviewCommand(), a.itemsCommand(), a.policyCommand(), a.doctorCommand(), a.configCommand(), a.licensesCommand(), a.versionCommand())
	help := helpCommand(root)
	root.AddCommand(help)
	root.SetHelpCommand(help)
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { printHelp(a.env.Stdout, c) })
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	for _, c := range append([]*cobra.Command{root}, commands(root)...) {
		c.Flags().BoolP("help", "h", false, "이 도움말을 표시합니다")
	}
	return root
}

// commands lists all commands below c.
func commands(c *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range c.Commands() {
		all = append(append(all, sub), commands(sub)...)
	}
	return all
}

// outputFlags are those of commands that write files.
func (a *app) outputFlags(f *pflag.FlagSet) {
	f.StringVarP(&a.outDir, "output", "o", ".", "결과를 쓸 `디렉터리`(기본: 현재 디렉터리)")
	f.BoolVar(&a.force, "force", false, "이미 있는 결과 파일을 덮어씁니다")
}

// reportFlags are those of commands that judge.
func (a *app) reportFlags(f *pflag.FlagSet) {
	a.configFlag(f)
	f.StringVar(&a.pdfRows, "pdf-rows", "", "PDF의 표에 실을 `행`: all(모두). 기본은 취약 1,000건과 그 밖의 50건까지이며 전체는 통합 문서에 있습니다")
	f.BoolVar(&a.attachEvidence, "attach-evidence", false, "evidence.json과 credential-report.csv도 PDF에 첨부합니다(표지에 그 사실을 적습니다)")
	a.tableFlags(f)
	a.quietFlag(f)
}

func (a *app) configFlag(f *pflag.FlagSet) {
	f.StringVar(&a.config, "config", "", "설정 `파일`(기본: ./auditbinder.yaml이 있으면 그 파일)")
}

// allRows is the one value of --pdf-rows.
const allRows = "all"

// checkRows refuses other values.
func (a *app) checkRows() error {
	if a.pdfRows != "" && a.pdfRows != allRows {
		return usagef("--pdf-rows의 값이 아님: %q (사용할 수 있는 값: all)", a.pdfRows)
	}
	return nil
}

func (a *app) quietFlag(f *pflag.FlagSet) {
	f.BoolVar(&a.quiet, "quiet", false, "진행 상황을 표시하지 않습니다")
}

// tableFlags are those of commands that print a table.
func (a *app) tableFlags(f *pflag.FlagSet) {
	f.StringVar(&a.as, "as", "", "표 대신 쓸 `형식`: json")
	f.BoolVar(&a.noColor, "no-color", false, "색을 쓰지 않습니다")
}

// connectFlags are those of commands that ask AWS.
func (a *app) connectFlags(f *pflag.FlagSet, t *target) {
	f.StringVar(&t.profile, "profile", "", "AWS `프로파일`(기본: SDK 기본 자격 증명)")
	f.StringVar(&t.region, "region", "", "세션 `리전`(기본: SDK 설정, 없으면 us-east-1)")
	f.StringSliceVar(&t.regions, "regions", nil, "수집할 `리전` 목록(쉼표로 구분, 기본: 사용 설정된 모든 리전). 콘솔 로그인 리전 네 곳은 언제나 로그인 관련 조회를 합니다")
	f.DurationVar(&a.timeout, "timeout", defaultTimeout, "수집 전체의 제한 `시간`(기본: 10m). 지나면 남은 조회는 실패로 기록됩니다")
}

type target struct {
	profile, region string
	regions         []string
}

// scope is what the flag says of regions, else what the configuration says.
func (t target) scope(cfg settings.Config) collect.Scope {
	s := collect.Scope{Regions: cfg.Regions, Reason: cfg.RegionReason}
	if len(t.regions) > 0 {
		s.Regions = nil
		for _, region := range t.regions { // "a, b" is as good as "a,b"
			s.Regions = append(s.Regions, strings.TrimSpace(region))
		}
	}
	if s.Reason == "" && len(s.Regions) > 0 {
		s.Reason = "수집할 때 지정한 리전이 아님(사유 미기재)"
	}
	s.Regions = slices.Compact(slices.Sorted(slices.Values(s.Regions)))
	return s
}

// noEmptyValues refuses -o "$UNSET" and the like, which would quietly mean the
// default.
func noEmptyValues(flags *pflag.FlagSet) error {
	var empty error
	flags.Visit(func(f *pflag.Flag) {
		if v := f.Value.String(); (v == "" || v == "[]") && empty == nil {
			empty = usagef("옵션 --%s의 값이 비어 있습니다", f.Name)
		}
	})
	return empty
}

// checkTimeout refuses a time in which nothing can be done.
func (a *app) checkTimeout() error {
	if a.timeout <= 0 {
		return usagef("--timeout은 0보다 커야 합니다: %s", a.timeout)
	}
	return nil
}

// checkAs refuses formats that are not there.
func (a *app) checkAs() error {
	if a.as != "" && a.as != "json" {
		return usagef("--as의 형식이 아님: %q (사용할 수 있는 값: json)", a.as)
	}
	return nil
}

// usageError is wrong use: exit code 2.
type usageError struct{ line string }

func (e *usageError) Error() string { return e.line }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// failure is work that could not be done, told in one Korean line: exit code 1.
type failure struct {
	line string
	err  error
}

func (e *failure) Error() string { return e.line }
func (e *failure) Unwrap() error { return e.err }

func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasSubCommands() {
		return usagef("알 수 없는 명령: %q ('%s --help' 참고)", args[0], c.CommandPath())
	}
	return usagef("필요 없는 인수: %q ('%s --help' 참고)", args[0], c.CommandPath())
}

func oneArg(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s 하나를 지정해야 합니다 ('%s --help' 참고)", name, c.CommandPath())
		}
		return nil
	}
}

// flagError turns pflag's errors into Korean.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			name = "-" + short
		}
		return usagef("알 수 없는 옵션: %s", name)
	case errors.As(err, &missing):
		return usagef("옵션 --%s에 값이 필요합니다", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		return usagef("옵션 --%s의 값이 올바르지 않습니다: %q", invalid.GetFlag().Name, invalid.GetValue())
	}
	return usagef("옵션을 해석할 수 없습니다: %s", oneLine(err))
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
