package iampolicy

import (
	"fmt"
	"net/netip"
	"slices"
)

// addrRange is the addresses of one family from first to last.
type addrRange struct{ first, last netip.Addr }

// addrSet is a set of addresses: sorted ranges that neither overlap nor touch,
// IPv4 before IPv6.
type addrSet []addrRange

func newSet(prefixes ...netip.Prefix) addrSet {
	set := make(addrSet, 0, len(prefixes))
	for _, p := range prefixes {
		set = append(set, addrRange{p.Masked().Addr(), lastOf(p)})
	}
	return set.merged()
}

func prefixSet(texts ...string) addrSet {
	var list []netip.Prefix
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return newSet(list...)
}

var (
	wholeInternet = prefixSet("0.0.0.0/0", "::/0")
	// nonPublic leaves the documentation ranges public: examples and tests use them.
	nonPublic = prefixSet("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
		"fc00::/7", "fe80::/10", "::1/128")
	mapped4in6 = netip.MustParsePrefix("::ffff:0:0/96")
)

// lastOf is the last address of the prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := range b {
		if keep := p.Bits() - 8*i; keep < 8 {
			b[i] |= 0xff >> max(keep, 0)
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (set addrSet) merged() addrSet {
	slices.SortFunc(set, func(a, b addrRange) int { return a.first.Compare(b.first) })
	out := set[:0]
	for _, r := range set {
		if n := len(out) - 1; n >= 0 && out[n].first.BitLen() == r.first.BitLen() &&
			(!out[n].last.Less(r.first) || out[n].last.Next() == r.first) {
			if out[n].last.Less(r.last) {
				out[n].last = r.last
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

func (set addrSet) union(other addrSet) addrSet {
	return slices.Concat(set, other).merged()
}

func (set addrSet) intersect(other addrSet) addrSet {
	out := addrSet{}
	for i, j := 0, 0; i < len(set) && j < len(other); {
		first, last := set[i].first, set[i].last
		if first.Less(other[j].first) {
			first = other[j].first
		}
		if other[j].last.Less(last) {
			last = other[j].last
		}
		if first.BitLen() == last.BitLen() && !last.Less(first) {
			out = append(out, addrRange{first, last})
		}
		if set[i].last.Less(other[j].last) {
			i++
		} else {
			j++
		}
	}
	return out
}

// subtract is what of the set is not in other.
func (set addrSet) subtract(other addrSet) addrSet {
	out := addrSet{}
	j := 0
	for _, r := range set {
		for j < len(other) && other[j].last.Less(r.first) {
			j++
		}
		k := j
		for ; k < len(other) && !r.last.Less(other[k].first); k++ {
			if r.first.Less(other[k].first) {
				out = append(out, addrRange{r.first, other[k].first.Prev()})
			}
			if r.first = other[k].last.Next(); !r.first.IsValid() || r.last.Less(r.first) {
				r.first = netip.Addr{}
				break
			}
		}
		if r.first.IsValid() {
			out = append(out, r)
		}
	}
	return out
}

// prefixes writes the set in the fewest prefixes.
func (set addrSet) prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, r := range set {
		for first := r.first; first.IsValid() && !r.last.Less(first); {
			p := netip.PrefixFrom(first, first.BitLen())
			for p.Bits() > 0 {
				wider := netip.PrefixFrom(first, p.Bits()-1)
				if wider.Masked().Addr() != first || r.last.Less(lastOf(wider)) {
					break
				}
				p = wider
			}
			out = append(out, p)
			first = lastOf(p).Next()
		}
	}
	return out
}

// Limits say which networks are narrow enough.
type Limits struct {
	WidestIPv4, WidestIPv6 int            // the shortest prefix length of a public block
	IPv4Addresses          int            // the most public IPv4 addresses in all
	Allowed                []netip.Prefix // where set, the only public ranges
	SelfService            []string       // lower-case actions that a Deny's NotAction may leave out
}

// excess says in Korean what of the set is too wide, or nothing.
func (l Limits) excess(set addrSet) []string {
	var reasons []string
	var wide4, wide6 []netip.Prefix
	addresses := int64(0)
	blocks := set.prefixes()
	for _, block := range blocks {
		public := newSet(block).subtract(nonPublic).prefixes()
		is := func(shorter int) bool {
			return slices.ContainsFunc(public, func(p netip.Prefix) bool { return p.Bits() < shorter })
		}
		switch {
		case !block.Addr().Is4():
			if is(l.WidestIPv6) {
				wide6 = append(wide6, block)
			}
			continue
		case is(l.WidestIPv4):
			wide4 = append(wide4, block)
		}
		for _, p := range public {
			addresses += 1 << (32 - p.Bits())
		}
	}
	if len(wide4) > 0 {
		reasons = append(reasons, fmt.Sprintf("허용 대역 %s의 범위가 IPv4 기준(/%d)보다 넓음", join(wide4), l.WidestIPv4))
	}
	if len(wide6) > 0 {
		reasons = append(reasons, fmt.Sprintf("허용 대역 %s의 범위가 IPv6 기준(/%d)보다 넓음", join(wide6), l.WidestIPv6))
	}
	if addresses > int64(l.IPv4Addresses) {
		reasons = append(reasons, fmt.Sprintf("허용 대역 %s의 공인 IPv4 주소가 모두 %s개로 기준(%s개)을 초과함",
			join(blocks), thousands(addresses), thousands(int64(l.IPv4Addresses))))
	}
	if len(l.Allowed) > 0 {
		if outside := set.subtract(nonPublic).subtract(newSet(l.Allowed...)); len(outside) > 0 {
			reasons = append(reasons, fmt.Sprintf("회사가 정한 허용 대역 밖의 공인 대역 %s에서의 접근이 허용됨", join(outside.prefixes())))
		}
	}
	return reasons
}

// blocks reads the values of an address condition: CIDR blocks or addresses.
// What it can't read comes back as bad.
func blocks(values []string) (set addrSet, bad []string) {
	var list []netip.Prefix
	for _, v := range values {
		p, err := netip.ParsePrefix(v)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(v); err == nil && a.Zone() == "" {
				p = netip.PrefixFrom(a, a.BitLen())
			} else {
				bad = append(bad, v)
				continue
			}
		}
		switch p = p.Masked(); {
		case p.Addr().Is4In6() && p.Bits() >= mapped4in6.Bits():
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped4in6.Bits())
		case p.Overlaps(mapped4in6) && p.Bits() > 32:
			bad = append(bad, v) // part of the IPv4 internet in IPv6 clothes, or so it seems
			continue
		}
		list = append(list, p)
	}
	return newSet(list...), bad
}

// join writes prefixes for a sentence, the first few of many.
func join(prefixes []netip.Prefix) string {
	names := make([]string, len(prefixes))
	for i, p := range prefixes {
		names[i] = p.String()
	}
	return list(names)
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
