package settings

import (
	"fmt"
	"strings"

	"auditbinder/report/strictyaml"
)

// Standard is templates/thresholds.yaml: the built-in thresholds and where each
// comes from.
type Standard struct {
	AccessKeyRotation StandardDays  `yaml:"access_key_rotation" json:"accessKeyRotation"`
	AccessKeyUnused   StandardDays  `yaml:"access_key_unused" json:"accessKeyUnused"`
	RootUsagePeriod   StandardDays  `yaml:"root_usage_period" json:"rootUsagePeriod"`
	WidestPublicBlock StandardBlock `yaml:"widest_public_block" json:"widestPublicBlock"`
	// SelfServiceActions are what a Deny may except and still count as a
	// source-IP restriction (CON-02).
	SelfServiceActions []string `yaml:"self_service_actions" json:"selfServiceActions"`
}

// StandardDays is a number of days with its source.
type StandardDays struct {
	Title  string `yaml:"title" json:"title"`
	Days   int    `yaml:"days" json:"days"`
	Source string `yaml:"source" json:"source"`
}

// StandardBlock is the widest block with its source.
type StandardBlock struct {
	Title         string `yaml:"title" json:"title"`
	IPv4          int    `yaml:"ipv4" json:"ipv4"`
	IPv6          int    `yaml:"ipv6" json:"ipv6"`
	IPv4Addresses int    `yaml:"ipv4_addresses" json:"ipv4Addresses"`
	Source        string `yaml:"source" json:"source"`
}

// ParseStandard reads templates/thresholds.yaml.
func ParseStandard(name string, text []byte) (Standard, error) {
	var std Standard
	doc, err := strictyaml.Decode(name, text, &std)
	if err != nil {
		return Standard{}, err
	}
	for key, days := range map[string]StandardDays{
		"access_key_rotation": std.AccessKeyRotation, "access_key_unused": std.AccessKeyUnused, "root_usage_period": std.RootUsagePeriod,
	} {
		if days.Title == "" || days.Source == "" || days.Days < 1 {
			return Standard{}, doc.Fail(doc.At(key), "%s: 제목, 일수, 출처가 모두 있어야 함", key)
		}
	}
	if b := std.WidestPublicBlock; b.Title == "" || b.Source == "" || b.IPv4Addresses < 1 {
		return Standard{}, doc.Fail(doc.At("widest_public_block"), "widest_public_block: 제목, 주소 수, 출처가 모두 있어야 함")
	}
	return std, nil
}

// ThresholdKeys are the keys of the thresholds section, in the order of print.
var ThresholdKeys = []string{"access_key_rotation", "access_key_unused", "root_usage_period", "widest_public_block"}

// Threshold is a threshold as it is printed: value and source.
type Threshold struct{ Title, Value, Source string }

// Threshold returns the threshold under a key of the thresholds section.
func (c Config) Threshold(key string) (Threshold, error) {
	t, std := c.Thresholds, c.Standard
	switch key {
	case "access_key_rotation":
		return t.AccessKeyRotation.threshold(std.AccessKeyRotation), nil
	case "access_key_unused":
		return t.AccessKeyUnused.threshold(std.AccessKeyUnused), nil
	case "root_usage_period":
		return t.RootUsagePeriod.threshold(std.RootUsagePeriod), nil
	case "widest_public_block":
		b, s := t.WidestPublicBlock, std.WidestPublicBlock
		same := b.IPv4 == s.IPv4 && b.IPv6 == s.IPv6 && b.IPv4Addresses == s.IPv4Addresses
		value := fmt.Sprintf("IPv4 /%d, IPv6 /%d, IPv4 공인 주소 합계 %d개", b.IPv4, b.IPv6, b.IPv4Addresses)
		return Threshold{s.Title, value, source(b.Rule, b.Clause, same, s.Source)}, nil
	}
	return Threshold{}, fmt.Errorf("no threshold %q", key)
}

func (d Days) threshold(std StandardDays) Threshold {
	return Threshold{std.Title, fmt.Sprintf("%d일", d.Days), source(d.Rule, d.Clause, d.Days == std.Days, std.Source)}
}

// source names the company's rule; the standard only while its value stands.
func source(rule, clause string, unchanged bool, standard string) string {
	switch {
	case rule != "":
		return strings.TrimSpace(rule + " " + clause)
	case unchanged:
		return standard
	}
	return "설정 파일(내부 규정 미기재)"
}
