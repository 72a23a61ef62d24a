package collect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"auditbinder/collect"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// emulatorURL is where an emulator of AWS listens that knows everything that a run
// asks. Every test takes an account of its own there and resets nothing.
const emulatorURL = "AUDITBINDER_EMULATOR_URL"

// A whole run over a network with AWS's distance: nothing fails, and nothing is
// asked twice. How long it took is told, not tested.
func TestAgainstEmulator(t *testing.T) {
	at := os.Getenv(emulatorURL)
	if at == "" {
		t.Skipf("%s is not set: not tested against an emulator", emulatorURL)
	}
	for _, everywhere := range []bool{false, true} {
		t.Run(fmt.Sprintf("rules in all regions: %t", everywhere), func(t *testing.T) {
			e := newEmulated(t, at)
			e.seed(everywhere)
			const latency = 60 * time.Millisecond
			target, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			proxy := httputil.NewSingleHostReverseProxy(target)
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				time.Sleep(latency)
				proxy.ServeHTTP(w, r)
			}))
			defer server.Close()
			fakeaws.Environment(t.Setenv, server.URL)
			t.Setenv("AWS_ACCESS_KEY_ID", e.key)

			var waited atomic.Int64
			ctx := context.Background()
			conn, err := collect.Open(ctx, collect.Target{Now: time.Now, Sleep: func(ctx context.Context, d time.Duration) error {
				waited.Add(int64(d))
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(d):
					return nil
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			content, err := collect.Run(ctx, conn, "test", collect.Scope{}, collect.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			set := content.Set
			counts := map[string]int{}
			for _, c := range content.Recording.Calls {
				counts[c.Action()]++
				if c.Attempt > 1 {
					t.Errorf("%s was sent again", c.ID)
				}
			}
			full := set.Regions.In(evidence.ScopeFull)
			t.Logf("%s for %d calls in %d regions, waits of %s in all", took.Round(10*time.Millisecond), len(content.Recording.Calls), len(full), time.Duration(waited.Load()).Round(10*time.Millisecond))
			for _, action := range slices.Sorted(maps.Keys(counts)) {
				t.Logf("%6d %s", counts[action], action)
			}
			if len(set.Failures) > 0 || len(full) < 17 || int(requests.Load()) != len(content.Recording.Calls) {
				t.Errorf("%d requests in %d regions, failures %+v", requests.Load(), len(full), set.Failures)
			}
			e.check(set, full, everywhere)
			(&bench{T: t, fake: &fakeaws.Server{}}).reread(content)
		})
	}
}

// emulated is a fresh account of an emulator, as one of its users sees it.
type emulated struct {
	*testing.T
	url, account, key string
}

func newEmulated(t *testing.T, at string) *emulated {
	t.Helper()
	e := &emulated{T: t, url: at, account: fmt.Sprintf("%012d", time.Now().UnixNano()%1e12)}
	var keys struct{ Audit []string }
	e.bench("users", `"users":[{"name":"audit","path":"/","tags":{},"inline":{},"attached":[],"groups":[],"password":true,"mfa":false,"keys":[{"active":true}]}]`, &keys)
	e.bench("overrides", `"contact":{"FullName":"가상핀테크","PhoneNumber":"+82-2-5550-0110"}`, new(any))
	if len(keys.Audit) != 1 {
		t.Fatalf("keys %v", keys)
	}
	e.key = keys.Audit[0]
	return e
}

// bench does in the account what no API of AWS can.
func (e *emulated) bench(what, fields string, answer any) {
	e.Helper()
	resp, err := http.Post(e.url+"/bench/"+what, "application/json", strings.NewReader(`{"account":"`+e.account+`",`+fields+`}`))
	e.must(err)
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil || resp.StatusCode != http.StatusOK {
		e.Fatalf("%s: %s, %v", what, resp.Status, err)
	}
}

func (e *emulated) config(region string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &e.url, Credentials: credentials.NewStaticCredentialsProvider(e.key, "x", "")}
}

func (e *emulated) arn(service, region, resource string) string {
	return strings.Replace(arn(service, region, resource), accountID, e.account, 1)
}

func (e *emulated) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// rule makes a rule for sign-ins with one target.
func (e *emulated) rule(region, target string) {
	e.Helper()
	ctx, client := context.Background(), eventbridge.NewFromConfig(e.config(region))
	_, err := client.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("sign-in"), EventPattern: aws.String(signInPattern)})
	e.must(err)
	_, err = client.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("sign-in"), Targets: []eventtypes.Target{{Id: aws.String("t"), Arn: &target}}})
	e.must(err)
}

// seed makes instances in two regions, a trail with a log group, filter and alarm,
// and a rule with a topic; everywhere: rules of all regions that forward to it.
func (e *emulated) seed(everywhere bool) {
	e.Helper()
	ctx := context.Background()
	_, err := iam.NewFromConfig(e.config(virginia)).CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("bench-" + e.account)})
	e.must(err)
	for _, region := range []string{seoul, virginia} {
		_, err := ec2.NewFromConfig(e.config(region)).RunInstances(ctx, &ec2.RunInstancesInput{ImageId: aws.String("ami-12345678"), MinCount: aws.Int32(3), MaxCount: aws.Int32(3)})
		e.must(err)
	}

	bucket, err := http.NewRequest(http.MethodPut, e.url+"/trail-"+e.account, nil) // a trail needs one; the S3 client is no dependency
	e.must(err)
	bucket.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+e.key+"/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x")
	resp, err := http.DefaultClient.Do(bucket)
	e.must(err)
	e.must(resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		e.Fatalf("create a bucket: %s", resp.Status)
	}
	logs := cloudwatchlogs.NewFromConfig(e.config(seoul))
	_, err = logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("trail")})
	e.must(err)
	role, err := iam.NewFromConfig(e.config(virginia)).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("logs"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	e.must(err)
	trails := cloudtrail.NewFromConfig(e.config(seoul))
	_, err = trails.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("main"), S3BucketName: aws.String("trail-" + e.account), IsMultiRegionTrail: aws.Bool(true),
		CloudWatchLogsLogGroupArn: aws.String(e.arn("logs", seoul, "log-group:trail:*")), CloudWatchLogsRoleArn: role.Role.Arn})
	e.must(err)
	_, err = trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String("main")})
	e.must(err)
	_, err = logs.PutMetricFilter(ctx, &cloudwatchlogs.PutMetricFilterInput{LogGroupName: aws.String("trail"), FilterName: aws.String("sign-in"), FilterPattern: aws.String(signInFilter),
		MetricTransformations: []logtypes.MetricTransformation{{MetricNamespace: aws.String("Audit"), MetricName: aws.String("SignIn"), MetricValue: aws.String("1")}}})
	e.must(err)
	_, err = cloudwatch.NewFromConfig(e.config(seoul), speakJSON).PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{AlarmName: aws.String("sign-in"), Namespace: aws.String("Audit"), MetricName: aws.String("SignIn"),
		Statistic: alarmtypes.StatisticSum, Period: aws.Int32(300), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: alarmtypes.ComparisonOperatorGreaterThanOrEqualToThreshold,
		AlarmActions: []string{e.topic(seoul)}})
	e.must(err)
	e.rule(virginia, e.topic(virginia))
	if !everywhere {
		return
	}
	regions, err := ec2.NewFromConfig(e.config(seoul)).DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
	e.must(err)
	for _, r := range regions.Regions {
		if *r.RegionName != virginia {
			e.rule(*r.RegionName, e.arn("events", virginia, "event-bus/default"))
		}
	}
}

// topic makes a topic with a subscriber.
func (e *emulated) topic(region string) string {
	e.Helper()
	ctx, client := context.Background(), sns.NewFromConfig(e.config(region))
	out, err := client.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("sign-in")})
	e.must(err)
	_, err = client.Subscribe(ctx, &sns.SubscribeInput{TopicArn: out.TopicArn, Protocol: aws.String("email"), Endpoint: aws.String("gildong.hong@gasang.example")})
	e.must(err)
	return *out.TopicArn
}

// check holds the evidence against what was made.
func (e *emulated) check(set evidence.Set, regions []string, everywhere bool) {
	e.Helper()
	central := ruleOf(e, set, virginia, "sign-in")
	wanted := 8
	if everywhere {
		wanted += 4 * (len(regions) - 1)
	}
	if len(central.Tests) != wanted || matched(central.Tests) != wanted {
		e.Errorf("the rule of the central bus: %d of %d tests match, want %d", matched(central.Tests), len(central.Tests), wanted)
	}
	x := set.Alarms
	if len(x.Topics) != 2 || len(x.Topics[0].Subscriptions) != 1 || len(x.Filters) != 1 || matched(x.Filters[0].Tests) != 4*(len(regions)+1) || len(x.MetricAlarms) != 1 {
		e.Errorf("topics %+v, %d filters, %d alarms", x.Topics, len(x.Filters), len(x.MetricAlarms))
	}
	if len(set.Trails) != 1 || !set.Trails[0].SelectorsRead || set.Trails[0].Logging == nil || !*set.Trails[0].Logging {
		e.Errorf("trails %+v", set.Trails)
	}
	for _, region := range []string{seoul, virginia} {
		c := inRegion(e.T, set, region)
		if len(c.Instances) != 3 || !c.SecurityGroupsRead || len(c.SecurityGroups) == 0 || len(c.Subnets) == 0 || len(c.RouteTables) == 0 || len(c.PrefixLists) != 2 || !c.EndpointsRead || !c.NodesRead || c.DefaultHostManagement == nil || c.Session == nil {
			e.Errorf("%s: %+v", region, c)
		}
	}
}

func speakJSON(o *cloudwatch.Options) {
	o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
}
