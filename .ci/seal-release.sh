#!/usr/bin/env bash
# Adds the list of parts (SBOM) and the checksums to a folder of release files: seal-release.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath "$1")
if [ -z "$(ls -A "$folder")" ]; then
  echo "There is nothing to release in $folder" >&2
  exit 1
fi
npm sbom --package-lock-only --sbom-format cyclonedx >"$folder/tincan.sbom.json"
cd "$folder"
rm -f SHA256SUMS
find . -maxdepth 1 -type f -printf '%P\0' | sort -z | xargs -0 sha256sum >../SHA256SUMS.new
mv ../SHA256SUMS.new SHA256SUMS
