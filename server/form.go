package server

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/width"
)

// text returns a field as typed, without surrounding space and with control
// characters other than line ends and tabs taken out.
func text(c *gin.Context, field string) string { return clean(c.PostForm(field)) }

func clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || (!unicode.IsControl(r) && r != unicode.ReplacementChar) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}

// line is text on one line, full-width letters and digits made narrow: for
// codes, numbers and dates.
func line(c *gin.Context, field string) string {
	return strings.Join(strings.Fields(width.Narrow.String(text(c, field))), " ")
}

// ticked reports whether a checkbox is on.
func ticked(c *gin.Context, field string) bool { return c.PostForm(field) != "" }

// idem returns the one-time key of the form; a form without one gets a new key.
func idem(c *gin.Context) string {
	if k := c.PostForm("idem"); len(k) >= 16 && len(k) <= 64 {
		return k
	}
	return randomKey()
}

// pathID reads a numeric id of the address; anything else does not exist.
func pathID[T ~int64](c *gin.Context, name string) (T, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, errNotFound
	}
	return T(n), nil
}

// formID reads a numeric id a form field holds; 0 when empty or no number.
func formID[T ~int64](c *gin.Context, field string) T {
	n, err := strconv.ParseInt(line(c, field), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return T(n)
}

// pageNumber reads ?page=, from 1.
func pageNumber(c *gin.Context) int {
	n, err := strconv.Atoi(c.Query("page"))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 100000)
}
