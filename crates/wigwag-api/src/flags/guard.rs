//! Rules of environments that stand before a change: comments and approvals.

use wigwag_kit::{Ctx, Error, Proofs, Result};
use wigwag_model::doc::{Environment, Flag};

use super::access::spec;
use super::diff::Diff;
use super::load::Found;

/// Checks the environments whose configuration the change is about. What concerns the flag
/// everywhere needs neither comment nor approval (access-control.md 6.1).
///
/// # Errors
/// 400 without a comment where one is required, 405 where an approval is.
pub(crate) fn check(ctx: &Ctx, found: &Found, diff: &Diff, comment: Option<&str>, proofs: &mut Proofs) -> Result<()> {
    for key in diff.configs.keys() {
        let environment = found.environment(key)?;
        if environment.require_comments && comment.is_none_or(|text| text.trim().is_empty()) {
            let rule = format!("the environment {key} requires a comment for every change");
            return Err(Error::field("comment", rule));
        }
        if needs_approval(environment, &found.state.flag) {
            let flag = &found.state.flag;
            let spec = spec(&found.project.value, environment, flag);
            if !ctx.may(BYPASS, &spec) {
                return Err(Error::MethodNotAllowed("Approval is required to make this request".to_owned()));
            }
            proofs.add(ctx.authorise(BYPASS, &spec)?);
        }
    }
    Ok(())
}

const BYPASS: &str = "bypassRequiredApproval";

fn needs_approval(environment: &Environment, flag: &Flag) -> bool {
    let settings = &environment.approval_settings;
    settings.required || settings.required_approval_tags.iter().any(|tag| flag.tags.contains(tag))
}
