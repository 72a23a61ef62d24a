package cli

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"auditbinder/report/strictyaml"
	"auditbinder/templates"
)

//go:generate go test -run TestLicensesAreWhatIsLinked -update .

// component is a part of the program that has a version and a licence.
type component struct {
	Kind    string   `yaml:"kind" json:"kind"`
	Name    string   `yaml:"name" json:"name"`
	Version string   `yaml:"version" json:"version"`
	License string   `yaml:"license" json:"license"` // SPDX; empty when it is not known
	PURL    string   `yaml:"purl" json:"-"`          // of what is no Go module
	Texts   []string `yaml:"texts" json:"-"`
	Sum     string   `yaml:"-" json:"-"` // as in go.sum
}

const (
	kindProgram  = "program"
	kindStandard = "standard"
	kindFont     = "font"
	kindModule   = "module"
)

var kindNames = map[string]string{kindProgram: "프로그램", kindStandard: "Go 표준 라이브러리", kindFont: "글꼴", kindModule: "모듈"}

const notKnown = "확인되지 않음"

// inventory is what this binary is made of: its build info with the embedded
// table of licences.
func inventory() ([]component, *debug.BuildInfo, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, nil, &failure{"실행 파일에 빌드 정보가 없어 구성요소를 알 수 없습니다", nil}
	}
	const name = "licenses/components.yaml"
	text, err := fs.ReadFile(templates.FS, name)
	if err != nil {
		return nil, nil, fmt.Errorf("read the table of licences: %w", err)
	}
	var table struct {
		Components []component `yaml:"components"`
	}
	if _, err := strictyaml.Decode(name, text, &table); err != nil {
		return nil, nil, err
	}
	return parts(info, table.Components), info, nil
}

// parts joins a build info with the licences that are known. A licence is known
// of one version of a module only.
func parts(info *debug.BuildInfo, known []component) []component {
	var fixed, modules []component
	for _, c := range known {
		switch c.Kind {
		case kindProgram:
			c.Version = version
		case kindStandard:
			c.Version = strings.TrimPrefix(info.GoVersion, "go")
		case kindModule:
			continue
		}
		fixed = append(fixed, c)
	}
	for _, dep := range info.Deps {
		m := *dep
		if r := dep.Replace; r != nil && r.Version != "" {
			m = *r
		} else if r != nil { // by a folder, which may hold anything
			m = debug.Module{Path: dep.Path}
		}
		c := component{Kind: kindModule, Name: m.Path, Version: m.Version, Sum: m.Sum}
		for _, k := range known {
			if k.Kind == c.Kind && k.Name == c.Name && k.Version == c.Version {
				c.License, c.Texts = k.License, k.Texts
			}
		}
		modules = append(modules, c)
	}
	slices.SortFunc(modules, func(a, b component) int { return cmp.Compare(a.Name, b.Name) })
	return append(fixed, modules...)
}

func (a *app) licensesCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "licenses", Short: "포함된 구성요소의 라이선스를 표시합니다", Args: noArgs,
		Long: `이 실행 파일에 포함된 모든 Go 모듈, Go 표준 라이브러리, 글꼴과 프로그램 자신의 라이선스를 SPDX 식별자로 표시합니다.
--text는 라이선스와 고지(NOTICE)의 전문을 출력합니다. 실행 파일을 다른 곳에 배포할 때 함께 제공하십시오.`,
	}
	a.tableFlags(c.Flags())
	full := c.Flags().Bool("text", false, "라이선스와 고지의 전문을 출력합니다")
	c.RunE = func(*cobra.Command, []string) error {
		if err := a.checkAs(); err != nil {
			return err
		}
		if *full && a.as != "" {
			return usagef("--text와 --as는 함께 쓸 수 없습니다")
		}
		all, _, err := inventory()
		switch {
		case err != nil:
			return err
		case *full:
			return a.printLicenseTexts(all)
		case a.as == "json":
			return a.printJSON(all)
		}
		a.printLicenses(all)
		return nil
	}
	return c
}

func (a *app) printLicenses(all []component) {
	var rows [][]string
	uses := map[string]int{}
	for _, c := range all {
		license := cmp.Or(c.License, notKnown)
		uses[license]++
		rows = append(rows, []string{kindNames[c.Kind], c.Name, cmp.Or(c.Version, notKnown), license})
	}
	table(a.env.Stdout, []string{"구분", "구성요소", "버전", "라이선스"}, rows, nil)
	var sums [][]string
	for _, license := range slices.Sorted(maps.Keys(uses)) {
		sums = append(sums, []string{license, fmt.Sprint(uses[license])})
	}
	fmt.Fprintln(a.env.Stdout)
	table(a.env.Stdout, []string{"라이선스", "구성요소 수"}, append(sums, []string{"합계", fmt.Sprint(len(all))}), nil)
}

// textNames are what a text is, by the beginning of its file's name, where that
// is no SPDX identifier.
var textNames = map[string]string{"NOTICE": "고지(NOTICE)", "PATENTS": "특허 사용 허락(PATENTS)"}

// printLicenseTexts prints each distinct text once, under those it is about.
func (a *app) printLicenseTexts(all []component) error {
	about := map[string][]string{}
	var files, unknown []string
	for _, c := range all {
		name := strings.TrimSpace(c.Name + " " + c.Version)
		if c.Kind == kindStandard {
			name = kindNames[c.Kind] + " " + c.Version
		}
		if len(c.Texts) == 0 {
			unknown = append(unknown, name)
		}
		for _, file := range c.Texts {
			if about[file] == nil {
				files = append(files, file)
			}
			about[file] = append(about[file], name)
		}
	}
	slices.Sort(files)
	w := a.env.Stdout
	heading := func(title string, names []string) {
		rule := strings.Repeat("=", 80)
		fmt.Fprintf(w, "\n%s\n%s\n  %s\n%s\n", rule, title, strings.Join(names, "\n  "), rule)
	}
	fmt.Fprintf(w, "%s에 포함된 구성요소의 라이선스와 고지 전문입니다.\n", Program)
	for _, file := range files {
		text, err := fs.ReadFile(templates.FS, path.Join("licenses/texts", file))
		if err != nil {
			return fmt.Errorf("read the licence text %s: %w", file, err)
		}
		title := file[:strings.LastIndex(file, "-")]
		heading(cmp.Or(textNames[title], title)+" - 적용되는 구성요소", about[file])
		fmt.Fprintf(w, "\n%s\n", strings.TrimRight(string(text), "\n"))
	}
	if len(unknown) > 0 {
		heading("라이선스가 확인되지 않은 구성요소", unknown)
	}
	return nil
}
