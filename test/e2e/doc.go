// Package e2e proves the service on a real Kubernetes with real Knative: the
// chart, the images and config/, as an operator would use them. Its tests need
// the build tag e2e and the cluster of test/cluster: `make e2e`.
package e2e
