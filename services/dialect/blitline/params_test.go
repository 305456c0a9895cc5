package blitline_test

import (
	"strings"
	"testing"
)

func TestFunctions_WrongParameters(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, params, want string }{
		{"resize_to_fit", `{"width":0}`, "The parameter 'width' of 'resize_to_fit' is 0: expected a width or a height of more than 0 pixels"},
		{"resize_to_fit", `{}`, "The parameter 'width' of 'resize_to_fit' is missing: expected a width or a height of more than 0 pixels"},
		{"resize_to_fit", `{"width":"wide"}`, "The parameter 'width' of 'resize_to_fit' is \"wide\": expected a number of pixels, or a share such as \"50%\""},
		{"resize_to_fit", `{"width":9,"only_shrink_larger":"maybe"}`, "The parameter 'only_shrink_larger' of 'resize_to_fit' is \"maybe\": expected true or false"},
		{"resize_to_fill", `{"width":3}`, "The parameter 'height' of 'resize_to_fill' is missing: expected a number of pixels above 0"},
		{"resize", `{"scale_factor":20}`, "The parameters of 'resize' are out of range: scale is 20: expected a number from 0.001 to 10"},
		{"crop", `{"width":[1]}`, "The parameter 'width' of 'crop' is [1]: expected a number of pixels, or a share such as \"50%\""},
		{"pad", `{"size":-5}`, "The parameter 'size' of 'pad' is -5: expected a number of pixels above 0"},
		{"imagga_smart_crop", `{"resolution":"large"}`, "The parameter 'resolution' of 'imagga_smart_crop' is \"large\": expected a width and a height such as \"150x150\""},
		{"imagga_smart_crop", `{"resolution":"0x9"}`, "The parameter 'resolution' of 'imagga_smart_crop' is \"0x9\": expected a width and a height above 0 such as \"150x150\""},
		{"density", `{"dpi":0}`, "The parameters of 'density' are out of range: dpi is 0: expected a number from 1 to 1200"},
		{"rotate", `{"amount":{}}`, "The parameter 'amount' of 'rotate' is {}: expected a number"},
		{"blur", `{"sigma":true}`, "The parameter 'sigma' of 'blur' is true: expected a number"},
		{"background_color", `{"color":"blu"}`, "The parameter 'color' of 'background_color' is \"blu\": expected a colour: a name, #rgb, #rrggbb, rgb(r,g,b) or rgba(r,g,b,a)"},
		{"annotate", `{"text":" "}`, "The parameter 'text' of 'annotate' is \" \": expected a text"},
		{"annotate", `{"text":"a","font_weight":"fat"}`, "The parameter 'font_weight' of 'annotate' is \"fat\": expected normal, bold, bolder, lighter, or a number from 100 to 900"},
		{"annotate", `{"text":"a","style":"wavy"}`, "The parameter 'style' of 'annotate' is \"wavy\": expected normal, italic or oblique"},
		{"annotate", `{"text":"a","point_size":0}`, "The parameters of 'annotate' are out of range: size is 0: expected a number from 1 to 2000"},
		{"ellipse", `{"origin_x":1}`, "The parameter 'origin_y' of 'ellipse' is missing: expected a number of pixels"},
		{"ellipse", `{"origin_x":1,"origin_y":1,"ellipse_width":0,"ellipse_height":5}`, "The parameter 'ellipse_width' of 'ellipse' is 0: expected a number of pixels above 0"},
		{"line", `{"x":1,"y":2,"x1":3,"y1":"?"}`, "The parameter 'y1' of 'line' is \"?\": expected a number"},
		{"level", `{"black_point":9,"white_point":9}`, "The parameter 'black_point' of 'level' is 9: expected a black_point below the white_point, both from 0 to 65535"},
		{"level", `{"channel":"OpacityChannel"}`, "The parameter 'channel' of 'level' is \"OpacityChannel\": expected AllChannels, RedChannel, GreenChannel or BlueChannel"},
		{"interlace", `{"type":"odd"}`, "The parameter 'type' of 'interlace' is \"odd\": expected NoInterlace, LineInterlace, PlaneInterlace, PartitionInterlace, JPEGInterlace, PNGInterlace or GIFInterlace"},
		{"delete_profile", `{}`, "The parameter 'name' of 'delete_profile' is missing: expected a text"},
		{"composite", `{}`, `The parameter 'src' of 'composite' is missing: expected an http or https URL, an object such as {"name":"s3","bucket":…,"key":…}, or "&" and the identifier of an earlier image`},
		{"composite", `{"src":"http://x/a","scale_to_fit":{}}`, ""},
		{"composite", `{"src":"http://x/a","scale_to_fill":{"width":5}}`, `The parameter 'scale_to_fill' of 'composite' is {"width":5}: expected an object with width and height, in pixels or as shares such as "50%"`},
		{"append", `{"other_images":"http://x/a,b"}`, `The parameter 'other_images' of 'append' is "http://x/a,b": expected an http or https URL`},
		{"append", `{"other_images":""}`, "The parameter 'other_images' of 'append' is \"\": expected a list of pictures"},
		{"image_grid", `{"images":["http://x/a"],"cell_width":5}`, "The parameter 'cell_height' of 'image_grid' is missing: expected a number of pixels above 0"},
		{"tile", `{"src":"http://x/a","scale":-1}`, "The parameter 'scale' of 'tile' is -1: expected a number above 0"},
		{"convert_command", `{}`, "The function 'convert_command' has no options: expected some of +dither, -blur"},
		{"convert_command", `{"-resize":"big"}`, "The parameter '-resize' of 'convert_command' is \"big\": expected a geometry such as \"800x600\""},
		{"blur", `7`, "The params of 'blur' are not an object"},
	}
	for _, row := range rows {
		t.Run(row.name+row.params, func(t *testing.T) {
			t.Parallel()
			got := parseOne(t, functionJob(row.name, row.params))
			if row.want == "" {
				if got.Refusal != nil {
					t.Errorf("refused: %+v", got.Refusal)
				}
				return
			}
			if got.Refusal == nil || got.Refusal.Code != "invalid_params" || !strings.HasPrefix(got.Refusal.Message, row.want) {
				t.Errorf("got %+v, want %q", got.Refusal, row.want)
			}
		})
	}
}

func TestFunctions_RefusedOptions(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, params, want string }{
		{"convert_command", `{"-resize":"50%","-distort":"SRT 3"}`, "The option '-distort' of 'convert_command' cannot be run here: expected only +dither, -blur"},
		{"convert_command", `{"text":"x"}`, "The option 'text' of 'convert_command' cannot be run here"},
		{"composite", `{"src":"http://x/a","composite_op":"BumpmapCompositeOp"}`, "The parameter 'composite_op' of 'composite' is \"BumpmapCompositeOp\": expected one of OverCompositeOp"},
	}
	for _, row := range rows {
		got := parseOne(t, functionJob(row.name, row.params))
		if got.Refusal == nil || !strings.HasPrefix(got.Refusal.Message, row.want) {
			t.Errorf("%s %s: got %+v, want %q", row.name, row.params, got.Refusal, row.want)
		}
	}
}

func TestFunctions_Colours(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"White": "white", "none": "transparent", "transparent": "transparent", "#FFF": "#fff", "#12345678": "#12345678", "336699": "#336699",
		"#111122223333": "#112233", "#1111222233334444": "#11223344", "gray0": "#000000", "Grey50": "#808080", "gray100": "#ffffff",
		"rgb(255, 0,128)": "#ff0080ff", "rgba(100%,0%,50%,0.5)": "#ff008080", "rgba(300,-5,0,1)": "#ff0000ff",
		"gray101": "", "rgb(1,2)": "", "rgb(1,2,3": "", "hsl(1,2,3)": "", "#12345": "", "rgb(a,b,c)": "",
	} {
		got := parseOne(t, functionJob("background_color", `{"color":"`+given+`"}`))
		switch {
		case want == "" && got.Refusal == nil:
			t.Errorf("%s is taken for %s, want a refusal", given, got.Recipe.Steps[0].Params)
		case want != "" && (got.Refusal != nil || string(got.Recipe.Steps[0].Params) != `{"background":"`+want+`"}`):
			t.Errorf("%s: refusal %+v, params %s, want %s", given, got.Refusal, got.Recipe.Steps[0].Params, want)
		}
	}
}
