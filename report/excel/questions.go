package excel

import "auditbinder/report/view"

// questionColumns are those of 인터뷰: what is asked, and what people answer.
var questionColumns = []column{
	{titleItem, 10, func(r view.Report, i int) cell {
		q := r.Questions[i]
		return cell{style: styleLink, value: q.Item, link: q.Item}
	}},
	{titleResource, 24, asks(styleText, func(q view.Question) string {
		if q.Resource == "" {
			return wholeItem
		}
		return q.Resource
	})},
	{titleAuto, 13, func(r view.Report, i int) cell { return verdictCell(r.Questions[i].Status) }},
	{"확인된 사실", 44, asks(styleText, func(q view.Question) string { return q.Reason })},
	{"질문", 44, asks(styleText, func(q view.Question) string { return q.Text })},
	{"답변자(소속·직위)", 20, asks(styleAnswer, func(q view.Question) string { return q.Answer.Respondent })},
	{"면담일시", 17, asks(styleAnswerCenter, func(q view.Question) string { return q.Answer.Held })},
	{"답변", 40, asks(styleAnswer, func(q view.Question) string { return q.Answer.Text })},
	{"제출 증적", 22, asks(styleAnswer, func(q view.Question) string { return q.Answer.Files })},
	{titleAnswered, 12, asks(styleAnswerCenter, func(q view.Question) string { return q.Answer.Final })},
	{titleJudge, 14, asks(styleAnswer, func(q view.Question) string { return q.Answer.Judge })},
	{titleJudged, 13, asks(styleAnswerCenter, func(q view.Question) string { return q.Answer.Judged })},
	{"문서번호", 18, asks(styleAnswer, func(q view.Question) string { return q.Answer.Document })},
	{"판정 사유", 26, asks(styleAnswer, func(q view.Question) string { return q.Answer.Rationale })},
}

const titleAnswered = "판정"

func asks(st style, of func(view.Question) string) func(view.Report, int) cell {
	return func(r view.Report, i int) cell { return text(st, of(r.Questions[i])) }
}

// questionsSheet is 인터뷰, and where 요약 counts what is open.
func questionsSheet(r view.Report, in scope) (*sheet, scope) {
	s, column := columnSheet(r, sheetInterview, questionColumns, len(r.Questions))
	if len(r.Questions) == 0 {
		s.paragraph(styleText, "인터뷰로 확인할 대상이 0건임.")
		return s, in
	}
	s.offer(column(titleAnswered), finals())
	in.asked, in.answered = column(titleItem).absolute(s.name), column(titleAnswered).absolute(s.name)
	return s, in
}
