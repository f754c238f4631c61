package calendar

import "time"

// Counter counts working days of one version of the calendar without walking over
// the days: a table holds, for every day of its years, how many were worked until
// then. It gives what Calendar.Add and Calendar.Between give, and is made for
// recounting very many deadlines. It may be used by several goroutines at once.
type Counter struct {
	*Calendar
	first  int     // number of the table's first day
	ranks  []int32 // worked days before the day with this index
	worked []int32 // index of each worked day
}

// Days outside the published years are counted too, provisionally; limits are
// months at most.
const marginYears = 3

// NewCounter builds the table of a version.
func NewCounter(c *Calendar) *Counter {
	first, end := dayNumber(c.FirstYear-marginYears, 1, 1), dayNumber(c.LastYear+marginYears, 1, 1)
	k := &Counter{Calendar: c, first: first, ranks: make([]int32, end-first+1)}
	d := Date(time.Date(c.FirstYear-marginYears, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	for i := range end - first {
		k.ranks[i] = int32(len(k.worked))
		if c.IsWorkingDay(d) {
			k.worked = append(k.worked, int32(i))
		}
		d = dateOfNumber(first + i + 1)
	}
	k.ranks[end-first] = int32(len(k.worked))
	return k
}

// Add is Calendar.Add.
func (k *Counter) Add(start Date, n int) (due Date, provisional bool) {
	i, ok := k.index(start)
	if !ok || n <= 0 || int(k.ranks[i+1])+n > len(k.worked) {
		return k.Calendar.Add(start, n)
	}
	due = dateOfNumber(k.first + int(k.worked[int(k.ranks[i+1])+n-1]))
	return due, !k.Known(yearOf(due)) || !k.Known(yearOf(start))
}

// Between is Calendar.Between.
func (k *Counter) Between(from, to Date) int {
	i, ok := k.index(from)
	j, ok2 := k.index(to)
	if !ok || !ok2 {
		return k.Calendar.Between(from, to)
	}
	return max(0, int(k.ranks[j+1]-k.ranks[i+1]))
}

// Before returns the n-th worked day before d, d itself not counted; n at least 1.
func (k *Counter) Before(d Date, n int) Date {
	if i, ok := k.index(d); ok && int(k.ranks[i])-n >= 0 {
		return dateOfNumber(k.first + int(k.worked[int(k.ranks[i])-n]))
	}
	for n > 0 {
		if d = d.AddDays(-1); k.IsWorkingDay(d) {
			n--
		}
	}
	return d
}

func (k *Counter) index(d Date) (int, bool) {
	y, m, day, ok := parts(d)
	if !ok {
		return 0, false
	}
	i := dayNumber(y, m, day) - k.first
	return i, i >= 0 && i+1 < len(k.ranks)
}

func yearOf(d Date) int {
	y, _, _, _ := parts(d)
	return y
}

// parts reads 2006-01-02 without the cost of a general parser.
func parts(d Date) (y, m, day int, ok bool) {
	if len(d) != 10 || d[4] != '-' || d[7] != '-' {
		return 0, 0, 0, false
	}
	for i, c := range []byte(d) {
		switch {
		case i == 4 || i == 7:
		case c < '0' || c > '9':
			return 0, 0, 0, false
		case i < 4:
			y = 10*y + int(c-'0')
		case i < 7:
			m = 10*m + int(c-'0')
		default:
			day = 10*day + int(c-'0')
		}
	}
	return y, m, day, m >= 1 && m <= 12 && day >= 1
}

// dayNumber counts the days since 1 March of year 0 in the Gregorian calendar: the
// year begins in March, so that the leap day is its last.
func dayNumber(y, m, d int) int {
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1
}

func dateOfNumber(n int) Date {
	y := (10000*n + 14780) / 3652425
	rest := n - (365*y + y/4 - y/100 + y/400)
	if rest < 0 {
		y--
		rest = n - (365*y + y/4 - y/100 + y/400)
	}
	mi := (100*rest + 52) / 3060
	month, day := (mi+2)%12+1, rest-(mi*306+5)/10+1
	y += (mi + 2) / 12
	var b [10]byte
	for i, v := range [...]struct{ at, width, n int }{{0, 4, y}, {5, 2, month}, {8, 2, day}} {
		for j := v.width - 1; j >= 0; j-- {
			b[v.at+j] = byte('0' + v.n%10)
			v.n /= 10
		}
		if i < 2 {
			b[v.at+v.width] = '-'
		}
	}
	return Date(b[:])
}
