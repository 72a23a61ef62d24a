package item

import (
	"fmt"
	"slices"
	"time"

	"auditbinder/report/strictyaml"
)

// Words for what is not known; never left blank, so that a report cannot read
// as if nothing were missing.
const (
	unknownStatus = "점검일 당시 시행본 미확인"
	unknownNotice = "고시번호 미확인"
	unknownNumber = "조항 미확인"
)

// At is ref as it stood on the KST calendar day of day.
func (l Laws) At(ref Reference, day time.Time) (InForce, error) {
	provision, instrument, err := l.find(ref.Provision)
	if err != nil {
		return InForce{}, err
	}
	on := strictyaml.DayOf(day)
	out := InForce{
		Name:        instrument.Name,
		Confidence:  ref.Fit,
		Application: ref.Application,
		Cited:       ref.Cited,
	}
	law, lawKnown := instrument.on(on)
	article, articleKnown := provision.on(on)
	if !lawKnown || !articleKnown {
		out.unknown(ref, on)
		return out, nil
	}

	out.Notice = law.Notice
	out.EffectiveFrom, out.EffectiveTo = law.EffectiveFrom, law.EffectiveTo
	out.Number, out.Gist = article.Number, article.Gist
	out.Confidence = weakest(ref.Fit, law.Confidence, article.Confidence)
	out.VerifyText = out.Confidence != Confirmed
	out.CheckedOn = strictyaml.Earliest(law.CheckedOn, article.CheckedOn)
	out.RecheckAfter = strictyaml.Earliest(law.RecheckAfter, article.RecheckAfter)
	out.Notes = nonEmpty(ref.Note, article.Note, law.Note, instrument.Note)

	switch from, to := law.period(article); {
	case law.ended(on):
		out.Status = fmt.Sprintf("폐지·통합(%s)", law.EffectiveTo.AddDays(1))
	case !to.IsZero():
		out.Status = fmt.Sprintf("점검일 당시 시행(%s~%s)", from, to)
	default:
		out.Status = fmt.Sprintf("현행(%s 확인)", out.CheckedOn)
		out.Stale = l.stale(out, on)
	}
	return out, nil
}

// unknown marks that no version is known for the day.
func (f *InForce) unknown(ref Reference, on Date) {
	f.Status, f.Notice, f.Number = unknownStatus, unknownNotice, unknownNumber
	f.Confidence, f.VerifyText = Unconfirmed, true
	f.Notes = nonEmpty(ref.Note, fmt.Sprintf("기준일 %s에 시행 중이던 고시 또는 조항을 확인하지 못함", on))
}

// stale reports whether a reference that read as current must be checked again.
func (l Laws) stale(f InForce, on Date) bool {
	if !f.RecheckAfter.IsZero() && !on.Before(f.RecheckAfter.Time) { // on that day the change is in force
		return true
	}
	return on.After(f.CheckedOn.AddDays(l.StaleAfterDays).Time)
}

// find is the provision with that id and the instrument that holds it.
func (l Laws) find(id string) (Provision, Instrument, error) {
	for _, p := range l.Provisions {
		if p.ID != id {
			continue
		}
		for _, i := range l.Instruments {
			if i.ID == p.Instrument {
				return p, i, nil
			}
		}
		return Provision{}, Instrument{}, fmt.Errorf("laws.yaml에 없는 법령: %q (조항 %q)", p.Instrument, id)
	}
	return Provision{}, Instrument{}, fmt.Errorf("laws.yaml에 없는 조항: %q", id)
}

// on is the version in force on a day or, once it is repealed, the last one.
func (i Instrument) on(day Date) (InstrumentVersion, bool) {
	for _, v := range i.Versions {
		if v.ended(day) || (!v.EffectiveFrom.IsZero() && day.Within(v.EffectiveFrom, v.EffectiveTo)) {
			return v, true
		}
	}
	return InstrumentVersion{}, false
}

// ended reports whether the instrument was repealed before the day.
func (v InstrumentVersion) ended(day Date) bool {
	return v.Repealed && day.After(v.EffectiveTo.Time)
}

// dated is a provision version with the last day on which it held.
type dated struct {
	ProvisionVersion
	to Date // zero = nothing newer is known
}

// on is the provision's version on a day.
func (p Provision) on(day Date) (dated, bool) {
	var found dated
	ok := false
	for n, v := range p.Versions {
		if v.EffectiveFrom.After(day.Time) {
			break
		}
		found, ok = dated{ProvisionVersion: v}, true
		if n+1 < len(p.Versions) {
			found.to = p.Versions[n+1].EffectiveFrom.AddDays(-1)
		}
	}
	return found, ok
}

// period is the time in which both the instrument's text and the provision's
// stood unchanged; a zero end means that both are the newest known.
func (v InstrumentVersion) period(article dated) (from, to Date) {
	from = v.EffectiveFrom
	if article.EffectiveFrom.After(from.Time) {
		from = article.EffectiveFrom
	}
	return from, strictyaml.Earliest(v.EffectiveTo, article.to)
}

// weakest is the least certain of the given confidences.
func weakest(all ...Confidence) Confidence {
	rank := 0
	for _, c := range all {
		n := slices.Index(confidences, c)
		if n < 0 {
			return Unconfirmed
		}
		rank = max(rank, n)
	}
	return confidences[rank]
}

// nonEmpty drops the empty texts.
func nonEmpty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}
