// Package transformation reads the transformations of Cloudinary's URLs and upload parameters, such as
// "c_fill,h_100,w_150/e_sepia", and translates them into recipes.
//
// A transformation is read in two goes. [Parse] looks at the grammar alone, so that a client hears of a wrong value when it
// asks for one. [Transformation.Translate] then walks the components with the size of the picture at hand: fractions,
// arithmetic, conditions and the places of faces become plain pixels of the recipe. Where only the pixels can tell a size,
// as after e_trim, lengths stay symbolic as long as the recipe has a word for them, and anything else is refused.
//
// Whatever cannot be done is refused with a sentence and never left out in silence. README.md in the folder above says of
// every parameter how near its translation comes.
package transformation
