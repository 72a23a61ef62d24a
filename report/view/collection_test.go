package view

import (
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
)

func TestCollectionTellsEveryCall(t *testing.T) {
	at := func(seconds int) time.Time { return collected.Add(time.Duration(seconds) * time.Second) }
	call := func(id string, attempt int, last bool, seconds int, code string) evidence.Call {
		return evidence.Call{ID: id, Attempt: attempt, Last: last, Service: "iam", Operation: "Op", Region: "us-east-1", SentAt: at(seconds), ErrorCode: code}
	}
	b := made(nil)
	b.Calls = []evidence.Call{
		call("a-throttled", 1, false, 5, "Throttling"), call("a-throttled", 2, false, 6, "Throttling"), call("a-throttled", 3, false, 7, "ConnectionReset"), call("a-throttled", 4, true, 9, ""),
		call("b-denied", 1, true, 1, "AccessDenied"), call("c-nothing", 1, true, 5, "ResourceNotFoundException"),
		call("d-later", 1, true, 8, ""), call("e-odd", 1, true, 10, "NoSuchEntity"), call("f-empty", 1, true, 11, ""),
	}
	b.Set.Answers = []evidence.Answer{{Action: "iam:Op", Calls: []string{"c-nothing"}, Fact: "ResourceNotFoundException"}}
	b.Set.Failures = []evidence.Failure{{CallID: "b-denied", Code: "AccessDenied"}, {CallID: "f-empty", Code: "EmptyBody"}}
	b.items["b-denied"] = []string{"IAM-01", "CON-02"}
	table := b.collection()
	want := [][]string{
		{"1", "2026-11-24 14:00:01", "iam:Op", "us-east-1", "실패", "1차 AccessDenied(권한 없음)", "1", "IAM-01, CON-02"},
		{"2", "2026-11-24 14:00:05", "iam:Op", "us-east-1", "성공", "1~2차 Throttling(요청 한도 초과)|3차 ConnectionReset(연결 끊김)", "4", "공통"},
		{"3", "2026-11-24 14:00:05", "iam:Op", "us-east-1", "응답: 0건", "1차 ResourceNotFoundException", "1", "공통"},
		{"4", "2026-11-24 14:00:08", "iam:Op", "us-east-1", "성공", "-", "1", "공통"},
		{"5", "2026-11-24 14:00:10", "iam:Op", "us-east-1", "실패", "1차 NoSuchEntity", "1", "공통"},
		{"6", "2026-11-24 14:00:11", "iam:Op", "us-east-1", "실패", "-", "1", "공통"},
	}
	if len(table.Rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(table.Rows), len(want))
	}
	for i, w := range want {
		var got []string
		for _, c := range table.Rows[i].Cells {
			got = append(got, strings.Join(c.Lines, "|"))
		}
		if !slices.Equal(got, w) {
			t.Errorf("row %d\n got %q\nwant %q", i+1, got, w)
		}
	}
}

func TestRuns(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "E-001": "E-001", "E-001 E-002": "E-001 E-002", "E-001 E-002 E-003": "E-001~E-003",
		"E-001 E-003 E-004 E-005 E-009": "E-001 E-003~E-005 E-009", "E-099 E-100 E-101 M-001": "E-099~E-101 M-001",
	} {
		if got := strings.Join(runs(strings.Fields(in)), " "); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestLongParametersAreCutWithANote(t *testing.T) {
	long := parameters(evidence.Call{Parameters: map[string]any{"Event": strings.Repeat("가", 5000)}})
	if n := len([]rune(long)); n > parametersMost+50 || !strings.Contains(long, "calls.jsonl") || !strings.Contains(long, "5,0") {
		t.Errorf("%d characters: %s", n, long)
	}
	if short := parameters(evidence.Call{Parameters: map[string]any{"A": "b"}}); short != `{"A":"b"}` {
		t.Errorf("%s", short)
	}
}
