// Package bundle writes, opens and verifies the evidence bundle described in
// docs/bundle-format.md. It never interprets evidence and never changes a
// bundle that exists.
package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"auditbinder/collect/evidence"
)

// Schema is the version written to manifest.json.
const Schema = "auditbinder/bundle/v1"

// Names of the fixed files.
const (
	manifestName = "manifest.json"
	callsName    = "calls.jsonl"
	evidenceName = "evidence.json"
)

// Manifest is manifest.json.
type Manifest struct {
	Schema      string           `json:"schema"`
	Program     string           `json:"program"`
	Account     evidence.Account `json:"account"`
	Caller      Caller           `json:"caller"`
	Source      evidence.Source  `json:"source"`
	Regions     Regions          `json:"regions"`
	CollectedAt time.Time        `json:"collectedAt"`
	StartedAt   time.Time        `json:"startedAt"`
	FinishedAt  time.Time        `json:"finishedAt"`
	Files       []File           `json:"files"`
}

// Caller names who collected.
type Caller struct {
	ARN string `json:"arn"`
}

// Regions says where was looked and where not.
type Regions struct {
	Taken   []string        `json:"taken"`
	LeftOut []string        `json:"leftOut"` // 범위 제외
	Reason  string          `json:"reason,omitempty"`
	Skipped []SkippedRegion `json:"skipped"`
}

// SkippedRegion is a region that could not be looked at.
type SkippedRegion struct {
	Region string `json:"region"`
	Reason string `json:"reason"`
}

// File is one file of the bundle.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Content is what a bundle is made of.
type Content struct {
	Program   string
	Set       evidence.Set
	Recording evidence.Recording
	// Files are decoded forms beside the raw bodies (credential-report.csv).
	Files map[string][]byte
}

// Write writes the bundle and returns its bundleDigest. The same content gives
// the same bytes.
func Write(w io.Writer, c Content) (digest string, err error) {
	files := map[string][]byte{}
	for _, more := range []map[string][]byte{c.Recording.Bodies, c.Files} {
		maps.Copy(files, more)
	}
	lines, err := callLines(c.Recording.Calls)
	if err != nil {
		return "", err
	}
	files[callsName] = evidence.MaskKeyIDs(lines)
	if files[evidenceName], err = EncodeSet(c.Set); err != nil {
		return "", err
	}
	m := Manifest{
		Schema: Schema, Program: c.Program, Account: c.Set.Account, Caller: Caller{ARN: c.Set.Caller.ARN}, Source: c.Set.Source,
		Regions:     regions(c),
		CollectedAt: c.Set.CollectedAt,
	}
	m.StartedAt, m.FinishedAt = span(c.Recording.Calls)
	m.Files = listed(files)
	manifest, err := encode(m)
	if err != nil {
		return "", err
	}
	return sum(manifest), pack(w, manifest, files)
}

// pack writes the zip: the manifest first, then the files by name. It notes no
// times, so the same content gives the same bytes.
func pack(w io.Writer, manifest []byte, files map[string][]byte) error {
	archive := zip.NewWriter(w)
	for _, name := range append([]string{manifestName}, slices.Sorted(maps.Keys(files))...) {
		body := files[name]
		if name == manifestName {
			body = manifest
		}
		entry, err := archive.Create(name)
		if err != nil {
			return fmt.Errorf("add %s to the archive: %w", name, err)
		}
		if _, err := entry.Write(body); err != nil {
			return fmt.Errorf("write %s to the archive: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("finish the archive: %w", err)
	}
	return nil
}

// listed are the files as a manifest lists them, by name.
func listed(files map[string][]byte) []File {
	var out []File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out = append(out, File{Name: name, Size: int64(len(files[name])), SHA256: sum(files[name])})
	}
	return out
}

// EncodeSet writes evidence.json: whole ids of access keys, which tags, patterns and
// policies may hold, stay in the raw bodies.
func EncodeSet(set evidence.Set) ([]byte, error) {
	text, err := encode(set)
	return evidence.MaskKeyIDs(text), err
}

func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return buf.Bytes(), nil
}

func callLines(calls []evidence.Call) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for _, c := range calls {
		if err := enc.Encode(c); err != nil {
			return nil, fmt.Errorf("encode call %s: %w", c.ID, err)
		}
	}
	return buf.Bytes(), nil
}

// regions tells the regions in scope, those left out, and those that can't hold
// anything. Calls elsewhere (a trail's home region) are no reason to call a
// region taken.
func regions(c Content) Regions {
	set := c.Set.Regions
	out := Regions{Taken: []string{}, LeftOut: []string{}, Skipped: []SkippedRegion{}}
	out.Taken = append(out.Taken, set.In(evidence.ScopeFull)...)
	for _, r := range set.In(evidence.ScopeSignIn) {
		out.Skipped = append(out.Skipped, SkippedRegion{Region: r, Reason: "범위 제외(콘솔 로그인 관련 조회만 수행)"})
	}
	out.LeftOut = append(out.LeftOut, set.In(evidence.ScopeExcluded)...)
	if len(set.In(evidence.ScopeExcluded, evidence.ScopeSignIn)) > 0 {
		out.Reason = set.Reason
	}
	for _, r := range set.In(evidence.ScopeDisabled) {
		out.Skipped = append(out.Skipped, SkippedRegion{Region: r, Reason: "계정에서 사용하도록 설정되지 않음"})
	}
	return out
}

func span(calls []evidence.Call) (first, last time.Time) {
	for _, c := range calls {
		if first.IsZero() || c.SentAt.Before(first) {
			first = c.SentAt
		}
		if c.SentAt.After(last) {
			last = c.SentAt
		}
	}
	return first, last
}

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:])
}
