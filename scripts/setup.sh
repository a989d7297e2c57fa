#!/usr/bin/env bash
# Installs what building and testing need on Debian 12 / Ubuntu 24.04. Does nothing, and needs no
# network, where everything is there already. The CUDA Toolkit and the driver are yours to install.
set -euo pipefail

packages=(
  build-essential cmake ninja-build git
  libfmt-dev nlohmann-json3-dev libcli11-dev libhwy-dev libbenchmark-dev
  libgtest-dev librapidcheck-dev
  python3 python3-matplotlib python3-jsonschema
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
    missing+=("$package")
done
((${#missing[@]})) || exit 0

echo "setup: installing ${missing[*]}"
as_root=()
if ((EUID != 0)); then as_root=(sudo); fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
