package awsconn

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"auditbinder/collect/evidence"
)

// Recorder is the aws.HTTPClient of the audited services' clients. It refuses
// operations outside the allow-list, gives every exchange its call id and keeps
// bodies as received.
type Recorder struct {
	wire  wire
	allow map[string]bool
	limit *limiter
	// roleSource is the least source of the lines that credential providers leave.
	roleSource evidence.Source

	mu       sync.Mutex
	attempts []*attempt
	pages    map[string]int  // call id without page -> pages so far
	silent   map[string]bool // region -> a question got no answer at all there
	heard    map[string]bool // service/region -> its last question got one
}

// attempt is one recorded exchange; its body is named when the run is over.
type attempt struct {
	call evidence.Call
	body []byte
	ext  string
}

// wire sends one request, live or replayed.
type wire interface {
	send(req *http.Request, callID string, number int) exchange
}

// exchange is what came of a request.
type exchange struct {
	sentAt time.Time
	host   string
	source evidence.Source
	status int
	header http.Header
	body   []byte
	err    *wireError // no usable answer; status and body may still be set
}

func newRecorder(allow []string) *Recorder {
	r := &Recorder{allow: map[string]bool{}, pages: map[string]int{}, silent: map[string]bool{}, heard: map[string]bool{}}
	for _, action := range allow {
		r.allow[action] = true
	}
	return r
}

// Do implements aws.HTTPClient.
func (r *Recorder) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	call := evidence.Call{
		Service:   servicePrefix(awsmiddleware.GetServiceID(ctx)),
		Operation: awsmiddleware.GetOperationName(ctx),
		Region:    awsmiddleware.GetRegion(ctx),
	}
	inv := invocationOf(ctx)
	if inv == nil || !r.allow[call.Action()] {
		return nil, &ErrNotAllowed{Action: call.Action()}
	}
	params, err := parameters(req)
	if err != nil {
		return nil, fmt.Errorf("read parameters of %s: %w", call.Action(), err)
	}
	call.Parameters = params

	r.mu.Lock()
	if inv.callID == "" {
		base := fmt.Sprintf("%s-%s-%s-%s", call.Service, call.Operation, call.Region, hash8(params))
		r.pages[base]++
		inv.callID = pageID(base, r.pages[base])
		inv.region = call.Region
		inv.silent = regional[call.Service] && r.silent[call.Region] && !r.heard[place(call)]
	}
	inv.attempts++
	call.ID, call.Attempt = inv.callID, inv.attempts
	delay := r.limit.delay(call)
	r.mu.Unlock()
	if delay > 0 {
		if err := r.limit.sleep(ctx, delay); err != nil {
			return nil, err
		}
	}

	x := r.wire.send(req, call.ID, call.Attempt)
	if x.err == nil && x.status/100 == 2 {
		x.err = checkBody(call.Operation, req, x.header, x.body)
	}
	r.keep(req, inv, call, x)
	inv.takeRetryAfter(x.header)
	if x.err != nil {
		return nil, x.err
	}
	return &http.Response{
		StatusCode: x.status, Status: http.StatusText(x.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.header, Body: io.NopCloser(bytes.NewReader(x.body)), ContentLength: int64(len(x.body)), Request: req,
	}, nil
}

// keep records the exchange. A body that echoes the request's session token
// (AWS does so in some signature errors) is dropped.
func (r *Recorder) keep(req *http.Request, inv *invocation, call evidence.Call, x exchange) {
	call.SentAt, call.Host, call.Source, call.Status = x.sentAt.UTC(), x.host, x.source, x.status
	if at, err := http.ParseTime(x.header.Get("Date")); err == nil {
		at = at.UTC()
		call.AWSDate = &at
	}
	call.RequestID = requestID(x.header)
	if x.err != nil {
		call.ErrorCode = x.err.code
	}
	a := &attempt{call: call, ext: bodyExt(x.header, x.body)}
	if echoes(x.body, req.Header.Get("X-Amz-Security-Token")) {
		a.call.Omitted = "본문에 요청의 세션 토큰이 들어 있어 남기지 않음"
	} else {
		a.body = x.body
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts = append(r.attempts, a)
	inv.last = a
}

// regional services are asked region by region, and all of them are out of reach
// together where the way to the region is closed.
var regional = map[string]bool{"ec2": true, "ssm": true, "cloudtrail": true, "events": true, "sns": true, "logs": true, "cloudwatch": true}

func place(c evidence.Call) string { return c.Service + "/" + c.Region }

// noteSilence remembers whether a call got any answer: where all its attempts went
// without, the region's services are tried briefly until they answer.
func (r *Recorder) noteSilence(inv *invocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if inv.last == nil || !regional[inv.last.call.Service] || finalCodes[inv.last.call.ErrorCode] {
		return
	}
	c := inv.last.call
	if r.heard[place(c)] = c.Status != 0; c.Status == 0 {
		r.silent[c.Region] = true
	}
}

// setCode notes the AWS error code that the SDK read from an attempt's body.
func (r *Recorder) setCode(inv *invocation, code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if inv.last != nil && inv.last.call.ErrorCode == "" {
		inv.last.call.ErrorCode = code
	}
}

// recording returns everything kept so far, sorted by call id and attempt.
func (r *Recorder) recording(account string) evidence.Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := map[string]int{}
	unseen := r.roleSource // an exchange not seen on the wire is no better than the others
	for _, a := range r.attempts {
		last[a.call.ID] = max(last[a.call.ID], a.call.Attempt)
		if a.call.Source != "" {
			unseen = unseen.Worse(a.call.Source)
		}
	}
	rec := evidence.Recording{Bodies: map[string][]byte{}}
	for _, a := range r.attempts {
		c := a.call
		c.Account = account
		c.Last = c.Attempt == last[c.ID]
		if c.Source == "" {
			c.Source = unseen
		}
		if len(a.body) > 0 {
			c.Body = bodyName(c, a.ext)
			sum := sha256.Sum256(a.body)
			c.BodySize, c.BodySHA256 = len(a.body), hex.EncodeToString(sum[:])
			rec.Bodies[c.Body] = a.body
		}
		rec.Calls = append(rec.Calls, c)
	}
	slices.SortFunc(rec.Calls, func(a, b evidence.Call) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Attempt, b.Attempt))
	})
	return rec
}

func pageID(base string, page int) string { return fmt.Sprintf("%s-%d", base, page) }

func bodyName(c evidence.Call, ext string) string {
	if c.Last {
		return "raw/" + c.ID + "." + ext
	}
	return fmt.Sprintf("raw/%s.a%d.%s", c.ID, c.Attempt, ext)
}

// servicePrefix turns the SDK's service id into the IAM action prefix.
func servicePrefix(id string) string {
	if p, ok := prefixes[id]; ok {
		return p
	}
	return strings.ToLower(strings.ReplaceAll(id, " ", ""))
}

var prefixes = map[string]string{"CloudWatch Logs": "logs", "EventBridge": "events"}

// volatile parameters (page tokens, times) do not name a call.
var volatile = map[string]bool{
	"Marker": true, "NextToken": true, "nextToken": true, "ClientToken": true,
	"StartTime": true, "EndTime": true, "startTime": true, "endTime": true,
}

// hash8 is the call id's digest of the parameters.
func hash8(params map[string]any) string {
	stable := maps.Clone(params)
	maps.DeleteFunc(stable, func(k string, _ any) bool { return volatile[k] })
	text, err := json.Marshal(stable) // maps marshal in key order
	if err != nil {
		panic("parameters that came from JSON or a form always marshal: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4])
}

// parameters reads what is about to be sent: the form of query protocols, the
// JSON body of the others, and the URL's query.
func parameters(req *http.Request) (map[string]any, error) {
	params := map[string]any{}
	add := func(form url.Values) {
		for k, v := range form {
			if k != "Action" && k != "Version" {
				params[k] = strings.Join(v, ",")
			}
		}
	}
	add(req.URL.Query())
	if req.Body == nil || req.Body == http.NoBody {
		return params, nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if isForm(req) {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		add(form)
		return params, nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return params, nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return params, dec.Decode(&params)
}

// isForm reports whether the request is one of the query protocols.
func isForm(req *http.Request) bool {
	return strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// requestID finds AWS's request id in the headers, under either of its names.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amzn-Request-Id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// invocation is one SDK call with all its attempts.
type invocation struct {
	started  time.Time
	callID   string
	region   string
	attempts int
	last     *attempt
	// silent: the region has left a question without any answer, and the service
	// has not answered since.
	silent bool
	// retryAfter is what the last answer asked to wait, 0 for nothing.
	retryAfter time.Duration
}

// takeRetryAfter takes AWS's wish out of the headers: the SDK would sleep for it
// by the machine's clock.
func (inv *invocation) takeRetryAfter(h http.Header) {
	inv.retryAfter = 0
	if ms, err := strconv.ParseInt(h.Get(retryAfterHeader), 10, 64); err == nil && ms > 0 {
		inv.retryAfter = time.Duration(min(ms, maxRetryAfter.Milliseconds())) * time.Millisecond
	}
	h.Del(retryAfterHeader)
}

type invocationKey struct{}

func invocationOf(ctx context.Context) *invocation {
	inv, _ := ctx.Value(invocationKey{}).(*invocation)
	return inv
}
