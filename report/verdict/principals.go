package verdict

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/verdict/iampolicy"
)

// Keys of the further tables that the EC2 items share.
const (
	principalsTable = "principals"
	apartTable      = "apart"
)

// right says how far policies let someone do an action, the most open last.
type right int8

const (
	refused  right = iota
	heldBack       // only from the networks that the policies name
	doubtful       // a policy is missing or not understood
	free           // no condition holds the source back
)

func rightOf(p iampolicy.Permission) right {
	switch s := p.Restriction.Status; {
	case !p.Granted && !p.Unclear:
		return refused
	case p.Granted && s == iampolicy.Restricted:
		return heldBack
	case p.Unclear || s == iampolicy.Interview:
		return doubtful
	}
	return free
}

// standing says how a principal counts.
type standing int

const (
	ordinary    standing = iota
	foreignOnly          // a role that only other accounts can assume
	serviceOnly          // a role of AWS services
	deletedOnly          // a role that nobody can assume: whom it trusts is gone
	standings            // how many there are
)

// standingWords say why a role is listed apart.
var standingWords = map[standing]string{
	foreignOnly: "다른 계정만 맡을 수 있는 역할(소스 네트워크 조건이 없는 주체가 이 역할뿐이면 인터뷰 필요)",
	serviceOnly: "AWS 서비스만 맡을 수 있는 역할(판정에 포함하지 않음)",
	deletedOnly: "신뢰 정책에 삭제된 주체(고유 ID로만 표시됨)만 있어 맡을 수 있는 주체가 없는 역할(판정에 포함하지 않음)",
}

// actor is an IAM user or role. root is none: IAM policies do not hold it.
type actor struct {
	name     string // user/kim, role/ops
	kind     string
	standing standing
	trusted  []string // who may assume the role
	calls    []string
	set      int // of policies
}

// policySet is what reaches a principal, with everyone whom the same reaches.
type policySet struct {
	layers  []iampolicy.Layer
	members [standings][]int // actors by standing, ascending
}

// directory holds who is in the account. Equal sets of policies are judged once,
// and for all resources at once where they don't tell them apart.
type directory struct {
	c         *console
	partition string
	actors    []actor
	sets      []policySet
	profiles  map[string]int // instance profile's ARN -> its role's set
	questions []*question
}

func newDirectory(in Input) *directory {
	set := in.Evidence
	d := &directory{c: newConsole(set, in.Settings), partition: "aws", profiles: map[string]int{}}
	if parts := strings.Split(set.Caller.ARN, ":"); len(parts) > 1 && parts[1] != "" {
		d.partition = parts[1]
	}
	byKey := map[string]int{}
	add := func(a actor, layers []iampolicy.Layer, key string) int {
		i, ok := byKey[key]
		if !ok {
			i = len(d.sets)
			byKey[key] = i
			d.sets = append(d.sets, policySet{layers: layers})
		}
		a.set = i
		m := &d.sets[i].members[a.standing]
		*m = append(*m, len(d.actors))
		d.actors = append(d.actors, a)
		return i
	}
	for _, u := range set.IAM.Users {
		layers, key := d.c.layers(u.Attached, u.Inline, u.Groups, u.Boundary)
		add(actor{name: "user/" + u.Name, kind: "IAM 사용자", calls: u.Calls}, layers, key)
	}
	for _, r := range set.IAM.Roles {
		layers, key := d.c.layers(r.Attached, r.Inline, nil, r.Boundary)
		a := actor{name: "role/" + r.Name, calls: r.Calls}
		a.kind, a.standing, a.trusted = roleStanding(r, set.Account.ID, in.Settings.Standard.OutsiderServices)
		i := add(a, layers, key)
		for _, arn := range r.InstanceProfiles {
			d.profiles[arn] = i
		}
	}
	return d
}

// roleStanding reads who may assume a role: the widest of those whom it trusts
// counts. A trust policy that can't be read makes it count as any other.
func roleStanding(r evidence.Role, account string, outsiders []string) (kind string, s standing, trusted []string) {
	kind = "역할"
	linked := strings.HasPrefix(r.Path, "/aws-service-role/")
	provider := identityProvider(r)
	doc, err := iampolicy.Parse(r.Trust)
	var seen [standings]bool
	if err == nil {
		for _, st := range doc.Statements {
			if st.Effect != iampolicy.Allow {
				continue
			}
			seen[ordinary] = seen[ordinary] || len(st.Principals) == 0
			for _, p := range st.Principals {
				trusted = append(trusted, p.ID)
				who := standingOf(p, account, outsiders)
				seen[who] = true
				switch {
				case provider != "":
				case p.Type == "Federated":
					provider = "OIDC"
				case p.Type == "Service" && who == ordinary && !linked:
					provider = "AWS 외부 주체"
				}
			}
		}
	}
	slices.Sort(trusted)
	trusted = slices.Compact(trusted)
	if provider != "" {
		kind += "(" + provider + ")"
	}
	if linked {
		return kind, serviceOnly, trusted
	}
	return kind, standing(max(slices.Index(seen[:], true), 0)), trusted // who is not known may be anyone
}

// deletedID is what IAM shows in place of the ARN of a user or role that is gone.
var deletedID = regexp.MustCompile(`^A(IDA|ROA)[A-Z0-9]+$`)

// standingOf says who stands behind a principal of a trust policy. outsiders are
// services that hand a role's credentials to others than AWS.
func standingOf(p iampolicy.Principal, account string, outsiders []string) standing {
	owner := accountOf(p.ID)
	switch {
	case p.Type == "Service" && !slices.Contains(outsiders, strings.ToLower(p.ID)):
		return serviceOnly
	case p.Type == "AWS" && owner != "" && owner != account:
		return foreignOnly
	case p.Type == "AWS" && deletedID.MatchString(p.ID):
		return deletedOnly
	}
	return ordinary
}

// accountOf is the account of a trust policy's AWS principal: an account id or
// an ARN; empty for everyone and for the id of a deleted principal.
func accountOf(id string) string {
	if parts := strings.Split(id, ":"); len(parts) > 4 {
		id = parts[4]
	}
	if len(id) != 12 || strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return id
}

// stem is the ARN of a region's EC2 resources of one kind, without the id.
func (d *directory) stem(region, kind string) string {
	return fmt.Sprintf("arn:%s:ec2:%s:%s:%s/", d.partition, region, d.c.set.Account.ID, kind)
}

// question is one action on the resources of one stem.
type question struct {
	action, stem string
	answers      []answer           // by policy set
	seen         map[string][]right // by resource id
}

// answer is what one set of policies says to a question.
type answer struct {
	asked, settled bool
	named          map[string]bool // resources that the policies name one by one
	each           bool            // the policies tell resources apart in other ways
	right          right           // once settled: for all resources that are not named
	targets        int             // resources that it is not refused for
	permission     iampolicy.Permission
	widest         right // the permission's
}

// question returns the question about an action, new or asked before.
func (d *directory) question(action, stem string) *question {
	i := slices.IndexFunc(d.questions, func(q *question) bool { return q.action == action && q.stem == stem })
	if i < 0 {
		i = len(d.questions)
		d.questions = append(d.questions, &question{action: action, stem: stem, answers: make([]answer, len(d.sets)), seen: map[string][]right{}})
	}
	return d.questions[i]
}

// rights answers for one resource, by policy set. The resource counts among the
// targets of those who may.
func (d *directory) rights(q *question, id string) []right {
	if known, ok := q.seen[id]; ok {
		return known
	}
	out := make([]right, len(d.sets))
	for i := range d.sets {
		if out[i] = d.right(q, i, id); out[i] != refused {
			q.answers[i].targets++
		}
	}
	q.seen[id] = out
	return out
}

func (d *directory) right(q *question, set int, id string) right {
	a, layers := &q.answers[set], d.sets[set].layers
	if !a.asked {
		a.asked = true
		a.named, a.each = tellsApart(layers, q.action, q.stem)
	}
	alone := a.each || a.named[id]
	if a.settled && !alone {
		return a.right
	}
	p := iampolicy.May(layers, q.action, q.stem+id, d.c.limits)
	r := rightOf(p)
	if r > a.widest {
		a.widest, a.permission = r, p
	}
	if !alone {
		a.right, a.settled = r, true
	}
	return r
}

// tellsApart says how the policies treat resources of one stem differently: by
// naming them one by one, or in a way that takes a look at each.
func tellsApart(layers []iampolicy.Layer, action, stem string) (named map[string]bool, each bool) {
	service, _, _ := strings.Cut(action, ":")
	for _, l := range layers {
		for _, p := range l.Policies {
			if p.Document == nil {
				continue
			}
			for i := range p.Document.Statements {
				s := &p.Document.Statements[i]
				for _, pattern := range slices.Concat(s.Resources, s.NotResources) {
					id, literal := strings.CutPrefix(pattern, stem)
					literal = literal && !strings.ContainsAny(id, "*?$")
					switch {
					case !literal && uniform(pattern, stem) || !mentions(s, service):
					case literal:
						if named == nil {
							named = map[string]bool{}
						}
						named[id] = true
					default:
						return nil, true
					}
				}
			}
		}
	}
	return named, false
}

// mentions reports whether the statement may speak of the service's actions.
func mentions(s *iampolicy.Statement, service string) bool {
	return len(s.Actions) == 0 || slices.ContainsFunc(s.Actions, func(a string) bool {
		name, _, _ := strings.Cut(a, ":")
		return strings.ContainsAny(name, "*?") || strings.EqualFold(name, service)
	})
}

// uniform reports whether a resource pattern plainly matches all resources of
// the stem, or none. Their ids hold no colon; where the pattern has the five
// colons of an ARN, no wildcard reaches across one.
func uniform(pattern, stem string) bool {
	if !compatible(literalOf(pattern), stem) {
		return true
	}
	kind, last := stem[strings.LastIndex(stem, ":")+1:], pattern[strings.LastIndex(pattern, ":")+1:]
	arn := strings.Count(pattern, ":") == strings.Count(stem, ":")
	if arn && !compatible(literalOf(last), kind) {
		return true
	}
	head, star := strings.CutSuffix(last, "*")
	return star && strings.HasPrefix(kind, head) && (arn || len(literalOf(pattern)) == len(pattern)-1)
}

// literalOf is the pattern up to its first wildcard or variable.
func literalOf(pattern string) string {
	if i := strings.IndexAny(pattern, "*?$"); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

func compatible(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// widest joins the rights over two ways: the more open one counts.
func widest(a, b []right) []right {
	out := slices.Clone(a)
	for i, r := range b {
		out[i] = max(out[i], r)
	}
	return out
}

// access counts who may do something, by standing and right.
type access [standings][free + 1]tally

type tally struct {
	n     int
	first []int // of the actors, ascending
}

const mostNamed = 3

func (t *tally) add(members []int) {
	t.n += len(members)
	if len(members) == 0 || len(t.first) == mostNamed && members[0] > t.first[mostNamed-1] {
		return
	}
	t.first = append(t.first, members[:min(len(members), mostNamed)]...)
	slices.Sort(t.first)
	t.first = t.first[:min(len(t.first), mostNamed)]
}

func (d *directory) weigh(rights []right) *access {
	a := &access{}
	for i, r := range rights {
		for s, members := range d.sets[i].members {
			a[s][r].add(members)
		}
	}
	return a
}

// holders is how many principals that count may do it.
func (a *access) holders() int {
	own := &a[ordinary]
	return own[heldBack].n + own[doubtful].n + own[free].n
}

// names writes the first few: user/kim, role/ops 외 10개.
func (d *directory) names(t tally) string {
	var out []string
	for _, i := range t.first {
		out = append(out, d.actors[i].name)
	}
	text := strings.Join(out, ", ")
	if more := t.n - len(out); more > 0 {
		text += fmt.Sprintf(" 외 %s개", Grouped(more))
	}
	return text
}

// decide judges a way in by who may take it: status, reason and the calls that
// show whom it names. where says in Korean what way it is, as a noun that ends
// in a vowel or '성'; doing is what they may do. now: the way is there as things
// are.
func (d *directory) decide(a *access, now bool, where, doing string) Finding {
	var f Finding
	var parts []string
	say := func(t tally, format string) {
		if t.n == 0 {
			return
		}
		parts = append(parts, fmt.Sprintf(format, Grouped(t.n), d.names(t)))
		for _, i := range t.first {
			f.CallIDs = append(f.CallIDs, d.actors[i].calls...)
		}
	}
	const unjudged = "정책의 내용이 없거나 해석할 수 없어 접속 권한과 소스 네트워크 제한을 판단할 수 없는 "
	freely := "유효한 소스 네트워크 조건 없이 " + doing
	own, foreign := &a[ordinary], &a[foreignOnly]
	if own[free].n > 0 {
		say(own[free], freely+" 주체가 %s개 있음(%s)")
		if now {
			f.Status, f.Reason = Vulnerable, where+"이며 "+parts[0]
			return f
		}
	} else {
		say(own[doubtful], unjudged+"주체가 %s개 있음(%s)")
		if own[doubtful].n == 0 {
			say(own[heldBack], doing+" 주체 %s개(%s)가 모두 소스 네트워크 조건으로 제한되어 있음")
		}
		say(foreign[free], freely+" 주체 중 다른 계정만 맡을 수 있는 역할이 %s개 있음(%s)")
		say(foreign[doubtful], unjudged+"다른 계정 전용 역할이 %s개 있음(%s)")
	}
	if len(parts) > 0 {
		f.Status, f.Reason = Interview, where+"이며 "+strings.Join(parts, "; ")+"; 별도 통제의 적정성 확인이 필요함"
		return f
	}
	say(foreign[heldBack], "(다른 계정만 맡을 수 있는 역할 %s개는 소스 네트워크 조건으로 제한됨: %s)")
	f.Status, f.Reason = Good, where+"이나 "+doing+" 주체가 없음"+strings.Join(parts, "")
	return f
}

// adopt takes over what decide came to.
func (f *Finding) adopt(o Finding) {
	f.Status, f.Reason, f.CallIDs = o.Status, o.Reason, append(f.CallIDs, o.CallIDs...)
}

// holdersCell counts who may use a way in; where there is none, who could if
// there were one.
func holdersCell(a *access, wayIn bool) Cell {
	if n := a.holders(); !wayIn && n > 0 {
		return lines(fmt.Sprintf("0(권한 보유 %s)", Grouped(n)))
	}
	return count(a.holders())
}

// tables lists everyone who may do what was asked, by action, and apart from
// them the roles that do not decide.
func (d *directory) tables() map[string][]map[string]Cell {
	rows := map[string][]map[string]Cell{}
	for i, q := range d.questions {
		if slices.ContainsFunc(d.questions[:i], func(o *question) bool { return o.action == q.action }) {
			continue
		}
		answers := d.sum(q.action)
		for _, a := range d.actors {
			of := &answers[a.set]
			if of.targets == 0 {
				continue
			}
			row := map[string]Cell{
				"principal": lines(a.name), "kind": lines(a.kind), "action": lines(q.action), "targets": count(of.targets),
				"policies": {Lines: grantors(of.permission)}, "conditions": {Lines: conditions(of.permission)},
				"control": lines(stageWords[of.permission.Restriction.Status]),
			}
			table := principalsTable
			if why := standingWords[a.standing]; why != "" {
				table, row["why"], row["trusted"] = apartTable, lines(why), Cell{Lines: a.trusted}
			}
			rows[table] = append(rows[table], row)
		}
	}
	return rows
}

// sum joins the answers about one action in all regions, by policy set.
func (d *directory) sum(action string) []answer {
	out := make([]answer, len(d.sets))
	for _, q := range d.questions {
		if q.action != action {
			continue
		}
		for i := range q.answers {
			a, sum := &q.answers[i], &out[i]
			sum.targets += a.targets
			if a.widest > sum.widest {
				sum.widest, sum.permission = a.widest, a.permission
			}
		}
	}
	return out
}

// grantors names the statements that grant the action; where none is known,
// those that leave it open.
func grantors(p iampolicy.Permission) []string {
	var out []string
	for _, g := range p.Grants {
		if g.Layer == (iampolicy.Layer{Kind: iampolicy.Identity}).String() {
			out = append(out, g.Ref.String())
		}
	}
	if len(out) == 0 {
		return refs(p.Restriction.Basis)
	}
	return out
}

func conditions(p iampolicy.Permission) []string {
	var out []string
	for _, side := range []struct {
		word string
		list []iampolicy.Grant
	}{{"허용", p.Grants}, {"거부", p.Denies}} {
		for _, g := range side.list {
			if len(g.Conditions) > 0 {
				out = append(out, fmt.Sprintf("%s의 %s: %s", g.Ref, side.word, strings.Join(g.Conditions, " 및 ")))
			}
		}
	}
	if len(out) == 0 {
		return []string{"없음"}
	}
	return out
}

// rootNote says what root may do whatever IAM policies say; it is never counted.
func rootNote(set *evidence.Set, may string) string {
	return "root 계정은 IAM 정책과 관계없이 " + may + " 접속 가능 주체 수에 포함하지 않음" + bracketed(rootControls(set))
}

// rootControls says whether service control policies can bind root: they do in a
// member account, and never in the management account.
func rootControls(set *evidence.Set) string {
	switch o := set.Organization; {
	case o == nil:
		return "조직의 멤버 계정이면 SCP가 root도 제한할 수 있으나 조직 정보를 조회하지 못함"
	case o.Member && o.ManagementID == set.Account.ID:
		return "관리 계정의 root에는 SCP가 적용되지 않음"
	case o.Member:
		return "SCP는 멤버 계정의 root도 제한할 수 있으나 root에 대한 효력은 판단하지 않음"
	}
	return ""
}

// bracketed joins the texts that are not empty in brackets; without any it is empty.
func bracketed(texts ...string) string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	if len(texts) == 0 {
		return ""
	}
	return "(" + strings.Join(texts, "; ") + ")"
}

// scpNote says how far service control policies were taken into account.
func scpNote(set *evidence.Set) string {
	switch o := set.Organization; {
	case o == nil:
		return "조직 정보를 조회하지 못하여 SCP를 반영하지 못함"
	case o.Member && o.ManagementID == set.Account.ID:
		return "조직의 관리 계정에는 SCP가 적용되지 않음"
	case o.Member && !o.PoliciesRead:
		return "SCP 미반영(조회 권한 없음): 조직의 SCP가 이 계정의 접속 권한을 더 제한할 수 있음"
	case o.PoliciesRead:
		return "조직의 SCP를 접속 권한의 판단에 반영함"
	}
	return ""
}
