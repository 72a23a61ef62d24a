package awsconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"auditbinder/collect/evidence"
)

// liveWire sends to AWS and reads the body to its end, so that a cut one is
// retried like any other failure.
type liveWire struct {
	client aws.HTTPClient
	now    func() time.Time
	source func(*http.Request, *http.Response) evidence.Source
	limit  func(context.Context) (context.Context, context.CancelFunc) // ends a silent attempt
}

// limitAttempt gives an attempt its time, and no more than is left of its operation's
// but for a moment: what waited long for its turn is not given up unasked.
func limitAttempt(limit Limit, now func() time.Time) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		inv := invocationOf(ctx)
		if inv == nil {
			return limit(ctx, attemptTimeout)
		}
		if inv.silent {
			return limit(ctx, silentTimeout)
		}
		left := max(operationTimeout-now().Sub(inv.started), silentTimeout)
		return limit(ctx, min(attemptTimeout, left))
	}
}

func (w *liveWire) send(req *http.Request, _ string, _ int) exchange {
	run := req.Context()
	ctx, cancel := w.limit(run)
	defer cancel()
	x := exchange{sentAt: w.now(), host: req.URL.Host, header: http.Header{}}
	resp, err := w.client.Do(req.WithContext(ctx))
	x.source = w.source(req, resp)
	if err != nil {
		x.err = &wireError{code: sendCode(run, err), err: err}
		return x
	}
	defer resp.Body.Close()
	if resp.Request != nil {
		x.host = resp.Request.URL.Host // after redirects
	}
	x.status, x.header = resp.StatusCode, resp.Header
	x.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil && ctx.Err() != nil:
		x.err = &wireError{code: sendCode(run, ctx.Err()), err: err}
	case err != nil:
		x.err = &wireError{code: codeTruncatedBody, err: err}
	case len(x.body) > maxBody:
		x.body = nil
		x.err = &wireError{code: codeBodyTooLarge, err: fmt.Errorf("more than %d bytes", maxBody)}
	case resp.ContentLength > int64(len(x.body)):
		x.err = &wireError{code: codeTruncatedBody, err: fmt.Errorf("%d of %d bytes", len(x.body), resp.ContentLength)}
	}
	return x
}

// replayWire answers from a recording.
type replayWire struct {
	calls  map[string]evidence.Call
	bodies map[string][]byte
	mark   bool
	first  evidence.Call
	latest time.Time
}

func newReplayWire(rec evidence.Recording, mark bool) *replayWire {
	w := &replayWire{calls: map[string]evidence.Call{}, bodies: rec.Bodies, mark: mark}
	for _, c := range rec.Calls {
		w.calls[attemptKey(c.ID, c.Attempt)] = c
		if c.Action() == "sts:GetCallerIdentity" {
			w.first = c
		}
		if c.SentAt.After(w.latest) {
			w.latest = c.SentAt
		}
	}
	return w
}

func (w *replayWire) has(callID string, number int) bool {
	_, ok := w.calls[attemptKey(callID, number)]
	return ok
}

func attemptKey(id string, number int) string { return fmt.Sprintf("%s#%d", id, number) }

// region is the session's region at recording time.
func (w *replayWire) region() string { return w.first.Region }

// now is a fixed instant of the recording: a replay has no clock.
func (w *replayWire) now() time.Time { return w.latest }

func (w *replayWire) send(_ *http.Request, callID string, number int) exchange {
	c, ok := w.calls[attemptKey(callID, number)]
	if !ok {
		return exchange{header: http.Header{}, source: evidence.SourceReplay, sentAt: w.latest,
			err: &wireError{code: codeNotRecorded, err: fmt.Errorf("the recording has no %s attempt %d", callID, number)}}
	}
	x := exchange{sentAt: c.SentAt, host: c.Host, source: c.Source, status: c.Status, header: http.Header{}, body: w.bodies[c.Body]}
	if w.mark {
		x.source = evidence.SourceReplay
	}
	if c.AWSDate != nil {
		x.header.Set("Date", c.AWSDate.Format(http.TimeFormat))
	}
	if c.RequestID != "" {
		x.header.Set("X-Amzn-Requestid", c.RequestID)
	}
	x.header.Set("Content-Type", contentType(c.Body))
	// Attempts that gave no usable answer, or one that was not kept, are repeated
	// as such; error answers of AWS are read again from their bodies.
	switch {
	case c.ErrorCode == "" && c.Status != 0:
	case c.Status == 0, c.Status/100 == 2, transportCodes[c.ErrorCode], c.Omitted != "":
		x.err = &wireError{code: c.ErrorCode, err: errors.New("as recorded")}
	default:
		// REST services name the error in this header only.
		x.header.Set("X-Amzn-Errortype", c.ErrorCode)
	}
	return x
}

func contentType(body string) string {
	switch {
	case strings.HasSuffix(body, ".json"):
		return "application/x-amz-json-1.1"
	case strings.HasSuffix(body, ".xml"):
		return "text/xml"
	}
	return "text/plain"
}
