//! Who is listening now.
//!
//! This room knows changes of the domain and who asked to hear of which; it never reads a database.
//! Its invariant: a listener hears of everything that was announced since it began to listen, or is told that it missed
//! something and must read again. Nothing is dropped in silence, and nobody who is slow holds up anybody else.
//! Begin with [`Hub`].

mod hub;

pub use hub::{Heard, Hub, Listener, Looker, Looking, News, Topic};
