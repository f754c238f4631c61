// Package meeting keeps the meetings by which the leading group does its work:
// coordination meetings and on-site sessions for key projects, the quarterly analysis
// meeting with its pack, open-dialogue meetings with companies, reports to the executive
// meeting; the decisions they take and how these are followed up; who was invited; and
// the bulletins that tell others. Start with meeting.go.
package meeting
