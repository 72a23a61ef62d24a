// Package cloudtrail collects the trails that record the account, whether they
// log and what they select, and the event history of the root identity. It
// judges nothing.
package cloudtrail

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"auditbinder/collect/evidence"
)

// The actions this package asks.
const (
	Trails    = "cloudtrail:DescribeTrails"
	Status    = "cloudtrail:GetTrailStatus"
	Selectors = "cloudtrail:GetEventSelectors"
	Events    = "cloudtrail:LookupEvents"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Trails, Status, Selectors, Events}

type api interface {
	DescribeTrails(context.Context, *cloudtrail.DescribeTrailsInput, ...func(*cloudtrail.Options)) (*cloudtrail.DescribeTrailsOutput, error)
	GetTrailStatus(context.Context, *cloudtrail.GetTrailStatusInput, ...func(*cloudtrail.Options)) (*cloudtrail.GetTrailStatusOutput, error)
	GetEventSelectors(context.Context, *cloudtrail.GetEventSelectorsInput, ...func(*cloudtrail.Options)) (*cloudtrail.GetEventSelectorsOutput, error)
	LookupEvents(context.Context, *cloudtrail.LookupEventsInput, ...func(*cloudtrail.Options)) (*cloudtrail.LookupEventsOutput, error)
}

// ListTrails returns the trails that record a region, shadows of multi-region and
// organization trails among them, and the calls that answered.
func ListTrails(ctx context.Context, client api, sink *evidence.Sink, account string) ([]evidence.Trail, []string) {
	var found []evidence.Trail
	a, ok := evidence.Pages(ctx, sink, client.DescribeTrails, evidence.Paged[cloudtrail.DescribeTrailsInput, cloudtrail.DescribeTrailsOutput]{
		Action: Trails, In: &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)},
		Page: func(out *cloudtrail.DescribeTrailsOutput, t evidence.Trace) int {
			if out.TrailList == nil {
				return -1
			}
			for _, x := range out.TrailList {
				arn := aws.ToString(x.TrailARN)
				found = append(found, evidence.Trail{
					Name: aws.ToString(x.Name), ARN: arn, HomeRegion: aws.ToString(x.HomeRegion), MultiRegion: aws.ToBool(x.IsMultiRegionTrail),
					Organization: aws.ToBool(x.IsOrganizationTrail), GlobalEvents: x.IncludeGlobalServiceEvents, Own: accountOf(arn) == account,
					LogGroupARN: strings.TrimSuffix(aws.ToString(x.CloudWatchLogsLogGroupArn), ":*"), Calls: []string{t.CallID},
				})
			}
			return len(out.TrailList)
		},
	})
	if !ok {
		return nil, nil
	}
	return found, a.Calls
}

// Skip records what there is nothing to ask about: no trail, or none of the account's own.
func Skip(sink *evidence.Sink, trails []evidence.Trail, calls []string) {
	if len(trails) == 0 {
		sink.Skipped(Status, "", "조회된 추적이 없음", calls)
	}
	if !slices.ContainsFunc(trails, func(t evidence.Trail) bool { return t.Own }) {
		sink.Skipped(Selectors, "", "조회된 추적 중 이 계정이 소유한 것이 없음", calls)
	}
}

// accountOf is the account id of an ARN.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

// Merge makes one list, by ARN, of what several regions said of the trails.
func Merge(lists [][]evidence.Trail) []evidence.Trail {
	var out []evidence.Trail
	for _, list := range lists {
		for _, t := range list {
			i := slices.IndexFunc(out, func(o evidence.Trail) bool { return o.ARN == t.ARN })
			if i < 0 {
				out = append(out, t)
				continue
			}
			out[i].Calls = append(out[i].Calls, t.Calls...)
		}
	}
	slices.SortFunc(out, func(a, b evidence.Trail) int { return cmp.Compare(a.ARN, b.ARN) })
	return out
}

// Detail asks in the trail's home region whether it logs and, of an own trail,
// what it selects.
func Detail(ctx context.Context, client api, sink *evidence.Sink, t *evidence.Trail) {
	a, _ := evidence.Pages(ctx, sink, client.GetTrailStatus, evidence.Paged[cloudtrail.GetTrailStatusInput, cloudtrail.GetTrailStatusOutput]{
		Action: Status, Subject: t.ARN, In: &cloudtrail.GetTrailStatusInput{Name: &t.ARN},
		Page: func(out *cloudtrail.GetTrailStatusOutput, _ evidence.Trace) int {
			if out.IsLogging == nil {
				return -1
			}
			t.Logging, t.LogDeliveryError = out.IsLogging, aws.ToString(out.LatestCloudWatchLogsDeliveryError)
			return 1
		},
	})
	t.Calls = append(t.Calls, a.Calls...)
	if !t.Own {
		return
	}
	a, t.SelectorsRead = evidence.Pages(ctx, sink, client.GetEventSelectors, evidence.Paged[cloudtrail.GetEventSelectorsInput, cloudtrail.GetEventSelectorsOutput]{
		Action: Selectors, Subject: t.ARN, In: &cloudtrail.GetEventSelectorsInput{TrailName: &t.ARN},
		Page: func(out *cloudtrail.GetEventSelectorsOutput, _ evidence.Trace) int {
			unsaid := func(s types.EventSelector) bool { return s.IncludeManagementEvents == nil }
			if out.TrailARN == nil || slices.ContainsFunc(out.EventSelectors, unsaid) { // always sent
				return -1
			}
			for _, s := range out.EventSelectors {
				t.Basic = append(t.Basic, evidence.EventSelector{
					ReadWriteType: string(s.ReadWriteType), Management: *s.IncludeManagementEvents,
					ExcludeSources: s.ExcludeManagementEventSources,
				})
			}
			for _, s := range out.AdvancedEventSelectors {
				t.Advanced = append(t.Advanced, advanced(s))
			}
			return len(out.EventSelectors) + len(out.AdvancedEventSelectors)
		},
	})
	t.Calls = append(t.Calls, a.Calls...)
}

func advanced(s types.AdvancedEventSelector) evidence.AdvancedSelector {
	out := evidence.AdvancedSelector{Name: aws.ToString(s.Name)}
	for _, f := range s.FieldSelectors {
		out.Fields = append(out.Fields, evidence.FieldSelector{
			Field: aws.ToString(f.Field), Equals: f.Equals, NotEquals: f.NotEquals,
			StartsWith: f.StartsWith, NotStartsWith: f.NotStartsWith, EndsWith: f.EndsWith, NotEndsWith: f.NotEndsWith,
		})
	}
	return out
}
