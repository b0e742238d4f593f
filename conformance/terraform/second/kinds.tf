resource "launchdarkly_context_kind" "company" {
  project_key = launchdarkly_project.shop.key
  key         = "company"
  name        = "Firm"
  description = "Who buys"
}

resource "launchdarkly_context_kind" "device" {
  project_key = launchdarkly_project.shop.key
  key         = "device"
  name        = "Device"
}
