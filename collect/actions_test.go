package collect_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"auditbinder/collect"
	"auditbinder/collect/awsconn"
)

// sdkServices are the SDK's clients by the last part of their import path, with
// the prefix of the service's actions.
var sdkServices = map[string]struct {
	prefix string
	client reflect.Type
}{
	"account": {"account", reflect.TypeFor[*account.Client]()}, "cloudtrail": {"cloudtrail", reflect.TypeFor[*cloudtrail.Client]()},
	"cloudwatch": {"cloudwatch", reflect.TypeFor[*cloudwatch.Client]()}, "cloudwatchlogs": {"logs", reflect.TypeFor[*cloudwatchlogs.Client]()},
	"ec2": {"ec2", reflect.TypeFor[*ec2.Client]()}, "eventbridge": {"events", reflect.TypeFor[*eventbridge.Client]()},
	"iam": {"iam", reflect.TypeFor[*iam.Client]()}, "organizations": {"organizations", reflect.TypeFor[*organizations.Client]()},
	"signin": {"signin", reflect.TypeFor[*signin.Client]()}, "sns": {"sns", reflect.TypeFor[*sns.Client]()},
	"ssm": {"ssm", reflect.TypeFor[*ssm.Client]()}, "sts": {"sts", reflect.TypeFor[*sts.Client]()},
}

const sdkService = "github.com/aws/aws-sdk-go-v2/service/"

// ownIdentity is asked without any permission.
var _, ownIdentity, _ = strings.Cut(awsconn.GetCallerIdentity, ":")

// connectors build clients; no other package has more of one than its own narrow
// interface.
var connectors = []string{".", "awsconn"}

// reachable reads from the source what the packages below collect can ask of AWS:
// the methods of the interfaces through which the service packages hold their
// clients. problems are ways round these interfaces, and methods that nobody calls.
func reachable(fsys fs.FS) (actions, problems []string, err error) {
	files := map[string][]*ast.File{} // by folder
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "fakeaws"): // for tests
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		files[path.Dir(name)] = append(files[path.Dir(name)], file)
		return err
	})
	operations := map[string]bool{} // of any client
	for _, s := range sdkServices {
		for m := range s.client.Methods() {
			operations[m.Name] = true
		}
	}
	delete(operations, "Options")
	found := map[string]bool{}
	var direct []string // called where the clients are made
	for _, dir := range slices.Sorted(maps.Keys(files)) {
		problem := func(format string, args ...any) {
			problems = append(problems, dir+": "+fmt.Sprintf(format, args...))
		}
		held, called := map[string]bool{}, map[string]bool{}
		for _, file := range files[dir] {
			sdk, packages := map[string]string{}, map[string]bool{} // name in the file -> service; all imports' names
			for _, spec := range file.Imports {
				target, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return nil, nil, err
				}
				name := path.Base(target)
				if spec.Name != nil {
					name = spec.Name.Name
				}
				packages[name] = true
				service, ok := strings.CutPrefix(target, sdkService)
				if !ok || strings.Contains(service, "/") { // types and schemas ask nothing
					continue
				}
				if _, known := sdkServices[service]; !known {
					problem("imports the client of %s", service)
				}
				sdk[name] = service
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.InterfaceType:
					for _, m := range n.Methods.List {
						if service, operation := operationOf(m, sdk); operation != "" {
							found[sdkServices[service].prefix+":"+operation], held[operation] = true, true
						}
					}
					return false
				case *ast.SelectorExpr:
					name := n.Sel.Name
					pkg, ok := n.X.(*ast.Ident)
					switch imported := ok && packages[pkg.Name] && pkg.Obj == nil; {
					case !imported && operations[name]:
						called[name] = true
					case imported && sdk[pkg.Name] != "" && (strings.HasPrefix(name, "New") || name == "Client") && !slices.Contains(connectors, dir):
						problem("uses %s.%s beside its interface", pkg.Name, name)
					}
				}
				return true
			})
		}
		for operation := range held {
			if !called[operation] {
				problem("never calls %s", operation)
			}
		}
		for operation := range called {
			switch {
			case slices.Contains(connectors, dir): // no interface there: judged when all actions are known
				direct = append(direct, operation)
			case !held[operation]:
				problem("calls %s, which its interface lacks", operation)
			}
		}
	}
	for _, operation := range direct {
		if operation != ownIdentity && !slices.ContainsFunc(slices.Collect(maps.Keys(found)), func(action string) bool { return strings.HasSuffix(action, ":"+operation) }) {
			problems = append(problems, "collect calls "+operation+", which no collector has")
		}
	}
	slices.Sort(problems)
	return slices.Sorted(maps.Keys(found)), problems, err
}

// operationOf reads a method of the form Operation(context, *service.OperationInput, …).
func operationOf(m *ast.Field, sdk map[string]string) (service, operation string) {
	fn, ok := m.Type.(*ast.FuncType)
	if !ok || len(m.Names) != 1 || len(fn.Params.List) < 2 {
		return "", ""
	}
	star, ok := fn.Params.List[1].Type.(*ast.StarExpr)
	if !ok {
		return "", ""
	}
	in, ok := star.X.(*ast.SelectorExpr)
	if !ok || in.Sel.Name != m.Names[0].Name+"Input" {
		return "", ""
	}
	pkg, ok := in.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return sdk[pkg.Name], m.Names[0].Name
}

// The actions that are listed, and with them the allow-list and the policy, are
// those that the collectors' code can ask: none more, none less.
func TestActionsAreWhatTheCodeCanAsk(t *testing.T) {
	found, problems, err := reachable(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	if want := collect.Actions(); !slices.Equal(found, want) {
		t.Errorf("the code can ask\n%q\nlisted are\n%q", found, want)
	}
}

// Each way in which the code could ask more or less is seen.
func TestReachableCatches(t *testing.T) {
	const clean = `package iam
import ("context"; "github.com/aws/aws-sdk-go-v2/service/iam")
type api interface { GetAccountSummary(context.Context, *iam.GetAccountSummaryInput, ...func(*iam.Options)) (*iam.GetAccountSummaryOutput, error) }
func Collect(ctx context.Context, client api) { client.GetAccountSummary(ctx, nil) }
`
	for name, tt := range map[string]struct {
		text    string
		actions []string
		problem string
		root    string // a file where the clients are made
	}{
		"clean":                     {clean, []string{"iam:GetAccountSummary"}, "", ""},
		"nobody calls it":           {strings.Replace(clean, "client.GetAccountSummary(ctx, nil)", "", 1), []string{"iam:GetAccountSummary"}, "never calls GetAccountSummary", ""},
		"a paginator":               {clean + "var _ = iam.NewListUsersPaginator\n", []string{"iam:GetAccountSummary"}, "uses iam.NewListUsersPaginator beside", ""},
		"the whole client":          {clean + "func more(c *iam.Client) { c.ListUsers(nil, nil) }\n", []string{"iam:GetAccountSummary"}, "uses iam.Client beside", ""},
		"an interface of another's": {clean + "func more(c interface{ X() }) { c.(other).ListUsers(nil, nil) }\n", []string{"iam:GetAccountSummary"}, "calls ListUsers, which", ""},
		"a method value":            {clean + "func more(c other) { run(c.ListUsers) }\n", []string{"iam:GetAccountSummary"}, "calls ListUsers, which", ""},
		"another service":           {strings.Replace(clean, `"context";`, `"context"; s3 "github.com/aws/aws-sdk-go-v2/service/s3";`, 1), []string{"iam:GetAccountSummary"}, "imports the client of s3", ""},
		"called where the client is made": {clean, []string{"iam:GetAccountSummary"}, "calls ListUsers, which no collector has",
			"package collect\nimport \"github.com/aws/aws-sdk-go-v2/service/iam\"\nfunc x() { iam.NewFromConfig(c).ListUsers(nil, nil) }\n"},
		"one more, embedded": {strings.ReplaceAll(strings.Replace(clean, "type api interface {", "type more interface { ListUsers(context.Context, *iam.ListUsersInput) (*iam.ListUsersOutput, error) }\ntype api interface { more;", 1),
			"{ client.", "{ client.ListUsers(ctx, nil); client."), []string{"iam:GetAccountSummary", "iam:ListUsers"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{"iam/iam.go": {Data: []byte(tt.text)}}
			if tt.root != "" {
				files["collect.go"] = &fstest.MapFile{Data: []byte(tt.root)}
			}
			found, problems, err := reachable(files)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(found, tt.actions) {
				t.Errorf("actions %q", found)
			}
			if tt.problem == "" && len(problems) > 0 || tt.problem != "" && !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, tt.problem) }) {
				t.Errorf("problems %q", problems)
			}
		})
	}
}

// Every action is one that some account makes a run ask.
func TestEveryActionIsAskedInSomeAccount(t *testing.T) {
	sent := map[string]bool{}
	below := full()
	below.Organization = member().Organization
	for _, c := range newBench(t, below).clean().Recording.Calls {
		sent[c.Action()] = true
	}
	delete(sent, awsconn.GetCallerIdentity)
	if got := slices.Sorted(maps.Keys(sent)); !slices.Equal(got, collect.Actions()) {
		t.Errorf("asked %q\nlisted %q", got, collect.Actions())
	}
}
