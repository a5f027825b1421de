// Package operator joins the cluster to what operators are told: the function
// health, which links what no other does.
package operator

import (
	"context"
	"sync"

	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/kube"
	"todo-app/internal/scaling"
)

// Run is the main of the health function.
func Run() { app.Run(app.Health, Attach) }

// Attach has an app tell operators of the functions as the cluster has them
// that it runs in.
func Attach(a *app.App, _ *zap.Logger) error {
	a.AskCluster((&Cluster{Find: inCluster}).Functions)
	return nil
}

func inCluster() (*kube.Client, string, error) {
	c, err := kube.InCluster()
	if err != nil {
		return nil, "", err
	}
	namespace, err := kube.Namespace()
	return c, namespace, err
}

// Cluster is the one that this runs in.
type Cluster struct {
	// Find returns its API server, and the namespace of this.
	Find func() (*kube.Client, string, error)

	lock      sync.Mutex
	client    *kube.Client // nil until it was found
	namespace string
}

// Functions returns those of the same release as own, which is one of them.
func (c *Cluster) Functions(ctx context.Context, own string) ([]scaling.Deployed, error) {
	client, namespace, err := c.found()
	if err != nil {
		return nil, err
	}
	return client.Functions(ctx, namespace, own)
}

// found returns the same client each time, whose connections are used again.
func (c *Cluster) found() (*kube.Client, string, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.client == nil {
		client, namespace, err := c.Find()
		if err != nil {
			return nil, "", err
		}
		c.client, c.namespace = client, namespace
	}
	return c.client, c.namespace, nil
}
