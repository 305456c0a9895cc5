package filemobile

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"time"
)

// Dialect is the name of the format, in settings.
const Dialect = "filemobile"

// ContentType is the media type of the callback's body.
const ContentType = "application/xml"

// field is one element of the document.
type field struct {
	name, value string
}

// MarshalResult writes the document: one element for each of the 51 fields, in the order that the format has. Times are
// in UTC and written without a zone. Characters that XML cannot hold become U+FFFD.
func MarshalResult(item Item) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<result>\n")
	for _, f := range item.fields() {
		b.WriteString("  <" + f.name)
		// Only an unknown position is written in the short form.
		if f.value == "" && (f.name == "geo_latitude" || f.name == "geo_longitude") {
			b.WriteString("/>\n")
			continue
		}
		b.WriteString(">")
		_ = xml.EscapeText(&b, []byte(f.value)) // a buffer takes everything
		b.WriteString("</" + f.name + ">\n")
	}
	b.WriteString("</result>\n")
	return b.Bytes()
}

func (i Item) fields() []field {
	return []field{
		{"id", i.ID},
		{"status", number(i.Status)},
		{"contenttype", i.ContentType},
		{"filetype", number(i.Filetype)},
		{"filename", i.Filename},
		{"injector", i.Injector},
		{"hits", number(i.Hits)},
		{"message", i.Message},
		{"date", date(i.Date)},
		{"title", i.Title},
		{"tags", i.Tags},
		{"extension", i.Extension},
		{"sender", i.Sender},
		{"uid", number(i.UID)},
		{"filesize", number(i.Filesize)},
		{"ofilesize", number(i.OriginalFilesize)},
		{"upload", date(i.Upload)},
		{"privacy", number(i.Privacy)},
		{"moderationstatus", number(i.ModerationStatus)},
		{"width", number(i.Width)},
		{"height", number(i.Height)},
		{"length", strconv.FormatFloat(i.Length.Seconds(), 'f', 2, 64)},
		{"conversiontime", strconv.FormatFloat(i.ConversionTime.Seconds(), 'f', 3, 64)},
		{"converttime", date(i.ConvertTime)},
		{"offensive", number(i.Offensive)},
		{"autoblog", number(i.Autoblog)},
		{"rating", number(i.Rating)},
		{"votecount", number(i.VoteCount)},
		{"commentcount", number(i.CommentCount)},
		{"approvedcomments", number(i.ApprovedComments)},
		{"notdeniedcomments", number(i.NotDeniedComments)},
		{"parentid", number(i.ParentID)},
		{"user_name", i.User.Name},
		{"user_country", i.User.Country},
		{"user_city", i.User.City},
		{"user_state", i.User.State},
		{"user_nickname", i.User.Nickname},
		{"user_firstname", i.User.Firstname},
		{"user_lastname", i.User.Lastname},
		{"url", i.URL},
		{"vhost", i.Vhost},
		{"rotation", number(i.Rotation)},
		{"language", i.Language},
		{"channel", number(i.Channel.ID)},
		{"channel_shortname", i.Channel.Shortname},
		{"channel_name", i.Channel.Name},
		{"geo_latitude", degrees(i.Latitude)},
		{"geo_longitude", degrees(i.Longitude)},
		{"publicUrl", i.PublicURL},
		{"thumbUrl", i.ThumbURL},
		{"moderationdeniedid", number(i.ModerationDeniedID)},
	}
}

func number[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}

func degrees(d *float64) string {
	if d == nil {
		return ""
	}
	return strconv.FormatFloat(*d, 'f', -1, 64)
}
