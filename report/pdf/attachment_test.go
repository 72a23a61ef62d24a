package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"auditbinder/report/view"
)

// Images that the standard library does not write, 8×8 and 9×7 pixels.
const (
	cmykJPEG        = "/9j/7gAOQWRvYmUAZAAAAAAC/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBXQUZMTlJTUjI+WmFaUGBKUVJP/9sAQwEODg4TERMmFRUmTzUtNU9PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P/8AAFAgACAAIBAEiAAIRAQMRAQQiAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAEBv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAVAQEBAAAAAAAAAAAAAAAAAAAEBv/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAOBAEAAhEDEQQAAD8AsAKQbWAP/9k="
	progressiveJPEG = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAVAQEBAAAAAAAAAAAAAAAAAAADBf/aAAwDAQACEAMQAAABkCs3/8QAFRABAQAAAAAAAAAAAAAAAAAAABL/2gAIAQEAAQUCt//EABcRAAMBAAAAAAAAAAAAAAAAAAADFFH/2gAIAQMBAT8Brbp//8QAFxEAAwEAAAAAAAAAAAAAAAAAAAMUUf/aAAgBAgEBPwGNWH//xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAY/An//xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAE/IT//2gAMAwEAAgADAAAAEAv/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oACAEDAQE/EA//xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oACAECAQE/EG//xAAVEAEBAAAAAAAAAAAAAAAAAAAAcf/aAAgBAQABPxCn/9k="
	interlacedPNG   = "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHBAMAAAFfskrFAAAAGFBMVEX/AADVACqqAFWAAICAAH9VAKoqANUAAP+fn1P6AAAALklEQVQI12NgAILQABDBoKSkwFBeXgASUVJiCA0FchgEgUCAwdjE2NiBIQ0IEgCfHwfyA+CltwAAAABJRU5ErkJggg==" // 4-bit palette, Adam7
)

func decode64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// canvas is an image that is painted in one colour.
type canvas interface {
	image.Image
	Set(x, y int, c color.Color)
}

func paint(m canvas, c color.Color) image.Image {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			m.Set(x, y, c)
		}
	}
	return m
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// solid is a plain PNG in one colour.
func solid(t testing.TB, w, h int, c color.Color) []byte {
	return pngOf(t, paint(image.NewNRGBA(image.Rect(0, 0, w, h)), c))
}

// adobeRGB marks a three-component JPEG as RGB, as Photoshop does.
func adobeRGB(body []byte) []byte {
	return slices.Concat(body[:2], []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"), body[2:])
}

// hugePNG is small, and says that it has w×h pixels.
func hugePNG(t testing.TB, w, h uint32) []byte {
	b := solid(t, 1, 1, color.White)
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

var (
	cyan    = color.NRGBA{0, 180, 220, 255}
	magenta = color.NRGBA{230, 0, 140, 255}
	faint   = color.NRGBA{0, 160, 0, 128}
	green   = color.NRGBA{127, 208, 127, 255} // faint on white
)

// attached numbers files as the view does.
func attached(number int, name string, body []byte) view.Attachment {
	sum := sha256.Sum256(body)
	kind := strings.TrimPrefix(filepath.Ext(name), ".")
	return view.Attachment{
		Number: fmt.Sprintf("M-%03d", number), Name: name, Kind: strings.Replace(kind, "jpg", "jpeg", 1), Size: len(body),
		SHA256: hex.EncodeToString(sum[:]), Caption: "root/2026-11-03의 답변에 첨부", Body: body,
	}
}

func answerTable() view.Table {
	return view.Table{
		Title: "인터뷰 답변", PDFRows: 1,
		Columns: []view.Column{
			{Key: "resource", Title: "대상", Weight: 2}, {Key: "respondent", Title: "답변자", Weight: 2}, {Key: "verdict", Title: "최종판정", Weight: 1, Center: true},
			{Key: "answer", Title: "답변", Weight: 4, Below: true},
		},
		Rows: []view.Row{{Status: "good", Cells: []view.Cell{texts("root/2026-11-03"), texts("인프라팀 홍길동 과장"), judged(good), texts("장애 대응을 위해 승인을 받고 사용함")}}},
	}
}

// approval stands for a document; what PDF files end with must not confuse readers.
const approval = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer\n<< /Size 1 /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"

// attachedReport is the sample with an answer, pictures and documents.
func attachedReport(t testing.TB) view.Report {
	r := sampleReport()
	it := &r.Items[0]
	it.Final, it.Answers = good, answerTable()
	it.Attachments = []view.Attachment{
		attached(1, "투명.png", pngOf(t, paint(image.NewNRGBA(image.Rect(0, 0, 600, 200)), faint))),
		attached(2, "열여섯비트.png", pngOf(t, paint(image.NewNRGBA64(image.Rect(0, 0, 600, 300)), cyan))),
		attached(3, "사진.jpg", jpegOf(t, paint(image.NewRGBA(image.Rect(0, 0, 1200, 500)), magenta))),
		attached(4, "승인서 (최종).pdf", []byte(approval)),
	}
	r.Items[1].Attachments = slices.Clone(it.Attachments[3:])
	return r
}

func TestAttachments(t *testing.T) {
	r := attachedReport(t)
	whole := strings.Join(checkPages(t, r), "")
	_, rest, _ := strings.Cut(whole, squeeze("인터뷰 질문"))
	for _, want := range []string{
		"인터뷰 답변", "root/2026-11-03", "홍길동", "장애 대응을 위해 승인을 받고 사용함", "첨부 화면", "원본 파일의 값임",
		"M-001", "투명.png", "root/2026-11-03의 답변에 첨부 ·", "바이트", r.Items[0].Attachments[0].SHA256,
		"M-002", "열여섯비트.png", r.Items[0].Attachments[1].SHA256,
		"M-003", "사진.jpg", r.Items[0].Attachments[2].SHA256,
		"첨부 문서", "M-004", "승인서 (최종).pdf", fmt.Sprintf("%d바이트", len(approval)), r.Items[0].Attachments[3].SHA256, "검토 의견",
	} {
		_, after, found := strings.Cut(rest, squeeze(want))
		if !found {
			t.Fatalf("%q is missing or out of order (in the document at all: %v)", want, strings.Contains(whole, squeeze(want)))
		}
		rest = after
	}
	// the second item has neither an answer nor a picture
	_, rest, _ = strings.Cut(rest, squeeze("루트 사용자의 대체 연락처 등록"))
	if strings.Contains(rest, squeeze("인터뷰 답변")) || strings.Contains(rest, squeeze("첨부 화면")) || !strings.Contains(rest, squeeze("첨부 문서")) {
		t.Errorf("second item: %.2000s", rest)
	}
}

// runTool runs a tool in an empty folder that holds data as report.pdf.
func runTool(t *testing.T, data []byte, path string, args ...string) (dir, out string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "report.pdf"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, text)
	}
	return dir, string(text)
}

// A document named by two items is attached once, and comes out as it went in.
func TestAttachedFile(t *testing.T) {
	dir, out := runTool(t, renderBytes(t, attachedReport(t)), tool(t, "pdfdetach"), "-saveall", "report.pdf")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 {
		t.Errorf("%d files, want the report and one attachment", len(entries))
	}
	got, err := os.ReadFile(filepath.Join(dir, "승인서 (최종).pdf"))
	if err != nil || string(got) != approval {
		t.Errorf("attachment %q, error %v\n%s", got, err, out)
	}
}

// TestStructure lets qpdf read every byte: with pictures and files, each kind
// alone, and a picture that two items share.
func TestStructure(t *testing.T) {
	path := tool(t, "qpdf")
	for name, pick := range map[string]func([]view.Attachment) []view.Attachment{
		"both":     func(a []view.Attachment) []view.Attachment { return a },
		"pictures": func(a []view.Attachment) []view.Attachment { return a[:3] },
		"files":    func(a []view.Attachment) []view.Attachment { return a[3:] },
	} {
		t.Run(name, func(t *testing.T) {
			r := attachedReport(t)
			r.Items[0].Attachments = pick(r.Items[0].Attachments)
			r.Items[1].Attachments = r.Items[0].Attachments
			_, out := runTool(t, renderBytes(t, r), path, "--check", "report.pdf")
			if !strings.Contains(out, "No syntax or stream encoding errors found") || strings.Contains(out, "WARNING") {
				t.Error(out)
			}
		})
	}
}

// TestPicturesDrawn looks at the rendered pages: each picture covers the area it
// should, in its own colour.
func TestPicturesDrawn(t *testing.T) {
	const dpi = 50
	dir, _ := runTool(t, renderBytes(t, attachedReport(t)), tool(t, "pdftoppm"), "-r", fmt.Sprint(dpi), "-png", "report.pdf", "page")
	pages, err := filepath.Glob(filepath.Join(dir, "page-*.png"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, error %v", len(pages), err)
	}
	near := func(a, b uint32) bool { return max(a>>8, b>>8)-min(a>>8, b>>8) < 14 }
	square := map[string]float64{} // mm² by colour
	colours := map[string]color.Color{"green": green, "cyan": cyan, "magenta": magenta}
	for _, path := range pages {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				r, g, b, _ := m.At(x, y).RGBA()
				for name, c := range colours {
					if r0, g0, b0, _ := c.RGBA(); near(r, r0) && near(g, g0) && near(b, b0) {
						square[name] += 25.4 / dpi * 25.4 / dpi
					}
				}
			}
		}
	}
	for name, want := range map[string]float64{
		"green": 600 * 200 * mmPerPixel * mmPerPixel, "cyan": 600 * 300 * mmPerPixel * mmPerPixel, "magenta": printWidth * printWidth * 5 / 12,
	} {
		if got := square[name]; got < 0.93*want || got > 1.05*want {
			t.Errorf("%s: %.0f mm², want %.0f", name, got, want)
		}
	}
}

func TestPictureSizes(t *testing.T) {
	for name, c := range map[string]struct{ pixelsX, pixelsY, width, height float64 }{
		"small stays at 150 dpi":   {300, 150, 50.8, 25.4},
		"one pixel":                {1, 1, mmPerPixel, mmPerPixel},
		"wide is as wide as print": {3480, 1740, 174, 87},
		"tall leaves its caption":  {1700, 34000, 8.5, 170},
		"square":                   {4000, 4000, 170, 170},
		"thread":                   {50_000_000, 1, 174, 174 / 5e7},
	} {
		t.Run(name, func(t *testing.T) {
			s := pictureStrip(&picture{width: c.pixelsX, height: c.pixelsY})
			d := s.drawing
			if d.wide-c.width > 1e-9 || c.width-d.wide > 1e-9 || d.high-c.height > 1e-9 || c.height-d.high > 1e-9 {
				t.Errorf("%v × %v mm, want %v × %v", d.wide, d.high, c.width, c.height)
			}
			if s.height < d.high || s.height > d.high+1 || d.x < 0 || d.x+d.wide > printWidth+1e-9 {
				t.Errorf("strip %v mm, picture from %v", s.height, d.x)
			}
		})
	}
}

// TestPictureForms asserts what gofpdf gets to see of every kind of image.
func TestPictureForms(t *testing.T) {
	at := image.Rect(0, 0, 8, 8)
	grey := jpegOf(t, paint(image.NewGray(at), color.Gray{90}))
	colour := jpegOf(t, paint(image.NewRGBA(at), magenta))
	white := color.NRGBA{255, 255, 255, 255}
	palette := color.Palette{color.Transparent, cyan, magenta}
	offset := paint(image.NewNRGBA(image.Rect(-5, 7, 3, 15)), cyan)
	for name, c := range map[string]struct {
		body []byte
		kept bool
		want color.NRGBA // of the first pixel; of none where it does not matter
	}{
		"grey JPEG":           {grey, true, color.NRGBA{}},
		"colour JPEG":         {colour, true, color.NRGBA{}},
		"progressive JPEG":    {decode64(t, progressiveJPEG), true, color.NRGBA{}},
		"CMYK JPEG":           {decode64(t, cmykJPEG), false, color.NRGBA{}},
		"RGB JPEG":            {adobeRGB(colour), false, color.NRGBA{}},
		"plain PNG":           {pngOf(t, paint(image.NewRGBA(at), cyan)), false, cyan},
		"transparent PNG":     {pngOf(t, paint(image.NewNRGBA(at), color.Transparent)), false, white},
		"half transparent":    {pngOf(t, paint(image.NewNRGBA(at), faint)), false, green},
		"16-bit PNG":          {pngOf(t, paint(image.NewRGBA64(at), cyan)), false, cyan},
		"16-bit alpha PNG":    {pngOf(t, paint(image.NewNRGBA64(at), color.Transparent)), false, white},
		"16-bit grey PNG":     {pngOf(t, paint(image.NewGray16(at), color.Gray16{0x4040})), false, color.NRGBA{64, 64, 64, 255}},
		"grey PNG":            {pngOf(t, paint(image.NewGray(at), color.Gray{64})), false, color.NRGBA{64, 64, 64, 255}},
		"palette with a hole": {pngOf(t, image.NewPaletted(at, palette)), false, white},
		"palette interlaced":  {decode64(t, interlacedPNG), false, color.NRGBA{}},
		"origin elsewhere":    {pngOf(t, offset), false, cyan},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := newPicture(c.body)
			if err != nil {
				t.Fatal(err)
			}
			if c.kept {
				if !bytes.Equal(p.body, c.body) || p.kind != "jpeg" {
					t.Errorf("JPEG was written anew as %s", p.kind)
				}
				return
			}
			if p.kind != "png" || p.body[24] != 8 || p.body[25] != 2 || p.body[28] != 0 {
				t.Fatalf("%s of depth %d, colour type %d, interlacing %d", p.kind, p.body[24], p.body[25], p.body[28])
			}
			m, err := png.Decode(bytes.NewReader(p.body))
			if err != nil {
				t.Fatal(err)
			}
			if got := color.NRGBAModel.Convert(m.At(0, 0)); c.want != (color.NRGBA{}) && got != c.want {
				t.Errorf("colour %v, want %v", got, c.want)
			}
			if m.Bounds().Dx() != int(p.width) || m.Bounds().Dy() != int(p.height) {
				t.Errorf("%v, want %v × %v", m.Bounds(), p.width, p.height)
			}
		})
	}
}

// TestBrokenPicture asserts that a file that is no image is listed and told, and
// costs nothing else.
func TestBrokenPicture(t *testing.T) {
	whole := solid(t, 300, 300, cyan)
	photo := jpegOf(t, paint(image.NewRGBA(image.Rect(0, 0, 300, 300)), magenta))
	for name, body := range map[string][]byte{
		"empty": nil, "text": []byte("not an image"), "PDF": []byte(approval), "GIF": []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"cut PNG": whole[:len(whole)-30], "PNG header only": whole[:33], "cut JPEG": photo[:len(photo)/2],
		"wrong checksum": slices.Concat(whole[:45], []byte{whole[45] ^ 1}, whole[46:]),
		"claims 2^60":    hugePNG(t, 1<<30, 1<<30), "claims 51 million": hugePNG(t, 51_000, 1000), "no width": hugePNG(t, 0, 5),
	} {
		t.Run(name, func(t *testing.T) {
			r := attachedReport(t)
			broken := attached(9, "깨짐.png", body)
			r.Items[0].Attachments = []view.Attachment{broken, r.Items[0].Attachments[0]}
			text := strings.Join(checkPages(t, r), "")
			for _, want := range []string{"M-009", "깨짐.png", broken.SHA256, "그림을 해석할 수 없음", "M-001"} {
				if !strings.Contains(text, squeeze(want)) {
					t.Errorf("%q is missing", want)
				}
			}
			if strings.Count(text, squeeze("그림을 해석할 수 없음")) != 1 {
				t.Error("more than one picture is called broken")
			}
		})
	}
}

// TestManyPictures asserts that every picture stands whole on the page of its
// own caption, and that pages are neither too full nor left by a caption.
func TestManyPictures(t *testing.T) {
	for name, size := range map[string][2]int{"tall": {30, 3000}, "wide": {1100, 90}, "square": {300, 300}, "tiny": {8, 8}} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 40} {
				r := attachedReport(t)
				r.Items[0].Attachments = nil
				for i := range n {
					body := solid(t, size[0], size[1], color.NRGBA{uint8(i), 90, 120, 255})
					r.Items[0].Attachments = append(r.Items[0].Attachments, attached(i+1, fmt.Sprintf("화면 %d.png", i+1), body))
				}
				frame, pages := plan(t, r)
				drawn := 0
				for i, page := range pages {
					height, caption := 0.0, ""
					for _, p := range page {
						height += p.above + p.strip.height
						if text := stripText(p.strip); strings.HasPrefix(text, "M-") {
							caption = text
						}
						if p.strip.drawing != nil {
							if drawn++; !strings.HasPrefix(caption, squeeze(fmt.Sprintf("M-%03d 화면 %d.png", drawn, drawn))) {
								t.Errorf("%d pictures, page %d: picture %d below caption %q", n, i+1, drawn, caption)
							}
						}
					}
					if last := page[len(page)-1].strip; last.keep {
						t.Errorf("%d pictures: page %d ends with %q", n, i+1, stripText(last))
					}
					if height > frame.body {
						t.Errorf("%d pictures, page %d: %v mm on %v mm", n, i+1, height, frame.body)
					}
				}
				if drawn != n {
					t.Errorf("%d of %d pictures", drawn, n)
				}
				if n == 40 && name == "wide" {
					checkPages(t, r)
				}
			}
		})
	}
}

// TestSameBytesWithPictures uses pictures of one width, which gofpdf numbers in
// the order of a map.
func TestSameBytesWithPictures(t *testing.T) {
	r := attachedReport(t)
	for i := range 12 {
		r.Items[0].Attachments = append(r.Items[0].Attachments, attached(10+i, fmt.Sprintf("%d.png", i), solid(t, 64, 48, color.NRGBA{uint8(20 * i), 90, 120, 255})))
	}
	want := renderBytes(t, r)
	for range 12 {
		if !bytes.Equal(renderBytes(t, r), want) {
			t.Fatal("the same view gave other bytes")
		}
	}
}

// drawn is r as gofpdf leaves it to finish.
func drawn(t testing.TB, r view.Report) []byte {
	t.Helper()
	fs := mustFaces(t)
	frame := fs.newFrame(r)
	data, err := generate(assemble(frame, layout(fs, frame, r)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// idLine is what encode adds to a document.
var idLine = regexp.MustCompile(`/ID \[ <[0-9a-f]{32}> <[0-9a-f]{32}> \]\n`)

// TestParseDocument asserts that taking a document apart loses nothing, and that
// one of another form is refused.
func TestParseDocument(t *testing.T) {
	for name, r := range map[string]view.Report{"plain": sampleReport(), "attached": attachedReport(t)} {
		data := drawn(t, r)
		doc, err := parseDocument(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if out := doc.encode(); !bytes.Equal(idLine.ReplaceAll(out, nil), data) || len(out) == len(data) {
			t.Errorf("%s: other bytes", name)
		}
	}
	data := drawn(t, sampleReport())
	if _, err := finish(data, archive{pictures: 1}); err == nil || !strings.Contains(err.Error(), "0 of 1 pictures") {
		t.Errorf("a missing picture gave error %v", err)
	}
	replaced := func(old, new string) []byte { return bytes.Replace(data, []byte(old), []byte(new), 1) }
	for name, broken := range map[string][]byte{
		"empty": nil, "cut": data[:len(data)-20], "moved": append([]byte("x"), data...),
		"other catalog":         replaced("/EmbeddedFiles", "/embeddedFiles"),
		"version of another":    replaced("%PDF-1.3", "%PDF-1.4"),
		"no pages":              replaced("/Kids [", "/kids ["),
		"annotated already":     replaced("/Parent 1 0 R", "/Annots[]    "),
		"font without its file": replaced("/FontFile2", "/FontFileX"),
	} {
		if _, err := finish(broken, archive{}); err != errStructure {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestTextString covers names that a PDF string could break.
func TestTextString(t *testing.T) {
	for s, want := range map[string]string{"": "<FEFF>", "a)": "<FEFF00610029>", "승": "<FEFFC2B9>", "😀": "<FEFFD83DDE00>", "\xff": "<FEFFFFFD>"} {
		if got := textString(s); got != want {
			t.Errorf("textString(%q) = %s, want %s", s, got, want)
		}
	}
}

// TestReasonFollowsFinal asserts that 판정 근거 has the colour of the verdict that counts.
func TestReasonFollowsFinal(t *testing.T) {
	for name, c := range map[string]struct{ final, want view.Verdict }{"overruled": {good, good}, "confirmed": {vulnerable, vulnerable}, "open": {undecided, vulnerable}} {
		t.Run(name, func(t *testing.T) {
			it := sampleItem()
			it.Final = c.final
			d := &flow{fs: mustFaces(t), body: 200}
			d.reason(it)
			row := d.strips[len(d.strips)-1]
			if text := stripText(row); !strings.HasPrefix(text, squeeze(c.want.Word)) || len(row.fills) != 1 || row.fills[0].color != looks[c.want.ID].tint {
				t.Errorf("%q on %+v", text, row.fills)
			}
		})
	}
}

// TestFinalDocument asserts that a final document says so where a draft would.
func TestFinalDocument(t *testing.T) {
	r := attachedReport(t)
	r.Draft = "확정본"
	for i, page := range checkPages(t, r) {
		if !strings.Contains(page, "[확정본]보안등급") || strings.Contains(page, "[초안]") {
			t.Errorf("page %d: %.200s", i+1, page)
		}
		if i == 0 && strings.Count(page, "확정본") != 2 {
			t.Errorf("cover: %s", page)
		}
	}
}

func FuzzPicture(f *testing.F) {
	for _, s := range []string{cmykJPEG, progressiveJPEG, interlacedPNG} {
		f.Add(decode64(f, s))
	}
	f.Add(solid(f, 3, 3, faint))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := newPicture(body)
		if err != nil {
			return
		}
		if s := pictureStrip(p); !(s.height > 0) || s.height > tallestPicture+1 {
			t.Errorf("height %v", s.height)
		}
		if p.kind == "png" && (p.body[24] != 8 || p.body[25] != 2 || p.body[28] != 0) {
			t.Errorf("depth %d, colour type %d, interlacing %d", p.body[24], p.body[25], p.body[28])
		}
	})
}

func FuzzParseDocument(f *testing.F) {
	f.Add([]byte("%PDF-1.3\n1 0 obj\n<< >>\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<<\n/Size 2\n/Root 1 0 R\n/Info 1 0 R\n>>\nstartxref\n31\n%%EOF\n"))
	f.Add([]byte("xref\n0 2\n0000000000 65535 f \n9 00000 n \ntrailer\n<<\n/Size 2\n/Root 1 0 R\n/Info 1 0 R\n>>\nstartxref\n0\n%%EOF\n"))
	f.Add([]byte("xref\n0 1\n0000000000 65535 f \ntrailer\n<<\n/Size -1\n/Root -1 0 R\n/Info 1 0 R\n>>\nstartxref\n-5\n%%EOF\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := parseDocument(data)
		if err != nil {
			return
		}
		out := doc.encode()
		again, err := parseDocument(idLine.ReplaceAll(out, nil))
		if err != nil || !bytes.Equal(again.encode(), out) {
			t.Errorf("error %v", err)
		}
		whole := archive{files: []embedded{{"a", view.EmbeddedFile{Name: "a", MIME: "text/csv", Relationship: "Data", Body: data}}}}
		if _, err := finish(data, whole); err != nil && err != errStructure {
			t.Error(err)
		}
	})
}

// noise is a picture that compresses badly, like a photograph.
func noise(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	x := uint32(1)
	for i := range m.Pix {
		x = x*1664525 + 1013904223
		m.Pix[i] = uint8(x>>24) | byte(i%4/3*255)
	}
	return m
}

func BenchmarkPicture(b *testing.B) {
	body := pngOf(b, noise(1920, 1080))
	for b.Loop() {
		if _, err := newPicture(body); err != nil {
			b.Fatal(err)
		}
	}
}
