package vips_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"testing"
)

func TestDensity_IsInTheFile(t *testing.T) {
	t.Parallel()
	jpeg := render(t, chain(step("density", `{"dpi":300}`, "jpeg")), photo(t, "cat.jpg")).outputs["out"].Data
	// In EXIF the density is a fraction, here of thousandths.
	resolution := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, 300_000), 1000)
	if !bytes.Contains(jpeg, []byte("Exif")) || !bytes.Contains(jpeg, resolution) {
		t.Errorf("no 300 dots an inch in the EXIF of %q", jpeg[:200])
	}
	png := render(t, chain(step("density", `{"dpi":300}`, "png")), photo(t, "cat.jpg")).outputs["out"].Data
	_, chunk, found := bytes.Cut(png, []byte("pHYs"))
	if !found {
		t.Fatal("no pHYs chunk")
	}
	if dpm := binary.BigEndian.Uint32(chunk); dpm != 11811 {
		t.Errorf("pHYs says %d dots a metre, want 11811", dpm)
	}
	// What was drawn at 300 dots an inch has half as many at 150.
	again := chain(step("density", `{"dpi":150,"resample":true}`, "png"))
	if size := render(t, again, jpeg).picture(t, "out").Bounds().Size(); size != image.Pt(226, 150) {
		t.Errorf("resampled from 300 to 150 it is %v, want 226 × 150", size)
	}
}
