package ingest_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/sample"
)

// filemobileReply is what a call is answered with, as the format's clients read it.
type filemobileReply struct {
	Status bool
	Result json.RawMessage
	Error  struct{ Message, Type string }
}

// fileInfo is what is looked at of a file.
type fileInfo struct {
	ID                                                                        json.Number
	Status, Filetype, Filesize, ModerationStatus, Rating, VoteCount, UserVote int
	Title, Tags, PublicURL, Injector, Vhost, ContentType, Extension, Filename string
	Metadata                                                                  map[string]any
}

func (h *house) key() string { return h.app.Secrets.Token.Reveal() }

// plain sends a request without the native API's token.
func (h *house) plain(method, route string, body io.Reader, contentType string) reply {
	h.Helper()
	return h.send(method, route, body, "Authorization", "", "Content-Type", contentType)
}

// ask calls a method with the application's key.
func (h *house) ask(method string, params url.Values) filemobileReply {
	h.Helper()
	params.Set("method", method)
	params.Set("APIKEY", h.key())
	return read[filemobileReply](h, h.plain(http.MethodPost, "/services/json", strings.NewReader(params.Encode()), "application/x-www-form-urlencoded"), 200)
}

// info reads the file that a call answered with.
func (h *house) info(r filemobileReply) (info fileInfo) {
	h.Helper()
	if !r.Status {
		h.Fatalf("refused: %+v", r.Error)
	}
	h.must(json.Unmarshal(r.Result, &info))
	return info
}

// sendFile sends a form with a file.
func (h *house) sendFile(route, filename, contentType string, data []byte, fields map[string]string) reply {
	h.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range fields {
		h.must(form.WriteField(name, value))
	}
	part, err := form.CreatePart(map[string][]string{
		"Content-Disposition": {`form-data; name="file"; filename="` + filename + `"`}, "Content-Type": {contentType},
	})
	h.must(err)
	_, err = part.Write(data)
	h.must(err)
	h.must(form.Close())
	h.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return h.plain(http.MethodPost, route, &b, form.FormDataContentType())
}

func TestFilemobile_UploadMakesAnItemAndItsJob(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	info := h.info(read[filemobileReply](h, h.sendFile("/services/upload2?json", `C:\pictures\Señor.JPG`, "application/octet-stream", sample.Portrait, map[string]string{
		"APIKEY": h.key(), "vhost": "demo", "title": "A & <b>", "tags": "one two", "meta[category]": "x", "meta[user][href]": "/y", "uid": "7", "submit": "Go",
		"geo_latitude": "43.65", "geo_longitude": "-79.38", "date": "2009-01-31 22:11:18",
	}), 200))
	if info.Status != events.MediaQueued || info.Filetype != 1 || info.Title != "A & <b>" || info.Tags != "one two" || info.Vhost != "demo" ||
		info.Injector != "httpupload" || info.Extension != "jpg" || info.ContentType != "image/jpeg" || info.Filename != "Señor.JPG" {
		t.Errorf("got %+v", info)
	}
	if got := fmt.Sprint(info.Metadata); got != "map[category:x user:map[href:/y]]" {
		t.Errorf("metadata is %s", got)
	}
	j, record, _ := h.newest(job.Standard, "demo")
	if j.Media == nil || j.Media.ID != info.ID.String() || record.Dialect != filemobile.Dialect || j.Source.Kept == "" {
		t.Errorf("job %+v, record %+v", j, record)
	}
	file := h.plain(http.MethodGet, strings.TrimPrefix(info.PublicURL, h.url), nil, "")
	if file.StatusCode != http.StatusOK || file.body != string(sample.Portrait) || file.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%s answers %d with %d bytes", info.PublicURL, file.StatusCode, len(file.body))
	}
	h.ask("media.setModerationStatus", url.Values{"id": {info.ID.String()}, "status": {"2"}})
	if r := h.plain(http.MethodGet, strings.TrimPrefix(info.PublicURL, h.url), nil, ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("a denied file answers %d", r.StatusCode)
	}
}

func TestFilemobile_TextIsNotConverted(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	info := h.info(read[filemobileReply](h, h.sendFile("/services/upload2?json", "a.txt", "text/plain; charset=utf-8", []byte("words"), map[string]string{"APIKEY": h.key()}), 200))
	if info.Status != events.MediaConverted || info.Filetype != filemobile.FiletypeText || info.Filesize != 5 {
		t.Errorf("got %+v", info)
	}
	if end, err := h.deps.Bus.End(t.Context(), "RINGBACK_JOBS"); err != nil || end != 0 {
		t.Errorf("%d jobs were made, %v", end, err)
	}
}

func TestFilemobile_UploadByABrowserComesBack(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	to := func(fields map[string]string) url.Values {
		r := h.sendFile("/services/upload2", "a.jpg", "image/jpeg", sample.Portrait, fields)
		where, err := r.Location()
		if err != nil || r.StatusCode != http.StatusSeeOther || where.Host != "example.com" || where.Query().Get("a") != "b" {
			t.Fatalf("got %d, to %s, %v", r.StatusCode, where, err)
		}
		return where.Query()
	}
	const redirect = "https://example.com/done?a=b"
	if q := to(map[string]string{"APIKEY": h.key(), "redirect": redirect}); q.Get("mf_status") != "1" || q.Get("mf_id") == "" {
		t.Errorf("got %v", q)
	}
	if q := to(map[string]string{"APIKEY": h.key(), "redirect": redirect, "title": long(2000)}); q.Get("mf_status") != "0" || !strings.Contains(q.Get("mf_error"), "title") {
		t.Errorf("got %v", q)
	}
	if q := to(map[string]string{"vhost": "demo", "redirect": redirect}); q.Get("mf_status") != "0" || !strings.Contains(q.Get("mf_error"), "APIKEY") {
		t.Errorf("got %v", q)
	}
	r := h.sendFile("/services/upload2?json", "a.jpg", "image/jpeg", sample.Portrait, map[string]string{"APIKEY": h.key(), "redirect": "javascript:alert(1)"})
	if refused := read[filemobileReply](h, r, 200); refused.Status || !strings.Contains(refused.Error.Message, "redirect") {
		t.Errorf("got %+v", refused)
	}
}

// TestFilemobile_RefusesHostileFields names the field that is to blame, and makes no item.
func TestFilemobile_RefusesHostileFields(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for name, value := range map[string]string{
		"title": "\x00", "message": "a\x1bb", "user_lastname": "\xed\xa0\x80", "tags": "\uFFFE", "uid": "-1", "date": "31.1.2009",
		"geo_latitude": "north", "rotation": "400", "moderationstatus": "9", "channel": "x", "meta[a]": "\x01", "user_city": long(5000),
	} {
		r := read[filemobileReply](h, h.sendFile("/services/upload2?json", "a.jpg", "image/jpeg", sample.Portrait, map[string]string{"APIKEY": h.key(), name: value}), 200)
		field, _, _ := strings.Cut(name, "[")
		if r.Status || !strings.Contains(r.Error.Message, field) {
			t.Errorf("%s: got %+v", name, r)
		}
	}
	if end, err := h.deps.Bus.End(t.Context(), "KV_media"); err != nil || end != 0 {
		t.Errorf("%d items were made, %v", end, err)
	}
}

func TestFilemobile_KeysAndTheirAbsence(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.media("7")
	get := func(query string) filemobileReply {
		return read[filemobileReply](h, h.plain(http.MethodGet, "/services/json?method=media.getFileInfo&id=7&"+query, nil, ""), 200)
	}
	if r := get("vhost=demo&APIKEY=" + h.other.Secrets.Token.Reveal()); r.Status {
		t.Error("the key of another vhost is taken")
	}
	if r := get("APIKEY=nonsense"); r.Status {
		t.Error("a key of nobody is taken")
	}
	if r := get("vhost=demo"); r.Status || r.Error.Type != "FileMobile_Storage_FileNotFoundException" {
		t.Errorf("an unmoderated file is shown to everybody: %+v", r)
	}
	if r := h.ask("media.setModerationStatus", url.Values{"id[]": {"7"}, "status": {"1"}, "vhost": {"demo"}}); !r.Status || string(r.Result) != "1" {
		t.Fatalf("got %+v", r)
	}
	if info := h.info(get("vhost=demo")); info.ModerationStatus != events.MediaApproved {
		t.Errorf("got %+v", info)
	}
	for _, method := range filemobile.Methods {
		if method.Public() {
			continue
		}
		r := read[filemobileReply](h, h.plain(http.MethodGet, "/services/json?vhost=demo&id=7&method="+string(method), nil, ""), 200)
		if r.Status || !strings.Contains(r.Error.Message, "APIKEY") {
			t.Errorf("%s without a key: %+v", method, r)
		}
	}
}

func TestFilemobile_ChangesAreDone(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.media("7")
	h.media("8")
	one := func(more ...string) url.Values {
		v := url.Values{"id": {"7"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	if r := h.ask("media.updateFile", one("newProperties[title]", "new", "newProperties[tags]", "a b")); !r.Status {
		t.Errorf("got %+v", r)
	}
	if r := h.ask("media.setFileInfo", one("newProperties[title]", "\x07")); r.Status || !strings.Contains(r.Error.Message, "title") {
		t.Errorf("got %+v", r)
	}
	if info := h.info(h.ask("media.vote", url.Values{"mid": {"7"}, "vote": {"1"}, "uid": {"5"}})); info.VoteCount != 1 || info.Rating != 10 || info.UserVote != 10 {
		t.Errorf("got %+v", info)
	}
	if r := h.ask("media.rateFile", one("rating", "4", "uid", "5")); string(r.Result) != "4" {
		t.Errorf("got %+v", r)
	}
	if r := h.ask("media.rateFile", one("rating", "11")); r.Status {
		t.Errorf("got %+v", r)
	}
	if info := h.info(h.ask("media.getFileInfo", one("uid", "5"))); info.Title != "new" || info.Tags != "a b" || info.VoteCount != 1 || info.Rating != 4 {
		t.Errorf("got %+v", info)
	}
	h.ask("media.trashFile", one())
	if info := h.info(h.ask("media.getFileInfo", one())); info.Status != 104 {
		t.Errorf("got %+v", info)
	}
	h.ask("media.deleteFile", url.Values{"id[]": {"7", "8"}})
	if r := h.ask("media.getFileInfo", one()); r.Status || r.Error.Message != "We could not find the file with id: 7" {
		t.Errorf("got %+v", r)
	}
	if r := h.ask("media.nonsense", one()); r.Status {
		t.Errorf("got %+v", r)
	}
}

func TestFilemobile_ListsAndForms(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for id := range 5 {
		h.media(fmt.Sprint(id))
	}
	h.ask("media.setModerationStatus", url.Values{"id[]": {"1", "3"}, "status": {"1"}})
	h.ask("media.trashFile", url.Values{"id": {"4"}})
	list := func(query string) (ids string, total int) {
		r := read[filemobileReply](h, h.plain(http.MethodGet, "/services/json?method=media.getFiles&"+query, nil, ""), 200)
		var page struct {
			TotalCount int
			Data       []map[string]any
		}
		h.must(json.Unmarshal(r.Result, &page))
		for _, item := range page.Data {
			ids += fmt.Sprint(item["id"])
		}
		return ids, page.TotalCount
	}
	for query, want := range map[string]string{
		"sort=id":                      "0123/4",
		"sort=id+DESC&start=1&limit=2": "21/4",
		"sort=id&filters[moderationstatus]=unmoderated": "02/2",
		"filters[status]=104":                           "4/1",
		"pageSize=0":                                    "/4",
	} {
		if ids, total := list("APIKEY=" + h.key() + "&" + query); fmt.Sprint(ids, "/", total) != want {
			t.Errorf("%s: got %s of %d, want %s", query, ids, total, want)
		}
	}
	if ids, total := list("vhost=demo&sort=id"); ids != "13" || total != 2 {
		t.Errorf("everybody sees %s of %d", ids, total)
	}
	padded := h.plain(http.MethodGet, "/services/json?method=media.getFileInfo&vhost=demo&id=1&callBack=jQuery1.f_2", nil, "")
	if !strings.HasPrefix(padded.body, `/**/jQuery1.f_2({"status":true,`) || !strings.HasPrefix(padded.Header.Get("Content-Type"), "application/javascript") {
		t.Errorf("got %s", padded.body)
	}
	if r := h.plain(http.MethodGet, "/services/json?method=media.getFileInfo&vhost=demo&id=1&callBack=alert(1)//", nil, ""); r.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d %s", r.StatusCode, r.body)
	}
	var result struct {
		ID   string `xml:"id"`
		Data []struct {
			ID string `xml:"id"`
		} `xml:"data>item"`
	}
	h.must(xml.Unmarshal([]byte(h.plain(http.MethodGet, "/services/rest/media/getFileInfo?vhost=demo&id=3", nil, "").body), &result))
	h.must(xml.Unmarshal([]byte(h.plain(http.MethodGet, "/services/rest/media/getfiles?vhost=demo&fields[]=title", nil, "").body), &result))
	if result.ID != "3" || len(result.Data) != 2 {
		t.Errorf("got %+v", result)
	}
	if r := h.plain(http.MethodGet, "/services/rest/media/getFileInfo?vhost=demo&id=none", nil, ""); !strings.Contains(r.body, "<error>\n<message>We could not find the file with id: none</message>") {
		t.Errorf("got %s", r.body)
	}
}

func TestFilemobile_UploadInParts(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	file := bytes.Repeat([]byte("0123456789abcdef"), (filemobile.MinPart+1000)/16)
	begin := func() (string, []struct{ URL string }) {
		r := h.ask("media.createMultiPartUpload", url.Values{
			"filename": {"big.jpg"}, "contentType": {"image/jpeg"}, "partInfo[1]": {fmt.Sprint(filemobile.MinPart)},
			"partInfo[2]": {fmt.Sprint(len(file) - filemobile.MinPart)}, "fileData[title]": {"big"},
		})
		var begun struct {
			ID       json.Number
			PartURLs []struct{ URL string }
		}
		h.must(json.Unmarshal(r.Result, &begun))
		return begun.ID.String(), begun.PartURLs
	}
	put := func(address string, data []byte) int {
		return h.plain(http.MethodPut, strings.TrimPrefix(address, h.url), bytes.NewReader(data), "").StatusCode
	}
	id, parts := begin()
	one := url.Values{"id": {id}}
	if info := h.info(h.ask("media.getFileInfo", one)); info.Status != events.MediaUploading || info.Title != "big" {
		t.Errorf("got %+v", info)
	}
	for want, got := range map[int]int{
		http.StatusOK:         put(parts[0].URL, file[:filemobile.MinPart]),
		http.StatusBadRequest: put(parts[1].URL, file[:10]),
		http.StatusForbidden:  put(parts[1].URL+"0", file[filemobile.MinPart:]),
	} {
		if got != want {
			t.Errorf("a part was answered with %d, want %d", got, want)
		}
	}
	if r := h.ask("media.completeMultiPartUpload", one); r.Status || !strings.Contains(r.Error.Message, "Part 2") {
		t.Errorf("half an upload is complete: %+v", r)
	}
	put(parts[1].URL, file[filemobile.MinPart:])
	if info := h.info(h.ask("media.completeMultiPartUpload", one)); info.Status != events.MediaQueued {
		t.Errorf("got %+v", info)
	}
	if r := h.plain(http.MethodGet, "/storage/demo/"+id, nil, ""); r.body != string(file) {
		t.Errorf("the file has %d bytes, want %d", len(r.body), len(file))
	}
	if r := h.ask("media.abortMultiPartUpload", one); r.Status {
		t.Errorf("a complete upload was aborted: %+v", r)
	}
	id, parts = begin()
	one = url.Values{"id": {id}}
	put(parts[0].URL, file[:filemobile.MinPart])
	h.ask("media.abortMultiPartUpload", one)
	if info := h.info(h.ask("media.getFileInfo", one)); info.Status != events.MediaIncomplete {
		t.Errorf("got %+v", info)
	}
	if got := put(parts[1].URL, file[filemobile.MinPart:]); got != http.StatusNotFound {
		t.Errorf("a part of an aborted upload was answered with %d", got)
	}
	if files := strings.Join(h.blobs(), " "); strings.Contains(files, "part-") {
		t.Errorf("parts are left: %s", files)
	}
	for name, params := range map[string]url.Values{
		"partInfo[1]": {"filename": {"a"}, "partInfo[1]": {"10"}, "partInfo[2]": {"10"}},
		"no part 2":   {"filename": {"a"}, "partInfo[1]": {"5242880"}, "partInfo[3]": {"10"}},
		"filename":    {"partInfo[1]": {"10"}},
		"partInfo":    {"filename": {"a"}},
		"a file may":  {"filename": {"a"}, "partInfo[1]": {"99999999999"}},
		"title":       {"filename": {"a"}, "partInfo[1]": {"10"}, "fileData[title]": {long(5000)}},
	} {
		if r := h.ask("media.createMultiPartUpload", params); r.Status || !strings.Contains(r.Error.Message, name) {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}
