package pdf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

const (
	xmpHead = "<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
`
	xmpTail = "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"

	xmpPlain = "%s"
	xmpText  = `<rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt>`
	xmpList  = "<rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq>"
	xmpSet   = "<rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag>"
)

// xmp is the metadata as XMP, which is where PDF/A is claimed.
func (m metadata) xmp() []byte {
	at := m.at.Format(time.RFC3339)
	b := bytes.NewBufferString(xmpHead)
	for _, p := range []struct{ name, form, value string }{
		{"pdfaid:part", xmpPlain, "3"},
		{"pdfaid:conformance", xmpPlain, "B"},
		{"dc:title", xmpText, m.title},
		{"dc:creator", xmpList, m.author},
		{"dc:description", xmpText, m.subject},
		{"dc:language", xmpSet, "ko-KR"},
		{"xmp:CreatorTool", xmpPlain, m.program},
		{"xmp:CreateDate", xmpPlain, at},
		{"xmp:ModifyDate", xmpPlain, at},
		{"pdf:Producer", xmpPlain, m.program},
	} {
		if p.value == "" {
			continue
		}
		var value bytes.Buffer
		xml.EscapeText(&value, []byte(p.value)) // a buffer takes everything
		fmt.Fprintf(b, "<%s>"+p.form+"</%[1]s>\n", p.name, value.String())
	}
	b.WriteString(xmpTail)
	return b.Bytes()
}
