package imaging

import (
	"errors"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// jobCodes and outputCodes are what a renderer may say; any other word from it is a breach of the protocol.
var (
	jobCodes = []recipe.Code{
		recipe.SourceUnreadable, recipe.SourceTruncated, recipe.SourceTooLarge, recipe.UnsupportedFormat,
		recipe.PageMissing,
	}
	outputCodes = []recipe.Code{
		recipe.OutputTooLarge, recipe.CropOutside, recipe.InvalidParams, recipe.RenderFailed,
		recipe.PictureUnreadable, recipe.TooManyBytes,
	}
)

// ErrClosed is returned when the pool was closed before the picture was done. The picture may be tried again elsewhere.
var ErrClosed = errors.New("renderer pool is closed")

// ErrBusy is returned for a document when as many wait for their renderers as there are of them. It may be tried again
// soon; until then it holds up no other picture.
var ErrBusy = errors.New("renderers of documents are busy")
