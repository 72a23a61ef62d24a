package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"auditbinder/report/verdict"
	"auditbinder/report/view"
)

// progress reports on stderr: one rewritten line on a terminal, plain lines
// elsewhere, nothing with --quiet.
type progress struct {
	w        io.Writer
	terminal bool
	open     bool
}

func (a *app) progress() *progress {
	p := &progress{w: a.env.Stderr, terminal: a.env.Terminal}
	if a.quiet {
		p.w = io.Discard
	}
	return p
}

func (p *progress) step(n, of int, title string) {
	p.note(fmt.Sprintf("[%d/%d] %s 조회 완료", n, of, title))
}

func (p *progress) note(text string) {
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s …", text)
		p.open = true
		return
	}
	fmt.Fprintln(p.w, text)
}

func (p *progress) done() {
	if p.open {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.open = false
	}
}

// column widths follow the terminal's: Hangul takes two cells.
var widths = &runewidth.Condition{EastAsianWidth: false}

// table prints rows under a head; paint colours a cell after padding.
func table(w io.Writer, head []string, rows [][]string, paint func(row, col int, text string) string) {
	max := make([]int, len(head))
	all := append([][]string{head}, rows...)
	for _, r := range all {
		for i, c := range r {
			if n := widths.StringWidth(c); n > max[i] {
				max[i] = n
			}
		}
	}
	for i, r := range all {
		var line strings.Builder
		for j, c := range r {
			pad := strings.Repeat(" ", max[j]-widths.StringWidth(c)+2)
			if i > 0 && paint != nil {
				c = paint(i-1, j, c)
			}
			line.WriteString(c + pad)
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

var ansi = map[string]string{
	string(verdict.Good): "32", string(verdict.Vulnerable): "31", string(verdict.Interview): "33",
	string(verdict.NA): "90", string(verdict.Unknown): "35",
}

// printResult prints the verdict table and where everything was written.
func (a *app) printResult(doc view.Document, written []string) error {
	out := a.env.Stdout
	if a.as == "json" {
		return a.printJSON(doc)
	}
	head := []string{"코드", "자동판정"}
	answered := slices.ContainsFunc(doc.Items, func(it view.DocumentItem) bool { return it.FinalVerdict != nil })
	if answered {
		head = append(head, "최종판정")
	}
	rows := make([][]string, 0, len(doc.Items))
	for _, it := range doc.Items {
		row := []string{it.ID, view.Word(verdict.Verdict(it.AutoVerdict)).Word}
		if answered {
			row = append(row, view.Word(verdict.Verdict(orEmpty(it.FinalVerdict))).Word)
		}
		rows = append(rows, append(row, it.Severity, fmt.Sprintf("%d/%d", it.Counts.Vulnerable, it.Counts.Checked), it.Title))
	}
	table(out, append(head, "중요도", "취약/점검", "항목명"), rows, func(row, col int, text string) string {
		it := doc.Items[row]
		id := map[int]string{1: it.AutoVerdict}
		if answered {
			id[2] = orEmpty(it.FinalVerdict)
		}
		if id[col] == "" || !a.env.Color || a.noColor {
			return text
		}
		return "\x1b[" + ansi[id[col]] + "m" + text + "\x1b[0m"
	})
	for _, it := range doc.Items {
		if it.AutoVerdict == string(verdict.Unknown) {
			fmt.Fprintf(out, "\n%s: %s\n", it.ID, it.Reason)
		}
	}
	fmt.Fprintf(out, "\n계정 %s, 수집 %s, API 호출 %d회(재시도 %d회)\n", doc.Account.ID, doc.CollectedAt, doc.APICalls.Total, doc.APICalls.Retries)
	fmt.Fprintf(out, "bundleDigest %s\n", doc.BundleDigest)
	if doc.Simulated {
		fmt.Fprintln(out, "모의 환경 수집분이므로 제출할 수 없습니다.")
	}
	for _, path := range written {
		fmt.Fprintln(out, "  "+path)
	}
	return nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.env.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}
