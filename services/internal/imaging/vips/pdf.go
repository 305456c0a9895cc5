package vips

import (
	"bytes"
	"fmt"
	"io"

	"github.com/davidbyttow/govips/v2/vips"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// exportPDF writes every frame as a page of its own size, one point for a pixel, as a JPEG inside. libvips cannot write
// PDF.
func (f *frame) exportPDF(l look) ([]byte, error) {
	var pages []io.Reader
	for i := range f.frames {
		page, err := f.paper(i)
		if err != nil {
			return nil, err
		}
		data, err := page.export(recipe.JPEG, look{quality: l.quality, chroma: vips.VipsForeignSubsampleAuto, bare: true})
		page.close()
		if err != nil {
			return nil, fmt.Errorf("encode page %d: %w", i+1, err)
		}
		pages = append(pages, bytes.NewReader(data))
	}
	settings := pdfcpu.DefaultImportConfig()
	settings.Pos = types.Full // the page is as large as its picture
	conf := model.NewDefaultConfiguration()
	conf.WriteObjectStream, conf.WriteXRefStream = false, false
	var file bytes.Buffer
	if err := api.ImportImages(nil, &file, pages, settings, conf); err != nil {
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
