package verdict

import (
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/settings"
)

// generated is the report's own time: ages count from here, not from the collection.
var generated = collected.Add(-3 * time.Hour)

func ago(d time.Duration) evidence.Stamp {
	at := generated.Add(-d)
	return evidence.Stamp{At: &at}
}

func word(w string) evidence.Stamp { return evidence.Stamp{Word: w} }

const day = 24 * time.Hour

var none = evidence.ReportKey{Active: evidence.FlagFalse, Rotated: word("N/A"), Used: word("N/A"), UsedRegion: "N/A", UsedService: "N/A"}

func key(active evidence.Flag, rotated, used evidence.Stamp) evidence.ReportKey {
	return evidence.ReportKey{Active: active, Rotated: rotated, Used: used}
}

func reportSet(rows ...evidence.CredentialRow) *evidence.Set {
	for i := range rows {
		rows[i].ARN = "arn:aws:iam::123456789012:user/" + rows[i].User
		for j := range rows[i].Keys {
			if rows[i].Keys[j] == (evidence.ReportKey{}) {
				rows[i].Keys[j] = none
			}
		}
	}
	return &evidence.Set{
		Account: evidence.Account{ID: "123456789012"}, CollectedAt: collected,
		Answers: []evidence.Answer{
			{Action: "iam:GenerateCredentialReport", Calls: []string{"generate"}}, {Action: "iam:GetCredentialReport", Calls: []string{"report"}},
		},
		CredentialReport: &evidence.CredentialReport{Generated: generated, Rows: rows, Calls: []string{"report"}},
	}
}

// judge runs one rule through the driver, whether the catalogue has it planned or not.
func judge(t *testing.T, id string, set *evidence.Set, cfg settings.Config) Result {
	t.Helper()
	for _, it := range catalog(t).Items {
		if it.ID == id {
			return decide(it, rules[id], set, cfg)
		}
	}
	t.Fatalf("no item %s", id)
	return Result{}
}

func withRule(t *testing.T) settings.Config {
	cfg := defaults(t)
	cfg.Thresholds.AccessKeyRotation.Rule, cfg.Thresholds.AccessKeyRotation.Clause = "정보보안지침", "제21조"
	return cfg
}

func TestKEY01Key(t *testing.T) {
	tests := []struct {
		name   string
		key    evidence.ReportKey
		ruled  bool
		want   Verdict
		reason string
	}{
		{"200 days old", key("true", ago(200*day), word("N/A")), true, Vulnerable, "200일이 지나 기준 90일을 초과함"},
		{"exactly at the threshold", key("true", ago(90*day), word("N/A")), true, Good, "90일로 기준 90일 이내임"},
		{"a second short of a day over", key("true", ago(91*day-time.Second), word("N/A")), true, Good, "90일로"},
		{"a day over", key("true", ago(91*day), word("N/A")), true, Vulnerable, "91일이 지나"},
		{"young with a rule", key("true", ago(time.Hour), word("N/A")), true, Good, "0일로"},
		{"young without a rule", key("true", ago(time.Hour), word("N/A")), false, Interview, "내부 규정(문서명·조항)이 설정되지 않아"},
		{"old without a rule", key("true", ago(100*day), word("N/A")), false, Vulnerable, "100일이 지나"},
		{"inactive and old", key("false", ago(400*day), word("N/A")), true, NA, "비활성 Access key"},
		{"inactive, used once", key("false", word("N/A"), ago(400*day)), true, NA, "비활성 Access key"},
		{"no date", key("true", word("N/A"), word("N/A")), true, Unknown, "해석할 수 없어"},
		{"no_information date", key("true", word("no_information"), word("N/A")), true, Unknown, "해석할 수 없어"},
		{"a date of no form we know", key("true", word("02/01/2026"), word("N/A")), true, Unknown, "해석할 수 없어"},
		{"rotated after the report", key("true", ago(-time.Second), word("N/A")), true, Unknown, "해석할 수 없어"},
		{"activity not told", key("not_supported", ago(10*day), word("N/A")), true, Unknown, "해석할 수 없어"},
		{"activity empty", key("", ago(10*day), word("N/A")), true, Unknown, "해석할 수 없어"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := defaults(t)
			if tt.ruled {
				cfg = withRule(t)
			}
			r := judge(t, "KEY-01", reportSet(evidence.CredentialRow{User: "u", Keys: [2]evidence.ReportKey{tt.key}}), cfg)
			if len(r.Findings) != 1 || r.Findings[0].Resource != "u/key-1" {
				t.Fatalf("findings %+v", r.Findings)
			}
			if f := r.Findings[0]; f.Status != tt.want || r.Auto != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("finding %s, item %s (%s), want %s with %q", f.Status, r.Auto, f.Reason, tt.want, tt.reason)
			}
		})
	}
}

func TestKEY01Item(t *testing.T) {
	root := evidence.CredentialRow{User: evidence.RootAccount, Keys: [2]evidence.ReportKey{key("true", ago(999*day), word("N/A"))}}
	tests := []struct {
		name     string
		rows     []evidence.CredentialRow
		want     Verdict
		findings string
	}{
		{"root's own key is not of this item", []evidence.CredentialRow{root}, NA, ""},
		{"root plus one user without keys", []evidence.CredentialRow{root, {User: "a"}}, NA, ""},
		{"a user named root is a user", []evidence.CredentialRow{root, {User: "root", Keys: [2]evidence.ReportKey{key("true", ago(91*day), word("N/A"))}}}, Vulnerable, "root/key-1=vulnerable"},
		{"key 1 inactive, key 2 active 400 days", []evidence.CredentialRow{{User: "a", Keys: [2]evidence.ReportKey{key("false", ago(500*day), word("N/A")), key("true", ago(400*day), word("N/A"))}}}, Vulnerable, "a/key-2=vulnerable a/key-1=na"},
		{"key 2 alone", []evidence.CredentialRow{{User: "a", Keys: [2]evidence.ReportKey{{}, key("true", ago(day), word("N/A"))}}}, Good, "a/key-2=good"},
		{"only inactive keys", []evidence.CredentialRow{{User: "a", Keys: [2]evidence.ReportKey{key("false", ago(day), word("N/A"))}}}, NA, "a/key-1=na"},
		{"one unreadable among good ones", []evidence.CredentialRow{{User: "a", Keys: [2]evidence.ReportKey{key("true", ago(day), word("N/A"))}}, {User: "b", Keys: [2]evidence.ReportKey{key("true", word(""), word("N/A"))}}}, Unknown, "b/key-1=unknown a/key-1=good"},
		{"one unreadable beside an old one", []evidence.CredentialRow{{User: "a", Keys: [2]evidence.ReportKey{key("true", ago(99*day), word("N/A"))}}, {User: "b", Keys: [2]evidence.ReportKey{key("true", word(""), word("N/A"))}}}, Vulnerable, "a/key-1=vulnerable b/key-1=unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(t, "KEY-01", reportSet(tt.rows...), withRule(t))
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Resource+"="+string(f.Status))
			}
			if r.Auto != tt.want || strings.Join(got, " ") != tt.findings {
				t.Errorf("item %s (%s), findings %q; want %s, %q", r.Auto, r.Reason, got, tt.want, tt.findings)
			}
			if r.Auto == Unknown && !strings.Contains(r.Reason, "판정할 수 없음") || r.Checked > r.Population {
				t.Errorf("reason %q, %d of %d checked", r.Reason, r.Checked, r.Population)
			}
		})
	}
}

// The report shows two keys; of more it gives a note. What it can't show is asked.
func TestAdditionalKeys(t *testing.T) {
	const info = "1 additional access key"
	fresh := [2]evidence.ReportKey{key("true", ago(day), ago(time.Hour))}
	old := [2]evidence.ReportKey{key("true", ago(200*day), ago(200*day))}
	live := []evidence.User{{Name: "a", ARN: "arn:aws:iam::123456789012:user/a", Created: generated.AddDate(-1, 0, 0)}}
	tests := []struct {
		name       string
		rows       []evidence.CredentialRow
		users      []evidence.User
		want       Verdict
		findings   string
		population int
		reason     string // of the item
	}{
		{"nothing additional", []evidence.CredentialRow{{User: "a", Keys: fresh}}, live, Good, "a/key-1=good", 1, "1개 모두"},
		{"beside a good key", []evidence.CredentialRow{{User: "a", Keys: fresh, Additional: info}}, live, Interview, "a/additional=interview a/key-1=good", 2,
			"1개 모두"},
		{"beside an old key", []evidence.CredentialRow{{User: "a", Keys: old, Additional: info}}, live, Vulnerable, "a/key-1=vulnerable a/additional=interview", 2, "1개 중 1개"},
		{"of a user whose slots are empty", []evidence.CredentialRow{{User: "a", Additional: info}}, live, Interview, "a/additional=interview", 1, "없음"},
		{"root's is not of these items", []evidence.CredentialRow{{User: evidence.RootAccount, Additional: info}, {User: "a", Keys: fresh}}, live, Good, "a/key-1=good", 1, "1개 모두"},
		{"of a deleted user", []evidence.CredentialRow{{User: "gone", Additional: info}, {User: "a", Keys: fresh}}, live, Good, "a/key-1=good gone/additional=na", 1, "1개 모두"},
	}
	for _, tt := range tests {
		for _, id := range []string{"KEY-01", "KEY-02"} {
			t.Run(id+" "+tt.name, func(t *testing.T) {
				set := reportSet(tt.rows...)
				set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountAuthorizationDetails"})
				set.IAM = &evidence.IAM{Users: tt.users, Summary: map[string]int{"Users": len(tt.users)}}
				r := judge(t, id, set, withRule(t))
				if got := listed(r.Findings); r.Auto != tt.want || got != tt.findings || r.Population != tt.population || r.Checked > r.Population {
					t.Errorf("%s, findings %q, population %d, %d checked; want %s, %q, %d", r.Auto, got, r.Population, r.Checked, tt.want, tt.findings, tt.population)
				}
				const told = "추가 Access key 또는 인증서가 표시된 사용자 1명의 확인이 필요함"
				if asked := strings.Contains(tt.findings, "additional=interview"); !strings.Contains(r.Reason, tt.reason) || strings.Contains(r.Reason, told) != asked {
					t.Errorf("reason %q", r.Reason)
				}
				for _, f := range r.Findings {
					if strings.HasSuffix(f.Resource, "a/additional") && (!strings.Contains(f.Reason, "additional_credentials_info: "+info) || f.ARN == "" || len(f.CallIDs) == 0) {
						t.Errorf("finding %+v", f)
					}
				}
			})
		}
	}
}

func TestKEY02Key(t *testing.T) {
	tests := []struct {
		name   string
		key    evidence.ReportKey
		want   Verdict // "" = not listed
		reason string
	}{
		{"never used, 200 days old", key("true", ago(200*day), word("N/A")), Vulnerable, "생성·변경 후 200일 동안 사용 이력이 없어"},
		{"never used, exactly at the threshold", key("true", ago(45*day), word("N/A")), Vulnerable, "45일 동안"},
		{"never used, a second short", key("true", ago(45*day-time.Second), word("N/A")), Good, "신규 Access key로 생성·변경 후 44일"},
		{"last used exactly at the threshold", key("true", ago(300*day), ago(45*day)), Vulnerable, "최종 사용 후 45일"},
		{"last used a second short", key("true", ago(300*day), ago(45*day-time.Second)), Good, "최종 사용 후 44일"},
		{"used today", key("true", ago(300*day), ago(time.Hour)), Good, "최종 사용 후 0일"},
		{"inactive, never used, old", key("false", ago(200*day), word("N/A")), Vulnerable, "200일 동안"},
		{"inactive, last used long ago", key("false", ago(900*day), ago(800*day)), Vulnerable, "최종 사용 후 800일"},
		{"inactive, used lately", key("false", ago(100*day), ago(day)), Good, "최종 사용 후 1일"},
		{"no key, or an inactive one that can't be told", none, "", ""},
		{"inactive, rotation N/A but used", key("false", word("N/A"), ago(100*day)), Vulnerable, "최종 사용 후 100일"},
		{"no_information is not 'never'", key("true", ago(200*day), word("no_information")), Interview, "no_information"},
		{"not_supported is not 'never'", key("true", ago(200*day), word("not_supported")), Interview, "not_supported"},
		{"empty last use", key("true", ago(200*day), word("")), Unknown, "최종 사용일을 해석할 수 없어"},
		{"last use of no form we know", key("true", ago(200*day), word("yesterday")), Unknown, "최종 사용일을 해석할 수 없어"},
		{"never used, no creation date", key("true", word("no_information"), word("N/A")), Unknown, "생성·변경일을 해석할 수 없어"},
		{"used after the report", key("true", ago(200*day), ago(-time.Minute)), Unknown, "최종 사용일을 해석할 수 없어"},
		{"made after the report", key("true", ago(-time.Minute), word("N/A")), Unknown, "생성·변경일을 해석할 수 없어"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(t, "KEY-02", reportSet(evidence.CredentialRow{User: "u", Keys: [2]evidence.ReportKey{tt.key}}), defaults(t))
			if tt.want == "" {
				if len(r.Findings) != 0 || r.Auto != NA {
					t.Errorf("item %s, findings %+v", r.Auto, r.Findings)
				}
				return
			}
			if f := r.Findings[0]; f.Status != tt.want || r.Auto != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("finding %s, item %s (%s), want %s with %q", f.Status, r.Auto, f.Reason, tt.want, tt.reason)
			}
		})
	}
}

// Without the report every item that rests on it is unknown, and says why.
func TestReportFailed(t *testing.T) {
	for _, id := range []string{"KEY-01", "KEY-02", "ROOT-02"} {
		for _, action := range []string{"iam:GenerateCredentialReport", "iam:GetCredentialReport"} {
			t.Run(id+" "+action, func(t *testing.T) {
				set := reportSet()
				set.CredentialReport = nil
				set.Answers = []evidence.Answer{{Action: "iam:GetAccountSummary"}}
				set.IAM = &evidence.IAM{Summary: map[string]int{"AccountAccessKeysPresent": 0, "Users": 0}}
				set.Failures = []evidence.Failure{{CallID: "c", Action: action, Region: "us-east-1", Code: "AccessDenied"}}
				r := judge(t, id, set, withRule(t))
				if r.Auto != Unknown || !strings.Contains(r.Reason, action+"(us-east-1) 조회 실패 AccessDenied") {
					t.Errorf("%s: %s", r.Auto, r.Reason)
				}
			})
		}
	}
}

// G10: the users of the live list against the rows of the older report.
func TestReportAgainstUsers(t *testing.T) {
	user := func(name string, created time.Time) evidence.User {
		return evidence.User{Name: name, ARN: "arn:aws:iam::123456789012:user/" + name, Created: created, Calls: []string{"details"}}
	}
	old := generated.AddDate(-1, 0, 0)
	row := evidence.CredentialRow{User: "a", Keys: [2]evidence.ReportKey{key("true", ago(day), ago(time.Hour))}}
	tests := []struct {
		name   string
		users  []evidence.User
		want   Verdict
		reason string
		note   string
	}{
		{"equal", []evidence.User{user("a", old)}, Good, "", ""},
		{"created after the report", []evidence.User{user("a", old), user("new", generated.Add(time.Second))}, Interview, "보고서 생성 이후 생성된 사용자 1명", ""},
		{"should be in the report", []evidence.User{user("a", old), user("lost", generated)}, Unknown, "자격 증명 보고서에 없는 사용자 1명: lost", ""},
		{"deleted since", nil, NA, "확인되는", "다시 생성되어 제외한 사용자: a"},
		{"deleted and created again under the same name", []evidence.User{user("a", generated.Add(time.Second))}, Interview, "보고서 생성 이후 생성된 사용자 1명", "제외한 사용자: a"},
	}
	for _, tt := range tests {
		for _, id := range []string{"KEY-01", "KEY-02"} {
			t.Run(id+" "+tt.name, func(t *testing.T) {
				set := reportSet(row)
				set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountAuthorizationDetails"})
				set.IAM = &evidence.IAM{Users: tt.users, Summary: map[string]int{"Users": len(tt.users)}}
				r := judge(t, id, set, withRule(t))
				if r.Auto != tt.want || !strings.Contains(r.Reason, tt.reason) || !strings.Contains(strings.Join(r.Notes, "\n"), tt.note) {
					t.Errorf("%s (%s) %q", r.Auto, r.Reason, r.Notes)
				}
			})
		}
	}
	t.Run("row of a predecessor is not judged", func(t *testing.T) {
		set := reportSet(evidence.CredentialRow{User: "a", PasswordEnabled: evidence.FlagTrue, Keys: [2]evidence.ReportKey{key("true", ago(400*day), word("N/A"))}})
		set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountAuthorizationDetails"})
		set.IAM = &evidence.IAM{Users: []evidence.User{user("a", generated.Add(time.Hour))}, Summary: map[string]int{"Users": 1}}
		if r := judge(t, "KEY-01", set, withRule(t)); r.Auto != Interview || r.Vulnerable != 0 || r.Checked > r.Population {
			t.Errorf("%s (%s), %d of %d", r.Auto, r.Reason, r.Checked, r.Population)
		}
	})
	t.Run("nobody is gone by a list that no count confirms", func(t *testing.T) {
		for name, summary := range map[string]map[string]int{"count not read": nil, "another count": {"Users": 1}} {
			set := reportSet(evidence.CredentialRow{User: "a", Keys: [2]evidence.ReportKey{key("true", ago(400*day), word("N/A"))}})
			set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountAuthorizationDetails"})
			set.IAM = &evidence.IAM{Summary: summary}
			if r := judge(t, "KEY-01", set, withRule(t)); r.Auto != Vulnerable {
				t.Errorf("%s: %s (%s)", name, r.Auto, r.Reason)
			}
		}
	})
	t.Run("none of what the account counts", func(t *testing.T) {
		for _, kind := range []string{"Groups", "Roles", "Policies"} {
			set := reportSet(row)
			set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountAuthorizationDetails"})
			set.IAM = &evidence.IAM{Users: []evidence.User{user("a", old)}, Summary: map[string]int{"Users": 1, kind: 3}}
			if r := judge(t, "KEY-01", set, withRule(t)); r.Auto != Unknown || !strings.Contains(r.Reason, "불일치: iam:GetAccountSummary 3개, iam:GetAccountAuthorizationDetails 0개") {
				t.Errorf("%s: %s (%s)", kind, r.Auto, r.Reason)
			}
		}
	})
	t.Run("details not read", func(t *testing.T) {
		set := reportSet(row)
		set.IAM = &evidence.IAM{} // what a denied call leaves
		r := judge(t, "KEY-01", set, withRule(t))
		if r.Auto != Good || !strings.Contains(strings.Join(r.Notes, "\n"), "대조하지 못함") {
			t.Errorf("%s (%s), notes %q: an optional source that failed changes nothing but is told", r.Auto, r.Reason, r.Notes)
		}
	})
}

func TestROOT02(t *testing.T) {
	gone := none
	tests := []struct {
		name    string
		present int // -1: not in the summary
		keys    [2]evidence.ReportKey
		age     time.Duration // report older than the summary by this much
		want    Verdict
		reason  string
	}{
		{"none in either", 0, [2]evidence.ReportKey{gone, gone}, time.Hour, Good, "없음"},
		{"a flag that AWS does not use for root", 0, [2]evidence.ReportKey{key("not_supported", word("not_supported"), word("not_supported")), gone}, time.Hour, Unknown, "해석할 수 없어"},
		{"a date of no form we know", 0, [2]evidence.ReportKey{key("false", word("2026/01/01"), word("N/A")), gone}, time.Hour, Unknown, "해석할 수 없어"},
		{"unreadable, but the live summary has a key", 1, [2]evidence.ReportKey{key("maybe", word("N/A"), word("N/A")), gone}, time.Hour, Vulnerable, "AccountAccessKeysPresent=1"},
		{"in the live summary", 1, [2]evidence.ReportKey{gone, gone}, time.Hour, Vulnerable, "AccountAccessKeysPresent=1"},
		{"in both", 1, [2]evidence.ReportKey{key("true", ago(day), word("N/A")), gone}, time.Hour, Vulnerable, "키 1 활성"},
		{"inactive counts", 1, [2]evidence.ReportKey{gone, key("false", ago(day), word("N/A"))}, time.Hour, Vulnerable, "키 2 비활성"},
		{"only in a report of four hours ago", 0, [2]evidence.ReportKey{key("true", ago(day), word("N/A")), gone}, 4 * time.Hour, Interview, "먼저 만들어진 자격 증명 보고서에만"},
		{"only in the report, inactive by its date alone", 0, [2]evidence.ReportKey{gone, key("false", ago(day), word("N/A"))}, 4 * time.Hour, Interview, "키 2 비활성"},
		{"only in a report of the same minute", 0, [2]evidence.ReportKey{key("true", ago(day), word("N/A")), gone}, time.Minute, Vulnerable, "같은 시점의 두 출처 중 자격 증명 보고서에"},
		{"only in a report of a second more", 0, [2]evidence.ReportKey{key("true", ago(day), word("N/A")), gone}, time.Minute + time.Second, Interview, "삭제 여부의 확인"},
		{"in the report, which is the newer", 0, [2]evidence.ReportKey{key("true", ago(day), word("N/A")), gone}, -time.Second, Vulnerable, "root 계정에 Access key가 있음"},
		{"only in the summary, report newer by an hour", 1, [2]evidence.ReportKey{gone, gone}, -time.Hour, Interview, "먼저 만들어진 계정 요약에만"},
		{"an active flag that can't be read", 0, [2]evidence.ReportKey{key("maybe", word("N/A"), word("N/A")), gone}, 4 * time.Hour, Unknown, "키 1 확인 불가"},
		{"not in the summary at all", -1, [2]evidence.ReportKey{gone, gone}, time.Hour, Unknown, "AccountAccessKeysPresent가 없거나"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := reportSet(evidence.CredentialRow{User: evidence.RootAccount, Keys: tt.keys})
			set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountSummary", Calls: []string{"summary"}})
			set.IAM = &evidence.IAM{Summary: map[string]int{}, SummaryCalls: []string{"summary"}, SummaryAt: generated.Add(tt.age)}
			if tt.present >= 0 {
				set.IAM.Summary["AccountAccessKeysPresent"] = tt.present
			}
			r := judge(t, "ROOT-02", set, defaults(t))
			f := r.Findings[0]
			if r.Auto != tt.want || f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) || f.Resource != evidence.RootAccount {
				t.Errorf("%s (%s), want %s with %q", r.Auto, f.Reason, tt.want, tt.reason)
			}
		})
	}
	t.Run("no root row", func(t *testing.T) {
		set := reportSet(evidence.CredentialRow{User: "root"})
		set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountSummary"})
		set.IAM = &evidence.IAM{Summary: map[string]int{"AccountAccessKeysPresent": 0}}
		if r := judge(t, "ROOT-02", set, defaults(t)); r.Auto != Unknown {
			t.Errorf("%s (%s)", r.Auto, r.Reason)
		}
	})
	t.Run("report failed, the live summary proves", func(t *testing.T) {
		set := reportSet()
		set.CredentialReport, set.Answers = nil, []evidence.Answer{{Action: "iam:GetAccountSummary"}}
		set.Failures = []evidence.Failure{{Action: "iam:GenerateCredentialReport", Code: "AccessDenied"}}
		set.IAM = &evidence.IAM{Summary: map[string]int{"AccountAccessKeysPresent": 1}}
		if r := judge(t, "ROOT-02", set, defaults(t)); r.Auto != Vulnerable || !strings.Contains(r.Reason, "AccountAccessKeysPresent=1") {
			t.Errorf("%s (%s)", r.Auto, r.Reason)
		}
	})
	t.Run("summary failed", func(t *testing.T) {
		set := reportSet(evidence.CredentialRow{User: evidence.RootAccount})
		set.Failures = []evidence.Failure{{Action: "iam:GetAccountSummary", Code: "Throttling"}}
		set.IAM = &evidence.IAM{}
		if r := judge(t, "ROOT-02", set, defaults(t)); r.Auto != Unknown || !strings.Contains(r.Reason, "Throttling") {
			t.Errorf("%s (%s)", r.Auto, r.Reason)
		}
	})
}

// Every column of the item is filled by the rule, the verdict apart.
func TestKeyColumnsAreFilled(t *testing.T) {
	set := reportSet(evidence.CredentialRow{User: evidence.RootAccount, Keys: [2]evidence.ReportKey{none, none}},
		evidence.CredentialRow{User: "u", Keys: [2]evidence.ReportKey{key("true", ago(day), ago(time.Hour))}})
	set.IAM = &evidence.IAM{Summary: map[string]int{"AccountAccessKeysPresent": 0}}
	set.Answers = append(set.Answers, evidence.Answer{Action: "iam:GetAccountSummary"})
	for _, id := range []string{"KEY-01", "KEY-02", "ROOT-02"} {
		r := judge(t, id, set, defaults(t))
		for _, c := range r.Item.Columns {
			if _, ok := r.Findings[0].Cells[c.Key]; !ok && c.Key != "verdict" {
				t.Errorf("%s: column %s is never filled", id, c.Key)
			}
		}
	}
}

func TestDays(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want int
	}{{0, 0}, {day - 1, 0}, {day, 1}, {-1, -1}, {-day, -1}, {-day - 1, -2}} {
		if got := days(generated.Add(-tt.d), generated); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.d, got, tt.want)
		}
	}
}
