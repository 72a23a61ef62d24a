// Package strictyaml decodes one YAML document into a struct and refuses
// whatever the struct does not say: unknown and repeated keys, numbers for
// strings, empty values, impossible dates. Every error is one line of Korean with
// file, line and column. It knows no file of ours and reads none.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds on what the YAML parser is given: its time grows faster than its
// input. The largest of our files is far below each.
const (
	maxFileSize = 64 << 10
	maxLines    = 4000
	maxNesting  = 64
)

// Error is one problem in a file, one line of Korean.
type Error struct {
	File    string
	Line    int // 0 = the file as a whole
	Column  int
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Document is a parsed file that still knows where everything stands.
type Document struct {
	name string
	root ast.Node
}

// Decode reads one YAML document into the struct that into points to. goccy's
// own strictness would still turn numbers into strings, strings into numbers
// and null into nothing, so the tree is held against the type first.
func Decode(name string, data []byte, into any) (*Document, error) {
	d := &Document{name: name}
	if err := d.readable(data); err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, d.syntax(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, d.Fail(nil, "YAML 문서가 정확히 하나 있어야 함")
	}
	d.root = file.Docs[0].Body
	if err := d.shape(d.root, reflect.TypeOf(into).Elem(), "문서"); err != nil {
		return nil, err
	}
	if err := yaml.NodeToValue(d.root, into, yaml.Strict()); err != nil {
		return nil, d.syntax(err)
	}
	return d, nil
}

// readable refuses what the parser should never see.
func (d *Document) readable(data []byte) error {
	switch {
	case len(data) > maxFileSize || bytes.Count(data, []byte("\n")) > maxLines:
		return d.Fail(nil, "파일이 너무 큼(%d바이트 %d줄, 최대 %d바이트 %d줄)", len(data), bytes.Count(data, []byte("\n")), maxFileSize, maxLines)
	case !utf8.Valid(data):
		return d.Fail(nil, "UTF-8이 아닌 바이트가 있음")
	case bytes.ContainsRune(data, utf8.RuneError), bytes.ContainsRune(data, 0):
		return d.Fail(nil, "깨진 문자 또는 NUL 문자가 있음")
	}
	depth := 0
	for n, line := range strings.Split(string(data), "\n") {
		depth += strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
		indent := len(line) - len(strings.TrimLeft(line, " -?\t"))
		if depth > maxNesting || indent > maxNesting {
			return &Error{d.name, n + 1, 1, fmt.Sprintf("중첩이 너무 깊음(최대 %d단계)", maxNesting)}
		}
	}
	return nil
}

// syntaxWords are the slips of the pen that people make most, in the YAML
// library's words and in Korean.
var syntaxWords = []struct{ english, korean string }{
	{"that cannot start any token", "이 글자로 시작할 수 없음(들여쓰기에는 탭이 아니라 빈칸을 씀)"},
	{"could not find end character of double-quoted", "큰따옴표가 닫히지 않음"},
	{"could not find end character of single-quoted", "작은따옴표가 닫히지 않음"},
	{"sequence end token ']' not found", "']'가 없음"},
	{"could not find flow mapping end token '}'", "'}'가 없음"},
	{"mapping value is not allowed in this context", "이 자리에는 '키: 값'을 쓸 수 없음(들여쓰기 확인)"},
	{"non-map value is specified", "'키: 값' 형식이 아님"},
}

// syntax is an error of the YAML library as one line with its position.
func (d *Document) syntax(err error) error {
	var positioned yaml.Error
	if errors.As(err, &positioned) {
		message, _, _ := strings.Cut(positioned.GetMessage(), "\n")
		for _, known := range syntaxWords {
			if strings.Contains(message, known.english) {
				message = known.korean
			}
		}
		return d.Fail(positioned.GetToken(), "YAML 문법 오류: %s", message)
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	return d.Fail(nil, "YAML 해석 오류: %s", message)
}

// Fail is an error at a token, or about the file where there is none.
func (d *Document) Fail(at *token.Token, format string, args ...any) error {
	e := &Error{File: d.name, Message: fmt.Sprintf(format, args...)}
	if at != nil && at.Position != nil {
		e.Line, e.Column = at.Position.Line, at.Position.Column
	}
	return e
}

// shape holds a node against the Go type it will be decoded into.
func (d *Document) shape(n ast.Node, t reflect.Type, label string) error {
	expected := ""
	switch {
	case t == reflect.TypeFor[Date]():
		text, ok := scalarText(n)
		if !ok {
			expected = "날짜"
			break
		}
		if _, err := ParseDate(text); err != nil {
			return d.Fail(n.GetToken(), "%s: %v", label, err)
		}
		return nil
	case t.Kind() == reflect.Struct:
		return d.structShape(n, t, label)
	case t.Kind() == reflect.Map:
		return d.mapShape(n, t.Elem(), label)
	case t.Kind() == reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			expected = "목록"
			break
		}
		for i, value := range list.Values {
			if err := d.shape(value, t.Elem(), fmt.Sprintf("%s[%d]", label, i)); err != nil {
				return err
			}
		}
		return nil
	case t.Kind() == reflect.String:
		text, ok := scalarText(n)
		if !ok {
			expected = "문자열"
			break
		}
		if text == "" || text != strings.TrimSpace(text) {
			return d.Fail(n.GetToken(), "%s: 값이 비어 있거나 앞뒤에 공백이 있음", label)
		}
		return nil
	case t.Kind() == reflect.Bool:
		if n.Type() == ast.BoolType {
			return nil
		}
		expected = "true 또는 false"
	case t.Kind() == reflect.Int:
		if n.Type() == ast.IntegerType {
			return nil
		}
		expected = "정수"
	case t.Kind() == reflect.Float64:
		if n.Type() == ast.IntegerType || n.Type() == ast.FloatType {
			return nil
		}
		expected = "숫자"
	}
	return d.Fail(n.GetToken(), "%s: 형식 오류(필요: %s, 실제: %s)", label, expected, kindName(n))
}

// structShape knows every key of the struct and no other.
func (d *Document) structShape(n ast.Node, t reflect.Type, label string) error {
	fields := make(map[string]reflect.Type, t.NumField())
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "-" {
			fields[name] = t.Field(i).Type
		}
	}
	return d.eachEntry(n, label, func(key ast.MapKeyNode, value ast.Node) error {
		name := key.GetToken().Value
		field, ok := fields[name]
		if !ok {
			return d.Fail(key.GetToken(), "알 수 없는 키: %q", name)
		}
		return d.shape(value, field, name)
	})
}

// mapShape takes any key.
func (d *Document) mapShape(n ast.Node, value reflect.Type, label string) error {
	return d.eachEntry(n, label, func(key ast.MapKeyNode, v ast.Node) error {
		return d.shape(v, value, label+"."+key.GetToken().Value)
	})
}

// eachEntry visits a mapping's entries and refuses odd and repeated keys.
func (d *Document) eachEntry(n ast.Node, label string, visit func(ast.MapKeyNode, ast.Node) error) error {
	mapping, ok := n.(ast.MapNode)
	if !ok {
		return d.Fail(n.GetToken(), "%s: 형식 오류(필요: 키와 값, 실제: %s)", label, kindName(n))
	}
	seen := map[string]bool{}
	for entry := mapping.MapRange(); entry.Next(); {
		key := entry.Key()
		if key.Type() != ast.StringType {
			return d.Fail(key.GetToken(), "%s: 키는 문자열이어야 함", label)
		}
		name := key.GetToken().Value
		if seen[name] {
			return d.Fail(key.GetToken(), "키 중복: %q", name)
		}
		seen[name] = true
		if err := visit(key, entry.Value()); err != nil {
			return err
		}
	}
	return nil
}

// At is the token where the value at path (keys and indexes) stands, or the
// nearest thing above it that exists.
func (d *Document) At(path ...any) *token.Token {
	node, found := d.root, start(d.root)
	for _, step := range path {
		key, next := child(node, step)
		if next == nil {
			break
		}
		node, found = next, key
	}
	return found
}

// child is the value under a key or index, with the token that marks it.
func child(n ast.Node, step any) (*token.Token, ast.Node) {
	switch step := step.(type) {
	case int:
		if list, ok := n.(*ast.SequenceNode); ok && step < len(list.Values) {
			return start(list.Values[step]), list.Values[step]
		}
	case string:
		if mapping, ok := n.(ast.MapNode); ok {
			for entry := mapping.MapRange(); entry.Next(); {
				if entry.Key().GetToken().Value == step {
					return entry.Key().GetToken(), entry.Value()
				}
			}
		}
	}
	return nil, nil
}

// start is a node's first token: a mapping's own token is its first colon.
func start(n ast.Node) *token.Token {
	if mapping, ok := n.(ast.MapNode); ok {
		if entry := mapping.MapRange(); entry.Next() {
			return entry.Key().GetToken()
		}
	}
	return n.GetToken()
}

// scalarText is the text of a string scalar, plain, quoted or block.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

// kindName is a node's kind in Korean.
func kindName(n ast.Node) string {
	switch n.Type() {
	case ast.NullType:
		return "빈 값"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "숫자"
	case ast.BoolType:
		return "true/false"
	case ast.StringType, ast.LiteralType:
		return "문자열"
	case ast.SequenceType:
		return "목록"
	case ast.MappingType, ast.MappingValueType:
		return "키와 값"
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType:
		return "앵커·별칭"
	case ast.TagType:
		return "태그"
	}
	return "알 수 없는 형식"
}
