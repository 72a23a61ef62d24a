package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// signInActions are what a console sign-in has to pass: before the password,
// and after it.
var signInActions = [...]string{"signin:Authenticate", "signin:CreateOAuth2Token", "signin:AuthorizeOAuth2Access"}

// SignInRestriction is what the AWS Sign-In resource policy and the resource
// control policies do about source addresses. It speaks of a principal that no
// statement exempts; For tells about a certain one. Whether the account has
// console authorization enabled is for the caller to say.
type SignInRestriction struct {
	Restriction
	Exempted  []string // ARNs and patterns that some statement leaves out
	RootBound bool     // the root user is restricted too

	policies []Policy
	account  string
	limits   Limits
}

// RestrictSignIn reads AWS Sign-In resource policies and RCPs of the account.
func RestrictSignIn(policies []Policy, account string, limits Limits) SignInRestriction {
	out := signIn(policies, account, "", limits)
	root := "arn:aws:iam::" + account + ":root"
	out.RootBound = signIn(policies, account, root, limits).Status == Restricted
	return out
}

// For is the restriction of one principal.
func (r SignInRestriction) For(arn string) SignInRestriction {
	if !matchesAny(r.Exempted, arn) {
		return r
	}
	out := signIn(r.policies, r.account, arn, r.limits)
	out.RootBound = r.RootBound
	return out
}

// Exempts reports whether the principal is named as an exception and is not
// restricted by other statements all the same.
func (r SignInRestriction) Exempts(arn string) bool {
	return matchesAny(r.Exempted, arn) && r.For(arn).Status != Restricted
}

func matchesAny(patterns []string, arn string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return covers(p, arn) })
}

// signIn judges the policies for one principal, or, without one, for a
// principal that nothing exempts.
func signIn(policies []Policy, account, principal string, limits Limits) SignInRestriction {
	out := SignInRestriction{policies: policies, account: account, limits: limits}
	var shared review                       // what is not understood or holds nothing back
	var byAction [len(signInActions)]review // the barriers before each action
	for _, p := range policies {
		if p.unread() {
			shared.unclear = append(shared.unclear, unreadNote(p))
			continue
		}
		for i := range p.Document.Statements {
			s := &p.Document.Statements[i]
			d := readSignIn(s, s.ref(p.Name), account)
			out.Exempted = appendNew(out.Exempted, d.exempted...)
			switch {
			case d.open != nil:
				shared.open = append(shared.open, *d.open)
			case d.unclear != nil:
				shared.unclear = append(shared.unclear, *d.unclear)
			case matchesAny(d.exempted, "arn:aws:iam::"+account+":*"):
				d.reason += ", 그러나 모든 주체가 예외에 해당하여 제한되지 않음"
				shared.partial = append(shared.partial, d.note)
			case !matchesAny(d.exempted, principal):
				for a := range byAction {
					if d.actions[a] {
						byAction[a].barriers = append(byAction[a].barriers, d.barrier)
					}
				}
			}
		}
	}
	out.Restriction = concludeSignIn(shared, byAction, limits)
	return out
}

// concludeSignIn wants every action held back on its own; what gets through is
// what passes all of them.
func concludeSignIn(shared review, byAction [len(signInActions)]review, limits Limits) Restriction {
	all := review{limits: limits}
	var missing []string
	var wide []Restriction
	for a := range byAction {
		byAction[a].limits = limits
		all.barriers = append(all.barriers, byAction[a].barriers...)
		switch one := byAction[a].conclude(); one.Status {
		case None:
			missing = append(missing, signInActions[a])
		case TooWide:
			wide = append(wide, one)
		}
	}
	switch {
	case len(missing) == 0 && len(wide) == 0:
		return all.conclude()
	case len(shared.unclear) > 0:
		return shared.conclude()
	case len(missing) == 0:
		out := wide[0]
		for _, w := range wide[1:] {
			out.Networks = newSet(append(slices.Clone(out.Networks), w.Networks...)...).prefixes()
			out.Basis = appendNew(out.Basis, w.Basis...)
			out.Reasons = appendNew(out.Reasons, w.Reasons...)
		}
		return out
	}
	if len(missing) < len(signInActions) {
		var n note
		for _, b := range all.barriers {
			n.refs = appendNew(n.refs, b.refs...)
		}
		n.reason = fmt.Sprintf("%s: 로그인 단계의 일부 작업만 제한하며 %s 작업에는 제한이 없음", names(n.refs), list(missing))
		shared.partial = append(shared.partial, n)
	}
	out := shared.conclude()
	if out.Status == None && len(out.Basis) == 0 {
		out.Reasons = []string{"콘솔 로그인을 소스 IP로 제한하는 리소스 기반 정책 구문이 없음"}
	}
	return out
}

// signInDeny is what one statement does about signing in; its zero value is
// nothing.
type signInDeny struct {
	barrier
	actions       [len(signInActions)]bool // held back
	exempted      []string
	unclear, open *note
}

func readSignIn(s *Statement, ref Ref, account string) signInDeny {
	var d signInDeny
	f, rest := readFence(s.Conditions)
	say := func(reason string, raw ...string) *note {
		return &note{[]Ref{ref}, fmt.Sprintf("%s의 로그인 단계 구문%s: %s", ref, f.lets(), reason), raw}
	}
	var why []string
	if bad := s.malformed(); bad != "" {
		why = append(why, bad)
	}
	touched := false
	for a, action := range signInActions {
		if !s.touches(Scope{action, "arn:aws:signin:*"}) {
			continue
		}
		touched = true
		gaps, _ := s.gaps(Scope{action, "*"}, nil)
		why = appendNew(why, gaps...)
		d.actions[a] = true
	}
	if !touched || s.Effect == Allow && len(s.Conditions) == 0 && s.malformed() == "" {
		return signInDeny{}
	}
	if s.Effect == Allow {
		why = append(why, "조건이 있는 허용 구문임")
	}
	if !s.AnyPrincipal() {
		why = append(why, "Principal이 모든 주체(*)가 아님")
	}
	if s.Effect == Deny && len(why) == 0 && (f.vpcOnly || !f.ip && len(f.inverted) > 0) {
		d.open = say("지정한 곳에서 오는 요청만 거부하는 조건(" + list(append(f.inverted, f.ways...)) + ")이므로 제한이 되지 않음")
		return d
	}
	for _, way := range f.ways {
		why = append(why, "다른 조건("+way+")이 함께 걸려 있음")
	}
	why = append(why, f.unclear...)
	applies := true
	for _, c := range rest {
		switch {
		case exempts(c):
			d.exempted = append(d.exempted, c.Values...)
		case namesAccount(c):
			applies = applies && slices.Contains(c.Values, account)
		default:
			why = append(why, "다른 조건("+c.String()+")이 함께 걸려 있음")
		}
	}
	switch {
	case !applies: // the statement is about other accounts
		return signInDeny{}
	case len(why) == 0 && !f.ip && !f.vpc:
		why = append(why, "네트워크 조건이 없음")
	}
	if len(why) > 0 {
		d.unclear = say(strings.Join(why, ", ")+unjudged, s.Raw)
		return d
	}
	reason := "지정한 곳 이외에서 오는 콘솔 로그인을 거부함"
	if len(d.exempted) > 0 {
		reason = "예외 주체(" + list(d.exempted) + ")를 제외하고 " + reason
	}
	d.barrier = barrier{*say(reason), f.networks, f.alternatives, nil}
	return d
}

// exempts reports whether the condition leaves out just the principals it names.
func exempts(c Condition) bool {
	return (c.Key == "signin:principalarn" || c.Key == "aws:principalarn") &&
		(c.Operator == "ArnNotEquals" || c.Operator == "ArnNotLike") &&
		c.Qualifier != forAnyValue && len(c.Values) > 0 && !slices.ContainsFunc(c.Values, hasVariable)
}

// namesAccount reports whether the condition says which accounts' resources the
// statement is about.
func namesAccount(c Condition) bool {
	return c.Key == "aws:resourceaccount" && c.Qualifier == "" &&
		(c.Operator == "StringEquals" || c.Operator == "StringLike") &&
		!slices.ContainsFunc(c.Values, func(v string) bool { return strings.ContainsAny(v, "*?$") })
}
