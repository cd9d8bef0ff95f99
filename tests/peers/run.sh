#!/usr/bin/env bash
# run.sh [PEER…]: starts real servers on loopback, runs the journeys of tests/peers against them, ends them. `make test-peers`
# runs all of them.
#
#   vllm   two servers. The first serves a tiny model that knows a few phrases. The second has the same shape with random
#          weights, so that it babbles on (broken characters included) until its context is full, and wants a key.
#   fleet  four vLLM servers, as the profile that ships has them; the last babbles. About 8 GB of memory.
#   oidc   a certified OpenID provider; the journeys sign in with Chromium.
#
#   CAPIBARA6_PEER_MODEL     folder of the tiny model; default: shared/peers/vllm/tiny-model beside the project
#   CAPIBARA6_PEERS_DIR      where vLLM is installed; see install.sh
#   CAPIBARA6_PEER_OIDC_DIR  where the provider is installed; see install.sh
#   CAPIBARA6_PEER_WRAP      a command that brings a desktop for the window journey; default: none
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
dir=${CAPIBARA6_PEERS_DIR:-$HOME/.cache/capibara6-peers/vllm}
oidc=${CAPIBARA6_PEER_OIDC_DIR:-$HOME/.cache/capibara6-peers/oidc}
peers=("$@")
((${#peers[@]})) || peers=(oidc vllm fleet)

work=$(mktemp -d)
servers=()
finish() {
  end_servers
  rm -rf "$work"
}
trap finish EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# serve NAME PORT LOG [flags]: a server in the background that calls its model so.
serve() {
  local name=$1 port=$2 log=$3
  shift 3
  # without PYTHONDONTWRITEBYTECODE a start takes a quarter of the time
  env -u PYTHONDONTWRITEBYTECODE -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY \
    HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 VLLM_TARGET_DEVICE=cpu \
    OMP_NUM_THREADS=1 VLLM_CPU_OMP_THREADS_BIND=nobind \
    "$dir/venv/bin/python" -m vllm.entrypoints.openai.api_server --host 127.0.0.1 --port "$port" \
    --model "$model" --served-model-name "$name" --max-model-len 512 --dtype float32 --enforce-eager \
    --kv-cache-memory-bytes 33554432 --max-num-seqs 8 "$@" >"$log" 2>&1 &
  servers+=($!)
}

# await PORT LOG PID: until the server is healthy.
await() {
  local port=$1 log=$2 server=$3
  for _ in $(seq 300); do
    if python3 - "$port" <<'PY' 2>/dev/null; then return; fi
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{sys.argv[1]}/health", timeout=2)
PY
    if ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 1
  done
  echo "the server did not start:" >&2
  tail -n 40 "$log" >&2
  exit 1
}

find_model() {
  model=${CAPIBARA6_PEER_MODEL:-$root/../shared/peers/vllm/tiny-model}
  if [[ ! -f $model/config.json ]]; then
    echo "no model in $model: set CAPIBARA6_PEER_MODEL to a folder with a small chat model" >&2
    exit 1
  fi
}

start_vllm() {
  find_model
  local plain keyed key
  plain=$(free_port)
  keyed=$(free_port)
  key="peer-key-$RANDOM$RANDOM"
  echo "Starting two vLLM servers (a minute or two)"
  serve phi4:mini "$plain" "$work/plain.log"
  await "$plain" "$work/plain.log" "${servers[-1]}"
  serve phi4:mini "$keyed" "$work/keyed.log" --load-format dummy --api-key "$key"
  await "$keyed" "$work/keyed.log" "${servers[-1]}"
  export CAPIBARA6_PEER_URL=http://127.0.0.1:$plain/v1
  export CAPIBARA6_PEER_KEYED_URL=http://127.0.0.1:$keyed/v1
  export CAPIBARA6_PEER_KEY=$key
}

start_fleet() {
  find_model
  local names=(gpt-oss-20b qwen2.5-coder:1.5b phi4:mini mixtral) fleet=() name port flags
  echo "Starting four vLLM servers (a minute or two)"
  for name in "${names[@]}"; do
    port=$(free_port)
    # a judge is shown the answers of the others, in tokens of a letter or two
    flags=(--max-model-len 4096)
    [[ $name == mixtral ]] && flags+=(--load-format dummy)
    # one after the other: four at once need more memory while they start than while they run
    serve "$name" "$port" "$work/fleet-${#fleet[@]}.log" "${flags[@]}"
    await "$port" "$work/fleet-${#fleet[@]}.log" "${servers[-1]}"
    fleet+=("$name=http://127.0.0.1:$port/v1")
  done
  CAPIBARA6_PEER_FLEET=$(IFS=' '; echo "${fleet[*]}")
  export CAPIBARA6_PEER_FLEET
}

# end_servers: before the next peers, which may need the memory.
end_servers() {
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
  for server in "${servers[@]}"; do wait "$server" 2>/dev/null || true; done
  servers=()
}

start_oidc() {
  local line
  mkfifo "$work/oidc.in" "$work/oidc.out"
  # it ends with its input, of which this shell has the other end
  exec {oidc_input}<>"$work/oidc.in"
  node "$oidc/provider.mjs" <&"$oidc_input" >"$work/oidc.out" 2>"$work/oidc.log" &
  servers+=($!)
  exec {oidc_output}<"$work/oidc.out"
  if ! read -r -t 30 line <&"$oidc_output"; then
    echo "the OpenID provider did not start:" >&2
    cat "$work/oidc.log" >&2
    exit 1
  fi
  CAPIBARA6_PEER_ISSUER=$(node -p 'JSON.parse(process.argv[1]).issuer' "$line")
  export CAPIBARA6_PEER_ISSUER
}

# journeys FILTER…: those of tests/peers whose names begin so.
journeys() {
  # unquoted: the command may have arguments
  (cd "$root" && ${CAPIBARA6_PEER_WRAP:-} cargo test --locked -p capibara6-journeys --test peers -- --ignored --test-threads=1 "$@")
}

"$here/install.sh" "${peers[@]/fleet/vllm}"
failed=0
for peer in "${peers[@]}"; do
  case $peer in
  vllm) start_vllm; journeys client:: window:: || failed=1 ;;
  fleet) start_fleet; journeys fleet:: || failed=1 ;;
  oidc) start_oidc; journeys oidc:: || failed=1 ;;
  esac
  end_servers
done
exit "$failed"
