package verdict

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/verdict/iampolicy"
)

// iam01 is IAM-01 · IAM 계정에 권한 직접 할당 여부.
func iam01(in Input) Outcome {
	iam := in.Evidence.IAM
	if iam == nil {
		return Outcome{}
	}
	docs := map[string]string{}
	for _, p := range iam.Policies {
		docs[p.ARN] = p.Document
	}
	groups := map[string]evidence.Group{}
	for _, g := range iam.Groups {
		groups[g.Name] = g
	}
	out := Outcome{Population: len(iam.Users), Notes: federationNote(iam)}
	if n, ok := iam.Summary["Users"]; ok {
		out.Population = n
	}
	count := map[Verdict]int{}
	for _, u := range iam.Users {
		f := iam01User(u, docs, groups)
		count[f.Status]++
		out.Findings = append(out.Findings, f)
	}
	switch {
	case len(iam.Users) == 0:
		out.Reason = "IAM 사용자가 없어 점검 대상이 없음"
	case count[Vulnerable] > 0:
		out.Reason = fmt.Sprintf("IAM 사용자 %s명 중 %s명에게 권한 정책이 직접 할당되어 있음", Grouped(len(iam.Users)), Grouped(count[Vulnerable]))
	case count[Interview] > 0:
		out.Reason = fmt.Sprintf("IAM 사용자 %s명 중 %s명은 직접 연결된 정책의 내용을 확인할 수 없어 확인이 필요함", Grouped(len(iam.Users)), Grouped(count[Interview]))
	default:
		out.Reason = fmt.Sprintf("IAM 사용자 %s명 모두 직접 할당된 권한 정책이 없음", Grouped(len(iam.Users)))
	}
	return out
}

// changePassword is the AWS managed policy that the console attaches.
const changePassword = ":iam::aws:policy/IAMUserChangePassword"

func iam01User(u evidence.User, docs map[string]string, groups map[string]evidence.Group) Finding {
	var managed, inline, denyOnly, unread []string // policy names by what they do
	var attachedCell, inlineCell []string
	onlyPassword := true
	sort := func(name, document string, grants *[]string) string {
		doc, err := iampolicy.Parse(document)
		switch {
		case err != nil:
			unread = append(unread, name)
			return name + " (내용 확인 불가)"
		case len(doc.Statements) == 0:
			return name + " (구문 없음)"
		case !doc.Grants():
			denyOnly = append(denyOnly, name)
			return name + " (거부 전용)"
		}
		*grants = append(*grants, name)
		return name
	}
	for _, p := range u.Attached {
		granted := len(managed)
		cell := sort(p.Name, docs[p.ARN], &managed)
		if strings.HasSuffix(p.ARN, changePassword) {
			cell += " (비밀번호 변경 전용)"
		} else if len(managed) > granted {
			onlyPassword = false
		}
		attachedCell = append(attachedCell, cell)
	}
	for _, p := range u.Inline {
		inlineCell = append(inlineCell, sort(p.Name, p.Document, &inline))
	}
	onlyPassword = onlyPassword && len(inline) == 0

	f := Finding{Resource: u.Name, ARN: u.ARN, UniqueID: u.ID, CallIDs: u.Calls, Cells: map[string]Cell{
		"user": lines(u.Name), "arn": lines(u.ARN), "tags": {Lines: tagLines(u.Tags)},
		"attached": {Lines: attachedCell}, "inline": {Lines: inlineCell},
		"groups": {Lines: u.Groups}, "group_policies": {Lines: groupPolicies(u.Groups, groups)},
	}}
	if u.Boundary != nil {
		f.Cells["boundary"] = lines(u.Boundary.Name)
	}
	switch {
	case len(managed)+len(inline) > 0 && onlyPassword:
		f.Status, f.Reason = Vulnerable, "관리형 정책 IAMUserChangePassword(비밀번호 변경 전용)가 직접 연결되어 있음"
	case len(managed)+len(inline) > 0:
		f.Status, f.Reason = Vulnerable, grantReason(managed, inline)
	case len(unread) > 0:
		f.Status = Interview
		f.Reason = fmt.Sprintf("직접 연결된 정책 %s의 내용이 반환되지 않았거나 해석할 수 없어 권한 부여 여부를 확인할 수 없음", strings.Join(unread, ", "))
	case len(denyOnly) > 0:
		f.Status = Good
		f.Reason = fmt.Sprintf("직접 연결된 정책은 거부 전용(%s)이며 직접 부여된 권한이 없음", strings.Join(denyOnly, ", "))
	case len(u.Groups) > 0:
		f.Status, f.Reason = Good, fmt.Sprintf("직접 할당된 정책이 없으며 그룹 %d개를 통해 권한을 받음", len(u.Groups))
	default:
		f.Status, f.Reason = Good, "직접 할당된 정책이 없으며 소속 그룹도 없음"
	}
	return f
}

func grantReason(managed, inline []string) string {
	var parts []string
	if len(managed) > 0 {
		parts = append(parts, fmt.Sprintf("관리형 정책 %d개(%s)", len(managed), strings.Join(managed, ", ")))
	}
	if len(inline) > 0 {
		parts = append(parts, fmt.Sprintf("인라인 정책 %d개(%s)", len(inline), strings.Join(inline, ", ")))
	}
	verb := "가 직접 할당되어 있음"
	return strings.Join(parts, ", ") + verb
}

// tagLines shows the tags that name a person or a department first.
func tagLines(tags []evidence.Tag) []string {
	rank := func(t evidence.Tag) int {
		if i := slices.Index(personTags, strings.ToLower(t.Key)); i >= 0 {
			return i
		}
		return len(personTags)
	}
	sorted := slices.Clone(tags)
	slices.SortStableFunc(sorted, func(a, b evidence.Tag) int { return rank(a) - rank(b) })
	var out []string
	for _, t := range sorted {
		out = append(out, t.Key+"="+t.Value)
	}
	return out
}

var personTags = []string{"이름", "성명", "name", "부서", "department", "dept", "team"}

func groupPolicies(names []string, groups map[string]evidence.Group) []string {
	var out []string
	for _, name := range names {
		g := groups[name]
		for _, p := range g.Attached {
			out = append(out, p.Name)
		}
		for _, p := range g.Inline {
			out = append(out, p.Name+" (인라인)")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// federationNote says that federated users are not IAM users, where roles for
// them exist (G3).
func federationNote(iam *evidence.IAM) []string {
	n := 0
	for _, r := range iam.Roles {
		if strings.HasPrefix(r.Path, "/aws-reserved/sso.amazonaws.com/") || strings.Contains(r.Trust, ":saml-provider/") || strings.Contains(r.Trust, ":oidc-provider/") {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("연동 로그인용 역할(IAM Identity Center, SAML·OIDC) %d개가 있음. 연동 사용자는 IAM 사용자가 아니므로 이 항목의 점검 대상에 포함되지 않음", n)}
}
