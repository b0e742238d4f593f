-- Events of metrics are found by what they are called: a second index cost as much as the events themselves.
DROP INDEX seen_metrics_by_time;
