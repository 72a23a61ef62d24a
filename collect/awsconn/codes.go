package awsconn

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/aws/smithy-go"
)

// Transport error codes; docs/bundle-format.md section 3 explains them.
const (
	codeEmptyBody         = "EmptyBody"
	codeTruncatedBody     = "TruncatedBody"
	codeMalformedBody     = "MalformedBody"
	codeBodyTooLarge      = "BodyTooLarge"
	codeRequestTimeout    = "RequestTimeout"
	codeRunTimeout        = "RunTimeout"
	codeConnectionReset   = "ConnectionReset"
	codeConnectionRefused = "ConnectionRefused"
	codeHostNotFound      = "HostNotFound"
	codeTLSError          = "TLSError"
	codeCredentials       = "CredentialsError"
	codeCanceled          = "Canceled"
	codeSendError         = "SendError"
	codeNotRecorded       = "NotRecorded"
)

var transportCodes = map[string]bool{
	codeEmptyBody: true, codeTruncatedBody: true, codeMalformedBody: true, codeBodyTooLarge: true,
	codeRequestTimeout: true, codeRunTimeout: true, codeConnectionReset: true, codeConnectionRefused: true,
	codeHostNotFound: true, codeTLSError: true, codeCredentials: true, codeCanceled: true, codeSendError: true, codeNotRecorded: true,
}

// unsentCodes may stand for a call of which nothing was sent.
var unsentCodes = map[string]bool{codeRunTimeout: true, codeCanceled: true, codeCredentials: true, codeSendError: true}

// deniedCodes are AWS's words for a caller without the permission: the services'
// own, and that of the errors common to all query APIs.
var deniedCodes = map[string]bool{
	"AccessDenied": true, "AccessDeniedException": true, "UnauthorizedOperation": true, "AuthorizationError": true, "AuthorizationErrorException": true,
	"NotAuthorized": true,
}

// Denied reports whether the code says that the caller may not do what was asked.
func Denied(code string) bool { return deniedCodes[code] }

// Unrepeatable reports whether a replay that fails with the code replayed had no
// way to repeat the stored failure: it left no exchange, or the run's time was
// up between two attempts.
func Unrepeatable(stored, replayed string) bool {
	return replayed == codeNotRecorded && unsentCodes[stored] || stored == codeRunTimeout
}

var finalCodes = map[string]bool{codeRunTimeout: true, codeCanceled: true, codeBodyTooLarge: true, codeNotRecorded: true}

// wireError is what the transport says of an exchange that gave no usable body.
type wireError struct {
	code string
	err  error
}

func (e *wireError) Error() string        { return e.code + ": " + e.err.Error() }
func (e *wireError) Unwrap() error        { return e.err }
func (e *wireError) RetryableError() bool { return !finalCodes[e.code] }

// codeOf names the error of an SDK call that was sent.
func codeOf(err error) string {
	var wire *wireError
	if errors.As(err, &wire) {
		return wire.code
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		if code := api.ErrorCode(); code != "" && code != "UnknownError" {
			return code
		}
		return codeMalformedBody // the SDK's word for an error answer that names none
	}
	var parse *smithy.DeserializationError
	if errors.As(err, &parse) {
		return codeMalformedBody
	}
	switch {
	case errors.Is(err, context.Canceled):
		return codeCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return codeRunTimeout
	}
	return codeSendError
}

// unsentCode names the error of a call of which nothing was sent. Codes inside
// err are those of the credential provider's own calls (SSO knows a
// ResourceNotFoundException too) and say nothing about this one.
func unsentCode(run context.Context, err error) string {
	switch {
	case errors.Is(run.Err(), context.Canceled):
		return codeCanceled
	case run.Err() != nil:
		return codeRunTimeout
	}
	// The signing steps report a failed provider without a typed error.
	if text := err.Error(); strings.Contains(text, "credentials") || strings.Contains(text, "get identity") {
		return codeCredentials
	}
	return codeSendError
}

// sendCode names the error of a request that got no answer. run is the caller's
// context: its end is the run's, not the attempt's.
func sendCode(run context.Context, err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(run.Err(), context.Canceled):
		return codeCanceled
	case run.Err() != nil:
		return codeRunTimeout
	case errors.Is(err, context.DeadlineExceeded):
		return codeRequestTimeout
	case errors.As(err, &dns):
		return codeHostNotFound
	case errors.As(err, &cert), isTLS(err):
		return codeTLSError
	case errors.Is(err, syscall.ECONNREFUSED):
		return codeConnectionRefused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), strings.HasSuffix(err.Error(), "EOF"):
		return codeConnectionReset
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return codeRequestTimeout
	}
	return codeSendError
}

// isTLS reports a failed handshake. crypto/tls keeps most of these types to
// itself; its errors all begin alike.
func isTLS(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "x509: ")
}
