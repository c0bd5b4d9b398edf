//! `dangtong` turns a county's Excel returns (报表) into checked statistics.
//!
//! Outputs are a pure function of raw returns, pipeline definition and program version.
//! Modules are listed in the order in which data flows; stages never import each other,
//! what travels between them lives in [`model`], and only [`pipeline`] knows the order.

pub mod model;

pub mod system;

pub mod cache;

pub mod columnar;

pub mod sql;

pub mod engine;

pub mod definition;

pub mod collect;

pub mod validate;

pub mod analyse;

pub mod lineage;

pub mod report;

pub mod audit;

pub mod handup;

pub mod month;

pub mod pipeline;

pub mod publish;

pub mod cli;
