//! The one integration test binary: one module a subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod report;
