package parameter_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/dialect/dialecttest"
	"github.com/ringback/ringback/services/internal/imaging"
)

// encoded is a picture as a PNG.
func encoded(t *testing.T, width, height int, at func(x, y int) color.NRGBA) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, at(x, y))
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

var (
	red, blue, white = color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255}, color.NRGBA{R: 255, G: 255, B: 255, A: 255}
	gray             = color.NRGBA{R: 128, G: 128, B: 128, A: 255}
)

// rendered makes the picture of parameters, of a source; all further pictures are logo.
func rendered(t *testing.T, pool *imaging.Pool, text string, source, logo []byte) imaging.Rendered {
	t.Helper()
	made, err := translate(t, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	request := imaging.Request{Recipe: made.Recipe, Source: source, Pictures: map[string][]byte{}}
	for name, picture := range made.Pictures {
		request.Pictures[name] = logo
		if picture.Inline != "" {
			if request.Pictures[name], err = base64.StdEncoding.DecodeString(picture.Inline); err != nil {
				t.Fatal(err)
			}
		}
	}
	response, err := pool.Render(t.Context(), request)
	if err != nil || len(response.Failures) > 0 || len(response.Outputs) != 1 {
		t.Fatalf("%s: error %v, failures %v, %d outputs", text, err, response.Failures, len(response.Outputs))
	}
	return response.Outputs[0]
}

// unchanged are examples that leave the pixels of a photograph alone: they change the file, or have nothing to do.
var unchanged = []string{"trim", "trim-color", "trim-tol", "trim-md", "trim-sd", "trim-pad", "trim-alpha", "page", "frame", "fps", "loop", "cs"}

func TestEveryExampleRenders(t *testing.T) {
	t.Parallel()
	pool := dialecttest.Renderer(t)
	cat, err := os.ReadFile("../../../internal/imaging/testdata/photos/cat.jpg")
	if err != nil {
		t.Fatal(err)
	}
	logo := encoded(t, 40, 40, func(x, y int) color.NRGBA {
		if x+y < 40 {
			return red
		}
		return color.NRGBA{}
	})
	before := rendered(t, pool, "fm=png", cat, logo)
	for _, line := range documentation(t) {
		if line.Refused() {
			continue
		}
		t.Run(line.Name, func(t *testing.T) {
			text := line.Example
			if !strings.Contains(text, "fm=") {
				text += "&fm=png"
			}
			out := rendered(t, pool, text, cat, logo)
			if len(out.Data) == 0 || !strings.HasSuffix(text, "fm=png") {
				return
			}
			same := out.Width == before.Width && out.Height == before.Height && samePixels(t, out.Data, before.Data)
			if want := slices.Contains(unchanged, line.Name); same != want {
				t.Errorf("%s: the pixels are the same: %v, want %v", text, same, want)
			}
		})
	}
}

func pixels(t *testing.T, file []byte) *image.NRGBA {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	plain := image.NewNRGBA(img.Bounds())
	for y := range plain.Rect.Dy() {
		for x := range plain.Rect.Dx() {
			plain.Set(x, y, img.At(x, y))
		}
	}
	return plain
}

func samePixels(t *testing.T, a, b []byte) bool {
	t.Helper()
	return bytes.Equal(pixels(t, a).Pix, pixels(t, b).Pix)
}

// TestRender_ShowsWhatWasAskedFor looks at single pixels. The source is 90 × 60, red on its left half and blue on its right.
func TestRender_ShowsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	pool := dialecttest.Renderer(t)
	halves := encoded(t, 90, 60, func(x, _ int) color.NRGBA {
		if x < 45 {
			return red
		}
		return blue
	})
	logo := encoded(t, 10, 10, func(int, int) color.NRGBA { return white })
	for _, row := range []struct {
		query      string
		size, at   image.Point
		want       color.NRGBA
		difference int
	}{
		{"w=60&h=60&fit=crop&crop=left", image.Pt(60, 60), image.Pt(50, 30), blue, 6},
		{"w=40&h=60&fit=crop&crop=left", image.Pt(40, 60), image.Pt(39, 30), red, 6},
		{"w=40&h=60&fit=crop&crop=right", image.Pt(40, 60), image.Pt(1, 30), blue, 6},
		{"w=90&h=90&fit=fill&fill=4bcffa", image.Pt(90, 90), image.Pt(45, 5), color.NRGBA{0x4b, 0xcf, 0xfa, 255}, 2},
		{"w=90&h=90&fit=fill&fill=solid&fill-color=80ff0000", image.Pt(90, 90), image.Pt(45, 5), color.NRGBA{255, 0, 0, 128}, 2},
		{"w=90&h=90&fit=fill", image.Pt(90, 90), image.Pt(45, 5), white, 0},
		{"w=90&h=90&fit=clamp", image.Pt(90, 90), image.Pt(5, 5), red, 6},
		{"rect=45,0,20,20", image.Pt(20, 20), image.Pt(1, 1), blue, 0},
		{"flip=h", image.Pt(90, 60), image.Pt(5, 5), blue, 0},
		{"rot=90", image.Pt(60, 90), image.Pt(30, 5), blue, 0}, // counter-clockwise: the right side comes to the top
		{"orient=90", image.Pt(60, 90), image.Pt(30, 5), red, 0},
		{"invert=true", image.Pt(90, 60), image.Pt(5, 5), color.NRGBA{0, 255, 255, 255}, 0},
		{"bri=-100", image.Pt(90, 60), image.Pt(5, 5), color.NRGBA{A: 255}, 0},
		{"con=-100", image.Pt(90, 60), image.Pt(5, 5), gray, 1},
		{"mark=logo.png", image.Pt(90, 60), image.Pt(84, 54), white, 0},
		{"mark=logo.png", image.Pt(90, 60), image.Pt(86, 56), blue, 0},
		{"mark=logo.png&mark-align=top,left&mark-pad=0", image.Pt(90, 60), image.Pt(0, 0), white, 0},
		{"mark=logo.png&mark-x=40&mark-y=20", image.Pt(90, 60), image.Pt(40, 20), white, 0},
		{"blend=00ff00&blend-mode=normal&blend-alpha=50", image.Pt(90, 60), image.Pt(5, 5), color.NRGBA{128, 128, 0, 255}, 2},
		{"blend=8000ff00&blend-mode=normal", image.Pt(90, 60), image.Pt(5, 5), color.NRGBA{127, 128, 0, 255}, 2},
		{"mask=ellipse&mask-bg=0f0", image.Pt(90, 60), image.Pt(1, 1), color.NRGBA{G: 255, A: 255}, 2},
		{"border=5,navy&border-top=0", image.Pt(100, 65), image.Pt(2, 30), color.NRGBA{B: 128, A: 255}, 0},
		{"pad=5&bg=0f0", image.Pt(100, 70), image.Pt(2, 2), color.NRGBA{G: 255, A: 255}, 0},
		{"px=100", image.Pt(90, 60), image.Pt(45, 30), color.NRGBA{128, 0, 128, 255}, 3},
	} {
		out := rendered(t, pool, row.query+"&fm=png", halves, logo)
		if got := image.Pt(out.Width, out.Height); got != row.size {
			t.Errorf("%s: %v, want %v", row.query, got, row.size)
			continue
		}
		got := pixels(t, out.Data).NRGBAAt(row.at.X, row.at.Y)
		for _, pair := range [][2]uint8{{got.R, row.want.R}, {got.G, row.want.G}, {got.B, row.want.B}, {got.A, row.want.A}} {
			if d := int(pair[0]) - int(pair[1]); max(d, -d) > row.difference {
				t.Errorf("%s: the pixel at %v is %v, want %v", row.query, row.at, got, row.want)
				break
			}
		}
	}
}
