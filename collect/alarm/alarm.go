// Package alarm collects the chains that can tell a person of a console sign-in:
// EventBridge rules, metric filters, CloudWatch alarms and SNS topics. Whether a
// pattern matches a sign-in is asked of AWS with synthetic events that it is
// handed; no matcher of its own decides. It judges nothing.
package alarm

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"auditbinder/collect/evidence"
)

// The actions this package asks.
const (
	Rules         = "events:ListRules"
	Targets       = "events:ListTargetsByRule"
	TestPattern   = "events:TestEventPattern"
	Topic         = "sns:GetTopicAttributes"
	Subscriptions = "sns:ListSubscriptionsByTopic"
	Filters       = "logs:DescribeMetricFilters"
	TestFilter    = "logs:TestMetricFilter"
	Alarms        = "cloudwatch:DescribeAlarms"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Rules, Targets, TestPattern, Topic, Subscriptions, Filters, TestFilter, Alarms}

// Clients are the clients of one region.
type Clients struct {
	Events     eventsAPI
	SNS        snsAPI
	Logs       logsAPI
	CloudWatch cloudWatchAPI
}

type eventsAPI interface {
	ListRules(context.Context, *eventbridge.ListRulesInput, ...func(*eventbridge.Options)) (*eventbridge.ListRulesOutput, error)
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
	TestEventPattern(context.Context, *eventbridge.TestEventPatternInput, ...func(*eventbridge.Options)) (*eventbridge.TestEventPatternOutput, error)
}

type snsAPI interface {
	GetTopicAttributes(context.Context, *sns.GetTopicAttributesInput, ...func(*sns.Options)) (*sns.GetTopicAttributesOutput, error)
	ListSubscriptionsByTopic(context.Context, *sns.ListSubscriptionsByTopicInput, ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error)
}

type logsAPI interface {
	DescribeMetricFilters(context.Context, *cloudwatchlogs.DescribeMetricFiltersInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeMetricFiltersOutput, error)
	TestMetricFilter(context.Context, *cloudwatchlogs.TestMetricFilterInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.TestMetricFilterOutput, error)
}

type cloudWatchAPI interface {
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
}

// Samples are the synthetic events of successful console sign-ins, with
// placeholders in them; see templates/signin-events.yaml.
type Samples struct {
	Sources  []string                       // source IP addresses
	Envelope string                         // the EventBridge event around ${detail}
	Details  map[evidence.LoginClass]string // CloudTrail's record
	// MFAIdentifier is what a record has more when MFA was used.
	MFAIdentifier map[evidence.LoginClass]string
}

// Variants are the (MFA, source) pairs of every class and region.
func (s Samples) Variants() []evidence.SignInVariant {
	var out []evidence.SignInVariant
	for _, mfa := range []bool{true, false} {
		for _, source := range s.Sources {
			out = append(out, evidence.SignInVariant{MFA: mfa, Source: source})
		}
	}
	return out
}

// sample is one synthetic event: the test it asks for, and its texts.
type sample struct {
	test   evidence.SignInTest // without an answer
	event  string              // what EventBridge would see
	record string              // what CloudTrail would write
}

// of fills the samples of a region: root's in its sign-in region only.
func (s Samples) of(account, region string) []sample {
	classes := []evidence.LoginClass{evidence.LoginUser}
	if region == evidence.RootSignInRegion {
		classes = []evidence.LoginClass{evidence.LoginRoot, evidence.LoginUser}
	}
	var out []sample
	for _, class := range classes {
		for _, v := range s.Variants() {
			mfa, identifier := "No", ""
			if v.MFA {
				mfa, identifier = "Yes", strings.ReplaceAll(s.MFAIdentifier[class], "${account}", account)
			}
			fill := strings.NewReplacer("${account}", account, "${region}", region, "${mfa}", mfa, "${mfa_identifier}", identifier, "${source}", v.Source, "\n", "")
			record := fill.Replace(s.Details[class])
			out = append(out, sample{
				test:   evidence.SignInTest{Class: class, Region: region, MFA: v.MFA, Source: v.Source},
				event:  strings.Replace(fill.Replace(s.Envelope), "${detail}", record, 1),
				record: record,
			})
		}
	}
	return out
}

// resource takes an ARN apart; ok is false for anything else.
func resource(arn string) (service, region, account, name string, ok bool) {
	const parts = 6
	p := strings.SplitN(arn, ":", parts)
	if len(p) != parts || p[0] != "arn" {
		return "", "", "", "", false
	}
	return p[2], p[3], p[4], p[5], true
}
