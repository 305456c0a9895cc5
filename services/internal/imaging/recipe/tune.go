package recipe

import "math"

// Histogram says how often each value of a channel occurs.
type Histogram [256]float64

// Tuner finds the curve for a picture with the histograms of red, green and blue.
type Tuner interface {
	Tune(channels [3]Histogram) Curve
}

// Stretch maps the darkest values to 0 and the lightest to 255, and those between in proportion.
type Stretch struct {
	// Black and White are the shares of the values that are clipped at either end.
	Black, White float64
	// Apart treats each channel alone, which changes colours and so removes a cast.
	Apart bool
}

// Tune stretches. A picture of one value stays as it is.
func (s Stretch) Tune(channels [3]Histogram) Curve {
	if !s.Apart {
		stretched := s.table(sum(channels))
		return Curve{Red: stretched, Green: stretched, Blue: stretched}
	}
	return Curve{Red: s.table(channels[0]), Green: s.table(channels[1]), Blue: s.table(channels[2])}
}

func (s Stretch) table(h Histogram) (stretched [256]uint8) {
	low, high := h.percentile(s.Black), h.percentile(1-s.White)
	if low >= high {
		low, high = 0, 255
	}
	for value := range stretched {
		stretched[value] = level(float64(value-low) / float64(high-low))
	}
	return stretched
}

// Middle brings the mean to the middle by a gamma.
type Middle struct {
	// Limit is the largest gamma, above 1; the smallest is its inverse.
	Limit float64
}

// Tune applies the gamma log(mean) / log(½), as far as the limit goes. A picture that is all black or white stays.
func (m Middle) Tune(channels [3]Histogram) Curve {
	all := sum(channels)
	total, weighted := 0.0, 0.0
	for value, n := range all {
		total += n
		weighted += n * float64(value) / 255
	}
	mean := weighted / max(total, 1)
	if mean <= 0 || mean >= 1 {
		return tone(func(v float64) float64 { return v })
	}
	gamma := min(max(math.Log(mean)/math.Log(0.5), 1/m.Limit), m.Limit)
	return tone(func(v float64) float64 { return math.Pow(v, 1/gamma) })
}

// Equalize makes all values about equally frequent.
type Equalize struct{}

// Tune maps each value to the share of the values up to it, beyond the darkest: 255·(c(v) − c₀) / (1 − c₀). A picture of
// one value stays as it is.
func (Equalize) Tune(channels [3]Histogram) Curve {
	all := sum(channels)
	darkest, total := 0.0, 0.0
	for _, n := range all {
		if darkest == 0 {
			darkest = n
		}
		total += n
	}
	if darkest >= total {
		return tone(func(v float64) float64 { return v })
	}
	var curve [256]uint8
	upTo := 0.0
	for value, n := range all {
		upTo += n
		curve[value] = level((upTo - darkest) / (total - darkest))
	}
	return Curve{Red: curve, Green: curve, Blue: curve}
}

// percentile is the least value such that more than the share of all values are not above it; 255 for all of them.
func (h Histogram) percentile(share float64) int {
	total := 0.0
	for _, n := range h {
		total += n
	}
	upTo, last := 0.0, 0
	for value, n := range h {
		upTo += n
		if n > 0 {
			last = value
		}
		if upTo > share*total {
			return value
		}
	}
	return last
}

// sum adds up the channels.
func sum(channels [3]Histogram) (all Histogram) {
	for _, h := range channels {
		for value, n := range h {
			all[value] += n
		}
	}
	return all
}
