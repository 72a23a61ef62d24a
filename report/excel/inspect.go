package excel

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A workbook that people send back may be anything. Only bounded text reaches
// excelize, which trusts what it opens.
const (
	maxFile      = 32 << 20
	maxUnzipped  = 64 << 20 // of all parts together
	maxParts     = 1000
	maxDirectory = 1 << 20   // bytes read to list the parts
	maxStructure = 256 << 10 // of a part that lists sheets or parts
	maxStrings   = 32 << 20
	maxRun       = 256 << 10 // bytes without markup; a cell holds 32,767 characters
	// Markup is what parsers spend memory on: elements and attributes.
	maxSheetMarkup     = 3_000_000
	maxStringMarkup    = 1_000_000
	maxStructureMarkup = 20_000
	maxDepth           = 10_000
	maxItemMarkup      = 1_000 // of one shared string
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

// partClass is how much of a part excelize can be given.
type partClass struct {
	name              string // for the refusal
	size, markup, run int
	spare             bool // left out where it is too much: large sheets hold no answers
}

var (
	contentTypesFolded = foldPart(contentTypes)
	structureParts     = []string{contentTypesFolded, "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
)

const sharedStrings = "xl/sharedstrings.xml"

// classOf is the class of a part that excelize needs for the cells, by its folded
// name. The other parts it never sees.
func classOf(name string) (class partClass, needed bool) {
	switch {
	case slices.Contains(structureParts, name):
		return partClass{"통합 문서의 구성", maxStructure, maxStructureMarkup, maxRun, false}, true
	case name == sharedStrings:
		return partClass{"공유 문자열", maxStrings, maxStringMarkup, maxRun, false}, true
	case strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml"):
		return partClass{"", maxUnzipped, maxSheetMarkup, maxRun, true}, true
	}
	return partClass{}, false
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
	kept, err := measured(z.File)
	if err != nil {
		return nil, err
	}
	in.left = size + maxDirectory
	return copied(kept)
}

// measured reads all parts once and returns those to keep.
func measured(parts []*zip.File) ([]*zip.File, error) {
	var kept []*zip.File
	left := maxUnzipped
	for _, part := range parts {
		m := meter{left: &left, name: foldPart(part.Name)}
		if err := unpack(&m, part); err != nil {
			return nil, fmt.Errorf("%s: %w", lineText(part.Name), cmp.Or(m.refused, err))
		}
		if reason := refusedFor(strings.ToLower(m.types.String()), refusedTypes); reason != "" {
			return nil, errors.New(reason)
		}
		class, needed := classOf(m.name)
		fits := m.size <= class.size && m.markup <= class.markup && m.deepest <= maxDepth && m.longest <= class.run
		switch {
		case needed && fits:
			kept = append(kept, part)
		case needed && !class.spare:
			return nil, fmt.Errorf("%s이 너무 큼(%s)", class.name, lineText(part.Name))
		}
	}
	return kept, nil
}

// copied is a workbook of some parts, with their escapes marked.
func copied(parts []*zip.File) (io.Reader, error) {
	var book bytes.Buffer
	out := zip.NewWriter(&book)
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, part := range parts {
		w, err := out.Create(part.Name)
		if err != nil {
			return nil, err
		}
		m := marker{out: w}
		if err := unpack(&m, part); err != nil {
			return nil, err
		}
		if err := m.flush(); err != nil {
			return nil, err
		}
	}
	return &book, out.Close()
}

func unpack(w io.Writer, part *zip.File) error {
	r, err := part.Open()
	if err == nil {
		defer func() { _ = r.Close() }()
		_, err = io.Copy(w, r)
	}
	if err != nil {
		return fmt.Errorf("압축을 풀 수 없음(파일이 손상됨): %w", err)
	}
	return nil
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

// meter is written one part and keeps nothing of it but counts.
type meter struct {
	name    string // folded
	left    *int   // what all parts together may still have
	size    int
	markup  int
	depth   int // of elements, to within a few a chunk
	deepest int
	run     int // bytes since the last markup
	longest int // run
	item    int // markup since the last shared string ended
	items   int // the most of one
	rest    []byte
	tail    []byte
	types   bytes.Buffer // the part of the content types
	refused error
}

func (m *meter) Write(chunk []byte) (int, error) {
	m.refused = m.count(chunk)
	return len(chunk), m.refused
}

func (m *meter) count(chunk []byte) error {
	if *m.left -= len(chunk); *m.left < 0 {
		return errTooBig
	}
	m.size += len(chunk)
	tags := bytes.Count(chunk, []byte("<"))
	m.markup += tags + bytes.Count(chunk, []byte("="))
	m.depth = max(0, m.depth+tags-2*bytes.Count(chunk, []byte("</"))-bytes.Count(chunk, []byte("/>")))
	m.deepest = max(m.deepest, m.depth)
	if first := bytes.IndexByte(chunk, '<'); first < 0 {
		m.run += len(chunk)
	} else {
		m.longest = max(m.longest, m.run+first)
		m.run = len(chunk) - bytes.LastIndexByte(chunk, '<')
	}
	m.longest = max(m.longest, m.run)
	if m.name == sharedStrings {
		m.countItems(chunk)
		if m.items > maxItemMarkup { // joined again for every cell that refers to it
			return errors.New("공유 문자열 하나에 서식 구간이 너무 많음")
		}
	}
	if m.name == contentTypesFolded && m.size <= maxStructure {
		m.types.Write(chunk)
	}
	m.tail = append(m.tail, chunk...)
	if bytes.Contains(m.tail, docType) {
		return errors.New("XML에 문서 형식 선언(DOCTYPE)이 있음")
	}
	m.tail = m.tail[:copy(m.tail, m.tail[max(0, len(m.tail)-len(docType)+1):])]
	if isXML := strings.HasSuffix(m.name, ".xml") || strings.HasSuffix(m.name, ".rels"); isXML && bytes.IndexByte(chunk, 0) >= 0 {
		return errors.New("UTF-8이 아닌 XML임") // it could hide a DOCTYPE
	}
	return nil
}

// countItems counts the markup within one shared string.
func (m *meter) countItems(chunk []byte) {
	const longest = len("</prefix:si>") // more of a cut end is not kept
	text := append(m.rest, chunk...)
	last := len(text)
	for at := 0; ; at++ {
		next := bytes.IndexByte(text[at:], '<')
		if next < 0 {
			break
		}
		at += next
		last = at
		m.item++
		m.items = max(m.items, m.item)
		if end, closes := bytes.CutPrefix(text[at+1:min(len(text), at+1+longest)], []byte("/")); closes {
			name, _, _ := bytes.Cut(end, []byte(">"))
			if _, local, prefixed := bytes.Cut(name, []byte(":")); prefixed {
				name = local
			}
			if string(name) == "si" {
				m.item = 0
			}
		}
	}
	if last = max(last, len(text)-longest); bytes.IndexByte(text[last:], '>') >= 0 {
		last = len(text)
	}
	m.rest = text[:copy(text, text[last:])]
}

// marker passes a part on with its escapes marked.
type marker struct {
	out     io.Writer
	window  []byte // what is not passed on yet
	settled int    // how far it holds no escape to mark
}

func (m *marker) Write(chunk []byte) (int, error) {
	m.window = append(m.window, chunk...)
	if from := m.settled; bytes.Contains(m.window[from:], []byte("_x")) {
		for _, at := range escape.FindAllIndex(m.window[from:], -1) {
			m.settled = from + at[1]
			m.window[from+at[0]], m.window[m.settled-1] = escapeMark, escapeMark
		}
	}
	// An escape may go on in the next chunk.
	n := max(0, len(m.window)-len("_xHHHH"))
	if _, err := m.out.Write(m.window[:n]); err != nil {
		return 0, err
	}
	m.window = m.window[:copy(m.window, m.window[n:])]
	m.settled = max(0, m.settled-n)
	return len(chunk), nil
}

func (m *marker) flush() error {
	_, err := m.out.Write(m.window)
	return err
}
