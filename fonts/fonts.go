// Package fonts holds the TrueType faces that the PDF embeds, with their
// licences and hashes. It never measures, subsets or draws: report/pdf does.
//
// The files come unchanged from the npm packages
// @expo-google-fonts/noto-sans-kr 0.4.3 and
// @expo-google-fonts/nanum-gothic-coding 0.4.1 (SIL OFL 1.1).
package fonts

import _ "embed"

// Regular is Noto Sans KR 400: body text, Hangul, Hanja, full Latin-1.
//
//go:embed NotoSansKR_400Regular.ttf
var Regular []byte

// Bold is Noto Sans KR 700: headings and verdict words.
//
//go:embed NotoSansKR_700Bold.ttf
var Bold []byte

// Mono is NanumGothicCoding 400: ARNs, call ids and policy documents.
// It lacks Hanja and much of Latin-1; draw those runs in Regular.
//
//go:embed NanumGothicCoding_400Regular.ttf
var Mono []byte

// SHA256SUMS lists the expected SHA-256 of the three files above.
//
//go:embed SHA256SUMS
var SHA256SUMS string
