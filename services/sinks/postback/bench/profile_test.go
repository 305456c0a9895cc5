package bench_test

import (
	"os"
	"runtime/pprof"
)

// profile writes where a process's time goes, and beside it what it allocates, for people who look for it.
type profile struct{ file *os.File }

func newProfile() *profile { return &profile{} }

// begin starts a profile into a file.
func (p *profile) begin(path string) string {
	file, err := os.Create(path)
	if err != nil {
		return err.Error()
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err.Error()
	}
	p.file = file
	return "ok"
}

func (p *profile) end() {
	if p.file != nil {
		pprof.StopCPUProfile()
		_ = p.file.Close() // for people alone
		if allocs, err := os.Create(p.file.Name() + ".allocs"); err == nil {
			_ = pprof.Lookup("allocs").WriteTo(allocs, 0)
			_ = allocs.Close()
		}
	}
}
