package evidence

import "slices"

// Regions is where was looked, and where not and why.
type Regions struct {
	// Read: ec2 DescribeRegions answered, so that All is the account's whole list.
	Read bool `json:"read"`
	// Selected are the regions that the caller named; empty: all enabled ones.
	// Reason is theirs for leaving the others out.
	Selected []string `json:"selected,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	All      []Region `json:"all"` // by name
	Calls    []string `json:"calls"`
}

// Region is one region of the account.
type Region struct {
	Name  string      `json:"name"`
	OptIn string      `json:"optIn,omitempty"` // AWS's OptInStatus; empty when it was not read
	Scope RegionScope `json:"scope"`
}

// RegionScope says how much was asked in a region.
type RegionScope string

const (
	ScopeFull     RegionScope = "full"     // everything
	ScopeSignIn   RegionScope = "sign_in"  // left out by the caller, asked for sign-in all the same
	ScopeExcluded RegionScope = "excluded" // 범위 제외: left out by the caller
	ScopeDisabled RegionScope = "disabled" // not opted in: nothing can be there
)

// SignInRegions are where CloudTrail records console sign-ins through the global
// endpoint (CloudTrail user guide, AWS Management Console sign-in events). They
// are always asked.
var SignInRegions = []string{"us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"}

// IsSignIn reports whether the region is one of the four.
func IsSignIn(region string) bool { return slices.Contains(SignInRegions, region) }

// RootSignInRegion is where root's sign-ins are recorded.
const RootSignInRegion = "us-east-1"

// In returns the regions of these scopes, by name.
func (r *Regions) In(scopes ...RegionScope) []string {
	var out []string
	if r == nil {
		return nil
	}
	for _, x := range r.All {
		if slices.Contains(scopes, x.Scope) {
			out = append(out, x.Name)
		}
	}
	return out
}

// Scope returns a region's scope; an unknown region is excluded.
func (r *Regions) Scope(region string) RegionScope {
	if r != nil {
		for _, x := range r.All {
			if x.Name == region {
				return x.Scope
			}
		}
	}
	return ScopeExcluded
}
