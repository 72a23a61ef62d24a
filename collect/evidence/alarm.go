package evidence

// LoginClass is a kind of console sign-in.
type LoginClass string

const (
	LoginRoot LoginClass = "root"
	LoginUser LoginClass = "iam-user"
)

// SignInTest is AWS's answer to whether a pattern matches one synthetic event of a
// successful console sign-in (events TestEventPattern, logs TestMetricFilter).
type SignInTest struct {
	Class  LoginClass `json:"class"`
	Region string     `json:"region"` // the event's own region
	MFA    bool       `json:"mfa"`
	Source string     `json:"source"` // the event's source IP address
	Match  bool       `json:"match"`
	Calls  []string   `json:"calls"`
}

// Alarms are the pieces of the chains from a sign-in event to a person: the rules
// of default event buses, metric filters, alarms and SNS topics.
type Alarms struct {
	// Variants are the (MFA, source) pairs that every class and region is tested
	// with; a class is tested when all of them were answered.
	Variants     []SignInVariant  `json:"variants"`
	Rules        []EventRule      `json:"rules"`     // by region, name
	LogGroups    []LogGroup       `json:"logGroups"` // of trails, in the account
	Filters      []MetricFilter   `json:"filters"`   // by region, log group, name
	MetricAlarms []MetricAlarm    `json:"metricAlarms"`
	Composites   []CompositeAlarm `json:"composites"`
	Topics       []Topic          `json:"topics"` // by ARN
}

// SignInVariant is one variant of the synthetic events.
type SignInVariant struct {
	MFA    bool   `json:"mfa"`
	Source string `json:"source"`
}

// EventRule is an EventBridge rule of a default event bus.
type EventRule struct {
	Region    string `json:"region"`
	Name      string `json:"name"`
	ARN       string `json:"arn"`
	State     string `json:"state"` // ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
	ManagedBy string `json:"managedBy,omitempty"`
	Pattern   string `json:"pattern,omitempty"` // empty: a schedule
	// Candidate: the pattern does not plainly name other sources only, so AWS was asked.
	Candidate bool `json:"candidate"`
	// Tests hold the rule's own region, and every region that forwards to its bus.
	Tests       []SignInTest `json:"tests,omitempty"`
	TargetsRead bool         `json:"targetsRead"`
	Targets     []RuleTarget `json:"targets,omitempty"`
	Calls       []string     `json:"calls"`
}

// RuleTarget is a target of a rule.
type RuleTarget struct {
	ID      string `json:"id"`
	ARN     string `json:"arn"`
	RoleARN string `json:"roleArn,omitempty"`
}

// LogGroup is a CloudWatch Logs group that a trail writes to.
type LogGroup struct {
	ARN     string `json:"arn"` // without the trailing :*
	Region  string `json:"region"`
	Account string `json:"account"`
	Name    string `json:"name"`
	// FiltersRead: the region's metric filters were read to the last page.
	FiltersRead bool `json:"filtersRead"`
	// AlarmsRead: the region's alarms were read to the last page, or no filter
	// matches that an alarm could rest on.
	AlarmsRead bool     `json:"alarmsRead"`
	Calls      []string `json:"calls"`
}

// MetricFilter is a metric filter of a region that holds a trail's log group.
type MetricFilter struct {
	Region   string `json:"region"`
	LogGroup string `json:"logGroup"` // name
	Name     string `json:"name"`
	Pattern  string `json:"pattern"`
	// Criteria is a selection by system fields beside the pattern; Transformed: the
	// filter reads transformed logs. Neither is part of the test.
	Criteria    string `json:"criteria,omitempty"`
	Transformed bool   `json:"transformed,omitempty"`
	// Emitted are system fields that every metric of the filter carries as
	// dimensions of their own (@aws.account, @aws.region).
	Emitted []string `json:"emitted,omitempty"`
	// Tests are AWS's answers. Filters of other log groups are tested only when
	// their pattern speaks of ConsoleLogin.
	Tests   []SignInTest   `json:"tests,omitempty"`
	Metrics []FilterMetric `json:"metrics"`
	Calls   []string       `json:"calls"`
}

// FilterMetric is a metric transformation.
type FilterMetric struct {
	Namespace    string   `json:"namespace"`
	Name         string   `json:"name"`
	Value        string   `json:"value"` // "1", or a field such as $.size
	DefaultValue *float64 `json:"defaultValue,omitempty"`
	Dimensions   []string `json:"dimensions,omitempty"`
	Unit         string   `json:"unit,omitempty"` // empty: None
}

// MetricAlarm is a CloudWatch metric alarm.
type MetricAlarm struct {
	Region            string      `json:"region"`
	Name              string      `json:"name"`
	ARN               string      `json:"arn"`
	Namespace         string      `json:"namespace,omitempty"`
	Metric            string      `json:"metric,omitempty"`
	Dimensions        []string    `json:"dimensions,omitempty"` // name=value
	Statistic         string      `json:"statistic,omitempty"`  // Sum, SampleCount, Average, Minimum, Maximum
	ExtendedStatistic string      `json:"extendedStatistic,omitempty"`
	Period            int         `json:"period,omitempty"` // seconds
	EvaluationPeriods int         `json:"evaluationPeriods"`
	DatapointsToAlarm int         `json:"datapointsToAlarm,omitempty"` // 0: all evaluation periods
	Threshold         *float64    `json:"threshold,omitempty"`
	Comparison        string      `json:"comparison,omitempty"` // GreaterThanOrEqualToThreshold …
	TreatMissing      string      `json:"treatMissing,omitempty"`
	Unit              string      `json:"unit,omitempty"` // datapoints of other units are not seen; empty: any
	Math              []MetricRef `json:"math,omitempty"` // metrics of a metric-math alarm
	ActionsEnabled    bool        `json:"actionsEnabled"`
	Actions           []string    `json:"actions,omitempty"` // of the state ALARM
	Calls             []string    `json:"calls"`
}

// MetricRef names a metric that an expression uses.
type MetricRef struct {
	Namespace string `json:"namespace"`
	Metric    string `json:"metric"`
}

// CompositeAlarm is a CloudWatch composite alarm.
type CompositeAlarm struct {
	Region         string   `json:"region"`
	Name           string   `json:"name"`
	ARN            string   `json:"arn"`
	Rule           string   `json:"rule"` // ALARM(name) OR …
	ActionsEnabled bool     `json:"actionsEnabled"`
	Actions        []string `json:"actions,omitempty"`
	Calls          []string `json:"calls"`
}

// Topic is an SNS topic at the end of a chain.
type Topic struct {
	ARN     string `json:"arn"`
	Region  string `json:"region"`
	Account string `json:"account"`
	// Own: the topic belongs to the audited account; others are not asked.
	Own bool `json:"own"`
	// Missing: AWS answered that there is no such topic.
	Missing        bool   `json:"missing,omitempty"`
	AttributesRead bool   `json:"attributesRead"`
	Policy         string `json:"policy,omitempty"` // JSON text
	KMSKey         string `json:"kmsKey,omitempty"` // KmsMasterKeyId as set; empty: not encrypted with KMS
	// SubscriptionsRead: Subscriptions are all there are.
	SubscriptionsRead bool           `json:"subscriptionsRead"`
	Subscriptions     []Subscription `json:"subscriptions,omitempty"`
	Calls             []string       `json:"calls"`
}

// Subscription is one subscription of a topic; a person's address is masked.
type Subscription struct {
	Protocol  string `json:"protocol"` // email, sms, https, lambda, sqs …
	Endpoint  string `json:"endpoint"`
	Confirmed bool   `json:"confirmed"`
}
