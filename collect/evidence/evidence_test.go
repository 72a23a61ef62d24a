package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
)

func TestMaskName(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "  ": "", "김": "*", "김구": "김*", "홍길동": "홍*동", "남궁민수": "남**수", "황보석준호": "황***호",
		" 홍길동 ": "홍*동", "홍 길동": "홍**동", "John Smith": "J********h", "Al": "A*", "諸葛亮": "諸*亮", "👩🏽‍💻김": "👩***김",
	} {
		if got := evidence.MaskName(name); got != want {
			t.Errorf("MaskName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestMaskEmail(t *testing.T) {
	for email, want := range map[string]string{
		"": "", "security@gasang.example": "s*******@gasang.example", "a@b.example": "*@b.example", "ab@b.example": "a*@b.example",
		"홍길동@gasang.example": "홍**@gasang.example", "a@b@c.example": "a**@c.example", "no-address": "n********s", "@b.example": "@********e",
	} {
		if got := evidence.MaskEmail(email); got != want {
			t.Errorf("MaskEmail(%q) = %q, want %q", email, got, want)
		}
	}
}

func TestMaskPhone(t *testing.T) {
	for phone, want := range map[string]string{
		"": "", "+82-2-5550-0110": "+**-*-****-**10", "02-5550-0110": "**-****-**10", "010 1234 5678": "*** **** **78", "1588": "****", "112": "***",
		"(02) 555-0100": "(**) ***-**00", "02-555-0100 ext.7": "**-***-**** **t.7", "０２-５５５０-０１１０": "**-****-**１０",
	} {
		if got := evidence.MaskPhone(phone); got != want {
			t.Errorf("MaskPhone(%q) = %q, want %q", phone, got, want)
		}
	}
}

func TestWorseSource(t *testing.T) {
	order := []evidence.Source{evidence.SourceAWS, evidence.SourceIntercepted, evidence.SourceCustom, evidence.SourceReplay}
	for i, a := range order {
		for j, b := range order {
			if got := a.Worse(b); got != order[max(i, j)] {
				t.Errorf("%s.Worse(%s) = %s", a, b, got)
			}
		}
		if a.Simulated() != (i >= 2) {
			t.Errorf("%s.Simulated() = %t", a, a.Simulated())
		}
	}
}

// The set is the same whatever arrived first.
func TestSinkSorts(t *testing.T) {
	fill := func(order []int) evidence.Set {
		var sink evidence.Sink
		for _, n := range order {
			sink.Answered(evidence.Answer{Action: "a:" + fmt.Sprint(n%2), Region: fmt.Sprint(n % 3), Subject: fmt.Sprint(n)})
			sink.Failed("f:"+fmt.Sprint(n%2), fmt.Sprint(n), &evidence.CallError{CallID: fmt.Sprint(n), Region: fmt.Sprint(n % 3), Code: "X"})
		}
		return sink.Set()
	}
	up, down := []int{0, 1, 2, 3, 4, 5, 6, 7}, []int{7, 6, 5, 4, 3, 2, 1, 0}
	a, b := fill(up), fill(down)
	if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) || a.Schema != evidence.Schema {
		t.Errorf("%+v\n%+v", a, b)
	}
	if !slices.IsSortedFunc(a.Answers, func(x, y evidence.Answer) int { return strings.Compare(x.Action, y.Action) }) {
		t.Errorf("answers %+v", a.Answers)
	}
}

func TestFailureOfAnUnknownError(t *testing.T) {
	var sink evidence.Sink
	sink.Failed("iam:GetAccountSummary", "", errors.New("no CallError"))
	f := sink.Set().Failures[0]
	if f.Code != "SendError" || f.Action != "iam:GetAccountSummary" {
		t.Errorf("failure %+v", f)
	}
	if evidence.ErrorCode(nil) != "" || evidence.ErrorCode(errors.New("x")) != "" {
		t.Error("a code of no CallError")
	}
	if evidence.TraceOf(context.Background()) != nil {
		t.Error("a trace that nobody asked for")
	}
}
