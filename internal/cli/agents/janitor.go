package agents

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"todo-app/internal/app/function"
	"todo-app/internal/cli/client"
	"todo-app/internal/kube"
	"todo-app/internal/serve"
)

// Jobs are the failed Jobs of one release.
type Jobs interface {
	Failed(ctx context.Context) ([]kube.Job, error)
	Delete(ctx context.Context, name string) error
}

// JanitorCommand returns the command that serves the tools of Janitor in a pod
// of the cluster.
func JanitorCommand() *cobra.Command {
	var release string
	c := &cobra.Command{
		Use:   "janitor",
		Short: "Serve the tools that list and delete failed Jobs, in a pod of the cluster",
		Long: `Serve two tools for assistants by the Model Context Protocol, at /mcp of PORT (8080): one
lists the Jobs of a release that have failed, the other deletes one of them, if the
schedule of a CronJob made it, which makes the next. Nothing else is deleted, whatever
is asked for: no Job that somebody made by hand, and nothing of another release in the
same namespace. The pod's service account must be allowed to list, get and delete jobs.`,
		Example: "  todo janitor --release todo-app",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if release == "" {
				return &client.Failure{Code: client.Usage, Text: "--release must name the release whose Jobs these are"}
			}
			return serveJanitor(c.Context(), release)
		},
	}
	c.Flags().StringVar(&release, "release", "", "Helm's name of the release, which its Jobs have as the label app.kubernetes.io/instance")
	return c
}

func serveJanitor(ctx context.Context, release string) error {
	cluster, err := kube.InCluster()
	if err != nil {
		return err
	}
	namespace, err := kube.Namespace()
	if err != nil {
		return err
	}
	e := function.SystemEnv()
	port := e.Number("PORT", 8080, 0, 65535)
	if err := e.Err(); err != nil {
		return &client.Failure{Code: client.Usage, Text: err.Error()}
	}
	server := serve.Server{
		Addr: net.JoinHostPort("", fmt.Sprint(port)), Handler: Janitor(kube.Jobs{Client: cluster, Namespace: namespace, Release: release}),
		Log: serve.NewLogger(os.Stdout, "janitor", function.Version, zapcore.InfoLevel),
	}
	return server.Run(ctx)
}

// Janitor serves the tools, and the probes that Knative and the kubelet ask.
// Every request stands for itself, so that any pod answers.
func Janitor(jobs Jobs) http.Handler {
	server := mcp.NewServer(&mcp.Implementation{Name: "todo-app janitor", Version: function.Version}, nil)
	j := janitor{jobs}
	mcp.AddTool(server, &mcp.Tool{
		Name:        "list_failed_jobs",
		Description: "List the Jobs of todo-app that have failed and that their CronJob replaces: name, CronJob, why, and when they began.",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true},
	}, j.list)
	yes := true // with the pods their logs are gone
	mcp.AddTool(server, &mcp.Tool{
		Name: "delete_failed_job",
		Description: "Delete one Job that list_failed_jobs names, with its pods and their logs: read these first. " +
			"Its CronJob makes the next as it would have anyway. A Job that has not failed is refused.",
		Annotations: &mcp.ToolAnnotations{DestructiveHint: &yes, IdempotentHint: true},
	}, j.delete)
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		// In a pod every request comes from the proxy beside it, by loopback and under the Service's name. Who may ask is
		// up to the NetworkPolicy.
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, DisableLocalhostProtection: true}))
	for _, path := range []string{"/health/live", "/health/ready"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	}
	return http.MaxBytesHandler(mux, maxRequest)
}

const (
	maxRequest = 64 << 10         // bytes of a request to the janitor
	callTime   = 15 * time.Second // that a tool may take
)

type janitor struct{ jobs Jobs }

// noArguments is what a tool takes that takes none.
type noArguments struct{}

// failedJob is one as an assistant is told of it.
type failedJob struct {
	Name    string `json:"name"`
	CronJob string `json:"cron_job"`
	Why     string `json:"why"`
	Began   string `json:"began"`
}

type failedJobs struct {
	Jobs []failedJob `json:"jobs"`
}

func (j janitor) list(ctx context.Context, _ *mcp.CallToolRequest, _ noArguments) (*mcp.CallToolResult, failedJobs, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	found, err := j.jobs.Failed(ctx)
	told := failedJobs{Jobs: []failedJob{}}
	for _, job := range found {
		why, _ := job.Failure()
		told.Jobs = append(told.Jobs, failedJob{job.Metadata.Name, job.CronJob(), why, job.Metadata.CreationTimestamp.UTC().Format(time.RFC3339)})
	}
	return nil, told, err
}

type jobName struct {
	Name string `json:"name" jsonschema:"name of the Job"`
}

type deleted struct {
	Deleted string `json:"deleted"`
	Undo    string `json:"undo"`
}

func (j janitor) delete(ctx context.Context, _ *mcp.CallToolRequest, in jobName) (*mcp.CallToolResult, deleted, error) {
	if in.Name == "" {
		return nil, deleted{}, errors.New("name is empty: list_failed_jobs has the names")
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := j.jobs.Delete(ctx, in.Name); err != nil {
		return nil, deleted{}, err
	}
	return nil, deleted{in.Name, "nothing is lost but the pods' logs: the CronJob makes the next Job"}, nil
}
