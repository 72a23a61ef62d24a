package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The help is our own: cobra's and pflag's layouts mix in English and align by
// letters, where Hangul takes two cells.

const exitCodeHelp = `종료 코드:
  0 작업을 마침(판정과 무관)   1 작업을 하지 못함   2 사용법 오류
  3 마쳤으나 점검 불가 항목 있음   4 --fail-on vulnerable 지정 시 취약 항목 있음(3보다 우선)
`

func printHelp(w io.Writer, c *cobra.Command) {
	about := c.Long
	if about == "" {
		about = c.Short
	}
	fmt.Fprintf(w, "%s\n\n사용법:\n  %s\n", about, usageLine(c))
	var subs [][2]string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			subs = append(subs, [2]string{sub.Name(), sub.Short})
		}
	}
	printPairs(w, "명령", subs)
	var flags [][2]string
	c.LocalFlags().VisitAll(func(f *pflag.Flag) { flags = append(flags, flagHelp(f)) })
	printPairs(w, "옵션", flags)
	fmt.Fprintf(w, "\n%s", exitCodeHelp)
}

// usageLine is the command with what follows it: auditbinder report 번들 [옵션].
func usageLine(c *cobra.Command) string {
	line := c.Use
	if c.HasParent() {
		line = c.Parent().CommandPath() + " " + line
	}
	if c.HasAvailableSubCommands() {
		line += " 명령"
	}
	return line + " [옵션]"
}

func flagHelp(f *pflag.Flag) [2]string {
	value, about := pflag.UnquoteUsage(f)
	name := "    --" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", --" + f.Name
	}
	if value != "" {
		name += " " + value
	}
	return [2]string{name, about}
}

// printPairs prints a headed list of names and what they mean, aligned.
func printPairs(w io.Writer, head string, pairs [][2]string) {
	if len(pairs) == 0 {
		return
	}
	width := 0
	for _, p := range pairs {
		width = max(width, widths.StringWidth(p[0]))
	}
	fmt.Fprintf(w, "\n%s:\n", head)
	for _, p := range pairs {
		fmt.Fprintf(w, "  %s%s   %s\n", p[0], strings.Repeat(" ", width-widths.StringWidth(p[0])), p[1])
	}
}

// helpCommand is `auditbinder help [명령]`, the same text as --help.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help", Short: "명령의 도움말을 표시합니다", Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("알 수 없는 명령: %q ('%s --help' 참고)", strings.Join(args, " "), root.Name())
			}
			return c.Help()
		},
	}
}
