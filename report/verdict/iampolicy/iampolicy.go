// Package iampolicy reads IAM policies and answers what they say: which source
// addresses they let through, and who may do an action under which conditions.
// It is pure; it never asks AWS and never decides a verdict.
package iampolicy

import "net/netip"

// LayerKind says which kind of policy a layer holds.
type LayerKind int

const (
	Identity LayerKind = iota // inline, attached, through groups
	Boundary                  // permissions boundary
	SCP                       // service control policies of one target
)

// Layer is a set of policies whose Allows are a union. What a principal may do
// is the intersection of its layers, less every Deny of any of them.
type Layer struct {
	Kind     LayerKind
	Name     string // for display, as the SCP's target; may be empty
	Policies []Policy
}

// Policy is a policy of a layer.
type Policy struct {
	Name     string // for display, with the group it comes through
	Document *Document
	Err      error // why the document is missing or not understood
}

// unread reports whether the policy's content is unknown.
func (p Policy) unread() bool { return p.Err != nil || p.Document == nil }

// Ref names a statement.
type Ref struct {
	Policy string
	Sid    string // "#2" for a second statement without a Sid
}

// Status says how far a source-address restriction goes.
type Status string

const (
	Restricted Status = "restricted"
	TooWide    Status = "too_wide"
	Partial    Status = "partial"
	None       Status = "none"
	Interview  Status = "interview" // a person has to read the statements
)

// Restriction is what a set of policies does about source addresses.
type Restriction struct {
	Status       Status
	Networks     []netip.Prefix // what gets through, merged and sorted; Restricted and TooWide only
	Alternatives []string       // VPC conditions that let requests through as well
	Basis        []Ref          // the statements that the status rests on
	Exceptions   []string       // what a restriction leaves out: actions, conditions
	Reasons      []string       // one formal Korean sentence each
	Statements   []string       // what a person has to read, as JSON
}
