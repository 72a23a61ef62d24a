// Package iampolicy reads IAM policy documents. It answers questions about what
// a document says and never asks AWS or decides a verdict.
package iampolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Effect of a statement. IAM takes these two words in exactly this case.
type Effect string

const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is a parsed policy.
type Document struct {
	Statements []Statement
}

// Statement is one statement.
type Statement struct {
	Sid    string
	Effect Effect
}

// maxDocument bounds what is parsed; IAM's own largest quota is far below.
const maxDocument = 1 << 20

// Parse reads a policy document: JSON, or JSON in the URL encoding in which IAM
// sends it; Statement may be one object or a list, keys of any case. What it
// does not understand is an error, never an empty policy.
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
	var raw struct{ Statement json.RawMessage }
	if err := decode([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("parse policy document: %w", err)
	}
	list := []json.RawMessage{raw.Statement}
	switch body := bytes.TrimSpace(raw.Statement); {
	case len(body) == 0:
		return nil, errors.New("policy document has no Statement")
	case body[0] == '[':
		list = nil
		if err := decode(body, &list); err != nil {
			return nil, fmt.Errorf("parse statements: %w", err)
		}
	}
	doc := &Document{}
	for i, item := range list {
		var s Statement
		if err := decode(item, &s); err != nil {
			return nil, fmt.Errorf("parse statement %d: %w", i+1, err)
		}
		if s.Effect != Allow && s.Effect != Deny {
			return nil, fmt.Errorf("statement %d has the effect %q", i+1, s.Effect)
		}
		doc.Statements = append(doc.Statements, s)
	}
	return doc, nil
}

// decode reads exactly one JSON value.
func decode(text []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("text after the JSON value")
	}
	return nil
}

// Grants reports whether the document holds at least one Allow statement. A
// document without one only takes rights away.
func (d *Document) Grants() bool {
	for _, s := range d.Statements {
		if s.Effect == Allow {
			return true
		}
	}
	return false
}
