# An MCP server in shell. $1 is a folder: `pid` names the process, `at` the call that it is at, and
# the pipe `gate` holds the call "wait" until somebody writes to it.
echo $$ > "$1/pid.new" && mv "$1/pid.new" "$1/pid"
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
while read -r line; do
    id=$(printf '%s' "$line" | sed -n 's/.*"id":\([^,}]*\).*/\1/p')
    case $line in
    *'"initialize"'*)
        answer '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"shell","version":"1"}}'
        ;;
    *'"server/discover"'*)
        printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"unknown method"}}\n' "$id"
        ;;
    *'"name":"wait"'*)
        echo wait > "$1/at"
        read -r _ < "$1/gate"
        answer '{"content":[{"type":"text","text":"released"}]}'
        ;;
    *'"name":"die"'*)
        echo 'cannot go on' >&2
        exit 1
        ;;
    *'"name":"echo"'*) answer '{"content":[{"type":"text","text":"echo"}]}' ;;
    esac
done
