//! The REST resources, through the server and on both engines.

mod bootstrap;
mod environments;
mod house;
mod members;
mod other;
mod projects;
mod tokens;
