//! The bodies of answers: the proxy's own, the cluster's as they come, and the cluster's through a filter.

use crate::cluster::client::Client;
use crate::cluster::filter::{Filter, Held};
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

pub(super) type ProxyResponse = Response<ProxyBody>;

/// A body.
pub(super) enum ProxyBody {
    /// The proxy's own.
    Own(Full<Bytes>),
    /// As it comes.
    Passed {
        /// What comes.
        body: Incoming,
        /// The client counts its requests by those who have it.
        _client: Arc<Client>,
    },
    /// Through a filter.
    Filtered(Box<Filtered>),
}

/// Why a body ends early.
#[derive(Debug)]
pub(super) enum Broken {
    /// The filter holds it.
    Held(Held),
    /// The cluster's answer broke off.
    Body(hyper::Error),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Held(held) => held.fmt(f),
            Broken::Body(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Broken {}

/// A body through a filter.
pub(super) struct Filtered {
    body: Incoming,
    filter: Filter,
    /// What the filter has passed already.
    ready: Vec<u8>,
    is_over: bool,
    /// Told when it ends early.
    broken: Box<dyn Fn(&Broken) + Send + Sync>,
    _client: Arc<Client>,
}

impl ProxyBody {
    pub(super) fn own(text: impl Into<Bytes>) -> ProxyBody {
        ProxyBody::Own(Full::new(text.into()))
    }

    pub(super) fn passed(body: Incoming, client: Arc<Client>) -> ProxyBody {
        ProxyBody::Passed { body, _client: client }
    }

    /// Reads as much as the filter needs to decide whether there is an answer.
    pub(super) async fn filtered(
        mut body: Incoming,
        client: Arc<Client>,
        mut filter: Filter,
        broken: Box<dyn Fn(&Broken) + Send + Sync>,
    ) -> Result<ProxyBody, Broken> {
        let (mut ready, mut is_over) = (Vec::new(), false);
        while !filter.streams() && !is_over {
            match body.frame().await {
                Some(frame) => {
                    let Ok(data) = frame.map_err(Broken::Body)?.into_data() else { continue };
                    filter.push(&data, &mut ready).map_err(Broken::Held)?;
                }
                None => {
                    filter.finish(&mut ready).map_err(Broken::Held)?;
                    is_over = true;
                }
            }
        }
        Ok(ProxyBody::Filtered(Box::new(Filtered { body, filter, ready, is_over, broken, _client: client })))
    }
}

impl Filtered {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        loop {
            if !self.ready.is_empty() {
                return Poll::Ready(Some(Ok(std::mem::take(&mut self.ready).into())));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            let result = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.filter.push(&data, &mut self.ready).map_err(Broken::Held),
                    // Trailers.
                    Err(_) => Ok(()),
                },
                Some(Err(error)) => Err(Broken::Body(error)),
                None => {
                    self.is_over = true;
                    self.filter.finish(&mut self.ready).map_err(Broken::Held)
                }
            };
            if let Err(error) = result {
                self.is_over = true;
                self.ready = Vec::new();
                (self.broken)(&error);
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl Body for ProxyBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            ProxyBody::Own(body) => Pin::new(body)
                .poll_frame(context)
                .map(|frame| frame.map(|frame| frame.map_err(|no| match no {}))),
            ProxyBody::Passed { body, .. } => {
                Pin::new(body).poll_frame(context).map(|frame| frame.map(|frame| frame.map_err(Broken::Body)))
            }
            ProxyBody::Filtered(filtered) => {
                filtered.poll(context).map(|bytes| bytes.map(|bytes| bytes.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            ProxyBody::Own(body) => body.is_end_stream(),
            ProxyBody::Passed { body, .. } => body.is_end_stream(),
            ProxyBody::Filtered(filtered) => filtered.is_over && filtered.ready.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            ProxyBody::Own(body) => body.size_hint(),
            ProxyBody::Passed { body, .. } => body.size_hint(),
            ProxyBody::Filtered(filtered) if filtered.is_over => {
                SizeHint::with_exact(filtered.ready.len() as u64)
            }
            ProxyBody::Filtered(_) => SizeHint::default(),
        }
    }
}
