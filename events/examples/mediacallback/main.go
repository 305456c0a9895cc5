// Command mediacallback is a receiver of media callbacks: it checks who sent one, and purges what a site has cached of a
// file that was denied, trashed or deleted. SECRETS has the application's webhook secrets, with spaces between them, and
// ADDR where to listen.
package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
)

// maxBody bounds a callback; the longest that is sent is far below it.
const maxBody = 1 << 20

// What is looked at of a file.
const (
	denied  = 2   // of moderationstatus
	trashed = 100 // of status; from here on the file is trashed or deleted
)

func main() {
	address := os.Getenv("ADDR")
	if address == "" {
		address = "127.0.0.1:9000"
	}
	server := &http.Server{
		Addr: address, ReadTimeout: time.Minute,
		Handler: receiver{secrets: strings.Fields(os.Getenv("SECRETS")), purge: func(file file) { fmt.Println("purge", file.ID) }},
	}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}

// receiver takes callbacks. It may be called with the same one again, and with an older one never: what it is told is the
// newest state, whatever came before.
type receiver struct {
	secrets []string
	purge   func(file)
}

// file is what this receiver reads of a callback, which has 51 elements. Text between them means nothing.
type file struct {
	ID         string `xml:"id"`
	Status     int    `xml:"status"`
	Moderation int    `xml:"moderationstatus"`
	Title      string `xml:"title"`
}

// ServeHTTP answers with 2xx once it has done what is to be done. Whatever else it answers, the callback comes again.
func (r receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, maxBody))
	if err != nil {
		http.Error(w, "the body breaks off, or is too long", http.StatusBadRequest)
		return
	}
	if err := events.VerifyPostback(r.secrets, request.Header, body, time.Now()); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var f file
	if err := xml.Unmarshal(body, &f); err != nil {
		http.Error(w, "this is no callback", http.StatusBadRequest)
		return
	}
	if f.Moderation == denied || f.Status >= trashed {
		r.purge(f)
	}
	w.WriteHeader(http.StatusNoContent)
}
