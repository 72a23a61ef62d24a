package awsconn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"auditbinder/collect/evidence"
)

// sourceJudge tells where answers come from (design: aws, intercepted, custom).
type sourceJudge struct {
	endpointSet bool // an endpoint is configured for a service that is asked
	caBundle    bool // a CA bundle is configured
	roots       map[string]bool
	services    map[string]bool   // the asked ones as their hosts begin
	endpoints   map[string]string // service-specific ones, by SDK id
}

func newSourceJudge(ctx context.Context, cfg aws.Config, o Options) (*sourceJudge, error) {
	j := &sourceJudge{endpointSet: cfg.BaseEndpoint != nil, roots: map[string]bool{}, services: map[string]bool{}, endpoints: map[string]string{}}
	// Ignored endpoint settings are not in force; the host still tells.
	ignored, _, err := config.GetIgnoreConfiguredEndpoints(ctx, cfg.ConfigSources)
	if err != nil {
		return nil, fmt.Errorf("read whether endpoint settings are ignored: %w", err)
	}
	for _, r := range o.AmazonRoots {
		j.roots[strings.ToLower(r)] = true
	}
	for _, id := range o.ServiceIDs {
		j.services[hostLabel(id)] = true
	}
	for _, source := range cfg.ConfigSources {
		switch s := source.(type) {
		case config.EnvConfig:
			j.caBundle = j.caBundle || s.CustomCABundle != ""
			j.endpointSet = j.endpointSet || !ignored && s.BaseEndpoint != ""
		case config.SharedConfig:
			j.caBundle = j.caBundle || s.CustomCABundle != ""
			j.endpointSet = j.endpointSet || !ignored && s.BaseEndpoint != ""
		}
		finder, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok || ignored {
			continue
		}
		for _, id := range o.ServiceIDs {
			endpoint, found, err := finder.GetServiceBaseEndpoint(ctx, id)
			if err != nil {
				return nil, fmt.Errorf("read endpoint settings of %s: %w", id, err)
			}
			j.endpointSet = j.endpointSet || found
			if found && j.endpoints[id] == "" { // the first source wins
				j.endpoints[id] = endpoint
			}
		}
	}
	return j, nil
}

// awsHost is a service's host in AWS's public partitions. Others under the same
// domains hold what customers put there (API Gateway, S3), and the SDK takes any
// host name for a region.
var awsHost = regexp.MustCompile(`^([a-z][a-z0-9]*)(?:-fips)?(?:\.(?:global|us-gov|[a-z]+(?:-[a-z]+)+-[0-9]+))?` +
	`\.(?:amazonaws\.com|api\.aws|amazonaws\.com\.cn|api\.amazonwebservices\.com\.cn|amazonaws\.eu|api\.amazonwebservices\.eu)$`)

// hostLabel is the word that a service's hosts begin with.
func hostLabel(serviceID string) string {
	if serviceID == "CloudWatch" {
		return "monitoring"
	}
	return servicePrefix(serviceID)
}

// source judges one exchange; resp is nil when there was no answer.
func (j *sourceJudge) source(req *http.Request, resp *http.Response) evidence.Source {
	redirected := false // AWS does not; whoever does picks what is answered
	if resp != nil && resp.Request != nil {
		req, redirected = resp.Request, resp.Request.Response != nil
	}
	host := awsHost.FindStringSubmatch(strings.ToLower(req.URL.Hostname()))
	if j.endpointSet || redirected || host == nil || !j.services[host[1]] || req.URL.Scheme != "https" || resp != nil && resp.TLS == nil {
		return evidence.SourceCustom
	}
	if j.caBundle || resp != nil && !j.amazonRoot(resp) {
		return evidence.SourceIntercepted
	}
	return evidence.SourceAWS
}

// settings is what the configuration alone says, for exchanges not seen on the wire.
func (j *sourceJudge) settings() evidence.Source {
	switch {
	case j.endpointSet:
		return evidence.SourceCustom
	case j.caBundle:
		return evidence.SourceIntercepted
	}
	return evidence.SourceAWS
}

// amazonRoot reports whether a verified chain of the peer ends in a known root.
func (j *sourceJudge) amazonRoot(resp *http.Response) bool {
	for _, chain := range resp.TLS.VerifiedChains {
		for _, cert := range chain {
			sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
			if cert.IsCA && j.roots[hex.EncodeToString(sum[:])] {
				return true
			}
		}
	}
	return false
}
