package media

import (
	"time"

	"github.com/ringback/ringback/events"
)

// Ended puts the result of a job into an item. A failed job leaves the pictures of the one before; what was deleted gets
// none. at is when the result was stored.
func Ended(item *events.Media, result events.Result, at time.Time) {
	converted := result.State != events.StateFailed
	item.Job, item.ConvertedAt = result.ID, at.UTC()
	item.Status = Land(item.Status, converted)
	if id, err := events.ParseID(result.ID); err == nil && item.UploadedAt.IsZero() {
		item.UploadedAt = id.Time().UTC()
	}
	t := result.Timing
	item.ConversionMS = t.FetchMS + t.RenderMS + t.StoreMS
	if converted && !Deleted(item.Status) {
		item.Outputs = result.Outputs
	}
	if result.Source != nil {
		found(item, *result.Source)
	}
}

// found puts in what a renderer found out about the file. What people said of it stays.
func found(item *events.Media, source events.Source) {
	if item.File != nil {
		file := *item.File
		file.Width, file.Height = source.Width, source.Height
		item.File = &file
	}
	d := source.Details
	if d == nil {
		return
	}
	if item.Place == nil && d.Latitude != nil && d.Longitude != nil {
		item.Place = &events.MediaPlace{Latitude: *d.Latitude, Longitude: *d.Longitude}
	}
	if item.CreatedAt.IsZero() {
		item.CreatedAt = taken(d.EXIF)
	}
}

// taken is when a camera says that it took the picture, by a clock without a zone; zero when it says nothing.
func taken(exif map[string]string) time.Time {
	const layout = "2006:01:02 15:04:05"
	for _, name := range []string{"DateTimeOriginal", "DateTimeDigitized", "DateTime"} {
		if text := exif[name]; len(text) >= len(layout) {
			if at, err := time.Parse(layout, text[:len(layout)]); err == nil {
				return at
			}
		}
	}
	return time.Time{}
}
