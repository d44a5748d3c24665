# An MCP server of 2026-07-28 in shell. $1 is a folder: `pid` names the process. The tool "ask" wants
# input, and goes on only with the request state of this very process.
echo $$ > "$1/pid.new" && mv "$1/pid.new" "$1/pid"
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":{"resultType":"complete",%s}}\n' "$id" "$1"; }
refuse() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"%s"}}\n' "$id" "$1" "$2"; }
while read -r line; do
    id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    case $line in
    *'"server/discover"'*)
        answer '"ttlMs":0,"cacheScope":"private","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"modern","version":"1"}}'
        ;;
    *'"tools/list"'*)
        answer '"ttlMs":0,"cacheScope":"private","tools":[{"name":"ask","inputSchema":{"type":"object"}}]'
        ;;
    *'"requestState":"of '$$'"'*) answer '"content":[{"type":"text","text":"as you wish"}]' ;;
    *'"requestState"'*) refuse -32602 'another process gave this state' ;;
    *'"tools/call"'*)
        printf '{"jsonrpc":"2.0","id":%s,"result":{"resultType":"input_required","inputRequests":{"who":{"method":"elicitation/create","params":{"mode":"form","message":"who?","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"of %s"}}\n' "$id" $$
        ;;
    *'"id":'*) refuse -32601 'unknown method' ;;
    esac
done
