"""Certificates of every kind, and servers on loopback that show them: for the test that holds kcx against kubectl.

    server.py FOLDER    makes the certificates in FOLDER, starts all servers, writes FOLDER/ports.json, and serves
                        until stdin ends. FOLDER/log says who asked for what: NAME METHOD PATH AGENT AUTHORIZATION.
"""

import base64
import http.server
import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading

os.chdir(sys.argv[1])
LOG = open("log", "a", buffering=1)
NOW, LATER = "20240101000000Z", "20990101000000Z"
PAST, FUTURE = ("20200101000000Z", "20210101000000Z"), ("20980101000000Z", "20990101000000Z")


def openssl(*arguments, text=None):
    done = subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def read(name):
    with open(name) as file:
        return file.read()


KEYS = {
    "p224": ["EC", "-pkeyopt", "ec_paramgen_curve:P-224"],
    "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ed25519": ["ED25519"],
    "rsa1024": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    "rsa1536": ["RSA", "-pkeyopt", "rsa_keygen_bits:1536"],
    "rsa768": ["RSA", "-pkeyopt", "rsa_keygen_bits:768"],
    "rsa2048": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa3072": ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    "rsa4096": ["RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
}
NAMES = "DNS:localhost,DNS:api.cluster.test,IP:127.0.0.1,IP:::1"
SERVER = [f"subjectAltName={NAMES}", "extendedKeyUsage=serverAuth", "keyUsage=digitalSignature,keyEncipherment"]
CA = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]


def key(name, kind):
    if not os.path.exists(name + ".key"):
        openssl("genpkey", "-algorithm", *KEYS[kind], "-out", name + ".key")


def certificate(name, kind="p256", by=None, extensions=(), dates=(NOW, LATER), hash="sha256", old=False, subject=None):
    """NAME.key and NAME.crt; signed by itself where nobody else signs."""
    key(name, kind)
    request = openssl("req", "-new", "-key", name + ".key", "-subj", subject or f"/CN={name}")
    write(name + ".csr", request)
    signer = by or name
    edwards = "ed25519" in openssl("pkey", "-in", signer + ".key", "-noout", "-text").lower()
    if old:
        signing = ["-signkey", name + ".key"] if by is None else ["-CA", by + ".crt", "-CAkey", by + ".key", "-CAcreateserial"]
        openssl("x509", "-req", "-in", name + ".csr", "-days", "3650", *signing, "-out", name + ".crt")
        return
    write(name + ".ext", "[e]\n" + "\n".join(extensions) + "\n" if extensions else "[e]\nsubjectKeyIdentifier=none\n")
    write("index", "")
    config = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nrand_serial=yes\nnew_certs_dir=issued\npolicy=p\nunique_subject=no\n"
    write("ca.cnf", config + "[p]\ncommonName=supplied\norganizationName=optional\n")
    signing = ["-selfsign", "-keyfile", name + ".key"] if by is None else ["-keyfile", by + ".key", "-cert", by + ".crt"]
    openssl(
        "ca", "-batch", "-notext", "-config", "ca.cnf", "-in", name + ".csr", "-out", name + ".crt", *signing,
        "-startdate", dates[0], "-enddate", dates[1], "-md", "default" if edwards else hash,
        "-extfile", name + ".ext", "-extensions", "e",
    )


def join(name, *parts):
    write(name, "".join(read(part) for part in parts))


def server_certificate(name, kind="p256", by="ca", extensions=None, **more):
    certificate(name, kind, by, SERVER if extensions is None else extensions, **more)
    join(name + ".pem", name + ".crt", name + ".key")


def make():
    os.makedirs("issued", exist_ok=True)
    certificate("ca", extensions=CA)
    certificate("stranger", extensions=CA)
    # The same name as `ca`, another key.
    certificate("twin", extensions=CA, subject="/CN=ca")
    certificate("client", by="ca", extensions=["extendedKeyUsage=clientAuth"], subject="/O=developers/CN=jane")
    certificate("client-old", by="ca", extensions=["extendedKeyUsage=clientAuth"], dates=PAST, subject="/CN=jane")
    server_certificate("good")
    server_certificate("good2")
    for kind in KEYS:
        if kind not in ("rsa768", "p224"):
            server_certificate("key-" + kind, kind)
            certificate("ca-" + kind, kind, extensions=CA)
            server_certificate("by-" + kind, by="ca-" + kind)
            certificate("client-" + kind, kind, "ca", ["extendedKeyUsage=clientAuth"], subject="/CN=jane")
    # Other hashes than those that go with the curve.
    for kind, hash in (("p256", "sha512"), ("p384", "sha512"), ("p384", "sha256"), ("p521", "sha512"), ("p256", "sha384"), ("rsa1024", "sha512")):
        server_certificate(f"by-{kind}-{hash}", by="ca-" + kind, hash=hash)
    server_certificate("by-rsa2048-sha1", by="ca-rsa2048", hash="sha1")
    server_certificate("by-p256-sha1", by="ca-p256", hash="sha1")
    # Certificates that are their own authority, with and without saying so.
    server_certificate("self-ca", by=None, extensions=CA[:1] + SERVER[:1])
    server_certificate("self-leaf", by=None)
    server_certificate("self-plain", by=None, extensions=SERVER[:1])
    server_certificate("self-old", by=None, extensions=CA[:1] + SERVER[:1], dates=PAST)
    server_certificate("self-name", by=None, extensions=CA[:1] + ["subjectAltName=DNS:other.test"])
    server_certificate("self-client", by=None, extensions=SERVER[:1] + ["extendedKeyUsage=clientAuth"])
    server_certificate("leaf-is-ca", extensions=CA[:1] + SERVER[:1])
    server_certificate("pinned", by="stranger")
    server_certificate("expired", dates=PAST)
    server_certificate("not-yet", dates=FUTURE)
    certificate("ca-expired", extensions=CA, dates=PAST)
    server_certificate("under-expired", by="ca-expired")
    certificate("ca-not-yet", extensions=CA, dates=FUTURE)
    server_certificate("under-not-yet", by="ca-not-yet")
    # Names.
    for name, names in (
        ("wrong-name", "DNS:kubernetes,DNS:kubernetes.default,IP:10.96.0.1"),
        ("dns-only", "DNS:localhost"),
        ("ip-only", "IP:127.0.0.1"),
        ("wildcard", "DNS:*.cluster.test"),
        ("ip-as-dns", "DNS:127.0.0.1"),
        ("inner-wildcard", "DNS:api.*.test"),
        ("part-wildcard", "DNS:a*.cluster.test"),
        ("underscore", "DNS:my_api.cluster.test"),
        ("upper", "DNS:API.Cluster.TEST"),
        ("mail", "email:a@b.test"),
        ("many", ",".join(f"DNS:n{at}.test" for at in range(17))),
    ):
        server_certificate(name, extensions=[f"subjectAltName={names}"] + SERVER[1:])
    server_certificate("no-san", extensions=SERVER[1:], subject="/CN=127.0.0.1")
    # Uses and extensions.
    server_certificate("client-only", extensions=SERVER[:1] + ["extendedKeyUsage=clientAuth"])
    server_certificate("any-use", extensions=SERVER[:1] + ["extendedKeyUsage=anyExtendedKeyUsage"])
    server_certificate("no-use", extensions=SERVER[:1])
    server_certificate("critical", extensions=SERVER + ["1.2.3.4.5=critical,DER:0500"])
    server_certificate("not-critical", extensions=SERVER + ["1.2.3.4.5=DER:0500"])
    # Chains.
    certificate("inter", by="ca", extensions=CA)
    server_certificate("under-inter", by="inter")
    join("chain.pem", "under-inter.crt", "inter.crt", "under-inter.key")
    join("chain-doubled.pem", "under-inter.crt", "stranger.crt", "inter.crt", "ca.crt", "under-inter.key")
    certificate("inter-expired", by="ca", extensions=CA, dates=PAST)
    server_certificate("under-inter-expired", by="inter-expired")
    join("chain-expired.pem", "under-inter-expired.crt", "inter-expired.crt", "under-inter-expired.key")
    certificate("inter-no-ca", by="ca", extensions=SERVER[:1])
    server_certificate("under-inter-no-ca", by="inter-no-ca")
    join("chain-no-ca.pem", "under-inter-no-ca.crt", "inter-no-ca.crt", "under-inter-no-ca.key")
    certificate("inter-no-sign", by="ca", extensions=CA[:1] + ["keyUsage=digitalSignature"])
    server_certificate("under-inter-no-sign", by="inter-no-sign")
    join("chain-no-sign.pem", "under-inter-no-sign.crt", "inter-no-sign.crt", "under-inter-no-sign.key")
    certificate("inter-client", by="ca", extensions=CA + ["extendedKeyUsage=clientAuth"])
    server_certificate("under-inter-client", by="inter-client")
    join("chain-client.pem", "under-inter-client.crt", "inter-client.crt", "under-inter-client.key")
    certificate("ca-short", extensions=["basicConstraints=critical,CA:TRUE,pathlen:0"] + CA[1:])
    certificate("inter-long", by="ca-short", extensions=CA)
    server_certificate("under-short", by="ca-short")
    server_certificate("under-long", by="inter-long")
    join("chain-long.pem", "under-long.crt", "inter-long.crt", "under-long.key")
    certificate("ca-names", extensions=CA + ["nameConstraints=critical,permitted;DNS:cluster.test,permitted;IP:127.0.0.0/255.0.0.0"])
    server_certificate("names-in", by="ca-names", extensions=["subjectAltName=DNS:api.cluster.test,IP:127.0.0.1"])
    server_certificate("names-out", by="ca-names")
    certificate("ca-excluded", extensions=CA + ["nameConstraints=critical,excluded;IP:127.0.0.0/255.0.0.0"])
    server_certificate("names-excluded", by="ca-excluded")
    certificate("ca-client", extensions=CA + ["extendedKeyUsage=clientAuth"])
    server_certificate("under-ca-client", by="ca-client")
    certificate("ca-critical", extensions=CA + ["1.2.3.4.5=critical,DER:0500"])
    server_certificate("under-ca-critical", by="ca-critical")
    certificate("ca-no-ca", extensions=["basicConstraints=critical,CA:FALSE"])
    server_certificate("under-ca-no-ca", by="ca-no-ca")
    certificate("ca-bare", extensions=["subjectKeyIdentifier=hash"])
    server_certificate("under-ca-bare", by="ca-bare")
    certificate("ca-v1", old=True)
    server_certificate("under-v1", by="ca-v1")
    certificate("v1", by="ca", old=True, subject="/CN=127.0.0.1")
    join("v1.pem", "v1.crt", "v1.key")
    # Bundles.
    join("bundle", "stranger.crt", "ca.crt")
    write("junk-around", "Bag Attributes\n  some: thing\n" + read("ca.crt") + "\ntext behind\n")
    half = read("ca.crt").splitlines()
    write("junk-inside", read("ca.crt") + "\n".join(half[:2] + ["!!!"] + half[2:]) + "\n")
    write("broken-der", read("ca.crt") + "-----BEGIN CERTIFICATE-----\nAQIDBA==\n-----END CERTIFICATE-----\n")
    write("headers", read("ca.crt").replace("-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\na: b\n\n"))
    write("trusted", read("ca.crt").replace("CERTIFICATE", "TRUSTED CERTIFICATE"))
    write("crlf", read("ca.crt").replace("\n", "\r\n"))
    write("no-pem", "hello\n")
    write("empty", "")
    with open("ca.der", "wb") as file:
        file.write(base64.b64decode("".join(read("ca.crt").splitlines()[1:-1])))
    join("key-only", "ca.key")
    # Keys in other forms.
    openssl("rsa", "-in", "client-rsa2048.key", "-traditional", "-out", "client-rsa2048.pkcs1")
    openssl("ec", "-in", "client.key", "-out", "client.sec1")
    openssl("ec", "-in", "client.key", "-no_public", "-out", "client.nopoint")
    openssl("ec", "-in", "client-p521.key", "-no_public", "-out", "client-p521.nopoint")
    openssl("pkcs8", "-topk8", "-in", "client.key", "-passout", "pass:x", "-out", "client.encrypted")
    openssl("rsa", "-in", "client-rsa2048.key", "-traditional", "-aes128", "-passout", "pass:x", "-out", "client-rsa2048.encrypted")
    write("client.parameters", openssl("ecparam", "-name", "prime256v1") + read("client.sec1"))
    join("client.both", "client.crt", "client.key")
    os.makedirs("roots", exist_ok=True)
    join("roots/a-file", "ca.crt")
    for name, text in (("token", "good"), ("token-nl", "good\n"), ("token-bad", "bad")):
        write(name, text)
    plugins()


def plugins():
    """Credential plugins: scripts that print an answer."""

    def plugin(name, status, version="v1", kind="ExecCredential", more="", form=json.dumps, test=""):
        answer = {"apiVersion": f"client.authentication.k8s.io/{version}", "kind": kind, "status": status}
        answer = {field: value for field, value in answer.items() if value is not None}
        write("plugin-" + name, f"#!/bin/sh\n{test}cat <<'END'\n{form(answer)}{more}\nEND\n")
        os.chmod("plugin-" + name, 0o755)

    good = {"token": "good"}
    pair = {"clientCertificateData": read("client.crt"), "clientKeyData": read("client.key")}
    plugin("v1", good)
    plugin("v1beta1", good, "v1beta1")
    plugin("empty", {})
    plugin("certificate", pair)
    plugin("half", {"clientCertificateData": read("client.crt")})
    plugin("expired", {**good, "expirationTimestamp": "2020-01-01T00:00:00Z"})
    plugin("no-time", {**good, "expirationTimestamp": "soon"})
    plugin("no-kind", good, kind=None)
    plugin("other-kind", good, kind="Credential")
    plugin("more", good, more=" trailing")
    plugin("fields", {**good, "more": {"a": 1}})
    yaml = lambda answer: f"apiVersion: {answer['apiVersion']}\nkind: ExecCredential\nstatus:\n  token: good"
    plugin("yaml", good, form=yaml)
    plugin("cluster", good, test="case $KUBERNETES_EXEC_INFO in *'\"server\":\"https://127.0.0.1'*) ;; *) exit 1 ;; esac\n")


# `{"alg":"none"} . {"exp":4000000000}`: a token of an identity provider.
JWT = "eyJhbGciOiAibm9uZSJ9.eyJleHAiOiA0MDAwMDAwMDAwfQ.x"
TOKENS = {"Bearer good": "jane", "Bearer " + JWT: "jane"}
BASIC = "Basic " + base64.b64encode(b"jane:secret").decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (OSError, ValueError):
            self.close_connection = True

    def send(self, code, body=None, **headers):
        data = json.dumps(body).encode() if body is not None else b""
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, name = self.server.kind, self.server.name
        authorization = self.headers.get("Authorization")
        agent = (self.headers.get("User-Agent") or "-").split("/")[0]
        LOG.write(f"{name} {self.command} {self.path} {agent} {authorization}\n")
        path = self.path.split("?")[0]
        if kind == "prefix" and path.startswith("/k8s/c1/"):
            path = path[len("/k8s/c1"):]
        elif kind == "prefix":
            return self.send(404, {"kind": "Status", "message": "no such path", "code": 404})
        if kind.startswith("redirect"):
            if not path.startswith("/moved"):
                code = int(kind.split("-")[1])
                target = kind.split("-", 2)[2]
                places = {
                    "same": f"/moved{path}", "loop": path,
                    "absolute": f"https://127.0.0.1:{self.server.server_port}/moved{path}",
                    "other": f"https://127.0.0.1:{PORTS['good2']}{path}",
                    "plain": f"http://127.0.0.1:{PORTS['plain']}{path}",
                    "none": None, "odd": "https://[::1",
                }
                place = places[target]
                return self.send(code, {}, **({"Location": place} if place else {}))
            path = path[len("/moved"):]
        user = TOKENS.get(authorization) or ("jane" if authorization == BASIC else None)
        if kind == "login" or self.server.client:
            shown = None
            if hasattr(self.connection, "getpeercert"):
                shown = self.connection.getpeercert()
            if shown:
                user = "jane"
            if user is None:
                status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized", "code": 401}
                return self.send(401, status)
        if kind == "somebody":
            user = "the proxy's"
        elif kind == "ignores":
            user = None
        if self.headers.get("Impersonate-User"):
            user = self.headers["Impersonate-User"]
        elif any(name.lower().startswith("impersonate-") for name in self.headers):
            return self.send(400, {"kind": "Status", "message": "no user", "code": 400})
        if path == "/version":
            return self.send(200, {"gitVersion": "v1.37.1", "major": "1", "minor": "37"})
        if path.endswith("/selfsubjectreviews"):
            status = {"userInfo": {"username": user or "system:anonymous"}}
            return self.send(201, {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1", "status": status})
        return self.send(404, {"kind": "Status", "message": "not found", "code": 404})

    do_GET = do_POST = answer

    def do_CONNECT(self):
        """As a proxy."""
        wanted = self.server.login
        shown = self.headers.get("Proxy-Authorization")
        LOG.write(f"{self.server.name} CONNECT {self.path} - {self.headers.get('Authorization')}\n")
        if wanted and shown != wanted:
            return self.send(407)
        host, port = self.path.rsplit(":", 1)
        try:
            # Wherever it is to go, it goes to this machine.
            other = socket.create_connection(("127.0.0.1", int(port)))
        except OSError:
            return self.send(502)
        self.send_response(200)
        self.end_headers()
        pump(self.connection, other)
        self.close_connection = True


def pump(one, two):
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    thread = threading.Thread(target=copy, args=(two, one), daemon=True)
    thread.start()
    copy(one, two)


class Socks(socketserver.BaseRequestHandler):
    def handle(self):
        take = lambda count: self.request.recv(count, socket.MSG_WAITALL)
        methods = take(take(2)[1])
        if self.server.login:
            self.request.sendall(b"\5\2" if 2 in methods else b"\5\xff")
            if 2 not in methods:
                return
            name = take(take(2)[1])
            password = take(take(1)[0])
            fine = f"{name.decode()}:{password.decode()}" == self.server.login
            self.request.sendall(b"\1\0" if fine else b"\1\1")
            if not fine:
                return
        else:
            self.request.sendall(b"\5\0")
        kind = take(4)[3]
        host = take(4) if kind == 1 else take(16) if kind == 4 else take(take(1)[0])
        port = int.from_bytes(take(2), "big")
        LOG.write(f"{self.server.name} SOCKS {port} - -\n")
        try:
            other = socket.create_connection(("127.0.0.1", port))
        except OSError:
            self.request.sendall(b"\5\5\0\1\0\0\0\0\0\0")
            return
        self.request.sendall(b"\5\0\0\1\0\0\0\0\0\0")
        pump(self.request, other)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 64
    kind, client, login, context = "open", False, None, None

    def handle_error(self, *_):
        pass

    def finish_request(self, request, address):
        if self.context:
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except (OSError, ValueError):
                return
        try:
            super().finish_request(request, address)
        finally:
            if self.context:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                request.close()


class Six(Server):
    address_family = socket.AF_INET6


PORTS = {}


def serve(name, pem=None, kind="open", client=None, handler=Handler, login=None, tls12=False, six=False):
    server = (Six if six else Server)(("::1" if six else "127.0.0.1", 0), handler)
    server.name, server.kind, server.login, server.client = name, kind, login, client
    server.server_port = server.server_address[1]
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if tls12:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(pem)
        if client:
            context.load_verify_locations("ca.crt")
            context.verify_mode = ssl.CERT_REQUIRED if client == "demanded" else ssl.CERT_OPTIONAL
        server.context = context
    PORTS[name] = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()


make()
for pem in sorted(name for name in os.listdir(".") if name.endswith(".pem")):
    serve(pem[:-4], pem)
for kind in ("p521", "rsa1024", "rsa2048", "p384", "p256"):
    serve(f"key-{kind}-12", f"key-{kind}.pem", tls12=True)
serve("plain", kind="somebody")
serve("anybody")
serve("ignores", "good.pem", "ignores")
serve("login", "good.pem", "login")
serve("login-plain", None, "login")
serve("demands", "good.pem", client="demanded")
serve("demands-12", "good.pem", client="demanded", tls12=True)
serve("asks", "good.pem", client="asked")
serve("prefix", "good.pem", "prefix")
serve("six", "good.pem", six=True)
for kind in ("301-same", "302-same", "303-same", "307-same", "308-same", "302-loop", "302-absolute", "302-other", "307-other", "302-plain", "302-none", "302-odd", "300-same"):
    serve("redirect-" + kind, "good.pem", "redirect-" + kind)
login = base64.b64encode(b"me:p@ss").decode()
serve("proxy")
serve("proxy-login", login="Basic " + login)
serve("proxy-tls", "good.pem")
serve("proxy-tls-stranger", "pinned.pem")
serve("socks", handler=Socks)
serve("socks-login", handler=Socks, login="me:p@ss")
write("ports.json.new", json.dumps(PORTS))
os.rename("ports.json.new", "ports.json")
print("ready", flush=True)
sys.stdin.read()
