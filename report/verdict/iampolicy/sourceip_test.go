package iampolicy

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const (
	admin   = `{"Sid":"Admin","Effect":"Allow","Action":"*","Resource":"*"}`
	fenceIn = `{"Sid":"Fence","Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`
)

// policy is a policy of the statements.
func policy(t testing.TB, name string, statements ...string) Policy {
	t.Helper()
	doc, err := Parse(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	if err != nil {
		t.Fatalf("%v in %s", err, statements)
	}
	return Policy{Name: name, Document: doc}
}

func identity(policies ...Policy) Layer { return Layer{Kind: Identity, Policies: policies} }

// denyIf is a Deny of everything under the conditions.
func denyIf(conditions string) string {
	return `{"Sid":"Fence","Effect":"Deny","Action":"*","Resource":"*","Condition":{` + conditions + `}}`
}

// allowIf is an Allow of everything under the conditions.
func allowIf(conditions string) string {
	return `{"Sid":"Open","Effect":"Allow","Action":"*","Resource":"*","Condition":{` + conditions + `}}`
}

// denyFor is a Deny with a good condition and the elements beside it.
func denyFor(elements string) string {
	return `{"Sid":"Fence","Effect":"Deny",` + elements + `,"Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`
}

const good = `"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`

type want struct {
	status       Status
	networks     string // as printed
	reasons      string // pieces of the reasons, separated by '|'
	alternatives string
	exceptions   string
	statements   int
}

func (w want) check(t *testing.T, got Restriction) {
	t.Helper()
	if got.Status != w.status {
		t.Errorf("status %s, want %s: %q", got.Status, w.status, got.Reasons)
	}
	if networks := strings.Trim(fmt.Sprint(got.Networks), "[]"); networks != w.networks {
		t.Errorf("networks %s, want %s", networks, w.networks)
	}
	reasons := strings.Join(got.Reasons, " / ")
	for piece := range strings.SplitSeq(w.reasons, "|") {
		if !strings.Contains(reasons, piece) {
			t.Errorf("the reasons lack %q: %s", piece, reasons)
		}
	}
	if len(got.Reasons) == 0 || strings.Contains(reasons, "위반") {
		t.Errorf("reasons %q", got.Reasons)
	}
	for _, r := range got.Reasons {
		if !slices.ContainsFunc([]string{"함", "됨", "음", "임"}, func(end string) bool { return strings.HasSuffix(r, end) }) {
			t.Errorf("not a formal sentence: %s", r)
		}
	}
	if a := strings.Join(got.Alternatives, "; "); a != w.alternatives {
		t.Errorf("alternatives %q, want %q", a, w.alternatives)
	}
	if e := strings.Join(got.Exceptions, "; "); e != w.exceptions {
		t.Errorf("exceptions %q, want %q", e, w.exceptions)
	}
	if len(got.Statements) != w.statements {
		t.Errorf("%d statements to read, want %d: %q", len(got.Statements), w.statements, got.Statements)
	}
}

func TestRestrictSourceIP(t *testing.T) {
	const net24 = "203.0.113.0/24"
	restricted := want{status: Restricted, networks: net24, reasons: "정책 'P'(Sid 'Fence')|" + net24}
	tests := []struct {
		name       string
		statements string // of one identity policy, beside the administrator's Allow; '-' for no such Allow
		want       want
	}{
		// Restricted by a Deny.
		{"Deny with NotIpAddress", denyIf(good), restricted},
		{"Deny with NotIpAddressIfExists", denyIf(`"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}`), restricted},
		{"Deny with ForAnyValue", denyIf(`"ForAnyValue:NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`), restricted},
		{"Deny with ForAllValues", denyIf(`"ForAllValues:NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}`), restricted},
		{"keys and operators of any case", `{"sid":"Fence","effect":"Deny","ACTION":["*"],"resource":["*"],"condition":{"notipaddress":{"AWS:SOURCEIP":["203.0.113.0/24"]}}}`, restricted},
		{"action *:*", denyFor(`"Action":"*:*","Resource":"*"`), restricted},
		{"star among other actions and resources", denyFor(`"Action":["s3:*","*"],"Resource":["arn:aws:s3:::a","*"]`), restricted},
		{"host address", denyIf(`"NotIpAddress":{"aws:SourceIp":"203.0.113.7"}`),
			want{status: Restricted, networks: "203.0.113.7/32", reasons: "203.0.113.7/32"}},
		{"host bits", denyIf(`"NotIpAddress":{"aws:SourceIp":"203.0.113.7/24"}`), restricted},
		{"IPv4 mapped in IPv6", denyIf(`"NotIpAddress":{"aws:SourceIp":"::ffff:203.0.113.0/120"}`), restricted},
		{"blocks of one statement are a union", denyIf(`"NotIpAddress":{"aws:SourceIp":["203.0.113.0/25","203.0.113.128/25","2001:db8::/32"]}`),
			want{status: Restricted, networks: "203.0.113.0/24 2001:db8::/32", reasons: "203.0.113.0/24, 2001:db8::/32"}},
		{"two conditions of one statement are a union", denyIf(`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/25"},"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.128/25"}`), restricted},
		{"two Denies intersect", denyIf(`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`) + "," + `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.128/25","198.51.100.0/24"]}}}`,
			want{status: Restricted, networks: "203.0.113.128/25", reasons: "정책 'P'(Sid 'Fence')|정책 'P'의 3번째 구문|198.51.100.0/24"}},
		{"a Deny for all of IPv4 and one for IPv6", denyIf(`"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","::/0"]}`) + "," + denyIf(`"NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}`), restricted},
		{"useless Deny beside a good one", denyIf(good) + "," + denyIf(`"NotIpAddress":{"aws:SourceIp":["0.0.0.0/0","::/0"]}`), restricted},
		{"partial Deny beside a good one", denyIf(good) + "," + denyFor(`"Action":"s3:*","Resource":"*"`), restricted},
		{"not understood Deny beside a good one", denyIf(good) + "," + denyIf(`"StringNotLike":{"aws:SourceIp":"203.*"}`), restricted},
		{"wrong way round beside a good one", denyIf(good) + "," + denyIf(`"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}`), restricted},
		{"private networks only", denyIf(`"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","172.16.0.0/12"]}`),
			want{status: Restricted, networks: "10.0.0.0/8 172.16.0.0/12", reasons: "10.0.0.0/8, 172.16.0.0/12"}},
		{"two /17 that merge", denyIf(`"NotIpAddress":{"aws:SourceIp":["198.51.0.0/17","198.51.128.0/17"]}`),
			want{status: Restricted, networks: "198.51.0.0/16", reasons: "198.51.0.0/16"}},
		{"nothing in common", denyIf(good) + "," + denyIf(`"NotIpAddress":{"aws:SourceIp":"198.51.100.0/24"}`),
			want{status: Restricted, reasons: "정책 'P'(Sid 'Fence')"}},

		// Accepted beside it.
		{"ViaAWSService false", denyIf(good + `,"Bool":{"aws:ViaAWSService":"false"}`),
			want{status: Restricted, networks: net24, reasons: net24, exceptions: "Bool aws:ViaAWSService false"}},
		{"PrincipalIsAWSService false as a boolean", denyIf(good + `,"BoolIfExists":{"aws:PrincipalIsAWSService":false,"aws:ViaAWSService":"False"}`),
			want{status: Restricted, networks: net24, reasons: net24, exceptions: "BoolIfExists aws:PrincipalIsAWSService false; BoolIfExists aws:ViaAWSService False"}},
		{"negated SourceVpc", denyIf(`"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringNotEquals":{"aws:SourceVpc":["vpc-1","vpc-2"]}`),
			want{status: Restricted, networks: net24, reasons: "허용 VPC 조건 StringNotEquals aws:SourceVpc vpc-1, vpc-2", alternatives: "StringNotEquals aws:SourceVpc vpc-1, vpc-2"}},
		{"negated SourceVpce with IfExists", denyIf(good + `,"StringNotEqualsIfExists":{"aws:SourceVpce":"vpce-1"}`),
			want{status: Restricted, networks: net24, reasons: net24, alternatives: "StringNotEqualsIfExists aws:SourceVpce vpce-1"}},
		{"negated VpcSourceIp", denyIf(`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24","aws:VpcSourceIp":"10.0.0.0/8"}`),
			want{status: Restricted, networks: net24, reasons: net24, alternatives: "NotIpAddress aws:VpcSourceIp 10.0.0.0/8"}},
		{"negated VPC condition alone", denyIf(`"StringNotEquals":{"aws:SourceVpc":"vpc-1"}`),
			want{status: Restricted, reasons: "StringNotEquals aws:SourceVpc vpc-1", alternatives: "StringNotEquals aws:SourceVpc vpc-1"}},
		{"ForAllValues on a VPC", denyIf(`"ForAllValues:StringNotEquals":{"aws:SourceVpc":"vpc-1"}`),
			want{status: Restricted, reasons: "vpc-1", alternatives: "ForAllValues:StringNotEquals aws:SourceVpc vpc-1"}},
		{"a VPC alternative that is a wildcard", denyIf(good + `,"StringNotLike":{"aws:SourceVpc":"vpc-*"}`),
			want{status: Interview, reasons: "정책 'P'(Sid 'Fence')|와일드카드", statements: 1}},
		{"a VPC alternative that is a variable", denyIf(good + `,"StringNotEquals":{"aws:SourceVpc":"${aws:PrincipalTag/vpc}"}`),
			want{status: Interview, reasons: "정책 변수(${aws:PrincipalTag/vpc})", statements: 1}},
		{"VpcSourceIp of every address", denyIf(good + `,"NotIpAddressIfExists":{"aws:VpcSourceIp":"0.0.0.0/0"}`),
			want{status: Interview, reasons: "모든 주소", statements: 1}},
		{"VpcSourceIp that is no address", denyIf(good + `,"NotIpAddressIfExists":{"aws:VpcSourceIp":"10.0.0.0/99"}`),
			want{status: Interview, reasons: "10.0.0.0/99", statements: 1}},
		{"any VPC by Null", denyIf(good + `,"Null":{"aws:SourceVpc":"true"}`),
			want{status: Interview, reasons: "Null 연산자로 aws:SourceVpc", statements: 1}},
		{"a VPC condition without values", denyIf(`"StringNotEquals":{"aws:SourceVpc":[]}`),
			want{status: Interview, reasons: "값이 없음", statements: 1}},

		// Ways round.
		{"MFA beside", denyIf(good + `,"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`),
			want{status: Partial, reasons: "정책 'P'(Sid 'Fence')|BoolIfExists aws:MultiFactorAuthPresent false|203.0.113.0/24"}},
		{"PrincipalArn beside", denyIf(good + `,"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/ceo"}`),
			want{status: Partial, reasons: "ArnNotLike aws:PrincipalArn arn:aws:iam::*:user/ceo"}},
		{"PrincipalTag beside", denyIf(good + `,"StringNotEquals":{"aws:PrincipalTag/anywhere":"true"}`),
			want{status: Partial, reasons: "StringNotEquals aws:PrincipalTag/anywhere true"}},
		{"RequestedRegion beside", denyIf(good + `,"StringEquals":{"aws:RequestedRegion":"ap-northeast-2"}`),
			want{status: Partial, reasons: "StringEquals aws:RequestedRegion ap-northeast-2"}},
		{"ViaAWSService true", denyIf(good + `,"Bool":{"aws:ViaAWSService":"true"}`),
			want{status: Partial, reasons: "Bool aws:ViaAWSService true"}},
		{"ViaAWSService by Null", denyIf(good + `,"Null":{"aws:ViaAWSService":"false"}`),
			want{status: Partial, reasons: "Null aws:ViaAWSService false"}},
		{"SourceVpc not negated", denyIf(good + `,"StringEquals":{"aws:SourceVpc":"vpc-1"}`),
			want{status: Partial, reasons: "StringEquals aws:SourceVpc vpc-1"}},
		{"SourceVpc not negated, IfExists, alone", denyIf(`"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}`),
			want{status: Partial, reasons: "StringEqualsIfExists aws:SourceVpc vpc-1"}},
		{"SourceVpc that must be there", denyIf(good + `,"Null":{"aws:SourceVpc":"false"}`),
			want{status: Partial, reasons: "Null aws:SourceVpc false"}},
		{"ForAnyValue on a VPC never holds outside one", denyIf(`"ForAnyValue:StringNotEquals":{"aws:SourceVpc":"vpc-1"}`),
			want{status: Partial, reasons: "ForAnyValue:StringNotEquals aws:SourceVpc vpc-1"}},
		{"MFA beside a VPC condition alone", denyIf(`"StringNotEquals":{"aws:SourceVpc":"vpc-1"},"Bool":{"aws:MultiFactorAuthPresent":"false"}`),
			want{status: Partial, reasons: "MultiFactorAuthPresent"}},
		{"a way round beside what is not understood", denyIf(`"StringNotLike":{"aws:SourceIp":"203.*"},"Bool":{"aws:MultiFactorAuthPresent":"false"}`),
			want{status: Partial, reasons: "MultiFactorAuthPresent"}},
		{"NotAction", denyFor(`"NotAction":["iam:*","sts:GetSessionToken"],"Resource":"*"`),
			want{status: Partial, reasons: "정책 'P'(Sid 'Fence')|NotAction으로 작업(iam:*, sts:GetSessionToken)|203.0.113.0/24"}},
		{"NotAction of self-service actions", denyFor(`"NotAction":["iam:ChangePassword","IAM:GetUser"],"Resource":"*"`),
			want{status: Restricted, networks: net24, reasons: net24, exceptions: "iam:ChangePassword; IAM:GetUser"}},
		{"NotAction of one action too many", denyFor(`"NotAction":["iam:ChangePassword","iam:CreateUser"],"Resource":"*"`),
			want{status: Partial, reasons: "iam:CreateUser"}},
		{"NotAction with a wildcard", denyFor(`"NotAction":"iam:Change*","Resource":"*"`),
			want{status: Partial, reasons: "iam:Change*"}},
		{"service subset", denyFor(`"Action":["s3:*","ec2:*"],"Resource":"*"`),
			want{status: Partial, reasons: "일부 작업(s3:*, ec2:*)"}},
		{"resource subset", denyFor(`"Action":"*","Resource":"arn:aws:s3:::*"`),
			want{status: Partial, reasons: "일부 자원(arn:aws:s3:::*)"}},
		{"NotResource", denyFor(`"Action":"*","NotResource":"arn:aws:s3:::a"`),
			want{status: Partial, reasons: "NotResource로 자원(arn:aws:s3:::a)"}},

		// Too wide.
		{"all of IPv4", denyIf(`"NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}`),
			want{status: TooWide, networks: "0.0.0.0/0", reasons: "정책 'P'(Sid 'Fence')|허용 대역 0.0.0.0/0의 범위가 IPv4 기준(/16)보다 넓음"}},
		{"two halves of IPv4", denyIf(`"NotIpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}`),
			want{status: TooWide, networks: "0.0.0.0/0", reasons: "정책 'P'(Sid 'Fence')|0.0.0.0/0"}},
		{"all of IPv6", denyIf(`"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","::/0"]}`),
			want{status: TooWide, networks: "203.0.113.0/24 ::/0", reasons: "::/0의 범위가 IPv6 기준(/32)보다 넓음"}},
		{"three /16", denyIf(`"NotIpAddress":{"aws:SourceIp":["1.1.0.0/16","3.1.0.0/16","5.1.0.0/16"]}`),
			want{status: TooWide, networks: "1.1.0.0/16 3.1.0.0/16 5.1.0.0/16", reasons: "196,608개"}},
		{"too wide beside partial", denyIf(`"NotIpAddress":{"aws:SourceIp":"1.0.0.0/8"}`) + "," + denyFor(`"Action":"s3:*","Resource":"*"`),
			want{status: TooWide, networks: "1.0.0.0/8", reasons: "1.0.0.0/8"}},
		{"too wide beside what is not understood", denyIf(`"NotIpAddress":{"aws:SourceIp":"1.0.0.0/8"}`) + "," + denyIf(`"StringNotLike":{"aws:SourceIp":"203.*"}`),
			want{status: Interview, reasons: "StringNotLike", statements: 1}},

		// Nothing.
		{"no statement about sources", denyIf(`"Bool":{"aws:MultiFactorAuthPresent":"false"}`),
			want{status: None, reasons: "정책 'P'(Sid 'Admin')|소스 IP 조건이 없음"}},
		{"only the administrator's Allow", "", want{status: None, reasons: "권한 정책의 허용 구문(정책 'P'(Sid 'Admin'))에 소스 IP 조건이 없음"}},
		{"Deny with IpAddress", denyIf(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`),
			want{status: None, reasons: "정책 'P'(Sid 'Fence')|반대 방향|IpAddress aws:SourceIp 203.0.113.0/24"}},
		{"Allow with NotIpAddress", "-" + allowIf(`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`),
			want{status: None, reasons: "정책 'P'(Sid 'Open')|반대 방향|NotIpAddress aws:SourceIp 203.0.113.0/24"}},
		{"Deny within a VPC", denyIf(`"StringEquals":{"aws:SourceVpc":"vpc-1"}`), want{status: None, reasons: "소스 IP 조건이 없음"}},
		{"unconditional Deny", `{"Sid":"All","Effect":"Deny","Action":"*","Resource":"*"}`,
			want{status: None, reasons: "정책 'P'(Sid 'All')|소스 IP 제한으로 보지 않음"}},
		{"no Allow at all", "-", want{status: None, reasons: "권한 정책에 권한을 허용하는 구문이 없으며, 이는 소스 IP 제한으로 보지 않음"}},

		// Restricted by Allows.
		{"every Allow with IpAddress", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"203.0.113.0/25"}`) + "," + allowIf(`"ForAnyValue:IpAddress":{"aws:SourceIp":"203.0.113.128/25"}`),
			want{status: Restricted, networks: net24, reasons: "권한 정책의 모든 허용 구문|203.0.113.0/24"}},
		{"two conditions of an Allow intersect", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"203.0.0.0/16"},"ForAnyValue:IpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}`),
			want{status: Restricted, networks: net24, reasons: net24}},
		{"other conditions of an Allow only narrow it", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"Bool":{"aws:MultiFactorAuthPresent":"true"},"StringLike":{"aws:SourceIp":"203*"}`),
			want{status: Restricted, networks: net24, reasons: net24}},
		{"Allows that together are too wide", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}`) + "," + allowIf(`"IpAddress":{"aws:SourceIp":"128.0.0.0/1"}`),
			want{status: TooWide, networks: "0.0.0.0/0", reasons: "허용 대역 0.0.0.0/0의 범위가 IPv4 기준"}},
		{"a Deny and conditioned Allows intersect", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"203.0.113.0/25"}`) + "," + denyIf(good),
			want{status: Restricted, networks: "203.0.113.0/25", reasons: "거부 구문|모든 허용 구문"}},
		{"Allow from a VPC only", "-" + allowIf(`"StringEquals":{"aws:SourceVpc":"vpc-1"}`),
			want{status: Restricted, reasons: "vpc-1", alternatives: "StringEquals aws:SourceVpc vpc-1"}},
		{"Allow from addresses of a VPC only", "-" + allowIf(`"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}`),
			want{status: Restricted, reasons: "10.0.0.0/16", alternatives: "IpAddress aws:VpcSourceIp 10.0.0.0/16"}},
		{"Allow from any VPC", "-" + allowIf(`"StringLike":{"aws:SourceVpc":"*"}`),
			want{status: Interview, reasons: "와일드카드", statements: 1}},
		{"Allow from a VPC or without the key", "-" + allowIf(`"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}`),
			want{status: None, reasons: "소스 IP 조건이 없음"}},
		{"one Allow without a condition beside", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`) + `,{"Sid":"Own","Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}`,
			want{status: Partial, reasons: "정책 'P'(Sid 'Own')에는 없음|203.0.113.0/24"}},
		{"an Allow of everything beside a conditioned one", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`) + "," + admin,
			want{status: None, reasons: "정책 'P'(Sid 'Admin')"}},

		// Interview.
		{"Allow with IpAddressIfExists", "-" + allowIf(`"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}`),
			want{status: Interview, reasons: "정책 'P'(Sid 'Open')|IpAddressIfExists aws:SourceIp 203.0.113.0/24|없으면 참", statements: 1}},
		{"Allow with ForAllValues", "-" + allowIf(`"ForAllValues:IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`),
			want{status: Interview, reasons: "ForAllValues:IpAddress", statements: 1}},
		{"such an Allow beside restricted ones", "-" + allowIf(`"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}`) + "," + allowIf(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`),
			want{status: Interview, reasons: "IpAddressIfExists", statements: 1}},
		{"a plain Allow beside such an Allow", allowIf(`"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}`),
			want{status: None, reasons: "정책 'P'(Sid 'Admin')"}},
		{"string operator in a Deny", denyIf(`"StringNotEquals":{"aws:SourceIp":"203.0.113.7"}`),
			want{status: Interview, reasons: "정책 'P'(Sid 'Fence')|StringNotEquals 연산자", statements: 1}},
		{"string operator in an Allow", "-" + allowIf(`"StringLike":{"aws:SourceIp":"203.0.113.*"}`),
			want{status: Interview, reasons: "정책 'P'(Sid 'Open')|StringLike 연산자", statements: 1}},
		{"policy variable in a Deny", denyIf(`"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","${aws:PrincipalTag/ip}"]}`),
			want{status: Interview, reasons: "정책 변수(${aws:PrincipalTag/ip})", statements: 1}},
		{"policy variable in an Allow", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"${aws:PrincipalTag/ip}"}`),
			want{status: Interview, reasons: "정책 변수", statements: 1}},
		{"invalid CIDR in a Deny", denyIf(`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/33"}`),
			want{status: Interview, reasons: "203.0.113.0/33|올바른 IP 대역이 아님", statements: 1}},
		{"invalid CIDR in an Allow", "-" + allowIf(`"IpAddress":{"aws:SourceIp":"office"}`),
			want{status: Interview, reasons: "office", statements: 1}},
		{"no value", denyIf(`"NotIpAddress":{"aws:SourceIp":[]}`),
			want{status: Interview, reasons: "값이 없음", statements: 1}},
		{"Null in a Deny", denyIf(good + `,"Null":{"aws:SourceIp":"false"}`),
			want{status: Interview, reasons: "Null 연산자로 aws:SourceIp", statements: 1}},
		{"Null in an Allow", "-" + allowIf(`"Null":{"aws:SourceIp":"true"}`),
			want{status: Interview, reasons: "Null 연산자로 aws:SourceIp", statements: 1}},
		{"IpAddress and NotIpAddress in one Deny", denyIf(good + `,"IpAddress":{"aws:SourceIp":"203.0.113.9"}`),
			want{status: Interview, reasons: "IpAddress와 NotIpAddress가 함께", statements: 1}},
		{"Principal in an identity policy", denyFor(`"Principal":"*","Action":"*","Resource":"*"`),
			want{status: Interview, reasons: "정책 'P'(Sid 'Fence')|Principal", statements: 1}},
		{"NotPrincipal in an identity policy", denyFor(`"NotPrincipal":{"AWS":"arn:aws:iam::1:root"},"Action":"*","Resource":"*"`),
			want{status: Interview, reasons: "NotPrincipal", statements: 1}},
		{"Principal in an Allow", `-{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`,
			want{status: Interview, reasons: "정책 'P'(Sid 'Open')", statements: 1}},
		{"unknown operator", denyIf(good + `,"AddressIsNice":{"aws:Foo":"1"}`),
			want{status: Interview, reasons: "알 수 없는 조건 연산자(AddressIsNice)", statements: 1}},
		{"NullIfExists", denyIf(good + `,"NullIfExists":{"aws:Foo":"true"}`),
			want{status: Interview, reasons: "알 수 없는 조건 연산자(Null)", statements: 1}},
		{"Deny without an action", denyFor(`"Resource":"*"`), want{status: Interview, reasons: "Action 요소가 없음", statements: 1}},
		{"Deny with Action and NotAction", denyFor(`"Action":"*","NotAction":"iam:*","Resource":"*"`),
			want{status: Interview, reasons: "Action과 NotAction이 함께", statements: 1}},
		{"Deny without a resource", denyFor(`"Action":"*"`), want{status: Interview, reasons: "Resource 요소가 없음", statements: 1}},
		{"Deny with Resource and NotResource", denyFor(`"Action":"*","Resource":"*","NotResource":"a"`),
			want{status: Interview, reasons: "Resource와 NotResource가 함께", statements: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			statements, alone := strings.CutPrefix(tt.statements, "-")
			if !alone {
				statements = strings.TrimSuffix(admin+","+statements, ",")
			}
			tt.want.check(t, RestrictSourceIP([]Layer{identity(policy(t, "P", statements))}, Everything, testLimits))
		})
	}
}

func TestRestrictSourceIPLayers(t *testing.T) {
	const net24 = "203.0.113.0/24"
	allow := func(blocks string) string { return allowIf(`"IpAddress":{"aws:SourceIp":[` + blocks + `]}`) }
	adminLayer := identity(policy(t, "Admin", admin))
	boundary := func(statements ...string) Layer {
		return Layer{Kind: Boundary, Policies: []Policy{policy(t, "B", statements...)}}
	}
	scp := func(statements ...string) Layer {
		return Layer{Kind: SCP, Name: "ou-1", Policies: []Policy{policy(t, "S", statements...)}}
	}
	broken := Policy{Name: "Broken", Err: errors.New("not JSON")}
	tests := []struct {
		name   string
		layers []Layer
		want   want
	}{
		{"Deny in a group's policy", []Layer{identity(policy(t, "Admin", admin), policy(t, "Net (그룹 dev)", fenceIn))},
			want{status: Restricted, networks: net24, reasons: "정책 'Net (그룹 dev)'(Sid 'Fence')"}},
		{"Deny in the boundary", []Layer{adminLayer, boundary(admin, fenceIn)}, want{status: Restricted, networks: net24, reasons: "정책 'B'(Sid 'Fence')"}},
		{"Deny in an SCP", []Layer{adminLayer, scp(admin, fenceIn)}, want{status: Restricted, networks: net24, reasons: "정책 'S'(Sid 'Fence')"}},
		{"boundary that allows from an address only", []Layer{adminLayer, boundary(allow(`"203.0.113.0/24"`))},
			want{status: Restricted, networks: net24, reasons: "권한 경계의 모든 허용 구문"}},
		{"SCP that allows from an address only", []Layer{adminLayer, scp(allow(`"203.0.113.0/24"`))},
			want{status: Restricted, networks: net24, reasons: "서비스 제어 정책(SCP) 'ou-1'의 모든 허용 구문"}},
		{"layers intersect", []Layer{identity(policy(t, "P", allow(`"203.0.113.0/24","198.51.100.0/24"`))), boundary(allow(`"203.0.113.0/24","192.0.2.0/24"`)), scp(allow(`"0.0.0.0/0"`))},
			want{status: Restricted, networks: net24, reasons: "권한 경계|권한 정책|SCP"}},
		{"wide layers that intersect narrowly", []Layer{identity(policy(t, "P", allow(`"1.0.0.0/8","203.0.113.0/24"`))), boundary(allow(`"2.0.0.0/8","203.0.113.0/24"`))},
			want{status: Restricted, networks: net24, reasons: net24}},
		{"boundary without an Allow", []Layer{adminLayer, boundary(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`)},
			want{status: None, reasons: "권한 경계에 권한을 허용하는 구문이 없으며"}},
		{"no policy at all", []Layer{identity()}, want{status: None, reasons: "권한 정책에 권한을 허용하는 구문이 없으며"}},
		{"no layer at all", nil, want{status: None, reasons: "소스 IP를 제한하는 구문이 없음"}},
		{"boundary with a plain Allow says nothing", []Layer{adminLayer, boundary(admin)}, want{status: None, reasons: "정책 'Admin'"}},
		{"boundary with some conditioned Allows", []Layer{adminLayer, boundary(allow(`"203.0.113.0/24"`), `{"Sid":"S3","Effect":"Allow","Action":"s3:*","Resource":"*"}`)},
			want{status: Partial, reasons: "권한 경계의 허용 구문 중 일부에만|정책 'B'(Sid 'S3')"}},
		{"document not understood", []Layer{identity(policy(t, "Admin", admin), broken)},
			want{status: Interview, reasons: "정책 'Broken'의 내용이 반환되지 않았거나 해석할 수 없어"}},
		{"document missing", []Layer{identity(policy(t, "Admin", admin), Policy{Name: "Gone"})}, want{status: Interview, reasons: "정책 'Gone'"}},
		{"document missing beside a good Deny", []Layer{identity(policy(t, "Admin", admin, fenceIn), broken)},
			want{status: Restricted, networks: net24, reasons: "Fence"}},
		{"document missing beside conditioned Allows", []Layer{identity(policy(t, "P", allow(`"203.0.113.0/24"`)), broken)},
			want{status: Interview, reasons: "Broken"}},
		{"document missing, the boundary restricts", []Layer{identity(broken), boundary(allow(`"203.0.113.0/24"`))},
			want{status: Restricted, networks: net24, reasons: "권한 경계"}},
		{"document missing beside partial", []Layer{identity(policy(t, "P", admin, denyFor(`"Action":"s3:*","Resource":"*"`)), broken)},
			want{status: Interview, reasons: "Broken"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.check(t, RestrictSourceIP(tt.layers, Everything, testLimits))
		})
	}
}

func TestRestrictSourceIPScope(t *testing.T) {
	const instance = "arn:aws:ec2:ap-northeast-2:123456789012:instance/i-1"
	scope := Scope{"ssm:StartSession", instance}
	tests := []struct {
		name, statements string
		want             Status
		reason           string
	}{
		{"Deny on the action", denyFor(`"Action":"ssm:StartSession","Resource":"*"`), Restricted, "ssm:StartSession 작업"},
		{"Deny on the service, any case", denyFor(`"Action":"SSM:start*","Resource":"*"`), Restricted, ""},
		{"Deny on the instance", denyFor(`"Action":"ssm:*","Resource":"arn:aws:ec2:*:*:instance/*"`), Restricted, ""},
		{"Deny with NotAction of another service", denyFor(`"NotAction":"iam:*","Resource":"*"`), Restricted, ""},
		{"Deny with NotResource of another kind", denyFor(`"Action":"*","NotResource":"arn:aws:s3:::*"`), Restricted, ""},
		{"Deny with NotAction of the action", denyFor(`"NotAction":"ssm:Start*","Resource":"*"`), None, "소스 IP 조건이 없음"},
		{"Deny with NotResource of the instance", denyFor(`"Action":"*","NotResource":"arn:aws:ec2:*:*:instance/*"`), None, ""},
		{"Deny with NotResource of some variable", denyFor(`"Action":"*","NotResource":"arn:aws:ec2:*:*:instance/${aws:PrincipalTag/i}"`), Partial, "NotResource"},
		{"Deny on another action", denyFor(`"Action":"ssm:SendCommand","Resource":"*"`), None, ""},
		{"Deny on another instance", denyFor(`"Action":"*","Resource":"arn:aws:ec2:*:*:instance/i-2"`), None, ""},
		{"Deny on a variable resource", denyFor(`"Action":"*","Resource":"arn:aws:ec2:*:*:instance/${aws:PrincipalTag/i}"`), Partial, "일부 자원"},
		{"not understood Deny on another action", denyFor(`"Action":"s3:*","Resource":"*","Principal":"*"`), None, ""},
		{"Allow of another action beside a conditioned one",
			`-{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"ssm:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, Restricted, ""},
		{"no Allow of the action", `-{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, None, "ssm:StartSession 작업을 허용하는 구문이 없으며"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			statements, alone := strings.CutPrefix(tt.statements, "-")
			if !alone {
				statements = admin + "," + statements
			}
			got := RestrictSourceIP([]Layer{identity(policy(t, "P", statements))}, scope, testLimits)
			if got.Status != tt.want || !strings.Contains(strings.Join(got.Reasons, " "), tt.reason) {
				t.Errorf("%s: %q", got.Status, got.Reasons)
			}
		})
	}
	t.Run("self-service actions are no exception of a single action", func(t *testing.T) {
		layers := []Layer{identity(policy(t, "P", admin, denyFor(`"NotAction":"iam:ChangePassword","Resource":"*"`)))}
		if got := RestrictSourceIP(layers, Scope{"iam:ChangePassword", "*"}, testLimits); got.Status != None {
			t.Errorf("%s: %q", got.Status, got.Reasons)
		}
	})
}

func TestRestrictSourceIPAllowedRanges(t *testing.T) {
	limits := testLimits
	limits.Allowed = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	layers := func(blocks string) []Layer {
		return []Layer{identity(policy(t, "P", admin, denyIf(`"NotIpAddress":{"aws:SourceIp":[`+blocks+`]}`)))}
	}
	want{status: Restricted, networks: "10.0.0.0/8 203.0.113.128/25", reasons: "203.0.113.128/25"}.
		check(t, RestrictSourceIP(layers(`"203.0.113.128/25","10.0.0.0/8"`), Everything, limits))
	want{status: TooWide, networks: "198.51.100.0/24 203.0.113.0/24", reasons: "밖의 공인 대역 198.51.100.0/24에서의|정책 'P'(Sid 'Fence')"}.
		check(t, RestrictSourceIP(layers(`"203.0.113.0/24","198.51.100.0/24"`), Everything, limits))
}
