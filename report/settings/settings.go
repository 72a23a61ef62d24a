// Package settings is the configuration file auditbinder.yaml: strict, typed,
// with the built-in defaults and where each of them comes from. It reads no
// file itself and decides nothing.
package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"

	"auditbinder/report/strictyaml"
)

// Date is a calendar day in KST.
type Date = strictyaml.Date

// Config is the effective configuration.
type Config struct {
	Organization        Organization `yaml:"organization" json:"organization"`
	Assessment          Assessment   `yaml:"assessment" json:"assessment"`
	Thresholds          Thresholds   `yaml:"thresholds" json:"thresholds"`
	Regions             []string     `yaml:"regions" json:"regions"`
	RegionReason        string       `yaml:"region_reason" json:"regionReason"`
	AllowedSourceRanges []string     `yaml:"allowed_source_ranges" json:"allowedSourceRanges"`
	Masking             Masking      `yaml:"masking" json:"masking"`
	Exceptions          []Exception  `yaml:"exceptions" json:"exceptions"`
	// Standard are the built-in defaults with their sources; no file sets them.
	Standard Standard `yaml:"-" json:"standard"`
}

// Organization is printed on the cover.
type Organization struct {
	Name           string `yaml:"name" json:"name"`
	Department     string `yaml:"department" json:"department"`
	SubmitTo       string `yaml:"submit_to" json:"submitTo"`
	Classification string `yaml:"classification" json:"classification"` // 보안등급
	DocumentNumber string `yaml:"document_number" json:"documentNumber"`
}

// Assessment is printed only; ages count from the collection.
type Assessment struct {
	BaseDate Date   `yaml:"base_date" json:"baseDate"`
	Period   Period `yaml:"period" json:"period"`
}

// Period is a span of days, both included.
type Period struct {
	From Date `yaml:"from" json:"from"`
	To   Date `yaml:"to" json:"to"`
}

// Thresholds are the numbers that rules compare with.
type Thresholds struct {
	AccessKeyRotation Days  `yaml:"access_key_rotation" json:"accessKeyRotation"`
	AccessKeyUnused   Days  `yaml:"access_key_unused" json:"accessKeyUnused"`
	RootUsagePeriod   Days  `yaml:"root_usage_period" json:"rootUsagePeriod"`
	WidestPublicBlock Block `yaml:"widest_public_block" json:"widestPublicBlock"`
}

// Days is a number of days with the company's rule that sets it.
type Days struct {
	Days   int    `yaml:"days" json:"days"`
	Rule   string `yaml:"rule" json:"rule"`     // 내부 규정명; empty: the default's source
	Clause string `yaml:"clause" json:"clause"` // 조항
}

// Block bounds the public addresses that a source-IP restriction may allow.
type Block struct {
	IPv4          int    `yaml:"ipv4" json:"ipv4"`                    // shortest prefix length
	IPv6          int    `yaml:"ipv6" json:"ipv6"`                    // shortest prefix length
	IPv4Addresses int    `yaml:"ipv4_addresses" json:"ipv4Addresses"` // in all
	Rule          string `yaml:"rule" json:"rule"`
	Clause        string `yaml:"clause" json:"clause"`
}

// Exception is an approved exception // 예외승인. It flags a finding and never
// changes a verdict.
type Exception struct {
	Account      string `yaml:"account" json:"account"`
	Item         string `yaml:"item" json:"item"`
	Resource     string `yaml:"resource" json:"resource"`
	Reason       string `yaml:"reason" json:"reason"`
	Compensating string `yaml:"compensating" json:"compensating"` // 보완통제
	Approver     string `yaml:"approver" json:"approver"`
	Approved     Date   `yaml:"approved" json:"approved"`
	Document     string `yaml:"document" json:"document"` // 승인 문서번호
	Expires      Date   `yaml:"expires" json:"expires"`   // last day in effect
}

// Masking says how much of what names a person the reports show. The bundle's raw
// part keeps everything; evidence.json and the reports never show more than a part.
type Masking struct {
	Contacts string   `yaml:"contacts" json:"contacts"` // MaskPartial or MaskFull
	Tags     []string `yaml:"tags" json:"tags"`         // keys of tags whose values are masked as names
}

// How contacts are masked.
const (
	MaskPartial = "partial" // 첫 글자와 끝 글자, 도메인, 끝 두 자리는 보임
	MaskFull    = "full"
)

// Strict reports whether the reports shall show less than evidence.json does.
func (m Masking) Strict() bool { return m.Contacts == MaskFull || len(m.Tags) > 0 }

// Default is the configuration without a file.
func Default(std Standard) Config {
	days := func(d StandardDays) Days { return Days{Days: d.Days} }
	return Config{
		Organization: Organization{Classification: "대외비"},
		Masking:      Masking{Contacts: MaskPartial},
		Thresholds: Thresholds{
			AccessKeyRotation: days(std.AccessKeyRotation),
			AccessKeyUnused:   days(std.AccessKeyUnused),
			RootUsagePeriod:   days(std.RootUsagePeriod),
			WidestPublicBlock: Block{IPv4: std.WidestPublicBlock.IPv4, IPv6: std.WidestPublicBlock.IPv6, IPv4Addresses: std.WidestPublicBlock.IPv4Addresses},
		},
		Standard: std,
	}
}

// Parse reads a configuration file's text over the defaults. name stands in
// errors, which are one Korean line with line and column.
func Parse(name string, text []byte, std Standard) (Config, error) {
	cfg := Default(std)
	if blank(text) {
		return cfg, nil // every key is optional: so is all of them
	}
	doc, err := strictyaml.Decode(name, text, &cfg)
	if err != nil {
		return Config{}, err
	}
	if err := check(doc, cfg); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// blank reports whether the text holds nothing but comments.
func blank(text []byte) bool {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

var (
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
	itemPattern    = regexp.MustCompile(`^[A-Z0-9]+-[0-9]{2}$`)
)

// check refuses values that parse but cannot be meant.
func check(doc *strictyaml.Document, c Config) error {
	period := c.Assessment.Period
	if period.From.IsZero() != period.To.IsZero() || period.To.Before(period.From.Time) {
		return doc.Fail(doc.At("assessment", "period"), "점검 기간은 from과 to가 모두 있고 from이 to보다 늦지 않아야 함")
	}
	t := c.Thresholds
	for _, d := range []struct {
		key string
		Days
	}{{"access_key_rotation", t.AccessKeyRotation}, {"access_key_unused", t.AccessKeyUnused}, {"root_usage_period", t.RootUsagePeriod}} {
		if d.Days.Days < 1 || d.Days.Days > 3650 {
			return doc.Fail(doc.At("thresholds", d.key, "days"), "%s: 일수는 1 이상 3650 이하여야 함(값: %d)", d.key, d.Days.Days)
		}
		if d.Clause != "" && d.Rule == "" {
			return doc.Fail(doc.At("thresholds", d.key, "clause"), "%s: 조항(clause)만 있고 규정(rule)이 없음", d.key)
		}
	}
	b := t.WidestPublicBlock
	if b.IPv4 < 0 || b.IPv4 > 32 || b.IPv6 < 0 || b.IPv6 > 128 || b.IPv4Addresses < 1 {
		return doc.Fail(doc.At("thresholds", "widest_public_block"), "widest_public_block: ipv4는 0~32, ipv6는 0~128, ipv4_addresses는 1 이상이어야 함")
	}
	for i, r := range c.Regions {
		if !regionPattern.MatchString(r) {
			return doc.Fail(doc.At("regions", i), "리전 이름이 아님: %q", r)
		}
	}
	for i, text := range c.AllowedSourceRanges {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return doc.Fail(doc.At("allowed_source_ranges", i), "CIDR 표기가 아님: %q", text)
		case p != p.Masked():
			return doc.Fail(doc.At("allowed_source_ranges", i), "호스트 부분이 0이 아님: %q (대역은 %s)", text, p.Masked())
		case p.Addr().IsPrivate() || p.Addr().IsLoopback() || p.Addr().IsLinkLocalUnicast():
			return doc.Fail(doc.At("allowed_source_ranges", i), "공인 대역이 아님: %q", text)
		case p.Addr().Is4() && p.Bits() < b.IPv4 || p.Addr().Is6() && p.Bits() < b.IPv6:
			return doc.Fail(doc.At("allowed_source_ranges", i), "대역이 기준(widest_public_block)보다 넓음: %q", text)
		}
	}
	if m := c.Masking.Contacts; m != MaskPartial && m != MaskFull {
		return doc.Fail(doc.At("masking", "contacts"), "masking.contacts는 %s 또는 %s이어야 함: %q", MaskPartial, MaskFull, m)
	}
	for i, e := range c.Exceptions {
		if err := checkException(doc, i, e); err != nil {
			return err
		}
	}
	return nil
}

func checkException(doc *strictyaml.Document, i int, e Exception) error {
	for _, f := range []struct {
		key  string
		text string
	}{
		{"account", e.Account}, {"item", e.Item}, {"resource", e.Resource}, {"reason", e.Reason},
		{"compensating", e.Compensating}, {"approver", e.Approver}, {"document", e.Document},
		{"approved", e.Approved.String()}, {"expires", e.Expires.String()},
	} {
		if f.text == "" {
			return doc.Fail(doc.At("exceptions", i), "exceptions[%d]: %s 값이 없음", i, f.key)
		}
	}
	switch {
	case !accountPattern.MatchString(e.Account):
		return doc.Fail(doc.At("exceptions", i, "account"), "exceptions[%d]: 계정 ID는 따옴표로 감싼 12자리 숫자여야 함(값: %q)", i, e.Account)
	case !itemPattern.MatchString(e.Item):
		return doc.Fail(doc.At("exceptions", i, "item"), "exceptions[%d]: 점검 항목 코드가 아님: %q", i, e.Item)
	case e.Expires.Before(e.Approved.Time):
		return doc.Fail(doc.At("exceptions", i, "expires"), "exceptions[%d]: 만료일이 승인일보다 빠름", i)
	}
	return nil
}

// Digest is the SHA-256 (hex) of the effective configuration: two reports with
// the same digest were made with the same settings.
func (c Config) Digest() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic("a configuration always marshals: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
