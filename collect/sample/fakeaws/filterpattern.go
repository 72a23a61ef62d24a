package fakeaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Filter patterns as the CloudWatch Logs user guide describes them: JSON patterns
// and terms; space-delimited ones are not known here.
type (
	// lineTest also returns the values of the fields that the pattern names.
	lineTest func(line string) (map[string]string, bool)
	jsonTest func(event any) bool
)

const patternLimit = 1024

func parseFilterPattern(pattern string) (lineTest, error) {
	pattern = strings.TrimSpace(pattern)
	switch {
	case len(pattern) > patternLimit:
		return nil, fmt.Errorf("longer than %d characters", patternLimit)
	case strings.HasPrefix(pattern, "{"):
		return parseJSONFilter(pattern)
	case strings.HasPrefix(pattern, "["):
		return nil, errors.New("the fake does not know space-delimited patterns")
	}
	return parseTerms(pattern)
}

var term = regexp.MustCompile(`([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))`)

// parseTerms reads terms that a line must hold; of those with ? one is enough, and
// one with - must not be there.
func parseTerms(pattern string) (lineTest, error) {
	if strings.Count(pattern, `"`)%2 != 0 {
		return nil, errors.New("unbalanced quotation mark")
	}
	terms := map[string][]string{}
	for _, m := range term.FindAllStringSubmatch(pattern, -1) {
		terms[m[1]] = append(terms[m[1]], m[2]+m[3])
	}
	return func(line string) (map[string]string, bool) {
		in := func(t string) bool { return strings.Contains(line, t) }
		return map[string]string{}, len(keep(terms[""], in)) == len(terms[""]) && !slices.ContainsFunc(terms["-"], in) &&
			(len(terms["?"]) == 0 || slices.ContainsFunc(terms["?"], in))
	}, nil
}

var filterToken = regexp.MustCompile(`^\s*(&&|\|\||[(){}]|!=|>=|<=|[=<>]|"(?:[^"\\]|\\.)*"|%[^%]*%|\$(?:\.?\['[^']*'\]|\.[^\s()\[\]{}=!<>&|.]+|\[(?:\d+|\*)\])+|[^\s()\[\]{}=!<>&|"$%]+)`)

// filterParser reads { ($.a = "x") && ($.b.c != y*) || $.d NOT EXISTS }; && binds
// stronger than ||.
type filterParser struct {
	tokens    []string
	selectors []string
}

func parseJSONFilter(pattern string) (lineTest, error) {
	var p filterParser
	for rest := pattern; rest != ""; {
		m := filterToken.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("invalid token at %q", rest)
		}
		p.tokens = append(p.tokens, m[1])
		rest = strings.TrimLeft(rest[len(m[0]):], " \t\r\n")
	}
	var test jsonTest
	err := p.expect("{")
	if err == nil {
		test, err = p.either()
	}
	if err == nil {
		err = p.expect("}")
	}
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("unexpected %s", p.tokens[0])
	}
	return func(line string) (map[string]string, bool) {
		event, err := decode(line)
		if err != nil || !test(event) {
			return nil, false
		}
		values := map[string]string{}
		for _, name := range p.selectors {
			for _, v := range selectValues(event, name) {
				if text, ok := plain(v); ok {
					values[name] = text
				}
			}
		}
		return values, true
	}, err
}

// next takes a token; there is none at the end.
func (p *filterParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token
}

func (p *filterParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *filterParser) expect(token string) error {
	if got := p.next(); !strings.EqualFold(got, token) {
		return fmt.Errorf("%q where %s is due", got, token)
	}
	return nil
}

func (p *filterParser) either() (jsonTest, error) {
	return p.chain("||", p.both, func(x, y jsonTest) jsonTest { return func(event any) bool { return x(event) || y(event) } })
}

func (p *filterParser) both() (jsonTest, error) {
	return p.chain("&&", p.comparison, func(x, y jsonTest) jsonTest { return func(event any) bool { return x(event) && y(event) } })
}

func (p *filterParser) chain(operator string, operand func() (jsonTest, error), join func(x, y jsonTest) jsonTest) (jsonTest, error) {
	test, err := operand()
	for err == nil && p.peek() == operator {
		p.next()
		var other jsonTest
		if other, err = operand(); err == nil {
			test = join(test, other)
		}
	}
	return test, err
}

func (p *filterParser) comparison() (jsonTest, error) {
	name := p.next()
	if name == "(" {
		test, err := p.either()
		if err == nil {
			err = p.expect(")")
		}
		return test, err
	}
	if !strings.HasPrefix(name, "$") {
		return nil, fmt.Errorf("%q where a property selector is due", name)
	}
	p.selectors = append(p.selectors, name)
	some := func(pass func(any) bool) jsonTest {
		return func(event any) bool { return slices.ContainsFunc(selectValues(event, name), pass) }
	}
	switch operator := strings.ToUpper(p.next()); operator {
	case "NOT":
		return func(event any) bool { return len(selectValues(event, name)) == 0 }, p.expect("EXISTS")
	case "IS":
		word := p.next()
		wanted, ok := map[string]any{"NULL": nil, "TRUE": true, "FALSE": false}[strings.ToUpper(word)]
		if !ok {
			return nil, fmt.Errorf("%q after IS", word)
		}
		return some(func(v any) bool { return v == wanted }), nil
	case "=", "!=":
		equal, err := parseOperand(p.next())
		if operator == "=" {
			return some(equal), err
		}
		return func(event any) bool { // a field that is not there differs too
			values := selectValues(event, name)
			return len(keep(values, scalar)) == len(values) && !slices.ContainsFunc(values, equal)
		}, err
	case "<", "<=", ">", ">=":
		wanted, err := strconv.ParseFloat(p.next(), 64)
		return some(func(v any) bool {
			number, ok := v.(json.Number)
			got, err := number.Float64()
			return ok && err == nil && (strings.HasPrefix(operator, "<") && got < wanted || strings.HasPrefix(operator, ">") && got > wanted ||
				strings.HasSuffix(operator, "=") && got == wanted)
		}), err
	default:
		return nil, fmt.Errorf("%q where an operator is due", operator)
	}
}

// parseOperand reads what a field is compared with: a text or a word with
// wildcards, a number, or a regular expression between per cent signs.
func parseOperand(token string) (func(any) bool, error) {
	if token == "" || strings.Contains("&|(){}!=<>$", token[:1]) {
		return nil, fmt.Errorf("%q where a value is due", token)
	}
	if inner, ok := strings.CutPrefix(token, "%"); ok {
		expression, err := regexp.Compile(strings.TrimSuffix(inner, "%"))
		return func(v any) bool { text, ok := plain(v); return ok && expression.MatchString(text) }, err
	}
	if number, err := strconv.ParseFloat(token, 64); err == nil {
		return func(v any) bool {
			text, _ := plain(v)
			got, err := strconv.ParseFloat(text, 64)
			return err == nil && got == number
		}, nil
	}
	if quoted, ok := strings.CutPrefix(token, `"`); ok {
		token = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(quoted, `"`))
	}
	return func(v any) bool { text, ok := plain(v); return ok && wildcard(token, text) }, nil
}

// plain is the text of a scalar that a pattern can be compared with.
func plain(v any) (string, bool) {
	if v == nil || !scalar(v) {
		return "", false
	}
	return fmt.Sprint(v), true
}

var selectorStep = regexp.MustCompile(`\['([^']*)'\]|\[(\d+|\*)\]|\.([^.\[]+)`)

// selectValues returns what a selector such as $.a.b[0] or $.list[*] points to.
func selectValues(event any, selector string) []any {
	values := []any{event}
	for _, step := range selectorStep.FindAllStringSubmatch(selector, -1) {
		var inner []any
		for _, v := range values {
			switch v := v.(type) {
			case map[string]any:
				if field, there := v[step[1]+step[3]]; there && step[2] == "" {
					inner = append(inner, field)
				}
			case []any:
				if n, err := strconv.Atoi(step[2]); err == nil && n < len(v) {
					inner = append(inner, v[n])
				} else if step[2] == "*" {
					inner = append(inner, v...)
				}
			}
		}
		values = inner
	}
	return values
}
