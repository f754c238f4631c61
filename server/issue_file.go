package server

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
)

// readFiles reads the uploaded files of a form, each checked by its content.
func readFiles(c *gin.Context) ([]feedback.File, error) {
	if c.Request.MultipartForm == nil {
		return nil, nil
	}
	var out []feedback.File
	for _, h := range c.Request.MultipartForm.File["files"] {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		if h.Size > feedback.MaxFileSize {
			return nil, fault.Field("files", "file.too-large", "Name", h.Filename)
		}
		content, err := slurp(h)
		if err != nil {
			return nil, err
		}
		f, err := feedback.ReadFile(h.Filename, content)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func slurp(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

func (s *Server) issueFile(c *gin.Context) error {
	id, err := pathID[feedback.IssueID](c, "file")
	if err != nil {
		return err
	}
	f, err := s.Feedback.OneFile(c.Request.Context(), actor(c), c.Param("ref"), int64(id))
	if err != nil {
		return err
	}
	handOut(c, f)
	return nil
}

// handOut sends an uploaded file so that no browser opens it in the portal's name.
func handOut(c *gin.Context, f feedback.File) {
	h := c.Writer.Header()
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	c.Data(http.StatusOK, f.Type, f.Content)
}
