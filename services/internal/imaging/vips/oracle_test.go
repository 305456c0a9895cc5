//go:build oracle

package vips_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// opinion is what an independent judge makes of the picture before a golden's last step. Exactly one of convert, vips
// and compute is set.
type opinion struct {
	// convert are ImageMagick's arguments between the input and the output. LOGO, ROCKET and COFFEE stand for the files of
	// the album, and ␣ for a space within an argument.
	convert string
	// vips are the arguments of the command vips; IN and OUT stand for the files. It is libvips too, and only asked
	// about what nobody else knows: where libvips' own judgement puts a box.
	vips string
	// compute makes the picture pixel by pixel.
	compute func(in *image.NRGBA) *image.NRGBA
	// frames is the format in which all frames are compared, one below the other; empty for the one picture.
	frames string
	// tolerance is the mean difference of a channel, of 255 and with colours weighed by opacity, that is agreement.
	tolerance float64
	// because says in a phrase why there is a difference at all.
	because string
}

// The reasons that many operations share.
const (
	rounding  = "rounding"
	resampler = "resamplers differ at edges"
)

// opinions are those of every family of operations, by the name of the golden.
var opinions = func() map[string]opinion {
	all := map[string]opinion{}
	for _, family := range []map[string]opinion{geometryOpinions, colourOpinions, filterOpinions, composeOpinions} {
		maps.Copy(all, family)
	}
	return all
}()

func TestOracle(t *testing.T) {
	t.Parallel()
	magick := imageMagick(t)
	cat := photo(t, "cat.jpg")
	judged := map[string]bool{}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "golden\toperation\tdistance\ttolerance\t")
	for _, name := range slices.Sorted(maps.Keys(goldens)) {
		row, known := opinions[name]
		if !known {
			t.Errorf("golden %s has no opinion in oracle_*_test.go", name)
			continue
		}
		last, before := lastStep(goldens[name].recipe)
		judged[last.Op] = true
		in := render(t, before, cat).outputs["out"].Data
		want := row.picture(t, magick, in)
		got := render(t, chain(last), in).picture(t, "out")
		if row.frames != "" {
			got = stacked(allFrames(t, last, row.frames, in))
		}
		d := distance(weighed(got), weighed(want))
		fmt.Fprintf(table, "%s\t%s\t%.2f\t%.2f\t%s\n", name, last.Op, d, row.tolerance, row.because)
		if d > row.tolerance {
			t.Errorf("%s differs by %.2f from the judge's picture of %v, want at most %.2f", name, d, want.Bounds().Size(), row.tolerance)
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	for op := range recipe.Operations {
		if !judged[op] {
			t.Errorf("operation %s is the last step of no golden, so nobody judges it", op)
		}
	}
}

// lastStep takes a chain apart: its last step, and the recipe of all before it, saved as PNG. Both the engine and the
// judge then work on that PNG, so that only the one operation is compared.
func lastStep(r recipe.Recipe) (last recipe.Step, before recipe.Recipe) {
	steps := []recipe.Step{{}}
	at := r.Steps[0]
	for ; len(at.Steps) > 0; at = at.Steps[0] {
		steps = append(steps, recipe.Step{Op: at.Op, Params: at.Params})
	}
	steps[len(steps)-1].Save = &recipe.Save{ID: "out", Format: "png"}
	return at, chain(steps...)
}

// picture is what the judge makes of the PNG.
func (o opinion) picture(t *testing.T, magick string, in []byte) *image.NRGBA {
	t.Helper()
	if o.compute != nil {
		return o.compute(decode(t, in))
	}
	from, to := filepath.Join(t.TempDir(), "in.png"), filepath.Join(t.TempDir(), "out.png")
	if err := os.WriteFile(from, in, 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := strings.Fields(o.convert)
	files := albumFiles(t)
	for i := range arguments {
		arguments[i] = files.Replace(arguments[i])
	}
	command := exec.CommandContext(t.Context(), magick, slices.Concat([]string{from}, arguments, []string{"PNG32:" + to})...)
	if o.vips != "" {
		command = exec.CommandContext(t.Context(), "vips", strings.Fields(strings.NewReplacer("IN", from, "OUT", to).Replace(o.vips))...)
	}
	if said, err := command.CombinedOutput(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			t.Fatal("the command vips is missing: install libvips-tools")
		}
		t.Fatalf("%v: %v: %s", command.Args, err, said)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, data)
}

// albumFiles puts the further pictures into files, and their paths into arguments. The rocket is in Adobe RGB, which
// ImageMagick has to be told; it gets all of its pixels in sRGB.
func albumFiles(t *testing.T) *strings.Replacer {
	t.Helper()
	folder, paths := t.TempDir(), []string{"␣", " "}
	for name, data := range album {
		if name == "rocket" {
			data = render(t, chain(step("", "", "png")), data).outputs["out"].Data
		}
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, strings.ToUpper(name), path)
	}
	return strings.NewReplacer(paths...)
}

// imageMagick finds a command that really is ImageMagick.
func imageMagick(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"convert-im6.q16", "convert", "magick"} {
		said, err := exec.CommandContext(t.Context(), name, "-version").Output()
		if err == nil && bytes.HasPrefix(said, []byte("Version: ImageMagick")) {
			return name
		}
	}
	t.Fatal("ImageMagick's convert is missing: install the package imagemagick")
	return ""
}
