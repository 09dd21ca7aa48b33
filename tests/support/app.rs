//! The whole app on one database, in process, and people who use it through the real router or real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use livery::app::{self, Background};
use livery::config::Config;
use livery::domain::time::{Clock, Time};
use livery::http::accept::{self, Drain, Server};
use livery::outbound::Outside;
use livery::service::{Services, setup};
use livery::store::job;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::database::Database;
use super::socket::Socket;

/// The app with the demo data. Dropped after [`App::close`], which asserts that no job is left that is due.
pub struct App {
    pub services: Services,
    /// Where it keeps everything.
    pub database: Database,
    router: Router,
    drain: Drain,
    background: Option<Background>,
    clock: Arc<AtomicI64>,
    listening: std::sync::Mutex<Option<(SocketAddr, JoinHandle<bool>)>>,
}

/// The configuration of a test: generous limits, so that only tests about limits meet them.
pub fn config(database: &Database) -> Config {
    config_with(database, &[])
}

/// The same, with some keys set otherwise.
pub fn config_with(database: &Database, also: &[(&'static str, &str)]) -> Config {
    let set = [
        ("LIVERY_LISTEN", "127.0.0.1:0".to_owned()),
        ("LIVERY_PUBLIC_URL", "http://127.0.0.1:8080".to_owned()),
        ("LIVERY_DATABASE_URL", database.url.clone()),
        ("LIVERY_SECRET_KEY_FILE", format!("{}/secret.key", database.folder.path().display())),
        ("LIVERY_FILES_URL", format!("file://{}/files", database.folder.path().display())),
        // Nobody answers there: tests about names bring a server of their own.
        ("LIVERY_DNS_SERVER", "127.0.0.1:9".to_owned()),
        ("LIVERY_VISITOR_MESSAGES_PER_MINUTE", "1000000".to_owned()),
        ("LIVERY_VISITOR_SESSIONS_PER_MINUTE", "1000000".to_owned()),
        ("LIVERY_VISITOR_REQUESTS_PER_MINUTE", "1000000".to_owned()),
        ("LIVERY_VISITOR_UPLOADS_PER_MINUTE", "1000000".to_owned()),
    ];
    let also = also.iter().map(|(key, value)| (*key, (*value).to_owned()));
    let set = set.into_iter().chain(also).map(|(key, value)| (key.to_owned(), value));
    Config::load(None, set).expect("the configuration of tests")
}

impl App {
    /// The app with the demo data and its jobs at work.
    pub async fn start(database: Database) -> Self {
        let config = config(&database);
        Self::with(database, config).await
    }

    pub async fn with(database: Database, config: Config) -> Self {
        Self::with_outside(database, config, |_| {}).await
    }

    /// The same, with something else outside than what is configured.
    pub async fn with_outside(database: Database, config: Config, change: impl FnOnce(&mut Outside)) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let clock = {
            let (ahead, real) = (ahead.clone(), app::system_clock());
            Clock::new(move || Time::from_micros(real.now().micros() + ahead.load(Ordering::SeqCst)))
        };
        let services = app::services(&config, clock, app::system_ids()).await.expect("services");
        setup::seed_demo(&services).await.expect("demo data");
        let drain = Drain::new();
        let router = app::router(&services, &config, true, drain.clone()).expect("router");
        let mut outside = app::outside(&config).expect("what is outside");
        change(&mut outside);
        let background = Some(Background::start(&services, outside));
        Self { services, database, router, drain, background, clock: ahead, listening: Default::default() }
    }

    /// Moves the app's clock forward.
    pub fn later(&self, by: std::time::Duration) {
        self.clock.fetch_add(i64::try_from(by.as_micros()).expect("short"), Ordering::SeqCst);
    }

    /// The address of a real listener over the same router, made on first use.
    pub async fn address(&self) -> SocketAddr {
        if let Some((address, _)) = &*self.listening.lock().expect("lock") {
            return *address;
        }
        let config = accept::Config { per_loopback: 20_000, ..accept::Config::default() };
        let server = Server::bind("127.0.0.1:0", config).await.expect("a port");
        let address = server.local_addr().expect("an address");
        let serving = tokio::spawn(server.serve(self.router.clone(), self.drain.clone()));
        *self.listening.lock().expect("lock") = Some((address, serving));
        address
    }

    /// Stops the jobs and whatever else runs in the background; requests go on. Not to be closed afterwards: due jobs stay.
    pub async fn rest(&mut self) {
        if let Some(background) = self.background.take() {
            background.stop().await;
        }
    }

    /// Stops everything in order, and asserts that no job is left that is due.
    pub async fn close(mut self) {
        super::until(async || {
            let mut read = self.services.store.read().await.expect("read");
            (job::due(&mut read, self.services.clock.now()).await.expect("count") == 0).then_some(())
        })
        .await;
        self.drain.start();
        let listening = self.listening.lock().expect("lock").take();
        if let Some((_, serving)) = listening {
            serving.await.expect("served");
        }
        self.rest().await;
        self.services.store.close().await;
    }

    /// Posts to the desk or the widget as whoever has that token.
    pub async fn post(&self, path: &str, token: Option<&str>, query: &str, variables: Value) -> Reply {
        let mut request = Request::post(path)
            .header("host", "127.0.0.1:8080")
            .header("content-type", "application/json")
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// Sends any request through the router.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { status, headers, json, bytes }
    }

    /// Somebody of the demo data, signed in.
    pub async fn sign_in(&self, email: &str) -> Client<'_> {
        let document = "mutation($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }";
        let variables = json!({ "email": email, "password": setup::DEMO_PASSWORD });
        let reply = self.post("/graphql", None, document, variables).await;
        let token =
            reply.json["data"]["signIn"]["accessToken"].as_str().unwrap_or_else(|| panic!("{email}: {}", reply.json));
        Client { app: self, path: "/graphql", token: Some(token.to_owned()) }
    }

    /// The first operator of the bakery.
    pub async fn operator(&self) -> Client<'_> {
        self.sign_in("operator1@bluebakery.test").await
    }

    /// The second operator of the bakery.
    pub async fn colleague(&self) -> Client<'_> {
        self.sign_in("operator2@bluebakery.test").await
    }

    /// The owner of the agency.
    pub async fn owner(&self) -> Client<'_> {
        self.sign_in("owner@northlight.test").await
    }

    /// The operator of the other organization.
    pub async fn stranger(&self) -> Client<'_> {
        self.sign_in("operator@harbordental.test").await
    }

    /// Nobody in particular, at the desk.
    pub fn anonymous(&self) -> Client<'_> {
        Client { app: self, path: "/graphql", token: None }
    }

    /// The widget of the bakery.
    pub async fn widget(&self) -> String {
        setup::demo_widget(&self.services).await.expect("look").expect("a demo widget").to_string()
    }

    /// A new visitor of the bakery, and the id of their conversation.
    pub async fn visitor(&self) -> (Client<'_>, String) {
        let document = "mutation($widget: ID!) { session(widgetId: $widget) { token conversation { id } } }";
        let reply = self.post("/widget/graphql", None, document, json!({ "widget": self.widget().await })).await;
        let session = &reply.json["data"]["session"];
        let token = session["token"].as_str().unwrap_or_else(|| panic!("{}", reply.json)).to_owned();
        let conversation = session["conversation"]["id"].as_str().expect("an id").to_owned();
        (Client { app: self, path: "/widget/graphql", token: Some(token) }, conversation)
    }
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub json: Value,
    pub bytes: bytes::Bytes,
}

impl Reply {
    /// `CODE REASON` of the first error.
    pub fn error(&self) -> String {
        error_of(&self.json)
    }
}

/// `CODE REASON` of the first error of an answer.
pub fn error_of(json: &Value) -> String {
    let extensions = &json["errors"][0]["extensions"];
    format!("{} {}", extensions["code"].as_str().unwrap_or("-"), extensions["reason"].as_str().unwrap_or("-"))
}

/// Somebody who uses the app.
#[derive(Clone)]
pub struct Client<'a> {
    pub app: &'a App,
    pub path: &'static str,
    pub token: Option<String>,
}

/// A client id that nobody has used.
pub fn client_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Client<'_> {
    /// Posts a document.
    pub async fn post(&self, document: &str, variables: Value) -> Reply {
        self.app.post(self.path, self.token.as_deref(), document, variables).await
    }

    /// What a document gives, which must succeed.
    pub async fn ask(&self, document: &str, variables: Value) -> Value {
        let reply = self.post(document, variables).await;
        assert!(reply.json["errors"].is_null(), "{document}: {}", reply.json);
        reply.json["data"].clone()
    }

    /// `CODE REASON` of how a document fails, which it must.
    pub async fn refused(&self, document: &str, variables: Value) -> String {
        let reply = self.post(document, variables).await;
        assert!(!reply.json["errors"].is_null(), "{document} should fail: {}", reply.json);
        reply.error()
    }

    /// A socket of theirs, initialised.
    pub async fn socket(&self) -> Socket {
        Socket::open(self.app.address().await, self.path, self.token.as_deref()).await
    }

    /// As a visitor: says something, and gives the message's number.
    pub async fn says(&self, text: &str) -> i64 {
        let document = "mutation($id: String!, $text: String!) { sendMessage(clientId: $id, text: $text) { seq } }";
        let data = self.ask(document, json!({ "id": client_id(), "text": text })).await;
        data["sendMessage"]["seq"].as_i64().expect("a number")
    }

    /// As a visitor: says something, and waits for the AI's answer to it.
    pub async fn asks_the_ai(&self, text: &str) {
        let said = self.says(text).await;
        let document = "{ session { conversation { messages { nodes { seq author { kind } } } } } }";
        super::until(async || {
            let data = self.ask(document, json!({})).await;
            let nodes = data["session"]["conversation"]["messages"]["nodes"].as_array().cloned().unwrap_or_default();
            nodes.iter().any(|node| node["author"]["kind"] == "AI" && node["seq"].as_i64() > Some(said)).then_some(())
        })
        .await;
    }

    /// As a visitor: asks for a human.
    pub async fn asks_for_human(&self) {
        let document = "mutation($id: String!) { requestHandoff(clientId: $id) { state } }";
        let data = self.ask(document, json!({ "id": client_id() })).await;
        assert_eq!(data["requestHandoff"]["state"], "REQUESTED");
    }

    /// As somebody of the desk: the id of the handoff of a conversation.
    pub async fn handoff_of(&self, conversation: &str) -> String {
        let document = "query($id: ID!) { conversation(id: $id) { handoff { id } } }";
        let data = self.ask(document, json!({ "id": conversation })).await;
        data["conversation"]["handoff"]["id"].as_str().expect("a handoff").to_owned()
    }

    /// As an operator: accepts the request of a conversation.
    pub async fn accepts(&self, conversation: &str) {
        let handoff = self.handoff_of(conversation).await;
        let document = "mutation($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
        let data = self.ask(document, json!({ "id": handoff })).await;
        assert_eq!(data["acceptHandoff"]["state"], "HUMAN");
    }

    /// As an operator: says something in a conversation.
    pub async fn replies(&self, conversation: &str, text: &str) -> i64 {
        let document = "mutation($id: String!, $conversation: ID!, $text: String!) {
            sendMessage(clientId: $id, conversationId: $conversation, text: $text) { seq } }";
        let variables = json!({ "id": client_id(), "conversation": conversation, "text": text });
        self.ask(document, variables).await["sendMessage"]["seq"].as_i64().expect("a number")
    }
}
