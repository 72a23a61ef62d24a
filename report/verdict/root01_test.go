package verdict

import (
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/settings"
)

// rootSet is an account whose root was never used, with everything asked.
func rootSet(change ...func(*evidence.Set)) *evidence.Set {
	set := reportSet(evidence.CredentialRow{User: evidence.RootAccount, PasswordUsed: word("no_information")})
	set.RootEvents = &evidence.RootEvents{From: collected.Add(-90 * day), To: collected}
	set.Regions = &evidence.Regions{Read: true}
	for _, r := range append([]string{"ap-northeast-2"}, evidence.SignInRegions...) {
		set.Regions.All = append(set.Regions.All, evidence.Region{Name: r, Scope: evidence.ScopeFull})
		set.Answers = append(set.Answers, evidence.Answer{Action: lookupEvents, Subject: "Username=root", Region: r, Calls: []string{"lookup-" + r}})
	}
	for _, a := range []string{"iam:ListAccountAliases", "ec2:DescribeRegions"} {
		set.Answers = append(set.Answers, evidence.Answer{Action: a, Region: "us-east-1", Calls: []string{a}})
	}
	for _, c := range change {
		c(set)
	}
	return set
}

// rootRowWith changes the root row of the report.
func rootRowWith(change func(*evidence.CredentialRow)) func(*evidence.Set) {
	return func(s *evidence.Set) { change(&s.CredentialReport.Rows[0]) }
}

// happened adds an event that root made so long before the collection.
func happened(ago time.Duration, change ...func(*evidence.RootEvent)) func(*evidence.Set) {
	return func(s *evidence.Set) {
		e := evidence.RootEvent{
			ID: "id-" + ago.String(), At: collected.Add(-ago), Name: "ConsoleLogin", Source: signInSource, Type: "AwsConsoleSignIn",
			Region: "us-east-1", SourceIP: "203.0.113.7", UserAgent: "Mozilla/5.0", MFA: "Yes", Calls: []string{"lookup-us-east-1"},
		}
		for _, c := range change {
			c(&e)
		}
		s.RootEvents.Events = append(s.RootEvents.Events, e)
		slices.SortFunc(s.RootEvents.Events, func(a, b evidence.RootEvent) int { return a.At.Compare(b.At) })
	}
}

func failedEvent(e *evidence.RootEvent) { e.Failed, e.ErrorCode = true, "Failed authentication" }

func apiCall(source, name string) func(*evidence.RootEvent) {
	return func(e *evidence.RootEvent) { e.Source, e.Name, e.Type = source, name, "AwsApiCall" }
}

func keyed(e *evidence.RootEvent) { e.AccessKeyed = true }

func since(n int, t *testing.T) settings.Config {
	cfg := defaults(t)
	cfg.Thresholds.RootUsagePeriod.Days = n
	return cfg
}

// judgeBy runs a rule through the driver with the item's own evidence list.
func judgeBy(t *testing.T, id string, r rule, set *evidence.Set, cfg settings.Config) Result {
	t.Helper()
	for _, it := range catalog(t).Items {
		if it.ID == id {
			return decide(it, r, set, cfg)
		}
	}
	t.Fatalf("no item %s", id)
	return Result{}
}

func listed(findings []Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Resource+"="+string(f.Status))
	}
	return strings.Join(out, " ")
}

const (
	today   = "root/2026-11-24" // the KST day of the collection
	account = evidence.RootAccount
)

func TestROOT01(t *testing.T) {
	used := func(ago time.Duration) evidence.Stamp { at := collected.Add(-ago); return evidence.Stamp{At: &at} }
	tests := []struct {
		name     string
		days     int // of the period; 0: the default
		change   []func(*evidence.Set)
		want     Verdict
		findings string
		reason   string // of the first finding
		note     string // "": no note of disagreement
	}{
		{"no use in any source", 0, nil, Good, account + "=good", "사용 이벤트 0건, 자격 증명 보고서의 마지막 사용일(비밀번호 no_information, Access key 1 N/A, Access key 2 N/A)", ""},
		{"key used today, password last used 300 days ago", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) {
			r.PasswordUsed, r.Keys[0].Used, r.Keys[0].UsedService, r.Keys[0].UsedRegion = used(300*day), used(4*time.Hour), "s3", "ap-northeast-2"
		})}, Interview, today + "=interview", "자격 증명 보고서의 Access key 1 마지막 사용일(2026-11-24 10:00:00 KST, 서비스 s3)에 따라", "Access key 1 마지막 사용일(2026-11-24 10:00:00 KST)과 같은 날(KST)의 장기 Access key 사용 이벤트가 이벤트 기록에 없음"},
		{"password never used, second key used today", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) {
			r.PasswordUsed, r.Keys[1].Used = word("N/A"), used(4*time.Hour)
		}), happened(4*time.Hour, apiCall("s3.amazonaws.com", "ListBuckets"), keyed)}, Interview, today + "=interview", "Access key 2 마지막 사용일", ""},
		{"the three dates on three days", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) {
			r.PasswordUsed, r.Keys[0].Used, r.Keys[1].Used = used(3*day), used(2*day), used(4*time.Hour)
		})}, Interview, today + "=interview root/2026-11-22=interview root/2026-11-21=interview", "Access key 2", "출처 간 차이"},
		{"seen on one day in two sources", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = used(5 * day) }), happened(5 * day)},
			Interview, "root/2026-11-19=interview", "CloudTrail 이벤트 1건(ConsoleLogin; 서비스 signin.amazonaws.com; 소스 IP 203.0.113.7), 자격 증명 보고서의 비밀번호 마지막 사용일", ""},
		{"several days, newest first", 0, []func(*evidence.Set){happened(40 * day), happened(30 * day), happened(50 * day), happened(30*day - time.Second), rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = used(30 * day) })},
			Interview, "root/2026-10-25=interview root/2026-10-15=interview root/2026-10-05=interview", "CloudTrail 이벤트 2건", ""},
		{"a day begins at midnight in Korea", 0, []func(*evidence.Set){happened(14*time.Hour, apiCall("s3.amazonaws.com", "X")), happened(14*time.Hour+time.Second, apiCall("s3.amazonaws.com", "X"))}, Interview, today + "=interview root/2026-11-23=interview", "", ""},
		{"made by a service in root's name", 0, []func(*evidence.Set){happened(day, apiCall("kms.amazonaws.com", "Decrypt"), func(e *evidence.RootEvent) { e.InvokedBy = "s3.amazonaws.com" })}, Good, account + "=good", "0건", ""},
		{"a service event", 0, []func(*evidence.Set){happened(day, func(e *evidence.RootEvent) { e.Type = "AwsServiceEvent" })}, Good, account + "=good", "0건", ""},
		{"a person in the console is no service", 0, []func(*evidence.Set){happened(time.Hour, apiCall("ec2.amazonaws.com", "RunInstances"), func(e *evidence.RootEvent) { e.InvokedBy = signInSource })}, Interview, today + "=interview", "RunInstances", ""},
		{"an IAM user merely named root", 0, []func(*evidence.Set){func(s *evidence.Set) { s.RootEvents.Others = 12 }}, Good, account + "=good", "", ""},
		{"failed sign-ins are not use", 0, []func(*evidence.Set){happened(day, failedEvent), happened(2*day, failedEvent)}, Good, account + "=good", "", ""},
		{"the steps before a failed sign-in are not use", 0, []func(*evidence.Set){happened(day, failedEvent), happened(day+time.Second, func(e *evidence.RootEvent) { e.Name = "CheckMfa" }), happened(2*day, func(e *evidence.RootEvent) { e.Name = "PasswordRecoveryRequested" })}, Good, account + "=good", "", ""},
		{"a reset password is use", 0, []func(*evidence.Set){happened(time.Hour, func(e *evidence.RootEvent) { e.Name = "PasswordRecoveryCompleted" })}, Interview, today + "=interview", "PasswordRecoveryCompleted", ""},
		{"a call that AWS refused is use", 0, []func(*evidence.Set){happened(time.Hour, apiCall("s3.amazonaws.com", "GetBucketPolicy"), func(e *evidence.RootEvent) { e.Failed, e.ErrorCode = true, "AccessDenied" })}, Interview, today + "=interview", "GetBucketPolicy", ""},
		{"exactly at the boundary", 0, []func(*evidence.Set){happened(90*day, apiCall("s3.amazonaws.com", "X"))}, Interview, "root/2026-08-26=interview", "1건", ""},
		{"a second before the boundary", 0, []func(*evidence.Set){happened(90*day+time.Second, apiCall("s3.amazonaws.com", "X"))}, Good, account + "=good", "0건", ""},
		{"last use exactly at the boundary", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = used(90 * day) })}, Interview, "root/2026-08-26=interview", "비밀번호", "콘솔 로그인 이벤트가 이벤트 기록에 없음"},
		{"last use a second before the boundary", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = used(90*day + time.Second) })}, Good, account + "=good", "비밀번호 2026-08-26 13:59:59 KST", ""},
		{"a shorter period leaves older events out", 30, []func(*evidence.Set){happened(31*day, apiCall("s3.amazonaws.com", "X")), happened(90*day, apiCall("s3.amazonaws.com", "X"))}, Good, account + "=good", "이벤트 조회 기간 30일", ""},
		{"a longer period without use rests on the report", 365, nil, Interview, account + "=interview", "이벤트 기록은 2026-08-26 14:00:00 KST ~ 2026-11-24 14:00:00 KST만 조회되어", ""},
		{"use before the history, seen in the report only", 365, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = used(300 * day) })}, Interview, "root/2026-01-28=interview " + account + "=interview", "이벤트 기록이 조회되지 않은 시각임", ""},
		{"a key whose service the report does not tell", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.Keys[0].Used = used(5 * day) })}, Interview, "root/2026-11-19=interview", "마지막 사용일(2026-11-19 14:00:00 KST)에 따라", "장기 Access key 사용 이벤트가 이벤트 기록에 없음(데이터 이벤트는 이벤트 기록에 남지 않음)"},
		{"a history that was asked for less than the period", 0, []func(*evidence.Set){func(s *evidence.Set) { s.RootEvents.From = collected.Add(-30 * day) }}, Interview, account + "=interview", "2026-10-25", ""},
		{"a history that ends before the collection", 0, []func(*evidence.Set){func(s *evidence.Set) { s.RootEvents.To = collected.Add(-day) }}, Interview, account + "=interview", "2026-11-23", ""},
		{"a date of no form we know", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.Keys[1].Used = word("02/01/2026") })}, Unknown, account + "=unknown", "root Access key 2 마지막 사용일(02/01/2026)을 해석할 수 없음", ""},
		{"an empty date", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = word("") })}, Unknown, account + "=unknown", "비밀번호 마지막 사용일(빈 값)", ""},
		{"a date after the report", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = used(time.Hour) })}, Unknown, today + "=interview " + account + "=unknown", "비밀번호", "출처 간 차이"},
		{"an unreadable date beside proved use", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.Keys[0].Used = word("soon") }), happened(time.Hour)}, Unknown, today + "=interview " + account + "=unknown", "CloudTrail 이벤트 1건", ""},
		{"no root row", 0, []func(*evidence.Set){rootRowWith(func(r *evidence.CredentialRow) { r.User = "root" })}, Unknown, account + "=unknown", "root 행이 없음", ""},
		{"an event after the report was made is no disagreement", 0, []func(*evidence.Set){happened(time.Hour)}, Interview, today + "=interview", "", ""},
		{"an event that the report should have known", 0, []func(*evidence.Set){happened(10 * day), rootRowWith(func(r *evidence.CredentialRow) { r.PasswordUsed = used(200 * day) })}, Interview, "root/2026-11-14=interview", "", "2026-11-14 14:00:00 KST에 콘솔 로그인 이벤트가 있으나 자격 증명 보고서의 비밀번호 마지막 사용일은 2026-05-08 14:00:00 KST임"},
		{"a key's event that no slot knows", 0, []func(*evidence.Set){happened(10*day, apiCall("s3.amazonaws.com", "X"), keyed)}, Interview, "root/2026-11-14=interview", "", "장기 Access key 사용 이벤트가 있으나 자격 증명 보고서의 Access key 1 마지막 사용일은 N/A임"},
		{"a key's event of one of two slots", 0, []func(*evidence.Set){happened(10*day, apiCall("s3.amazonaws.com", "X"), keyed), rootRowWith(func(r *evidence.CredentialRow) { r.Keys[1].Used = used(10 * day) })}, Interview, "root/2026-11-14=interview", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := defaults(t)
			if tt.days > 0 {
				cfg = since(tt.days, t)
			}
			set := rootSet(tt.change...)
			out := root01(Input{Evidence: set, Settings: cfg})
			if got := listed(out.Findings); fold(out.Findings) != tt.want || got != tt.findings || !strings.Contains(out.Findings[0].Reason, tt.reason) {
				t.Errorf("%s, findings %q (%s); want %s, %q with %q", fold(out.Findings), got, out.Findings[0].Reason, tt.want, tt.findings, tt.reason)
			}
			notes := strings.Join(out.Notes, "\n")
			if strings.Contains(notes, "출처 간 차이") != (tt.note != "") || !strings.Contains(notes, tt.note) {
				t.Errorf("notes %q, want %q", notes, tt.note)
			}
			if out.Population != len(out.Findings) || out.Reason == "" {
				t.Errorf("population %d, reason %q", out.Population, out.Reason)
			}
			if r := judgeBy(t, "ROOT-01", root01, set, cfg); r.Auto != tt.want || r.Checked > r.Population {
				t.Errorf("driver: %s (%s), %d of %d", r.Auto, r.Reason, r.Checked, r.Population)
			}
		})
	}
}

// G1: a look-up that failed where sign-ins are recorded leaves no 양호 behind.
func TestROOT01LookupFailed(t *testing.T) {
	lost := func(region, code string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.Answers = slices.DeleteFunc(s.Answers, func(a evidence.Answer) bool { return a.Action == lookupEvents && a.Region == region })
			s.Failures = append(s.Failures, evidence.Failure{CallID: "call-x", Action: lookupEvents, Subject: "Username=root", Region: region, Code: code})
		}
	}
	everywhere := func(s *evidence.Set) {
		s.RootEvents = nil
		for _, r := range s.Regions.All {
			lost(r.Name, "AccessDeniedException")(s)
		}
	}
	keyToday := rootRowWith(func(r *evidence.CredentialRow) { r.Keys[0].Used = ago(time.Hour) })
	tests := []struct {
		name     string
		change   []func(*evidence.Set)
		want     Verdict
		findings string // without the region's own demotion
		told     string // in the reason or the notes
	}{
		{"denied everywhere with a silent root row", []func(*evidence.Set){everywhere}, Unknown, account + "=unknown", "cloudtrail:LookupEvents(Username=root, us-east-1) 조회 실패 AccessDeniedException"},
		{"denied everywhere, use in the report", []func(*evidence.Set){everywhere, keyToday}, Unknown, account + "=unknown " + today + "=interview", "AccessDeniedException"},
		{"denied in one sign-in region", []func(*evidence.Set){lost("eu-north-1", "Throttling")}, Unknown, account + "=unknown", "eu-north-1) 조회 실패 Throttling"},
		{"denied in one sign-in region, use elsewhere", []func(*evidence.Set){lost("eu-north-1", "Throttling"), happened(time.Hour)}, Unknown, account + "=unknown " + today + "=interview", "eu-north-1"},
		{"failed before a region was known", []func(*evidence.Set){lost("", "SendError")}, Unknown, account + "=unknown", "SendError"},
		{"denied elsewhere is told", []func(*evidence.Set){lost("ap-northeast-2", "AccessDeniedException")}, Good, account + "=good", "ap-northeast-2) 조회 실패 AccessDeniedException"},
		{"never asked in a sign-in region", []func(*evidence.Set){func(s *evidence.Set) {
			s.Answers = slices.DeleteFunc(s.Answers, func(a evidence.Answer) bool { return a.Action == lookupEvents && a.Region == "us-east-2" })
		}}, Unknown, account + "=unknown", "cloudtrail:LookupEvents(us-east-2) 수집되지 않음"},
		{"report denied, no event", []func(*evidence.Set){func(s *evidence.Set) {
			s.CredentialReport = nil
			failed(s, "iam:GetCredentialReport", "AccessDenied")
		}}, Unknown, account + "=unknown", "iam:GetCredentialReport(us-east-1) 조회 실패 AccessDenied"},
		{"history not in the evidence although answered", []func(*evidence.Set){func(s *evidence.Set) { s.RootEvents = nil }}, Unknown, account + "=unknown", "이벤트 기록이 수집되지 않음"},
		{"aliases denied", []func(*evidence.Set){func(s *evidence.Set) { failed(s, "iam:ListAccountAliases", "AccessDenied") }}, Unknown, account + "=unknown", "iam:ListAccountAliases"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judgeBy(t, "ROOT-01", root01, rootSet(tt.change...), defaults(t))
			if got := listed(r.Findings); r.Auto != tt.want || got != tt.findings {
				t.Errorf("item %s (%s), findings %q; want %s, %q", r.Auto, r.Reason, got, tt.want, tt.findings)
			}
			if !strings.Contains(r.Reason+strings.Join(r.Notes, "\n"), tt.told) {
				t.Errorf("reason %q and notes %q lack %q", r.Reason, r.Notes, tt.told)
			}
		})
	}
	if out := root01(Input{Evidence: &evidence.Set{CollectedAt: collected}, Settings: defaults(t)}); out.Reason != "" || len(out.Findings) > 0 {
		t.Errorf("nothing collected: %+v", out)
	}
}

// Every event stands in the table with what it counts as, and the day's row shows
// the distinct values of its events.
func TestROOT01Tables(t *testing.T) {
	set := rootSet(happened(2*time.Hour), happened(time.Hour, apiCall("iam.amazonaws.com", "CreateUser"), func(e *evidence.RootEvent) { e.SourceIP, e.MFA = "198.51.100.9", "" }),
		happened(3*time.Hour, failedEvent), happened(4*time.Hour, func(e *evidence.RootEvent) { e.Name = "CheckMfa" }),
		happened(5*time.Hour, apiCall("kms.amazonaws.com", "Decrypt"), func(e *evidence.RootEvent) { e.InvokedBy = "s3.amazonaws.com" }),
		happened(91*day), func(s *evidence.Set) {
			s.RootEvents.Others = 3
			s.Regions.All[0].Scope, s.Regions.Reason = evidence.ScopeExcluded, "사용 금지"
		})
	r := judgeBy(t, "ROOT-01", root01, set, defaults(t))
	var counted []string
	for _, row := range r.Rows[eventsTable] {
		counted = append(counted, row["event"].Lines[0]+"="+strings.Join(row["counted"].Lines, "/"))
	}
	if got, want := strings.Join(counted, " "), "CreateUser=사용 ConsoleLogin=사용 ConsoleLogin=로그인 실패/오류 Failed authentication CheckMfa=로그인 시도 Decrypt=서비스 수행"; got != want {
		t.Errorf("events %q, want %q", got, want)
	}
	f := r.Findings[0]
	for key, want := range map[string]string{"event": "ConsoleLogin|CreateUser", "service": "signin.amazonaws.com|iam.amazonaws.com", "source_ip": "203.0.113.7|198.51.100.9", "mfa": "사용", "region": "us-east-1", "event_id": "id-2h0m0s|id-1h0m0s"} {
		if got := strings.Join(f.Cells[key].Lines, "|"); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if !f.Cells["time"].At.Equal(collected.Add(-2 * time.Hour)) {
		t.Errorf("time %v", f.Cells["time"].At)
	}
	if !strings.Contains(r.Reason, "root 계정을 사용한 날이 1일(이벤트 2건)") {
		t.Errorf("reason %q", r.Reason)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"'로그인 실패' 이벤트 1건", "'로그인 시도' 이벤트 1건", "'서비스 수행' 이벤트 1건", "root 계정이 아닌 IAM 사용자·세션의 이벤트 3건", "범위 제외로 이벤트 기록을 조회하지 않은 리전 1개: ap-northeast-2(사유: 사용 금지)"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q lack %q", notes, want)
		}
	}
	for _, table := range r.Item.Tables {
		for _, c := range table.Columns {
			if _, ok := r.Rows[eventsTable][0][c.Key]; !ok {
				t.Errorf("column %s is never filled", c.Key)
			}
		}
	}
}

// Sessions of central root access may carry another user name than root's or the
// alias: whoever looks by those says so where such sessions can be.
func TestROOT01CentralRoot(t *testing.T) {
	const missed = "사용자 이름(root, 현재의 별칭)으로 찾은 이벤트 기록에 나타나지 않을 수 있음"
	organization := func(member bool) func(*evidence.Set) {
		return func(s *evidence.Set) { s.Organization = &evidence.Organization{Member: member} }
	}
	features := func(list ...string) func(*evidence.Set) {
		return func(s *evidence.Set) {
			s.CentralRoot = &evidence.CentralRoot{Features: list, Calls: []string{"central"}}
		}
	}
	tests := []struct {
		name   string
		change []func(*evidence.Set)
		note   string // "": none
	}{
		{"on", []func(*evidence.Set){organization(true), features("RootCredentialsManagement", "RootSessions")}, "조직의 root 중앙 관리 기능이 켜져 있음(RootCredentialsManagement, RootSessions): "},
		{"a member that may not know", []func(*evidence.Set){organization(true)}, "조직의 root 중앙 관리 기능의 사용 여부를 확인하지 못함. 켜져 있으면 "},
		{"nothing known of an organization", nil, "조직의 root 중앙 관리 기능의 사용 여부를 확인하지 못함. 켜져 있으면 "},
		{"off", []func(*evidence.Set){organization(true), features()}, ""},
		{"no organization", []func(*evidence.Set){organization(false)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judgeBy(t, "ROOT-01", root01, rootSet(tt.change...), defaults(t))
			notes := strings.Join(r.Notes, "\n")
			if r.Auto != Good || strings.Contains(notes, missed) != (tt.note != "") || !strings.Contains(notes, tt.note) {
				t.Errorf("%s, notes %q; want %q", r.Auto, notes, tt.note)
			}
		})
	}
	set := rootSet(organization(true), features("RootSessions"))
	set.Answers = append(set.Answers, evidence.Answer{Action: "iam:ListOrganizationsFeatures", Region: "us-east-1", Calls: []string{"central"}})
	if r := judgeBy(t, "ROOT-01", root01, set, defaults(t)); !slices.Contains(r.CallIDs, "central") {
		t.Errorf("the note rests on no call: %q", r.CallIDs)
	}
	failed(set, "iam:ListOrganizationsFeatures", "AccessDenied")
	set.CentralRoot = nil
	if r := judgeBy(t, "ROOT-01", root01, set, defaults(t)); r.Auto != Good {
		t.Errorf("the call is optional: %s (%s)", r.Auto, r.Reason)
	}
}

func TestDistinct(t *testing.T) {
	if got := strings.Join(distinct(strings.Fields("a b a c d e f g")), "|"); got != "a|b|c|d|e 외 2개" {
		t.Errorf("distinct %q", got)
	}
	if got := distinctText([]string{"", ""}); got != "기록 없음" {
		t.Errorf("of nothing %q", got)
	}
}
