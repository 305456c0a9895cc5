package recipe

// Overlay lays a further picture over this one.
type Overlay struct {
	local
	Picture string
	// Steps are applied to the layer first.
	Steps   []Step
	Anchor  Anchor
	Opacity float64
	Blend   Blend
	Tile    bool
	Grow    bool
}

// Writing is a text on the picture, in a box of its own.
type Writing struct {
	local
	Text          string
	Font          string
	Size          float64 // pixels
	Weight        int     // 0 for the font's own
	Italic        bool
	Decoration    string // underline, strikethrough or empty
	Color         Colour
	Width         int // 0 never wraps
	Height        int // 0 takes the size as it is
	Align         string
	LineSpacing   int
	LetterSpacing float64
	Outline       float64
	OutlineColor  Colour
	Shadow        Colour // clear for none
	ShadowX       int
	ShadowY       int
	ShadowBlur    float64
	Background    Colour // clear for none
	Padding       int
	Degrees       float64
	Anchor        Anchor
	Opacity       float64
}

// Assembly puts this picture and further ones together, this one first: on one sheet, or one on each frame.
type Assembly struct {
	local
	Pictures []string
	// Others leaves this picture out.
	Others bool
	// Steps are applied to each of the further pictures first.
	Steps []Step
	// Arrange says, for the sizes of all pictures, where each goes on the sheet or in its frame, and how large that is.
	Arrange    func(sizes []Size) (cells []Sprite, sheet Size)
	Background Colour
	// Frames makes one frame of each picture, shown for so many milliseconds; Loop is how often they play, 0 for ever.
	Frames bool
	Delays []int
	Loop   int
	// Sprites tells the cells with the output.
	Sprites bool
}
