//go:build amd64 || arm64

package imaging

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// forbidden are the system calls that decoding never needs and a taken-over renderer would: sockets, programs, other
// processes, new namespaces, keys, and the doors through which kernels are most often broken into. Each then fails with
// "operation not permitted". It holds also where the kernel grants no network namespace, in most containers.
var forbidden = append([]uint32{
	syscall.SYS_SOCKET, syscall.SYS_SOCKETPAIR, syscall.SYS_CONNECT,
	syscall.SYS_EXECVE, syscall.SYS_PTRACE, syscall.SYS_KILL, syscall.SYS_TKILL,
	syscall.SYS_RT_SIGQUEUEINFO, syscall.SYS_RT_TGSIGQUEUEINFO,
	syscall.SYS_UNSHARE, syscall.SYS_MOUNT, syscall.SYS_CHROOT, syscall.SYS_INIT_MODULE, syscall.SYS_KEXEC_LOAD,
	syscall.SYS_ADD_KEY, syscall.SYS_REQUEST_KEY, syscall.SYS_KEYCTL, syscall.SYS_PERF_EVENT_OPEN,
	// The same on both architectures: pidfd_send_signal, io_uring_setup, open_tree, move_mount, fsopen, pidfd_open,
	// pidfd_getfd.
	424, 425, 428, 429, 430, 434, 438,
}, newer[runtime.GOARCH]...)

// newer are calls that package syscall does not name, from the kernel's tables: process_vm_readv, process_vm_writev,
// setns, kcmp, finit_module, bpf, execveat, userfaultfd, open_by_handle_at.
var newer = map[string][]uint32{
	"amd64": {310, 311, 308, 312, 313, 321, 322, 323, 304},
	"arm64": {270, 271, 268, 272, 273, 280, 281, 282, 265},
}

// auditArch is how the kernel names the architecture to a filter; a call by any other convention ends the process.
var auditArch = map[string]uint32{"amd64": 0xC000003E, "arm64": 0xC00000B7}

// The words of a classic BPF program and of seccomp, from linux/bpf_common.h and linux/seccomp.h.
const (
	bpfLoad    = 0x20 // a word of the call's description
	bpfEqual   = 0x15
	bpfAtLeast = 0x35
	bpfReturn  = 0x06

	atNumber, atArch, atFirstArgument = 0, 4, 16

	seccompAllow = 0x7FFF0000
	seccompError = 0x00050000
	seccompKill  = 0x80000000

	seccompSetFilter  = 1
	seccompAllThreads = 1
)

// filterCalls forbids system calls to all threads of this process, for good.
func filterCalls() error {
	number := map[string]uintptr{"amd64": 317, "arm64": 277}[runtime.GOARCH]
	program := filter(uint32(os.Getpid()))
	head := syscall.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := syscall.Syscall(number, seccompSetFilter, seccompAllThreads, uintptr(unsafe.Pointer(&head)))
	runtime.KeepAlive(program)
	if errno != 0 {
		return fmt.Errorf("set system call filter: %w", errno)
	}
	return nil
}

// filter is the program. Signals may go to the process's own threads, which the Go runtime does to preempt them.
func filter(pid uint32) []syscall.SockFilter {
	deny := syscall.SockFilter{Code: bpfReturn, K: seccompError | uint32(syscall.EPERM)}
	program := []syscall.SockFilter{
		{Code: bpfLoad, K: atArch},
		{Code: bpfEqual, Jt: 1, K: auditArch[runtime.GOARCH]},
		{Code: bpfReturn, K: seccompKill},
		{Code: bpfLoad, K: atNumber},
		{Code: bpfAtLeast, Jf: 1, K: 0x40000000}, // amd64's second table, of 32-bit pointers
		deny,
	}
	for _, call := range forbidden {
		program = append(program, syscall.SockFilter{Code: bpfEqual, Jf: 1, K: call}, deny)
	}
	return append(program,
		syscall.SockFilter{Code: bpfEqual, Jf: 3, K: syscall.SYS_TGKILL},
		syscall.SockFilter{Code: bpfLoad, K: atFirstArgument},
		syscall.SockFilter{Code: bpfEqual, Jt: 1, K: pid},
		deny,
		syscall.SockFilter{Code: bpfReturn, K: seccompAllow},
	)
}
