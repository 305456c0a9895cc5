package recipe

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxPageNumber bounds a page number in a recipe, far above any document's.
const maxPageNumber = 100_000

// pageRange is pages from first to last, both included.
type pageRange struct{ first, last int }

// PagesForm is how pages are written. The first of a range is not above the last.
const PagesForm = `^(all|[1-9][0-9]*(-[1-9][0-9]*)?( *, *[1-9][0-9]*(-[1-9][0-9]*)?)*)$`

var pagesForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(PagesForm) })

// parsePages reads "all", which is no range at all, or pages and ranges such as "1,3-5". It returns false for anything
// else.
func parsePages(text string) ([]pageRange, bool) {
	if text == "all" || !pagesForm().MatchString(text) {
		return nil, text == "all"
	}
	var ranges []pageRange
	for part := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			high = low
		}
		first, err := strconv.Atoi(low)
		if err != nil {
			return nil, false
		}
		last, err := strconv.Atoi(high)
		if err != nil || last < first || last > maxPageNumber {
			return nil, false
		}
		ranges = append(ranges, pageRange{first, last})
	}
	return ranges, true
}

// PageList lists the pages, from 1, that the recipe is applied to of a source that has so many, in their order and each
// once; nil when the recipe names none. It fails with an [Error] when none of the pages is there, or too many are.
func (r Recipe) PageList(count int, limits Limits) ([]int, error) {
	if r.Pages == "" {
		return nil, nil
	}
	ranges, ok := parsePages(r.Pages)
	if !ok {
		return nil, Errorf(InvalidParams, "the pages %q cannot be read", r.Pages)
	}
	if ranges == nil {
		ranges = []pageRange{{1, count}}
	}
	var pages []int
	for _, part := range ranges {
		for page := part.first; page <= min(part.last, count) && len(pages) <= limits.Pages; page++ {
			if !slices.Contains(pages, page) {
				pages = append(pages, page)
			}
		}
	}
	slices.Sort(pages)
	outputs := len(r.Outputs())
	switch {
	case len(pages) == 0:
		return nil, Errorf(PageMissing, "the source has %d pages and none of %q", count, r.Pages)
	case len(pages) > limits.Pages:
		return nil, Errorf(SourceTooLarge, "more than %d pages are asked for", limits.Pages)
	case len(pages)*outputs > limits.Outputs:
		return nil, Errorf(SourceTooLarge, "%d pages make %d outputs, the limit is %d", len(pages), len(pages)*outputs, limits.Outputs)
	}
	return pages, nil
}
