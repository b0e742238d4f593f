resource "launchdarkly_segment" "testers" {
  project_key = launchdarkly_project.shop.key
  env_key     = "staging"
  key         = "testers"
  name        = "Testers"
  tags        = ["terraform"]
  included    = ["dora", "ann"]
  included_contexts = [
    { context_kind = "company", values = ["acme"] },
  ]
  excluded_contexts = [{ context_kind = "device", values = ["d3"] }]
  rules = [
    {
      clauses              = [{ attribute = "country", op = "startsWith", values = ["u"], context_kind = "company" }]
      weight               = 75000
      bucket_by            = "region"
      rollout_context_kind = "company"
    },
  ]
}

resource "launchdarkly_segment" "everybody" {
  project_key            = launchdarkly_project.shop.key
  env_key                = "production"
  key                    = "everybody"
  name                   = "All"
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
    variation = 1
  }]
  fallthrough = { variation = 0 }
}
