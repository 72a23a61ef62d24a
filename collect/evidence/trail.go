package evidence

import "time"

// RootEvents are CloudTrail's records of the root identity in the event history.
type RootEvents struct {
	From   time.Time   `json:"from"` // the span that was asked: at most the history's 90 days
	To     time.Time   `json:"to"`
	Events []RootEvent `json:"events"` // by time, then id; each once
	// Others counts events of the same user name that are not root's: an IAM user
	// or a session that is merely named so.
	Others int `json:"others"`
}

// RootEvent is one event whose userIdentity.type is Root.
type RootEvent struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	Name        string    `json:"name"`   // ConsoleLogin
	Source      string    `json:"source"` // signin.amazonaws.com
	Type        string    `json:"type"`   // AwsApiCall, AwsConsoleSignIn, AwsServiceEvent
	Region      string    `json:"region"` // awsRegion of the event
	SourceIP    string    `json:"sourceIp,omitempty"`
	UserAgent   string    `json:"userAgent,omitempty"`
	InvokedBy   string    `json:"invokedBy,omitempty"`   // the service that called in root's name
	AccessKeyed bool      `json:"accessKeyed,omitempty"` // made with a long-term access key (AKIA…), whose id is not kept
	MFA         string    `json:"mfa,omitempty"`         // Yes, No, true, false; empty: not said
	ReadOnly    *bool     `json:"readOnly,omitempty"`    // nil: not said
	Failed      bool      `json:"failed,omitempty"`      // a sign-in that failed, or a call with an error code
	ErrorCode   string    `json:"errorCode,omitempty"`
	Calls       []string  `json:"calls"`
}

// Trail is a CloudTrail trail that records the account.
type Trail struct {
	Name        string `json:"name"`
	ARN         string `json:"arn"`
	HomeRegion  string `json:"homeRegion"`
	MultiRegion bool   `json:"multiRegion"`
	// GlobalEvents is IncludeGlobalServiceEvents; nil: not said. A multi-region
	// trail always has them.
	GlobalEvents *bool `json:"globalEvents,omitempty"`
	Organization bool  `json:"organization"`
	// Own: the trail belongs to the audited account. Selectors are asked of own trails only.
	Own         bool   `json:"own"`
	LogGroupARN string `json:"logGroupArn,omitempty"`
	// Logging is nil when GetTrailStatus did not answer.
	Logging *bool `json:"logging,omitempty"`
	// LogDeliveryError is AWS's last error in delivering to the log group; empty: none.
	LogDeliveryError string `json:"logDeliveryError,omitempty"`
	// SelectorsRead: Basic and Advanced are all there is.
	SelectorsRead bool               `json:"selectorsRead"`
	Basic         []EventSelector    `json:"basic,omitempty"`
	Advanced      []AdvancedSelector `json:"advanced,omitempty"`
	Calls         []string           `json:"calls"`
}

// EventSelector is a basic event selector.
type EventSelector struct {
	ReadWriteType string `json:"readWriteType"` // All, ReadOnly, WriteOnly
	Management    bool   `json:"management"`
	// ExcludeSources are management event sources left out (kms.amazonaws.com, rdsdata.amazonaws.com).
	ExcludeSources []string `json:"excludeSources,omitempty"`
}

// AdvancedSelector is an advanced event selector: its fields are ANDed.
type AdvancedSelector struct {
	Name   string          `json:"name,omitempty"`
	Fields []FieldSelector `json:"fields"`
}

// FieldSelector is a field of an advanced selector; values within an operator are ORed.
type FieldSelector struct {
	Field         string   `json:"field"` // eventCategory, readOnly, eventSource …
	Equals        []string `json:"equals,omitempty"`
	NotEquals     []string `json:"notEquals,omitempty"`
	StartsWith    []string `json:"startsWith,omitempty"`
	NotStartsWith []string `json:"notStartsWith,omitempty"`
	EndsWith      []string `json:"endsWith,omitempty"`
	NotEndsWith   []string `json:"notEndsWith,omitempty"`
}
