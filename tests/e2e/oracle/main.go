// The oracle says what Tazuna would say, with the libraries that Tazuna uses and nothing
// of tazuna-drift: the end to end tests hold this program against it.
//
//	oracle keys -f tazuna.yaml [-e ENVIRONMENT]              keys and ContentHashes as JSON
//	oracle diff -f tazuna.yaml [-e ENVIRONMENT] -state DIR   the text of `tazuna state diff`
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: oracle keys|diff -f FILE [-e ENVIRONMENT] [-state DIR]")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	file := flags.String("f", "tazuna.yaml", "the tazuna.yaml")
	environment := flags.String("e", "", "the environment")
	stateDir := flags.String("state", "", "a folder of ConfigMaps, one a file")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	platform, err := load(*file, *environment)
	if err != nil {
		return err
	}
	builds := platform.build()
	switch args[0] {
	case "keys":
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		return out.Encode(builds)
	case "diff":
		// As Tazuna: one Manifest that cannot be built, and there is no diff at all.
		for _, build := range builds {
			if build.Error != "" {
				return fmt.Errorf("%s: %s", build.Name, build.Error)
			}
		}
		state, err := readState(*stateDir)
		if err != nil {
			return err
		}
		_, err = os.Stdout.WriteString(diff(builds, state))
		return err
	default:
		return fmt.Errorf("there is no command %q", args[0])
	}
}
