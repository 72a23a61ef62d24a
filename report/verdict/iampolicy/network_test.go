package iampolicy

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// testLimits are the built-in defaults of CON-02.
var testLimits = Limits{WidestIPv4: 16, WidestIPv6: 32, IPv4Addresses: 65536,
	SelfService: []string{"iam:changepassword", "iam:getuser", "iam:getaccountpasswordpolicy", "sts:getsessiontoken"}}

func showSet(set addrSet) string { return fmt.Sprint(set.prefixes()) }

func TestBlocks(t *testing.T) {
	tests := []struct {
		name, values, want, bad string
	}{
		{"host address", "203.0.113.7", "[203.0.113.7/32]", ""},
		{"IPv6 host address", "2001:db8::1", "[2001:db8::1/128]", ""},
		{"host bits", "203.0.113.7/24", "[203.0.113.0/24]", ""},
		{"IPv4 mapped in IPv6", "::ffff:203.0.113.7", "[203.0.113.7/32]", ""},
		{"mapped block", "::ffff:203.0.113.7/120", "[203.0.113.0/24]", ""},
		{"all mapped addresses", "::ffff:0:0/96", "[0.0.0.0/0]", ""},
		{"IPv6 block around the mapped addresses", "::/80", "[]", "::/80"},
		{"all of IPv6", "::/0", "[::/0]", ""},
		{"adjacent blocks merge", "203.0.113.0/25 203.0.113.128/25", "[203.0.113.0/24]", ""},
		{"a block within another", "203.0.113.0/24 203.0.113.9", "[203.0.113.0/24]", ""},
		{"two halves", "0.0.0.0/1 128.0.0.0/1", "[0.0.0.0/0]", ""},
		{"unaligned neighbours stay apart", "203.0.113.128/25 203.0.114.0/25", "[203.0.113.128/25 203.0.114.0/25]", ""},
		{"families stay apart", "255.255.255.255 ::", "[255.255.255.255/32 ::/128]", ""},
		{"sorted", "2001:db8::/32 203.0.113.0/24 198.51.100.0/24", "[198.51.100.0/24 203.0.113.0/24 2001:db8::/32]", ""},
		{"not an address", "office 203.0.113.0/33 203.0.113/24 fe80::1%eth0 ", "[]", "office 203.0.113.0/33 203.0.113/24 fe80::1%eth0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, bad := blocks(strings.Fields(tt.values))
			if got := showSet(set); got != tt.want || strings.Join(bad, " ") != tt.bad {
				t.Errorf("got %s, bad %q", got, bad)
			}
		})
	}
	var all []string
	for i := range 256 {
		all = append(all, fmt.Sprintf("%d.0.0.0/8", i))
	}
	if set, _ := blocks(all); showSet(set) != "[0.0.0.0/0]" {
		t.Errorf("256 × /8 make %s", showSet(set))
	}
}

func TestExcess(t *testing.T) {
	allowed := testLimits
	allowed.Allowed = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	tests := []struct {
		name, values string
		limits       Limits
		want         string // part of the reasons; nothing for none
	}{
		{"nothing", "", testLimits, ""},
		{"one /16", "198.51.0.0/16", testLimits, ""},
		{"one /15", "198.50.0.0/15", testLimits, "허용 대역 198.50.0.0/15의 범위가 IPv4 기준(/16)보다 넓음"},
		{"two /17 that merge to a /16", "198.51.0.0/17 198.51.128.0/17", testLimits, ""},
		{"two /16 that merge to a /15", "198.50.0.0/16 198.51.0.0/16", testLimits, "198.50.0.0/15의 범위가 IPv4 기준(/16)"},
		{"three /16", "1.1.0.0/16 3.1.0.0/16 5.1.0.0/16", testLimits, "공인 IPv4 주소가 모두 196,608개로 기준(65,536개)을 초과함"},
		{"one address too many", "198.51.0.0/16 203.0.113.1", testLimits, "65,537개"},
		{"private ranges do not count", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 fc00::/7 fe80::/10 ::1", testLimits, ""},
		{"private beside public", "10.0.0.0/8 203.0.113.0/24", testLimits, ""},
		{"wider than private", "10.0.0.0/7", testLimits, "허용 대역 10.0.0.0/7"},
		{"wider than 172.16.0.0/12", "172.16.0.0/11", testLimits, "허용 대역 172.0.0.0/11"},
		{"documentation ranges are public", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24", allowed, "192.0.2.0/24, 198.51.100.0/24"},
		{"IPv6 /32", "2001:db8::/32", testLimits, ""},
		{"IPv6 /31", "2001:db8::/31", testLimits, "IPv6 기준(/32)"},
		{"all of IPv6", "::/0", testLimits, "허용 대역 ::/0의 범위가 IPv6 기준(/32)"},
		{"all of IPv4", "0.0.0.0/1 128.0.0.0/1", testLimits, "허용 대역 0.0.0.0/0의 범위가 IPv4 기준(/16)"},
		{"within the allowed ranges", "203.0.113.128/25 10.0.0.0/8", allowed, ""},
		{"outside the allowed ranges", "203.0.112.0/23", allowed, "밖의 공인 대역 203.0.112.0/24에서의"},
		{"IPv6 outside the allowed ranges", "2001:db8::1", allowed, "2001:db8::1/128"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, _ := blocks(strings.Fields(tt.values))
			got := strings.Join(tt.limits.excess(set), "; ")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestSetsAgainstMembership compares the operations with membership of single
// addresses, at the ends of both families too.
func TestSetsAgainstMembership(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	addr := func() netip.Addr {
		last := byte(rng.IntN(16))
		switch rng.IntN(4) {
		case 0:
			return netip.AddrFrom4([4]byte{255, 255, 255, 240 + last})
		case 1:
			return netip.AddrFrom4([4]byte{0, 0, 0, last})
		case 2:
			return netip.AddrFrom16([16]byte{15: last})
		default:
			var b [16]byte
			for i := range b {
				b[i] = 255
			}
			b[15] = 240 + last
			return netip.AddrFrom16(b)
		}
	}
	set := func() (addrSet, []netip.Prefix) {
		var list []netip.Prefix
		for range rng.IntN(5) {
			a := addr()
			list = append(list, netip.PrefixFrom(a, a.BitLen()-rng.IntN(5)))
		}
		return newSet(list...), list
	}
	in := func(list []netip.Prefix, a netip.Addr) bool {
		return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	for range 5000 {
		a, listA := set()
		b, listB := set()
		for range 8 {
			x := addr()
			inA, inB := in(listA, x), in(listB, x)
			if in(a.prefixes(), x) != inA || in(a.union(b).prefixes(), x) != (inA || inB) ||
				in(a.intersect(b).prefixes(), x) != (inA && inB) || in(a.subtract(b).prefixes(), x) != (inA && !inB) {
				t.Fatalf("%s of %v and %v", x, listA, listB)
			}
		}
		if again := newSet(a.prefixes()...); len(a) > 0 && !reflect.DeepEqual(again, a) {
			t.Fatalf("%v becomes %v", a, again)
		}
	}
}
