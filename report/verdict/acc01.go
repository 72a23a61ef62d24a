package verdict

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/settings"
	"auditbinder/report/verdict/iampolicy"
)

// rootEventsTable holds root's events on billing services.
const rootEventsTable = "root_events"

// noSwitchAPI is what no evidence can tell.
const noSwitchAPI = "결제 정보에 대한 IAM 사용자 및 역할 액세스의 활성화 여부를 알려주는 공개 API가 없어 확인이 필요함"

// acc01 is ACC-01 · root 계정의 billing 권한을 IAM 계정에 부여. Policies say who could do
// billing; only root's own events prove that root does it.
func acc01(in Input) Outcome {
	set, h := in.Evidence, rootHistoryOf(in)
	if set.IAM == nil && len(h.events) == 0 { // nothing of root's to prove, and nobody known
		return Outcome{}
	}
	b := billing{in.Settings.Standard.Billing, map[*iampolicy.Document]*iampolicy.Document{}}
	out := Outcome{Notes: []string{"계정 구분: " + accountKind(in)}}
	holders := 0
	if set.IAM != nil {
		var asked int
		out.Findings, holders, asked = b.principals(in)
		out.Notes = append(out.Notes, fmt.Sprintf("IAM 사용자 %s명과 역할 %s개(서비스 연결 역할 제외)의 결제 권한을 확인함", Grouped(len(set.IAM.Users)), Grouped(asked-len(set.IAM.Users))))
	}
	rows, root, found := b.root(h, set, holders)
	out.Rows = map[string][]map[string]Cell{rootEventsTable: rows}
	out.Reason = "결제 권한을 가진 주체를 모두 확인하지 못함"
	if holders > 0 {
		out.Reason = fmt.Sprintf("root 계정 외에 결제 권한을 가졌거나 가질 수 있는 주체가 %s개 있음", Grouped(holders))
	}
	if found {
		out.Findings = append(out.Findings, root)
		if root.Status == Vulnerable {
			out.Reason = root.Reason
		} else {
			out.Reason += "; " + root.Reason
		}
	}
	out.Reason += "(" + noSwitchAPI + ")"
	for _, f := range out.Findings {
		if f.Status != NA {
			out.Population++
		}
	}
	if h.short {
		out.Notes = append(out.Notes, fmt.Sprintf("%s 중 root 계정의 이벤트 기록은 %s ~ %s만 조회됨", h, moment(h.seen[0]), moment(h.seen[1])))
	}
	out.Notes = append(out.Notes, h.notes...)
	return out
}

// accountKind states where the account stands in an organization.
func accountKind(in Input) string {
	for _, f := range in.Failures {
		if f.Action == "organizations:DescribeOrganization" {
			return "미확인(조직 정보 조회 불가: " + f.Code + ")"
		}
	}
	return orWord(map[evidence.AccountKind]string{
		evidence.KindManagement: "조직 관리 계정(조직 전체의 청구를 통합 처리함)", evidence.KindMember: "조직 멤버 계정(청구는 관리 계정에서 통합 처리됨)",
		evidence.KindStandalone: "단독 계정",
	}[in.Evidence.Account.Kind], "미확인")
}

// billing applies the data of billing.yaml.
type billing struct {
	settings.Billing
	excerpts map[*iampolicy.Document]*iampolicy.Document
}

// billingRights is what a set of policies lets someone do in billing.
type billingRights struct {
	read, write bool
	other       bool // some action that is neither of those listed
	unclear     bool // a policy is missing or not understood
	policies    []string
}

func (r billingRights) none() bool { return !r.read && !r.write && !r.other && !r.unclear }

func (r billingRights) scope() string {
	switch {
	case r.read && r.write:
		return "조회·변경"
	case r.read:
		return "조회"
	case r.write:
		return "변경"
	case r.other:
		return "일부 작업(조회·변경 구분 확인 필요)"
	}
	return "확인 필요"
}

// rights asks each service as a whole first: where nothing of it is granted, no
// action of it is.
func (b billing) rights(layers []iampolicy.Layer, limits iampolicy.Limits) billingRights {
	var r billingRights
	layers = b.about(layers)
	take := func(p iampolicy.Permission) {
		for _, g := range p.Grants {
			if g.Layer == (iampolicy.Layer{Kind: iampolicy.Identity}).String() && !slices.Contains(r.policies, g.Policy) {
				r.policies = append(r.policies, g.Policy)
			}
		}
	}
	for _, service := range b.Permissions {
		all := iampolicy.May(layers, service.Prefix+":*", "*", limits)
		r.unclear = r.unclear || all.Unclear
		if !all.Granted {
			continue
		}
		if service.Whole {
			r.other = true
			take(all)
		}
		for _, list := range []struct {
			names   []string
			granted *bool
		}{{service.Read, &r.read}, {service.Write, &r.write}} {
			for _, name := range list.names {
				if *list.granted && service.Whole {
					break
				}
				if p := iampolicy.May(layers, service.Prefix+":"+name, "*", limits); p.Granted {
					*list.granted = true
					take(p)
				}
			}
		}
	}
	return r
}

// about leaves of the layers what can speak of billing: the answers stay the same,
// and the long policies of AWS are searched once.
func (b billing) about(layers []iampolicy.Layer) []iampolicy.Layer {
	layers = slices.Clone(layers)
	for i := range layers {
		layers[i].Policies = slices.Clone(layers[i].Policies)
		for j := range layers[i].Policies {
			if p := &layers[i].Policies[j]; p.Document != nil {
				p.Document = b.excerpt(p.Document)
			}
		}
	}
	return layers
}

func (b billing) excerpt(doc *iampolicy.Document) *iampolicy.Document {
	if known := b.excerpts[doc]; known != nil {
		return known
	}
	out := &iampolicy.Document{}
	for _, s := range doc.Statements {
		listed := len(s.Actions) > 0
		s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(action string) bool { return !b.mentions(action) })
		if !listed || len(s.Actions) > 0 {
			out.Statements = append(out.Statements, s)
		}
	}
	b.excerpts[doc] = out
	return out
}

// mentions reports whether an action pattern can match an action of billing.
func (b billing) mentions(pattern string) bool {
	service, _, _ := strings.Cut(strings.ToLower(pattern), ":")
	return strings.ContainsAny(service, "*?") || slices.ContainsFunc(b.Permissions, func(p settings.BillingPermission) bool {
		family, open := strings.CutSuffix(p.Prefix, "*")
		return service == p.Prefix || open && strings.HasPrefix(service, family)
	})
}

// principals are the findings of those who may use billing. holders counts them
// without the roles that only AWS services can assume; asked, everyone judged.
func (b billing) principals(in Input) (findings []Finding, holders, asked int) {
	iam, d := in.Evidence.IAM, newDirectory(in)
	known := make([]*billingRights, len(d.sets))
	add := func(a actor, arn, id string) {
		asked++
		if known[a.set] == nil {
			r := b.rights(d.sets[a.set].layers, d.c.limits)
			known[a.set] = &r
		}
		r := known[a.set]
		if r.none() {
			return
		}
		basis := orWord(strings.Join(r.policies, ", "), "확인 필요")
		f := Finding{Resource: a.name, ARN: arn, UniqueID: id, CallIDs: a.calls, Status: Interview, Cells: map[string]Cell{
			"principal": lines(a.name), "kind": lines(a.kind), "policy": {Lines: r.policies}, "scope": lines(r.scope()),
		}}
		switch {
		case a.standing == serviceOnly || a.standing == deletedOnly:
			who := "AWS 서비스만 맡을 수 있는"
			if a.standing == deletedOnly {
				who = "삭제된 주체만 신뢰하여 맡을 수 있는 주체가 없는"
			}
			f.Status, f.Reason = NA, fmt.Sprintf("%s 역할이므로 결제 업무를 수행하는 주체로 보지 않음(결제 권한 범위: %s, 근거 정책: %s)", who, r.scope(), basis)
		case !r.read && !r.write && !r.other:
			f.Reason = "정책의 내용이 반환되지 않았거나 해석할 수 없어 결제 권한의 유무를 확인할 수 없고, " + noSwitchAPI
		default:
			f.Reason = fmt.Sprintf("결제 권한(범위: %s, 근거 정책: %s)이 있으나 %s", r.scope(), basis, noSwitchAPI)
			if r.unclear {
				f.Reason = "내용을 확인할 수 없는 정책이 있어 권한이 더 넓거나 좁을 수 있고, " + f.Reason
				f.Cells["scope"] = lines(r.scope(), "(확인 필요)")
			}
		}
		if f.Status != NA {
			holders++
		}
		findings = append(findings, f)
	}
	for i, u := range iam.Users {
		add(d.actors[i], u.ARN, u.ID)
	}
	for i, r := range iam.Roles {
		if !strings.HasPrefix(r.Path, "/aws-service-role/") {
			add(d.actors[len(iam.Users)+i], r.ARN, r.ID)
		}
	}
	return findings, holders, asked
}

// root lists root's events on billing services and says what they prove; found
// is false where nothing is to be said of root.
func (b billing) root(h rootHistory, set *evidence.Set, holders int) (rows []map[string]Cell, f Finding, found bool) {
	var changed, tasks, read, calls []string
	for _, e := range h.events {
		if !slices.Contains(b.EventSources, e.Source) {
			continue
		}
		change, task := b.changes(e), b.task(e)
		kind, names := "조회", &read
		switch {
		case rootEventKind(e) == kindService:
			kind, names = kindService, nil
		case e.Failed:
			kind, names = "실패("+orWord(e.ErrorCode, "오류 응답")+")", nil
		case task != "":
			kind, names = "root 전용·계정 설정 작업("+task+")", &tasks
		case change:
			kind, names = "결제 변경 작업", &changed
		}
		if names != nil {
			*names = append(*names, e.Name)
			calls = append(calls, e.Calls...)
		}
		rows = append(rows, map[string]Cell{
			"time": {At: e.At}, "event": lines(e.Name), "service": lines(e.Source), "region": lines(e.Region),
			"access": lines(map[bool]string{true: "변경", false: "조회"}[change || task != ""]), "kind": lines(kind),
		})
	}
	f = Finding{Resource: "root", CallIDs: calls, Cells: map[string]Cell{"principal": lines("root"), "kind": lines("root 계정"), "policy": lines("해당 없음(정책으로 부여되지 않음)")}}
	var parts, scope []string
	for _, group := range []struct {
		what  string
		names []string
	}{{"결제 변경 작업", changed}, {"root 전용·계정 설정 작업", tasks}, {"결제 조회", read}} {
		if n := len(group.names); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s건(%s)", group.what, Grouped(n), distinctText(group.names)))
			scope = append(scope, fmt.Sprintf("%s %s건", group.what, Grouped(n)))
		}
	}
	f.Cells["scope"] = Cell{Lines: scope}
	did := ""
	if len(parts) > 0 {
		did = fmt.Sprintf("%s에 root 계정이 %s을 수행함", h, strings.Join(parts, ", "))
	}
	nobody := holders == 0 && detailsRead(set) && set.IAM.Summary != nil && len(usersMatchSummary(set)) == 0
	switch {
	case nobody:
		f.Status, f.Reason = Vulnerable, "root 계정 외에 결제 권한을 가진 IAM 사용자와 역할이 없음"
		for _, a := range set.Answers {
			if a.Action == "iam:GetAccountAuthorizationDetails" {
				f.CallIDs = append(f.CallIDs, a.Calls...)
			}
		}
		if did != "" {
			f.Reason += "; " + did
		}
	case len(changed) > 0:
		f.Status, f.Reason = Vulnerable, did
	case len(h.gaps) > 0:
		f.CallIDs = append(f.CallIDs, h.lost...)
		f.Status, f.Reason = Unknown, "root 계정의 결제 관련 이벤트를 다음 사유로 모두 확인할 수 없음: "+strings.Join(h.gaps, "; ")
	case len(tasks) > 0:
		f.Status, f.Reason = Interview, did+"(취약으로 보지 않는 작업으로 사유 확인이 필요함)"
	case len(read) > 0:
		f.Status, f.Reason = Interview, did+"(콘솔 첫 화면의 비용 위젯도 조회 이벤트를 남기므로 결제 업무 여부 확인이 필요함)"
	default:
		return rows, f, false
	}
	return rows, f, true
}

// changes reports whether the event changes something. A name that only reads
// outweighs a flag that says otherwise or says nothing.
func (b billing) changes(e evidence.RootEvent) bool {
	for _, c := range b.ChangeEvents {
		if c.Source == e.Source && slices.Contains(c.Events, e.Name) {
			return true
		}
	}
	if e.ReadOnly != nil && *e.ReadOnly {
		return false
	}
	name := e.Name
	if i := strings.LastIndexAny(name, "_."); i >= 0 { // Instruments_Get, AWSPaymentPortalService.GetPaymentsDue
		name = name[i+1:]
	}
	return !slices.ContainsFunc(b.ReadVerbs, func(verb string) bool {
		rest, ok := strings.CutPrefix(name, verb)
		return ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z')
	})
}

// task says what the event does where root alone can do it, or it is no billing.
func (b billing) task(e evidence.RootEvent) string {
	for _, t := range b.RootTasks {
		if t.Source == e.Source && t.Event == e.Name {
			return t.Title
		}
	}
	return ""
}
