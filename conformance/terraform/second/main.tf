# The same after a day's work: every resource changed, one trigger fewer, an environment and another trigger new.
terraform {
  required_providers {
    launchdarkly = { source = "launchdarkly/launchdarkly" }
  }
}

provider "launchdarkly" {}

resource "launchdarkly_project" "shop" {
  key  = "shop"
  name = "The shop"
  tags = ["shop", "new"]
  default_client_side_availability = {
    using_environment_id = false
    using_mobile_key     = true
  }
  environments = {
    production = {
      name             = "Production"
      color            = "417505"
      critical         = true
      confirm_changes  = true
      require_comments = false
      secure_mode      = true
      default_ttl      = 0
      tags             = []
    }
    staging = {
      name                 = "Staging"
      color                = "F5A623"
      default_track_events = false
      secure_mode          = true
      approval_settings    = { required_approval_tags = ["other"] }
    }
    preview = {
      name  = "Preview"
      color = "0000FF"
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
  color                = "00ff00"
  critical             = true
  tags                 = ["c"]
  default_ttl          = 10
  default_track_events = true
  approval_settings = {
    required               = false
    required_approval_tags = ["x", "y"]
  }
}

resource "launchdarkly_flag_templates" "shop" {
  project_key = launchdarkly_project.shop.key
  tags        = ["new"]
  temporary   = true
  boolean_defaults = {
    true_display_name  = "On"
    false_display_name = "Off"
    true_description   = "it is there"
    false_description  = ""
    on_variation       = 1
    off_variation      = 0
  }
}

resource "launchdarkly_feature_flag" "checkout" {
  project_key    = launchdarkly_project.shop.key
  key            = "checkout"
  name           = "Check-out"
  variation_type = "boolean"
  variations     = [{ value = "true" }, { value = "false", name = "Old", description = "as it was" }]
  defaults       = { on_variation = 0, off_variation = 1 }
  tags           = ["web"]
  temporary      = false
  custom_properties = {
    tracker = { name = "Tracker", value = ["SHOP-3"] }
    owner   = { name = "Owner", value = ["ann"] }
  }
  client_side_availability = { using_environment_id = false, using_mobile_key = true }
}

resource "launchdarkly_feature_flag" "colour" {
  project_key    = launchdarkly_project.shop.key
  key            = "colour"
  name           = "Colour"
  variation_type = "string"
  variations     = [{ value = "crimson" }, { value = "green" }, { value = "" }, { value = "blue", name = "Blue" }]
  defaults       = { on_variation = 3, off_variation = 0 }
}

resource "launchdarkly_feature_flag" "limit" {
  project_key    = launchdarkly_project.shop.key
  key            = "limit"
  name           = "Limit"
  variation_type = "number"
  variations     = [{ value = "0.5" }, { value = "100" }]
  defaults       = { on_variation = 0, off_variation = 1 }
}

resource "launchdarkly_feature_flag" "layout" {
  project_key    = launchdarkly_project.shop.key
  key            = "layout"
  name           = "Layout"
  deprecated     = true
  variation_type = "json"
  variations = [
    { value = jsonencode({ columns = 2, parts = ["a", "b"] }), name = "Two" },
    { value = jsonencode(["plain"]) },
    { value = jsonencode({ deep = { er = [1, null] } }) },
  ]
}

resource "launchdarkly_feature_flag_environment" "checkout" {
  flag_id       = launchdarkly_feature_flag.checkout.id
  env_key       = "production"
  on            = true
  off_variation = 1
  fallthrough   = { variation = 0 }
}

resource "launchdarkly_feature_flag_environment" "colour" {
  flag_id       = launchdarkly_feature_flag.colour.id
  env_key       = "staging"
  on            = true
  off_variation = 2
  prerequisites = [{ flag_key = launchdarkly_feature_flag.checkout.key, variation = 0 }]
  targets = [
    { variation = 0, values = ["bob"] },
    { variation = 3, values = ["dora", "ann"] },
  ]
  context_targets = [
    { context_kind = "company", variation = 3, values = ["zenith"] },
    { context_kind = "device", variation = 0, values = ["d1"] },
  ]
  rules = [
    {
      description = "nowhere else"
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
      rollout_weights = [0, 0, 0, 100000]
      bucket_by       = "country"
      context_kind    = "company"
    },
  ]
  fallthrough = {
    rollout_weights = [25000, 25000, 25000, 25000]
  }
}

# Off, and nothing served while it is.
resource "launchdarkly_feature_flag_environment" "limit" {
  flag_id     = launchdarkly_feature_flag.limit.id
  env_key     = "staging"
  on          = true
  fallthrough = { variation = 0 }
}

resource "launchdarkly_flag_trigger" "kill" {
  project_key     = launchdarkly_project.shop.key
  env_key         = "production"
  flag_key        = launchdarkly_feature_flag.checkout.key
  integration_key = "generic-trigger"
  instructions    = { kind = "turnFlagOn" }
  enabled         = false
}

resource "launchdarkly_flag_trigger" "other" {
  project_key     = launchdarkly_project.shop.key
  env_key         = "preview"
  flag_key        = launchdarkly_feature_flag.colour.key
  integration_key = "generic-trigger"
  instructions    = { kind = "turnFlagOn" }
  enabled         = true
}
