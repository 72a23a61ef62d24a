package pdf

import (
	"flag"
	"fmt"
	"image"
	imagedraw "image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"auditbinder/report/view"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

// goldenReport has a page of every type: one item with 3 findings, one with 500.
func goldenReport() view.Report {
	r := sampleReport()
	few, many := &r.Items[0], sampleItem()
	few.Facts[0] = userTable(3)
	many.ID, many.Title = "IAM-02", "장기 미사용 자격 증명 정리"
	many.Facts[0] = offenders(500)
	many.Vulnerable = 500
	r.Items = slices.Insert(r.Items, 1, many)
	return r
}

// offenders is a table of n users, all of them vulnerable.
func offenders(n int) view.Table {
	t := userTable(n)
	for i := range t.Rows {
		cells := t.Rows[i].Cells
		t.Rows[i].Status, cells[len(cells)-1] = vulnerable.ID, judged(vulnerable)
	}
	return t
}

// goldenPages names a page of every type, with text that it alone begins or holds.
var goldenPages = []struct {
	name, text string
	from       int // which of the pages with that text, from 0
}{
	{"cover", "서명", 0},
	{"control", "문서 관리", 0},
	{"contents", "목차", 0},
	{"summary", "2. 요약", 1},
	{"item", "항목 코드 IAM-01", 0},
	{"facts-3", "모집단 1,200명", 0},
	{"facts-500", "kim.minsu-0253", 0},
	{"interview", "4. 인터뷰", 1},
	{"plan", "5. 조치계획", 1},
	{"appendix-a", "부록 A.", 1},
	{"appendix-b", "부록 B.", 1},
	{"appendix-c", "부록 C.", 1},
	{"appendix-d", "부록 D.", 1},
	{"appendix-e", "부록 E.", 1},
	{"appendix-f", "부록 F.", 1},
}

// holding gives the numbers of the pages that hold text, from 1.
func holding(pages [][]*placed, text string) (out []int) {
	for i, page := range pages {
		if slices.ContainsFunc(page, func(p *placed) bool { return strings.Contains(stripText(p.strip), squeeze(text)) }) {
			out = append(out, i+1)
		}
	}
	return out
}

// rasterize draws one page in grey.
func rasterize(t *testing.T, pdf string, page int) *image.Gray {
	t.Helper()
	base := filepath.Join(t.TempDir(), "page")
	n := strconv.Itoa(page)
	if out, err := exec.Command(tool(t, "pdftoppm"), "-r", "40", "-gray", "-png", "-singlefile", "-f", n, "-l", n, pdf, base).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("pdftoppm: %v\n%s", err, out)
	}
	return readGray(t, base+".png")
}

func readGray(t *testing.T, path string) *image.Gray {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	gray := image.NewGray(m.Bounds())
	imagedraw.Draw(gray, gray.Rect, m, m.Bounds().Min, imagedraw.Src)
	return gray
}

// What two versions of poppler may differ by, of 255: the mean over the page, and
// over any block of it.
const (
	mostMean  = 1.0
	mostBlock = 32.0
	blockSide = 16
)

// differ tells how two pictures of a page differ, or gives nothing.
func differ(got, want *image.Gray) string {
	if got.Rect != want.Rect {
		return fmt.Sprintf("%v, want %v", got.Rect, want.Rect)
	}
	sum, blocks := 0, map[image.Point]int{}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			a, b := got.GrayAt(x, y).Y, want.GrayAt(x, y).Y
			d := int(max(a, b) - min(a, b))
			sum += d
			blocks[image.Pt(x/blockSide, y/blockSide)] += d
		}
	}
	most := 0
	for _, d := range blocks {
		most = max(most, d)
	}
	if mean, block := float64(sum)/float64(len(got.Pix)), float64(most)/blockSide/blockSide; mean > mostMean || block > mostBlock {
		return fmt.Sprintf("pixels differ by %.2f in the mean, by %.0f in one block", mean, block)
	}
	return ""
}

// goldenFile is the report drawn to a file.
func goldenFile(t *testing.T, r view.Report) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, renderBytes(t, r), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestGolden compares a page of every type with its picture in testdata/golden.
// After a wanted change: go test ./report/pdf -run TestGolden -update, and look.
func TestGolden(t *testing.T) {
	r := goldenReport()
	_, pages := plan(t, r)
	pdf := goldenFile(t, r)
	for _, c := range goldenPages {
		t.Run(c.name, func(t *testing.T) {
			on := holding(pages, c.text)
			if len(on) <= c.from {
				t.Fatalf("%q is on pages %v", c.text, on)
			}
			got := rasterize(t, pdf, on[c.from])
			path := filepath.Join("testdata", "golden", c.name+".png")
			if *update {
				writeGray(t, path, got)
			}
			if d := differ(got, readGray(t, path)); d != "" {
				other := filepath.Join(os.TempDir(), "golden-"+c.name+".png")
				writeGray(t, other, got)
				t.Errorf("page %d: %s; drawn as %s", on[c.from], d, other)
			}
		})
	}
}

func writeGray(t *testing.T, path string, m *image.Gray) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestGoldenNotices asserts that the comparison notices what a reader would.
func TestGoldenNotices(t *testing.T) {
	_, pages := plan(t, goldenReport())
	want := rasterize(t, goldenFile(t, goldenReport()), holding(pages, "모집단 1,200명")[0])
	for name, change := range map[string]func(*view.Report){
		"a row less":       func(r *view.Report) { r.Items[0].Facts[0] = userTable(2) },
		"other column":     func(r *view.Report) { r.Items[0].Facts[0].Columns[2].Below = false },
		"another verdict":  func(r *view.Report) { r.Items[0].Facts[0].Rows[0].Cells[6] = judged(unknown) },
		"a paragraph less": func(r *view.Report) { r.Items[0].Notes = nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := goldenReport()
			change(&r)
			_, pages := plan(t, r)
			if differ(rasterize(t, goldenFile(t, r), holding(pages, "모집단 1,200명")[0]), want) == "" {
				t.Error("not noticed")
			}
		})
	}
}
