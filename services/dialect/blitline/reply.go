package blitline

import (
	"errors"
	"strings"

	"github.com/ringback/ringback/services/internal/job"
)

// Answer is what became of one job of a [Request]: accepted, or not.
type Answer struct {
	// Job is the accepted job; its locations are the addresses that the reply promises.
	Job     job.Job
	Details Details
	// Error says why the job was not accepted, as a sentence; empty when it was.
	Error string
}

// address is where an image is, under the name that its destination gives it; at most one of the fields is set.
type address struct {
	S3    *string `json:"s3_url,omitempty"`
	Azure *string `json:"azure_url,omitempty"`
	FTP   *string `json:"ftp_path,omitempty"`
	Key   string  `json:"s3_key,omitempty"`
}

func (i Image) address(url string) address {
	switch i.Field {
	case "azure_url":
		return address{Azure: &url}
	case "ftp_path":
		return address{FTP: &url}
	default:
		return address{S3: &url, Key: i.Key}
	}
}

type promisedImage struct {
	Identifier string `json:"image_identifier"`
	address
}

type acceptedNode struct {
	Images []promisedImage `json:"images"`
	JobID  string          `json:"job_id"`
	Group  string          `json:"group_completion_job_id,omitempty"`
}

// AcceptReply writes the reply to a request: one answer for each of its jobs, in their order, as a list when the
// client sent a list.
func AcceptReply(isArray bool, answers []Answer) []byte {
	nodes := []any{}
	for _, a := range answers {
		nodes = append(nodes, a.node())
	}
	if isArray || len(nodes) != 1 {
		return encode(document{nodes})
	}
	return encode(document{nodes[0]})
}

func (a Answer) node() any {
	if a.Error != "" {
		return errorNode{a.Error}
	}
	node := acceptedNode{Images: []promisedImage{}, JobID: a.Job.ID.Blitline()}
	if a.Details.Group {
		node.Group = node.JobID
	}
	for i, image := range a.Details.Images {
		promised := promisedImage{Identifier: image.Identifier, address: image.address("")}
		if i < len(a.Job.Locations) {
			promised.address = image.address(a.Job.Locations[i].URL)
		}
		node.Images = append(node.Images, promised)
	}
	return node
}

// NoVectors is the sentence for a request to convert one vector drawing into another.
const NoVectors = "Vector drawings cannot be converted into others: libvips reads SVG and PDF, but writes pictures of pixels alone; " +
	"post a job with a function and a save to draw it as a picture"

// ErrorReply writes the reply to a request of which nothing was accepted. isArray gives it the shape of a list.
func ErrorReply(isArray bool, sentence string) []byte {
	return AcceptReply(isArray, []Answer{{Error: sentence}})
}

// Sentence is what [ErrorReply] should say about an error of [Parse].
func Sentence(err error) string {
	text := err.Error()
	if errors.Is(err, ErrInvalidRequest) {
		text = strings.TrimPrefix(text, ErrInvalidRequest.Error()+": ")
	}
	return "The request could not be read: " + text
}

// PollReply writes the reply to the format's oldest poll, of which one field is known: whether the job is done.
func PollReply(done bool) []byte {
	return encode(struct {
		IsComplete bool `json:"is_complete"`
	}{done})
}
