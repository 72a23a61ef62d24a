package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/gofrs/flock"
)

// staging is a private folder (mode 0700) in the output directory. Files are made
// whole in it and then get their names; libraries have their temporary files there.
// Its lock tells a program that runs from one that was killed.
type staging struct {
	dir  string
	lock *flock.Flock
	made []string // output directories that had to be made, deepest first
}

const (
	stagingPrefix = ".auditbinder-"
	lockName      = "lock"
	// lockTime is how long a program may take from making its folder to locking it.
	lockTime = time.Minute
)

// prepare makes the output directory usable, or says so before any work. What
// killed runs have left in it goes.
func (a *app) prepare() error {
	s := &staging{made: missing(a.outDir)}
	if len(s.made) > 0 {
		if err := os.MkdirAll(a.outDir, 0o700); err != nil {
			s.close()
			return usagef("결과 디렉터리를 만들 수 없습니다: %s (%s)", a.outDir, cause(err))
		}
	}
	sweep(a.outDir, a.env.Now())
	var err error
	if s.dir, err = os.MkdirTemp(a.outDir, stagingPrefix); err == nil {
		s.lock = flock.New(filepath.Join(s.dir, lockName), flock.SetPermissions(0o600))
		_, _ = s.lock.TryLock() // a file system without locks is swept by hand
	}
	if err != nil {
		s.close()
		return usagef("결과 디렉터리에 쓸 수 없습니다: %s (%s)", a.outDir, cause(err))
	}
	a.stage = s
	if a.env.Temp != nil {
		a.env.Temp(s.dir)
	}
	return nil
}

// close removes the folder, and the directories made for it that are still empty.
func (s *staging) close() {
	if s == nil {
		return
	}
	if s.lock != nil {
		s.lock.Close() // Windows removes no open file
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
	for _, d := range s.made {
		os.Remove(d) // fails, as it should, when something is in it
	}
}

// place writes a file whole or not at all, mode 0600.
func (s *staging) place(path string, body []byte) error {
	f, err := os.CreateTemp(s.dir, "file-*")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// What a staging folder is called, and all that ever stands in one.
var (
	stagingName = regexp.MustCompile(`^\.auditbinder-[0-9]+$`)
	stagedName  = regexp.MustCompile(`^(lock|file-[0-9]+|auditbinder-excel-[0-9]+|excelize-[0-9]+)$`)
)

// sweep removes the staging folders that no living program holds. What is not
// plainly one stays, as does what can't be removed: the next run tries again.
func sweep(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // prepare tells what is wrong with it
	}
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); e.IsDir() && stagingName.MatchString(e.Name()) && abandoned(path, now) {
			os.RemoveAll(path)
		}
	}
}

// abandoned reports whether a folder holds nothing but what a program staged that
// lives no more. It opens nothing but a plain file of its own name.
func abandoned(path string, now time.Time) bool {
	staged, err := os.ReadDir(path)
	if err != nil || slices.ContainsFunc(staged, func(e fs.DirEntry) bool { return !stagedName.MatchString(e.Name()) }) {
		return false
	}
	file := filepath.Join(path, lockName)
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) { // killed before it could lock, or about to
		info, err = os.Lstat(path)
		return err == nil && len(staged) == 0 && now.Sub(info.ModTime()) >= lockTime
	}
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	lock := flock.New(file)
	free, err := lock.TryLock()
	if err != nil || !free {
		return false
	}
	return lock.Close() == nil
}

// missing lists dir and those above it that are not there, deepest first.
func missing(dir string) []string {
	var list []string
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		if _, err := os.Lstat(d); !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			return list
		}
		list = append(list, d)
	}
}

// placed is place with a Korean error.
func (a *app) placed(what, path string, body []byte) error {
	if err := a.stage.place(path, body); err != nil {
		return &failure{fmt.Sprintf("%s 쓰지 못했습니다: %s (%s)", what, path, cause(err)), err}
	}
	return nil
}
