package ec2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"auditbinder/collect/evidence"
)

// network asks for everything between the internet, the endpoints and the
// instances of the region.
func (r *regional) network() {
	r.endpoints()
	var vpcs, groups []string
	for _, i := range r.c.Instances {
		vpcs = append(vpcs, i.VPC)
		for _, n := range i.Interfaces {
			vpcs = append(vpcs, n.VPC)
			groups = append(groups, n.SecurityGroups...)
		}
	}
	for _, e := range r.c.Endpoints {
		groups = append(groups, e.SecurityGroups...)
	}
	r.securityGroups(chunks(groups))
	r.subnets(chunks(slices.Clone(vpcs)))
	r.routeTables(chunks(vpcs))
	r.prefixLists()
}

func (r *regional) endpoints() {
	_, r.c.EndpointsRead = evidence.Pages(r.ctx, r.sink, r.client.DescribeInstanceConnectEndpoints, evidence.Paged[ec2.DescribeInstanceConnectEndpointsInput, ec2.DescribeInstanceConnectEndpointsOutput]{
		Action: Endpoints, In: &ec2.DescribeInstanceConnectEndpointsInput{},
		Token: func(out *ec2.DescribeInstanceConnectEndpointsOutput) *string { return out.NextToken },
		Next:  func(in *ec2.DescribeInstanceConnectEndpointsInput, token *string) { in.NextToken = token },
		Page: func(out *ec2.DescribeInstanceConnectEndpointsOutput, t evidence.Trace) int {
			unsaid := func(e types.Ec2InstanceConnectEndpoint) bool { return e.PreserveClientIp == nil }
			if slices.ContainsFunc(out.InstanceConnectEndpoints, unsaid) { // always sent
				return -1
			}
			for _, e := range out.InstanceConnectEndpoints {
				r.c.Endpoints = append(r.c.Endpoints, evidence.ConnectEndpoint{
					ID: aws.ToString(e.InstanceConnectEndpointId), State: string(e.State), VPC: aws.ToString(e.VpcId), Subnet: aws.ToString(e.SubnetId),
					PreserveClientIP: *e.PreserveClientIp, SecurityGroups: slices.Sorted(slices.Values(e.SecurityGroupIds)), Calls: []string{t.CallID},
				})
			}
			return count(out.InstanceConnectEndpoints)
		},
	})
	slices.SortFunc(r.c.Endpoints, func(a, b evidence.ConnectEndpoint) int { return cmp.Compare(a.ID, b.ID) })
}

func (r *regional) securityGroups(parts []chunk) {
	r.c.SecurityGroupsRead = true
	for _, part := range parts {
		total := 0
		_, ok := evidence.Pages(r.ctx, r.sink, r.client.DescribeSecurityGroups, evidence.Paged[ec2.DescribeSecurityGroupsInput, ec2.DescribeSecurityGroupsOutput]{
			Action: SecurityGroups, Subject: part.subject, In: &ec2.DescribeSecurityGroupsInput{Filters: filter("group-id", part.ids)},
			Token: func(out *ec2.DescribeSecurityGroupsOutput) *string { return out.NextToken },
			Next:  func(in *ec2.DescribeSecurityGroupsInput, token *string) { in.NextToken = token },
			Page: func(out *ec2.DescribeSecurityGroupsOutput, t evidence.Trace) int {
				for _, g := range out.SecurityGroups {
					r.c.SecurityGroups = append(r.c.SecurityGroups, evidence.SecurityGroup{
						ID: aws.ToString(g.GroupId), Name: aws.ToString(g.GroupName), VPC: aws.ToString(g.VpcId),
						Ingress: rules(g.IpPermissions), Egress: rules(g.IpPermissionsEgress), Calls: []string{t.CallID},
					})
				}
				return some(&total, out.SecurityGroups, out.NextToken)
			},
		})
		r.c.SecurityGroupsRead = r.c.SecurityGroupsRead && ok
	}
	if len(parts) == 0 {
		r.sink.Skipped(SecurityGroups, r.c.Region, "인스턴스에 연결된 보안 그룹이 없음", r.c.Instances[0].Calls)
	}
	slices.SortFunc(r.c.SecurityGroups, func(a, b evidence.SecurityGroup) int { return cmp.Compare(a.ID, b.ID) })
}

func rules(list []types.IpPermission) []evidence.SecurityRule {
	var out []evidence.SecurityRule
	for _, p := range list {
		rule := evidence.SecurityRule{Protocol: aws.ToString(p.IpProtocol), FromPort: port(p.FromPort), ToPort: port(p.ToPort)}
		for _, x := range p.IpRanges {
			rule.CIDRs = append(rule.CIDRs, aws.ToString(x.CidrIp))
		}
		for _, x := range p.Ipv6Ranges {
			rule.CIDRs = append(rule.CIDRs, aws.ToString(x.CidrIpv6))
		}
		for _, x := range p.PrefixListIds {
			rule.PrefixLists = append(rule.PrefixLists, aws.ToString(x.PrefixListId))
		}
		for _, x := range p.UserIdGroupPairs {
			rule.Groups = append(rule.Groups, aws.ToString(x.GroupId))
		}
		out = append(out, rule)
	}
	return out
}

func port(p *int32) *int {
	if p == nil {
		return nil
	}
	n := int(*p)
	return &n
}

func (r *regional) subnets(parts []chunk) {
	r.c.SubnetsRead = true
	for _, part := range parts {
		total := 0
		_, ok := evidence.Pages(r.ctx, r.sink, r.client.DescribeSubnets, evidence.Paged[ec2.DescribeSubnetsInput, ec2.DescribeSubnetsOutput]{
			Action: Subnets, Subject: part.subject, In: &ec2.DescribeSubnetsInput{Filters: filter("vpc-id", part.ids)},
			Token: func(out *ec2.DescribeSubnetsOutput) *string { return out.NextToken },
			Next:  func(in *ec2.DescribeSubnetsInput, token *string) { in.NextToken = token },
			Page: func(out *ec2.DescribeSubnetsOutput, _ evidence.Trace) int {
				for _, s := range out.Subnets {
					subnet := evidence.Subnet{ID: aws.ToString(s.SubnetId), VPC: aws.ToString(s.VpcId), CIDRs: []string{aws.ToString(s.CidrBlock)}}
					for _, v6 := range s.Ipv6CidrBlockAssociationSet {
						subnet.CIDRs = append(subnet.CIDRs, aws.ToString(v6.Ipv6CidrBlock))
					}
					subnet.CIDRs = slices.DeleteFunc(subnet.CIDRs, func(c string) bool { return c == "" }) // an IPv6-only subnet has no IPv4 block
					r.c.Subnets = append(r.c.Subnets, subnet)
				}
				return some(&total, out.Subnets, out.NextToken)
			},
		})
		r.c.SubnetsRead = r.c.SubnetsRead && ok
	}
	if len(parts) == 0 {
		r.sink.Skipped(Subnets, r.c.Region, noVPC, r.c.Instances[0].Calls)
	}
	slices.SortFunc(r.c.Subnets, func(a, b evidence.Subnet) int { return cmp.Compare(a.ID, b.ID) })
}

// noVPC: terminated instances keep their entry for an hour, without a network.
const noVPC = "VPC에 있는 인스턴스가 없음"

func (r *regional) routeTables(parts []chunk) {
	r.c.RouteTablesRead = true
	for _, part := range parts {
		total := 0
		_, ok := evidence.Pages(r.ctx, r.sink, r.client.DescribeRouteTables, evidence.Paged[ec2.DescribeRouteTablesInput, ec2.DescribeRouteTablesOutput]{
			Action: RouteTables, Subject: part.subject, In: &ec2.DescribeRouteTablesInput{Filters: filter("vpc-id", part.ids)},
			Token: func(out *ec2.DescribeRouteTablesOutput) *string { return out.NextToken },
			Next:  func(in *ec2.DescribeRouteTablesInput, token *string) { in.NextToken = token },
			Page: func(out *ec2.DescribeRouteTablesOutput, _ evidence.Trace) int {
				for _, t := range out.RouteTables {
					r.c.RouteTables = append(r.c.RouteTables, routeTable(t))
				}
				return some(&total, out.RouteTables, out.NextToken)
			},
		})
		r.c.RouteTablesRead = r.c.RouteTablesRead && ok
	}
	if len(parts) == 0 {
		r.sink.Skipped(RouteTables, r.c.Region, noVPC, r.c.Instances[0].Calls)
	}
	slices.SortFunc(r.c.RouteTables, func(a, b evidence.RouteTable) int { return cmp.Compare(a.ID, b.ID) })
}

func routeTable(t types.RouteTable) evidence.RouteTable {
	out := evidence.RouteTable{ID: aws.ToString(t.RouteTableId), VPC: aws.ToString(t.VpcId)}
	for _, a := range t.Associations {
		if aws.ToBool(a.Main) {
			out.Main = true
		}
		if id := aws.ToString(a.SubnetId); id != "" {
			out.Subnets = append(out.Subnets, id)
		}
	}
	slices.Sort(out.Subnets)
	for _, x := range t.Routes {
		out.Routes = append(out.Routes, evidence.Route{
			Destination: first(x.DestinationCidrBlock, x.DestinationIpv6CidrBlock, x.DestinationPrefixListId),
			Gateway: first(x.EgressOnlyInternetGatewayId, x.GatewayId, x.NatGatewayId, x.TransitGatewayId, x.VpcPeeringConnectionId, x.LocalGatewayId,
				x.CarrierGatewayId, x.CoreNetworkArn, x.OdbNetworkArn, x.InstanceId, x.NetworkInterfaceId),
			State: string(x.State),
		})
	}
	return out
}

func first(list ...*string) string {
	for _, s := range list {
		if aws.ToString(s) != "" {
			return *s
		}
	}
	return ""
}

// prefixLists reads the service's two lists and every other one that a rule or a
// route names. Of AWS's own that only lead to its gateway endpoints (S3, DynamoDB)
// the name says enough.
func (r *regional) prefixLists() {
	var all []evidence.PrefixList
	a, ok := evidence.Pages(r.ctx, r.sink, r.client.DescribeManagedPrefixLists, evidence.Paged[ec2.DescribeManagedPrefixListsInput, ec2.DescribeManagedPrefixListsOutput]{
		Action: PrefixLists, In: &ec2.DescribeManagedPrefixListsInput{MaxResults: aws.Int32(100)},
		Token: func(out *ec2.DescribeManagedPrefixListsOutput) *string { return out.NextToken },
		Next:  func(in *ec2.DescribeManagedPrefixListsInput, token *string) { in.NextToken = token },
		Page: func(out *ec2.DescribeManagedPrefixListsOutput, t evidence.Trace) int {
			if aws.ToString(out.NextToken) == "" && len(all)+len(out.PrefixLists) == 0 { // AWS's own for S3 stand in every region
				return -1
			}
			for _, p := range out.PrefixLists {
				all = append(all, evidence.PrefixList{ID: aws.ToString(p.PrefixListId), Name: aws.ToString(p.PrefixListName), Calls: []string{t.CallID}})
			}
			return count(out.PrefixLists)
		},
	})
	if r.c.PrefixListsRead = ok; !ok {
		return
	}
	named := map[string]bool{}
	for _, g := range r.c.SecurityGroups {
		for _, rule := range slices.Concat(g.Ingress, g.Egress) {
			for _, id := range rule.PrefixLists {
				named[id] = true
			}
		}
	}
	endpoint := map[string]bool{}
	for _, t := range r.c.RouteTables {
		for _, route := range t.Routes { // a block is no list's id
			if strings.HasPrefix(route.Gateway, "vpce-") {
				endpoint[route.Destination] = true
			} else {
				named[route.Destination] = true
			}
		}
	}
	service := ServicePrefixLists(r.c.Region)
	slices.SortFunc(all, func(a, b evidence.PrefixList) int { return cmp.Compare(a.ID, b.ID) })
	asked := false
	for _, p := range all {
		if named[p.ID] || slices.Contains(service, p.Name) || endpoint[p.ID] && !strings.HasPrefix(p.Name, "com.amazonaws.") {
			r.entries(&p)
			asked = true
		} else if !endpoint[p.ID] {
			continue
		}
		r.c.PrefixLists = append(r.c.PrefixLists, p)
	}
	if !asked {
		r.sink.Skipped(PrefixListEntries, r.c.Region, "조회할 접두사 목록이 없음", a.Calls)
	}
}

func (r *regional) entries(p *evidence.PrefixList) {
	a, ok := evidence.Pages(r.ctx, r.sink, r.client.GetManagedPrefixListEntries, evidence.Paged[ec2.GetManagedPrefixListEntriesInput, ec2.GetManagedPrefixListEntriesOutput]{
		Action: PrefixListEntries, Subject: p.ID, In: &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &p.ID, MaxResults: aws.Int32(100)},
		Token: func(out *ec2.GetManagedPrefixListEntriesOutput) *string { return out.NextToken },
		Next:  func(in *ec2.GetManagedPrefixListEntriesInput, token *string) { in.NextToken = token },
		Page: func(out *ec2.GetManagedPrefixListEntriesOutput, _ evidence.Trace) int {
			for _, e := range out.Entries {
				p.CIDRs = append(p.CIDRs, aws.ToString(e.Cidr))
			}
			if aws.ToString(out.NextToken) == "" && len(p.CIDRs) == 0 && slices.Contains(ServicePrefixLists(r.c.Region), p.Name) {
				return -1 // a service without addresses is none
			}
			return count(out.Entries)
		},
	})
	slices.Sort(p.CIDRs)
	p.EntriesRead, p.Calls = ok, append(p.Calls, a.Calls...)
}
