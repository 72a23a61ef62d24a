package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/strictyaml"
	"auditbinder/templates"
)

const (
	details = "iam:GetAccountAuthorizationDetails"
	summary = "iam:GetAccountSummary"
	contact = "account:GetAlternateContact"
	primary = "account:GetContactInformation"

	allow = `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	deny  = `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
)

var collected = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

func catalog(t *testing.T) *item.Catalog {
	t.Helper()
	c, err := item.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// iamSet is an account whose questions were all answered.
func iamSet(users ...evidence.User) *evidence.Set {
	for i := range users {
		users[i].ARN = "arn:aws:iam::123456789012:user/" + users[i].Name
		users[i].Calls = []string{"iam-details-1"}
	}
	return &evidence.Set{
		Account: evidence.Account{ID: "123456789012"}, CollectedAt: collected,
		Answers: []evidence.Answer{
			{Action: details, Region: "us-east-1", Calls: []string{"iam-details-1"}, Count: len(users)},
			{Action: summary, Region: "us-east-1", Calls: []string{"iam-summary-1"}},
		},
		IAM: &evidence.IAM{
			Users: users, Summary: map[string]int{"Users": len(users)},
			Groups: []evidence.Group{{Name: "dev", Attached: ref("Power")}},
			Policies: []evidence.ManagedPolicy{
				policy("Allow", allow), policy("Deny", deny), policy("Power", allow), policy("Broken", `{"Statement":`), policy("Empty", ""),
				{Name: "IAMUserChangePassword", ARN: "arn:aws:iam::aws:policy/IAMUserChangePassword", Document: allow},
			},
		},
	}
}

func policy(name, document string) evidence.ManagedPolicy {
	return evidence.ManagedPolicy{Name: name, ARN: "arn:" + name, Document: document}
}

func ref(names ...string) []evidence.PolicyRef {
	var out []evidence.PolicyRef
	for _, n := range names {
		arn := "arn:" + n
		if n == "IAMUserChangePassword" {
			arn = "arn:aws:iam::aws:policy/IAMUserChangePassword"
		}
		out = append(out, evidence.PolicyRef{Name: n, ARN: arn})
	}
	return out
}

func result(t *testing.T, id string, set *evidence.Set, cfg settings.Config) Result {
	t.Helper()
	for _, r := range Decide(catalog(t), set, cfg) {
		if r.Item.ID == id {
			return r
		}
	}
	t.Fatalf("no result for %s", id)
	return Result{}
}

// Every judged item of the catalogue has a rule, and every rule an item.
func TestCatalogueAndRulesAreEqual(t *testing.T) {
	judged := map[string]bool{}
	for _, it := range catalog(t).Items {
		if _, ok := rules[it.ID]; ok == it.Planned {
			t.Errorf("%s: planned %v, has a rule %v", it.ID, it.Planned, ok)
		}
		judged[it.ID] = true
		for _, check := range it.Checks {
			if checks[check] == nil {
				t.Errorf("%s names the check %s, which is not built", it.ID, check)
			}
		}
	}
	for id := range rules {
		if !judged[id] {
			t.Errorf("rule %s has no item", id)
		}
	}
}

func TestIAM01User(t *testing.T) {
	inline := func(documents ...string) []evidence.InlinePolicy {
		var out []evidence.InlinePolicy
		for i, d := range documents {
			out = append(out, evidence.InlinePolicy{Name: fmt.Sprintf("in%d", i+1), Document: d})
		}
		return out
	}
	tests := []struct {
		name   string
		user   evidence.User
		want   Verdict
		reason string
	}{
		{"attached managed policy", evidence.User{Attached: ref("Allow")}, Vulnerable, "관리형 정책 1개(Allow)가 직접 할당되어 있음"},
		{"inline policy", evidence.User{Inline: inline(allow)}, Vulnerable, "인라인 정책 1개(in1)가 직접 할당되어 있음"},
		{"both", evidence.User{Attached: ref("Allow", "Power"), Inline: inline(allow)}, Vulnerable, "관리형 정책 2개(Allow, Power), 인라인 정책 1개(in1)가"},
		{"through a group only", evidence.User{Groups: []string{"dev"}}, Good, "그룹 1개를 통해"},
		{"nothing at all", evidence.User{}, Good, "소속 그룹도 없음"},
		{"deny-only managed", evidence.User{Attached: ref("Deny")}, Good, "거부 전용(Deny)"},
		{"deny-only inline", evidence.User{Inline: inline(deny)}, Good, "거부 전용(in1)"},
		{"deny-only beside an allow", evidence.User{Attached: ref("Deny", "Allow")}, Vulnerable, "관리형 정책 1개(Allow)"},
		{"password change only", evidence.User{Attached: ref("IAMUserChangePassword")}, Vulnerable, "비밀번호 변경 전용"},
		{"password change beside another", evidence.User{Attached: ref("IAMUserChangePassword", "Allow")}, Vulnerable, "관리형 정책 2개(IAMUserChangePassword, Allow)"},
		{"password change beside a deny", evidence.User{Attached: ref("IAMUserChangePassword", "Deny")}, Vulnerable, "비밀번호 변경 전용"},
		{"no statements at all", evidence.User{Inline: inline(`{"Statement":[]}`)}, Good, "직접 할당된 정책이 없으며"},
		{"a policy of ours with that name", evidence.User{Attached: []evidence.PolicyRef{{Name: "IAMUserChangePassword", ARN: "arn:Allow"}}}, Vulnerable, "관리형 정책 1개(IAMUserChangePassword)가"},
		{"boundary is no grant", evidence.User{Boundary: &evidence.PolicyRef{Name: "Allow", ARN: "arn:Allow"}}, Good, "직접 할당된 정책이 없으며"},
		{"document not returned", evidence.User{Attached: ref("Missing")}, Interview, "Missing의 내용이 반환되지 않았거나"},
		{"document empty", evidence.User{Attached: ref("Empty")}, Interview, "Empty의 내용"},
		{"document broken", evidence.User{Attached: ref("Broken")}, Interview, "Broken의 내용"},
		{"inline broken", evidence.User{Inline: inline("nonsense")}, Interview, "in1의 내용"},
		{"document missing beside an allow", evidence.User{Attached: ref("Missing", "Allow")}, Vulnerable, "관리형 정책 1개(Allow)"},
		{"document missing beside a deny", evidence.User{Attached: ref("Missing", "Deny")}, Interview, "Missing의 내용"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.user.Name = "u"
			r := result(t, "IAM-01", iamSet(tt.user), defaults(t))
			f := r.Findings[0]
			if f.Status != tt.want || r.Auto != tt.want {
				t.Errorf("finding %s, item %s, want %s", f.Status, r.Auto, tt.want)
			}
			if !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("reason %q, want %q in it", f.Reason, tt.reason)
			}
		})
	}
}

func TestIAM01Item(t *testing.T) {
	good := evidence.User{Name: "good", Groups: []string{"dev"}}
	bad := evidence.User{Name: "bad", Attached: ref("Allow")}
	drop := func(set *evidence.Set, action string) {
		var kept []evidence.Answer
		for _, a := range set.Answers {
			if a.Action != action {
				kept = append(kept, a)
			}
		}
		set.Answers = kept
	}
	failed := func(action, code string) func(*evidence.Set) {
		return func(set *evidence.Set) {
			drop(set, action)
			set.Failures = append(set.Failures, evidence.Failure{CallID: "call-x", Action: action, Region: "us-east-1", Code: code})
		}
	}
	tests := []struct {
		name   string
		users  []evidence.User
		change func(*evidence.Set)
		want   Verdict
		reason string
		unread int // findings that are unknown
	}{
		{"all good", []evidence.User{good}, nil, Good, "1명 모두", 0},
		{"one bad", []evidence.User{good, bad}, nil, Vulnerable, "2명 중 1명", 0},
		{"no user", nil, nil, NA, "IAM 사용자가 없어", 0},
		{"details denied", nil, func(s *evidence.Set) {
			failed(details, "AccessDenied")(s)
			s.IAM.Summary["Users"] = 5
		}, Unknown, "iam:GetAccountAuthorizationDetails(us-east-1) 조회 실패 AccessDenied", 0},
		{"second page failed, first page proves", []evidence.User{good, bad}, failed(details, "Throttling"), Vulnerable, "2명 중 1명", 1},
		{"second page failed, first page clean", []evidence.User{good}, failed(details, "EmptyBody"), Unknown, "EmptyBody", 1},
		{"summary failed", []evidence.User{good}, func(s *evidence.Set) {
			failed(summary, "ServiceFailure")(s)
			s.IAM.Summary = nil
		}, Unknown, "iam:GetAccountSummary(us-east-1) 조회 실패 ServiceFailure", 1},
		{"summary failed, proved", []evidence.User{bad}, func(s *evidence.Set) {
			failed(summary, "ServiceFailure")(s)
			s.IAM.Summary = nil
		}, Vulnerable, "1명 중 1명", 0},
		{"never asked", []evidence.User{good}, func(s *evidence.Set) { drop(s, details) }, Unknown, "수집되지 않음", 1},
		{"nothing collected", nil, func(s *evidence.Set) { s.IAM, s.Answers = nil, nil }, Unknown, "수집되지 않음", 0},
		{"fewer users than counted", []evidence.User{good}, func(s *evidence.Set) { s.IAM.Summary["Users"] = 2 }, Unknown, "iam:GetAccountSummary 2명, iam:GetAccountAuthorizationDetails 1명", 1},
		{"more users than counted", []evidence.User{good, good}, func(s *evidence.Set) { s.IAM.Summary["Users"] = 1 }, Unknown, "사용자 수 불일치", 2},
		{"empty list against a count", nil, func(s *evidence.Set) { s.IAM.Summary["Users"] = 40 }, Unknown, "40명, iam:GetAccountAuthorizationDetails 0명", 0},
		{"a summary without the count", nil, func(s *evidence.Set) { s.IAM.Summary = map[string]int{} }, Unknown, "사용자 수가 없음", 0},
		{"mismatch, proved", []evidence.User{bad}, func(s *evidence.Set) { s.IAM.Summary["Users"] = 2 }, Vulnerable, "1명 중 1명", 0},
		{"unrelated call failed", []evidence.User{good}, func(s *evidence.Set) {
			s.Failures = append(s.Failures, evidence.Failure{Action: "organizations:DescribeOrganization", Code: "AccessDenied"})
		}, Good, "1명 모두", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := iamSet(tt.users...)
			if tt.change != nil {
				tt.change(set)
			}
			r := result(t, "IAM-01", set, defaults(t))
			if r.Auto != tt.want || !strings.Contains(r.Reason, tt.reason) {
				t.Errorf("item %s (%s), want %s with %q", r.Auto, r.Reason, tt.want, tt.reason)
			}
			unread := 0
			for _, f := range r.Findings {
				if f.Status == Unknown {
					unread++
				}
			}
			if unread != tt.unread {
				t.Errorf("%d findings unknown, want %d", unread, tt.unread)
			}
			if tt.want == Vulnerable && len(r.Failures) > 0 && !strings.Contains(strings.Join(r.Notes, " "), "판정하지 못함") {
				t.Errorf("proved in part, but the notes do not say so: %q", r.Notes)
			}
		})
	}
}

func TestIAM01Cells(t *testing.T) {
	u := evidence.User{
		Name: "=cmd", Attached: ref("Deny", "IAMUserChangePassword"), Groups: []string{"dev", "gone"},
		Tags:     []evidence.Tag{{Key: "용도", Value: "배치"}, {Key: "Name", Value: "김철수(金哲秀)"}, {Key: "부서", Value: "정보보호팀"}},
		Boundary: &evidence.PolicyRef{Name: "edge", ARN: "arn:edge"},
	}
	set := iamSet(u)
	set.IAM.Roles = []evidence.Role{{Name: "AWSReservedSSO_x", Path: "/aws-reserved/sso.amazonaws.com/"}, {Name: "app", Path: "/"},
		{Name: "saml", Path: "/", Trust: `{"Statement":{"Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"}}}`}}
	r := result(t, "IAM-01", set, defaults(t))
	for key, want := range map[string]string{
		"user": "=cmd", "attached": "Deny (거부 전용)|IAMUserChangePassword (비밀번호 변경 전용)", "groups": "dev|gone",
		"group_policies": "Power", "boundary": "edge", "tags": "Name=김철수(金哲秀)|부서=정보보호팀|용도=배치",
	} {
		if got := strings.Join(r.Findings[0].Cells[key].Lines, "|"); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "2개") {
		t.Errorf("federation note %q", r.Notes)
	}
	for _, c := range r.Item.Columns {
		if _, ok := r.Findings[0].Cells[c.Key]; !ok && c.Key != "verdict" && c.Key != "inline" {
			t.Errorf("column %s is never filled", c.Key)
		}
	}
}

func contactSet(states map[evidence.ContactType]string) *evidence.Set {
	set := &evidence.Set{Account: evidence.Account{ID: "123456789012"}, CollectedAt: collected, Contacts: &evidence.Contacts{RootRead: true},
		Answers: []evidence.Answer{{Action: primary, Calls: []string{"primary"}}}}
	for _, kind := range evidence.ContactTypes {
		id := "contact-" + string(kind)
		switch state := states[kind]; state {
		case "set", "missing":
			set.Answers = append(set.Answers, evidence.Answer{Action: contact, Subject: string(kind), Calls: []string{id}})
			set.Contacts.Alternate = append(set.Contacts.Alternate, evidence.AlternateContact{
				Type: kind, Set: state == "set", Name: "김*지", Title: "팀장", Email: "s*@example.com", Phone: "**-78", Calls: []string{id}})
		default:
			set.Failures = append(set.Failures, evidence.Failure{CallID: id, Action: contact, Subject: string(kind), Region: "us-east-1", Code: state})
		}
	}
	return set
}

func TestACC02(t *testing.T) {
	states := func(security, billing, operations string) map[evidence.ContactType]string {
		return map[evidence.ContactType]string{evidence.ContactSecurity: security, evidence.ContactBilling: billing, evidence.ContactOperations: operations}
	}
	tests := []struct {
		name     string
		states   map[evidence.ContactType]string
		change   func(*evidence.Set)
		want     Verdict
		reason   string
		findings string // resource=status, in order
		note     string
	}{
		{"all set", states("set", "set", "set"), nil, Good, "3건 중 3건이 등록", "SECURITY=good BILLING=good OPERATIONS=good", ""},
		{"one missing", states("set", "missing", "set"), nil, Vulnerable, "3건 중 2건이 등록되어 있음(미등록: 결제)", "BILLING=vulnerable SECURITY=good OPERATIONS=good", ""},
		{"none set", states("missing", "missing", "missing"), nil, Vulnerable, "3건 중 0건", "SECURITY=vulnerable BILLING=vulnerable OPERATIONS=vulnerable", ""},
		{"denied is not 'not set'", states("AccessDeniedException", "set", "set"), nil, Unknown, "account:GetAlternateContact(SECURITY, us-east-1) 조회 실패 AccessDeniedException", "SECURITY=unknown BILLING=good OPERATIONS=good", ""},
		{"denied, another missing", states("AccessDeniedException", "missing", "set"), nil, Vulnerable, "(미등록: 결제)(조회 불가: 보안)", "BILLING=vulnerable SECURITY=unknown OPERATIONS=good", "AccessDeniedException"},
		{"all denied", states("AccessDeniedException", "AccessDeniedException", "AccessDeniedException"), nil, Unknown, "OPERATIONS", "SECURITY=unknown BILLING=unknown OPERATIONS=unknown", ""},
		{"one type never asked", states("set", "set", "set"), func(s *evidence.Set) { s.Contacts.Alternate = s.Contacts.Alternate[:2] }, Unknown, "", "OPERATIONS=unknown SECURITY=good BILLING=good", ""},
		{"nothing collected", states("set", "set", "set"), func(s *evidence.Set) { s.Contacts, s.Answers = nil, nil }, Unknown, "수집되지 않음", "SECURITY=unknown BILLING=unknown OPERATIONS=unknown", ""},
		{"primary contact denied", states("set", "set", "set"), func(s *evidence.Set) {
			s.Contacts.RootRead = false
			s.Answers = s.Answers[1:]
			s.Failures = append(s.Failures, evidence.Failure{CallID: "primary", Action: primary, Code: "AccessDeniedException"})
		}, Good, "3건 중 3건", "SECURITY=good BILLING=good OPERATIONS=good", "계정 기본 연락처 조회 불가(AccessDeniedException)"},
		{"one person for two", states("set", "set", "set"), func(s *evidence.Set) {
			s.Contacts.Alternate[0].SameAs = []evidence.ContactType{evidence.ContactOperations}
			s.Contacts.Alternate[2].SameAs = []evidence.ContactType{evidence.ContactSecurity}
		}, Good, "3건 중 3건", "SECURITY=good BILLING=good OPERATIONS=good", "보안 연락처와 운영 연락처의"},
		{"equal to the primary", states("set", "set", "set"), func(s *evidence.Set) { s.Contacts.Alternate[1].SameAsRoot = true }, Good, "", "SECURITY=good BILLING=good OPERATIONS=good", "결제 연락처의 이름 또는 전화번호가 계정 기본 연락처와 같음"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := contactSet(tt.states)
			if tt.change != nil {
				tt.change(set)
			}
			r := result(t, "ACC-02", set, defaults(t))
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Resource+"="+string(f.Status))
			}
			if r.Auto != tt.want || strings.Join(got, " ") != tt.findings {
				t.Errorf("item %s, findings %q; want %s, %q", r.Auto, got, tt.want, tt.findings)
			}
			if !strings.Contains(r.Reason, tt.reason) {
				t.Errorf("reason %q, want %q in it", r.Reason, tt.reason)
			}
			notes := strings.Join(r.Notes, "\n")
			if !strings.Contains(notes, tt.note) || tt.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, tt.note)
			}
		})
	}
}

// A note about a pair is told once.
func TestACC02PairIsToldOnce(t *testing.T) {
	set := contactSet(map[evidence.ContactType]string{evidence.ContactSecurity: "set", evidence.ContactBilling: "set", evidence.ContactOperations: "set"})
	for i := range set.Contacts.Alternate {
		for _, kind := range evidence.ContactTypes {
			if kind != set.Contacts.Alternate[i].Type {
				set.Contacts.Alternate[i].SameAs = append(set.Contacts.Alternate[i].SameAs, kind)
			}
		}
	}
	if notes := result(t, "ACC-02", set, defaults(t)).Notes; len(notes) != 3 {
		t.Errorf("notes %q, want one for each of three pairs", notes)
	}
}

// G6: an exception flags a finding and changes no verdict; its last day counts.
func TestExceptions(t *testing.T) {
	day := func(s string) settings.Date {
		d, err := strictyaml.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	entry := func(change func(*settings.Exception)) settings.Config {
		e := settings.Exception{Account: "123456789012", Item: "IAM-01", Resource: "bad", Expires: day("2026-11-24")}
		change(&e)
		cfg := defaults(t)
		cfg.Exceptions = []settings.Exception{e}
		return cfg
	}
	tests := []struct {
		name             string
		change           func(*settings.Exception)
		flagged, expired bool
	}{
		{"last day", func(*settings.Exception) {}, true, false},
		{"a day over", func(e *settings.Exception) { e.Expires = day("2026-11-23") }, true, true},
		{"other account", func(e *settings.Exception) { e.Account = "210987654321" }, false, false},
		{"other item", func(e *settings.Exception) { e.Item = "KEY-01" }, false, false},
		{"other user", func(e *settings.Exception) { e.Resource = "Bad" }, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := result(t, "IAM-01", iamSet(evidence.User{Name: "bad", Attached: ref("Allow")}), entry(tt.change))
			got := r.Findings[0].Exception
			if (got != nil) != tt.flagged || got != nil && got.Expired != tt.expired {
				t.Errorf("exception %+v, want flagged %v, expired %v", got, tt.flagged, tt.expired)
			}
			if r.Auto != Vulnerable {
				t.Errorf("the verdict became %s", r.Auto)
			}
		})
	}
}

// G9: the fold over every pair of statuses.
func TestFold(t *testing.T) {
	order := []Verdict{Vulnerable, Unknown, Interview, Good, NA}
	if got := fold(nil); got != NA {
		t.Errorf("nothing to check folds to %s", got)
	}
	for i, a := range order {
		for j, b := range order {
			if got := fold([]Finding{{Status: a}, {Status: b}}); got != order[min(i, j)] {
				t.Errorf("%s with %s folds to %s", a, b, got)
			}
		}
	}
}

// Evidence that is missing although its questions read as answered is no verdict:
// never 해당 없음.
func TestAnsweredWithoutFacts(t *testing.T) {
	set := &evidence.Set{Account: evidence.Account{ID: "123456789012"}, CollectedAt: collected}
	for _, it := range catalog(t).Items {
		for _, e := range it.Evidence {
			set.Answers = append(set.Answers, evidence.Answer{Action: e.Call})
		}
	}
	for _, r := range Decide(catalog(t), set, defaults(t)) {
		if r.Auto != Unknown || r.Reason == "" {
			t.Errorf("%s: %s (%s)", r.Item.ID, r.Auto, r.Reason)
		}
	}
}

// A failure that a rule tells of itself hides no other gap.
func TestToldFailureHidesNoGap(t *testing.T) {
	set := failed(consoleSet(user("held", deny1(office))), "signin:GetResourcePolicy", "AccessDenied")
	set.Answers = slices.DeleteFunc(set.Answers, func(a evidence.Answer) bool { return a.Action == details })
	if r := judge(t, "CON-02", set, defaults(t)); r.Auto != Unknown || !strings.Contains(r.Reason, details+" 수집되지 않음") {
		t.Errorf("%s (%s)", r.Auto, r.Reason)
	}
}

// Offenders stand first, and within a status the order of the evidence stays.
func TestOffendersFirst(t *testing.T) {
	set := iamSet(evidence.User{Name: "a"}, evidence.User{Name: "b", Attached: ref("Allow")}, evidence.User{Name: "c", Attached: ref("Missing")},
		evidence.User{Name: "d", Attached: ref("Allow")}, evidence.User{Name: "e"})
	var got []string
	for _, f := range result(t, "IAM-01", set, defaults(t)).Findings {
		got = append(got, f.Resource)
	}
	if s := strings.Join(got, " "); s != "b d c a e" {
		t.Errorf("order %s", s)
	}
}

// defaults is the configuration without a file.
func defaults(t testing.TB) settings.Config {
	t.Helper()
	std, err := settings.ParseStandard(templates.FS.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	return settings.Default(std)
}

// Evidence of two accounts is evidence of none: credentials may have changed
// between two questions.
func TestAnotherAccountsEvidence(t *testing.T) {
	const other = "arn:aws:iam::210987654321:"
	for name, mix := range map[string]func(*evidence.Set){
		"a user":  func(s *evidence.Set) { s.IAM.Users[0].ARN = other + "user/a" },
		"a group": func(s *evidence.Set) { s.IAM.Groups[0].ARN = other + "group/dev" },
		"a role":  func(s *evidence.Set) { s.IAM.Roles = []evidence.Role{{Name: "r", ARN: other + "role/r"}} },
		"a row of the credential report": func(s *evidence.Set) {
			s.CredentialReport = &evidence.CredentialReport{Rows: []evidence.CredentialRow{{User: evidence.RootAccount, ARN: other + "root"}}}
		},
		"a rule": func(s *evidence.Set) {
			s.Alarms = &evidence.Alarms{Rules: []evidence.EventRule{{ARN: "arn:aws:events:us-east-1:210987654321:rule/r"}}}
		},
		"an alarm": func(s *evidence.Set) {
			s.Alarms = &evidence.Alarms{MetricAlarms: []evidence.MetricAlarm{{ARN: "arn:aws:cloudwatch:us-east-1:210987654321:alarm:a"}}}
		},
	} {
		set := iamSet(evidence.User{Name: "a"})
		if r := judge(t, "IAM-01", set, defaults(t)); r.Auto != Good {
			t.Fatalf("%s: %s before", name, r.Auto)
		}
		mix(set)
		if r := judge(t, "IAM-01", set, defaults(t)); r.Auto != Unknown || !strings.Contains(r.Reason, "수집한 계정(123456789012)이 아닌 계정의 자원이 증적에 있음") {
			t.Errorf("%s: %s (%s)", name, r.Auto, r.Reason)
		}
	}
}

// A list of regions that lacks what every list has, or what the account's own facts
// name, hides what is there; a report of another time says nothing of now.
func TestListsAndReportsThatCannotBeTrue(t *testing.T) {
	whole := func() *evidence.Set {
		set := watchSet()
		set.Caller.ARN = "arn:aws:iam::" + auditee + ":user/auditor"
		return set
	}
	if got := shortRegions(whole()); len(got) > 0 {
		t.Errorf("a whole list: %q", got)
	}
	drop := func(set *evidence.Set, name string) *evidence.Set {
		set.Regions.All = slices.DeleteFunc(slices.Clone(set.Regions.All), func(r evidence.Region) bool { return r.Name == name })
		return set
	}
	home := whole()
	home.Trails = []evidence.Trail{{Own: true, HomeRegion: "eu-west-9"}}
	session := whole()
	session.Answers = append(session.Answers, evidence.Answer{Action: "sts:GetCallerIdentity", Region: "eu-west-8"})
	for want, set := range map[string]*evidence.Set{"us-east-2": drop(whole(), "us-east-2"), "eu-west-9": home, "eu-west-8": session} {
		if got := strings.Join(shortRegions(set), ""); !strings.Contains(got, "있어야 할 리전이 없음: "+want) {
			t.Errorf("%s: %q", want, got)
		}
	}
	for age, bad := range map[time.Duration]bool{0: false, 4 * time.Hour: false, 5 * time.Hour: true, 24 * 365 * time.Hour: true, -5 * time.Hour: true} {
		set := reportSet(evidence.CredentialRow{User: "u", Keys: [2]evidence.ReportKey{key("true", ago(day), ago(time.Hour))}})
		set.CollectedAt = set.CredentialReport.Generated.Add(age)
		if r := judge(t, "KEY-02", set, defaults(t)); (r.Auto == Unknown) != bad {
			t.Errorf("a report of %v before: %s (%s)", age, r.Auto, r.Reason)
		}
	}
	// Where the list of users was not read, the account's count holds the report's rows.
	set := reportSet(evidence.CredentialRow{User: "u", Keys: [2]evidence.ReportKey{key("true", ago(day), ago(time.Hour))}})
	set.IAM = &evidence.IAM{Summary: map[string]int{"Users": 3}}
	if r := judge(t, "KEY-02", set, defaults(t)); r.Auto != Unknown || !strings.Contains(r.Reason, "자격 증명 보고서 1명, iam:GetAccountSummary 3명") {
		t.Errorf("a report of fewer users: %s (%s)", r.Auto, r.Reason)
	}
}
