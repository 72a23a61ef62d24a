package fakeaws

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"time"
)

// Authority signs certificates for any host that it is asked for.
type Authority struct {
	Cert *x509.Certificate
	// Name, when set, stands in the certificates in place of the host asked for.
	Name string
	// Along are certificates (DER) that servers send beside their own.
	Along [][]byte
	key   *ecdsa.PrivateKey
}

// NewAuthority makes a root of that name. Roots of one name share the key
// identifier too: nothing but the key tells them apart.
func NewAuthority(name string) *Authority {
	a := &Authority{key: newKey()}
	id := sha1.Sum([]byte(name))
	a.Cert = parsed(a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, SubjectKeyId: id[:], IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, &a.key.PublicKey))
	return a
}

// PEM is the root's certificate as trust stores hold it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Cert.Raw})
}

// CrossSign certifies another root's name and key.
func (a *Authority) CrossSign(root *x509.Certificate) []byte {
	return a.issue(&x509.Certificate{
		Subject: root.Subject, SubjectKeyId: root.SubjectKeyId, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, a.Cert, root.PublicKey)
}

// Server is the TLS configuration of a server that stands for a host.
func (a *Authority) Server(host string) *tls.Config {
	if a.Name != "" {
		host = a.Name
	}
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: host}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	key := newKey()
	der := a.issue(leaf, a.Cert, &key.PublicKey)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: append([][]byte{der}, a.Along...), PrivateKey: key}}}
}

func (a *Authority) issue(c, parent *x509.Certificate, key any) []byte {
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key, a.key)
	if err != nil {
		panic(err)
	}
	return der
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func parsed(der []byte) *x509.Certificate {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return c
}

// Proxy is an HTTP proxy that connects to nobody: Answer says whose certificate a
// host shows and what answers in its place. A nil handler is a host out of reach.
type Proxy struct {
	Answer func(host string) (*Authority, http.Handler)
}

func (p Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host // without a port
	}
	authority, handler := p.Answer(host)
	if handler == nil {
		http.Error(w, "no way to "+host, http.StatusBadGateway)
		return
	}
	if r.Method != http.MethodConnect {
		handler.ServeHTTP(w, r)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	server := http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(&single{conn: tls.Server(conn, authority.Server(host))})
}

// single is a listener with one connection, which outlives it.
type single struct{ conn net.Conn }

func (s *single) Accept() (net.Conn, error) {
	if s.conn == nil {
		return nil, io.EOF
	}
	conn := s.conn
	s.conn = nil
	return conn, nil
}

func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return &net.TCPAddr{} }
