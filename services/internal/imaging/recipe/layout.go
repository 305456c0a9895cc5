package recipe

import (
	"cmp"
	"slices"
)

// row places pictures side by side, or one below the other, gap pixels apart. Across the row they stand at the start,
// in the middle or at the end.
func row(sizes []Size, vertical bool, align string, gap int) ([]Sprite, Size) {
	var sheet Size
	for i, s := range sizes {
		if vertical {
			s = s.Turned()
		}
		if i > 0 {
			sheet.Width += gap
		}
		sheet.Width += s.Width
		sheet.Height = max(sheet.Height, s.Height)
	}
	cells := make([]Sprite, len(sizes))
	at := 0
	for i, s := range sizes {
		if vertical {
			s = s.Turned()
		}
		off := 0
		switch align {
		case "center":
			off = (sheet.Height - s.Height) / 2
		case "end":
			off = sheet.Height - s.Height
		}
		cells[i] = Sprite{X: at, Y: off, Width: s.Width, Height: s.Height}
		if vertical {
			cells[i] = Sprite{X: off, Y: at, Width: s.Height, Height: s.Width}
		}
		at += s.Width + gap
	}
	if vertical {
		sheet = sheet.Turned()
	}
	return cells, sheet
}

// grid places pictures in cells of one size, line by line, each in the middle of its own.
func grid(sizes []Size, cell Size, columns, gap int) ([]Sprite, Size) {
	columns = min(columns, len(sizes))
	lines := (len(sizes) + columns - 1) / columns
	cells := make([]Sprite, len(sizes))
	for i, s := range sizes {
		x, y := i%columns*(cell.Width+gap), i/columns*(cell.Height+gap)
		cells[i] = Sprite{
			X: x + (cell.Width-s.Width)/2, Y: y + (cell.Height-s.Height)/2, Width: s.Width, Height: s.Height,
		}
	}
	return cells, Size{columns*(cell.Width+gap) - gap, lines*(cell.Height+gap) - gap}
}

// pack places pictures on shelves, the tallest first, on a sheet that is about as wide as it is high: the "first fit
// decreasing height" of strip packing, at most 1.7 times the optimal height.
func pack(sizes []Size, gap int) ([]Sprite, Size) {
	order := make([]int, len(sizes))
	var area int64
	wide := 0
	for i, s := range sizes {
		order[i] = i
		area += Size{s.Width + gap, s.Height + gap}.Pixels()
		wide = max(wide, s.Width)
	}
	for int64(wide)*int64(wide) < area {
		wide += max(1, wide/16)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b].Height, sizes[a].Height) })
	type shelf struct{ top, height, used int }
	var shelves []shelf
	cells := make([]Sprite, len(sizes))
	var sheet Size
	for _, i := range order {
		s := sizes[i]
		at := slices.IndexFunc(shelves, func(h shelf) bool { return h.used+s.Width <= wide && s.Height <= h.height })
		if at < 0 {
			top := 0
			if len(shelves) > 0 {
				last := shelves[len(shelves)-1]
				top = last.top + last.height + gap
			}
			shelves = append(shelves, shelf{top: top, height: s.Height})
			at = len(shelves) - 1
		}
		h := &shelves[at]
		cells[i] = Sprite{X: h.used, Y: h.top, Width: s.Width, Height: s.Height}
		h.used += s.Width + gap
		sheet = Size{max(sheet.Width, cells[i].X+s.Width), max(sheet.Height, cells[i].Y+s.Height)}
	}
	return cells, sheet
}

// stacked places every picture in the middle of a frame that holds the largest of them.
func stacked(sizes []Size) ([]Sprite, Size) {
	var frame Size
	for _, s := range sizes {
		frame = Size{max(frame.Width, s.Width), max(frame.Height, s.Height)}
	}
	cells := make([]Sprite, len(sizes))
	for i, s := range sizes {
		x, y := Center.place(s, frame)
		cells[i] = Sprite{X: x, Y: y, Width: s.Width, Height: s.Height}
	}
	return cells, frame
}
