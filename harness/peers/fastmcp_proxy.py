"""FastMCP's own proxy in front of one stdio command: PORT COMMAND."""

import sys

from fastmcp.server import create_proxy

port, command = int(sys.argv[1]), sys.argv[2]
proxy = create_proxy({"mcpServers": {"echo": {"command": command, "args": []}}})
proxy.run(transport="http", host="127.0.0.1", port=port, show_banner=False)
