package ingest

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/media"
)

// filemobileFields bounds everything of a call in Filemobile's format but its file.
const filemobileFields = 1 << 20

// Sentences for Filemobile's clients.
const (
	filemobileBusy  = "Nothing was accepted, try again in a few seconds"
	filemobileFault = "The fault is on this side, try again later"
)

// filemobileCall is one call that was read and whose sender is known.
type filemobileCall struct {
	filemobile.Call
	app application.Application
	// public tells of a caller without a key, who sees what a moderator approved.
	public bool
}

// mountFilemobile serves the API of Filemobile's format.
func (s *Service) mountFilemobile(app *fiber.App) {
	app.Post("/services/upload2", s.filemobileUpload)
	app.Put(partPath+":application/:item/:part", s.putPart)
	gateway := func(c *fiber.Ctx) error {
		name := string([]byte(c.Query("method")))
		return s.filemobileGateway(c, name, false)
	}
	app.Get("/services/json", gateway)
	app.Post("/services/json", gateway)
	rest := func(c *fiber.Ctx) error {
		return s.filemobileGateway(c, string([]byte(c.Params("service")+"."+c.Params("method"))), true)
	}
	app.Get("/services/rest/:service/:method", rest)
	app.Post("/services/rest/:service/:method", rest)
}

// filemobileGateway reads a call, does it, and answers as JSON, JSONP or XML.
func (s *Service) filemobileGateway(c *fiber.Ctx, name string, asXML bool) error {
	allowOrigin(c)
	call, err := s.openFilemobile(c)
	if err == nil && name == "" {
		name = call.Get("method")
	}
	var reply filemobile.Reply
	if err == nil && !s.mayList(c, name, call) {
		err = errTooOften
	}
	if err == nil {
		reply, err = s.doFilemobile(c.UserContext(), name, call)
	}
	if err != nil {
		reply = s.failFilemobile(c, err)
	}
	return sendFilemobile(c, reply, call.Get("callBack", "callback"), asXML)
}

// openFilemobile reads a call and finds out who sent it. The call is as far as it could be read also when that fails.
func (s *Service) openFilemobile(c *fiber.Ctx) (filemobileCall, error) {
	var call filemobileCall
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return call, filemobile.Refused("The query cannot be read")
	}
	limits := filemobile.Limits{Fields: filemobileFields, File: int64(s.config.MaxBody)}
	if call.Call, err = filemobile.ReadCall(c.Get(fiber.HeaderContentType), query, bodyOf(c), limits); err != nil {
		return call, err
	}
	vhost, key := call.Get("vhost"), call.Get("APIKEY", "apikey")
	if key == "" {
		app, found := s.cloud(vhost)
		if !found {
			return call, filemobile.Denied("There is no vhost " + strconv.Quote(vhost))
		}
		call.app, call.public = app, true
		return call, nil
	}
	app, found := s.deps.Applications.ByToken(key)
	if !found || vhost != "" && vhost != app.ID {
		return call, filemobile.Denied("The APIKEY is not one of this vhost")
	}
	call.app = app
	return call, nil
}

// mayList counts the calls that pass by all items. Those of callers without a key have a count of their own, so that nobody
// keeps an application from asking.
func (s *Service) mayList(c *fiber.Ctx, name string, call filemobileCall) bool {
	if !strings.EqualFold(name, string(filemobile.GetFiles)) {
		return true
	}
	asking := call.app
	if call.public {
		asking.ID += " for everybody"
	}
	return s.mayAsk(c, asking)
}

// failFilemobile is the reply to a call that went wrong. What is not meant for the client is logged instead.
func (s *Service) failFilemobile(c *fiber.Ctx, err error) filemobile.Reply {
	err = filemobile.Explain(err)
	var known *filemobile.Error
	switch {
	case errors.As(err, &known):
	case errors.Is(err, errTooOften):
		c.Status(fiber.StatusTooManyRequests)
		known = filemobile.Refused("Lists are asked for too often, try again in a second")
	case errors.Is(err, bus.ErrQueueFull), errors.Is(err, bus.ErrUnavailable):
		s.deps.Log.Warn("call refused", "path", c.Path(), "err", err)
		setRetryAfter(c, retryAfter)
		c.Status(fiber.StatusServiceUnavailable)
		known = filemobile.Refused(filemobileBusy)
	default:
		s.deps.Log.Error("call failed", "path", c.Path(), "err", err)
		c.Status(fiber.StatusInternalServerError)
		known = filemobile.Refused(filemobileFault)
	}
	return filemobile.Reply{Failed: known}
}

// sendFilemobile writes a reply. A script is only run when its status says that all is well.
func sendFilemobile(c *fiber.Ctx, reply filemobile.Reply, function string, asXML bool) error {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	if asXML {
		c.Set(fiber.HeaderContentType, "application/xml; charset=utf-8")
		return c.Send(reply.XML())
	}
	body, err := reply.JSON()
	if err != nil {
		return err
	}
	if function == "" {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(body)
	}
	padded, err := filemobile.Padded(function, body)
	if err != nil {
		c.Status(fiber.StatusBadRequest)
		return c.SendString(err.Error())
	}
	c.Status(fiber.StatusOK).Set(fiber.HeaderContentType, "application/javascript; charset=utf-8")
	return c.Send(padded)
}

// doFilemobile does what a call asks for.
func (s *Service) doFilemobile(ctx context.Context, name string, call filemobileCall) (filemobile.Reply, error) {
	method, err := filemobile.ParseMethod(name)
	if err != nil {
		return filemobile.Reply{}, err
	}
	if call.public && !method.Public() {
		return filemobile.Reply{}, filemobile.Denied(string(method) + " needs an APIKEY")
	}
	switch method {
	case filemobile.GetFiles:
		return s.getFiles(ctx, call)
	case filemobile.CreateMultiPart:
		return s.beginParts(ctx, call)
	}
	ids, err := call.IDs()
	if err != nil {
		return filemobile.Reply{}, err
	}
	do, many := s.filemobileEdit(method, call)
	if do == nil {
		return s.filemobileOne(ctx, method, call, ids[0])
	}
	if len(ids) > 1 && !many {
		return filemobile.Reply{}, filemobile.Refused("id has to be an integer")
	}
	for _, id := range ids {
		if err := named(do(ctx, id), id); err != nil {
			return filemobile.Reply{}, err
		}
	}
	return filemobile.Done(), nil
}

// named puts the id into the error of an item that is not there.
func named(err error, id string) error {
	if errors.Is(err, collection.ErrNotFound) {
		return filemobile.NotFound(id)
	}
	return err
}

// filemobileEdit is what a call does to an item; nil for calls that answer with more than that it was done. many tells
// that it may be done to several.
func (s *Service) filemobileEdit(method filemobile.Method, call filemobileCall) (do func(ctx context.Context, id string) error, many bool) {
	app := call.app.ID
	change := func(change func(*events.Media) error) func(ctx context.Context, id string) error {
		return func(ctx context.Context, id string) error {
			_, err := s.changeItem(ctx, app, id, change)
			return err
		}
	}
	switch method {
	case filemobile.SetModerationStatus:
		return change(moderated(call)), true
	case filemobile.UpdateFile:
		return change(func(item *events.Media) error {
			patch, err := filemobile.Describe(call.Call, "newProperties")
			if err != nil {
				return err
			}
			return describe(patch)(item)
		}), false
	case filemobile.TrashFile:
		return change(func(item *events.Media) error {
			if !media.Trashed(item.Status) {
				item.Status = media.Trash(item.Status)
			}
			return nil
		}), true
	case filemobile.DeleteFile:
		return func(ctx context.Context, id string) error { return s.deleteItem(ctx, app, id) }, true
	case filemobile.AbortMultiPart:
		return func(ctx context.Context, id string) error { return s.abortParts(ctx, app, id) }, false
	}
	return nil, false
}

// moderated is what media.setModerationStatus does.
func moderated(call filemobileCall) func(*events.Media) error {
	return func(item *events.Media) error {
		name := "status"
		if !call.Params.Has(name) {
			name = "moderationstatus"
		}
		status, err := call.Number(name, -1, events.MediaUnmoderated, events.MediaDenied)
		if err != nil {
			return err
		}
		if status < 0 {
			return filemobile.Refused("Missing argument: status")
		}
		denied, err := call.Number("moderationdeniedid", 0, 0, 1<<31-1)
		if err != nil {
			return err
		}
		info := item.MediaInfo
		info.Moderation = events.MediaModeration{Status: status, DeniedID: int64(denied), Note: call.Get("note")}
		if err := media.Validate(info); err != nil {
			return err
		}
		item.MediaInfo = info
		return nil
	}
}

// filemobileOne does a call about one item that answers with what became of it.
func (s *Service) filemobileOne(ctx context.Context, method filemobile.Method, call filemobileCall, id string) (filemobile.Reply, error) {
	switch method {
	case filemobile.Vote, filemobile.RateFile:
		return s.filemobileVote(ctx, method, call, id)
	case filemobile.CompleteMultiPart:
		if err := s.completeParts(ctx, call.app, id); err != nil {
			return filemobile.Reply{}, named(err, id)
		}
	}
	return s.fileInfo(ctx, call, id)
}

// fileInfo answers with an item. Whoever has no key sees what a moderator approved.
func (s *Service) fileInfo(ctx context.Context, call filemobileCall, id string) (filemobile.Reply, error) {
	item, err := s.item(ctx, call.app.ID, id)
	if err != nil {
		return filemobile.Reply{}, named(err, id)
	}
	if call.public && !forPublic(item) {
		return filemobile.Reply{}, filemobile.NotFound(id)
	}
	entry := filemobileEntry(call.app.ID, item)
	if uid := call.Get("uid"); uid != "" && !call.public {
		value, ok, err := s.items.Voice(ctx, call.app.ID, id, uid)
		if err != nil {
			return filemobile.Reply{}, err
		}
		if ok {
			entry.Voice = &value
		}
	}
	return filemobile.Reply{Item: &entry}, nil
}

// forPublic tells whether everybody may know of an item.
func forPublic(item events.Media) bool {
	return item.Status == events.MediaConverted && item.Moderation.Status == events.MediaApproved
}

func filemobileEntry(app string, item events.Media) filemobile.Entry {
	entry := filemobile.Entry{Item: filemobile.FromMedia(item), Metadata: item.Metadata}
	entry.Vhost = app
	return entry
}

// filemobileVote counts a vote: 1 for and 0 against, which are 10 and 0 among ratings, or a rating from 1 to 10.
func (s *Service) filemobileVote(ctx context.Context, method filemobile.Method, call filemobileCall, id string) (filemobile.Reply, error) {
	name, least, most, worth := "vote", 0, 1, maxVoice
	if method == filemobile.RateFile {
		name, least, most, worth = "rating", 1, maxVoice, 1
	}
	value, err := call.Number(name, -1, least, most)
	if err != nil {
		return filemobile.Reply{}, err
	}
	if value < 0 {
		return filemobile.Reply{}, filemobile.Refused("Missing argument: " + name)
	}
	voter := call.Get("uid")
	if voter == "0" {
		voter = "" // the format's way to say nobody
	}
	if flaw := media.Flaw(voter, maxVoter); flaw != "" {
		return filemobile.Reply{}, filemobile.Refused("uid has to be other: " + flaw)
	}
	if _, err := s.item(ctx, call.app.ID, id); err != nil {
		return filemobile.Reply{}, named(err, id)
	}
	if _, err := s.items.Vote(ctx, call.app.ID, id, voter, value*worth); err != nil {
		return filemobile.Reply{}, named(err, id)
	}
	if method == filemobile.RateFile && call.Get("returnData") != "1" {
		return filemobile.Number(value), nil
	}
	return s.fileInfo(ctx, call, id)
}

// getFiles answers with a page of items.
func (s *Service) getFiles(ctx context.Context, call filemobileCall) (filemobile.Reply, error) {
	query, err := filemobile.ParseQuery(call.Call)
	if err != nil {
		return filemobile.Reply{}, err
	}
	places, err := s.list(ctx, call.app.ID, func(item events.Media) (int64, bool) {
		entry := filemobile.FromMedia(item)
		return query.Key(entry), query.Wanted(entry) && (!call.public || forPublic(item))
	})
	if err != nil {
		return filemobile.Reply{}, err
	}
	if query.Descending {
		slices.Reverse(places)
	}
	from := min(query.Start, len(places))
	items, err := s.page(ctx, call.app.ID, places[from:min(from+query.Limit, len(places))])
	if err != nil {
		return filemobile.Reply{}, err
	}
	page := filemobile.Page{Total: len(places), Fields: query.Fields}
	for _, item := range items {
		page.Items = append(page.Items, filemobileEntry(call.app.ID, item))
	}
	return filemobile.Reply{Page: &page}, nil
}
