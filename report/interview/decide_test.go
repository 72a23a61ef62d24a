package interview

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// itemOf reads 'a=interview b=unknown': its findings; auto is its automatic verdict.
func itemOf(auto, findings string) Item {
	it := Item{ID: "EC2-01", Title: "제목", Auto: auto, Reason: "항목 근거"}
	for pair := range strings.FieldsSeq(findings) {
		resource, status, _ := strings.Cut(pair, "=")
		it.Findings = append(it.Findings, Finding{resource, status, resource + " 근거"})
	}
	return it
}

// answersOf reads 'a=good =vulnerable b=': answers by resource; the one without is the item's.
func answersOf(answers string) []Answer {
	var out []Answer
	for pair := range strings.FieldsSeq(answers) {
		resource, verdict, _ := strings.Cut(pair, "=")
		out = append(out, Answer{Item: "EC2-01", Resource: resource, Text: "답변", Verdict: verdict})
	}
	return out
}

func described(d Decision) string {
	var parts []string
	for _, r := range slices.Sorted(maps.Keys(d.Findings)) {
		parts = append(parts, r+"="+d.Findings[r])
	}
	return fmt.Sprintf("final %q, settled [%s], open %q", d.Final, strings.Join(parts, " "), d.Open)
}

func TestDecide(t *testing.T) {
	tests := []struct {
		name                    string
		auto, findings, answers string
		want                    string
	}{
		{"nobody judged a good item", "good", "a=good", "", `final "", settled [], open []`},
		{"nobody judged a vulnerable item", "vulnerable", "a=vulnerable", "", `final "", settled [], open []`},
		{"nobody judged an open item", "interview", "a=interview b=good", "", `final "", settled [], open ["a"]`},
		{"an answer without a verdict", "interview", "a=interview", "a=", `final "", settled [], open ["a"]`},
		{"an odd verdict", "interview", "a=interview", "a=interview", `final "", settled [], open ["a"]`},
		{"a Korean word", "interview", "a=interview", "a=양호", `final "good", settled [a=good], open []`},

		{"every finding answered", "interview", "a=interview b=interview c=good", "a=good b=na", `final "good", settled [a=good b=na], open []`},
		{"one left", "interview", "a=interview b=interview", "b=good", `final "", settled [b=good], open ["a"]`},
		{"one vulnerable, one left", "interview", "a=interview b=interview", "b=vulnerable", `final "", settled [b=vulnerable], open ["a"]`},
		{"purpose unclear for one day", "interview", "a=interview b=interview", "a=good b=vulnerable", `final "vulnerable", settled [a=good b=vulnerable], open []`},
		{"all not applicable", "interview", "a=interview", "a=na", `final "na", settled [a=na], open []`},
		{"answer about a resource the item does not have", "interview", "a=interview", "x=good", `final "", settled [], open ["a"]`},
		{"only a stranger answered", "good", "a=good", "x=vulnerable", `final "", settled [], open []`},

		{"item-level answer", "interview", "a=interview b=interview c=good", "=good", `final "good", settled [a=good b=good], open []`},
		{"item-level vulnerable", "interview", "a=interview b=interview c=good", "=vulnerable", `final "vulnerable", settled [a=vulnerable b=vulnerable], open []`},
		{"a finding's own answer stands over the item's", "interview", "a=interview b=interview", "=good a=vulnerable", `final "vulnerable", settled [a=vulnerable b=good], open []`},
		{"the order of answers does not matter", "interview", "a=interview b=interview", "a=vulnerable =good", `final "vulnerable", settled [a=vulnerable b=good], open []`},
		{"item-level answer leaves a vulnerable finding", "vulnerable", "a=vulnerable b=interview", "=good", `final "vulnerable", settled [b=good], open []`},
		{"item-level answer leaves an unknown finding", "unknown", "a=unknown b=interview", "=good", `final "", settled [b=good], open ["a"]`},
		{"unknown finding with an answer of its own", "unknown", "a=unknown b=interview", "=good a=good", `final "good", settled [a=good b=good], open []`},
		{"item-level vulnerable cannot close unknown findings", "unknown", "a=unknown", "=vulnerable", `final "", settled [], open ["a"]`},
		{"two answers about one target", "interview", "a=interview", "a=vulnerable a=good", `final "vulnerable", settled [a=vulnerable], open []`},

		{"unknown item without findings", "unknown", "", "", `final "", settled [], open [""]`},
		{"unknown item without findings, answered", "unknown", "", "=good", `final "good", settled [], open []`},
		{"unknown item without findings, vulnerable", "unknown", "", "=vulnerable", `final "vulnerable", settled [], open []`},
		{"unknown item with good findings only", "unknown", "a=good", "", `final "", settled [], open [""]`},
		{"a good finding answered does not close an unknown item", "unknown", "a=good", "a=good", `final "", settled [a=good], open [""]`},
		{"unknown item with good findings only, answered na", "unknown", "a=good", "=na", `final "good", settled [], open []`},
		{"unknown item with an interview finding", "unknown", "a=interview", "a=good", `final "", settled [a=good], open [""]`},
		{"unknown item with an interview finding, one answer for both", "unknown", "a=interview", "=good", `final "good", settled [a=good], open []`},
		{"odd automatic verdict", "", "a=good", "a=good", `final "", settled [a=good], open [""]`},
		{"odd status of a finding", "good", "a=양호", "=good", `final "", settled [], open ["a"]`},

		{"vulnerable finding overruled", "vulnerable", "a=vulnerable b=good", "a=good", `final "good", settled [a=good], open []`},
		{"one of two vulnerable findings overruled", "vulnerable", "a=vulnerable b=vulnerable", "a=good", `final "vulnerable", settled [a=good], open []`},
		{"good finding overruled", "good", "a=good b=good", "b=vulnerable", `final "vulnerable", settled [b=vulnerable], open []`},
		{"vulnerable item overruled as a whole", "vulnerable", "a=vulnerable b=good", "=good", `final "good", settled [], open []`},
		{"vulnerable item overruled as not applicable", "vulnerable", "a=vulnerable b=good", "=na", `final "na", settled [], open []`},
		{"good item overruled as a whole", "good", "a=good", "=vulnerable", `final "vulnerable", settled [], open []`},
		{"item without findings overruled", "na", "", "=good", `final "good", settled [], open []`},
		{"overruling does not close an unknown finding", "vulnerable", "a=vulnerable b=unknown", "=good", `final "", settled [], open ["b"]`},
		{"overruling after the unknown finding is answered", "vulnerable", "a=vulnerable b=unknown", "=good b=good", `final "good", settled [b=good], open []`},
		{"overruling does not hide a person's vulnerable", "vulnerable", "a=vulnerable b=good", "=good b=vulnerable", `final "vulnerable", settled [b=vulnerable], open []`},
		{"item-level vulnerable over answered unknown findings", "unknown", "a=unknown", "=vulnerable a=good", `final "vulnerable", settled [a=good], open []`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := described(Decide(itemOf(test.auto, test.findings), answersOf(test.answers))); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestDecideIgnoresOtherItems(t *testing.T) {
	other := Answer{Item: "EC2-02", Verdict: Good}
	if d := Decide(itemOf("interview", "a=interview"), []Answer{other}); d.Final != "" || len(d.Open) != 1 {
		t.Errorf("%+v", d)
	}
}

// What is missing beside the findings stays open though a finding says why the item
// is vulnerable or unknown.
func TestDecideIncompleteItem(t *testing.T) {
	tests := []struct{ name, auto, findings, answers, want string }{
		{"vulnerable, overruled by resource", "vulnerable", "a=vulnerable", "a=good", `final "", settled [a=good], open [""]`},
		{"unknown, answered by resource", "unknown", "a=unknown", "a=good", `final "", settled [a=good], open [""]`},
		{"unknown, answered twice", "unknown", "a=unknown", "a=good =good", `final "good", settled [a=good], open []`},
		{"vulnerable, answered for the item alone", "vulnerable", "a=vulnerable", "=good", `final "vulnerable", settled [], open []`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			it := itemOf(test.auto, test.findings)
			it.Incomplete = true
			if got := described(Decide(it, answersOf(test.answers))); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Whatever is answered: nothing open, or no final verdict; no 양호 over an unknown
// finding without an answer of its own, nor over a person's 취약.
func TestDecideNeverPassesWhatIsOpen(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	order := []string{"vulnerable", "unknown", "interview", "good", "na"}
	verdicts := []string{"", "good", "vulnerable", "na", "interview", "양호"}
	finals := map[string]int{}
	for range 50_000 {
		it := Item{ID: "EC2-01", Auto: "na", Incomplete: random.IntN(8) == 0}
		present := map[string]bool{"unknown": random.IntN(8) == 0}
		for i := range random.IntN(4) {
			f := Finding{Resource: string(rune('a' + i)), Status: order[random.IntN(len(order))]}
			present[f.Status] = true
			it.Findings = append(it.Findings, f)
		}
		if i := slices.IndexFunc(order, func(v string) bool { return present[v] }); i >= 0 {
			it.Auto = order[i]
		}
		var answers []Answer
		own := map[string]string{}
		for _, resource := range []string{"", "a", "b", "c", "x"} {
			if random.IntN(2) == 0 {
				v := verdicts[random.IntN(len(verdicts))]
				answers = append(answers, Answer{Item: it.ID, Resource: resource, Verdict: v})
				own[resource], _ = VerdictID(v)
			}
		}
		d := Decide(it, answers)
		finals[d.Final]++
		fail := func(what string) { t.Fatalf("%s: %+v answered %+v: %s", what, it, own, described(d)) }
		if len(d.Open) > 0 && d.Final != "" {
			fail("final though open")
		}
		for _, f := range it.Findings {
			status, answered := d.Findings[f.Resource]
			waits := f.Status == "interview" || f.Status == "unknown"
			if waits && !answered && !slices.Contains(d.Open, f.Resource) {
				fail("finding forgotten")
			}
			if f.Status == "unknown" && own[f.Resource] == "" && d.Final != "" {
				fail("unknown finding passed")
			}
			if answered && !settled(status) || answered && slices.Contains(d.Open, f.Resource) {
				fail("settled and not")
			}
			if status == Vulnerable && d.Final != "" && d.Final != Vulnerable {
				fail("a person's vulnerable hidden")
			}
		}
		if (it.Incomplete || it.Auto == "unknown" && !it.has("unknown")) && own[""] == "" && d.Final != "" {
			fail("missing evidence passed")
		}
		if d.Final == Good && own[""] == "" && it.has(Vulnerable) && len(d.Findings) == 0 {
			fail("vulnerable passed unanswered")
		}
		slices.Reverse(answers)
		if !reflect.DeepEqual(d, Decide(it, answers)) {
			fail("depends on the order of answers")
		}
		// What is open is what the form asks.
		if len(answers) == 0 {
			var asked []string
			for _, q := range Open(Form{Items: []Item{it}}) {
				asked = append(asked, q.Resource)
			}
			if !slices.Equal(asked, d.Open) {
				fail(fmt.Sprintf("asked %q", asked))
			}
		}
	}
	for _, v := range []string{"", Good, Vulnerable, NA} {
		if finals[v] < 500 {
			t.Errorf("only %d of %q: the property was hardly tried", finals[v], v)
		}
	}
}

func TestOpen(t *testing.T) {
	whole := itemOf("unknown", "a=interview b=good")
	whole.ID, whole.Questions = "CON-01", []string{"누가?"}
	f := form()
	f.Items = append(f.Items, whole)
	want := []Question{
		{"ROOT-01", "root 계정 사용 여부", "root/2026-11-03", "interview", "3일 사용", "목적은?\n보관자는?"},
		{"ROOT-01", "root 계정 사용 여부", "root/2026-11-09", "interview", "9일 사용", "목적은?\n보관자는?"},
		{"IAM-01", "", "choi", "unknown", "문서 없음", ""},
		{"EC2-01", "", "i-2", "unknown", "조회 실패", ""},
		{"EC2-01", "", "i-1", "interview", "미접속", ""},
		{"ACC-02", "", "", "unknown", "account:GetAlternateContact 조회 실패", "현행인지?"},
		{"CON-01", "제목", "", "unknown", "항목 근거", "누가?\n" + wholeNote},
		{"CON-01", "제목", "a", "interview", "a 근거", "누가?"},
	}
	if got := Open(f); !slices.Equal(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// Every question of a large account can be answered, checked and decided in one go.
func TestLargeAccount(t *testing.T) {
	it := Item{ID: "EC2-01", Auto: "interview"}
	for i := range 20_000 {
		it.Findings = append(it.Findings, Finding{Resource: fmt.Sprintf("i-%05d", i), Status: "interview"})
	}
	f := Form{BundleDigest: digest, CollectedAt: "2026-11-24", Items: []Item{it}}
	filled := File{BundleDigest: digest}
	for _, q := range Open(f) {
		filled.Answers = append(filled.Answers, judged(q.Item, q.Resource, Good))
	}
	if problems := Check(f, filled); len(problems) != 0 {
		t.Errorf("%d problems, first %v", len(problems), problems[0])
	}
	if d := Decide(it, filled.Answers); d.Final != Good || len(d.Findings) != 20_000 {
		t.Errorf("final %q of %d", d.Final, len(d.Findings))
	}
}
