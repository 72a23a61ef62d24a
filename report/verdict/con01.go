package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/settings"
)

// Keys of CON-01's further tables.
const (
	chainsTable = "chains"
	trailsTable = "trails"
)

// con01 is CON-01 · 관리 콘솔 로그인 성공 시 알람 발송. A sign-in is covered when one
// chain from CloudTrail to a person is whole: over EventBridge or over a log group.
func con01(in Input) Outcome {
	set := in.Evidence
	if set.Regions == nil || set.Alarms == nil {
		return Outcome{}
	}
	c := newChains(in)
	out := Outcome{Told: con01Told, Notes: c.notes(), Rows: map[string][]map[string]Cell{chainsTable: c.rows(), trailsTable: c.trailRows()}}
	reported := nobodyReported(set)
	for _, l := range c.logins {
		f := c.finding(l)
		switch {
		case l.class != evidence.LoginUser || !reported:
		case detailsRead(set):
			f.Status, f.CallIDs = NA, set.CredentialReport.Calls
			f.Reason = fmt.Sprintf("콘솔 암호가 있는 IAM 사용자가 없음(%s에 생성된 자격 증명 보고서의 내용이며 이후의 변경은 반영되지 않음)", moment(set.CredentialReport.Generated))
		case f.Status == Vulnerable: // of nobody known: neither proved nor dismissed
			f.Status, f.Reason = Interview, "자격 증명 보고서에는 콘솔 암호가 있는 IAM 사용자가 없으나 그 이후의 사용자를 확인하지 못함. "+f.Reason
		}
		out.Findings = append(out.Findings, f)
	}
	out.Population = len(out.Findings)
	out.Reason = con01Reason(out.Findings)
	return out
}

// con01Told are the calls whose failures the rule weighs itself: each can hide
// certain chains only.
var con01Told = []string{
	"events:ListRules", "events:ListTargetsByRule", "events:TestEventPattern", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic",
	"cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors",
	"logs:DescribeMetricFilters", "logs:TestMetricFilter", "cloudwatch:DescribeAlarms", "iam:GetAccountAuthorizationDetails",
}

// login is a class of console sign-in with the region that records it.
type login struct {
	class  evidence.LoginClass
	region string
}

func (l login) String() string { return string(l.class) + "/" + l.region }

// must reports whether a lack of coverage is a weakness by itself: elsewhere only
// sign-ins through a regional endpoint are recorded.
func (l login) must() bool { return l.class == evidence.LoginRoot || evidence.IsSignIn(l.region) }

var classWords = map[evidence.LoginClass]string{evidence.LoginRoot: "root 계정", evidence.LoginUser: "IAM 사용자"}

// grade says how much of a chain stands, worst last: a chain is as good as its
// worst link.
type grade int

const (
	gradeComplete grade = iota
	gradeInterview
	gradeUnknown
	gradeBroken
)

// preference is which of several ways counts: a failed call may hide a whole one,
// so it comes before a way that a person has to look at.
var preference = []grade{gradeComplete, gradeUnknown, gradeInterview, gradeBroken}

// link is a graded part of a chain.
type link struct {
	grade grade
	whys  []string // formal Korean; none where it is complete
	calls []string
}

func intact(calls ...string) link                { return link{gradeComplete, nil, calls} }
func uncertain(why string, calls ...string) link { return link{gradeInterview, []string{why}, calls} }
func broken(why string, calls ...string) link    { return link{gradeBroken, []string{why}, calls} }

func (l link) why() string { return strings.Join(l.whys, ", ") }

// inSeries joins links of which none may fail: the worst decides, and its reasons
// are told; all of them are the evidence.
func inSeries(links ...link) link {
	worst := slices.MaxFunc(links, func(a, b link) int { return cmp.Compare(a.grade, b.grade) })
	out := gather(worst.grade, links)
	for _, l := range links {
		out.calls = appendNew(out.calls, l.calls...)
	}
	return out
}

// inParallel joins ways of which one is enough: those of the best grade decide.
func inParallel(links ...link) link {
	best := slices.MinFunc(links, func(a, b link) int { return cmp.Compare(rank(a.grade), rank(b.grade)) })
	return gather(best.grade, links)
}

func rank(g grade) int { return slices.Index(preference, g) }

// gather keeps the reasons and calls of the links that have the grade.
func gather(g grade, links []link) link {
	out := link{grade: g}
	for _, l := range links {
		if l.grade == g {
			out.whys, out.calls = appendNew(out.whys, l.whys...), appendNew(out.calls, l.calls...)
		}
	}
	return out
}

func appendNew(list []string, more ...string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// chain is one way from a sign-in to a person, with what the tables show of it.
type chain struct {
	link
	path          string
	names         []string // rule, or filter and alarm
	state         string
	targets       []string
	subscriptions string
	root, user    string // whether the pattern matches
}

const (
	eventPath = "EventBridge"
	logPath   = "CloudTrail 로그"
)

func (ch chain) cells() map[string]Cell {
	if len(ch.names) == 0 && ch.grade == gradeUnknown {
		ch.names = []string{unreadWord}
	}
	return map[string]Cell{
		"path": lines(ch.path), "rule": {Lines: ch.names}, "status": lines(ch.state), "root_match": lines(ch.root), "iam_match": lines(ch.user),
		"target": {Lines: ch.targets}, "subscription": lines(ch.subscriptions),
	}
}

// title names the chain in a reason.
func (ch chain) title() string {
	if len(ch.names) == 0 {
		return ch.path + " 경로"
	}
	return strings.Join(ch.names, " → ")
}

// chains judges the ways of one account.
type chains struct {
	set      *evidence.Set
	settings settings.Config
	failures []evidence.Failure
	whole    bool    // the sign-ins were tested in enough variants
	logins   []login // root first, then by region
	topics   map[string]evidence.Topic
	logPaths []logWay
	roles    *console // read when a rule forwards with a role
}

func newChains(in Input) *chains {
	c := &chains{set: in.Evidence, settings: in.Settings, failures: in.Failures, topics: map[string]evidence.Topic{}}
	c.whole = wholeVariants(c.set.Alarms.Variants)
	c.logins = []login{{evidence.LoginRoot, evidence.RootSignInRegion}}
	regions := append(c.set.Regions.In(evidence.ScopeFull, evidence.ScopeSignIn), evidence.SignInRegions...)
	slices.Sort(regions)
	for _, r := range slices.Compact(regions) {
		c.logins = append(c.logins, login{evidence.LoginUser, r})
	}
	for _, t := range c.set.Alarms.Topics {
		c.topics[t.ARN] = t
	}
	c.logPaths = c.logWays()
	return c
}

// unread is a link that a failed call hides.
func (c *chains) unread(action, region, subject string) link {
	f := c.failure(action, region, subject)
	l := link{grade: gradeUnknown, whys: []string{Describe(f)}}
	if f.CallID != "" {
		l.calls = []string{f.CallID}
	}
	return l
}

// failure finds the failed call; equal questions are asked once, so that it may
// stand under another subject of the region.
func (c *chains) failure(action, region, subject string) evidence.Failure {
	found := evidence.Failure{Action: action, Region: region, Subject: subject, Code: notCollected}
	for _, f := range c.failures {
		switch {
		case f.Action != action || region != "" && f.Region != region && f.Region != "":
		case f.Subject == subject:
			return f
		case found.Code == notCollected && f.Code != notCollected:
			found = f
		}
	}
	return found
}

// answer returns the answer to a region's question, and whether there is one.
func (c *chains) answer(action, region string) (evidence.Answer, bool) {
	for _, a := range c.set.Answers {
		if a.Action == action && a.Region == region {
			return a, true
		}
	}
	return evidence.Answer{}, false
}

// finding judges one class and region by its best chain.
func (c *chains) finding(l login) Finding {
	list := append(c.events(l), c.logs(l)...)
	best := list[0]
	var links []link
	for _, ch := range list {
		if d := cmp.Compare(rank(ch.grade), rank(best.grade)); d < 0 || d == 0 && len(best.names) == 0 {
			best = ch
		}
		named := ch.link
		if len(named.whys) > 0 {
			named.whys = []string{ch.title() + ": " + named.why()}
		}
		links = append(links, named)
	}
	all := inParallel(links...)
	f := Finding{Resource: l.String(), Region: l.region, CallIDs: all.calls, Cells: best.cells()}
	f.Cells["region"] = lines(l.region, classWords[l.class])
	about := fmt.Sprintf("%s에서 %s의 로그인 성공을 통지하는 경로", l.region, classWords[l.class])
	open := firstFew(all.whys, "; ")
	switch {
	case all.grade == gradeComplete:
		f.Status, f.CallIDs = Good, best.calls
		f.Reason = fmt.Sprintf("%s가 확인된 구독까지 구성되어 있음: %s → %s(구독 확인됨/대기 %s)", about, best.title(), strings.Join(best.targets, ", "), best.subscriptions)
	case all.grade == gradeUnknown:
		f.Status, f.Reason = Unknown, fmt.Sprintf("%s를 판정할 수 없음: %s", about, open)
	case all.grade == gradeInterview:
		f.Status, f.Reason = Interview, fmt.Sprintf("%s의 확인이 필요함: %s", about, open)
	case l.must():
		f.Status, f.Reason = Vulnerable, fmt.Sprintf("%s가 확인되지 않음: %s", about, open)
	default:
		f.Status, f.Reason = Interview, fmt.Sprintf("리전 엔드포인트로 로그인한 경우에 해당하는 %s가 확인되지 않아 인터뷰가 필요함: %s", about, open)
	}
	return f
}

// firstFew joins the first texts of many.
func firstFew(texts []string, separator string) string {
	const most = 4
	if len(texts) <= most {
		return strings.Join(texts, separator)
	}
	return fmt.Sprintf("%s 외 %d건", strings.Join(texts[:most], separator), len(texts)-most)
}

// rows are every rule, filter and alarm that was looked at, with what is wrong
// with it for the sign-ins that it was tested with.
func (c *chains) rows() []map[string]Cell {
	var rows []map[string]Cell
	add := func(ch chain, region string, graded []gradedLogin) {
		cells := ch.cells()
		cells["region"], cells["problem"] = lines(region), Cell{Lines: problems(graded)}
		rows = append(rows, cells)
	}
	for _, r := range c.set.Alarms.Rules {
		if !leadsOn(r) {
			continue
		}
		var graded []gradedLogin
		for _, l := range c.logins {
			forwarded := l.region != r.Region
			if !forwarded || slices.ContainsFunc(r.Tests, func(t evidence.SignInTest) bool { return t.Class == l.class && t.Region == l.region }) {
				graded = append(graded, gradedLogin{l, inSeries(c.trail(l.region), c.rule(r, l, forwarded))})
			}
		}
		add(c.ruleChain(r, login{evidence.LoginUser, r.Region}), r.Region, graded)
	}
	for _, w := range c.logPaths {
		var graded []gradedLogin
		for _, l := range c.logins {
			graded = append(graded, gradedLogin{l, c.logLink(w, l)})
		}
		ch := w.chain
		if w.filter != nil {
			ch.root, ch.user = c.matchWords(w.filter.Tests, evidence.RootSignInRegion)
		}
		add(ch, w.region, graded)
	}
	return rows
}

// gradedLogin is a chain's grade for one sign-in.
type gradedLogin struct {
	login login
	link  link
}

var gradeWords = map[grade]string{gradeInterview: "확인 필요: ", gradeUnknown: "점검 불가: "}

// problems lists what is wrong, each with the sign-ins it is wrong for unless that
// is all of them.
func problems(graded []gradedLogin) []string {
	var whys []string
	of := map[string][]string{}
	for _, g := range graded {
		if g.link.grade != gradeComplete {
			why := gradeWords[g.link.grade] + g.link.why()
			whys = appendNew(whys, why)
			of[why] = append(of[why], g.login.String())
		}
	}
	for i, why := range whys {
		if n := len(of[why]); n < len(graded) {
			whys[i] = fmt.Sprintf("%s(%s)", why, firstFew(of[why], ", "))
		}
	}
	if len(whys) == 0 {
		return []string{"없음"}
	}
	return whys
}

// nobodyReported reports that the credential report was read and that no IAM user
// in it, or seen to be made since, can have a console password.
func nobodyReported(set *evidence.Set) bool {
	if set.CredentialReport == nil || len(reportOfAnotherTime(set)) > 0 || len(countReported(set)) > 0 {
		return false
	}
	created, missing := notReported(set)
	gone := departed(set)
	return len(created)+len(missing) == 0 && !slices.ContainsFunc(set.CredentialReport.Rows, func(r evidence.CredentialRow) bool {
		return !r.Root() && !gone[r.ARN] && r.PasswordEnabled != evidence.FlagFalse
	})
}

func (c *chains) notes() []string {
	var out []string
	switch {
	case c.set.CredentialReport == nil:
		note := "자격 증명 보고서를 조회하지 못하여 콘솔 암호가 있는 IAM 사용자가 있는 것으로 보고 판정함"
		for _, f := range c.failures {
			if strings.HasSuffix(f.Action, "CredentialReport") {
				note += "; " + Describe(f)
			}
		}
		out = append(out, note)
	case !detailsRead(c.set) && nobodyReported(c.set):
		out = append(out, fmt.Sprintf("IAM 사용자 목록을 조회하지 못하여 자격 증명 보고서 생성(%s) 이후에 콘솔 암호가 있는 IAM 사용자가 생겼는지 확인하지 못함",
			moment(c.set.CredentialReport.Generated)))
	}
	other, archives := 0, 0
	for _, r := range c.set.Alarms.Rules {
		switch {
		case !r.Candidate:
			other++
		case !leadsOn(r):
			archives++
		}
	}
	for _, left := range []struct {
		rules int
		what  string
	}{{other, "일정에 따른 규칙이거나 로그인이 아닌 출처만 지정한 규칙"}, {archives, "이벤트를 보관만 하는 이벤트 아카이브의 관리형 규칙"}} {
		if left.rules > 0 {
			out = append(out, fmt.Sprintf("기본 이벤트 버스의 규칙 %s건 중 %s건은 %s이므로 경로로 보지 않음", Grouped(len(c.set.Alarms.Rules)), Grouped(left.rules), left.what))
		}
	}
	if c.set.IAM == nil {
		return append(out, "IAM 역할을 조회하지 못하여 페더레이션(SAML, IAM Identity Center) 로그인의 사용 여부를 확인하지 못함")
	}
	var federated []string
	for _, r := range c.set.IAM.Roles {
		if kind := identityProvider(r); kind != "" {
			federated = append(federated, r.Name+"("+kind+")")
		}
	}
	if n := len(federated); n > 0 {
		out = append(out, fmt.Sprintf("페더레이션으로 접속하는 역할이 %s개 있으며 그 로그인의 통지는 판정에 포함하지 않음: %s", Grouped(n), firstFew(federated, ", ")))
	}
	return out
}

// con01Reason says how root and IAM users stand, in one sentence.
func con01Reason(findings []Finding) string {
	var parts []string
	for _, class := range []evidence.LoginClass{evidence.LoginRoot, evidence.LoginUser} {
		regions := map[Verdict][]string{}
		n := 0
		for _, f := range findings {
			if strings.HasPrefix(f.Resource, string(class)+"/") {
				regions[f.Status] = append(regions[f.Status], f.Region)
				n++
			}
		}
		var states []string
		for _, v := range foldOrder {
			switch list := regions[v]; {
			case len(list) == 0:
			case len(list) == n && n > 1:
				states = append(states, fmt.Sprintf("%s(리전 %s곳 모두)", coverWords[v], Grouped(n)))
			default:
				states = append(states, fmt.Sprintf("%s(%s)", coverWords[v], firstFew(list, ", ")))
			}
		}
		parts = append(parts, classWords[class]+"의 로그인 성공 통지: "+strings.Join(states, ", "))
	}
	return strings.Join(parts, "; ")
}

var coverWords = map[Verdict]string{
	Good: "경로가 구성됨", Vulnerable: "경로가 확인되지 않음", Interview: "확인이 필요함", Unknown: "판정할 수 없음", NA: "콘솔 암호가 있는 사용자가 없음",
}
