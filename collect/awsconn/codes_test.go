package awsconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/aws/smithy-go"
)

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func quiet(s *httptest.Server) { s.Config.ErrorLog = log.New(io.Discard, "", 0) }

func TestSendCode(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	quiet(secure)
	secure.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	aborting := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer aborting.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	defer refusing.Close()
	closed := closedPort(t)

	get := func(target string, tr *http.Transport) error {
		defer tr.CloseIdleConnections()
		resp, err := (&http.Client{Transport: tr}).Get(target)
		if err == nil {
			resp.Body.Close()
			t.Fatalf("%s answered", target)
		}
		return err
	}
	proxy := func(address string) *http.Transport {
		u := &url.URL{Scheme: "http", Host: address}
		return &http.Transport{Proxy: http.ProxyURL(u)}
	}
	trusting := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}}
	post := func(err error) error { return &url.Error{Op: "Post", URL: "https://iam.amazonaws.com/", Err: err} }
	dial := func(err error) error { return post(&net.OpError{Op: "dial", Net: "tcp", Err: err}) }

	tests := []struct {
		name string
		err  error
		want string
	}{
		{"host not found", dial(&net.DNSError{Err: "no such host", Name: "iam.amazonaws.com", IsNotFound: true}), codeHostNotFound},
		{"name server silent", dial(&net.DNSError{Err: "i/o timeout", Name: "iam.amazonaws.com", IsTimeout: true}), codeHostNotFound},
		{"connection refused", get("http://"+closed, &http.Transport{}), codeConnectionRefused},
		{"unknown authority", get(secure.URL, &http.Transport{}), codeTLSError},
		{"certificate of another host", get(secure.URL, &http.Transport{TLSClientConfig: &tls.Config{
			RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "iam.amazonaws.com"}}), codeTLSError},
		{"no common TLS version", get(secure.URL, trusting), codeTLSError},
		{"plain HTTP where TLS is due", get("https://"+plain.Listener.Addr().String(), &http.Transport{}), codeTLSError},
		{"closed without an answer", get(aborting.URL, &http.Transport{}), codeConnectionReset},
		{"proxy refused", get("http://iam.invalid/", proxy(closed)), codeConnectionRefused},
		{"proxy refused under TLS", get("https://iam.invalid/", proxy(closed)), codeConnectionRefused},
		{"proxy wants a password", get("https://iam.invalid/", proxy(refusing.Listener.Addr().String())), codeSendError},
		{"proxy not found", post(&net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Name: "proxy", IsNotFound: true}}}), codeHostNotFound},
		{"attempt's time is up", post(context.DeadlineExceeded), codeRequestTimeout},
		{"dial timeout", dial(timeoutError{}), codeRequestTimeout},
		{"broken in the middle", post(io.ErrUnexpectedEOF), codeConnectionReset},
		{"anything else", post(errors.New("some news")), codeSendError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := sendCode(context.Background(), test.err); got != test.want {
				t.Errorf("%v is %s, want %s", test.err, got, test.want)
			}
		})
	}

	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	expired, cancelExpired := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancelExpired()
	for _, test := range tests { // the run's end explains every error
		if got := sendCode(canceled, test.err); got != codeCanceled {
			t.Errorf("%s in a canceled run is %s", test.name, got)
		}
		if got := sendCode(expired, test.err); got != codeRunTimeout {
			t.Errorf("%s after the run's time is %s", test.name, got)
		}
	}
	for _, test := range []struct {
		name string
		run  context.Context
		err  error
		want string
	}{
		{"provider failed with a code of its own", context.Background(), fmt.Errorf("get identity: %w", &smithy.GenericAPIError{Code: "ResourceNotFoundException"}), codeCredentials},
		{"provider timed out by itself", context.Background(), fmt.Errorf("get identity: get credentials: %w", context.DeadlineExceeded), codeCredentials},
		{"run over before the provider answered", expired, fmt.Errorf("get identity: %w", context.DeadlineExceeded), codeRunTimeout},
		{"canceled in the provider", canceled, fmt.Errorf("get identity: %w", context.Canceled), codeCanceled},
		{"no endpoint", context.Background(), errors.New("not found, ResolveEndpointV2"), codeSendError},
	} {
		if got := unsentCode(test.run, test.err); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

func TestCodeOf(t *testing.T) {
	wire := &wireError{code: codeEmptyBody, err: io.EOF}
	denied := &smithy.GenericAPIError{Code: "AccessDenied"}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"AWS's code", &smithy.OperationError{Err: denied}, "AccessDenied"},
		{"an error answer without a code", &smithy.GenericAPIError{Code: "UnknownError"}, codeMalformedBody},
		{"the transport's code", &smithy.OperationError{Err: wire}, codeEmptyBody},
		{"the transport's under a last wait", errors.Join(wire, errOperationTimeout), codeEmptyBody},
		{"AWS's under a last wait", errors.Join(denied, context.DeadlineExceeded), "AccessDenied"},
		{"unreadable", &smithy.DeserializationError{Err: io.EOF}, codeMalformedBody},
		{"run over", &smithy.CanceledError{Err: context.DeadlineExceeded}, codeRunTimeout},
		{"canceled", &smithy.CanceledError{Err: context.Canceled}, codeCanceled},
		{"anything else", errors.New("news about credentials"), codeSendError},
	} {
		if got := codeOf(test.err); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestOnlyFinalCodesAreNotRetried(t *testing.T) {
	for code := range transportCodes {
		want := code != codeRunTimeout && code != codeCanceled && code != codeBodyTooLarge && code != codeNotRecorded
		if got := (&wireError{code: code}).RetryableError(); got != want {
			t.Errorf("%s retryable = %t", code, got)
		}
	}
}
