// Command clients leads one of Go's MCP clients through the tour of the everything server.
//
// Usage: clients CLIENT DOOR BASE, where DOOR is sse or streamable and BASE is http://HOST:PORT.
// It prints one JSON line: revision and steps.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: clients CLIENT DOOR BASE")
		os.Exit(64)
	}
	name, door, base := os.Args[1], os.Args[2], os.Args[3]
	var it subject
	switch name {
	case "go-sdk":
		it = &sdk{door: door, base: base}
	case "go-sdk-legacy":
		it = &sdk{door: door, base: base, asked: "2025-11-25"}
	case "mcp-go":
		it = &mark3{door: door, base: base}
	case "mcp-go-legacy":
		it = &mark3{door: door, base: base, legacy: true}
	default:
		fmt.Fprintf(os.Stderr, "no client is named %s\n", name)
		os.Exit(64)
	}
	line, err := json.Marshal(tour(context.Background(), it))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(line))
}
