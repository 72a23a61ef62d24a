package excel

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"auditbinder/report/view"
)

const (
	paperA4 = 9
	// pageWidth is how many digit widths one A4 landscape page may hold and
	// still be read; a wider sheet prints over several pages.
	pageWidth = 230.0
	// maxLinks bounds the links of one sheet: each costs time in proportion to
	// those before it.
	maxLinks = 5000
	// maxFrozen is the height in points a frozen head may take from the screen.
	maxFrozen = 330.0
)

// book is the only user of excelize, and keeps its order of calls: styles and
// all sheets first; then, sheet by sheet, settings, stream, rows, flush, and
// nothing more. Calls out of this order are lost without an error.
type book struct {
	f      *excelize.File
	tmp    string // private: large sheets spill evidence into it
	styles [styleCount]int
	names  map[string]bool // lower case
	first  bool            // the sheet a new file has is not taken yet

	header, footer string
}

func newBook(r view.Report) (b *book, err error) {
	tmp, err := os.MkdirTemp("", "auditbinder-excel-")
	if err != nil {
		return nil, fmt.Errorf("excel: folder for large sheets: %w", err)
	}
	b = &book{
		f:     excelize.NewFile(excelize.Options{TmpDir: tmp}),
		tmp:   tmp,
		names: map[string]bool{"history": true}, // reserved by Excel
		first: true,
	}
	defer func() {
		if err != nil {
			_ = b.close()
		}
	}()
	if err := b.f.SetDefaultFont(bodyFont); err != nil {
		return nil, fmt.Errorf("excel: default font: %w", err)
	}
	if b.styles, err = registerStyles(b.f); err != nil {
		return nil, err
	}
	stamp := r.Timestamp.UTC().Format(time.RFC3339)
	err = b.f.SetDocProps(&excelize.DocProperties{
		Created: stamp, Modified: stamp,
		Creator: lineText(r.Program), LastModifiedBy: lineText(r.Program),
		Title: fieldText(r.Title, 200), Language: "ko-KR",
	})
	if err != nil {
		return nil, fmt.Errorf("excel: document properties: %w", err)
	}
	// 255 units at most, codes included.
	b.header = "&L" + fieldText(r.Draft, 30)
	if r.Marking != "" {
		b.header += `&C&"` + bodyFont + `,Bold"&KC00000` + fieldText(r.Marking, 90)
	}
	b.header += "&R" + fieldText(r.DocumentNumber, 60)
	b.footer = "&L" + fieldText(joinNonEmpty(" · ", r.Classification, r.AccountLabel), 160) + "&C&A&R&P / &N"
	return b, nil
}

// close releases the file and removes whatever spilled.
func (b *book) close() error {
	err := b.f.Close()
	return cmp.Or(err, os.RemoveAll(b.tmp))
}

// addSheet registers a sheet. excelize would return the old sheet for a name
// that differs only in case, and two items would share it.
func (b *book) addSheet(name string) error {
	key := strings.ToLower(name)
	if strings.TrimSpace(name) == "" || lineText(name) != name || b.names[key] {
		return fmt.Errorf("excel: sheet name %q is empty, unsafe, reserved or taken", name)
	}
	b.names[key] = true
	var err error
	if b.first {
		b.first = false
		err = b.f.SetSheetName(b.f.GetSheetName(0), name)
	} else {
		_, err = b.f.NewSheet(name)
	}
	if err != nil {
		return fmt.Errorf("excel: sheet %q: %w", name, err)
	}
	return nil
}

// write renders a described sheet: every setting, then the rows, then the flush.
func (b *book) write(s *sheet) error {
	if err := b.settings(s); err != nil {
		return err
	}
	w, err := b.f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	// The file must list columns from left to right; what is set last comes first.
	for i, width := range slices.Backward(s.widths) {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := setPanes(w, s); err != nil {
		return err
	}
	if err := b.rows(w, s); err != nil {
		return err
	}
	return w.Flush()
}

func (b *book) settings(s *sheet) error {
	// The filter comes first: it replaces the sheet's properties.
	if s.filter != nil {
		if err := b.f.AutoFilter(s.name, s.filter.reference(), nil); err != nil {
			return err
		}
	}
	props := excelize.SheetPropsOptions{FitToPage: new(true)}
	if s.tab != "" {
		props.TabColorRGB = &s.tab
	}
	if err := b.f.SetSheetProps(s.name, &props); err != nil {
		return err
	}
	whole := area{1, 1, max(len(s.widths), 1), max(s.rows, 1)}
	if err := b.f.SetSheetDimension(s.name, whole.reference()); err != nil {
		return err
	}
	if err := b.f.SetSheetView(s.name, 0, &excelize.ViewOptions{ShowGridLines: new(!s.noGrid)}); err != nil {
		return err
	}
	for _, c := range s.choices {
		rules, err := choiceRules(b.f, c.words)
		if err != nil {
			return err
		}
		if err := b.f.SetConditionalFormat(s.name, c.area.reference(), rules); err != nil {
			return err
		}
	}
	if s.chart != nil {
		if err := b.draw(s.name, s.chart); err != nil {
			return err
		}
	}
	for _, d := range s.dropDowns {
		if err := b.dropDown(s.name, d); err != nil {
			return err
		}
	}
	if s.locked {
		// Without a password: it stops slips, not people, and a password's salt is random.
		err := b.f.ProtectSheet(s.name, &excelize.SheetProtectionOptions{
			SelectLockedCells: true, SelectUnlockedCells: true, AutoFilter: true,
			FormatCells: true, FormatColumns: true, FormatRows: true,
		})
		if err != nil {
			return err
		}
	}
	if s.hidden {
		// SetSheetVisible reads every sheet again, and those written would suffer.
		for i := range b.f.WorkBook.Sheets.Sheet {
			if state := &b.f.WorkBook.Sheets.Sheet[i]; state.Name == s.name {
				state.State = "veryHidden"
			}
		}
	}
	return b.page(s)
}

// dropDown lets the cells of an area take nothing but the words, or stay empty.
func (b *book) dropDown(sheet string, d dropDown) error {
	for _, word := range d.words {
		if word == "" || strings.ContainsAny(word, ",\"") || word[0] == '=' {
			return fmt.Errorf("excel: %q cannot stand in a drop-down", word)
		}
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(d.area.reference())
	if err := v.SetDropList(d.words); err != nil {
		return err
	}
	v.SetError(excelize.DataValidationErrorStyleStop, "입력 오류", fieldText("목록에서 선택: "+strings.Join(d.words, ", "), 220))
	return b.f.AddDataValidation(sheet, v)
}

// page sets up printing.
func (b *book) page(s *sheet) error {
	err := b.f.SetPageLayout(s.name, &excelize.PageLayoutOptions{
		Size: new(paperA4), Orientation: new("landscape"), PageOrder: new("overThenDown"),
		FitToWidth: new(max(1, int(math.Ceil(sum(s.widths)/pageWidth)))), FitToHeight: &s.pagesHigh,
	})
	if err != nil {
		return err
	}
	err = b.f.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{
		Left: new(0.4), Right: new(0.4), Top: new(0.7), Bottom: new(0.6), Header: new(0.3), Footer: new(0.3),
		Horizontally: new(true),
	})
	if err != nil {
		return err
	}
	if err := b.f.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{OddHeader: b.header, OddFooter: b.footer}); err != nil {
		return err
	}
	var titles []string
	if s.headerColumns > 0 {
		last, err := excelize.ColumnNumberToName(s.headerColumns)
		if err != nil {
			return err
		}
		titles = append(titles, quoteSheet(s.name)+"!$A:$"+last)
	}
	if s.headerRow > 0 {
		titles = append(titles, fmt.Sprintf("%s!$%d:$%d", quoteSheet(s.name), s.headerRow, s.headerRow))
	}
	if titles == nil {
		return nil
	}
	return b.f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: strings.Join(titles, ","), Scope: s.name,
	})
}

func setPanes(w *excelize.StreamWriter, s *sheet) error {
	if s.frozenRows == 0 {
		return nil
	}
	pane := "bottomLeft"
	if s.frozenColumns > 0 {
		pane = "bottomRight"
	}
	topLeft, err := excelize.CoordinatesToCellName(s.frozenColumns+1, s.frozenRows+1)
	if err != nil {
		return err
	}
	return w.SetPanes(&excelize.Panes{
		Freeze: true, XSplit: s.frozenColumns, YSplit: s.frozenRows, TopLeftCell: topLeft, ActivePane: pane,
	})
}

func (b *book) rows(w *excelize.StreamWriter, s *sheet) error {
	links, n := 0, 0
	var values []any
	for _, p := range s.parts {
		for i := range p.rows {
			n++
			l, err := p.at(i)
			if err != nil {
				return err
			}
			l.clean()
			values = values[:0]
			for c, v := range l.cells {
				link := links < maxLinks && v.link != "" && b.names[strings.ToLower(v.link)]
				if v.link != "" && !link {
					v.style = styleText // nothing to lead to
				}
				values = append(values, excelize.Cell{StyleID: b.styles[v.style], Formula: v.formula, Value: v.value})
				if link {
					links++
					if err := b.link(s.name, c+1, n, v.link); err != nil {
						return err
					}
				}
			}
			if err := w.SetRow(cellName(1, n), values, excelize.RowOpts{Height: s.heightOf(l)}); err != nil {
				return err
			}
			for _, m := range l.merges {
				if err := w.MergeCell(cellName(m.from+1, n), cellName(m.to+1, n)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *book) link(sheet string, column, row int, target string) error {
	return b.f.SetCellHyperLink(sheet, cellName(column, row), quoteSheet(target)+"!A1", "Location")
}

// writeSheets writes a workbook of described sheets with the properties, marking and
// print heads of r.
func writeSheets(w io.Writer, r view.Report, sheets []*sheet) (err error) {
	b, err := newBook(r)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := b.close(); err == nil {
			err = closeErr
		}
	}()

	// Every sheet exists before the first is written: links and the order need it.
	for _, s := range sheets {
		if err := b.addSheet(s.name); err != nil {
			return err
		}
	}
	for _, s := range sheets {
		if err := b.write(s); err != nil {
			return fmt.Errorf("excel: sheet %s: %w", s.name, err)
		}
	}
	var raw bytes.Buffer
	if err := b.save(&raw); err != nil {
		return err
	}
	return rewriteZip(w, raw.Bytes())
}

// save writes the file with everything that follows a map put in order.
func (b *book) save(w *bytes.Buffer) error {
	defaults := b.f.ContentTypes.Defaults // of a type that has no name here
	sort.Slice(defaults, func(i, j int) bool { return defaults[i].Extension < defaults[j].Extension })
	if err := b.f.Write(w); err != nil {
		return fmt.Errorf("excel: write the workbook: %w", err)
	}
	return nil
}

// cellName is the A1 name of a cell; SetRow refuses what lies off the sheet.
func cellName(column, row int) string {
	name, _ := excelize.CoordinatesToCellName(column, row)
	return name
}

func (a area) reference() string {
	return cellName(a.left, a.top) + ":" + cellName(a.right, a.bottom)
}

// absolute is the area as a formula names it from another sheet.
func (a area) absolute(sheet string) string {
	from, _ := excelize.CoordinatesToCellName(a.left, a.top, true)
	to, _ := excelize.CoordinatesToCellName(a.right, a.bottom, true)
	return quoteSheet(sheet) + "!" + from + ":" + to
}

func quoteSheet(name string) string {
	return "'" + strings.ReplaceAll(name, "'", "''") + "'"
}

// formulaString quotes a word for a formula.
func formulaString(s string) string {
	return `"` + strings.ReplaceAll(lineText(s), `"`, `""`) + `"`
}

func joinNonEmpty(separator string, values ...string) string {
	return strings.Join(slices.DeleteFunc(values, func(s string) bool { return s == "" }), separator)
}
