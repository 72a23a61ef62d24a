package cli_test

import (
	"debug/buildinfo"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// The real binary (a test's has more modules) tells of itself what its build info
// and the table of licences say, and nothing is without a licence.
func TestBinaryKnowsWhatItIsMadeOf(t *testing.T) {
	t.Chdir(home)
	binary := filepath.Join(t.TempDir(), "auditbinder.exe") // no other system minds
	command(t, nil, "go", "build", "-buildvcs=false", "-o", binary, "../../auditbinder")
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	licence, sum := map[string]string{}, map[string]string{} // by name and version
	read, err := os.ReadFile(filepath.Join(licences, "components.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var table struct{ Components []linkedComponent }
	if err := yaml.Unmarshal(read, &table); err != nil {
		t.Fatal(err)
	}
	texts := map[string]bool{}
	for _, c := range table.Components {
		hash := ""
		switch c.Kind {
		case "program":
			c.Version = strings.TrimSpace(strings.TrimPrefix(command(t, nil, binary, "version"), "auditbinder "))
		case "standard":
			c.Version = strings.TrimPrefix(info.GoVersion, "go")
		case "module":
			i := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == c.Name })
			if i < 0 { // linked on another system
				continue
			}
			if info.Deps[i].Version != c.Version {
				t.Errorf("%s %s is linked, the table has %s", c.Name, info.Deps[i].Version, c.Version)
			}
			hash = info.Deps[i].Sum
		}
		licence[c.Name+" "+c.Version], sum[c.Name+" "+c.Version] = c.License, hash
		for _, text := range c.Texts {
			texts[text] = true
		}
	}
	if n := len(info.Deps) + 1 + 1 + len(faces); len(licence) != n {
		t.Errorf("the table knows %d of %d parts", len(licence), n)
	}

	text := command(t, nil, binary, "version", "--as", "cyclonedx")
	if again := command(t, nil, binary, "version", "--as", "cyclonedx"); again != text {
		t.Error("two bills of materials of one binary differ")
	}
	type entry struct {
		Name, Version string
		Licenses      []struct {
			License    struct{ ID string }
			Expression string
		}
		Properties []struct{ Name, Value string }
	}
	var bom struct {
		BOMFormat, SpecVersion string
		Metadata               struct{ Component entry }
		Components             []entry
	}
	if err := json.Unmarshal([]byte(text), &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BOMFormat != "CycloneDX" || bom.SpecVersion != "1.5" {
		t.Errorf("%s %s", bom.BOMFormat, bom.SpecVersion)
	}
	settings := []string{"GOVERSION=" + info.GoVersion}
	for _, s := range info.Settings {
		settings = append(settings, s.Key+"="+s.Value)
	}
	var told []string
	for _, p := range bom.Metadata.Component.Properties {
		told = append(told, p.Name[strings.LastIndex(p.Name, ":")+1:]+"="+p.Value)
	}
	if slices.Sort(settings); !slices.Equal(slices.Sorted(slices.Values(told)), settings) {
		t.Errorf("build settings %q, want %q", told, settings)
	}
	gotLicence, gotSum := map[string]string{}, map[string]string{}
	bom.Metadata.Component.Properties = nil
	for _, c := range append(bom.Components, bom.Metadata.Component) {
		id := c.Name + " " + c.Version
		gotSum[id] = ""
		for _, l := range c.Licenses {
			gotLicence[id] += l.License.ID + l.Expression
		}
		for _, p := range c.Properties {
			gotSum[id] += p.Value
		}
	}
	if !maps.Equal(gotLicence, licence) || !maps.Equal(gotSum, sum) {
		t.Errorf("the bill of materials has\n%q\n%q, want\n%q\n%q", gotLicence, gotSum, licence, sum)
	}

	var list []struct{ Name, Version, License string }
	if err := json.Unmarshal([]byte(command(t, nil, binary, "licenses", "--as", "json")), &list); err != nil {
		t.Fatal(err)
	}
	clear(gotLicence)
	for _, c := range list {
		gotLicence[c.Name+" "+c.Version] = c.License
	}
	if !maps.Equal(gotLicence, licence) {
		t.Errorf("licenses has\n%q, want\n%q", gotLicence, licence)
	}

	rule := "\n" + strings.Repeat("=", 80)
	printed := command(t, nil, binary, "licenses", "--text") + rule
	if n := strings.Count(printed, rule); n != 2*len(texts)+1 {
		t.Errorf("%d rules around %d texts", n, len(texts))
	}
	for name := range texts {
		text, err := os.ReadFile(filepath.Join(licences, "texts", name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(printed, rule+"\n\n"+strings.TrimRight(string(text), "\n")+"\n"+rule); n != 1 {
			t.Errorf("%s is printed %d times", name, n)
		}
	}
}
