package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
)

const (
	office    = `"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`
	denyEarly = `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["signin:Authenticate"],"Resource":"*","Condition":{` + office + `}}`
	denyLate  = `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["signin:CreateOAuth2Token","signin:AuthorizeOAuth2Access"],"Resource":"*","Condition":{` + office + `}}`
)

func deny1(condition string) string {
	return `{"Statement":[{"Sid":"Net","Effect":"Deny","Action":"*","Resource":"*","Condition":{` + condition + `}}]}`
}

// consoleSet is an account of console users with everything read and sign-in off.
func consoleSet(users ...evidence.User) *evidence.Set {
	set := iamSet(users...)
	rows := []evidence.CredentialRow{{User: evidence.RootAccount, PasswordEnabled: "not_supported"}}
	for _, u := range users {
		rows = append(rows, evidence.CredentialRow{User: u.Name, PasswordEnabled: evidence.FlagTrue})
	}
	report := reportSet(rows...)
	set.CredentialReport = report.CredentialReport
	off := false
	set.SignIn = &evidence.SignIn{Enabled: &off, PolicyRead: true, StatementsRead: true, Calls: []string{"signin"}}
	set.Answers = append(set.Answers, report.Answers...)
	for _, a := range signInActions {
		set.Answers = append(set.Answers, evidence.Answer{Action: a, Calls: []string{"signin"}})
	}
	set.Organization = &evidence.Organization{}
	return set
}

func signIn(set *evidence.Set, enabled bool, statements ...string) *evidence.Set {
	set.SignIn.Enabled = &enabled
	if len(statements) > 0 {
		set.SignIn.Policy = `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	for i := range statements {
		set.SignIn.Statements = append(set.SignIn.Statements, fmt.Sprint(i))
	}
	return set
}

// failed takes an answer away and puts a failure in its place.
func failed(set *evidence.Set, action, code string) *evidence.Set {
	set.Answers = slices.DeleteFunc(set.Answers, func(a evidence.Answer) bool { return a.Action == action })
	set.Failures = append(set.Failures, evidence.Failure{CallID: "call-x", Action: action, Region: "us-east-1", Code: code})
	return set
}

func user(name string, documents ...string) evidence.User {
	u := evidence.User{Name: name, Groups: []string{"dev"}} // dev grants everything
	for i, d := range documents {
		u.Inline = append(u.Inline, evidence.InlinePolicy{Name: fmt.Sprintf("net%d", i+1), Document: d})
	}
	return u
}

// The identity stage for one user: the analysis itself has its own tests; here
// stands what each outcome means for the item, and what the reader is told.
func TestCON02IdentityStage(t *testing.T) {
	tests := []struct {
		name   string
		user   evidence.User
		want   Verdict
		reason []string
		word   string
	}{
		{"restricted by a Deny", user("u", deny1(office)), Good, []string{"인라인 net1", "Net", "203.0.113.0/24"}, "제한됨"},
		{"no restriction", user("u"), Vulnerable, []string{"그룹 dev: Power"}, "제한 없음"},
		{"a way round with MFA", user("u", deny1(office+`,"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`)), Vulnerable, []string{"net1", "Net", "MultiFactorAuthPresent"}, "일부만 제한"},
		{"half the internet twice", user("u", deny1(`"NotIpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}`)), Vulnerable, []string{"net1", "Net", "0.0.0.0/0"}, "제한 범위가 넓음"},
		{"the wrong way round", user("u", deny1(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)), Vulnerable, []string{"net1", "Net", "반대 방향"}, "제한 없음"},
		{"a string operator", user("u", deny1(`"StringNotEquals":{"aws:SourceIp":"203.0.113.7"}`)), Interview, []string{"net1", "Net"}, "구문 확인 필요"},
		{"a document not returned", evidence.User{Name: "u", Groups: []string{"dev"}, Attached: ref("Missing")}, Interview, []string{"Missing"}, "구문 확인 필요"},
		{"a document not returned beside a good Deny", evidence.User{Name: "u", Groups: []string{"dev"}, Attached: ref("Missing"), Inline: []evidence.InlinePolicy{{Name: "net", Document: deny1(office)}}}, Good, []string{"203.0.113.0/24"}, "제한됨"},
		{"a group that was not returned", evidence.User{Name: "u", Groups: []string{"gone"}}, Interview, []string{"그룹 gone"}, "구문 확인 필요"},
		{"a boundary that names the office", evidence.User{Name: "u", Groups: []string{"dev"}, Boundary: &evidence.PolicyRef{Name: "Edge", ARN: "arn:Edge"}}, Good, []string{"Edge", "203.0.113.0/24"}, "제한됨"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := consoleSet(tt.user)
			set.IAM.Policies = append(set.IAM.Policies, policy("Edge", `{"Statement":{"Sid":"Edge","Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}`))
			r := judge(t, "CON-02", set, defaults(t))
			f := r.Findings[0]
			if f.Status != tt.want || r.Auto != tt.want || f.Cells["identity_control"].Lines[0] != tt.word {
				t.Errorf("finding %s, item %s, %q (%s)", f.Status, r.Auto, f.Cells["identity_control"].Lines, f.Reason)
			}
			for _, want := range tt.reason {
				if !strings.Contains(f.Reason, want) {
					t.Errorf("reason %q lacks %q", f.Reason, want)
				}
			}
			if tt.want == Interview && len(f.Cells) > 0 && strings.Contains(tt.name, "operator") && len(r.Rows[statementsTable]) != 1 {
				t.Errorf("the statement to read is not shown: %v", r.Rows)
			}
		})
	}
}

func TestCON02SignInStage(t *testing.T) {
	exempt := strings.Replace(denyEarly, office, office+`,"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/u"}`, 1)
	const notBound = "로그인 단계의 정책으로 제한되는 것이 확인되지 않음("
	odd := strings.Replace(denyEarly, office, `"StringNotEquals":{"aws:SourceIp":"203.0.113.7"}`, 1)
	tests := []struct {
		name       string
		enabled    bool
		statements []string
		want       Verdict
		word       string
		root       string
	}{
		{"both phases, enabled", true, []string{denyEarly, denyLate}, Good, "제한됨", "로그인 단계의 정책으로 제한됨"},
		{"written but not enabled restricts nobody", false, []string{denyEarly, denyLate}, Vulnerable, "적용 안 됨(콘솔 권한 부여 비활성)", notBound},
		{"not enabled and nothing written", false, nil, Vulnerable, "제한 없음(콘솔 권한 부여 비활성)", notBound},
		{"enabled with nothing written", true, nil, Vulnerable, "제한 없음", notBound},
		{"only before the password", true, []string{denyEarly}, Vulnerable, "일부만 제한", notBound},
		{"only after it", true, []string{denyLate}, Vulnerable, "일부만 제한", notBound},
		{"this user exempted", true, []string{exempt, denyLate}, Vulnerable, "", "로그인 단계의 정책으로 제한됨"},
		{"not understood", true, []string{odd, denyLate}, Interview, "구문 확인 필요", notBound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(t, "CON-02", signIn(consoleSet(user("u")), tt.enabled, tt.statements...), defaults(t))
			f := r.Findings[0]
			if f.Status != tt.want || tt.word != "" && f.Cells["sign_in_control"].Lines[0] != tt.word {
				t.Errorf("%s, %q (%s)", f.Status, f.Cells["sign_in_control"].Lines, f.Reason)
			}
			if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "root 계정: "+tt.root) {
				t.Errorf("notes %q say nothing of root as %q", notes, tt.root)
			}
		})
	}
	t.Run("the list of statements disagrees", func(t *testing.T) {
		set := signIn(consoleSet(user("u")), true, denyEarly, denyLate)
		set.SignIn.Statements = set.SignIn.Statements[:1]
		if f := judge(t, "CON-02", set, defaults(t)).Findings[0]; f.Status != Interview || !strings.Contains(f.Reason, "일치하지 않아") {
			t.Errorf("%s (%s)", f.Status, f.Reason)
		}
	})
}

// Either stage is enough; a failed sign-in call costs only those whom the
// identity stage does not hold back.
func TestCON02SignInFailed(t *testing.T) {
	for _, action := range signInActions {
		t.Run(action, func(t *testing.T) {
			set := failed(consoleSet(user("free"), user("held", deny1(office))), action, "AccessDeniedException")
			r := judge(t, "CON-02", set, defaults(t))
			got := map[string]Verdict{}
			for _, f := range r.Findings {
				got[f.Resource] = f.Status
			}
			if r.Auto != Unknown || got["free"] != Unknown || got["held"] != Good {
				t.Errorf("item %s, %v", r.Auto, got)
			}
			if !strings.Contains(r.Reason, action+"(us-east-1) 조회 실패 AccessDeniedException") {
				t.Errorf("reason %q", r.Reason)
			}
			all := failed(consoleSet(user("held", deny1(office))), action, "AccessDeniedException")
			if r := judge(t, "CON-02", all, defaults(t)); r.Auto != Good || !strings.Contains(strings.Join(r.Notes, "\n"), "판정에 영향이 없음") {
				t.Errorf("all held back: %s, notes %q", r.Auto, r.Notes)
			}
			none := failed(consoleSet(), action, "AccessDeniedException")
			if r := judge(t, "CON-02", none, defaults(t)); r.Auto != Unknown {
				t.Errorf("no console user: %s", r.Auto)
			}
		})
	}
}

func TestCON02Item(t *testing.T) {
	saml := evidence.Role{Name: "corp", Path: "/", ARN: "arn:role", Trust: `{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"},"Action":"sts:AssumeRoleWithSAML"}}`}
	sso := evidence.Role{Name: "AWSReservedSSO_x", Path: "/aws-reserved/sso.amazonaws.com/ap-northeast-2/"}
	app := evidence.Role{Name: "app", Path: "/", Trust: `{"Statement":{"Principal":{"Service":"ec2.amazonaws.com"}}}`}
	tests := []struct {
		name     string
		set      func() *evidence.Set
		want     Verdict
		findings string
	}{
		{"nobody", func() *evidence.Set { return consoleSet() }, NA, ""},
		{"a user without a password", func() *evidence.Set {
			s := consoleSet(user("u"))
			s.CredentialReport.Rows[1].PasswordEnabled = evidence.FlagFalse
			return s
		}, NA, ""},
		{"a password field that can't be read", func() *evidence.Set {
			s := consoleSet(user("u"))
			s.CredentialReport.Rows[1].PasswordEnabled = "not_supported"
			return s
		}, Unknown, "u=unknown"},
		{"root's own row is not of this item", func() *evidence.Set {
			s := consoleSet()
			s.CredentialReport.Rows[0].PasswordEnabled = evidence.FlagTrue
			return s
		}, NA, ""},
		{"a deleted user", func() *evidence.Set {
			s := consoleSet(user("gone"))
			s.IAM.Users, s.IAM.Summary = nil, map[string]int{"Users": 0}
			return s
		}, NA, ""},
		{"restricted users and federated roles", func() *evidence.Set {
			s := consoleSet(user("u", deny1(office)))
			s.IAM.Roles = []evidence.Role{app, saml, sso}
			return s
		}, Interview, "role/corp=interview role/AWSReservedSSO_x=interview u=good"},
		{"only federated roles", func() *evidence.Set {
			s := consoleSet()
			s.IAM.Roles = []evidence.Role{sso}
			return s
		}, Interview, "role/AWSReservedSSO_x=interview"},
		{"details denied", func() *evidence.Set {
			s := failed(consoleSet(user("u", deny1(office))), "iam:GetAccountAuthorizationDetails", "AccessDenied")
			s.IAM.Users = nil
			return s
		}, Unknown, "u=unknown"},
		{"details without users, and nothing that counts them", func() *evidence.Set {
			s := failed(consoleSet(user("u")), "iam:GetAccountSummary", "AccessDenied")
			s.IAM.Users, s.IAM.Summary = nil, nil
			return s
		}, Unknown, "u=unknown"},
		{"report denied", func() *evidence.Set {
			s := failed(consoleSet(user("u")), "iam:GetCredentialReport", "AccessDenied")
			s.CredentialReport = nil
			return s
		}, Unknown, ""},
		{"second page of details failed", func() *evidence.Set {
			return failed(consoleSet(user("held", deny1(office)), user("free")), "iam:GetAccountAuthorizationDetails", "Throttling")
		}, Vulnerable, "free=vulnerable held=unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(t, "CON-02", tt.set(), defaults(t))
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Resource+"="+string(f.Status))
			}
			if r.Auto != tt.want || strings.Join(got, " ") != tt.findings {
				t.Errorf("item %s (%s), findings %q; want %s, %q", r.Auto, r.Reason, got, tt.want, tt.findings)
			}
		})
	}
}

// fullAccess is AWS's own policy, which stands at every level that lets anything.
var fullAccess = evidence.ControlPolicy{ID: "p-full", Name: "FullAWSAccess", Document: `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}

func TestCON02ControlPolicies(t *testing.T) {
	member := func(read bool) *evidence.Set {
		s := consoleSet(user("u"))
		s.Organization = &evidence.Organization{Member: true, ManagementID: "210987654321", PoliciesRead: read}
		if read {
			s.Organization.Targets = []evidence.ControlTarget{{ID: "123456789012", SCPs: []string{"p-full", "p-net"}}}
			s.Organization.Policies = []evidence.ControlPolicy{{ID: "p-net", Name: "net", Document: deny1(office)}, fullAccess}
		}
		return s
	}
	r := judge(t, "CON-02", member(true), defaults(t))
	if r.Auto != Good || !strings.Contains(r.Findings[0].Reason, "SCP net") {
		t.Errorf("readable SCP: %s (%s)", r.Auto, r.Findings[0].Reason)
	}
	short := member(true)
	short.Organization.Targets[0].SCPs = []string{"p-net"} // alone it would have denied our own calls
	if r = judge(t, "CON-02", short, defaults(t)); r.Auto != Vulnerable {
		t.Errorf("a list of SCPs without any that allows: %s", r.Auto)
	}
	r = judge(t, "CON-02", member(false), defaults(t))
	if r.Auto != Vulnerable || !strings.Contains(strings.Join(r.Notes, "\n"), "SCP 미반영(조회 권한 없음)") {
		t.Errorf("unreadable SCP: %s, notes %q", r.Auto, r.Notes)
	}
	s := consoleSet(user("u"))
	s.Organization = &evidence.Organization{Member: true, ManagementID: "123456789012"}
	if r = judge(t, "CON-02", s, defaults(t)); !strings.Contains(strings.Join(r.Notes, "\n"), "관리 계정에는 SCP가 적용되지 않음") {
		t.Errorf("management account: notes %q", r.Notes)
	}
	// An RCP is read with the sign-in policies.
	s = signIn(member(true), true, denyEarly)
	s.Organization.Targets[0].SCPs, s.Organization.Targets[0].RCPs = nil, []string{"p-rcp"}
	s.Organization.Policies = []evidence.ControlPolicy{{ID: "p-rcp", Name: "late", Document: `{"Statement":[` + strings.Replace(denyLate, `{"AWS":"*"}`, `"*"`, 1) + `]}`}}
	if r = judge(t, "CON-02", s, defaults(t)); r.Auto != Good {
		t.Errorf("RCP: %s (%s)", r.Auto, r.Findings[0].Reason)
	}
}

// Access keys without a restriction stand beside the verdict, never in it.
func TestCON02AccessKeys(t *testing.T) {
	set := consoleSet(user("held", deny1(office)), user("free"))
	for i := range set.CredentialReport.Rows {
		set.CredentialReport.Rows[i].Keys[0] = key("true", ago(day), ago(day))
	}
	set.CredentialReport.Rows[2].PasswordEnabled = evidence.FlagFalse // free has no console
	r := judge(t, "CON-02", set, defaults(t))
	if r.Auto != Good || len(r.Rows[keysTable]) != 1 || r.Rows[keysTable][0]["user"].Lines[0] != "free" {
		t.Errorf("%s, keys %v", r.Auto, r.Rows[keysTable])
	}
}

func TestCON02AllowedRanges(t *testing.T) {
	cfg := defaults(t)
	cfg.AllowedSourceRanges = []string{"198.51.100.0/24"}
	if r := judge(t, "CON-02", consoleSet(user("u", deny1(office))), cfg); r.Auto != Vulnerable || !strings.Contains(r.Findings[0].Reason, "203.0.113.0/24") {
		t.Errorf("%s (%s)", r.Auto, r.Findings[0].Reason)
	}
}
