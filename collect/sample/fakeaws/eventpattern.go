package fakeaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
)

// Event patterns as the EventBridge user guide describes them: an object matches
// when all its fields do, a list when one of its members does.
type (
	// nodeTest is told whether the event has the field at all.
	nodeTest func(v any, there bool) bool
	// leafTest sees a scalar.
	leafTest func(v any) bool
)

// textTests are the matchers that compare texts.
var textTests = map[string]func(wanted, v string) bool{
	"prefix":             func(wanted, v string) bool { return strings.HasPrefix(v, wanted) },
	"suffix":             func(wanted, v string) bool { return strings.HasSuffix(v, wanted) },
	"equals-ignore-case": strings.EqualFold,
	"wildcard":           wildcard,
}

// wildcard reports whether * in the pattern can stand for what differs.
func wildcard(pattern, text string) bool {
	first, rest, many := strings.Cut(pattern, "*")
	if !many {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], after
	}
}

// decode reads one JSON object; numbers keep their text, which is what is compared.
func decode(text string) (map[string]any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the object")
	}
	if v == nil {
		return nil, errors.New("not an object")
	}
	return v, nil
}

func parseEvent(text string) (map[string]any, error) {
	event, err := decode(text)
	for _, name := range []string{"id", "account", "source", "time", "region", "resources", "detail-type"} {
		if _, ok := event[name]; !ok && err == nil {
			err = fmt.Errorf("%s is missing", name)
		}
	}
	return event, err
}

func parseEventPattern(text string) (func(event map[string]any) bool, error) {
	pattern, err := decode(text)
	if err != nil {
		return nil, err
	}
	test, err := parseNode(pattern)
	return func(event map[string]any) bool { return test(event, true) }, err
}

func parseNode(pattern map[string]any) (nodeTest, error) {
	if len(pattern) == 0 {
		return nil, errors.New("empty objects are not allowed")
	}
	var tests []nodeTest // of an object
	for name, v := range pattern {
		var test nodeTest
		var err error
		switch v := v.(type) {
		case map[string]any:
			test, err = parseNode(v)
		case []any:
			if name == "$or" {
				test, err = parseOr(v)
			} else {
				test, err = parseLeaf(v)
			}
		default:
			err = fmt.Errorf("%q must be an object or an array", name)
		}
		if err != nil {
			return nil, err
		}
		if name != "$or" { // which looks at the object itself
			inner := test
			test = func(v any, _ bool) bool {
				object, _ := v.(map[string]any)
				field, there := object[name]
				return inner(field, there)
			}
		}
		tests = append(tests, test)
	}
	return func(v any, there bool) bool {
		all := func(v any) bool {
			return !slices.ContainsFunc(tests, func(t nodeTest) bool { return !t(v, there) })
		}
		if members, ok := v.([]any); ok { // objects in a list: one of them
			return slices.ContainsFunc(members, all)
		}
		return all(v)
	}, nil
}

func parseOr(branches []any) (nodeTest, error) {
	var tests []nodeTest
	for _, b := range branches {
		object, ok := b.(map[string]any)
		if !ok {
			return nil, errors.New("$or must hold objects")
		}
		test, err := parseNode(object)
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	if len(tests) < 2 {
		return nil, errors.New("$or needs two branches")
	}
	return func(v any, there bool) bool {
		return slices.ContainsFunc(tests, func(t nodeTest) bool { return t(v, there) })
	}, nil
}

// parseLeaf reads the list of alternatives for one field.
func parseLeaf(alternatives []any) (nodeTest, error) {
	if len(alternatives) == 0 {
		return nil, errors.New("empty arrays are not allowed")
	}
	var tests []leafTest
	var present, absent bool // exists: true, exists: false
	for _, a := range alternatives {
		var test leafTest
		matcher, ok := a.(map[string]any)
		if exists, said := matcher["exists"].(bool); said && len(matcher) == 1 {
			present, absent = present || exists, absent || !exists
			continue
		}
		var err error
		switch {
		case ok:
			test, err = parseMatcher(matcher)
		default:
			test, err = equals(a)
		}
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	return func(v any, there bool) bool {
		var leaves []any // scalars; an object has none of its own
		switch list, ok := v.([]any); {
		case ok:
			leaves = list
		case there:
			leaves = []any{v}
		}
		leaves = keep(leaves, scalar)
		return absent && len(leaves) == 0 || present && len(leaves) > 0 || slices.ContainsFunc(leaves, func(leaf any) bool {
			return slices.ContainsFunc(tests, func(t leafTest) bool { return t(leaf) })
		})
	}, nil
}

func scalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

func equals(wanted any) (leafTest, error) {
	if !scalar(wanted) {
		return nil, errors.New("match value must be a string, a number, true, false or null")
	}
	return func(v any) bool { return v == wanted }, nil
}

// parseMatcher reads {"prefix": …} and the like, but for exists.
func parseMatcher(matcher map[string]any) (leafTest, error) {
	if len(matcher) != 1 {
		return nil, errors.New("only one key allowed in a match expression")
	}
	for name, v := range matcher {
		text, isText := v.(string)
		switch {
		case textTests[name] != nil && isText:
			return func(v any) bool { s, ok := v.(string); return ok && textTests[name](text, s) }, nil
		case name == "cidr" && isText:
			block, err := netip.ParsePrefix(text)
			return func(v any) bool {
				s, _ := v.(string)
				address, err := netip.ParseAddr(s)
				return err == nil && block.Contains(address)
			}, err
		case name == "anything-but":
			return parseAnythingBut(v)
		}
		return nil, fmt.Errorf("the fake does not know the match type %s of %v", name, v)
	}
	panic("unreachable")
}

// parseAnythingBut reads a scalar, a list of them, or a text matcher of one or
// more texts.
func parseAnythingBut(v any) (leafTest, error) {
	parse := equals
	if matcher, ok := v.(map[string]any); ok && len(matcher) == 1 {
		for name, inner := range matcher {
			v = inner
			parse = func(text any) (leafTest, error) { return parseMatcher(map[string]any{name: text}) }
		}
	}
	values, ok := v.([]any)
	if !ok {
		values = []any{v}
	}
	if len(values) == 0 {
		return nil, errors.New("anything-but needs a value")
	}
	var tests []leafTest
	for _, value := range values {
		test, err := parse(value)
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	return func(v any) bool { return !slices.ContainsFunc(tests, func(t leafTest) bool { return t(v) }) }, nil
}
