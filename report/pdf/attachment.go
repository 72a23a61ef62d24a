package pdf

import "auditbinder/report/view"

// answers adds what people answered and the files that they attached.
func (d *flow) answers(it view.Item) {
	if len(it.Answers.Rows) > 0 {
		d.headed("", "인터뷰 답변", it.Answers)
	}
	var pictures, documents []view.Attachment
	for _, a := range it.Attachments {
		if isPicture(a) {
			pictures = append(pictures, a)
		} else {
			documents = append(documents, a)
		}
	}
	d.attachments("첨부 화면", "그림은 지면에 맞추어 실은 것이며, 크기와 SHA-256은 제출된 원본 파일의 값임.", pictures)
	d.attachments("첨부 문서", "아래 파일은 이 PDF에 첨부되어 있으며, PDF 뷰어의 첨부 파일 목록에서 열 수 있음.", documents)
}

func isPicture(a view.Attachment) bool { return a.Kind == "png" || a.Kind == "jpeg" }

func (d *flow) attachments(title, remark string, list []view.Attachment) {
	if len(list) == 0 {
		return
	}
	d.title(heading, 5, 1, title)
	mark := len(d.strips)
	d.text(note, 0, left, remark)
	keep(d.strips[mark:])
	for _, a := range list {
		d.space(2.5)
		d.attachment(a)
	}
}

// attachment adds what identifies a file, and below it the picture if it is one.
func (d *flow) attachment(a view.Attachment) {
	mark := len(d.strips)
	size := thousands(a.Size) + "바이트"
	if a.Caption != "" {
		size = a.Caption + " · " + size
	}
	d.row(wideGrid, 0, label(a.Number), plain(a.Name, size))
	d.row(wideGrid, 0, label("SHA-256"), cell{lines: []string{a.SHA256}, style: fieldMono})
	if isPicture(a) {
		if p, err := newPicture(a.Body); err != nil {
			d.row(wideGrid, 0, label("그림"), cell{lines: []string{"그림을 해석할 수 없음"}, style: warning})
		} else {
			d.space(1.5)
			d.add(pictureStrip(p))
		}
	}
	d.keepFrom(mark)
}

// Bounds of a picture in mm: its own size at 150 dpi, the page, and what leaves
// room for its caption.
const (
	mmPerPixel     = 25.4 / 150
	tallestPicture = 170.0
)

// pictureStrip draws p in the middle, in a thin frame.
func pictureStrip(p *picture) *strip {
	scale := min(mmPerPixel, printWidth/p.width, tallestPicture/p.height)
	width, height := p.width*scale, p.height*scale
	g := newGrid((printWidth-width)/2, width)
	return &strip{
		height: snap(height), drawing: &drawing{p, g.edges[0], width, height},
		rules: []rule{g.across(0), g.across(height), g.down(g.edges[0], 0, height), g.down(g.edges[1], 0, height)},
	}
}
