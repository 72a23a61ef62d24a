package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	collectaccount "auditbinder/collect/account"
	"auditbinder/collect/alarm"
	"auditbinder/collect/awsconn"
	collectcloudtrail "auditbinder/collect/cloudtrail"
	collectec2 "auditbinder/collect/ec2"
	"auditbinder/collect/evidence"
	collectiam "auditbinder/collect/iam"
	collectorganizations "auditbinder/collect/organizations"
	collectsignin "auditbinder/collect/signin"
	collectssm "auditbinder/collect/ssm"
)

// Permission is what AWS's answer to one harmless question says of an action.
type Permission struct {
	Action string
	Region string
	State  PermissionState
	// Code is the error code of the answer, AWS's or of the transport; empty: none.
	Code string
	// ControlPolicy: AWS names an explicit deny in a service control policy.
	ControlPolicy bool
}

// PermissionState is allowed, denied or unchecked.
type PermissionState string

const (
	// PermissionAllowed: AWS answered, or with an error that only a caller with the
	// permission gets.
	PermissionAllowed PermissionState = "allowed"
	PermissionDenied  PermissionState = "denied"
	// PermissionUnchecked: no answer, or one that says nothing of the permission.
	PermissionUnchecked PermissionState = "unchecked"
)

// Checkup is what asking for every permission once has shown.
type Checkup struct {
	Identity awsconn.Identity
	Regions  *evidence.Regions
	// Home is the region in which all regional actions were asked.
	Home        string
	Permissions []Permission // by action and region
	// Calls are all attempts; Source is the least trustworthy of theirs.
	Calls  []evidence.Call
	Source evidence.Source
}

// CheckUp asks for every action of the policy once, with parameters that change
// nothing, before a run does: global services once, regional actions in one region
// of the scope, and in the others what shows that the region is closed. Its error
// means what Run's does.
func CheckUp(ctx context.Context, conn *awsconn.Conn, scope Scope, hooks Hooks) (Checkup, error) {
	id, err := conn.Identity(ctx)
	if err != nil {
		return Checkup{}, err
	}
	if hooks.Identified != nil {
		if err := hooks.Identified(id.Account, id.At); err != nil {
			return Checkup{}, err
		}
	}
	var sink evidence.Sink
	session := conn.Regional("")
	regions := collectec2.ListRegions(ctx, ec2.NewFromConfig(session), &sink, scope.Regions, scope.Reason)
	if unknown := unknownRegions(regions); len(unknown) > 0 {
		return Checkup{}, &UnknownRegionError{unknown}
	}
	listed := Permission{Action: collectec2.Regions, Region: session.Region, State: PermissionAllowed}
	for _, f := range sink.Set().Failures {
		listed = permission(probe{action: collectec2.Regions}, session.Region, &f)
	}

	c := Checkup{Identity: id, Regions: regions, Home: home(regions, session.Region)}
	parts := c.parts(conn)
	found := make([][]Permission, len(parts))
	steps := progress{hook: hooks.Step, of: len(parts)}
	each(parts, func(i int, part checkupPart) {
		for _, p := range part.probes {
			var failed *evidence.Failure
			if err := p.ask(ctx, part.asker); err != nil {
				f := evidence.FailureOf(p.action, "", err)
				failed = &f
			}
			found[i] = append(found[i], permission(p, part.cfg.Region, failed))
		}
		steps.step(part.title)
	})
	if errors.Is(ctx.Err(), context.Canceled) {
		return Checkup{}, fmt.Errorf("check the permissions: %w", ctx.Err())
	}
	c.Permissions = append(slices.Concat(found...), listed)
	slices.SortFunc(c.Permissions, func(a, b Permission) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Region, b.Region))
	})
	c.Calls = conn.Recording(id.Account).Calls
	c.Source = evidence.SourceAWS
	for _, call := range c.Calls {
		c.Source = c.Source.Worse(call.Source)
	}
	return c, nil
}

// permission reads an answer; failed is nil when it is no error.
func permission(p probe, region string, failed *evidence.Failure) Permission {
	out := Permission{Action: p.action, Region: region, State: PermissionAllowed}
	if failed == nil {
		return out
	}
	out.Code, out.ControlPolicy = failed.Code, failed.ControlPolicy
	switch {
	case slices.Contains(p.let, failed.Code):
	case awsconn.Denied(failed.Code):
		out.State = PermissionDenied
	default:
		out.State = PermissionUnchecked
	}
	return out
}

// home is where all regional actions are asked: in the session's region when the
// run looks at it, else in the first one that it does.
func home(r *evidence.Regions, session string) string {
	for _, candidates := range [][]string{r.In(evidence.ScopeFull), r.In(evidence.ScopeSignIn)} {
		if slices.Contains(candidates, session) {
			return session
		}
		if len(candidates) > 0 {
			return candidates[0]
		}
	}
	return session
}

// checkupPart is what is asked one after the other.
type checkupPart struct {
	title string
	asker
	probes []probe
}

// parts are the global services and the regions.
func (c *Checkup) parts(conn *awsconn.Conn) []checkupPart {
	var parts []checkupPart
	for _, s := range services {
		part := checkupPart{title: s.title, asker: asker{conn, conn.Global(), c.Identity}}
		for _, p := range probes {
			if slices.Contains(s.actions, p.action) {
				part.probes = append(part.probes, p)
			}
		}
		parts = append(parts, part)
	}
	asked := c.Regions.In(evidence.ScopeFull, evidence.ScopeSignIn)
	if !slices.Contains(asked, c.Home) {
		asked = append(asked, c.Home)
	}
	commercial := slices.ContainsFunc(asked, evidence.IsSignIn)
	for _, region := range asked {
		part := checkupPart{title: region + " 리전", asker: asker{conn, conn.Regional(region), c.Identity}}
		for _, p := range probes {
			var here bool
			switch p.in {
			case homeRegion:
				here = region == c.Home
			case fullRegions:
				here = region == c.Home || c.Regions.Scope(region) == evidence.ScopeFull
			case signInRegions: // unknown outside the commercial partition: any region then
				here = region == c.Home || evidence.IsSignIn(region) || !commercial
			case everyRegion:
				here = true
			}
			if here {
				part.probes = append(part.probes, p)
			}
		}
		parts = append(parts, part)
	}
	return parts
}

// reach says where a probe is asked.
type reach int

const (
	once          reach = iota // a global service
	homeRegion                 // in one region
	fullRegions                // wherever a run looks at instances
	signInRegions              // wherever a failure costs more than elsewhere
	everyRegion
)

// probe is a harmless question that shows whether the caller may do an action. It
// rests on no other's answer but who the caller is; where it needs an id it names
// one of the caller's own account that is not there.
type probe struct {
	action string
	in     reach
	// let are the errors that AWS sends only to a caller whom it has let in. Any
	// other says nothing: some services look at the parameters first.
	let []string
	ask func(context.Context, asker) error
}

// question makes a probe of an operation. whole holds an answer against what AWS
// always sends.
func question[C, I, O, F any](action string, in reach, client func(asker) C, op func(C, context.Context, *I, ...F) (*O, error),
	input func(asker) *I, whole func(*O) bool, let ...string,
) probe {
	return probe{action, in, let, func(ctx context.Context, a asker) error {
		c := client(a)
		out, trace, err := evidence.Ask(ctx, func(ctx context.Context, in *I, options ...F) (*O, error) { return op(c, ctx, in, options...) }, input(a))
		if err == nil && !whole(out) {
			err = evidence.Malformed(action, trace)
		}
		return err
	}}
}

// as is an input that is the same for every account and region.
func as[I any](in *I) func(asker) *I { return func(asker) *I { return in } }

// parsed is for answers of which the transport and the SDK have seen to all that
// AWS always sends.
func parsed[O any](*O) bool { return true }

// asker is who asks, and where.
type asker struct {
	conn *awsconn.Conn
	cfg  aws.Config
	id   awsconn.Identity
}

func (a asker) iam() *iam.Client                     { return iam.NewFromConfig(a.cfg) }
func (a asker) account() *account.Client             { return account.NewFromConfig(a.cfg) }
func (a asker) organizations() *organizations.Client { return organizations.NewFromConfig(a.cfg) }
func (a asker) ec2() *ec2.Client                     { return ec2.NewFromConfig(a.cfg) }
func (a asker) ssm() *ssm.Client                     { return ssm.NewFromConfig(a.cfg) }
func (a asker) cloudTrail() *cloudtrail.Client       { return cloudtrail.NewFromConfig(a.cfg) }
func (a asker) events() *eventbridge.Client          { return eventbridge.NewFromConfig(a.cfg) }
func (a asker) sns() *sns.Client                     { return sns.NewFromConfig(a.cfg) }
func (a asker) logs() *cloudwatchlogs.Client         { return cloudwatchlogs.NewFromConfig(a.cfg) }
func (a asker) cloudWatch() *cloudwatch.Client       { return cloudWatch(a.cfg) }
func (a asker) signIn() *signin.Client {
	return signin.NewFromConfig(a.cfg, collectsignin.At(a.conn.Endpoint(signin.ServiceID)))
}

// nobody is the name of everything that is asked for and is not there.
const nobody = "auditbinder-doctor"

// arn names a resource of the own account in the region that is asked.
func (a asker) arn(service, resource string) *string {
	partition := "aws"
	if parts := strings.Split(a.id.ARN, ":"); len(parts) > 1 && parts[1] != "" {
		partition = parts[1]
	}
	return aws.String(strings.Join([]string{"arn", partition, service, a.cfg.Region, a.id.Account, resource}, ":"))
}

// sampleEvent is an event that EventBridge can test a pattern with.
const sampleEvent = `{"version":"0","id":"00000000-0000-0000-0000-000000000000","detail-type":"auditbinder","source":"auditbinder.doctor","account":"%s","time":"2026-01-01T00:00:00Z","region":"%s","resources":[],"detail":{}}`

// Errors that say that the caller was let in.
const (
	dryRunDone     = "DryRunOperation"
	noOrganization = "AWSOrganizationsNotInUseException"
	notThere       = "ResourceNotFoundException"
	noTrail        = "TrailNotFoundException"
	noTopic        = "NotFound"
)

var dryRun = aws.Bool(true)

// probes are the questions, one for every action of the policy but
// ec2:DescribeRegions, whose answer is the list of regions itself.
var probes = []probe{
	question(collectiam.Details, once, asker.iam, (*iam.Client).GetAccountAuthorizationDetails,
		as(&iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{iamtypes.EntityTypeUser}, MaxItems: aws.Int32(1)}), parsed),
	question(collectiam.Summary, once, asker.iam, (*iam.Client).GetAccountSummary,
		as(&iam.GetAccountSummaryInput{}), func(out *iam.GetAccountSummaryOutput) bool { return len(out.SummaryMap) > 0 }),
	question(collectiam.Aliases, once, asker.iam, (*iam.Client).ListAccountAliases, as(&iam.ListAccountAliasesInput{}), parsed),
	question(collectiam.Generate, once, asker.iam, (*iam.Client).GenerateCredentialReport,
		as(&iam.GenerateCredentialReportInput{}), func(out *iam.GenerateCredentialReportOutput) bool { return out.State != "" }, "LimitExceeded"),
	question(collectiam.Report, once, asker.iam, (*iam.Client).GetCredentialReport,
		as(&iam.GetCredentialReportInput{}), func(out *iam.GetCredentialReportOutput) bool { return len(out.Content) > 0 },
		"ReportNotPresent", "ReportExpired", "ReportInProgress"),
	question(collectiam.CentralRoot, once, asker.iam, (*iam.Client).ListOrganizationsFeatures, as(&iam.ListOrganizationsFeaturesInput{}), parsed,
		"AccountNotManagementOrDelegatedAdministratorException", "OrganizationNotFoundException", "OrganizationNotInAllFeaturesModeException", "ServiceAccessNotEnabledException"),

	question(collectaccount.Alternate, once, asker.account, (*account.Client).GetAlternateContact,
		as(&account.GetAlternateContactInput{AlternateContactType: accounttypes.AlternateContactTypeSecurity}),
		func(out *account.GetAlternateContactOutput) bool { return out.AlternateContact != nil }, collectaccount.NotSet),
	question(collectaccount.Primary, once, asker.account, (*account.Client).GetContactInformation,
		as(&account.GetContactInformationInput{}), func(out *account.GetContactInformationOutput) bool { return out.ContactInformation != nil }, collectaccount.NotSet),

	question(collectorganizations.Describe, once, asker.organizations, (*organizations.Client).DescribeOrganization,
		as(&organizations.DescribeOrganizationInput{}), func(out *organizations.DescribeOrganizationOutput) bool { return out.Organization != nil }, noOrganization),
	question(collectorganizations.Parents, once, asker.organizations, (*organizations.Client).ListParents,
		func(a asker) *organizations.ListParentsInput {
			return &organizations.ListParentsInput{ChildId: &a.id.Account}
		},
		func(out *organizations.ListParentsOutput) bool { return out.Parents != nil }, noOrganization, "ChildNotFoundException"),
	question(collectorganizations.TargetPolicies, once, asker.organizations, (*organizations.Client).ListPoliciesForTarget,
		func(a asker) *organizations.ListPoliciesForTargetInput {
			return &organizations.ListPoliciesForTargetInput{TargetId: &a.id.Account, Filter: organizationstypes.PolicyTypeServiceControlPolicy}
		}, func(out *organizations.ListPoliciesForTargetOutput) bool { return out.Policies != nil }, noOrganization, "TargetNotFoundException"),
	question(collectorganizations.DescribePolicy, once, asker.organizations, (*organizations.Client).DescribePolicy, // that policy is AWS's own
		as(&organizations.DescribePolicyInput{PolicyId: aws.String("p-FullAWSAccess")}),
		func(out *organizations.DescribePolicyOutput) bool { return out.Policy != nil }, noOrganization, "PolicyNotFoundException"),

	question(collectsignin.Configuration, once, asker.signIn, (*signin.Client).GetConsoleAuthorizationConfiguration,
		as(&signin.GetConsoleAuthorizationConfigurationInput{}),
		func(out *signin.GetConsoleAuthorizationConfigurationOutput) bool {
			return out.ConsoleAuthorizationEnabled != nil
		}, notThere),
	question(collectsignin.Policy, once, asker.signIn, (*signin.Client).GetResourcePolicy,
		as(&signin.GetResourcePolicyInput{}), func(out *signin.GetResourcePolicyOutput) bool { return out.SigninResourceBasedPolicy != nil }, notThere),
	question(collectsignin.Statements, once, asker.signIn, (*signin.Client).ListResourcePermissionStatements,
		as(&signin.ListResourcePermissionStatementsInput{}),
		func(out *signin.ListResourcePermissionStatementsOutput) bool { return out.PermissionStatements != nil }, notThere),

	question(collectec2.Instances, fullRegions, asker.ec2, (*ec2.Client).DescribeInstances,
		as(&ec2.DescribeInstancesInput{DryRun: dryRun}), func(out *ec2.DescribeInstancesOutput) bool { return out.Reservations != nil }, dryRunDone),
	question(collectec2.SecurityGroups, homeRegion, asker.ec2, (*ec2.Client).DescribeSecurityGroups,
		as(&ec2.DescribeSecurityGroupsInput{DryRun: dryRun}), func(out *ec2.DescribeSecurityGroupsOutput) bool { return out.SecurityGroups != nil }, dryRunDone),
	question(collectec2.Subnets, homeRegion, asker.ec2, (*ec2.Client).DescribeSubnets,
		as(&ec2.DescribeSubnetsInput{DryRun: dryRun}), func(out *ec2.DescribeSubnetsOutput) bool { return out.Subnets != nil }, dryRunDone),
	question(collectec2.RouteTables, homeRegion, asker.ec2, (*ec2.Client).DescribeRouteTables,
		as(&ec2.DescribeRouteTablesInput{DryRun: dryRun}), func(out *ec2.DescribeRouteTablesOutput) bool { return out.RouteTables != nil }, dryRunDone),
	question(collectec2.PrefixLists, homeRegion, asker.ec2, (*ec2.Client).DescribeManagedPrefixLists,
		as(&ec2.DescribeManagedPrefixListsInput{DryRun: dryRun}), func(out *ec2.DescribeManagedPrefixListsOutput) bool { return out.PrefixLists != nil }, dryRunDone),
	question(collectec2.PrefixListEntries, homeRegion, asker.ec2, (*ec2.Client).GetManagedPrefixListEntries,
		as(&ec2.GetManagedPrefixListEntriesInput{DryRun: dryRun, PrefixListId: aws.String("pl-00000000000000000")}),
		func(out *ec2.GetManagedPrefixListEntriesOutput) bool { return out.Entries != nil },
		dryRunDone, "InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound"), // both spellings are about
	question(collectec2.Endpoints, homeRegion, asker.ec2, (*ec2.Client).DescribeInstanceConnectEndpoints,
		as(&ec2.DescribeInstanceConnectEndpointsInput{DryRun: dryRun}),
		func(out *ec2.DescribeInstanceConnectEndpointsOutput) bool { return out.InstanceConnectEndpoints != nil }, dryRunDone),
	question(collectec2.Images, homeRegion, asker.ec2, (*ec2.Client).DescribeImages, // the own ones: all of AWS's would be very many where a dry run is none
		as(&ec2.DescribeImagesInput{DryRun: dryRun, Owners: []string{"self"}}), func(out *ec2.DescribeImagesOutput) bool { return out.Images != nil }, dryRunDone),

	question(collectssm.Nodes, homeRegion, asker.ssm, (*ssm.Client).DescribeInstanceInformation,
		as(&ssm.DescribeInstanceInformationInput{MaxResults: aws.Int32(5)}), func(out *ssm.DescribeInstanceInformationOutput) bool { return out.InstanceInformationList != nil }),
	question(collectssm.Setting, homeRegion, asker.ssm, (*ssm.Client).GetServiceSetting,
		as(&ssm.GetServiceSettingInput{SettingId: aws.String(collectssm.DefaultHostManagement)}),
		func(out *ssm.GetServiceSettingOutput) bool { return out.ServiceSetting != nil }, "ServiceSettingNotFound"),
	question(collectssm.Document, homeRegion, asker.ssm, (*ssm.Client).GetDocument,
		as(&ssm.GetDocumentInput{Name: aws.String(collectssm.SessionDocument)}), func(out *ssm.GetDocumentOutput) bool { return out.Content != nil }, "InvalidDocument"),

	question(collectcloudtrail.Trails, everyRegion, asker.cloudTrail, (*cloudtrail.Client).DescribeTrails,
		as(&cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)}), func(out *cloudtrail.DescribeTrailsOutput) bool { return out.TrailList != nil }),
	question(collectcloudtrail.Status, homeRegion, asker.cloudTrail, (*cloudtrail.Client).GetTrailStatus,
		func(a asker) *cloudtrail.GetTrailStatusInput {
			return &cloudtrail.GetTrailStatusInput{Name: a.arn("cloudtrail", "trail/"+nobody)}
		}, func(out *cloudtrail.GetTrailStatusOutput) bool { return out.IsLogging != nil }, noTrail),
	question(collectcloudtrail.Selectors, homeRegion, asker.cloudTrail, (*cloudtrail.Client).GetEventSelectors,
		func(a asker) *cloudtrail.GetEventSelectorsInput {
			return &cloudtrail.GetEventSelectorsInput{TrailName: a.arn("cloudtrail", "trail/"+nobody)}
		}, func(out *cloudtrail.GetEventSelectorsOutput) bool { return out.TrailARN != nil }, noTrail),
	question(collectcloudtrail.Events, signInRegions, asker.cloudTrail, (*cloudtrail.Client).LookupEvents,
		as(&cloudtrail.LookupEventsInput{MaxResults: aws.Int32(1)}), func(out *cloudtrail.LookupEventsOutput) bool { return out.Events != nil }),

	question(alarm.Rules, signInRegions, asker.events, (*eventbridge.Client).ListRules,
		as(&eventbridge.ListRulesInput{Limit: aws.Int32(1)}), func(out *eventbridge.ListRulesOutput) bool { return out.Rules != nil }),
	question(alarm.Targets, homeRegion, asker.events, (*eventbridge.Client).ListTargetsByRule,
		as(&eventbridge.ListTargetsByRuleInput{Rule: aws.String(nobody)}), func(out *eventbridge.ListTargetsByRuleOutput) bool { return out.Targets != nil }, notThere),
	question(alarm.TestPattern, homeRegion, asker.events, (*eventbridge.Client).TestEventPattern,
		func(a asker) *eventbridge.TestEventPatternInput {
			return &eventbridge.TestEventPatternInput{EventPattern: aws.String(`{"source":["auditbinder.doctor"]}`), Event: aws.String(fmt.Sprintf(sampleEvent, a.id.Account, a.cfg.Region))}
		}, parsed),
	question(alarm.Topic, homeRegion, asker.sns, (*sns.Client).GetTopicAttributes,
		func(a asker) *sns.GetTopicAttributesInput {
			return &sns.GetTopicAttributesInput{TopicArn: a.arn("sns", nobody)}
		},
		func(out *sns.GetTopicAttributesOutput) bool { return len(out.Attributes) > 0 }, noTopic),
	question(alarm.Subscriptions, homeRegion, asker.sns, (*sns.Client).ListSubscriptionsByTopic,
		func(a asker) *sns.ListSubscriptionsByTopicInput {
			return &sns.ListSubscriptionsByTopicInput{TopicArn: a.arn("sns", nobody)}
		},
		func(out *sns.ListSubscriptionsByTopicOutput) bool { return out.Subscriptions != nil }, noTopic),
	question(alarm.Filters, homeRegion, asker.logs, (*cloudwatchlogs.Client).DescribeMetricFilters,
		as(&cloudwatchlogs.DescribeMetricFiltersInput{Limit: aws.Int32(1)}), func(out *cloudwatchlogs.DescribeMetricFiltersOutput) bool { return out.MetricFilters != nil }),
	question(alarm.TestFilter, homeRegion, asker.logs, (*cloudwatchlogs.Client).TestMetricFilter,
		as(&cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String(`{ $.name = "auditbinder" }`), LogEventMessages: []string{`{"name":"auditbinder"}`}}),
		func(out *cloudwatchlogs.TestMetricFilterOutput) bool { return out.Matches != nil }),
	question(alarm.Alarms, homeRegion, asker.cloudWatch, (*cloudwatch.Client).DescribeAlarms,
		as(&cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(1)}), func(out *cloudwatch.DescribeAlarmsOutput) bool { return out.MetricAlarms != nil }),
}
