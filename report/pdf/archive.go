package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"auditbinder/report/view"
)

// archive is what a document gets beside its drawn pages.
type archive struct {
	metadata
	pictures int // how many different ones are drawn
	files    []embedded
	marks
}

func (fs *faces) archive(r view.Report, pages [][]*placed, m marks) archive {
	return archive{metadata: fs.metadata(r), pictures: countPictures(pages), files: embeddedFiles(r), marks: m}
}

// metadata tells about the document, the same in its Info dictionary and in XMP.
type metadata struct {
	title, author, subject, program string
	at                              time.Time // of the collection, never of the drawing
}

func (fs *faces) metadata(r view.Report) metadata {
	program := fs.clean(r.Program)
	return metadata{
		title: fs.clean(r.Title), author: "자동 작성: " + program,
		subject: "AWS 계정 보안 점검 결과 및 증적: " + fs.clean(r.AccountLabel), program: program, at: r.Timestamp.UTC(),
	}
}

// date is the time as a PDF string.
func (m metadata) date() string { return "(" + m.at.Format("D:20060102150405Z") + ")" }

// info is the Info dictionary.
func (m metadata) info() []byte {
	b := []byte("<<\n")
	for _, entry := range []struct{ key, value string }{
		{"Title", m.title}, {"Author", m.author}, {"Subject", m.subject}, {"Creator", m.program}, {"Producer", m.program},
	} {
		if entry.value != "" {
			b = fmt.Appendf(b, "/%s %s\n", entry.key, textString(entry.value))
		}
	}
	return fmt.Appendf(b, "/CreationDate %s\n/ModDate %[1]s\n>>\nendobj\n", m.date())
}

const (
	// What gofpdf writes; a later version would mean transparency.
	drawnHeader  = "%PDF-1.3\n"
	drawnCatalog = "<<\n/Type /Catalog\n/Pages 1 0 R\n/Names <<\n/EmbeddedFiles << /Names [\n  \n] >>\n>>\n>>\nendobj\n"

	// The second line tells programs that the file is binary.
	archiveHeader = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"

	archiveCatalog = "<<\n/Type /Catalog\n/Pages 1 0 R\n/Lang (ko-KR)\n/ViewerPreferences << /DisplayDocTitle true >>\n/Metadata %d 0 R\n/OutputIntents [ %d 0 R ]\n%s%s>>\nendobj\n"
	outputIntent   = "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (%s) /Info (%[1]s) /DestOutputProfile %d 0 R >>\nendobj\n"
	colorProfile   = "<< /N 3 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n"
	metadataStream = "<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream\nendobj\n"
)

// archive makes the document conform to PDF/A-3b (ISO 19005-3). Level b claims
// how the pages look, not a tagged structure.
func (doc *document) archive(a archive) error {
	catalog := doc.object(doc.root)
	if string(doc.header) != drawnHeader || string(catalog.body) != drawnCatalog {
		return errStructure
	}
	doc.header = []byte(archiveHeader)
	if err := doc.nameFonts(); err != nil {
		return err
	}
	pages, err := doc.pages()
	if err != nil {
		return err
	}
	if err := doc.link(pages, a.links); err != nil {
		return err
	}
	outline, err := doc.outline(pages, a.bookmarks)
	if err != nil {
		return err
	}
	files, err := doc.attach(a.files, a.date())
	if err != nil {
		return err
	}
	profile, err := deflate(srgb())
	if err != nil {
		return err
	}
	intent := doc.add(fmt.Appendf(nil, outputIntent, srgbName, doc.add(fmt.Appendf(nil, colorProfile, len(profile), profile))))
	xmp := a.xmp()
	about := doc.add(fmt.Appendf(nil, metadataStream, len(xmp), xmp))
	doc.object(doc.info).body = a.info()
	doc.object(doc.root).body = fmt.Appendf(nil, archiveCatalog, about, intent, outline, files)
	return nil
}

var (
	compositeFont  = regexp.MustCompile(`^<</Type /Font\n/Subtype /Type0\n/BaseFont /utf8(\w+)\n/Encoding /Identity-H\n/DescendantFonts \[(\d+) 0 R\]\n/ToUnicode (\d+) 0 R>>\n`)
	fontDescriptor = regexp.MustCompile(`\n/FontDescriptor (\d+) 0 R\n`)
	fontFile       = regexp.MustCompile(`/FontFile2 (\d+) 0 R`)
)

// nameFonts marks the fonts as subsets by a tag made from their content, and
// gives them a mapping to Unicode that is well formed.
func (doc *document) nameFonts() error {
	cmap, err := deflate([]byte(toUnicode()))
	if err != nil {
		return err
	}
	for i := range doc.objects {
		font := &doc.objects[i]
		found := compositeFont.FindSubmatch(font.body)
		if found == nil {
			continue
		}
		name := string(found[1])
		descendant := doc.object(objectNumber(found[2]))
		descriptor := doc.object(objectAt(fontDescriptor, descendant.body))
		file := doc.object(objectAt(fontFile, descriptor.body))
		if len(file.body) == 0 {
			return errStructure
		}
		sum := sha256.Sum256(file.body)
		tag := make([]byte, 6)
		for i := range tag {
			tag[i] = 'A' + sum[i]%26
		}
		for _, o := range []*object{font, descendant, descriptor} {
			o.body = bytes.Replace(o.body, []byte("/utf8"+name+"\n"), fmt.Appendf(nil, "/%s+%s\n", tag, name), 1)
		}
		doc.object(objectNumber(found[3])).body = fmt.Appendf(nil, "<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n", len(cmap), cmap)
	}
	return nil
}

func objectNumber(digits []byte) int {
	n, _ := strconv.Atoi(string(digits)) // 0 is no object
	return n
}

// objectAt is the object that body names where pattern says, or 0.
func objectAt(pattern *regexp.Regexp, body []byte) int {
	if found := pattern.FindSubmatch(body); found != nil {
		return objectNumber(found[1])
	}
	return 0
}

// toUnicode is the CMap of the codes that gofpdf uses, which are UTF-16 already.
// A range must not go beyond the last byte of a code.
func toUnicode() string {
	var ranges []string
	for row := range 0x100 {
		if row < 0xd8 || row > 0xdf { // no surrogates
			ranges = append(ranges, fmt.Sprintf("<%02X%02X> <%02[1]XFF> <%02[1]X%02[2]X>\n", row, max(0, 1-row)))
		}
	}
	b := []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for len(ranges) > 0 {
		n := min(100, len(ranges)) // as many as a block may hold
		b = fmt.Appendf(b, "%d beginbfrange\n", n)
		for _, r := range ranges[:n] {
			b = append(b, r...)
		}
		b, ranges = append(b, "endbfrange\n"...), ranges[n:]
	}
	return string(b) + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
}
