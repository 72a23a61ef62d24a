package collect

// OpenTrusting is Open with other roots in the place of Amazon's, so that a test
// can stand for the real AWS.
var OpenTrusting = open

// AmazonRoots are the shipped digests.
var AmazonRoots = amazonRoots
