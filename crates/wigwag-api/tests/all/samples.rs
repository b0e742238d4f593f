//! One good request for every operation that writes, in an order in which each succeeds.
//! A new operation adds its own: the sweeps say when it is missing.

use serde_json::Value;

/// A request that succeeds and changes something. `$name` stands for the `_id` that the
/// operation `name` answered (a flag has none: that of its first variation; a list that of its first item), `$me` for the owner's id.
pub struct Sample {
    pub id: &'static str,
    pub line: &'static str,
    /// JSON, or empty.
    pub body: &'static str,
}

const fn s(id: &'static str, line: &'static str, body: &'static str) -> Sample {
    Sample { id, line, body }
}

/// Operations by POST, PUT or PATCH that change nothing.
pub const READS: &[&str] = &[
    "postAuditLogEntries",
    "postAuditLogEntryCounts",
    "postFlagWhy",
    "postMigrationSafetyIssues",
    "postFlagLint",
    "replayWebhookDelivery",
    "replaySubscriptionDelivery",
    "testSubscription",
    "testWebhook",
    "postFlagWhatIf",
    "postEvaluationSparklines",
    "postFlagStatuses",
    "getContextInstanceSegmentsMembershipByEnv",
    "searchContexts",
    "searchContextInstances",
    "evaluateContextInstance",
    "postAccessQuestions",
    "reportUserFlagSettings",
    "reportUserFlagSetting",
];

pub const SAMPLES: &[Sample] = &[
    s("postProject", "POST /api/v2/projects", r#"{"key": "sample", "name": "Sample", "tags": ["a"]}"#),
    s("patchProject", "PATCH /api/v2/projects/sample", r#"[{"op": "replace", "path": "/name", "value": "S"}]"#),
    s(
        "putFlagDefaultsByProject",
        "PUT /api/v2/projects/sample/flag-defaults",
        r#"{"tags": ["x"], "temporary": false, "booleanDefaults": {"trueDisplayName": "on", "falseDisplayName": "off",
            "trueDescription": "", "falseDescription": "", "onVariation": 0, "offVariation": 1},
            "defaultClientSideAvailability": {"usingMobileKey": true, "usingEnvironmentId": false}}"#,
    ),
    s(
        "patchFlagDefaultsByProject",
        "PATCH /api/v2/projects/sample/flag-defaults",
        r#"[{"op": "replace", "path": "/temporary", "value": true}]"#,
    ),
    s(
        "postEnvironment",
        "POST /api/v2/projects/sample/environments",
        r#"{"key": "extra", "name": "Extra", "color": "00aa00"}"#,
    ),
    s(
        "patchEnvironment",
        "PATCH /api/v2/projects/sample/environments/extra",
        r#"[{"op": "replace", "path": "/name", "value": "E"}]"#,
    ),
    s("resetEnvironmentSDKKey", "POST /api/v2/projects/sample/environments/extra/apiKey", ""),
    s("resetEnvironmentMobileKey", "POST /api/v2/projects/sample/environments/extra/mobileKey", ""),
    s("postFeatureFlag", "POST /api/v2/flags/sample", r#"{"key": "f", "name": "F"}"#),
    s("patchFeatureFlag", "PATCH /api/v2/flags/sample/f", r#"[{"op": "replace", "path": "/name", "value": "G"}]"#),
    s(
        "patchFeatureFlag",
        "PATCH /api/v2/flags/sample/f",
        r#"{"environmentKey": "test", "comment": "c",
            "instructions": [{"kind": "addTargets", "values": ["ann", "bob"], "variationId": "$postFeatureFlag"}]}"#,
    ),
    s(
        "patchExpiringTargets",
        "PATCH /api/v2/flags/sample/f/expiring-targets/test",
        r#"{"comment": "c", "instructions": [{"kind": "addExpiringTarget", "value": 1800000000000,
            "contextKey": "ann", "contextKind": "user", "variationId": "$postFeatureFlag"}]}"#,
    ),
    s(
        "patchExpiringUserTargets",
        "PATCH /api/v2/flags/sample/f/expiring-user-targets/test",
        r#"{"comment": "c", "instructions": [{"kind": "addExpireUserTargetDate", "value": 1800000000000,
            "userKey": "bob", "variationId": "$postFeatureFlag"}]}"#,
    ),
    s(
        "copyFeatureFlag",
        "POST /api/v2/flags/sample/f/copy",
        r#"{"source": {"key": "test", "currentVersion": 4}, "target": {"key": "production"}, "comment": "c",
            "includedActions": ["updateTargets"], "excludedActions": []}"#,
    ),
    s(
        "postSegment",
        "POST /api/v2/segments/sample/test",
        r#"{"key": "s", "name": "S", "description": "d", "tags": ["a"], "unbounded": false,
            "unboundedContextKind": "", "viewKeys": []}"#,
    ),
    s(
        "patchSegment",
        "PATCH /api/v2/segments/sample/test/s",
        r#"[{"op": "add", "path": "/included/-", "value": "ann"}]"#,
    ),
    s(
        "patchSegment",
        "PATCH /api/v2/segments/sample/test/s",
        r#"{"environmentKey": "test", "comment": "c",
            "instructions": [{"kind": "addIncludedUsers", "values": ["bob"]}]}"#,
    ),
    s(
        "patchExpiringTargetsForSegment",
        "PATCH /api/v2/segments/sample/s/expiring-targets/test",
        r#"{"comment": "c", "instructions": [{"kind": "addExpiringTarget", "value": 1800000000000,
            "contextKey": "ann", "contextKind": "user", "targetType": "included"}]}"#,
    ),
    s(
        "patchExpiringUserTargetsForSegment",
        "PATCH /api/v2/segments/sample/s/expiring-user-targets/test",
        r#"{"comment": "c", "instructions": [{"kind": "addExpireUserTargetDate", "value": 1800000000000,
            "userKey": "bob", "targetType": "included"}]}"#,
    ),
    s(
        "postSegment",
        "POST /api/v2/segments/sample/test",
        r#"{"name": "Big", "key": "big", "unbounded": true, "unboundedContextKind": "device"}"#,
    ),
    s(
        "updateBigSegmentTargets",
        "POST /api/v2/segments/sample/test/big/users",
        r#"{"included": {"add": ["ann"]}, "excluded": {"add": ["bob"]}}"#,
    ),
    s(
        "updateBigSegmentContextTargets",
        "POST /api/v2/segments/sample/test/big/contexts",
        r#"{"included": {"add": ["cat"]}, "excluded": {"remove": ["bob"]}}"#,
    ),
    s(
        "createBigSegmentImport",
        "POST /api/v2/segments/sample/test/big/imports",
        "--sample\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nreplace\r\n\
         --sample\r\nContent-Disposition: form-data; name=\"file\"; filename=\"k.csv\"\r\n\r\na\nb\n\r\n--sample--",
    ),
    s("createBigSegmentExport", "POST /api/v2/segments/sample/test/big/exports", ""),
    s("deleteSegment", "DELETE /api/v2/segments/sample/test/s", ""),
    s(
        "postRepository",
        "POST /api/v2/code-refs/repositories",
        r#"{"name": "sample", "type": "github", "sourceLink": "https://example.com/sample", "defaultBranch": "main"}"#,
    ),
    s(
        "patchRepository",
        "PATCH /api/v2/code-refs/repositories/sample",
        r#"[{"op": "replace", "path": "/sourceLink", "value": "https://example.com/s"}]"#,
    ),
    s(
        "putBranch",
        "PUT /api/v2/code-refs/repositories/sample/branches/a%2Fb",
        r#"{"name": "a/b", "head": "5f1e", "syncTime": 1, "commitTime": 1, "references": [{"path": "/x.rs", "hunks":
            [{"startingLineNumber": 3, "lines": "f", "projKey": "sample", "flagKey": "f"}]}]}"#,
    ),
    s(
        "postExtinction",
        "POST /api/v2/code-refs/repositories/sample/branches/a%2Fb/extinction-events",
        r#"[{"revision": "5f1e", "message": "gone", "time": 1, "flagKey": "f", "projKey": "sample"}]"#,
    ),
    s("deleteBranches", "POST /api/v2/code-refs/repositories/sample/branch-delete-tasks", r#"["a/b"]"#),
    s("deleteRepository", "DELETE /api/v2/code-refs/repositories/sample", ""),
    s(
        "createTriggerWorkflow",
        "POST /api/v2/flags/sample/f/triggers/production",
        r#"{"integrationKey": "generic-trigger", "instructions": [{"kind": "turnFlagOn"}], "comment": "why"}"#,
    ),
    s(
        "patchTriggerWorkflow",
        "PATCH /api/v2/flags/sample/f/triggers/production/$createTriggerWorkflow",
        r#"{"instructions": [{"kind": "disableTrigger"}]}"#,
    ),
    s("deleteTriggerWorkflow", "DELETE /api/v2/flags/sample/f/triggers/production/$createTriggerWorkflow", ""),
    s(
        "createFlagLink",
        "POST /api/v2/flag-links/projects/sample/flags/f",
        r#"{"key": "l", "deepLink": "https://example.com/1", "title": "T", "description": "D", "timestamp": 1655342199935,
            "integrationKey": "i", "metadata": {"a": "b"}}"#,
    ),
    s(
        "updateFlagLink",
        "PATCH /api/v2/flag-links/projects/sample/flags/f/$createFlagLink",
        r#"[{"op": "replace", "path": "/title", "value": "U"}]"#,
    ),
    s("deleteFlagLink", "DELETE /api/v2/flag-links/projects/sample/flags/f/l", ""),
    s("putFlagFollower", "PUT /api/v2/projects/sample/flags/f/environments/production/followers/$me", ""),
    s("deleteFlagFollower", "DELETE /api/v2/projects/sample/flags/f/environments/production/followers/$me", ""),
    s(
        "patchExpiringFlagsForUser",
        "PATCH /api/v2/users/sample/ann/expiring-user-targets/test",
        r#"{"comment": "c", "instructions": [{"kind": "updateExpireUserTargetDate", "value": 1800000001000,
            "flagKey": "f", "variationId": "$postFeatureFlag"}]}"#,
    ),
    s("putFlagSetting", "PUT /api/v2/users/sample/test/zoe/flags/f", r#"{"setting": true, "comment": "c"}"#),
    s("putFeatureSetting", "PUT /api/v2/users/sample/test/zoe/features/f", r#"{"setting": false, "comment": "c"}"#),
    s(
        "putContextFlagSetting",
        "PUT /api/v2/projects/sample/environments/test/contexts/org/acme/flags/f",
        r#"{"setting": true, "comment": "c"}"#,
    ),
    s(
        "putContextKind",
        "PUT /api/v2/projects/sample/context-kinds/device",
        r#"{"name": "Device", "description": "d", "archived": false, "hideInTargeting": false, "version": 1}"#,
    ),
    // Of contexts that the sweep has told of.
    s("putRetention", "PUT /api/v2/projects/sample/environments/test/retention", r#"{"contexts": 10}"#),
    s(
        "postErasure",
        "POST /api/v2/projects/sample/environments/test/erasures",
        r#"{"kind": "user", "key": "eve", "removeTargets": false}"#,
    ),
    s("deleteUser", "DELETE /api/v2/users/default/test/ann", ""),
    s("deleteContextInstances", "DELETE /api/v2/projects/default/environments/test/context-instances/$instance", ""),
    s(
        "postCustomRole",
        "POST /api/v2/roles",
        r#"{"key": "sample", "name": "Sample", "policy": [], "basePermissions": "reader"}"#,
    ),
    s("patchCustomRole", "PATCH /api/v2/roles/sample", r#"[{"op": "replace", "path": "/name", "value": "S"}]"#),
    s("deleteCustomRole", "DELETE /api/v2/roles/sample", ""),
    s("postTeam", "POST /api/v2/teams", r#"{"key": "sample", "name": "Sample"}"#),
    s(
        "patchTeam",
        "PATCH /api/v2/teams/sample",
        r#"{"instructions": [{"kind": "updateName", "value": "S"}], "comment": "why"}"#,
    ),
    s(
        "patchTeams",
        "PATCH /api/v2/teams",
        r#"{"instructions": [{"kind": "addMembersToTeams", "memberIDs": ["$me"], "teamKeys": ["sample"]}]}"#,
    ),
    s(
        "postMembers",
        "POST /api/v2/members",
        r#"[{"email": "bob@example.com", "role": "reader", "firstName": "Bob", "teamKeys": ["sample"]}]"#,
    ),
    s(
        "patchMember",
        "PATCH /api/v2/members/$postMembers",
        r#"[{"op": "replace", "path": "/role", "value": "writer"}]"#,
    ),
    s(
        "patchMembers",
        "PATCH /api/v2/members",
        r#"{"comment": "c", "instructions": [{"kind": "replaceMembersRoles", "value": "reader", "memberIDs": ["$postMembers"]}]}"#,
    ),
    s("postTeam", "POST /api/v2/teams", r#"{"key": "another", "name": "Another"}"#),
    s(
        "postTeamMembers",
        "POST /api/v2/teams/another/members",
        "--sample\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.csv\"\r\n\r\nann@example.com\n\r\n--sample--",
    ),
    s("postMemberTeams", "POST /api/v2/members/$postMembers/teams", r#"{"teamKeys": ["another"]}"#),
    s("deleteMember", "DELETE /api/v2/members/$postMembers", ""),
    s("postToken", "POST /api/v2/tokens", r#"{"name": "sample", "role": "reader", "serviceToken": true}"#),
    s("patchToken", "PATCH /api/v2/tokens/$postToken", r#"[{"op": "replace", "path": "/name", "value": "s"}]"#),
    s("resetToken", "POST /api/v2/tokens/$postToken/reset", ""),
    s(
        "postWebhook",
        "POST /api/v2/webhooks",
        r#"{"url": "https://example.com", "sign": true, "on": true, "name": "w", "tags": ["a"]}"#,
    ),
    s("patchWebhook", "PATCH /api/v2/webhooks/$postWebhook", r#"[{"op": "replace", "path": "/on", "value": false}]"#),
    s(
        "createSubscription",
        "POST /api/v2/integrations/datadog",
        r#"{"name": "d", "config": {"apiKey": "k"}, "on": true, "tags": ["a"]}"#,
    ),
    s(
        "updateSubscription",
        "PATCH /api/v2/integrations/datadog/$createSubscription",
        r#"[{"op": "replace", "path": "/name", "value": "e"}]"#,
    ),
    s(
        "createBigSegmentStoreIntegration",
        "POST /api/v2/integration-capabilities/big-segment-store/default/test/redis",
        r#"{"name": "r", "config": {"host": "redis.example.com", "password": "p"}, "on": false, "tags": ["a"]}"#,
    ),
    s(
        "patchBigSegmentStoreIntegration",
        "PATCH /api/v2/integration-capabilities/big-segment-store/default/test/redis/$createBigSegmentStoreIntegration",
        r#"[{"op": "replace", "path": "/name", "value": "s"}]"#,
    ),
    s(
        "deleteBigSegmentStoreIntegration",
        "DELETE /api/v2/integration-capabilities/big-segment-store/default/test/redis/$createBigSegmentStoreIntegration",
        "",
    ),
    s("deleteSubscription", "DELETE /api/v2/integrations/datadog/$createSubscription", ""),
    s("deleteWebhook", "DELETE /api/v2/webhooks/$postWebhook", ""),
    s("deleteToken", "DELETE /api/v2/tokens/$postToken", ""),
    // Only an empty team can go.
    s("patchTeam", "PATCH /api/v2/teams/sample", r#"{"instructions": [{"kind": "replaceMembers", "values": []}]}"#),
    s("deleteTeam", "DELETE /api/v2/teams/sample", ""),
    s(
        "createAnnouncementPublic",
        "POST /api/v2/announcements",
        r#"{"isDismissible": true, "title": "T", "message": "M", "severity": "info", "startTime": 1800000000000,
            "endTime": 1800000000001}"#,
    ),
    s(
        "updateAnnouncementPublic",
        "PATCH /api/v2/announcements/$createAnnouncementPublic",
        r#"[{"op": "replace", "path": "/title", "value": "U"}]"#,
    ),
    s("deleteAnnouncementPublic", "DELETE /api/v2/announcements/$createAnnouncementPublic", ""),
    s(
        "patchApplication",
        "PATCH /api/v2/applications/shop",
        r#"[{"op": "add", "path": "/description", "value": "Sells"}]"#,
    ),
    s(
        "patchApplicationVersion",
        "PATCH /api/v2/applications/shop/versions/1.0",
        r#"[{"op": "replace", "path": "/supported", "value": false}]"#,
    ),
    s("deleteApplicationVersion", "DELETE /api/v2/applications/shop/versions/1.0", ""),
    s("deleteApplication", "DELETE /api/v2/applications/shop", ""),
    s(
        "createOAuth2Client",
        "POST /api/v2/oauth/clients",
        r#"{"name": "C", "redirectUri": "https://example.com/back", "description": "d"}"#,
    ),
    s(
        "patchOAuthClient",
        "PATCH /api/v2/oauth/clients/$createOAuth2Client",
        r#"[{"op": "replace", "path": "/name", "value": "D"}]"#,
    ),
    s("deleteOAuthClient", "DELETE /api/v2/oauth/clients/$createOAuth2Client", ""),
    s(
        "postRelayAutoConfig",
        "POST /api/v2/account/relay-auto-configs",
        r#"{"name": "R", "policy": [{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*"]}]}"#,
    ),
    s(
        "patchRelayAutoConfig",
        "PATCH /api/v2/account/relay-auto-configs/$postRelayAutoConfig",
        r#"{"patch": [{"op": "replace", "path": "/name", "value": "S"}], "comment": "c"}"#,
    ),
    s("resetRelayAutoConfig", "POST /api/v2/account/relay-auto-configs/$postRelayAutoConfig/reset", ""),
    s("deleteRelayAutoConfig", "DELETE /api/v2/account/relay-auto-configs/$postRelayAutoConfig", ""),
    s(
        "postSdkKey",
        "POST /api/v2/projects/sample/environments/extra/sdk-keys",
        r#"{"kind": "mobile", "key": "k", "name": "K", "description": "d", "expiry": 1800000000000, "viewKeys": []}"#,
    ),
    s(
        "patchSdkKeyByKey",
        "PATCH /api/v2/projects/sample/environments/extra/sdk-keys/k",
        r#"{"name": "L", "description": "e", "expiry": 1800000000001}"#,
    ),
    s("createView", "POST /api/v2/projects/sample/views", r#"{"key": "web", "name": "Web"}"#),
    s("updateView", "PATCH /api/v2/projects/sample/views/web", r#"{"name": "The web"}"#),
    s("linkResource", "POST /api/v2/projects/sample/views/web/link/flags", r#"{"keys": ["f"]}"#),
    s("unlinkResource", "DELETE /api/v2/projects/sample/views/web/link/flags", r#"{"keys": ["f"]}"#),
    s("putSdkKeyViews", "PUT /api/v2/projects/sample/environments/extra/sdk-keys/k/views", r#"{"viewKeys": ["web"]}"#),
    s("deleteSdkKeyByKey", "DELETE /api/v2/projects/sample/environments/extra/sdk-keys/k", ""),
    s("deleteView", "DELETE /api/v2/projects/sample/views/web", ""),
    s(
        "createIpAllowlistEntry",
        "POST /api/v2/account/ip-allowlist",
        r#"{"ipAddress": "192.0.2.0/24", "description": "d"}"#,
    ),
    s("patchIpAllowlistEntry", "PATCH /api/v2/account/ip-allowlist/$createIpAllowlistEntry", r#"{"description": "e"}"#),
    s(
        "patchIpAllowlistConfig",
        "PATCH /api/v2/account/ip-allowlist",
        r#"{"sessionAllowlistEnabled": true, "apiTokenAllowlistEnabled": false}"#,
    ),
    s("patchIpAllowlistConfig", "PATCH /api/v2/account/ip-allowlist", r#"{"sessionAllowlistEnabled": false}"#),
    s("deleteIpAllowlistEntry", "DELETE /api/v2/account/ip-allowlist/$createIpAllowlistEntry", ""),
    s("deleteFeatureFlag", "DELETE /api/v2/flags/sample/f", ""),
    s("deleteEnvironment", "DELETE /api/v2/projects/sample/environments/extra", ""),
    s("deleteProject", "DELETE /api/v2/projects/sample", ""),
];

/// Members whose value may be of any shape.
pub const FREE: &[(&str, &str)] = &[];

/// Puts ids where their names stand.
pub fn filled(text: &str, ids: &[(String, String)]) -> String {
    ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("${name}"), id))
}

/// Remembers the id of an answer.
pub fn remember(ids: &mut Vec<(String, String)>, name: &str, answer: &Value) {
    let variation = &answer["variations"][0]["_id"];
    let first = &answer["items"][0]["_id"];
    let client = &answer["_clientId"];
    if let Some(id) = answer["_id"].as_str().or(client.as_str()).or(variation.as_str()).or(first.as_str()) {
        ids.push((name.to_owned(), id.to_owned()));
    }
}
