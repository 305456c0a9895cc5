package blitline

import (
	"strings"

	"github.com/ringback/ringback/services/internal/job"
)

// archive packs a list of files as they are: a job of the kind "zip" needs no functions.
func (t *translator) archive(doc loose) *job.Archive {
	list := doc.object("src").list("urls")
	if list == nil {
		list = doc.list("src")
	}
	if len(list) == 0 {
		t.refuse("source_unreadable", "A src of the kind 'zip' needs an object with a list of urls")
		return nil
	}
	a := &job.Archive{}
	for _, raw := range list {
		source := t.pictureSource(raw, "src")
		if source.URL == "" && source.Object == nil {
			t.refuse("source_unreadable", "A src of the kind 'zip' is a list of URLs and objects in S3 alone")
			return nil
		}
		a.Sources = append(a.Sources, job.Source{URL: source.URL, Object: source.Object})
	}
	data := doc.object("src_data")
	if most, given := data.number("preferred_zip_size"); given && most >= 1 {
		a.PartBytes = int64(min(most, 1<<40))
	}
	var destination *job.Destination
	if s3 := data.object("s3_destination"); len(s3) > 0 {
		d := *t.s3(s3, "").destination
		if d.Kind == job.DestinationS3 && !strings.Contains(d.Key[strings.LastIndexByte(d.Key, '/')+1:], ".") {
			d.Key += ".zip"
		}
		destination = &d
	}
	t.destinations = append(t.destinations, destination)
	return a
}
