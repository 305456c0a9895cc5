// Package config reads settings from the environment, and from nowhere else, into the Config structs of the packages
// that own them. A setting is a field with two tags,
//
//	Timeout time.Duration `env:"RINGBACK_OUTBOUND_POST_TIMEOUT" doc:"One deadline over a whole post."`
//
// and its default is whatever the field holds before [Load]: real Go values from the package's DefaultConfig, so that a
// default has one home and is checked by the compiler. A variable that is set but empty counts as not set, because that
// is what a compose file makes of an absent one.
package config
