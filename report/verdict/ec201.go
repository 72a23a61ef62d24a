package verdict

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

const (
	startSession  = "ssm:StartSession"
	registerNode  = "ssm:UpdateInstanceInformation" // what makes an instance a managed node
	instancesCall = "ec2:DescribeInstances"
	nodesCall     = "ssm:DescribeInstanceInformation"
	settingCall   = "ssm:GetServiceSetting"

	sessionsTable = "sessions"
)

// ec201 is EC2-01 · Session Manager 연결 통제. Whether an instance can be reached is
// judged before who may reach it.
func ec201(in Input) Outcome {
	if in.Evidence.IAM == nil || in.Evidence.Regions == nil {
		return Outcome{}
	}
	d := newDirectory(in)
	var sessions []map[string]Cell
	var apart []string
	out := surveyInstances(in, "Session Manager로", func(c *evidence.Compute) func(*evidence.Instance) Finding {
		sessions = append(sessions, sessionRow(c))
		r := &managedRegion{in: in, d: d, c: c, nodes: map[string]*evidence.SSMNode{}}
		for i := range c.Nodes {
			n := &c.Nodes[i]
			r.nodes[n.ID] = n
			if n.Hybrid || strings.HasPrefix(n.ID, "mi-") {
				r.hybrid = append(r.hybrid, n)
				apart = append(apart, fmt.Sprintf("%s(%s, %s, %s)", n.ID, c.Region, n.Ping, orWord(n.IP, "주소 확인 불가")))
			}
		}
		return r.instance
	})
	if len(apart) > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("하이브리드 활성화로 등록된 노드 %s대는 점검 대상에 포함하지 않고 같은 리전의 인스턴스와 주소만 대조함: %s", Grouped(len(apart)), firstOf(apart)))
	}
	out.Notes = append(out.Notes, rootNote(in.Evidence, "세션을 시작할 수 있으나"), scpNote(in.Evidence))
	out.Notes = slices.DeleteFunc(out.Notes, func(s string) bool { return s == "" })
	out.Rows = d.tables()
	out.Rows[sessionsTable] = sessions
	return out
}

// instanceStates are EC2's states in Korean, of the instances that count.
var instanceStates = map[string]string{"running": "실행 중", "pending": "시작 중", "stopping": "중지 중", "stopped": "중지"}

func stateWord(state string) string {
	return fmt.Sprintf("%s(%s)", orWord(instanceStates[state], "상태 확인 불가"), orWord(state, "값 없음"))
}

// surveyInstances judges every instance that is not terminated or about to be.
// look prepares a region that has one. how says in Korean what the item is about.
func surveyInstances(in Input, how string, look func(*evidence.Compute) func(*evidence.Instance) Finding) Outcome {
	var out Outcome
	gone, read := 0, map[string]bool{}
	status := map[Verdict]int{}
	for i := range in.Evidence.Compute {
		c := &in.Evidence.Compute[i]
		read[c.Region] = c.InstancesRead
		var judge func(*evidence.Instance) Finding
		for j := range c.Instances {
			inst := &c.Instances[j]
			if inst.State == "terminated" || inst.State == "shutting-down" {
				gone++
				continue
			}
			if judge == nil {
				judge = look(c)
			}
			f := judge(inst)
			f.Resource, f.UniqueID, f.Region = inst.ID, inst.ID, c.Region
			f.Cells["region"], f.Cells["instance"], f.Cells["name"] = lines(c.Region), lines(inst.ID), lines(inst.Name)
			f.CallIDs = slices.Compact(slices.Sorted(slices.Values(slices.Concat(inst.Calls, f.CallIDs))))
			status[f.Status]++
			out.Findings = append(out.Findings, f)
		}
	}
	out.Population = len(out.Findings)
	asked := 0
	for _, region := range in.Evidence.Regions.In(evidence.ScopeFull) {
		if read[region] {
			asked++
			continue
		}
		if slices.ContainsFunc(in.Failures, func(f evidence.Failure) bool { return f.Action == instancesCall && f.Region == region }) {
			continue // the driver tells it
		}
		out.Findings = append(out.Findings, Finding{Resource: region, Region: region, Status: Unknown, Cells: map[string]Cell{"region": lines(region)},
			Reason: "이 리전의 인스턴스 목록이 증적에 없어 판정할 수 없음"})
	}
	if gone > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("종료되었거나 종료 중인 인스턴스(terminated, shutting-down) %s대는 대상에서 제외함", Grouped(gone)))
	}
	if left := in.Evidence.Regions.In(evidence.ScopeExcluded, evidence.ScopeSignIn); len(left) > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("범위 제외 리전 %d개의 인스턴스는 점검하지 않음: %s(사유: %s)",
			len(left), strings.Join(left, ", "), orWord(in.Evidence.Regions.Reason, "기재되지 않음")))
	}
	out.Reason = surveyReason(out.Population, status, asked, how)
	return out
}

func surveyReason(n int, status map[Verdict]int, regions int, how string) string {
	of := func(v Verdict, text string) string {
		return fmt.Sprintf("인스턴스 %s대 중 %s대는 %s", Grouped(n), Grouped(status[v]), text)
	}
	switch {
	case n == 0 && regions == 0:
		return "" // nothing was read
	case n == 0:
		return fmt.Sprintf("조회된 리전 %d개에 점검 대상 EC2 인스턴스가 없음", regions)
	case status[Vulnerable] > 0:
		return of(Vulnerable, how+" 접속할 수 있는 상태이며 유효한 소스 네트워크 조건 없이 접속할 수 있는 주체가 있음")
	case status[Unknown] > 0:
		return of(Unknown, "증적이 부족하여 판정할 수 없음")
	case status[Interview] > 0:
		return of(Interview, how+" 접속하는 경로에 대한 통제의 확인이 필요함")
	}
	return fmt.Sprintf("인스턴스 %s대 모두 %s 접속할 수 있는 상태가 아니거나 접속할 수 있는 주체가 없음", Grouped(n), how)
}

// firstOf names the first few of a list.
func firstOf(list []string) string {
	const most = 10
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s 외 %s건", strings.Join(list[:most], ", "), Grouped(len(list)-most))
}

// managedRegion judges one region's instances as Systems Manager sees them.
type managedRegion struct {
	in    Input
	d     *directory
	c     *evidence.Compute
	nodes map[string]*evidence.SSMNode
	// hybrid are the nodes registered by hybrid activation: an instance may be one.
	hybrid []*evidence.SSMNode
}

func (r *managedRegion) instance(i *evidence.Instance) Finding {
	stem := r.d.stem(r.c.Region, "instance")
	access := r.d.weigh(r.d.rights(r.d.question(startSession, stem), i.ID))
	node := r.nodes[i.ID]
	profile, cause := r.profile(i.Profile, stem, i.ID)
	f := Finding{ARN: stem + i.ID, Cells: map[string]Cell{
		"state": lines(stateWord(i.State)), "ssm_status": lines("미등록"), "profile": lines(profile),
	}}
	state := "Systems Manager에 등록되어 있지 않은 상태"
	online := false
	switch {
	case node != nil:
		online = node.Ping == "Online"
		state = fmt.Sprintf("SSM 연결이 %s인 상태", orWord(node.Ping, "확인 불가"))
		f.Cells["ssm_status"], f.Cells["agent"] = lines(orWord(node.Ping, "확인 불가")), lines(node.Agent)
		f.CallIDs = append(f.CallIDs, node.Calls...)
	case !r.c.NodesRead:
		f.Cells["ssm_status"] = lines("조회 불가")
	}
	running := i.State == "running"
	if !running {
		state = stateWord(i.State) + " 상태"
	}
	switch host := r.c.DefaultHostManagement; {
	case cause != "":
	case host != nil && *host != "":
		cause = fmt.Sprintf("기본 호스트 관리(역할 %s)가 설정되어 있어", *host)
	case online:
		cause = "Systems Manager에는 Online으로 남아 있어"
	}
	const doing = "세션을 시작할 수 있는"
	const open = "접속할 수 있는 상태인지 판정할 수 없음: "
	wayIn := true
	switch {
	case online && running:
		f.adopt(r.d.decide(access, true, "온라인 상태", doing))
	case !r.c.NodesRead:
		f.Status, f.Reason = Unknown, "관리형 노드 목록을 끝까지 확인하지 못하여 "+open+failureText(r.in, nodesCall, r.c.Region)
	case cause != "":
		f.adopt(r.d.decide(access, false, state+"이나 "+cause+" 접속할 수 있게 될 수 있는 구성", doing))
	case r.c.DefaultHostManagement == nil:
		if f.adopt(r.d.decide(access, false, state, doing)); f.Status != Good {
			f.Status, f.Reason = Unknown, "인스턴스 프로파일의 Systems Manager 권한이 없으며("+profile+") 기본 호스트 관리 설정을 확인하지 못하여 "+open+failureText(r.in, settingCall, r.c.Region)
		}
	default:
		wayIn = false
		f.Status = Good
		f.Reason = fmt.Sprintf("%s이며 인스턴스 프로파일의 Systems Manager 권한(%s)과 기본 호스트 관리가 모두 없어 접속할 수 있는 상태가 아님", state, profile)
	}
	f.Cells["principals"] = holdersCell(access, wayIn)
	if f.Status == Good && len(r.hybrid) > 0 {
		r.asHybrid(&f, i, node != nil, doing)
	}
	return f
}

// asHybrid judges an instance again that may be a node of another id: sessions to
// it go by that node.
func (r *managedRegion) asHybrid(f *Finding, i *evidence.Instance, registered bool, doing string) {
	own := addresses(i)
	var rights []right
	var ids, names []string
	q := r.d.question(startSession, fmt.Sprintf("arn:%s:ssm:%s:%s:managed-instance/", r.d.partition, r.c.Region, r.d.c.set.Account.ID))
	for _, n := range r.hybrid {
		at, known := hostAddress(n.IP)
		why := ""
		switch unsure := n.Ping == "Online" && !registered; {
		case known && slices.Contains(own, at):
			why = "주소 " + at.String() + " 일치"
		case unsure && !known:
			why = "노드의 주소 확인 불가"
		case unsure && len(own) == 0:
			why = "인스턴스의 주소 확인 불가"
		default:
			continue
		}
		ids, names = append(ids, n.ID), append(names, fmt.Sprintf("%s(%s, %s)", n.ID, orWord(n.Ping, "확인 불가"), why))
		may := r.d.rights(q, n.ID)
		if rights == nil {
			rights = may
		}
		rights = widest(rights, may)
		f.CallIDs = append(f.CallIDs, n.Calls...)
	}
	if len(ids) == 0 {
		return
	}
	access := r.d.weigh(rights)
	f.adopt(r.d.decide(access, false, "이 인스턴스가 하이브리드 활성화로 등록된 노드 "+firstOf(names)+"일 수 있는 구성", doing))
	f.Cells["principals"] = holdersCell(access, true)
	f.Cells["ssm_status"] = lines(append(f.Cells["ssm_status"].Lines, firstOf(ids)+"일 수 있음")...)
}

// addresses are those by which an instance may be known.
func addresses(i *evidence.Instance) []netip.Addr {
	var out []netip.Addr
	for _, n := range i.Interfaces {
		for _, text := range slices.Concat(n.PrivateIPv4, n.PublicIPv4, n.IPv6) {
			if at, ok := hostAddress(text); ok {
				out = append(out, at)
			}
		}
	}
	return out
}

// hostAddress reads an address that tells hosts apart; ok is false for any other text.
func hostAddress(text string) (at netip.Addr, ok bool) {
	at, err := netip.ParseAddr(text)
	at = at.Unmap()
	return at, err == nil && !at.IsUnspecified() && !at.IsLoopback() && !at.IsLinkLocalUnicast()
}

// profile describes an instance profile and, where its role lets the instance
// register, the cause for which it can come online.
func (r *managedRegion) profile(arn, stem, id string) (text, cause string) {
	if arn == "" {
		return "프로파일 없음", ""
	}
	name := arn[strings.LastIndex(arn, "/")+1:]
	set, ok := r.d.profiles[arn]
	if !ok {
		return name + ": 역할 확인 불가", fmt.Sprintf("인스턴스 프로파일(%s)의 역할을 IAM 증적에서 확인할 수 없으므로", name)
	}
	switch r.d.right(r.d.question(registerNode, stem), set, id) {
	case refused:
		return name + ": SSM 권한 없음", ""
	case doubtful:
		return name + ": SSM 권한 확인 필요", fmt.Sprintf("인스턴스 프로파일(%s)의 정책을 해석할 수 없으므로", name)
	}
	return name + ": SSM 권한 있음", fmt.Sprintf("인스턴스 프로파일(%s)에 등록 권한이 있어", name)
}

// failureText names the failed call behind a gap in a region's evidence.
func failureText(in Input, action, region string) string {
	for _, f := range in.Failures {
		if f.Action == action && f.Region == region {
			return Describe(f)
		}
	}
	return Describe(evidence.Failure{Action: action, Region: region, Code: notCollected})
}

// sessionRow says where a region's sessions are logged.
func sessionRow(c *evidence.Compute) map[string]Cell {
	group, bucket, runAs, host := "조회 불가", "조회 불가", "조회 불가", "조회 불가"
	if s := c.Session; s != nil {
		yes := map[bool]string{true: "사용", false: "미사용"}
		group, bucket, runAs = orWord(s.LogGroup, "미설정"), orWord(s.Bucket, "미설정"), yes[s.RunAsUser]
		switch {
		case s.Unparsed:
			group, bucket, runAs = "해석 불가", "해석 불가", "해석 불가"
		case !s.Exists:
			group, bucket, runAs = "미설정(문서 없음)", "미설정(문서 없음)", "미설정(문서 없음)"
		}
	}
	if c.DefaultHostManagement != nil {
		host = orWord(*c.DefaultHostManagement, "미사용")
	}
	return map[string]Cell{"region": lines(c.Region), "log_group": lines(group), "bucket": lines(bucket), "run_as": lines(runAs), "host_management": lines(host)}
}
