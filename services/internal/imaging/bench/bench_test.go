package bench_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// rounds is how often each pair is measured, one after the other and in turn first.
const rounds = 7

// pool starts renderers as many as a machine gets by default.
func pool(tb testing.TB, program string, change func(*imaging.Config)) *imaging.Pool {
	tb.Helper()
	cfg := imaging.DefaultConfig()
	cfg.Executable, cfg.Documents = program, 0
	if change != nil {
		change(&cfg)
	}
	p, err := imaging.NewPool(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// workers is the number of renderers, and of threads of the C loop.
func workers() int { return imaging.DefaultConfig().Workers }

// renderAll makes count pictures of the files in turn, each slot busy all the time, and returns the seconds it took.
func renderAll(tb testing.TB, p *imaging.Pool, r recipe.Recipe, files [][]byte, count int) float64 {
	tb.Helper()
	begun := time.Now()
	group, ctx := errgroup.WithContext(tb.Context())
	group.SetLimit(p.Slots())
	for i := range count {
		group.Go(func() error {
			resp, err := p.Render(ctx, imaging.Request{Recipe: r, Source: files[i%len(files)]})
			if err == nil && len(resp.Failures) > 0 {
				err = fmt.Errorf("failed: %+v", resp.Failures)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		tb.Fatal(err)
	}
	return time.Since(begun).Seconds()
}

// loopAll is the same by the C loop.
func loopAll(tb testing.TB, paths []string, count int, size recipe.Size, mode, out string) float64 {
	tb.Helper()
	args := []string{
		strconv.Itoa(workers()), strconv.Itoa(count), strconv.Itoa(size.Width), strconv.Itoa(size.Height), mode, out,
	}
	cmd := exec.CommandContext(tb.Context(), cloop, append(args, paths...)...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		tb.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	if err != nil {
		tb.Fatal(err)
	}
	return seconds
}

// one is a recipe of one step and one output.
func one(op, params, format string) recipe.Recipe {
	return recipe.Recipe{Steps: []recipe.Step{{
		Op: op, Params: []byte(params), Save: &recipe.Save{ID: "out", Format: format},
	}}}
}

// pairs measures two things in turn, each first every other time, and returns the medians of both and of their ratio.
func pairs(a, b func() float64) (mid, midB, ratio float64) {
	var as, bs, ratios []float64
	for i := range rounds {
		var x, y float64
		if i%2 == 0 {
			x, y = a(), b()
		} else {
			y, x = b(), a()
		}
		as, bs, ratios = append(as, x), append(bs, y), append(ratios, x/y)
	}
	return figure.Median(as), figure.Median(bs), figure.Median(ratios)
}

// BenchmarkAgainstC compares renderers with the C loop: pictures a second, and the distance of both to a resize of all
// pixels.
func BenchmarkAgainstC(b *testing.B) {
	for name, row := range map[string]struct {
		width, height, count int
		to                   recipe.Size
		op, mode             string
	}{
		"24mp_1600": {6000, 4000, 24, recipe.Size{Width: 1600, Height: 1600}, "fit", "fit"},
		"24mp_400":  {6000, 4000, 48, recipe.Size{Width: 400, Height: 400}, "fit", "fit"},
		"2mp_thumb": {1920, 1080, 300, recipe.Size{Width: 150, Height: 100}, "fill", "fill"},
	} {
		b.Run(name, func(b *testing.B) {
			paths, files := corpus(b, row.width, row.height)
			p := pool(b, renderer, nil)
			params := fmt.Sprintf(`{"width":%d,"height":%d}`, row.to.Width, row.to.Height)
			for b.Loop() {
				ours, theirs, ratio := pairs(
					func() float64 {
						return float64(row.count) / renderAll(b, p, one(row.op, params, "jpeg"), files, row.count)
					},
					func() float64 { return float64(row.count) / loopAll(b, paths, row.count, row.to, row.mode, "-") },
				)
				figure.Add("imaging.renderer_per_s."+name, ours, "pictures/s")
				figure.Add("imaging.c_per_s."+name, theirs, "pictures/s")
				figure.Add("imaging.c_ratio."+name, ratio, "ratio")
				full, direct := looped(b, paths, row.to, row.mode+"-full"), looped(b, paths, row.to, row.mode)
				own := rendered(b, p, one(row.op, params, "png"), files[0])
				figure.Add("imaging.psnr_db."+name, psnr(own, full), "dB")
				figure.Add("imaging.c_psnr_db."+name, psnr(direct, full), "dB")
			}
		})
	}
}

// looped is the C loop's first picture.
func looped(tb testing.TB, paths []string, to recipe.Size, mode string) image.Image {
	tb.Helper()
	out := filepath.Join(tb.TempDir(), "first.png")
	loopAll(tb, paths, 1, to, mode, out)
	data, err := os.ReadFile(out)
	if err != nil {
		tb.Fatal(err)
	}
	return decoded(tb, data)
}

func rendered(tb testing.TB, p *imaging.Pool, r recipe.Recipe, file []byte) image.Image {
	tb.Helper()
	resp, err := p.Render(tb.Context(), imaging.Request{Recipe: r, Source: file})
	if err != nil {
		tb.Fatal(err)
	}
	return decoded(tb, resp.Outputs[0].Data)
}

func decoded(tb testing.TB, data []byte) image.Image {
	tb.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	return img
}

// psnr is the peak signal-to-noise ratio of two opaque pictures of one size over all three channels, in decibels.
func psnr(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return 0
	}
	sum, n := 0.0, 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			for _, d := range []float64{float64(r1>>8) - float64(r2>>8), float64(g1>>8) - float64(g2>>8), float64(b1>>8) - float64(b2>>8)} {
				sum += d * d
				n++
			}
		}
	}
	return 10 * math.Log10(255*255/(sum/float64(n)))
}

// BenchmarkFanout compares five outputs of one job with five jobs of one output, in pictures a second.
func BenchmarkFanout(b *testing.B) {
	_, jpegs := corpus(b, 6000, 4000)
	pngs := [][]byte{asPNG(b, jpegs[0])}
	for name, row := range map[string]struct {
		files [][]byte
		jobs  int
	}{"jpeg": {jpegs, 6}, "png": {pngs, 3}, "avif": {jpegs, 3}} {
		b.Run(name, func(b *testing.B) {
			p := pool(b, renderer, nil)
			var five recipe.Recipe
			var singles []recipe.Recipe
			for i, width := range []int{1280, 960, 640, 320, 160} {
				single := one("fit", fmt.Sprintf(`{"width":%d}`, width), name)
				singles = append(singles, single)
				step := single.Steps[0]
				step.Save = &recipe.Save{ID: strconv.Itoa(i), Format: name}
				five.Steps = append(five.Steps, step)
			}
			for b.Loop() {
				together, apart, ratio := pairs(
					func() float64 { return float64(5*row.jobs) / renderAll(b, p, five, row.files, row.jobs) },
					func() float64 {
						seconds := 0.0
						for _, single := range singles {
							seconds += renderAll(b, p, single, row.files, row.jobs)
						}
						return float64(5*row.jobs) / seconds
					},
				)
				figure.Add("imaging.fanout5_per_s."+name, together, "pictures/s")
				figure.Add("imaging.single_per_s."+name, apart, "pictures/s")
				figure.Add("imaging.fanout5."+name, ratio, "ratio")
			}
		})
	}
}

// BenchmarkMetadata compares a camera's file, which lies on its side and has a colour profile, with the plain one.
func BenchmarkMetadata(b *testing.B) {
	_, plain := corpus(b, 6000, 4000)
	var tagged [][]byte
	for _, file := range plain {
		tagged = append(tagged, likeACamera(file))
	}
	p := pool(b, renderer, nil)
	const count = 24
	r := one("fit", `{"width":1600,"height":1600}`, "jpeg")
	for b.Loop() {
		_, _, ratio := pairs(
			func() float64 { return count / renderAll(b, p, r, tagged, count) },
			func() float64 { return count / renderAll(b, p, r, plain, count) },
		)
		figure.Add("imaging.metadata_ratio", ratio, "ratio")
	}
}

// likeACamera puts an EXIF orientation of 6 and a profile into a JPEG.
func likeACamera(file []byte) []byte {
	exif := "\xE1Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	wide := imagingtest.Profile([3][3]float64{{0.5151, 0.2412, -0.0011}, {0.2920, 0.6922, 0.0419}, {0.1571, 0.0666, 0.7841}})
	return imagingtest.WithSegments(file, []byte(exif), append([]byte("\xE2ICC_PROFILE\x00\x01\x01"), wide...))
}
