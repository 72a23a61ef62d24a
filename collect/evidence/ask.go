package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// CallError is the final error of a call, with what a Failure needs.
type CallError struct {
	CallID string
	Action string
	Region string
	Code   string // AWS's error code or a transport code of docs/bundle-format.md
	Status int
	Err    error
}

func (e *CallError) Error() string {
	return fmt.Sprintf("%s in %s: %s: %v", e.Action, e.Region, e.Code, e.Err)
}

func (e *CallError) Unwrap() error { return e.Err }

// Trace carries the id of the call made under a context back to the asker.
type Trace struct {
	CallID string
	Region string
	// Sent is when the last attempt left, by the collecting machine's clock; At is
	// AWS's Date of its answer, or Sent where there is none.
	Sent, At time.Time
}

type traceKey struct{}

// TraceOf returns the trace to fill in, nil when nobody asked for one.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Ask makes one SDK call and returns its output with the trace of the exchange.
func Ask[I, O, F any](ctx context.Context, op func(context.Context, *I, ...F) (*O, error), in *I) (*O, Trace, error) {
	var trace Trace
	out, err := op(context.WithValue(ctx, traceKey{}, &trace), in)
	return out, trace, err
}

// ErrorCode returns the code of a CallError, "" for any other error.
func ErrorCode(err error) string {
	var call *CallError
	if errors.As(err, &call) {
		return call.Code
	}
	return ""
}

// Paged is how a paged call is asked: its token, and what a page holds.
type Paged[I, O any] struct {
	Action, Subject string
	In              *I
	Token           func(*O) *string // of the next page; nil or empty on the last
	Next            func(*I, *string)
	// Page takes one page and returns how many things it held; a negative count
	// is an answer that lacks what AWS always sends.
	Page func(*O, Trace) int
	// Facts are error codes that are themselves the answer.
	Facts []string
}

// Pages asks page after page and records one answer, or one failure: an error, a
// token that comes twice or a malformed page. It returns the answer; ok is false
// after a failure, and Fact is set where the answer was an error code.
func Pages[I, O, F any](ctx context.Context, sink *Sink, op func(context.Context, *I, ...F) (*O, error), p Paged[I, O]) (a Answer, ok bool) {
	a = Answer{Action: p.Action, Subject: p.Subject}
	tokens := map[string]bool{}
	for {
		out, trace, err := Ask(ctx, op, p.In)
		a.Region = trace.Region
		switch {
		case err == nil:
		case slices.Contains(p.Facts, ErrorCode(err)):
			a.Fact, a.Calls = ErrorCode(err), append(a.Calls, trace.CallID)
			sink.Answered(a)
			return a, true
		default:
			sink.Failed(p.Action, p.Subject, err)
			return a, false
		}
		var token *string
		if p.Token != nil {
			token = p.Token(out)
		}
		n := -1
		if token == nil || !tokens[*token] { // else it would be asked the same again
			n = p.Page(out, trace)
		}
		if n < 0 {
			sink.Malformed(p.Action, p.Subject, trace)
			return a, false
		}
		a.Calls = append(a.Calls, trace.CallID)
		a.Count += n
		if token == nil || *token == "" {
			sink.Answered(a)
			return a, true
		}
		tokens[*token] = true
		p.Next(p.In, token)
	}
}
