resource "launchdarkly_custom_role" "operators" {
  key              = "operators"
  name             = "Operators"
  description      = "Those on call"
  base_permissions = "no_access"
  policy_statements = [
    {
      effect    = "allow"
      resources = ["proj/*:env/production:flag/*;ops", "proj/*:env/*;{critical:false}:flag/*"]
      actions   = ["updateOn", "updateTargets"]
    },
    {
      effect        = "allow"
      not_resources = ["proj/loose"]
      actions       = ["viewProject"]
    },
  ]
}

resource "launchdarkly_custom_role" "scoped" {
  key  = "scoped"
  name = "Scoped"
  policy_statements = [{
    effect    = "allow"
    resources = ["proj/$${roleAttribute/projects}:env/*:flag/*;view:$${roleAttribute/views}"]
    actions   = ["*"]
  }]
}
