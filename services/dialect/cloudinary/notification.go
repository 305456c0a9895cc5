package cloudinary

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/ringback/ringback/events"
)

// Postback writes the body of a notification and its content type. A job that failed is told of by its kind, its
// batch_id, the status "failed", and error.message. Set the secret of the details' site before, or links that have to be
// signed are not.
func Postback(result events.Result, d Details) (body []byte, contentType string) {
	const contentTypeJSON = "application/json"
	if d.Classic {
		return d.classic(result), contentTypeJSON
	}
	doc := (&document{}).add("notification_type", d.Kind)
	// Deletions and renames have these two elsewhere, or not at all.
	if d.Kind != KindDelete && d.Kind != KindRename {
		d.addRequest(doc, result)
	}
	if failure := d.Failure(result); failure != "" {
		d.addFailure(doc, result, failure)
	} else {
		d.addNews(doc, result)
	}
	if d.Kind == KindRename {
		d.addRequest(doc, result)
	}
	doc.add("notification_context", notificationContext{
		d.TriggeredAt.UTC().Format("2006-01-02T15:04:05.000000Z"), trigger{"api", d.APIKey},
	})
	doc.addText("signature_key", cmp.Or(d.SignatureKey, d.APIKey))
	return doc.bytes(), contentTypeJSON
}

type notificationContext struct {
	TriggeredAt string  `json:"triggered_at"`
	TriggeredBy trigger `json:"triggered_by"`
}

type trigger struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// addRequest adds when the result was there, which is the same on every attempt, and which call it belongs to.
func (d Details) addRequest(doc *document, result events.Result) {
	t := result.Timing
	at := d.TriggeredAt.Add(time.Duration(t.QueuedMS+t.FetchMS+t.RenderMS+t.StoreMS) * time.Millisecond)
	doc.add("timestamp", at.UTC().Format("2006-01-02T15:04:05-07:00")).addText("request_id", d.RequestID)
}

func (d Details) addFailure(doc *document, result events.Result, failure string) {
	doc.addText("batch_id", d.BatchID)
	if d.Kind != KindSprite && d.Kind != KindMulti {
		doc.addText("asset_id", d.Asset.ID)
	}
	doc.addText("public_id", d.Asset.PublicID)
	if d.Kind == KindEager {
		doc.add("eager", eagerDocuments(d.Pictures(result), false))
	}
	doc.add("status", "failed").add("error", errorText{failure})
}

// addNews adds what is special about a kind.
func (d Details) addNews(doc *document, result events.Result) {
	a := d.Final(result)
	switch d.Kind {
	case KindUpload:
		doc.addText("batch_id", d.BatchID)
		told := Uploaded{Asset: a, Site: d.Site, Derived: d.Pictures(result), Wishes: d.Wishes}
		if result.Source != nil {
			told.Found = result.Source.Details
		}
		told.addTo(doc)
		doc.addText("api_key", d.APIKey)
	case KindEager:
		doc.add("batch_id", d.BatchID).addText("asset_id", a.ID).add("public_id", a.PublicID).addText("api_key", d.APIKey).
			add("eager", eagerDocuments(d.Pictures(result), false))
	case KindSprite:
		doc.addText("batch_id", d.BatchID).addAll(SpriteReply(a, d.Site))
	case KindMulti:
		doc.addText("batch_id", d.BatchID)
		addMulti(doc, a, d.Site)
	case KindExplode:
		pages := d.pages(result)
		doc.add("batch_id", d.BatchID).addText("asset_id", a.ID).addText("public_id", a.PublicID).
			add("pages", len(pages)).add("image_infos", pages)
	default:
		doc.addAll(d.Body)
	}
}

// classic writes what notifications had in 2013, in their order. What there was none of then has the members of its kind
// alone.
func (d Details) classic(result events.Result) []byte {
	doc := &document{}
	if failure := d.Failure(result); failure != "" {
		return doc.addText("batch_id", d.BatchID).add("notification_type", d.Kind).add("status", "failed").
			add("error", errorText{failure}).bytes()
	}
	a := d.Final(result)
	switch d.Kind {
	case KindUpload:
		link, secure := d.Site.own(a)
		doc.add("public_id", a.PublicID).add("version", a.Version)
		addShape(doc, a)
		doc.add("resource_type", a.ResourceType)
		addTime(doc, "created_at", a.CreatedAt)
		// Uploads were the one kind without a notification_type.
		return doc.add("bytes", a.Bytes).add("type", a.Type).add("url", link).add("secure_url", secure).bytes()
	case KindEager:
		return doc.add("batch_id", d.BatchID).add("notification_type", d.Kind).
			add("eager", eagerDocuments(d.Pictures(result), true)).bytes()
	case KindSprite:
		css, secureCSS := d.Site.Image(a, a.Transformation, "css")
		image, _ := d.Site.Image(a, a.Transformation, a.Format)
		place, _ := d.Site.Image(a, a.Transformation, "json")
		doc.addText("batch_id", d.BatchID).add("css_url", css).add("image_url", image).add("secure_css_url", secureCSS).
			add("json_url", place).add("version", a.Version).add("image_infos", spritePlaces(a.Sprites))
	case KindMulti:
		link, secure := d.Site.Image(a, a.Transformation, a.Format)
		doc.addText("batch_id", d.BatchID).add("url", link).add("secure_url", secure).
			add("public_id", a.PublicID).add("version", a.Version)
	case KindExplode:
		doc.addText("batch_id", d.BatchID).add("image_infos", d.pages(result))
	default:
		doc.addAll(d.Body)
	}
	return doc.add("notification_type", d.Kind).bytes()
}

// pages tells of the pages of an explode, in their order.
func (d Details) pages(result events.Result) []*document {
	outputs := slices.Clone(result.Outputs)
	slices.SortStableFunc(outputs, func(a, b events.Output) int { return cmp.Compare(a.Page, b.Page) })
	all := []*document{}
	for i, out := range outputs {
		ext := cmp.Or(d.Format, extension(out.Format))
		link, secure := d.Site.Image(d.Asset, OnePage(d.Transformation, cmp.Or(out.Page, i+1)), ext)
		all = append(all, (&document{}).add("bytes", out.Bytes).add("url", link).add("secure_url", secure))
	}
	return all
}

// OnePage puts a page, from 1, in the place of [AllPages]. The order of parameters stays: it is part of the picture's URL.
func OnePage(transformation string, page int) string {
	for _, at := range slices.Backward(pagesOf(transformation)) {
		transformation = transformation[:at] + "pg_" + strconv.Itoa(page) + transformation[at+len(AllPages):]
	}
	return transformation
}
