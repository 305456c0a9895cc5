package transformation_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
)

// steps tells what a recipe does: each operation with its parameters, from the first to the last.
func steps(got transformation.Translation) []string {
	var all []string
	for steps := got.Recipe.Steps; len(steps) > 0; steps = steps[0].Steps {
		if steps[0].Op != "" {
			all = append(all, steps[0].Op+" "+string(steps[0].Params))
		}
	}
	return all
}

func translate(t *testing.T, text string, r transformation.Request) transformation.Translation {
	t.Helper()
	got, err := parse(t, text).Translate(r)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return got
}

func TestTranslate_OrderOfActions(t *testing.T) {
	t.Parallel()
	got := translate(t, "r_10,o_50,e_sepia,e_blur:100,c_fill,b_red,a_90,w_100,h_50,bo_2px_solid_blue", transformation.Request{Asset: lying})
	want := []string{
		`fill {"width":100,"height":50,"enlarge":true}`, `rotate {"degrees":90,"background":"red"}`, `sepia {"strength":0.8}`,
		`blur {"sigma":2}`, `round {"radius":10,"background":"blue"}`, `border {"width":2,"color":"blue"}`, `round {"radius":12}`,
		`flatten {"background":"red"}`, `opacity {"opacity":0.5}`,
	}
	if diff := cmp.Diff(want, steps(got)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestTranslate_Conditions(t *testing.T) {
	t.Parallel()
	asset := lying
	asset.Pages, asset.Tags, asset.Faces = 3, []string{"cat", "garden"}, []transformation.Box{{X: 1, Y: 1, Width: 9, Height: 9}}
	asset.Context, asset.Metadata = map[string]string{"kind": "big one", "size": "12"}, map[string]string{"sku": "a_b"}
	for test, want := range map[string]bool{
		"w_gt_599": true, "w_gt_600": false, "w_gte_600": true, "h_lt_401": true, "h_lte_399": false, "iw_eq_600": true, "ih_ne_400": false,
		"ar_gt_4:3": true, "iar_eq_1.5": true, "aspect_ratio_gt_1": true, "initial_width_div_2_eq_300": true, "w_mul_2_add_1_eq_1201": true,
		"2_add_3_mul_4_eq_20": true, "2_pow_3_eq_8": true, "7_mod_4_eq_3": true, "1_sub_3_lt_0": true,
		"pc_gt_2": true, "cp_eq_1": true, "fc_eq_1": true, "face_count_gt_1": false, "dpr_eq_1": true,
		"!cat!_in_tags": true, "!dog!_in_tags": false, "!cat:garden!_in_tags": true, "!cat:dog!_in_tags": false, "!dog!_nin_tags": true, "!cat:dog!_nin_tags": false,
		"ctx:!kind!_eq_!big%20one!": true, "ctx:!none!_eq_!!": true, "ctx:!size!_gt_9": true, "md:!sku!_eq_!a_b!": true, "md:!sku!_ne_!a_b!": false,
		"w_eq_1_or_h_eq_400": true, "w_eq_600_and_h_eq_1": false, "w_eq_1_and_h_eq_1_or_ar_eq_1.5": true, "w_eq_600_or_w_eq_1_and_h_eq_1": true,
	} {
		got := translate(t, "if_"+test+"/e_sepia/if_else/e_negate/if_end", transformation.Request{Asset: asset})
		if holds := strings.HasPrefix(steps(got)[0], "sepia"); holds != want {
			t.Errorf("%s: got %v, want %v", test, holds, want)
		}
	}
	for text, want := range map[string]string{
		"if_du_gt_5,w_5":                  "Unsupported expression in transformation: du (only videos have a duration)",
		"if_ctx:!kind!_gt_5,w_5":          "Invalid condition in transformation: big one cannot be compared with 5 by gt",
		"if_$a_eq_5,w_5":                  "Undefined variable in transformation: $a",
		"e_trim/if_w_gt_5,w_5":            "Unsupported expression in transformation: w (the size of the picture is not known after e_trim)",
		"w_$a":                            "Undefined variable in transformation: $a",
		"$a_!x!/w_$a":                     "Invalid width in transformation: $a",
		"$a_!x!/c_$a,w_5":                 "Invalid crop mode in transformation: x",
		"fl_layer_apply,w_5":              "Invalid flag in transformation: layer_apply without a layer",
		"e_screen":                        "Invalid effect in transformation: screen without a layer",
		"l_video:a":                       "Unsupported layer in transformation: video:a (it is for videos, and only pictures are made here)",
		"l_logo,g_auto":                   "Unsupported gravity in transformation: auto (a layer needs a place; there is no detector, and no coordinates were given with the picture)",
		"l_logo/w_w_div_2/fl_layer_apply": "Unsupported expression in transformation: w (the size of the picture is not known after taking a layer whose size is not known)",
		"l_text:Arial_40_wobbly:x":        "Invalid text style in transformation: wobbly",
		"l_text:style1:x":                 "Unsupported overlay in transformation: text:style1:x (styles are written as a font and its size; stored styles are not known here)",
		"l_logo,dn_100":                   "Unsupported density in transformation: 100 (layers are drawn with their own)",
		"l_logo,a_ignore":                 "Unsupported angle in transformation: ignore (layers are turned upright)",
		"l_logo,pg_2":                     "Unsupported page in transformation: 2 (of a layer the first page is taken)",
		"u_logo,e_screen":                 "Unsupported effect in transformation: screen (an underlay does not blend)",
		"w_5/dn_100":                      "",
		"pg_4":                            "Invalid page in transformation: 4",
		"f_png,cs_cmyk":                   "Unsupported color space in transformation: cmyk (only jpg and tiff have it)",
		"f_bmp":                           "Unsupported format in transformation: bmp (the engine cannot write it)",
		"q_jpegmini":                      "Unsupported quality in transformation: jpegmini (it is an add-on of the provider's)",
		"e_blur_faces/a_45/e_blur_faces":  "Unsupported effect in transformation: blur_faces (no coordinates of faces were given with the picture, and there is no detector)",
		"e_replace_color:red:20":          "Unsupported effect in transformation: replace_color:red:20 (which colour is meant has to be said, as the third value)",
		"e_replace_color:red:20:reed":     "Invalid effect in transformation: replace_color:red:20:reed",
		"dpr_dpr":                         "Invalid dpr in transformation: dpr",
		"dpr_1_add_dpr,w_5":               "Invalid dpr in transformation: 1_add_dpr",
		"e_recolor:1:2":                   "Invalid effect in transformation: recolor:1:2",
		"e_distort:arc:180":               "Unsupported effect in transformation: distort:arc:180 (the engine cannot bend pictures)",
		"e_outline:inner":                 "Unsupported effect in transformation: outline:inner (an outline is drawn outside of the shape here)",
		"e_simulate_colorblind:daltonism": "Invalid effect in transformation: simulate_colorblind:daltonism",
		strings.Repeat("e_negate/", 33):   "Invalid transformation: it takes more than 32 steps",
	} {
		_, err := parse(t, text).Translate(transformation.Request{Asset: asset})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && message(t, err) != want:
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestTranslate_Effects(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"co_white,e_make_transparent:20":            `clear_color {"tolerance":20,"color":"white"}`,
		"e_make_transparent":                        `clear_color {"tolerance":10}`,
		"e_opacity_threshold":                       `opacity {"threshold":0.5}`,
		"e_replace_color:maroon:80:2b38aa":          `replace_color {"from":"#2b38aa","to":"maroon","tolerance":80}`,
		"e_replace_color:rgb:fff::rgb:2b38aa":       `replace_color {"from":"#2b38aa","to":"#fff","tolerance":50}`,
		"e_recolor:1:0:0:0:0.5:0:0:0:1":             `channels {"red":1,"green":0.5,"blue":1}`,
		"e_recolor:0:1:0:0:0:1:0:0:0:0:1:0:0:0:0:1": `channels {"red":0,"green":1,"blue":1,"red_from_green":1}`,
		"e_simulate_colorblind:tritanomaly":         `channels {"red":1.153317,"green":0.958485,"blue":0.58234,"red_from_green":-0.046049,"red_from_blue":-0.107267,"green_from_red":-0.047047,"green_from_blue":0.088561,"blue_from_red":0.00284,"blue_from_green":0.41482}`,
		"e_gradient_fade":                           `fade {"top":"50%","steepness":1}`,
		"e_gradient_fade:symmetric:40,x_0.2,y_-30":  `fade {"top":30,"right":"20%","bottom":30,"left":"20%","steepness":2}`,
		"e_gradient_fade,y_-0.3":                    `fade {"bottom":"30%","steepness":1}`,
		"co_orange,e_outline:outer:15:200":          `outline {"width":15,"sigma":4,"color":"orange"}`,
		"e_shear:20:-5.5":                           `shear {"x":20,"y":-5.5}`,
		"e_distort:40:25:90p:60:260:155:-3:165":     `distort {"top_left_x":40,"top_left_y":25,"top_right_x":"90%","top_right_y":60,"bottom_right_x":260,"bottom_right_y":155,"bottom_left_x":-3,"bottom_left_y":165}`,
	} {
		if got := steps(translate(t, text, transformation.Request{Asset: lying})); len(got) != 1 || got[0] != want {
			t.Errorf("%s:\n got %v\nwant %s", text, got, want)
		}
	}
}

func TestTranslate_Variables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"$w_100/w_$w":                             `resize {"width":100}`,
		"$w_0.5/w_$w":                             `resize {"width":300}`,
		"$w_0.5_mul_2/w_$w":                       `resize {"width":1}`,
		"$a_50,$b_$a_mul_3,w_$b,h_$a,c_scale":     `resize {"width":150,"height":50}`,
		"$m_!fill!/c_$m,w_10,h_10":                `fill {"width":10,"height":10,"enlarge":true}`,
		"$l_30/e_sepia:$l":                        `sepia {"strength":0.3}`,
		"$l_30/e_sepia:$l_mul_2":                  `sepia {"strength":0.6}`,
		"$c_!rgb:ff0000!/b_$c,c_pad,w_10,h_10":    `pad {"width":10,"height":10,"gravity":"center","background":"#ff0000","enlarge":true,"shrink":true}`,
		"$r_5/r_$r:0":                             `round {"radius":[5,0,5,0]}`,
		"$t_!you, me!/l_text:Arial_20:Hi%20$(t)!": "",
		"$t_!you!/l_text:Arial_20:Hi%20$(t)!":     `text {"text":"Hi you!","font":"Arial","size":20,"color":"black","gravity":"center"}`,
		"$n_iw_div_7/l_text:Arial_20:$(n)px$(oh":  `text {"text":"85.71428571428571px$(oh","font":"Arial","size":20,"color":"black","gravity":"center"}`,
		"l_text:Times%20New%20Roman_20_bold_italic_stroke_letter_spacing_2_line_spacing_-5_right_antialias_good:A,bo_3px_solid_red,co_white,o_50,a_-10,g_south,y_5,b_rgb:00000080": `text {"text":"A","font":"Times New Roman","size":20,"weight":700,"italic":true,"color":"white","align":"right","line_spacing":-5,"letter_spacing":2,"outline":3,"outline_color":"red","background":"#00000080","gravity":"south","y":5,"opacity":0.5,"degrees":-10}`,
		"l_text:Arial_20_underline:A":               `text {"text":"A","font":"Arial","size":20,"decoration":"underline","color":"black","gravity":"center"}`,
		"l_text:Arial_20:A,c_fit,w_0.5,fl_relative": `text {"text":"A","font":"Arial","size":20,"color":"black","width":300,"gravity":"center"}`,
	} {
		parsed, err := transformation.Parse(text)
		if want == "" {
			if err == nil {
				t.Errorf("%s is read, and has a comma in a value", text)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := parsed.Translate(transformation.Request{Asset: lying})
		if err != nil || steps(got)[0] != want {
			t.Errorf("%s: got %v, %v; want %s", text, steps(got), err, want)
		}
	}
}

func TestTranslate_Layers(t *testing.T) {
	t.Parallel()
	request := transformation.Request{Asset: faced}
	got := translate(t, "l_marks:logo,w_100,g_south_east,x_10/l_fetch:aHR0cHM6Ly9leGFtcGxlLmNvbS9sb2dvLnBuZw==,o_50/l_private:marks:logo/l_marks:logo", request)
	want := map[string]transformation.Layer{
		"layer1": {PublicID: "marks/logo", ResourceType: "image", Type: "upload"},
		"layer2": {ResourceType: "image", Type: "fetch", URL: "https://example.com/logo.png"},
		"layer3": {PublicID: "marks/logo", ResourceType: "image", Type: "private"},
	}
	if diff := cmp.Diff(want, got.Pictures); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	if !slices.Equal(got.Recipe.Pictures(), []string{"layer1", "layer2", "layer3"}) || got.Size.Width != 0 {
		t.Errorf("the recipe names %v, and the size is said to be %v", got.Recipe.Pictures(), got.Size)
	}
	request.Assets = func(transformation.Layer) (transformation.Asset, bool) { return logo, true }
	for text, want := range map[string][]string{
		"l_a,w_0.5":                                  {`overlay {"picture":"layer1","steps":[{"op":"resize","params":{"width":20}}],"gravity":"center","grow":true}`},
		"l_a,w_0.5,fl_relative":                      {`overlay {"picture":"layer1","steps":[{"op":"resize","params":{"width":300}}],"gravity":"center","grow":true}`},
		"l_a,h_0.1,w_0.1,fl_relative":                {`overlay {"picture":"layer1","steps":[{"op":"resize","params":{"width":60,"height":40}}],"gravity":"center","grow":true}`},
		"l_a/w_iw_div_4/fl_layer_apply,x_0.1,y_-0.1": {`overlay {"picture":"layer1","steps":[{"op":"resize","params":{"width":10}}],"gravity":"center","x":60,"y":-40,"grow":true}`},
		"l_a,g_face":                                 {`overlay {"picture":"layer1","gravity":"north_west","x":280,"y":105,"grow":true}`},
		"l_a,e_multiply,fl_no_overflow":              {`overlay {"picture":"layer1","gravity":"center","blend":"multiply"}`},
		"l_a,fl_tiled.no_overflow":                   {`overlay {"picture":"layer1","gravity":"center","tile":true}`},
		"u_a":                                        {`overlay {"picture":"layer1","gravity":"center","blend":"behind","grow":true}`},
		"l_a/l_b/fl_layer_apply,g_north/fl_layer_apply,g_south": {`overlay {"picture":"layer1","steps":[{"op":"overlay","params":{"picture":"layer2","gravity":"north","grow":true}}],"gravity":"south","grow":true}`},
		"l_a,w_10/l_b/e_sepia/fl_layer_apply": {
			`overlay {"picture":"layer1","steps":[{"op":"resize","params":{"width":10}}],"gravity":"center","grow":true}`,
			`overlay {"picture":"layer2","steps":[{"op":"sepia","params":{"strength":0.8}}],"gravity":"center","grow":true}`,
		},
		"l_a,x_300/w_w_div_2": {
			`overlay {"picture":"layer1","gravity":"center","x":300,"grow":true}`, `resize {"width":310}`, // 280 + 300 + 40 wide
		},
	} {
		if diff := cmp.Diff(want, steps(translate(t, text, request))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestTranslate_Files(t *testing.T) {
	t.Parallel()
	clear := transformation.Asset{Width: 60, Height: 40, Format: "png"}
	moving := transformation.Asset{Width: 60, Height: 40, Format: "gif", Pages: 5}
	book := transformation.Asset{Width: 600, Height: 800, Format: "pdf", Pages: 7}
	const modern = "image/avif,image/webp,image/*,*/*;q=0.8"
	for _, row := range []struct {
		asset                   transformation.Asset
		extension, accept, text string
		format, save            string
	}{
		{lying, "", "", "w_5", "jpg", `{"id":"derived","format":"jpeg"}`},
		{lying, "png", "", "w_5", "png", `{"id":"derived","format":"png"}`},
		{lying, "JPEG", "", "w_5", "jpg", `{"id":"derived","format":"jpeg"}`},
		{lying, "png", "", "f_webp", "webp", `{"id":"derived","format":"webp"}`},
		{lying, "", modern, "f_auto", "avif", `{"id":"derived","format":"avif"}`},
		{lying, "png", "image/webp,*/*", "f_auto,q_auto", "webp", `{"id":"derived","format":"webp","auto_quality":"good"}`},
		{lying, "", "image/avif;q=0,image/webp", "f_auto", "webp", `{"id":"derived","format":"webp"}`},
		{lying, "", "*/*", "f_auto", "jpg", `{"id":"derived","format":"jpeg"}`},
		{lying, "", "*/*", "f_auto,r_max", "png", `{"id":"derived","format":"png"}`},
		{clear, "", "*/*", "f_auto", "png", `{"id":"derived","format":"png"}`},
		{clear, "", "*/*", "f_jpg,fl_preserve_transparency", "png", `{"id":"derived","format":"png"}`},
		{clear, "", "*/*", "b_white,f_jpg,fl_preserve_transparency", "jpg", `{"id":"derived","format":"jpeg"}`},
		{moving, "", modern, "f_auto", "webp", `{"id":"derived","format":"webp"}`},
		{moving, "", "*/*", "f_auto", "gif", `{"id":"derived","format":"gif"}`},
		{moving, "", modern, "f_auto,pg_2", "avif", `{"id":"derived","format":"avif"}`},
		{book, "", "", "w_100", "jpg", `{"id":"derived","format":"jpeg"}`},
		{book, "pdf", "", "w_100", "pdf", `{"id":"derived","format":"pdf"}`},
		{lying, "", "", "q_80:444,fl_progressive.keep_iptc", "jpg", `{"id":"derived","format":"jpeg","quality":80,"progressive":true,"chroma":"444","metadata":"keep"}`},
		{lying, "", "", "q_auto:best:420", "jpg", `{"id":"derived","format":"jpeg","auto_quality":"best","chroma":"420"}`},
		{lying, "", "", "f_jxl,q_auto", "jxl", `{"id":"derived","format":"jxl"}`},
		{lying, "", "", "cs_cmyk/f_tif,fl_tiff8_lzw", "tiff", `{"id":"derived","format":"tiff","lossless":true,"profile":"cmyk"}`},
		{lying, "", "", "f_png,l_logo,pg_1,q_50,w_10", "png", `{"id":"derived","format":"png","quality":50}`},
		{lying, "", "", "l_text:Arial_20:A/f_png,fl_layer_apply", "png", `{"id":"derived","format":"png"}`},
		{lying, "", "", "l_logo/f_png,q_5/fl_layer_apply,q_50", "jpg", `{"id":"derived","format":"jpeg","quality":50}`},
		{lying, "", "", "f_png,fl_png8", "png", `{"id":"derived","format":"png","colors":256}`},
	} {
		got := translate(t, row.text, transformation.Request{Asset: row.asset, Extension: row.extension, Accept: row.accept})
		save, err := json.Marshal(got.Recipe.Outputs()[0])
		if err != nil || got.Format != row.format || string(save) != row.save {
			t.Errorf("%s %s for %q: got %s %s, want %s %s", row.asset.Format, row.text, row.accept, got.Format, save, row.format, row.save)
		}
	}
}

func TestTranslate_Documents(t *testing.T) {
	t.Parallel()
	book := transformation.Asset{Width: 600, Height: 800, Format: "pdf", Pages: 7}
	for text, want := range map[string]struct {
		recipe string
		pages  []int
	}{
		"c_scale,h_400,pg_all,w_200": {"all", []int{1, 2, 3, 4, 5, 6, 7}},
		"pg_3":                       {"3", []int{3}},
		"pg_2-4":                     {"2-4", []int{2, 3, 4}},
		"pg_6-9;2;3;3":               {"6-9,2,3,3", []int{2, 3, 6, 7}},
		"$p_2/pg_$p":                 {"2", []int{2}},
		"w_5":                        {"", nil},
	} {
		got := translate(t, text, transformation.Request{Asset: book})
		if got.Recipe.Pages != want.recipe || !slices.Equal(got.Pages, want.pages) {
			t.Errorf("%s: got %q %v, want %q %v", text, got.Recipe.Pages, got.Pages, want.recipe, want.pages)
		}
	}
	got := translate(t, "dn_144,w_0.5", transformation.Request{Asset: book})
	if got.Recipe.Density != 144 || steps(got)[0] != `resize {"width":600}` {
		t.Errorf("twice the density: got %d, %v", got.Recipe.Density, steps(got))
	}
	asStored := lying
	asStored.Orientation = 6
	got = translate(t, "a_ignore,w_200", transformation.Request{Asset: asStored})
	if !got.Recipe.AsStored || got.Size.Height != 300 {
		t.Errorf("left as it is stored: got %v, %v", got.Recipe.AsStored, got.Size)
	}
	moving := transformation.Asset{Width: 60, Height: 40, Format: "gif", Pages: 5}
	for text, want := range map[string]string{
		"dl_200,e_loop:2,w_30": `retime {"delay":200,"loop":3}`, "e_loop,w_30": `retime {"loop":0}`, "dl_1,w_30": `retime {"delay":10}`,
		"w_30": `resize {"width":30}`, "dl_200,pg_2,w_30": `resize {"width":30}`,
	} {
		all := steps(translate(t, text, transformation.Request{Asset: moving}))
		if got := all[len(all)-1]; got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	got = translate(t, "d_folder:none.png,dl_200,e_loop:3/fl_attachment:my.photo.progressive,fl_getinfo.immutable_cache", transformation.Request{Asset: lying})
	if got.Default != "folder/none.png" || got.Delay != 200 || *got.Loop != 3 || !got.Download || got.Attachment != "my.photo" || !got.GetInfo || !got.Immutable {
		t.Errorf("what is handed on: got %+v", got)
	}
}
