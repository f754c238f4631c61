// Package feedback holds what companies say of single dealings, and what the
// county does about it: visits and the service-feedback sheets they leave, issues
// and their life until the investor says they are solved, orders of the leading
// group. Start with issue_state.go for the life of an issue.
package feedback
