package server

// Domain holds the stores the handlers call.
type Domain struct {
}
