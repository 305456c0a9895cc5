// Package cloudinary speaks Cloudinary's format, both ways: calls of its API into what they ask for, and what became of that
// into replies and notifications. It looks at nothing but bytes: the front door keeps assets and jobs, and signs what goes
// out. Package transformation reads its transformations.
package cloudinary
