module todo-app/test/cluster/build/images

go 1.26.0
