//! A command behind the read-only proxy that does nothing, and a client that sends bytes to a server: to that proxy, or to
//! the tests' API server.

use crate::api_server::ApiServer;
use crate::tools::{Home, KCX};
use base64::Engine;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

type Stream = BufReader<rustls::StreamOwned<rustls::ClientConnection, TcpStream>>;

/// Sends requests of HTTP/1.1, with a token.
pub(crate) struct RawClient {
    address: SocketAddr,
    token: String,
    tls: Arc<rustls::ClientConfig>,
    /// The connection of the last request, if it is still open.
    kept: RefCell<Option<Stream>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The body came to its end.
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl RawClient {
    fn new(address: SocketAddr, token: &str, pem: &[u8]) -> RawClient {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let tls = Arc::new(tls.with_root_certificates(roots).with_no_client_auth());
        RawClient { address, token: token.to_owned(), tls, kept: RefCell::default() }
    }

    /// Straight to the server.
    pub(crate) fn direct(server: &ApiServer, token: &str) -> RawClient {
        RawClient::new(server.address, token, server.authority.pem().as_bytes())
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let name = ServerName::from(self.address.ip());
        let session = rustls::ClientConnection::new(self.tls.clone(), name).unwrap();
        rustls::StreamOwned::new(session, stream)
    }

    /// A new connection that offers this protocol.
    pub(crate) fn connect_speaking(
        &self,
        protocol: &[u8],
    ) -> rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
        let mut tls = (*self.tls).clone();
        tls.alpn_protocols = vec![protocol.to_vec()];
        let address = self.address;
        RawClient { address, tls: Arc::new(tls), token: String::new(), kept: RefCell::default() }.connect()
    }

    /// The next request has a new connection.
    pub(crate) fn forget(&self) {
        self.kept.take();
    }

    /// The head of a request.
    pub(crate) fn head(&self, line: &str, headers: &str) -> String {
        format!("{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{headers}\r\n", self.token)
    }

    /// Sends a request, and reads its answer. The connection is used again.
    pub(crate) fn request(&self, line: &str, headers: &str, body: &str) -> Answer {
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let raw = self.head(line, &format!("{headers}{length}")) + body;
        let kept = self.kept.borrow_mut().take();
        let was_kept = kept.is_some();
        let mut stream = kept.unwrap_or_else(|| BufReader::new(self.connect()));
        let sent = stream.get_mut().write_all(raw.as_bytes());
        match sent.and_then(|()| answer(&mut stream, line.starts_with("HEAD "))) {
            Ok(answer) => {
                if answer.is_whole && !answer.head.contains("connection: close") {
                    *self.kept.borrow_mut() = Some(stream);
                }
                answer
            }
            // It was closed in the meantime.
            Err(_) if was_kept => self.request(line, headers, body),
            Err(error) => panic!("{line}: {error}"),
        }
    }
}

fn answer(stream: &mut Stream, is_head: bool) -> std::io::Result<Answer> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let head = head.to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer { status, head, body: Vec::new(), is_whole: true };
    if is_head || status == 204 || status == 304 {
        return Ok(answer);
    }
    if !answer.head.contains("transfer-encoding: chunked") {
        let length = answer.head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length = length.map_or(0, |length| length.trim().parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        answer.body = body;
        return Ok(answer);
    }
    loop {
        let mut size = String::new();
        stream.read_line(&mut size)?;
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
            answer.is_whole = false;
            return Ok(answer);
        };
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(answer);
        }
        answer.body.extend_from_slice(&chunk[..size]);
    }
}

/// An idle command behind the proxy, and a client with the address and the token that it was given.
pub(crate) struct BehindProxy {
    child: Child,
    client: RawClient,
}

impl BehindProxy {
    /// `kcx exec test FLAGS -- …`.
    pub(crate) fn start(home: &Home, file: &Path, flags: &[&str]) -> BehindProxy {
        let mut command = home.command(KCX, file);
        command.args(["exec", "test"]).args(flags);
        command.args(["--", "sh", "-c", "cat \"$KUBECONFIG\"; echo end; read end"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        let text: Vec<String> = lines.by_ref().take_while(|line| line != "end").collect();
        let mut field = |name: &str| {
            let Some(line) = text.iter().find_map(|line| line.trim().strip_prefix(name)) else {
                let mut said = String::new();
                let _ = child.stderr.as_mut().unwrap().read_to_string(&mut said);
                panic!("{said}");
            };
            line.trim_matches([' ', '"']).to_owned()
        };

        let address = field("server: https://").parse().unwrap();
        let pem = field("certificate-authority-data:");
        let pem = base64::engine::general_purpose::STANDARD.decode(pem).unwrap();
        let token = field("token:");
        BehindProxy { client: RawClient::new(address, &token, &pem), child }
    }

    pub(crate) fn client(&self) -> &RawClient {
        &self.client
    }

    pub(crate) fn token(&self) -> &str {
        &self.client.token
    }

    /// The process of kcx.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends these bytes; returns everything until the proxy closes the connection.
    pub(crate) fn send(&self, raw: &[u8]) -> String {
        let mut stream = self.client.connect();
        stream.write_all(raw).unwrap();
        let mut answer = Vec::new();
        // After an invalid request the connection may be closed without a TLS close.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a request with this line and these headers; returns the start of its answer: `HTTP/1.1 200`.
    pub(crate) fn ask(&self, line: &[u8], headers: &str, body: &str) -> String {
        let head = format!(
            " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n{headers}\r\n{body}",
            self.token()
        );
        self.send(&[line, head.as_bytes()].concat())
    }

    pub(crate) fn code(&self, line: &str, headers: &str, body: &str) -> String {
        let answer = self.ask(line.as_bytes(), headers, body);
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Ends the command; returns kcx's output.
    pub(crate) fn end(mut self) -> String {
        self.child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let output = self.child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}
