//go:build oracle

package vips_test

const (
	grays    = "-colorspace RGB -color-matrix .2,.7,.1,.2,.7,.1,.2,.7,.1 -colorspace sRGB "
	boundary = "a gray beside the level falls on its other side"
)

var colourOpinions = map[string]opinion{
	"grayscale":             {convert: "-colorspace LinearGray -colorspace sRGB", tolerance: 1, because: "libvips weighs 0.2, 0.7, 0.1"},
	"sepia":                 {convert: "-color-matrix .393,.769,.189,.349,.686,.168,.272,.534,.131", tolerance: 0.6, because: rounding},
	"sepia_half_of_gray":    {convert: "-set colorspace sRGB -type TrueColor -color-matrix .6965,.3845,.0945,.1745,.843,.084,.136,.267,.5655", tolerance: 0.6, because: rounding},
	"threshold":             {convert: grays + "-channel RGB -threshold 40%", tolerance: 2, because: boundary},
	"negate":                {convert: "-channel RGB -negate", tolerance: 0.01, because: ""},
	"negate_gray":           {convert: "-channel RGB -negate", tolerance: 0.01, because: ""},
	"brightness":            {convert: "-channel RGB -evaluate add 20%", tolerance: 0.1, because: rounding},
	"brightness_less":       {convert: "-channel RGB -evaluate subtract 20%", tolerance: 0.1, because: rounding},
	"contrast":              {convert: "-channel RGB -sigmoidal-contrast 5x50%", tolerance: 0.3, because: rounding},
	"contrast_less":         {convert: "-channel RGB +sigmoidal-contrast 4x50%", tolerance: 0.3, because: rounding},
	"contrast_linear":       {convert: "-channel RGB -function polynomial 1.5,-0.25", tolerance: 0.3, because: rounding},
	"exposure":              {convert: "-colorspace RGB -channel RGB -evaluate multiply 2 -colorspace sRGB", tolerance: 0.3, because: rounding},
	"exposure_less":         {convert: "-colorspace RGB -channel RGB -evaluate multiply 0.5 -colorspace sRGB", tolerance: 0.3, because: rounding},
	"highlights":            {convert: "-channel RGB -function polynomial 1,-1,1,0", tolerance: 0.3, because: rounding},
	"shadows":               {convert: "-channel RGB -function polynomial 1,-2,2,0", tolerance: 0.3, because: rounding},
	"saturation":            {convert: "-color-matrix 1.6296,-.572,-.0576,-.1704,1.228,-.0576,-.1704,-.572,1.7424", tolerance: 0.4, because: rounding},
	"saturation_less":       {convert: "-color-matrix .5278,.429,.0432,.1278,.829,.0432,.1278,.429,.4432", tolerance: 0.4, because: rounding},
	"vibrance":              {compute: vivid(0.8), tolerance: 0.6, because: rounding},
	"hue":                   {compute: modulated(1, 1, 120), tolerance: 0.4, because: rounding},
	"gamma":                 {convert: "-channel RGB -gamma 1.8", tolerance: 0.3, because: rounding},
	"modulate":              {compute: modulated(1.1, 1.5, -40), tolerance: 0.4, because: rounding},
	"levels":                {convert: "-channel RGB -level 10%,80%,1.2", tolerance: 0.3, because: rounding},
	"levels_of_blue":        {convert: "-channel B -level 0,60%", tolerance: 0.3, because: rounding},
	"levels_out":            {convert: "-channel RGB +level 20%,90%", tolerance: 0.3, because: rounding},
	"channels":              {convert: "-channel R -evaluate multiply 1.2 -channel B -evaluate multiply 0.7", tolerance: 0.3, because: rounding},
	"normalize":             {compute: stretched(0.02, 0.01, false, false), tolerance: 0.3, because: rounding},
	"normalize_per_channel": {compute: stretched(0.0015, 0.0005, true, true), tolerance: 0.5, because: rounding},
	"equalize":              {compute: inLab(equalized), tolerance: 1, because: rounding},
	"equalize_gray":         {convert: "-equalize", tolerance: 1, because: rounding},
	"enhance":               {compute: inLab(enhanced(1)), tolerance: 1, because: rounding},
	"enhance_half":          {compute: inLab(enhanced(0.5)), tolerance: 1.5, because: "mixed in CIELAB"},
	"tint":                  {compute: printed(0.6, 0, []stop{{0, 0, 0, 0}, {0.3556, 255, 0x33, 0}, {1, 255, 255, 255}}), tolerance: 0.6, because: rounding},
	"tint_gradient":         {compute: printed(1, 1, []stop{{0, 0, 0, 0x33}, {0.4, 255, 0, 0x88}, {1, 255, 255, 0x66}}), tolerance: 0.6, because: rounding},
	"colorize":              {convert: "-fill #2040ff -colorize 40", tolerance: 0.4, because: rounding},
	"duotone":               {convert: grays + "+level-colors #1a1040,#ffcc33", tolerance: 0.6, because: rounding},
	"duotone_alpha":         {convert: "( +clone " + grays + "+level-colors #1a1040,#ffcc33 ) -average", tolerance: 0.6, because: rounding},
	"monochrome":            {compute: printed(1, 0, []stop{{0, 0, 0, 0}, {0.6293, 0x44, 0xbb, 0xaa}, {1, 255, 255, 255}}), tolerance: 0.6, because: rounding},
	"opacity":               {convert: "-alpha set -channel A -evaluate multiply 0.4", tolerance: 0.2, because: rounding},
	"flatten":               {convert: "-background #00ff00 -flatten", tolerance: 0.4, because: rounding},
	"quantize":              {convert: "-dither None -colors 8", tolerance: 9, because: "another palette, nearer to the picture by a quarter"},
	"quantize_dither":       {convert: "-dither FloydSteinberg -colors 8", tolerance: 14, because: "another palette, and every dot elsewhere"},
	"profile_gray":          {convert: "-colorspace LinearGray -colorspace sRGB", tolerance: 1, because: "libvips weighs 0.2, 0.7, 0.1"},
	"profile_srgb_of_gray":  {convert: "+repage", tolerance: 0.01, because: ""},
}
