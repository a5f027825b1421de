// Package revisions is the command that shows what runs on a cluster: the
// functions' revisions, with their traffic and replicas. It speaks to Knative
// Serving through Knative's own types and client, which no function may link.
package revisions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
	typed "knative.dev/serving/pkg/client/clientset/versioned/typed/serving/v1"

	"todo-app/internal/cli/client"
	"todo-app/internal/cli/terminal"
)

// options are where to look, and for what.
type options struct {
	kubeconfig, context, namespace, selector string
	all, json                                bool
	timeout                                  time.Duration
}

// Command returns the command. Now and env are those of the world around it.
func Command(now func() time.Time, env func(string) string) *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "revisions [FUNCTION...]",
		Short: "Show the functions' revisions on a cluster, their traffic and replicas",
		Long: `Show the functions' revisions on a cluster: what part of the traffic each gets, whether
it is ready, how many pods it has of how many it wants, and its image. Revisions
without traffic and without pods are left away unless --all shows them.

The cluster is that of the current context of kubectl, or of the pod that this runs
in. It takes the right to list services and revisions of serving.knative.dev.`,
		Example: `  todo revisions
  todo revisions list watch --namespace todo-app
  todo revisions --context minikube --all
  todo revisions --json | jq -r '.[] | select(.traffic > 0) | .revision'`,
		RunE: func(c *cobra.Command, functions []string) error {
			if o.timeout <= 0 {
				return &client.Failure{Code: client.Usage, Text: "--timeout must be more than nothing"}
			}
			found, err := o.find(c.Context(), functions)
			if err != nil {
				return o.explained(err)
			}
			if o.json {
				return printJSON(c, found)
			}
			return table(terminal.NewScreen(c.OutOrStdout(), env), found, now())
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "the file that says how to reach clusters (default as kubectl has it)")
	flags.StringVar(&o.context, "context", "", "the context of that file, instead of the current one")
	flags.StringVarP(&o.namespace, "namespace", "n", "", "the namespace of the functions (default that of the context)")
	flags.StringVarP(&o.selector, "selector", "l", "app.kubernetes.io/part-of=todo-app", "the labels of the services that are functions")
	flags.BoolVar(&o.all, "all", false, "also show revisions that have neither traffic nor pods")
	flags.BoolVar(&o.json, "json", false, "print them as JSON")
	flags.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long the cluster may take")
	return c
}

// Revision is one version of a function as it runs, or could.
type Revision struct {
	Function string    `json:"function"`
	Revision string    `json:"revision"`
	Latest   bool      `json:"latest"`
	Traffic  int64     `json:"traffic"` // percent
	Tags     []string  `json:"tags"`
	Ready    string    `json:"ready"` // as the cluster says: True, False or Unknown
	Reason   string    `json:"reason"`
	Replicas int32     `json:"replicas"` // pods that are ready
	Desired  int32     `json:"desired"`
	Image    string    `json:"image"`
	Created  time.Time `json:"created"`
}

// errNone says that a name is no function's.
var errNone = errors.New("there is no such function")

// find lists the revisions of the functions named, of all without names.
func (o options) find(ctx context.Context, functions []string) ([]Revision, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	cluster, namespace, err := o.connect()
	if err != nil {
		return nil, err
	}
	services, err := cluster.Services(namespace).List(ctx, metav1.ListOptions{LabelSelector: o.selector})
	if err != nil {
		return nil, fmt.Errorf("listing the functions in namespace %s: %w", namespace, err)
	}
	revisions, err := cluster.Revisions(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing their revisions: %w", err)
	}
	for _, name := range functions {
		if !slices.ContainsFunc(services.Items, func(s servingv1.Service) bool { return s.Name == name }) {
			return nil, fmt.Errorf("%w in namespace %s: %s", errNone, namespace, name)
		}
	}
	found := []Revision{}
	for _, s := range services.Items {
		if len(functions) == 0 || slices.Contains(functions, s.Name) {
			found = append(found, o.of(s, revisions.Items)...)
		}
	}
	slices.SortStableFunc(found, func(a, b Revision) int { return strings.Compare(a.Function, b.Function) })
	return found, nil
}

// connect returns the client of the cluster that is meant, and the namespace.
func (o options) connect() (*typed.ServingV1Client, string, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: o.context}
	overrides.Context.Namespace = o.namespace
	config := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	namespace, _, err := config.Namespace()
	if err != nil {
		return nil, "", err
	}
	rest, err := config.ClientConfig()
	if err != nil {
		return nil, "", err
	}
	rest.Timeout = o.timeout
	cluster, err := typed.NewForConfig(rest)
	return cluster, namespace, err
}

// of returns a function's revisions, newest first.
func (o options) of(s servingv1.Service, all []servingv1.Revision) []Revision {
	var found []Revision
	for _, r := range all {
		if r.Labels[serving.ServiceLabelKey] != s.Name {
			continue
		}
		one := revision(s, r)
		if o.all || one.Traffic > 0 || len(one.Tags) > 0 || one.Replicas > 0 || one.Latest {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b Revision) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(b.Revision, a.Revision))
	})
	return found
}

func revision(s servingv1.Service, r servingv1.Revision) Revision {
	one := Revision{
		Function: s.Name, Revision: r.Name, Latest: r.Name == s.Status.LatestCreatedRevisionName,
		Tags: []string{}, Ready: "Unknown", Created: r.CreationTimestamp.Time,
	}
	for _, t := range s.Status.Traffic {
		if t.RevisionName != r.Name {
			continue
		}
		if t.Percent != nil {
			one.Traffic += *t.Percent
		}
		if t.Tag != "" {
			one.Tags = append(one.Tags, t.Tag)
		}
	}
	if ready := r.Status.GetCondition(servingv1.RevisionConditionReady); ready != nil {
		one.Ready, one.Reason = string(ready.Status), strings.TrimSpace(ready.Reason+" "+ready.Message)
	}
	if n := r.Status.ActualReplicas; n != nil {
		one.Replicas = *n
	}
	if n := r.Status.DesiredReplicas; n != nil {
		one.Desired = *n
	}
	if len(r.Spec.Containers) > 0 {
		one.Image = r.Spec.Containers[0].Image
	}
	return one
}

func printJSON(c *cobra.Command, found []Revision) error {
	text, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", terminal.JSON(text))
	return err
}

var columns = []terminal.Column{
	{Title: "FUNCTION"}, {Title: "REVISION", Spare: 1}, {Title: "TRAFFIC"}, {Title: "READY"}, {Title: "PODS"},
	{Title: "AGE", Spare: 2}, {Title: "IMAGE", Spare: 3}, {Title: "WHY NOT", Grows: true},
}

func table(out terminal.Screen, found []Revision, now time.Time) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(out, "There are no functions here: --namespace says where they are, --selector what they are.")
		return err
	}
	var rows [][]terminal.Cell
	for _, r := range found {
		traffic := terminal.Cell{Text: strconv.FormatInt(r.Traffic, 10) + " %", Style: terminal.Strong}
		if r.Traffic == 0 {
			traffic = terminal.Cell{Text: "none", Style: terminal.Faint}
		}
		if len(r.Tags) > 0 {
			traffic.Text += " " + strings.Join(r.Tags, ", ")
		}
		rows = append(rows, []terminal.Cell{
			{Text: r.Function, Style: terminal.Name}, {Text: r.Revision}, traffic, readyCell(r),
			{Text: fmt.Sprintf("%d of %d", r.Replicas, r.Desired)}, {Text: age(now.Sub(r.Created))}, {Text: image(r.Image)}, {Text: reason(r)},
		})
	}
	return out.Table(columns, rows)
}

func readyCell(r Revision) terminal.Cell {
	switch r.Ready {
	case "True":
		return terminal.Cell{Text: "yes", Style: terminal.Good}
	case "False":
		return terminal.Cell{Text: "no", Style: terminal.Bad}
	}
	return terminal.Cell{Text: "not yet", Style: terminal.Soon}
}

// reason is why a revision is not ready.
func reason(r Revision) string {
	if r.Ready == "True" {
		return ""
	}
	return r.Reason
}

// image shortens an image to its name and the beginning of its digest.
func image(name string) string {
	name = name[strings.LastIndexByte(name, '/')+1:]
	before, digest, ok := strings.Cut(name, "@sha256:")
	if !ok {
		return name
	}
	return before + "@" + digest[:min(len(digest), 12)]
}

// age is a span of time in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// explained puts what went wrong in words, with its exit code.
func (o options) explained(err error) error {
	f := &client.Failure{Code: client.Failed, Text: terminal.Line(err.Error())}
	var network *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return &client.Failure{Code: client.Interrupted, Text: "interrupted"}
	case errors.Is(err, errNone):
		f.Code = client.NotFound
	case apierrors.IsNotFound(err):
		f.Code, f.Text = client.NotFound, "the cluster has no Knative Serving"
	case apierrors.IsUnauthorized(err) || apierrors.IsForbidden(err):
		f.Code = client.Denied
	case apierrors.IsTimeout(err), apierrors.IsServiceUnavailable(err), apierrors.IsTooManyRequests(err), errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		f.Code = client.Unreachable
	case clientcmd.IsEmptyConfig(err) || clientcmd.IsContextNotFound(err) || clientcmd.IsConfigurationInvalid(err):
		f.Code = client.Usage
	}
	return f
}
