package cli

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"todo-app/internal/kube"
)

func bootstrapCommand() *cobra.Command {
	var namespace, name string
	c := &cobra.Command{
		Use:   "bootstrap KEY...",
		Short: "Make the Secret with the passwords, in a pod of the cluster",
		Long: `Make the Secret with the passwords, in a pod of the cluster: one random
password for each key. A key that the Secret has already is left as it is,
so it may run again at any time. The pod's service account must be allowed to
create secrets and to get and patch this one.`,
		Example: `  todo bootstrap --namespace todo-app --secret todo-app app-password redis-password`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, keys []string) error {
			if namespace == "" || name == "" {
				return errors.New("--namespace and --secret say which Secret is meant")
			}
			cluster, err := kube.InCluster()
			if err != nil {
				return err
			}
			made, err := cluster.EnsureSecret(c.Context(), namespace, name, keys, func() []byte { return []byte(rand.Text()) })
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
	return c
}
