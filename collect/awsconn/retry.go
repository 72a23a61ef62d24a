package awsconn

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"golang.org/x/time/rate"

	"auditbinder/collect/evidence"
)

// retryer is the SDK's standard retryer without its quota (a long audit must
// not give up because earlier calls were throttled) and with our own sleep.
type retryer struct {
	*retry.Standard
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

var _ aws.RetryerV2 = retryer{}

func newRetryer(now func() time.Time, sleep func(context.Context, time.Duration) error) retryer {
	return retryer{
		Standard: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = maxAttempts
			o.RateLimiter = ratelimit.None
			o.Backoff = retry.NewExponentialJitterBackoff(20 * time.Second)
		}),
		now:   now,
		sleep: sleep,
	}
}

// AWS's own wish for the wait before a retry, in milliseconds. The SDK grants it
// up to 5 seconds above the back-off, and so do we.
const (
	retryAfterHeader = "X-Amz-Retry-After"
	retryAfterSlack  = 5 * time.Second
	maxRetryAfter    = time.Minute
)

// firstAttempts bounds the very first question while nothing answers at all: a
// wrong proxy or host shall not cost the user a minute.
const firstAttempts = 3

var errNoAnswer = errors.New("no more retries: nothing answers")

var errOperationTimeout = errors.New("no more retries: the operation's time is used up")

// GetRetryToken waits out the back-off. The SDK's own sleep cannot be injected,
// so RetryDelay below answers zero.
func (r retryer) GetRetryToken(ctx context.Context, opErr error) (func(error) error, error) {
	if inv := invocationOf(ctx); inv != nil {
		var wire *wireError
		if inv.attempts >= firstAttempts && inv.last != nil && inv.last.call.Action() == GetCallerIdentity && errors.As(opErr, &wire) && inv.last.call.Status == 0 {
			return nil, errNoAnswer
		}
		if inv.silent && inv.last != nil && inv.last.call.Status == 0 { // one try is enough to see whether the region answers again
			return nil, errNoAnswer
		}
		delay, err := r.Standard.RetryDelay(inv.attempts, opErr)
		if err != nil {
			return nil, err
		}
		delay = max(delay, min(inv.retryAfter, delay+retryAfterSlack))
		if r.now().Sub(inv.started)+delay > operationTimeout {
			return nil, errOperationTimeout
		}
		if err := r.sleep(ctx, delay); err != nil {
			return nil, err
		}
	}
	return r.Standard.GetRetryToken(ctx, opErr)
}

// RetryDelay is zero: GetRetryToken has waited already.
func (r retryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// replayRetryer repeats what the recording did: an attempt is retried when the
// recording has a next one. Clocks, limits and rules of today do not matter.
type replayRetryer struct {
	*retry.Standard
	wire *replayWire
}

func newReplayRetryer(w *replayWire) replayRetryer {
	return replayRetryer{retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter = ratelimit.None }), w}
}

var (
	_ aws.RetryerV2 = replayRetryer{}

	errRecordingEnds = errors.New("the recording has no further attempt")
)

func (r replayRetryer) IsErrorRetryable(error) bool                  { return true }
func (r replayRetryer) MaxAttempts() int                             { return 0 } // no limit but the recording's
func (r replayRetryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

func (r replayRetryer) GetRetryToken(ctx context.Context, _ error) (func(error) error, error) {
	inv := invocationOf(ctx)
	if inv == nil || !r.wire.has(inv.callID, inv.attempts+1) {
		return nil, errRecordingEnds
	}
	return func(error) error { return nil }, nil
}

// pace is how fast a bucket may be emptied: requests a second, and at once.
type pace struct {
	rate  rate.Limit
	burst int
}

// paces hold what AWS grants a region (its service quotas) by action or service;
// anything else is far below its quota at usualPace.
var (
	usualPace = pace{20, 20}
	paces     = map[string]pace{
		"cloudtrail:LookupEvents": {2, 2},
		"logs":                    {5, 5},
		"cloudwatch":              {9, 9},
		"events":                  {40, 40},
	}
)

// limiter spaces requests with one token bucket per service and region, and one
// more for an action with a quota of its own.
type limiter struct {
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	buckets map[string]*rate.Limiter
}

func newLimiter(now func() time.Time, sleep func(context.Context, time.Duration) error) *limiter {
	return &limiter{now: now, sleep: sleep, buckets: map[string]*rate.Limiter{}}
}

// delay reserves a request; the caller holds the recorder's lock.
func (l *limiter) delay(c evidence.Call) time.Duration {
	name := c.Service
	if _, own := paces[c.Action()]; own {
		name = c.Action()
	}
	key := name + "/" + c.Region
	b := l.buckets[key]
	if b == nil {
		p, ok := paces[name]
		if !ok {
			p = usualPace
		}
		b = rate.NewLimiter(p.rate, p.burst)
		l.buckets[key] = b
	}
	now := l.now()
	return b.ReserveN(now, 1).DelayFrom(now)
}
