#!/usr/bin/env bash
# The sample months of both pipelines through Sail (one wheel, no Java): certified, and the report
# byte for byte that of this program alone. Argument: the folder of the built programs.
set -euo pipefail
cd "$(dirname "$0")/../.."
dangtong="$1/dangtong"
work="$(mktemp -d)"
server=""
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# In a folder of its own, so that nothing else of this machine is changed.
sail="${SAIL:-}"
if [ -z "$sail" ]; then
  python3 -m pip install --quiet --target "$work/sail" pysail==0.7.2
  export PYTHONPATH="$work/sail"
  sail="$work/sail/bin/sail"
fi
port="${SAIL_PORT:-50061}"
"$sail" spark server --port "$port" >"$work/sail.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  kill -0 "$server" || { cat "$work/sail.log"; exit 1; }
  sleep 0.5
done
engine="sc://127.0.0.1:$port"
# Where tables are put for the engine; nothing of them may be left.
export TMPDIR="$work/tables"
mkdir "$TMPDIR"

for pipeline in zuoquan national-bulletin; do
  month() { "$dangtong" run --pipeline "pipelines/$pipeline" --no-cache "$@" >/dev/null 2>&1; }
  month --out "$work/here"
  month --out "$work/there" --engine "$engine"
  diff -r "$work/here" "$work/there"
  "$dangtong" certify --pipeline "pipelines/$pipeline" --out "$work/here" --engine "$engine" | tail -n 2
  for report in "$work/here"/*/; do
    "$dangtong" audit verify "$report" --pipeline "pipelines/$pipeline"
  done
  rm -rf "$work/here" "$work/there"
done

# What a county handed up, reported by the level above.
"$dangtong" collect --facts "$work/facts" --no-cache >/dev/null
"$dangtong" run --facts "$work/facts" --out "$work/here" >/dev/null 2>&1
"$dangtong" run --facts "$work/facts" --out "$work/there" --engine "$engine" >/dev/null 2>&1
diff -r "$work/here" "$work/there"
[ -z "$(ls -A "$TMPDIR")" ] || { find "$TMPDIR"; exit 1; }
echo "Sail gives the same bytes from returns and from what was handed up"
