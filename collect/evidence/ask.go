package evidence

import (
	"context"
	"errors"
	"fmt"
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
