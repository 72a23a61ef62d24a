package excel

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// A workbook that people send back may be anything. Only bounded text reaches
// excelize, which trusts what it opens.
const (
	maxFile      = 32 << 20
	maxUnzipped  = 64 << 20 // of all parts together
	maxParts     = 1000
	maxDirectory = 1 << 20   // bytes read to list the parts
	maxStructure = 256 << 10 // of a part that lists sheets or parts
	maxRun       = 256 << 10 // bytes without markup; a cell holds 32,767 characters
	// Markup is what parsers spend memory on: elements and attributes.
	maxSheetMarkup     = 2_000_000
	maxStringMarkup    = 1_000_000
	maxStructureMarkup = 20_000
)

var (
	oleHeader = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
	docType   = []byte("<!DOCTYPE")

	errBudget = errors.New("read budget spent")
	errTooBig = fmt.Errorf("압축을 푼 크기가 상한(%d MB)을 넘음", maxUnzipped>>20)
)

// excelize decodes the escape _xHHHH_ by copying the whole text for each one, every
// time a cell refers to it. So it gets to see a DEL, which no text has, in place of
// both underscores, and unescaped decodes.
const escapeMark = 0x7F

var (
	escape       = regexp.MustCompile(`_x[0-9a-fA-F]{4}_`)
	markedEscape = regexp.MustCompile(`\x7Fx[0-9a-fA-F]{4}\x7F`)
)

func unescaped(text string) string {
	if strings.IndexByte(text, escapeMark) < 0 {
		return text
	}
	return markedEscape.ReplaceAllStringFunc(text, func(code string) string {
		r, _ := strconv.ParseUint(code[2:6], 16, 16)
		return string(rune(r))
	})
}

// partClass is how much of a part is taken. Kept parts are those that hold cells;
// excelize never sees the others.
type partClass struct {
	keep              bool
	size, markup, run int
}

var (
	contentTypesFolded = foldPart(contentTypes)
	structureParts     = []string{contentTypesFolded, "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
)

// classOf is the class of a part by its folded name.
func classOf(name string) partClass {
	switch {
	case slices.Contains(structureParts, name):
		return partClass{true, maxStructure, maxStructureMarkup, maxRun}
	case name == "xl/sharedstrings.xml":
		return partClass{true, maxUnzipped, maxStringMarkup, maxRun}
	case strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml"):
		return partClass{true, maxUnzipped, maxSheetMarkup, maxRun}
	}
	return partClass{false, maxUnzipped, maxUnzipped, maxUnzipped}
}

// foldPart is the name of a part as programs compare it.
func foldPart(name string) string { return strings.ToLower(strings.ReplaceAll(name, `\`, "/")) }

// refusal is what no answer needs, by a piece of a part's name or content type.
type refusal struct{ piece, reason string }

var (
	refusedParts = []refusal{
		{"vbaproject", "매크로가 들어 있음"},
		{"xl/macrosheets/", "매크로가 들어 있음"},
		{"xl/externallinks/", "다른 파일을 가리키는 외부 연결이 들어 있음"},
	}
	// A part may have any name, but not any type.
	refusedTypes = []refusal{
		{"macroenabled", "매크로 사용 통합 문서(.xlsm)임"},
		{"vbaproject", "매크로가 들어 있음"},
		{"macrosheet", "매크로가 들어 있음"},
		{"externallink+xml", "다른 파일을 가리키는 외부 연결이 들어 있음"},
	}
)

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

// inspect measures every part of a workbook and returns one with the parts that
// hold cells. No more is read than the limits say.
func inspect(r io.ReaderAt, size int64) (io.Reader, error) {
	head := make([]byte, len(oleHeader))
	if _, err := r.ReadAt(head, 0); err == nil && bytes.Equal(head, oleHeader) {
		return nil, errors.New("암호로 보호되었거나 이전 형식(.xls)인 통합 문서임: 암호를 해제하고 .xlsx 형식으로 저장해야 함")
	}
	in := &budget{r: r, left: maxDirectory}
	z, err := zip.NewReader(in, size)
	switch {
	case in.left < 0 || err == nil && len(z.File) > maxParts:
		return nil, fmt.Errorf("압축 파일의 항목이 너무 많음(최대 %d개)", maxParts)
	case err != nil:
		return nil, fmt.Errorf("엑셀 통합 문서(.xlsx)가 아니거나 파일이 손상됨: %w", err)
	case size > maxFile:
		return nil, fmt.Errorf("파일이 너무 큼(최대 %d MB)", maxFile>>20)
	}
	if err := checkDirectory(z.File); err != nil {
		return nil, err
	}
	in.left = size + maxDirectory // each byte once; parts that overlap run out
	var cells bytes.Buffer
	out := zip.NewWriter(&cells)
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	left := maxUnzipped
	for _, part := range z.File {
		if err := copyPart(out, part, &left); err != nil {
			return nil, fmt.Errorf("%s: %w", lineText(part.Name), err)
		}
	}
	return &cells, out.Close()
}

// checkDirectory refuses by name and declared size, before anything is unpacked.
func checkDirectory(parts []*zip.File) error {
	names := map[string]bool{}
	left := uint64(maxUnzipped)
	for _, part := range parts {
		name := foldPart(part.Name)
		if reason := refusedFor(name, refusedParts); reason != "" {
			return fmt.Errorf("%s: %s", reason, lineText(part.Name))
		}
		switch {
		case names[name]:
			return fmt.Errorf("압축 파일에 같은 이름의 항목이 둘 있음: %s", lineText(part.Name))
		case part.Flags&1 != 0:
			return fmt.Errorf("암호화된 항목이 있음: %s", lineText(part.Name))
		case part.UncompressedSize64 > left:
			return errTooBig
		}
		names[name] = true
		left -= part.UncompressedSize64
	}
	if !names[contentTypesFolded] || !names["xl/workbook.xml"] {
		return errors.New("엑셀 통합 문서(.xlsx)가 아님: 통합 문서의 구성 항목이 없음")
	}
	return nil
}

func refusedFor(text string, refusals []refusal) string {
	for _, r := range refusals {
		if strings.Contains(text, r.piece) {
			return r.reason
		}
	}
	return ""
}

// budget is a reader that stops after so many bytes.
type budget struct {
	r    io.ReaderAt
	left int64
}

func (b *budget) ReadAt(p []byte, offset int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errBudget
	}
	return b.r.ReadAt(p, offset)
}

// copyPart measures a part, and copies it if it is one to keep. left is what all
// parts together may still have.
func copyPart(out *zip.Writer, part *zip.File, left *int) error {
	name := foldPart(part.Name)
	m := meter{partClass: classOf(name), left: left, out: io.Discard}
	m.utf8 = slices.ContainsFunc([]string{".xml", ".rels", ".vml"}, func(end string) bool { return strings.HasSuffix(name, end) })
	if m.keep {
		var err error
		if m.out, err = out.CreateHeader(&zip.FileHeader{Name: part.Name, Method: zip.Deflate}); err != nil {
			return err
		}
	}
	var types bytes.Buffer
	if name == contentTypesFolded {
		m.out = io.MultiWriter(m.out, &types)
	}
	r, err := part.Open()
	if err != nil {
		return fmt.Errorf("압축을 풀 수 없음: %w", err)
	}
	defer func() { _ = r.Close() }()
	if _, err := io.Copy(&m, r); err != nil {
		if m.refused != nil {
			return m.refused
		}
		return fmt.Errorf("압축을 풀 수 없음(파일이 손상됨): %w", err)
	}
	if _, err := m.out.Write(m.window); err != nil {
		return err
	}
	if reason := refusedFor(strings.ToLower(types.String()), refusedTypes); reason != "" {
		return errors.New(reason)
	}
	return nil
}

// meter passes one part on and refuses it at the first byte that is too much.
type meter struct {
	partClass
	left    *int
	utf8    bool
	out     io.Writer
	window  []byte // what is not passed on yet
	settled int    // how far the window holds no escape to mark
	text    int    // bytes since the last markup
	refused error
}

func (m *meter) Write(chunk []byte) (int, error) {
	if m.refused = m.weigh(chunk); m.refused != nil {
		return 0, m.refused
	}
	m.window = append(m.window, chunk...)
	if bytes.Contains(m.window, docType) {
		m.refused = errors.New("XML에 문서 형식 선언(DOCTYPE)이 있음")
		return 0, m.refused
	}
	if m.keep && bytes.Contains(m.window, []byte("_x")) {
		from := m.settled
		for _, at := range escape.FindAllIndex(m.window[from:], -1) {
			m.settled = from + at[1]
			m.window[from+at[0]], m.window[m.settled-1] = escapeMark, escapeMark
		}
	}
	// What a chunk ends with may go on in the next; an escape is shorter than docType.
	n := max(0, len(m.window)-len(docType)+1)
	if _, err := m.out.Write(m.window[:n]); err != nil {
		return 0, err
	}
	m.window = m.window[:copy(m.window, m.window[n:])]
	m.settled = max(0, m.settled-n)
	return len(chunk), nil
}

func (m *meter) weigh(chunk []byte) error {
	*m.left -= len(chunk)
	m.size -= len(chunk)
	m.markup -= bytes.Count(chunk, []byte("<")) + bytes.Count(chunk, []byte("="))
	first, last := bytes.IndexByte(chunk, '<'), bytes.LastIndexByte(chunk, '<')
	longest := m.text + len(chunk)
	if m.text = longest; first >= 0 {
		longest, m.text = m.text-len(chunk)+first, len(chunk)-last
	}
	switch {
	case *m.left < 0:
		return errTooBig
	case max(longest, m.text) > m.run:
		return errors.New("한 칸의 내용이 너무 김")
	case m.size < 0:
		return errors.New("항목이 너무 큼")
	case m.markup < 0:
		return errors.New("XML 요소와 속성이 너무 많음")
	case m.utf8 && bytes.IndexByte(chunk, 0) >= 0:
		return errors.New("UTF-8이 아닌 XML임")
	}
	return nil
}
