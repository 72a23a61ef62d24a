// Package item is the catalogue: the Korean words, law references, criteria,
// required evidence and columns of every check item, loaded strictly from
// templates/items/*.yaml and templates/laws.yaml and validated as a whole.
// It never judges (report/verdict) and never formats a page (report/view).
package item

// Catalog is the whole catalogue in the order in which items are reported.
type Catalog struct {
	Items []Item
	Laws  Laws
}

// Severity // 중요도
type Severity string

// The three severities, as printed.
const (
	High   Severity = "상"
	Medium Severity = "중"
	Low    Severity = "하"
)

// Item is one check item // 점검 항목.
type Item struct {
	ID    string `yaml:"id"`    // IAM-01; also the file's name
	Order int    `yaml:"order"` // place in reports, unique
	Title string `yaml:"title"`
	Area  string `yaml:"area"` // 영역
	// Planned items are listed by `items` but have no rule yet.
	Planned        bool     `yaml:"planned"`
	Severity       Severity `yaml:"severity"`
	SeveritySource string   `yaml:"severity_source"`

	Purpose  []string `yaml:"purpose"`
	Threat   []string `yaml:"threat"`
	Criteria Criteria `yaml:"criteria"`
	// Thresholds are keys of the configuration's thresholds section.
	Thresholds  []string    `yaml:"thresholds"`
	Method      Method      `yaml:"method"`
	Evidence    []Evidence  `yaml:"evidence"`
	Checks      []Check     `yaml:"checks"` // G10 cross-checks that the driver applies
	Columns     []Column    `yaml:"columns"`
	Tables      []Table     `yaml:"tables"` // further tables, below the item's own
	Unit        string      `yaml:"unit"`   // unit of the population: 명, 건 …
	Empty       string      `yaml:"empty"`  // 0건 증적 sentence
	Limits      []string    `yaml:"limits"`
	Remediation []string    `yaml:"remediation"`
	Impact      []string    `yaml:"impact"`
	Questions   []string    `yaml:"questions"`
	Laws        []Reference `yaml:"laws"`
	// LawNote is a sentence printed with the references; where no provision
	// corresponds directly (Laws is empty) it says so and is required.
	LawNote   string    `yaml:"law_note"`
	Standards Standards `yaml:"standards"`
}

// Criteria are 판단 기준, one list of sentences per verdict word.
type Criteria struct {
	Good       []string `yaml:"good"`
	Vulnerable []string `yaml:"vulnerable"`
	Interview  []string `yaml:"interview"`
	NA         []string `yaml:"na"`
}

// Method says how a person would see the same facts.
type Method struct {
	Console []string `yaml:"console"` // 관리 콘솔 경로
	CLI     []string `yaml:"cli"`     // aws-cli commands, read-only
}

// Need says what a failed call costs.
type Need string

const (
	Required Need = "req"  // failure makes the item unknown
	Optional Need = "opt"  // failure shows 조회 불가 and changes no verdict
	Fact     Need = "fact" // required, but the named error is itself the fact
)

// Evidence is one AWS call that the item rests on.
type Evidence struct {
	Call  string `yaml:"call"` // iam:GetAccountAuthorizationDetails
	Need  Need   `yaml:"need"`
	Error string `yaml:"error"` // with fact: the error code that is a fact
	// After names the call whose failure keeps this one from being made.
	After string `yaml:"after"`
	// Regional calls are made in each region; the others once, or where something
	// points to.
	Regional bool `yaml:"regional"`
	// Elsewhere, opt or nothing, is the need outside the sign-in regions where that
	// is less.
	Elsewhere Need `yaml:"elsewhere"`
	// Conditional: optional, but some resources, where there are such, are unknown
	// without it.
	Conditional bool `yaml:"conditional"`
}

// Check names a completeness cross-check of rule G10.
type Check string

const (
	// UsersMatchSummary: GetAccountSummary.Users equals the users read.
	UsersMatchSummary Check = "users_match_summary"
	// UsersMatchReport: every user read stands in the credential report, or was
	// created after it.
	UsersMatchReport Check = "users_match_report"
)

// Column of the item's own table.
type Column struct {
	Key    string  `yaml:"key"`
	Title  string  `yaml:"title"`
	Weight float64 `yaml:"weight"`
	Mono   bool    `yaml:"mono"`
	Center bool    `yaml:"center"`
	// Below: in the PDF the value stands on its own line under the row.
	Below bool `yaml:"below"`
	// Mask: what names a person in it, for the configuration's masking.
	Mask Mask `yaml:"mask"`
}

// Mask is a kind of personal data in a column.
type Mask string

const (
	MaskContact Mask = "contact" // of a contact or a subscriber, masked in part already
	MaskTags    Mask = "tags"    // lines of key=value
	MaskName    Mask = "name"    // the value of the tag Name
)

// Table is a further table of an item. With a verdict column its rows are
// findings; without one they stand outside the verdict.
type Table struct {
	Key     string   `yaml:"key"`
	Title   string   `yaml:"title"`
	Columns []Column `yaml:"columns"`
	Empty   string   `yaml:"empty"` // sentence in place of rows; empty: no table at all then
}

// Application says how a provision reaches the item.
type Application string

const (
	Direct  Application = "직접"
	Analogy Application = "준용"
)

// Reference is an item's pointer to a provision in laws.yaml.
type Reference struct {
	Provision   string      `yaml:"provision"`
	Application Application `yaml:"application"`
	// Fit is how sure the mapping itself is: 확인 or 추정.
	Fit   Confidence `yaml:"fit"`
	Note  string     `yaml:"note"`
	Cited []Cited    `yaml:"cited"`
}

// Cited is how the source guide cites it, where that no longer holds.
type Cited struct {
	Text string `yaml:"text"`
	Note string `yaml:"note"`
}

// Standards are control numbers of standards and guides.
type Standards struct {
	ISMSP []Control         `yaml:"isms_p"`
	CIS   map[string]string `yaml:"cis"` // version -> number
	FSBP  []string          `yaml:"fsbp"`
	PISM  []Control         `yaml:"pism"` // 금융보안원
	SK    []string          `yaml:"sk"`   // SK쉴더스
	Note  string            `yaml:"note"`
}

// Control is a numbered control with its title.
type Control struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
}
