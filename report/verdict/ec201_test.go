package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
)

const managedRole = `{"Statement":[{"Effect":"Allow","Action":["ssm:UpdateInstanceInformation","ssmmessages:*"],"Resource":"*"}]}`

// fullRegions is an account of regions that were asked in full.
func fullRegions(names ...string) *evidence.Regions {
	r := &evidence.Regions{Read: true}
	for _, n := range names {
		r.All = append(r.All, evidence.Region{Name: n, Scope: evidence.ScopeFull})
	}
	return r
}

// region is a region in which everything was read and default host management is
// off: one VPC with a public subnet, port 22 open to the Instance Connect service.
func region(name string) evidence.Compute {
	off, ssh := "", 22
	return evidence.Compute{
		Region: name, InstancesRead: true, NodesRead: true, DefaultHostManagement: &off, Session: &evidence.SessionDocument{},
		SecurityGroupsRead: true, SubnetsRead: true, RouteTablesRead: true, EndpointsRead: true, PrefixListsRead: true,
		SecurityGroups: []evidence.SecurityGroup{{ID: "sg-web", Calls: []string{"call-groups"}, Ingress: []evidence.SecurityRule{
			{Protocol: "tcp", FromPort: &ssh, ToPort: &ssh, PrefixLists: []string{"pl-eic"}}}}},
		Subnets:     []evidence.Subnet{{ID: "subnet-a", VPC: "vpc-1", CIDRs: []string{"10.0.1.0/24", "2001:db8:1::/64"}}},
		RouteTables: []evidence.RouteTable{{ID: "rtb-main", VPC: "vpc-1", Main: true, Routes: []evidence.Route{{Destination: "10.0.0.0/16", Gateway: "local", State: "active"}, {Destination: "0.0.0.0/0", Gateway: "igw-1", State: "active"}}}},
		PrefixLists: []evidence.PrefixList{
			{ID: "pl-eic", Name: "com.amazonaws." + name + ".ec2-instance-connect", EntriesRead: true, CIDRs: []string{"13.209.1.56/29"}, Calls: []string{"call-list"}},
			{ID: "pl-eic6", Name: "com.amazonaws." + name + ".ipv6.ec2-instance-connect", EntriesRead: true, CIDRs: []string{"2406:da12::/48"}, Calls: []string{"call-list"}},
		},
	}
}

// running is an instance with a public address.
func running(id string) evidence.Instance {
	return evidence.Instance{ID: id, Name: "web", State: "running", VPC: "vpc-1", Subnet: "subnet-a", Image: "ami-1", ImageName: "al2023", Calls: []string{"call-instances"},
		Interfaces: []evidence.NetworkInterface{{ID: "eni-1", Subnet: "subnet-a", VPC: "vpc-1", PrivateIPv4: []string{"10.0.1.5"}, PublicIPv4: []string{"198.51.100.5"}, SecurityGroups: []string{"sg-web"}}}}
}

// computeSet is an account with these regions and one administrator.
func computeSet(regions ...evidence.Compute) *evidence.Set {
	set := iamSet(user("kim"))
	set.Caller.ARN = "arn:aws:iam::123456789012:user/auditor"
	set.Organization = &evidence.Organization{}
	names := []string{}
	for _, r := range regions {
		names = append(names, r.Region)
	}
	set.Compute, set.Regions = regions, fullRegions(names...)
	for _, name := range evidence.SignInRegions { // every list has them
		if !slices.Contains(names, name) {
			set.Regions.All = append(set.Regions.All, evidence.Region{Name: name, Scope: evidence.ScopeDisabled})
		}
	}
	return set
}

func one(t *testing.T, r rule, set *evidence.Set) (Finding, Outcome) {
	t.Helper()
	out := r(Input{Evidence: set, Settings: defaults(t), Failures: set.Failures})
	if len(out.Findings) != 1 {
		t.Fatalf("%d findings (%s)", len(out.Findings), out.Reason)
	}
	return out.Findings[0], out
}

// held are identities that may start sessions from the office only.
func held(set *evidence.Set) { set.IAM.Users[0].Inline = inline(deny1(office)) }

func nobody(set *evidence.Set) { set.IAM.Users = nil }

func TestEC201Instance(t *testing.T) {
	const profile = "arn:aws:iam::123456789012:instance-profile/app"
	host := func(role string) func(*evidence.Set) {
		return func(s *evidence.Set) { s.Compute[0].DefaultHostManagement = &role }
	}
	hostUnread := func(s *evidence.Set) {
		s.Compute[0].DefaultHostManagement = nil
		s.Failures = append(s.Failures, evidence.Failure{Action: "ssm:GetServiceSetting", Region: "ap-northeast-2", Code: "AccessDeniedException"})
	}
	nodesUnread := func(s *evidence.Set) {
		s.Compute[0].NodesRead = false
		s.Failures = append(s.Failures, evidence.Failure{Action: "ssm:DescribeInstanceInformation", Region: "ap-northeast-2", Code: "AccessDeniedException"})
	}
	withProfile := func(documents ...string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.Compute[0].Instances[0].Profile = profile
			r := roleWith("app", trustOf(`{"Service":"ec2.amazonaws.com"}`), documents...)
			r.InstanceProfiles = []string{profile}
			s.IAM.Roles = append(s.IAM.Roles, r)
		}
	}
	roles := func(list ...evidence.Role) func(*evidence.Set) {
		return func(s *evidence.Set) { s.IAM.Roles = append(s.IAM.Roles, list...) }
	}
	orgRole := roleWith("OrganizationAccountAccessRole", trustOf(`{"AWS":"arn:aws:iam::210987654321:root"}`), allow)
	type changes []func(*evidence.Set)
	tests := []struct {
		name        string
		state, ping string // no ping: Systems Manager does not know it
		change      changes
		want        Verdict
		reason      string
		principals  string
	}{
		{"online and a free principal", "running", "Online", nil, Vulnerable, "온라인 상태이며 유효한 소스 네트워크 조건 없이 세션을 시작할 수 있는 주체가 1개 있음(user/kim)", "1"},
		{"online, all restricted", "running", "Online", changes{held}, Interview, "주체 1개(user/kim)가 모두 소스 네트워크 조건으로 제한되어 있음; 별도 통제의 적정성 확인이 필요함", "1"},
		{"online, one restricted and one not", "running", "Online", changes{held, roles(roleWith("ops", trustOf(`{"AWS":"123456789012"}`), allow))}, Vulnerable, "주체가 1개 있음(role/ops)", "2"},
		{"online, MFA alone", "running", "Online", changes{func(s *evidence.Set) {
			s.IAM.Users[0].Inline = inline(statement("Deny", `"*"`, `"*"`, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`))
		}}, Vulnerable, "user/kim", "1"},
		{"online, a restriction that is too wide", "running", "Online", changes{func(s *evidence.Set) {
			s.IAM.Users[0].Inline = inline(deny1(`"NotIpAddress":{"aws:SourceIp":"0.0.0.0/1"}`))
		}}, Vulnerable, "유효한 소스 네트워크 조건 없이", "1"},
		{"online, restricted by a readable SCP", "running", "Online", changes{func(s *evidence.Set) {
			s.Organization = &evidence.Organization{Member: true, ManagementID: "210987654321", PoliciesRead: true,
				Targets:  []evidence.ControlTarget{{ID: "r-1", SCPs: []string{"p"}}},
				Policies: []evidence.ControlPolicy{{ID: "p", Document: `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{` + office + `}}]}`}}}
		}}, Interview, "제한되어 있음", "1"},
		{"online, denied by a readable SCP", "running", "Online", changes{func(s *evidence.Set) {
			s.Organization = &evidence.Organization{Member: true, ManagementID: "210987654321", PoliciesRead: true,
				Targets:  []evidence.ControlTarget{{ID: "r-1", SCPs: []string{"p"}}},
				Policies: []evidence.ControlPolicy{{ID: "p", Document: `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ssm:StartSession","Resource":"*"}]}`}}}
		}}, Good, "주체가 없음", "0"},
		{"online, a policy that was not returned", "running", "Online", changes{func(s *evidence.Set) { s.IAM.Users[0] = evidence.User{Name: "kim", Attached: ref("Missing")} }}, Interview, "판단할 수 없는 주체가 1개 있음(user/kim)", "1"},
		{"online, nobody permitted", "running", "Online", changes{nobody}, Good, "온라인 상태이나 세션을 시작할 수 있는 주체가 없음", "0"},
		{"online, permitted on another instance only", "running", "Online", changes{func(s *evidence.Set) {
			s.IAM.Users[0] = evidence.User{Name: "kim", Inline: inline(statement("Allow", `"ssm:*"`, `"`+testStem+`i-2"`))}
		}}, Good, "주체가 없음", "0"},
		{"online, a trust policy that can't be read", "running", "Online", changes{nobody, roles(roleWith("odd", "nonsense", allow))}, Vulnerable, "role/odd", "1"},
		{"online, an Identity Center role", "running", "Online", changes{nobody, roles(evidence.Role{Name: "AWSReservedSSO_x", Path: "/aws-reserved/sso.amazonaws.com/", Trust: trustOf(`{"Federated":"arn:aws:iam::123456789012:saml-provider/AWSSSO_x"}`), Inline: inline(allow)})}, Vulnerable, "role/AWSReservedSSO_x", "1"},
		{"online, only a service-linked role", "running", "Online", changes{nobody, roles(evidence.Role{Name: "AWSServiceRoleForAmazonSSM", Path: "/aws-service-role/ssm.amazonaws.com/", Inline: inline(allow)})}, Good, "주체가 없음", "0"},
		{"online, only a role of AWS services", "running", "Online", changes{nobody, roles(roleWith("batch", trustOf(`{"Service":"lambda.amazonaws.com"}`), allow))}, Good, "주체가 없음", "0"},
		{"online, only a role of IAM Roles Anywhere", "running", "Online", changes{nobody, roles(roleWith("laptops", trustOf(`{"Service":"rolesanywhere.amazonaws.com"}`), allow))}, Vulnerable, "주체가 1개 있음(role/laptops)", "1"},
		{"online, only a role that deleted principals were trusted with", "running", "Online", changes{nobody, roles(roleWith("dead", trustOf(`{"AWS":"AROAEXAMPLEDELETED123"}`), allow))}, Good, "주체가 없음", "0"},
		{"online, only OrganizationAccountAccessRole", "running", "Online", changes{nobody, roles(orgRole)}, Interview, "다른 계정만 맡을 수 있는 역할이 1개 있음(role/OrganizationAccountAccessRole)", "0"},
		{"online, only AWSControlTowerExecution", "running", "Online", changes{nobody, roles(roleWith("AWSControlTowerExecution", trustOf(`{"AWS":"arn:aws:iam::210987654321:root"}`), allow))}, Interview, "role/AWSControlTowerExecution", "0"},
		{"online, only stacksets-exec", "running", "Online", changes{nobody, roles(roleWith("stacksets-exec-1", trustOf(`{"AWS":"arn:aws:iam::210987654321:role/aws-service-role/x/y"}`), allow))}, Interview, "role/stacksets-exec-1", "0"},
		{"online, another account's role beside a free principal", "running", "Online", changes{roles(orgRole)}, Vulnerable, "주체가 1개 있음(user/kim)", "1"},
		{"online, another account's role, restricted", "running", "Online", changes{nobody, roles(roleWith("audit", trustOf(`{"AWS":"210987654321"}`), allow, deny1(office)))}, Good, "역할 1개는 소스 네트워크 조건으로 제한됨: role/audit", "0"},

		{"unknown to SSM, no profile", "running", "", nil, Good, "Systems Manager에 등록되어 있지 않은 상태이며 인스턴스 프로파일의 Systems Manager 권한(프로파일 없음)과 기본 호스트 관리가 모두 없어", "0(권한 보유 1)"},
		{"unknown to SSM, a profile that can register", "running", "", changes{withProfile(managedRole)}, Interview, "등록되어 있지 않은 상태이나 인스턴스 프로파일(app)에 등록 권한이 있어", "1"},
		{"unknown to SSM, default host management", "running", "", changes{host("AWSSystemsManagerDefaultEC2InstanceManagementRole")}, Interview, "기본 호스트 관리(역할 AWSSystemsManagerDefaultEC2InstanceManagementRole)", "1"},
		{"unknown to SSM, host management unread", "running", "", changes{hostUnread}, Unknown, "ssm:GetServiceSetting(ap-northeast-2) 조회 실패 AccessDeniedException", "1"},
		{"unknown to SSM, nobody permitted, host management unread", "running", "", changes{hostUnread, nobody}, Good, "주체가 없음", "0"},

		{"stopped, a profile that can register", "stopped", "", changes{withProfile(managedRole)}, Interview, "중지(stopped) 상태이나 인스턴스 프로파일(app)에 등록 권한이 있어 접속할 수 있게 될 수 있는 구성이며", "1"},
		{"stopped, a profile that can't", "stopped", "", changes{withProfile(statement("Allow", `"s3:*"`, `"*"`))}, Good, "app: SSM 권한 없음", "0(권한 보유 1)"},
		{"stopped, a profile whose boundary takes it", "stopped", "", changes{withProfile(managedRole), func(s *evidence.Set) { s.IAM.Roles[0].Boundary = &evidence.PolicyRef{Name: "Deny", ARN: "arn:Deny"} }}, Good, "SSM 권한 없음", "0(권한 보유 1)"},
		{"stopped, a profile that is not understood", "stopped", "", changes{withProfile("nonsense")}, Interview, "정책을 해석할 수 없으므로", "1"},
		{"stopped, a profile of no known role", "stopped", "", changes{func(s *evidence.Set) { s.Compute[0].Instances[0].Profile = profile }}, Interview, "인스턴스 프로파일(app)의 역할을 IAM 증적에서 확인할 수 없으므로", "1"},
		{"stopped, default host management", "stopped", "", changes{host("role/x")}, Interview, "기본 호스트 관리", "1"},
		{"stopped, host management unread", "stopped", "", changes{hostUnread}, Unknown, "ssm:GetServiceSetting(ap-northeast-2) 조회 실패 AccessDeniedException", "1"},
		{"stopped, a profile that can register, host management unread", "stopped", "", changes{withProfile(managedRole), hostUnread}, Interview, "등록 권한이 있어", "1"},
		{"stopped, no profile, host management off", "stopped", "", nil, Good, "중지(stopped) 상태이며", "0(권한 보유 1)"},
		{"stopped, all restricted", "stopped", "", changes{withProfile(managedRole), held}, Interview, "제한되어 있음", "1"},
		{"stopped, nobody permitted", "stopped", "", changes{withProfile(managedRole), nobody}, Good, "주체가 없음", "0"},
		{"stopped but still listed as online", "stopped", "Online", nil, Interview, "Systems Manager에는 Online으로 남아 있어", "1"},
		{"stopping, still online", "stopping", "Online", changes{withProfile(managedRole)}, Interview, "중지 중(stopping) 상태이나", "1"},
		{"pending", "pending", "", changes{withProfile(managedRole)}, Interview, "시작 중(pending) 상태이나", "1"},
		{"a state that AWS did not name", "", "", changes{withProfile(managedRole)}, Interview, "상태 확인 불가(값 없음)", "1"},
		{"ConnectionLost with a profile", "running", "ConnectionLost", changes{withProfile(managedRole)}, Interview, "SSM 연결이 ConnectionLost인 상태이나", "1"},
		{"Inactive with default host management", "running", "Inactive", changes{host("x")}, Interview, "SSM 연결이 Inactive인 상태이나", "1"},
		{"ConnectionLost without any way back", "running", "ConnectionLost", nil, Good, "ConnectionLost인 상태이며", "0(권한 보유 1)"},
		{"ConnectionLost, host management unread", "running", "ConnectionLost", changes{hostUnread}, Unknown, "ssm:GetServiceSetting", "1"},

		{"nodes unread", "running", "", changes{nodesUnread}, Unknown, "ssm:DescribeInstanceInformation(ap-northeast-2) 조회 실패 AccessDeniedException", "1"},
		{"nodes unread, nobody permitted", "running", "", changes{nodesUnread, nobody}, Unknown, "ssm:DescribeInstanceInformation", "0"},
		{"nodes unread, stopped", "stopped", "", changes{nodesUnread}, Unknown, "ssm:DescribeInstanceInformation", "1"},
		{"nodes unread after the page that has it", "running", "Online", changes{nodesUnread}, Vulnerable, "온라인", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := region("ap-northeast-2")
			inst := running("i-1")
			inst.State = tt.state
			c.Instances = []evidence.Instance{inst}
			if tt.ping != "" {
				c.Nodes = []evidence.SSMNode{{ID: "i-1", Ping: tt.ping, Agent: "3.3.1", Calls: []string{"call-nodes"}}}
			}
			set := computeSet(c)
			for _, change := range tt.change {
				change(set)
			}
			f, out := one(t, ec201, set)
			if f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s: %s", f.Status, f.Reason)
			}
			if got := cellText(f.Cells["principals"]); got != tt.principals {
				t.Errorf("principals %s, want %s", got, tt.principals)
			}
			if out.Population != 1 || out.Reason == "" || fold(out.Findings) != tt.want {
				t.Errorf("population %d, item %s (%s)", out.Population, fold(out.Findings), out.Reason)
			}
		})
	}
}

// An EC2 instance can be registered by hybrid activation: it is a node of another id
// then, whose sessions go by another resource.
func TestEC201HybridNode(t *testing.T) {
	const missing = "Systems Manager에 등록되어 있지 않은 상태이며"
	node := func(ping, ip string, change ...func(*evidence.SSMNode)) evidence.SSMNode {
		n := evidence.SSMNode{ID: "mi-1", Ping: ping, IP: ip, Hybrid: true, Calls: []string{"call-nodes"}}
		for _, c := range change {
			c(&n)
		}
		return n
	}
	may := func(resource string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.IAM.Users[0] = evidence.User{Name: "kim", Inline: inline(statement("Allow", `"ssm:StartSession"`, `"`+resource+`"`))}
		}
	}
	registered := func(ping string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.Compute[0].Nodes = append(s.Compute[0].Nodes, evidence.SSMNode{ID: "i-1", Ping: ping, Calls: []string{"call-nodes"}})
		}
	}
	tests := []struct {
		name       string
		nodes      []evidence.SSMNode
		change     []func(*evidence.Set)
		want       Verdict
		reason     string
		principals string
	}{
		{"the private address", []evidence.SSMNode{node("Online", "10.0.1.5")}, nil, Interview,
			"이 인스턴스가 하이브리드 활성화로 등록된 노드 mi-1(Online, 주소 10.0.1.5 일치)일 수 있는 구성이며 유효한 소스 네트워크 조건 없이 세션을 시작할 수 있는 주체가 1개 있음(user/kim)", "1"},
		{"the public address", []evidence.SSMNode{node("Online", "198.51.100.5")}, nil, Interview, "mi-1(Online, 주소 198.51.100.5 일치)", "1"},
		{"an IPv6 address written otherwise", []evidence.SSMNode{node("Online", "2001:DB8:0:0::5")}, []func(*evidence.Set){func(s *evidence.Set) {
			s.Compute[0].Instances[0].Interfaces[0].IPv6 = []string{"2001:db8::5"}
		}}, Interview, "mi-1(Online, 주소 2001:db8::5 일치)", "1"},
		{"another address", []evidence.SSMNode{node("Online", "192.168.40.11")}, nil, Good, missing, "0(권한 보유 1)"},
		{"no address", []evidence.SSMNode{node("Online", "")}, nil, Interview, "이 인스턴스가 하이브리드 활성화로 등록된 노드 mi-1(Online, 노드의 주소 확인 불가)일 수 있는 구성이며", "1"},
		{"an address of its own loop", []evidence.SSMNode{node("Online", "127.0.0.1")}, nil, Interview, "mi-1(Online, 노드의 주소 확인 불가)", "1"},
		{"a link-local address", []evidence.SSMNode{node("Online", "169.254.10.20")}, nil, Interview, "노드의 주소 확인 불가", "1"},
		{"no address that can be read", []evidence.SSMNode{node("Online", "unknown")}, nil, Interview, "노드의 주소 확인 불가", "1"},
		{"an instance without an address", []evidence.SSMNode{node("Online", "192.168.40.11")}, []func(*evidence.Set){func(s *evidence.Set) { s.Compute[0].Instances[0].Interfaces = nil }}, Interview,
			"mi-1(Online, 인스턴스의 주소 확인 불가)", "1"},
		{"the address, connection lost", []evidence.SSMNode{node("ConnectionLost", "10.0.1.5")}, nil, Interview, "mi-1(ConnectionLost, 주소 10.0.1.5 일치)", "1"},
		{"no address, connection lost", []evidence.SSMNode{node("ConnectionLost", "")}, nil, Good, missing, "0(권한 보유 1)"},
		{"known by its id alone", []evidence.SSMNode{node("Online", "10.0.1.5", func(n *evidence.SSMNode) { n.Hybrid = false })}, nil, Interview, "mi-1(Online, 주소 10.0.1.5 일치)", "1"},
		{"no hybrid node of that address", []evidence.SSMNode{{ID: "i-2", Ping: "Online", IP: "10.0.1.5"}}, nil, Good, missing, "0(권한 보유 1)"},
		{"two nodes", []evidence.SSMNode{node("Online", ""), node("Online", "10.0.1.5", func(n *evidence.SSMNode) { n.ID = "mi-2" })}, nil, Interview, "mi-2(Online, 주소 10.0.1.5 일치)", "1"},
		{"all restricted", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){held}, Interview, "제한되어 있음", "1"},
		{"nobody permitted", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){nobody}, Good, "mi-1(Online, 주소 10.0.1.5 일치)일 수 있는 구성이나 세션을 시작할 수 있는 주체가 없음", "0"},
		{"permitted on instances only", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){may("arn:aws:ec2:*:*:instance/*")}, Good, "주체가 없음", "0"},
		{"permitted on managed instances only", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){may("arn:aws:ssm:*:*:managed-instance/*")}, Interview, "user/kim", "1"},
		{"permitted on another managed instance", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){may("arn:aws:ssm:ap-northeast-2:123456789012:managed-instance/mi-2")}, Good, "주체가 없음", "0"},
		{"a stopped instance", []evidence.SSMNode{node("ConnectionLost", "10.0.1.5")}, []func(*evidence.Set){func(s *evidence.Set) { s.Compute[0].Instances[0].State = "stopped" }}, Interview, "mi-1(ConnectionLost, 주소 10.0.1.5 일치)", "1"},
		{"registered as an instance too", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){registered("ConnectionLost")}, Interview, "mi-1(Online, 주소 10.0.1.5 일치)", "1"},
		{"registered as an instance, a node without an address", []evidence.SSMNode{node("Online", "")}, []func(*evidence.Set){registered("ConnectionLost")}, Good, "ConnectionLost인 상태이며", "0(권한 보유 1)"},
		{"online as an instance", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){registered("Online")}, Vulnerable, "온라인 상태이며", "1"},
		{"nodes not read to the end", []evidence.SSMNode{node("Online", "10.0.1.5")}, []func(*evidence.Set){func(s *evidence.Set) { s.Compute[0].NodesRead = false }}, Unknown, "관리형 노드 목록을", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := region("ap-northeast-2")
			c.Instances, c.Nodes = []evidence.Instance{running("i-1")}, tt.nodes
			set := computeSet(c)
			for _, change := range tt.change {
				change(set)
			}
			f, _ := one(t, ec201, set)
			if f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) || cellText(f.Cells["principals"]) != tt.principals {
				t.Errorf("%s, principals %s: %s; want %s, %s, %q", f.Status, cellText(f.Cells["principals"]), f.Reason, tt.want, tt.principals, tt.reason)
			}
			if asked := strings.Contains(f.Reason, "하이브리드"); asked && (!slices.Contains(f.CallIDs, "call-nodes") || !strings.Contains(cellText(f.Cells["ssm_status"]), "mi-")) {
				t.Errorf("calls %q, status %q", f.CallIDs, cellText(f.Cells["ssm_status"]))
			}
		})
	}
	t.Run("a node of another region", func(t *testing.T) {
		a, b := region("ap-northeast-2"), region("us-east-1")
		a.Instances, b.Instances = []evidence.Instance{running("i-1")}, []evidence.Instance{running("i-2")}
		b.Instances[0].Interfaces[0].PrivateIPv4, b.Instances[0].Interfaces[0].PublicIPv4 = []string{"10.9.0.1"}, nil
		b.Nodes = []evidence.SSMNode{node("Online", "10.0.1.5")}
		if out := ec201(Input{Evidence: computeSet(a, b), Settings: defaults(t)}); fold(out.Findings) != Good {
			t.Errorf("%s", listed(out.Findings))
		}
	})
}

func cellText(c Cell) string {
	if c.Count != nil {
		return fmt.Sprint(*c.Count)
	}
	return strings.Join(c.Lines, "|")
}

func TestEC201Item(t *testing.T) {
	at := func(c evidence.Compute, state ...string) evidence.Compute {
		for i, s := range state {
			inst := running(fmt.Sprintf("i-%d", i+1))
			inst.State = s
			c.Instances = append(c.Instances, inst)
		}
		return c
	}
	online := func(c evidence.Compute, ids ...string) evidence.Compute {
		for _, id := range ids {
			c.Nodes = append(c.Nodes, evidence.SSMNode{ID: id, Ping: "Online"})
		}
		return c
	}
	tests := []struct {
		name         string
		set          *evidence.Set
		change       func(*evidence.Set)
		want         Verdict
		reason, note string
		population   int
	}{
		{"no instance anywhere", computeSet(region("a"), region("b")), nil, NA, "조회된 리전 2개에 점검 대상 EC2 인스턴스가 없음", "", 0},
		{"only terminated ones", computeSet(at(region("a"), "terminated", "shutting-down")), nil, NA, "인스턴스가 없음", "terminated, shutting-down) 2대는 대상에서 제외함", 0},
		{"a terminated one beside an online one", computeSet(online(at(region("a"), "running", "terminated"), "i-1", "i-2")), nil, Vulnerable, "인스턴스 1대 중 1대는", "1대는 대상에서 제외함", 1},
		{"one of three online", computeSet(online(at(region("a"), "running", "running"), "i-1"), at(region("b"), "stopped")), nil, Vulnerable, "인스턴스 3대 중 1대는 Session Manager로 접속할 수 있는 상태이며", "", 3},
		{"none reachable", computeSet(at(region("a"), "running")), nil, Good, "인스턴스 1대 모두", "", 1},
		{"a region whose instances are not in the evidence", computeSet(at(region("a"), "running")), func(s *evidence.Set) { s.Regions = fullRegions("a", "b") }, Unknown, "", "", 1},
		{"no region was read", computeSet(), nil, NA, "", "", 0},
		{"a region left out", computeSet(region("a")), func(s *evidence.Set) {
			s.Regions.All = append(s.Regions.All, evidence.Region{Name: "z", Scope: evidence.ScopeExcluded})
			s.Regions.Reason = "정책으로 사용 금지"
		}, NA, "조회된 리전 1개", "범위 제외 리전 1개의 인스턴스는 점검하지 않음: z(사유: 정책으로 사용 금지)", 0},
		{"hybrid nodes", computeSet(func() evidence.Compute {
			c := at(region("a"), "running")
			c.Nodes = []evidence.SSMNode{{ID: "mi-1", Ping: "Online", IP: "192.168.40.11", Hybrid: true}}
			return c
		}()), nil, Good, "", "하이브리드 활성화로 등록된 노드 1대는 점검 대상에 포함하지 않고 같은 리전의 인스턴스와 주소만 대조함: mi-1(a, Online, 192.168.40.11)", 1},
		{"root is said", computeSet(region("a")), nil, NA, "", "root 계정은 IAM 정책과 관계없이 세션을 시작할 수 있으나 접속 가능 주체 수에 포함하지 않음", 0},
		{"SCPs that may not be read", computeSet(region("a")), func(s *evidence.Set) {
			s.Organization = &evidence.Organization{Member: true, ManagementID: "210987654321"}
		}, NA, "", "SCP 미반영(조회 권한 없음)", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change(tt.set)
			}
			out := ec201(Input{Evidence: tt.set, Settings: defaults(t), Failures: tt.set.Failures})
			if got := fold(out.Findings); got != tt.want || out.Population != tt.population || !strings.Contains(out.Reason, tt.reason) {
				t.Errorf("%s, population %d: %s", got, out.Population, out.Reason)
			}
			if (out.Reason == "") != (tt.name == "no region was read") {
				t.Errorf("reason %q", out.Reason)
			}
			if notes := strings.Join(out.Notes, "\n"); !strings.Contains(notes, tt.note) {
				t.Errorf("notes %q", out.Notes)
			}
		})
	}
	t.Run("no evidence", func(t *testing.T) {
		for _, r := range []rule{ec201, ec202} {
			noIAM, noRegions := computeSet(region("a")), computeSet(region("a"))
			noIAM.IAM, noRegions.Regions = nil, nil
			for _, set := range []*evidence.Set{noIAM, noRegions} {
				if out := r(Input{Evidence: set, Settings: defaults(t)}); out.Reason != "" || out.Findings != nil {
					t.Errorf("%+v", out)
				}
			}
		}
	})
}

// Every column of the catalogue is filled, and the finding names its resource.
func TestEC201Tables(t *testing.T) {
	a, b := region("ap-northeast-2"), region("us-east-1")
	inst := running("i-1")
	inst.Profile = "arn:aws:iam::123456789012:instance-profile/app"
	a.Instances = []evidence.Instance{inst, running("i-2")}
	a.Nodes = []evidence.SSMNode{{ID: "i-1", Ping: "Online", Agent: "3.3.1", Calls: []string{"call-nodes"}}}
	a.Session = &evidence.SessionDocument{Exists: true, LogGroup: "/ssm", RunAsUser: true}
	b.Instances, b.Session, b.DefaultHostManagement = []evidence.Instance{running("i-3")}, nil, nil
	set := computeSet(a, b)
	set.IAM.Roles = []evidence.Role{
		roleWith("one", trustOf(`{"AWS":"123456789012"}`), statement("Allow", `"ssm:*"`, `"`+testStem+`i-1"`, `"StringEquals":{"aws:PrincipalTag/team":"ops"}`)),
		roleWith("org", trustOf(`{"AWS":"210987654321"}`), allow),
		roleWith("batch", trustOf(`{"Service":"lambda.amazonaws.com"}`), allow),
		roleWith("dead", trustOf(`{"AWS":"AIDAJQABLZS4A3QDU576Q"}`), allow),
		roleWith("none", trustOf(`{"AWS":"123456789012"}`)),
	}
	out := ec201(Input{Evidence: set, Settings: defaults(t)})
	checkColumns(t, "EC2-01", out, map[string]string{
		principalsTable: "user/kim=3 role/one=1", apartTable: "role/org=3 role/batch=3 role/dead=3", sessionsTable: "ap-northeast-2= us-east-1=",
	})
	f := out.Findings[0]
	if f.Resource != "i-1" || f.UniqueID != "i-1" || f.Region != "ap-northeast-2" || f.ARN != testStem+"i-1" || strings.Join(f.CallIDs, " ") != "call-instances call-nodes call-one iam-details-1" {
		t.Errorf("%s %s %s %s %v", f.Resource, f.UniqueID, f.Region, f.ARN, f.CallIDs)
	}
	if got := cellText(f.Cells["state"]) + " " + cellText(f.Cells["ssm_status"]) + " " + cellText(f.Cells["profile"]); got != "실행 중(running) Online app: 역할 확인 불가" {
		t.Error(got)
	}
	rows := out.Rows[principalsTable]
	if got := cellText(rows[0]["conditions"]) + "/" + cellText(rows[0]["control"]) + "/" + cellText(rows[0]["policies"]); got != "없음/제한 없음/정책 '그룹 dev: Power'의 1번째 구문" {
		t.Error(got)
	}
	if got := cellText(rows[1]["conditions"]); !strings.Contains(got, "허용: StringEquals aws:PrincipalTag/team ops") {
		t.Error(got)
	}
	if got := cellText(out.Rows[apartTable][0]["trusted"]) + cellText(out.Rows[apartTable][0]["why"]); !strings.HasPrefix(got, "210987654321다른 계정만") {
		t.Error(got)
	}
	if got := cellText(out.Rows[apartTable][2]["trusted"]) + cellText(out.Rows[apartTable][2]["why"]); !strings.HasPrefix(got, "AIDAJQABLZS4A3QDU576Q신뢰 정책에 삭제된 주체") {
		t.Error(got)
	}
	for i, want := range []string{"/ssm 미설정 사용 미사용", "조회 불가 조회 불가 조회 불가 조회 불가"} {
		row := out.Rows[sessionsTable][i]
		var got []string
		for _, key := range []string{"log_group", "bucket", "run_as", "host_management"} {
			got = append(got, cellText(row[key]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("session row %q, want %q", got, want)
		}
	}
}

// checkColumns holds what a rule fills equal to the catalogue's keys; rows name
// what each further table lists, with its count.
func checkColumns(t *testing.T, id string, out Outcome, rows map[string]string) {
	t.Helper()
	for _, it := range catalog(t).Items {
		if it.ID != id {
			continue
		}
		keys := map[string]bool{}
		for _, f := range out.Findings {
			for k := range f.Cells {
				keys[k] = true
			}
		}
		for _, c := range it.Columns {
			if !keys[c.Key] && c.Key != "verdict" {
				t.Errorf("column %s is never filled", c.Key)
			}
			delete(keys, c.Key)
		}
		if len(keys) > 0 {
			t.Errorf("cells without a column: %v", keys)
		}
		for _, table := range it.Tables {
			var got []string
			for _, row := range out.Rows[table.Key] {
				got = append(got, cellText(row[table.Columns[0].Key])+"="+cellText(row["targets"]))
				for _, c := range table.Columns {
					if _, ok := row[c.Key]; !ok {
						t.Errorf("%s: column %s is not filled", table.Key, c.Key)
					}
				}
			}
			if strings.Join(got, " ") != rows[table.Key] {
				t.Errorf("%s lists %q, want %q", table.Key, got, rows[table.Key])
			}
			delete(rows, table.Key)
		}
		if len(rows) > 0 {
			t.Errorf("tables that the catalogue lacks: %v", rows)
		}
	}
}

func TestSessionRow(t *testing.T) {
	for want, s := range map[string]*evidence.SessionDocument{
		"조회 불가": nil, "해석 불가": {Exists: true, Unparsed: true}, "미설정(문서 없음)": {}, "미설정": {Exists: true}, "/ssm": {Exists: true, LogGroup: "/ssm"},
	} {
		if got := cellText(sessionRow(&evidence.Compute{Session: s})["log_group"]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Other partitions name their resources by their own ARNs.
func TestEC201Partition(t *testing.T) {
	c := region("cn-north-1")
	c.Instances = []evidence.Instance{running("i-1")}
	c.Nodes = []evidence.SSMNode{{ID: "i-1", Ping: "Online"}}
	set := computeSet(c)
	set.Caller.ARN = "arn:aws-cn:sts::123456789012:assumed-role/audit/x"
	set.IAM.Users[0] = evidence.User{Name: "kim", Inline: inline(statement("Allow", `"ssm:*"`, `"arn:aws-cn:ec2:*:*:instance/*"`))}
	if f, _ := one(t, ec201, set); f.Status != Vulnerable || f.ARN != "arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-1" {
		t.Errorf("%s %s: %s", f.Status, f.ARN, f.Reason)
	}
}

// judged is the driver's result where every call of the item was answered but
// those that the set has as failed.
func judged(t *testing.T, id string, r rule, set *evidence.Set) Result {
	t.Helper()
	for _, it := range catalog(t).Items {
		if it.ID != id {
			continue
		}
		for _, e := range it.Evidence {
			for _, region := range set.Regions.In(evidence.ScopeFull) {
				if !slices.ContainsFunc(set.Failures, func(f evidence.Failure) bool { return f.Action == e.Call && f.Region == region }) {
					set.Answers = append(set.Answers, evidence.Answer{Action: e.Call, Region: region})
				}
			}
		}
		return decide(it, r, set, defaults(t))
	}
	t.Fatalf("no item %s", id)
	return Result{}
}

// A call that failed in one region costs that region's findings and the item,
// unless something is proved.
func TestEC2FailedCalls(t *testing.T) {
	build := func(change func(*evidence.Set)) *evidence.Set {
		a, b := region("ap-northeast-2"), region("us-east-2")
		a.Instances, b.Instances = []evidence.Instance{running("i-a")}, []evidence.Instance{running("i-b")}
		set := computeSet(a, b)
		change(set)
		return set
	}
	lose := func(action string, change func(*evidence.Compute)) func(*evidence.Set) {
		return func(s *evidence.Set) {
			change(&s.Compute[1])
			s.Failures = append(s.Failures, evidence.Failure{CallID: "call-x", Action: action, Region: "us-east-2", Code: "AccessDeniedException"})
		}
	}
	tests := []struct {
		name, id string
		rule     rule
		set      *evidence.Set
		want     Verdict
		findings string
		reason   string
	}{
		{"nodes of one region", "EC2-01", ec201, build(lose(nodesCall, func(c *evidence.Compute) { c.NodesRead = false })), Unknown, "i-b=unknown i-a=good", "ssm:DescribeInstanceInformation(us-east-2) 조회 실패"},
		{"nodes of one region, another proved", "EC2-01", ec201, build(func(s *evidence.Set) {
			lose(nodesCall, func(c *evidence.Compute) { c.NodesRead = false })(s)
			s.Compute[0].Nodes = []evidence.SSMNode{{ID: "i-a", Ping: "Online"}}
		}), Vulnerable, "i-a=vulnerable i-b=unknown", "인스턴스 2대 중 1대는"},
		{"the optional setting of one region", "EC2-01", ec201, build(lose(settingCall, func(c *evidence.Compute) { c.DefaultHostManagement = nil })), Unknown, "i-b=unknown i-a=good", "ssm:GetServiceSetting(us-east-2) 조회 실패"},
		{"the optional session document", "EC2-01", ec201, build(lose("ssm:GetDocument", func(c *evidence.Compute) { c.Session = nil })), Good, "i-a=good i-b=good", "모두"},
		{"instances answered, but a region's facts are missing", "EC2-01", ec201, build(func(s *evidence.Set) { s.Compute = s.Compute[:1] }), Unknown, "us-east-2=unknown i-a=good", "대상 2건 중 1건은 증적이 없거나 해석할 수 없어 판정할 수 없음(us-east-2: 이 리전의 인스턴스 목록이 증적에 없어"},
		{"instances answered, but a region's facts are missing, another proved", "EC2-02", ec202, build(func(s *evidence.Set) { s.Compute = s.Compute[:1] }), Vulnerable, "i-a=vulnerable us-east-2=unknown", "인스턴스 1대 중 1대는"},
		{"instances answered, but a region's facts are not whole", "EC2-02", ec202, build(func(s *evidence.Set) {
			s.Compute[1].InstancesRead = false
			for i := range s.Compute {
				group("sg-web")(&s.Compute[i])
			}
		}), Unknown, "us-east-2=unknown i-a=good i-b=good", "us-east-2: 이 리전의 인스턴스 목록이"},
		{"instances answered, but no region's facts are there", "EC2-02", ec202, build(func(s *evidence.Set) { s.Compute = nil }), Unknown, "ap-northeast-2=unknown us-east-2=unknown", unread},
		{"instances of one region", "EC2-01", ec201, build(lose(instancesCall, func(c *evidence.Compute) { c.Instances, c.InstancesRead = nil, false })), Unknown, "i-a=good", "ec2:DescribeInstances(us-east-2) 조회 실패"},
		{"endpoints of one region", "EC2-02", ec202, build(func(s *evidence.Set) {
			lose("ec2:DescribeInstanceConnectEndpoints", func(c *evidence.Compute) { c.EndpointsRead = false })(s)
			for i := range s.Compute {
				group("sg-web")(&s.Compute[i])
			}
		}), Unknown, "i-b=unknown i-a=good", "ec2:DescribeInstanceConnectEndpoints(us-east-2) 조회 실패"},
		{"security groups of one region, another proved", "EC2-02", ec202, build(lose("ec2:DescribeSecurityGroups", func(c *evidence.Compute) { c.SecurityGroups, c.SecurityGroupsRead = nil, false })), Vulnerable, "i-a=vulnerable i-b=unknown", "인스턴스 2대 중 1대는"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judged(t, tt.id, tt.rule, tt.set)
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Resource+"="+string(f.Status))
			}
			if r.Auto != tt.want || strings.Join(got, " ") != tt.findings || !strings.Contains(r.Reason, tt.reason) {
				t.Errorf("%s %q: %s", r.Auto, got, r.Reason)
			}
		})
	}
}
