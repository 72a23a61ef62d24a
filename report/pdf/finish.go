package pdf

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// finish makes the archive form, PDF/A-3b, of a document that gofpdf drew: it
// puts the pictures in a fixed order, attaches files, and writes the outline,
// the metadata and what else PDF/A wants, all as the document's one revision.
func finish(data []byte, a archive) ([]byte, error) {
	doc, err := parseDocument(data)
	if err != nil {
		return nil, err
	}
	if err := doc.sortPictures(a.pictures); err != nil {
		return nil, err
	}
	if err := doc.archive(a); err != nil {
		return nil, err
	}
	return doc.encode(), nil
}

// document is a PDF file as gofpdf writes it.
type document struct {
	header     []byte
	objects    []object // in file order
	root, info int
}

type object struct {
	number int
	body   []byte // what stands behind 'N 0 obj'
}

var errStructure = errors.New("the drawn document is not built as expected")

const (
	xrefHead  = "xref\n0 %d\n0000000000 65535 f \n"
	xrefEntry = "%010d 00000 n \n"
	entrySize = 20
	trailer   = "trailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n%s>>\nstartxref\n%d\n%%%%EOF\n"
	fileID    = "/ID [ <%x> <%[1]x> ]\n"
)

// parseDocument takes data apart; encode gives it back, with an ID.
func parseDocument(data []byte) (*document, error) {
	doc := new(document)
	var size, xref int
	at := bytes.LastIndex(data, []byte("trailer\n"))
	if _, err := fmt.Sscanf(string(data[max(at, 0):]), strings.Replace(trailer, "%s", "", 1), &size, &doc.root, &doc.info, &xref); err != nil || xref < 0 || xref > len(data) {
		return nil, errStructure
	}
	table, found := bytes.CutPrefix(data[xref:], fmt.Appendf(nil, xrefHead, size))
	if !found {
		return nil, errStructure
	}
	offsets := []int{xref} // of the objects by number; of the table behind them
	for n := 1; n < size; n++ {
		var offset int
		entry := table[:min(entrySize, len(table))]
		if _, err := fmt.Sscanf(string(entry), xrefEntry, &offset); err != nil || len(entry) < entrySize {
			return nil, errStructure
		}
		offsets, table = append(offsets, offset), table[entrySize:]
		doc.objects = append(doc.objects, object{number: n})
	}
	slices.SortFunc(doc.objects, func(a, b object) int { return cmp.Compare(offsets[a.number], offsets[b.number]) })
	end := xref
	for i := len(doc.objects) - 1; i >= 0; i-- {
		o := &doc.objects[i]
		start := offsets[o.number]
		if start < 0 || start > end {
			return nil, errStructure
		}
		if o.body, found = bytes.CutPrefix(data[start:end], fmt.Appendf(nil, "%d 0 obj\n", o.number)); !found {
			return nil, errStructure
		}
		end = start
	}
	doc.header = data[:end]
	return doc, nil
}

func (doc *document) encode() []byte {
	out := bytes.Clone(doc.header)
	offsets := make([]int, len(doc.objects)+1)
	for _, o := range doc.objects {
		offsets[o.number] = len(out)
		out = append(fmt.Appendf(out, "%d 0 obj\n", o.number), o.body...)
	}
	xref := len(out)
	out = fmt.Appendf(out, xrefHead, len(offsets))
	for _, offset := range offsets[1:] {
		out = fmt.Appendf(out, xrefEntry, offset)
	}
	id := sha256.Sum256(out)
	return fmt.Appendf(out, trailer, len(offsets), doc.root, doc.info, fmt.Sprintf(fileID, id[:16]), xref)
}

func (doc *document) object(number int) *object {
	i := slices.IndexFunc(doc.objects, func(o object) bool { return o.number == number })
	if i < 0 {
		return new(object)
	}
	return &doc.objects[i]
}

// add appends an object and gives its number.
func (doc *document) add(body []byte) int {
	n := len(doc.objects) + 1
	doc.objects = append(doc.objects, object{n, body})
	return n
}

// resources is the number of the resource dictionary that all pages share.
const resources = 2

// named is a picture in it, by a name that gofpdf makes from the content.
var named = regexp.MustCompile(`/I[0-9a-f]{40} (\d+) 0 R\n`)

// sortPictures numbers the pictures in the order of their names, each once:
// gofpdf numbers pictures of equal width in the random order of a map.
func (doc *document) sortPictures(want int) error {
	dict := doc.object(resources)
	places := named.FindAllSubmatchIndex(dict.body, -1) // by name already
	var names []string
	var numbers []int // of the objects
	var bodies [][]byte
	for _, p := range places {
		name := string(dict.body[p[0]:p[2]])
		if slices.Contains(names, name) {
			continue
		}
		n, err := strconv.Atoi(string(dict.body[p[2]:p[3]]))
		if err != nil {
			return errStructure
		}
		names, numbers, bodies = append(names, name), append(numbers, n), append(bodies, doc.object(n).body)
	}
	if len(names) != want {
		return fmt.Errorf("%d of %d pictures drawn", len(names), want)
	}
	if want == 0 {
		return nil
	}
	slices.Sort(numbers)
	var list []byte
	for i, name := range names {
		doc.object(numbers[i]).body = bodies[i]
		list = fmt.Appendf(list, "%s%d 0 R\n", name, numbers[i])
	}
	dict.body = slices.Concat(dict.body[:places[0][0]], list, dict.body[places[len(places)-1][1]:])
	return nil
}

// countPictures counts the different pictures on pages.
func countPictures(pages [][]*placed) int {
	seen := map[[sha256.Size]byte]bool{}
	for _, page := range pages {
		for _, p := range page {
			if d := p.strip.drawing; d != nil {
				seen[sha256.Sum256(d.body)] = true
			}
		}
	}
	return len(seen)
}
