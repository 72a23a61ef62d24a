package iampolicy

import (
	"slices"
	"strconv"
	"strings"
)

// Scope is what a question is about: an action and a resource, each of which
// may be a pattern.
type Scope struct{ Action, Resource string }

// Everything is every action on every resource.
var Everything = Scope{"*", "*"}

// touches reports whether the statement can apply to anything in the scope.
// Policy variables count as wildcards.
func (s *Statement) touches(scope Scope) bool {
	action := len(s.NotActions) == 0 && len(s.Actions) == 0 || // malformed: who knows
		slices.ContainsFunc(s.Actions, func(p string) bool { return overlapActions(p, scope.Action) }) ||
		len(s.NotActions) > 0 && !slices.ContainsFunc(s.NotActions, func(p string) bool { return coversAction(p, scope.Action) })
	if !action {
		return false
	}
	return len(s.NotResources) == 0 && len(s.Resources) == 0 ||
		slices.ContainsFunc(s.Resources, func(p string) bool { return overlap(widen(p), scope.Resource) }) ||
		len(s.NotResources) > 0 && !slices.ContainsFunc(s.NotResources, func(p string) bool { return coversResource(p, scope.Resource) })
}

// gaps says in Korean why the statement does not apply to all of the scope.
// Actions that NotAction leaves out are no gap where all of them are in the
// self-service list; they come back as exceptions.
func (s *Statement) gaps(scope Scope, selfService []string) (gaps, exceptions []string) {
	if len(s.NotActions) > 0 {
		left := filter(s.NotActions, func(p string) bool { return overlapActions(p, scope.Action) })
		ours := filter(left, func(p string) bool {
			return slices.ContainsFunc(selfService, func(own string) bool { return coversAction(own, p) })
		})
		switch {
		case len(left) == len(ours) && scope == Everything:
			exceptions = ours
		case len(left) > 0:
			gaps = append(gaps, "NotAction으로 작업("+list(left)+")을 제외")
		}
	} else if !slices.ContainsFunc(s.Actions, func(p string) bool { return coversAction(p, scope.Action) }) {
		gaps = append(gaps, "일부 작업("+list(s.Actions)+")에만 적용")
	}
	if len(s.NotResources) > 0 {
		if left := filter(s.NotResources, func(p string) bool { return overlap(widen(p), scope.Resource) }); len(left) > 0 {
			gaps = append(gaps, "NotResource로 자원("+list(left)+")을 제외")
		}
	} else if !slices.ContainsFunc(s.Resources, func(p string) bool { return coversResource(p, scope.Resource) }) {
		gaps = append(gaps, "일부 자원("+list(s.Resources)+")에만 적용")
	}
	return gaps, exceptions
}

// overlapActions and coversAction are overlap and covers in any case.
func overlapActions(a, b string) bool {
	if !strings.ContainsAny(b, "*?") {
		return match(a, b, true)
	}
	return overlap(strings.ToLower(a), strings.ToLower(b))
}

func coversAction(pattern, other string) bool {
	return pattern == "*:*" || match(pattern, other, true)
}

// coversResource compares ARNs part by part, so that a wildcard is never taken
// to reach across a colon where IAM might not.
func coversResource(pattern, other string) bool {
	if strings.Trim(pattern, "*") == "" {
		return pattern != ""
	}
	const arnParts = 6
	p, o := strings.SplitN(pattern, ":", arnParts), strings.SplitN(other, ":", arnParts)
	if len(p) != arnParts || len(o) != arnParts {
		return pattern == other
	}
	for i := range p {
		if !covers(p[i], o[i]) {
			return false
		}
	}
	return true
}

// covers reports whether the pattern matches everything that other matches;
// other may be a plain text. A wildcard of other is only met by a '*'.
func covers(pattern, other string) bool { return match(pattern, other, false) }

func match(pattern, other string, fold bool) bool {
	i, j, star, from := 0, 0, -1, 0
	for j < len(other) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, from = i, j
			i++
		case i < len(pattern) && (pattern[i] == other[j] || pattern[i] == '?' && other[j] != '*' || fold && lower(pattern[i]) == lower(other[j])):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// overlap reports whether some text matches both patterns.
func overlap(a, b string) bool {
	switch {
	case !strings.ContainsAny(b, "*?"):
		return covers(a, b)
	case !strings.ContainsAny(a, "*?"):
		return covers(b, a)
	case strings.Trim(a, "*") == "" && a != "", strings.Trim(b, "*") == "" && b != "":
		return true
	}
	// row[j]: the first i bytes of a and the first j bytes of b can match one text.
	row, next := make([]bool, len(b)+1), make([]bool, len(b)+1)
	row[0] = true
	for j := 0; j < len(b) && b[j] == '*'; j++ {
		row[j+1] = true
	}
	for i := range len(a) {
		clear(next)
		for j := range len(b) + 1 {
			next[j] = a[i] == '*' && row[j] || // the star is empty
				j > 0 && a[i] == '*' && next[j-1] || // the star takes b[j-1]
				j > 0 && b[j-1] == '*' && (next[j-1] || row[j]) ||
				j > 0 && row[j-1] && (a[i] == b[j-1] || a[i] == '?' || b[j-1] == '?')
		}
		row, next = next, row
	}
	return row[len(b)]
}

// widen makes a wildcard of every policy variable.
func widen(pattern string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(pattern, "${")
		_, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			out.WriteString(pattern)
			return out.String()
		}
		out.WriteString(before + "*")
		pattern = rest
	}
}

// hasVariable reports whether the value holds a policy variable.
func hasVariable(value string) bool { return strings.Contains(value, "${") }

func filter(list []string, keep func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !keep(s) })
}

// list joins names for a sentence, the first few of many.
func list(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " 등 " + strconv.Itoa(len(names)) + "개"
}
