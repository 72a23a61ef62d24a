package iampolicy

import (
	"net/netip"
	"slices"
	"testing"
)

var fuzzSeeds = []string{
	`{"Statement":[{"Effect":"Allow","Action":"*"}]}`,
	`%7B%22Statement%22%3A%5B%5D%7D`,
	`{"Version":"2012-10-17","Statement":[` + admin + `,` + fenceIn + `]}`,
	`{"Statement":` + denyFor(`"NotAction":["iam:ChangePassword"],"NotResource":"a${b}?*"`) + `}`,
	`{"Statement":` + allowIf(`"ForAllValues:IpAddressIfExists":{"aws:SourceIp":["::ffff:1.2.3.4/97","0.0.0.0/0","255.255.255.255"]},"Null":{"aws:SourceVpc":true}`) + `}`,
	`{"Statement":` + signInDenyOf("A", `"signin:*"`, good+`,"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"},"StringEquals":{"aws:ResourceAccount":123456789012}`) + `}`,
}

func FuzzParse(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := Parse(text)
		if (doc == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", doc, err)
		}
		if err != nil {
			return
		}
		for i, s := range doc.Statements {
			if s.Index != i+1 || s.Raw == "" || s.Effect != Allow && s.Effect != Deny {
				t.Fatalf("statement %+v", s)
			}
			if again, err := Parse(`{"Statement":[` + s.Raw + `]}`); err != nil || again.Statements[0].Raw != s.Raw {
				t.Fatalf("%s does not come back: %v", s.Raw, err)
			}
		}
	})
}

// whole checks what holds for every answer.
func whole(t *testing.T, r Restriction) {
	if !slices.Contains([]Status{Restricted, TooWide, Partial, None, Interview}, r.Status) || len(r.Reasons) == 0 {
		t.Fatalf("%+v", r)
	}
	if len(r.Networks) > 0 && r.Status != Restricted && r.Status != TooWide {
		t.Fatalf("%s with networks %v", r.Status, r.Networks)
	}
	if r.Status == Restricted && slices.ContainsFunc(r.Networks, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		t.Fatalf("restricted to %v", r.Networks)
	}
}

func FuzzRestrictSourceIP(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed, "ssm:StartSession", "arn:aws:ec2:ap-northeast-2:123456789012:instance/i-1")
	}
	f.Fuzz(func(t *testing.T, text, action, resource string) {
		doc, err := Parse(text)
		p := Policy{Name: "P", Document: doc, Err: err}
		layers := []Layer{identity(p, policy(t, "Admin", admin)), {Kind: Boundary, Policies: []Policy{p}}}
		whole(t, RestrictSourceIP(layers, Everything, testLimits))
		whole(t, RestrictSourceIP(layers, Scope{action, resource}, testLimits))
		if m := May(layers, action, resource, testLimits); m.Granted && m.Denied || m.Unconditional && !m.Granted || m.Denied && m.Unclear {
			t.Fatalf("%+v", m)
		}
	})
}

func FuzzRestrictSignIn(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed, "123456789012")
	}
	f.Fuzz(func(t *testing.T, text, account string) {
		doc, err := Parse(text)
		r := RestrictSignIn([]Policy{{Name: "RBP", Document: doc, Err: err}}, account, testLimits)
		whole(t, r.Restriction)
		root := "arn:aws:iam::" + account + ":root"
		if r.RootBound != (r.For(root).Status == Restricted) || r.RootBound && r.Exempts(root) {
			t.Fatalf("root bound %v, for root %+v", r.RootBound, r.For(root))
		}
	})
}
