package settings

import (
	"os"
	"strings"
	"testing"
)

func TestShippedExampleParses(t *testing.T) {
	text, err := os.ReadFile("../../templates/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Parse("config.yaml", text, standard(t))
	if err != nil {
		t.Fatal(err)
	}
	// Untouched, it sets nothing: example names and rules must not reach a report.
	if cfg.Digest() != Default(standard(t)).Digest() {
		t.Errorf("parsed %+v", cfg)
	}
	// The commented part is valid too once the marks are taken away.
	var plain []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "#  ") {
			line = strings.TrimPrefix(line, "#")
		}
		plain = append(plain, line)
	}
	cfg, err = Parse("config.yaml", []byte(strings.Join(plain, "")), standard(t))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Organization.DocumentNumber != "SEC-2026-041" || cfg.Thresholds.AccessKeyRotation.Clause != "제21조" || cfg.Assessment.Period.From.String() != "2026-08-26" {
		t.Errorf("uncommented: %+v", cfg)
	}
	if len(cfg.Exceptions) != 1 || cfg.Exceptions[0].Account != "123456789012" || len(cfg.Regions) != 2 || len(cfg.AllowedSourceRanges) != 1 {
		t.Errorf("uncommented: %+v", cfg)
	}
}

// A file that sets one key leaves the defaults of all others.
func TestDefaultsStayBesideWhatIsSet(t *testing.T) {
	for name, text := range map[string]string{
		"one threshold":   "thresholds:\n  access_key_rotation: {days: 60}\n",
		"part of a block": "thresholds:\n  widest_public_block: {ipv4: 24}\n",
		"only a region":   "regions: [ap-northeast-2]\n",
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Parse("f", []byte(text), standard(t))
			if err != nil {
				t.Fatal(err)
			}
			d := Default(standard(t))
			if cfg.Thresholds.AccessKeyUnused != d.Thresholds.AccessKeyUnused || cfg.Thresholds.RootUsagePeriod != d.Thresholds.RootUsagePeriod ||
				cfg.Thresholds.WidestPublicBlock.IPv4Addresses != 65536 || cfg.Organization.Classification != "대외비" {
				t.Errorf("defaults lost: %+v", cfg)
			}
		})
	}
}

func TestEmptyFileIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# 주석만 있음\n"} {
		cfg, err := Parse("f", []byte(text), standard(t))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if cfg.Digest() != Default(standard(t)).Digest() {
			t.Errorf("%q differs from the default", text)
		}
	}
}

func TestBadFilesAreRefusedWithLineAndColumn(t *testing.T) {
	exception := "exceptions:\n  - {account: \"123456789012\", item: IAM-01, resource: a, reason: b, compensating: c, approver: d, approved: 2026-10-01, document: e, expires: 2027-03-31}\n"
	if _, err := Parse("f.yaml", []byte(exception), standard(t)); err != nil {
		t.Fatalf("the base case must be fine: %v", err)
	}
	tests := []struct{ name, text, want string }{
		{"unknown key", "organization:\n  nam: x\n", "f.yaml:2:3: 알 수 없는 키: \"nam\""},
		{"unknown top key", "regoins: [us-east-1]\n", "f.yaml:1:1: 알 수 없는 키: \"regoins\""},
		{"repeated key", "region_reason: a\nregion_reason: b\n", "f.yaml:2:1: 키 중복: \"region_reason\""},
		{"31 February", "assessment: {base_date: 2026-02-31}\n", "f.yaml:1:25: base_date: 날짜 형식 오류"},
		{"text for a number", "thresholds: {access_key_unused: {days: many}}\n", "f.yaml:1:40: days: 형식 오류(필요: 정수"},
		{"zero days", "thresholds: {access_key_unused: {days: 0}}\n", "f.yaml:1:34: access_key_unused: 일수는 1 이상"},
		{"clause without rule", "thresholds: {access_key_unused: {days: 9, clause: 제1조}}\n", "f.yaml:1:43: access_key_unused: 조항"},
		{"half a period", "assessment: {period: {from: 2026-01-01}}\n", "점검 기간은 from과 to가 모두 있고"},
		{"backward period", "assessment: {period: {from: 2026-02-01, to: 2026-01-01}}\n", "점검 기간은 from과 to가 모두 있고"},
		{"region name", "regions: [seoul]\n", "f.yaml:1:11: 리전 이름이 아님: \"seoul\""},
		{"no CIDR", "allowed_source_ranges: [203.0.113.7]\n", "f.yaml:1:25: CIDR 표기가 아님"},
		{"host bits", "allowed_source_ranges: [203.0.113.5/24]\n", "호스트 부분이 0이 아님: \"203.0.113.5/24\" (대역은 203.0.113.0/24)"},
		{"private range", "allowed_source_ranges: [10.1.0.0/16]\n", "공인 대역이 아님"},
		{"the whole internet", "allowed_source_ranges: [0.0.0.0/0]\n", "보다 넓음"},
		{"masking of another kind", "masking: {contacts: none}\n", "f.yaml:1:11: masking.contacts는 partial 또는 full이어야 함"},
		{"masking switched off", "masking: {contacts: \"\"}\n", "f.yaml:1:21: contacts: 값이 비어 있거나"},
		{"masking of no tag", "masking: {tags: [이름, \"\"]}\n", "f.yaml:1:22: tags[1]: 값이 비어 있거나"},
		{"masking of something else", "masking: {users: full}\n", "알 수 없는 키: \"users\""},
		{"wide block", "thresholds: {widest_public_block: {ipv4: 33}}\n", "widest_public_block"},
		{"account as number", strings.Replace(exception, `"123456789012"`, "123456789012", 1), "account: 형식 오류(필요: 문자열, 실제: 숫자)"},
		{"short account", strings.Replace(exception, "123456789012", "12345", 1), "f.yaml:2:6: exceptions[0]: 계정 ID는"},
		{"item code", strings.Replace(exception, "IAM-01", "iam", 1), "점검 항목 코드가 아님"},
		{"no approver", strings.Replace(exception, "approver: d, ", "", 1), "exceptions[0]: approver 값이 없음"},
		{"expires before approval", strings.Replace(exception, "2027-03-31", "2026-01-01", 1), "만료일이 승인일보다 빠름"},
		{"two documents", "regions: [us-east-1]\n---\nregions: [us-east-1]\n", "YAML 문서가 정확히 하나"},
		{"a bracket not closed", "regions: [us-east-1\n", "YAML 문법 오류: ']'가 없음"},
		{"a brace not closed", "organization: {name: a\n", "YAML 문법 오류: '}'가 없음"},
		{"a quote not closed", "region_reason: \"x\n", "YAML 문법 오류: 큰따옴표가 닫히지 않음"},
		{"a tab", "organization:\n\tname: a\n", "YAML 문법 오류: 이 글자로 시작할 수 없음"},
		{"two colons", "region_reason: a: b\n", "YAML 문법 오류: 이 자리에는"},
		{"bad UTF-8", "region_reason: \xff\n", "UTF-8이 아닌 바이트"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(tt.text), standard(t))
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q\nwant one line with %q", err, tt.want)
			}
		})
	}
}

// A threshold names the company's rule, or the standard as long as its value stands.
func TestThresholdSource(t *testing.T) {
	tests := []struct{ name, text, value, source string }{
		{"default", "", "90일", "기본값 - CIS AWS Foundations Benchmark v7.0.0 2.12(90일)"},
		{"rule and clause", "thresholds: {access_key_rotation: {days: 60, rule: 정보보안지침, clause: 제21조}}\n", "60일", "정보보안지침 제21조"},
		{"rule alone", "thresholds: {access_key_rotation: {days: 90, rule: 정보보안지침}}\n", "90일", "정보보안지침"},
		{"changed without a rule", "thresholds: {access_key_rotation: {days: 60}}\n", "60일", "설정 파일(내부 규정 미기재)"},
		{"the default written out", "thresholds: {access_key_rotation: {days: 90}}\n", "90일", "기본값 - CIS AWS Foundations Benchmark v7.0.0 2.12(90일)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := Parse("f", []byte(tt.text), standard(t))
			if err != nil {
				t.Fatal(err)
			}
			got, err := cfg.Threshold("access_key_rotation")
			if err != nil || got.Value != tt.value || got.Source != tt.source {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	for _, key := range ThresholdKeys {
		if got, err := Default(standard(t)).Threshold(key); err != nil || !strings.Contains(got.Source, "기본값") || got.Title == "" {
			t.Errorf("%s: %+v %v", key, got, err)
		}
	}
	if _, err := Default(standard(t)).Threshold("nonsense"); err == nil {
		t.Error("an unknown key has a threshold")
	}
}

// standard is the shipped file.
func standard(t testing.TB) Standard {
	t.Helper()
	std, err := ParseStandard(shipped)
	if err != nil {
		t.Fatal(err)
	}
	return std
}

func shipped(name string) ([]byte, error) { return os.ReadFile("../../templates/" + name) }

func FuzzParse(f *testing.F) {
	f.Add([]byte("organization: {name: 가상핀테크}\n"))
	f.Add([]byte("exceptions: [{account: \"123456789012\"}]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	std := standard(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		cfg, err := Parse("f", text, std)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
			return
		}
		if cfg.Thresholds.AccessKeyUnused.Days < 1 {
			t.Errorf("accepted threshold %d", cfg.Thresholds.AccessKeyUnused.Days)
		}
		_ = cfg.Digest()
	})
}
