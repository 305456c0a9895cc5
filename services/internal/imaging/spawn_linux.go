package imaging

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// forbidPrivileges keeps this thread and what it starts from ever gaining privileges by running a program. The renderer
// itself reports whether it holds.
func forbidPrivileges() {
	const setNoNewPrivileges = 38 // PR_SET_NO_NEW_PRIVS in linux/prctl.h
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, setNoNewPrivileges, 1, 0, 0, 0, 0)
}

// isolation is how a renderer is started: it is killed when our thread ends, and where the kernel allows it lives in a
// user namespace of its own (so it may not look into our process, though it runs as the same user) and in an empty network.
func isolation(namespaces bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if namespaces {
		attr.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
	return attr
}

// tryIsolation starts the program once inside its own namespaces, without pipes, so that it ends at once. The error says
// why the kernel refused.
func tryIsolation(executable string) error {
	cmd := exec.Command(executable) //nolint:noctx // it ends at once
	cmd.Env = environment(os.TempDir())
	cmd.SysProcAttr = isolation(true)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start in a network namespace: %w", err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return nil
}

// widen lets a pipe hold a megabyte, so that a picture goes through it in few turns instead of one for each 64 KiB. The
// kernel may refuse, and then it is as wide as before.
func widen(pipe *os.File) {
	const setPipeSize = 1031 // F_SETPIPE_SZ in linux/fcntl.h
	connection, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	_ = connection.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, 1<<20)
	})
}
