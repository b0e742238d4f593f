module github.com/launchdarkly/opencensus-go-exporter-stackdriver

go 1.23

require go.opencensus.io v0.24.0
