package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/strictyaml"
)

// eventsTable holds every event of root in the period, use or not.
const eventsTable = "events"

const lookupEvents = "cloudtrail:LookupEvents"

// root01 is ROOT-01 · root 계정 사용 여부. Two sources tell of root's use: CloudTrail's
// event history and the credential report's three last-use dates.
func root01(in Input) Outcome {
	set, h := in.Evidence, rootHistoryOf(in)
	if set.RootEvents == nil && set.CredentialReport == nil {
		return Outcome{}
	}
	out := Outcome{Rows: map[string][]map[string]Cell{}}
	days := map[string]*rootDay{}
	on := func(at time.Time) *rootDay {
		key := strictyaml.DayOf(at).String()
		if days[key] == nil {
			days[key] = &rootDay{}
		}
		return days[key]
	}
	counts, used := map[string]int{}, 0
	for _, e := range h.events {
		kind := rootEventKind(e)
		counts[kind]++
		if kind == kindUse {
			d := on(e.At)
			d.events = append(d.events, e)
			used++
		}
		row := rootEventCells(e)
		row["counted"] = lines(kind)
		if e.Failed {
			row["counted"] = lines(kind, "오류 "+orWord(e.ErrorCode, "응답"))
		}
		out.Rows[eventsTable] = append(out.Rows[eventsTable], row)
	}
	lastUses, gaps := rootLastUses(set.CredentialReport)
	for _, u := range lastUses {
		if u.At != nil && !u.At.Before(h.from) {
			d := on(*u.At)
			d.uses = append(d.uses, u)
		}
	}
	for _, day := range slices.Backward(sortedKeys(days)) {
		out.Findings = append(out.Findings, days[day].finding(day, h, set))
	}
	gaps = slices.Concat(h.gaps, gaps)
	if rest, ok := h.rest(set, lastUses, gaps, len(days)); ok {
		out.Findings = append(out.Findings, rest)
		out.Reason = rest.Reason
	}
	if len(days) > 0 {
		out.Reason = fmt.Sprintf("%s에 root 계정을 사용한 날이 %s일(이벤트 %s건) 확인되어 사용일별 목적의 소명이 필요함", h, Grouped(len(days)), Grouped(used))
	}
	out.Population = len(out.Findings)
	if set.CredentialReport != nil {
		out.Notes = reportNotes(set.CredentialReport, set)[:1] // the others are about users
	}
	out.Notes = append(out.Notes, h.notes...)
	for _, kind := range notUse {
		if n := counts[kind]; n > 0 {
			out.Notes = append(out.Notes, fmt.Sprintf("root 계정의 '%s' 이벤트 %s건은 사용으로 보지 않음", kind, Grouped(n)))
		}
	}
	if set.RootEvents != nil && set.RootEvents.Others > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("사용자 이름이 같으나 root 계정이 아닌 IAM 사용자·세션의 이벤트 %s건은 제외함", Grouped(set.RootEvents.Others)))
	}
	out.Notes = append(out.Notes, h.disagreements(set, lastUses)...)
	out.Notes = append(out.Notes, assumedRootNotes(set)...)
	return out
}

// assumedRootNotes say where sessions of central root access can be: which user
// name their events carry is not documented, and the look-ups go by that.
func assumedRootNotes(set *evidence.Set) []string {
	const missed = "멤버 계정의 root 세션(sts:AssumeRoot)의 이벤트는 사용자 이름(root, 현재의 별칭)으로 찾은 이벤트 기록에 나타나지 않을 수 있음"
	switch c, o := set.CentralRoot, set.Organization; {
	case c != nil && len(c.Features) > 0:
		return []string{fmt.Sprintf("조직의 root 중앙 관리 기능이 켜져 있음(%s): %s", strings.Join(c.Features, ", "), missed)}
	case c == nil && (o == nil || o.Member):
		return []string{"조직의 root 중앙 관리 기능의 사용 여부를 확인하지 못함. 켜져 있으면 " + missed}
	}
	return nil
}

// What an event of root says about use.
const (
	kindUse          = "사용"
	kindFailedSignIn = "로그인 실패"
	kindSignInStep   = "로그인 시도"
	kindService      = "서비스 수행"
)

var notUse = []string{kindFailedSignIn, kindSignInStep, kindService}

// signInSource records sign-ins. As invokedBy it stands for a person's own work in
// the console, so it is no service that acts for root.
const signInSource = "signin.amazonaws.com"

// signInSteps come before anybody is signed in.
var signInSteps = []string{"CheckMfa", "PasswordRecoveryRequested"}

// rootEventKind tells use from what is not. A call that AWS refused is use as
// well: whoever made it was root.
func rootEventKind(e evidence.RootEvent) string {
	signIn := e.Source == signInSource || e.Type == "AwsConsoleSignIn"
	switch {
	case e.InvokedBy != "" && e.InvokedBy != signInSource, e.Type == "AwsServiceEvent":
		return kindService
	case signIn && e.Failed:
		return kindFailedSignIn
	case signIn && slices.Contains(signInSteps, e.Name):
		return kindSignInStep
	}
	return kindUse
}

// signedIn reports whether the event is a successful console sign-in.
func signedIn(e evidence.RootEvent) bool {
	return e.Name == "ConsoleLogin" && rootEventKind(e) == kindUse
}

var mfaWords = map[string]string{"Yes": "사용", "true": "사용", "No": "미사용", "false": "미사용"}

func rootEventCells(e evidence.RootEvent) map[string]Cell {
	return map[string]Cell{
		"time": {At: e.At}, "event": lines(e.Name), "service": lines(e.Source), "source_ip": lines(e.SourceIP), "user_agent": lines(e.UserAgent),
		"region": lines(e.Region), "mfa": lines(orWord(mfaWords[e.MFA], e.MFA)), "event_id": lines(e.ID),
	}
}

// rootHistory is what the event history says of root in the period.
type rootHistory struct {
	from, to time.Time // root_usage_period, counted back from the collection
	days     int
	events   []evidence.RootEvent // of the period, newest first
	// seen is the part of the period that the history covers; short: not all of it.
	seen  [2]time.Time
	short bool
	gaps  []string // required look-ups that are missing
	lost  []string // their call ids
	notes []string // where else was not looked
}

func rootHistoryOf(in Input) rootHistory {
	set := in.Evidence
	h := rootHistory{to: set.CollectedAt, days: in.Settings.Thresholds.RootUsagePeriod.Days}
	h.from = h.to.Add(-time.Duration(h.days) * 24 * time.Hour)
	if e := set.RootEvents; e != nil {
		h.seen = [2]time.Time{e.From, e.To}
		h.short = e.From.After(h.from) || e.To.Before(h.to)
		for _, x := range slices.Backward(e.Events) {
			if !x.At.Before(h.from) {
				h.events = append(h.events, x)
			}
		}
	} else {
		h.gaps = append(h.gaps, "CloudTrail 이벤트 기록이 수집되지 않음")
	}
	var elsewhere []string
	for _, f := range in.Failures {
		switch {
		case f.Action != lookupEvents:
		case f.Region == "" || mayHoldSignIn(set, f.Region):
			h.gaps = append(h.gaps, Describe(f))
			if f.CallID != "" {
				h.lost = append(h.lost, f.CallID)
			}
		default:
			elsewhere = append(elsewhere, Describe(f))
		}
	}
	if len(elsewhere) > 0 {
		h.notes = append(h.notes, "로그인 리전이 아닌 다음 리전의 이벤트 기록은 조회 불가로 판정에 반영하지 않음: "+strings.Join(elsewhere, "; "))
	}
	if out := set.Regions.In(evidence.ScopeExcluded); len(out) > 0 {
		h.notes = append(h.notes, fmt.Sprintf("범위 제외로 이벤트 기록을 조회하지 않은 리전 %d개: %s(사유: %s)", len(out), strings.Join(out, ", "), orWord(set.Regions.Reason, "기재되지 않음")))
	}
	return h
}

func (h rootHistory) String() string {
	return fmt.Sprintf("이벤트 조회 기간 %d일(%s ~ %s)", h.days, moment(h.from), moment(h.to))
}

// covers reports whether an event of that moment would stand in the history.
func (h rootHistory) covers(at time.Time) bool {
	return !at.Before(h.seen[0]) && !at.After(h.seen[1])
}

// on returns the events of the moment's KST day that match.
func (h rootHistory) on(at time.Time, match func(evidence.RootEvent) bool) bool {
	return slices.ContainsFunc(h.events, func(e evidence.RootEvent) bool { return match(e) && strictyaml.DayOf(e.At) == strictyaml.DayOf(at) })
}

// rest is the finding about the account as a whole: nothing was used, or what
// keeps that from being known. With use and nothing open there is none.
func (h rootHistory) rest(set *evidence.Set, lastUses []rootLastUse, gaps []string, days int) (Finding, bool) {
	f := Finding{Resource: evidence.RootAccount, Cells: map[string]Cell{"time": lines(moment(h.from)+" ~", moment(h.to))}}
	regions := map[string]bool{}
	for _, a := range set.Answers {
		if a.Action == lookupEvents {
			regions[a.Region] = true
			f.CallIDs = append(f.CallIDs, a.Calls...)
		}
	}
	if set.CredentialReport != nil {
		f.CallIDs = append(f.CallIDs, set.CredentialReport.Calls...)
	}
	var dates []string
	for _, u := range lastUses {
		dates = append(dates, u.what+" "+u.date())
	}
	switch {
	case len(gaps) > 0:
		f.Status = Unknown
		f.Reason = fmt.Sprintf("%s의 root 계정 사용 여부를 다음 사유로 모두 확인할 수 없음: %s", h, strings.Join(gaps, "; "))
	case h.short:
		f.Status = Interview
		f.Reason = fmt.Sprintf("%s 중 이벤트 기록은 %s ~ %s만 조회되어 나머지 기간은 자격 증명 보고서의 마지막 사용일(%s)로만 확인되므로 그 기간의 사용 여부 확인이 필요함",
			h, moment(h.seen[0]), moment(h.seen[1]), strings.Join(dates, ", "))
	case days == 0:
		f.Status, f.Cells["event"] = Good, lines("사용 이벤트 0건")
		f.Reason = fmt.Sprintf("%s에 root 계정의 사용이 확인되지 않음: 리전 %d곳에서 조회한 CloudTrail 이벤트 기록의 사용 이벤트 0건, 자격 증명 보고서의 마지막 사용일(%s)은 조회 기간 이전이거나 기록이 없음",
			h, len(regions), strings.Join(dates, ", "))
	default:
		return f, false
	}
	return f, true
}

// disagreements are notes on where the two sources tell different stories: a last
// use without its event, and an event that a later report should have known.
func (h rootHistory) disagreements(set *evidence.Set, lastUses []rootLastUse) []string {
	if set.RootEvents == nil || set.CredentialReport == nil {
		return nil
	}
	var out []string
	latest := map[bool]rootLastUse{} // of the password, of the keys
	for _, u := range lastUses {
		if u.At != nil && !u.At.Before(h.from) && h.covers(*u.At) && !h.on(*u.At, u.matches) {
			out = append(out, fmt.Sprintf("출처 간 차이: 자격 증명 보고서의 %s 마지막 사용일(%s)과 같은 날(KST)의 %s 이벤트가 이벤트 기록에 없음%s",
				u.what, u.date(), u.event(), map[bool]string{true: "(데이터 이벤트는 이벤트 기록에 남지 않음)"}[u.key]))
		}
		if l, ok := latest[u.key]; !ok || u.At != nil && (l.At == nil || u.At.After(*l.At)) {
			latest[u.key] = u
		}
	}
	for _, key := range []bool{false, true} {
		u := latest[key]
		i := slices.IndexFunc(h.events, func(e evidence.RootEvent) bool { return u.matches(e) && !e.At.After(set.CredentialReport.Generated) })
		if u.what != "" && i >= 0 && (u.At == nil || strictyaml.DayOf(h.events[i].At).After(strictyaml.DayOf(*u.At).Time)) {
			out = append(out, fmt.Sprintf("출처 간 차이: 보고서 생성(%s) 이전인 %s에 %s 이벤트가 있으나 자격 증명 보고서의 %s 마지막 사용일은 %s임",
				moment(set.CredentialReport.Generated), moment(h.events[i].At), u.event(), u.what, u.date()))
		}
	}
	return out
}

// rootLastUse is one of the three last-use dates of the root row.
type rootLastUse struct {
	what string
	key  bool
	evidence.Stamp
	region, service string
}

func (u rootLastUse) date() string {
	if u.At != nil {
		return moment(*u.At)
	}
	return orWord(u.Word, "빈 값")
}

// matches reports whether the event is of the kind that sets this date.
func (u rootLastUse) matches(e evidence.RootEvent) bool {
	return u.key && e.AccessKeyed || !u.key && signedIn(e)
}

func (u rootLastUse) event() string {
	return map[bool]string{true: "장기 Access key 사용", false: "콘솔 로그인"}[u.key]
}

// rootLastUses reads the root row; gaps say what of it can't be read.
func rootLastUses(report *evidence.CredentialReport) (uses []rootLastUse, gaps []string) {
	if report == nil {
		return nil, []string{"자격 증명 보고서가 수집되지 않음"}
	}
	row, ok := rootRow(report)
	if !ok {
		return nil, []string{"자격 증명 보고서에 root 행이 없음"}
	}
	uses = []rootLastUse{{what: "비밀번호", Stamp: row.PasswordUsed}}
	for i, k := range row.Keys {
		uses = append(uses, rootLastUse{fmt.Sprintf("Access key %d", i+1), true, k.Used, k.UsedRegion, k.UsedService})
	}
	for _, u := range uses {
		if u.At != nil && !u.At.After(report.Generated) || u.Is(evidence.NotApplicable) || u.Is(evidence.NoInformation) || u.Is(evidence.NotSupported) {
			continue
		}
		gaps = append(gaps, fmt.Sprintf("자격 증명 보고서의 root %s 마지막 사용일(%s)을 해석할 수 없음", u.what, u.date()))
	}
	return uses, gaps
}

// rootDay is what shows that root was used on one KST day.
type rootDay struct {
	events []evidence.RootEvent // newest first
	uses   []rootLastUse
}

// finding shows the day as one row: the first moment, and the distinct values of
// its events and last-use dates.
func (d *rootDay) finding(day string, h rootHistory, set *evidence.Set) Finding {
	f := Finding{Resource: "root/" + day, Status: Interview, Cells: map[string]Cell{}}
	values := map[string][]string{}
	var first time.Time
	add := func(cells map[string]Cell) {
		if at := cells["time"].At; first.IsZero() || at.Before(first) {
			first = at
		}
		for key, c := range cells {
			values[key] = append(values[key], c.Lines...)
		}
	}
	for _, e := range slices.Backward(d.events) {
		add(rootEventCells(e))
		f.CallIDs = append(f.CallIDs, e.Calls...)
	}
	var basis []string
	if n := len(d.events); n > 0 {
		basis = append(basis, fmt.Sprintf("CloudTrail 이벤트 %s건(%s; 서비스 %s; 소스 IP %s)", Grouped(n), distinctText(values["event"]), distinctText(values["service"]), distinctText(values["source_ip"])))
	}
	for _, u := range d.uses {
		add(map[string]Cell{"time": {At: *u.At}, "event": lines(u.what + " 사용(자격 증명 보고서)"), "service": lines(u.service), "region": lines(u.region)})
		where := ""
		if u.service != "" && u.service != evidence.NotApplicable {
			where = ", 서비스 " + u.service
		}
		basis = append(basis, fmt.Sprintf("자격 증명 보고서의 %s 마지막 사용일(%s%s)", u.what, u.date(), where))
	}
	for key, list := range values {
		f.Cells[key] = Cell{Lines: distinct(list)}
	}
	f.Cells["time"] = Cell{At: first}
	alone := ""
	switch {
	case len(d.events) > 0:
	case h.covers(first):
		alone = "(같은 날의 사용 이벤트는 이벤트 기록에 없음)"
	default:
		alone = "(이벤트 기록이 조회되지 않은 시각임)"
	}
	if len(d.uses) > 0 {
		f.CallIDs = append(f.CallIDs, set.CredentialReport.Calls...)
	}
	f.Reason = strings.Join(basis, ", ") + "에 따라 root 계정의 사용이 확인되어 사용 목적의 소명이 필요함" + alone
	return f
}

// distinct are the different values that are set, the first five of many.
func distinct(values []string) []string {
	const most = 5
	var out []string
	for _, v := range values {
		if v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if n := len(out) - most; n > 0 {
		out = out[:most]
		out[most-1] += fmt.Sprintf(" 외 %d개", n)
	}
	return out
}

func distinctText(values []string) string {
	return orWord(strings.Join(distinct(values), ", "), "기록 없음")
}
