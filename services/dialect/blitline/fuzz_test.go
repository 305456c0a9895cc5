package blitline_test

import (
	"testing"

	"github.com/ringback/ringback/services/dialect/blitline"
)

// FuzzFunction translates a function with any parameters: it never panics, and what is not refused is a valid recipe whose
// pictures are all there.
func FuzzFunction(f *testing.F) {
	for _, line := range documentation(f) {
		f.Add(line.Name, line.Example)
	}
	f.Add("composite", `{"src":{"name":"s3","bucket":"b","key":"k"},"scale_to_fit":{"width":"1e9%"},"x":1e300}`)
	f.Add("convert_command", `{"-resize":"0x0","-blur":"x","-colors":-1}`)
	f.Fuzz(func(t *testing.T, name, params string) {
		r, err := blitline.Parse(jsonType, []byte(functionJob(name, params)), nil)
		if err != nil {
			return
		}
		for _, j := range r.Jobs {
			if j.Error != "" || j.Refusal != nil {
				continue
			}
			if err := j.Recipe.Validate(); err != nil && len(j.Recipe.Outputs()) > 0 {
				t.Errorf("accepted, but %v", err)
			}
			for _, picture := range j.Recipe.Pictures() {
				if _, known := j.Pictures[picture]; !known {
					t.Errorf("picture %s is not among %v", picture, j.Pictures)
				}
			}
		}
	})
}
