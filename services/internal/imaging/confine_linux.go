package imaging

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// confine gives up, inside a renderer and before it has seen a picture, what rendering does not need, and reports what
// holds.
func confine() []Measure {
	return []Measure{
		heldIf(MeasurePrivileges, checkPrivileges()),
		heldIf(MeasureParent, checkParent()),
		heldIf(MeasureFiles, limitFiles()),
		heldIf(MeasureSystemCalls, filterCalls()),
	}
}

func checkPrivileges() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("read status: %w", err)
	}
	if !bytes.Contains(status, []byte("NoNewPrivs:\t1")) {
		return errors.New("the kernel did not take it")
	}
	return nil
}

func checkParent() error {
	if os.Getppid() == 1 {
		return errors.New("the parent is gone already")
	}
	return nil
}

// limitFiles allows no core dump, which would hold the picture; few open files; and none larger than a colour profile.
func limitFiles() error {
	for resource, limit := range map[int]uint64{
		syscall.RLIMIT_CORE:   0,
		syscall.RLIMIT_FSIZE:  1 << 20,
		syscall.RLIMIT_NOFILE: 64,
	} {
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fmt.Errorf("set limit %d: %w", resource, err)
		}
	}
	return nil
}

const memoryWatched = true

// resident is the memory that a process holds, and false when it has ended.
func resident(pid int) (Bytes, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return Bytes(pages * int64(os.Getpagesize())), err == nil
}
