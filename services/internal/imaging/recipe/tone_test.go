package recipe_test

import (
	"slices"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// actionsOf are those of a valid step on 60 × 40 pixels.
func actionsOf(t *testing.T, op, params string) []recipe.Action {
	t.Helper()
	actions, _, err := recipe.Step{Op: op, Params: []byte(params)}.Apply(recipe.Size{Width: 60, Height: 40})
	if err != nil {
		t.Fatalf("%s %s: %v", op, params, err)
	}
	return actions
}

// only is the one action of a step, which must be of the type.
func only[A recipe.Action](t *testing.T, op, params string) A {
	t.Helper()
	actions := actionsOf(t, op, params)
	if len(actions) != 1 {
		t.Fatalf("%s %s has %d actions, want 1", op, params, len(actions))
	}
	action, ok := actions[0].(A)
	if !ok {
		t.Fatalf("%s %s is a %T, want a %T", op, params, actions[0], action)
	}
	return action
}

func TestNeutralParameters_AreNoWork(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{
		"brightness": {``, `{"amount":0}`}, "contrast": {``, `{"amount":0,"middle":0.2}`, `{"slope":"linear"}`},
		"exposure": {``}, "highlights": {``}, "shadows": {``}, "saturation": {``}, "vibrance": {``},
		"hue": {``, `{"degrees":360}`, `{"degrees":-360}`}, "gamma": {``}, "modulate": {``, `{"hue":360}`},
		"levels": {``, `{"channel":"red"}`}, "channels": {``}, "equalize": {`{"amount":0}`}, "enhance": {`{"amount":0}`},
		"tint": {`{"colors":["red"],"amount":0}`}, "colorize": {`{"amount":0}`}, "duotone": {`{"alpha":0}`},
		"monochrome": {`{"alpha":0}`}, "opacity": {``}, "sharpen": {`{"amount":0}`}, "unsharp": {`{"amount":0}`},
		"median": {`{"radius":0}`}, "pixelate": {`{"size":1}`}, "vignette": {`{"strength":0}`},
		"oil_paint": {`{"radius":0}`}, "denoise": {`{"luminance":0,"chroma":0}`},
	}
	for op, all := range rows {
		for _, params := range all {
			if actions := actionsOf(t, op, params); len(actions) > 0 {
				t.Errorf("%s %s does %v", op, params, actions)
			}
		}
	}
}

func TestCurves(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		op, params string
		want       map[int]uint8 // some values
	}{
		"brightness adds":              {"brightness", `{"amount":0.2}`, map[int]uint8{0: 51, 100: 151, 204: 255, 255: 255}},
		"brightness takes away":        {"brightness", `{"amount":-1}`, map[int]uint8{0: 0, 255: 0}},
		"sigmoid keeps the ends":       {"contrast", `{"amount":1}`, map[int]uint8{0: 0, 51: 11, 204: 244, 255: 255}},
		"sigmoid about another middle": {"contrast", `{"amount":0.5,"middle":0.2}`, map[int]uint8{0: 0, 51: 83, 255: 255}},
		"inverse sigmoid":              {"contrast", `{"amount":-1}`, map[int]uint8{0: 0, 11: 52, 244: 203, 255: 255}},
		"line":                         {"contrast", `{"amount":0.5,"slope":"linear"}`, map[int]uint8{0: 0, 64: 32, 128: 128, 192: 224, 255: 255}},
		"line of no contrast":          {"contrast", `{"amount":-1,"slope":"linear"}`, map[int]uint8{0: 128, 255: 128}},
		"a stop doubles the light":     {"exposure", `{"stops":1}`, map[int]uint8{0: 0, 128: 176, 188: 255}},
		"a stop less halves it":        {"exposure", `{"stops":-1}`, map[int]uint8{0: 0, 175: 128, 255: 188}},
		"highlights come down":         {"highlights", `{"amount":-1}`, map[int]uint8{0: 0, 51: 43, 170: 132, 255: 255}},
		"shadows come up":              {"shadows", `{"amount":1}`, map[int]uint8{0: 0, 85: 123, 204: 212, 255: 255}},
		"gamma":                        {"gamma", `{"gamma":2}`, map[int]uint8{0: 0, 64: 128, 255: 255}},
		"levels stretch":               {"levels", `{"black":0.2,"white":0.8}`, map[int]uint8{51: 0, 128: 128, 204: 255}},
		"levels squeeze":               {"levels", `{"out_black":0.2,"out_white":0.8}`, map[int]uint8{0: 51, 255: 204}},
		"levels bend":                  {"levels", `{"gamma":0.5}`, map[int]uint8{0: 0, 128: 64, 255: 255}},
		"gain":                         {"channels", `{"red":2}`, map[int]uint8{0: 0, 100: 200, 128: 255}},
		"brightness of modulate":       {"modulate", `{"brightness":0.5}`, map[int]uint8{0: 0, 100: 50, 255: 128}},
		"colorize":                     {"colorize", `{"color":"#ff0000","amount":0.5}`, map[int]uint8{0: 128, 255: 255}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			curve := only[recipe.Curve](t, row.op, row.params)
			for value, want := range row.want {
				if got := curve.Red[value]; got != want {
					t.Errorf("%d becomes %d, want %d", value, got, want)
				}
			}
			if !slices.IsSorted(curve.Red[:]) {
				t.Errorf("the order of values changes: %v", curve.Red)
			}
		})
	}
}

func TestCurves_StayInOrderAtTheirBounds(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{
		"brightness": {`{"amount":-1}`, `{"amount":1}`}, "highlights": {`{"amount":-1}`, `{"amount":1}`},
		"shadows": {`{"amount":-1}`, `{"amount":1}`}, "exposure": {`{"stops":-5}`, `{"stops":5}`},
		"gamma":    {`{"gamma":0.1}`, `{"gamma":10}`},
		"contrast": {`{"amount":-1,"middle":0}`, `{"amount":-1,"middle":1}`, `{"amount":1,"middle":0}`, `{"amount":1,"middle":1}`},
	}
	for op, all := range rows {
		for _, params := range all {
			if curve := only[recipe.Curve](t, op, params); !slices.IsSorted(curve.Red[:]) {
				t.Errorf("%s %s changes the order of values: %v", op, params, curve.Red)
			}
		}
	}
}

func TestLevels_OfOneChannel(t *testing.T) {
	t.Parallel()
	for channel, changed := range map[string][3]bool{
		"red": {true, false, false}, "green": {false, true, false}, "blue": {false, false, true}, "all": {true, true, true},
	} {
		curve := only[recipe.Curve](t, "levels", `{"white":0.5,"channel":"`+channel+`"}`)
		if got := [3]bool{curve.Red[100] != 100, curve.Green[100] != 100, curve.Blue[100] != 100}; got != changed {
			t.Errorf("%s changes %v, want %v", channel, got, changed)
		}
	}
}

func TestMatrices(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		op, params string
		in, want   [3]float64
	}{
		"saturation of nothing is luma":  {"saturation", `{"amount":-1}`, [3]float64{255, 0, 0}, [3]float64{54.3, 54.3, 54.3}},
		"saturation keeps gray":          {"saturation", `{"amount":1}`, [3]float64{90, 90, 90}, [3]float64{90, 90, 90}},
		"saturation drives apart":        {"saturation", `{"amount":1}`, [3]float64{200, 100, 100}, [3]float64{278.7, 78.7, 78.7}},
		"hue keeps gray":                 {"hue", `{"degrees":77}`, [3]float64{90, 90, 90}, [3]float64{90, 90, 90}},
		"hue of red turns to green":      {"hue", `{"degrees":120}`, [3]float64{255, 0, 0}, [3]float64{-93.1, 113.1, -92.3}},
		"modulate keeps gray":            {"modulate", `{"saturation":3,"hue":50}`, [3]float64{90, 90, 90}, [3]float64{90, 90, 90}},
		"modulate brightens at the end":  {"modulate", `{"brightness":2,"saturation":0}`, [3]float64{255, 0, 0}, [3]float64{108.6, 108.6, 108.6}},
		"a whole turn in three is whole": {"hue", `{"degrees":-240}`, [3]float64{255, 0, 0}, [3]float64{-93.1, 113.1, -92.3}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := only[recipe.Recombine](t, row.op, row.params).Matrix
			for y, want := range row.want {
				got := m[y][0]*row.in[0] + m[y][1]*row.in[1] + m[y][2]*row.in[2]
				if got < want-0.2 || got > want+0.2 {
					t.Errorf("channel %d is %.2f, want %.2f", y, got, want)
				}
			}
		})
	}
}

// gradientOf is the curve at the end of an operation that recolours by gray.
func gradientOf(t *testing.T, op, params string) recipe.Curve {
	t.Helper()
	actions := actionsOf(t, op, params)
	if _, gray := actions[0].(recipe.Gray); !gray {
		t.Fatalf("%s begins with a %T, want gray", op, actions[0])
	}
	return actions[len(actions)-1].(recipe.Curve)
}

func TestGradients(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		op, params string
		want       map[int][3]uint8
	}{
		"duotone":            {"duotone", `{"shadow":"#100000","highlight":"#00ff00"}`, map[int][3]uint8{0: {16, 0, 0}, 255: {0, 255, 0}}},
		"duotone by default": {"duotone", ``, map[int][3]uint8{0: {}, 77: {77, 77, 77}, 255: {255, 255, 255}}},
		"monochrome keeps black, its colour and white": {
			"monochrome", `{"color":"#00ff00"}`,
			map[int][3]uint8{0: {}, 182: {0, 254, 0}, 255: {255, 255, 255}},
		},
		"monochrome of black":  {"monochrome", `{"color":"#000000"}`, map[int][3]uint8{0: {}, 255: {255, 255, 255}}},
		"monochrome of white":  {"monochrome", `{"color":"#ffffff"}`, map[int][3]uint8{0: {}, 255: {255, 255, 255}}},
		"tint of one colour":   {"tint", `{"colors":["#808080"],"amount":1}`, map[int][3]uint8{0: {}, 128: {128, 128, 128}, 255: {255, 255, 255}}},
		"tint spreads evenly":  {"tint", `{"colors":["#000000","#ff0000","#0000ff"],"amount":1}`, map[int][3]uint8{51: {102, 0, 0}, 255: {0, 0, 255}}},
		"tint has places":      {"tint", `{"colors":["#ff0000","#0000ff"],"positions":[0.2,0.6],"amount":1}`, map[int][3]uint8{0: {255, 0, 0}, 102: {127, 0, 128}, 200: {0, 0, 255}}},
		"tint may have steps":  {"tint", `{"colors":["#ff0000","#0000ff"],"positions":[0.5,0.5],"amount":1}`, map[int][3]uint8{127: {255, 0, 0}, 128: {0, 0, 255}}},
		"tint of one place":    {"tint", `{"colors":["#ff0000"],"positions":[0.5],"amount":1}`, map[int][3]uint8{0: {255, 0, 0}, 255: {255, 0, 0}}},
		"threshold is a step":  {"threshold", `{"level":0.5}`, map[int][3]uint8{127: {}, 128: {255, 255, 255}}},
		"threshold of nothing": {"threshold", `{"level":0}`, map[int][3]uint8{0: {255, 255, 255}}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			curve := gradientOf(t, row.op, row.params)
			for value, want := range row.want {
				if got := [3]uint8{curve.Red[value], curve.Green[value], curve.Blue[value]}; got != want {
					t.Errorf("%d becomes %v, want %v", value, got, want)
				}
			}
		})
	}
}

func TestMix_IsWhatItIsMadeOf(t *testing.T) {
	t.Parallel()
	if plain := only[recipe.Mix](t, "duotone", `{"alpha":0.5}`); !plain.Pointwise() || !plain.Framewise() {
		t.Error("a mix of pointwise actions is not pointwise")
	}
	if looks := only[recipe.Mix](t, "enhance", `{"amount":0.5}`); looks.Pointwise() || looks.Framewise() {
		t.Error("a mix with an action that looks at all pixels is pointwise")
	}
}
