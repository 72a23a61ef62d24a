package collect_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// inRegion is what a run says of a region.
func inRegion(t *testing.T, set evidence.Set, region string) evidence.Compute {
	t.Helper()
	for _, c := range set.Compute {
		if c.Region == region {
			return c
		}
	}
	t.Fatalf("nothing of %s", region)
	return evidence.Compute{}
}

// callless is a copy without call ids, so that it can be held against a description.
func callless(c evidence.Compute) evidence.Compute {
	c.Instances, c.Nodes, c.SecurityGroups = slices.Clone(c.Instances), slices.Clone(c.Nodes), slices.Clone(c.SecurityGroups)
	c.Endpoints, c.PrefixLists = slices.Clone(c.Endpoints), slices.Clone(c.PrefixLists)
	for i := range c.Instances {
		c.Instances[i].Calls = nil
	}
	for i := range c.Nodes {
		c.Nodes[i].Calls = nil
	}
	for i := range c.SecurityGroups {
		c.SecurityGroups[i].Calls = nil
	}
	for i := range c.Endpoints {
		c.Endpoints[i].Calls = nil
	}
	for i := range c.PrefixLists {
		c.PrefixLists[i].Calls = nil
	}
	return c
}

// Instances with everything that they can have come out as described.
func TestComputeIsWhatTheRegionHas(t *testing.T) {
	region := computeOf(seoul)
	vpc, subnet := region.Instances[0].VPC, region.Instances[0].Subnet
	role := "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
	region.DefaultHostManagement = &role
	region.Session.Bucket, region.Session.RunAsUser = "session-logs", true
	region.Instances = []evidence.Instance{
		{ID: "i-0", State: "stopped", Platform: "Windows with SQL Server Standard", VPC: vpc, Subnet: subnet, Image: "ami-1", ImageName: "al2023"}, // Platform is empty where the licence is the customer's
		{ID: "i-1", State: "running", Windows: true, Platform: "Windows", VPC: vpc, Subnet: subnet, Profile: "arn:aws:iam::" + accountID + ":instance-profile/app/web", Image: "ami-gone"},
		{ID: "i-2", Name: "두 인터페이스 <&>", State: "running", Platform: "Red Hat Enterprise Linux", VPC: vpc, Subnet: subnet, Image: "ami-1", ImageName: "al2023", Interfaces: []evidence.NetworkInterface{
			{ID: "eni-a", Subnet: "subnet-b", VPC: vpc, PrivateIPv4: []string{"10.0.1.5"}, IPv6: []string{"2001:db8::5", "2001:db8::6"}, SecurityGroups: []string{"sg-a", "sg-b"}},
			{ID: "eni-b", Subnet: subnet, VPC: vpc, PrivateIPv4: []string{"10.0.0.5", "10.0.0.6"}, PublicIPv4: []string{"203.0.113.5", "203.0.113.6"}, SecurityGroups: []string{"sg-" + seoul}},
		}},
		{ID: "i-3", State: "terminated", Platform: "Linux/UNIX"},
	}
	region.SecurityGroups = []evidence.SecurityGroup{
		region.SecurityGroups[0],
		{ID: "sg-a", Name: "a", VPC: vpc, Ingress: []evidence.SecurityRule{{Protocol: "-1", Groups: []string{"sg-b"}}}},
		{ID: "sg-b", Name: "b", VPC: vpc, Egress: []evidence.SecurityRule{tcp(22, evidence.SecurityRule{CIDRs: []string{"0.0.0.0/0", "::/0"}, PrefixLists: []string{"pl-other"}})}},
		{ID: "sg-eice", Name: "endpoint", VPC: vpc},
		{ID: "sg-unused", Name: "named by nobody", VPC: vpc},
	}
	region.RouteTables[0].Subnets = []string{subnet}
	region.RouteTables[0].Routes = append(region.RouteTables[0].Routes,
		evidence.Route{Destination: "::/0", Gateway: "eigw-1", State: "active"}, evidence.Route{Destination: "pl-1", Gateway: "nat-1", State: "blackhole"},
		evidence.Route{Destination: "10.0.0.0/16", Gateway: "local", State: "active"}, evidence.Route{Destination: "10.9.0.0/16", Gateway: "eni-9", State: "active"})
	region.Nodes = append(region.Nodes, evidence.SSMNode{ID: "mi-1", Ping: "ConnectionLost", Platform: "Microsoft Windows Server 2022", Name: "office-1", IP: "192.168.40.11", Hybrid: true})

	given := region
	given.Instances = slices.Clone(region.Instances)
	slices.Reverse(given.Instances)
	two := slices.Clone(given.Instances[1].Interfaces)
	slices.Reverse(two)
	given.Instances[1].Interfaces = two
	a := standard()
	a.Compute = []evidence.Compute{given}
	b := newBench(t, a)
	content := b.clean()

	want := region
	want.Instances[0].Windows = true
	want.InstancesRead, want.NodesRead, want.SecurityGroupsRead, want.SubnetsRead, want.RouteTablesRead, want.EndpointsRead, want.PrefixListsRead = true, true, true, true, true, true, true
	want.SecurityGroups = slices.DeleteFunc(slices.Clone(region.SecurityGroups), func(g evidence.SecurityGroup) bool { return g.ID == "sg-unused" })
	slices.SortFunc(want.SecurityGroups, func(a, b evidence.SecurityGroup) int { return strings.Compare(a.ID, b.ID) })
	want.PrefixLists = slices.Clone(region.PrefixLists) // both named ones and the service's two
	for i := range want.PrefixLists {
		want.PrefixLists[i].EntriesRead = true
	}
	for i := range want.Nodes {
		want.Nodes[i].SourceType = map[bool]string{false: "AWS::EC2::Instance", true: "AWS::SSM::ManagedInstance"}[want.Nodes[i].Hybrid]
	}
	if got := callless(inRegion(t, content.Set, seoul)); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	if empty := inRegion(t, content.Set, virginia); !reflect.DeepEqual(empty, evidence.Compute{Region: virginia, InstancesRead: true}) {
		t.Errorf("the other region: %+v", empty)
	}
	b.reread(content)
}

// What AWS says of an interface only counts as well; images that are no longer
// offered have their names.
func TestAddressOfTheInterfaceAlone(t *testing.T) {
	a := standard()
	a.Compute = []evidence.Compute{computeOf(seoul)}
	b := newBench(t, a)
	b.fake.Fault = within(seoul, "ec2:DescribeInstances", -1, fakeaws.Fault{Status: 200, Body: `<DescribeInstancesResponse><reservationSet><item><instancesSet><item>
		<instanceId>i-1</instanceId><imageId>ami-1</imageId><instanceState><name>running</name></instanceState><networkInterfaceSet><item>
		<networkInterfaceId>eni-1</networkInterfaceId><association><publicIp>203.0.113.7</publicIp></association></item></networkInterfaceSet></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`})
	content := b.clean()
	i := inRegion(t, content.Set, seoul).Instances[0]
	if len(i.Interfaces) != 1 || !slices.Equal(i.Interfaces[0].PublicIPv4, []string{"203.0.113.7"}) {
		t.Errorf("instance %+v", i)
	}
	for _, c := range content.Recording.Calls {
		if c.Operation == "DescribeImages" && c.Parameters["IncludeDeprecated"] != "true" {
			t.Errorf("images were asked for with %v", c.Parameters)
		}
	}
	b.reread(content)
}

// A prefix list is read when it is the service's or a rule names it, and only then.
func TestPrefixLists(t *testing.T) {
	named := func(where func(*evidence.SecurityGroup) *[]evidence.SecurityRule) evidence.Compute {
		c := computeOf(seoul)
		c.SecurityGroups[0].Ingress = nil
		*where(&c.SecurityGroups[0]) = []evidence.SecurityRule{tcp(22, evidence.SecurityRule{PrefixLists: []string{"pl-office"}})}
		return c
	}
	none, foreign := computeOf(seoul), computeOf(seoul)
	none.SecurityGroups[0].Ingress = nil
	foreign.SecurityGroups[0].Ingress[0].PrefixLists = []string{"pl-of-another-account"} // that the region does not list
	without := none
	without.PrefixLists = none.PrefixLists[2:]
	long := none
	long.PrefixLists = slices.Clone(none.PrefixLists)
	for i := range 150 {
		long.PrefixLists[0].CIDRs = append(long.PrefixLists[0].CIDRs, fmt.Sprintf("192.0.2.%d/32", i))
	}
	service := []string{"pl-connect", "pl-connect6"}
	for name, test := range map[string]struct {
		compute evidence.Compute
		lists   []string
		calls   int // for entries
	}{
		"named by an inbound rule":         {named(func(g *evidence.SecurityGroup) *[]evidence.SecurityRule { return &g.Ingress }), append(service, "pl-office"), 3},
		"named by an outbound rule":        {named(func(g *evidence.SecurityGroup) *[]evidence.SecurityRule { return &g.Egress }), append(service, "pl-office"), 3},
		"named by none":                    {none, service, 2},
		"a name that leads nowhere":        {foreign, service, 2},
		"a region without service's lists": {without, nil, 0},
		"two pages of entries":             {long, service, 3},
	} {
		t.Run(name, func(t *testing.T) {
			a := standard()
			a.Compute = []evidence.Compute{test.compute}
			b := newBench(t, a)
			content := b.clean()
			var ids []string
			for _, l := range inRegion(t, content.Set, seoul).PrefixLists {
				ids = append(ids, l.ID)
				if !l.EntriesRead || len(l.CIDRs) == 0 || len(l.Calls) < 2 {
					t.Errorf("list %+v", l)
				}
			}
			if !slices.Equal(ids, test.lists) || b.fake.Counts()["ec2:GetManagedPrefixListEntries"] != test.calls {
				t.Errorf("lists %v with %d calls", ids, b.fake.Counts()["ec2:GetManagedPrefixListEntries"])
			}
			if a := answer(content.Set, "ec2:GetManagedPrefixListEntries", seoul, ""); (a != nil && a.Skipped != "") != (test.calls == 0) {
				t.Errorf("answer %+v", a)
			}
		})
	}
}

// Filters take 200 values: more are asked in parts, each with its own subject.
func TestManyInstances(t *testing.T) {
	const n = 1001
	region := computeOf(seoul)
	region.Instances, region.SecurityGroups, region.Subnets, region.RouteTables = nil, nil, nil, nil
	for i := range n {
		group, vpc := fmt.Sprintf("sg-%04d", i%401), fmt.Sprintf("vpc-%03d", i%201)
		region.Instances = append(region.Instances, evidence.Instance{ID: fmt.Sprintf("i-%04d", i), State: "running", VPC: vpc, Image: "ami-1", ImageName: "al2023",
			Interfaces: []evidence.NetworkInterface{{ID: fmt.Sprintf("eni-%04d", i), VPC: vpc, SecurityGroups: []string{group}}}})
		if i < 401 {
			region.SecurityGroups = append(region.SecurityGroups, evidence.SecurityGroup{ID: group, VPC: vpc})
		}
		if i < 201 {
			region.Subnets = append(region.Subnets, evidence.Subnet{ID: "subnet-" + vpc, VPC: vpc, CIDRs: []string{"10.0.0.0/24"}})
			region.RouteTables = append(region.RouteTables, evidence.RouteTable{ID: "rtb-" + vpc, VPC: vpc, Main: true})
		}
	}
	for i := range 60 {
		region.Nodes = append(region.Nodes, evidence.SSMNode{ID: fmt.Sprintf("i-%04d", i), Ping: "Online"})
	}
	region.Endpoints = nil
	a := standard()
	a.Compute = []evidence.Compute{region}
	b := newBench(t, a)
	content := b.clean()
	got := inRegion(t, content.Set, seoul)
	if len(got.Instances) != n || len(got.SecurityGroups) != 401 || len(got.Subnets) != 201 || len(got.RouteTables) != 201 || len(got.Nodes) != 61 {
		t.Errorf("%d instances, %d groups, %d subnets, %d route tables, %d nodes", len(got.Instances), len(got.SecurityGroups), len(got.Subnets), len(got.RouteTables), len(got.Nodes))
	}
	subjects := map[string][]string{}
	for _, x := range content.Set.Answers {
		if x.Region == seoul && x.Skipped == "" {
			subjects[x.Action] = append(subjects[x.Action], x.Subject)
		}
	}
	for action, want := range map[string][]string{
		"ec2:DescribeSecurityGroups": {"sg-0000…sg-0199", "sg-0200…sg-0399", "sg-0400…sg-0400"},
		"ec2:DescribeSubnets":        {"vpc-000…vpc-199", "vpc-200…vpc-200"},
		"ec2:DescribeRouteTables":    {"vpc-000…vpc-199", "vpc-200…vpc-200"},
		"ec2:DescribeImages":         {""},
	} {
		if !slices.Equal(subjects[action], want) {
			t.Errorf("%s: %q, want %q", action, subjects[action], want)
		}
	}
	counts := asked(content)[seoul]
	for action, want := range map[string]int{"ec2:DescribeInstances": 2, "ec2:DescribeSecurityGroups": 3, "ec2:DescribeSubnets": 2, "ec2:DescribeRouteTables": 2, "ec2:DescribeImages": 1, "ssm:DescribeInstanceInformation": 2} {
		if counts[action] != want {
			t.Errorf("%s: %d calls, want %d", action, counts[action], want)
		}
	}
	b.reread(content)

	// A part that fails is named, and the list is not whole.
	b = newBench(t, a)
	b.fake.Now = nil
	b.fake.Fault = within(seoul, "ec2:DescribeSecurityGroups", 1, fakeaws.Fault{Status: 403, Code: "UnauthorizedOperation"})
	content = b.run()
	if f := content.Set.Failures; len(f) != 1 || f[0].Subject != "sg-0200…sg-0399" || f[0].Region != seoul {
		t.Errorf("failures %+v", f)
	}
	if got := inRegion(t, content.Set, seoul); got.SecurityGroupsRead || len(got.SecurityGroups) != 201 || !got.SubnetsRead {
		t.Errorf("groups read %t: %d", got.SecurityGroupsRead, len(got.SecurityGroups))
	}
	b.reread(content)
}

// Instances that are gone for a while have no network: nothing is asked about it,
// and the evidence says why.
func TestTerminatedInstancesAlone(t *testing.T) {
	a := standard()
	a.Compute = []evidence.Compute{{Region: seoul, Instances: []evidence.Instance{{ID: "i-1", State: "terminated", Image: "ami-1"}},
		PrefixLists: []evidence.PrefixList{{ID: "pl-s3", Name: "com.amazonaws." + seoul + ".s3"}}}}
	b := newBench(t, a)
	content := b.clean()
	for _, action := range []string{"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeRouteTables"} {
		if x := answer(content.Set, action, seoul, ""); x == nil || x.Skipped == "" || x.Skipped == "리전에 인스턴스가 없음" || asked(content)[seoul][action] > 0 {
			t.Errorf("%s: %+v", action, x)
		}
	}
	if got := inRegion(t, content.Set, seoul); !got.SecurityGroupsRead || !got.SubnetsRead || !got.RouteTablesRead || got.Instances[0].ImageName != "" {
		t.Errorf("%+v", got)
	}
	b.reread(content)
}

// An endpoint that does not say whose address its traffic has is no answer: either
// reading could make a rule fit.
func TestEndpointThatDoesNotSay(t *testing.T) {
	const one = "<instanceConnectEndpointSet><item><instanceConnectEndpointId>eice-1</instanceConnectEndpointId><state>create-complete</state></item></instanceConnectEndpointSet>"
	a := standard()
	a.Compute = []evidence.Compute{computeOf(seoul)}
	b := newBench(t, a)
	b.fake.Fault = within(seoul, "ec2:DescribeInstanceConnectEndpoints", -1, fakeaws.Fault{Status: 200, Body: "<DescribeInstanceConnectEndpointsResponse>" + one + "</DescribeInstanceConnectEndpointsResponse>"})
	content := b.run()
	if f := content.Set.Failures; len(f) != 1 || f[0].Action != "ec2:DescribeInstanceConnectEndpoints" || f[0].Code != "MalformedBody" {
		t.Fatalf("failures %+v", f)
	}
	if got := inRegion(t, content.Set, seoul); got.EndpointsRead || len(got.Endpoints) > 0 {
		t.Errorf("%+v", got.Endpoints)
	}
	b.reread(content)
}

// Every question of a region fails by itself: the flag says so, the rest stands. An
// answer without its list is no empty one.
func TestComputeCallsFail(t *testing.T) {
	denied := fakeaws.Fault{Status: 403, Code: "UnauthorizedOperation"}
	for action, read := range map[string]func(evidence.Compute) bool{
		"ec2:DescribeInstances":                func(c evidence.Compute) bool { return c.InstancesRead },
		"ec2:DescribeSecurityGroups":           func(c evidence.Compute) bool { return c.SecurityGroupsRead },
		"ec2:DescribeSubnets":                  func(c evidence.Compute) bool { return c.SubnetsRead },
		"ec2:DescribeRouteTables":              func(c evidence.Compute) bool { return c.RouteTablesRead },
		"ec2:DescribeInstanceConnectEndpoints": func(c evidence.Compute) bool { return c.EndpointsRead },
		"ec2:DescribeManagedPrefixLists":       func(c evidence.Compute) bool { return c.PrefixListsRead },
		"ec2:GetManagedPrefixListEntries": func(c evidence.Compute) bool {
			return slices.ContainsFunc(c.PrefixLists, func(l evidence.PrefixList) bool { return l.EntriesRead })
		},
		"ec2:DescribeImages":              func(c evidence.Compute) bool { return c.Instances[0].ImageName != "" },
		"ssm:DescribeInstanceInformation": func(c evidence.Compute) bool { return c.NodesRead },
		"ssm:GetServiceSetting":           func(c evidence.Compute) bool { return c.DefaultHostManagement != nil },
		"ssm:GetDocument":                 func(c evidence.Compute) bool { return c.Session != nil },
	} {
		service, operation, _ := strings.Cut(action, ":")
		hollow := fakeaws.Fault{Status: 200, Body: "{}"}
		if service == "ec2" {
			hollow.Body = "<" + operation + "Response><requestId>1</requestId></" + operation + "Response>"
		}
		for code, fault := range map[string]fakeaws.Fault{"UnauthorizedOperation": denied, "MalformedBody": hollow} {
			t.Run(action+"/"+code, func(t *testing.T) {
				a := standard()
				a.Compute = []evidence.Compute{computeOf(seoul), computeOf(virginia)}
				b := newBench(t, a)
				b.fake.Now = nil
				b.fake.Fault = within(seoul, action, -1, fault)
				content := b.run()
				f := content.Set.Failures
				if len(f) == 0 || len(f) > 1 && operation != "GetManagedPrefixListEntries" {
					t.Fatalf("failures %+v", f)
				}
				for _, f := range f {
					if f.Action != action || f.Code != code || f.Region != seoul || f.CallID == "" {
						t.Errorf("failure %+v", f)
					}
				}
				if read(inRegion(t, content.Set, seoul)) || !read(inRegion(t, content.Set, virginia)) {
					t.Errorf("read %+v", inRegion(t, content.Set, seoul))
				}
				if n := len(content.Recording.Calls); n != b.total() {
					t.Errorf("%d attempts recorded, the fake counted %d", n, b.total())
				}
				if x := answer(content.Set, action, seoul, ""); x != nil {
					t.Errorf("answer %+v", x)
				}
				// Nothing says of a region whose instances were not seen that there are none.
				if operation == "DescribeInstances" {
					for _, x := range content.Set.Answers {
						if service, _, _ := strings.Cut(x.Action, ":"); x.Region == seoul && (service == "ssm" || service == "ec2" && x.Action != "ec2:DescribeRegions") {
							t.Errorf("answer %+v", x)
						}
					}
				}
				b.reread(content)
			})
		}
	}
}

func TestSystemsManager(t *testing.T) {
	content := func(text string) *fakeaws.Fault {
		return &fakeaws.Fault{Status: 200, Body: fmt.Sprintf(`{"Name":"SSM-SessionManagerRunShell","Content":%q,"DocumentFormat":"JSON"}`, text)}
	}
	setting := func(value string) *fakeaws.Fault {
		return &fakeaws.Fault{Status: 200, Body: fmt.Sprintf(`{"ServiceSetting":{"SettingId":"x","SettingValue":%q}}`, value)}
	}
	missing := func(code string) *fakeaws.Fault { return &fakeaws.Fault{Status: 400, Code: code} }
	for name, test := range map[string]struct {
		action  string
		fault   *fakeaws.Fault
		role    string // default host management
		fact    string
		session evidence.SessionDocument
	}{
		"off":                       {"ssm:GetServiceSetting", setting("$None"), "", "", evidence.SessionDocument{Exists: true, LogGroup: "/ssm/sessions"}},
		"a role":                    {"ssm:GetServiceSetting", setting("service-role/DHMC"), "service-role/DHMC", "", evidence.SessionDocument{Exists: true, LogGroup: "/ssm/sessions"}},
		"no such setting":           {"ssm:GetServiceSetting", missing("ServiceSettingNotFound"), "", "ServiceSettingNotFound", evidence.SessionDocument{Exists: true, LogGroup: "/ssm/sessions"}},
		"no document":               {"ssm:GetDocument", missing("InvalidDocument"), "", "InvalidDocument", evidence.SessionDocument{}},
		"a document that is YAML":   {"ssm:GetDocument", content("schemaVersion: '1.0'\n"), "", "", evidence.SessionDocument{Exists: true, Unparsed: true}},
		"a field of another type":   {"ssm:GetDocument", content(`{"inputs":{"s3BucketName":"b","runAsEnabled":"yes"}}`), "", "", evidence.SessionDocument{Exists: true, Unparsed: true}},
		"a document without inputs": {"ssm:GetDocument", content(`{}`), "", "", evidence.SessionDocument{Exists: true}},
		"with a bucket and run-as":  {"ssm:GetDocument", content(`{"inputs":{"s3BucketName":"b","runAsEnabled":true,"shellProfile":{"linux":"x"}}}`), "", "", evidence.SessionDocument{Exists: true, Bucket: "b", RunAsUser: true}},
	} {
		t.Run(name, func(t *testing.T) {
			a := standard()
			a.Compute = []evidence.Compute{computeOf(seoul)}
			b := newBench(t, a)
			b.fake.Now = nil
			b.fake.Fault = within(seoul, test.action, -1, *test.fault)
			c := b.clean()
			got := inRegion(t, c.Set, seoul)
			if got.DefaultHostManagement == nil || *got.DefaultHostManagement != test.role || got.Session == nil || *got.Session != test.session {
				t.Errorf("setting %v, session %+v", got.DefaultHostManagement, got.Session)
			}
			subject := map[string]string{"ssm:GetDocument": "SSM-SessionManagerRunShell"}[test.action]
			if x := answer(c.Set, test.action, seoul, subject); x == nil || x.Fact != test.fact {
				t.Errorf("answer %+v", x)
			}
			b.reread(c)
		})
	}
}
