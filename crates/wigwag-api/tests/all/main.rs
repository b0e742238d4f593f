//! The REST resources through `Server::handle`: sweeps over every operation, then what is
//! particular to a kind. Each on both engines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, unreachable_pub)]

mod announcements;
mod audit;
mod big_segments;
mod bootstrap;
mod code_references;
mod console;
mod contexts;
mod deliveries;
mod due;
mod environments;
mod explain_access;
mod flag_followers;
mod flag_links;
mod flags;
mod hidden;
mod history;
mod house;
mod integrations;
mod ip_allowlist;
mod limits;
mod lint;
mod matrix;
mod members;
mod oauth;
mod other;
mod projects;
mod race;
mod receiver;
mod relay_configs;
mod roles;
mod samples;
mod sdk_keys;
mod segments;
mod sign_in;
mod support;
mod sweeps;
mod tags;
mod teams;
mod tokens;
mod triggers;
mod users;
mod webhooks;
mod what_if;
mod why;
