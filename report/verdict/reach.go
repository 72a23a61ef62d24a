package verdict

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

// claim is what the evidence says of a step of a path: yes, no (the zero value),
// or what keeps it from being told.
type claim struct {
	yes       bool
	unsettled []string // Korean: why a yes needs a person
	doubts    []string // Korean: what the evidence lacks
}

var proven = claim{yes: true}

func doubt(format string, args ...any) claim {
	return claim{doubts: []string{fmt.Sprintf(format, args...)}}
}

func (c claim) no() bool { return !c.yes && len(c.doubts) == 0 }

func (c claim) settled() bool { return c.yes && len(c.unsettled) == 0 }

// anyOf: one is enough, and a settled one makes the others irrelevant.
func anyOf(list ...claim) claim {
	var out claim
	for _, c := range list {
		if c.settled() {
			return proven
		}
		out.yes = out.yes || c.yes
		out.unsettled, out.doubts = append(out.unsettled, c.unsettled...), append(out.doubts, c.doubts...)
	}
	return out
}

// allOf: every step is needed.
func allOf(list ...claim) claim {
	out := proven
	for _, c := range list {
		if c.no() {
			return claim{}
		}
		out.yes = out.yes && c.yes
		out.unsettled, out.doubts = append(out.unsettled, c.unsettled...), append(out.doubts, c.doubts...)
	}
	return out
}

// span is a set of addresses of one family.
type span struct {
	v4     bool
	blocks []netip.Prefix
	list   string // the prefix list that it is
	unread string // Korean: what is missing to know the blocks
	exists bool   // though unread, it is known to have addresses
}

// meets says whether a block and the span have an address in common.
func (s span) meets(p netip.Prefix) claim {
	switch {
	case p.Addr().Is4() != s.v4:
		return claim{}
	case slices.ContainsFunc(s.blocks, p.Overlaps) || s.unread != "" && s.exists && p.Bits() == 0:
		return proven
	case s.unread == "":
		return claim{}
	}
	return doubt("%s", s.unread)
}

func (s span) meetsAny(cidrs []string) claim {
	var found []claim
	for _, text := range cidrs {
		if p, err := netip.ParsePrefix(text); err == nil {
			found = append(found, s.meets(p))
		} else {
			found = append(found, doubt("대역 %q을 해석할 수 없음", text))
		}
	}
	return anyOf(found...)
}

// spanOf reads the blocks of one family.
func spanOf(cidrs []string, v4 bool) span {
	s := span{v4: v4, exists: true}
	for _, text := range cidrs {
		switch p, err := netip.ParsePrefix(text); {
		case err != nil:
			s.unread = fmt.Sprintf("대역 %q을 해석할 수 없음", text)
		case p.Addr().Is4() == v4:
			s.blocks = append(s.blocks, p)
		}
	}
	return s
}

// everywhere is all addresses of one family.
func everywhere(v4 bool) span {
	return spanOf([]string{"0.0.0.0/0", "::/0"}, v4)
}

var families = []bool{true, false} // IPv4, IPv6

// network is a region's network in front of its instances.
type network struct {
	c       *evidence.Compute
	groups  map[string]*evidence.SecurityGroup
	subnets map[string]*evidence.Subnet
	lists   map[string]*evidence.PrefixList
	tables  map[string]*evidence.RouteTable // by subnet
	mains   map[string]*evidence.RouteTable // by VPC
	service map[bool]span                   // of Instance Connect, by family
}

func newNetwork(c *evidence.Compute) *network {
	n := &network{c: c, groups: map[string]*evidence.SecurityGroup{}, subnets: map[string]*evidence.Subnet{}, lists: map[string]*evidence.PrefixList{},
		tables: map[string]*evidence.RouteTable{}, mains: map[string]*evidence.RouteTable{}, service: map[bool]span{}}
	for i := range c.SecurityGroups {
		n.groups[c.SecurityGroups[i].ID] = &c.SecurityGroups[i]
	}
	for i := range c.Subnets {
		n.subnets[c.Subnets[i].ID] = &c.Subnets[i]
	}
	for i := range c.PrefixLists {
		n.lists[c.PrefixLists[i].ID] = &c.PrefixLists[i]
	}
	for i := range c.RouteTables {
		t := &c.RouteTables[i]
		for _, s := range t.Subnets {
			n.tables[s] = t
		}
		if t.Main {
			n.mains[t.VPC] = t
		}
	}
	for _, v4 := range families {
		n.service[v4] = n.serviceSpan(v4)
	}
	return n
}

// serviceSpan is where the Instance Connect service comes from in this region.
func (n *network) serviceSpan(v4 bool) span {
	name := "com.amazonaws." + n.c.Region + ".ec2-instance-connect"
	if !v4 {
		name = "com.amazonaws." + n.c.Region + ".ipv6.ec2-instance-connect"
	}
	for _, l := range n.c.PrefixLists {
		if l.Name != name {
			continue
		}
		s := spanOf(l.CIDRs, v4)
		if s.list = l.ID; !l.EntriesRead {
			s.unread = "접두사 목록 " + name + "의 항목이 증적에 없음"
		}
		return s
	}
	return span{v4: v4, unread: "접두사 목록 " + name + "이 증적에 없음", exists: !n.c.PrefixListsRead}
}

// path is a way to an instance's port 22.
type path struct {
	claim
	endpoint string // id; empty: the public path
	unlisted bool   // an endpoint that the evidence does not name
	why      string // Korean: why it is closed
}

// public is the path from the service's ranges to a public address. An instance
// that does not run may get another address when it starts.
func (n *network) public(i *evidence.Instance) path {
	if len(i.Interfaces) == 0 {
		return path{claim: doubt("네트워크 인터페이스가 증적에 없음")}
	}
	var addressed, routed bool
	var found []claim
	for _, nic := range i.Interfaces {
		for _, v4 := range families {
			if v4 && len(nic.PublicIPv4) == 0 && i.State == "running" || !v4 && len(publicIPv6(nic)) == 0 {
				continue
			}
			addressed = true
			route := n.route(nic, n.service[v4])
			routed = routed || !route.no()
			found = append(found, allOf(route, n.admits(nic.SecurityGroups, ingress, n.service[v4], nil)))
		}
	}
	p := path{claim: anyOf(found...)}
	switch {
	case !addressed:
		p.why = "공인 IP 없음"
	case !routed:
		p.why = "인터넷 게이트웨이로 가는 활성 경로 없음"
	default:
		p.why = "서비스 대역에서 오는 22번 포트를 허용하는 규칙 없음"
	}
	return p
}

// publicIPv6 leaves out the private IPv6 addresses that a VPC can have.
func publicIPv6(nic evidence.NetworkInterface) []string {
	var out []string
	for _, text := range nic.IPv6 {
		if a, err := netip.ParseAddr(text); err != nil || a.IsGlobalUnicast() && !a.IsPrivate() {
			out = append(out, text)
		}
	}
	return out
}

// endpointStates say whether an endpoint works; any other state may yet.
var endpointStates = map[string]bool{
	"create-complete": true, "update-complete": true,
	"create-failed": false, "delete-in-progress": false, "delete-complete": false,
}

// through are the paths over the endpoints of the instance's VPCs.
func (n *network) through(i *evidence.Instance) []path {
	var out []path
	for k := range n.c.Endpoints {
		e := &n.c.Endpoints[k]
		if !slices.ContainsFunc(i.Interfaces, func(nic evidence.NetworkInterface) bool { return nic.VPC == e.VPC }) {
			continue
		}
		works, known := endpointStates[e.State]
		p := path{endpoint: e.ID}
		if known && !works {
			p.why = "상태 " + e.State
		} else {
			p.claim, p.why = n.endpoint(e, i)
			if p.yes && !known {
				p.unsettled = append(p.unsettled, "엔드포인트 상태 "+orWord(e.State, "값 없음"))
			}
		}
		out = append(out, p)
	}
	if !n.c.EndpointsRead {
		out = append(out, path{unlisted: true, claim: doubt("EC2 Instance Connect 엔드포인트 목록이 증적에 없음")})
	}
	return out
}

// endpoint says whether the endpoint gets to port 22. Its traffic comes from its
// own address, or from the client's where that is preserved; a rule that names
// its security group takes either (EC2 user guide, security groups for EC2
// Instance Connect Endpoint). Preserving it takes IPv4.
func (n *network) endpoint(e *evidence.ConnectEndpoint, i *evidence.Instance) (claim, string) {
	var found []claim
	let := false
	for _, nic := range i.Interfaces {
		for _, v4 := range families {
			source, target := n.source(e, v4), hostSpan(nic, v4)
			if nic.VPC != e.VPC || len(target.blocks) == 0 || source.unread == "" && len(source.blocks) == 0 || e.PreserveClientIP && !v4 {
				continue
			}
			out := n.admits(e.SecurityGroups, egress, target, nic.SecurityGroups)
			if len(e.SecurityGroups) == 0 {
				out = doubt("엔드포인트 %s의 보안 그룹이 증적에 없음", e.ID)
			}
			let = let || !out.no()
			found = append(found, allOf(out, n.admits(nic.SecurityGroups, ingress, source, e.SecurityGroups)))
		}
	}
	why := "엔드포인트에서 오는 22번 포트를 허용하는 규칙 없음"
	switch {
	case len(found) == 0:
		why = "엔드포인트와 인스턴스에 함께 쓸 수 있는 주소 유형이 없음"
	case !let:
		why = "엔드포인트의 아웃바운드 규칙이 인스턴스의 22번 포트를 허용하지 않음"
	}
	return anyOf(found...), why
}

func (n *network) source(e *evidence.ConnectEndpoint, v4 bool) span {
	if e.PreserveClientIP {
		return everywhere(v4)
	}
	if s := n.subnets[e.Subnet]; s != nil {
		return spanOf(s.CIDRs, v4)
	}
	return span{v4: v4, exists: true, unread: fmt.Sprintf("엔드포인트 %s의 서브넷 %s이 증적에 없음", e.ID, e.Subnet)}
}

// hostSpan is the interface's own addresses in the VPC.
func hostSpan(nic evidence.NetworkInterface, v4 bool) span {
	s := span{v4: v4}
	for _, text := range slices.Concat(nic.PrivateIPv4, nic.IPv6) {
		if a, err := netip.ParseAddr(text); err == nil && a.Is4() == v4 {
			s.blocks = append(s.blocks, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return s
}

func ingress(g *evidence.SecurityGroup) []evidence.SecurityRule { return g.Ingress }
func egress(g *evidence.SecurityGroup) []evidence.SecurityRule  { return g.Egress }

// admits says whether one of the groups lets TCP 22 through to or from the span
// or the peers' groups. The rules of several groups are a union.
func (n *network) admits(ids []string, side func(*evidence.SecurityGroup) []evidence.SecurityRule, s span, peers []string) claim {
	var found []claim
	for _, id := range ids {
		g := n.groups[id]
		if g == nil {
			found = append(found, doubt("보안 그룹 %s의 규칙이 증적에 없음", id))
			continue
		}
		for _, r := range side(g) {
			if !covers22(r) {
				continue
			}
			if slices.ContainsFunc(r.Groups, func(id string) bool { return slices.Contains(peers, id) }) {
				return proven
			}
			found = append(found, s.meetsAny(r.CIDRs))
			for _, id := range r.PrefixLists {
				found = append(found, n.listMeets(id, s))
			}
		}
	}
	return anyOf(found...)
}

func (n *network) listMeets(id string, s span) claim {
	switch l := n.lists[id]; {
	case id == s.list:
		return proven
	case l == nil || !l.EntriesRead:
		return doubt("접두사 목록 %s의 항목이 증적에 없음", id)
	default:
		return s.meetsAny(l.CIDRs)
	}
}

// covers22 reports whether the rule speaks of TCP port 22.
func covers22(r evidence.SecurityRule) bool {
	const port = 22
	switch strings.ToLower(r.Protocol) {
	case "-1":
		return true
	case "tcp", "6":
		return (r.FromPort == nil || *r.FromPort <= port) && (r.ToPort == nil || *r.ToPort >= port)
	}
	return false
}

// route says whether the interface's subnet answers the span over an internet
// gateway. Over a firewall's endpoint or an appliance it may.
func (n *network) route(nic evidence.NetworkInterface, s span) claim {
	t := n.tables[nic.Subnet]
	if t == nil && n.c.RouteTablesRead {
		t = n.mains[nic.VPC]
	}
	if t == nil {
		return doubt("서브넷 %s의 라우팅 테이블이 증적에 없음", nic.Subnet)
	}
	var found []claim
	for _, r := range t.Routes {
		kind, _, _ := strings.Cut(r.Gateway, "-")
		appliance := kind == "vpce" || kind == "eni" || kind == "i"
		if r.State == "blackhole" || kind != "igw" && !appliance {
			continue
		}
		if strings.HasPrefix(r.Destination, "pl-") {
			if !appliance { // a gateway endpoint's list is of another service
				found = append(found, n.listMeets(r.Destination, s))
			}
			continue
		}
		c := s.meetsAny([]string{r.Destination})
		switch {
		case c.yes && shadowed(t, r, s):
			continue
		case c.yes && appliance:
			c.unsettled = []string{fmt.Sprintf("라우팅 테이블 %s의 %s 경로가 %s을 경유함", t.ID, r.Destination, r.Gateway)}
		}
		found = append(found, c)
	}
	return anyOf(found...)
}

// shadowed reports whether more specific routes elsewhere take everything that
// the route and the span have in common.
func shadowed(t *evidence.RouteTable, r evidence.Route, s span) bool {
	dest, err := netip.ParsePrefix(r.Destination)
	if err != nil || s.unread != "" {
		return false
	}
	for _, b := range s.blocks {
		if !b.Overlaps(dest) {
			continue
		}
		common := b
		if dest.Bits() > b.Bits() {
			common = dest
		}
		if !slices.ContainsFunc(t.Routes, func(o evidence.Route) bool {
			p, err := netip.ParsePrefix(o.Destination)
			return err == nil && o.Gateway != r.Gateway && p.Bits() > dest.Bits() && p.Bits() <= common.Bits() && p.Contains(common.Addr())
		}) {
			return false
		}
	}
	return true
}

// open22 lists what the instance's groups let into port 22, by group.
func (n *network) open22(i *evidence.Instance) []string {
	var out []string
	for _, nic := range i.Interfaces {
		for _, id := range nic.SecurityGroups {
			if g := n.groups[id]; g != nil {
				var sources []string
				for _, r := range g.Ingress {
					if covers22(r) {
						sources = append(sources, slices.Concat(r.CIDRs, r.PrefixLists, r.Groups)...)
					}
				}
				if len(sources) > 0 {
					out = append(out, fmt.Sprintf("%s(22 허용: %s)", id, firstOf(sources)))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// calls are those that show the network in front of the instance.
func (n *network) calls(i *evidence.Instance) []string {
	var out []string
	for _, nic := range i.Interfaces {
		for _, id := range nic.SecurityGroups {
			if g := n.groups[id]; g != nil {
				out = append(out, g.Calls...)
			}
		}
		for _, e := range n.c.Endpoints {
			if e.VPC == nic.VPC {
				out = append(out, e.Calls...)
			}
		}
	}
	for _, v4 := range families {
		if l := n.lists[n.service[v4].list]; l != nil {
			out = append(out, l.Calls...)
		}
	}
	return out
}
