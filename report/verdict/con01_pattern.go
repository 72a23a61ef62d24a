package verdict

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

// AWS says whether a pattern matches the samples. Whether it matches the sign-ins
// that the samples stand for as well is seen from the fields that it names.

// maxPattern is more than AWS allows (4,096 characters of a rule, 1,024 of a filter).
const maxPattern = 16 << 10

// eventFields are the paths of the fields that an EventBridge pattern names, each
// once; ok is false for a pattern that is not understood. All of a name that
// stands twice counts: which one AWS takes is not documented.
func eventFields(pattern string) (fields []string, ok bool) {
	if len(pattern) > maxPattern || !json.Valid([]byte(pattern)) { // which bounds the depth too
		return nil, false
	}
	w := fieldWalk{dec: json.NewDecoder(strings.NewReader(pattern))}
	if w.next() != json.Delim('{') || !w.object("") {
		return nil, false
	}
	return w.fields, true
}

// fieldWalk reads a valid JSON text from token to token.
type fieldWalk struct {
	dec    *json.Decoder
	fields []string
}

func (w *fieldWalk) next() json.Token {
	token, err := w.dec.Token()
	if err != nil {
		return nil
	}
	return token
}

// object reads the members of an object whose bracket was read.
func (w *fieldWalk) object(path string) bool {
	for w.dec.More() {
		name, _ := w.next().(string)
		switch value := w.next(); {
		case value == json.Delim('{'):
			if !w.object(path + name + ".") {
				return false
			}
		case value == json.Delim('[') && name == "$or":
			if !w.alternatives(path) {
				return false
			}
		case value == json.Delim('['):
			w.fields = appendNew(w.fields, path+name)
			if !w.skip() {
				return false
			}
		default:
			return false
		}
	}
	return w.next() == json.Delim('}')
}

// alternatives reads patterns for one place, up to the end of their list.
func (w *fieldWalk) alternatives(path string) bool {
	for w.dec.More() {
		if w.next() != json.Delim('{') || !w.object(path) {
			return false
		}
	}
	return w.next() == json.Delim(']')
}

// skip reads the rest of a list: values and operators name no fields.
func (w *fieldWalk) skip() bool {
	for w.dec.More() {
		var value json.RawMessage
		if w.dec.Decode(&value) != nil {
			return false
		}
	}
	return w.next() == json.Delim(']')
}

// selector is what may name a field in a metric filter's pattern, in a quoted text
// too. A sign before one of the excepted characters is a regular expression's end.
var (
	selector   = regexp.MustCompile(`\$\s*[^\s%|)"][^\s=!<>()&|}"]*`)
	plainField = regexp.MustCompile(`^\$\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)$`)
)

// filterFields are the paths of the fields that the pattern of a metric filter
// names, each once, a selector of another form than a path as it stands. ok is
// false for a pattern that is none for JSON records.
func filterFields(pattern string) (fields []string, ok bool) {
	text := strings.TrimSpace(pattern)
	if text == "" { // matches everything
		return nil, true
	}
	if len(pattern) > maxPattern || !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return nil, false
	}
	for _, s := range selector.FindAllString(text, -1) {
		if m := plainField.FindStringSubmatch(s); m != nil {
			s = m[1]
		}
		fields = appendNew(fields, s)
	}
	return fields, len(fields) > 0
}

// eventConditions grades what a rule's pattern asks beside what the samples stand for.
func (c *chains) eventConditions(r evidence.EventRule, class evidence.LoginClass) link {
	fields, ok := eventFields(r.Pattern)
	return asked(fields, ok, r.Calls, func(name string) bool {
		record, below := strings.CutPrefix(name, "detail.")
		return below && c.fixed(record, class) || slices.Contains(c.settings.Standard.SignInFields.Envelope, name)
	})
}

// filterConditions does so for a metric filter's pattern.
func (c *chains) filterConditions(f *evidence.MetricFilter, class evidence.LoginClass) link {
	fields, ok := filterFields(f.Pattern)
	return asked(fields, ok, f.Calls, func(name string) bool { return c.fixed(name, class) })
}

// fixed reports whether every record of the class has the sample's value there.
func (c *chains) fixed(name string, class evidence.LoginClass) bool {
	list := c.settings.Standard.SignInFields
	return slices.Contains(list.Record, name) || class == evidence.LoginRoot && slices.Contains(list.RootRecord, name)
}

// asked grades the fields that a pattern asks; ok is false where they are not known.
func asked(fields []string, ok bool, calls []string, fixed func(string) bool) link {
	open := slices.DeleteFunc(fields, fixed)
	switch {
	case !ok:
		return uncertain("패턴의 조건을 필드별로 해석할 수 없어 예시와 다른 로그인도 일치하는지 확인이 필요함", calls...)
	case len(open) > 0:
		return uncertain("패턴이 "+firstFew(open, ", ")+" 값을 조건으로 하여 예시와 값이 다른 로그인도 일치하는지 확인이 필요함", calls...)
	}
	return intact(calls...)
}
