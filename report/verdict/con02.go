package verdict

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/settings"
	"auditbinder/report/verdict/iampolicy"
)

// Keys of CON-02's further tables.
const (
	rolesTable      = "idp_roles"
	keysTable       = "access_keys"
	statementsTable = "statements"
)

// con02 is CON-02 · 관리 콘솔 접근 시 접근 가능한 소스 IP 제어. Two stages can hold a
// console user back: before the password, and on every call after it.
func con02(in Input) Outcome {
	set := in.Evidence
	if set.IAM == nil || set.CredentialReport == nil {
		return Outcome{}
	}
	c := newConsole(set, in.Settings)
	out := Outcome{Notes: reportNotes(set.CredentialReport, set), Rows: map[string][]map[string]Cell{}}
	byARN := map[string]evidence.User{}
	for _, u := range set.IAM.Users {
		byARN[u.ARN] = u
	}
	count, gone := map[Verdict]int{}, departed(set)
	for _, row := range set.CredentialReport.Rows {
		u, live := byARN[row.ARN]
		if row.Root() || gone[row.ARN] || row.PasswordEnabled == evidence.FlagFalse {
			continue
		}
		f := Finding{Resource: row.User, ARN: row.ARN, Status: Unknown, CallIDs: set.CredentialReport.Calls, Cells: map[string]Cell{"user": lines(row.User)},
			Reason: "자격 증명 보고서에 콘솔 암호가 있으나 IAM 사용자 목록에 없으며, 삭제되었는지 확인하지 못하여 판정할 수 없음"}
		if live {
			f = c.user(u, row)
		}
		count[f.Status]++
		out.Findings = append(out.Findings, f)
	}
	users := len(out.Findings)
	if users > 0 {
		out.Told = signInActions
	}
	for _, r := range set.IAM.Roles {
		if kind := identityProvider(r); kind != "" {
			out.Findings = append(out.Findings, c.role(r, kind))
		}
	}
	for _, k := range accessKeys(set) {
		if u, live := byARN[k.row.ARN]; live && k.Active == evidence.FlagTrue && !k.gone {
			if r := c.identity(u); r.Status != iampolicy.Restricted {
				out.Rows[keysTable] = append(out.Rows[keysTable], map[string]Cell{
					"user": lines(u.Name), "slot": {Count: &k.slot}, "control": lines(stageWords[r.Status]), "basis": lines(refs(r.Basis)...), "reason": lines(r.Reasons...),
				})
			}
		}
	}
	out.Rows[statementsTable] = c.statements()
	out.Notes = append(out.Notes, c.notes()...)
	out.Population = len(out.Findings) // console users and federated roles
	out.Reason = con02Reason(users, count, out.Population-users)
	return out
}

func con02Reason(users int, count map[Verdict]int, roles int) string {
	switch {
	case users == 0 && roles == 0:
		return "콘솔 암호가 있는 IAM 사용자와 외부 인증 역할이 없음"
	case count[Vulnerable] > 0:
		return fmt.Sprintf("콘솔 사용자 %s명 중 %s명은 허용된 소스 IP로 제한되지 않음", Grouped(users), Grouped(count[Vulnerable]))
	case count[Interview] > 0:
		return fmt.Sprintf("콘솔 사용자 %s명 중 %s명은 정책 구문의 확인이 필요함", Grouped(users), Grouped(count[Interview]))
	case roles > 0:
		return fmt.Sprintf("콘솔 사용자 %s명은 모두 제한되나, 외부 인증으로 접속하는 역할 %s개는 인증 시스템의 통제 확인이 필요함", Grouped(users), Grouped(roles))
	}
	return fmt.Sprintf("콘솔 사용자 %s명 모두 허용된 소스 IP로 제한됨", Grouped(users))
}

var signInActions = []string{"signin:GetConsoleAuthorizationConfiguration", "signin:GetResourcePolicy", "signin:ListResourcePermissionStatements"}

// stageWords name what a stage does.
var stageWords = map[iampolicy.Status]string{
	iampolicy.Restricted: "제한됨", iampolicy.TooWide: "제한 범위가 넓음", iampolicy.Partial: "일부만 제한",
	iampolicy.None: "제한 없음", iampolicy.Interview: "구문 확인 필요",
}

// console judges principals of one account; policies are parsed once and equal
// sets of them are judged once.
type console struct {
	set      *evidence.Set
	limits   iampolicy.Limits
	managed  map[string]iampolicy.Policy // by ARN
	groups   map[string][]iampolicy.Policy
	controls []iampolicy.Layer // SCPs that bind the account
	seen     map[string]iampolicy.Restriction

	signIn      iampolicy.SignInRestriction
	signInFault bool // a call of the stage failed
	// everybody is the sign-in stage where it is the same for all, with the word
	// that is shown; nil: each principal is judged.
	everybody     *iampolicy.Restriction
	everybodyWord string
	unclear       map[string][]string
}

func newConsole(set *evidence.Set, cfg settings.Config) *console {
	c := &console{
		set: set, limits: limitsOf(cfg), managed: map[string]iampolicy.Policy{}, groups: map[string][]iampolicy.Policy{},
		seen: map[string]iampolicy.Restriction{}, unclear: map[string][]string{},
	}
	for _, p := range set.IAM.Policies {
		c.managed[p.ARN] = parsed(p.Name, p.Document)
	}
	for _, g := range set.IAM.Groups {
		var list []iampolicy.Policy
		for _, p := range c.attached(g.Attached) {
			list = append(list, named(p, "그룹 "+g.Name+": "+p.Name))
		}
		for _, p := range g.Inline {
			list = append(list, parsed("그룹 "+g.Name+": 인라인 "+p.Name, p.Document))
		}
		c.groups[g.Name] = list
	}
	c.readControls()
	c.readSignIn()
	return c
}

func limitsOf(cfg settings.Config) iampolicy.Limits {
	b := cfg.Thresholds.WidestPublicBlock
	l := iampolicy.Limits{WidestIPv4: b.IPv4, WidestIPv6: b.IPv6, IPv4Addresses: b.IPv4Addresses}
	for _, text := range cfg.AllowedSourceRanges {
		if p, err := netip.ParsePrefix(text); err == nil { // settings has refused what does not parse
			l.Allowed = append(l.Allowed, p)
		}
	}
	for _, a := range cfg.Standard.SelfServiceActions {
		l.SelfService = append(l.SelfService, strings.ToLower(a))
	}
	return l
}

func parsed(name, document string) iampolicy.Policy {
	doc, err := iampolicy.Parse(document)
	return iampolicy.Policy{Name: name, Document: doc, Err: err}
}

func named(p iampolicy.Policy, name string) iampolicy.Policy {
	p.Name = name
	return p
}

var errNotReturned = errors.New("the document was not returned")

func (c *console) attached(list []evidence.PolicyRef) []iampolicy.Policy {
	var out []iampolicy.Policy
	for _, ref := range list {
		p, ok := c.managed[ref.ARN]
		if !ok {
			p = iampolicy.Policy{Err: errNotReturned}
		}
		out = append(out, named(p, ref.Name))
	}
	return out
}

// readControls makes a layer of each target's SCPs. They never bind the
// management account, and what could not be read binds nobody here.
func (c *console) readControls() {
	o := c.set.Organization
	if o == nil || !o.PoliciesRead {
		return
	}
	var layers []iampolicy.Layer
	for _, t := range o.Targets {
		layer := iampolicy.Layer{Kind: iampolicy.SCP, Name: t.ID}
		for _, id := range t.SCPs {
			layer.Policies = append(layer.Policies, c.control(id, "SCP"))
		}
		if len(layer.Policies) == 0 {
			continue
		}
		if !slices.ContainsFunc(layer.Policies, mayAllow) {
			return // it would have denied our own calls: the list is not whole
		}
		layers = append(layers, layer)
	}
	c.controls = layers
}

// mayAllow reports whether a policy has an Allow statement, or can't be read.
func mayAllow(p iampolicy.Policy) bool {
	return p.Err != nil || slices.ContainsFunc(p.Document.Statements, func(s iampolicy.Statement) bool { return s.Effect == iampolicy.Allow })
}

func (c *console) control(id, kind string) iampolicy.Policy {
	for _, p := range c.set.Organization.Policies {
		if p.ID == id {
			return parsed(kind+" "+p.Name, p.Document)
		}
	}
	return iampolicy.Policy{Name: kind + " " + id, Err: errNotReturned}
}

// readSignIn judges the stage before the password.
func (c *console) readSignIn() {
	s := c.set.SignIn
	for _, action := range signInActions {
		if !slices.ContainsFunc(c.set.Answers, func(a evidence.Answer) bool { return a.Action == action }) {
			c.signInFault = true
		}
	}
	open := &iampolicy.Restriction{Status: iampolicy.None}
	if c.signInFault = c.signInFault || s == nil || s.Enabled == nil; c.signInFault {
		c.everybody, c.everybodyWord = open, "조회 불가"
		return
	}
	var policies []iampolicy.Policy
	written := 0
	if s.Policy != "" {
		p := parsed("로그인 리소스 정책", s.Policy)
		if p.Err == nil {
			written = len(p.Document.Statements)
		}
		policies = append(policies, p)
	}
	if o := c.set.Organization; o != nil && o.PoliciesRead {
		for _, t := range o.Targets {
			for _, id := range t.RCPs {
				policies = append(policies, c.control(id, "RCP"))
			}
		}
	}
	c.signIn = iampolicy.RestrictSignIn(policies, c.set.Account.ID, c.limits)
	switch {
	case !*s.Enabled && c.signIn.Status != iampolicy.None:
		c.everybody, c.everybodyWord = open, "적용 안 됨(콘솔 권한 부여 비활성)"
	case !*s.Enabled:
		c.everybody, c.everybodyWord = open, "제한 없음(콘솔 권한 부여 비활성)"
	case written != len(s.Statements):
		c.everybody, c.everybodyWord = &iampolicy.Restriction{Status: iampolicy.Interview, Reasons: []string{
			fmt.Sprintf("로그인 리소스 정책의 구문 %d개와 구문 목록 %d개가 일치하지 않아 확인이 필요함", written, len(s.Statements)),
		}}, stageWords[iampolicy.Interview]
	}
}

// before is the sign-in stage for one principal: status, word and details.
func (c *console) before(arn string) (iampolicy.Restriction, string) {
	if c.everybody != nil {
		return *c.everybody, c.everybodyWord
	}
	r := c.signIn.For(arn).Restriction
	return r, stageWords[r.Status]
}

// layers are everything that reaches a principal.
func (c *console) layers(attached []evidence.PolicyRef, inline []evidence.InlinePolicy, groups []string, boundary *evidence.PolicyRef) ([]iampolicy.Layer, string) {
	var key strings.Builder
	identity := iampolicy.Layer{Kind: iampolicy.Identity, Policies: c.attached(attached)}
	for _, p := range attached {
		key.WriteString(p.ARN + "\n")
	}
	for _, p := range inline {
		identity.Policies = append(identity.Policies, parsed("인라인 "+p.Name, p.Document))
		key.WriteString("i" + p.Name + p.Document + "\n")
	}
	for _, g := range groups {
		list, ok := c.groups[g]
		if !ok {
			list = []iampolicy.Policy{{Name: "그룹 " + g, Err: errNotReturned}}
		}
		identity.Policies = append(identity.Policies, list...)
		key.WriteString("g" + g + "\n")
	}
	layers := []iampolicy.Layer{identity}
	if boundary != nil {
		layers = append(layers, iampolicy.Layer{Kind: iampolicy.Boundary, Policies: c.attached([]evidence.PolicyRef{*boundary})})
		key.WriteString("b" + boundary.ARN)
	}
	return append(layers, c.controls...), key.String()
}

// identity is the stage after sign-in for a user.
func (c *console) identity(u evidence.User) iampolicy.Restriction {
	return c.restrict(c.layers(u.Attached, u.Inline, u.Groups, u.Boundary))
}

func (c *console) restrict(layers []iampolicy.Layer, key string) iampolicy.Restriction {
	r, ok := c.seen[key]
	if !ok {
		r = iampolicy.RestrictSourceIP(layers, iampolicy.Everything, c.limits)
		c.seen[key] = r
	}
	return r
}

// user judges one console user.
func (c *console) user(u evidence.User, row evidence.CredentialRow) Finding {
	before, word := c.before(u.ARN)
	after := c.identity(u)
	c.remember(u.Name, before, after)
	f := Finding{Resource: u.Name, ARN: u.ARN, UniqueID: u.ID, CallIDs: slices.Concat(u.Calls, c.set.CredentialReport.Calls), Cells: map[string]Cell{
		"user": lines(u.Name), "password": lines("있음"), "sign_in_control": lines(word), "identity_control": lines(stageWords[after.Status]),
		"allowed_ranges": {Lines: slices.Concat(passes("로그인", before), passes("로그인 후", after))},
		"basis":          {Lines: slices.Concat(refs(before.Basis), refs(after.Basis))},
		"exceptions":     {Lines: slices.Concat(before.Exceptions, after.Exceptions)},
	}}
	if c.set.SignIn != nil {
		f.CallIDs = append(f.CallIDs, c.set.SignIn.Calls...)
	}
	afterText, beforeText := "로그인 후: "+strings.Join(after.Reasons, "; "), "로그인 단계: "+orWord(strings.Join(before.Reasons, "; "), word)
	switch {
	case row.PasswordEnabled != evidence.FlagTrue:
		f.Cells["password"] = lines(fmt.Sprintf("확인 불가(%s)", row.PasswordEnabled))
		f.Status, f.Reason = Unknown, "자격 증명 보고서의 콘솔 암호 사용 여부를 해석할 수 없음"
	case after.Status == iampolicy.Restricted:
		f.Status, f.Reason = Good, afterText
	case before.Status == iampolicy.Restricted:
		f.Status, f.Reason = Good, beforeText
	case c.signInFault:
		f.Status, f.Reason = Unknown, "로그인 단계의 정책을 조회하지 못하였고 로그인 후 통제로는 제한되지 않아 판정할 수 없음. "+afterText
	case before.Status == iampolicy.Interview || after.Status == iampolicy.Interview:
		f.Status, f.Reason = Interview, beforeText+" / "+afterText
	default:
		f.Status, f.Reason = Vulnerable, beforeText+" / "+afterText
	}
	return f
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}

// passes lists what a stage lets through.
func passes(stage string, r iampolicy.Restriction) []string {
	var out []string
	for _, n := range r.Networks {
		out = append(out, stage+" "+n.String())
	}
	for _, a := range r.Alternatives {
		out = append(out, stage+" "+a)
	}
	return out
}

func refs(list []iampolicy.Ref) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.String())
	}
	return out
}

// identityProvider names how federated people reach a role; empty for other roles.
func identityProvider(r evidence.Role) string {
	switch {
	case strings.HasPrefix(r.Path, "/aws-reserved/sso.amazonaws.com/"):
		return "IAM Identity Center"
	case strings.Contains(r.Trust, ":saml-provider/"):
		return "SAML"
	}
	return ""
}

// role is the finding of a federated role: always a question to the people who
// run the identity provider.
func (c *console) role(r evidence.Role, kind string) Finding {
	after := c.restrict(c.layers(r.Attached, r.Inline, nil, r.Boundary))
	return Finding{Table: rolesTable, Resource: "role/" + r.Name, ARN: r.ARN, UniqueID: r.ID, CallIDs: r.Calls, Status: Interview,
		Reason: fmt.Sprintf("외부 인증(%s)으로 접속하는 역할이므로 인증 시스템의 접속 위치 통제를 확인하여야 함(로그인 후 통제: %s)", kind, stageWords[after.Status]),
		Cells: map[string]Cell{
			"role": lines(r.Name), "provider": lines(kind), "identity_control": lines(stageWords[after.Status]),
			"allowed_ranges": {Lines: passes("로그인 후", after)}, "basis": {Lines: refs(after.Basis)},
		}}
}

// remember keeps the statements that a person has to read, with who they reach.
func (c *console) remember(user string, stages ...iampolicy.Restriction) {
	for _, r := range stages {
		for _, s := range r.Statements {
			c.unclear[s] = append(c.unclear[s], user)
		}
	}
}

func (c *console) statements() []map[string]Cell {
	var rows []map[string]Cell
	for _, s := range sortedKeys(c.unclear) {
		rows = append(rows, map[string]Cell{"statement": lines(s), "users": lines(shortList(c.unclear[s]))})
	}
	return rows
}

// notes say how root stands, and what could not be taken into account.
func (c *console) notes() []string {
	var out []string
	after := bracketed("IAM 정책과 권한 경계는 root에 적용되지 않음", rootControls(c.set))
	switch {
	case c.signInFault:
		out = append(out, "root 계정: 로그인 단계의 정책을 조회하지 못하여 제한 여부를 확인하지 못함"+after)
	case c.everybody == nil && c.signIn.RootBound:
		out = append(out, "root 계정: 로그인 단계의 정책으로 제한됨")
	default:
		out = append(out, "root 계정: 로그인 단계의 정책으로 제한되는 것이 확인되지 않음"+after)
	}
	if c.everybody == nil {
		for _, e := range c.signIn.Exempted {
			out = append(out, "로그인 단계의 정책에서 제외된 주체: "+e)
		}
	}
	switch o := c.set.Organization; {
	case o == nil:
		out = append(out, "조직 정보를 조회하지 못하여 SCP·RCP를 반영하지 못함")
	case o.Member && o.ManagementID == c.set.Account.ID:
		out = append(out, "조직의 관리 계정에는 SCP가 적용되지 않음")
	case o.Member && !o.PoliciesRead:
		out = append(out, "SCP 미반영(조회 권한 없음): 조직의 SCP·RCP가 이 계정을 더 제한할 수 있음")
	case o.PoliciesRead:
		out = append(out, fmt.Sprintf("조직의 SCP·RCP %d개를 반영함", len(o.Policies)))
	}
	return out
}
