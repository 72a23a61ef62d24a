package settings

import (
	"strings"
	"testing"
)

func shippedBilling(t testing.TB) string {
	t.Helper()
	text, err := shipped("billing.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestShippedBilling(t *testing.T) {
	b := standard(t).Billing
	if len(b.EventSources) == 0 || len(b.ReadVerbs) == 0 || len(b.ChangeEvents) == 0 || len(b.RootTasks) == 0 {
		t.Errorf("billing %+v", b)
	}
	for _, prefix := range strings.Fields("billing payments invoicing account ce cur budgets tax consolidatedbilling purchase-orders bcm-* aws-portal") {
		found := false
		for _, p := range b.Permissions {
			found = found || p.Prefix == prefix
		}
		if !found {
			t.Errorf("no permissions of %s", prefix)
		}
	}
}

// A slip in the data is an error with its place, never a rule that looks away.
func TestBillingErrors(t *testing.T) {
	whole := shippedBilling(t)
	tests := []struct{ name, old, new, want string }{
		{"an unknown key", "read_verbs:", "read_verb:", `알 수 없는 키: "read_verb"`},
		{"a source that is none", "- tax.amazonaws.com", "- tax.amazonaws.co", `"tax.amazonaws.co"`},
		{"a source twice", "- tax.amazonaws.com", "- ce.amazonaws.com", `중복된 이름: "ce.amazonaws.com"`},
		{"an action with its prefix", "[GetBillingData,", "[billing:GetBillingData,", `"billing:GetBillingData"`},
		{"an action twice", "[GetBillingData, GetBillingDetails", "[GetBillingData, GetBillingData", `중복된 이름: "GetBillingData"`},
		{"an event that is none", "      - Instruments_Create\n", "      - instruments create\n", `"instruments create"`},
		{"a change at no listed source", "source: payments.amazonaws.com", "source: payment.amazonaws.com", `event_sources에 없는 이벤트 소스: "payment.amazonaws.com"`},
		{"a root task at no listed source", "{source: billing.amazonaws.com,", "{source: bill.amazonaws.com,", `"bill.amazonaws.com"`},
		{"a root task without a title", ", title: 계정 해지", "", `제목(title)이 없음: "CloseAccount"`},
		{"a prefix that is none", "prefix: ce\n", "prefix: CE\n", `"CE"`},
		{"a prefix twice", "prefix: ce\n", "prefix: cur\n", `중복된 이름: "cur"`},
		{"a prefix without actions", "read: [ViewBudget]\n    write: [ModifyBudget, CreateBudgetAction]", "read: []\n    write: []", `작업이 없음: "budgets"`},
		{"no verbs", "read_verbs: [", "read_verbs: [] # [", "read_verbs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(whole, tt.old, tt.new, 1)
			if text == whole {
				t.Fatal("nothing was changed")
			}
			var b Billing
			err := b.parse("billing.yaml", []byte(text))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "billing.yaml:") {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestSignInFields(t *testing.T) {
	f := standard(t).SignInFields
	if len(f.Envelope) == 0 || len(f.Record) == 0 || len(f.RootRecord) == 0 {
		t.Errorf("fields %+v", f)
	}
	text, err := shipped("signin-fields.yaml")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(text)
	for name, test := range map[string]struct{ old, new, want string }{
		"an unknown key":               {"root_record:", "root_records:", `알 수 없는 키: "root_records"`},
		"a field with its selector":    {"- eventSource\n", "- $.eventSource\n", `"$.eventSource"`},
		"a field below detail":         {"- eventSource\n", "- detail.eventSource\n", `"detail.eventSource"`},
		"a wildcard":                   {"- userIdentity.type\n", "- userIdentity.*\n", `"userIdentity.*"`},
		"a field twice":                {"- eventName\n", "- eventSource\n", `중복된 이름: "eventSource"`},
		"a field of root's everywhere": {"[userIdentity.arn,", "[eventName,", `중복된 이름: "eventName"`},
		"no envelope":                  {"envelope: [", "envelope: [] # [", "envelope, record"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(whole, test.old, test.new, 1)
			if changed == whole {
				t.Fatal("nothing was changed")
			}
			var f SignInFields
			if err := f.parse("signin-fields.yaml", []byte(changed)); err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "signin-fields.yaml:") {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestSignInFieldsWithoutARecord(t *testing.T) {
	var f SignInFields
	if err := f.parse("f.yaml", []byte("envelope: [source]\nrecord: []\nroot_record: []\n")); err == nil || !strings.Contains(err.Error(), "envelope, record") {
		t.Errorf("error %v", err)
	}
}

func TestOutsiderServices(t *testing.T) {
	if got := strings.Join(standard(t).OutsiderServices, " "); got != "credentials.iot.amazonaws.com rolesanywhere.amazonaws.com" {
		t.Error(got)
	}
	text, err := shipped("thresholds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const list = "outsider_services:\n  - credentials.iot.amazonaws.com\n  - rolesanywhere.amazonaws.com\n"
	whole := string(text)
	if !strings.Contains(whole, list) {
		t.Fatal("the list has moved")
	}
	for name, test := range map[string]struct{ list, want string }{
		"misspelt":       {"outsider_service: []\n", `알 수 없는 키: "outsider_service"`},
		"absent":         {"", "outsider_services가 있어야 함"},
		"empty":          {"outsider_services: []\n", "outsider_services가 있어야 함"},
		"a prefix":       {"outsider_services: [rolesanywhere]\n", `"rolesanywhere"`},
		"a capital":      {"outsider_services: [RolesAnywhere.amazonaws.com]\n", `"RolesAnywhere.amazonaws.com"`},
		"twice":          {"outsider_services: [a.amazonaws.com, a.amazonaws.com]\n", `중복된 이름: "a.amazonaws.com"`},
		"another domain": {"outsider_services: [a.amazonaws.co]\n", `"a.amazonaws.co"`},
	} {
		t.Run(name, func(t *testing.T) {
			var std Standard
			err := std.thresholds("thresholds.yaml", []byte(strings.Replace(whole, list, test.list, 1)))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "thresholds.yaml") {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestStandardWithoutItsFile(t *testing.T) {
	_, err := ParseStandard(func(name string) ([]byte, error) { return shipped("no-" + name) })
	if err == nil || !strings.Contains(err.Error(), "no-thresholds.yaml") {
		t.Errorf("error %v", err)
	}
}

func FuzzBilling(f *testing.F) {
	f.Add([]byte(shippedBilling(f)))
	f.Add([]byte("event_sources: [a.amazonaws.com]\nread_verbs: [Get]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b Billing
		if err := b.parse("f", text); err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
			return
		}
		if len(b.EventSources) == 0 || len(b.Permissions) == 0 {
			t.Errorf("taken: %+v", b)
		}
	})
}
