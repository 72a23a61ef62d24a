package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/verdict/iampolicy"
)

// billingSet is an account of these principals whose root was silent.
func billingSet(principals ...any) *evidence.Set {
	set, iam := rootSet(), iamSet()
	set.IAM = iam.IAM
	set.IAM.Policies = append(set.IAM.Policies,
		policy("AdministratorAccess", allow),
		policy("Billing", grant("billing:GetBillingData", "billing:UpdateBillingPreferences", "payments:*", "aws-portal:*Billing")),
		policy("BillingView", grant("account:GetAccountInformation", "billing:GetBillingData", "ce:GetCostAndUsage")),
		policy("PowerUser", `{"Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}]}`),
		policy("NoBilling", `{"Statement":[{"Effect":"Deny","NotAction":["s3:*","account:*"],"Resource":"*"}]}`),
	)
	set.Organization = &evidence.Organization{}
	set.Answers = append(set.Answers, iam.Answers...)
	set.Answers = append(set.Answers, evidence.Answer{Action: "organizations:DescribeOrganization", Region: "us-east-1"})
	for _, p := range principals {
		switch p := p.(type) {
		case evidence.User:
			p.Calls = []string{"iam-details-1"}
			set.IAM.Users = append(set.IAM.Users, p)
		case evidence.Role:
			set.IAM.Roles = append(set.IAM.Roles, p)
		}
	}
	set.IAM.Summary = map[string]int{"Users": len(set.IAM.Users)}
	return set
}

func grant(actions ...string) string {
	return `{"Statement":[{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}]}`
}

func kim(documents ...string) evidence.User {
	u := user("kim", documents...)
	u.Groups = nil
	return u
}

func trustedBy(principal string, u evidence.User) evidence.Role {
	return evidence.Role{Name: "ops", Path: "/", Attached: u.Attached, Inline: u.Inline, Boundary: u.Boundary,
		Trust: `{"Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}]}`}
}

func admin() evidence.User { return evidence.User{Name: "kim", Attached: ref("AdministratorAccess")} }

func TestACC01Principal(t *testing.T) {
	service := `{"Service":"lambda.amazonaws.com"}`
	linked := trustedBy(service, admin())
	linked.Path = "/aws-service-role/support.amazonaws.com/"
	bounded := kim(allow)
	bounded.Boundary = &evidence.PolicyRef{Name: "NoBilling", ARN: "arn:NoBilling"}
	tests := []struct {
		name      string
		principal any
		finding   string
		scope     string
		reason    string // and every interview names the missing API
	}{
		{"an administrator through a group", evidence.User{Name: "kim", Groups: []string{"dev"}}, "user/kim=interview", "조회·변경", "근거 정책: 그룹 dev: Power"},
		{"the Billing job function", evidence.User{Name: "kim", Attached: ref("Billing")}, "user/kim=interview", "조회·변경", "근거 정책: Billing"},
		{"a reader of bills", evidence.User{Name: "kim", Attached: ref("BillingView")}, "user/kim=interview", "조회", "범위: 조회,"},
		{"a power user", evidence.User{Name: "kim", Attached: ref("PowerUser")}, "user/kim=interview", "조회·변경", "PowerUser"},
		{"only a change", kim(grant("payments:MakePayment")), "user/kim=interview", "변경", "인라인 net1"},
		{"the legacy prefix", kim(grant("aws-portal:ModifyBilling")), "user/kim=interview", "변경", "인라인 net1"},
		{"any case", kim(grant("BILLING:getbillingdata")), "user/kim=interview", "조회", ""},
		{"a service of the bcm family", kim(grant("bcm-data-exports:ListExports")), "user/kim=interview", "조회", ""},
		{"an action that is not listed", kim(grant("billing:GetContractInformation")), "user/kim=interview", "일부 작업(조회·변경 구분 확인 필요)", "범위: 일부 작업"},
		{"account settings are no billing", kim(grant("account:GetAlternateContact", "account:EnableRegion")), "root=vulnerable", "", "root 계정 외에"},
		{"the account data of the billing pages", kim(grant("account:GetAccountInformation")), "user/kim=interview", "조회", "인라인 net1"},
		{"nothing of billing", kim(grant("s3:*", "ec2:*")), "root=vulnerable", "", ""},
		{"granted under a condition", kim(`{"Statement":[{"Effect":"Allow","Action":"ce:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`), "user/kim=interview", "조회·변경", ""},
		{"granted and taken back", kim(allow, deny), "root=vulnerable", "", ""},
		{"granted and mostly taken back", kim(grant("billing:*", "tax:*"), `{"Statement":[{"Effect":"Deny","Action":"billing:*","Resource":"*"},{"Effect":"Deny","Action":"tax:Put*","Resource":"*"},{"Effect":"Deny","Action":"tax:Delete*","Resource":"*"}]}`), "user/kim=interview", "조회", ""},
		{"kept back by a boundary", bounded, "root=vulnerable", "", ""},
		{"a document that was not returned", evidence.User{Name: "kim", Attached: ref("Missing")}, "user/kim=interview", "확인 필요", "결제 권한의 유무를 확인할 수 없고"},
		{"a broken document", evidence.User{Name: "kim", Attached: ref("Broken")}, "user/kim=interview", "확인 필요", "결제 권한의 유무를 확인할 수 없고"},
		{"a missing document beside a grant", evidence.User{Name: "kim", Attached: ref("Missing", "BillingView")}, "user/kim=interview", "조회|(확인 필요)", "내용을 확인할 수 없는 정책이 있어"},
		{"a role for people", trustedBy(`{"AWS":"arn:aws:iam::123456789012:root"}`, admin()), "role/ops=interview", "조회·변경", "AdministratorAccess"},
		{"a role of another account", trustedBy(`{"AWS":"arn:aws:iam::999999999999:root"}`, admin()), "role/ops=interview", "조회·변경", ""},
		{"a federated role", trustedBy(`{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"}`, admin()), "role/ops=interview", "조회·변경", ""},
		{"a role that only a service can assume", trustedBy(service, admin()), "root=vulnerable role/ops=na", "조회·변경", "root 계정 외에 결제 권한을 가진 IAM 사용자와 역할이 없음"},
		{"a role of a service and of people", trustedBy(`{"Service":"lambda.amazonaws.com","AWS":"arn:aws:iam::123456789012:user/kim"}`, admin()), "role/ops=interview", "조회·변경", ""},
		{"a trust policy that can't be read", evidence.Role{Name: "ops", Path: "/", Attached: ref("AdministratorAccess"), Trust: "{"}, "role/ops=interview", "조회·변경", ""},
		{"a service-linked role", linked, "root=vulnerable", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := billingSet(tt.principal)
			out := acc01(Input{Evidence: set, Settings: defaults(t)})
			slices.SortStableFunc(out.Findings, func(a, b Finding) int { // as the driver lists them
				return slices.Index(foldOrder, a.Status) - slices.Index(foldOrder, b.Status)
			})
			if got := listed(out.Findings); got != tt.finding || !strings.Contains(out.Findings[0].Reason, tt.reason) {
				t.Fatalf("%q (%s), want %q with %q", got, out.Findings[0].Reason, tt.finding, tt.reason)
			}
			for _, f := range out.Findings {
				if got := strings.Join(f.Cells["scope"].Lines, "|"); f.Resource != "root" && got != tt.scope {
					t.Errorf("scope %q, want %q", got, tt.scope)
				}
				if f.Status == Interview && !strings.Contains(f.Reason, "공개 API가 없어") {
					t.Errorf("reason %q", f.Reason)
				}
			}
			if !strings.Contains(out.Reason, "공개 API가 없어") {
				t.Errorf("item's reason %q", out.Reason)
			}
		})
	}
}

// An SCP that was read binds everyone; root's own actions it does not grant.
func TestACC01ControlPolicy(t *testing.T) {
	set := billingSet(admin())
	set.Organization = &evidence.Organization{Member: true, ManagementID: "999999999999", PoliciesRead: true,
		Targets:  []evidence.ControlTarget{{ID: "123456789012", SCPs: []string{"p-1"}}},
		Policies: []evidence.ControlPolicy{{ID: "p-1", Name: "only-s3", Document: grant("s3:*")}}}
	if got := listed(acc01(Input{Evidence: set, Settings: defaults(t)}).Findings); got != "root=vulnerable" {
		t.Errorf("findings %q", got)
	}
}

func TestACC01Root(t *testing.T) {
	flag := func(readOnly bool) func(*evidence.RootEvent) {
		return func(e *evidence.RootEvent) { e.ReadOnly = &readOnly }
	}
	const console, payments = "billingconsole.amazonaws.com", "payments.amazonaws.com"
	tests := []struct {
		name   string
		event  []func(*evidence.RootEvent)
		want   Verdict // of root; "": no finding
		access string  // in the table; "": not listed
		kind   string
	}{
		{"a change", []func(*evidence.RootEvent){apiCall(console, "SetPayInformation"), flag(false)}, Vulnerable, "변경", "결제 변경 작업"},
		{"a change without the flag", []func(*evidence.RootEvent){apiCall(console, "RedeemPromoCode")}, Vulnerable, "변경", "결제 변경 작업"},
		{"a payment that the flag calls read-only", []func(*evidence.RootEvent){apiCall(payments, "Instruments_Create"), flag(true)}, Vulnerable, "변경", "결제 변경 작업"},
		{"read-only by the flag", []func(*evidence.RootEvent){apiCall(payments, "Instruments_Authenticate"), flag(true)}, Interview, "조회", "조회"},
		{"read-only by the name", []func(*evidence.RootEvent){apiCall("ce.amazonaws.com", "GetCostAndUsage")}, Interview, "조회", "조회"},
		{"the payments page, which CloudTrail calls a change", []func(*evidence.RootEvent){apiCall("billingconsole.amazonaws.com", "AWSPaymentPortalService.GetPaymentsDue"), flag(false)}, Interview, "조회", "조회"},
		{"a new payments event that the flag calls read-only", []func(*evidence.RootEvent){apiCall(payments, "Preferences_SetPreferredCurrency"), flag(true)}, Vulnerable, "변경", "결제 변경 작업"},
		{"read-only by the name after the family", []func(*evidence.RootEvent){apiCall(payments, "Instruments_List")}, Interview, "조회", "조회"},
		{"a name that reads against the flag", []func(*evidence.RootEvent){apiCall(console, "DownloadCommercialInvoice"), flag(false)}, Interview, "조회", "조회"},
		{"a name that only begins like reading", []func(*evidence.RootEvent){apiCall("budgets.amazonaws.com", "Getaway")}, Vulnerable, "변경", "결제 변경 작업"},
		{"the switch itself", []func(*evidence.RootEvent){apiCall(console, "SetIAMAccessPreference"), flag(false)}, Interview, "변경", "root 전용·계정 설정 작업(결제 정보에 대한 IAM 액세스 설정)"},
		{"closing the account", []func(*evidence.RootEvent){apiCall(console, "CloseAccount"), flag(false)}, Interview, "변경", "root 전용·계정 설정 작업(계정 해지)"},
		{"the owner's contact", []func(*evidence.RootEvent){apiCall(console, "SetContactAddress"), flag(false)}, Interview, "변경", "root 전용·계정 설정 작업(계정 소유자 연락처 변경)"},
		{"a root task's name at another source", []func(*evidence.RootEvent){apiCall(payments, "CloseAccount"), flag(false)}, Vulnerable, "변경", "결제 변경 작업"},
		{"a change that failed", []func(*evidence.RootEvent){apiCall(console, "SetPayInformation"), flag(false), func(e *evidence.RootEvent) { e.Failed, e.ErrorCode = true, "AccessDenied" }}, "", "변경", "실패(AccessDenied)"},
		{"a change by a service", []func(*evidence.RootEvent){apiCall("tax.amazonaws.com", "PutTaxRegistration"), func(e *evidence.RootEvent) { e.InvokedBy = "billing.amazonaws.com" }}, "", "변경", "서비스 수행"},
		{"a console sign-in is no billing", nil, "", "", ""},
		{"account settings are no billing", []func(*evidence.RootEvent){apiCall("account.amazonaws.com", "EnableRegion"), flag(false)}, "", "", ""},
		{"before the period", []func(*evidence.RootEvent){apiCall(console, "SetPayInformation"), func(e *evidence.RootEvent) { e.At = collected.Add(-90*day - time.Second) }}, "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := billingSet(admin())
			happened(time.Hour, tt.event...)(set)
			out := acc01(Input{Evidence: set, Settings: defaults(t)})
			want := "user/kim=interview"
			if tt.want != "" {
				want += " root=" + string(tt.want)
			}
			if got := listed(out.Findings); got != want {
				t.Errorf("findings %q, want %q", got, want)
			}
			rows := out.Rows[rootEventsTable]
			if tt.access == "" && len(rows) > 0 || tt.access != "" && (len(rows) != 1 || rows[0]["access"].Lines[0] != tt.access || rows[0]["kind"].Lines[0] != tt.kind) {
				t.Errorf("rows %+v, want %q, %q", rows, tt.access, tt.kind)
			}
			if root := out.Findings[len(out.Findings)-1]; tt.want != "" && !strings.Contains(root.Reason, set.RootEvents.Events[0].Name) {
				t.Errorf("reason %q", root.Reason)
			}
		})
	}
}

func TestACC01Item(t *testing.T) {
	changed := happened(time.Hour, apiCall("billingconsole.amazonaws.com", "SetPayInformation"))
	read := happened(time.Hour, apiCall("ce.amazonaws.com", "GetCostAndUsage"))
	lost := func(action, region string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.Answers = slices.DeleteFunc(s.Answers, func(a evidence.Answer) bool { return a.Action == action && (a.Region == region || region == "") })
			s.Failures = append(s.Failures, evidence.Failure{CallID: "call-x", Action: action, Region: region, Code: "AccessDenied"})
		}
	}
	tests := []struct {
		name     string
		set      *evidence.Set
		change   []func(*evidence.Set)
		want     Verdict
		findings string
		told     string
	}{
		{"somebody may", billingSet(admin()), nil, Interview, "user/kim=interview", "root 계정 외에 결제 권한을 가졌거나 가질 수 있는 주체가 1개 있음"},
		{"nobody may", billingSet(kim(grant("s3:*"))), nil, Vulnerable, "root=vulnerable", "IAM 사용자와 역할이 없음"},
		{"no principal at all", billingSet(), nil, Vulnerable, "root=vulnerable", "IAM 사용자 0명과 역할 0개"},
		{"somebody may, root changed", billingSet(admin()), []func(*evidence.Set){changed}, Vulnerable, "root=vulnerable user/kim=interview", "root 계정이 결제 변경 작업 1건(SetPayInformation)을 수행함"},
		{"nobody may and root changed", billingSet(), []func(*evidence.Set){changed}, Vulnerable, "root=vulnerable", "역할이 없음; 이벤트 조회 기간 90일"},
		{"somebody may, root read", billingSet(admin()), []func(*evidence.Set){read}, Interview, "user/kim=interview root=interview", "비용 위젯"},
		{"details denied", billingSet(), []func(*evidence.Set){lost(details, "us-east-1")}, Unknown, "", details + "(us-east-1) 조회 실패"},
		{"details denied, root changed", billingSet(), []func(*evidence.Set){lost(details, "us-east-1"), changed}, Vulnerable, "root=vulnerable", "SetPayInformation"},
		{"no IAM at all, root changed", billingSet(), []func(*evidence.Set){lost(details, "us-east-1"), changed, func(s *evidence.Set) { s.IAM = nil }}, Vulnerable, "root=vulnerable", "SetPayInformation"},
		{"second page of details failed, nobody so far", billingSet(kim(grant("s3:*"))), []func(*evidence.Set){lost(details, "us-east-1")}, Unknown, "", details},
		{"fewer users read than counted", billingSet(), []func(*evidence.Set){func(s *evidence.Set) { s.IAM.Summary["Users"] = 5 }}, Unknown, "", "사용자 수 불일치"},
		{"IAM lost though answered", billingSet(), []func(*evidence.Set){func(s *evidence.Set) { s.IAM = nil }}, Unknown, "", "evidence.json에 없음"},
		{"events denied in a sign-in region", billingSet(admin()), []func(*evidence.Set){lost(lookupEvents, "us-east-1")}, Unknown, "root=unknown user/kim=interview", "us-east-1) 조회 실패 AccessDenied"},
		{"events denied in a sign-in region, root changed", billingSet(admin()), []func(*evidence.Set){lost(lookupEvents, "us-east-1"), changed}, Vulnerable, "root=vulnerable user/kim=interview", "SetPayInformation"},
		{"events denied in a sign-in region, nobody may", billingSet(), []func(*evidence.Set){lost(lookupEvents, "us-east-1")}, Vulnerable, "root=vulnerable", "us-east-1"},
		{"events denied in a sign-in region, root read", billingSet(admin()), []func(*evidence.Set){lost(lookupEvents, "us-east-1"), read}, Unknown, "root=unknown user/kim=interview", "us-east-1"},
		{"events denied elsewhere", billingSet(admin()), []func(*evidence.Set){lost(lookupEvents, "ap-northeast-2")}, Interview, "user/kim=interview", "ap-northeast-2) 조회 실패"},
		{"a history shorter than the period", billingSet(admin()), []func(*evidence.Set){func(s *evidence.Set) { s.RootEvents.From = collected.Add(-30 * day) }}, Interview, "user/kim=interview", "이벤트 기록은 2026-10-25 14:00:00 KST ~ 2026-11-24 14:00:00 KST만 조회됨"},
		{"no events in the evidence", billingSet(admin()), []func(*evidence.Set){func(s *evidence.Set) { s.RootEvents = nil }}, Unknown, "root=unknown user/kim=interview", "이벤트 기록이 수집되지 않음"},
		{"a management account", billingSet(admin()), []func(*evidence.Set){func(s *evidence.Set) { s.Account.Kind = evidence.KindManagement }}, Interview, "user/kim=interview", "계정 구분: 조직 관리 계정"},
		{"a member account", billingSet(admin()), []func(*evidence.Set){func(s *evidence.Set) { s.Account.Kind = evidence.KindMember }}, Interview, "user/kim=interview", "계정 구분: 조직 멤버 계정"},
		{"a standalone account", billingSet(admin()), []func(*evidence.Set){func(s *evidence.Set) { s.Account.Kind = evidence.KindStandalone }}, Interview, "user/kim=interview", "계정 구분: 단독 계정"},
		{"organization denied", billingSet(admin()), []func(*evidence.Set){lost("organizations:DescribeOrganization", "us-east-1")}, Interview, "user/kim=interview", "계정 구분: 미확인(조직 정보 조회 불가: AccessDenied)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range tt.change {
				c(tt.set)
			}
			r := judgeBy(t, "ACC-01", acc01, tt.set, defaults(t))
			if got := listed(r.Findings); r.Auto != tt.want || got != tt.findings {
				t.Errorf("item %s (%s), findings %q; want %s, %q", r.Auto, r.Reason, got, tt.want, tt.findings)
			}
			if !strings.Contains(r.Reason+strings.Join(r.Notes, "\n"), tt.told) || r.Checked > r.Population {
				t.Errorf("reason %q and notes %q lack %q; %d of %d", r.Reason, r.Notes, tt.told, r.Checked, r.Population)
			}
		})
	}
	if out := acc01(Input{Evidence: &evidence.Set{CollectedAt: collected}, Settings: defaults(t)}); out.Reason != "" || len(out.Findings) > 0 {
		t.Errorf("nothing collected: %+v", out)
	}
}

// Users with policies of their own, beside a managed policy as long as
// ReadOnlyAccess: none of them shares its rights with another.
func BenchmarkACC01(b *testing.B) {
	var actions []string
	for i := range 2500 {
		actions = append(actions, fmt.Sprintf("service%d:Describe*", i))
	}
	for _, bench := range []struct {
		name   string
		inline bool
	}{{"shared", false}, {"unique", true}} {
		set := billingSet()
		set.IAM.Policies = append(set.IAM.Policies, policy("ReadOnly", grant(append(actions, "ce:Get*")...)))
		for i := range 5000 {
			u := evidence.User{Name: fmt.Sprintf("user%d", i), Attached: ref("ReadOnly")}
			if bench.inline {
				u.Inline = []evidence.InlinePolicy{{Name: "own", Document: grant(fmt.Sprintf("s3:GetObject%d", i), "billing:GetBillingData")}}
			}
			set.IAM.Users = append(set.IAM.Users, u)
		}
		cfg := defaults(b)
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if out := acc01(Input{Evidence: set, Settings: cfg}); len(out.Findings) != 5000 {
					b.Fatalf("%d findings", len(out.Findings))
				}
			}
		})
	}
}

// What is left of a policy answers every question about billing as the whole did.
func FuzzBillingExcerpt(f *testing.F) {
	for _, pattern := range []string{"*", "*:*", "billing:*", "B?lling:Get*", "bcm-x:GetExport", "bcm:GetExport", "s3:*", "ce", "aws-port*", "", "tax:Put*", "account:GetAccountInformation", "*-orders:ViewPurchaseOrders"} {
		f.Add(pattern, "s3:*", false, false)
		f.Add(pattern, "s3:*", true, true)
	}
	b := billing{defaults(f).Standard.Billing, map[*iampolicy.Document]*iampolicy.Document{}}
	var questions []string
	for _, p := range b.Permissions {
		questions = append(questions, p.Prefix+":*")
		for _, name := range slices.Concat(p.Read, p.Write) {
			questions = append(questions, p.Prefix+":"+name)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, other string, deny, not bool) {
		s := iampolicy.Statement{Index: 2, Effect: iampolicy.Allow, Actions: []string{other, pattern}, Resources: []string{"*"}}
		if deny {
			s.Effect = iampolicy.Deny
		}
		if not {
			s.Actions, s.NotActions = nil, s.Actions
		}
		doc := &iampolicy.Document{Statements: []iampolicy.Statement{{Index: 1, Effect: iampolicy.Allow, Actions: []string{"ce:*"}, Resources: []string{"*"}}, s}}
		layers := []iampolicy.Layer{{Policies: []iampolicy.Policy{{Name: "p", Document: doc}}}}
		less := b.about(layers)
		for _, q := range questions {
			if got, want := iampolicy.May(less, q, "*", iampolicy.Limits{}), iampolicy.May(layers, q, "*", iampolicy.Limits{}); got.Granted != want.Granted || got.Unclear != want.Unclear || len(got.Grants) != len(want.Grants) {
				t.Errorf("%s: %+v, of the whole %+v", q, got, want)
			}
		}
		if len(s.Actions) > 0 && doc.Statements[1].Actions[0] != other {
			t.Error("the document itself was changed")
		}
	})
}
