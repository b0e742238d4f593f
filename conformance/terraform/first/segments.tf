resource "launchdarkly_segment" "testers" {
  project_key = launchdarkly_project.shop.key
  env_key     = "staging"
  key         = "testers"
  name        = "Testers"
  description = "Who sees things first"
  tags        = ["people", "terraform"]
  included    = ["ann", "bob"]
  excluded    = ["carl"]
  included_contexts = [
    { context_kind = "company", values = ["acme"] },
    { context_kind = "device", values = ["d1", "d2"] },
  ]
  excluded_contexts = [{ context_kind = "company", values = ["zenith"] }]
  rules = [
    {
      clauses              = [{ attribute = "country", op = "startsWith", values = ["u"], context_kind = "company" }]
      weight               = 25000
      bucket_by            = "region"
      rollout_context_kind = "company"
    },
    { clauses = [{ attribute = "age", op = "lessThan", values = ["30"], value_type = "number" }] },
  ]
}

resource "launchdarkly_segment" "everybody" {
  project_key            = launchdarkly_project.shop.key
  env_key                = "production"
  key                    = "everybody"
  name                   = "Everybody"
  unbounded              = true
  unbounded_context_kind = "company"
}

resource "launchdarkly_feature_flag_environment" "layout" {
  flag_id       = launchdarkly_feature_flag.layout.id
  env_key       = "staging"
  on            = true
  off_variation = 1
  rules = [{
    clauses   = [{ attribute = "segmentMatch", op = "segmentMatch", values = [launchdarkly_segment.testers.key] }]
    variation = 2
  }]
  fallthrough = { variation = 0 }
}
