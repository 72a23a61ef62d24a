package interview

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"strings"
)

// Bounds of an attachment.
const (
	MaxFile   = 20 << 20
	maxPixels = 50_000_000
)

// fileKinds are the kinds of attachments by their endings.
var fileKinds = map[string]string{".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".pdf": "pdf"}

// configs read an image's size by its kind, images the whole of it.
var images = map[string]func(io.Reader) (image.Image, error){"png": png.Decode, "jpeg": jpeg.Decode}

var configs = map[string]func(io.Reader) (image.Config, error){"png": png.DecodeConfig, "jpeg": jpeg.DecodeConfig}

// FileKind is the kind that a file's name claims: png, jpeg, pdf, or nothing.
func FileKind(name string) string { return fileKinds[strings.ToLower(path.Ext(name))] }

// CheckFile says in Korean what is wrong with an attachment's content, or nothing.
func CheckFile(name string, body []byte) string {
	switch kind := FileKind(name); {
	case len(body) == 0:
		return "빈 파일임"
	case len(body) > MaxFile:
		return fmt.Sprintf("%d MiB보다 큼", MaxFile>>20)
	case kind == "pdf":
		if !bytes.HasPrefix(body, []byte("%PDF-")) {
			return "PDF 파일이 아님"
		}
	case kind == "":
		return "PNG, JPEG, PDF가 아님"
	default:
		config, err := configs[kind](bytes.NewReader(body))
		switch {
		case err != nil:
			return "확장자와 같은 형식의 그림이 아님"
		case config.Width*config.Height > maxPixels:
			return fmt.Sprintf("그림이 너무 큼(%d×%d)", config.Width, config.Height)
		}
		if _, err := images[kind](bytes.NewReader(body)); err != nil {
			return "그림이 끝까지 읽히지 않음(잘렸거나 손상됨)"
		}
	}
	return ""
}
