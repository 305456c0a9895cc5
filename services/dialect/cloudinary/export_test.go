package cloudinary

// Refused are the parameters that an upload may not have.
var Refused = refused
