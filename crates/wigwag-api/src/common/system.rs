//! What the system does by itself.

use std::sync::Arc;

use wigwag_auth::Unrestricted;
use wigwag_kit::{ApiVersion, App, Caller, Ctx};

/// A view of the world for nobody in particular, who may do everything.
pub(crate) fn system(app: Arc<App>) -> Ctx {
    let nobody = Caller { member: None, token: None, authority: Arc::new(Unrestricted) };
    Ctx { app, caller: Arc::new(nobody), version: ApiVersion::NEWEST, as_of: None, based_on: None }
}
