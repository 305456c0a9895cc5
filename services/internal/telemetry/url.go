package telemetry

import (
	"log/slog"
	"net/url"
)

// URL is an address for a log line: LogValue leaves out what in an address is often secret, the query, where signatures
// travel, and the user with the password. An address that cannot be read is left out whole.
type URL string

// LogValue returns scheme, host and path, with a mark where something was left out.
func (u URL) LogValue() slog.Value {
	parsed, err := url.Parse(string(u))
	if err != nil || parsed.Opaque != "" {
		return slog.StringValue("(unreadable address)")
	}
	shown := url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path, RawPath: parsed.RawPath}
	text := shown.String()
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		text += " (shortened)"
	}
	return slog.StringValue(text)
}
