// Package sample carries the recording of a fictional Korean fintech's account
// that `demo` replays through the real SDK clients. It holds no account
// description (that is package gasang, for tests) and never pretends to be a real
// account: everything made from it is marked simulated.
package sample

import (
	"bytes"
	_ "embed"
	"fmt"

	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
)

//go:generate go test ./gasang -run TestRecording -update

//go:embed account.zip
var account []byte

// Recording returns the recorded exchanges.
func Recording() (evidence.Recording, error) {
	b, err := bundle.Read(bytes.NewReader(account), int64(len(account)))
	if err != nil {
		return evidence.Recording{}, fmt.Errorf("read the sample account: %w", err)
	}
	return b.Recording(), nil
}
