package fonts

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// The hashes are those of the published packages: a changed byte changes every
// report that is rendered again from an old bundle.
func TestFontsAreThePublishedFiles(t *testing.T) {
	faces := map[string][]byte{
		"NotoSansKR_400Regular.ttf":        Regular,
		"NotoSansKR_700Bold.ttf":           Bold,
		"NanumGothicCoding_400Regular.ttf": Mono,
	}
	seen := 0
	for line := range strings.Lines(SHA256SUMS) {
		want, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS line %q", line)
		}
		sum := sha256.Sum256(faces[name])
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: SHA-256 %s, want %s", name, got, want)
		}
		seen++
	}
	if seen != len(faces) {
		t.Errorf("SHA256SUMS names %d files, want %d", seen, len(faces))
	}
}
