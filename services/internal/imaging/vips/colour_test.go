package vips_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// swapped is a colour profile in which red and green have changed places: what it does cannot be missed.
func swapped() []byte {
	xyz := func(x, y, z float64) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range []float64{x, y, z} {
			b = binary.BigEndian.AppendUint32(b, uint32(int32(v*65536)))
		}
		return b
	}
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33\x00\x00") // gamma 2.2
	text := []byte("text\x00\x00\x00\x00none\x00\x00\x00\x00")
	description := append([]byte("desc\x00\x00\x00\x00\x00\x00\x00\x05swap\x00"), make([]byte, 79)...)
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", description},
		{"cprt", text},
		{"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.3851, 0.7169, 0.0971)},
		{"gXYZ", xyz(0.4361, 0.2225, 0.0139)},
		{"bXYZ", xyz(0.1431, 0.0606, 0.7141)},
		{"rTRC", curve},
		{"gTRC", curve},
		{"bTRC", curve},
	}
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	start := 128 + 4 + 12*len(tags)
	for _, tag := range tags {
		table = append(table, tag.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(start+len(data)))
		table = binary.BigEndian.AppendUint32(table, uint32(len(tag.data)))
		data = append(data, tag.data...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	header := make([]byte, 128)
	binary.BigEndian.PutUint32(header, uint32(start+len(data)))
	copy(header[8:], "\x02\x10\x00\x00mntrRGB XYZ ")
	copy(header[36:], "acspMSFT")
	copy(header[68:], xyz(0.9642, 1, 0.8249)[8:])
	return append(append(header, table...), data...)
}

func TestProfile_IsAppliedAndDropped(t *testing.T) {
	t.Parallel()
	red := image.NewRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(red, red.Bounds(), image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, red, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	source := withSegments(file.Bytes(), append([]byte("\xE2ICC_PROFILE\x00\x01\x01"), swapped()...))
	for name, r := range map[string]recipe.Recipe{
		"after scaling":      chain(step("resize", `{"width":16}`, "png")),
		"without scaling":    chain(step("", "", "png")),
		"before a cut":       chain(step("crop", `{"width":20,"height":20}`, "png")),
		"before a free turn": chain(step("rotate", `{"degrees":10,"background":"white"}`, "png")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := render(t, r, source)
			img := g.picture(t, "out")
			at := img.NRGBAAt(img.Bounds().Dx()/2, img.Bounds().Dy()/2)
			if at.G < 200 || at.R > 100 {
				t.Errorf("the middle is %v, want green", at)
			}
			if found := leaks(g.outputs["out"].Data); len(found) > 0 {
				t.Errorf("the output tells %v", found)
			}
		})
	}
}

func TestAlpha(t *testing.T) {
	t.Parallel()
	// The left half is clear, the right half opaque blue.
	half := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	draw.Draw(half, image.Rect(20, 0, 40, 40), image.NewUniform(color.NRGBA{B: 255, A: 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, half); err != nil {
		t.Fatal(err)
	}
	rows := map[string]struct {
		step        recipe.Step
		left, right color.NRGBA
	}{
		"is kept by PNG":         {step("resize", `{"width":20}`, "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is white in JPEG":       {step("resize", `{"width":20}`, "jpeg"), color.NRGBA{255, 255, 255, 255}, color.NRGBA{B: 255, A: 255}},
		"is kept by sepia":       {step("sepia", "", "png"), color.NRGBA{}, color.NRGBA{48, 42, 33, 255}},
		"is kept by grayscale":   {step("grayscale", "", "png"), color.NRGBA{}, color.NRGBA{89, 89, 89, 255}},
		"is kept by blur":        {step("blur", `{"sigma":0.5}`, "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is kept by a half turn": {step("rotate", `{"degrees":180}`, "png"), color.NRGBA{B: 255, A: 255}, color.NRGBA{}},
		"is kept by a free turn": {step("rotate", `{"degrees":5}`, "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is kept by sharpen":     {step("sharpen", "", "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is one bit of GIF":      {step("resize", `{"width":20}`, "gif"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := render(t, chain(row.step), file.Bytes()).picture(t, "out")
			w, h := img.Bounds().Dx(), img.Bounds().Dy()
			alike(t, "left", img.NRGBAAt(w/4, h/2), row.left)
			alike(t, "right", img.NRGBAAt(w*3/4, h/2), row.right)
		})
	}
}

// alike compares colours with a tolerance of 6; clear is clear, whatever its colour.
func alike(t *testing.T, where string, got, want color.NRGBA) {
	t.Helper()
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 6 }
	if got.A < 6 && want.A == 0 {
		return
	}
	if !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) || !near(got.A, want.A) {
		t.Errorf("%s is %v, want %v", where, got, want)
	}
}
