package cloudinary

import "strings"

// Eager is a picture that is to be made along with an upload.
type Eager struct {
	// Transformation is "" for the picture itself in another format. Format is an extension, "" for the one that the
	// transformation or the asset has.
	Transformation, Format string
	// Text is both, as the client wrote them: replies repeat it.
	Text string
}

// ParseEager splits one component of an eager parameter: a last segment without _ is the format, because every parameter
// of a transformation has one.
func ParseEager(text string) Eager {
	e := Eager{Transformation: text, Text: text}
	slash := strings.LastIndexByte(text, '/')
	if last := text[slash+1:]; !strings.Contains(last, "_") {
		e.Format, e.Transformation = strings.ToLower(last), text[:max(slash, 0)]
	}
	return e
}

func (f *fields) eager(name string) []Eager {
	var all []Eager
	for text := range strings.SplitSeq(strings.Join(f.params.All(name), "|"), "|") {
		if text = strings.Trim(text, "/ \t\r\n"); text == "" {
			continue
		}
		e := ParseEager(text)
		f.checkFormat(e.Format)
		if len(text) > maxTransformation || strings.ContainsFunc(text, isControl) || len(all) == maxEager {
			f.check(refuse("Invalid eager - expected at most %d transformations of at most %d bytes", maxEager, maxTransformation))
			return all
		}
		all = append(all, e)
	}
	return all
}
