package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"
)

// helmfileBlock is the `helmfile` block of a Manifest. `op` and hint files are not for the
// oracle: they have tests of their own.
type helmfileBlock struct {
	IncludeCRDs      bool                   `json:"includeCRDs"`
	DefaultNamespace string                 `json:"defaultNamespace"`
	KubeVersion      string                 `json:"kubeVersion"`
	ExtraValueFiles  []string               `json:"extraValueFiles"`
	Vars             map[string]helmfileVar `json:"vars"`
}

type helmfileVar struct {
	From        string            `json:"from"`
	Env         *string           `json:"env"`
	Static      *string           `json:"static"`
	StaticSlice []string          `json:"staticSlice"`
	StaticMap   map[string]string `json:"staticMap"`
}

type release struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Chart     string `json:"chart"`
	Version   string `json:"version"`
	Values    []any  `json:"values"`
}

func renderHelmfile(path string, block helmfileBlock, environment string) ([]byte, error) {
	vars := map[string]any{}
	for name, declared := range block.Vars {
		switch {
		case declared.From == "env" && declared.Env != nil:
			value, found := os.LookupEnv(*declared.Env)
			if !found {
				return nil, fmt.Errorf("the variable %s is not set", *declared.Env)
			}
			vars[name] = value
		case declared.Static != nil:
			vars[name] = *declared.Static
		case declared.StaticSlice != nil:
			vars[name] = declared.StaticSlice
		case declared.StaticMap != nil:
			vars[name] = declared.StaticMap
		default:
			return nil, fmt.Errorf("the oracle does not know the var %s", name)
		}
	}
	file, err := findHelmfile(path)
	if err != nil {
		return nil, err
	}
	rendered, err := renderTemplate(file, vars, environment)
	if err != nil {
		return nil, err
	}
	var read struct {
		Releases []release `json:"releases"`
	}
	if err := yaml.Unmarshal(rendered, &read); err != nil {
		return nil, err
	}
	base := filepath.Dir(file)
	extra := map[string]any{}
	for _, name := range block.ExtraValueFiles {
		values, err := valueFile(base, name)
		if err != nil {
			return nil, err
		}
		extra = merged(extra, values)
	}
	var texts []string
	for _, release := range read.Releases {
		text, err := install(base, release, block, extra)
		if err != nil {
			return nil, fmt.Errorf("release %s: %w", release.Name, err)
		}
		if text = strings.TrimSpace(text); text != "" {
			texts = append(texts, text)
		}
	}
	return []byte(strings.Join(texts, "\n---\n")), nil
}

func findHelmfile(path string) (string, error) {
	found, err := os.Stat(path)
	if err != nil || !found.IsDir() {
		return path, err
	}
	for _, name := range []string{
		"helmfile.yaml.gotmpl", "helmfile.yaml", "helmfile.yml.gotmpl", "helmfile.yml",
	} {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return filepath.Join(path, name), nil
		}
	}
	return "", fmt.Errorf("%s holds no helmfile", path)
}

func renderTemplate(file string, vars map[string]any, environment string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = func(value any) string {
		text, _ := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n")
	}
	functions["toJson"] = func(value any) string {
		text, _ := json.Marshal(value)
		return string(text)
	}
	functions["fromYaml"] = func(text string) map[string]any {
		value := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			value["Error"] = err.Error()
		}
		return value
	}
	functions["fromJson"] = func(text string) map[string]any {
		value := map[string]any{}
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			value["Error"] = err.Error()
		}
		return value
	}
	parsed, err := template.New(filepath.Base(file)).Funcs(functions).Option("missingkey=zero").Parse(string(text))
	if err != nil {
		return nil, err
	}
	if environment == "" {
		environment = "default"
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, map[string]any{
		"Values":      vars,
		"StateValues": vars,
		"Environment": map[string]any{"Name": environment},
	})
	return out.Bytes(), err
}

func install(base string, release release, block helmfileBlock, extra map[string]any) (string, error) {
	configuration := &action.Configuration{Log: func(string, ...any) {}}
	install := action.NewInstall(configuration)
	install.ClientOnly, install.DryRun, install.Replace = true, true, true
	install.ReleaseName, install.Namespace, install.Version = release.Name, release.Namespace, release.Version
	install.IncludeCRDs = block.IncludeCRDs
	if block.KubeVersion != "" {
		version, err := chartutil.ParseKubeVersion(block.KubeVersion)
		if err != nil {
			return "", err
		}
		install.KubeVersion = version
	}
	chartPath := release.Chart
	if !filepath.IsAbs(chartPath) {
		chartPath = filepath.Join(base, chartPath)
	}
	chart, err := loader.Load(chartPath)
	if err != nil {
		return "", err
	}
	values := map[string]any{}
	for _, entry := range release.Values {
		switch entry := entry.(type) {
		case nil:
		case map[string]any:
			values = merged(values, entry)
		case string:
			read, err := valueFile(base, entry)
			if err != nil {
				return "", err
			}
			values = merged(values, read)
		default:
			return "", fmt.Errorf("values of the type %T", entry)
		}
	}
	done, err := install.Run(chart, merged(values, extra))
	if err != nil {
		return "", err
	}
	return done.Manifest, nil
}

func valueFile(base, name string) (map[string]any, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(base, name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	return values, yaml.Unmarshal(text, &values)
}

// merged is what Helm's command makes of two value files: maps deeply, nulls kept, all
// else from the later one.
func merged(first, second map[string]any) map[string]any {
	out := maps.Clone(first)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range second {
		above, isMap := value.(map[string]any)
		below, both := out[key].(map[string]any)
		if isMap && both {
			out[key] = merged(below, above)
		} else {
			out[key] = value
		}
	}
	return out
}
