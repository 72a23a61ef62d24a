package awsconn

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// checkBody says what is wrong with the body of a 2xx answer to req. No read
// operation answers with nothing, though the SDK takes an empty body, or JSON
// where it expects XML, for an empty result.
func checkBody(operation string, req *http.Request, h http.Header, body []byte) *wireError {
	body = bytes.TrimSpace(body)
	want := "json"
	if isForm(req) { // the query protocols answer in XML
		want = "xml"
	}
	if len(body) == 0 {
		return &wireError{code: codeEmptyBody, err: errors.New("status 200 with no body")}
	}
	var err error
	switch ext := bodyExt(h, body); {
	case ext != want:
		err = fmt.Errorf("unexpected content type %q, want %s", h.Get("Content-Type"), want)
	case ext == "json":
		err = checkJSON(body, essential[operation])
	default:
		err = checkXML(body, operation+"Response")
	}
	if err != nil {
		return &wireError{code: codeMalformedBody, err: err}
	}
	return nil
}

// essential are members that an answer can't do without, and whose absence the SDK
// takes for a value: a pattern that nobody tested would be one that does not match.
var essential = map[string]string{"TestEventPattern": "Result"}

func checkJSON(body []byte, member string) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return errors.New("not a JSON object")
	}
	if value := string(object[member]); member != "" && (value == "" || value == "null") {
		return fmt.Errorf("the object lacks %s", member)
	}
	return nil
}

// checkXML reads the document to its end: a cut or foreign one (a proxy's login
// page) must not pass for an answer.
func checkXML(body []byte, root string) error {
	dec := xml.NewDecoder(bytes.NewReader(body))
	depth, seen := 0, false
	for {
		tok, err := dec.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth == 0 && t.Name.Local != root {
				return fmt.Errorf("root element %q, want %q", t.Name.Local, root)
			}
			depth++
			seen = true
		case xml.EndElement:
			depth--
		}
	}
	if !seen || depth != 0 {
		return errors.New("document ends before its root element does")
	}
	return nil
}

// echoes reports whether body gives away the session token. One long piece
// between its punctuation is enough: serializers escape / + and = differently.
func echoes(body []byte, token string) bool {
	if token == "" {
		return false
	}
	if bytes.Contains(body, []byte(token)) {
		return true
	}
	pieces := strings.FieldsFunc(token, func(r rune) bool { return strings.ContainsRune("/+=", r) })
	return slices.ContainsFunc(pieces, func(p string) bool { return len(p) >= 16 && bytes.Contains(body, []byte(p)) })
}

// bodyExt is the raw file's ending, after the Content-Type and, where a server
// sends none that helps, the first character.
func bodyExt(h http.Header, body []byte) string {
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case strings.Contains(media, "json"):
		return "json"
	case strings.Contains(media, "xml"):
		return "xml"
	}
	switch body = bytes.TrimSpace(body); {
	case bytes.HasPrefix(body, []byte("{")):
		return "json"
	case strings.Contains(media, "html"):
		return "txt"
	case bytes.HasPrefix(body, []byte("<")) && !bytes.HasPrefix(bytes.ToLower(body), []byte("<!doctype html")):
		return "xml"
	}
	return "txt"
}
