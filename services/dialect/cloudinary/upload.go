package cloudinary

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/ringback/ringback/services/internal/asset"
)

// Upload is what an upload, or a change of what was uploaded, asks for.
type Upload struct {
	// ResourceType is image, raw, or auto, which looks at the file.
	ResourceType string
	Type         string
	PublicID     string
	Folder       string
	AssetFolder  string
	DisplayName  string
	// FileURL is where the file is; empty when Data is the file.
	FileURL  string
	Data     []byte
	Filename string

	UseFilename, UniqueFilename, DiscardFilename bool
	Overwrite                                    bool
	Async, EagerAsync                            bool

	AllowedFormats []string
	Tags           []string
	Context        map[string]string
	Metadata       map[string]string
	Faces, Custom  []asset.Box
	// Transformation is applied, and Format made, before the file is kept.
	Transformation, Format string
	Eager                  []Eager

	NotificationURL, EagerNotificationURL string
	// NotificationContext is the client's own and comes back in notifications.
	NotificationContext json.RawMessage
	Preset              string

	params Params
	given  map[string]bool // what an explicit call names
}

// Eager is a picture that is made before anybody looks at it.
type Eager struct {
	// Text is as the client wrote it.
	Text           string `json:"text"`
	Transformation string `json:"transformation"`
	// Format is its file extension; empty for that of the asset.
	Format string `json:"format,omitempty"`
}

// Bounds of what an asset may be given.
const (
	maxPublicID = 255
	maxTags     = 1000
	maxTag      = 255
	maxEager    = 100
	randomID    = 20
	suffixLen   = 6
)

const idLetters = "abcdefghijklmnopqrstuvwxyz0123456789"

// ParseUpload reads an upload to the path of a resource type. It fails with an [Error].
func ParseUpload(resourceType string, r Request) (Upload, error) {
	u, err := parse(resourceType, r.Params)
	if err != nil {
		return u, err
	}
	if r.File != nil {
		u.Data, u.Filename = r.File.Data, r.File.Name
	} else if err := u.from(r.Params.Get("file")); err != nil {
		return u, err
	}
	if override := r.Params.Get("filename_override"); override != "" {
		u.Filename = override
	}
	if u.FileURL == "" && len(u.Data) == 0 {
		return u, badRequest("Empty file")
	}
	return u, nil
}

// ParseExplicit reads a change of an asset that is there. It fails with an [Error].
func ParseExplicit(resourceType string, r Request) (Upload, error) {
	u, err := parse(resourceType, r.Params)
	if err == nil && u.PublicID == "" {
		err = badRequest("Missing required parameter - public_id")
	}
	if u.ResourceType == "auto" {
		u.ResourceType = asset.Image
	}
	return u, err
}

func parse(resourceType string, p Params) (Upload, error) {
	if named := p.Get("resource_type"); named != "" && resourceType == "auto" {
		resourceType = named
	}
	u := Upload{
		ResourceType: resourceType, Type: orElse(p.Get("type"), asset.Upload), PublicID: p.Get("public_id"), Folder: p.Get("folder"),
		AssetFolder: p.Get("asset_folder"), DisplayName: p.Get("display_name"),
		UseFilename: p.Bool("use_filename", false), UniqueFilename: p.Bool("unique_filename", true),
		DiscardFilename: p.Bool("discard_original_filename", false), Overwrite: p.Bool("overwrite", true),
		Async: p.Bool("async", false), EagerAsync: p.Bool("eager_async", false),
		AllowedFormats: lower(p.All("allowed_formats")), Tags: p.All("tags"), Context: pairs(p.Get("context")), Metadata: pairs(p.Get("metadata")),
		Transformation: p.Get("transformation"), Format: p.Get("format"), NotificationURL: p.Get("notification_url"),
		EagerNotificationURL: p.Get("eager_notification_url"), Preset: p.Get("upload_preset"), params: p, given: map[string]bool{},
	}
	for name := range p {
		u.given[name] = true
	}
	if context := p.Get("notification_context"); json.Valid([]byte(context)) && context != "" {
		u.NotificationContext = json.RawMessage(context)
	}
	if !slices.Contains([]string{asset.Image, asset.Raw, "auto"}, u.ResourceType) {
		return u, badRequest(fmt.Sprintf("Invalid resource_type %s: there are image, raw and auto here", u.ResourceType))
	}
	if !slices.Contains([]string{asset.Upload, asset.Private, asset.Authenticated, asset.Sprite, asset.Multi}, u.Type) {
		return u, badRequest("Invalid type " + u.Type)
	}
	if err := checkTags(u.Tags); err != nil {
		return u, err
	}
	var err error
	if u.Faces, err = boxes("face_coordinates", p.Get("face_coordinates")); err != nil {
		return u, err
	}
	if u.Custom, err = boxes("custom_coordinates", p.Get("custom_coordinates")); err != nil {
		return u, err
	}
	u.Eager = parseEager(p.Get("eager"))
	if len(u.Eager) > maxEager {
		return u, badRequest(fmt.Sprintf("Too many eager transformations: %d, and there may be %d", len(u.Eager), maxEager))
	}
	if u.PublicID != "" {
		return u, checkPublicID(u.PublicID)
	}
	return u, nil
}

// unsignedMay are the parameters that an upload may have without a signature; everything else is for the preset to say.
var unsignedMay = []string{
	"asset_folder", "callback", "context", "custom_coordinates", "face_coordinates", "file", "filename_override", "folder", "metadata",
	"public_id", "resource_type", "source", "tags", "timestamp", "unsigned", "upload_preset",
}

// CheckUnsigned refuses what an upload may not say for itself without a signature. It fails with an [Error].
func CheckUnsigned(p Params) error {
	for key := range p {
		if name, _, _ := strings.Cut(key, "["); !slices.Contains(unsignedMay, name) {
			return badRequest(name + " parameter is not allowed when using unsigned upload; say it in the upload preset")
		}
	}
	return nil
}

// parseEager splits an eager parameter at its bars. What stands behind the last slash is the format, unless it has an
// underscore, as every parameter of a transformation has.
func parseEager(text string) []Eager {
	var all []Eager
	for part := range strings.SplitSeq(text, "|") {
		if part == "" {
			continue
		}
		e := Eager{Text: part, Transformation: part}
		if at := strings.LastIndexByte(part, '/'); !strings.Contains(part[at+1:], "_") {
			e.Transformation, e.Format = part[:max(at, 0)], part[at+1:]
		}
		all = append(all, e)
	}
	return all
}

// from takes a file that is a text: an address, or a data URI.
func (u *Upload) from(file string) error {
	switch {
	case file == "":
		return badRequest("Missing required parameter - file")
	case strings.HasPrefix(file, "data:"):
		head, data, ok := strings.Cut(file, ",")
		if !ok {
			return badRequest("Invalid data URI")
		}
		if !strings.HasSuffix(head, ";base64") {
			text, err := url.PathUnescape(data)
			u.Data = []byte(text)
			if err != nil {
				return badRequest("Invalid data URI")
			}
			return nil
		}
		decoded, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\n", "", "\r", "", " ", "+").Replace(data))
		u.Data = decoded
		if err != nil {
			return badRequest("Invalid data URI")
		}
		return nil
	default:
		address, err := url.Parse(file)
		if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
			return badRequest("Unsupported source URL: an http or https address, or a data URI, is expected")
		}
		u.FileURL, u.Filename = file, path.Base(address.Path)
		return nil
	}
}

// OriginalFilename is the name of the file without its folder and extension; empty when it is not to be kept.
func (u Upload) OriginalFilename() string {
	if u.DiscardFilename {
		return ""
	}
	name := path.Base(strings.ReplaceAll(u.Filename, `\`, "/"))
	if name == "." || name == "/" {
		return ""
	}
	return strings.TrimSuffix(name, path.Ext(name))
}

// Extension is that of the file's name, with its dot.
func (u Upload) Extension() string { return path.Ext(u.Filename) }

// WithPreset adds the parameters of an upload preset: those of the call come first when it is signed, those of the preset
// when it is not. It fails with an [Error].
func (u Upload) WithPreset(preset map[string]string, first bool) (Upload, error) {
	merged := maps.Clone(u.params)
	for name, value := range preset {
		if _, given := merged[name]; name != "unsigned" && (first || !given) {
			delete(merged, name+"[]")
			merged[name] = []string{value}
		}
	}
	with, err := parse(u.ResourceType, merged)
	with.FileURL, with.Data, with.Filename = u.FileURL, u.Data, u.Filename
	return with, err
}

// NewPublicID decides under which public id the upload is kept: the given one, one by the file's name, or a random one. It
// fails with an [Error].
func (u Upload) NewPublicID(random io.Reader) (string, error) {
	id := u.PublicID
	letters := func(n int) string {
		raw := make([]byte, n)
		_, _ = io.ReadFull(random, raw) // never fails
		for i := range raw {
			raw[i] = idLetters[int(raw[i])%len(idLetters)]
		}
		return string(raw)
	}
	if id == "" && u.UseFilename {
		if id = cleanID(u.OriginalFilename()); id != "" && u.UniqueFilename {
			id += "_" + letters(suffixLen)
		}
	}
	if id == "" {
		id = letters(randomID)
	}
	if u.ResourceType == asset.Raw && u.PublicID == "" {
		id += cleanID(u.Extension())
	}
	if u.Folder != "" {
		id = strings.Trim(u.Folder, "/") + "/" + id
	}
	return id, checkPublicID(id)
}

// cleanID leaves out of a file's name what a public id cannot have.
func cleanID(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(forbidden, r) || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, name), " /")
}

const forbidden = `?&#\%<>+`

func checkPublicID(id string) error {
	switch {
	case len(id) > maxPublicID:
		return badRequest(fmt.Sprintf("public_id is too long: %d bytes, and there may be %d", len(id), maxPublicID))
	case strings.ContainsAny(id, forbidden) || strings.ContainsFunc(id, unicode.IsControl):
		return badRequest("public_id (" + strings.ToValidUTF8(id, "?") + ") is invalid")
	case strings.TrimSpace(id) != id || strings.HasPrefix(id, "/") || strings.HasSuffix(id, "/") || strings.Contains(id, "//"):
		return badRequest("public_id (" + id + ") must not begin or end with a slash or a space")
	}
	return nil
}

func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return badRequest(fmt.Sprintf("Too many tags: %d, and there may be %d", len(tags), maxTags))
	}
	for _, tag := range tags {
		if len(tag) > maxTag {
			return badRequest(fmt.Sprintf("Tag is too long: %d bytes, and there may be %d", len(tag), maxTag))
		}
	}
	return nil
}

// boxes reads regions such as "10,20,100,150|…".
func boxes(name, text string) ([]asset.Box, error) {
	var all []asset.Box
	for part := range strings.SplitSeq(text, "|") {
		if part == "" {
			continue
		}
		var edges [4]int
		numbers := strings.Split(part, ",")
		if len(numbers) != len(edges) {
			return nil, badRequest("Invalid " + name + ": x,y,width,height are expected")
		}
		for i, number := range numbers {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil || n < 0 {
				return nil, badRequest("Invalid " + name + ": " + part)
			}
			edges[i] = n
		}
		all = append(all, asset.Box{X: edges[0], Y: edges[1], Width: edges[2], Height: edges[3]})
	}
	return all, nil
}

// pairs reads names and values such as "alt=A dog|caption=Dog \| friend", or a JSON object.
func pairs(text string) map[string]string {
	if text == "" {
		return nil
	}
	all := map[string]string{}
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) == nil {
		for name, value := range object {
			all[name] = textOf(value)
		}
		return all
	}
	const bar, equals = "\x00", "\x01"
	text = strings.NewReplacer(`\|`, bar, `\=`, equals).Replace(text)
	plain := strings.NewReplacer(bar, "|", equals, "=")
	for pair := range strings.SplitSeq(text, "|") {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			all[plain.Replace(name)] = plain.Replace(value)
		}
	}
	return all
}

func textOf(value any) string {
	if number, ok := value.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return text(value)
}

// Apply changes an asset as an explicit call asks for.
func (u Upload) Apply(a *asset.Asset) error {
	if u.given["tags"] || u.given["tags[]"] {
		a.Tags = u.Tags
	}
	if u.given["context"] {
		a.Context = u.Context
	}
	if u.given["metadata"] {
		a.Metadata = u.Metadata
	}
	if u.given["face_coordinates"] {
		a.Faces = u.Faces
	}
	if u.given["custom_coordinates"] {
		a.Custom = u.Custom
	}
	if u.given["display_name"] {
		a.DisplayName = u.DisplayName
	}
	if u.given["asset_folder"] {
		a.Folder = u.AssetFolder
	}
	return nil
}

func orElse(text, without string) string {
	if text == "" {
		return without
	}
	return text
}

func lower(all []string) []string {
	for i := range all {
		all[i] = strings.ToLower(all[i])
	}
	return all
}
