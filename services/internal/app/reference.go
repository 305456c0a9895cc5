package app

import (
	"strings"

	"github.com/ringback/ringback/services/internal/config"
)

// SettingsReference is services/CONFIG.md: every setting with its default, as the code has it. Defaults that depend on
// the machine are written as what they mean.
func SettingsReference() string {
	defaults := DefaultConfig()
	list := config.Describe(&defaults, nil)
	meaning := map[string]string{
		"RINGBACK_DATA":              "the user's state folder",
		"RINGBACK_RENDER_EXECUTABLE": "beside ringback",
		"RINGBACK_RENDER_WORKERS":    "one more than there are processors",
	}
	for i, setting := range list {
		if text, ok := meaning[setting.Name]; ok {
			list[i].Default, list[i].Value = text, text
		}
	}
	return referenceHead + strings.TrimSpace(config.Markdown(list)) + "\n"
}

const referenceHead = `# Settings

All of them come from the environment; an empty one counts as not set, and one that is not in this table is refused.
` + "`ringback config`" + ` prints what is in force and where it came from. This file is written by ` + "`go tool task generate`" + `.

`
