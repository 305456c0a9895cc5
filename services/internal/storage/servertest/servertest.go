// Package servertest installs and runs services that keep objects, for tests: real programs, each installed once for all
// tests of all packages and of all runs.
package servertest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	startWait   = 20 * time.Second
	installWait = 10 * time.Minute
)

// Go installs the program of a Go package at a version, and returns its file. It fails with what the go command says.
func Go(pkg, version string) (string, error) {
	name := filepath.Base(pkg)
	folder, err := once(name+"-"+version, func(ctx context.Context, fresh string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "go", "install", pkg+"@"+version) //nolint:gosec // a test says which
		cmd.Env = append(os.Environ(), "GOBIN="+fresh, "GOFLAGS=-ldflags=-s", "GOWORK=off")
		return cmd
	})
	return filepath.Join(folder, name), err
}

// NPM installs an npm package at a version, and returns the file of one of its programs. It fails with what npm says.
func NPM(pkg, version, program string) (string, error) {
	folder, err := once(pkg+"-"+version, func(ctx context.Context, fresh string) *exec.Cmd {
		//nolint:gosec // a test says which
		return exec.CommandContext(ctx, "npm", "install", "--prefix", fresh, "--no-audit", "--no-fund", "--loglevel=error", pkg+"@"+version)
	})
	return filepath.Join(folder, "node_modules", ".bin", program), err
}

// once returns the folder of that name in the user's cache, which install fills where it is missing. Of several that do so
// at the same time each fills a folder of its own, and one of them gets the name.
func once(name string, install func(ctx context.Context, fresh string) *exec.Cmd) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	root := filepath.Join(cache, "ringback-test")
	folder := filepath.Join(root, name+".d")
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(root, "install-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh) //nolint:errcheck // what is left is in nobody's way
	ctx, cancel := context.WithTimeout(context.Background(), installWait)
	defer cancel()
	if out, err := install(ctx, fresh).CombinedOutput(); err != nil {
		return "", fmt.Errorf("install %s: %w: %s", name, err, out)
	}
	if err := os.Rename(fresh, folder); err != nil {
		if _, there := os.Stat(folder); there != nil {
			return "", err
		}
	}
	return folder, nil
}

// The ports that programs are told to listen on: below those that systems give to connections on their way out, of which a
// test run makes thousands, and one might be there before the program is.
const (
	lowestPort  = 18000
	highestPort = 32000
	portTries   = 100
)

// Hold listens on a free port of this machine. Closed, it leaves the port to a program that is about to start.
func Hold(tb testing.TB) net.Listener {
	tb.Helper()
	var listen net.ListenConfig
	var err error
	for range portTries {
		var listener net.Listener
		port := lowestPort + rand.IntN(highestPort-lowestPort) //nolint:gosec // nothing secret
		if listener, err = listen.Listen(tb.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return listener
		}
	}
	tb.Fatal(err)
	return nil
}

// Address is a free one of this machine, as 127.0.0.1:27070.
func Address(tb testing.TB) string {
	tb.Helper()
	listener := Hold(tb)
	defer listener.Close() //nolint:errcheck // it took nothing
	return listener.Addr().String()
}

// Run runs a program that listens at address, with more in its environment, until the test ends. It returns when one can
// connect.
func Run(tb testing.TB, address string, environ []string, executable string, args ...string) {
	tb.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), executable, args...) //nolint:gosec // the program that was installed
	cmd.Env = append(os.Environ(), environ...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	var dial net.Dialer
	for deadline := time.Now().Add(startWait); ; time.Sleep(20 * time.Millisecond) {
		conn, err := dial.DialContext(tb.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			tb.Fatalf("%s ended: %s", executable, said.String())
		default:
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%s does not listen: %v", executable, err)
		}
	}
}
