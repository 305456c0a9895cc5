//go:build !linux

package screenshot

import "os/exec"

// group leaves the browser as it is: its helpers end when it does.
func group(*exec.Cmd) {}

// endGroup kills the browser.
func endGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = cmd.Process.Kill()
	}
}
