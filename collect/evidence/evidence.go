// Package evidence is the typed, versioned model of what AWS answered, and the
// records of the calls that asked. It knows neither the SDK nor any rule, holds
// no unmasked personal data of contacts, and imports the standard library only.
package evidence

import (
	"slices"
	"time"
)

// Schema is the version written to evidence.json.
const Schema = "auditbinder/evidence/v1"

// Source says where an answer came from, worst last.
type Source string

const (
	SourceAWS         Source = "aws"         // an AWS host, a chain to an Amazon root
	SourceIntercepted Source = "intercepted" // an AWS host behind TLS inspection
	SourceCustom      Source = "custom"      // a configured endpoint, a foreign host or no TLS
	SourceReplay      Source = "replay"      // a recording
)

// Simulated reports whether answers of this source may not be submitted.
func (s Source) Simulated() bool { return s == SourceCustom || s == SourceReplay }

// Worse returns the less trustworthy of two sources.
func (s Source) Worse(o Source) Source {
	if o.rank() > s.rank() {
		return o
	}
	return s
}

// Known reports whether the word is one of the four.
func (s Source) Known() bool { return slices.Contains(sources, s) }

// rank is the place in order of trust; an unknown word is the worst.
func (s Source) rank() int {
	if i := slices.Index(sources, s); i >= 0 {
		return i
	}
	return len(sources)
}

var sources = []Source{SourceAWS, SourceIntercepted, SourceCustom, SourceReplay}

// Call is one attempt of one API call, a line of calls.jsonl.
type Call struct {
	ID         string            `json:"callId"`
	Attempt    int               `json:"attempt"` // from 1
	Last       bool              `json:"last"`
	Account    string            `json:"account,omitempty"`
	Region     string            `json:"region"` // the signing region
	Host       string            `json:"host"`
	Source     Source            `json:"source"`
	Service    string            `json:"service"`   // iam
	Operation  string            `json:"operation"` // GetAccountSummary
	Parameters map[string]any    `json:"parameters"`
	SentAt     time.Time         `json:"sentAt"`            // the collecting machine's clock
	AWSDate    *time.Time        `json:"awsDate,omitempty"` // the answer's Date header
	Status     int               `json:"status,omitempty"`
	RequestID  string            `json:"requestId,omitempty"`
	ErrorCode  string            `json:"errorCode,omitempty"`
	Body       string            `json:"body,omitempty"` // raw/CALLID.xml
	BodySize   int               `json:"bodySize,omitempty"`
	BodySHA256 string            `json:"bodySha256,omitempty"`
	Omitted    string            `json:"omitted,omitempty"` // why no body was kept
	Detail     map[string]string `json:"detail,omitempty"`  // kept instead of a body
}

// Action is the call's IAM action name, iam:GetAccountSummary.
func (c Call) Action() string { return c.Service + ":" + c.Operation }

// Recording is a set of exchanges: what a run recorded, or what a replay answers from.
type Recording struct {
	Calls  []Call
	Bodies map[string][]byte // by Call.Body
}

// Set is everything one run saw in one account: evidence.json.
type Set struct {
	Schema      string    `json:"schema"`
	Account     Account   `json:"account"`
	Caller      Caller    `json:"caller"`
	CollectedAt time.Time `json:"collectedAt"` // AWS's Date of the first GetCallerIdentity answer
	// ClockSkewSeconds is the collecting machine's clock minus AWS's.
	ClockSkewSeconds int64             `json:"clockSkewSeconds"`
	Source           Source            `json:"source"`
	Answers          []Answer          `json:"answers"`
	Failures         []Failure         `json:"failures"`
	IAM              *IAM              `json:"iam,omitempty"`
	Contacts         *Contacts         `json:"contacts,omitempty"`
	Organization     *Organization     `json:"organization,omitempty"`
	CredentialReport *CredentialReport `json:"credentialReport,omitempty"`
	CentralRoot      *CentralRoot      `json:"centralRoot,omitempty"`
	SignIn           *SignIn           `json:"signIn,omitempty"`
	Regions          *Regions          `json:"regions,omitempty"`
	RootEvents       *RootEvents       `json:"rootEvents,omitempty"`
	Trails           []Trail           `json:"trails,omitempty"` // by ARN
	Alarms           *Alarms           `json:"alarms,omitempty"`
	Compute          []Compute         `json:"compute,omitempty"` // by region
}

// AccountKind // 계정 구분
type AccountKind string

const (
	KindManagement AccountKind = "management"
	KindMember     AccountKind = "member"
	KindStandalone AccountKind = "standalone"
	KindUnknown    AccountKind = "unknown"
)

// CredentialReportFile is the decoded credential report's name in the bundle.
const CredentialReportFile = "credential-report.csv"

// Account is the audited account.
type Account struct {
	ID    string      `json:"id"`
	Alias string      `json:"alias"`
	Kind  AccountKind `json:"kind"`
}

// Caller is who asked: the answer of sts GetCallerIdentity.
type Caller struct {
	ARN   string   `json:"arn"`
	Calls []string `json:"calls"`
}

// Answer is a question that AWS answered to its last page. An empty result is
// an Answer with Count 0 (0건 증적).
type Answer struct {
	Action  string   `json:"action"`
	Subject string   `json:"subject,omitempty"` // what was asked about, e.g. SECURITY
	Region  string   `json:"region"`
	Calls   []string `json:"calls"`
	Count   int      `json:"count"`
	// Fact is an error code that is itself the answer.
	Fact string `json:"fact,omitempty"`
	// Skipped says in Korean why nothing was asked: there was nothing to ask about.
	// Calls are then the calls that say so.
	Skipped string `json:"skipped,omitempty"`
}

// Failure is a question that stayed unanswered after all retries.
type Failure struct {
	CallID  string `json:"callId"`
	Action  string `json:"action"`
	Subject string `json:"subject,omitempty"`
	Region  string `json:"region"`
	Code    string `json:"code"`
	Status  int    `json:"status,omitempty"`
	// ControlPolicy: AWS's message names an explicit deny in a service control policy.
	ControlPolicy bool `json:"controlPolicy,omitempty"`
}

// IAM is what GetAccountAuthorizationDetails and GetAccountSummary said. Lists may be partial where Failures say so.
type IAM struct {
	Users    []User          `json:"users"`
	Groups   []Group         `json:"groups"`
	Roles    []Role          `json:"roles"`
	Policies []ManagedPolicy `json:"policies"`
	// Summary is GetAccountSummary's map; nil when it was not read.
	Summary      map[string]int `json:"summary,omitempty"`
	SummaryCalls []string       `json:"summaryCalls,omitempty"`
	// SummaryAt is when the summary was true: AWS's Date of its answer.
	SummaryAt time.Time `json:"summaryAt,omitzero"`
}

// PolicyRef names a managed policy.
type PolicyRef struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

// InlinePolicy is a policy embedded in an identity; Document is decoded JSON text.
type InlinePolicy struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

// Tag is an AWS tag.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// User is an IAM user // IAM 사용자.
type User struct {
	Name     string         `json:"name"`
	Path     string         `json:"path"`
	ARN      string         `json:"arn"`
	ID       string         `json:"id"`
	Created  time.Time      `json:"created"`
	Tags     []Tag          `json:"tags,omitempty"`
	Attached []PolicyRef    `json:"attached,omitempty"`
	Inline   []InlinePolicy `json:"inline,omitempty"`
	Groups   []string       `json:"groups,omitempty"`
	Boundary *PolicyRef     `json:"boundary,omitempty"`
	Calls    []string       `json:"calls"`
}

// Group is an IAM group.
type Group struct {
	Name     string         `json:"name"`
	Path     string         `json:"path"`
	ARN      string         `json:"arn"`
	Attached []PolicyRef    `json:"attached,omitempty"`
	Inline   []InlinePolicy `json:"inline,omitempty"`
	Calls    []string       `json:"calls"`
}

// Role is an IAM role; Trust is its decoded trust policy.
type Role struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	ARN   string `json:"arn"`
	ID    string `json:"id"`
	Trust string `json:"trust"`
	// InstanceProfiles are the ARNs of the instance profiles that hold the role.
	InstanceProfiles []string       `json:"instanceProfiles,omitempty"`
	Attached         []PolicyRef    `json:"attached,omitempty"`
	Inline           []InlinePolicy `json:"inline,omitempty"`
	Boundary         *PolicyRef     `json:"boundary,omitempty"`
	Calls            []string       `json:"calls"`
}

// ManagedPolicy is a customer or AWS managed policy with its default version's
// decoded document; Document is empty when AWS returned none.
type ManagedPolicy struct {
	Name     string   `json:"name"`
	ARN      string   `json:"arn"`
	Version  string   `json:"version"`
	Document string   `json:"document"`
	Calls    []string `json:"calls"`
}

// ContactType is one of the three alternate contacts.
type ContactType string

const (
	ContactSecurity   ContactType = "SECURITY"
	ContactBilling    ContactType = "BILLING"
	ContactOperations ContactType = "OPERATIONS"
)

// ContactTypes are the three, in the order in which they are reported.
var ContactTypes = []ContactType{ContactSecurity, ContactBilling, ContactOperations}

// Contacts are the account's contacts, masked.
type Contacts struct {
	// Alternate holds the types that were answered, set or not.
	Alternate []AlternateContact `json:"alternate"`
	// RootRead is true when GetContactInformation answered.
	RootRead bool `json:"rootRead"`
}

// AlternateContact is one alternate contact // 대체 연락처. Name, email and phone
// are masked; SameAs and SameAsRoot were compared before masking.
type AlternateContact struct {
	Type  ContactType `json:"type"`
	Set   bool        `json:"set"`
	Name  string      `json:"name,omitempty"`
	Title string      `json:"title,omitempty"`
	Email string      `json:"email,omitempty"`
	Phone string      `json:"phone,omitempty"`
	// SameAs are other types with the same name, e-mail or phone.
	SameAs []ContactType `json:"sameAs,omitempty"`
	// SameAsRoot: same name or phone as the account's primary contact.
	SameAsRoot bool     `json:"sameAsRoot,omitempty"`
	Calls      []string `json:"calls"`
}

// CentralRoot is what ListOrganizationsFeatures said: which features of central
// root access are on. Empty outside an organization.
type CentralRoot struct {
	Features []string `json:"features"`
	Calls    []string `json:"calls"`
}

// SignIn is AWS Sign-In's console authorization and its resource-based policy.
type SignIn struct {
	// Enabled is nil when the configuration could not be read.
	Enabled *bool `json:"enabled,omitempty"`
	// Policy is the resource-based policy as JSON text; empty when there is none
	// or it could not be read (PolicyRead tells).
	Policy     string `json:"policy,omitempty"`
	PolicyRead bool   `json:"policyRead"`
	// Statements are the ids that ListResourcePermissionStatements named.
	Statements     []string `json:"statements,omitempty"`
	StatementsRead bool     `json:"statementsRead"`
	Calls          []string `json:"calls"`
}

// Organization is what DescribeOrganization said. Member is false for a
// standalone account (AWSOrganizationsNotInUseException).
type Organization struct {
	Member       bool     `json:"member"`
	ID           string   `json:"id,omitempty"`
	ManagementID string   `json:"managementId,omitempty"`
	Calls        []string `json:"calls"`
	// PoliciesRead: Targets and Policies are all that bind the account. False in
	// a member that may not read them, and where there is nothing to read.
	PoliciesRead bool            `json:"policiesRead,omitempty"`
	Targets      []ControlTarget `json:"targets,omitempty"` // account, OUs, root
	Policies     []ControlPolicy `json:"policies,omitempty"`
}

// ControlTarget is the account or an ancestor with the ids of its policies.
type ControlTarget struct {
	ID   string   `json:"id"`
	Kind string   `json:"kind"` // ACCOUNT, ORGANIZATIONAL_UNIT, ROOT
	SCPs []string `json:"scps,omitempty"`
	RCPs []string `json:"rcps,omitempty"`
}

// ControlPolicy is a service or resource control policy.
type ControlPolicy struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"` // SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY
	Document string   `json:"document"`
	Calls    []string `json:"calls"`
}
