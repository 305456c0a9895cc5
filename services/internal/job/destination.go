package job

import (
	"path"
	"strconv"
	"strings"
)

// DestinationKind says how an output gets to its destination.
type DestinationKind string

// The kinds of destinations.
const (
	// DestinationS3 is an object in a bucket that speaks S3, put there with an account of the application.
	DestinationS3 DestinationKind = "s3"
	// DestinationPut is an address that takes the output by HTTP PUT: whoever made it signed it.
	DestinationPut DestinationKind = "put"
	// DestinationFTP is a file on an FTP server.
	DestinationFTP DestinationKind = "ftp"
)

// Destination is where an output goes in place of the installation's own store. It may hold secrets, so it is part of the
// [Record].
type Destination struct {
	Kind DestinationKind `json:"kind"`
	// Name is what the application calls it; empty for one that the job described itself.
	Name string `json:"name,omitempty"`
	// Account is the storage account to write with; the one for the bucket when it is empty.
	Account string `json:"account,omitempty"`
	// Base is the public address that the key is put behind; the service's own when it is empty.
	Base string `json:"base,omitempty"`
	// Bucket, Key and Region say where in S3. A region that is empty is the account's.
	Bucket string `json:"bucket,omitempty"`
	Key    string `json:"key,omitempty"`
	Region string `json:"region,omitempty"`
	// BucketAsDomain spells the public address with the bucket in its host.
	BucketAsDomain bool `json:"bucket_as_domain,omitempty"`
	// URL is the signed address of [DestinationPut].
	URL string `json:"url,omitempty"`
	// Server, User and Password say where and as whom to log in by FTP; Bucket is the directory and Key the name then.
	Server   string `json:"server,omitempty"`
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
	// Headers are sent with the output.
	Headers map[string]string `json:"headers,omitempty"`
}

// Page is where the output of one page goes. What was signed for one address takes no other.
func (d Destination) Page(page int, numbering Numbering) Destination {
	d.Key = numbering.number(d.Key, page)
	return d
}

// Singly makes of at most one destination for each output what a [Record] has.
func Singly(destinations []*Destination) [][]Destination {
	if destinations == nil {
		return nil
	}
	lists := make([][]Destination, len(destinations))
	for i, d := range destinations {
		if d != nil {
			lists[i] = []Destination{*d}
		}
	}
	return lists
}

// Numbering is how the name of an output gets the number of a page.
type Numbering string

// The ways to number pages.
const (
	// Dashed puts a dash and the number before the extension, and counts from 1.
	Dashed Numbering = ""
	// Underscored puts an underscore and the number there, and counts from 0.
	Underscored Numbering = "_"
	// DoublyUnderscored puts two underscores and the number there, and counts from 0.
	DoublyUnderscored Numbering = "__"
	// Unnumbered leaves names alone: of a job that takes one page.
	Unnumbered Numbering = "="
)

// Suffix is what stands behind the name of a page, from page 1 on; nothing behind that of the whole, page 0.
func (n Numbering) Suffix(page int) string {
	switch {
	case page == 0 || n == Unnumbered:
		return ""
	case n == Dashed:
		return "-" + strconv.Itoa(page)
	default:
		return string(n) + strconv.Itoa(page-1)
	}
}

func (n Numbering) number(name string, page int) string {
	if page == 0 || name == "" {
		return name
	}
	extension := path.Ext(name)
	return strings.TrimSuffix(name, extension) + n.Suffix(page) + extension
}
