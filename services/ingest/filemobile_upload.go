package ingest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
)

// partPath is where the parts of an upload go.
const partPath = "/services/part/"

// filemobileUpload takes a file by a form: POST /services/upload2.
func (s *Service) filemobileUpload(c *fiber.Ctx) error {
	allowOrigin(c)
	var upload filemobile.Upload
	var item events.Media
	call, err := s.openFilemobile(c)
	if err == nil && call.public {
		err = filemobile.Denied("An upload needs an APIKEY")
	}
	if err == nil {
		upload, err = filemobile.ParseUpload(call.Call)
	}
	if err == nil {
		item, err = s.keepItem(c.UserContext(), call.app, upload)
	}
	entry := filemobileEntry(call.app.ID, item)
	reply := filemobile.Reply{Item: &entry}
	if err != nil {
		reply = s.failFilemobile(c, err)
	}
	redirect, err := filemobile.Redirect(call.Call)
	if err == nil && redirect != "" {
		var failure error
		if reply.Failed != nil {
			failure = reply.Failed
		}
		return c.Redirect(filemobile.RedirectTo(redirect, item.ID, failure), fiber.StatusSeeOther)
	}
	return sendFilemobile(c, reply, "", !call.Params.Has("json"))
}

// keepItem makes an item of an upload. One whose file cannot be taken now has failed, and its sender is told so.
func (s *Service) keepItem(ctx context.Context, app application.Application, upload filemobile.Upload) (events.Media, error) {
	file := events.MediaFile{Name: upload.File.Name, ContentType: upload.File.ContentType, Bytes: int64(len(upload.File.Data))}
	item, err := s.newItem(ctx, app.ID, file, upload.Info)
	if err != nil {
		return item, err
	}
	received, err := s.receive(ctx, app, item, upload.File.Data)
	if errors.Is(err, bus.ErrQueueFull) {
		_, failed := s.items.Change(ctx, app.ID, item.ID, func(item *events.Media) error { item.Status = events.MediaFailed; return nil })
		return item, errors.Join(err, failed)
	}
	return received, err
}

// parts is what is remembered of an upload in parts until it is complete.
type parts struct {
	Sizes []int64 `json:"sizes"`
}

func partsKey(app, id string) string { return events.Token(app) + ".parts-" + events.Token(id) }

func partKey(app, id string, part int) string {
	return "media/" + app + "/" + id + "/part-" + strconv.Itoa(part)
}

// beginParts makes an item whose file comes in parts, and says where each of them goes.
func (s *Service) beginParts(ctx context.Context, call filemobileCall) (filemobile.Reply, error) {
	wanted, err := filemobile.ParseParts(call.Call, int64(s.config.MaxBody))
	if err != nil {
		return filemobile.Reply{}, err
	}
	file := events.MediaFile{Name: wanted.Filename, ContentType: wanted.ContentType, Bytes: wanted.Bytes()}
	item, err := s.newItem(ctx, call.app.ID, file, wanted.Info)
	if err != nil {
		return filemobile.Reply{}, err
	}
	value, err := json.Marshal(parts{Sizes: wanted.Sizes})
	if err != nil {
		return filemobile.Reply{}, err
	}
	if _, err := s.idempotency.Create(ctx, partsKey(call.app.ID, item.ID), value, wanted.Patience); err != nil {
		return filemobile.Reply{}, err
	}
	begun := filemobile.Begun{ID: item.ID}
	until := strconv.FormatInt(time.Now().Add(wanted.Patience).Unix(), 10)
	for i := range wanted.Sizes {
		path := partPath + call.app.ID + "/" + item.ID + "/" + strconv.Itoa(i+1)
		begun.URLs = append(begun.URLs, s.publicURL+path+"?until="+until+"&signature="+s.signPart(path, until))
	}
	return filemobile.Reply{Begun: &begun}, nil
}

// signPart proves that the address of a part was made here.
func (s *Service) signPart(path, until string) string {
	mac := hmac.New(sha256.New, s.deps.Key.Derive("filemobile parts"))
	_, _ = fmt.Fprintf(mac, "%s %s", path, until) // a hash takes everything
	return hex.EncodeToString(mac.Sum(nil))
}

// putPart takes one part: PUT /services/part/{application}/{item}/{number}.
func (s *Service) putPart(c *fiber.Ctx) error {
	until := c.Query("until")
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil || time.Now().Unix() > end || !hmac.Equal([]byte(c.Query("signature")), []byte(s.signPart(c.Path(), until))) {
		return c.Status(fiber.StatusForbidden).SendString("the address is not signed, or no longer good\n")
	}
	app, id := string([]byte(c.Params("application"))), string([]byte(c.Params("item")))
	number, err := c.ParamsInt("part")
	if err != nil {
		return c.SendStatus(fiber.StatusForbidden)
	}
	wanted, err := s.parts(c.UserContext(), app, id)
	if err != nil || number < 1 || number > len(wanted.Sizes) {
		return c.Status(fiber.StatusNotFound).SendString("the upload was completed, aborted, or forgotten\n")
	}
	size := wanted.Sizes[number-1]
	data, err := readBody(c, size)
	if err != nil || int64(len(data)) != size {
		return c.Status(fiber.StatusBadRequest).SendString(fmt.Sprintf("part %d has to have %d bytes\n", number, size))
	}
	if err := s.deps.Store.Put(c.UserContext(), partKey(app, id, number), data, fiber.MIMEOctetStream); err != nil {
		s.deps.Log.Warn("part of an upload not stored", "err", err)
		setRetryAfter(c, retryAfter)
		return c.SendStatus(fiber.StatusServiceUnavailable)
	}
	return c.SendStatus(fiber.StatusOK)
}

// parts reads what was said of an upload in parts.
func (s *Service) parts(ctx context.Context, app, id string) (parts, error) {
	var p parts
	entry, err := s.idempotency.Get(ctx, partsKey(app, id))
	if errors.Is(err, bus.ErrNotFound) {
		return p, filemobile.Refused("There is no upload in parts with the id: " + id)
	}
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(entry.Value, &p); err != nil {
		return p, fmt.Errorf("read parts: %w", err)
	}
	return p, nil
}

// completeParts puts the parts of an upload together. Done twice, it is done once.
func (s *Service) completeParts(ctx context.Context, app application.Application, id string) error {
	item, err := s.item(ctx, app.ID, id)
	if err != nil {
		return err
	}
	wanted, err := s.parts(ctx, app.ID, id)
	if err != nil {
		return err
	}
	if item.Status != events.MediaUploading || item.File == nil {
		return filemobile.Refused("The upload is not under way any more: " + id)
	}
	whole := make([]byte, 0, item.File.Bytes)
	for i, size := range wanted.Sizes {
		part, err := s.part(ctx, partKey(app.ID, id, i+1), size)
		if err != nil {
			return err
		}
		if int64(len(part)) != size {
			return filemobile.Refused(fmt.Sprintf("Part %d is missing", i+1))
		}
		whole = append(whole, part...)
	}
	if _, err := s.receive(ctx, app, item, whole); err != nil {
		return err
	}
	return s.dropParts(ctx, app.ID, id, wanted)
}

// part reads a part; it is empty when it did not come.
func (s *Service) part(ctx context.Context, key string, size int64) ([]byte, error) {
	reader, err := s.deps.Store.NewReader(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", bus.ErrUnavailable, err)
	}
	data, err := readUpTo(reader, size)
	return data, errors.Join(err, reader.Close())
}

// abortParts gives an upload up and lets go of what came of it.
func (s *Service) abortParts(ctx context.Context, app, id string) error {
	wanted, err := s.parts(ctx, app, id)
	if err != nil {
		return err
	}
	_, err = s.changeItem(ctx, app, id, func(item *events.Media) error {
		if item.Status != events.MediaUploading {
			return filemobile.Refused("The upload is not under way any more: " + id)
		}
		item.Status = events.MediaIncomplete
		return nil
	})
	if err != nil {
		return err
	}
	return s.dropParts(ctx, app, id, wanted)
}

// dropParts forgets an upload in parts.
func (s *Service) dropParts(ctx context.Context, app, id string, p parts) error {
	for i := range p.Sizes {
		_ = s.deps.Store.Delete(ctx, partKey(app, id, i+1)) // what is left of it is only disk
	}
	return s.idempotency.Delete(ctx, partsKey(app, id))
}
