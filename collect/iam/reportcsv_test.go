package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/evidence"
)

// columns are those of the real report, in its order.
var columns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// row gives a line of the report: nothing there but what is set.
func row(user string, set map[string]string) string {
	var fields []string
	for _, c := range columns {
		v, ok := set[c]
		switch {
		case ok:
		case c == "user":
			v = user
		case c == "arn":
			v = "arn:aws:iam::123456789012:user/" + user
		case strings.HasSuffix(c, "active") || c == "password_enabled":
			v = "false"
		default:
			v = "N/A"
		}
		if strings.ContainsAny(v, ",\"\n") {
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		fields = append(fields, v)
	}
	return strings.Join(fields, ",")
}

func report(lines ...string) []byte {
	return []byte(strings.Join(append([]string{strings.Join(columns, ",")}, lines...), "\n"))
}

func TestParseReport(t *testing.T) {
	root := row("<root_account>", map[string]string{"arn": "arn:aws:iam::123456789012:root", "password_enabled": "not_supported", "password_last_used": "no_information", "mfa_active": "true"})
	tests := []struct {
		name string
		text []byte
		want string // user: fields of interest
	}{
		{"only root", report(root), "<root_account> enabled=not_supported used=no_information key1=false/N/A/N/A"},
		{"Z date", report(row("a", map[string]string{"access_key_1_active": "true", "access_key_1_last_rotated": "2026-01-02T03:04:05Z"})), "a enabled=false used=N/A key1=true/2026-01-02T03:04:05Z/N/A"},
		{"+00:00 date", report(row("a", map[string]string{"access_key_1_last_rotated": "2026-01-02T03:04:05+00:00"})), "a enabled=false used=N/A key1=false/2026-01-02T03:04:05Z/N/A"},
		{"+09:00 date", report(row("a", map[string]string{"access_key_1_last_rotated": "2026-01-02T03:04:05+09:00"})), "a enabled=false used=N/A key1=false/2026-01-01T18:04:05Z/N/A"},
		{"a date of no form we know stays a word", report(row("a", map[string]string{"access_key_1_last_rotated": "02/01/2026"})), "a enabled=false used=N/A key1=false/02/01/2026/N/A"},
		{"upper-case booleans", report(row("a", map[string]string{"password_enabled": "TRUE", "access_key_1_active": "FALSE"})), "a enabled=true used=N/A key1=false/N/A/N/A"},
		{"not_supported last use", report(row("a", map[string]string{"access_key_1_last_used_date": "not_supported"})), "a enabled=false used=N/A key1=false/N/A/not_supported"},
		{"empty field is no word", report(row("a", map[string]string{"access_key_1_last_used_date": ""})), "a enabled=false used=N/A key1=false/N/A/"},
		{"comma in a quoted name", report(row("kim,cheolsu", nil)), "kim,cheolsu enabled=false used=N/A key1=false/N/A/N/A"},
		{"formula name", report(row("=cmd", nil)), "=cmd enabled=false used=N/A key1=false/N/A/N/A"},
		{"a user named root", report(root, row("root", nil)), "<root_account> enabled=not_supported used=no_information key1=false/N/A/N/A; root enabled=false used=N/A key1=false/N/A/N/A"},
		{"CRLF", []byte(strings.ReplaceAll(string(report(row("a", nil), row("b", nil))), "\n", "\r\n")), "a enabled=false used=N/A key1=false/N/A/N/A; b enabled=false used=N/A key1=false/N/A/N/A"},
		{"trailing newline", append(report(row("a", nil)), '\n'), "a enabled=false used=N/A key1=false/N/A/N/A"},
		{"byte order mark", append([]byte("\xef\xbb\xbf"), report(row("a", nil))...), "a enabled=false used=N/A key1=false/N/A/N/A"},
		{"an extra column in front", []byte("x," + strings.Join(columns, ",") + "\n1," + row("a", nil)), "a enabled=false used=N/A key1=false/N/A/N/A"},
		{"long name under a long path", report(row(strings.Repeat("n", 64), map[string]string{"arn": "arn:aws:iam::123456789012:user/" + strings.Repeat("p", 450) + "/x"})), strings.Repeat("n", 64) + " enabled=false used=N/A key1=false/N/A/N/A"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := parseReport(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				k := r.Keys[0]
				got = append(got, fmt.Sprintf("%s enabled=%s used=%s key1=%s/%s/%s", r.User, r.PasswordEnabled, show(r.PasswordUsed), k.Active, show(k.Rotated), show(k.Used)))
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func show(s evidence.Stamp) string {
	if s.At != nil {
		return s.At.Format(time.RFC3339)
	}
	return s.Word
}

func TestParseReportReadsColumnsByName(t *testing.T) {
	reversed := func(line string) string {
		parts := strings.Split(line, ",")
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
		return strings.Join(parts, ",")
	}
	set := map[string]string{"access_key_2_active": "true", "access_key_2_last_rotated": "2026-01-02T03:04:05Z", "access_key_2_last_used_region": "ap-northeast-2"}
	rows, err := parseReport([]byte(reversed(strings.Join(columns, ",")) + "\n" + reversed(row("a", set))))
	if err != nil {
		t.Fatal(err)
	}
	if k := rows[0].Keys[1]; rows[0].User != "a" || k.Active != evidence.FlagTrue || k.Rotated.At == nil || k.UsedRegion != "ap-northeast-2" || rows[0].Keys[0].Active != evidence.FlagFalse {
		t.Errorf("%+v", rows[0])
	}
}

func TestUnreadableReports(t *testing.T) {
	full := string(report(row("a", nil)))
	tests := map[string]string{
		"empty":            "",
		"header only":      strings.Join(columns, ","),
		"torn row":         full[:len(full)-5] + "\n" + "b,arn",
		"row too long":     full + ",more",
		"open quote":       full + "\n\"b," + row("", nil),
		"user twice":       string(report(row("a", nil), row("a", nil))),
		"row with no name": string(report(row("", map[string]string{"user": ""}))),
		"column twice":     strings.Join(append(columns, "user"), ",") + "\n" + row("a", nil) + ",a",
		"HTML":             "<html><body>login</body></html>",
	}
	for _, c := range reportColumns {
		tests["no column "+c] = strings.Replace(full, c+",", "x_"+c+",", 1)
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if rows, err := parseReport([]byte(text)); err == nil {
				t.Errorf("read as %+v", rows)
			}
		})
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add(report(row("a", nil)))
	f.Add(report(row("<root_account>", map[string]string{"password_last_used": "no_information"}), row("kim,cheolsu", nil)))
	f.Add([]byte("user,arn\r\n\"a\"\"b\",c"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := parseReport(text)
		if err != nil {
			return
		}
		for _, r := range rows {
			for _, k := range r.Keys {
				if k.Used.At != nil && k.Used.Word != "" {
					t.Errorf("a stamp is time and word at once: %+v", k.Used)
				}
			}
		}
	})
}

// What the report says of a third key or certificate is kept; that there is none,
// and a report without the column, are nothing.
func TestAdditionalCredentials(t *testing.T) {
	const column = "additional_credentials_info"
	for name, test := range map[string]struct{ value, want string }{
		"none":                  {"N/A", ""},
		"none in small letters": {" n/a ", ""},
		"empty":                 {"", ""},
		"a number":              {"1", "1"},
		"a text with a comma":   {`"2 additional access keys, list them"`, "2 additional access keys, list them"},
		"a word":                {"not_supported", "not_supported"},
	} {
		text := strings.Join(columns, ",") + "," + column + "\n" + row("a", nil) + "," + test.value
		rows, err := parseReport([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := rows[0].Additional; got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	rows, err := parseReport(report(row("a", nil)))
	if err != nil || rows[0].Additional != "" {
		t.Errorf("a report without the column: %+v, %v", rows, err)
	}
	twice := strings.Join(columns, ",") + "," + column + "," + column + "\n" + row("a", nil) + ",N/A,1"
	if _, err := parseReport([]byte(twice)); err == nil {
		t.Error("the column twice passes")
	}
}
