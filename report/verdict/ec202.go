package verdict

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

const (
	sendKey    = "ec2-instance-connect:SendSSHPublicKey" // the public path
	openTunnel = "ec2-instance-connect:OpenTunnel"       // an endpoint's
)

// ec202 is EC2-02 · EC2 인스턴스 연결(Instance Connect) 통제.
func ec202(in Input) Outcome {
	if in.Evidence.IAM == nil || in.Evidence.Regions == nil {
		return Outcome{}
	}
	d := newDirectory(in)
	var cli []string
	out := surveyInstances(in, "EC2 Instance Connect로", func(c *evidence.Compute) func(*evidence.Instance) Finding {
		r := &connectRegion{in: in, d: d, n: newNetwork(c), cli: &cli}
		return r.instance
	})
	if len(cli) > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("CLI 경로: 본 항목의 판정은 양호하나 22번 포트를 허용하는 규칙이 있고 공개 키를 전달할 수 있는 주체가 있는 인스턴스 %s대는 허용된 출처에서 공개 키를 전달하고 SSH로 접속할 수 있음: %s", Grouped(len(cli)), firstOf(cli)))
	}
	out.Notes = append(out.Notes, rootNote(in.Evidence, "공개 키를 전달하고 터널을 열 수 있으나"), scpNote(in.Evidence))
	out.Notes = slices.DeleteFunc(out.Notes, func(s string) bool { return s == "" })
	out.Rows = d.tables()
	return out
}

// connectRegion judges one region's instances.
type connectRegion struct {
	in  Input
	d   *directory
	n   *network
	cli *[]string // instances that port 22 and a pushed key open to other sources
}

func (r *connectRegion) instance(i *evidence.Instance) Finding {
	stem := r.d.stem(r.n.c.Region, "instance")
	f := Finding{ARN: stem + i.ID, CallIDs: r.n.calls(i), Cells: map[string]Cell{
		"public_ip": {Lines: publicAddresses(i)}, "security_group_rules": {Lines: r.n.open22(i)}, "ami": r.image(i),
	}}
	var send []right
	if !i.Windows { // which takes no key
		send = r.d.rights(r.d.question(sendKey, stem), i.ID)
	}
	public, through := r.n.public(i), r.n.through(i)
	f.Cells["endpoint"] = endpointCell(through)

	running := i.State == "running"
	settled, unsettled, unsure, all := &ways{}, &ways{}, &ways{}, &ways{}
	for _, p := range append([]path{public}, through...) {
		rights := send
		switch {
		case p.no():
			continue
		case p.unlisted:
			rights = nil
		case p.endpoint != "":
			rights = r.d.rights(r.d.question(openTunnel, r.d.stem(r.n.c.Region, "instance-connect-endpoint")), p.endpoint)
		}
		all.add(p, rights)
		if p.settled() {
			settled.add(p, rights)
		} else if p.yes {
			unsettled.add(p, rights)
		}
		if len(p.doubts) > 0 {
			unsure.add(p, rights)
		}
	}

	f.Status = Good
	consider := func(w *ways, now bool, where string) {
		if len(w.paths) == 0 {
			return
		}
		if v := r.d.decide(r.d.weigh(w.rights), now, where, w.doing()); f.Reason == "" || worse(v.Status, f.Status) {
			f.adopt(v)
		}
	}
	state, but := stateWord(i.State)+" 상태", ""
	if running {
		consider(settled, true, settled.names()+"로 접속할 수 있는 상태")
	} else {
		but = state + "이나 네트워크 구성상 "
		consider(settled, false, but+settled.names()+"로 다시 접속할 수 있게 될 상태")
	}
	consider(unsettled, false, but+unsettled.names()+"로 접속할 수 있는지 확인이 필요한 상태("+unsettled.list(func(p path) []string { return p.unsettled })+")")
	r.missing(&f, unsure, running)
	if f.Reason == "" {
		f.Reason = fmt.Sprintf("%s이며 EC2 Instance Connect로 접속할 수 있는 경로가 없음(공인 경로: %s, 엔드포인트: %s)", state, public.why, closedWhy(through))
	}
	access := r.d.weigh(all.rights)
	if len(all.paths) == 0 {
		access = r.d.weigh(send)
	}
	f.Cells["principals"] = holdersCell(access, len(all.paths) > 0)
	if holders := r.d.weigh(send).holders(); f.Status == Good && holders > 0 && len(f.Cells["security_group_rules"].Lines) > 0 {
		*r.cli = append(*r.cli, i.ID)
		f.Reason += fmt.Sprintf("(CLI 경로: 22번 포트를 허용하는 다른 규칙이 있고 공개 키를 전달할 수 있는 주체가 %s개 있음)", Grouped(holders))
	}
	return f
}

// missing makes the finding unknown where paths that the evidence leaves open
// would make it worse.
func (r *connectRegion) missing(f *Finding, unsure *ways, running bool) {
	if len(unsure.paths) == 0 {
		return
	}
	v := r.d.decide(r.d.weigh(unsure.rights), running, "접속 경로의 증적이 부족한 상태", unsure.doing())
	if slices.ContainsFunc(unsure.paths, func(p path) bool { return p.unlisted }) {
		v.Status = Vulnerable // whoever may open what is not even listed
	}
	switch {
	case worse(v.Status, f.Status):
		f.Status = Unknown
		f.Reason = "접속 경로의 판정에 필요한 증적이 없어 판정할 수 없음: " + unsure.list(func(p path) []string { return p.doubts })
	case f.Reason == "":
		f.adopt(v)
	}
}

// worse compares two verdicts by what the fold makes of them.
func worse(a, b Verdict) bool { return slices.Index(foldOrder, a) < slices.Index(foldOrder, b) }

// ways are paths of one kind, with what everyone may do over one of them.
type ways struct {
	paths  []path
	rights []right
}

func (w *ways) add(p path, rights []right) {
	if w.paths = append(w.paths, p); w.rights == nil {
		w.rights = rights
	} else if rights != nil {
		w.rights = widest(w.rights, rights)
	}
}

// split tells the public path from the endpoints.
func (w *ways) split() (public bool, endpoints []string) {
	for _, p := range w.paths {
		switch {
		case p.unlisted:
			endpoints = append(endpoints, "목록 조회 불가")
		case p.endpoint != "":
			endpoints = append(endpoints, p.endpoint)
		default:
			public = true
		}
	}
	return public, endpoints
}

func (w *ways) names() string {
	public, endpoints := w.split()
	var out []string
	if public {
		out = append(out, "공인 경로")
	}
	if len(endpoints) > 0 {
		out = append(out, "엔드포인트("+strings.Join(endpoints, ", ")+")")
	}
	return strings.Join(out, "와 ")
}

func (w *ways) doing() string {
	switch public, endpoints := w.split(); {
	case len(endpoints) == 0:
		return "공개 키를 전달할 수 있는"
	case !public:
		return "터널을 열 수 있는"
	}
	return "공개 키를 전달하거나 터널을 열 수 있는"
}

// list joins what the paths say, each once.
func (w *ways) list(of func(path) []string) string {
	var out []string
	for _, p := range w.paths {
		out = append(out, of(p)...)
	}
	slices.Sort(out)
	return firstOf(slices.Compact(out))
}

func closedWhy(endpoints []path) string {
	var out []string
	for _, p := range endpoints {
		out = append(out, p.endpoint+" "+p.why)
	}
	return orWord(firstOf(out), "VPC에 엔드포인트 없음")
}

func endpointCell(endpoints []path) Cell {
	var c Cell
	for _, p := range endpoints {
		switch {
		case p.unlisted:
			c.Lines = append(c.Lines, "조회 불가")
		case p.settled():
			c.Lines = append(c.Lines, p.endpoint+": 22번 포트 접속 가능")
		case p.no():
			c.Lines = append(c.Lines, p.endpoint+": "+p.why)
		default:
			c.Lines = append(c.Lines, p.endpoint+": 확인 필요")
		}
	}
	if len(c.Lines) == 0 {
		return lines("없음")
	}
	return c
}

func publicAddresses(i *evidence.Instance) []string {
	var out []string
	for _, nic := range i.Interfaces {
		out = append(append(out, nic.PublicIPv4...), publicIPv6(nic)...)
	}
	return out
}

func (r *connectRegion) image(i *evidence.Instance) Cell {
	name := i.ImageName
	if name == "" && slices.ContainsFunc(r.in.Failures, func(f evidence.Failure) bool { return f.Action == "ec2:DescribeImages" && f.Region == r.n.c.Region }) {
		name = "이름 조회 불가"
	}
	if name == "" {
		return lines(i.Image)
	}
	return lines(name, i.Image)
}
