package client

// Tails lets tests see what shortens ids.
var Tails = tails
