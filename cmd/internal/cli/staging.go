package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// sweep removes the staging folders that no living program holds. What can't be
// removed stays: the next run tries again.
func sweep(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // prepare tells what is wrong with it
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), stagingPrefix) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if _, err := os.Lstat(filepath.Join(path, lockName)); errors.Is(err, fs.ErrNotExist) {
			if info, err := e.Info(); err != nil || now.Sub(info.ModTime()) < lockTime {
				continue // it may be about to lock it
			}
		} else {
			lock := flock.New(filepath.Join(path, lockName))
			if free, err := lock.TryLock(); err != nil || !free {
				continue
			}
			lock.Close()
		}
		os.RemoveAll(path)
	}
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
