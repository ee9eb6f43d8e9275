//! A proxy in between: HTTP `CONNECT` and SOCKS5.

use super::Running;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the proxy is to be.
#[derive(Clone, Default)]
pub(crate) struct ProxySetup {
    /// Where each tunnel ends, whatever name was asked for; else where the name says.
    pub(crate) leads_to: Option<SocketAddr>,
    /// `NAME:PASSWORD` that must be shown.
    pub(crate) login: Option<String>,
    /// The status to refuse every tunnel with: `403 Forbidden`.
    pub(crate) refuses: Option<String>,
    /// Accepts, and never answers.
    pub(crate) silent: bool,
}

/// A running proxy.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _running: Running,
}

impl Proxy {
    pub(crate) fn start(setup: ProxySetup) -> Proxy {
        let asked = Arc::new(Mutex::default());
        let shared = (setup, Arc::clone(&asked));
        let running = Running::start(move |listener| accept(listener, shared.0, shared.1));
        Proxy { address: running.address, asked, _running: running }
    }

    /// The `HOST:PORT` that tunnels were asked for, one after the other.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, setup: ProxySetup, asked: Arc<Mutex<Vec<String>>>) {
    let mut tunnels = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let (setup, asked) = (setup.clone(), asked.clone());
        tunnels.spawn(async move {
            if setup.silent {
                std::future::pending::<()>().await;
            }
            // Who goes away is no failure of the proxy.
            let _ = tunnel(BufReader::new(stream), &setup, &asked).await;
        });
    }
}

/// The first byte tells SOCKS5 from HTTP.
async fn tunnel(
    mut client: BufReader<TcpStream>,
    setup: &ProxySetup,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let socks = client.fill_buf().await?.first() == Some(&5);
    let target = if socks { socks5(&mut client).await? } else { connect(&mut client, setup).await? };
    let Some(target) = target else { return Ok(()) };
    asked.lock().unwrap().push(target.clone());
    let server = match setup.leads_to {
        Some(address) => TcpStream::connect(address).await,
        None => TcpStream::connect(target.as_str()).await,
    };
    let Ok(mut server) = server else {
        let no: &[u8] =
            if socks { &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0] } else { b"HTTP/1.1 502 Bad Gateway\r\n\r\n" };
        return client.write_all(no).await;
    };
    let yes: &[u8] =
        if socks { &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0] } else { b"HTTP/1.1 200 Connection established\r\n\r\n" };
    client.write_all(yes).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// RFC 9110, 9.3.6.
async fn connect(client: &mut BufReader<TcpStream>, setup: &ProxySetup) -> std::io::Result<Option<String>> {
    let (mut target, mut login) = (None, None);
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if let Some(rest) = line.strip_prefix("CONNECT ") {
            target = rest.split(' ').next().map(str::to_owned);
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("proxy-authorization")
        {
            login = value.strip_prefix("Basic ").map(str::to_owned);
        }
        if line.is_empty() {
            break;
        }
    }
    let demanded = setup.login.as_deref().map(super::base64);
    let refused = match &setup.refuses {
        Some(refusal) => Some(refusal.as_str()),
        None if demanded.is_some() && demanded != login => Some("407 Proxy Authentication Required"),
        None if target.is_none() => Some("405 Method Not Allowed"),
        None => None,
    };
    if let Some(refusal) = refused {
        let text = format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n");
        client.write_all(text.as_bytes()).await?;
        return Ok(None);
    }
    Ok(target)
}

/// RFC 1928, without authentication.
async fn socks5(client: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut head = [0; 2];
    client.read_exact(&mut head).await?;
    let mut methods = vec![0; usize::from(head[1])];
    client.read_exact(&mut methods).await?;
    client.write_all(&[5, 0]).await?;
    let mut request = [0; 4];
    client.read_exact(&mut request).await?;
    let host = match request[3] {
        1 => {
            let mut bytes = [0; 4];
            client.read_exact(&mut bytes).await?;
            std::net::Ipv4Addr::from(bytes).to_string()
        }
        3 => {
            let mut name = vec![0; usize::from(client.read_u8().await?)];
            client.read_exact(&mut name).await?;
            String::from_utf8_lossy(&name).into_owned()
        }
        _ => {
            let mut bytes = [0; 16];
            client.read_exact(&mut bytes).await?;
            format!("[{}]", std::net::Ipv6Addr::from(bytes))
        }
    };
    Ok(Some(format!("{host}:{}", client.read_u16().await?)))
}
