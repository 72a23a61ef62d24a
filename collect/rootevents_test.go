package collect_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

func ids(r *evidence.RootEvents) []string {
	var out []string
	for _, e := range r.Events {
		out = append(out, e.ID)
	}
	return out
}

// Kept are root's events, each once, by time; others of the same name are counted.
func TestRootEvents(t *testing.T) {
	yes := true
	event := func(id string, age time.Duration, change func(*fakeaws.TrailEvent)) fakeaws.TrailEvent {
		e := rootEvent(id, age)
		change(&e)
		return e
	}
	a := standard()
	a.RootEvents = []fakeaws.TrailEvent{
		rootEvent("login", 5*time.Hour),
		event("failed login", 4*time.Hour, func(e *fakeaws.TrailEvent) { e.Failed, e.MFA = true, "No" }),
		event("by key", 3*time.Hour, func(e *fakeaws.TrailEvent) {
			e.Name, e.Source, e.AccessKeyed, e.ReadOnly = "ListUsers", "iam.amazonaws.com", true, &yes
		}),
		event("denied", 2*time.Hour, func(e *fakeaws.TrailEvent) {
			e.Name, e.Source, e.Failed, e.MFA = "CreateUser", "iam.amazonaws.com", true, "true"
		}),
		event("by a service", 2*time.Hour, func(e *fakeaws.TrailEvent) { e.Name, e.InvokedBy = "Decrypt", "cloudformation.amazonaws.com" }),
		event("by alias", time.Hour, func(e *fakeaws.TrailEvent) { e.Username = "gasang" }),
		event("in Seoul", time.Hour, func(e *fakeaws.TrailEvent) { e.Name, e.Region = "RunInstances", seoul }),
		event("twice", 30*time.Minute, func(*fakeaws.TrailEvent) {}),
		event("twice", 30*time.Minute, func(e *fakeaws.TrailEvent) { e.History = seoul }), // in two histories
		event("a user named root", time.Hour, func(e *fakeaws.TrailEvent) { e.Identity = "IAMUser" }),
		event("a session named as the alias", time.Hour, func(e *fakeaws.TrailEvent) { e.Identity, e.Username = "AssumedRole", "gasang" }),
		event("somebody else", time.Hour, func(e *fakeaws.TrailEvent) { e.Identity, e.Username = "IAMUser", "kim" }),
		rootEvent("90 days ago", 90*24*time.Hour),
		rootEvent("before that", 90*24*time.Hour+time.Second),
		rootEvent("now", 0),
		rootEvent("later", -time.Second),
	}
	b := newBench(t, a)
	content := b.clean()
	r := content.Set.RootEvents
	want := []string{"90 days ago", "login", "failed login", "by key", "by a service", "denied", "by alias", "in Seoul", "twice", "now"}
	if got := ids(r); !slices.Equal(got, want) {
		t.Fatalf("events %q\nwant %q", got, want)
	}
	if r.Others != 2 || !r.To.Equal(start) || !r.From.Equal(start.Add(-90*24*time.Hour)) {
		t.Errorf("%d others, from %v to %v", r.Others, r.From, r.To)
	}
	for i, want := range map[int]evidence.RootEvent{
		1: {Name: "ConsoleLogin", Source: "signin.amazonaws.com", Type: "AwsConsoleSignIn", Region: virginia, SourceIP: "203.0.113.9", MFA: "Yes", ReadOnly: new(bool)},
		2: {Name: "ConsoleLogin", Source: "signin.amazonaws.com", Type: "AwsConsoleSignIn", Region: virginia, SourceIP: "203.0.113.9", MFA: "No", ReadOnly: new(bool), Failed: true, ErrorCode: "Failed authentication"},
		3: {Name: "ListUsers", Source: "iam.amazonaws.com", Type: "AwsApiCall", Region: virginia, SourceIP: "203.0.113.9", AccessKeyed: true, ReadOnly: &yes},
		5: {Name: "CreateUser", Source: "iam.amazonaws.com", Type: "AwsApiCall", Region: virginia, SourceIP: "203.0.113.9", MFA: "true", ReadOnly: new(bool), Failed: true, ErrorCode: "AccessDenied"},
		4: {Name: "Decrypt", Source: "signin.amazonaws.com", Type: "AwsApiCall", Region: virginia, SourceIP: "203.0.113.9", MFA: "Yes", ReadOnly: new(bool), InvokedBy: "cloudformation.amazonaws.com"},
	} {
		got := r.Events[i]
		if len(got.Calls) != 1 || !strings.HasPrefix(got.Calls[0], "cloudtrail-LookupEvents-us-east-1-") {
			t.Errorf("%s rests on %v", got.ID, got.Calls)
		}
		want.ID, want.At, want.Calls = got.ID, got.At, got.Calls
		if !reflect.DeepEqual(got, want) {
			t.Errorf("event %+v\nwant %+v", got, want)
		}
	}
	if x := answer(content.Set, "cloudtrail:LookupEvents", virginia, "Username=root"); x == nil || x.Count != 9 {
		t.Errorf("answer %+v", x)
	}
	for _, region := range []string{seoul, virginia} {
		if x := answer(content.Set, "cloudtrail:LookupEvents", region, "Username=gasang"); x == nil {
			t.Errorf("the alias was not asked for in %s", region)
		}
	}
	// The ids of keys are in the raw bodies only.
	for name, text := range unpacked(t, content) {
		if strings.Contains(text, "AKIA") && !strings.HasPrefix(name, "raw/") && name != "the zip" {
			t.Errorf("%s holds the id of a key", name)
		}
	}
	b.reread(content)
}

// Whose names are asked for: root, and the account's aliases; each once.
func TestRootNames(t *testing.T) {
	denied := fakeaws.Fault{Status: 403, Code: "AccessDenied"}
	for name, test := range map[string]struct {
		aliases  []string
		fault    func(fakeaws.Request) *fakeaws.Fault
		subjects []string
	}{
		"no alias":            {nil, nil, []string{"Username=root"}},
		"an alias":            {[]string{"gasang"}, nil, []string{"Username=gasang", "Username=root"}},
		"an alias named root": {[]string{"root"}, nil, []string{"Username=root"}},
		"the alias is denied": {[]string{"gasang"}, only("iam:ListAccountAliases", -1, denied), []string{"Username=root"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := standard()
			a.Aliases = test.aliases
			a.RootEvents = []fakeaws.TrailEvent{{RootEvent: rootEvent("user", time.Hour).RootEvent, Identity: "IAMUser"}}
			b := newBench(t, a)
			b.fake.Now = nil
			b.fake.Fault = test.fault
			content := b.run()
			var subjects []string
			for _, x := range content.Set.Answers {
				if x.Action == "cloudtrail:LookupEvents" && x.Region == virginia {
					subjects = append(subjects, x.Subject)
				}
			}
			if !slices.Equal(subjects, test.subjects) || asked(content)[virginia]["cloudtrail:LookupEvents"] != len(test.subjects) {
				t.Errorf("asked for %q", subjects)
			}
			b.reread(content)
		})
	}
}

// What can't be read is a failure, and what was read before it stays.
func TestRootEventsFail(t *testing.T) {
	a := standard()
	a.Aliases = nil
	for i := range 120 {
		a.RootEvents = append(a.RootEvents, rootEvent(fmt.Sprintf("e-%03d", i), time.Duration(i+1)*time.Minute))
	}
	page := func(records ...string) *fakeaws.Fault {
		var events []string
		for i, r := range records {
			events = append(events, fmt.Sprintf(`{"EventId":"x-%d","CloudTrailEvent":%q}`, i, r))
		}
		return &fakeaws.Fault{Status: 200, Body: `{"Events":[` + strings.Join(events, ",") + `]}`}
	}
	const good = `{"eventID":"good","eventTime":"2026-11-20T00:00:00Z","eventName":"ConsoleLogin","userIdentity":{"type":"Root"}}`
	for name, test := range map[string]struct {
		fault *fakeaws.Fault
		nth   int // the page that fails
		code  string
		kept  int
	}{
		"denied":                       {&fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}, -1, "AccessDeniedException", 0},
		"the second page is denied":    {&fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}, 1, "AccessDeniedException", 50},
		"throttled for ever":           {&fakeaws.Fault{Status: 400, Code: "ThrottlingException"}, -1, "ThrottlingException", 0},
		"a token that comes again":     {&fakeaws.Fault{Status: 200, Body: `{"Events":[],"NextToken":"t"}`}, -1, "MalformedBody", 0},
		"an answer without events":     {&fakeaws.Fault{Status: 200, Body: `{}`}, 0, "MalformedBody", 0},
		"a record that is no JSON":     {page(good, "ConsoleLogin"), 0, "MalformedBody", 1},
		"a record that is empty":       {page(""), 0, "MalformedBody", 0},
		"a record without an identity": {page(good, `{"eventID":"x","eventTime":"2026-11-20T00:00:00Z"}`), 0, "MalformedBody", 1},
		"a record without a time":      {page(`{"eventID":"x","userIdentity":{"type":"Root"}}`), 0, "MalformedBody", 0},
		"a record without an id":       {page(`{"eventTime":"2026-11-20T00:00:00Z","userIdentity":{"type":"Root"}}`), 0, "MalformedBody", 0},
		"a time that is none":          {page(`{"eventID":"x","eventTime":"gestern","userIdentity":{"type":"Root"}}`), 0, "MalformedBody", 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, a)
			b.fake.Now = nil
			b.fake.Fault = within(virginia, "cloudtrail:LookupEvents", test.nth, *test.fault)
			content := b.run()
			f := content.Set.Failures
			if len(f) != 1 || f[0].Action != "cloudtrail:LookupEvents" || f[0].Subject != "Username=root" || f[0].Region != virginia || f[0].Code != test.code || f[0].CallID == "" {
				t.Fatalf("failures %+v", f)
			}
			if n := len(content.Set.RootEvents.Events); n != test.kept {
				t.Errorf("%d events kept, want %d", n, test.kept)
			}
			if answer(content.Set, "cloudtrail:LookupEvents", virginia, "Username=root") != nil || answer(content.Set, "cloudtrail:LookupEvents", seoul, "Username=root") == nil {
				t.Errorf("answers %+v", content.Set.Answers)
			}
			b.reread(content)
		})
	}
}

// AWS grants two calls of LookupEvents a second in a region.
func TestLookUpsAreSpaced(t *testing.T) {
	const pages = 12
	a := standard()
	a.Regions, a.Aliases = []evidence.Region{{Name: virginia}}, nil
	for i := range 50*pages - 1 {
		a.RootEvents = append(a.RootEvents, rootEvent(fmt.Sprintf("e-%03d", i), time.Duration(i+1)*time.Minute))
	}
	b := newBench(t, a)
	var mu sync.Mutex
	var at []time.Time
	b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == "cloudtrail:LookupEvents" {
			mu.Lock()
			at = append(at, b.Now())
			mu.Unlock()
		}
		return nil
	}
	content := b.clean()
	if len(at) != pages || len(content.Set.RootEvents.Events) != 50*pages-1 {
		t.Fatalf("%d calls, %d events", len(at), len(content.Set.RootEvents.Events))
	}
	for i := 2; i < len(at); i++ {
		if gap := at[i].Sub(at[i-2]); gap < time.Second-time.Millisecond && i > 2 { // two at once, then two a second
			t.Errorf("three calls in %s: %v", gap, at)
		}
	}
	if took := at[pages-1].Sub(at[0]); took < (pages-2)*time.Second/2-time.Millisecond || took > pages*time.Second/2 {
		t.Errorf("%d calls took %s", pages, took)
	}
	b.reread(content)
}
