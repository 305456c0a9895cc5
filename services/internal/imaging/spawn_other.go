//go:build !linux

package imaging

import (
	"errors"
	"os"
	"syscall"
)

// errLinuxOnly is why a measure does not hold elsewhere.
var errLinuxOnly = errors.New("only on Linux")

func forbidPrivileges() {}

func isolation(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

func tryIsolation(string) error { return errLinuxOnly }

func restrictFiles(string, string) error { return errLinuxOnly }

func confine() []Measure { return nil }

const memoryWatched = false

// resident is unknown outside Linux, so memory is not watched.
func resident(int) (Bytes, bool) { return 0, false }

// widen is for Linux.
func widen(*os.File) {}
