package iampolicy

import (
	"slices"
	"strings"
)

// ServiceCall is a call that an AWS service makes on a resource of an account.
type ServiceCall struct {
	Service          string // events.amazonaws.com
	Action, Resource string
	SourceARN        string // what the service acts for: a rule, an alarm
	Account          string // the resource's owner, and the source's
}

// Access says what a resource policy does about a service's call.
type Access string

const (
	AccessGranted Access = "granted"
	AccessMissing Access = "missing" // no statement allows it
	AccessDenied  Access = "denied"
	AccessUnclear Access = "unclear" // a person has to read the statements
)

// ownerServices publish in the name of the topic's owner: their calls carry
// AWS:SourceOwner, which SNS's default policy asks for.
var ownerServices = []string{"cloudwatch.amazonaws.com"}

// ServiceAccess says whether the policy lets the service do the call. The
// statements that decide come back in words: name and conditions.
func (d *Document) ServiceAccess(call ServiceCall) (Access, []string) {
	allowKeys := map[string]string{
		"aws:sourcearn": call.SourceARN, "aws:sourceaccount": call.Account, "aws:sourceowner": "", keySecureTransport: "true",
	}
	if slices.Contains(ownerServices, call.Service) {
		allowKeys["aws:sourceowner"] = call.Account
	}
	// A Deny is held to be harmless only where it asks for TLS, which services use.
	denyKeys := map[string]string{keySecureTransport: "true"}
	found := map[Effect]map[truth][]string{Allow: {}, Deny: {}}
	for i := range d.Statements {
		s := &d.Statements[i]
		keys := allowKeys
		if s.Effect == Deny {
			keys = denyKeys
		}
		t := s.reaches(call, keys)
		found[s.Effect][t] = append(found[s.Effect][t], s.words())
	}
	allows, denies := found[Allow], found[Deny]
	switch {
	case len(denies[yes]) > 0:
		return AccessDenied, denies[yes]
	case len(allows[yes])+len(allows[unclear]) == 0:
		return AccessMissing, nil
	case len(denies[unclear]) > 0:
		return AccessUnclear, denies[unclear]
	case len(allows[yes]) == 0:
		return AccessUnclear, allows[unclear]
	}
	return AccessGranted, allows[yes]
}

const keySecureTransport = "aws:securetransport"

// truth is an answer that may be open; AND takes the least.
type truth int

const (
	no truth = iota
	unclear
	yes
)

// reaches reports whether the statement applies to the call. keys are the
// condition keys whose value is known; an empty value: the call has no such key.
func (s *Statement) reaches(call ServiceCall, keys map[string]string) truth {
	scope := Scope{call.Action, call.Resource}
	if !s.touches(scope) {
		return no
	}
	t := s.names(call)
	for _, c := range s.Conditions {
		t = min(t, c.holds(keys))
	}
	if gaps, _ := s.gaps(scope, nil); t == yes && (len(gaps) > 0 || s.malformed() != "") {
		return unclear
	}
	return t
}

// names reports whether the statement's principals include the service. Whether
// a service that acts for the owner counts as the owner's root is not documented.
func (s *Statement) names(call ServiceCall) truth {
	if len(s.NotPrincipals) > 0 {
		return unclear
	}
	t := no
	for _, p := range s.Principals {
		switch {
		case p.Any(), p.Type == "Service" && p.ID == call.Service:
			return yes
		case p.Type == "AWS" && slices.Contains(ownerServices, call.Service) &&
			(p.ID == call.Account || strings.HasSuffix(p.ID, ":iam::"+call.Account+":root")):
			t = unclear
		}
	}
	return t
}

// comparisons are the understood operators by their positive form.
var comparisons = map[string]func(pattern, value string) bool{
	"StringEquals":           func(p, v string) bool { return p == v },
	"StringEqualsIgnoreCase": strings.EqualFold,
	"StringLike":             covers,
	"ArnEquals":              coversResource, // ArnEquals and ArnLike are the same
	"ArnLike":                coversResource,
	"Bool":                   strings.EqualFold,
}

// holds evaluates the condition for a call of which these keys are known.
func (c Condition) holds(keys map[string]string) truth {
	value, known := keys[c.Key]
	positive := strings.Replace(c.Operator, "Not", "", 1) // StringNotEquals: StringEquals
	matches, understood := comparisons[positive]
	odd := func(v string) bool { // an ARN has six parts
		return hasVariable(v) || strings.HasPrefix(c.Operator, "Arn") && v != "*" && strings.Count(v, ":") < 5
	}
	if !known || !understood || len(c.Values) == 0 || slices.ContainsFunc(c.Values, odd) {
		return unclear
	}
	negated := positive != c.Operator
	holds := slices.ContainsFunc(c.Values, func(p string) bool { return matches(p, value) }) != negated
	if value == "" {
		holds = c.trueWhenAbsent() || negated && c.Qualifier != forAnyValue
	}
	if holds {
		return yes
	}
	return no
}

// words names the statement with its conditions.
func (s *Statement) words() string {
	text := s.ref("").Sid
	var conditions []string
	for _, c := range s.Conditions {
		conditions = append(conditions, c.String())
	}
	if len(conditions) > 0 {
		text += "(" + strings.Join(conditions, "; ") + ")"
	}
	return text
}
