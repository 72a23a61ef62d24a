// Package awsconn opens the AWS SDK for one audited account: configuration,
// retry, rate limits, error codes, and the transport that records every
// exchange of the allow-listed operations (or answers from a recording). It
// never interprets an answer, and what credential providers exchange never
// passes its recorder.
package awsconn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"auditbinder/collect/evidence"
)

// Limits of the retry loop; the run's own deadline is the context's.
const (
	maxAttempts      = 8
	attemptTimeout   = 60 * time.Second
	silentTimeout    = 10 * time.Second // in a region that did not answer before
	operationTimeout = 3 * time.Minute
	maxBody          = 256 << 20
	defaultRegion    = "us-east-1"
)

// Limit ends a context after a time, as context.WithTimeout does.
type Limit = func(context.Context, time.Duration) (context.Context, context.CancelFunc)

// Options say how to reach the account.
type Options struct {
	Profile string // shared-config profile; empty = SDK default
	Region  string // empty = SDK default, else us-east-1
	// Allow lists the actions that may be sent and are recorded (iam:GetAccountSummary).
	// Everything else is refused before it leaves.
	Allow []string
	// ServiceIDs are the SDK ids of the services asked, to find endpoint settings for them.
	ServiceIDs []string
	// AmazonRoots are SHA-256 digests (hex) of the public keys of Amazon's root CAs.
	AmazonRoots []string
	Now         func() time.Time
	Sleep       func(context.Context, time.Duration) error
	Limit       Limit // nil: context.WithTimeout
}

// Conn is a connection to one account, live or replayed.
type Conn struct {
	cfg      aws.Config
	recorder *Recorder
	sleep    func(context.Context, time.Duration) error
	// endpoints are configured for single services, by SDK id.
	endpoints map[string]string
}

// Endpoint returns the endpoint configured for a service, "" for none: for the
// calls whose endpoint rules ignore one.
func (c *Conn) Endpoint(serviceID string) string {
	if e := c.endpoints[serviceID]; e != "" {
		return e
	}
	return aws.ToString(c.cfg.BaseEndpoint)
}

// Sleep waits between polls; a replay does not wait.
func (c *Conn) Sleep(ctx context.Context, d time.Duration) error { return c.sleep(ctx, d) }

// Open loads the SDK's configuration and prepares recording clients. It makes
// no call to AWS. Errors are the SDK's (unknown profile, unreadable files).
func Open(ctx context.Context, o Options) (*Conn, error) {
	recorder := newRecorder(o.Allow)
	load := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}), // its warnings are English and not the user's
		// Role assumption inside credential providers leaves a line, never a body.
		config.WithAPIOptions([]func(*middleware.Stack) error{recorder.noteRoles(o.Now)}),
	}
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		var profile config.SharedConfigProfileNotExistError
		if errors.As(err, &profile) {
			return nil, &UnknownProfileError{Profile: profile.Profile, Err: err}
		}
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	base := aws.HTTPClient(awshttp.NewBuildableClient())
	if cfg.HTTPClient != nil {
		base = cfg.HTTPClient // the SDK's own, with a configured CA bundle
	}
	judge, err := newSourceJudge(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	recorder.roleSource = judge.settings()
	limit := o.Limit
	if limit == nil {
		limit = context.WithTimeout
	}
	recorder.wire = &liveWire{client: base, now: o.Now, source: judge.source, limit: limitAttempt(limit, o.Now)}
	// cfg.Credentials keeps the base client: only the service clients record.
	cfg.Credentials = quietCredentials{cfg.Credentials}
	conn := newConn(cfg, recorder, o.Now, o.Sleep, func() aws.Retryer { return newRetryer(o.Now, o.Sleep) })
	conn.endpoints = judge.endpoints
	return conn, nil
}

// quietCredentials do not tell where they come from: the SDK puts that into the
// user agent, and a chain of roles that clients ask side by side races there
// (credentials v1.20.16, AssumeRoleProvider.ProviderSources).
type quietCredentials struct{ aws.CredentialsProvider }

// Replay prepares clients that are answered from a recording. An exchange that
// the recording lacks is an error, never a network call. With mark, every call
// carries the source replay; without it, the source it was recorded with.
func Replay(rec evidence.Recording, allow []string, mark bool) *Conn {
	wire := newReplayWire(rec, mark)
	recorder := newRecorder(allow)
	recorder.wire = wire
	cfg := aws.Config{
		Region:      defaultRegion,
		Credentials: credentials.NewStaticCredentialsProvider("REPLAY", "replay", ""),
		// The recorded dates are long ago; that is no skew.
		DisableClockSkewCorrection: true,
	}
	if r := wire.region(); r != "" {
		cfg.Region = r
	}
	noSleep := func(context.Context, time.Duration) error { return nil }
	return newConn(cfg, recorder, wire.now, noSleep, func() aws.Retryer { return newReplayRetryer(wire) })
}

func newConn(cfg aws.Config, recorder *Recorder, now func() time.Time, sleep func(context.Context, time.Duration) error, retryer func() aws.Retryer) *Conn {
	cfg = cfg.Copy()
	cfg.HTTPClient = recorder
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), recorder.watch)
	cfg.Retryer = retryer
	cfg.RetryMaxAttempts = 0 // AWS_MAX_ATTEMPTS would override the retryer's own limit
	recorder.limit = newLimiter(now, sleep)
	return &Conn{cfg: cfg, recorder: recorder, sleep: sleep}
}

// Regional returns the configuration for clients of one region; empty means the
// session's own.
func (c *Conn) Regional(region string) aws.Config {
	cfg := c.cfg.Copy()
	if region != "" {
		cfg.Region = region
	}
	return cfg
}

// Global returns the configuration for IAM, Account and Organizations: the
// region where the partition's global services live, so that call ids and
// CloudTrail agree whatever region the session has.
func (c *Conn) Global() aws.Config { return c.Regional(globalRegion(c.cfg.Region)) }

// globalRegion knows the partitions whose hosts awsHost takes for AWS.
func globalRegion(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "cn-northwest-1"
	case strings.HasPrefix(region, "us-gov-"):
		return "us-gov-west-1"
	case strings.HasPrefix(region, "eusc-"):
		return "eusc-de-east-1"
	}
	return "us-east-1"
}

// Recording returns all exchanges so far, in call-id order. account is written
// into every call.
func (c *Conn) Recording(account string) evidence.Recording { return c.recorder.recording(account) }

// UnknownProfileError reports a profile that no shared configuration file has.
type UnknownProfileError struct {
	Profile string
	Err     error
}

func (e *UnknownProfileError) Error() string { return "unknown AWS profile " + e.Profile }
func (e *UnknownProfileError) Unwrap() error { return e.Err }

// ErrNotAllowed reports an operation outside the allow-list.
type ErrNotAllowed struct{ Action string }

func (e *ErrNotAllowed) Error() string        { return e.Action + " is not an allowed operation" }
func (e *ErrNotAllowed) RetryableError() bool { return false }
