package fakeaws

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"auditbinder/collect/evidence"
)

// The element types follow the IAM API reference; their fields are exported for
// encoding/xml only.
type (
	callerIdentity struct {
		ARN     string `xml:"Arn"`
		UserID  string `xml:"UserId"`
		Account string `xml:"Account"`
	}
	accountAliases struct {
		IsTruncated bool     `xml:"IsTruncated"`
		Aliases     []string `xml:"AccountAliases>member"`
	}
	summaryEntry struct {
		Key   string `xml:"key"`
		Value int    `xml:"value"`
	}
	accountSummary struct {
		Entries []summaryEntry `xml:"SummaryMap>entry"`
	}
	policyRef struct {
		Name string `xml:"PolicyName"`
		ARN  string `xml:"PolicyArn"`
	}
	inlinePolicy struct {
		Name     string `xml:"PolicyName"`
		Document string `xml:"PolicyDocument"`
	}
	tag struct {
		Key   string `xml:"Key"`
		Value string `xml:"Value"`
	}
	boundary struct {
		Type string `xml:"PermissionsBoundaryType"`
		ARN  string `xml:"PermissionsBoundaryArn"`
	}
	userDetail struct {
		Name     string         `xml:"UserName"`
		Path     string         `xml:"Path"`
		ID       string         `xml:"UserId"`
		ARN      string         `xml:"Arn"`
		Created  string         `xml:"CreateDate"`
		Groups   []string       `xml:"GroupList>member"`
		Attached []policyRef    `xml:"AttachedManagedPolicies>member"`
		Inline   []inlinePolicy `xml:"UserPolicyList>member"`
		Boundary *boundary      `xml:"PermissionsBoundary"`
		Tags     []tag          `xml:"Tags>member"`
	}
	groupDetail struct {
		Name     string         `xml:"GroupName"`
		Path     string         `xml:"Path"`
		ID       string         `xml:"GroupId"`
		ARN      string         `xml:"Arn"`
		Created  string         `xml:"CreateDate"`
		Attached []policyRef    `xml:"AttachedManagedPolicies>member"`
		Inline   []inlinePolicy `xml:"GroupPolicyList>member"`
	}
	instanceProfile struct {
		Name    string `xml:"InstanceProfileName"`
		Path    string `xml:"Path"`
		ID      string `xml:"InstanceProfileId"`
		ARN     string `xml:"Arn"`
		Created string `xml:"CreateDate"`
	}
	instanceProfiles struct {
		Members []instanceProfile `xml:"member"`
	}
	roleDetail struct {
		Name     string            `xml:"RoleName"`
		Path     string            `xml:"Path"`
		ID       string            `xml:"RoleId"`
		ARN      string            `xml:"Arn"`
		Created  string            `xml:"CreateDate"`
		Trust    string            `xml:"AssumeRolePolicyDocument"`
		Profiles *instanceProfiles `xml:"InstanceProfileList"`
		Attached []policyRef       `xml:"AttachedManagedPolicies>member"`
		Inline   []inlinePolicy    `xml:"RolePolicyList>member"`
		Boundary *boundary         `xml:"PermissionsBoundary"`
	}
	policyVersion struct {
		Document  string `xml:"Document"`
		ID        string `xml:"VersionId"`
		IsDefault bool   `xml:"IsDefaultVersion"`
		Created   string `xml:"CreateDate"`
	}
	policyDetail struct {
		Name     string          `xml:"PolicyName"`
		ID       string          `xml:"PolicyId"`
		ARN      string          `xml:"Arn"`
		Path     string          `xml:"Path"`
		Default  string          `xml:"DefaultVersionId"`
		Versions []policyVersion `xml:"PolicyVersionList>member"`
	}
	authorizationDetails struct {
		IsTruncated bool           `xml:"IsTruncated"`
		Marker      string         `xml:"Marker,omitempty"`
		Users       []userDetail   `xml:"UserDetailList>member"`
		Groups      []groupDetail  `xml:"GroupDetailList>member"`
		Roles       []roleDetail   `xml:"RoleDetailList>member"`
		Policies    []policyDetail `xml:"Policies>member"`
	}
)

// groupCreated stands for dates that the evidence does not keep.
const groupCreated = "2021-03-02T01:00:00Z"

func (s *Server) details(req Request, p protocol, id string) answer {
	kinds := map[string]bool{}
	for key, v := range req.Form {
		if strings.HasPrefix(key, "Filter.member.") {
			kinds[v[0]] = true
		}
	}
	all, next, err := paged(req, s.entities(kinds), 1, 1000, 100)
	page := authorizationDetails{IsTruncated: next != "", Marker: next}
	for _, add := range all {
		add(&page)
	}
	return p.reply(req, id, page, err)
}

// entities lists everything that the filter asks for as steps that add it to a page.
func (s *Server) entities(kinds map[string]bool) []func(*authorizationDetails) {
	var all []func(*authorizationDetails)
	iam := s.Account.IAM
	if kinds["User"] {
		for _, u := range iam.Users {
			all = append(all, func(d *authorizationDetails) { d.Users = append(d.Users, user(u)) })
		}
	}
	if kinds["Group"] {
		for _, g := range iam.Groups {
			all = append(all, func(d *authorizationDetails) {
				d.Groups = append(d.Groups, groupDetail{Name: g.Name, Path: g.Path, ID: "AGPA" + pad(g.Name), ARN: g.ARN, Created: groupCreated,
					Attached: refs(g.Attached), Inline: inlines(g.Inline)})
			})
		}
	}
	if kinds["Role"] {
		for _, r := range iam.Roles {
			all = append(all, func(d *authorizationDetails) {
				d.Roles = append(d.Roles, roleDetail{Name: r.Name, Path: r.Path, ID: r.ID, ARN: r.ARN, Created: groupCreated, Trust: encode(r.Trust),
					Profiles: profiles(r.InstanceProfiles), Attached: refs(r.Attached), Inline: inlines(r.Inline), Boundary: limit(r.Boundary)})
			})
		}
	}
	for _, p := range iam.Policies {
		kind := "LocalManagedPolicy"
		if strings.HasPrefix(p.ARN, "arn:aws:iam::aws:") {
			kind = "AWSManagedPolicy"
		}
		if !kinds[kind] {
			continue
		}
		all = append(all, func(d *authorizationDetails) {
			d.Policies = append(d.Policies, policyDetail{Name: p.Name, ID: "ANPA" + pad(p.Name), ARN: p.ARN, Path: "/", Default: p.Version,
				Versions: []policyVersion{{Document: encode(p.Document), ID: p.Version, IsDefault: true, Created: groupCreated}}})
		})
	}
	return all
}

func user(u evidence.User) userDetail {
	d := userDetail{Name: u.Name, Path: u.Path, ID: u.ID, ARN: u.ARN, Created: u.Created.UTC().Format(time.RFC3339),
		Groups: u.Groups, Attached: refs(u.Attached), Inline: inlines(u.Inline), Boundary: limit(u.Boundary)}
	for _, t := range u.Tags {
		d.Tags = append(d.Tags, tag{t.Key, t.Value})
	}
	return d
}

func refs(list []evidence.PolicyRef) []policyRef {
	var out []policyRef
	for _, p := range list {
		out = append(out, policyRef{p.Name, p.ARN})
	}
	return out
}

func inlines(list []evidence.InlinePolicy) []inlinePolicy {
	var out []inlinePolicy
	for _, p := range list {
		out = append(out, inlinePolicy{p.Name, encode(p.Document)})
	}
	return out
}

func profiles(arns []string) *instanceProfiles {
	if len(arns) == 0 {
		return nil
	}
	return &instanceProfiles{each(arns, func(arn string) instanceProfile {
		_, resource, _ := strings.Cut(arn, ":instance-profile")
		slash := strings.LastIndex(resource, "/") + 1
		name := resource[slash:]
		return instanceProfile{Name: name, Path: resource[:slash], ID: "AIPA" + pad(name), ARN: arn, Created: groupCreated}
	})}
}

func limit(b *evidence.PolicyRef) *boundary {
	if b == nil {
		return nil
	}
	return &boundary{"PermissionsBoundaryPolicy", b.ARN}
}

// encode is AWS's RFC 3986 encoding of policy documents.
func encode(document string) string { return strings.ReplaceAll(url.QueryEscape(document), "+", "%20") }

// pad makes the 17 characters of an IAM unique id out of a name.
func pad(name string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	sum := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	out := make([]byte, 17)
	for i := range out {
		out[i] = letters[sum>>59]
		sum = sum*6364136223846793005 + 1442695040888963407
	}
	return string(out)
}

// UserID makes a stable AIDA… id for a user name.
func UserID(name string) string { return "AIDA" + pad(name) }

// RoleID makes a stable AROA… id for a role name.
func RoleID(name string) string { return "AROA" + pad(name) }

// ownPolicies counts the managed policies that are the account's own.
func (s *Server) ownPolicies() int {
	return len(keep(s.Account.IAM.Policies, func(p evidence.ManagedPolicy) bool { return !strings.HasPrefix(p.ARN, "arn:aws:iam::aws:") }))
}

func (s *Server) summary() []summaryEntry {
	counts := s.Account.IAM.Summary
	if counts == nil {
		counts = map[string]int{
			"Users": len(s.Account.IAM.Users), "Groups": len(s.Account.IAM.Groups), "Roles": len(s.Account.IAM.Roles),
			"Policies":   s.ownPolicies(),
			"UsersQuota": 5000, "GroupsQuota": 300, "AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0,
		}
	}
	var entries []summaryEntry
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		entries = append(entries, summaryEntry{key, counts[key]})
	}
	return entries
}
