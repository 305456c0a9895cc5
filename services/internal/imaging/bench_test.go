package imaging_test

import (
	"log/slog"
	"os"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// BenchmarkPool renders with every slot busy. Five outputs are one job, so their time is to be held against five times
// that of one.
func BenchmarkPool(b *testing.B) {
	five := recipe.Recipe{}
	for i, width := range []string{"400", "300", "200", "100", "50"} {
		five.Steps = append(five.Steps, recipe.Step{
			Op: "fit", Params: []byte(`{"width":` + width + `}`), Save: &recipe.Save{ID: string(rune('a' + i))},
		})
	}
	rocket, err := os.ReadFile("testdata/photos/rocket.jpg")
	if err != nil {
		b.Fatal(err)
	}
	single := recipe.Recipe{Steps: five.Steps[2:3]}
	for name, job := range map[string]imaging.Request{
		"jpeg_512x512→200":  {Source: sample.Portrait, Recipe: single},
		"jpeg_640x427→200":  {Source: rocket, Recipe: single},
		"jpeg_640x427→five": {Source: rocket, Recipe: five},
	} {
		b.Run(name, func(b *testing.B) {
			cfg := imaging.DefaultConfig()
			cfg.Executable = renderer
			pool, err := imaging.NewPool(cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				b.Fatal(err)
			}
			defer pool.Close()
			b.SetBytes(int64(len(job.Source)))
			b.ReportAllocs()
			b.SetParallelism(2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := pool.Render(b.Context(), job); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
