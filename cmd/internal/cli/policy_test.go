package cli_test

import (
	"encoding/json"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"

	"auditbinder/collect"
	"auditbinder/templates"
)

func policyDocument(t *testing.T) string {
	t.Helper()
	text, err := fs.ReadFile(templates.FS, "policy.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decode reads a JSON document to its end.
func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}

// heredoc is Terraform's string of the policy.
var heredoc = regexp.MustCompile(`(?s) policy +=\s<<-JSON\n(.*?)\n +JSON\n`)

// Every form holds the document of policy.json, whole and once.
func TestPolicyForms(t *testing.T) {
	document := policyDocument(t)
	// Terraform and the templates would read these as their own.
	for _, own := range []string{"${", "%{", "{{"} {
		if strings.Contains(document, own) {
			t.Errorf("policy.json holds %q", own)
		}
	}
	for form, extract := range map[string]func(string) any{
		"":     func(text string) any { return decode(t, text) },
		"json": func(text string) any { return decode(t, text) },
		"cloudformation": func(text string) any {
			var stack struct {
				Version    string         `yaml:"AWSTemplateFormatVersion"`
				About      string         `yaml:"Description"`
				Parameters map[string]any `yaml:"Parameters"`
				Conditions map[string]any `yaml:"Conditions"`
				Resources  map[string]struct {
					Type       string `yaml:"Type"`
					Properties struct {
						About    string           `yaml:"Description"`
						Roles    map[string][]any `yaml:"Roles"`
						Document yaml.MapSlice    `yaml:"PolicyDocument"`
					} `yaml:"Properties"`
				} `yaml:"Resources"`
				Outputs map[string]any `yaml:"Outputs"`
			}
			if err := yaml.UnmarshalWithOptions([]byte(text), &stack, yaml.Strict()); err != nil {
				t.Fatal(err)
			}
			policy, ok := stack.Resources["EvidenceReader"]
			if !ok || len(stack.Resources) != 1 || policy.Type != "AWS::IAM::ManagedPolicy" || stack.Version != "2010-09-09" {
				t.Errorf("resources %+v", stack.Resources)
			}
			// Attached to the roles that are named, to none where none is.
			attach := policy.Properties.Roles["Fn::If"]
			if len(attach) != 3 || stack.Conditions[attach[0].(string)] == nil || stack.Parameters["RoleNames"] == nil ||
				!reflect.DeepEqual(attach[1], map[string]any{"Ref": "RoleNames"}) || !reflect.DeepEqual(attach[2], map[string]any{"Ref": "AWS::NoValue"}) {
				t.Errorf("roles %v, conditions %v, parameters %v", policy.Properties.Roles, stack.Conditions, stack.Parameters)
			}
			again, err := yaml.MarshalWithOptions(policy.Properties.Document, yaml.JSON())
			if err != nil {
				t.Fatal(err)
			}
			return decode(t, string(again))
		},
		"terraform": func(text string) any {
			found := heredoc.FindAllStringSubmatch(text, -1)
			if len(found) != 1 || strings.Count(text, `resource "aws_iam_policy"`) != 1 || strings.Count(text, "<<") != 1 {
				t.Fatalf("%d policies in\n%s", len(found), text)
			}
			return decode(t, found[0][1])
		},
	} {
		args := []string{"policy"}
		if form != "" {
			args = append(args, "--as", form)
		}
		r := run(t, args...)
		if r.code != 0 || r.stderr != "" {
			t.Errorf("%s: exit %d, %s", form, r.code, r.stderr)
			continue
		}
		if got := extract(r.stdout); !reflect.DeepEqual(got, decode(t, document)) {
			t.Errorf("%q holds another document:\n%v", form, got)
		}
		for _, action := range collect.Actions() {
			if n := strings.Count(r.stdout, `"`+action+`"`); n != 1 {
				t.Errorf("%q names %s %d times", form, action, n)
			}
		}
	}
}

// A read-only verb begins every action, and one action is named that only asks
// AWS to make the report that is then read.
var readOnly = regexp.MustCompile(`^[a-z0-9-]+:(Get|List|Describe|Lookup|Test)[A-Za-z]+$`)

// maxManagedPolicy is IAM's limit of a managed policy, white space not counted.
const maxManagedPolicy = 6144

func TestPolicyIsReadOnlyAndFits(t *testing.T) {
	for _, action := range collect.Actions() {
		if !readOnly.MatchString(action) && action != "iam:GenerateCredentialReport" {
			t.Errorf("%s is not a read", action)
		}
	}
	size := 0
	for _, r := range policyDocument(t) {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	if size > maxManagedPolicy {
		t.Errorf("%d characters without white space, IAM takes %d", size, maxManagedPolicy)
	}
	for _, action := range []string{"s3:PutObject", "iam:CreateUser", "ec2:*", "iam:Get*", "*", "iam:", "sts:AssumeRole", "ssm:StartSession", "logs:TestX:Y"} {
		if readOnly.MatchString(action) {
			t.Errorf("%s passes for a read", action)
		}
	}
}
