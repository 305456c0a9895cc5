package collection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// headerVoice has the voter and the value of a voice that the record was the first to count.
const headerVoice = "Ringback-Voice"

// voice is what one person thinks of an item.
type voice struct {
	voter string
	value int
}

func (v voice) header() string { return events.Token(v.voter) + " " + strconv.Itoa(v.value) }

func readVoice(text string) *voice {
	token, number, ok := strings.Cut(text, " ")
	if !ok {
		return nil
	}
	voter, err := events.ParseToken(token)
	if err != nil {
		return nil
	}
	value, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	return &voice{voter: voter, value: value}
}

// ballot is what is written down of a voter, under the item's key and the voter.
type ballot struct {
	Value int `json:"value"`
	// At is the sequence of the record that counted it first: an older voice never takes the place of a newer one.
	At uint64 `json:"at"`
}

// Vote counts what somebody thinks of an item, 0 to 10. A voter has one voice, and a later one takes the place of the
// earlier; whoever votes without a name has one more each time. It fails as [Collection.Change] does.
//
// The sum and what each voter said are in two places. The sum comes first, with the voice in a header beside it; whoever
// changes the item next makes sure that it was written down. So a process that is killed in between counts nobody twice.
func (c *Collection) Vote(ctx context.Context, application, id, voter string, value int) (events.Media, error) {
	r, err := c.retry(ctx, application, id, func(r *record) error {
		if r.sequence == 0 {
			return ErrNotFound
		}
		was, known, err := c.said(ctx, application, id, voter, *r)
		if err != nil {
			return err
		}
		if !known {
			r.item.Votes.Count++
		}
		r.item.Votes.Sum += int64(value - was)
		if voter != "" && (!known || was != value) {
			r.fresh = &voice{voter: voter, value: value}
		}
		return nil
	})
	if err != nil {
		return r.item, err
	}
	// It may as well be written down now; else the next change does it.
	_ = c.settle(ctx, application, id, r)
	return r.item, nil
}

// Voice is what a voter said of an item last; ok is false for one who said nothing.
func (c *Collection) Voice(ctx context.Context, application, id, voter string) (value int, ok bool, err error) {
	r, err := c.read(ctx, application, id)
	if err != nil {
		return 0, false, err
	}
	return c.said(ctx, application, id, voter, r)
}

// said is what a voter said, as of a record.
func (c *Collection) said(ctx context.Context, application, id, voter string, r record) (int, bool, error) {
	if voter == "" {
		return 0, false, nil
	}
	if r.counted != nil && r.counted.voter == voter {
		return r.counted.value, true, nil
	}
	written, _, err := c.ballot(ctx, voiceKey(application, id, voter))
	if errors.Is(err, bus.ErrNotFound) {
		return 0, false, nil
	}
	return written.Value, err == nil, err
}

// settle writes down the voice that a record counted first, unless that was done.
func (c *Collection) settle(ctx context.Context, application, id string, r record) error {
	if r.counted == nil {
		return nil
	}
	key := voiceKey(application, id, r.counted.voter)
	for range rounds {
		old, revision, err := c.ballot(ctx, key)
		switch {
		case err == nil && old.At >= r.sequence:
			return nil
		case err != nil && !errors.Is(err, bus.ErrNotFound):
			return err
		}
		value, err := json.Marshal(ballot{Value: r.counted.value, At: r.sequence})
		if err != nil {
			return err
		}
		if revision == 0 {
			_, err = c.voices.Create(ctx, key, value, 0)
		} else {
			_, err = c.voices.Update(ctx, key, value, revision)
		}
		if !errors.Is(err, bus.ErrExists) {
			return err
		}
	}
	return fmt.Errorf("write down a voice for %s: %w", id, bus.ErrUnavailable)
}

func (c *Collection) ballot(ctx context.Context, key string) (ballot, uint64, error) {
	entry, err := c.voices.Get(ctx, key)
	if err != nil {
		return ballot{}, 0, err
	}
	var b ballot
	if err := json.Unmarshal(entry.Value, &b); err != nil {
		return b, 0, fmt.Errorf("read a voice: %w", err)
	}
	return b, entry.Revision, nil
}

func voiceKey(application, id, voter string) string {
	return bus.MediaKey(application, id) + "." + events.Token(voter)
}
