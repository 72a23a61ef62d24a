package verdict

import (
	"fmt"
	"time"

	"auditbinder/collect/evidence"
	"auditbinder/report/strictyaml"
)

// accessKey is one slot of the credential report that holds, or may hold, a key.
type accessKey struct {
	row  evidence.CredentialRow
	slot int // 1 or 2
	evidence.ReportKey
	// gone: the user is no longer there, so neither is the key.
	gone bool
}

// withAdditional adds the users of whom the report says that they have more keys or
// certificates than it shows: their age and use have to be asked.
func (out *Outcome) withAdditional(set *evidence.Set) {
	asked, gone := 0, departed(set)
	for _, row := range set.CredentialReport.Rows {
		if row.Root() || row.Additional == "" {
			continue
		}
		f := Finding{Resource: row.User + "/additional", ARN: row.ARN, CallIDs: set.CredentialReport.Calls, Status: NA, Reason: goneReason,
			Cells: map[string]Cell{"user": lines(row.User), "slot": lines("추가"), "status": lines("확인 불가")}}
		if !gone[row.ARN] {
			asked++
			f.Status, f.Reason = Interview, fmt.Sprintf("자격 증명 보고서가 키 번호 1·2 외에 세부를 보이지 않는 Access key 또는 인증서가 더 있다고 표시하여"+
				"(additional_credentials_info: %s) Access key인지와 그 변경일·사용일의 확인이 필요함", row.Additional)
		}
		out.Findings = append(out.Findings, f)
	}
	out.Population += asked
	if asked > 0 {
		out.Reason += fmt.Sprintf("; 추가 Access key 또는 인증서가 표시된 사용자 %s명의 확인이 필요함", Grouped(asked))
	}
}

func (k accessKey) resource() string { return fmt.Sprintf("%s/key-%d", k.row.User, k.slot) }

// accessKeys lists the keys of the report in its order, root left out. A slot
// that is inactive with every field N/A holds no key, or an inactive one that the
// report cannot tell from none: it is not listed.
func accessKeys(set *evidence.Set) []accessKey {
	var keys []accessKey
	gone := departed(set)
	for _, row := range set.CredentialReport.Rows {
		if row.Root() {
			continue
		}
		for i, k := range row.Keys {
			if k.Active == evidence.FlagFalse && k.Rotated.Is(evidence.NotApplicable) && k.Used.Is(evidence.NotApplicable) {
				continue
			}
			keys = append(keys, accessKey{row: row, slot: i + 1, ReportKey: k, gone: gone[row.ARN]})
		}
	}
	return keys
}

// days is the floor of 24-hour days from then to now (G4).
func days(then, now time.Time) int {
	d := now.Sub(then)
	n := int(d / (24 * time.Hour))
	if d < 0 && d%(24*time.Hour) != 0 {
		n--
	}
	return n
}

// goneReason is the reason of a departed user's key.
const goneReason = "보고서 생성 이후 사용자가 삭제되었거나 같은 이름으로 다시 생성되어 점검 대상이 아님"

// finding begins a key's finding with the cells that both KEY items show.
func (k accessKey) finding(calls []string) Finding {
	state := map[evidence.Flag]string{evidence.FlagTrue: "활성", evidence.FlagFalse: "비활성"}[k.Active]
	if state == "" {
		state = fmt.Sprintf("확인 불가(%s)", k.Active)
	}
	return Finding{Resource: k.resource(), ARN: k.row.ARN, CallIDs: calls, Cells: map[string]Cell{
		"user": lines(k.row.User), "slot": count(k.slot), "status": lines(state),
	}}
}

func count(n int) Cell { return Cell{Count: &n} }

// stampCell shows a report's time, or its word with what the word means.
func stampCell(s evidence.Stamp) Cell {
	if s.At != nil {
		return Cell{At: *s.At}
	}
	switch s.Word {
	case evidence.NotApplicable:
		return lines("N/A(이력 없음)")
	case evidence.NoInformation:
		return lines("no_information(AWS 기록 없음)")
	case evidence.NotSupported:
		return lines("not_supported(해당 필드 미지원)")
	case "":
		return lines("빈 값")
	}
	return lines(s.Word + "(해석 불가)")
}

// reportNotes are what every item on the credential report must say: its own
// time, and what it cannot tell.
func reportNotes(report *evidence.CredentialReport, set *evidence.Set) []string {
	notes := []string{fmt.Sprintf("자격 증명 보고서는 %s(원천 시각 %s)에 생성되었으며, 이후의 변경은 반영되지 않음(AWS는 보고서를 최대 4시간 재사용함)",
		moment(report.Generated), report.Generated.UTC().Format(time.RFC3339))}
	if !detailsRead(set) {
		return append(notes, "IAM 사용자 목록을 끝까지 조회하지 못하여, 보고서에 빠진 사용자가 있는지 대조하지 못함")
	}
	gone := departed(set)
	var names []string
	for _, row := range report.Rows {
		if gone[row.ARN] {
			names = append(names, row.User)
		}
	}
	if len(names) > 0 {
		notes = append(notes, "보고서에는 있으나 조회 시점의 IAM 사용자 목록에 없거나 다시 생성되어 제외한 사용자: "+shortList(names))
	}
	return notes
}

// moment writes an instant in a reason.
func moment(t time.Time) string { return t.In(strictyaml.KST).Format("2006-01-02 15:04:05 KST") }
