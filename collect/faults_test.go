package collect_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"auditbinder/collect"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

const (
	loginPage  = "<!DOCTYPE html><html><head><title>Login</title></head><body><form action=\"/login\"></form></body></html>"
	xhtmlPage  = `<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Login</title></head><body/></html>`
	otherXML   = `<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult/></ListUsersResponse>`
	maxAttempt = 8
)

func typed(contentType string) map[string]string {
	return map[string]string{"Content-Type": contentType}
}

// passing are faults that go away; a run must not tell the difference.
var passing = []struct {
	name  string
	times int
	fault fakeaws.Fault
	code  string // of the failed attempts
	body  bool   // something was received and is kept
}{
	{"throttled five times", 5, fakeaws.Fault{Status: 400, Code: "ThrottlingException"}, "ThrottlingException", true},
	{"throttled seven times", 7, fakeaws.Fault{Status: 400, Code: "Throttling"}, "Throttling", true},
	{"500 once", 1, fakeaws.Fault{Status: 500, Code: "InternalFailure"}, "InternalFailure", true},
	{"503 twice", 2, fakeaws.Fault{Status: 503, Code: "ServiceUnavailable"}, "ServiceUnavailable", true},
	{"an HTML 502", 2, fakeaws.Fault{Status: 502, Body: loginPage, Header: typed("text/html")}, "MalformedBody", true},
	{"reset once", 1, fakeaws.Fault{Reset: true}, "ConnectionReset", false},
	{"empty 200 twice", 2, fakeaws.Fault{Empty: true}, "EmptyBody", false},
	{"blanks for a body", 1, fakeaws.Fault{Status: 200, Body: " \n\t"}, "EmptyBody", true},
	{"cut body", 1, fakeaws.Fault{Cut: true}, "TruncatedBody", true},
	{"cut error", 1, fakeaws.Fault{Status: 400, Code: "ThrottlingException", Cut: true}, "TruncatedBody", true},
	{"garbage with 200", 1, fakeaws.Fault{Status: 200, Body: "\x00\x01 not an answer"}, "MalformedBody", true},
	{"login page with 200", 1, fakeaws.Fault{Status: 200, Body: loginPage, Header: typed("text/html; charset=utf-8")}, "MalformedBody", true},
	{"login page under AWS's content type", 1, fakeaws.Fault{Status: 200, Body: loginPage}, "MalformedBody", true},
	{"XHTML login page", 1, fakeaws.Fault{Status: 200, Body: xhtmlPage, Header: typed("application/xhtml+xml")}, "MalformedBody", true},
	{"another operation's answer", 1, fakeaws.Fault{Status: 200, Body: otherXML, Header: typed("text/xml")}, "MalformedBody", true},
	{"a JSON array", 1, fakeaws.Fault{Status: 200, Body: "[]", Header: typed("application/json")}, "MalformedBody", true},
	{"JSON null", 1, fakeaws.Fault{Status: 200, Body: "null", Header: typed("application/json")}, "MalformedBody", true},
	{"no content", 1, fakeaws.Fault{Status: 204}, "EmptyBody", false},
}

// timeless is the evidence without the times that waiting moves.
func timeless(t *testing.T, set evidence.Set) string {
	iam, report := *set.IAM, *set.CredentialReport
	iam.SummaryAt, report.Generated = time.Time{}, time.Time{}
	set.IAM, set.CredentialReport = &iam, &report
	return encode(t, set)
}

func TestPassingFaultsLeaveTheSameEvidence(t *testing.T) {
	for _, ask := range asks {
		calm := newBench(t, ask.account())
		undisturbed := timeless(t, calm.clean().Set)
		polls := len(calm.slept)
		for _, p := range passing {
			for _, q := range ask.questions {
				t.Run(p.name+"/"+q.String(), func(t *testing.T) {
					b := newBench(t, ask.account())
					b.fake.Fault = q.first(p.times, p.fault)
					content := b.run()
					if got := timeless(t, content.Set); got != undisturbed {
						t.Error(firstDifference(got, undisturbed))
					}
					checkAttempts(t, attempts(content, q), p.times+1, p.code, p.body)
					if n := len(content.Recording.Calls); n != b.total() {
						t.Errorf("%d attempts recorded, the fake counted %d", n, b.total())
					}
					if len(b.slept) != p.times+polls {
						t.Errorf("slept %d times, want %d", len(b.slept), p.times+polls)
					}
					b.reread(content)
				})
			}
		}
	}
}

// checkAttempts holds n attempts of one call against the form of calls.jsonl;
// the last one succeeded.
func checkAttempts(t *testing.T, calls []evidence.Call, n int, code string, body bool) {
	t.Helper()
	if len(calls) != n {
		t.Fatalf("%d attempts, want %d", len(calls), n)
	}
	for i, c := range calls {
		last := i == n-1
		if c.ID != calls[0].ID || c.Attempt != i+1 || c.Last != last {
			t.Errorf("attempt %d: id %s, number %d, last %t", i+1, c.ID, c.Attempt, c.Last)
		}
		if last {
			if c.ErrorCode != "" || c.Status != 200 || !strings.HasPrefix(c.Body, "raw/"+c.ID+".") || strings.Contains(c.Body, ".a") {
				t.Errorf("last attempt: %+v", c)
			}
			continue
		}
		if c.ErrorCode != code {
			t.Errorf("attempt %d has the code %q, want %q", i+1, c.ErrorCode, code)
		}
		if prefix := fmt.Sprintf("raw/%s.a%d.", c.ID, i+1); body != strings.HasPrefix(c.Body, prefix) {
			t.Errorf("attempt %d has the body %q", i+1, c.Body)
		}
	}
}

func TestLastingFaultsAreFailures(t *testing.T) {
	tests := []struct {
		name     string
		fault    fakeaws.Fault
		code     string
		attempts int
		only     string // xml, json or both
	}{
		{"access denied", fakeaws.Fault{Status: 403, Code: "AccessDenied"}, "AccessDenied", 1, ""},
		{"access denied exception", fakeaws.Fault{Status: 403, Code: "AccessDeniedException"}, "AccessDeniedException", 1, ""},
		{"expired token", fakeaws.Fault{Status: 403, Code: "ExpiredToken"}, "ExpiredToken", 1, ""},
		{"throttled for ever", fakeaws.Fault{Status: 400, Code: "Throttling"}, "Throttling", maxAttempt, ""},
		{"500 for ever", fakeaws.Fault{Status: 500, Code: "InternalFailure"}, "InternalFailure", maxAttempt, ""},
		{"reset for ever", fakeaws.Fault{Reset: true}, "ConnectionReset", maxAttempt, ""},
		{"empty 200 for ever", fakeaws.Fault{Empty: true}, "EmptyBody", maxAttempt, ""},
		{"cut for ever", fakeaws.Fault{Cut: true}, "TruncatedBody", maxAttempt, ""},
		{"cut denial for ever", fakeaws.Fault{Status: 403, Code: "AccessDenied", Cut: true}, "TruncatedBody", maxAttempt, ""},
		{"garbage for ever", fakeaws.Fault{Status: 200, Body: "garbage"}, "MalformedBody", maxAttempt, ""},
		{"login page for ever", fakeaws.Fault{Status: 200, Body: loginPage, Header: typed("text/html")}, "MalformedBody", maxAttempt, ""},
		{"XHTML page for ever", fakeaws.Fault{Status: 200, Body: xhtmlPage, Header: typed("text/xml")}, "MalformedBody", maxAttempt, ""},
		{"redirect to a login page", fakeaws.Fault{Status: 302, Body: loginPage, Header: map[string]string{"Location": "http://login.invalid/", "Content-Type": "text/html"}}, "MalformedBody", 1, ""},
		{"denial page of a proxy", fakeaws.Fault{Status: 403, Body: loginPage, Header: typed("text/html")}, "MalformedBody", 1, ""},
		{"denial without a body", fakeaws.Fault{Status: 403}, "MalformedBody", 1, ""},
		{"JSON where XML is due", fakeaws.Fault{Status: 200, Body: `{"ok":true}`, Header: typed("application/json")}, "MalformedBody", maxAttempt, "xml"},
		{"an answer without a result", fakeaws.Fault{Status: 200, Body: "<%sResponse></%[1]sResponse>"}, "MalformedBody", 1, "xml"},
		{"a document that goes on after its end", fakeaws.Fault{Status: 200, Body: "<%sResponse></%[1]sResponse><html></html>"}, "MalformedBody", maxAttempt, "xml"},
		{"an array", fakeaws.Fault{Status: 200, Body: "[]"}, "MalformedBody", maxAttempt, "json"},
		{"null", fakeaws.Fault{Status: 200, Body: "null"}, "MalformedBody", maxAttempt, "json"},
		{"an object cut clean", fakeaws.Fault{Status: 200, Body: `{"a":{}`}, "MalformedBody", maxAttempt, "json"},
		{"nothing in the object", fakeaws.Fault{Status: 200, Body: "{}"}, "MalformedBody", 1, "json"},
		{"an error body with 200", fakeaws.Fault{Status: 200, Body: `{"__type":"AccessDeniedException"}`}, "MalformedBody", 1, "json"},
		{"fields of another type", fakeaws.Fault{Status: 200, Body: `{"AlternateContact":[],"ContactInformation":7,"Organization":"x"}`}, "MalformedBody", 1, "json"},
	}
	for _, ask := range asks {
		all := len(newBench(t, ask.account()).clean().Set.Answers)
		for _, test := range tests {
			for _, q := range ask.questions {
				if test.only != "" && q.xml() != (test.only == "xml") {
					continue
				}
				t.Run(test.name+"/"+q.String(), func(t *testing.T) {
					b := newBench(t, ask.account())
					b.fake.Now = nil // denials must not look like clock skew
					fault := test.fault
					if strings.Contains(fault.Body, "%s") {
						fault.Body = fmt.Sprintf(fault.Body, q.action[strings.Index(q.action, ":")+1:])
					}
					b.fake.Fault = q.always(fault)
					content := b.run()
					f := failure(content.Set, q)
					if f == nil {
						t.Fatalf("no failure; answers %+v", content.Set.Answers)
					}
					if answered(content.Set, q) {
						t.Error("a failed question is answered")
					}
					if len(content.Set.Failures) != 1 || len(content.Set.Answers) != all-1-q.costs {
						t.Errorf("%d failures and %d answers of %d", len(content.Set.Failures), len(content.Set.Answers), all)
					}
					if f.Code != test.code {
						t.Errorf("code %q, want %q", f.Code, test.code)
					}
					calls := attempts(content, q)
					if len(calls) != test.attempts || f.CallID != calls[0].ID || f.Region != cmp.Or(q.region, virginia) {
						t.Errorf("%d attempts, want %d; failure %+v", len(calls), test.attempts, f)
					}
					if n := len(content.Recording.Calls); n != b.total() {
						t.Errorf("%d attempts recorded, the fake counted %d", n, b.total())
					}
					for _, c := range content.Set.Contacts.Alternate {
						if q.subject == string(c.Type) {
							t.Errorf("the contact is reported: %+v", c)
						}
					}
					b.reread(content)
				})
			}
		}
	}
}

// Answers that parse but cannot be AWS's are failures too.
func TestAnswersThatCannotBeTrue(t *testing.T) {
	contact := question{action: "account:GetAlternateContact", subject: "SECURITY"}
	primary := question{action: "account:GetContactInformation"}
	summary := question{action: "iam:GetAccountSummary"}
	details := question{action: "iam:GetAccountAuthorizationDetails"}
	member := question{action: "organizations:DescribeOrganization"}
	page := func(inner string) string {
		return "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>" + inner + "</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
	}
	tests := []struct {
		name  string
		q     question
		body  string
		calls int
	}{
		{"another contact type", contact, `{"AlternateContact":{"AlternateContactType":"BILLING","Name":"a","EmailAddress":"a@b.c","Title":"t","PhoneNumber":"1"}}`, 1},
		{"contact type missing", contact, `{"AlternateContact":{"Name":"a","EmailAddress":"a@b.c","Title":"t","PhoneNumber":"1"}}`, 1},
		{"contact without an e-mail", contact, `{"AlternateContact":{"AlternateContactType":"SECURITY","Name":"a","Title":"t","PhoneNumber":"1"}}`, 1},
		{"contact with an empty name", contact, `{"AlternateContact":{"AlternateContactType":"SECURITY","Name":"","EmailAddress":"a@b.c"}}`, 1},
		{"contact is null", contact, `{"AlternateContact":null}`, 1},
		{"primary contact without a name", primary, `{"ContactInformation":{"PhoneNumber":"1"}}`, 1},
		{"organization without a management account", member, `{"Organization":{"Id":"o-1"}}`, 1},
		{"summary without users", summary, "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>Groups</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>", 1},
		{"summary without a map", summary, "<GetAccountSummaryResponse><GetAccountSummaryResult/></GetAccountSummaryResponse>", 1},
		{"a count that is no number", summary, "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>Users</key><value>many</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>", 1},
		{"repeated marker", details, page("<IsTruncated>true</IsTruncated><Marker>m</Marker>"), 2},
		{"truncated without a marker", details, page("<IsTruncated>true</IsTruncated>"), 1},
		{"a marker without truncation", details, page("<IsTruncated>false</IsTruncated><Marker>m</Marker>"), 1},
		{"truncation not said", details, page("<Marker>m</Marker>"), 1},
		{"a creation date that is none", details, page("<IsTruncated>false</IsTruncated><UserDetailList><member><CreateDate>gestern</CreateDate></member></UserDetailList>"), 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, standard())
			b.fake.Fault = test.q.always(fakeaws.Fault{Status: 200, Body: test.body})
			content := b.run()
			f := failure(content.Set, test.q)
			if f == nil || f.Code != "MalformedBody" || f.CallID == "" || answered(content.Set, test.q) {
				t.Fatalf("failure %+v, answers %+v", f, content.Set.Answers)
			}
			if n := len(attempts(content, test.q)); n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
			if test.q == member && content.Set.Account.Kind != evidence.KindUnknown {
				t.Errorf("account kind %s", content.Set.Account.Kind)
			}
			b.reread(content)
		})
	}
}

// An absent contact and an account without organization are answers.
func TestFactsThatComeAsErrors(t *testing.T) {
	a := standard()
	a.Organization = nil
	b := newBench(t, a)
	content := b.run()
	if len(content.Set.Failures) > 0 {
		t.Fatalf("failures %+v", content.Set.Failures)
	}
	facts := map[string]string{}
	for _, answer := range content.Set.Answers {
		if answer.Fact != "" {
			facts[answer.Action+"/"+answer.Subject] = answer.Fact
		}
	}
	if len(facts) != 3 || facts["account:GetAlternateContact/BILLING"] != "ResourceNotFoundException" ||
		facts["organizations:DescribeOrganization/"] != "AWSOrganizationsNotInUseException" ||
		facts["iam:ListOrganizationsFeatures/"] != "AccountNotManagementOrDelegatedAdministratorException" || content.Set.CentralRoot != nil {
		t.Errorf("facts %v", facts)
	}
	if content.Set.Account.Kind != evidence.KindStandalone {
		t.Errorf("account kind %s", content.Set.Account.Kind)
	}
	b.reread(content)
}

func TestMissingPage(t *testing.T) {
	for name, fault := range map[string]fakeaws.Fault{
		"denied":   {Status: 403, Code: "AccessDenied"},
		"throttle": {Status: 400, Code: "Throttling"},
		"empty":    {Empty: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, withUsers(2500))
			b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
				if r.Form.Get("Marker") == "page-1000" {
					return &fault
				}
				return nil
			}
			content := b.run()
			q := question{action: "iam:GetAccountAuthorizationDetails"}
			f := failure(content.Set, q)
			if f == nil || !strings.HasSuffix(f.CallID, "-2") || answered(content.Set, q) {
				t.Errorf("failure %+v", f)
			}
			if n := len(content.Set.IAM.Users); n != 1000 {
				t.Errorf("%d users of the pages before", n)
			}
			b.reread(content)
		})
	}
}

// The SDK's sleep would be the machine's; ours is the caller's, and bounded.
func TestBackOff(t *testing.T) {
	q := question{action: "iam:GetAccountSummary"}
	throttled := fakeaws.Fault{Status: 400, Code: "Throttling"}

	t.Run("grows", func(t *testing.T) {
		b := newBench(t, standard())
		b.fake.Fault = q.always(throttled)
		b.run()
		if len(b.slept) != maxAttempt-1 {
			t.Fatalf("slept %v", b.slept)
		}
		for i, d := range b.slept {
			limit := time.Duration(min(math.Pow(2, float64(i+1)), 20)) * time.Second
			if d < 0 || d > limit || i >= 4 && d != 20*time.Second {
				t.Errorf("wait %d is %v, limit %v", i+1, d, limit)
			}
		}
	})
	t.Run("ends with the operation's three minutes", func(t *testing.T) {
		b := newBench(t, standard())
		inner := q.always(throttled)
		b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
			f := inner(r)
			if f != nil {
				b.add(50 * time.Second)
			}
			return f
		}
		content := b.run()
		// 150 s and less than 14 s of waits after the third attempt, 200 s after the fourth.
		if n := len(attempts(content, q)); n != 4 {
			t.Errorf("%d attempts, want 4", n)
		}
		if f := failure(content.Set, q); f == nil || f.Code != "Throttling" {
			t.Errorf("failure %+v", f)
		}
		if answered(content.Set, q) || len(content.Set.Failures) != 1 {
			t.Errorf("failures %+v", content.Set.Failures)
		}
		b.reread(content)
	})
	t.Run("waits as long as AWS asks", func(t *testing.T) {
		for header, least := range map[string]time.Duration{"4500": 4500 * time.Millisecond, "9999999": 5 * time.Second, "0": 0, "-7": 0, "soon": 0} {
			b := newBench(t, standard())
			asked := throttled
			asked.Header = map[string]string{"X-Amz-Retry-After": header}
			b.fake.Fault = q.first(1, asked)
			content := b.run()
			if len(b.slept) != 1 || b.slept[0] < least || b.slept[0] > 7*time.Second {
				t.Errorf("asked for %s ms, slept %v", header, b.slept)
			}
			if len(content.Set.Failures) > 0 {
				t.Errorf("failures %+v", content.Set.Failures)
			}
		}
	})
	t.Run("whatever AWS_MAX_ATTEMPTS and AWS_RETRY_MODE say", func(t *testing.T) {
		for _, mode := range []string{"standard", "adaptive"} {
			b := newBench(t, standard())
			t.Setenv("AWS_MAX_ATTEMPTS", "2")
			t.Setenv("AWS_RETRY_MODE", mode)
			b.fake.Fault = q.first(5, throttled)
			if content := b.run(); len(content.Set.Failures) > 0 {
				t.Errorf("%s: failures %+v", mode, content.Set.Failures)
			}
		}
	})
}

func TestRunOutOfTime(t *testing.T) {
	summary, next := question{action: "iam:GetAccountSummary"}, question{action: "iam:ListOrganizationsFeatures"}
	throttled := fakeaws.Fault{Status: 400, Code: "Throttling"}
	tests := []struct {
		name    string
		prepare func(*bench, *manualDeadline)
		code    string
		sent    int // attempts of the summary
	}{
		{"while AWS is silent", func(b *bench, d *manualDeadline) {
			b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
				if !summary.matches(r) {
					return nil
				}
				d.pass()
				return &fakeaws.Fault{Delay: 24 * time.Hour}
			}
		}, "RunTimeout", 1},
		{"in the wait before a retry", func(b *bench, d *manualDeadline) {
			b.fake.Fault = summary.always(throttled)
			b.wake = d.pass
		}, "Throttling", 1},
		{"between two questions", func(b *bench, d *manualDeadline) {
			b.look = func() { // the next question looks at the clock first
				if b.fake.Counts()["iam:GetAccountAuthorizationDetails"] == 1 {
					d.pass()
				}
			}
		}, "RunTimeout", 0},
	}
	calm := newBench(t, standard()).clean().Set
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, standard())
			d := newManualDeadline()
			test.prepare(b, d)
			content, err := b.collect(d)
			if err != nil {
				t.Fatal(err)
			}
			f := failure(content.Set, summary)
			if f == nil || f.Code != test.code || (f.CallID == "") != (test.sent == 0) {
				t.Errorf("failure %+v", f)
			}
			if n := len(attempts(content, summary)); n != test.sent {
				t.Errorf("%d attempts recorded, want %d", n, test.sent)
			}
			rest := failure(content.Set, next)
			if rest == nil || rest.Code != "RunTimeout" || rest.CallID != "" || rest.Status != 0 || rest.Region != virginia {
				t.Errorf("failure of the unsent question %+v", rest)
			}
			if gone := lost(calm, content.Set); len(content.Set.Answers) < 3 || len(gone) > 0 {
				t.Errorf("%d answers; neither answered nor failed: %v", len(content.Set.Answers), gone)
			}
			b.close() // what was under way when the time was up
			b.reread(content)
		})
	}
}

func TestUserCancels(t *testing.T) {
	for name, cancelAt := range map[string]question{
		"before anything": {action: "sts:GetCallerIdentity"}, "in IAM": {action: "iam:GetAccountSummary"}, "in the last question": {action: "organizations:DescribeOrganization"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, standard())
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
				if !cancelAt.matches(r) {
					return nil
				}
				cancel()
				return &fakeaws.Fault{Delay: 24 * time.Hour}
			}
			_, err := b.collect(ctx)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// No identity, no evidence: the run is an error.
func TestIdentityFails(t *testing.T) {
	q := question{action: "sts:GetCallerIdentity"}
	tests := map[string]struct {
		fault fakeaws.Fault
		code  string
	}{
		"denied":            {fakeaws.Fault{Status: 403, Code: "InvalidClientTokenId"}, "InvalidClientTokenId"},
		"empty":             {fakeaws.Fault{Empty: true}, "EmptyBody"},
		"login page":        {fakeaws.Fault{Status: 200, Body: loginPage}, "MalformedBody"},
		"without account":   {fakeaws.Fault{Status: 200, Body: "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"}, "MalformedBody"},
		"account too short": {fakeaws.Fault{Status: 200, Body: "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"}, "MalformedBody"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, standard())
			b.fake.Fault = q.always(test.fault)
			_, err := b.collect(context.Background())
			if evidence.ErrorCode(err) != test.code {
				t.Errorf("error %v", err)
			}
		})
	}
}

// Credentials that end in the middle fail every later question, and the codes of
// the provider's own service are never taken for AWS's answer.
func TestCredentialsEndMidRun(t *testing.T) {
	b := newBench(t, standard())
	container(t, "2001-01-01T00:00:00Z", func(n int) bool { return n > 3 }) // asked for every call
	content := b.run()
	if len(content.Recording.Calls) != 3 || len(content.Set.Failures) < 5 {
		t.Fatalf("%d calls, %d failures: %+v", len(content.Recording.Calls), len(content.Set.Failures), content.Set)
	}
	for _, f := range content.Set.Failures {
		if f.Code != "CredentialsError" || f.CallID != "" || f.Status != 0 {
			t.Errorf("failure %+v", f)
		}
	}
	if len(content.Set.Contacts.Alternate) != 0 {
		t.Errorf("contacts %+v", content.Set.Contacts)
	}
	nothingSecret(t, content)
	b.reread(content)
}

// A role that can no longer be assumed leaves its denied line, and no answer.
func TestRoleEndsMidRun(t *testing.T) {
	a := standard()
	a.Role.Expires = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) // assumed anew for every call
	b := newBench(t, a)
	webIdentity(t)
	b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == "sts:AssumeRoleWithWebIdentity" && r.Number >= 3 {
			return &fakeaws.Fault{Status: 403, Code: "AccessDenied"}
		}
		return nil
	}
	content := b.run()
	lines := attempts(content, question{action: "sts:AssumeRoleWithWebIdentity"})
	if len(lines) <= 3 || len(content.Set.Answers) != 3 || len(content.Set.Failures) < len(lines)-3 {
		t.Fatalf("%d lines, %d answers, %d failures", len(lines), len(content.Set.Answers), len(content.Set.Failures))
	}
	denied := 0
	for _, l := range lines {
		if l.ErrorCode == "AccessDenied" {
			denied++
		}
		if l.Body != "" || l.Detail["roleArn"] != roleARN || l.RequestID == "" {
			t.Errorf("line %+v", l)
		}
	}
	if denied != len(lines)-3 {
		t.Errorf("%d denials of %d", denied, len(lines))
	}
	for _, f := range content.Set.Failures {
		if f.Code != "CredentialsError" || f.CallID != "" {
			t.Errorf("failure %+v", f)
		}
	}
	nothingSecret(t, content)
	b.reread(content)
}

func TestHookEndsTheRun(t *testing.T) {
	b := newBench(t, standard())
	conn, err := collect.Open(context.Background(), collect.Target{Now: b.Now, Sleep: b.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	refusal := errors.New("the target exists")
	_, err = collect.Run(context.Background(), conn, "test", collect.Scope{}, collect.Hooks{Identified: func(account string, at time.Time) error {
		if account != accountID || !at.Equal(start) {
			t.Errorf("identified %s at %v", account, at)
		}
		return refusal
	}})
	if !errors.Is(err, refusal) || b.total() != 1 {
		t.Errorf("error %v after %d requests", err, b.total())
	}
}
