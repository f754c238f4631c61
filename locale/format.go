package locale

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Shanghai is the zone of every date and time a page shows.
var Shanghai = func() *time.Location {
	if loc, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return loc
	}
	return time.FixedZone("CST", 8*60*60)
}()

var (
	weekdaysZH = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}
	monthsEN   = [...]string{"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"}
	monthsRU = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа",
		"сентября", "октября", "ноября", "декабря"}
	quartersRU = [...]string{"I", "II", "III", "IV"}
)

// nbsp groups digits in Russian numbers: a narrow no-break space.
const nbsp = "\u202f"

// Date writes the day of an instant in Beijing time, in full.
func (t *Translator) Date(at time.Time) string {
	d := at.In(Shanghai)
	switch t.lang {
	case English:
		return fmt.Sprintf("%d %s %d", d.Day(), monthsEN[d.Month()-1], d.Year())
	case Russian:
		return fmt.Sprintf("%d\u00a0%s %d\u00a0г.", d.Day(), monthsRU[d.Month()-1], d.Year())
	}
	return fmt.Sprintf("%d 年 %d 月 %d 日", d.Year(), d.Month(), d.Day())
}

// DateLong is Date with the day of the week in Chinese, where officials expect it.
func (t *Translator) DateLong(at time.Time) string {
	if t.lang == Chinese {
		return t.Date(at) + "（" + weekdaysZH[at.In(Shanghai).Weekday()] + "）"
	}
	return t.Date(at)
}

// DateShort writes day and month.
func (t *Translator) DateShort(at time.Time) string {
	d := at.In(Shanghai)
	switch t.lang {
	case English:
		return fmt.Sprintf("%d %s", d.Day(), monthsEN[d.Month()-1])
	case Russian:
		return fmt.Sprintf("%d\u00a0%s", d.Day(), monthsRU[d.Month()-1])
	}
	return fmt.Sprintf("%d 月 %d 日", d.Month(), d.Day())
}

// DateTable writes the day as tables do: 2026-11-23.
func (t *Translator) DateTable(at time.Time) string { return at.In(Shanghai).Format("2006-01-02") }

// Clock writes the time of day, 24 hours.
func (t *Translator) Clock(at time.Time) string { return at.In(Shanghai).Format("15:04") }

// DateTime writes day and time.
func (t *Translator) DateTime(at time.Time) string { return t.Date(at) + " " + t.Clock(at) }

// DateTimeShort writes day, month and time.
func (t *Translator) DateTimeShort(at time.Time) string { return t.DateShort(at) + " " + t.Clock(at) }

// Deadline writes the day a time limit ends on. A limit ends at 24:00, which is
// the first instant of the next day, so the day is that of a moment before.
func (t *Translator) Deadline(at time.Time) string { return t.DateLong(at.Add(-time.Second)) }

// DeadlineShort is Deadline with day and month only.
func (t *Translator) DeadlineShort(at time.Time) string { return t.DateShort(at.Add(-time.Second)) }

// Quarter writes a quarter of a year, 1 to 4.
func (t *Translator) Quarter(year, quarter int) string {
	switch t.lang {
	case English:
		return fmt.Sprintf("Q%d %d", quarter, year)
	case Russian:
		return fmt.Sprintf("%s квартал %d\u00a0г.", quartersRU[(quarter-1)&3], year)
	}
	return fmt.Sprintf("%d 年第%s季度", year, [...]string{"一", "二", "三", "四"}[(quarter-1)&3])
}

// Int writes a whole number with its groups of three.
func (t *Translator) Int(n any) string { return t.group(fmt.Sprint(n)) }

// Number writes a decimal given as text, such as "1234.50", unchanged in value.
func (t *Translator) Number(decimal string) string { return t.group(decimal) }

// Float writes f with the given number of decimals.
func (t *Translator) Float(f float64, decimals int) string {
	return t.group(strconv.FormatFloat(f, 'f', decimals, 64))
}

// Exact writes a rational with the given number of decimals, rounded half up.
func (t *Translator) Exact(r *big.Rat, decimals int) string {
	if r == nil {
		return "—"
	}
	return t.group(HalfUp(r, decimals))
}

// HalfUp writes a rational as a decimal, rounded once, half away from zero.
func HalfUp(r *big.Rat, decimals int) string { return r.FloatString(decimals) }

// Percent writes a share given in percent.
func (t *Translator) Percent(decimal string) string {
	if t.lang == Russian {
		return t.group(decimal) + "\u00a0%"
	}
	return t.group(decimal) + "%"
}

// Size writes a number of bytes in kB or MB.
func (t *Translator) Size(bytes int) string {
	kb, mb := "KB", "MB"
	if t.lang == Russian {
		kb, mb = "КБ", "МБ"
	}
	if bytes < 1<<20 {
		return t.Int((bytes+1023)>>10) + " " + kb
	}
	return t.Float(float64(bytes)/(1<<20), 1) + " " + mb
}

// Ordinal writes a place in a ranking.
func (t *Translator) Ordinal(n int) string {
	switch t.lang {
	case English:
		return strconv.Itoa(n) + suffix(n)
	case Russian:
		return strconv.Itoa(n) + "-е"
	}
	return "第 " + strconv.Itoa(n)
}

func suffix(n int) string {
	if n%100 >= 11 && n%100 <= 13 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

// group puts the language's separators into a plain decimal.
func (t *Translator) group(s string) string {
	sep, point := ",", "."
	if t.lang == Russian {
		sep, point = nbsp, ","
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, frac, hasFrac := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	if hasFrac {
		b.WriteString(point + frac)
	}
	return sign + b.String()
}
