package collect_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// emptyRegion is what a region costs that holds nothing of its own, in an account
// with an alias.
var emptyRegion = map[string]int{"cloudtrail:DescribeTrails": 1, "events:ListRules": 1, "ec2:DescribeInstances": 1, "cloudtrail:LookupEvents": 2}

// withInstances is what a region with instances costs; another prefix list that a
// security group names, one more GetManagedPrefixListEntries.
var withInstances = map[string]int{
	"cloudtrail:DescribeTrails": 1, "events:ListRules": 1, "ec2:DescribeInstances": 1, "cloudtrail:LookupEvents": 2,
	"ec2:DescribeInstanceConnectEndpoints": 1, "ec2:DescribeSecurityGroups": 1, "ec2:DescribeSubnets": 1, "ec2:DescribeRouteTables": 1,
	"ec2:DescribeManagedPrefixLists": 1, "ec2:GetManagedPrefixListEntries": 2, "ec2:DescribeImages": 1,
	"ssm:DescribeInstanceInformation": 1, "ssm:GetServiceSetting": 1, "ssm:GetDocument": 1,
}

func sum(counts map[string]int) int {
	n := 0
	for _, count := range counts {
		n += count
	}
	return n
}

// The budgets of the design, operation by operation.
func TestBudgets(t *testing.T) {
	if without, with := sum(emptyRegion), sum(withInstances); without > 5 || with > 17 {
		t.Errorf("the tables above allow %d and %d calls a region", without, with)
	}
	anonymous := full()
	anonymous.Aliases = nil
	below := full()
	below.Organization = member().Organization
	crowded := full()
	crowded.IAM = withUsers(2500).IAM
	for name, a := range map[string]fakeaws.Account{"full": full(), "without an alias": anonymous, "busy": busy(), "member of an organization": below, "2,500 users": crowded} {
		t.Run(name, func(t *testing.T) {
			content := newBench(t, a).clean()
			byRegion := asked(content)
			set := content.Set

			// Per rule: its targets, and a test for every sample of its own region and of
			// every region that forwards to it.
			rules := map[string]int{}
			for _, r := range set.Alarms.Rules {
				if r.Candidate {
					rules["events:ListTargetsByRule"]++
					rules["events:TestEventPattern"] += len(r.Tests)
				}
			}
			total := map[string]int{}
			for region, counts := range byRegion {
				want := maps.Clone(emptyRegion)
				if i := slices.IndexFunc(a.Compute, func(c evidence.Compute) bool { return c.Region == region }); i >= 0 {
					want = maps.Clone(withInstances)
					want["ec2:GetManagedPrefixListEntries"]++ // the office's
				}
				if len(a.Aliases) == 0 {
					want["cloudtrail:LookupEvents"] = 1
				}
				events := 0
				for _, e := range a.RootEvents {
					if e.Region == region && e.Username == "" {
						events++
					}
				}
				want["cloudtrail:LookupEvents"] += max(0, events-1) / 50 // pages
				for action, n := range want {
					if counts[action] != n {
						t.Errorf("%s in %s: %d calls, want %d", action, region, counts[action], n)
					}
					delete(counts, action)
				}
				for action, n := range counts {
					total[action] += n
				}
			}
			for action, n := range rules {
				if total[action] != n {
					t.Errorf("%s: %d calls, want %d", action, total[action], n)
				}
				delete(total, action)
			}
			users := map[string]int{}
			for action, n := range total {
				if strings.HasPrefix(action, "iam:") || strings.HasPrefix(action, "account:") {
					users[action] = n
					delete(total, action)
				}
			}
			entities := len(a.IAM.Users) + len(a.IAM.Groups) + len(a.IAM.Roles) + len(a.IAM.Policies)
			if budget := (entities+999)/1000 + 12; sum(users) > budget {
				t.Errorf("%d calls of IAM and Account, the budget is %d: %v", sum(users), budget, users)
			}
			own := 0
			for _, topic := range set.Alarms.Topics {
				if topic.Own {
					own++
				}
			}
			budget := 25 + 2*(len(set.Trails)+len(set.Alarms.Filters)+own)
			if o := a.Organization; len(o.Targets) > 0 {
				budget += 2*len(o.Targets) + len(o.Policies)
			}
			if sum(total) > budget {
				t.Errorf("%d further calls, the budget is %d: %v", sum(total), budget, total)
			}
			t.Logf("%d calls; in %d regions; IAM and Account %v; rules %v; further ones %d of %d: %v",
				len(content.Recording.Calls), len(byRegion), users, rules, sum(total), budget, total)
		})
	}
}
