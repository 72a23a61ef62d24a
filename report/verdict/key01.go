package verdict

import (
	"fmt"

	"auditbinder/collect/evidence"
)

// key01 is KEY-01 · Access key 주기적 변경.
func key01(in Input) Outcome {
	report := in.Evidence.CredentialReport
	if report == nil {
		return Outcome{}
	}
	limit := in.Settings.Thresholds.AccessKeyRotation
	keys := accessKeys(in.Evidence)
	out := Outcome{Notes: reportNotes(report, in.Evidence)}
	active, old, asked := 0, 0, 0
	for _, k := range keys {
		f := key01Key(k, report, limit.Days, limit.Rule != "" && limit.Clause != "")
		f.Cells["last_rotated"], f.Cells["limit_days"] = stampCell(k.Rotated), count(limit.Days)
		if f.Status != NA {
			active++
		}
		switch f.Status {
		case Vulnerable:
			old++
		case Interview:
			asked++
		}
		out.Findings = append(out.Findings, f)
	}
	out.Population = active
	switch {
	case active == 0:
		out.Reason = "자격 증명 보고서에서 확인되는 활성 Access key가 없음"
	case old > 0:
		out.Reason = fmt.Sprintf("활성 Access key %s개 중 %s개가 변경 주기 %d일을 초과함", Grouped(active), Grouped(old), limit.Days)
		if asked > 0 {
			out.Reason += fmt.Sprintf("(%s개는 주기 이내이나 내부 규정의 확인이 필요함)", Grouped(asked))
		}
	case asked == 0:
		out.Reason = fmt.Sprintf("활성 Access key %s개 모두 변경 주기 %d일 이내에 변경됨", Grouped(active), limit.Days)
	default:
		out.Reason = fmt.Sprintf("활성 Access key %s개 모두 %d일 이내에 변경되었으나, 변경 주기를 정한 내부 규정의 확인이 필요함", Grouped(active), limit.Days)
	}
	out.withAdditional(in.Evidence)
	return out
}

func key01Key(k accessKey, report *evidence.CredentialReport, limit int, ruled bool) Finding {
	f := k.finding(report.Calls)
	if k.gone {
		f.Status, f.Reason = NA, goneReason
		return f
	}
	if k.Active == evidence.FlagFalse {
		f.Status, f.Reason = NA, "비활성 Access key이므로 변경 주기 점검 대상이 아님(삭제 여부는 KEY-02에서 점검)"
		return f
	}
	if k.Active != evidence.FlagTrue || k.Rotated.At == nil || k.Rotated.At.After(report.Generated) {
		f.Status, f.Reason = Unknown, "자격 증명 보고서의 활성 여부 또는 최종 변경일을 해석할 수 없어 경과일을 계산할 수 없음"
		return f
	}
	age := days(*k.Rotated.At, report.Generated)
	f.Cells["age_days"] = count(age)
	switch {
	case age > limit:
		f.Status, f.Reason = Vulnerable, fmt.Sprintf("최종 변경 후 %d일이 지나 기준 %d일을 초과함", age, limit)
	case ruled:
		f.Status, f.Reason = Good, fmt.Sprintf("최종 변경 후 %d일로 기준 %d일 이내임", age, limit)
	default:
		f.Status, f.Reason = Interview, fmt.Sprintf("최종 변경 후 %d일로 %d일 이내이나, 변경 주기를 정한 내부 규정(문서명·조항)이 설정되지 않아 확인이 필요함", age, limit)
	}
	return f
}
