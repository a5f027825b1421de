package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"todo-app/internal/auth"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// identityRows compare a list for somebody who says who they are with the same
// for anybody, each with and without a limit on how often.
func identityRows(ctx context.Context, b *bench) error {
	const database = "identity"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	key, err := b.key(ctx, database)
	if err != nil {
		return err
	}
	secret := rand.Text() + rand.Text()
	token, err := tokenOf(secret)
	if err != nil {
		return err
	}
	settings := []struct {
		name       string
		credential string
		env        []string
	}{
		{"yardstick", "", []string{"TODO_AUTH=none"}},
		{"an API key", key, []string{"TODO_AUTH=apikey", "TODO_RATE_LIMIT=off"}},
		{"a token", token, []string{"TODO_AUTH=jwt", "TODO_JWT_SECRET=" + secret, "TODO_RATE_LIMIT=off"}},
		{"a limit per owner", "", []string{"TODO_AUTH=none", "TODO_RATE_LIMIT=1000000/s+1000000"}},
		{"an API key and a limit", key, []string{"TODO_AUTH=apikey", "TODO_RATE_LIMIT=1000000/s+1000000"}},
	}
	var turns []turn
	for _, s := range settings {
		list, err := b.run(ctx, "list", append(b.functionEnv(database, b.redisURL()), s.env...)) // the later of two settings counts
		if err != nil {
			return err
		}
		turns = append(turns, b.reading(list, http.StatusOK, "Authorization: Bearer "+s.credential))
	}
	r, err := inTurns(ctx, b.effort.rounds, turns...)
	if err != nil {
		return err
	}
	for i, s := range settings[1:] {
		b.table.add(row{"hot list with " + s.name + ", requests", "/s", r[i+1].rates(), r[0].rates(), aim{}})
		b.table.add(row{"hot list with " + s.name + ", CPU of a request", "µs", r[i+1].cpus(), r[0].cpus(), aim{}})
	}
	b.table.note("identity: yardstick: the same list without sign-in and limit. A limit is asked of Redis by each request.")
	return nil
}

// key makes an API key of the local owner.
func (b *bench) key(ctx context.Context, database string) (token string, err error) {
	secret := rand.Text()
	key, err := task.NewAPIKey{Name: "bench", Scope: task.ScopeWrite}.Make(auth.Local, task.ID(uuid.Must(uuid.NewV7())), secret, time.Now())
	if err != nil {
		return "", err
	}
	err = b.as(ctx, pgserver.Superuser, database, func(conn *pgx.Conn) error {
		return postgres.InstallAPIKey(ctx, conn, key)
	})
	return key.Token(secret), err
}

// tokenOf signs a token of the local owner.
func tokenOf(secret string) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret)}, nil)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{Subject: auth.Local, Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour))}).Serialize()
}
