package iampolicy

import (
	"slices"
	"strconv"
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

// Grants reports whether the document holds at least one Allow statement. A
// document without one only takes rights away.
func (d *Document) Grants() bool {
	return slices.ContainsFunc(d.Statements, func(s Statement) bool { return s.Effect == Allow })
}

// Statement is one statement.
type Statement struct {
	Index                     int // place in the document, from 1
	Sid                       string
	Effect                    Effect
	HasPrincipal              bool // Principal or NotPrincipal is there
	Principals, NotPrincipals []Principal
	Actions, NotActions       []string
	Resources, NotResources   []string
	Conditions                []Condition
	Raw                       string // compact JSON, to show
}

// Principal is one entry of a Principal element. Type is AWS, Service,
// Federated or CanonicalUser, and empty for the bare "*".
type Principal struct{ Type, ID string }

// Any reports whether the entry stands for everyone.
func (p Principal) Any() bool { return p.ID == "*" && (p.Type == "" || p.Type == "AWS") }

// AnyPrincipal reports whether the statement applies to everyone.
func (s *Statement) AnyPrincipal() bool {
	return len(s.NotPrincipals) == 0 && slices.ContainsFunc(s.Principals, Principal.Any)
}

// Condition is one operator applied to one key.
type Condition struct {
	Qualifier string // "", ForAnyValue or ForAllValues
	Operator  string // IAM's spelling, without qualifier and IfExists
	IfExists  bool
	Key       string // lower case, to compare
	Name      string // the key as written, to show
	Values    []string
}

const (
	forAnyValue  = "ForAnyValue"
	forAllValues = "ForAllValues"
)

// String says the condition in words: operator, key, values.
func (c Condition) String() string {
	op := c.Operator
	if c.Qualifier != "" {
		op = c.Qualifier + ":" + op
	}
	if c.IfExists {
		op += "IfExists"
	}
	return op + " " + c.Name + " " + strings.Join(c.Values, ", ")
}

// trueWhenAbsent reports whether the condition holds for a request without the key.
func (c Condition) trueWhenAbsent() bool {
	return c.IfExists || c.Qualifier == forAllValues
}

// operators are IAM's condition operators by their lower-case names.
var operators = func() map[string]string {
	m := map[string]string{}
	for _, op := range strings.Fields(`
		StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike
		NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals
		DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals
		Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null`) {
		m[strings.ToLower(op)] = op
	}
	return m
}()

// malformed says in Korean what IAM would not take in the statement, or nothing.
func (s *Statement) malformed() string {
	switch {
	case len(s.Actions) == 0 && len(s.NotActions) == 0:
		return "Action 요소가 없음"
	case len(s.Actions) > 0 && len(s.NotActions) > 0:
		return "Action과 NotAction이 함께 있음"
	case len(s.Resources) == 0 && len(s.NotResources) == 0:
		return "Resource 요소가 없음"
	case len(s.Resources) > 0 && len(s.NotResources) > 0:
		return "Resource와 NotResource가 함께 있음"
	}
	for _, c := range s.Conditions {
		if operators[strings.ToLower(c.Operator)] != c.Operator || c.Operator == "Null" && c.IfExists {
			return "알 수 없는 조건 연산자(" + c.Operator + ")가 있음"
		}
	}
	return ""
}

// ref names the statement of the policy.
func (s *Statement) ref(policy string) Ref {
	if s.Sid == "" {
		return Ref{policy, "#" + strconv.Itoa(s.Index)}
	}
	return Ref{policy, s.Sid}
}
