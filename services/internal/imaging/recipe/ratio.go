package recipe

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Ratio is a picture's width divided by its height. In JSON it is a number, or a text such as "16:9".
type Ratio float64

// The range of ratios.
const (
	leastRatio = 0.001
	mostRatio  = 1000
)

// RatioForm is how a ratio is written that is no number.
const RatioForm = `^[0-9]+(\.[0-9]+)?:[0-9]+(\.[0-9]+)?$`

var ratioForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(RatioForm) })

// UnmarshalJSON reads a number, or two with a colon between. It fails for anything else.
func (r *Ratio) UnmarshalJSON(raw []byte) error {
	var number float64
	if json.Unmarshal(raw, &number) == nil {
		*r = Ratio(number)
		return nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	width, height, _ := strings.Cut(text, ":")
	w, errW := strconv.ParseFloat(width, 64)
	h, errH := strconv.ParseFloat(height, 64)
	if !ratioForm().MatchString(text) || errW != nil || errH != nil || !(w/h >= 0) {
		return errors.New("no ratio")
	}
	*r = Ratio(min(w/h, 2*mostRatio)) // division by zero shall be a number out of range, and not one that JSON cannot write
	return nil
}

func (Ratio) kind() string { return `a ratio: a number, or a text such as "16:9"` }

// ratio checks an optional ratio.
func (c *checker) ratio(param string, ratio *Ratio) {
	if ratio != nil && !(*ratio >= leastRatio && *ratio <= mostRatio) {
		c.wrong(param, *ratio, "a ratio from %g to %d", leastRatio, mostRatio)
	}
}
