package evidence

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaskName keeps the first and the last character: 홍*동, 김*. Text of one
// character is masked whole.
func MaskName(name string) string {
	runes := []rune(strings.TrimSpace(name))
	switch len(runes) {
	case 0:
		return ""
	case 1:
		return "*"
	case 2:
		return string(runes[0]) + "*"
	}
	return string(runes[0]) + strings.Repeat("*", len(runes)-2) + string(runes[len(runes)-1])
}

// MaskEmail keeps the first character of the local part and the domain:
// s*******@example.com. Text without an @ is masked as a name.
func MaskEmail(email string) string {
	at := strings.LastIndex(email, "@")
	if at <= 0 {
		return MaskName(email)
	}
	local := email[:at]
	first, size := utf8.DecodeRuneInString(local)
	if size == len(local) {
		return "*" + email[at:]
	}
	return string(first) + strings.Repeat("*", max(1, utf8.RuneCountInString(local[size:]))) + email[at:]
}

// MaskTitle keeps a job title as it is, unless it holds what makes a person: the
// contact's name, an e-mail address or a run of digits. Then it is masked as a name.
func MaskTitle(title, name string) string {
	digits := 0
	for _, r := range title {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if name = strings.TrimSpace(name); name != "" && strings.Contains(title, name) || strings.Contains(title, "@") || digits >= 4 {
		return MaskName(title)
	}
	return title
}

// MaskPhone keeps the punctuation and the last two digits: +**-**-****-**78.
func MaskPhone(phone string) string {
	digits := 0
	for _, r := range phone {
		if unicode.IsDigit(r) || unicode.IsLetter(r) {
			digits++
		}
	}
	keep := 2
	if digits <= 4 {
		keep = 0
	}
	seen := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) && !unicode.IsLetter(r) {
			return r
		}
		seen++
		if seen <= digits-keep {
			return '*'
		}
		return r
	}, phone)
}

// keyIDs are ids of access keys, long-lived and temporary.
var keyIDs = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{8,}([A-Z0-9]{4})\b`)

// MaskKeyIDs keeps the kind and the last four characters of every access key id in
// a text: AKIA****WXYZ. The console's descriptions of keys are tags named after them.
func MaskKeyIDs(text []byte) []byte { return keyIDs.ReplaceAll(text, []byte("$1****$2")) }
