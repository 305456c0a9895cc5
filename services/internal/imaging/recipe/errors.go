package recipe

import "fmt"

// Code names why a picture or an output failed. Codes are part of the public contract.
type Code string

// The codes of a whole job.
const (
	// SourceUnreadable is returned when the source is empty, no picture, or broken.
	SourceUnreadable Code = "source_unreadable"
	// SourceTruncated is returned when the source ends too early.
	SourceTruncated Code = "source_truncated"
	// SourceTooLarge is returned when the source has more pixels or frames than the limits allow.
	SourceTooLarge Code = "source_too_large"
	// UnsupportedFormat is returned when the source is a file of a kind that is not accepted.
	UnsupportedFormat Code = "unsupported_format"
	// PageMissing is returned when the source has none of the pages that were asked for.
	PageMissing Code = "page_missing"
	// PictureUnreadable is returned for an output whose further picture is no picture, broken or too large.
	PictureUnreadable Code = "picture_unreadable"
	// RendererCrashed is returned when the picture ended a renderer twice.
	RendererCrashed Code = "renderer_crashed"
	// RendererTimeout is returned when the picture was not done by its deadline.
	RendererTimeout Code = "renderer_timeout"
	// RendererOutOfMemory is returned when the picture needed more memory than a renderer may use.
	RendererOutOfMemory Code = "renderer_out_of_memory"
)

// The codes of one output.
const (
	// OutputTooLarge is returned when an output would exceed the largest edge or number of pixels.
	OutputTooLarge Code = "output_too_large"
	// CropOutside is returned when nothing of the picture lies within the crop.
	CropOutside Code = "crop_outside_picture"
	// InvalidParams is returned when an operation cannot be read; a validated recipe has none.
	InvalidParams Code = "invalid_params"
	// TooManyBytes is returned when an output cannot be made as small as asked for.
	TooManyBytes Code = "too_many_bytes"
	// RenderFailed is returned when an operation or the encoder refused the picture.
	RenderFailed Code = "render_failed"
)

// Error is a failure that the picture or the recipe caused. Its text is meant for the client and never comes from
// libvips, whose messages hold file paths and, at times, another picture's text.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Error returns the code and the message.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Errorf makes an [Error] with a formatted message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
