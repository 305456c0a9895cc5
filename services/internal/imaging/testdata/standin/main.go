// Command standin is a renderer that behaves as its picture says, for the tests of the pool. It never ships.
package main

import (
	"encoding/binary"
	"fmt"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/ringback/ringback/services/internal/imaging"
)

// reportFD is where a renderer writes its frames.
const reportFD = 4

func main() {
	if err := imaging.ServeRenderer(engine{}); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

type engine struct{}

func (engine) Name() string { return "standin" }

// Render does what follows the colon in the source, after it has made the first output if there are several.
func (engine) Render(o imaging.Order, sink imaging.Sink) (imaging.Facts, error) {
	saves := o.Recipe.Outputs()
	facts := imaging.Facts{Width: 1, Height: 1, Format: "gif", Pages: 1}
	made := func(i int) imaging.Rendered {
		return imaging.Rendered{ID: "not yours", Index: i, Format: "gif", Width: 1, Height: 1, Frames: 1, Data: []byte("GIF89a")}
	}
	next := 0
	how := string(o.Source[strings.IndexByte(string(o.Source), ':')+1:])
	// Before the first output: whoever kills at the sight of it must not find that the first time never was.
	first := strings.HasSuffix(how, "-once") && firstTime()
	if len(saves) > 1 {
		if err := sink.Output(made(0)); err != nil {
			return facts, err
		}
		next = 1
	}
	if err := behave(how, first, sink); err != nil {
		return facts, err
	}
	if how == "lie-details" {
		facts.Details = &imaging.Details{ICC: strings.Repeat("A", 1<<20)}
	}
	for i := next; i < len(saves); i++ {
		if err := sink.Output(made(i)); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

func behave(how string, first bool, sink imaging.Sink) error {
	how, argument, _ := strings.Cut(how, "=")
	lie := imaging.Rendered{Format: "gif", Width: 1, Height: 1, Frames: 1, Data: []byte("GIF89a")}
	switch how {
	case "crash":
		crash()
	case "crash-once":
		if first {
			crash()
		}
	case "hang-once":
		if first {
			hang()
		}
	case "hang":
		hang()
	case "read":
		text, err := os.ReadFile(argument)
		return recipe.Errorf(recipe.SourceUnreadable, "%d bytes, %v", len(text), err)
	case "call":
		return recipe.Errorf(recipe.SourceUnreadable, "%v", call(argument))
	case "hog":
		hog()
	case "print":
		fmt.Println("a library that prints must not break a frame")
	case "refuse":
		return recipe.Errorf(recipe.SourceTooLarge, "too large\n\x1b[31m for me")
	case "lie-code":
		return recipe.Errorf("launch_missiles", "please")
	case "lie-index":
		lie.Index = 99
		return sink.Output(lie)
	case "lie-twice":
		_ = sink.Output(lie)
		return sink.Output(lie)
	case "lie-format":
		lie.Data = []byte("<svg onload=…>")
		return sink.Output(lie)
	case "lie-page":
		lie.Page = 3
		return sink.Output(lie)
	case "lie-pages":
		return sink.Pages([]int{1, 2, 3})
	case "lie-no-pages":
		return sink.Pages([]int{})
	case "lie-frames":
		lie.Frames = 1 << 30
		return sink.Output(lie)
	case "lie-placeholder":
		lie.Placeholder = strings.Repeat("A", 1000)
		return sink.Output(lie)
	case "lie-sprites":
		lie.Sprites = make([]recipe.Sprite, 5000)
		return sink.Output(lie)
	case "lie-length":
		frame := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, 2), 1<<62)
		_, err := os.NewFile(reportFD, "reports").Write(append(frame, "{}"...))
		return err
	}
	return nil
}

// call tries something that a renderer must not.
func call(what string) error {
	switch what {
	case "socket":
		_, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		return err
	case "exec":
		return syscall.Exec("/bin/true", []string{"true"}, nil)
	default:
		return syscall.Kill(os.Getppid(), 0)
	}
}

// firstTime leaves a mark in the folder that the renderers of one pool share, and tells whether it is new.
func firstTime() bool {
	return os.Mkdir(filepath.Join(filepath.Dir(os.Getenv("TMPDIR")), "mark"), 0o700) == nil
}

// crash ends the process.
func crash() {
	var nowhere *int
	*nowhere = 1
}

// hang spins, as a decoder caught in a loop does.
func hang() {
	for {
	}
}

// hog takes memory and uses it until the process is killed.
func hog() {
	var kept [][]byte
	for {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		kept = append(kept, block)
		_ = kept[len(kept)-1]
	}
}
