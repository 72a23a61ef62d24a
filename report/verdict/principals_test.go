package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
	"auditbinder/report/verdict/iampolicy"
)

const testStem = "arn:aws:ec2:ap-northeast-2:123456789012:instance/"

// statement writes a policy of one statement.
func statement(effect, actions, resources string, conditions ...string) string {
	text := fmt.Sprintf(`{"Sid":"S","Effect":%q,"Action":%s,"Resource":%s`, effect, actions, resources)
	if len(conditions) > 0 {
		text += `,"Condition":{` + strings.Join(conditions, ",") + `}`
	}
	return `{"Statement":[` + text + `}]}`
}

// trustOf writes a trust policy of one statement.
func trustOf(principal string) string {
	return `{"Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}]}`
}

func inline(documents ...string) []evidence.InlinePolicy {
	var out []evidence.InlinePolicy
	for i, d := range documents {
		out = append(out, evidence.InlinePolicy{Name: fmt.Sprintf("in%d", i+1), Document: d})
	}
	return out
}

func roleWith(name, trust string, documents ...string) evidence.Role {
	return evidence.Role{Name: name, Path: "/", ARN: "arn:aws:iam::123456789012:role/" + name, Trust: trust, Inline: inline(documents...), Calls: []string{"call-" + name}}
}

func TestRoleStanding(t *testing.T) {
	tests := []struct {
		name, path, trust string
		want              standing
		kind              string
	}{
		{"own account", "/", trustOf(`{"AWS":"arn:aws:iam::123456789012:root"}`), ordinary, "역할"},
		{"own account by id", "/", trustOf(`{"AWS":"123456789012"}`), ordinary, "역할"},
		{"another account", "/", trustOf(`{"AWS":"arn:aws:iam::210987654321:root"}`), foreignOnly, "역할"},
		{"another account by id", "/", trustOf(`{"AWS":["210987654321"]}`), foreignOnly, "역할"},
		{"a role of another account (stacksets-exec)", "/", trustOf(`{"AWS":"arn:aws:iam::210987654321:role/aws-service-role/stacksets.cloudformation.amazonaws.com/AWSServiceRoleForCloudFormationStackSetsOrgAdmin"}`), foreignOnly, "역할"},
		{"own and another account", "/", trustOf(`{"AWS":["arn:aws:iam::210987654321:root","arn:aws:iam::123456789012:user/kim"]}`), ordinary, "역할"},
		{"everyone", "/", trustOf(`"*"`), ordinary, "역할"},
		{"everyone of AWS", "/", trustOf(`{"AWS":"*"}`), ordinary, "역할"},
		{"a deleted role's id", "/", trustOf(`{"AWS":"AROAEXAMPLEDELETED123"}`), deletedOnly, "역할"},
		{"ids of a deleted role and a deleted user", "/", trustOf(`{"AWS":["AROAEXAMPLEDELETED123","AIDAJQABLZS4A3QDU576Q"]}`), deletedOnly, "역할"},
		{"a deleted role's id beside the own account", "/", trustOf(`{"AWS":["AROAEXAMPLEDELETED123","123456789012"]}`), ordinary, "역할"},
		{"a deleted role's id beside another account", "/", trustOf(`{"AWS":["AROAEXAMPLEDELETED123","210987654321"]}`), foreignOnly, "역할"},
		{"a deleted role's id beside a service", "/", trustOf(`{"AWS":"AROAEXAMPLEDELETED123","Service":"ec2.amazonaws.com"}`), serviceOnly, "역할"},
		{"a user whose name begins like an id", "/", trustOf(`{"AWS":"arn:aws:iam::123456789012:user/AIDAJQABLZS4A3QDU576Q"}`), ordinary, "역할"},
		{"an id of another kind", "/", trustOf(`{"AWS":"AGPAEXAMPLEGROUP12345"}`), ordinary, "역할"},
		{"a service", "/", trustOf(`{"Service":"ec2.amazonaws.com"}`), serviceOnly, "역할"},
		{"IAM Roles Anywhere", "/", trustOf(`{"Service":"rolesanywhere.amazonaws.com"}`), ordinary, "역할(AWS 외부 주체)"},
		{"IoT's credentials provider beside EC2", "/", trustOf(`{"Service":["ec2.amazonaws.com","credentials.iot.amazonaws.com"]}`), ordinary, "역할(AWS 외부 주체)"},
		{"IAM Roles Anywhere in capitals", "/", trustOf(`{"Service":"RolesAnywhere.amazonaws.com"}`), ordinary, "역할(AWS 외부 주체)"},
		{"IoT itself", "/", trustOf(`{"Service":"iot.amazonaws.com"}`), serviceOnly, "역할"},
		{"IAM Roles Anywhere's own service-linked role", "/aws-service-role/rolesanywhere.amazonaws.com/", trustOf(`{"Service":"rolesanywhere.amazonaws.com"}`), serviceOnly, "역할"},
		{"services in two statements", "/", `{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"Service":["ssm.amazonaws.com"]},"Action":"sts:AssumeRole"}]}`, serviceOnly, "역할"},
		{"a service and another account", "/", trustOf(`{"Service":"ec2.amazonaws.com","AWS":"210987654321"}`), foreignOnly, "역할"},
		{"a service and the own account", "/", trustOf(`{"Service":"ec2.amazonaws.com","AWS":"123456789012"}`), ordinary, "역할"},
		{"a Deny of the own account beside another", "/", `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"123456789012"},"Action":"*"},{"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"sts:AssumeRole"}]}`, foreignOnly, "역할"},
		{"NotPrincipal", "/", `{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"210987654321"},"Action":"sts:AssumeRole"}]}`, ordinary, "역할"},
		{"service-linked", "/aws-service-role/ssm.amazonaws.com/", "nonsense", serviceOnly, "역할"},
		{"SAML", "/", trustOf(`{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"}`), ordinary, "역할(SAML)"},
		{"OIDC", "/", trustOf(`{"Federated":"token.actions.githubusercontent.com"}`), ordinary, "역할(OIDC)"},
		{"Identity Center", "/aws-reserved/sso.amazonaws.com/", trustOf(`{"Federated":"arn:aws:iam::123456789012:saml-provider/AWSSSO_x_DO_NOT_DELETE"}`), ordinary, "역할(IAM Identity Center)"},
		{"a trust policy that can't be read", "/", "nonsense", ordinary, "역할"},
		{"no trust policy", "/", "", ordinary, "역할"},
		{"nobody is trusted", "/", `{"Statement":[]}`, ordinary, "역할"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kind, got, _ := roleStanding(evidence.Role{Name: "r", Path: tt.path, Trust: tt.trust}, "123456789012", defaults(t).Standard.OutsiderServices)
			if got != tt.want || kind != tt.kind {
				t.Errorf("standing %d, kind %q", got, kind)
			}
		})
	}
}

// ACC-01 counts the same roles.
func TestRoleStandingInACC01(t *testing.T) {
	for name, test := range map[string]struct {
		principal string
		want      Verdict
	}{
		"IAM Roles Anywhere": {`{"Service":"rolesanywhere.amazonaws.com"}`, Interview},
		"a service":          {`{"Service":"lambda.amazonaws.com"}`, NA},
	} {
		findings, holders, _ := billing{Billing: defaults(t).Standard.Billing, excerpts: map[*iampolicy.Document]*iampolicy.Document{}}.
			principals(Input{Evidence: billingSet(trustedBy(test.principal, admin())), Settings: defaults(t)})
		if len(findings) != 1 || findings[0].Status != test.want || (holders == 1) != (test.want == Interview) {
			t.Errorf("%s: %d holders, %+v", name, holders, findings)
		}
	}
}

// What a policy set comes to on the instance i-1, and on i-2.
func TestRights(t *testing.T) {
	const any = `"*"`
	session := `"ssm:StartSession"`
	on := func(id string) string { return `"` + testStem + id + `"` }
	tests := []struct {
		name      string
		documents []string
		one, two  right
	}{
		{"nothing", nil, refused, refused},
		{"administrator", []string{allow}, free, free},
		{"one instance by name", []string{statement("Allow", session, on("i-1"))}, free, refused},
		{"instances by pattern", []string{statement("Allow", session, on("i-1*"))}, free, refused},
		{"by a policy variable", []string{statement("Allow", session, on("${aws:PrincipalTag/host}"))}, free, free},
		{"all instances of the region", []string{statement("Allow", session, on("*"))}, free, free},
		{"all instances of another region", []string{statement("Allow", session, `"arn:aws:ec2:us-east-1:*:instance/*"`)}, refused, refused},
		{"all instances of another account", []string{statement("Allow", session, `"arn:aws:ec2:*:210987654321:instance/*"`)}, refused, refused},
		{"only the document", []string{statement("Allow", session, `"arn:aws:ssm:*:*:document/SSM-SessionManagerRunShell"`)}, refused, refused},
		{"one instance denied", []string{allow, statement("Deny", session, on("i-1"))}, refused, free},
		{"all instances but one denied", []string{allow, `{"Statement":[{"Effect":"Deny","Action":"ssm:*","NotResource":"` + testStem + `i-2"}]}`}, refused, free},
		{"Deny with a source condition", []string{allow, statement("Deny", session, any, office)}, heldBack, heldBack},
		{"Deny with a source condition on one instance", []string{allow, statement("Deny", session, on("i-1"), office)}, heldBack, free},
		{"Deny outside a VPC", []string{allow, statement("Deny", `"*"`, any, `"StringNotEquals":{"aws:SourceVpc":"vpc-1"}`)}, heldBack, heldBack},
		{"Deny outside a VPC endpoint", []string{allow, statement("Deny", `"*"`, any, `"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`)}, heldBack, heldBack},
		{"Deny outside addresses of a VPC", []string{allow, statement("Deny", `"*"`, any, `"NotIpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}`)}, heldBack, heldBack},
		{"Allow from the office only", []string{statement("Allow", session, any, `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)}, heldBack, heldBack},
		{"MFA alone", []string{statement("Allow", session, any, `"Bool":{"aws:MultiFactorAuthPresent":"true"}`)}, free, free},
		{"Deny without MFA", []string{allow, statement("Deny", session, any, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`)}, free, free},
		{"half the internet twice", []string{allow, statement("Deny", session, any, `"NotIpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}`)}, free, free},
		{"a string operator on the address", []string{allow, statement("Deny", session, any, `"StringNotEquals":{"aws:SourceIp":"203.0.113.7"}`)}, doubtful, doubtful},
		{"a document that is not understood", []string{"nonsense"}, doubtful, doubtful},
		{"a document that is not understood beside a grant", []string{allow, "nonsense"}, doubtful, doubtful},
		{"a document that is not understood within a fence", []string{allow, statement("Deny", `"*"`, any, office), "nonsense"}, heldBack, heldBack},
		{"a document that is not understood, and nothing granted, within a fence", []string{statement("Deny", `"*"`, any, office), "nonsense"}, doubtful, doubtful},
		{"denied whatever else there is", []string{deny, "nonsense"}, refused, refused},
	}
	for _, tt := range tests {
		for _, order := range []string{"12", "21"} { // an answer must not stick to the next instance
			t.Run(tt.name+" "+order, func(t *testing.T) {
				set := iamSet(evidence.User{Name: "u", Inline: inline(tt.documents...)})
				d := newDirectory(Input{Evidence: set, Settings: defaults(t)})
				q, got := d.question(startSession, testStem), map[string]right{}
				for _, n := range strings.Split(order, "") {
					got["i-"+n] = d.rights(q, "i-"+n)[0]
				}
				if got["i-1"] != tt.one || got["i-2"] != tt.two {
					t.Errorf("i-1 %d, i-2 %d; want %d, %d", got["i-1"], got["i-2"], tt.one, tt.two)
				}
				targets := 0
				for _, r := range got {
					if r != refused {
						targets++
					}
				}
				if q.answers[0].targets != targets {
					t.Errorf("%d targets, want %d", q.answers[0].targets, targets)
				}
			})
		}
	}
}

// The layers beside the identity's own policies.
func TestRightsLayers(t *testing.T) {
	set := iamSet(
		evidence.User{Name: "group", Groups: []string{"dev"}},
		evidence.User{Name: "lost-group", Groups: []string{"gone"}},
		evidence.User{Name: "boundary", Groups: []string{"dev"}, Boundary: &evidence.PolicyRef{Name: "Edge", ARN: "arn:Edge"}},
		evidence.User{Name: "tight", Groups: []string{"dev"}, Boundary: &evidence.PolicyRef{Name: "Deny", ARN: "arn:Deny"}},
		evidence.User{Name: "lost-boundary", Groups: []string{"dev"}, Boundary: &evidence.PolicyRef{Name: "Missing", ARN: "arn:Missing"}},
	)
	set.IAM.Policies = append(set.IAM.Policies, policy("Edge", statement("Allow", `"*"`, `"*"`, `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)))
	rights := func(set *evidence.Set) string {
		d := newDirectory(Input{Evidence: set, Settings: defaults(t)})
		all := d.rights(d.question(startSession, testStem), "i-1")
		var out []string
		for _, a := range d.actors {
			out = append(out, fmt.Sprintf("%s=%d", a.name, all[a.set]))
		}
		return strings.Join(out, " ")
	}
	if got := rights(set); got != "user/group=3 user/lost-group=2 user/boundary=1 user/tight=0 user/lost-boundary=2" {
		t.Error(got)
	}
	set.Organization = &evidence.Organization{Member: true, ManagementID: "210987654321", PoliciesRead: true,
		Targets:  []evidence.ControlTarget{{ID: "ou-1", SCPs: []string{"p-1"}}},
		Policies: []evidence.ControlPolicy{{ID: "p-1", Name: "net", Document: `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ssm:*","Resource":"*","Condition":{` + office + `}}]}`}}}
	if got := rights(set); !strings.HasPrefix(got, "user/group=1 ") {
		t.Errorf("with an SCP: %s", got)
	}
}

// uniform may only say yes where no id can make a difference.
func FuzzUniform(f *testing.F) {
	for _, p := range []string{"*", "**", "", "arn:*", "arn:aws:ec2:*", "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:instance/i-1", "arn:aws:ec2:*:*:instance/i-?",
		"arn:aws:ec2:*:*:*", "arn:aws:ec2:*:*:inst*", "arn:aws:ec2:*:*:*-1", "arn:aws:ec2:*:*:volume/*", "arn:aws:ssm:*:*:document/x", "arn:*:ec2:*:*:instance/*", "arn:aws:ec2:*:*:*:instance/*",
		"arn:aws:ec2:ap-northeast-2:123456789012:instance/${x}", "*i-1", "arn:aws:ec2:*:*:i?stance/*", "arn:aws:s3:::b/*", testStem + "i-2", "arn:aws:ec2:*i-1:*:*:*", "arn:aws:ec2:*:123456789012:instance*"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if !uniform(pattern, testStem) {
			return
		}
		for _, element := range []string{"Resource", "NotResource"} {
			doc, err := iampolicy.Parse(fmt.Sprintf(`{"Statement":[{"Effect":"Allow","Action":"*",%q:%q}]}`, element, pattern))
			if err != nil {
				continue
			}
			layers := []iampolicy.Layer{{Policies: []iampolicy.Policy{{Name: "p", Document: doc}}}}
			first := iampolicy.May(layers, startSession, testStem+"i-1", iampolicy.Limits{})
			for _, id := range []string{"i-2", "i-0123456789abcdef0", "i-", "mi-1"} {
				if p := iampolicy.May(layers, startSession, testStem+id, iampolicy.Limits{}); p.Granted != first.Granted || p.Denied != first.Denied {
					t.Errorf("%s %q: i-1 granted %v, %s granted %v", element, pattern, first.Granted, id, p.Granted)
				}
			}
		}
	})
}

// The shapes of real policies must not cost a look at each instance.
func TestUniformPatterns(t *testing.T) {
	for pattern, want := range map[string]bool{
		"*": true, "arn:aws:ec2:*:*:instance/*": true, "arn:aws:ec2:*:123456789012:*": true, "arn:aws:ec2:*": true, "arn:aws:ec2:ap-northeast-2:123456789012:instance/*": true,
		"arn:aws:ssm:*:*:document/x": true, "arn:aws:ec2:us-east-1:*:instance/i-1": true, "arn:aws:s3:::b/*": true, "arn:*:ec2:*:*:instance/*": true, "arn:aws:ec2:*:*:volume/vol-1": true,
		"arn:aws:ec2:*:*:instance/i-1": false, testStem + "i-1*": false, testStem + "${aws:username}": false, "*i-1": false, testStem + "i-1": false,
	} {
		if got := uniform(pattern, testStem); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}

func TestDirectoryNames(t *testing.T) {
	set := iamSet()
	for i := range 12 {
		set.IAM.Users = append(set.IAM.Users, evidence.User{Name: fmt.Sprintf("u%02d", i), Inline: inline(statement("Allow", `"ssm:*"`, `"*"`), fmt.Sprintf(`{"Statement":[],"Id":"%d"}`, i%3))})
	}
	d := newDirectory(Input{Evidence: set, Settings: defaults(t)})
	if len(d.sets) != 3 {
		t.Errorf("%d policy sets", len(d.sets))
	}
	a := d.weigh(d.rights(d.question(startSession, testStem), "i-1"))
	if got := d.names(a[ordinary][free]); got != "user/u00, user/u01, user/u02 외 9개" || a.holders() != 12 {
		t.Errorf("%d holders: %s", a.holders(), got)
	}
	if got := d.names(tally{n: 2, first: []int{3, 4}}); got != "user/u03, user/u04" {
		t.Error(got)
	}
}

func TestDecide(t *testing.T) {
	d := &directory{actors: []actor{{name: "user/a"}, {name: "role/b"}}}
	one, two := tally{1, []int{0}}, tally{1, []int{1}}
	tests := []struct {
		name string
		set  func(*access)
		now  bool
		want Verdict
		text string
	}{
		{"nobody", func(*access) {}, true, Good, "온라인 상태이나 세션을 시작할 수 있는 주체가 없음"},
		{"free now", func(a *access) { a[ordinary][free] = one }, true, Vulnerable, "온라인 상태이며 유효한 소스 네트워크 조건 없이 세션을 시작할 수 있는 주체가 1개 있음(user/a)"},
		{"free later", func(a *access) { a[ordinary][free] = one }, false, Interview, "주체가 1개 있음(user/a); 별도 통제의 적정성 확인이 필요함"},
		{"free and held back", func(a *access) { a[ordinary][free], a[ordinary][heldBack] = one, two }, true, Vulnerable, "주체가 1개 있음(user/a)"},
		{"all held back", func(a *access) { a[ordinary][heldBack] = one }, true, Interview, "주체 1개(user/a)가 모두 소스 네트워크 조건으로 제한되어 있음"},
		{"doubtful", func(a *access) { a[ordinary][doubtful] = one }, true, Interview, "판단할 수 없는 주체가 1개 있음(user/a)"},
		{"doubtful and held back: not all are", func(a *access) { a[ordinary][doubtful], a[ordinary][heldBack] = one, two }, true, Interview, "판단할 수 없는 주체가 1개 있음(user/a); 별도"},
		{"another account's role alone", func(a *access) { a[foreignOnly][free] = two }, true, Interview, "다른 계정만 맡을 수 있는 역할이 1개 있음(role/b)"},
		{"another account's role, not understood", func(a *access) { a[foreignOnly][doubtful] = two }, true, Interview, "다른 계정 전용 역할이 1개 있음(role/b)"},
		{"another account's role, held back", func(a *access) { a[foreignOnly][heldBack] = two }, true, Good, "주체가 없음(다른 계정만 맡을 수 있는 역할 1개는 소스 네트워크 조건으로 제한됨: role/b)"},
		{"another account's beside held back ones", func(a *access) { a[ordinary][heldBack], a[foreignOnly][free] = one, two }, true, Interview, "역할이 1개 있음(role/b)"},
		{"services never decide", func(a *access) { a[serviceOnly][free] = two }, true, Good, "주체가 없음"},
		{"roles that nobody can assume never decide", func(a *access) { a[deletedOnly][free] = two }, true, Good, "주체가 없음"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &access{}
			tt.set(a)
			f := d.decide(a, tt.now, "온라인 상태", "세션을 시작할 수 있는")
			if f.Status != tt.want || !strings.Contains(f.Reason, tt.text) {
				t.Errorf("%s: %s", f.Status, f.Reason)
			}
		})
	}
}

func TestSCPNote(t *testing.T) {
	for want, o := range map[string]*evidence.Organization{
		"조직 정보를 조회하지 못하여":      nil,
		"SCP 미반영(조회 권한 없음)":    {Member: true, ManagementID: "210987654321"},
		"관리 계정에는 SCP가 적용되지 않음": {Member: true, ManagementID: "123456789012"},
		"SCP를 접속 권한의 판단에 반영함":  {Member: true, ManagementID: "210987654321", PoliciesRead: true},
	} {
		set := &evidence.Set{Account: evidence.Account{ID: "123456789012"}, Organization: o}
		if got := scpNote(set); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := scpNote(&evidence.Set{Organization: &evidence.Organization{}}); got != "" {
		t.Errorf("standalone account: %q", got)
	}
}

// fleet is an account of many instances and principals with few policy sets, one
// of which names instances.
func fleet(b *testing.B, instances, principals int) Input {
	set := iamSet()
	readOnly := `"ssm:Describe*"`
	for i := range 1000 {
		readOnly += fmt.Sprintf(`,"service%d:Get*"`, i)
	}
	set.IAM.Policies = append(set.IAM.Policies, policy("ReadOnly", statement("Allow", "["+readOnly+"]", `"*"`)),
		policy("Named", statement("Allow", `"ssm:*"`, `["`+testStem+`i-00007","`+testStem+`i-00008"]`)),
		policy("Prefix", statement("Allow", `"ssm:*"`, `"`+testStem+`i-0*"`)), policy("Net", statement("Deny", `"*"`, `"*"`, office)))
	kinds := [][]evidence.PolicyRef{ref("Power"), ref("ReadOnly"), ref("Named", "ReadOnly"), ref("Prefix"), ref("Power", "Net"), ref("ReadOnly", "Power", "Net"), nil}
	for i := range principals {
		set.IAM.Roles = append(set.IAM.Roles, evidence.Role{Name: fmt.Sprintf("r%05d", i), Path: "/", Trust: trustOf(`{"AWS":"123456789012"}`), Attached: kinds[i%len(kinds)]})
	}
	c := region("ap-northeast-2")
	for i := range instances {
		inst := running(fmt.Sprintf("i-%05d", i))
		c.Instances = append(c.Instances, inst)
		c.Nodes = append(c.Nodes, evidence.SSMNode{ID: inst.ID, Ping: "Online"})
	}
	set.Compute = []evidence.Compute{c}
	set.Regions = fullRegions("ap-northeast-2")
	return Input{Evidence: set, Settings: defaults(b)}
}

func BenchmarkEC2(b *testing.B) {
	in := fleet(b, 2000, 5000)
	for name, r := range map[string]rule{"EC2-01": ec201, "EC2-02": ec202} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				out := r(in)
				if !slices.ContainsFunc(out.Findings, func(f Finding) bool { return f.Status == Vulnerable }) {
					b.Fatal(out.Reason)
				}
			}
		})
	}
}

// IAM policies never bind root; SCPs bind the root user of a member account, not
// the management account's. What is said of root depends on the account.
func TestRootAndControlPolicies(t *testing.T) {
	tests := []struct {
		name         string
		organization *evidence.Organization
		want, not    string
	}{
		{"standalone", &evidence.Organization{}, "IAM 정책", "SCP"},
		{"management account", &evidence.Organization{Member: true, ManagementID: auditee}, "관리 계정의 root에는 SCP가 적용되지 않음", "제한할 수 있"},
		{"member", &evidence.Organization{Member: true, ManagementID: foreigner}, "SCP는 멤버 계정의 root도 제한할 수 있으나 root에 대한 효력은 판단하지 않음", "적용되지 않음"},
		{"member whose policies were read", &evidence.Organization{Member: true, ManagementID: foreigner, PoliciesRead: true}, "SCP는 멤버 계정의 root도 제한할 수 있으나 root에 대한 효력은 판단하지 않음", "적용되지 않음"},
		{"not known", nil, "멤버 계정이면 SCP가 root도 제한할 수 있으나 조직 정보를 조회하지 못함", "적용되지 않음"},
	}
	for _, tt := range tests {
		for id, r := range map[string]rule{"CON-02": con02, "EC2-01": ec201, "EC2-02": ec202} {
			t.Run(tt.name+"/"+id, func(t *testing.T) {
				set := signIn(consoleSet(user("u")), true)
				set.Regions, set.Compute, set.Organization = fullRegions("a"), []evidence.Compute{region("a")}, tt.organization
				var notes []string
				for _, n := range r(Input{Evidence: set, Settings: defaults(t)}).Notes {
					if strings.HasPrefix(n, "root 계정") {
						notes = append(notes, strings.ReplaceAll(n, "IAM 정책과 권한 경계는 root에 적용되지 않음", "IAM 정책"))
					}
				}
				if len(notes) != 1 || !strings.Contains(notes[0], tt.want) || strings.Contains(notes[0], tt.not) {
					t.Errorf("notes %q, want %q and not %q", notes, tt.want, tt.not)
				}
			})
		}
	}
}
