package item

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"auditbinder/report/strictyaml"
)

// Date is a calendar day (KST); the zero Date is 'none'.
type Date = strictyaml.Date

// Error is one problem in a catalogue file, one line of Korean. It is a type of
// its own: a faulty configuration is the user's to mend, a faulty catalogue not.
type Error struct{ Cause *strictyaml.Error }

// Error is the line; Cause is not unwrapped, or it would pass for the user's.
func (e *Error) Error() string { return e.Cause.Error() }

// forbiddenWord is never printed: a finding is 취약, whether a law was broken
// is not for a check tool to say.
const forbiddenWord = "위반"

// decode reads one catalogue file into the struct that into points to.
func decode(name string, data []byte, into any) (*strictyaml.Document, error) {
	for n, line := range strings.Split(string(data), "\n") {
		if at := strings.Index(line, forbiddenWord); at >= 0 {
			return nil, &strictyaml.Error{
				File: name, Line: n + 1, Column: utf8.RuneCountInString(line[:at]) + 1,
				Message: fmt.Sprintf("사용할 수 없는 단어: %q", forbiddenWord),
			}
		}
	}
	return strictyaml.Decode(name, data, into)
}
