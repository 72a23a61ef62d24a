package cli_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"auditbinder/collect"
	"auditbinder/collect/awsconn"
	"auditbinder/report/item"
	"auditbinder/templates"
)

const module = "auditbinder"

// topLevel are the folders that the project may have; out is where a developer's
// reports go, which git ignores.
var topLevel = []string{"cmd", "collect", "report", "templates", "fonts", "docs", ".ci", ".git", "out"}

// arrows say which packages of ours a package may import. The first pattern that
// fits a package counts; 'x/...' is x and all below it.
var arrows = []struct{ from, to string }{
	{"cmd/auditbinder", "cmd/internal/cli"},
	{"cmd/internal/cli", "collect/... report/... templates"},
	{"collect", "collect/... templates"},
	{"collect/evidence", ""},
	{"collect/archive/...", "collect/evidence collect/bundle"},
	{"collect/signing/...", "collect/evidence collect/bundle"},
	{"collect/sample", "collect/evidence collect/bundle"},
	{"collect/sample/gasang", "collect/evidence collect/sample/fakeaws"},
	// awsconn, bundle, sample/fakeaws and every service package: no service
	// knows another.
	{"collect/...", "collect/evidence"},
	{"report/strictyaml", ""},
	{"report/item", "report/strictyaml templates"},
	{"report/settings", "report/strictyaml templates"},
	{"report/interview", "collect/evidence report/item report/strictyaml"},
	{"report/verdict/iampolicy", ""},
	{"report/verdict", "collect/evidence report/item report/settings report/strictyaml report/verdict/iampolicy"},
	{"report/view", "collect/evidence report/item report/verdict report/settings report/interview report/strictyaml"},
	{"report/pdf", "report/view report/interview fonts"},
	{"report/excel", "report/view report/interview fonts"},
	{"templates", ""},
	{"fonts", ""},
}

// libraries say where a foreign package may be imported at all.
var libraries = []struct{ library, where string }{
	{"github.com/aws/...", "collect collect/awsconn collect/..."},
	{"github.com/johnfercher/maroto/...", "report/pdf"},
	{"github.com/phpdave11/gofpdf/...", "report/pdf"},
	{"github.com/jung-kurt/gofpdf/...", "report/pdf"},
	{"github.com/pdfcpu/...", "report/pdf"},
	{"github.com/xuri/excelize/...", "report/excel"},
	{"github.com/spf13/...", "cmd/internal/cli"},
}

// forTests are packages that the program must not reach.
const forTests = "collect/sample/fakeaws collect/sample/gasang"

// pure packages may not touch the world: of the standard library these are
// closed to them.
var pure = map[string][]string{
	"report/verdict/...": {"net", "net/...", "os", "os/...", "syscall", "log", "log/..."},
}

// open are the closed ones that only parse.
var open = []string{"net/netip", "net/url"}

// standardOnly packages import the standard library and nothing else.
var standardOnly = []string{"collect/evidence", "templates", "fonts"}

// clockAllowed may ask for the time and wait.
var clockAllowed = []string{"cmd/internal/cli", "collect/sample/fakeaws"}

var clock = []string{"Now", "Sleep", "After", "AfterFunc", "Since", "Until", "Tick", "NewTicker", "NewTimer"}

// goFile is a parsed file that is no test.
type goFile struct {
	name, dir string
	file      *ast.File
	imports   map[string]string // path -> the name it is used by
}

// parse reads all non-test Go files below a module's root.
func parse(fsys fs.FS) ([]goFile, error) {
	var files []goFile
	set := token.NewFileSet()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (base == "testdata" || base == "out" || strings.HasPrefix(base, ".") && base != ".ci" || strings.HasPrefix(base, "_")) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		f := goFile{name: name, dir: path.Dir(name), file: file, imports: map[string]string{}}
		for _, spec := range file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports[target] = path.Base(target)
			if spec.Name != nil {
				f.imports[target] = spec.Name.Name
			}
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

// fits reports whether a path is one of space-separated patterns.
func fits(name, patterns string) bool {
	for _, p := range strings.Fields(patterns) {
		tree, below := strings.CutSuffix(p, "/...")
		if name == tree || below && strings.HasPrefix(name, tree+"/") {
			return true
		}
	}
	return false
}

// holdsGo reports whether a folder holds Go code anywhere.
func holdsGo(fsys fs.FS, dir string) bool {
	found := false
	err := fs.WalkDir(fsys, dir, func(name string, _ fs.DirEntry, err error) error {
		found = found || strings.HasSuffix(name, ".go")
		return err
	})
	return found || err != nil
}

// violations holds a module's tree against the rules above.
func violations(fsys fs.FS) ([]string, error) {
	var found []string
	report := func(where, format string, args ...any) {
		found = append(found, where+": "+fmt.Sprintf(format, args...))
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(topLevel, e.Name()) && holdsGo(fsys, e.Name()) { // results of a run may lie about
			report(e.Name(), "not one of the project's folders")
		}
	}
	files, err := parse(fsys)
	if err != nil {
		return nil, err
	}
	documented := map[string]bool{}
	for _, f := range files {
		documented[f.dir] = documented[f.dir] || f.file.Doc != nil
		for target, name := range f.imports {
			switch {
			case name == "_" && target != "embed":
				report(f.name, "blank import of %s", target)
			case name == ".":
				report(f.name, "dot import of %s", target)
			}
			if ours, ok := strings.CutPrefix(target, module+"/"); ok {
				checkArrow(f, ours, report)
			} else {
				checkForeign(f, target, report)
			}
		}
		checkUses(f, report)
	}
	for dir, ok := range documented {
		if !ok {
			report(dir, "no package comment")
		}
	}
	slices.Sort(found)
	return found, nil
}

func checkArrow(f goFile, ours string, report func(where, format string, args ...any)) {
	if fits(ours, forTests) && !fits(f.dir, forTests) {
		report(f.name, "imports %s, which is for tests", ours)
		return
	}
	for _, a := range arrows {
		if fits(f.dir, a.from) {
			if !fits(ours, a.to) {
				report(f.name, "forbidden arrow to %s", ours)
			}
			return
		}
	}
	report(f.name, "package %s is not in the table of arrows", f.dir)
}

func checkForeign(f goFile, target string, report func(where, format string, args ...any)) {
	for _, l := range libraries {
		if fits(target, l.library) && !fits(f.dir, l.where) {
			report(f.name, "imports %s, which is for %s", target, l.where)
		}
	}
	if first, _, _ := strings.Cut(target, "/"); strings.Contains(first, ".") && slices.Contains(standardOnly, f.dir) {
		report(f.name, "imports %s beside the standard library", target)
	}
	for where, closed := range pure {
		if fits(f.dir, where) && fits(target, strings.Join(closed, " ")) && !slices.Contains(open, target) {
			report(f.name, "imports %s, but decides from evidence alone", target)
		}
	}
}

// checkUses looks for what may not be called or declared.
func checkUses(f goFile, report func(where, format string, args ...any)) {
	for _, d := range f.file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			report(f.name, "init function")
		}
	}
	inCLI := f.dir == "cmd/internal/cli"
	ast.Inspect(f.file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && (id.Name == "println" || id.Name == "print") && id.Obj == nil {
				report(f.name, "calls %s", id.Name)
			}
		}
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok || id.Obj != nil { // a variable, not a package
			return true
		}
		uses := func(target string) bool { name, ok := f.imports[target]; return ok && name == id.Name }
		switch {
		case uses("time") && slices.Contains(clock, sel.Sel.Name) && !slices.Contains(clockAllowed, f.dir):
			report(f.name, "uses time.%s", sel.Sel.Name)
		case uses("fmt") && strings.HasPrefix(sel.Sel.Name, "Print") && !inCLI:
			report(f.name, "uses fmt.%s", sel.Sel.Name)
		case uses("os") && (sel.Sel.Name == "Stdout" || sel.Sel.Name == "Stderr") && !inCLI:
			report(f.name, "uses os.%s", sel.Sel.Name)
		}
		return true
	})
}

func TestArchitecture(t *testing.T) {
	root := os.DirFS("../../..")
	found, err := violations(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
	files, err := parse(root)
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]bool{}
	for _, f := range files {
		packages[f.dir] = true
	}
	for _, must := range []string{"cmd/auditbinder", "cmd/internal/cli", "collect", "collect/iam", "report/verdict", "report/verdict/iampolicy", "report/pdf", "report/excel", "templates", "fonts"} {
		if !packages[must] {
			t.Errorf("the check never saw %s", must)
		}
	}
}

// TestArchitectureCatches plants each kind of violation in a tiny tree that is
// clean without it.
func TestArchitectureCatches(t *testing.T) {
	clean := map[string]string{
		"go.mod":                      "module auditbinder\n",
		"cmd/auditbinder/main.go":     "// Command auditbinder.\npackage main\nimport \"auditbinder/cmd/internal/cli\"\nfunc main() { cli.Run() }\n",
		"cmd/internal/cli/cli.go":     "// Package cli is.\npackage cli\nimport (\n\"fmt\"\n\"time\"\n\"auditbinder/collect\"\n)\nfunc Run() { fmt.Println(time.Now(), collect.X) }\n",
		"collect/collect.go":          "// Package collect is.\npackage collect\nimport \"auditbinder/collect/iam\"\nvar X = iam.X\n",
		"collect/iam/iam.go":          "// Package iam is.\npackage iam\nimport _ \"embed\"\nimport \"github.com/aws/aws-sdk-go-v2/service/iam\"\nimport \"auditbinder/collect/evidence\"\nvar X iam.Client\nvar Y evidence.T\n",
		"collect/iam/iam_test.go":     "package iam\nimport \"auditbinder/collect/sample/fakeaws\"\nimport \"auditbinder/report/view\"\nvar _ = fakeaws.X\nvar _ = view.X\n",
		"collect/evidence/e.go":       "// Package evidence is.\npackage evidence\nimport \"time\"\ntype T time.Time\nfunc f(time struct{ Now int }) int { return time.Now }\n",
		"report/verdict/v.go":         "// Package verdict is.\npackage verdict\nimport \"net/netip\"\nimport \"auditbinder/collect/evidence\"\nvar X netip.Addr\nvar Y evidence.T\n",
		"collect/iam/testdata/bad.go": "package bad\nimport \"auditbinder/cmd/internal/cli\"\n",
	}
	tree := func(extra ...string) fs.FS {
		m := fstest.MapFS{}
		for name, text := range clean {
			m[name] = &fstest.MapFile{Data: []byte(text)}
		}
		for i := 0; i < len(extra); i += 2 {
			m[extra[i]] = &fstest.MapFile{Data: []byte(extra[i+1])}
		}
		return m
	}
	if found, err := violations(tree()); err != nil || len(found) > 0 {
		t.Fatalf("the clean tree: %q, %v", found, err)
	}
	importing := func(pkg, target string) string {
		return fmt.Sprintf("// Package %s is.\npackage %[1]s\nimport x %q\nvar _ = x.X\n", pkg, target)
	}
	body := func(pkg, target, use string) string {
		return fmt.Sprintf("// Package %s is.\npackage %[1]s\nimport %s\nfunc f() { %s }\n", pkg, target, use)
	}
	for _, tt := range []struct{ file, text, want string }{
		{"collect/x.go", importing("collect", "auditbinder/report/view"), "forbidden arrow to report/view"},
		{"collect/iam/x.go", importing("iam", "auditbinder/report/item"), "forbidden arrow to report/item"},
		{"collect/iam/x.go", importing("iam", "auditbinder/collect/account"), "forbidden arrow to collect/account"},
		{"collect/iam/x.go", importing("iam", "auditbinder/collect/awsconn"), "forbidden arrow to collect/awsconn"},
		{"collect/awsconn/x.go", importing("awsconn", "auditbinder/collect/iam"), "forbidden arrow to collect/iam"},
		{"collect/bundle/x.go", importing("bundle", "auditbinder/collect/awsconn"), "forbidden arrow to collect/awsconn"},
		{"collect/evidence/x.go", importing("evidence", "auditbinder/collect/iam"), "forbidden arrow to collect/iam"},
		{"collect/evidence/x.go", importing("evidence", "github.com/goccy/go-yaml"), "beside the standard library"},
		{"collect/x.go", importing("collect", "auditbinder/cmd/internal/cli"), "forbidden arrow to cmd/internal/cli"},
		{"report/view/x.go", importing("view", "auditbinder/cmd/internal/cli"), "forbidden arrow to cmd/internal/cli"},
		{"report/view/x.go", importing("view", "auditbinder/collect/bundle"), "forbidden arrow to collect/bundle"},
		{"report/view/x.go", importing("view", "auditbinder/collect"), "forbidden arrow to collect"},
		{"report/view/x.go", importing("view", "github.com/aws/aws-sdk-go-v2/aws"), "imports github.com/aws/aws-sdk-go-v2/aws"},
		{"report/view/x.go", importing("view", "github.com/johnfercher/maroto/v2"), "which is for report/pdf"},
		{"report/excel/x.go", importing("excel", "github.com/phpdave11/gofpdf"), "which is for report/pdf"},
		{"report/pdf/x.go", importing("pdf", "github.com/xuri/excelize/v2"), "which is for report/excel"},
		{"report/pdf/x.go", importing("pdf", "auditbinder/report/verdict"), "forbidden arrow to report/verdict"},
		{"report/verdict/x.go", importing("verdict", "net"), "decides from evidence alone"},
		{"report/verdict/x.go", importing("verdict", "net/http"), "decides from evidence alone"},
		{"report/verdict/x.go", importing("verdict", "os"), "decides from evidence alone"},
		{"report/verdict/iampolicy/x.go", importing("iampolicy", "os/exec"), "decides from evidence alone"},
		{"report/verdict/x.go", importing("verdict", "auditbinder/report/pdf"), "forbidden arrow to report/pdf"},
		{"report/verdict/x.go", body("verdict", `"time"`, "time.Now()"), "uses time.Now"},
		{"collect/x.go", body("collect", `clock "time"`, "clock.Sleep(1)"), "uses time.Sleep"},
		{"collect/awsconn/x.go", body("awsconn", `"time"`, "<-time.After(1)"), "uses time.After"},
		{"cmd/auditbinder/x.go", body("main", `"time"`, "time.Now()"), "uses time.Now"},
		{"report/view/x.go", body("view", `"fmt"`, `fmt.Printf("x")`), "uses fmt.Printf"},
		{"report/view/x.go", body("view", `"fmt"; import "os"`, `fmt.Fprintln(os.Stdout)`), "uses os.Stdout"},
		{"report/view/x.go", "// Package view is.\npackage view\nfunc f() { println() }\n", "calls println"},
		{"report/view/x.go", "// Package view is.\npackage view\nfunc init() {}\n", "init function"},
		{"report/view/x.go", "// Package view is.\npackage view\nimport _ \"image/png\"\n", "blank import of image/png"},
		{"report/view/x.go", "// Package view is.\npackage view\nimport . \"time\"\nvar _ = Now()\n", "dot import of time"},
		{"report/view/x.go", "package view\n", "report/view: no package comment"},
		{"cmd/internal/cli/x.go", importing("cli", "auditbinder/collect/sample/fakeaws"), "which is for tests"},
		{"collect/sample/x.go", importing("sample", "auditbinder/collect/sample/fakeaws"), "which is for tests"},
		{"templates/x.go", importing("templates", "auditbinder/fonts"), "forbidden arrow to fonts"},
		{"fonts/x.go", importing("fonts", "auditbinder/templates"), "forbidden arrow to templates"},
		{"report/new/x.go", importing("new", "auditbinder/report/item"), "not in the table of arrows"},
		{"util/x.go", "// Package util is.\npackage util\n", "util: not one of the project's folders"},
	} {
		found, err := violations(tree(tt.file, tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.want, err)
			continue
		}
		if len(found) != 1 || !strings.Contains(found[0], tt.want) {
			t.Errorf("planted %q in %s, found %q", tt.want, tt.file, found)
		}
	}
	if _, err := violations(tree("report/view/x.go", "package view {")); err == nil {
		t.Error("a file that does not parse passes")
	}
}

// The shipped policy allows what a run asks, and nothing more.
func TestPolicyIsWhatIsAsked(t *testing.T) {
	text, err := fs.ReadFile(templates.FS, "policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []map[string]any
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	shipped := map[string]bool{}
	for _, s := range policy.Statement {
		if s["Effect"] != "Allow" || s["Resource"] != "*" || len(s) != 4 {
			t.Errorf("statement %v is not a plain Allow with Sid, Effect, Action and Resource", s)
		}
		actions, ok := s["Action"].([]any)
		if !ok {
			actions = []any{s["Action"]}
		}
		for _, a := range actions {
			if shipped[a.(string)] {
				t.Errorf("%s twice", a)
			}
			shipped[a.(string)] = true
		}
	}
	if got, want := slices.Sorted(maps.Keys(shipped)), collect.Actions(); !slices.Equal(got, want) {
		t.Errorf("policy.json allows\n%q\na run asks\n%q", got, want)
	}
}

// Every judged item's calls are made; a planned item may wait for its own.
func TestCatalogueCallsAreAsked(t *testing.T) {
	catalog, err := item.Default()
	if err != nil {
		t.Fatal(err)
	}
	asked := append(collect.Actions(), awsconn.GetCallerIdentity)
	judged := 0
	for _, it := range catalog.Items {
		if it.Planned {
			continue
		}
		judged++
		for _, e := range it.Evidence {
			if !slices.Contains(asked, e.Call) {
				t.Errorf("%s rests on %s, which no run asks", it.ID, e.Call)
			}
		}
	}
	if judged == 0 {
		t.Error("no item is judged")
	}
}
