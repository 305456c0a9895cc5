package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestBlitlineVendorExamples runs the vendor's own example jobs to their end, by what they show: their spellings, their
// order and their quirks. %s stands for a picture of 512 by 512 pixels.
func TestBlitlineVendorExamples(t *testing.T) {
	t.Parallel()
	in := oneProcess(t)
	b := &blitline{installation: in, token: in.secrets().Token}
	source := pictureServer(t) + "/portrait.jpg"
	const whole = "512x512 jpg"
	for name, row := range map[string]struct {
		src, job string
		want     []string
	}{
		"WriteThenShrink": {`"%s"`, `"functions":[{"name":"annotate","params":{"text":"Sample","x":5,"y":5,"color":"#ffffff",
			"font_family":"AvantGarde","point_size":64,"gravity":"NorthGravity","style":"italic","weight":"normal","kerning":1.2},
			"functions":[{"name":"resize_to_fit","params":{"width":300},"save":{"image_identifier":"A"}}]}]`, []string{"300x300 jpg"}},
		"LinesAndAWatermark": {`"%s"`, `"functions":[{"name":"line","params":{"x":10,"y":10,"x1":100,"y1":100,"width":4,"opacity":0.5},
			"functions":[{"name":"watermark","params":{"text":"Sample!"},"save":{"image_identifier":"A"}}]}]`, []string{whole}},
		"AFrameOverThePicture": {`"%s"`, `"functions":[{"name":"composite","params":{"src":"%s"},"save":{"image_identifier":"A"}}]`, []string{whole}},
		"AMaskSaidTwice": {`"%s"`, `"functions":[{"name":"composite","params":{"src":"%s","composite_op":"CopyOpacityCompositeOp","as_mask":true},
			"save":{"image_identifier":"A","extension":".png"}}]`, []string{"512x512 png"}},
		"Grid": {`"%s"`, `"functions":[{"name":"image_grid","params":{"images":["%s","%s?random","%s?random"],"cell_width":200,
			"cell_height":200,"columns":3,"padding":2,"color":"#ffda5a"},"save":{"image_identifier":"A"}}]`, []string{"604x200 jpg"}},
		"TwoFormats": {`"%s"`, `"v":1.9,"functions":[{"name":"no_op","save":{"image_identifier":"A","extension":".png","png_quant":true},
			"functions":[{"name":"blur","save":{"image_identifier":"A","extension":"webp"}}]}]`, []string{"512x512 png", "512x512 webp"}},
		"CommandLine": {`"%s"`, `"functions":[{"name":"convert_command","params":{"-dither":"FloydSteinberg","-monochrome":"","-colors":"2"},
			"save":{"image_identifier":"A","extension":".png"}}]`, []string{"512x512 png"}},
		"MaskMadeBefore": {`"%s"`, `"pre_process":[{"job":{"src":"%s","functions":[{"name":"rotate","params":{"amount":25},
			"functions":[{"name":"resize_to_fit","params":{"width":640},"save":{"image_identifier":"MASK"}}]}]}}],
			"functions":[{"name":"composite","params":{"gravity":"CenterGravity","src":"&MASK","composite_op":"CopyOpacityCompositeOp","as_mask":"true"},
			"save":{"image_identifier":"A","extension":".png"}}]`, []string{"512x512 png"}},
		"OverCanvas": {`{"name":"canvas","width":50,"height":50,"color":"#ff0000"}`, `"functions":[{"name":"composite",
			"params":{"src":"%s","gravity":"CenterGravity"},"save":{"extension":".png","image_identifier":"A","png_quantize":true}}]`, []string{"50x50 png"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := strings.ReplaceAll(fmt.Sprintf(`{"application_id":%q,"v":1.22,"src":`, b.token)+row.src+","+row.job+"}", "%s", source)
			if strings.Contains(row.job, `"v":`) {
				job = strings.Replace(job, `"v":1.22,`, "", 1)
			}
			got := b.run(job)
			made := got.images(t)
			if len(got.Errors) > 0 || len(made) != len(row.want) {
				t.Fatalf("made %+v, errors %q", made, got.Errors)
			}
			for i, image := range made {
				extension := image.S3[strings.LastIndexByte(image.S3, '.')+1:]
				if is := fmt.Sprintf("%dx%d %s", image.Meta.Width, image.Meta.Height, extension); is != row.want[i] {
					t.Errorf("picture %d is %s, want %s", i, is, row.want[i])
				}
				status, data, err := in.do(http.MethodGet, strings.TrimPrefix(image.S3, in.base), "", "", nil)
				want := "image/" + strings.Replace(extension, "jpg", "jpeg", 1)
				if is := http.DetectContentType(data); err != nil || status != http.StatusOK || is != want {
					t.Errorf("picture %d: %d, a file of %s, %v", i, status, is, err)
				}
			}
		})
	}
}
