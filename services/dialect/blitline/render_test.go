package blitline_test

import (
	"bytes"
	"image"
	"image/draw"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/ringback/ringback/services/dialect/dialecttest"
	"github.com/ringback/ringback/services/internal/imaging"
)

// sizes are what the examples of README.md make of a picture of 451 × 300 pixels, where that is not its own size. The
// further pictures have 600 × 400.
var sizes = map[string]image.Point{
	"resize_to_fit":           {150, 100},
	"resize_to_fill":          {200, 200},
	"resize_to_fit_with_wrap": {301, 200},
	"resize":                  {226, 150},
	"scale":                   {200, 200},
	"thumbnail":               {100, 50},
	"pad_resize_to_fit":       {300, 300},
	"crop":                    {100, 80},
	"crop_to_square":          {300, 300},
	"imagga_smart_crop":       {150, 150},
	"rotate":                  {531, 531},
	"deskew":                  {},
	"pad":                     {451, 320},
	"resample":                {226, 150},
	"append":                  {600, 300 + 2*400},
	"image_grid":              {204, 80},
	"photograph":              {},
	"trim":                    {},
}

// unchanged are functions whose example leaves this picture's pixels alone: they change the file, or have nothing to do.
var unchanged = map[string]bool{
	"no_op": true, "density": true, "convert_to_dpi": true, "interlace": true, "delete_profile": true,
	"background_color": true, "deskew": true, "trim": true,
}

func TestEveryFunctionRenders(t *testing.T) {
	t.Parallel()
	pool := dialecttest.Renderer(t)
	cat, further := testPhoto(t, "cat.jpg"), testPhoto(t, "coffee.jpg")
	before := pixelsOf(t, renderOnce(t, pool, imaging.Request{Recipe: parseOne(t, functionJob("no_op", "{}")).Recipe, Source: cat}).Data)
	for _, line := range documentedFunctions(t) {
		if line.Refused() {
			continue
		}
		t.Run(line.Name, func(t *testing.T) {
			job := parseOne(t, functionJob(line.Name, line.Example))
			request := imaging.Request{Recipe: job.Recipe, Source: cat, Pictures: map[string][]byte{}}
			for name := range job.Pictures {
				request.Pictures[name] = further
			}
			after := pixelsOf(t, renderOnce(t, pool, request).Data)
			want, other := sizes[line.Name]
			if !other {
				want = before.Rect.Size()
			}
			if got := after.Rect.Size(); got != want && want != (image.Point{}) {
				t.Errorf("size is %v, want %v", got, want)
			}
			same := after.Rect == before.Rect && bytes.Equal(after.Pix, before.Pix)
			if same != unchanged[line.Name] {
				t.Errorf("the pixels are the same: %v, want %v", same, unchanged[line.Name])
			}
		})
	}
}

func renderOnce(t *testing.T, pool *imaging.Pool, request imaging.Request) imaging.Rendered {
	t.Helper()
	response, err := pool.Render(t.Context(), request)
	if err != nil || len(response.Failures) > 0 || len(response.Outputs) != 1 {
		t.Fatalf("error %v, failures %v, %d outputs", err, response.Failures, len(response.Outputs))
	}
	return response.Outputs[0]
}

func testPhoto(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../internal/imaging/testdata/photos", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func pixelsOf(t *testing.T, file []byte) *image.NRGBA {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	flat := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(flat, flat.Rect, img, img.Bounds().Min, draw.Src)
	return flat
}
