package awsconn

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"auditbinder/collect/evidence"
	collectiam "auditbinder/collect/iam"
	"auditbinder/collect/sample/fakeaws"
)

var start = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

var allow = append([]string{GetCallerIdentity}, collectiam.Actions...)

func open(t *testing.T) *Conn {
	conn, err := Open(context.Background(), Options{
		Allow: allow, ServiceIDs: serviceIDs,
		Now:   func() time.Time { return start },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func fake() *fakeaws.Server {
	return &fakeaws.Server{Account: fakeaws.Account{ID: "123456789012", CallerARN: "arn:aws:iam::123456789012:user/audit"}}
}

func collectIAM(conn *Conn) evidence.Set {
	var sink evidence.Sink
	collectiam.Collect(context.Background(), iam.NewFromConfig(conn.Global()), &sink, conn.Sleep)
	return sink.Set()
}

// A silent AWS ends each attempt by its own timeout, not the run.
func TestSilence(t *testing.T) {
	server := fake()
	server.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == collectiam.Summary {
			return &fakeaws.Fault{Delay: 24 * time.Hour}
		}
		return nil
	}
	listener := httptest.NewServer(server)
	defer listener.Close()
	fakeaws.Environment(t.Setenv, listener.URL)
	conn := open(t)
	conn.recorder.wire.(*liveWire).limit = func(ctx context.Context) (context.Context, context.CancelFunc) {
		if awsmiddleware.GetOperationName(ctx) == "GetAccountSummary" {
			return context.WithTimeout(ctx, time.Millisecond)
		}
		return limitAttempt(context.WithTimeout, func() time.Time { return start })(ctx)
	}
	live := collectIAM(conn)
	if len(live.Failures) != 1 || live.Failures[0].Code != codeRequestTimeout || len(live.Answers) != 4 {
		t.Fatalf("failures %+v", live.Failures)
	}
	rec := conn.Recording("123456789012")
	n := 0
	for _, c := range rec.Calls {
		if c.Action() == collectiam.Summary {
			if n++; c.ErrorCode != codeRequestTimeout || c.Status != 0 || c.Body != "" {
				t.Errorf("attempt %+v", c)
			}
		}
	}
	if n != maxAttempts {
		t.Errorf("%d attempts", n)
	}
	if replayed := collectIAM(Replay(rec, allow, false)); !reflect.DeepEqual(replayed, live) {
		t.Errorf("replayed %+v\nwant %+v", replayed, live)
	}
}

// Attempts end after their minute, those of a silent region sooner, and the last
// one with its operation's three minutes.
func TestAttemptsShareTheOperationsTime(t *testing.T) {
	at := start
	var given time.Duration
	limit := limitAttempt(func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		given = d
		return context.WithCancel(ctx)
	}, func() time.Time { return at })
	for _, tt := range []struct {
		inv     *invocation
		elapsed time.Duration
		want    time.Duration
	}{
		{nil, 0, time.Minute},
		{&invocation{started: start}, 0, time.Minute},
		{&invocation{started: start}, 2 * time.Minute, time.Minute},
		{&invocation{started: start}, 150 * time.Second, 30 * time.Second},
		{&invocation{started: start}, 181 * time.Second, 10 * time.Second},
		{&invocation{started: start, silent: true}, 0, 10 * time.Second},
		{&invocation{started: start, silent: true}, 175 * time.Second, 10 * time.Second},
	} {
		at = start.Add(tt.elapsed)
		ctx := context.Background()
		if tt.inv != nil {
			ctx = context.WithValue(ctx, invocationKey{}, tt.inv)
		}
		_, cancel := limit(ctx)
		cancel()
		if given != tt.want {
			t.Errorf("%+v after %v: %v, want %v", tt.inv, tt.elapsed, given, tt.want)
		}
	}
}

func TestAttemptTimeout(t *testing.T) {
	ctx, cancel := limitAttempt(context.WithTimeout, time.Now)(context.Background())
	defer cancel()
	if _, ok := ctx.Deadline(); !ok || attemptTimeout != time.Minute || operationTimeout != 3*time.Minute || maxAttempts != 8 {
		t.Error("production limits have changed")
	}
}

// The SDK would sleep by the machine's clock for this header.
func TestRetryAfterNeverReachesTheSDK(t *testing.T) {
	server := fake()
	server.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		f := &fakeaws.Fault{Header: map[string]string{retryAfterHeader: "5000"}}
		if r.Number < 3 {
			f.Status, f.Code = 400, "Throttling"
		}
		return f
	}
	listener := httptest.NewServer(server)
	defer listener.Close()
	fakeaws.Environment(t.Setenv, listener.URL)
	conn := open(t)
	seen := 0
	client := iam.NewFromConfig(conn.Global(), func(o *iam.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("look", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
				middleware.DeserializeOutput, middleware.Metadata, error,
			) {
				out, md, err := next.HandleDeserialize(ctx, in)
				if resp, ok := out.RawResponse.(*smithyhttp.Response); ok {
					seen++
					if resp.Header.Get(retryAfterHeader) != "" {
						t.Error("the SDK sees the header")
					}
				}
				return out, md, err
			}), middleware.After)
		})
	})
	if _, err := client.GetAccountSummary(context.Background(), &iam.GetAccountSummaryInput{}); err != nil || seen != 4 {
		t.Errorf("%d answers, error %v", seen, err)
	}
}

// A real endpoint behind a configured CA bundle.
func TestCABundle(t *testing.T) {
	listener := httptest.NewUnstartedServer(fake())
	quiet(listener)
	listener.StartTLS()
	defer listener.Close()
	fakeaws.Environment(t.Setenv, listener.URL)
	if _, err := open(t).Identity(context.Background()); evidence.ErrorCode(err) != codeTLSError {
		t.Errorf("unknown authority gives %v", err)
	}
	t.Setenv("AWS_CA_BUNDLE", write(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw}))))
	conn := open(t)
	id, err := conn.Identity(context.Background())
	if err != nil || id.Account != "123456789012" {
		t.Fatalf("identity %+v, error %v", id, err)
	}
	for _, c := range conn.Recording("").Calls {
		if c.Source != evidence.SourceCustom {
			t.Errorf("source %s", c.Source)
		}
	}
}

func TestEchoes(t *testing.T) {
	const token = "IQoJb3JpZ2luX2VjEA/short+pieces==AndOneMuchLongerPiece"
	for body, want := range map[string]bool{
		"": false, "nothing of it": false, "x " + token + " y": true, "short pieces": false,
		`{"m":"IQoJb3JpZ2luX2VjEA\/short"}`: true, "AndOneMuchLongerPiece": true, "AndOneMuch": false,
	} {
		if got := echoes([]byte(body), token); got != want {
			t.Errorf("%q: %t", body, got)
		}
	}
	if echoes([]byte("body"), "") {
		t.Error("no token is echoed")
	}
	if !echoes([]byte("a tiny-token here"), "tiny-token") {
		t.Error("a short token is searched as it is")
	}
}

func TestBodyLimits(t *testing.T) {
	form := httptest.NewRequest(http.MethodPost, "/", nil)
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	plain := httptest.NewRequest(http.MethodPost, "/", nil)
	plain.Header.Set("Content-Type", "application/json")
	for _, test := range []struct {
		name, contentType, body string
		req                     *http.Request
		want                    string
	}{
		{"XML", "text/xml", "<XResponse><a/></XResponse>", form, ""},
		{"XML with a declaration", "text/xml;charset=UTF-8", "<?xml version=\"1.0\"?>\n<!-- a --><XResponse/>\n", form, ""},
		{"XML without a type", "", "<XResponse/>", form, ""},
		{"JSON", "application/json", "{}", plain, ""},
		{"AWS JSON", "application/x-amz-json-1.1", " {\"a\":1}\n", plain, ""},
		{"JSON without a type", "", "{}", plain, ""},
		{"nothing", "application/json", "", plain, codeEmptyBody},
		{"JSON for XML", "application/json", "{}", form, codeMalformedBody},
		{"XML for JSON", "text/xml", "<XResponse/>", plain, codeMalformedBody},
		{"two objects", "application/json", "{}{}", plain, codeMalformedBody},
		{"a string", "application/json", `"a"`, plain, codeMalformedBody},
		{"HTML", "text/html", "<html></html>", form, codeMalformedBody},
		{"HTML without a type", "", "<!DOCTYPE html><html></html>", form, codeMalformedBody},
		{"cut in a tag", "text/xml", "<XResponse><a", form, codeMalformedBody},
		{"cut between tags", "text/xml", "<XResponse><a/>", form, codeMalformedBody},
		{"only a declaration", "text/xml", `<?xml version="1.0"?>`, form, codeMalformedBody},
		{"another root", "text/xml", "<YResponse/>", form, codeMalformedBody},
		{"an error with 200", "text/xml", "<ErrorResponse/>", form, codeMalformedBody},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("Content-Type", test.contentType)
			got := ""
			if err := checkBody("X", test.req, h, []byte(test.body)); err != nil {
				got = err.code
			}
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// The SDK would read false where nothing is said.
func TestMembersThatAnswersNeed(t *testing.T) {
	plain := httptest.NewRequest(http.MethodPost, "/", nil)
	h := http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
	for body, want := range map[string]bool{`{"Result":false}`: true, `{"Result":true}`: true, `{}`: false, `{"result":true}`: false, `{"Result":null}`: false} {
		if err := checkBody("TestEventPattern", plain, h, []byte(body)); (err == nil) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestGlobalRegion(t *testing.T) {
	for region, want := range map[string]string{
		"ap-northeast-2": "us-east-1", "us-east-1": "us-east-1", "cn-north-1": "cn-northwest-1", "us-gov-east-1": "us-gov-west-1", "": "us-east-1",
		"eusc-de-east-1": "eusc-de-east-1", "eusc-de-west-1": "eusc-de-east-1", "eu-central-1": "us-east-1",
	} {
		if got := globalRegion(region); got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
}

// Twenty at once, then one every 50 ms, for each service by itself.
func TestLimiter(t *testing.T) {
	l := newLimiter(func() time.Time { return start }, nil)
	for _, tt := range []struct {
		action, region string
		burst, rate    int
	}{
		{"iam:GetUser", "us-east-1", 20, 20}, {"sts:GetCallerIdentity", "us-east-1", 20, 20}, {"ec2:DescribeInstances", "us-east-1", 20, 20},
		{"ec2:DescribeInstances", "us-east-2", 20, 20}, // another region, another bucket
		{"cloudtrail:LookupEvents", "us-east-1", 2, 2}, {"cloudtrail:DescribeTrails", "us-east-1", 20, 20}, {"logs:TestMetricFilter", "us-east-1", 5, 5},
	} {
		service, operation, _ := strings.Cut(tt.action, ":")
		for i := range 25 {
			want := time.Duration(max(0, i-tt.burst+1)) * time.Second / time.Duration(tt.rate)
			if got := l.delay(evidence.Call{Service: service, Operation: operation, Region: tt.region}); got != want {
				t.Errorf("%s %s: request %d waits %v, want %v", tt.action, tt.region, i+1, got, want)
			}
		}
	}
}

// The line of a role is no better than what was seen of the network.
func TestRoleLineOfAnInspectedNetwork(t *testing.T) {
	r := newRecorder(allow)
	r.roleSource = evidence.SourceAWS
	r.noteRole(evidence.Call{Service: "sts", Operation: "AssumeRole", Status: 200, RequestID: "r"}, "arn:aws:iam::1:role/a", []string{"Throttling", codeConnectionReset})
	r.attempts = append(r.attempts, &attempt{call: evidence.Call{ID: "x", Attempt: 1, Source: evidence.SourceIntercepted}})
	calls := r.recording("1").Calls
	if len(calls) != 4 {
		t.Fatalf("calls %+v", calls)
	}
	for i, c := range calls[:3] {
		last := i == 2
		if c.Source != evidence.SourceIntercepted || c.Attempt != i+1 || c.Last != last || (c.RequestID == "r") != last || c.ErrorCode != []string{"Throttling", codeConnectionReset, ""}[i] {
			t.Errorf("line %+v", c)
		}
	}
}

// A wait that the run's end cuts short leaves no exchange and names none.
func TestRunEndsInTheLimiter(t *testing.T) {
	server := fake()
	listener := httptest.NewServer(server)
	defer listener.Close()
	fakeaws.Environment(t.Setenv, listener.URL)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	conn, err := Open(ctx, Options{Allow: allow, Now: func() time.Time { return start }, Sleep: func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	client := iam.NewFromConfig(conn.Global())
	for i := range usualPace.burst + 1 {
		_, trace, err := evidence.Ask(ctx, client.GetAccountSummary, &iam.GetAccountSummaryInput{})
		if i < usualPace.burst {
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		var call *evidence.CallError
		if !errors.As(err, &call) || call.Code != codeCanceled || call.CallID != "" || trace.CallID != "" {
			t.Errorf("error %v, trace %+v", err, trace)
		}
	}
	if n := len(conn.Recording("").Calls); n != usualPace.burst || server.Counts()[collectiam.Summary] != usualPace.burst {
		t.Errorf("%d recorded, %v sent", n, server.Counts())
	}
}

// Calls side by side keep their ids apart.
func TestParallelCalls(t *testing.T) {
	server := fake()
	server.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		if r.Number < maxAttempts-1 { // whoever meets them, no call can meet more
			return &fakeaws.Fault{Status: 400, Code: "Throttling"}
		}
		return nil
	}
	listener := httptest.NewServer(server)
	defer listener.Close()
	fakeaws.Environment(t.Setenv, listener.URL)
	conn := open(t)
	client := iam.NewFromConfig(conn.Global())
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := client.GetAccountSummary(context.Background(), &iam.GetAccountSummaryInput{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids, seen := map[string]bool{}, map[string]bool{}
	rec := conn.Recording("")
	for _, c := range rec.Calls {
		ids[c.ID] = true
		key := attemptKey(c.ID, c.Attempt)
		if seen[key] || c.Last != (c.ErrorCode == "") || rec.Bodies[c.Body] == nil {
			t.Errorf("call %+v", c)
		}
		seen[key] = true
	}
	if len(ids) != 16 || len(rec.Calls) != server.Counts()[collectiam.Summary] || len(rec.Bodies) != len(rec.Calls) {
		t.Errorf("%d ids, %d attempts, %d bodies, %v sent", len(ids), len(rec.Calls), len(rec.Bodies), server.Counts())
	}
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestLiveWire(t *testing.T) {
	request := httptest.NewRequest(http.MethodPost, "https://iam.amazonaws.com/", nil)
	elsewhere := httptest.NewRequest(http.MethodPost, "https://elsewhere.example/", nil)
	body := func(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }
	broken := io.NopCloser(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("gone"))))
	tests := []struct {
		name       string
		resp       *http.Response
		code, body string
		host       string
	}{
		{"whole", &http.Response{StatusCode: 200, ContentLength: 4, Body: body("text"), Request: request}, "", "text", "iam.amazonaws.com"},
		{"length not said", &http.Response{StatusCode: 200, ContentLength: -1, Body: body("text"), Request: request}, "", "text", "iam.amazonaws.com"},
		{"shorter than said", &http.Response{StatusCode: 200, ContentLength: 9, Body: body("text"), Request: request}, codeTruncatedBody, "text", "iam.amazonaws.com"},
		{"broken off", &http.Response{StatusCode: 200, ContentLength: -1, Body: broken, Request: request}, codeTruncatedBody, "half", "iam.amazonaws.com"},
		{"redirected", &http.Response{StatusCode: 200, ContentLength: -1, Body: body("text"), Request: elsewhere}, "", "text", "elsewhere.example"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			judge := &sourceJudge{}
			w := &liveWire{now: func() time.Time { return start }, source: judge.source, limit: limitAttempt(context.WithTimeout, time.Now),
				client: clientFunc(func(*http.Request) (*http.Response, error) { return test.resp, nil })}
			x := w.send(request, "", 1)
			code := ""
			if x.err != nil {
				code = x.err.code
			}
			if code != test.code || string(x.body) != test.body || x.host != test.host || !x.sentAt.Equal(start) {
				t.Errorf("code %q, body %q, host %s", code, x.body, x.host)
			}
			if x.source != evidence.SourceCustom { // none of these came over TLS
				t.Errorf("source %s", x.source)
			}
		})
	}
}
