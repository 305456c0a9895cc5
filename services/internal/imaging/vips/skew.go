package vips

import "math"

// The search for a skew.
const (
	// maxSkew is the largest skew in degrees, either way.
	maxSkew = 15
	// minSkew is a skew that nobody sees.
	minSkew = 0.05
	// outstanding is by how much a skew's lines must be clearer than those of the picture as it is.
	outstanding = 1.02
)

// point is a dark pixel.
type point struct{ x, y float64 }

// skew is by how many degrees, clockwise, the lines of a gray picture are turned; 0 when they are level, or none stand
// out. Pixels below the threshold are dark.
func skew(gray []byte, width int, threshold float64) float64 {
	var dark []point
	for i, v := range gray {
		if float64(v) < threshold {
			dark = append(dark, point{float64(i % width), float64(i / width)})
		}
	}
	height := len(gray) / width
	level := clearness(dark, width, height, 0)
	best, at := level, 0.0
	// First in half degrees, then ever finer around the best. One that lies further out must not be taken for the furthest.
	for step, reach := 0.5, maxSkew+1.0; step > 0.02; step, reach = step/5, step {
		middle := at
		for degrees := middle - reach; degrees <= middle+reach+step/2; degrees += step {
			if c := clearness(dark, width, height, degrees); c > best {
				best, at = c, degrees
			}
		}
	}
	if best < level*outstanding || math.Abs(at) < minSkew || math.Abs(at) > maxSkew {
		return 0
	}
	return at
}

// clearness is how much the counts of dark pixels change from line to line, when lines are turned by an angle: the sum of
// the squared differences.
func clearness(dark []point, width, height int, degrees float64) float64 {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	// The counts begin at the corner that lies highest.
	first := math.Min(0, -sin*float64(width))
	counts := make([]float64, int(cos*float64(height)+math.Abs(sin)*float64(width))+3)
	for _, p := range dark {
		counts[int(p.y*cos-p.x*sin-first)+1]++
	}
	sum := 0.0
	for i := range len(counts) - 1 {
		change := counts[i+1] - counts[i]
		sum += change * change
	}
	return sum
}
