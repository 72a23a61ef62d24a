package pdf

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"auditbinder/report/view"
)

// documents are the attachments that are no pictures, each once, by 증적번호.
func documents(items []view.Item) []view.Attachment {
	var out []view.Attachment
	for _, it := range items {
		for _, a := range it.Attachments {
			same := func(b view.Attachment) bool { return a.Number == b.Number && a.Name == b.Name }
			if !isPicture(a) && !slices.ContainsFunc(out, same) {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, func(a, b view.Attachment) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// embedded is a file inside the document, under a key of its own.
type embedded struct {
	key string
	view.EmbeddedFile
}

// embeddedFiles are the files of a report in the order of the document: its
// proof, then what people attached to answers.
func embeddedFiles(r view.Report) []embedded {
	var out []embedded
	for _, f := range r.Embedded {
		out = append(out, embedded{f.Name, f})
	}
	for _, a := range documents(r.Items) {
		kind := "application/octet-stream"
		if a.Kind == "pdf" {
			kind = "application/pdf"
		}
		out = append(out, embedded{a.Number + " " + a.Name, view.EmbeddedFile{
			Name: a.Name, MIME: kind, Description: "증적번호 " + a.Number, Relationship: "Supplement", Body: a.Body,
		}})
	}
	return out
}

// relationships are the words of PDF/A-3 for an attached file.
var relationships = []string{"Source", "Data", "Alternative", "Supplement", "Unspecified"}

// attach embeds files and gives the catalog's entries for them; date is that
// of the collection.
func (doc *document) attach(files []embedded, date string) (string, error) {
	if len(files) == 0 {
		return "", nil
	}
	type entry struct {
		key    []uint16
		number int
	}
	var entries []entry
	var associated []byte
	for _, f := range files {
		if f.Name == "" || !strings.Contains(f.MIME, "/") || !slices.Contains(relationships, f.Relationship) {
			return "", fmt.Errorf("embedded file %q: type %q, relationship %q", f.Name, f.MIME, f.Relationship)
		}
		n, err := doc.embed(f, date)
		if err != nil {
			return "", err
		}
		entries = append(entries, entry{utf16.Encode([]rune(f.key)), n})
		associated = fmt.Appendf(associated, "%d 0 R ", n)
	}
	slices.SortFunc(entries, func(a, b entry) int { return slices.Compare(a.key, b.key) })
	var names []byte
	for i, e := range entries {
		if i > 0 && slices.Equal(e.key, entries[i-1].key) {
			return "", fmt.Errorf("two embedded files are named %q", string(utf16.Decode(e.key)))
		}
		names = fmt.Appendf(names, "%s %d 0 R ", textString(string(utf16.Decode(e.key))), e.number)
	}
	return fmt.Sprintf("/Names << /EmbeddedFiles << /Names [ %s] >> >>\n/AF [ %s]\n", names, associated), nil
}

// embed adds one file and gives the number of its specification.
func (doc *document) embed(f embedded, date string) (int, error) {
	body, err := deflate(f.Body)
	if err != nil {
		return 0, err
	}
	stream := doc.add(fmt.Appendf(nil, "<< /Type /EmbeddedFile /Subtype %s /Params << /Size %d /ModDate %s >> /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n",
		nameObject(f.MIME), len(f.Body), date, len(body), body))
	return doc.add(fmt.Appendf(nil, "<< /Type /Filespec /F %s /UF %[1]s /Desc %s /AFRelationship /%s /EF << /F %d 0 R /UF %[4]d 0 R >> >>\nendobj\n",
		textString(f.Name), textString(f.Description), f.Relationship, stream)), nil
}

func deflate(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

// textString writes s as a PDF text string: UTF-16 with a byte order mark.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// nameObject writes s as a PDF name.
func nameObject(s string) string {
	b := []byte("/")
	for _, c := range []byte(s) {
		if c == '.' || c == '-' || c == '+' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
			b = append(b, c)
		} else {
			b = fmt.Appendf(b, "#%02X", c)
		}
	}
	return string(b)
}
