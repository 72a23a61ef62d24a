package fakeaws

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"auditbinder/collect/evidence"
)

const (
	seoul    = "ap-northeast-2"
	virginia = "us-east-1"
	account  = "123456789012"
)

func arn(service, region, resource string) string {
	return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource
}

// clients are the SDK's clients of one region.
type clients struct {
	ec2    *ec2.Client
	ssm    *ssm.Client
	events *eventbridge.Client
	sns    *sns.Client
	logs   *cloudwatchlogs.Client
	alarms *cloudwatch.Client
	trails *cloudtrail.Client
	iam    *iam.Client
}

// reader reads answers to their end before it hands them on, as the collectors'
// transport does: the SDK closes the request's body at once, and the transport
// may take that for a broken request while the answer is still being read.
type reader struct{}

func (reader) Do(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

func serve(t testing.TB, s *Server) func(region string) clients {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return func(region string) clients {
		cfg := aws.Config{HTTPClient: reader{}, Region: region, BaseEndpoint: &server.URL, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", "")}
		return clients{
			ec2.NewFromConfig(cfg), ssm.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg), sns.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg),
			cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) }),
			cloudtrail.NewFromConfig(cfg), iam.NewFromConfig(cfg),
		}
	}
}

// outcome makes one value of a call's two, for tables.
type outcome struct {
	v   any
	err error
}

func got[T any](v *T, err error) outcome { return outcome{v, err} }

// tree is an output as plain JSON values.
func tree(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// look reads a path such as Reservations.0.Instances.#; # is a length.
func look(at any, path string) string {
	for step := range strings.SplitSeq(path, ".") {
		switch x := at.(type) {
		case map[string]any:
			at = x[step]
		case []any:
			if step == "#" {
				return strconv.Itoa(len(x))
			}
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(x) {
				return "no " + step
			}
			at = x[n]
		case nil:
			if step == "#" {
				return "0"
			}
		}
	}
	return fmt.Sprint(at)
}

// check compares an answer with paths and their values, blanks written as _, or an
// error with its code.
func check(t *testing.T, o outcome, want string) {
	t.Helper()
	if !strings.Contains(want, "=") {
		if code := codeOf(o.err); code != want {
			t.Errorf("error %q (%v), want %q", code, o.err, want)
		}
		return
	}
	if o.err != nil {
		t.Fatal(o.err)
	}
	v := tree(t, o.v)
	for fact := range strings.FieldsSeq(want) {
		path, value, _ := strings.Cut(fact, "=")
		if got := strings.NewReplacer(" ", "_", "\n", "_").Replace(look(v, path)); got != value {
			t.Errorf("%s is %s, want %s", path, got, value)
		}
	}
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func described() Account {
	port := func(n int) *int { return &n }
	text := func(s string) *string { return &s }
	yes, at := true, time.Date(2026, 11, 3, 1, 2, 3, 0, time.UTC)
	half := 0.5
	one := 1.0
	return Account{
		ID: account,
		IAM: evidence.IAM{Roles: []evidence.Role{
			{Name: "web", Path: "/", ARN: "arn:aws:iam::" + account + ":role/web", InstanceProfiles: []string{"arn:aws:iam::" + account + ":instance-profile/app/web-profile"}},
			{Name: "plain", Path: "/", ARN: "arn:aws:iam::" + account + ":role/plain"},
		}},
		Compute: []evidence.Compute{{
			Region: seoul,
			Instances: []evidence.Instance{
				{ID: "i-web", Name: "웹 <1>", State: "running", Platform: "Linux/UNIX", VPC: "vpc-1", Subnet: "subnet-1", Profile: "arn:aws:iam::" + account + ":instance-profile/app/web-profile",
					Image: "ami-1", ImageName: "al2023", Interfaces: []evidence.NetworkInterface{{ID: "eni-1", Subnet: "subnet-1", VPC: "vpc-1", PrivateIPv4: []string{"10.0.0.5", "10.0.0.6"},
						PublicIPv4: []string{"203.0.113.5"}, IPv6: []string{"2001:db8::5"}, SecurityGroups: []string{"sg-1"}}}},
				{ID: "i-win", State: "stopped", Windows: true, Platform: "Windows", Image: "ami-gone"},
			},
			Nodes: []evidence.SSMNode{
				{ID: "i-web", Ping: "Online", LastPing: at, Agent: "3.3.1", Platform: "Amazon Linux", Name: "web.local", IP: "10.0.0.5"},
				{ID: "mi-1", Ping: "ConnectionLost", Platform: "Microsoft Windows Server 2022", Hybrid: true},
			},
			DefaultHostManagement: text("service-role/DHMC"),
			Session:               &evidence.SessionDocument{Exists: true, LogGroup: "/ssm/sessions", Bucket: "session-logs", RunAsUser: true},
			SecurityGroups: []evidence.SecurityGroup{
				{ID: "sg-1", Name: "web", VPC: "vpc-1", Ingress: []evidence.SecurityRule{{Protocol: "tcp", FromPort: port(22), ToPort: port(22),
					CIDRs: []string{"0.0.0.0/0", "::/0"}, PrefixLists: []string{"pl-1"}, Groups: []string{"sg-2"}}}, Egress: []evidence.SecurityRule{{Protocol: "-1", CIDRs: []string{"0.0.0.0/0"}}}},
				{ID: "sg-2", Name: "bastion", VPC: "vpc-2"},
			},
			Subnets: []evidence.Subnet{{ID: "subnet-1", VPC: "vpc-1", CIDRs: []string{"10.0.0.0/24", "2001:db8::/64"}}, {ID: "subnet-2", VPC: "vpc-2", CIDRs: []string{"2001:db8:2::/64"}}},
			RouteTables: []evidence.RouteTable{{ID: "rtb-1", VPC: "vpc-1", Main: true, Subnets: []string{"subnet-1"}, Routes: []evidence.Route{
				{Destination: "10.0.0.0/16", Gateway: "local", State: "active"}, {Destination: "0.0.0.0/0", Gateway: "igw-1", State: "active"},
				{Destination: "::/0", Gateway: "eigw-1", State: "blackhole"}, {Destination: "pl-1", Gateway: "nat-1", State: "active"}, {Destination: "10.9.0.0/16", Gateway: "i-web", State: "active"},
			}}},
			Endpoints:   []evidence.ConnectEndpoint{{ID: "eice-1", State: "create-complete", VPC: "vpc-1", Subnet: "subnet-1", PreserveClientIP: true, SecurityGroups: []string{"sg-1"}}},
			PrefixLists: []evidence.PrefixList{{ID: "pl-1", Name: "com.amazonaws." + seoul + ".ec2-instance-connect", CIDRs: []string{"192.0.2.0/29"}}, {ID: "pl-2", Name: "office", CIDRs: []string{"2001:db8::/32"}}},
		}, {Region: virginia, Session: &evidence.SessionDocument{Exists: true, Unparsed: true}}},
		Rules: []evidence.EventRule{
			{Region: seoul, Name: "sign-in", ARN: arn("events", seoul, "rule/sign-in"), State: "ENABLED", Pattern: `{"source":["aws.signin"]}`, Targets: []evidence.RuleTarget{{ID: "t1", ARN: arn("sns", seoul, "alerts")},
				{ID: "t2", ARN: arn("events", virginia, "event-bus/default"), RoleARN: "arn:aws:iam::" + account + ":role/bus"}}},
			{Region: seoul, Name: "nightly", ARN: arn("events", seoul, "rule/nightly"), State: "DISABLED", ManagedBy: "backup.amazonaws.com"},
			{Region: seoul, Name: "elsewhere", ARN: arn("events", seoul, "rule/orders/elsewhere"), State: "ENABLED", Pattern: `{"source":["orders"]}`},
		},
		LogGroups: []evidence.LogGroup{{Region: seoul, Name: "empty"}},
		Filters: []evidence.MetricFilter{
			{Region: seoul, LogGroup: "trail", Name: "sign-in", Pattern: `{ $.eventName = "ConsoleLogin" }`, Criteria: "@aws.region = x",
				Metrics: []evidence.FilterMetric{{Namespace: "Audit", Name: "SignIn", Value: "1", DefaultValue: &half, Dimensions: []string{"user=$.userIdentity.userName"}}}},
			{Region: seoul, LogGroup: "app", Name: "errors", Pattern: "ERROR", Transformed: true},
		},
		MetricAlarms: []evidence.MetricAlarm{
			{Region: seoul, Name: "sign-in", ARN: arn("cloudwatch", seoul, "alarm:sign-in"), Namespace: "Audit", Metric: "SignIn", Dimensions: []string{"a=b"}, Statistic: "Sum", Period: 300, EvaluationPeriods: 2,
				DatapointsToAlarm: 1, Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold", TreatMissing: "notBreaching", ActionsEnabled: true, Actions: []string{arn("sns", seoul, "alerts")}},
			{Region: seoul, Name: "math", ARN: arn("cloudwatch", seoul, "alarm:math"), EvaluationPeriods: 1, Math: []evidence.MetricRef{{Namespace: "Audit", Metric: "SignIn"}}},
		},
		Composites: []evidence.CompositeAlarm{{Region: seoul, Name: "any", ARN: arn("cloudwatch", seoul, "alarm:any"), Rule: `ALARM("sign-in")`, ActionsEnabled: true, Actions: []string{"x"}}},
		Topics: []evidence.Topic{
			{ARN: arn("sns", seoul, "alerts"), Policy: `{"Statement":[]}`, KMSKey: "alias/aws/sns", Subscriptions: []evidence.Subscription{
				{Protocol: "email", Endpoint: "ops@gasang.example", Confirmed: true}, {Protocol: "sms", Endpoint: "+821055500100"}}},
			{ARN: arn("sns", seoul, "deleted"), Missing: true},
		},
		Trails: []evidence.Trail{
			{Name: "main", ARN: arn("cloudtrail", seoul, "trail/main"), HomeRegion: seoul, MultiRegion: true, Own: true, LogGroupARN: arn("logs", seoul, "log-group:trail"), Logging: &yes, LogDeliveryError: "AccessDenied",
				Advanced: []evidence.AdvancedSelector{{Name: "writes", Fields: []evidence.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}, {Field: "eventSource", NotEquals: []string{"kms.amazonaws.com"}}}}}},
			{Name: "local", ARN: arn("cloudtrail", virginia, "trail/local"), HomeRegion: virginia, Own: true},
			{Name: "org", ARN: "arn:aws:cloudtrail:" + virginia + ":210987654321:trail/org", HomeRegion: virginia, MultiRegion: true, Organization: true, Logging: &yes},
		},
		RootEvents: []TrailEvent{
			{RootEvent: evidence.RootEvent{ID: "e-login", At: at, Name: "ConsoleLogin", Source: "signin.amazonaws.com", Region: virginia, SourceIP: "203.0.113.9", UserAgent: "Mozilla/5.0", MFA: "Yes", ReadOnly: new(bool)}},
			{RootEvent: evidence.RootEvent{ID: "e-failed", At: at.Add(time.Minute), Name: "ConsoleLogin", Source: "signin.amazonaws.com", Region: virginia, Failed: true}},
			{RootEvent: evidence.RootEvent{ID: "e-key", At: at.Add(2 * time.Minute), Name: "ListUsers", Source: "iam.amazonaws.com", Region: virginia, AccessKeyed: true, ReadOnly: &yes}},
			{RootEvent: evidence.RootEvent{ID: "e-denied", At: at.Add(3 * time.Minute), Name: "CreateUser", Source: "iam.amazonaws.com", Region: virginia, MFA: "true", Failed: true, InvokedBy: "cloudformation.amazonaws.com"}},
			{RootEvent: evidence.RootEvent{ID: "e-alias", At: at, Name: "ConsoleLogin", Source: "signin.amazonaws.com", Region: virginia, MFA: "No"}, Username: "gasang"},
			{RootEvent: evidence.RootEvent{ID: "e-user", At: at, Name: "RunInstances", Source: "ec2.amazonaws.com", Region: seoul}, Identity: "IAMUser"},
			{RootEvent: evidence.RootEvent{ID: "e-session", At: at, Name: "RunInstances", Source: "ec2.amazonaws.com", Region: seoul, MFA: "false"}, Identity: "AssumedRole", History: virginia},
		},
	}
}

func filter(name string, values ...string) []ec2types.Filter {
	return []ec2types.Filter{{Name: &name, Values: values}}
}

func byName(name string) []trailtypes.LookupAttribute {
	return []trailtypes.LookupAttribute{{AttributeKey: trailtypes.LookupAttributeKeyUsername, AttributeValue: &name}}
}

func setting(c clients) outcome {
	return got(c.ssm.GetServiceSetting(context.Background(), &ssm.GetServiceSettingInput{SettingId: aws.String("/ssm/managed-instance/default-ec2-instance-management-role")}))
}

func document(c clients) outcome {
	return got(c.ssm.GetDocument(context.Background(), &ssm.GetDocumentInput{Name: aws.String("SSM-SessionManagerRunShell")}))
}

// What the SDK reads is what was described.
func TestRegionalAnswers(t *testing.T) {
	in := serve(t, &Server{Account: described()})
	ctx, here, east := context.Background(), in(seoul), in(virginia)
	alerts := aws.String(arn("sns", seoul, "alerts"))
	orgTrail := aws.String("arn:aws:cloudtrail:" + virginia + ":210987654321:trail/org")
	for _, test := range []struct {
		name string
		outcome
		want string // paths and values, or the error's code
	}{
		{"enabled regions", got(here.ec2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{})), "Regions.#=17 Regions.1.RegionName=ap-northeast-2 Regions.1.OptInStatus=opt-in-not-required"},
		{"all regions", got(here.ec2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})), "Regions.#=21 Regions.0.RegionName=af-south-1 Regions.0.OptInStatus=not-opted-in"},
		{"instances", got(here.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{})), `Reservations.#=2 Reservations.0.OwnerId=123456789012
			Reservations.0.Instances.0.InstanceId=i-web Reservations.0.Instances.0.State.Name=running Reservations.0.Instances.0.State.Code=16 Reservations.0.Instances.0.ImageId=ami-1
			Reservations.0.Instances.0.Tags.0.Key=Name Reservations.0.Instances.0.Tags.0.Value=웹_<1> Reservations.0.Instances.0.VpcId=vpc-1 Reservations.0.Instances.0.SubnetId=subnet-1
			Reservations.0.Instances.0.IamInstanceProfile.Arn=arn:aws:iam::123456789012:instance-profile/app/web-profile Reservations.0.Instances.0.PlatformDetails=Linux/UNIX
			Reservations.0.Instances.0.PublicIpAddress=203.0.113.5 Reservations.0.Instances.0.PrivateIpAddress=10.0.0.5 Reservations.0.Instances.0.SecurityGroups.0.GroupName=web
			Reservations.0.Instances.0.NetworkInterfaces.0.PrivateIpAddresses.#=2 Reservations.0.Instances.0.NetworkInterfaces.0.PrivateIpAddresses.0.Association.PublicIp=203.0.113.5
			Reservations.0.Instances.0.NetworkInterfaces.0.PrivateIpAddresses.1.Association=<nil> Reservations.0.Instances.0.NetworkInterfaces.0.Association.PublicIp=203.0.113.5
			Reservations.0.Instances.0.NetworkInterfaces.0.Ipv6Addresses.0.Ipv6Address=2001:db8::5 Reservations.0.Instances.0.NetworkInterfaces.0.Groups.0.GroupId=sg-1
			Reservations.1.Instances.0.Platform=windows Reservations.1.Instances.0.State.Name=stopped Reservations.1.Instances.0.NetworkInterfaces.#=0 Reservations.1.Instances.0.IamInstanceProfile=<nil>`},
		{"instances by id", got(here.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{"i-win"}})), "Reservations.#=1 Reservations.0.Instances.0.InstanceId=i-win"},
		{"no such instance", got(here.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{"i-none"}})), "InvalidInstanceID.NotFound"},
		{"page too small", got(here.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(4)})), "InvalidParameterValue"},
		{"token of nowhere", got(here.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{NextToken: aws.String("other")})), "InvalidNextToken"},
		{"unknown filter", got(here.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: filter("vpcid", "vpc-1")})), "InvalidParameterValue"},
		{"security groups", got(here.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: filter("group-id", "sg-1", "sg-gone")})), `SecurityGroups.#=1 SecurityGroups.0.GroupId=sg-1
			SecurityGroups.0.GroupName=web SecurityGroups.0.VpcId=vpc-1 SecurityGroups.0.IpPermissions.#=1 SecurityGroups.0.IpPermissions.0.FromPort=22 SecurityGroups.0.IpPermissions.0.ToPort=22 SecurityGroups.0.IpPermissions.0.IpProtocol=tcp
			SecurityGroups.0.IpPermissions.0.IpRanges.0.CidrIp=0.0.0.0/0 SecurityGroups.0.IpPermissions.0.Ipv6Ranges.0.CidrIpv6=::/0 SecurityGroups.0.IpPermissions.0.IpRanges.#=1
			SecurityGroups.0.IpPermissions.0.PrefixListIds.0.PrefixListId=pl-1 SecurityGroups.0.IpPermissions.0.UserIdGroupPairs.0.GroupId=sg-2
			SecurityGroups.0.IpPermissionsEgress.0.IpProtocol=-1 SecurityGroups.0.IpPermissionsEgress.0.FromPort=<nil>`},
		{"subnets", got(here.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: filter("vpc-id", "vpc-1", "vpc-2")})), `Subnets.#=2 Subnets.0.CidrBlock=10.0.0.0/24
			Subnets.0.Ipv6CidrBlockAssociationSet.0.Ipv6CidrBlock=2001:db8::/64 Subnets.0.Ipv6CidrBlockAssociationSet.0.Ipv6CidrBlockState.State=associated Subnets.1.CidrBlock=<nil> Subnets.1.VpcId=vpc-2`},
		{"route tables", got(here.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: filter("vpc-id", "vpc-1")})), `RouteTables.#=1 RouteTables.0.Associations.#=2 RouteTables.0.Associations.0.Main=true
			RouteTables.0.Associations.0.SubnetId=<nil> RouteTables.0.Associations.1.SubnetId=subnet-1 RouteTables.0.Associations.1.Main=false RouteTables.0.Associations.1.AssociationState.State=associated
			RouteTables.0.Routes.#=5 RouteTables.0.Routes.0.GatewayId=local RouteTables.0.Routes.1.DestinationCidrBlock=0.0.0.0/0 RouteTables.0.Routes.1.GatewayId=igw-1 RouteTables.0.Routes.2.DestinationIpv6CidrBlock=::/0
			RouteTables.0.Routes.2.EgressOnlyInternetGatewayId=eigw-1 RouteTables.0.Routes.2.State=blackhole RouteTables.0.Routes.3.DestinationPrefixListId=pl-1 RouteTables.0.Routes.3.NatGatewayId=nat-1 RouteTables.0.Routes.4.InstanceId=i-web`},
		{"prefix lists", got(here.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{})), `PrefixLists.#=2 PrefixLists.0.PrefixListId=pl-1 PrefixLists.0.OwnerId=AWS PrefixLists.0.AddressFamily=IPv4
			PrefixLists.0.PrefixListArn=arn:aws:ec2:ap-northeast-2:aws:prefix-list/pl-1 PrefixLists.1.OwnerId=123456789012 PrefixLists.1.AddressFamily=IPv6`},
		{"prefix lists by name", got(here.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{Filters: filter("prefix-list-name", "com.amazonaws.*instance-connect")})), "PrefixLists.#=1"},
		{"prefix list entries", got(here.ec2.GetManagedPrefixListEntries(ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: aws.String("pl-1")})), "Entries.#=1 Entries.0.Cidr=192.0.2.0/29"},
		{"no such prefix list", got(here.ec2.GetManagedPrefixListEntries(ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: aws.String("pl-9")})), "InvalidPrefixListID.NotFound"},
		{"dry run", got(here.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{DryRun: aws.Bool(true)})), "DryRunOperation"},
		{"dry run of an empty region", got(east.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{DryRun: aws.Bool(true)})), "DryRunOperation"},
		{"no dry run", got(here.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{DryRun: aws.Bool(false)})), "Reservations.#=2"},
		{"connect endpoints", got(here.ec2.DescribeInstanceConnectEndpoints(ctx, &ec2.DescribeInstanceConnectEndpointsInput{})), `InstanceConnectEndpoints.#=1 InstanceConnectEndpoints.0.InstanceConnectEndpointId=eice-1
			InstanceConnectEndpoints.0.State=create-complete InstanceConnectEndpoints.0.PreserveClientIp=true InstanceConnectEndpoints.0.SecurityGroupIds.0=sg-1 InstanceConnectEndpoints.0.VpcId=vpc-1 InstanceConnectEndpoints.0.SubnetId=subnet-1`},
		{"images, one deregistered", got(here.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{"ami-1", "ami-gone"}})), "Images.#=1 Images.0.ImageId=ami-1 Images.0.Name=al2023"},
		{"images by filter", got(here.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{Filters: filter("image-id", "ami-1", "ami-none")})), "Images.#=1"},
		{"no such image", got(here.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{"ami-none"}})), "InvalidAMIID.NotFound"},
		{"nodes", got(here.ssm.DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{})), `InstanceInformationList.#=2 InstanceInformationList.0.InstanceId=i-web InstanceInformationList.0.PingStatus=Online
			InstanceInformationList.0.LastPingDateTime=2026-11-03T01:02:03Z InstanceInformationList.0.AgentVersion=3.3.1 InstanceInformationList.0.PlatformName=Amazon_Linux InstanceInformationList.0.PlatformType=Linux InstanceInformationList.0.ComputerName=web.local InstanceInformationList.0.IPAddress=10.0.0.5 InstanceInformationList.1.IPAddress=<nil>
			InstanceInformationList.0.ResourceType=EC2Instance InstanceInformationList.1.ResourceType=ManagedInstance InstanceInformationList.1.SourceType=AWS::SSM::ManagedInstance InstanceInformationList.1.PlatformType=Windows InstanceInformationList.1.LastPingDateTime=<nil>`},
		{"default host management", setting(here), "ServiceSetting.SettingValue=service-role/DHMC ServiceSetting.Status=Customized"},
		{"default host management off", setting(east), "ServiceSetting.SettingValue=$None ServiceSetting.Status=Default"},
		{"session document", document(here), `DocumentType=Session Content={"description":"Document_to_hold_regional_settings_for_Session_Manager","inputs":{"cloudWatchEncryptionEnabled":true,"cloudWatchLogGroupName":"/ssm/sessions","cloudWatchStreamingEnabled":false,"idleSessionTimeout":"20","kmsKeyId":"","maxSessionDuration":"","runAsDefaultUser":"","runAsEnabled":true,"s3BucketName":"session-logs","s3EncryptionEnabled":true,"s3KeyPrefix":"","shellProfile":{"linux":"","windows":""}},"schemaVersion":"1.0","sessionType":"Standard_Stream"}`},
		{"session document that is no JSON", document(east), "Content=schemaVersion:_'1.0'_sessionType:_Standard_Stream_"},
		{"no session document", document(in("eu-west-1")), "InvalidDocument"},
		{"rules", got(here.events.ListRules(ctx, &eventbridge.ListRulesInput{})), `Rules.#=2 Rules.0.Name=sign-in Rules.0.EventPattern={"source":["aws.signin"]} Rules.0.State=ENABLED Rules.0.ScheduleExpression=<nil>
			Rules.1.ScheduleExpression=rate(1_day) Rules.1.EventPattern=<nil> Rules.1.ManagedBy=backup.amazonaws.com Rules.1.State=DISABLED Rules.1.Arn=arn:aws:events:ap-northeast-2:123456789012:rule/nightly`},
		{"rules of a custom bus", got(here.events.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: aws.String("orders")})), "Rules.#=1 Rules.0.Name=elsewhere Rules.0.EventBusName=orders"},
		{"no such bus", got(here.events.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: aws.String("none")})), "ResourceNotFoundException"},
		{"targets", got(here.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String("sign-in")})), `Targets.#=2 Targets.0.Id=t1 Targets.0.Arn=arn:aws:sns:ap-northeast-2:123456789012:alerts Targets.0.RoleArn=<nil> Targets.1.RoleArn=arn:aws:iam::123456789012:role/bus`},
		{"targets of no rule", got(east.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String("sign-in")})), "ResourceNotFoundException"},
		{"topic", got(here.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: alerts})), `Attributes.Policy={"Statement":[]} Attributes.KmsMasterKeyId=alias/aws/sns Attributes.SubscriptionsConfirmed=1 Attributes.SubscriptionsPending=1`},
		{"topic that is gone", got(here.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(arn("sns", seoul, "deleted"))})), "NotFound"},
		{"topic of another region", got(east.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: alerts})), "InvalidParameter"},
		{"topic of another account", got(here.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String("arn:aws:sns:" + seoul + ":210987654321:alerts")})), "AuthorizationError"},
		{"subscriptions", got(here.sns.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: alerts})), `Subscriptions.#=2 Subscriptions.0.Endpoint=ops@gasang.example Subscriptions.0.Protocol=email
			Subscriptions.0.SubscriptionArn=arn:aws:sns:ap-northeast-2:123456789012:alerts:` + strings.ToLower(pad("emailops@gasang.example")) + ` Subscriptions.1.SubscriptionArn=PendingConfirmation`},
		{"metric filters", got(here.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{})), `MetricFilters.#=2 MetricFilters.0.LogGroupName=trail MetricFilters.0.FilterPattern={_$.eventName_=_"ConsoleLogin"_} MetricFilters.0.FieldSelectionCriteria=@aws.region_=_x
			MetricFilters.0.MetricTransformations.0.MetricNamespace=Audit MetricFilters.0.MetricTransformations.0.MetricValue=1 MetricFilters.0.MetricTransformations.0.DefaultValue=0.5
			MetricFilters.0.MetricTransformations.0.Dimensions.user=$.userIdentity.userName MetricFilters.1.ApplyOnTransformedLogs=true`},
		{"metric filters of a log group", got(here.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("app")})), "MetricFilters.#=1"},
		{"log group without filters", got(here.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("empty")})), "MetricFilters.#=0"},
		{"no such log group", got(here.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("none")})), "ResourceNotFoundException"},
		{"alarms without a type", got(here.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})), `MetricAlarms.#=2 CompositeAlarms.#=0 MetricAlarms.0.AlarmName=sign-in MetricAlarms.0.Threshold=1 MetricAlarms.0.Period=300
			MetricAlarms.0.EvaluationPeriods=2 MetricAlarms.0.DatapointsToAlarm=1 MetricAlarms.0.Statistic=Sum MetricAlarms.0.Dimensions.0.Name=a MetricAlarms.0.Dimensions.0.Value=b MetricAlarms.0.ActionsEnabled=true MetricAlarms.0.TreatMissingData=notBreaching
			MetricAlarms.0.AlarmActions.0=arn:aws:sns:ap-northeast-2:123456789012:alerts MetricAlarms.0.ComparisonOperator=GreaterThanOrEqualToThreshold MetricAlarms.1.ActionsEnabled=false MetricAlarms.1.Threshold=<nil>
			MetricAlarms.1.Metrics.0.MetricStat.Metric.MetricName=SignIn MetricAlarms.1.Metrics.1.Expression=SUM([m1])`},
		{"composite alarms", got(here.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []alarmtypes.AlarmType{alarmtypes.AlarmTypeCompositeAlarm}})), `MetricAlarms.#=0 CompositeAlarms.#=1 CompositeAlarms.0.AlarmRule=ALARM("sign-in") CompositeAlarms.0.AlarmActions.0=x`},
		{"own trails and shadows", got(here.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})), `TrailList.#=2 TrailList.0.Name=main TrailList.0.HomeRegion=ap-northeast-2 TrailList.0.IsMultiRegionTrail=true
			TrailList.0.CloudWatchLogsLogGroupArn=arn:aws:logs:ap-northeast-2:123456789012:log-group:trail:* TrailList.0.HasCustomEventSelectors=true TrailList.1.Name=org TrailList.1.IsOrganizationTrail=true TrailList.1.CloudWatchLogsLogGroupArn=<nil>`},
		{"trails of their home region", got(east.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})), "TrailList.#=1 TrailList.0.Name=local TrailList.0.IsMultiRegionTrail=false"},
		{"trail status by name", got(here.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String("main")})), "IsLogging=true LatestCloudWatchLogsDeliveryError=AccessDenied"},
		{"trail status of a shadow by ARN", got(here.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: orgTrail})), "IsLogging=true LatestCloudWatchLogsDeliveryError=<nil>"},
		{"trail that does not log", got(east.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String("local")})), "IsLogging=false"},
		{"trail of another region by name", got(here.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String("local")})), "TrailNotFoundException"},
		{"advanced selectors", got(here.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("main")})), `EventSelectors.#=0 AdvancedEventSelectors.0.Name=writes
			AdvancedEventSelectors.0.FieldSelectors.0.Equals.0=Management AdvancedEventSelectors.0.FieldSelectors.1.NotEquals.0=kms.amazonaws.com AdvancedEventSelectors.0.FieldSelectors.1.Equals=<nil>`},
		{"selectors of a new trail", got(east.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("local")})), "EventSelectors.#=1 EventSelectors.0.ReadWriteType=All EventSelectors.0.IncludeManagementEvents=true"},
		{"selectors of the organization's trail", got(here.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: orgTrail})), "AccessDeniedException"},
		{"root's events, newest first", got(east.trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{LookupAttributes: byName("root")})), `Events.#=5 Events.0.EventId=e-denied Events.3.EventId=e-login Events.3.EventName=ConsoleLogin Events.3.EventTime=2026-11-03T01:02:03Z
			Events.3.EventSource=signin.amazonaws.com Events.3.Username=root Events.3.ReadOnly=false Events.1.ReadOnly=true Events.4.EventId=e-session`},
		{"events of an alias", got(east.trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{LookupAttributes: byName("gasang")})), "Events.#=1 Events.0.EventId=e-alias"},
		{"events of a span, both ends in it", got(east.trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{LookupAttributes: byName("root"),
			StartTime: aws.Time(time.Date(2026, 11, 3, 1, 3, 3, 0, time.UTC)), EndTime: aws.Time(time.Date(2026, 11, 3, 1, 4, 3, 0, time.UTC))})), "Events.#=2 Events.0.EventId=e-key Events.1.EventId=e-failed"},
		{"span that ends before it begins", got(east.trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{StartTime: aws.Time(time.Unix(9, 0)), EndTime: aws.Time(time.Unix(8, 0))})), "InvalidTimeRangeException"},
		{"page of events too large", got(east.trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(51)})), "InvalidMaxResultsException"},
		{"region that is not enabled", got(in("ap-east-1").ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{})), "AuthFailure"},
		{"JSON service in a region that is not enabled", got(in("ap-east-1").events.ListRules(ctx, &eventbridge.ListRulesInput{})), "UnrecognizedClientException"},
		{"SNS in a region that is not enabled", got(in("ap-east-1").sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: alerts})), "InvalidClientTokenId"},
		{"instance profiles of roles", got(in(virginia).iam.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{iamtypes.EntityTypeRole}})), `RoleDetailList.#=2
			RoleDetailList.0.InstanceProfileList.0.Arn=arn:aws:iam::123456789012:instance-profile/app/web-profile RoleDetailList.0.InstanceProfileList.0.InstanceProfileName=web-profile
			RoleDetailList.0.InstanceProfileList.0.Path=/app/ RoleDetailList.1.InstanceProfileList.#=0`},
	} {
		t.Run(test.name, func(t *testing.T) {
			check(t, test.outcome, test.want)
		})
	}
}

// An account that describes nothing has its regions, and nothing in them.
func TestEmptyAccount(t *testing.T) {
	ctx, c := context.Background(), serve(t, &Server{Account: Account{ID: account}})(seoul)
	topic := aws.String(arn("sns", seoul, "alerts"))
	for _, test := range []struct {
		name string
		outcome
		want string
	}{
		{"regions", got(c.ec2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{})), "Regions.#=17"},
		{"instances", got(c.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(1000)})), "Reservations.#=0 NextToken=<nil>"},
		{"security groups", got(c.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: filter("group-id", "sg-1")})), "SecurityGroups.#=0"},
		{"subnets", got(c.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})), "Subnets.#=0"},
		{"route tables", got(c.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{})), "RouteTables.#=0"},
		{"prefix lists", got(c.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{})), "PrefixLists.#=0"},
		{"connect endpoints", got(c.ec2.DescribeInstanceConnectEndpoints(ctx, &ec2.DescribeInstanceConnectEndpointsInput{})), "InstanceConnectEndpoints.#=0"},
		{"images", got(c.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{})), "Images.#=0"},
		{"nodes", got(c.ssm.DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{})), "InstanceInformationList.#=0"},
		{"default host management", setting(c), "ServiceSetting.SettingValue=$None"},
		{"session document", document(c), "InvalidDocument"},
		{"rules", got(c.events.ListRules(ctx, &eventbridge.ListRulesInput{})), "Rules.#=0"},
		{"topic", got(c.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: topic})), "NotFound"},
		{"subscriptions", got(c.sns.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: topic})), "NotFound"},
		{"metric filters", got(c.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{})), "MetricFilters.#=0"},
		{"alarms", got(c.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})), "MetricAlarms.#=0 NextToken=<nil>"},
		{"trails", got(c.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})), "TrailList.#=0"},
		{"events", got(c.trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{LookupAttributes: byName("root")})), "Events.#=0"},
	} {
		t.Run(test.name, func(t *testing.T) { check(t, test.outcome, test.want) })
	}
}

// Regions of an account's own list may be disabled; without an opt-in status one is not.
func TestDescribedRegions(t *testing.T) {
	in := serve(t, &Server{Account: Account{ID: account, Regions: []evidence.Region{{Name: seoul}, {Name: virginia, OptIn: "not-opted-in"}}}})
	ctx := context.Background()
	check(t, got(in(seoul).ec2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{})), "Regions.#=1 Regions.0.OptInStatus=opt-in-not-required")
	check(t, got(in(seoul).ec2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{RegionNames: []string{virginia}})), "Regions.#=1 Regions.0.OptInStatus=not-opted-in")
	check(t, got(in(virginia).trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})), "UnrecognizedClientException")
}

// Every paged operation gives everything once, in order, over as many pages as its
// page size makes, and none more.
func TestPages(t *testing.T) {
	const n = 230
	a := Account{ID: account, Compute: []evidence.Compute{{Region: seoul, PrefixLists: []evidence.PrefixList{{ID: "pl-0"}}}},
		Rules: []evidence.EventRule{{Region: seoul, Name: "rule"}}, Topics: []evidence.Topic{{ARN: arn("sns", seoul, "alerts")}}}
	c := &a.Compute[0]
	var want []string
	for i := range n {
		id := fmt.Sprintf("%04d", i)
		want = append(want, id)
		c.Instances = append(c.Instances, evidence.Instance{ID: id})
		c.SecurityGroups = append(c.SecurityGroups, evidence.SecurityGroup{ID: id})
		c.Nodes = append(c.Nodes, evidence.SSMNode{ID: id})
		c.PrefixLists[0].CIDRs = append(c.PrefixLists[0].CIDRs, id)
		a.Rules[0].Targets = append(a.Rules[0].Targets, evidence.RuleTarget{ID: id})
		a.Topics[0].Subscriptions = append(a.Topics[0].Subscriptions, evidence.Subscription{Endpoint: id})
		a.Filters = append(a.Filters, evidence.MetricFilter{Region: seoul, Name: id})
		a.RootEvents = append(a.RootEvents, TrailEvent{RootEvent: evidence.RootEvent{ID: id, Region: seoul}})
		if i%2 == 0 {
			a.MetricAlarms = append(a.MetricAlarms, evidence.MetricAlarm{Region: seoul, Name: id})
		} else {
			a.Composites = append(a.Composites, evidence.CompositeAlarm{Region: seoul, Name: id})
		}
	}
	both := slices.SortedFunc(slices.Values(want), func(x, y string) int { // metric alarms come first
		return cmp.Or((int(x[3])%2)-(int(y[3])%2), cmp.Compare(x, y))
	})
	rules := slices.Clone(want)
	for _, id := range want[1:] {
		a.Rules = append(a.Rules, evidence.EventRule{Region: seoul, Name: id})
	}
	rules[0] = "rule"
	ctx := context.Background()
	in := serve(t, &Server{Account: a})(seoul)
	topic := aws.String(arn("sns", seoul, "alerts"))
	for _, test := range []struct {
		name  string
		pages int
		want  []string
		lists string
		ask   func(token *string) outcome
	}{
		{"instances", 1, want, "Reservations.%d.Instances.0.InstanceId", func(token *string) outcome {
			return got(in.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{NextToken: token}))
		}},
		{"instances by 100", 3, want, "Reservations.%d.Instances.0.InstanceId", func(token *string) outcome {
			return got(in.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{NextToken: token, MaxResults: aws.Int32(100)}))
		}},
		{"filtered security groups by 5", 2, want[:10], "SecurityGroups.%d.GroupId", func(token *string) outcome {
			return got(in.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{NextToken: token, MaxResults: aws.Int32(5), Filters: filter("group-id", want[:10]...)}))
		}},
		{"prefix list entries", 3, want, "Entries.%d.Cidr", func(token *string) outcome {
			return got(in.ec2.GetManagedPrefixListEntries(ctx, &ec2.GetManagedPrefixListEntriesInput{NextToken: token, PrefixListId: aws.String("pl-0")}))
		}},
		{"nodes", 23, want, "InstanceInformationList.%d.InstanceId", func(token *string) outcome {
			return got(in.ssm.DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{NextToken: token}))
		}},
		{"nodes by 50", 5, want, "InstanceInformationList.%d.InstanceId", func(token *string) outcome {
			return got(in.ssm.DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{NextToken: token, MaxResults: aws.Int32(50)}))
		}},
		{"rules", 3, rules, "Rules.%d.Name", func(token *string) outcome {
			return got(in.events.ListRules(ctx, &eventbridge.ListRulesInput{NextToken: token}))
		}},
		{"targets by 46", 5, want, "Targets.%d.Id", func(token *string) outcome {
			return got(in.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{NextToken: token, Rule: aws.String("rule"), Limit: aws.Int32(46)}))
		}},
		{"subscriptions", 3, want, "Subscriptions.%d.Endpoint", func(token *string) outcome {
			return got(in.sns.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{NextToken: token, TopicArn: topic}))
		}},
		{"metric filters", 5, want, "MetricFilters.%d.FilterName", func(token *string) outcome {
			return got(in.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{NextToken: token}))
		}},
		{"alarms of both kinds", 3, both, "MetricAlarms.%d.AlarmName CompositeAlarms.%d.AlarmName", func(token *string) outcome {
			return got(in.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{NextToken: token, MaxRecords: aws.Int32(100), AlarmTypes: []alarmtypes.AlarmType{"MetricAlarm", "CompositeAlarm"}}))
		}},
		{"events", 5, want, "Events.%d.EventId", func(token *string) outcome {
			return got(in.trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{NextToken: token}))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var ids []string
			var token *string
			pages := 0
			for pages == 0 || token != nil && pages <= n {
				o := test.ask(token)
				if o.err != nil {
					t.Fatal(o.err)
				}
				v := tree(t, o.v)
				for path := range strings.FieldsSeq(test.lists) {
					list, _, _ := strings.Cut(path, ".")
					length, err := strconv.Atoi(look(v, list+".#"))
					if err != nil {
						t.Fatal(err)
					}
					for i := range length {
						ids = append(ids, look(v, fmt.Sprintf(path, i)))
					}
				}
				pages++
				token = nil
				if next := look(v, "NextToken"); next != "<nil>" {
					token = &next
				}
			}
			if pages != test.pages || !slices.Equal(ids, test.want) {
				t.Errorf("%d pages of %d things, want %d of %d: %v", pages, len(ids), test.pages, len(test.want), ids)
			}
		})
	}
}

// The history's records have CloudTrail's shape.
func TestTrailRecords(t *testing.T) {
	ctx, in := context.Background(), serve(t, &Server{Account: described()})
	records := map[string]string{}
	for _, region := range []string{seoul, virginia} {
		out, err := in(region).trails.LookupEvents(ctx, &cloudtrail.LookupEventsInput{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			records[*e.EventId] = *e.CloudTrailEvent
		}
	}
	for id, want := range map[string]string{
		"e-login": `eventID=e-login eventTime=2026-11-03T01:02:03Z eventType=AwsConsoleSignIn eventSource=signin.amazonaws.com awsRegion=us-east-1 sourceIPAddress=203.0.113.9 userAgent=Mozilla/5.0 readOnly=false
			userIdentity.type=Root userIdentity.arn=arn:aws:iam::123456789012:root userIdentity.accessKeyId= userIdentity.sessionContext=<nil> userIdentity.userName=<nil>
			responseElements.ConsoleLogin=Success additionalEventData.MFAUsed=Yes errorMessage=<nil> recipientAccountId=123456789012`,
		"e-failed":  "responseElements.ConsoleLogin=Failure errorMessage=Failed_authentication errorCode=<nil> additionalEventData.MFAUsed=<nil> readOnly=<nil>",
		"e-key":     "eventType=AwsApiCall userIdentity.accessKeyId=AKIA" + pad("arn:aws:iam::123456789012:root")[:16] + " userIdentity.sessionContext=<nil> readOnly=true responseElements=<nil>",
		"e-denied":  "errorCode=AccessDenied userIdentity.invokedBy=cloudformation.amazonaws.com userIdentity.sessionContext.attributes.mfaAuthenticated=true additionalEventData=<nil>",
		"e-alias":   "userIdentity.type=Root userIdentity.userName=gasang",
		"e-user":    "userIdentity.type=IAMUser userIdentity.arn=arn:aws:iam::123456789012:user/root userIdentity.userName=root awsRegion=ap-northeast-2",
		"e-session": "userIdentity.type=AssumedRole userIdentity.arn=arn:aws:sts::123456789012:assumed-role/ops/root userIdentity.sessionContext.sessionIssuer.userName=ops awsRegion=ap-northeast-2",
	} {
		t.Run(id, func(t *testing.T) { check(t, outcome{json.RawMessage(records[id]), nil}, want) })
	}
}

// A console sign-in as CloudTrail and as EventBridge show it.
const (
	signInRecord = `{"userIdentity":{"type":"Root","arn":"arn:aws:iam::123456789012:root"},"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.10","responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"},"readOnly":false,"size":3,"tags":["a","b"],"none":null,"list":[{"k":"v"},{"k":"w"}],"empty":[]}`
	signInEvent  = `{"id":"1","account":"123456789012","source":"aws.signin","time":"2026-01-01T00:00:00Z","region":"us-east-1","resources":[],"detail-type":"AWS Console Sign In via CloudTrail","detail":` + signInRecord + `}`
)

// The rules of matching are those of the EventBridge user guide.
func TestEventPatterns(t *testing.T) {
	client := serve(t, &Server{Account: Account{ID: account}})(virginia).events
	for _, test := range []struct{ name, pattern, want string }{
		{"source", `{"source":["aws.signin"]}`, "true"},
		{"one of several literals", `{"source":["aws.s3","aws.signin"]}`, "true"},
		{"no literal", `{"source":["aws.s3"]}`, "false"},
		{"every field", `{"source":["aws.signin"],"detail":{"eventName":["ConsoleLogin"],"userIdentity":{"type":["Root"]}}}`, "true"},
		{"one field differs", `{"source":["aws.signin"],"detail":{"eventName":["ConsoleLogin"],"userIdentity":{"type":["IAMUser"]}}}`, "false"},
		{"field that is not there", `{"detail":{"userName":["root"]}}`, "false"},
		{"prefix", `{"detail":{"userIdentity":{"arn":[{"prefix":"arn:aws:iam::123456789012:"}]}}}`, "true"},
		{"other prefix", `{"detail":{"userIdentity":{"arn":[{"prefix":"arn:aws:sts:"}]}}}`, "false"},
		{"suffix", `{"detail":{"userIdentity":{"arn":[{"suffix":":root"}]}}}`, "true"},
		{"ignoring case", `{"detail":{"eventName":[{"equals-ignore-case":"consolelogin"}]}}`, "true"},
		{"wildcard", `{"detail":{"userIdentity":{"arn":[{"wildcard":"arn:*:iam::*:root"}]}}}`, "true"},
		{"wildcard must fill the text", `{"detail":{"userIdentity":{"arn":[{"wildcard":"*iam"}]}}}`, "false"},
		{"anything but", `{"detail":{"additionalEventData":{"MFAUsed":[{"anything-but":"Yes"}]}}}`, "true"},
		{"anything but it", `{"detail":{"additionalEventData":{"MFAUsed":[{"anything-but":["No","Maybe"]}]}}}`, "false"},
		{"anything but a prefix", `{"detail":{"eventName":[{"anything-but":{"prefix":"Console"}}]}}`, "false"},
		{"anything but several suffixes", `{"detail":{"eventName":[{"anything-but":{"suffix":["Out","Off"]}}]}}`, "true"},
		{"anything but on a missing field", `{"detail":{"userName":[{"anything-but":"x"}]}}`, "false"},
		{"exists", `{"detail":{"additionalEventData":{"MFAUsed":[{"exists":true}]}}}`, "true"},
		{"must not exist", `{"detail":{"additionalEventData":{"MFAUsed":[{"exists":false}]}}}`, "false"},
		{"does not exist", `{"detail":{"errorCode":[{"exists":false}]}}`, "true"},
		{"does not exist, parents neither", `{"detail":{"a":{"b":[{"exists":false}]}}}`, "true"},
		{"an object is no leaf", `{"detail":{"userIdentity":[{"exists":true}]}}`, "false"},
		{"cidr", `{"detail":{"sourceIPAddress":[{"cidr":"203.0.113.0/24"}]}}`, "true"},
		{"other cidr", `{"detail":{"sourceIPAddress":[{"cidr":"198.51.100.0/24"}]}}`, "false"},
		{"cidr on a name", `{"detail":{"eventName":[{"cidr":"0.0.0.0/0"}]}}`, "false"},
		{"or, second branch", `{"source":["aws.signin"],"$or":[{"region":["eu-west-1"]},{"detail":{"eventName":["ConsoleLogin"]}}]}`, "true"},
		{"or, no branch", `{"$or":[{"region":["eu-west-1"]},{"source":["aws.s3"]}]}`, "false"},
		{"or beside a field that differs", `{"source":["aws.s3"],"$or":[{"region":["us-east-1"]},{"region":["eu-west-1"]}]}`, "false"},
		{"null", `{"detail":{"none":[null]}}`, "true"},
		{"null is not missing", `{"detail":{"userName":[null]}}`, "false"},
		{"boolean", `{"detail":{"readOnly":[false]}}`, "true"},
		{"number", `{"detail":{"size":[3]}}`, "true"},
		{"number as text", `{"detail":{"size":["3"]}}`, "false"},
		{"one of an array", `{"detail":{"tags":["b"]}}`, "true"},
		{"object in an array", `{"detail":{"list":{"k":["w"]}}}`, "true"},
		{"empty array does not exist", `{"detail":{"empty":[{"exists":false}]}}`, "true"},
		{"bare text", `{"source":"aws.signin"}`, "InvalidEventPatternException"},
		{"empty array", `{"source":[]}`, "InvalidEventPatternException"},
		{"empty object", `{"detail":{}}`, "InvalidEventPatternException"},
		{"or with one branch", `{"$or":[{"source":["a"]}]}`, "InvalidEventPatternException"},
		{"unknown matcher", `{"source":[{"like":"a"}]}`, "InvalidEventPatternException"},
		{"two matchers in one", `{"source":[{"prefix":"a","suffix":"b"}]}`, "InvalidEventPatternException"},
		{"block that is none", `{"detail":{"sourceIPAddress":[{"cidr":"203.0.113.0"}]}}`, "InvalidEventPatternException"},
		{"no JSON", `{`, "InvalidEventPatternException"},
		{"more after it", `{"source":["a"]} x`, "InvalidEventPatternException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := client.TestEventPattern(context.Background(), &eventbridge.TestEventPatternInput{EventPattern: &test.pattern, Event: aws.String(signInEvent)})
			got := codeOf(err)
			if err == nil {
				got = fmt.Sprint(out.Result)
			}
			if got != test.want {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
		})
	}
	for _, event := range []string{signInRecord, "text"} {
		_, err := client.TestEventPattern(context.Background(), &eventbridge.TestEventPatternInput{EventPattern: aws.String(`{"source":["a"]}`), Event: &event})
		if codeOf(err) != "ValidationException" {
			t.Errorf("%.20s: %v", event, err)
		}
	}
}

// The rules of matching are those of the CloudWatch Logs user guide.
func TestFilterPatterns(t *testing.T) {
	client := serve(t, &Server{Account: Account{ID: account}})(virginia).logs
	messages := []string{signInRecord, strings.Replace(signInRecord, `"No"`, `"Yes"`, 1), "ERROR no JSON"}
	for _, test := range []struct{ name, pattern, want string }{
		{"equal", `{ $.eventName = "ConsoleLogin" }`, "[1 2]"},
		{"without blanks or quotes", `{$.eventName=ConsoleLogin}`, "[1 2]"},
		{"both", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, "[1]"},
		{"either", `{ $.additionalEventData.MFAUsed = Yes || $.errorCode = "AccessDenied" }`, "[2]"},
		{"and binds stronger than or", `{ $.eventName = X && $.eventName = Y || $.eventName = ConsoleLogin }`, "[1 2]"},
		{"parentheses", `{ ($.eventName = X || $.eventName = ConsoleLogin) && $.additionalEventData.MFAUsed = Yes }`, "[2]"},
		{"wildcards", `{ $.userIdentity.arn = "arn:*:root" && $.sourceIPAddress = 203.0.113.* }`, "[1 2]"},
		{"wildcard that fails", `{ $.userIdentity.arn = "*:user/*" }`, "[]"},
		{"differs where the field is missing", `{ $.errorCode != "AccessDenied" }`, "[1 2]"},
		{"an object is never compared", `{ $.userIdentity != "x" }`, "[]"},
		{"missing field is not equal", `{ $.errorCode = * }`, "[]"},
		{"not exists", `{ $.errorCode NOT EXISTS }`, "[1 2]"},
		{"not exists, but it does", `{ $.eventName NOT EXISTS }`, "[]"},
		{"is null", `{ $.none IS NULL }`, "[1 2]"},
		{"missing is not null", `{ $.errorCode IS NULL }`, "[]"},
		{"is false", `{ $.readOnly IS FALSE }`, "[1 2]"},
		{"is true", `{ $.readOnly IS TRUE }`, "[]"},
		{"number", `{ $.size = 3.0 && $.size >= 3 && $.size < 4 }`, "[1 2]"},
		{"number too great", `{ $.size > 3 }`, "[]"},
		{"element", `{ $.tags[1] = "b" }`, "[1 2]"},
		{"any element", `{ $.list[*].k = "w" }`, "[1 2]"},
		{"quoted name", `{ $.['eventName'] = "ConsoleLogin" }`, "[1 2]"},
		{"regular expression", `{ $.eventName = %^Console(Login|Logout)$% }`, "[1 2]"},
		{"empty pattern", ``, "[1 2 3]"},
		{"term", `ERROR`, "[3]"},
		{"terms", `"ConsoleLogin" -Yes`, "[1]"},
		{"any term", `?Yes ?ERROR`, "[2 3]"},
		{"no operator", `{ $.eventName }`, "InvalidParameterException"},
		{"no value", `{ $.eventName = }`, "InvalidParameterException"},
		{"open brace", `{ $.eventName = "x"`, "InvalidParameterException"},
		{"open parenthesis", `{ ($.eventName = "x" }`, "InvalidParameterException"},
		{"open quotation", `{ $.eventName = "x }`, "InvalidParameterException"},
		{"word for a selector", `{ eventName = "x" }`, "InvalidParameterException"},
		{"more after it", `{ $.eventName = "x" } y`, "InvalidParameterException"},
		{"too long", strings.Repeat("x", 1025), "InvalidParameterException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := client.TestMetricFilter(context.Background(), &cloudwatchlogs.TestMetricFilterInput{FilterPattern: &test.pattern, LogEventMessages: messages})
			got := codeOf(err)
			if err == nil {
				numbers := []int64{}
				for _, m := range out.Matches {
					numbers = append(numbers, m.EventNumber)
					if *m.EventMessage != messages[m.EventNumber-1] {
						t.Errorf("message %s", *m.EventMessage)
					}
				}
				got = fmt.Sprint(numbers)
			}
			if got != test.want {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
		})
	}
	ctx := context.Background()
	out, err := client.TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String(`{ $.eventName = Console* && $.errorCode != x }`), LogEventMessages: messages[:1]})
	if err != nil || fmt.Sprint(out.Matches[0].ExtractedValues) != "map[$.eventName:ConsoleLogin]" {
		t.Errorf("extracted values %+v, %v", out, err)
	}
	check(t, got(client.TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String("x"), LogEventMessages: make([]string, 51)})), "InvalidParameterException")
}

// A fault of each protocol has its error shape, and a Fault can tell the region.
func TestRegionalFaults(t *testing.T) {
	ctx := context.Background()
	in := serve(t, &Server{Account: Account{ID: account, Topics: []evidence.Topic{{ARN: arn("sns", seoul, "a")}, {ARN: arn("sns", virginia, "a")}}}, RequestID: func(r Request) string { return r.Action },
		Fault: func(r Request) *Fault {
			if r.Region != seoul {
				return nil
			}
			return &Fault{Status: 403, Code: "Denied-" + r.Action}
		}})
	for _, test := range []struct {
		action string
		ask    func(region string) error
	}{
		{"ec2:DescribeInstances", func(region string) error {
			_, err := in(region).ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{})
			return err
		}},
		{"sns:GetTopicAttributes", func(region string) error {
			_, err := in(region).sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(arn("sns", region, "a"))})
			return err
		}},
		{"ssm:DescribeInstanceInformation", func(region string) error {
			_, err := in(region).ssm.DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{})
			return err
		}},
		{"events:ListRules", func(region string) error {
			_, err := in(region).events.ListRules(ctx, &eventbridge.ListRulesInput{})
			return err
		}},
		{"logs:DescribeMetricFilters", func(region string) error {
			_, err := in(region).logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{})
			return err
		}},
		{"cloudwatch:DescribeAlarms", func(region string) error {
			_, err := in(region).alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
			return err
		}},
		{"cloudtrail:DescribeTrails", func(region string) error {
			_, err := in(region).trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
			return err
		}},
	} {
		t.Run(test.action, func(t *testing.T) {
			err := test.ask(seoul)
			var api smithy.APIError
			var response *awshttp.ResponseError
			if !errors.As(err, &api) || !errors.As(err, &response) {
				t.Fatalf("error %v", err)
			}
			// JSON protocols cut a code at its last colon, which is a shape's namespace.
			if !strings.HasPrefix(api.ErrorCode(), "Denied-") || !strings.HasSuffix(api.ErrorMessage(), "(injected)") || response.HTTPStatusCode() != 403 || response.RequestID != test.action {
				t.Errorf("code %q, message %q, status %d, request id %q", api.ErrorCode(), api.ErrorMessage(), response.HTTPStatusCode(), response.RequestID)
			}
			if err := test.ask(virginia); err != nil {
				t.Errorf("another region: %v", err)
			}
		})
	}
}

// Whatever regions are asked at the same time, each counts for itself.
func TestNumbersCountPerRegion(t *testing.T) {
	var mu sync.Mutex
	seen := map[string][]int{}
	s := &Server{Account: described(), RequestID: func(r Request) string {
		mu.Lock()
		defer mu.Unlock()
		seen[r.Action+" "+r.Region] = append(seen[r.Action+" "+r.Region], r.Number)
		return "id"
	}}
	in := serve(t, s)
	var wait sync.WaitGroup
	for _, region := range []string{seoul, virginia, "eu-west-1"} {
		wait.Go(func() {
			c := in(region)
			for range 20 {
				_, err := c.events.ListRules(context.Background(), &eventbridge.ListRulesInput{})
				_, err2 := c.ec2.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{})
				if err := errors.Join(err, err2); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	want := make([]int, 20)
	for i := range want {
		want[i] = i
	}
	for key, numbers := range seen {
		if !slices.Equal(numbers, want) {
			t.Errorf("%s: %v", key, numbers)
		}
	}
	if len(seen) != 6 || s.Counts()["events:ListRules"] != 60 {
		t.Errorf("%d actions and regions, %v", len(seen), s.Counts())
	}
}

// Patterns come from tests' authors: a bad one is refused, never a panic.
func FuzzPatterns(f *testing.F) {
	for _, pattern := range []string{`{"source":["aws.signin"],"$or":[{"a":[1]},{"b":[{"anything-but":{"prefix":"x"}}]}]}`, `{ ($.a[*].b = "x*y") && $.c NOT EXISTS || $.['d'] >= 3 }`, `?a -"b c" d`, `{ $.a = %x+% }`} {
		f.Add(pattern, signInEvent)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if match, err := parseFilterPattern(pattern); err == nil {
			match(text)
		}
		event, err := decode(text)
		if match, bad := parseEventPattern(pattern); bad == nil && err == nil {
			match(event)
		}
	})
}
