package item

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"auditbinder/report/strictyaml"
)

// A small valid catalogue: the shipped one may change without moving the
// lines that the messages below name.
const (
	goodLaws = `stale_after_days: 90
instruments:
  - id: reg
    name: 가상규정
    versions:
      - notice: 제1호
        effective_from: 2024-01-01
        effective_to: 2024-12-31
        confidence: 추정
        checked_on: 2026-10-04
        sources: [T1]
      - notice: 제2호
        effective_from: 2025-01-01
        confidence: 확인
        checked_on: 2026-10-04
        recheck_after: 2026-12-17
        sources: [T1]
  - id: old
    name: 폐지기준
    versions:
      - notice: 제9호
        effective_to: 2023-09-21
        repealed: true
        confidence: 확인
        checked_on: 2026-10-04
        sources: [T1]
provisions:
  - id: reg-1
    instrument: reg
    versions:
      - effective_from: 2024-01-01
        number: 제1조
        gist: 요지
        confidence: 확인
        sources: [T1]
      - effective_from: 2025-06-01
        number: 제2조
        gist: 요지
        confidence: 확인
        sources: [T1]
  - id: old-1
    instrument: old
    versions:
      - number: 제4조
        gist: 요지
        confidence: 확인
        sources: [T1]
standards_notes: [출처]
`
	goodItem = `id: AAA-01
order: 1
title: 제목
area: 영역
planned: false
severity: 상
severity_source: 자체 기준
purpose: [목적]
threat: [위협]
criteria:
  good: [양호]
  vulnerable: [취약]
thresholds: [access_key_unused]
method:
  console: [콘솔]
  cli: [aws iam get-account-summary]
evidence:
  - call: iam:GetAccountSummary
    need: req
  - call: account:GetAlternateContact
    need: fact
    error: ResourceNotFoundException
checks: [users_match_summary]
columns:
  - {key: user, title: 사용자, weight: 1}
  - {key: verdict, title: 판정, weight: 0.5, center: true}
unit: 명
empty: 0건
limits: [한계]
remediation: [조치]
impact: [영향]
questions: [질문]
laws:
  - provision: reg-1
    application: 직접
    fit: 추정
    cited:
      - text: 구 조항
        note: 폐지
standards:
  isms_p:
    - {id: 2.5.1, title: 사용자 계정 관리}
  cis: {v3.0.0: "1.10"}
`
)

func fixture() fstest.MapFS {
	second := strings.Replace(goodItem, "id: AAA-01\norder: 1", "id: AAA-02\norder: 2", 1)
	return fstest.MapFS{
		"laws.yaml":         {Data: []byte(goodLaws)},
		"items/AAA-01.yaml": {Data: []byte(goodItem)},
		"items/AAA-02.yaml": {Data: []byte(second)},
	}
}

func TestLoadFixture(t *testing.T) {
	fsys := fixture()
	// The file name order is not the report order.
	fsys["items/AAA-01.yaml"].Data = bytes.Replace(fsys["items/AAA-01.yaml"].Data, []byte("order: 1"), []byte("order: 9"), 1)
	c, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{c.Items[0].ID, c.Items[1].ID}; got[0] != "AAA-02" || got[1] != "AAA-01" {
		t.Errorf("items in order %v", got)
	}
	if got := c.Items[0].Standards.CIS["v3.0.0"]; got != "1.10" {
		t.Errorf("CIS number %q lost its zero", got)
	}
	if got := c.Laws.Instruments[0].Versions[0].EffectiveTo.String(); got != "2024-12-31" {
		t.Errorf("effective_to = %q", got)
	}
}

func TestLoadErrors(t *testing.T) {
	const first, second, laws = "items/AAA-01.yaml", "items/AAA-02.yaml", "laws.yaml"
	tests := []struct {
		name, file, old, new, want string
	}{
		// The YAML itself.
		{"unknown key", first, "area: 영역", "aera: 영역", `items/AAA-01.yaml:4:1: 알 수 없는 키: "aera"`},
		{"unknown nested key", first, "weight: 1}", "weight: 1, wide: true}", `items/AAA-01.yaml:25:40: 알 수 없는 키: "wide"`},
		{"repeated key", first, "area: 영역", "title: 영역", `items/AAA-01.yaml:4:1: 키 중복: "title"`},
		{"text for a number", first, "order: 1", `order: "1"`, `items/AAA-01.yaml:2:8: order: 형식 오류(필요: 정수, 실제: 문자열)`},
		{"fraction for an integer", first, "order: 1", "order: 1.5", `items/AAA-01.yaml:2:8: order: 형식 오류(필요: 정수, 실제: 숫자)`},
		{"number for a text", first, `"1.10"`, "1.10", `items/AAA-01.yaml:43:17: cis.v3.0.0: 형식 오류(필요: 문자열, 실제: 숫자)`},
		{"number too large", first, "order: 1", "order: 99999999999999999999", `items/AAA-01.yaml:2:8: order: 형식 오류(필요: 정수, 실제: 문자열)`},
		{"text for true or false", first, "planned: false", "planned: 아니오", `items/AAA-01.yaml:5:10: planned: 형식 오류(필요: true 또는 false, 실제: 문자열)`},
		{"text for a list", first, "purpose: [목적]", "purpose: 목적", `items/AAA-01.yaml:8:10: purpose: 형식 오류(필요: 목록, 실제: 문자열)`},
		{"list for a mapping", first, "method:\n  console: [콘솔]\n  cli: [aws iam get-account-summary]", "method: [콘솔]", `items/AAA-01.yaml:14:9: method: 형식 오류(필요: 키와 값, 실제: 목록)`},
		{"text for a weight", first, "weight: 0.5", "weight: 넓게", `items/AAA-01.yaml:26:39: weight: 형식 오류(필요: 숫자, 실제: 문자열)`},
		{"null", first, "unit: 명", "unit:", `items/AAA-01.yaml:27:6: unit: 형식 오류(필요: 문자열, 실제: 빈 값)`},
		{"blank text", first, "unit: 명", `unit: " "`, `items/AAA-01.yaml:27:7: unit: 값이 비어 있거나 앞뒤에 공백이 있음`},
		{"alias", first, "unit: 명\nempty: 0건", "unit: &u 명\nempty: *u", `items/AAA-01.yaml:27:7: unit: 형식 오류(필요: 문자열, 실제: 앵커·별칭)`},
		{"merge key", first, "unit: 명", "<<: {unit: 명}", `items/AAA-01.yaml:27:1: 문서: 키는 문자열이어야 함`},
		{"key that is no text", first, "v3.0.0:", "3:", `items/AAA-01.yaml:43:9: cis: 키는 문자열이어야 함`},
		{"no such day", laws, "2024-12-31", "2024-12-32", `laws.yaml:8:23: effective_to: 날짜 형식 오류: "2024-12-32" (YYYY-MM-DD 형식의 실제 날짜여야 함)`},
		{"number for a day", laws, "2024-12-31", "20241231", `laws.yaml:8:23: effective_to: 형식 오류(필요: 날짜, 실제: 숫자)`},
		{"broken YAML", first, "purpose: [목적]", "purpose: [목적", `items/AAA-01.yaml:9:1: YAML 문법 오류: ',' or ']' must be specified`},
		{"two documents", first, "area: 영역", "---\narea: 영역", `items/AAA-01.yaml: YAML 문서가 정확히 하나 있어야 함`},
		{"forbidden word", first, "목적", "법 " + forbiddenWord, `items/AAA-01.yaml:8:13: 사용할 수 없는 단어: "` + forbiddenWord + `"`},
		{"deep nesting", first, "[목적]", strings.Repeat("[", 100), `items/AAA-01.yaml:8:1: 중첩이 너무 깊음(최대 64단계)`},
		{"broken bytes", first, "목적", "\xff", `items/AAA-01.yaml: UTF-8이 아닌 바이트가 있음`},
		{"NUL", first, "목적", "\x00", `items/AAA-01.yaml: 깨진 문자 또는 NUL 문자가 있음`},
		{"large file", first, "목적", strings.Repeat("가", 100_000), `items/AAA-01.yaml: 파일이 너무 큼(300891바이트 43줄, 최대 65536바이트 4000줄)`},
		{"many lines", first, "목적", strings.Repeat("\n", 5000), `items/AAA-01.yaml: 파일이 너무 큼(5891바이트 5043줄, 최대 65536바이트 4000줄)`},

		// Items.
		{"bad id", first, "id: AAA-01", "id: aaa", `items/AAA-01.yaml:1:1: "id" 형식 오류: "aaa" (형식: ^[A-Z0-9]+-[0-9]{2}$)`},
		{"duplicate id", second, "id: AAA-02", "id: AAA-01", `items/AAA-02.yaml:1:1: id가 파일 이름과 다름: "AAA-01" (파일: "AAA-02")`},
		{"duplicate order", second, "order: 2", "order: 1", `items/AAA-02.yaml:2:1: order 중복: 1 (items/AAA-01.yaml에서 사용 중)`},
		{"no order", first, "order: 1\n", "", `items/AAA-01.yaml:1:1: order는 1 이상의 정수여야 함`},
		{"no title", first, "title: 제목\n", "", `items/AAA-01.yaml:1:1: 필수 항목 없음: "title"`},
		{"bad severity", first, "severity: 상", "severity: 높음", `items/AAA-01.yaml:6:1: "severity" 값 오류: "높음" (가능한 값: 상, 중, 하)`},
		{"no severity source", first, "severity_source: 자체 기준\n", "", `items/AAA-01.yaml:1:1: 필수 항목 없음: "severity_source"`},
		{"empty list", first, "threat: [위협]", "threat: []", `items/AAA-01.yaml:9:1: 필수 목록이 없거나 비어 있음: "threat"`},
		{"no criterion", first, "  vulnerable: [취약]\n", "", `items/AAA-01.yaml:10:1: 필수 목록이 없거나 비어 있음: "vulnerable"`},
		{"unknown threshold", first, "access_key_unused", "password_age", `items/AAA-01.yaml:13:14: "thresholds[0]" 값 오류: "password_age" (가능한 값: access_key_rotation, access_key_unused, root_usage_period, widest_public_block)`},
		{"command that writes", first, "get-account-summary", "delete-user", `items/AAA-01.yaml:16:9: 조회 명령이 아님: "aws iam delete-user"`},
		{"bad call", first, "iam:GetAccountSummary", "GetAccountSummary", `items/AAA-01.yaml:18:5: "call" 형식 오류: "GetAccountSummary" (형식: ^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$)`},
		{"duplicate call", first, "account:GetAlternateContact", "iam:GetAccountSummary", `items/AAA-01.yaml:20:5: "call" 중복: "iam:GetAccountSummary"`},
		{"bad need", first, "need: req", "need: must", `items/AAA-01.yaml:19:5: "need" 값 오류: "must" (가능한 값: req, opt, fact)`},
		{"fact without error", first, "    error: ResourceNotFoundException\n", "", `items/AAA-01.yaml:21:5: error는 need가 fact일 때에만, 그때는 반드시 필요함: "account:GetAlternateContact"`},
		{"error without fact", first, "need: fact", "need: opt", `items/AAA-01.yaml:21:5: error는 need가 fact일 때에만, 그때는 반드시 필요함: "account:GetAlternateContact"`},
		{"unknown check", first, "users_match_summary", "keys_match", `items/AAA-01.yaml:23:10: "checks[0]" 값 오류: "keys_match" (가능한 값: users_match_summary, users_match_report)`},
		{"bad column key", first, "key: verdict", "key: 판정", `items/AAA-01.yaml:26:6: "key" 형식 오류: "판정" (형식: ^[a-z][a-z0-9_]*$)`},
		{"duplicate column key", first, "key: verdict", "key: user", `items/AAA-01.yaml:26:6: "key" 중복: "user"`},
		{"no column width", first, ", weight: 0.5", "", `items/AAA-01.yaml:26:6: 열 너비(weight)는 0보다 커야 함: "verdict"`},
		{"unknown provision", first, "provision: reg-1", "provision: reg-7", `items/AAA-01.yaml:34:5: laws.yaml에 없는 조항: "reg-7"`},
		{"bad application", first, "application: 직접", "application: 유추", `items/AAA-01.yaml:35:5: "application" 값 오류: "유추" (가능한 값: 직접, 준용)`},
		{"bad fit", first, "fit: 추정", "fit: 미확인", `items/AAA-01.yaml:36:5: "fit" 값 오류: "미확인" (가능한 값: 확인, 추정)`},
		{"citation without note", first, "        note: 폐지\n", "", `items/AAA-01.yaml:38:9: 필수 항목 없음: "note"`},
		{"no law and no word about it", first, "laws:\n  - provision: reg-1\n    application: 직접\n    fit: 추정\n    cited:\n      - text: 구 조항\n        note: 폐지\n", "laws: []\n", `items/AAA-01.yaml:33:1: laws가 비어 있으면 law_note가 필요함`},
		{"control without title", first, "{id: 2.5.1, title: 사용자 계정 관리}", "{id: 2.5.1}", `items/AAA-01.yaml:42:8: 필수 항목 없음: "title"`},

		// laws.yaml.
		{"no stale limit", laws, "stale_after_days: 90\n", "", `laws.yaml:1:1: stale_after_days는 1 이상의 정수여야 함`},
		{"duplicate instrument", laws, "id: old\n", "id: reg\n", `laws.yaml:18:5: "id" 중복: "reg"`},
		{"duplicate provision", laws, "id: old-1", "id: reg-1", `laws.yaml:41:5: "id" 중복: "reg-1"`},
		{"unknown instrument", laws, "instrument: old", "instrument: new", `laws.yaml:42:5: laws.yaml에 없는 법령: "new"`},
		{"bad confidence", laws, "confidence: 추정", "confidence: 아마", `laws.yaml:9:9: "confidence" 값 오류: "아마" (가능한 값: 확인, 추정, 미확인)`},
		{"no check date", laws, "        checked_on: 2026-10-04\n        recheck", "        recheck", `laws.yaml:12:9: 필수 날짜 없음: "checked_on"`},
		{"no start", laws, "        effective_from: 2025-01-01\n", "", `laws.yaml:12:9: 필수 날짜 없음: "effective_from"`},
		{"no end before the next", laws, "        effective_to: 2024-12-31\n", "", `laws.yaml:6:9: 필수 날짜 없음: "effective_to"`},
		{"ends before it starts", laws, "2024-12-31", "2023-12-31", `laws.yaml:8:9: 종료일(2023-12-31)이 시행일(2024-01-01)보다 빠름`},
		{"overlap", laws, "effective_from: 2025-01-01", "effective_from: 2024-12-31", `laws.yaml:13:9: 시행일(2024-12-31)이 앞 판의 종료일(2024-12-31)과 겹침`},
		{"after repeal", laws, "        confidence: 추정", "        repealed: true\n        confidence: 추정", `laws.yaml:9:9: 폐지된 판 뒤에는 다른 판이 올 수 없음`},
		{"check again before the check", laws, "2026-12-17", "2026-10-04", `laws.yaml:16:9: 재확인일(2026-10-04)은 확인일(2026-10-04)보다 늦어야 함`},
		{"provision out of order", laws, "2025-06-01", "2024-01-01", `laws.yaml:36:9: 시행일(2024-01-01)이 앞 판의 시행일(2024-01-01)보다 늦어야 함`},
		{"provision before any version", laws, "      - effective_from: 2024-01-01\n        number", "      - effective_from: 2023-01-01\n        number", `laws.yaml:31:9: 시행일(2023-01-01)에 시행 중인 법령 판이 없음: "reg"`},
		{"undated provision", laws, "      - effective_from: 2024-01-01\n        number", "      - number", `laws.yaml:31:9: 필수 날짜 없음: "effective_from"`},
		{"no gist", laws, "number: 제4조\n        gist: 요지", "number: 제4조", `laws.yaml:44:9: 필수 항목 없음: "gist"`},
		{"no source", laws, "        sources: [T1]\n      - notice: 제2호", "      - notice: 제2호", `laws.yaml:6:9: 필수 목록이 없거나 비어 있음: "sources"`},
		{"no standards note", laws, "[출처]", "[]", `laws.yaml:48:1: 필수 목록이 없거나 비어 있음: "standards_notes"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fsys := fixture()
			before := fsys[test.file].Data
			fsys[test.file].Data = bytes.Replace(before, []byte(test.old), []byte(test.new), 1)
			if bytes.Equal(before, fsys[test.file].Data) {
				t.Fatalf("the fixture has no %q", test.old)
			}
			_, err := Load(fsys)
			if err == nil {
				t.Fatal("loaded")
			}
			if got := err.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if own := (*Error)(nil); !errors.As(err, &own) {
				t.Errorf("error of type %T", err)
			}
			if problem := badMessage(err, test.file); problem != "" {
				t.Errorf("%s: %s", problem, err)
			}
		})
	}
}

func TestLoadFileErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(fstest.MapFS)
		want   string
	}{
		{"no laws", func(f fstest.MapFS) { delete(f, "laws.yaml") }, "laws.yaml: 파일이 없음"},
		{"laws is a folder", func(f fstest.MapFS) {
			f["laws.yaml"] = &fstest.MapFile{Mode: fs.ModeDir}
		}, "laws.yaml: 파일을 읽을 수 없음: read laws.yaml: invalid argument"},
		{"no items", func(f fstest.MapFS) {
			delete(f, "items/AAA-01.yaml")
			delete(f, "items/AAA-02.yaml")
		}, "items: 점검 항목 파일이 없음"},
		{"other file", func(f fstest.MapFS) {
			f["items/AAA-03.yml"] = &fstest.MapFile{Data: []byte(goodItem)}
		}, "items/AAA-03.yml: 점검 항목 파일(.yaml)이 아님"},
		{"empty file", func(f fstest.MapFS) { f["items/AAA-01.yaml"].Data = nil }, "items/AAA-01.yaml: YAML 문서가 정확히 하나 있어야 함"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fsys := fixture()
			test.change(fsys)
			_, err := Load(fsys)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// badMessage says what is wrong with an error of the loader, if anything.
func badMessage(err error, file string) string {
	var problem *strictyaml.Error
	var own *Error
	if errors.As(err, &own) {
		problem = own.Cause
	}
	text := err.Error()
	switch {
	case problem == nil && !errors.As(err, &problem):
		return fmt.Sprintf("error of type %T", err)
	case problem.File != file || !strings.HasPrefix(text, file+":"):
		return "file not named"
	case strings.ContainsAny(text, "\n\r"):
		return "more than one line"
	case !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }):
		return "no Korean"
	case problem.Line < 0 || problem.Column < 0 || (problem.Line == 0) != (problem.Column == 0):
		return "bad position"
	}
	return ""
}
