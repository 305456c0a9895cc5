package transformation_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The pictures that the rows begin with.
var (
	lying    = transformation.Asset{Width: 600, Height: 400, Format: "jpg"}
	standing = transformation.Asset{Width: 400, Height: 600, Format: "jpg"}
	small    = transformation.Asset{Width: 90, Height: 60, Format: "jpg"}
	odd      = transformation.Asset{Width: 451, Height: 300, Format: "jpg"}
	square   = transformation.Asset{Width: 500, Height: 500, Format: "jpg"}
	flat     = transformation.Asset{Width: 300, Height: 50, Format: "jpg"}
	narrow   = transformation.Asset{Width: 50, Height: 300, Format: "jpg"}
	line     = transformation.Asset{Width: 1000, Height: 10, Format: "jpg"}
	// faced has a face whose middle is at 300, 125, and marked a box in its upper left corner.
	faced = transformation.Asset{
		Width: 600, Height: 400, Format: "jpg", Faces: []transformation.Box{{X: 280, Y: 100, Width: 40, Height: 50}},
	}
	marked = transformation.Asset{
		Width: 600, Height: 400, Format: "jpg", Custom: []transformation.Box{{X: 0, Y: 0, Width: 100, Height: 100}},
	}
)

// geometry is what becomes of a picture: its size, and where it was cut (cut x,y, on the picture as it was scaled before),
// put on a larger canvas (put x,y), or cut where the engine finds most to see (look).
var geometry = []struct {
	in   transformation.Asset
	text string
	want string
}{
	// scale: exactly the size; one edge takes the other along.
	{lying, "w_300", "300x200"},
	{lying, "h_100", "150x100"},
	{lying, "c_scale,w_300,h_300", "300x300"},
	{lying, "w_0.5", "300x200"},
	{lying, "h_0.5", "300x200"},
	{lying, "h_0.25,w_0.5", "300x100"},
	{lying, "w_1.0", "600x400"},
	{lying, "c_scale,w_1.5", "900x600"},
	{standing, "w_200", "200x300"},
	{standing, "h_300", "200x300"},
	{small, "w_900", "900x600"},
	{odd, "w_100", "100x67"},  // 300 · 100/451 = 66.5
	{odd, "h_100", "150x100"}, // 451/3 = 150.3
	{lying, "c_scale,g_north,h_60,w_60", "60x60"},
	{lying, "ar_1:1,c_scale", "600x600"},
	{lying, "ar_0.5,c_scale", "200x400"},
	{lying, "ar_2,c_scale,w_300", "300x150"},
	{lying, "ar_2:1,c_scale,h_100", "200x100"},
	{lying, "ar_1:3,c_scale,h_100,w_100", "100x100"},
	{standing, "ar_16:9,c_scale,w_320", "320x180"},
	{lying, "dpr_2.0,w_150", "300x200"},
	{lying, "dpr_1.5,h_50,w_150", "225x75"},
	{lying, "dpr_2.0", "1200x800"},
	{lying, "dpr_auto,w_150", "150x100"},
	{lying, "dpr_0.5,w_101", "51x34"},
	{lying, "c_scale,fl_ignore_aspect_ratio,w_300", "300x400"},
	{lying, "c_scale,fl_ignore_aspect_ratio,h_100", "600x100"},
	{lying, "w_iw_div_3", "200x133"},
	{lying, "w_iw_mul_0.5_sub_10", "290x193"},
	{lying, "h_ih_sub_100", "450x300"},
	{standing, "w_ih_div_2", "300x450"},
	{lying, "w_auto", "600x400"},
	{lying, "h_100,w_auto", "150x100"},
	{square, "w_1", "1x1"},
	{line, "w_10", "10x1"}, // a tenth of a pixel is one
	{line, "w_0.001", "1x1"},

	// fit: the largest inside.
	{lying, "c_fit,h_300,w_300", "300x200"},
	{lying, "c_fit,h_100,w_300", "150x100"},
	{standing, "c_fit,h_300,w_300", "200x300"},
	{small, "c_fit,h_900,w_900", "900x600"},
	{small, "c_fit,h_1000,w_180", "180x120"},
	{lying, "c_fit,w_300", "300x200"},
	{standing, "c_fit,h_300", "200x300"},
	{lying, "c_fit,h_0.5,w_0.5", "300x200"},
	{lying, "ar_1:1,c_fit,w_200", "200x133"},
	{lying, "ar_1:1,c_fit", "600x400"},
	{standing, "ar_1:1,c_fit", "267x400"}, // into 400 × 400
	{lying, "ar_0.5,c_fit", "200x133"},    // into 200 × 400
	{lying, "c_fit,dpr_2,h_100,w_100", "200x133"},
	{odd, "c_fit,h_100,w_100", "100x67"},
	{lying, "c_fit,g_south,h_300,w_300", "300x200"},

	// limit: only smaller. mfit: only larger.
	{lying, "c_limit,h_300,w_300", "300x200"},
	{small, "c_limit,h_300,w_300", "90x60"},
	{lying, "c_limit,h_100,w_1000", "150x100"},
	{standing, "c_limit,w_100", "100x150"},
	{small, "c_limit,h_1000", "90x60"},
	{lying, "c_limit,dpr_2.0,w_640", "600x400"},
	{lying, "c_limit,dpr_2.0,w_200", "400x267"},
	{lying, "c_limit,w_1.5", "600x400"},
	{standing, "c_limit,h_600,w_400", "400x600"},
	{small, "c_mfit,h_180,w_180", "180x120"},
	{lying, "c_mfit,h_300,w_300", "600x400"},
	{small, "c_mfit,w_900", "900x600"},
	{standing, "c_mfit,h_1200", "800x1200"},
	{lying, "c_mfit,h_100,w_700", "600x400"},

	// fill: covers, and what sticks out is cut.
	{lying, "c_fill,h_300,w_300", "300x300 cut 75,0"},
	{standing, "c_fill,h_300,w_300", "300x300 cut 0,75"},
	{lying, "c_fill,h_100,w_300", "300x100 cut 0,50"},
	{lying, "c_fill,h_200,w_300", "300x200"},
	{small, "c_fill,h_300,w_300", "300x300 cut 75,0"},
	{odd, "c_fill,h_100,w_100", "100x100 cut 25,0"}, // of 150 × 100
	{lying, "c_fill,g_west,h_300,w_300", "300x300 cut 0,0"},
	{lying, "c_fill,g_east,h_300,w_300", "300x300 cut 150,0"},
	{lying, "c_fill,g_center,h_300,w_300", "300x300 cut 75,0"},
	{lying, "c_fill,g_north,h_100,w_300", "300x100 cut 0,0"},
	{lying, "c_fill,g_south,h_100,w_300", "300x100 cut 0,100"},
	{lying, "c_fill,g_north_west,h_100,w_300", "300x100 cut 0,0"},
	{lying, "c_fill,g_south_west,h_100,w_300", "300x100 cut 0,100"},
	{lying, "c_fill,g_north_east,h_300,w_300", "300x300 cut 150,0"},
	{lying, "c_fill,g_south_east,h_300,w_300", "300x300 cut 150,0"},
	{standing, "c_fill,g_north,h_300,w_300", "300x300 cut 0,0"},
	{standing, "c_fill,g_south,h_300,w_300", "300x300 cut 0,150"},
	{lying, "c_fill,g_auto,h_300,w_300", "300x300 look"},
	{lying, "c_fill,g_auto:subject,h_300,w_300", "300x300 look"},
	{lying, "c_fill,g_west,h_300,w_300,x_20", "300x300 cut 20,0"},
	{lying, "c_fill,g_east,h_300,w_300,x_20", "300x300 cut 130,0"},
	{lying, "c_fill,g_center,h_300,w_300,x_20", "300x300 cut 95,0"},
	{lying, "c_fill,h_300,w_300,x_-30", "300x300 cut 45,0"},
	{lying, "c_fill,h_300,w_300,x_1000", "300x300 cut 150,0"},
	{standing, "c_fill,g_south,h_300,w_300,y_10", "300x300 cut 0,140"},
	{standing, "c_fill,g_north,h_300,w_300,y_10", "300x300 cut 0,10"},
	{lying, "c_fill,g_west,h_300,w_300,x_0.1", "300x300 cut 45,0"}, // a tenth of 450
	{lying, "c_fill,w_300", "300x200"},
	{lying, "c_fill,h_100", "150x100"},
	{lying, "c_fill", "600x400"},
	{lying, "c_fill,h_0.25,w_0.5", "300x100 cut 0,50"},
	{lying, "ar_1:1,c_fill,w_200", "200x200 cut 50,0"},
	{lying, "ar_16:9,c_fill,w_320", "320x180 cut 0,16"}, // of 320 × 213
	{lying, "ar_1:1,c_fill", "600x600 cut 150,0"},
	{standing, "ar_1:1,c_fill", "400x400 cut 0,100"},
	{lying, "ar_0.5,c_fill", "200x400 cut 200,0"},
	{lying, "ar_2.0,c_fill", "600x300 cut 0,50"},
	{lying, "c_fill,dpr_2.0,h_100,w_100", "200x200 cut 50,0"},
	{lying, "c_fill,dpr_2.0,g_west,h_100,w_100,x_10", "200x200 cut 20,0"},
	{lying, "c_fill,h_300,w_300,z_2", "300x300 cut 200,100"}, // half of 400 × 400, before it is scaled
	{lying, "c_fill,g_xy_center,h_200,w_200,x_100,y_100", "200x200 cut 0,0"},
	{lying, "c_fill,g_xy_center,h_200,w_200,x_300,y_0", "200x200 cut 50,0"},

	// lfill: as fill, but never larger.
	{lying, "c_lfill,h_300,w_300", "300x300 cut 75,0"},
	{small, "c_lfill,h_300,w_300", "90x60"},
	{flat, "c_lfill,h_100,w_200", "200x50 cut 50,0"},
	{narrow, "c_lfill,h_200,w_100", "50x200 cut 0,50"},
	{small, "c_lfill,w_300", "90x60"},
	{lying, "c_lfill,w_300", "300x200"},
	{standing, "c_lfill,g_north,h_200,w_200", "200x200 cut 0,0"},
	{lying, "c_lfill,h_400,w_600", "600x400"},

	// pad: inside, and the rest is filled.
	{lying, "c_pad,h_300,w_300", "300x300 put 0,50"},
	{standing, "c_pad,h_300,w_300", "300x300 put 50,0"},
	{small, "c_pad,h_300,w_300", "300x300 put 0,50"},
	{odd, "c_pad,h_100,w_100", "100x100 put 0,16"}, // 100 × 67
	{lying, "c_pad,g_north,h_300,w_300", "300x300 put 0,0"},
	{lying, "c_pad,g_south,h_300,w_300", "300x300 put 0,100"},
	{standing, "c_pad,g_west,h_300,w_300", "300x300 put 0,0"},
	{standing, "c_pad,g_east,h_300,w_300", "300x300 put 100,0"},
	{lying, "c_pad,h_100,w_300", "300x100 put 75,0"},
	{lying, "c_pad,g_north_east,h_100,w_300", "300x100 put 150,0"},
	{lying, "c_pad,g_south_west,h_300,w_300", "300x300 put 0,100"},
	{lying, "c_pad,g_north,h_300,w_300,y_10", "300x300 put 0,10"},
	{lying, "c_pad,g_south,h_300,w_300,y_10", "300x300 put 0,90"},
	{lying, "c_pad,h_300,w_300,y_10", "300x300 put 0,60"},
	{lying, "c_pad,w_300", "300x200"},
	{lying, "ar_1:1,c_pad", "600x600 put 0,100"},
	{standing, "ar_1:1,c_pad", "400x400 put 66,0"}, // 267 × 400
	{lying, "ar_0.5,c_pad", "200x400 put 0,133"},   // 200 × 133
	{lying, "ar_1.0,c_pad,w_1.0", "600x600 put 0,100"},
	{lying, "c_pad,dpr_2.0,h_150,w_150", "300x300 put 0,50"},
	{lying, "c_pad,g_auto,h_300,w_300", "300x300 put 0,50"},
	{small, "c_lpad,h_300,w_300", "300x300 put 105,120"},
	{lying, "c_lpad,h_300,w_300", "300x300 put 0,50"},
	{square, "ar_1.0,c_lpad,w_1.1", "550x550 put 25,25"},
	{lying, "ar_1.0,c_lpad,w_1.1", "660x660 put 30,130"},
	{small, "c_lpad,g_north_west,h_300,w_300", "300x300 put 0,0"},
	{small, "c_lpad,g_south_east,h_300,w_300", "300x300 put 210,240"},
	{small, "c_lpad,w_180", "180x120 put 45,30"},
	{standing, "c_lpad,h_300,w_800", "800x300 put 300,0"},
	{small, "c_mpad,h_300,w_300", "300x300 put 105,120"},
	{lying, "c_mpad,h_300,w_300", "600x400"},
	{lying, "c_mpad,h_500,w_300", "600x500 put 0,50"},
	{standing, "c_mpad,g_north,h_300,w_500", "500x600 put 50,0"},
	{small, "c_mpad,dpr_2.0,h_100,w_100", "200x200 put 5,20"},

	// crop: nothing is scaled.
	{lying, "c_crop,h_200,w_300", "300x200 cut 150,100"},
	{standing, "c_crop,h_200,w_200", "200x200 cut 100,200"},
	{lying, "c_crop,h_200,w_300,x_10,y_20", "300x200 cut 10,20"},
	{lying, "c_crop,h_200,w_300,x_10", "300x200 cut 10,0"},
	{lying, "c_crop,g_north_west,h_200,w_300", "300x200 cut 0,0"},
	{lying, "c_crop,g_north,h_200,w_300", "300x200 cut 150,0"},
	{lying, "c_crop,g_north_east,h_200,w_300", "300x200 cut 300,0"},
	{lying, "c_crop,g_west,h_200,w_300", "300x200 cut 0,100"},
	{lying, "c_crop,g_east,h_200,w_300", "300x200 cut 300,100"},
	{lying, "c_crop,g_south_west,h_200,w_300", "300x200 cut 0,200"},
	{lying, "c_crop,g_south,h_200,w_300", "300x200 cut 150,200"},
	{lying, "c_crop,g_south_east,h_200,w_300", "300x200 cut 300,200"},
	{lying, "c_crop,g_south_east,h_200,w_300,x_10,y_20", "300x200 cut 290,180"},
	{lying, "c_crop,g_north_west,h_200,w_300,x_10,y_20", "300x200 cut 10,20"},
	{lying, "c_crop,g_center,h_200,w_300,x_10,y_20", "300x200 cut 160,120"},
	{lying, "c_crop,g_center,h_200,w_300,x_-10,y_-20", "300x200 cut 140,80"},
	{lying, "c_crop,h_200,w_1000", "600x200 cut 0,100"},
	{small, "c_crop,h_300,w_300", "90x60"},
	{lying, "c_crop,h_300,w_300,x_500,y_300", "100x100 cut 500,300"},
	{lying, "c_crop,h_0.5,w_0.5", "300x200 cut 150,100"},
	{lying, "c_crop,h_0.5,w_0.5,x_0.1,y_0.25", "300x200 cut 60,100"},
	{lying, "c_crop,w_300", "300x200 cut 150,100"},
	{standing, "c_crop,h_300", "200x300 cut 100,150"},
	{lying, "ar_1:1,c_crop", "400x400 cut 100,0"}, // 600 × 600 does not fit: the largest square does
	{lying, "ar_2.0,c_crop", "600x300 cut 0,50"},
	{standing, "ar_0.5,c_crop", "300x600 cut 50,0"},
	{standing, "ar_1:1,c_crop", "400x400 cut 0,100"},
	{lying, "ar_1:1,c_crop,w_200", "200x200 cut 200,100"},
	{lying, "c_crop,dpr_2.0,h_100,w_100", "200x200 cut 250,150"},
	{lying, "c_crop,g_xy_center,h_100,w_100,x_100,y_100", "100x100 cut 50,50"},
	{lying, "c_crop,g_xy_center,h_100,w_100,x_0.5,y_0.5", "100x100 cut 250,150"},
	{lying, "c_crop,g_xy_center,h_100,w_100,x_10,y_10", "100x100 cut 0,0"},
	{lying, "c_crop,g_auto,h_100,w_100", "100x100 look"},
	{lying, "c_crop,h_ih_div_4,w_iw_div_2,x_iw_div_4", "300x100 cut 150,0"},

	// thumb, faces and custom coordinates.
	{lying, "c_thumb,h_100,w_100", "100x100 cut 25,0"},
	{lying, "c_thumb,g_west,h_100,w_100", "100x100 cut 0,0"},
	{lying, "c_thumb,g_auto,h_100,w_100", "100x100 look"},
	{lying, "c_thumb,g_face,h_100,w_100", "100x100 look"},
	{lying, "c_thumb,w_150", "150x100"},
	{faced, "c_thumb,g_face,h_100,w_100", "100x100 cut 275,100"},      // 50 × 50 around the face
	{faced, "c_thumb,g_face,h_50,w_100", "100x50 cut 250,100"},        // 100 × 50
	{faced, "c_thumb,g_face,h_100,w_100,z_0.5", "100x100 cut 250,75"}, // 100 × 100
	{faced, "c_thumb,g_face,h_100,w_100,z_0.05", "100x100 cut 100,0"}, // as far away as the picture allows
	{faced, "c_thumb,dpr_2.0,g_face,h_100,w_100", "200x200 cut 275,100"},
	{faced, "c_thumb,g_face", "40x50 cut 280,100"},
	{faced, "c_crop,g_face", "40x50 cut 280,100"},
	{faced, "c_crop,g_face,z_0.5", "80x100 cut 260,75"},
	{faced, "c_crop,g_face,h_100,w_100", "100x100 cut 250,75"},
	{faced, "c_fill,g_face,h_200,w_200", "200x200 cut 50,0"},
	{faced, "c_fill,g_faces,h_400,w_100", "100x400 cut 250,0"},
	{faced, "c_crop,h_200,w_300,x_100/c_crop,g_face", "40x50 cut 100,0 cut 180,100"}, // the face moves with the picture
	{faced, "a_hflip/c_crop,g_face", "40x50 cut 280,100"},
	{faced, "a_90/c_crop,g_face", "50x40 cut 250,280"}, // 400 − 100 − 50
	{faced, "w_0.5/c_crop,g_face", "20x25 cut 140,50"},
	{marked, "c_crop,g_custom", "100x100 cut 0,0"},
	{marked, "c_crop,g_custom:face", "100x100 cut 0,0"},
	{marked, "c_thumb,g_custom,h_50,w_50", "50x50 cut 0,0"},
	{marked, "c_fill,g_custom,h_300,w_300", "300x300 cut 0,0"},
	{lying, "c_fill,g_custom,h_300,w_300", "300x300 cut 75,0"},
	{lying, "c_auto,g_auto,h_300,w_300", "300x300 look"},
	{lying, "c_fill_pad,g_auto,h_300,w_300", "300x300 look"},      // two thirds stay
	{lying, "c_auto_pad,g_auto,h_400,w_100", "100x400 put 0,166"}, // a sixth would: 100 × 67

	// angles and borders.
	{lying, "a_90", "400x600"},
	{lying, "a_-90", "400x600"},
	{lying, "a_180", "600x400"},
	{lying, "a_450", "400x600"},
	{lying, "a_45", "707x707"}, // (600 + 400) · √½
	{lying, "a_hflip", "600x400"},
	{lying, "a_vflip.90", "400x600"},
	{lying, "a_90,c_scale,w_300", "200x300"},
	{lying, "a_auto_right,c_fill,h_200,w_100", "100x200 cut 16,0"}, // of 133 × 200
	{lying, "a_auto_left,c_fill,h_100,w_200", "200x100 cut 0,16"},
	{lying, "bo_4px_solid_red", "608x408 put 4,4"},
	{lying, "bo_2px_solid_rgb:0066ff,c_fill,h_100,r_10,w_100", "104x104 cut 25,0 put 2,2"},

	{lying, "c_scale,e_shadow:50,w_60,x_20,y_0", "95x70"}, // 15 pixels of blur around, and 20 to the right: 60+35, 40+30

	// chains: each component takes the picture of the one before.
	{lying, "c_crop,h_200,w_300/c_scale,w_0.5", "150x100 cut 150,100"},
	{lying, "c_scale,w_300/c_crop,h_0.5,w_0.5", "150x100 cut 75,50"},
	{lying, "w_100/w_iw_div_2", "300x201"}, // of 100 × 67
	{lying, "w_300/w_w_div_2", "150x100"},
	{lying, "if_w_gt_500/w_100/if_else/w_200/if_end", "100x67"},
	{standing, "if_w_gt_500/w_100/if_else/w_200/if_end", "200x300"},
	{lying, "$s_50/h_$s_mul_2,w_$s", "50x100"},
	{lying, "e_trim/c_fill,h_30,w_100/w_0.5", "50x15 cut 0,18"},
}

func TestGeometry(t *testing.T) {
	t.Parallel()
	for _, row := range geometry {
		t.Run(fmt.Sprintf("%dx%d %s", row.in.Width, row.in.Height, row.text), func(t *testing.T) {
			t.Parallel()
			got, err := whatHappens(row.in, row.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

// whatHappens translates, and tells of the recipe's actions what a row does.
func whatHappens(in transformation.Asset, text string) (string, error) {
	parsed, err := transformation.Parse(text)
	if err != nil {
		return "", err
	}
	got, err := parsed.Translate(transformation.Request{Asset: in})
	if err != nil {
		return "", err
	}
	size, places := recipe.Size{Width: in.Width, Height: in.Height}, ""
	for steps := got.Recipe.Steps; len(steps) > 0; steps = steps[0].Steps {
		actions, after, err := steps[0].Apply(size)
		if err != nil {
			return "", err
		}
		for _, action := range actions {
			switch a := action.(type) {
			case recipe.Crop:
				places += fmt.Sprintf(" cut %d,%d", a.X, a.Y)
			case recipe.Extend:
				places += fmt.Sprintf(" put %d,%d", a.X, a.Y)
			case recipe.SmartCrop:
				places += " look"
			}
		}
		size = after
	}
	if got.Size != size {
		return "", fmt.Errorf("the size is said to be %v and is %v", got.Size, size)
	}
	return fmt.Sprintf("%dx%d%s", size.Width, size.Height, places), nil
}

func TestGeometry_Refuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"c_crop,h_10,w_10,x_700": "Invalid transformation: the crop of 10 × 10 pixels at 700, 0 lies outside the picture of 600 × 400 pixels",
		"w_20000":                "Invalid width in transformation: 20000 pixels are more than 16383",
		"w_iw_sub_700":           "Invalid width in transformation: iw_sub_700",
		"c_imagga_crop,w_10":     "Unsupported crop mode in transformation: imagga_crop (it is an add-on of the provider's; c_crop with g_auto comes nearest)",
		"e_trim/w_w_div_2":       "Unsupported expression in transformation: w (the size of the picture is not known after e_trim)",
		"e_trim/c_crop,w_100":    "Unsupported expression in transformation: c_crop (the size of the picture is not known after e_trim)",
		"w_iw_div_0":             "Invalid expression in transformation: it does not come to a number",
		"c_fill,g_cat,h_10,w_10": "Unsupported gravity in transformation: cat (no model of what pictures show is at hand)",
	} {
		_, err := whatHappens(lying, text)
		if own, ok := errors.AsType[*transformation.Error](err); !ok || own.Message != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
