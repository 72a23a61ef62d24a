package view

import (
	"fmt"
	"strings"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
	"auditbinder/report/strictyaml"
	"auditbinder/report/verdict"
)

// The document's fixed words.
const (
	title           = "AWS 계정 보안 점검 결과 및 증적 보고서"
	simulatedMark   = "모의 환경 수집분 · 제출 불가"
	draftMark       = "초안"
	finalMark       = "확정본"
	verifyText      = "원문 대조 필요"
	recheckText     = "시행 여부 재확인 필요"
	interceptNotice = "TLS 검사 장비를 거쳐 수집된 응답이 포함되어 있음. AWS 호스트(amazonaws.com, api.aws)를 검사 대상에서 제외한 뒤 다시 수집할 것을 권고함"
	none            = "-"
)

// What the ratio is called: 잠정 while anything is undecided.
const (
	ComplianceLabel  = "준수율"
	ProvisionalLabel = "준수율(잠정)"
)

// verdictOrder is the order of columns and legends.
var verdictOrder = []verdict.Verdict{verdict.Good, verdict.Vulnerable, verdict.Interview, verdict.NA, verdict.Unknown}

var verdictWords = map[verdict.Verdict]string{
	verdict.Good: "양호", verdict.Vulnerable: "취약", verdict.Interview: "인터뷰 필요", verdict.NA: "해당 없음", verdict.Unknown: "점검 불가",
}

var verdictMeanings = map[verdict.Verdict]string{
	verdict.Good:       "수집한 증적으로 기준을 충족함이 확인됨(취약하지 않음)",
	verdict.Vulnerable: "수집한 증적으로 기준을 충족하지 못함이 확인됨",
	verdict.Interview:  "API로 확인할 수 없는 사실이 있어 담당자 확인이 필요함",
	verdict.NA:         "점검 대상 자원이 없음",
	verdict.Unknown:    "필수 조회의 실패, 출처 간 불일치 또는 해석할 수 없는 값으로 판정할 수 없음. 오류를 양호로 처리하지 않음",
}

// Word returns the verdict as shown; the zero Verdict shows as '-'.
func Word(v verdict.Verdict) Verdict {
	if v == "" {
		return Verdict{Word: none}
	}
	return Verdict{ID: string(v), Word: verdictWords[v]}
}

var kindWords = map[evidence.AccountKind]string{
	evidence.KindManagement: "조직 관리 계정", evidence.KindMember: "조직 멤버 계정",
	evidence.KindStandalone: "단독 계정", evidence.KindUnknown: "확인 불가",
}

var sourceWords = map[evidence.Source]string{
	evidence.SourceAWS: "AWS", evidence.SourceIntercepted: "AWS(TLS 검사 경유)",
	evidence.SourceCustom: "사용자 지정 엔드포인트", evidence.SourceReplay: "기록 재생",
}

// codeWords explain error codes where the code alone says too little.
var codeWords = map[string]string{
	"AccessDenied": "권한 없음", "AccessDeniedException": "권한 없음", "UnauthorizedOperation": "권한 없음",
	"Throttling": "요청 한도 초과", "ThrottlingException": "요청 한도 초과", "TooManyRequestsException": "요청 한도 초과", "RequestLimitExceeded": "요청 한도 초과",
	"ExpiredToken": "자격 증명 만료", "ExpiredTokenException": "자격 증명 만료", "InvalidClientTokenId": "유효하지 않은 자격 증명",
	"EmptyBody": "빈 응답", "TruncatedBody": "응답이 중간에 끊김", "MalformedBody": "응답을 해석할 수 없음", "BodyTooLarge": "응답이 너무 큼",
	"RequestTimeout": "응답 시간 초과", "RunTimeout": "전체 실행 시간 초과", "ConnectionReset": "연결 끊김", "ConnectionRefused": "연결 거부",
	"HostNotFound": "호스트를 찾을 수 없음", "TLSError": "TLS 인증서 검증 실패", "CredentialsError": "자격 증명 확인 실패",
	"Canceled": "사용자 중단", "NotRecorded": "기록에 없음", "SendError": "전송 실패",
	"OptInRequired": "사용 설정되지 않은 리전", "AuthFailure": "권한 또는 자격 증명 오류", "AuthorizationError": "권한 없음",
	"UnrecognizedClientException": "유효하지 않은 자격 증명", "LimitExceededException": "요청 한도 초과", "NotCollected": "수집되지 않음",
	"ServiceFailure": "AWS 내부 오류", "InternalFailure": "AWS 내부 오류", "InternalServerError": "AWS 내부 오류", "ServiceUnavailable": "서비스 일시 중단",
}

// factWords say what an error means where it is itself the answer.
var factWords = map[string]string{
	"ResourceNotFoundException": "0건", "AWSOrganizationsNotInUseException": "조직 없음",
	"NotFound": "없음(삭제된 주제)", "InvalidDocument": "설정 문서 없음", "ServiceSettingNotFound": "설정 없음",
	"AccountNotManagementOrDelegatedAdministratorException": "확인 불가(관리 계정만 조회 가능)",
	"OrganizationNotFoundException":                         "조직 없음", "OrganizationNotInAllFeaturesModeException": "사용 안 함", "ServiceAccessNotEnabledException": "사용 안 함",
}

func factText(code string) string { return orElse(factWords[code], "답변") + " · " + code }

// CodeText is an error code with its meaning.
func CodeText(code string) string {
	if word := codeWords[code]; word != "" {
		return fmt.Sprintf("%s(%s)", code, word)
	}
	return code
}

// kst formats an instant as reports do; the zero time is '-'.
func kst(t time.Time) string {
	if t.IsZero() {
		return none
	}
	return t.In(strictyaml.KST).Format("2006-01-02 15:04:05 KST")
}

// RFC3339 formats an instant for result.json: KST with its offset.
func rfc3339(t time.Time) string { return t.In(strictyaml.KST).Format(time.RFC3339) }

func day(t time.Time) string { return t.In(strictyaml.KST).Format(time.DateOnly) }

// orNone shows '-' for an empty text.
func orNone(s string) string {
	if s == "" {
		return none
	}
	return s
}

// text makes a cell of lines; number makes one of a count.
func text(lines ...string) Cell { return Cell{Lines: lines} }

// listed is a cell of a list; an empty one shows as '-'.
func listed(lines []string) Cell {
	if len(lines) == 0 {
		return text(none)
	}
	return text(lines...)
}

func number(n int) Cell { return Cell{Lines: []string{verdict.Grouped(n)}, Number: &n} }

func verdictCell(v verdict.Verdict) Cell {
	w := Word(v)
	return Cell{Lines: []string{w.Word}, Verdict: w.ID}
}

// law prints a reference, never more certain than the data.
func law(f item.InForce) Law {
	l := Law{
		Name: f.Name, Notice: f.Notice, EffectiveFrom: orNone(f.EffectiveFrom.String()), Provision: f.Number, Gist: f.Gist,
		Status: f.Status, Application: string(f.Application), Confidence: string(f.Confidence), Notes: f.Notes,
		CheckedOn: f.CheckedOn.String(),
	}
	var warnings []string
	if f.VerifyText {
		warnings = append(warnings, verifyText)
	}
	if f.Stale {
		warnings = append(warnings, recheckText)
	}
	l.Warning = strings.Join(warnings, ", ")
	for _, c := range f.Cited {
		l.Cited = append(l.Cited, Cited{Text: c.Text, Note: c.Note})
	}
	return l
}
