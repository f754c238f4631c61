// Package shield protects those who speak up: what units did at a company is on
// record and watched for an unusual rise after a critical act, a company raises a
// silent alarm that the supervision office alone sees, named data of issues opens for
// an hour on a request that another office grants, and a page says who was never heard.
// Start with watch.go for the rule of the watch.
package shield
