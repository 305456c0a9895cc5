package main

// family is a group of operations, in the order of the reference.
type family struct {
	title      string
	operations []entry
}

// entry is an operation with params that are worth to be seen. The tests try them, and miss every operation that has
// none.
type entry struct{ op, params string }

var families = []family{
	{"Geometry", []entry{
		{"resize", `{"width": 800}`},
		{"fit", `{"width": 1600, "height": 1200}`},
		{"limit", `{"width": 2048, "height": 2048}`},
		{"fill", `{"width": 300, "height": 300, "gravity": "attention"}`},
		{"pad", `{"width": 800, "height": 600, "background": "blur"}`},
		{"crop", `{"width": "50%", "height": 400, "gravity": "north_east", "x": 10, "y": 20}`},
		{"aspect", `{"aspect_ratio": "16:9", "focus_x": 0.3, "focus_y": 0.4}`},
		{"trim", `{"tolerance": 5, "padding": 10}`},
		{"rotate", `{"degrees": 1.5, "inside": true}`},
		{"deskew", `{"background": "white"}`},
		{"flip", `{"direction": "vertical"}`},
		{"orient", `{"orientation": 6}`},
		{"extend", `{"top": 20, "bottom": "10%", "background": "#f0f0f0"}`},
		{"border", `{"width": 4, "color": "navy"}`},
		{"shadow", `{"x": 8, "y": 8, "sigma": 4, "color": "#00000080"}`},
		{"density", `{"dpi": 300}`},
		{"retime", `{"delay": 200, "loop": 3}`},
		{"round", `{"radius": [40, 40, 0, 0]}`},
		{"mask", `{"shape": "circle"}`},
	}},
	{"Colour", []entry{
		{"brightness", `{"amount": 0.1}`},
		{"contrast", `{"amount": 0.3}`},
		{"exposure", `{"stops": 0.5}`},
		{"highlights", `{"amount": -0.4}`},
		{"shadows", `{"amount": 0.4}`},
		{"gamma", `{"gamma": 1.2}`},
		{"levels", `{"black": 0.05, "white": 0.95}`},
		{"normalize", `{"per_channel": true}`},
		{"equalize", `{"amount": 0.5}`},
		{"enhance", `{}`},
		{"saturation", `{"amount": 0.25}`},
		{"vibrance", `{"amount": 0.4}`},
		{"hue", `{"degrees": 120}`},
		{"modulate", `{"brightness": 1.1, "saturation": 1.2}`},
		{"channels", `{"red": 1.1, "blue": 0.9}`},
		{"grayscale", `{}`},
		{"sepia", `{"strength": 0.8}`},
		{"monochrome", `{"color": "#44bbaa"}`},
		{"duotone", `{"shadow": "#1a1a40", "highlight": "#ffd700"}`},
		{"tint", `{"colors": ["#000033", "#ff0088", "#ffff66"], "positions": [0, 0.4, 1]}`},
		{"colorize", `{"color": "#2040ff", "amount": 0.2}`},
		{"negate", `{}`},
		{"threshold", `{"level": 0.6}`},
		{"quantize", `{"colors": 16, "dither": true}`},
		{"opacity", `{"opacity": 0.5}`},
		{"flatten", `{"background": "white"}`},
		{"profile", `{"to": "srgb"}`},
	}},
	{"Filters", []entry{
		{"blur", `{"sigma": 12, "region": {"x": 100, "y": 40, "width": 200, "height": 80}}`},
		{"sharpen", `{"sigma": 0.8}`},
		{"unsharp", `{"sigma": 1.5, "amount": 0.7}`},
		{"median", `{"radius": 2}`},
		{"denoise", `{"luminance": 0.5}`},
		{"pixelate", `{"size": 16}`},
		{"vignette", `{"strength": 0.6, "color": "black"}`},
		{"tilt_shift", `{"position": 0.6, "sigma": 8}`},
		{"edge", `{"detector": "canny"}`},
		{"emboss", `{"angle": 135}`},
		{"sketch", `{"sigma": 4}`},
		{"oil_paint", `{"radius": 5}`},
		{"halftone", `{"size": 8}`},
	}},
	{"Composition", []entry{
		{"overlay", `{"picture": "logo", "steps": [{"op": "fit", "params": {"width": 120}}], "gravity": "south_east", "x": 20, "y": 20}`},
		{"text", `{"text": "© 2026", "size": 24, "color": "#ffffffcc", "gravity": "south_east", "x": 20, "y": 20}`},
		{"line", `{"x": 0, "y": "50%", "to_x": "100%", "to_y": "50%", "width": 3, "color": "red"}`},
		{"rectangle", `{"x": 20, "y": 20, "width": 200, "height": 80, "color": "#00000080", "radius_x": 12, "radius_y": 12}`},
		{"ellipse", `{"x": "25%", "y": "25%", "width": "50%", "height": "50%", "color": "transparent", "stroke": 4, "stroke_color": "gold"}`},
		{"append", `{"pictures": ["right"], "gap": 10}`},
		{"grid", `{"pictures": ["b", "c", "d"], "columns": 2, "width": 400, "height": 300, "gap": 8}`},
		{"sprite", `{"pictures": ["cart", "heart"], "own": "home", "layout": "packed", "gap": 2}`},
		{"animate", `{"pictures": ["second", "third"], "delay": 500}`},
		{"document", `{"pictures": ["page2", "page3"]}`},
	}},
}
