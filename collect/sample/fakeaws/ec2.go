package fakeaws

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
)

// The element types follow the EC2 API reference.
type (
	ec2Failure struct {
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
		ID      string `xml:"RequestID"`
	}
	// ec2Page is an answer: one list and the token of the next page.
	ec2Page struct {
		list  string // its element
		items any
		next  string
	}
	ec2Response struct {
		Namespace string `xml:"xmlns,attr"`
		RequestID string `xml:"requestId"`
		List      ec2Set
		NextToken string `xml:"nextToken,omitempty"`
	}
	ec2Set struct {
		XMLName xml.Name
		Items   any `xml:"item"`
	}

	ec2Region struct {
		Name     string `xml:"regionName"`
		Endpoint string `xml:"regionEndpoint"`
		OptIn    string `xml:"optInStatus"`
	}
	reservation struct {
		ID        string        `xml:"reservationId"`
		Owner     string        `xml:"ownerId"`
		Instances []ec2Instance `xml:"instancesSet>item"`
	}
	instanceState struct {
		Code int    `xml:"code"`
		Name string `xml:"name"`
	}
	ec2Instance struct {
		ID              string             `xml:"instanceId"`
		Image           string             `xml:"imageId"`
		State           instanceState      `xml:"instanceState"`
		Platform        string             `xml:"platform,omitempty"`
		Subnet          string             `xml:"subnetId,omitempty"`
		VPC             string             `xml:"vpcId,omitempty"`
		PrivateIP       string             `xml:"privateIpAddress,omitempty"`
		PublicIP        string             `xml:"ipAddress,omitempty"`
		Groups          []groupID          `xml:"groupSet>item"`
		Tags            []ec2Tag           `xml:"tagSet>item"`
		Interfaces      []networkInterface `xml:"networkInterfaceSet>item"`
		Profile         *profileRef        `xml:"iamInstanceProfile"`
		PlatformDetails string             `xml:"platformDetails"`
	}
	groupID struct {
		ID   string `xml:"groupId"`
		Name string `xml:"groupName,omitempty"`
	}
	ec2Tag struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	}
	profileRef struct {
		ARN string `xml:"arn"`
		ID  string `xml:"id"`
	}
	networkInterface struct {
		ID          string        `xml:"networkInterfaceId"`
		Subnet      string        `xml:"subnetId"`
		VPC         string        `xml:"vpcId"`
		Status      string        `xml:"status"`
		Association *association  `xml:"association"` // of the primary address
		Groups      []groupID     `xml:"groupSet>item"`
		Addresses   []privateIP   `xml:"privateIpAddressesSet>item"`
		IPv6        []ipv6Address `xml:"ipv6AddressesSet>item"`
	}
	privateIP struct {
		Address     string       `xml:"privateIpAddress,omitempty"`
		Primary     bool         `xml:"primary"`
		Association *association `xml:"association"`
	}
	association struct {
		PublicIP string `xml:"publicIp"`
		Owner    string `xml:"ipOwnerId"`
	}
	ipv6Address struct {
		Address string `xml:"ipv6Address"`
	}
	securityGroup struct {
		Owner       string       `xml:"ownerId"`
		ID          string       `xml:"groupId"`
		Name        string       `xml:"groupName"`
		Description string       `xml:"groupDescription"`
		VPC         string       `xml:"vpcId,omitempty"`
		Ingress     []permission `xml:"ipPermissions>item"`
		Egress      []permission `xml:"ipPermissionsEgress>item"`
	}
	permission struct {
		Protocol    string         `xml:"ipProtocol"`
		FromPort    *int           `xml:"fromPort"`
		ToPort      *int           `xml:"toPort"`
		Groups      []groupPair    `xml:"groups>item"`
		IPv4        []ipv4Range    `xml:"ipRanges>item"`
		IPv6        []ipv6Range    `xml:"ipv6Ranges>item"`
		PrefixLists []prefixListID `xml:"prefixListIds>item"`
	}
	groupPair struct {
		Owner string `xml:"userId"`
		ID    string `xml:"groupId"`
	}
	ipv4Range struct {
		CIDR string `xml:"cidrIp"`
	}
	ipv6Range struct {
		CIDR string `xml:"cidrIpv6"`
	}
	prefixListID struct {
		ID string `xml:"prefixListId"`
	}
	subnet struct {
		ID    string          `xml:"subnetId"`
		State string          `xml:"state"`
		VPC   string          `xml:"vpcId"`
		IPv4  string          `xml:"cidrBlock,omitempty"`
		IPv6  []ipv6CIDRBlock `xml:"ipv6CidrBlockAssociationSet>item"`
		Owner string          `xml:"ownerId"`
	}
	ipv6CIDRBlock struct {
		CIDR  string `xml:"ipv6CidrBlock"`
		State string `xml:"ipv6CidrBlockState>state"`
	}
	routeTable struct {
		ID           string             `xml:"routeTableId"`
		VPC          string             `xml:"vpcId"`
		Owner        string             `xml:"ownerId"`
		Routes       []route            `xml:"routeSet>item"`
		Associations []tableAssociation `xml:"associationSet>item"`
	}
	// route has one destination and one target, each in an element of its kind.
	route struct {
		Destination ec2Value
		Target      ec2Value
		State       string `xml:"state"`
		Origin      string `xml:"origin"`
	}
	ec2Value struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	}
	tableAssociation struct {
		ID     string `xml:"routeTableAssociationId"`
		Table  string `xml:"routeTableId"`
		Subnet string `xml:"subnetId,omitempty"`
		Main   bool   `xml:"main"`
		State  string `xml:"associationState>state"`
	}
	prefixList struct {
		ID     string `xml:"prefixListId"`
		Family string `xml:"addressFamily"`
		State  string `xml:"state"`
		ARN    string `xml:"prefixListArn"`
		Name   string `xml:"prefixListName"`
		Owner  string `xml:"ownerId"`
	}
	prefixListEntry struct {
		CIDR string `xml:"cidr"`
	}
	connectEndpoint struct {
		Owner      string   `xml:"ownerId"`
		ID         string   `xml:"instanceConnectEndpointId"`
		ARN        string   `xml:"instanceConnectEndpointArn"`
		State      string   `xml:"state"`
		Interfaces struct{} `xml:"networkInterfaceIdSet"`
		VPC        string   `xml:"vpcId"`
		Subnet     string   `xml:"subnetId"`
		Preserve   bool     `xml:"preserveClientIp"`
		Groups     []string `xml:"securityGroupIdSet>item"`
	}
	ec2Image struct {
		ID    string `xml:"imageId"`
		State string `xml:"imageState"`
		Name  string `xml:"name"`
	}
)

// ec2Result wraps an ec2Page as AWS does.
func ec2Result(req Request, id string, v any) answer {
	page := v.(ec2Page)
	_, operation, _ := strings.Cut(req.Action, ":")
	return answer{status: http.StatusOK, body: xml.Header + element(operation+"Response", ec2Response{
		Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", RequestID: id,
		List: ec2Set{xml.Name{Local: page.list}, page.items}, NextToken: page.next,
	}, "") + "\n"}
}

// ec2List is how a kind of resource is described.
type ec2List[T, X any] struct {
	list string // the answer's element
	// ids is the parameter that names resources, id the filter of the same, missing
	// the error for one that is not there; empty: it is left out.
	ids, id, missing string
	least, most      int // of a page
	filters          func(T) map[string]string
	item             func(T) X
}

func (l ec2List[T, X]) describe(req Request, all []T) (any, error) {
	wanted := req.list(l.ids)
	for _, id := range wanted {
		if l.missing != "" && !slices.ContainsFunc(all, func(v T) bool { return l.filters(v)[l.id] == id }) {
			return nil, refuse(l.missing, "The ID '%s' does not exist", id)
		}
	}
	if len(wanted) > 0 {
		all = keep(all, func(v T) bool { return slices.Contains(wanted, l.filters(v)[l.id]) })
	}
	for n := 1; req.Form.Has(fmt.Sprintf("Filter.%d.Name", n)); n++ {
		name := req.Form.Get(fmt.Sprintf("Filter.%d.Name", n))
		var none T
		if _, known := l.filters(none)[name]; !known {
			return nil, refuse("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		values := req.list(fmt.Sprintf("Filter.%d.Value", n))
		all = keep(all, func(v T) bool {
			return slices.ContainsFunc(values, func(wanted string) bool { return wildcard(wanted, l.filters(v)[name]) })
		})
	}
	page, next, err := paged(req, all, l.least, l.most, 1000)
	return ec2Page{l.list, each(page, l.item), next}, err
}

// defaultRegions are those of a new account with some that it has not enabled.
var defaultRegions = func() []evidence.Region {
	var all []evidence.Region
	for optIn, names := range map[string]string{
		"opt-in-not-required": "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2",
		"not-opted-in":        "af-south-1 ap-east-1 eu-south-1 me-south-1",
	} {
		for name := range strings.FieldsSeq(names) {
			all = append(all, evidence.Region{Name: name, OptIn: optIn})
		}
	}
	slices.SortFunc(all, func(x, y evidence.Region) int { return strings.Compare(x.Name, y.Name) })
	return all
}()

func (s *Server) regions() []evidence.Region {
	if s.Account.Regions == nil {
		return defaultRegions
	}
	return each(s.Account.Regions, func(r evidence.Region) evidence.Region {
		if r.OptIn == "" {
			r.OptIn = "opt-in-not-required"
		}
		return r
	})
}

func closed(r evidence.Region) bool { return r.OptIn == "not-opted-in" }

// disabled reports whether the account has not enabled the region.
func (s *Server) disabled(region string) bool {
	return slices.ContainsFunc(s.regions(), func(r evidence.Region) bool { return r.Name == region && closed(r) })
}

// compute is what the request's region holds.
func (s *Server) compute(req Request) evidence.Compute {
	for _, c := range s.Account.Compute {
		if c.Region == req.Region {
			return c
		}
	}
	return evidence.Compute{}
}

func (s *Server) describeRegions(req Request) (any, error) {
	all := s.regions()
	if req.param("AllRegions") != "true" && len(req.list("RegionName")) == 0 {
		all = keep(all, func(r evidence.Region) bool { return !closed(r) })
	}
	return ec2List[evidence.Region, ec2Region]{
		list: "regionInfo", ids: "RegionName", id: "region-name", missing: "InvalidParameterValue",
		filters: func(r evidence.Region) map[string]string {
			return map[string]string{"region-name": r.Name, "opt-in-status": r.OptIn}
		},
		item: func(r evidence.Region) ec2Region {
			return ec2Region{r.Name, "ec2." + r.Name + ".amazonaws.com", r.OptIn}
		},
	}.describe(req, all)
}

var stateCodes = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

func (s *Server) describeInstances(req Request) (any, error) {
	c := s.compute(req)
	names := map[string]string{}
	for _, g := range c.SecurityGroups {
		names[g.ID] = g.Name
	}
	groups := func(ids []string) []groupID {
		return each(ids, func(id string) groupID { return groupID{id, names[id]} })
	}
	return ec2List[evidence.Instance, reservation]{
		list: "reservationSet", ids: "InstanceId", id: "instance-id", missing: "InvalidInstanceID.NotFound", least: 5, most: 1000,
		filters: func(i evidence.Instance) map[string]string {
			return map[string]string{"instance-id": i.ID, "instance-state-name": i.State, "vpc-id": i.VPC, "subnet-id": i.Subnet}
		},
		item: func(i evidence.Instance) reservation {
			x := ec2Instance{ID: i.ID, Image: i.Image, State: instanceState{stateCodes[i.State], i.State}, Subnet: i.Subnet, VPC: i.VPC, PlatformDetails: i.Platform}
			if i.Windows {
				x.Platform = "windows"
			}
			if i.Name != "" {
				x.Tags = []ec2Tag{{"Name", i.Name}}
			}
			if i.Profile != "" {
				x.Profile = &profileRef{i.Profile, "AIPA" + pad(i.Profile)}
			}
			x.Interfaces = each(i.Interfaces, func(n evidence.NetworkInterface) networkInterface {
				out := networkInterface{ID: n.ID, Subnet: n.Subnet, VPC: n.VPC, Status: "in-use", Groups: groups(n.SecurityGroups),
					Addresses: addresses(n), IPv6: each(n.IPv6, func(a string) ipv6Address { return ipv6Address{a} })}
				if len(out.Addresses) > 0 {
					out.Association = out.Addresses[0].Association
				}
				return out
			})
			if len(x.Interfaces) > 0 { // the instance shows its primary interface
				first := x.Interfaces[0]
				x.Groups = first.Groups
				if len(first.Addresses) > 0 {
					x.PrivateIP = first.Addresses[0].Address
				}
				if first.Association != nil {
					x.PublicIP = first.Association.PublicIP
				}
			}
			return reservation{"r-" + strings.TrimPrefix(i.ID, "i-"), s.Account.ID, []ec2Instance{x}}
		},
	}.describe(req, c.Instances)
}

func addresses(n evidence.NetworkInterface) []privateIP {
	out := make([]privateIP, max(len(n.PrivateIPv4), len(n.PublicIPv4)))
	for i := range out {
		out[i].Primary = i == 0
		if i < len(n.PrivateIPv4) {
			out[i].Address = n.PrivateIPv4[i]
		}
		if i < len(n.PublicIPv4) {
			out[i].Association = &association{n.PublicIPv4[i], "amazon"}
		}
	}
	return out
}

func (s *Server) describeSecurityGroups(req Request) (any, error) {
	return ec2List[evidence.SecurityGroup, securityGroup]{
		list: "securityGroupInfo", ids: "GroupId", id: "group-id", missing: "InvalidGroup.NotFound", least: 5, most: 1000,
		filters: func(g evidence.SecurityGroup) map[string]string {
			return map[string]string{"group-id": g.ID, "group-name": g.Name, "vpc-id": g.VPC}
		},
		item: func(g evidence.SecurityGroup) securityGroup {
			return securityGroup{s.Account.ID, g.ID, g.Name, g.Name, g.VPC, each(g.Ingress, s.permission), each(g.Egress, s.permission)}
		},
	}.describe(req, s.compute(req).SecurityGroups)
}

func isIPv6(cidr string) bool { return strings.Contains(cidr, ":") }
func isIPv4(cidr string) bool { return !isIPv6(cidr) }

func (s *Server) permission(r evidence.SecurityRule) permission {
	return permission{
		Protocol: r.Protocol, FromPort: r.FromPort, ToPort: r.ToPort,
		Groups:      each(r.Groups, func(id string) groupPair { return groupPair{s.Account.ID, id} }),
		IPv4:        each(keep(r.CIDRs, isIPv4), func(cidr string) ipv4Range { return ipv4Range{cidr} }),
		IPv6:        each(keep(r.CIDRs, isIPv6), func(cidr string) ipv6Range { return ipv6Range{cidr} }),
		PrefixLists: each(r.PrefixLists, func(id string) prefixListID { return prefixListID{id} }),
	}
}

func (s *Server) describeSubnets(req Request) (any, error) {
	return ec2List[evidence.Subnet, subnet]{
		list: "subnetSet", ids: "SubnetId", id: "subnet-id", missing: "InvalidSubnetID.NotFound", least: 5, most: 1000,
		filters: func(n evidence.Subnet) map[string]string {
			return map[string]string{"subnet-id": n.ID, "vpc-id": n.VPC}
		},
		item: func(n evidence.Subnet) subnet {
			return subnet{n.ID, "available", n.VPC, strings.Join(keep(n.CIDRs, isIPv4), " "),
				each(keep(n.CIDRs, isIPv6), func(cidr string) ipv6CIDRBlock { return ipv6CIDRBlock{cidr, "associated"} }), s.Account.ID}
		},
	}.describe(req, s.compute(req).Subnets)
}

// routeTargets are the elements of a route's target by what its id begins with;
// igw-, vgw-, vpce- and local are gatewayId.
var routeTargets = map[string]string{
	"nat-": "natGatewayId", "eigw-": "egressOnlyInternetGatewayId", "tgw-": "transitGatewayId", "eni-": "networkInterfaceId", "i-": "instanceId",
	"pcx-": "vpcPeeringConnectionId", "cagw-": "carrierGatewayId", "lgw-": "localGatewayId", "arn:": "coreNetworkArn",
}

func newRoute(r evidence.Route) route {
	destination, target := "destinationCidrBlock", "gatewayId"
	switch {
	case strings.HasPrefix(r.Destination, "pl-"):
		destination = "destinationPrefixListId"
	case isIPv6(r.Destination):
		destination = "destinationIpv6CidrBlock"
	}
	for prefix, name := range routeTargets {
		if strings.HasPrefix(r.Gateway, prefix) {
			target = name
		}
	}
	origin := "CreateRoute"
	if r.Gateway == "local" {
		origin = "CreateRouteTable"
	}
	return route{ec2Value{xml.Name{Local: destination}, r.Destination}, ec2Value{xml.Name{Local: target}, r.Gateway}, r.State, origin}
}

func (s *Server) describeRouteTables(req Request) (any, error) {
	return ec2List[evidence.RouteTable, routeTable]{
		list: "routeTableSet", ids: "RouteTableId", id: "route-table-id", missing: "InvalidRouteTableID.NotFound", least: 5, most: 100,
		filters: func(t evidence.RouteTable) map[string]string {
			return map[string]string{"route-table-id": t.ID, "vpc-id": t.VPC}
		},
		item: func(t evidence.RouteTable) routeTable {
			x := routeTable{ID: t.ID, VPC: t.VPC, Owner: s.Account.ID, Routes: each(t.Routes, newRoute)}
			associate := func(subnet string) {
				x.Associations = append(x.Associations, tableAssociation{"rtbassoc-" + strings.ToLower(pad(t.ID+subnet)), t.ID, subnet, subnet == "", "associated"})
			}
			if t.Main {
				associate("")
			}
			for _, id := range t.Subnets {
				associate(id)
			}
			return x
		},
	}.describe(req, s.compute(req).RouteTables)
}

func (s *Server) describeManagedPrefixLists(req Request) (any, error) {
	owner := func(l evidence.PrefixList) (name, account string) {
		if strings.HasPrefix(l.Name, "com.amazonaws.") {
			return "AWS", "aws"
		}
		return s.Account.ID, s.Account.ID
	}
	return ec2List[evidence.PrefixList, prefixList]{
		list: "prefixListSet", ids: "PrefixListId", id: "prefix-list-id", missing: "InvalidPrefixListID.NotFound", least: 1, most: 100,
		filters: func(l evidence.PrefixList) map[string]string {
			name, _ := owner(l)
			return map[string]string{"prefix-list-id": l.ID, "prefix-list-name": l.Name, "owner-id": name}
		},
		item: func(l evidence.PrefixList) prefixList {
			name, account := owner(l)
			family := "IPv4"
			if strings.Contains(l.Name, ".ipv6.") || slices.ContainsFunc(l.CIDRs, isIPv6) {
				family = "IPv6"
			}
			return prefixList{l.ID, family, "create-complete", "arn:aws:ec2:" + req.Region + ":" + account + ":prefix-list/" + l.ID, l.Name, name}
		},
	}.describe(req, s.compute(req).PrefixLists)
}

func (s *Server) getManagedPrefixListEntries(req Request) (any, error) {
	id := req.param("PrefixListId")
	for _, l := range s.compute(req).PrefixLists {
		if l.ID == id {
			cidrs, next, err := paged(req, l.CIDRs, 1, 100, 100)
			return ec2Page{"entrySet", each(cidrs, func(cidr string) prefixListEntry { return prefixListEntry{cidr} }), next}, err
		}
	}
	return nil, refuse("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", id)
}

func (s *Server) describeInstanceConnectEndpoints(req Request) (any, error) {
	return ec2List[evidence.ConnectEndpoint, connectEndpoint]{
		list: "instanceConnectEndpointSet", ids: "InstanceConnectEndpointId", id: "instance-connect-endpoint-id", missing: "InvalidInstanceConnectEndpointId.NotFound", least: 1, most: 50,
		filters: func(e evidence.ConnectEndpoint) map[string]string {
			return map[string]string{"instance-connect-endpoint-id": e.ID, "state": e.State, "subnet-id": e.Subnet, "vpc-id": e.VPC}
		},
		item: func(e evidence.ConnectEndpoint) connectEndpoint {
			return connectEndpoint{Owner: s.Account.ID, ID: e.ID, State: e.State, VPC: e.VPC, Subnet: e.Subnet, Preserve: e.PreserveClientIP, Groups: e.SecurityGroups,
				ARN: "arn:aws:ec2:" + req.Region + ":" + s.Account.ID + ":instance-connect-endpoint/" + e.ID}
		},
	}.describe(req, s.compute(req).Endpoints)
}

// describeImages knows the images of the region's instances. One without a name
// was deregistered: it is no error while an instance still names it.
func (s *Server) describeImages(req Request) (any, error) {
	names := map[string]string{}
	for _, i := range s.compute(req).Instances {
		names[i.Image] = i.ImageName
	}
	for _, id := range req.list("ImageId") {
		if _, known := names[id]; !known {
			return nil, refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id)
		}
	}
	return ec2List[string, ec2Image]{
		list: "imagesSet", ids: "ImageId", id: "image-id", least: 1, most: 1000,
		filters: func(id string) map[string]string { return map[string]string{"image-id": id, "name": names[id]} },
		item:    func(id string) ec2Image { return ec2Image{id, "available", names[id]} },
	}.describe(req, keep(slices.Sorted(maps.Keys(names)), func(id string) bool { return names[id] != "" }))
}
