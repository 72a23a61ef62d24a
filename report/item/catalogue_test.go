package item

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"auditbinder/templates"
)

// contract is what items.md fixes: order, titles, severities and columns.
var contract = []struct {
	id, title string
	severity  Severity
	planned   bool
	columns   string
}{
	{"IAM-01", "IAM 계정에 권한 직접 할당 여부", Medium, false, "사용자, ARN, 태그(이름·부서), 직접 연결 정책, 인라인 정책, 소속 그룹, 그룹으로 받은 정책, 권한 경계, 판정"},
	{"KEY-01", "Access key 주기적 변경", High, false, "사용자, 키 번호, 상태, 최종 변경일, 경과일, 기준일수, 판정"},
	{"KEY-02", "Access key 이용 현황 관리", Medium, false, "사용자, 키 번호, 상태, 생성·변경일, 최종 사용일, 리전, 서비스, 미사용 일수, 판정"},
	{"ROOT-01", "root 계정 사용 여부", High, false, "시각(KST), 이벤트, 서비스, 소스 IP, 사용자 에이전트, 리전, MFA, 이벤트 ID, 사용 목적(답변)"},
	{"ROOT-02", "root 계정의 Access key 삭제", High, false, "출처, 키 1, 키 2, AccountAccessKeysPresent, 보고서 생성 시각"},
	{"ACC-01", "root 계정의 billing 권한을 IAM 계정에 부여", Medium, false, "주체, 유형, 근거 정책, 범위(조회/변경)"},
	{"CON-01", "관리 콘솔 로그인 성공 시 알람 발송", Medium, false, "리전, 경로, 규칙·필터, 상태, root 매칭, IAM 매칭, 대상, 구독(확인됨/대기), 판정"},
	{"CON-02", "관리 콘솔 접근 시 접근 가능한 소스 IP 제어", High, false, "사용자, 콘솔 암호, 로그인 단계 통제, 로그인 후 통제, 허용 대역, 근거 정책·Sid, 예외 조건, 판정"},
	{"EC2-01", "Session Manager 연결 통제", High, false, "리전, 인스턴스, 이름, 상태, SSM 상태, 에이전트, 프로파일, 접속 가능 주체 수, 판정"},
	{"EC2-02", "EC2 인스턴스 연결(Instance Connect) 통제", High, false, "리전, 인스턴스, 이름, 공인 IP, 보안 그룹 규칙, 엔드포인트, AMI, 접속 가능 주체 수, 판정"},
	{"ACC-02", "계정 대체 연락처(보안·결제·운영)", Low, false, "구분, 이름(마스킹), 직책, 이메일(마스킹), 전화(마스킹), 등록 여부, 판정"},
}

func TestCatalogueFollowsContract(t *testing.T) {
	items := shipped(t).Items
	if len(items) != len(contract) {
		t.Fatalf("%d items", len(items))
	}
	for i, want := range contract {
		got := items[i]
		var titles []string
		for _, column := range got.Columns {
			titles = append(titles, column.Title)
		}
		if got.ID != want.id || got.Title != want.title || got.Severity != want.severity || got.Planned != want.planned {
			t.Errorf("%s: %s %q %s planned=%v", want.id, got.ID, got.Title, got.Severity, got.Planned)
		}
		if columns := strings.Join(titles, ", "); columns != want.columns {
			t.Errorf("%s: columns %s", want.id, columns)
		}
	}
}

// The keys that the rules of the built items fill in.
func TestCatalogueColumnKeys(t *testing.T) {
	want := map[string]string{
		"IAM-01": "user arn tags attached inline groups group_policies boundary verdict",
		"ACC-02": "type name title email phone registered verdict",
	}
	for _, it := range shipped(t).Items {
		if want[it.ID] == "" {
			continue
		}
		var keys []string
		for _, column := range it.Columns {
			keys = append(keys, column.Key)
		}
		if got := strings.Join(keys, " "); got != want[it.ID] {
			t.Errorf("%s: keys %s", it.ID, got)
		}
	}
}

// The shipped policy allows what the built items need and the two calls that
// describe the account, and nothing else.
func TestPolicyFollowsEvidence(t *testing.T) {
	want := []string{"iam:ListAccountAliases", "organizations:DescribeOrganization"}
	for _, it := range shipped(t).Items {
		if it.Planned {
			continue
		}
		for _, e := range it.Evidence {
			if !slices.Contains(want, e.Call) {
				want = append(want, e.Call)
			}
		}
	}
	slices.Sort(want)
	if got := policyActions(t); !slices.Equal(got, want) {
		t.Errorf("policy allows %v, needed are %v", got, want)
	}
}

func policyActions(t *testing.T) []string {
	t.Helper()
	data, err := fs.ReadFile(templates.FS, "policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []struct {
			Sid, Effect, Resource string
			Action                actions
		}
	}
	if err := json.Unmarshal(data, &policy); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range policy.Statement {
		if s.Sid == "" || s.Effect != "Allow" || s.Resource != "*" {
			t.Errorf("statement %+v", s)
		}
		all = append(all, s.Action...)
	}
	slices.Sort(all)
	return all
}

// actions are one action or a list, as IAM writes them.
type actions []string

func (a *actions) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		*a = make([]string, 1)
		return json.Unmarshal(data, &(*a)[0])
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// Whatever is not 확인 asks for the original text, on every kind of day.
func TestEveryUncertainReferenceAsksForTheText(t *testing.T) {
	c := shipped(t)
	days := []string{"2022-06-01", "2024-06-01", "2025-02-04", "2025-12-01", "2026-03-01", "2026-08-01", "2026-11-24", "2027-03-01"}
	for _, it := range c.Items {
		for _, ref := range it.Laws {
			for _, day := range days {
				got, err := c.Laws.At(ref, at(t, day))
				if err != nil {
					t.Fatal(err)
				}
				if got.VerifyText != (got.Confidence != Confirmed) || (ref.Fit != Confirmed && !got.VerifyText) {
					t.Errorf("%s %s on %s: %s, VerifyText %v", it.ID, ref.Provision, day, got.Confidence, got.VerifyText)
				}
				if got.Name == "" || got.Notice == "" || got.Number == "" || got.Status == "" {
					t.Errorf("%s %s on %s: blank in %+v", it.ID, ref.Provision, day, got)
				}
			}
		}
	}
}

// No article number of 제13조 finer than 항 is given as today's.
func TestArticle13HasNoSubparagraphToday(t *testing.T) {
	c := shipped(t)
	now := at(t, "2026-11-24")
	for _, p := range c.Laws.Provisions {
		if !strings.HasPrefix(p.ID, "efsr-13-") {
			continue
		}
		got, err := c.Laws.At(Reference{Provision: p.ID, Fit: Confirmed}, now)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(got.Number, "호") || got.Confidence != Unconfirmed {
			t.Errorf("%s: %q, %s", p.ID, got.Number, got.Confidence)
		}
	}
}

// Every citation of the source guide that no longer holds is shown where the
// guide has it, with the reason.
func TestSourceGuideCitations(t *testing.T) {
	const (
		typo     = "원 가이드 오기: 제13호 → 제13조"
		repealed = "구 기준(2023-09-22 통합·폐지)"
		unproven = "2025-02-05 개정 이후"
	)
	want := []struct{ id, text, note string }{
		{"IAM-01", "전자금융감독규정 제13조 제1항 제4호", unproven},
		{"KEY-01", "전자금융감독규정 제13호 제1항 제1호", typo},
		{"KEY-01", "전자금융감독규정 제32조 제2호 가목", unproven},
		{"KEY-01", "개인정보의 기술적·관리적 보호조치 기준 제4조 제8항 제3호", repealed},
		{"KEY-02", "전자금융감독규정 제13호 제1항 제1호", typo},
		{"ROOT-01", "전자금융감독규정 제13조 제1항 제4호", unproven},
		{"ROOT-02", "전자금융감독규정 제13조 제5항", unproven},
		{"CON-02", "개인정보의 기술적·관리적 보호조치 기준 제4조 제5항 제1호", repealed},
	}
	c := shipped(t)
	found := 0
	for _, it := range c.Items {
		for _, ref := range it.Laws {
			for _, cited := range ref.Cited {
				found++
				ok := false
				for _, w := range want {
					ok = ok || (w.id == it.ID && w.text == cited.Text && strings.Contains(cited.Note, w.note))
				}
				if !ok {
					t.Errorf("%s cites %q with note %q", it.ID, cited.Text, cited.Note)
				}
				if strings.Contains(cited.Text, "제13호") && !strings.Contains(cited.Note, typo) {
					t.Errorf("%s: the typing error %q has no note", it.ID, cited.Text)
				}
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d citations, want %d", found, len(want))
	}
}

// Where no provision corresponds, the item says so; weak mappings are marked.
func TestItemsWithoutLawOfTheirOwn(t *testing.T) {
	for _, it := range shipped(t).Items {
		switch it.ID {
		case "ACC-02":
			if len(it.Laws) != 0 || !strings.Contains(it.LawNote, "확인되지 않음") {
				t.Errorf("ACC-02: %v, %q", it.Laws, it.LawNote)
			}
		case "ACC-01", "CON-01":
			if it.LawNote == "" {
				t.Errorf("%s has no law_note", it.ID)
			}
			for _, ref := range it.Laws {
				if ref.Fit != Estimated || ref.Application != Analogy || !strings.Contains(ref.Note, "자체 연결") {
					t.Errorf("%s %s: %s, %s, %q", it.ID, ref.Provision, ref.Fit, ref.Application, ref.Note)
				}
			}
		}
	}
}

func TestNoForbiddenWord(t *testing.T) {
	err := fs.WalkDir(templates.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS, name)
		if err == nil && path.Ext(name) == itemExt && strings.Contains(string(data), forbiddenWord) {
			t.Errorf("%s contains %q", name, forbiddenWord)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Sentences of criteria and remedies end as a report's do, not as speech.
func TestReportStyle(t *testing.T) {
	for _, it := range shipped(t).Items {
		for _, list := range [][]string{
			it.Purpose, it.Threat, it.Criteria.Good, it.Criteria.Vulnerable, it.Criteria.Interview, it.Criteria.NA,
			it.Method.Console, it.Limits, it.Remediation, it.Impact, {it.Empty},
		} {
			for _, sentence := range list {
				if !endsFormally(sentence) {
					t.Errorf("%s: %s", it.ID, sentence)
				}
			}
		}
		for _, question := range it.Questions {
			if !strings.Contains(question, "확인 필요") {
				t.Errorf("%s: %s", it.ID, question)
			}
		}
	}
}

// endsFormally: '필요.' or a noun form (함, 임, 됨, 없음 …), whose last syllable
// ends in the consonant ㅁ.
func endsFormally(sentence string) bool {
	text, ok := strings.CutSuffix(sentence, ".")
	if !ok {
		return false
	}
	if strings.HasSuffix(text, "필요") || strings.HasSuffix(text, ")") {
		return true
	}
	runes := []rune(text)
	last := runes[len(runes)-1]
	return last >= '가' && last <= '힣' && (last-'가')%28 == 16
}
