package e2e_test

import (
	"bytes"
	"fmt"
	"image/gif"
	"net/http"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/sample"
)

// TestBlitlineFiles is what jobs of the format do with files beside changing pictures: look at them, write into them, pack,
// move and compare them.
func TestBlitlineFiles(t *testing.T) {
	t.Parallel()
	b := openBlitline(t)
	source := pictureServer(t) + "/portrait.jpg"
	job := func(fields string) string {
		return fmt.Sprintf(`{"application_id":%q,"src":%q,%s}`, b.token, source, fields)
	}

	t.Run("BlankAndExtended", func(t *testing.T) {
		t.Parallel()
		got := b.run(job(`"v":1.21,"extended_metadata":true,"functions":[
			{"name":"crop","params":{"x":0,"y":0,"width":1,"height":1},"save":{"image_identifier":"blank","check_blank":true,"extension":"png"}},
			{"name":"density","params":{"dpi":300},"save":{"image_identifier":"busy","check_blank":"true","quality":60}}]`))
		if len(got.Images) != 2 || !strings.Contains(string(got.Images[0]), `"is_blank":true`) || strings.Contains(string(got.Images[1]), "is_blank") {
			t.Fatalf("images %s, errors %q", got.Images, got.Errors)
		}
		for i, want := range []string{`"density":"72x72","depth":8}`, `"density":"300x300","depth":8,"quality":60}`} {
			if !strings.Contains(string(got.Images[i]), want) {
				t.Errorf("%s, want %s", got.Images[i], want)
			}
		}
	})

	t.Run("WrittenTags", func(t *testing.T) {
		t.Parallel()
		got := b.run(job(`"v":1.21,"functions":[{"name":"no_op","save":{"image_identifier":"tagged","set_exif":{"Artist":"Jane Doe","EXIF:Copyright":2026}}}]`))
		_, file, err := b.do(http.MethodGet, strings.TrimPrefix(got.images(t)[0].S3, b.base), "", "", nil)
		if err != nil || !bytes.Contains(file, []byte("Jane Doe\x00")) || !bytes.Contains(file, []byte("2026\x00")) {
			t.Errorf("the tags are not in the file: %v", err)
		}
		got = b.run(job(`"v":1.21,"functions":[{"name":"no_op","save":{"image_identifier":"tagged","set_exif":{"Mood":"calm"}}}]`))
		if len(got.Errors) != 1 || !strings.HasPrefix(got.Errors[0], "Image processing failed. The tag 'Mood' of set_exif cannot be written") {
			t.Errorf("errors %q", got.Errors)
		}
	})

	t.Run("Archive", func(t *testing.T) {
		t.Parallel()
		for _, destination := range []string{"", `,"s3_destination":{"bucket":"pictures","key":"out/all.zip","headers":{"x-amz-acl":""}}`} {
			got := b.run(fmt.Sprintf(`{"application_id":%q,"src_type":"zip","src":{"urls":[%q,%[2]q]},"v":1.21,"src_data":{"preferred_zip_size":1000%[3]s}}`,
				b.token, source, destination))
			if len(got.Images) != 2 || len(got.Errors) != 0 {
				t.Fatalf("images %s, errors %q", got.Images, got.Errors)
			}
			address := parse[string](t, got.Images[1])
			_, file, _ := b.do(http.MethodGet, strings.TrimPrefix(address, b.base), "", "", nil)
			if destination != "" {
				file = b.store.Read("pictures", "out/all-2.zip")
			}
			if !strings.HasSuffix(address, "-2.zip") || !bytes.HasPrefix(file, []byte("PK")) || !bytes.Contains(file, sample.Portrait) {
				t.Errorf("%s is a file of %d bytes, want an archive with the portrait", address, len(file))
			}
		}
	})

	t.Run("PreProcess", func(t *testing.T) {
		t.Parallel()
		got := b.run(job(`"v":1.21,"pre_process":[{"move_original":{"s3_destination":{"bucket":"pictures","key":"moved.jpg","headers":{"x-amz-acl":""}}}},
			{"phash_compare":{"other_sources":[{"image_identifier":"same","src":"` + source + `"},{"image_identifier":"missing","src":"` + source + `.gone"}]}}]`))
		if !strings.Contains(string(got.OriginalMeta), `"s3_url":"`+b.store.URL+`/pictures/moved.jpg"`) || !bytes.Equal(b.store.Read("pictures", "moved.jpg"), sample.Portrait) {
			t.Errorf("original %s, errors %q", got.OriginalMeta, got.Errors)
		}
		if want := `{"phash_data":[{"image_identifier":"same","difference_ratio":"0"}]}`; string(got.Found) != want || len(got.Errors) != 1 {
			t.Errorf("found %s, want %s; errors %q", got.Found, want, got.Errors)
		}
	})

	t.Run("ChangedGIF", func(t *testing.T) {
		t.Parallel()
		moving := serveFunc(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(imagingtest.LongGIF(60, 40, 3)) })
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"src_type":"gif","src_data":{"name":"resize_gif","params":{"width":30,"height":30},
			"save":{"image_identifier":"small"}}}`, b.token, moving))
		made := got.images(t)
		if len(made) != 1 || made[0].Meta.Width != 30 || made[0].Meta.Height != 30 {
			t.Fatalf("made %+v, errors %q", made, got.Errors)
		}
		_, file, _ := b.do(http.MethodGet, strings.TrimPrefix(made[0].S3, b.base), "", "", nil)
		frames, err := gif.DecodeAll(bytes.NewReader(file))
		if err != nil || len(frames.Image) != 3 {
			t.Errorf("a GIF of %d bytes: %v", len(file), err)
		}
	})

	t.Run("ScreenshotWithoutBrowser", func(t *testing.T) {
		t.Parallel()
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"src_type":"screen_shot_url",
			"functions":[{"name":"no_op","save":{"image_identifier":"page"}}]}`, b.token, source))
		if len(got.Errors) != 1 || !strings.Contains(got.Errors[0], "set RINGBACK_CHROMIUM to the path of a Chromium") {
			t.Errorf("errors %q", got.Errors)
		}
	})

	t.Run("NoVectors", func(t *testing.T) {
		t.Parallel()
		status, body, err := b.do(http.MethodPost, "/convert", "application/json", "", fmt.Appendf(nil, `{"application_id":%q,"src":%q}`, b.token, source))
		if err != nil || status != http.StatusNotImplemented || !strings.Contains(parse[answer](t, parse[envelope](t, body).Results).Error, "writes pictures of pixels alone") {
			t.Errorf("%d %s %v", status, body, err)
		}
	})
}
