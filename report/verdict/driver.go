package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/strictyaml"
)

// notCollected is the code of a required call that the bundle neither answers
// nor reports as failed.
const notCollected = "NotCollected"

// Decide judges every item of the catalogue that has a rule, in its order.
func Decide(catalog *item.Catalog, set *evidence.Set, cfg settings.Config) []Result {
	var results []Result
	for _, it := range catalog.Items {
		if r, ok := rules[it.ID]; ok && !it.Planned {
			results = append(results, decide(it, r, set, cfg))
		}
	}
	return results
}

func decide(it item.Item, r rule, set *evidence.Set, cfg settings.Config) Result {
	required, optional := failures(it, set)
	all := slices.Concat(plain(required), optional)
	out := r(Input{Evidence: set, Settings: cfg, Failures: all})
	res := Result{
		Item: it, Population: out.Population, Findings: out.Findings, Notes: slices.Concat(out.Notes, optionalNotes(optional), controlNotes(all)), Reason: out.Reason, Rows: out.Rows,
		Failures: all,
	}
	// G1: what failed and is not told by a finding of its own costs every finding
	// that is not proved vulnerable; a region's failure, those of the region.
	var failed, lost, everywhere []string
	inRegion := map[string][]string{}
	for _, f := range required {
		text := Describe(f.Failure)
		failed = append(failed, text)
		switch {
		case told(f.Failure, res.Findings) || slices.Contains(out.Told, f.Action):
			continue
		case f.regional && f.Region != "":
			inRegion[f.Region] = append(inRegion[f.Region], text)
		default:
			everywhere = append(everywhere, text)
		}
		lost = append(lost, text)
	}
	if late := newcomers(it, set); len(late) > 0 {
		res.Findings = append(res.Findings, late...)
		res.Population += len(late)
		res.Reason += "(보고서 생성 이후 생성된 사용자 " + strconv.Itoa(len(late)) + "명은 별도 확인 필요)"
	}
	var problems []string
	// A rule that says nothing saw nothing: no evidence, no verdict.
	if out.Reason == "" && len(lost) == 0 {
		problems = append(problems, unread)
	}
	problems = append(problems, foreign(set)...)
	if needs(it, "ec2:DescribeRegions") {
		problems = append(problems, shortRegions(set)...)
	}
	if needs(it, "iam:GetCredentialReport") {
		problems = append(problems, reportOfAnotherTime(set)...)
	}
	problems = append(problems, missingFacts(it, set)...)
	for _, check := range it.Checks {
		problems = append(problems, checks[check](set)...)
	}
	failed, lost, everywhere = append(failed, problems...), append(lost, problems...), append(everywhere, problems...)
	for i := range res.Findings {
		f := &res.Findings[i]
		demote(f, everywhere)
		demote(f, inRegion[f.Region])
	}
	flagExceptions(&res, set, cfg)
	slices.SortStableFunc(res.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(foldOrder, a.Status), slices.Index(foldOrder, b.Status))
	})
	res.CallIDs = callIDs(it, set, res.Findings)
	res.Incomplete = len(lost) > 0
	res.Auto = fold(res.Findings)
	if len(lost) > 0 && res.Auto != Vulnerable {
		res.Auto = Unknown
	}
	for _, f := range res.Findings {
		if f.Status != Unknown && f.Status != NA {
			res.Checked++
		}
		if f.Status == Vulnerable {
			res.Vulnerable++
		}
	}
	switch {
	case len(failed) == 0 && res.Auto == Unknown:
		res.Reason = unreadable(res.Findings)
	case len(failed) == 0:
	case res.Auto == Unknown:
		res.Reason = "판정에 필요한 증적이 없거나 서로 맞지 않아 판정할 수 없음: " + strings.Join(failed, "; ")
	case res.Auto != Vulnerable:
		res.Notes = append(res.Notes, "다음 조회가 실패하였으나 다른 증적으로 판정이 확인되어 판정에 영향이 없음: "+strings.Join(failed, "; "))
	default:
		res.Notes = append(res.Notes, "취약은 확보된 증적으로 확인된 것이며, 다음 사유로 나머지 대상은 판정하지 못함: "+strings.Join(failed, "; "))
	}
	return res
}

// optionalNotes name the failed calls that cost the item no verdict, each once with
// its codes and as many regions as it failed in.
func optionalNotes(failures []evidence.Failure) []string {
	type asked struct {
		first   evidence.Failure
		regions []string
	}
	var calls []*asked
	for _, f := range failures {
		i := slices.IndexFunc(calls, func(a *asked) bool { return a.first.Action == f.Action && a.first.Code == f.Code })
		if i < 0 {
			calls = append(calls, &asked{first: f})
			i = len(calls) - 1
		}
		if f.Region != "" && !slices.Contains(calls[i].regions, f.Region) {
			calls[i].regions = append(calls[i].regions, f.Region)
		}
	}
	var texts []string
	for _, a := range calls {
		where := strings.Join(a.regions, ", ")
		if n := len(a.regions); n > 1 {
			where = fmt.Sprintf("%s 외 %d개 리전", a.regions[0], n-1)
		}
		if where != "" {
			where = "(" + where + ")"
		}
		texts = append(texts, a.first.Action+where+" "+a.first.Code)
	}
	if len(texts) == 0 {
		return nil
	}
	return []string{"선택 조회의 조회 불가(확보된 증적만으로 판정함): " + strings.Join(texts, "; ")}
}

// needs reports whether the item rests on a required call.
func needs(it item.Item, call string) bool {
	return slices.ContainsFunc(it.Evidence, func(e item.Evidence) bool { return e.Call == call && e.Need != item.Optional })
}

// controlNotes tell how to leave out a region that a service control policy closes.
func controlNotes(failures []evidence.Failure) []string {
	var regions []string
	for _, f := range failures {
		if f.ControlPolicy && f.Region != "" && !evidence.IsSignIn(f.Region) && !slices.Contains(regions, f.Region) {
			regions = append(regions, f.Region)
		}
	}
	if len(regions) == 0 {
		return nil
	}
	slices.Sort(regions)
	return []string{"서비스 제어 정책(SCP)이 조회를 명시적으로 거부한 리전: " + strings.Join(regions, ", ") +
		". 사용하지 않는 리전이면 설정의 regions 또는 --regions에서 빼고 다시 수집하면 범위 제외로 기록됨"}
}

// unread stands for evidence that an item needs and the bundle does not hold.
const unread = "판정에 필요한 사실이 evidence.json에 없음"

// unreadable is the reason of an item that its own evidence leaves open.
func unreadable(findings []Finding) string {
	n, first := 0, Finding{}
	for _, f := range findings {
		if f.Status == Unknown {
			if n == 0 {
				first = f
			}
			n++
		}
	}
	return fmt.Sprintf("대상 %s건 중 %s건은 증적이 없거나 해석할 수 없어 판정할 수 없음(%s: %s)", Grouped(len(findings)), Grouped(n), first.Resource, first.Reason)
}

// failure is a required call that failed; regional: it was asked region by region.
type failure struct {
	evidence.Failure
	regional bool
}

func plain(list []failure) []evidence.Failure {
	var out []evidence.Failure
	for _, f := range list {
		out = append(out, f.Failure)
	}
	return out
}

// failures returns the item's failed calls. A required call without any trace
// in the evidence, or in a region that was to be asked, counts as failed.
func failures(it item.Item, set *evidence.Set) (required []failure, optional []evidence.Failure) {
	var unasked []failure
	for _, e := range it.Evidence {
		for _, f := range set.Failures {
			switch {
			case f.Action != e.Call:
			case OptionalIn(e, set, f.Region):
				optional = append(optional, f)
			default:
				required = append(required, failure{f, e.Regional})
			}
		}
		for _, region := range expected(e, set) {
			if !OptionalIn(e, set, region) && !traced(it, e, set, region) {
				unasked = append(unasked, failure{evidence.Failure{Action: e.Call, Region: region, Code: notCollected}, e.Regional})
			}
		}
	}
	return append(required, unasked...), optional
}

// OptionalIn reports whether the call's failure in a region costs nothing. A call
// of which nothing was sent names no region: that counts as the worst one.
func OptionalIn(e item.Evidence, set *evidence.Set, region string) bool {
	return e.Need == item.Optional || e.Elsewhere == item.Optional && region != "" && !mayHoldSignIn(set, region)
}

// Costs tells by the catalogue what it costs when the call fails in a region: the
// items that become unknown, and those that only show that something was not read.
func Costs(catalog *item.Catalog, set *evidence.Set, call, region string) (unknown, missing []string) {
	unknown, missing = []string{}, []string{}
	for _, it := range catalog.Items {
		for _, e := range it.Evidence {
			switch {
			case it.Planned || e.Call != call:
			case OptionalIn(e, set, region) && !e.Conditional:
				missing = append(missing, it.ID)
			default:
				unknown = append(unknown, it.ID)
			}
		}
	}
	return unknown, missing
}

// mayHoldSignIn reports whether root's sign-ins and calls can be recorded in the
// region. Outside the commercial partition nothing says where: anywhere then.
func mayHoldSignIn(set *evidence.Set, region string) bool {
	return evidence.IsSignIn(region) || !commercial(set)
}

// commercial reports whether the account is one of the partition aws, whose
// sign-in regions are known. An unknown ARN counts as one.
func commercial(set *evidence.Set) bool {
	partition, ok := strings.CutPrefix(set.Caller.ARN, "arn:")
	return !ok || strings.HasPrefix(partition, "aws:")
}

// expected are the regions in which the call leaves a trace; "" stands for anywhere.
func expected(e item.Evidence, set *evidence.Set) []string {
	if !e.Regional {
		return []string{""}
	}
	scopes := []evidence.RegionScope{evidence.ScopeFull}
	if service, _, _ := strings.Cut(e.Call, ":"); service != "ec2" && service != "ssm" { // what can hold a sign-in
		scopes = append(scopes, evidence.ScopeSignIn)
	}
	regions := set.Regions.In(scopes...)
	if e.Elsewhere == item.Optional && commercial(set) { // whatever the list says of them
		regions = append(regions, evidence.SignInRegions...)
	}
	if len(regions) == 0 {
		return []string{""}
	}
	return slices.Compact(slices.Sorted(slices.Values(regions)))
}

// traced reports an answer or a failure of the call, or a failure of one before
// it: that failure says it all.
func traced(it item.Item, e item.Evidence, set *evidence.Set, region string) bool {
	in := func(r string) bool { return region == "" || r == region }
	failed := func(call string) bool {
		return slices.ContainsFunc(set.Failures, func(f evidence.Failure) bool { return f.Action == call && in(f.Region) })
	}
	if failed(e.Call) || slices.ContainsFunc(set.Answers, func(a evidence.Answer) bool { return a.Action == e.Call && in(a.Region) }) {
		return true
	}
	for e.After != "" {
		if failed(e.After) {
			return true
		}
		i := slices.IndexFunc(it.Evidence, func(x item.Evidence) bool { return x.Call == e.After })
		if i < 0 || it.Evidence[i].Call == e.Call {
			return false
		}
		e = it.Evidence[i]
	}
	return false
}

// callIDs lists every call that answers or failed to answer the item, and every
// one that a finding cites: pages read before a page failed are evidence too.
func callIDs(it item.Item, set *evidence.Set, findings []Finding) []string {
	ids := map[string]bool{}
	add := func(list ...string) {
		for _, id := range list {
			if id != "" {
				ids[id] = true
			}
		}
	}
	for _, e := range it.Evidence {
		for _, a := range set.Answers {
			if a.Action == e.Call {
				add(a.Calls...)
			}
		}
		for _, f := range set.Failures {
			if f.Action == e.Call {
				add(f.CallID)
			}
		}
	}
	for _, f := range findings {
		add(f.CallIDs...)
	}
	return slices.Sorted(maps.Keys(ids))
}

// told reports whether a finding is unknown because of this very failure.
func told(f evidence.Failure, findings []Finding) bool {
	return f.Subject != "" && slices.ContainsFunc(findings, func(x Finding) bool {
		return x.Status == Unknown && x.Resource == f.Subject
	})
}

// demote makes a finding unknown that is not proved vulnerable, for these reasons.
func demote(f *Finding, why []string) {
	if len(why) > 0 && f.Status != Vulnerable && f.Status != Unknown {
		f.Status = Unknown
		f.Reason = "판정에 필요한 증적이 없거나 서로 맞지 않아 판정하지 않음: " + strings.Join(why, "; ")
	}
}

// fold is rule G9.
func fold(findings []Finding) Verdict {
	for _, v := range foldOrder {
		if slices.ContainsFunc(findings, func(f Finding) bool { return f.Status == v }) {
			return v
		}
	}
	return NA
}

// Describe names a failed call as reasons do: call, subject, region, code.
func Describe(f evidence.Failure) string {
	var where []string
	for _, s := range []string{f.Subject, f.Region} {
		if s != "" {
			where = append(where, s)
		}
	}
	text := f.Action
	if len(where) > 0 {
		text += "(" + strings.Join(where, ", ") + ")"
	}
	if f.Code == notCollected {
		return text + " 수집되지 않음"
	}
	text += " 조회 실패 " + f.Code
	if f.ControlPolicy {
		text += "(SCP의 명시적 거부)"
	}
	return text
}

// flagExceptions is rule G6: a flag beside the verdict, nothing more.
func flagExceptions(res *Result, set *evidence.Set, cfg settings.Config) {
	day := strictyaml.DayOf(set.CollectedAt)
	for _, e := range cfg.Exceptions {
		if e.Account != set.Account.ID || e.Item != res.Item.ID {
			continue
		}
		for i := range res.Findings {
			f := &res.Findings[i]
			if old := f.Exception; f.Resource != e.Resource || old != nil && !old.Expired && !old.Early {
				continue // another target, or one in effect already flags it
			}
			f.Exception = &Exception{Exception: e, Expired: day.After(e.Expires.Time), Early: day.Before(e.Approved.Time)}
		}
	}
}
