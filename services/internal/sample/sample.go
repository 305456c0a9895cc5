// Package sample holds one photograph for demonstrations and tests.
package sample

import _ "embed"

// Portrait is a JPEG of 512 × 512 pixels: the astronaut Eileen Collins in front of a model of the Space Shuttle.
//
// Title: Eileen Collins, from the NASA Great Images database, https://flic.kr/p/r9qvLn. Author: NASA. Licence: no known
// copyright restrictions, released into the public domain. Taken from scikit-image 0.19 (skimage/data/astronaut.png, a
// cut-out of the original) and written as JPEG of quality 88. Callers must not change it.
//
//go:embed portrait.jpg
var Portrait []byte
