package blitline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/job"
)

func TestParse_Destinations(t *testing.T) {
	t.Parallel()
	public := map[string]string{"x-amz-acl": "public-read"}
	put := func(url string, headers map[string]string) *job.Destination {
		return &job.Destination{Kind: job.DestinationPut, URL: url, Headers: headers}
	}
	tests := []struct {
		name, save string
		format     string
		field      string
		want       *job.Destination
	}{
		{"None", `"extension":"png"`, "png", "", nil},
		{
			"S3", `"s3_destination":{"bucket":"b","key":"/a/k.PNG"}`, "png", "",
			&job.Destination{Kind: job.DestinationS3, Bucket: "b", Key: "a/k.PNG", Headers: public},
		},
		{
			"S3Location", `"s3_destination":{"name":"s3","bucket":{"name":"b","location":"eu-west-1"},"key":"k"},"extension":".webp"`, "webp", "",
			&job.Destination{Kind: job.DestinationS3, Bucket: "b", Key: "k", Region: "eu-west-1", Headers: public},
		},
		{
			"S3Private", `"s3_destination":{"bucket":"b","key":"k.jpg","region":"eu-west-1","bucket_as_domain":true,"force_type":"png","headers":{"X-AMZ-ACL":"","Cache-Control":"max-age=9"}}`,
			"png", "",
			&job.Destination{
				Kind: job.DestinationS3, Bucket: "b", Key: "k.jpg", Region: "eu-west-1", BucketAsDomain: true, Headers: map[string]string{"cache-control": "max-age=9"},
			},
		},
		{"S3Signed", `"s3_destination":{"signed_url":"https://b.example.com/k.gif?sig=1"}`, "gif", "", put("https://b.example.com/k.gif?sig=1", nil)},
		{
			"Signed", `"signed_destination":{"signed_url":"https://storage.example.com/b/k.png?sig=1","headers":{"x-goog-acl":"private"}}`, "png", "",
			put("https://storage.example.com/b/k.png?sig=1", map[string]string{"x-goog-acl": "private"}),
		},
		{
			"FTP", `"ftp_destination":{"server":"ftp.example.com","directory":"/a","filename":"k.webp","user":"u","password":"p"}`, "webp", "ftp_path",
			&job.Destination{Kind: job.DestinationFTP, Server: "ftp.example.com", Bucket: "/a", Key: "k.webp", User: "u", Password: "p"},
		},
		{
			"Azure", `"azure_destination":{"account_name":"a","shared_access_signature":"https://a.blob.core.windows.net/c/k.png?sig=1"}`, "png", "azure_url",
			put("https://a.blob.core.windows.net/c/k.png?sig=1", map[string]string{"x-ms-blob-type": "BlockBlob"}),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := parseOne(t, `{"application_id":"A","src":"http://x","functions":[{"name":"no_op","save":{"image_identifier":"i",`+tt.save+`}}]}`)
			if got.Error != "" || got.Refusal != nil || len(got.Details.Images) != 1 || len(got.Recipe.Outputs()) != 1 {
				t.Fatalf("got %+v", got)
			}
			var want []*job.Destination
			if tt.want != nil {
				want = append(want, tt.want)
			}
			if diff := cmp.Diff(want, got.Destinations); diff != "" {
				t.Errorf("destinations (-want +got):\n%s", diff)
			}
			if format := got.Recipe.Outputs()[0].Format; format != tt.format || got.Details.Images[0].Field != tt.field {
				t.Errorf("format %s, field %q, want %s and %q", format, got.Details.Images[0].Field, tt.format, tt.field)
			}
		})
	}
}

// TestParse_SaveWithSeveralDestinations makes an output for each, of one picture.
func TestParse_SaveWithSeveralDestinations(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":"http://x","functions":[{"name":"blur","save":{"image_identifier":"i",
		"s3_destination":{"bucket":"b","key":"k.png","return_keys":true},"azure_destination":{"shared_access_signature":"https://a.example.com/c/k.jpg?s"}},
		"functions":[{"name":"no_op","save":{"image_identifier":"j"}}]}]}`)
	want := []blitline.Image{
		{Output: "i", Identifier: "i", Key: "k.png"}, {Output: "i#2", Identifier: "i", Field: "azure_url"}, {Output: "j", Identifier: "j"},
	}
	if diff := cmp.Diff(want, got.Details.Images); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	var outputs []string
	for _, save := range got.Recipe.Outputs() {
		outputs = append(outputs, save.ID+" "+save.Format)
	}
	if diff := cmp.Diff([]string{"i png", "i#2 jpeg", "j jpeg"}, outputs); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if len(got.Destinations) != 3 || got.Destinations[2] != nil {
		t.Errorf("destinations %v, want two and none", got.Destinations)
	}
}
