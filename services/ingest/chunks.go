package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
)

// chunks gathers uploads that come in pieces, in any order and through any process: each piece lies in the blob store, and
// a record of them all in the idempotency bucket, which forgets it after a day.
type chunks struct {
	bucket *bus.Bucket
	store  Store
	most   int64 // bytes of a whole upload
}

const (
	chunkRounds = 20
	// chunksMost bounds the pieces of one upload.
	chunksMost = 10_000
)

// gathered is the record of an upload that is under way.
type gathered struct {
	Total  int64      `json:"total"` // -1 as long as nobody said
	Ranges [][2]int64 `json:"ranges"`
}

// add keeps a chunk. It returns the whole upload to the one who brought its last piece, and nil to all others.
func (u *chunks) add(ctx context.Context, app string, chunk cloudinary.Chunk, data []byte) ([]byte, error) {
	refused := func(message string) error {
		return &cloudinary.Error{Status: fiber.StatusBadRequest, Message: message}
	}
	if chunk.End >= u.most {
		return nil, refused(fmt.Sprintf("File size too large. Maximum is %d", u.most))
	}
	name := digest(app + "/" + chunk.ID)
	folder := fmt.Sprintf("chunks/%s/%x/", app, name)
	if err := u.store.Put(ctx, folder+strconv.FormatInt(chunk.Start, 10), data, fiber.MIMEOctetStream); err != nil {
		return nil, fmt.Errorf("store chunk: %w: %w", bus.ErrUnavailable, err)
	}
	all, err := u.note(ctx, fmt.Sprintf("%s.chunks-%x", app, name), chunk)
	if err != nil || all == nil {
		return nil, err
	}
	whole := make([]byte, 0, all.Total)
	for _, r := range all.Ranges {
		reader, err := u.store.NewReader(ctx, folder+strconv.FormatInt(r[0], 10))
		if errors.Is(err, blob.ErrNotFound) {
			return nil, refused("A chunk of the upload is no longer there; upload the file again")
		}
		if err != nil {
			return nil, err
		}
		part, err := readUpTo(reader, r[1]-r[0]+1)
		if err = errors.Join(err, reader.Close()); err != nil {
			return nil, err
		}
		whole = append(whole, part...)
	}
	for _, r := range all.Ranges {
		_ = u.store.Delete(ctx, folder+strconv.FormatInt(r[0], 10)) // what is left of it is only disk
	}
	return whole, nil
}

// note adds a chunk to the record, and returns that once it has all of them: to one caller alone.
func (u *chunks) note(ctx context.Context, key string, chunk cloudinary.Chunk) (*gathered, error) {
	for range chunkRounds {
		all := gathered{Total: -1}
		entry, err := u.bucket.Get(ctx, key)
		fresh := errors.Is(err, bus.ErrNotFound)
		if err != nil && !fresh {
			return nil, err
		}
		if !fresh {
			if err := json.Unmarshal(entry.Value, &all); err != nil {
				return nil, fmt.Errorf("read chunks: %w", err)
			}
		}
		if err := all.add(chunk); err != nil {
			return nil, err
		}
		value, err := json.Marshal(all)
		if err != nil {
			return nil, err
		}
		if fresh {
			_, err = u.bucket.Create(ctx, key, value, 24*time.Hour)
		} else {
			_, err = u.bucket.Update(ctx, key, value, entry.Revision)
		}
		switch {
		case errors.Is(err, bus.ErrExists):
			continue
		case err != nil:
			return nil, err
		case all.whole():
			return &all, u.bucket.Delete(ctx, key)
		default:
			return nil, nil
		}
	}
	return nil, bus.ErrUnavailable
}

func (g *gathered) add(chunk cloudinary.Chunk) error {
	if chunk.Total >= 0 {
		g.Total = chunk.Total
	}
	if len(g.Ranges) >= chunksMost {
		return &cloudinary.Error{Status: fiber.StatusBadRequest, Message: "Too many chunks"}
	}
	added := [2]int64{chunk.Start, chunk.End}
	if !slices.Contains(g.Ranges, added) { // one that is sent again is as good
		g.Ranges = append(g.Ranges, added)
	}
	slices.SortFunc(g.Ranges, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	return nil
}

// whole tells whether the chunks cover everything, one behind the other.
func (g *gathered) whole() bool {
	at := int64(0)
	for _, r := range g.Ranges {
		if r[0] != at {
			return false
		}
		at = r[1] + 1
	}
	return at == g.Total
}
