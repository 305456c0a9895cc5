package retention

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/services/internal/blob"
)

// slotsPerDoubling are how finely ages are told apart: to a twentieth, so that some four hundred sums hold any area.
const slotsPerDoubling = 16

// progress is how far an area is. It is what lies in the bucket on the bus.
type progress struct {
	// Next is when the next round is due. Whoever moves it on has the round.
	Next time.Time `json:"next"`
	// After is the position in the pass, "" before it begins; Began is when it did.
	After string    `json:"after,omitempty"`
	Began time.Time `json:"began"`
	// Bytes sums up what stays, by its age when the pass began.
	Bytes map[int]int64 `json:"bytes,omitempty"`
	// Excess is how many bytes have to go of those that were last changed before Until, for the last pass found too many.
	Excess int64     `json:"excess,omitempty"`
	Until  time.Time `json:"until"`
}

// begin begins a pass.
func (p *progress) begin(now time.Time) {
	p.Began, p.Bytes = now, map[int]int64{}
}

// sort tells which blobs of a page have to go: those that were last changed before expired, and the excess. It takes note of
// those that stay.
func (p *progress) sort(page []blob.Listed, expired time.Time) (old []blob.Listed) {
	for _, b := range page {
		if b.ModTime.Before(expired) || p.Excess > 0 && b.ModTime.Before(p.Until) {
			p.Excess -= b.Size
			old = append(old, b)
			continue
		}
		p.Bytes[slot(p.Began.Sub(b.ModTime))] += b.Size
	}
	return old
}

// end ends a pass. When there is more than limit, the next one has to remove the excess of the oldest.
func (p *progress) end(limit Size) {
	var total int64
	for _, bytes := range p.Bytes {
		total += bytes
	}
	p.Excess, p.Until = max(0, total-int64(limit)), time.Time{}
	left := p.Excess
	for _, s := range slices.Backward(slices.Sorted(maps.Keys(p.Bytes))) {
		young := p.Began.Add(-ageOf(s))
		if left <= 0 || young.After(p.Began.Add(-Least)) {
			break
		}
		p.Until = young
		left -= p.Bytes[s]
	}
	if p.Until.IsZero() {
		p.Excess = 0
	}
	p.After, p.Bytes = "", nil
}

// slot numbers ages, in steps that grow with them. Whatever is younger than a minute is in the first.
func slot(age time.Duration) int {
	return int(slotsPerDoubling * math.Log2(max(1, age.Minutes())))
}

// ageOf is the least age in a slot.
func ageOf(slot int) time.Duration {
	return time.Duration(math.Exp2(float64(slot)/slotsPerDoubling) * float64(time.Minute))
}
