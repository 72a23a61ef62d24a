package cli_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"auditbinder/cmd/internal/cli"
	"auditbinder/collect/sample/fakeaws"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "auditbinder" { // the tests, not a script's command
		for _, pair := range os.Environ() {
			key, _, _ := strings.Cut(pair, "=")
			if upper := strings.ToUpper(key); strings.HasPrefix(upper, "AWS_") || strings.HasSuffix(upper, "_PROXY") {
				os.Unsetenv(key) // whatever this machine is set up for
			}
		}
	}
	testscript.Main(m, map[string]func(){
		"auditbinder": func() { os.Exit(cli.Run(os.Args[1:], cli.System())) },
	})
}

// TestScripts runs testdata/*.txtar, which read as the documentation of the
// command line. Beside testscript's own commands they know:
//
//	exits CODE auditbinder …    run and check the exit code
//	only-error                  stderr was exactly one line, and that a Korean error
//	leaves DIR [FILE…]          the directory holds exactly these files, and no other
//	valid-json FILE             the file (or stdout) is JSON
//	flip FILE [OFFSET]          flip a byte, in the middle unless told
//	cut FILE                    cut the file in half
//	zip-edit FILE ENTRY OLD NEW change an entry of a zip, keeping the zip whole
//	fakeaws NAME                start a fake AWS (fake_test.go) and point the SDK at it
//	await ACTION                wait until that fake was asked for ACTION
//	asked [ACTION=N…]           that fake was asked for exactly this
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			setenv := func(key, value string) { env.Setenv(key, value) }
			fakeaws.Environment(setenv, "")
			setenv("AWS_ACCESS_KEY_ID", "")
			setenv("AWS_SECRET_ACCESS_KEY", "")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits, "only-error": cmdOnlyError, "leaves": cmdLeaves, "flip": cmdFlip, "cut": cmdCut,
			"valid-json": cmdValidJSON,
			"zip-edit":   cmdZipEdit, "fakeaws": cmdFakeAWS, "await": cmdAwait, "asked": cmdAsked,
		},
	})
}

func need(ts *testscript.TestScript, neg bool, args []string, n int, usage string) {
	if neg || len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "exits CODE COMMAND ARGUMENT…")
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	if strings.Contains(ts.ReadFile("stderr"), "goroutine ") {
		ts.Fatalf("stack trace on stderr")
	}
}

func cmdOnlyError(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 0, "only-error")
	text := ts.ReadFile("stderr")
	if !strings.HasPrefix(text, "오류: ") || strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		ts.Fatalf("stderr is not one error line: %q", text)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout is not empty: %q", out)
	}
}

func cmdLeaves(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "leaves DIR [FILE…]")
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := slices.Sorted(slices.Values(args[1:]))
	if !slices.Equal(names, want) {
		ts.Fatalf("%s holds %q, want %q", args[0], names, want)
	}
}

func cmdValidJSON(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "valid-json FILE")
	if !json.Valid([]byte(ts.ReadFile(args[0]))) {
		ts.Fatalf("%s is not JSON", args[0])
	}
}

func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "flip FILE [OFFSET]")
	path := ts.MkAbs(args[0])
	body, err := os.ReadFile(path)
	ts.Check(err)
	offset := len(body) / 2
	if len(args) > 1 {
		offset, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	body[offset] ^= 0x01
	ts.Check(os.WriteFile(path, body, 0o600))
}

func cmdCut(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "cut FILE")
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()/2))
}

func cmdZipEdit(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 4, "zip-edit FILE ENTRY-PREFIX OLD NEW")
	path := ts.MkAbs(args[0])
	old, err := os.ReadFile(path)
	ts.Check(err)
	archive, err := zip.NewReader(bytes.NewReader(old), int64(len(old)))
	ts.Check(err)
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	edits := 0
	for _, entry := range archive.File {
		r, err := entry.Open()
		ts.Check(err)
		body, err := io.ReadAll(r)
		ts.Check(err)
		if strings.HasPrefix(entry.Name, args[1]) && bytes.Contains(body, []byte(args[2])) {
			body = bytes.Replace(body, []byte(args[2]), []byte(args[3]), 1)
			edits++
		}
		out, err := w.Create(entry.Name)
		ts.Check(err)
		_, err = out.Write(body)
		ts.Check(err)
	}
	ts.Check(w.Close())
	if edits != 1 {
		ts.Fatalf("%d entries edited, want 1", edits)
	}
	ts.Check(os.WriteFile(path, buf.Bytes(), 0o600))
}

// fakes holds the running fake of each script; scripts run in parallel.
var fakes sync.Map

func fakeOf(ts *testscript.TestScript) *fakeaws.Server {
	fake, ok := fakes.Load(ts)
	if !ok {
		ts.Fatalf("no fakeaws is running")
	}
	return fake.(*fakeaws.Server)
}

func cmdFakeAWS(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "fakeaws NAME")
	build, ok := scenarios[args[0]]
	if !ok {
		ts.Fatalf("no scenario %q in fake_test.go", args[0])
	}
	fake := build()
	server := httptest.NewServer(fake)
	ts.Defer(func() { fakes.Delete(ts); server.CloseClientConnections(); server.Close() })
	fakes.Store(ts, fake)
	fakeaws.Environment(ts.Setenv, server.URL)
}

func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "await ACTION")
	for range 1000 {
		if fakeOf(ts).Counts()[args[0]] > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s was not asked", args[0])
}

func cmdAsked(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 0, "asked [ACTION=N…]")
	var got []string
	for action, n := range fakeOf(ts).Counts() {
		got = append(got, fmt.Sprintf("%s=%d", action, n))
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(args)); !slices.Equal(got, want) {
		ts.Fatalf("asked %q, want %q", got, want)
	}
}

// TestScriptsNameEveryCommand keeps the scripts complete as documentation: help
// is checked for every command that there is.
func TestScriptsNameEveryCommand(t *testing.T) {
	help, err := os.ReadFile(filepath.Join("testdata", "help.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(commandNames(t, ""), commandNames(t, "config")...) {
		if !strings.Contains(string(help), "auditbinder "+c+" --help\n") {
			t.Errorf("testdata/help.txtar does not check %q", c)
		}
	}
}

// commandNames reads the list of commands from a command's help.
func commandNames(t *testing.T, parent string) []string {
	args := append(strings.Fields(parent), "--help")
	r := run(t, args...)
	_, list, _ := strings.Cut(r.stdout, "\n명령:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	var names []string
	for line := range strings.Lines(list) {
		names = append(names, strings.TrimSpace(parent+" "+strings.Fields(line)[0]))
	}
	if len(names) == 0 {
		t.Fatalf("no commands in the help of %q", parent)
	}
	return names
}
