// Package fakeaws answers the calls of the collectors in AWS's wire formats from
// an account described in Go, with pages and faults. Tests and the generator of
// the sample recording use it; the program itself never does.
package fakeaws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"auditbinder/collect/evidence"
)

// Account is everything the fake knows. Facts use the evidence types; contacts
// are unmasked here.
type Account struct {
	ID        string
	CallerARN string
	Aliases   []string
	IAM       evidence.IAM // Summary is computed when nil
	Contacts  map[evidence.ContactType]Contact
	Primary   Contact
	// Organization nil: the account stands alone.
	Organization *Organization
	// Report holds the credential report's fields by user and column, where they
	// differ from 'nothing there'. Every user and the root row stand in it.
	Report map[string]map[string]string
	// ReportAge is how much older than the answer the report is, ReportPolls how
	// often GenerateCredentialReport answers that it is not ready.
	ReportAge   time.Duration
	ReportPolls int
	// CentralRoot nil: not in an organization's management account.
	CentralRoot []string
	SignIn      SignIn
	// Role is what AssumeRole and AssumeRoleWithWebIdentity hand out.
	Role Credentials

	// What regions hold. The Read flags, Calls and Tests of the evidence types say
	// what was asked and mean nothing here; an empty list is an answer without items.

	// Regions nil: those of a new account. An empty OptIn is opt-in-not-required.
	Regions []evidence.Region
	// Compute has at most one entry a region. A nil Session is a region without the
	// document, a nil or empty DefaultHostManagement one where it is off. The n-th
	// public address of an interface belongs to its n-th private one.
	Compute []evidence.Compute
	Trails  []evidence.Trail // a nil Logging is a trail that does not log
	// RootEvents are the event history, of root and of others that are named so.
	RootEvents   []TrailEvent
	Rules        []evidence.EventRule // an ARN of rule/BUS/NAME puts it on a custom bus
	LogGroups    []evidence.LogGroup  // those with filters need not be here
	Filters      []evidence.MetricFilter
	MetricAlarms []evidence.MetricAlarm
	Composites   []evidence.CompositeAlarm
	Topics       []evidence.Topic // subscribers' addresses are unmasked here
}

// SignIn is AWS Sign-In's configuration; Statements are JSON objects.
type SignIn struct {
	Enabled    bool
	Statements []string
}

// Credentials are an assumed role's secrets.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
	Expires                                    time.Time // zero: later than any test
}

// Contact is a person with nothing hidden.
type Contact struct{ Name, Title, Email, Phone, Company, Address, City, Postal string }

// Organization is the answer of DescribeOrganization.
type Organization struct {
	ID, ManagementID, ManagementEmail string
	// Targets from the account to the root with their policies; nil: the account
	// may not read them.
	Targets  []evidence.ControlTarget
	Policies []evidence.ControlPolicy
}

// TrailEvent is one record of the event history.
type TrailEvent struct {
	evidence.RootEvent
	Username string // as the history names it; empty: root
	Identity string // userIdentity.type; empty: Root
	// History is the region whose history holds the record; empty: the event's own.
	History string
}

// Fault replaces an answer.
type Fault struct {
	Status int
	Code   string // AWS error code
	Body   string // sent as it is with Status, when Code is empty
	Cut    bool   // the true answer, cut in the middle
	Reset  bool   // the connection is closed without an answer
	Empty  bool   // status 200 and no body
	Delay  time.Duration
	// Change rewrites the body of the true answer, where that is no error.
	Change func(body string) string
	// Header is added to the answer, in place of the fake's own.
	Header map[string]string
}

// Request is one request as the fake understood it.
type Request struct {
	Action string // iam:GetAccountSummary
	Region string // of the signature
	Form   url.Values
	JSON   map[string]any
	Header http.Header
	// Number is how many of this action before, from 0; of a regional service in
	// this region.
	Number int
}

// param is a parameter of either kind as text; empty when it was not sent.
func (r Request) param(name string) string {
	if v, ok := r.JSON[name].(float64); ok {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	if v, ok := r.JSON[name]; ok {
		return fmt.Sprint(v)
	}
	return r.Form.Get(name)
}

// list is a parameter that holds several values.
func (r Request) list(name string) []string {
	var values []string
	members, _ := r.JSON[name].([]any)
	for _, v := range members {
		values = append(values, fmt.Sprint(v))
	}
	for n := 1; r.Form.Has(fmt.Sprintf("%s.%d", name, n)); n++ {
		values = append(values, r.Form.Get(fmt.Sprintf("%s.%d", name, n)))
	}
	return values
}

// Server is an http.Handler. Its fields must not change while it serves.
type Server struct {
	Account Account
	Fault   func(Request) *Fault // nil: no faults
	// Now makes the Date header; nil: the HTTP server's own. The SDK takes a denial
	// with another day's date for clock skew and may send it again.
	Now func() time.Time
	// RequestID makes the ids; nil: a counter.
	RequestID func(Request) string

	mu      sync.Mutex
	counts  map[string]int // by action
	numbers map[string]int // by action and, for regional services, region
	total   int
}

// Counts returns how many requests of each action arrived.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[string]int{}
	for action, n := range s.counts {
		counts[action] = n
	}
	return counts
}

var signedService = regexp.MustCompile(`Credential=[^/]+/\d+/([^/]+)/([a-z0-9-]+)/aws4_request`)

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req, protocol, err := understand(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	if s.counts == nil {
		s.counts, s.numbers = map[string]int{}, map[string]int{}
	}
	place := req.Action
	if regional[req.Action] != nil {
		place += " " + req.Region
	}
	req.Number = s.numbers[place]
	s.numbers[place]++
	s.counts[req.Action]++
	s.total++
	total := s.total
	s.mu.Unlock()

	id := fmt.Sprintf("00000000-0000-4000-8000-%012d", total)
	if s.RequestID != nil {
		id = s.RequestID(req)
	}
	a := s.answer(req, protocol, id)
	if s.Fault != nil {
		if f := s.Fault(req); f != nil {
			if f.Delay > 0 {
				select {
				case <-r.Context().Done():
					return
				case <-time.After(f.Delay):
				}
			}
			a = f.apply(a, protocol, id)
			for name, value := range f.Header {
				if a.header == nil {
					a.header = map[string]string{}
				}
				a.header[name] = value
			}
		}
	}
	if a.reset {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", protocol.contentType)
	w.Header().Set("X-Amzn-Requestid", id)
	if s.Now != nil {
		w.Header().Set("Date", s.Now().UTC().Format(http.TimeFormat))
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.cut {
		io.WriteString(w, a.body[:len(a.body)/2])
		w.(http.Flusher).Flush() // else a short answer would not arrive at all
		panic(http.ErrAbortHandler)
	}
	io.WriteString(w, a.body)
}

// answer is what goes over the wire.
type answer struct {
	status     int
	body       string
	cut, reset bool
	header     map[string]string
}

func (f *Fault) apply(a answer, p protocol, id string) answer {
	switch {
	case f.Reset:
		return answer{reset: true}
	case f.Cut:
		if f.Code != "" {
			a = p.failure(f.Status, f.Code, f.Code+" (injected)", id)
		}
		a.cut = true
		return a
	case f.Empty:
		return answer{status: http.StatusOK}
	case f.Code != "":
		return p.failure(f.Status, f.Code, f.Code+" (injected)", id)
	case f.Status != 0:
		return answer{status: f.Status, body: f.Body}
	case f.Change != nil && a.status == http.StatusOK:
		a.body = f.Change(a.body)
	}
	return a
}

// regional are the operations of services that regions have of their own.
var regional = map[string]func(*Server, Request) (any, error){
	"ec2:DescribeRegions":                  (*Server).describeRegions,
	"ec2:DescribeInstances":                (*Server).describeInstances,
	"ec2:DescribeSecurityGroups":           (*Server).describeSecurityGroups,
	"ec2:DescribeSubnets":                  (*Server).describeSubnets,
	"ec2:DescribeRouteTables":              (*Server).describeRouteTables,
	"ec2:DescribeManagedPrefixLists":       (*Server).describeManagedPrefixLists,
	"ec2:GetManagedPrefixListEntries":      (*Server).getManagedPrefixListEntries,
	"ec2:DescribeInstanceConnectEndpoints": (*Server).describeInstanceConnectEndpoints,
	"ec2:DescribeImages":                   (*Server).describeImages,
	"ssm:DescribeInstanceInformation":      (*Server).describeInstanceInformation,
	"ssm:GetServiceSetting":                (*Server).getServiceSetting,
	"ssm:GetDocument":                      (*Server).getDocument,
	"events:ListRules":                     (*Server).listRules,
	"events:ListTargetsByRule":             (*Server).listTargetsByRule,
	"events:TestEventPattern":              (*Server).testEventPattern,
	"sns:GetTopicAttributes":               (*Server).getTopicAttributes,
	"sns:ListSubscriptionsByTopic":         (*Server).listSubscriptionsByTopic,
	"logs:DescribeMetricFilters":           (*Server).describeMetricFilters,
	"logs:TestMetricFilter":                (*Server).testMetricFilter,
	"cloudwatch:DescribeAlarms":            (*Server).describeAlarms,
	"cloudtrail:DescribeTrails":            (*Server).describeTrails,
	"cloudtrail:GetTrailStatus":            (*Server).getTrailStatus,
	"cloudtrail:GetEventSelectors":         (*Server).getEventSelectors,
	"cloudtrail:LookupEvents":              (*Server).lookupEvents,
}

func understand(r *http.Request) (Request, protocol, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Request{}, protocol{}, err
	}
	req := Request{Header: r.Header}
	m := signedService.FindStringSubmatch(r.Header.Get("Authorization"))
	service := ""
	switch {
	case m != nil:
		req.Region, service = m[1], m[2]
	case strings.Contains(string(body), "Action=AssumeRoleWithWebIdentity&"): // the token is its proof
		service = "sts"
	default:
		return Request{}, protocol{}, fmt.Errorf("request is not signed")
	}
	if p, ok := forms[service]; ok {
		req.Form, err = url.ParseQuery(string(body))
		req.Action = service + ":" + req.Form.Get("Action")
		return req, p, err
	}
	if service == "monitoring" { // what CloudWatch signs as
		service = "cloudwatch"
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &req.JSON); err != nil {
			return req, protocol{}, err
		}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		req.Action = service + ":" + target[strings.LastIndex(target, ".")+1:]
		p := rpcJSON
		p.contentType = r.Header.Get("Content-Type") // JSON 1.0 or 1.1
		return req, p, nil
	}
	path := strings.TrimPrefix(r.URL.Path, "/")
	if path == "" {
		return req, protocol{}, fmt.Errorf("no operation in %s", r.URL)
	}
	req.Action = service + ":"
	for word := range strings.SplitSeq(path, "-") { // getAlternateContact, get-resource-policy
		req.Action += strings.ToUpper(word[:1]) + word[1:]
	}
	return req, restJSON, nil
}

func (s *Server) answer(req Request, p protocol, id string) answer {
	if ask := regional[req.Action]; ask != nil {
		if s.disabled(req.Region) {
			return p.failure(p.stranger.status, p.stranger.code, p.stranger.message, id)
		}
		v, err := ask(s, req)
		if err == nil && req.param("DryRun") == "true" {
			err = &apiError{http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."}
		}
		return p.reply(req, id, v, err)
	}
	switch req.Action {
	case "sts:GetCallerIdentity":
		return result(req, id, callerIdentity{ARN: s.Account.CallerARN, UserID: "AROAEXAMPLEAUDIT0001:audit", Account: s.Account.ID})
	case "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity":
		return result(req, id, s.assumed(req))
	case "iam:GetAccountAuthorizationDetails":
		return s.details(req, p, id)
	case "iam:GetAccountSummary":
		return result(req, id, accountSummary{s.summary()})
	case "iam:ListAccountAliases":
		return result(req, id, accountAliases{IsTruncated: false, Aliases: s.Account.Aliases})
	case "iam:GenerateCredentialReport":
		state := reportState{State: "COMPLETE"}
		if req.Number < s.Account.ReportPolls {
			state = reportState{State: "INPROGRESS"}
			if req.Number == 0 {
				state = reportState{State: "STARTED", Description: "No report exists. Starting a new report generation task"}
			}
		}
		return result(req, id, state)
	case "iam:GetCredentialReport":
		return result(req, id, s.report())
	case "iam:ListOrganizationsFeatures":
		if s.Account.CentralRoot == nil {
			return p.failure(http.StatusConflict, "AccountNotManagementOrDelegatedAdministratorException", "The request was denied because the account making the call is not the management account.", id)
		}
		return result(req, id, organizationsFeatures{Features: s.Account.CentralRoot})
	case "signin:GetConsoleAuthorizationConfiguration":
		return object("", map[string]any{"consoleAuthorizationEnabled": s.Account.SignIn.Enabled, "scope": "ACCOUNT", "targetId": s.Account.ID})
	case "signin:GetResourcePolicy":
		return object("signinResourceBasedPolicy", map[string]any{"Version": "2012-10-17", "Statement": s.statements()})
	case "signin:ListResourcePermissionStatements":
		summaries := []map[string]any{}
		for i, st := range s.statements() {
			summaries = append(summaries, map[string]any{"sid": fmt.Sprintf("s%d", i+1), "condition": st["Condition"]})
		}
		return object("permissionStatements", summaries)
	case "account:GetAlternateContact":
		kind := evidence.ContactType(fmt.Sprint(req.JSON["AlternateContactType"]))
		c, ok := s.Account.Contacts[kind]
		if !ok {
			return p.failure(http.StatusNotFound, "ResourceNotFoundException", "No contact of the inputted alternate contact type found.", id)
		}
		return object("AlternateContact", map[string]string{
			"AlternateContactType": string(kind), "Name": c.Name, "Title": c.Title, "EmailAddress": c.Email, "PhoneNumber": c.Phone,
		})
	case "account:GetContactInformation":
		c := s.Account.Primary
		return object("ContactInformation", map[string]string{
			"FullName": c.Name, "PhoneNumber": c.Phone, "CompanyName": c.Company, "AddressLine1": c.Address,
			"City": c.City, "PostalCode": c.Postal, "CountryCode": "KR",
		})
	case "organizations:DescribeOrganization":
		o := s.Account.Organization
		if o == nil {
			return notInUse(p, id)
		}
		return object("Organization", map[string]any{
			"Id": o.ID, "Arn": "arn:aws:organizations::" + o.ManagementID + ":organization/" + o.ID, "FeatureSet": "ALL",
			"MasterAccountId": o.ManagementID, "MasterAccountEmail": o.ManagementEmail,
			"MasterAccountArn": "arn:aws:organizations::" + o.ManagementID + ":account/" + o.ID + "/" + o.ManagementID,
		})
	}
	if strings.HasPrefix(req.Action, "organizations:") {
		return s.controls(req, p, id)
	}
	return p.failure(http.StatusBadRequest, "InvalidAction", "The fake does not know "+req.Action, id)
}

// statements are Sign-In's policy statements as JSON objects.
func (s *Server) statements() []map[string]any {
	list := []map[string]any{}
	for _, text := range s.Account.SignIn.Statements {
		var st map[string]any
		if err := json.Unmarshal([]byte(text), &st); err != nil {
			panic(err)
		}
		list = append(list, st)
	}
	return list
}

// Environment points the AWS SDK at a fake (no endpoint: at none) and away from
// this machine's own configuration. setenv is testing.T.Setenv.
func Environment(setenv func(key, value string), endpoint string) {
	for _, entry := range os.Environ() {
		if key, _, _ := strings.Cut(entry, "="); strings.HasPrefix(key, "AWS_") {
			setenv(key, "") // so that it comes back; the SDK tells empty from absent
			os.Unsetenv(key)
		}
	}
	if endpoint != "" {
		setenv("AWS_ENDPOINT_URL", endpoint)
		setenv("AWS_ENDPOINT_URL_STS", endpoint) // credential providers read only this one
	}
	for key, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example-secret", "AWS_REGION": "ap-northeast-2",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		setenv(key, value)
	}
}
