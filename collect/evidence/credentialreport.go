package evidence

import "time"

// RootAccount is the credential report's name of the root row. An IAM user may
// be named root, never this.
const RootAccount = "<root_account>"

// CredentialReport is the parsed credential report // 자격 증명 보고서. The text as
// received stands in the bundle's credential-report.csv.
type CredentialReport struct {
	Generated time.Time       `json:"generated"` // AWS's GeneratedTime: up to 4 hours before the collection
	Rows      []CredentialRow `json:"rows"`      // in the report's order, root included
	Calls     []string        `json:"calls"`
}

// CredentialRow is one identity of the report.
type CredentialRow struct {
	User            string       `json:"user"`
	ARN             string       `json:"arn"`
	PasswordEnabled Flag         `json:"passwordEnabled"`
	PasswordUsed    Stamp        `json:"passwordUsed"`
	MFA             Flag         `json:"mfa"`
	Keys            [2]ReportKey `json:"keys"` // slots 1 and 2
	// Additional is what the report says of more keys or certificates than two;
	// empty where it says that there are none, or nothing.
	Additional string `json:"additional,omitempty"`
}

// Root reports whether the row is the root account's.
func (r CredentialRow) Root() bool { return r.User == RootAccount }

// ReportKey is one access key slot. The report holds no key ids.
type ReportKey struct {
	Active      Flag   `json:"active"`
	Rotated     Stamp  `json:"rotated"` // created or last changed
	Used        Stamp  `json:"used"`
	UsedRegion  string `json:"usedRegion"`
	UsedService string `json:"usedService"`
}

// Flag is a boolean field as the report words it, in lower case: true, false,
// not_supported, n/a, or whatever else stood there.
type Flag string

const (
	FlagTrue         Flag = "true"
	FlagFalse        Flag = "false"
	FlagNotSupported Flag = "not_supported"
)

// Stamp is a time field: a time, or the word that stands in its place. The two
// are never both set; a Stamp with neither was an empty field.
type Stamp struct {
	At   *time.Time `json:"at,omitempty"`
	Word string     `json:"word,omitempty"`
}

// Words that the report puts in place of a time, and their different meanings.
const (
	NotApplicable = "N/A"            // never, or nothing there
	NoInformation = "no_information" // AWS has no record (tracking began in 2014)
	NotSupported  = "not_supported"  // the field does not apply to this identity
)

// Is reports whether the stamp is that word.
func (s Stamp) Is(word string) bool { return s.At == nil && s.Word == word }
