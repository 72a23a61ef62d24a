//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"auditbinder/collect/sample/fakeaws"
)

// An interrupt at any moment leaves nothing behind.
func TestInterrupted(t *testing.T) {
	for _, action := range []string{"sts:GetCallerIdentity", detailsAsk, contactAsk, "organizations:DescribeOrganization"} {
		t.Run(action, func(t *testing.T) {
			start(t, serve(clean(3), func(r fakeaws.Request) *fakeaws.Fault {
				if r.Action != action {
					return nil
				}
				if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
					t.Error(err)
				}
				return &fakeaws.Fault{Delay: 30 * time.Second}
			}))
			dir := filepath.Join(t.TempDir(), "new", "out")
			begin := time.Now()
			r := run(t, "run", "--quiet", "-o", dir)
			if r.code != 1 || r.stderr != "오류: 사용자가 중단하였습니다. 기록된 결과는 없습니다\n" || r.stdout != "" {
				t.Errorf("exit %d: %q %q", r.code, r.stderr, r.stdout)
			}
			if d := time.Since(begin); d > 10*time.Second {
				t.Errorf("took %s to give up", d)
			}
			nothingLeft(t, dir)
		})
	}
}

func TestDoctorInterrupted(t *testing.T) {
	start(t, timely(clean(3), func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action != summaryAsk {
			return nil
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Error(err)
		}
		return &fakeaws.Fault{Delay: 30 * time.Second}
	}))
	if r := run(t, "doctor", "--quiet"); r.code != 1 || r.stderr != "오류: 사용자가 중단하였습니다. 기록된 결과는 없습니다\n" || r.stdout != "" {
		t.Errorf("exit %d: %s%s", r.code, r.stderr, r.stdout)
	}
}
