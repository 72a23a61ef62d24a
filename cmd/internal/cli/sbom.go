package cli

import (
	"cmp"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
)

// asCycloneDX is the format of the bill of materials.
const asCycloneDX = "cyclonedx"

// What we say of CycloneDX 1.5. A serial number and a time are optional there
// and would make two bills of one binary differ.
type bom struct {
	Schema      string         `json:"$schema"`
	Format      string         `json:"bomFormat"`
	SpecVersion string         `json:"specVersion"`
	Version     int            `json:"version"`
	Metadata    bomMetadata    `json:"metadata"`
	Components  []bomComponent `json:"components"`
}

type bomMetadata struct {
	Component  bomComponent  `json:"component"`
	Properties []bomProperty `json:"properties"`
}

type bomComponent struct {
	Type       string        `json:"type"`
	Ref        string        `json:"bom-ref"`
	Name       string        `json:"name"`
	Version    string        `json:"version,omitempty"`
	Licenses   []bomLicense  `json:"licenses,omitempty"`
	PURL       string        `json:"purl"`
	Properties []bomProperty `json:"properties,omitempty"`
}

// bomLicense is one licence or an expression of several.
type bomLicense struct {
	License    *bomLicenseID `json:"license,omitempty"`
	Expression string        `json:"expression,omitempty"`
}

type bomLicenseID struct {
	ID string `json:"id"`
}

type bomProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// bomTypes are CycloneDX's words for the kinds.
var bomTypes = map[string]string{kindProgram: "application", kindStandard: "library", kindFont: "file", kindModule: "library"}

// billOfMaterials lists what the binary is made of. Who needs whom is not in a
// build info, so it is left unsaid.
func billOfMaterials(all []component, info *debug.BuildInfo) bom {
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", Format: "CycloneDX", SpecVersion: "1.5", Version: 1,
		Metadata:   bomMetadata{Properties: []bomProperty{{"cdx:reproducible", "true"}}},
		Components: []bomComponent{},
	}
	for _, c := range all {
		entry := bomComponent{Type: bomTypes[c.Kind], Name: c.Name, Version: c.Version, PURL: packageURL(c), Licenses: bomLicenses(c.License)}
		entry.Ref = entry.PURL
		if c.Sum != "" {
			entry.Properties = []bomProperty{{"auditbinder:go.sum", c.Sum}}
		}
		if c.Kind == kindProgram {
			entry.Properties = buildProperties(info)
			b.Metadata.Component = entry
			continue
		}
		b.Components = append(b.Components, entry)
	}
	slices.SortFunc(b.Components, func(a, b bomComponent) int { return cmp.Compare(a.Ref, b.Ref) })
	return b
}

func bomLicenses(spdx string) []bomLicense {
	switch {
	case spdx == "":
		return nil
	case strings.Contains(spdx, " "):
		return []bomLicense{{Expression: spdx}}
	}
	return []bomLicense{{License: &bomLicenseID{spdx}}}
}

// buildProperties are the Go version and the build settings, under CycloneDX's
// own names where it has one.
func buildProperties(info *debug.BuildInfo) []bomProperty {
	properties := []bomProperty{{"cdx:gomod:build:env:GOVERSION", info.GoVersion}}
	for _, s := range info.Settings {
		name := "auditbinder:build:" + s.Key
		switch s.Key {
		case "GOOS", "GOARCH", "CGO_ENABLED":
			name = "cdx:gomod:build:env:" + s.Key
		}
		properties = append(properties, bomProperty{name, s.Value})
	}
	slices.SortFunc(properties, func(a, b bomProperty) int { return cmp.Compare(a.Name, b.Name) })
	return properties
}

// packageURL names a component as vulnerability databases do.
func packageURL(c component) string {
	if c.PURL != "" {
		return c.PURL
	}
	kind := "golang"
	if c.Kind == kindProgram {
		kind = "generic"
	}
	segments := strings.Split(c.Name, "/")
	for i, s := range segments {
		segments[i] = url.QueryEscape(strings.ToLower(s)) // golang names are lower case in a purl
	}
	purl := "pkg:" + kind + "/" + strings.Join(segments, "/")
	if c.Version != "" {
		purl += "@" + url.QueryEscape(c.Version)
	}
	return purl
}
