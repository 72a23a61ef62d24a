package cli_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"auditbinder/collect/bundle"
	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// What an answer for AWS's hosts by somebody else leaves on paper. Which settings
// lead there is tested in collect.
func TestProxyWithItsOwnRootIsTold(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the trust store of this system is not read from SSL_CERT_FILE")
	}
	tests := []struct {
		name, region string
		source       evidence.Source
		exit         int
		check        func(t *testing.T, dir string)
	}{
		{"the hosts of AWS", "ap-northeast-2", evidence.SourceIntercepted, 0, noticed},
		{"hosts that AWS lets customers fill", "execute-api.ap-northeast-2", evidence.SourceCustom, 3, func(t *testing.T, dir string) { marked(t, dir, prefix) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := fakeaws.NewAuthority("Corporate Root")
			fake := serve(clean(3), nil)
			proxy := httptest.NewServer(fakeaws.Proxy{Answer: func(string) (*fakeaws.Authority, http.Handler) { return root, fake }})
			defer proxy.Close()
			dir := t.TempDir()
			store, out := filepath.Join(dir, "root.pem"), filepath.Join(dir, "out")
			write(t, store, root.PEM())
			// A process of its own, as trust and proxies are read once; the name makes it the program.
			child := exec.Command(os.Args[0], "run", "--quiet", "-o", out)
			child.Args[0] = "auditbinder"
			child.Env = []string{
				"HOME=" + dir, "HTTPS_PROXY=" + proxy.URL, "SSL_CERT_FILE=" + store, "SSL_CERT_DIR=/nonexistent", "AWS_REGION=" + tt.region,
				"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=example-secret", "AWS_EC2_METADATA_DISABLED=true",
			}
			// A session region that the account's list does not have is 점검 불가 as well.
			if text, err := child.CombinedOutput(); child.ProcessState.ExitCode() != tt.exit {
				t.Fatalf("%v\n%s", err, text)
			}
			if fake.Counts()["sts:GetCallerIdentity"] != 1 {
				t.Errorf("the fake was asked %v", fake.Counts())
			}
			b, err := bundle.Open(filepath.Join(out, prefix+"_bundle.zip"))
			if err != nil {
				t.Fatal(err)
			}
			if b.Set.Source != tt.source {
				t.Errorf("source %s, want %s", b.Set.Source, tt.source)
			}
			tt.check(t, out)
		})
	}
}

// noticed checks that the covers and the limits tell of TLS inspection.
func noticed(t *testing.T, dir string) {
	const notice = "TLS검사장비를거쳐수집된응답이포함되어있음"
	squeeze := func(text string) string { return strings.Join(strings.Fields(text), "") }
	pages := strings.Split(pdfText(t, filepath.Join(dir, prefix+"_report.pdf")), "\f")
	if !strings.Contains(squeeze(pages[0]), notice) {
		t.Errorf("the cover does not tell: %s", pages[0])
	}
	if n := strings.Count(squeeze(strings.Join(pages[1:], "")), notice); n != 1 {
		t.Errorf("the limits tell %d times", n)
	}
	for name, sheet := range workbook(t, filepath.Join(dir, prefix+"_report.xlsx")) {
		cover := name == "xl/worksheets/sheet1.xml"
		if strings.Contains(squeeze(sheet), notice) != cover {
			t.Errorf("%s tells: %v", name, !cover)
		}
	}
}
