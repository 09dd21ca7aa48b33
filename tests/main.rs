//! One test binary: links stay short. `cargo nextest run NAME` runs what has NAME in its path.

#![expect(clippy::disallowed_methods, reason = "tests ask the machine for time, chance and environment")]

mod access;
mod brand;
mod chaos;
mod conversation;
mod coverage;
mod door;
mod ending;
mod files;
mod hours;
mod identity;
mod invariants;
mod keys;
mod keywords;
mod mail;
mod matrix;
mod nobody;
mod notifications;
mod offering;
mod organizations;
mod outbound;
mod people;
mod push;
mod races;
mod readiness;
mod roles;
mod routing;
mod store;
mod support;
mod visitors;
mod webhooks;
mod words;
