package job

// Archive packs sources into ZIP files as they are, in place of rendering one.
type Archive struct {
	// Sources are packed in their order; at least one.
	Sources []Source `json:"sources"`
	// PartBytes is how large a file may become before another is begun, in bytes; the installation's own limit when it is 0
	// or above that. A source that is larger by itself has a file of its own.
	PartBytes int64 `json:"part_bytes,omitempty"`
}
