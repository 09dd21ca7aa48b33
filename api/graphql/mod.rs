//! The wire: what clients can ask, and the types they get. Two schemas, so that a visitor's token cannot even name a
//! field of the desk.
//!
//! This room may know the services and the domain; it never sees the store, and no HTTP.
//! Its invariant: every field declares who may have it (`@requires`, `@public`, `@ownerOnly`), and a field that does not
//! is answered to nobody. A resolver parses, calls one service, and wraps what comes back.
//! Begin with [`Desk`], then [`guard`](self::guard), then `desk/conversation.rs`.

pub mod desk;
mod error;
mod guard;
mod loaders;
pub mod widget;
mod wire;

use std::sync::Arc;

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use crate::domain::access::Actor;
use crate::error::{Code, Error, Result};
use crate::service::identity::Origin;
use crate::service::{Services, access, identity, visitor};

pub use error::{details, server_error};
pub use guard::{Guard, Rule};
pub use wire::widget_config_json;

/// Who asks, and what is known of where from. One for each request, and one for each socket.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub origin: Origin,
    /// The refresh token of the cookie; only where a cookie may be read.
    pub refresh_token: Option<String>,
    /// Whether cookies can be set in the answer.
    pub can_set_cookies: bool,
    /// Whether who it is was found out some time ago, when the socket was opened.
    pub outlives: bool,
}

impl Asking {
    /// Refuses what sets a cookie where none can be set.
    pub(crate) fn must_set_cookies(&self) -> Result<()> {
        if self.can_set_cookies {
            return Ok(());
        }
        Err(Error::invalid("operation", "USE_POST", "Signing in and out sets a cookie: send it by POST."))
    }
}

/// One of the two schemas, with its guard.
pub struct Api<Q, M, S> {
    schema: Schema<Q, M, S>,
    guard: Arc<Guard>,
    services: Services,
}

impl<Q, M, S> Clone for Api<Q, M, S> {
    fn clone(&self) -> Self {
        Self { schema: self.schema.clone(), guard: self.guard.clone(), services: self.services.clone() }
    }
}

/// The schema of staff and client users.
pub type Desk = Api<desk::Query, desk::Mutation, desk::Subscription>;

/// The schema of visitors.
pub type WidgetApi = Api<widget::Query, widget::Mutation, widget::Subscription>;

/// How deep selections may nest; the gate has seen to everything else.
const DEPTH: usize = 16;

impl Desk {
    /// The desk over the services. Introspection is for demo mode and for making the SDL.
    pub fn desk(services: Services, introspection: bool) -> Result<Self> {
        let builder = Schema::build(desk::Query::default(), desk::Mutation::default(), desk::Subscription);
        Self::over(services, builder, introspection)
    }
}

impl WidgetApi {
    /// The visitors' door over the services.
    pub fn widget(services: Services, introspection: bool) -> Result<Self> {
        let builder = Schema::build(widget::Query, widget::Mutation, widget::Subscription);
        Self::over(services, builder, introspection)
    }
}

/// The desk's schema in the definition language.
pub fn desk_sdl() -> String {
    tidy(&Schema::build(desk::Query::default(), desk::Mutation::default(), desk::Subscription).finish().sdl())
}

/// The visitors' schema in the definition language.
pub fn widget_sdl() -> String {
    tidy(&Schema::build(widget::Query, widget::Mutation, widget::Subscription).finish().sdl())
}

/// The library's export, with the description of `Time` and one newline at the end.
fn tidy(sdl: &str) -> String {
    let lines: Vec<&str> = sdl.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim())
}

impl<Q, M, S> Api<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn over(services: Services, builder: async_graphql::SchemaBuilder<Q, M, S>, introspection: bool) -> Result<Self> {
        let mut builder = builder.data(services.clone()).limit_depth(DEPTH);
        if !introspection {
            builder = builder.disable_introspection().disable_suggestions();
        }
        let schema = builder.finish();
        let guard = Arc::new(Guard::of_sdl(&schema.sdl())?);
        Ok(Self { schema, guard, services })
    }

    /// The services behind it.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The same person as things are now: a socket outlives what its owner could do when it was opened.
    async fn now(&self, mut asking: Asking) -> std::result::Result<Asking, Box<Response>> {
        match Box::pin(identity::again(&self.services, &asking.actor)).await {
            Ok(actor) => {
                asking.actor = actor;
                Ok(asking)
            }
            Err(error) => Err(Box::new(Response::from_errors(vec![server_error(&error)]))),
        }
    }

    /// Answers a query or a mutation that has been parsed.
    pub async fn execute(&self, mut asking: Asking, mut request: Request) -> Response {
        if asking.outlives {
            asking = match self.now(asking).await {
                Ok(asking) => asking,
                Err(refusal) => return *refusal,
            };
        }
        if let Err(error) = self.ask_guard(&asking.actor, &mut request) {
            let error = self.within_reach(&asking.actor, &mut request, error).await;
            return Response::from_errors(vec![server_error(&error)]);
        }
        if let Err(error) = self.admit(&asking, &mut request).await {
            return Response::from_errors(vec![server_error(&error)]);
        }
        let request = request.data(loaders::Loaders::new(&self.services, &asking.actor)).data(asking);
        self.schema.execute(request).await
    }

    /// Answers a subscription; the guard is asked again for each event.
    pub fn subscribe(&self, asking: Asking, request: Request) -> BoxStream<'static, Response> {
        let api = self.clone();
        let begin = async move {
            match api.now(asking).await {
                Ok(asking) => api.follow(asking, request),
                Err(refusal) => futures_util::stream::once(std::future::ready(*refusal)).boxed(),
            }
        };
        futures_util::stream::once(begin).flatten().boxed()
    }

    fn follow(&self, asking: Asking, mut request: Request) -> BoxStream<'static, Response> {
        let needs = match self.ask_guard(&asking.actor, &mut request) {
            Ok(needs) => needs,
            Err(error) => {
                let (api, actor) = (self.clone(), asking.actor);
                let refusal = async move {
                    let error = api.within_reach(&actor, &mut request, error).await;
                    Response::from_errors(vec![server_error(&error)])
                };
                return futures_util::stream::once(refusal).boxed();
            }
        };
        let (actor, services, guard) = (asking.actor.clone(), self.services.clone(), self.guard.clone());
        let request = request.data(loaders::Loaders::new(&self.services, &asking.actor)).data(asking);
        let events = self.schema.execute_stream(request);
        events
            .then(move |event| {
                let (actor, services, guard, needs) = (actor.clone(), services.clone(), guard.clone(), needs.clone());
                async move {
                    let still = match Box::pin(identity::again(&services, &actor)).await {
                        Ok(actor) => guard.still(&services.policy, &actor, &needs),
                        Err(error) => Err(error),
                    };
                    match still {
                        Ok(()) => event,
                        Err(error) => Response::from_errors(vec![server_error(&error)]),
                    }
                }
            })
            .boxed()
    }

    /// What is forbidden is said only of things within reach; whatever the document names beyond it is not found, the
    /// same whether or not it exists.
    async fn within_reach(&self, actor: &Actor, request: &mut Request, refusal: Error) -> Error {
        if refusal.code != Code::Forbidden {
            return refusal;
        }
        let variables = request.variables.clone();
        let Ok(document) = request.parsed_query() else { return refusal };
        for id in guard::ids_named(document, &variables) {
            if let Err(error) = access::look_for(&self.services, actor, &id).await {
                return error;
            }
        }
        refusal
    }

    /// Lets a visitor change something, or not: asked of every mutation of theirs, before any of it runs.
    async fn admit(&self, asking: &Asking, request: &mut Request) -> Result<()> {
        if !self.guard.is_of_visitors() {
            return Ok(());
        }
        let document = request.parsed_query().map_err(|error| Error::invalid("query", "SYNTAX", error.message))?;
        for name in self.guard.changes(document) {
            let deed = visitor::Deed::of(&name);
            visitor::admit(&self.services, &asking.actor, deed, asking.origin.address).await?;
        }
        Ok(())
    }

    fn ask_guard(&self, actor: &Actor, request: &mut Request) -> Result<Arc<[Rule]>> {
        let document = request.parsed_query().map_err(|error| Error::invalid("query", "SYNTAX", error.message))?;
        self.guard.check(&self.services.policy, actor, document)
    }
}
