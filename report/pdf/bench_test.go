package pdf

import (
	"bytes"
	"testing"
	"time"

	"github.com/phpdave11/gofpdf"

	"auditbinder/report/view"
)

const benchRows = 10_000

// tableReport holds little besides one table.
func tableReport(rows int) view.Report {
	return view.Report{Timestamp: time.Unix(0, 0), Items: []view.Item{{Facts: []view.Table{userTable(rows)}}}}
}

func BenchmarkTable10000(b *testing.B) {
	r := tableReport(benchRows)
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := Render(&out, r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "file-bytes")
}

// BenchmarkLayout10000 is the part of it before maroto.
func BenchmarkLayout10000(b *testing.B) {
	r := tableReport(benchRows)
	fs := mustFaces(b)
	for b.Loop() {
		layout(fs, fs.newFrame(r), r)
	}
}

// BenchmarkBareGofpdf10000 is the yardstick: the same rows, lines and columns
// drawn with gofpdf alone.
func BenchmarkBareGofpdf10000(b *testing.B) {
	t := userTable(benchRows)
	fs := mustFaces(b)
	weights, titles := make([]float64, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		weights[i], titles[i] = c.Weight, c.Title
	}
	widths := fs.columnWidths(weights, titles)
	for b.Loop() {
		f := gofpdf.New("P", "mm", "A4", "")
		f.SetMargins(marginSide, marginTop, marginSide)
		f.SetAutoPageBreak(false, 0)
		for id := range faceCount {
			f.AddUTF8FontFromBytes(fontFamily[id], string(fontStyle[id]), faceFiles[id].bytes())
		}
		y := pageHeight
		for _, row := range t.Rows {
			height := 0.0
			cells := make([][]line, len(row.Cells))
			for i, c := range row.Cells {
				st := tableCell(t.Columns[i], c).style
				for _, l := range c.Lines {
					cells[i] = append(cells[i], fs[st.face].wrap(fs.clean(l), int((widths[i]-2*padX)/st.em*1000))...)
				}
				height = max(height, float64(len(cells[i]))*st.lead+2*padY)
			}
			if y+height > pageHeight-marginEnd {
				f.AddPage()
				y = marginTop
			}
			x := marginSide
			for i, c := range row.Cells {
				st := tableCell(t.Columns[i], c).style
				f.Rect(x, y, widths[i], height, "D")
				f.SetFont(fontFamily[st.face], string(fontStyle[st.face]), st.props[st.face].Size)
				for n, l := range cells[i] {
					f.Text(x+padX, y+padY+float64(n+1)*st.lead, l.text)
				}
				x += widths[i]
			}
			y += height
		}
		var out bytes.Buffer
		if err := f.Output(&out); err != nil {
			b.Fatal(err)
		}
	}
}
