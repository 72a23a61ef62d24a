package awsconn

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

var serviceIDs = []string{"STS", "IAM", "Account", "Organizations"}

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
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
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

	amazon := &sourceJudge{roots: map[string]bool{spki(root): true}}
	inspected := &sourceJudge{roots: map[string]bool{}}
	caBundle := &sourceJudge{roots: map[string]bool{spki(root): true}, caBundle: true}
	endpoint := &sourceJudge{roots: map[string]bool{spki(root): true}, endpointSet: true}
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
		{"redirected away", amazon, "https://iam.amazonaws.com/redirect", evidence.SourceCustom},
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
