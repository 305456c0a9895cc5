package recipe

// GrayscaleOp drops the colours: libvips' conversion to b-w, which weighs linear light by 0.2 R + 0.7 G + 0.1 B, near
// to Rec. 709. It takes no parameters.
type GrayscaleOp struct{}

// Name is grayscale.
func (*GrayscaleOp) Name() string { return "grayscale" }

// Actions drops the colours.
func (*GrayscaleOp) Actions(Size) ([]Action, error) { return []Action{Gray{}}, nil }

func (*GrayscaleOp) check(*checker) {}
