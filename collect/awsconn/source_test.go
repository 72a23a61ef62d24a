package awsconn

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

var serviceIDs = []string{
	sts.ServiceID, iam.ServiceID, account.ServiceID, organizations.ServiceID, signin.ServiceID, ec2.ServiceID, ssm.ServiceID,
	cloudtrail.ServiceID, eventbridge.ServiceID, sns.ServiceID, cloudwatchlogs.ServiceID, cloudwatch.ServiceID,
}

// write puts text into a file of its own and returns its path.
func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettingsTellTheSource(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	quiet(server)
	server.StartTLS()
	defer server.Close()
	bundle := write(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	const local = "http://127.0.0.1:4566"
	tests := []struct {
		name    string
		env     map[string]string
		profile string
		want    evidence.Source
	}{
		{"nothing configured", nil, "", evidence.SourceAWS},
		{"AWS_ENDPOINT_URL", map[string]string{"AWS_ENDPOINT_URL": local}, "", evidence.SourceCustom},
		{"AWS_ENDPOINT_URL of a true host", map[string]string{"AWS_ENDPOINT_URL": "https://iam.amazonaws.com"}, "", evidence.SourceCustom},
		{"AWS_ENDPOINT_URL_IAM", map[string]string{"AWS_ENDPOINT_URL_IAM": local}, "", evidence.SourceCustom},
		{"AWS_ENDPOINT_URL_STS", map[string]string{"AWS_ENDPOINT_URL_STS": local}, "", evidence.SourceCustom},
		{"endpoint of a service that is not asked", map[string]string{"AWS_ENDPOINT_URL_S3": local}, "", evidence.SourceAWS},
		{"empty endpoint", map[string]string{"AWS_ENDPOINT_URL": ""}, "", evidence.SourceAWS},
		{"profile's endpoint_url", nil, "endpoint_url = " + local, evidence.SourceCustom},
		{"profile's services section", nil, "services = bench\n[services bench]\niam =\n  endpoint_url = " + local, evidence.SourceCustom},
		{"services section of a service that is not asked", nil, "services = bench\n[services bench]\ns3 =\n  endpoint_url = " + local, evidence.SourceAWS},
		{"ignored by the environment", map[string]string{"AWS_ENDPOINT_URL": local, "AWS_ENDPOINT_URL_IAM": local, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "endpoint_url = " + local, evidence.SourceAWS},
		{"ignored by the profile", map[string]string{"AWS_ENDPOINT_URL": local}, "ignore_configured_endpoint_urls = true", evidence.SourceAWS},
		{"not ignored", map[string]string{"AWS_ENDPOINT_URL": local, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}, "", evidence.SourceCustom},
		{"AWS_CA_BUNDLE", map[string]string{"AWS_CA_BUNDLE": bundle}, "", evidence.SourceIntercepted},
		{"profile's ca_bundle", nil, "ca_bundle = " + bundle, evidence.SourceIntercepted},
		{"CA bundle and endpoint", map[string]string{"AWS_CA_BUNDLE": bundle, "AWS_ENDPOINT_URL": local}, "", evidence.SourceCustom},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fakeaws.Environment(t.Setenv, "")
			for key, value := range test.env {
				t.Setenv(key, value)
			}
			if test.profile != "" {
				t.Setenv("AWS_CONFIG_FILE", write(t, "[profile audit]\n"+test.profile+"\n"))
				t.Setenv("AWS_PROFILE", "audit")
			}
			cfg, err := config.LoadDefaultConfig(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			j, err := newSourceJudge(context.Background(), cfg, Options{ServiceIDs: serviceIDs})
			if err != nil {
				t.Fatal(err)
			}
			if got := j.settings(); got != test.want {
				t.Errorf("source %s, want %s", got, test.want)
			}
		})
	}
}

// spki is the digest by which a root is known.
func spki(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

func TestExchangesTellTheSource(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, "https://"+to+"/", http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	root := server.Certificate()
	pool := x509.NewCertPool()
	pool.AddCert(root)
	// Every host is the test server, whose certificate is good for example.com.
	tr := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "example.com"},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr}

	fakeaws.Environment(t.Setenv, "")
	judge := func(roots ...string) *sourceJudge {
		j, err := newSourceJudge(context.Background(), aws.Config{}, Options{ServiceIDs: serviceIDs, AmazonRoots: roots})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	amazon, inspected, caBundle, endpoint := judge(spki(root)), judge(), judge(spki(root)), judge(spki(root))
	caBundle.caBundle, endpoint.endpointSet = true, true
	tests := []struct {
		name  string
		judge *sourceJudge
		url   string
		want  evidence.Source
	}{
		{"AWS", amazon, "https://iam.amazonaws.com/", evidence.SourceAWS},
		{"capital letters", amazon, "https://IAM.AmazonAWS.com/", evidence.SourceAWS},
		{"api.aws", amazon, "https://signin.us-east-1.api.aws/", evidence.SourceAWS},
		{"China", amazon, "https://iam.cn-north-1.amazonaws.com.cn/", evidence.SourceAWS},
		{"European sovereign cloud", amazon, "https://iam.eusc-de-east-1.amazonaws.eu/", evidence.SourceAWS},
		{"chain to a root that is not Amazon's", inspected, "https://iam.amazonaws.com/", evidence.SourceIntercepted},
		{"CA bundle", caBundle, "https://iam.amazonaws.com/", evidence.SourceIntercepted},
		{"endpoint configured", endpoint, "https://iam.amazonaws.com/", evidence.SourceCustom},
		{"another host", amazon, "https://iam.gasang.example/", evidence.SourceCustom},
		{"a host that looks like AWS", amazon, "https://iam.amazonaws.com.evil.example/", evidence.SourceCustom},
		{"a domain that ends alike", amazon, "https://evilamazonaws.com/", evidence.SourceCustom},
		{"the bare domain", amazon, "https://amazonaws.com/", evidence.SourceCustom},
		{"an address", amazon, "https://127.0.0.1/", evidence.SourceCustom},
		{"redirected away", amazon, "https://iam.amazonaws.com/?to=elsewhere.example", evidence.SourceCustom},
		{"redirected within AWS", amazon, "https://iam.amazonaws.com/?to=sts.amazonaws.com", evidence.SourceCustom},
		{"redirected back to AWS", amazon, "https://elsewhere.example/?to=iam.amazonaws.com", evidence.SourceCustom},
		{"a customer's API Gateway", amazon, "https://a1b2c3.execute-api.ap-northeast-2.amazonaws.com/", evidence.SourceCustom},
		{"a customer's dual-stack API Gateway", amazon, "https://a1b2c3.execute-api.ap-northeast-2.api.aws/", evidence.SourceCustom},
		{"a customer's bucket", amazon, "https://iam.s3.amazonaws.com/", evidence.SourceCustom},
		{"a customer's bucket under an old name", amazon, "https://iam.s3-ap-northeast-2.amazonaws.com/", evidence.SourceCustom},
		{"buckets by path", amazon, "https://s3.ap-northeast-2.amazonaws.com/", evidence.SourceCustom},
		{"a customer's load balancer", amazon, "https://iam-1.ap-northeast-2.elb.amazonaws.com/", evidence.SourceCustom},
		{"a customer's instance", amazon, "https://ec2-203-0-113-5.ap-northeast-2.compute.amazonaws.com/", evidence.SourceCustom},
		{"a customer's endpoint service", amazon, "https://sts.vpce-svc-1.ap-northeast-2.vpce.amazonaws.com/", evidence.SourceCustom},
		{"a region that is a host", amazon, "https://sts.execute-api.ap-northeast-2.amazonaws.com/", evidence.SourceCustom},
		{"a service that is not asked", amazon, "https://rds.ap-northeast-2.amazonaws.com/", evidence.SourceCustom},
		{"a dot at the end", amazon, "https://iam.amazonaws.com./", evidence.SourceCustom},
		{"a user before the host", amazon, "https://iam.amazonaws.com@elsewhere.example/", evidence.SourceCustom},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodGet, test.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := test.judge.source(req, resp); got != test.want {
				t.Errorf("source %s, want %s", got, test.want)
			}
		})
	}
	for address, want := range map[string]evidence.Source{
		"https://iam.amazonaws.com/": evidence.SourceAWS, "http://iam.amazonaws.com/": evidence.SourceCustom, "https://localhost/": evidence.SourceCustom,
	} {
		req, _ := http.NewRequest(http.MethodGet, address, nil)
		if got := amazon.source(req, nil); got != want {
			t.Errorf("%s without an answer is %s, want %s", address, got, want)
		}
		if got := amazon.source(req, &http.Response{}); got != evidence.SourceCustom {
			t.Errorf("%s answered without TLS is %s", address, got)
		}
	}
}

// hosts notes which hosts clients would ask, and sends nothing.
type hosts map[string]bool

func (h hosts) Do(req *http.Request) (*http.Response, error) {
	h[req.URL.Hostname()] = true
	return nil, errors.New("not sent")
}

// Every host that the SDK's rules give for what is asked counts as AWS's.
func TestHostsOfTheSDKAreAWS(t *testing.T) {
	ask := map[string]func(context.Context, aws.Config) error{
		"sts": func(ctx context.Context, c aws.Config) error {
			return asking(sts.NewFromConfig(c).GetCallerIdentity(ctx, nil))
		},
		"iam": func(ctx context.Context, c aws.Config) error {
			return asking(iam.NewFromConfig(c).GetAccountSummary(ctx, nil))
		},
		"account": func(ctx context.Context, c aws.Config) error {
			return asking(account.NewFromConfig(c).GetContactInformation(ctx, nil))
		},
		"organizations": func(ctx context.Context, c aws.Config) error {
			return asking(organizations.NewFromConfig(c).DescribeOrganization(ctx, nil))
		},
		"signin": func(ctx context.Context, c aws.Config) error {
			return asking(signin.NewFromConfig(c).GetResourcePolicy(ctx, nil))
		},
		"ec2": func(ctx context.Context, c aws.Config) error {
			return asking(ec2.NewFromConfig(c).DescribeRegions(ctx, nil))
		},
		"ssm": func(ctx context.Context, c aws.Config) error {
			return asking(ssm.NewFromConfig(c).DescribeInstanceInformation(ctx, nil))
		},
		"cloudtrail": func(ctx context.Context, c aws.Config) error {
			return asking(cloudtrail.NewFromConfig(c).DescribeTrails(ctx, nil))
		},
		"events": func(ctx context.Context, c aws.Config) error {
			return asking(eventbridge.NewFromConfig(c).ListRules(ctx, nil))
		},
		"sns": func(ctx context.Context, c aws.Config) error {
			return asking(sns.NewFromConfig(c).ListTopics(ctx, nil))
		},
		"logs": func(ctx context.Context, c aws.Config) error {
			return asking(cloudwatchlogs.NewFromConfig(c).DescribeMetricFilters(ctx, nil))
		},
		"monitoring": func(ctx context.Context, c aws.Config) error {
			return asking(cloudwatch.NewFromConfig(c).DescribeAlarms(ctx, nil))
		},
	}
	fakeaws.Environment(t.Setenv, "")
	j, err := newSourceJudge(context.Background(), aws.Config{}, Options{ServiceIDs: serviceIDs})
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"us-east-1", "ap-northeast-2", "ap-southeast-7", "mx-central-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1", "eusc-de-east-1"} {
		for _, fips := range []string{"false", "true"} {
			for _, dual := range []string{"false", "true"} {
				t.Setenv("AWS_USE_FIPS_ENDPOINT", fips)
				t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", dual)
				for name, call := range ask {
					seen := hosts{}
					cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRegion(region), config.WithHTTPClient(seen), config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
					if err != nil {
						t.Fatal(err)
					}
					err = call(context.Background(), cfg)
					if len(seen) != 1 {
						t.Errorf("%s in %s, FIPS %s, dual stack %s: hosts %v, %v", name, region, fips, dual, seen, err)
					}
					for host := range seen {
						req, err := http.NewRequest(http.MethodPost, "https://"+host+"/", nil)
						if err != nil {
							t.Fatal(err)
						}
						if got := j.source(req, nil); got != evidence.SourceAWS {
							t.Errorf("%s is %s", host, got)
						}
					}
				}
			}
		}
	}
}

// asking drops an answer that there never is.
func asking(_ any, err error) error { return err }
