package item

import (
	"fmt"
	"time"
)

// kst is fixed by law, without daylight saving: no time zone database needed.
var kst = time.FixedZone("KST", 9*60*60)

// Date is a calendar day (KST) written 2006-01-02; the zero Date is 'none'.
// Its time is midnight UTC of that day, so days compare without a zone.
type Date struct{ time.Time }

// DayOf is the KST calendar day on which t falls.
func DayOf(t time.Time) Date {
	y, m, d := t.In(kst).Date()
	return Date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// ParseDate reads a day written 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("날짜 형식 오류: %q (YYYY-MM-DD 형식의 실제 날짜여야 함)", s)
	}
	return Date{t}, nil
}

// UnmarshalText reads a day; the embedded time would expect a full timestamp.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// String is the day as written, empty for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

// addDays is the day n days later.
func (d Date) addDays(n int) Date { return Date{d.AddDate(0, 0, n)} }

// within reports whether d lies in [from, to]; a zero to is open.
func (d Date) within(from, to Date) bool {
	return !d.Before(from.Time) && (to.IsZero() || !d.After(to.Time))
}

// earliest is the first of the days that are set.
func earliest(a, b Date) Date {
	if a.IsZero() || (!b.IsZero() && b.Before(a.Time)) {
		return b
	}
	return a
}
