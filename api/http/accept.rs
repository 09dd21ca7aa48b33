//! The accept loop: who may hold a connection, for how long, and how the door is closed.
//!
//! axum's own `serve` never gives up on half a header and does not know of sockets once they are upgraded, so this loop
//! drives hyper itself. A connection holds a [`Permit`] for as long as it lives, upgraded or not; [`Drain`] tells all of
//! them that the process is about to end.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep, timeout};
use tower::ServiceExt;

/// How long and how many.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// From the first moment of a connection, or the end of the last request on it, to the end of the next header.
    pub header: Duration,
    /// From the first read of a request's body to its end.
    pub body: Duration,
    /// The same for a file, which comes by PUT; whoever takes it has a stricter eye on how fast it comes.
    pub file: Duration,
    /// How long a client may take no byte of what is being written to it.
    pub stall: Duration,
    /// Header of a request, in bytes.
    pub header_bytes: usize,
    /// Connections of one address at once; an IPv6 address counts with its /64.
    pub per_address: usize,
    /// The same for loopback, where proxies and tests come from.
    pub per_loopback: usize,
    /// Connections at once.
    pub total: u32,
    /// From the start of the drain to the end of the last connection.
    pub drain: Duration,
}

impl Config {
    /// What the server uses.
    pub const DEFAULT: Self = Self {
        header: Duration::from_secs(10),
        body: Duration::from_secs(30),
        file: Duration::from_secs(1800),
        stall: Duration::from_secs(30),
        header_bytes: 32 * 1024,
        per_address: 100,
        per_loopback: 2_000,
        total: 50_000,
        drain: Duration::from_secs(25),
    };
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The news that the process is about to end. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct Drain(Arc<watch::Sender<bool>>);

impl Drain {
    /// Not started.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Starts it: the loop stops accepting, sockets close with 1012, requests in hand are finished.
    pub fn start(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has been started.
    pub fn is_started(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves once it has been started; never, if all clones are gone before.
    pub fn started(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut news = self.0.subscribe();
        async move {
            if news.wait_for(|started| *started).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

/// The right to hold a connection, given back when dropped. Found as `Arc<Permit>` in the extensions of each request;
/// whatever outlives the request, such as a socket, keeps it.
#[derive(Debug)]
pub struct Permit {
    address: IpAddr,
    counts: Arc<Counts>,
    _slot: OwnedSemaphorePermit,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// Connections by address.
#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<IpAddr, usize>>);

/// A bound listener.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    config: Config,
    counts: Arc<Counts>,
    slots: Arc<Semaphore>,
}

impl Server {
    /// Binds; port 0 takes a free one.
    pub async fn bind(address: impl ToSocketAddrs, config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let slots = Arc::new(Semaphore::new(config.total as usize));
        Ok(Self { listener, config, counts: Arc::default(), slots })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Accepts and serves until the drain has been started and is done. True if all connections ended by themselves,
    /// false if some were cut off at the end of [`Config::drain`].
    pub async fn serve(self, router: Router, drain: Drain) -> bool {
        let Self { listener, config, counts, slots } = self;
        let mut connections = JoinSet::new();
        let mut draining = pin!(drain.started());
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut draining => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, most likely: those that are open have to end first.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            match admit(peer.ip(), &config, &counts, &slots) {
                Some(permit) => {
                    let connection = serve_connection(stream, peer, permit, router.clone(), config, drain.clone());
                    connections.spawn(connection);
                }
                None => refuse(&stream),
            }
        }
        drop(listener);
        // Upgraded connections are not in the set; all of them have permits.
        let all = timeout(config.drain, slots.acquire_many(config.total)).await.is_ok();
        connections.shutdown().await;
        all
    }
}

fn admit(ip: IpAddr, config: &Config, counts: &Arc<Counts>, slots: &Arc<Semaphore>) -> Option<Arc<Permit>> {
    let address = match ip.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        ip => ip,
    };
    let limit = if address.is_loopback() { config.per_loopback } else { config.per_address };
    let slot = Arc::clone(slots).try_acquire_owned().ok()?;
    let mut map = counts.0.lock().unwrap_or_else(PoisonError::into_inner);
    let count = map.entry(address).or_insert(0);
    if *count >= limit {
        return None;
    }
    *count += 1;
    Some(Arc::new(Permit { address, counts: Arc::clone(counts), _slot: slot }))
}

/// Says why, if the client listens; it is not waited for.
fn refuse(stream: &TcpStream) {
    const BUSY: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    if let Err(error) = stream.try_write(BUSY) {
        tracing::debug!(%error, "a refused client had gone already");
    }
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    permit: Arc<Permit>,
    router: Router,
    config: Config,
    drain: Drain,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a client had gone before its first request");
        return;
    }
    let io = TokioIo::new(Guarded { stream, limit: config.stall, stalled: None });
    let held = Arc::downgrade(&permit);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let limit = if request.method() == http::Method::PUT { config.file } else { config.body };
        let mut request = request.map(|body| Body::new(Timed { body, limit, deadline: None }));
        request.extensions_mut().insert(ConnectInfo(peer));
        // An upgraded socket outlives this service, and the connection outlives its requests: the permit stands in here
        // weakly, so that whoever is last gives it back.
        if let Some(permit) = held.upgrade() {
            request.extensions_mut().insert(permit);
        }
        router.clone().oneshot(request)
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(config.header).max_buf_size(config.header_bytes.max(8 * 1024));
    let mut connection = pin!(builder.serve_connection(io, service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = drain.started() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(permit);
}

/// A stream that gives up on a peer that takes nothing.
struct Guarded {
    stream: TcpStream,
    limit: Duration,
    /// Only while a write waits: an idle connection has no timer.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Guarded {
    fn watch<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Guarded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A request's body that must be complete in time.
struct Timed {
    body: Incoming,
    limit: Duration,
    /// Only once the body was waited for: most are there with their header.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl hyper::body::Body for Timed {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err("the body took too long".into())));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx).map_err(Into::into);
        if frame.is_pending() && self.deadline.is_none() {
            let mut deadline = Box::pin(sleep(self.limit));
            // Polled once, so that it wakes this task; it cannot be over already.
            if deadline.as_mut().poll(cx).is_pending() {
                self.deadline = Some(deadline);
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reads a body into memory, up to so many bytes.
pub(super) async fn read(mut body: Body, limit: usize) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > limit as u64 {
        return Err(Unread::TooLarge);
    }
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::TooLate)?.into_data() else { continue };
        if read.len() + data.len() > limit {
            return Err(Unread::TooLarge);
        }
        read.extend_from_slice(&data);
    }
    Ok(read.into())
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// More than the limit.
    TooLarge,
    /// Not complete in time, or the client went away.
    TooLate,
}
