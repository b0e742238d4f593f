resource "launchdarkly_access_token" "operator" {
  name         = "operator"
  custom_roles = [launchdarkly_custom_role.operators.key]
}

resource "launchdarkly_access_token" "robot" {
  name          = "robot"
  service_token = true
  role          = "reader"
}

resource "launchdarkly_access_token" "inline" {
  name = "inline"
  inline_roles = [{
    effect    = "deny"
    resources = ["proj/*:env/production"]
    actions   = ["*"]
  }]
}
