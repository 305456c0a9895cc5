package imagingtest

import (
	"bytes"
	"fmt"
	"strings"
)

// PDF has so many empty pages with the box, such as "0 0 600 800".
func PDF(pages int, box string) []byte {
	kids := make([]string, pages)
	for i := range kids {
		kids[i] = fmt.Sprintf("%d 0 R", i+3)
	}
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", pages, strings.Join(kids, " ")),
	}
	for range pages {
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox["+box+"]>>")
	}
	return PDFOf(objects...)
}

// PDFOf is a PDF of these objects, numbered from 1, the catalogue first.
func PDFOf(objects ...string) []byte {
	var file, table bytes.Buffer
	file.WriteString("%PDF-1.4\n")
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", file.Len())
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n%s", len(objects)+1, table.Bytes())
	fmt.Fprintf(&file, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return file.Bytes()
}
