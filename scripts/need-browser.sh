#!/bin/sh
# Makes sure that the browser walks can run: Chromium, a Chinese font, and the
# page checkers named in package.json.
set -eu
cd "$(dirname "$0")/.."

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

browser() {
	for b in chromium chromium-browser google-chrome google-chrome-stable; do
		command -v "$b" >/dev/null && return 0
	done
	[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] || [ -x /Applications/Chromium.app/Contents/MacOS/Chromium ]
}

font() {
	[ "$(uname -s)" = Darwin ] || ls /usr/share/fonts/*/noto/NotoSansCJK* >/dev/null 2>&1 || { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn file)" ]; }
}

if ! browser || ! font; then
	if command -v apt-get >/dev/null; then
		echo "installing Chromium and a Chinese font with apt-get" >&2
		as_root apt-get update -q >&2 || true
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk >&2
	elif command -v brew >/dev/null; then
		brew install --cask chromium >&2
	fi
fi
browser || { echo "no Chromium or Chrome found; install one to run the browser walks" >&2; exit 1; }
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	command -v npm >/dev/null || { echo "npm is needed for the page checkers" >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund >&2
fi
