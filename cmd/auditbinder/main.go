// Command auditbinder collects audit evidence from AWS accounts and renders it
// as Korean reports. Everything lives in cmd/internal/cli.
package main

import (
	"os"

	"auditbinder/cmd/internal/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], cli.System())) }
