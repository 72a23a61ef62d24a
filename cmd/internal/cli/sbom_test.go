package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// A bill says what the build info says, and of a licence only what is known of
// that very version.
func TestBillOfMaterials(t *testing.T) {
	known := []component{
		{Kind: kindProgram, Name: "auditbinder", License: "Apache-2.0"},
		{Kind: kindStandard, Name: "stdlib", License: "BSD-3-Clause"},
		{Kind: kindFont, Name: "Noto Sans KR", Version: "0.4.3", License: "OFL-1.1", PURL: "pkg:npm/%40fonts/noto@0.4.3"},
		{Kind: kindModule, Name: "example.com/a", Version: "v1.0.0", License: "MIT"},
		{Kind: kindModule, Name: "example.com/b/v2", Version: "v2.0.0", License: "Apache-2.0 AND MIT"},
		{Kind: kindModule, Name: "example.com/fork", Version: "v1.5.0", License: "BSD-2-Clause"},
		{Kind: kindModule, Name: "example.com/other-system", Version: "v1.0.0", License: "MIT"},
	}
	tests := []struct {
		name string
		dep  *debug.Module
		want string // purl, name, version, licence, hash; nothing when not there
	}{
		{"no dependencies", nil, ""},
		{"a known module", &debug.Module{Path: "example.com/a", Version: "v1.0.0", Sum: "h1:a="},
			"pkg:golang/example.com/a@v1.0.0|example.com/a|v1.0.0|MIT|h1:a="},
		{"two licences", &debug.Module{Path: "example.com/b/v2", Version: "v2.0.0", Sum: "h1:b="},
			"pkg:golang/example.com/b/v2@v2.0.0|example.com/b/v2|v2.0.0|(Apache-2.0 AND MIT)|h1:b="},
		{"another version than the known one", &debug.Module{Path: "example.com/a", Version: "v1.0.1", Sum: "h1:x="},
			"pkg:golang/example.com/a@v1.0.1|example.com/a|v1.0.1||h1:x="},
		{"a stranger", &debug.Module{Path: "example.com/c", Version: "v0.0.0-20260101000000-0123456789ab", Sum: "h1:c="},
			"pkg:golang/example.com/c@v0.0.0-20260101000000-0123456789ab|example.com/c|v0.0.0-20260101000000-0123456789ab||h1:c="},
		{"a version with a plus, a path with capitals", &debug.Module{Path: "example.com/Up~x", Version: "v3.0.0+incompatible", Sum: "h1:d="},
			"pkg:golang/example.com/up~x@v3.0.0%2Bincompatible|example.com/Up~x|v3.0.0+incompatible||h1:d="},
		{"replaced by a module", &debug.Module{Path: "example.com/a", Version: "v1.0.0", Sum: "h1:no=", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.5.0", Sum: "h1:f="}},
			"pkg:golang/example.com/fork@v1.5.0|example.com/fork|v1.5.0|BSD-2-Clause|h1:f="},
		{"replaced by a folder", &debug.Module{Path: "example.com/a", Version: "v1.0.0", Sum: "h1:no=", Replace: &debug.Module{Path: "/home/someone/a"}},
			"pkg:golang/example.com/a|example.com/a|||"},
	}
	fixed := []string{
		"pkg:golang/stdlib@1.26.8|stdlib|1.26.8|BSD-3-Clause|",
		"pkg:npm/%40fonts/noto@0.4.3|Noto Sans KR|0.4.3|OFL-1.1|",
	}
	for _, tt := range tests {
		info := &debug.BuildInfo{GoVersion: "go1.26.8", Settings: []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "-trimpath", Value: "true"}}}
		want := slices.Clone(fixed)
		if tt.dep != nil {
			info.Deps = append(info.Deps, tt.dep)
			want = append(want, tt.want)
		}
		b := billOfMaterials(parts(info, known), info)
		var got []string
		for _, c := range b.Components {
			got = append(got, entryText(c))
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", tt.name, got, want)
		}
		if got := entryText(b.Metadata.Component); got != "pkg:generic/auditbinder@"+version+"|auditbinder|"+version+"|Apache-2.0|" {
			t.Errorf("%s: the program is %q", tt.name, got)
		}
		if got := fmt.Sprint(b.Metadata.Component.Properties); got != "[{auditbinder:build:-trimpath true} {cdx:gomod:build:env:GOOS linux} {cdx:gomod:build:env:GOVERSION go1.26.8}]" {
			t.Errorf("%s: build settings %s", tt.name, got)
		}
	}
}

func entryText(c bomComponent) string {
	var licences, sum string
	for _, l := range c.Licenses {
		if l.License != nil {
			licences += l.License.ID
		} else {
			licences += "(" + l.Expression + ")"
		}
	}
	for _, p := range c.Properties {
		if p.Name == "auditbinder:go.sum" {
			sum = p.Value
		}
	}
	return strings.Join([]string{c.PURL, c.Name, c.Version, licences, sum}, "|")
}

// The same components in another order are the same bill, and nothing in it
// tells when it was made.
func TestBillOfMaterialsIsReproducible(t *testing.T) {
	deps := []*debug.Module{{Path: "example.com/b", Version: "v1.0.0"}, {Path: "example.com/a", Version: "v1.0.0"}, {Path: "example.com/c", Version: "v1.0.0"}}
	settings := []debug.BuildSetting{{Key: "b"}, {Key: "a"}}
	var bills [2][]byte
	for i := range bills {
		info := &debug.BuildInfo{GoVersion: "go1.26.8", Deps: deps, Settings: settings}
		text, err := json.Marshal(billOfMaterials(parts(info, nil), info))
		if err != nil {
			t.Fatal(err)
		}
		bills[i] = text
		deps, settings = slices.Clone(deps), slices.Clone(settings)
		slices.Reverse(deps)
		slices.Reverse(settings)
	}
	if !bytes.Equal(bills[0], bills[1]) {
		t.Errorf("two bills:\n%s\n%s", bills[0], bills[1])
	}
	for _, word := range []string{"serialNumber", "timestamp"} {
		if bytes.Contains(bills[0], []byte(word)) {
			t.Errorf("a %s", word)
		}
	}
}

// What is not known of a part is said, not left out.
func TestUnknownLicenceIsSaid(t *testing.T) {
	var out bytes.Buffer
	a := &app{env: Env{Stdout: &out}}
	all := []component{{Kind: kindModule, Name: "example.com/folder"}, {Kind: kindModule, Name: "example.com/c", Version: "v1.0.0"}}
	a.printLicenses(all)
	if err := a.printLicenseTexts(all); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"모듈  example.com/folder  확인되지 않음  확인되지 않음\n", "모듈  example.com/c       v1.0.0         확인되지 않음\n", "확인되지 않음  2\n",
		"라이선스가 확인되지 않은 구성요소\n  example.com/folder\n  example.com/c v1.0.0\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not printed:\n%s", want, out.String())
		}
	}
}
