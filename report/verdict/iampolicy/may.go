package iampolicy

// Permission is what the layers say about one action on one resource.
type Permission struct {
	Granted       bool // every layer allows it and no unconditional Deny takes it back
	Unconditional bool // granted without any condition, and no conditional Deny touches it
	Denied        bool // an unconditional Deny covers it, or a layer allows nothing of it
	Unclear       bool // a document that is missing or not understood could change the answer
	Grants        []Grant
	Denies        []Grant // conditional Denies
	// Restriction is set unless Denied.
	Restriction Restriction
}

// Grant is a statement that allows, or conditionally denies, the action.
type Grant struct {
	Ref
	Layer      string   // in Korean, as Layer.String
	Conditions []string // in words: operator, key, values
}

// May says whether the layers let a principal do the action on the resource,
// and under which conditions. An Allow counts if its Resource can match.
func May(layers []Layer, action, resource string, limits Limits) Permission {
	scope := Scope{action, resource}
	p := Permission{Granted: true, Unconditional: true}
	denied, unread := false, false
	for _, layer := range layers {
		allowed, free, lacking := false, false, false
		for _, policy := range layer.Policies {
			if policy.unread() {
				lacking = true
				continue
			}
			for i := range policy.Document.Statements {
				s := &policy.Document.Statements[i]
				if !s.touches(scope) {
					continue
				}
				if s.misplaced() != "" {
					lacking = true
					continue
				}
				g := Grant{Ref: s.ref(policy.Name), Layer: layer.String()}
				for _, c := range s.Conditions {
					g.Conditions = append(g.Conditions, c.String())
				}
				switch {
				case s.Effect == Allow:
					allowed = true
					free = free || len(s.Conditions) == 0
					p.Grants = append(p.Grants, g)
				case len(s.Conditions) > 0:
					p.Denies = append(p.Denies, g)
				default:
					if gaps, _ := s.gaps(scope, nil); len(gaps) == 0 {
						denied = true
					}
				}
			}
		}
		p.Granted = p.Granted && allowed
		p.Unconditional = p.Unconditional && free
		p.Denied = p.Denied || !allowed && !lacking
		unread = unread || lacking
	}
	p.Denied = p.Denied || denied || len(layers) == 0
	p.Granted = p.Granted && !p.Denied
	p.Unclear = unread && !p.Denied
	p.Unconditional = p.Granted && p.Unconditional && !p.Unclear && len(p.Denies) == 0
	if !p.Denied {
		p.Restriction = RestrictSourceIP(layers, scope, limits)
	}
	return p
}
