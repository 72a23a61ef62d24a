package view

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/verdict"
	"auditbinder/templates"
)

var collected = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// input is a document of two items over a small account.
func input(t *testing.T, change func(*Input)) Input {
	t.Helper()
	catalog, err := item.Default()
	if err != nil {
		t.Fatal(err)
	}
	for i := range catalog.Items { // the document of these tests has two items
		catalog.Items[i].Planned = catalog.Items[i].ID != "IAM-01" && catalog.Items[i].ID != "ACC-02"
	}
	at := collected.Add(time.Second)
	in := Input{
		Program: "auditbinder test", Catalog: catalog, BundleDigest: strings.Repeat("ab", 32), Settings: defaults(t),
		Files: []File{{"calls.jsonl", 1234, strings.Repeat("cd", 32)}},
		Calls: []evidence.Call{
			{ID: "account-GetAlternateContact-us-east-1-1-1", Attempt: 1, Last: true, Service: "account", Operation: "GetAlternateContact", Region: "us-east-1", SentAt: at, AWSDate: &collected, RequestID: "r1", Body: "raw/c.json", BodySize: 3, BodySHA256: "ee"},
			{ID: "iam-GetAccountAuthorizationDetails-us-east-1-1-1", Attempt: 1, Service: "iam", Operation: "GetAccountAuthorizationDetails", Region: "us-east-1", SentAt: at, ErrorCode: "Throttling"},
			{ID: "iam-GetAccountAuthorizationDetails-us-east-1-1-1", Attempt: 2, Last: true, Service: "iam", Operation: "GetAccountAuthorizationDetails", Region: "us-east-1", SentAt: at, RequestID: "r2", Body: "raw/d.xml"},
		},
		Set: &evidence.Set{
			Account: evidence.Account{ID: "012345678901", Alias: "alias", Kind: evidence.KindMember}, Source: evidence.SourceAWS, CollectedAt: collected,
			Caller: evidence.Caller{ARN: "arn:aws:sts::012345678901:assumed-role/a/b"},
			Answers: []evidence.Answer{
				{Action: "iam:GetAccountAuthorizationDetails", Region: "us-east-1", Calls: []string{"iam-GetAccountAuthorizationDetails-us-east-1-1-1"}, Count: 2},
				{Action: "iam:GetAccountSummary"},
				{Action: "account:GetAlternateContact", Subject: "SECURITY", Calls: []string{"account-GetAlternateContact-us-east-1-1-1"}, Fact: "ResourceNotFoundException"},
			},
			Failures: []evidence.Failure{{CallID: "x", Action: "account:GetContactInformation", Region: "us-east-1", Code: "AccessDeniedException"}},
			IAM:      &evidence.IAM{Users: []evidence.User{{Name: "a", ARN: "arn:a"}, {Name: "b", ARN: "arn:b"}}, Summary: map[string]int{"Users": 2}},
			Contacts: &evidence.Contacts{Alternate: []evidence.AlternateContact{{Type: "SECURITY"}, {Type: "BILLING", Set: true}, {Type: "OPERATIONS", Set: true}}},
		},
	}
	if change != nil {
		change(&in)
	}
	in.Results = verdict.Decide(in.Catalog, in.Set, in.Settings)
	return in
}

func build(t *testing.T, change func(*Input)) Report {
	t.Helper()
	r, err := Build(input(t, change))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func findItem(t *testing.T, r Report, id string) Item {
	t.Helper()
	for _, it := range r.Items {
		if it.ID == id {
			return it
		}
	}
	t.Fatalf("no item %s", id)
	return Item{}
}

func TestSourceDecidesTheMarking(t *testing.T) {
	tests := []struct {
		source  evidence.Source
		marking string
		notice  string
		limit   string
	}{
		{evidence.SourceAWS, "", "", ""},
		{evidence.SourceIntercepted, "", "TLS 검사 장비", "TLS 검사 장비"},
		{evidence.SourceCustom, simulatedMark, "사용자 지정 엔드포인트", "제출할 수 없음"},
		{evidence.SourceReplay, simulatedMark, "기록 재생", "제출할 수 없음"},
	}
	for _, tt := range tests {
		t.Run(string(tt.source), func(t *testing.T) {
			r := build(t, func(in *Input) { in.Set.Source = tt.source })
			notices := strings.Join(r.CoverNotices, "\n")
			limits := strings.Join(r.Overview[len(r.Overview)-1].Paragraphs, "\n")
			if r.Marking != tt.marking || !strings.Contains(notices, tt.notice) || !strings.Contains(limits, tt.limit) {
				t.Errorf("marking %q, notices %q, limits %q", r.Marking, notices, limits)
			}
			if tt.notice == "" && strings.Contains(notices+limits, "TLS 검사") {
				t.Errorf("a notice without cause: %q %q", notices, limits)
			}
			if !strings.Contains(limits, "응답 출처는 접속한 호스트 이름") {
				t.Errorf("the limits do not say what the source rests on: %q", limits)
			}
			if doc := Result(input(t, func(in *Input) { in.Set.Source = tt.source })); doc.Simulated != (tt.marking != "") {
				t.Errorf("result.json says simulated %v", doc.Simulated)
			}
		})
	}
}

// The same numbers stand in the matrix, the area table, the item table and result.json.
func TestCountsAgree(t *testing.T) {
	in := input(t, nil)
	r, err := Build(in)
	if err != nil {
		t.Fatal(err)
	}
	doc := Result(in)
	matrix, areas := map[string]int{}, map[string]int{}
	for _, row := range r.Summary.Counts {
		for j, n := range row {
			matrix[r.Summary.Verdicts[j].ID] += n
		}
	}
	total := 0
	for _, a := range r.Summary.Areas {
		total += a.Total
		for id, n := range a.ByID {
			areas[id] += n
		}
	}
	want := map[string]int{}
	for i, it := range doc.Items {
		want[it.AutoVerdict]++
		if r.Summary.Table.Rows[i].Status != it.AutoVerdict || r.Items[i].Auto.ID != it.AutoVerdict {
			t.Errorf("%s: table %s, section %s, result.json %s", it.ID, r.Summary.Table.Rows[i].Status, r.Items[i].Auto.ID, it.AutoVerdict)
		}
		if len(r.Items[i].Facts[0].Rows) != len(it.Findings) {
			t.Errorf("%s: %d rows, %d findings", it.ID, len(r.Items[i].Facts[0].Rows), len(it.Findings))
		}
	}
	for _, v := range verdictOrder {
		id := string(v)
		if matrix[id] != want[id] || areas[id] != want[id] {
			t.Errorf("%s: matrix %d, areas %d, result.json %d", id, matrix[id], areas[id], want[id])
		}
	}
	if total != len(doc.Items) {
		t.Errorf("areas hold %d items of %d", total, len(doc.Items))
	}
	if doc.APICalls.Total != 3 || doc.APICalls.Retries != 1 || doc.APICalls.ByOperation["iam:GetAccountAuthorizationDetails"] != 2 {
		t.Errorf("apiCalls %+v", doc.APICalls)
	}
}

func TestCompliance(t *testing.T) {
	tests := []struct {
		name        string
		change      func(*Input)
		label, text string
		draft       string
	}{
		{"one good, one vulnerable", nil, "준수율", "50.0 %", "초안"},
		{"final and nothing open", func(in *Input) { in.Final = true }, "준수율", "50.0 %", "확정본"},
		{"final with something open", func(in *Input) { in.Final = true; in.Set.IAM.Summary["Users"] = 9 }, "준수율(잠정)", "0.0 %", "초안"},
		{"na is left out", func(in *Input) { in.Set.IAM.Users, in.Set.IAM.Summary = nil, map[string]int{"Users": 0} }, "준수율", "0.0 %", "초안"},
		{"unknown stays in the denominator and makes it provisional", func(in *Input) { in.Set.IAM.Summary["Users"] = 9 }, "준수율(잠정)", "0.0 %", "초안"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := build(t, tt.change)
			if r.Summary.ComplianceLabel != tt.label || r.Summary.ComplianceText != tt.text || r.Draft != tt.draft {
				t.Errorf("%s %s, draft %q", r.Summary.ComplianceLabel, r.Summary.ComplianceText, r.Draft)
			}
		})
	}
}

func TestPDFCap(t *testing.T) {
	tests := []struct{ offenders, others, shown int }{
		{0, 0, 0}, {0, 50, 50}, {0, 51, 50}, {3, 60, 53}, {1000, 10, 1010}, {1001, 10, 1000},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d+%d", tt.offenders, tt.others), func(t *testing.T) {
			r := build(t, func(in *Input) {
				in.Set.IAM.Users = nil
				for i := range tt.offenders + tt.others {
					u := evidence.User{Name: fmt.Sprintf("u%05d", i)}
					if i < tt.offenders {
						u.Inline = []evidence.InlinePolicy{{Name: "p", Document: `{"Statement":{"Effect":"Allow"}}`}}
					}
					in.Set.IAM.Users = append(in.Set.IAM.Users, u)
				}
				in.Set.IAM.Summary["Users"] = len(in.Set.IAM.Users)
			})
			table := findItem(t, r, "IAM-01").Facts[0]
			if len(table.Rows) != tt.offenders+tt.others || table.PDFRows != tt.shown {
				t.Errorf("%d rows, %d in the PDF, want %d", len(table.Rows), table.PDFRows, tt.shown)
			}
			if (table.PDFNote != "") != (tt.shown < len(table.Rows)) {
				t.Errorf("note %q", table.PDFNote)
			}
		})
	}
}

// Every reference says what it is unsure of, and an old citation stands beside the current one.
func TestLawsArePrintedWithTheirConfidence(t *testing.T) {
	laws := findItem(t, build(t, nil), "IAM-01").Laws
	if len(laws) == 0 {
		t.Fatal("no law reference")
	}
	for _, l := range laws {
		if l.Confidence != "확인" && !strings.Contains(l.Warning, verifyText) {
			t.Errorf("%s %s is %s without a warning", l.Name, l.Provision, l.Confidence)
		}
		if l.Notice == "" || l.EffectiveFrom == "" || l.Status == "" || l.Application == "" {
			t.Errorf("incomplete: %+v", l)
		}
	}
	if !strings.Contains(laws[0].Notice, "제2026-29호") || !strings.Contains(laws[0].Status, "2026-10-04 확인") {
		t.Errorf("first law %+v", laws[0])
	}
	late := findItem(t, build(t, func(in *Input) { in.Set.CollectedAt = collected.AddDate(0, 1, 0) }), "IAM-01").Laws
	if !strings.Contains(late[0].Warning, recheckText) {
		t.Errorf("past the recheck date without a warning: %+v", late[0])
	}
}

func TestEvidenceListsLastAttemptsWithTheirItems(t *testing.T) {
	r := build(t, nil)
	if n := len(r.Evidence.Rows); n != 2 {
		t.Fatalf("%d rows, want the last attempt of two calls", n)
	}
	var text []string
	for _, c := range r.Evidence.Rows[1].Cells {
		text = append(text, strings.Join(c.Lines, " "))
	}
	for _, want := range []string{"E-002", "IAM-01", "raw/d.xml", "iam:GetAccountAuthorizationDetails", "2026-11-24 14:00:01", "r2"} {
		if !strings.Contains(strings.Join(text, "|"), want) {
			t.Errorf("row %q lacks %q", text, want)
		}
	}
	if len(r.Failures.Rows) != 1 || !strings.Contains(r.Failures.Rows[0].Cells[3].Lines[0], "AccessDeniedException(권한 없음)") {
		t.Errorf("failures %+v", r.Failures.Rows)
	}
	it := findItem(t, r, "ACC-02")
	if len(it.Failures) != 1 || len(it.EvidenceIDs) != 1 {
		t.Errorf("ACC-02: failures %q, evidence %q", it.Failures, it.EvidenceIDs)
	}
}

func TestClockSkewIsToldPastFiveMinutes(t *testing.T) {
	for seconds, told := range map[int64]bool{0: false, 300: false, 301: true, -301: true} {
		r := build(t, func(in *Input) { in.Set.ClockSkewSeconds = seconds })
		if got := strings.Contains(strings.Join(r.CoverNotices, ""), "시계"); got != told {
			t.Errorf("%d s: told %v", seconds, got)
		}
	}
}

func TestExceptionIsShownBesideTheVerdict(t *testing.T) {
	cfg, err := settings.Parse("f", []byte("exceptions:\n  - {account: \"012345678901\", item: ACC-02, resource: SECURITY, reason: 사유, compensating: 통제, approver: 책임자, approved: 2026-10-01, document: D-1, expires: 2026-12-31}\n"), defaults(t).Standard)
	if err != nil {
		t.Fatal(err)
	}
	in := input(t, func(in *Input) { in.Settings = cfg })
	r, err := Build(in)
	if err != nil {
		t.Fatal(err)
	}
	it := findItem(t, r, "ACC-02")
	row := it.Facts[0].Rows[0]
	if row.Status != "vulnerable" || !strings.Contains(fmt.Sprint(row.Cells), "예외승인 ~2026-12-31") || len(it.Exceptions) != 1 {
		t.Errorf("row %+v, exceptions %q", row, it.Exceptions)
	}
	e := Result(in).Items[1].Findings[0].Exception
	if e == nil || e.Expired || e.Approver != "책임자" || e.Expires != "2026-12-31" {
		t.Errorf("result.json exception %+v", e)
	}
}

// result.json keeps the contract's keys, their order and its nulls.
func TestResultContract(t *testing.T) {
	text, err := Result(input(t, nil)).Encode()
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, key := range []string{"schema", "programVersion", "bundleDigest", "configDigest", "annexDigest", "account", "collectedAt", "simulated", "apiCalls", "failures", "items",
		"autoVerdict", "finalVerdict", "reason", "population", "counts", "findings", "resource", "arn", "region", "status", "uniqueId", "exception", "finalStatus", "callIds", "evidence"} {
		i := strings.Index(string(text[at:]), `"`+key+`":`)
		if i < 0 {
			t.Fatalf("key %s is missing or out of order", key)
		}
		at += i
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["annexDigest"] != nil || doc["collectedAt"] != "2026-11-24T14:00:00+09:00" || doc["account"].(map[string]any)["id"] != "012345678901" {
		t.Errorf("%v", doc)
	}
}

// defaults is the configuration without a file.
func defaults(t testing.TB) settings.Config {
	t.Helper()
	std, err := settings.ParseStandard(templates.FS.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	return settings.Default(std)
}

// The configuration can only hide more than the evidence does.
func TestMasking(t *testing.T) {
	cells := func(m settings.Masking, id, column string) []string {
		r := build(t, func(in *Input) {
			in.Settings.Masking = m
			in.Set.IAM.Users[0].Tags = []evidence.Tag{{Key: "이름", Value: "홍길동"}, {Key: "부서", Value: "정보보호팀"}, {Key: "용도", Value: "이름=김철수"}}
			in.Set.Contacts.Alternate[1] = evidence.AlternateContact{Type: "BILLING", Set: true, Name: "김**무", Title: "팀장", Email: "b***@example.com", Phone: "**-**11"}
		})
		for _, table := range findItem(t, r, id).Facts {
			i := slices.IndexFunc(table.Columns, func(c Column) bool { return c.Key == column })
			if i < 0 {
				continue
			}
			var out []string
			for _, row := range table.Rows {
				out = append(out, row.Cells[i].Lines...)
			}
			return out
		}
		t.Fatalf("%s has no column %s", id, column)
		return nil
	}
	partial := settings.Masking{Contacts: settings.MaskPartial}
	for column, want := range map[string]string{"name": "김**무", "title": "팀장", "email": "b***@example.com", "phone": "**-**11"} {
		if got := cells(partial, "ACC-02", column); !slices.Contains(got, want) {
			t.Errorf("%s: %q", column, got)
		}
		full := cells(settings.Masking{Contacts: settings.MaskFull}, "ACC-02", column)
		if slices.Contains(full, want) || !slices.Contains(full, hidden) {
			t.Errorf("%s, all hidden: %q", column, full)
		}
	}
	if got := cells(partial, "IAM-01", "tags"); !slices.Contains(got, "이름=홍길동") {
		t.Errorf("tags are identifiers: %q", got)
	}
	got := cells(settings.Masking{Contacts: settings.MaskPartial, Tags: []string{"이름"}}, "IAM-01", "tags")
	if !slices.Contains(got, "이름=홍*동") || !slices.Contains(got, "부서=정보보호팀") || !slices.Contains(got, "용도=이름=김철수") {
		t.Errorf("the tags named in the configuration alone: %q", got)
	}
}

// short is a JSON value whose lists keep their first two members.
func short(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, x := range v {
			out[key] = short(x)
		}
		return out
	case []any:
		var out []any
		for _, x := range v[:min(2, len(v))] {
			out = append(out, short(x))
		}
		return out
	}
	return v
}

// Whatever a bundle's evidence.json says, it is judged and laid out, or refused;
// never a panic, and never a 양호 without an answer behind it.
func FuzzEvidence(f *testing.F) {
	archive, err := zip.OpenReader("../../collect/sample/account.zip")
	if err != nil {
		f.Fatal(err)
	}
	defer archive.Close()
	in, err := archive.Open("evidence.json")
	if err != nil {
		f.Fatal(err)
	}
	sample, err := io.ReadAll(in)
	if err != nil {
		f.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(sample, &whole); err != nil {
		f.Fatal(err)
	}
	seed := func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	seed(short(whole))
	for key, part := range whole { // each part alone
		seed(map[string]any{key: short(part)})
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"account":{"id":"123456789012"},"regions":{"read":true,"all":[{"name":"us-east-1","scope":"full"}]},"iam":{"users":[{"name":"a"}]},"alarms":{},"credentialReport":{"rows":[{"user":"<root_account>"}]},"compute":[{"region":"us-east-1","instances":[{"id":"i-1"}]}]}`))
	catalog, err := item.Default()
	if err != nil {
		f.Fatal(err)
	}
	std, err := settings.ParseStandard(templates.FS.ReadFile)
	if err != nil {
		f.Fatal(err)
	}
	cfg := settings.Default(std)
	f.Fuzz(func(t *testing.T, text []byte) {
		var set evidence.Set
		if json.Unmarshal(text, &set) != nil {
			return
		}
		results := verdict.Decide(catalog, &set, cfg)
		doc := Input{Program: "p", Catalog: catalog, Set: &set, Settings: cfg, Results: results}
		if _, err := Result(doc).Encode(); err != nil {
			t.Error(err)
		}
		if _, err := Build(doc); err != nil {
			t.Error(err)
		}
		for _, r := range results {
			if r.Auto == verdict.Good && len(set.Answers) == 0 {
				t.Errorf("%s is good without a single answer: %s", r.Item.ID, r.Reason)
			}
		}
	})
}
