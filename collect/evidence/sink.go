package evidence

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Sink gathers what the collectors saw. It is safe for concurrent use, and the
// Set it gives is the same whatever arrived first.
type Sink struct {
	mu    sync.Mutex
	set   Set
	files map[string][]byte
}

// Keep adds a decoded file to the bundle beside the raw bodies.
func (s *Sink) Keep(name string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = map[string][]byte{}
	}
	s.files[name] = body
}

// Files returns what was kept.
func (s *Sink) Files() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.files)
}

// Put changes the set under the sink's lock.
func (s *Sink) Put(change func(*Set)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.set)
}

// Answered records a question answered to its last page.
func (s *Sink) Answered(a Answer) {
	s.Put(func(set *Set) { set.Answers = append(set.Answers, a) })
}

// Skipped records that nothing had to be asked: why, in Korean, and the calls
// that say so (0건 증적). Without any such call nothing is known, and nothing
// recorded.
func (s *Sink) Skipped(action, region, why string, calls []string) {
	if len(calls) == 0 {
		return
	}
	s.Answered(Answer{Action: action, Region: region, Calls: calls, Skipped: why})
}

// Failed records a question that stayed unanswered.
func (s *Sink) Failed(action, subject string, err error) {
	f := FailureOf(action, subject, err)
	s.Put(func(set *Set) { set.Failures = append(set.Failures, f) })
}

// FailureOf tells of a question that stayed unanswered. action and subject say
// what was asked; err is the SDK's error.
func FailureOf(action, subject string, err error) Failure {
	f := Failure{Action: action, Subject: subject, Code: "SendError"}
	var call *CallError
	if errors.As(err, &call) {
		f.CallID, f.Region, f.Code, f.Status = call.CallID, call.Region, call.Code, call.Status
	}
	var api interface{ ErrorMessage() string }
	f.ControlPolicy = errors.As(err, &api) && strings.Contains(api.ErrorMessage(), "explicit deny in a service control policy")
	return f
}

// Malformed records an answer that parsed but lacks what AWS always sends.
func (s *Sink) Malformed(action, subject string, t Trace) {
	s.Failed(action, subject, Malformed(action, t))
}

// Malformed is the error of an answer that parsed but lacks what AWS always sends.
func Malformed(action string, t Trace) error {
	return &CallError{CallID: t.CallID, Action: action, Region: t.Region, Code: "MalformedBody", Err: errors.New("the answer lacks a required element")}
}

// Set returns the finished set, sorted.
func (s *Sink) Set() Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := s.set
	set.Schema = Schema
	set.Answers = slices.Clone(set.Answers)
	set.Failures = slices.Clone(set.Failures)
	slices.SortFunc(set.Answers, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Subject, b.Subject), slices.Compare(a.Calls, b.Calls))
	})
	slices.SortFunc(set.Failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.CallID, b.CallID))
	})
	return set
}
