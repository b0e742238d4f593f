resource "launchdarkly_custom_role" "operators" {
  key              = "operators"
  name             = "Operators on call"
  base_permissions = "reader"
  policy_statements = [
    {
      effect      = "deny"
      resources   = ["proj/*:env/*:flag/*"]
      not_actions = ["update*"]
    },
    {
      effect    = "allow"
      resources = ["proj/*:env/*:flag/*"]
      actions   = ["updateOn"]
    },
  ]
}
