package iampolicy

import (
	"fmt"
	"strings"
	"testing"
)

func TestMay(t *testing.T) {
	const instance = "arn:aws:ec2:ap-northeast-2:123456789012:instance/i-1"
	allow := func(elements string) string { return `{"Sid":"A","Effect":"Allow",` + elements + `}` }
	deny := func(elements string) string { return `{"Sid":"D","Effect":"Deny",` + elements + `}` }
	of := func(t *testing.T, kind LayerKind, statements ...string) Layer {
		return Layer{Kind: kind, Policies: []Policy{policy(t, fmt.Sprint("P", int(kind)), statements...)}}
	}
	const star = `"Action":"*","Resource":"*"`
	tests := []struct {
		name                    string
		identity, boundary, scp string // statements; '-' for an unreadable document, nothing for no layer
		want                    string // granted, unconditional, denied, unclear
		grants, denies          string
		restriction             Status
	}{
		{"administrator", allow(star), "", "", "granted unconditional", "P0/A", "", None},
		{"service wildcard of another case", allow(`"Action":"SSM:start*","Resource":"*"`), "", "", "granted unconditional", "P0/A", "", None},
		{"question mark", allow(`"Action":"ssm:StartSessio?","Resource":"*"`), "", "", "granted unconditional", "P0/A", "", None},
		{"another action", allow(`"Action":"ssm:SendCommand","Resource":"*"`), "", "", "denied", "", "", ""},
		{"a longer action", allow(`"Action":"ssm:StartSessions","Resource":"*"`), "", "", "denied", "", "", ""},
		{"the instance's pattern", allow(`"Action":"ssm:*","Resource":"arn:aws:ec2:*:*:instance/*"`), "", "", "granted unconditional", "P0/A", "", None},
		{"another instance", allow(`"Action":"ssm:*","Resource":"arn:aws:ec2:*:*:instance/i-2"`), "", "", "denied", "", "", ""},
		{"resource of another case", allow(`"Action":"ssm:*","Resource":"arn:aws:ec2:*:*:INSTANCE/*"`), "", "", "denied", "", "", ""},
		{"resource with a variable can match", allow(`"Action":"ssm:*","Resource":"arn:aws:ec2:*:*:instance/${aws:PrincipalTag/i}"`), "", "", "granted unconditional", "P0/A", "", None},
		{"NotAction of another service", allow(`"NotAction":"iam:*","Resource":"*"`), "", "", "granted unconditional", "P0/A", "", None},
		{"NotAction of the action", allow(`"NotAction":["iam:*","ssm:*"],"Resource":"*"`), "", "", "denied", "", "", ""},
		{"NotResource of buckets", allow(`"Action":"*","NotResource":"arn:aws:s3:::*"`), "", "", "granted unconditional", "P0/A", "", None},
		{"NotResource of the instance", allow(`"Action":"*","NotResource":"arn:aws:ec2:*:*:instance/*"`), "", "", "denied", "", "", ""},
		{"under a condition", allow(star + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), "", "", "granted", "P0/A[Bool aws:MultiFactorAuthPresent true]", "", None},
		{"with and without a condition", allow(star+`,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`) + "," + allow(star), "", "", "granted unconditional", "P0/A[Bool aws:MultiFactorAuthPresent true] P0/A", "", None},
		{"from an address", allow(star + `,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), "", "", "granted", "P0/A[IpAddress aws:SourceIp 203.0.113.0/24]", "", Restricted},
		{"another action from anywhere", allow(`"Action":"ssm:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`) + "," + allow(`"Action":"s3:*","Resource":"*"`), "", "", "granted", "P0/A[IpAddress aws:SourceIp 203.0.113.0/24]", "", Restricted},
		{"denied", allow(star) + "," + deny(`"Action":"ssm:StartSession","Resource":"*"`), "", "", "denied", "P0/A", "", ""},
		{"denied on the instance", allow(star) + "," + deny(`"Action":"ssm:*","Resource":"`+instance+`"`), "", "", "denied", "P0/A", "", ""},
		{"denied on another instance", allow(star) + "," + deny(`"Action":"ssm:*","Resource":"arn:aws:ec2:*:*:instance/i-2"`), "", "", "granted unconditional", "P0/A", "", None},
		{"denied under a condition", allow(star) + "," + deny(star+`,"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`), "", "", "granted", "P0/A", "P0/D[BoolIfExists aws:MultiFactorAuthPresent false]", None},
		{"denied from elsewhere", allow(star) + "," + deny(`"Action":"ssm:StartSession","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), "", "", "granted", "P0/A", "P0/D[NotIpAddress aws:SourceIp 203.0.113.0/24]", Restricted},
		{"denied outside a VPC endpoint", allow(star) + "," + deny(`"Action":"ssm:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}`), "", "", "granted", "P0/A", "P0/D[StringNotEquals aws:SourceVpce vpce-1]", Restricted},
		{"denied with NotAction", allow(star) + "," + deny(`"NotAction":"s3:*","Resource":"*"`), "", "", "denied", "P0/A", "", ""},
		{"boundary allows", allow(star), allow(`"Action":"ssm:*","Resource":"*"`), "", "granted unconditional", "P0/A P1/A", "", None},
		{"boundary does not allow", allow(star), allow(`"Action":"s3:*","Resource":"*"`), "", "denied", "P0/A", "", ""},
		{"boundary allows under a condition", allow(star), allow(star + `,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), "", "granted", "P0/A P1/A[IpAddress aws:SourceIp 203.0.113.0/24]", "", Restricted},
		{"SCP does not allow", allow(star), "", allow(`"Action":"s3:*","Resource":"*"`), "denied", "P0/A", "", ""},
		{"SCP denies", allow(star), "", allow(star) + "," + deny(`"Action":"ssm:*","Resource":"*"`), "denied", "P0/A P2/A", "", ""},
		{"an empty policy", ``, "", "", "denied", "", "", ""},
		{"document missing", "-", "", "", "unclear", "", "", Interview},
		{"document missing beside a grant", allow(star) + "-", "", "", "granted unclear", "P0/A", "", Interview},
		{"document missing, the boundary allows nothing", "-", allow(`"Action":"s3:*","Resource":"*"`), "", "denied", "", "", ""},
		{"document missing beside a Deny", deny(star) + "-", "", "", "denied", "", "", ""},
		{"boundary missing", allow(star), "-", "", "unclear", "P0/A", "", Interview},
		{"Principal in an Allow", allow(star + `,"Principal":"*"`), "", "", "unclear", "", "", Interview},
		{"not understood Deny", allow(star) + "," + deny(star+`,"Condition":{"Odd":{"a":"b"}}`), "", "", "granted unclear", "P0/A", "", Interview},
		{"not understood Deny on another action", allow(star) + "," + deny(`"Action":"s3:*","Resource":"*","Condition":{"Odd":{"a":"b"}}`), "", "", "granted unconditional", "P0/A", "", None},
	}
	show := func(grants []Grant) string {
		var out []string
		for _, g := range grants {
			s := g.Policy + "/" + g.Sid
			if len(g.Conditions) > 0 {
				s += fmt.Sprint(g.Conditions)
			}
			out = append(out, s)
		}
		return strings.Join(out, " ")
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var layers []Layer
			for i, statements := range []string{tt.identity, tt.boundary, tt.scp} {
				if statements == "" && i > 0 {
					continue
				}
				readable, unread := strings.CutSuffix(statements, "-")
				layer := of(t, LayerKind(i), readable)
				if unread {
					layer.Policies = append(layer.Policies, Policy{Name: "Gone"})
				}
				layers = append(layers, layer)
			}
			p := May(layers, "ssm:StartSession", instance, testLimits)
			var got []string
			for _, flag := range []struct {
				set  bool
				name string
			}{{p.Granted, "granted"}, {p.Unconditional, "unconditional"}, {p.Denied, "denied"}, {p.Unclear, "unclear"}} {
				if flag.set {
					got = append(got, flag.name)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if show(p.Grants) != tt.grants || show(p.Denies) != tt.denies {
				t.Errorf("grants %s, denies %s", show(p.Grants), show(p.Denies))
			}
			if p.Restriction.Status != tt.restriction {
				t.Errorf("restriction %s: %q", p.Restriction.Status, p.Restriction.Reasons)
			}
		})
	}
	t.Run("no layer", func(t *testing.T) {
		if p := May(nil, "ssm:StartSession", instance, testLimits); p.Granted || !p.Denied {
			t.Errorf("%+v", p)
		}
	})
	t.Run("the layer is named", func(t *testing.T) {
		p := May([]Layer{of(t, Identity, allow(star)), {Kind: SCP, Name: "ou-1", Policies: []Policy{policy(t, "S", allow(star))}}}, "ssm:StartSession", instance, testLimits)
		if p.Grants[0].Layer != "권한 정책" || p.Grants[1].Layer != "서비스 제어 정책(SCP) 'ou-1'" {
			t.Errorf("%+v", p.Grants)
		}
	})
}
