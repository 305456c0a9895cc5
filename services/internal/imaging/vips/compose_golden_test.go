package vips_test

import "image"

var composeGoldens = map[string]golden{
	"overlay":          {chain(small, step("overlay", `{"picture":"logo","gravity":"south_east","x":5,"y":10}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_faint":    {chain(small, step("overlay", `{"picture":"logo","steps":[{"op":"resize","params":{"width":80}}],"opacity":0.4}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_multiply": {chain(small, step("overlay", `{"picture":"coffee","steps":[{"op":"resize","params":{"width":150,"height":100}}],"blend":"multiply"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_mask":     {chain(small, step("overlay", `{"picture":"logo","steps":[{"op":"resize","params":{"width":90,"height":90}}],"blend":"mask"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_tile":     {chain(small, step("overlay", `{"picture":"logo","gravity":"north_west","x":10,"y":5,"tile":true,"opacity":0.5}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_grow":     {chain(small, step("overlay", `{"picture":"logo","gravity":"west","x":-20,"grow":true}`, "png")), image.Pt(170, 100), image.Rectangle{}},
	"text":             {chain(small, step("text", `{"text":"Ring <b>&</b> back","size":20,"color":"#ffee00","gravity":"south","y":6}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"text_wrapped":     {chain(small, step("text", `{"text":"Three words wrapped and centered","font":"DejaVu Sans","weight":700,"size":16,"width":100,"align":"center","outline":2,"outline_color":"#204080"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"text_box":         {chain(small, step("text", `{"text":"Boxed","size":24,"color":"#000000","background":"#ffffffc0","padding":8,"shadow_color":"#ff0000","shadow_x":3,"shadow_y":3,"shadow_blur":1,"degrees":-10}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"text_fitted":      {chain(small, step("text", `{"text":"As large as fits","font":"DejaVu Sans","width":"80%","height":"60%","align":"center"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_fit":      {chain(small, step("overlay", `{"picture":"coffee","width":"50%","height":90,"gravity":"east"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_fill":     {chain(small, step("overlay", `{"picture":"coffee","width":60,"height":"100%","scale":"fill"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_stretch":  {chain(small, step("overlay", `{"picture":"coffee","width":"100%","height":"20%","scale":"stretch","gravity":"south"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"overlay_light":    {chain(small, step("overlay", `{"picture":"coffee","steps":[{"op":"resize","params":{"width":150,"height":100}}],"blend":"mask_light"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"line":             {chain(small, step("line", `{"x":10,"y":20,"to_x":"90%","to_y":80,"width":5,"color":"#ff000080"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"line_round":       {chain(small, step("line", `{"x":20,"y":50,"to_x":120,"to_y":50,"width":11,"color":"gold","round":true}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"rectangle":        {chain(small, step("rectangle", `{"x":20,"y":10,"width":60,"height":40,"color":"#204080"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"rectangle_round":  {chain(small, step("rectangle", `{"x":30,"y":20,"width":90,"height":60,"color":"#ffffff80","stroke":6,"stroke_color":"navy","radius_x":20,"radius_y":15}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"ellipse":          {chain(small, step("ellipse", `{"x":25,"y":20,"width":101,"height":61,"color":"tomato"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"ellipse_outline":  {chain(small, step("ellipse", `{"x":"-10%","y":10,"width":101,"height":81,"color":"transparent","stroke":4,"stroke_color":"#00ff00"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"append":           {chain(small, step("append", `{"pictures":["logo","rocket"],"steps":[{"op":"fit","params":{"height":60}}],"align":"center","gap":4}`, "png")), image.Pt(288, 100), image.Rectangle{}},
	"append_vertical":  {chain(small, step("append", `{"pictures":["logo"],"vertical":true,"align":"end","background":"#336699"}`, "png")), image.Pt(150, 140), image.Rectangle{}},
	"grid":             {chain(small, step("grid", `{"pictures":["rocket","logo","coffee"],"width":80,"height":50,"gap":2,"background":"#ffffff"}`, "png")), image.Pt(162, 102), image.Rectangle{}},
	"grid_others":      {chain(small, step("grid", `{"pictures":["rocket","logo","coffee"],"own":false,"columns":3,"width":80,"height":50,"background":"#ffffff"}`, "png")), image.Pt(240, 50), image.Rectangle{}},
	"sprite":           {chain(small, step("sprite", `{"pictures":["logo","rocket"],"steps":[{"op":"fit","params":{"width":70}}],"gap":3}`, "png")), image.Pt(150, 193), image.Rectangle{}},
	"sprite_packed":    {chain(small, step("sprite", `{"pictures":["logo","rocket","coffee"],"steps":[{"op":"fit","params":{"width":70}}],"layout":"packed"}`, "png")), image.Pt(150, 187), image.Rectangle{}},
	"animate":          {chain(small, step("animate", `{"pictures":["rocket"],"steps":[{"op":"resize","params":{"width":180,"height":120}}],"background":"#336699"}`, "png")), image.Pt(180, 120), image.Rectangle{}},
	"document":         {chain(small, step("document", `{"pictures":["rocket"],"steps":[{"op":"resize","params":{"width":180,"height":120}}]}`, "png")), image.Pt(180, 120), image.Rectangle{}},
}
