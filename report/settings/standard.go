package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"auditbinder/report/strictyaml"
)

// Standard is the built-in data that rules compare with: thresholds.yaml (the
// thresholds and where each comes from), billing.yaml and signin-fields.yaml.
type Standard struct {
	AccessKeyRotation StandardDays  `yaml:"access_key_rotation" json:"accessKeyRotation"`
	AccessKeyUnused   StandardDays  `yaml:"access_key_unused" json:"accessKeyUnused"`
	RootUsagePeriod   StandardDays  `yaml:"root_usage_period" json:"rootUsagePeriod"`
	WidestPublicBlock StandardBlock `yaml:"widest_public_block" json:"widestPublicBlock"`
	// SelfServiceActions are what a Deny may except and still count as a
	// source-IP restriction (CON-02).
	SelfServiceActions []string `yaml:"self_service_actions" json:"selfServiceActions"`
	// OutsiderServices hand the credentials of a role that trusts them to others
	// than AWS: such a role is no service's own.
	OutsiderServices []string `yaml:"outsider_services" json:"outsiderServices"`
	Billing          Billing  `yaml:"-" json:"billing"`
	// SignInFields are the fields in which the synthetic sign-ins stand for all (CON-01).
	SignInFields SignInFields `yaml:"-" json:"signInFields"`
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

// Billing is what belongs to billing in CloudTrail and in IAM (ACC-01).
type Billing struct {
	EventSources []string `yaml:"event_sources" json:"eventSources"`
	// ReadVerbs begin the names of events that only read.
	ReadVerbs []string `yaml:"read_verbs" json:"readVerbs"`
	// ChangeEvents are changes whatever their readOnly flag says.
	ChangeEvents []BillingEvents `yaml:"change_events" json:"changeEvents"`
	// RootTasks are changes that only root can make or that are no billing work.
	RootTasks   []RootTask          `yaml:"root_tasks" json:"rootTasks"`
	Permissions []BillingPermission `yaml:"permissions" json:"permissions"`
}

// BillingEvents are events of one source.
type BillingEvents struct {
	Source string   `yaml:"source" json:"source"`
	Events []string `yaml:"events" json:"events"`
}

// RootTask is an event with what it does.
type RootTask struct {
	Source string `yaml:"source" json:"source"`
	Event  string `yaml:"event" json:"event"`
	Title  string `yaml:"title" json:"title"`
}

// BillingPermission is an IAM service prefix with representative actions. Whole:
// its other actions are billing permissions as well.
type BillingPermission struct {
	Prefix string   `yaml:"prefix" json:"prefix"`
	Whole  bool     `yaml:"whole" json:"whole"`
	Read   []string `yaml:"read" json:"read"`
	Write  []string `yaml:"write" json:"write"`
}

// SignInFields are fields of sign-in events that have one value, or are absent, in
// every successful sign-in of a class and region, as in the synthetic ones.
type SignInFields struct {
	Envelope   []string `yaml:"envelope" json:"envelope"`      // of an EventBridge event
	Record     []string `yaml:"record" json:"record"`          // of CloudTrail's record, by path
	RootRecord []string `yaml:"root_record" json:"rootRecord"` // of root's beside those
}

// ParseStandard reads the built-in data; read returns a file of templates.
func ParseStandard(read func(name string) ([]byte, error)) (Standard, error) {
	var std Standard
	for _, file := range []struct {
		name  string
		parse func(name string, text []byte) error
	}{{"thresholds.yaml", std.thresholds}, {"billing.yaml", std.Billing.parse}, {"signin-fields.yaml", std.SignInFields.parse}} {
		text, err := read(file.name)
		if err != nil {
			return Standard{}, fmt.Errorf("read built-in data: %w", err)
		}
		if err := file.parse(file.name, text); err != nil {
			return Standard{}, err
		}
	}
	return std, nil
}

func (std *Standard) thresholds(name string, text []byte) error {
	doc, err := strictyaml.Decode(name, text, std)
	if err != nil {
		return err
	}
	for key, days := range map[string]StandardDays{
		"access_key_rotation": std.AccessKeyRotation, "access_key_unused": std.AccessKeyUnused, "root_usage_period": std.RootUsagePeriod,
	} {
		if days.Title == "" || days.Source == "" || days.Days < 1 {
			return doc.Fail(doc.At(key), "%s: 제목, 일수, 출처가 모두 있어야 함", key)
		}
	}
	if b := std.WidestPublicBlock; b.Title == "" || b.Source == "" || b.IPv4Addresses < 1 {
		return doc.Fail(doc.At("widest_public_block"), "widest_public_block: 제목, 주소 수, 출처가 모두 있어야 함")
	}
	if len(std.OutsiderServices) == 0 {
		return doc.Fail(nil, "outsider_services가 있어야 함")
	}
	return checkNames(doc, std.OutsiderServices, servicePattern, "outsider_services")
}

// checkNames holds the names of a list to their form, and each to one place.
func checkNames(doc *strictyaml.Document, list []string, form *regexp.Regexp, path ...any) error {
	for i, n := range list {
		if !form.MatchString(n) || slices.Contains(list[:i], n) {
			return doc.Fail(doc.At(append(path, i)...), "형식에 맞지 않거나 중복된 이름: %q", n)
		}
	}
	return nil
}

var (
	servicePattern     = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$`)
	eventSourcePattern = regexp.MustCompile(`^[a-z0-9-]+\.amazon(aws)?\.com$`)
	eventPattern       = regexp.MustCompile(`^[A-Z][A-Za-z]*(_[A-Z][A-Za-z]*)?$`)
	prefixPattern      = regexp.MustCompile(`^[a-z][a-z-]*\*?$`)
	actionPattern      = regexp.MustCompile(`^[A-Z][A-Za-z]*\*?$`)
	envelopePattern    = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	recordPattern      = regexp.MustCompile(`^[a-z][A-Za-z]*(\.[A-Za-z]+)?$`)
)

// parse reads billing.yaml. A slip here would turn a verdict, so every name must
// have the form of one and every event a listed source.
func (b *Billing) parse(name string, text []byte) error {
	doc, err := strictyaml.Decode(name, text, b)
	if err != nil {
		return err
	}
	names := func(list []string, form *regexp.Regexp, path ...any) {
		if err == nil {
			err = checkNames(doc, list, form, path...)
		}
	}
	event := func(source string, list []string, path ...any) {
		if names(list, eventPattern, path...); err == nil && (len(list) == 0 || !slices.Contains(b.EventSources, source)) {
			err = doc.Fail(doc.At(path...), "이벤트가 없거나 event_sources에 없는 이벤트 소스: %q", source)
		}
	}
	names(b.EventSources, eventSourcePattern, "event_sources")
	names(b.ReadVerbs, eventPattern, "read_verbs")
	for i, c := range b.ChangeEvents {
		event(c.Source, c.Events, "change_events", i, "events")
	}
	for i, t := range b.RootTasks {
		if event(t.Source, []string{t.Event}, "root_tasks", i); err == nil && t.Title == "" {
			err = doc.Fail(doc.At("root_tasks", i), "제목(title)이 없음: %q", t.Event)
		}
	}
	var prefixes []string
	for i, p := range b.Permissions {
		prefixes = append(prefixes, p.Prefix)
		names(slices.Concat(p.Read, p.Write), actionPattern, "permissions", i)
		if err == nil && len(p.Read)+len(p.Write) == 0 {
			err = doc.Fail(doc.At("permissions", i), "작업이 없음: %q", p.Prefix)
		}
	}
	names(prefixes, prefixPattern, "permissions")
	if err == nil && (len(b.EventSources) == 0 || len(b.ReadVerbs) == 0 || len(b.RootTasks) == 0 || len(b.Permissions) == 0) {
		err = doc.Fail(nil, "event_sources, read_verbs, root_tasks, permissions가 모두 있어야 함")
	}
	return err
}

// parse reads signin-fields.yaml. What stands there too much lets a pattern pass.
func (f *SignInFields) parse(name string, text []byte) error {
	doc, err := strictyaml.Decode(name, text, f)
	if err != nil {
		return err
	}
	if len(f.Envelope) == 0 || len(f.Record) == 0 {
		return doc.Fail(nil, "envelope, record가 모두 있어야 함")
	}
	if err := checkNames(doc, f.Envelope, envelopePattern, "envelope"); err != nil {
		return err
	}
	if i := slices.IndexFunc(f.Record, func(n string) bool { return strings.HasPrefix(n, "detail.") }); i >= 0 {
		return doc.Fail(doc.At("record", i), "detail 아래의 경로로 적어야 함: %q", f.Record[i])
	}
	if err := checkNames(doc, f.Record, recordPattern, "record"); err != nil {
		return err
	}
	if i := slices.IndexFunc(f.RootRecord, func(n string) bool { return slices.Contains(f.Record, n) }); i >= 0 {
		return doc.Fail(doc.At("root_record", i), "형식에 맞지 않거나 중복된 이름: %q", f.RootRecord[i])
	}
	return checkNames(doc, f.RootRecord, recordPattern, "root_record")
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
