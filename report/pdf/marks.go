package pdf

// bookmark is one entry of the document outline.
type bookmark struct {
	title string
	level int     // 0 a part, 1 a section in it
	page  int     // from 1
	top   float64 // mm from the upper edge of the page
}

// link is an area that leads to a place in the document.
type link struct {
	page   int        // from 1
	rect   [4]float64 // left, top, right, bottom in mm from the upper left corner of the page
	target int        // page, from 1
	top    float64    // mm from the upper edge of the target
}

// marks is what finish writes beside the drawn pages.
type marks struct {
	pages     int
	bookmarks []bookmark
	links     []link
}
