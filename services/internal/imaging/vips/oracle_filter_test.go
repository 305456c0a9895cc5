//go:build oracle

package vips_test

var filterOpinions = map[string]opinion{
	"blur":    {convert: "-gaussian-blur 0x3", tolerance: 1.6, because: "libvips' kernel is cut at a fifth of its peak"},
	"sharpen": {convert: "-unsharp 0x2+1+0", tolerance: 4.5, because: "libvips sharpens lightness, flat areas not at all"},
}
