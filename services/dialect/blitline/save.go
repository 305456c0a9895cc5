package blitline

import (
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// defaultQuality is the format's own for JPEG.
const defaultQuality = 85

// save stores what a step made: once for each of its destinations, or here when it has none. The first is the step's own,
// the others are those of further steps that change nothing.
func (t *translator) save(step *recipe.Step, save loose) {
	identifier := save.text("image_identifier")
	if identifier == "" {
		t.fail("Every save needs an image_identifier")
	}
	places := t.places(save)
	if save.truth("skip") {
		return
	}
	if len(places) == 0 {
		places = []place{{extension: save.text("extension")}}
	}
	for i, p := range places {
		out := t.output(save, identifier, p)
		if i == 0 {
			step.Save = out
			continue
		}
		step.Steps = append(step.Steps, recipe.Step{Save: out})
	}
}

// place is one of the places that a save goes to.
type place struct {
	destination *job.Destination
	// field is the member of the result that holds the address, "s3_url" when empty.
	field     string
	extension string
	// key is set when the result is to name it.
	key string
}

// output is one output of the recipe.
func (t *translator) output(save loose, identifier string, p place) *recipe.Save {
	out := &recipe.Save{ID: t.unique(identifier), Format: t.format(p.extension)}
	if quality := save.numberOr("quality", defaultQuality); out.Format != "png" && out.Format != "gif" {
		q := int(math.Max(1, math.Min(100, quality)))
		out.Quality = &q
	}
	out.Tags = t.tags(save)
	out.CheckBlank = save.truth("check_blank")
	out.Progressive = interlaced(save.text("interlace"))
	if out.Format == "png" && save.set("png_quantize") {
		out.Colors = 256
	}
	if most, given := save.number("max_filesize"); given && most > 0 {
		out.MaxBytes = int64(math.Max(256, most))
	}
	if t.keepsMetadata(save) {
		out.Metadata = recipe.KeepAll
	}
	image := Image{Output: out.ID, Identifier: identifier, Field: p.field, Key: p.key}
	t.images = append(t.images, image)
	t.destinations = append(t.destinations, p.destination)
	return out
}

// tags are those that set_exif writes into the file.
func (t *translator) tags(save loose) map[string]string {
	given := save.strings("set_exif")
	if len(given) > recipe.MaxTags {
		t.refuse(InvalidParams, "The set_exif has %d tags: expected at most %d", len(given), recipe.MaxTags)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, known := recipe.FindTag(name); !known {
			t.refuse(InvalidParams, "The tag '%.100s' of set_exif cannot be written: expected one such as Artist, EXIF:Copyright, IPTC:Keywords or XMP:Title", name)
			return nil
		}
	}
	return given
}

// interlaced reads RMagick's names; what it does not know is not interlaced.
func interlaced(name string) bool {
	switch name {
	case "LineInterlace", "PlaneInterlace", "PartitionInterlace", "GIFInterlace", "JPEGInterlace", "PNGInterlace":
		return true
	}
	return false
}

// keepsMetadata tells whether the source's metadata stays: as the job says, else from version 1.20 on.
func (t *translator) keepsMetadata(save loose) bool {
	if save.raw("save_metadata") != nil {
		return save.truth("save_metadata")
	}
	return t.details.above(119)
}

// places reads the destinations of a save.
func (t *translator) places(save loose) []place {
	var all []place
	if s3 := save.object("s3_destination"); len(s3) > 0 {
		all = append(all, t.s3(s3, save.text("extension")))
	}
	if azure := save.object("azure_destination"); len(azure) > 0 {
		address := azure.text("shared_access_signature")
		if !validURL(address) {
			t.fail("An azure_destination needs a shared_access_signature that is an https URL")
		}
		p := signed(address, azure, save.text("extension"))
		p.field = "azure_url"
		p.destination.Headers = merged(map[string]string{"x-ms-blob-type": "BlockBlob"}, azure.strings("headers"))
		all = append(all, p)
	}
	if given := save.object("ftp_destination"); len(given) > 0 {
		all = append(all, t.ftp(given, save.text("extension")))
	}
	if given := save.object("signed_destination"); len(given) > 0 {
		address := given.text("signed_url")
		if !validURL(address) {
			t.fail("A signed_destination needs a signed_url that is an http or https URL")
		}
		all = append(all, signed(address, given, save.text("extension")))
	}
	return all
}

// s3 reads a destination in S3: a bucket and a key, or an address that somebody signed.
func (t *translator) s3(s3 loose, extension string) place {
	if address := s3.text("signed_url"); address != "" {
		if !validURL(address) {
			t.fail("The signed_url of an s3_destination is not an http or https URL")
		}
		return signed(address, s3, extension)
	}
	bucket, region := s3.text("bucket"), s3.text("region")
	if nested := s3.object("bucket"); len(nested) > 0 {
		bucket, region = nested.text("name"), nested.text("location")
	}
	key := strings.TrimPrefix(s3.text("key"), "/")
	if bucket == "" || key == "" {
		t.fail("An s3_destination needs both a bucket and a key")
	}
	p := place{
		destination: &job.Destination{
			Kind: job.DestinationS3, Bucket: bucket, Key: key, Region: region, BucketAsDomain: s3.truth("bucket_as_domain"),
			Headers: merged(map[string]string{"x-amz-acl": "public-read"}, s3.strings("headers")),
		},
		extension: extensionOf(key, s3, extension),
	}
	if s3.truth("return_keys") {
		p.key = key
	}
	return p
}

// ftp reads a file on an FTP server.
func (t *translator) ftp(given loose, extension string) place {
	d := job.Destination{
		Kind: job.DestinationFTP, Server: given.text("server"), User: given.text("user"), Password: given.text("password"),
		Bucket: given.text("directory"), Key: given.text("filename"),
	}
	if d.Server == "" || d.Key == "" {
		t.fail("An ftp_destination needs both a server and a filename")
	}
	return place{destination: &d, field: "ftp_path", extension: extensionOf(d.Key, given, extension)}
}

// signed is a destination whose address somebody signed.
func signed(address string, given loose, extension string) place {
	before, _, _ := strings.Cut(address, "?")
	return place{
		destination: &job.Destination{Kind: job.DestinationPut, URL: address, Headers: given.strings("headers")},
		extension:   extensionOf(before, given, extension),
	}
}

// extensionOf is what decides on the format: the type that is forced, else the name, else the save.
func extensionOf(name string, given loose, extension string) string {
	if forced := given.text("force_type"); forced != "" {
		return forced
	}
	if ext := path.Ext(name); ext != "" {
		return ext
	}
	return extension
}

// merged lays a client's headers over those that are always sent, whatever the case of their names. One that is empty
// takes the other away.
func merged(always, given map[string]string) map[string]string {
	all := maps.Clone(always)
	for name, value := range given {
		if value == "" {
			delete(all, strings.ToLower(name))
			continue
		}
		all[strings.ToLower(name)] = value
	}
	return all
}

// unique gives the save a name of its own: identifiers may repeat, ids of outputs must not.
func (t *translator) unique(identifier string) string {
	id := identifier
	for n := 2; t.taken(id); n++ {
		id = fmt.Sprintf("%s#%d", identifier, n)
	}
	return id
}

func (t *translator) taken(id string) bool {
	for _, image := range t.images {
		if image.Output == id {
			return true
		}
	}
	return false
}

// format translates an extension, with or without its dot; none is JPEG.
func (t *translator) format(extension string) string {
	extension = strings.ToLower(strings.TrimPrefix(extension, "."))
	switch extension {
	case "", "jpg", "jpeg":
		return "jpeg"
	case "tif", "tiff":
		return "tiff"
	case "png", "webp", "gif", "avif", "pdf":
		return extension
	}
	t.refuse(UnsupportedOption, "Saving as '%s' is not supported", extension)
	return "jpeg"
}
