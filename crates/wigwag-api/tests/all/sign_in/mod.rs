//! Signing in, as browsers and programs do it.

pub(crate) mod browser;
mod consent;
mod demand;
mod device;
pub(crate) mod factor;
mod pages;
mod password;
mod provider;
mod recover;
mod scim;
mod sessions;
