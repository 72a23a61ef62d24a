package alarm

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"auditbinder/collect/evidence"
)

// topicMissing is the answer that there is no such topic.
const topicMissing = "NotFound"

// TopicARNs are the SNS topics that matching rules and alarms with a bearing on
// sign-in name, sorted.
func TopicARNs(rules []evidence.EventRule, logs Logs) []string {
	var out []string
	add := func(arn string) {
		if service, _, _, _, ok := resource(arn); ok && service == "sns" {
			out = append(out, arn)
		}
	}
	for _, r := range rules {
		if matches(r.Tests) {
			for _, t := range r.Targets {
				add(t.ARN)
			}
		}
	}
	for _, a := range logs.MetricAlarms {
		for _, action := range a.Actions {
			add(action)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func matches(tests []evidence.SignInTest) bool {
	return slices.ContainsFunc(tests, func(t evidence.SignInTest) bool { return t.Match })
}

// NewTopic is a topic of which nothing has been asked yet.
func NewTopic(arn, account string) evidence.Topic {
	_, region, owner, _, _ := resource(arn)
	return evidence.Topic{ARN: arn, Region: region, Account: owner, Own: owner == account}
}

// AskTopic asks an own topic for its policy and its subscriptions.
func AskTopic(ctx context.Context, client snsAPI, sink *evidence.Sink, t *evidence.Topic) {
	a, ok := evidence.Pages(ctx, sink, client.GetTopicAttributes, evidence.Paged[sns.GetTopicAttributesInput, sns.GetTopicAttributesOutput]{
		Action: Topic, Subject: t.ARN, In: &sns.GetTopicAttributesInput{TopicArn: &t.ARN}, Facts: []string{topicMissing},
		Page: func(out *sns.GetTopicAttributesOutput, _ evidence.Trace) int {
			if out.Attributes["TopicArn"] == "" { // always sent
				return -1
			}
			t.Policy, t.KMSKey = out.Attributes["Policy"], out.Attributes["KmsMasterKeyId"]
			return 1
		},
	})
	t.Calls = append(t.Calls, a.Calls...)
	t.AttributesRead, t.Missing = ok, ok && a.Fact != ""
	if t.Missing {
		sink.Answered(evidence.Answer{Action: Subscriptions, Subject: t.ARN, Region: a.Region, Calls: a.Calls, Skipped: "주제가 없음"})
		t.SubscriptionsRead = true
		return
	}
	a, t.SubscriptionsRead = evidence.Pages(ctx, sink, client.ListSubscriptionsByTopic, evidence.Paged[sns.ListSubscriptionsByTopicInput, sns.ListSubscriptionsByTopicOutput]{
		Action: Subscriptions, Subject: t.ARN, In: &sns.ListSubscriptionsByTopicInput{TopicArn: &t.ARN}, Facts: []string{topicMissing},
		Token: func(out *sns.ListSubscriptionsByTopicOutput) *string { return out.NextToken },
		Next:  func(in *sns.ListSubscriptionsByTopicInput, token *string) { in.NextToken = token },
		Page: func(out *sns.ListSubscriptionsByTopicOutput, _ evidence.Trace) int {
			if out.Subscriptions == nil {
				return -1
			}
			for _, s := range out.Subscriptions {
				arn := aws.ToString(s.SubscriptionArn)
				if arn == "Deleted" {
					continue
				}
				protocol := aws.ToString(s.Protocol)
				t.Subscriptions = append(t.Subscriptions, evidence.Subscription{
					Protocol: protocol, Endpoint: masked(protocol, aws.ToString(s.Endpoint)), Confirmed: strings.HasPrefix(arn, "arn:"),
				})
			}
			return len(out.Subscriptions)
		},
	})
	t.Calls = append(t.Calls, a.Calls...)
}

// masked hides a person's address; ARNs of machines stay.
func masked(protocol, endpoint string) string {
	switch protocol {
	case "email", "email-json":
		return evidence.MaskEmail(endpoint)
	case "sms":
		return evidence.MaskPhone(endpoint)
	case "http", "https": // paths and queries of webhooks hold tokens
		if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
			return u.Scheme + "://" + u.Hostname() + "/…"
		}
		return evidence.MaskName(endpoint)
	}
	if strings.HasPrefix(endpoint, "arn:") {
		return endpoint
	}
	return evidence.MaskName(endpoint)
}
