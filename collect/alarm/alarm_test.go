package alarm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/sample/fakeaws"
)

var patterns = map[string]bool{ // whether AWS has to be asked
	``:                       false, // a schedule
	`{"source":["aws.ec2"]}`: false,
	`{"source":["aws.ec2","aws.s3"],"detail":{"a":["b"]}}`:   false,
	`{"source":["AWS.SIGNIN"]}`:                              false, // literals know upper case
	`{"source":["aws.signin.other"]}`:                        false,
	`{"source":["aws.signin"]}`:                              true,
	`{"source":["aws.ec2","aws.signin"]}`:                    true,
	`{"source":["aws.\u0073ignin"]}`:                         true,
	`{"source":[{"prefix":"aws."}]}`:                         true,
	`{"source":[{"prefix":"my."}]}`:                          true, // AWS's to say
	`{"source":["aws.ec2",{"suffix":".signin"}]}`:            true,
	`{"source":[{"anything-but":["aws.ec2"]}]}`:              true,
	`{"source":[{"anything-but":{"prefix":"aws.ec2"}}]}`:     true,
	`{"source":[{"equals-ignore-case":"AWS.signin"}]}`:       true,
	`{"source":[{"wildcard":"aws.*in"}]}`:                    true,
	`{"source":[{"exists":true}]}`:                           true,
	`{"$or":[{"source":["aws.signin"]},{"source":["x"]}]}`:   true,
	`{"detail-type":["AWS Console Sign In via CloudTrail"]}`: true,
	`{"detail":{"eventName":["ConsoleLogin"]}}`:              true,
	`{"account":["123456789012"]}`:                           true,
	`{}`:                                                     true,
	`{"source":"aws.ec2"}`:                                   true, // no list: not understood
	`{"source":[]}`:                                          true,
	`{"source":null}`:                                        true,
	`{"source":[null]}`:                                      true,
	`{"source":[7]}`:                                         true,
	`{"source":{"aws.ec2":[]}}`:                              true,
	`{"source":["aws.ec2"]`:                                  true, // malformed
	`[]`:                                                     true,
	`null`:                                                   true,
	`aws.ec2`:                                                true,
	" ":                                                      true,
}

func TestMayMatchSignIn(t *testing.T) {
	for pattern, want := range patterns {
		if got := mayMatchSignIn(pattern); got != want {
			t.Errorf("%s: %t", pattern, got)
		}
	}
}

const event = `{"version":"0","id":"1","detail-type":"AWS Console Sign In via CloudTrail","source":"aws.signin","account":"123456789012","time":"2026-01-01T00:00:00Z",
	"region":"us-east-1","resources":[],"detail":{"userIdentity":{"type":"Root"},"eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"}}}`

// matches is what the fake's TestEventPattern says; a pattern that it refuses does not.
func matchesEvent(t *testing.T, pattern string) bool {
	body, err := json.Marshal(map[string]string{"EventPattern": pattern, "Event": event})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
	r.Header.Set("X-Amz-Target", "AWSEvents.TestEventPattern")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/events/aws4_request")
	w := httptest.NewRecorder()
	(&fakeaws.Server{Account: fakeaws.Account{ID: "123456789012"}}).ServeHTTP(w, r)
	var answer struct{ Result bool }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code == http.StatusOK && answer.Result
}

// No pattern that matches a sign-in is passed over.
func FuzzMayMatchSignIn(f *testing.F) {
	for pattern := range patterns {
		f.Add(pattern)
	}
	f.Add(`{"source":["aws.ec2"],"source":["aws.signin"]}`)
	f.Add(`{"source":["aws.signin"],"source":["aws.ec2"]}`)
	f.Add(`{"source":["x"],"$or":[{"source":["aws.signin"]}]}`)
	f.Fuzz(func(t *testing.T, pattern string) {
		if !mayMatchSignIn(pattern) && matchesEvent(t, pattern) {
			t.Errorf("passed over: %s", pattern)
		}
	})
}

func TestTheFakeMatches(t *testing.T) {
	if !matchesEvent(t, `{"source":["aws.signin"]}`) || matchesEvent(t, `{"source":["aws.ec2"]}`) {
		t.Error("the fuzz target compares with nothing")
	}
}

// A person's address is hidden, a machine's name stays.
func TestMasked(t *testing.T) {
	for _, test := range []struct{ protocol, endpoint, want string }{
		{"email", "gildong.hong@gasang.example", "g***********@gasang.example"},
		{"email-json", "a@gasang.example", "*@gasang.example"},
		{"sms", "+821055500110", "+**********10"},
		{"https", "https://hooks.gasang.example/services/T0/B0?token=secret", "https://hooks.gasang.example/…"},
		{"https", "https://user:secret@hooks.gasang.example:8443/x#y", "https://hooks.gasang.example/…"},
		{"http", "http://10.0.0.9", "http://10.0.0.9/…"},
		{"https", "hooks.gasang.example/secret", "h*************************t"},
		{"https", "https://%zz/secret", "h****************t"},
		{"sqs", "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sqs:us-east-1:123456789012:q"},
		{"lambda", "arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:lambda:us-east-1:123456789012:function:f"},
		{"application", "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/1", "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/1"},
		{"unheard-of", "gildong.hong@gasang.example", "g*************************e"},
		{"email", "", ""},
	} {
		if got := masked(test.protocol, test.endpoint); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.protocol, test.endpoint, got, test.want)
		}
	}
}

func TestAlarmsOf(t *testing.T) {
	for rule, want := range map[string][]string{
		"": nil, "TRUE": nil, "ALARM(a)": {"a"}, `ALARM("a b") AND NOT OK(c)`: {"a b", "c"}, `( insufficient_data ( "x (y)" ) )`: {"x (y)"},
		`ALARM("say \"hi\"\\")`: {`say "hi"\`}, "ALARM(arn:aws:cloudwatch:us-east-1:1:alarm:a)": {"arn:aws:cloudwatch:us-east-1:1:alarm:a"}, `NOTALARM(a)`: nil, `ALARM("a`: nil,
	} {
		if got := alarmsOf(rule); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", rule, got, want)
		}
	}
}
