package excel

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"auditbinder/report/view"
)

const (
	bodyFont = "맑은 고딕"
	monoFont = "Consolas"
)

// style names a cell format of the workbook.
type style int

const (
	styleText style = iota
	styleCenter
	styleMono
	styleNumber
	stylePercent
	styleLink
	styleHeader
	styleTitle
	styleCoverTitle
	styleMarking
	styleWrappedMarking
	styleCoverMarking
	styleSection
	styleLabel
	styleNote
	stylePlainLink
	styleGood
	styleVulnerable
	styleInterview
	styleNA
	styleUnknown
	styleAnswer
	styleAnswerCenter
	styleCount
)

// colours of one verdict; tab is the sheet tab's.
type colours struct{ fill, font, tab string }

var verdictColours = map[string]colours{
	"good":       {"C6EFCE", "006100", "FF00B050"},
	"vulnerable": {"FFC7CE", "9C0006", "FFC00000"},
	"interview":  {"FFEB9C", "7F6000", "FFFFC000"},
	"na":         {"E7E6E6", "404040", "FFBFBFBF"},
	"unknown":    {"595959", "FFFFFF", "FF595959"},
}

// verdictStyle is the format of a cell that shows a verdict.
func verdictStyle(id string) style {
	switch id {
	case "good":
		return styleGood
	case "vulnerable":
		return styleVulnerable
	case "interview":
		return styleInterview
	case "na":
		return styleNA
	case "unknown":
		return styleUnknown
	}
	return styleCenter
}

// look is what the formats differ in.
type look struct {
	bold, underline, mono, border bool
	size                          float64
	color, fill                   string
	horizontal                    string
	vertical                      string
	noWrap                        bool
	open                          bool   // can be changed on a locked sheet
	format                        string // number format; text where empty
}

var looks = [styleCount]look{
	styleText:           {border: true},
	styleCenter:         {border: true, horizontal: "center"},
	styleMono:           {border: true, mono: true, size: 9},
	styleNumber:         {border: true, horizontal: "right", format: "#,##0"},
	stylePercent:        {border: true, horizontal: "right", format: "0.0%"},
	styleLink:           {border: true, underline: true, color: "0563C1"},
	styleHeader:         {border: true, bold: true, horizontal: "center", vertical: "center", fill: "D9E1F2"},
	styleTitle:          {bold: true, size: 15, vertical: "center", noWrap: true},
	styleCoverTitle:     {bold: true, size: 20, horizontal: "center", vertical: "center"},
	styleMarking:        {bold: true, size: 11, color: "C00000", vertical: "center", noWrap: true},
	styleWrappedMarking: {bold: true, size: 11, color: "C00000", vertical: "center"},
	styleCoverMarking:   {bold: true, size: 14, color: "C00000", horizontal: "center", vertical: "center"},
	styleSection:        {bold: true, size: 12, vertical: "center", noWrap: true, color: "1F3864"},
	styleLabel:          {border: true, bold: true, fill: "F2F2F2", vertical: "center"},
	styleNote:           {},
	stylePlainLink:      {underline: true, color: "0563C1", noWrap: true},
	styleGood:           verdictLook("good"),
	styleVulnerable:     verdictLook("vulnerable"),
	styleInterview:      verdictLook("interview"),
	styleNA:             verdictLook("na"),
	styleUnknown:        verdictLook("unknown"),
	styleAnswer:         {border: true, open: true, fill: "FFFBE6"},
	styleAnswerCenter:   {border: true, open: true, fill: "FFFBE6", horizontal: "center"},
}

func verdictLook(id string) look {
	c := verdictColours[id]
	return look{border: true, bold: true, horizontal: "center", color: c.font, fill: c.fill}
}

// registerStyles makes every format known to the file.
func registerStyles(f *excelize.File) ([styleCount]int, error) {
	var ids [styleCount]int
	for i, l := range looks {
		id, err := f.NewStyle(l.excelize())
		if err != nil {
			return ids, fmt.Errorf("excel: style %d: %w", i, err)
		}
		ids[i] = id
	}
	return ids, nil
}

func (l look) excelize() *excelize.Style {
	s := &excelize.Style{
		NumFmt:    49, // text: editing a cell must not turn it into a formula
		Font:      &excelize.Font{Family: bodyFont, Size: 10, Bold: l.bold, Color: l.color},
		Alignment: &excelize.Alignment{Horizontal: l.horizontal, Vertical: "top", WrapText: !l.noWrap},
	}
	if l.format != "" {
		s.NumFmt, s.CustomNumFmt = 0, &l.format
		s.Alignment.Indent = 1
	}
	if l.mono {
		s.Font.Family = monoFont
	}
	if l.underline {
		s.Font.Underline = "single"
	}
	if l.size > 0 {
		s.Font.Size = l.size
	}
	if l.vertical != "" {
		s.Alignment.Vertical = l.vertical
	}
	if l.fill != "" {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	if l.open {
		s.Protection = &excelize.Protection{Locked: false}
	}
	if l.border {
		for _, side := range []string{"left", "right", "top", "bottom"} {
			s.Border = append(s.Border, excelize.Border{Type: side, Style: 1, Color: "A6A6A6"})
		}
	}
	return s
}

// choiceRules colour an area that people fill in: cell equals the word.
func choiceRules(f *excelize.File, words []view.Verdict) ([]excelize.ConditionalFormatOptions, error) {
	var rules []excelize.ConditionalFormatOptions
	for _, w := range words {
		c, ok := verdictColours[w.ID]
		if !ok {
			continue
		}
		format, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: c.font}, Fill: solid(c.fill)})
		if err != nil {
			return nil, fmt.Errorf("excel: colour of %s: %w", w.Word, err)
		}
		rules = append(rules, excelize.ConditionalFormatOptions{
			Type: "cell", Criteria: "equal to", Value: formulaString(w.Word), Format: &format,
		})
	}
	return rules, nil
}
