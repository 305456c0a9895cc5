package bench_test

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
)

// photographs are the pictures that large ones are made of.
var photographs = []string{"rocket", "coffee", "cat"}

// corpus makes one picture of each photograph, scaled up to the size. They are written once and left for the C loop to
// read.
func corpus(tb testing.TB, width, height int) (paths []string, files [][]byte) {
	tb.Helper()
	for i, name := range photographs {
		path := filepath.Join(folder, fmt.Sprintf("%s-%dx%d.jpg", name, width, height))
		data, err := os.ReadFile(path)
		if err != nil {
			small, err := os.ReadFile(filepath.Join("../testdata/photos", name+".jpg"))
			if err != nil {
				tb.Fatal(err)
			}
			if data, err = imagingtest.Photograph(small, width, height, uint64(i)); err != nil {
				tb.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				tb.Fatal(err)
			}
		}
		paths, files = append(paths, path), append(files, data)
	}
	return paths, files
}

// asPNG is a picture of the corpus without loss.
func asPNG(tb testing.TB, data []byte) []byte {
	tb.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	// Of a picture in YCbCr Go would make 16 bits.
	flat := image.NewRGBA(img.Bounds())
	draw.Draw(flat, flat.Rect, img, image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, flat); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}
