package verdict

import (
	"fmt"
	"slices"
	"strings"

	"auditbinder/collect/evidence"
	"auditbinder/report/verdict/iampolicy"
)

// The services that publish to topics.
const (
	eventBridge = "events.amazonaws.com"
	cloudWatch  = "cloudwatch.amazonaws.com"
)

// arn is an ARN taken apart; the zero value for any other text.
type arn struct{ service, region, account, resource string }

func parseARN(text string) arn {
	const parts = 6
	p := strings.SplitN(text, ":", parts)
	if len(p) != parts || p[0] != "arn" {
		return arn{}
	}
	return arn{p[2], p[3], p[4], p[5]}
}

// publisher is a service with what it publishes for: a rule or an alarm of a
// region. A role that it is given stands in place of the topic's policy.
type publisher struct{ service, source, region, role string }

// topic grades an SNS topic at the end of a chain: it is there, the service may
// publish, its key lets it, and somebody has confirmed a subscription.
func (c *chains) topic(text string, by publisher) link {
	at := parseARN(text)
	name := "SNS 주제 " + at.resource
	t, ok := c.topics[text]
	switch {
	case at.region != by.region && by.service == eventBridge:
		return broken(fmt.Sprintf("%s: 규칙의 리전(%s)과 다른 리전(%s)의 주제이므로 규칙의 대상으로 전달되지 않음", name, by.region, at.region))
	case at.account != c.set.Account.ID:
		return uncertain(fmt.Sprintf("다른 계정(%s)의 %s까지는 추적할 수 없음", at.account, name))
	case !ok:
		return c.unread("sns:GetTopicAttributes", at.region, text)
	case t.Missing:
		return broken(name+": 삭제되어 존재하지 않는 주제임", t.Calls...)
	}
	var parts []link
	switch {
	case !t.AttributesRead:
		parts = append(parts, c.unread("sns:GetTopicAttributes", at.region, text))
	case by.role != "":
		parts = append(parts, uncertain(fmt.Sprintf("%s: 대상에 역할(%s)이 지정되어 있어 주제 정책만으로는 게시 여부를 확인할 수 없음", name, roleName(by.role)), t.Calls...))
	default:
		parts = append(parts, c.key(t, name), c.publish(t, name, by))
	}
	if at.region != by.region {
		parts = append(parts, uncertain(fmt.Sprintf("%s: 경보의 리전(%s)과 다른 리전(%s)의 주제이므로 게시 여부의 확인이 필요함", name, by.region, at.region), t.Calls...))
	}
	return inSeries(append(parts, c.subscribers(t, name))...)
}

// roleName is a role's ARN without what all of them share.
func roleName(text string) string {
	return orWord(strings.TrimPrefix(parseARN(text).resource, "role/"), text)
}

// key grades the encryption: no service can use the key that AWS manages for SNS.
func (c *chains) key(t evidence.Topic, name string) link {
	switch {
	case t.KMSKey == "":
		return intact(t.Calls...)
	case t.KMSKey == managedKey || strings.HasSuffix(t.KMSKey, ":"+managedKey):
		return broken(name+": AWS 관리형 키("+managedKey+")로 암호화되어 다른 AWS 서비스가 게시할 수 없음", t.Calls...)
	}
	return uncertain(name+": 고객 관리형 키("+t.KMSKey+")로 암호화되어 있으나 키 정책이 확인되지 않음", t.Calls...)
}

const managedKey = "alias/aws/sns"

func (c *chains) publish(t evidence.Topic, name string, by publisher) link {
	doc, err := iampolicy.Parse(t.Policy)
	if err != nil {
		return uncertain(name+": 정책이 응답에 없거나 해석할 수 없음", t.Calls...)
	}
	access, statements := doc.ServiceAccess(iampolicy.ServiceCall{
		Service: by.service, Action: "sns:Publish", Resource: t.ARN, SourceARN: by.source, Account: c.set.Account.ID,
	})
	switch {
	case access == iampolicy.AccessGranted:
		return intact(t.Calls...)
	case access == iampolicy.AccessDenied:
		return broken(fmt.Sprintf("%s: 정책의 구문 %s에서 %s의 게시(sns:Publish)를 거부함", name, strings.Join(statements, ", "), by.service), t.Calls...)
	case access == iampolicy.AccessUnclear:
		return uncertain(fmt.Sprintf("%s: %s의 게시에 관한 정책 구문 %s의 확인이 필요함", name, by.service, strings.Join(statements, ", ")), t.Calls...)
	}
	return broken(fmt.Sprintf("%s: 정책에 %s의 게시(sns:Publish)를 허용하는 구문이 없음", name, by.service), t.Calls...)
}

// machines are subscribers of which is not seen what they do with a message.
var machines = map[string]string{"lambda": "Lambda", "sqs": "SQS", "firehose": "Firehose"}

// chatHost is where Amazon Q Developer in chat applications subscribes.
const chatHost = "chatbot.amazonaws.com"

// subscribers grades who hears of the topic.
func (c *chains) subscribers(t evidence.Topic, name string) link {
	var blind []string
	pending := 0
	for _, s := range t.Subscriptions {
		kind := machines[s.Protocol]
		if strings.Contains(s.Endpoint, chatHost) {
			kind = "채팅 연동"
		}
		switch {
		case !s.Confirmed:
			pending++
		case kind == "":
			return intact(t.Calls...)
		case !slices.Contains(blind, kind):
			blind = append(blind, kind)
		}
	}
	switch {
	case !t.SubscriptionsRead:
		return c.unread("sns:ListSubscriptionsByTopic", t.Region, t.ARN)
	case len(blind) > 0:
		return uncertain(fmt.Sprintf("%s: 확인된 구독이 %s뿐이어서 사람에게 전달되는지 추적할 수 없음", name, strings.Join(blind, ", ")), t.Calls...)
	case pending > 0:
		return broken(fmt.Sprintf("%s: 구독 %s건이 모두 확인 대기 중임", name, Grouped(pending)), t.Calls...)
	}
	return broken(name+": 구독이 없음", t.Calls...)
}

// targetKinds name what can't be followed, by the service of its ARN.
var targetKinds = map[string]string{
	"lambda": "Lambda 함수", "sqs": "SQS 대기열", "states": "Step Functions 상태 머신", "kinesis": "Kinesis 데이터 스트림",
	"firehose": "Firehose 전송 스트림", "logs": "CloudWatch Logs 로그 그룹", "ssm": "Systems Manager", "ssm-incidents": "Incident Manager 대응 계획",
	"chatbot": "채팅 연동", "notifications": "AWS User Notifications", "execute-api": "API Gateway", "ecs": "ECS 작업", "batch": "Batch 작업",
	"automate": "EC2 조치", "autoscaling": "Auto Scaling 정책", "codebuild": "CodeBuild 프로젝트", "codepipeline": "CodePipeline 파이프라인", "inspector": "Inspector 평가", "redshift": "Redshift",
}

// kind names a target or an alarm's action in Korean.
func (a arn) kind() string {
	name := a.resource[strings.LastIndexAny(a.resource, "/:")+1:]
	switch word := targetKinds[a.service]; {
	case a.service == "sns":
		return "SNS 주제 " + a.resource
	case a.service == "events" && a.resource == defaultBus:
		return a.region + "의 기본 이벤트 버스"
	case a.service == "events" && strings.HasPrefix(a.resource, "event-bus/"):
		return "사용자 지정 이벤트 버스 " + name
	case a.service == "events":
		return "API 대상"
	case a == (arn{}):
		return "식별되지 않는 대상"
	case word != "":
		return word + " " + name
	}
	return a.service + " 자원 " + name
}

const defaultBus = "event-bus/default"
