package iampolicy

import (
	"slices"
	"strings"
	"testing"
)

const topicARN = "arn:aws:sns:us-east-1:123456789012:login"

// fromRule is EventBridge's call for a rule, fromAlarm CloudWatch's for an alarm.
var (
	fromRule  = ServiceCall{"events.amazonaws.com", "sns:Publish", topicARN, "arn:aws:events:us-east-1:123456789012:rule/login", "123456789012"}
	fromAlarm = ServiceCall{"cloudwatch.amazonaws.com", "sns:Publish", topicARN, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:login", "123456789012"}
)

func TestServiceAccess(t *testing.T) {
	statement := func(effect, principal, rest string) string {
		return `{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"sns:Publish","Resource":"` + topicARN + `"` + rest + `}`
	}
	events := func(condition string) string {
		if condition != "" {
			condition = `,"Condition":{` + condition + `}`
		}
		return statement("Allow", `{"Service":"events.amazonaws.com"}`, condition)
	}
	refuse := func(condition string) string {
		if condition != "" {
			condition = `,"Condition":{` + condition + `}`
		}
		return events("") + "," + statement("Deny", `"*"`, condition)
	}
	byDefault := `{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Subscribe","SNS:Publish"],"Resource":"` + topicARN +
		`","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}`
	tests := []struct {
		name        string
		statements  string
		rule, alarm Access
		words       string // of what decides for the rule
	}{
		{"no statement", "", AccessMissing, AccessMissing, ""},
		{"SNS's default policy", byDefault, AccessMissing, AccessGranted, ""},
		{"default policy of another owner", strings.Replace(byDefault, `"123456789012"`, `"210987654321"`, 1), AccessMissing, AccessMissing, ""},
		{"the service named", events(""), AccessGranted, AccessMissing, "#1"},
		{"default policy and the service", byDefault + "," + events(""), AccessGranted, AccessGranted, "#2"},
		{"several services", statement("Allow", `{"Service":["cloudwatch.amazonaws.com","events.amazonaws.com"]}`, ""), AccessGranted, AccessGranted, ""},
		{"everyone", statement("Allow", `"*"`, ""), AccessGranted, AccessGranted, ""},
		{"another service", statement("Allow", `{"Service":"s3.amazonaws.com"}`, ""), AccessMissing, AccessMissing, ""},
		{"the account's root", statement("Allow", `{"AWS":"arn:aws:iam::123456789012:root"}`, ""), AccessMissing, AccessUnclear, ""},
		{"the account's number", statement("Allow", `{"AWS":"123456789012"}`, ""), AccessMissing, AccessUnclear, ""},
		{"another account", statement("Allow", `{"AWS":"210987654321"}`, ""), AccessMissing, AccessMissing, ""},
		{"subscribe only", strings.Replace(events(""), "sns:Publish", "sns:Subscribe", 1), AccessMissing, AccessMissing, ""},
		{"every action of SNS", strings.Replace(events(""), "sns:Publish", "SNS:*", 1), AccessGranted, AccessMissing, ""},
		{"NotAction that leaves publish out", strings.Replace(events(""), `"Action":"sns:Publish"`, `"NotAction":"sns:Publish"`, 1), AccessMissing, AccessMissing, ""},
		{"NotAction that leaves another out", strings.Replace(events(""), `"Action":"sns:Publish"`, `"NotAction":"sns:DeleteTopic"`, 1), AccessGranted, AccessMissing, ""},
		{"another topic", strings.Replace(events(""), ":login", ":other", 1), AccessMissing, AccessMissing, ""},
		{"topics by wildcard", strings.Replace(events(""), topicARN, "arn:aws:sns:*:123456789012:log*", 1), AccessGranted, AccessMissing, ""},
		{"a variable in the resource", strings.Replace(events(""), "us-east-1", "${aws:RequestedRegion}", 1), AccessUnclear, AccessMissing, ""},
		{"NotPrincipal in an Allow", strings.Replace(events(""), "Principal", "NotPrincipal", 1), AccessUnclear, AccessUnclear, ""},
		{"an Allow without resource", strings.Replace(events(""), `,"Resource":"`+topicARN+`"`, "", 1), AccessUnclear, AccessMissing, ""},

		{"this rule by ArnEquals", events(`"ArnEquals":{"aws:SourceArn":"` + fromRule.SourceARN + `"}`), AccessGranted, AccessMissing, ""},
		{"rules by ArnLike", events(`"ArnLike":{"aws:SourceArn":"arn:aws:events:*:123456789012:rule/*"}`), AccessGranted, AccessMissing, ""},
		{"rules by StringLike", events(`"StringLike":{"AWS:SourceArn":"arn:aws:events:*"}`), AccessGranted, AccessMissing, ""},
		{"this rule by StringEquals", events(`"StringEquals":{"aws:SourceArn":["x","` + fromRule.SourceARN + `"]}`), AccessGranted, AccessMissing, ""},
		{"a wildcard in StringEquals is a letter", events(`"StringEquals":{"aws:SourceArn":"arn:aws:events:*"}`), AccessMissing, AccessMissing, ""},
		{"another rule", events(`"ArnEquals":{"aws:SourceArn":"` + fromRule.SourceARN + `-2"}`), AccessMissing, AccessMissing, ""},
		{"any rule but this", events(`"ArnNotLike":{"aws:SourceArn":"arn:aws:events:*:*:rule/log*"}`), AccessMissing, AccessMissing, ""},
		{"a pattern that is no ARN", events(`"ArnNotLike":{"aws:SourceArn":"*rule/log*"}`), AccessUnclear, AccessMissing, ""},
		{"any ARN", events(`"ArnLike":{"aws:SourceArn":"*"}`), AccessGranted, AccessMissing, ""},
		{"any rule but another", events(`"StringNotEquals":{"aws:SourceArn":"` + fromRule.SourceARN + `-2"}`), AccessGranted, AccessMissing, ""},
		{"the account", events(`"StringEquals":{"aws:SourceAccount":"123456789012"}`), AccessGranted, AccessMissing, ""},
		{"another account's rules", events(`"StringEquals":{"aws:SourceAccount":"210987654321"}`), AccessMissing, AccessMissing, ""},
		{"owner asked of EventBridge", events(`"StringEquals":{"aws:SourceOwner":"123456789012"}`), AccessMissing, AccessMissing, ""},
		{"owner asked if it is there", events(`"StringEqualsIfExists":{"aws:SourceOwner":"123456789012"}`), AccessGranted, AccessMissing, ""},
		{"TLS asked", events(`"Bool":{"aws:SecureTransport":"true"}`), AccessGranted, AccessMissing, ""},
		{"organization asked", events(`"StringEquals":{"aws:SourceOrgID":"o-1"}`), AccessUnclear, AccessMissing, "#1(StringEquals aws:SourceOrgID o-1)"},
		{"unknown beside what fails", events(`"StringEquals":{"aws:SourceOrgID":"o-1","aws:SourceAccount":"210987654321"}`), AccessMissing, AccessMissing, ""},
		{"a variable in the value", events(`"StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}`), AccessUnclear, AccessMissing, ""},
		{"an operator that does not fit", events(`"IpAddress":{"aws:SourceArn":"10.0.0.0/8"}`), AccessUnclear, AccessMissing, ""},
		{"unknown beside a plain grant", events(`"StringEquals":{"aws:SourceOrgID":"o-1"}`) + "," + events(""), AccessGranted, AccessMissing, ""},

		{"denied to all", refuse(""), AccessDenied, AccessDenied, "#2"},
		{"denied without TLS", refuse(`"Bool":{"aws:SecureTransport":"false"}`), AccessGranted, AccessMissing, "#1"},
		{"denied under another condition", refuse(`"StringNotEquals":{"aws:SourceAccount":"123456789012"}`), AccessUnclear, AccessMissing, "#2(StringNotEquals aws:SourceAccount 123456789012)"},
		{"denied to another principal", events("") + "," + statement("Deny", `{"AWS":"arn:aws:iam::123456789012:user/u"}`, ""), AccessGranted, AccessMissing, ""},
		{"denied to another service", events("") + "," + statement("Deny", `{"Service":"s3.amazonaws.com"}`, ""), AccessGranted, AccessMissing, ""},
		{"denied on another action", events("") + "," + strings.Replace(statement("Deny", `"*"`, ""), "sns:Publish", "sns:Subscribe", 1), AccessGranted, AccessMissing, ""},
		{"denied to all but some", events("") + "," + strings.Replace(statement("Deny", `{"AWS":"arn:aws:iam::123456789012:user/u"}`, ""), "Principal", "NotPrincipal", 1), AccessUnclear, AccessMissing, ""},
		{"an unclear Deny where nothing allows", statement("Deny", `"*"`, `,"Condition":{"StringEquals":{"aws:SourceOrgID":"o-1"}}`), AccessMissing, AccessMissing, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := Parse(`{"Version":"2008-10-17","Statement":[` + tt.statements + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			rule, words := doc.ServiceAccess(fromRule)
			if alarm, _ := doc.ServiceAccess(fromAlarm); rule != tt.rule || alarm != tt.alarm {
				t.Errorf("rule %s, alarm %s; want %s, %s", rule, alarm, tt.rule, tt.alarm)
			}
			if tt.words != "" && strings.Join(words, " ") != tt.words {
				t.Errorf("decided by %q, want %q", words, tt.words)
			}
		})
	}
}

func FuzzServiceAccess(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	f.Add(`{"Statement":{"Effect":"Deny","NotPrincipal":{"Service":"a"},"NotAction":"sns:*","Resource":"*","Condition":{"ForAnyValue:ArnNotLikeIfExists":{"aws:SourceArn":["*","a:*"]}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := Parse(text)
		if err != nil {
			return
		}
		access, words := doc.ServiceAccess(fromRule)
		if (access == AccessMissing) != (len(words) == 0) {
			t.Fatalf("%s by %q", access, words)
		}
		if access == AccessGranted && !doc.Grants() || access == AccessDenied && !slices.ContainsFunc(doc.Statements, func(s Statement) bool { return s.Effect == Deny }) {
			t.Fatalf("%s without such a statement", access)
		}
	})
}
