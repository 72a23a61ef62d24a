package evidence

import "time"

// Compute is what EC2 and Systems Manager say of one region.
type Compute struct {
	Region string `json:"region"`
	// InstancesRead: Instances are all there are; the other lists are empty where
	// there are no instances (nothing was asked then).
	InstancesRead bool       `json:"instancesRead"`
	Instances     []Instance `json:"instances,omitempty"`

	// Nodes are the nodes that Systems Manager knows, hybrid ones too.
	NodesRead bool      `json:"nodesRead"`
	Nodes     []SSMNode `json:"nodes,omitempty"`
	// DefaultHostManagement is the setting's value: a role name, or empty when it
	// is off; nil when it could not be read.
	DefaultHostManagement *string `json:"defaultHostManagement,omitempty"`
	// Session is SSM-SessionManagerRunShell; nil when it could not be read.
	Session *SessionDocument `json:"session,omitempty"`

	// Read flags: the list is whole. Security groups are those that instances and
	// endpoints use; subnets and route tables those of their VPCs.
	SecurityGroupsRead bool              `json:"securityGroupsRead"`
	SecurityGroups     []SecurityGroup   `json:"securityGroups,omitempty"`
	SubnetsRead        bool              `json:"subnetsRead"`
	Subnets            []Subnet          `json:"subnets,omitempty"`
	RouteTablesRead    bool              `json:"routeTablesRead"`
	RouteTables        []RouteTable      `json:"routeTables,omitempty"`
	EndpointsRead      bool              `json:"endpointsRead"`
	Endpoints          []ConnectEndpoint `json:"endpoints,omitempty"`
	// PrefixLists are the Instance Connect service's two and every other one that a
	// security group or a route names. PrefixListsRead: DescribeManagedPrefixLists answered.
	PrefixListsRead bool         `json:"prefixListsRead"`
	PrefixLists     []PrefixList `json:"prefixLists,omitempty"`
}

// Instance is an EC2 instance.
type Instance struct {
	ID         string             `json:"id"`
	Name       string             `json:"name,omitempty"` // tag Name
	State      string             `json:"state"`          // pending, running, shutting-down, terminated, stopping, stopped
	Windows    bool               `json:"windows,omitempty"`
	Platform   string             `json:"platform,omitempty"` // PlatformDetails
	VPC        string             `json:"vpc,omitempty"`
	Subnet     string             `json:"subnet,omitempty"`
	Profile    string             `json:"profile,omitempty"` // instance profile's ARN
	Image      string             `json:"image,omitempty"`   // ami-…
	ImageName  string             `json:"imageName,omitempty"`
	Interfaces []NetworkInterface `json:"interfaces,omitempty"`
	Calls      []string           `json:"calls"`
}

// NetworkInterface is a network interface of an instance.
type NetworkInterface struct {
	ID             string   `json:"id"`
	Subnet         string   `json:"subnet"`
	VPC            string   `json:"vpc"`
	PrivateIPv4    []string `json:"privateIpv4,omitempty"`
	PublicIPv4     []string `json:"publicIpv4,omitempty"` // associated public and Elastic IP addresses
	IPv6           []string `json:"ipv6,omitempty"`
	SecurityGroups []string `json:"securityGroups,omitempty"` // ids
}

// SSMNode is a managed node.
type SSMNode struct {
	ID         string    `json:"id"`   // i-… or mi-… (hybrid)
	Ping       string    `json:"ping"` // Online, ConnectionLost, Inactive
	LastPing   time.Time `json:"lastPing,omitzero"`
	Agent      string    `json:"agent,omitempty"` // version
	Platform   string    `json:"platform,omitempty"`
	Name       string    `json:"name,omitempty"` // computer name
	IP         string    `json:"ip,omitempty"`   // as its agent reports it
	Hybrid     bool      `json:"hybrid,omitempty"`
	SourceType string    `json:"sourceType,omitempty"`
	Calls      []string  `json:"calls"`
}

// SessionDocument is the region's Session Manager preferences.
type SessionDocument struct {
	Exists    bool   `json:"exists"`
	LogGroup  string `json:"logGroup,omitempty"`  // cloudWatchLogGroupName
	Bucket    string `json:"bucket,omitempty"`    // s3BucketName
	Unparsed  bool   `json:"unparsed,omitempty"`  // its content is not the JSON that was expected
	RunAsUser bool   `json:"runAsUser,omitempty"` // runAsEnabled
}

// SecurityGroup is a security group.
type SecurityGroup struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	VPC     string         `json:"vpc,omitempty"`
	Ingress []SecurityRule `json:"ingress,omitempty"`
	Egress  []SecurityRule `json:"egress,omitempty"`
	Calls   []string       `json:"calls"`
}

// SecurityRule is a rule of a security group: one protocol and port range with
// everything it names.
type SecurityRule struct {
	Protocol    string   `json:"protocol"`           // tcp, udp, icmp, -1 or a number
	FromPort    *int     `json:"fromPort,omitempty"` // nil: all
	ToPort      *int     `json:"toPort,omitempty"`
	CIDRs       []string `json:"cidrs,omitempty"` // IPv4 and IPv6
	PrefixLists []string `json:"prefixLists,omitempty"`
	Groups      []string `json:"groups,omitempty"` // security group ids
}

// Subnet is a subnet.
type Subnet struct {
	ID    string   `json:"id"`
	VPC   string   `json:"vpc"`
	CIDRs []string `json:"cidrs"` // IPv4 and IPv6
}

// RouteTable is a route table.
type RouteTable struct {
	ID      string   `json:"id"`
	VPC     string   `json:"vpc"`
	Main    bool     `json:"main"`
	Subnets []string `json:"subnets,omitempty"` // explicitly associated
	Routes  []Route  `json:"routes"`
}

// Route is an active or blackhole route.
type Route struct {
	Destination string `json:"destination"` // a CIDR, or a prefix list id (pl-…)
	Gateway     string `json:"gateway"`     // igw-…, eigw-…, nat-…, local, tgw-… or another target's id
	State       string `json:"state"`       // active, blackhole
}

// ConnectEndpoint is an EC2 Instance Connect endpoint.
type ConnectEndpoint struct {
	ID               string   `json:"id"`
	State            string   `json:"state"` // create-complete is the available one
	VPC              string   `json:"vpc"`
	Subnet           string   `json:"subnet"`
	PreserveClientIP bool     `json:"preserveClientIp"`
	SecurityGroups   []string `json:"securityGroups,omitempty"`
	Calls            []string `json:"calls"`
}

// PrefixList is a managed prefix list with its entries.
type PrefixList struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	EntriesRead bool     `json:"entriesRead"`
	CIDRs       []string `json:"cidrs,omitempty"`
	Calls       []string `json:"calls"`
}
