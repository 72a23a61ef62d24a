package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/verdict"
)

// scopeWords name what was asked of a region.
var scopeWords = map[evidence.RegionScope]string{
	evidence.ScopeFull:     "전체 조회",
	evidence.ScopeSignIn:   "범위 제외(콘솔 로그인 관련 조회만 수행)",
	evidence.ScopeExcluded: "범위 제외",
	evidence.ScopeDisabled: "사용 설정되지 않음",
}

// scopeOrder is the order of print.
var scopeOrder = []evidence.RegionScope{evidence.ScopeFull, evidence.ScopeSignIn, evidence.ScopeExcluded, evidence.ScopeDisabled}

// regionText says how the regions of the account were covered.
func (b *builder) regionText() string {
	r := b.Set.Regions
	switch {
	case r == nil:
		return "계정의 리전 목록을 조회하지 않아 리전별 항목의 범위를 확인할 수 없음."
	case !r.Read:
		return fmt.Sprintf("계정의 리전 목록을 조회하지 못하여 콘솔 로그인 리전과 지정한 리전만 조회함: %s.", strings.Join(r.In(evidence.ScopeFull), ", "))
	}
	full, enabled := len(r.In(evidence.ScopeFull)), len(r.In(evidence.ScopeFull, evidence.ScopeSignIn, evidence.ScopeExcluded))
	text := fmt.Sprintf("리전별 항목은 계정에서 사용하도록 설정된 리전 %d곳을 모두 조회함.", full)
	if full < enabled {
		text = fmt.Sprintf("리전별 항목은 계정에서 사용하도록 설정된 리전 %d곳 중 지정된 %d곳만 조회함. 나머지 %d곳은 범위에서 제외되어 그곳의 자원은 점검하지 않음.", enabled, full, enabled-full)
	}
	return text + fmt.Sprintf(" 콘솔 로그인 기록이 남는 리전 4곳(%s)은 범위에서 제외하더라도 로그인과 root 사용에 관한 조회를 수행함.",
		strings.Join(evidence.SignInRegions, ", "))
}

// leftOut is the notice that regions were left out, empty for none.
func (b *builder) leftOut() string {
	out := b.Set.Regions.In(evidence.ScopeSignIn, evidence.ScopeExcluded)
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("사용하도록 설정된 리전 %d곳이 범위에서 제외됨(사유: %s). 리전별 항목(EC2-01, EC2-02)은 그곳의 자원을 점검하지 않음", len(out), orNone(b.Set.Regions.Reason))
}

// regionTable lists the regions by what was asked of them, and why not more.
func (b *builder) regionTable() *Table {
	r := b.Set.Regions
	if r == nil {
		return nil
	}
	t := &Table{Title: "리전별 조회 범위", Columns: []Column{
		{Key: "scope", Title: "구분", Weight: 3}, {Key: "count", Title: "리전 수", Weight: 1, Center: true}, {Key: "regions", Title: "리전", Weight: 7}, {Key: "reason", Title: "사유", Weight: 3},
	}}
	for _, scope := range scopeOrder {
		names := r.In(scope)
		if len(names) == 0 {
			continue
		}
		reason := none
		switch scope {
		case evidence.ScopeSignIn, evidence.ScopeExcluded:
			reason = orNone(r.Reason)
		case evidence.ScopeDisabled:
			reason = "opt-in 하지 않은 리전이므로 자원이 있을 수 없음"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{text(scopeWords[scope]), number(len(names)), text(strings.Join(names, ", ")), text(reason)}})
	}
	t.PDFRows = len(t.Rows)
	return t
}

// otherRegions reports a configuration that names other regions than the bundle's run did.
func (b *builder) otherRegions() bool {
	want := slices.Compact(slices.Sorted(slices.Values(b.Settings.Regions)))
	return len(want) > 0 && (b.Set.Regions == nil || !slices.Equal(want, b.Set.Regions.Selected))
}

// Lines that tell an operation's answers, and places named in one of them.
const (
	answerLinesMost = 12
	placesMost      = 4
)

// answerLines tells what an operation returned, 0건 included: equal answers share
// a line with the subjects or regions that gave them.
func (b *builder) answerLines(op string) []string {
	type group struct {
		text   string
		places []string
	}
	var groups []group
	add := func(text string, regional bool, subject, region string) {
		place := shortened(subject)
		subject = place
		if regional {
			place = strings.TrimSpace(region + " " + subject)
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.text == text })
		if i < 0 {
			groups, i = append(groups, group{text: text}), len(groups)
		}
		if place != "" {
			groups[i].places = append(groups[i].places, place)
		}
	}
	var regions []string
	for _, a := range b.Set.Answers {
		if a.Action == op && a.Region != "" {
			regions = append(regions, a.Region)
		}
	}
	slices.Sort(regions)
	regional := len(slices.Compact(regions)) > 1
	for _, a := range b.Set.Answers {
		switch {
		case a.Action != op:
		case a.Skipped != "":
			add("조회하지 않음("+a.Skipped+")", regional, a.Subject, a.Region)
		case a.Fact != "":
			add(factText(a.Fact), regional, a.Subject, a.Region)
		default:
			add(verdict.Grouped(a.Count)+"건", regional, a.Subject, a.Region)
		}
	}
	for _, f := range b.Set.Failures {
		if f.Action == op {
			add("조회 실패 "+CodeText(f.Code), regional, f.Subject, f.Region)
		}
	}
	slices.SortStableFunc(groups, func(x, y group) int { return cmp.Compare(len(y.places), len(x.places)) })
	var out []string
	for i, g := range groups {
		if i == answerLinesMost {
			out = append(out, fmt.Sprintf("그 밖의 응답 %d종(전체는 증적목록)", len(groups)-i))
			break
		}
		out = append(out, placed(g.places)+g.text)
	}
	if len(out) == 0 {
		out = []string{none}
	}
	return out
}

// shortened leaves of each ARN in a subject what names the thing.
func shortened(subject string) string {
	const parts = 6
	words := strings.Fields(subject)
	for i, w := range words {
		if p := strings.SplitN(w, ":", parts); len(p) == parts && p[0] == "arn" {
			words[i] = p[parts-1]
		}
	}
	return strings.Join(words, " ")
}

// placed names the first places and counts the rest.
func placed(places []string) string {
	switch n := len(places); {
	case n == 0:
		return ""
	case n <= placesMost:
		return strings.Join(places, ", ") + ": "
	default:
		return fmt.Sprintf("%s 외 %d곳: ", strings.Join(places[:placesMost], ", "), n-placesMost)
	}
}
