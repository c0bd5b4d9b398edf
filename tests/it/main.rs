//! The one integration test binary: one module a subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod analyse;
mod audit;
mod blanks;
mod byhand;
mod cache;
mod case;
mod catalogue;
mod charts;
mod circular;
mod cli;
mod collect;
mod columns;
mod compare;
mod county;
mod definitions;
mod determinism;
mod diagnosis;
mod docs;
mod large;
mod later;
mod mutation;
mod national;
mod new_programme;
mod outputs;
mod owes;
mod page;
mod paper;
mod report;
mod second;
mod silence;
mod sql;
mod tampering;
mod tidy;
mod transition;
mod validate;
