package recipe

// Sprite is where one picture lies on a sprite sheet, in pixels from the upper left corner.
type Sprite struct {
	// Name is the picture's name in the recipe; empty for the sheet's own source unless the recipe names it.
	Name   string `json:"name"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}
