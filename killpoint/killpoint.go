// Package killpoint lets tests kill the process at a named step, to show that
// nothing acknowledged is lost there. Without the build tag "killpoints" it does
// nothing and costs nothing; with it the portal's clock ticks faster, too.
package killpoint
