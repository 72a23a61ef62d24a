package sample_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
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

// record asks the described account. Calls are made side by side, so the fake's
// clock stands still; who was asked when is written into the recording after the
// run, and the evidence is what a replay of that recording reads.
func record(t *testing.T) []byte {
	a := account()
	slices.SortFunc(a.IAM.Policies, func(x, y evidence.ManagedPolicy) int { return cmp.Compare(x.ARN, y.ARN) })
	fake := &fakeaws.Server{
		Account:   a,
		Now:       func() time.Time { return recordedAt },
		RequestID: func(r fakeaws.Request) string { return uuid(r.Action, r.Region, r.Form, r.JSON) },
	}
	server := httptest.NewServer(fake)
	defer server.Close()
	fakeaws.Environment(t.Setenv, server.URL)
	conn, err := collect.Open(context.Background(), collect.Target{Region: seoul, Now: func() time.Time { return recordedAt },
		Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	content, err := collect.Run(context.Background(), conn, program, collect.Scope{}, collect.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	arrange(content.Recording.Calls)
	content = replay(t, content.Recording)
	// A member account may not read the policies above it; nothing else fails.
	if f := content.Set.Failures; len(f) != 1 || f[0].Action != "organizations:ListParents" {
		t.Fatalf("failures: %+v", f)
	}
	var buf bytes.Buffer
	if _, err := bundle.Write(&buf, content); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

const program = "auditbinder sample"

func replay(t *testing.T, rec evidence.Recording) bundle.Content {
	content, err := collect.Run(context.Background(), collect.Replay(rec), program, collect.Scope{}, collect.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

const (
	took  = 48 * time.Second       // all calls together
	ahead = 200 * time.Millisecond // the machine's clock
)

// arrange gives the calls the true hosts, and times in the order in which a run
// asks; calls that are made side by side follow each other by their ids.
func arrange(calls []evidence.Call) {
	turn := func(c *evidence.Call) int {
		return slices.IndexFunc(turns, func(prefix string) bool { return strings.HasPrefix(c.Action(), prefix) })
	}
	var order []*evidence.Call
	for i := range calls {
		order = append(order, &calls[i])
	}
	slices.SortStableFunc(order, func(x, y *evidence.Call) int { return cmp.Compare(turn(x), turn(y)) })
	for n, c := range order {
		at := recordedAt.Add(took * time.Duration(n) / time.Duration(len(order)))
		date := at.Truncate(time.Second) // as the header has it
		c.SentAt, c.AWSDate = at.Add(ahead).Truncate(time.Millisecond), &date
		c.Host = strings.ReplaceAll(hosts[c.Service], "REGION", c.Region)
	}
}

// turns are the beginnings of actions in the order of a run.
var turns = []string{
	"sts:", "iam:ListAccountAliases", "ec2:DescribeRegions", "iam:", "account:", "organizations:", "signin:",
	"cloudtrail:DescribeTrails", "events:ListRules", "events:", "ec2:DescribeInstances", "ec2:", "ssm:", "cloudtrail:LookupEvents",
	"cloudtrail:", "logs:DescribeMetricFilters", "logs:", "cloudwatch:", "sns:",
}

var hosts = map[string]string{
	"sts": "sts.REGION.amazonaws.com", "iam": "iam.amazonaws.com", "account": "account.us-east-1.amazonaws.com",
	"organizations": "organizations.us-east-1.amazonaws.com", "signin": "signin.us-east-1.api.aws",
	"ec2": "ec2.REGION.amazonaws.com", "ssm": "ssm.REGION.amazonaws.com", "cloudtrail": "cloudtrail.REGION.amazonaws.com",
	"events": "events.REGION.amazonaws.com", "sns": "sns.REGION.amazonaws.com", "logs": "logs.REGION.amazonaws.com", "cloudwatch": "monitoring.REGION.amazonaws.com",
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
