package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/jlaffaye/ftp"
)

// FTPFile is a file on an FTP server.
type FTPFile struct {
	// Server is a host, with a port unless it is 21.
	Server string
	// User and Password are "anonymous" when there is no user.
	User, Password string
	// Directory is made if it is missing; the user's own when it is empty.
	Directory string
	Name      string
}

// ftpServer is what messages about FTP are about.
const ftpServer = "the ftp server"

// PutFTP writes a file on an FTP server, in place of one that was there, within a time. Every connection, those for data
// too, is held to the guard. It fails with an [*Error], or with the cause of ctx when that ended.
func (c *Client) PutFTP(ctx context.Context, file FTPFile, data []byte, timeout time.Duration) error {
	for _, text := range []string{file.Server, file.User, file.Password, file.Directory, file.Name} {
		if strings.ContainsFunc(text, unicode.IsControl) { // it would begin another command
			return &Error{Class: ClassBlocked, Message: ftpServer + " can be told no names with control characters"}
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &deadlineError{"ftp"})
	defer cancel()
	err := c.putFTP(ctx, file, data)
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		if _, ours := errors.AsType[*deadlineError](cause); !ours {
			return fmt.Errorf("put file: %w", cause)
		}
		err = cause
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return &Error{Class: ClassStatus, Status: answer.Code, Message: fmt.Sprintf("%s answered %d", ftpServer, answer.Code), Err: err}
	}
	return classify(err, ftpServer)
}

func (c *Client) putFTP(ctx context.Context, file FTPFile, data []byte) error {
	server := file.Server
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(strings.Trim(server, "[]"), fmt.Sprint(ftpPort))
	}
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			_ = conn.Close() // they are closed already when all went well
		}
	}()
	conn, err := ftp.Dial(server, ftp.DialWithContext(ctx), ftp.DialWithDialFunc(func(network, address string) (net.Conn, error) {
		dialled, err := c.ftp.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conns = append(conns, dialled)
		if deadline, ok := ctx.Deadline(); ok {
			err = dialled.SetDeadline(deadline)
		}
		return dialled, err
	}))
	if err != nil {
		return err
	}
	user, password := file.User, file.Password
	if user == "" {
		user, password = "anonymous", "anonymous"
	}
	if err := conn.Login(user, password); err != nil {
		return err
	}
	if strings.HasPrefix(file.Directory, "/") {
		if err := conn.ChangeDir("/"); err != nil {
			return err
		}
	}
	for _, part := range strings.FieldsFunc(file.Directory, func(r rune) bool { return r == '/' }) {
		if conn.ChangeDir(part) == nil {
			continue
		}
		if err := errors.Join(conn.MakeDir(part), conn.ChangeDir(part)); err != nil {
			return err
		}
	}
	if err := conn.Stor(path.Base(file.Name), bytes.NewReader(data)); err != nil {
		return err
	}
	return conn.Quit()
}
