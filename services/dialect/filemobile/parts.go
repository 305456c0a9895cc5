package filemobile

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/media"
)

// Bounds of uploads in parts.
const (
	// MinPart is the least that every part but the last has, in bytes.
	MinPart  = 5 << 20
	maxParts = 10_000
	// maxPatience is how many minutes the addresses of parts are good for, at most and unless the call says less.
	maxPatience = 6000
)

// Parts is an upload that is to come in parts.
type Parts struct {
	Filename    string
	ContentType string
	// Sizes are those of the parts, in their order, in bytes.
	Sizes []int64
	// Info is a merge patch of what is said of the file.
	Info []byte
	// Patience is how long the addresses of the parts are good for.
	Patience time.Duration
}

// Bytes is the size of the whole file.
func (p Parts) Bytes() int64 {
	var all int64
	for _, size := range p.Sizes {
		all += size
	}
	return all
}

// ParseParts reads a call of media.createMultiPartUpload: filename, contentType, partInfo[1…] with the size of each part,
// and fileData[…]. It fails with an [*Error], also for a file of more than most bytes.
func ParseParts(call Call, most int64) (Parts, error) {
	p := Parts{Filename: call.Get("filename"), ContentType: call.Get("contentType")}
	if p.Filename == "" {
		return p, invalid("Missing argument: filename")
	}
	if flaw := media.Flaw(p.Filename, media.MaxText); flaw != "" {
		return p, invalid("filename has to be other: %s", flaw)
	}
	p.ContentType = ContentTypeOf(p.Filename, p.ContentType, nil)
	var err error
	if p.Sizes, err = partSizes(call); err != nil {
		return p, err
	}
	if p.Bytes() > most {
		return p, invalid("partInfo has %d bytes together, a file may have %d", p.Bytes(), most)
	}
	minutes, err := call.Number("timeOut", maxPatience, 1, maxPatience)
	if err != nil {
		return p, err
	}
	p.Patience = time.Duration(minutes) * time.Minute
	p.Info, err = Describe(call, "fileData")
	return p, err
}

// partSizes reads partInfo, whose parts are numbered from 1.
func partSizes(call Call) ([]int64, error) {
	given := map[int]int64{}
	for _, name := range slices.Sorted(maps.Keys(call.Params)) {
		inner, ok := strings.CutPrefix(name, "partInfo[")
		if !ok {
			continue
		}
		number, err := strconv.Atoi(strings.TrimSuffix(inner, "]"))
		if err != nil || number < 1 || number > maxParts {
			return nil, invalid("partInfo has to number its parts from 1 to %d", maxParts)
		}
		size, err := strconv.ParseInt(call.Params.Get(name), 10, 64)
		if err != nil || size < 1 {
			return nil, invalid("partInfo[%d] has to be a number of bytes", number)
		}
		given[number] = size
	}
	if len(given) == 0 {
		return nil, invalid("Missing argument: partInfo")
	}
	var sizes []int64
	for number := 1; number <= len(given); number++ {
		size, ok := given[number]
		switch {
		case !ok:
			return nil, invalid("partInfo has no part %d", number)
		case size < MinPart && number < len(given):
			return nil, invalid("partInfo[%d] has %d bytes: all but the last part have %d or more", number, size, MinPart)
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}
