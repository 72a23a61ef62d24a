// Package organizations collects the account's place in an organization and the
// service and resource control policies above it, where they may be read. It
// reads no other account.
package organizations

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"auditbinder/collect/evidence"
)

// The actions this package asks.
const (
	Describe       = "organizations:DescribeOrganization"
	Parents        = "organizations:ListParents"
	TargetPolicies = "organizations:ListPoliciesForTarget"
	DescribePolicy = "organizations:DescribePolicy"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Describe, Parents, TargetPolicies, DescribePolicy}

// notInUse is the error that says the account stands alone.
const notInUse = "AWSOrganizationsNotInUseException"

type api interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	ListParents(context.Context, *organizations.ListParentsInput, ...func(*organizations.Options)) (*organizations.ListParentsOutput, error)
	ListPoliciesForTarget(context.Context, *organizations.ListPoliciesForTargetInput, ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error)
	DescribePolicy(context.Context, *organizations.DescribePolicyInput, ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error)
}

// Collect asks whether the account is in an organization, and which control
// policies bind it. They never bind the management account, so nothing is asked
// there; a member that may not read them leaves one failure.
func Collect(ctx context.Context, client api, sink *evidence.Sink, account string) {
	found, ok := describe(ctx, client, sink)
	if !ok {
		return
	}
	if found.Member && found.ManagementID != account {
		controls(ctx, client, sink, found, account)
	}
	sink.Put(func(set *evidence.Set) { set.Organization = found })
}

func describe(ctx context.Context, client api, sink *evidence.Sink) (*evidence.Organization, bool) {
	out, trace, err := evidence.Ask(ctx, client.DescribeOrganization, &organizations.DescribeOrganizationInput{})
	found := &evidence.Organization{Calls: []string{trace.CallID}}
	answer := evidence.Answer{Action: Describe, Region: trace.Region, Calls: found.Calls}
	switch {
	case evidence.ErrorCode(err) == notInUse:
		answer.Fact = notInUse
	case err != nil:
		sink.Failed(Describe, "", err)
		return nil, false
	case out.Organization == nil || aws.ToString(out.Organization.MasterAccountId) == "":
		sink.Malformed(Describe, "", trace)
		return nil, false
	default:
		answer.Count = 1
		found.Member = true
		found.ID = aws.ToString(out.Organization.Id)
		found.ManagementID = aws.ToString(out.Organization.MasterAccountId)
	}
	sink.Answered(answer)
	return found, true
}

// maxDepth is more than the five OU levels that AWS allows.
const maxDepth = 10

// controls walks from the account to the root and reads the policies of every
// target. The first failure ends it: a partial set of Denies is still true, but
// only a whole set may be called read.
func controls(ctx context.Context, client api, sink *evidence.Sink, found *evidence.Organization, account string) {
	targets, ok := ancestors(ctx, client, sink, account)
	if !ok {
		return
	}
	seen := map[string]bool{}
	for i := range targets {
		t := &targets[i]
		for _, kind := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
			ids, ok := attached(ctx, client, sink, t.ID, kind)
			if !ok {
				return
			}
			if kind == types.PolicyTypeServiceControlPolicy {
				t.SCPs = ids
			} else {
				t.RCPs = ids
			}
			for _, id := range ids {
				if seen[id] {
					continue
				}
				seen[id] = true
				policy, ok := document(ctx, client, sink, id)
				if !ok {
					return
				}
				found.Policies = append(found.Policies, policy)
			}
		}
	}
	slices.SortFunc(found.Policies, func(a, b evidence.ControlPolicy) int { return cmp.Compare(a.ID, b.ID) })
	found.Targets, found.PoliciesRead = targets, true
}

// ancestors lists the account, its OUs and the root, in that order.
func ancestors(ctx context.Context, client api, sink *evidence.Sink, account string) ([]evidence.ControlTarget, bool) {
	targets := []evidence.ControlTarget{{ID: account, Kind: "ACCOUNT"}}
	for len(targets) < maxDepth {
		child := targets[len(targets)-1].ID
		var found []types.Parent
		_, ok := evidence.Pages(ctx, sink, client.ListParents, evidence.Paged[organizations.ListParentsInput, organizations.ListParentsOutput]{
			Action: Parents, Subject: child, In: &organizations.ListParentsInput{ChildId: &child},
			Token: func(out *organizations.ListParentsOutput) *string { return out.NextToken },
			Next:  func(in *organizations.ListParentsInput, token *string) { in.NextToken = token },
			Page: func(out *organizations.ListParentsOutput, _ evidence.Trace) int {
				found = append(found, out.Parents...)
				parent := ""
				if len(found) == 1 { // AWS: exactly one
					parent = aws.ToString(found[0].Id)
				}
				if parent == "" || slices.ContainsFunc(targets, func(t evidence.ControlTarget) bool { return t.ID == parent }) {
					return -1 // a ring would be asked the same again
				}
				return len(out.Parents)
			},
		})
		if !ok {
			return nil, false
		}
		targets = append(targets, evidence.ControlTarget{ID: aws.ToString(found[0].Id), Kind: string(found[0].Type)})
		if found[0].Type == types.ParentTypeRoot {
			return targets, true
		}
	}
	sink.Malformed(Parents, account, evidence.Trace{}) // a chain without a root
	return nil, false
}

func attached(ctx context.Context, client api, sink *evidence.Sink, target string, kind types.PolicyType) ([]string, bool) {
	ids := []string{}
	_, ok := evidence.Pages(ctx, sink, client.ListPoliciesForTarget, evidence.Paged[organizations.ListPoliciesForTargetInput, organizations.ListPoliciesForTargetOutput]{
		Action: TargetPolicies, Subject: target + "/" + string(kind), In: &organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: kind},
		Token: func(out *organizations.ListPoliciesForTargetOutput) *string { return out.NextToken },
		Next:  func(in *organizations.ListPoliciesForTargetInput, token *string) { in.NextToken = token },
		Page: func(out *organizations.ListPoliciesForTargetOutput, _ evidence.Trace) int {
			if out.Policies == nil {
				return -1
			}
			for _, p := range out.Policies {
				ids = append(ids, aws.ToString(p.Id))
			}
			return len(out.Policies)
		},
	})
	slices.Sort(ids)
	return ids, ok
}

func document(ctx context.Context, client api, sink *evidence.Sink, id string) (evidence.ControlPolicy, bool) {
	out, trace, err := evidence.Ask(ctx, client.DescribePolicy, &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		sink.Failed(DescribePolicy, id, err)
		return evidence.ControlPolicy{}, false
	}
	if out.Policy == nil || out.Policy.PolicySummary == nil || aws.ToString(out.Policy.Content) == "" {
		sink.Malformed(DescribePolicy, id, trace)
		return evidence.ControlPolicy{}, false
	}
	calls := []string{trace.CallID}
	sink.Answered(evidence.Answer{Action: DescribePolicy, Subject: id, Region: trace.Region, Calls: calls, Count: 1})
	s := out.Policy.PolicySummary
	return evidence.ControlPolicy{ID: id, Name: aws.ToString(s.Name), Kind: string(s.Type), Document: aws.ToString(out.Policy.Content), Calls: calls}, true
}
