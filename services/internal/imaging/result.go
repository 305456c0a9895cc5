package imaging

import "github.com/ringback/ringback/services/internal/imaging/recipe"

// Request is one picture and what to make of it.
type Request struct {
	// Recipe has passed [Recipe.Validate].
	Recipe recipe.Recipe
	// Source is the file, as it was fetched.
	Source []byte
	// Progress, if set, is called after each output with the number that are done, failed ones among them, and of all.
	// It runs on the goroutine that reads from the renderer and must not block.
	Progress func(done, total int)
}

// Response is what became of a request. Every output of the recipe is in Outputs or in Failures, once.
type Response struct {
	Source   Facts
	Outputs  []Rendered
	Failures []Failure
}

// Facts describe a source.
type Facts struct {
	// Width and Height are of the upright picture, one frame of it.
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
	// Bytes is the size of the file.
	Bytes int64 `json:"bytes"`
}

// Rendered is one output, encoded.
type Rendered struct {
	ID string `json:"id"`
	// Index is the output's place in [Recipe.Outputs].
	Index  int    `json:"index"`
	Format string `json:"format"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Data   []byte `json:"-"`
}

// Failure is one output that could not be made, while others may have been.
type Failure struct {
	ID string `json:"id"`
	// Index is the output's place in [Recipe.Outputs].
	Index int         `json:"index"`
	Code  recipe.Code `json:"code"`
	// Message is meant for the client.
	Message string `json:"message"`
}
