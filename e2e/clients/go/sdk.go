package main

import (
	"context"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// sdk is the Go SDK's client with every handler.
type sdk struct {
	door, base string
	// asked is the revision to ask for; the SDK's own choice when empty.
	asked    string
	session  *mcp.ClientSession
	lock     sync.Mutex
	heard    int
	advanced []float64
}

func (it *sdk) connect(ctx context.Context) error {
	own := mcp.NewClient(&mcp.Implementation{Name: "interop", Version: "1"}, &mcp.ClientOptions{
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			return &mcp.CreateMessageResult{
				Role: "assistant", Model: "none", Content: &mcp.TextContent{Text: sample},
			}, nil
		},
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": name}}, nil
		},
		LoggingMessageHandler: func(context.Context, *mcp.LoggingMessageRequest) {
			it.lock.Lock()
			defer it.lock.Unlock()
			it.heard++
		},
		ProgressNotificationHandler: func(_ context.Context, told *mcp.ProgressNotificationClientRequest) {
			it.lock.Lock()
			defer it.lock.Unlock()
			it.advanced = append(it.advanced, told.Params.Progress)
		},
	})
	own.AddRoots(&mcp.Root{URI: root, Name: "hive"})
	var way mcp.Transport = &mcp.StreamableClientTransport{Endpoint: it.base + "/mcp"}
	if it.door == "sse" {
		way = &mcp.SSEClientTransport{Endpoint: it.base + "/sse"}
	}
	session, err := own.Connect(ctx, way, &mcp.ClientSessionOptions{ProtocolVersion: it.asked})
	it.session = session
	return err
}

func (it *sdk) revision() string { return it.session.InitializeResult().ProtocolVersion }

func (it *sdk) tools(ctx context.Context) ([]string, error) {
	var names []string
	for tool, err := range it.session.Tools(ctx, nil) {
		if err != nil {
			return nil, err
		}
		names = append(names, tool.Name)
	}
	return names, nil
}

func (it *sdk) call(ctx context.Context, tool string, arguments map[string]any, token string) (answer, error) {
	params := &mcp.CallToolParams{Name: tool, Arguments: arguments, Meta: mcp.Meta{}}
	if token != "" {
		params.SetProgressToken(token)
	}
	if it.revision() >= "2026" {
		params.Meta["io.modelcontextprotocol/logLevel"] = "debug"
	}
	result, err := it.session.CallTool(ctx, params)
	if err != nil {
		return answer{}, err
	}
	var text strings.Builder
	for _, part := range result.Content {
		if part, ok := part.(*mcp.TextContent); ok {
			text.WriteString(part.Text + "\n")
		}
	}
	return answer{text: text.String(), failed: result.IsError}, nil
}

func (it *sdk) progress() []float64 {
	it.lock.Lock()
	defer it.lock.Unlock()
	return append([]float64{}, it.advanced...)
}

func (it *sdk) logs() int {
	it.lock.Lock()
	defer it.lock.Unlock()
	return it.heard
}

func (it *sdk) level(ctx context.Context, level string) error {
	if it.revision() >= "2026" {
		// In the stateless era the level is a part of each request.
		return nil
	}
	return it.session.SetLoggingLevel(ctx, &mcp.SetLoggingLevelParams{Level: mcp.LoggingLevel(level)})
}

func (it *sdk) resource(ctx context.Context) (string, error) {
	all, err := it.session.ListResources(ctx, nil)
	if err != nil {
		return "", err
	}
	got, err := it.session.ReadResource(ctx, &mcp.ReadResourceParams{URI: all.Resources[0].URI})
	if err != nil {
		return "", err
	}
	return got.Contents[0].Text + string(got.Contents[0].Blob), nil
}

func (it *sdk) prompt(ctx context.Context) (string, error) {
	got, err := it.session.GetPrompt(ctx, &mcp.GetPromptParams{Name: "simple-prompt"})
	if err != nil {
		return "", err
	}
	text, _ := got.Messages[0].Content.(*mcp.TextContent)
	return text.Text, nil
}

func (it *sdk) lacks(string) bool { return false }

func (it *sdk) close() error { return it.session.Close() }
