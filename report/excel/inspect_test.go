package excel

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// replaced is the workbook with one part's text changed, or added.
func replaced(t testing.TB, book []byte, name, content string) []byte {
	t.Helper()
	return packed(t, book, map[string]string{name: content}, nil)
}

// packed copies a workbook with some parts changed or added, and then whatever more
// writes.
func packed(t testing.TB, book []byte, changed map[string]string, more func(w *zip.Writer) error) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		if _, ok := changed[f.Name]; !ok {
			if err := w.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range changed {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	if more != nil {
		if err := more(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb writes a part that unpacks to so many MB of text, whatever size it declares.
func bomb(name, text string, megabytes int, declared uint64) func(w *zip.Writer) error {
	return func(w *zip.Writer) error {
		var block bytes.Buffer
		d, err := flate.NewWriter(&block, flate.BestCompression)
		if err != nil {
			return err
		}
		// A flushed block stands for itself and may be repeated.
		if _, err := io.WriteString(d, strings.Repeat(text, 1<<20/len(text)+1)[:1<<20]); err != nil {
			return err
		}
		if err := d.Flush(); err != nil {
			return err
		}
		end := []byte{3, 0} // an empty last block
		part, err := w.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Deflate, CompressedSize64: uint64(megabytes*block.Len() + len(end)), UncompressedSize64: declared,
		})
		if err != nil {
			return err
		}
		_, err = part.Write(append(bytes.Repeat(block.Bytes(), megabytes), end...))
		return err
	}
}

// entries writes so many empty parts.
func entries(n int) func(w *zip.Writer) error {
	return func(w *zip.Writer) error {
		for i := range n {
			if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("x/%d", i)}); err != nil {
				return err
			}
		}
		return nil
	}
}

// counting counts what is read.
type counting struct {
	*bytes.Reader
	n int64
}

func (c *counting) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.Reader.ReadAt(p, offset)
	c.n += int64(n)
	return n, err
}

func TestHostileFiles(t *testing.T) {
	form := renderAsking(t)
	types := parts(t, form)[contentTypes]
	typed := func(contentType string) string {
		return strings.Replace(types, "</Types>", `<Override PartName="/xl/odd.bin" ContentType="`+contentType+`"></Override></Types>`, 1)
	}
	sheet := "xl/worksheets/sheet9.xml"
	const strings1GB = "<si><t>0123456789</t></si>"
	encrypted := func() []byte {
		f := excelize.NewFile()
		defer func() { _ = f.Close() }()
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		locked, err := excelize.Encrypt(b.Bytes(), &excelize.Options{Password: "암호"})
		if err != nil {
			t.Fatal(err)
		}
		return locked
	}
	withFlag := func() []byte {
		return packed(t, form, nil, func(w *zip.Writer) error {
			_, err := w.CreateRaw(&zip.FileHeader{Name: "secret.xml", Flags: 1})
			return err
		})
	}
	for _, tt := range []struct {
		name    string
		book    func() []byte
		telling string
	}{
		{"empty", func() []byte { return nil }, "엑셀 통합 문서(.xlsx)가 아니거나"},
		{"not a zip", func() []byte { return bytes.Repeat([]byte("답변"), 1000) }, "엑셀 통합 문서(.xlsx)가 아니거나"},
		{"cut off", func() []byte { return form[:len(form)-100] }, "엑셀 통합 문서(.xlsx)가 아니거나"},
		{"another zip", func() []byte { return packed(t, emptyZip(t), nil, entries(3)) }, "통합 문서의 구성 항목이 없음"},
		{"encrypted", encrypted, "암호로 보호되었거나"},
		{"old .xls", func() []byte { return append(bytes.Clone(oleHeader), make([]byte, 4096)...) }, "이전 형식(.xls)"},
		{"encrypted entry", withFlag, "암호화된 항목"},
		{"zip bomb that declares its size", func() []byte { return packed(t, form, nil, bomb(sheet, "<a>x</a>", 500, 500<<20)) }, "압축을 푼 크기"},
		{"zip bomb that lies about its size", func() []byte { return packed(t, form, nil, bomb("docProps/thumbnail.jpeg", " ", 500, 10)) }, "파일이 손상됨"},
		{"1 GB of shared strings", func() []byte {
			return packed(t, form, nil, bomb("xl/sharedStrings.xml", strings1GB, 1024, 1<<30))
		}, "압축을 푼 크기"},
		{"1 GB of shared strings that declare little", func() []byte {
			return packed(t, form, nil, bomb("xl/sharedStrings.xml", strings1GB, 1024, 1000))
		}, "파일이 손상됨"},
		{"shared strings just below the size", func() []byte {
			return packed(t, form, nil, bomb("xl/sharedStrings.xml", strings1GB, 60, 60<<20))
		}, "공유 문자열이 너무 큼"},
		{"many small bombs", func() []byte {
			return packed(t, form, nil, func(w *zip.Writer) error {
				for i := range 100 {
					if err := bomb(fmt.Sprintf("media/%d.png", i), " ", 1, 0)(w); err != nil {
						return err
					}
				}
				return nil
			})
		}, "압축을 풀 수 없음"},
		{"a million entries", func() []byte { return packed(t, form, nil, entries(1_000_000)) }, "항목이 너무 많음"},
		{"one entry too many", func() []byte { return packed(t, form, nil, entries(maxParts)) }, "항목이 너무 많음"},
		{"too large a file", func() []byte {
			return packed(t, form, nil, func(w *zip.Writer) error {
				part, err := w.CreateHeader(&zip.FileHeader{Name: "media/photo.png"})
				if err == nil {
					_, err = part.Write(make([]byte, maxFile))
				}
				return err
			})
		}, "파일이 너무 큼"},
		{"the same part twice", func() []byte {
			return packed(t, form, nil, func(w *zip.Writer) error {
				_, err := w.Create(`XL\Worksheets\sheet1.xml`)
				return err
			})
		}, "같은 이름의 항목"},
		{"macro", func() []byte { return replaced(t, form, "xl/vbaProject.bin", "code") }, "매크로가 들어 있음"},
		{"macro elsewhere in other letters", func() []byte { return replaced(t, form, "xl/sub/VBAPROJECT.BIN", "code") }, "매크로가 들어 있음"},
		{"macro by another name", func() []byte { return replaced(t, form, contentTypes, typed("application/vnd.ms-office.vbaProject")) }, "매크로가 들어 있음"},
		{"macro workbook", func() []byte {
			return replaced(t, form, contentTypes, typed("application/vnd.ms-excel.sheet.macroEnabled.main+xml"))
		}, "매크로 사용 통합 문서"},
		{"macro of Excel 4", func() []byte { return replaced(t, form, "xl/macrosheets/sheet1.xml", "<xm/>") }, "매크로가 들어 있음"},
		{"external link", func() []byte { return replaced(t, form, "xl/externalLinks/externalLink1.xml", "<externalLink/>") }, "외부 연결"},
		{"external link by another name", func() []byte {
			return replaced(t, form, contentTypes, typed("application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"))
		}, "외부 연결"},
		{"entities", func() []byte {
			return replaced(t, form, sheet, `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><worksheet>&lol2;</worksheet>`)
		}, "DOCTYPE"},
		{"document type across the end of a chunk", func() []byte {
			return replaced(t, form, "docProps/custom.xml", strings.Repeat(" ", 32<<10-4)+"<!DOCTYPE a>")
		}, "DOCTYPE"},
		{"document type in two-byte letters", func() []byte {
			return replaced(t, form, "xl/theme/theme2.xml", strings.Join(strings.Split("<!DOCTYPE a>", ""), "\x00"))
		}, "UTF-8이 아닌 XML임"},
		{"too many elements", func() []byte {
			return replaced(t, form, "xl/worksheets/sheet1.xml", "<worksheet>"+strings.Repeat("<c/>", maxSheetMarkup)+"</worksheet>")
		}, "'인터뷰' 시트를 읽을 수 없음(시트가 너무 크거나 손상됨)"},
		{"elements without end", func() []byte {
			return replaced(t, form, "xl/worksheets/sheet1.xml", "<worksheet>"+strings.Repeat("<a>", 1_000_000))
		}, "'인터뷰' 시트를 읽을 수 없음(시트가 너무 크거나 손상됨)"},
		{"a text longer than any cell", func() []byte {
			return replaced(t, form, "xl/worksheets/sheet1.xml", "<worksheet>"+strings.Repeat("가", maxRun/2)+"</worksheet>")
		}, "'인터뷰' 시트를 읽을 수 없음(시트가 너무 크거나 손상됨)"},
		{"a shared text longer than any cell", func() []byte {
			return replaced(t, form, "xl/sharedStrings.xml", "<sst><si><t>"+strings.Repeat("가", maxRun/2)+"</t></si></sst>")
		}, "공유 문자열이 너무 큼"},
		{"too many sheets", func() []byte {
			return replaced(t, form, "xl/workbook.xml", "<workbook>"+strings.Repeat("<sheet/>", maxStructureMarkup)+"</workbook>")
		}, "통합 문서의 구성이 너무 큼"},
		{"long structure", func() []byte {
			return replaced(t, form, "_rels/.rels", "<Relationships>"+strings.Repeat("<a/>"+strings.Repeat(" ", 100), maxStructure/100)+"</Relationships>")
		}, "통합 문서의 구성이 너무 큼"},
		{"row to the end of the sheet", func() []byte {
			return replaced(t, form, "xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>`)
		}, "열이 너무 많음"},
		{"damaged part", func() []byte {
			return packed(t, form, nil, func(w *zip.Writer) error {
				part, err := w.CreateRaw(&zip.FileHeader{Name: "xl/styles2.xml", UncompressedSize64: 3, CompressedSize64: 3, CRC32: 1})
				if err == nil {
					_, err = io.WriteString(part, "<a>")
				}
				return err
			})
		}, "파일이 손상됨"},
		{"workbook under another name", func() []byte {
			return replaced(t, form, "_rels/.rels", strings.Replace(parts(t, form)["_rels/.rels"], "xl/workbook.xml", "xl/media/image1.png", 1))
		}, ""},
		{"no XML", func() []byte { return replaced(t, form, "xl/workbook.xml", "\x01<<<") }, "파일이 손상됨"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			book := tt.book()
			r := &counting{Reader: bytes.NewReader(book)}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			file, _, err := ReadAnswers(r, int64(len(book)))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), tt.telling) {
				t.Errorf("error %v, want one that says %q", err, tt.telling)
			}
			if len(file.Answers) > 0 || file.BundleDigest != "" {
				t.Errorf("read %+v", file)
			}
			// Everything ever allocated bounds what was held at any time.
			if total := (after.TotalAlloc - before.TotalAlloc) >> 20; total > 64 {
				t.Errorf("allocated %d MB", total)
			}
			if most := int64(len(book)) + 2*maxDirectory; r.n > most {
				t.Errorf("read %d bytes of a file of %d", r.n, len(book))
			}
		})
	}
}

// A raw sheet of a large account is left out, and the answers are still read.
func TestLargeSheetsAreLeftOut(t *testing.T) {
	book := filledForm(t, map[int]map[string]any{1: {"답변": "답"}})
	book = replaced(t, book, "xl/worksheets/sheet99.xml", "<worksheet>"+strings.Repeat("<c/>", maxSheetMarkup)+"</worksheet>")
	if f, problems := read(t, book); len(problems) != 0 || len(f.Answers) != 1 {
		t.Errorf("answers %+v, problems %v", f.Answers, problems)
	}
}

// An escape is marked once, wherever the reader cuts the text.
func TestEscapesAcrossChunks(t *testing.T) {
	const text = "_x000D__x0041_x0042_ _x005F_x0041_ _X0041_ _x004_ _x0041"
	const want = "\rAx0042_ _x0041_ _X0041_ _x004_ _x0041"
	for size := 1; size <= len(text); size++ {
		var out bytes.Buffer
		m := marker{out: &out}
		for chunk := range slices.Chunk([]byte(text), size) {
			if _, err := m.Write(chunk); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.flush(); err != nil {
			t.Fatal(err)
		}
		if got := unescaped(out.String()); got != want {
			t.Errorf("in chunks of %d: %q, want %q", size, got, want)
		}
	}
}

// unzipped is the text of one part.
func unzipped(t testing.TB, book []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func emptyZip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := zip.NewWriter(&b).Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// One string of many runs is joined again for every cell that refers to it.
func TestRunsOfOneSharedString(t *testing.T) {
	count := func(text string, chunk int) int {
		left := 1 << 30
		m := meter{left: &left, name: sharedStrings}
		for part := range slices.Chunk([]byte(text), chunk) {
			if _, err := m.Write(part); err != nil {
				return -1
			}
		}
		return m.items
	}
	short := strings.Repeat("<si><t>a</t></si>", 5000)
	for _, chunk := range []int{1, 2, 3, 7, 4096} {
		if n := count("<sst>"+short+"</sst>", chunk); n < 0 || n > 40 {
			t.Errorf("short strings in chunks of %d: %d", chunk, n)
		}
		if n := count("<x:sst>"+strings.ReplaceAll(strings.ReplaceAll(short, "<si", "<x:si"), "</si", "</x:si")+"</x:sst>", chunk); n < 0 || n > 40 {
			t.Errorf("prefixed strings in chunks of %d: %d", chunk, n)
		}
		if n := count("<sst><si>"+strings.Repeat("<r/>", maxItemMarkup+1)+"</si></sst>", chunk); n != -1 {
			t.Errorf("a string of many runs passes in chunks of %d: %d", chunk, n)
		}
	}
}
