package filemobile

import "strings"

// Method is a call of the media API.
type Method string

// The calls. Those that change something need a key.
const (
	GetFileInfo         Method = "media.getFileInfo"
	GetFiles            Method = "media.getFiles"
	Vote                Method = "media.vote"
	RateFile            Method = "media.rateFile"
	SetModerationStatus Method = "media.setModerationStatus"
	UpdateFile          Method = "media.updateFile"
	TrashFile           Method = "media.trashFile"
	DeleteFile          Method = "media.deleteFile"
	CreateMultiPart     Method = "media.createMultiPartUpload"
	CompleteMultiPart   Method = "media.completeMultiPartUpload"
	AbortMultiPart      Method = "media.abortMultiPartUpload"
)

// Methods lists every call.
var Methods = []Method{
	GetFileInfo, GetFiles, Vote, RateFile, SetModerationStatus, UpdateFile, TrashFile, DeleteFile, CreateMultiPart, CompleteMultiPart,
	AbortMultiPart,
}

// aliases are other names of calls, in editions of the documentation.
var aliases = map[string]Method{
	"media.moderate": SetModerationStatus, "media.setfileinfo": UpdateFile, "media.beginmultipartupload": CreateMultiPart,
}

// ParseMethod finds a call by its name, in any case. It fails with an [*Error].
func ParseMethod(name string) (Method, error) {
	for _, m := range Methods {
		if strings.EqualFold(string(m), name) {
			return m, nil
		}
	}
	if m, ok := aliases[strings.ToLower(name)]; ok {
		return m, nil
	}
	return "", invalid("Unknown method: %s", name)
}

// Public tells of calls that need no key: without one they only tell of what a moderator approved.
func (m Method) Public() bool { return m == GetFileInfo || m == GetFiles }
