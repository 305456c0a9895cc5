package transformation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
)

func TestSplitPath(t *testing.T) {
	t.Parallel()
	type path = transformation.Path
	for text, want := range map[string]path{
		"sample.jpg":             {PublicID: "sample", Extension: "jpg"},
		"/sample":                {PublicID: "sample"},
		"v1368881626/sample.jpg": {Version: 1368881626, PublicID: "sample", Extension: "jpg"},
		"c_fill,h_100,w_150/v1368883730/noap.jpg": {
			Transformation: "c_fill,h_100,w_150", Version: 1368883730, PublicID: "noap", Extension: "jpg",
		},
		"c_fill,w_5/e_sepia/a/b/c.d.png":             {Transformation: "c_fill,w_5/e_sepia", PublicID: "a/b/c.d", Extension: "png"},
		"s--Ab_-1234--/w_5/v1/a.jpg":                 {Signature: "Ab_-1234", Transformation: "w_5", Version: 1, PublicID: "a", Extension: "jpg"},
		"s--0123456789abcdefghijklmnopqrstuv--/a":    {Signature: "0123456789abcdefghijklmnopqrstuv", PublicID: "a"},
		"v1/a_b/c.jpg":                               {Version: 1, PublicID: "a_b/c", Extension: "jpg"},
		"a_b/c.jpg":                                  {Transformation: "a_b", PublicID: "c", Extension: "jpg"},
		"t_media_lib_thumb/sample.jpg":               {Transformation: "t_media_lib_thumb", PublicID: "sample", Extension: "jpg"},
		"$a_100/w_$a/x.jpg":                          {Transformation: "$a_100/w_$a", PublicID: "x", Extension: "jpg"},
		"if_w_gt_5/w_5/if_else/w_6/if_end/v1/x":      {Transformation: "if_w_gt_5/w_5/if_else/w_6/if_end", Version: 1, PublicID: "x"},
		"w_abc/sample.jpg":                           {Transformation: "w_abc", PublicID: "sample", Extension: "jpg"},
		"foo_1,w_5/sample.jpg":                       {PublicID: "foo_1,w_5/sample", Extension: "jpg"},
		"docs/v2/a.jpg":                              {PublicID: "docs/v2/a", Extension: "jpg"},
		"v1/v2/a.jpg":                                {Version: 1, PublicID: "v2/a", Extension: "jpg"},
		"w_100":                                      {PublicID: "w_100"},
		"v1":                                         {PublicID: "v1"},
		"c_fill,w_5":                                 {PublicID: "c_fill,w_5"},
		"folder/.hidden":                             {PublicID: "folder/.hidden"},
		"name.with.verylong":                         {PublicID: "name.with.verylong"},
		"https://example.com/a_b/c.jpg":              {PublicID: "https://example.com/a_b/c.jpg"},
		"w_5,c_fit/https://example.com/c.jpg":        {Transformation: "w_5,c_fit", PublicID: "https://example.com/c.jpg"},
		"w_5/v1/https:/example.com/c.jpg":            {Transformation: "w_5", Version: 1, PublicID: "https://example.com/c.jpg"},
		"l_text:Arial_40:Hello%2C you,co_red/sample": {Transformation: "l_text:Arial_40:Hello%2C you,co_red", PublicID: "sample"},
		"c_fit,h_300,pg_all,w_200/v7/book.pdf":       {Transformation: "c_fit,h_300,pg_all,w_200", Version: 7, PublicID: "book", Extension: "pdf"},
		"v99999999999999999999/a":                    {PublicID: "v99999999999999999999/a"},
	} {
		got, err := transformation.SplitPath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"":                "Invalid URL: there is no public id",
		"w_100/":          "Invalid URL: there is no public id",
		"s--abc--/a":      "Invalid signature in URL: abc",
		"s--a b+cdef--/a": "Invalid signature in URL: a b+cdef",
	} {
		_, err := transformation.SplitPath(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
