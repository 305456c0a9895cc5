package blitline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
)

// maxJob bounds the JSON of one job, in bytes: the documented 250,000 characters.
const maxJob = 250_000

// ErrInvalidRequest is returned when a body holds no job at all: it is cut short, or neither JSON nor a form with JSON
// in its field json. What is wrong with a single job is in [Submission.Error] instead.
var ErrInvalidRequest = errors.New("invalid request")

// Request is one POST to /job.
type Request struct {
	Jobs []Submission
	// IsArray tells that the client sent a list, be it of one job; the reply has the same shape.
	IsArray bool
}

// Parse reads the body of a POST to /job in any encoding that the clients of the format use: the job or a list of jobs
// as JSON, bare or under the key json, there also as a string of JSON; or the same JSON in the field json of a form,
// URL-encoded or multipart. query may hold the application_id of jobs that have none. It fails with
// [ErrInvalidRequest].
func Parse(contentType string, body []byte, query url.Values) (Request, error) {
	document, err := unwrapBody(contentType, body)
	if err != nil {
		return Request{}, err
	}
	jobs, isArray, err := unwrapJSON(document, true)
	if err != nil {
		return Request{}, err
	}
	r := Request{IsArray: isArray}
	for _, raw := range jobs {
		r.Jobs = append(r.Jobs, parseJob(raw, query.Get("application_id")))
	}
	return r, nil
}

// unwrapBody takes the JSON out of a form. A body that starts as JSON is taken as JSON whatever its content type says,
// because command-line clients send bare jobs under the content type of forms.
func unwrapBody(contentType string, body []byte) ([]byte, error) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return body, nil
	}
	media, params, _ := mime.ParseMediaType(contentType) // a broken content type is one that says nothing
	if media == "multipart/form-data" {
		return multipartField(body, params["boundary"])
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !form.Has("json") {
		return nil, fmt.Errorf("%w: neither JSON nor a form with the field json", ErrInvalidRequest)
	}
	return []byte(form.Get("json")), nil
}

func multipartField(body []byte, boundary string) ([]byte, error) {
	form := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, fmt.Errorf("%w: no part named json in the form", ErrInvalidRequest)
		}
		if part.FormName() != "json" {
			continue
		}
		field, err := io.ReadAll(part)
		if err != nil {
			return nil, fmt.Errorf("%w: the part named json is cut short", ErrInvalidRequest)
		}
		return field, nil
	}
}

// unwrapJSON finds the jobs in a document. outer allows the key json, once.
func unwrapJSON(document []byte, outer bool) (jobs []json.RawMessage, isArray bool, err error) {
	document = bytes.TrimSpace(document)
	if !json.Valid(document) {
		return nil, false, fmt.Errorf("%w: the JSON is malformed or cut short", ErrInvalidRequest)
	}
	switch document[0] {
	case '[':
		err = json.Unmarshal(document, &jobs)
		if err != nil || len(jobs) == 0 {
			return nil, true, fmt.Errorf("%w: the list of jobs is empty", ErrInvalidRequest)
		}
		return jobs, true, nil
	case '{':
		fields, _ := openLoose(document)
		inner := fields.raw("json")
		if !outer || inner == nil {
			return []json.RawMessage{document}, false, nil
		}
		var text string
		if json.Unmarshal(inner, &text) == nil {
			inner = json.RawMessage(text)
		}
		return unwrapJSON(inner, false)
	}
	return nil, false, fmt.Errorf("%w: the JSON is neither a job nor a list of jobs", ErrInvalidRequest)
}
