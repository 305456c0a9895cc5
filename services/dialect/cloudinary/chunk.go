package cloudinary

import (
	"strconv"
	"strings"
)

// Unknown is the total of a [Chunk] that does not know it.
const Unknown int64 = -1

// Bounds of an upload in chunks.
const (
	maxUploadID = 128
	maxTotal    = 1 << 40
)

// Chunk is a part of a file that is sent in several calls. The zero value stands for a file that is sent at once.
type Chunk struct {
	// ID is the client's name for the upload: up to 128 letters, digits, and . _ -
	ID string
	// Start and End are the first and the last byte, from 0; Total is the size of the whole file, [Unknown] until the last
	// chunk in Node's library.
	Start, End, Total int64
}

// Whole tells that the file is sent at once.
func (c Chunk) Whole() bool { return c.ID == "" }

// Last tells that the chunk is the last of its file.
func (c Chunk) Last() bool { return c.Total == c.End+1 }

// ChunkOf reads the headers X-Unique-Upload-Id and Content-Range. Without a range the file is sent at once, whatever the
// id. It fails with an *Error when the headers make no sense.
func ChunkOf(uploadID, contentRange string) (Chunk, error) {
	if contentRange == "" {
		return Chunk{}, nil
	}
	const digits, letters = "0123456789", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if uploadID == "" || len(uploadID) > maxUploadID || strings.Trim(uploadID, digits+letters+"._-") != "" {
		return Chunk{}, invalid("X-Unique-Upload-Id", uploadID, "1 to 128 letters and digits")
	}
	bad := invalid("Content-Range", contentRange, "bytes <start>-<end>/<total>")
	unit, rest, _ := strings.Cut(strings.TrimSpace(contentRange), " ")
	span, total, hasTotal := strings.Cut(rest, "/")
	start, end, hasEnd := strings.Cut(span, "-")
	if unit != "bytes" || !hasTotal || !hasEnd {
		return Chunk{}, bad
	}
	c := Chunk{ID: uploadID, Total: Unknown}
	fine := number(start, &c.Start) && number(end, &c.End)
	if total != "-1" && total != "*" {
		fine = fine && number(total, &c.Total) && c.End < c.Total
	}
	if !fine || c.Start > c.End {
		return Chunk{}, bad
	}
	return c, nil
}

// number reads digits alone: no sign, no space.
func number(text string, into *int64) bool {
	n, err := strconv.ParseUint(text, 10, 63)
	*into = int64(n)
	return err == nil && n <= maxTotal && text[0] != '+'
}
