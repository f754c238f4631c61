package main

import "github.com/spf13/cobra"

func importCommand(environ map[string]string) *cobra.Command {
	return &cobra.Command{Use: "import"}
}
