package imagingtest

import "encoding/binary"

// TIFF has so many pages of one white pixel. Next says which page, from 0, follows each one, and -1 that none does; nil is
// one after the other. Own adds to each page an inner page that is itself.
func TIFF(pages int, next func(page int) int, own bool) []byte {
	fields := [][4]uint32{ // tag, type, count, value
		{256, 4, 1, 1},
		{257, 4, 1, 1},
		{258, 3, 1, 8},
		{259, 3, 1, 1},
		{262, 3, 1, 1},
		{273, 4, 1, 8},
		{277, 3, 1, 1},
		{278, 4, 1, 1},
		{279, 4, 1, 1},
	}
	if own {
		fields = append(fields, [4]uint32{330, 4, 1, 0})
	}
	const first = 10
	size := 2 + 12*len(fields) + 4
	at := func(page int) uint32 { return uint32(first + page*size) }
	file := binary.LittleEndian.AppendUint32([]byte("II*\x00"), first)
	file = append(file, 0xFF, 0) // the pixel of all pages
	for page := range pages {
		file = binary.LittleEndian.AppendUint16(file, uint16(len(fields)))
		for _, field := range fields {
			file = binary.LittleEndian.AppendUint16(file, uint16(field[0]))
			file = binary.LittleEndian.AppendUint16(file, uint16(field[1]))
			file = binary.LittleEndian.AppendUint32(file, field[2])
			value := field[3]
			if field[0] == 330 {
				value = at(page)
			}
			file = binary.LittleEndian.AppendUint32(file, value)
		}
		following := page + 1
		if next != nil {
			following = next(page)
		} else if following == pages {
			following = -1
		}
		offset := uint32(0)
		if following >= 0 {
			offset = at(following)
		}
		file = binary.LittleEndian.AppendUint32(file, offset)
	}
	return file
}
