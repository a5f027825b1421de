// Command floor does the least work that could answer as the functions do,
// written to be fast and nothing else: one handler without a router, one
// read by primary key as the table's owner, and what the mode adds to it.
//
//	hot       one Redis GET, and its bytes are the answer
//	tag       304 where If-None-Match names the row's state
//	list      the statements in the file of -statements, as encoding/json
//
// With -guarded it reads as the functions have to: as their role, naming the
// owner whose rows row-level security is to show.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strconv"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

type floor struct {
	pool  *pgxpool.Pool
	redis *redis.Client
	owner string
	key   string
	state string
	list  []statement
}

func main() {
	mode := flag.String("mode", "", "hot, tag or list")
	owner := flag.String("owner", "local", "whose row is read")
	key := flag.String("key", "", "of the answer in Redis")
	guarded := flag.Bool("guarded", false, "read under row-level security")
	file := flag.String("statements", "", "what a list is read by")
	flag.Parse()

	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	check(err)
	config.MaxConns = 8 // as the functions
	f := &floor{owner: *owner, key: *key, state: state}
	if *guarded {
		f.state = guardedState
	}
	f.pool, err = pgxpool.NewWithConfig(context.Background(), config)
	check(err)
	var handler http.HandlerFunc
	switch *mode {
	case "hot":
		options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
		check(err)
		f.redis = redis.NewClient(options)
		handler = f.hot
	case "tag":
		handler = f.tag
	case "list":
		content, err := os.ReadFile(*file)
		check(err)
		check(json.Unmarshal(content, &f.list))
		handler = f.tasks
	}
	check(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), handler))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

const state = "select generation, nonce, time_zone from owners where owner_id = $1"

// guardedState cannot name the owner before the row's policy asks for it in
// fewer steps.
const guardedState = `
select o.generation, o.nonce, o.time_zone
from (select set_config('app.owner', $1, true) as owner_id offset 0) named
left join lateral (
  select generation, nonce, time_zone from owners where owner_id = named.owner_id offset 0
) o on true`

// read is the one read by primary key.
func (f *floor) read(r *http.Request) (generation, nonce int64, err error) {
	var zone string
	err = f.pool.QueryRow(r.Context(), f.state, f.owner).Scan(&generation, &nonce, &zone)
	return generation, nonce, err
}

func (f *floor) hot(w http.ResponseWriter, r *http.Request) {
	_, _, err := f.read(r)
	var body []byte
	if err == nil {
		body, err = f.redis.Get(r.Context(), f.key).Bytes()
	}
	answer(w, body, err)
}

func (f *floor) tag(w http.ResponseWriter, r *http.Request) {
	generation, nonce, err := f.read(r)
	tag := `"` + strconv.FormatInt(generation, 36) + "." + strconv.FormatInt(nonce, 36) + `"`
	w.Header()["Etag"] = []string{tag}
	if err == nil && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, []byte("[]"), err)
}

func (f *floor) tasks(w http.ResponseWriter, r *http.Request) {
	tasks, err := f.readTasks(r)
	var body []byte
	if err == nil {
		body, err = json.Marshal(tasks)
	}
	answer(w, body, err)
}

func answer(w http.ResponseWriter, body []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.Write(body)
}
