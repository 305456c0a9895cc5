package vips_test

import (
	"bytes"
	"image/gif"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRetime(t *testing.T) {
	t.Parallel()
	// A file says how often an animation is repeated after the first time; the one at hand plays three times.
	for params, want := range map[string]gif.GIF{
		`{"delay":250}`:            {Delay: []int{25, 25, 25}, LoopCount: 2},
		`{"loop":5}`:               {Delay: []int{10, 20, 30}, LoopCount: 4},
		`{"loop":0,"delay":60000}`: {Delay: []int{6000, 6000, 6000}, LoopCount: 0},
		`{}`:                       {Delay: []int{10, 20, 30}, LoopCount: 2},
	} {
		g := render(t, chain(step("resize", `{"width":30}`, ""), step("retime", params, "gif")), animation(t))
		got, err := gif.DecodeAll(bytes.NewReader(g.outputs["out"].Data))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Delay, got.Delay); diff != "" || got.LoopCount != want.LoopCount {
			t.Errorf("%s: the loop is %d, want %d; delays (-want +got):\n%s", params, got.LoopCount, want.LoopCount, diff)
		}
	}
}
