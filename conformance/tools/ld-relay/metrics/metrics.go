// Package stackdriver stands in for an exporter of metrics that cannot be had from every module proxy. The Relay Proxy
// asks for it only where Stackdriver is configured, which these tests do not.
package stackdriver

import (
	"errors"

	"go.opencensus.io/stats/view"
	"go.opencensus.io/trace"
)

// Options of the exporter.
type Options struct{ MetricPrefix, ProjectID string }

// Exporter exports nothing.
type Exporter struct{}

// NewExporter refuses: nothing would be exported.
func NewExporter(Options) (*Exporter, error) {
	return nil, errors.New("built without Stackdriver")
}

// ExportView drops it.
func (*Exporter) ExportView(*view.Data) {}

// ExportSpan drops it.
func (*Exporter) ExportSpan(*trace.SpanData) {}
