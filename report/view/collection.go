package view

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditbinder/collect/evidence"
)

// exchange is one call with all its attempts.
type exchange struct {
	sent     time.Time // of the first attempt
	last     evidence.Call
	attempts int
	failed   []failedAttempts
}

// failedAttempts are attempts in a row that failed alike.
type failedAttempts struct {
	first, last int
	code        string
}

// collection is 수집로그: every call once, in the order of time.
func (b *builder) collection() Table {
	t := Table{Title: "수집 로그", Sheet: "수집로그", Empty: "기록된 호출이 없음", Columns: []Column{
		{Key: "number", Title: "순번", Weight: 0.9, Center: true}, {Key: "sent", Title: "시각(KST)", Weight: 2.8}, {Key: "api", Title: "API", Weight: 5, Mono: true},
		{Key: "region", Title: "리전", Weight: 2}, {Key: "result", Title: "결과", Weight: 2.4}, {Key: "code", Title: "오류코드", Weight: 4},
		{Key: "attempts", Title: "시도 횟수", Weight: 1, Center: true}, {Key: "items", Title: "영향 항목", Weight: 3},
	}}
	facts := map[string]string{}
	for _, a := range b.Set.Answers {
		for _, id := range a.Calls {
			if a.Fact != "" {
				facts[id] = a.Fact
			}
		}
	}
	failed := map[string]bool{}
	for _, f := range b.Set.Failures {
		failed[f.CallID] = true
	}
	for i, x := range b.exchanges() {
		result := "성공"
		switch code := x.last.ErrorCode; {
		case failed[x.last.ID]:
			result = "실패"
		case code == "":
		case code == facts[x.last.ID]:
			result = "응답: " + orElse(factWords[code], "오류 코드가 답변")
		default:
			result = "실패"
		}
		var codes []string
		for _, f := range x.failed {
			which := fmt.Sprintf("%d차", f.first)
			if f.last > f.first {
				which = fmt.Sprintf("%d~%d차", f.first, f.last)
			}
			codes = append(codes, which+" "+CodeText(f.code))
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			number(i + 1), text(strings.TrimSuffix(kst(x.sent), " KST")), text(x.last.Action()), text(orNone(x.last.Region)), text(result),
			listed(codes), number(x.attempts), text(orElse(strings.Join(b.items[x.last.ID], ", "), "공통")),
		}})
	}
	t.PDFRows = len(t.Rows)
	return t
}

// exchanges gathers the attempts of each call.
func (b *builder) exchanges() []exchange {
	var out []exchange
	at := map[string]int{}
	for _, c := range b.Calls {
		i, seen := at[c.ID]
		if !seen {
			i, at[c.ID] = len(out), len(out)
			out = append(out, exchange{sent: c.SentAt})
		}
		x := &out[i]
		x.attempts++
		x.last = c
		if c.SentAt.Before(x.sent) {
			x.sent = c.SentAt
		}
		if c.ErrorCode == "" {
			continue
		}
		if n := len(x.failed); n > 0 && x.failed[n-1].code == c.ErrorCode && x.failed[n-1].last == c.Attempt-1 {
			x.failed[n-1].last = c.Attempt
			continue
		}
		x.failed = append(x.failed, failedAttempts{c.Attempt, c.Attempt, c.ErrorCode})
	}
	slices.SortFunc(out, func(a, b exchange) int {
		return cmp.Or(a.sent.Compare(b.sent), cmp.Compare(a.last.ID, b.last.ID))
	})
	return out
}

// runs shortens 증적번호 that follow each other: E-003~E-009.
func runs(numbers []string) []string {
	var out []string
	number := func(s string) int {
		_, digits, _ := strings.Cut(s, "-")
		n, err := strconv.Atoi(digits)
		if err != nil {
			return -1
		}
		return n
	}
	for i := 0; i < len(numbers); {
		j := i + 1
		for j < len(numbers) && number(numbers[j]) == number(numbers[j-1])+1 {
			j++
		}
		switch j - i {
		case 1:
			out = append(out, numbers[i])
		case 2:
			out = append(out, numbers[i], numbers[i+1])
		default:
			out = append(out, numbers[i]+"~"+numbers[j-1])
		}
		i = j
	}
	return out
}
