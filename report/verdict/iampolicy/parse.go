package iampolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// maxDocument bounds what is parsed; IAM's own largest quota is far below.
const maxDocument = 1 << 20

// Parse reads a policy document: JSON, or JSON in the URL encoding in which IAM
// sends it; Statement may be one object or a list, keys of any case. What it
// does not understand is an error, never an empty policy: IAM refuses repeated
// and unknown elements, so they are never dropped in silence here.
func Parse(text string) (*Document, error) {
	if len(text) > maxDocument {
		return nil, fmt.Errorf("policy document of %d bytes is too large", len(text))
	}
	if t := strings.TrimSpace(text); !strings.HasPrefix(t, "{") {
		plain, err := url.PathUnescape(t)
		if err != nil || !strings.HasPrefix(strings.TrimSpace(plain), "{") {
			return nil, errors.New("policy document is not JSON")
		}
		text = plain
	}
	elements, err := members([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("parse policy document: %w", err)
	}
	var list []json.RawMessage
	for _, e := range elements {
		switch e.key {
		case "version":
			var v string
			if err := decode(e.value, &v); err != nil || v != "2012-10-17" && v != "2008-10-17" {
				return nil, fmt.Errorf("policy document has the version %s", e.value)
			}
		case "id":
		case "statement":
			if list, err = items(e.value); err != nil {
				return nil, fmt.Errorf("parse statements: %w", err)
			}
		default:
			return nil, fmt.Errorf("policy document has the unknown element %q", e.name)
		}
	}
	if list == nil {
		return nil, errors.New("policy document has no Statement")
	}
	doc := &Document{}
	for i, item := range list {
		s, err := parseStatement(item)
		if err != nil {
			return nil, fmt.Errorf("parse statement %d: %w", i+1, err)
		}
		s.Index = i + 1
		doc.Statements = append(doc.Statements, s)
	}
	return doc, nil
}

func parseStatement(text json.RawMessage) (Statement, error) {
	var s Statement
	elements, err := members(text)
	if err != nil {
		return s, err
	}
	for _, e := range elements {
		switch e.key {
		case "sid":
			err = decode(e.value, &s.Sid)
		case "effect":
			err = decode(e.value, &s.Effect)
		case "principal":
			s.HasPrincipal = true
			s.Principals, err = principals(e.value)
		case "notprincipal":
			s.HasPrincipal = true
			s.NotPrincipals, err = principals(e.value)
		case "action":
			s.Actions, err = texts(e.value)
		case "notaction":
			s.NotActions, err = texts(e.value)
		case "resource":
			s.Resources, err = texts(e.value)
		case "notresource":
			s.NotResources, err = texts(e.value)
		case "condition":
			s.Conditions, err = conditions(e.value)
		default:
			err = errors.New("unknown element")
		}
		if err != nil {
			return s, fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if s.Effect != Allow && s.Effect != Deny {
		return s, fmt.Errorf("the effect is %q", s.Effect)
	}
	var raw bytes.Buffer
	if err := json.Compact(&raw, text); err != nil {
		return s, err
	}
	s.Raw = raw.String()
	return s, nil
}

// conditions reads a Condition block: operator, key, values.
func conditions(text json.RawMessage) ([]Condition, error) {
	blocks, err := members(text)
	if err != nil {
		return nil, err
	}
	var list []Condition
	for _, block := range blocks {
		keys, err := members(block.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", block.name, err)
		}
		c := operator(block.name)
		for _, key := range keys {
			c.Key, c.Name = key.key, key.name
			if c.Values, err = scalars(key.value); err != nil {
				return nil, fmt.Errorf("%s: %w", key.name, err)
			}
			list = append(list, c)
		}
	}
	return list, nil
}

// operator takes an operator's name apart. An unknown base keeps its spelling.
func operator(name string) Condition {
	var c Condition
	base := name
	for _, q := range []string{forAnyValue, forAllValues} {
		if n := len(q) + 1; len(base) > n && strings.EqualFold(base[:n], q+":") {
			c.Qualifier, base = q, base[n:]
			break
		}
	}
	const suffix = "IfExists"
	if n := len(base) - len(suffix); n > 0 && strings.EqualFold(base[n:], suffix) {
		c.IfExists, base = true, base[:n]
	}
	c.Operator = base
	if known, ok := operators[strings.ToLower(base)]; ok {
		c.Operator = known
	}
	return c
}

// principals reads "*" or the entries by type.
func principals(text json.RawMessage) ([]Principal, error) {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte(`"`)) {
		var id string
		err := decode(text, &id)
		return []Principal{{ID: id}}, err
	}
	types, err := members(text)
	if err != nil {
		return nil, err
	}
	var list []Principal
	for _, t := range types {
		name, ok := principalTypes[t.key]
		if !ok {
			return nil, fmt.Errorf("unknown type %q", t.name)
		}
		ids, err := texts(t.value)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			list = append(list, Principal{name, id})
		}
	}
	return list, nil
}

var principalTypes = map[string]string{
	"aws": "AWS", "service": "Service", "federated": "Federated", "canonicaluser": "CanonicalUser",
}

// texts reads one string or a list of strings.
func texts(text json.RawMessage) ([]string, error) {
	list, err := items(text)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i, item := range list {
		if !bytes.HasPrefix(item, []byte(`"`)) {
			return nil, fmt.Errorf("%.40s is not a string", item)
		}
		if err := decode(item, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scalars reads one value or a list of them; booleans and numbers become strings.
func scalars(text json.RawMessage) ([]string, error) {
	list, err := items(text)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i, item := range list {
		switch item[0] {
		case '"':
			if err := decode(item, &out[i]); err != nil {
				return nil, err
			}
		case '{', '[', 'n':
			return nil, fmt.Errorf("%.40s is not a value", item)
		default:
			out[i] = string(item)
		}
	}
	return out, nil
}

// items reads a list, or one value as a list of one; null is an error.
func items(text json.RawMessage) ([]json.RawMessage, error) {
	body := bytes.TrimSpace(text)
	if bytes.Equal(body, []byte("null")) {
		return nil, errors.New("null")
	}
	if !bytes.HasPrefix(body, []byte("[")) {
		return []json.RawMessage{body}, nil
	}
	list := []json.RawMessage{}
	err := decode(body, &list)
	return list, err
}

// member is a key of a JSON object and its value.
type member struct {
	key, name string // the key in lower case, and as written
	value     json.RawMessage
}

// members reads a JSON object in its order; a key that comes twice, in
// whatever case, is an error.
func members(text []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil {
		return nil, err
	} else if t != json.Delim('{') {
		return nil, fmt.Errorf("%.40v is not an object", t)
	}
	var list []member
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		m := member{key: strings.ToLower(name), name: name}
		if seen[m.key] {
			return nil, fmt.Errorf("the key %q comes twice", name)
		}
		seen[m.key] = true
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	return list, ended(dec)
}

// decode reads exactly one JSON value.
func decode(text []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(v); err != nil {
		return err
	}
	return ended(dec)
}

// ended reports text after the value.
func ended(dec *json.Decoder) error {
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the JSON value")
	}
	return nil
}
