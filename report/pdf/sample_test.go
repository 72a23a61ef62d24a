package pdf

import (
	"fmt"
	"strings"
	"time"

	"auditbinder/report/view"
)

var (
	good       = view.Verdict{ID: "good", Word: "양호"}
	vulnerable = view.Verdict{ID: "vulnerable", Word: "취약"}
	interview  = view.Verdict{ID: "interview", Word: "인터뷰 필요"}
	notApply   = view.Verdict{ID: "na", Word: "해당 없음"}
	unknown    = view.Verdict{ID: "unknown", Word: "점검 불가"}
	undecided  = view.Verdict{Word: "-"}
)

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func texts(s ...string) view.Cell { return view.Cell{Lines: s} }

func judged(v view.Verdict) view.Cell { return view.Cell{Lines: []string{v.Word}, Verdict: v.ID} }

func numbered(n int) view.Cell { return view.Cell{Lines: []string{fmt.Sprint(n)}, Number: &n} }

// userTable is a table like IAM-01's with n users, the first of them offenders.
func userTable(n int) view.Table {
	t := view.Table{
		Title: "IAM 사용자와 MFA 등록 현황", Sheet: "IAM-01", PDFRows: n,
		Columns: []view.Column{
			{Key: "no", Title: "번호", Weight: 5, Center: true},
			{Key: "user", Title: "사용자 이름", Weight: 15},
			{Key: "arn", Title: "ARN", Weight: 34, Mono: true, Below: true},
			{Key: "console", Title: "콘솔 암호", Weight: 8, Center: true},
			{Key: "mfa", Title: "MFA", Weight: 12, Center: true},
			{Key: "used", Title: "마지막 로그인(KST)", Weight: 15, Center: true},
			{Key: "verdict", Title: "판정", Weight: 10, Center: true},
		},
	}
	names := []string{"kim.minsu", "lee-jiyoung", "deploy-bot", "감사담당_박서연", "service-account-for-nightly-settlement-batch@finance.example.co.kr", "choi.hyunwoo"}
	for i := range n {
		v, mfa := good, "가상 MFA"
		if i < 3 {
			v, mfa = vulnerable, "없음"
		} else if i%11 == 0 {
			v = interview
		}
		name := fmt.Sprintf("%s-%04d", names[i%len(names)], i+1)
		path := "/"
		if i%4 == 1 {
			path = "/division/finance/settlement/team-a/"
		}
		t.Rows = append(t.Rows, view.Row{Status: v.ID, Cells: []view.Cell{
			numbered(i + 1), texts(name), texts("arn:aws:iam::123456789012:user" + path + name),
			texts("사용"), texts(mfa), texts(fmt.Sprintf("2026-09-%02d 10:%02d", i%28+1, i%60)), judged(v),
		}})
	}
	return t
}

func evidenceTable(n int, apis ...string) view.Table {
	t := view.Table{
		PDFRows: n,
		Columns: []view.Column{
			{Key: "id", Title: "증적번호", Weight: 12, Mono: true, Center: true},
			{Key: "api", Title: "API", Weight: 22},
			{Key: "region", Title: "리전", Weight: 12, Center: true},
			{Key: "at", Title: "수집 시각(KST)", Weight: 16, Center: true},
			{Key: "request", Title: "AWS 요청 ID", Weight: 20, Mono: true},
			{Key: "sha", Title: "SHA-256", Weight: 30, Mono: true},
		},
	}
	for i := range n {
		t.Rows = append(t.Rows, view.Row{Cells: []view.Cell{
			texts(fmt.Sprintf("c%04d", i+1)), texts(apis[i%len(apis)]), texts("us-east-1"),
			texts(fmt.Sprintf("2026-10-04 10:%02d:%02d", i/60%60, i%60)),
			texts(fmt.Sprintf("7a1c%04x-3b2d-4e5f-8a9b-0c1d2e3f4a5b", i)), texts(hash),
		}})
	}
	return t
}

func laws() []view.Law {
	return []view.Law{
		{
			Name: "전자금융감독규정", Notice: "금융위원회고시 제2026-29호", EffectiveFrom: "2026-07-15", Provision: "제13조 제1항",
			Gist:   "전산자료와 시스템의 접근권한을 업무상 필요한 최소한으로 부여하고, 이용자별로 계정을 구분하여 관리하도록 한 조항입니다.",
			Status: "현행(2026-10-04 확인)", Application: "직접", Confidence: "확인",
			Cited: []view.Cited{{Text: "전자금융감독규정 제13조 제1항 제14호", Note: "2025-02-05 전부개정으로 삭제"}},
		},
		{
			Name: "개인정보의 안전성 확보조치 기준", Notice: "개인정보보호위원회고시 제2025-9호", EffectiveFrom: "2025-10-31", Provision: "제5조 제6항",
			Status: "현행(2026-10-04 확인)", Application: "준용", Confidence: "추정", Warning: "원문 대조 필요",
			Notes: []string{"개인정보처리시스템에 해당하는 경우에만 직접 적용됩니다.", "고시 번호는 보도자료로만 확인했습니다."},
		},
	}
}

func sampleItem() view.Item {
	facts := userTable(40)
	return view.Item{
		ID: "IAM-01", Title: "콘솔 사용자의 다중 인증(MFA) 적용", Area: "계정 관리",
		Severity: "상", SeveritySource: "클라우드 보안가이드(AWS) 2024", Auto: vulnerable, Final: undecided,
		CheckedAt: "2026-10-04 10:12:33 +09:00",
		Purpose:   []string{"AWS 관리 콘솔에 로그인할 수 있는 모든 IAM 사용자에게 다중 인증을 적용하여, 암호가 유출되더라도 계정이 도용되지 않도록 하는지 확인합니다."},
		Threat:    []string{"암호만으로 로그인할 수 있는 사용자는 피싱, 무차별 대입, 다른 서비스에서 유출된 암호의 재사용으로 도용될 수 있으며, 도용된 계정의 권한 범위에서 자료 유출과 자원 변조가 일어날 수 있습니다."},
		Laws:      laws(),
		Standards: []view.Field{{Label: "ISMS-P", Lines: []string{"2.5.3 사용자 인증"}}, {Label: "CIS AWS v5.0", Lines: []string{"1.9 Ensure multi-factor authentication (MFA) is enabled for all IAM users that have a console password"}}, {Label: "SK쉴더스", Lines: []string{"1.4 IAM 사용자 MFA 설정"}}},
		Criteria: []view.Field{
			{Label: "양호", Lines: []string{"콘솔 암호가 있는 모든 사용자에게 MFA 장치가 등록되어 있는 경우"}},
			{Label: "취약", Lines: []string{"콘솔 암호가 있으나 MFA 장치가 없는 사용자가 1명 이상 있는 경우"}},
			{Label: "인터뷰 필요", Lines: []string{"외부 IdP의 MFA로 대체한다고 소명한 경우"}},
		},
		Thresholds: []view.Field{{Label: "허용 인원", Lines: []string{"0명 (원 가이드와 같음)"}}},
		Method:     []view.Field{{Label: "콘솔 경로", Lines: []string{"IAM → 사용자 → 보안 자격 증명 → 멀티 팩터 인증(MFA)"}}, {Label: "API", Lines: []string{"iam:GenerateCredentialReport, iam:GetCredentialReport", "iam:ListUsers, iam:ListMFADevices"}, Mono: true}},
		Facts:      []view.Table{facts},
		Notes:      []string{"자격 증명 보고서는 최대 4시간 전의 상태입니다. 이 보고서의 생성 시각은 2026-10-04 09:58:11 +09:00입니다."},
		Population: 1200, Checked: 1200, Vulnerable: 3, PopulationUnit: "명",
		Reason:      "콘솔 암호가 있는 사용자 1,200명 중 3명에게 MFA 장치가 없어 취약으로 판정했습니다.",
		Evidence:    evidenceTable(3, "iam:GetCredentialReport", "iam:ListUsers", "iam:ListMFADevices"),
		Remediation: []string{"IAM → 사용자 → 보안 자격 증명에서 MFA 장치를 할당합니다.", "MFA 없이는 아무 작업도 할 수 없게 하는 정책(aws:MultiFactorAuthPresent 조건)을 그룹에 연결합니다."},
		Impact:      []string{"정책을 먼저 적용하면 MFA가 없는 사용자는 즉시 업무를 할 수 없습니다. 등록 기간을 공지한 뒤 적용하십시오."},
		Questions:   []string{"MFA가 없는 3명은 누구이며, 콘솔 암호가 업무에 필요합니까?"},
		Exceptions:  []string{"deploy-bot-0003: 승인자 보안팀장, 만료 2026-12-31, 사유 야간 배치 점검 계정"},
	}
}

func unknownItem() view.Item {
	return view.Item{
		ID: "ACC-02", Title: "루트 사용자의 대체 연락처 등록", Area: "계정 관리",
		Severity: "중", SeveritySource: "자체 기준", Auto: unknown, Final: undecided, CheckedAt: "2026-10-04 10:12:35 +09:00",
		Purpose:  []string{"보안 사고 때 AWS가 연락할 수 있는 보안 담당 연락처가 등록되어 있는지 확인합니다."},
		Laws:     laws()[1:],
		Criteria: []view.Field{{Label: "양호", Lines: []string{"보안 연락처가 등록되어 있는 경우"}}, {Label: "점검 불가", Lines: []string{"조회 권한이 없어 확인하지 못한 경우"}}},
		Method:   []view.Field{{Label: "API", Lines: []string{"account:GetAlternateContact"}, Mono: true}},
		Facts: []view.Table{{Title: "대체 연락처", Columns: userTable(0).Columns,
			Empty: "0건: account:GetAlternateContact(SECURITY)가 거부되어 연락처를 조회하지 못했습니다(2026-10-04 10:12:35 +09:00)."}},
		PopulationUnit: "건",
		Reason:         "호출이 권한 부족으로 실패하여 판정할 수 없습니다.",
		Failures:       []string{"account:GetAlternateContact us-east-1 AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/auditbinder-readonly/collector is not authorized to perform: account:GetAlternateContact on resource: arn:aws:account::123456789012:account"},
		Evidence:       evidenceTable(1, "account:GetAlternateContact"),
		Remediation:    []string{"수집 역할에 account:GetAlternateContact 권한을 더하고 다시 수집합니다."},
	}
}

// sampleReport is a report as a real run would give it.
func sampleReport() view.Report {
	iam, acc := sampleItem(), unknownItem()
	iam.Facts[0].PDFNote = "1,200건 중 40건 표시, 전체는 Excel 'IAM-01' 시트에 있습니다."
	row := func(it view.Item) view.Row {
		return view.Row{Cells: []view.Cell{{Lines: []string{it.ID}, Link: it.ID}, texts(it.Title), texts(it.Severity), judged(it.Auto), judged(it.Final), texts(it.Reason)}}
	}
	files := view.Table{Columns: []view.Column{{Key: "f", Title: "파일", Weight: 38, Mono: true}, {Key: "s", Title: "크기(바이트)", Weight: 12}, {Key: "h", Title: "SHA-256", Weight: 50, Mono: true}}}
	for i := range 25 {
		files.Rows = append(files.Rows, view.Row{Cells: []view.Cell{texts(fmt.Sprintf("calls/c%04d/iam.ListUsers/us-east-1/page-0001.json", i+1)), numbered(10240 + 37*i), texts(hash)}})
	}
	files.PDFRows = len(files.Rows)
	report := view.Report{
		Title: "AWS 계정 보안 점검 결과 및 증적 보고서", Marking: "모의 환경 수집분 · 제출 불가", Draft: "초안",
		Classification: "대외비", DocumentNumber: "SEC-2026-0104", AccountLabel: "123456789012 (finance-prod)",
		Timestamp: time.Date(2026, 10, 4, 1, 15, 0, 0, time.UTC),
		Cover: []view.Field{
			{Label: "문서번호", Lines: []string{"SEC-2026-0104"}}, {Label: "버전", Lines: []string{"0.1 (초안)"}},
			{Label: "보안등급", Lines: []string{"대외비"}}, {Label: "점검 기준일", Lines: []string{"2026-10-04"}},
			{Label: "점검 기간", Lines: []string{"2026-10-04 10:02:11 +09:00 ~ 2026-10-04 10:15:00 +09:00"}},
			{Label: "대상 계정", Lines: []string{"123456789012 (finance-prod, 운영)"}},
			{Label: "수집자", Lines: []string{"arn:aws:sts::123456789012:assumed-role/auditbinder-readonly/collector"}, Mono: true},
			{Label: "수행 부서", Lines: []string{"정보보호팀"}}, {Label: "제출처", Lines: []string{"내부감사실"}},
			{Label: "미확정 항목", Lines: []string{"2건 (전체 2건)"}},
		},
		CoverNotices: []string{"확정되지 않은 항목이 2건 있습니다. 이 문서는 초안입니다.", "모의 환경에서 수집한 자료이므로 제출할 수 없습니다."},
		Approvals:    []string{"작성", "검토", "승인"},
		Overview: []view.Section{
			{Heading: "목적", Paragraphs: []string{"AWS 계정의 보안 설정이 관련 법령과 내부 기준에 맞는지 점검하고, 판정의 근거가 되는 증적을 남깁니다."}},
			{Heading: "범위", Paragraphs: []string{"계정 1개, 전역 서비스와 us-east-1 리전을 전수 점검했습니다. 표본은 쓰지 않았습니다."}, Table: &view.Table{
				PDFRows: 2, Columns: []view.Column{{Key: "r", Title: "리전", Weight: 20}, {Key: "s", Title: "수집 여부", Weight: 15, Center: true}, {Key: "w", Title: "사유", Weight: 65}},
				Rows: []view.Row{{Cells: []view.Cell{texts("us-east-1"), texts("수집"), texts("전역 서비스(IAM, Account)의 끝점")}}, {Cells: []view.Cell{texts("ap-northeast-2"), texts("제외"), texts("이번 판의 항목은 리전 자원을 다루지 않음")}}}}},
			{Heading: "한계", Paragraphs: []string{"서명이 없는 해시는 무결성만 보이고 작성자를 보이지 않습니다.", "API로 알 수 없는 사실은 인터뷰 필요로 남깁니다."}},
		},
		Summary: view.Summary{
			Verdicts: []view.Verdict{good, vulnerable, interview, notApply, unknown}, Severities: []string{"상", "중", "하"},
			Counts: [][]int{{0, 1, 0, 0, 0}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}}, ComplianceLabel: "준수율(잠정)", ComplianceText: "0.0 %",
			Text: []string{"2개 항목을 점검하여 취약 1건, 점검 불가 1건을 확인했습니다. 점검 불가 항목은 권한을 보완한 뒤 다시 점검해야 합니다."},
			Table: view.Table{Title: "항목", PDFRows: 2, Rows: []view.Row{row(iam), row(acc)}, Columns: []view.Column{
				{Key: "c", Title: "코드", Weight: 10, Center: true}, {Key: "t", Title: "항목명", Weight: 28}, {Key: "s", Title: "중요도", Weight: 8, Center: true},
				{Key: "a", Title: "자동판정", Weight: 11, Center: true}, {Key: "f", Title: "최종판정", Weight: 11, Center: true}, {Key: "r", Title: "판정 근거", Weight: 40}}},
			Planned: []view.Field{{Label: "IAM-02", Lines: []string{"장기 미사용 자격 증명 정리"}}, {Label: "IAM-03", Lines: []string{"액세스 키 교체 주기"}}},
		},
		Items:    []view.Item{iam, acc},
		Evidence: evidenceTable(40, "iam:GetCredentialReport", "iam:ListUsers", "account:GetAlternateContact"),
		Files:    files,
		Failures: view.Table{PDFRows: 1, Columns: []view.Column{{Key: "a", Title: "API", Weight: 30}, {Key: "r", Title: "리전", Weight: 12, Center: true}, {Key: "e", Title: "오류 코드", Weight: 26}, {Key: "i", Title: "영향 항목", Weight: 14, Center: true}},
			Rows: []view.Row{{Cells: []view.Cell{texts("account:GetAlternateContact"), texts("us-east-1"), texts("AccessDeniedException"), texts("ACC-02")}}}},
		Verify:       []string{"auditbinder verify 123456789012_20261124_bundle.zip"},
		BundleDigest: hash, ConfigDigest: strings.Repeat("ab", 32), Program: "auditbinder 0.1.0",
	}
	addParts(&report)
	return report
}
