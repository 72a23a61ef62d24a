package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"auditbinder/collect/evidence"
)

// sameMoment: two sources this close speak of one moment.
const sameMoment = time.Minute

// root02 is ROOT-02 · root 계정의 Access key 삭제. Two sources of different age tell
// of root's keys; the newer one counts.
func root02(in Input) Outcome {
	out := Outcome{Population: 1, Notes: centralRootNotes(in.Evidence, in.Failures)}
	iam, report := in.Evidence.IAM, in.Evidence.CredentialReport
	if iam == nil || iam.Summary == nil {
		return out
	}
	if report == nil { // the live summary alone proves a key, never its absence
		if n := iam.Summary["AccountAccessKeysPresent"]; n > 0 {
			f := Finding{Resource: evidence.RootAccount, Status: Vulnerable, CallIDs: iam.SummaryCalls, Cells: summaryCells(iam),
				Reason: fmt.Sprintf("root 계정에 Access key가 있음: 계정 요약 AccountAccessKeysPresent=%d(%s)", n, moment(iam.SummaryAt))}
			out.Findings, out.Reason = []Finding{f}, f.Reason
		}
		return out
	}
	out.Notes = append(out.Notes, reportNotes(report, in.Evidence)[:1]...) // the others are about users
	f := root02Finding(iam, report)
	f.Resource = evidence.RootAccount
	f.CallIDs = slices.Concat(iam.SummaryCalls, report.Calls)
	out.Findings, out.Reason = []Finding{f}, f.Reason
	if row, ok := rootRow(report); ok {
		key1, _, _ := rootKey(row.Keys[0])
		key2, _, _ := rootKey(row.Keys[1])
		out.Rows = map[string][]map[string]Cell{"": {{
			"source": lines("자격 증명 보고서"), "key_1": lines(key1), "key_2": lines(key2),
			"account_access_keys_present": lines("해당 없음"), "report_time": {At: report.Generated},
		}}}
	}
	return out
}

// summaryCells are the row of the live source; the report has its own.
func summaryCells(iam *evidence.IAM) map[string]Cell {
	return map[string]Cell{
		"source": lines("계정 요약"), "key_1": lines("합계만 제공"), "key_2": lines("합계만 제공"),
		"account_access_keys_present": lines(fmt.Sprint(iam.Summary["AccountAccessKeysPresent"])),
		"report_time":                 lines("해당 없음(조회 " + moment(iam.SummaryAt) + ")"),
	}
}

func root02Finding(iam *evidence.IAM, report *evidence.CredentialReport) Finding {
	present, known := iam.Summary["AccountAccessKeysPresent"]
	row, found := rootRow(report)
	f := Finding{ARN: row.ARN}
	if !known || !found {
		f.Status = Unknown
		f.Reason = "계정 요약에 AccountAccessKeysPresent가 없거나 자격 증명 보고서에 root 행이 없어 판정할 수 없음"
		return f
	}
	key1, has1, read1 := rootKey(row.Keys[0])
	key2, has2, read2 := rootKey(row.Keys[1])
	f.Cells = summaryCells(iam)
	newer, older := "계정 요약", "자격 증명 보고서"
	newerHas, olderHas := present > 0, has1 || has2
	if report.Generated.After(iam.SummaryAt) {
		newer, older = older, newer
		newerHas, olderHas = olderHas, newerHas
	}
	both := fmt.Sprintf("계정 요약 AccountAccessKeysPresent=%d(%s), 자격 증명 보고서 키 1 %s·키 2 %s(%s)",
		present, moment(iam.SummaryAt), key1, key2, moment(report.Generated))
	switch {
	case present == 0 && !(read1 && read2):
		f.Status, f.Reason = Unknown, "자격 증명 보고서의 root 행을 해석할 수 없어 판정할 수 없음: "+both
	case newerHas:
		f.Status, f.Reason = Vulnerable, "root 계정에 Access key가 있음: "+both
	case olderHas && iam.SummaryAt.Sub(report.Generated).Abs() <= sameMoment:
		f.Status, f.Reason = Vulnerable, fmt.Sprintf("같은 시점의 두 출처 중 %s에 root Access key가 있음: %s", older, both)
	case olderHas:
		f.Status, f.Reason = Interview, fmt.Sprintf("먼저 만들어진 %s에만 root Access key가 있고 나중의 %s에는 없어 삭제 여부의 확인이 필요함: %s", older, newer, both)
	default:
		f.Status, f.Reason = Good, "root 계정에 Access key가 없음: "+both
	}
	return f
}

// rootKey describes a slot of the root row. A true flag or any date means that
// there is a key; read is false when a field holds neither a time nor a known word.
func rootKey(k evidence.ReportKey) (state string, has, read bool) {
	known := func(s evidence.Stamp) bool {
		return s.At != nil || s.Word == evidence.NotApplicable || s.Word == evidence.NoInformation || s.Word == evidence.NotSupported
	}
	read = known(k.Rotated) && known(k.Used) && (k.Active == evidence.FlagFalse || k.Active == evidence.FlagTrue)
	switch {
	case !read:
		return "확인 불가", true, false
	case k.Active == evidence.FlagTrue:
		return "활성", true, true
	case k.Rotated.At != nil || k.Used.At != nil:
		return "비활성", true, true
	}
	return "없음", false, true
}

func rootRow(report *evidence.CredentialReport) (evidence.CredentialRow, bool) {
	for _, row := range report.Rows {
		if row.Root() {
			return row, true
		}
	}
	return evidence.CredentialRow{}, false
}

func centralRootNotes(set *evidence.Set, failed []evidence.Failure) []string {
	if c := set.CentralRoot; c != nil && len(c.Features) > 0 {
		return []string{"조직의 root 중앙 관리 기능이 켜져 있음: " + strings.Join(c.Features, ", ")}
	}
	for _, a := range set.Answers {
		if a.Action == "iam:ListOrganizationsFeatures" && set.CentralRoot == nil {
			return []string{"조직의 root 중앙 관리 기능은 관리 계정에서만 조회할 수 있어 사용 여부를 확인하지 못함"}
		}
	}
	for _, f := range failed {
		if f.Action == "iam:ListOrganizationsFeatures" {
			return []string{fmt.Sprintf("조직의 root 중앙 관리 기능 사용 여부: 조회 불가(%s)", f.Code)}
		}
	}
	return nil
}
