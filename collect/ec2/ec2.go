// Package ec2 collects which regions the account uses, and what EC2 says of the
// instances of a region and of the network in front of them. It judges nothing,
// and asks about the network only where there are instances.
package ec2

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"auditbinder/collect/evidence"
)

// The actions this package asks.
const (
	Regions           = "ec2:DescribeRegions"
	Instances         = "ec2:DescribeInstances"
	SecurityGroups    = "ec2:DescribeSecurityGroups"
	Subnets           = "ec2:DescribeSubnets"
	RouteTables       = "ec2:DescribeRouteTables"
	PrefixLists       = "ec2:DescribeManagedPrefixLists"
	PrefixListEntries = "ec2:GetManagedPrefixListEntries"
	Endpoints         = "ec2:DescribeInstanceConnectEndpoints"
	Images            = "ec2:DescribeImages"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Regions, Instances, SecurityGroups, Subnets, RouteTables, PrefixLists, PrefixListEntries, Endpoints, Images}

// followUps are asked only where there are instances.
var followUps = []string{SecurityGroups, Subnets, RouteTables, PrefixLists, PrefixListEntries, Endpoints, Images}

// NoInstances is why nothing more is asked of a region.
const NoInstances = "리전에 인스턴스가 없음"

type api interface {
	DescribeRegions(context.Context, *ec2.DescribeRegionsInput, ...func(*ec2.Options)) (*ec2.DescribeRegionsOutput, error)
	DescribeInstances(context.Context, *ec2.DescribeInstancesInput, ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error)
	DescribeSecurityGroups(context.Context, *ec2.DescribeSecurityGroupsInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error)
	DescribeSubnets(context.Context, *ec2.DescribeSubnetsInput, ...func(*ec2.Options)) (*ec2.DescribeSubnetsOutput, error)
	DescribeRouteTables(context.Context, *ec2.DescribeRouteTablesInput, ...func(*ec2.Options)) (*ec2.DescribeRouteTablesOutput, error)
	DescribeManagedPrefixLists(context.Context, *ec2.DescribeManagedPrefixListsInput, ...func(*ec2.Options)) (*ec2.DescribeManagedPrefixListsOutput, error)
	GetManagedPrefixListEntries(context.Context, *ec2.GetManagedPrefixListEntriesInput, ...func(*ec2.Options)) (*ec2.GetManagedPrefixListEntriesOutput, error)
	DescribeInstanceConnectEndpoints(context.Context, *ec2.DescribeInstanceConnectEndpointsInput, ...func(*ec2.Options)) (*ec2.DescribeInstanceConnectEndpointsOutput, error)
	DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error)
}

// ListRegions asks for every region of the account with its opt-in status.
// selected narrows the scope to the named ones (all enabled when empty). Where
// AWS does not answer, the sign-in regions and the selected ones stand alone.
func ListRegions(ctx context.Context, client api, sink *evidence.Sink, selected []string, reason string) *evidence.Regions {
	found := &evidence.Regions{Selected: selected, Reason: reason}
	a, ok := evidence.Pages(ctx, sink, client.DescribeRegions, evidence.Paged[ec2.DescribeRegionsInput, ec2.DescribeRegionsOutput]{
		Action: Regions, In: &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)},
		Page: func(out *ec2.DescribeRegionsOutput, _ evidence.Trace) int {
			for _, r := range out.Regions {
				found.All = append(found.All, evidence.Region{Name: aws.ToString(r.RegionName), OptIn: aws.ToString(r.OptInStatus)})
			}
			if len(found.All) == 0 { // every account has regions
				return -1
			}
			return len(found.All)
		},
	})
	if found.Calls = a.Calls; ok {
		found.Read = true
	} else {
		found.All = nil
		for _, name := range slices.Concat(evidence.SignInRegions, selected) {
			if !slices.ContainsFunc(found.All, func(r evidence.Region) bool { return r.Name == name }) {
				found.All = append(found.All, evidence.Region{Name: name})
			}
		}
	}
	for i := range found.All {
		r := &found.All[i]
		r.Scope = scope(*r, selected)
	}
	slices.SortFunc(found.All, func(a, b evidence.Region) int { return cmp.Compare(a.Name, b.Name) })
	sink.Put(func(set *evidence.Set) { set.Regions = found })
	return found
}

func scope(r evidence.Region, selected []string) evidence.RegionScope {
	switch {
	case r.OptIn == "not-opted-in":
		return evidence.ScopeDisabled
	case len(selected) == 0 || slices.Contains(selected, r.Name):
		return evidence.ScopeFull
	case evidence.IsSignIn(r.Name):
		return evidence.ScopeSignIn
	}
	return evidence.ScopeExcluded
}

// ServicePrefixLists are the names of the Instance Connect service's lists in a region.
func ServicePrefixLists(region string) []string {
	return []string{"com.amazonaws." + region + ".ec2-instance-connect", "com.amazonaws." + region + ".ipv6.ec2-instance-connect"}
}

// Collect asks one region. It returns what it found of instances: their ids and
// the calls that say so; ok is false when that question failed.
func Collect(ctx context.Context, client api, sink *evidence.Sink, region string) (c *evidence.Compute, calls []string, ok bool) {
	r := &regional{ctx: ctx, client: client, sink: sink, c: &evidence.Compute{Region: region}}
	calls, ok = r.instances()
	switch {
	case !ok: // the driver knows that nothing could follow
	case len(r.c.Instances) == 0:
		for _, action := range followUps {
			sink.Skipped(action, region, NoInstances, calls)
		}
	default:
		r.network()
		r.images()
	}
	return r.c, calls, ok
}

// regional is the collection of one region.
type regional struct {
	ctx    context.Context
	client api
	sink   *evidence.Sink
	c      *evidence.Compute
}

// count is the length of an answer's list, negative where it has none: AWS sends
// an empty one, and the SDK takes an answer without any for an empty result.
func count[T any](list []T) int {
	if list == nil {
		return -1
	}
	return len(list)
}

// some is count of pages that together hold something: what the instances name is
// there. total adds up their things; token names the next page.
func some[T any](total *int, list []T, token *string) int {
	*total += len(list)
	if list == nil || *total == 0 && aws.ToString(token) == "" {
		return -1
	}
	return len(list)
}

// pageSize is the largest page that these calls take.
const pageSize = 1000

func (r *regional) instances() ([]string, bool) {
	a, ok := evidence.Pages(r.ctx, r.sink, r.client.DescribeInstances, evidence.Paged[ec2.DescribeInstancesInput, ec2.DescribeInstancesOutput]{
		Action: Instances, In: &ec2.DescribeInstancesInput{MaxResults: aws.Int32(pageSize)},
		Token: func(out *ec2.DescribeInstancesOutput) *string { return out.NextToken },
		Next:  func(in *ec2.DescribeInstancesInput, token *string) { in.NextToken = token },
		Page: func(out *ec2.DescribeInstancesOutput, t evidence.Trace) int {
			if out.Reservations == nil {
				return -1
			}
			n := 0
			for _, reservation := range out.Reservations {
				for _, i := range reservation.Instances {
					r.c.Instances = append(r.c.Instances, instance(i, t.CallID))
					n++
				}
			}
			return n
		},
	})
	slices.SortFunc(r.c.Instances, func(a, b evidence.Instance) int { return cmp.Compare(a.ID, b.ID) })
	r.c.InstancesRead = ok
	return a.Calls, ok
}

func instance(i types.Instance, callID string) evidence.Instance {
	e := evidence.Instance{
		ID: aws.ToString(i.InstanceId), Windows: strings.EqualFold(string(i.Platform), "windows") || strings.HasPrefix(aws.ToString(i.PlatformDetails), "Windows"), Platform: aws.ToString(i.PlatformDetails),
		VPC: aws.ToString(i.VpcId), Subnet: aws.ToString(i.SubnetId), Image: aws.ToString(i.ImageId), Calls: []string{callID},
	}
	if i.State != nil {
		e.State = string(i.State.Name)
	}
	if i.IamInstanceProfile != nil {
		e.Profile = aws.ToString(i.IamInstanceProfile.Arn)
	}
	for _, t := range i.Tags {
		if aws.ToString(t.Key) == "Name" {
			e.Name = aws.ToString(t.Value)
		}
	}
	for _, n := range i.NetworkInterfaces {
		e.Interfaces = append(e.Interfaces, networkInterface(n))
	}
	slices.SortFunc(e.Interfaces, func(a, b evidence.NetworkInterface) int { return cmp.Compare(a.ID, b.ID) })
	return e
}

func networkInterface(n types.InstanceNetworkInterface) evidence.NetworkInterface {
	e := evidence.NetworkInterface{ID: aws.ToString(n.NetworkInterfaceId), Subnet: aws.ToString(n.SubnetId), VPC: aws.ToString(n.VpcId)}
	public := func(a *types.InstanceNetworkInterfaceAssociation) {
		if a != nil && aws.ToString(a.PublicIp) != "" && !slices.Contains(e.PublicIPv4, *a.PublicIp) {
			e.PublicIPv4 = append(e.PublicIPv4, *a.PublicIp)
		}
	}
	public(n.Association)
	for _, p := range n.PrivateIpAddresses {
		e.PrivateIPv4 = append(e.PrivateIPv4, aws.ToString(p.PrivateIpAddress))
		public(p.Association)
	}
	for _, v6 := range n.Ipv6Addresses {
		e.IPv6 = append(e.IPv6, aws.ToString(v6.Ipv6Address))
	}
	for _, g := range n.Groups {
		e.SecurityGroups = append(e.SecurityGroups, aws.ToString(g.GroupId))
	}
	for _, list := range [][]string{e.PublicIPv4, e.PrivateIPv4, e.IPv6, e.SecurityGroups} {
		slices.Sort(list)
	}
	return e
}

// images looks the names of the instances' AMIs up. An image that is gone is
// not an error where it is asked for by a filter.
func (r *regional) images() {
	var ids []string
	for _, i := range r.c.Instances {
		ids = append(ids, i.Image)
	}
	names := map[string]string{}
	for _, chunk := range chunks(ids) {
		_, ok := evidence.Pages(r.ctx, r.sink, r.client.DescribeImages, evidence.Paged[ec2.DescribeImagesInput, ec2.DescribeImagesOutput]{
			Action: Images, Subject: chunk.subject, In: &ec2.DescribeImagesInput{Filters: filter("image-id", chunk.ids), IncludeDeprecated: aws.Bool(true)},
			Token: func(out *ec2.DescribeImagesOutput) *string { return out.NextToken },
			Next:  func(in *ec2.DescribeImagesInput, token *string) { in.NextToken = token },
			Page: func(out *ec2.DescribeImagesOutput, _ evidence.Trace) int {
				for _, image := range out.Images {
					names[aws.ToString(image.ImageId)] = aws.ToString(image.Name)
				}
				return count(out.Images)
			},
		})
		if !ok {
			break
		}
	}
	for i := range r.c.Instances {
		r.c.Instances[i].ImageName = names[r.c.Instances[i].Image]
	}
}

// maxFilterValues is how many values one filter takes.
const maxFilterValues = 200

type chunk struct {
	subject string // "2/3" where there are several
	ids     []string
}

// chunks sorts ids, drops what is empty or comes twice, and cuts the list.
func chunks(ids []string) []chunk {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(s string) bool { return s == "" })
	var out []chunk
	for part := range slices.Chunk(ids, maxFilterValues) {
		out = append(out, chunk{ids: part})
	}
	for i := range out {
		if len(out) > 1 {
			out[i].subject = out[i].ids[0] + "…" + out[i].ids[len(out[i].ids)-1]
		}
	}
	return out
}

func filter(name string, values []string) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: values}}
}
