// Package templates holds the program's Korean data, embedded: the words of
// the check items (items/*.yaml), the law references with their dates and
// confidence (laws.yaml), the built-in thresholds (thresholds.yaml), what belongs
// to billing (billing.yaml), synthetic sign-in events (signin-events.yaml) and what
// they stand for (signin-fields.yaml), the commented example configuration (config.yaml),
// the least-privilege IAM policy (policy.json) with the forms in which it is
// deployed (policy.*.tmpl), Amazon's public roots (amazon-roots.yaml) and the
// licences of what is linked (licenses/). Compliance staff can correct any of it
// but the last, which is generated, without touching code. Account data, answers, secrets, rules and layout never live here, and
// the package imports nothing of ours.
package templates

import "embed"

// FS is the whole of the data, as named in the package documentation.
//
//go:embed items/*.yaml laws.yaml policy.json policy.*.tmpl config.yaml thresholds.yaml billing.yaml amazon-roots.yaml signin-events.yaml signin-fields.yaml licenses/components.yaml licenses/texts
var FS embed.FS
