package calendar

import (
	"github.com/6tail/lunar-go/HolidayUtil"
)

// The shipped list: official days from the State Council's notices as collected
// in lunar-go. It begins with the first year whose notice it holds whole.
const (
	// ShippedSource names where the shipped list comes from; a page says it in the
	// reader's language.
	ShippedSource = "国务院办公厅历年节假日安排通知（lunar-go 1.4.6）"
	shippedFirst  = 2002
	shippedLast   = 2026
)

// Shipped returns the list that comes with the portal, 2002 to 2026.
func Shipped() *Calendar {
	c := &Calendar{Source: ShippedSource, FirstYear: shippedFirst, LastYear: shippedLast, Days: map[Date]bool{}}
	for year := shippedFirst; year <= shippedLast; year++ {
		list := HolidayUtil.GetHolidaysByYear(year)
		for e := list.Front(); e != nil; e = e.Next() {
			h, ok := e.Value.(interface {
				GetDay() string
				IsWork() bool
			})
			if ok {
				c.Days[Date(h.GetDay())] = h.IsWork()
			}
		}
	}
	return c
}
