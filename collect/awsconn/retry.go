package awsconn

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"golang.org/x/time/rate"
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

var errOperationTimeout = errors.New("no more retries: the operation's time is used up")

// GetRetryToken waits out the back-off. The SDK's own sleep cannot be injected,
// so RetryDelay below answers zero.
func (r retryer) GetRetryToken(ctx context.Context, opErr error) (func(error) error, error) {
	if inv := invocationOf(ctx); inv != nil {
		delay, err := r.Standard.RetryDelay(inv.attempts, opErr)
		if err != nil {
			return nil, err
		}
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

// Requests a second and burst per service; AWS throttles IAM far above this.
const (
	requestRate  = 20
	requestBurst = 20
)

// limiter spaces requests with one token bucket per service.
type limiter struct {
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	buckets map[string]*rate.Limiter
}

func newLimiter(now func() time.Time, sleep func(context.Context, time.Duration) error) *limiter {
	return &limiter{now: now, sleep: sleep, buckets: map[string]*rate.Limiter{}}
}

// delay reserves a request of a service; the caller holds the recorder's lock.
func (l *limiter) delay(service string) time.Duration {
	b := l.buckets[service]
	if b == nil {
		b = rate.NewLimiter(requestRate, requestBurst)
		l.buckets[service] = b
	}
	now := l.now()
	return b.ReserveN(now, 1).DelayFrom(now)
}
