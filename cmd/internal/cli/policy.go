package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"auditbinder/templates"
)

// policyForms are the values of policy's --as. All but the document itself are
// templates around it.
var policyForms = []string{"json", "cloudformation", "terraform"}

func (a *app) policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "policy", Short: "필요한 최소 권한 IAM 정책을 출력합니다", Args: noArgs,
		Long: `수집에 필요한 읽기 권한만 담은 IAM 정책을 출력합니다. sts:GetCallerIdentity는 권한이 필요 없어 들어 있지 않습니다.
--as cloudformation과 --as terraform은 같은 문서로 관리형 정책을 만들고, 지정한 역할에 연결하는 템플릿입니다.
정책을 붙인 뒤에는 'auditbinder doctor'로 거부되는 호출이 없는지 확인할 수 있습니다.`,
	}
	c.Flags().StringVar(&a.as, "as", "", "출력 `형식`: json(기본), cloudformation, terraform")
	c.RunE = func(*cobra.Command, []string) error {
		if a.as != "" && !slices.Contains(policyForms, a.as) {
			return usagef("--as의 형식이 아님: %q (사용할 수 있는 값: %s)", a.as, strings.Join(policyForms, ", "))
		}
		text, err := policyAs(a.as)
		if err != nil {
			return err
		}
		_, err = a.env.Stdout.Write(text)
		return err
	}
	return c
}

// policyAs is the policy in a form of policyForms; empty: the document itself.
func policyAs(form string) ([]byte, error) {
	document, err := fs.ReadFile(templates.FS, "policy.json")
	if err != nil {
		return nil, fmt.Errorf("read the IAM policy: %w", err)
	}
	if form == "" || form == "json" {
		return document, nil
	}
	name := "policy." + form + ".tmpl"
	around, err := template.New(name).Funcs(template.FuncMap{"indent": indent}).ParseFS(templates.FS, name)
	if err != nil {
		return nil, fmt.Errorf("parse the policy's template: %w", err)
	}
	var out bytes.Buffer
	if err := around.Execute(&out, struct{ Policy string }{string(document)}); err != nil {
		return nil, fmt.Errorf("put the policy into its template: %w", err)
	}
	return out.Bytes(), nil
}

// indent moves every line but the first to the right.
func indent(n int, text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+strings.Repeat(" ", n))
}
