//go:build unix

package cli_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"

	"auditbinder/collect/bundle"
	"auditbinder/collect/sample/fakeaws"
)

// private checks that dir holds one staging folder, which nobody else may enter.
func private(t *testing.T, dir string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(dir, ".auditbinder-[0-9][0-9]*"))
	if len(found) != 1 {
		t.Errorf("%s holds the staging folders %q", dir, found)
		return ""
	}
	if info, err := os.Stat(found[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%s: %v, %v", found[0], info.Mode(), err)
	}
	entries, _ := os.ReadDir(found[0])
	if len(entries) == 0 {
		t.Errorf("%s holds no lock", found[0])
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || !e.IsDir() && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
	return found[0]
}

// While a run works, its temporary files are its own; another run in the same
// directory leaves them alone and takes what a killed one left.
func TestStaging(t *testing.T) {
	dir := t.TempDir()
	dead := filepath.Join(dir, ".auditbinder-1")
	young := filepath.Join(dir, ".auditbinder-2") // made, and not locked yet
	foreign := []string{filepath.Join(dir, "auditbinder-notes"), filepath.Join(dir, ".auditbinder-backup"), filepath.Join(dir, ".auditbinder-3"), filepath.Join(dir, ".auditbinder-4")}
	for _, d := range append([]string{dead, young, filepath.Join(dead, "auditbinder-excel-1")}, foreign...) {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dead, "lock"), nil)
	write(t, filepath.Join(dead, "auditbinder-excel-1", "sheet"), []byte("half a sheet"))
	write(t, filepath.Join(dir, ".auditbinder-3", "2025_bundle.zip"), []byte("somebody's own"))
	if err := syscall.Mkfifo(filepath.Join(dir, ".auditbinder-4", "lock"), 0o600); err != nil { // would hang whoever opens it
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	for _, d := range foreign {
		if err := os.Chtimes(d, old, old); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "kept")
	write(t, outside, []byte("kept"))
	link := filepath.Join(dir, ".auditbinder-5")
	if err := os.Symlink(filepath.Dir(outside), link); err != nil {
		t.Fatal(err)
	}
	start(t, serve(clean(3), func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == detailsAsk && r.Number == 0 {
			os.RemoveAll(young)
			own := private(t, dir)
			if second := run(t, "config", "init", "-o", dir); second.code != 0 { // sweeps as every writing command does
				t.Error(second.stderr)
			}
			if private(t, dir) != own {
				t.Error("the living run's folder is gone")
			}
		}
		return nil
	}))
	if r := run(t, "run", "--quiet", "-o", dir); r.code != 0 {
		t.Fatal(r.stderr)
	}
	for _, d := range []string{dead, young} {
		if _, err := os.Lstat(d); !os.IsNotExist(err) {
			t.Errorf("left behind: %s", d)
		}
	}
	for _, d := range append(foreign, link) {
		if _, err := os.Lstat(d); err != nil {
			t.Errorf("what is not ours: %v", err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != len(suffixes)+1+len(foreign)+1 { // with the configuration
		t.Errorf("%d entries are left", len(entries))
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("a file outside: %v", err)
	}
}

// whole checks that every file in dir is what its name says: a program killed at
// any moment leaves no torn one. It returns how many there are.
func whole(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if info, err := e.Info(); err != nil || !strings.HasPrefix(e.Name(), ".auditbinder-") || info.Mode().Perm() != 0o700 {
				t.Errorf("folder %s of mode %v", path, info.Mode())
			}
			continue
		}
		n++
		switch {
		case strings.HasSuffix(path, "_bundle.zip"):
			_, err = bundle.Open(path)
		case strings.HasSuffix(path, "_report.pdf"):
			_, err = api.PageCountFile(path)
		case strings.HasSuffix(path, "_report.xlsx"):
			workbook(t, path)
		case strings.HasSuffix(path, "_result.json"):
			text, readErr := os.ReadFile(path)
			if err = readErr; err == nil && !json.Valid(text) {
				t.Errorf("%s is torn", path)
			}
		case strings.HasSuffix(path, "_SHA256SUMS"):
			if text, readErr := os.ReadFile(path); readErr != nil || strings.Count(string(text), "\n") < 3 {
				t.Errorf("%s: %q, %v", path, text, readErr)
			}
		default:
			t.Errorf("unknown file %s", path)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	return n
}

// Kill -9 at random moments of run and report: nothing torn, and the next run
// leaves nothing but its own five files. AUDITBINDER_KILLS says how often.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 8
	if n, err := strconv.Atoi(os.Getenv("AUDITBINDER_KILLS")); err == nil {
		kills = n
	}
	start(t, serve(clean(3), nil))
	dir := filepath.Join(t.TempDir(), "out")
	program := func(args ...string) *exec.Cmd {
		return exec.Command("auditbinder", append(args, "--quiet", "--force", "-o", dir)...)
	}
	full := func(args ...string) time.Duration {
		t.Helper()
		begin := time.Now()
		if out, err := program(args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return time.Since(begin)
	}
	kept := filepath.Join(t.TempDir(), "kept.zip")
	took := map[string]time.Duration{"run": full("run")}
	body, err := os.ReadFile(filepath.Join(dir, prefix+"_bundle.zip"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, kept, body)
	took["report"] = full("report", kept)
	commands := map[string][]string{"run": {"run"}, "report": {"report", kept}}
	staged, died := 0, 0
	for i := range kills {
		name := []string{"run", "report"}[i%2]
		if rand.N(2) == 0 {
			os.RemoveAll(dir)
		}
		cmd := program(commands[name]...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(took[name] + took[name]/10))
		cmd.Process.Signal(syscall.SIGKILL)
		if cmd.Wait() != nil {
			died++
		}
		whole(t, dir)
		if left, _ := filepath.Glob(filepath.Join(dir, ".auditbinder-*")); len(left) > 0 {
			staged++
		}
	}
	t.Logf("%d kills, %d before the end, %d left a staging folder", kills, died, staged)
	full("run")
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	wholeFiles(t, dir, prefix)
}
