package pdf

import (
	"bytes"
	"fmt"
	"regexp"
)

// pageTree is the number of the page tree in what gofpdf writes.
const pageTree = 1

var (
	kids = regexp.MustCompile(`/Kids \[[0-9R ]*\]`)
	kid  = regexp.MustCompile(`(\d+) 0 R`)
)

// pages are the numbers of the page objects in order.
func (doc *document) pages() ([]int, error) {
	list := kids.Find(doc.object(pageTree).body)
	var out []int
	for _, found := range kid.FindAllSubmatch(list, -1) {
		out = append(out, objectNumber(found[1]))
	}
	if len(out) == 0 {
		return nil, errStructure
	}
	return out, nil
}

// up turns mm from the upper edge of a page into points from its lower one.
func up(top float64) float64 { return (pageHeight - top) / mmPerPoint }

// destination is a place on a page, counted from 1, that keeps the reader's zoom.
func destination(pages []int, page int, top float64) (string, error) {
	if page < 1 || page > len(pages) {
		return "", fmt.Errorf("a mark is on page %d of %d", page, len(pages))
	}
	return fmt.Sprintf("[ %d 0 R /XYZ 0 %.2f null ]", pages[page-1], up(top)), nil
}

// outline writes the bookmarks and gives the catalog's entries for them. Parts
// are open, what lies deeper is closed.
func (doc *document) outline(pages []int, list []bookmark) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	root := len(doc.objects) + 1 // the entries follow, in order
	type entry struct{ parent, previous, next, first, last, children int }
	entries := make([]entry, len(list)+1) // the root, then the bookmarks
	path := []int{0}                      // the entry last seen on each level, below the root
	for i, b := range list {
		level := min(max(b.level, 0), len(path)-1)
		at, parent := i+1, &entries[path[level]]
		entries[at].parent, entries[at].previous = path[level], parent.last
		if parent.last > 0 {
			entries[parent.last].next = at
		} else {
			parent.first = at
		}
		parent.last = at
		parent.children++
		path = append(path[:level+1], at)
	}
	visible := entries[0].children
	for _, e := range entries[1:] {
		if e.parent == 0 {
			visible += e.children
		}
	}
	for i, e := range entries {
		body := []byte("<< /Type /Outlines")
		count := visible
		if i > 0 {
			b := list[i-1]
			to, err := destination(pages, b.page, b.top)
			if err != nil {
				return "", err
			}
			body = fmt.Appendf(nil, "<< /Title %s /Parent %d 0 R /Dest %s", textString(b.title), root+e.parent, to)
			if count = e.children; e.parent > 0 {
				count = -count
			}
		}
		for _, neighbour := range []struct {
			key string
			at  int
		}{{"Prev", e.previous}, {"Next", e.next}, {"First", e.first}, {"Last", e.last}} {
			if neighbour.at > 0 {
				body = fmt.Appendf(body, " /%s %d 0 R", neighbour.key, root+neighbour.at)
			}
		}
		if e.children > 0 {
			body = fmt.Appendf(body, " /Count %d", count)
		}
		doc.add(append(body, " >>\nendobj\n"...))
	}
	return fmt.Sprintf("/Outlines %d 0 R\n/PageMode /UseOutlines\n", root), nil
}

// link writes the links on their pages.
func (doc *document) link(pages []int, links []link) error {
	annotations := make([][]byte, len(pages))
	for _, l := range links {
		if _, err := destination(pages, l.page, 0); err != nil {
			return err
		}
		to, err := destination(pages, l.target, l.top)
		if err != nil {
			return err
		}
		left, top, right, bottom := l.rect[0]/mmPerPoint, up(l.rect[1]), l.rect[2]/mmPerPoint, up(l.rect[3])
		annotations[l.page-1] = fmt.Appendf(annotations[l.page-1],
			"<< /Type /Annot /Subtype /Link /F 4 /Border [ 0 0 0 ] /Rect [ %.2f %.2f %.2f %.2f ] /A << /S /GoTo /D %s >> >>\n", left, bottom, right, top, to)
	}
	const before = "/Contents "
	for i, list := range annotations {
		page := doc.object(pages[i])
		if bytes.Contains(page.body, []byte("/Annots")) || bytes.Count(page.body, []byte(before)) != 1 {
			return errStructure
		}
		if len(list) > 0 {
			page.body = bytes.Replace(page.body, []byte(before), fmt.Appendf(nil, "/Annots [\n%s]\n%s", list, before), 1)
		}
	}
	return nil
}
