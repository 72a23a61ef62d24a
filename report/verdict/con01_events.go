package verdict

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/verdict/iampolicy"
)

// Who manages rules: AWS User Notifications, and EventBridge's archives.
const (
	notifier = "notifications.amazonaws.com"
	archiver = "prod.vhs.events.aws.internal"
)

// leadsOn reports whether a rule can be part of a chain: AWS was asked about it, and
// it does more than keep the events in an archive, whose ARN names no account.
func leadsOn(r evidence.EventRule) bool {
	return r.Candidate && (r.ManagedBy != archiver || slices.ContainsFunc(r.Targets, func(t evidence.RuleTarget) bool {
		at := parseARN(t.ARN)
		return at.service != "events" || at.account != ""
	}))
}

// events are the EventBridge chains of a sign-in: the rules of its region's
// default bus behind a trail that records it. There is always at least one.
func (c *chains) events(l login) []chain {
	trail := c.trail(l.region)
	var out []chain
	for _, r := range c.candidates(l.region) {
		ch := c.ruleChain(r, l)
		ch.link = inSeries(trail, c.rule(r, l, false))
		out = append(out, ch)
	}
	if rules := c.noRule(l.region, len(out)); rules.grade != gradeComplete {
		out = append(out, chain{link: inSeries(trail, rules), path: eventPath})
	}
	return out
}

// noRule is a region's bus beside the rules that were seen: unknown where the list
// was not read to its end, a gap where there is none.
func (c *chains) noRule(region string, seen int) link {
	a, read := c.answer("events:ListRules", region)
	switch {
	case !read:
		return c.unread("events:ListRules", region, "")
	case seen == 0:
		besides := ""
		if slices.ContainsFunc(c.set.Alarms.Rules, func(r evidence.EventRule) bool { return r.Region == region && r.Candidate }) {
			besides = "이벤트 아카이브 외에 "
		}
		return broken(region+"의 기본 이벤트 버스에 "+besides+"로그인 이벤트를 받을 수 있는 규칙이 없음(사용자 지정 버스의 규칙은 로그인 이벤트를 받지 않음)", a.Calls...)
	}
	return intact()
}

// candidates are the rules of a region's default bus that can be part of a chain.
func (c *chains) candidates(region string) []evidence.EventRule {
	var out []evidence.EventRule
	for _, r := range c.set.Alarms.Rules {
		if leadsOn(r) && r.Region == region {
			out = append(out, r)
		}
	}
	return out
}

// ruleStates name the states that a rule can be in.
var ruleStates = map[string]string{
	"ENABLED": "활성화", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS": "활성화", disabled: "비활성화",
}

const disabled = "DISABLED"

// rule grades a rule for a sign-in whose event it sees, on the bus of the event's
// own region or forwarded to its own.
func (c *chains) rule(r evidence.EventRule, l login, forwarded bool) link {
	state := intact(r.Calls...)
	if r.State == disabled {
		state = broken("규칙이 비활성화(DISABLED) 상태임", r.Calls...)
	} else if ruleStates[r.State] == "" {
		state = uncertain("규칙의 상태("+orWord(r.State, "값 없음")+")를 해석할 수 없음", r.Calls...)
	}
	subject := r.ARN
	if l.region != r.Region {
		subject += " ← " + l.region
	}
	matched := c.match(r.Tests, l, r.Pattern, func() link { return c.unread("events:TestEventPattern", r.Region, subject) })
	targets := c.targets(r, l, forwarded)
	if matched.grade == gradeUnknown && targets.grade == gradeUnknown {
		targets = matched // topics of a rule that could not be tested are not asked
	}
	return inSeries(state, matched, c.eventConditions(r, l.class), targets)
}

// wholeVariants reports whether both kinds of MFA were tested, each with a second
// source address: an answer to fewer says little of the other sign-ins.
func wholeVariants(variants []evidence.SignInVariant) bool {
	sources := map[bool][]string{}
	for _, v := range variants {
		sources[v.MFA] = appendNew(sources[v.MFA], v.Source)
	}
	return len(sources[true]) > 1 && len(sources[false]) > 1
}

// match grades AWS's answers for one class and region.
func (c *chains) match(tests []evidence.SignInTest, l login, pattern string, unread func() link) link {
	variants := c.set.Alarms.Variants
	var calls, hit, missed []string // source addresses
	byMFA := map[bool]int{}
	answered := 0
	for _, v := range variants {
		i := slices.IndexFunc(tests, func(t evidence.SignInTest) bool {
			return t.Class == l.class && t.Region == l.region && t.MFA == v.MFA && t.Source == v.Source
		})
		if i < 0 {
			continue
		}
		answered++
		calls = appendNew(calls, tests[i].Calls...)
		if tests[i].Match {
			hit = appendNew(hit, v.Source)
			byMFA[v.MFA]++
		} else {
			missed = appendNew(missed, v.Source)
		}
	}
	switch {
	case !c.whole || answered < len(variants):
		return unread()
	case len(missed) == 0:
		return intact(calls...)
	case len(hit) == 0:
		why := fmt.Sprintf("로그인 성공 이벤트의 시험 %d건이 모두 일치하지 않음", answered)
		if strings.Contains(pattern, "Failure") {
			why += "(패턴이 로그인 실패 값 Failure를 지정함)"
		}
		return broken(why, calls...)
	case byMFA[true] == 0:
		return broken("MFA를 사용하지 않은 로그인만 일치하고 MFA를 사용한 로그인은 일치하지 않음", calls...)
	case byMFA[false] == 0:
		return broken("MFA를 사용한 로그인만 일치하고 MFA를 사용하지 않은 로그인은 일치하지 않음", calls...)
	}
	return uncertain(fmt.Sprintf("소스 주소 %s의 로그인 중 일부가 일치하지 않아 소스 주소 조건의 확인이 필요함", strings.Join(missed, ", ")), calls...)
}

// targets grades where a rule sends its events; the best target counts.
func (c *chains) targets(r evidence.EventRule, l login, forwarded bool) link {
	if r.ManagedBy == notifier {
		return uncertain("AWS User Notifications의 관리형 규칙이므로 수신처를 추적할 수 없음", r.Calls...)
	}
	var list []link
	for _, t := range r.Targets {
		list = append(list, c.target(r, t, l, forwarded))
	}
	switch {
	case !r.TargetsRead:
		list = append(list, c.unread("events:ListTargetsByRule", r.Region, r.ARN))
	case len(list) == 0:
		return broken("규칙에 대상이 없음", r.Calls...)
	}
	return inParallel(list...)
}

func (c *chains) target(r evidence.EventRule, t evidence.RuleTarget, l login, forwarded bool) link {
	at := parseARN(t.ARN)
	switch {
	case at.service == "sns":
		return c.topic(t.ARN, publisher{eventBridge, r.ARN, r.Region, t.RoleARN})
	case at.service != "events" || at.resource != defaultBus:
		return uncertain(at.kind()+"까지는 추적할 수 없음", r.Calls...)
	case at.account != c.set.Account.ID:
		return uncertain(fmt.Sprintf("다른 계정(%s)의 기본 이벤트 버스까지는 추적할 수 없음", at.account), r.Calls...)
	case at.region == r.Region:
		return uncertain("같은 리전의 기본 이벤트 버스로 되돌려 보내므로 추적할 수 없음", r.Calls...)
	case forwarded:
		return uncertain(at.kind()+"로 다시 전달되어 두 번째 전달부터는 추적할 수 없음", r.Calls...)
	}
	if _, read := c.answer("events:ListRules", at.region); !read && c.set.Regions.Read && c.set.Regions.Scope(at.region) == evidence.ScopeExcluded {
		return uncertain("점검 범위에서 제외된 리전의 기본 이벤트 버스("+at.region+")까지는 추적할 수 없음", r.Calls...)
	}
	return inSeries(c.forward(r, t), c.central(at.region, l))
}

// forward grades whether EventBridge may send a rule's events to a bus of another
// region: it takes a role that EventBridge may assume and that may put events there.
func (c *chains) forward(r evidence.EventRule, t evidence.RuleTarget) link {
	to := parseARN(t.ARN).kind()
	if t.RoleARN == "" {
		return uncertain(to+"로 보내는 대상에 역할이 지정되어 있지 않아(역할 없음) 전달 여부의 확인이 필요함", r.Calls...)
	}
	subject := fmt.Sprintf("%s로 보내는 역할(%s)", to, roleName(t.RoleARN))
	if !detailsRead(c.set) {
		return c.unread("iam:GetAccountAuthorizationDetails", "", "")
	}
	i := slices.IndexFunc(c.set.IAM.Roles, func(x evidence.Role) bool { return x.ARN == t.RoleARN })
	if i < 0 {
		return uncertain(subject+"이 이 계정의 역할 목록에 없어 전달 여부의 확인이 필요함", r.Calls...)
	}
	role := c.set.IAM.Roles[i]
	calls := slices.Concat(r.Calls, role.Calls)
	if c.roles == nil {
		c.roles = newConsole(c.set, c.settings)
	}
	layers, _ := c.roles.layers(role.Attached, role.Inline, nil, role.Boundary)
	may := iampolicy.May(layers, "events:PutEvents", t.ARN, c.roles.limits)
	switch trust := c.trusts(role, r); {
	case trust == iampolicy.AccessMissing, trust == iampolicy.AccessDenied:
		return broken(subject+": 신뢰 정책이 "+eventBridge+"에 역할을 맡기지 않음", calls...)
	case may.Denied:
		return broken(subject+": 이벤트를 보낼 권한(events:PutEvents)이 없음", calls...)
	case trust == iampolicy.AccessUnclear:
		return uncertain(subject+": 신뢰 정책의 확인이 필요함", calls...)
	case !may.Unconditional:
		return uncertain(subject+": 이벤트를 보낼 권한(events:PutEvents)에 관한 정책의 확인이 필요함", calls...)
	}
	return intact(calls...)
}

// trusts says whether a role's trust policy lets EventBridge assume it for the rule.
func (c *chains) trusts(role evidence.Role, r evidence.EventRule) iampolicy.Access {
	doc, err := iampolicy.Parse(role.Trust)
	if err != nil {
		return iampolicy.AccessUnclear
	}
	for i := range doc.Statements {
		doc.Statements[i].Resources = []string{"*"} // trust policies name none: they are about their role
	}
	access, _ := doc.ServiceAccess(iampolicy.ServiceCall{
		Service: eventBridge, Action: "sts:AssumeRole", Resource: role.ARN, SourceARN: r.ARN, Account: c.set.Account.ID,
	})
	return access
}

// central grades the rules of the bus that events of another region come to.
func (c *chains) central(region string, l login) link {
	var list []link
	for _, r := range c.candidates(region) {
		next := c.rule(r, l, true)
		for i, why := range next.whys {
			next.whys[i] = fmt.Sprintf("중앙 리전의 규칙 %s(%s): %s", r.Name, region, why)
		}
		list = append(list, next)
	}
	if rules := c.noRule(region, len(list)); rules.grade != gradeComplete {
		list = append(list, rules)
	}
	return inParallel(list...)
}

// ruleChain is what the tables show of a rule for a sign-in; its link is not graded.
func (c *chains) ruleChain(r evidence.EventRule, l login) chain {
	ch := chain{path: eventPath, names: []string{"규칙 " + r.Name}, state: orWord(ruleStates[r.State], orWord(r.State, noValue)), subscriptions: noValue}
	ch.root, ch.user = c.matchWords(r.Tests, l.region)
	var topics []string
	for _, t := range r.Targets {
		at := parseARN(t.ARN)
		ch.targets = append(ch.targets, at.kind())
		topics = append(topics, t.ARN)
		if at.service != "events" || at.resource != defaultBus || at.account != c.set.Account.ID || at.region == r.Region {
			continue
		}
		for _, next := range c.candidates(at.region) {
			if !matchesAny(next.Tests, l) {
				continue
			}
			for _, n := range next.Targets {
				ch.targets = append(ch.targets, fmt.Sprintf("규칙 %s(%s) → %s", next.Name, at.region, parseARN(n.ARN).kind()))
				topics = append(topics, n.ARN)
			}
		}
	}
	if !r.TargetsRead && len(r.Targets) == 0 {
		ch.targets = []string{unreadWord}
	}
	ch.subscriptions = c.subscriptions(topics)
	return ch
}

const (
	noValue    = "-"
	unreadWord = "조회 불가"
)

func matchesAny(tests []evidence.SignInTest, l login) bool {
	return slices.ContainsFunc(tests, func(t evidence.SignInTest) bool { return t.Match && t.Class == l.class && t.Region == l.region })
}

// matchWords says whether a pattern matches the sign-ins of a region; root's are
// in one region only.
func (c *chains) matchWords(tests []evidence.SignInTest, region string) (root, user string) {
	word := func(class evidence.LoginClass) string {
		switch m := c.match(tests, login{class, region}, "", func() link { return link{grade: gradeUnknown} }); {
		case m.grade == gradeComplete:
			return "일치"
		case m.grade == gradeUnknown:
			return unreadWord
		case matchesAny(tests, login{class, region}):
			return "일부 일치"
		}
		return "불일치"
	}
	root = "해당 없음"
	if region == evidence.RootSignInRegion {
		root = word(evidence.LoginRoot)
	}
	return root, word(evidence.LoginUser)
}

// subscriptions counts the confirmed and the pending ones of the topics that were read.
func (c *chains) subscriptions(arns []string) string {
	confirmed, pending, seen, rest := 0, 0, noValue, ""
	for _, a := range appendNew(nil, arns...) {
		t, ok := c.topics[a]
		switch {
		case !ok || !t.Own || t.Missing:
			continue
		case !t.SubscriptionsRead && len(t.Subscriptions) == 0:
			return unreadWord
		case !t.SubscriptionsRead:
			rest = "(나머지 " + unreadWord + ")"
		}
		for _, s := range t.Subscriptions {
			if s.Confirmed {
				confirmed++
			} else {
				pending++
			}
		}
		seen = fmt.Sprintf("%d/%d", confirmed, pending)
	}
	return seen + rest
}
