// Package e2e proves the service on a real Kubernetes with real Knative: the
// chart, the images and config/, as an operator would use them. Its tests need
// the build tag e2e and the cluster of test/cluster: `make e2e`. They fail where
// something is lost, wrong or missing; aims of speed and size are reported
// beside what was measured and fail nothing, because machines differ.
package e2e
