package collect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// member is an account below an OU whose policies the caller may read.
func member() fakeaws.Account {
	a := standard()
	a.Organization = &fakeaws.Organization{ID: "o-1", ManagementID: "210987654321",
		Targets: []evidence.ControlTarget{
			{ID: accountID, Kind: "ACCOUNT", SCPs: []string{"p-full", "p-net"}},
			{ID: "ou-1", Kind: "ORGANIZATIONAL_UNIT", SCPs: []string{"p-full"}, RCPs: []string{"p-rcp"}},
			{ID: "r-1", Kind: "ROOT", SCPs: []string{"p-full"}},
		},
		Policies: []evidence.ControlPolicy{
			{ID: "p-full", Name: "FullAWSAccess", Kind: "SERVICE_CONTROL_POLICY", Document: `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`},
			{ID: "p-net", Name: "network", Kind: "SERVICE_CONTROL_POLICY", Document: `{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}`},
			{ID: "p-rcp", Name: "resources", Kind: "RESOURCE_CONTROL_POLICY", Document: `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`},
		},
	}
	return a
}

func TestControlPolicies(t *testing.T) {
	b := newBench(t, member())
	content := b.run()
	o := content.Set.Organization
	if len(content.Set.Failures) > 0 || !o.PoliciesRead || len(o.Targets) != 3 || len(o.Policies) != 3 || content.Set.Account.Kind != evidence.KindMember {
		t.Fatalf("failures %+v, organization %+v", content.Set.Failures, o)
	}
	if !slices.Equal(o.Targets[0].SCPs, []string{"p-full", "p-net"}) || !slices.Equal(o.Targets[1].RCPs, []string{"p-rcp"}) || o.Targets[2].Kind != "ROOT" {
		t.Errorf("targets %+v", o.Targets)
	}
	// 2 per ancestor beside ListParents, 1 per policy, each policy once.
	counts := b.fake.Counts()
	if counts["organizations:ListParents"] != 2 || counts["organizations:ListPoliciesForTarget"] != 6 || counts["organizations:DescribePolicy"] != 3 {
		t.Errorf("calls %v", counts)
	}
	b.reread(content)
}

// A chain that breaks anywhere is not called read, and nothing of it is used.
func TestControlPoliciesFail(t *testing.T) {
	tests := []struct {
		name  string
		fault func(fakeaws.Request) *fakeaws.Fault
		code  string
	}{
		{"parents denied", only("organizations:ListParents", 0, fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}), "AccessDeniedException"},
		{"second parent denied", only("organizations:ListParents", 1, fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}), "AccessDeniedException"},
		{"no parent", only("organizations:ListParents", 0, fakeaws.Fault{Status: 200, Body: `{"Parents":[]}`}), "MalformedBody"},
		{"a chain without an end", func(r fakeaws.Request) *fakeaws.Fault {
			if r.Action != "organizations:ListParents" {
				return nil
			}
			return &fakeaws.Fault{Status: 200, Body: fmt.Sprintf(`{"Parents":[{"Id":"ou-%d","Type":"ORGANIZATIONAL_UNIT"}]}`, r.Number)}
		}, "MalformedBody"},
		{"policies denied", only("organizations:ListPoliciesForTarget", 3, fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}), "AccessDeniedException"},
		{"repeated token", only("organizations:ListPoliciesForTarget", -1, fakeaws.Fault{Status: 200, Body: `{"Policies":[],"NextToken":"t"}`}), "MalformedBody"},
		{"no list of policies", only("organizations:ListPoliciesForTarget", 2, fakeaws.Fault{Status: 200, Body: `{}`}), "MalformedBody"},
		{"null for a list of policies", only("organizations:ListPoliciesForTarget", 2, fakeaws.Fault{Status: 200, Body: `{"Policies":null}`}), "MalformedBody"},
		{"one document denied", only("organizations:DescribePolicy", 1, fakeaws.Fault{Status: 400, Code: "AccessDeniedException"}), "AccessDeniedException"},
		{"one document empty", only("organizations:DescribePolicy", 2, fakeaws.Fault{Status: 200, Body: `{"Policy":{"PolicySummary":{"Id":"p"}}}`}), "MalformedBody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, member())
			b.fake.Now = nil
			b.fake.Fault = tt.fault
			content := b.run()
			f := content.Set.Failures
			if len(f) != 1 || f[0].Code != tt.code || content.Set.Organization.PoliciesRead || len(content.Set.Organization.Targets) > 0 {
				t.Errorf("failures %+v, organization %+v", f, content.Set.Organization)
			}
			b.reread(content)
		})
	}
}

// only faults the nth request of an action, every one when n is negative.
func only(action string, n int, f fakeaws.Fault) func(fakeaws.Request) *fakeaws.Fault {
	return func(r fakeaws.Request) *fakeaws.Fault {
		if r.Action == action && (n < 0 || r.Number == n) {
			return &f
		}
		return nil
	}
}

const signInStatement = `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["signin:Authenticate"],"Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24"]}}}`

func TestSignIn(t *testing.T) {
	a := standard()
	a.SignIn = fakeaws.SignIn{Enabled: true, Statements: []string{signInStatement, signInStatement}}
	b := newBench(t, a)
	content := b.run()
	s := content.Set.SignIn
	if s == nil || s.Enabled == nil || !*s.Enabled || !s.PolicyRead || !s.StatementsRead || len(s.Statements) != 2 || len(s.Calls) != 3 {
		t.Fatalf("%+v", s)
	}
	if want := `"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24"]}`; strings.Count(s.Policy, want) != 2 {
		t.Errorf("policy %s", s.Policy)
	}
	for _, c := range content.Recording.Calls {
		if c.Service == "signin" && !strings.HasPrefix(c.Host, "127.0.0.1:") {
			t.Errorf("%s went to %s: the configured endpoint was ignored", c.ID, c.Host)
		}
	}
	b.reread(content)
}

func TestSignInAnswers(t *testing.T) {
	missing := fakeaws.Fault{Status: 404, Code: "ResourceNotFoundException"}
	tests := []struct {
		name   string
		action string
		fault  fakeaws.Fault
		code   string // of the failure; empty: the error is the answer
	}{
		{"no configuration", "signin:GetConsoleAuthorizationConfiguration", missing, ""},
		{"no policy", "signin:GetResourcePolicy", missing, ""},
		{"no statements", "signin:ListResourcePermissionStatements", missing, ""},
		{"configuration denied", "signin:GetConsoleAuthorizationConfiguration", fakeaws.Fault{Status: 403, Code: "AccessDeniedException"}, "AccessDeniedException"},
		{"policy denied", "signin:GetResourcePolicy", fakeaws.Fault{Status: 403, Code: "AccessDeniedException"}, "AccessDeniedException"},
		{"an empty object for the configuration", "signin:GetConsoleAuthorizationConfiguration", fakeaws.Fault{Status: 200, Body: "{}"}, "MalformedBody"},
		{"an empty object for the policy", "signin:GetResourcePolicy", fakeaws.Fault{Status: 200, Body: "{}"}, "MalformedBody"},
		{"an empty object for the statements", "signin:ListResourcePermissionStatements", fakeaws.Fault{Status: 200, Body: "{}"}, "MalformedBody"},
		{"a repeated token", "signin:ListResourcePermissionStatements", fakeaws.Fault{Status: 200, Body: `{"permissionStatements":[],"nextToken":"t"}`}, "MalformedBody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, standard())
			b.fake.Now = nil
			b.fake.Fault = only(tt.action, -1, tt.fault)
			content := b.run()
			f := content.Set.Failures
			if tt.code == "" && len(f) > 0 || tt.code != "" && (len(f) != 1 || f[0].Code != tt.code || f[0].Action != tt.action) {
				t.Errorf("failures %+v", f)
			}
			b.reread(content)
		})
	}
}
