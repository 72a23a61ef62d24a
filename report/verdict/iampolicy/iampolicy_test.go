package iampolicy

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		grants     bool
		fails      bool
	}{
		{"one allow in a list", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, true, false},
		{"one allow without a list", `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, true, false},
		{"deny only", `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`, false, false},
		{"deny then allow", `{"Statement":[{"Effect":"Deny","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","NotAction":"iam:*","NotResource":"x"}]}`, true, false},
		{"lower-case keys", `{"statement":[{"effect":"Allow","action":"*","resource":"*"}]}`, true, false},
		{"URL encoded", `%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D`, true, false},
		{"a plus sign is itself", `{"Statement":[{"Sid":"a+b","Effect":"Deny"}]}`, false, false},
		{"no statements in the list", `{"Statement":[]}`, false, false},
		{"effect of another case", `{"Statement":[{"Effect":"allow"}]}`, false, true},
		{"no effect", `{"Statement":[{"Action":"*"}]}`, false, true},
		{"no statement", `{"Version":"2012-10-17"}`, false, true},
		{"null statement", `{"Statement":null}`, false, true},
		{"empty", ``, false, true},
		{"not JSON", `<xml/>`, false, true},
		{"cut", `{"Statement":[{"Effect":"Allow"`, false, true},
		{"two documents", `{"Statement":[]}{"Statement":[{"Effect":"Allow"}]}`, false, true},
		{"too large", `{"Statement":[],"x":"` + strings.Repeat("a", maxDocument) + `"}`, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := Parse(tt.text)
			if (err != nil) != tt.fails {
				t.Fatalf("error %v, want failure %v", err, tt.fails)
			}
			if err == nil && doc.Grants() != tt.grants {
				t.Errorf("Grants() = %v", doc.Grants())
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Statement":[{"Effect":"Allow","Action":"*"}]}`)
	f.Add(`%7B%22Statement%22%3A%5B%5D%7D`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := Parse(text)
		if (doc == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", doc, err)
		}
	})
}
