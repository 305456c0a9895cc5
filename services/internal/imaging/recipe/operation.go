package recipe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Operation is what a step does, with its parameters. The implementations are in the files op_*.go, and listed in
// [Operations].
type Operation interface {
	// Name is the step's op.
	Name() string
	// Actions says what to do with a picture of the size. It fails with an [Error] when the picture does not suit.
	Actions(in Size) ([]Action, error)
	// check reports parameters out of their range.
	check(c *checker)
}

// Operations makes an empty operation by its name. It is the one list of them.
var Operations = map[string]func() Operation{
	"resize":        func() Operation { return new(ResizeOp) },
	"fit":           func() Operation { return new(FitOp) },
	"limit":         func() Operation { return new(LimitOp) },
	"fill":          func() Operation { return new(FillOp) },
	"pad":           func() Operation { return new(PadOp) },
	"crop":          func() Operation { return new(CropOp) },
	"aspect":        func() Operation { return new(AspectOp) },
	"trim":          func() Operation { return new(TrimOp) },
	"rotate":        func() Operation { return new(RotateOp) },
	"deskew":        func() Operation { return new(DeskewOp) },
	"shear":         func() Operation { return new(ShearOp) },
	"distort":       func() Operation { return new(DistortOp) },
	"flip":          func() Operation { return new(FlipOp) },
	"orient":        func() Operation { return new(OrientOp) },
	"extend":        func() Operation { return new(ExtendOp) },
	"border":        func() Operation { return new(BorderOp) },
	"density":       func() Operation { return new(DensityOp) },
	"retime":        func() Operation { return new(RetimeOp) },
	"round":         func() Operation { return new(RoundOp) },
	"mask":          func() Operation { return new(MaskOp) },
	"blur":          func() Operation { return new(BlurOp) },
	"sharpen":       func() Operation { return new(SharpenOp) },
	"grayscale":     func() Operation { return new(GrayscaleOp) },
	"sepia":         func() Operation { return new(SepiaOp) },
	"negate":        func() Operation { return new(NegateOp) },
	"threshold":     func() Operation { return new(ThresholdOp) },
	"brightness":    func() Operation { return new(BrightnessOp) },
	"contrast":      func() Operation { return new(ContrastOp) },
	"exposure":      func() Operation { return new(ExposureOp) },
	"highlights":    func() Operation { return new(HighlightsOp) },
	"shadows":       func() Operation { return new(ShadowsOp) },
	"saturation":    func() Operation { return new(SaturationOp) },
	"vibrance":      func() Operation { return new(VibranceOp) },
	"hue":           func() Operation { return new(HueOp) },
	"gamma":         func() Operation { return new(GammaOp) },
	"modulate":      func() Operation { return new(ModulateOp) },
	"levels":        func() Operation { return new(LevelsOp) },
	"channels":      func() Operation { return new(ChannelsOp) },
	"normalize":     func() Operation { return new(NormalizeOp) },
	"equalize":      func() Operation { return new(EqualizeOp) },
	"enhance":       func() Operation { return new(EnhanceOp) },
	"tint":          func() Operation { return new(TintOp) },
	"colorize":      func() Operation { return new(ColorizeOp) },
	"duotone":       func() Operation { return new(DuotoneOp) },
	"monochrome":    func() Operation { return new(MonochromeOp) },
	"opacity":       func() Operation { return new(OpacityOp) },
	"fade":          func() Operation { return new(FadeOp) },
	"clear_color":   func() Operation { return new(ClearColorOp) },
	"replace_color": func() Operation { return new(ReplaceColorOp) },
	"quantize":      func() Operation { return new(QuantizeOp) },
	"flatten":       func() Operation { return new(FlattenOp) },
	"profile":       func() Operation { return new(ProfileOp) },
	"unsharp":       func() Operation { return new(UnsharpOp) },
	"median":        func() Operation { return new(MedianOp) },
	"pixelate":      func() Operation { return new(PixelateOp) },
	"vignette":      func() Operation { return new(VignetteOp) },
	"edge":          func() Operation { return new(EdgeOp) },
	"emboss":        func() Operation { return new(EmbossOp) },
	"sketch":        func() Operation { return new(SketchOp) },
	"oil_paint":     func() Operation { return new(OilPaintOp) },
	"tilt_shift":    func() Operation { return new(TiltShiftOp) },
	"denoise":       func() Operation { return new(DenoiseOp) },
	"halftone":      func() Operation { return new(HalftoneOp) },
	"shadow":        func() Operation { return new(ShadowOp) },
	"outline":       func() Operation { return new(OutlineOp) },
	"overlay":       func() Operation { return new(OverlayOp) },
	"text":          func() Operation { return new(TextOp) },
	"line":          func() Operation { return new(LineOp) },
	"rectangle":     func() Operation { return new(RectangleOp) },
	"ellipse":       func() Operation { return new(EllipseOp) },
	"append":        func() Operation { return new(AppendOp) },
	"grid":          func() Operation { return new(GridOp) },
	"sprite":        func() Operation { return new(SpriteOp) },
	"animate":       func() Operation { return new(AnimateOp) },
	"document":      func() Operation { return new(DocumentOp) },
}

// Operation reads the step's operation, or returns nil for a step that passes its picture on. It fails with an [Error]
// when the step would not pass [Recipe.Validate].
func (s Step) Operation() (Operation, error) {
	var c checker
	op := c.operation(s, "step")
	if len(c.found) > 0 {
		return nil, Errorf(InvalidParams, "%s", c.found[0].Error())
	}
	return op, nil
}

// Apply lists the actions that the step takes on a picture of the size, and the size after them. It fails with an
// [Error], also when the result would be too large.
func (s Step) Apply(in Size) ([]Action, Size, error) {
	op, err := s.Operation()
	if op == nil || err != nil {
		return nil, in, err
	}
	actions, err := op.Actions(in)
	if err != nil {
		return nil, in, err
	}
	for _, action := range actions {
		in = action.Result(in)
		if err := ceilings().CheckStep(in, 1); err != nil {
			return nil, in, err
		}
	}
	return actions, in, nil
}

// checker gathers what is wrong with a recipe.
type checker struct {
	path   string
	found  []*Problem
	layers int // how many layers enclose the steps at hand
	laid   int // how many layers are laid over other layers
}

// wrong reports a parameter of the operation at hand.
func (c *checker) wrong(param string, value any, want string, args ...any) {
	c.report(c.path+"."+param, value, want, args...)
}

func (c *checker) report(path string, value any, want string, args ...any) {
	c.found = append(c.found, &Problem{Path: path, Value: value, Want: fmt.Sprintf(want, args...)})
}

// within checks an optional number.
func (c *checker) within(param string, value *float64, low, high float64) {
	if value != nil && !(*value >= low && *value <= high) {
		c.wrong(param, *value, "a number from %g to %g", low, high)
	}
}

// between checks a number that is 0 when absent.
func (c *checker) between(param string, value, low, high float64) {
	if !(value >= low && value <= high) {
		c.wrong(param, value, "a number from %g to %g", low, high)
	}
}

// gravity checks a gravity; empty is none.
func (c *checker) gravity(gravity Gravity) {
	if gravity != "" && !slices.Contains(Gravities, gravity) {
		c.wrong("gravity", gravity, "one of %s", join(Gravities))
	}
}

// operation reads and checks the operation of the step at the path.
func (c *checker) operation(s Step, path string) Operation {
	c.path = path + ".params"
	params := bytes.TrimSpace(s.Params)
	if s.Op == "" {
		if len(params) > 0 && string(params) != "null" {
			c.report(path+".op", "", "the name of the operation that the params are for")
		}
		return nil
	}
	newOp, known := Operations[s.Op]
	if !known {
		want, refused := Refused[s.Op]
		if !refused {
			want = "one of " + join(names())
		}
		c.report(path+".op", s.Op, "%s", want)
		return nil
	}
	op, before := newOp(), len(c.found)
	c.decode(params, op)
	if len(c.found) == before {
		op.check(c)
	}
	return op
}

// decode fills the operation's fields one by one, so that every wrong one is named and not only the first.
func (c *checker) decode(params []byte, op Operation) {
	if len(params) == 0 || string(params) == "null" {
		return
	}
	given := map[string]json.RawMessage{}
	if json.Unmarshal(params, &given) != nil {
		c.report(c.path, json.RawMessage(params), "an object with the parameters of %s", op.Name())
		return
	}
	known := c.fields(given, reflect.ValueOf(op).Elem())
	want := "no parameters: " + op.Name() + " takes none"
	if len(known) > 0 {
		want = fmt.Sprintf("a parameter of %s: %s", op.Name(), strings.Join(known, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		c.wrong(name, given[name], "%s", want)
	}
}

// fields fills a struct's fields and those of the structs that it embeds, takes them away from what is given, and returns
// their names.
func (c *checker) fields(given map[string]json.RawMessage, into reflect.Value) (known []string) {
	for i := range into.NumField() {
		field := into.Type().Field(i)
		if field.Anonymous {
			known = append(known, c.fields(given, into.Field(i))...)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		known = append(known, name)
		raw, ok := given[name]
		if ok && !read(raw, into.Field(i).Addr().Interface()) {
			c.wrong(name, raw, "%s", kindOf(field.Type))
		}
		delete(given, name)
	}
	return known
}

// read fills a field with what is given. It returns false for another type, for null anywhere, and for a field within
// that is not there.
func read(raw json.RawMessage, field any) bool {
	tokens := json.NewDecoder(bytes.NewReader(raw))
	for token, err := tokens.Token(); err == nil; token, err = tokens.Token() {
		if token == nil {
			return false
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(field) == nil
}

// kindOf says in words what a field holds.
func kindOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if own, ok := reflect.TypeAssert[interface{ kind() string }](reflect.Zero(t)); ok {
		return own.kind()
	}
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		if t.Elem() == reflect.TypeFor[Step]() {
			return "a list of steps with op and params"
		}
		return "a list"
	default:
		return "a text"
	}
}

// index names an entry of a list.
func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// Refused are functions of other services that no operation can stand for, with what a client is told instead.
var Refused = map[string]string{
	"convert_command": "an operation: libvips makes the pictures here, and command lines of ImageMagick cannot be run",
	"script":          "an operation: libvips makes the pictures here, and scripts cannot be run",
}

// names lists the operations in the order of the alphabet.
func names() []string { return slices.Sorted(maps.Keys(Operations)) }

// join lists words for a person.
func join[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}
