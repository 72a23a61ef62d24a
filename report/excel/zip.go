package excel

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
)

const contentTypes = "[Content_Types].xml"

// rewriteZip copies the parts of a workbook in a fixed order, which excelize
// leaves to a map. The compressed bytes stay as they are.
func rewriteZip(w io.Writer, raw []byte) error {
	in, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return fmt.Errorf("excel: read the finished workbook: %w", err)
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int {
		if a.Name == contentTypes || b.Name == contentTypes {
			if a.Name == b.Name {
				return 0
			}
			if a.Name == contentTypes {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	out := zip.NewWriter(w)
	for _, part := range in.File {
		if err := out.Copy(part); err != nil {
			return fmt.Errorf("excel: copy %s: %w", part.Name, err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("excel: finish the workbook: %w", err)
	}
	return nil
}
