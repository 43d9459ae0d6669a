package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// platform is a tazuna.yaml with its includes in place.
type platform struct {
	root        string
	environment string
	manifests   []manifest
}

type document struct {
	Spec struct {
		Manifests []manifest `json:"manifests"`
	} `json:"spec"`
}

type manifest struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Path     string `json:"path"`
	Includes []struct {
		Path string `json:"path"`
	} `json:"includes"`
	Kustomize struct {
		DefaultNamespace string `json:"defaultNamespace"`
	} `json:"kustomize"`
	Helmfile helmfileBlock `json:"helmfile"`
}

// build is one Manifest's objects, State key to ContentHash, or why there are none.
type build struct {
	Name    string            `json:"name"`
	Objects map[string]string `json:"objects"`
	Error   string            `json:"error,omitempty"`
}

func load(file, environment string) (*platform, error) {
	loaded := &platform{root: filepath.Dir(file), environment: environment}
	main, err := readDocument(file, environment)
	if err != nil {
		return nil, err
	}
	for _, declared := range main.Spec.Manifests {
		if len(declared.Includes) == 0 {
			loaded.manifests = append(loaded.manifests, declared)
			continue
		}
		for _, include := range declared.Includes {
			included, err := readDocument(filepath.Join(loaded.root, include.Path), environment)
			if err != nil {
				return nil, err
			}
			loaded.manifests = append(loaded.manifests, included.Spec.Manifests...)
		}
	}
	return loaded, nil
}

func readDocument(file, environment string) (*document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, err := template.New(file).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var rendered bytes.Buffer
	if err := parsed.Execute(&rendered, map[string]any{"Environment": environment}); err != nil {
		return nil, err
	}
	var read document
	if err := yaml.Unmarshal(rendered.Bytes(), &read); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &read, nil
}

func (p *platform) build() []build {
	builds := []build{}
	for _, declared := range p.manifests {
		objects, err := p.buildOne(declared)
		built := build{Name: declared.Name, Objects: objects}
		if err != nil {
			built.Error = err.Error()
		}
		builds = append(builds, built)
	}
	return builds
}

func (p *platform) buildOne(declared manifest) (map[string]string, error) {
	text, namespace, err := p.render(declared)
	if err != nil {
		return nil, err
	}
	objects, err := readObjects(text, namespace)
	if err != nil {
		return nil, err
	}
	hashes := map[string]string{}
	for _, object := range objects {
		hash, err := contentHash(object)
		if err != nil {
			return nil, err
		}
		hashes[stateKey(declared.Name, object)] = hash
	}
	return hashes, nil
}

// render gives the Build's text and the namespace for objects that have none.
func (p *platform) render(declared manifest) ([]byte, string, error) {
	path := declared.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.root, path)
	}
	switch declared.Type {
	case "kustomize":
		resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
		if err != nil {
			return nil, "", err
		}
		text, err := resources.AsYaml()
		return text, declared.Kustomize.DefaultNamespace, err
	case "helmfile":
		text, err := renderHelmfile(path, declared.Helmfile, p.environment)
		return text, declared.Helmfile.DefaultNamespace, err
	default:
		return nil, "", fmt.Errorf("the oracle does not know the type %q", declared.Type)
	}
}
