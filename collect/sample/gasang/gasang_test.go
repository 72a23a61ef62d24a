package gasang

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect"
	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample"
	"auditbinder/collect/sample/fakeaws"
)

const recording = "../account.zip"

var update = flag.Bool("update", false, "rewrite account.zip")

// TestRecording holds the committed recording equal to the account described
// here, asked through the real collectors.
func TestRecording(t *testing.T) {
	got := record(t)
	if *update {
		if err := os.WriteFile(recording, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("account.zip is not what the described account gives; run go generate ./collect/sample")
	}
}

// record asks the described account. Calls are made side by side, so the fake's
// clock stands still; who was asked when is written into the recording after the
// run, and the evidence is what a replay of that recording reads.
func record(t *testing.T) []byte {
	a := Account()
	fake := &fakeaws.Server{
		Account:   a,
		Now:       func() time.Time { return RecordedAt },
		RequestID: func(r fakeaws.Request) string { return uuid(r.Action, r.Region, r.Form, r.JSON) },
	}
	server := httptest.NewServer(fake)
	defer server.Close()
	fakeaws.Environment(t.Setenv, server.URL)
	conn, err := collect.Open(context.Background(), collect.Target{Region: seoul, Now: func() time.Time { return RecordedAt },
		Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	content, err := collect.Run(context.Background(), conn, program, collect.Scope{}, collect.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	arrange(content.Recording.Calls)
	content = replay(t, content.Recording)
	// A member account may not read the policies above it; nothing else fails.
	if f := content.Set.Failures; len(f) != 1 || f[0].Action != "organizations:ListParents" {
		t.Fatalf("failures: %+v", f)
	}
	var buf bytes.Buffer
	if _, err := bundle.Write(&buf, content); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

const program = "auditbinder sample"

func replay(t *testing.T, rec evidence.Recording) bundle.Content {
	content, err := collect.Run(context.Background(), collect.Replay(rec), program, collect.Scope{}, collect.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

const (
	took  = 48 * time.Second       // all calls together
	ahead = 200 * time.Millisecond // the machine's clock
)

// arrange gives the calls the true hosts, and times in the order in which a run
// asks; calls that are made side by side follow each other by their ids.
func arrange(calls []evidence.Call) {
	turn := func(c *evidence.Call) int {
		return slices.IndexFunc(turns, func(prefix string) bool { return strings.HasPrefix(c.Action(), prefix) })
	}
	var order []*evidence.Call
	for i := range calls {
		order = append(order, &calls[i])
	}
	slices.SortStableFunc(order, func(x, y *evidence.Call) int { return cmp.Compare(turn(x), turn(y)) })
	for n, c := range order {
		at := RecordedAt.Add(took * time.Duration(n) / time.Duration(len(order)))
		date := at.Truncate(time.Second) // as the header has it
		c.SentAt, c.AWSDate = at.Add(ahead).Truncate(time.Millisecond), &date
		c.Host = strings.ReplaceAll(hosts[c.Service], "REGION", c.Region)
	}
}

// turns are the beginnings of actions in the order of a run.
var turns = []string{
	"sts:", "iam:ListAccountAliases", "ec2:DescribeRegions", "iam:", "account:", "organizations:", "signin:",
	"cloudtrail:DescribeTrails", "events:ListRules", "events:", "ec2:DescribeInstances", "ec2:", "ssm:", "cloudtrail:LookupEvents",
	"cloudtrail:", "logs:DescribeMetricFilters", "logs:", "cloudwatch:", "sns:",
}

var hosts = map[string]string{
	"sts": "sts.REGION.amazonaws.com", "iam": "iam.amazonaws.com", "account": "account.us-east-1.amazonaws.com",
	"organizations": "organizations.us-east-1.amazonaws.com", "signin": "signin.us-east-1.api.aws",
	"ec2": "ec2.REGION.amazonaws.com", "ssm": "ssm.REGION.amazonaws.com", "cloudtrail": "cloudtrail.REGION.amazonaws.com",
	"events": "events.REGION.amazonaws.com", "sns": "sns.REGION.amazonaws.com", "logs": "logs.REGION.amazonaws.com", "cloudwatch": "monitoring.REGION.amazonaws.com",
}

func TestSampleIsWhatTheDemoNeeds(t *testing.T) {
	rec, err := sample.Recording()
	if err != nil {
		t.Fatal(err)
	}
	requests := map[string]bool{}
	for _, c := range rec.Calls {
		if c.Source != evidence.SourceReplay || c.Host == "" || strings.Contains(c.Host, "127.0.0.1") || requests[c.RequestID] {
			t.Errorf("%s: source %s, host %s, request id %s (seen before: %t)", c.ID, c.Source, c.Host, c.RequestID, requests[c.RequestID])
		}
		if lead := c.SentAt.Sub(*c.AWSDate); lead < 0 || lead > time.Second+ahead {
			t.Errorf("%s was sent at %v and answered at %v", c.ID, c.SentAt, c.AWSDate)
		}
		requests[c.RequestID] = true
	}
	if info, err := os.Stat(recording); err != nil || info.Size() > 600_000 {
		t.Errorf("account.zip: %v, %v", info, err)
	}
	set := replay(t, rec).Set
	if !set.CollectedAt.Equal(RecordedAt) || len(set.Failures) != 1 || set.Failures[0].Action != "organizations:ListParents" {
		t.Errorf("collected at %v, failures %+v", set.CollectedAt, set.Failures)
	}
	for _, need := range slices.Concat(peopleNeeded(set), rootNeeded(set), alarmsNeeded(set), instancesNeeded(set)) {
		if !need.met {
			t.Errorf("the sample lacks: %s", need.what)
		}
	}
}

// need is something that the demo has to show.
type need struct {
	what string
	met  bool
}

func peopleNeeded(set evidence.Set) []need {
	names := map[string]bool{}
	long := false
	for _, u := range set.IAM.Users {
		names[u.Name] = true
		long = long || len(u.Name) > 60 && len(u.Name) <= 64
	}
	role := func(name, trust string, policies ...string) bool {
		return slices.ContainsFunc(set.IAM.Roles, func(r evidence.Role) bool {
			return r.Name == name && strings.Contains(r.Trust, trust) && slices.Equal(r.Attached, refs(policies...))
		})
	}
	out := []need{
		{"about 40 users, each once", len(names) == len(set.IAM.Users) && len(names) >= 36 && len(names) <= 44},
		{"a name as long as IAM allows", long},
		{"a role that only the management account assumes", role("OrganizationAccountAccessRole", managementID, "AdministratorAccess")},
		{"a service-linked role", slices.ContainsFunc(set.IAM.Roles, func(r evidence.Role) bool { return strings.HasPrefix(r.Path, "/aws-service-role/") })},
		{"an administrator that is a service", role("cloudformation-deploy", "cloudformation.amazonaws.com", "AdministratorAccess")},
		{"a role for instances under Systems Manager", role(appRole, "ec2.amazonaws.com", "AmazonSSMManagedInstanceCore", "ReadOnlyAccess")},
		{"a role behind a source address", role("ops", accountID, "gasang-session-office")},
	}
	for _, must := range []string{"=cmd", "+alice", "kim,cheolsu", "root"} {
		out = append(out, need{"user " + must, names[must]})
	}
	return out
}

func rootNeeded(set evidence.Set) []need {
	days := map[string]bool{}
	var last time.Time
	var foreign, service, card bool
	for _, e := range set.RootEvents.Events {
		switch {
		case e.Failed:
			foreign = foreign || e.Name == "ConsoleLogin" && strings.HasPrefix(e.SourceIP, "192.0.2.")
		case e.InvokedBy != "":
			service = true
		default:
			days[e.At.In(kst).Format(time.DateOnly)] = true
			card = card || e.Source == "payments.amazonaws.com"
			if e.Name == "ConsoleLogin" {
				last = e.At
			}
		}
	}
	root := set.CredentialReport.Rows[0]
	return []need{
		{"three days of root's use", len(days) == 3},
		{"root's last sign-in in both sources", root.Root() && root.PasswordUsed.At != nil && root.PasswordUsed.At.Equal(last)},
		{"a failed sign-in from afar", foreign},
		{"a service's event in root's name", service},
		{"root's change of the means of payment", card},
		{"events of others called root", set.RootEvents.Others == 2},
	}
}

func alarmsNeeded(set evidence.Set) []need {
	a := set.Alarms
	rule := func(region, state, service string) bool {
		return slices.ContainsFunc(a.Rules, func(r evidence.EventRule) bool {
			return r.Region == region && r.State == state && len(r.Targets) > 0 && strings.HasPrefix(r.Targets[0].ARN, "arn:aws:"+service+":") &&
				slices.ContainsFunc(r.Tests, func(x evidence.SignInTest) bool { return x.Match })
		})
	}
	forwarded := func(region string) bool {
		return slices.ContainsFunc(a.Rules, func(r evidence.EventRule) bool {
			return r.Region == seoul && slices.ContainsFunc(r.Tests, func(x evidence.SignInTest) bool {
				return x.Region == region && x.Class == evidence.LoginUser && x.Match
			})
		})
	}
	topic := func(arn string, confirmed, pending int) bool {
		return slices.ContainsFunc(a.Topics, func(x evidence.Topic) bool {
			n := 0
			for _, s := range x.Subscriptions {
				if s.Confirmed {
					n++
				}
			}
			return x.ARN == arn && n == confirmed && len(x.Subscriptions) == confirmed+pending
		})
	}
	filter := func(name string, root, user int) bool { // how many tests match
		return slices.ContainsFunc(a.Filters, func(f evidence.MetricFilter) bool {
			count := map[evidence.LoginClass]int{}
			for _, x := range f.Tests {
				if x.Match {
					count[x.Class]++
				}
			}
			return f.Name == name && count[evidence.LoginRoot] == root && count[evidence.LoginUser] == user
		})
	}
	t := set.Trails[0]
	variants := len(a.Variants)
	return []need{
		{"17 regions, and some not opted in", len(set.Regions.In(evidence.ScopeFull)) == 17 && len(set.Regions.In(evidence.ScopeDisabled)) > 1},
		{"one trail of all regions that logs to a group", len(set.Trails) == 1 && t.MultiRegion && t.Own && *t.Logging && t.LogGroupARN == a.LogGroups[0].ARN},
		{"root's rule to a topic", rule(virginia, "ENABLED", "sns")},
		{"rules to the central bus", rule(virginia, "ENABLED", "events") && rule(ohio, "ENABLED", "events") && forwarded(virginia) && forwarded(ohio)},
		{"a disabled rule", rule(stockholm, "DISABLED", "events") && !forwarded(stockholm)},
		{"a rule to a function", rule(sydney, "ENABLED", "lambda")},
		{"a managed rule of User Notifications", slices.ContainsFunc(a.Rules, func(r evidence.EventRule) bool {
			return r.Region == tokyo && r.ManagedBy == "notifications.amazonaws.com"
		})},
		{"rules that are no candidates", slices.ContainsFunc(a.Rules, func(r evidence.EventRule) bool { return !r.Candidate && r.Pattern == "" })},
		{"a filter for root alone", filter("root-usage", variants, 0)},
		{"a filter for sign-ins without MFA alone", filter("signin-without-mfa", variants/2, 17*variants/2)},
		{"a filter for no success", filter("signin-failures", 0, 0)},
		{"a topic with a pending subscriber beside another", topic(securityAlerts, 1, 1)},
		{"a topic that nobody has confirmed", topic(signInReports, 0, 1)},
		{"a topic that all have confirmed", topic(rootAlerts, 2, 0)},
	}
}

func instancesNeeded(set evidence.Set) []need {
	total, regions := 0, 0
	var states, pings []string
	var windows, bare, gone, public6, hybrid bool
	entries := 0
	for _, c := range set.Compute {
		total += len(c.Instances)
		if len(c.Instances) > 0 {
			regions++
		}
		for _, i := range c.Instances {
			states = append(states, i.State)
			windows = windows || i.Windows
			bare = bare || i.Profile == "" && i.State == "running"
			gone = gone || i.ImageName == ""
			public6 = public6 || len(i.Interfaces) > 0 && len(i.Interfaces[0].IPv6) > 0
		}
		for _, n := range c.Nodes {
			pings = append(pings, n.Ping)
			hybrid = hybrid || n.Hybrid && n.IP != ""
		}
		for _, l := range c.PrefixLists {
			if strings.Contains(l.Name, "ec2-instance-connect") && l.EntriesRead && len(l.CIDRs) > 0 {
				entries++
			}
		}
	}
	at := func(region string) evidence.Compute {
		i := slices.IndexFunc(set.Compute, func(c evidence.Compute) bool { return c.Region == region })
		return set.Compute[i]
	}
	opens := func(region string, source func(evidence.SecurityRule) bool) bool {
		return slices.ContainsFunc(at(region).SecurityGroups, func(g evidence.SecurityGroup) bool {
			return slices.ContainsFunc(g.Ingress, func(r evidence.SecurityRule) bool { return *r.FromPort == 22 && source(r) })
		})
	}
	from := func(cidr string) func(evidence.SecurityRule) bool {
		return func(r evidence.SecurityRule) bool { return slices.Contains(r.CIDRs, cidr) }
	}
	named := func(list string) func(evidence.SecurityRule) bool {
		return func(r evidence.SecurityRule) bool {
			return slices.ContainsFunc(at(seoul).PrefixLists, func(l evidence.PrefixList) bool { return l.Name == list && slices.Contains(r.PrefixLists, l.ID) })
		}
	}
	return []need{
		{"about twelve instances in three regions", total >= 12 && total <= 14 && regions == 3},
		{"running, stopped and terminated ones", slices.Contains(states, "running") && slices.Contains(states, "stopped") && slices.Contains(states, "terminated")},
		{"nodes online and lost", slices.Contains(pings, online) && slices.Contains(pings, lost)},
		{"an instance with Windows", windows},
		{"an instance without a profile", bare},
		{"an image that is gone", gone},
		{"a public IPv6 address", public6},
		{"a hybrid node with its address", hybrid},
		{"the service's lists in each region", entries == 2*regions},
		{"port 22 for everyone", opens(seoul, from("0.0.0.0/0")) && opens(tokyo, from("::/0"))},
		{"port 22 for the Instance Connect service", opens(seoul, named("com.amazonaws."+seoul+".ec2-instance-connect"))},
		{"port 22 for a list of the company's", opens(seoul, named("gasang-office"))},
		{"port 22 for an office range", opens(virginia, from("203.0.113.0/24"))},
		{"port 22 behind an endpoint", len(at(seoul).Endpoints) == 1 && opens(seoul, func(r evidence.SecurityRule) bool {
			return slices.Equal(r.Groups, at(seoul).Endpoints[0].SecurityGroups)
		})},
		{"session preferences in Seoul alone", at(seoul).Session.LogGroup != "" && !at(virginia).Session.Exists && !at(tokyo).Session.Exists},
		{"default host management in Tokyo alone", *at(seoul).DefaultHostManagement == "" && *at(tokyo).DefaultHostManagement == hostRole},
	}
}

var (
	address = regexp.MustCompile(`(?:^|[^/.\d])(\d{1,3}(?:\.\d{1,3}){3})`) // not a version
	owner   = regexp.MustCompile(`(?::|%3A)(\d{12})(?::|%3A)`)
	mail    = regexp.MustCompile(`[\w.]+@[\w.-]+`)
)

// Whatever the recording names is of documentation ranges and of the story.
func TestSampleIsFictional(t *testing.T) {
	rec, err := sample.Recording()
	if err != nil {
		t.Fatal(err)
	}
	fictional := []*regexp.Regexp{
		regexp.MustCompile(`^(203\.0\.113|198\.51\.100|192\.0\.2|10\.\d+\.\d+)\.\d+$`),
		regexp.MustCompile(`^(0|128)\.0\.0\.0$`), // all of the internet, and half of it
		regexp.MustCompile(`^(` + accountID + `|` + managementID + `)$`),
		regexp.MustCompile(`@gasang-fintech\.example$`),
	}
	found := 0
	for name, body := range rec.Bodies {
		body = bytes.ReplaceAll(body, []byte("%22"), []byte(`"`)) // of encoded policies
		for _, kind := range []*regexp.Regexp{address, owner, mail} {
			for _, m := range kind.FindAllSubmatch(body, -1) {
				found++
				if text := m[len(m)-1]; !slices.ContainsFunc(fictional, func(r *regexp.Regexp) bool { return r.Match(text) }) {
					t.Errorf("%s holds %s", name, text)
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d names found", found)
	}
}
