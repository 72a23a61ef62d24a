package templates

import (
	"io/fs"
	"slices"
	"testing"
)

func TestEmbedded(t *testing.T) {
	want := []string{"amazon-roots.yaml", "billing.yaml", "config.yaml", "items", "laws.yaml", "licenses", "policy.cloudformation.tmpl", "policy.json", "policy.terraform.tmpl", "signin-events.yaml", "signin-fields.yaml", "thresholds.yaml"}
	entries, err := fs.ReadDir(FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("embedded %v, want %v", got, want)
	}
	items, err := fs.Glob(FS, "items/*.yaml")
	if err != nil || len(items) != 11 {
		t.Errorf("%d item files, %v", len(items), err)
	}
}
