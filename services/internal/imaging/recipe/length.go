package recipe

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Length is a distance in pixels, or a share of the picture's own edge: of its width for what goes across, of its height
// for what goes down. In JSON the first is a whole number and the second a text in percent, such as "50%".
type Length struct {
	amount float64 // pixels, or percent
	share  bool
}

// maxShare is the largest share of an edge in percent: that of [ResizeOp]'s scale.
const maxShare = 1000

// Pixels is a length of whole pixels.
func Pixels(n int) *Length { return &Length{amount: float64(n)} }

// Share is a fraction of an edge: 0.5 is half of it.
func Share(fraction float64) *Length {
	// Seven hundredths shall be written as 7 %, and not with the binary fraction's tail.
	return &Length{amount: math.Round(fraction*1e8) / 1e6, share: true}
}

// of is the length in pixels, not rounded, where the picture's edge is so long. An absent one is 0.
func (l *Length) of(edge int) float64 {
	switch {
	case l == nil:
		return 0
	case l.share:
		return l.amount / 100 * float64(edge)
	default:
		return l.amount
	}
}

// within is the length in whole pixels, at least one, where the picture's edge is so long; absent stays absent.
func (l *Length) within(length int) *Length {
	if l == nil {
		return nil
	}
	return Pixels(min(edge(l.of(length)), MaxEdge))
}

// MarshalJSON writes pixels as a number and a share as a text.
func (l Length) MarshalJSON() ([]byte, error) {
	if l.share {
		return json.Marshal(strconv.FormatFloat(l.amount, 'f', -1, 64) + "%")
	}
	return json.Marshal(int(l.amount))
}

// ShareForm is how a share of an edge is written.
const ShareForm = `^-?[0-9]+(\.[0-9]+)?%$`

var shareForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(ShareForm) })

// UnmarshalJSON reads a whole number, or a text of a number and a percent sign. It fails for anything else.
func (l *Length) UnmarshalJSON(raw []byte) error {
	var pixels int
	if json.Unmarshal(raw, &pixels) == nil {
		*l = Length{amount: float64(pixels)}
		return nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || !shareForm().MatchString(text) {
		return errors.New("no share of an edge")
	}
	*l = Length{amount: percent, share: true}
	return nil
}

func (Length) kind() string { return `a whole number of pixels, or a share such as "50%"` }

// length checks an optional length between two numbers of pixels. A share may be negative where pixels may.
func (c *checker) length(param string, l *Length, low, high int) {
	if l == nil {
		return
	}
	least := 0.0
	switch {
	case low < 0:
		least = -maxShare
	case low > 0:
		least = 0.01
	}
	within := l.amount >= float64(low) && l.amount <= float64(high)
	if l.share {
		within = l.amount >= least && l.amount <= maxShare
	}
	if !within {
		c.wrong(param, *l, `a whole number of pixels, %d to %d, or a share, "%g%%" to "%d%%"`, low, high, least, maxShare)
	}
}
