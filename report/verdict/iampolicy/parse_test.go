package iampolicy

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		grants     bool
		fails      bool
	}{
		{"one allow in a list", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, true, false},
		{"one allow without a list", `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, true, false},
		{"deny only", `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`, false, false},
		{"deny then allow", `{"Statement":[{"Effect":"Deny","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","NotAction":"iam:*","NotResource":"x"}]}`, true, false},
		{"lower-case keys", `{"statement":[{"effect":"Allow","action":"*","resource":"*"}]}`, true, false},
		{"URL encoded", `%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D`, true, false},
		{"a plus sign is itself", `{"Statement":[{"Sid":"a+b","Effect":"Deny"}]}`, false, false},
		{"no statements in the list", `{"Statement":[]}`, false, false},
		{"effect of another case", `{"Statement":[{"Effect":"allow"}]}`, false, true},
		{"no effect", `{"Statement":[{"Action":"*"}]}`, false, true},
		{"no statement", `{"Version":"2012-10-17"}`, false, true},
		{"null statement", `{"Statement":null}`, false, true},
		{"empty", ``, false, true},
		{"not JSON", `<xml/>`, false, true},
		{"cut", `{"Statement":[{"Effect":"Allow"`, false, true},
		{"text after the document", `{"Statement":[]} x`, false, true},
		{"array instead of a document", `[{"Effect":"Allow"}]`, false, true},
		{"null document", `null`, false, true},
		{"known elements beside", `{"Version":"2008-10-17","Id":"x","Statement":[]}`, false, false},
		{"version that IAM does not have", `{"Version":"2020-01-01","Statement":[]}`, false, true},
		{"unknown element of the document", `{"Statement":[],"Statements":[]}`, false, true},
		{"unknown element of a statement", `{"Statement":[{"Effect":"Deny","Actions":"*"}]}`, false, true},
		{"statement twice", `{"Statement":[{"Effect":"Deny"}],"Statement":[]}`, false, true},
		{"statement twice in two cases", `{"Statement":[{"Effect":"Deny"}],"statement":[]}`, false, true},
		{"effect twice", `{"Statement":[{"Effect":"Deny","Effect":"Allow"}]}`, false, true},
		{"effect twice in two cases", `{"Statement":[{"Effect":"Deny","EFFECT":"Allow"}]}`, false, true},
		{"operator twice", `{"Statement":[{"Effect":"Deny","Condition":{"Bool":{"a":"1"},"bool":{"b":"1"}}}]}`, false, true},
		{"condition key twice", `{"Statement":[{"Effect":"Deny","Condition":{"Bool":{"aws:A":"1","AWS:a":"2"}}}]}`, false, true},
		{"principal type twice", `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"*","aws":"x"}}]}`, false, true},
		{"unknown principal type", `{"Statement":[{"Effect":"Deny","Principal":{"Robot":"*"}}]}`, false, true},
		{"null condition", `{"Statement":[{"Effect":"Deny","Condition":null}]}`, false, true},
		{"null value", `{"Statement":[{"Effect":"Deny","Condition":{"Bool":{"a":null}}}]}`, false, true},
		{"object as a value", `{"Statement":[{"Effect":"Deny","Condition":{"Bool":{"a":{}}}}]}`, false, true},
		{"list in a list of values", `{"Statement":[{"Effect":"Deny","Condition":{"Bool":{"a":[["x"]]}}}]}`, false, true},
		{"number as an action", `{"Statement":[{"Effect":"Deny","Action":1}]}`, false, true},
		{"null in a list of actions", `{"Statement":[{"Effect":"Deny","Action":["a:b",null]}]}`, false, true},
		{"statement that is text", `{"Statement":["Deny"]}`, false, true},
		{"number as a Sid", `{"Statement":[{"Sid":1,"Effect":"Deny"}]}`, false, true},
		{"two documents", `{"Statement":[]}{"Statement":[{"Effect":"Allow"}]}`, false, true},
		{"too large", `{"Statement":[],"x":"` + strings.Repeat("a", maxDocument) + `"}`, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := Parse(tt.text)
			if (err != nil) != tt.fails {
				t.Fatalf("error %v, want failure %v", err, tt.fails)
			}
			if err == nil && doc.Grants() != tt.grants {
				t.Errorf("Grants() = %v", doc.Grants())
			}
		})
	}
}

func TestParseStatement(t *testing.T) {
	doc, err := Parse(`%7B%22Version%22%3A%222012-10-17%22%2C "Statement": [
		{"Effect":"Allow","Action":"s3:Get*","NotResource":["a","b"]},
		{"sid":"Two","EFFECT":"Deny","principal":{"aws":["*","arn:aws:iam::1:root"],"SERVICE":"ec2.amazonaws.com"},"notaction":["iam:*"],
		 "resource":"*","condition":{"foranyvalue:notipaddressifexists":{"AWS:SourceIP":["203.0.113.0/24","2001:db8::1"]},
		 "Bool":{"aws:MultiFactorAuthPresent":false,"x":[1.5,true,"y"]},"Odd":{"z":[]}}},
		{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::1:user/a"}},
		{"Effect":"Deny","Principal":"*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Statement{
		{Index: 1, Effect: Allow, Actions: []string{"s3:Get*"}, NotResources: []string{"a", "b"},
			Raw: `{"Effect":"Allow","Action":"s3:Get*","NotResource":["a","b"]}`},
		{Index: 2, Sid: "Two", Effect: Deny, HasPrincipal: true,
			Principals: []Principal{{"AWS", "*"}, {"AWS", "arn:aws:iam::1:root"}, {"Service", "ec2.amazonaws.com"}},
			NotActions: []string{"iam:*"}, Resources: []string{"*"},
			Conditions: []Condition{
				{forAnyValue, "NotIpAddress", true, "aws:sourceip", "AWS:SourceIP", []string{"203.0.113.0/24", "2001:db8::1"}},
				{"", "Bool", false, "aws:multifactorauthpresent", "aws:MultiFactorAuthPresent", []string{"false"}},
				{"", "Bool", false, "x", "x", []string{"1.5", "true", "y"}},
				{"", "Odd", false, "z", "z", []string{}},
			}},
		{Index: 3, Effect: Deny, HasPrincipal: true, NotPrincipals: []Principal{{"AWS", "arn:aws:iam::1:user/a"}},
			Raw: `{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::1:user/a"}}`},
		{Index: 4, Effect: Deny, HasPrincipal: true, Principals: []Principal{{"", "*"}}, Raw: `{"Effect":"Deny","Principal":"*"}`},
	}
	want[1].Raw = doc.Statements[1].Raw
	if !reflect.DeepEqual(doc.Statements, want) {
		t.Errorf("got  %+v\nwant %+v", doc.Statements, want)
	}
	for i, any := range []bool{false, true, false, true} {
		if doc.Statements[i].AnyPrincipal() != any {
			t.Errorf("statement %d: AnyPrincipal() = %v", i+1, !any)
		}
	}
	if got, want := doc.Statements[1].Conditions[0].String(), "ForAnyValue:NotIpAddressIfExists AWS:SourceIP 203.0.113.0/24, 2001:db8::1"; got != want {
		t.Errorf("condition in words: %s", got)
	}
}
