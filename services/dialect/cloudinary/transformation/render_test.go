package transformation_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/dialect/dialecttest"
	"github.com/ringback/ringback/services/internal/imaging"
)

// disc is the logo: a red disc on clear ground.
func disc(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, logo.Width, logo.Height))
	for y := range logo.Height {
		for x := range logo.Width {
			if dx, dy := x-logo.Width/2, y-logo.Height/2; dx*dx+dy*dy < logo.Width*logo.Width/4 {
				img.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
			}
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// rendered makes the picture of a transformation.
func rendered(t *testing.T, pool *imaging.Pool, text string) (imaging.Rendered, transformation.Translation) {
	t.Helper()
	if !strings.Contains(text, "f_") {
		text = strings.TrimPrefix(text+"/f_png", "/")
	}
	got, err := example(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	cat, err := os.ReadFile("../../../internal/imaging/testdata/photos/cat.jpg")
	if err != nil {
		t.Fatal(err)
	}
	request := imaging.Request{Recipe: got.Recipe, Source: cat, Pictures: map[string][]byte{}}
	for name, layer := range got.Pictures {
		request.Pictures[name] = disc(t)
		if data, isData := strings.CutPrefix(layer.URL, "data:image/png;base64,"); isData {
			if request.Pictures[name], err = base64.StdEncoding.DecodeString(data); err != nil {
				t.Fatal(err)
			}
		}
	}
	response, err := pool.Render(t.Context(), request)
	if err != nil || len(response.Failures) > 0 || len(response.Outputs) != 1 {
		t.Fatalf("%s: error %v, failures %v, %d outputs", text, err, response.Failures, len(response.Outputs))
	}
	return response.Outputs[0], got
}

func pixels(t *testing.T, file []byte) *image.NRGBA {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	plain := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(plain, plain.Rect, img, img.Bounds().Min, draw.Src)
	return plain
}

// unchanged are examples that leave this picture's pixels alone: they change the file, are handed on, or have nothing to do.
var unchanged = map[string]bool{
	"cs_": true, "d_": true, "dl_": true, "dn_": true, "fl_": true, "u_": true, "c_mpad": false, "e_loop": true, "fl_any_format": true,
	"fl_attachment": true, "fl_force_icc": true, "fl_force_strip": true, "fl_immutable_cache": true, "fl_keep_attribution": true,
	"fl_keep_iptc": true, "fl_progressive": true, "fl_rasterize": true, "fl_sanitize": true, "fl_strip_profile": true, "q_": true,
	"fl_png24": true, "fl_png32": true, "f_png": true, "e_trim": true,
}

func TestEveryExampleRenders(t *testing.T) {
	t.Parallel()
	pool := dialecttest.Renderer(t)
	plain, _ := rendered(t, pool, "")
	before := pixels(t, plain.Data)
	for _, line := range documentation(t) {
		if line.Refused() {
			continue
		}
		t.Run(line.Name, func(t *testing.T) {
			out, said := rendered(t, pool, line.Example)
			turned := strings.HasPrefix(line.Name, "a_") // the engine's box around a turned picture may be a pixel off
			if size := said.Size; size.Width > 0 && (out.Width != size.Width || out.Height != size.Height) && !turned {
				t.Errorf("size is %d × %d, and was said to be %v", out.Width, out.Height, size)
			}
			if !bytes.HasPrefix(out.Data, []byte("\x89PNG")) {
				if said.Format == "png" || len(out.Data) == 0 {
					t.Errorf("the file is no %s", said.Format)
				}
				return
			}
			after := pixels(t, out.Data)
			if same := after.Rect == before.Rect && bytes.Equal(after.Pix, before.Pix); same != unchanged[line.Name] {
				t.Errorf("%s: the pixels are the same: %v, want %v", line.Example, same, unchanged[line.Name])
			}
		})
	}
}

// near fails when a pixel is further than a few steps from a colour.
func near(t *testing.T, what string, img *image.NRGBA, x, y int, want color.NRGBA) {
	t.Helper()
	got := img.NRGBAAt(x, y)
	for i, pair := range [][2]uint8{{got.R, want.R}, {got.G, want.G}, {got.B, want.B}, {got.A, want.A}} {
		if d := int(pair[0]) - int(pair[1]); d < -6 || d > 6 {
			t.Errorf("%s: the pixel at %d, %d is %v, want %v (channel %d)", what, x, y, got, want, i)
			return
		}
	}
}

func TestRender_ShowsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	pool := dialecttest.Renderer(t)
	red, navy, nothing := color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 128, A: 255}, color.NRGBA{}
	for _, row := range []struct {
		text          string
		width, height int
		x, y          int
		want          color.NRGBA
	}{
		{"b_navy,c_pad,h_300,w_300", 300, 300, 150, 5, navy},
		{"c_fill,h_100,r_max,w_100", 100, 100, 2, 2, nothing},
		{"bo_10px_solid_navy,c_fill,h_100,r_30,w_100", 120, 120, 60, 5, navy},
		{"bo_10px_solid_navy,c_fill,h_100,r_30,w_100", 120, 120, 16, 16, navy}, // between the arcs: 40 and 30 from 40, 40
		{"bo_10px_solid_navy,c_fill,h_100,r_30,w_100", 120, 120, 3, 3, nothing},
		{"co_navy,e_colorize", 451, 300, 200, 100, navy},
		{"l_logo,g_south_east,x_10,y_20", 451, 300, 451 - 10 - 20, 300 - 20 - 20, red},
		{"l_logo/c_scale,w_100/fl_layer_apply,g_north_west,x_30", 451, 300, 80, 50, red},
		{"l_logo,g_west,x_-20", 471, 300, 20, 150, red},
		{"l_logo,g_west,x_-20", 471, 300, 2, 5, nothing},
		{"l_logo,fl_no_overflow,g_west,x_-20", 451, 300, 5, 150, red},
		{"l_logo,fl_tiled", 451, 300, 451 / 2, 150, red},
		{"l_logo/co_navy,e_colorize/l_logo/c_scale,w_20/fl_layer_apply/fl_layer_apply,g_north_west", 451, 300, 20, 20, red},
		{"l_logo/co_navy,e_colorize/l_logo/c_scale,w_20/fl_layer_apply/fl_layer_apply,g_north_west", 451, 300, 20, 5, navy},
		{"l_text:DejaVu%20Sans_200_bold:%E2%96%88,co_red", 451, 300, 225, 150, red}, // a full block
		{"l_text:DejaVu%20Sans_200_bold:%E2%96%88,co_red/c_scale,h_40,w_40/fl_layer_apply,g_north_west", 451, 300, 20, 20, red},
		{"l_text:DejaVu%20Sans_40:i,b_navy,co_white/c_pad,b_navy,h_50,w_200/fl_layer_apply,g_south", 451, 300, 130, 275, navy},
		{"$half_w_div_2/c_crop,h_$half,w_$half/b_navy,c_lpad,h_301,w_301", 301, 301, 5, 5, navy},
		{"if_w_gt_h/b_navy,c_pad,h_400,w_451/if_end", 451, 400, 225, 10, navy},
		{"u_logo,g_north,y_-20", 451, 320, 225, 5, red},
	} {
		out, _ := rendered(t, pool, row.text)
		if out.Width != row.width || out.Height != row.height {
			t.Errorf("%s: %d × %d, want %d × %d", row.text, out.Width, out.Height, row.width, row.height)
			continue
		}
		near(t, row.text, pixels(t, out.Data), row.x, row.y, row.want)
	}
}
