package sample_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"net/http/httptest"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"auditbinder/collect"
	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample"
	"auditbinder/collect/sample/fakeaws"
)

var update = flag.Bool("update", false, "rewrite account.zip")

// recordedAt is when the sample account was 'asked': 2026-11-24 14:00:00 KST.
var recordedAt = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// TestRecording holds the committed recording equal to the account described
// here, asked through the real collectors.
func TestRecording(t *testing.T) {
	got := record(t)
	if *update {
		if err := os.WriteFile("account.zip", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("account.zip")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("account.zip is not what the described account gives; run go generate ./collect/sample")
	}
}

func record(t *testing.T) []byte {
	a := account()
	slices.SortFunc(a.IAM.Policies, func(x, y evidence.ManagedPolicy) int { return cmp.Compare(x.ARN, y.ARN) })
	var step atomic.Int64
	fake := &fakeaws.Server{
		Account: a,
		Now:     func() time.Time { return recordedAt.Add(time.Duration(step.Load()) * time.Second) },
		RequestID: func(r fakeaws.Request) string {
			h := fnv.New64a()
			fmt.Fprintf(h, "%s %v %v %d", r.Action, r.Form.Get("Marker"), r.JSON, r.Number)
			n := h.Sum64()
			return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", n>>32, n>>16&0xffff, n>>4&0xfff, n&0xfff, n*2654435761&0xffffffffffff)
		},
	}
	server := httptest.NewServer(fake)
	defer server.Close()
	fakeaws.Environment(t.Setenv, server.URL)
	// The machine's clock runs 200 ms ahead and every call takes a second.
	now := func() time.Time { return recordedAt.Add(time.Duration(step.Add(1))*time.Second + 200*time.Millisecond) }
	conn, err := collect.Open(context.Background(), collect.Target{Region: "ap-northeast-2", Now: now,
		Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	content, err := collect.Run(context.Background(), conn, "auditbinder sample", collect.Scope{}, collect.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	// A member account may not read the policies above it; nothing else fails.
	if f := content.Set.Failures; len(f) != 1 || f[0].Action != "organizations:ListParents" {
		t.Fatalf("failures: %+v", f)
	}
	// Hosts read as the true ones; the source already says that nothing is.
	for i := range content.Recording.Calls {
		c := &content.Recording.Calls[i]
		c.Source, c.Host = evidence.SourceReplay, hosts[c.Service]
	}
	content.Set.Source = evidence.SourceReplay
	var buf bytes.Buffer
	if _, err := bundle.Write(&buf, content); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

var hosts = map[string]string{
	"sts": "sts.ap-northeast-2.amazonaws.com", "iam": "iam.amazonaws.com",
	"account": "account.us-east-1.amazonaws.com", "organizations": "organizations.us-east-1.amazonaws.com", "signin": "signin.us-east-1.api.aws",
}

func TestSampleIsWhatTheDemoNeeds(t *testing.T) {
	rec, err := sample.Recording()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rec.Calls {
		if c.Source != evidence.SourceReplay {
			t.Errorf("%s has the source %s", c.ID, c.Source)
		}
	}
	names := map[string]bool{}
	for _, u := range users() {
		if names[u.Name] {
			t.Errorf("user %s twice", u.Name)
		}
		names[u.Name] = true
		if len(u.Name) > 64 {
			t.Errorf("user name %s is longer than IAM allows", u.Name)
		}
	}
	if n := len(names); n < 36 || n > 44 {
		t.Errorf("%d users, want about 40", n)
	}
	for _, must := range []string{"=cmd", "+alice", "kim,cheolsu", "root"} {
		if !names[must] {
			t.Errorf("no user %q", must)
		}
	}
}
