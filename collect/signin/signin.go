// Package signin collects AWS Sign-In's console authorization: whether it is
// enabled, and the resource-based policy that decides before the password. It
// judges neither.
package signin

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/signin/types"
	smithyendpoints "github.com/aws/smithy-go/endpoints"

	"auditbinder/collect/evidence"

	"net/url"
)

// The actions this package asks.
const (
	Configuration = "signin:GetConsoleAuthorizationConfiguration"
	Policy        = "signin:GetResourcePolicy"
	Statements    = "signin:ListResourcePermissionStatements"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Configuration, Policy, Statements}

// notFound says that nothing is configured: an answer, not a failure.
const notFound = "ResourceNotFoundException"

type api interface {
	GetConsoleAuthorizationConfiguration(context.Context, *signin.GetConsoleAuthorizationConfigurationInput, ...func(*signin.Options)) (*signin.GetConsoleAuthorizationConfigurationOutput, error)
	GetResourcePolicy(context.Context, *signin.GetResourcePolicyInput, ...func(*signin.Options)) (*signin.GetResourcePolicyOutput, error)
	ListResourcePermissionStatements(context.Context, *signin.ListResourcePermissionStatementsInput, ...func(*signin.Options)) (*signin.ListResourcePermissionStatementsOutput, error)
}

// Collect asks for the configuration, the policy and the list of its statements.
func Collect(ctx context.Context, client api, sink *evidence.Sink) {
	found := &evidence.SignIn{}
	configuration(ctx, client, sink, found)
	policy(ctx, client, sink, found)
	statements(ctx, client, sink, found)
	sink.Put(func(set *evidence.Set) { set.SignIn = found })
}

func configuration(ctx context.Context, client api, sink *evidence.Sink, found *evidence.SignIn) {
	out, trace, err := evidence.Ask(ctx, client.GetConsoleAuthorizationConfiguration, &signin.GetConsoleAuthorizationConfigurationInput{})
	answer := evidence.Answer{Action: Configuration, Region: trace.Region, Calls: []string{trace.CallID}, Count: 1}
	enabled := false
	switch {
	case evidence.ErrorCode(err) == notFound:
		answer.Fact, answer.Count = notFound, 0
	case err != nil:
		sink.Failed(Configuration, "", err)
		return
	case out.ConsoleAuthorizationEnabled == nil:
		sink.Malformed(Configuration, "", trace)
		return
	default:
		enabled = *out.ConsoleAuthorizationEnabled
	}
	found.Enabled = &enabled
	found.Calls = append(found.Calls, trace.CallID)
	sink.Answered(answer)
}

func policy(ctx context.Context, client api, sink *evidence.Sink, found *evidence.SignIn) {
	out, trace, err := evidence.Ask(ctx, client.GetResourcePolicy, &signin.GetResourcePolicyInput{})
	answer := evidence.Answer{Action: Policy, Region: trace.Region, Calls: []string{trace.CallID}}
	switch {
	case evidence.ErrorCode(err) == notFound:
		answer.Fact = notFound
	case err != nil:
		sink.Failed(Policy, "", err)
		return
	case out.SigninResourceBasedPolicy == nil:
		sink.Malformed(Policy, "", trace)
		return
	default:
		answer.Count = len(out.SigninResourceBasedPolicy.Statement)
		if answer.Count > 0 {
			found.Policy = document(out.SigninResourceBasedPolicy)
		}
	}
	found.PolicyRead = true
	found.Calls = append(found.Calls, trace.CallID)
	sink.Answered(answer)
}

// document writes the policy in the form of every other policy document.
func document(p *types.SigninResourceBasedPolicy) string {
	type statement struct {
		Effect    string
		Principal map[string]string              `json:",omitempty"`
		Action    []string                       `json:",omitempty"`
		Resource  string                         `json:",omitempty"`
		Condition map[string]map[string][]string `json:",omitempty"`
	}
	doc := struct {
		Version   string
		Statement []statement
	}{Version: aws.ToString(p.Version)}
	for _, s := range p.Statement {
		doc.Statement = append(doc.Statement, statement{aws.ToString(s.Effect), s.Principal, s.Action, aws.ToString(s.Resource), s.Condition})
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic("strings and maps always marshal: " + err.Error())
	}
	return string(text)
}

func statements(ctx context.Context, client api, sink *evidence.Sink, found *evidence.SignIn) {
	a, ok := evidence.Pages(ctx, sink, client.ListResourcePermissionStatements, evidence.Paged[signin.ListResourcePermissionStatementsInput, signin.ListResourcePermissionStatementsOutput]{
		Action: Statements, In: &signin.ListResourcePermissionStatementsInput{}, Facts: []string{notFound},
		Token: func(out *signin.ListResourcePermissionStatementsOutput) *string { return out.NextToken },
		Next:  func(in *signin.ListResourcePermissionStatementsInput, token *string) { in.NextToken = token },
		Page: func(out *signin.ListResourcePermissionStatementsOutput, _ evidence.Trace) int {
			if out.PermissionStatements == nil {
				return -1
			}
			for _, s := range out.PermissionStatements {
				found.Statements = append(found.Statements, aws.ToString(s.Sid))
			}
			return len(out.PermissionStatements)
		},
	})
	slices.Sort(found.Statements)
	if found.StatementsRead = ok; ok {
		found.Calls = append(found.Calls, a.Calls...)
	}
}

// At sends the client's calls to a configured endpoint. The SDK's own rules for
// these calls ignore one, so a test would ask the real AWS.
func At(endpoint string) func(*signin.Options) {
	return func(o *signin.Options) {
		if endpoint != "" {
			o.EndpointResolverV2 = fixed(endpoint)
		}
	}
}

// fixed is an endpoint resolver with one answer.
type fixed string

func (f fixed) ResolveEndpoint(context.Context, signin.EndpointParameters) (smithyendpoints.Endpoint, error) {
	u, err := url.Parse(string(f))
	if err != nil {
		return smithyendpoints.Endpoint{}, err
	}
	return smithyendpoints.Endpoint{URI: *u}, nil
}
