package item

import (
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/report/strictyaml"
)

// at is a time on a KST day; the hours that matter are the first and the last.
func at(t *testing.T, day string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if when, err := time.ParseInLocation(layout, day, strictyaml.KST); err == nil {
			return when
		}
	}
	t.Fatalf("bad day %q", day)
	return time.Time{}
}

func shipped(t *testing.T) *Catalog {
	t.Helper()
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAtShipped(t *testing.T) {
	const (
		nowEFSR = "현행(2026-10-04 확인)"
		nowPIPS = "현행(2026-09-08 확인)"
	)
	tests := []struct {
		provision, day         string
		notice, number, status string
		confidence             Confidence
		stale                  bool
	}{
		// 전자금융감독규정: first and last day of each version.
		{"efsr-15-1-5", "2022-12-31", unknownNotice, unknownNumber, unknownStatus, Unconfirmed, false},
		{"efsr-15-1-5", "2023-01-01", "고시번호 미확인", "제15조 제1항 제5호", "점검일 당시 시행(2023-01-01~2025-02-04)", Estimated, false},
		{"efsr-15-1-5", "2025-02-04", "고시번호 미확인", "제15조 제1항 제5호", "점검일 당시 시행(2023-01-01~2025-02-04)", Estimated, false},
		{"efsr-15-1-5", "2025-02-05", "제2025-4호", "제15조 제1항 제5호", "점검일 당시 시행(2025-02-05~2026-02-12)", Confirmed, false},
		{"efsr-15-1-5", "2026-02-12", "제2025-4호", "제15조 제1항 제5호", "점검일 당시 시행(2025-02-05~2026-02-12)", Confirmed, false},
		{"efsr-15-1-5", "2026-02-13", "제2026-7호", "제15조 제1항 제5호", "점검일 당시 시행(2026-02-13~2026-07-14)", Estimated, false},
		{"efsr-15-1-5", "2026-07-14", "제2026-7호", "제15조 제1항 제5호", "점검일 당시 시행(2026-02-13~2026-07-14)", Estimated, false},
		{"efsr-15-1-5", "2026-07-15", "제2026-29호", "제15조 제1항 제5호", nowEFSR, Confirmed, false},
		{"efsr-15-1-5", "2026-11-24", "제2026-29호", "제15조 제1항 제5호", nowEFSR, Confirmed, false},
		{"efsr-15-1-5", "2026-12-16", "제2026-29호", "제15조 제1항 제5호", nowEFSR, Confirmed, false},
		{"efsr-15-1-5", "2026-12-17", "제2026-29호", "제15조 제1항 제5호", nowEFSR, Confirmed, true},
		{"efsr-15-1-5", "2027-01-03", "제2026-29호", "제15조 제1항 제5호", nowEFSR, Confirmed, true},
		// The day is Korea's, whatever the zone of the timestamp.
		{"efsr-15-1-5", "2026-07-14T14:59:59Z", "제2026-7호", "제15조 제1항 제5호", "점검일 당시 시행(2026-02-13~2026-07-14)", Estimated, false},
		{"efsr-15-1-5", "2026-07-14T15:00:00Z", "제2026-29호", "제15조 제1항 제5호", nowEFSR, Confirmed, false},

		// 제13조: the old 호 only for old days, and never with certainty.
		{"efsr-13-access", "2025-02-04", "고시번호 미확인", "제13조 제1항 제4호", "점검일 당시 시행(2023-01-01~2025-02-04)", Estimated, false},
		{"efsr-13-access", "2025-02-05", "제2025-4호", "제13조 제1항", "점검일 당시 시행(2025-02-05~2026-02-12)", Unconfirmed, false},
		{"efsr-13-access", "2026-11-24", "제2026-29호", "제13조 제1항", nowEFSR, Unconfirmed, false},
		{"efsr-13-accounts", "2025-02-04", "고시번호 미확인", "제13조 제1항 제1호", "점검일 당시 시행(2023-01-01~2025-02-04)", Estimated, false},
		{"efsr-13-accounts", "2026-11-24", "제2026-29호", "제13조 제1항", nowEFSR, Unconfirmed, false},
		{"efsr-13-admins", "2025-02-04", "고시번호 미확인", "제13조 제5항", "점검일 당시 시행(2023-01-01~2025-02-04)", Estimated, false},
		{"efsr-13-admins", "2026-11-24", "제2026-29호", "제13조", nowEFSR, Unconfirmed, false},

		// 제14조의2: the paragraph number is known for the newest version only.
		{"efsr-14-2-7", "2026-07-14", "제2026-7호", "제14조의2", "점검일 당시 시행(2026-02-13~2026-07-14)", Unconfirmed, false},
		{"efsr-14-2-7", "2026-07-15", "제2026-29호", "제14조의2 제7항", nowEFSR, Confirmed, false},
		// 제26조: the instrument is known, the article not yet.
		{"efsr-26", "2025-02-04", unknownNotice, unknownNumber, unknownStatus, Unconfirmed, false},

		// 개인정보의 안전성 확보조치 기준.
		{"pips-5-1", "2023-09-21", unknownNotice, unknownNumber, unknownStatus, Unconfirmed, false},
		{"pips-5-1", "2023-09-22", "제2023-6호", "제5조 제1항", "점검일 당시 시행(2023-09-22~2025-10-30)", Confirmed, false},
		{"pips-5-1", "2025-10-30", "제2023-6호", "제5조 제1항", "점검일 당시 시행(2023-09-22~2025-10-30)", Confirmed, false},
		{"pips-5-1", "2025-10-31", "제2025-9호", "제5조 제1항", "점검일 당시 시행(2025-10-31~2026-06-30)", Confirmed, false},
		{"pips-5-1", "2026-06-30", "제2025-9호", "제5조 제1항", "점검일 당시 시행(2025-10-31~2026-06-30)", Confirmed, false},
		{"pips-5-1", "2026-07-01", "제2026-9호", "제5조 제1항", nowPIPS, Estimated, false},
		{"pips-5-1", "2026-12-07", "제2026-9호", "제5조 제1항", nowPIPS, Estimated, false},
		{"pips-5-1", "2026-12-08", "제2026-9호", "제5조 제1항", nowPIPS, Estimated, true},
		{"pips-6bis", "2025-10-30", "제2023-6호", "제6조 제6항", "점검일 당시 시행(2023-09-22~2025-10-30)", Confirmed, false},
		{"pips-6bis", "2025-10-31", "제2025-9호", "제6조의2", "점검일 당시 시행(2025-10-31~2026-06-30)", Confirmed, false},

		// 개인정보의 기술적·관리적 보호조치 기준: repealed on 2023-09-22.
		{"tech-measures-4-8-3", "2023-09-21", unknownNotice, unknownNumber, unknownStatus, Unconfirmed, false},
		{"tech-measures-4-8-3", "2023-09-22", "고시번호 미확인", "제4조 제8항 제3호", "폐지·통합(2023-09-22)", Confirmed, false},
		{"tech-measures-4-5-1", "2027-01-03", "고시번호 미확인", "제4조 제5항 제1호", "폐지·통합(2023-09-22)", Estimated, false},
	}
	laws := shipped(t).Laws
	for _, test := range tests {
		t.Run(test.provision+" "+test.day, func(t *testing.T) {
			ref := Reference{Provision: test.provision, Application: Direct, Fit: Confirmed}
			got, err := laws.At(ref, at(t, test.day))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Notice, test.notice) || got.Number != test.number || got.Status != test.status {
				t.Errorf("got %q, %q, %q", got.Notice, got.Number, got.Status)
			}
			if got.Confidence != test.confidence || got.Stale != test.stale {
				t.Errorf("confidence %s, stale %v", got.Confidence, got.Stale)
			}
			if got.VerifyText != (test.confidence != Confirmed) {
				t.Errorf("VerifyText = %v with %s", got.VerifyText, test.confidence)
			}
			if got.Status == unknownStatus && (!got.EffectiveFrom.IsZero() || got.Gist != "" || len(got.Notes) == 0) {
				t.Errorf("more is said than known: %+v", got)
			}
		})
	}
}

func TestAtStaleByAge(t *testing.T) {
	laws := fixtureLaws(t)
	// Without a date to check again, only the age of the check counts.
	laws.Instruments[0].Versions[1].RecheckAfter = Date{}
	for day, stale := range map[string]bool{"2026-10-04": false, "2026-12-18": false, "2027-01-02": false, "2027-01-03": true} {
		got, err := laws.At(Reference{Provision: "reg-1", Fit: Confirmed}, at(t, day))
		if err != nil {
			t.Fatal(err)
		}
		if got.Stale != stale {
			t.Errorf("%s: stale = %v", day, got.Stale)
		}
	}
}

// An article that changes while its notice stays is dated by its own change.
func TestAtProvisionChangesWithinVersion(t *testing.T) {
	laws := fixtureLaws(t)
	tests := []struct{ day, number, status string }{
		{"2024-12-31", "제1조", "점검일 당시 시행(2024-01-01~2024-12-31)"},
		{"2025-05-31", "제1조", "점검일 당시 시행(2025-01-01~2025-05-31)"},
		{"2025-06-01", "제2조", "현행(2026-10-04 확인)"},
	}
	for _, test := range tests {
		got, err := laws.At(Reference{Provision: "reg-1", Fit: Confirmed}, at(t, test.day))
		if err != nil {
			t.Fatal(err)
		}
		if got.Number != test.number || got.Status != test.status {
			t.Errorf("%s: %q, %q", test.day, got.Number, got.Status)
		}
	}
}

// The earlier check and the earlier date to check again win, and the weakest
// of the three confidences.
func TestAtWeakest(t *testing.T) {
	laws := fixtureLaws(t)
	article := &laws.Provisions[0].Versions[1]
	article.CheckedOn = strictyaml.DayOf(at(t, "2026-09-01"))
	article.RecheckAfter = strictyaml.DayOf(at(t, "2026-11-01"))
	article.Note = "조항 비고"
	laws.Instruments[0].Note = "법령 비고"
	laws.Instruments[0].Versions[1].Note = "고시 비고"

	ref := Reference{Provision: "reg-1", Application: Analogy, Fit: Estimated, Note: "연결 비고", Cited: []Cited{{"구 조항", "폐지"}}}
	got, err := laws.At(ref, at(t, "2026-11-02"))
	if err != nil {
		t.Fatal(err)
	}
	if got.CheckedOn.String() != "2026-09-01" || got.RecheckAfter.String() != "2026-11-01" || got.Status != "현행(2026-09-01 확인)" {
		t.Errorf("checked on %s, again after %s, %s", got.CheckedOn, got.RecheckAfter, got.Status)
	}
	if !got.Stale || !got.VerifyText || got.Confidence != Estimated {
		t.Errorf("stale %v, verify %v, %s", got.Stale, got.VerifyText, got.Confidence)
	}
	if got.Application != Analogy || len(got.Cited) != 1 {
		t.Errorf("application %s, cited %v", got.Application, got.Cited)
	}
	if want := []string{"연결 비고", "조항 비고", "고시 비고", "법령 비고"}; !slices.Equal(got.Notes, want) {
		t.Errorf("notes %v", got.Notes)
	}
	for _, all := range [][]Confidence{{Unconfirmed, Confirmed}, {Confirmed, ""}, {Estimated, Unconfirmed}} {
		if weakest(all...) != Unconfirmed {
			t.Errorf("weakest of %v is %s", all, weakest(all...))
		}
	}
}

func TestAtUnknownProvision(t *testing.T) {
	laws := fixtureLaws(t)
	if _, err := laws.At(Reference{Provision: "reg-9"}, time.Now()); err == nil || err.Error() != `laws.yaml에 없는 조항: "reg-9"` {
		t.Errorf("got %v", err)
	}
	laws.Instruments = nil
	if _, err := laws.At(Reference{Provision: "reg-1"}, time.Now()); err == nil || err.Error() != `laws.yaml에 없는 법령: "reg" (조항 "reg-1")` {
		t.Errorf("got %v", err)
	}
}

func fixtureLaws(t *testing.T) Laws {
	t.Helper()
	laws, err := parseLaws(lawsFile, []byte(goodLaws))
	if err != nil {
		t.Fatal(err)
	}
	return laws
}
