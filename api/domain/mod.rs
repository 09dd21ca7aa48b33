//! What things are, and what may become of them.
//!
//! This room may know nothing of ours but the error; no clock, no randomness, no IO: time and ids are arguments.
//! Its invariant: whatever is in a domain type has been checked, and every rule of the product that needs no
//! database stands here, once.
//! Begin with [`conversation`], the state machine that everything else serves.

pub mod access;
pub mod agent;
pub mod answer;
pub mod audit;
pub mod block;
pub mod brand;
pub mod calendar;
pub mod canned;
pub mod change;
pub mod colour;
pub mod conversation;
pub mod coverage;
pub mod digest;
pub mod domain_name;
pub mod ending;
pub mod file;
pub mod hours;
pub mod https;
pub mod id;
pub mod key;
pub mod keyword;
pub mod ladder;
pub mod mail;
pub mod mail_text;
pub mod note;
pub mod notification;
pub mod offline;
pub mod page;
pub mod people;
pub mod permission;
pub mod proof;
pub mod push;
pub mod readiness;
pub mod report;
pub mod routing;
pub mod sender;
pub mod setting;
pub mod signal;
pub mod suggestion;
pub mod tenant;
pub mod text;
pub mod time;
pub mod webhook;
