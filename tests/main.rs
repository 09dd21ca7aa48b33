//! One test binary: links stay short. `cargo nextest run NAME` runs what has NAME in its path.

#![expect(clippy::disallowed_methods, reason = "tests ask the machine for time, chance and environment")]

mod access;
mod chaos;
mod conversation;
mod door;
mod identity;
mod invariants;
mod matrix;
mod outbound;
mod races;
mod store;
mod support;
