// Package pdf draws a finished view.Report as an A4 PDF with maroto: layout,
// line breaking, pagination and colours live here, and only this package
// imports maroto and gofpdf.
//
// It never decides what a report says: no judging, counting of findings,
// ordering, wording of evidence or masking (report/view and report/verdict do
// that), no AWS types, no file access and no clock. The same view gives the
// same bytes.
//
// A report becomes a list of strips of known height (flow.go and the parts:
// cover, contents, summary, item, appendix), paginate.go puts them on pages, and maroto
// draws the pages; finish.go adds what maroto keeps out of reach.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/johnfercher/maroto/v2"
	"github.com/johnfercher/maroto/v2/pkg/components/page"
	"github.com/johnfercher/maroto/v2/pkg/config"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"
	"github.com/phpdave11/gofpdf"

	"auditbinder/report/view"
)

// Render writes r as a PDF to w.
func Render(w io.Writer, r view.Report) error {
	data, err := render(r)
	if err != nil {
		return fmt.Errorf("pdf: %w", err)
	}
	_, err = w.Write(data)
	return err
}

func render(r view.Report) (data []byte, err error) {
	defer recovered(&err)
	if err := check(r); err != nil {
		return nil, err
	}
	fs, err := loadFaces()
	if err != nil {
		return nil, err
	}
	frame := fs.newFrame(r)
	pages := layout(fs, frame, r)
	beside := fs.archive(r, pages, collect(frame, pages)) // drawing uses up the pages
	data, err = generate(assemble(frame, pages))
	if err != nil {
		return nil, err
	}
	return finish(data, beside)
}

// recovered turns a panic into err. Text is sanitised, so maroto should not
// panic; a report is still no reason to end the process.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("drawing failed: %v", p)
	}
}

// layout puts all parts of the report on pages.
func layout(fs *faces, f pageFrame, r view.Report) [][]*placed {
	d := &flow{fs: fs, body: f.body}
	d.parts(r, f.cut)
	pages := paginate(d.strips, f.body)
	fs.locate(f, pages)
	return pages
}

// parts adds the document's parts in order.
func (d *flow) parts(r view.Report, cut []view.Field) {
	d.cover(r, cut)
	d.control(r)
	front := len(d.strips)
	d.overview(r.Overview)
	d.summary(r.Summary, r.Failures)
	d.items(r.Items)
	d.interview(r.Interviews)
	d.plan(r.Plan)
	d.appendices(r)
	d.contents(front)
}

// assemble completes each page with header and footer.
func assemble(f pageFrame, pages [][]*placed) []core.Page {
	out := make([]core.Page, len(pages))
	for i, rows := range pages {
		footer := f.footer(i+1, len(pages))
		used := f.header.height + footer.height
		p := page.New().Add(place(f.header, 0))
		for _, row := range rows {
			p.Add(row)
			used += row.above + row.strip.height
		}
		out[i] = p.Add(place(footer, frame-used))
	}
	return out
}

// oneAtATime lets one document at a time use the package variables of gofpdf and
// the styles that maroto writes to.
var oneAtATime sync.Mutex

// generate lets maroto draw the pages. finish replaces what gofpdf says about
// the document, its times among it.
func generate(pages []core.Page) ([]byte, error) {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	gofpdf.SetDefaultCatalogSort(true)

	m := maroto.New(documentConfig())
	m.AddPages(pages...)
	doc, err := m.Generate()
	if err != nil {
		return nil, err
	}
	data := doc.GetBytes()
	if !bytes.Contains(data, fmt.Appendf(nil, "/Count %d\n", len(pages))) {
		return nil, errors.New("page count differs from the plan")
	}
	return data, nil
}

func documentConfig() *entity.Config {
	var custom []*entity.CustomFont
	for id := range faceCount {
		custom = append(custom, &entity.CustomFont{Family: fontFamily[id], Style: fontStyle[id], Bytes: faceFiles[id].bytes()})
	}
	return config.NewBuilder().
		WithDimensions(pageWidth, pageHeight).
		WithLeftMargin(marginSide).WithRightMargin(marginSide).
		WithTopMargin(marginTop).WithBottomMargin(marginEnd).
		WithCustomFonts(custom).
		WithDefaultFont(&props.Font{Family: fontFamily[regular], Style: fontStyle[regular], Size: 9}).
		WithCompression(true).
		WithSequentialMode().
		Build()
}

// check refuses a view that could only be drawn wrongly.
func check(r view.Report) error {
	if r.Timestamp.IsZero() {
		return errors.New("the report has no timestamp")
	}
	if len(r.Summary.Counts) != len(r.Summary.Severities) {
		return errors.New("summary: counts and severities differ")
	}
	for _, counts := range r.Summary.Counts {
		if len(counts) != len(r.Summary.Verdicts) {
			return errors.New("summary: counts and verdicts differ")
		}
	}
	for _, t := range tables(r) {
		if err := checkTable(t); err != nil {
			return err
		}
	}
	return nil
}

// tables lists all tables of the report.
func tables(r view.Report) []view.Table {
	all := []view.Table{r.Summary.Table, r.Failures, r.Evidence, r.Files, r.Revisions, r.Plan}
	for _, s := range slices.Concat(r.Overview, r.Interviews, r.CriteriaParts, r.StandardParts, r.CollectionParts) {
		if s.Table != nil {
			all = append(all, *s.Table)
		}
	}
	for _, it := range r.Items {
		all = append(append(all, it.Facts...), it.Evidence, it.Answers)
	}
	return all
}

func checkTable(t view.Table) error {
	for _, c := range t.Columns {
		if !(c.Weight > 0) || math.IsInf(c.Weight, 0) {
			return fmt.Errorf("table %q: column %q has no weight", t.Title, c.Key)
		}
	}
	for i, r := range t.Rows {
		if len(r.Cells) != len(t.Columns) {
			return fmt.Errorf("table %q: row %d has %d cells for %d columns", t.Title, i+1, len(r.Cells), len(t.Columns))
		}
	}
	return nil
}
