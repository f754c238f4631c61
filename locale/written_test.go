package locale

import "testing"

func TestWritten(t *testing.T) {
	for text, want := range map[string]string{
		"临时通道已通车":                   Chinese,
		"Проезд открыт":             Russian,
		"The road is open":          English,
		"ООО «Амур-10» ждёт ответа": Russian,
		"Письмо NJ-2026-0187":       Russian,
		"见 NJ-2026-0187":            Chinese,
		"由 Амур 公司提出":               Chinese,
		"":                          Russian,
		"2026-11-25":                Russian,
	} {
		if got := Written(text, Russian); got != want {
			t.Errorf("%q is written in %s, want %s", text, got, want)
		}
	}
	if got := Written("NJ ждёт", Chinese); got != Russian {
		t.Errorf("with a Latin beginning: %s", got)
	}
}
