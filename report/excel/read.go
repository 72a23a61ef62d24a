package excel

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"auditbinder/report/interview"
)

const (
	headerRows  = 30  // the header stands within the first rows
	maxColumns  = 256 // of a row that is read
	maxAnswers  = 100_000
	maxRead     = 48 << 20 // bytes of cell text that is read
	maxFileList = 10_000   // bytes of one cell's attachments
)

// answerSheet is a sheet with answers: one a row, below a header.
type answerSheet struct {
	name    string
	columns []answerColumn
	// overrules: the program fills in the sheet too, and only what differs from
	// that is an answer.
	overrules bool
}

// answerColumn finds a field by the title of its column.
type answerColumn struct{ field, title string }

// answerSheets are the sheets by the kind of workbook, in the order of reading.
var answerSheets = map[string][]answerSheet{
	kindForm: {{name: sheetInterview, columns: formAnswers()}},
	kindReport: {
		{name: sheetResults, overrules: true, columns: []answerColumn{
			{interview.FieldItem, titleItem}, {interview.FieldVerdict, titleFinal}, {interview.FieldJudge, titleJudge},
			{interview.FieldJudged, titleJudged}, {interview.FieldReason, titleRemark},
		}},
		{name: sheetInterview, columns: []answerColumn{
			{interview.FieldItem, titleItem}, {interview.FieldResource, titleResource}, {interview.FieldRespondent, "답변자(소속·직위)"},
			{interview.FieldHeld, "면담일시"}, {interview.FieldText, "답변"}, {interview.FieldFiles, "제출 증적"},
			{interview.FieldVerdict, "판정"}, {interview.FieldJudge, titleJudge}, {interview.FieldJudged, titleJudged},
			{interview.FieldDocument, "문서번호"}, {interview.FieldReason, "판정 사유"},
		}},
	},
}

func formAnswers() []answerColumn {
	var columns []answerColumn
	for _, c := range formColumns {
		if c.field != "" {
			columns = append(columns, answerColumn{c.field, c.title})
		}
	}
	return columns
}

// ReadAnswers reads what people filled in: the interview form, or the 최종판정 of
// 점검결과 and the rows of 인터뷰 of a report, each as any program saved it. Values
// are the cells' texts; of a formula it is the value that the file holds for it,
// nothing is computed. A date may be text or a date cell. A row with nothing filled
// in is no answer. Problems are values that cannot be meant; an error says that the
// file is no such workbook, or not one to be trusted (see openWorkbook).
func ReadAnswers(r io.ReaderAt, size int64) (interview.File, []interview.Problem, error) {
	f, err := openWorkbook(r, size)
	if err != nil {
		return interview.File{}, nil, err
	}
	defer func() { _ = f.Close() }()
	rd := reader{f: f, left: maxRead}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		rd.date1904 = *props.Date1904
	}
	sheets, err := rd.info()
	if err != nil {
		return interview.File{}, nil, err
	}
	if err := rd.present(sheets); err != nil {
		return interview.File{}, nil, err
	}
	for _, s := range sheets {
		if err := rd.answers(s); err != nil {
			return interview.File{}, nil, err
		}
	}
	return rd.file, rd.problems, nil
}

// openWorkbook opens a workbook of unknown origin: everything is measured, then the
// parts that hold cells go to excelize, and only those.
func openWorkbook(r io.ReaderAt, size int64) (*excelize.File, error) {
	cells, err := inspect(r, size)
	if err != nil {
		return nil, err
	}
	// Equal limits: nothing of it is spilled to disk.
	f, err := excelize.OpenReader(cells, excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped,
	})
	if err != nil {
		return nil, fmt.Errorf("엑셀 통합 문서를 읽을 수 없음(파일이 손상됨): %w", err)
	}
	return f, nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// reader reads one workbook.
type reader struct {
	f        *excelize.File
	date1904 bool
	left     int               // bytes of text still to be read
	noted    map[string]string // by key of the hidden sheet
	file     interview.File
	problems []interview.Problem
}

// rows calls each with every row of a sheet that has content, counted from 1.
func (rd *reader) rows(sheet string, each func(row int, cells []string) error) error {
	rows, err := rd.f.Rows(sheet)
	if err != nil {
		return fmt.Errorf("'%s' 시트를 읽을 수 없음(시트가 너무 크거나 손상됨)", sheet)
	}
	defer func() { _ = rows.Close() }()
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return fmt.Errorf("'%s' 시트를 읽을 수 없음(%d행): %w", sheet, n, err)
		}
		if len(cells) > maxColumns {
			return fmt.Errorf("'%s' 시트의 열이 너무 많음(%d행, 최대 %d열)", sheet, n, maxColumns)
		}
		for i, text := range cells {
			if rd.left -= len(text); rd.left < 0 {
				return fmt.Errorf("'%s' 시트의 내용이 너무 많음(최대 %d MB)", sheet, maxRead>>20)
			}
			cells[i] = strings.TrimSpace(lineEnds.Replace(unescaped(text)))
		}
		if len(cells) == 0 {
			continue
		}
		if err := each(n, cells); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return fmt.Errorf("'%s' 시트를 읽을 수 없음: %w", sheet, err)
	}
	return nil
}

// info reads the hidden sheet and returns the sheets with answers.
func (rd *reader) info() ([]answerSheet, error) {
	if !slices.Contains(rd.f.GetSheetList(), sheetInfo) {
		return nil, fmt.Errorf("auditbinder가 만든 인터뷰 서식 또는 보고서가 아님: '%s' 시트가 없음", sheetInfo)
	}
	rd.noted = map[string]string{}
	err := rd.rows(sheetInfo, func(row int, cells []string) error {
		value := ""
		if len(cells) > 1 {
			value = cells[1]
		}
		if _, twice := rd.noted[cells[0]]; twice {
			return fmt.Errorf("'%s' 시트에 같은 이름의 값이 둘 있음: %q", sheetInfo, shortened(cells[0]))
		}
		rd.noted[cells[0]] = value
		if cells[0] == infoDigest {
			rd.file.BundleDigest = value
			rd.file.Where = interview.Place{Sheet: sheetInfo, Row: row, Columns: map[string]string{interview.FieldBundle: "B"}}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	schema := rd.noted[infoSchema]
	for _, kind := range []string{kindForm, kindReport} {
		if schema == schemaOf(kind) {
			if rd.file.BundleDigest == "" {
				return nil, fmt.Errorf("'%s' 시트에 %s 값이 없음: 어느 증적 묶음에 대한 답변인지 알 수 없음", sheetInfo, infoDigest)
			}
			return answerSheets[kind], nil
		}
	}
	return nil, fmt.Errorf("'%s' 시트의 형식(%s)을 지원하지 않음: %q (지원하는 형식: %s, %s)", sheetInfo, infoSchema,
		shortened(schema), schemaOf(kindForm), schemaOf(kindReport))
}

// present checks that no sheet is missing.
func (rd *reader) present(sheets []answerSheet) error {
	have := rd.f.GetSheetList()
	var missing []string
	for _, s := range sheets {
		if !slices.Contains(have, s.name) {
			missing = append(missing, s.name)
		}
	}
	if missing != nil {
		return fmt.Errorf("통합 문서에 %s 시트가 없음", missingTitles(missing))
	}
	return nil
}

// answers reads one sheet: header, then rows.
func (rd *reader) answers(s answerSheet) error {
	var columns map[string]int // by field, from 0
	var letters map[string]string
	err := rd.rows(s.name, func(row int, cells []string) error {
		switch {
		case columns != nil:
			return rd.row(s, interview.Place{Sheet: s.name, Row: row, Columns: letters}, columns, cells)
		case row > headerRows || !slices.ContainsFunc(cells, func(c string) bool { return title(c) == titleItem }):
			return nil
		}
		var err error
		columns, letters, err = s.header(cells)
		return err
	})
	if err == nil && columns == nil {
		err = fmt.Errorf("'%s' 시트의 처음 %d행에 '%s' 열 제목이 없음", s.name, headerRows, titleItem)
	}
	return err
}

// title is a column title as compared: people wrap and widen them.
func title(text string) string { return strings.Join(strings.Fields(text), "") }

// header finds the columns of a sheet's fields by their titles.
func (s answerSheet) header(cells []string) (columns map[string]int, letters map[string]string, err error) {
	columns, letters = map[string]int{}, map[string]string{}
	var missing []string
	for _, c := range s.columns {
		is := func(text string) bool { return title(text) == title(c.title) }
		i := slices.IndexFunc(cells, is)
		if i < 0 {
			missing = append(missing, c.title)
			continue
		}
		if slices.ContainsFunc(cells[i+1:], is) {
			return nil, nil, fmt.Errorf("'%s' 시트에 '%s' 열이 둘 이상임", s.name, c.title)
		}
		columns[c.field] = i
		if letters[c.field], err = excelize.ColumnNumberToName(i + 1); err != nil {
			return nil, nil, err
		}
	}
	if missing != nil {
		return nil, nil, fmt.Errorf("'%s' 시트에 %s 열이 없음", s.name, missingTitles(missing))
	}
	return columns, letters, nil
}

// row reads one row, which is an answer if anything is filled in.
func (rd *reader) row(s answerSheet, where interview.Place, columns map[string]int, cells []string) error {
	values := map[string]string{}
	for field, i := range columns {
		if i < len(cells) {
			values[field] = cells[i]
		}
	}
	if s.overrules {
		if !rd.overruled(values) {
			return nil
		}
		if had := rd.noted[writtenKey(values[interview.FieldItem], titleFinal)]; had != "" && values[interview.FieldVerdict] == "" {
			rd.problems = append(rd.problems, interview.Problem{At: where.At(interview.FieldVerdict), Text: fmt.Sprintf(
				"최종판정(%s)을 지워서는 거둘 수 없음: '%s' 시트에서 그 판정의 답변을 지워야 함", had, sheetInterview)})
			return nil
		}
	}
	a := interview.Answer{
		Item: values[interview.FieldItem], Resource: resource(values[interview.FieldResource]),
		Respondent: values[interview.FieldRespondent], Text: values[interview.FieldText],
		Verdict: verdictOf(values[interview.FieldVerdict]), Reason: values[interview.FieldReason],
		Judge: values[interview.FieldJudge], Document: values[interview.FieldDocument], Where: where,
	}
	unread := func(field, format string, args ...any) {
		a.Where.Unread = append(a.Where.Unread, field)
		rd.problems = append(rd.problems, interview.Problem{At: where.At(field), Text: fmt.Sprintf(format, args...)})
	}
	if held := values[interview.FieldHeld]; held != "" {
		m, err := rd.moment(held)
		if err != nil {
			unread(interview.FieldHeld, "면담일시 오류: %q (YYYY-MM-DD 또는 YYYY-MM-DD HH:MM 형식의 실제 일시여야 함)", shortened(held))
		}
		a.Held = strings.TrimSpace(m.day + " " + m.clock)
	}
	if judged := values[interview.FieldJudged]; judged != "" {
		m, err := rd.moment(judged)
		if err == nil {
			err = a.Judged.UnmarshalText([]byte(m.day))
		}
		if err != nil {
			unread(interview.FieldJudged, "판정일 오류: %q (YYYY-MM-DD 형식의 실제 날짜여야 함)", shortened(judged))
		}
	}
	if files := values[interview.FieldFiles]; len(files) > maxFileList {
		unread(interview.FieldFiles, "첨부 파일의 목록이 너무 긺(최대 %d바이트)", maxFileList)
	} else {
		a.Files = fileNames(files)
	}
	if a.Empty() {
		return nil
	}
	if len(rd.file.Answers) == maxAnswers {
		return fmt.Errorf("답변이 너무 많음(최대 %d건)", maxAnswers)
	}
	rd.file.Answers = append(rd.file.Answers, a)
	return nil
}

// overruled reports whether a person judged the item of a row of 점검결과, and
// leaves of its remark what that person wrote. A remark that the program did not note
// as its own or not could be either: it is no one's reason.
func (rd *reader) overruled(values map[string]string) bool {
	own := func(title string) string { return rd.noted[writtenKey(values[interview.FieldItem], title)] }
	remark, noted := rd.noted[writtenKey(values[interview.FieldItem], titleRemark)]
	if noted {
		values[interview.FieldReason] = strings.TrimSpace(strings.TrimPrefix(values[interview.FieldReason], remark))
	} else {
		values[interview.FieldReason] = ""
	}
	return values[interview.FieldVerdict] != own(titleFinal) ||
		values[interview.FieldJudge] != own(titleJudge) || values[interview.FieldJudged] != own(titleJudged)
}

// resource is a target as the bundle names it, undone of what a cell cannot hold.
func resource(text string) string {
	if text == wholeItem {
		return ""
	}
	return strings.ReplaceAll(text, "<U+005F>", "_")
}

// verdictOf is the id of a verdict's word; any other word stays for Check to name.
func verdictOf(word string) string {
	for _, v := range interview.Verdicts {
		if title(word) == title(v.Word) {
			return v.ID
		}
	}
	return word
}

func fileNames(list string) []string {
	var names []string
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// moment is a day, and a time of day where there is one.
type moment struct{ day, clock string }

// Days of date cells that are taken for such: 2000 to 2099. No one writes a day as a
// bare number, but programs show it so once its format is lost.
const firstYear, lastYear = 2000, 2099

var (
	errMoment  = errors.New("not a moment")
	momentText = regexp.MustCompile(`^(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?` +
		`(?:(?:T|\s+)(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?Z?)?(?:\s*KST)?$`)
)

// moment reads a date or an instant: text as people write it, or a date cell.
func (rd *reader) moment(text string) (moment, error) {
	if serial, err := strconv.ParseFloat(text, 64); err == nil && serial > 0 && serial < 100_000 {
		t, err := excelize.ExcelDateToTime(serial, rd.date1904)
		t = t.Round(time.Minute)
		if err != nil || t.Year() < firstYear || t.Year() > lastYear {
			return moment{}, errMoment
		}
		m := moment{day: t.Format("2006-01-02")}
		if clock := t.Format("15:04"); clock != "00:00" {
			m.clock = clock
		}
		return m, nil
	}
	fields := momentText.FindStringSubmatch(text)
	if fields == nil {
		return moment{}, errMoment
	}
	var n [6]int
	for i := 1; i < len(fields); i++ {
		n[i], _ = strconv.Atoi(fields[i]) // digits, or none
	}
	var day interview.Answer // of a type that has no name here
	m := moment{day: fmt.Sprintf("%04d-%02d-%02d", n[1], n[2], n[3])}
	if err := day.Judged.UnmarshalText([]byte(m.day)); err != nil || n[4] > 23 || n[5] > 59 {
		return moment{}, errMoment
	}
	if fields[4] != "" {
		m.clock = fmt.Sprintf("%02d:%02d", n[4], n[5])
	}
	return m, nil
}

// shortened is a value as a message cites it.
func shortened(text string) string {
	const most = 100
	if runes := []rune(text[:min(len(text), 4*most)]); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
