package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A text with bytes that a careless bridge would break: umlauts, an emoji, the line separator.
const word = "Grüße \u2028 🐝"

// What the clients' own handlers answer to a server that asks.
const (
	sample = "a sample of the client"
	name   = "Queen"
	root   = "file:///hive"
)

// Time for one step: the slowest, a call of a second with progress, takes a tenth of it.
const stepBound = 15 * time.Second

// Time to wait for a notification that the server sends after its answer.
const late = 5 * time.Second

// answer is a tool's result, whatever the SDK's type of it.
type answer struct {
	text   string
	failed bool
}

// subject is what the tour needs of an SDK.
type subject interface {
	connect(ctx context.Context) error
	revision() string
	tools(ctx context.Context) ([]string, error)
	call(ctx context.Context, tool string, arguments map[string]any, token string) (answer, error)
	// progress is what was told under the calls' token, in order.
	progress() []float64
	logs() int
	level(ctx context.Context, level string) error
	resource(ctx context.Context) (string, error)
	prompt(ctx context.Context) (string, error)
	// lacks is whether the client has no counterpart of a step: the harness knows why.
	lacks(step string) bool
	close() error
}

// story is what the harness reads.
type story struct {
	Revision string            `json:"revision"`
	Steps    map[string]string `json:"steps"`
}

func tour(ctx context.Context, it subject) story {
	told := story{Revision: "none", Steps: map[string]string{}}
	// A stream lives as long as the context it was opened with, so connecting has no bound of its own.
	told.Steps["connect"] = outcome(it.connect(ctx))
	if told.Steps["connect"] != "ok" {
		return told
	}
	told.Revision = it.revision()
	for _, one := range steps {
		if it.lacks(one.name) {
			continue
		}
		bounded, end := context.WithTimeout(ctx, stepBound)
		told.Steps[one.name] = outcome(one.run(bounded, it))
		end()
	}
	told.Steps["close"] = outcome(it.close())
	return told
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return strings.ReplaceAll(err.Error(), "\n", " / ")
}

var steps = []struct {
	name string
	run  func(context.Context, subject) error
}{
	{"list", func(ctx context.Context, it subject) error {
		tools, err := it.tools(ctx)
		if err == nil && !strings.Contains(strings.Join(tools, " "), "echo") {
			err = fmt.Errorf("no tool named echo in %v", tools)
		}
		return err
	}},
	{"call", asked("echo", map[string]any{"message": word}, "Echo: "+word)},
	{"refusal", refused},
	{"progress", progressed},
	{"resource", holds(subject.resource, "")},
	{"prompt", holds(subject.prompt, "simple prompt")},
	{"log", logged},
	{"sampling", asked("trigger-sampling-request", map[string]any{"prompt": "Hello?"}, sample)},
	{"elicitation", asked("trigger-elicitation-request", map[string]any{}, "Name: "+name)},
	{"roots", asked("get-roots-list", map[string]any{}, root)},
}

func asked(tool string, arguments map[string]any, says string) func(context.Context, subject) error {
	return func(ctx context.Context, it subject) error {
		got, err := it.call(ctx, tool, arguments, "")
		if err == nil && !strings.Contains(got.text, says) {
			err = fmt.Errorf("unexpected: %q", got.text)
		}
		return err
	}
}

func refused(ctx context.Context, it subject) error {
	got, err := it.call(ctx, "no-such-tool", map[string]any{}, "")
	if err != nil {
		got = answer{text: err.Error(), failed: true}
	}
	if !got.failed || !strings.Contains(got.text, "no-such-tool") {
		return fmt.Errorf("unexpected: %q", got.text)
	}
	return nil
}

func progressed(ctx context.Context, it subject) error {
	arguments := map[string]any{"duration": 1, "steps": 4}
	if _, err := it.call(ctx, "trigger-long-running-operation", arguments, "tour"); err != nil {
		return err
	}
	want := []float64{1, 2, 3, 4}
	return until(func() bool { return reflect.DeepEqual(it.progress(), want) }, func() error {
		return fmt.Errorf("unexpected: %v", it.progress())
	})
}

func holds(get func(subject, context.Context) (string, error), part string) func(context.Context, subject) error {
	return func(ctx context.Context, it subject) error {
		text, err := get(it, ctx)
		if err == nil && (text == "" || !strings.Contains(text, part)) {
			err = fmt.Errorf("unexpected: %q", text)
		}
		return err
	}
}

func logged(ctx context.Context, it subject) error {
	if err := it.level(ctx, "debug"); err != nil {
		return err
	}
	toggle := asked("toggle-simulated-logging", map[string]any{}, "")
	if err := toggle(ctx, it); err != nil {
		return err
	}
	none := func() error { return fmt.Errorf("no log message came within %s", late) }
	if err := until(func() bool { return it.logs() > 0 }, none); err != nil {
		return err
	}
	return toggle(ctx, it)
}

func until(done func() bool, why func() error) error {
	for end := time.Now().Add(late); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if done() {
			return nil
		}
	}
	return why()
}
