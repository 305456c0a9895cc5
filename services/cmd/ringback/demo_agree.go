package main

import (
	"encoding/xml"
	"fmt"
	"reflect"

	"github.com/ringback/ringback/events"
)

// agree compares what each way of being told said of the job.
func (r *demoRun) agree() error {
	want := r.seen["the polled status"]
	if want.State != events.StateCompleted || len(want.Outputs) != 4 {
		return fmt.Errorf("the job ended as %s with %d outputs, want completed with 4", want.State, len(want.Outputs))
	}
	for source, got := range r.seen {
		if !reflect.DeepEqual(got.Outputs, want.Outputs) || got.State != want.State || got.ID != want.ID {
			return fmt.Errorf("%s and the polled status do not agree: %+v and %+v", source, got, want)
		}
	}
	return nil
}

// readCallback compares the XML with the first output, which is the item's picture.
func (r *demoRun) readCallback(body, id string) error {
	var got struct {
		ID        string `xml:"id"`
		Status    int    `xml:"status"`
		Width     int    `xml:"width"`
		Height    int    `xml:"height"`
		Filesize  int64  `xml:"filesize"`
		PublicURL string `xml:"publicUrl"`
	}
	if err := xml.Unmarshal([]byte(body), &got); err != nil {
		return fmt.Errorf("read the callback: %w", err)
	}
	first := r.seen["the polled status"].Outputs[0]
	if got.ID != r.item || got.Status != 3 || got.Width != first.Width || got.Height != first.Height ||
		got.Filesize != first.Bytes || got.PublicURL != first.URL {
		return fmt.Errorf("the callback and the polled status of job %s do not agree: %+v and %+v", id, got, first)
	}
	return nil
}
