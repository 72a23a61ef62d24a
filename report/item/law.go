package item

// Confidence // 신뢰도 of a law fact, as laws.yaml gives it.
type Confidence string

const (
	Confirmed   Confidence = "확인"
	Estimated   Confidence = "추정"
	Unconfirmed Confidence = "미확인"
)

// confidences from the most to the least certain.
var confidences = []Confidence{Confirmed, Estimated, Unconfirmed}

// Laws is templates/laws.yaml.
type Laws struct {
	// StaleAfterDays: this long after checked_on a reference reads '시행 여부 재확인 필요'.
	StaleAfterDays int          `yaml:"stale_after_days"`
	Instruments    []Instrument `yaml:"instruments"`
	Provisions     []Provision  `yaml:"provisions"`
	// StandardsNotes say, once for all items, which edition and which source
	// the control numbers in Item.Standards come from (부록 B).
	StandardsNotes []string `yaml:"standards_notes"`
}

// Instrument is a law or notice with its versions in time.
type Instrument struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	// Note holds for every version and is printed with every reference.
	Note     string              `yaml:"note"`
	Versions []InstrumentVersion `yaml:"versions"`
}

// InstrumentVersion is one published text of an instrument.
type InstrumentVersion struct {
	Notice        string     `yaml:"notice"`
	EffectiveFrom Date       `yaml:"effective_from"` // zero = not known, only where repealed
	EffectiveTo   Date       `yaml:"effective_to"`   // last day in force; zero = open
	Repealed      bool       `yaml:"repealed"`       // 폐지·통합: nothing follows under this name
	Confidence    Confidence `yaml:"confidence"`
	CheckedOn     Date       `yaml:"checked_on"`
	RecheckAfter  Date       `yaml:"recheck_after"` // zero = none known
	Note          string     `yaml:"note"`
	Sources       []string   `yaml:"sources"`
}

// Provision is an article, with its number and gist per instrument version.
type Provision struct {
	ID         string             `yaml:"id"`
	Instrument string             `yaml:"instrument"`
	Versions   []ProvisionVersion `yaml:"versions"`
}

// ProvisionVersion holds from EffectiveFrom until the next one.
type ProvisionVersion struct {
	EffectiveFrom Date       `yaml:"effective_from"`
	Number        string     `yaml:"number"` // 제13조 제1항
	Gist          string     `yaml:"gist"`
	Confidence    Confidence `yaml:"confidence"`
	CheckedOn     Date       `yaml:"checked_on"` // zero = as the instrument's
	RecheckAfter  Date       `yaml:"recheck_after"`
	Note          string     `yaml:"note"`
	Sources       []string   `yaml:"sources"`
}

// InForce is a reference as it stands on one day: everything that may be
// printed about it, and nothing more certain than the data.
type InForce struct {
	Name          string // 법령명
	Notice        string // 고시번호
	EffectiveFrom Date
	EffectiveTo   Date
	Number        string // 조·항·호
	Gist          string
	Status        string     // 현행(2026-10-04 확인), 개정 전(…), 폐지·통합(…)
	Confidence    Confidence // the weaker of instrument, provision and fit
	CheckedOn     Date
	RecheckAfter  Date
	Application   Application
	// VerifyText: not 확인, so '원문 대조 필요' must be printed.
	VerifyText bool
	// Stale: '시행 여부 재확인 필요' must be printed.
	Stale bool
	Notes []string
	Cited []Cited
}
