// Package fakeaws answers the calls of the collectors in AWS's wire formats from
// an account described in Go, with pages and faults. Tests and the generator of
// the sample recording use it; the program itself never does.
package fakeaws

import (
	"encoding/json"
	"encoding/xml"
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

// Fault replaces an answer.
type Fault struct {
	Status int
	Code   string // AWS error code
	Body   string // sent as it is with Status, when Code is empty
	Cut    bool   // the true answer, cut in the middle
	Reset  bool   // the connection is closed without an answer
	Empty  bool   // status 200 and no body
	Delay  time.Duration
	// Header is added to the answer, in place of the fake's own.
	Header map[string]string
}

// Request is one request as the fake understood it.
type Request struct {
	Action string // iam:GetAccountSummary
	Form   url.Values
	JSON   map[string]any
	Header http.Header
	Number int // how many of this action before, from 0
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

	mu     sync.Mutex
	counts map[string]int
	total  int
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

var signedService = regexp.MustCompile(`Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/aws4_request`)

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req, protocol, err := understand(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	req.Number = s.counts[req.Action]
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
	}
	return a
}

// protocol is one of the two wire formats.
type protocol struct {
	contentType string
	failure     func(status int, code, message, requestID string) answer
}

var (
	query = protocol{"text/xml", func(status int, code, message, id string) answer {
		return answer{status: status, body: fmt.Sprintf("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>%s</Code>\n    <Message>%s</Message>\n  </Error>\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n", code, message, id)}
	}}
	// REST services name the error in a header only.
	restJSON = protocol{"application/json", func(status int, code, message, _ string) answer {
		a := jsonFailure(status, map[string]string{"message": message})
		a.header = map[string]string{"X-Amzn-Errortype": code + ":http://internal.amazon.com/coral/com.amazon.coral.service/"}
		return a
	}}
	rpcJSON = protocol{"application/x-amz-json-1.1", func(status int, code, message, _ string) answer {
		return jsonFailure(status, map[string]string{"__type": code, "message": message})
	}}
)

func jsonFailure(status int, fields map[string]string) answer {
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return answer{status: status, body: string(body)}
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
		service = m[1]
	case strings.Contains(string(body), "Action=AssumeRoleWithWebIdentity&"): // the token is its proof
		service = "sts"
	default:
		return Request{}, protocol{}, fmt.Errorf("request is not signed")
	}
	switch service {
	case "iam", "sts":
		req.Form, err = url.ParseQuery(string(body))
		req.Action = service + ":" + req.Form.Get("Action")
		return req, query, err
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &req.JSON); err != nil {
			return req, protocol{}, err
		}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		req.Action = service + ":" + target[strings.LastIndex(target, ".")+1:]
		return req, rpcJSON, nil
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
			return p.failure(http.StatusBadRequest, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", id)
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

// object answers a JSON object of one member, or fields itself when name is empty.
func object(name string, fields any) answer {
	if name != "" {
		fields = map[string]any{name: fields}
	}
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return answer{status: http.StatusOK, body: string(body)}
}

// result wraps a query-protocol result as AWS does.
func result(req Request, id string, v any) answer {
	operation := req.Form.Get("Action")
	namespace := "https://iam.amazonaws.com/doc/2010-05-08/"
	if strings.HasPrefix(req.Action, "sts:") {
		namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
	}
	var b strings.Builder
	enc := xml.NewEncoder(&b)
	enc.Indent("  ", "  ")
	if err := enc.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: operation + "Result"}}); err != nil {
		panic(err)
	}
	return answer{status: http.StatusOK, body: fmt.Sprintf("<%sResponse xmlns=%q>\n%s\n  <ResponseMetadata>\n    <RequestId>%s</RequestId>\n  </ResponseMetadata>\n</%[1]sResponse>\n",
		operation, namespace, b.String(), id)}
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
