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
	out := r(Input{Evidence: set, Settings: cfg, Failures: slices.Concat(required, optional)})
	res := Result{
		Item: it, Population: out.Population, Findings: out.Findings, Notes: out.Notes, Reason: out.Reason, Rows: out.Rows,
		Failures: slices.Concat(required, optional), CallIDs: callIDs(it, set),
	}
	// G1: what failed and is not told by a finding of its own costs every
	// finding that is not proved vulnerable.
	var failed, lost []string
	for _, f := range required {
		failed = append(failed, Describe(f))
		if !told(f, res.Findings) && !slices.Contains(out.Told, f.Action) {
			lost = append(lost, Describe(f))
		}
	}
	if late := newcomers(it, set); len(late) > 0 {
		res.Findings = append(res.Findings, late...)
		res.Population += len(late)
		res.Reason += "(보고서 생성 이후 생성된 사용자 " + strconv.Itoa(len(late)) + "명은 별도 확인 필요)"
	}
	// A rule that says nothing saw nothing: no evidence, no verdict.
	if out.Reason == "" && len(lost) == 0 {
		failed, lost = append(failed, unread), append(lost, unread)
	}
	for _, check := range it.Checks {
		problems := checks[check](set)
		failed, lost = append(failed, problems...), append(lost, problems...)
	}
	if len(lost) > 0 {
		demote(res.Findings, strings.Join(lost, "; "))
	}
	flagExceptions(&res, set, cfg)
	slices.SortStableFunc(res.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(foldOrder, a.Status), slices.Index(foldOrder, b.Status))
	})
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
	return fmt.Sprintf("대상 %s건 중 %s건은 수집된 증적을 해석할 수 없어 판정할 수 없음(%s: %s)", Grouped(len(findings)), Grouped(n), first.Resource, first.Reason)
}

// failures returns the item's failed calls. A required call without any trace
// in the evidence counts as failed.
func failures(it item.Item, set *evidence.Set) (required, optional []evidence.Failure) {
	var unasked []evidence.Failure
	for _, e := range it.Evidence {
		seen := false
		for _, f := range set.Failures {
			if f.Action != e.Call {
				continue
			}
			seen = true
			if e.Need == item.Optional {
				optional = append(optional, f)
			} else {
				required = append(required, f)
			}
		}
		for _, a := range set.Answers {
			seen = seen || a.Action == e.Call
		}
		// Not asked because the call before it failed: that failure says it all.
		seen = seen || e.After != "" && slices.ContainsFunc(set.Failures, func(f evidence.Failure) bool { return f.Action == e.After })
		if !seen && e.Need != item.Optional {
			unasked = append(unasked, evidence.Failure{Action: e.Call, Code: notCollected})
		}
	}
	return append(required, unasked...), optional
}

// callIDs lists every call that answers or failed to answer the item.
func callIDs(it item.Item, set *evidence.Set) []string {
	ids := map[string]bool{}
	for _, e := range it.Evidence {
		for _, a := range set.Answers {
			if a.Action == e.Call {
				for _, id := range a.Calls {
					ids[id] = true
				}
			}
		}
		for _, f := range set.Failures {
			if f.Action == e.Call && f.CallID != "" {
				ids[f.CallID] = true
			}
		}
	}
	// Pages read before a page failed are evidence of what they prove.
	if set.IAM != nil && slices.ContainsFunc(it.Evidence, func(e item.Evidence) bool { return e.Call == "iam:GetAccountAuthorizationDetails" }) {
		for _, u := range set.IAM.Users {
			for _, id := range u.Calls {
				ids[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// told reports whether a finding is unknown because of this very failure.
func told(f evidence.Failure, findings []Finding) bool {
	return f.Subject != "" && slices.ContainsFunc(findings, func(x Finding) bool {
		return x.Status == Unknown && x.Resource == f.Subject
	})
}

// demote makes every finding unknown that is not proved vulnerable.
func demote(findings []Finding, why string) {
	for i := range findings {
		if f := &findings[i]; f.Status != Vulnerable && f.Status != Unknown {
			f.Status = Unknown
			f.Reason = "판정에 필요한 증적이 없거나 서로 맞지 않아 판정하지 않음: " + why
		}
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
	return text + " 조회 실패 " + f.Code
}

// flagExceptions is rule G6: a flag beside the verdict, nothing more.
func flagExceptions(res *Result, set *evidence.Set, cfg settings.Config) {
	day := strictyaml.DayOf(set.CollectedAt)
	for _, e := range cfg.Exceptions {
		if e.Account != set.Account.ID || e.Item != res.Item.ID {
			continue
		}
		for i := range res.Findings {
			if res.Findings[i].Resource == e.Resource {
				res.Findings[i].Exception = &Exception{Exception: e, Expired: day.After(e.Expires.Time), Early: day.Before(e.Approved.Time)}
			}
		}
	}
}
