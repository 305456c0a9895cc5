package ingest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/derive"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

const (
	assetIDBytes   = 16
	requestIDBytes = 16
)

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// lookingFor is a recipe that finds out what a picture is and what the client wishes to know of it, and makes nothing of it.
func lookingFor(w cloudinary.Wishes) recipe.Recipe {
	inspect := []string{recipe.InspectHashes}
	add := func(wished bool, more ...string) {
		if wished {
			inspect = append(inspect, more...)
		}
	}
	add(w.Colors, recipe.InspectColors)
	add(w.Phash, recipe.InspectPHash)
	add(w.Exif || w.ImageMetadata || w.MediaMetadata, recipe.InspectEXIF, recipe.InspectIPTC, recipe.InspectGPS)
	return recipe.Recipe{Inspect: inspect, Steps: []recipe.Step{{}}}
}

// cloudinaryUpload keeps a file, and what is to be derived of it ahead.
func (s *Service) cloudinaryUpload(ctx context.Context, c *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	chunk, err := cloudinary.ChunkOf(c.Get("X-Unique-Upload-Id"), c.Get(fiber.HeaderContentRange))
	if err != nil {
		return nil, err
	}
	if !chunk.Whole() {
		whole, err := s.gather(ctx, call, chunk)
		if err != nil || whole == nil {
			return cloudinary.ChunkReply(asset.Ref{ResourceType: call.resource, PublicID: call.Params.Get("public_id")}, chunk.End+1), err
		}
		call.File.Data = whole
	}
	u, err := cloudinary.ParseUpload(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	if u, err = s.withPreset(call, u); err != nil {
		return nil, err
	}
	publicID, err := u.NewPublicID(rand.Reader)
	if err != nil {
		return nil, err
	}
	return s.keepUpload(ctx, call, u, publicID)
}

// withPreset adds the parameters of a preset. An upload without a signature needs one that allows it.
func (s *Service) withPreset(call cloudinaryCall, u cloudinary.Upload) (cloudinary.Upload, error) {
	if u.Preset == "" {
		return u, nil
	}
	var preset map[string]string
	found := false
	if settings := call.app.Settings.Cloudinary; settings != nil {
		preset, found = settings.Presets[u.Preset]
	}
	if !found {
		return u, cloudinary.UnknownPreset()
	}
	if u.Unsigned && preset["unsigned"] != "true" {
		return u, &cloudinary.Error{Status: fiber.StatusBadRequest, Message: "Upload preset must be whitelisted for unsigned uploads"}
	}
	preset = maps.Clone(preset)
	delete(preset, "unsigned")
	return u.WithPreset(preset)
}

// keepUpload hands over the job of an upload and answers as the call wants it.
func (s *Service) keepUpload(ctx context.Context, call cloudinaryCall, u cloudinary.Upload, publicID string) ([]byte, error) {
	resource := u.ResourceType
	if resource == cloudinary.Auto {
		resource = asset.Image
	}
	name, shown := u.BaseName(), u.DisplayName
	if shown == "" && u.FilenameAsDisplayName {
		shown = name
	}
	if u.DiscardOriginalFilename {
		name = ""
	}
	a := asset.Asset{
		Ref: asset.Ref{ResourceType: resource, Type: u.Type, PublicID: publicID}, ID: randomHex(assetIDBytes), Version: call.at.Unix(),
		VersionID: randomHex(assetIDBytes), CreatedAt: call.at.UTC(), Tags: u.Tags, Context: u.Context, Metadata: u.Metadata,
		Faces: u.Faces, Custom: u.Custom, Name: name, DisplayName: shown, Folder: u.AssetFolder,
	}
	switch old, err := s.library.Get(ctx, call.app.ID, a.Ref); {
	case err == nil && !u.Overwrite:
		reply := call.reply(old)
		reply.Existing = true
		return cloudinary.UploadReply(reply), nil
	case err == nil:
		a.ID, a.Version = old.ID, max(a.Version, old.Version+1)
	case !errors.Is(err, library.ErrNotFound):
		return nil, err
	}
	a.Key = asset.ContentKey(call.app.ID, a.ID, a.Version)
	upload, err := s.uploadOrder(call, u, a)
	if err != nil {
		return nil, err
	}
	ahead, err := s.ahead(call, u, a, upload.details.BatchID, &upload.order.job)
	if err != nil {
		return nil, err
	}
	if _, err := s.accept(ctx, upload.order); err != nil {
		return nil, err
	}
	if u.Async {
		return cloudinary.PendingReply(a.Ref, upload.details.BatchID), nil
	}
	result, err := s.outcome(ctx, call.app.ID, upload.order.id, syncWait)
	if err != nil {
		return nil, err
	}
	if result == nil { // it goes on, and the client hears of it as of an asynchronous one
		return cloudinary.PendingReply(a.Ref, upload.details.BatchID), nil
	}
	if err := failureOf(result); err != nil {
		return nil, err
	}
	return s.uploadReply(ctx, call, u, *result, a, ahead)
}

// reply begins what is told of an asset.
func (call cloudinaryCall) reply(a asset.Asset) cloudinary.Uploaded {
	return cloudinary.Uploaded{
		Asset: a, Site: call.site, APIKey: call.key, Secret: call.app.Secrets.APISecret.Reveal(), SHA256: call.app.Settings.CloudinarySHA256,
	}
}

// failureOf is why a job made nothing, in the format's words.
func failureOf(result *events.Result) error {
	if len(result.Outputs) > 0 || len(result.Errors) == 0 {
		return nil
	}
	failure := result.Errors[0]
	status := fiber.StatusBadRequest
	if failure.Code == "internal" {
		status = fiber.StatusInternalServerError
	}
	return &cloudinary.Error{Status: status, Message: failure.Message}
}

// kept is the order of an upload with what its notification is written from.
type kept struct {
	order   order
	details cloudinary.Details
}

func (s *Service) uploadOrder(call cloudinaryCall, u cloudinary.Upload, a asset.Asset) (kept, error) {
	targets, err := s.tell(call, u.NotificationURL)
	if err != nil {
		return kept{}, err
	}
	details := s.details(call, cloudinary.KindUpload)
	details.Asset, details.BatchID, details.Wishes = a, randomHex(batchBytes), u.Wishes
	transformed := u.Transformation != "" || u.Format != ""
	if transformed {
		details.Output = a.PublicID
	}
	o := order{
		id: s.newID(call.app.ID),
		job: job.Job{
			Application: call.app.ID, Class: job.Standard, Recipe: lookingFor(u.Wishes),
			Keep: &job.Keep{Asset: a, Any: u.ResourceType == cloudinary.Auto, Formats: u.AllowedFormats, Base: call.site.Base + "/" + call.app.ID},
		},
		record: job.Record{Dialect: cloudinary.Dialect, Targets: targets, Details: details.Encode()},
	}
	if !u.Async {
		o.job.Class = job.High // somebody waits
	}
	if u.FileURL != "" {
		if err := s.deps.Guard.CheckURL(u.FileURL); err != nil {
			return kept{}, cloudinary.LoadError(u.FileURL, err.Error())
		}
		o.job.Source = job.Source{URL: u.FileURL}
	} else {
		o.upload = &upload{data: u.Data, contentType: fiber.MIMEOctetStream}
	}
	if transformed {
		if err := derive.Check(call.app, u.Transformation); err != nil {
			return kept{}, err
		}
		o.job.Source.Derive = &job.Derivation{Transformation: u.Transformation, Extension: u.Format}
	}
	return kept{o, details}, nil
}

const batchBytes = 32

// ahead is what is derived of an upload before anybody looks at it.
type ahead struct {
	id      events.ID
	batch   string
	pending bool
}

// ahead lets what is to be derived of an upload follow it; nil when nothing is.
func (s *Service) ahead(call cloudinaryCall, u cloudinary.Upload, a asset.Asset, batch string, after *job.Job) (*ahead, error) {
	if len(u.Eager) == 0 {
		return nil, nil
	}
	next, err := s.derivation(call, u, a, batch)
	if err != nil {
		return nil, err
	}
	after.Next = &job.Next{ID: next.id.String(), Derive: derivations(u.Eager)}
	if after.Next.Record, err = next.record.Seal(s.deps.Key, call.app.ID, next.id); err != nil {
		return nil, err
	}
	return &ahead{id: next.id, batch: batch, pending: u.EagerAsync}, nil
}

// derivation begins the order of a job that derives pictures of an asset.
func (s *Service) derivation(call cloudinaryCall, u cloudinary.Upload, a asset.Asset, batch string) (order, error) {
	for _, eager := range u.Eager {
		if err := derive.Check(call.app, eager.Transformation); err != nil {
			return order{}, err
		}
	}
	var targets []job.Target
	if u.EagerAsync || u.EagerNotificationURL != "" {
		var err error
		if targets, err = s.tell(call, u.EagerNotificationURL); err != nil {
			return order{}, err
		}
	}
	details := s.details(call, cloudinary.KindEager)
	details.Asset, details.BatchID, details.Derived = a, batch, wantedOf(u.Eager)
	return order{
		id:     s.newID(call.app.ID),
		record: job.Record{Dialect: cloudinary.Dialect, Targets: targets, Details: details.Encode()},
	}, nil
}

// wantedOf are the pictures that are to be derived, before anything is known of them.
func wantedOf(eager []cloudinary.Eager) []cloudinary.Derived {
	var all []cloudinary.Derived
	for i, e := range eager {
		all = append(all, cloudinary.Derived{Output: strconv.Itoa(i), Transformation: e.Text, Want: &e})
	}
	return all
}

func derivations(eager []cloudinary.Eager) []job.Derivation {
	var all []job.Derivation
	for _, e := range eager {
		all = append(all, job.Derivation{Transformation: e.Transformation, Extension: e.Format})
	}
	return all
}

// uploadReply answers an upload whose asset is there.
func (s *Service) uploadReply(
	ctx context.Context, call cloudinaryCall, u cloudinary.Upload, result events.Result, a asset.Asset, ahead *ahead,
) ([]byte, error) {
	ref := a.Ref
	ref.PublicID = result.Outputs[0].ID
	if result.Outputs[0].Width == 0 {
		ref.ResourceType = asset.Raw
	}
	a, err := s.library.Get(ctx, call.app.ID, ref)
	if err != nil {
		return nil, err
	}
	derived, err := s.derived(ctx, call, u, a, ahead)
	if err != nil {
		return nil, err
	}
	reply := call.reply(a)
	reply.Derived, reply.Wishes = derived, u.Wishes
	if result.Source != nil {
		reply.Found = result.Source.Details
	}
	return cloudinary.UploadReply(reply), nil
}

// derived tells what became of the pictures that were to be derived, or what will.
func (s *Service) derived(ctx context.Context, call cloudinaryCall, u cloudinary.Upload, a asset.Asset, ahead *ahead) ([]cloudinary.Derived, error) {
	if ahead == nil {
		return nil, nil
	}
	var result *events.Result
	if !ahead.pending {
		var err error
		if result, err = s.outcome(ctx, call.app.ID, ahead.id, syncWait); err != nil {
			return nil, err
		}
	}
	if result == nil {
		var pending []cloudinary.Derived
		for _, e := range u.Eager {
			d := call.site.Derive(a, e, a.Format)
			d.BatchID = ahead.batch
			pending = append(pending, d)
		}
		return pending, nil
	}
	return cloudinary.Details{Kind: cloudinary.KindEager, Site: call.site, Asset: a, Derived: wantedOf(u.Eager)}.Pictures(*result), nil
}

// cloudinaryExplicit changes an asset that is there, and derives pictures of it.
func (s *Service) cloudinaryExplicit(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	u, err := cloudinary.ParseExplicit(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	ref := asset.Ref{ResourceType: u.ResourceType, Type: u.Type, PublicID: u.PublicID}
	a, err := s.library.Change(ctx, call.app.ID, ref, func(a *asset.Asset) error { explicit(u, a); return nil })
	if errors.Is(err, library.ErrNotFound) {
		return nil, cloudinary.NotFound(u.PublicID)
	}
	if err != nil {
		return nil, err
	}
	var made *ahead
	if len(u.Eager) > 0 {
		batch := randomHex(batchBytes)
		o, err := s.derivation(call, u, a, batch)
		if err != nil {
			return nil, err
		}
		if err := s.deriveNow(ctx, call, &o, a, derivations(u.Eager), u.EagerAsync || u.Async); err != nil {
			return nil, err
		}
		made = &ahead{id: o.id, batch: batch, pending: u.EagerAsync || u.Async}
	}
	derived, err := s.derived(ctx, call, u, a, made)
	if err != nil {
		return nil, err
	}
	answer := call.reply(a)
	answer.Derived = derived
	reply := cloudinary.UploadReply(answer)
	details := s.details(call, cloudinary.KindUpload)
	details.Asset = a
	return reply, s.notice(ctx, call, u.NotificationURL, details)
}

// explicit changes of an asset what a call names.
func explicit(u cloudinary.Upload, a *asset.Asset) {
	for name, change := range map[string]func(){
		"tags": func() { a.Tags = u.Tags }, "context": func() { a.Context = u.Context }, "metadata": func() { a.Metadata = u.Metadata },
		"face_coordinates": func() { a.Faces = u.Faces }, "custom_coordinates": func() { a.Custom = u.Custom },
		"display_name": func() { a.DisplayName = u.DisplayName }, "asset_folder": func() { a.Folder = u.AssetFolder },
	} {
		if slices.Contains(u.Sent, name) {
			change()
		}
	}
}

// deriveNow hands over a job that derives pictures of an asset that is there.
func (s *Service) deriveNow(ctx context.Context, call cloudinaryCall, o *order, a asset.Asset, want []job.Derivation, later bool) error {
	plan, err := derive.MakePlan(ctx, s.library, derive.Want{
		Application: call.app, Asset: a, Base: call.site.Base + "/" + call.app.ID, Pictures: want,
	})
	if err != nil {
		return err
	}
	o.job = job.Job{
		Application: call.app.ID, Class: job.High, Source: job.Source{Kept: a.Key}, Recipe: plan.Recipe, Pictures: plan.Pictures,
		Locations: plan.Locations, Unmade: plan.Unmade,
	}
	if later {
		o.job.Class = job.Standard
	}
	_, err = s.accept(ctx, *o)
	return err
}

// gather keeps a chunk of an upload; whole is the file once it was the last one to come.
func (s *Service) gather(ctx context.Context, call cloudinaryCall, chunk cloudinary.Chunk) (whole []byte, err error) {
	if call.File == nil {
		return nil, cloudinary.MissingParameter("file")
	}
	if int64(len(call.File.Data)) != chunk.End-chunk.Start+1 {
		return nil, &cloudinary.Error{Status: fiber.StatusBadRequest, Message: "Invalid Content-Range: the chunk has another size"}
	}
	return s.chunks.add(ctx, call.app.ID, chunk, call.File.Data)
}
