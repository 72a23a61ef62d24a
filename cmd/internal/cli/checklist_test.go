package cli_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect"
	"auditbinder/collect/awsconn"
)

var (
	checklistEntry  = regexp.MustCompile(`^### (L-\d\d) \[[^]]+\] \S`)
	checklistAction = regexp.MustCompile("^\\| `([a-z0-9-]+:[A-Za-z0-9]+)` \\| ([^|]*) \\|")
	checklistPlace  = regexp.MustCompile("`([A-Za-z0-9_/.-]+\\.(?:go|ya?ml|json|md))(?::([A-Za-z0-9_]+))?`")
	checklistID     = regexp.MustCompile(`L-\d\d`)
)

// checklistParts are the lines of every entry, in order.
var checklistParts = []string{"사실", "근거", "확인", "틀리면", "기록"}

// checklist says what is wrong with the list of facts that only a real account can
// settle: its form, the actions that it must speak of, the places that it names.
func checklist(text string, actions []string, tree fs.FS) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	var entries []string
	rows := map[string]string{}
	part := len(checklistParts) // the next one of the entry
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		m := checklistEntry.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "#") && part < len(checklistParts):
			say("%s lacks %q", entries[len(entries)-1], checklistParts[part])
			fallthrough
		case strings.HasPrefix(line, "#"):
			part = len(checklistParts)
		}
		switch {
		case m != nil:
			entries, part = append(entries, m[1]), 0
			if want := fmt.Sprintf("L-%02d", len(entries)); m[1] != want {
				say("%s stands where %s should", m[1], want)
			}
		case strings.HasPrefix(line, "### "):
			say("%q is no entry", line)
		case part < len(checklistParts) && strings.HasPrefix(line, "- "):
			if !strings.HasPrefix(line, "- "+checklistParts[part]+": ") {
				say("%s: %q where %q should stand", entries[len(entries)-1], line, checklistParts[part])
			}
			if checklistParts[part] == "틀리면" && !checklistPlace.MatchString(line) {
				say("%s names no place in the code", entries[len(entries)-1])
			}
			part++
		}
		if m := checklistAction.FindStringSubmatch(line); m != nil {
			rows[m[1]] = m[2]
		}
		for _, m := range checklistPlace.FindAllStringSubmatch(line, -1) {
			if !strings.Contains(m[1], "/") {
				continue // a file of a bundle
			}
			source, err := fs.ReadFile(tree, m[1])
			if err != nil || !regexp.MustCompile(`\b`+m[2]+`\b`).Match(source) {
				say("%s: no such place", m[0])
			}
		}
	}
	if got := slices.Sorted(maps.Keys(rows)); !slices.Equal(got, actions) {
		say("the table has the actions\n%q\na run asks\n%q", got, actions)
	}
	for action, ids := range rows {
		if !checklistID.MatchString(ids) {
			say("%s is checked by no entry", action)
		}
	}
	for _, id := range checklistID.FindAllString(text, -1) {
		if !slices.Contains(entries, id) {
			say("there is no %s", id)
		}
	}
	return out
}

// Whoever asks a new action says what of it only a real account can settle.
func TestLiveChecklist(t *testing.T) {
	tree := os.DirFS("../../..")
	text, err := fs.ReadFile(tree, "docs/live-aws-checklist.md")
	if err != nil {
		t.Fatal(err)
	}
	actions := slices.Sorted(slices.Values(append(collect.Actions(), awsconn.GetCallerIdentity)))
	for _, p := range checklist(string(text), actions, tree) {
		t.Error(p)
	}

	// The check itself notices what it is for.
	for name, change := range map[string][2]string{
		"a new action":      {"(?m)^. `iam:GetAccountSummary` .*\n", ""},
		"a renamed place":   {"retry.go:paces`", "retry.go:gone`"},
		"a lost entry":      {"### L-07 ", "### L-08 "},
		"a lost line":       {"- 근거: .*\n", ""},
		"no record":         {"- 기록: .*\n\n## 부록", "\n## 부록"},
		"an unchecked call": {"(`ec2:DescribeImages` .) L[^|]*", "$1 "},
	} {
		broken := regexp.MustCompile(change[0]).ReplaceAllString(string(text), change[1])
		if broken == string(text) || len(checklist(broken, actions, tree)) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}
