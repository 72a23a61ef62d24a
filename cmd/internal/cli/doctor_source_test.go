package cli

import (
	"strings"
	"testing"

	"auditbinder/collect"
	"auditbinder/collect/evidence"
	"auditbinder/report/item"
)

// Where the answers came from is said with what it does to a report.
func TestDoctorTellsOfTheSource(t *testing.T) {
	for source, line := range map[evidence.Source]string{
		evidence.SourceAWS:         "출처: AWS\n",
		evidence.SourceIntercepted: "출처: AWS(TLS 검사 경유). 표지와 한계에 그 사실이 인쇄되므로",
		evidence.SourceCustom:      "출처: AWS가 아닌 엔드포인트. 이대로 수집하면 모든 쪽에 '모의 환경 수집분 · 제출 불가'가",
	} {
		c := newCheckup(&item.Catalog{}, collect.Checkup{Source: source})
		if text := strings.Join(c.notes(), "\n") + "\n"; !strings.Contains(text, line) || strings.Count(text, "출처") != 1 || c.Simulated != (source == evidence.SourceCustom) {
			t.Errorf("%s: %s", source, text)
		}
	}
}
