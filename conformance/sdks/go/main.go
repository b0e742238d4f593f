// Drives the official Go server SDK: JSON-line commands on stdin, one JSON-line answer each on
// stdout. The commands are described in ../../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/launchdarkly/go-sdk-common/v3/ldcontext"
	"github.com/launchdarkly/go-sdk-common/v3/ldlog"
	"github.com/launchdarkly/go-sdk-common/v3/ldreason"
	"github.com/launchdarkly/go-sdk-common/v3/ldvalue"
	ld "github.com/launchdarkly/go-server-sdk/v7"
	"github.com/launchdarkly/go-server-sdk/v7/interfaces"
	"github.com/launchdarkly/go-server-sdk/v7/interfaces/flagstate"
	"github.com/launchdarkly/go-server-sdk/v7/ldcomponents"
)

type item struct {
	Flag    string            `json:"flag"`
	Context ldcontext.Context `json:"context"`
	Default ldvalue.Value     `json:"default"`
}

type command struct {
	item
	Cmd            string `json:"cmd"`
	Client         string `json:"client"`
	SDKKey         string `json:"sdkKey"`
	BaseURL        string `json:"baseUrl"`
	EventsURL      string `json:"eventsUrl"`
	Mode           string `json:"mode"`
	PollIntervalMs int    `json:"pollIntervalMs"`
	TimeoutMs      int    `json:"timeoutMs"`
	Items          []item `json:"items"`
	// Members absent from `expect` are not compared, so they stay undecoded.
	Expect map[string]ldvalue.Value `json:"expect"`
	Event  string                   `json:"event"`
	Data   ldvalue.Value            `json:"data"`
	Metric *float64                 `json:"metric"`
}

type seen struct {
	Value     ldvalue.Value             `json:"value"`
	Variation *int                      `json:"variation"`
	Reason    ldreason.EvaluationReason `json:"reason"`
}

type logLine struct {
	Level   string `json:"level"`
	Message string `json:"message"`
}

// logs keeps what one client logs at warning level and above.
type logs struct {
	mu    sync.Mutex
	lines []logLine
}

type leveled struct {
	to    *logs
	level string
}

func (l leveled) Println(values ...interface{}) { l.keep(fmt.Sprint(values...)) }
func (l leveled) Printf(format string, values ...interface{}) {
	l.keep(fmt.Sprintf(format, values...))
}
func (l leveled) keep(message string) {
	l.to.mu.Lock()
	defer l.to.mu.Unlock()
	l.to.lines = append(l.to.lines, logLine{l.level, message})
}

func (l *logs) loggers() ldlog.Loggers {
	loggers := ldlog.NewDisabledLoggers()
	loggers.SetMinLevel(ldlog.Warn)
	loggers.SetBaseLoggerForLevel(ldlog.Warn, leveled{l, "warn"})
	loggers.SetBaseLoggerForLevel(ldlog.Error, leveled{l, "error"})
	return loggers
}

type session struct {
	client *ld.LDClient
	logs   *logs
}

func start(c command) (*session, error) {
	events := c.EventsURL
	if events == "" {
		events = c.BaseURL
	}
	kept := &logs{}
	config := ld.Config{
		ServiceEndpoints: interfaces.ServiceEndpoints{Streaming: c.BaseURL, Polling: c.BaseURL, Events: events},
		ApplicationInfo:  interfaces.ApplicationInfo{ApplicationID: "conformance", ApplicationVersion: "1.2"},
		Logging:          ldcomponents.Logging().Loggers(kept.loggers()),
	}
	// The newer protocol, as the SDK uses it by default and by polling alone.
	newer := ldcomponents.DataSystem().WithRelayProxyEndpoints(c.BaseURL)
	switch c.Mode {
	case "fdv2-streaming":
		config.DataSystem = newer.Default()
	case "fdv2-polling":
		config.DataSystem = newer.Polling()
	case "polling":
		polling := ldcomponents.PollingDataSource()
		if c.PollIntervalMs > 0 {
			polling.PollInterval(time.Duration(c.PollIntervalMs) * time.Millisecond)
		}
		config.DataSource = polling
	}
	client, err := ld.MakeCustomClient(c.SDKKey, config, time.Duration(c.TimeoutMs)*time.Millisecond)
	if client == nil {
		return nil, err
	}
	return &session{client, kept}, nil
}

func (s *session) status() map[string]any {
	status := s.client.GetDataSourceStatusProvider().GetStatus()
	var lastError any
	if e := status.LastError; e.Kind != "" {
		lastError = map[string]any{"kind": e.Kind, "status": e.StatusCode, "message": e.Message}
	}
	return map[string]any{
		"initialized": s.client.Initialized(), "state": status.State, "lastError": lastError,
	}
}

// evaluate answers with the SDK's errors too: they are in the reason.
func (s *session) evaluate(i item) seen {
	value, detail, _ := s.client.JSONVariationDetail(i.Flag, i.Context, i.Default)
	out := seen{Value: value, Reason: detail.Reason}
	if index, ok := detail.VariationIndex.Get(); ok {
		out.Variation = &index
	}
	return out
}

func meets(s seen, expect map[string]ldvalue.Value) bool {
	if want, ok := expect["value"]; ok && !want.Equal(s.Value) {
		return false
	}
	if want, ok := expect["variation"]; ok {
		if want.IsNull() != (s.Variation == nil) || (s.Variation != nil && *s.Variation != want.IntValue()) {
			return false
		}
	}
	text, _ := json.Marshal(s.Reason)
	reason := ldvalue.Parse(text)
	want := expect["reason"]
	for _, key := range want.Keys(nil) {
		if !want.GetByKey(key).Equal(reason.GetByKey(key)) {
			return false
		}
	}
	return true
}

// waitFor looks every millisecond at first (latencies are measured), then less often.
func (s *session) waitFor(c command) map[string]any {
	begin := time.Now()
	for {
		got := s.evaluate(c.item)
		now, elapsed := time.Now(), time.Since(begin)
		met := meets(got, c.Expect)
		if met || elapsed > time.Duration(c.TimeoutMs)*time.Millisecond {
			at := float64(now.UnixMicro()) / 1000
			return map[string]any{"met": met, "atMs": at, "seen": got}
		}
		if elapsed < 3*time.Second {
			time.Sleep(time.Millisecond)
		} else {
			time.Sleep(25 * time.Millisecond)
		}
	}
}

func (s *session) track(c command) error {
	if c.Metric != nil {
		return s.client.TrackMetric(c.Event, c.Context, *c.Metric, c.Data)
	}
	return s.client.TrackData(c.Event, c.Context, c.Data)
}

func run(sessions map[string]*session, c command) (any, error) {
	if c.Client == "" {
		c.Client = "main"
	}
	if c.Cmd == "init" {
		s, err := start(c)
		if err != nil {
			return nil, err
		}
		sessions[c.Client] = s
		return s.status(), nil
	}
	s := sessions[c.Client]
	if s == nil {
		return nil, errors.New("no such client")
	}
	switch c.Cmd {
	case "evaluate":
		return s.evaluate(c.item), nil
	case "evaluate-many":
		results := make([]seen, 0, len(c.Items))
		for _, i := range c.Items {
			results = append(results, s.evaluate(i))
		}
		return map[string]any{"results": results}, nil
	case "wait-for":
		return s.waitFor(c), nil
	case "all-flags":
		state := s.client.AllFlagsState(c.Context, flagstate.OptionWithReasons())
		return map[string]any{"valid": state.IsValid(), "state": state}, nil
	case "status":
		return s.status(), nil
	case "track":
		return map[string]any{}, s.track(c)
	case "flush":
		if !s.client.FlushAndWait(10 * time.Second) {
			return nil, errors.New("events were not delivered in time")
		}
		return map[string]any{}, nil
	case "logs":
		s.logs.mu.Lock()
		defer s.logs.mu.Unlock()
		return map[string]any{"logs": append([]logLine{}, s.logs.lines...)}, nil
	case "close":
		delete(sessions, c.Client)
		return map[string]any{}, s.client.Close()
	}
	return nil, fmt.Errorf("unknown command %q", c.Cmd)
}

func answer(sessions map[string]*session, line []byte) []byte {
	var c command
	result, err := any(nil), json.Unmarshal(line, &c)
	if err == nil {
		result, err = run(sessions, c)
	}
	if err != nil {
		text, _ := json.Marshal(map[string]any{"ok": false, "error": err.Error()})
		return text
	}
	text, err := json.Marshal(result)
	if err != nil {
		text, _ = json.Marshal(map[string]any{"ok": false, "error": err.Error()})
		return text
	}
	if string(text) == "{}" {
		return []byte(`{"ok":true}`)
	}
	return append([]byte(`{"ok":true,`), text[1:]...)
}

func main() {
	sessions := map[string]*session{}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		os.Stdout.Write(append(answer(sessions, line), '\n'))
	}
}
