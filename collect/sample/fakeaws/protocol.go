package fakeaws

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// protocol is one of AWS's wire formats.
type protocol struct {
	contentType string
	failure     func(status int, code, message, requestID string) answer
	success     func(req Request, requestID string, v any) answer
	// stranger is what a region says that the account has not enabled.
	stranger apiError
}

// reply answers with v, or with err, which is an apiError.
func (p protocol) reply(req Request, id string, v any, err error) answer {
	var e *apiError
	if errors.As(err, &e) {
		return p.failure(e.status, e.code, e.message, id)
	}
	if err != nil {
		panic(err)
	}
	return p.success(req, id, v)
}

// apiError is AWS's refusal of a request.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// refuse is an apiError with the usual status.
func refuse(code, format string, args ...any) error {
	return &apiError{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

const invalidToken = "The security token included in the request is invalid."

// namespaces are those of the query protocol's services.
var namespaces = map[string]string{
	"iam": "https://iam.amazonaws.com/doc/2010-05-08/",
	"sts": "https://sts.amazonaws.com/doc/2011-06-15/",
	"sns": "http://sns.amazonaws.com/doc/2010-03-31/",
}

var (
	// forms are the services that are asked with a form.
	forms = map[string]protocol{"iam": query("iam"), "sts": query("sts"), "sns": query("sns"), "ec2": {
		contentType: "text/xml;charset=UTF-8", success: ec2Result,
		failure: func(status int, code, message, id string) answer {
			return answer{status: status, body: xml.Header + element("Response", ec2Failure{code, message, id}, "")}
		},
		stranger: apiError{http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials"},
	}}
	// REST services name the error in a header only.
	restJSON = protocol{contentType: "application/json", success: jsonResult, failure: func(status int, code, message, _ string) answer {
		a := jsonAnswer(status, map[string]string{"message": message})
		a.header = map[string]string{"X-Amzn-Errortype": code + ":http://internal.amazon.com/coral/com.amazon.coral.service/"}
		return a
	}}
	rpcJSON = protocol{success: jsonResult, failure: func(status int, code, message, _ string) answer {
		return jsonAnswer(status, map[string]string{"__type": code, "message": message})
	}, stranger: apiError{http.StatusBadRequest, "UnrecognizedClientException", invalidToken}}
)

// query is the query protocol as a service speaks it.
func query(service string) protocol {
	return protocol{contentType: "text/xml", success: result, failure: func(status int, code, message, id string) answer {
		return answer{status: status, body: fmt.Sprintf("<ErrorResponse xmlns=%q>\n  <Error>\n    <Type>Sender</Type>\n    <Code>%s</Code>\n    <Message>%s</Message>\n  </Error>\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n",
			namespaces[service], code, message, id)}
	}, stranger: apiError{http.StatusForbidden, "InvalidClientTokenId", invalidToken}}
}

// result wraps a query-protocol result as AWS does.
func result(req Request, id string, v any) answer {
	service, operation, _ := strings.Cut(req.Action, ":")
	return answer{status: http.StatusOK, body: fmt.Sprintf("<%sResponse xmlns=%q>\n%s\n  <ResponseMetadata>\n    <RequestId>%s</RequestId>\n  </ResponseMetadata>\n</%[1]sResponse>\n",
		operation, namespaces[service], element(operation+"Result", v, "  "), id)}
}

func element(name string, v any, indent string) string {
	var b strings.Builder
	enc := xml.NewEncoder(&b)
	enc.Indent(indent, "  ")
	if err := enc.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
		panic(err)
	}
	return b.String()
}

func jsonResult(_ Request, _ string, v any) answer { return jsonAnswer(http.StatusOK, v) }

func jsonAnswer(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return answer{status: status, body: string(body)}
}

// object answers a JSON object of one member, or fields itself when name is empty.
func object(name string, fields any) answer {
	if name != "" {
		fields = map[string]any{name: fields}
	}
	return jsonAnswer(http.StatusOK, fields)
}

// given drops the members that AWS leaves out when they are not set.
func given(members map[string]any) map[string]any {
	maps.DeleteFunc(members, func(_ string, v any) bool {
		value := reflect.ValueOf(v)
		return !value.IsValid() || value.Kind() != reflect.Bool && value.IsZero()
	})
	return members
}

// epoch is a time in the JSON protocols; nil when there is none.
func epoch(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return float64(t.UnixMilli()) / 1000
}

// each converts a list; the result is never nil, so that JSON shows an empty one.
func each[T, X any](list []T, convert func(T) X) []X {
	out := make([]X, 0, len(list))
	for _, v := range list {
		out = append(out, convert(v))
	}
	return out
}

// keep returns the members of a list that pass.
func keep[T any](list []T, pass func(T) bool) []T {
	var out []T
	for _, v := range list {
		if pass(v) {
			out = append(out, v)
		}
	}
	return out
}

// paging names a service's parameters of pages and its errors about them.
var paging = map[string]struct{ size, token, badSize, badToken string }{
	"iam":        {"MaxItems", "Marker", "ValidationError", "ValidationError"},
	"ec2":        {"MaxResults", "NextToken", "InvalidParameterValue", "InvalidNextToken"},
	"ssm":        {"MaxResults", "NextToken", "ValidationException", "InvalidNextToken"},
	"events":     {"Limit", "NextToken", "ValidationException", "ValidationException"},
	"sns":        {"", "NextToken", "", "InvalidParameter"},
	"logs":       {"limit", "nextToken", "InvalidParameterException", "InvalidParameterException"},
	"cloudwatch": {"MaxRecords", "NextToken", "ValidationException", "InvalidNextToken"},
	"cloudtrail": {"MaxResults", "NextToken", "InvalidMaxResultsException", "InvalidNextTokenException"},
}

// paged returns the page that was asked for and the token of the next. Its size
// must be between least and most; usual is the size when none is asked for.
func paged[T any](req Request, list []T, least, most, usual int) ([]T, string, error) {
	service, _, _ := strings.Cut(req.Action, ":")
	names := paging[service]
	size, start := usual, 0
	var err error
	if text := req.param(names.size); text != "" {
		if size, err = strconv.Atoi(text); err != nil || size < least || size > most {
			return nil, "", refuse(names.badSize, "%s must be between %d and %d", names.size, least, most)
		}
	}
	if text := req.param(names.token); text != "" {
		number, ok := strings.CutPrefix(text, "page-")
		if start, err = strconv.Atoi(number); !ok || err != nil || start < 0 || start > len(list) {
			return nil, "", refuse(names.badToken, "Invalid %s", names.token)
		}
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], "page-" + strconv.Itoa(end), nil
}
