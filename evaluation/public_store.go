package evaluation

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"pingyi/calendar"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/ballotlog"
	"pingyi/fault"
	"pingyi/witness"
)

// PublicCopy returns the public files of a campaign's log, with the witnesses'
// cosignatures; ErrNotFound before the campaign opened.
func (s *Store) PublicCopy(ctx context.Context, id CampaignID, w *witness.Store) (*ballotlog.Copy, error) {
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return nil, err
	}
	k, err := s.TallyKey(ctx, id)
	if err != nil {
		return nil, err
	}
	if c.State == "preparing" || k.LogOrigin == "" {
		return nil, fault.ErrNotFound
	}
	log, err := s.box.Log(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &ballotlog.Copy{Counted: log.Counted, Facts: ballotlog.Facts{Format: ballotlog.Format, Campaign: id, Title: CampaignTitle(c.Year, c.Kind),
		Origin: log.Origin, LogKey: log.Key, TallyKey: k.Public, Holders: k.Holders, TallyHash: hex.EncodeToString(k.TallyHash)}}
	if c.Raters != nil {
		out.Facts.Raters = *c.Raters
	}
	if c.Opened != nil {
		out.Facts.Opened = string(calendar.DateOf(*c.Opened))
	}
	if c.Closed != nil {
		out.Facts.Closed = string(calendar.DateOf(*c.Closed))
	}
	if out.Facts.Groups, err = s.issued(ctx, id, log.Slots); err != nil {
		return nil, err
	}
	for _, l := range log.Leaves {
		out.Leaves = append(out.Leaves, l.String())
	}
	for _, sl := range log.Slots {
		out.Cards = append(out.Cards, ballotlog.Card{Slot: base64.StdEncoding.EncodeToString(sl.Slot), Group: sl.Group, Sheet: sl.Sheet, Void: sl.Void})
	}
	return out, s.addCheckpoints(ctx, out, log, w)
}

// issued counts the cards of each group.
func (s *Store) issued(ctx context.Context, id CampaignID, slots []ballotbox.ListedSlot) ([]ballotlog.Group, error) {
	var rows []struct {
		Group    string `db:"grp"`
		Listed   int    `db:"listed"`
		Online   int    `db:"online"`
		Reissued int    `db:"reissued"`
	}
	const q = `SELECT r.grp, count(*) AS listed, count(*) FILTER (WHERE k.how = 'online' AND k.tag IS NOT NULL) AS online, count(*) FILTER (WHERE k.reissued_on IS NOT NULL) AS reissued
		FROM campaign_raters r LEFT JOIN card_issue k ON k.campaign_id = r.campaign_id AND k.rater_id = r.rater_id WHERE r.campaign_id = $1 GROUP BY r.grp ORDER BY r.grp`
	if err := s.db.SelectContext(ctx, &rows, q, id); err != nil {
		return nil, fmt.Errorf("count cards: %w", err)
	}
	var out []ballotlog.Group
	for _, r := range rows {
		g := ballotlog.Group{Group: r.Group, Listed: r.Listed, Online: r.Online, Reissued: r.Reissued}
		for _, sl := range slots {
			if sl.Group == r.Group {
				g.Printed++
				if sl.Void {
					g.Void++
				}
			}
		}
		out = append(out, g)
	}
	return out, nil
}

func (s *Store) addCheckpoints(ctx context.Context, out *ballotlog.Copy, log ballotbox.Log, w *witness.Store) error {
	lines := map[int64]string{}
	cosigned, err := w.Cosignatures(ctx, log.Origin)
	if err != nil {
		return err
	}
	for _, c := range cosigned {
		lines[c.Size] += c.Line
	}
	for _, cp := range log.Checkpoints {
		out.Checkpoints = append(out.Checkpoints, ballotlog.Note{File: ballotlog.CheckpointFile(cp.Size), Text: cp.Note + lines[cp.Size]})
	}
	all, err := w.Witnesses(ctx)
	if err != nil {
		return err
	}
	for _, x := range all {
		out.Facts.Witnesses = append(out.Facts.Witnesses, ballotlog.Witness{Name: x.Name, Office: x.Office, Key: x.Key})
	}
	return nil
}

// LogKey returns the public key of the log of ballots with the origin; ErrNotFound
// for another.
func (s *Store) LogKey(ctx context.Context, origin string) (string, error) {
	var key string
	err := s.db.GetContext(ctx, &key, `SELECT log_key FROM campaigns WHERE log_origin = $1 AND state <> 'preparing'`, origin)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("look for the log: %w", err)
	}
	return key, nil
}
