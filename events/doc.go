// Package events is the public contract of Ringback and the kit for programs that listen to it: the events, their
// subjects, ids and tokens, a subscription that misses nothing, and the check of a postback's signature.
//
// # What is on the bus
//
// Every event is a CloudEvent 1.0 in binary mode on NATS. Its type ends in a version, within which fields are only ever
// added, so a program should ignore fields that it does not know. The id of an event is the same however often it is
// sent.
//
//   - A job ends in exactly one result: [TypeJobCompleted], [TypeJobPartial] or [TypeJobFailed], each with [Result]. It
//     is stored for a week, on the subject that [ResultSubject] names.
//   - What happens on the way is live only: [TypeJobAccepted] without data, [TypeJobProgress] with [Progress]. Results
//     have live copies, and so have changes of media items, [TypeMediaChanged] with [Media].
//   - What operators should know of endpoints is live, too, on [LiveEndpointSubject]: [TypeEndpointFailing],
//     [TypeEndpointRecovered] and [TypeEndpointDisabled] with [Endpoint], [TypeDeliveryExhausted] with [Delivery].
//   - The newest result of every job is in the key-value bucket [StatusBucket], under [StatusKey].
//
// # Reading it
//
// [Subscribe] hands over every result at least once and goes on where it stopped, across restarts of either side.
// [SubscribeLive] shows everything as it happens and promises nothing. [DecodeResult] reads the data of a result. With
// any other NATS client, [Decode] turns a message's headers and body into an event.
//
// # Being called back
//
// A postback carries the three headers of Standard Webhooks. [VerifyPostback] checks them, with the shared secret or, where
// the application signs with a key pair too, with its [PublicKey]; the delivery's id, in [HeaderID], is the same on every
// attempt.
//
// # What may change
//
// The package follows semantic versioning. It depends on the NATS client and on the CloudEvents SDK, whose event type it
// hands out, and on nothing else.
package events
