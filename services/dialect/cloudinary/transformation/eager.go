package transformation

import "strings"

// Eager is one of the pictures that are made ahead of their first delivery.
type Eager struct {
	// Text is as the client wrote it.
	Text           string
	Transformation Transformation
	// Extension is the format in which it is delivered; empty for the stored one.
	Extension string
}

// ParseEager splits an eager parameter, such as "c_fill,h_100,w_150|c_scale,e_sepia,w_0.5/png": transformations with a bar
// between, each with or without a format behind its last slash. It fails with an [Error] as [Parse] does, and for a format that
// there is not.
func ParseEager(text string) ([]Eager, error) {
	if len(text) > MaxLength {
		return nil, errorf("Invalid eager: %d bytes are more than %d", len(text), MaxLength)
	}
	var all []Eager
	for part := range strings.SplitSeq(text, "|") {
		if part == "" {
			continue
		}
		eager := Eager{Text: part}
		chain, last := "", part
		if at := strings.LastIndexByte(part, '/'); at >= 0 {
			chain, last = part[:at], part[at+1:]
		}
		if strings.Contains(last, "_") || last == "" {
			chain, last = part, ""
		}
		if last != "" {
			if err := checkExtension(last); err != nil {
				return nil, err
			}
		}
		eager.Extension = last
		var err error
		if eager.Transformation, err = Parse(chain); err != nil {
			return nil, err
		}
		all = append(all, eager)
	}
	return all, nil
}
