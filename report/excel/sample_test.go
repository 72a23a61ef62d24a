package excel

import (
	"fmt"
	"strings"
	"time"

	"auditbinder/report/view"
)

var (
	good       = view.Verdict{ID: "good", Word: "양호"}
	vulnerable = view.Verdict{ID: "vulnerable", Word: "취약"}
	asked      = view.Verdict{ID: "interview", Word: "인터뷰 필요"}
	na         = view.Verdict{ID: "na", Word: "해당 없음"}
	unknown    = view.Verdict{ID: "unknown", Word: "점검 불가"}
	none       = view.Verdict{Word: "-"}
)

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func cells(values ...any) []view.Cell {
	var out []view.Cell
	for _, v := range values {
		switch v := v.(type) {
		case int:
			out = append(out, view.Cell{Lines: []string{fmt.Sprint(v)}, Number: &v})
		case view.Verdict:
			out = append(out, view.Cell{Lines: []string{v.Word}, Verdict: v.ID})
		case string:
			out = append(out, view.Cell{Lines: strings.Split(v, "\n")})
		case view.Cell:
			out = append(out, v)
		}
	}
	return out
}

func columns(titles ...string) []view.Column {
	var out []view.Column
	for i, t := range titles {
		out = append(out, view.Column{
			Key: fmt.Sprintf("c%d", i), Title: t, Weight: 1,
			Mono:   strings.Contains(t, "ARN") || strings.Contains(t, "SHA") || strings.Contains(t, "요청 ID"),
			Center: t == "중요도" || strings.HasSuffix(t, "판정") || t == "리전",
		})
	}
	return out
}

func row(values ...any) view.Row { return view.Row{Cells: cells(values...)} }

// sample is a report as the program makes it, with several of its troubles.
func sample() view.Report {
	regulation := view.Law{
		Name: "전자금융감독규정", Notice: "금융위원회고시 제2026-29호", EffectiveFrom: "2026-07-15",
		Provision: "제13조 제1항 제14호", Gist: "정보처리시스템 접근권한 관리",
		Status: "현행(2026-10-04 확인)", Application: "준용", Confidence: "추정", Warning: "원문 대조 필요",
		Cited: []view.Cited{{Text: "전자금융감독규정 제13조 ④", Note: "2022년 개정으로 항 번호가 바뀜"}},
	}
	privacy := view.Law{
		Name: "개인정보의 안전성 확보조치 기준", Notice: "개인정보보호위원회고시 제2026-5호", EffectiveFrom: "2026-09-11",
		Provision: "제5조 제1항", Status: "현행(2026-10-04 확인)", Application: "직접", Confidence: "확인",
	}
	r := view.Report{
		Title:   "AWS 계정 보안 점검 결과 및 증적 보고서",
		Marking: "모의 환경 수집분 · 제출 불가", Draft: "초안", Classification: "대외비 & 사내한",
		DocumentNumber: "보안-2026-118", AccountLabel: "000123456789 (prod-payments)",
		Timestamp: time.Date(2026, 11, 24, 9, 30, 0, 0, time.FixedZone("KST", 9*3600)),
		Cover: []view.Field{
			{Label: "점검 기준일", Lines: []string{"2026-11-24 09:30:00 +09:00 (KST)"}},
			{Label: "점검 기간", Lines: []string{"2026-08-26 ~ 2026-11-24 (90일)"}},
			{Label: "대상 계정", Lines: []string{"000123456789 (prod-payments)", "구분: 조직 멤버 계정"}},
			{Label: "수집자", Lines: []string{"arn:aws:sts::000123456789:assumed-role/AuditReadOnly/auditor"}, Mono: true},
			{Label: "수행 부서", Lines: []string{"정보보호부"}},
			{Label: "제출처", Lines: []string{"금융감독원"}},
			{Label: "미확정 항목 수", Lines: []string{"3개"}},
		},
		CoverNotices: []string{"미확정 항목 3개: 인터뷰 필요 1개, 점검 불가 1개, 최종판정 대기 1개", "모의 환경에서 수집한 자료이며 제출할 수 없습니다."},
		Approvals:    []string{"작성", "검토", "승인"},
		BundleDigest: hash, ConfigDigest: strings.Repeat("ab", 32), Program: "auditbinder 0.1.0",
	}
	users := view.Table{
		Title:   "IAM 사용자별 직접 할당 권한",
		Sheet:   "IAM-01",
		Columns: columns("사용자", "ARN", "태그(이름·부서)", "직접 연결 정책", "인라인 정책", "소속 그룹", "그룹으로 받은 정책", "권한 경계", "판정"),
	}
	for i, name := range []string{"=cmd|'/c calc'!A1", "+alice", "@x", "-1+1", "홍길동"} {
		users.Rows = append(users.Rows, view.Row{Status: "vulnerable", Cells: cells(name, "arn:aws:iam::000123456789:user/"+name,
			"운영자 · 결제플랫폼개발부", "AdministratorAccess\nIAMUserChangePassword", fmt.Sprintf("inline-%d", i), "-", "-", "-", vulnerable)})
	}
	for i := range 20 {
		name := fmt.Sprintf("svc-%02d", i)
		users.Rows = append(users.Rows, view.Row{Status: "good", Cells: cells(name, "arn:aws:iam::000123456789:user/service/"+name,
			"-", "-", "-", "developers", "PowerUserAccess", "-", good)})
	}
	r.Items = []view.Item{
		{
			ID: "IAM-01", Title: "IAM 계정에 권한 직접 할당 여부", Area: "계정 관리", Severity: "중",
			Auto: vulnerable, Final: none, CheckedAt: "2026-11-24 09:31:02 +09:00", Laws: []view.Law{regulation, privacy},
			GoodCriteria:       "모든 IAM 사용자가 그룹 또는 역할을 통해서만 권한을 받는 경우",
			VulnerableCriteria: "IAM 사용자에게 허용(Allow) 문이 있는 관리형 정책 또는 인라인 정책이 직접 연결된 경우",
			Facts:              []view.Table{users},
			Notes:              []string{"거부(Deny) 전용 정책은 권한을 주지 않으므로 취약으로 세지 않았습니다.", "IAM Identity Center 사용자는 IAM에 나타나지 않으며 이 표의 모집단에 들어 있지 않습니다. 권한 집합은 조직 관리 계정에서 따로 확인해야 합니다."},
			Population:         25, Checked: 25, Vulnerable: 5, PopulationUnit: "명",
			Reason:      "IAM 사용자 25명 중 5명에게 허용 정책이 직접 연결되어 있습니다: =cmd|'/c calc'!A1, +alice, @x, -1+1, 홍길동.",
			EvidenceIDs: []string{"C0003", "C0004"},
			Exceptions:  []string{"svc-legacy: 결재 2026-118, 승인 김보안, 만료 2026-12-31 (유효)"},
		},
		{
			ID: "KEY-01", Title: "Access key 주기적 변경", Area: "계정 관리", Severity: "상",
			Auto: asked, Final: good, CheckedAt: "2026-11-24 09:31:02 +09:00", Laws: []view.Law{privacy},
			GoodCriteria: "활성 키가 모두 기준일수 안에 변경된 경우", VulnerableCriteria: "기준일수를 넘긴 활성 키가 있는 경우",
			Thresholds: []view.Field{
				{Label: "변경 주기", Lines: []string{"90일", "기본값(CIS AWS Foundations Benchmark v5.0)"}},
				{Label: "미사용", Lines: []string{"45일", "사내 규정 보안-12 제7조"}},
			},
			Facts: []view.Table{{
				Title:   "Access key 목록",
				Columns: columns("사용자", "키 번호", "상태", "최종 변경일", "경과일", "기준일수", "판정"),
				Rows: []view.Row{
					row("=cmd|'/c calc'!A1", 1, "Active", "2026-10-01 00:00:00 +09:00", 54, 90, asked),
					row("홍길동", 2, "Inactive", "2025-01-01 00:00:00 +09:00", 692, 90, na),
				},
			}},
			Population: 2, Checked: 2, PopulationUnit: "건", Reason: "활성 키 1건이 모두 90일 안에 변경되었으나 사내 변경 주기 규정을 확인해야 합니다.",
			EvidenceIDs: []string{"C0005"},
		},
		{
			ID: "ROOT-01", Title: "root 계정 사용 여부", Area: "root 계정", Severity: "상",
			Auto: unknown, Final: none, CheckedAt: "2026-11-24 09:31:02 +09:00", Laws: []view.Law{regulation},
			GoodCriteria: "기간 중 사용 이력이 없는 경우", VulnerableCriteria: "목적이 확인되지 않은 사용이 있는 경우",
			Facts: []view.Table{{
				Title:   "root 로그인과 사용",
				Columns: columns("시각(KST)", "이벤트", "서비스", "소스 IP", "사용자 에이전트", "리전", "MFA", "이벤트 ID", "사용 목적(답변)"),
				Empty:   "조회 기간(2026-08-26 ~ 2026-11-24) 안에 조회된 root 이벤트는 0건입니다. us-east-1 조회는 실패했습니다.",
			}},
			PopulationUnit: "건", Reason: "us-east-1의 CloudTrail LookupEvents 조회가 AccessDeniedException으로 실패하여 판정할 수 없습니다.",
			Failures: []string{"cloudtrail LookupEvents us-east-1: AccessDeniedException"}, EvidenceIDs: []string{"C0006"},
		},
		{
			ID: "CON-02", Title: "관리 콘솔 접근 시 접근 가능한 소스 IP 제어", Area: "관리 콘솔", Severity: "상",
			Auto: na, Final: none, CheckedAt: "2026-11-24 09:31:02 +09:00", Laws: []view.Law{regulation, privacy},
			Facts: []view.Table{
				{
					Title:   "콘솔 사용자별 소스 IP 통제",
					Columns: columns("사용자", "콘솔 암호", "로그인 단계 통제", "로그인 후 통제", "허용 대역", "판정"),
					Rows:    []view.Row{row("alice", "있음", "없음", "restricted", "203.0.113.0/24\n198.51.100.7/32", good)},
				},
				{
					Title:   "참고: Access key",
					Columns: columns("주체", "정책", "조건"),
					Rows:    []view.Row{row("arn:aws:iam::000123456789:user/+alice", "S3ReadOnly", `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`)},
				},
			},
			Population: 1, Checked: 1, PopulationUnit: "명", Reason: "콘솔 암호가 있는 IAM 사용자가 없습니다.",
		},
	}
	verdicts := []view.Verdict{good, vulnerable, asked, na, unknown}
	r.Summary = view.Summary{
		Verdicts: verdicts, Severities: []string{"상", "중", "하"},
		Counts: [][]int{{1, 0, 0, 1, 1}, {0, 1, 0, 0, 0}, {0, 0, 0, 0, 0}},
		Areas: []view.AreaCount{
			{Area: "계정 관리", Total: 2, ByID: map[string]int{"good": 1, "vulnerable": 1}},
			{Area: "root 계정", Total: 1, ByID: map[string]int{"unknown": 1}},
			{Area: "관리 콘솔", Total: 1, ByID: map[string]int{"na": 1}},
		},
		ComplianceLabel: "준수율(잠정)", ComplianceText: "33.3 %",
		Text: []string{
			"점검한 4개 항목 중 양호 1개, 취약 1개, 해당 없음 1개, 점검 불가 1개입니다. 점검 불가 항목은 권한을 보완하여 다시 수집해야 합니다. 취약 항목인 IAM-01은 사용자에게 직접 연결된 정책을 그룹으로 옮기면 해소됩니다.",
		},
		Table:   view.Table{Title: "항목별 결과", Columns: columns("코드", "항목명", "중요도", "자동판정", "최종판정", "판정 근거")},
		Planned: []view.Field{{Label: "EC2-01", Lines: []string{"Session Manager 연결 통제"}}, {Label: "EC2-02", Lines: []string{"EC2 인스턴스 연결(Instance Connect) 통제"}}},
	}
	for _, it := range r.Items {
		r.Summary.Table.Rows = append(r.Summary.Table.Rows, row(view.Cell{Lines: []string{it.ID}, Link: it.ID}, it.Title, it.Severity, it.Auto, it.Final, it.Reason))
	}
	r.Evidence = view.Table{
		Title: "증적 목록",
		Columns: columns("증적번호", "항목코드", "파일명", "유형", "API", "계정ID", "리전", "수집시각(KST)", "원천시각", "AWS 요청 ID",
			"수집자 ARN", "크기", "SHA-256", "마스킹"),
	}
	r.Files = view.Table{Title: "증적 묶음의 파일", Columns: columns("파일", "크기(바이트)", "SHA-256")}
	for i := 1; i <= 6; i++ {
		id := fmt.Sprintf("C%04d", i)
		r.Evidence.Rows = append(r.Evidence.Rows, row(id, "IAM-01, KEY-01", "raw/"+id+".xml", "API", "iam GetAccountAuthorizationDetails", "000123456789", "us-east-1",
			"2026-11-24 09:30:05 +09:00", "Tue, 24 Nov 2026 00:30:05 GMT", "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE", "arn:aws:sts::000123456789:assumed-role/AuditReadOnly/auditor", 48213*i, hash, "원본 유지"))
		r.Files.Rows = append(r.Files.Rows, row("raw/"+id+".xml", 48213*i, hash))
	}
	r.Failures = view.Table{
		Title: "조회 실패", Columns: columns("증적번호", "API", "리전", "오류 코드", "시도 횟수", "영향 항목"),
		Rows: []view.Row{row("C0006", "cloudtrail LookupEvents", "us-east-1", "AccessDeniedException", 1, "ROOT-01")},
	}
	choices := []view.Verdict{{ID: "vulnerable", Word: "미조치"}, {ID: "interview", Word: "진행"}, {ID: "interview", Word: "부분이행"}, {ID: "good", Word: "완료"}, {ID: "na", Word: "예외"}}
	r.Actions = view.Table{Title: "조치계획", Columns: fill(columns("조치번호", "항목코드", "대상", "취약 내용", "위험도", "조치방안", "구분", "담당부서", "담당자", "조치예정일", "조치상태", "미이행 사유", "승인자"), 7)}
	r.Actions.Columns[10].Choices = choices
	r.FollowUp = view.Table{Title: "이행점검", Columns: fill(columns("조치번호", "조치완료일", "조치 내용", "조치 전 증적", "조치 후 증적", "재점검 일시", "재점검 판정", "점검자", "확인자"), 1)}
	r.FollowUp.Columns[6].Choices = verdicts
	for i, row := range users.Rows[:5] {
		number := fmt.Sprintf("A-%03d", i+1)
		r.Actions.Rows = append(r.Actions.Rows, view.Row{Cells: cells(number, view.Cell{Lines: []string{"IAM-01"}, Link: "IAM-01"}, row.Cells[0], "허용 정책이 직접 연결되어 있음",
			"중", "정책을 그룹으로 옮김", "중기", "", "", "2027-02-22", "미조치", "", "")})
		r.FollowUp.Rows = append(r.FollowUp.Rows, view.Row{Cells: cells(number, "", "", "E-001", "", "", "", "", "")})
	}
	r.Questions = []view.Question{
		{Item: "KEY-01", Title: "Access key 주기적 변경", Resource: "=cmd|'/c calc'!A1/key-1", Status: asked, Reason: "54일이 지남", Text: "사내 변경 주기 규정은 무엇인지 확인 필요.",
			Answer: view.Answer{Respondent: "인프라팀 홍길동 과장", Held: "2026-11-25 10:00", Text: "=1+1", Files: "rule.pdf", Final: "양호", Judge: "김감사", Judged: "2026-11-26", Document: "SEC-1", Rationale: "규정 확인"}},
		{Item: "ROOT-01", Title: "root 계정 사용 여부", Status: unknown, Reason: "조회 실패", Text: "root 계정을 사용한 목적은 무엇인지 확인 필요."},
	}
	r.Mapping = view.Table{Title: "기준 매핑", Columns: columns("항목코드", "ISMS-P", "법령·조항", "신뢰도"), Rows: []view.Row{row(view.Cell{Lines: []string{"IAM-01"}, Link: "IAM-01"}, "2.5.1 사용자 계정 관리", "전자금융감독규정 제13조 제1항", "추정")}}
	r.Collection = view.Table{Title: "수집 로그", Columns: columns("순번", "시각(KST)", "API", "리전", "결과", "오류코드", "시도 횟수", "영향 항목"),
		Rows: []view.Row{row(1, "2026-11-24 09:30:05", "cloudtrail:LookupEvents", "us-east-1", "실패", "1~8차 AccessDeniedException(권한 없음)", 8, "ROOT-01")}}
	r.CredentialReport = view.Table{Title: "자격 증명 보고서", Columns: columns("user", "arn", "password_last_used"), Rows: []view.Row{
		row("=cmd|'/c calc'!A1", "arn:aws:iam::000123456789:user/x", "2026-11-24T05:00:00+00:00"), row("@x", "", "no_information"),
	}}
	return r
}

// fill makes the columns from the n-th on such that people fill in.
func fill(columns []view.Column, n int) []view.Column {
	for i := n; i < len(columns); i++ {
		columns[i].Fill = true
	}
	return columns
}
