package vips_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// saved renders the cat with nothing but a save.
func saved(t *testing.T, save string) imaging.Rendered {
	t.Helper()
	return render(t, chain(saving(save)), photo(t, "cat.jpg")).outputs["out"]
}

func TestSave_AutoQuality(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"jpeg", "webp", "avif", "pdf"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			before := 0
			for _, level := range []string{"low", "eco", "good", "best"} {
				size := len(saved(t, fmt.Sprintf(`{"id":"out","format":%q,"auto_quality":%q}`, format, level)).Data)
				if size < before {
					t.Errorf("%s has %d bytes, fewer than the level below it with %d", level, size, before)
				}
				before = size
			}
			if low := len(saved(t, fmt.Sprintf(`{"id":"out","format":%q,"auto_quality":"low"}`, format)).Data); low >= before {
				t.Errorf("low has %d bytes, best %d", low, before)
			}
		})
	}
}

func TestSave_MaxBytes(t *testing.T) {
	t.Parallel()
	for format, most := range map[string][]int{
		"jpeg": {12_000, 4_000, 800}, "webp": {9_000, 700}, "avif": {8_000, 900}, "png": {120_000, 30_000, 3_000},
		"gif": {60_000, 5_000}, "pdf": {13_000, 3_000},
	} {
		for _, bytes := range most {
			t.Run(fmt.Sprintf("%s of %d", format, bytes), func(t *testing.T) {
				t.Parallel()
				out := saved(t, fmt.Sprintf(`{"id":"out","format":%q,"max_bytes":%d}`, format, bytes))
				if len(out.Data) > bytes || len(out.Data) < bytes/4 {
					t.Errorf("%d bytes of %d × %d pixels, want at most %d and not much fewer", len(out.Data), out.Width, out.Height, bytes)
				}
			})
		}
	}
}

func TestSave_MaxBytesOutOfReach(t *testing.T) {
	t.Parallel()
	g, _, err := tryRender(chain(saving(`{"id":"out","format":"tiff","max_bytes":256}`)), photo(t, "cat.jpg"))
	if err != nil || g.failures["out"].Code != recipe.TooManyBytes {
		t.Errorf("got %+v and %v, want %s", g.failures, err, recipe.TooManyBytes)
	}
}

func TestSave_JPEG(t *testing.T) {
	t.Parallel()
	plain, progressive := saved(t, `{"id":"out","format":"jpeg"}`).Data, saved(t, `{"id":"out","format":"jpeg","progressive":true}`).Data
	if bytes.Contains(plain, []byte{0xFF, 0xC2}) || !bytes.Contains(progressive, []byte{0xFF, 0xC2}) {
		t.Error("a progressive JPEG has no progressive frame, or a plain one has")
	}
	for chroma, want := range map[string]image.YCbCrSubsampleRatio{
		`"420"`: image.YCbCrSubsampleRatio420, `"444"`: image.YCbCrSubsampleRatio444,
	} {
		img, err := jpeg.Decode(bytes.NewReader(saved(t, `{"id":"out","format":"jpeg","quality":80,"chroma":`+chroma+`}`).Data))
		if err != nil {
			t.Fatal(err)
		}
		if got := img.(*image.YCbCr).SubsampleRatio; got != want {
			t.Errorf("chroma %s is written as %v", chroma, got)
		}
	}
}

func TestSave_Palette(t *testing.T) {
	t.Parallel()
	for colors, most := range map[int]int{2: 2, 16: 16, 100: 16, 256: 256} {
		img, err := png.Decode(bytes.NewReader(saved(t, fmt.Sprintf(`{"id":"out","format":"png","colors":%d}`, colors)).Data))
		if err != nil {
			t.Fatal(err)
		}
		flat, ok := img.(*image.Paletted)
		if !ok || len(flat.Palette) > most || len(flat.Palette) < most/2 {
			t.Errorf("colors %d: a %T of %d colours, want at most %d", colors, img, len(flat.Palette), most)
		}
	}
	few, err := gif.Decode(bytes.NewReader(saved(t, `{"id":"out","format":"gif","colors":8}`).Data))
	if err != nil {
		t.Fatal(err)
	}
	used := map[color.Color]bool{}
	for y := range few.Bounds().Dy() {
		for x := range few.Bounds().Dx() {
			used[few.At(x, y)] = true
		}
	}
	if len(used) > 8 {
		t.Errorf("the GIF uses %d colours, want at most 8", len(used))
	}
}

func TestSave_Lossless(t *testing.T) {
	t.Parallel()
	source := render(t, chain(step("resize", `{"width":60,"height":40}`, "png")), photo(t, "cat.jpg")).outputs["out"].Data
	want := decode(t, source)
	for _, format := range []string{"webp", "avif", "jxl", "tiff"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			file := render(t, chain(saving(`{"id":"out","format":"`+format+`","lossless":true}`)), source).outputs["out"].Data
			back := render(t, chain(step("", "", "png")), file).picture(t, "out")
			if d := distance(back, want); d > 0 && (format != "avif" || d > 2) {
				t.Errorf("differs by %.2f", d)
			}
		})
	}
}

func TestSave_Profile(t *testing.T) {
	t.Parallel()
	for profile, format := range map[string]string{"srgb": "webp", "p3": "png", "cmyk": "jpeg"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			file := saved(t, fmt.Sprintf(`{"id":"out","format":%q,"profile":%q}`, format, profile)).Data
			r := chain(step("", "", "png"))
			r.Inspect = []string{recipe.InspectICC}
			g, facts, err := tryRender(r, file)
			if err != nil {
				t.Fatal(err)
			}
			if facts.Details.ICC == "" {
				t.Error("the output has no profile")
			}
			// Through its profile the picture looks as it did.
			if d := distance(g.picture(t, "out"), decode(t, photo(t, "cat.jpg"))); d > 6 {
				t.Errorf("differs by %.1f from the source", d)
			}
		})
	}
	if img, err := jpeg.Decode(bytes.NewReader(saved(t, `{"id":"out","format":"jpeg","profile":"cmyk"}`).Data)); err != nil {
		t.Error(err)
	} else if _, ok := img.(*image.CMYK); !ok {
		t.Errorf("cmyk is written as %T", img)
	}
}

func TestSave_Background(t *testing.T) {
	t.Parallel()
	g := render(t, chain(saving(`{"id":"out","format":"jpeg","quality":95,"background":"#00ff00"}`)), album["logo"])
	alike(t, "corner", g.picture(t, "out").NRGBAAt(1, 1), color.NRGBA{G: 255, A: 255})
}

func TestSave_Placeholder(t *testing.T) {
	t.Parallel()
	hints := map[string]bool{}
	for _, name := range []string{"cat.jpg", "rocket.jpg", "coffee.jpg"} {
		large := render(t, chain(step("fit", `{"width":300}`, "png")), photo(t, name)).outputs["out"].Placeholder
		small := render(t, chain(step("fit", `{"width":60}`, "png")), photo(t, name)).outputs["out"].Placeholder
		if len(large) < 20 || len(small) < 20 {
			t.Errorf("placeholders of %s are %q and %q", name, large, small)
		}
		hints[large] = true
	}
	if len(hints) != 3 {
		t.Errorf("three pictures have %d placeholders", len(hints))
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	r := recipe.Recipe{Steps: []recipe.Step{{}}, Inspect: recipe.Inspections}
	_, facts, err := tryRender(r, tagged(1))
	if err != nil {
		t.Fatal(err)
	}
	d := facts.Details
	if d.EXIF["Artist"] != artist {
		t.Errorf("EXIF is %v", d.EXIF)
	}
	if len(d.IPTC) == 0 {
		t.Errorf("IPTC is %v", d.IPTC)
	}
	if len(d.MD5) != 32 || len(d.SHA256) != 64 || len(d.CRC32) != 8 || len(d.PHash) != 16 {
		t.Errorf("hashes are %s %s %s %s", d.MD5, d.SHA256, d.CRC32, d.PHash)
	}
	if len(d.Colors) != 8 || len(d.Colors[0]) != 7 {
		t.Errorf("colours are %v", d.Colors)
	}
}

func TestInspect_PerceptualHashStaysNear(t *testing.T) {
	t.Parallel()
	hash := func(file []byte) uint64 {
		_, facts, err := tryRender(recipe.Recipe{Steps: []recipe.Step{{}}, Inspect: []string{recipe.InspectPHash}}, file)
		if err != nil {
			t.Fatal(err)
		}
		var bits uint64
		if _, err := fmt.Sscanf(facts.Details.PHash, "%x", &bits); err != nil {
			t.Fatal(err)
		}
		return bits
	}
	apart := func(a, b uint64) (n int) {
		for x := a ^ b; x > 0; x &= x - 1 {
			n++
		}
		return n
	}
	cat := hash(photo(t, "cat.jpg"))
	small := render(t, chain(recipe.Step{Op: "fit", Params: []byte(`{"width":120}`)}, saving(`{"id":"out","format":"webp","quality":40}`)), photo(t, "cat.jpg"))
	if n := apart(cat, hash(small.outputs["out"].Data)); n > 6 {
		t.Errorf("a small copy is %d bits away", n)
	}
	if n := apart(cat, hash(photo(t, "rocket.jpg"))); n < 15 {
		t.Errorf("another picture is only %d bits away", n)
	}
}

func TestInspect_Colors(t *testing.T) {
	t.Parallel()
	flag := image.NewNRGBA(image.Rect(0, 0, 90, 60))
	for y := range 60 {
		for x := range 90 {
			flag.SetNRGBA(x, y, []color.NRGBA{{0, 0, 255, 255}, {255, 255, 255, 255}, {255, 0, 0, 255}}[min(2, x/25)])
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, flag); err != nil {
		t.Fatal(err)
	}
	_, facts, err := tryRender(recipe.Recipe{Steps: []recipe.Step{{}}, Inspect: []string{recipe.InspectColors}}, file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got := facts.Details.Colors; len(got) < 3 || got[0] != "#ff0000" {
		t.Errorf("colours are %v, want red first", got)
	}
}

func TestInspect_GPS(t *testing.T) {
	t.Parallel()
	_, facts, err := tryRender(recipe.Recipe{Steps: []recipe.Step{{}}, Inspect: []string{recipe.InspectGPS}}, located())
	if err != nil {
		t.Fatal(err)
	}
	d := facts.Details
	if d.Latitude == nil || d.Longitude == nil || int(*d.Latitude*100) != 4872 || int(*d.Longitude*100) != -903 {
		t.Errorf("the place is %v, %v, want 48.72, -9.03", d.Latitude, d.Longitude)
	}
}

// located is a JPEG taken at 48° 43' 30" N, 9° 2' 0" W.
func located() []byte {
	var b []byte
	b = append(b, "II*\x00\x08\x00\x00\x00"...)
	entry := func(tag, kind uint16, count, value uint32) {
		b = binary.LittleEndian.AppendUint16(b, tag)
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint32(b, count)
		b = binary.LittleEndian.AppendUint32(b, value)
	}
	b = binary.LittleEndian.AppendUint16(b, 1)
	entry(0x8825, 4, 1, 26)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint16(b, 4) // at 26
	entry(1, 2, 2, 'N')
	entry(2, 5, 3, 80)
	entry(3, 2, 2, 'W')
	entry(4, 5, 3, 104)
	b = binary.LittleEndian.AppendUint32(b, 0)
	for _, n := range []uint32{48, 43, 30, 9, 2, 0} { // at 80
		b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, n), 1)
	}
	return imagingtest.WithSegments(sample.Portrait, append([]byte("\xE1Exif\x00\x00"), b...))
}
