package fakeaws

import (
	"fmt"
	"net/http"
	"strings"

	"auditbinder/collect/evidence"
)

type (
	topicAttribute struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	}
	topicAttributes struct {
		Entries []topicAttribute `xml:"Attributes>entry"`
	}
	subscription struct {
		Topic    string `xml:"TopicArn"`
		Protocol string `xml:"Protocol"`
		ARN      string `xml:"SubscriptionArn"`
		Owner    string `xml:"Owner"`
		Endpoint string `xml:"Endpoint"`
	}
	subscriptions struct {
		NextToken string         `xml:"NextToken,omitempty"`
		List      subscriptionOf `xml:"Subscriptions"`
	}
	subscriptionOf struct {
		Members []subscription `xml:"member"`
	}
)

// topic finds the topic that is asked about.
func (s *Server) topic(req Request) (evidence.Topic, error) {
	arn := req.param("TopicArn")
	part := strings.Split(arn, ":")
	switch {
	case len(part) != 6 || part[3] != req.Region:
		return evidence.Topic{}, refuse("InvalidParameter", "Invalid parameter: TopicArn")
	case part[4] != s.Account.ID:
		return evidence.Topic{}, &apiError{http.StatusForbidden, "AuthorizationError", "The caller is not authorized to perform this action on the topic"}
	}
	for _, t := range s.Account.Topics {
		if t.ARN == arn && !t.Missing {
			return t, nil
		}
	}
	return evidence.Topic{}, &apiError{http.StatusNotFound, "NotFound", "Topic does not exist"}
}

func (s *Server) getTopicAttributes(req Request) (any, error) {
	t, err := s.topic(req)
	if err != nil {
		return nil, err
	}
	confirmed := len(keep(t.Subscriptions, func(x evidence.Subscription) bool { return x.Confirmed }))
	policy := t.Policy
	if policy == "" { // every topic has one
		policy = fmt.Sprintf(`{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":%q,"Condition":{"StringEquals":{"AWS:SourceOwner":%q}}}]}`, t.ARN, s.Account.ID)
	}
	entries := []topicAttribute{
		{"Policy", policy}, {"Owner", s.Account.ID}, {"SubscriptionsPending", fmt.Sprint(len(t.Subscriptions) - confirmed)}, {"TopicArn", t.ARN},
		{"SubscriptionsConfirmed", fmt.Sprint(confirmed)}, {"DisplayName", ""}, {"SubscriptionsDeleted", "0"},
	}
	if t.KMSKey != "" {
		entries = append(entries, topicAttribute{"KmsMasterKeyId", t.KMSKey})
	}
	return topicAttributes{entries}, nil
}

func (s *Server) listSubscriptionsByTopic(req Request) (any, error) {
	t, err := s.topic(req)
	if err != nil {
		return nil, err
	}
	list, next, err := paged(req, t.Subscriptions, 100, 100, 100)
	return subscriptions{next, subscriptionOf{each(list, func(x evidence.Subscription) subscription {
		arn := "PendingConfirmation"
		if x.Confirmed {
			arn = t.ARN + ":" + strings.ToLower(pad(x.Protocol+x.Endpoint))
		}
		return subscription{t.ARN, x.Protocol, arn, s.Account.ID, x.Endpoint}
	})}}, err
}
