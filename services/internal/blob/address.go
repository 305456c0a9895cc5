package blob

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The schemes of an address.
const (
	schemeS3     = "s3"
	schemeGCS    = "gs"
	schemeAzure  = "azblob"
	schemeMemory = "mem"
)

// Address says which bucket keeps the blobs, and how. The zero Address is a folder of this machine. It is read from
//
//	s3://bucket?region=eu-central-1&prefix=ringback
//	s3://bucket?endpoint=https://minio.example.internal:9000
//	gs://bucket
//	azblob://container?storage_account=name
//	mem://
//
// and its options are checked as it is.
type Address struct {
	scheme, bucket string
	options        url.Values
}

// check tells what is wrong with the value of an option, by what was expected; "" is nothing.
type check func(value string) (expected string)

// options are what each scheme understands beside prefix and cache_control. The names are those of gocloud.dev.
var options = map[string]map[string]check{
	schemeS3: {
		"region": isText, "endpoint": isHTTP, "use_path_style": isBool, "hostname_immutable": isBool, "accelerate": isBool,
		"dualstack": isBool, "fips": isBool, "anonymous": isBool, "profile": isText, "role": isText,
		"ssetype": isEncryption, "kmskeyid": isText,
		"request_checksum_calculation": isWhen, "response_checksum_validation": isWhen,
	},
	schemeGCS: {"anonymous": isBool, "universe_domain": isText, "kmskeyid": isText},
	schemeAzure: {
		"storage_account": isText, "domain": isText, "protocol": oneOf("http", "https"), "localemu": isBool, "cdn": isBool,
		"encryption_scope": isText,
	},
	schemeMemory: {},
}

// everywhere are the options of every scheme.
var everywhere = map[string]check{"prefix": isPrefix, "cache_control": isText}

// IsFolder tells whether no bucket is named.
func (a Address) IsFolder() bool { return a.scheme == "" }

// String is the address as it was given. There are no secrets in it.
func (a Address) String() string {
	if a.IsFolder() {
		return ""
	}
	u := url.URL{Scheme: a.scheme, Host: a.bucket, RawQuery: a.options.Encode()}
	if a.bucket == "" {
		return a.scheme + "://" + strings.TrimPrefix(u.String(), a.scheme+":")
	}
	return u.String()
}

// MarshalText writes the address as String does. It never fails.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads an address. It fails with what was expected, whatever is wrong, and names the option.
func (a *Address) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	if err != nil {
		return fmt.Errorf("expected an address such as s3://bucket?region=eu-central-1")
	}
	known, ok := options[u.Scheme]
	switch {
	case !ok:
		return fmt.Errorf("expected an address that begins with %s", strings.Join(schemes(), ", "))
	case u.User != nil:
		return fmt.Errorf("expected no credentials in the address: they belong into %s and %s", keySetting, secretSetting)
	case strings.Trim(u.Path, "/") != "":
		return fmt.Errorf("expected nothing after the bucket's name: a folder within it is given as ?prefix=%s", strings.Trim(u.Path, "/"))
	case (u.Host == "") != (u.Scheme == schemeMemory):
		return fmt.Errorf("expected the name of a bucket, as in %s://pictures, and none for %s://", schemeS3, schemeMemory)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return fmt.Errorf("expected options as in ?region=eu-central-1&prefix=ringback")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if err := checkOption(u.Scheme, known, name, query[name]); err != nil {
			return err
		}
	}
	*a = Address{scheme: u.Scheme, bucket: u.Host, options: query}
	return nil
}

func checkOption(scheme string, known map[string]check, name string, values []string) error {
	of, ok := known[name]
	if !ok {
		of, ok = everywhere[name]
	}
	if !ok {
		names := slices.Sorted(maps.Keys(known))
		names = append(names, slices.Sorted(maps.Keys(everywhere))...)
		return fmt.Errorf("option %s: %s:// has none of that name, but %s", name, scheme, strings.Join(names, ", "))
	}
	if len(values) > 1 {
		return fmt.Errorf("option %s: expected it once", name)
	}
	if expected := of(values[0]); expected != "" {
		return fmt.Errorf("option %s=%s: expected %s", name, values[0], expected)
	}
	return nil
}

func schemes() []string {
	names := slices.Sorted(maps.Keys(options))
	for i := range names {
		names[i] += "://"
	}
	return names
}

// is tells whether an option that is true or false was given as true.
func (a Address) is(name string) bool {
	yes, err := strconv.ParseBool(a.options.Get(name))
	return err == nil && yes
}

// prefix begins every name in the bucket. It ends in a slash, or is empty.
func (a Address) prefix() string {
	if p := strings.Trim(a.options.Get("prefix"), "/"); p != "" {
		return p + "/"
	}
	return ""
}

func isText(value string) string {
	if value == "" {
		return "a value"
	}
	return ""
}

func isBool(value string) string {
	if _, err := strconv.ParseBool(value); err != nil {
		return "true or false"
	}
	return ""
}

func isHTTP(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "an address that begins with http:// or https://"
	}
	return ""
}

func isPrefix(value string) string {
	if err := CheckKey(strings.Trim(value, "/")); err != nil {
		return "letters, digits and ._-/"
	}
	return ""
}

func isEncryption(value string) string {
	var kinds []string
	for _, kind := range types.ServerSideEncryption("").Values() {
		kinds = append(kinds, string(kind))
	}
	return oneOf(kinds...)(value)
}

var isWhen = oneOf("when_supported", "when_required")

func oneOf(values ...string) check {
	return func(value string) string {
		if slices.Contains(values, value) {
			return ""
		}
		return strings.Join(values, " or ")
	}
}
