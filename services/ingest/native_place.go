package ingest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

// addPlaces puts what the request names of the application's sources and destinations into the order.
func (o *order) addPlaces(app application.Application, submission native.Submission) error {
	var wrong []native.FieldError
	source := func(field string, at native.Place) job.Source {
		place, ok := app.Source(at.Name)
		if !ok {
			wrong = append(wrong, native.FieldError{Field: field + ".source", Value: at.Name, Want: "one of the application's sources"})
			return job.Source{}
		}
		found, err := storage.From(place, at.Key)
		if err != nil {
			wrong = append(wrong, native.FieldError{Field: field + ".key", Value: native.Shown(at.Key), Want: "another one: " + err.Error()})
		}
		return found
	}
	if at := submission.Source.Place; at.Name != "" {
		o.job.Source = source("source", at)
	}
	for _, name := range slices.Sorted(maps.Keys(submission.Pictures)) {
		if at := submission.Pictures[name].Place; at.Name != "" {
			o.job.Pictures[name] = source("pictures."+name, at)
		}
	}
	for i, places := range submission.Destinations {
		var to []job.Destination
		for _, at := range places {
			field := fmt.Sprintf("destinations of the output %d", i)
			place, ok := app.Destination(at.Name)
			if !ok {
				wrong = append(wrong, native.FieldError{Field: field, Value: at.Name, Want: "one of the application's destinations"})
				continue
			}
			one, err := storage.To(place, at.Key)
			if err != nil {
				wrong = append(wrong, native.FieldError{Field: field, Value: native.Shown(at.Key), Want: "another key: " + err.Error()})
			}
			to = append(to, one)
		}
		o.record.Destinations = append(o.record.Destinations, to)
	}
	if wrong == nil {
		return nil
	}
	p := native.NewProblem(native.InvalidRequest, "The request names places that the application does not have.")
	p.Errors = wrong
	return p
}
