package verdict

import (
	"fmt"

	"auditbinder/collect/evidence"
)

// key02 is KEY-02 · Access key 이용 현황 관리. Active and inactive keys count alike.
func key02(in Input) Outcome {
	report := in.Evidence.CredentialReport
	if report == nil {
		return Outcome{}
	}
	limit := in.Settings.Thresholds.AccessKeyUnused.Days
	keys := accessKeys(in.Evidence)
	out := Outcome{Notes: reportNotes(report, in.Evidence)}
	live, idle, asked := 0, 0, 0
	for _, k := range keys {
		f := key02Key(k, report, limit)
		if !k.gone {
			live++
		}
		switch f.Status {
		case Vulnerable:
			idle++
		case Interview:
			asked++
		}
		out.Findings = append(out.Findings, f)
	}
	out.Population = live
	switch {
	case live == 0:
		out.Reason = "자격 증명 보고서에서 확인되는 Access key가 없음(사용·변경 이력이 없는 비활성 키는 보고서가 구분하지 않음)"
	case idle > 0:
		out.Reason = fmt.Sprintf("Access key %s개 중 %s개가 %d일 이상 사용되지 않음", Grouped(live), Grouped(idle), limit)
	case asked > 0:
		out.Reason = fmt.Sprintf("Access key %s개 중 %s개는 사용 기록을 확인할 수 없어 확인이 필요함", Grouped(live), Grouped(asked))
	default:
		out.Reason = fmt.Sprintf("Access key %s개 모두 %d일 이내에 사용되었거나 생성됨", Grouped(live), limit)
	}
	out.withAdditional(in.Evidence)
	return out
}

func key02Key(k accessKey, report *evidence.CredentialReport, limit int) Finding {
	f := k.finding(report.Calls)
	f.Cells["rotated"], f.Cells["last_used"] = stampCell(k.Rotated), stampCell(k.Used)
	f.Cells["region"], f.Cells["service"] = lines(k.UsedRegion), lines(k.UsedService)
	if k.gone {
		f.Status, f.Reason = NA, goneReason
		return f
	}
	unreadable := func(what string) Finding {
		f.Status, f.Reason = Unknown, "자격 증명 보고서의 "+what+"을 해석할 수 없어 미사용 기간을 계산할 수 없음"
		return f
	}
	if used := k.Used.At; used != nil {
		if used.After(report.Generated) {
			return unreadable("최종 사용일")
		}
		idle := days(*used, report.Generated)
		f.Cells["unused_days"] = count(idle)
		if idle >= limit {
			f.Status, f.Reason = Vulnerable, fmt.Sprintf("최종 사용 후 %d일이 지나 기준 %d일 이상 사용되지 않음", idle, limit)
		} else {
			f.Status, f.Reason = Good, fmt.Sprintf("최종 사용 후 %d일로 기준 %d일 이내에 사용됨", idle, limit)
		}
		return f
	}
	made := k.Rotated.At
	if made == nil || made.After(report.Generated) {
		return unreadable("생성·변경일")
	}
	age := days(*made, report.Generated)
	switch {
	case k.Used.Is(evidence.NotApplicable) && age >= limit:
		f.Cells["unused_days"] = count(age)
		f.Status, f.Reason = Vulnerable, fmt.Sprintf("생성·변경 후 %d일 동안 사용 이력이 없어 기준 %d일 이상 사용되지 않음", age, limit)
	case k.Used.Is(evidence.NotApplicable):
		f.Cells["unused_days"] = count(age)
		f.Status, f.Reason = Good, fmt.Sprintf("신규 Access key로 생성·변경 후 %d일이며 기준 %d일이 지나지 않음", age, limit)
	case k.Used.Is(evidence.NoInformation), k.Used.Is(evidence.NotSupported):
		f.Status, f.Reason = Interview, fmt.Sprintf("AWS에 사용 기록이 없어(%s) 사용 여부의 확인이 필요함", k.Used.Word)
	default:
		return unreadable("최종 사용일")
	}
	return f
}
