package interview

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"strings"
)

// Bounds of an attachment.
const (
	MaxFile = 20 << 20
	// maxDecoded bounds the bytes that a picture may take once decoded.
	maxDecoded = 160 << 20
)

// fileKinds are the kinds of attachments by their endings.
var fileKinds = map[string]string{".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".pdf": "pdf"}

// configs read an image's size by its kind, images the whole of it.
var images = map[string]func(io.Reader) (image.Image, error){"png": png.Decode, "jpeg": jpeg.Decode}

var configs = map[string]func(io.Reader) (image.Config, error){"png": png.DecodeConfig, "jpeg": jpeg.DecodeConfig}

// Pixels is how many pixels a picture claims; 0 for anything else.
func Pixels(name string, body []byte) int {
	read := configs[FileKind(name)]
	if read == nil {
		return 0
	}
	config, err := read(bytes.NewReader(body))
	if err != nil {
		return 0
	}
	return config.Width * config.Height
}

// pixelBytes is what a pixel takes in memory while the picture is decoded: a
// progressive JPEG keeps the coefficients of three components.
func pixelBytes(config image.Config, body []byte) int {
	progressive := []byte{0xff, 0xc2}
	switch config.ColorModel {
	case color.NRGBA64Model, color.RGBA64Model:
		return 8
	case color.YCbCrModel, color.CMYKModel, color.GrayModel:
		if bytes.Contains(body[:min(len(body), 64<<10)], progressive) {
			return 12
		}
	}
	return 4
}

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
		case config.Width*config.Height > maxDecoded/pixelBytes(config, body):
			return fmt.Sprintf("그림이 너무 큼(%d×%d)", config.Width, config.Height)
		}
		if _, err := images[kind](bytes.NewReader(body)); err != nil {
			return "그림이 끝까지 읽히지 않음(잘렸거나 손상됨)"
		}
	}
	return ""
}
