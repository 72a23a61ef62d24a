package iampolicy

import (
	"errors"
	"strings"
	"testing"
)

const account = "123456789012"

// signInDenyOf is a Deny of the actions for everyone under the conditions.
func signInDenyOf(sid, actions, conditions string) string {
	return `{"Sid":"` + sid + `","Effect":"Deny","Principal":{"AWS":"*"},"Action":[` + actions + `],"Resource":"*","Condition":{` + conditions + `}}`
}

func TestRestrictSignIn(t *testing.T) {
	const (
		net24    = "203.0.113.0/24"
		pre      = `"signin:Authenticate"`
		post     = `"signin:CreateOAuth2Token","signin:AuthorizeOAuth2Access"`
		fullRCP  = `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`
		ours     = `"StringEquals":{"aws:ResourceAccount":"123456789012"}`
		root     = "arn:aws:iam::123456789012:root"
		alice    = "arn:aws:iam::123456789012:user/alice"
		bob      = "arn:aws:iam::123456789012:user/bob"
		breakers = `"arn:aws:iam::123456789012:root","arn:aws:iam::123456789012:user/alice"`
	)
	both := func(preConditions, postConditions string) []string {
		return []string{signInDenyOf("Pre", pre, preConditions), signInDenyOf("Post", post, postConditions)}
	}
	restricted := want{status: Restricted, networks: net24, reasons: "정책 'RBP'(Sid 'Pre')|정책 'RBP'(Sid 'Post')|" + net24}
	tests := []struct {
		name       string
		statements []string
		want       want
		rootBound  bool
		exempt     string // principals that are exempt, of root, alice and bob
	}{
		{"both phases", both(good, good), restricted, true, ""},
		{"NotIpAddressIfExists", both(`"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}`, good), restricted, true, ""},
		{"one statement of all three actions", []string{signInDenyOf("All", pre+","+post, good)},
			want{status: Restricted, networks: net24, reasons: "정책 'RBP'(Sid 'All')의 로그인 단계 구문(허용 대역 203.0.113.0/24)"}, true, ""},
		{"signin:*", []string{signInDenyOf("All", `"signin:*"`, good)}, want{status: Restricted, networks: net24, reasons: "All"}, true, ""},
		{"every action", []string{signInDenyOf("All", `"*"`, good)}, want{status: Restricted, networks: net24, reasons: "All"}, true, ""},
		{"post phase in two statements", []string{signInDenyOf("A", pre, good), signInDenyOf("B", `"signin:CreateOAuth2Token"`, good), signInDenyOf("C", `"signin:authorizeoauth2access"`, good)},
			want{status: Restricted, networks: net24, reasons: "'A'|'B'|'C'"}, true, ""},
		{"bare principal", []string{`{"Sid":"All","Effect":"Deny","Principal":"*","Action":"signin:*","Resource":"*","Condition":{` + good + `}}`},
			want{status: Restricted, networks: net24, reasons: "All"}, true, ""},
		{"lower-case elements of the API's answer", []string{`{"sid":"All","effect":"Deny","principal":{"AWS":"*"},"action":["signin:*"],"resource":"*","condition":{` + good + `}}`},
			want{status: Restricted, networks: net24, reasons: "All"}, true, ""},
		{"RCPFullAWSAccess beside", append(both(good, good), fullRCP), restricted, true, ""},
		{"ResourceAccount of this account", both(good+","+ours, good+","+ours), restricted, true, ""},
		{"ResourceAccount of two accounts", both(good+`,"StringEquals":{"aws:ResourceAccount":["999999999999","123456789012"]}`, good), restricted, true, ""},
		{"ResourceAccount of another account", both(good+`,"StringEquals":{"aws:ResourceAccount":"999999999999"}`, good+`,"StringEquals":{"aws:ResourceAccount":"999999999999"}`),
			want{status: None, reasons: "콘솔 로그인을 소스 IP로 제한하는"}, false, ""},
		{"ResourceAccount by a wildcard", both(good+`,"StringLike":{"aws:ResourceAccount":"1234*"}`, good),
			want{status: Interview, reasons: "정책 'RBP'(Sid 'Pre')|StringLike aws:ResourceAccount 1234*", statements: 1}, false, ""},
		{"ResourceAccount negated", both(good+`,"StringNotEquals":{"aws:ResourceAccount":"999999999999"}`, good),
			want{status: Interview, reasons: "StringNotEquals aws:ResourceAccount", statements: 1}, false, ""},

		// Exempted principals.
		{"the AWS example with an excluded root", both(
			`"ArnNotEquals":{"signin:PrincipalArn":"`+root+`"},`+good+","+ours, `"ArnNotEquals":{"aws:PrincipalArn":"`+root+`"},`+good+","+ours),
			want{status: Restricted, networks: net24, reasons: "예외 주체(" + root + ")"}, false, "root"},
		{"the AWS example of an RCP", append(both(
			`"ArnNotEquals":{"signin:PrincipalArn":[`+breakers+`]},"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringNotEquals":{"aws:SourceVpc":"vpc-1"}`,
			`"ArnNotEquals":{"aws:PrincipalArn":[`+breakers+`]},"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringNotEquals":{"aws:SourceVpc":"vpc-1"}`),
			signInDenyOf("Region", `"signin:*"`, `"StringEquals":{"aws:SourceVpc":"vpc-1"},"StringNotEqualsIfExists":{"aws:RequestedRegion":"ap-northeast-2"}`)),
			want{status: Restricted, networks: net24, reasons: "user/alice", alternatives: "StringNotEquals aws:SourceVpc vpc-1"}, false, "root alice"},
		{"exempt before the password only", both(`"ArnNotLike":{"signin:PrincipalArn":"`+alice+`"},`+good, good), restricted, true, "alice"},
		{"wildcard exemption of users", both(`"ArnNotLike":{"signin:PrincipalArn":"arn:aws:iam::*:user/*"},`+good, good), restricted, true, "alice bob"},
		{"wildcard exemption of all but roles", both(`"ArnNotLike":{"signin:PrincipalArn":["arn:aws:iam::123456789012:user/*","arn:aws:iam::123456789012:ro?t"]},`+good, good), restricted, false, "root alice bob"},
		{"exemption of everyone", both(`"ArnNotLike":{"signin:PrincipalArn":"arn:aws:iam::*"},`+good, good),
			want{status: Partial, reasons: "모든 주체가 예외"}, false, "root alice bob"},
		{"exempt here, bound by another Deny", append(both(`"ArnNotEquals":{"aws:PrincipalArn":"`+alice+`"},`+good, `"ArnNotEquals":{"aws:PrincipalArn":"`+alice+`"},`+good), signInDenyOf("All", `"signin:*"`, good)),
			restricted, true, ""},
		{"exemption of another account's user", both(`"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::999999999999:user/alice"},`+good, good), restricted, true, ""},
		{"two exemptions in one statement", both(`"ArnNotEquals":{"signin:PrincipalArn":"`+alice+`"},"ArnNotLike":{"aws:PrincipalArn":"`+bob+`"},`+good, good), restricted, true, "alice bob"},
		{"exemption by ForAnyValue", both(`"ForAnyValue:ArnNotEquals":{"aws:PrincipalArn":"`+alice+`"},`+good, good),
			want{status: Interview, reasons: "ForAnyValue:ArnNotEquals", statements: 1}, false, ""},
		{"exemption by a variable", both(`"ArnNotEquals":{"aws:PrincipalArn":"${aws:PrincipalArn}"},`+good, good),
			want{status: Interview, reasons: "${aws:PrincipalArn}", statements: 1}, false, ""},
		{"exemption by a string operator", both(`"StringNotEquals":{"aws:PrincipalArn":"`+alice+`"},`+good, good),
			want{status: Interview, reasons: "StringNotEquals", statements: 1}, false, ""},
		{"only for a principal", both(`"ArnEquals":{"signin:PrincipalArn":"`+alice+`"},`+good, good),
			want{status: Interview, reasons: "ArnEquals", statements: 1}, false, ""},

		// VPC conditions.
		{"negated VPC conditions alone", both(`"StringNotEquals":{"aws:SourceVpc":"vpc-1"}`, `"StringNotEquals":{"aws:SourceVpce":"vpce-1"},"NotIpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}`),
			want{status: Restricted, reasons: "vpc-1|vpce-1", alternatives: "StringNotEquals aws:SourceVpc vpc-1; StringNotEquals aws:SourceVpce vpce-1; NotIpAddress aws:VpcSourceIp 10.0.0.0/16"}, true, ""},
		{"wildcard VPC", both(good+`,"StringNotLike":{"aws:SourceVpc":"*"}`, good), want{status: Interview, reasons: "와일드카드", statements: 1}, false, ""},
		{"positive VPC condition beside", both(good+`,"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}`, good),
			want{status: Interview, reasons: "StringEqualsIfExists aws:SourceVpc", statements: 1}, false, ""},
		{"RequestedRegion beside", both(good+`,"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}`, good),
			want{status: Interview, reasons: "RequestedRegion", statements: 1}, false, ""},

		// Partial, too wide, none, not understood.
		{"before the password only", []string{signInDenyOf("Pre", pre, good)},
			want{status: Partial, reasons: "정책 'RBP'(Sid 'Pre'): 로그인 단계의 일부 작업만 제한하며 signin:CreateOAuth2Token, signin:AuthorizeOAuth2Access 작업에는 제한이 없음"}, false, ""},
		{"after the password only", []string{signInDenyOf("Post", post, good)}, want{status: Partial, reasons: "signin:Authenticate 작업에는"}, false, ""},
		{"one of the post actions missing", []string{signInDenyOf("A", pre+`,"signin:CreateOAuth2Token"`, good)}, want{status: Partial, reasons: "signin:AuthorizeOAuth2Access 작업에는"}, false, ""},
		{"NotAction that leaves one out", []string{`{"Sid":"A","Effect":"Deny","Principal":"*","NotAction":"signin:Authenticate","Resource":"*","Condition":{` + good + `}}`},
			want{status: Partial, reasons: "signin:Authenticate 작업에는"}, false, ""},
		{"one phase too wide", both(good, `"NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}`),
			want{status: TooWide, networks: "0.0.0.0/0", reasons: "정책 'RBP'(Sid 'Post')|허용 대역 0.0.0.0/0의 범위가 IPv4 기준"}, false, ""},
		{"both phases too wide", both(`"NotIpAddress":{"aws:SourceIp":"1.0.0.0/8"}`, `"NotIpAddress":{"aws:SourceIp":"2.0.0.0/8"}`),
			want{status: TooWide, networks: "1.0.0.0/8 2.0.0.0/8", reasons: "1.0.0.0/8의 범위가 IPv4|2.0.0.0/8의 범위가 IPv4"}, false, ""},
		{"phases of different networks", both(`"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}`, good), restricted, true, ""},
		{"no statement", nil, want{status: None, reasons: "리소스 기반 정책 구문이 없음"}, false, ""},
		{"other actions only", []string{signInDenyOf("A", `"signin:CreateAccount","s3:*"`, good)}, want{status: None, reasons: "구문이 없음"}, false, ""},
		{"RCP about other resources", []string{`{"Sid":"S3","Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:s3:::*","Condition":{` + good + `}}`},
			want{status: None, reasons: "구문이 없음"}, false, ""},
		{"RCPFullAWSAccess alone", []string{fullRCP}, want{status: None, reasons: "구문이 없음"}, false, ""},
		{"wrong way round", both(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`),
			want{status: None, reasons: "정책 'RBP'(Sid 'Pre')|IpAddress aws:SourceIp 203.0.113.0/24|제한이 되지 않음"}, false, ""},
		{"Deny within a VPC only", []string{signInDenyOf("Region", `"signin:*"`, `"StringEquals":{"aws:SourceVpc":"vpc-1"},"StringNotEqualsIfExists":{"aws:RequestedRegion":"ap-northeast-2"}`)},
			want{status: None, reasons: "정책 'RBP'(Sid 'Region')|StringEquals aws:SourceVpc vpc-1"}, false, ""},
		{"conditioned Allow", []string{`{"Sid":"A","Effect":"Allow","Principal":"*","Action":"signin:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`},
			want{status: Interview, reasons: "조건이 있는 허용 구문", statements: 1}, false, ""},
		{"Deny for a principal", []string{`{"Sid":"A","Effect":"Deny","Principal":{"AWS":"` + alice + `"},"Action":"signin:*","Resource":"*","Condition":{` + good + `}}`},
			want{status: Interview, reasons: "Principal이 모든 주체(*)가 아님", statements: 1}, false, ""},
		{"Deny for all but a principal", []string{`{"Sid":"A","Effect":"Deny","NotPrincipal":{"AWS":"` + alice + `"},"Action":"signin:*","Resource":"*","Condition":{` + good + `}}`},
			want{status: Interview, reasons: "Principal", statements: 1}, false, ""},
		{"Deny without a principal", []string{`{"Sid":"A","Effect":"Deny","Action":"signin:*","Resource":"*","Condition":{` + good + `}}`},
			want{status: Interview, reasons: "Principal", statements: 1}, false, ""},
		{"Deny without a condition", []string{`{"Sid":"A","Effect":"Deny","Principal":"*","Action":"signin:*","Resource":"*"}`},
			want{status: Interview, reasons: "네트워크 조건이 없음", statements: 1}, false, ""},
		{"Deny of all but some principals", []string{signInDenyOf("A", `"signin:*"`, `"ArnNotEquals":{"signin:PrincipalArn":"`+alice+`"}`)},
			want{status: Interview, reasons: "네트워크 조건이 없음", statements: 1}, false, "alice"},
		{"Deny on certain resources", []string{`{"Sid":"A","Effect":"Deny","Principal":"*","Action":"signin:*","Resource":"arn:aws:signin:*:123456789012:console","Condition":{` + good + `}}`},
			want{status: Interview, reasons: "일부 자원", statements: 1}, false, ""},
		{"Deny without a resource", []string{`{"Sid":"A","Effect":"Deny","Principal":"*","Action":"signin:*","Condition":{` + good + `}}`},
			want{status: Interview, reasons: "Resource 요소가 없음", statements: 1}, false, ""},
		{"string operator on the address", both(good, `"StringNotEquals":{"aws:SourceIp":"203.0.113.7"}`),
			want{status: Interview, reasons: "정책 'RBP'(Sid 'Post')|StringNotEquals", statements: 1}, false, ""},
		{"not understood beside partial", []string{signInDenyOf("Pre", pre, good), signInDenyOf("Post", post, good+`,"Bool":{"aws:MultiFactorAuthPresent":"false"}`)},
			want{status: Interview, reasons: "MultiFactorAuthPresent", statements: 1}, false, ""},
		{"not understood beside good ones", append(both(good, good), signInDenyOf("Odd", `"signin:*"`, `"StringNotLike":{"aws:SourceIp":"2*"}`)), restricted, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := RestrictSignIn([]Policy{policy(t, "RBP", tt.statements...)}, account, testLimits)
			tt.want.check(t, got.Restriction)
			if got.RootBound != tt.rootBound {
				t.Errorf("root bound: %v", got.RootBound)
			}
			var exempt []string
			for _, p := range []struct{ name, arn string }{{"root", root}, {"alice", alice}, {"bob", bob}} {
				if got.Exempts(p.arn) {
					exempt = append(exempt, p.name)
				}
			}
			if strings.Join(exempt, " ") != tt.exempt {
				t.Errorf("exempt: %v, want %q; exempted %q", exempt, tt.exempt, got.Exempted)
			}
		})
	}

	t.Run("statements over several policies", func(t *testing.T) {
		got := RestrictSignIn([]Policy{policy(t, "RBP", signInDenyOf("Pre", pre, good)), policy(t, "RCP", fullRCP, signInDenyOf("Post", post, good))}, account, testLimits)
		want{status: Restricted, networks: net24, reasons: "정책 'RBP'(Sid 'Pre')|정책 'RCP'(Sid 'Post')"}.check(t, got.Restriction)
	})
	t.Run("a document missing", func(t *testing.T) {
		broken := Policy{Name: "RCP", Err: errors.New("x")}
		got := RestrictSignIn([]Policy{policy(t, "RBP", signInDenyOf("Pre", pre, good)), broken}, account, testLimits)
		want{status: Interview, reasons: "정책 'RCP'의 내용"}.check(t, got.Restriction)
		got = RestrictSignIn([]Policy{policy(t, "RBP", both(good, good)...), broken}, account, testLimits)
		restricted.check(t, got.Restriction)
	})
	t.Run("networks of one principal", func(t *testing.T) {
		all := RestrictSignIn([]Policy{policy(t, "RBP",
			signInDenyOf("Strict", `"signin:*"`, `"ArnNotEquals":{"aws:PrincipalArn":"`+alice+`"},"NotIpAddress":{"aws:SourceIp":"203.0.113.0/28"}`),
			signInDenyOf("Loose", `"signin:*"`, good))}, account, testLimits)
		want{status: Restricted, networks: "203.0.113.0/28", reasons: "Strict|Loose"}.check(t, all.For(bob).Restriction)
		want{status: Restricted, networks: net24, reasons: "Loose"}.check(t, all.For(alice).Restriction)
		if all.Exempts(alice) || all.For(alice).RootBound != true {
			t.Error("alice is bound by the second statement, and root by both")
		}
	})
}
