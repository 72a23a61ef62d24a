package iampolicy

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The evaluator below is written from IAM's evaluation rules and shares nothing
// with the analyser but the names of its results. Policies are generated in
// its own terms and handed to the analyser as JSON.

type genCondition struct {
	qualifier, operator string // operator in lower case, IfExists apart
	ifExists            bool
	key                 string
	values              []string
}

type genStatement struct {
	deny, notAction, notResource, principal bool
	actions, resources                      []string
	conditions                              []genCondition
}

type genPolicy struct {
	unread     bool
	statements []genStatement
}

// request is a request context; an absent key is "".
type request struct {
	action, resource string
	address          netip.Addr // invalid through a VPC endpoint
	context          map[string]string
}

// world settles what a policy leaves open: whether a value that is no address
// matches, whether a statement that IAM refuses applies, what is in a document
// that nobody has seen.
type world bool

const (
	sparse   world = false
	generous world = true
)

func (w world) allowed(layers [][]genPolicy, r request) bool {
	for _, layer := range layers {
		for _, p := range layer {
			for _, s := range p.statements {
				if s.deny && !p.unread && (!s.principal || w == generous) && w.applies(s, r) {
					return false
				}
			}
		}
	}
	for _, layer := range layers {
		granted := false
		for _, p := range layer {
			if p.unread {
				granted = granted || w == generous
				continue
			}
			for _, s := range p.statements {
				granted = granted || !s.deny && (!s.principal || w == generous) && w.applies(s, r)
			}
		}
		if !granted {
			return false
		}
	}
	return true
}

func (w world) applies(s genStatement, r request) bool {
	if wild(s.actions, strings.ToLower(r.action), true) == s.notAction || wild(s.resources, r.resource, false) == s.notResource {
		return false
	}
	for _, c := range s.conditions {
		if !w.holds(c, r) {
			return false
		}
	}
	return true
}

func (w world) holds(c genCondition, r request) bool {
	value, present := r.context[c.key]
	if c.key == "aws:SourceIp" && r.address.IsValid() {
		value, present = r.address.String(), true
	}
	if c.operator == "null" {
		return slices.Contains(c.values, "true") && !present || slices.Contains(c.values, "false") && present
	}
	base := strings.Replace(c.operator, "not", "", 1)
	negated := base != c.operator
	if !present {
		switch {
		case c.ifExists, c.qualifier == "ForAllValues":
			return true
		case c.qualifier == "ForAnyValue":
			return false
		}
		return negated
	}
	return slices.ContainsFunc(c.values, func(v string) bool {
		switch base {
		case "ipaddress":
			p, err := netip.ParsePrefix(v)
			if err != nil {
				a, err := netip.ParseAddr(v)
				if err != nil {
					return w == generous
				}
				p = netip.PrefixFrom(a, a.BitLen())
			}
			if p.Addr().Is4In6() {
				p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
			}
			a, err := netip.ParseAddr(value)
			return err == nil && p.Contains(a)
		case "stringlike", "arnlike":
			return wild([]string{v}, value, false)
		}
		return v == value
	}) != negated
}

// wild matches any of the patterns, by trying every length of a star.
func wild(patterns []string, s string, lower bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if lower {
			p = strings.ToLower(p)
		}
		return star(p, s)
	})
}

func star(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return star(p[1:], s) || s != "" && star(p, s[1:])
	}
	return s != "" && (p[0] == '?' || p[0] == s[0]) && star(p[1:], s[1:])
}

// document writes the policy as JSON.
func (p genPolicy) document(rng *rand.Rand) string {
	one := func(list []string) any {
		if len(list) == 1 && rng.IntN(2) == 0 {
			return list[0]
		}
		return list
	}
	statements := []any{}
	for _, s := range p.statements {
		m := map[string]any{"Effect": "Allow"}
		if s.deny {
			m["Effect"] = "Deny"
		}
		if s.principal {
			m["Principal"] = "*"
		}
		action, resource := "Action", "Resource"
		if s.notAction {
			action = "NotAction"
		}
		if s.notResource {
			resource = "NotResource"
		}
		m[action], m[resource] = one(s.actions), one(s.resources)
		conditions := map[string]map[string]any{}
		for _, c := range s.conditions {
			name := c.operator
			if c.ifExists {
				name += "IfExists"
			}
			if c.qualifier != "" {
				name = c.qualifier + ":" + name
			}
			if conditions[name] == nil {
				conditions[name] = map[string]any{}
			}
			conditions[name][c.key] = one(c.values)
		}
		if len(conditions) > 0 {
			m["Condition"] = conditions
		}
		statements = append(statements, m)
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// generator draws policies.
type generator struct{ *rand.Rand }

func (g generator) one(list ...string) string { return list[g.IntN(len(list))] }

// chance is true once in n times.
func (g generator) chance(n int) bool { return g.IntN(n) == 0 }

func (g generator) some(list ...string) []string {
	out := []string{g.one(list...)}
	for g.chance(2) && len(out) < 3 {
		if v := g.one(list...); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (g generator) statement(deny bool) genStatement {
	s := genStatement{deny: deny, actions: []string{"*"}, resources: []string{"*"}, principal: g.chance(40)}
	if g.chance(3) {
		s.actions = g.some("*", "s3:*", "S3:Get*", "ec2:RunInstance?", "iam:*", "iam:ChangePassword", "iam:GetUser", "ssm:StartSession")
		if s.notAction = g.chance(2); s.notAction && g.chance(2) {
			s.actions = g.some("iam:ChangePassword", "iam:GetUser")
		}
	}
	if g.chance(5) {
		s.resources = g.some("*", "arn:aws:s3:::*", "arn:aws:ec2:*:*:instance/i-?", "arn:aws:s3:::b/*")
		s.notResource = g.chance(3)
	}
	for n := g.IntN(3); n > 0; n-- {
		if c := g.condition(deny); !slices.ContainsFunc(s.conditions, func(o genCondition) bool {
			return o.key == c.key && o.operator == c.operator && o.qualifier == c.qualifier && o.ifExists == c.ifExists
		}) {
			s.conditions = append(s.conditions, c)
		}
	}
	return s
}

func (g generator) condition(deny bool) genCondition {
	c := genCondition{qualifier: g.one("", "", "", "", "ForAnyValue", "ForAllValues"), ifExists: g.chance(4)}
	small := []string{"203.0.113.0/24", "203.0.113.128/25", "198.51.100.0/24", "203.0.113.7", "2001:db8::/32"}
	switch g.IntN(12) {
	case 0:
		c.key, c.operator, c.values = "aws:MultiFactorAuthPresent", "bool", g.some("true", "false")
	case 1:
		c.key, c.operator, c.values = g.one("aws:ViaAWSService", "aws:ViaAWSService", "aws:PrincipalIsAWSService"), "bool", []string{g.one("false", "false", "false", "true")}
	case 2:
		c.key, c.operator, c.values = "aws:SourceVpc", g.one("stringnotequals", "stringnotlike", "stringequals", "stringlike"), g.some("vpc-1", "vpc-2", "vpc-*", "*")
		if g.chance(2) {
			c.values = []string{"vpc-1"}
		}
	case 3:
		c.key, c.operator, c.values = "aws:VpcSourceIp", g.one("notipaddress", "notipaddress", "ipaddress"), g.some("10.0.0.0/16", "10.0.0.0/8")
	case 4:
		c.key, c.operator, c.values = "aws:RequestedRegion", g.one("stringequals", "stringnotequals"), []string{"ap-northeast-2"}
	case 5:
		c.key, c.operator, c.values = "aws:PrincipalTag/anywhere", g.one("stringequals", "stringnotequals"), []string{"yes"}
	case 6:
		c.key, c.operator, c.values = g.one("aws:SourceIp", "aws:SourceVpc"), "null", []string{g.one("true", "false")}
		c.qualifier, c.ifExists = "", false
	case 7:
		c.key, c.operator, c.values = "aws:SourceIp", g.one("stringnotequals", "stringequals", "stringlike", "stringnotlike"), g.some("203.0.113.7", "203.*", "*")
	case 8: // the wrong way round, of small blocks: it leaves most of the internet open
		c.key, c.operator, c.values = "aws:SourceIp", "ipaddress", g.some(small...)
		if !deny {
			c.operator = "notipaddress"
		}
	default:
		c.key, c.operator = "aws:SourceIp", "notipaddress"
		if !deny {
			c.operator = "ipaddress"
		}
		c.values = g.some(append(small, "::ffff:203.0.113.0/120", "203.0.113.77/24")...)
		if g.chance(4) {
			c.values = append(c.values, g.one("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "1.0.0.0/8", "8.8.0.0/16", "203.0.113.0/99", "${aws:PrincipalTag/ip}"))
		}
	}
	return c
}

func (g generator) layers() [][]genPolicy {
	var layers [][]genPolicy
	for n := 1 + g.IntN(4)/2; n > 0; n-- {
		var layer []genPolicy
		for n := 1 + g.IntN(2); n > 0; n-- {
			p := genPolicy{unread: g.chance(60)}
			if g.chance(2) {
				p.statements = append(p.statements, genStatement{actions: []string{"*"}, resources: []string{"*"}})
			}
			for n := g.IntN(3); n > 0; n-- {
				p.statements = append(p.statements, g.statement(g.IntN(3) > 0))
			}
			layer = append(layer, p)
		}
		layers = append(layers, layer)
	}
	return layers
}

var (
	genActions   = []string{"s3:GetObject", "ec2:RunInstances", "iam:ChangePassword", "iam:GetUser", "ssm:StartSession"}
	genResources = []string{"arn:aws:s3:::b/k", "arn:aws:ec2:ap-northeast-2:1:instance/i-1", "*"}
	genPublic    = []string{"203.0.113.7", "203.0.113.200", "198.51.100.9", "1.2.3.4", "8.8.8.8", "200.1.2.3", "2001:db8::7", "2a00::1"}
	genPrivate   = []string{"10.0.0.1", "192.168.1.1"}
)

// request draws a request, from a public address or not.
func (g generator) request(public bool) request {
	r := request{action: g.one(genActions...), resource: g.one(genResources...), context: map[string]string{
		"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false", "aws:RequestedRegion": g.one("ap-northeast-2", "us-east-1"),
	}}
	if !g.chance(3) {
		r.context["aws:MultiFactorAuthPresent"] = g.one("true", "false")
	}
	if g.chance(3) {
		r.context["aws:PrincipalTag/anywhere"] = g.one("yes", "no")
	}
	switch {
	case public && g.chance(3):
		b := [4]byte{byte(11 + g.IntN(80)), byte(g.IntN(256)), byte(g.IntN(256)), byte(g.IntN(256))}
		r.address = netip.AddrFrom4(b)
	case public:
		r.address = netip.MustParseAddr(g.one(genPublic...))
	case g.chance(2):
		r.address = netip.MustParseAddr(g.one(genPrivate...))
	default:
		r.context["aws:SourceVpc"], r.context["aws:VpcSourceIp"] = g.one("vpc-1", "vpc-2", "vpc-3"), g.one("10.0.0.1", "10.1.0.1", "172.16.0.1")
	}
	return r
}

// analysed hands the policies to the analyser.
func analysed(t *testing.T, rng *rand.Rand, layers [][]genPolicy) []Layer {
	var out []Layer
	for i, layer := range layers {
		l := Layer{Kind: LayerKind(i)}
		for _, p := range layer {
			doc, err := Parse(p.document(rng))
			if err != nil {
				t.Fatalf("%v in %s", err, p.document(rng))
			}
			if p.unread {
				doc, err = nil, errors.New("missing")
			}
			l.Policies = append(l.Policies, Policy{Name: "P", Document: doc, Err: err})
		}
		out = append(out, l)
	}
	return out
}

func TestRandomPolicies(t *testing.T) {
	const workers, each = 4, 6000
	var mu sync.Mutex
	seen := map[Status]int{}
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			g := generator{rand.New(rand.NewPCG(2026, uint64(w)))}
			counts := map[Status]int{}
			for range each {
				if t.Failed() {
					break
				}
				layers := g.layers()
				input := analysed(t, g.Rand, layers)
				got := RestrictSourceIP(input, Everything, testLimits)
				counts[got.Status]++
				checkRestriction(t, g, layers, got, genActions, genResources)
				checkMay(t, g, layers, input)
			}
			mu.Lock()
			defer mu.Unlock()
			for s, n := range counts {
				seen[s] += n
			}
		})
	}
	group.Wait()
	t.Log(seen)
	for _, s := range []Status{Restricted, TooWide, Partial, None, Interview} {
		if seen[s] < workers*each/100 {
			t.Errorf("only %d policies are %s", seen[s], s)
		}
	}
}

func dump(layers [][]genPolicy) string {
	var out []string
	for _, layer := range layers {
		for _, p := range layer {
			out = append(out, p.document(rand.New(rand.NewPCG(0, 0))))
		}
		out = append(out, "--")
	}
	return strings.Join(out, "\n")
}

// checkRestriction plays requests for the actions and resources.
func checkRestriction(t *testing.T, g generator, layers [][]genPolicy, got Restriction, actions, resources []string) {
	exceptions := strings.Join(got.Exceptions, " ")
	switch got.Status {
	case Restricted, TooWide: // what Networks leaves out does not get through
		for range 40 {
			r := g.request(true)
			r.action, r.resource = g.one(actions...), g.one(resources...)
			if slices.ContainsFunc(got.Networks, func(p netip.Prefix) bool { return p.Contains(r.address) }) || slices.Contains(got.Exceptions, r.action) {
				continue
			}
			for _, key := range []string{"ViaAWSService", "PrincipalIsAWSService"} {
				if !strings.Contains(exceptions, key) && g.chance(2) {
					r.context["aws:"+key] = "true"
				}
			}
			if sparse.allowed(layers, r) || generous.allowed(layers, r) {
				t.Errorf("%s, yet allowed: %+v\n%q\n%s", got.Status, r, got.Networks, dump(layers))
				return
			}
		}
	case None: // some public request gets through, or nothing does
		try := func(public bool, times int) bool {
			for range times {
				r := g.request(public)
				r.action, r.resource = g.one(actions...), g.one(resources...)
				r.context["aws:ViaAWSService"], r.context["aws:PrincipalIsAWSService"] = g.one("true", "false"), g.one("true", "false")
				if sparse.allowed(layers, r) {
					return true
				}
			}
			return false
		}
		if !try(true, 100) && try(false, 100) && !try(true, 5000) {
			t.Errorf("none, yet no public request is allowed: %q\n%s", got.Reasons, dump(layers))
		}
	}
}

// checkMay asks about one action on one resource.
func checkMay(t *testing.T, g generator, layers [][]genPolicy, input []Layer) {
	action, resource := g.one(genActions...), g.one(genResources[:2]...)
	p := May(input, action, resource, testLimits)
	for range 10 {
		r := g.request(g.chance(2))
		r.action, r.resource = action, resource
		allowed := sparse.allowed(layers, r)
		if p.Denied && (allowed || generous.allowed(layers, r)) || p.Unconditional && !allowed || allowed && !p.Granted && !p.Unclear {
			t.Errorf("May says %+v, yet allowed is %v: %+v\n%s", p, allowed, r, dump(layers))
			return
		}
	}
	checkRestriction(t, g, layers, p.Restriction, []string{action}, []string{resource})
}

// signInStatement draws a Deny of sign-in actions.
func (g generator) signInStatement() genStatement {
	s := genStatement{deny: true, principal: true, resources: []string{"*"}}
	s.actions = strings.Split(g.one("signin:*", "*", "signin:Authenticate", "signin:CreateOAuth2Token,signin:AuthorizeOAuth2Access", "signin:A*", "s3:*"), ",")
	if s.notAction = g.chance(10); s.notAction {
		s.actions = g.some("signin:Authenticate", "s3:*")
	}
	pool := []genCondition{
		{operator: "notipaddress", key: "aws:SourceIp", values: g.some("203.0.113.0/24", "203.0.113.7", "198.51.100.0/24")},
		{operator: "arnnotlike", key: g.one("aws:PrincipalArn", "signin:PrincipalArn"), values: g.some("arn:aws:iam::1:user/alice", "arn:aws:iam::1:root", "arn:aws:iam::1:user/*", "arn:aws:iam::*")},
		{operator: "stringequals", key: "aws:ResourceAccount", values: []string{g.one("1", "1", "2")}},
		{operator: g.one("stringnotequals", "stringnotequals", "stringequals"), key: "aws:SourceVpc", values: []string{"vpc-1"}},
		g.condition(true),
	}
	for i, c := range pool {
		if i == 0 && !g.chance(5) || g.chance(3+2*i) {
			if i < 4 {
				c.qualifier, c.ifExists = g.one("", "", "", "", "", "", "", "ForAnyValue", "ForAllValues"), g.chance(4)
			} else if slices.ContainsFunc(s.conditions, func(o genCondition) bool { return o.key == c.key }) {
				continue
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return s
}

// signsIn plays the three evaluations of a console sign-in; what is not denied passes.
func (w world) signsIn(p genPolicy, r request, arn string) bool {
	for _, action := range []string{"signin:Authenticate", "signin:CreateOAuth2Token", "signin:AuthorizeOAuth2Access"} {
		r.action = action
		delete(r.context, "aws:PrincipalArn")
		delete(r.context, "signin:PrincipalArn")
		if action == "signin:Authenticate" {
			r.context["signin:PrincipalArn"] = arn
		} else {
			r.context["aws:PrincipalArn"] = arn
		}
		for _, s := range p.statements {
			if w.applies(s, r) {
				return false
			}
		}
	}
	return true
}

func TestRandomSignInPolicies(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(2026, 6))}
	seen := map[Status]int{}
	for range 6000 {
		var p genPolicy
		for n := 1 + g.IntN(3); n > 0; n-- {
			p.statements = append(p.statements, g.signInStatement())
		}
		doc, err := Parse(p.document(g.Rand))
		if err != nil {
			t.Fatal(err)
		}
		all := RestrictSignIn([]Policy{{Name: "RBP", Document: doc}}, "1", testLimits)
		for _, arn := range []string{"arn:aws:iam::1:user/alice", "arn:aws:iam::1:user/bob", "arn:aws:iam::1:root"} {
			got := all.For(arn)
			seen[got.Status]++
			bound := got.Status == Restricted
			if strings.HasSuffix(arn, ":root") && bound != all.RootBound || all.Status == Restricted && !bound && !all.Exempts(arn) {
				t.Fatalf("%s is %s; root bound %v\n%s", arn, got.Status, all.RootBound, dump([][]genPolicy{{p}}))
			}
			outside, inside := false, false
			for range 20 {
				r := g.request(true)
				r.resource = "arn:aws:signin:us-east-1:1:console"
				r.context["aws:ResourceAccount"] = "1"
				passes := sparse.signsIn(p, r, arn) || bound && generous.signsIn(p, r, arn)
				if slices.ContainsFunc(got.Networks, func(n netip.Prefix) bool { return n.Contains(r.address) }) {
					inside = inside || passes
				} else {
					outside = outside || passes
				}
			}
			// Who is exempt in one phase counts as exempt in both: the cautious side.
			if bound && outside || got.Status == None && !all.Exempts(arn) && !outside && !inside {
				t.Fatalf("%s is %s, but signs in outside %v: %v\n%s", arn, got.Status, got.Networks, outside, dump([][]genPolicy{{p}}))
			}
		}
	}
	t.Log(seen)
	for _, s := range []Status{Restricted, Partial, None, Interview} {
		if seen[s] < 100 {
			t.Errorf("only %d principals are %s", seen[s], s)
		}
	}
}
