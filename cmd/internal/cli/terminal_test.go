package cli_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"auditbinder/cmd/internal/cli"
	"auditbinder/collect/sample/fakeaws"
)

// onTerminal runs a command line on a terminal.
func onTerminal(t *testing.T, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	code := cli.Run(args, cli.Env{
		Stdout: &out, Stderr: &errs, Now: time.Now, Terminal: true, Color: true,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	return ran{code, out.String(), errs.String()}
}

const clearLine = "\r\x1b[K"

func TestTerminal(t *testing.T) {
	r := onTerminal(t, "demo", "-o", t.TempDir())
	if r.code != 0 || strings.Contains(r.stderr, "\n") || !strings.HasSuffix(r.stderr, clearLine) {
		t.Errorf("progress does not rewrite one line and clear it: %q", r.stderr)
	}
	if !strings.Contains(r.stdout, "\x1b[31m취약\x1b[0m") {
		t.Errorf("no colour:\n%q", r.stdout)
	}
	plain := run(t, "demo", "-o", t.TempDir())
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	table := func(s string) string { head, _, _ := strings.Cut(s, "\n\n"); return head }
	if got := table(escapes.ReplaceAllString(r.stdout, "")); got != table(plain.stdout) || strings.Contains(plain.stdout, "\x1b") {
		t.Errorf("colour moves the columns:\n%s\n%s", got, plain.stdout)
	}
	for _, flag := range []string{"--no-color", "--as=json"} {
		if r := onTerminal(t, "demo", flag, "-o", t.TempDir()); strings.Contains(r.stdout, "\x1b") {
			t.Errorf("colour with %s", flag)
		}
	}
	if r := onTerminal(t, "demo", "--quiet", "-o", t.TempDir()); r.stderr != "" {
		t.Errorf("--quiet says %q", r.stderr)
	}
}

// An error stands on a line of its own, after the progress is cleared.
func TestTerminalError(t *testing.T) {
	start(t, scenarios["expired"]())
	r := onTerminal(t, "run", "-o", t.TempDir())
	if at := strings.LastIndex(r.stderr, clearLine); at < 0 || !strings.HasPrefix(r.stderr[at:], clearLine+"오류: ") {
		t.Errorf("stderr %q", r.stderr)
	}
}

// What a server calls its error never reaches the terminal as control sequences
// or as a second line.
func TestErrorIsOneLine(t *testing.T) {
	start(t, serve(clean(1), everything(fakeaws.Fault{Status: 403, Code: "Evil&#10;\x7f둘째 줄"})))
	r := run(t, "run", "--quiet", "-o", t.TempDir())
	if r.code != 1 || strings.Count(r.stderr, "\n") != 1 || strings.Contains(r.stderr, "\x7f") {
		t.Errorf("exit %d: %q", r.code, r.stderr)
	}
	r = run(t, "report", "없는\n파일\x1b[2J")
	if r.code != 2 || strings.Count(r.stderr, "\n") != 1 || strings.Contains(r.stderr, "\x1b") {
		t.Errorf("exit %d: %q", r.code, r.stderr)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestStdoutFull(t *testing.T) {
	for _, args := range [][]string{{"items"}, {"items", "--as", "json"}, {"policy"}, {"version"}, {"--help"}, {"demo", "-o", t.TempDir()}, {"config", "init", "-o", t.TempDir()}} {
		var errs bytes.Buffer
		code := cli.Run(args, cli.Env{Stdout: fullDisk{}, Stderr: &errs, Now: time.Now, Sleep: func(context.Context, time.Duration) error { return nil }})
		if code != 1 || !strings.Contains(errs.String(), "오류: 표준 출력에 쓰지 못했습니다: no space\n") {
			t.Errorf("%q: exit %d: %s", args, code, errs.String())
		}
	}
}

// Windows editors begin a file with a byte order mark.
func TestConfigWithBOM(t *testing.T) {
	config := filepath.Join(t.TempDir(), "bom.yaml")
	write(t, config, []byte("\ufefforganization: {name: 가상핀테크}\r\n"))
	if r := run(t, "demo", "--config", config, "-o", t.TempDir()); r.code != 0 {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}
