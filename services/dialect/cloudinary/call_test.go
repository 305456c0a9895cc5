package cloudinary_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
)

// adminCall is [call] for those of the admin API.
func adminCall[C any](parse func(string, string, cloudinary.Request) (C, error)) func(string, cloudinary.Request) (any, error) {
	return func(resourceType string, r cloudinary.Request) (any, error) { return parse(resourceType, "upload", r) }
}

func TestCalls(t *testing.T) {
	t.Parallel()
	ids := strings.Repeat("public_ids[]=p&", 2) + "public_ids[]=a,b"
	for name, row := range map[string]struct {
		parse func(string, cloudinary.Request) (any, error)
		body  string
		want  any
	}{
		"Rename": {call(cloudinary.ParseRename), "from_public_id=a&to_public_id=b/c&type=private&to_type=upload&notification_url=http://n/", cloudinary.Rename{
			From: asset.Ref{ResourceType: "image", Type: "private", PublicID: "a"}, To: asset.Ref{ResourceType: "image", Type: "upload", PublicID: "b/c"},
			NotificationURL: "http://n/",
		}},
		"Destroy": {call(cloudinary.ParseDestroy), "public_id=a&type=multi", cloudinary.Destroy{
			Ref: asset.Ref{ResourceType: "image", Type: "multi", PublicID: "a"},
		}},
		"Tags": {call(cloudinary.ParseTags), "command=set_exclusive&tag=x,y&" + ids, cloudinary.Tags{
			Command: cloudinary.SetExclusive, Tags: []string{"x", "y"}, ResourceType: "image", Type: "upload", PublicIDs: []string{"p", "a,b"},
		}},
		"TagsOneText": {call(cloudinary.ParseTags), "command=remove_all&public_ids=p1,p2", cloudinary.Tags{
			Command: cloudinary.RemoveAll, ResourceType: "image", Type: "upload", PublicIDs: []string{"p1", "p2"},
		}},
		"TagsReplaceByNone": {call(cloudinary.ParseTags), "command=replace&tag=&public_ids[0]=p", cloudinary.Tags{
			Command: cloudinary.Replace, ResourceType: "image", Type: "upload", PublicIDs: []string{"p"},
		}},
		"Context": {call(cloudinary.ParseContext), `command=add&context=a%3Db=c\|d|e=&public_ids=p`, cloudinary.Context{
			Command: cloudinary.Add, Context: map[string]string{"a": "b=c|d", "e": ""}, ResourceType: "image", Type: "upload", PublicIDs: []string{"p"},
		}},
		"LongNames": {call(cloudinary.ParseTags), "command=remove_all&public_ids=" + strings.Repeat("é", 255), cloudinary.Tags{
			Command: cloudinary.RemoveAll, ResourceType: "image", Type: "upload", PublicIDs: []string{strings.Repeat("é", 255)},
		}},
		"Metadata": {call(cloudinary.ParseMetadata), "metadata=sku=1|gone=&public_ids=p", cloudinary.Metadata{
			Metadata: map[string]string{"sku": "1", "gone": ""}, ResourceType: "image", Type: "upload", PublicIDs: []string{"p"},
		}},
		"Multi": {call(cloudinary.ParseMulti), "tag=a&format=PDF&mode=download&async=false", cloudinary.Gathering{Tag: "a", Format: "pdf", Download: true}},
		"Explode": {call(cloudinary.ParseExplode), "public_id=a&transformation=pg_all&type=multi", cloudinary.Explode{
			Ref: asset.Ref{ResourceType: "image", Type: "multi", PublicID: "a"}, Transformation: "pg_all", Format: "png",
		}},
		"DeleteResources": {adminCall(cloudinary.ParseDeleteResources), "prefix=a/&keep_original=true&next_cursor=c", cloudinary.DeleteResources{
			ResourceType: "image", Type: "upload", Prefix: "a/", KeepOriginal: true, Cursor: "c",
		}},
		"List": {adminCall(cloudinary.ParseList), "max_results=500&tags=true&direction=ASC&prefix=a", cloudinary.List{
			ResourceType: "image", Type: "upload", Prefix: "a", Results: 500, Ascending: true, Tags: true,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := row.parse("image", form(t, row.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCalls_Refuse(t *testing.T) {
	t.Parallel()
	var urls, ids strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&urls, "&urls[]=http://h/%d", i)
		fmt.Fprintf(&ids, "&public_ids[]=%d", i)
	}
	if _, err := cloudinary.ParseDeleteResources("image", "", form(t, "keep_original=1")); err != nil {
		t.Errorf("by a tag of the path: %v", err)
	}
	for _, row := range []struct {
		parse      func(string, cloudinary.Request) (any, error)
		body, want string
	}{
		{call(cloudinary.ParseRename), "to_public_id=b", "Missing required parameter - from_public_id"},
		{call(cloudinary.ParseRename), "from_public_id=b", "Missing required parameter - to_public_id"},
		{call(cloudinary.ParseRename), "from_public_id=b&to_public_id=a?", "public_id (a?) is invalid"},
		{call(cloudinary.ParseDestroy), "", "Missing required parameter - public_id"},
		{call(cloudinary.ParseTags), "tag=a&public_ids=b", "Missing required parameter - command"},
		{call(cloudinary.ParseTags), "command=add&public_ids=b", "Missing required parameter - tag"},
		{call(cloudinary.ParseTags), "command=add&tag=a", "Missing required parameter - public_ids"},
		{call(cloudinary.ParseTags), "command=drop&tag=a&public_ids=b", "Invalid command drop"},
		{call(cloudinary.ParseTags), "command=add&tag=a" + ids.String(), "Too many public_ids"},
		{call(cloudinary.ParseTags), "command=add&tag=a&public_ids=" + strings.Repeat("x", 256), "is invalid"},
		{call(cloudinary.ParseContext), "command=add&public_ids=b", "Missing required parameter - context"},
		{call(cloudinary.ParseMetadata), "public_ids=b", "Missing required parameter - metadata"},
		{adminCall(cloudinary.ParseDeleteResources), "keep_original=true", "Missing required parameter - public_ids"},
		{call(cloudinary.ParseSprite), "", "Missing required parameter - tag"},
		{call(cloudinary.ParseSprite), "tag=a&urls[]=http://h/", "Only one of the parameters tag and urls"},
		{call(cloudinary.ParseSprite), "urls[]=file:///etc/passwd", "Unsupported source URL: file:///etc/passwd"},
		{call(cloudinary.ParseMulti), urls.String()[1:], "Too many urls"},
		{call(cloudinary.ParseExplode), "public_id=a", "exactly one pg_all"},
		{call(cloudinary.ParseExplode), "public_id=a&transformation=pg_all/pg_all", "exactly one pg_all"},
		{call(cloudinary.ParseExplode), "transformation=pg_all", "Missing required parameter - public_id"},
		{adminCall(cloudinary.ParseDeleteResources), "all=1&prefix=a", "Only one of the parameters"},
		{adminCall(cloudinary.ParseList), "max_results=501", "Invalid max_results 501 - expected a whole number from 1 to 500"},
		{adminCall(cloudinary.ParseList), "direction=up", "Invalid direction"},
	} {
		_, err := row.parse("image", form(t, row.body))
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%.60s: got %v, want %s", row.body, err, row.want)
		}
		if _, err := row.parse("video", form(t, row.body)); err == nil {
			t.Errorf("%.60s: videos are taken", row.body)
		}
	}
}
