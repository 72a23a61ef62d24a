package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
)

// checks are the completeness cross-checks of rule G10: each says what does not
// add up. A check whose sources were not both read says nothing: the failed call
// has been told already.
var checks = map[item.Check]func(*evidence.Set) []string{
	item.UsersMatchSummary: usersMatchSummary,
	item.UsersMatchReport:  usersMatchReport,
}

// counted are calls whose answers count what must stand among the facts, region
// by region: an answer without its facts is none.
var counted = map[string]func(set *evidence.Set, region string) int{
	"events:ListRules": func(set *evidence.Set, region string) int {
		n := 0
		if set.Alarms != nil {
			for _, r := range set.Alarms.Rules {
				if r.Region == region {
					n++
				}
			}
		}
		return n
	},
	"ec2:DescribeInstances": func(set *evidence.Set, region string) int {
		n := 0
		for _, c := range set.Compute {
			if c.Region == region {
				n += len(c.Instances)
			}
		}
		return n
	},
	// A trail is seen from several regions: as many as any of them saw, at least.
	"cloudtrail:DescribeTrails": func(set *evidence.Set, _ string) int { return len(set.Trails) },
}

// missingFacts says of which answers the facts are not there.
func missingFacts(it item.Item, set *evidence.Set) []string {
	var out []string
	for _, e := range it.Evidence {
		facts := counted[e.Call]
		if facts == nil {
			continue
		}
		for _, a := range set.Answers {
			if a.Action == e.Call && a.Skipped == "" && facts(set, a.Region) < a.Count {
				out = append(out, fmt.Sprintf("%s(%s)의 응답은 %s건이나 그 사실이 evidence.json에 없음", a.Action, a.Region, Grouped(a.Count)))
			}
		}
	}
	return out
}

// foreign names what belongs to another account than the one that was asked:
// credentials that change in the middle of a run give the evidence of two.
func foreign(set *evidence.Set) []string {
	var arns []string
	if set.IAM != nil {
		for _, u := range set.IAM.Users {
			arns = append(arns, u.ARN)
		}
		for _, g := range set.IAM.Groups {
			arns = append(arns, g.ARN)
		}
		for _, r := range set.IAM.Roles {
			arns = append(arns, r.ARN)
		}
	}
	if set.CredentialReport != nil {
		for _, row := range set.CredentialReport.Rows {
			arns = append(arns, row.ARN)
		}
	}
	if set.Alarms != nil {
		for _, r := range set.Alarms.Rules {
			arns = append(arns, r.ARN)
		}
		for _, a := range set.Alarms.MetricAlarms {
			arns = append(arns, a.ARN)
		}
	}
	for _, text := range arns {
		if account := parseARN(text).account; account != "" && account != set.Account.ID {
			return []string{fmt.Sprintf("수집한 계정(%s)이 아닌 계정의 자원이 증적에 있음: %s", set.Account.ID, text)}
		}
	}
	return nil
}

// usersMatchSummary compares two live sources.
func usersMatchSummary(set *evidence.Set) []string {
	if !detailsRead(set) || set.IAM.Summary == nil {
		return nil
	}
	if n, ok := set.IAM.Summary["Users"]; !ok {
		return []string{"iam:GetAccountSummary에 사용자 수가 없음"}
	} else if n != len(set.IAM.Users) {
		return []string{fmt.Sprintf("사용자 수 불일치: iam:GetAccountSummary %s명, iam:GetAccountAuthorizationDetails %s명", Grouped(n), Grouped(len(set.IAM.Users)))}
	}
	// Of the others AWS does not promise the same count: none of many is wrong all the same.
	var out []string
	for _, list := range []struct {
		key, word string
		read      int
	}{{"Groups", "그룹", len(set.IAM.Groups)}, {"Roles", "역할", len(set.IAM.Roles)}, {"Policies", "고객 관리형 정책", len(set.IAM.Policies)}} {
		if n := set.IAM.Summary[list.key]; n > 0 && list.read == 0 {
			out = append(out, fmt.Sprintf("%s 수 불일치: iam:GetAccountSummary %s개, iam:GetAccountAuthorizationDetails 0개", list.word, Grouped(n)))
		}
	}
	return out
}

func detailsRead(set *evidence.Set) bool {
	return set.IAM != nil && slices.ContainsFunc(set.Answers, func(a evidence.Answer) bool { return a.Action == "iam:GetAccountAuthorizationDetails" })
}

// usersMatchReport compares the live users with the older credential report:
// a user that the report should have and has not.
func usersMatchReport(set *evidence.Set) []string {
	if out := countReported(set); len(out) > 0 {
		return out
	}
	_, missing := notReported(set)
	if len(missing) == 0 {
		return nil
	}
	var names []string
	for _, u := range missing {
		names = append(names, u.Name)
	}
	return []string{fmt.Sprintf("자격 증명 보고서에 없는 사용자 %s명: %s", Grouped(len(names)), shortList(names))}
}

// countReported compares the report with the account's own count of users where the
// list of them was not read.
func countReported(set *evidence.Set) []string {
	if detailsRead(set) || set.CredentialReport == nil || set.IAM == nil {
		return nil
	}
	want, read := set.IAM.Summary["Users"]
	n := 0
	for _, row := range set.CredentialReport.Rows {
		if !row.Root() {
			n++
		}
	}
	if !read || n == want {
		return nil
	}
	return []string{fmt.Sprintf("사용자 수 불일치: 자격 증명 보고서 %s명, iam:GetAccountSummary %s명", Grouped(n), Grouped(want))}
}

// reportLife is how long AWS gives out the same credential report, and some more for
// clocks and for the run.
const reportLife = 4*time.Hour + 30*time.Minute

// reportOfAnotherTime says of a credential report that AWS would not give out now.
func reportOfAnotherTime(set *evidence.Set) []string {
	if set.CredentialReport == nil {
		return nil
	}
	age := set.CollectedAt.Sub(set.CredentialReport.Generated)
	if age <= reportLife && age >= -reportLife {
		return nil
	}
	return []string{fmt.Sprintf("자격 증명 보고서의 생성 시각(%s)이 수집 시각(%s)과 4시간 넘게 다름", moment(set.CredentialReport.Generated), moment(set.CollectedAt))}
}

// shortRegions names regions that the account's list of them must have and lacks: a
// list that is not whole hides what is there.
func shortRegions(set *evidence.Set) []string {
	if set.Regions == nil || !set.Regions.Read {
		return nil
	}
	var must []string
	if strings.HasPrefix(set.Caller.ARN, "arn:aws:") {
		must = append(must, evidence.SignInRegions...)
	}
	for _, t := range set.Trails {
		if t.Own {
			must = append(must, t.HomeRegion)
		}
	}
	for _, a := range set.Answers { // where the run itself was asked from
		if a.Action == "sts:GetCallerIdentity" {
			must = append(must, a.Region)
		}
	}
	var gone []string
	for _, name := range must {
		known := slices.ContainsFunc(set.Regions.All, func(r evidence.Region) bool { return r.Name == name })
		if name != "" && !known {
			gone = appendNew(gone, name)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return []string{"리전 목록(ec2:DescribeRegions)에 있어야 할 리전이 없음: " + strings.Join(gone, ", ")}
}

// notReported splits the users that the report lacks: those created after it
// was generated, and those that it should have.
func notReported(set *evidence.Set) (created, missing []evidence.User) {
	if !detailsRead(set) || set.CredentialReport == nil {
		return nil, nil
	}
	reported := map[string]bool{}
	for _, row := range set.CredentialReport.Rows {
		reported[row.ARN] = true
	}
	for _, u := range set.IAM.Users {
		switch {
		case u.Created.After(set.CredentialReport.Generated):
			created = append(created, u) // a row of this ARN is a predecessor's
		case reported[u.ARN]:
		default:
			missing = append(missing, u)
		}
	}
	return created, missing
}

// departed tells which of the report's users are gone: deleted since, or
// replaced by a new user of the same name. Without the live list, or one that the
// account's own count does not confirm, nobody is.
func departed(set *evidence.Set) map[string]bool {
	gone := map[string]bool{}
	if !detailsRead(set) || set.CredentialReport == nil || set.IAM.Summary == nil || len(usersMatchSummary(set)) > 0 {
		return gone
	}
	live := map[string]bool{}
	for _, u := range set.IAM.Users {
		live[u.ARN] = !u.Created.After(set.CredentialReport.Generated)
	}
	for _, row := range set.CredentialReport.Rows {
		if !row.Root() && !live[row.ARN] {
			gone[row.ARN] = true
		}
	}
	return gone
}

// newcomers are findings for users created after the report: nothing is known
// of their keys and passwords.
func newcomers(it item.Item, set *evidence.Set) []Finding {
	if !slices.Contains(it.Checks, item.UsersMatchReport) {
		return nil
	}
	created, _ := notReported(set)
	var out []Finding
	for _, u := range created {
		out = append(out, Finding{
			Resource: u.Name, ARN: u.ARN, UniqueID: u.ID, Status: Interview, CallIDs: u.Calls, Cells: map[string]Cell{"user": lines(u.Name)},
			Reason: fmt.Sprintf("보고서 생성 이후 생성(%s)되어 자격 증명 보고서에 없으므로 확인이 필요함", moment(u.Created)),
		})
	}
	return out
}

// shortList names the first ten.
func shortList(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s 외 %d명", strings.Join(names[:most], ", "), len(names)-most)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
