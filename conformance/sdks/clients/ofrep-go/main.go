// OpenFeature's Go SDK over the remote evaluation protocol, by the commands of ../driver.mjs: JSON-line commands on
// stdin, one JSON-line answer each on stdout.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/open-feature/go-sdk-contrib/providers/ofrep"
	of "github.com/open-feature/go-sdk/openfeature"
)

type command struct {
	Cmd       string         `json:"cmd"`
	EnvID     string         `json:"envId"`
	BaseURL   string         `json:"baseUrl"`
	Context   map[string]any `json:"context"`
	Flag      string         `json:"flag"`
	Type      string         `json:"type"`
	Value     any            `json:"value"`
	TimeoutMs int            `json:"timeoutMs"`
}

type seen struct {
	Value     any     `json:"value"`
	Variant   string  `json:"variant"`
	Reason    string  `json:"reason"`
	ErrorCode *string `json:"errorCode"`
}

type session struct {
	client  *of.Client
	context of.EvaluationContext
}

func evaluationContext(given map[string]any) of.EvaluationContext {
	key, _ := given["targetingKey"].(string)
	attributes := map[string]any{}
	for name, value := range given {
		if name != "targetingKey" {
			attributes[name] = value
		}
	}
	return of.NewEvaluationContext(key, attributes)
}

func (s *session) start(c command) error {
	s.client, s.context = of.NewClient("conformance"), evaluationContext(c.Context)
	return of.SetProviderAndWait(ofrep.NewProvider(c.BaseURL, ofrep.WithBearerToken(c.EnvID)))
}

// evaluate answers with the provider's errors too: they are in the details.
func (s *session) evaluate(c command) (seen, error) {
	ctx := context.Background()
	told := func(value any, d of.EvaluationDetails) (seen, error) {
		out := seen{Value: value, Variant: d.Variant, Reason: string(d.Reason)}
		if code := string(d.ErrorCode); code != "" {
			out.ErrorCode = &code
		}
		return out, nil
	}
	switch c.Type {
	case "boolean":
		d, _ := s.client.BooleanValueDetails(ctx, c.Flag, false, s.context)
		return told(d.Value, d.EvaluationDetails)
	case "string":
		d, _ := s.client.StringValueDetails(ctx, c.Flag, "", s.context)
		return told(d.Value, d.EvaluationDetails)
	case "number":
		d, _ := s.client.FloatValueDetails(ctx, c.Flag, 0, s.context)
		return told(d.Value, d.EvaluationDetails)
	case "object":
		d, _ := s.client.ObjectValueDetails(ctx, c.Flag, nil, s.context)
		return told(d.Value, d.EvaluationDetails)
	}
	return seen{}, fmt.Errorf("unknown type %q", c.Type)
}

func (s *session) waitFor(c command) (any, error) {
	until := time.Now().Add(time.Duration(c.TimeoutMs) * time.Millisecond)
	for {
		got, err := s.evaluate(c)
		if err != nil {
			return nil, err
		}
		met := reflect.DeepEqual(got.Value, c.Value)
		if met || time.Now().After(until) {
			return map[string]any{"met": met, "seen": got}, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *session) run(c command) (any, error) {
	switch c.Cmd {
	case "init":
		return map[string]any{"initialized": true, "error": nil}, s.start(c)
	case "identify":
		s.context = evaluationContext(c.Context)
		return map[string]any{}, nil
	case "evaluate":
		return s.evaluate(c)
	case "wait-for":
		return s.waitFor(c)
	}
	return nil, fmt.Errorf("unknown command %q", c.Cmd)
}

// answer is the result's members beside `ok`.
func (s *session) answer(line []byte) map[string]any {
	var c command
	result, err := any(nil), json.Unmarshal(line, &c)
	if err == nil {
		result, err = s.run(c)
	}
	members := map[string]any{}
	if err == nil {
		var text []byte
		if text, err = json.Marshal(result); err == nil {
			err = json.Unmarshal(text, &members)
		}
	}
	if err != nil {
		return map[string]any{"ok": false, "error": err.Error()}
	}
	members["ok"] = true
	return members
}

func main() {
	s := &session{}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := out.Encode(s.answer(line)); err != nil {
			return
		}
	}
}
