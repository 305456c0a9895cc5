package cloudinary_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary"
)

// TestReadme_ParametersDoWhatItSays sends each parameter of the table.
func TestReadme_ParametersDoWhatItSays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var refused []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (refused|ignored) \\| [^|]+ \\|$").FindAllStringSubmatch(string(text), -1) {
		_, err := cloudinary.ParseUpload("image", form(t, "file=http://h/x&signature=0&"+m[1]+"=x"))
		if (err != nil) != (m[2] == "refused") {
			t.Errorf("%s is %s, but got %v", m[1], m[2], err)
		}
		if _, err := cloudinary.ParseUpload("image", form(t, "file=http://h/x&signature=0&"+m[1]+"=false")); err != nil {
			t.Errorf("%s that asks for nothing: %v", m[1], err)
		}
		if m[2] == "refused" {
			refused = append(refused, m[1])
		}
	}
	slices.Sort(refused)
	if diff := cmp.Diff(cloudinary.Refused, refused); diff != "" {
		t.Errorf("refused parameters (-code +README.md):\n%s", diff)
	}
}
