package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// readState reads exported ConfigMaps: Manifest to State key to ContentHash.
func readState(dir string) (map[string]map[string]string, error) {
	state := map[string]map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var configMap struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
			Data map[string]string `json:"data"`
		}
		if err := yaml.Unmarshal(text, &configMap); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		entries := map[string]string{}
		for key, value := range configMap.Data {
			var entry struct {
				ContentHash string `json:"contentHash"`
			}
			if err := json.Unmarshal([]byte(value), &entry); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, key, err)
			}
			if key != "_metadata" {
				entries[strings.ReplaceAll(key, "__", "/")] = entry.ContentHash
			}
		}
		state[strings.TrimPrefix(configMap.Metadata.Name, "tazuna-state-")] = entries
	}
	return state, nil
}

type row struct{ order, status, key, hash string }

// diff prints the table of `tazuna state diff`.
func diff(builds []build, state map[string]map[string]string) string {
	var text strings.Builder
	for _, build := range builds {
		rows := compare(build.Objects, state[build.Name])
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&text, "Manifest: %s\n", build.Name)
		fmt.Fprintf(&text, "  %-14s %-60s %s\n", "STATUS", "RESOURCE", "HASH")
		for _, row := range rows {
			_, resource, _ := strings.Cut(row.key, "/")
			fmt.Fprintf(&text, "  %-14s %-60s %s\n", row.status, resource, row.hash)
		}
		fmt.Fprintln(&text)
	}
	if text.Len() == 0 {
		return "No changes detected.\n"
	}
	return text.String()
}

func compare(now, before map[string]string) []row {
	var rows []row
	for key, hash := range now {
		old, known := before[key]
		if !known {
			rows = append(rows, row{"1", "added", key, hash})
		} else if old != hash {
			rows = append(rows, row{"2", "modified", key, hash})
		}
	}
	for key, hash := range before {
		if _, still := now[key]; !still {
			rows = append(rows, row{"3", "removed", key, "(was: " + hash + ")"})
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		if rows[i].order != rows[j].order {
			return rows[i].order < rows[j].order
		}
		return rows[i].key < rows[j].key
	})
	return rows
}
