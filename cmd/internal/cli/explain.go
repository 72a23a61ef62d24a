package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"auditbinder/collect/awsconn"
	"auditbinder/collect/evidence"
	"auditbinder/report/strictyaml"
	"auditbinder/report/view"
)

// connectHints say what to do about a failed first call, by error code.
var connectHints = map[string]string{
	"CredentialsError":            "AWS 자격 증명을 찾을 수 없거나 사용할 수 없습니다. --profile, 환경 변수 또는 'aws configure' 설정을 확인하십시오",
	"ExpiredToken":                "AWS 자격 증명이 만료되었습니다. 다시 로그인한 뒤 실행하십시오",
	"ExpiredTokenException":       "AWS 자격 증명이 만료되었습니다. 다시 로그인한 뒤 실행하십시오",
	"InvalidClientTokenId":        "AWS 자격 증명이 유효하지 않습니다. 액세스 키가 삭제되었거나 비활성인지 확인하십시오",
	"UnrecognizedClientException": "AWS 자격 증명이 유효하지 않습니다. 액세스 키가 삭제되었거나 비활성인지 확인하십시오",
	"SignatureDoesNotMatch":       "서명이 맞지 않습니다. 비밀 액세스 키와 PC의 시각을 확인하십시오",
	"HostNotFound":                "AWS 호스트를 찾을 수 없습니다. 네트워크, DNS, 프록시 설정을 확인하십시오",
	"ConnectionRefused":           "AWS 호스트에 연결할 수 없습니다. 네트워크와 프록시, 엔드포인트 설정을 확인하십시오",
	"ConnectionReset":             "AWS 호스트와의 연결이 끊겼습니다. 네트워크와 프록시, 엔드포인트 설정을 확인하십시오",
	"RequestTimeout":              "AWS 호스트가 응답하지 않습니다. 네트워크와 프록시 설정을 확인하십시오",
	"TLSError":                    "AWS 호스트의 TLS 인증서를 확인할 수 없습니다. TLS 검사 장비가 있으면 AWS_CA_BUNDLE로 사내 CA를 지정하십시오",
	"MalformedBody":               "AWS의 답이 아닌 응답을 받았습니다. 프록시나 보안 장비의 로그인 화면이 대신 응답했는지 확인하십시오",
	"SendError":                   "AWS에 요청을 보내지 못했습니다. 리전(--region, AWS_REGION, 프로파일의 region. 예: ap-northeast-2)과 엔드포인트 설정을 확인하십시오",
	"RunTimeout":                  "제한 시간(--timeout) 안에 AWS의 응답을 받지 못했습니다",
}

// explain turns an error into one Korean line and the exit code.
func explain(err error) (string, int) {
	var usage *usageError
	var failed *failure
	var catalog *strictyaml.Error // a configuration's is wrong use already
	var profile *awsconn.UnknownProfileError
	var call *evidence.CallError
	switch {
	case errors.As(err, &usage):
		return usage.line, exitUsage
	case errors.As(err, &failed):
		return failed.line, exitFailed
	case errors.As(err, &catalog):
		return "점검 항목 자료: " + catalog.Error(), exitFailed
	case errors.As(err, &profile):
		return fmt.Sprintf("AWS 프로파일이 없습니다: %q", profile.Profile), exitUsage
	case errors.As(err, &call) && call.Code != "Canceled":
		hint := connectHints[call.Code]
		if hint == "" {
			hint = "AWS 계정을 확인하지 못했습니다"
		}
		return fmt.Sprintf("%s(%s %s)", hint, call.Action, view.CodeText(call.Code)), exitFailed
	case errors.Is(err, context.Canceled), call != nil:
		return "사용자가 중단하였습니다. 기록된 결과는 없습니다", exitFailed
	case errors.Is(err, fs.ErrPermission):
		return "파일 접근 권한이 없습니다: " + oneLine(err), exitFailed
	}
	return oneLine(err), exitFailed
}
