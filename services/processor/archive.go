package processor

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

const (
	// zipType is the content type of archives.
	zipType = "application/zip"
	// entryOverhead is what a file takes in an archive beside its bytes, at most: its two headers and its name twice.
	entryOverhead = 1024
	// maxEntryName bounds the name of a file in an archive, in bytes.
	maxEntryName = 200
)

// archive packs the job's sources. Never more than one source and one file are in memory: a file is put where it goes as
// soon as the next source would not fit.
func (s *Service) archive(ctx context.Context, t *task, attempt int) error {
	a := *t.job.Archive
	if most := s.deps.Renderer.Limits().Pictures; len(a.Sources) > most {
		return &ended{events.Failure{
			Code: string(recipe.SourceTooLarge), Message: fmt.Sprintf("The archive is of %d sources, the limit is %d.", len(a.Sources), most),
		}}
	}
	most := int64(s.config.ArchiveSize)
	if a.PartBytes > 0 {
		most = min(most, a.PartBytes)
	}
	names := entryNames{}
	part := newPart()
	for i, source := range a.Sources {
		s.progress(t, "packing", 5+90*i/len(a.Sources))
		begun := time.Now()
		data, err := s.fetchOne(ctx, t.job, source, attempt)
		t.timing.FetchMS += time.Since(begun).Milliseconds()
		if err != nil {
			return err
		}
		if part.files > 0 && int64(part.buffer.Len()+len(data)+entryOverhead) > most {
			if err := s.putPart(ctx, t, part, attempt); err != nil {
				return err
			}
			part = newPart()
		}
		if err := part.add(names.of(source, i), t.job.AcceptedAt, data); err != nil {
			return bus.Reject(fmt.Errorf("pack source %d: %w", i, err))
		}
	}
	return s.putPart(ctx, t, part, attempt)
}

// putPart puts one file of the archive where it goes. The first has the name that the job gives, the next ones its number.
func (s *Service) putPart(ctx context.Context, t *task, p *part, attempt int) error {
	begun := time.Now()
	defer func() { t.timing.StoreMS += time.Since(begun).Milliseconds() }()
	data, err := p.close()
	if err != nil {
		return bus.Reject(fmt.Errorf("close archive: %w", err))
	}
	number := len(t.result.Archives) + 1
	page := number
	if number == 1 {
		page = 0
	}
	location := t.job.Locations[0].Page(page)
	object := storage.Object{Data: data, ContentType: zipType}
	if err := s.putObject(ctx, t, location, page, object, attempt); err != nil {
		return err
	}
	t.result.Archives = append(t.result.Archives, events.Archive{URL: location.URL, Bytes: int64(len(data)), Files: p.files})
	return nil
}

// putObject puts a file of an archive into our own store, or at the destination of the client's.
func (s *Service) putObject(ctx context.Context, t *task, at job.Location, page int, o storage.Object, attempt int) error {
	if at.Key != "" {
		if err := s.deps.Store.Put(ctx, at.Key, o.Data, o.ContentType); err != nil {
			return bus.Later(fmt.Errorf("store archive: %w", err), storePause)
		}
		return nil
	}
	destinations, err := s.destinations(t)
	if err != nil {
		return err
	}
	destination := destinations[0][0].Page(page, at.Numbering) // an archive has one
	if page > 0 && destination.Kind == job.DestinationPut {
		return &ended{events.Failure{
			Code: "destination_signed", Message: "The archive does not fit into one file, and a signed address takes only one.",
		}}
	}
	refused, err := s.deliver(ctx, t, destination, o, attempt)
	if refused != nil {
		return &ended{events.Failure{Code: "destination_" + refused.Class, Message: refused.Message}}
	}
	return err
}

// part is one file of an archive.
type part struct {
	buffer bytes.Buffer
	zip    *zip.Writer
	files  int
}

func newPart() *part {
	p := &part{}
	p.zip = zip.NewWriter(&p.buffer)
	return p
}

// add stores a file as it is: pictures do not become smaller.
func (p *part) add(name string, at time.Time, data []byte) error {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: at.UTC()})
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	p.files++
	return p.zip.Flush()
}

func (p *part) close() ([]byte, error) {
	err := p.zip.Close()
	return p.buffer.Bytes(), err
}

// entryNames gives every file a name of its own, after the address that it came from. Names are told apart whatever their
// case: not every system does.
type entryNames map[string]bool

func (taken entryNames) of(source job.Source, index int) string {
	name := ""
	if source.Object != nil {
		name = source.Object.Key
	} else if u, err := url.Parse(source.URL); err == nil {
		name = u.Path
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(path.Base("/"+name), "_"))
	if name == "/" || name == ".." {
		name = "file-" + strconv.Itoa(index+1)
	}
	extension := path.Ext(name)
	if len(extension) > maxEntryName/4 {
		extension = ""
	}
	stem := strings.TrimSuffix(name, extension)
	stem = strings.ToValidUTF8(stem[:min(len(stem), maxEntryName-len(extension))], "")
	name = stem + extension
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = stem + "-" + strconv.Itoa(n) + extension
	}
	taken[strings.ToLower(name)] = true
	return name
}
