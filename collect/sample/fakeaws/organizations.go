package fakeaws

import (
	"fmt"
	"net/http"

	"auditbinder/collect/evidence"
)

// notInUse is the answer to an account that stands alone.
func notInUse(p protocol, id string) answer {
	return p.failure(http.StatusBadRequest, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", id)
}

// controls answers the questions about control policies.
func (s *Server) controls(req Request, p protocol, id string) answer {
	o := s.Account.Organization
	if o == nil {
		return notInUse(p, id)
	}
	if o.Targets == nil {
		return p.failure(http.StatusBadRequest, "AccessDeniedException", "You don't have permissions to access this resource.", id)
	}
	switch req.Action {
	case "organizations:ListParents":
		for i, t := range o.Targets[:len(o.Targets)-1] {
			if t.ID == fmt.Sprint(req.JSON["ChildId"]) {
				parent := o.Targets[i+1]
				return object("Parents", []map[string]string{{"Id": parent.ID, "Type": parent.Kind}})
			}
		}
		return p.failure(http.StatusBadRequest, "ChildNotFoundException", "You specified a child that doesn't exist.", id)
	case "organizations:ListPoliciesForTarget":
		for _, t := range o.Targets {
			if t.ID == fmt.Sprint(req.JSON["TargetId"]) {
				ids := t.SCPs
				if fmt.Sprint(req.JSON["Filter"]) == "RESOURCE_CONTROL_POLICY" {
					ids = t.RCPs
				}
				list := []map[string]any{}
				for _, policy := range ids {
					list = append(list, s.policySummary(policy))
				}
				return object("Policies", list)
			}
		}
		return p.failure(http.StatusBadRequest, "TargetNotFoundException", "You specified a target that doesn't exist.", id)
	case "organizations:DescribePolicy":
		for _, c := range o.Policies {
			if c.ID == fmt.Sprint(req.JSON["PolicyId"]) {
				return object("Policy", map[string]any{"PolicySummary": s.policySummary(c.ID), "Content": c.Document})
			}
		}
		return p.failure(http.StatusBadRequest, "PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.", id)
	}
	return p.failure(http.StatusBadRequest, "InvalidAction", "The fake does not know "+req.Action, id)
}

func (s *Server) policySummary(id string) map[string]any {
	var c evidence.ControlPolicy
	for _, policy := range s.Account.Organization.Policies {
		if policy.ID == id {
			c = policy
		}
	}
	return map[string]any{"Id": id, "Name": c.Name, "Type": c.Kind, "AwsManaged": false}
}
