package item

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"auditbinder/report/strictyaml"
	"auditbinder/templates"
)

const (
	lawsFile = "laws.yaml"
	itemsDir = "items"
	itemExt  = ".yaml"
)

// Default loads the catalogue that the program carries.
func Default() (*Catalog, error) {
	catalog, err := carried()
	if err != nil {
		return nil, err
	}
	own := *catalog
	own.Items = slices.Clone(catalog.Items)
	return &own, nil
}

var carried = sync.OnceValues(func() (*Catalog, error) { return Load(templates.FS) })

// Load reads and validates laws.yaml and items/*.yaml. Every error is one line
// of Korean that names the file and, where there is one, the line and column.
func Load(fsys fs.FS) (*Catalog, error) {
	catalog, err := load(fsys)
	var problem *strictyaml.Error
	if errors.As(err, &problem) {
		return nil, &Error{problem}
	}
	return catalog, err
}

func load(fsys fs.FS) (*Catalog, error) {
	data, err := read(fsys, lawsFile)
	if err != nil {
		return nil, err
	}
	laws, err := parseLaws(lawsFile, data)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(fsys, itemsDir)
	if err != nil || len(entries) == 0 {
		return nil, &strictyaml.Error{File: itemsDir, Message: "점검 항목 파일이 없음"}
	}
	catalog := &Catalog{Laws: laws}
	orders := map[int]string{} // order -> file
	for _, entry := range entries {
		name := path.Join(itemsDir, entry.Name())
		if entry.IsDir() || path.Ext(name) != itemExt {
			return nil, &strictyaml.Error{File: name, Message: "점검 항목 파일(.yaml)이 아님"}
		}
		data, err := read(fsys, name)
		if err != nil {
			return nil, err
		}
		item, doc, err := parseItem(name, data, laws)
		if err != nil {
			return nil, err
		}
		if other, taken := orders[item.Order]; taken {
			return nil, doc.Fail(doc.At("order"), "order 중복: %d (%s에서 사용 중)", item.Order, other)
		}
		orders[item.Order] = name
		catalog.Items = append(catalog.Items, item)
	}
	slices.SortFunc(catalog.Items, func(a, b Item) int { return cmp.Compare(a.Order, b.Order) })
	return catalog, nil
}

// read is a whole file; the cause of a failure is said, not just its path.
func read(fsys fs.FS, name string) ([]byte, error) {
	data, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &strictyaml.Error{File: name, Message: "파일이 없음"}
	}
	if err != nil {
		return nil, &strictyaml.Error{File: name, Message: "파일을 읽을 수 없음: " + err.Error()}
	}
	return data, nil
}

// parseItem reads one item file and validates it against the laws.
func parseItem(name string, data []byte, laws Laws) (Item, *strictyaml.Document, error) {
	var item Item
	doc, err := decode(name, data, &item)
	if err != nil {
		return Item{}, nil, err
	}
	c := &checker{doc: doc}
	c.item(item, strings.TrimSuffix(path.Base(name), itemExt), laws)
	return item, doc, c.err
}

// parseLaws reads and validates laws.yaml.
func parseLaws(name string, data []byte) (Laws, error) {
	var laws Laws
	doc, err := decode(name, data, &laws)
	if err != nil {
		return Laws{}, err
	}
	c := &checker{doc: doc}
	c.laws(laws)
	return laws, c.err
}
