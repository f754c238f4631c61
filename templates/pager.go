package templates

import (
	"net/url"
	"strconv"
)

// Pager pages a long list by its address.
type Pager struct {
	From, To, Total, Pages int
	Prev, Next             string
	Numbers                []PageNumber
}

// PageNumber is one link of a pager; Gap stands for the pages left out.
type PageNumber struct {
	N       int
	Href    string
	Current bool
	Gap     bool
}

// NewPager builds the pager of a list of total rows, size to a page, at page
// (from 1). path and query are the list's address; the query keeps its filter.
func NewPager(path string, query url.Values, page, size, total int) Pager {
	pages := max(1, (total+size-1)/size)
	page = min(max(page, 1), pages)
	href := func(n int) string {
		q := url.Values{}
		for k, v := range query {
			if k != "lang" && k != "large" && k != "page" {
				q[k] = v
			}
		}
		q.Set("page", strconv.Itoa(n))
		return path + "?" + q.Encode()
	}
	p := Pager{From: min((page-1)*size+1, total), To: min(page*size, total), Total: total, Pages: pages}
	if page > 1 {
		p.Prev = href(page - 1)
	}
	if page < pages {
		p.Next = href(page + 1)
	}
	last := 0
	for n := 1; n <= pages; n++ {
		if n != 1 && n != pages && (n < page-2 || n > page+2) {
			continue
		}
		if last != 0 && n > last+1 {
			p.Numbers = append(p.Numbers, PageNumber{Gap: true})
		}
		p.Numbers = append(p.Numbers, PageNumber{N: n, Href: href(n), Current: n == page})
		last = n
	}
	return p
}
