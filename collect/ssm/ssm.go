// Package ssm collects what Systems Manager says of the instances of a region:
// the nodes that it knows, default host management and the session preferences.
// It judges nothing.
package ssm

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"auditbinder/collect/evidence"
)

// The actions this package asks.
const (
	Nodes    = "ssm:DescribeInstanceInformation"
	Setting  = "ssm:GetServiceSetting"
	Document = "ssm:GetDocument"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Nodes, Setting, Document}

// What is asked by name: the setting of default host management, and the document
// with the preferences of Session Manager.
const (
	DefaultHostManagement = "/ssm/managed-instance/default-ec2-instance-management-role"
	SessionDocument       = "SSM-SessionManagerRunShell"
)

// noRole is the setting's value when it is off.
const noRole = "$None"

type api interface {
	DescribeInstanceInformation(context.Context, *ssm.DescribeInstanceInformationInput, ...func(*ssm.Options)) (*ssm.DescribeInstanceInformationOutput, error)
	GetServiceSetting(context.Context, *ssm.GetServiceSettingInput, ...func(*ssm.Options)) (*ssm.GetServiceSettingOutput, error)
	GetDocument(context.Context, *ssm.GetDocumentInput, ...func(*ssm.Options)) (*ssm.GetDocumentOutput, error)
}

// Collect asks one region into c.
func Collect(ctx context.Context, client api, sink *evidence.Sink, c *evidence.Compute) {
	nodes(ctx, client, sink, c)
	setting(ctx, client, sink, c)
	document(ctx, client, sink, c)
}

// Skip records why nothing was asked of a region.
func Skip(sink *evidence.Sink, region, why string, calls []string) {
	for _, action := range Actions {
		sink.Skipped(action, region, why, calls)
	}
}

func nodes(ctx context.Context, client api, sink *evidence.Sink, c *evidence.Compute) {
	_, c.NodesRead = evidence.Pages(ctx, sink, client.DescribeInstanceInformation, evidence.Paged[ssm.DescribeInstanceInformationInput, ssm.DescribeInstanceInformationOutput]{
		Action: Nodes, In: &ssm.DescribeInstanceInformationInput{MaxResults: aws.Int32(50)},
		Token: func(out *ssm.DescribeInstanceInformationOutput) *string { return out.NextToken },
		Next:  func(in *ssm.DescribeInstanceInformationInput, token *string) { in.NextToken = token },
		Page: func(out *ssm.DescribeInstanceInformationOutput, t evidence.Trace) int {
			if out.InstanceInformationList == nil {
				return -1
			}
			for _, i := range out.InstanceInformationList {
				c.Nodes = append(c.Nodes, evidence.SSMNode{
					ID: aws.ToString(i.InstanceId), Ping: string(i.PingStatus), LastPing: aws.ToTime(i.LastPingDateTime).UTC(), Agent: aws.ToString(i.AgentVersion),
					Platform: aws.ToString(i.PlatformName), Name: aws.ToString(i.ComputerName), IP: aws.ToString(i.IPAddress), Hybrid: i.ResourceType == types.ResourceTypeManagedInstance,
					SourceType: string(i.SourceType), Calls: []string{t.CallID},
				})
			}
			return len(out.InstanceInformationList)
		},
	})
	slices.SortFunc(c.Nodes, func(a, b evidence.SSMNode) int { return cmp.Compare(a.ID, b.ID) })
}

func setting(ctx context.Context, client api, sink *evidence.Sink, c *evidence.Compute) {
	var value string
	a, ok := evidence.Pages(ctx, sink, client.GetServiceSetting, evidence.Paged[ssm.GetServiceSettingInput, ssm.GetServiceSettingOutput]{
		Action: Setting, In: &ssm.GetServiceSettingInput{SettingId: aws.String(DefaultHostManagement)}, Facts: []string{"ServiceSettingNotFound"},
		Page: func(out *ssm.GetServiceSettingOutput, _ evidence.Trace) int {
			if out.ServiceSetting == nil || out.ServiceSetting.SettingValue == nil {
				return -1
			}
			value = *out.ServiceSetting.SettingValue
			return 1
		},
	})
	switch {
	case !ok:
		return
	case a.Fact != "" || value == noRole:
		value = ""
	}
	c.DefaultHostManagement = &value
}

func document(ctx context.Context, client api, sink *evidence.Sink, c *evidence.Compute) {
	found := &evidence.SessionDocument{}
	_, ok := evidence.Pages(ctx, sink, client.GetDocument, evidence.Paged[ssm.GetDocumentInput, ssm.GetDocumentOutput]{
		Action: Document, Subject: SessionDocument, In: &ssm.GetDocumentInput{Name: aws.String(SessionDocument)}, Facts: []string{"InvalidDocument"},
		Page: func(out *ssm.GetDocumentOutput, _ evidence.Trace) int {
			if out.Content == nil {
				return -1
			}
			found.Exists = true
			readPreferences(*out.Content, found)
			return 1
		},
	})
	if ok {
		c.Session = found
	}
}

func readPreferences(content string, found *evidence.SessionDocument) {
	var doc struct {
		Inputs struct {
			Bucket   string `json:"s3BucketName"`
			LogGroup string `json:"cloudWatchLogGroupName"`
			RunAs    bool   `json:"runAsEnabled"`
		} `json:"inputs"`
	}
	if err := json.Unmarshal([]byte(content), &doc); err != nil {
		found.Unparsed = true
		return
	}
	found.Bucket, found.LogGroup, found.RunAsUser = doc.Inputs.Bucket, doc.Inputs.LogGroup, doc.Inputs.RunAs
}
