package postgres_test

import (
	"math/rand/v2"
	"testing"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
	"todo-app/internal/task/tasktest"
)

func TestTheStoreDoesWhatEveryStoreMust(t *testing.T) {
	tasktest.Run(t, func(t testing.TB) task.Store {
		return &postgres.Store{Pool: server.New(t).Pool(t, postgres.AppRole), Nonce: rand.Int64}
	})
}
