//! Both databases behind one text: units, groups, and the traps that were found by falling into them.

mod traps;
mod units;
