package collect_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// The secrets of these tests. Tokens have the shape of AWS's: long base64.
const (
	staticSecret  = "static/Secret+KeyThatNobodyMaySeeOnDisk0"
	staticToken   = "IQoJb3JpZ2luX2VjStatic//////////wEaDmFwLW5vcnRoZWFzdC0yIkcwRQIgStatic+abcdefghijklmnop/qrstuvwxyz=="
	containerPass = "Bearer-container-authorization-token-0001"
	webToken      = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhdWRpdGJpbmRlciJ9.web-identity-token-signature"
)

var role = fakeaws.Credentials{
	AccessKeyID: "ASIAROLEROLEROLEROLE", SecretAccessKey: "role/Secret+KeyThatNobodyMaySeeOnDisk000",
	SessionToken: "IQoJb3JpZ2luX2VjRole////////////wEaDmFwLW5vcnRoZWFzdC0yIkcwRQIgRole0+abcdefghijklmnop/qrstuvwxyz==",
}

var neverOnDisk = []string{
	staticSecret, staticToken, containerPass, webToken, portalToken, metadataToken, role.SecretAccessKey, role.SessionToken,
	"AWS4-HMAC-SHA256", "Authorization:", `"Authorization"`, "X-Amz-Security-Token", "x-amz-security-token", "Signature=",
	"SecretAccessKey", "SessionToken", "WebIdentityToken",
}

const roleARN = "arn:aws:iam::123456789012:role/audit-evidence-reader"

// shared writes shared configuration and credentials files and uses them.
func shared(t *testing.T, config, credentials string) {
	dir := t.TempDir()
	for key, text := range map[string]string{"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": credentials} {
		path := filepath.Join(dir, key)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(key, path)
	}
}

// noStatic takes the static credentials out of the environment.
func noStatic() {
	os.Unsetenv("AWS_ACCESS_KEY_ID") // Environment has seen to their return
	os.Unsetenv("AWS_SECRET_ACCESS_KEY")
}

func webIdentity(t *testing.T) {
	noStatic()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(webToken), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path)
	t.Setenv("AWS_ROLE_ARN", roleARN)
	t.Setenv("AWS_ROLE_SESSION_NAME", "audit")
}

const (
	portalToken   = "identity-center-access-token-0001"
	metadataToken = "instance-metadata-token-0001"
)

// singleSignOn is a profile of IAM Identity Center whose token is cached.
func singleSignOn(t *testing.T) {
	const portal = "https://gasang.awsapps.example/start"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Sso_bearer_token") != portalToken {
			t.Errorf("portal asked with %q", r.Header.Get("X-Amz-Sso_bearer_token"))
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"roleCredentials": map[string]any{
			"accessKeyId": role.AccessKeyID, "secretAccessKey": role.SecretAccessKey, "sessionToken": role.SessionToken, "expiration": 7226582400000,
		}})
	}))
	t.Cleanup(server.Close)
	home := t.TempDir()
	cache := filepath.Join(home, ".aws", "sso", "cache")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("%x.json", sha1.Sum([]byte(portal)))
	if err := os.WriteFile(filepath.Join(cache, name), []byte(`{"accessToken":"`+portalToken+`","expiresAt":"2199-01-01T00:00:00Z"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	noStatic()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("AWS_ENDPOINT_URL_SSO", server.URL)
	shared(t, "[profile audit]\nregion = ap-northeast-2\nsso_start_url = "+portal+"\nsso_region = ap-northeast-2\nsso_account_id = "+accountID+"\nsso_role_name = reader\n", "")
	t.Setenv("AWS_PROFILE", "audit")
}

// instanceMetadata answers as an EC2 instance's metadata service does.
func instanceMetadata(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
			io.WriteString(w, metadataToken)
		case "/latest/meta-data/iam/security-credentials/":
			io.WriteString(w, "reader")
		case "/latest/meta-data/iam/security-credentials/reader":
			json.NewEncoder(w).Encode(map[string]string{"Code": "Success", "AccessKeyId": role.AccessKeyID, "SecretAccessKey": role.SecretAccessKey,
				"Token": role.SessionToken, "Expiration": "2199-01-01T00:00:00Z"})
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	noStatic()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.URL)
}

// container serves credentials as ECS and EKS do; refuse says which questions not to answer.
func container(t *testing.T, expires string, refuse func(n int) bool) {
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != containerPass {
			t.Errorf("container endpoint asked with %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/json")
		if n++; refuse(n) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"code":"ResourceNotFoundException","message":"gone"}`)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{
			"AccessKeyId": role.AccessKeyID, "SecretAccessKey": role.SecretAccessKey, "Token": role.SessionToken, "Expiration": expires,
		})
	}))
	t.Cleanup(server.Close)
	noStatic()
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.URL+"/credentials")
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", containerPass)
}

func TestCredentialsAreNeverRecorded(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*testing.T, *bench)
		token   string // the session token that requests carry
		assumed string // the operation that leaves a line
		roles   []string
	}{
		{name: "static keys with a session token", token: staticToken, prepare: func(t *testing.T, _ *bench) {
			t.Setenv("AWS_SECRET_ACCESS_KEY", staticSecret)
			t.Setenv("AWS_SESSION_TOKEN", staticToken)
		}},
		{name: "shared configuration profile", token: staticToken, prepare: func(t *testing.T, _ *bench) {
			noStatic()
			shared(t, "[profile audit]\nregion = ap-northeast-2\n",
				"[audit]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = "+staticSecret+"\naws_session_token = "+staticToken+"\n")
			t.Setenv("AWS_PROFILE", "audit")
		}},
		{name: "role of a profile", token: role.SessionToken, assumed: "AssumeRole", prepare: func(t *testing.T, _ *bench) {
			noStatic()
			shared(t, "[profile base]\nregion = ap-northeast-2\n[profile audit]\nrole_arn = "+roleARN+"\nsource_profile = base\nexternal_id = partner-7\n",
				"[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = "+staticSecret+"\n")
			t.Setenv("AWS_PROFILE", "audit")
		}},
		{name: "web identity", token: role.SessionToken, assumed: "AssumeRoleWithWebIdentity", prepare: func(t *testing.T, _ *bench) { webIdentity(t) }},
		{name: "chain of roles", token: role.SessionToken, assumed: "AssumeRole", roles: []string{roleARN, roleARN + "-hub"}, prepare: func(t *testing.T, _ *bench) {
			noStatic()
			shared(t, "[profile hub]\nrole_arn = "+roleARN+"-hub\nsource_profile = base\n[profile audit]\nregion = ap-northeast-2\nrole_arn = "+roleARN+"\nsource_profile = hub\n",
				"[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = "+staticSecret+"\n")
			t.Setenv("AWS_PROFILE", "audit")
		}},
		{name: "IAM Identity Center profile", token: role.SessionToken, prepare: func(t *testing.T, _ *bench) { singleSignOn(t) }},
		{name: "instance metadata", token: role.SessionToken, prepare: func(t *testing.T, _ *bench) { instanceMetadata(t) }},
		{name: "container endpoint", token: role.SessionToken, prepare: func(t *testing.T, _ *bench) {
			container(t, "2199-01-01T00:00:00Z", func(int) bool { return false })
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, standard())
			test.prepare(t, b)
			b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
				if !strings.HasPrefix(r.Action, "sts:AssumeRole") && r.Header.Get("X-Amz-Security-Token") != test.token {
					t.Errorf("%s was sent with the token %q", r.Action, r.Header.Get("X-Amz-Security-Token"))
				}
				return nil
			}
			content := b.run()
			if len(content.Set.Failures) > 0 {
				t.Fatalf("failures: %+v", content.Set.Failures)
			}
			nothingSecret(t, content)
			var lines []evidence.Call
			for _, c := range content.Recording.Calls {
				if strings.HasPrefix(c.Operation, "AssumeRole") {
					lines = append(lines, c)
				}
				if c.Source != evidence.SourceCustom {
					t.Errorf("%s has the source %s", c.ID, c.Source)
				}
			}
			if test.assumed == "" {
				if len(lines) > 0 {
					t.Errorf("unexpected lines %+v", lines)
				}
			} else {
				roles := test.roles
				if roles == nil {
					roles = []string{roleARN}
				}
				var seen []string
				for _, l := range lines {
					seen = append(seen, l.Detail["roleArn"])
				}
				if slices.Sort(seen); !slices.Equal(seen, roles) {
					t.Fatalf("lines of the roles %v, want %v", seen, roles)
				}
			}
			for _, l := range lines {
				if l.Operation != test.assumed || l.RequestID == "" || !l.SentAt.Equal(start) || l.Status != 200 ||
					l.Account != accountID || !l.Last || l.Attempt != 1 || l.ErrorCode != "" || l.Omitted == "" {
					t.Errorf("line %+v", l)
				}
				if l.Body != "" || l.BodySize != 0 || len(l.Parameters) != 0 || len(l.Detail) != 1 {
					t.Errorf("the line keeps more than time, role and request id: %+v", l)
				}
			}
			b.reread(content)
		})
	}
}

// nothingSecret searches everything that would reach the disk.
func nothingSecret(t *testing.T, content bundle.Content) {
	t.Helper()
	for name, text := range unpacked(t, content) {
		for _, secret := range neverOnDisk {
			if strings.Contains(text, secret) {
				t.Errorf("%s contains %q", name, secret)
			}
		}
	}
}

// unpacked returns the bundle's files and the zip itself.
func unpacked(t *testing.T, content bundle.Content) map[string]string {
	t.Helper()
	_, archive := pack(t, content)
	files := map[string]string{"the zip": string(archive)}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		in.Close()
		files[f.Name] = string(text)
	}
	return files
}

// An error that says which request it got repeats the session token.
func TestEchoedSessionTokenIsOmitted(t *testing.T) {
	escapes := map[string]func(string) string{
		"as it is":        func(s string) string { return s },
		"slashes escaped": func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
		"unicode escapes": func(s string) string {
			return strings.NewReplacer("=", `\u003d`, "/", `\u002f`, "+", `\u002b`).Replace(s)
		},
		"percent-encoded":  func(s string) string { return strings.NewReplacer("=", "%3D", "/", "%2F", "+", "%2B").Replace(s) },
		"cut in the token": func(s string) string { return s[:len(s)/2] },
	}
	for name, escape := range escapes {
		for _, q := range []question{{action: "iam:GetAccountSummary"}, {action: "account:GetAlternateContact", subject: "SECURITY"}} {
			t.Run(name+"/"+q.String(), func(t *testing.T) {
				b := newBench(t, standard())
				b.fake.Now = nil // no clock skew
				t.Setenv("AWS_SECRET_ACCESS_KEY", staticSecret)
				t.Setenv("AWS_SESSION_TOKEN", staticToken)
				b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
					if !q.matches(r) {
						return nil
					}
					message := "The Canonical String should have been x-amz-security:" + escape(r.Header.Get("X-Amz-Security-Token"))
					if q.xml() {
						return &fakeaws.Fault{Status: 403, Body: "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>" + message + "</Message></Error></ErrorResponse>"}
					}
					return &fakeaws.Fault{Status: 403, Body: `{"message":"` + message + `"}`, Header: map[string]string{"X-Amzn-Errortype": "SignatureDoesNotMatch"}}
				}
				content := b.run()
				f := failure(content.Set, q)
				if f == nil || f.Code != "SignatureDoesNotMatch" || f.Status != 403 {
					t.Fatalf("failure %+v", f)
				}
				calls := attempts(content, q)
				if len(calls) != 1 || calls[0].Omitted == "" || calls[0].Body != "" || calls[0].BodySHA256 != "" {
					t.Errorf("calls %+v", calls)
				}
				nothingSecret(t, content)
				for name, text := range unpacked(t, content) {
					if strings.Contains(text, "abcdefghijklmnop") || strings.Contains(text, "IQoJb3JpZ2luX2VjStatic") {
						t.Errorf("%s holds a piece of the token", name)
					}
				}
				b.reread(content)
			})
		}
	}
}

// Names, e-mails and phones of contacts and subscribers, what their webhooks are
// called with, and ids of keys live in raw/ and nowhere else.
func TestContactsStayInRaw(t *testing.T) {
	a := withChains(standard())
	a.Topics[0].Subscriptions = append(a.Topics[0].Subscriptions, evidence.Subscription{Protocol: "email", Endpoint: "on-call@partner.example", Confirmed: true})
	a.RootEvents = []fakeaws.TrailEvent{rootEvent("e-1", time.Hour)}
	a.RootEvents[0].Name, a.RootEvents[0].AccessKeyed = "ListUsers", true
	b := newBench(t, a)
	content := b.clean()
	files := unpacked(t, content)
	for _, private := range []string{
		"홍길동", "남궁민수", "gildong.hong", "minsu@", "5550-0110", "5550 0110", "가상핀테크", "가상로", "04500", "root.mail@",
		"on-call@", "+821055500110", "21055500", "T000/B000", "webhook-secret", "AKIA",
	} {
		inRaw := false
		for name, text := range files {
			switch {
			case strings.HasPrefix(name, "raw/"):
				inRaw = inRaw || strings.Contains(text, private)
			case strings.Contains(text, private) && name != "the zip":
				t.Errorf("%s contains %q", name, private)
			}
		}
		if !inRaw {
			t.Errorf("no raw body has %q: the test looks for the wrong thing", private)
		}
	}
	if text := files["evidence.json"]; !strings.Contains(text, "홍*동") || !strings.Contains(text, "g***********@gasang.example") ||
		!strings.Contains(text, "o******@partner.example") || !strings.Contains(text, "https://hooks.gasang.example/…") {
		t.Error("masked values are missing")
	}
}

// What the audited account's own people wrote into its settings may be a secret.
// The raw bodies hold it, as docs/bundle-format.md says; the evidence takes none.
func TestCustomersSecretsStayInRaw(t *testing.T) {
	record, err := json.Marshal(map[string]any{
		"eventID": "e-1", "eventTime": start.Add(-time.Hour), "eventName": "PutParameter", "eventSource": "ssm.amazonaws.com", "awsRegion": virginia,
		"userIdentity": map[string]any{"type": "Root"}, "requestParameters": map[string]any{"value": "request-secret"}, "responseElements": map[string]any{"note": "response-secret"},
	})
	if err != nil {
		t.Fatal(err)
	}
	lookup, err := json.Marshal(map[string]any{"Events": []map[string]any{{"EventId": "e-1", "CloudTrailEvent": string(record)}}})
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{
		"events:ListTargetsByRule": `{"Targets":[{"Id":"1","Arn":"arn:aws:events:us-east-1:123456789012:api-destination/a/1","Input":"{\"token\":\"input-secret\"}",` +
			`"InputTransformer":{"InputTemplate":"template-secret"},"HttpParameters":{"HeaderParameters":{"x-api-key":"header-secret"},"QueryStringParameters":{"key":"query-secret"}},` +
			`"RedshiftDataParameters":{"Database":"d","Sql":"select 'sql-secret'"}}]}`,
		"ssm:GetDocument":         `{"Name":"SSM-SessionManagerRunShell","Content":"{\"inputs\":{\"shellProfile\":{\"linux\":\"export T=shell-secret\"}}}"}`,
		"cloudtrail:LookupEvents": string(lookup),
	}
	b := newBench(t, full())
	b.fake.Fault = func(r fakeaws.Request) *fakeaws.Fault {
		if body := bodies[r.Action]; body != "" {
			return &fakeaws.Fault{Status: 200, Body: body}
		}
		return nil
	}
	files := unpacked(t, b.clean())
	for _, secret := range strings.Fields("input-secret template-secret header-secret query-secret sql-secret shell-secret request-secret response-secret") {
		inRaw := false
		for name, text := range files {
			switch {
			case strings.HasPrefix(name, "raw/"):
				inRaw = inRaw || strings.Contains(text, secret)
			case strings.Contains(text, secret) && name != "the zip":
				t.Errorf("%s contains %q", name, secret)
			}
		}
		if !inRaw {
			t.Errorf("no raw body has %q: the test looks for the wrong thing", secret)
		}
	}
}
