package bench_test

import "time"

// tick is how often events are made at a steady rate.
const tick = 20 * time.Millisecond

// tellAt makes events at a steady rate for a time, in turn for each of the endpoints, and calls each every second beside
// it.
func (h *house) tellAt(perSecond int, lasting time.Duration, endpoints span, each func()) (told int) {
	h.tb.Helper()
	begun, looked := time.Now(), time.Now()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for now := range ticker.C {
		since := now.Sub(begun)
		if since > lasting {
			return told
		}
		// What is late is made up for, so that a slow moment here does not hide one there.
		if n := int(since.Seconds()*float64(perSecond)) - told; n > 0 {
			h.tell(told, n, endpoints)
			told += n
		}
		if each != nil && now.Sub(looked) > time.Second {
			looked = now
			each()
		}
	}
	return told
}
