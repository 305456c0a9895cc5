package e2e_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cloudinary/cloudinary-go/v2/api/uploader"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/schemas/xsd"
	"github.com/ringback/ringback/services/internal/sample"
)

// project is an installation that speaks Filemobile's format with somebody, whose server hears of every change.
type project struct {
	*installation
	hook    *receiver
	secrets secrets
	schema  *xsd.Schema
}

// told is what is looked at of a callback.
type told struct {
	ID             string  `xml:"id"`
	Status         int     `xml:"status"`
	Filetype       int     `xml:"filetype"`
	Title          string  `xml:"title"`
	Width          int     `xml:"width"`
	Height         int     `xml:"height"`
	Filesize       int     `xml:"filesize"`
	Ofilesize      int     `xml:"ofilesize"`
	ConversionTime float64 `xml:"conversiontime"`
	ConvertTime    string  `xml:"converttime"`
	Rating         int     `xml:"rating"`
	VoteCount      int     `xml:"votecount"`
	Moderation     int     `xml:"moderationstatus"`
	Vhost          string  `xml:"vhost"`
	PublicURL      string  `xml:"publicUrl"`
	ThumbURL       string  `xml:"thumbUrl"`
}

func openProject(t *testing.T, in *installation) *project {
	t.Helper()
	p := &project{installation: in, hook: receive(t, nil), secrets: in.secrets()}
	raw, err := schemas.Lookup("filemobile/callback.xsd")
	if err == nil {
		p.schema, err = xsd.Parse(raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"media": map[string]any{"callback_url": p.hook.url + "/callback", "window": "1s", "renditions": map[string]any{
		"steps": []any{map[string]any{
			"op": "fit", "params": map[string]any{"width": 200, "height": 200}, "save": map[string]any{"id": "15", "format": "png"},
			"steps": []any{map[string]any{
				"op": "fill", "params": map[string]any{"width": 60, "height": 40}, "save": map[string]any{"id": "1705", "format": "jpeg"},
			}},
		}},
	}}}
	status, body, err := in.do(http.MethodPatch, "/v1/application/settings", "application/json", p.secrets.Token, marshal(t, settings))
	if err != nil || status != http.StatusOK {
		t.Fatalf("settings: %d %s %v", status, body, err)
	}
	return p
}

// call calls a method of the media API.
func (p *project) call(method string, params url.Values) json.RawMessage {
	p.tb.Helper()
	params.Set("method", method)
	params.Set("vhost", "demo")
	params.Set("APIKEY", p.secrets.Token)
	_, body, err := p.do(http.MethodPost, "/services/json", "application/x-www-form-urlencoded", "", []byte(params.Encode()))
	if err != nil {
		p.tb.Fatal(err)
	}
	reply := parse[struct {
		Status bool
		Result json.RawMessage
	}](p.tb, body)
	if !reply.Status {
		p.tb.Fatalf("%s: %s", method, body)
	}
	return reply.Result
}

// upload uploads a file by a form, and returns its id.
func (p *project) upload(name string, data []byte, title string) string {
	p.tb.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for field, value := range map[string]string{"APIKEY": p.secrets.Token, "vhost": "demo", "title": title} {
		_ = form.WriteField(field, value) // into memory
	}
	part, _ := form.CreateFormFile("file", name)
	_, _ = part.Write(data)
	_ = form.Close()
	_, body, err := p.do(http.MethodPost, "/services/upload2?json", form.FormDataContentType(), "", b.Bytes())
	if err != nil {
		p.tb.Fatal(err)
	}
	reply := parse[struct{ Result struct{ ID json.Number } }](p.tb, body)
	if reply.Result.ID == "" {
		p.tb.Fatalf("upload: %s", body)
	}
	return reply.Result.ID.String()
}

// hears waits for a callback of an item that is as it should be; every callback is judged by its schema and signature.
func (p *project) hears(id, what string, so func(told) bool) told {
	p.tb.Helper()
	for seen, deadline := 0, time.Now().Add(time.Minute); time.Now().Before(deadline); {
		list := p.hook.wait(p.tb, "callback", seen+1)
		for _, a := range list[seen:] {
			verify(p.tb, p.secrets, a)
			if err := p.schema.Validate([]byte(a.body)); err != nil || a.header.Get("Content-Type") != "application/xml" {
				p.tb.Errorf("%v with %s:\n%s", err, a.header.Get("Content-Type"), a.body)
			}
			var item told
			if err := xml.Unmarshal([]byte(a.body), &item); err != nil {
				p.tb.Fatal(err)
			}
			if item.ID == id && so(item) {
				return item
			}
		}
		seen = len(list)
	}
	p.tb.Fatalf("no callback of %s says: %s", id, what)
	return told{}
}

// TestFilemobile is what a project does: it uploads, has its files rated and moderated, and hears of each change.
func TestFilemobile(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		p := openProject(t, in)
		const title = `Señor <b>"A & B"</b> ]]>`
		id := p.upload("portrait.JPG", sample.Portrait, title)
		config, _, err := image.DecodeConfig(bytes.NewReader(sample.Portrait))
		if err != nil {
			t.Fatal(err)
		}
		item := p.hears(id, "converted", func(i told) bool { return i.Status == events.MediaConverted })
		if item.Title != title || item.Filetype != 1 || item.Vhost != "demo" || item.Width != config.Width || item.Height != config.Height ||
			item.Ofilesize != len(sample.Portrait) || item.ConversionTime <= 0 || item.ConvertTime == "" {
			t.Errorf("the callback says %+v", item)
		}
		p.looks(item)
		p.call("media.vote", url.Values{"mid": {id}, "vote": {"1"}, "uid": {"1543"}})
		p.hears(id, "rated", func(i told) bool { return i.VoteCount == 1 && i.Rating == 10 })
		p.call("media.setModerationStatus", url.Values{"id": {id}, "status": {"1"}})
		p.hears(id, "approved", func(i told) bool { return i.Moderation == events.MediaApproved })
		p.call("media.setModerationStatus", url.Values{"id": {id}, "status": {"2"}})
		p.hears(id, "denied", func(i told) bool { return i.Moderation == events.MediaDenied })
		if status := p.status(item.PublicURL); status != http.StatusNotFound {
			t.Errorf("a denied file answers %d", status)
		}
		text := p.upload("words.txt", []byte("no picture"), "")
		if item := p.hears(text, "taken", func(i told) bool { return i.Status == events.MediaConverted }); item.Filetype != 4 || item.ConvertTime != "" {
			t.Errorf("a text was converted: %+v", item)
		}
		broken := p.upload("broken.jpg", []byte("no picture either"), "")
		p.hears(broken, "failed", func(i told) bool { return i.Status == events.MediaFailed })
		begun := parse[struct{ ID json.Number }](t, p.call("media.createMultiPartUpload", url.Values{"filename": {"a.jpg"}, "partInfo[1]": {"9"}}))
		p.call("media.abortMultiPartUpload", url.Values{"id": {begun.ID.String()}})
		p.hears(begun.ID.String(), "incomplete", func(i told) bool { return i.Status == events.MediaIncomplete })
		p.call("media.deleteFile", url.Values{"id": {id}})
		p.hears(id, "deleted", func(i told) bool { return i.Status == 204 })
		if status := p.status(item.ThumbURL + "/15"); status != http.StatusNotFound {
			t.Errorf("a rendition of a deleted file answers %d", status)
		}
	})
}

// looks opens the file and its renditions where the callback says that they are.
func (p *project) looks(item told) {
	p.tb.Helper()
	for address, want := range map[string]int{item.PublicURL: item.Width, item.PublicURL + "/15": 200, item.ThumbURL + "/1705": 60} {
		status, body, err := p.do(http.MethodGet, strings.TrimPrefix(address, p.base), "", "", nil)
		if err != nil || status != http.StatusOK {
			p.tb.Fatalf("%s: %d %v", address, status, err)
		}
		config, _, err := image.DecodeConfig(bytes.NewReader(body))
		if err != nil || config.Width != want {
			p.tb.Errorf("%s is %d wide, %v, want %d", address, config.Width, err, want)
		}
	}
}

func (p *project) status(address string) int {
	p.tb.Helper()
	status, _, err := p.do(http.MethodGet, strings.TrimPrefix(address, p.base), "", "", nil)
	if err != nil {
		p.tb.Fatal(err)
	}
	return status
}

// TestFilemobile_AnAssetIsAnItem uploads with Cloudinary's SDK, twice under one name, and hears of one item.
func TestFilemobile_AnAssetIsAnItem(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	p := openProject(t, c.installation)
	c.settings(`{"media":{"dialects":["cloudinary"]}}`)
	first := c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: "item"})
	p.hears(first.AssetID, "converted", func(i told) bool { return i.Status == events.MediaConverted && i.PublicURL == first.URL })
	second := c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: "item", Overwrite: new(true)})
	if second.AssetID != first.AssetID {
		t.Fatalf("the asset became %s", second.AssetID)
	}
	p.hears(first.AssetID, "changed", func(i told) bool { return i.PublicURL == second.URL })
}
