//! Livery: the whitelabel platform on which agencies sell AI chat agents, and people take conversations over, live.
//!
//! One line for each room; each room's `mod.rs` says what it may know.

pub mod app; // the wiring: the only place that knows every room
pub mod config; // what can be set
pub mod domain; // what things are and what may become of them
pub mod error; // the one error of the house
pub mod graphql; // the wire
pub mod http; // the door
pub mod jobs; // what happens later
pub mod live; // who is listening now
pub mod outbound; // what leaves the house
pub mod policy; // who may
pub mod service; // what one can do
pub mod store; // what is kept
