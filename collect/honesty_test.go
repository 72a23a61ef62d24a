package collect_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"auditbinder/collect"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// The tests of this file are an insider who wants a report of a fake AWS that looks
// like one of the real AWS, without changing the program. A proxy stands for the
// way to the real AWS: it answers for AWS's hosts under the root 'Amazon', whose key
// the program under test takes for Amazon's. Every run is a process of its own, as
// proxies and trust stores are read once, and names resolve to nothing there: what
// no setting leads to the fake reaches the stand-in or nobody.

// deceit is one attempt.
type deceit struct {
	env     map[string]string // $fake, $proxy and the like are filled in
	config  string            // the shared configuration file
	profile string            // as --profile
	region  string            // as --region
	prepare func(*field)      // before anything is started
	// way says who answers for a host; nil is the way to the real AWS.
	way    func(*field, string) (*fakeaws.Authority, http.Handler)
	want   outcome
	why    string // of a refusal, a part
	handed bool   // credentials were handed out
}

type outcome string

const (
	custom      outcome = "custom"
	intercepted outcome = "intercepted"
	refused     outcome = "refused" // no bundle at all
	unmoved     outcome = "unmoved" // the setting led nothing to the fake; AWS alone answered
	untold      outcome = "aws"     // the fake is held for AWS
)

// field is what one attempt plays on.
type field struct {
	amazon, public, corporate *fakeaws.Authority // roots: Amazon's, another public one, one's own
	real, fake                *fakeaws.Server
	handed                    atomic.Int64 // credentials that were handed out
	signIns                   atomic.Int64 // connections to AWS Sign-In
	sentOn                    atomic.Int64 // requests that were redirected
}

func newField() *field {
	account := withChains(standard())
	account.Compute = []evidence.Compute{computeOf(seoul)}
	return &field{
		amazon: fakeaws.NewAuthority("Amazon Root CA 1"), public: fakeaws.NewAuthority("Public Root"), corporate: fakeaws.NewAuthority("Corporate Root"),
		real: &fakeaws.Server{Account: account}, fake: &fakeaws.Server{Account: account},
	}
}

// straight is the way to the real AWS, to the hosts that AWS lets its customers
// fill, and to a host of the insider's own.
func (f *field) straight(host string) (*fakeaws.Authority, http.Handler) {
	theirs := []string{"execute-api", "s3", "elb", "evil"}
	switch {
	case strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".api.aws"):
		if slices.ContainsFunc(strings.Split(host, "."), func(label string) bool { return slices.Contains(theirs, label) }) {
			return f.amazon, f.fake
		}
		return f.amazon, f.real
	case strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".gov"):
		return f.public, f.fake
	}
	return nil, nil
}

// everything answers for all hosts under one's own root.
func everything(f *field, _ string) (*fakeaws.Authority, http.Handler) { return f.corporate, f.fake }

// onlyAt answers like everything, but for hosts that begin so; the rest goes straight.
func onlyAt(prefix string) func(*field, string) (*fakeaws.Authority, http.Handler) {
	return func(f *field, host string) (*fakeaws.Authority, http.Handler) {
		if strings.HasPrefix(host, prefix) {
			return f.corporate, f.fake
		}
		return f.straight(host)
	}
}

// task is what the child process is told, told what it tells.
type (
	task struct{ Profile, Region, Root string }
	told struct {
		Source evidence.Source
		Err    string
		Hosts  []string // asked, with their sources
	}
)

const taskFile = "AUDITBINDER_HONESTY_TASK"

// TestHonestyChild is the run of one attempt, in a process of its own.
func TestHonestyChild(t *testing.T) {
	path := os.Getenv(taskFile)
	if path == "" {
		t.Skip("TestNoUnmarkedEvidenceOfAFake starts this")
	}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("names resolve to nothing here")
	}}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var todo task
	if err := json.Unmarshal(text, &todo); err != nil {
		t.Fatal(err)
	}
	var out told
	awake := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	conn, err := collect.OpenTrusting(context.Background(), collect.Target{Profile: todo.Profile, Region: todo.Region, Now: time.Now, Sleep: awake}, []string{todo.Root})
	if err == nil {
		content, failed := collect.Run(context.Background(), conn, "auditbinder test", collect.Scope{}, collect.Hooks{})
		err = failed
		out.Source = content.Set.Source
		for _, c := range content.Recording.Calls {
			out.Hosts = append(out.Hosts, c.Host+" "+string(c.Source))
		}
	}
	if err != nil {
		out.Err = err.Error()
	}
	slices.Sort(out.Hosts)
	out.Hosts = slices.Compact(out.Hosts)
	if text, err = json.Marshal(out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".out", text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func total(s *fakeaws.Server) int {
	n := 0
	for _, c := range s.Counts() {
		n += c
	}
	return n
}

// play makes the attempt and says what came of it.
func (d deceit) play(t *testing.T, f *field) told {
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	way := func(host string) (*fakeaws.Authority, http.Handler) {
		if d.way == nil {
			return f.straight(host)
		}
		return d.way(f, host)
	}
	proxy := httptest.NewServer(fakeaws.Proxy{Answer: way})
	defer proxy.Close()
	secure := httptest.NewUnstartedServer(fakeaws.Proxy{Answer: way})
	secure.TLS = f.amazon.Server("127.0.0.1")
	secure.StartTLS()
	defer secure.Close()
	fake := httptest.NewServer(f.fake)
	defer fake.Close()
	handing := httptest.NewServer(http.HandlerFunc(f.hand))
	defer handing.Close()
	trusted := append(f.amazon.PEM(), f.public.PEM()...)
	words := strings.NewReplacer(
		"$fake", fake.URL, "$proxy", proxy.URL, "$secure-proxy", secure.URL, "$hand", handing.URL,
		"$trusted", file("trusted.pem", trusted), "$all", file("all.pem", append(trusted, f.corporate.PEM()...)),
		"$corporate", file("own/corporate.pem", f.corporate.PEM()), "$store", filepath.Join(dir, "own"), "$config", filepath.Join(dir, "config"),
		"$keys", file("keys.json", []byte(`{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"example-secret"}`)),
	)
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": dir, "TMPDIR": dir, // nothing else of this machine
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example-secret", "AWS_REGION": seoul, "AWS_EC2_METADATA_DISABLED": "true",
		"HTTPS_PROXY": "$proxy", "SSL_CERT_FILE": "$trusted", "SSL_CERT_DIR": "/nonexistent",
		"AWS_CONFIG_FILE": file("config", []byte(words.Replace(d.config))), "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	}
	maps.Copy(env, d.env)
	todo, err := json.Marshal(task{d.profile, d.region, spki(f.amazon.Cert)})
	if err != nil {
		t.Fatal(err)
	}
	env[taskFile] = file("task", todo)
	child := exec.Command(os.Args[0], "-test.run=^TestHonestyChild$")
	for key, value := range env {
		if value != "" { // else absent
			child.Env = append(child.Env, key+"="+words.Replace(value))
		}
	}
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(env[taskFile] + ".out")
	if err != nil {
		t.Fatal(err)
	}
	var a told
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// hand hands out credentials as containers, and instances get them.
func (f *field) hand(w http.ResponseWriter, r *http.Request) {
	f.handed.Add(1)
	const expires = "2199-01-01T00:00:00Z"
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, "/api/token"):
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
		fmt.Fprint(w, metadataToken)
	case strings.HasSuffix(r.URL.Path, "/security-credentials/"):
		fmt.Fprint(w, "reader")
	default:
		json.NewEncoder(w).Encode(map[string]string{"Code": "Success", "AccessKeyId": role.AccessKeyID, "SecretAccessKey": role.SecretAccessKey, "Token": role.SessionToken, "Expiration": expires})
	}
}

func spki(root *x509.Certificate) string {
	sum := sha256.Sum256(root.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// endpoints are the services of a run, by the names that endpoint settings use.
var endpoints = []string{"STS", "IAM", "ACCOUNT", "ORGANIZATIONS", "SIGNIN", "EC2", "SSM", "CLOUDTRAIL", "EVENTBRIDGE", "SNS", "CLOUDWATCH_LOGS", "CLOUDWATCH"}

// deceits are all attempts by name.
func deceits() map[string]deceit {
	const (
		own    = "[default]\nendpoint_url = $fake\n"
		ignore = "[default]\nignore_configured_endpoint_urls = true\n"
		keys   = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example-secret\n"
		chain  = "[profile base]\n" + keys + "$base[profile audit]\nrole_arn = " + roleARN + "\nsource_profile = base\n"
	)
	all := map[string]deceit{
		"nothing is set": {want: unmoved},

		// Endpoints. Beside them AWS can be reached, as it would be.
		"AWS_ENDPOINT_URL":                     {env: set("AWS_ENDPOINT_URL=$fake"), want: custom},
		"AWS_ENDPOINT_URL with a name and TLS": {env: set("AWS_ENDPOINT_URL=https://aws.evil.example"), want: custom},
		"a name that ends like AWS's":          {env: set("AWS_ENDPOINT_URL=https://evilamazonaws.example"), want: custom},
		"a name that begins like AWS's":        {env: set("AWS_ENDPOINT_URL=https://iam.amazonaws.com.evil.example"), want: custom},
		"an API Gateway of one's own":          {env: set("AWS_ENDPOINT_URL=https://a1b2c3.execute-api.ap-northeast-2.amazonaws.com"), want: custom},
		"a bucket of one's own":                {env: set("AWS_ENDPOINT_URL=https://evidence.s3.amazonaws.com"), want: custom},
		"a load balancer of one's own":         {env: set("AWS_ENDPOINT_URL=https://lb-1.ap-northeast-2.elb.amazonaws.com"), want: custom},
		"AWS's name without TLS":               {env: set("AWS_ENDPOINT_URL=http://sts.ap-northeast-2.amazonaws.com", "HTTP_PROXY=$proxy"), way: everything, want: custom},
		"without TLS through a TLS proxy":      {env: set("AWS_ENDPOINT_URL=http://sts.ap-northeast-2.amazonaws.com", "http_proxy=$secure-proxy"), way: everything, want: custom},
		"endpoint_url of the default profile":  {config: own, want: custom},
		"endpoint_url of AWS_PROFILE":          {env: set("AWS_PROFILE=audit"), config: "[profile audit]\nendpoint_url = $fake\n", want: custom},
		"endpoint_url of AWS_DEFAULT_PROFILE":  {env: set("AWS_DEFAULT_PROFILE=audit"), config: "[profile audit]\nendpoint_url = $fake\n", want: custom},
		"endpoint_url of --profile":            {profile: "audit", config: "[profile audit]\n" + keys + "endpoint_url = $fake\n", want: custom},
		"endpoint_url of the credentials file": {env: set("AWS_SHARED_CREDENTIALS_FILE=$config", "AWS_CONFIG_FILE=/nonexistent"), config: own, want: custom},
		"endpoint_url of a role's profile":     {profile: "audit", config: strings.Replace(chain, "$base", "", 1) + "endpoint_url = $fake\n", want: custom},
		"endpoint_url of a source profile":     {profile: "audit", config: strings.Replace(chain, "$base", "endpoint_url = $fake\n", 1), want: unmoved},
		"endpoint_url of another profile":      {config: "[profile other]\nendpoint_url = $fake\n", want: unmoved},
		"endpoint of a service not asked":      {env: set("AWS_ENDPOINT_URL_S3=$fake"), want: unmoved},
		"AWS_ENDPOINT_URL_IAM beside AWS's":    {env: set("AWS_ENDPOINT_URL=https://sts.ap-northeast-2.amazonaws.com", "AWS_ENDPOINT_URL_IAM=$fake"), want: custom},
		"ignored by the environment":           {env: set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "AWS_ENDPOINT_URL=$fake", "AWS_ENDPOINT_URL_SIGNIN=$fake"), config: own, want: unmoved},
		"ignored by the profile":               {env: set("AWS_ENDPOINT_URL=$fake", "AWS_ENDPOINT_URL_STS=$fake"), config: ignore, want: unmoved},
		"ignored by the profile alone":         {env: set("AWS_ENDPOINT_URL=$fake", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false"), config: ignore, want: custom},
		"ignored with a service's endpoint":    {env: set("AWS_ENDPOINT_URL_EC2=$fake", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false"), config: ignore, want: custom},
		"ignored in another word":              {env: set("AWS_ENDPOINT_URL=$fake", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=yes"), want: refused, why: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"},

		// Proxies and trust.
		"HTTPS_PROXY whose root is unknown":  {way: everything, want: refused, why: "unknown authority"},
		"HTTPS_PROXY and SSL_CERT_FILE":      {env: set("SSL_CERT_FILE=$all"), way: everything, want: intercepted},
		"https_proxy and SSL_CERT_DIR":       {env: set("HTTPS_PROXY=", "https_proxy=$proxy", "SSL_CERT_DIR=$store"), way: everything, want: intercepted},
		"HTTPS_PROXY and AWS_CA_BUNDLE":      {env: set("AWS_CA_BUNDLE=$corporate"), way: everything, want: intercepted},
		"HTTPS_PROXY and ca_bundle":          {config: "[default]\nca_bundle = $corporate\n", way: everything, want: intercepted},
		"ca_bundle of a source profile":      {profile: "audit", config: strings.Replace(chain, "$base", "ca_bundle = $corporate\n", 1), way: everything, want: refused, why: "unknown authority"},
		"a proxy that is reached by TLS":     {env: set("HTTPS_PROXY=$secure-proxy", "SSL_CERT_FILE=$all"), way: everything, want: intercepted},
		"a proxy that answers for STS alone": {env: set("SSL_CERT_FILE=$all"), way: onlyAt("sts."), want: intercepted},
		"a proxy that answers for IAM alone": {env: set("SSL_CERT_FILE=$all"), way: onlyAt("iam."), want: intercepted},
		"a proxy and an endpoint":            {env: set("SSL_CERT_FILE=$all", "AWS_ENDPOINT_URL=https://iam.amazonaws.com"), way: everything, want: custom},
		"ALL_PROXY":                          {env: set("ALL_PROXY=$fake", "all_proxy=$fake", "HTTP_PROXY=$fake"), want: unmoved},
		"NO_PROXY":                           {env: set("NO_PROXY=.amazonaws.com,.api.aws"), want: refused, why: "names resolve to nothing"},
		"a root that is named like Amazon's": {prepare: namesake, env: set("SSL_CERT_DIR=$store"), way: everything, want: intercepted},
		"Amazon's root sent along":           {prepare: func(f *field) { f.corporate.Along = [][]byte{f.amazon.Cert.Raw} }, env: set("SSL_CERT_FILE=$all"), way: everything, want: intercepted},
		"Amazon's key signed by one's own root": {prepare: func(f *field) {
			namesake(f)
			f.corporate.Along = [][]byte{f.corporate.CrossSign(f.amazon.Cert)}
		}, env: set("SSL_CERT_DIR=$store"), way: everything, want: intercepted},
		"another public root":                    {prepare: func(f *field) { f.corporate = f.public }, way: everything, want: intercepted},
		"another name's certificate of Amazon's": {prepare: func(f *field) { f.amazon.Name, f.corporate = "aws.evil.example", f.amazon }, way: everything, want: refused, why: "not sts.ap-northeast-2.amazonaws.com"},
		// What nothing can tell stands in the report's limits.
		"this name's certificate of Amazon's": {prepare: func(f *field) { f.corporate = f.amazon }, way: everything, want: untold},
		"GODEBUG":                             {env: set("GODEBUG=x509usefallbackroots=1,x509negativeserial=1,x509usepolicies=0,x509sha256skid=0,x509rsacrt=0,tls10server=1,tls3des=1,tlsrsakex=1,tlsunsafeekm=1,http2client=0,netdns=cgo"), way: everything, want: refused, why: "unknown authority"},

		// Redirects: an answer of the right host that another gave.
		"a redirect to one's own host":       {way: redirect("https://aws.evil.example", byAmazon), want: custom},
		"a redirect to an API Gateway":       {way: redirect("https://a1b2c3.execute-api.ap-northeast-2.amazonaws.com", byAmazon), want: custom},
		"a proxy that redirects back to AWS": {env: set("SSL_CERT_FILE=$all"), way: redirect("https://iam.amazonaws.com", byOneself), want: custom},

		// Regions become part of the host.
		"AWS_REGION with a path":           {env: set("AWS_REGION=x.evil.example/"), want: refused, why: "invalid input region"},
		"AWS_REGION with a user":           {env: set("AWS_REGION=x@a1b2c3.execute-api.ap-northeast-2"), want: refused, why: "invalid input region"},
		"AWS_REGION with a fragment":       {env: set("AWS_REGION=aws.evil.example#"), want: refused, why: "invalid input region"},
		"AWS_REGION below an API Gateway":  {env: set("AWS_REGION=execute-api.ap-northeast-2"), want: custom},
		"AWS_DEFAULT_REGION below S3":      {env: set("AWS_REGION=", "AWS_DEFAULT_REGION=s3"), want: custom},
		"region of a profile with dots":    {env: set("AWS_REGION="), config: "[default]\nregion = aws.evil\n", want: custom},
		"--region with dots":               {region: "lb-1.ap-northeast-2.elb", want: custom},
		"a region of an unknown partition": {env: set("AWS_REGION=us-iso-east-1"), want: custom},
		"FIPS and dual-stack endpoints":    {env: set("AWS_USE_FIPS_ENDPOINT=true", "AWS_USE_DUALSTACK_ENDPOINT=true"), want: unmoved},
		"FIPS with a proxy":                {env: set("AWS_USE_FIPS_ENDPOINT=true", "SSL_CERT_FILE=$all"), way: everything, want: intercepted},
		"settings that move nothing": {env: set("AWS_STS_REGIONAL_ENDPOINTS=legacy", "AWS_ACCOUNT_ID_ENDPOINT_MODE=preferred", "AWS_ACCOUNT_ID=999999999999", "AWS_DEFAULTS_MODE=in-region",
			"AWS_ENABLE_ENDPOINT_DISCOVERY=true", "AWS_S3_USE_ARN_REGION=true"), want: unmoved},

		// Whoever hands out credentials does no more than that.
		"credentials of a container":   {env: set("AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_CONTAINER_CREDENTIALS_FULL_URI=$hand/"), handed: true, want: unmoved},
		"credentials of an instance":   {env: set("AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_EC2_METADATA_DISABLED=", "AWS_EC2_METADATA_SERVICE_ENDPOINT=$hand"), handed: true, want: unmoved},
		"credentials of a process":     {profile: "audit", config: "[profile audit]\ncredential_process = cat $keys\n", want: unmoved},
		"a role whose STS is the fake": {profile: "audit", config: strings.Replace(chain, "$base", "", 1), env: set("AWS_ENDPOINT_URL_STS=$fake"), want: custom},
	}
	for _, service := range endpoints {
		all["AWS_ENDPOINT_URL_"+service] = deceit{env: set("AWS_ENDPOINT_URL_" + service + "=$fake"), want: custom}
		all["services section, "+service] = deceit{config: "[default]\nservices = bench\n[services bench]\n" + strings.ToLower(service) + " =\n  endpoint_url = $fake\n", want: custom}
	}
	return all
}

// namesake gives one's own root the name of Amazon's.
func namesake(f *field) { f.corporate = fakeaws.NewAuthority("Amazon Root CA 1") }

func set(pairs ...string) map[string]string {
	env := map[string]string{}
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		env[key] = value
	}
	return env
}

// redirect sends one question to AWS Sign-In, one without a body, on to another
// host. Each has a connection of its own, so that nothing else needs to be touched:
// the certificate under which it is done shows on no other answer.
func redirect(to string, by func(*field) *fakeaws.Authority) func(*field, string) (*fakeaws.Authority, http.Handler) {
	return func(f *field, host string) (*fakeaws.Authority, http.Handler) {
		authority, handler := f.straight(host)
		if !strings.HasPrefix(host, "signin.") {
			return authority, signed(handler)
		}
		if f.signIns.Add(1) == 2 {
			return by(f), f.sendOn(to)
		}
		return authority, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			handler.ServeHTTP(w, r)
		})
	}
}

func byAmazon(f *field) *fakeaws.Authority  { return f.amazon }
func byOneself(f *field) *fakeaws.Authority { return f.corporate }

const signature = "Presigned"

func (f *field) sendOn(to string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		q.Set(signature, r.Header.Get("Authorization"))
		f.sentOn.Add(1)
		w.Header().Set("Connection", "close")
		http.Redirect(w, r, to+r.URL.Path+"?"+q.Encode(), http.StatusTemporaryRedirect)
	})
}

// signed takes the signature from where sendOn put it.
func signed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kept := r.URL.Query().Get(signature); kept != "" {
			r.Header.Set("Authorization", kept)
		}
		next.ServeHTTP(w, r)
	})
}

// No documented setting gives evidence of a fake that is held for AWS's own.
func TestNoUnmarkedEvidenceOfAFake(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the trust store of this system is not read from SSL_CERT_FILE")
	}
	services := map[string]bool{"sts": true}
	for _, action := range collect.Actions() {
		service, _, _ := strings.Cut(action, ":")
		services[service] = true
	}
	if len(services) != len(endpoints) {
		t.Errorf("endpoints of %v are tried, but asked are %v", endpoints, services)
	}
	for name, d := range deceits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newField()
			if d.prepare != nil {
				d.prepare(f)
			}
			a := d.play(t, f)
			fake, real := total(f.fake)+int(f.sentOn.Load()), total(f.real)
			defer func() {
				if t.Failed() {
					t.Logf("source %s, error %q; %d requests to the fake, %d to AWS; %s", a.Source, a.Err, fake, real, strings.Join(a.Hosts, ", "))
				}
			}()
			got := outcome(a.Source)
			switch {
			case a.Err != "":
				got = refused
			case a.Source == evidence.SourceAWS && fake == 0 && real > 0:
				got = unmoved
			case fake == 0:
				t.Error("the fake was not reached")
			}
			if !strings.Contains(a.Err, d.why) {
				t.Errorf("refused without %q", d.why)
			}
			if handed := f.handed.Load() > 0; handed != d.handed {
				t.Errorf("credentials were handed out: %v", handed)
			}
			if got != d.want {
				t.Errorf("%s, want %s", cmp.Or(got, "nothing"), d.want)
			}
		})
	}
}

// The shipped digests are those of Amazon's own roots and of nobody else's, as far as
// this machine's trust store knows them.
func TestAmazonRootsAreAmazons(t *testing.T) {
	roots, err := collect.AmazonRoots()
	if err != nil {
		t.Fatal(err)
	}
	var store []byte
	for _, path := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"} {
		if text, err := os.ReadFile(path); err == nil {
			store = text
			break
		}
	}
	found := 0
	for block, rest := pem.Decode(store); block != nil; block, rest = pem.Decode(rest) {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue // Go reads some old roots no longer
		}
		// Starfield Technologies has other roots; this one it sold.
		amazons := slices.Contains(cert.Subject.Organization, "Amazon") || strings.HasPrefix(cert.Subject.CommonName, "Starfield Services Root Certificate Authority")
		if listed := slices.Contains(roots, spki(cert)); listed != amazons {
			t.Errorf("%s is listed: %v", cert.Subject, listed)
		}
		if amazons {
			found++
		}
	}
	if found == 0 {
		t.Skip("this machine has no file of public roots")
	}
}
