// Package intake is how words come in and are found again beside the life of an
// issue: issues alike, search over what one may see, suggestions and their answers,
// promises made to investors.
package intake
