//! A small schema behind the door, a server with short limits, and clients.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_graphql::{Context, ErrorExtensions, Object, Request, Response, Schema, Subscription};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use livery::error::{Code, Error};
use livery::http::accept::{Config, Drain, Server};
use livery::http::graphql::{self, Api, Credentials, Event, Limits, RequestId};
use tokio::sync::{Notify, watch};

/// Patience of the tests: only a failing one waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that must happen.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it should have happened by now")
}

/// Waits for something that can only be looked at.
pub async fn until(condition: impl Fn() -> bool) {
    soon(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// What resolvers do and tests look at.
#[derive(Default)]
pub struct World {
    pub bumped: AtomicU32,
    /// A `slowBump` has begun.
    pub begun: Notify,
    /// Lets one `slowBump` go on.
    pub go: Notify,
    pub bump_done: Notify,
    /// Subscriptions that are running.
    pub running: AtomicU32,
    /// Lets one `slow` token be authenticated.
    pub authenticate: Notify,
    pub seen: Mutex<Vec<Credentials>>,
    /// Events produced by `flood`.
    pub flooded: AtomicU32,
}

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("Hello {}", name.unwrap_or_default())
    }
    async fn me(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Arc<str>>().to_string()
    }
    async fn request_id(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<RequestId>().to_string()
    }
    async fn child(&self) -> Query {
        Query
    }
    async fn bare(&self) -> async_graphql::Result<String> {
        Err("password of the database".into())
    }
    async fn coded(&self) -> async_graphql::Result<String> {
        Err(async_graphql::Error::new("taken").extend_with(|_, e| {
            e.set("code", "CONFLICT");
            e.set("reason", "ALREADY_ACCEPTED");
        }))
    }
    async fn panics(&self) -> u32 {
        [0_u32].iter().copied().find(|number| *number > 0).expect("a resolver that panics, on purpose")
    }
    async fn big(&self, size: usize) -> String {
        "x".repeat(size)
    }
    async fn cookie(&self, ctx: &Context<'_>) -> bool {
        ctx.append_http_header("set-cookie", "a=1");
        ctx.append_http_header("set-cookie", "b=2");
        true
    }
    async fn never(&self) -> bool {
        std::future::pending().await
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn bump(&self, ctx: &Context<'_>) -> u32 {
        ctx.data_unchecked::<Arc<World>>().bumped.fetch_add(1, Ordering::SeqCst) + 1
    }
    async fn slow_bump(&self, ctx: &Context<'_>) -> u32 {
        let world = ctx.data_unchecked::<Arc<World>>();
        world.begun.notify_one();
        world.go.notified().await;
        let bumped = world.bumped.fetch_add(1, Ordering::SeqCst) + 1;
        world.bump_done.notify_one();
        bumped
    }
}

pub struct Subscriptions;

struct Running(Arc<World>);
impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn running(ctx: &Context<'_>) -> Running {
    let world = ctx.data_unchecked::<Arc<World>>().clone();
    world.running.fetch_add(1, Ordering::SeqCst);
    Running(world)
}

#[Subscription]
impl Subscriptions {
    async fn count(&self, to: u32) -> impl Stream<Item = u32> {
        stream::iter(1..=to)
    }
    /// One event, then silence.
    async fn quiet(&self, ctx: &Context<'_>) -> impl Stream<Item = u32> {
        let running = running(ctx);
        stream::iter([1]).chain(stream::pending()).inspect(move |_| {
            let _ = &running;
        })
    }
    async fn flood(&self, ctx: &Context<'_>, size: usize) -> impl Stream<Item = String> {
        let running = running(ctx);
        let events = stream::repeat_with(move || {
            running.0.flooded.fetch_add(1, Ordering::SeqCst);
            "x".repeat(size)
        });
        // More than a kernel holds for a connection, and little enough that a door that holds nothing back fails its test
        // instead of filling the machine.
        events.take(20_000).chain(stream::pending())
    }
    /// Two events, then a panic.
    async fn breaks(&self) -> impl Stream<Item = u32> {
        stream::iter(1..)
            .map(|number| Some(number).filter(|number| *number < 3).expect("a stream that panics, on purpose"))
    }
    async fn closed(&self) -> async_graphql::Result<stream::Empty<u32>> {
        Err(async_graphql::Error::new("no").extend_with(|_, e| {
            e.set("code", "FORBIDDEN");
            e.set("reason", "NO_PERMISSION");
        }))
    }
}

pub type TestSchema = Schema<Query, Mutation, Subscriptions>;

#[derive(Clone)]
pub struct TestApi {
    pub schema: TestSchema,
    pub world: Arc<World>,
    pub limits: Arc<Limits>,
    pub revoked: Arc<watch::Sender<bool>>,
}

impl TestApi {
    pub fn new(limits: Limits) -> Self {
        let world = Arc::<World>::default();
        let schema = Schema::build(Query, Mutation, Subscriptions).data(world.clone()).finish();
        Self { schema, world, limits: Arc::new(limits), revoked: Arc::new(watch::Sender::new(false)) }
    }
}

impl Api for TestApi {
    type Caller = Arc<str>;

    async fn authenticate(&self, credentials: Credentials) -> Result<Self::Caller, Error> {
        let bearer = credentials.bearer.clone();
        self.world.seen.lock().expect("no test panics here").push(credentials);
        match bearer.as_deref() {
            None => Ok("nobody".into()),
            Some("bad") => Err(Error::unauthenticated("TOKEN", "The token is not valid.")),
            Some("banned") => Err(Error::new(Code::Forbidden, "SUSPENDED", "Suspended.")),
            Some("slow") => {
                self.world.authenticate.notified().await;
                Ok("slow".into())
            }
            Some(name) => Ok(name.into()),
        }
    }

    async fn execute(&self, caller: Self::Caller, request: Request) -> Response {
        self.schema.execute(request.data(caller)).await
    }

    fn subscribe(&self, caller: Self::Caller, request: Request) -> BoxStream<'static, Event> {
        if request.query.contains("shared") {
            let one: Arc<str> = r#"{"data":{"shared":1}}"#.into();
            return stream::iter([one.clone(), one].map(Event::Shared)).boxed();
        }
        self.schema.execute_stream(request.data(caller)).map(Event::from).boxed()
    }

    fn revoked(&self, _caller: &Self::Caller) -> BoxFuture<'static, ()> {
        let mut revoked = self.revoked.subscribe();
        Box::pin(async move {
            if revoked.wait_for(|revoked| *revoked).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    fn origin_allowed(&self, _host: &str, origin: &str) -> bool {
        origin == "https://desk.example"
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// A server on a free port, and the task it runs in.
pub struct Door {
    pub address: SocketAddr,
    pub api: TestApi,
    pub drain: Drain,
    pub ended: tokio::task::JoinHandle<bool>,
}

pub async fn start(limits: Limits, config: Config) -> Door {
    let api = TestApi::new(limits);
    let drain = Drain::new();
    let server = Server::bind("127.0.0.1:0", config).await.expect("a free port");
    let address = server.local_addr().expect("it is bound");
    let router = graphql::router("/graphql", api.clone(), drain.clone());
    let ended = tokio::spawn(server.serve(router, drain.clone()));
    Door { address, api, drain, ended }
}

/// With all limits as they are.
pub async fn usual() -> Door {
    start(Limits::DEFAULT, Config::DEFAULT).await
}
