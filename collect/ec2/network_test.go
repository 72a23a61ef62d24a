package ec2

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"auditbinder/collect/evidence"
)

// lists answers about prefix lists; any other question is a panic.
type lists struct {
	api
	names map[string]string // by id
	asked []string
}

func (l *lists) DescribeManagedPrefixLists(context.Context, *ec2.DescribeManagedPrefixListsInput, ...func(*ec2.Options)) (*ec2.DescribeManagedPrefixListsOutput, error) {
	out := &ec2.DescribeManagedPrefixListsOutput{PrefixLists: []types.ManagedPrefixList{}}
	for id, name := range l.names {
		out.PrefixLists = append(out.PrefixLists, types.ManagedPrefixList{PrefixListId: aws.String(id), PrefixListName: aws.String(name)})
	}
	return out, nil
}

func (l *lists) GetManagedPrefixListEntries(_ context.Context, in *ec2.GetManagedPrefixListEntriesInput, _ ...func(*ec2.Options)) (*ec2.GetManagedPrefixListEntriesOutput, error) {
	l.asked = append(l.asked, *in.PrefixListId)
	return &ec2.GetManagedPrefixListEntriesOutput{Entries: []types.PrefixListEntry{{Cidr: aws.String("192.0.2.0/24")}}}, nil
}

// What a route leads to can't be told without the list that it names.
func TestPrefixListsOfRoutes(t *testing.T) {
	names := map[string]string{"pl-eic": "com.amazonaws.x.ec2-instance-connect", "pl-s3": "com.amazonaws.x.s3", "pl-own": "own", "pl-rule": "rule", "pl-other": "other"}
	for name, test := range map[string]struct {
		routes string // destination>gateway
		lists  string // with entries; the rest by name
		named  string
	}{
		"a block":                              {"0.0.0.0/0>igw-1", "pl-eic pl-rule", ""},
		"a list over an appliance":             {"0.0.0.0/0>igw-1 pl-own>eni-9", "pl-eic pl-own pl-rule", ""},
		"a list by a route and by a rule":      {"pl-rule>i-9", "pl-eic pl-rule", ""},
		"a gateway endpoint of a service":      {"pl-s3>vpce-1", "pl-eic pl-rule", "pl-s3"},
		"a service's list over an appliance":   {"pl-s3>vpce-1 pl-s3>eni-9", "pl-eic pl-rule pl-s3", ""},
		"a firewall's endpoint":                {"pl-own>vpce-1", "pl-eic pl-own pl-rule", ""},
		"Instance Connect's list, a firewall":  {"pl-eic>vpce-1", "pl-eic pl-rule", ""},
		"a list that the region does not name": {"pl-gone>eni-9", "pl-eic pl-rule", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, asked, _ := readLists(t, names, test.routes)
			var read, named []string
			for _, l := range c.PrefixLists {
				if l.EntriesRead {
					read = append(read, l.ID)
				} else {
					named = append(named, l.ID)
				}
			}
			if got := strings.Join(read, " "); got != test.lists || strings.Join(named, " ") != test.named || strings.Join(asked, " ") != got {
				t.Errorf("read %v, named %v, asked %v", read, named, asked)
			}
		})
	}
}

// Where only a name is needed, nothing is asked, and the evidence says so.
func TestPrefixListsByNameAlone(t *testing.T) {
	c, asked, set := readLists(t, map[string]string{"pl-s3": "com.amazonaws.x.s3"}, "pl-s3>vpce-1")
	if len(asked) > 0 || len(c.PrefixLists) != 1 || !slices.ContainsFunc(set.Answers, func(a evidence.Answer) bool { return a.Action == PrefixListEntries && a.Skipped != "" }) {
		t.Errorf("asked %v, lists %+v, answers %+v", asked, c.PrefixLists, set.Answers)
	}
}

func readLists(t *testing.T, names map[string]string, routes string) (*evidence.Compute, []string, evidence.Set) {
	fake, sink := &lists{names: names}, &evidence.Sink{}
	table := evidence.RouteTable{}
	for _, text := range strings.Fields(routes) {
		destination, gateway, _ := strings.Cut(text, ">")
		table.Routes = append(table.Routes, evidence.Route{Destination: destination, Gateway: gateway})
	}
	c := &evidence.Compute{Region: "x", RouteTables: []evidence.RouteTable{table}, SecurityGroups: []evidence.SecurityGroup{{Ingress: []evidence.SecurityRule{{PrefixLists: []string{"pl-rule"}}}}}}
	r := &regional{ctx: t.Context(), client: fake, sink: sink, c: c}
	r.prefixLists()
	return c, fake.asked, sink.Set()
}
