package iampolicy

import (
	"strings"
	"testing"
)

func TestCovers(t *testing.T) {
	tests := []struct {
		pattern, other string
		covers, meets  bool
	}{
		{"*", "*", true, true},
		{"*", "", true, true},
		{"", "", true, true},
		{"", "a", false, false},
		{"a", "a", true, true},
		{"a", "A", false, false},
		{"?", "a", true, true},
		{"?", "*", false, true},
		{"?*", "*", false, true},
		{"**", "*", true, true},
		{"a*", "*", false, true},
		{"a*", "b*", false, false},
		{"a*", "abc*", true, true},
		{"a*c", "abc*", false, true},
		{"a*c", "*b", false, false},
		{"*b*", "a?b*", true, true},
		{"a?c", "a?c", true, true},
		{"abc", "a?c", false, true},
		{"*a*a*a", "aaaa", true, true},
		{"*a*a*a", "aa", false, false},
		{"*ab", "aab", true, true},
		{"*?", "?*", false, true}, // it does, but that is not worth knowing
	}
	for _, tt := range tests {
		if got := covers(tt.pattern, tt.other); got != tt.covers {
			t.Errorf("covers(%q, %q) = %v", tt.pattern, tt.other, got)
		}
		if overlap(tt.pattern, tt.other) != tt.meets || overlap(tt.other, tt.pattern) != tt.meets {
			t.Errorf("overlap(%q, %q) is not %v both ways", tt.pattern, tt.other, tt.meets)
		}
	}
}

func TestOverlapAgainstBruteForce(t *testing.T) {
	const letters = "ab*?"
	var patterns, texts []string
	var grow func(s string, alphabet string, n int, out *[]string)
	grow = func(s, alphabet string, n int, out *[]string) {
		*out = append(*out, s)
		if n == 0 {
			return
		}
		for _, c := range alphabet {
			grow(s+string(c), alphabet, n-1, out)
		}
	}
	grow("", letters, 3, &patterns)
	grow("", "ab", 6, &texts)
	matches := map[string]map[string]bool{}
	for _, p := range patterns {
		matches[p] = map[string]bool{}
		for _, s := range texts {
			if covers(p, s) {
				matches[p][s] = true
			}
		}
	}
	for _, a := range patterns {
		for _, b := range patterns {
			common, within := false, true
			for s := range matches[b] {
				common = common || matches[a][s]
				within = within && matches[a][s]
			}
			if got := overlap(a, b); got != common {
				t.Fatalf("overlap(%q, %q) = %v", a, b, got)
			}
			if covers(a, b) && !within {
				t.Fatalf("covers(%q, %q) though some text matches the second alone", a, b)
			}
		}
	}
}

func TestCoversResource(t *testing.T) {
	const instance = "arn:aws:ec2:ap-northeast-2:123456789012:instance/i-1"
	tests := []struct {
		pattern, resource string
		want              bool
	}{
		{"*", instance, true},
		{"*", "*", true},
		{"", instance, false},
		{"arn:*", "*", false},
		{"arn:aws:ec2:*:*:instance/*", instance, true},
		{"arn:aws:ec2:*:123456789012:instance/i-?", instance, true},
		{"arn:aws:ec2:us-east-1:*:instance/*", instance, false},
		{"arn:aws:ec2:*:*:Instance/*", instance, false},
		{"arn:aws:ec2:*instance/*", instance, false}, // a wildcard across colons is not relied on
		{"arn:aws:ec2:*:*:instance/${aws:username}", instance, false},
		{"arn:aws:sns:*:*:a:*", "arn:aws:sns:us-east-1:1:a:b", true},
		{"name", "name", true},
		{"name", "other", false},
	}
	for _, tt := range tests {
		if got := coversResource(tt.pattern, tt.resource); got != tt.want {
			t.Errorf("coversResource(%q, %q) = %v", tt.pattern, tt.resource, got)
		}
	}
}

func TestWiden(t *testing.T) {
	for in, want := range map[string]string{
		"a": "a", "${x}": "*", "a${x}b${y}": "a*b*", "a${x": "a${x", "${${x}}": "*}",
		strings.Repeat("${x}", 3): "***",
	} {
		if got := widen(in); got != want {
			t.Errorf("widen(%q) = %q", in, got)
		}
	}
}

func TestList(t *testing.T) {
	if got := list([]string{"a", "b", "c", "d", "e", "f"}); got != "a, b, c, d, e 등 6개" {
		t.Error(got)
	}
}
