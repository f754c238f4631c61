// Package org says who takes part: the units that are appraised and their heads,
// the companies, the bodies of the county, the accounts of people, and what role
// each of them has. Start with Actor: it is who is asking, and every domain
// method that needs to know takes one.
package org
