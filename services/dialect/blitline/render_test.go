package blitline_test

import (
	"bytes"
	"image"
	"image/draw"
	_ "image/jpeg"
	_ "image/png"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

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
	program := filepath.Join(t.TempDir(), "ringback-render")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/ringback-render").CombinedOutput(); err != nil {
		t.Fatalf("build the renderer: %v\n%s", err, said)
	}
	config := imaging.DefaultConfig()
	config.Executable, config.Workers, config.Documents = program, 1, 0
	pool, err := imaging.NewPool(config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	cat, further := testPhoto(t, "cat.jpg"), testPhoto(t, "coffee.jpg")
	before := pixelsOf(t, renderOnce(t, pool, imaging.Request{Recipe: parseOne(t, functionJob("no_op", "{}")).Recipe, Source: cat}).Data)
	for _, line := range documentedFunctions(t) {
		if line.likeness == "refused" {
			continue
		}
		t.Run(line.name, func(t *testing.T) {
			job := parseOne(t, functionJob(line.name, line.example))
			request := imaging.Request{Recipe: job.Recipe, Source: cat, Pictures: map[string][]byte{}}
			for name := range job.Pictures {
				request.Pictures[name] = further
			}
			after := pixelsOf(t, renderOnce(t, pool, request).Data)
			want, other := sizes[line.name]
			if !other {
				want = before.Rect.Size()
			}
			if got := after.Rect.Size(); got != want && want != (image.Point{}) {
				t.Errorf("size is %v, want %v", got, want)
			}
			same := after.Rect == before.Rect && bytes.Equal(after.Pix, before.Pix)
			if same != unchanged[line.name] {
				t.Errorf("the pixels are the same: %v, want %v", same, unchanged[line.name])
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
