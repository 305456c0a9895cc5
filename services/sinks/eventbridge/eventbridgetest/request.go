package eventbridgetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	mediaType = "application/x-amz-json-1.1"
	target    = "AWSEvents.PutEvents"
	maxCount  = 10
	maxBytes  = 1_000_000
)

type wireEntry struct {
	Detail, DetailType, EventBusName, Source, TraceHeader *string
	Resources                                             []string
	Time                                                  *float64
}

// size is what AWS documents: 14 bytes for the time, and the bytes of source, detail-type, detail and resources.
func (e wireEntry) size() int {
	n := 0
	if e.Time != nil {
		n += 14
	}
	for _, text := range []*string{e.Source, e.DetailType, e.Detail} {
		n += len(value(text))
	}
	for _, resource := range e.Resources {
		n += len(resource)
	}
	return n
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// parse reads a request, and refuses one that AWS would.
func parse(r *http.Request, body []byte, limit int) (entries []Entry, code, why string) {
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/" || r.URL.RawQuery != "":
		return nil, "UnknownOperationException", r.Method + " " + r.URL.String()
	case r.Header.Get("X-Amz-Target") != target:
		return nil, "UnknownOperationException", "target " + r.Header.Get("X-Amz-Target")
	case r.Header.Get("Content-Type") != mediaType:
		return nil, "SerializationException", "content type " + r.Header.Get("Content-Type")
	}
	var request struct {
		Entries    []wireEntry
		EndpointID *string `json:"EndpointId"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return nil, "SerializationException", err.Error()
	}
	if n := len(request.Entries); n < 1 || n > maxCount {
		return nil, "ValidationException", fmt.Sprintf("%d entries, want 1 to %d", n, maxCount)
	}
	total := 0
	for _, e := range request.Entries {
		total += e.size()
		entry := Entry{
			Bus: value(e.EventBusName), Source: value(e.Source), DetailType: value(e.DetailType), Detail: []byte(value(e.Detail)),
		}
		if e.Time != nil {
			entry.Time = time.UnixMilli(int64(*e.Time * 1000))
		}
		entries = append(entries, entry)
	}
	if total >= limit {
		return nil, "ValidationException", fmt.Sprintf("Total size of the entries in the request is over the limit: %d, want less than %d", total, limit)
	}
	return entries, "", ""
}

// judge refuses an entry that AWS would.
func judge(e Entry) (code string) {
	var object map[string]json.RawMessage
	switch {
	case e.Source == "" || e.DetailType == "" || len(e.Detail) == 0 || len(e.DetailType) > 128 || len(e.Source) > 256:
		return "InvalidArgument"
	case strings.HasPrefix(e.Source, "aws."):
		return "NotAuthorizedForSourceException"
	case json.Unmarshal(e.Detail, &object) != nil || object == nil:
		return "MalformedDetail"
	default:
		return ""
	}
}
