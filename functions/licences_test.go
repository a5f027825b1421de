package functions_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// licences are those that this project may be distributed with, by words that
// each has and the others have not.
var licences = map[string]string{
	"Apache-2.0": "Apache License Version 2.0",
	"BSD":        "Redistribution and use in source and binary forms, with or without modification, are permitted",
	"ISC":        "Permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted",
	"ISC, too":   "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted",
	"MIT":        "Permission is hereby granted, free of charge, to any person obtaining a copy of this software",
}

func TestEverythingLinkedMayBePassedOn(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-tags", "otel", "-f", "{{with .Module}}{{if .Version}}{{.Path}} {{.Dir}}{{end}}{{end}}", "./functions/...", "./cmd/...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, dir, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			modules[path] = dir
		}
	}
	if len(modules) < 10 {
		t.Fatal("only these are linked:", modules)
	}
	for path, dir := range modules {
		if licenceOf(t, dir) == "" {
			t.Errorf("%s: no licence of those that are known here is in %s", path, dir)
		}
	}
}

// licenceOf returns the name of the licence in a folder, "" if it is another.
func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := strings.ToUpper(entry.Name())
		if !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.Join(strings.Fields(string(text)), " ")
		for licence, words := range licences {
			if strings.Contains(plain, words) && !strings.Contains(plain, "GNU ") {
				return licence
			}
		}
	}
	return ""
}
