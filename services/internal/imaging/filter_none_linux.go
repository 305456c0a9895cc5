//go:build !amd64 && !arm64

package imaging

import "errors"

func filterCalls() error { return errors.New("only on amd64 and arm64") }
