//go:build unix

package pdf

import (
	"bytes"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/johnfercher/maroto/v2"
	"github.com/johnfercher/maroto/v2/pkg/components/col"
	"github.com/johnfercher/maroto/v2/pkg/components/text"
	"github.com/johnfercher/maroto/v2/pkg/consts/border"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/props"
	"github.com/phpdave11/gofpdf"

	"auditbinder/report/view"
)

// tableReport holds little besides one table.
func tableReport(rows int) view.Report {
	return view.Report{Timestamp: time.Unix(0, 0), Items: []view.Item{{Facts: []view.Table{userTable(rows)}}}}
}

// engines draw a table with the same cells.
var engines = []struct {
	name string
	draw func(*testing.B, *view.Report) []byte
}{
	{"stock", stockMaroto},
	{"bare", bareGofpdf},
	{"table", drawnTable},
	{"whole", func(b *testing.B, r *view.Report) []byte { return renderBytes(b, *r) }},
}

// BenchmarkEngines tells processor seconds, pages, bytes and the highest memory
// of the process. .ci/pdf-bench runs each in a process of its own.
func BenchmarkEngines(b *testing.B) {
	for _, e := range engines {
		for _, rows := range []int{1_000, 10_000, 50_000} {
			b.Run(fmt.Sprintf("%s/%d", e.name, rows), func(b *testing.B) {
				r := tableReport(rows)
				mustFaces(b)
				runtime.GC()
				var data []byte
				before := usage(b)
				for b.Loop() {
					data = e.draw(b, &r)
				}
				after := usage(b)
				b.ReportMetric(seconds(after, before)/float64(b.N), "cpu-s")
				b.ReportMetric(float64(bytes.Count(data, []byte("/Type /Page\n"))), "pages")
				b.ReportMetric(float64(after.Maxrss)/1024, "peak-MB")
				b.ReportMetric(float64(len(data))/1e6, "file-MB")
			})
		}
	}
}

func usage(b *testing.B) (u syscall.Rusage) {
	b.Helper()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u
}

func seconds(after, before syscall.Rusage) float64 {
	return float64(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano()) / 1e9
}

// BenchmarkLayout10000 is the part before maroto.
func BenchmarkLayout10000(b *testing.B) {
	r := tableReport(10_000)
	fs := mustFaces(b)
	for b.Loop() {
		layout(fs, fs.newFrame(r), r)
	}
}

// drawnTable is a report up to where its archive form begins.
func drawnTable(b *testing.B, r *view.Report) []byte {
	fs := mustFaces(b)
	frame := fs.newFrame(*r)
	data, err := generate(assemble(frame, layout(fs, frame, *r)))
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// bands are the rows of a table as the PDF draws them: cells side by side, then
// the columns that stand below.
func bands(fs *faces, t view.Table, do func(widths []float64, cells []cell)) {
	var weights []float64
	var titles []string
	for _, c := range t.Columns {
		if !c.Below {
			weights, titles = append(weights, c.Weight), append(titles, c.Title)
		}
	}
	beside, under := fs.columnWidths(weights, titles), []float64{belowWidth, printWidth - belowWidth}
	for _, row := range t.Rows {
		var cells []cell
		for i, c := range t.Columns {
			if !c.Below {
				cells = append(cells, tableCell(c, row.Cells[i]))
			}
		}
		do(beside, cells)
		for i, c := range t.Columns {
			if c.Below {
				do(under, []cell{{lines: []string{c.Title}, style: cellHead, tint: tintLabel}, tableCell(c, row.Cells[i])})
			}
		}
	}
}

// bareGofpdf is the yardstick: cells with border and tint, drawn with gofpdf
// alone but for the line breaks, which are the same ones.
func bareGofpdf(b *testing.B, r *view.Report) []byte {
	fs := mustFaces(b)
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetMargins(marginSide, marginTop, marginSide)
	f.SetAutoPageBreak(false, 0)
	for id := range faceCount {
		f.AddUTF8FontFromBytes(fontFamily[id], string(fontStyle[id]), faceFiles[id].bytes())
	}
	y := pageHeight
	bands(fs, r.Items[0].Facts[0], func(widths []float64, cells []cell) {
		height := 0.0
		broken := make([][]line, len(cells))
		for i, c := range cells {
			for _, l := range c.lines {
				broken[i] = append(broken[i], fs[c.style.face].wrap(fs.clean(l), int((widths[i]-2*padX)/c.style.em*1000))...)
			}
			height = max(height, float64(len(broken[i]))*c.style.lead+2*padY)
		}
		if y+height > pageHeight-marginEnd {
			f.AddPage()
			y = marginTop
		}
		x := marginSide
		for i, c := range cells {
			how := "D"
			if c.tint != nil {
				f.SetFillColor(c.tint.Red, c.tint.Green, c.tint.Blue)
				how = "FD"
			}
			f.Rect(x, y, widths[i], height, how)
			f.SetFont(fontFamily[c.style.face], string(fontStyle[c.style.face]), c.style.props[c.style.face].Size)
			for n, l := range broken[i] {
				f.Text(x+padX, y+padY+float64(n+1)*c.style.lead, l.text)
			}
			x += widths[i]
		}
		y += height
	})
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// stockMaroto draws the cells with maroto's own auto rows. Its columns are
// twelfths, and long words run over them.
func stockMaroto(b *testing.B, r *view.Report) []byte {
	m := maroto.New(documentConfig())
	bands(mustFaces(b), r.Items[0].Facts[0], func(widths []float64, cells []cell) {
		cols := make([]core.Col, len(cells))
		for i, c := range cells {
			size := max(1, int(widths[i]/printWidth*12))
			style := &props.Cell{BorderType: border.Full, BorderThickness: thin, BackgroundColor: c.tint}
			prop := *c.style.props[c.style.face]
			prop.Left, prop.Right, prop.Top, prop.Bottom = padX, padX, padY, padY
			cols[i] = col.New(size).Add(text.New(c.lines[0], prop)).WithStyle(style)
		}
		m.AddAutoRow(cols...)
	})
	doc, err := m.Generate()
	if err != nil {
		b.Fatal(err)
	}
	return doc.GetBytes()
}
