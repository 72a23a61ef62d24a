package collect_test

import (
	"slices"
	"testing"
	"time"

	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

const (
	ohio      = "us-east-2"
	stockholm = "eu-north-1"
	sydney    = "ap-southeast-2"
	tokyo     = "ap-northeast-1"
	frankfurt = "eu-central-1"

	partner = "210987654321" // another account

	signInPattern  = `{"source":["aws.signin"],"detail-type":["AWS Console Sign In via CloudTrail"],"detail":{"responseElements":{"ConsoleLogin":["Success"]}}}`
	failurePattern = `{"source":["aws.signin"],"detail":{"responseElements":{"ConsoleLogin":["Failure"]}}}`
	signInFilter   = `{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Success") }`
)

func arn(service, region, resource string) string {
	return "arn:aws:" + service + ":" + region + ":" + accountID + ":" + resource
}

func bus(region string) string { return arn("events", region, "event-bus/default") }

// rule is an enabled rule of a default bus.
func rule(region, name, pattern string, targets ...string) evidence.EventRule {
	r := evidence.EventRule{Region: region, Name: name, ARN: arn("events", region, "rule/"+name), State: "ENABLED", Pattern: pattern}
	for i, t := range targets {
		r.Targets = append(r.Targets, evidence.RuleTarget{ID: string(rune('a' + i)), ARN: t})
	}
	return r
}

func tcp(port int, r evidence.SecurityRule) evidence.SecurityRule {
	r.Protocol, r.FromPort, r.ToPort = "tcp", &port, &port
	return r
}

// address is a public address.
const address = "203.0.113.5"

// computeOf is a region with one plain instance behind a security group.
func computeOf(region string) evidence.Compute {
	vpc, subnet, group := "vpc-"+region, "subnet-"+region, "sg-"+region
	return evidence.Compute{
		Region: region,
		Instances: []evidence.Instance{{ID: "i-" + region, Name: "웹", State: "running", Platform: "Linux/UNIX", VPC: vpc, Subnet: subnet, Image: "ami-1", ImageName: "al2023", Interfaces: []evidence.NetworkInterface{
			{ID: "eni-" + region, Subnet: subnet, VPC: vpc, PrivateIPv4: []string{"10.0.0.5"}, PublicIPv4: []string{address}, SecurityGroups: []string{group}},
		}}},
		SecurityGroups: []evidence.SecurityGroup{{ID: group, Name: "web", VPC: vpc, Ingress: []evidence.SecurityRule{tcp(22, evidence.SecurityRule{CIDRs: []string{"0.0.0.0/0"}, PrefixLists: []string{"pl-office"}})}},
			{ID: "sg-eice", Name: "endpoint", VPC: vpc}},
		Subnets:     []evidence.Subnet{{ID: subnet, VPC: vpc, CIDRs: []string{"10.0.0.0/24"}}},
		RouteTables: []evidence.RouteTable{{ID: "rtb-" + region, VPC: vpc, Main: true, Routes: []evidence.Route{{Destination: "0.0.0.0/0", Gateway: "igw-1", State: "active"}}}},
		PrefixLists: []evidence.PrefixList{
			{ID: "pl-connect", Name: "com.amazonaws." + region + ".ec2-instance-connect", CIDRs: []string{"192.0.2.0/29"}},
			{ID: "pl-connect6", Name: "com.amazonaws." + region + ".ipv6.ec2-instance-connect", CIDRs: []string{"2001:db8::/48"}},
			{ID: "pl-office", Name: "office", CIDRs: []string{"198.51.100.0/24"}},
			{ID: "pl-other", Name: "named by nobody", CIDRs: []string{"198.51.100.0/25"}},
		},
		Endpoints: []evidence.ConnectEndpoint{{ID: "eice-1", State: "create-complete", VPC: vpc, Subnet: subnet, SecurityGroups: []string{"sg-eice"}}},
		Nodes:     []evidence.SSMNode{{ID: "i-" + region, Ping: "Online", LastPing: start.Add(-time.Minute), Agent: "3.3.1", Platform: "Amazon Linux", IP: "10.0.0.5"}},
		Session:   &evidence.SessionDocument{Exists: true, LogGroup: "/ssm/sessions"},
	}
}

// withChains adds to an account the ways from a sign-in to a person: rules that
// forward to a central bus in us-east-1, and an alarm over a log group in Seoul.
func withChains(a fakeaws.Account) fakeaws.Account {
	logging := true
	alerts, alarms := arn("sns", virginia, "alerts"), arn("sns", seoul, "alarms")
	a.Trails = []evidence.Trail{
		{Name: "local", ARN: arn("cloudtrail", virginia, "trail/local"), HomeRegion: virginia, Own: true},
		{Name: "main", ARN: arn("cloudtrail", seoul, "trail/main"), HomeRegion: seoul, MultiRegion: true, Own: true, Logging: &logging, LogGroupARN: arn("logs", seoul, "log-group:trail")},
	}
	a.Rules = []evidence.EventRule{
		rule(virginia, "central", signInPattern, alerts),
		rule(virginia, "failures", failurePattern, arn("sns", virginia, "unused")),
		rule(virginia, "nightly", ""),
		rule(seoul, "forward", signInPattern, bus(virginia)),
		rule(seoul, "instances", `{"source":["aws.ec2"]}`, bus(tokyo)),
	}
	a.Filters = []evidence.MetricFilter{
		{Region: seoul, LogGroup: "trail", Name: "sign-in", Pattern: signInFilter, Metrics: []evidence.FilterMetric{{Namespace: "Audit", Name: "SignIn", Value: "1"}}},
		{Region: seoul, LogGroup: "app", Name: "errors", Pattern: "ERROR", Metrics: []evidence.FilterMetric{{Namespace: "App", Name: "Errors", Value: "1"}}},
	}
	a.MetricAlarms = []evidence.MetricAlarm{
		metricAlarm("sign-in", "Audit", "SignIn", alarms),
		metricAlarm("errors", "App", "Errors", arn("sns", seoul, "unused")),
	}
	a.Topics = []evidence.Topic{
		{ARN: alerts, Policy: `{"Statement":[]}`, Subscriptions: []evidence.Subscription{
			{Protocol: "email", Endpoint: "gildong.hong@gasang.example", Confirmed: true}, {Protocol: "sms", Endpoint: "+821055500110"},
			{Protocol: "https", Endpoint: "https://hooks.gasang.example/services/T000/B000?token=webhook-secret", Confirmed: true},
		}},
		{ARN: alarms, KMSKey: "alias/aws/sns", Subscriptions: []evidence.Subscription{{Protocol: "lambda", Endpoint: arn("lambda", seoul, "function:notify"), Confirmed: true}}},
	}
	return a
}

func metricAlarm(name, namespace, metric string, actions ...string) evidence.MetricAlarm {
	one := 1.0
	return evidence.MetricAlarm{
		Region: seoul, Name: name, ARN: arn("cloudwatch", seoul, "alarm:"+name), Namespace: namespace, Metric: metric, Statistic: "Sum", Period: 300,
		EvaluationPeriods: 1, Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold", ActionsEnabled: true, Actions: actions,
	}
}

// rootEvent is a console sign-in of root.
func rootEvent(id string, age time.Duration) fakeaws.TrailEvent {
	return fakeaws.TrailEvent{RootEvent: evidence.RootEvent{
		ID: id, At: start.Add(-age), Name: "ConsoleLogin", Source: "signin.amazonaws.com", Region: virginia, SourceIP: "203.0.113.9", MFA: "Yes", ReadOnly: new(bool),
	}}
}

// full is an account with 17 regions and one of everything that regions hold, in
// two of them with instances.
func full() fakeaws.Account {
	a := withChains(standard())
	a.Regions = nil // those of a new account
	a.Compute = []evidence.Compute{computeOf(seoul), computeOf(virginia)}
	a.RootEvents = []fakeaws.TrailEvent{rootEvent("e-1", time.Hour), rootEvent("e-2", 48*time.Hour)}
	a.RootEvents[1].Username = "gasang"
	return a
}

// asked counts the requests of a run by region and action, attempts among them.
func asked(c bundle.Content) map[string]map[string]int {
	counts := map[string]map[string]int{}
	for _, call := range c.Recording.Calls {
		if counts[call.Region] == nil {
			counts[call.Region] = map[string]int{}
		}
		counts[call.Region][call.Action()]++
	}
	return counts
}

// clean runs and refuses failures.
func (b *bench) clean() bundle.Content {
	b.Helper()
	content := b.run()
	if len(content.Set.Failures) > 0 {
		b.Fatalf("failures %+v", content.Set.Failures)
	}
	return content
}

func answer(set evidence.Set, action, region, subject string) *evidence.Answer {
	i := slices.IndexFunc(set.Answers, func(a evidence.Answer) bool { return a.Action == action && a.Region == region && a.Subject == subject })
	if i < 0 {
		return nil
	}
	return &set.Answers[i]
}

// ruleOf returns a rule as it was seen.
func ruleOf(t testing.TB, set evidence.Set, region, name string) evidence.EventRule {
	t.Helper()
	for _, r := range set.Alarms.Rules {
		if r.Region == region && r.Name == name {
			return r
		}
	}
	t.Fatalf("no rule %s in %s", name, region)
	return evidence.EventRule{}
}

// busy is a full account whose regions lead to each other: many forward to one
// bus, two trails write to log groups, topics stand in several regions.
func busy() fakeaws.Account {
	a := full()
	logging := true
	a.Trails = append(a.Trails,
		evidence.Trail{Name: "second", ARN: arn("cloudtrail", frankfurt, "trail/second"), HomeRegion: frankfurt, MultiRegion: true, Own: true, Logging: &logging, LogGroupARN: arn("logs", frankfurt, "log-group:second")},
		orgTrail())
	for _, region := range []string{tokyo, ohio, stockholm, sydney, frankfurt} {
		a.Rules = append(a.Rules, rule(region, "forward", signInPattern, bus(virginia), bus(seoul), arn("sns", region, "local")))
		a.Topics = append(a.Topics, evidence.Topic{ARN: arn("sns", region, "local")})
	}
	a.Rules = append(a.Rules, rule(seoul, "twin", signInPattern), rule(virginia, "twin", signInPattern, arn("sns", virginia, "alerts"))) // one pattern twice
	a.Filters = append(a.Filters,
		evidence.MetricFilter{Region: frankfurt, LogGroup: "second", Name: "all", Pattern: signInFilter, Metrics: []evidence.FilterMetric{{Namespace: "Audit", Name: "SignIn", Value: "1"}}},
		evidence.MetricFilter{Region: seoul, LogGroup: "trail", Name: "twin", Pattern: signInFilter})
	for _, region := range []string{seoul, virginia, ohio} {
		for i := range 60 { // two pages
			e := rootEvent(region+string(rune('A'+i)), 0)
			e.At, e.Name, e.Region = start.Add(-24*time.Hour), "ListUsers", region // all at one time
			a.RootEvents = append(a.RootEvents, e)
		}
	}
	return a
}

// orgTrail is an organization's trail as a member account sees it.
func orgTrail() evidence.Trail {
	return evidence.Trail{Name: "org", ARN: "arn:aws:cloudtrail:" + virginia + ":" + partner + ":trail/org", HomeRegion: virginia, MultiRegion: true, Organization: true}
}
