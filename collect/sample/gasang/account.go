// Package gasang describes the fictional account of 가상핀테크 that the sample
// recording was made of. Tests ask it through fakeaws; the program itself never does.
package gasang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// The account below is fictional: 가상핀테크, about 40 users of every kind that an
// auditor meets. Names are made up; addresses are of documentation ranges.

const (
	accountID    = "123456789012"
	managementID = "210987654321"
	allowS3      = `{"Version":"2012-10-17","Statement":[{"Sid":"ReadReports","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::gasang-fintech-reports","arn:aws:s3:::gasang-fintech-reports/*"]}]}`
	allowAll     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	readOnly     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:Describe*","s3:List*","iam:Get*","iam:List*"],"Resource":"*"}]}`
	denyAway     = `{"Version":"2012-10-17","Statement":[{"Sid":"DenyOutsideOffice","Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}}]}`
	changePw     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ChangePassword"],"Resource":["arn:aws:iam::*:user/${aws:username}"]},{"Effect":"Allow","Action":["iam:GetAccountPasswordPolicy"],"Resource":"*"}]}`
	// What an agent of Systems Manager needs.
	agent    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:DescribeAssociation","ssm:GetDocument","ssm:ListAssociations","ssm:PutInventory","ssm:UpdateInstanceInformation"],"Resource":"*"},{"Effect":"Allow","Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Resource":"*"},{"Effect":"Allow","Action":["ec2messages:GetMessages","ec2messages:SendReply"],"Resource":"*"}]}`
	ssoTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
)

// managed are the policies by name, with the document that the account holds.
var managed = map[string]struct{ arn, document string }{
	"AdministratorAccess":                      {"arn:aws:iam::aws:policy/AdministratorAccess", allowAll},
	"ReadOnlyAccess":                           {"arn:aws:iam::aws:policy/ReadOnlyAccess", readOnly},
	"PowerUserAccess":                          {"arn:aws:iam::aws:policy/PowerUserAccess", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}]}`},
	"IAMUserChangePassword":                    {"arn:aws:iam::aws:policy/IAMUserChangePassword", changePw},
	"Billing":                                  {"arn:aws:iam::aws:policy/job-function/Billing", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["aws-portal:*","billing:*","budgets:*","ce:*","cur:*"],"Resource":"*"}]}`},
	"AmazonSSMManagedInstanceCore":             {"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", agent},
	"AmazonSSMManagedEC2InstanceDefaultPolicy": {"arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy", agent},
	"AWSCloud9ServiceRolePolicy":               {"arn:aws:iam::aws:policy/aws-service-role/AWSCloud9ServiceRolePolicy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:RunInstances","ec2:DescribeInstances"],"Resource":"*"},{"Effect":"Allow","Action":["ssm:StartSession","ssm:GetConnectionStatus"],"Resource":"arn:aws:ec2:*:*:instance/*","Condition":{"StringLike":{"ssm:resourceTag/aws:cloud9:environment":"*"}}}]}`},
	"SecurityAudit":                            {"arn:aws:iam::aws:policy/SecurityAudit", readOnly},
	"gasang-batch-write":                       {"arn:aws:iam::123456789012:policy/service/gasang-batch-write", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:PutObject","sqs:SendMessage"],"Resource":"*"}}`},
	"gasang-deny-outside":                      {"arn:aws:iam::123456789012:policy/guard/gasang-deny-outside", denyAway},
	"gasang-session-office":                    {"arn:aws:iam::123456789012:policy/guard/gasang-session-office", `{"Version":"2012-10-17","Statement":[{"Sid":"StartFromOffice","Effect":"Allow","Action":["ssm:StartSession","ssm:ResumeSession","ssm:TerminateSession"],"Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}}]}`},
	"gasang-protect-ledger":                    {"arn:aws:iam::123456789012:policy/guard/gasang-protect-ledger", `{"Version":"2012-10-17","Statement":[{"Sid":"DenyLedgerSessions","Effect":"Deny","Action":["ssm:StartSession","ec2-instance-connect:SendSSHPublicKey"],"Resource":"` + ledger + `"}]}`},
	"gasang-dev-boundary":                      {"arn:aws:iam::123456789012:policy/guard/gasang-dev-boundary", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","s3:*","logs:*","cloudwatch:*"],"Resource":"*"}]}`},
}

func refs(names ...string) []evidence.PolicyRef {
	var out []evidence.PolicyRef
	for _, n := range names {
		out = append(out, evidence.PolicyRef{Name: n, ARN: managed[n].arn})
	}
	return out
}

func person(path, login, name, department string, groups ...string) evidence.User {
	return evidence.User{
		Name: login, Path: path, Groups: groups,
		Tags: []evidence.Tag{{Key: "이름", Value: name}, {Key: "부서", Value: department}},
	}
}

func users() []evidence.User {
	list := []evidence.User{
		person("/security/", "kim.minji", "김민지(金旻志)", "정보보호팀", "security-audit"),
		person("/security/", "lee.seojun", "이서준(李瑞俊)", "정보보호팀", "security-audit", "admins"),
		person("/security/", "park.haeun", "박하은", "정보보호팀", "security-audit", "incident-response"),
		person("/infra/", "choi.doyun", "최도윤", "인프라운영팀", "admins"),
		person("/infra/", "jung.siwoo", "정시우(鄭始雨)", "인프라운영팀", "admins"),
		person("/infra/", "kang.jiwoo", "강지우", "인프라운영팀", "operators"),
		person("/infra/", "cho.yejun", "조예준", "인프라운영팀", "operators"),
		person("/infra/", "yoon.subin", "윤수빈", "인프라운영팀", "operators"),
		person("/finance/", "jang.mina", "장미나", "재무회계팀", "billing"),
		person("/finance/", "lim.taeho", "임태호(林泰浩)", "재무회계팀", "billing"),
		person("/dev/payment/", "han.jisoo", "한지수", "결제개발팀", "developers"),
		person("/dev/payment/", "oh.junseo", "오준서", "결제개발팀", "developers"),
		person("/dev/payment/", "seo.yuna", "서유나", "결제개발팀", "developers"),
		person("/dev/payment/", "shin.donghyun", "신동현", "결제개발팀", "developers"),
		person("/dev/loan/", "kwon.nari", "권나리", "여신개발팀", "developers"),
		person("/dev/loan/", "hwang.inho", "황인호(黃仁浩)", "여신개발팀", "developers"),
		person("/dev/loan/", "ahn.sora", "안소라", "여신개발팀", "developers"),
		person("/dev/loan/", "song.wonjun", "송원준", "여신개발팀", "developers"),
		person("/dev/data/", "ryu.hana", "류하나", "데이터분석팀", "analysts"),
		person("/dev/data/", "hong.gildong", "홍길동(洪吉童)", "데이터분석팀", "analysts"),
		person("/dev/data/", "moon.chaewon", "문채원", "데이터분석팀", "analysts"),
		person("/dev/data/", "baek.hyunwoo", "백현우", "데이터분석팀", "analysts"),
		person("/partner/", "vendor.kim", "김협력", "외주(㈜가상솔루션)", "developers"),
		person("/partner/", "vendor.lee", "이협력", "외주(㈜가상솔루션)", "developers"),
	}
	for i := range 8 {
		list = append(list, evidence.User{
			Name: fmt.Sprintf("svc-batch-%02d", i+1), Path: "/service/", Groups: []string{"batch"},
			Tags: []evidence.Tag{{Key: "용도", Value: fmt.Sprintf("일 배치 %d호기", i+1)}, {Key: "부서", Value: "인프라운영팀"}},
		})
	}
	by := func(name string) *evidence.User {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
		panic("no user " + name)
	}
	// What the rule must tell apart.
	by("choi.doyun").Attached = refs("AdministratorAccess")
	by("seo.yuna").Inline = []evidence.InlinePolicy{{Name: "report-read", Document: allowS3}}
	by("hwang.inho").Attached = refs("IAMUserChangePassword")
	by("hong.gildong").Attached = refs("ReadOnlyAccess", "gasang-batch-write")
	by("hong.gildong").Inline = []evidence.InlinePolicy{{Name: "adhoc-2025", Document: allowS3}}
	by("kim.minji").Attached = refs("gasang-deny-outside") // deny only: grants nothing
	by("park.haeun").Inline = []evidence.InlinePolicy{{Name: "deny-outside-office", Document: denyAway}}
	// What CON-02 must tell apart: a way round, half the internet twice, a string
	// operator on an address, a rule the wrong way round.
	deny := func(name, condition string) []evidence.InlinePolicy {
		return []evidence.InlinePolicy{{Name: name, Document: `{"Version":"2012-10-17","Statement":[{"Sid":"DenyOutside","Effect":"Deny","Action":"*","Resource":"*","Condition":` + condition + `}]}`}}
	}
	by("lee.seojun").Inline = deny("deny-outside-without-mfa", `{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"},"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`)
	by("jung.siwoo").Inline = deny("deny-outside-wide", `{"NotIpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}`)
	by("jang.mina").Inline = deny("deny-outside-string", `{"StringNotEquals":{"aws:SourceIp":"203.0.113.7"}}`)
	by("lim.taeho").Inline = deny("deny-office-only", `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`)
	by("vendor.kim").Boundary = &refs("gasang-dev-boundary")[0]
	by("vendor.lee").Boundary = &refs("gasang-dev-boundary")[0]
	by("vendor.lee").Attached = refs("PowerUserAccess", "IAMUserChangePassword")
	by("svc-batch-03").Attached = refs("gasang-batch-write")
	// Legal IAM names that a spreadsheet would take for formulas, and long ones.
	list = append(list,
		evidence.User{Name: "=cmd", Path: "/legacy/", Groups: []string{"operators"}, Tags: []evidence.Tag{{Key: "비고", Value: "=1+1"}}},
		evidence.User{Name: "+alice", Path: "/legacy/", Attached: refs("ReadOnlyAccess"), Tags: []evidence.Tag{{Key: "이름", Value: "앨리스"}}},
		evidence.User{Name: "@ops", Path: "/legacy/", Groups: []string{"operators"}},
		evidence.User{Name: "kim,cheolsu", Path: "/legacy/", Groups: []string{"operators"}, Tags: []evidence.Tag{{Key: "이름", Value: "김철수(金哲秀)"}}},
		evidence.User{
			Name: "integration-settlement-reconciliation-nightly-batch-worker-prod1", Groups: []string{"batch"},
			Path:   "/division-digital-finance/department-core-banking/team-settlement/service-reconciliation/environment-production/",
			Inline: []evidence.InlinePolicy{{Name: "settlement-reconciliation-inline-access", Document: allowS3}},
			Tags:   []evidence.Tag{{Key: "부서", Value: "정산시스템팀"}, {Key: "용도", Value: "은행권 정산 대사(對査) 야간 배치 · 운영 전용"}},
		},
		evidence.User{Name: "unused.intern", Path: "/"},
		evidence.User{Name: "root", Path: "/legacy/", Groups: []string{"operators"}, Tags: []evidence.Tag{{Key: "비고", Value: "이름만 root인 IAM 사용자"}}},
	)
	created := time.Date(2021, 4, 1, 0, 30, 0, 0, time.UTC)
	for i := range list {
		u := &list[i]
		u.ARN = "arn:aws:iam::" + accountID + ":user" + u.Path + u.Name
		u.ID = fakeaws.UserID(u.Name)
		u.Created = created.AddDate(0, 0, 37*i)
	}
	return list
}

func group(name string, inline []evidence.InlinePolicy, policies ...string) evidence.Group {
	return evidence.Group{Name: name, Path: "/", ARN: "arn:aws:iam::" + accountID + ":group/" + name, Attached: refs(policies...), Inline: inline}
}

// trusts is a trust policy for a service, or for the people of an account.
func trusts(who string) string {
	kind := "Service"
	if strings.HasSuffix(who, ":root") {
		kind = "AWS"
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"` + kind + `":"` + who + `"},"Action":"sts:AssumeRole"}]}`
}

func role(path, name, trust string, policies ...string) evidence.Role {
	return evidence.Role{Name: name, Path: path, ARN: "arn:aws:iam::" + accountID + ":role" + path + name, ID: fakeaws.RoleID(name), Trust: trust, Attached: refs(policies...)}
}

// roles are of people, of another account, of services and of instances.
func roles() []evidence.Role {
	own, management := "arn:aws:iam::"+accountID+":root", "arn:aws:iam::"+managementID+":root"
	list := []evidence.Role{
		role("/", appRole, trusts("ec2.amazonaws.com"), "AmazonSSMManagedInstanceCore", "ReadOnlyAccess"),
		role("/", quotes, trusts("ec2.amazonaws.com"), "gasang-batch-write"),
		role("/aws-reserved/sso.amazonaws.com/ap-northeast-2/", "AWSReservedSSO_ReadOnly_0123456789abcdef", ssoTrust, "ReadOnlyAccess"),
		role("/", "OrganizationAccountAccessRole", trusts(management), "AdministratorAccess"),
		role("/", "ops", trusts(own), "gasang-session-office"),
		role("/", "billing-manager", trusts(own), "Billing"),
		role("/", "audit-evidence-reader", trusts(own), "SecurityAudit"),
		role("/", "cloudformation-deploy", trusts("cloudformation.amazonaws.com"), "AdministratorAccess"),
		role("/", "cloudtrail-to-logs", trusts("cloudtrail.amazonaws.com")),
		role("/", "eventbridge-to-seoul", trusts("events.amazonaws.com")),
		role("/service-role/", "AWSSystemsManagerDefaultEC2InstanceManagementRole", trusts("ssm.amazonaws.com"), "AmazonSSMManagedEC2InstanceDefaultPolicy"),
		role("/aws-service-role/cloud9.amazonaws.com/", "AWSServiceRoleForAWSCloud9", trusts("cloud9.amazonaws.com"), "AWSCloud9ServiceRolePolicy"),
	}
	for i := range list {
		switch r := &list[i]; r.Name {
		case appRole, quotes:
			r.InstanceProfiles = []string{instanceProfile(r.Name)}
		case "cloudtrail-to-logs":
			r.Inline = []evidence.InlinePolicy{{Name: "write-logs", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`}}
		case "eventbridge-to-seoul":
			r.Inline = []evidence.InlinePolicy{{Name: "put-events", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"` + arn("events", seoul, "event-bus/default") + `"}]}`}}
		}
	}
	return list
}

// report is what the credential report says beyond 'nothing there': console
// passwords, and keys of every kind that KEY-01 and KEY-02 tell apart.
func report() map[string]map[string]string {
	rows := map[string]map[string]string{
		evidence.RootAccount: {"password_last_used": lastRootSignIn().Format(reportTime), "mfa_active": "true"},
	}
	row := func(user string) map[string]string {
		if rows[user] == nil {
			rows[user] = map[string]string{}
		}
		return rows[user]
	}
	for i, u := range users() {
		if len(u.Tags) > 0 && u.Tags[0].Key == "이름" { // people have console passwords
			r := row(u.Name)
			r["password_enabled"], r["mfa_active"] = "true", fmt.Sprint(i%5 != 0)
			r["password_last_used"], r["password_last_changed"] = before(i%40+1), before(i%80+3)
		}
	}
	key := func(user string, slot int, active bool, rotated, used, region, service string) {
		r, k := row(user), fmt.Sprintf("access_key_%d_", slot)
		r[k+"active"], r[k+"last_rotated"], r[k+"last_used_date"] = fmt.Sprint(active), rotated, used
		r[k+"last_used_region"], r[k+"last_used_service"] = region, service
	}
	for i := range 8 {
		key(fmt.Sprintf("svc-batch-%02d", i+1), 1, true, before(20+9*i), before(i%3), "ap-northeast-2", "s3")
	}
	key("svc-batch-01", 2, false, before(412), before(377), "ap-northeast-2", "s3")                                                   // old key left behind
	key("integration-settlement-reconciliation-nightly-batch-worker-prod1", 1, true, before(203), before(1), "ap-northeast-2", "sqs") // never rotated
	key("vendor.lee", 1, true, before(200), "N/A", "N/A", "N/A")                                                                      // never used
	key("han.jisoo", 1, true, before(12), "N/A", "N/A", "N/A")                                                                        // new
	key("choi.doyun", 1, false, before(130), before(101), "us-east-1", "iam")                                                         // inactive, key 2 in use
	key("choi.doyun", 2, true, before(90), before(0), "ap-northeast-2", "ec2")                                                        // exactly at the threshold
	key("kim,cheolsu", 1, true, before(91), before(44), "ap-northeast-2", "s3")                                                       // a day over, used in time
	return rows
}

const (
	reportAge  = 95 * time.Minute // AWS reuses a report of less than four hours
	reportTime = "2006-01-02T15:04:05+00:00"
)

// before is a time so many days before the report was made, as the report writes it.
func before(days int) string {
	return RecordedAt.Add(-reportAge - time.Duration(days)*24*time.Hour).Format(reportTime)
}

// RecordedAt is when the sample account was 'asked': 2026-11-24 14:00:00 KST.
var RecordedAt = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// Account is the sample account as the fake AWS serves it.
func Account() fakeaws.Account {
	var policies []evidence.ManagedPolicy
	for name, p := range managed {
		policies = append(policies, evidence.ManagedPolicy{Name: name, ARN: p.arn, Version: "v1", Document: p.document})
	}
	slices.SortFunc(policies, func(x, y evidence.ManagedPolicy) int { return cmp.Compare(x.ARN, y.ARN) })
	return fakeaws.Account{
		ID: accountID, CallerARN: "arn:aws:sts::" + accountID + ":assumed-role/audit-evidence-reader/audit",
		Aliases: []string{"gasang-fintech"},
		IAM: evidence.IAM{
			Users: users(),
			Groups: []evidence.Group{
				group("admins", nil, "AdministratorAccess", "gasang-protect-ledger"), group("operators", nil, "PowerUserAccess", "gasang-protect-ledger"),
				group("developers", nil, "PowerUserAccess", "gasang-protect-ledger"), group("incident-response", nil, "gasang-session-office"),
				group("analysts", []evidence.InlinePolicy{{Name: "report-read", Document: allowS3}}, "ReadOnlyAccess"),
				group("billing", nil, "Billing"), group("security-audit", nil, "SecurityAudit"), group("batch", nil, "gasang-batch-write"),
			},
			Roles: roles(), Policies: policies,
		},
		Contacts: map[evidence.ContactType]fakeaws.Contact{
			evidence.ContactSecurity:   {Name: "김민지", Title: "정보보호팀장", Email: "security@gasang-fintech.example", Phone: "+82-2-5550-0110"},
			evidence.ContactOperations: {Name: "최도윤", Title: "인프라운영팀장", Email: "ops@gasang-fintech.example", Phone: "+82-2-5550-0100"},
		},
		Report: report(), ReportAge: reportAge,
		SignIn: fakeaws.SignIn{Enabled: false, Statements: []string{
			`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["signin:Authenticate"],"Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24"]}}}`,
		}},
		Primary:      fakeaws.Contact{Name: "가상핀테크 주식회사", Phone: "+82-2-5550-0100", Company: "가상핀테크 주식회사", Address: "가상로 1", City: "서울특별시", Postal: "04500"},
		Organization: &fakeaws.Organization{ID: "o-gasang0001", ManagementID: managementID, ManagementEmail: "aws-root@gasang-fintech.example"},
		Compute:      compute(), Trails: trails(), RootEvents: rootEvents(),
		Rules: rules(), Filters: filters(), MetricAlarms: metricAlarms(), Topics: topics(),
	}
}
