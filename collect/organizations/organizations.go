// Package organizations collects the account's place in an organization. It
// reads no policies yet and no other account.
package organizations

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"auditbinder/collect/evidence"
)

// Describe is the action this package asks.
const Describe = "organizations:DescribeOrganization"

// Actions lists it for the recording allow-list and the IAM policy.
var Actions = []string{Describe}

// notInUse is the error that says the account stands alone.
const notInUse = "AWSOrganizationsNotInUseException"

type api interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
}

// Collect asks whether the account is in an organization, and in what part.
func Collect(ctx context.Context, client api, sink *evidence.Sink) {
	out, trace, err := evidence.Ask(ctx, client.DescribeOrganization, &organizations.DescribeOrganizationInput{})
	found := &evidence.Organization{Calls: []string{trace.CallID}}
	answer := evidence.Answer{Action: Describe, Region: trace.Region, Calls: found.Calls}
	switch {
	case evidence.ErrorCode(err) == notInUse:
		answer.Fact = notInUse
	case err != nil:
		sink.Failed(Describe, "", err)
		return
	case out.Organization == nil || aws.ToString(out.Organization.MasterAccountId) == "":
		sink.Malformed(Describe, "", trace)
		return
	default:
		answer.Count = 1
		found.Member = true
		found.ID = aws.ToString(out.Organization.Id)
		found.ManagementID = aws.ToString(out.Organization.MasterAccountId)
	}
	sink.Answered(answer)
	sink.Put(func(set *evidence.Set) { set.Organization = found })
}
