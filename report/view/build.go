package view

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/interview"
	"auditbinder/report/item"
	"auditbinder/report/settings"
	"auditbinder/report/strictyaml"
	"auditbinder/report/verdict"
)

// Input is everything a document is made of.
type Input struct {
	Program      string // 'auditbinder 0.1.0'
	Catalog      *item.Catalog
	Set          *evidence.Set
	Calls        []evidence.Call // in call-id order
	Files        []File          // the bundle's files, manifest first
	BundleDigest string
	Settings     settings.Config
	Results      []verdict.Result
	// CredentialReport is credential-report.csv; empty when none was collected.
	CredentialReport []byte
	// Answers are a checked form's, Attachments the files that they name, by name.
	Answers     []interview.Answer
	Attachments map[string][]byte
	AnnexDigest string // of the annex that holds both; empty without answers
	Answered    File   // answers.yaml of the annex
	Final       bool   // 확정본: nothing is undecided
	AllRows     bool   // the PDF shows all rows of every table
	// Embedded are files that the PDF carries; Attached says that the evidence itself
	// is among them.
	Embedded []EmbeddedFile
	Attached bool
	Policy   string // the IAM policy that a collection needs, for 부록 E
}

// File is a file of the bundle.
type File struct {
	Name   string
	Size   int64
	SHA256 string
}

// Rows that the PDF shows of an item's table: offenders, others.
const (
	pdfOffenders = 1000
	pdfOthers    = 50
)

// builder holds what several parts of the document need.
type builder struct {
	Input
	numbers map[string]string // call id -> 증적번호
	// decisions are what the answers settle, by item; manual are the attachments by name.
	decisions map[string]interview.Decision
	manual    map[string]Attachment
	items     map[string][]string // call id -> items that rest on it
}

// Build makes the document. Its error is a broken catalogue.
func Build(in Input) (Report, error) {
	b := &builder{Input: in, numbers: map[string]string{}, items: map[string][]string{}, decisions: decide(in), manual: attached(in.Attachments)}
	for _, r := range in.Results {
		for _, id := range r.CallIDs {
			b.items[id] = append(b.items[id], r.Item.ID)
		}
	}
	for _, c := range in.Calls {
		if c.Last {
			b.numbers[c.ID] = fmt.Sprintf("E-%03d", len(b.numbers)+1)
		}
	}
	set := in.Set
	r := Report{
		Title: title, Draft: "", Classification: orNone(in.Settings.Organization.Classification),
		DocumentNumber: in.Settings.Organization.DocumentNumber, AccountLabel: accountLabel(set),
		Timestamp: set.CollectedAt, Approvals: []string{"작성", "검토", "승인"},
		BundleDigest: in.BundleDigest, ConfigDigest: in.Settings.Digest(), Program: in.Program,
	}
	if set.Source.Simulated() {
		r.Marking = simulatedMark
	}
	for _, res := range in.Results {
		it, err := b.item(res)
		if err != nil {
			return Report{}, err
		}
		r.Items = append(r.Items, it)
	}
	undecided, targets := b.undecided()
	if r.Draft = draftMark; in.Final && undecided == 0 {
		r.Draft = finalMark
	}
	r.Cover = b.cover(r.Draft, undecided, targets)
	r.CoverNotices = b.notices(undecided, targets)
	r.Overview = b.overview()
	r.Summary = b.summary(r.Items)
	bundle := fmt.Sprintf("%s_%s_bundle.zip", set.Account.ID, set.CollectedAt.In(strictyaml.KST).Format("20060102"))
	r.Verify = []string{"auditbinder verify --replay " + bundle, "unzip -p " + bundle + " manifest.json | sha256sum"}
	actions := b.actions()
	r.Actions, r.FollowUp = b.actionPlan(actions), b.followUp(actions)
	r.Questions = b.questions()
	r.Mapping, r.Collection = b.mapping(r.Items), b.collection()
	r.Embedded = in.Embedded
	r.Evidence = b.evidence("증적 목록", nil)
	r.Files = b.files()
	var err error
	if r.CredentialReport, err = credentialReport(in.CredentialReport, set.CredentialReport); err != nil {
		return Report{}, err
	}
	r.Failures = b.failures()
	r.Revisions, r.Control = b.revisions(r.Draft), b.control()
	r.Interviews, r.Plan = b.interviews(r.Questions), b.plan(r.Actions)
	r.CriteriaParts, r.StandardParts, r.CollectionParts = b.criteriaParts(r.Items), b.standardParts(r.Mapping), b.collectionParts(r.Failures, r.Collection)
	r.Policy = in.Policy
	return r, nil
}

func (b *builder) cover(draft string, undecided, targets int) []Field {
	o, a := b.Settings.Organization, b.Settings.Assessment
	baseDate, period := day(b.Set.CollectedAt), none
	if !a.BaseDate.IsZero() {
		baseDate = a.BaseDate.String()
	}
	if !a.Period.From.IsZero() {
		period = a.Period.From.String() + " ~ " + a.Period.To.String()
	}
	alias := orNone(b.Set.Account.Alias)
	if slices.ContainsFunc(b.Set.Failures, func(f evidence.Failure) bool { return f.Action == "iam:ListAccountAliases" }) {
		alias = "조회 불가"
	}
	account := []string{b.Set.Account.ID, "별칭: " + alias, "구분: " + kindWords[b.Set.Account.Kind]}
	fields := []Field{
		{Label: "문서번호", Lines: []string{orNone(o.DocumentNumber)}},
		{Label: "버전", Lines: []string{version(draft)}},
		{Label: "보안등급", Lines: []string{orNone(o.Classification)}},
		{Label: "기관명", Lines: []string{orNone(o.Name)}},
		{Label: "수행 부서", Lines: []string{orNone(o.Department)}},
		{Label: "제출처", Lines: []string{orNone(o.SubmitTo)}},
		{Label: "점검 기준일", Lines: []string{baseDate}},
		{Label: "점검 기간", Lines: []string{period}},
		{Label: "대상 계정", Lines: account},
		{Label: "수집 시각", Lines: []string{kst(b.Set.CollectedAt)}},
		{Label: "수집자", Lines: []string{b.Set.Caller.ARN}, Mono: true},
		{Label: "응답 출처", Lines: []string{sourceWords[b.Set.Source]}},
		{Label: "수집 도구", Lines: []string{b.Program}},
		{Label: "미확정 항목", Lines: []string{fmt.Sprintf("%d건(인터뷰 필요·점검 불가 대상 %s건)", undecided, verdict.Grouped(targets))}},
	}
	if b.AnnexDigest != "" {
		fields = append(fields, Field{Label: "답변·첨부(annex)", Lines: []string{b.AnnexDigest}, Mono: true})
	}
	return fields
}

// MaxSkew is how far the collecting machine's clock may be off unmentioned.
const MaxSkew = 5 * time.Minute

func (b *builder) notices(undecided, targets int) []string {
	var out []string
	switch {
	case b.Set.Source.Simulated():
		out = append(out, fmt.Sprintf("%s: 응답 출처가 '%s'이므로 실제 AWS 계정의 증적이 아님", simulatedMark, sourceWords[b.Set.Source]))
	case b.Set.Source == evidence.SourceIntercepted:
		out = append(out, interceptNotice)
	}
	if undecided+targets > 0 {
		out = append(out, fmt.Sprintf("미확정 항목 %d건(인터뷰 필요·점검 불가 대상 %s건)이 있어 확정본이 아님", undecided, verdict.Grouped(targets)))
	}
	if n := len(b.Set.Failures); n > 0 {
		out = append(out, fmt.Sprintf("조회 실패 %d건이 있음. '조회 실패 내역'을 함께 확인할 것", n))
	}
	if b.Attached {
		out = append(out, "이 PDF에 evidence.json과 credential-report.csv가 첨부되어 있음(IAM 사용자 이름과 정책 원문 포함)")
	}
	if text := b.leftOut(); text != "" {
		out = append(out, text)
	}
	flagged, expired := b.flags()
	if flagged > 0 {
		out = append(out, fmt.Sprintf("예외승인이 표시된 대상 %s건이 있음(판정은 바뀌지 않음)", verdict.Grouped(flagged)))
	}
	if expired > 0 {
		out = append(out, fmt.Sprintf("만료되었거나 승인일 전이어서 효력 없는 예외 %s건이 있음. 항목별 예외를 확인할 것", verdict.Grouped(expired)))
	}
	if skew := time.Duration(b.Set.ClockSkewSeconds) * time.Second; skew.Abs() > MaxSkew {
		out = append(out, fmt.Sprintf("수집 PC의 시계가 AWS 시각과 %s 차이가 있음(보낸 시각은 PC 시계, 수집 시각은 AWS 시각 기준)", skew.Abs()))
	}
	return out
}

// flags counts the findings with an exception in effect, and with one that is not.
func (b *builder) flags() (effective, expired int) {
	for _, r := range b.Results {
		for _, f := range r.Findings {
			switch e := f.Exception; {
			case e == nil:
			case e.Expired || e.Early:
				expired++
			default:
				effective++
			}
		}
	}
	return effective, expired
}

// counts tallies calls for the method section and result.json.
// CountCalls counts attempts.
func CountCalls(calls []evidence.Call) APICalls {
	n := APICalls{ByOperation: map[string]int{}}
	for _, c := range calls {
		n.Total++
		n.ByOperation[c.Action()]++
		if c.Attempt > 1 {
			n.Retries++
		}
	}
	return n
}

func (b *builder) overview() []Section {
	counted := CountCalls(b.Calls)
	total, retries, byOperation := counted.Total, counted.Retries, counted.ByOperation
	calls := Table{Title: "API 호출 내역", Columns: []Column{
		{Key: "operation", Title: "API", Weight: 6, Mono: true}, {Key: "attempts", Title: "호출 수", Weight: 1.4, Center: true},
		{Key: "answers", Title: "응답 결과(건수)", Weight: 5},
	}}
	for _, op := range slices.Sorted(maps.Keys(byOperation)) {
		calls.Rows = append(calls.Rows, Row{Cells: []Cell{text(op), number(byOperation[op]), text(b.answerLines(op)...)}})
	}
	calls.PDFRows = len(calls.Rows)

	criteria := Table{Columns: []Column{{Key: "verdict", Title: "판정", Weight: 1.6, Center: true}, {Key: "meaning", Title: "의미", Weight: 8}}}
	for _, v := range verdictOrder {
		criteria.Rows = append(criteria.Rows, Row{Status: string(v), Cells: []Cell{verdictCell(v), text(verdictMeanings[v])}})
	}
	criteria.PDFRows = len(criteria.Rows)

	return []Section{
		{Heading: "점검 대상과 범위", Paragraphs: b.scope(), Table: b.regionTable()},
		{Heading: "점검 방법", Paragraphs: []string{
			fmt.Sprintf("수집 도구(%s)가 AWS 읽기 전용 API를 호출하고, 받은 응답 본문을 그대로 증적 번들에 보존함. 판정은 보존된 증적만으로 하였으며, 같은 번들과 설정에서 같은 보고서가 다시 만들어짐.", b.Program),
			fmt.Sprintf("API 호출은 모두 %s회(재시도 %s회 포함)이며, 끝내 실패한 조회는 %s건임. 실제 AWS에 도달한 호출은 이벤트 이름과 시각으로 CloudTrail에서 대조할 수 있음(이벤트 기록 90일, 또는 읽기 이벤트를 남기는 추적).", verdict.Grouped(total), verdict.Grouped(retries), verdict.Grouped(len(b.Set.Failures))),
		}, Table: &calls},
		{Heading: "판정 기준", Paragraphs: []string{
			"자동판정은 프로그램이 증적만으로 한 것이며, 최종판정은 담당자의 확인을 거쳐 사람이 정함. 항목의 판정은 대상별 판정 가운데 취약, 점검 불가, 인터뷰 필요, 양호, 해당 없음의 순서로 먼저 해당하는 것으로 함.",
			"준수율은 양호 항목 수를 해당 없음을 뺀 전체 항목 수로 나눈 값이며, 인터뷰 필요와 점검 불가도 분모에 포함함. 미확정 항목이 남아 있으면 잠정값임.",
			"항목별 판정 기준, 적용한 기준값과 설정, 그 출처는 부록 A에 있음.",
		}, Table: &criteria},
		{Heading: "한계", Paragraphs: b.limits()},
	}
}

func (b *builder) scope() []string {
	judged := make([]string, 0, len(b.Results))
	for _, r := range b.Results {
		judged = append(judged, r.Item.ID)
	}
	out := []string{
		fmt.Sprintf("대상 계정은 %s(%s)이며, 수집 시각은 %s임. 경과일과 기간은 이 시각부터, 자격 증명 보고서를 쓰는 항목은 보고서의 생성 시각부터 계산함.", b.Set.Account.ID, kindWords[b.Set.Account.Kind], kst(b.Set.CollectedAt)),
		fmt.Sprintf("점검 항목은 %s의 %d건이며, 각 항목은 표본이 아니라 수집된 대상 전수를 점검함.", strings.Join(judged, ", "), len(judged)),
	}
	out = append(out, b.regionText())
	var planned []string
	for _, it := range b.Catalog.Items {
		if it.Planned {
			planned = append(planned, it.ID)
		}
	}
	if len(planned) > 0 {
		out = append(out, fmt.Sprintf("다음 %d건은 이 판에서 판정하지 않으며 집계에 포함하지 않음: %s.", len(planned), strings.Join(planned, ", ")))
	}
	return out
}

// thresholds are the keys that the judged items use, in the order of print.
func (b *builder) thresholds() []string {
	return slices.DeleteFunc(slices.Clone(settings.ThresholdKeys), func(key string) bool {
		return !slices.ContainsFunc(b.Results, func(r verdict.Result) bool { return slices.Contains(r.Item.Thresholds, key) })
	})
}

// exceptions counts those of this account that flag a finding, and names the rest.
func (b *builder) exceptions() (used int, other []string) {
	for _, e := range b.Settings.Exceptions {
		if e.Account != b.Set.Account.ID {
			continue
		}
		hit := slices.ContainsFunc(b.Results, func(r verdict.Result) bool {
			return r.Item.ID == e.Item && slices.ContainsFunc(r.Findings, func(f verdict.Finding) bool { return f.Resource == e.Resource })
		})
		if hit {
			used++
		} else {
			other = append(other, e.Item+" "+e.Resource)
		}
	}
	return used, other
}

// unusedTags are keys of tags that no user has, nor an instance a name.
func (b *builder) unusedTags(keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		named := key == nameTag && slices.ContainsFunc(b.Set.Compute, func(c evidence.Compute) bool {
			return slices.ContainsFunc(c.Instances, func(i evidence.Instance) bool { return i.Name != "" })
		})
		return named || b.Set.IAM != nil && slices.ContainsFunc(b.Set.IAM.Users, func(u evidence.User) bool {
			return slices.ContainsFunc(u.Tags, func(t evidence.Tag) bool { return t.Key == key })
		})
	})
}

func (b *builder) settingsTable() *Table {
	t := Table{Columns: []Column{{Key: "name", Title: "설정", Weight: 4}, {Key: "value", Title: "값", Weight: 3}, {Key: "source", Title: "출처", Weight: 4}}}
	add := func(name, value, source string) {
		t.Rows = append(t.Rows, Row{Cells: []Cell{text(name), text(value), text(source)}})
	}
	for _, key := range b.thresholds() {
		if v, err := b.Settings.Threshold(key); err == nil { // every key of the list has one
			add(v.Title, v.Value, v.Source)
		}
	}
	if r := b.Set.Regions; r != nil && len(r.Selected) > 0 {
		add("수집할 때 지정한 리전", strings.Join(r.Selected, ", "), "수집 옵션 또는 설정 파일")
	}
	if b.otherRegions() {
		add("설정 파일의 리전", strings.Join(b.Settings.Regions, ", "), "설정 파일(이 번들의 수집 범위와 달라 적용되지 않음)")
	}
	if len(b.Settings.AllowedSourceRanges) > 0 {
		add("허용된 공인 대역", strings.Join(b.Settings.AllowedSourceRanges, ", "), "설정 파일")
	}
	contacts, source := "일부(이름의 첫·끝 글자, 이메일의 첫 글자와 도메인, 전화번호의 끝 두 자리는 보임)", "기본값"
	if b.Settings.Masking.Contacts == settings.MaskFull {
		contacts, source = "전부", "설정 파일"
	}
	add("연락처의 마스킹", contacts, source)
	if tags := b.Settings.Masking.Tags; len(tags) > 0 {
		add("값을 마스킹하는 태그", strings.Join(tags, ", "), "설정 파일")
		if lost := b.unusedTags(tags); len(lost) > 0 {
			add("일치하는 태그가 없는 마스킹", strings.Join(lost, ", "), "설정 파일(태그 키를 확인할 것)")
		}
	}
	used, other := b.exceptions()
	add("승인된 예외", fmt.Sprintf("이 계정 %d건", used+len(other)), "설정 파일")
	if len(other) > 0 {
		add("일치하는 대상이 없는 예외", strings.Join(other, ", "), "설정 파일(대상 이름을 확인할 것)")
	}
	t.PDFRows = len(t.Rows)
	return &t
}

func (b *builder) limits() []string {
	out := []string{
		"서명 없는 해시(bundleDigest)는 증적이 바뀌지 않았음만 보이며 누가 만들었는지는 보이지 않음.",
		"응답 출처는 접속한 호스트 이름, TLS 인증서 체인, SDK 설정으로 가려낸 것임. 프로그램·실행 환경·번들을 변조한 경우, 수집 도중 자격 증명을 다른 계정의 것으로 바꾼 경우, AWS 호스트 이름의 아마존 인증서를 가진 다른 서버가 응답한 경우는 이것으로 알 수 없으므로 수집 환경의 통제와 CloudTrail 대조로 확인하여야 함.",
		"API로 알 수 없는 사실은 각 항목의 참고 사항에 적고 인터뷰 질문으로 확인하도록 함.",
	}
	out = append(out, b.Catalog.Laws.StandardsNotes...)
	switch {
	case b.Set.Source.Simulated():
		out = append(out, "이 보고서는 실제 AWS 응답이 아닌 모의 환경에서 수집한 것으로 제출할 수 없음.")
	case b.Set.Source == evidence.SourceIntercepted:
		out = append(out, interceptNotice+".")
	}
	return out
}

// evidence lists the recorded answers; only those of ids when ids is not nil.
func (b *builder) evidence(title string, ids []string) Table {
	t := Table{Title: title, Sheet: "증적목록", Empty: "기록된 호출이 없음", Columns: []Column{
		{Key: "number", Title: "증적번호", Weight: 1.5, Center: true},
		{Key: "items", Title: "항목코드", Weight: 1.7, Center: true, SheetOnly: ids != nil}, // an item knows its own code
		{Key: "file", Title: "파일명", Weight: 5, Mono: true, Below: true},
		{Key: "kind", Title: "유형", Weight: 1, Center: true, SheetOnly: true},
		{Key: "api", Title: "API", Weight: 4.3, Mono: true},
		{Key: "call", Title: "호출 ID", Weight: 5, Mono: true, SheetOnly: true},
		{Key: "parameters", Title: "매개변수", Weight: 4, Mono: true, SheetOnly: true},
		{Key: "account", Title: "계정ID", Weight: 2, SheetOnly: true},
		{Key: "region", Title: "리전", Weight: 2.4},
		{Key: "collected", Title: "수집시각(KST)", Weight: 2.8},
		{Key: "source_time", Title: "원천시각", Weight: 2.4, SheetOnly: true},
		{Key: "request_id", Title: "AWS 요청 ID", Weight: 5.4, Mono: true},
		{Key: "caller", Title: "수집자 ARN", Weight: 4, Mono: true, SheetOnly: true},
		{Key: "size", Title: "크기(바이트)", Weight: 1.4, SheetOnly: true},
		{Key: "sha256", Title: "SHA-256", Weight: 5, Mono: true, Below: true},
		{Key: "masking", Title: "마스킹", Weight: 3, SheetOnly: true},
	}}
	subjects := map[string]string{}
	for _, a := range b.Set.Answers {
		for _, id := range a.Calls {
			subjects[id] = a.Subject
		}
	}
	for _, f := range b.Set.Failures {
		subjects[f.CallID] = f.Subject
	}
	for _, c := range b.Calls {
		if !c.Last || ids != nil && !slices.Contains(ids, c.ID) {
			continue
		}
		source := none
		if c.AWSDate != nil {
			source = c.AWSDate.UTC().Format("2006-01-02 15:04:05 UTC")
		}
		result := []string{c.Action()}
		if s := subjects[c.ID]; s != "" {
			result = append(result, s)
		}
		if c.ErrorCode != "" {
			result = append(result, "→ "+c.ErrorCode)
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			text(b.numbers[c.ID]), text(orElse(strings.Join(b.items[c.ID], ", "), "공통")), text(orElse(c.Body, c.ID+" (본문 없음)")), text("API"), text(result...), text(c.ID), text(parameters(c)),
			text(c.Account), text(c.Region), text(strings.TrimSuffix(kst(c.SentAt), " KST")), text(source), text(orNone(c.RequestID)), text(b.Set.Caller.ARN),
			number(c.BodySize), text(orNone(orElse(c.BodySHA256, c.Omitted))), text(masking(c)),
		}})
	}
	if ids == nil {
		t.Rows = append(t.Rows, b.decodedReport()...)
		if b.Answered.Name != "" {
			t.Rows = append(t.Rows, Row{Cells: b.annexCells("M-000", b.Answered.Name, "인터뷰 답변", int(b.Answered.Size), b.Answered.SHA256, nil)})
		}
		for _, name := range slices.Sorted(maps.Keys(b.manual)) {
			t.Rows = append(t.Rows, Row{Cells: b.manualCells(b.manual[name])})
		}
	}
	t.PDFRows = len(t.Rows)
	return t
}

// decodedReport is the row of credential-report.csv, which the answer holds encoded.
func (b *builder) decodedReport() []Row {
	i := slices.IndexFunc(b.Files, func(f File) bool { return f.Name == "credential-report.csv" })
	if i < 0 || b.Set.CredentialReport == nil {
		return nil
	}
	const action = "iam:GetCredentialReport"
	var items []string
	for _, r := range b.Results {
		if slices.ContainsFunc(r.Item.Evidence, func(e item.Evidence) bool { return e.Call == action }) {
			items = append(items, r.Item.ID)
		}
	}
	f := b.Files[i]
	return []Row{{Cells: []Cell{
		text("C-001"), text(orNone(strings.Join(items, ", "))), text(f.Name), text("CSV"), text(action + "의 응답을 디코딩"), text(none), text(none),
		text(b.Set.Account.ID), text(none), text(none), text("보고서 생성 " + b.Set.CredentialReport.Generated.UTC().Format("2006-01-02 15:04:05 UTC")),
		text(none), text(b.Set.Caller.ARN), number(int(f.Size)), text(f.SHA256), text("해당 없음"),
	}}}
}

// manualCells are an attachment's cells in the evidence list.
func (b *builder) manualCells(a Attachment) []Cell {
	var items []string
	for _, answer := range b.Answers {
		if slices.Contains(answer.Files, a.Name) && !slices.Contains(items, answer.Item) {
			items = append(items, answer.Item)
		}
	}
	return b.annexCells(a.Number, "attachments/"+a.Name, "인터뷰 첨부", a.Size, a.SHA256, items)
}

// annexCells are the cells of a file of the annex.
func (b *builder) annexCells(label, name, what string, size int, sum string, items []string) []Cell {
	return []Cell{
		text(label), text(orNone(strings.Join(items, ", "))), text("annex: " + name), text("수기"), text(what), text(none), text(none),
		text(b.Set.Account.ID), text(none), text(none), text(none), text(none), text(none), number(size), text(sum), text("해당 없음"),
	}
}

// pdfEvidence is how many calls the PDF lists with an item; 부록 C lists all.
const pdfEvidence = 20

// ownEvidence is the list of an item's own calls. Of many, what failed stands
// first, then what the findings cite, offenders first.
func (b *builder) ownEvidence(res verdict.Result) Table {
	t := b.evidence("증적", append([]string{}, res.CallIDs...))
	if n := len(t.Rows); b.limit(n, pdfEvidence) < n {
		rank := map[string]int{} // 증적번호 -> place
		put := func(ids ...string) {
			for _, id := range ids {
				if number := b.numbers[id]; number != "" && rank[number] == 0 {
					rank[number] = len(rank) + 1
				}
			}
		}
		for _, f := range res.Failures {
			put(f.CallID)
		}
		for _, f := range res.Findings {
			put(f.CallIDs...)
		}
		place := func(r Row) int {
			if p := rank[r.Cells[0].Lines[0]]; p > 0 {
				return p
			}
			return n + 1
		}
		slices.SortStableFunc(t.Rows, func(x, y Row) int { return cmp.Compare(place(x), place(y)) })
		t.PDFRows = pdfEvidence
		t.PDFNote = fmt.Sprintf("전체 %s건 중 %d건 표시, 전체는 부록 C와 Excel '%s' 시트에 있음", verdict.Grouped(n), pdfEvidence, t.Sheet)
	}
	return t
}

// parametersMost bounds what the list shows of one question; the bundle holds all.
const parametersMost = 300

// parameters writes what was asked, as JSON.
func parameters(c evidence.Call) string {
	if len(c.Parameters) == 0 {
		return none
	}
	text, err := json.Marshal(c.Parameters)
	if err != nil {
		return none // they came from JSON
	}
	if runes := []rune(string(text)); len(runes) > parametersMost {
		return fmt.Sprintf("%s… (총 %s자, 전체는 번들의 calls.jsonl)", string(runes[:parametersMost]), verdict.Grouped(len(runes)))
	}
	return string(text)
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// maskedServices answer with a person's data.
var maskedServices = map[string]string{
	"account": "원본은 원문, 보고서는 이름·이메일·전화번호 마스킹",
	"sns":     "원본은 원문, 보고서는 구독 주소 마스킹",
}

func masking(c evidence.Call) string {
	if c.Body == "" {
		return "해당 없음"
	}
	return orElse(maskedServices[c.Service], "해당 없음")
}

func (b *builder) files() Table {
	t := Table{Title: "번들 파일과 해시", Sheet: "증적목록", Columns: []Column{
		{Key: "name", Title: "파일명", Weight: 7.0, Mono: true}, {Key: "size", Title: "크기(바이트)", Weight: 1.7}, {Key: "sha256", Title: "SHA-256", Weight: 9.4, Mono: true},
	}}
	for _, f := range b.Files {
		t.Rows = append(t.Rows, Row{Cells: []Cell{text(f.Name), number(int(f.Size)), text(f.SHA256)}})
	}
	t.PDFRows = len(t.Rows)
	return t
}

func (b *builder) failures() Table {
	t := Table{Title: "조회 실패 내역", Sheet: "요약", Columns: []Column{
		{Key: "api", Title: "API", Weight: 5, Mono: true}, {Key: "subject", Title: "대상", Weight: 2.8}, {Key: "region", Title: "리전", Weight: 2},
		{Key: "code", Title: "오류", Weight: 4}, {Key: "items", Title: "영향 항목", Weight: 2}, {Key: "effect", Title: "영향", Weight: 4},
	}}
	for _, f := range b.Set.Failures {
		ids, cost := b.itemsOf(f)
		effect := "선택 조회(확보된 증적만으로 판정함)"
		if len(cost) > 0 {
			effect = strings.Join(cost, ", ") + ": 취약으로 확인된 것 외에는 점검 불가"
		}
		code := []string{CodeText(f.Code)}
		if f.ControlPolicy {
			code = append(code, "SCP의 명시적 거부")
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			text(f.Action), text(orNone(f.Subject)), text(orNone(f.Region)), text(code...), text(orNone(strings.Join(ids, ", "))), text(effect),
		}})
	}
	t.PDFRows = len(t.Rows)
	return t
}

// itemsOf names the judged items that ask what failed, and those of them that it
// cost something: it is required there, and something was left open.
func (b *builder) itemsOf(f evidence.Failure) (ids, cost []string) {
	for _, r := range b.Results {
		for _, e := range r.Item.Evidence {
			if e.Call != f.Action {
				continue
			}
			ids = append(ids, r.Item.ID)
			open := r.Auto == verdict.Unknown || r.Auto == verdict.Vulnerable ||
				slices.ContainsFunc(r.Findings, func(x verdict.Finding) bool { return x.Status == verdict.Unknown })
			if !verdict.OptionalIn(e, b.Set, f.Region) && open {
				cost = append(cost, r.Item.ID)
			}
		}
	}
	return ids, cost
}
