#!/bin/sh
# Installs the official OpenAI clients for Node and Python beside the scripts that use them. Idempotent.
set -eu
cd "$(dirname "$0")"
npm ci --silent --no-audit --no-fund
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
