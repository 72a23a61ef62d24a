package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// note is what a statement does, in a Korean sentence.
type note struct {
	refs   []Ref
	reason string
	raw    []string // statements a person has to read
}

// barrier holds back every request in the scope that comes from elsewhere.
type barrier struct {
	note
	networks                 addrSet
	alternatives, exceptions []string
}

// review gathers what the statements do about sources.
type review struct {
	scope    Scope
	limits   Limits
	barriers []barrier
	unclear  []note // could hold sources back, if only it were understood
	partial  []note
	open     []note // holds nothing back
}

// RestrictSourceIP says whether the layers keep requests in the scope to
// certain source addresses.
func RestrictSourceIP(layers []Layer, scope Scope, limits Limits) Restriction {
	r := review{scope: scope, limits: limits}
	for _, layer := range layers {
		for _, p := range layer.Policies {
			if p.unread() {
				r.unclear = append(r.unclear, unreadNote(p))
				continue
			}
			for i := range p.Document.Statements {
				if s := &p.Document.Statements[i]; s.Effect == Deny && s.touches(scope) {
					r.deny(s, s.ref(p.Name))
				}
			}
		}
		r.allows(layer)
	}
	return r.conclude()
}

func unreadNote(p Policy) note {
	return note{[]Ref{{Policy: p.Name}}, fmt.Sprintf("정책 '%s'의 내용이 반환되지 않았거나 해석할 수 없어 소스 IP 제한 여부를 확인할 수 없음", p.Name), nil}
}

// deny reads one Deny that touches the scope.
func (r *review) deny(s *Statement, ref Ref) {
	f, rest := readFence(s.Conditions)
	one := func(reason string, raw ...string) note {
		return note{[]Ref{ref}, fmt.Sprintf("%s의 거부 구문%s: %s", ref, f.lets(), reason), raw}
	}
	if why := s.misplaced(); why != "" {
		r.unclear = append(r.unclear, one(why+unjudged, s.Raw))
		return
	}
	gaps, exceptions := s.gaps(r.scope, r.limits.SelfService)
	if len(s.Conditions) == 0 {
		if len(gaps)+len(exceptions) == 0 {
			r.open = append(r.open, one("소스 IP와 무관하게 모든 요청을 거부하며, 이는 소스 IP 제한으로 보지 않음"))
		}
		return
	}
	if !f.ip && len(f.inverted) > 0 {
		r.open = append(r.open, one("지정한 대역에서 오는 요청만 거부하는 반대 방향의 조건("+list(f.inverted)+")이므로 제한이 되지 않음"))
		return
	}
	if !f.relevant() {
		return
	}
	ways := f.ways
	for _, c := range rest {
		if acceptedBeside(c) {
			exceptions = append(exceptions, c.String())
		} else {
			ways = append(ways, c.String())
		}
	}
	if len(ways) > 0 {
		gaps = append(gaps, "다른 조건("+list(ways)+")이 함께 성립할 때에만 적용")
	}
	switch {
	case len(gaps) > 0:
		r.partial = append(r.partial, one(strings.Join(gaps, ", ")+"하여 일부 요청만 제한함"))
	case len(f.unclear) > 0:
		r.unclear = append(r.unclear, one(strings.Join(f.unclear, ", ")+unjudged, s.Raw))
	default:
		r.barriers = append(r.barriers, barrier{
			one("지정한 곳 이외에서 오는 " + r.subject() + " 요청을 거부함"), f.networks, f.alternatives, exceptions})
	}
}

const unjudged = "에 따라 자동으로 판단할 수 없음"

// acceptedBeside is the closed list of conditions that may stand beside the
// network conditions of a Deny: calls that an AWS service makes on its own.
func acceptedBeside(c Condition) bool {
	return (c.Key == "aws:viaawsservice" || c.Key == "aws:principalisawsservice") && c.Operator == "Bool" &&
		slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(v, "false") })
}

// misplaced says in Korean what makes the statement no statement of an identity
// policy, a boundary or an SCP.
func (s *Statement) misplaced() string {
	if s.HasPrincipal {
		return "이 정책 유형에 쓸 수 없는 Principal 또는 NotPrincipal 요소가 있음"
	}
	return s.malformed()
}

// allows reads the Allows of a layer: they restrict when every one of them does.
func (r *review) allows(layer Layer) {
	var closed, unclear, open note
	var inverted []note
	var alternatives []string
	networks := addrSet{}
	lacking, everywhere := false, false // an open Allow that covers the scope
	for _, p := range layer.Policies {
		if p.unread() {
			lacking = true
			continue
		}
		for i := range p.Document.Statements {
			s := &p.Document.Statements[i]
			if s.Effect != Allow || !s.touches(r.scope) {
				continue
			}
			ref := s.ref(p.Name)
			g := readGate(s.Conditions)
			switch why := s.misplaced(); {
			case why != "":
				unclear.add(ref, s.Raw, why)
			case !g.closed && len(g.unclear) > 0:
				unclear.add(ref, s.Raw, strings.Join(g.unclear, ", "))
			case g.closed:
				closed.refs = append(closed.refs, ref)
				networks = networks.union(g.networks)
				alternatives = append(alternatives, g.alternatives...)
			default:
				open.refs = append(open.refs, ref)
				if gaps, _ := s.gaps(r.scope, nil); len(gaps) == 0 {
					everywhere = true
				}
				if len(g.inverted) > 0 {
					inverted = append(inverted, note{[]Ref{ref}, fmt.Sprintf("%s의 허용 구문: 지정한 대역만 제외하고 허용하는 반대 방향의 조건(%s)이므로 제한이 되지 않음", ref, list(g.inverted)), nil})
				}
			}
		}
	}
	r.open = append(r.open, inverted...)
	through := lets(true, networks, alternatives)
	what := "권한"
	if r.scope != Everything {
		what = r.subject()
	}
	switch {
	case lacking: // the missing document may hold any Allow
	case len(closed.refs)+len(unclear.refs)+len(open.refs) == 0:
		r.open = append(r.open, note{nil, fmt.Sprintf("%s에 %s을 허용하는 구문이 없으며, 이는 소스 IP 제한으로 보지 않음", layer, what), nil})
	case len(open.refs) > 0 && len(closed.refs) > 0 && !everywhere:
		closed.refs = append(closed.refs, open.refs...)
		closed.reason = fmt.Sprintf("%s의 허용 구문 중 일부에만 소스 IP 조건%s이 있고 %s에는 없음", layer, through, names(open.refs))
		r.partial = append(r.partial, closed)
	case len(open.refs) > 0:
		if layer.Kind == Identity {
			open.reason = fmt.Sprintf("%s의 허용 구문(%s)에 소스 IP 조건이 없음", layer, names(open.refs))
			r.open = append(r.open, open)
		}
	case len(unclear.refs) > 0:
		unclear.reason = fmt.Sprintf("%s의 허용 구문: %s", names(unclear.refs), unclear.reason+unjudged)
		r.unclear = append(r.unclear, unclear)
	default:
		closed.reason = fmt.Sprintf("%s의 모든 허용 구문(%s)이 지정한 곳%s에서 오는 요청만 허용함", layer, names(closed.refs), through)
		r.barriers = append(r.barriers, barrier{closed, networks, alternatives, nil})
	}
}

// add puts a statement and what is said of it to the note.
func (n *note) add(ref Ref, raw, why string) {
	n.refs, n.raw = append(n.refs, ref), append(n.raw, raw)
	if !strings.Contains(n.reason, why) {
		n.reason = strings.TrimPrefix(n.reason+", "+why, ", ")
	}
}

// conclude weighs what was gathered.
func (r *review) conclude() Restriction {
	networks := wholeInternet
	for _, b := range r.barriers {
		networks = networks.intersect(b.networks)
	}
	fenced := len(r.barriers) > 0
	var excess []string
	if fenced {
		excess = r.limits.excess(networks)
	}
	var out Restriction
	switch {
	case fenced && len(excess) == 0:
		out.Status = Restricted
	case len(r.unclear) > 0:
		out.Status = Interview
		out.take(r.unclear)
		return out
	case fenced:
		out.Status = TooWide
	case len(r.partial) > 0:
		out.Status = Partial
		out.take(r.partial)
		return out
	default:
		out.Status = None
		out.take(r.open)
		if len(out.Reasons) == 0 {
			out.Reasons = []string{"소스 IP를 제한하는 구문이 없음"}
		}
		return out
	}
	out.Networks = networks.prefixes()
	for _, b := range r.barriers {
		out.take([]note{b.note})
		out.Alternatives = appendNew(out.Alternatives, b.alternatives...)
		out.Exceptions = appendNew(out.Exceptions, b.exceptions...)
	}
	if out.Status == TooWide {
		for _, reason := range excess {
			out.Reasons = append(out.Reasons, names(out.Basis)+": "+reason)
		}
	}
	return out
}

// take shows the notes.
func (out *Restriction) take(notes []note) {
	for _, n := range notes {
		out.Basis = appendNew(out.Basis, n.refs...)
		out.Reasons = appendNew(out.Reasons, n.reason)
		out.Statements = appendNew(out.Statements, n.raw...)
	}
}

func appendNew[T comparable](list []T, more ...T) []T {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// subject names the scope in Korean.
func (r *review) subject() string {
	if r.scope == Everything {
		return "모든 작업"
	}
	return r.scope.Action + " 작업"
}

// names joins statements for a sentence.
func names(refs []Ref) string {
	out := make([]string, len(refs))
	for i, r := range refs {
		out[i] = r.String()
	}
	return list(out)
}

// String names the statement in Korean.
func (r Ref) String() string {
	switch n, noSid := strings.CutPrefix(r.Sid, "#"); {
	case r.Sid == "":
		return fmt.Sprintf("정책 '%s'", r.Policy)
	case noSid:
		return fmt.Sprintf("정책 '%s'의 %s번째 구문", r.Policy, n)
	}
	return fmt.Sprintf("정책 '%s'(Sid '%s')", r.Policy, r.Sid)
}

// String names the layer in Korean.
func (l Layer) String() string {
	kind := "권한 정책"
	switch l.Kind {
	case Boundary:
		kind = "권한 경계"
	case SCP:
		kind = "서비스 제어 정책(SCP)"
	}
	if l.Name == "" {
		return kind
	}
	return kind + " '" + l.Name + "'"
}
