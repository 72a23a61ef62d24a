package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"auditbinder/report/item"
	"auditbinder/templates"
)

// catalogEntry is an item as `items --as json` prints it.
type catalogEntry struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Area     string `json:"area"`
	Severity string `json:"severity"`
	Planned  bool   `json:"planned"`
}

func (a *app) itemsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "items", Short: "점검 항목 목록을 표시합니다", Args: noArgs,
		Long: "점검 항목의 코드, 중요도, 영역과 이 판에서 판정하는지를 표시합니다. '예정' 항목은 판정하지 않습니다.",
	}
	a.tableFlags(c.Flags())
	c.RunE = func(*cobra.Command, []string) error {
		if err := a.checkAs(); err != nil {
			return err
		}
		catalog, err := item.Default()
		if err != nil {
			return err
		}
		var entries []catalogEntry
		var rows [][]string
		for _, it := range catalog.Items {
			entries = append(entries, catalogEntry{it.ID, it.Title, it.Area, string(it.Severity), it.Planned})
			state := "판정"
			if it.Planned {
				state = "예정"
			}
			rows = append(rows, []string{it.ID, state, string(it.Severity), it.Area, it.Title})
		}
		if a.as == "json" {
			return a.printJSON(entries)
		}
		table(a.env.Stdout, []string{"코드", "상태", "중요도", "영역", "항목명"}, rows, nil)
		return nil
	}
	return c
}

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "config", Short: "설정 파일을 다룹니다", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	initCommand := &cobra.Command{
		Use: "init", Short: "설명이 달린 설정 파일을 만듭니다", Args: noArgs,
		Long: "현재 디렉터리(또는 -o 디렉터리)에 설명이 달린 auditbinder.yaml을 만듭니다. 예시 값을 기관에 맞게 고쳐 쓰십시오.",
	}
	a.outputFlags(initCommand.Flags())
	initCommand.RunE = func(*cobra.Command, []string) error {
		text, err := fs.ReadFile(templates.FS, "config.yaml")
		if err != nil {
			return fmt.Errorf("read the example configuration: %w", err)
		}
		if err := a.prepare(); err != nil {
			return err
		}
		path := filepath.Join(a.outDir, defaultConfig)
		switch info, err := os.Lstat(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return usagef("설정 파일을 확인할 수 없습니다: %s (%s)", path, cause(err))
		case !info.Mode().IsRegular():
			return usagef("설정 파일 자리에 일반 파일이 아닌 것이 있습니다: %s", path)
		case !a.force:
			return usagef("설정 파일이 이미 있습니다: %s (덮어쓰려면 --force)", path)
		}
		if err := a.placed("설정 파일을", path, text); err != nil {
			return err
		}
		fmt.Fprintln(a.env.Stdout, path)
		return nil
	}
	c.AddCommand(initCommand)
	return c
}

func (a *app) versionCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "version", Short: "판 번호나 소프트웨어 자재 명세서(SBOM)를 출력합니다", Args: noArgs,
		Long: `번들과 보고서에 적히는 것과 같은 이름과 판 번호를 출력합니다.
--as cyclonedx는 이 실행 파일의 빌드 정보로 만든 소프트웨어 자재 명세서(SBOM, CycloneDX 1.5 JSON)를 출력합니다.
같은 실행 파일의 출력은 언제나 같습니다.`,
	}
	c.Flags().StringVar(&a.as, "as", "", "판 번호 대신 쓸 `형식`: "+asCycloneDX)
	c.RunE = func(*cobra.Command, []string) error {
		switch a.as {
		case "":
			_, err := fmt.Fprintln(a.env.Stdout, Program)
			return err
		case asCycloneDX:
			all, info, err := inventory()
			if err != nil {
				return err
			}
			return a.printJSON(billOfMaterials(all, info))
		}
		return usagef("--as의 형식이 아님: %q (사용할 수 있는 값: %s)", a.as, asCycloneDX)
	}
	return c
}
