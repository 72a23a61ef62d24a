// Package verdict decides: one pure rule per item, and the driver that enforces
// what holds for every item (G1 no evidence no 양호, G9 the fold, G10 the
// completeness checks). It knows no network, no clock, no file and no renderer.
package verdict

import (
	"strconv"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
	"auditbinder/report/settings"
)

// Verdict // 판정
type Verdict string

const (
	Good       Verdict = "good"       // 양호
	Vulnerable Verdict = "vulnerable" // 취약
	Interview  Verdict = "interview"  // 인터뷰 필요
	NA         Verdict = "na"         // 해당 없음
	Unknown    Verdict = "unknown"    // 점검 불가
)

// foldOrder is rule G9: the first that is present decides. Findings are listed
// in the same order, offenders first.
var foldOrder = []Verdict{Vulnerable, Unknown, Interview, Good, NA}

// Input is what a rule may look at.
type Input struct {
	Evidence *evidence.Set
	Settings settings.Config
	// Failures are the failed calls of the item, required and optional.
	Failures []evidence.Failure
}

// Outcome is what a rule found.
type Outcome struct {
	Population int
	Findings   []Finding
	Notes      []string // facts beside the findings, formal Korean
	Reason     string   // 판정 근거: one sentence about the whole item
	// Told are required actions whose failure the findings themselves account for;
	// the driver then leaves the other findings alone.
	Told []string
	// Rows are rows of the item's further tables that are no findings, by table key.
	Rows map[string][]map[string]Cell
}

// rule is one item's rule.
type rule func(Input) Outcome

// rules maps every judged item to its rule; a test holds it equal to the catalogue.
var rules = map[string]rule{
	"IAM-01":  iam01,
	"KEY-01":  key01,
	"KEY-02":  key02,
	"ROOT-01": root01,
	"ROOT-02": root02,
	"ACC-01":  acc01,
	"CON-01":  con01,
	"CON-02":  con02,
	"EC2-01":  ec201,
	"EC2-02":  ec202,
	"ACC-02":  acc02,
}

// Finding is one checked resource.
type Finding struct {
	Resource string // stable name, see result.json's contract
	ARN      string
	Region   string
	UniqueID string
	Table    string // key of the further table it stands in; empty: the item's own
	Status   Verdict
	Reason   string // one Korean sentence with the fact and the value
	CallIDs  []string
	// Cells are the values of the item's columns by key; the verdict column is
	// the status.
	Cells     map[string]Cell
	Exception *Exception
}

// Cell is a value of the item's table.
type Cell struct {
	Lines []string
	Count *int      // a plain count
	At    time.Time // an instant
}

// Grouped writes a count with thousands separators.
func Grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func lines(l ...string) Cell { return Cell{Lines: l} }

// Exception is an approved exception that names the finding.
type Exception struct {
	settings.Exception
	Expired bool
	Early   bool // not approved yet on the day of the collection
}

// Result is the judged item.
type Result struct {
	Item       item.Item
	Auto       Verdict
	Reason     string
	Population int
	Checked    int // findings that were judged
	Vulnerable int
	Findings   []Finding
	Rows       map[string][]map[string]Cell // of the further tables, no findings
	Notes      []string
	Failures   []evidence.Failure // the item's failed calls
	// Incomplete: evidence is missing that no finding shows for (G1). Answers about
	// the findings alone do not settle the item then.
	Incomplete bool
	CallIDs    []string // all calls that the item rests on
}
