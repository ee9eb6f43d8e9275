// Measures reads with and without the read-only proxy: `tests/bench-read-only` runs it.
//
// `serve` is a server with one long list and small objects, and prints a kubeconfig; `read` reads from the server of
// KUBECONFIG and prints the median latency of small reads and the best throughput of the list.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

func list(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[`)
	env := strings.Repeat(`{"name":"SOME_VARIABLE","value":"some value or other"},`, 20)
	for i := 0; i < n; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"metadata":{"name":"pod-%d","namespace":"ns-%d","uid":"0f6f8d5e-91a7-4a2e-8a34-000000000000","labels":{"app":"web","tier":"front"},"managedFields":[{"manager":"kubelet","operation":"Update","fieldsV1":{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:status":{}}}}}}]},"spec":{"containers":[{"name":"main","image":"registry.example.com/team/app:1.2.3","env":[%s{"name":"LAST","value":"x"}],"ports":[{"containerPort":8080}]}]},"status":{"phase":"Running","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"True"}]}}`, i, i%10, env)
	}
	b.WriteString("]}\n")
	return b.Bytes()
}

func serve() {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour * 24), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, _ := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	ca := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	fmt.Printf("apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: c\n  cluster:\n    server: https://%s\n    certificate-authority-data: %s\nusers:\n- name: u\n  user:\n    token: secret\ncontexts:\n- name: test\n  context: {cluster: c, user: u}\n", l.Addr(), ca)
	big := list(10000)
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/pods", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(big)
	})
	small := []byte(`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","namespace":"ns-1"}}` + "\n")
	mux.HandleFunc("/api/v1/namespaces/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(small)
	})
	s := &http.Server{Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: []string{"h2", "http/1.1"}}}
	s.ServeTLS(l, "", "")
}

func read() {
	text, _ := os.ReadFile(os.Getenv("KUBECONFIG"))
	field := func(name string) string {
		m := regexp.MustCompile(name + `:\s*"?([^"\s]+)`).FindSubmatch(text)
		return string(m[1])
	}
	ca, _ := base64.StdEncoding.DecodeString(field("certificate-authority-data"))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	h := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: os.Getenv("BENCH_HTTP") != "1", DisableCompression: true}}
	get := func(path string) int64 {
		r, _ := http.NewRequest("GET", field("server")+path, nil)
		r.Header.Set("Authorization", "Bearer "+field("token"))
		r.Header.Set("Accept", "application/json")
		a, err := h.Do(r)
		if err != nil {
			panic(err)
		}
		n, err := io.Copy(io.Discard, a.Body)
		a.Body.Close()
		if a.StatusCode != 200 || err != nil {
			panic(fmt.Sprint(a.StatusCode, err))
		}
		return n
	}
	rounds, _ := strconv.Atoi(os.Args[2])
	get("/api/v1/namespaces/ns-1/pods/x")
	var times []time.Duration
	for i := 0; i < 1000; i++ {
		t := time.Now()
		get("/api/v1/namespaces/ns-1/pods/x")
		times = append(times, time.Since(t))
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	var best float64
	var n int64
	for i := 0; i < rounds; i++ {
		t := time.Now()
		n = get("/api/v1/pods")
		if s := float64(n) / time.Since(t).Seconds() / 1e6; s > best {
			best = s
		}
	}
	fmt.Printf("median %v  best %.0f MB/s of %d bytes\n", times[500], best, n)
}

func main() {
	if os.Args[1] == "serve" {
		serve()
	} else {
		read()
	}
}
