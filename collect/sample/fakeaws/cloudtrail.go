package fakeaws

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditbinder/collect/evidence"
)

// The record follows CloudTrail's record contents, in its order.
type (
	trailRecord struct {
		Version      string          `json:"eventVersion"`
		Identity     trailIdentity   `json:"userIdentity"`
		Time         string          `json:"eventTime"`
		Source       string          `json:"eventSource"`
		Name         string          `json:"eventName"`
		Region       string          `json:"awsRegion"`
		SourceIP     string          `json:"sourceIPAddress,omitempty"`
		UserAgent    string          `json:"userAgent,omitempty"`
		ErrorCode    string          `json:"errorCode,omitempty"`
		ErrorMessage string          `json:"errorMessage,omitempty"`
		Parameters   json.RawMessage `json:"requestParameters"`
		Response     any             `json:"responseElements"`
		Additional   any             `json:"additionalEventData,omitempty"`
		ID           string          `json:"eventID"`
		ReadOnly     *bool           `json:"readOnly,omitempty"`
		Type         string          `json:"eventType"`
		Management   bool            `json:"managementEvent"`
		Recipient    string          `json:"recipientAccountId"`
		Category     string          `json:"eventCategory"`
	}
	trailIdentity struct {
		Type        string        `json:"type"`
		PrincipalID string        `json:"principalId"`
		ARN         string        `json:"arn"`
		Account     string        `json:"accountId"`
		AccessKeyID string        `json:"accessKeyId"`
		UserName    string        `json:"userName,omitempty"`
		Session     *trailSession `json:"sessionContext,omitempty"`
		InvokedBy   string        `json:"invokedBy,omitempty"`
	}
	trailSession struct {
		Issuer     map[string]string `json:"sessionIssuer"`
		Attributes struct {
			Created string `json:"creationDate"`
			MFA     string `json:"mfaAuthenticated"`
		} `json:"attributes"`
	}
)

// visible returns the trails that a region shows: its own and, as shadow trails,
// replications of multi-Region ones and of another account's.
func (s *Server) visible(region string, shadows bool) []evidence.Trail {
	return keep(s.Account.Trails, func(t evidence.Trail) bool {
		return t.HomeRegion == region && t.Own || shadows && (t.HomeRegion == region || t.MultiRegion)
	})
}

func (s *Server) describeTrails(req Request) (any, error) {
	names := req.list("trailNameList")
	trails := keep(s.visible(req.Region, req.param("includeShadowTrails") != "false"), func(t evidence.Trail) bool {
		return len(names) == 0 || slices.Contains(names, t.Name) || slices.Contains(names, t.ARN)
	})
	return map[string]any{"trailList": each(trails, func(t evidence.Trail) map[string]any {
		group, role := t.LogGroupARN, ""
		if group != "" {
			group, role = strings.TrimSuffix(group, ":*")+":*", "arn:aws:iam::"+s.Account.ID+":role/cloudtrail-to-logs"
		}
		return given(map[string]any{
			"Name": t.Name, "TrailARN": t.ARN, "HomeRegion": t.HomeRegion, "S3BucketName": "trail-" + s.Account.ID, "IncludeGlobalServiceEvents": true,
			"IsMultiRegionTrail": t.MultiRegion, "IsOrganizationTrail": t.Organization, "LogFileValidationEnabled": true,
			"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role,
			"HasCustomEventSelectors": len(t.Basic)+len(t.Advanced) > 0, "HasInsightSelectors": false,
		})
	})}, nil
}

// trail finds a trail by its ARN or, in its home region, by its name.
func (s *Server) trail(req Request, name string) (evidence.Trail, error) {
	for _, t := range s.visible(req.Region, true) {
		if t.ARN == name || t.Name == name && t.HomeRegion == req.Region && t.Own {
			return t, nil
		}
	}
	return evidence.Trail{}, refuse("TrailNotFoundException", "Unknown trail: %s for the user: %s", name, s.Account.ID)
}

func (s *Server) getTrailStatus(req Request) (any, error) {
	t, err := s.trail(req, req.param("Name"))
	return given(map[string]any{"IsLogging": t.Logging != nil && *t.Logging, "LatestCloudWatchLogsDeliveryError": t.LogDeliveryError}), err
}

func (s *Server) getEventSelectors(req Request) (any, error) {
	t, err := s.trail(req, req.param("TrailName"))
	if err == nil && !t.Own {
		err = refuse("AccessDeniedException", "The trail belongs to the organization's management account.")
	}
	basic := t.Basic
	if basic == nil && t.Advanced == nil { // those of a new trail
		basic = []evidence.EventSelector{{ReadWriteType: "All", Management: true}}
	}
	out := map[string]any{"TrailARN": t.ARN}
	if len(basic) > 0 {
		out["EventSelectors"] = each(basic, func(b evidence.EventSelector) map[string]any {
			return map[string]any{"ReadWriteType": b.ReadWriteType, "IncludeManagementEvents": b.Management, "DataResources": []string{},
				"ExcludeManagementEventSources": append([]string{}, b.ExcludeSources...)}
		})
	}
	if len(t.Advanced) > 0 {
		out["AdvancedEventSelectors"] = each(t.Advanced, func(a evidence.AdvancedSelector) map[string]any {
			return given(map[string]any{"Name": a.Name, "FieldSelectors": each(a.Fields, func(f evidence.FieldSelector) map[string]any {
				return given(map[string]any{"Field": f.Field, "Equals": f.Equals, "NotEquals": f.NotEquals, "StartsWith": f.StartsWith,
					"NotStartsWith": f.NotStartsWith, "EndsWith": f.EndsWith, "NotEndsWith": f.NotEndsWith})
			})})
		})
	}
	return out, err
}

// lookups are the attributes by which the history can be asked.
var lookups = map[string]func(TrailEvent) string{
	"Username":    func(e TrailEvent) string { return e.Username },
	"EventName":   func(e TrailEvent) string { return e.Name },
	"EventSource": func(e TrailEvent) string { return e.Source },
	"EventId":     func(e TrailEvent) string { return e.ID },
}

func (s *Server) lookupEvents(req Request) (any, error) {
	here := keep(each(s.Account.RootEvents, TrailEvent.filled), func(e TrailEvent) bool { return e.History == req.Region })
	attributes, _ := req.JSON["LookupAttributes"].([]any)
	if len(attributes) > 1 {
		return nil, refuse("InvalidLookupAttributesException", "Only one lookup attribute can be specified.")
	}
	for _, a := range attributes {
		m, _ := a.(map[string]any)
		key, _ := m["AttributeKey"].(string)
		of := lookups[key]
		if of == nil {
			return nil, refuse("InvalidLookupAttributesException", "The fake does not look up %s.", key)
		}
		here = keep(here, func(e TrailEvent) bool { return of(e) == m["AttributeValue"] })
	}
	start, started := req.JSON["StartTime"].(float64)
	end, ended := req.JSON["EndTime"].(float64)
	if started && ended && start > end {
		return nil, refuse("InvalidTimeRangeException", "The start time is after the end time.")
	}
	here = keep(here, func(e TrailEvent) bool {
		at := float64(e.At.Unix()) // records keep whole seconds
		return (!started || at >= start) && (!ended || at <= end)
	})
	slices.SortStableFunc(here, func(x, y TrailEvent) int { return cmp.Or(y.At.Compare(x.At), strings.Compare(x.ID, y.ID)) })
	page, next, err := paged(req, here, 1, 50, 50)
	return given(map[string]any{"NextToken": next, "Events": each(page, func(e TrailEvent) map[string]any {
		record := s.record(e)
		text, err := json.Marshal(record)
		if err != nil {
			panic(err)
		}
		readOnly := ""
		if e.ReadOnly != nil {
			readOnly = strconv.FormatBool(*e.ReadOnly)
		}
		return given(map[string]any{
			"EventId": e.ID, "EventName": e.Name, "EventTime": e.At.Unix(), "EventSource": e.Source, "Username": e.Username, "ReadOnly": readOnly,
			"AccessKeyId": record.Identity.AccessKeyID, "Resources": []string{}, "CloudTrailEvent": string(text),
		})
	})}), err
}

func (e TrailEvent) signIn() bool { return e.Name == "ConsoleLogin" }

// filled puts the usual values where there are none.
func (e TrailEvent) filled() TrailEvent {
	e.Username, e.Identity, e.History = cmp.Or(e.Username, "root"), cmp.Or(e.Identity, "Root"), cmp.Or(e.History, e.Region)
	usual := "AwsApiCall"
	if e.signIn() {
		usual = "AwsConsoleSignIn"
	}
	e.Type = cmp.Or(e.Type, usual)
	return e
}

// record is the event as a trail would deliver it.
func (s *Server) record(e TrailEvent) trailRecord {
	at := e.At.UTC().Format(time.RFC3339)
	r := trailRecord{
		Version: "1.11", Identity: s.identity(e, at), Time: at, Source: e.Source, Name: e.Name, Region: e.Region, SourceIP: e.SourceIP, UserAgent: e.UserAgent,
		ErrorCode: e.ErrorCode, Parameters: json.RawMessage("null"), ID: e.ID, ReadOnly: e.ReadOnly, Type: e.Type, Management: true, Recipient: s.Account.ID, Category: "Management",
	}
	outcome := "Success"
	switch {
	case e.Failed && e.signIn():
		outcome, r.ErrorMessage = "Failure", "Failed authentication"
	case e.Failed:
		r.ErrorCode = cmp.Or(r.ErrorCode, "AccessDenied")
	}
	if e.signIn() {
		r.Response = map[string]string{"ConsoleLogin": outcome}
		additional := map[string]string{"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No"}
		if e.MFA != "" {
			additional["MFAUsed"] = e.MFA
		}
		r.Additional = additional
	}
	return r
}

func (s *Server) identity(e TrailEvent, at string) trailIdentity {
	id := trailIdentity{Type: e.Identity, Account: s.Account.ID, InvokedBy: e.InvokedBy}
	switch e.Identity {
	case "Root":
		id.PrincipalID, id.ARN = s.Account.ID, "arn:aws:iam::"+s.Account.ID+":root"
		if e.Username != "root" { // the account's alias
			id.UserName = e.Username
		}
	case "AssumedRole":
		id.PrincipalID, id.ARN = RoleID("ops")+":"+e.Username, "arn:aws:sts::"+s.Account.ID+":assumed-role/ops/"+e.Username
	default:
		id.PrincipalID, id.ARN, id.UserName = UserID(e.Username), "arn:aws:iam::"+s.Account.ID+":user/"+e.Username, e.Username
	}
	switch {
	case e.AccessKeyed:
		id.AccessKeyID = "AKIA" + pad(id.ARN)[:16]
	case !e.signIn() && e.Type == "AwsApiCall":
		id.AccessKeyID = "ASIA" + pad(id.ARN)[:16]
		if e.MFA == "" {
			break // a session that is not said
		}
		id.Session = &trailSession{Issuer: map[string]string{}}
		id.Session.Attributes.Created, id.Session.Attributes.MFA = at, e.MFA
		if e.Identity == "AssumedRole" {
			id.Session.Issuer = map[string]string{"type": "Role", "principalId": RoleID("ops"), "arn": "arn:aws:iam::" + s.Account.ID + ":role/ops", "accountId": s.Account.ID, "userName": "ops"}
		}
	}
	return id
}
