package recipe

// What can be found out about a source beyond its size and format.
const (
	InspectEXIF   = "exif"
	InspectIPTC   = "iptc"
	InspectXMP    = "xmp"
	InspectICC    = "icc"
	InspectGPS    = "gps"
	InspectColors = "colors"
	InspectHashes = "hashes"
	InspectPHash  = "phash"
)

// Inspections lists what a recipe may ask about its source: the fields of exif, iptc and xmp; the name of the colour
// profile (icc); where it was taken (gps); its dominant colors; the hashes md5, sha-256 and crc32 of the file; and a
// perceptual hash of the picture (phash), which stays near when the picture is scaled or encoded anew.
var Inspections = []string{
	InspectEXIF, InspectIPTC, InspectXMP, InspectICC, InspectGPS, InspectColors, InspectHashes, InspectPHash,
}
