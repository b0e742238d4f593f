//! Roles that come with Wigwag (access-control.md 2.2): ordinary custom roles whose first statements are ours and can
//! be read only. The account adds statements of its own to their policies. What exactly the presets of the contract
//! allow is not published: these follow what is said of each, and are described in docs/operate/access.md.
//!
//! They are stored like any other role, so that members, teams, tokens and provisioning can hold them. A process that
//! starts writes those that are missing or of an older edition.

use serde_json::{Value, json};
use wigwag_auth::policy::resource_types;
use wigwag_kit::resource::Account;
use wigwag_kit::{Change, Ctx, Error, Proofs, Resource, Result, Target};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{BasePermissions, CustomRole, Kind};
use wigwag_model::id::Ids;
use wigwag_store::{DocKey, Expect};

use super::Roles;
use crate::read;

/// The edition of the roles below: one more whenever any of them is changed.
const EDITION: u32 = 1;

/// What only those who pay for the account do.
const BILLING: [&str; 6] = [
    "deleteSubscription",
    "getPaymentCard",
    "updateBillingContact",
    "updatePaymentCard",
    "updateSubscription",
    "updateAccountTokenLimit",
];
/// What only an owner does.
const OWNERS: [&str; 2] = ["deleteAccount", "updateAccountOwner"];

/// What is made of flags and beside them, within a project.
const WORK: [&str; 22] = [
    "env/*:flag",
    "env/*:segment",
    "env/*:experiment",
    "env/*:holdout",
    "env/*:aiconfig",
    "env/*:product-analytics-dashboard",
    "env/*:notification-subscription",
    "env/*:assignment-data-source",
    "metric",
    "metric-group",
    "metric-data-source",
    "layer",
    "context-kind",
    "aiconfig",
    "ai-model-config",
    "ai-tool",
    "prompt-snippet",
    "agent-graph",
    "agent-optimization",
    "agent-skill",
    "ai-dataset",
    "ai-evaluation",
];
/// What groups flags, within a project, besides the project and its environments.
const GROUPS: [&str; 9] = [
    "env/*:sdk-key",
    "env/*:destination",
    "view",
    "release-pipeline",
    "release-policy",
    "context-kind",
    "layer",
    "metric",
    "metric-group",
];
/// What has approvals, within a project.
const APPROVED: [&str; 4] = ["env/*:flag", "env/*:segment", "env/*:aiconfig", "aiconfig"];
const APPROVALS: [&str; 5] = [
    "createApprovalRequest",
    "updateApprovalRequest",
    "deleteApprovalRequest",
    "reviewApprovalRequest",
    "applyApprovalRequest",
];
/// Changes of what a flag serves, none of which takes anything away for good.
const RELEASES: [&str; 22] = [
    "updateOn",
    "updateTargets",
    "updateRules",
    "updateFlagRuleDescription",
    "updateFallthrough",
    "updateOffVariation",
    "updatePrerequisites",
    "updateExpiringTargets",
    "updateScheduledChanges",
    "updateFeatureWorkflows",
    "updateFallthroughWithMeasuredRollout",
    "updateRulesWithMeasuredRollout",
    "updateMeasuredRolloutConfiguration",
    "stopMeasuredRolloutOnFlagFallthrough",
    "stopMeasuredRolloutOnFlagRule",
    "updateFlagConfigMigrationSettings",
    "updateReleasePhaseStatus",
    "updateDeprecated",
    "copyFlagConfigFrom",
    "copyFlagConfigTo",
    "updateTrackEvents",
    "manageFlagFollowers",
];

/// One of the roles.
struct Preset {
    key: &'static str,
    name: &'static str,
    description: &'static str,
    category: &'static str,
    statements: fn() -> Vec<Value>,
}

const PRESETS: [Preset; 9] = [
    Preset {
        key: "launchdarkly-admin",
        name: "Admin (preset)",
        description: "Everything but billing and the account itself.",
        category: "organization",
        statements: || {
            let kept: Vec<&str> = BILLING.iter().chain(&OWNERS).copied().collect();
            vec![allow(&["*"], &all()), json!({"effect": "deny", "actions": kept, "resources": ["acct"]})]
        },
    },
    Preset {
        key: "launchdarkly-architect",
        name: "Architect (preset)",
        description: "All projects with what is in them, and what belongs to no project; may bring in members.",
        category: "organization",
        statements: || {
            let top = ["application/*", "code-reference-repository/*", "integration/*", "relay-proxy-config/*"];
            let rest: Vec<String> = top.iter().chain(&["template/*", "webhook/*"]).map(|&s| s.to_owned()).collect();
            let people = ["createMember", "updateRole", "updateCustomRole", "updateMemberRoleAttributes"];
            vec![
                allow(&["*"], &all().into_iter().filter(|s| s.starts_with("proj/")).collect::<Vec<_>>()),
                allow(&["*"], &rest),
                allow(&people, &["member/*".to_owned()]),
                allow(&["viewAccount"], &["acct".to_owned()]),
                allow(&["viewTeam"], &["team/*".to_owned()]),
            ]
        },
    },
    Preset {
        key: "launchdarkly-billing-admin",
        name: "Billing Admin (preset)",
        description: "What concerns paying for the account, and nothing else.",
        category: "organization",
        statements: || {
            let actions: Vec<&str> = BILLING.iter().copied().chain(["viewAccount"]).collect();
            vec![allow(&actions, &["acct".to_owned()])]
        },
    },
    Preset {
        key: "launchdarkly-member",
        name: "Member (preset)",
        description: "Nothing by itself: for members who get project roles besides.",
        category: "organization",
        statements: Vec::new,
    },
    Preset {
        key: "launchdarkly-project-admin",
        name: "Project Admin (preset)",
        description: "Everything in the projects of the role attribute projectAdminProjectKeys.",
        category: "project",
        statements: || vec![allow(&["*"], &of_projects("projectAdminProjectKeys"))],
    },
    Preset {
        key: "launchdarkly-maintainer",
        name: "Maintainer (preset)",
        description: "What groups flags, such as environments, views and releases, in the projects of the role \
                      attribute maintainerProjectKeys; approvals.",
        category: "project",
        statements: || {
            let of = "maintainerProjectKeys";
            let mut groups = vec![format!("{}", project(of)), format!("{}:env/*", project(of))];
            groups.extend(parts(of, &GROUPS));
            let kept = json!(["createProject", "deleteProject"]);
            vec![
                allow(&["view*"], &of_projects(of)),
                allow(&["*"], &groups),
                allow(&APPROVALS, &parts(of, &APPROVED)),
                json!({"effect": "deny", "actions": kept, "resources": [project(of)]}),
            ]
        },
    },
    Preset {
        key: "launchdarkly-developer",
        name: "Developer (preset)",
        description: "Flags, segments, metrics, experiments and the like in the projects of the role attribute \
                      developerProjectKeys.",
        category: "project",
        statements: || {
            let of = "developerProjectKeys";
            let links = ["linkFlagToView", "unlinkFlagFromView", "linkSegmentToView", "unlinkSegmentFromView"];
            let ai = ["linkAIConfigToView", "unlinkAIConfigFromView"];
            let links: Vec<&str> = links.iter().chain(&ai).copied().collect();
            vec![
                allow(&["view*"], &of_projects(of)),
                allow(&["*"], &parts(of, &WORK)),
                allow(&links, &parts(of, &["view"])),
            ]
        },
    },
    Preset {
        key: "launchdarkly-contributor",
        name: "Contributor (preset)",
        description: "Switches and releases flags in the projects of the role attribute contributorProjectKeys; \
                      creates and deletes none; approvals.",
        category: "project",
        statements: || {
            let of = "contributorProjectKeys";
            vec![
                allow(&["view*"], &of_projects(of)),
                allow(&RELEASES, &parts(of, &["env/*:flag"])),
                allow(&APPROVALS, &parts(of, &APPROVED)),
            ]
        },
    },
    Preset {
        key: "launchdarkly-viewer",
        name: "Viewer (preset)",
        description: "Sees the projects of the role attribute viewerProjectKeys.",
        category: "project",
        statements: || vec![allow(&["view*"], &of_projects("viewerProjectKeys"))],
    },
];

fn allow(actions: &[&str], resources: &[String]) -> Value {
    json!({"effect": "allow", "actions": actions, "resources": resources})
}

/// Every type of resource.
fn all() -> Vec<String> {
    resource_types().iter().map(|known| known.specifier.to_owned()).collect()
}

/// The projects that a role attribute lists.
fn project(attribute: &str) -> String {
    format!("proj/${{roleAttribute/{attribute}}}")
}

/// Every type of resource in these projects, and the projects.
fn of_projects(attribute: &str) -> Vec<String> {
    let types = resource_types().iter().map(|known| known.specifier);
    types.filter_map(|s| s.strip_prefix("proj/*")).map(|rest| format!("{}{rest}", project(attribute))).collect()
}

/// Types of resource in these projects.
fn parts(attribute: &str, types: &[&str]) -> Vec<String> {
    types.iter().map(|one| format!("{}:{one}/*", project(attribute))).collect()
}

impl Preset {
    /// The role as it is at first.
    fn made(&self, ids: &Ids, now: Millis) -> CustomRole {
        CustomRole {
            id: ids.object_id(),
            key: self.key.to_owned(),
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            base_permissions: BasePermissions::NoAccess,
            policy: Vec::new(),
            resource_category: Some(self.category.to_owned()),
            preset_version: Some(EDITION),
            preset_statements: (self.statements)(),
            created_at: now,
            modified_at: now,
        }
    }
}

/// Adds all of them to the change that sets up an account.
///
/// # Errors
/// Never for roles that can be written as JSON.
pub(crate) fn found(change: &mut Change, ctx: &Ctx) -> Result<()> {
    PRESETS.iter().try_for_each(|preset| {
        let role = preset.made(&ctx.app.ids, ctx.app.clock.now());
        put(change, &role, Expect::Absent)
    })
}

/// What the first start needs to be allowed besides.
///
/// # Errors
/// Never to those who may do everything.
pub(crate) fn prove(ctx: &Ctx, proofs: &mut Proofs) -> Result<()> {
    PRESETS.iter().try_for_each(|preset| {
        proofs.add(ctx.authorise("createRole", &wigwag_kit::Spec::top("role", preset.key))?);
        Ok(())
    })
}

/// Writes those that are missing and those of an older edition. A role of the account's own that has the key of one
/// stays as it is.
///
/// # Errors
/// The store cannot be read or written.
pub(crate) async fn refresh(ctx: &Ctx) -> Result<()> {
    for preset in &PRESETS {
        match renew(ctx, preset).await {
            // Another process does the same at the same moment.
            Err(Error::OptimisticLocking(_) | Error::Conflict(_)) => {}
            other => other?,
        }
    }
    Ok(())
}

async fn renew(ctx: &Ctx, preset: &Preset) -> Result<()> {
    let now = ctx.app.clock.now();
    let Some(doc) = ctx.store().find_unique(Kind::CustomRole, read::ROLE_KEY, preset.key).await? else {
        let role = preset.made(&ctx.app.ids, now);
        let proofs = Proofs::of(ctx.authorise("createRole", &Roles::spec(&role, &Account))?);
        let mut change = Change::new(proofs, "created the role", target(&role));
        put(&mut change, &role, Expect::Absent)?;
        return change.commit(ctx).await.map(drop);
    };
    let before: CustomRole = doc.decode()?;
    if before.preset_version.is_none_or(|edition| edition >= EDITION) {
        return Ok(());
    }
    let made = preset.made(&ctx.app.ids, now);
    let role = CustomRole { id: before.id, policy: before.policy, created_at: before.created_at, ..made };
    let proofs = Proofs::of(ctx.authorise("updatePolicy", &Roles::spec(&role, &Account))?);
    let mut change = Change::new(proofs, "updated the role", target(&role));
    put(&mut change, &role, Expect::Version(doc.version))?;
    change.commit(ctx).await.map(drop)
}

fn put(change: &mut Change, role: &CustomRole, expect: Expect) -> Result<()> {
    change.put(DocKey::account(Kind::CustomRole, role.id.as_str()), expect, role, Roles::index(role))
}

fn target(role: &CustomRole) -> Target {
    super::delete::target(role)
}

/// Of a preset only the statements that the account adds can be changed.
///
/// # Errors
/// The member that is not what the preset says.
pub(super) fn check(role: &CustomRole) -> Result<()> {
    let same_edition = |preset: &&Preset| preset.key == role.key && role.preset_version == Some(EDITION);
    let Some(preset) = PRESETS.iter().find(same_edition) else { return Ok(()) };
    let ours = |field| Err(Error::field(field, "is that of a preset: only its policy can be added to"));
    if role.name != preset.name {
        return ours("name");
    }
    if role.description != preset.description {
        return ours("description");
    }
    if role.base_permissions != BasePermissions::NoAccess {
        return ours("basePermissions");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use wigwag_auth::policy;

    use super::*;

    /// What they say means something: known actions on known types.
    #[test]
    fn every_statement_is_one_that_a_custom_role_may_have() {
        for preset in &PRESETS {
            let role = preset.made(&Ids::seeded(1), 0);
            policy::check(&role.preset_statements).unwrap_or_else(|problem| panic!("{}{problem}", preset.key));
            check(&role).unwrap();
            let in_projects = role.preset_statements.iter().any(|s| s.to_string().contains("roleAttribute/"));
            assert_eq!(in_projects, preset.category == "project", "{}", preset.key);
        }
    }
}
