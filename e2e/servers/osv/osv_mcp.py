"""An MCP server for the database of osv.dev, on the MCP Python SDK's own HTTP transports.

MCP_TRANSPORT  sse (default) or streamable-http
MCP_PORT       where it listens; else FASTMCP_PORT, else 8080
MCP_HOST       the address it listens on; else FASTMCP_HOST, else all

The tools are query_vulnerability, query_vulnerabilities_batch and get_vulnerability.
"""

import json
import os
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

API = "https://api.osv.dev/v1"
# Seconds for one answer of the API.
ANSWER = 30
# Longest answer that is read, in bytes: a popular package's whole history fits several times over.
LONGEST = 32 << 20
# Queries of one batch, as the API has it.
BATCH = 1000

# Read once: parsing the bundle of certificates takes longer than a query.
TRUST = ssl.create_default_context()

READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)

Commit = Annotated[str | None, Field(description="The commit to ask about, instead of a version.")]
Version = Annotated[str | None, Field(description="The version to ask about, instead of a commit.")]
Name = Annotated[str | None, Field(description="The package's name.")]
Ecosystem = Annotated[str | None, Field(description="The package's ecosystem, such as npm or PyPI.")]
Purl = Annotated[
    str | None, Field(description="The package's URL, instead of its name and ecosystem.")
]

server = MCPServer("osv-mcp")


class Query(BaseModel):
    """One question to the database."""

    commit: Commit = None
    version: Version = None
    package_name: Name = None
    ecosystem: Ecosystem = None
    purl: Purl = None

    def body(self):
        """The question as the API takes it."""
        if self.commit and self.version:
            raise ToolError("give a commit or a version, not both")
        if self.purl and (self.package_name or self.ecosystem):
            raise ToolError("give a purl, or package_name and ecosystem, not both")
        named = self.package_name and self.ecosystem
        if not (self.purl or named or self.commit):
            raise ToolError("give a purl, or package_name and ecosystem, or a commit")
        body = {"commit": self.commit, "version": self.version}
        if self.purl:
            body["package"] = {"purl": self.purl}
        elif named:
            body["package"] = {"name": self.package_name, "ecosystem": self.ecosystem}
        return {key: value for key, value in body.items() if value}


def ask(path, body=None):
    """The API's answer, as indented JSON. What it refuses is the tool's error."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{API}/{path}", data=data, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER, context=TRUST) as answer:
            text = answer.read(LONGEST + 1)
    except urllib.error.HTTPError as error:
        raise ToolError(f"api.osv.dev answered {error.code}: {error.read(1024).decode()}") from error
    except OSError as error:
        raise ToolError(f"api.osv.dev cannot be reached: {error}") from error
    if len(text) > LONGEST:
        raise ToolError(f"api.osv.dev answered more than {LONGEST} bytes; ask for less")
    return json.dumps(json.loads(text), indent=2)


@server.tool(annotations=READS, structured_output=False)
def query_vulnerability(
    commit: Commit = None,
    version: Version = None,
    package_name: Name = None,
    ecosystem: Ecosystem = None,
    purl: Purl = None,
) -> str:
    """Known vulnerabilities of one version of a package, or of one commit."""
    query = Query(
        commit=commit, version=version, package_name=package_name, ecosystem=ecosystem, purl=purl
    )
    return ask("query", query.body())


@server.tool(annotations=READS, structured_output=False)
def query_vulnerabilities_batch(
    queries: Annotated[list[Query], Field(description="The questions.", max_length=BATCH)],
) -> str:
    """Ids of the known vulnerabilities of many packages or commits."""
    return ask("querybatch", {"queries": [query.body() for query in queries]})


@server.tool(annotations=READS, structured_output=False)
def get_vulnerability(id: Annotated[str, Field(description="The vulnerability's OSV id.")]) -> str:
    """All that is known of one vulnerability."""
    return ask(f"vulns/{urllib.parse.quote(id, safe='')}")


def setting(name, default):
    """MCP_NAME, else FASTMCP_NAME, else the default; an empty value counts as none."""
    return os.environ.get(f"MCP_{name}") or os.environ.get(f"FASTMCP_{name}") or default


def main():
    transport = setting("TRANSPORT", "sse")
    if transport not in ("sse", "streamable-http"):
        sys.exit(f"MCP_TRANSPORT is {transport!r}; set it to sse or streamable-http")
    port = setting("PORT", "8080")
    if not (port.isdecimal() and 0 < int(port) < 65536):
        sys.exit(f"MCP_PORT is {port!r}; set it to a TCP port")
    # Who may come is the cluster's to say, by NetworkPolicy: no browser ever sees this port.
    anybody = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.run(transport, host=setting("HOST", "0.0.0.0"), port=int(port), transport_security=anybody)


if __name__ == "__main__":
    main()
