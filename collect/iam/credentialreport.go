package iam

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"auditbinder/collect/evidence"
)

// The actions of the credential report.
const (
	Generate = "iam:GenerateCredentialReport"
	Report   = "iam:GetCredentialReport"
)

// Waits between polls, the last repeated, and how often the report is asked for
// in all: about three minutes. The limit is a count, so that a recording that
// ran into it does so again when it is replayed.
var pollWaits = []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second}

const maxPolls = 38

// notReady is the code of a report that was never finished within the limit.
const notReady = "ReportNotReady"

// staleReport are the errors of GetCredentialReport that another poll may mend.
var staleReport = map[string]bool{"ReportNotPresent": true, "ReportExpired": true, "ReportInProgress": true}

// reporter polls for the report, with other questions asked in between.
type reporter struct {
	client api
	sink   *evidence.Sink
	wait   func(context.Context, time.Duration) error
	polls  []string // call ids
	failed bool
	done   bool
	trace  evidence.Trace
}

// poll asks AWS to make the report, or whether it is made.
func (r *reporter) poll(ctx context.Context) {
	out, trace, err := evidence.Ask(ctx, r.client.GenerateCredentialReport, &iam.GenerateCredentialReportInput{})
	switch {
	case err != nil:
		r.fail(Generate, err)
	case out.State == "":
		r.sink.Malformed(Generate, "", trace)
		r.failed = true
	default:
		r.trace = trace
		r.polls = append(r.polls, trace.CallID)
		r.done = out.State == types.ReportStateTypeComplete
	}
}

func (r *reporter) fail(action string, err error) {
	r.sink.Failed(action, "", err)
	r.failed = true
}

// finish polls until the report is there and reads it.
func (r *reporter) finish(ctx context.Context) {
	for n := 0; !r.failed; n++ {
		if r.done {
			if !r.read(ctx) {
				return
			}
			r.done = false // expired or gone meanwhile: ask for another
		}
		if len(r.polls) >= maxPolls {
			r.fail(Generate, &evidence.CallError{CallID: r.trace.CallID, Action: Generate, Region: r.trace.Region, Code: notReady,
				Err: fmt.Errorf("not complete after %d polls", len(r.polls))})
			return
		}
		if err := r.wait(ctx, pollWaits[min(n, len(pollWaits)-1)]); err != nil {
			code := "RunTimeout"
			if errors.Is(err, context.Canceled) {
				code = "Canceled"
			}
			r.fail(Generate, &evidence.CallError{CallID: r.trace.CallID, Action: Generate, Region: r.trace.Region, Code: code, Err: err})
			return
		}
		r.poll(ctx)
	}
}

// read gets the finished report. It returns true when another poll is needed.
func (r *reporter) read(ctx context.Context) (again bool) {
	out, trace, err := evidence.Ask(ctx, r.client.GetCredentialReport, &iam.GetCredentialReportInput{})
	if staleReport[evidence.ErrorCode(err)] {
		return true
	}
	r.sink.Answered(evidence.Answer{Action: Generate, Region: r.trace.Region, Calls: r.polls, Count: 1})
	if err != nil {
		r.fail(Report, err)
		return false
	}
	rows, err := parseReport(out.Content)
	if err != nil || out.GeneratedTime == nil {
		r.sink.Malformed(Report, "", trace)
		r.failed = true
		return false
	}
	calls := []string{trace.CallID}
	r.sink.Answered(evidence.Answer{Action: Report, Region: trace.Region, Calls: calls, Count: len(rows)})
	r.sink.Keep(evidence.CredentialReportFile, out.Content)
	r.sink.Put(func(set *evidence.Set) {
		set.CredentialReport = &evidence.CredentialReport{Generated: aws.ToTime(out.GeneratedTime).UTC(), Rows: rows, Calls: calls}
	})
	return false
}
