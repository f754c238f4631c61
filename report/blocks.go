package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Block is a piece of a document's body: a heading, a paragraph, an item of a list, or
// a table.
type Block struct {
	Kind string // heading, caption, paragraph, item, table
	Text string
	Head int      // rows of a table that stand as its head
	Rows [][]Cell // of a table, all of one width
}

// Cell is a cell of a table.
type Cell struct {
	Text   string
	Number bool // set to the right
}

// The kinds of blocks.
const (
	Heading    = "heading"
	Caption    = "caption"
	Paragraph  = "paragraph"
	Item       = "item"
	TableBlock = "table"
)

// Blocks reads the body of a document from a page as the portal prints it, so that a
// page and its document say the same. What is for the screen alone – forms, navigation,
// pictures, things marked no-print or vh – is left out.
func Blocks(page io.Reader) ([]Block, error) {
	root, err := html.Parse(page)
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	var out []Block
	walk(root, &out)
	return out, nil
}

// screenOnly are elements that are not part of the text.
var screenOnly = []atom.Atom{atom.Form, atom.Nav, atom.Svg, atom.Script, atom.Style, atom.Summary, atom.Button, atom.Select, atom.Input, atom.Figcaption, atom.Head}

func skipped(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return n.Type == html.CommentNode
	}
	if slices.Contains(screenOnly, n.DataAtom) {
		return true
	}
	for _, class := range strings.Fields(attribute(n, "class")) {
		if class == "no-print" || class == "vh" || class == "only-n" {
			return true
		}
	}
	return false
}

func walk(n *html.Node, out *[]Block) {
	if skipped(n) {
		return
	}
	add := func(kind string) {
		if text := textOf(n); text != "" {
			*out = append(*out, Block{Kind: kind, Text: text})
		}
	}
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3:
		add(Heading)
	case atom.P, atom.Dt, atom.Dd:
		add(Paragraph)
	case atom.Li:
		add(Item)
	case atom.Table:
		readTable(n, out)
	default:
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, out)
		}
	}
}

// readTable reads a table with its caption; rows shorter than the widest are filled up.
func readTable(n *html.Node, out *[]Block) {
	b := Block{Kind: TableBlock}
	width := 0
	var rows func(n *html.Node, head bool)
	rows = func(n *html.Node, head bool) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case skipped(c):
			case c.DataAtom == atom.Caption:
				if text := textOf(c); text != "" {
					*out = append(*out, Block{Kind: Caption, Text: text})
				}
			case c.DataAtom == atom.Tr:
				row := cells(c)
				width = max(width, len(row))
				if b.Rows = append(b.Rows, row); head {
					b.Head++
				}
			default:
				rows(c, head || c.DataAtom == atom.Thead)
			}
		}
	}
	rows(n, false)
	for i := range b.Rows {
		for len(b.Rows[i]) < width {
			b.Rows[i] = append(b.Rows[i], Cell{})
		}
	}
	b.dropEmpty(width)
	if len(b.Rows) > 0 && len(b.Rows[0]) > 0 {
		*out = append(*out, b)
	}
}

// dropEmpty takes out the columns without text, which held pictures.
func (b *Block) dropEmpty(width int) {
	for i := width - 1; i >= 0; i-- {
		if slices.ContainsFunc(b.Rows, func(row []Cell) bool { return row[i].Text != "" }) {
			continue
		}
		for k, row := range b.Rows {
			b.Rows[k] = slices.Delete(row, i, i+1)
		}
	}
}

func cells(row *html.Node) []Cell {
	var out []Cell
	for c := row.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th || slices.Contains(strings.Fields(attribute(c, "class")), "no-print") {
			continue
		}
		out = append(out, Cell{Text: textOf(c), Number: slices.Contains(strings.Fields(attribute(c, "class")), "n")})
		if attribute(c, "colspan") == "2" {
			out = append(out, Cell{})
		}
	}
	return out
}

// textOf is the text of an element as it is read, with single spaces.
func textOf(n *html.Node) string {
	var b strings.Builder
	var read func(n *html.Node)
	read = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.DataAtom == atom.Br:
			b.WriteString(" ")
		case n.DataAtom == atom.Svg, n.DataAtom == atom.Script, n.DataAtom == atom.Style:
		default:
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				if !skipped(c) {
					read(c)
				}
			}
		}
	}
	read(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
