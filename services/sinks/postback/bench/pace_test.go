package bench_test

import "time"

// tick is how often events are made at a steady rate.
const tick = 20 * time.Millisecond

// tellAt stores events at a steady rate for a time, in turn for each of the endpoints, and calls each every second beside
// it. They are made before, because whoever makes them elsewhere does not take the processors from the broker and the sink.
func (h *house) tellAt(perSecond int, lasting time.Duration, endpoints span, each func()) (told int) {
	h.tb.Helper()
	made := h.make(h.told, int(lasting.Seconds()*float64(perSecond)), endpoints)
	h.told += len(made) / 2
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
			n = min(n, len(made)/2-told)
			h.store(made[2*told : 2*(told+n)])
			told += n
		}
		if each != nil && now.Sub(looked) > time.Second {
			looked = now
			each()
		}
	}
	return told
}
