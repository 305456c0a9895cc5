//go:build browser

package screenshot

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
)

// chromium is a camera with the machine's own browser, which only hosts of the house may be reached with that are allowed.
func chromium(t *testing.T, allow ...string) *Camera {
	t.Helper()
	config := DefaultConfig()
	var err error
	if config.Chromium, err = exec.LookPath("chromium"); err != nil {
		t.Fatal(err)
	}
	config.Timeout = 20 * time.Second
	config.NoSandbox = os.Getuid() == 0
	c, err := New(config, newDialer(t, allow...), slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// elsewhere counts what is asked of another address of this machine.
func elsewhere(t *testing.T, asked *atomic.Int32) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// TestChromium_DrawsAPage draws a page that turns green by a script and tries to look around in the house meanwhile, which
// the second browser is allowed and the first is not.
func TestChromium_DrawsAPage(t *testing.T) {
	t.Parallel()
	var looked atomic.Int32
	inside := elsewhere(t, &looked)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<body style="background:#f00"><img src="http://%[1]s/img"><iframe src="http://%[1]s/frame"></iframe><script>
			fetch("http://%[1]s/fetch",{mode:"no-cors"}); new WebSocket("ws://%[1]s/ws"); navigator.sendBeacon("http://%[1]s/beacon");
			setTimeout(() => { document.body.innerHTML = ""; document.body.style.background = "#0f0" }, 1000)</script>`, inside)
	}))
	t.Cleanup(page.Close)
	for _, allow := range [][]string{{"127.0.0.1"}, {"127.0.0.1", "127.0.0.2"}} {
		data, err := chromium(t, allow...).Shoot(t.Context(), job.Page{URL: page.URL, Width: 320, Height: 240, Delay: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X != 320 || size.Y != 240 {
			t.Errorf("the picture is %v, want 320 by 240", size)
		}
		if c := color.NRGBAModel.Convert(picture.At(200, 200)); c != (color.NRGBA{G: 255, A: 255}) {
			t.Errorf("the page is %v, want green", c)
		}
		if allowed := len(allow) > 1; looked.Load() > 0 != allowed {
			t.Errorf("with %v allowed, the house was asked %d times", allow, looked.Load())
		}
	}
}

// TestChromium_FollowsNoWayInside does not follow a page that sends the browser into the house, nor draws one that is there.
func TestChromium_FollowsNoWayInside(t *testing.T) {
	t.Parallel()
	var looked atomic.Int32
	inside := "http://" + elsewhere(t, &looked)
	redirects := httptest.NewServer(http.RedirectHandler(inside, http.StatusFound))
	t.Cleanup(redirects.Close)
	camera := chromium(t, "127.0.0.1")
	if _, err := camera.Shoot(t.Context(), job.Page{URL: redirects.URL, Width: 320, Height: 240}); err != nil {
		t.Errorf("a page that redirects: %v", err) // the browser draws that it got nowhere
	}
	_, err := camera.Shoot(t.Context(), job.Page{URL: inside, Width: 320, Height: 240})
	refused, ok := errors.AsType[*outbound.Error](err)
	if !ok || refused.Class != outbound.ClassBlocked || looked.Load() != 0 {
		t.Errorf("got %v, and the house was asked %d times", err, looked.Load())
	}
	redirects.Close()
	_, err = camera.Shoot(t.Context(), job.Page{URL: redirects.URL, Width: 320, Height: 240})
	if refused, ok := errors.AsType[*outbound.Error](err); !ok || refused.Class != outbound.ClassRefused {
		t.Errorf("nobody listens, and it is %v", err)
	}
}
