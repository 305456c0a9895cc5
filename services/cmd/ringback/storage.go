package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/storage"
)

// storageCommand looks after the accounts that buckets are read and written with.
type storageCommand struct {
	Add    storageAddCommand    `cmd:"" help:"Give an application an account: ringback storage add shop media --access-key-id ID --bucket pictures"`
	List   storageListCommand   `cmd:"" help:"List the accounts of an application."`
	Test   storageTestCommand   `cmd:"" help:"Write, read and remove a small object in a bucket."`
	Remove storageRemoveCommand `cmd:"" help:"Take an account away."`
}

type storageAddCommand struct {
	App         string   `arg:"" help:"The application."`
	Name        string   `arg:"" help:"Name of the account: lower-case letters, digits, - and _. One of the same name is replaced."`
	Endpoint    string   `help:"Address of the service, such as https://s3.example.com; AWS when not given."`
	Region      string   `help:"Region that requests are signed for."`
	Bucket      []string `help:"Bucket that the account is for; may be given again. Without one it is for all that no other account names."`
	AccessKeyID string   `required:"" env:"AWS_ACCESS_KEY_ID" help:"Id of the access key."`
	Secret      string   `env:"AWS_SECRET_ACCESS_KEY" hidden:""`
	Session     string   `env:"AWS_SESSION_TOKEN" hidden:""`
}

// Help says where the secret comes from.
func (storageAddCommand) Help() string {
	return `The secret access key is read from AWS_SECRET_ACCESS_KEY, else from the first line of the standard input, so that it is
neither in the list of processes nor in the history of the shell; a session token from AWS_SESSION_TOKEN.`
}

var errNoSecret = errors.New("the secret access key is missing: set AWS_SECRET_ACCESS_KEY, or give it on the standard input")

// Run adds an account.
func (c storageAddCommand) Run(ctx context.Context, t *terminal) error {
	if c.Secret == "" {
		fmt.Fprintln(t.err, "secret access key:")
		line, _ := bufio.NewReader(t.in).ReadString('\n') // what is there counts, with or without a newline
		c.Secret = strings.TrimSpace(line)
	}
	if c.Secret == "" {
		return errNoSecret
	}
	account := application.StorageAccount{
		Name: c.Name, Endpoint: c.Endpoint, Region: c.Region, Buckets: c.Bucket, AccessKeyID: c.AccessKeyID,
		SecretAccessKey: config.Secret(c.Secret), SessionToken: config.Secret(c.Session),
	}
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.SetStorage(ctx, c.App, account)
		if err != nil {
			return err
		}
		return listStorage(t, a, false)
	})
}

type storageListCommand struct {
	App  string `arg:"" help:"The application."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run lists the accounts, without their secrets.
func (c storageListCommand) Run(ctx context.Context, t *terminal) error {
	return withApplication(ctx, c.App, func(a application.Application) error { return listStorage(t, a, c.JSON) })
}

func listStorage(t *terminal, a application.Application, asJSON bool) error {
	accounts := append([]application.StorageAccount{}, a.Secrets.Storage...)
	if asJSON {
		return printJSON(t, accounts)
	}
	if len(accounts) == 0 {
		fmt.Fprintln(t.err, "no accounts: sources in buckets are read from their public addresses, and nothing can be written there")
		return nil
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSERVICE\tREGION\tACCESS KEY\tBUCKETS")
	for _, account := range accounts {
		service, buckets := account.Endpoint, strings.Join(account.Buckets, ", ")
		if service == "" {
			service = "AWS"
		}
		if buckets == "" {
			buckets = "all others"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", account.Name, service, account.Region, account.AccessKeyID, buckets)
	}
	return table.Flush()
}

type storageTestCommand struct {
	App    string `arg:"" help:"The application."`
	Bucket string `arg:"" help:"The bucket to try."`
}

// Run tries a bucket from here, through the same guard as the services.
func (c storageTestCommand) Run(ctx context.Context, t *terminal) error {
	return withGuarded(ctx, c.App, func(client *outbound.Client, a application.Application) error {
		if err := storage.Test(ctx, client, a, c.Bucket); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s can be written, read and cleaned up\n", c.Bucket)
		return nil
	})
}

type storageRemoveCommand struct {
	App  string `arg:"" help:"The application."`
	Name string `arg:"" help:"The account."`
}

// Run takes an account away.
func (c storageRemoveCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.RemoveStorage(ctx, c.App, c.Name)
		if err != nil {
			return err
		}
		return listStorage(t, a, false)
	})
}
