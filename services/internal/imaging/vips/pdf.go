package vips

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// exportPDF writes every frame as a page of its own size, one point for a pixel, as a JPEG inside. libvips cannot write
// PDF. The file holds no dates, so the same recipe makes the same bytes.
func (f *frame) exportPDF(l look) ([]byte, error) {
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	inside := look{quality: l.quality, chroma: vips.VipsForeignSubsampleAuto, bare: true}
	for i := range f.frames {
		page, err := f.paper(i)
		if err != nil {
			return nil, err
		}
		size := page.actual()
		data, err := page.export(recipe.JPEG, inside)
		page.close()
		if err != nil {
			return nil, fmt.Errorf("encode page %d: %w", i+1, err)
		}
		name, options := strconv.Itoa(i), fpdf.ImageOptions{ImageType: "JPG"}
		width, height := float64(size.Width), float64(size.Height)
		pdf.AddPageFormat("P", fpdf.SizeType{Wd: width, Ht: height})
		pdf.RegisterImageOptionsReader(name, options, bytes.NewReader(data))
		pdf.ImageOptions(name, 0, 0, width, height, false, options, 0, "")
	}
	var file bytes.Buffer
	if err := pdf.Output(&file); err != nil {
		return nil, fmt.Errorf("write pages: %w", err)
	}
	return file.Bytes(), nil
}

// paper is one frame without the room that was added to make all frames equally large.
func (f *frame) paper(index int) (*frame, error) {
	img, err := f.single(index)
	if err != nil {
		return nil, err
	}
	if index < len(f.cells) {
		cell := f.cells[index]
		if err := img.ExtractArea(cell.X, cell.Y, cell.Width, cell.Height); err != nil {
			img.Close()
			return nil, fmt.Errorf("cut page %d: %w", index+1, err)
		}
	}
	return &frame{img: img, frames: 1, managed: true}, nil
}
