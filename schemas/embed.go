// Package schemas holds every contract of Ringback as files: JSON Schemas of what goes in and comes out, the XML schema
// of the media callback, and the lists of routes (OpenAPI) and of subjects (AsyncAPI). README.md is the index.
//
// The name of a schema is its path here, such as native/job.json; its $id is /schemas/ and that name. Documents that it
// takes and refuses are in examples, in the folder of the same name without its ending.
package schemas

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// FS holds all files by their paths.
//
//go:embed blitline cloudinary events examples filemobile native pixta asyncapi.json openapi.json
var FS embed.FS

// IDPrefix and the name of a JSON Schema make its $id, and its address on an installation.
const IDPrefix = "/schemas/"

// Lookup returns a file by its name, such as native/job.json. The error is [fs.ErrNotExist] when there is none.
func Lookup(name string) ([]byte, error) {
	body, err := FS.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("look up schema %q: %w", name, err)
	}
	return body, nil
}

// Names lists every JSON Schema and XML schema in the order of the alphabet.
func Names() ([]string, error) {
	var names []string
	for _, folder := range []string{"blitline", "cloudinary", "events", "filemobile", "native", "pixta"} {
		files, err := fs.Glob(FS, folder+"/*")
		if err != nil {
			return nil, fmt.Errorf("list schemas: %w", err)
		}
		names = append(names, files...)
	}
	slices.Sort(names)
	return names, nil
}

// Example is a document that a schema takes or refuses.
type Example struct {
	// Name is the path of the file.
	Name  string
	Valid bool
	Body  []byte
}

// Examples returns the examples of a schema. It fails when a file is called neither valid-… nor invalid-….
func Examples(name string) ([]Example, error) {
	folder := "examples/" + strings.TrimSuffix(name, path.Ext(name))
	files, err := fs.ReadDir(FS, folder)
	if err != nil {
		return nil, fmt.Errorf("list examples of %q: %w", name, err)
	}
	var examples []Example
	for _, file := range files {
		valid := strings.HasPrefix(file.Name(), "valid-")
		if !valid && !strings.HasPrefix(file.Name(), "invalid-") {
			return nil, fmt.Errorf("example %s/%s is neither valid- nor invalid-", folder, file.Name())
		}
		body, err := FS.ReadFile(folder + "/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("read example of %q: %w", name, err)
		}
		examples = append(examples, Example{Name: folder + "/" + file.Name(), Valid: valid, Body: body})
	}
	return examples, nil
}

// ForType names the JSON Schema of the data of an event type, such as events/job.result.v1.json for
// dev.ringback.job.failed.v1. It is false for a type without data and for any other text.
func ForType(eventType string) (name string, ok bool) {
	switch eventType {
	case "dev.ringback.job.completed.v1", "dev.ringback.job.partial.v1", "dev.ringback.job.failed.v1":
		return "events/job.result.v1.json", true
	case "dev.ringback.job.progress.v1":
		return "events/job.progress.v1.json", true
	case "dev.ringback.media.changed.v1":
		return "events/media.changed.v1.json", true
	case "dev.ringback.delivery.delivered.v1", "dev.ringback.delivery.scheduled.v1", "dev.ringback.delivery.held.v1",
		"dev.ringback.delivery.exhausted.v1":
		return "events/delivery.v1.json", true
	case "dev.ringback.endpoint.failing.v1", "dev.ringback.endpoint.recovered.v1", "dev.ringback.endpoint.disabled.v1":
		return "events/endpoint.v1.json", true
	}
	return "", false
}
