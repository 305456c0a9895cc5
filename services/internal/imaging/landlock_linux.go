package imaging

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// Landlock keeps renderers from the files that hold secrets: they run as the same user, and what they could read they
// could draw into an output. The rules are set on the thread that starts renderers and are inherited; that thread does
// nothing else.

// Numbers of the calls, the same on every architecture, and words from linux/landlock.h.
const (
	landlockCreate, landlockAdd, landlockRestrict = 444, 445, 446
	landlockVersion                               = 1
	landlockBeneath                               = 1

	mayExecute = 1 << 0
	mayWrite   = 1 << 1
	mayRead    = 1 << 2
	mayList    = 1 << 3
	mayAll     = 1<<13 - 1                       // every right of the first version
	mayOfAFile = mayExecute | mayWrite | mayRead // those that a single file can have
	mayUse     = mayExecute | mayRead | mayList  // programs and libraries
	openPath   = 0x200000                        // O_PATH
)

// restrictFiles lets this thread, and all that it starts, see only the system's libraries, the program and the folder
// for temporary files.
func restrictFiles(program, temp string) error {
	if version, _, errno := syscall.Syscall(landlockCreate, 0, 0, landlockVersion); errno != 0 || version < 1 {
		return fmt.Errorf("ask for landlock: %w", errno)
	}
	handled := uint64(mayAll)
	rules, _, errno := syscall.Syscall(landlockCreate, uintptr(unsafe.Pointer(&handled)), unsafe.Sizeof(handled), 0)
	if errno != 0 {
		return fmt.Errorf("create rules: %w", errno)
	}
	defer func() { _ = syscall.Close(int(rules)) }()
	allowed := map[string]uint64{
		program: mayExecute | mayRead, temp: mayAll,
		"/usr": mayUse, "/lib": mayUse, "/lib64": mayUse, "/nix/store": mayUse, "/etc/ld.so.cache": mayRead,
		"/etc/fonts": mayRead | mayList, "/var/cache/fontconfig": mayRead | mayList,
		"/dev/null": mayRead | mayWrite, "/dev/urandom": mayRead, "/sys/devices/system/cpu": mayRead | mayList,
		// Also for writing, because that is how the starting thread gives a renderer its user namespace. Landlock itself
		// keeps a renderer from the environment and the memory of processes outside.
		"/proc": mayRead | mayList | mayWrite,
	}
	for path, rights := range allowed {
		if err := allowBeneath(int(rules), path, rights); err != nil {
			return err
		}
	}
	if _, _, errno := syscall.Syscall(landlockRestrict, rules, 0, 0); errno != 0 {
		return fmt.Errorf("restrict files: %w", errno)
	}
	return nil
}

// allowBeneath adds a rule for a file or a folder; one that does not exist needs none.
func allowBeneath(rules int, path string, rights uint64) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if !info.IsDir() {
		rights &= mayOfAFile
	}
	fd, err := syscall.Open(path, openPath|syscall.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { _ = syscall.Close(fd) }()
	// The kernel's struct is packed: 8 bytes of rights, 4 of the file descriptor.
	var rule [12]byte
	*(*uint64)(unsafe.Pointer(&rule[0])) = rights
	*(*int32)(unsafe.Pointer(&rule[8])) = int32(fd)
	_, _, errno := syscall.Syscall6(landlockAdd, uintptr(rules), landlockBeneath, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("allow %s: %w", path, errno)
	}
	return nil
}
