package strictyaml

import (
	"strings"
	"testing"
)

// Only the catalogue and the configuration use this package, and their tests
// name its refusals one by one. Here stands what no real file shows.

type sample struct {
	Name string            `yaml:"name"`
	Days int               `yaml:"days"`
	On   Date              `yaml:"on"`
	List []string          `yaml:"list"`
	Map  map[string]string `yaml:"map"`
}

// The largest inputs that are let through come back, as an error of one line where
// they are no string.
func TestLargestInputsEnd(t *testing.T) {
	for _, text := range []string{"a: b\n", "a:\n", "- a\n", "? a\n", "a: |\n", "!a ", "&a ", "*a ", "- ", "'", "a,", " ", "x: y "} {
		for _, start := range []string{"", "name: ", "list: [", "name: '", "name: |\n  "} {
			times := (maxFileSize - len(start)) / len(text)
			if strings.Contains(text, "\n") {
				times = min(times, maxLines-1)
			}
			_, err := Decode("f", []byte(start+strings.Repeat(text, times)), &sample{})
			if err == nil && !strings.HasPrefix(start, "name: ") || err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("%q then %q: %v", start, text, err)
			}
		}
	}
}

func TestLargerInputsAreRefusedUnread(t *testing.T) {
	for name, text := range map[string]string{
		"bytes": strings.Repeat(" ", maxFileSize+1), "lines": strings.Repeat("\n", maxLines+1), "depth": strings.Repeat("[", maxNesting+1),
	} {
		if _, err := Decode("f", []byte(text), &sample{}); err == nil || !strings.Contains(err.Error(), "너무") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is given stands over what was there; what is not given stays.
func TestDecodeKeepsWhatIsNotGiven(t *testing.T) {
	s := sample{Name: "before", Days: 7}
	if _, err := Decode("f", []byte("days: 9\non: 2026-02-28\nmap: {k: \"1\"}\n"), &s); err != nil {
		t.Fatal(err)
	}
	if s.Name != "before" || s.Days != 9 || s.On.String() != "2026-02-28" || s.Map["k"] != "1" {
		t.Errorf("%+v", s)
	}
}

func TestDates(t *testing.T) {
	for _, bad := range []string{"2026-02-29", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z", ""} {
		if _, err := ParseDate(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	leap, err := ParseDate("2028-02-29")
	if err != nil || leap.AddDays(1).String() != "2028-03-01" {
		t.Errorf("%v %v", leap, err)
	}
}
