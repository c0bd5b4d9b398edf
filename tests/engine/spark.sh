#!/usr/bin/env bash
# The sample month on Apache Spark: a master, two workers, one executor killed in the middle. The
# report must be that of this program alone, byte for byte. Too heavy for .ci/run (the wheel has
# 430 MB, and it needs Java 17); `sail.sh` asks the same questions of Sail there.
# Argument: the folder of the built programs. SPARK_PYTHON: a Python that has pyspark 4.2.
set -euo pipefail
cd "$(dirname "$0")/../.."
dangtong="$1/dangtong"
work="$(mktemp -d)"
started=()
finish() {
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT

python="${SPARK_PYTHON:-}"
if [ -z "$python" ]; then
  python3 -m venv "$work/venv"
  python="$work/venv/bin/python"
  "$python" -m pip install --quiet 'pyspark==4.2.*'
fi
SPARK_HOME="$("$python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')"
export SPARK_HOME SPARK_LOCAL_IP=127.0.0.1 SPARK_DAEMON_MEMORY=512m
master=spark://127.0.0.1:7177
connect=15102

start() {
  local name="$1"
  shift
  "$@" >"$work/$name.log" 2>&1 &
  started+=($!)
}
reached() {
  for _ in $(seq 240); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
    sleep 0.5
  done
  tail -n 20 "$work"/*.log
  return 1
}
start master "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master \
  --host 127.0.0.1 --port 7177 --webui-port 0
reached 7177
for worker in one two; do
  start "$worker" "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker \
    --cores 1 --memory 1g --webui-port 0 --work-dir "$work/$worker" "$master"
done
start connect "$SPARK_HOME/bin/spark-submit" --master "$master" --driver-memory 1g \
  --class org.apache.spark.sql.connect.service.SparkConnectServer \
  --conf "spark.connect.grpc.binding.port=$connect" --conf spark.ui.enabled=false \
  --conf spark.executor.memory=640m --conf spark.executor.cores=1 \
  --conf spark.sql.shuffle.partitions=2 --conf "spark.local.dir=$work" \
  spark-internal
reached "$connect"
engine="sc://127.0.0.1:$connect"

timed() {
  local from
  from="$(date +%s)"
  "${@:2}" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
  echo "$1: $(($(date +%s) - from)) s"
}
timed "here" "$dangtong" run --no-cache --out "$work/here"

# One executor of the second worker dies while the month is computed; its work is done again.
timed "Spark, an executor killed" "$dangtong" run --no-cache --out "$work/there" --engine "$engine" &
running=$!
executor=""
for _ in $(seq 600); do
  executor="$(pgrep -P "${started[2]}" | head -n 1 || true)"
  [ -n "$executor" ] && grep -q 'Finished task' "$work/connect.log" && break
  kill -0 "$running" 2>/dev/null || break
  sleep 0.2
done
kill -9 "$executor"
wait "$running"
grep -m 1 -o 'Lost executor [0-9]*' "$work/connect.log"
diff -r "$work/here" "$work/there"

timed "certify, zuoquan" "$dangtong" certify --out "$work/here" --engine "$engine"
tail -n 2 "$work/said"
"$dangtong" run --pipeline pipelines/national-bulletin --no-cache --out "$work/nation" >/dev/null 2>&1
timed "certify, national-bulletin" "$dangtong" certify --pipeline pipelines/national-bulletin \
  --out "$work/nation" --engine "$engine"
tail -n 2 "$work/said"
"$dangtong" audit verify "$work/here"/*/
echo "Spark gives the same bytes, also with an executor killed"
