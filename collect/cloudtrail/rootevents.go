package cloudtrail

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"auditbinder/collect/evidence"
)

// History is how far back the event history reaches.
const History = 90 * 24 * time.Hour

// RootUser is the user name of the root identity where the account has no alias.
const RootUser = "root"

// LookUpRoot asks the event history of a region for events by these user names
// (root, and the account's aliases) and returns what it found.
func LookUpRoot(ctx context.Context, client api, sink *evidence.Sink, names []string, from, to time.Time) evidence.RootEvents {
	found := evidence.RootEvents{From: from, To: to}
	for _, name := range names {
		evidence.Pages(ctx, sink, client.LookupEvents, evidence.Paged[cloudtrail.LookupEventsInput, cloudtrail.LookupEventsOutput]{
			Action: Events, Subject: "Username=" + name,
			In: &cloudtrail.LookupEventsInput{
				LookupAttributes: []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyUsername, AttributeValue: &name}},
				StartTime:        &from, EndTime: &to, MaxResults: aws.Int32(50),
			},
			Token: func(out *cloudtrail.LookupEventsOutput) *string { return out.NextToken },
			Next:  func(in *cloudtrail.LookupEventsInput, token *string) { in.NextToken = token },
			Page: func(out *cloudtrail.LookupEventsOutput, t evidence.Trace) int {
				if out.Events == nil {
					return -1
				}
				for _, e := range out.Events {
					event, root, err := parse(e)
					switch {
					case err != nil:
						return -1
					case !root:
						found.Others++
					default:
						event.Calls = []string{t.CallID}
						found.Events = append(found.Events, event)
					}
				}
				return len(out.Events)
			},
		})
	}
	return found
}

// MergeEvents makes one list of what several regions found: by time, then id,
// each event once.
func MergeEvents(lists []evidence.RootEvents) *evidence.RootEvents {
	out := &evidence.RootEvents{}
	seen := map[string]bool{}
	for _, l := range lists {
		out.From, out.To = l.From, l.To
		out.Others += l.Others
		for _, e := range l.Events {
			if !seen[e.ID] {
				seen[e.ID] = true
				out.Events = append(out.Events, e)
			}
		}
	}
	slices.SortFunc(out.Events, func(a, b evidence.RootEvent) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

// record is the part of CloudTrail's own record that is read.
type record struct {
	EventID      string    `json:"eventID"`
	EventTime    time.Time `json:"eventTime"`
	EventName    string    `json:"eventName"`
	EventSource  string    `json:"eventSource"`
	EventType    string    `json:"eventType"`
	Region       string    `json:"awsRegion"`
	SourceIP     string    `json:"sourceIPAddress"`
	UserAgent    string    `json:"userAgent"`
	ReadOnly     *bool     `json:"readOnly"`
	ErrorCode    string    `json:"errorCode"`
	ErrorMessage string    `json:"errorMessage"`
	User         struct {
		Type           string `json:"type"`
		AccessKeyID    string `json:"accessKeyId"`
		InvokedBy      string `json:"invokedBy"`
		SessionContext struct {
			Attributes struct {
				MFA any `json:"mfaAuthenticated"` // "true" or true
			} `json:"attributes"`
		} `json:"sessionContext"`
	} `json:"userIdentity"`
	Response   map[string]any `json:"responseElements"`
	Additional map[string]any `json:"additionalEventData"`
}

// longTermKey is how the id of a key begins that a person made.
const longTermKey = "AKIA"

// parse reads an event of the history; root is false for any other identity.
func parse(e types.Event) (event evidence.RootEvent, root bool, err error) {
	var r record
	if err := json.Unmarshal([]byte(aws.ToString(e.CloudTrailEvent)), &r); err != nil {
		return event, false, fmt.Errorf("parse event %s: %w", aws.ToString(e.EventId), err)
	}
	if r.EventID == "" || r.EventTime.IsZero() || r.User.Type == "" {
		return event, false, fmt.Errorf("event %q lacks its id, time or identity", aws.ToString(e.EventId))
	}
	if r.User.Type != "Root" {
		return event, false, nil
	}
	outcome := text(r.Response[r.EventName]) // responseElements.ConsoleLogin: Success or Failure
	event = evidence.RootEvent{
		ID: r.EventID, At: r.EventTime.UTC(), Name: r.EventName, Source: r.EventSource, Type: r.EventType, Region: r.Region, SourceIP: r.SourceIP,
		UserAgent: r.UserAgent, InvokedBy: r.User.InvokedBy, AccessKeyed: strings.HasPrefix(r.User.AccessKeyID, longTermKey),
		ReadOnly: r.ReadOnly, ErrorCode: r.ErrorCode, Failed: r.ErrorCode != "" || outcome == "Failure",
	}
	if event.Failed && event.ErrorCode == "" {
		event.ErrorCode = r.ErrorMessage // sign-ins say it here only
	}
	for _, v := range []any{r.Additional["MFAUsed"], r.User.SessionContext.Attributes.MFA} {
		if event.MFA == "" {
			event.MFA = text(v)
		}
	}
	return event, true, nil
}

// text writes a JSON scalar; empty for anything else.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}
