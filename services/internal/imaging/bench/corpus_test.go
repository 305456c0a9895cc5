package bench_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"
)

// photographs are the pictures that large ones are made of.
var photographs = []string{"rocket", "coffee", "cat"}

// corpus makes one picture of each photograph: scaled up to the size, with seeded noise so that it is not smooth, as a
// JPEG of quality 85. They are written once and left for the C loop to read.
func corpus(tb testing.TB, width, height int) (paths []string, files [][]byte) {
	tb.Helper()
	for i, name := range photographs {
		path := filepath.Join(folder, fmt.Sprintf("%s-%dx%d.jpg", name, width, height))
		if _, err := os.Stat(path); err != nil {
			write(tb, path, enlarged(tb, name, width, height, uint64(i)))
		}
		data, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		paths, files = append(paths, path), append(files, data)
	}
	return paths, files
}

func enlarged(tb testing.TB, name string, width, height int, seed uint64) *image.RGBA {
	tb.Helper()
	file, err := os.Open(filepath.Join("../testdata/photos", name+".jpg"))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // read only
	small, err := jpeg.Decode(file)
	if err != nil {
		tb.Fatal(err)
	}
	large := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(large, large.Bounds(), small, small.Bounds(), draw.Src, nil)
	noise := rand.New(rand.NewPCG(seed, 5))
	for i := range large.Pix {
		if i%4 != 3 {
			large.Pix[i] = uint8(min(255, max(0, int(large.Pix[i])+noise.IntN(17)-8)))
		}
	}
	large.Set(0, 0, color.Black)
	return large
}

func write(tb testing.TB, path string, img image.Image) {
	tb.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 85}); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// asPNG is a picture of the corpus without loss.
func asPNG(tb testing.TB, data []byte) []byte {
	tb.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, img); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}
