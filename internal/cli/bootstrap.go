package cli

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"todo-app/internal/kube"
	"todo-app/internal/task"
)

// apiKey is the key of the Secret that holds an API key.
const apiKey = "api-key"

// invent makes what the Secret holds under a key.
func invent(key string) []byte {
	if key == apiKey {
		return []byte(task.APIKey{ID: task.ID(uuid.Must(uuid.NewV7()))}.Token(rand.Text()))
	}
	return []byte(rand.Text())
}

func bootstrapCommand() *cobra.Command {
	var namespace, name string
	var show bool
	c := &cobra.Command{
		Use:   "bootstrap KEY...",
		Short: "Make the Secret with the passwords, in a pod of the cluster",
		Long: `Make the Secret with the passwords, in a pod of the cluster: one random
password for each key; api-key becomes an API key, which todo migrate up makes
known. A key that the Secret has already is left as it is, so it may run again
at any time. The pod's service account must be allowed to
create secrets and to get and patch this one. With --print nothing is made: the
values are printed, a line for each key, for a Secret that others make.`,
		Example: `  todo bootstrap --namespace todo-app --secret todo-app app-password redis-password
  todo bootstrap --print api-key`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, keys []string) error {
			if show {
				for _, key := range keys {
					fmt.Fprintf(c.OutOrStdout(), "%s\n", invent(key))
				}
				return nil
			}
			if namespace == "" || name == "" {
				return errors.New("--namespace and --secret say which Secret is meant")
			}
			cluster, err := kube.InCluster()
			if err != nil {
				return err
			}
			made, err := cluster.EnsureSecret(c.Context(), namespace, name, keys, invent)
			if err != nil {
				return err
			}
			if len(made) == 0 {
				fmt.Fprintf(c.OutOrStdout(), "%s has all keys\n", name)
			}
			for _, key := range made {
				fmt.Fprintf(c.OutOrStdout(), "made %s of %s\n", key, name)
			}
			return nil
		},
	}
	c.Flags().StringVar(&namespace, "namespace", "", "the Secret's namespace")
	c.Flags().StringVar(&name, "secret", "", "the Secret's name")
	c.Flags().BoolVar(&show, "print", false, "print what the keys would hold instead")
	return c
}
