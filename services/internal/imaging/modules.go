package imaging

import (
	"os"
	"path/filepath"
	"strings"
)

// libvips opens every plug-in that it finds when it starts: with ImageMagick and OpenSlide among them a renderer needs
// twice the time and half as much memory again, for readers that it then forbids. So a renderer is shown a folder with
// the plug-ins that it may use and no others.
var (
	pictureModules  = []string{"vips-heif", "vips-jxl"}
	documentModules = append([]string{"vips-poppler"}, pictureModules...)
)

// modulePlaces are where distributions keep libvips' plug-ins.
var modulePlaces = []string{"/usr/lib/*/vips-modules-*", "/usr/lib*/vips-modules-*", "/usr/local/lib*/vips-modules-*"}

// linkModules makes folders of plug-ins below home, with links to the named ones alone, and tells whether there was any.
// VIPSHOME then lets libvips look there: it puts home in the place of a leading part of the path that it was built for.
// Which part that is differs, so every one is served.
func linkModules(home string, names []string) bool {
	found := false
	for _, place := range modulePlaces {
		folders, _ := filepath.Glob(place)
		for _, folder := range folders {
			for rest := folder; rest != ""; {
				_, rest, _ = strings.Cut(strings.TrimPrefix(rest, "/"), "/")
				if rest != "" && linkInto(filepath.Join(home, rest), folder, names) == nil {
					found = true
				}
			}
		}
	}
	return found
}

func linkInto(to, from string, names []string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, file := range files {
		for _, name := range names {
			if !strings.HasPrefix(file.Name(), name+".") {
				continue
			}
			if err := os.Symlink(filepath.Join(from, file.Name()), filepath.Join(to, file.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
