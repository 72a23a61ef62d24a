package verdict

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"auditbinder/collect/evidence"
	"auditbinder/templates"
)

// unreadable is what a pattern that can't be read gives.
const notRead = "(not read)"

func fieldsText(fields []string, ok bool) string {
	if !ok {
		return notRead
	}
	return strings.Join(fields, " ")
}

func TestEventFields(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 2000) + `["x"]` + strings.Repeat("}", 2000)
	tests := []struct{ name, pattern, want string }{
		{"source alone", `{"source":["aws.signin"]}`, "source"},
		{"nested", `{"detail":{"eventName":["ConsoleLogin"],"userIdentity":{"type":["Root"]}}}`, "detail.eventName detail.userIdentity.type"},
		{"an operator is no field", `{"detail":{"sourceIPAddress":[{"anything-but":{"prefix":"121.78."}}]}}`, "detail.sourceIPAddress"},
		{"absence of a field", `{"detail":{"errorMessage":[{"exists":false}]}}`, "detail.errorMessage"},
		{"values of every kind", `{"a":["x",1,null,true,{"numeric":[">",0,"<=",5]},{"cidr":"10.0.0.0/24"}],"b":["y"]}`, "a b"},
		{"$or at the top", `{"$or":[{"source":["aws.signin"]},{"detail":{"userAgent":[{"wildcard":"*"}]}}]}`, "source detail.userAgent"},
		{"$or below", `{"detail":{"$or":[{"eventName":["ConsoleLogin"]},{"tlsDetails":{"tlsVersion":["TLSv1.3"]}}]}}`, "detail.eventName detail.tlsDetails.tlsVersion"},
		{"$or in $or", `{"$or":[{"$or":[{"a":["1"]},{"b":["2"]}]},{"c":["3"]}]}`, "a b c"},
		{"$or that holds no alternatives", `{"$or":["x"]}`, notRead},
		{"$or that is no list", `{"$or":{"a":["1"]}}`, "$or.a"},
		{"a name twice", `{"source":["aws.signin"],"detail":{"eventName":["x"]},"detail":{"userAgent":["y"]}}`, "source detail.eventName detail.userAgent"},
		{"a path for a name", `{"detail.sourceIPAddress":[{"exists":true}]}`, "detail.sourceIPAddress"},
		{"an escaped name", `{"\u0064etail":{"source\u0049PAddress":["x"]}}`, "detail.sourceIPAddress"},
		{"names are told apart by case", `{"Detail":{"EventName":[{"exists":false}]}}`, "Detail.EventName"},
		{"nothing asked", `{}`, ""},
		{"white space", " {\n\t\"source\" : [ \"aws.signin\" ]\n} ", "source"},
		{"empty", "", notRead},
		{"no JSON", `{"source":["aws.signin"]`, notRead},
		{"more behind it", `{"source":["aws.signin"]} {}`, notRead},
		{"a list", `["source"]`, notRead},
		{"a value that is no list", `{"source":"aws.signin"}`, notRead},
		{"null", `null`, notRead},
		{"deep", deep, strings.Repeat("a.", 1999) + "a"},
		{"longer than AWS allows", `{"source":["` + strings.Repeat("x", maxPattern) + `"]}`, notRead},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fieldsText(eventFields(tt.pattern)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestFilterFields(t *testing.T) {
	tests := []struct{ name, pattern, want string }{
		{"one condition", `{ $.eventName = "ConsoleLogin" }`, "eventName"},
		{"without blanks", `{($.eventName="ConsoleLogin")&&($.userIdentity.type!="Root")}`, "eventName userIdentity.type"},
		{"conditions without a value", `{ $.errorMessage NOT EXISTS || $.readOnly IS FALSE }`, "errorMessage readOnly"},
		{"the source address", `{ $.eventName = ConsoleLogin && $.sourceIPAddress != 121.78.* }`, "eventName sourceIPAddress"},
		{"numbers and unquoted values", `{ $.a-b_c >= 3 && $.x = abc* }`, "a-b_c x"},
		{"an anchor is no field", `{ $.eventName = %^ConsoleLogin$% && $.sourceIPAddress = %^(121|10$)% }`, "eventName sourceIPAddress"},
		{"an element of a list", `{ $.resources[0].ARN = "x" }`, "$.resources[0].ARN"},
		{"a bracketed name", `{ $['sourceIPAddress'] = "x" && $.["user agent"] = "y" }`, `$['sourceIPAddress'] $.[`},
		{"a wildcard", `{ $.* = "x" }`, "$.*"},
		{"a blank behind the sign", `{ $ .sourceIPAddress = "x" }`, "$ .sourceIPAddress"},
		{"two names run together", `{ $.eventName$.sourceIPAddress = "x" }`, "$.eventName$.sourceIPAddress"},
		{"a path that ends in a dot", `{ $.eventName. = "x" }`, "$.eventName."},
		{"a sign in a value counts, to be sure", `{ $.eventName = "$.sourceIPAddress" }`, "eventName sourceIPAddress"},
		{"a field twice", `{ $.eventName = "a" || $.eventName = "b" }`, "eventName"},
		{"everything", "", ""},
		{"white space alone", " \n", ""},
		{"terms", `ConsoleLogin -"121.78."`, notRead},
		{"a regular expression", `%ConsoleLogin%`, notRead},
		{"columns", `[ip, user, ..., status = 200]`, notRead},
		{"no selector", `{ eventName = "ConsoleLogin" }`, notRead},
		{"nothing in braces", `{}`, notRead},
		{"longer than AWS allows", `{ $.eventName = "` + strings.Repeat("x", maxPattern) + `" }`, notRead},
		{"an open brace", `{ $.eventName = "ConsoleLogin"`, notRead},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fieldsText(filterFields(tt.pattern)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Whatever is asked beside a pattern that can be read is among its fields, and
// every name in it is part of one.
func FuzzEventFields(f *testing.F) {
	for _, p := range []string{`{"source":["aws.signin"]}`, `{"$or":[{"a":["1"]},{"detail":{"b":[{"exists":false}]}}]}`, `{"a":{"$or":[]}}`, `{}`, `{"a":1}`, `[`, `{"a":["x"],"a":{"b":[]}}`} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		fields, ok := eventFields(pattern)
		if !ok {
			return
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(pattern), &object); err != nil {
			t.Fatalf("%q is read as %q: %v", pattern, fields, err)
		}
		joined := "." + strings.Join(fields, ".\n.") + "."
		var walk func(map[string]any)
		walk = func(o map[string]any) {
			for name, v := range o {
				switch v := v.(type) {
				case map[string]any:
					walk(v)
				case []any:
					if name != "$or" && !strings.Contains(joined, "."+name+".") {
						t.Errorf("%q: field %q is not in %q", pattern, name, fields)
					}
				}
			}
		}
		walk(object)
		body := strings.TrimSpace(pattern)
		more := `{"zz":["x"]` + map[bool]string{true: ",", false: ""}[len(object) > 0] + body[1:]
		if got, ok := eventFields(more); len(more) <= maxPattern && (!ok || !slices.Equal(got, appendNew([]string{"zz"}, fields...))) {
			t.Errorf("%q gives %q, with one more %q (%t)", pattern, fields, got, ok)
		}
	})
}

func FuzzFilterFields(f *testing.F) {
	for _, p := range []string{`{ $.eventName = "ConsoleLogin" }`, `{ ($.a = %^x$%) && $.b NOT EXISTS }`, `{$}`, `{ $['a'] = 1 }`, `terms`, ``} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		fields, ok := filterFields(pattern)
		if !ok || strings.TrimSpace(pattern) == "" {
			return
		}
		for _, x := range fields {
			if x == "" || !strings.Contains(pattern, x) {
				t.Errorf("%q: field %q", pattern, x)
			}
		}
		inner := strings.TrimSpace(pattern)
		more := `{ ($.zz = "x") && ` + inner[1:]
		if got, ok := filterFields(more); len(more) <= maxPattern && (!ok || !slices.Equal(got, appendNew([]string{"zz"}, fields...))) {
			t.Errorf("%q gives %q, with one more %q (%t)", pattern, fields, got, ok)
		}
	})
}

// The list of fields says of the samples what is true of them: each has one value
// whatever the MFA and the source, and the same for both classes unless it tells
// them apart; or no sample has it.
func TestSignInFieldsAreTheSamples(t *testing.T) {
	text, err := templates.FS.ReadFile("signin-events.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var samples struct {
		Envelope string            `yaml:"envelope"`
		Details  map[string]string `yaml:"details"`
		MFA      map[string]string `yaml:"mfa_identifier"`
	}
	if err := yaml.Unmarshal(text, &samples); err != nil {
		t.Fatal(err)
	}
	list := defaults(t).Standard.SignInFields
	absent := []string{"replay-name", "errorCode", "errorMessage", "userIdentity.invokedBy"}
	varies := map[string]bool{"additionalEventData.MFAUsed": true} // both are tested
	values := func(class evidence.LoginClass, names []string, below string) {
		seen := map[string]string{}
		for _, mfa := range []string{"Yes", "No"} {
			for _, source := range []string{"203.0.113.10", "198.51.100.20"} {
				record := strings.NewReplacer("${account}", auditee, "${region}", "us-east-1", "${mfa}", mfa, "${mfa_identifier}", samples.MFA[string(class)], "${source}", source).Replace(samples.Details[string(class)])
				var event map[string]any
				if err := json.Unmarshal([]byte(strings.Replace(samples.Envelope, "${detail}", record, 1)), &event); err != nil {
					t.Fatal(err)
				}
				for _, name := range names {
					var v any = event
					for _, part := range strings.Split(below+name, ".") {
						object, _ := v.(map[string]any)
						v = object[part]
					}
					value, err := json.Marshal(v)
					if err != nil {
						t.Fatal(err)
					}
					if (v == nil) != slices.Contains(absent, name) {
						t.Errorf("%s: %s is %s", class, name, value)
					}
					if old, ok := seen[name]; ok && old != string(value) && !varies[name] {
						t.Errorf("%s: %s is %s and %s", class, name, old, value)
					}
					seen[name] = string(value)
				}
			}
		}
	}
	for _, class := range []evidence.LoginClass{evidence.LoginRoot, evidence.LoginUser} {
		values(class, list.Envelope, "")
		values(class, list.Record, "detail.")
	}
	values(evidence.LoginRoot, list.RootRecord, "detail.")
	// What differs from person to person and place to place must never get in.
	for _, name := range slices.Concat(list.Envelope, list.Record, list.RootRecord) {
		for _, personal := range []string{"time", "id", "eventTime", "eventID", "eventVersion", "sourceIPAddress", "userAgent", "userName", "tlsDetails", "accessKeyId", "MFAIdentifier", "LoginTo", "MobileVersion", "requestParameters"} {
			if strings.EqualFold(name, personal) || strings.HasSuffix(name, "."+personal) || strings.HasPrefix(name, personal+".") {
				t.Errorf("%s is in the list", name)
			}
		}
	}
	if slices.Contains(list.Record, "userIdentity.arn") || slices.Contains(list.Record, "userIdentity.principalId") {
		t.Error("the identity of IAM users is in the list")
	}
}

// A pattern that matches every sample may still leave sign-ins out, by a field in
// which the samples stand for themselves only.
func TestCON01Conditions(t *testing.T) {
	const (
		asked    = " 값을 조건으로 하여 예시와 값이 다른 로그인도 일치하는지 확인이 필요함"
		unparsed = "패턴의 조건을 필드별로 해석할 수 없어 예시와 다른 로그인도 일치하는지 확인이 필요함"
	)
	event := map[string]struct {
		pattern string
		want    Verdict // of root's and the users'
		user    Verdict
		reason  string
	}{
		"listed fields only": {`{"source":["aws.signin"],"detail-type":["AWS Console Sign In via CloudTrail"],"account":["123456789012"],"region":["us-east-1"],"version":["0"],"detail":{"eventSource":["signin.amazonaws.com"],` +
			`"eventName":["ConsoleLogin"],"awsRegion":["us-east-1"],"eventType":["AwsConsoleSignIn"],"eventCategory":["Management"],"managementEvent":[true],"readOnly":[false],"recipientAccountId":["123456789012"],` +
			`"userIdentity":{"type":["Root","IAMUser"],"accountId":["123456789012"],"invokedBy":[{"exists":false}]},"responseElements":{"ConsoleLogin":["Success"]},"additionalEventData":{"MFAUsed":["Yes","No"]},` +
			`"errorMessage":[{"exists":false}],"errorCode":[{"exists":false}]}}`, Good, Good, "구성되어 있음"},
		"no condition at all":               {`{}`, Good, Good, "구성되어 있음"},
		"source address":                    {`{"detail":{"sourceIPAddress":[{"anything-but":{"prefix":"121.78."}}]}}`, Interview, Interview, "규칙 login: 패턴이 detail.sourceIPAddress" + asked},
		"user name":                         {`{"detail":{"userIdentity":{"userName":[{"anything-but":["admin"]}]}}}`, Interview, Interview, "패턴이 detail.userIdentity.userName" + asked},
		"user agent and TLS":                {`{"detail":{"userAgent":[{"wildcard":"*Chrome*"}],"tlsDetails":{"tlsVersion":["TLSv1.3"]}}}`, Interview, Interview, "패턴이 detail.userAgent, detail.tlsDetails.tlsVersion" + asked},
		"in one of alternatives":            {`{"$or":[{"source":["aws.signin"]},{"detail":{"sourceIPAddress":["203.0.113.10"]}}]}`, Interview, Interview, "detail.sourceIPAddress"},
		"root's ARN":                        {`{"detail":{"userIdentity":{"arn":["arn:aws:iam::123456789012:root"]}}}`, Good, Interview, "구성되어 있음"},
		"the record's field without detail": {`{"eventName":[{"exists":false}]}`, Interview, Interview, "패턴이 eventName" + asked},
		"the envelope's field below detail": {`{"detail":{"source":[{"exists":false}]}}`, Interview, Interview, "패턴이 detail.source" + asked},
		"in other letters":                  {`{"detail":{"EventName":[{"exists":false}]}}`, Interview, Interview, "패턴이 detail.EventName" + asked},
		"no JSON":                           {`{"source":["aws.signin"]`, Interview, Interview, unparsed},
		"not recorded":                      {"", Interview, Interview, unparsed},
	}
	for _, name := range slices.Sorted(maps.Keys(event)) {
		tt := event[name]
		t.Run("EventBridge/"+name, func(t *testing.T) {
			set := watchSet()
			watch(set, watchedRegions...)
			for i := range set.Alarms.Rules {
				set.Alarms.Rules[i].Pattern = tt.pattern
			}
			out, byName := con01Of(t, set)
			if f := byName[rootIn]; f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("root: %s (%s); want %s, %q", f.Status, f.Reason, tt.want, tt.reason)
			}
			if f := byName[userIn]; f.Status != tt.user {
				t.Errorf("users: %s (%s); want %s", f.Status, f.Reason, tt.user)
			}
			row := out.Rows[chainsTable][0]
			if open := strings.Contains(strings.Join(row["problem"].Lines, "\n"), "패턴"); open != (tt.user == Interview) || row["iam_match"].Lines[0] != "일치" {
				t.Errorf("row %v", row)
			}
		})
	}
	logs := map[string]struct {
		pattern string
		want    Verdict
		reason  string
	}{
		"listed fields only":  {`{ $.eventName = "ConsoleLogin" && $.responseElements.ConsoleLogin = "Success" && $.userIdentity.type != "AssumedRole" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" && $.errorMessage NOT EXISTS }`, Good, "경보 signin"},
		"everything":          {"", Good, "경보 signin"},
		"source address":      {`{ $.eventName = "ConsoleLogin" && $.sourceIPAddress != 121.78.* }`, Interview, "필터 signin → 경보 signin: 패턴이 sourceIPAddress" + asked},
		"user name":           {`{ $.eventName = "ConsoleLogin" && $.userIdentity.userName != "admin" }`, Interview, "패턴이 userIdentity.userName" + asked},
		"root's principal id": {`{ $.eventName = "ConsoleLogin" && $.userIdentity.principalId = * }`, Good, "경보 signin"},
		"the event's detail":  {`{ $.detail.eventName NOT EXISTS }`, Interview, "패턴이 detail.eventName" + asked},
		"an envelope's field": {`{ $.source NOT EXISTS }`, Interview, "패턴이 source" + asked},
		"terms":               {`ConsoleLogin -"121.78."`, Interview, unparsed},
		"columns":             {`[a, b = *ConsoleLogin*]`, Interview, unparsed},
	}
	for _, name := range slices.Sorted(maps.Keys(logs)) {
		tt := logs[name]
		t.Run("logs/"+name, func(t *testing.T) {
			set := watchSet()
			watchLogs(set)
			set.Alarms.Filters[0].Pattern = tt.pattern
			_, byName := con01Of(t, set)
			if f := byName[rootIn]; f.Status != tt.want || !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("%s (%s); want %s, %q", f.Status, f.Reason, tt.want, tt.reason)
			}
		})
	}
	t.Run("a rule of a central bus", func(t *testing.T) {
		set := watchSet()
		watch(set, watchedRegions...)
		forward, _ := on(set, regionVirginia)
		forwardTo(set, forward, regionSeoul)
		central, _ := on(set, regionSeoul)
		central.Tests = append(central.Tests, tested(regionVirginia, nil)...)
		central.Pattern = `{"detail":{"sourceIPAddress":[{"anything-but":"203.0.113.7"}]}}`
		_, byName := con01Of(t, set)
		if f := byName[rootIn]; f.Status != Interview || !strings.Contains(f.Reason, "중앙 리전의 규칙 login(ap-northeast-2): 패턴이 detail.sourceIPAddress") {
			t.Errorf("%s (%s)", f.Status, f.Reason)
		}
	})
	t.Run("beside a rule that asks nothing", func(t *testing.T) {
		set := watchSet()
		watch(set, watchedRegions...)
		watch(set, watchedRegions...)
		set.Alarms.Rules[0].Pattern = `{"detail":{"sourceIPAddress":["x"]}}`
		if out, _ := con01Of(t, set); fold(out.Findings) != Good {
			t.Errorf("%s", statuses(out))
		}
	})
	t.Run("a broken rule stays broken", func(t *testing.T) {
		set := watchSet()
		watch(set, watchedRegions...)
		r, _ := on(set, regionVirginia)
		r.Pattern, r.State = `{"detail":{"sourceIPAddress":["x"]}}`, "DISABLED"
		_, byName := con01Of(t, set)
		if f := byName[rootIn]; f.Status != Vulnerable || strings.Contains(f.Reason, "패턴이") {
			t.Errorf("%s (%s)", f.Status, f.Reason)
		}
	})
	t.Run("without the list nothing passes", func(t *testing.T) {
		set := watchSet()
		watch(set, watchedRegions...)
		if got := fold(con01(Input{Evidence: set}).Findings); got != Interview {
			t.Errorf("%s", got)
		}
	})
}
