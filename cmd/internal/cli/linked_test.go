package cli_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const (
	checkout = "../../.." // from this package's folder
	licences = checkout + "/templates/licenses"
)

// linkedComponent is an entry of components.yaml, which cli reads.
type linkedComponent struct {
	Kind    string   `yaml:"kind"`
	Name    string   `yaml:"name"`
	Version string   `yaml:"version,omitempty"`
	License string   `yaml:"license"`
	PURL    string   `yaml:"purl,omitempty"`
	Texts   []string `yaml:"texts"`
}

// faces are the embedded fonts: the packages that fonts.go says they come from.
var faces = []struct{ name, pkg, version, text string }{
	{"Nanum Gothic Coding", "@expo-google-fonts/nanum-gothic-coding", "0.4.1", "OFL-NanumGothicCoding.txt"},
	{"Noto Sans KR", "@expo-google-fonts/noto-sans-kr", "0.4.3", "OFL-NotoSansKR.txt"},
}

// TestLicensesAreWhatIsLinked holds templates/licenses equal to what the module
// cache says of the modules that are linked on any system, byte by byte.
func TestLicensesAreWhatIsLinked(t *testing.T) {
	t.Chdir(home)
	want := linkedLicences(t)
	if *update {
		if err := os.RemoveAll(licences); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(licences, "texts"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			write(t, filepath.Join(licences, name), []byte(text))
		}
	}
	got := map[string]string{}
	err := filepath.WalkDir(licences, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(licences, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		got[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if text, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if text != want[name] {
			t.Errorf("%s is not what is linked: %s", name, firstDifference(want[name], text))
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s belongs to nothing that is linked", name)
	}
	if t.Failed() {
		t.Log("look at what changed, then: go generate ./cmd/internal/cli")
	}
}

// linkedLicences is the folder as it must be: file name to content.
func linkedLicences(t *testing.T) map[string]string {
	// Not asked for itself: a new go.mod makes the test's cached result stale.
	if _, err := os.ReadFile(checkout + "/go.mod"); err != nil {
		t.Fatal(err)
	}
	folder := map[string]string{}
	add := func(c linkedComponent, files []string) linkedComponent {
		ids := map[string]bool{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			id, err := identify(filepath.Base(file), string(text))
			if err != nil {
				t.Fatalf("%s %s: %s: %v", c.Name, c.Version, file, err)
			}
			if id != "NOTICE" && id != "PATENTS" {
				ids[id] = true
			}
			sum := sha256.Sum256([]byte(strings.Join(strings.Fields(string(text)), " "))) // one text, whatever its layout
			name := fmt.Sprintf("%s-%s.txt", id, hex.EncodeToString(sum[:4]))
			if _, ok := folder["texts/"+name]; !ok {
				folder["texts/"+name] = string(text)
			}
			c.Texts = append(c.Texts, name)
		}
		if len(ids) == 0 {
			t.Fatalf("%s %s has no licence file", c.Name, c.Version)
		}
		c.License = strings.Join(slices.Sorted(maps.Keys(ids)), " AND ")
		c.Texts = slices.Compact(slices.Sorted(slices.Values(c.Texts)))
		return c
	}
	goroot := strings.TrimSpace(command(t, nil, "go", "env", "GOROOT"))
	all := []linkedComponent{
		add(linkedComponent{Kind: "program", Name: "auditbinder"}, legalFiles(t, checkout, checkout)),
		add(linkedComponent{Kind: "standard", Name: "stdlib"}, legalFiles(t, goroot, goroot)),
	}
	origin, err := os.ReadFile(checkout + "/fonts/fonts.go")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := filepath.Glob(checkout + "/fonts/OFL-*.txt")
	if err != nil || len(texts) != len(faces) {
		t.Fatalf("%d font licences for %d fonts, %v", len(texts), len(faces), err)
	}
	for _, f := range faces {
		if !strings.Contains(string(origin), f.pkg+" "+f.version) {
			t.Errorf("fonts.go does not say that %s comes from %s %s", f.name, f.pkg, f.version)
		}
		all = append(all, add(linkedComponent{Kind: "font", Name: f.name, Version: f.version,
			PURL: "pkg:npm/" + strings.Replace(f.pkg, "@", "%40", 1) + "@" + f.version}, []string{checkout + "/fonts/" + f.text}))
	}
	modules := linkedModules(t)
	for _, m := range slices.SortedFunc(maps.Keys(modules), func(a, b goModule) int { return cmp.Compare(a.Path, b.Path) }) {
		all = append(all, add(linkedComponent{Kind: "module", Name: m.Path, Version: m.Version}, modules[m]))
	}
	index, err := yaml.Marshal(map[string]any{"components": all})
	if err != nil {
		t.Fatal(err)
	}
	folder["components.yaml"] = "# What is linked into the program on any system, and under which licence (SPDX).\n" +
		"# Written by 'go generate ./cmd/internal/cli' from the module cache; do not edit.\n" + string(index)
	return folder
}

type goModule struct{ Path, Version, Dir string }

// linkedModules are the modules of every linked package, on every system that
// the program is for, with the legal files that apply to those packages.
func linkedModules(t *testing.T) map[goModule][]string {
	files := map[goModule][]string{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, machine := range []string{"amd64", "arm64"} {
			list := command(t, []string{"GOOS=" + system, "GOARCH=" + machine, "CGO_ENABLED=0", "GOFLAGS="},
				"go", "list", "-deps", "-json=Dir,Standard,Module", "../../auditbinder")
			for decoder := json.NewDecoder(strings.NewReader(list)); ; {
				var p struct {
					Dir      string
					Standard bool
					Module   *struct {
						goModule
						Main    bool
						Replace *goModule
					}
				}
				if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				if p.Standard || p.Module != nil && p.Module.Main {
					continue
				}
				if p.Module == nil || p.Module.Replace != nil || p.Module.Dir == "" {
					t.Fatalf("package in %s: its module is not in the module cache (vendored, replaced or offline)", p.Dir)
				}
				m := p.Module.goModule
				files[m] = append(files[m], legalFiles(t, p.Dir, m.Dir)...)
			}
		}
	}
	if len(files) < 50 {
		t.Fatalf("only %d modules are linked", len(files))
	}
	for m, f := range files {
		files[m] = slices.Compact(slices.Sorted(slices.Values(f)))
	}
	return files
}

func command(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	out, err := c.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		t.Fatalf("%s %v: %v\n%s", name, args, err, exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

var legalName = regexp.MustCompile(`(?i)^(un)?(licen[cs]es?|copying|copyright|notices?|patents|third[-_ ]?party.*)([-._].*)?$`)

// legalFiles are the licences and notices that apply to a package: those in its
// folder and in each above it, up to its module's.
func legalFiles(t *testing.T, dir, root string) []string {
	var files []string
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !legalName.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			if path := filepath.Join(dir, e.Name()); e.IsDir() {
				t.Fatalf("%s is a folder: read what it holds and teach this test", path)
			} else {
				files = append(files, path)
			}
		}
		if dir == root {
			return files
		}
		dir = filepath.Dir(dir)
	}
}

// recognised are the licences that the program may carry, by the hash of their
// words. A text that is not one of them, to the word, has to be read by a person.
var recognised = map[string]string{
	"6074c3536c43b739": "Apache-2.0",
	"6aa661403864282a": "Apache-2.0", // without the appendix on how to apply it
	"036b5ff6d47b4497": "Apache-2.0", // the appendix filled in
	"0cf21bdfd1964a97": "MIT",
	"af3d38a774a9d3be": "MIT", // libyaml's: which files it is about stands before it
	"986c3c3199a93b91": "BSD-2-Clause",
	"80893eeaf2524b3e": "BSD-3-Clause",
	"e41d0be61854321f": "BSD-3-Clause", // 'COPYIGHT OWNER', as AWS has it
	"fc0685d2ac39e7e3": "OFL-1.1",
	"a6526221b1b3e448": "OFL-1.1", // the reserved names of Nanum before it
	"d61b69377a234fe2": "PATENTS", // Go's grant beside its licence
}

var (
	copyrightLine = regexp.MustCompile(`(?m)^[ \t]*Copyright (\([cC]\)|©|[0-9]{4}).*$`)
	condition     = regexp.MustCompile(`(?i)\b(may|must|shall|only|except|licen[cs]e[ds]?|permi(t|ssion)|grant(ed)?)\b`)
	titleLine     = regexp.MustCompile(`(?m)^[ \t]*((The )?MIT License( \(MIT\))?|BSD 3-Clause License|All rights reserved\.)[ \t\r]*$`)
	holder        = regexp.MustCompile(`neither the name of (the )?[a-z ]{1,40}? nor the names of its contributors`)
	notWord       = regexp.MustCompile(`[^\p{L}\p{N}]+`)
	foreign       = regexp.MustCompile(`(?i)\bA?L?GPL|general public|affero|copyleft|commons clause|non-?commercial`)
)

// words is a licence without what differs between its users: names, years,
// title, line breaks and punctuation.
func words(text string) string {
	text = copyrightLine.ReplaceAllStringFunc(text, func(line string) string {
		if condition.MatchString(line) {
			return line
		}
		return ""
	})
	text = notWord.ReplaceAllString(strings.ToLower(titleLine.ReplaceAllString(text, "")), " ")
	text = strings.ReplaceAll(text, "copyright owner", "copyright holder")
	return strings.TrimSpace(holder.ReplaceAllString(text, "neither the name of holder nor the names of its contributors"))
}

// identify is the SPDX id of a licence text, or NOTICE or PATENTS.
func identify(file, text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", errors.New("empty")
	}
	if strings.HasPrefix(strings.ToUpper(file), "NOTICE") {
		if found := foreign.FindString(text); found != "" {
			return "", fmt.Errorf("a notice that speaks of %q", found)
		}
		return "NOTICE", nil
	}
	sum := sha256.Sum256([]byte(words(text)))
	hash := hex.EncodeToString(sum[:8])
	id, ok := recognised[hash]
	if !ok {
		return "", fmt.Errorf("licence not recognised; if it may be linked, add %q", hash)
	}
	return id, nil
}

// Whatever is not a known licence to the word is refused; what differs between
// the users of one licence is not looked at.
func TestLicencesAreRecognised(t *testing.T) {
	t.Chdir(home)
	from := func(pattern, begin string) string { // the first such text, from where it begins
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no file %s, %v", pattern, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(text[strings.Index(string(text), begin):])
	}
	mit := "MIT License\n\nCopyright (c) 2020 Jane Doe\n\n" + from(licences+"/texts/MIT-*.txt", "Permission is hereby")
	bsd3 := "Copyright 2020 Jane Doe\n\n" + from(strings.TrimSpace(command(t, nil, "go", "env", "GOROOT"))+"/LICENSE", "Redistribution and use")
	apache := from(checkout+"/LICENSE", "Apache License")
	edit := func(text, old, new string) string {
		t.Helper()
		if strings.Count(text, old) != 1 {
			t.Fatalf("%q is in the text %d times", old, strings.Count(text, old))
		}
		return strings.Replace(text, old, new, 1)
	}
	tests := []struct {
		name, file, text, want string
	}{
		{"MIT of another holder and year", "LICENSE", edit(mit, "2020 Jane Doe", "1999-2031 홍길동"), "MIT"},
		{"MIT of two holders", "LICENSE", edit(mit, "2020 Jane Doe", "1999 A\nCopyright © 2001 B. All rights reserved."), "MIT"},
		{"MIT on one line", "LICENSE.md", edit(strings.Join(strings.Fields(mit), " "), "MIT License Copyright (c) 2020 Jane Doe ", ""), "MIT"},
		{"MIT with Windows line ends", "LICENSE", strings.ReplaceAll(mit, "\n", "\r\n"), "MIT"},
		{"MIT without its warranty clause", "LICENSE", mit[:strings.Index(mit, "THE SOFTWARE IS")], ""},
		{"MIT and no evil (JSON licence)", "LICENSE", edit(mit, "THE SOFTWARE IS", "The Software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS"), ""},
		{"MIT with a condition in Korean", "LICENSE", mit + "\n상업적 이용을 금지합니다.\n", ""},
		{"MIT with a condition in a copyright line", "LICENSE", edit(mit, "Jane Doe", "A. You may not sell it."), ""},
		{"MIT or GPL in one file", "LICENSE", mit + "\nOr, at your option, the GNU General Public License version 3.\n", ""},
		{"MIT and BSD in one file", "LICENSE", mit + "\n" + bsd3, ""},
		{"BSD of another holder", "LICENSE", edit(bsd3, "Google LLC nor", "the copyright holder nor"), "BSD-3-Clause"},
		{"BSD without the clause on names", "LICENSE", bsd3[:strings.Index(bsd3, "* Neither")] + bsd3[strings.Index(bsd3, "THIS SOFTWARE"):], "BSD-2-Clause"},
		{"BSD with advertising", "LICENSE", edit(bsd3, "* Neither", "* All advertising materials mentioning features must display an acknowledgement.\n\n* Neither"), ""},
		{"Apache with Commons Clause", "LICENSE", "\"Commons Clause\" License Condition v1.0\n\n" + apache, ""},
		{"GPL", "COPYING", "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n", ""},
		{"AGPL", "LICENSE", "GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007\n", ""},
		{"LGPL", "LICENSE.lesser", "GNU LESSER GENERAL PUBLIC LICENSE\n", ""},
		{"empty", "LICENSE", " \n", ""},
		{"only a copyright line", "LICENSE", "Copyright 2020 A\n", ""},
		{"a notice", "NOTICE.txt", "AWS SDK for Go\nCopyright 2015 Amazon.com, Inc.\n", "NOTICE"},
		{"a notice of GPL code", "NOTICE", "Contains code under the GPLv2.\n", ""},
		{"an empty notice", "NOTICE", "", ""},
		{"a patent grant that is not Go's", "PATENTS", "Grant of nothing\n", ""},
	}
	for _, tt := range tests {
		got, err := identify(tt.file, tt.text)
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestLegalFilesAreFound(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{
		"LICENSE", "NOTICE.txt", "README.md", "a/b/x.go", "a/b/LICENSE-MIT", "a/COPYING", "a/license.go", "a/b/licensed.txt", "other/LICENSE", "a/THIRD_PARTY_NOTICES.md",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, nil)
	}
	var got []string
	for _, path := range legalFiles(t, filepath.Join(root, "a", "b"), root) {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.ToSlash(name))
	}
	slices.Sort(got)
	if want := []string{"LICENSE", "NOTICE.txt", "a/COPYING", "a/THIRD_PARTY_NOTICES.md", "a/b/LICENSE-MIT"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
