//! Signing in, as browsers and programs do it.

mod browser;
mod consent;
mod device;
mod factor;
mod pages;
mod password;
mod recover;
mod scim;
mod sessions;
