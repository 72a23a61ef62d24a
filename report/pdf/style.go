package pdf

import (
	"math"

	"github.com/johnfercher/maroto/v2/pkg/consts/align"
	"github.com/johnfercher/maroto/v2/pkg/consts/breakline"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontstyle"
	"github.com/johnfercher/maroto/v2/pkg/props"
)

// A4 portrait, in mm.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	marginSide = 18.0
	marginTop  = 10.0
	marginEnd  = 9.0
	printWidth = pageWidth - 2*marginSide
	frame      = pageHeight - marginTop - marginEnd - slack // height of all rows of a page

	// slack keeps a page's rows below maroto's limit.
	slack = 1.0 / 64
)

// snap rounds a height up to 1/64 mm. Such heights add up without rounding
// error, so that maroto and gofpdf agree exactly on where a page is full.
func snap(mm float64) float64 { return math.Ceil(mm*64) / 64 }

const mmPerPoint = 25.4 / 72

// fontFamily and fontStyle name the faces inside the document.
var (
	fontFamily = [faceCount]string{"noto", "noto", "nanum"}
	fontStyle  = [faceCount]fontstyle.Type{fontstyle.Normal, fontstyle.Bold, fontstyle.Normal}
)

// style is how a text is set.
type style struct {
	face  faceID
	em    float64                // mm
	lead  float64                // distance of two lines, mm
	props [faceCount]*props.Text // as maroto wants it, by the face that draws
}

// newStyle makes a style of a size in points; nil is black.
func newStyle(face faceID, points, lineSpacing float64, color *props.Color) *style {
	em := points * mmPerPoint
	s := &style{face: face, em: em, lead: snap(em * lineSpacing)}
	for id := range s.props {
		s.props[id] = &props.Text{
			Family: fontFamily[id], Style: fontStyle[id], Size: points, Color: color,
			Align: align.Left, BreakLineStrategy: breakline.EmptySpaceStrategy,
		}
	}
	return s
}

// Colours: dark enough to read on tints and in mono print.
var (
	navy      = &props.Color{Red: 31, Green: 56, Blue: 100}
	red       = &props.Color{Red: 176, Green: 0, Blue: 24}
	grey      = &props.Color{Red: 90, Green: 90, Blue: 90}
	white     = &props.Color{Red: 255, Green: 255, Blue: 255}
	ruleGrey  = &props.Color{Red: 150, Green: 150, Blue: 150}
	ruleDark  = &props.Color{Red: 60, Green: 60, Blue: 60}
	tintHead  = &props.Color{Red: 222, Green: 229, Blue: 240}
	tintLabel = &props.Color{Red: 241, Green: 244, Blue: 249}
	tintWarn  = &props.Color{Red: 255, Green: 244, Blue: 214}
)

// Line widths in mm.
const (
	thin  = 0.15
	thick = 0.5
)

// Styles. Nothing is smaller than 7 pt.
var (
	coverTitle = newStyle(bold, 23, 1.4, navy)
	coverSub   = newStyle(regular, 12, 1.4, nil)
	coverDraft = newStyle(bold, 14, 1.4, red)
	partTitle  = newStyle(bold, 16, 1.4, navy)
	itemTitle  = newStyle(bold, 13, 1.4, navy)
	heading    = newStyle(bold, 11, 1.4, navy)
	subheading = newStyle(bold, 9.5, 1.4, nil)
	body       = newStyle(regular, 9.5, 1.5, nil)
	bodyBold   = newStyle(bold, 9.5, 1.5, nil)
	note       = newStyle(regular, 8, 1.4, grey)
	field      = newStyle(regular, 8.5, 1.4, nil)
	fieldBold  = newStyle(bold, 8.5, 1.4, nil)
	fieldMono  = newStyle(mono, 8.5, 1.4, nil)
	warning    = newStyle(bold, 8.5, 1.4, red)
	cellText   = newStyle(regular, 7.5, 1.35, nil)
	cellMono   = newStyle(mono, 7.2, 1.4, nil)
	cellHead   = newStyle(bold, 7.5, 1.35, nil)
	frameText  = newStyle(regular, 8, 1.35, grey)
	frameBold  = newStyle(bold, 8, 1.35, nil)
	marking    = newStyle(bold, 9, 1.35, red)
	figure     = newStyle(bold, 16, 1.3, navy)
)

// look is how a verdict is drawn. The word always stands with it.
type look struct {
	word  string // if the view gave none
	tint  *props.Color
	cell  *style // in tables
	field *style // in boxes
}

func newLook(word string, tint, ink *props.Color) look {
	return look{word, tint, newStyle(bold, 7.5, 1.35, ink), newStyle(bold, 9.5, 1.4, ink)}
}

// looks are the verdict colours by id: light tints with dark words, and the
// reverse for unknown, so that a grey print still tells them apart.
var looks = map[string]look{
	"good":       newLook("양호", &props.Color{Red: 223, Green: 242, Blue: 227}, &props.Color{Red: 15, Green: 94, Blue: 40}),
	"vulnerable": newLook("취약", &props.Color{Red: 251, Green: 217, Blue: 217}, &props.Color{Red: 156, Green: 0, Blue: 16}),
	"interview":  newLook("인터뷰 필요", &props.Color{Red: 255, Green: 239, Blue: 184}, &props.Color{Red: 107, Green: 72, Blue: 0}),
	"na":         newLook("해당 없음", &props.Color{Red: 236, Green: 236, Blue: 236}, &props.Color{Red: 80, Green: 80, Blue: 80}),
	"unknown":    newLook("점검 불가", &props.Color{Red: 88, Green: 92, Blue: 98}, white),
}
