package iampolicy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// The keys that say where a request comes from.
const (
	keySourceIP    = "aws:sourceip"
	keySourceVPC   = "aws:sourcevpc"
	keySourceVPCE  = "aws:sourcevpce"
	keyVPCSourceIP = "aws:vpcsourceip"
)

// fence is the network part of a Deny's conditions: which requests it lets past.
type fence struct {
	ip, vpc      bool     // holds a negated condition on the source address, on a VPC
	networks     addrSet  // addresses outside the Deny
	alternatives []string // VPC conditions outside the Deny
	inverted     []string // conditions that deny the networks they name
	ways         []string // conditions under which the Deny does not apply
	vpcOnly      bool     // one of them keeps the Deny to requests through a VPC
	unclear      []string // Korean: why a condition is not understood
}

// relevant reports whether the Deny tries to hold sources off.
func (f *fence) relevant() bool { return f.ip || f.vpc || len(f.unclear) > 0 }

// lets describes what the fence lets past, as far as that is understood.
func (f *fence) lets() string {
	if len(f.unclear) > 0 {
		return ""
	}
	return lets(f.ip, f.networks, f.alternatives)
}

// lets describes in Korean, in brackets, what gets past.
func lets(ip bool, networks addrSet, alternatives []string) string {
	var parts []string
	if ip {
		parts = append(parts, "허용 대역 "+orNone(join(networks.prefixes())))
	}
	if len(alternatives) > 0 {
		parts = append(parts, "허용 VPC 조건 "+list(alternatives))
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func orNone(s string) string {
	if s == "" {
		return "없음"
	}
	return s
}

// readFence reads the network conditions of a Deny and returns the others.
func readFence(conditions []Condition) (f fence, rest []Condition) {
	for _, c := range conditions {
		switch c.Key {
		case keySourceIP:
			f.readSourceIP(c)
		case keySourceVPC, keySourceVPCE, keyVPCSourceIP:
			f.readVPC(c)
		default:
			rest = append(rest, c)
		}
	}
	if f.ip && len(f.inverted) > 0 {
		f.unclear = append(f.unclear, "한 거부 구문에 aws:SourceIp의 IpAddress와 NotIpAddress가 함께 있음")
	}
	return f, rest
}

func (f *fence) readSourceIP(c Condition) {
	switch c.Operator {
	case "NotIpAddress":
		f.ip = true
		set, why := addressValues(c)
		f.networks = f.networks.union(set)
		f.unclear = append(f.unclear, why...)
	case "IpAddress":
		f.inverted = append(f.inverted, c.String())
	default:
		f.unclear = append(f.unclear, notAddress(c))
	}
}

func (f *fence) readVPC(c Condition) {
	_, isNegated := comparesVPC(c)
	switch {
	case c.Operator == "Null" && !slices.Contains(c.Values, "false"):
		f.vpc = true // whatever comes through a VPC endpoint gets past
		f.unclear = append(f.unclear, "Null 연산자로 "+c.Name+"의 유무만 확인함")
	case isNegated && c.Qualifier != forAnyValue:
		f.vpc = true
		f.alternatives = append(f.alternatives, c.String())
		f.unclear = append(f.unclear, vpcValues(c)...)
	default:
		f.ways = append(f.ways, c.String())
		f.vpc = f.vpc || isNegated || c.trueWhenAbsent()
		f.vpcOnly = f.vpcOnly || !c.trueWhenAbsent()
	}
}

// gate is the network part of an Allow's conditions: from where it grants.
type gate struct {
	closed       bool     // grants from certain networks only
	networks     addrSet  // those networks
	alternatives []string // VPC conditions it grants under
	inverted     []string // conditions that grant everywhere but in the networks they name
	unclear      []string // Korean: why a condition is not understood
}

// readGate reads the network conditions of an Allow. Any other condition only
// narrows what the Allow grants.
func readGate(conditions []Condition) gate {
	g := gate{networks: wholeInternet}
	for _, c := range conditions {
		switch c.Key {
		case keySourceIP:
			g.readSourceIP(c)
		case keySourceVPC, keySourceVPCE, keyVPCSourceIP:
			g.readVPC(c)
		}
	}
	return g
}

func (g *gate) readSourceIP(c Condition) {
	switch {
	case c.Operator == "NotIpAddress":
		g.inverted = append(g.inverted, c.String())
	case c.Operator != "IpAddress":
		g.unclear = append(g.unclear, notAddress(c))
	case c.trueWhenAbsent():
		g.unclear = append(g.unclear, "요청에 aws:SourceIp가 없으면 참이 되는 조건("+c.String()+")을 사용함")
	default:
		set, why := addressValues(c)
		g.unclear = append(g.unclear, why...)
		if len(why) == 0 {
			g.closed = true
			g.networks = g.networks.intersect(set)
		}
	}
}

func (g *gate) readVPC(c Condition) {
	positive, negated := comparesVPC(c)
	switch {
	case c.Operator == "Null" && slices.Contains(c.Values, "false"):
		g.unclear = append(g.unclear, "Null 연산자로 "+c.Name+"의 유무만 확인함")
		return
	case negated && c.Qualifier == forAnyValue && !c.IfExists: // any VPC but the named ones
		g.unclear = append(g.unclear, "조건("+c.String()+")으로는 어느 VPC인지 정해지지 않음")
		return
	case !positive || c.trueWhenAbsent():
		return
	}
	if why := vpcValues(c); len(why) > 0 {
		g.unclear = append(g.unclear, why...)
		return
	}
	g.closed = true
	g.networks = addrSet{} // a request through a VPC endpoint has no public source
	g.alternatives = append(g.alternatives, c.String())
}

// comparesVPC reports whether the condition compares its VPC key for likeness,
// or for difference.
func comparesVPC(c Condition) (positive, negated bool) {
	if c.Key == keyVPCSourceIP {
		return c.Operator == "IpAddress", c.Operator == "NotIpAddress"
	}
	switch c.Operator {
	case "StringEquals", "StringEqualsIgnoreCase", "StringLike":
		return true, false
	case "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike":
		return false, true
	}
	return false, false
}

// notAddress says why a condition on aws:SourceIp is not understood.
func notAddress(c Condition) string {
	if c.Operator == "Null" {
		return "Null 연산자로 " + c.Name + "의 유무만 확인함"
	}
	return "IP 주소 연산자가 아닌 " + c.Operator + " 연산자로 " + c.Name + "를 비교함"
}

// addressValues reads the blocks of an address condition, and why it can't.
func addressValues(c Condition) (addrSet, []string) {
	set, bad := blocks(c.Values)
	var why []string
	switch {
	case len(c.Values) == 0:
		why = append(why, c.Name+"에 비교할 값이 없음")
	case slices.ContainsFunc(c.Values, hasVariable):
		why = append(why, fmt.Sprintf("%s의 값에 정책 변수(%s)를 사용함", c.Name, list(filter(c.Values, hasVariable))))
	case len(bad) > 0:
		why = append(why, fmt.Sprintf("%s의 값(%s)이 올바른 IP 대역이 아님", c.Name, list(bad)))
	}
	return set, why
}

// vpcValues says why the values of a VPC condition do not name certain VPCs.
func vpcValues(c Condition) []string {
	if c.Key == keyVPCSourceIP {
		set, why := addressValues(c)
		if len(why) == 0 && slices.ContainsFunc(set.prefixes(), func(p netip.Prefix) bool { return p.Bits() == 0 }) {
			why = append(why, c.Name+"의 값이 모든 주소를 가리킴")
		}
		return why
	}
	switch {
	case len(c.Values) == 0:
		return []string{c.Name + "에 비교할 값이 없음"}
	case slices.ContainsFunc(c.Values, func(v string) bool { return strings.ContainsAny(v, "*?") }):
		return []string{fmt.Sprintf("%s의 값(%s)에 와일드카드를 사용하여 어느 VPC인지 정해지지 않음", c.Name, list(c.Values))}
	case slices.ContainsFunc(c.Values, hasVariable):
		return []string{fmt.Sprintf("%s의 값에 정책 변수(%s)를 사용함", c.Name, list(filter(c.Values, hasVariable)))}
	}
	return nil
}
