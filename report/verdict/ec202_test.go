package verdict

import (
	"strings"
	"testing"

	"auditbinder/collect/evidence"
)

// The network itself has its own tests; here stands what paths and permissions
// come to, and what the reader is told.
func TestEC202Instance(t *testing.T) {
	closed := group("sg-web")
	windows := func(c *evidence.Compute) { c.Instances[0].Windows = true }
	preserve := func(e *evidence.ConnectEndpoint) { e.PreserveClientIP = true }
	tunnel := networkChanges{private, eice(nil), group("sg-web", ssh("sg-eice"))}
	may := func(actions string, resources ...string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.IAM.Users[0] = evidence.User{Name: "kim", Inline: inline(statement("Allow", actions, append(resources, `"*"`)[0]))}
		}
	}
	foreign := func(s *evidence.Set) {
		s.IAM.Users, s.IAM.Roles = nil, []evidence.Role{roleWith("OrganizationAccountAccessRole", trustOf(`{"AWS":"210987654321"}`), allow)}
	}
	linked := func(s *evidence.Set) {
		s.IAM.Users, s.IAM.Roles = nil, []evidence.Role{{Name: "linked", Path: "/aws-service-role/x/", Inline: inline(allow)}}
	}
	type changes []func(*evidence.Set)
	tests := []struct {
		name       string
		state      string
		network    networkChanges
		change     changes
		want       Verdict
		reason     string
		principals string
		note       bool // CLI 경로
	}{
		{"public path and a free principal", "running", nil, nil, Vulnerable, "공인 경로로 접속할 수 있는 상태이며 유효한 소스 네트워크 조건 없이 공개 키를 전달할 수 있는 주체가 1개 있음(user/kim)", "1", false},
		{"public path, all restricted", "running", nil, changes{held}, Interview, "공개 키를 전달할 수 있는 주체 1개(user/kim)가 모두 소스 네트워크 조건으로 제한되어 있음", "1", false},
		{"public path, nobody permitted", "running", nil, changes{nobody}, Good, "공개 키를 전달할 수 있는 주체가 없음", "0", false},
		{"public path, only the tunnel permitted", "running", nil, changes{may(`"ec2-instance-connect:OpenTunnel"`)}, Good, "주체가 없음", "0", false},
		{"public path, permitted on another instance", "running", nil, changes{may(`"ec2-instance-connect:*"`, `"`+testStem+`i-2"`)}, Good, "주체가 없음", "0", false},
		{"public path, only another account's role", "running", nil, changes{foreign}, Interview, "다른 계정만 맡을 수 있는 역할이 1개 있음(role/OrganizationAccountAccessRole)", "0", false},
		{"public path, only a service-linked role", "running", nil, changes{linked}, Good, "주체가 없음", "0", false},
		{"public path, a policy that was not returned", "running", nil, changes{func(s *evidence.Set) { s.IAM.Users[0] = evidence.User{Name: "kim", Attached: ref("Missing")} }}, Interview, "판단할 수 없는 주체가 1개", "1", false},

		{"endpoint and a free principal", "running", tunnel, nil, Vulnerable, "엔드포인트(eice-1)로 접속할 수 있는 상태이며 유효한 소스 네트워크 조건 없이 터널을 열 수 있는 주체가 1개", "1", false},
		{"endpoint, only the key permitted", "running", tunnel, changes{may(`"ec2-instance-connect:SendSSHPublicKey"`)}, Good, "터널을 열 수 있는 주체가 없음", "0", true},
		{"endpoint, permitted on that endpoint", "running", tunnel, changes{may(`"ec2-instance-connect:OpenTunnel"`, `"arn:aws:ec2:ap-northeast-2:123456789012:instance-connect-endpoint/eice-1"`)}, Vulnerable, "터널을 열 수 있는 주체가 1개", "1", false},
		{"endpoint, permitted on another endpoint", "running", tunnel, changes{may(`"ec2-instance-connect:OpenTunnel"`, `"arn:aws:ec2:ap-northeast-2:123456789012:instance-connect-endpoint/eice-2"`)}, Good, "주체가 없음", "0", false},
		{"endpoint, permitted on instances only", "running", tunnel, changes{may(`"ec2-instance-connect:OpenTunnel"`, `"`+testStem+`*"`)}, Good, "주체가 없음", "0", false},
		{"endpoint, all restricted", "running", tunnel, changes{held}, Interview, "터널을 열 수 있는 주체 1개(user/kim)가 모두", "1", false},
		{"both paths", "running", networkChanges{eice(nil), group("sg-web", ssh("sg-eice", "pl-eic"))}, nil, Vulnerable, "공인 경로와 엔드포인트(eice-1)로 접속할 수 있는 상태이며 유효한 소스 네트워크 조건 없이 공개 키를 전달하거나 터널을 열 수 있는 주체가 1개", "1", false},
		{"both paths, one principal each", "running", networkChanges{eice(nil), group("sg-web", ssh("sg-eice", "pl-eic"))}, changes{may(`"ec2-instance-connect:SendSSHPublicKey"`), func(s *evidence.Set) {
			s.IAM.Roles = []evidence.Role{roleWith("ops", trustOf(`{"AWS":"123456789012"}`), statement("Allow", `"ec2-instance-connect:OpenTunnel"`, `"*"`))}
		}}, Vulnerable, "주체가 2개 있음(user/kim, role/ops)", "2", false},
		{"an endpoint that is being made", "running", networkChanges{private, eice(func(e *evidence.ConnectEndpoint) { e.State = "create-in-progress" }), group("sg-web", ssh("sg-eice"))}, nil, Interview, "확인이 필요한 상태(엔드포인트 상태 create-in-progress)", "1", false},
		{"behind a firewall's endpoint", "running", networkChanges{routes("0.0.0.0/0 vpce-1")}, nil, Interview, "vpce-1을 경유함", "1", false},
		{"behind a firewall's endpoint, nobody permitted", "running", networkChanges{routes("0.0.0.0/0 vpce-1")}, changes{nobody}, Good, "주체가 없음", "0", false},

		{"behind a firewall's endpoint, a second interface of no known route", "running", networkChanges{routes("0.0.0.0/0 vpce-1"), func(c *evidence.Compute) {
			c.Instances[0].Interfaces = append(c.Instances[0].Interfaces, evidence.NetworkInterface{ID: "eni-2", Subnet: "subnet-x", VPC: "vpc-x", PublicIPv4: []string{"198.51.100.6"}, SecurityGroups: []string{"sg-web"}})
		}}, nil, Unknown, "서브넷 subnet-x의 라우팅 테이블", "1", false},

		{"no path", "running", networkChanges{closed}, nil, Good, "경로가 없음(공인 경로: 서비스 대역에서 오는 22번 포트를 허용하는 규칙 없음, 엔드포인트: VPC에 엔드포인트 없음)", "0(권한 보유 1)", false},
		{"an endpoint that does not get through", "running", networkChanges{eice(nil), closed}, nil, Good, "엔드포인트: eice-1 엔드포인트에서 오는 22번 포트를 허용하는 규칙 없음)", "0(권한 보유 1)", false},
		{"port 22 open to an office only", "running", networkChanges{group("sg-web", ssh("203.0.113.0/24"))}, nil, Good, "CLI 경로: 22번 포트를 허용하는 다른 규칙이 있고 공개 키를 전달할 수 있는 주체가 1개 있음", "0(권한 보유 1)", true},
		{"port 22 open to a bastion only", "running", networkChanges{group("sg-web", ssh("sg-bastion"))}, nil, Good, "CLI 경로", "0(권한 보유 1)", true},
		{"port 22 open to an office, nobody may push a key", "running", networkChanges{group("sg-web", ssh("203.0.113.0/24"))}, changes{nobody}, Good, "경로가 없음", "0", false},
		{"Windows, public path only", "running", networkChanges{windows, group("sg-web", ssh("0.0.0.0/0"))}, nil, Good, "공인 경로: Windows 인스턴스는 공개 키 전달 대상이 아님, 엔드포인트: VPC에 엔드포인트 없음", "0", false},
		{"Windows, stopped, public path only", "stopped", networkChanges{windows}, nil, Good, "Windows 인스턴스는", "0", false},
		{"Windows behind an endpoint open to port 22", "running", append(networkChanges{windows}, tunnel...), nil, Vulnerable, "엔드포인트(eice-1)로 접속할 수 있는 상태이며 유효한 소스 네트워크 조건 없이 터널을 열 수 있는 주체가 1개", "1", false},
		{"Windows behind an endpoint, all restricted", "running", append(networkChanges{windows}, tunnel...), changes{held}, Interview, "터널을 열 수 있는 주체 1개(user/kim)가 모두", "1", false},
		{"Windows behind an endpoint, only the key permitted", "running", append(networkChanges{windows}, tunnel...), changes{may(`"ec2-instance-connect:SendSSHPublicKey"`)}, Good, "터널을 열 수 있는 주체가 없음", "0", false},
		{"Windows, both paths open", "running", networkChanges{windows, eice(nil), group("sg-web", ssh("0.0.0.0/0", "sg-eice"))}, nil, Vulnerable, "상태이며 유효한 소스 네트워크 조건 없이 터널을 열", "1", false},
		{"Windows, endpoints unread", "running", networkChanges{windows, func(c *evidence.Compute) { c.EndpointsRead = false }}, nil, Unknown, "엔드포인트 목록이 증적에 없음", "0", false},

		{"a bastion's address in the endpoint's subnet", "running", networkChanges{private, eice(nil), group("sg-web", ssh("10.0.1.77/32"))}, nil, Interview, "엔드포인트(eice-1)로 접속할 수 있는지 확인이 필요한 상태(엔드포인트 eice-1의 주소 확인: 서브넷의 일부인 10.0.1.77/32 허용)", "1", false},
		{"a bastion's address in the endpoint's subnet, nobody permitted", "running", networkChanges{private, eice(nil), group("sg-web", ssh("10.0.1.77/32"))}, changes{nobody}, Good, "주체가 없음", "0", false},
		{"client address preserved, an office range", "running", networkChanges{private, eice(preserve), group("sg-web", ssh("203.0.113.0/28"))}, nil, Interview, "클라이언트 대역 확인: 203.0.113.0/28 허용", "1", false},
		{"client address preserved, everyone", "running", networkChanges{private, eice(preserve), group("sg-web", ssh("0.0.0.0/0"))}, nil, Vulnerable, "엔드포인트(eice-1)로 접속할 수 있는 상태", "1", false},
		{"a list over an appliance", "running", networkChanges{routes("pl-eic eni-9")}, nil, Interview, "pl-eic 경로가 eni-9을 경유함", "1", false},
		{"no service list in the region", "running", networkChanges{group("sg-web", ssh("0.0.0.0/0")), func(c *evidence.Compute) { c.PrefixLists = nil }}, nil, Unknown, "서비스 대역을 알 수 없음", "1", false},
		{"an interface without addresses", "running", append(networkChanges{bare}, tunnel[1:]...), nil, Unknown, "네트워크 인터페이스 eni-1의 주소가 증적에 없음", "1", false},
		{"an interface without groups", "running", networkChanges{nic(func(n *evidence.NetworkInterface) { n.SecurityGroups = nil })}, nil, Unknown, "네트워크 인터페이스 eni-1의 보안 그룹이 증적에 없음", "1", false},
		{"no interface in the evidence, only the tunnel permitted", "running", networkChanges{eice(nil), func(c *evidence.Compute) { c.Instances[0].Interfaces = nil }}, changes{may(`"ec2-instance-connect:OpenTunnel"`)}, Unknown, "네트워크 인터페이스가 증적에 없음", "1", false},
		{"public path, only a role of IAM Roles Anywhere", "running", nil, changes{nobody, func(s *evidence.Set) {
			s.IAM.Roles = []evidence.Role{roleWith("laptops", trustOf(`{"Service":"rolesanywhere.amazonaws.com"}`), allow)}
		}}, Vulnerable, "주체가 1개 있음(role/laptops)", "1", false},

		{"stopped with a public path", "stopped", nil, nil, Interview, "중지(stopped) 상태이나 네트워크 구성상 공인 경로로 다시 접속할 수 있게 될 상태이며", "1", false},
		{"stopped without its address in a public subnet", "stopped", networkChanges{private}, nil, Interview, "공인 경로로 다시", "1", false},
		{"stopped with an endpoint, in a private subnet", "stopped", append(networkChanges{routes("10.0.0.0/16 local")}, tunnel...), nil, Interview, "엔드포인트(eice-1)로 다시", "1", false},
		{"stopped with an endpoint, in a public subnet", "stopped", networkChanges{private, eice(nil), group("sg-web", ssh("sg-eice", "pl-eic"))}, nil, Interview, "공인 경로와 엔드포인트(eice-1)로 다시", "1", false},
		{"stopped, nobody permitted", "stopped", nil, changes{nobody}, Good, "주체가 없음", "0", false},
		{"stopped, no path", "stopped", networkChanges{closed}, nil, Good, "중지(stopped) 상태이며", "0(권한 보유 1)", false},
		{"pending", "pending", nil, nil, Interview, "시작 중(pending) 상태이나", "1", false},
		{"stopping", "stopping", nil, nil, Interview, "중지 중(stopping) 상태이나", "1", false},

		{"security groups unread", "running", networkChanges{func(c *evidence.Compute) { c.SecurityGroups, c.SecurityGroupsRead = nil, false }}, nil, Unknown, "보안 그룹 sg-web의 규칙이 증적에 없음", "1", false},
		{"security groups unread, nobody permitted", "running", networkChanges{func(c *evidence.Compute) { c.SecurityGroups, c.SecurityGroupsRead = nil, false }}, changes{nobody}, Good, "주체가 없음", "0", false},
		{"security groups unread, all restricted", "running", networkChanges{func(c *evidence.Compute) { c.SecurityGroups, c.SecurityGroupsRead = nil, false }}, changes{held}, Unknown, "보안 그룹 sg-web", "1", false},
		{"route tables unread", "running", networkChanges{func(c *evidence.Compute) { c.RouteTables, c.RouteTablesRead = nil, false }}, nil, Unknown, "라우팅 테이블이 증적에 없음", "1", false},
		{"a rule's prefix list unread", "running", networkChanges{group("sg-web", ssh("pl-x"))}, nil, Unknown, "접두사 목록 pl-x", "1", false},
		{"endpoints unread", "running", networkChanges{closed, func(c *evidence.Compute) { c.EndpointsRead = false }}, nil, Unknown, "엔드포인트 목록이 증적에 없음", "0", false},
		{"endpoints unread, public path proved", "running", networkChanges{func(c *evidence.Compute) { c.EndpointsRead = false }}, nil, Vulnerable, "공인 경로로", "1", false},
		{"endpoints unread, public path restricted", "running", networkChanges{func(c *evidence.Compute) { c.EndpointsRead = false }}, changes{held}, Unknown, "엔드포인트 목록", "1", false},
		{"endpoint's subnet unread, public path proved", "running", networkChanges{eice(nil), func(c *evidence.Compute) { c.Subnets, c.SubnetsRead = nil, false }, group("sg-web", ssh("pl-eic", "10.0.0.0/16"))}, nil, Vulnerable, "공인 경로로 접속할 수 있는 상태", "1", false},
		{"endpoint's subnet unread, nobody may tunnel", "running", networkChanges{private, eice(nil), func(c *evidence.Compute) { c.Subnets, c.SubnetsRead = nil, false }, group("sg-web", ssh("10.0.0.0/16"))}, changes{may(`"ec2-instance-connect:SendSSHPublicKey"`)}, Good, "터널을 열 수 있는 주체가 없음", "0", true},
		{"stopped, security groups unread", "stopped", networkChanges{func(c *evidence.Compute) { c.SecurityGroups, c.SecurityGroupsRead = nil, false }}, nil, Unknown, "보안 그룹 sg-web", "1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, _ := networkOf(tt.state, tt.network)
			set := computeSet(*n.c)
			for _, change := range tt.change {
				change(set)
			}
			f, out := one(t, ec202, set)
			if f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s: %s", f.Status, f.Reason)
			}
			if got := cellText(f.Cells["principals"]); got != tt.principals {
				t.Errorf("principals %s, want %s", got, tt.principals)
			}
			if notes := strings.Join(out.Notes, "\n"); strings.Contains(notes, "CLI 경로: ") != tt.note {
				t.Errorf("notes %q", out.Notes)
			}
			if out.Population != 1 || out.Reason == "" || fold(out.Findings) != tt.want {
				t.Errorf("population %d, item %s (%s)", out.Population, fold(out.Findings), out.Reason)
			}
		})
	}
}

func TestEC202Item(t *testing.T) {
	gone := region("a")
	inst := running("i-1")
	inst.State = "terminated"
	gone.Instances = []evidence.Instance{inst}
	for name, regions := range map[string][]evidence.Compute{"no instance anywhere": {region("a"), region("b")}, "only a terminated one": {gone}} {
		out := ec202(Input{Evidence: computeSet(regions...), Settings: defaults(t)})
		if fold(out.Findings) != NA || !strings.Contains(out.Reason, "점검 대상 EC2 인스턴스가 없음") || out.Population != 0 {
			t.Errorf("%s: %s, population %d (%s)", name, fold(out.Findings), out.Population, out.Reason)
		}
		if !strings.Contains(strings.Join(out.Notes, "\n"), "root 계정은") {
			t.Errorf("%s: notes %q", name, out.Notes)
		}
	}
}

func TestEC202Tables(t *testing.T) {
	n, _ := networkOf("running", networkChanges{eice(nil), group("sg-web", ssh("sg-eice", "pl-eic")), group("sg-shut")})
	c := n.c
	second := running("i-2")
	second.ImageName, second.Interfaces = "", nil
	second.Interfaces = []evidence.NetworkInterface{{ID: "eni-2", Subnet: "subnet-a", VPC: "vpc-1", PrivateIPv4: []string{"10.0.1.6"}, IPv6: []string{"2001:db8:1::6", "fd00::6"}, SecurityGroups: []string{"sg-shut"}}}
	windows := running("i-3")
	windows.Windows = true
	c.Instances = append(c.Instances, second, windows)
	set := computeSet(*c)
	set.Failures = []evidence.Failure{{Action: "ec2:DescribeImages", Region: "ap-northeast-2", Code: "AccessDenied"}}
	set.IAM.Roles = []evidence.Role{roleWith("org", trustOf(`{"AWS":"210987654321"}`), allow), roleWith("keys", trustOf(`{"AWS":"123456789012"}`), statement("Allow", `"ec2-instance-connect:SendSSHPublicKey"`, `"`+testStem+`i-1"`))}
	out := ec202(Input{Evidence: set, Settings: defaults(t), Failures: set.Failures})
	checkColumns(t, "EC2-02", out, map[string]string{principalsTable: "user/kim=2 role/keys=1 user/kim=1", apartTable: "role/org=2 role/org=1"})
	for i, want := range []string{
		"198.51.100.5 / sg-web(22 허용: pl-eic, sg-eice) / eice-1: 22번 포트 접속 가능 / al2023|ami-1 / 2",
		"2001:db8:1::6 /  / eice-1: 엔드포인트에서 오는 22번 포트를 허용하는 규칙 없음 / 이름 조회 불가|ami-1 / 0(권한 보유 1)",
		"198.51.100.5 / sg-web(22 허용: pl-eic, sg-eice) / eice-1: 22번 포트 접속 가능 / al2023|ami-1 / 1",
	} {
		var got []string
		for _, key := range []string{"public_ip", "security_group_rules", "endpoint", "ami", "principals"} {
			got = append(got, cellText(out.Findings[i].Cells[key]))
		}
		if text := strings.Join(got, " / "); text != want {
			t.Errorf("%q\nwant %q", text, want)
		}
	}
	if got := strings.Join(out.Findings[0].CallIDs, " "); got != "call-endpoints call-groups call-instances call-keys call-list iam-details-1" {
		t.Error(got)
	}
	if rows := out.Rows[principalsTable]; cellText(rows[0]["action"]) != sendKey || cellText(rows[2]["action"]) != openTunnel {
		t.Errorf("%v", rows)
	}
}
