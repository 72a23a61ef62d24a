package pdf

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/jpeg"
	"image/png"

	"github.com/johnfercher/maroto/v2/pkg/consts/extension"
)

// picture is an image in a form that gofpdf draws: a JPEG in grey or YCbCr, or
// a PNG of 8-bit RGB without alpha, palette and interlacing.
type picture struct {
	body          []byte
	kind          extension.Type
	width, height float64 // in pixels
}

// mostPixels is the largest image that is decoded: its header alone can claim
// more memory than there is.
const mostPixels = 50_000_000

var errPicture = errors.New("image without pixels, or with too many")

// newPicture decodes body to the end, so that nothing is drawn that a reader
// of the document could not see.
func newPicture(body []byte) (*picture, error) {
	isJPEG := bytes.HasPrefix(body, []byte{0xff, 0xd8})
	readConfig, decode := png.DecodeConfig, png.Decode
	if isJPEG {
		readConfig, decode = jpeg.DecodeConfig, jpeg.Decode
	}
	config, err := readConfig(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if n := config.Width * config.Height; n <= 0 || n > mostPixels {
		return nil, errPicture
	}
	img, err := decode(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	p := &picture{body: body, kind: extension.Jpeg, width: float64(config.Width), height: float64(config.Height)}
	if isJPEG && (config.ColorModel == color.GrayModel || config.ColorModel == color.YCbCrModel) {
		return p, nil
	}
	plain := image.NewRGBA(image.Rect(0, 0, config.Width, config.Height))
	imagedraw.Draw(plain, plain.Rect, image.White, image.Point{}, imagedraw.Src)
	imagedraw.Draw(plain, plain.Rect, img, img.Bounds().Min, imagedraw.Over)
	var b bytes.Buffer
	if err := png.Encode(&b, plain); err != nil {
		return nil, err
	}
	p.body, p.kind = b.Bytes(), extension.Png
	return p, nil
}
