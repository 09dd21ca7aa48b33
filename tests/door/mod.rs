//! The GraphQL door: gate, POST, event stream, sockets, accept loop.

mod accept;
mod gate;
mod kit;
mod post;
mod socket;
mod stream;
