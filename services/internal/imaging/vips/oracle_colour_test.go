//go:build oracle

package vips_test

var colourOpinions = map[string]opinion{
	"grayscale":          {convert: "-colorspace LinearGray -colorspace sRGB", tolerance: 1, because: "libvips weighs 0.2, 0.7, 0.1"},
	"sepia":              {convert: "-color-matrix .393,.769,.189,.349,.686,.168,.272,.534,.131", tolerance: 0.6, because: rounding},
	"sepia_half_of_gray": {convert: "-set colorspace sRGB -type TrueColor -color-matrix .6965,.3845,.0945,.1745,.843,.084,.136,.267,.5655", tolerance: 0.6, because: rounding},
}
