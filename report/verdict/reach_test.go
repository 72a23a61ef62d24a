package verdict

import (
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
)

func port(n int) *int { return &n }

// ssh is a rule for TCP port 22 with these sources: CIDRs, pl- and sg- ids.
func ssh(sources ...string) evidence.SecurityRule {
	return sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(22), ToPort: port(22)}, sources...)
}

func sourced(r evidence.SecurityRule, sources ...string) evidence.SecurityRule {
	for _, s := range sources {
		switch {
		case strings.HasPrefix(s, "pl-"):
			r.PrefixLists = append(r.PrefixLists, s)
		case strings.HasPrefix(s, "sg-"):
			r.Groups = append(r.Groups, s)
		default:
			r.CIDRs = append(r.CIDRs, s)
		}
	}
	return r
}

// group puts a security group with these ingress rules in place of its namesake.
func group(id string, rules ...evidence.SecurityRule) func(*evidence.Compute) {
	return groupBoth(id, rules, nil)
}

func groupBoth(id string, ingress, egress []evidence.SecurityRule) func(*evidence.Compute) {
	return func(c *evidence.Compute) {
		c.SecurityGroups = append(slices.DeleteFunc(c.SecurityGroups, func(g evidence.SecurityGroup) bool { return g.ID == id }),
			evidence.SecurityGroup{ID: id, Ingress: ingress, Egress: egress, Calls: []string{"call-groups"}})
	}
}

func routes(list ...string) func(*evidence.Compute) {
	return func(c *evidence.Compute) {
		t := &c.RouteTables[0]
		t.Routes = nil
		for _, text := range list {
			f := strings.Fields(text) // destination, gateway and, where it is not active, the state
			t.Routes = append(t.Routes, evidence.Route{Destination: f[0], Gateway: f[1], State: append(f, "active")[2]})
		}
	}
}

func nic(change func(*evidence.NetworkInterface)) func(*evidence.Compute) {
	return func(c *evidence.Compute) { change(&c.Instances[0].Interfaces[0]) }
}

func ipv6Only(c *evidence.Compute) {
	n := &c.Instances[0].Interfaces[0]
	n.PublicIPv4, n.IPv6 = nil, []string{"2001:db8:1::5"}
}

// bare takes the addresses, which AWS always sends, from the interface.
func bare(c *evidence.Compute) {
	n := &c.Instances[0].Interfaces[0]
	n.PublicIPv4, n.PrivateIPv4, n.IPv6 = nil, nil, nil
}

func private(c *evidence.Compute) { c.Instances[0].Interfaces[0].PublicIPv4 = nil }

// eice adds an endpoint in the instance's VPC with a group of its own.
func eice(change func(*evidence.ConnectEndpoint)) func(*evidence.Compute) {
	return func(c *evidence.Compute) {
		e := evidence.ConnectEndpoint{ID: "eice-1", State: "create-complete", VPC: "vpc-1", Subnet: "subnet-a", SecurityGroups: []string{"sg-eice"}, Calls: []string{"call-endpoints"}}
		if change != nil {
			change(&e)
		}
		c.Endpoints = append(c.Endpoints, e)
		groupBoth("sg-eice", nil, []evidence.SecurityRule{sourced(evidence.SecurityRule{Protocol: "-1"}, "0.0.0.0/0", "::/0")})(c)
	}
}

func shown(c claim) string {
	switch {
	case c.no():
		return "no"
	case c.settled():
		return "yes"
	case c.yes:
		return "unsettled"
	}
	return "unknown"
}

type networkChanges []func(*evidence.Compute)

func networkOf(state string, changes networkChanges) (*network, *evidence.Instance) {
	c := region("ap-northeast-2")
	inst := running("i-1")
	inst.State = state
	c.Instances = []evidence.Instance{inst}
	for _, change := range changes {
		change(&c)
	}
	return newNetwork(&c), &c.Instances[0]
}

func TestPublicPath(t *testing.T) {
	udp := evidence.SecurityRule{Protocol: "udp", FromPort: port(22), ToPort: port(22)}
	entriesUnread := func(c *evidence.Compute) { c.PrefixLists[0].EntriesRead, c.PrefixLists[0].CIDRs = false, nil }
	unlisted := func(c *evidence.Compute) { c.PrefixLists = nil }
	listsUnread := func(c *evidence.Compute) { c.PrefixLists, c.PrefixListsRead = nil, false }
	no6 := func(c *evidence.Compute) { c.PrefixLists = c.PrefixLists[:1] }
	s3 := func(read bool) func(*evidence.Compute) {
		return func(c *evidence.Compute) {
			l := evidence.PrefixList{ID: "pl-s3", Name: "com.amazonaws.ap-northeast-2.s3", EntriesRead: read}
			if read {
				l.CIDRs = []string{"52.219.144.0/22"}
			}
			c.PrefixLists = append(c.PrefixLists, l)
		}
	}
	custom := func(read bool, cidrs ...string) func(*evidence.Compute) {
		return func(c *evidence.Compute) {
			c.PrefixLists = append(c.PrefixLists, evidence.PrefixList{ID: "pl-own", Name: "own", EntriesRead: read, CIDRs: cidrs})
		}
	}
	tests := []struct {
		name    string
		state   string
		changes networkChanges
		want    string
		telling string // why it is closed, or part of the doubts or of what is unsettled
	}{
		{"service's prefix list", "running", nil, "yes", ""},
		{"the whole internet", "running", networkChanges{group("sg-web", ssh("0.0.0.0/0"))}, "yes", ""},
		{"service's range itself", "running", networkChanges{group("sg-web", ssh("13.209.1.56/29"))}, "yes", ""},
		{"one address of the service", "running", networkChanges{group("sg-web", ssh("13.209.1.57/32"))}, "yes", ""},
		{"a block around the service's range", "running", networkChanges{group("sg-web", ssh("13.208.0.0/15"))}, "yes", ""},
		{"a customer's list around the service's range", "running", networkChanges{custom(true, "198.51.100.0/24", "13.209.0.0/16"), group("sg-web", ssh("pl-own"))}, "yes", ""},
		{"all traffic", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "-1"}, "0.0.0.0/0"))}, "yes", ""},
		{"TCP by number", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "6", FromPort: port(22), ToPort: port(22)}, "0.0.0.0/0"))}, "yes", ""},
		{"all TCP ports", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "tcp"}, "0.0.0.0/0"))}, "yes", ""},
		{"a port range that holds 22", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(20), ToPort: port(25)}, "0.0.0.0/0"))}, "yes", ""},
		{"a port range that begins at 22", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(22), ToPort: port(65535)}, "0.0.0.0/0"))}, "yes", ""},
		{"second group", "running", networkChanges{group("sg-web"), group("sg-ssh", ssh("pl-eic")), nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = []string{"sg-web", "sg-ssh"} })}, "yes", ""},
		{"second interface", "running", networkChanges{private, func(c *evidence.Compute) {
			c.Instances[0].Interfaces = append(c.Instances[0].Interfaces, evidence.NetworkInterface{ID: "eni-2", Subnet: "subnet-a", VPC: "vpc-1", PublicIPv4: []string{"198.51.100.6"}, SecurityGroups: []string{"sg-web"}})
		}}, "yes", ""},
		{"the public address and the rule on different interfaces", "running", networkChanges{group("sg-shut"), nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = []string{"sg-shut"} }), func(c *evidence.Compute) {
			c.Instances[0].Interfaces = append(c.Instances[0].Interfaces, evidence.NetworkInterface{ID: "eni-2", Subnet: "subnet-a", VPC: "vpc-1", PrivateIPv4: []string{"10.0.1.6"}, SecurityGroups: []string{"sg-web"}})
		}}, "no", "허용하는 규칙 없음"},
		{"IPv6 only", "running", networkChanges{ipv6Only, routes("::/0 igw-1"), group("sg-web", ssh("::/0"))}, "yes", ""},
		{"IPv6 by the service's list", "running", networkChanges{ipv6Only, routes("::/0 igw-1"), group("sg-web", ssh("pl-eic6"))}, "yes", ""},

		{"UDP", "running", networkChanges{group("sg-web", sourced(udp, "0.0.0.0/0"))}, "no", "허용하는 규칙 없음"},
		{"another port", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(443), ToPort: port(443)}, "0.0.0.0/0"))}, "no", "허용하는 규칙 없음"},
		{"ports just above 22", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(23), ToPort: port(80)}, "0.0.0.0/0"))}, "no", "허용하는 규칙 없음"},
		{"ports just below 22", "running", networkChanges{group("sg-web", sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(0), ToPort: port(21)}, "0.0.0.0/0"))}, "no", "허용하는 규칙 없음"},
		{"an office range", "running", networkChanges{group("sg-web", ssh("203.0.113.0/24"))}, "no", "허용하는 규칙 없음"},
		{"the address next to the service's range", "running", networkChanges{group("sg-web", ssh("13.209.1.64/32"))}, "no", "허용하는 규칙 없음"},
		{"a bastion's security group", "running", networkChanges{group("sg-web", ssh("sg-bastion"))}, "no", "허용하는 규칙 없음"},
		{"the group itself", "running", networkChanges{group("sg-web", ssh("sg-web"))}, "no", "허용하는 규칙 없음"},
		{"a customer's list of offices", "running", networkChanges{custom(true, "203.0.113.0/24"), group("sg-web", ssh("pl-own"))}, "no", "허용하는 규칙 없음"},
		{"IPv6 rule, IPv4 address", "running", networkChanges{routes("0.0.0.0/0 igw-1", "::/0 igw-1"), group("sg-web", ssh("::/0"))}, "no", "허용하는 규칙 없음"},
		{"IPv4 rule, IPv6 address", "running", networkChanges{ipv6Only, routes("0.0.0.0/0 igw-1", "::/0 igw-1"), group("sg-web", ssh("0.0.0.0/0"))}, "no", "허용하는 규칙 없음"},
		{"no public address", "running", networkChanges{private}, "no", "공인 IP 없음"},
		{"a private IPv6 address", "running", networkChanges{private, nic(func(n *evidence.NetworkInterface) { n.IPv6 = []string{"fd00:1::5"} }), routes("::/0 igw-1"), group("sg-web", ssh("::/0"))}, "no", "공인 IP 없음"},
		{"no route", "running", networkChanges{routes("10.0.0.0/16 local")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a NAT gateway", "running", networkChanges{routes("0.0.0.0/0 nat-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"an egress-only gateway", "running", networkChanges{ipv6Only, routes("::/0 eigw-1"), group("sg-web", ssh("::/0"))}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a transit gateway", "running", networkChanges{routes("0.0.0.0/0 tgw-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a blackhole", "running", networkChanges{routes("0.0.0.0/0 igw-1 blackhole")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a gateway for an office only", "running", networkChanges{routes("203.0.113.0/24 igw-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a gateway for the service's range", "running", networkChanges{routes("13.209.1.56/29 igw-1")}, "yes", ""},
		{"a gateway by the service's list", "running", networkChanges{routes("pl-eic igw-1")}, "yes", ""},
		{"a more specific route takes the service's range", "running", networkChanges{routes("0.0.0.0/0 igw-1", "13.209.0.0/16 tgw-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a more specific route takes half of the range", "running", networkChanges{routes("0.0.0.0/0 igw-1", "13.209.1.56/30 tgw-1")}, "yes", ""},
		{"IPv4 gateway, IPv6 address", "running", networkChanges{ipv6Only, group("sg-web", ssh("::/0"))}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"the subnet's own table, not the main one", "running", networkChanges{func(c *evidence.Compute) {
			c.RouteTables = append(c.RouteTables, evidence.RouteTable{ID: "rtb-2", VPC: "vpc-1", Subnets: []string{"subnet-a"}, Routes: []evidence.Route{{Destination: "0.0.0.0/0", Gateway: "nat-1", State: "active"}}})
		}}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"the main table of another VPC", "running", networkChanges{func(c *evidence.Compute) { c.RouteTables[0].VPC = "vpc-2" }}, "unknown", "서브넷 subnet-a의 라우팅 테이블"},

		{"behind a firewall's endpoint", "running", networkChanges{routes("0.0.0.0/0 vpce-1")}, "unsettled", "rtb-main의 0.0.0.0/0 경로가 vpce-1을 경유함"},
		{"behind an appliance", "running", networkChanges{routes("0.0.0.0/0 eni-9")}, "unsettled", "eni-9"},
		{"a firewall beside a gateway for the service", "running", networkChanges{routes("0.0.0.0/0 vpce-1", "13.209.1.56/29 igw-1")}, "yes", ""},
		{"S3's gateway endpoint is no firewall", "running", networkChanges{s3(true), routes("pl-s3 vpce-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"S3's gateway endpoint, entries unread", "running", networkChanges{s3(false), routes("pl-s3 vpce-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"S3's list over an appliance, entries unread", "running", networkChanges{s3(false), routes("pl-s3 eni-9")}, "unknown", "접두사 목록 pl-s3"},
		{"a gateway endpoint of a list that is missing", "running", networkChanges{routes("pl-x vpce-1")}, "unknown", "접두사 목록 pl-x"},
		{"service's list over an appliance's interface", "running", networkChanges{routes("pl-eic eni-9")}, "unsettled", "rtb-main의 pl-eic 경로가 eni-9을 경유함"},
		{"service's list over an appliance's instance", "running", networkChanges{routes("pl-eic i-fw")}, "unsettled", "i-fw을 경유함"},
		{"service's list over a firewall's endpoint", "running", networkChanges{routes("pl-eic vpce-1")}, "unsettled", "vpce-1을 경유함"},
		{"a customer's list over an appliance", "running", networkChanges{custom(true, "13.208.0.0/15"), routes("pl-own eni-9")}, "unsettled", "pl-own 경로가 eni-9을 경유함"},
		{"a customer's list over a firewall's endpoint", "running", networkChanges{custom(true, "13.208.0.0/15"), routes("pl-own vpce-1")}, "unsettled", "vpce-1을 경유함"},
		{"a customer's list of offices over an appliance", "running", networkChanges{custom(true, "203.0.113.0/24"), routes("pl-own eni-9")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a list over an appliance that was not read", "running", networkChanges{custom(false), routes("pl-own eni-9")}, "unknown", "접두사 목록 pl-own"},
		{"service's list over a NAT gateway", "running", networkChanges{routes("pl-eic nat-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a list takes the service's range to an appliance", "running", networkChanges{routes("0.0.0.0/0 igw-1", "pl-eic eni-9")}, "unsettled", "eni-9"},
		{"a list takes the service's range to a NAT gateway", "running", networkChanges{custom(true, "13.209.0.0/16"), routes("0.0.0.0/0 igw-1", "pl-own nat-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"a block takes what is known of a list", "running", networkChanges{custom(true, "13.208.0.0/15", "nonsense"), routes("pl-own igw-1", "13.209.0.0/16 nat-1")}, "yes", ""},
		{"a list takes half of the service's range", "running", networkChanges{custom(true, "13.209.1.56/30"), routes("0.0.0.0/0 igw-1", "pl-own nat-1")}, "yes", ""},
		{"a block takes the range that a list leads out", "running", networkChanges{custom(true, "13.208.0.0/15"), routes("pl-own igw-1", "13.209.0.0/16 nat-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},

		{"security group missing", "running", networkChanges{func(c *evidence.Compute) { c.SecurityGroups = nil }}, "unknown", "보안 그룹 sg-web의 규칙이 증적에 없음"},
		{"security group missing beside one that opens", "running", networkChanges{nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = []string{"sg-gone", "sg-web"} })}, "yes", ""},
		{"security group missing, but no route", "running", networkChanges{func(c *evidence.Compute) { c.SecurityGroups = nil }, routes("0.0.0.0/0 nat-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"route tables missing", "running", networkChanges{func(c *evidence.Compute) { c.RouteTables, c.RouteTablesRead = nil, false }}, "unknown", "라우팅 테이블이 증적에 없음"},
		{"route tables read in part: the subnet may have its own", "running", networkChanges{func(c *evidence.Compute) { c.RouteTablesRead = false }}, "unknown", "라우팅 테이블이 증적에 없음"},
		{"route tables read in part, the subnet's own is there", "running", networkChanges{func(c *evidence.Compute) { c.RouteTablesRead, c.RouteTables[0].Subnets = false, []string{"subnet-a"} }}, "yes", ""},
		{"a rule's list unread", "running", networkChanges{custom(false), group("sg-web", ssh("pl-own"))}, "unknown", "접두사 목록 pl-own의 항목이 증적에 없음"},
		{"a rule's list missing", "running", networkChanges{group("sg-web", ssh("pl-shared"))}, "unknown", "접두사 목록 pl-shared의 항목이 증적에 없음"},
		{"a rule's list missing beside an open rule", "running", networkChanges{group("sg-web", ssh("pl-shared", "0.0.0.0/0"))}, "yes", ""},
		{"a route's list missing", "running", networkChanges{routes("pl-x igw-1")}, "unknown", "접두사 목록 pl-x"},
		{"service's entries unread, the rule names the list", "running", networkChanges{entriesUnread}, "yes", ""},
		{"service's entries unread, the whole internet", "running", networkChanges{entriesUnread, group("sg-web", ssh("0.0.0.0/0"))}, "yes", ""},
		{"service's entries unread, some block", "running", networkChanges{entriesUnread, group("sg-web", ssh("13.209.0.0/16"))}, "unknown", "com.amazonaws.ap-northeast-2.ec2-instance-connect의 항목이 증적에 없음"},
		{"service's entries unread, IPv6 rule, IPv4 address", "running", networkChanges{entriesUnread, group("sg-web", ssh("::/0"))}, "no", "허용하는 규칙 없음"},
		{"service's entries unread, no rule", "running", networkChanges{entriesUnread, group("sg-web")}, "no", "허용하는 규칙 없음"},
		{"service's list not among the region's", "running", networkChanges{unlisted, group("sg-web", ssh("0.0.0.0/0"))}, "unknown", "서비스 대역을 알 수 없음"},
		{"service's IPv6 list not among the region's", "running", networkChanges{ipv6Only, no6, routes("::/0 igw-1"), group("sg-web", ssh("::/0"))}, "no", "서비스 대역 없음"},
		{"service's IPv6 list not among the region's, IPv4 address", "running", networkChanges{no6}, "yes", ""},
		{"service's IPv6 list not among the region's, both addresses, an office range", "running", networkChanges{no6, nic(func(n *evidence.NetworkInterface) { n.IPv6 = []string{"2001:db8:1::5"} }), group("sg-web", ssh("203.0.113.0/24"))}, "no", "허용하는 규칙 없음"},
		{"lists unread, the whole internet", "running", networkChanges{listsUnread, group("sg-web", ssh("0.0.0.0/0"))}, "yes", ""},
		{"lists unread, an office range", "running", networkChanges{listsUnread, group("sg-web", ssh("203.0.113.0/24"))}, "unknown", "증적에 없음"},
		{"a source that is no block", "running", networkChanges{group("sg-web", ssh("nonsense"))}, "unknown", `대역 "nonsense"을 해석할 수 없음`},
		{"an interface without addresses", "running", networkChanges{bare}, "unknown", "네트워크 인터페이스 eni-1의 주소가 증적에 없음"},
		{"an interface without addresses, port 22 shut", "running", networkChanges{bare, group("sg-web")}, "no", "허용하는 규칙 없음"},
		{"an interface without addresses beside one with a path", "running", networkChanges{func(c *evidence.Compute) {
			c.Instances[0].Interfaces = append(c.Instances[0].Interfaces, evidence.NetworkInterface{ID: "eni-2", Subnet: "subnet-a", VPC: "vpc-1", SecurityGroups: []string{"sg-web"}})
		}}, "yes", ""},
		{"an interface without groups", "running", networkChanges{nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = nil })}, "unknown", "네트워크 인터페이스 eni-1의 보안 그룹이 증적에 없음"},
		{"an interface without groups, no route", "running", networkChanges{nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = nil }), routes("0.0.0.0/0 nat-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"an interface without a VPC", "running", networkChanges{nic(func(n *evidence.NetworkInterface) { n.VPC = "" })}, "unknown", "서브넷 subnet-a의 라우팅 테이블이 증적에 없음"},
		{"an interface without a subnet", "running", networkChanges{nic(func(n *evidence.NetworkInterface) { n.Subnet = "" })}, "unknown", "네트워크 인터페이스 eni-1의 서브넷이 증적에 없음"},
		{"Windows", "running", networkChanges{func(c *evidence.Compute) { c.Instances[0].Windows = true }}, "no", "Windows 인스턴스는 공개 키 전달 대상이 아님"},
		{"no interface in the evidence", "running", networkChanges{func(c *evidence.Compute) { c.Instances[0].Interfaces = nil }}, "unknown", "네트워크 인터페이스가 증적에 없음"},

		{"stopped without its address, public subnet", "stopped", networkChanges{private}, "yes", ""},
		{"stopped with an Elastic IP", "stopped", nil, "yes", ""},
		{"stopped in a private subnet", "stopped", networkChanges{private, routes("0.0.0.0/0 nat-1")}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
		{"stopped, port 22 shut", "stopped", networkChanges{group("sg-web")}, "no", "허용하는 규칙 없음"},
		{"stopped with an IPv6 address", "stopped", networkChanges{ipv6Only, routes("::/0 igw-1"), group("sg-web", ssh("::/0"))}, "yes", ""},
		{"stopped, IPv6 rule and no IPv6 address", "stopped", networkChanges{private, routes("::/0 igw-1"), group("sg-web", ssh("::/0"))}, "no", "인터넷 게이트웨이로 가는 활성 경로 없음"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, inst := networkOf(tt.state, tt.changes)
			p := n.public(inst)
			told := strings.Join(slices.Concat(p.doubts, p.unsettled), "; ")
			if tt.want == "no" {
				told = p.why
			}
			if shown(p.claim) != tt.want || !strings.Contains(told, tt.telling) {
				t.Errorf("%s (%s), want %s (%s)", shown(p.claim), told, tt.want, tt.telling)
			}
		})
	}
}

func TestEndpointPath(t *testing.T) {
	preserve := func(e *evidence.ConnectEndpoint) { e.PreserveClientIP = true }
	state := func(s string) func(*evidence.ConnectEndpoint) {
		return func(e *evidence.ConnectEndpoint) { e.State = s }
	}
	out := func(rules ...evidence.SecurityRule) func(*evidence.Compute) { return groupBoth("sg-eice", nil, rules) }
	office := group("sg-web", ssh("203.0.113.0/24"))
	tests := []struct {
		name    string
		changes networkChanges
		want    string
		telling string
	}{
		{"a rule that names the endpoint's group", networkChanges{eice(nil), group("sg-web", ssh("sg-eice"))}, "yes", ""},
		{"a rule of the subnet's block", networkChanges{eice(nil), group("sg-web", ssh("10.0.1.0/24"))}, "yes", ""},
		{"a rule of the VPC's block", networkChanges{eice(nil), group("sg-web", ssh("10.0.0.0/16"))}, "yes", ""},
		{"a rule by prefix list", networkChanges{eice(nil), group("sg-web", ssh("pl-vpc")), func(c *evidence.Compute) {
			c.PrefixLists = append(c.PrefixLists, evidence.PrefixList{ID: "pl-vpc", EntriesRead: true, CIDRs: []string{"10.0.0.0/8"}})
		}}, "yes", ""},
		{"an IPv6 rule", networkChanges{eice(nil), ipv6Only, group("sg-web", ssh("2001:db8:1::/64"))}, "yes", ""},
		{"modified once", networkChanges{eice(state("update-complete")), group("sg-web", ssh("sg-eice"))}, "yes", ""},
		{"a rule of the office only", networkChanges{eice(nil), office}, "no", "엔드포인트에서 오는 22번 포트를 허용하는 규칙 없음"},
		{"a rule of another group", networkChanges{eice(nil), group("sg-web", ssh("sg-bastion"))}, "no", "허용하는 규칙 없음"},
		{"a rule of the service's public range only", networkChanges{eice(nil)}, "no", "허용하는 규칙 없음"},
		{"a rule of another subnet", networkChanges{eice(nil), group("sg-web", ssh("10.0.2.0/24"))}, "no", "허용하는 규칙 없음"},
		{"another port", networkChanges{eice(nil), group("sg-web", sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(3389), ToPort: port(3389)}, "sg-eice"))}, "no", "허용하는 규칙 없음"},
		{"in another VPC", networkChanges{eice(func(e *evidence.ConnectEndpoint) { e.VPC = "vpc-2" }), group("sg-web", ssh("sg-eice"))}, "none", ""},
		{"a rule on an interface in another VPC", networkChanges{eice(nil), group("sg-open", ssh("0.0.0.0/0")), func(c *evidence.Compute) {
			c.Instances[0].Interfaces = append(c.Instances[0].Interfaces, evidence.NetworkInterface{ID: "eni-2", VPC: "vpc-2", PrivateIPv4: []string{"10.9.0.5"}, SecurityGroups: []string{"sg-open"}})
		}}, "no", "허용하는 규칙 없음"},
		{"a bastion's address in the subnet", networkChanges{eice(nil), group("sg-web", ssh("10.0.1.77/32"))}, "unsettled", "엔드포인트 eice-1의 주소 확인: 서브넷의 일부인 10.0.1.77/32 허용"},
		{"half of the subnet", networkChanges{eice(nil), group("sg-web", ssh("10.0.1.128/25"))}, "unsettled", "10.0.1.128/25"},
		{"half of the subnet by prefix list", networkChanges{eice(nil), group("sg-web", ssh("pl-vpc")), func(c *evidence.Compute) {
			c.PrefixLists = append(c.PrefixLists, evidence.PrefixList{ID: "pl-vpc", EntriesRead: true, CIDRs: []string{"10.0.1.0/25"}})
		}}, "unsettled", "10.0.1.0/25"},
		{"half of the subnet beside all of it", networkChanges{eice(nil), group("sg-web", ssh("10.0.1.128/25", "10.0.0.0/16"))}, "yes", ""},
		{"a bastion's address beside the endpoint's group", networkChanges{eice(nil), group("sg-web", ssh("10.0.1.77/32", "sg-eice"))}, "yes", ""},
		{"a part of the IPv6 subnet", networkChanges{eice(nil), ipv6Only, group("sg-web", ssh("2001:db8:1::/96"))}, "unsettled", "2001:db8:1::/96"},
		{"all of one of two IPv6 blocks", networkChanges{eice(nil), ipv6Only, func(c *evidence.Compute) {
			c.Subnets[0].CIDRs = append(c.Subnets[0].CIDRs, "2001:db8:2::/64")
		}, group("sg-web", ssh("2001:db8:1::/64"))}, "unsettled", "2001:db8:1::/64"},
		{"half of the subnet, egress shut", networkChanges{eice(nil), out(), group("sg-web", ssh("10.0.1.128/25"))}, "no", "아웃바운드"},

		{"an interface without addresses", networkChanges{eice(nil), bare, group("sg-web", ssh("sg-eice"))}, "unknown", "네트워크 인터페이스 eni-1의 주소가 증적에 없음"},
		{"an interface without addresses, groups that name each other", networkChanges{eice(nil), bare, out(ssh("sg-web")), group("sg-web", ssh("sg-eice"))}, "unknown", "네트워크 인터페이스 eni-1의 주소가 증적에 없음"},
		{"a rule of an empty source", networkChanges{eice(nil), group("sg-web", ssh(""))}, "unknown", `대역 ""을 해석할 수 없음`},
		{"an interface without addresses, port 22 shut", networkChanges{eice(nil), bare, group("sg-web")}, "no", "허용하는 규칙 없음"},
		{"an interface without addresses beside one with a path", networkChanges{eice(nil), group("sg-web", ssh("sg-eice")), func(c *evidence.Compute) {
			c.Instances[0].Interfaces = append(c.Instances[0].Interfaces, evidence.NetworkInterface{ID: "eni-2", Subnet: "subnet-a", VPC: "vpc-1", SecurityGroups: []string{"sg-web"}})
		}}, "yes", ""},
		{"an address that is none", networkChanges{eice(nil), nic(func(n *evidence.NetworkInterface) { n.PrivateIPv4 = []string{"nonsense"} }), group("sg-web", ssh("sg-eice"))}, "unknown", `주소 "nonsense"을 해석할 수 없음`},
		{"an interface without a VPC", networkChanges{eice(nil), nic(func(n *evidence.NetworkInterface) { n.VPC = "" }), group("sg-web", ssh("sg-eice"))}, "unknown", "네트워크 인터페이스 eni-1의 VPC가 증적에 없음"},
		{"an interface without a VPC, port 22 shut", networkChanges{eice(nil), nic(func(n *evidence.NetworkInterface) { n.VPC = "" }), group("sg-web")}, "no", "허용하는 규칙 없음"},
		{"an endpoint without a VPC", networkChanges{eice(func(e *evidence.ConnectEndpoint) { e.VPC = "" }), group("sg-web", ssh("sg-eice"))}, "unknown", "엔드포인트 eice-1의 VPC가 증적에 없음"},
		{"an interface without groups", networkChanges{eice(nil), nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = nil })}, "unknown", "네트워크 인터페이스 eni-1의 보안 그룹이 증적에 없음"},
		{"no interface in the evidence", networkChanges{eice(nil), func(c *evidence.Compute) { c.Instances[0].Interfaces = nil }}, "unknown", "네트워크 인터페이스가 증적에 없음"},
		{"no interface in the evidence, the endpoint does not work", networkChanges{eice(state("create-failed")), func(c *evidence.Compute) { c.Instances[0].Interfaces = nil }}, "no", "상태 create-failed"},
		{"endpoint's subnet without blocks", networkChanges{eice(nil), func(c *evidence.Compute) { c.Subnets[0].CIDRs = nil }, group("sg-web", ssh("10.0.0.0/16"))}, "unknown", "서브넷 subnet-a"},
		{"Windows", networkChanges{eice(nil), func(c *evidence.Compute) { c.Instances[0].Windows = true }, group("sg-web", ssh("sg-eice"))}, "yes", ""},
		{"create-failed", networkChanges{eice(state("create-failed")), group("sg-web", ssh("sg-eice"))}, "no", "상태 create-failed"},
		{"delete-in-progress", networkChanges{eice(state("delete-in-progress")), group("sg-web", ssh("sg-eice"))}, "no", "상태 delete-in-progress"},
		{"create-in-progress", networkChanges{eice(state("create-in-progress")), group("sg-web", ssh("sg-eice"))}, "unsettled", "엔드포인트 상태 create-in-progress"},
		{"update-in-progress", networkChanges{eice(state("update-in-progress")), group("sg-web", ssh("sg-eice"))}, "unsettled", "update-in-progress"},

		{"egress to the VPC", networkChanges{eice(nil), out(ssh("10.0.0.0/16")), group("sg-web", ssh("sg-eice"))}, "yes", ""},
		{"egress to the instance's group", networkChanges{eice(nil), out(ssh("sg-web")), group("sg-web", ssh("sg-eice"))}, "yes", ""},
		{"egress to another subnet", networkChanges{eice(nil), out(ssh("10.0.2.0/24")), group("sg-web", ssh("sg-eice"))}, "no", "아웃바운드 규칙이 인스턴스의 22번 포트를 허용하지 않음"},
		{"egress to another group", networkChanges{eice(nil), out(ssh("sg-db")), group("sg-web", ssh("sg-eice"))}, "no", "아웃바운드"},
		{"egress on another port", networkChanges{eice(nil), out(sourced(evidence.SecurityRule{Protocol: "tcp", FromPort: port(443), ToPort: port(443)}, "0.0.0.0/0")), group("sg-web", ssh("sg-eice"))}, "no", "아웃바운드"},
		{"no egress at all", networkChanges{eice(nil), out(), group("sg-web", ssh("sg-eice"))}, "no", "아웃바운드"},
		{"IPv6 egress to an IPv4 address", networkChanges{eice(nil), out(ssh("::/0")), group("sg-web", ssh("sg-eice"))}, "no", "아웃바운드"},
		{"an IPv6 instance, an IPv4 subnet", networkChanges{eice(nil), ipv6Only, nic(func(n *evidence.NetworkInterface) { n.PrivateIPv4 = nil }), func(c *evidence.Compute) { c.Subnets[0].CIDRs = []string{"10.0.1.0/24"} }, group("sg-web", ssh("sg-eice"))}, "no", "주소 유형이 없음"},

		{"client address preserved, the whole internet", networkChanges{eice(preserve), group("sg-web", ssh("0.0.0.0/0"))}, "yes", ""},
		{"client address preserved, an office range beside the whole internet", networkChanges{eice(preserve), group("sg-web", ssh("203.0.113.0/24", "0.0.0.0/0"))}, "yes", ""},
		{"client address preserved, an office range", networkChanges{eice(preserve), office}, "unsettled", "클라이언트 대역 확인: 203.0.113.0/24 허용"},
		{"client address preserved, a bastion's address", networkChanges{eice(preserve), group("sg-web", ssh("10.9.0.5/32"))}, "unsettled", "클라이언트 대역 확인: 10.9.0.5/32 허용"},
		{"client address preserved, the subnet's block", networkChanges{eice(preserve), group("sg-web", ssh("10.0.1.0/24"))}, "unsettled", "클라이언트 대역 확인"},
		{"client address preserved, the endpoint's group", networkChanges{eice(preserve), group("sg-web", ssh("sg-eice"))}, "yes", ""},
		{"client address preserved, a prefix list", networkChanges{eice(preserve)}, "unsettled", "클라이언트 대역 확인: 13.209.1.56/29 허용"},
		{"client address preserved, only another group", networkChanges{eice(preserve), group("sg-web", ssh("sg-bastion"))}, "no", "허용하는 규칙 없음"},
		{"client address preserved, no rule", networkChanges{eice(preserve), group("sg-web")}, "no", "허용하는 규칙 없음"},
		{"client address preserved, IPv6 rule only", networkChanges{eice(preserve), group("sg-web", ssh("::/0"))}, "no", "허용하는 규칙 없음"},
		{"client address preserved, IPv6 rule and address", networkChanges{eice(preserve), ipv6Only, group("sg-web", ssh("::/0"))}, "no", "허용하는 규칙 없음"},
		{"client address preserved, a list that was not read", networkChanges{eice(preserve), group("sg-web", ssh("pl-x"))}, "unknown", "접두사 목록 pl-x"},

		{"endpoint's group missing", networkChanges{eice(func(e *evidence.ConnectEndpoint) { e.SecurityGroups = []string{"sg-gone"} }), group("sg-web", ssh("sg-gone"))}, "unknown", "보안 그룹 sg-gone"},
		{"endpoint of no group", networkChanges{eice(func(e *evidence.ConnectEndpoint) { e.SecurityGroups = nil }), group("sg-web", ssh("10.0.0.0/16"))}, "unknown", "엔드포인트 eice-1의 보안 그룹"},
		{"endpoint's subnet missing", networkChanges{eice(nil), func(c *evidence.Compute) { c.Subnets = nil }, group("sg-web", ssh("10.0.0.0/16"))}, "unknown", "서브넷 subnet-a이 증적에 없음"},
		{"endpoint's subnet missing, its group is named", networkChanges{eice(nil), func(c *evidence.Compute) { c.Subnets = nil }, group("sg-web", ssh("sg-eice"))}, "yes", ""},
		{"endpoint's subnet missing, everything is open", networkChanges{eice(nil), func(c *evidence.Compute) { c.Subnets = nil }, group("sg-web", ssh("0.0.0.0/0"))}, "yes", ""},
		{"instance's group missing", networkChanges{eice(nil), nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = []string{"sg-gone"} })}, "unknown", "보안 그룹 sg-gone"},
		{"endpoints unread", networkChanges{func(c *evidence.Compute) { c.EndpointsRead = false }}, "unknown", "엔드포인트 목록이 증적에 없음"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, inst := networkOf("running", tt.changes)
			paths := n.through(inst)
			if tt.want == "none" || len(paths) != 1 {
				if tt.want != "none" || len(paths) != 0 {
					t.Errorf("%d paths", len(paths))
				}
				return
			}
			p := paths[0]
			told := strings.Join(slices.Concat(p.doubts, p.unsettled), "; ")
			if tt.want == "no" {
				told = p.why
			}
			if shown(p.claim) != tt.want || !strings.Contains(told, tt.telling) {
				t.Errorf("%s (%s), want %s (%s)", shown(p.claim), told, tt.want, tt.telling)
			}
		})
	}
}

func TestClaims(t *testing.T) {
	no, unsure, person := claim{}, doubt("x"), claim{yes: true, unsettled: []string{"y"}}
	for _, tt := range []struct {
		name     string
		list     []claim
		any, all string
	}{
		{"nothing", nil, "no", "yes"},
		{"no", []claim{no}, "no", "no"},
		{"yes and no", []claim{proven, no}, "yes", "no"},
		{"yes and unknown", []claim{proven, unsure}, "yes", "unknown"},
		{"no and unknown", []claim{no, unsure}, "unknown", "no"},
		{"unsettled and no", []claim{person, no}, "unsettled", "no"},
		{"unsettled and yes", []claim{person, proven}, "yes", "unsettled"},
		{"unsettled and unknown", []claim{person, unsure}, "unsettled", "unknown"},
	} {
		for _, reverse := range []bool{false, true} {
			if reverse {
				slices.Reverse(tt.list)
			}
			if got := shown(anyOf(tt.list...)); got != tt.any {
				t.Errorf("any of %s: %s", tt.name, got)
			}
			if got := shown(allOf(tt.list...)); got != tt.all {
				t.Errorf("all of %s: %s", tt.name, got)
			}
		}
	}
}

// Text from evidence never panics, and what is not understood is never a no.
func FuzzSpan(f *testing.F) {
	for _, s := range []string{"", "0.0.0.0/0", "::/0", "13.209.1.57/32", "::ffff:13.209.1.57/128", "1.2.3.4", "13.209.1.56/33", "fe80::1%eth0/64", "pl-1", "013.209.1.56/29"} {
		f.Add(s)
	}
	service := spanOf([]string{"13.209.1.56/29"}, true)
	f.Fuzz(func(t *testing.T, text string) {
		c := service.meetsAny([]string{text})
		if s := spanOf([]string{text}, true); s.unread != "" && c.no() || len(s.blocks) > 1 {
			t.Errorf("%q: %+v, span %+v", text, c, s)
		}
		n, inst := networkOf("running", networkChanges{group("sg-web", ssh(text)), routes("0.0.0.0/0 igw-1")})
		if p := n.public(inst); p.no() != (n.admits("eni", []string{"sg-web"}, ingress, n.service[true], nil).no()) {
			t.Errorf("%q: path %+v", text, p)
		}
	})
}
