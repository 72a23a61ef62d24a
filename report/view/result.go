package view

import (
	"bytes"
	"encoding/json"
	"fmt"

	"auditbinder/report/verdict"
)

// ResultSchema is the version of result.json.
const ResultSchema = "auditbinder/result/v1"

// Document is result.json, the machine form of the report.
type Document struct {
	Schema         string            `json:"schema"`
	ProgramVersion string            `json:"programVersion"`
	BundleDigest   string            `json:"bundleDigest"`
	ConfigDigest   string            `json:"configDigest"`
	AnnexDigest    *string           `json:"annexDigest"`
	Account        DocumentAccount   `json:"account"`
	CollectedAt    string            `json:"collectedAt"`
	Simulated      bool              `json:"simulated"`
	APICalls       APICalls          `json:"apiCalls"`
	Failures       []DocumentFailure `json:"failures"`
	Items          []DocumentItem    `json:"items"`
}

// DocumentAccount is the audited account.
type DocumentAccount struct {
	ID    string `json:"id"`
	Alias string `json:"alias"`
	Kind  string `json:"kind"`
}

// APICalls counts attempts.
type APICalls struct {
	Total       int            `json:"total"`
	Retries     int            `json:"retries"`
	ByOperation map[string]int `json:"byOperation"`
}

// DocumentFailure is a call that stayed unanswered, with the items it touches.
type DocumentFailure struct {
	CallID    string   `json:"callId"`
	Operation string   `json:"operation"`
	Region    string   `json:"region"`
	Code      string   `json:"code"`
	Items     []string `json:"items"`
}

// DocumentItem is a judged item.
type DocumentItem struct {
	ID           string            `json:"id"`
	Title        string            `json:"title"`
	Severity     string            `json:"severity"`
	AutoVerdict  string            `json:"autoVerdict"`
	FinalVerdict *string           `json:"finalVerdict"`
	Reason       string            `json:"reason"`
	Population   int               `json:"population"`
	Counts       DocumentCounts    `json:"counts"`
	Findings     []DocumentFinding `json:"findings"`
	Evidence     []string          `json:"evidence"`
}

// DocumentCounts are the item's counts.
type DocumentCounts struct {
	Checked    int `json:"checked"`
	Vulnerable int `json:"vulnerable"`
}

// DocumentFinding is one checked resource.
type DocumentFinding struct {
	Resource    string             `json:"resource"`
	ARN         string             `json:"arn"`
	Region      string             `json:"region"`
	Status      string             `json:"status"`
	Reason      string             `json:"reason"`
	UniqueID    string             `json:"uniqueId"`
	Exception   *DocumentException `json:"exception"`
	FinalStatus *string            `json:"finalStatus"`
	CallIDs     []string           `json:"callIds"`
}

// DocumentException flags a finding with an approved exception.
type DocumentException struct {
	Approver string `json:"approver"`
	Approved string `json:"approved"`
	Document string `json:"document"`
	Expires  string `json:"expires"`
	Expired  bool   `json:"expired"`
	// Effective is false before the approval as well.
	Effective bool   `json:"effective"`
	Reason    string `json:"reason"`
}

// Result builds result.json's content.
func Result(in Input) Document {
	b := &builder{Input: in, decisions: decide(in)}
	doc := Document{
		Schema: ResultSchema, ProgramVersion: in.Program, BundleDigest: in.BundleDigest, ConfigDigest: in.Settings.Digest(),
		Account:     DocumentAccount{ID: in.Set.Account.ID, Alias: in.Set.Account.Alias, Kind: string(in.Set.Account.Kind)},
		CollectedAt: rfc3339(in.Set.CollectedAt), Simulated: in.Set.Source.Simulated(),
		AnnexDigest: optional(in.AnnexDigest), Failures: []DocumentFailure{}, Items: []DocumentItem{},
	}
	doc.APICalls = CountCalls(b.Calls)
	for _, f := range in.Set.Failures {
		ids, _ := b.itemsOf(f)
		doc.Failures = append(doc.Failures, DocumentFailure{CallID: f.CallID, Operation: f.Action, Region: f.Region, Code: f.Code, Items: list(ids)})
	}
	for _, r := range in.Results {
		d := b.decisions[r.Item.ID]
		doc.Items = append(doc.Items, DocumentItem{
			FinalVerdict: optional(d.Final),
			ID:           r.Item.ID, Title: r.Item.Title, Severity: string(r.Item.Severity), AutoVerdict: string(r.Auto), Reason: r.Reason,
			Population: r.Population, Counts: DocumentCounts{Checked: r.Checked, Vulnerable: r.Vulnerable},
			Findings: findings(r.Findings, d.Findings), Evidence: list(r.CallIDs),
		})
	}
	return doc
}

func findings(found []verdict.Finding, final map[string]string) []DocumentFinding {
	out := []DocumentFinding{}
	for _, f := range found {
		d := DocumentFinding{
			Resource: f.Resource, ARN: f.ARN, Region: f.Region, Status: string(f.Status), Reason: f.Reason, UniqueID: f.UniqueID, CallIDs: list(f.CallIDs),
			FinalStatus: optional(final[f.Resource]),
		}
		if e := f.Exception; e != nil {
			d.Exception = &DocumentException{Approver: e.Approver, Approved: e.Approved.String(), Document: e.Document, Expires: e.Expires.String(), Expired: e.Expired, Effective: !e.Expired && !e.Early, Reason: e.Reason}
		}
		out = append(out, d)
	}
	return out
}

// optional is null for an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// list is an empty JSON list where there is nothing.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

// Encode writes result.json: keys in the contract's order, one trailing newline.
func (d Document) Encode() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("encode result.json: %w", err)
	}
	return buf.Bytes(), nil
}
