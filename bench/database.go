package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres/migrations"
)

// database makes an empty database with the schema.
func (w *world) database(ctx context.Context, name string) error {
	err := w.as(ctx, pgserver.Superuser, pgserver.Superuser, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "create database "+name)
		return err
	})
	if err != nil {
		return err
	}
	return w.as(ctx, pgserver.Superuser, name, func(conn *pgx.Conn) error {
		_, err := migrations.Up(ctx, conn)
		return err
	})
}

// as does something on a connection of its own.
func (w *world) as(ctx context.Context, role, database string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, w.postgres.URL(role, database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}

// exec runs statements as the schema's owner.
func (w *world) exec(ctx context.Context, database string, statements ...string) error {
	return w.as(ctx, pgserver.Superuser, database, func(conn *pgx.Conn) error {
		for _, sql := range statements {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
}
