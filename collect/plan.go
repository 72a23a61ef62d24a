package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/goccy/go-yaml"
	"golang.org/x/sync/errgroup"

	"auditbinder/collect/alarm"
	"auditbinder/collect/awsconn"
	collectcloudtrail "auditbinder/collect/cloudtrail"
	collectec2 "auditbinder/collect/ec2"
	"auditbinder/collect/evidence"
	collectiam "auditbinder/collect/iam"
	collectssm "auditbinder/collect/ssm"
	"auditbinder/templates"
)

// Scope narrows the regions of a run.
type Scope struct {
	Regions []string // empty: all enabled
	Reason  string   // why the others are left out
}

// UnknownRegionError reports selected regions that the account does not know.
type UnknownRegionError struct{ Regions []string }

func (e *UnknownRegionError) Error() string { return fmt.Sprintf("unknown regions %q", e.Regions) }

// regionsAtOnce bounds how many regions are asked at a time.
const regionsAtOnce = 8

// plan is one run: what is asked in what order. Whatever finishes first, the
// results are put together in the order of the regions.
type plan struct {
	conn    *awsconn.Conn
	sink    *evidence.Sink
	id      awsconn.Identity
	samples alarm.Samples
	step    func(title string) // called when a part is done
}

// regional is what one region gave.
type regional struct {
	compute *evidence.Compute
	trails  []evidence.Trail
	rules   []evidence.EventRule
	// trailCalls and ruleCalls listed all trails and all rules.
	trailCalls, ruleCalls []string
	events                evidence.RootEvents
}

// run asks the global services and the regions side by side, then follows the
// chains that lead from region to region. Its error is the caller's: a region
// that does not exist.
func (p *plan) run(ctx context.Context, scope Scope, steps func(total int)) error {
	// An account has one alias at most, which may be root itself.
	users := slices.Compact(append([]string{collectcloudtrail.RootUser}, collectiam.ListAliases(ctx, iam.NewFromConfig(p.conn.Global()), p.sink)...))
	regions := collectec2.ListRegions(ctx, ec2.NewFromConfig(p.conn.Regional("")), p.sink, scope.Regions, scope.Reason)
	if unknown := unknownRegions(regions); len(unknown) > 0 {
		return &UnknownRegionError{unknown}
	}
	asked := regions.In(evidence.ScopeFull, evidence.ScopeSignIn)
	steps(len(services) + len(asked) + 1)

	found := make([]regional, len(asked))
	var wait sync.WaitGroup
	for _, s := range services {
		wait.Go(func() {
			s.run(ctx, p.conn, p.sink, p.id.Account)
			p.step(s.title)
		})
	}
	each(asked, func(i int, region string) {
		found[i] = p.region(ctx, region, regions.Scope(region), users)
		p.step(region + " 리전")
	})
	p.follow(ctx, asked, found)
	p.step("추적과 알림 경로")
	wait.Wait()
	return nil
}

// each runs do for every element, a bounded number at a time.
func each[T any](list []T, do func(int, T)) {
	var group errgroup.Group
	group.SetLimit(regionsAtOnce)
	for i, x := range list {
		group.Go(func() error { do(i, x); return nil })
	}
	_ = group.Wait() // nothing returns an error: failures are evidence
}

// unknownRegions are selected regions that AWS did not list.
func unknownRegions(r *evidence.Regions) []string {
	if !r.Read {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Selected), func(name string) bool {
		return slices.ContainsFunc(r.All, func(x evidence.Region) bool { return x.Name == name })
	})
}

// region asks one region: what can hold a sign-in, and, in full scope, its instances.
func (p *plan) region(ctx context.Context, region string, scope evidence.RegionScope, users []string) regional {
	cfg := p.conn.Regional(region)
	trails := cloudtrail.NewFromConfig(cfg)
	var r regional
	r.trails, r.trailCalls = collectcloudtrail.ListTrails(ctx, trails, p.sink, p.id.Account)
	r.rules, r.ruleCalls = alarm.ListRules(ctx, p.alarmClients(region).Events, p.sink, p.samples, p.id.Account, region)
	if scope == evidence.ScopeFull {
		compute, calls, ok := collectec2.Collect(ctx, ec2.NewFromConfig(cfg), p.sink, region)
		r.compute = compute
		switch {
		case !ok:
		case len(compute.Instances) == 0:
			collectssm.Skip(p.sink, region, collectec2.NoInstances, calls)
		default:
			collectssm.Collect(ctx, ssm.NewFromConfig(cfg), p.sink, compute)
		}
	}
	to := p.id.At.UTC()
	r.events = collectcloudtrail.LookUpRoot(ctx, trails, p.sink, users, to.Add(-collectcloudtrail.History), to)
	return r
}

// follow asks what no region knows alone: the trails in their home regions, the
// log groups they write to, rules of central buses, and the topics at the end.
func (p *plan) follow(ctx context.Context, asked []string, found []regional) {
	var compute []evidence.Compute
	var rules []evidence.EventRule
	var trailLists [][]evidence.Trail
	var eventLists []evidence.RootEvents
	var trailCalls, ruleCalls []string
	for _, r := range found {
		if r.compute != nil {
			compute = append(compute, *r.compute)
		}
		rules = append(rules, r.rules...)
		trailLists = append(trailLists, r.trails)
		eventLists = append(eventLists, r.events)
		trailCalls, ruleCalls = append(trailCalls, r.trailCalls...), append(ruleCalls, r.ruleCalls...)
	}
	trails := collectcloudtrail.Merge(trailLists)
	collectcloudtrail.Skip(p.sink, trails, trailCalls)
	account := p.id.Account
	groups := alarm.LogGroups(trails, account) // before the trails are written to
	var logs alarm.Logs
	var side sync.WaitGroup
	side.Go(func() {
		each(trails, func(i int, t evidence.Trail) {
			collectcloudtrail.Detail(ctx, cloudtrail.NewFromConfig(p.conn.Regional(t.HomeRegion)), p.sink, &trails[i])
		})
	})
	side.Go(func() { logs = p.logs(ctx, asked, groups, trailCalls) })
	rules = p.central(ctx, asked, rules)
	side.Wait()

	var topics []evidence.Topic
	for _, arn := range alarm.TopicARNs(rules, logs) {
		topics = append(topics, alarm.NewTopic(arn, account))
	}
	if !slices.ContainsFunc(topics, func(t evidence.Topic) bool { return t.Own }) {
		alarm.SkipTopics(p.sink, append(ruleCalls, trailCalls...))
	}
	each(topics, func(i int, t evidence.Topic) {
		if t.Own {
			alarm.AskTopic(ctx, p.alarmClients(t.Region).SNS, p.sink, &topics[i])
		}
	})
	p.sink.Put(func(set *evidence.Set) {
		set.Compute, set.Trails, set.RootEvents = compute, trails, collectcloudtrail.MergeEvents(eventLists)
		set.Alarms = &evidence.Alarms{
			Variants: p.samples.Variants(), Rules: rules, LogGroups: logs.Groups, Filters: logs.Filters,
			MetricAlarms: logs.MetricAlarms, Composites: logs.Composites, Topics: topics,
		}
	})
}

// central asks the rules of default buses that other regions forward to, with the
// events of those regions; a central region outside the scope is read for it.
func (p *plan) central(ctx context.Context, asked []string, rules []evidence.EventRule) []evidence.EventRule {
	forwards := alarm.Forwards(rules, p.id.Account)
	for _, f := range forwards {
		if !slices.Contains(asked, f.To) {
			asked = append(slices.Clone(asked), f.To)
			more, _ := alarm.ListRules(ctx, p.alarmClients(f.To).Events, p.sink, p.samples, p.id.Account, f.To)
			rules = append(rules, more...)
		}
	}
	answers := make([]map[string][]evidence.SignInTest, len(forwards))
	each(forwards, func(i int, f alarm.Forward) {
		answers[i] = alarm.TestForwarded(ctx, p.alarmClients(f.To).Events, p.sink, p.samples, p.id.Account, rules, f)
	})
	for i, f := range forwards {
		for j := range rules {
			if r := &rules[j]; r.Region == f.To {
				r.Tests = append(r.Tests, answers[i][r.Name]...)
			}
		}
	}
	return rules
}

// logs asks the regions that hold log groups of trails.
func (p *plan) logs(ctx context.Context, asked []string, groups []evidence.LogGroup, trailCalls []string) alarm.Logs {
	var all alarm.Logs
	if len(groups) == 0 {
		alarm.SkipLogs(p.sink, trailCalls)
		return all
	}
	byRegion := map[string][]evidence.LogGroup{}
	var regions []string
	for _, g := range groups {
		if byRegion[g.Region] == nil {
			regions = append(regions, g.Region)
		}
		byRegion[g.Region] = append(byRegion[g.Region], g)
	}
	slices.Sort(regions)
	parts := make([]alarm.Logs, len(regions))
	each(regions, func(i int, region string) {
		parts[i] = alarm.CollectLogs(ctx, p.alarmClients(region), p.sink, p.samples, p.id.Account, asked, byRegion[region])
	})
	for _, part := range parts {
		all.Groups = append(all.Groups, part.Groups...)
		all.Filters = append(all.Filters, part.Filters...)
		all.MetricAlarms = append(all.MetricAlarms, part.MetricAlarms...)
		all.Composites = append(all.Composites, part.Composites...)
	}
	return all
}

func (p *plan) alarmClients(region string) alarm.Clients {
	cfg := p.conn.Regional(region)
	return alarm.Clients{
		Events: eventbridge.NewFromConfig(cfg), SNS: sns.NewFromConfig(cfg), Logs: cloudwatchlogs.NewFromConfig(cfg), CloudWatch: cloudWatch(cfg),
	}
}

// cloudWatch speaks JSON: the client's default is binary, and evidence must be readable.
func cloudWatch(cfg aws.Config) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) })
}

// signInSamples reads the synthetic sign-in events.
func signInSamples() (alarm.Samples, error) {
	text, err := fs.ReadFile(templates.FS, "signin-events.yaml")
	if err != nil {
		return alarm.Samples{}, fmt.Errorf("read the synthetic sign-in events: %w", err)
	}
	var s struct {
		Sources  []string                       `yaml:"sources"`
		Envelope string                         `yaml:"envelope"`
		Details  map[evidence.LoginClass]string `yaml:"details"`
		MFA      map[evidence.LoginClass]string `yaml:"mfa_identifier"`
	}
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		return alarm.Samples{}, fmt.Errorf("parse the synthetic sign-in events: %w", err)
	}
	if len(s.Sources) < 2 || s.Details[evidence.LoginRoot] == "" || s.Details[evidence.LoginUser] == "" {
		return alarm.Samples{}, errors.New("the synthetic sign-in events lack a class or a second source")
	}
	return alarm.Samples{Sources: s.Sources, Envelope: s.Envelope, Details: s.Details, MFAIdentifier: s.MFA}, nil
}

// progress counts finished parts for the caller's hook.
type progress struct {
	mu       sync.Mutex
	done, of int
	hook     func(number, of int, title string)
}

func (p *progress) step(title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.hook != nil {
		p.hook(p.done, p.of, title)
	}
}
