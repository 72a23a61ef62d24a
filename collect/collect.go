// Package collect plans and runs the collection of one account: which services
// are asked, in what order, and how the answers become one set of evidence; and,
// before a run, whether the caller may ask it all. It judges nothing, and nothing
// later than it talks to AWS.
package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/goccy/go-yaml"

	collectaccount "auditbinder/collect/account"
	"auditbinder/collect/alarm"
	"auditbinder/collect/awsconn"
	"auditbinder/collect/bundle"
	collectcloudtrail "auditbinder/collect/cloudtrail"
	collectec2 "auditbinder/collect/ec2"
	"auditbinder/collect/evidence"
	collectiam "auditbinder/collect/iam"
	collectorganizations "auditbinder/collect/organizations"
	collectsignin "auditbinder/collect/signin"
	collectssm "auditbinder/collect/ssm"
	"auditbinder/templates"
)

// service is one service package as the plan runs it.
type service struct {
	sdkID   string // for endpoint settings
	title   string // for progress
	actions []string
	// run asks about the account.
	run func(context.Context, *awsconn.Conn, *evidence.Sink, string)
}

// services is the one list that wires the service packages.
var services = []service{
	{iam.ServiceID, "IAM", collectiam.Actions, func(ctx context.Context, c *awsconn.Conn, s *evidence.Sink, _ string) {
		collectiam.Collect(ctx, iam.NewFromConfig(c.Global()), s, c.Sleep)
	}},
	{account.ServiceID, "계정 연락처", collectaccount.Actions, func(ctx context.Context, c *awsconn.Conn, s *evidence.Sink, _ string) {
		collectaccount.Collect(ctx, account.NewFromConfig(c.Global()), s)
	}},
	{organizations.ServiceID, "Organizations", collectorganizations.Actions, func(ctx context.Context, c *awsconn.Conn, s *evidence.Sink, account string) {
		collectorganizations.Collect(ctx, organizations.NewFromConfig(c.Global()), s, account)
	}},
	{signin.ServiceID, "콘솔 로그인 정책", collectsignin.Actions, func(ctx context.Context, c *awsconn.Conn, s *evidence.Sink, _ string) {
		collectsignin.Collect(ctx, signin.NewFromConfig(c.Global(), collectsignin.At(c.Endpoint(signin.ServiceID))), s)
	}},
}

// regionalService is a service that the plan asks region by region.
type regionalService struct {
	sdkID   string
	actions []string
}

var regionalServices = []regionalService{
	{ec2.ServiceID, collectec2.Actions},
	{ssm.ServiceID, collectssm.Actions},
	{cloudtrail.ServiceID, collectcloudtrail.Actions},
	{eventbridge.ServiceID, alarm.Actions}, // with those of the three below
	{sns.ServiceID, nil},
	{cloudwatchlogs.ServiceID, nil},
	{cloudwatch.ServiceID, nil},
}

// Actions returns every action that a run may ask beside sts:GetCallerIdentity,
// sorted: exactly those of the shipped IAM policy.
func Actions() []string {
	var all []string
	for _, s := range services {
		all = append(all, s.actions...)
	}
	for _, s := range regionalServices {
		all = append(all, s.actions...)
	}
	slices.Sort(all)
	return all
}

func allowed() []string { return append(Actions(), awsconn.GetCallerIdentity) }

// Target says which account to ask and through what.
type Target struct {
	Profile, Region string
	Now             func() time.Time
	Sleep           func(context.Context, time.Duration) error
	Limit           awsconn.Limit // nil: by the machine's clock
}

// Open prepares a live connection. It makes no call to AWS.
func Open(ctx context.Context, t Target) (*awsconn.Conn, error) {
	roots, err := amazonRoots()
	if err != nil {
		return nil, err
	}
	return open(ctx, t, roots)
}

func open(ctx context.Context, t Target, roots []string) (*awsconn.Conn, error) {
	ids := []string{sts.ServiceID}
	for _, s := range services {
		ids = append(ids, s.sdkID)
	}
	for _, s := range regionalServices {
		ids = append(ids, s.sdkID)
	}
	return awsconn.Open(ctx, awsconn.Options{
		Profile: t.Profile, Region: t.Region, Allow: allowed(), ServiceIDs: ids, AmazonRoots: roots, Now: t.Now, Sleep: t.Sleep, Limit: t.Limit,
	})
}

// Replay prepares a connection that answers from a recording and marks every
// call as replayed.
func Replay(rec evidence.Recording) *awsconn.Conn { return awsconn.Replay(rec, allowed(), true) }

// Hooks let the caller follow a run.
type Hooks struct {
	// Identified is called once the account and the time are known, before
	// anything else is asked; its error ends the run.
	Identified func(account string, collectedAt time.Time) error
	// Step is called after each part, one at a time: a global service, a region, the
	// chains between regions.
	Step func(number, of int, title string)
}

// Run asks everything in scope and returns the content of the bundle. An error
// means that there is no evidence at all: no identity, a region that does not
// exist, or the caller gave up. Failed calls are part of the evidence.
func Run(ctx context.Context, conn *awsconn.Conn, program string, scope Scope, hooks Hooks) (bundle.Content, error) {
	samples, err := signInSamples()
	if err != nil {
		return bundle.Content{}, err
	}
	id, err := conn.Identity(ctx)
	if err != nil {
		return bundle.Content{}, err
	}
	if hooks.Identified != nil {
		if err := hooks.Identified(id.Account, id.At); err != nil {
			return bundle.Content{}, err
		}
	}
	var sink evidence.Sink
	sink.Answered(id.Answer)
	steps := progress{hook: hooks.Step}
	p := plan{conn: conn, sink: &sink, id: id, samples: samples, step: steps.step}
	if err := p.run(ctx, scope, func(total int) { steps.of = total }); err != nil {
		return bundle.Content{}, err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return bundle.Content{}, fmt.Errorf("collect the account: %w", ctx.Err())
	}
	rec := conn.Recording(id.Account)
	return bundle.Content{Program: program, Set: assemble(&sink, id, rec), Recording: rec, Files: sink.Files()}, nil
}

// assemble adds to the collectors' facts what only the whole run knows.
func assemble(sink *evidence.Sink, id awsconn.Identity, rec evidence.Recording) evidence.Set {
	set := sink.Set()
	set.Account.ID = id.Account
	set.Account.Kind = kind(set.Organization, id.Account)
	set.Caller = evidence.Caller{ARN: id.ARN, Calls: id.Answer.Calls}
	set.CollectedAt = id.At.UTC()
	set.ClockSkewSeconds = int64(id.Skew / time.Second)
	set.Source = evidence.SourceAWS
	for _, c := range rec.Calls {
		set.Source = set.Source.Worse(c.Source)
	}
	return set
}

func kind(o *evidence.Organization, account string) evidence.AccountKind {
	switch {
	case o == nil:
		return evidence.KindUnknown
	case !o.Member:
		return evidence.KindStandalone
	case o.ManagementID == account:
		return evidence.KindManagement
	}
	return evidence.KindMember
}

// Reread collects again from a bundle's own recording and returns the content
// that its raw bodies give (verify --replay).
func Reread(ctx context.Context, b *bundle.Bundle) (bundle.Content, error) {
	content, err := Run(ctx, awsconn.Replay(b.Recording(), allowed(), false), b.Manifest.Program, scopeOf(b.Set.Regions), Hooks{})
	if err != nil {
		return bundle.Content{}, fmt.Errorf("read the recording again: %w", err)
	}
	// Lines that credential providers left are in the bundle, not in the replay.
	content.Set.Source = b.Manifest.Source
	carryOver(content.Set.Failures, b.Set.Failures)
	return content, nil
}

// scopeOf is the scope of the run that saw these regions.
func scopeOf(r *evidence.Regions) Scope {
	if r == nil {
		return Scope{}
	}
	return Scope{Regions: r.Selected, Reason: r.Reason}
}

// carryOver puts the stored failures that left no exchange (run out of time or
// credentials) in the place of what the replay says of the same questions. It
// never touches a question that the replay answers.
func carryOver(reread, stored []evidence.Failure) {
	for i, r := range reread {
		for _, s := range stored {
			if awsconn.Unrepeatable(s.Code, r.Code) && s.Action == r.Action && s.Subject == r.Subject && s.Region == r.Region {
				reread[i] = s
			}
		}
	}
}

func amazonRoots() ([]string, error) {
	text, err := fs.ReadFile(templates.FS, "amazon-roots.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the list of Amazon roots: %w", err)
	}
	var list struct {
		Roots []struct {
			Name string `yaml:"name"`
			SPKI string `yaml:"spki_sha256"`
		} `yaml:"roots"`
	}
	if err := yaml.UnmarshalWithOptions(text, &list, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("parse the list of Amazon roots: %w", err)
	}
	var digests []string
	for _, r := range list.Roots {
		digests = append(digests, r.SPKI)
	}
	return digests, nil
}
