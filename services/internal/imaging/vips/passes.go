package vips

import (
	"bytes"
	"encoding/binary"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// maxPasses is how many scans a progressive JPEG may have; encoders make about ten. Each costs a walk over the whole
// picture, and may take no more than a few bytes of the file.
const maxPasses = 100

// passes counts the scans of a progressive JPEG, as far as one more than there may be. It is 0 for every other file:
// other JPEGs have at most one scan for each channel.
func passes(file []byte, format recipe.Format) int {
	const (
		progressive = 0xC2
		startOfScan = 0xDA
		endOfImage  = 0xD9
	)
	n, counting := 0, false
	if format != recipe.JPEG {
		return 0
	}
	for at := 2; n <= maxPasses; {
		// Data of a scan come before the next marker; in them, 0xFF is followed by 0 or by a marker without a length.
		next := bytes.IndexByte(file[min(at, len(file)):], 0xFF)
		if next < 0 || at+next+4 > len(file) {
			return n
		}
		at += next
		marker := file[at+1]
		switch {
		case marker == 0xFF:
			at++ // filling
			continue
		case marker == 0 || marker == 1 || marker >= 0xD0 && marker < endOfImage:
			at += 2
			continue
		case marker == endOfImage, marker == startOfScan && !counting:
			return n
		case marker == startOfScan:
			n++
		case marker == progressive:
			counting = true
		}
		at += 2 + int(binary.BigEndian.Uint16(file[at+2:]))
	}
	return n
}
