//! What leaves the house: nowhere it should not, and never without an end.

mod egress;
mod model;
mod push;
mod webhook;
