package pdf

import (
	"fmt"
	"strings"

	"auditbinder/report/view"
)

// pageFrame is the header and footer that stand on every page.
type pageFrame struct {
	header *strip
	footer func(page, pages int) *strip
	body   float64      // height left between them
	cut    []view.Field // texts too long for the frame, to be printed whole on the cover
}

// frameLines is how many lines a text may take in the header or footer.
const frameLines = 2

// more ends a frame text that goes on on the cover.
const more = " …(표지에 전문)"

var (
	headerGrid = newGrid(0, 54, 66, 54)
	footerGrid = newGrid(0, 74, 60, 40)
)

// frameGap separates header and footer from the body.
const frameGap = 3.5

func (fs *faces) newFrame(r view.Report) pageFrame {
	var f pageFrame
	fit := func(name string, g *grid, column int, st *style, align alignment, text string) cell {
		lines, cut := fs.clip(text, st, g.inner(column), frameLines)
		if cut {
			f.cut = append(f.cut, view.Field{Label: name, Lines: []string{text}})
		}
		return cell{lines: lines, style: st, align: align}
	}
	level := r.Classification
	if level != "" {
		level = "보안등급: " + level
	}
	state := ""
	if r.Draft != "" {
		state = "[" + r.Draft + "] "
	}
	number := r.DocumentNumber
	if number != "" {
		number = "문서번호: " + number
	}
	f.header = fs.frameStrip(headerGrid,
		fit("머리글 문서번호", headerGrid, 0, frameText, left, number),
		fit("머리글 표시", headerGrid, 1, marking, center, r.Marking),
		fit("머리글 보안등급", headerGrid, 2, frameBold, right, state+level))
	below := f.header.height
	f.header.rules = []rule{{y: below, length: printWidth, thickness: thin, color: ruleDark}}
	f.header.height = snap(below + frameGap)

	account := fit("바닥글 계정", footerGrid, 0, frameText, left, r.AccountLabel)
	program := fit("바닥글 프로그램", footerGrid, 1, frameText, center, r.Program)
	f.footer = func(page, pages int) *strip {
		number := fmt.Sprintf("%d / %d", page, pages)
		s := fs.frameStrip(footerGrid, account, program, cell{lines: []string{number}, style: frameBold, align: right})
		s.rules = []rule{{length: printWidth, thickness: thin, color: ruleDark}}
		return s
	}
	f.body = frame - f.header.height - f.footer(1, 1).height - snap(frameGap)
	return f
}

// frameStrip is a row without rules or side padding.
func (fs *faces) frameStrip(g *grid, cells ...cell) *strip {
	outer := &grid{edges: append([]float64(nil), g.edges...)}
	outer.edges[0] -= padX
	outer.edges[len(outer.edges)-1] += padX
	s := fs.rowStrips(outer, cells, 0, frame)[0]
	s.rules, s.grid = nil, nil
	return s
}

// clip gives text as at most limit lines; what is cut ends with more.
func (fs *faces) clip(text string, st *style, width float64, limit int) ([]string, bool) {
	g, units := &fs[st.face], int(width/st.em*1000)
	lines := g.wrap(fs.clean(text), units)
	if len(lines) <= limit {
		return []string{text}, false
	}
	last := []rune(lines[limit-1].text)
	for len(last) > 0 && g.measure(string(last)+more) > units {
		last = last[:len(last)-1]
	}
	var out []string
	for _, l := range lines[:limit-1] {
		out = append(out, l.text)
	}
	return append(out, strings.TrimRight(string(last), " ")+more), true
}
