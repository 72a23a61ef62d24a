package excel

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditbinder/report/interview"
	"auditbinder/report/view"
)

const (
	sheetInterview = "인터뷰"
	sheetGuide     = "안내"
	sheetInfo      = "정보"

	titleItem     = "항목코드"
	titleResource = "대상"
	titleRemark   = "비고"
	// wholeItem stands as 대상 of a question about the item itself. No resource is
	// called so: IAM names hold no parentheses.
	wholeItem = "(항목 전체)"
	// spareRows are blank rows for answers that no question asks for.
	spareRows = 20
	// maxQuestions: ReadAnswers takes no larger sheet.
	maxQuestions = 20_000
	// formProgram made the form.
	formProgram = "auditbinder"
)

// Kinds of workbook that ReadAnswers knows by their hidden sheet.
const (
	kindForm   = "interview"
	kindReport = "report"
)

// Keys of the hidden sheet.
const (
	infoSchema  = "schema"
	infoDigest  = "bundleDigest"
	infoAccount = "account"
	infoProgram = "program"
)

func schemaOf(kind string) string { return "auditbinder/" + kind + "/v1" }

// infoSheet is the hidden sheet that ties a workbook to its bundle, so that what
// people fill in can come back. It stands last; a report takes reportInfo.
func infoSheet(kind, digest, account, program string) *sheet {
	s := newSheet(sheetInfo, []float64{40, 80})
	s.hidden, s.locked = true, true
	s.heading("프로그램이 읽는 정보(수정하지 말 것)", "")
	for _, field := range [][2]string{
		{infoSchema, schemaOf(kind)}, {infoDigest, digest}, {infoAccount, account}, {infoProgram, program},
	} {
		s.info(field[0], field[1])
	}
	return s
}

func (s *sheet) info(key, value string) {
	s.add(line{cells: []cell{text(styleLabel, key), text(styleText, value)}})
}

// reportInfo is infoSheet of a report. It notes what the program itself put into the
// cells of 점검결과 that people may change: only what differs is theirs.
func reportInfo(r view.Report) *sheet {
	s := infoSheet(kindReport, r.BundleDigest, accountID(r), r.Program)
	for i, it := range r.Items {
		for _, c := range resultColumns {
			if slices.Contains(overruleTitles, c.title) {
				written, _ := c.cell(r, i).value.(string)
				s.info(writtenKey(it.ID, c.title), written)
			}
		}
	}
	return s
}

// overruleTitles are the columns of 점검결과 in which people overrule an item.
var overruleTitles = []string{titleFinal, titleJudge, titleJudged, titleRemark}

func writtenKey(item, title string) string { return sheetResults + "/" + item + "/" + title }

// formColumn is one column of the form. People fill in those without a cell.
type formColumn struct {
	title string
	width float64
	field string // of interview.Answer; empty for what is only shown
	cell  func(i int, q interview.Question) cell
	guide string // how to fill it in
}

// centered columns of answers are short.
func (c formColumn) open() style {
	if c.width < 20 {
		return styleAnswerCenter
	}
	return styleAnswer
}

var formColumns = []formColumn{
	{title: "번호", width: 7, cell: func(i int, _ interview.Question) cell { return number(i + 1) }},
	{title: titleItem, width: 11, field: interview.FieldItem, cell: func(_ int, q interview.Question) cell { return text(styleCenter, q.Item) }},
	{title: "항목명", width: 22, cell: func(_ int, q interview.Question) cell { return text(styleText, q.Title) }},
	{title: titleResource, width: 24, field: interview.FieldResource, cell: func(_ int, q interview.Question) cell {
		if q.Resource == "" {
			return text(styleText, wholeItem)
		}
		return text(styleText, q.Resource)
	}},
	{title: titleAuto, width: 13, cell: func(_ int, q interview.Question) cell { return verdictCell(shown(q.Status)) }},
	{title: "확인된 사실", width: 40, cell: func(_ int, q interview.Question) cell { return text(styleText, q.Reason) }},
	{title: "질문", width: 40, cell: func(_ int, q interview.Question) cell { return text(styleText, q.Text) }},
	{title: "답변자(소속·직위)", width: 20, field: interview.FieldRespondent,
		guide: "선택. 답변한 사람의 소속, 성명, 직위를 적음."},
	{title: "면담일시", width: 18, field: interview.FieldHeld,
		guide: "선택. YYYY-MM-DD 또는 YYYY-MM-DD HH:MM 형식으로 적음(한국 시각)."},
	{title: "답변", width: 44, field: interview.FieldText,
		guide: "질문에 대한 답을 사실대로 적음. 작성한 행에는 답변과 최종판정 중 하나 이상이 필요함."},
	{title: titleFinal, width: 13, field: interview.FieldVerdict,
		guide: "판정하는 때에 목록에서 선택함(양호, 취약, 해당 없음). 비워 두면 미확정으로 남음."},
	{title: "판정 사유", width: 30, field: interview.FieldReason,
		guide: "자동판정 취약을 양호 또는 해당 없음으로 바꾸는 때에 필수."},
	{title: titleJudge, width: 14, field: interview.FieldJudge,
		guide: "최종판정을 적은 때에 필수."},
	{title: titleJudged, width: 14, field: interview.FieldJudged,
		guide: "최종판정을 적은 때에 필수. YYYY-MM-DD 형식이며 증적 수집일보다 빠를 수 없음."},
	{title: "문서번호", width: 19, field: interview.FieldDocument,
		guide: "근거 문서의 번호. 자동판정 점검 불가를 양호 또는 해당 없음으로 판정하는 때에는 문서번호와 첨부 파일 중 하나 이상이 필수."},
	{title: "첨부 파일", width: 24, field: interview.FieldFiles,
		guide: "선택. 이 통합 문서와 같은 폴더에 둔 파일의 이름(png, jpg, jpeg, pdf). 여럿이면 쉼표로 구분하거나 줄을 바꾸어 적음. 경로는 적지 않음."},
}

// shown is a verdict with the word that the report has for it.
func shown(id string) view.Verdict {
	for _, v := range []view.Verdict{
		view.Word("interview"), view.Word("unknown"), view.Word("vulnerable"), view.Word("good"), view.Word("na"),
	} {
		if v.ID == id {
			return v
		}
	}
	return view.Verdict{ID: id, Word: id}
}

// RenderForm writes the interview workbook: the open questions with room for their
// answers. The same form gives the same bytes.
func RenderForm(w io.Writer, f interview.Form, questions []interview.Question) error {
	if len(questions) > maxQuestions {
		return fmt.Errorf("인터뷰 질문이 %d건으로 너무 많아 서식을 만들 수 없음(최대 %d건): 답변은 YAML 형식으로 작성해야 함", len(questions), maxQuestions)
	}
	return writeSheets(w, view.Report{
		Title: "AWS 계정 보안 점검 인터뷰 서식", Marking: f.Simulated, AccountLabel: f.AccountLabel,
		Timestamp: collected(f.CollectedAt), Program: formProgram,
	}, []*sheet{
		questionSheet(f, questions), guideSheet(f), infoSheet(kindForm, f.BundleDigest, f.AccountID, formProgram),
	})
}

// collected reads the printed instant back for the document's properties.
func collected(printed string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, printed[:min(len(printed), len(time.DateTime))], time.FixedZone("KST", 9*60*60))
	if err != nil {
		return time.Unix(0, 0)
	}
	return t
}

// questionSheet is 인터뷰 of the form.
func questionSheet(f interview.Form, questions []interview.Question) *sheet {
	s := newSheet(sheetInterview, nil)
	s.locked = true
	s.headerColumns, s.frozenColumns = 4, 4
	var header []cell
	for _, c := range formColumns {
		s.widths = append(s.widths, c.width)
		header = append(header, text(styleHeader, c.title))
	}
	s.heading("인터뷰 서식", f.Simulated)
	s.add(s.spanned([]cell{text(styleNote, joinNonEmpty(" · ", "대상 계정: "+f.AccountLabel, "수집 시각: "+f.CollectedAt,
		"노란 칸에만 작성함('"+sheetGuide+"' 시트 참조)"))}, []int{s.headerColumns}))
	s.header(header)
	top := s.rows
	s.frozenRows, s.headerRow = top, top
	s.filter = &area{1, top, len(formColumns), top + len(questions) + spareRows}

	s.addRows(len(questions)+spareRows, func(i int) (line, error) {
		var l line
		for _, c := range formColumns {
			switch asked := i < len(questions); {
			case asked && c.cell != nil:
				l.cells = append(l.cells, c.cell(i, questions[i]))
			case asked || c.field != "":
				l.cells = append(l.cells, cell{style: c.open()})
			default:
				l.cells = append(l.cells, cell{style: styleText})
			}
		}
		return l, nil
	})
	verdict := 1 + slices.IndexFunc(formColumns, func(c formColumn) bool { return c.field == interview.FieldVerdict })
	s.offer(area{verdict, top + 1, verdict, s.rows}, finals())
	return s
}

// guideSheet is 안내: how to fill in the form.
func guideSheet(f interview.Form) *sheet {
	s := newSheet(sheetGuide, []float64{34, 100})
	s.locked, s.noGrid = true, true
	s.heading("작성 안내", f.Simulated)
	for _, field := range [][2]string{
		{"대상 계정", f.AccountLabel}, {"수집 시각", f.CollectedAt}, {"증적 묶음 SHA-256 (bundleDigest)", f.BundleDigest},
	} {
		s.labelled(field[0], 1, text(styleText, field[1]))
	}
	s.gap()
	s.section("작성 방법")
	for i, rule := range []string{
		"'" + sheetInterview + "' 시트의 노란 칸에만 작성함. 나머지 칸은 잠겨 있으며, 시트 이름과 열 제목을 바꾸지 않음.",
		"답하지 않는 행은 비워 둠. 빈 행의 대상은 미확정(인터뷰 필요·점검 불가)으로 남으며 다시 답할 수 있음.",
		"최종판정은 사람이 정함. 최종판정에는 판정자와 판정일이 함께 있어야 하며, 인터뷰 필요와 점검 불가는 최종판정이 될 수 없음.",
		"항목 전체에 대한 답변이나 질문에 없는 대상의 최종판정은 표 아래의 빈 행에 작성함. 항목코드를 적고, 대상은 result.json의 resource 이름(예: SECURITY, svc-batch-01/key-1, iam-user/us-east-2)으로 적되 항목 전체이면 비워 둠. 항목 전체에 대한 최종판정은 따로 답하지 않은 인터뷰 필요 대상 모두에 적용됨.",
		"같은 대상에 대한 답변은 한 행에만 작성함.",
		"첨부 파일은 이 통합 문서와 같은 폴더에 두고 이름만 적음. 첨부 파일은 답변과 함께 보존됨.",
		"이 서식은 위의 증적 묶음에만 쓸 수 있음. 다시 수집한 증적에는 새 서식을 만들어 작성함.",
		"작성한 뒤 auditbinder interview check 명령으로 오류를 확인하고, auditbinder report 명령의 --interview 옵션으로 보고서에 반영함.",
	} {
		s.paragraph(styleNote, strconv.Itoa(i+1)+". "+rule)
	}
	s.gap()
	s.section("열별 작성 요령")
	s.add(line{cells: []cell{text(styleHeader, "열"), text(styleHeader, "작성 요령")}})
	for _, c := range formColumns {
		if c.guide != "" {
			s.labelled(c.title, 1, text(styleText, c.guide))
		}
	}
	return s
}

// missingTitles names what is missing: "'판정자', '판정일'".
func missingTitles(titles []string) string {
	quoted := make([]string, len(titles))
	for i, t := range titles {
		quoted[i] = fmt.Sprintf("'%s'", t)
	}
	return strings.Join(quoted, ", ")
}
