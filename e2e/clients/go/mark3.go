package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// mark3 is mcp-go's client with every handler.
type mark3 struct {
	door, base string
	legacy     bool
	own        *client.Client
	hello      *mcp.InitializeResult
	lock       sync.Mutex
	heard      int
	advanced   []float64
}

func (it *mark3) CreateMessage(context.Context, mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	said := mcp.SamplingMessage{Role: mcp.RoleAssistant, Content: mcp.NewTextContent(sample)}
	return &mcp.CreateMessageResult{SamplingMessage: said, Model: "none"}, nil
}

func (it *mark3) Elicit(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{
		Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"name": name},
	}}, nil
}

func (it *mark3) ListRoots(context.Context, mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	return &mcp.ListRootsResult{Roots: []mcp.Root{{URI: root, Name: "hive"}}}, nil
}

func (it *mark3) connect(ctx context.Context) error {
	way, err := it.way()
	if err != nil {
		return err
	}
	var options []client.ClientOption
	if it.door != "sse" {
		// By SSE it must not say that it has them: it takes a server's request for an answer.
		options = append(options, client.WithSamplingHandler(it),
			client.WithElicitationHandler(it), client.WithRootsHandler(it))
	}
	if it.legacy {
		options = append(options, client.WithProtocolVersion("2025-11-25"))
	}
	it.own = client.NewClient(way, options...)
	it.own.OnNotification(it.notified)
	if err := it.own.Start(ctx); err != nil {
		return err
	}
	hello := mcp.InitializeRequest{}
	hello.Params.ClientInfo = mcp.Implementation{Name: "interop", Version: "1"}
	it.hello, err = it.own.Initialize(ctx, hello)
	return err
}

func (it *mark3) way() (transport.Interface, error) {
	if it.door == "sse" {
		return transport.NewSSE(it.base + "/sse")
	}
	if it.legacy {
		// The stream by which the server may ask and notify outside of answers.
		return transport.NewStreamableHTTP(it.base+"/mcp", transport.WithContinuousListening())
	}
	return transport.NewStreamableHTTP(it.base + "/mcp")
}

func (it *mark3) notified(told mcp.JSONRPCNotification) {
	it.lock.Lock()
	defer it.lock.Unlock()
	switch told.Method {
	case "notifications/message":
		it.heard++
	case "notifications/progress":
		if progress, ok := told.Params.AdditionalFields["progress"].(float64); ok {
			it.advanced = append(it.advanced, progress)
		}
	}
}

func (it *mark3) revision() string { return it.hello.ProtocolVersion }

func (it *mark3) tools(ctx context.Context) ([]string, error) {
	all, err := it.own.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, tool := range all.Tools {
		names = append(names, tool.Name)
	}
	return names, nil
}

func (it *mark3) call(ctx context.Context, tool string, arguments map[string]any, token string) (answer, error) {
	ask := mcp.CallToolRequest{}
	ask.Params.Name, ask.Params.Arguments = tool, arguments
	ask.Params.Meta = &mcp.Meta{AdditionalFields: map[string]any{}}
	if token != "" {
		ask.Params.Meta.ProgressToken = token
	}
	if it.revision() >= "2026" {
		ask.Params.Meta.AdditionalFields["io.modelcontextprotocol/logLevel"] = "debug"
	}
	result, err := it.own.CallTool(ctx, ask)
	if err != nil {
		return answer{}, err
	}
	var text strings.Builder
	for _, part := range result.Content {
		if part, ok := part.(mcp.TextContent); ok {
			text.WriteString(part.Text + "\n")
		}
	}
	return answer{text: text.String(), failed: result.IsError}, nil
}

func (it *mark3) progress() []float64 {
	it.lock.Lock()
	defer it.lock.Unlock()
	return append([]float64{}, it.advanced...)
}

func (it *mark3) logs() int {
	it.lock.Lock()
	defer it.lock.Unlock()
	return it.heard
}

func (it *mark3) level(ctx context.Context, level string) error {
	if it.revision() >= "2026" {
		// In the stateless era the level is a part of each request.
		return nil
	}
	ask := mcp.SetLevelRequest{}
	ask.Params.Level = mcp.LoggingLevel(level)
	return it.own.SetLevel(ctx, ask)
}

func (it *mark3) resource(ctx context.Context) (string, error) {
	all, err := it.own.ListResources(ctx, mcp.ListResourcesRequest{})
	if err != nil {
		return "", err
	}
	ask := mcp.ReadResourceRequest{}
	ask.Params.URI = all.Resources[0].URI
	got, err := it.own.ReadResource(ctx, ask)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(got.Contents[0])
	return string(text), err
}

func (it *mark3) prompt(ctx context.Context) (string, error) {
	ask := mcp.GetPromptRequest{}
	ask.Params.Name = "simple-prompt"
	got, err := it.own.GetPrompt(ctx, ask)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(got.Messages[0].Content)
	return string(text), err
}

// lacks: its SSE transport has no way to answer a server's request.
func (it *mark3) lacks(step string) bool {
	return it.door == "sse" && (step == "sampling" || step == "elicitation" || step == "roots")
}

func (it *mark3) close() error { return it.own.Close() }
