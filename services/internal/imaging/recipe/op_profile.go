package recipe

// Space is a colour space that pixels can have between two steps.
type Space string

// The spaces.
const (
	// SRGB is red, green and blue by IEC 61966-2-1.
	SRGB Space = "srgb"
	// GraySpace is one channel with the transfer curve of sRGB.
	GraySpace Space = "gray"
)

// spaces lists every space.
var spaces = []Space{SRGB, GraySpace}

// ProfileOp converts to a colour space. Whatever profile a source has, its pixels are converted to sRGB, or to gray if
// they had one channel, before the first step that looks at them: so this only says how many channels there are.
type ProfileOp struct {
	// To is srgb, the default, which makes a gray picture one of three channels, or gray, the same as the operation
	// grayscale.
	To Space `json:"to,omitempty"`
}

// Name is profile.
func (*ProfileOp) Name() string { return "profile" }

// Actions converts.
func (o *ProfileOp) Actions(Size) ([]Action, error) {
	if o.To == GraySpace {
		return []Action{Gray{}}, nil
	}
	return []Action{Colours{}}, nil
}

func (o *ProfileOp) check(c *checker) { checkWord(c, "to", o.To, spaces) }
