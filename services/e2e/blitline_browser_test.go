//go:build browser

package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
)

// TestBlitlineChromium gets a picture of a page by a real browser.
func TestBlitlineChromium(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	in := &installation{tb: t, data: t.TempDir()}
	in.environ = append(in.settings(), "RINGBACK_NATS_ADDR=127.0.0.1:0", "RINGBACK_CHROMIUM="+chromium,
		fmt.Sprintf("RINGBACK_CHROMIUM_NO_SANDBOX=%v", os.Getuid() == 0))
	in.start()
	b := &blitline{installation: in, token: in.secrets().Token}
	page := serveFunc(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, `<body style="background:#00f">`)
	})
	got := b.run(fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"src_type":"screen_shot_url","src_data":{"viewport":"640x400","delay":1},
		"functions":[{"name":"resize_to_fit","params":{"width":320},"save":{"image_identifier":"page","check_blank":true,"extension":"png"}}]}`, b.token, page))
	made := got.images(t)
	if len(made) != 1 || made[0].Meta.Width != 320 || made[0].Meta.Height != 200 {
		t.Errorf("made %s, errors %q", got.Images, got.Errors)
	}
}
