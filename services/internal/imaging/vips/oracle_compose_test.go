//go:build oracle

package vips_test

// The reasons of letters and layers.
const (
	letters = "another program draws letters otherwise at their edges"
	shrunk  = "a photograph is shrunk while it is read"
	thick   = "an outline is an estimate"
	strokes = "the judge's strokes are about half a pixel thicker than asked for"
)

// written is a text by ImageMagick, cut to its ink as the engine's is. A ␣ is a space.
const written = " -background none -font DejaVu-Sans -define type:hinting=off "

var composeOpinions = map[string]opinion{
	"overlay":       {convert: "LOGO -gravity southeast -geometry +5+10 -composite", tolerance: 0.1, because: rounding},
	"overlay_faint": {convert: "( LOGO -filter Catrom -resize 80x80 -channel A -evaluate multiply 0.4 +channel ) -gravity center -composite", tolerance: 0.6, because: resampler},
	"overlay_multiply": {
		convert:   "( COFFEE -filter Lanczos -resize 150x100! ) -compose multiply -composite",
		tolerance: 1, because: shrunk,
	},
	"overlay_mask": {
		convert:   "( LOGO -filter Catrom -resize 90x90! -background none -gravity center -extent 150x100 ) -alpha set -compose DstIn -composite",
		tolerance: 0.6, because: resampler,
	},
	"overlay_tile": {
		convert: "( LOGO -channel A -evaluate multiply 0.5 +channel -virtual-pixel tile -filter point -define distort:viewport=150x100-10-5 " +
			"-distort SRT 0 +repage ) -composite", tolerance: 0.3, because: rounding,
	},
	"overlay_grow": {
		convert:   "-alpha set -background none -gravity east -extent 170x100 LOGO -gravity west -geometry +0+0 -composite",
		tolerance: 0.1, because: rounding,
	},
	"text": {
		convert:   "(" + written + "-fill #ffee00 -pointsize 20 label:Ring␣<b>&</b>␣back -trim +repage ) -gravity south -geometry +0+6 -composite",
		tolerance: 0.3, because: letters,
	},
	"text_wrapped": {
		convert: "(" + written + `-font DejaVu-Sans-Bold -fill white -pointsize 16 -gravity center label:Three\nwords\nwrapped\nand\ncentered -trim +repage ` +
			"-bordercolor none -border 2 ( +clone -fill #204080 -colorize 100 -channel A -morphology Dilate Disk:1.5 +channel ) +swap -composite ) " +
			"-gravity center -geometry +0+0 -composite", tolerance: 2, because: thick,
	},
	"text_box": {
		convert: "(" + written + "-fill black -pointsize 24 label:Boxed -trim +repage -bordercolor none -border 14 " +
			"( +clone -fill red -colorize 100 -channel A -gaussian-blur 0x1 +channel -background none -virtual-pixel transparent -distort SRT 0,0␣1␣0␣3,3 ) +swap -composite " +
			"-background #ffffffc0 -flatten -background none -rotate -10 +repage ) -gravity center -geometry -1-1 -composite",
		tolerance: 3, because: "the judge's turned box is a pixel larger",
	},
	"text_fitted": {
		convert:   "(" + written + `-fill white -pointsize 29 -gravity center label:As␣large\nas␣fits -trim +repage ) -gravity center -geometry +0+0 -composite`,
		tolerance: 2, because: letters,
	},
	"text_underlined": {
		convert: "( -size 150x60 xc:none -font DejaVu-Sans -fill white -pointsize 24 -draw decorate␣underline␣text␣10,40␣Lined -trim +repage ) " +
			"-gravity center -geometry +0+0 -composite", tolerance: 2, because: "another program draws the line elsewhere",
	},
	"text_struck": {
		convert: "( -size 150x60 xc:none -font DejaVu-Sans -fill white -pointsize 24 -draw decorate␣line-through␣text␣10,40␣Lined -trim +repage ) " +
			"-gravity center -geometry +0+0 -composite", tolerance: 2, because: "another program draws the line elsewhere",
	},
	"overlay_fit":     {convert: "( COFFEE -filter Lanczos -resize 75x90 ) -gravity east -composite", tolerance: 1, because: shrunk},
	"overlay_fill":    {convert: "( COFFEE -filter Lanczos -resize 60x100^ -gravity center -crop 60x100+0+0 +repage ) -gravity center -composite", tolerance: 1, because: shrunk},
	"overlay_stretch": {convert: "( COFFEE -filter Lanczos -resize 150x20! ) -gravity south -composite", tolerance: 1, because: shrunk},
	"overlay_light": {
		convert:   "( COFFEE -filter Lanczos -resize 150x100! -colorspace gray ) -alpha off -compose CopyOpacity -composite",
		tolerance: 5, because: "the judge's gray has other weights",
	},
	"overlay_nested": {
		convert:   "( COFFEE -filter Lanczos -resize 90x60! LOGO -gravity northwest -geometry +5+5 -composite ) -gravity east -geometry +0+0 -composite",
		tolerance: 1, because: shrunk,
	},
	"line":            {convert: "-stroke #ff000080 -strokewidth 4.5 -draw line␣10,20␣135,80", tolerance: 0.5, because: strokes},
	"line_round":      {convert: "-stroke gold -strokewidth 10.5 -draw stroke-linecap␣round␣line␣20,50␣120,50", tolerance: 0.5, because: strokes},
	"rectangle":       {convert: "-fill #204080 -draw rectangle␣20,10␣79,49", tolerance: 0.1, because: rounding},
	"rectangle_round": {convert: "-fill #ffffff80 -stroke navy -strokewidth 5.5 -draw roundrectangle␣29.5,19.5␣119.5,79.5␣20,15", tolerance: 0.5, because: strokes},
	"ellipse":         {convert: "-fill tomato -draw ellipse␣75,50␣50,30␣0,360", tolerance: 0.3, because: smooth},
	"ellipse_outline": {convert: "-fill none -stroke #00ff00 -strokewidth 3.5 -draw ellipse␣35,50␣50.5,40.5␣0,360", tolerance: 0.5, because: strokes},
	"append": {
		convert:   "-alpha set -background none -gravity center ( -size 4x1 xc:none ) LOGO ( -clone 1 ) ( ROCKET -filter Lanczos -resize x60 ) +append",
		tolerance: 1, because: shrunk,
	},
	"append_vertical": {convert: "-alpha set -background #336699 -gravity east LOGO -append -alpha remove", tolerance: 0.1, because: rounding},
	"grid": {
		convert: "-filter Lanczos -background white ( ROCKET ) ( LOGO -alpha remove -extent 75x50-18-5 ) ( COFFEE ) -resize 80x50> -extent 80x50-2+0 " +
			"( -clone 0 -extent 162x102 -clone 1 -geometry +82+0 -composite -clone 2 -geometry +0+52 -composite " +
			"-clone 3 -geometry +82+52 -composite ) -delete 0-3", tolerance: 1, because: shrunk,
	},
	"grid_others": {
		convert: "-delete 0 -filter Lanczos -background white ( ROCKET ) ( LOGO -alpha remove -extent 75x50-18-5 ) ( COFFEE ) " +
			"-resize 80x50> -extent 80x50-2+0 +append", tolerance: 1.2, because: shrunk,
	},
	"sprite": {
		convert:   "-alpha set -background none ( -size 1x3 xc:none ) LOGO ( -clone 1 ) ( ROCKET -filter Lanczos -resize 70x47! ) -append",
		tolerance: 0.6, because: resampler,
	},
	"sprite_packed": {
		convert: "-alpha set -background none -gravity northwest -extent 150x187 ( ROCKET -filter Lanczos -resize 70x47! ) -geometry +0+100 -composite " +
			"( COFFEE -filter Lanczos -resize 70x47! ) -geometry +70+100 -composite LOGO -geometry +0+147 -composite", tolerance: 1, because: shrunk,
	},
	"animate": {
		frames: "webp", convert: "-background #336699 -gravity center -extent 180x120 ( ROCKET -filter Lanczos -resize 180x120! ) -append",
		tolerance: 1, because: shrunk,
	},
	"document": {
		frames: "tiff", convert: "-background white -gravity center -extent 180x120 ( ROCKET -filter Lanczos -resize 180x120! ) -append",
		tolerance: 1, because: shrunk,
	},
}
