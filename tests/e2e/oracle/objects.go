package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	decoder "k8s.io/apimachinery/pkg/util/yaml"
)

// readObjects decodes a Build's text as Tazuna does.
func readObjects(text []byte, namespace string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	documents := decoder.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		var content map[string]any
		err := documents.Decode(&content)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		for _, single := range singles(content) {
			if err := complete(single, namespace); err != nil {
				return nil, err
			}
			objects = append(objects, &unstructured.Unstructured{Object: single})
		}
	}
}

// singles drops what has no kind and takes a List apart.
func singles(content map[string]any) []map[string]any {
	kind, found := content["kind"]
	if !found {
		return nil
	}
	items, isList := content["items"].([]any)
	if kind != "List" || !isList {
		return []map[string]any{content}
	}
	var taken []map[string]any
	for _, item := range items {
		if object, isMap := item.(map[string]any); isMap {
			taken = append(taken, object)
		}
	}
	return taken
}

func complete(object map[string]any, namespace string) error {
	if object["metadata"] == nil {
		object["metadata"] = map[string]any{}
	}
	metadata, isMap := object["metadata"].(map[string]any)
	if !isMap {
		return fmt.Errorf("the metadata of a %v is no mapping", object["kind"])
	}
	if namespace != "" && metadata["namespace"] == nil {
		metadata["namespace"] = namespace
	}
	return nil
}

func stateKey(manifest string, object *unstructured.Unstructured) string {
	gvk := object.GroupVersionKind()
	parts := []string{manifest, gvk.Group, gvk.Version, gvk.Kind}
	if namespace := object.GetNamespace(); namespace != "" {
		parts = append(parts, namespace)
	}
	return strings.Join(append(parts, object.GetName()), "/")
}

// contentHash goes by way of JSON once, so that every number is a float64.
func contentHash(object *unstructured.Unstructured) (string, error) {
	raw, err := json.Marshal(object.Object)
	if err != nil {
		return "", err
	}
	var content map[string]any
	if err := json.Unmarshal(raw, &content); err != nil {
		return "", err
	}
	delete(content, "status")
	if metadata, isMap := content["metadata"].(map[string]any); isMap {
		for _, field := range []string{
			"resourceVersion", "uid", "creationTimestamp", "generation", "managedFields", "selfLink",
		} {
			delete(metadata, field)
		}
	}
	canonical, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}
