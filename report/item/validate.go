package item

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"auditbinder/report/strictyaml"
)

var (
	idPattern        = regexp.MustCompile(`^[A-Z0-9]+-[0-9]{2}$`)
	callPattern      = regexp.MustCompile(`^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$`)
	keyPattern       = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	provisionPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	// readOnlyCLI: a person who copies a command from the report changes nothing.
	readOnlyCLI = regexp.MustCompile(`^aws [a-z0-9-]+ (get-|list-|describe-|lookup-|test-|generate-credential-report)`)
)

// thresholds are the keys of the configuration's thresholds section.
var thresholds = []string{"access_key_rotation", "access_key_unused", "root_usage_period", "widest_public_block"}

// checker validates a decoded document and keeps the first problem it finds.
type checker struct {
	doc *strictyaml.Document
	err error
}

// fail records a problem at path unless there is one already.
func (c *checker) fail(path []any, format string, args ...any) {
	if c.err == nil {
		c.err = c.doc.Fail(c.doc.At(path...), format, args...)
	}
}

// keyOf names what stands at path: a key, with its index in a plain list.
func keyOf(path []any) string {
	last := path[len(path)-1]
	if n, ok := last.(int); ok {
		return fmt.Sprintf("%v[%d]", path[len(path)-2], n)
	}
	return fmt.Sprint(last)
}

// text requires a value; that it is not blank, the document's shape says.
func (c *checker) text(value string, path ...any) {
	if value == "" {
		c.fail(path, "필수 항목 없음: %q", keyOf(path))
	}
}

// texts requires at least one value.
func (c *checker) texts(values []string, path ...any) {
	if len(values) == 0 {
		c.fail(path, "필수 목록이 없거나 비어 있음: %q", keyOf(path))
	}
}

// oneOf requires one of the known words.
func oneOf[T ~string](c *checker, value T, known []T, path ...any) {
	if value == "" {
		c.text("", path...)
	} else if !slices.Contains(known, value) {
		c.fail(path, "%q 값 오류: %q (가능한 값: %s)", keyOf(path), value, joined(known))
	}
}

// matching requires a value of the pattern.
func (c *checker) matching(value string, pattern *regexp.Regexp, path ...any) {
	if value == "" {
		c.text("", path...)
	} else if !pattern.MatchString(value) {
		c.fail(path, "%q 형식 오류: %q (형식: %s)", keyOf(path), value, pattern)
	}
}

// unique remembers a value under seen and refuses the second.
func (c *checker) unique(seen map[string]bool, value string, path ...any) {
	if seen[value] {
		c.fail(path, "%q 중복: %q", keyOf(path), value)
	}
	seen[value] = true
}

// date requires a day.
func (c *checker) date(value Date, path ...any) {
	if value.IsZero() {
		c.fail(path, "필수 날짜 없음: %q", keyOf(path))
	}
}

func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

// item validates one item against its file's name and the laws.
func (c *checker) item(it Item, fileID string, laws Laws) {
	c.matching(it.ID, idPattern, "id")
	if it.ID != fileID {
		c.fail([]any{"id"}, "id가 파일 이름과 다름: %q (파일: %q)", it.ID, fileID)
	}
	if it.Order < 1 {
		c.fail([]any{"order"}, "order는 1 이상의 정수여야 함")
	}
	c.text(it.Title, "title")
	c.text(it.Area, "area")
	oneOf(c, it.Severity, []Severity{High, Medium, Low}, "severity")
	c.text(it.SeveritySource, "severity_source")
	c.texts(it.Purpose, "purpose")
	c.texts(it.Threat, "threat")
	c.texts(it.Criteria.Good, "criteria", "good")
	c.texts(it.Criteria.Vulnerable, "criteria", "vulnerable")
	for i, key := range it.Thresholds {
		oneOf(c, key, thresholds, "thresholds", i)
	}
	c.texts(it.Method.Console, "method", "console")
	c.texts(it.Method.CLI, "method", "cli")
	for i, command := range it.Method.CLI {
		if !readOnlyCLI.MatchString(command) {
			c.fail([]any{"method", "cli", i}, "조회 명령이 아님: %q", command)
		}
	}
	c.evidence(it.Evidence)
	for i, check := range it.Checks {
		oneOf(c, check, []Check{UsersMatchSummary, UsersMatchReport}, "checks", i)
	}
	c.columns(it.Columns)
	c.text(it.Unit, "unit")
	c.text(it.Empty, "empty")
	c.texts(it.Limits, "limits")
	c.texts(it.Remediation, "remediation")
	c.texts(it.Impact, "impact")
	c.texts(it.Questions, "questions")
	c.references(it, laws)
	c.standards(it.Standards)
}

func (c *checker) evidence(all []Evidence) {
	if len(all) == 0 {
		c.fail([]any{"evidence"}, "필수 목록이 없거나 비어 있음: %q", "evidence")
	}
	seen := map[string]bool{}
	for i, e := range all {
		c.matching(e.Call, callPattern, "evidence", i, "call")
		c.unique(seen, e.Call, "evidence", i, "call")
		oneOf(c, e.Need, []Need{Required, Optional, Fact}, "evidence", i, "need")
		if (e.Need == Fact) != (e.Error != "") {
			c.fail([]any{"evidence", i, "need"}, "error는 need가 fact일 때에만, 그때는 반드시 필요함: %q", e.Call)
		}
		if e.Conditional && e.Need != Optional {
			c.fail([]any{"evidence", i, "conditional"}, "conditional은 need가 opt인 호출에만 쓸 수 있음: %q", e.Call)
		}
		if e.Elsewhere != "" && (e.Elsewhere != Optional || e.Need != Required || !e.Regional) {
			c.fail([]any{"evidence", i, "elsewhere"}, "elsewhere는 opt이어야 하고 need가 req인 리전별 호출에만 쓸 수 있음: %q", e.Call)
		}
	}
}

func (c *checker) columns(all []Column) {
	if len(all) == 0 {
		c.fail([]any{"columns"}, "필수 목록이 없거나 비어 있음: %q", "columns")
	}
	seen := map[string]bool{}
	for i, column := range all {
		c.matching(column.Key, keyPattern, "columns", i, "key")
		c.unique(seen, column.Key, "columns", i, "key")
		c.text(column.Title, "columns", i, "title")
		if column.Mask != "" {
			oneOf(c, column.Mask, []Mask{MaskContact, MaskTags, MaskName}, "columns", i, "mask")
		}
		if column.Weight <= 0 {
			c.fail([]any{"columns", i, "weight"}, "열 너비(weight)는 0보다 커야 함: %q", column.Key)
		}
	}
}

// references need a provision that exists; without any, the item must say so.
func (c *checker) references(it Item, laws Laws) {
	if len(it.Laws) == 0 && it.LawNote == "" {
		c.fail([]any{"laws"}, "laws가 비어 있으면 law_note가 필요함")
	}
	seen := map[string]bool{}
	for i, ref := range it.Laws {
		c.matching(ref.Provision, provisionPattern, "laws", i, "provision")
		c.unique(seen, ref.Provision, "laws", i, "provision")
		if _, _, err := laws.find(ref.Provision); err != nil {
			c.fail([]any{"laws", i, "provision"}, "%v", err)
		}
		oneOf(c, ref.Application, []Application{Direct, Analogy}, "laws", i, "application")
		oneOf(c, ref.Fit, []Confidence{Confirmed, Estimated}, "laws", i, "fit")
		for j, cited := range ref.Cited {
			c.text(cited.Text, "laws", i, "cited", j, "text")
			c.text(cited.Note, "laws", i, "cited", j, "note")
		}
	}
}

func (c *checker) standards(s Standards) {
	for _, list := range []struct {
		key      string
		controls []Control
	}{{"isms_p", s.ISMSP}, {"pism", s.PISM}} {
		seen := map[string]bool{}
		for i, control := range list.controls {
			c.text(control.ID, "standards", list.key, i, "id")
			c.unique(seen, control.ID, "standards", list.key, i, "id")
			c.text(control.Title, "standards", list.key, i, "title")
		}
	}
}

// laws validates laws.yaml as a whole.
func (c *checker) laws(l Laws) {
	if l.StaleAfterDays < 1 {
		c.fail([]any{"stale_after_days"}, "stale_after_days는 1 이상의 정수여야 함")
	}
	instruments := map[string]bool{}
	byID := map[string]Instrument{}
	for i, instrument := range l.Instruments {
		c.matching(instrument.ID, provisionPattern, "instruments", i, "id")
		c.unique(instruments, instrument.ID, "instruments", i, "id")
		c.text(instrument.Name, "instruments", i, "name")
		c.instrumentVersions(instrument.Versions, "instruments", i, "versions")
		byID[instrument.ID] = instrument
	}
	provisions := map[string]bool{}
	for i, provision := range l.Provisions {
		c.matching(provision.ID, provisionPattern, "provisions", i, "id")
		c.unique(provisions, provision.ID, "provisions", i, "id")
		instrument, ok := byID[provision.Instrument]
		if !ok {
			c.fail([]any{"provisions", i, "instrument"}, "laws.yaml에 없는 법령: %q", provision.Instrument)
		}
		c.provisionVersions(provision.Versions, instrument, "provisions", i, "versions")
	}
	c.texts(l.StandardsNotes, "standards_notes")
}

// instrumentVersions must follow one another without overlap.
func (c *checker) instrumentVersions(all []InstrumentVersion, path ...any) {
	if len(all) == 0 {
		c.fail(path, "필수 목록이 없거나 비어 있음: %q", "versions")
	}
	for i, v := range all {
		at := func(key string) []any { return append(slices.Clone(path), i, key) }
		last := i == len(all)-1
		c.text(v.Notice, at("notice")...)
		oneOf(c, v.Confidence, confidences, at("confidence")...)
		c.date(v.CheckedOn, at("checked_on")...)
		c.texts(v.Sources, at("sources")...)
		if !v.Repealed {
			c.date(v.EffectiveFrom, at("effective_from")...)
		}
		if !last || v.Repealed {
			c.date(v.EffectiveTo, at("effective_to")...)
		}
		if v.Repealed && !last {
			c.fail(at("repealed"), "폐지된 판 뒤에는 다른 판이 올 수 없음")
		}
		if !v.EffectiveTo.IsZero() && v.EffectiveTo.Before(v.EffectiveFrom.Time) {
			c.fail(at("effective_to"), "종료일(%s)이 시행일(%s)보다 빠름", v.EffectiveTo, v.EffectiveFrom)
		}
		if i > 0 && !v.EffectiveFrom.After(all[i-1].EffectiveTo.Time) {
			c.fail(at("effective_from"), "시행일(%s)이 앞 판의 종료일(%s)과 겹침", v.EffectiveFrom, all[i-1].EffectiveTo)
		}
		c.checkDates(v.CheckedOn, v.RecheckAfter, at("recheck_after"))
	}
}

// provisionVersions must be in order and begin within a known version.
func (c *checker) provisionVersions(all []ProvisionVersion, instrument Instrument, path ...any) {
	if len(all) == 0 {
		c.fail(path, "필수 목록이 없거나 비어 있음: %q", "versions")
	}
	for i, v := range all {
		at := func(key string) []any { return append(slices.Clone(path), i, key) }
		c.text(v.Number, at("number")...)
		c.text(v.Gist, at("gist")...)
		oneOf(c, v.Confidence, confidences, at("confidence")...)
		c.texts(v.Sources, at("sources")...)
		if i > 0 && !v.EffectiveFrom.After(all[i-1].EffectiveFrom.Time) {
			c.fail(at("effective_from"), "시행일(%s)이 앞 판의 시행일(%s)보다 늦어야 함", v.EffectiveFrom, all[i-1].EffectiveFrom)
		}
		if v.EffectiveFrom.IsZero() && !instrument.undated() {
			c.date(v.EffectiveFrom, at("effective_from")...)
		} else if !v.EffectiveFrom.IsZero() && !instrument.inForce(v.EffectiveFrom) {
			c.fail(at("effective_from"), "시행일(%s)에 시행 중인 법령 판이 없음: %q", v.EffectiveFrom, instrument.ID)
		}
		c.checkDates(v.CheckedOn, v.RecheckAfter, at("recheck_after"))
	}
}

// undated reports whether the instrument's own beginning is not known.
func (i Instrument) undated() bool {
	return len(i.Versions) > 0 && i.Versions[0].EffectiveFrom.IsZero()
}

// inForce reports whether a version is known to be in force on the day.
func (i Instrument) inForce(day Date) bool {
	v, ok := i.on(day)
	return ok && !v.ended(day)
}

// checkDates: a date to check again lies after the check.
func (c *checker) checkDates(checked, recheck Date, path []any) {
	if !recheck.IsZero() && !checked.IsZero() && !recheck.After(checked.Time) {
		c.fail(path, "재확인일(%s)은 확인일(%s)보다 늦어야 함", recheck, checked)
	}
}
