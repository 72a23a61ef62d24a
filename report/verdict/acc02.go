package verdict

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

// contactWords are the contact types in Korean.
var contactWords = map[evidence.ContactType]string{
	evidence.ContactSecurity:   "보안",
	evidence.ContactBilling:    "결제",
	evidence.ContactOperations: "운영",
}

// acc02 is ACC-02 · 계정 대체 연락처(보안·결제·운영).
func acc02(in Input) Outcome {
	out := Outcome{Population: len(evidence.ContactTypes)}
	known := map[evidence.ContactType]evidence.AlternateContact{}
	if c := in.Evidence.Contacts; c != nil {
		for _, a := range c.Alternate {
			known[a.Type] = a
		}
	}
	var missing, unread []string
	for _, kind := range evidence.ContactTypes {
		contact, ok := known[kind]
		f := acc02Contact(kind, contact, ok, in.Failures)
		switch f.Status {
		case Vulnerable:
			missing = append(missing, contactWords[kind])
		case Unknown:
			unread = append(unread, contactWords[kind])
		}
		out.Findings = append(out.Findings, f)
		if contact.Set {
			out.Notes = append(out.Notes, sameNotes(contact)...)
		}
	}
	for _, f := range in.Failures {
		if f.Action == "account:GetContactInformation" {
			out.Notes = append(out.Notes, fmt.Sprintf("계정 기본 연락처 조회 불가(%s)로 대체 연락처와 동일인인지 비교하지 못함", f.Code))
		}
	}
	registered := len(evidence.ContactTypes) - len(missing) - len(unread)
	out.Reason = fmt.Sprintf("대체 연락처 %d건 중 %d건이 등록되어 있음", len(evidence.ContactTypes), registered)
	if len(missing) > 0 {
		out.Reason += fmt.Sprintf("(미등록: %s)", strings.Join(missing, ", "))
	}
	if len(unread) > 0 {
		out.Reason += fmt.Sprintf("(조회 불가: %s)", strings.Join(unread, ", "))
	}
	return out
}

func acc02Contact(kind evidence.ContactType, c evidence.AlternateContact, ok bool, failed []evidence.Failure) Finding {
	word := contactWords[kind]
	f := Finding{Resource: string(kind), CallIDs: c.Calls, Cells: map[string]Cell{
		"type": lines(fmt.Sprintf("%s(%s)", word, kind)),
	}}
	registered := ""
	switch {
	case !ok:
		f.Status, registered = Unknown, "조회 불가"
		f.Reason = word + " 연락처를 조회하지 못하여 판정할 수 없음"
		i := slices.IndexFunc(failed, func(x evidence.Failure) bool { return x.Subject == string(kind) })
		if i >= 0 {
			f.Reason += ": " + Describe(failed[i])
			if failed[i].CallID != "" {
				f.CallIDs = []string{failed[i].CallID}
			}
		}
	case !c.Set:
		f.Status, registered = Vulnerable, "미등록"
		f.Reason = word + " 대체 연락처가 등록되어 있지 않음"
	default:
		f.Status, registered = Good, "등록"
		f.Reason = word + " 대체 연락처가 등록되어 있음"
		f.Cells["name"], f.Cells["title"] = lines(c.Name), lines(c.Title)
		f.Cells["email"], f.Cells["phone"] = lines(c.Email), lines(c.Phone)
	}
	f.Cells["registered"] = lines(registered)
	return f
}

// sameNotes tells where one person stands for several contacts. Each pair is
// told once, by the type that is reported first.
func sameNotes(c evidence.AlternateContact) []string {
	var notes []string
	for _, other := range c.SameAs {
		if slices.Index(evidence.ContactTypes, c.Type) < slices.Index(evidence.ContactTypes, other) {
			notes = append(notes, fmt.Sprintf("%s 연락처와 %s 연락처의 이름, 이메일 또는 전화번호가 같음", contactWords[c.Type], contactWords[other]))
		}
	}
	if c.SameAsRoot {
		notes = append(notes, fmt.Sprintf("%s 연락처의 이름 또는 전화번호가 계정 기본 연락처와 같음", contactWords[c.Type]))
	}
	return notes
}
