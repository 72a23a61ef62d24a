package cli_test

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const mark = "모의 환경 수집분 · 제출 불가"

// marked checks the mark on every page and every sheet, and in result.json.
func marked(t *testing.T, dir, prefix string) {
	t.Helper()
	if !readResult(t, dir).Simulated {
		t.Error("result.json is not marked simulated")
	}
	for name, sheet := range workbook(t, filepath.Join(dir, prefix+"_report.xlsx")) {
		if !strings.Contains(sheet, mark) {
			t.Errorf("the sheet %s is not marked", name)
		}
	}
	pages := strings.Split(strings.TrimSuffix(pdfText(t, filepath.Join(dir, prefix+"_report.pdf")), "\f"), "\f")
	for i, page := range pages {
		if !strings.Contains(page, mark) {
			t.Errorf("page %d of %d is not marked", i+1, len(pages))
		}
	}
}

// pdfText is a PDF's text, a form feed after each page. Poppler reads it: a
// reader that shares nothing with the writer.
func pdfText(t *testing.T, path string) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil && os.Getenv("AUDITBINDER_REQUIRE_TOOLS") != "" {
		t.Fatal("pdftotext (poppler-utils) is required here and not installed")
	}
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed: the PDF's text is not read")
	}
	out, err := exec.Command(tool, "-layout", path, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext %s: %v", path, err)
	}
	return string(out)
}

// workbook reads an xlsx as what it is, a zip of XML, and gives the text of each
// sheet by its part name.
func workbook(t *testing.T, path string) map[string]string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	sheets := map[string]string{}
	for _, f := range archive.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			continue
		}
		var sheet struct {
			Cells []struct {
				Type  string   `xml:"t,attr"`
				Value string   `xml:"v"`
				Text  []string `xml:"is>t"`
				Runs  []string `xml:"is>r>t"`
			} `xml:"sheetData>row>c"`
			Header string `xml:"headerFooter>oddHeader"`
		}
		part(t, &archive.Reader, f.Name, &sheet)
		var text strings.Builder
		text.WriteString(sheet.Header + "\n")
		for _, c := range sheet.Cells {
			if c.Type == "s" {
				t.Fatalf("%s uses shared strings, which are not read here", f.Name)
			}
			text.WriteString(strings.Join(append(append(c.Text, c.Runs...), c.Value), "") + "\n")
		}
		sheets[f.Name] = text.String()
	}
	return sheets
}

func part(t *testing.T, archive *zip.Reader, name string, into any) {
	t.Helper()
	f, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := xml.NewDecoder(f).Decode(into); err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", name, err)
	}
}
