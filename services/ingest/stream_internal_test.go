package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

func numbered(sequence uint64) frame {
	return frame{sequence: sequence, text: fmt.Appendf(nil, "id: %d\n\n", sequence)}
}

// written is what a stream sends until it ends.
func written(t *testing.T, s *stream, sent uint64) string {
	t.Helper()
	var out bytes.Buffer
	s.run(bufio.NewWriter(&out), sent, time.Hour)
	return out.String()
}

func openStream(t *testing.T) *stream {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _, _ = here.Close(), there.Close() })
	s := newStream("demo", "", here)
	s.start()
	return s
}

func TestStream_LeavesOutWhatWasReplayed(t *testing.T) {
	t.Parallel()
	s := openStream(t)
	for _, sequence := range []uint64{3, 4, 0, 6, 5} {
		s.push(numbered(sequence))
	}
	s.end(frameEnd)
	s.push(numbered(7)) // after the end
	// Order is as it comes: after a change of leaders live copies may overtake each other, and each is sent.
	if diff := cmp.Diff("id: 0\n\nid: 6\n\nid: 5\n\n"+string(frameEnd.text), written(t, s, 4)); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestStream_HoldsSoMuch(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ size, pushed, want int }{
		"Frames":        {1, streamFrames + 5, streamFrames},
		"Bytes":         {streamBytes / 4, 9, 4},
		"OneThatIsHuge": {2 * streamBytes, 2, 1},
		"AllOfIt":       {1, streamFrames, streamFrames},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStream(t)
			for range tt.pushed {
				s.push(frame{text: bytes.Repeat([]byte("x"), tt.size)})
			}
			s.end(frameReconnect)
			got := written(t, s, 0)
			ending := frameOverrun
			if tt.pushed == tt.want {
				ending = frameReconnect
			}
			if sent := (len(got) - len(ending.text)) / tt.size; sent != tt.want || !bytes.HasSuffix([]byte(got), ending.text) {
				t.Errorf("%d of %d frames were sent, want %d, and then %s", sent, tt.pushed, tt.want, ending.text)
			}
		})
	}
}

// TestReplay_SoManyAndNoMore gives up after as many results as one stream makes up for, at a position to go on from.
func TestReplay_SoManyAndNoMore(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	var sequences []uint64
	for i := range 5 {
		id := fmt.Sprint(i)
		out, err := bus.Event(events.ResultSubject("demo", id), events.TypeJobFailed, "/test", id, events.Result{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		ack, err := b.Publish(t.Context(), out)
		if err != nil {
			t.Fatal(err)
		}
		sequences = append(sequences, ack.Sequence)
	}
	var got []uint64
	write := func(f frame) bool {
		got = append(got, f.sequence)
		return true
	}
	r := replay{bus: b, application: "demo", left: 3}
	if err := r.send(t.Context(), write); !errors.Is(err, errReplayedMost) {
		t.Errorf("got %v, want %v", err, errReplayedMost)
	}
	r.left = 2 // and as many as there are is not too many
	if err := r.send(t.Context(), write); err != nil {
		t.Errorf("the rest: %v", err)
	}
	if diff := cmp.Diff(sequences, got); diff != "" {
		t.Errorf("replayed (-want +got):\n%s", diff)
	}
	r.at = 0
	r.left = 1
	if err := r.send(t.Context(), func(frame) bool { return false }); !errors.Is(err, errClientGone) {
		t.Errorf("got %v, want %v", err, errClientGone)
	}
	stopping := make(chan struct{})
	close(stopping)
	r.stopping = stopping
	if err := r.send(t.Context(), write); !errors.Is(err, errStopping) {
		t.Errorf("got %v, want %v", err, errStopping)
	}
}

// TestWait_LooksForItselfAfterAGap is about a result whose live copy never came.
func TestWait_LooksForItselfAfterAGap(t *testing.T) {
	t.Parallel()
	s := &Service{hub: newHub(DefaultConfig())}
	arrived, stop, err := s.hub.wait("j")
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	looks := 0
	stored := func() ([]byte, error) {
		if looks++; looks == 1 {
			s.hub.missed() // again, and now it is there
			return nil, bus.ErrNotFound
		}
		return []byte("result"), nil
	}
	s.hub.missed()
	if got, err := s.arrival(arrived, time.Minute, stored); string(got) != "result" || err != nil || looks != 2 {
		t.Errorf("got %q, %v after %d looks", got, err, looks)
	}
	s.hub.missed()
	down := func() ([]byte, error) { return nil, errors.New("down") }
	if _, err := s.arrival(arrived, time.Minute, down); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, bus.ErrUnavailable)
	}
}
