package verdict

import (
	"strings"
	"testing"

	"auditbinder/collect/evidence"
)

func TestTopic(t *testing.T) {
	subscribed := func(list ...evidence.Subscription) func(*evidence.Topic) {
		return func(x *evidence.Topic) { x.Subscriptions = list }
	}
	keyed := func(key string) func(*evidence.Topic) { return func(x *evidence.Topic) { x.KMSKey = key } }
	ruled := func(policy string) func(*evidence.Topic) { return func(x *evidence.Topic) { x.Policy = policy } }
	email := evidence.Subscription{Protocol: "email", Endpoint: "s***@example.com", Confirmed: true}
	pending := evidence.Subscription{Protocol: "email", Endpoint: "t***@example.com"}
	lambda := evidence.Subscription{Protocol: "lambda", Endpoint: "arn:aws:lambda:us-east-1:123456789012:function:f", Confirmed: true}
	chat := evidence.Subscription{Protocol: "https", Endpoint: "https://global.sns-api.chatbot.amazonaws.com/…", Confirmed: true}
	byDefault := `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Publish"],"Resource":"` + topicOf(regionVirginia) +
		`","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}`
	granted := publishers(topicOf(regionVirginia))
	denied := strings.TrimSuffix(granted, "]}") + `,{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"`
	tests := []struct {
		name   string
		change func(*evidence.Topic)
		want   grade
		why    string
	}{
		{"all as it should be", func(*evidence.Topic) {}, gradeComplete, ""},
		{"deleted", func(x *evidence.Topic) { x.Missing = true }, gradeBroken, "SNS 주제 login: 삭제되어 존재하지 않는 주제임"},
		{"attributes unread", func(x *evidence.Topic) { x.AttributesRead, x.Policy = false, "" }, gradeUnknown, "sns:GetTopicAttributes(" + topicOf(regionVirginia) + ", us-east-1)"},
		{"attributes unread and nobody subscribed", func(x *evidence.Topic) { x.AttributesRead, x.Subscriptions = false, nil }, gradeBroken, "구독이 없음"},
		{"subscriptions unread", func(x *evidence.Topic) { x.SubscriptionsRead, x.Subscriptions = false, nil }, gradeUnknown, "sns:ListSubscriptionsByTopic(" + topicOf(regionVirginia) + ", us-east-1)"},
		{"subscriptions unread beyond a confirmed one", func(x *evidence.Topic) { x.SubscriptionsRead = false }, gradeComplete, ""},
		{"nobody subscribed", subscribed(), gradeBroken, "SNS 주제 login: 구독이 없음"},
		{"subscription pending", subscribed(pending, pending), gradeBroken, "구독 2건이 모두 확인 대기 중임"},
		{"a confirmed one beside a pending one", subscribed(pending, email), gradeComplete, ""},
		{"only Lambda subscribed", subscribed(lambda, pending), gradeInterview, "확인된 구독이 Lambda뿐이어서"},
		{"only a chat subscribed", subscribed(chat, lambda), gradeInterview, "확인된 구독이 채팅 연동, Lambda뿐이어서"},
		{"a person beside Lambda", subscribed(lambda, email), gradeComplete, ""},
		{"AWS managed key", keyed("alias/aws/sns"), gradeBroken, "AWS 관리형 키(alias/aws/sns)로 암호화되어"},
		{"AWS managed key by ARN", keyed("arn:aws:kms:us-east-1:123456789012:alias/aws/sns"), gradeBroken, "AWS 관리형 키"},
		{"customer key", keyed("arn:aws:kms:us-east-1:123456789012:key/1"), gradeInterview, "키 정책이 확인되지 않음"},
		{"alias that ends alike", keyed("alias/our-alias/aws/sns"), gradeInterview, "키 정책이 확인되지 않음"},
		{"policy without EventBridge", ruled(byDefault), gradeBroken, "정책에 events.amazonaws.com의 게시(sns:Publish)를 허용하는 구문이 없음"},
		{"policy that denies", ruled(denied + "}]}"), gradeBroken, "정책의 구문 Shut에서 events.amazonaws.com의 게시(sns:Publish)를 거부함"},
		{"policy that denies without TLS", ruled(denied + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`), gradeComplete, ""},
		{"policy with a condition not understood", ruled(denied + `,"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}]}`), gradeInterview, "정책 구문 Shut(StringEquals aws:SourceVpc vpc-1)의 확인이 필요함"},
		{"no policy", ruled(""), gradeInterview, "정책이 응답에 없거나"},
		{"broken policy", ruled("{"), gradeInterview, "해석할 수 없음"},
		{"key and subscription at once", func(x *evidence.Topic) { x.KMSKey, x.Subscriptions = "alias/aws/sns", nil }, gradeBroken, "게시할 수 없음, SNS 주제 login: 구독이 없음"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := watchSet()
			x := topicIn(regionVirginia)
			tt.change(&x)
			set.Alarms.Topics = []evidence.Topic{x}
			got := newChains(Input{Evidence: set}).topic(x.ARN, publisher{eventBridge, ruleOf(regionVirginia), regionVirginia, ""})
			if got.grade != tt.want || !strings.Contains(got.why(), tt.why) || tt.why == "" && got.why() != "" {
				t.Errorf("grade %d (%s), want %d, %q", got.grade, got.why(), tt.want, tt.why)
			}
		})
	}
	of := func(set *evidence.Set, arn, service, region, role string) link {
		return newChains(Input{Evidence: set}).topic(arn, publisher{service, "arn:source", region, role})
	}
	set := watchSet()
	if got := of(set, topicOf(regionVirginia), eventBridge, regionVirginia, ""); got.grade != gradeUnknown || !strings.Contains(got.why(), "수집되지 않음") {
		t.Errorf("a topic that was not asked: %d (%s)", got.grade, got.why())
	}
	foreign := strings.Replace(topicOf(regionVirginia), auditee, foreigner, 1)
	if got := of(set, foreign, eventBridge, regionVirginia, ""); got.grade != gradeInterview || !strings.Contains(got.why(), "다른 계정(210987654321)의 SNS 주제 login") {
		t.Errorf("another account's topic: %d (%s)", got.grade, got.why())
	}
	x := topicIn(regionVirginia)
	x.Policy = byDefault
	set.Alarms.Topics = []evidence.Topic{x}
	if got := of(set, x.ARN, eventBridge, regionVirginia, "arn:role"); got.grade != gradeInterview || !strings.Contains(got.why(), "역할(arn:role)이 지정되어 있어") {
		t.Errorf("published through a role: %d (%s)", got.grade, got.why())
	}
	if got := of(set, x.ARN, cloudWatch, regionVirginia, ""); got.grade != gradeComplete {
		t.Errorf("an alarm under SNS's default policy: %d (%s)", got.grade, got.why())
	}
}

func TestTargetKind(t *testing.T) {
	for text, want := range map[string]string{
		topicOf(regionVirginia): "SNS 주제 login", busOf(regionVirginia): "us-east-1의 기본 이벤트 버스",
		"arn:aws:events:us-east-1:123456789012:event-bus/sec": "사용자 지정 이벤트 버스 sec", "arn:aws:events:us-east-1:123456789012:api-destination/x/1": "API 대상",
		"arn:aws:states:us-east-1:123456789012:stateMachine:m": "Step Functions 상태 머신 m", "arn:aws:automate:us-east-1:ec2:stop": "EC2 조치 stop", "arn:short": "식별되지 않는 대상", "": "식별되지 않는 대상",
		"arn:aws:new:us-east-1:123456789012:a/b": "new 자원 b",
	} {
		if got := parseARN(text).kind(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
