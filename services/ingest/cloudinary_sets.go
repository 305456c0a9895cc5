package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/derive"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

// Bounds of what is made of several pictures; more of those with a tag are left out, as the format has it.
const (
	setMost     = 500
	setMostSync = 100
	spriteGap   = 2
)

// set is what a sheet, an animation or a document is made of.
type set struct {
	kind  cloudinary.Kind
	parse func(resourceType string, r cloudinary.Request) (cloudinary.Gathering, error)
	ask   cloudinary.Gathering
	// op makes one picture of all, and format is what it is written as.
	op     func(pictures []string, own string, t transformation.Translation) recipe.Operation
	format string
}

// cloudinarySprite puts pictures on one sheet.
func (s *Service) cloudinarySprite(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	return s.answerSet(ctx, call, sprites, cloudinary.SpriteReply)
}

// cloudinaryMulti makes an animation or a document of pictures.
func (s *Service) cloudinaryMulti(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	return s.answerSet(ctx, call, series, cloudinary.MultiReply)
}

// sprites and series are the ways to put pictures together.
var (
	sprites = set{
		kind: cloudinary.KindSprite, parse: cloudinary.ParseSprite, format: "png",
		op: func(pictures []string, own string, _ transformation.Translation) recipe.Operation {
			return &recipe.SpriteOp{Pictures: pictures, Own: own, Layout: "packed", Gap: spriteGap}
		},
	}
	series = set{kind: cloudinary.KindMulti, parse: cloudinary.ParseMulti, format: "gif", op: inSequence}
)

// answerSet makes a set and tells of it, or that it is being made.
func (s *Service) answerSet(
	ctx context.Context, call cloudinaryCall, st set, reply func(asset.Asset, cloudinary.Site) []byte,
) ([]byte, error) {
	a, batch, err := s.makeSet(ctx, call, st)
	if err != nil {
		return nil, err
	}
	if batch != "" {
		return cloudinary.ProcessingReply(batch), nil
	}
	return reply(a, call.site), nil
}

// downloadSet makes a set and sends it: GET with mode=download.
func (s *Service) downloadSet(st set) fiber.Handler {
	return func(c *fiber.Ctx) error {
		call, err := s.openCloudinary(c, false)
		if err != nil {
			return s.refuseCloudinary(c, err)
		}
		a, batch, err := s.makeSet(c.UserContext(), call, st)
		if err != nil {
			return s.refuseCloudinary(c, err)
		}
		if batch != "" {
			return sendJSON(c, fiber.StatusOK, cloudinary.ProcessingReply(batch))
		}
		c.Attachment(slug(a.PublicID) + "." + a.Format)
		return s.sendAsset(c, a.Key, a.ETag)
	}
}

// inSequence shows pictures one after the other, or page by page.
func inSequence(pictures []string, _ string, t transformation.Translation) recipe.Operation {
	if t.Format == "pdf" || t.Format == "tiff" {
		return &recipe.DocumentOp{Pictures: pictures}
	}
	op := &recipe.AnimateOp{Pictures: pictures, Delay: t.Delay}
	if t.Loop != nil {
		op.Loop = *t.Loop + 1
	}
	return op
}

// piece is one picture of a set.
type piece struct {
	name   string
	source job.Source
}

// makeSet hands over the job of a set, and returns it once it is made. While it is being made there is a batch id instead.
func (s *Service) makeSet(ctx context.Context, call cloudinaryCall, st set) (a asset.Asset, batch string, err error) {
	if st.ask, err = st.parse(call.resource, call.Request); err != nil {
		return a, "", err
	}
	most := setMostSync
	if st.ask.Async {
		most = setMost
	}
	pieces, err := s.pieces(ctx, call, st, most)
	if err != nil {
		return a, "", err
	}
	if len(pieces) == 0 {
		return a, "", &cloudinary.Error{Status: fiber.StatusNotFound, Message: "No images found"}
	}
	format, err := setFormat(ctx, call, st)
	if err != nil {
		return a, "", err
	}
	if a, err = s.setAsset(ctx, call, st, format.Format); err != nil {
		return a, "", err
	}
	o, details, err := s.setOrder(call, st, a, pieces, format)
	if err != nil {
		return a, "", err
	}
	if _, err := s.accept(ctx, o); err != nil {
		return a, "", err
	}
	if st.ask.Async {
		return a, details.BatchID, nil
	}
	result, err := s.outcome(ctx, call.app.ID, o.id, syncWait)
	if err != nil {
		return a, "", err
	}
	if result == nil {
		return a, details.BatchID, nil
	}
	if err := failureOf(result); err != nil {
		return a, "", err
	}
	a, err = s.library.Get(ctx, call.app.ID, a.Ref)
	return a, "", err
}

// setFormat is what a set is written as, with what its transformation says of an animation. It is asked of a picture of
// any size: none of that depends on it.
func setFormat(ctx context.Context, call cloudinaryCall, st set) (transformation.Translation, error) {
	extension := st.ask.Format
	plain := job.Derivation{Transformation: st.ask.Transformation, Extension: extension}
	plan, err := derive.MakePlan(ctx, nil, derive.Want{
		Application: call.app, Asset: asset.Asset{Width: 1000, Height: 1000, Format: st.format, Pages: 1}, Pictures: []job.Derivation{plain},
	})
	if err != nil {
		return transformation.Translation{}, err
	}
	if len(plan.Unmade) > 0 {
		return transformation.Translation{}, &cloudinary.Error{Status: fiber.StatusBadRequest, Message: plan.Unmade[0].Message}
	}
	return plan.Made[0], nil
}

// pieces finds the pictures of a set: those with a tag, ordered by their public ids, or those at addresses.
func (s *Service) pieces(ctx context.Context, call cloudinaryCall, st set, most int) ([]piece, error) {
	derivation := &job.Derivation{Transformation: st.ask.Transformation}
	var pieces []piece
	for i, url := range st.ask.URLs[:min(len(st.ask.URLs), most)] {
		if err := s.deps.Guard.CheckURL(url); err != nil {
			return nil, cloudinary.LoadError(url, err.Error())
		}
		name := strings.TrimSuffix(path.Base(url), path.Ext(url))
		for _, other := range pieces {
			if other.name == name {
				name += "_" + strconv.Itoa(i)
			}
		}
		pieces = append(pieces, piece{name, job.Source{URL: url, Derive: derivation}})
	}
	if len(pieces) > 0 {
		return pieces, nil
	}
	assets, err := s.library.Tagged(ctx, call.app.ID, asset.Image, st.ask.Tag, most)
	for _, a := range assets {
		if a.Type != asset.Sprite && a.Type != asset.Multi {
			pieces = append(pieces, piece{a.PublicID, job.Source{Kept: a.Key, Derive: derivation}})
		}
	}
	return pieces, err
}

// setAsset is what a set is kept as: its public id is the tag.
func (s *Service) setAsset(ctx context.Context, call cloudinaryCall, st set, format string) (asset.Asset, error) {
	kind, id := asset.Multi, st.ask.Tag
	if st.kind == cloudinary.KindSprite {
		kind = asset.Sprite
	}
	if id == "" {
		id = randomHex(assetIDBytes)
	}
	a := asset.Asset{
		Ref: asset.Ref{ResourceType: asset.Image, Type: kind, PublicID: id}, ID: randomHex(assetIDBytes), Version: call.at.Unix(),
		VersionID: randomHex(assetIDBytes), CreatedAt: call.at.UTC(), Transformation: st.ask.Transformation, Format: format,
	}
	switch old, err := s.library.Get(ctx, call.app.ID, a.Ref); {
	case err == nil:
		a.ID, a.Version = old.ID, max(a.Version, old.Version+1)
	case !errors.Is(err, library.ErrNotFound):
		return a, err
	}
	a.Key = asset.ContentKey(call.app.ID, a.ID, a.Version)
	return a, nil
}

func (s *Service) setOrder(call cloudinaryCall, st set, a asset.Asset, pieces []piece, t transformation.Translation) (order, cloudinary.Details, error) {
	targets, err := s.tell(call, st.ask.NotificationURL)
	if err != nil {
		return order{}, cloudinary.Details{}, err
	}
	details := s.details(call, st.kind)
	details.Asset, details.BatchID = a, randomHex(batchBytes)
	pictures, names := map[string]job.Source{}, []string{}
	for _, p := range pieces[1:] {
		pictures[p.name] = p.source
		names = append(names, p.name)
	}
	params, err := json.Marshal(st.op(names, pieces[0].name, t))
	if err != nil {
		return order{}, details, err
	}
	op := st.op(names, pieces[0].name, t)
	step := recipe.Step{Op: op.Name(), Params: params, Save: &recipe.Save{ID: a.PublicID, Format: formatOf(t.Format)}}
	base := call.site.Base + "/" + call.app.ID
	return order{
		id: s.newID(call.app.ID),
		job: job.Job{
			Application: call.app.ID, Class: job.Standard, Source: pieces[0].source, Pictures: pictures,
			Recipe: recipe.Recipe{Steps: []recipe.Step{step}}, Keep: &job.Keep{Asset: a, Base: base},
			Locations: []job.Location{{Key: a.Key, URL: base + a.Path(a.Transformation, t.Format)}},
		},
		record: job.Record{Dialect: cloudinary.Dialect, Targets: targets, Details: details.Encode()},
	}, details, nil
}

// formatOf is the format of a file extension.
func formatOf(extension string) string {
	if extension == "jpg" {
		return string(recipe.JPEG)
	}
	return extension
}

// cloudinaryExplode makes a picture of each page of a document, in the background.
func (s *Service) cloudinaryExplode(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	e, err := cloudinary.ParseExplode(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	a, err := s.library.Get(ctx, call.app.ID, e.Ref)
	if errors.Is(err, library.ErrNotFound) {
		return nil, cloudinary.NotFound(e.PublicID)
	}
	if err != nil {
		return nil, err
	}
	if err := derive.Check(call.app, e.Transformation); err != nil {
		return nil, err
	}
	targets, err := s.tell(call, e.NotificationURL)
	if err != nil {
		return nil, err
	}
	details := s.details(call, cloudinary.KindExplode)
	details.Asset, details.BatchID = a, randomHex(batchBytes)
	details.Transformation, details.Format = e.Transformation, e.Format
	o := order{id: s.newID(call.app.ID), record: job.Record{Dialect: cloudinary.Dialect, Targets: targets, Details: details.Encode()}}
	err = s.deriveNow(ctx, call, &o, a, []job.Derivation{{Transformation: e.Transformation, Extension: e.Format}}, true)
	if err != nil {
		return nil, err
	}
	if len(o.job.Unmade) > 0 {
		return nil, &cloudinary.Error{Status: fiber.StatusBadRequest, Message: o.job.Unmade[0].Message}
	}
	return cloudinary.ProcessingReply(details.BatchID), nil
}
