package gasang

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// The regional part of the account: root's events, the alarms on sign-ins, and
// the instances. The office is 203.0.113.0/24, its VPN 198.51.100.0/24, and the
// rest of the internet 192.0.2.0/24: from .0 the Instance Connect service, from
// .64 the instances' public addresses, .200 a stranger.

const (
	seoul     = "ap-northeast-2" // where the work is
	tokyo     = "ap-northeast-1" // the recovery site
	virginia  = "us-east-1"
	ohio      = "us-east-2"
	stockholm = "eu-north-1"
	sydney    = "ap-southeast-2"
)

func arn(service, region, resource string) string {
	return "arn:aws:" + service + ":" + region + ":" + accountID + ":" + resource
}

func digest(names ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, names...)
	return h.Sum64()
}

// resourceID makes one of AWS's ids out of names: i-04b0….
func resourceID(kind string, names ...any) string {
	return fmt.Sprintf("%s-0%016x", kind, digest(names...))
}

func uuid(names ...any) string {
	n := digest(names...)
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", n>>32, n>>16&0xffff, n>>4&0xfff, n&0xfff, n*2654435761&0xffffffffffff)
}

var kst = time.FixedZone("KST", 9*60*60)

// Root is used on three days, the last of which is another day in UTC. A failed
// sign-in, a service's call in root's name, and a user and a session that are
// merely called root are no use. The account has an alias: calls carry it as
// root's user name, sign-ins don't.
func rootEvents() []fakeaws.TrailEvent {
	const (
		browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
		signIn  = "signin.amazonaws.com"
		alias   = "gasang-fintech"
	)
	type facts = evidence.RootEvent
	read, write := new(bool), new(bool)
	*read = true
	events := []struct {
		at, name, source, region, ip string
		fakeaws.TrailEvent
	}{
		{"2026-09-14 09:30:12", "ConsoleLogin", signIn, virginia, "203.0.113.24", fakeaws.TrailEvent{RootEvent: facts{MFA: "Yes", ReadOnly: write}}},
		{"2026-09-14 09:31:05", "GetCostAndUsage", "ce.amazonaws.com", virginia, "203.0.113.24", fakeaws.TrailEvent{RootEvent: facts{MFA: "true", ReadOnly: read}, Username: alias}},
		// The card is replaced. AWS marks this change as read-only, its documentation too.
		{"2026-09-14 09:34:41", "Instruments_Update", "payments.amazonaws.com", virginia, "203.0.113.24", fakeaws.TrailEvent{RootEvent: facts{MFA: "true", ReadOnly: read}, Username: alias}},
		{"2026-10-03 03:38:27", "ConsoleLogin", signIn, virginia, "192.0.2.200", fakeaws.TrailEvent{RootEvent: facts{MFA: "No", ReadOnly: write, Failed: true}, Identity: "IAMUser"}},
		{"2026-10-03 03:41:50", "ConsoleLogin", signIn, virginia, "192.0.2.200", fakeaws.TrailEvent{RootEvent: facts{MFA: "No", ReadOnly: write, Failed: true}}},
		{"2026-10-20 02:00:31", "DescribeSubnets", "ec2.amazonaws.com", seoul, "elasticloadbalancing.amazonaws.com", fakeaws.TrailEvent{RootEvent: facts{
			UserAgent: "elasticloadbalancing.amazonaws.com", InvokedBy: "elasticloadbalancing.amazonaws.com", ReadOnly: read}, Username: alias}},
		{"2026-11-03 16:05:09", "ConsoleLogin", signIn, virginia, "203.0.113.24", fakeaws.TrailEvent{RootEvent: facts{MFA: "Yes", ReadOnly: write}}},
		{"2026-11-03 16:09:44", "CreateVirtualMFADevice", "iam.amazonaws.com", virginia, "203.0.113.24", fakeaws.TrailEvent{RootEvent: facts{MFA: "true", ReadOnly: write}, Username: alias}},
		{"2026-11-03 16:11:20", "EnableMFADevice", "iam.amazonaws.com", virginia, "203.0.113.24", fakeaws.TrailEvent{RootEvent: facts{MFA: "true", ReadOnly: write}, Username: alias}},
		{"2026-11-12 11:20:00", "DescribeInstances", "ec2.amazonaws.com", seoul, "203.0.113.40", fakeaws.TrailEvent{RootEvent: facts{MFA: "true", ReadOnly: read}, Identity: "AssumedRole"}},
		{"2026-11-18 00:05:33", "ConsoleLogin", signIn, virginia, "198.51.100.7", fakeaws.TrailEvent{RootEvent: facts{MFA: "Yes", ReadOnly: write}}},
		{"2026-11-18 00:12:58", "AuthorizeSecurityGroupIngress", "ec2.amazonaws.com", seoul, "198.51.100.7", fakeaws.TrailEvent{RootEvent: facts{MFA: "true", ReadOnly: write}, Username: alias}},
	}
	var out []fakeaws.TrailEvent
	for _, e := range events {
		at, err := time.ParseInLocation(time.DateTime, e.at, kst)
		if err != nil {
			panic(err)
		}
		x := e.TrailEvent
		x.ID, x.At, x.Name, x.Source, x.Region, x.SourceIP = uuid(e.at, e.name), at.UTC(), e.name, e.source, e.region, e.ip
		x.UserAgent = cmp.Or(x.UserAgent, browser)
		out = append(out, x)
	}
	return out
}

// lastRootSignIn is what the credential report knows of root's password.
func lastRootSignIn() time.Time {
	var last time.Time
	for _, e := range rootEvents() {
		if e.Name == "ConsoleLogin" && e.Identity == "" && !e.Failed && e.At.After(last) {
			last = e.At
		}
	}
	return last
}

func trails() []evidence.Trail {
	logging := true
	return []evidence.Trail{{
		Name: "gasang-management", ARN: arn("cloudtrail", seoul, "trail/gasang-management"), HomeRegion: seoul, MultiRegion: true, Own: true,
		LogGroupARN: arn("logs", seoul, "log-group:"+trailGroup), Logging: &logging,
	}}
}

const (
	trailGroup = "aws-cloudtrail-logs-gasang"
	signInRule = `{"source":["aws.signin"],"detail-type":["AWS Console Sign In via CloudTrail"],"detail":{"eventName":["ConsoleLogin"],"responseElements":{"ConsoleLogin":["Success"]}}}`
	rootRule   = `{"detail-type":["AWS API Call via CloudTrail","AWS Console Sign In via CloudTrail"],"detail":{"userIdentity":{"type":["Root"]}}}`
	ec2Rule    = `{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"]}`
)

var (
	securityAlerts = arn("sns", seoul, "security-alerts")
	signInReports  = arn("sns", seoul, "signin-reports")
	rootAlerts     = arn("sns", virginia, "root-alerts")
)

// rules show every turn of an EventBridge chain: to a topic, to the central bus,
// switched off, to a function, and one that User Notifications manages. Two are
// not about sign-ins at all.
func rules() []evidence.EventRule {
	const managed = "AWSUserNotificationsManagedRule-1k4m7q2"
	central := arn("events", seoul, "event-bus/default")
	var out []evidence.EventRule
	for _, r := range []struct{ region, name, state, pattern, target string }{
		{virginia, "root-activity", "ENABLED", rootRule, rootAlerts},
		{virginia, "signin-to-seoul", "ENABLED", signInRule, central},
		{ohio, "signin-to-seoul", "ENABLED", signInRule, central},
		{stockholm, "signin-to-seoul", "DISABLED", signInRule, central},
		{sydney, "signin-to-messenger", "ENABLED", signInRule, arn("lambda", sydney, "function:signin-to-messenger")},
		{seoul, "signin-central", "ENABLED", signInRule, securityAlerts},
		{seoul, "instance-state", "ENABLED", ec2Rule, arn("sqs", seoul, "instance-state")},
		{seoul, "nightly-snapshot", "ENABLED", "", arn("lambda", seoul, "function:nightly-snapshot")},
		{tokyo, managed, "ENABLED", `{"source":["aws.signin"],"detail-type":["AWS Console Sign In via CloudTrail"]}`, "arn:aws:notifications::" + accountID + ":configuration/a01jes88qxwkbj05xv9c967pgm1"},
	} {
		rule := evidence.EventRule{Region: r.region, Name: r.name, ARN: arn("events", r.region, "rule/"+r.name), State: r.state, Pattern: r.pattern,
			Targets: []evidence.RuleTarget{{ID: "target-1", ARN: r.target}}}
		if r.target == central {
			rule.Targets[0].RoleARN = "arn:aws:iam::" + accountID + ":role/eventbridge-to-seoul"
		}
		if r.name == managed {
			rule.ManagedBy = "notifications.amazonaws.com"
		}
		out = append(out, rule)
	}
	return out
}

// filters are those of the CIS benchmark, which many take for a watch on sign-ins:
// one matches root alone, one sign-ins without MFA alone, one failures.
func filters() []evidence.MetricFilter {
	var out []evidence.MetricFilter
	for _, f := range []struct{ name, pattern, metric string }{
		{"root-usage", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`, "RootUsage"},
		{"signin-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, "ConsoleSigninWithoutMFA"},
		{"signin-failures", `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`, "ConsoleSigninFailures"},
	} {
		out = append(out, evidence.MetricFilter{Region: seoul, LogGroup: trailGroup, Name: f.name, Pattern: f.pattern,
			Metrics: []evidence.FilterMetric{{Namespace: "CloudTrailMetrics", Name: f.metric, Value: "1"}}})
	}
	return out
}

func metricAlarms() []evidence.MetricAlarm {
	one := 1.0
	var out []evidence.MetricAlarm
	for _, a := range []struct{ name, metric, topic string }{
		{"root-usage", "RootUsage", securityAlerts}, {"signin-without-mfa", "ConsoleSigninWithoutMFA", signInReports},
	} {
		out = append(out, evidence.MetricAlarm{Region: seoul, Name: a.name, ARN: arn("cloudwatch", seoul, "alarm:"+a.name), Namespace: "CloudTrailMetrics", Metric: a.metric,
			Statistic: "Sum", Period: 300, EvaluationPeriods: 1, Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold", TreatMissing: "notBreaching",
			ActionsEnabled: true, Actions: []string{a.topic}})
	}
	return out
}

func topics() []evidence.Topic {
	publish := func(topic, service, key, value string) string {
		return fmt.Sprintf(`{"Sid":"%[2]s","Effect":"Allow","Principal":{"Service":"%[2]s.amazonaws.com"},"Action":"sns:Publish","Resource":"%[1]s","Condition":{"ArnEquals":{"%[3]s":"%[4]s"}}}`, topic, service, key, value)
	}
	policy := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	return []evidence.Topic{
		{ARN: securityAlerts, Policy: policy(
			publish(securityAlerts, "events", "aws:SourceArn", arn("events", seoul, "rule/signin-central")),
			publish(securityAlerts, "cloudwatch", "aws:SourceArn", arn("cloudwatch", seoul, "alarm:root-usage")),
		), Subscriptions: []evidence.Subscription{
			{Protocol: "email", Endpoint: "security@gasang-fintech.example", Confirmed: true}, {Protocol: "email", Endpoint: "ciso@gasang-fintech.example"},
		}},
		{ARN: signInReports, Subscriptions: []evidence.Subscription{{Protocol: "email", Endpoint: "audit@gasang-fintech.example"}}}, // nobody confirmed
		{ARN: rootAlerts, Policy: policy(publish(rootAlerts, "events", "aws:SourceArn", arn("events", virginia, "rule/root-activity"))), Subscriptions: []evidence.Subscription{
			{Protocol: "email", Endpoint: "security@gasang-fintech.example", Confirmed: true}, {Protocol: "sms", Endpoint: "+82-10-5550-0110", Confirmed: true},
		}},
	}
}

// site is a region with one VPC: a public subnet (….0.0/24) behind an internet
// gateway, and a private one (….10.0/24) behind a NAT gateway.
type site struct {
	region, net    string // 10.10
	ipv6           string // the public subnet's block; empty: none
	groups         []firewall
	hosts          []host
	endpoint       bool // of Instance Connect, in the private subnet
	hybrid         []evidence.SSMNode
	hostManagement string
	session        *evidence.SessionDocument
}

// firewall is a security group with one rule. The source is a block, or a prefix
// list or a group of the site: 'pl office', 'sg web'.
type firewall struct {
	name   string
	port   int
	source string
}

// host is an instance; its state is running when it isn't said.
type host struct {
	key, name, state string
	image            string // of images
	group, ip        string
	publicIP, ipv6   string
	profile          string
	ping             string // Systems Manager's word; empty: not registered
}

// images have the name of the AMI and of the system; an AMI without a name is gone.
var images = map[string]struct{ ami, system string }{
	"al2023":  {"al2023-ami-2023.9.20261026.0-kernel-6.12-x86_64", "Amazon Linux"},
	"ubuntu":  {"ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261014", "Ubuntu"},
	"windows": {"Windows_Server-2022-Korean-Full-Base-2026.10.14", "Microsoft Windows Server 2022 Datacenter"},
	"retired": {"", "CentOS Linux"},
}

const (
	online   = "Online"
	lost     = "ConnectionLost"
	appRole  = "app-server"      // its instance profile lets Systems Manager in
	quotes   = "quote-collector" // its doesn't
	hostRole = "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
)

// ledger is the instance that most are denied; see gasang-protect-ledger.
var ledger = arn("ec2", seoul, "instance/"+resourceID("i", seoul, "ledger"))

var sites = []site{
	{
		region: seoul, net: "10.10", endpoint: true,
		groups: []firewall{
			{"web", 443, "10.10.0.0/16"}, {"bastion", 22, "0.0.0.0/0"}, {"jump", 22, "pl service"}, {"partner", 22, "pl office"},
			{"batch", 22, "sg connect-endpoint"}, {"ledger", 5432, "sg web"}, {"files", 3389, "10.10.0.0/16"},
		},
		hosts: []host{
			{key: "pay-api", name: "결제 API 서버 1호기", image: "al2023", group: "web", ip: "10.10.10.11", profile: appRole, ping: online},
			{key: "ledger", name: "정산 원장 서버", image: "al2023", group: "ledger", ip: "10.10.10.12", profile: appRole, ping: online},
			{key: "batch", name: "정산 배치 서버", image: "al2023", group: "batch", ip: "10.10.10.13", profile: appRole, ping: online},
			{key: "files", name: "고객센터 파일 서버", image: "windows", group: "files", ip: "10.10.10.14", profile: appRole, ping: online},
			{key: "bastion", name: "운영 배스천", image: "ubuntu", group: "bastion", ip: "10.10.0.21", publicIP: "192.0.2.70", profile: appRole, ping: online},
			{key: "jump", name: "개발 점프 서버", image: "al2023", group: "jump", ip: "10.10.0.22", publicIP: "192.0.2.71"},
			{key: "partner", name: "협력사 작업 서버", image: "ubuntu", group: "partner", ip: "10.10.0.23", publicIP: "192.0.2.72", profile: appRole, ping: lost},
			{key: "old-auth", name: "구 인증 서버(폐기 예정)", state: "stopped", image: "retired", group: "bastion", ip: "10.10.0.24", profile: appRole},
			{key: "migration", name: "이관용 임시 서버", state: "terminated", image: "al2023"},
		},
		hybrid: []evidence.SSMNode{{ID: resourceID("mi", "monitor"), Ping: online, LastPing: RecordedAt.Add(-4 * time.Minute), Agent: "3.3.3270.0",
			Platform: "Rocky Linux", Name: "idc-monitor-01", IP: "10.90.4.31", Hybrid: true}}, // 본사 IDC 모니터링 서버
		session: &evidence.SessionDocument{Exists: true, LogGroup: "/gasang/session-manager"},
	},
	{
		region: virginia, net: "10.20", groups: []firewall{{"office", 22, "203.0.113.0/24"}, {"web", 443, "10.20.0.0/16"}},
		hosts: []host{
			{key: "quotes", name: "해외 시세 수집 서버", image: "ubuntu", group: "office", ip: "10.20.0.11", publicIP: "192.0.2.80", profile: quotes},
			{key: "restore", name: "백업 복구 검증 서버", image: "al2023", group: "web", ip: "10.20.10.12"},
		},
	},
	{
		region: tokyo, net: "10.30", ipv6: "2001:db8:30::/64", hostManagement: hostRole,
		groups: []firewall{{"bastion", 22, "::/0"}, {"web", 443, "10.30.0.0/16"}},
		hosts: []host{
			{key: "dr-api", name: "재해복구 결제 API 서버", state: "stopped", image: "al2023", group: "web", ip: "10.30.10.11", profile: appRole},
			{key: "dr-bastion", name: "재해복구 배스천", image: "al2023", group: "bastion", ip: "10.30.0.21", ipv6: "2001:db8:30::21"},
		},
	},
}

func compute() []evidence.Compute {
	var out []evidence.Compute
	for n, s := range sites {
		out = append(out, s.compute(n))
	}
	return out
}

// id is of one of the site's resources.
func (s site) id(kind, name string) string { return resourceID(kind, s.region, name) }

func (s site) compute(n int) evidence.Compute {
	c := evidence.Compute{Region: s.region, DefaultHostManagement: &s.hostManagement, Session: s.session, Nodes: s.hybrid}
	vpc, public, private := s.id("vpc", "main"), s.id("subnet", "public"), s.id("subnet", "private")
	block := s.net + ".0.0/16"
	c.Subnets = []evidence.Subnet{{ID: public, VPC: vpc, CIDRs: []string{s.net + ".0.0/24"}}, {ID: private, VPC: vpc, CIDRs: []string{s.net + ".10.0/24"}}}
	local, gateway := evidence.Route{Destination: block, Gateway: "local", State: "active"}, s.id("igw", "main")
	c.RouteTables = []evidence.RouteTable{
		{ID: s.id("rtb", "public"), VPC: vpc, Subnets: []string{public}, Routes: []evidence.Route{local, {Destination: "0.0.0.0/0", Gateway: gateway, State: "active"}}},
		{ID: s.id("rtb", "main"), VPC: vpc, Main: true, Routes: []evidence.Route{local, {Destination: "0.0.0.0/0", Gateway: s.id("nat", "main"), State: "active"},
			{Destination: s.id("pl", "s3"), Gateway: s.id("vpce", "s3"), State: "active"}}},
	}
	if s.ipv6 != "" {
		c.Subnets[0].CIDRs = append(c.Subnets[0].CIDRs, s.ipv6)
		c.RouteTables[0].Routes = append(c.RouteTables[0].Routes, evidence.Route{Destination: "::/0", Gateway: gateway, State: "active"})
	}
	aws := "com.amazonaws." + s.region
	c.PrefixLists = []evidence.PrefixList{
		{ID: s.id("pl", "service"), Name: aws + ".ec2-instance-connect", CIDRs: []string{fmt.Sprintf("192.0.2.%d/29", 8*n)}},
		{ID: s.id("pl", "service6"), Name: aws + ".ipv6.ec2-instance-connect", CIDRs: []string{fmt.Sprintf("2001:db8:ec2:%d::/64", n)}},
		{ID: s.id("pl", "s3"), Name: aws + ".s3", CIDRs: []string{"192.0.2.32/28"}},
		{ID: s.id("pl", "office"), Name: "gasang-office", CIDRs: []string{"198.51.100.0/24", "203.0.113.0/24"}},
	}
	everywhere := []evidence.SecurityRule{{Protocol: "-1", CIDRs: []string{"0.0.0.0/0"}}}
	for _, g := range s.groups {
		c.SecurityGroups = append(c.SecurityGroups, evidence.SecurityGroup{ID: s.id("sg", g.name), Name: g.name, VPC: vpc, Ingress: s.lets(g.port, g.source), Egress: everywhere})
	}
	if s.endpoint {
		group := evidence.SecurityGroup{ID: s.id("sg", "connect-endpoint"), Name: "connect-endpoint", VPC: vpc, Egress: s.lets(22, block)}
		c.SecurityGroups = append(c.SecurityGroups, group)
		c.Endpoints = []evidence.ConnectEndpoint{{ID: s.id("eice", "main"), State: "create-complete", VPC: vpc, Subnet: private, SecurityGroups: []string{group.ID}}}
	}
	for _, h := range s.hosts {
		image := images[h.image]
		i := evidence.Instance{ID: s.id("i", h.key), Name: h.name, State: cmp.Or(h.state, "running"), Image: s.id("ami", h.image), ImageName: image.ami, Platform: "Linux/UNIX"}
		if i.Windows = h.image == "windows"; i.Windows {
			i.Platform = "Windows"
		}
		if h.profile != "" {
			i.Profile = instanceProfile(h.profile)
		}
		if h.ip != "" {
			nic := evidence.NetworkInterface{ID: s.id("eni", h.key), VPC: vpc, Subnet: private, PrivateIPv4: []string{h.ip}, SecurityGroups: []string{s.id("sg", h.group)}}
			if strings.HasPrefix(h.ip, s.net+".0.") {
				nic.Subnet = public
			}
			if h.publicIP != "" {
				nic.PublicIPv4 = []string{h.publicIP}
			}
			if h.ipv6 != "" {
				nic.IPv6 = []string{h.ipv6}
			}
			i.VPC, i.Subnet, i.Interfaces = vpc, nic.Subnet, []evidence.NetworkInterface{nic}
		}
		c.Instances = append(c.Instances, i)
		if h.ping != "" {
			node := evidence.SSMNode{ID: i.ID, Ping: h.ping, LastPing: RecordedAt.Add(-3 * time.Minute), Agent: "3.3.3270.0", Platform: image.system, IP: h.ip,
				Name: "ip-" + strings.ReplaceAll(h.ip, ".", "-") + "." + s.region + ".compute.internal"}
			if h.ping == lost {
				node.LastPing, node.Agent = RecordedAt.AddDate(0, 0, -24), "3.2.2303.0"
			}
			c.Nodes = append(c.Nodes, node)
		}
	}
	return c
}

// lets is a rule that lets a TCP port in, or out.
func (s site) lets(port int, source string) []evidence.SecurityRule {
	r := evidence.SecurityRule{Protocol: "tcp", FromPort: &port, ToPort: &port}
	switch kind, name, _ := strings.Cut(source, " "); kind {
	case "pl":
		r.PrefixLists = []string{s.id(kind, name)}
	case "sg":
		r.Groups = []string{s.id(kind, name)}
	default:
		r.CIDRs = []string{source}
	}
	return []evidence.SecurityRule{r}
}

func instanceProfile(name string) string {
	return "arn:aws:iam::" + accountID + ":instance-profile/" + name
}
