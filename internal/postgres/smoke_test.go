package postgres_test
import (
 "testing"
 "time"
 "context"
 "math/rand/v2"
 "fmt"
 guuid "github.com/google/uuid"
 "todo-app/internal/postgres"
 "todo-app/internal/postgres/postgrestest"
 "todo-app/internal/task"
)
func TestSmoke(t *testing.T){
 s, err := postgrestest.Start(); if err!=nil {t.Fatal(err)}
 defer s.Close()
 t.Run("x", func(t *testing.T){
 d := s.New(t)
 st := &postgres.Store{Pool:d.Pool(t, postgres.AppRole), NewID: func() task.ID { return task.ID(guuid.Must(guuid.NewV7())) }, Nonce: rand.Int64}
 svc := &task.Service{Store: st, Now: time.Now, NewID: st.NewID, Zone: time.UTC, Zones: &task.Zones{}}
 ctx := context.Background()
 c := task.Call{Owner:"bob", URL:"http://x"}
 r, err := svc.Create(ctx,c,[]task.Patch{{Title:task.Value("Buy Äpfel and/or milk"), Tags: task.Value([]string{"Home"}), Due: task.Value(task.Due{At: time.Now().Add(time.Hour).Truncate(time.Microsecond)})},{Title:task.Value("second"), Reminders: task.Value([]task.Reminder{"-PT5M"})}}, true)
 fmt.Println(r, err)
 if err != nil { return }
 for _, sort := range task.Sorts { for _, desc := range []bool{false,true} { for _, f := range []task.Filter{{Archived:task.No},{Archived:task.No,HasText:true,Text:"apf mil"},{Tags:[]string{"home"}},{Due:task.DueOverdue},{Due:task.DueToday, Priority: task.Medium, Category:"other", Blocked: task.No},{DueAfter: task.Due{At:time.Now()}}} { for _, tree := range []bool{false,true} {
 p, err := svc.List(ctx,c,task.Query{Sort:sort, Desc:desc, Limit:1, Filter:f, Tree: tree}, nil)
 if err!=nil { t.Error(sort,desc,f,err); continue }
 n := ""
 if p.Next != "" { 
   q := task.Query{Sort:sort, Desc:desc, Limit:1, Filter:f, Tree: tree}
   q.After, err = q.ParseCursor(p.Next)
   if err!=nil {t.Error(err)}
   p2, err := svc.List(ctx,c,q, nil)
   if err!=nil { t.Error(err) }
   n = p2.ETag
 }
 fmt.Println(sort, desc, len(p.Body), p.ETag, n, p.Until)
 }}}}
 id := r.Tasks[0].ID
 u, err := svc.Update(ctx,c,id,task.Edit{Patch: task.Patch{Title:task.Value("new"), DependsOn: task.Value([]task.ID{r.Tasks[1].ID}), Recurrence: task.Value(task.Recurrence{Rule:"daily",From:"due"})}})
 fmt.Println(u, err)
 u, err = svc.Complete(ctx,c,id,task.Edit{})
 fmt.Println(u, err)
 u, err = svc.Update(ctx,c,id,task.Edit{Patch: task.Patch{ParentID:task.Value(r.Tasks[1].ID)}})
 fmt.Println(u, err)
 u, err = svc.Complete(ctx,c,r.Tasks[1].ID,task.Edit{})
 fmt.Println(u, err)
 g, err := svc.Get(ctx,c,id,nil)
 fmt.Println(string(g.Body), err)
 g, err = svc.Get(ctx,c,r.Tasks[1].ID,nil)
 fmt.Println(string(g.Body), err)
 u, err = svc.Delete(ctx,c,r.Tasks[1].ID,true,nil)
 fmt.Println(u, err)
 g, err = svc.Get(ctx,c,id,nil)
 fmt.Println(string(g.Body), err)
 ob := postgres.Outbox{Pool:d.Pool(t, postgres.SweepRole), NewID: st.NewID}
 cl, ok, err := ob.Claim(ctx, "", 100, time.Second)
 for _, e := range cl.Events { fmt.Println(e) }
 fmt.Println(ok, err)
 fmt.Println(st.Totals(ctx)); fmt.Println(st.Backlog(ctx))
 fmt.Println(postgres.CheckSchema(ctx, st.Pool))
 })
}
