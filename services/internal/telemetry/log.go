// Package telemetry is what a running service says about itself: its log, its metrics and its readiness. Nothing in it
// is global; the program makes one of each and hands them down.
package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

// Format is how log lines are written.
type Format string

// The formats.
const (
	// FormatAuto is text on a terminal and JSON anywhere else.
	FormatAuto Format = "auto"
	FormatText Format = "text"
	FormatJSON Format = "json"
)

// UnmarshalText reads a format by its name and fails for any other text.
func (f *Format) UnmarshalText(text []byte) error {
	switch format := Format(strings.ToLower(string(text))); format {
	case FormatAuto, FormatText, FormatJSON:
		*f = format
		return nil
	}
	return fmt.Errorf("expected %s, %s or %s", FormatAuto, FormatText, FormatJSON)
}

// Config is what may be set about the log.
type Config struct {
	Level  slog.Level `env:"RINGBACK_LOG_LEVEL" doc:"The least urgent lines that are logged: debug, info, warn or error."`
	Format Format     `env:"RINGBACK_LOG_FORMAT" doc:"How lines are written: text, json, or auto for text on a terminal and json anywhere else."`
}

// DefaultConfig logs from info up, for whoever reads it.
func DefaultConfig() Config { return Config{Level: slog.LevelInfo, Format: FormatAuto} }

// NewLogger makes a logger that writes lines of at least the given level to w.
func NewLogger(w io.Writer, level slog.Leveler, format Format) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == FormatText || format != FormatJSON && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
