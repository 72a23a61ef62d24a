package pdf

import "auditbinder/report/view"

// appendix adds 부록 C: every recorded answer, every file, and how to verify them.
func (d *flow) appendix(r view.Report) {
	d.part("부록 C. 증적 목록과 해시")
	d.heading("C.1 무결성 확인 방법")
	d.text(body, 0, left,
		"이 보고서는 아래 해시로 특정되는 증적 번들에서 만들어진 것임. 다음 명령의 첫째는 모든 파일의 SHA-256을 manifest.json의 기록과 대조하고, 둘째는 이 프로그램 없이 bundleDigest를 계산함.")
	d.space(1.5)
	if len(r.Verify) > 0 {
		d.box(fieldMono, tintLabel, r.Verify...)
		d.space(1.5)
	}
	d.text(body, 0, left,
		"bundleDigest는 manifest.json의 SHA-256임. 아래 값과 같으면 manifest.json이 같고, 나머지 파일은 manifest.json에 적힌 해시로 확인됨. 서명이 없는 해시는 무결성만 보이며 작성자를 증명하지 않음.")
	d.space(1.5)
	d.fields([]view.Field{
		{Label: "bundleDigest", Lines: []string{digest(r.BundleDigest)}, Mono: true},
		{Label: "설정 해시", Lines: []string{digest(r.ConfigDigest)}, Mono: true},
		{Label: "수집 도구", Lines: []string{r.Program}},
	})
	d.headed("C.2 ", "증적 목록", r.Evidence)
	d.headed("C.3 ", "파일 목록과 해시", r.Files)
}
