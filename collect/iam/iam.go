// Package iam collects what IAM says of users, groups, roles and policies: the
// authorization details, the account summary and the account alias. It judges
// nothing and never asks per user.
package iam

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"auditbinder/collect/evidence"
)

// The actions this package asks.
const (
	Details = "iam:GetAccountAuthorizationDetails"
	Summary = "iam:GetAccountSummary"
	Aliases = "iam:ListAccountAliases"
	// CentralRoot is asked of members and management accounts alike.
	CentralRoot = "iam:ListOrganizationsFeatures"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Details, Summary, Aliases, Generate, Report, CentralRoot}

type api interface {
	GetAccountAuthorizationDetails(context.Context, *iam.GetAccountAuthorizationDetailsInput, ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error)
	GetAccountSummary(context.Context, *iam.GetAccountSummaryInput, ...func(*iam.Options)) (*iam.GetAccountSummaryOutput, error)
	GenerateCredentialReport(context.Context, *iam.GenerateCredentialReportInput, ...func(*iam.Options)) (*iam.GenerateCredentialReportOutput, error)
	GetCredentialReport(context.Context, *iam.GetCredentialReportInput, ...func(*iam.Options)) (*iam.GetCredentialReportOutput, error)
	ListOrganizationsFeatures(context.Context, *iam.ListOrganizationsFeaturesInput, ...func(*iam.Options)) (*iam.ListOrganizationsFeaturesOutput, error)
	ListAccountAliases(context.Context, *iam.ListAccountAliasesInput, ...func(*iam.Options)) (*iam.ListAccountAliasesOutput, error)
}

// Collect asks IAM. Failures become evidence; it returns nothing else. AWS makes
// the credential report while the other questions are asked; the summary stands
// right beside the details so that both are of one moment. wait sleeps between
// polls.
func Collect(ctx context.Context, client api, sink *evidence.Sink, wait func(context.Context, time.Duration) error) {
	report := &reporter{client: client, sink: sink, wait: wait}
	report.poll(ctx)
	var found evidence.IAM
	details(ctx, client, sink, &found)
	summary(ctx, client, sink, &found)
	centralRoot(ctx, client, sink)
	sink.Put(func(set *evidence.Set) { set.IAM = &found })
	report.finish(ctx)
}

// pageSize is the API's maximum.
const pageSize = 1000

// details reads every page. A repeated marker, a marker without IsTruncated (or the
// other way round) and a page that fails leave what was read and a failure, never an answer.
func details(ctx context.Context, client api, sink *evidence.Sink, found *evidence.IAM) {
	in := &iam.GetAccountAuthorizationDetailsInput{
		Filter: []types.EntityType{
			types.EntityTypeUser, types.EntityTypeGroup, types.EntityTypeRole,
			types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy,
		},
		MaxItems: aws.Int32(pageSize),
	}
	var calls []string
	markers := map[string]bool{}
	for {
		out, trace, err := evidence.Ask(ctx, client.GetAccountAuthorizationDetails, in)
		if err != nil {
			sink.Failed(Details, "", err)
			break
		}
		calls = append(calls, trace.CallID)
		marker := aws.ToString(out.Marker)
		if marker == "" || !markers[marker] { // else it is no page of its own
			addPage(found, out, trace.CallID)
		}
		if !out.IsTruncated && marker == "" {
			count := len(found.Users) + len(found.Groups) + len(found.Roles) + len(found.Policies)
			sink.Answered(evidence.Answer{Action: Details, Region: trace.Region, Calls: calls, Count: count})
			break
		}
		if !out.IsTruncated || marker == "" || markers[marker] {
			sink.Malformed(Details, "", trace)
			break
		}
		markers[marker] = true
		in.Marker = out.Marker
	}
	slices.SortFunc(found.Users, func(a, b evidence.User) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(found.Groups, func(a, b evidence.Group) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(found.Roles, func(a, b evidence.Role) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(found.Policies, func(a, b evidence.ManagedPolicy) int { return cmp.Compare(a.ARN, b.ARN) })
}

func addPage(found *evidence.IAM, out *iam.GetAccountAuthorizationDetailsOutput, callID string) {
	calls := []string{callID}
	for _, u := range out.UserDetailList {
		user := evidence.User{
			Name: aws.ToString(u.UserName), Path: aws.ToString(u.Path), ARN: aws.ToString(u.Arn), ID: aws.ToString(u.UserId),
			Created: aws.ToTime(u.CreateDate).UTC(), Attached: attached(u.AttachedManagedPolicies), Inline: inline(u.UserPolicyList),
			Groups: u.GroupList, Boundary: boundary(u.PermissionsBoundary), Calls: calls,
		}
		slices.Sort(user.Groups)
		for _, t := range u.Tags {
			user.Tags = append(user.Tags, evidence.Tag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)})
		}
		found.Users = append(found.Users, user)
	}
	for _, g := range out.GroupDetailList {
		found.Groups = append(found.Groups, evidence.Group{
			Name: aws.ToString(g.GroupName), Path: aws.ToString(g.Path), ARN: aws.ToString(g.Arn),
			Attached: attached(g.AttachedManagedPolicies), Inline: inline(g.GroupPolicyList), Calls: calls,
		})
	}
	for _, r := range out.RoleDetailList {
		var profiles []string
		for _, p := range r.InstanceProfileList {
			profiles = append(profiles, aws.ToString(p.Arn))
		}
		slices.Sort(profiles)
		found.Roles = append(found.Roles, evidence.Role{
			Name: aws.ToString(r.RoleName), Path: aws.ToString(r.Path), ARN: aws.ToString(r.Arn), ID: aws.ToString(r.RoleId),
			Trust: decode(r.AssumeRolePolicyDocument), InstanceProfiles: profiles, Attached: attached(r.AttachedManagedPolicies),
			Inline: inline(r.RolePolicyList), Boundary: boundary(r.PermissionsBoundary), Calls: calls,
		})
	}
	for _, p := range out.Policies {
		policy := evidence.ManagedPolicy{
			Name: aws.ToString(p.PolicyName), ARN: aws.ToString(p.Arn), Version: aws.ToString(p.DefaultVersionId), Calls: calls,
		}
		for _, v := range p.PolicyVersionList {
			if v.IsDefaultVersion {
				policy.Version, policy.Document = aws.ToString(v.VersionId), decode(v.Document)
			}
		}
		found.Policies = append(found.Policies, policy)
	}
}

func attached(list []types.AttachedPolicy) []evidence.PolicyRef {
	var refs []evidence.PolicyRef
	for _, p := range list {
		refs = append(refs, evidence.PolicyRef{Name: aws.ToString(p.PolicyName), ARN: aws.ToString(p.PolicyArn)})
	}
	slices.SortFunc(refs, func(a, b evidence.PolicyRef) int { return cmp.Compare(a.ARN, b.ARN) })
	return refs
}

func inline(list []types.PolicyDetail) []evidence.InlinePolicy {
	var policies []evidence.InlinePolicy
	for _, p := range list {
		policies = append(policies, evidence.InlinePolicy{Name: aws.ToString(p.PolicyName), Document: decode(p.PolicyDocument)})
	}
	slices.SortFunc(policies, func(a, b evidence.InlinePolicy) int { return cmp.Compare(a.Name, b.Name) })
	return policies
}

// boundary names the permissions boundary by the last part of its ARN.
func boundary(b *types.AttachedPermissionsBoundary) *evidence.PolicyRef {
	if b == nil {
		return nil
	}
	arn := aws.ToString(b.PermissionsBoundaryArn)
	name := arn
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' {
			name = arn[i+1:]
			break
		}
	}
	return &evidence.PolicyRef{Name: name, ARN: arn}
}

// decode undoes the RFC 3986 encoding of policy documents. Text that is no such
// encoding is kept as it came.
func decode(document *string) string {
	text := aws.ToString(document)
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

func summary(ctx context.Context, client api, sink *evidence.Sink, found *evidence.IAM) {
	out, trace, err := evidence.Ask(ctx, client.GetAccountSummary, &iam.GetAccountSummaryInput{})
	if err != nil {
		sink.Failed(Summary, "", err)
		return
	}
	// AWS always counts users; a map without them is not its answer.
	if _, ok := out.SummaryMap[string(types.SummaryKeyTypeUsers)]; !ok {
		sink.Malformed(Summary, "", trace)
		return
	}
	found.Summary = map[string]int{}
	for key, n := range out.SummaryMap {
		found.Summary[key] = int(n)
	}
	found.SummaryCalls, found.SummaryAt = []string{trace.CallID}, trace.At.UTC()
	sink.Answered(evidence.Answer{Action: Summary, Region: trace.Region, Calls: found.SummaryCalls, Count: len(found.Summary)})
}

// ListAliases asks for the account's alias, which other questions need first:
// CloudTrail's user name of root is the alias where there is one.
func ListAliases(ctx context.Context, client api, sink *evidence.Sink) []string {
	out, trace, err := evidence.Ask(ctx, client.ListAccountAliases, &iam.ListAccountAliasesInput{})
	if err != nil {
		sink.Failed(Aliases, "", err)
		return nil
	}
	if out.IsTruncated || aws.ToString(out.Marker) != "" { // an account has one alias at most
		sink.Malformed(Aliases, "", trace)
		return nil
	}
	aliases := slices.Sorted(slices.Values(out.AccountAliases))
	sink.Answered(evidence.Answer{Action: Aliases, Region: trace.Region, Calls: []string{trace.CallID}, Count: len(aliases)})
	if len(aliases) > 0 {
		sink.Put(func(set *evidence.Set) { set.Account.Alias = aliases[0] })
	}
	return aliases
}

// noCentralRoot are errors that are themselves the answer. True: central root
// access is off; false: only the management account may know.
var noCentralRoot = map[string]bool{
	"OrganizationNotFoundException": true, "OrganizationNotInAllFeaturesModeException": true, "ServiceAccessNotEnabledException": true,
	"AccountNotManagementOrDelegatedAdministratorException": false,
}

func centralRoot(ctx context.Context, client api, sink *evidence.Sink) {
	out, trace, err := evidence.Ask(ctx, client.ListOrganizationsFeatures, &iam.ListOrganizationsFeaturesInput{})
	found := evidence.CentralRoot{Features: []string{}, Calls: []string{trace.CallID}}
	answer := evidence.Answer{Action: CentralRoot, Region: trace.Region, Calls: found.Calls}
	known := true
	if off, ok := noCentralRoot[evidence.ErrorCode(err)]; ok {
		answer.Fact, known = evidence.ErrorCode(err), off
	} else if err != nil {
		sink.Failed(CentralRoot, "", err)
		return
	} else {
		for _, f := range out.EnabledFeatures {
			found.Features = append(found.Features, string(f))
		}
		slices.Sort(found.Features)
		answer.Count = len(found.Features)
	}
	sink.Answered(answer)
	if known {
		sink.Put(func(set *evidence.Set) { set.CentralRoot = &found })
	}
}
