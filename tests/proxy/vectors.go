// Records how Go's net/url reads request targets: what kube-apiserver makes of them. tests/read_only_policy.rs compares kcx.
//
// The tests read the recorded answers and need no Go. To record anew, with Go 1.26 or later:
//
//	go run tests/proxy/vectors.go >tests/proxy/vectors.jsonl
//
// One JSON object a line:
//
//	ordinary whether real clients send such targets
//	target   the request target
//	ok       whether url.ParseRequestURI accepts it
//	path     URL.Path, decoded
//	escaped  URL.EscapedPath()
//	query    URL.Query(): every key with all its values
//	clean    whether url.ParseQuery reports no error, so that no pair was dropped
//
// A target is bytes, not text: each byte stands as the character U+0000 to U+00FF of the same number. The same run
// always gives the same file.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"net/url"
	"os"
	"slices"
	"strings"
)

type vector struct {
	Ordinary bool                `json:"ordinary,omitempty"`
	Target   string              `json:"target"`
	OK       bool                `json:"ok"`
	Path     string              `json:"path,omitempty"`
	Escaped  string              `json:"escaped,omitempty"`
	Query    map[string][]string `json:"query,omitempty"`
	Clean    bool                `json:"clean"`
}

// latin1 makes bytes a text that JSON can hold.
func latin1(bytes string) string {
	runes := make([]rune, len(bytes))
	for i := range len(bytes) {
		runes[i] = rune(bytes[i])
	}
	return string(runes)
}

func read(target string) vector {
	read := vector{Target: latin1(target)}
	parsed, err := url.ParseRequestURI(target)
	if err != nil {
		return read
	}
	_, dropped := url.ParseQuery(parsed.RawQuery)
	read.OK, read.Clean = true, dropped == nil
	read.Path, read.Escaped = latin1(parsed.Path), latin1(parsed.EscapedPath())
	read.Query = map[string][]string{}
	for key, values := range parsed.Query() {
		for _, value := range values {
			read.Query[latin1(key)] = append(read.Query[latin1(key)], latin1(value))
		}
	}
	return read
}

// What real clients send: kubectl, helm, k9s, client-go, and the Python and JavaScript clients.
var ordinary = []string{
	"/",
	"/version",
	"/version?timeout=32s",
	"/api",
	"/apis",
	"/api/v1?timeout=32s",
	"/apis/apps/v1",
	"/openapi/v2?timeout=32s",
	"/openapi/v3/apis/apps/v1?hash=2E1CEAA43EEA1F5C8B6C3A97EB0C8EC6",
	"/readyz/etcd?verbose",
	"/api/v1/namespaces?limit=500",
	"/api/v1/namespaces?",
	"/api/v1/namespaces/shop/pods?limit=500&resourceVersion=0",
	"/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%2Cb%29",
	"/api/v1/namespaces/shop/pods?labelSelector=app=web,env!=dev",
	"/api/v1/namespaces/shop/pods?labelSelector=app%20in%20(web,db)",
	"/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb-0",
	"/api/v1/pods?allowWatchBookmarks=true&resourceVersion=4711&timeoutSeconds=387&watch=true",
	"/api/v1/namespaces/shop/pods?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NDcxMX0&limit=500",
	"/api/v1/namespaces/shop/pods?continue=eyJ2Ijoi_-%3D%3D&limit=500",
	"/api/v1/namespaces/shop/pods/web-0/log?container=main&follow=true&sinceTime=2025-08-13T14%3A30%3A00Z&tailLines=10",
	"/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
	"/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
	"/apis/rbac.authorization.k8s.io/v1/clusterroles/my%20role",
	"/apis/rbac.authorization.k8s.io/v1/clusterroles/%C3%BCber",
	"/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods/*/http_requests?labelSelector=app%3Dweb",
	"/api/v1/namespaces?dryRun=All&fieldManager=kubectl-create&fieldValidation=Strict",
	"/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All&fieldManager=kubectl-client-side-apply&fieldValidation=Strict",
	"/apis/apps/v1/namespaces/shop/deployments/web/scale?fieldManager=kubectl-scale&dryRun=All",
	"/api/v1/namespaces/shop/pods?pretty=true&exact=false&watch=False",
	"/apis/stable.example.com/v1/namespaces/shop/crontabs/my-cron/status",
}

// What is put into a target, replaces a byte of it, or follows it.
var odd = []string{
	";", ";;", "&;", ";&", "&", "&&", "=", "==", "?", "??", "#", "#x", "%", "%4", "%zz", "%G1", "%00", "%01", "%0a", "%0D%0A",
	"%09", "%20", "%25", "%252f", "%2525", "%26", "%2B", "%2C", "%2e", "%2E%2E", "%2f", "%2F", "%3b", "%3B", "%3D", "%3d", "%3F",
	"%23", "%41", "%5c", "%61", "%64ryRun=All", "%7e", "%7F", "%80", "%85", "%C0%AF", "%C0%AE", "%E0%80%AF", "%ED%A0%80", "%EF%BC%8F",
	"%E2%80%AE", "%E2%80%8B", "%FF", "%C3%BC", "%u002f", "+", "%2b", "/", "//", "/.", "/..", "/../", "/./", "\\", "..\\", "*", "@", ":", "[", "]",
	"{", "}", "|", "\"", "<", ">", "^", "`", "'", " ", "\t", "\n", "\r", "\x00", "\x7f", "\x80", "\xc3\xbc", "\xff", "\u2028",
	";dryRun=All", "&dryRun=All", "&dryRun=All;", "&dryRun=All;x", ";x&dryRun=All", "&dryRun=All&dryRun=", "&dryRun=&dryRun=All",
	"&dryRun=All&dryRun=All", "&dryRun=All&dryrun=None", "&DryRun=All", "&dryRun=all", "&dryRun=All%00", "&dryRun=All+", "&dryRun=+All",
	"&dryRun=All%20", "&dry%52un=All", "&dryRun=A%6cl", "&dryRun%3DAll", "&dryRun=All=", "&=dryRun=All", "&dryRun", "&dryRun=All%",
	"&dryRun=All%zz", "&x=%zz&dryRun=All", "&dryRun[]=All", "&dryRun=All,None", "&dryRun=%41ll", "&a;dryRun=All", "&dryRun=All#x",
	"?dryRun=All", "?dryRun=All;", "?;dryRun=All", "?dryRun=All&;", "?a;dryRun=All", "?&dryRun=All", "?dryRun=All&", "#?dryRun=All",
	"%3FdryRun=All", "?dryRun=All?", "?a=%3BdryRun=All", "?a=b%26dryRun=All", "?a=b%00&dryRun=All", "?dryRun=All&x=\x80",
}

var forms = []string{
	"", "*", "http://h/api", "https://h/api?dryRun=All", "HTTP://h", "//h/api", "///api", "h:443", "api", "?a=b", "#a", "/#a", "./api", "../api",
	"mailto:a", "http:api", "http:", "://", ":", "/:", "/a:b", "http://[::1]/api", "http://h:x/", "http://u:p@h/api", "/http://h/api",
	"\t/api", " /api", "/api ", "/api\r\n", "/\x00", "/%", "/%2", "/?", "/??", "/?&", "/?=", "/?=&=", "/?a", "/?a&b", "/?a=&b=", "/?a=1&a=2",
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	seen := map[string]bool{}
	record := func(target string) {
		if seen[target] {
			return
		}
		seen[target] = true
		vector := read(target)
		vector.Ordinary = slices.Contains(ordinary, target)
		if err := lines.Encode(vector); err != nil {
			panic(err)
		}
	}
	for _, target := range append(append([]string{}, ordinary...), forms...) {
		record(target)
	}
	// Each odd text behind each kind of target, at both ends of the path, and inside of the query.
	for _, base := range []string{
		"/api/v1/nodes?limit=500", "/api/v1/nodes?dryRun=All", "/api/v1/nodes?a=b&dryRun=All&c=d",
	} {
		for _, text := range odd {
			path, query, _ := strings.Cut(base, "?")
			record(base + text)
			record(path + text + "/x?" + query)
			record(path + "/" + text + "?" + query)
			record(path + "?" + text + query)
			record(path + "?" + strings.Replace(query, "=", text+"=", 1))
			record(path + "?" + strings.Replace(query, "=", "="+text, 1))
		}
	}
	// Every byte, as it is and encoded, in the path, in a key and in a value.
	for value := range 256 {
		for _, text := range []string{string([]byte{byte(value)}), fmt.Sprintf("%%%02X", value), fmt.Sprintf("%%%02x", value)} {
			record("/api/v1/nodes/a" + text + "b")
			record("/api/v1/nodes?a" + text + "b=c&dryRun=All")
			record("/api/v1/nodes?a=b" + text + "c&dryRun=All")
		}
	}
	random := rand.New(rand.NewSource(17))
	pick := func(texts []string) string { return texts[random.Intn(len(texts))] }
	// Ordinary targets with some odd text in a random place, and targets of parts alone.
	parts := append([]string{"/", "a", "dryRun", "=", "All", "&", "?", "api", "v1", "namespaces", "%41", "+"}, odd...)
	for range 900 {
		target := pick(ordinary)
		for range 1 + random.Intn(3) {
			at := random.Intn(len(target) + 1)
			end := min(len(target), at+random.Intn(3))
			target = target[:at] + pick(odd) + target[end:]
		}
		record(target)
	}
	for range 500 {
		target := "/"
		for range random.Intn(8) {
			target += pick(parts)
		}
		record(target)
	}
}
