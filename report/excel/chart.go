package excel

import (
	"github.com/xuri/excelize/v2"
)

// chart is a column chart over cells that hold its words and numbers.
type chart struct {
	title              string
	name               string // absolute cell of the series' name
	categories, values string // absolute ranges
	at                 area
}

const (
	ink         = "262626" // axis texts are pale by default and do not print
	chartColour = "44546A" // of all columns: the words tell them apart, on a mono print too
)

// draw adds the chart of a sheet that has no rows yet. excelize anchors it by the
// sizes that columns and rows have then: the default ones.
func (b *book) draw(sheet string, c *chart) error {
	const columnPixels, rowPixels, margin = 64, 18, 4
	font := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: bodyFont, Size: size, Bold: bold, Color: ink}
	}
	series := excelize.ChartSeries{
		Name: c.name, Categories: c.categories, Values: c.values, Fill: solid(chartColour),
		DataLabelPosition: excelize.ChartDataLabelsPositionOutsideEnd, DataLabel: excelize.ChartDataLabel{Font: *font(10, true)},
	}
	return b.f.AddChart(sheet, cellName(c.at.left, c.at.top), &excelize.Chart{
		Type: excelize.Col, Series: []excelize.ChartSeries{series}, VaryColors: new(false), GapWidth: new(uint(60)),
		Dimension: excelize.ChartDimension{
			Width:  uint((c.at.right-c.at.left+1)*columnPixels - margin),
			Height: uint((c.at.bottom-c.at.top+1)*rowPixels - margin),
		},
		Format:   excelize.GraphicOptions{AltText: c.title},
		Title:    excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.title, Font: font(11, true)}}},
		Legend:   excelize.ChartLegend{Position: "none"},
		PlotArea: excelize.ChartPlotArea{ShowVal: true},
		XAxis:    excelize.ChartAxis{Font: *font(10, false)},
		YAxis:    excelize.ChartAxis{Font: *font(9, false), Minimum: new(0.0), NumFmt: excelize.ChartNumFmt{CustomNumFmt: "0"}},
	})
}

func solid(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}
