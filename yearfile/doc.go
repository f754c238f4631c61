// Package yearfile keeps the year-end file (年终档案): one folder with every table, every
// list, the sealed snapshot and the decisions of a year, with the checksum of each part.
// A file that was made is kept as it was made; start with folder.go.
package yearfile
