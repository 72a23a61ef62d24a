// Package templates holds the program's Korean data, embedded: the words of
// the check items (items/*.yaml), the law references with their dates and
// confidence (laws.yaml), the commented example configuration (config.yaml),
// the least-privilege IAM policy (policy.json) and Amazon's public roots
// (amazon-roots.yaml). Compliance staff can correct any of it without touching
// code. Account data, answers, secrets, rules and layout never live here, and
// the package imports nothing of ours.
package templates

import "embed"

// FS is the whole of the data, as named in the package documentation.
//
//go:embed items/*.yaml laws.yaml policy.json config.yaml thresholds.yaml amazon-roots.yaml
var FS embed.FS
