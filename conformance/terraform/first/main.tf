# A shop with three environments, flags of all types and what serves them.
terraform {
  required_providers {
    launchdarkly = { source = "launchdarkly/launchdarkly" }
  }
}

provider "launchdarkly" {}

resource "launchdarkly_project" "shop" {
  key  = "shop"
  name = "Shop"
  tags = ["terraform", "shop"]
  default_client_side_availability = {
    using_environment_id = true
    using_mobile_key     = false
  }
  environments = {
    production = {
      name             = "Production"
      color            = "417505"
      critical         = true
      confirm_changes  = true
      require_comments = false
      secure_mode      = true
      default_ttl      = 5
      tags             = ["live"]
      approval_settings = {
        can_review_own_request     = true
        can_apply_declined_changes = false
        min_num_approvals          = 2
        required_approval_tags     = ["careful"]
      }
    }
    staging = {
      name                 = "Staging"
      color                = "F5A623"
      default_track_events = true
    }
  }
}

# Environments of a project that is managed elsewhere.
resource "launchdarkly_project" "loose" {
  key  = "loose"
  name = "Loose"
  environments = {
    first = { name = "First", color = "000000" }
  }
  lifecycle {
    ignore_changes = [environments]
  }
}

resource "launchdarkly_environment" "review" {
  project_key          = launchdarkly_project.loose.key
  key                  = "review"
  name                 = "Review"
  color                = "ff00ff"
  tags                 = ["b", "a"]
  default_ttl          = 10
  default_track_events = true
  approval_settings = {
    required          = true
    min_num_approvals = 3
  }
}

resource "launchdarkly_flag_templates" "shop" {
  project_key = launchdarkly_project.shop.key
  tags        = ["new"]
  temporary   = false
  boolean_defaults = {
    true_display_name  = "On"
    false_display_name = "Off"
    true_description   = "it is there"
    false_description  = ""
    on_variation       = 0
    off_variation      = 1
  }
}

resource "launchdarkly_feature_flag" "checkout" {
  project_key    = launchdarkly_project.shop.key
  key            = "checkout"
  name           = "Checkout"
  description    = "The new way to pay"
  variation_type = "boolean"
  variations     = [{ value = "true", name = "New" }, { value = "false", description = "as it was" }]
  defaults       = { on_variation = 0, off_variation = 1 }
  tags           = ["pay", "web"]
  temporary      = true
  custom_properties = {
    tracker = { name = "Tracker", value = ["SHOP-1", "SHOP-2"] }
  }
  client_side_availability = { using_environment_id = true, using_mobile_key = true }
}

resource "launchdarkly_feature_flag" "colour" {
  project_key    = launchdarkly_project.shop.key
  key            = "colour"
  name           = "Colour"
  variation_type = "string"
  variations     = [{ value = "red" }, { value = "green", name = "Green" }, { value = "" }]
  defaults       = { on_variation = 1, off_variation = 2 }
}

resource "launchdarkly_feature_flag" "limit" {
  project_key    = launchdarkly_project.shop.key
  key            = "limit"
  name           = "Limit"
  variation_type = "number"
  variations     = [{ value = "0.5" }, { value = "100" }, { value = "-3" }]
  defaults       = { on_variation = 0, off_variation = 1 }
}

resource "launchdarkly_feature_flag" "layout" {
  project_key    = launchdarkly_project.shop.key
  key            = "layout"
  name           = "Layout"
  variation_type = "json"
  variations = [
    { value = jsonencode({ columns = 2, parts = ["a", "b"] }), name = "Two" },
    { value = jsonencode(["plain"]) },
    { value = jsonencode({}) },
  ]
}

resource "launchdarkly_feature_flag_environment" "checkout" {
  flag_id       = launchdarkly_feature_flag.checkout.id
  env_key       = "production"
  on            = true
  track_events  = true
  off_variation = 1
  fallthrough   = { rollout_weights = [30000, 70000] }
}

resource "launchdarkly_feature_flag_environment" "colour" {
  flag_id       = launchdarkly_feature_flag.colour.id
  env_key       = "staging"
  on            = true
  off_variation = 2
  prerequisites = [{ flag_key = launchdarkly_feature_flag.checkout.key, variation = 0 }]
  targets = [
    { variation = 0, values = ["ann", "bob"] },
    { variation = 2, values = ["carl"] },
  ]
  context_targets = [
    { context_kind = "company", variation = 1, values = ["acme", "zenith"] },
    { context_kind = "device", variation = 0, values = ["d1"] },
  ]
  rules = [
    {
      description = "where they speak English"
      clauses = [
        { attribute = "country", op = "in", values = ["uk", "us"] },
        { attribute = "email", op = "endsWith", values = [".edu"], negate = true },
      ]
      variation = 0
    },
    {
      clauses = [
        { attribute = "/address/zip", op = "startsWith", values = ["12"], context_kind = "company" },
        { attribute = "age", op = "greaterThan", values = ["17"], value_type = "number" },
        { attribute = "beta", op = "in", values = ["true"], value_type = "boolean" },
        { attribute = "since", op = "before", values = ["2024-05-03T15:57:30Z"] },
        { attribute = "version", op = "semVerGreaterThan", values = ["1.2.0"], context_kind = "device" },
        { attribute = "name", op = "matches", values = ["^A.*z$"] },
      ]
      rollout_weights = [10000, 60000, 30000]
      bucket_by       = "country"
      context_kind    = "company"
    },
  ]
  fallthrough = {
    rollout_weights = [50000, 50000, 0]
    context_kind    = "company"
    bucket_by       = "region"
  }
}

# Off, and nothing served while it is.
resource "launchdarkly_feature_flag_environment" "limit" {
  flag_id     = launchdarkly_feature_flag.limit.id
  env_key     = "staging"
  fallthrough = { variation = 1 }
}

resource "launchdarkly_flag_trigger" "kill" {
  project_key     = launchdarkly_project.shop.key
  env_key         = "production"
  flag_key        = launchdarkly_feature_flag.checkout.key
  integration_key = "generic-trigger"
  instructions    = { kind = "turnFlagOff" }
  enabled         = true
}

resource "launchdarkly_flag_trigger" "start" {
  project_key     = launchdarkly_project.shop.key
  env_key         = "staging"
  flag_key        = launchdarkly_feature_flag.colour.key
  integration_key = "datadog"
  instructions    = { kind = "turnFlagOn" }
  enabled         = false
}
