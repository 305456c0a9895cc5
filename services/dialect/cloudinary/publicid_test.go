package cloudinary_test

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
)

func TestUpload_NewPublicID(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		upload cloudinary.Upload
		want   string
	}{
		"Random":      {cloudinary.Upload{Filename: "a.png"}, `^[a-z0-9]{20}$`},
		"RandomRaw":   {cloudinary.Upload{Filename: "a.TXT", ResourceType: asset.Raw}, `^[a-z0-9]{20}\.txt$`},
		"Given":       {cloudinary.Upload{PublicID: "a b/c.jpg", UseFilename: true, Filename: "x"}, `^a b/c\.jpg$`},
		"Folder":      {cloudinary.Upload{PublicID: "c", Folder: "a/b", PublicIDPrefix: "no", AssetFolder: "no"}, `^a/b/c$`},
		"Prefix":      {cloudinary.Upload{PublicID: "c", PublicIDPrefix: "p"}, `^p/c$`},
		"AssetFolder": {cloudinary.Upload{PublicID: "c", AssetFolder: "f"}, `^c$`},
		"AssetPrefix": {cloudinary.Upload{PublicID: "c", AssetFolder: "f", AssetFolderPrefix: true}, `^f/c$`},
		"Filename":    {cloudinary.Upload{Filename: "My Photo?.jpeg", UseFilename: true, UniqueFilename: true, Folder: "f"}, `^f/My_Photo__[a-z0-9]{6}$`},
		"FilenameRaw": {cloudinary.Upload{Filename: "a.tar.gz", UseFilename: true, ResourceType: asset.Raw}, `^a\.tar\.gz$`},
		"NotUnique":   {cloudinary.Upload{Filename: "é.jpg", UseFilename: true}, `^é$`},
		"NoName":      {cloudinary.Upload{Filename: ".jpg", UseFilename: true}, `^[a-z0-9]{20}$`},
		"LongName":    {cloudinary.Upload{Filename: strings.Repeat("é", 500), UseFilename: true}, `^é{150}$`},
		"Longest":     {cloudinary.Upload{PublicID: strings.Repeat("é", 255)}, `^é{255}$`},
		"TooLong":     {cloudinary.Upload{PublicID: strings.Repeat("x", 250), Folder: "folder"}, ``},
	} {
		got, err := row.upload.NewPublicID(rand.Reader)
		if (err != nil) != (row.want == "") || err == nil && !regexp.MustCompile(row.want).MatchString(got) {
			t.Errorf("%s: got %q, %v, want %s", name, got, err, row.want)
		}
	}
	if _, err := (cloudinary.Upload{}).NewPublicID(bytes.NewReader([]byte{1})); err == nil {
		t.Error("an id is made without randomness")
	}
}

func TestCheckPublicID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", "/a", "a/", " a", "a ", "a//b", "a/./b", "..", "a\x00", "\xff", "a\u00a0", strings.Repeat("x", 256),
		"a?", "a&", "a#", `a\`, "a%", "a<", "a>", "a+",
	} {
		if err := cloudinary.CheckPublicID(id); err == nil {
			t.Errorf("%q is taken", id)
		}
	}
	for _, id := range []string{"a", "a b", "日本/é.jpg", "a.b,c:d=e@f(g)'h\"|*~"} {
		if err := cloudinary.CheckPublicID(id); err != nil {
			t.Error(err)
		}
	}
}

func TestBatchID(t *testing.T) {
	t.Parallel()
	if a, b := cloudinary.BatchID("a"), cloudinary.BatchID("b"); len(a) != 64 || a == b || a != cloudinary.BatchID("a") {
		t.Errorf("got %s and %s", a, b)
	}
}

func TestChunkOf(t *testing.T) {
	t.Parallel()
	for headers, want := range map[[2]string]cloudinary.Chunk{
		{"", ""}:                                     {},
		{"x", ""}:                                    {},
		{"dodyrqpi", "bytes 0-5999999/-1"}:           {ID: "dodyrqpi", End: 5999999, Total: -1},
		{"a-b_c.9", "bytes 6000000-11999999/*"}:      {ID: "a-b_c.9", Start: 6000000, End: 11999999, Total: -1},
		{"A", " bytes 6000000-11999999/12000000"}:    {ID: "A", Start: 6000000, End: 11999999, Total: 12000000},
		{strings.Repeat("x", 128), "bytes 0-0/1"}:    {ID: strings.Repeat("x", 128), Total: 1},
		{"z", "bytes 1099511627775-1099511627776/*"}: {ID: "z", Start: 1<<40 - 1, End: 1 << 40, Total: -1},
	} {
		got, err := cloudinary.ChunkOf(headers[0], headers[1])
		if err != nil || got != want || got.Whole() != (want.ID == "") {
			t.Errorf("%v: got %+v, %v", headers, got, err)
		}
	}
	for _, headers := range [][2]string{
		{"", "bytes 0-1/2"},
		{"a/b", "bytes 0-1/2"},
		{"a\n", "bytes 0-1/2"},
		{strings.Repeat("x", 129), "bytes 0-1/2"},
		{"a", "bytes"},
		{"a", "bytes 0-1"},
		{"a", "bytes 1-0/2"},
		{"a", "bytes 0-2/2"},
		{"a", "bytes -1-0/2"},
		{"a", "bytes 0-1/-2"},
		{"a", "bytes 0-1/0"},
		{"a", "bytes +0-1/2"},
		{"a", "items 0-1/2"},
		{"a", "bytes 0-9999999999999/*"},
		{"a", "bytes 0x0-1/2"},
	} {
		if got, err := cloudinary.ChunkOf(headers[0], headers[1]); err == nil {
			t.Errorf("%q: got %+v", headers, got)
		}
	}
}
