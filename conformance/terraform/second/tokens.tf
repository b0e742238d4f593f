resource "launchdarkly_access_token" "operator" {
  name = "operator"
  role = "reader"
}

resource "launchdarkly_access_token" "robot" {
  name          = "robot"
  service_token = true
  role          = "writer"
}

resource "launchdarkly_access_token" "inline" {
  name         = "inline"
  custom_roles = [launchdarkly_custom_role.operators.key]
}
