package awsconn

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"auditbinder/collect/evidence"
)

// watch adds the two middlewares of every recording client: one around the
// whole call (call id to the asker, error as CallError), one around each attempt
// (its error code into the record).
func (r *Recorder) watch(stack *middleware.Stack) error {
	call := middleware.InitializeMiddlewareFunc("auditbinder.Call", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error,
	) {
		inv := &invocation{started: r.limit.now(), region: awsmiddleware.GetRegion(ctx)}
		out, md, err := next.HandleInitialize(context.WithValue(ctx, invocationKey{}, inv), in)
		if inv.last == nil {
			inv.callID = "" // nothing was sent
		}
		if t := evidence.TraceOf(ctx); t != nil {
			t.CallID, t.Region = inv.callID, inv.region
			if inv.last != nil {
				t.Sent, t.At = inv.last.call.SentAt, inv.last.call.SentAt
				if date := inv.last.call.AWSDate; date != nil {
					t.At = *date
				}
			}
		}
		r.noteSilence(inv)
		if err != nil {
			action := servicePrefix(awsmiddleware.GetServiceID(ctx)) + ":" + awsmiddleware.GetOperationName(ctx)
			wrapped := &evidence.CallError{CallID: inv.callID, Action: action, Region: inv.region, Err: err}
			if inv.last != nil {
				wrapped.Code, wrapped.Status = codeOf(err), inv.last.call.Status
			} else {
				wrapped.Code = unsentCode(ctx, err)
			}
			err = wrapped
		}
		return out, md, err
	})
	attempt := middleware.DeserializeMiddlewareFunc("auditbinder.Attempt", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
		middleware.DeserializeOutput, middleware.Metadata, error,
	) {
		out, md, err := next.HandleDeserialize(ctx, in)
		if inv := invocationOf(ctx); err != nil && inv != nil {
			r.setCode(inv, codeOf(err))
		}
		return out, md, err
	})
	if err := stack.Initialize.Add(call, middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(attempt, middleware.Before)
}

// noteRoles records that a credential provider assumed a role: time, role ARN
// and request id. The body holds credentials and is never seen here.
func (r *Recorder) noteRoles(now func() time.Time) func(*middleware.Stack) error {
	note := middleware.InitializeMiddlewareFunc("auditbinder.Role", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error,
	) {
		var role string
		switch p := in.Parameters.(type) {
		case *sts.AssumeRoleInput:
			role = aws.ToString(p.RoleArn)
		case *sts.AssumeRoleWithWebIdentityInput:
			role = aws.ToString(p.RoleArn)
		default:
			return next.HandleInitialize(ctx, in)
		}
		sent := now()
		out, md, err := next.HandleInitialize(ctx, in)
		call := evidence.Call{
			Service: "sts", Operation: awsmiddleware.GetOperationName(ctx), Region: awsmiddleware.GetRegion(ctx),
			SentAt: sent.UTC(), Omitted: "본문에 자격 증명이 들어 있어 남기지 않음",
			Parameters: map[string]any{}, Detail: map[string]string{"roleArn": role},
		}
		call.RequestID, _ = awsmiddleware.GetRequestIDMetadata(md)
		if err != nil {
			call.ErrorCode = providerCode(ctx, err)
		} else {
			call.Status = 200
		}
		var retried []string // the codes of the attempts before the last
		if results, ok := retry.GetAttemptResults(md); ok {
			for _, result := range results.Results[:max(0, len(results.Results)-1)] {
				retried = append(retried, providerCode(ctx, result.Err))
			}
		}
		r.noteRole(call, role, retried)
		return out, md, err
	})
	return func(stack *middleware.Stack) error { return stack.Initialize.Add(note, middleware.After) }
}

// providerCode names the error of a provider's own call; its transport is not ours.
func providerCode(run context.Context, err error) string {
	code := codeOf(err)
	if unsentCodes[code] {
		code = sendCode(run, err)
	}
	return code
}

func (r *Recorder) noteRole(call evidence.Call, role string, retried []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	base := "sts-" + call.Operation + "-" + call.Region + "-" + hash8(map[string]any{"RoleArn": role})
	r.pages[base]++
	for n := range len(retried) + 1 {
		c := call
		c.ID, c.Attempt = pageID(base, r.pages[base]), n+1
		if n < len(retried) {
			c.Status, c.RequestID, c.ErrorCode = 0, "", retried[n]
		}
		r.attempts = append(r.attempts, &attempt{call: c})
	}
}
