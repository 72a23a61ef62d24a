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
	part   string // Korean format of a block: what to confirm where the block holds only a part of it; empty: a part will do
}

// none: it is known to have no address.
func (s span) none() bool { return s.unread == "" && len(s.blocks) == 0 }

// meets says whether a block and the span have an address in common.
func (s span) meets(p netip.Prefix) claim {
	switch {
	case p.Addr().Is4() != s.v4:
		return claim{}
	case s.unread != "" && s.exists && p.Bits() == 0:
		return proven
	case slices.ContainsFunc(s.blocks, p.Overlaps):
		out := func(b netip.Prefix) bool { return !holds(p, b) }
		if s.part == "" || s.unread == "" && !slices.ContainsFunc(s.blocks, out) {
			return proven
		}
		return claim{yes: true, unsettled: []string{fmt.Sprintf(s.part, p)}}
	case s.unread == "":
		return claim{}
	}
	return doubt("%s", s.unread)
}

// holds reports whether all of b lies in p.
func holds(p, b netip.Prefix) bool { return p.Bits() <= b.Bits() && p.Contains(b.Addr()) }

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

// serviceList is the prefix list of the Instance Connect service's IPv4 addresses.
func serviceList(region string) string { return "com.amazonaws." + region + ".ec2-instance-connect" }

// serviceSpan is where the Instance Connect service comes from in this region.
func (n *network) serviceSpan(v4 bool) span {
	name := serviceList(n.c.Region)
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
	switch {
	case !n.c.PrefixListsRead:
	case !v4 && slices.ContainsFunc(n.c.PrefixLists, func(l evidence.PrefixList) bool { return l.Name == serviceList(n.c.Region) }):
		return span{} // the service has no address of this family here
	default: // the list answers without what tells where the service comes from
		return span{v4: v4, unread: "이 리전의 접두사 목록 응답에 " + name + "이 없어 서비스 대역을 알 수 없음"}
	}
	return span{v4: v4, unread: "접두사 목록 " + name + "이 증적에 없음", exists: true}
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
	switch {
	case i.Windows:
		return path{why: "Windows 인스턴스는 공개 키 전달 대상이 아님"}
	case len(i.Interfaces) == 0:
		return path{claim: noInterface}
	}
	var addressed, served, routed bool
	var found []claim
	for _, nic := range i.Interfaces {
		for _, v4 := range families {
			address, service := published(i, nic, v4), n.service[v4]
			addressed = addressed || !address.no()
			if address.no() || service.none() {
				continue
			}
			served = true
			route := n.route(nic, service)
			routed = routed || !route.no()
			found = append(found, allOf(address, route, n.admits(interfaceOf(nic), nic.SecurityGroups, ingress, service, nil)))
		}
	}
	p := path{claim: anyOf(found...)}
	switch {
	case !addressed:
		p.why = "공인 IP 없음"
	case !served:
		p.why = "이 리전의 접두사 목록에 서비스 대역 없음"
	case !routed:
		p.why = "인터넷 게이트웨이로 가는 활성 경로 없음"
	default:
		p.why = "서비스 대역에서 오는 22번 포트를 허용하는 규칙 없음"
	}
	return p
}

// noInterface: AWS names the interfaces of every instance, and of each interface
// its addresses, VPC, subnet and groups. What is missing is no closed path.
var noInterface = doubt("네트워크 인터페이스가 증적에 없음")

const noAddress = "%s의 주소가 증적에 없음"

func interfaceOf(nic evidence.NetworkInterface) string {
	return "네트워크 인터페이스 " + nic.ID
}

// published says whether the interface has a public address of the family.
func published(i *evidence.Instance, nic evidence.NetworkInterface, v4 bool) claim {
	switch {
	case v4 && (len(nic.PublicIPv4) > 0 || i.State != "running"), !v4 && len(publicIPv6(nic)) > 0:
		return proven
	case len(nic.PublicIPv4)+len(nic.PrivateIPv4)+len(nic.IPv6) == 0:
		return doubt(noAddress, interfaceOf(nic))
	}
	return claim{}
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
		if len(i.Interfaces) > 0 && !slices.ContainsFunc(i.Interfaces, func(nic evidence.NetworkInterface) bool { return !within(nic, e).no() }) {
			continue
		}
		works, known := endpointStates[e.State]
		p := path{endpoint: e.ID}
		switch {
		case known && !works:
			p.why = "상태 " + e.State
		case len(i.Interfaces) == 0:
			p.claim = noInterface
		default:
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

// within says whether the interface is in the endpoint's VPC.
func within(nic evidence.NetworkInterface, e *evidence.ConnectEndpoint) claim {
	switch {
	case nic.VPC == "":
		return doubt("%s의 VPC가 증적에 없음", interfaceOf(nic))
	case e.VPC == "":
		return doubt("엔드포인트 %s의 VPC가 증적에 없음", e.ID)
	case nic.VPC == e.VPC:
		return proven
	}
	return claim{}
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
			vpc, source, target := within(nic, e), n.source(e, v4), hostSpan(nic, v4)
			if vpc.no() || source.none() || target.none() || e.PreserveClientIP && !v4 {
				continue
			}
			address := proven
			if len(target.blocks) == 0 {
				address = doubt("%s", target.unread)
			}
			out := n.admits("엔드포인트 "+e.ID, e.SecurityGroups, egress, target, nic.SecurityGroups)
			let = let || !out.no()
			found = append(found, allOf(vpc, address, out, n.admits(interfaceOf(nic), nic.SecurityGroups, ingress, source, e.SecurityGroups)))
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

// source is where the endpoint's traffic comes from: some address of the subnet,
// or of wherever its clients are. Nothing says which.
func (n *network) source(e *evidence.ConnectEndpoint, v4 bool) span {
	if e.PreserveClientIP {
		s := everywhere(v4)
		s.part = "클라이언트 대역 확인: %s 허용"
		return s
	}
	if subnet := n.subnets[e.Subnet]; subnet != nil && len(subnet.CIDRs) > 0 {
		s := spanOf(subnet.CIDRs, v4)
		s.part = "엔드포인트 " + e.ID + "의 주소 확인: 서브넷의 일부인 %s 허용"
		return s
	}
	return span{v4: v4, exists: true, unread: fmt.Sprintf("엔드포인트 %s의 서브넷 %s이 증적에 없음", e.ID, e.Subnet)}
}

// hostSpan is the interface's own addresses in the VPC.
func hostSpan(nic evidence.NetworkInterface, v4 bool) span {
	s := span{v4: v4}
	list := slices.Concat(nic.PrivateIPv4, nic.IPv6)
	if len(list) == 0 {
		s.unread = fmt.Sprintf(noAddress, interfaceOf(nic))
	}
	for _, text := range list {
		switch a, err := netip.ParseAddr(text); {
		case err != nil:
			s.unread = fmt.Sprintf("%s의 주소 %q을 해석할 수 없음", interfaceOf(nic), text)
		case a.Is4() == v4:
			s.blocks = append(s.blocks, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return s
}

func ingress(g *evidence.SecurityGroup) []evidence.SecurityRule { return g.Ingress }
func egress(g *evidence.SecurityGroup) []evidence.SecurityRule  { return g.Egress }

// admits says whether one of the owner's groups lets TCP 22 through to or from
// the span or the peers' groups. The rules of several groups are a union.
func (n *network) admits(owner string, ids []string, side func(*evidence.SecurityGroup) []evidence.SecurityRule, s span, peers []string) claim {
	if len(ids) == 0 {
		return doubt("%s의 보안 그룹이 증적에 없음", owner)
	}
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
			for _, source := range slices.Concat(r.CIDRs, r.PrefixLists) {
				found = append(found, n.meets(source, s))
			}
		}
	}
	return anyOf(found...)
}

// meets says whether what a rule or a route names, a block or a prefix list, and
// the span have an address in common.
func (n *network) meets(name string, s span) claim {
	list, whole := n.cidrs(name)
	switch {
	case name == s.list && name != "":
		return proven
	case !whole:
		return doubt("접두사 목록 %s의 항목이 증적에 없음", name)
	}
	return s.meetsAny(list)
}

// cidrs are the blocks behind a name; whole: there are no others.
func (n *network) cidrs(name string) (list []string, whole bool) {
	if !strings.HasPrefix(name, "pl-") {
		return []string{name}, true
	}
	if l := n.lists[name]; l != nil {
		return l.CIDRs, l.EntriesRead
	}
	return nil, false
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

// awsLists begin the names of AWS's own prefix lists; a customer's may not.
const awsLists = "com.amazonaws."

// route says whether the interface's subnet answers the span over an internet
// gateway. Over a firewall's endpoint or an appliance it may.
func (n *network) route(nic evidence.NetworkInterface, s span) claim {
	if nic.Subnet == "" {
		return doubt("%s의 서브넷이 증적에 없음", interfaceOf(nic))
	}
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
		l := n.lists[r.Destination]
		if kind == "vpce" && l != nil && l.ID != s.list && strings.HasPrefix(l.Name, awsLists) {
			continue // another service's gateway endpoint
		}
		c := n.meets(r.Destination, s)
		switch {
		case c.yes && n.shadowed(t, r, s):
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
func (n *network) shadowed(t *evidence.RouteTable, r evidence.Route, s span) bool {
	list, _ := n.cidrs(r.Destination)
	to := spanOf(list, s.v4)
	if s.unread != "" || to.unread != "" {
		return false
	}
	takes := func(o evidence.Route, dest, common netip.Prefix) bool {
		list, _ := n.cidrs(o.Destination)
		return o.Gateway != r.Gateway && slices.ContainsFunc(spanOf(list, s.v4).blocks, func(p netip.Prefix) bool {
			return p.Bits() > dest.Bits() && holds(p, common)
		})
	}
	for _, dest := range to.blocks {
		for _, b := range s.blocks {
			common := b
			if dest.Bits() > b.Bits() {
				common = dest
			}
			if b.Overlaps(dest) && !slices.ContainsFunc(t.Routes, func(o evidence.Route) bool { return takes(o, dest, common) }) {
				return false
			}
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
