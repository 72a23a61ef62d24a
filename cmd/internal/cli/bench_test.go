package cli_test

import (
	"context"
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"auditbinder/cmd/internal/cli"
	"auditbinder/collect/sample/fakeaws"
)

// BenchmarkRun10000 is one whole run over 10,000 users, each with a key and a
// console password, against a fake that answers at once. The fake runs in the
// same process; the process's peak memory is best read from outside (time -v).
func BenchmarkRun10000(b *testing.B) {
	a := clean(10_000)
	a.Report = map[string]map[string]string{}
	for _, u := range a.IAM.Users {
		a.Report[u.Name] = map[string]string{"password_enabled": "true", "access_key_1_active": "true", "access_key_1_last_rotated": "2026-05-01T00:00:00+00:00"}
	}
	server := httptest.NewServer(serve(a, nil))
	defer server.Close()
	b.Setenv("HOME", b.TempDir())
	fakeaws.Environment(b.Setenv, server.URL)
	for b.Loop() {
		code := cli.Run([]string{"run", "--quiet", "-o", b.TempDir()}, cli.Env{
			Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		})
		if code != 0 {
			b.Fatalf("exit %d", code)
		}
	}
}
